// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of an IKE SA: how it is found, what becomes of it in time, and how
 * it ends. One that has ended is freed when the engine is about to return, so
 * that nobody holds it by then.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/auth.h"
#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/fragment.h"
#include "ike/id.h"
#include "ike/instance.h"
#include "ike/natd.h"
#include "ike/share.h"
#include "lib/iana.h"

/* For how long a peer may take to prove who it is, in seconds */
#define HALF_OPEN_TIME 30

/* For how long an IKE SA that has ended answers again, in seconds */
#define ANSWER_TIME 20

/* For how long a peer is given before it is taken for dead, in seconds */
#define DEFAULT_TIMEOUT 60

static struct list *bucket_of(struct ike *ike, uint64_t spi)
{
	/* SPIs of ours are random */
	return &ike->buckets[spi % IKE_BUCKETS];
}

/**
 * ike_sa_our_spi - the SPI that we have chosen
 * @sa: the IKE SA
 *
 * Return: it; no other IKE SA of ours has the same.
 */
uint64_t ike_sa_our_spi(const struct ike_sa *sa)
{
	return sa->initiator ? sa->spi_i : sa->spi_r;
}

static struct ike_sa *find_spi(struct ike *ike, uint64_t spi, bool initiator)
{
	struct list *bucket = bucket_of(ike, spi), *link, *following;
	struct ike_sa *sa;

	list_for_each(link, following, bucket) {
		sa = list_entry(link, struct ike_sa, bucket);
		if (sa->initiator == initiator && ike_sa_our_spi(sa) == spi)
			return sa;
	}
	return NULL;
}

/**
 * ike_sa_find_ours - find an IKE SA by the SPI that we have chosen
 * @ike: the engine
 * @spi: the SPI
 *
 * Return: the IKE SA, NULL if there is none.
 */
struct ike_sa *ike_sa_find_ours(struct ike *ike, uint64_t spi)
{
	struct ike_sa *sa = find_spi(ike, spi, true);

	return sa ? sa : find_spi(ike, spi, false);
}

/* An SPI is not 0, and no other IKE SA of ours has it. */
static struct error *choose_spi(struct ike_sa *sa, uint64_t *spi)
{
	struct ike *ike = sa->ike;
	struct error *error;

	do {
		error = ike->ops->random(ike->context, spi, sizeof(*spi));
		if (error)
			return error;
	} while (!*spi || ike_sa_find_ours(ike, *spi));
	list_append(bucket_of(ike, *spi), &sa->bucket);
	return NULL;
}

/* It was replaced in time, or it ends. */
static void expire_lifetime(struct ike_timer *timer)
{
	struct ike_sa *sa = list_entry(timer, struct ike_sa, lifetime);
	struct ike *ike = sa->ike;
	uint64_t left, wait;

	if (sa->state != IKE_SA_ESTABLISHED)
		return;
	/* whatever is under way comes to an end */
	if (ike_window_rekeys_ike(sa) || ike_reauth_replaces(sa)) {
		ike_set_timer(ike, &sa->lifetime, 1000);
		return;
	}
	if (ike_now(ike) >= sa->ends_at) {
		ike_sa_log(sa, IKE_LEVEL_ERROR, "reached its lifetime");
		error_free(ike_delete_begin(sa));
		return;
	}
	left = sa->ends_at - ike_now(ike);
	if (sa->connection->model.reauth)
		error_free(ike_reauth_begin(sa));
	else
		error_free(ike_rekey_begin(sa));
	/* should nothing come of it, there is time for another try */
	wait = ike_spread(ike, 3000, 6000);
	ike_set_timer(ike, &sa->lifetime, wait < left ? wait : left);
}

static void expire_children_later(struct ike_timer *timer)
{
	struct ike_sa *sa = list_entry(timer, struct ike_sa, children_later);

	if (sa->state != IKE_SA_ESTABLISHED)
		return;
	ike_sa_begin_children(sa);
	ike_reauth_probe(sa);
	ike_reauth_advance(sa);
}

static void expire_doom(struct ike_timer *timer)
{
	struct ike_sa *sa = list_entry(timer, struct ike_sa, doom);

	if (sa->state != IKE_SA_CONNECTING)
		ike_sa_kill_quietly(sa);
	else if (ike_signature_is_awaited(sa))
		ike_sa_fail(sa, error_refused(0, "our signature was not made in time"));
	else
		ike_sa_fail(sa, error_refused(0, "the peer did not prove who it is in time"));
}

