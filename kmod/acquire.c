// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trap policies: while none of a policy's SAs is usable, the first packets that it is
 * about wait here, and somebody is asked for an SA (RFC 4301 4.4.1.2). Once there is
 * one they go by it, in order and before those that come later; if none comes in
 * time they are dropped.
 *
 * While packets wait, policy->holding sends later ones here too. So packets of a
 * policy that has its SAs take no lock for this.
 */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "acquire.h"
#include "drop.h"
#include "events.h"
#include "net.h"
#include "output.h"

/* How long to wait for an SA before somebody is asked again */
#define ASK_AGAIN	(30 * HZ)

/* What a policy may hold, GSO packets counting as one, and what all of a namespace */
#define POLICY_PACKETS	64
#define POLICY_BYTES	SZ_1M
#define NET_PACKETS	1024
#define NET_BYTES	SZ_8M

/*
 * Packets may come as fast as those that wait are sent. After so many, later ones
 * need not queue up any more.
 */
#define RELEASE_MAX	(4 * POLICY_PACKETS)

/**
 * struct espvif_acquire - what waits for an SA of a trap policy
 * @policy:	the policy
 * @lock:	protects what follows, and writes to policy->holding
 * @queue:	the packets, which have no device meanwhile
 * @bytes:	of memory that they take
 * @asked:	somebody was asked for an SA, and none has come since
 * @closed:	the policy is being removed
 * @deadline:	when nobody waits for that SA any more, in jiffies
 * @loop:	the device whose policy it is, or NULL
 * @work:	sends or drops what waits
 */
struct espvif_acquire {
	struct espvif_policy *policy;
	spinlock_t lock;	/* of all below */
	struct sk_buff_head queue;
	unsigned int bytes;
	bool asked;
	bool closed;
	unsigned long deadline;
	struct net_device *loop;
	struct delayed_work work;
};

/* In skb->cb of a packet that waits: a device may go meanwhile, its number may not */
struct held {
	int ifindex;
};

static struct workqueue_struct *workqueue;

static struct held *held(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct held) > sizeof(skb->cb));
	return (struct held *)skb->cb;
}

static bool charge(struct espvif_net *enet, unsigned int bytes)
{
	bool fits = atomic_inc_return(&enet->held) <= NET_PACKETS;

	return atomic_add_return(bytes, &enet->held_bytes) <= NET_BYTES && fits;
}

static void uncharge(struct espvif_net *enet, unsigned int bytes)
{
	atomic_dec(&enet->held);
	atomic_sub(bytes, &enet->held_bytes);
}

/*
 * A packet that may wait for half a minute keeps nothing that others wait for: no
 * socket, which could not send to other hosts, and whose namespace could not go; no
 * memory of a program; no connection. Encryption would take all this off anyway.
 */
