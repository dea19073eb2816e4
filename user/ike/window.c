// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests and responses of an IKE SA: one request of each side at a time, sent
 * again with growing pauses until it is answered; responses kept as long as the
 * request may come again (RFC 7296, 2.1 to 2.4).
 */
#include <stdlib.h>

#include "ike/exchange.h"
#include "ike/natd.h"
#include "lib/iana.h"

/* The longest pause before a request is sent again, in milliseconds */
#define WAIT_MAX 8000

/* So much longer an answer may take while the peer shows that it is there */
#define HEARD_FACTOR 3

/**
 * ike_exchange_free - an exchange is over
 * @exchange: the exchange, or NULL
 */
void ike_exchange_free(struct ike_exchange *exchange)
{
	if (!exchange)
		return;
	list_remove(&exchange->link);
	if (exchange->kind->destroy)
		exchange->kind->destroy(exchange);
	free(exchange);
}

static struct error *send_request(struct ike_sa *sa,
				  struct ike_exchange *exchange)
{
	struct ike_window *window = &sa->window;
	struct wire_header header = {
		.exchange = exchange->kind->type,
		.message_id = window->next,
	};
	struct ike *ike = sa->ike;
	struct wire_writer writer;
	struct error *error;

	wire_writer_init(&writer, ike->chain, sizeof(ike->chain));
	error = exchange->kind->build(exchange, &writer);
	if (!error)
		error = ike_message_build(sa, &header, &writer,
					  &window->request);
	if (error)
		return error;
	window->next++;
	window->current = exchange;
	window->since = ike_now(ike);
	window->wait = ike_sa_retransmit(sa);
	ike_set_timer(ike, &window->timer, window->wait);
	ike_message_send(sa, &sa->path, window->request);
	return NULL;
}

/**
 * ike_window_advance - send the next request, if none is under way
 * @sa: the IKE SA
 */
void ike_window_advance(struct ike_sa *sa)
{
	struct ike_window *window = &sa->window;
	struct ike_exchange *exchange;
	struct error *error;

	while (!window->current && !list_empty(&window->queue) &&
	       sa->state != IKE_SA_DEAD && !sa->rival_of) {
		exchange = list_entry(window->queue.next, struct ike_exchange,
				      link);
		list_remove(&exchange->link);
		if (exchange->kind->wanted && !exchange->kind->wanted(exchange)) {
			ike_exchange_free(exchange);
			continue;
		}
		error = send_request(sa, exchange);
		if (!error)
			continue;
		ike_exchange_free(exchange);
		if (sa->state == IKE_SA_CONNECTING) {
			ike_sa_fail(sa, error);
			return;
		}
		ike_sa_log(sa, IKE_LEVEL_ERROR, "%s", error->sentence);
		error_free(error);
	}
	ike_reauth_advance(sa);
}

/**
 * ike_window_enqueue - begin an exchange as soon as it may
 * @exchange: the exchange, which is freed when it is over
 */
void ike_window_enqueue(struct ike_exchange *exchange)
{
	list_append(&exchange->sa->window.queue, &exchange->link);
	ike_window_advance(exchange->sa);
}

static void end_request(struct ike_sa *sa)
{
	struct ike_window *window = &sa->window;

	ike_timer_stop(&sa->ike->timers, &window->timer);
	ike_datagram_free(window->request);
	window->request = NULL;
	window->current = NULL;
}

/**
 * ike_window_restart - the next request is the first one again
 * @sa: the IKE SA, whose IKE_SA_INIT begins anew
 */
void ike_window_restart(struct ike_sa *sa)
{
	end_request(sa);
	sa->window.next = 0;
}

/*
 * When it is too late for an answer. That is later if the peer was there after we asked,
 * or asked itself for the response that made the IKE SA: it cannot answer before it has
 * that.
 */
static uint64_t last_moment(const struct ike_sa *sa)
{
	uint64_t patience = ike_sa_patience(sa), sign = sa->heard;
	uint64_t since = sa->window.since, last;

	if (sa->state == IKE_SA_CONNECTING || sign < since)
		sign = since;
	if (!sa->initiator && sa->heard <= sa->established && sign < sa->asked)
		sign = sa->asked;
	last = since + HEARD_FACTOR * patience;
	return sign + patience < last ? sign + patience : last;
}

/**
 * ike_window_expire - a request was not answered in time
 * @timer: of the window
 */
