/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_NET_H
#define _ESPVIF_NET_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rhashtable-types.h>

#include "counters.h"
#include "sad.h"
#include "spd.h"

struct espvif_ways;
struct net;
struct net_device;
struct skb_ext;
struct sock;
struct xfrm_state;

/**
 * struct espvif_held - packets of a namespace that wait
 * @packets:	how many, GSO packets counting as one
 * @bytes:	memory that they take
 */
struct espvif_held {
	atomic_t packets;
	atomic_t bytes;
};

/**
 * struct espvif_larvae - SPIs of a namespace that were promised
 * @by_key:	found by SPI and destination
 * @all:	all of them; protected by the namespace's lock
 * @count:	how many; the same protects it
 */
struct espvif_larvae {
	struct rhashtable by_key;
	struct list_head all;
	unsigned int count;
};

/**
 * struct espvif_net - what a network namespace has
 * @net:	the namespace
 * @lock:	held by whoever changes anything below; readers of packets and
 *		of dumps hold only rcu_read_lock(). Taken inside the RTNL
 * @sad:	all SAs
 * @policies:	all policies, of host and devices
 * @spd:	those of the host
 * @devices:	struct espvif_device made here, wherever they live now
 * @counters:	of packets
 * @held_out:	packets that wait for SAs of trap policies
 * @held_in:	packets that wait for SAs whose SPIs were promised
 * @larvae:	SPIs that were promised
 * @sock:	in whose name ESP is sent: the hooks know our own packets by it
 * @hooked:	the netfilter hooks are in place: there are host policies
 * @was_hooked:	they are or were
 * @shadow:	stands in the secpath of packets that we have decrypted
 * @marks:	that secpath, ready to be put on, one per CPU
 * @ways:	routes of packets that came in
 * @merge:	where packets of host policies are put together before they go up
 */
struct espvif_net {
	struct net *net;
	struct mutex lock;	/* of everything below */
	struct espvif_sad sad;
	struct espvif_policy_table policies;
	struct espvif_spd spd;
	struct list_head devices;
	struct espvif_counters __percpu *counters;
	struct espvif_held held_out;
	struct espvif_held held_in;
	struct espvif_larvae larvae;
	struct sock *sock;
	bool hooked;
	bool was_hooked;
	struct xfrm_state *shadow;
	struct skb_ext * __percpu *marks;
	struct espvif_ways __percpu *ways;
	struct net_device *merge;
};

struct espvif_net *espvif_net(const struct net *net);

#endif /* _ESPVIF_NET_H */
