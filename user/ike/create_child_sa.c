// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CREATE_CHILD_SA for child SAs (RFC 7296, 1.3.1 and 1.3.3): a new one, or one
 * that replaces another.
 *
 * Replacing never leaves a moment without an SA. Who answers has both, and
 * sends by the old one; who asked then has both and sends by the new one, and
 * deletes the old one; that makes the other send by the new one as well.
 *
 * If both replace the same child SA at the same time, there are two new ones.
 * The one made with the lowest of the four nonces goes, deleted by who asked
 * for it; the old one is deleted by who asked for the other (2.8.1).
 */
#include <stdlib.h>
#include <string.h>

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/proposal.h"
#include "ike/share.h"
#include "ike/ts.h"
#include "lib/iana.h"

#define ATTEMPTS_MAX 3
#define ENDED_MAX 8

/* A request that comes so long after ours, in milliseconds, may have crossed it */
#define CROSSING_TIME 20000

/**
 * struct create - an exchange that makes a child SA
 * @exchange: what it is part of
 * @connection: the connection that the child SA is to be of, NULL = it was removed
 * @model: what the child SA is to be
 * @replaces: it is to replace another one
 * @old: which; NULL if that has gone meanwhile
 * @child: the child SA, once the request is sent
 * @spi: of its inbound SA
 * @nonce: ours
 * @method: of the key exchange, IANA_KE_NONE = there is none
 * @dh: our half of it
 * @attempts: how often it was tried
 * @rival: what the peer replaced @old by meanwhile, NULL if it didn't
 * @rival_nonce: the lowest nonce that was made with
 * @ended: SPIs the peer has deleted meanwhile that we know nothing of: perhaps
 *	its answer to our request was overtaken
 * @ended_count: how many
 */
struct create {
	struct ike_exchange exchange;
	struct ike_connection *connection;
	const struct ike_child_model *model;
	bool replaces;
	struct ike_child *old;
	struct ike_child *child;
	uint32_t spi;
	struct ike_nonce nonce;
	uint16_t method;
	struct crypto_dh *dh;
	unsigned int attempts;
	struct ike_child *rival;
	struct ike_nonce rival_nonce;
	uint32_t ended[ENDED_MAX];
	uint16_t ended_count;
};

static struct create *create_of(struct ike_exchange *exchange)
{
	return list_entry(exchange, struct create, exchange);
}

static bool wanted(const struct ike_exchange *exchange)
{
	const struct create *create;
	struct ike_sa *sa = exchange->sa;

	create = (const struct create *)(const void *)exchange;
	if (sa->state != IKE_SA_ESTABLISHED || !create->connection)
		return false;
	if (create->replaces)
		return create->old && create->old->state == IKE_CHILD_UP &&
		       !create->old->successor;
	return !ike_child_find_model(sa, create->model) &&
	       !ike_reauth_replaces(sa);
}

static struct error *make_dh(struct create *create, uint16_t method)
{
	const struct crypto_group *group;

	crypto_dh_destroy(create->dh);
	create->dh = NULL;
	create->method = method;
	if (method == IANA_KE_NONE)
		return NULL;
	group = crypto_group_find(method);
	if (!group)
		return error_refused(0, "key exchange %u is none we have",
				     method);
	return crypto_dh_create(group, &create->dh);
}

static struct error *build(struct ike_exchange *exchange,
			   struct wire_writer *writer)
{
	struct create *create = create_of(exchange);
	struct ike_sa *sa = exchange->sa;
	struct ike *ike = sa->ike;
	const uint8_t *value;
	struct error *error;
	size_t length;

	error = ike_child_create(sa, create->connection, create->model,
				 &create->child);
	if (error)
		return error;
	create->spi = create->child->pair.spi_in;
	create->nonce.length = IKE_NONCE_SIZE;
	error = ike->ops->random(ike->context, create->nonce.data,
				 IKE_NONCE_SIZE);
	if (!error && !create->dh)
		error = make_dh(create, create->method);
	if (error)
		return error;
	if (create->old)
		wire_put_notify_about(writer, IANA_NOTIFY_REKEY_SA,
				      IANA_PROTOCOL_ESP,
				      create->old->pair.spi_in);
	ike_child_offer(create->child, writer, create->dh);
	wire_put_payload(writer, IANA_PAYLOAD_NONCE,
			 bytes_of(create->nonce.data, create->nonce.length));
	if (create->dh) {
		value = crypto_dh_public(create->dh, &length);
		wire_put_ke(writer, create->method, bytes_of(value, length));
	}
	ike_child_offer_ts(create->child, writer);
	return NULL;
}

