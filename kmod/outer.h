/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_OUTER_H
#define _ESPVIF_OUTER_H

#include <linux/types.h>

struct espvif_esp_hdr;
struct espvif_path;
struct espvif_sa;
struct sk_buff;

u8 espvif_outer_protocol(const struct espvif_path *path);
int espvif_outer_claim(const struct espvif_path *path, struct sk_buff *skb, u8 *next_header);
struct espvif_esp_hdr *espvif_outer_wrap(const struct espvif_sa *sa,
					 const struct espvif_path *path, struct sk_buff *skb,
					 unsigned int ip_len, bool df);
void espvif_outer_wrap_keepalive(const struct espvif_sa *sa, const struct espvif_path *path,
				 struct sk_buff *skb);
void espvif_outer_finish_udp(struct sk_buff *skb);

#endif /* _ESPVIF_OUTER_H */
