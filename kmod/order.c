// SPDX-License-Identifier: GPL-2.0-only
/*
 * Crypto that is done later, and in any order: by an accelerator, by the kernel itself
 * where the vector registers are somebody else's just then, or by other CPUs. Packets go
 * on in the order in which they came all the same, as TCP takes one that was overtaken
 * for lost.
 *
 * While nothing of an SA is done later, its packets take no lock for this. As long as
 * something is, all that come behind it queue up here, done or not. They go on from one
 * CPU: on their way from two of them they would overtake each other. That is the one that
 * they came by, unless they were moved to another, so that the first has less to do. What
 * goes on may wait for GRO in queues of a CPU, which are polled one after the other, and
 * so is a fence: when it has been polled, all that went on from there is up the stack.
 */
#include <linux/percpu-refcount.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>

#include "order.h"
#include "poll.h"

/*
 * A queue for GRO is polled for 64 packets, so 512 may have been before the fence. With
 * more rounds too many would gather behind it
 */
#define FENCE_ROUNDS	8

/* How many go on before others get their turn */
#define PACKETS_AT_ONCE	64

/**
 * struct post - what orders want of a CPU
 * @napi:	sees to it, behind the queues that were filled before
 * @csd:	has another CPU do that
 * @called:	espvif_order.call of those of which something is done: it goes on from here
 * @leaving:	espvif_order.fence of those that are to go on from elsewhere
 */
struct post {
	struct napi_struct napi;
	call_single_data_t csd;
	struct llist_head called;
	struct list_head leaving;
};

static DEFINE_PER_CPU(struct post, posts);

static struct espvif_turn *first(struct espvif_order *order)
{
	lockdep_assert_held(&order->lock);
	return list_first_entry_or_null(&order->turns, struct espvif_turn, entry);
}

static struct espvif_turn *first_done(struct espvif_order *order)
{
	struct espvif_turn *turn = first(order);

	/* what came of it was written without the lock */
	return turn && atomic_read_acquire(&turn->stage) == ESPVIF_TURN_DONE ? turn : NULL;
}

/* What is done may go on from a CPU that isn't there any more from any other */
static bool is_here(struct espvif_order *order)
{
	int cpu = smp_processor_id();

	lockdep_assert_held(&order->lock);
	if (order->cpu != cpu && !cpu_online(order->cpu))
		WRITE_ONCE(order->cpu, cpu);
	return order->cpu == cpu;
}

/* All before have gone on: if they are to be moved, what they left behind is waited for */
static void leave_if_moving(struct espvif_order *order)
{
	struct post *here = this_cpu_ptr(&posts);

	if (first(order) != &order->move || !list_empty(&order->fence))
		return;
	order->rounds = FENCE_ROUNDS;
	list_add_tail(&order->fence, &here->leaving);
	napi_schedule(&here->napi);
}

/* Have the CPU look that the packets go on from */
static void call(struct espvif_order *order)
{
	int cpu = READ_ONCE(order->cpu);
	struct post *there = per_cpu_ptr(&posts, cpu);

	if (atomic_xchg(&order->called, 1))
		return;
	/* it needs the SA even if somebody else delivers all before */
	percpu_ref_get(order->ref);
	llist_add(&order->call, &there->called);
	/* one that has just gone is stood in for */
	if (napi_schedule_prep(&there->napi) && smp_call_function_single_async(cpu, &there->csd))
		__napi_schedule(&there->napi);
}

static void schedule_post(void *napi)
{
	__napi_schedule(napi);
}

/* Let go on what is done and behind nothing that isn't, if that is for this CPU to do */
static void deliver_here(struct espvif_order *order)
{
	unsigned int packets, before = 0;
	struct espvif_turn *turn;
	bool more;

	spin_lock(&order->lock);
	more = !is_here(order);
	/* whoever does it already looks again when done */
	if (more || order->delivering)
		goto unlock;
	order->delivering = true;
	while ((turn = first_done(order)) && before < PACKETS_AT_ONCE) {
		list_del(&turn->entry);
		packets = turn->packets;
		spin_unlock(&order->lock);
		atomic_set(&turn->stage, ESPVIF_TURN_BEGUN);
		turn->deliver(turn);
		before += packets;
		spin_lock(&order->lock);
		/* not before: the next one may go past the queue then */
		WRITE_ONCE(order->pending, order->pending - packets);
	}
	more = turn;
	leave_if_moving(order);
	order->delivering = false;
unlock:
	spin_unlock(&order->lock);
	if (more)
		call(order);
}

static void deliver(struct espvif_order *order)
{
	/* a first look, without the lock: many are done elsewhere */
	if (READ_ONCE(order->cpu) == smp_processor_id())
		deliver_here(order);
	else
		call(order);
}

static void answer_calls(struct post *here)
{
	struct llist_node *calls = llist_del_all(&here->called);
	struct espvif_order *order, *next;
	struct percpu_ref *ref;

	llist_for_each_entry_safe(order, next, calls, call) {
		ref = order->ref;
		/* what is done from here on calls again, what was done before is seen */
		atomic_xchg(&order->called, 0);
		deliver_here(order);
		percpu_ref_put(ref);
	}
}