/**
 * ike_sa_create - make an IKE SA
 * @ike: the engine
 * @path: where messages go
 * @initiator: we begin it; it has our SPI then
 *
 * Return: the IKE SA, NULL if there is no memory or no randomness.
 */
struct ike_sa *ike_sa_create(struct ike *ike, const struct ike_path *path,
			     bool initiator)
{
	struct ike_sa *sa = calloc(1, sizeof(*sa));
	struct error *error;

	if (!sa)
		return NULL;
	sa->ike = ike;
	sa->serial = ike_serial(ike);
	sa->state = IKE_SA_CONNECTING;
	sa->initiator = initiator;
	sa->path = *path;
	sa->began = ike_now(ike);
	sa->heard = sa->began;
	sa->asked = sa->began;
	sa->children_later.expire = expire_children_later;
	sa->lifetime.expire = expire_lifetime;
	sa->liveness.expire = ike_liveness_expire;
	sa->keepalive.expire = ike_natd_expire;
	sa->doom.expire = expire_doom;
	sa->window.timer.expire = ike_window_expire;
	list_init(&sa->window.queue);
	list_init(&sa->children);
	list_init(&sa->takes);
	list_init(&sa->bucket);
	list_init(&sa->init_bucket);
	if (initiator) {
		error = choose_spi(sa, &sa->spi_i);
		if (error) {
			error_free(error);
			free(sa);
			return NULL;
		}
	}
	list_append(&ike->sas, &sa->link);
	return sa;
}

/**
 * ike_sa_set_responder_spi - choose our SPI as a responder
 * @sa: the IKE SA
 *
 * Return: NULL, or why there is none.
 */
struct error *ike_sa_set_responder_spi(struct ike_sa *sa)
{
	return choose_spi(sa, &sa->spi_r);
}

/**
 * ike_sa_find - find the IKE SA that a message belongs to
 * @ike: the engine
 * @header: of the message
 *
 * Return: the IKE SA, NULL if there is none.
 */
struct ike_sa *ike_sa_find(struct ike *ike, const struct wire_header *header)
{
	struct ike_sa *sa;

	/* the sender says whether it is the initiator; we are the other then */
	if (header->initiator) {
		sa = find_spi(ike, header->spi_r, false);
		return sa && sa->spi_i == header->spi_i ? sa : NULL;
	}
	sa = find_spi(ike, header->spi_i, true);
	if (!sa || (sa->spi_r && sa->spi_r != header->spi_r))
		return NULL;
	return sa;
}

/* FNV-1a. Nobody knows which addresses have the same one. */
static size_t hash_of(const struct ike *ike, const struct address *address)
{
	/* of IPv6 a host has 64 bits to itself */
	size_t length = address->length < 8 ? address->length : 8, i;
	uint64_t hash;

	memcpy(&hash, ike->cookie_secret, sizeof(hash));
	for (i = 0; i < length; i++)
		hash = (hash ^ address->bytes[i]) * 0x100000001b3;
	return (hash >> 32) % IKE_BUCKETS;
}

/**
 * ike_sa_half_open - a peer has begun an IKE SA
 * @sa: the IKE SA, which has SPIs; it ends if the peer doesn't go on
 */
void ike_sa_half_open(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	list_append(&ike->init_buckets[sa->spi_i % IKE_BUCKETS],
		    &sa->init_bucket);
	ike->half_open++;
	sa->init_from = hash_of(ike, &sa->path.remote.address);
	ike->half_open_from[sa->init_from]++;
	ike_set_timer(ike, &sa->doom, HALF_OPEN_TIME * 1000);
}

static void end_half_open(struct ike_sa *sa)
{
	if (list_empty(&sa->init_bucket))
		return;
	list_remove(&sa->init_bucket);
	sa->ike->half_open--;
	sa->ike->half_open_from[sa->init_from]--;
}

/*
 * The peer that has begun it is not who it says, and somebody else may begin one instead.
 * There are no more of these than half-open ones; with more, nobody is told again.
 */
static bool note_refusal(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	if (list_empty(&sa->init_bucket))
		return true;
	end_half_open(sa);
	if (ike->refused >= ike->config.half_open_max)
		return false;
	sa->refused = true;
	ike->refused++;
	return true;
}

static void forget_refusal(struct ike_sa *sa)
{
	sa->ike->refused -= sa->refused;
	sa->refused = false;
}

