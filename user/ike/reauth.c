// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An IKE SA that takes the place of another without being made by it. Either it
 * is authenticated anew, on purpose (RFC 7296, 2.8.3): first the new one and its
 * children, then the old one goes. Or both sides have begun at the same time and
 * one of two is too many: whoever made the one with the lower SPI lets the other
 * one have its children, and deletes it.
 *
 * The side that answers doesn't send by a child SA of the new one before the peer
 * has shown that it has it.
 */
#include <stdlib.h>

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/id.h"
#include "ike/share.h"

/*
 * An IKE SA that the peer begins later than this after ours, in milliseconds, is
 * not due to both having begun at the same time
 */
#define CROSSING_TIME 20000

/* After that time a peer that is there has got an answer, in milliseconds */
#define CERTAIN_TIME 60000

/* After that time one that is gone for the peer has ended here, in milliseconds */
#define FORGETTING_TIME 240000

/* So often it is tried to make what the other one has */
#define ATTEMPTS_MAX 3

/**
 * struct taking - children of a connection that an IKE SA takes from another
 * @link: in the list of the IKE SA
 * @connection: the connection
 * @children: which, by bit
 */
struct taking {
	struct list link;
	const struct ike_connection *connection;
	uint32_t children;
};

static struct ike_sa *find_serial(struct ike *ike, uint64_t serial)
{
	struct list *link, *following;
	struct ike_sa *sa;

	list_for_each(link, following, &ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->serial == serial)
			return sa;
	}
	return NULL;
}

/**
 * ike_reauth_replaces - is there an IKE SA that takes the place of another
 * @old: the other one
 *
 * Return: whether there is, or will be.
 */
bool ike_reauth_replaces(const struct ike_sa *old)
{
	struct list *link, *following;

	list_for_each(link, following, &old->ike->sas) {
		if (list_entry(link, struct ike_sa, link)->replaces ==
		    old->serial)
			return true;
	}
	return false;
}

static struct taking *find_taking(const struct ike_sa *sa,
				  const struct ike_connection *connection)
{
	struct list *link, *following;
	struct taking *taking;

	list_for_each(link, following, &sa->takes) {
		taking = list_entry(link, struct taking, link);
		if (taking->connection == connection)
			return taking;
	}
	return NULL;
}

/**
 * ike_reauth_takes - which children does an IKE SA take from another
 * @sa: the IKE SA
 * @connection: of which connection
 *
 * Return: the children, by bit.
 */
uint32_t ike_reauth_takes(const struct ike_sa *sa,
			  const struct ike_connection *connection)
{
	const struct taking *taking = find_taking(sa, connection);

	return taking ? taking->children : 0;
}

/**
 * ike_reauth_leave_out - an IKE SA is not to take some children after all
 * @sa: the IKE SA
 * @connection: of which connection
 * @children: which, by bit
 */
void ike_reauth_leave_out(struct ike_sa *sa,
			  const struct ike_connection *connection,
			  uint32_t children)
{
	struct taking *taking = find_taking(sa, connection);

	if (!taking)
		return;
	taking->children &= ~children;
	if (taking->children)
		return;
	list_remove(&taking->link);
	free(taking);
}

/**
 * ike_reauth_forget - an IKE SA takes nothing from another
 * @sa: the IKE SA
 */
void ike_reauth_forget(struct ike_sa *sa)
{
	while (!list_empty(&sa->takes)) {
		struct taking *taking = list_entry(sa->takes.next,
						   struct taking, link);

		list_remove(&taking->link);
		free(taking);
	}
}

static void take(struct ike_sa *sa, const struct ike_child *child)
{
	struct taking *taking = find_taking(sa, child->connection);

	if (!taking) {
		taking = calloc(1, sizeof(*taking));
		if (!taking)
			return;
		taking->connection = child->connection;
		list_append(&sa->takes, &taking->link);
	}
	taking->children |= ike_child_bit(child);
}

/* Lets an IKE SA take what another one has; whether it lacks any of it. */
static bool take_children(struct ike_sa *sa, const struct ike_sa *old)
{
	struct list *link, *following;
	struct ike_child *child;
	bool any = false;

	list_for_each(link, following, &old->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->state != IKE_CHILD_UP ||
		    ike_child_find_model(sa, child->model))
			continue;
		take(sa, child);
		any = true;
	}
	return any;
}

/*
 * Is the peer about to replace it, by one that is there already? One of another
 * connection may stay beside it, if the peer doesn't share.
 */