static bool detach(struct sk_buff *skb)
{
	if (skb_orphan_frags(skb, GFP_ATOMIC))
		return false;
	skb_orphan(skb);
	skb_dst_force(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	return true;
}

/* Returns ESPVIF_OUT_HELD, or why the packet cannot wait */
static enum espvif_counter enqueue(struct espvif_acquire *acquire, struct sk_buff *skb,
				   struct net_device *loop)
{
	struct espvif_net *enet = acquire->policy->enet;

	lockdep_assert_held(&acquire->lock);
	if (acquire->closed)
		return ESPVIF_OUT_HELD_REMOVED;
	if (skb_queue_len(&acquire->queue) >= POLICY_PACKETS ||
	    acquire->bytes + skb->truesize > POLICY_BYTES)
		return ESPVIF_OUT_HELD_FULL;
	if (!charge(enet, skb->truesize)) {
		uncharge(enet, skb->truesize);
		return ESPVIF_OUT_HELD_FULL;
	}
	held(skb)->ifindex = skb->dev->ifindex;
	skb->dev = NULL;
	acquire->bytes += skb->truesize;
	acquire->loop = loop;
	__skb_queue_tail(&acquire->queue, skb);
	WRITE_ONCE(acquire->policy->holding, true);
	return ESPVIF_OUT_HELD;
}

static struct sk_buff *dequeue(struct espvif_acquire *acquire)
{
	struct sk_buff *skb;

	lockdep_assert_held(&acquire->lock);
	skb = __skb_dequeue(&acquire->queue);
	if (skb) {
		acquire->bytes -= skb->truesize;
		uncharge(acquire->policy->enet, skb->truesize);
	}
	return skb;
}

/* From now on somebody is waited for */
static void wait_for_sa(struct espvif_acquire *acquire)
{
	lockdep_assert_held(&acquire->lock);
	acquire->asked = true;
	acquire->deadline = jiffies + ASK_AGAIN;
	queue_delayed_work(workqueue, &acquire->work, ASK_AGAIN);
}

/**
 * espvif_acquire_hold() - let a packet wait for an SA
 * @decision:	its policy, a trap
 * @flow:	what it shows
 * @skb:	the packet from its IP header on, GSO or not; taken over
 * @loop:	device that it was routed into, or NULL
 *
 * Context: RCU read side, bottom halves disabled.
 */
void espvif_acquire_hold(const struct espvif_decision *decision, const struct espvif_flow *flow,
			 struct sk_buff *skb, struct net_device *loop)
{
	struct espvif_decision now = { .policy = decision->policy, .reason = ESPVIF_COUNTERS };
	struct espvif_acquire *acquire = decision->policy->acquire;
	struct espvif_net *enet = decision->policy->enet;
	enum espvif_counter reason;
	bool ask = false;

	if (!detach(skb)) {
		espvif_drop(enet, NULL, NULL, skb, ESPVIF_OUT_NO_MEMORY);
		return;
	}

	spin_lock(&acquire->lock);
	now.sa = espvif_policy_usable_sa(now.policy);
	if (now.sa && !now.policy->holding) {
		spin_unlock(&acquire->lock);
		espvif_output(&now, flow, skb, loop);
		return;
	}
	reason = enqueue(acquire, skb, loop);
	if (reason != ESPVIF_OUT_HELD_REMOVED && !now.sa && !acquire->asked) {
		wait_for_sa(acquire);
		ask = true;
	}
	spin_unlock(&acquire->lock);

	if (reason == ESPVIF_OUT_HELD)
		espvif_count(enet->counters, reason);
	else
		espvif_drop(enet, NULL, NULL, skb, reason);
	if (ask)
		espvif_event_acquire(now.policy, flow);
}

static void drop(struct espvif_net *enet, struct sk_buff *skb, enum espvif_counter reason)
{
	espvif_drop(enet, NULL, NULL, skb, reason);
}

/* Its SA has come */
static void send(const struct espvif_decision *decision, struct sk_buff *skb)
{
	struct espvif_net *enet = decision->policy->enet;
	struct net_device *loop = decision->policy->acquire->loop;
	struct espvif_flow flow;

	skb->dev = loop ?: dev_get_by_index_rcu(enet->net, held(skb)->ifindex);
	memset(skb->cb, 0, sizeof(skb->cb));
	if (skb->dev && espvif_flow_dissect(skb, 0, &flow))
		espvif_output(decision, &flow, skb, loop);
	else
		drop(enet, skb, ESPVIF_OUT_HELD_REMOVED);
}

/* Send the first that waits, if there is an SA now. Returns whether it did */
static bool send_first(struct espvif_acquire *acquire, bool others_may_pass)
{
	struct espvif_policy *policy = acquire->policy;
	struct espvif_decision decision = { .policy = policy, .reason = ESPVIF_COUNTERS };
	struct sk_buff *skb = NULL;

	local_bh_disable();
	rcu_read_lock();
	spin_lock(&acquire->lock);
	decision.sa = espvif_policy_usable_sa(policy);
	if (decision.sa) {
		acquire->asked = false;
		skb = dequeue(acquire);
		if (!skb || others_may_pass)
			WRITE_ONCE(policy->holding, false);
	}
	spin_unlock(&acquire->lock);
	if (skb)
		send(&decision, skb);
	rcu_read_unlock();
	local_bh_enable();
	return skb;
}

static void drop_all(struct espvif_acquire *acquire, enum espvif_counter reason)
{
	struct sk_buff *skb;

	lockdep_assert_held(&acquire->lock);
	while ((skb = dequeue(acquire)))
		drop(acquire->policy->enet, skb, reason);
	acquire->asked = false;
	WRITE_ONCE(acquire->policy->holding, false);
}

/* There is no SA: wait for it, drop what has waited long enough, or ask once more */
static void go_on_waiting(struct espvif_acquire *acquire)
{
	struct espvif_flow flow;
	struct sk_buff *first;
	bool ask = false;

	rcu_read_lock();
	spin_lock_bh(&acquire->lock);
	first = skb_peek(&acquire->queue);
	if (espvif_policy_usable_sa(acquire->policy) || acquire->closed) {
		/* it has just come, and this work is queued; or all is over */
	} else if (acquire->asked && time_before(jiffies, acquire->deadline)) {
		queue_delayed_work(workqueue, &acquire->work, acquire->deadline - jiffies);
	} else if (acquire->asked) {
		drop_all(acquire, ESPVIF_OUT_HELD_TIMEOUT);
	} else if (first) {
		/* an SA came, and went before all could go by it */
		ask = espvif_flow_dissect(first, 0, &flow);
		wait_for_sa(acquire);
	}
	spin_unlock_bh(&acquire->lock);
	if (ask)
		espvif_event_acquire(acquire->policy, &flow);
	rcu_read_unlock();
}

static void work(struct work_struct *work)
{
	struct espvif_acquire *acquire = container_of(to_delayed_work(work),
						      struct espvif_acquire, work);
	unsigned int sent = 0;

	while (send_first(acquire, sent >= RELEASE_MAX)) {
		sent++;
		cond_resched();
	}
	go_on_waiting(acquire);
}

/**
 * espvif_acquire_held() - how many packets wait for an SA
 * @policy:	an outbound trap policy
 *
 * Return: packets, GSO packets counting as one.
 */
unsigned int espvif_acquire_held(const struct espvif_policy *policy)
{
	return skb_queue_len_lockless(&policy->acquire->queue);
}

/**
 * espvif_event_trap_new() - make what a trap policy needs to hold packets
 * @policy:	outbound, not listed yet
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_event_trap_new(struct espvif_policy *policy)
{
	struct espvif_acquire *acquire = kzalloc(sizeof(*acquire), GFP_KERNEL_ACCOUNT);

	if (!acquire)
		return -ENOMEM;
	acquire->policy = policy;
	spin_lock_init(&acquire->lock);
	__skb_queue_head_init(&acquire->queue);
	INIT_DELAYED_WORK(&acquire->work, work);
	policy->acquire = acquire;
	return 0;
}

/**
 * espvif_event_trap_set() - a trap policy has got other SAs
 * @policy:	outbound; its namespace is locked
 */
void espvif_event_trap_set(struct espvif_policy *policy)
{
	lockdep_assert_held(&policy->enet->lock);
	mod_delayed_work(workqueue, &policy->acquire->work, 0);
}

/**
 * espvif_event_trap_gone() - a trap policy is listed no more
 * @policy:	outbound; its namespace is locked
 *
 * Packets that have still found it are dropped.
 *
 * Context: process, may sleep.
 */
void espvif_event_trap_gone(struct espvif_policy *policy)
{
	struct espvif_acquire *acquire = policy->acquire;

	lockdep_assert_held(&policy->enet->lock);
	spin_lock_bh(&acquire->lock);
	acquire->closed = true;
	spin_unlock_bh(&acquire->lock);
	cancel_delayed_work_sync(&acquire->work);
	spin_lock_bh(&acquire->lock);
	drop_all(acquire, ESPVIF_OUT_HELD_REMOVED);
	spin_unlock_bh(&acquire->lock);
}

/**
 * espvif_acquire_init() - be ready for trap policies
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_acquire_init(void)
{
	workqueue = alloc_workqueue("espvif-acquire", 0, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * espvif_acquire_uninit() - all policies are gone
 */
void espvif_acquire_uninit(void)
{
	destroy_workqueue(workqueue);
}
