/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers of the engine: a pairing heap whose nodes live in what waits. Setting
 * and stopping a timer cannot fail, the next deadline is exact, and timers with
 * the same deadline end in the order they were set, so that a simulation is the
 * same each time.
 */
#ifndef IKE_TIMER_H
#define IKE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct ike_timer;

/**
 * struct ike_timers - all timers that run
 * @first: the one that ends next, NULL for none
 * @order: how many were ever set
 */
struct ike_timers {
	struct ike_timer *first;
	uint64_t order;
};

/**
 * struct ike_timer - something that is to happen
 * @deadline: when, in milliseconds of the engine's clock
 * @order: tells timers with the same deadline apart
 * @running: it is set
 * @expire: what happens; the timer is stopped by then
 * @child: first of the timers below it in the heap
 * @next: the next one with the same parent
 * @previous: the one before, or the parent
 */
struct ike_timer {
	uint64_t deadline;
	uint64_t order;
	bool running;
	void (*expire)(struct ike_timer *timer);
	struct ike_timer *child;
	struct ike_timer *next;
	struct ike_timer *previous;
};

void ike_timer_set(struct ike_timers *timers, struct ike_timer *timer,
		   uint64_t deadline);
void ike_timer_stop(struct ike_timers *timers, struct ike_timer *timer);
struct ike_timer *ike_timers_take(struct ike_timers *timers, uint64_t now);

#endif /* IKE_TIMER_H */
