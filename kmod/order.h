/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_ORDER_H
#define _ESPVIF_ORDER_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct espvif_crypt;
struct percpu_ref;

/**
 * struct espvif_order - packets of an SA whose crypto is done later
 * @pending:	how many are under way or behind such, and have not gone on yet
 * @cpu:	from which they go on
 * @lock:	protects @pending, @cpu and what follows
 * @ops:	their operations, in the order in which they were begun
 * @delivering:	somebody lets go on what is done
 * @ref:	holds the SA
 * @work:	lets go on what is done, on that CPU
 */
struct espvif_order {
	unsigned int pending;
	int cpu;
	spinlock_t lock;	/* of all but @ref and @work */
	struct list_head ops;
	bool delivering;
	struct percpu_ref *ref;
	struct work_struct work;
};

int espvif_order_module_init(void);
void espvif_order_module_uninit(void);

void espvif_order_init(struct espvif_order *order, struct percpu_ref *ref);
void espvif_order_add(struct espvif_order *order, struct espvif_crypt *op, int err);
void espvif_order_done(struct espvif_order *order, struct espvif_crypt *op, int err);

/* Is there anything that the next packet has to stay behind? */
static inline bool espvif_order_busy(const struct espvif_order *order)
{
	return READ_ONCE(order->pending);
}

/* As many wait as those who wait for a device's driver by default */
#define ESPVIF_ORDER_MAX	1000

/* May a packet wait that is done? Who delivers may be slower than who encrypts. */
static inline bool espvif_order_full(const struct espvif_order *order)
{
	return READ_ONCE(order->pending) >= ESPVIF_ORDER_MAX;
}

#endif /* _ESPVIF_ORDER_H */