static bool has_younger(const struct ike_sa *old)
{
	struct list *link, *following;
	const struct ike_sa *sa;

	list_for_each(link, following, &old->ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (ike_share_alike(sa->connection, old->connection) &&
		    sa->state == IKE_SA_ESTABLISHED &&
		    sa->established > old->established &&
		    (sa->connection == old->connection ||
		     ike_now(sa->ike) < sa->established + FORGETTING_TIME) &&
		    ike_id_equal(&sa->peer_id, &old->peer_id))
			return true;
	}
	return false;
}

/* Were two IKE SAs, the first of them begun by us, begun at the same time? */
static bool have_crossed(const struct ike_sa *ours, const struct ike_sa *theirs)
{
	const struct ike_origin *one = &ours->origin, *other = &theirs->origin;

	return one->ours && !other->ours &&
	       !ours->replaces && !theirs->replaces &&
	       ours->state == IKE_SA_ESTABLISHED &&
	       theirs->state == IKE_SA_ESTABLISHED &&
	       one->began <= other->established &&
	       other->began < one->established + CROSSING_TIME &&
	       ike_id_equal(&ours->peer_id, &theirs->peer_id);
}

/* Is it one of two that were begun at the same time, and will the peer let it go? */
static bool is_let_go(const struct ike_sa *theirs)
{
	const struct ike_origin *origin = &theirs->origin;
	struct list *link, *following;
	struct ike_sa *ours;

	/* not every peer does */
	if (ike_now(theirs->ike) > origin->established + 2 * CERTAIN_TIME)
		return false;
	list_for_each(link, following, &theirs->ike->sas) {
		ours = list_entry(link, struct ike_sa, link);
		if (ike_share_alike(ours->connection, theirs->connection) &&
		    have_crossed(ours, theirs) &&
		    ours->origin.spi > origin->spi)
			return true;
	}
	return false;
}

/**
 * ike_reauth_begin - authenticate anew
 * @sa: the IKE SA that is to be replaced
 *
 * Return: NULL, or why it cannot even be tried.
 */
struct error *ike_reauth_begin(struct ike_sa *sa)
{
	struct error *error;
	struct ike_sa *new;

	/* one after the other */
	if (sa->replaces || ike_reauth_replaces(sa) || has_younger(sa) ||
	    is_let_go(sa))
		return NULL;
	new = ike_sa_create(sa->ike, &sa->path, true);
	if (!new)
		return error_no_memory();
	new->connection = sa->connection;
	new->replaces = sa->serial;
	take_children(new, sa);
	ike_sa_log(new, IKE_LEVEL_INFO, "reauthenticates #%llu",
		   (unsigned long long)sa->serial);
	error = ike_init_begin(new);
	if (error)
		ike_sa_fail(new, error);
	return NULL;
}

static bool uses(struct ike_sa *sa, const struct ike_child_model *model)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->model == model && child->in_use)
			return true;
	}
	return false;
}

/* Do outbound packets take a child SA of this kind, in any IKE SA? */
static bool is_used(struct ike *ike, const struct ike_child_model *model)
{
	struct list *link, *following;

	list_for_each(link, following, &ike->sas) {
		if (uses(list_entry(link, struct ike_sa, link), model))
			return true;
	}
	return false;
}

/*
 * Is there a child SA that the peer may not know of yet? We have answered its
 * request, and there was no other one since.
 */
static bool is_uncertain(struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->waits &&
		    ike_now(sa->ike) < child->established + CERTAIN_TIME)
			return true;
	}
	return false;
}

/* Outbound packets take nothing of another IKE SA any more. */
static void use_children(struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->state == IKE_CHILD_UP && !uses(sa, child->model))
			ike_child_use(child);
	}
}

/* Has another one got a child meanwhile? Whether it was begun to make it here. */
static bool take_rest(struct ike_sa *sa, struct ike_sa *old)
{
	if (!take_children(sa, old) || sa->attempts++ >= ATTEMPTS_MAX)
		return false;
	ike_sa_begin_children(sa);
	return true;
}

/**
 * ike_reauth_advance - if an IKE SA has what it takes, the one before it goes
 * @sa: the IKE SA, which may have nothing to do
 */
void ike_reauth_advance(struct ike_sa *sa)
{
	struct ike_sa *old;

	if (!sa->replaces || sa->state != IKE_SA_ESTABLISHED ||
	    sa->window.current || !list_empty(&sa->window.queue) ||
	    sa->children_later.running)
		return;
	if (is_uncertain(sa)) {
		ike_sa_try_children_later(sa);
		return;
	}
	old = find_serial(sa->ike, sa->replaces);
	/* by now the peer may have shown that it doesn't let them share one */
	if (old && !ike_share_alike(old->connection, sa->connection))
		old = NULL;
	if (old && old->state == IKE_SA_ESTABLISHED && take_rest(sa, old))
		return;
	sa->replaces = 0;
	ike_reauth_forget(sa);
	if (old && old->state == IKE_SA_ESTABLISHED) {
		use_children(sa);
		ike_sa_log(sa, IKE_LEVEL_INFO, "takes the place of #%llu",
			   (unsigned long long)old->serial);
		error_free(ike_delete_begin(old));
	}
	/* the peer may have done the same */
	ike_reauth_settle(sa);
}

