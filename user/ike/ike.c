// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine as its user sees it: making it, feeding it, and what is asked of
 * its connections.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/auth.h"
#include "ike/child.h"
#include "ike/exchange.h"
#include "lib/iana.h"

/* Milliseconds before a connection that failed is tried again */
#define RETRY_MIN 5000
#define RETRY_MAX 15000

const struct ike_config ike_config_default = {
	.retransmit = 500,
	.half_open_cookies = 128,
	.half_open_max = 1024,
	.fragment_size = 1200,
};

/**
 * ike_now - what time it is
 * @ike: the engine
 *
 * Return: milliseconds.
 */
uint64_t ike_now(const struct ike *ike)
{
	return ike->ops->now(ike->context);
}

/**
 * ike_set_timer - set a timer
 * @ike: the engine
 * @timer: the timer
 * @wait: milliseconds from now
 */
void ike_set_timer(struct ike *ike, struct ike_timer *timer, uint64_t wait)
{
	ike_timer_set(&ike->timers, timer, ike_now(ike) + wait);
}

/**
 * ike_spread - somewhere in a range, so that two sides don't do the same at the
 *	same time
 * @ike: the engine
 * @from: the least
 * @to: the most
 *
 * Return: a number in that range.
 */
uint64_t ike_spread(struct ike *ike, uint64_t from, uint64_t to)
{
	uint64_t random = 0;

	/* without randomness it is somewhere all the same */
	error_free(ike->ops->random(ike->context, &random, sizeof(random)));
	return from + random % (to - from + 1);
}

/**
 * ike_serial - number an IKE SA or a child SA
 * @ike: the engine
 *
 * Return: the next number of the one sequence that both have.
 */
uint64_t ike_serial(struct ike *ike)
{
	return ++ike->serial;
}

/**
 * ike_create - make an engine
 * @ops: the world; there as long as the engine
 * @context: for @ops
 * @config: how to behave
 * @ike: set to the engine, to be ended with ike_destroy()
 *
 * Return: NULL, or why there is none.
 */
struct error *ike_create(const struct ike_ops *ops, void *context,
			 const struct ike_config *config, struct ike **ike)
{
	struct ike *created = calloc(1, sizeof(*created));
	struct error *error;
	size_t i;

	if (!created)
		return error_no_memory();
	created->ops = ops;
	created->context = context;
	created->config = *config;
	list_init(&created->connections);
	list_init(&created->sas);
	list_init(&created->dead);
	for (i = 0; i < IKE_BUCKETS; i++) {
		list_init(&created->buckets[i]);
		list_init(&created->init_buckets[i]);
	}
	error = ops->random(context, created->cookie_secret,
			    sizeof(created->cookie_secret));
	if (error)
		free(created);
	else
		*ike = created;
	return error;
}

static void connection_free(struct ike_connection *connection)
{
	ike_timer_stop(&connection->ike->timers, &connection->retry);
	list_remove(&connection->link);
	free(connection);
}

/**
 * ike_destroy - end an engine without telling any peer
 * @ike: the engine, or NULL
 */
void ike_destroy(struct ike *ike)
{
	struct list *list;

	if (!ike)
		return;
	list = &ike->connections;
	while (!list_empty(&ike->sas))
		ike_sa_kill_quietly(list_entry(ike->sas.next, struct ike_sa,
					       link));
	ike_reap(ike);
	while (!list_empty(list))
		connection_free(list_entry(list->next, struct ike_connection,
					   link));
	explicit_bzero(ike, sizeof(*ike));
	free(ike);
}

static void receive_malformed(struct ike_sa *sa, const struct ike_path *path,
			      const struct wire_header *header,
			      enum wire_reason reason)
{
	struct ike *ike = sa->ike;

	ike_sa_log(sa, IKE_LEVEL_PEER, "malformed message: %s",
		   wire_reason_sentence(reason));
	if (reason == WIRE_REASON_CRITICAL) {
		ike_window_refuse(sa, path, header,
				  IANA_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD,
				  bytes_of(&ike->payloads.critical, 1));
		return;
	}
	/* RFC 7296, 2.21: nothing can be relied on any more */
	ike_window_refuse(sa, path, header, IANA_NOTIFY_INVALID_SYNTAX,
			  bytes_of(NULL, 0));
	ike_sa_kill(sa, "the peer sent a message that makes no sense");
}

static void receive_init(struct ike *ike, const struct ike_path *path,
			 const struct wire_header *header,
			 struct bytes datagram)
{
	struct bytes chain = bytes_of(datagram.data + WIRE_HEADER_SIZE,
				      datagram.length - WIRE_HEADER_SIZE);
	enum wire_reason reason;
	struct ike_sa *sa;

