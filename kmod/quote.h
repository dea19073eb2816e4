/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_QUOTE_H
#define _ESPVIF_QUOTE_H

#include <linux/types.h>

struct espvif_flow;
struct espvif_net;
struct sk_buff;

bool espvif_quotes_our_esp(struct espvif_net *enet, const struct sk_buff *skb,
			   const struct espvif_flow *flow);

#endif /* _ESPVIF_QUOTE_H */
