// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INFORMATIONAL (RFC 7296, 1.4): deleting SAs, and signs of life.
 */
#include <stdlib.h>

#include "ike/child.h"
#include "ike/exchange.h"
#include "lib/array.h"
#include "lib/iana.h"

/* Of more SPIs than this that one request deletes ours are not told */
#define SPIS_MAX 64

/* Message id of the initiator's request that follows IKE_AUTH */
#define AFTER_AUTH 2

/**
 * struct removal - an exchange that deletes an SA
 * @exchange: what it is part of
 * @child: the child SA, NULL if it is gone; not used for an IKE SA
 * @spi: of the inbound SA of one that was gone before
 */
struct removal {
	struct ike_exchange exchange;
	struct ike_child *child;
	uint32_t spi;
};

static struct removal *removal_of(struct ike_exchange *exchange)
{
	return list_entry(exchange, struct removal, exchange);
}

static struct error *build_delete(struct ike_exchange *exchange,
				  struct wire_writer *writer)
{
	(void)exchange;
	wire_put_delete(writer, IANA_PROTOCOL_IKE, NULL, 0);
	return NULL;
}

static void answer_delete(struct ike_exchange *exchange,
			  const struct wire_payloads *payloads)
{
	(void)payloads;
	ike_sa_kill(exchange->sa, "we have ended it");
}

/* One that was rekeyed while it was to end goes first, and then what it became. */
static void destroy_delete(struct ike_exchange *exchange)
{
	struct ike_sa *sa = exchange->sa, *next;

	if (!sa->successor)
		return;
	next = ike_sa_find_ours(sa->ike, sa->successor);
	if (next && next->state == IKE_SA_DELETING && !next->window.current)
		error_free(ike_delete_begin(next));
}

static const struct ike_exchange_kind kind_delete = {
	.type = IANA_EXCHANGE_INFORMATIONAL,
	.changes = true,
	.build = build_delete,
	.answer = answer_delete,
	.destroy = destroy_delete,
};

static bool wanted_delete_child(const struct ike_exchange *exchange)
{
	const struct removal *removal;

	removal = (const struct removal *)(const void *)exchange;
	return removal->child;
}

static struct error *build_delete_child(struct ike_exchange *exchange,
					struct wire_writer *writer)
{
	const struct ike_child *child = removal_of(exchange)->child;

	wire_put_delete(writer, IANA_PROTOCOL_ESP, &child->pair.spi_in, 1);
	return NULL;
}

static void answer_delete_child(struct ike_exchange *exchange,
				const struct wire_payloads *payloads)
{
	struct removal *removal = removal_of(exchange);
	struct ike_child *child = removal->child;

	(void)payloads;
	removal->child = NULL;
	if (child)
		ike_child_end(child, "we have ended it");
}

static void forget_child(struct ike_exchange *exchange,
			 const struct ike_child *child)
{
	struct removal *removal = removal_of(exchange);

	if (removal->child == child)
		removal->child = NULL;
}

static const struct ike_exchange_kind kind_delete_child = {
	.type = IANA_EXCHANGE_INFORMATIONAL,
	.changes = true,
	.wanted = wanted_delete_child,
	.build = build_delete_child,
	.answer = answer_delete_child,
	.forget = forget_child,
};

static struct error *build_delete_ended(struct ike_exchange *exchange,
					struct wire_writer *writer)
{
	wire_put_delete(writer, IANA_PROTOCOL_ESP, &removal_of(exchange)->spi,
			1);
	return NULL;
}

/* That an answer came is all there is to know. */
static void answer_nothing(struct ike_exchange *exchange,
			   const struct wire_payloads *payloads)
{
	(void)exchange;
	(void)payloads;
}

static const struct ike_exchange_kind kind_delete_ended = {
	.type = IANA_EXCHANGE_INFORMATIONAL,
	.changes = true,
	.build = build_delete_ended,
	.answer = answer_nothing,
};

static bool wanted_liveness(const struct ike_exchange *exchange)
{
	return exchange->sa->state == IKE_SA_ESTABLISHED;
}

static struct error *build_liveness(struct ike_exchange *exchange,
				    struct wire_writer *writer)
{
	(void)exchange;
	(void)writer;
	return NULL;
}

static const struct ike_exchange_kind kind_liveness = {
	.type = IANA_EXCHANGE_INFORMATIONAL,
	.wanted = wanted_liveness,
	.build = build_liveness,
	.answer = answer_nothing,
};

static struct error *enqueue(struct ike_sa *sa,
			     const struct ike_exchange_kind *kind,
			     struct ike_child *child, uint32_t spi)
{
	struct removal *removal = calloc(1, sizeof(*removal));

	if (!removal)
		return error_no_memory();
	removal->exchange.kind = kind;
	removal->exchange.sa = sa;
	removal->child = child;
	removal->spi = spi;
	ike_window_enqueue(&removal->exchange);
	return NULL;
}

/**
 * ike_delete_begin - delete an IKE SA with its children
 * @sa: the IKE SA
 *
 * Return: NULL, or why the peer cannot be told.
 */