void ike_window_expire(struct ike_timer *timer)
{
	struct ike_sa *sa = list_entry(timer, struct ike_sa, window.timer);
	struct ike_window *window = &sa->window;
	struct ike *ike = sa->ike;
	char text[IANA_TEXT_SIZE];
	uint64_t now = ike_now(ike), last = last_moment(sa);

	if (now >= last) {
		ike_sa_peer_dead(sa, error_refused(0, "no answer to %s within %llu seconds",
						   iana_text(IANA_EXCHANGE, window->current->kind->type, text),
						   (unsigned long long)(now - window->since) / 1000));
		return;
	}
	window->wait *= 2;
	if (window->wait > WAIT_MAX)
		window->wait = WAIT_MAX;
	if (window->wait > last - now)
		window->wait = (uint32_t)(last - now);
	ike->counters.retransmitted++;
	ike_sa_log(sa, IKE_LEVEL_INFO,
		   "%s: retransmission; will wait %u.%03u seconds for response",
		   iana_text(IANA_EXCHANGE, window->current->kind->type, text),
		   window->wait / 1000, window->wait % 1000);
	ike_set_timer(ike, &window->timer, window->wait);
	ike_message_send(sa, &sa->path, window->request);
}

/**
 * ike_window_awaits - is it the response to our request
 * @sa: the IKE SA
 * @header: of a response
 *
 * Return: whether there is a request of ours that it would answer.
 */
bool ike_window_awaits(const struct ike_sa *sa,
		       const struct wire_header *header)
{
	const struct ike_window *window = &sa->window;

	return window->current && header->message_id == window->next - 1 &&
	       header->exchange == window->current->kind->type;
}

static void receive_response(struct ike_sa *sa, const struct ike_path *path,
			     const struct wire_header *header,
			     const struct wire_payloads *payloads)
{
	struct ike_window *window = &sa->window;
	struct ike_exchange *exchange = window->current;

	if (!ike_window_awaits(sa, header)) {
		sa->ike->counters.unexpected_response++;
		return;
	}
	end_request(sa);
	sa->heard = ike_now(sa->ike);
	ike_natd_follow(sa, path);
	/* in no list; what it answers may end the IKE SA */
	list_init(&exchange->link);
	if (sa->state == IKE_SA_ESTABLISHED)
		ike_reauth_proved(sa, false);
	exchange->kind->answer(exchange, payloads);
	ike_exchange_free(exchange);
	if (sa->state != IKE_SA_DEAD)
		ike_window_advance(sa);
}

static enum ike_reply respond(struct ike_sa *sa, uint8_t exchange,
			      const struct wire_payloads *payloads,
			      struct wire_writer *writer)
{
	if (exchange == IANA_EXCHANGE_IKE_AUTH)
		return sa->state == IKE_SA_CONNECTING && !sa->initiator ?
		       ike_auth_respond(sa, payloads, writer) : IKE_SILENCE;
	if (sa->state == IKE_SA_CONNECTING || sa->state == IKE_SA_ENDED)
		return IKE_SILENCE;
	if (exchange == IANA_EXCHANGE_CREATE_CHILD_SA)
		return ike_create_child_respond(sa, payloads, writer);
	if (exchange == IANA_EXCHANGE_INFORMATIONAL)
		return ike_informational_respond(sa, payloads, writer);
	return IKE_SILENCE;
}

/**
 * ike_window_respond - answer the peer's request that is to be answered next
 * @sa: the IKE SA
 * @exchange: enum iana_exchange
 * @writer: payloads of the response
 */
void ike_window_respond(struct ike_sa *sa, uint8_t exchange,
			const struct wire_writer *writer)
{
	struct ike_window *window = &sa->window;
	struct wire_header answer = {
		.exchange = exchange,
		.message_id = window->expected++,
		.response = true,
	};
	struct error *error;

	window->pending = false;
	ike_datagram_free(window->response);
	window->response = NULL;
	error = ike_message_build(sa, &answer, writer, &window->response);
	if (error) {
		ike_sa_fail(sa, error);
		return;
	}
	ike_message_send(sa, &sa->path, window->response);
	if (sa->ends)
		ike_sa_end(sa, sa->ends);
}

/* The peer still waits for our response, which may be what makes an IKE SA. */
static void note_asked(struct ike_sa *sa)
{
	if (sa->state == IKE_SA_REKEYED)
		sa = ike_sa_find_ours(sa->ike, sa->successor);
	if (sa)
		sa->asked = ike_now(sa->ike);
}

/* Is it the peer's next request? An earlier one is answered as it was. */
static bool is_next(struct ike_sa *sa, const struct ike_path *path,
		    const struct wire_header *header)
{
	struct ike_window *window = &sa->window;

	if (header->message_id == window->expected) {
		if (window->pending) {
			sa->ike->counters.request_pending++;
			return false;
		}
		sa->heard = ike_now(sa->ike);
		ike_natd_follow(sa, path);
		return true;
	}
	if (window->response && header->message_id == window->expected - 1) {
		sa->ike->counters.answered_again++;
		note_asked(sa);
		/* what was sent before may have met a mapping that is gone */
		ike_message_send(sa, path, window->response);
	} else {
		sa->ike->counters.unexpected_request++;
	}
	return false;
}

