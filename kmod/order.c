// SPDX-License-Identifier: GPL-2.0-only
/*
 * Crypto that is done later, and in any order: by an accelerator, or by the kernel
 * itself where the vector registers are somebody else's just then. Packets go on in the
 * order in which they came all the same, as TCP takes one that was overtaken for lost.
 *
 * While nothing of an SA is done later, its packets take no lock for this. As long as
 * something is, all that come behind it queue up here, done or not. They go on from the
 * CPU that they came by: on their way from two of them they would overtake each other.
 */
#include <linux/percpu-refcount.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>

#include "crypt.h"
#include "order.h"

static struct workqueue_struct *workqueue;

/**
 * espvif_order_module_init() - what all SAs share
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_order_module_init(void)
{
	workqueue = alloc_workqueue("espvif-order", WQ_HIGHPRI, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * espvif_order_module_uninit() - undo espvif_order_module_init(); no SA is left
 */
void espvif_order_module_uninit(void)
{
	destroy_workqueue(workqueue);
}

static struct espvif_crypt *first_done(struct espvif_order *order)
{
	struct espvif_crypt *op;

	lockdep_assert_held(&order->lock);
	op = list_first_entry_or_null(&order->ops, struct espvif_crypt, entry);
	return op && atomic_read(&op->stage) == ESPVIF_CRYPT_DONE ? op : NULL;
}

/* Let go on what is done and behind nothing that isn't */
static void deliver_here(struct espvif_order *order)
{
	struct espvif_crypt *op;

	spin_lock(&order->lock);
	/* whoever does it already looks again when done */
	if (order->delivering) {
		spin_unlock(&order->lock);
		return;
	}
	order->delivering = true;
	while ((op = first_done(order))) {
		list_del(&op->entry);
		spin_unlock(&order->lock);
		atomic_set(&op->stage, ESPVIF_CRYPT_BEGUN);
		op->deliver(op, op->err);
		spin_lock(&order->lock);
		/* not before: the next one may go past the queue then */
		WRITE_ONCE(order->pending, order->pending - 1);
	}
	order->delivering = false;
	spin_unlock(&order->lock);
}

static void work(struct work_struct *work)
{
	struct espvif_order *order = container_of(work, struct espvif_order, work);

	local_bh_disable();
	rcu_read_lock();
	deliver_here(order);
	rcu_read_unlock();
	local_bh_enable();
	percpu_ref_put(order->ref);
}

static void deliver(struct espvif_order *order)
{
	int cpu = READ_ONCE(order->cpu);

	if (cpu == smp_processor_id()) {
		deliver_here(order);
		return;
	}
	/* it needs the SA even if somebody else delivers all before */
	percpu_ref_get(order->ref);
	if (!queue_work_on(cpu, workqueue, &order->work))
		percpu_ref_put(order->ref);
}

/**
 * espvif_order_init() - nothing is done later yet
 * @order:	filled in
 * @ref:	holds the SA
 */
void espvif_order_init(struct espvif_order *order, struct percpu_ref *ref)
{
	spin_lock_init(&order->lock);
	INIT_LIST_HEAD(&order->ops);
	INIT_WORK(&order->work, work);
	order->ref = ref;
}

/**
 * espvif_order_add() - have a packet go on when its turn comes
 * @order:	of its SA
 * @op:		its operation, which was begun; not the caller's any more
 * @err:	what became of it: -EINPROGRESS if that is to come
 *
 * Context: bottom halves disabled, RCU read side that the SA was found in.
 */
void espvif_order_add(struct espvif_order *order, struct espvif_crypt *op, int err)
{
	bool done = true;

	spin_lock(&order->lock);
	list_add_tail(&op->entry, &order->ops);
	if (!order->pending)
		WRITE_ONCE(order->cpu, smp_processor_id());
	WRITE_ONCE(order->pending, order->pending + 1);
	if (err == -EINPROGRESS) {
		/* unless it was done before we came here */
		done = atomic_cmpxchg(&op->stage, ESPVIF_CRYPT_BEGUN, ESPVIF_CRYPT_QUEUED) ==
		       ESPVIF_CRYPT_DONE;
	} else {
		op->err = err;
		atomic_set(&op->stage, ESPVIF_CRYPT_DONE);
	}
	spin_unlock(&order->lock);
	if (done)
		deliver(order);
}

/**
 * espvif_order_done() - an operation that returned -EINPROGRESS has ended
 * @order:	of its SA, which the operation holds
 * @op:		the operation
 * @err:	what became of it
 *
 * Context: bottom halves disabled.
 */
void espvif_order_done(struct espvif_order *order, struct espvif_crypt *op, int err)
{
	struct percpu_ref *ref = order->ref;

	/* once it is done it may go on elsewhere, and let the SA go */
	percpu_ref_get(ref);
	rcu_read_lock();
	op->err = err;
	/* else it is about to be added */
	if (atomic_xchg(&op->stage, ESPVIF_CRYPT_DONE) == ESPVIF_CRYPT_QUEUED)
		deliver(order);
	rcu_read_unlock();
	percpu_ref_put(ref);
}
