/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_OUTPUT_H
#define _ESPVIF_OUTPUT_H

#include "counters.h"

struct dst_entry;
struct espvif_decision;
struct espvif_flow;
struct espvif_path;
struct espvif_sa;
struct net_device;
struct sk_buff;

/**
 * struct espvif_output_plan - what becomes of a packet that an SA is to protect
 * @path:	between whom its ESP goes
 * @dst:	the way to the peer, held; NULL if there is none
 * @mtu:	the longest packet that is not too long
 * @room:	the longest whose ESP goes in one piece: less, where IPv6 asks for more
 * @df:		its ESP must not be fragmented
 * @cut:	it is too long, and cut before encryption
 * @told:	it is too long, and its sender is to be told
 * @shares_route: it is too long, and has taken the route of its ESP itself
 * @reason:	why it is dropped, ESPVIF_COUNTERS if it is not
 */
struct espvif_output_plan {
	struct espvif_path *path;
	struct dst_entry *dst;
	unsigned int mtu;
	unsigned int room;
	bool df;
	bool cut;
	bool told;
	bool shares_route;
	enum espvif_counter reason;
};

void espvif_output_plan(const struct espvif_decision *decision, struct sk_buff *skb,
			const struct net_device *loop, struct espvif_output_plan *plan);
void espvif_output(const struct espvif_decision *decision, const struct espvif_flow *flow,
		   struct sk_buff *skb, const struct net_device *loop);
unsigned int espvif_output_padded_len(const struct espvif_sa *sa,
				      const struct espvif_output_plan *plan, unsigned int len);
unsigned int espvif_output_mtu(struct espvif_sa *sa);

#endif /* _ESPVIF_OUTPUT_H */