struct error *ike_delete_begin(struct ike_sa *sa)
{
	/* what waits for its turn is of no use any more */
	ike_window_drop_queue(sa);
	if (sa->state == IKE_SA_ESTABLISHED)
		sa->state = IKE_SA_DELETING;
	return enqueue(sa, &kind_delete, NULL, 0);
}

/**
 * ike_delete_child_begin - delete a child SA
 * @child: the child SA
 *
 * Return: NULL, or why the peer cannot be told.
 */
struct error *ike_delete_child_begin(struct ike_child *child)
{
	child->state = IKE_CHILD_DELETING;
	return enqueue(child->sa, &kind_delete_child, child, 0);
}

/**
 * ike_delete_ended_begin - tell the peer that a child SA has ended
 * @sa: the IKE SA
 * @spi: of the inbound SA that it had
 *
 * Return: NULL, or why the peer cannot be told.
 */
struct error *ike_delete_ended_begin(struct ike_sa *sa, uint32_t spi)
{
	return enqueue(sa, &kind_delete_ended, NULL, spi);
}

/**
 * ike_liveness_begin - ask whether the peer is there
 * @sa: the IKE SA
 *
 * Return: NULL, or why it cannot be asked.
 */
struct error *ike_liveness_begin(struct ike_sa *sa)
{
	return enqueue(sa, &kind_liveness, NULL, 0);
}

/*
 * Ends the child SAs that a delete payload names; collects our SPIs of them, as far as
 * they fit.
 */
static void end_children(struct ike_sa *sa, const struct wire_delete *del,
			 uint32_t spis[SPIS_MAX], uint16_t *count)
{
	struct ike_child *child;
	bool crossed;
	uint32_t spi;
	uint16_t i;

	for (i = 0; i < del->count; i++) {
		spi = wire_delete_spi(del, i);
		child = ike_child_find(sa, spi);
		if (!child) {
			ike_create_child_ended(sa, spi);
			continue;
		}
		/* RFC 7296, 1.4.1: both delete it, so neither answers that */
		crossed = child->state == IKE_CHILD_DELETING &&
			  sa->window.current &&
			  sa->window.current->kind == &kind_delete_child &&
			  removal_of(sa->window.current)->child == child;
		spi = child->pair.spi_in;
		ike_child_end(child, "the peer has ended it");
		if (!crossed && *count < SPIS_MAX)
			spis[(*count)++] = spi;
	}
}

/* The notify that ends an IKE SA without a delete payload, NULL if there is none */
static const struct wire_notify *
find_refusal(const struct wire_payloads *payloads)
{
	static const uint16_t types[] = {
		IANA_NOTIFY_AUTHENTICATION_FAILED, IANA_NOTIFY_INVALID_SYNTAX,
		IANA_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD,
	};
	const struct wire_notify *notify = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types) && !notify; i++)
		notify = wire_find_notify(payloads, types[i]);
	return notify;
}

/**
 * ike_informational_refuses - does the peer refuse our response to IKE_AUTH
 * @sa: the IKE SA
 * @payloads: the request of INFORMATIONAL that is to be answered next
 *
 * Only the request that comes right after IKE_AUTH can do that (RFC 7296, 2.21.2).
 *
 * Return: whether it does, which ends the IKE SA.
 */
bool ike_informational_refuses(const struct ike_sa *sa,
			       const struct wire_payloads *payloads)
{
	/* one that has come by rekeying has another SPI than the first one */
	return !sa->initiator && sa->origin.spi == sa->spi_i &&
	       sa->window.expected == AFTER_AUTH && find_refusal(payloads);
}

static void end_refused(struct ike_sa *sa, const struct wire_payloads *payloads)
{
	char text[IANA_TEXT_SIZE];

	ike_sa_log(sa, IKE_LEVEL_ERROR,
		   "the peer refuses our response to IKE_AUTH: %s",
		   iana_text(IANA_NOTIFY, find_refusal(payloads)->type, text));
	sa->ends = "the peer refused our response to IKE_AUTH";
}

/**
 * ike_informational_respond - answer a request of INFORMATIONAL
 * @sa: the IKE SA
 * @payloads: the request
 * @writer: where the response goes
 *
 * Return: what comes of it.
 */
enum ike_reply ike_informational_respond(struct ike_sa *sa,
					 const struct wire_payloads *payloads,
					 struct wire_writer *writer)
{
	uint32_t spis[SPIS_MAX];
	uint16_t count = 0, i;

	if (ike_informational_refuses(sa, payloads)) {
		end_refused(sa, payloads);
		return IKE_REPLY;
	}
	for (i = 0; i < payloads->delete_count; i++) {
		if (payloads->deletes[i].protocol == IANA_PROTOCOL_IKE) {
			sa->ends = "the peer has ended it";
			return IKE_REPLY;
		}
	}
	/* a peer that asks anything of a rival has seen that it stays */
	if (sa->rival_of)
		ike_rekey_rival_stays(sa);
	for (i = 0; i < payloads->delete_count; i++) {
		if (payloads->deletes[i].protocol == IANA_PROTOCOL_ESP)
			end_children(sa, &payloads->deletes[i], spis, &count);
	}
	if (count)
		wire_put_delete(writer, IANA_PROTOCOL_ESP, spis, count);
	return IKE_REPLY;
}
