// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The heap of timers.
 */
#include <stddef.h>

#include "ike/timer.h"

static bool before(const struct ike_timer *one, const struct ike_timer *other)
{
	if (one->deadline != other->deadline)
		return one->deadline < other->deadline;
	return one->order < other->order;
}

/* Joins two heaps; either may be empty. */
static struct ike_timer *meld(struct ike_timer *one, struct ike_timer *other)
{
	struct ike_timer *swap;

	if (!one)
		return other;
	if (!other)
		return one;
	if (before(other, one)) {
		swap = one;
		one = other;
		other = swap;
	}
	other->next = one->child;
	if (one->child)
		one->child->previous = other;
	other->previous = one;
	one->child = other;
	one->next = NULL;
	one->previous = NULL;
	return one;
}

/* Makes one heap of those in a row: by pairs, then from the last to the first. */
static struct ike_timer *meld_row(struct ike_timer *row)
{
	struct ike_timer *pairs = NULL, *heap = NULL;
	struct ike_timer *one, *other;

	while (row) {
		one = row;
		other = row->next;
		row = other ? other->next : NULL;
		one->next = NULL;
		if (other)
			other->next = NULL;
		one = meld(one, other);
		one->next = pairs;
		pairs = one;
	}
	while (pairs) {
		one = pairs;
		pairs = pairs->next;
		one->next = NULL;
		heap = meld(heap, one);
	}
	if (heap)
		heap->previous = NULL;
	return heap;
}

/**
 * ike_timer_stop - stop a timer
 * @timers: all timers
 * @timer: one of them, running or not
 */
void ike_timer_stop(struct ike_timers *timers, struct ike_timer *timer)
{
	if (!timer->running)
		return;
	timer->running = false;
	if (timers->first == timer) {
		timers->first = meld_row(timer->child);
	} else {
		if (timer->previous->child == timer)
			timer->previous->child = timer->next;
		else
			timer->previous->next = timer->next;
		if (timer->next)
			timer->next->previous = timer->previous;
		timers->first = meld(timers->first, meld_row(timer->child));
	}
	timer->child = NULL;
	timer->next = NULL;
	timer->previous = NULL;
}

/**
 * ike_timer_set - set a timer, or set it anew
 * @timers: all timers
 * @timer: the timer; it has an @expire
 * @deadline: when it ends
 */
void ike_timer_set(struct ike_timers *timers, struct ike_timer *timer,
		   uint64_t deadline)
{
	ike_timer_stop(timers, timer);
	timer->deadline = deadline;
	timer->order = timers->order++;
	timer->running = true;
	timers->first = meld(timers->first, timer);
}

/**
 * ike_timers_take - the next timer that has ended
 * @timers: all timers
 * @now: what time it is
 *
 * Return: that timer, stopped; NULL if none has ended.
 */
struct ike_timer *ike_timers_take(struct ike_timers *timers, uint64_t now)
{
	struct ike_timer *timer = timers->first;

	if (!timer || timer->deadline > now)
		return NULL;
	ike_timer_stop(timers, timer);
	return timer;
}
