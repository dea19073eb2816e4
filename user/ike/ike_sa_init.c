// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IKE_SA_INIT (RFC 7296, 1.2): algorithms, key exchange, nonces. A responder
 * keeps nothing until the initiator has passed all that can be checked without
 * it: its payloads, a cookie if there are many, proposals and group.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/auth.h"
#include "ike/cookie.h"
#include "ike/exchange.h"
#include "ike/natd.h"
#include "ike/proposal.h"
#include "lib/iana.h"

/* Answers with a cookie or another group that a first request may get */
#define ATTEMPTS_MAX 6

static struct error *make_nonce(struct ike *ike, struct ike_nonce *nonce)
{
	nonce->length = IKE_NONCE_SIZE;
	return ike->ops->random(ike->context, nonce->data, IKE_NONCE_SIZE);
}

static struct error *make_dh(struct ike_handshake *handshake, uint16_t method)
{
	const struct crypto_group *group = crypto_group_find(method);
	char text[IANA_TEXT_SIZE];

	if (!group)
		return error_refused(0, "key exchange %s is none we have",
				     iana_text(IANA_KE, method, text));
	crypto_dh_destroy(handshake->dh);
	handshake->dh = NULL;
	handshake->method = method;
	return crypto_dh_create(group, &handshake->dh);
}

static struct bytes dh_public(const struct ike_handshake *handshake)
{
	size_t length;
	const uint8_t *value = crypto_dh_public(handshake->dh, &length);

	return bytes_of(value, length);
}

static struct bytes nonce_bytes(const struct ike_nonce *nonce)
{
	return bytes_of(nonce->data, nonce->length);
}

static struct error *build(struct ike_exchange *exchange,
			   struct wire_writer *writer)
{
	struct ike_sa *sa = exchange->sa;
	struct ike_handshake *handshake = sa->handshake;
	struct wire_sa offer;

	if (handshake->cookie_length)
		wire_put_notify(writer, IANA_NOTIFY_COOKIE,
				bytes_of(handshake->cookie,
					 handshake->cookie_length));
	ike_proposal_copy(&offer, &sa->connection->model.proposals, true, 0, 0);
	wire_put_sa(writer, &offer);
	wire_put_ke(writer, handshake->method, dh_public(handshake));
	wire_put_payload(writer, IANA_PAYLOAD_NONCE,
			 nonce_bytes(&handshake->nonce_i));
	if (sa->connection->model.fragmentation == IKE_FRAGMENTATION_YES)
		wire_put_notify(writer,
				IANA_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED,
				bytes_of(NULL, 0));
	ike_signature_put_hashes(&sa->connection->model.remote_auth.methods,
				 writer);
	return ike_natd_put(sa, sa->connection->model.encapsulation, writer);
}

static void take_fragmentation(struct ike_sa *sa,
			       enum ike_fragmentation fragmentation,
			       const struct wire_payloads *payloads)
{
	sa->fragments = fragmentation == IKE_FRAGMENTATION_YES &&
			wire_find_notify(payloads,
					 IANA_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED);
}

/* Agrees on a secret with the peer's half and makes keys of it. */
static struct error *make_keys(struct ike_sa *sa,
			       const struct wire_payloads *payloads)
{
	struct ike_handshake *handshake = sa->handshake;
	struct crypto_dh_secret secret;
	struct ike_key_input input = {
		.nonce_i = &handshake->nonce_i,
		.nonce_r = &handshake->nonce_r,
		.shared = &secret,
	};
	struct error *error;

	error = crypto_dh_agree(handshake->dh, payloads->ke.data.data,
				payloads->ke.data.length, &secret);
	if (!error)
		error = ike_keys_make(&sa->keys, &sa->suite, &input, NULL,
				      sa->spi_i, sa->spi_r, sa->initiator);
	crypto_dh_secret_wipe(&secret);
	if (error)
		ike_keys_wipe(&sa->keys);
	return error;
}

static struct error *enqueue(struct ike_sa *sa);