	reason = wire_decode_payloads(header->next_payload, chain, false,
				      &ike->payloads);
	if (reason) {
		ike->counters.malformed[reason]++;
		return;
	}
	if (!header->response) {
		ike_init_respond(ike, path, header, datagram);
		return;
	}
	sa = ike_sa_find(ike, header);
	if (!sa || sa->keys.prf) {
		ike->counters.unexpected_response++;
		return;
	}
	/* not authentic: it says nothing about the peer being there */
	sa->handshake->init_r = ike_datagram_create(datagram.data,
						    datagram.length);
	sa->spi_r = header->spi_r;
	if (!sa->handshake->init_r)
		return;
	ike_window_receive(sa, path, header, &ike->payloads);
	if (sa->state != IKE_SA_DEAD && !sa->keys.prf) {
		ike_datagram_free(sa->handshake->init_r);
		sa->handshake->init_r = NULL;
		sa->spi_r = 0;
	}
}

static void receive(struct ike *ike, const struct ike_path *path,
		    struct bytes datagram)
{
	struct wire_header header;
	enum wire_reason reason;
	struct ike_sa *sa;

	reason = wire_decode_header(datagram, &header);
	if (reason) {
		ike->counters.malformed[reason]++;
		return;
	}
	if (header.exchange == IANA_EXCHANGE_IKE_SA_INIT) {
		receive_init(ike, path, &header, datagram);
		return;
	}
	sa = ike_sa_find(ike, &header);
	if (!sa) {
		ike->counters.unknown_spi++;
		return;
	}
	/* nothing but IKE_SA_INIT comes before there are keys */
	if (!sa->keys.prf) {
		ike->counters.unexpected_exchange++;
		return;
	}
	if (!ike_message_open(sa, &header, datagram, &reason))
		return;
	if (reason)
		receive_malformed(sa, path, &header, reason);
	else
		ike_window_receive(sa, path, &header, &ike->payloads);
}

/**
 * ike_receive - a datagram has come
 * @ike: the engine
 * @path: the way it took
 * @datagram: the datagram, without a non-ESP marker
 */
void ike_receive(struct ike *ike, const struct ike_path *path,
		 struct bytes datagram)
{
	ike->counters.received++;
	/* RFC 3948, 4: it has done its work on the way */
	if (datagram.length == 1 && datagram.data[0] == 0xff) {
		ike->counters.keepalives++;
		return;
	}
	if (datagram.length > sizeof(ike->received)) {
		ike->counters.malformed[WIRE_REASON_LENGTH]++;
		return;
	}
	if (datagram.length)
		memcpy(ike->received, datagram.data, datagram.length);
	receive(ike, path, bytes_of(ike->received, datagram.length));
	ike_reap(ike);
}

/**
 * ike_signed - a signature was made, or could not be
 * @ike: the engine
 * @token: as the sign operation got it
 * @signature: the signature, if there is no error
 * @error: why there is none, or NULL; freed
 */
void ike_signed(struct ike *ike, uint64_t token, struct bytes signature,
		struct error *error)
{
	struct ike_sa *sa = ike_sa_find_ours(ike, token);

	if (sa && ike_signature_is_awaited(sa)) {
		ike_auth_signed(sa, signature, error);
	} else {
		ike->counters.signature_late++;
		error_free(error);
	}
	ike_reap(ike);
}

/**
 * ike_deadline - when the engine wants to run again
 * @ike: the engine
 *
 * Return: when, by its clock; IKE_NEVER if only a datagram can make it.
 */
uint64_t ike_deadline(const struct ike *ike)
{
	return ike->timers.first ? ike->timers.first->deadline : IKE_NEVER;
}

/**
 * ike_tick - time has passed
 * @ike: the engine
 */
void ike_tick(struct ike *ike)
{
	uint64_t now = ike_now(ike);
	struct ike_timer *timer;

	while ((timer = ike_timers_take(&ike->timers, now)))
		timer->expire(timer);
	ike_reap(ike);
}

static struct ike_connection *find_connection(struct ike *ike,
					      const char *name)
{
	struct list *link, *following;
	struct ike_connection *connection;

	list_for_each(link, following, &ike->connections) {
		connection = list_entry(link, struct ike_connection, link);
		if (!strcmp(connection->model.name, name))
			return connection;
	}
	return NULL;
}

