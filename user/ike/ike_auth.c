// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IKE_AUTH (RFC 7296, 1.2): both sides prove who they are, and the first child
 * SA is made on the way. A peer that fails is told nothing but that.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/auth.h"
#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/id.h"
#include "ike/instance.h"
#include "ike/proposal.h"
#include "ike/share.h"
#include "lib/iana.h"

/* Connections whose authority a peer's certificates are held against */
#define AUTHORITIES_TRIED 16

/* The child SA that comes up with the IKE SA: the first that is wanted. */
static const struct ike_child_model *first_child(const struct ike_sa *sa)
{
	const struct ike_connection *connection = sa->connection;
	uint32_t children = connection->wanted |
			    ike_reauth_takes(sa, connection);
	const struct ike_model *model = &connection->model;
	uint16_t i;

	for (i = 0; i < model->child_count; i++) {
		if (children & 1u << i)
			return &model->children[i];
	}
	return &model->children[0];
}

/* Has the peer of an IKE SA the identities that another one is to have? */
static bool is_between_the_same(const struct ike_sa *other,
				const struct ike_model *model)
{
	const struct ike_id *remote = &other->peer_id;

	if (!remote->type)
		remote = &other->connection->model.remote_id;
	return model->remote_id.type &&
	       ike_id_equal(&other->connection->model.local_id,
			    &model->local_id) &&
	       ike_id_equal(remote, &model->remote_id);
}

/* Is it the first IKE SA between these identities, as far as we know? */
static bool is_first_contact(const struct ike_sa *sa)
{
	const struct list *sas = &sa->ike->sas, *link;
	const struct ike_sa *other;

	for (link = sas->next; link != sas; link = link->next) {
		other = list_entry(link, struct ike_sa, link);
		if (other == sa || !other->connection)
			continue;
		if (other->state != IKE_SA_ESTABLISHED &&
		    /* it has said so itself */
		    !(other->state == IKE_SA_CONNECTING && other->initiator &&
		      other->handshake->child))
			continue;
		if (ike_share_alike(other->connection, sa->connection) ||
		    is_between_the_same(other, &sa->connection->model))
			return false;
	}
	return true;
}

static struct error *build(struct ike_exchange *exchange,
			   struct wire_writer *writer)
{
	struct ike_sa *sa = exchange->sa;
	const struct ike_model *model = &sa->connection->model;
	struct error *error;

	error = ike_child_create(sa, sa->connection, first_child(sa),
				 &sa->handshake->child);
	if (error)
		return error;
	ike_id_put(&model->local_id, writer, IANA_PAYLOAD_IDI);
	ike_certs_put(sa, writer);
	if (model->remote_auth.methods.schemes &&
	    model->remote_auth.certificates)
		ike_certs_put_request(sa->ike, writer);
	if (is_first_contact(sa))
		wire_put_notify(writer, IANA_NOTIFY_INITIAL_CONTACT,
				bytes_of(NULL, 0));
	if (model->remote_id.type)
		ike_id_put(&model->remote_id, writer, IANA_PAYLOAD_IDR);
	error = ike_auth_put(sa, writer);
	if (error)
		return error;
	ike_child_offer(sa->handshake->child, writer, false);
	ike_child_offer_ts(sa->handshake->child, writer);
	return NULL;
}

/* The first notify that is an error, NULL if there is none */
static const struct wire_notify *
find_error(const struct wire_payloads *payloads)
{
	uint16_t i;

	for (i = 0; i < payloads->notify_count; i++) {
		if (payloads->notifies[i].type < IANA_NOTIFY_FIRST_STATUS)
			return &payloads->notifies[i];
	}
	return NULL;
}

static struct error *check_responder(struct ike_sa *sa,
				     const struct wire_payloads *payloads)
{
	const struct ike_model *model = &sa->connection->model;
	const struct wire_notify *notify = find_error(payloads);
	char text[IANA_TEXT_SIZE], id[IKE_ID_TEXT_SIZE];

	if (notify && !wire_has(payloads, IANA_PAYLOAD_AUTH))
		return error_refused(0, "the peer refused IKE_AUTH: %s: it doesn't accept us as %s, or not our key",
				     iana_text(IANA_NOTIFY, notify->type, text),
				     ike_id_spell(&model->local_id, id));
	if (!wire_has(payloads, IANA_PAYLOAD_IDR) ||
	    !wire_has(payloads, IANA_PAYLOAD_AUTH))
		return error_refused(0, "the response to IKE_AUTH lacks what it needs");
	if (!ike_id_matches(&model->remote_id, &payloads->id_r))
		return error_refused(0, "AUTHENTICATION_FAILED: the peer is %s, which is not whom we expect",
				     ike_id_text(payloads->id_r.type,
						 payloads->id_r.data, id));
	return ike_auth_check(sa, payloads);
}