/**
 * ike_reauth_rekeyed - an IKE SA has taken over from another by rekeying
 * @old: the IKE SA that was rekeyed
 * @new: the one that was made
 */
void ike_reauth_rekeyed(struct ike_sa *old, struct ike_sa *new)
{
	struct list *link, *following;
	struct ike_sa *sa;

	new->origin = old->origin;
	new->replaces = old->replaces;
	old->replaces = 0;
	list_for_each(link, following, &old->takes) {
		list_remove(link);
		list_append(&new->takes, link);
	}
	list_for_each(link, following, &old->ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->replaces == old->serial)
			sa->replaces = new->serial;
	}
}

/**
 * ike_reauth_proved - the peer has shown that it has what we answered
 * @sa: the IKE SA
 * @by_request: all of it; false = IKE_AUTH
 */
void ike_reauth_proved(struct ike_sa *sa, bool by_request)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (!by_request && child->waits == IKE_WAITS_FOR_REQUEST)
			continue;
		child->waits = IKE_WAITS_NOT;
		if (child->postponed && child->state == IKE_CHILD_UP &&
		    !child->successor)
			ike_child_use(child);
	}
}

/* Whatever the peer answers shows that IKE_AUTH is over for it. */
static void probe(struct ike_sa *sa)
{
	struct error *error = ike_liveness_begin(sa);

	if (error)
		ike_sa_log(sa, IKE_LEVEL_ERROR, "%s", error->sentence);
	error_free(error);
}

/**
 * ike_reauth_probe - if a child SA waits for the peer, hear whether it is there
 * @sa: the IKE SA, which is established
 */
void ike_reauth_probe(struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->postponed &&
		    child->waits == IKE_WAITS_FOR_MESSAGE) {
			probe(sa);
			return;
		}
	}
}

/* Lets one IKE SA have the children of another, which goes then. */
static void merge(struct ike_sa *loser, struct ike_sa *winner, const char *why)
{
	ike_sa_log(loser, IKE_LEVEL_INFO, "%s: #%llu stays", why,
		   (unsigned long long)winner->serial);
	winner->replaces = loser->serial;
	take_children(winner, loser);
	ike_sa_begin_children(winner);
	probe(winner);
}

/**
 * ike_reauth_settle - is one of two IKE SAs too many
 * @sa: the one that was established last
 *
 * Who made the one that goes lets it go; about others the peer decides.
 */
void ike_reauth_settle(struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_sa *other, *ours, *theirs;

	list_for_each(link, following, &sa->ike->sas) {
		other = list_entry(link, struct ike_sa, link);
		if (!ike_share_alike(other->connection, sa->connection))
			continue;
		ours = sa->origin.ours ? sa : other;
		theirs = sa->origin.ours ? other : sa;
		if (!have_crossed(ours, theirs) ||
		    ours->origin.spi > theirs->origin.spi)
			continue;
		merge(ours, theirs, "both sides have begun at the same time");
		return;
	}
}

/* Nothing replaces it after all: packets take what was made there meanwhile. */
static void go_on_with(struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->state == IKE_CHILD_UP && !child->postponed &&
		    !is_used(sa->ike, child->model))
			ike_child_use(child);
	}
}

/**
 * ike_reauth_ended - an IKE SA has ended, perhaps before it took the place of another
 * @sa: the IKE SA, which had been established
 *
 * The peer may have replaced it meanwhile, or have known nothing of it: then the other
 * one goes for that, or for another that was begun at the same time.
 */
void ike_reauth_ended(struct ike_sa *sa)
{
	struct ike_sa *old = NULL, *other;
	struct list *link, *following;

	if (sa->replaces)
		old = find_serial(sa->ike, sa->replaces);
	sa->replaces = 0;
	if (!old || old->state != IKE_SA_ESTABLISHED)
		return;
	list_for_each(link, following, &sa->ike->sas) {
		other = list_entry(link, struct ike_sa, link);
		if (other->state != IKE_SA_ESTABLISHED || other->rival_of ||
		    (other->established <= old->established &&
		     !have_crossed(old, other)) ||
		    !ike_share_alike(other->connection, old->connection) ||
		    !ike_id_equal(&other->peer_id, &old->peer_id))
			continue;
		merge(old, other, "what was to replace it has ended");
		return;
	}
	go_on_with(old);
}
