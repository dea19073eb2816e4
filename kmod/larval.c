// SPDX-License-Identifier: GPL-2.0-only
/*
 * SPIs that a key exchange has promised to the peer. The peer may use them as soon as it
 * knows them, which may be before the SA is here: its packets wait then, and go by the
 * SA, in order, once it is there and its policies name it.
 *
 * Nobody but the peer knows the SPI, and what waits has bounds.
 */
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/dst.h>
#include <net/xfrm.h>

#include "drop.h"
#include "hold.h"
#include "input.h"
#include "larval.h"
#include "net.h"
#include "refusal.h"

/**
 * struct larva - an SPI that was promised
 * @key:	by what packets are found to wait for it
 * @node:	its place in the table
 * @entry:	in the list of all
 * @refs:	the table's, and that of @expiry while it is queued or runs
 * @gone:	it is not in the table any more; protected by the namespace's lock
 * @hold:	packets that wait
 * @expiry:	ends it
 * @rcu:	frees it
 */
struct larva {
	struct espvif_sa_key key;
	struct rhash_head node;
	struct list_head entry;
	refcount_t refs;
	bool gone;
	struct espvif_hold hold;
	struct delayed_work expiry;
	struct rcu_head rcu;
};

static const struct rhashtable_params key_params = {
	.head_offset = offsetof(struct larva, node),
	.key_offset = offsetof(struct larva, key),
	.key_len = sizeof(struct espvif_sa_key),
	.automatic_shrinking = true,
};

/* What a peer sends meanwhile: milliseconds of a fast flow, half a second of a slow one */
static const struct espvif_hold_kind kind = {
	.packets = 256,
	.held = ESPVIF_IN_HELD,
	.full = ESPVIF_IN_HELD_FULL,
	.timeout = ESPVIF_IN_HELD_TIMEOUT,
	.removed = ESPVIF_IN_HELD_REMOVED,
};

static struct workqueue_struct *workqueue;

/**
 * espvif_larval_module_init() - what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_larval_module_init(void)
{
	workqueue = alloc_workqueue("espvif-larval", 0, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * espvif_larval_module_uninit() - undo espvif_larval_module_init(); no namespace is left
 */
void espvif_larval_module_uninit(void)
{
	destroy_workqueue(workqueue);
}

/**
 * espvif_larval_init() - be ready for promises in a namespace
 * @enet:	namespace
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_larval_init(struct espvif_net *enet)
{
	INIT_LIST_HEAD(&enet->larvae.all);
	return rhashtable_init(&enet->larvae.by_key, &key_params);
}

static void put(struct larva *larva)
{
	if (refcount_dec_and_test(&larva->refs))
		kfree_rcu(larva, rcu);
}

static struct larva *find(struct espvif_net *enet, const struct espvif_sa_key *key)
{
	return rhashtable_lookup_fast(&enet->larvae.by_key, key, key_params);
}

/* The promise is over: what still waits is dropped */
static void end(struct larva *larva, enum espvif_counter reason)
{
	struct espvif_net *enet = larva->hold.enet;

	lockdep_assert_held(&enet->lock);
	larva->gone = true;
	rhashtable_remove_fast(&enet->larvae.by_key, &larva->node, key_params);
	list_del(&larva->entry);
	WRITE_ONCE(enet->larvae.count, enet->larvae.count - 1);

	spin_lock_bh(&larva->hold.lock);
	larva->hold.closed = true;
	espvif_hold_drop_all(&larva->hold, reason);
	spin_unlock_bh(&larva->hold.lock);

	/* unless it runs already, and waits for our lock */
	if (cancel_delayed_work(&larva->expiry))
		put(larva);
	put(larva);
}

static void expire(struct work_struct *work)
{
	struct larva *larva = container_of(to_delayed_work(work), struct larva, expiry);
	struct espvif_net *enet = larva->hold.enet;

	mutex_lock(&enet->lock);
	if (!larva->gone)
		end(larva, ESPVIF_IN_HELD_TIMEOUT);
	mutex_unlock(&enet->lock);
	put(larva);
}

/**
 * espvif_larval_uninit() - forget all promises of a namespace
 * @enet:	namespace; nobody makes new ones
 *
 * Context: process, may sleep.
 */
void espvif_larval_uninit(struct espvif_net *enet)
{
	struct larva *larva, *next;

	mutex_lock(&enet->lock);
	list_for_each_entry_safe(larva, next, &enet->larvae.all, entry)
		end(larva, ESPVIF_IN_HELD_REMOVED);
	mutex_unlock(&enet->lock);
	/* those that run use the namespace */
	flush_workqueue(workqueue);
	rhashtable_destroy(&enet->larvae.by_key);
}

/**
 * espvif_larval_add() - let packets wait for an SA that will come
 * @enet:	namespace, locked
 * @key:	what the SA will be found by
 * @seconds:	how long it may take
 * @at:		attribute with the SPI
 * @extack:	for the sentence
 *
 * Context: process, may sleep.
 * Return: 0, -EEXIST if there is such an SA or promise already, or -ENOMEM.
 */
int espvif_larval_add(struct espvif_net *enet, const struct espvif_sa_key *key,
		      unsigned int seconds, const struct nlattr *at,
		      struct netlink_ext_ack *extack)
{
	struct larva *larva;
	int err;