static void receive_request(struct ike_sa *sa, const struct ike_path *path,
			    const struct wire_header *header,
			    const struct wire_payloads *payloads)
{
	struct ike *ike = sa->ike;
	struct wire_writer writer;

	if (!is_next(sa, path, header))
		return;
	/* who refuses what we have answered has not taken it */
	if (sa->state == IKE_SA_ESTABLISHED &&
	    !(header->exchange == IANA_EXCHANGE_INFORMATIONAL &&
	      ike_informational_refuses(sa, payloads)))
		ike_reauth_proved(sa, true);
	wire_writer_init(&writer, ike->answer, sizeof(ike->answer));
	switch (respond(sa, header->exchange, payloads, &writer)) {
	case IKE_REPLY:
		ike_window_respond(sa, header->exchange, &writer);
		break;
	case IKE_LATER:
		sa->window.pending = true;
		break;
	case IKE_SILENCE:
		ike->counters.unexpected_exchange++;
		break;
	}
}

/**
 * ike_window_receive - act upon an authentic message
 * @sa: the IKE SA
 * @path: the way it took
 * @header: of the message
 * @payloads: its payloads
 */
void ike_window_receive(struct ike_sa *sa, const struct ike_path *path,
			const struct wire_header *header,
			const struct wire_payloads *payloads)
{
	if (header->response)
		receive_response(sa, path, header, payloads);
	else
		receive_request(sa, path, header, payloads);
}

/**
 * ike_window_refuse - answer an authentic request that is malformed
 * @sa: the IKE SA
 * @path: the way it took
 * @header: of the request
 * @notify: what to tell the peer
 * @data: of the notify
 */
void ike_window_refuse(struct ike_sa *sa, const struct ike_path *path,
		       const struct wire_header *header, uint16_t notify,
		       struct bytes data)
{
	struct wire_writer writer;

	if (header->response || !is_next(sa, path, header))
		return;
	wire_writer_init(&writer, sa->ike->answer, sizeof(sa->ike->answer));
	wire_put_notify(&writer, notify, data);
	ike_window_respond(sa, header->exchange, &writer);
}

/**
 * ike_window_forget - a child SA goes away
 * @sa: its IKE SA
 * @child: the child SA
 */
void ike_window_forget(struct ike_sa *sa, const struct ike_child *child)
{
	struct ike_exchange *exchange = sa->window.current;
	struct list *link, *following;

	if (exchange && exchange->kind->forget)
		exchange->kind->forget(exchange, child);
	list_for_each(link, following, &sa->window.queue) {
		exchange = list_entry(link, struct ike_exchange, link);
		if (exchange->kind->forget)
			exchange->kind->forget(exchange, child);
	}
}

/**
 * ike_window_forget_connection - a connection goes away
 * @sa: an IKE SA, which is of another one
 * @connection: the connection
 */
void ike_window_forget_connection(struct ike_sa *sa,
				  const struct ike_connection *connection)
{
	struct ike_exchange *exchange = sa->window.current;
	struct list *link, *following;

	if (exchange && exchange->kind->forget_connection)
		exchange->kind->forget_connection(exchange, connection);
	list_for_each(link, following, &sa->window.queue) {
		exchange = list_entry(link, struct ike_exchange, link);
		if (exchange->kind->forget_connection)
			exchange->kind->forget_connection(exchange, connection);
	}
}

/**
 * ike_window_forget_sa - an IKE SA goes away
 * @sa: another IKE SA
 * @other: the one that goes
 */
void ike_window_forget_sa(struct ike_sa *sa, const struct ike_sa *other)
{
	struct ike_exchange *exchange = sa->window.current;

	if (exchange && exchange->kind->forget_sa)
		exchange->kind->forget_sa(exchange, other);
}

/**
 * ike_window_drop_queue - end our requests that were not sent
 * @sa: the IKE SA, which ends
 */
void ike_window_drop_queue(struct ike_sa *sa)
{
	struct list *queue = &sa->window.queue;

	while (!list_empty(queue))
		ike_exchange_free(list_entry(queue->next, struct ike_exchange,
					     link));
}

/**
 * ike_window_clear - end all our requests
 * @sa: the IKE SA, which ends
 */
void ike_window_clear(struct ike_sa *sa)
{
	struct ike_exchange *current = sa->window.current;

	end_request(sa);
	ike_exchange_free(current);
	ike_window_drop_queue(sa);
}

/**
 * ike_window_changes - is a request under way that makes or ends SAs
 * @sa: the IKE SA
 *
 * Return: whether one is.
 */
bool ike_window_changes(const struct ike_sa *sa)
{
	return sa->window.current && sa->window.current->kind->changes;
}

/**
 * ike_window_rekeys_ike - is a request under way that rekeys the IKE SA
 * @sa: the IKE SA
 *
 * Return: whether one is.
 */
bool ike_window_rekeys_ike(const struct ike_sa *sa)
{
	return sa->window.current && sa->window.current->kind->rekeys_ike;
}
