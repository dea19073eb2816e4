// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the engine says: sentences for the log, and what became of connections;
 * each with what it is about.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ike/child.h"
#include "lib/iana.h"

#define SENTENCE_SIZE 1280

/* Of the payloads of one message: what doesn't fit is left out */
#define PAYLOADS_SIZE 640

__attribute__((format(printf, 4, 0)))
static void say(struct ike *ike, enum ike_level level,
		const struct ike_subject *about, const char *format,
		va_list arguments)
{
	char sentence[SENTENCE_SIZE];

	vsnprintf(sentence, sizeof(sentence), format, arguments);
	ike->ops->log(ike->context, level, about, sentence);
}

static struct ike_subject subject_of(const struct ike_sa *sa,
				     const struct ike_connection *connection)
{
	return (struct ike_subject){
		.connection = connection ? connection->model.name : NULL,
		.instance = ike_connection_instance(connection),
		.serial = sa->serial,
		.path = &sa->path,
	};
}

static struct ike_subject subject_of_child(const struct ike_child *child)
{
	struct ike_subject about = subject_of(child->sa, child->connection);

	about.child = child->model->name;
	about.serial = child->pair.serial;
	return about;
}

/**
 * ike_path_log - a sentence about a peer that has no IKE SA
 * @ike: the engine
 * @path: where the peer is
 * @format: the sentence, as for printf
 */
void ike_path_log(struct ike *ike, const struct ike_path *path,
		  const char *format, ...)
{
	const struct ike_subject about = { .path = path };
	va_list arguments;

	va_start(arguments, format);
	say(ike, IKE_LEVEL_PEER, &about, format, arguments);
	va_end(arguments);
}

/**
 * ike_connection_log - say that a packet waits for a connection
 * @connection: the connection
 * @flow: what the packet shows
 */
void ike_connection_log(struct ike_connection *connection,
			const struct ike_flow *flow)
{
	const struct ike_subject about = {
		.connection = connection->model.name,
		.instance = ike_connection_instance(connection),
	};
	char from[ADDRESS_TEXT_SIZE], to[ADDRESS_TEXT_SIZE];
	char sentence[SENTENCE_SIZE];
	struct ike *ike = connection->ike;

	snprintf(sentence, sizeof(sentence),
		 "initiate on demand: a packet of protocol %u from %s:%u to %s:%u waits",
		 flow->protocol, address_text(&flow->source.address, from),
		 flow->source.port, address_text(&flow->destination.address, to),
		 flow->destination.port);
	ike->ops->log(ike->context, IKE_LEVEL_INFO, &about, sentence);
}

/**
 * ike_sa_log - a sentence about an IKE SA
 * @sa: the IKE SA
 * @level: for whom it is
 * @format: the sentence, as for printf
 */
void ike_sa_log(struct ike_sa *sa, enum ike_level level, const char *format,
		...)
{
	const struct ike_subject about = subject_of(sa, sa->connection);
	va_list arguments;

	va_start(arguments, format);
	say(sa->ike, level, &about, format, arguments);
	va_end(arguments);
}

/* Names of payloads, each with a blank before it; of notifications their own. */
static void name_payloads(uint8_t type, struct bytes chain, char *text)
{
	struct bytes_reader reader, body;
	char name[IANA_TEXT_SIZE];
	size_t used = 0;
	uint16_t length;
	uint8_t next;

	text[0] = '\0';
	bytes_reader_init(&reader, chain);
	for (; type && used < PAYLOADS_SIZE; type = next) {
		next = bytes_take_u8(&reader);
		bytes_take_u8(&reader);
		length = bytes_take_u16(&reader);
		if (length < 4)
			return;
		bytes_reader_init(&body, bytes_take(&reader, length - 4u));
		if (reader.failed)
			return;
		used += (size_t)snprintf(text + used, PAYLOADS_SIZE - used, " %s",
					 iana_text(IANA_PAYLOAD, type, name));
		if (type != IANA_PAYLOAD_NOTIFY || used >= PAYLOADS_SIZE)
			continue;
		bytes_take_u16(&body);
		used += (size_t)snprintf(text + used, PAYLOADS_SIZE - used, "(%s)",
					 iana_text(IANA_NOTIFY,
						   bytes_take_u16(&body), name));
	}
}

/**
 * ike_message_log - say what is in a message, if somebody wants to know
 * @sa: its IKE SA
 * @header: of the message
 * @sent: it is ours
 * @first: type of its first payload
 * @chain: the payloads, decrypted
 */
void ike_message_log(struct ike_sa *sa, const struct wire_header *header,
		     bool sent, uint8_t first, struct bytes chain)
{
	char payloads[PAYLOADS_SIZE], exchange[IANA_TEXT_SIZE];

	if (!sa->ike->config.debug)
		return;
	name_payloads(first, chain, payloads);
	/* who isn't known yet may be anybody, and many */
	ike_sa_log(sa, sa->connection ? IKE_LEVEL_DEBUG : IKE_LEVEL_PEER,
		   "%s %s %s %u, %zu bytes:%s",
		   sent ? "makes" : "gets",
		   iana_text(IANA_EXCHANGE, header->exchange, exchange),
		   header->response ? "response" : "request",
		   header->message_id, chain.length,
		   payloads[0] ? payloads : " no payloads");
}

/**
 * ike_sa_tell - tell what became of an IKE SA
 * @sa: the IKE SA
 * @connection: one that it serves, which is told
 * @event: what
 * @why: in words, NULL if all is well
 */
void ike_sa_tell(const struct ike_sa *sa,
		 const struct ike_connection *connection, enum ike_event event,
		 const char *why)
{
	const struct ike_subject about = subject_of(sa, connection);

	sa->ike->ops->tell(sa->ike->context, event, &about, why);
}

/**
 * ike_connection_tell - tell what became of a connection that has no IKE SA
 * @connection: the connection
 * @event: what
 * @why: in words, NULL if all is well
 */
void ike_connection_tell(const struct ike_connection *connection,
			 enum ike_event event, const char *why)
{
	const struct ike_subject about = {
		.connection = connection->model.name,
		.instance = ike_connection_instance(connection),
	};
	struct ike *ike = connection->ike;

	ike->ops->tell(ike->context, event, &about, why);
}

/**
 * ike_child_log - a sentence about a child SA
 * @child: the child SA
 * @level: for whom it is
 * @format: the sentence, as for printf
 */
void ike_child_log(const struct ike_child *child, enum ike_level level,
		   const char *format, ...)
{
	const struct ike_subject about = subject_of_child(child);
	va_list arguments;

	va_start(arguments, format);
	say(child->sa->ike, level, &about, format, arguments);
	va_end(arguments);
}

/**
 * ike_child_tell - tell what became of a child SA
 * @child: the child SA
 * @event: what
 * @why: in words, NULL if all is well
 */
void ike_child_tell(const struct ike_child *child, enum ike_event event,
		    const char *why)
{
	const struct ike_subject about = subject_of_child(child);
	struct ike *ike = child->sa->ike;

	ike->ops->tell(ike->context, event, &about, why);
}