/* The child SA that came with the IKE SA, of which we are the initiator. */
static void answer_child(struct ike_child *child,
			 const struct ike_key_input *input,
			 const struct wire_payloads *payloads)
{
	const struct wire_notify *notify = find_error(payloads);
	struct error *error;

	if (notify) {
		ike_child_fail(child, ike_child_refused(child, notify->type,
							false));
		return;
	}
	error = ike_child_accept(child, payloads, false);
	/* the peer has it, whether we take it or not */
	if (!error && !ike_child_is_wanted(child)) {
		error_free(ike_delete_child_begin(child));
		return;
	}
	if (!error)
		error = ike_child_install(child, input, true, true);
	if (!error) {
		ike_child_tell_up(child);
		return;
	}
	ike_child_log(child, IKE_LEVEL_ERROR, "%s", error->sentence);
	ike_child_tell(child, IKE_EVENT_CHILD_FAILED, error->sentence);
	error_free(error);
	error_free(ike_delete_child_begin(child));
}

static void answer(struct ike_exchange *exchange,
		   const struct wire_payloads *payloads)
{
	struct ike_sa *sa = exchange->sa;
	struct ike_handshake *handshake = sa->handshake;
	struct ike_key_input input = {
		.nonce_i = &handshake->nonce_i,
		.nonce_r = &handshake->nonce_r,
	};
	struct error *error = check_responder(sa, payloads);

	if (error) {
		/* unless it has refused us, it believes that all is well */
		if (wire_has(payloads, IANA_PAYLOAD_AUTH))
			error_free(ike_delete_begin(sa));
		ike_sa_fail(sa, error);
		return;
	}
	answer_child(handshake->child, &input, payloads);
	ike_sa_end_handshake(sa);
	ike_sa_established(sa);
}

static void forget(struct ike_exchange *exchange, const struct ike_child *child)
{
	struct ike_handshake *handshake = exchange->sa->handshake;

	if (handshake && handshake->child == child)
		handshake->child = NULL;
}

static const struct ike_exchange_kind kind = {
	.type = IANA_EXCHANGE_IKE_AUTH,
	.build = build,
	.answer = answer,
	.forget = forget,
};

static struct error *enqueue(struct ike_sa *sa)
{
	struct ike_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return error_no_memory();
	exchange->kind = &kind;
	exchange->sa = sa;
	ike_window_enqueue(exchange);
	return NULL;
}

/**
 * ike_auth_begin - authenticate
 * @sa: the IKE SA, of which we are the initiator and which has keys
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_auth_begin(struct ike_sa *sa)
{
	struct error *error = ike_auth_prepare(sa);

	if (error || ike_signature_is_awaited(sa))
		return error;
	return enqueue(sa);
}

/* The algorithms were chosen before we knew which connection it would be. */
static bool suite_is_allowed(const struct ike_sa *sa,
			     const struct ike_model *model)
{
	const struct wire_proposal *chosen;
	struct ike_suite suite;
	struct wire_sa sa_suite;
	struct error *error;

	ike_proposal_put(&sa_suite, &sa->suite, IANA_PROTOCOL_IKE, true, 1);
	error = ike_proposal_select(&model->proposals, &sa_suite,
				    IANA_PROTOCOL_IKE, true, &suite, &chosen);
	error_free(error);
	return !error;
}

static bool is_meant(const struct ike_connection *connection,
		     const struct ike_sa *sa,
		     const struct wire_payloads *payloads)
{
	const struct ike_model *model = &connection->model;

	return ike_connection_is_on(connection, &sa->path) &&
	       ike_id_matches(&model->remote_id, &payloads->id_i) &&
	       (!wire_has(payloads, IANA_PAYLOAD_IDR) ||
		ike_id_matches(&model->local_id, &payloads->id_r)) &&
	       suite_is_allowed(sa, model);
}

/*
 * How well a connection fits to how its peer authenticates: 0 = not, 1 = but for
 * the authority, 2 = well. Only so many are tried that the peer cannot keep us busy.
 */
static unsigned int grade(const struct ike_connection *connection,
			  const struct wire_payloads *payloads,
			  unsigned int *tried)
{
	const struct ike_remote_auth *auth = &connection->model.remote_auth;

	if (!ike_auth_may(&auth->methods, payloads->auth.method))
		return 0;
	if (auth->ca.length && ++*tried > AUTHORITIES_TRIED)
		return 1;
	return ike_certs_fit(connection->ike, auth, payloads) ? 2 : 1;
}