static bool endpoint_matches(const struct ike_endpoint *model,
			     const struct ike_endpoint *endpoint)
{
	return address_is_unspecified(&model->address) ||
	       (model->address.length == endpoint->address.length &&
		!memcmp(model->address.bytes, endpoint->address.bytes,
			model->address.length));
}

/**
 * ike_connection_is_on - may a peer on this path mean this connection
 * @connection: the connection
 * @path: where the peer is, and which of our addresses it uses
 *
 * Return: whether it may.
 */
bool ike_connection_is_on(const struct ike_connection *connection,
			  const struct ike_path *path)
{
	return endpoint_matches(&connection->model.path.local, &path->local) &&
	       endpoint_matches(&connection->model.path.remote, &path->remote);
}

/**
 * ike_connection_has_sa - has a connection an IKE SA
 * @connection: the connection
 * @beside: other than this one
 *
 * Return: whether another one is established.
 */
bool ike_connection_has_sa(const struct ike_connection *connection,
			   const struct ike_sa *beside)
{
	const struct ike_sa *sa;
	const struct list *link;

	for (link = connection->ike->sas.next; link != &connection->ike->sas;
	     link = link->next) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa != beside && sa->connection == connection &&
		    sa->state == IKE_SA_ESTABLISHED)
			return true;
	}
	return false;
}

/* The IKE SA that a connection works with, NULL if it has none. */
static struct ike_sa *find_sa(struct ike_connection *connection)
{
	struct list *link, *following;
	struct ike_sa *sa;

	list_for_each(link, following, &connection->ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->connection == connection && !sa->rival_of &&
		    (sa->state == IKE_SA_ESTABLISHED ||
		     (sa->state == IKE_SA_CONNECTING && sa->initiator)))
			return sa;
	}
	return NULL;
}

static struct error *no_connection(const char *name)
{
	return error_refused(0, "there is no connection \"%s\"", name);
}

/* Finds a child by name; index -1 if @name is NULL. */
static struct error *find_child(struct ike_connection *connection,
				const char *name, int *index)
{
	uint16_t i;

	*index = -1;
	if (!name)
		return NULL;
	for (i = 0; i < connection->model.child_count; i++) {
		if (!strcmp(connection->model.children[i].name, name)) {
			*index = i;
			return NULL;
		}
	}
	return error_refused(0, "connection \"%s\" has no child \"%s\"",
			     connection->model.name, name);
}

static void expire_retry(struct ike_timer *timer)
{
	struct ike_connection *connection;

	connection = list_entry(timer, struct ike_connection, retry);
	if (connection->wanted && !find_sa(connection))
		ike_connection_connect(connection);
}

/**
 * ike_connection_retry - try a connection again, if it is to stay up
 * @connection: the connection, which has just lost its IKE SA
 */
void ike_connection_retry(struct ike_connection *connection)
{
	struct ike *ike = connection->ike;

	if (!connection->wanted || !connection->model.stay)
		return;
	ike_set_timer(ike, &connection->retry,
		      ike_spread(ike, RETRY_MIN, RETRY_MAX));
}

/**
 * ike_connection_connect - begin an IKE SA with the children that are wanted
 * @connection: the connection, which has none
 */
void ike_connection_connect(struct ike_connection *connection)
{
	struct ike *ike = connection->ike;
	struct error *error;
	struct ike_sa *sa;

	sa = ike_sa_create(ike, &connection->model.path, true);
	if (!sa) {
		ike_connection_retry(connection);
		return;
	}
	sa->connection = connection;
	error = ike_init_begin(sa);
	if (error)
		ike_sa_fail(sa, error);
}

/**
 * ike_add - add a connection
 * @ike: the engine
 * @model: what it is to be; copied
 *
 * Return: NULL, or why it cannot be.
 */
struct error *ike_add(struct ike *ike, const struct ike_model *model)
{
	struct ike_connection *connection;

	if (find_connection(ike, model->name))
		return error_refused(0, "there is a connection \"%s\" already",
				     model->name);
	if (!model->child_count || model->child_count > IKE_CHILDREN_MAX)
		return error_refused(0, "a connection has 1 to %d children, not %u",
				     IKE_CHILDREN_MAX, model->child_count);
	connection = calloc(1, sizeof(*connection));
	if (!connection)
		return error_no_memory();
	connection->ike = ike;
	connection->model = *model;
	connection->retry.expire = expire_retry;
	list_append(&ike->connections, &connection->link);
	return NULL;
}