/* The same request again, with what the responder asked for. */
static struct error *again(struct ike_sa *sa)
{
	if (++sa->handshake->attempts > ATTEMPTS_MAX)
		return error_refused(0, "the peer asks for a cookie or another group again and again");
	sa->spi_r = 0;
	ike_window_restart(sa);
	return enqueue(sa);
}

static struct error *answer_cookie(struct ike_sa *sa, struct bytes cookie)
{
	struct ike_handshake *handshake = sa->handshake;

	if (!cookie.length || cookie.length > sizeof(handshake->cookie))
		return error_refused(0, "the peer's cookie has %zu bytes, 1 to 64 are right",
				     cookie.length);
	memcpy(handshake->cookie, cookie.data, cookie.length);
	handshake->cookie_length = cookie.length;
	return again(sa);
}

static struct error *answer_group(struct ike_sa *sa, struct bytes data)
{
	const struct wire_sa *ours = &sa->connection->model.proposals;
	char text[IANA_TEXT_SIZE];
	struct bytes_reader reader;
	struct error *error;
	uint16_t method;

	bytes_reader_init(&reader, data);
	method = bytes_take_u16(&reader);
	if (reader.failed || method == sa->handshake->method ||
	    !ike_proposal_has(ours, IANA_TRANSFORM_KE, method))
		return error_refused(0, "INVALID_KE_PAYLOAD: the peer asks for %s, which was not offered",
				     iana_text(IANA_KE, method, text));
	error = make_dh(sa->handshake, method);
	return error ? error : again(sa);
}

static struct error *answer_keys(struct ike_sa *sa,
				 const struct wire_payloads *payloads)
{
	const struct wire_proposal *chosen;
	struct error *error;

	if (!wire_has(payloads, IANA_PAYLOAD_SA) ||
	    !wire_has(payloads, IANA_PAYLOAD_KE) ||
	    !wire_has(payloads, IANA_PAYLOAD_NONCE) ||
	    payloads->sa.proposal_count != 1 || !sa->spi_r)
		return error_refused(0, "the response to IKE_SA_INIT lacks what it needs");
	error = ike_proposal_select(&sa->connection->model.proposals,
				    &payloads->sa, IANA_PROTOCOL_IKE, true,
				    &sa->suite, &chosen);
	if (error)
		return error;
	if (sa->suite.ke != sa->handshake->method ||
	    payloads->ke.method != sa->handshake->method)
		return error_refused(0, "the peer chose another group than it used");
	ike_nonce_set(&sa->handshake->nonce_r, payloads->nonce);
	ike_signature_take_hashes(sa->handshake, payloads);
	ike_certs_take_request(sa, payloads);
	take_fragmentation(sa, sa->connection->model.fragmentation, payloads);
	error = make_keys(sa, payloads);
	if (!error)
		error = ike_natd_check(sa, payloads);
	if (error)
		return error;
	ike_natd_float(sa);
	return ike_auth_begin(sa);
}

static void answer(struct ike_exchange *exchange,
		   const struct wire_payloads *payloads)
{
	const struct wire_notify *notify;
	struct ike_sa *sa = exchange->sa;
	char text[IANA_TEXT_SIZE];
	struct error *error;
	uint16_t i;

	for (i = 0; i < payloads->notify_count; i++) {
		notify = &payloads->notifies[i];
		if (notify->type == IANA_NOTIFY_COOKIE)
			error = answer_cookie(sa, notify->data);
		else if (notify->type == IANA_NOTIFY_INVALID_KE_PAYLOAD)
			error = answer_group(sa, notify->data);
		else if (notify->type == IANA_NOTIFY_NO_PROPOSAL_CHOSEN)
			error = ike_proposal_refused(&sa->connection->model.proposals,
						     IANA_PROTOCOL_IKE);
		else if (notify->type < IANA_NOTIFY_FIRST_STATUS)
			error = error_refused(0, "the peer refused IKE_SA_INIT: %s",
					      iana_text(IANA_NOTIFY,
							notify->type, text));
		else
			continue;
		if (error)
			ike_sa_fail(sa, error);
		return;
	}
	error = answer_keys(sa, payloads);
	if (error)
		ike_sa_fail(sa, error);
}