static struct error *install(struct create *create,
			     const struct wire_payloads *payloads,
			     const struct ike_nonce *nonce_r, bool use)
{
	struct crypto_dh_secret secret = { 0 };
	struct ike_key_input input = {
		.nonce_i = &create->nonce,
		.nonce_r = nonce_r,
		.shared = create->dh ? &secret : NULL,
	};
	struct error *error = NULL;

	if (create->dh)
		error = crypto_dh_agree(create->dh, payloads->ke.data.data,
					payloads->ke.data.length, &secret);
	if (!error)
		error = ike_child_install(create->child, &input, true, use);
	crypto_dh_secret_wipe(&secret);
	return error;
}

static struct error *accept(struct create *create,
			    const struct wire_payloads *payloads)
{
	struct error *error;

	if (!wire_has(payloads, IANA_PAYLOAD_NONCE))
		return error_refused(0, "the response has no nonce");
	error = ike_child_accept(create->child, payloads, create->dh);
	if (error)
		return error;
	if (create->dh && (!wire_has(payloads, IANA_PAYLOAD_KE) ||
			   payloads->ke.method != create->method ||
			   create->child->pair.suite.ke != create->method))
		return error_refused(0, "the response lacks the key exchange");
	return NULL;
}

/* Has the peer deleted it before we knew of it? */
static bool has_ended(const struct create *create)
{
	uint16_t i;

	for (i = 0; i < create->ended_count; i++) {
		if (create->ended[i] == create->child->pair.spi_out)
			return true;
	}
	return false;
}

/* Is there nobody who wants it any more? */
static bool is_unwanted(const struct create *create)
{
	if (create->replaces)
		return create->old && create->old->state == IKE_CHILD_DELETING;
	return !ike_child_is_wanted(create->child);
}

/* Not if another IKE SA takes the place of this one, and has done so already. */
static bool may_take_over(const struct create *create)
{
	const struct ike_sa *sa = create->exchange.sa;

	if (create->old && create->old->in_use)
		return true;
	return (!create->old || create->old->postponed) &&
	       sa->state == IKE_SA_ESTABLISHED && !ike_reauth_replaces(sa);
}

/* Both have replaced the same child SA: is ours the one that goes? */
static bool loses(const struct create *create, const struct ike_nonce *nonce_r)
{
	const struct ike_nonce *ours = ike_nonce_lower(&create->nonce, nonce_r);

	return create->rival &&
	       ike_nonce_lower(ours, &create->rival_nonce) == ours;
}

/* The peer has made what nobody here knows any more. */
static void answer_removed(const struct create *create,
			   const struct wire_payloads *payloads)
{
	if (wire_has(payloads, IANA_PAYLOAD_SA))
		error_free(ike_delete_ended_begin(create->exchange.sa,
						  create->spi));
}

static void answer_success(struct create *create,
			   const struct wire_payloads *payloads)
{
	struct ike_child *child = create->child, *old = create->old;
	struct ike_nonce nonce_r;
	struct error *error;
	bool lost = false;

	error = accept(create, payloads);
	if (!error && has_ended(create)) {
		create->child = NULL;
		ike_child_ended_early(child);
		return;
	}
	if (!error) {
		ike_nonce_set(&nonce_r, payloads->nonce);
		lost = loses(create, &nonce_r) || is_unwanted(create);
		error = install(create, payloads, &nonce_r,
				!lost && may_take_over(create));
	}
	create->child = NULL;
	if (error) {
		ike_child_log(child, IKE_LEVEL_ERROR, "%s", error->sentence);
		error_free(error);
	}
	if (error || lost) {
		/* the peer has it */
		error_free(ike_delete_child_begin(child));
		return;
	}
	if (!create->replaces) {
		ike_child_tell_up(child);
		return;
	}
	if (!old) {
		if (!create->rival)
			ike_child_tell_up(child);
		return;
	}
	ike_child_log(child, IKE_LEVEL_INFO,
		      "initiator rekeyed Child SA #%llu",
		      (unsigned long long)old->pair.serial);
	old->successor = child;
	old->state = IKE_CHILD_REPLACED;
	old->in_use = false;
	error_free(ike_delete_child_begin(old));
}