/**
 * ike_sa_find_half_open - find the IKE SA that a first request has made
 * @ike: the engine
 * @spi_i: SPI of the initiator
 * @path: where it came from
 *
 * Return: the IKE SA, NULL if there is none.
 */
struct ike_sa *ike_sa_find_half_open(struct ike *ike, uint64_t spi_i,
				     const struct ike_path *path)
{
	struct list *link, *following;
	struct ike_sa *sa;

	list_for_each(link, following, &ike->init_buckets[spi_i % IKE_BUCKETS]) {
		sa = list_entry(link, struct ike_sa, init_bucket);
		if (sa->spi_i == spi_i &&
		    !memcmp(&sa->path.remote.address, &path->remote.address,
			    sizeof(path->remote.address)) &&
		    sa->path.remote.port == path->remote.port)
			return sa;
	}
	return NULL;
}

/**
 * ike_sa_count_half_open - how many IKE SAs an address has begun and not gone on with
 * @ike: the engine
 * @from: the address
 *
 * Return: their number; perhaps with those of a few other addresses.
 */
uint32_t ike_sa_count_half_open(const struct ike *ike,
				const struct address *from)
{
	return ike->half_open_from[hash_of(ike, from)];
}

/**
 * ike_sa_patience - how long a peer may stay silent
 * @sa: the IKE SA
 *
 * Return: milliseconds.
 */
uint32_t ike_sa_patience(const struct ike_sa *sa)
{
	uint32_t seconds = 0;

	if (sa->connection)
		seconds = sa->connection->model.timeout;
	return (seconds ? seconds : DEFAULT_TIMEOUT) * 1000;
}

/**
 * ike_sa_retransmit - when a request is sent again
 * @sa: the IKE SA
 *
 * Return: milliseconds, doubled each time.
 */
uint32_t ike_sa_retransmit(const struct ike_sa *sa)
{
	uint32_t wait = 0;

	if (sa->connection)
		wait = sa->connection->model.retransmit;
	return wait ? wait : sa->ike->config.retransmit;
}

/**
 * ike_sa_schedule - set the timers of an IKE SA that is there
 * @sa: the IKE SA
 */
void ike_sa_schedule(struct ike_sa *sa)
{
	const struct ike_model *model = &sa->connection->model;
	uint64_t lifetime = model->lifetime * 1000ULL;
	uint64_t margin = model->margin * 1000ULL;
	struct ike *ike = sa->ike;

	if (margin > lifetime / 2)
		margin = lifetime / 2;
	sa->ends_at = ike_now(ike) + lifetime;
	if (lifetime && model->no_rekey)
		ike_set_timer(ike, &sa->lifetime, lifetime);
	else if (lifetime)
		ike_set_timer(ike, &sa->lifetime,
			      ike_spread(ike, lifetime - margin,
					 lifetime - margin / 2));
	ike_liveness_schedule(sa);
	ike_natd_schedule(sa);
}

static void stop_schedule(struct ike_sa *sa)
{
	struct ike_timers *timers = &sa->ike->timers;

	ike_timer_stop(timers, &sa->lifetime);
	ike_timer_stop(timers, &sa->liveness);
	ike_timer_stop(timers, &sa->keepalive);
}

/* Is a child of a connection to be made in an IKE SA, and not there? */
static bool lacks(struct ike_sa *sa, const struct ike_connection *connection,
		  uint16_t child)
{
	const struct ike_child_model *model = &connection->model.children[child];

	if (ike_child_find_model(sa, model) ||
	    ike_create_child_is_begun(sa, model))
		return false;
	if (ike_reauth_takes(sa, connection) & 1u << child)
		return true;
	if (!(connection->wanted & 1u << child))
		return false;
	/* where several are shared, one is enough */
	return connection == sa->connection ||
	       !ike_child_find_any(sa->ike, model);
}

/**
 * ike_sa_begin_children_of - begin the child SAs of a connection that are wanted and
 *	not there
 * @sa: the IKE SA
 * @connection: the connection, which it serves
 */
void ike_sa_begin_children_of(struct ike_sa *sa,
			      struct ike_connection *connection)
{
	const struct ike_model *model = &connection->model;
	struct error *error;
	uint16_t i;

	if (ike_reauth_replaces(sa))
		return;
	for (i = 0; i < model->child_count; i++) {
		if (!lacks(sa, connection, i))
			continue;
		error = ike_create_child_begin(sa, connection,
					       &model->children[i], NULL);
		if (error)
			ike_sa_log(sa, IKE_LEVEL_ERROR, "%s: %s",
				   model->children[i].name, error->sentence);
		error_free(error);
	}
}

