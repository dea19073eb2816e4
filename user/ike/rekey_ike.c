// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CREATE_CHILD_SA for the IKE SA itself (RFC 7296, 1.3.2): a new IKE SA takes
 * over the children of the old one, which is deleted by who began.
 *
 * If both begin at the same time, there are two new ones. As long as it isn't
 * clear which one stays, the peer's is a rival and the children stay where they
 * are. The one made with the lowest of the four nonces goes, deleted by who
 * began it. A peer that asks anything of its new IKE SA has seen that it stays.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/proposal.h"
#include "lib/iana.h"

/**
 * struct rekey - an exchange that replaces an IKE SA
 * @exchange: what it is part of
 * @new: what replaces it, once the request is sent
 * @nonce: ours
 * @method: of the key exchange
 * @dh: our half of it
 * @attempts: how often it was tried
 * @rival: what the peer replaced it by meanwhile, NULL if it didn't
 * @rival_nonce: the lowest nonce that was made with
 */
struct rekey {
	struct ike_exchange exchange;
	struct ike_sa *new;
	struct ike_nonce nonce;
	uint16_t method;
	struct crypto_dh *dh;
	unsigned int attempts;
	struct ike_sa *rival;
	struct ike_nonce rival_nonce;
};

#define ATTEMPTS_MAX 3

static struct rekey *rekey_of(struct ike_exchange *exchange)
{
	return list_entry(exchange, struct rekey, exchange);
}

static bool wanted(const struct ike_exchange *exchange)
{
	return exchange->sa->state == IKE_SA_ESTABLISHED;
}

/* An IKE SA with the peer and the connection of another one */
static struct ike_sa *create_like(struct ike_sa *sa, bool initiator)
{
	struct ike_sa *new = ike_sa_create(sa->ike, &sa->path, initiator);

	if (!new)
		return NULL;
	new->connection = sa->connection;
	new->peer_id = sa->peer_id;
	new->fragments = sa->fragments;
	new->nat = sa->nat;
	new->state = initiator ? IKE_SA_LARVAL : IKE_SA_ESTABLISHED;
	return new;
}

static struct error *build(struct ike_exchange *exchange,
			   struct wire_writer *writer)
{
	struct rekey *rekey = rekey_of(exchange);
	struct ike_sa *sa = exchange->sa;
	struct ike *ike = sa->ike;
	struct wire_sa offer;
	const uint8_t *value;
	struct error *error;
	size_t length;

	rekey->new = create_like(sa, true);
	if (!rekey->new)
		return error_no_memory();
	rekey->nonce.length = IKE_NONCE_SIZE;
	error = ike->ops->random(ike->context, rekey->nonce.data,
				 IKE_NONCE_SIZE);
	if (!error)
		error = crypto_dh_create(crypto_group_find(rekey->method),
					 &rekey->dh);
	if (error)
		return error;
	ike_proposal_copy(&offer, &sa->connection->model.proposals, true, 8,
			  rekey->new->spi_i);
	wire_put_sa(writer, &offer);
	wire_put_payload(writer, IANA_PAYLOAD_NONCE,
			 bytes_of(rekey->nonce.data, rekey->nonce.length));
	value = crypto_dh_public(rekey->dh, &length);
	wire_put_ke(writer, rekey->method, bytes_of(value, length));
	return NULL;
}

/* Keys of the new IKE SA, from the key exchange and the old one's SK_d */
static struct error *make_keys(struct ike_sa *new, struct ike_sa *old,
			       const struct crypto_dh *dh,
			       const struct wire_payloads *payloads,
			       const struct ike_nonce *nonce_i,
			       const struct ike_nonce *nonce_r)
{
	struct crypto_dh_secret secret;
	struct ike_key_input input = {
		.nonce_i = nonce_i,
		.nonce_r = nonce_r,
		.shared = &secret,
	};
	struct error *error;

	error = crypto_dh_agree(dh, payloads->ke.data.data,
				payloads->ke.data.length, &secret);
	if (!error)
		error = ike_keys_make(&new->keys, &new->suite, &input,
				      &old->keys, new->spi_i, new->spi_r,
				      new->initiator);
	crypto_dh_secret_wipe(&secret);
	return error;
}

