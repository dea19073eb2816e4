// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine as its user sees it: making it, and feeding it with datagrams and
 * time.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/auth.h"
#include "ike/child.h"
#include "ike/exchange.h"
#include "lib/iana.h"

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
	list_init(&created->instances);
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
	/* first those that others would leave something to */
	while (!list_empty(&ike->sas))
		ike_sa_kill_quietly(list_entry(ike->sas.previous,
					       struct ike_sa, link));
	ike_reap(ike);
	while (!list_empty(list))
		ike_connection_free(list_entry(list->next,
					       struct ike_connection, link));
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
	ike_sa_fail(sa, error_refused(0, "the peer sent a message that makes no sense"));
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
		if (reason == WIRE_REASON_CRITICAL && !header->response)
			ike_init_refuse_critical(ike, path, header);
		return;
	}
	if (!header->response) {
		ike_init_respond(ike, path, header, datagram);
		return;
	}
	sa = ike_sa_find(ike, header);
	/* one that is to replace another has an SPI and no keys as well */
	if (!sa || sa->state != IKE_SA_CONNECTING || !sa->handshake ||
	    sa->keys.prf) {
		ike->counters.unexpected_response++;
		return;
	}
	/* not authentic: it says nothing about the peer being there */
	sa->handshake->init_r = ike_datagram_create(datagram.data,
						    datagram.length);
	sa->spi_r = header->spi_r;
	if (!sa->handshake->init_r)
		return;
	ike_message_log(sa, header, false, header->next_payload, chain);
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
		if (sa->replaces || sa->window.current ||
		    !list_empty(&sa->window.queue) ||
		    ike_signature_is_awaited(sa))
			status.busy++;
		for (child = sa->children.next; child != &sa->children;
		     child = child->next)
			status.children++;
	}
	return status;
}