/**
 * ike_sa_begin_children - the same for all connections that it serves
 * @sa: the IKE SA
 */
void ike_sa_begin_children(struct ike_sa *sa)
{
	struct ike_connection *connection = NULL;

	while ((connection = ike_share_next(sa, connection)))
		ike_sa_begin_children_of(sa, connection);
}

/**
 * ike_sa_try_children_later - the peer was too busy for a child SA
 * @sa: the IKE SA
 */
void ike_sa_try_children_later(struct ike_sa *sa)
{
	ike_set_timer(sa->ike, &sa->children_later,
		      ike_spread(sa->ike, 1000, 3000));
}

/* The peer was faster: what it hasn't answered to is not needed any more. */
static void drop_unanswered(struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_sa *other;

	list_for_each(link, following, &sa->ike->sas) {
		other = list_entry(link, struct ike_sa, link);
		if (ike_share_alike(other->connection, sa->connection) &&
		    other->initiator && other->state == IKE_SA_CONNECTING &&
		    !other->keys.prf && !other->replaces) {
			ike_sa_kill_quietly(other);
			return;
		}
	}
}

/* Whoever has waited for the IKE SA, or has a child SA there, has it now. */
static void tell_established(struct ike_sa *sa)
{
	struct ike_connection *connection = NULL;
	struct list *link, *following;

	sa->connection->joined = true;
	ike_sa_tell(sa, sa->connection, IKE_EVENT_ESTABLISHED, NULL);
	list_for_each(link, following, &sa->children)
		ike_share_join(list_entry(link, struct ike_child,
					  link)->connection, sa);
	while ((connection = ike_share_next(sa, connection))) {
		connection->failures = 0;
		connection->restart = false;
	}
}

static bool is_wanted_by_any(const struct ike_sa *sa)
{
	const struct ike_connection *connection = NULL;

	while ((connection = ike_share_next(sa, connection))) {
		if (connection->wanted)
			return true;
	}
	return false;
}

/*
 * Most likely the peer has begun because it wants the same, and is about to ask for the
 * rest. Libreswan 4.10 loses its way when both ask at the same time; before it asks, it
 * runs updown for its first child SA, which takes seconds where it is slow.
 */
static void leave_children_to_peer(struct ike_sa *sa)
{
	ike_set_timer(sa->ike, &sa->children_later,
		      ike_spread(sa->ike, 10000, 14000));
}

/**
 * ike_sa_established - both sides are authenticated
 * @sa: the IKE SA
 */
void ike_sa_established(struct ike_sa *sa)
{
	char text[IKE_ID_TEXT_SIZE];
	struct ike *ike = sa->ike;

	sa->state = IKE_SA_ESTABLISHED;
	end_half_open(sa);
	ike_timer_stop(&ike->timers, &sa->doom);
	sa->established = ike_now(ike);
	sa->origin = (struct ike_origin){
		.ours = sa->initiator, .spi = sa->spi_i,
		.began = sa->began, .established = sa->established,
	};
	ike_sa_schedule(sa);
	ike_sa_log(sa, IKE_LEVEL_INFO,
		   "%s established IKE SA; authenticated peer %s",
		   sa->initiator ? "initiator" : "responder",
		   ike_id_spell(&sa->peer_id, text));
	tell_established(sa);
	if (!sa->initiator)
		drop_unanswered(sa);
	ike_reauth_settle(sa);
	if (sa->initiator)
		ike_sa_begin_children(sa);
	else if (is_wanted_by_any(sa))
		leave_children_to_peer(sa);
	ike_share_settle(sa->connection, "it is not wanted any more");
}

/**
 * ike_sa_end_handshake - forget what was needed for authentication
 * @sa: the IKE SA
 */
void ike_sa_end_handshake(struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;

	if (!handshake)
		return;
	crypto_dh_destroy(handshake->dh);
	ike_datagram_free(handshake->init_i);
	ike_datagram_free(handshake->init_r);
	ike_datagram_free(handshake->request);
	free(handshake->signature);
	explicit_bzero(handshake, sizeof(*handshake));
	free(handshake);
	sa->handshake = NULL;
}

static void end_children(struct ike_sa *sa, const char *why)
{
	while (!list_empty(&sa->children))
		ike_child_end(list_entry(sa->children.next, struct ike_child,
					 link), why);
}