static struct error *accept(struct rekey *rekey,
			    const struct wire_payloads *payloads,
			    struct ike_nonce *nonce_r)
{
	struct ike_sa *sa = rekey->exchange.sa, *new = rekey->new;
	const struct wire_proposal *chosen;
	struct error *error;

	if (!wire_has(payloads, IANA_PAYLOAD_SA) ||
	    !wire_has(payloads, IANA_PAYLOAD_KE) ||
	    !wire_has(payloads, IANA_PAYLOAD_NONCE) ||
	    payloads->sa.proposal_count != 1)
		return error_refused(0, "the response lacks what an IKE SA needs");
	error = ike_proposal_select(&sa->connection->model.proposals,
				    &payloads->sa, IANA_PROTOCOL_IKE, true,
				    &new->suite, &chosen);
	if (error)
		return error;
	if (!chosen->spi || new->suite.ke != rekey->method ||
	    payloads->ke.method != rekey->method)
		return error_refused(0, "the peer chose what was not offered");
	new->spi_r = chosen->spi;
	ike_nonce_set(nonce_r, payloads->nonce);
	return make_keys(new, sa, rekey->dh, payloads, &rekey->nonce, nonce_r);
}

/* Nothing came of ours: what the peer has made stays, if it has made one. */
static void give_up(struct rekey *rekey)
{
	struct ike_sa *rival = rekey->rival, *new = rekey->new;

	rekey->rival = NULL;
	rekey->new = NULL;
	if (new)
		ike_sa_kill_quietly(new);
	if (rival)
		ike_sa_inherit(rekey->exchange.sa, rival);
}

static void answer_success(struct rekey *rekey,
			   const struct wire_payloads *payloads)
{
	struct ike_sa *sa = rekey->exchange.sa, *new = rekey->new;
	struct ike_sa *rival = rekey->rival;
	bool deleting = sa->state == IKE_SA_DELETING;
	const struct ike_nonce *ours;
	struct ike_nonce nonce_r;
	struct error *error;

	error = accept(rekey, payloads, &nonce_r);
	if (error) {
		ike_sa_fail(sa, error);
		return;
	}
	rekey->new = NULL;
	rekey->rival = NULL;
	ours = ike_nonce_lower(&rekey->nonce, &nonce_r);
	if (rival && ike_nonce_lower(ours, &rekey->rival_nonce) == ours) {
		ike_sa_inherit(sa, rival);
		new->state = IKE_SA_REKEYED;
		error_free(ike_delete_begin(new));
		return;
	}
	if (rival)
		rival->rival_of = NULL;
	if (deleting) {
		/* its turn comes when the peer knows which one has the children */
		ike_window_drop_queue(sa);
		new->state = IKE_SA_DELETING;
	}
	ike_sa_inherit(sa, new);
	error_free(ike_delete_begin(sa));
	if (rival) {
		/* the peer deletes it */
		rival->state = IKE_SA_REKEYED;
		ike_sa_doom(rival);
	}
}

static struct error *enqueue(struct ike_sa *sa, uint16_t method,
			     unsigned int attempts);

static void answer_error(struct rekey *rekey, const struct wire_notify *notify)
{
	struct ike_sa *sa = rekey->exchange.sa;
	const struct wire_sa *ours = &sa->connection->model.proposals;
	struct bytes_reader reader;
	char text[IANA_TEXT_SIZE];
	bool had_rival = rekey->rival;
	uint16_t method;

	give_up(rekey);
	ike_sa_log(sa, IKE_LEVEL_INFO, "the peer refused to rekey: %s",
		   iana_text(IANA_NOTIFY, notify->type, text));
	if (notify->type != IANA_NOTIFY_INVALID_KE_PAYLOAD || had_rival)
		return;
	bytes_reader_init(&reader, notify->data);
	method = bytes_take_u16(&reader);
	if (!reader.failed && rekey->attempts < ATTEMPTS_MAX &&
	    ike_proposal_has(ours, IANA_TRANSFORM_KE, method))
		error_free(enqueue(sa, method, rekey->attempts + 1));
}