/* The peer doesn't know the child SA that was to be replaced: make it anew. */
static void answer_not_found(struct create *create)
{
	struct ike_connection *connection = create->connection;
	struct ike_child *old = create->old;
	struct ike_sa *sa = create->exchange.sa;
	struct error *error = NULL;

	create->old = NULL;
	if (!old)
		return;
	ike_child_log(old, IKE_LEVEL_INFO,
		      "the peer doesn't have it any more");
	ike_child_end(old, "the peer doesn't have it any more");
	if (connection->wanted && connection->keep &&
	    !ike_child_find_model(sa, create->model))
		error = ike_create_child_begin(sa, connection, create->model,
					       NULL);
	error_free(error);
}

static struct error *enqueue(struct ike_sa *sa,
			     struct ike_connection *connection,
			     const struct ike_child_model *model,
			     struct ike_child *old, uint16_t method,
			     unsigned int attempts);

/* The peer wants another group; we try once more, with that. */
static struct error *answer_group(struct create *create, struct bytes data)
{
	const struct wire_sa *ours = &create->model->proposals;
	struct bytes_reader reader;
	uint16_t method;

	bytes_reader_init(&reader, data);
	method = bytes_take_u16(&reader);
	if (reader.failed || create->attempts >= ATTEMPTS_MAX ||
	    !ike_proposal_has(ours, IANA_TRANSFORM_KE, method))
		return error_refused(0, "INVALID_KE_PAYLOAD: the peer asks for a group that was not offered");
	return enqueue(create->exchange.sa, create->connection, create->model,
		       create->old, method, create->attempts + 1);
}

/* Does the peer take no child SA of this connection in this IKE SA? */
static bool is_turned_away(const struct create *create, uint16_t notify)
{
	return !create->replaces &&
	       create->connection != create->exchange.sa->connection &&
	       notify != IANA_NOTIFY_TEMPORARY_FAILURE &&
	       /* then it is tried once more, with another group */
	       notify != IANA_NOTIFY_INVALID_KE_PAYLOAD;
}

/* It may take it in an IKE SA of its own: true if there will be one. */
static bool try_alone(struct create *create)
{
	struct ike_sa *sa = create->exchange.sa;
	struct ike_child *child = create->child;

	if (!ike_share_split(sa, create->connection))
		return false;
	ike_child_log(child, IKE_LEVEL_INFO,
		      "the peer has no place for it in #%llu, which is of \"%s\"",
		      (unsigned long long)sa->serial,
		      sa->connection->model.name);
	create->child = NULL;
	ike_child_discard(child);
	return true;
}

static void answer_error(struct create *create,
			 const struct wire_notify *notify)
{
	struct ike_child *child = create->child;
	struct error *error = NULL;

	if (is_turned_away(create, notify->type) && try_alone(create))
		return;
	create->child = NULL;
	if (notify->type == IANA_NOTIFY_CHILD_SA_NOT_FOUND) {
		ike_child_discard(child);
		answer_not_found(create);
		return;
	}
	if (notify->type == IANA_NOTIFY_INVALID_KE_PAYLOAD) {
		error = answer_group(create, notify->data);
		if (!error) {
			ike_child_discard(child);
			return;
		}
	} else if (notify->type == IANA_NOTIFY_TEMPORARY_FAILURE) {
		/* timers try again; what is new is tried by who wants it */
		ike_child_log(child, IKE_LEVEL_INFO, "the peer is busy");
		ike_child_discard(child);
		if (!create->replaces)
			ike_sa_try_children_later(create->exchange.sa);
		return;
	} else {
		error = ike_child_refused(child, notify->type, create->dh);
	}
	ike_child_fail(child, error);
}

static void answer(struct ike_exchange *exchange,
		   const struct wire_payloads *payloads)
{
	struct create *create = create_of(exchange);
	uint16_t i;

	if (!create->connection) {
		answer_removed(create, payloads);
		return;
	}
	for (i = 0; i < payloads->notify_count; i++) {
		if (payloads->notifies[i].type < IANA_NOTIFY_FIRST_STATUS) {
			answer_error(create, &payloads->notifies[i]);
			return;
		}
	}
	answer_success(create, payloads);
}