	lockdep_assert_held(&enet->lock);
	err = espvif_sad_refuse_taken(enet, key, at, extack);
	if (err)
		return err;
	if (find(enet, key)) {
		espvif_refuse(extack, at, "SPI 0x%08x is promised already", ntohl(key->spi));
		return -EEXIST;
	}
	larva = kzalloc(sizeof(*larva), GFP_KERNEL_ACCOUNT);
	if (!larva)
		return -ENOMEM;
	larva->key = *key;
	refcount_set(&larva->refs, 2);
	espvif_hold_init(&larva->hold, enet, &enet->held_in, &kind);
	INIT_DELAYED_WORK(&larva->expiry, expire);
	err = rhashtable_insert_fast(&enet->larvae.by_key, &larva->node, key_params);
	if (err) {
		kfree(larva);
		return err;
	}
	list_add_tail(&larva->entry, &enet->larvae.all);
	WRITE_ONCE(enet->larvae.count, enet->larvae.count + 1);
	queue_delayed_work(workqueue, &larva->expiry, seconds * HZ);
	return 0;
}

/**
 * espvif_larval_remove() - take a promise back
 * @enet:	namespace, locked
 * @key:	what the SA was to be found by
 * @at:		attribute with the SPI
 * @extack:	for the sentence
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOENT.
 */
int espvif_larval_remove(struct espvif_net *enet, const struct espvif_sa_key *key,
			 const struct nlattr *at, struct netlink_ext_ack *extack)
{
	struct larva *larva = find(enet, key);

	lockdep_assert_held(&enet->lock);
	if (!larva) {
		espvif_refuse(extack, at, "SPI 0x%08x isn't promised to this destination",
			      ntohl(key->spi));
		return -ENOENT;
	}
	end(larva, ESPVIF_IN_HELD_REMOVED);
	return 0;
}

/**
 * espvif_larval_hold() - let an ESP packet wait if its SPI is promised
 * @enet:	namespace
 * @key:	of the packet
 * @skb:	the packet, taken over if it waits or has to be dropped
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: whether it was taken over. If not, an SA may have come meanwhile.
 */
bool espvif_larval_hold(struct espvif_net *enet, const struct espvif_sa_key *key,
			struct sk_buff *skb)
{
	enum espvif_counter reason = ESPVIF_IN_NO_MEMORY;
	struct espvif_hold *hold;
	struct larva *larva;

	if (!READ_ONCE(enet->larvae.count))
		return false;
	larva = find(enet, key);
	if (!larva)
		return false;

	hold = &larva->hold;
	spin_lock(&hold->lock);
	if (hold->closed) {
		spin_unlock(&hold->lock);
		return false;
	}
	skb_dst_drop(skb);
	if (espvif_hold_detach(skb, xfrm_offload(skb)))
		reason = espvif_hold_add(hold, skb);
	spin_unlock(&hold->lock);
	espvif_hold_count(hold, skb, reason);
	return true;
}

/**
 * espvif_larval_claim() - an inbound SA is about to be there
 * @sa:		the SA, still pending; its namespace is locked
 *
 * If its SPI is promised packets go on waiting, until espvif_larval_release().
 */
void espvif_larval_claim(struct espvif_sa *sa)
{
	lockdep_assert_held(&sa->enet->lock);
	if (sa->direction == ESPVIF_DIRECTION_IN && find(sa->enet, &sa->key))
		set_bit(ESPVIF_SA_HOLDING, &sa->flags);
}

/* Take the first that waits; none has to wait any more once that is so, or on request */
static struct sk_buff *next(struct larva *larva, struct espvif_sa *sa, bool others_may_pass)
{
	struct sk_buff *skb;

	spin_lock(&larva->hold.lock);
	skb = espvif_hold_take(&larva->hold);
	if (!skb)
		larva->hold.closed = true;
	if (!skb || others_may_pass)
		clear_bit(ESPVIF_SA_HOLDING, &sa->flags);
	spin_unlock(&larva->hold.lock);
	return skb;
}

/**
 * espvif_larval_release() - an SA is there, and so are the policies that name it
 * @sa:		espvif_larval_claim() was asked about it; its namespace is locked
 *
 * What has waited goes by it now, and nothing waits any more.
 *
 * Context: process.
 */
void espvif_larval_release(struct espvif_sa *sa)
{
	struct espvif_net *enet = sa->enet;
	struct sk_buff *skb;
	unsigned int sent = 0;
	struct larva *larva;

	lockdep_assert_held(&enet->lock);
	if (!test_bit(ESPVIF_SA_HOLDING, &sa->flags))
		return;
	larva = find(enet, &sa->key);
	do {
		local_bh_disable();
		rcu_read_lock();
		skb = next(larva, sa, espvif_hold_others_may_pass(&larva->hold, sent++));
		if (skb) {
			/* where it came from when IP had it */
			skb->dev = dev_get_by_index_rcu(enet->net, skb->skb_iif);
			if (skb->dev)
				espvif_input(sa, skb);
			else
				espvif_drop(enet, sa, NULL, skb, ESPVIF_IN_HELD_REMOVED);
		}
		rcu_read_unlock();
		local_bh_enable();
		cond_resched();
	} while (skb);
	end(larva, ESPVIF_IN_HELD_REMOVED);
}