static void answer(struct ike_exchange *exchange,
		   const struct wire_payloads *payloads)
{
	struct rekey *rekey = rekey_of(exchange);
	uint16_t i;

	/* meanwhile the peer has shown that what it has made stays */
	if (!rekey->new)
		return;
	for (i = 0; i < payloads->notify_count; i++) {
		if (payloads->notifies[i].type < IANA_NOTIFY_FIRST_STATUS) {
			answer_error(rekey, &payloads->notifies[i]);
			return;
		}
	}
	answer_success(rekey, payloads);
}

static void forget_sa(struct ike_exchange *exchange, const struct ike_sa *sa)
{
	struct rekey *rekey = rekey_of(exchange);

	if (rekey->rival == sa)
		rekey->rival = NULL;
}

static void destroy(struct ike_exchange *exchange)
{
	struct rekey *rekey = rekey_of(exchange);

	give_up(rekey);
	crypto_dh_destroy(rekey->dh);
	explicit_bzero(&rekey->nonce, sizeof(rekey->nonce));
}

static const struct ike_exchange_kind kind = {
	.type = IANA_EXCHANGE_CREATE_CHILD_SA,
	.changes = true,
	.rekeys_ike = true,
	.wanted = wanted,
	.build = build,
	.answer = answer,
	.forget_sa = forget_sa,
	.destroy = destroy,
};

static struct error *enqueue(struct ike_sa *sa, uint16_t method,
			     unsigned int attempts)
{
	struct rekey *rekey = calloc(1, sizeof(*rekey));

	if (!rekey)
		return error_no_memory();
	rekey->exchange.kind = &kind;
	rekey->exchange.sa = sa;
	rekey->method = method;
	rekey->attempts = attempts;
	ike_window_enqueue(&rekey->exchange);
	return NULL;
}

/**
 * ike_rekey_begin - replace an IKE SA
 * @sa: the IKE SA
 *
 * Return: NULL, or why it cannot even be tried.
 */
struct error *ike_rekey_begin(struct ike_sa *sa)
{
	return enqueue(sa, sa->suite.ke, 1);
}

/**
 * ike_rekey_rival_stays - the peer uses an IKE SA, so it is the one that stays
 * @rival: the IKE SA, which replaces another
 */
void ike_rekey_rival_stays(struct ike_sa *rival)
{
	struct ike_exchange *current = rival->rival_of->window.current;

	give_up(rekey_of(current));
}

/**
 * ike_rekey_resolve - an IKE SA ends: if the peer has replaced it, that stays
 * @sa: the IKE SA
 */
void ike_rekey_resolve(struct ike_sa *sa)
{
	struct ike_exchange *current = sa->window.current;

	if (current && current->kind == &kind && rekey_of(current)->rival)
		give_up(rekey_of(current));
}

static enum ike_reply refuse(struct wire_writer *writer, uint16_t notify)
{
	wire_put_notify(writer, notify, bytes_of(NULL, 0));
	return IKE_REPLY;
}

/* We are about to replace it as well: which one stays is not clear yet. */
static void note_rival(struct ike_sa *sa, struct ike_sa *new,
		       const struct ike_nonce *nonce_i,
		       const struct ike_nonce *nonce_r)
{
	struct rekey *rekey = rekey_of(sa->window.current);

	rekey->rival = new;
	rekey->rival_nonce = *ike_nonce_lower(nonce_i, nonce_r);
	new->rival_of = sa;
}

/* The peer has replaced it already, while we are about to do so as well. */
static bool has_rival(const struct ike_sa *sa)
{
	return ike_window_rekeys_ike(sa) &&
	       rekey_of(sa->window.current)->rival;
}

