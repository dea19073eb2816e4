// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When to ask a peer for a sign of life: if neither a message of it nor a packet
 * in its child SAs has shown for a while that it is there (RFC 7296, 2.4).
 */
#include "ike/child.h"
#include "ike/exchange.h"

/* Has a child SA received anything since this was last asked? */
static bool has_received(struct ike_child *child)
{
	const struct ike_kernel_ops *kernel = &child->sa->ike->ops->kernel;
	uint64_t before = child->packets_in;
	struct ike_traffic traffic;
	struct error *error;

	if (!child->installed)
		return false;
	error = kernel->query(child->sa->ike->context, &child->pair, &traffic);
	if (error) {
		ike_child_log(child, IKE_LEVEL_ERROR, "%s", error->sentence);
		error_free(error);
		return false;
	}
	child->packets_in = traffic.packets_in;
	return traffic.packets_in != before;
}

/* Each of them is asked: the next time shall tell what has come since now. */
static bool any_has_received(struct ike_sa *sa)
{
	struct list *link, *following;
	bool any = false;

	list_for_each(link, following, &sa->children)
		any |= has_received(list_entry(link, struct ike_child, link));
	return any;
}

/**
 * ike_liveness_schedule - ask for signs of life as the connection has it, from now on
 * @sa: the IKE SA, which is established
 */
void ike_liveness_schedule(struct ike_sa *sa)
{
	uint32_t wait = sa->connection->model.liveness;

	if (wait)
		ike_set_timer(sa->ike, &sa->liveness, wait * 1000ULL);
	else
		ike_timer_stop(&sa->ike->timers, &sa->liveness);
}

/**
 * ike_liveness_expire - a peer may have been silent for too long
 * @timer: of the IKE SA
 */
void ike_liveness_expire(struct ike_timer *timer)
{
	struct ike_sa *sa = list_entry(timer, struct ike_sa, liveness);
	uint64_t wait = sa->connection->model.liveness * 1000ULL;
	uint64_t silence = ike_now(sa->ike) - sa->heard;

	if (silence < wait) {
		ike_set_timer(sa->ike, &sa->liveness, wait - silence);
		return;
	}
	if (!any_has_received(sa) && !sa->window.current &&
	    sa->state == IKE_SA_ESTABLISHED)
		error_free(ike_liveness_begin(sa));
	ike_set_timer(sa->ike, &sa->liveness, wait);
}