static void forget(struct ike_exchange *exchange, const struct ike_child *child)
{
	struct create *create = create_of(exchange);

	if (create->old == child)
		create->old = NULL;
	if (create->rival == child)
		create->rival = NULL;
	if (create->child == child)
		create->child = NULL;
}

static void destroy(struct ike_exchange *exchange)
{
	struct create *create = create_of(exchange);

	/* it never came to an answer */
	if (create->child)
		ike_child_discard(create->child);
	crypto_dh_destroy(create->dh);
	explicit_bzero(&create->nonce, sizeof(create->nonce));
}

static void forget_connection(struct ike_exchange *exchange,
			      const struct ike_connection *connection)
{
	struct create *create = create_of(exchange);

	if (create->connection != connection)
		return;
	if (create->child)
		ike_child_discard(create->child);
	create->connection = NULL;
	create->model = NULL;
}

static const struct ike_exchange_kind kind = {
	.type = IANA_EXCHANGE_CREATE_CHILD_SA,
	.changes = true,
	.wanted = wanted,
	.build = build,
	.answer = answer,
	.forget = forget,
	.forget_connection = forget_connection,
	.destroy = destroy,
};

static struct error *enqueue(struct ike_sa *sa,
			     struct ike_connection *connection,
			     const struct ike_child_model *model,
			     struct ike_child *old, uint16_t method,
			     unsigned int attempts)
{
	struct create *create = calloc(1, sizeof(*create));

	if (!create)
		return error_no_memory();
	create->exchange.kind = &kind;
	create->exchange.sa = sa;
	create->connection = connection;
	create->model = model;
	create->replaces = old;
	create->old = old;
	create->method = method;
	create->attempts = attempts;
	ike_window_enqueue(&create->exchange);
	return NULL;
}

/**
 * ike_create_child_replaces - is a child SA being replaced by us right now
 * @child: the child SA
 *
 * Return: whether the peer was asked for that and hasn't answered.
 */
bool ike_create_child_replaces(const struct ike_child *child)
{
	struct ike_exchange *current = child->sa->window.current;

	return current && current->kind == &kind &&
	       create_of(current)->old == child;
}

static bool makes(struct ike_exchange *exchange,
		  const struct ike_child_model *model)
{
	return exchange->kind == &kind && !create_of(exchange)->replaces &&
	       create_of(exchange)->model == model;
}

/**
 * ike_create_child_is_begun - is a child SA being made by us, or waits for that
 * @sa: its IKE SA
 * @model: what it is to be
 *
 * Return: whether it is.
 */
bool ike_create_child_is_begun(struct ike_sa *sa,
			       const struct ike_child_model *model)
{
	struct list *link, *following;

	if (sa->window.current && makes(sa->window.current, model))
		return true;
	list_for_each(link, following, &sa->window.queue) {
		if (makes(list_entry(link, struct ike_exchange, link), model))
			return true;
	}
	return false;
}

/**
 * ike_create_child_ended - the peer deletes a child SA that we don't know
 * @sa: the IKE SA
 * @spi: what the peer receives with
 */
void ike_create_child_ended(struct ike_sa *sa, uint32_t spi)
{
	struct ike_exchange *current = sa->window.current;
	struct create *create;

	if (!current || current->kind != &kind)
		return;
	create = create_of(current);
	if (create->ended_count < ENDED_MAX)
		create->ended[create->ended_count++] = spi;
}

/*
 * The group of the IKE SA first: a peer has that, and Libreswan by default no other,
 * but answers a guess at another one as if it couldn't read it.
 */
static uint16_t guess_group(const struct ike_sa *sa,
			    const struct ike_child_model *model)
{
	if (ike_proposal_has(&model->proposals, IANA_TRANSFORM_KE,
			     sa->suite.ke))
		return sa->suite.ke;
	return ike_proposal_first(&model->proposals, IANA_TRANSFORM_KE);
}

/**
 * ike_create_child_begin - make a child SA
 * @sa: its IKE SA
 * @connection: the connection that it is to be of, which @sa serves
 * @model: what it is to be
 * @old: the one that it replaces, NULL for none
 *
 * Return: NULL, or why it cannot even be tried.
 */
struct error *ike_create_child_begin(struct ike_sa *sa,
				     struct ike_connection *connection,
				     const struct ike_child_model *model,
				     struct ike_child *old)
{
	return enqueue(sa, connection, model, old, guess_group(sa, model), 1);
}