static struct error *make_new(struct ike_sa *sa, struct ike_sa *new,
			      const struct wire_payloads *payloads,
			      uint8_t number, struct wire_writer *writer)
{
	struct ike_nonce nonce_i, nonce_r = { .length = IKE_NONCE_SIZE };
	struct crypto_dh *dh = NULL;
	struct wire_sa choice;
	const uint8_t *value;
	struct error *error;
	size_t length;

	ike_nonce_set(&nonce_i, payloads->nonce);
	error = ike_sa_set_responder_spi(new);
	if (!error)
		error = sa->ike->ops->random(sa->ike->context, nonce_r.data,
					     IKE_NONCE_SIZE);
	if (!error)
		error = crypto_dh_create(crypto_group_find(new->suite.ke), &dh);
	if (!error)
		error = make_keys(new, sa, dh, payloads, &nonce_i, &nonce_r);
	if (!error) {
		ike_proposal_put(&choice, &new->suite, IANA_PROTOCOL_IKE, true,
				 number);
		choice.proposals[0].spi_length = 8;
		choice.proposals[0].spi = new->spi_r;
		wire_put_sa(writer, &choice);
		wire_put_payload(writer, IANA_PAYLOAD_NONCE,
				 bytes_of(nonce_r.data, nonce_r.length));
		value = crypto_dh_public(dh, &length);
		wire_put_ke(writer, new->suite.ke, bytes_of(value, length));
		if (ike_window_rekeys_ike(sa))
			note_rival(sa, new, &nonce_i, &nonce_r);
	}
	crypto_dh_destroy(dh);
	return error;
}

/* Everything but the group fits; makes the new IKE SA. */
static enum ike_reply respond(struct ike_sa *sa,
			      const struct wire_payloads *payloads,
			      const struct ike_suite *suite,
			      const struct wire_proposal *chosen,
			      struct wire_writer *writer)
{
	struct ike_sa *new = create_like(sa, false);
	struct error *error;

	if (!new)
		return refuse(writer, IANA_NOTIFY_TEMPORARY_FAILURE);
	new->suite = *suite;
	new->spi_i = chosen->spi;
	error = make_new(sa, new, payloads, chosen->number, writer);
	if (error) {
		ike_sa_log(sa, IKE_LEVEL_ERROR, "%s", error->sentence);
		error_free(error);
		ike_sa_kill_quietly(new);
		return refuse(writer, IANA_NOTIFY_TEMPORARY_FAILURE);
	}
	if (!new->rival_of)
		ike_sa_inherit(sa, new);
	return IKE_REPLY;
}

/**
 * ike_rekey_respond - answer a request to rekey the IKE SA
 * @sa: the IKE SA
 * @payloads: the request, which has an SA payload for IKE and a nonce
 * @writer: where the response goes
 *
 * Return: what comes of it.
 */
enum ike_reply ike_rekey_respond(struct ike_sa *sa,
				 const struct wire_payloads *payloads,
				 struct wire_writer *writer)
{
	const struct wire_proposal *chosen;
	struct ike_suite suite;
	struct error *error;
	uint8_t method[2];

	if (!wire_has(payloads, IANA_PAYLOAD_KE))
		return refuse(writer, IANA_NOTIFY_INVALID_SYNTAX);
	if (sa->rival_of)
		ike_rekey_rival_stays(sa);
	/* RFC 7296, 2.25.2 */
	if (sa->state != IKE_SA_ESTABLISHED || has_rival(sa) ||
	    (ike_window_changes(sa) && !ike_window_rekeys_ike(sa)))
		return refuse(writer, IANA_NOTIFY_TEMPORARY_FAILURE);
	error = ike_proposal_select(&sa->connection->model.proposals,
				    &payloads->sa, IANA_PROTOCOL_IKE, true,
				    &suite, &chosen);
	if (!error && !chosen->spi)
		error = error_refused(0, "the peer rekeys without an SPI");
	if (error) {
		ike_sa_log(sa, IKE_LEVEL_ERROR, "%s", error->sentence);
		error_free(error);
		return refuse(writer, IANA_NOTIFY_NO_PROPOSAL_CHOSEN);
	}
	if (payloads->ke.method != suite.ke) {
		method[0] = (uint8_t)(suite.ke >> 8);
		method[1] = (uint8_t)suite.ke;
		wire_put_notify(writer, IANA_NOTIFY_INVALID_KE_PAYLOAD,
				bytes_of(method, sizeof(method)));
		return IKE_REPLY;
	}
	return respond(sa, payloads, &suite, chosen, writer);
}
