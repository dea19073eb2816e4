/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_EXPLAIN_H
#define _ESPVIF_EXPLAIN_H

#include <linux/netdevice.h>
#include <uapi/linux/espvif.h>

#include "counters.h"
#include "selector.h"

struct espvif_device;
struct espvif_net;
struct espvif_policy;
struct espvif_sa;

/**
 * struct espvif_question - a packet that somebody asks about
 * @flow:	what it shows
 * @direction:	enum espvif_direction
 * @may_fragment: its sender lets it be cut
 * @len:	bytes from its IP header on, 0 = as few as its headers have
 * @link:	inbound, by what it comes; outbound, the link that its route has to
 *		lead to; NULL = whatever it may be
 * @device:	outbound, the device that it is routed into, or NULL
 * @sa:		inbound, the SA that decrypts it; NULL = it comes in the clear
 * @cpu:	outbound, the CPU that sends it
 */
struct espvif_question {
	struct espvif_flow flow;
	u8 direction;
	bool may_fragment;
	unsigned int len;
	struct net_device *link;
	struct espvif_device *device;
	struct espvif_sa *sa;
	u32 cpu;
};

/**
 * struct espvif_answer - what becomes of it
 * @verdict:	enum espvif_verdict
 * @reason:	counter of packets that are dropped so, ESPVIF_COUNTERS if none counts it
 * @policy:	what decides, or NULL
 * @sa:		what protects or should protect it, or NULL
 * @device:	what it goes or comes through, or NULL
 * @exempt:	host policies are not asked about it
 * @loopback:	it goes by the loopback device
 * @fragmented:	it reaches the next hop in several pieces
 * @link:	by which it or its ESP leaves; empty if it doesn't
 * @family:	of @gateway, 0 if there is none
 * @gateway:	next hop on the way
 * @path_mtu:	bytes that go by @link in one piece, 0 = unknown
 * @inner_mtu:	bytes of the longest packet that goes so inside of ESP, 0 = unknown
 * @outer_len:	bytes of its ESP packet, 0 if there is none
 */
struct espvif_answer {
	u8 verdict;
	enum espvif_counter reason;
	const struct espvif_policy *policy;
	const struct espvif_sa *sa;
	const struct espvif_device *device;
	bool exempt;
	bool loopback;
	bool fragmented;
	char link[IFNAMSIZ];
	u8 family;
	union espvif_addr gateway;
	unsigned int path_mtu;
	unsigned int inner_mtu;
	unsigned int outer_len;
};

unsigned int espvif_explain_headers(const struct espvif_flow *flow);
struct sk_buff *espvif_explain_probe(const struct espvif_question *question);
void espvif_explain(struct espvif_net *enet, const struct espvif_question *question,
		    struct sk_buff *probe, struct espvif_answer *answer);

#endif /* _ESPVIF_EXPLAIN_H */