static const struct ike_exchange_kind kind = {
	.type = IANA_EXCHANGE_IKE_SA_INIT,
	.build = build,
	.answer = answer,
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
 * ike_init_begin - begin an IKE SA
 * @sa: the IKE SA, which has a connection
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_init_begin(struct ike_sa *sa)
{
	const struct wire_sa *ours = &sa->connection->model.proposals;
	struct error *error;

	sa->handshake = calloc(1, sizeof(*sa->handshake));
	if (!sa->handshake)
		return error_no_memory();
	error = make_nonce(sa->ike, &sa->handshake->nonce_i);
	if (!error)
		error = make_dh(sa->handshake,
				ike_proposal_first(ours, IANA_TRANSFORM_KE));
	return error ? error : enqueue(sa);
}

/* Answers without keeping anything. */
static void send_notify(struct ike *ike, const struct ike_path *path,
			uint64_t spi_i, uint16_t type, struct bytes data)
{
	struct wire_header header = {
		.spi_i = spi_i,
		.exchange = IANA_EXCHANGE_IKE_SA_INIT,
		.response = true,
	};
	struct wire_writer writer;
	size_t length;

	wire_writer_init(&writer, ike->sending + WIRE_HEADER_SIZE,
			 sizeof(ike->sending) - WIRE_HEADER_SIZE);
	wire_put_notify(&writer, type, data);
	header.next_payload = writer.first;
	length = WIRE_HEADER_SIZE + writer.bytes.used;
	wire_encode_header(&header, length, ike->sending);
	ike->counters.sent++;
	ike->ops->send(ike->context, path, bytes_of(ike->sending, length));
}

/*
 * Has one address, which has shown that it is there, so much of what is half open that
 * it leaves too little to others? What was begun in its name before there were cookies
 * doesn't keep it out.
 */
static bool has_enough(const struct ike *ike, const struct address *from)
{
	uint32_t most = ike->config.half_open_max / 4;

	if (most <= ike->config.half_open_cookies)
		most = ike->config.half_open_cookies + 1;
	return ike_sa_count_half_open(ike, from) >= most;
}

/* May this initiator have our memory? */
static bool admit(struct ike *ike, const struct ike_path *path, uint64_t spi_i,
		  const struct wire_payloads *payloads)
{
	const struct wire_notify *notify;
	uint8_t cookie[IKE_COOKIE_SIZE];
	struct error *error;

	if (ike->half_open >= ike->config.half_open_max) {
		ike->counters.half_open_full++;
		return false;
	}
	if (ike->half_open < ike->config.half_open_cookies)
		return true;
	notify = wire_find_notify(payloads, IANA_NOTIFY_COOKIE);
	if (notify && ike_cookie_check(ike, path, spi_i, payloads->nonce,
				       notify->data)) {
		if (!has_enough(ike, &path->remote.address))
			return true;
		ike->counters.half_open_full++;
		return false;
	}
	if (notify)
		ike->counters.cookie_wrong++;
	ike->counters.cookie_asked++;
	error = ike_cookie_make(ike, path, spi_i, payloads->nonce, cookie);
	if (!error)
		send_notify(ike, path, spi_i, IANA_NOTIFY_COOKIE,
			    bytes_of(cookie, sizeof(cookie)));
	error_free(error);
	return false;
}

/**
 * struct choice - what a responder chooses from an offer
 * @suite: algorithms
 * @number: of the proposal
 * @encapsulation: of the connection that it fits to
 * @fragmentation: likewise
 */
struct choice {
	struct ike_suite suite;
	uint8_t number;
	enum ike_encapsulation encapsulation;
	enum ike_fragmentation fragmentation;
};

/* Finds algorithms that a connection with this peer may have. */
static struct error *find_suite(struct ike *ike, const struct ike_path *path,
				const struct wire_sa *offered,
				struct choice *choice)
{
	const struct wire_proposal *chosen;
	struct list *link, *following;
	struct ike_connection *connection;
	struct error *error = NULL;

	list_for_each(link, following, &ike->connections) {
		connection = list_entry(link, struct ike_connection, link);
		if (!ike_connection_is_on(connection, path))
			continue;
		error_free(error);
		error = ike_proposal_select(&connection->model.proposals,
					    offered, IANA_PROTOCOL_IKE, true,
					    &choice->suite, &chosen);
		if (!error) {
			choice->number = chosen->number;
			choice->encapsulation = connection->model.encapsulation;
			choice->fragmentation = connection->model.fragmentation;
			return NULL;
		}
	}
	return error ? error :
	       error_refused(0, "NO_PROPOSAL_CHOSEN: no connection is with this peer");
}

/* What any of the connections that this peer may have allows to it. */
static void put_expectations(struct ike_sa *sa, struct wire_writer *writer)
{
	struct ike_methods methods = { 0 };
	struct list *link, *following;
	bool certificates = false;

	list_for_each(link, following, &sa->ike->connections) {
		const struct ike_connection *connection;
		const struct ike_remote_auth *auth;

		connection = list_entry(link, struct ike_connection, link);
		auth = &connection->model.remote_auth;
		if (!auth->methods.schemes ||
		    !ike_connection_is_on(connection, &sa->path))
			continue;
		methods.schemes |= auth->methods.schemes;
		methods.hashes |= auth->methods.hashes;
		certificates |= auth->certificates;
	}
	ike_signature_put_hashes(&methods, writer);
	if (certificates)
		ike_certs_put_request(sa->ike, writer);
}

static struct error *put_response(struct ike_sa *sa,
				  const struct choice *choice)
{
	struct wire_header header = {
		.exchange = IANA_EXCHANGE_IKE_SA_INIT,
		.response = true,
	};
	struct ike_datagram *response;
	struct wire_writer writer;
	struct wire_sa chosen;
	struct error *error;

	ike_proposal_put(&chosen, &sa->suite, IANA_PROTOCOL_IKE, true,
			 choice->number);
	wire_writer_init(&writer, sa->ike->answer, sizeof(sa->ike->answer));
	wire_put_sa(&writer, &chosen);
	wire_put_ke(&writer, sa->suite.ke, dh_public(sa->handshake));
	wire_put_payload(&writer, IANA_PAYLOAD_NONCE,
			 nonce_bytes(&sa->handshake->nonce_r));
	if (sa->fragments)
		wire_put_notify(&writer,
				IANA_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED,
				bytes_of(NULL, 0));
	put_expectations(sa, &writer);
	error = ike_natd_put(sa, choice->encapsulation, &writer);
	if (!error)
		error = ike_message_build(sa, &header, &writer, &response);
	if (error)
		return error;
	sa->window.expected = 1;
	ike_message_send(sa, &sa->path, response);
	ike_datagram_free(response);
	return NULL;
}

static struct error *accept_init(struct ike_sa *sa, struct bytes datagram,
				 const struct wire_payloads *payloads,
				 const struct choice *choice)
{
	struct ike_handshake *handshake;
	struct error *error;

	handshake = calloc(1, sizeof(*handshake));
	if (!handshake)
		return error_no_memory();
	sa->handshake = handshake;
	handshake->init_i = ike_datagram_create(datagram.data, datagram.length);
	if (!handshake->init_i)
		return error_no_memory();
	ike_nonce_set(&handshake->nonce_i, payloads->nonce);
	ike_signature_take_hashes(handshake, payloads);
	take_fragmentation(sa, choice->fragmentation, payloads);
	error = make_nonce(sa->ike, &handshake->nonce_r);
	if (!error)
		error = ike_natd_check(sa, payloads);
	if (!error)
		error = ike_sa_set_responder_spi(sa);
	if (!error)
		error = make_dh(handshake, sa->suite.ke);
	if (!error)
		error = make_keys(sa, payloads);
	return error ? error : put_response(sa, choice);
}

/* It was answered before: again, if it is the very same. */
static void answer_again(struct ike_sa *sa, struct bytes datagram)
{
	const struct ike_handshake *handshake = sa->handshake;

	if (!handshake || !handshake->init_r ||
	    !bytes_equal(datagram, bytes_of(handshake->init_i->data,
					    handshake->init_i->length)))
		return;
	sa->ike->counters.answered_again++;
	ike_message_send(sa, &sa->path, handshake->init_r);
}

/* Agrees on algorithms, or says which do not fit. */
static bool negotiate(struct ike *ike, const struct ike_path *path,
		      uint64_t spi_i, const struct wire_payloads *payloads,
		      struct choice *choice)
{
	uint8_t method[2];
	struct error *error;

	error = find_suite(ike, path, &payloads->sa, choice);
	if (error) {
		ike_path_log(ike, path, "%s", error->sentence);
		error_free(error);
		send_notify(ike, path, spi_i, IANA_NOTIFY_NO_PROPOSAL_CHOSEN,
			    bytes_of(NULL, 0));
		return false;
	}
	if (payloads->ke.method == choice->suite.ke)
		return true;
	method[0] = (uint8_t)(choice->suite.ke >> 8);
	method[1] = (uint8_t)choice->suite.ke;
	send_notify(ike, path, spi_i, IANA_NOTIFY_INVALID_KE_PAYLOAD,
		    bytes_of(method, sizeof(method)));
	return false;
}

static bool is_first_request(const struct wire_header *header)
{
	return !header->message_id && !header->spi_r && header->initiator;
}

/**
 * ike_init_refuse_critical - a peer begins an IKE SA by what we don't understand
 * @ike: the engine, which knows the type of the payload
 * @path: where the request came from
 * @header: its header
 *
 * RFC 7296, 2.5: it is told, and may try without.
 */
void ike_init_refuse_critical(struct ike *ike, const struct ike_path *path,
			      const struct wire_header *header)
{
	if (is_first_request(header))
		send_notify(ike, path, header->spi_i,
			    IANA_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD,
			    bytes_of(&ike->payloads.critical, 1));
}

/**
 * ike_init_respond - a peer begins an IKE SA
 * @ike: the engine, which has decoded the payloads of the request
 * @path: where it came from
 * @header: its header
 * @datagram: all of it
 */
void ike_init_respond(struct ike *ike, const struct ike_path *path,
		      const struct wire_header *header, struct bytes datagram)
{
	const struct wire_payloads *payloads = &ike->payloads;
	struct choice choice;
	struct error *error;
	struct ike_sa *sa;

	if (!is_first_request(header) ||
	    !wire_has(payloads, IANA_PAYLOAD_SA) ||
	    !wire_has(payloads, IANA_PAYLOAD_KE) ||
	    !wire_has(payloads, IANA_PAYLOAD_NONCE)) {
		ike->counters.unexpected_request++;
		return;
	}
	sa = ike_sa_find_half_open(ike, header->spi_i, path);
	if (sa) {
		answer_again(sa, datagram);
		return;
	}
	if (!admit(ike, path, header->spi_i, payloads) ||
	    !negotiate(ike, path, header->spi_i, payloads, &choice))
		return;
	sa = ike_sa_create(ike, path, false);
	if (!sa)
		return;
	sa->suite = choice.suite;
	sa->spi_i = header->spi_i;
	ike_sa_half_open(sa);
	ike_message_log(sa, header, false, header->next_payload,
			bytes_of(datagram.data + WIRE_HEADER_SIZE,
				 datagram.length - WIRE_HEADER_SIZE));
	error = accept_init(sa, datagram, payloads, &choice);
	if (error)
		ike_sa_fail(sa, error);
}
