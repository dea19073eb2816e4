/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_ORDER_H
#define _ESPVIF_ORDER_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/spinlock.h>

struct percpu_ref;

/* Where something is whose end somebody may have to wait for */
enum espvif_turn_stage {
	ESPVIF_TURN_BEGUN,
	ESPVIF_TURN_QUEUED,	/* it goes on from espvif_order.turns */
	ESPVIF_TURN_DONE,
};

/**
 * struct espvif_turn - packets that go on together when their turn comes
 * @entry:	in espvif_order.turns
 * @stage:	enum espvif_turn_stage
 * @packets:	how many
 * @deliver:	lets them go on; the turn is the owner's again
 */
struct espvif_turn {
	struct list_head entry;
	atomic_t stage;
	unsigned int packets;
	void (*deliver)(struct espvif_turn *turn);
};

static inline void espvif_turn_init(struct espvif_turn *turn, unsigned int packets,
				    void (*deliver)(struct espvif_turn *turn))
{
	atomic_set(&turn->stage, ESPVIF_TURN_BEGUN);
	turn->packets = packets;
	turn->deliver = deliver;
}

/**
 * struct espvif_order - packets of an SA whose crypto is done later
 * @pending:	how many are under way or behind such, and have not gone on yet; one more
 *		while the SA is away, since no packet may go past the queue then
 * @cpu:	from which they go on
 * @lock:	protects @pending, @cpu and what follows up to @ref
 * @turns:	in the order in which they were begun
 * @delivering:	somebody lets go on what is done
 * @away:	they go on from @cpu, from wherever they come
 * @moving:	@move is under way
 * @move:	its turn: when all before it have gone on, another CPU takes over
 * @move_to:	that CPU
 * @move_away:	@away from then on
 * @fence:	with the CPU that they are moved from
 * @rounds:	of polling there until nothing is left there that has gone on
 * @ref:	holds the SA
 * @called:	@call is with a CPU, which is to let go on what is done
 * @call:	there
 */
struct espvif_order {
	unsigned int pending;
	int cpu;
	spinlock_t lock;	/* of what follows up to @ref */
	struct list_head turns;
	bool delivering;
	bool away;
	bool moving;
	struct espvif_turn move;
	int move_to;
	bool move_away;
	struct list_head fence;
	unsigned int rounds;
	struct percpu_ref *ref;
	atomic_t called;
	struct llist_node call;
};

void espvif_order_module_init(void);
void espvif_order_module_uninit(void);

void espvif_order_init(struct espvif_order *order, struct percpu_ref *ref);
void espvif_order_add(struct espvif_order *order, struct espvif_turn *turn, bool done);
void espvif_order_done(struct espvif_order *order, struct espvif_turn *turn);
void espvif_order_move(struct espvif_order *order, int cpu, bool away);

/* Is there anything that the next packet has to stay behind? */
static inline bool espvif_order_busy(const struct espvif_order *order)
{
	return READ_ONCE(order->pending);
}

/* Do packets go on from another CPU than they come by? */
static inline bool espvif_order_away(const struct espvif_order *order)
{
	return READ_ONCE(order->away);
}

/* As many wait as those who wait for a device's driver by default */
#define ESPVIF_ORDER_MAX	1000

/* May a packet wait that is done? Who delivers may be slower than who encrypts. */
static inline bool espvif_order_full(const struct espvif_order *order)
{
	return READ_ONCE(order->pending) >= ESPVIF_ORDER_MAX;
}

#endif /* _ESPVIF_ORDER_H */
