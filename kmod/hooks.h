/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_HOOKS_H
#define _ESPVIF_HOOKS_H

#include <linux/types.h>

struct espvif_decision;
struct espvif_flow;
struct espvif_net;
struct sk_buff;

void espvif_hooks_decide_in(struct espvif_net *enet, const struct sk_buff *skb,
			    const struct espvif_flow *flow, bool loopback,
			    struct espvif_decision *decision);
void espvif_hooks_decide_out(struct espvif_net *enet, const struct espvif_flow *flow,
			     bool loopback, u32 cpu, struct espvif_decision *decision);
int espvif_hooks_get(struct espvif_net *enet);
void espvif_hooks_put(struct espvif_net *enet);
void espvif_hooks_uninit(struct espvif_net *enet);

#endif /* _ESPVIF_HOOKS_H */
