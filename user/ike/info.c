// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what an engine holds. Nothing changes by that.
 */
#include "ike/child.h"
#include "ike/info.h"

static uint64_t deadline_of(const struct ike_timer *timer)
{
	return timer->running ? timer->deadline : IKE_NEVER;
}

static uint32_t count_children(const struct ike_sa *sa)
{
	const struct list *link;
	uint32_t count = 0;

	for (link = sa->children.next; link != &sa->children; link = link->next)
		count++;
	return count;
}

static const char *sa_state(const struct ike_sa *sa)
{
	static const char *const names[] = {
		[IKE_SA_LARVAL] = "about to replace another IKE SA",
		[IKE_SA_CONNECTING] = "connecting",
		[IKE_SA_ESTABLISHED] = "established IKE SA",
		[IKE_SA_REKEYED] = "replaced by another IKE SA",
		[IKE_SA_DELETING] = "deleting",
		[IKE_SA_ENDED] = "ended",
		[IKE_SA_DEAD] = "ended",
	};

	if (sa->state != IKE_SA_CONNECTING)
		return names[sa->state];
	if (!sa->keys.prf)
		return "sent IKE_SA_INIT request";
	return sa->initiator ? "sent IKE_AUTH request" :
			       "sent IKE_SA_INIT response";
}

static const char *child_state(const struct ike_child *child)
{
	static const char *const names[] = {
		[IKE_CHILD_LARVAL] = "being negotiated",
		[IKE_CHILD_UP] = "established Child SA",
		[IKE_CHILD_REPLACED] = "replaced by another Child SA",
		[IKE_CHILD_DELETING] = "deleting",
	};

	return names[child->state];
}

static void visit_sa(const struct ike_sa *sa,
		     void (*visit)(const struct ike_sa_info *info,
				   void *context),
		     void *context)
{
	const struct ike_connection *connection = sa->connection;
	const struct ike_sa_info info = {
		.connection = connection ? connection->model.name : NULL,
		.instance = ike_connection_instance(connection),
		.serial = sa->serial,
		.state = sa_state(sa),
		.established = sa->state == IKE_SA_ESTABLISHED,
		.initiator = sa->initiator,
		.spi_i = sa->spi_i,
		.spi_r = sa->spi_r,
		.path = sa->path,
		.local_id = connection ? &connection->model.local_id : NULL,
		.peer_id = &sa->peer_id,
		.behind_nat = sa->nat.local,
		.peer_behind_nat = sa->nat.remote,
		.suite = sa->suite,
		.began = sa->began,
		.since = sa->established,
		.replace_at = deadline_of(&sa->lifetime),
		.children = count_children(sa),
	};

	visit(&info, context);
}

static void visit_child(const struct ike_child *child,
			void (*visit)(const struct ike_child_info *info,
				      void *context),
			void *context)
{
	const struct ike_child_info info = {
		.pair = &child->pair,
		.parent = child->sa->serial,
		.ike_suite = child->sa->state == IKE_SA_ESTABLISHED ?
			     &child->sa->suite : NULL,
		.peer_id = &child->sa->peer_id,
		.state = child_state(child),
		.established = child->installed,
		.initiator = child->initiator,
		.in_use = child->in_use,
		.since = child->established,
		.replace_at = deadline_of(&child->rekey),
		.end_at = deadline_of(&child->end),
	};

	visit(&info, context);
}

/**
 * ike_each_sa - show each IKE SA, the oldest first
 * @ike: the engine
 * @visit: called for each; what it is shown is good until it returns
 * @context: for @visit
 */
void ike_each_sa(const struct ike *ike,
		 void (*visit)(const struct ike_sa_info *info, void *context),
		 void *context)
{
	const struct list *link;

	for (link = ike->sas.next; link != &ike->sas; link = link->next)
		visit_sa(list_entry(link, struct ike_sa, link), visit, context);
}

/**
 * ike_each_child - show each child SA, those of one IKE SA together
 * @ike: the engine
 * @visit: called for each; what it is shown is good until it returns
 * @context: for @visit
 */
void ike_each_child(const struct ike *ike,
		    void (*visit)(const struct ike_child_info *info,
				  void *context),
		    void *context)
{
	const struct list *link, *child;
	const struct ike_sa *sa;

	for (link = ike->sas.next; link != &ike->sas; link = link->next) {
		sa = list_entry(link, struct ike_sa, link);
		for (child = sa->children.next; child != &sa->children;
		     child = child->next)
			visit_child(list_entry(child, struct ike_child, link),
				    visit, context);
	}
}