/**
 * ike_remove - end a connection and forget it
 * @ike: the engine
 * @connection: its name
 *
 * Its IKE SAs end at once; the peers are told, and not asked again.
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_remove(struct ike *ike, const char *connection)
{
	struct ike_connection *found = find_connection(ike, connection);
	struct list *link, *following;
	struct ike_sa *sa;

	if (!found)
		return no_connection(connection);
	found->wanted = 0;
	list_for_each(link, following, &ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->connection != found)
			continue;
		if (sa->state == IKE_SA_ESTABLISHED)
			error_free(ike_delete_begin(sa));
		ike_sa_kill(sa, "the connection was removed");
		/* others may have gone with it */
		following = ike->sas.next;
	}
	ike_reap(ike);
	connection_free(found);
	return NULL;
}

/**
 * ike_up - bring up a connection
 * @ike: the engine
 * @connection: its name
 * @child: of which child SA; NULL = all of them
 *
 * Return: NULL, or why it cannot even be tried.
 */
struct error *ike_up(struct ike *ike, const char *connection, const char *child)
{
	struct ike_connection *found = find_connection(ike, connection);
	struct error *error;
	struct ike_sa *sa;
	int index;

	if (!found)
		return no_connection(connection);
	error = find_child(found, child, &index);
	if (error)
		return error;
	found->wanted |= index < 0 ? (1u << found->model.child_count) - 1 :
				     1u << index;
	sa = find_sa(found);
	if (!sa)
		ike_connection_connect(found);
	else if (sa->state == IKE_SA_ESTABLISHED)
		ike_sa_begin_children(sa);
	ike_reap(ike);
	return NULL;
}

static void child_down(struct ike_sa *sa, const struct ike_child_model *model)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->model == model && child->state == IKE_CHILD_UP)
			error_free(ike_delete_child_begin(child));
	}
}

/**
 * ike_down - bring down a connection
 * @ike: the engine
 * @connection: its name
 * @child: of which child SA; NULL = all of it
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_down(struct ike *ike, const char *connection,
		       const char *child)
{
	struct ike_connection *found = find_connection(ike, connection);
	struct list *link, *following;
	struct error *error;
	struct ike_sa *sa;
	int index;

	if (!found)
		return no_connection(connection);
	error = find_child(found, child, &index);
	if (error)
		return error;
	found->wanted &= index < 0 ? 0 : ~(1u << index);
	list_for_each(link, following, &ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->connection != found)
			continue;
		if (sa->state == IKE_SA_CONNECTING && index < 0)
			ike_sa_kill_quietly(sa);
		else if (sa->state == IKE_SA_ESTABLISHED && index < 0)
			error_free(ike_delete_begin(sa));
		else if (sa->state == IKE_SA_ESTABLISHED)
			child_down(sa, &found->model.children[index]);
	}
	ike_reap(ike);
	return NULL;
}

/**
 * ike_rekey - replace keys before their time
 * @ike: the engine
 * @connection: its name
 * @child: of which child SA; NULL = of the IKE SA
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_rekey(struct ike *ike, const char *connection,
			const char *child)
{
	struct ike_connection *found = find_connection(ike, connection);
	struct ike_child *old;
	struct error *error;
	struct ike_sa *sa;
	int index;

	if (!found)
		return no_connection(connection);
	error = find_child(found, child, &index);
	if (error)
		return error;
	sa = find_sa(found);
	if (!sa || sa->state != IKE_SA_ESTABLISHED)
		return error_refused(0, "connection \"%s\" is not up",
				     connection);
	if (index < 0)
		return ike_rekey_begin(sa);
	old = ike_child_find_model(sa, &found->model.children[index]);
	if (!old)
		return error_refused(0, "\"%s\" is not up", child);
	return ike_create_child_begin(sa, old->model, old);
}

/**
 * ike_counters - what has happened so far
 * @ike: the engine
 *
 * Return: the counters, which go on counting.
 */
const struct ike_counters *ike_counters(const struct ike *ike)
{
	return &ike->counters;
}

/**
 * ike_status - what an engine holds
 * @ike: the engine
 *
 * Return: how much of everything.
 */
struct ike_status ike_status(const struct ike *ike)
{
	struct ike_status status = { .half_open = ike->half_open };
	const struct list *link, *child;
	const struct ike_sa *sa;

	for (link = ike->sas.next; link != &ike->sas; link = link->next) {
		sa = list_entry(link, struct ike_sa, link);
		status.sas++;
		if (sa->state == IKE_SA_ESTABLISHED)
			status.established++;
		if (sa->window.current || !list_empty(&sa->window.queue) ||
		    ike_signature_is_awaited(sa))
			status.busy++;
		for (child = sa->children.next; child != &sa->children;
		     child = child->next)
			status.children++;
	}
	return status;
}
