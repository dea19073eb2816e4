/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_MERGE_H
#define _ESPVIF_MERGE_H

#include <linux/types.h>

struct espvif_net;
struct gro_cells;
struct sk_buff;

int espvif_merge_init(struct espvif_net *enet);
void espvif_merge_uninit(struct espvif_net *enet);
bool espvif_merge_host(struct espvif_net *enet, struct sk_buff *skb);
bool espvif_merge_device(struct gro_cells *cells, struct sk_buff *skb);

#endif /* _ESPVIF_MERGE_H */
