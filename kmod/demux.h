/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_DEMUX_H
#define _ESPVIF_DEMUX_H

#include <linux/types.h>

struct espvif_net;
struct net_device;
struct sk_buff;

int espvif_demux_init(struct espvif_net *enet);
void espvif_demux_uninit(struct espvif_net *enet);
bool espvif_demux_knows(struct espvif_net *enet, const struct sk_buff *skb,
			const struct net_device *dev);

#endif /* _ESPVIF_DEMUX_H */
