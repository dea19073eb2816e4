/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_OUTPUT_H
#define _ESPVIF_OUTPUT_H

struct net_device;
struct espvif_sa;
struct sk_buff;

void espvif_output(struct espvif_sa *sa, struct sk_buff *skb, const struct net_device *loop);
unsigned int espvif_output_mtu(struct espvif_sa *sa);

#endif /* _ESPVIF_OUTPUT_H */