/* One with this very peer is better than one with anybody. */
static unsigned int closeness(const struct ike_model *model)
{
	return 1u + !!model->remote_id.type +
	       2u * !address_is_unspecified(&model->path.remote.address);
}

/*
 * Finds the connection that an initiator means, the first of the best; of those that
 * are as good, the one that the child SA fits which the peer offers. One that
 * fits but for how the peer authenticates is taken if there is none better, so
 * that it can be told.
 */
static struct ike_connection *
find_connection(struct ike_sa *sa, const struct wire_payloads *payloads)
{
	struct ike_connection *connection, *best = NULL;
	unsigned int tried = 0, highest = 0, fits;
	struct list *link, *following;

	list_for_each(link, following, &sa->ike->connections) {
		connection = list_entry(link, struct ike_connection, link);
		if (!is_meant(connection, sa, payloads))
			continue;
		fits = 4 * (4 * grade(connection, payloads, &tried) +
			    closeness(&connection->model));
		/* that takes time, so only where it can make the difference */
		if (fits + 4 > highest)
			fits += ike_child_fits(sa, connection, payloads);
		if (fits <= highest)
			continue;
		best = connection;
		highest = fits;
	}
	return best;
}

static struct error *check_initiator(struct ike_sa *sa,
				     const struct wire_payloads *payloads)
{
	char text[IKE_ID_TEXT_SIZE];

	if (!wire_has(payloads, IANA_PAYLOAD_IDI) ||
	    !wire_has(payloads, IANA_PAYLOAD_AUTH))
		return error_refused(0, "AUTHENTICATION_FAILED: the request of IKE_AUTH lacks what it needs");
	sa->connection = find_connection(sa, payloads);
	if (!sa->connection)
		return error_refused(0, "AUTHENTICATION_FAILED: no connection is with %s",
				     ike_id_text(payloads->id_i.type,
						 payloads->id_i.data, text));
	return ike_auth_check(sa, payloads);
}

/*
 * Are they instances of one connection, or between the same hosts, or at least the
 * same identities?
 */
static bool are_alike(const struct ike_connection *one,
		      const struct ike_connection *other)
{
	const struct ike_connection *template = other->template;

	return one &&
	       (ike_instance_is_of(one, template ? template : other) ||
		ike_id_equal(&one->model.local_id, &other->model.local_id));
}

/* A peer that has started again knows nothing of what was before. */
static void end_others(struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_sa *other;

	list_for_each(link, following, &sa->ike->sas) {
		other = list_entry(link, struct ike_sa, link);
		if (other == sa || !are_alike(other->connection,
					      sa->connection) ||
		    other->state == IKE_SA_CONNECTING ||
		    /* it goes with the one that it is to replace */
		    other->state == IKE_SA_LARVAL ||
		    /* it isn't what was before: both have begun at once */
		    other->established >= sa->began ||
		    !ike_id_equal(&other->peer_id, &sa->peer_id))
			continue;
		ike_sa_kill(other, "the peer has started again");
		/* others may have gone with it */
		following = sa->ike->sas.next;
	}
}

/*
 * A peer that begins another IKE SA of the same connections may not have the old one
 * any more, and not say so because it has one by other addresses.
 */
static void ask_others(const struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_sa *other;

	list_for_each(link, following, &sa->ike->sas) {
		other = list_entry(link, struct ike_sa, link);
		if (other == sa || other->state != IKE_SA_ESTABLISHED ||
		    !ike_share_alike(other->connection, sa->connection) ||
		    other->established >= sa->began || other->window.current ||
		    !ike_id_equal(&other->peer_id, &sa->peer_id))
			continue;
		error_free(ike_liveness_begin(other));
	}
}

static bool must_wait(struct ike_child *child)
{
	return ike_child_must_wait(child, IKE_WAITS_FOR_MESSAGE);
}

/* Makes the child SA that came with the IKE SA; or says why there is none. */
static void respond_child(struct ike_sa *sa,
			  const struct wire_payloads *payloads,
			  struct wire_writer *writer)
{
	struct ike_key_input input = {
		.nonce_i = &sa->handshake->nonce_i,
		.nonce_r = &sa->handshake->nonce_r,
	};
	struct ike_child *child = NULL;
	struct error *error;
	uint16_t notify;
	uint8_t number;

