/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_MARK_H
#define _ESPVIF_MARK_H

#include <linux/types.h>

struct espvif_net;
struct net;
struct sk_buff;

int espvif_mark_init(struct espvif_net *enet);
void espvif_mark_uninit(struct espvif_net *enet);
void espvif_mark_put_on(struct espvif_net *enet, struct sk_buff *skb);
void espvif_mark_spare_xfrm(const struct net *net, struct sk_buff *skb);
bool espvif_mark_seen(const struct espvif_net *enet, const struct sk_buff *skb);

#endif /* _ESPVIF_MARK_H */
