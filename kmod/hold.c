// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that wait: outbound ones for an SA of their trap policy (acquire.c), inbound
 * ones for an SA whose SPI was promised to the peer (larval.c). How many may wait has
 * bounds, for each queue and for all of a namespace.
 */
#include <linux/netfilter.h>
#include <linux/sizes.h>
#include <net/dst.h>

#include "drop.h"
#include "hold.h"
#include "net.h"

/* Memory of a queue, and what all of a namespace may hold that wait in one direction */
#define HOLD_BYTES	SZ_1M
#define NET_PACKETS	1024
#define NET_BYTES	SZ_8M

/**
 * espvif_hold_init() - make an empty queue
 * @hold:	filled in
 * @enet:	namespace
 * @held:	its count of packets that wait like these
 * @kind:	how they wait
 */
void espvif_hold_init(struct espvif_hold *hold, struct espvif_net *enet,
		      struct espvif_held *held, const struct espvif_hold_kind *kind)
{
	hold->enet = enet;
	hold->held = held;
	hold->kind = kind;
	spin_lock_init(&hold->lock);
	__skb_queue_head_init(&hold->queue);
}

static void drop_other_extensions(struct sk_buff *skb)
{
	int id;

	for (id = 0; id < SKB_EXT_NUM; id++)
		if (id != SKB_EXT_SEC_PATH)
			skb_ext_del(skb, id);
}

/**
 * espvif_hold_detach() - have a packet keep nothing that others wait for
 * @skb:	the packet, which may wait long
 * @decrypted:	a device has decrypted it: what it has found out stays
 *
 * No socket, which could not send to other hosts, and whose namespace could not go; no
 * memory of a program; no connection. ESP would take all this off anyway.
 *
 * Return: false if there is no memory.
 */
bool espvif_hold_detach(struct sk_buff *skb, bool decrypted)
{
	if (skb_orphan_frags(skb, GFP_ATOMIC))
		return false;
	skb_orphan(skb);
	skb_dst_force(skb);
	if (decrypted)
		drop_other_extensions(skb);
	else
		skb_ext_reset(skb);
	nf_reset_ct(skb);
	return true;
}

static bool charge(struct espvif_held *held, unsigned int bytes)
{
	bool fits = atomic_inc_return(&held->packets) <= NET_PACKETS;

	return atomic_add_return(bytes, &held->bytes) <= NET_BYTES && fits;
}

static void uncharge(struct espvif_held *held, unsigned int bytes)
{
	atomic_dec(&held->packets);
	atomic_sub(bytes, &held->bytes);
}

/**
 * espvif_hold_add() - let a packet wait
 * @hold:	where; locked
 * @skb:	the packet, detached; it has no device meanwhile
 *
 * espvif_hold_count() has to follow, once the lock is let go.
 *
 * Return: that it is held, or why it cannot be.
 */
enum espvif_counter espvif_hold_add(struct espvif_hold *hold, struct sk_buff *skb)
{
	lockdep_assert_held(&hold->lock);
	if (hold->closed)
		return hold->kind->removed;
	if (skb_queue_len(&hold->queue) >= hold->kind->packets ||
	    hold->bytes + skb->truesize > HOLD_BYTES)
		return hold->kind->full;
	if (!charge(hold->held, skb->truesize)) {
		uncharge(hold->held, skb->truesize);
		return hold->kind->full;
	}
	skb->dev = NULL;
	hold->bytes += skb->truesize;
	__skb_queue_tail(&hold->queue, skb);
	return hold->kind->held;
}

/**
 * espvif_hold_count() - count a packet that waits, or drop it
 * @hold:	where
 * @skb:	the packet, which may be gone already if it waits
 * @reason:	what espvif_hold_add() said
 */
void espvif_hold_count(struct espvif_hold *hold, struct sk_buff *skb,
		       enum espvif_counter reason)
{
	if (reason == hold->kind->held)
		espvif_count(hold->enet->counters, reason);
	else
		espvif_drop(hold->enet, NULL, NULL, skb, reason);
}

/**
 * espvif_hold_take() - let the first packet go on
 * @hold:	where it waits; locked
 *
 * Return: the packet, or NULL if none waits.
 */
struct sk_buff *espvif_hold_take(struct espvif_hold *hold)
{
	struct sk_buff *skb;

	lockdep_assert_held(&hold->lock);
	skb = __skb_dequeue(&hold->queue);
	if (skb) {
		hold->bytes -= skb->truesize;
		uncharge(hold->held, skb->truesize);
	}
	return skb;
}

/**
 * espvif_hold_drop_all() - nothing waits any more
 * @hold:	where it did; locked
 * @reason:	why it is dropped
 */
void espvif_hold_drop_all(struct espvif_hold *hold, enum espvif_counter reason)
{
	struct sk_buff *skb;

	while ((skb = espvif_hold_take(hold)))
		espvif_drop(hold->enet, NULL, NULL, skb, reason);
}