	if (!wire_has(payloads, IANA_PAYLOAD_SA) ||
	    !wire_has(payloads, IANA_PAYLOAD_TSI) ||
	    !wire_has(payloads, IANA_PAYLOAD_TSR))
		return;
	error = ike_child_choose(sa, payloads, NULL, false, &child, &number,
				 &notify);
	if (!error)
		error = ike_child_install(child, &input, false,
					  !must_wait(child));
	if (!error) {
		ike_child_put_choice(child, writer, number, false);
		ike_child_put_ts_choice(child, writer);
		ike_child_tell_up(child);
		/* by then the peer will have the response */
		if (child->postponed)
			ike_sa_try_children_later(sa);
		return;
	}
	ike_sa_log(sa, IKE_LEVEL_ERROR, "%s", error->sentence);
	error_free(error);
	if (child)
		ike_child_discard(child);
	wire_put_notify(writer, notify, bytes_of(NULL, 0));
}

/* The whole response, or that the peer is not authenticated, or we are not. */
static void put_response(struct ike_sa *sa,
			 const struct wire_payloads *payloads,
			 struct error *error, struct wire_writer *writer)
{
	if (!error) {
		ike_id_put(&sa->connection->model.local_id, writer,
			   IANA_PAYLOAD_IDR);
		ike_certs_put(sa, writer);
		error = ike_auth_put(sa, writer);
	}
	if (!error)
		error = ike_instance_take(sa);
	if (error) {
		/* once the peer has shown who it is, it is our fault */
		ike_sa_log(sa, sa->peer_id.type ? IKE_LEVEL_ERROR :
						  IKE_LEVEL_PEER,
			   "%s", error->sentence);
		error_free(error);
		wire_writer_init(writer, sa->ike->answer,
				 sizeof(sa->ike->answer));
		wire_put_notify(writer, IANA_NOTIFY_AUTHENTICATION_FAILED,
				bytes_of(NULL, 0));
		sa->ends = "it was not authenticated";
		return;
	}
	/* RFC 7619, 2.3: from anybody that means nothing */
	if (wire_find_notify(payloads, IANA_NOTIFY_INITIAL_CONTACT) &&
	    payloads->auth.method != IANA_AUTH_NULL)
		end_others(sa);
	else
		ask_others(sa);
	respond_child(sa, payloads, writer);
	ike_sa_end_handshake(sa);
	ike_sa_established(sa);
}

/* The request is needed once more when our signature is there. */
static struct error *keep_request(struct ike_sa *sa)
{
	struct ike_handshake *handshake = sa->handshake;
	const struct bytes *opened = &sa->ike->opened;

	handshake->request = ike_datagram_create(opened->data, opened->length);
	handshake->request_first = sa->ike->opened_first;
	return handshake->request ? NULL : error_no_memory();
}

/**
 * ike_auth_respond - answer a request of IKE_AUTH
 * @sa: the IKE SA, of which the peer is the initiator
 * @payloads: the request
 * @writer: where the response goes
 *
 * Return: what comes of it.
 */
enum ike_reply ike_auth_respond(struct ike_sa *sa,
				const struct wire_payloads *payloads,
				struct wire_writer *writer)
{
	struct error *error = check_initiator(sa, payloads);

	if (!error) {
		ike_certs_take_request(sa, payloads);
		error = ike_auth_prepare(sa);
	}
	if (!error && ike_signature_is_awaited(sa)) {
		error = keep_request(sa);
		if (!error)
			return IKE_LATER;
	}
	put_response(sa, payloads, error, writer);
	return IKE_REPLY;
}

static void respond_later(struct ike_sa *sa, struct error *error)
{
	const struct ike_datagram *request = sa->handshake->request;
	struct ike *ike = sa->ike;
	struct wire_writer writer;
	enum wire_reason reason;

	reason = wire_decode_payloads(sa->handshake->request_first,
				      bytes_of(request->data, request->length),
				      true, &ike->payloads);
	/* it could be read before */
	if (reason && !error)
		error = error_refused(0, "%s", wire_reason_sentence(reason));
	wire_writer_init(&writer, ike->answer, sizeof(ike->answer));
	put_response(sa, &ike->payloads, error, &writer);
	ike_window_respond(sa, IANA_EXCHANGE_IKE_AUTH, &writer);
}

/**
 * ike_auth_signed - the signature for which IKE_AUTH waits is there
 * @sa: the IKE SA
 * @signature: the signature, if there is no error
 * @error: why there is none, or NULL; freed
 */
void ike_auth_signed(struct ike_sa *sa, struct bytes signature,
		     struct error *error)
{
	sa->handshake->signature->awaited = false;
	if (!error)
		error = ike_signature_take(sa, signature);
	error = error_prefix(error, "our AUTH payload could not be signed: ");
	if (!sa->initiator) {
		respond_later(sa, error);
		return;
	}
	ike_timer_stop(&sa->ike->timers, &sa->doom);
	if (!error)
		error = enqueue(sa);
	if (error)
		ike_sa_fail(sa, error);
}
