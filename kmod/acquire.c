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
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "acquire.h"
#include "drop.h"
#include "events.h"
#include "hold.h"
#include "net.h"
#include "output.h"

/* How long to wait for an SA before somebody is asked again */
#define ASK_AGAIN	(30 * HZ)

/**
 * struct espvif_acquire - what waits for an SA of a trap policy
 * @policy:	the policy
 * @hold:	the packets; its lock protects what follows, and writes to policy->holding
 * @asked:	somebody was asked for an SA, and none has come since
 * @deadline:	when nobody waits for that SA any more, in jiffies
 * @loop:	the device whose policy it is, or NULL
 * @work:	sends or drops what waits
 */
struct espvif_acquire {
	struct espvif_policy *policy;
	struct espvif_hold hold;
	bool asked;
	unsigned long deadline;
	struct net_device *loop;
	struct delayed_work work;
};

/* In skb->cb of a packet that waits: a device may go meanwhile, its number may not */
struct held {
	int ifindex;
};

static const struct espvif_hold_kind kind = {
	.packets = 64,
	.held = ESPVIF_OUT_HELD,
	.full = ESPVIF_OUT_HELD_FULL,
	.timeout = ESPVIF_OUT_HELD_TIMEOUT,
	.removed = ESPVIF_OUT_HELD_REMOVED,
};

static struct workqueue_struct *workqueue;

static struct held *held(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct held) > sizeof(skb->cb));
	return (struct held *)skb->cb;
}

/* Returns ESPVIF_OUT_HELD, or why the packet cannot wait */
static enum espvif_counter enqueue(struct espvif_acquire *acquire, struct sk_buff *skb,
				   struct net_device *loop)
{
	int ifindex = skb->dev->ifindex;
	enum espvif_counter reason;

	reason = espvif_hold_add(&acquire->hold, skb);
	if (reason == ESPVIF_OUT_HELD) {
		held(skb)->ifindex = ifindex;
		acquire->loop = loop;
		WRITE_ONCE(acquire->policy->holding, true);
	}
	return reason;
}

/* From now on somebody is waited for */
static void wait_for_sa(struct espvif_acquire *acquire)
{
	lockdep_assert_held(&acquire->hold.lock);
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

	if (!espvif_hold_detach(skb, false)) {
		espvif_drop(enet, NULL, NULL, skb, ESPVIF_OUT_NO_MEMORY);
		return;
	}

	spin_lock(&acquire->hold.lock);
	now.sa = espvif_policy_usable_sa(now.policy);
	if (now.sa && !now.policy->holding) {
		spin_unlock(&acquire->hold.lock);
		espvif_output(&now, flow, skb, loop);
		return;
	}
	reason = enqueue(acquire, skb, loop);
	if (reason != ESPVIF_OUT_HELD_REMOVED && !now.sa && !acquire->asked) {
		wait_for_sa(acquire);
		ask = true;
	}
	spin_unlock(&acquire->hold.lock);

	espvif_hold_count(&acquire->hold, skb, reason);
	if (ask)
		espvif_event_acquire(now.policy, flow);
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
		espvif_drop(enet, NULL, NULL, skb, ESPVIF_OUT_HELD_REMOVED);
}

/* Send the first that waits, if there is an SA now. Returns whether it did */
static bool send_first(struct espvif_acquire *acquire, bool others_may_pass)
{
	struct espvif_policy *policy = acquire->policy;
	struct espvif_decision decision = { .policy = policy, .reason = ESPVIF_COUNTERS };
	struct sk_buff *skb = NULL;

	local_bh_disable();
	rcu_read_lock();
	spin_lock(&acquire->hold.lock);
	decision.sa = espvif_policy_usable_sa(policy);
	if (decision.sa) {
		acquire->asked = false;
		skb = espvif_hold_take(&acquire->hold);
		if (!skb || others_may_pass)
			WRITE_ONCE(policy->holding, false);
	}
	spin_unlock(&acquire->hold.lock);
	if (skb)
		send(&decision, skb);
	rcu_read_unlock();
	local_bh_enable();
	return skb;
}

static void drop_all(struct espvif_acquire *acquire, enum espvif_counter reason)
{
	espvif_hold_drop_all(&acquire->hold, reason);
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
	spin_lock_bh(&acquire->hold.lock);
	first = skb_peek(&acquire->hold.queue);
	if (espvif_policy_usable_sa(acquire->policy) || acquire->hold.closed) {
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
	spin_unlock_bh(&acquire->hold.lock);
	if (ask)
		espvif_event_acquire(acquire->policy, &flow);
	rcu_read_unlock();
}

static void work(struct work_struct *work)
{
	struct espvif_acquire *acquire = container_of(to_delayed_work(work),
						      struct espvif_acquire, work);
	unsigned int sent = 0;

	while (send_first(acquire, espvif_hold_others_may_pass(&acquire->hold, sent))) {
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
	return skb_queue_len_lockless(&policy->acquire->hold.queue);
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
	espvif_hold_init(&acquire->hold, policy->enet, &policy->enet->held_out, &kind);
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
	spin_lock_bh(&acquire->hold.lock);
	acquire->hold.closed = true;
	spin_unlock_bh(&acquire->hold.lock);
	cancel_delayed_work_sync(&acquire->work);
	spin_lock_bh(&acquire->hold.lock);
	drop_all(acquire, ESPVIF_OUT_HELD_REMOVED);
	spin_unlock_bh(&acquire->hold.lock);
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