/* Nothing is left on this CPU: the other one takes over */
static void arrive(struct espvif_order *order)
{
	struct percpu_ref *ref = order->ref;
	int change;

	spin_lock(&order->lock);
	list_del(&order->move.entry);
	list_del_init(&order->fence);
	/* the turn of the move itself, and what keeps packets from going past */
	change = order->move_away - order->away - 1;
	WRITE_ONCE(order->cpu, order->move_to);
	WRITE_ONCE(order->away, order->move_away);
	WRITE_ONCE(order->pending, order->pending + change);
	order->moving = false;
	spin_unlock(&order->lock);
	deliver(order);
	percpu_ref_put(ref);
}

static int poll_post(struct napi_struct *napi, int budget)
{
	struct post *here = container_of(napi, struct post, napi);
	struct espvif_order *order, *next;

	rcu_read_lock();
	list_for_each_entry_safe(order, next, &here->leaving, fence)
		if (!--order->rounds)
			arrive(order);
	answer_calls(here);
	rcu_read_unlock();
	/* once more, behind all others */
	if (!list_empty(&here->leaving))
		return budget;
	napi_complete_done(napi, 0);
	return 0;
}

/**
 * espvif_order_module_init() - what all SAs share
 */
void espvif_order_module_init(void)
{
	struct post *there;
	int cpu;

	for_each_possible_cpu(cpu) {
		there = per_cpu_ptr(&posts, cpu);
		init_llist_head(&there->called);
		INIT_LIST_HEAD(&there->leaving);
		INIT_CSD(&there->csd, schedule_post, &there->napi);
		espvif_poll_add(&there->napi, poll_post);
	}
}

/**
 * espvif_order_module_uninit() - undo espvif_order_module_init(); no SA is left
 */
void espvif_order_module_uninit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		espvif_poll_remove(&per_cpu(posts, cpu).napi);
	synchronize_net();
}

/**
 * espvif_order_init() - nothing is done later yet
 * @order:	filled in
 * @ref:	holds the SA
 */
void espvif_order_init(struct espvif_order *order, struct percpu_ref *ref)
{
	spin_lock_init(&order->lock);
	INIT_LIST_HEAD(&order->turns);
	INIT_LIST_HEAD(&order->fence);
	order->ref = ref;
}

/**
 * espvif_order_add() - have packets go on when their turn comes
 * @order:	of their SA
 * @turn:	their turn, which was begun and holds the SA; not the caller's any more
 * @done:	they are done, and only have to stay behind others; else
 *		espvif_order_done() is called, or was already
 *
 * Context: bottom halves disabled, RCU read side that the SA was found in.
 */
void espvif_order_add(struct espvif_order *order, struct espvif_turn *turn, bool done)
{
	struct percpu_ref *ref = order->ref;

	/* it may go on elsewhere at once, and let the SA go */
	percpu_ref_get(ref);
	spin_lock(&order->lock);
	list_add_tail(&turn->entry, &order->turns);
	if (!order->pending)
		WRITE_ONCE(order->cpu, smp_processor_id());
	WRITE_ONCE(order->pending, order->pending + turn->packets);
	if (done)
		atomic_set(&turn->stage, ESPVIF_TURN_DONE);
	else
		done = atomic_cmpxchg(&turn->stage, ESPVIF_TURN_BEGUN,
				      ESPVIF_TURN_QUEUED) == ESPVIF_TURN_DONE;
	spin_unlock(&order->lock);
	if (done)
		deliver(order);
	percpu_ref_put(ref);
}

/**
 * espvif_order_done() - what was to be done later is done
 * @order:	of its SA, which the packets hold
 * @turn:	their turn
 *
 * Context: bottom halves disabled.
 */
void espvif_order_done(struct espvif_order *order, struct espvif_turn *turn)
{
	struct percpu_ref *ref = order->ref;

	/* once it is done it may go on elsewhere, and let the SA go */
	percpu_ref_get(ref);
	rcu_read_lock();
	/* else it is about to be added */
	if (atomic_xchg(&turn->stage, ESPVIF_TURN_DONE) == ESPVIF_TURN_QUEUED)
		deliver(order);
	rcu_read_unlock();
	percpu_ref_put(ref);
}

/**
 * espvif_order_move() - have packets go on from another CPU
 * @order:	of an SA, which the caller holds
 * @cpu:	from which those go on that come behind what is there
 * @away:	until they are moved again; else until none is left
 *
 * Nothing happens if they are on the move already. Packets that have gone on from a CPU
 * without having been here must have done so from the present one.
 *
 * Context: bottom halves disabled, RCU read side.
 */
void espvif_order_move(struct espvif_order *order, int cpu, bool away)
{
	bool begun = false;

	spin_lock(&order->lock);
	if (!order->moving && order->away != away) {
		begun = true;
		order->moving = true;
		order->move_to = cpu;
		order->move_away = away;
		espvif_turn_init(&order->move, 1, NULL);
		list_add_tail(&order->move.entry, &order->turns);
		if (!order->pending)
			WRITE_ONCE(order->cpu, smp_processor_id());
		WRITE_ONCE(order->pending, order->pending + 1);
		/* until it has arrived */
		percpu_ref_get(order->ref);
	}
	spin_unlock(&order->lock);
	if (begun)
		deliver(order);
}