/* Nothing is left of it but its keys and its last response. */
static void strip(struct ike_sa *sa, const char *why)
{
	struct ike *ike = sa->ike;

	ike_window_clear(sa);
	end_children(sa, why);
	ike_reauth_forget(sa);
	ike_sa_end_handshake(sa);
	if (sa->rival_of)
		ike_window_forget_sa(sa->rival_of, sa);
	sa->rival_of = NULL;
	ike_timer_stop(&ike->timers, &sa->children_later);
	stop_schedule(sa);
	ike_instance_leave(sa);
}

/* Nobody finds it any more. */
static void bury(struct ike_sa *sa, const char *why)
{
	struct ike *ike = sa->ike;

	end_half_open(sa);
	forget_refusal(sa);
	sa->state = IKE_SA_DEAD;
	strip(sa, why);
	ike_datagram_free(sa->window.response);
	sa->window.response = NULL;
	ike_fragment_forget(sa);
	ike_timer_stop(&ike->timers, &sa->doom);
	ike_keys_wipe(&sa->keys);
	list_remove(&sa->bucket);
	list_remove(&sa->link);
	list_append(&ike->dead, &sa->link);
}

static bool was_there(const struct ike_sa *sa)
{
	return sa->connection && !sa->rival_of &&
	       (sa->state == IKE_SA_ESTABLISHED ||
		sa->state == IKE_SA_DELETING);
}

/* Is a connection to stay up, and a child of it isn't? */
static bool has_lost_any(const struct ike_connection *connection)
{
	uint16_t i;

	for (i = 0; connection->keep && i < connection->model.child_count;
	     i++) {
		if (connection->wanted & 1u << i && !connection->installed[i])
			return true;
	}
	return false;
}

/* An IKE SA has ended, and there is another one for those that it served. */
static void go_on(struct ike_sa *sa, struct ike_sa *other, const char *why)
{
	struct ike_connection *connection = NULL;

	while ((connection = ike_share_next(sa, connection))) {
		if (has_lost_any(connection))
			ike_sa_try_children_later(other);
		ike_share_settle(connection, why);
	}
}

/* Does a connection suffer if an IKE SA that serves it ends? */
static bool is_concerned(const struct ike_sa *sa,
			 const struct ike_connection *connection)
{
	return connection == sa->connection || connection->joined ||
	       connection->wanted;
}

static void tell_down(struct ike_sa *sa, const char *why)
{
	struct ike_sa *other = ike_share_other_sa(sa->connection, sa);
	struct ike_connection *connection = NULL;

	if (other) {
		ike_reauth_ended(sa);
		go_on(sa, other, why);
		return;
	}
	while ((connection = ike_share_next(sa, connection))) {
		if (!is_concerned(sa, connection))
			continue;
		connection->joined = false;
		ike_sa_tell(sa, connection, IKE_EVENT_DOWN, why);
		ike_connection_retry(connection);
	}
}

/* No IKE SA could be made for those who want one. */
static void tell_failed(struct ike_sa *sa, const char *why)
{
	struct ike_sa *other = ike_share_other_sa(sa->connection, sa);
	struct ike_connection *connection = NULL;

	/* one that failed to replace another one is no loss */
	if (other && !sa->replaces)
		ike_sa_try_children_later(other);
	while (!other && (connection = ike_share_next(sa, connection))) {
		if (connection != sa->connection && !connection->wanted)
			continue;
		connection->failures++;
		connection->joined = false;
		ike_sa_tell(sa, connection, IKE_EVENT_FAILED, why);
		ike_connection_retry(connection);
	}
}

/**
 * ike_sa_kill_quietly - end an IKE SA that nobody will miss
 * @sa: the IKE SA; it may be dead already
 */
void ike_sa_kill_quietly(struct ike_sa *sa)
{
	if (sa->state != IKE_SA_DEAD)
		bury(sa, "its IKE SA has ended");
}

/**
 * ike_sa_kill - end an IKE SA with all its children
 * @sa: the IKE SA; it may be dead already
 * @why: in words
 */
void ike_sa_kill(struct ike_sa *sa, const char *why)
{
	bool known;

	if (sa->state == IKE_SA_DEAD)
		return;
	ike_rekey_resolve(sa);
	known = was_there(sa);
	bury(sa, why);
	if (known)
		tell_down(sa, why);
}

