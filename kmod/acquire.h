/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_ACQUIRE_H
#define _ESPVIF_ACQUIRE_H

struct espvif_decision;
struct espvif_flow;
struct espvif_policy;
struct net_device;
struct sk_buff;

int espvif_acquire_init(void);
void espvif_acquire_uninit(void);

void espvif_acquire_hold(const struct espvif_decision *decision, const struct espvif_flow *flow,
			 struct sk_buff *skb, struct net_device *loop);
unsigned int espvif_acquire_held(const struct espvif_policy *policy);

#endif /* _ESPVIF_ACQUIRE_H */