static enum ike_reply refuse(struct wire_writer *writer, uint16_t notify)
{
	wire_put_notify(writer, notify, bytes_of(NULL, 0));
	return IKE_REPLY;
}

/**
 * struct request - a peer's request for a child SA
 * @payloads: what it sent
 * @old: the child SA to be replaced, NULL for none
 * @child: what was made
 * @number: of the proposal that was chosen
 * @nonce_i: the peer's nonce
 * @nonce_r: ours
 * @dh: our half of the key exchange, NULL if there is none
 */
struct request {
	const struct wire_payloads *payloads;
	struct ike_child *old;
	struct ike_child *child;
	uint8_t number;
	struct ike_nonce nonce_i;
	struct ike_nonce nonce_r;
	struct crypto_dh *dh;
};

/* Finds the child SA that is to be replaced; IKE_SILENCE = go on. */
static enum ike_reply find_old(struct ike_sa *sa, struct request *request,
			       struct wire_writer *writer)
{
	const struct wire_notify *rekey;

	rekey = wire_find_notify(request->payloads, IANA_NOTIFY_REKEY_SA);
	if (!rekey)
		return IKE_SILENCE;
	if (rekey->protocol == IANA_PROTOCOL_ESP && rekey->spi_length == 4)
		request->old = ike_child_find(sa, rekey->spi);
	/* its answer about that child SA may have been overtaken */
	if (!request->old && sa->window.current &&
	    sa->window.current->kind == &kind)
		return refuse(writer, IANA_NOTIFY_TEMPORARY_FAILURE);
	if (!request->old) {
		wire_put_notify_about(writer, IANA_NOTIFY_CHILD_SA_NOT_FOUND,
				      IANA_PROTOCOL_ESP, (uint32_t)rekey->spi);
		return IKE_REPLY;
	}
	/* RFC 7296, 2.25.1: we are closing it; or it has been replaced */
	if (request->old->state != IKE_CHILD_UP || request->old->successor)
		return refuse(writer, IANA_NOTIFY_TEMPORARY_FAILURE);
	return IKE_SILENCE;
}

/* Have we asked for the like, just now or a moment ago? */
static bool have_asked(struct ike_sa *sa, const struct ike_child_model *model)
{
	struct ike_exchange *current = sa->window.current;
	const struct ike_child *child;

	if (current && makes(current, model))
		return true;
	child = ike_child_find_model(sa, model);
	return child && child->initiator &&
	       ike_now(sa->ike) < child->established + CROSSING_TIME;
}

/* If both ask for the like at the same time, who has begun the IKE SA gets it. */
static enum ike_reply check_crossing(struct ike_sa *sa,
				     const struct request *request,
				     struct wire_writer *writer)
{
	if (request->old || !sa->initiator ||
	    !have_asked(sa, request->child->model))
		return IKE_SILENCE;
	return refuse(writer, IANA_NOTIFY_TEMPORARY_FAILURE);
}

/* Agrees on the group; IKE_SILENCE = go on. */
static enum ike_reply check_group(struct request *request,
				  struct wire_writer *writer)
{
	uint16_t method = request->child->pair.suite.ke;
	uint8_t data[2] = { (uint8_t)(method >> 8), (uint8_t)method };

	if (!method || (wire_has(request->payloads, IANA_PAYLOAD_KE) &&
			request->payloads->ke.method == method))
		return IKE_SILENCE;
	wire_put_notify(writer, IANA_NOTIFY_INVALID_KE_PAYLOAD,
			bytes_of(data, sizeof(data)));
	return IKE_REPLY;
}

/* Not yet, if another one is used that the peer has for sure. */
static bool may_use(struct request *request)
{
	return !request->old &&
	       !ike_child_must_wait(request->child, IKE_WAITS_FOR_REQUEST);
}

static struct error *install_response(struct ike_sa *sa,
				      struct request *request)
{
	uint16_t method = request->child->pair.suite.ke;
	struct crypto_dh_secret secret = { 0 };
	struct ike_key_input input = {
		.nonce_i = &request->nonce_i,
		.nonce_r = &request->nonce_r,
		.shared = method ? &secret : NULL,
	};
	struct error *error;