/**
 * ike_sa_end - the same, but should the peer ask again, answer again
 * @sa: the IKE SA, which has just answered
 * @why: in words
 */
void ike_sa_end(struct ike_sa *sa, const char *why)
{
	bool known;

	if (sa->state == IKE_SA_DEAD)
		return;
	ike_rekey_resolve(sa);
	if (!note_refusal(sa)) {
		ike_sa_kill_quietly(sa);
		return;
	}
	known = was_there(sa);
	sa->state = IKE_SA_ENDED;
	strip(sa, why);
	ike_set_timer(sa->ike, &sa->doom, ANSWER_TIME * 1000);
	if (known)
		tell_down(sa, why);
}

/**
 * ike_sa_fail - an IKE SA cannot be, or not any longer
 * @sa: the IKE SA
 * @error: why; freed
 */
void ike_sa_fail(struct ike_sa *sa, struct error *error)
{
	ike_sa_log(sa, sa->initiator ? IKE_LEVEL_ERROR : IKE_LEVEL_PEER, "%s",
		   error->sentence);
	if (sa->state != IKE_SA_CONNECTING) {
		ike_sa_kill(sa, error->sentence);
	} else {
		bury(sa, error->sentence);
		if (sa->initiator)
			tell_failed(sa, error->sentence);
	}
	error_free(error);
}

/**
 * ike_sa_peer_dead - the peer doesn't answer any more
 * @sa: the IKE SA
 * @error: in words; freed
 */
void ike_sa_peer_dead(struct ike_sa *sa, struct error *error)
{
	struct ike_connection *connection = NULL;

	if (sa->state != IKE_SA_CONNECTING && sa->connection &&
	    !sa->rival_of && !ike_share_other_sa(sa->connection, sa)) {
		while ((connection = ike_share_next(sa, connection))) {
			if (!is_concerned(sa, connection))
				continue;
			ike_sa_tell(sa, connection, IKE_EVENT_PEER_DEAD,
				    error->sentence);
			ike_connection_peer_dead(connection);
		}
	}
	ike_sa_fail(sa, error);
}

/**
 * ike_sa_doom - let an IKE SA end by itself, if the peer doesn't end it
 * @sa: the IKE SA
 */
void ike_sa_doom(struct ike_sa *sa)
{
	ike_set_timer(sa->ike, &sa->doom, ike_sa_patience(sa));
}

/**
 * ike_sa_inherit - one IKE SA takes over from another
 * @old: the IKE SA that was rekeyed
 * @new: the one that rekeying has made
 */
void ike_sa_inherit(struct ike_sa *old, struct ike_sa *new)
{
	struct ike *ike = old->ike;
	struct ike_exchange *exchange;
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &old->children) {
		child = list_entry(link, struct ike_child, link);
		child->sa = new;
		list_remove(link);
		list_append(&new->children, link);
	}
	list_for_each(link, following, &old->window.queue) {
		exchange = list_entry(link, struct ike_exchange, link);
		if (exchange->kind->rekeys_ike)
			continue;
		exchange->sa = new;
		list_remove(link);
		list_append(&new->window.queue, link);
	}
	if (old->children_later.running)
		ike_sa_try_children_later(new);
	ike_timer_stop(&ike->timers, &old->children_later);
	stop_schedule(old);
	/* the peer may have moved since the exchange began */
	new->path = old->path;
	new->connection = old->connection;
	old->successor = new->initiator ? new->spi_i : new->spi_r;
	if (old->state < IKE_SA_ENDED) {
		old->state = IKE_SA_REKEYED;
		ike_sa_doom(old);
	}
	if (new->state == IKE_SA_LARVAL)
		new->state = IKE_SA_ESTABLISHED;
	new->rival_of = NULL;
	ike_reauth_rekeyed(old, new);
	new->established = ike_now(ike);
	ike_sa_schedule(new);
	ike_sa_log(new, IKE_LEVEL_INFO, "established IKE SA; takes over from #%llu",
		   (unsigned long long)old->serial);
	ike_window_advance(new);
}

/**
 * ike_reap - free the IKE SAs that have ended, and instances that had no other
 * @ike: the engine, about to return
 */
void ike_reap(struct ike *ike)
{
	struct ike_sa *sa;

	ike_instance_reap(ike);
	while (!list_empty(&ike->dead)) {
		sa = list_entry(ike->dead.next, struct ike_sa, link);
		list_remove(&sa->link);
		explicit_bzero(sa, sizeof(*sa));
		free(sa);
	}
}