	request->nonce_r.length = IKE_NONCE_SIZE;
	error = sa->ike->ops->random(sa->ike->context, request->nonce_r.data,
				     IKE_NONCE_SIZE);
	if (!error && method)
		error = crypto_dh_create(crypto_group_find(method),
					 &request->dh);
	if (!error && method)
		error = crypto_dh_agree(request->dh,
					request->payloads->ke.data.data,
					request->payloads->ke.data.length,
					&secret);
	if (!error)
		error = ike_child_install(request->child, &input, false,
					  may_use(request));
	crypto_dh_secret_wipe(&secret);
	return error;
}

static void put_response(struct request *request, struct wire_writer *writer)
{
	const uint8_t *value;
	size_t length;

	ike_child_put_choice(request->child, writer, request->number,
			     request->dh);
	wire_put_payload(writer, IANA_PAYLOAD_NONCE,
			 bytes_of(request->nonce_r.data,
				  request->nonce_r.length));
	if (request->dh) {
		value = crypto_dh_public(request->dh, &length);
		wire_put_ke(writer, request->child->pair.suite.ke,
			    bytes_of(value, length));
	}
	ike_child_put_ts_choice(request->child, writer);
}

/* The peer has replaced a child SA. Are we about to do the same? */
static void note_rival(struct ike_sa *sa, struct request *request)
{
	struct ike_exchange *current = sa->window.current;
	struct create *create;

	request->old->successor = request->child;
	if (!current || current->kind != &kind)
		return;
	create = create_of(current);
	if (create->old != request->old)
		return;
	create->rival = request->child;
	create->rival_nonce = *ike_nonce_lower(&request->nonce_i,
					       &request->nonce_r);
}

static enum ike_reply respond(struct ike_sa *sa, struct request *request,
			      struct wire_writer *writer)
{
	struct error *error;
	uint16_t notify;

	if (find_old(sa, request, writer) == IKE_REPLY)
		return IKE_REPLY;
	error = ike_child_choose(sa, request->payloads, request->old, true,
				 &request->child, &request->number, &notify);
	if (!error && (check_crossing(sa, request, writer) == IKE_REPLY ||
		       check_group(request, writer) == IKE_REPLY)) {
		ike_child_discard(request->child);
		return IKE_REPLY;
	}
	if (!error) {
		notify = IANA_NOTIFY_NO_ADDITIONAL_SAS;
		error = install_response(sa, request);
	}
	if (error) {
		ike_sa_log(sa, IKE_LEVEL_ERROR, "%s", error->sentence);
		error_free(error);
		if (request->child)
			ike_child_discard(request->child);
		return refuse(writer, notify);
	}
	put_response(request, writer);
	if (request->old)
		note_rival(sa, request);
	else
		ike_child_tell_up(request->child);
	return IKE_REPLY;
}

/**
 * ike_create_child_respond - answer a request of CREATE_CHILD_SA
 * @sa: the IKE SA
 * @payloads: the request
 * @writer: where the response goes
 *
 * Return: what comes of it.
 */
enum ike_reply ike_create_child_respond(struct ike_sa *sa,
					const struct wire_payloads *payloads,
					struct wire_writer *writer)
{
	struct request request = { .payloads = payloads };
	enum ike_reply reply;

	if (!wire_has(payloads, IANA_PAYLOAD_SA) ||
	    !wire_has(payloads, IANA_PAYLOAD_NONCE))
		return refuse(writer, IANA_NOTIFY_INVALID_SYNTAX);
	if (payloads->sa.proposals[0].protocol == IANA_PROTOCOL_IKE)
		return ike_rekey_respond(sa, payloads, writer);
	if (!wire_has(payloads, IANA_PAYLOAD_TSI) ||
	    !wire_has(payloads, IANA_PAYLOAD_TSR))
		return refuse(writer, IANA_NOTIFY_INVALID_SYNTAX);
	/* what the peer asks of it shows that the rival stays */
	if (sa->rival_of)
		ike_rekey_rival_stays(sa);
	if (sa->state != IKE_SA_ESTABLISHED || ike_window_rekeys_ike(sa))
		return refuse(writer, IANA_NOTIFY_TEMPORARY_FAILURE);
	ike_nonce_set(&request.nonce_i, payloads->nonce);
	reply = respond(sa, &request, writer);
	crypto_dh_destroy(request.dh);
	explicit_bzero(&request, sizeof(request));
	return reply;
}
