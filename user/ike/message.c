// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Turns chains of payloads into datagrams and back: in the clear for
 * IKE_SA_INIT, encrypted for everything else.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/exchange.h"
#include "ike/fragment.h"
#include "lib/iana.h"

/* Bytes that padding to a block may add */
#define BLOCK_SIZE_MAX 16

/**
 * ike_datagram_create - keep a datagram
 * @data: the datagram
 * @length: bytes of it
 *
 * Return: a copy, NULL if there is no memory.
 */
struct ike_datagram *ike_datagram_create(const uint8_t *data, size_t length)
{
	struct ike_datagram *datagram = malloc(sizeof(*datagram) + length);

	if (!datagram)
		return NULL;
	datagram->next = NULL;
	datagram->length = length;
	memcpy(datagram->data, data, length);
	return datagram;
}

/**
 * ike_datagram_free - free datagrams
 * @datagram: the first of a message, or NULL
 */
void ike_datagram_free(struct ike_datagram *datagram)
{
	struct ike_datagram *next;

	for (; datagram; datagram = next) {
		next = datagram->next;
		free(datagram);
	}
}

/* The message in ike->sending, in the clear; returns its length. */
static size_t put_plain(struct ike *ike, struct wire_header *header,
			const struct wire_writer *writer)
{
	struct bytes chain = bytes_written(&writer->bytes);
	size_t length = WIRE_HEADER_SIZE + chain.length;

	if (length > IKE_DATAGRAM_SIZE)
		return 0;
	header->next_payload = writer->first;
	wire_encode_header(header, length, ike->sending);
	memcpy(ike->sending + WIRE_HEADER_SIZE, chain.data, chain.length);
	return length;
}

/* The message, or a fragment of it, in ike->sending, encrypted. */
static struct error *put_sealed(struct ike_sa *sa, struct wire_header *header,
				const struct wire_encrypted *encrypted,
				struct bytes plain, size_t *length)
{
	const struct crypto_suite *crypto = &sa->keys.crypto;
	struct ike *ike = sa->ike;
	struct bytes_writer writer;
	size_t sealed;

	sealed = crypto_suite_sealed_size(crypto, plain.length);
	bytes_writer_init(&writer, ike->sending, sizeof(ike->sending));
	bytes_reserve(&writer, WIRE_HEADER_SIZE);
	wire_put_encrypted_header(&writer, encrypted, sealed);
	*length = writer.used + sealed;
	if (writer.failed || *length > sizeof(ike->sending))
		return error_refused(0, "the message is too long");
	header->next_payload = encrypted->fragment ? IANA_PAYLOAD_SKF :
						     IANA_PAYLOAD_SK;
	wire_encode_header(header, *length, ike->sending);
	if (plain.length)
		memcpy(ike->sending + writer.used + crypto->iv_size,
		       plain.data, plain.length);
	return crypto_cipher_seal(sa->keys.seal, ike->sending, writer.used,
				  plain.length, sizeof(ike->sending));
}

/* The message as one datagram, or as fragments that are short enough. */
static struct error *seal_all(struct ike_sa *sa, struct wire_header *header,
			      uint8_t first, struct bytes chain,
			      struct ike_datagram **datagrams)
{
	const struct crypto_suite *crypto = &sa->keys.crypto;
	struct wire_encrypted encrypted = { .first = first };
	size_t overhead = WIRE_HEADER_SIZE + WIRE_PAYLOAD_HEADER + 4 +
			  crypto_suite_sealed_size(crypto, 0) +
			  BLOCK_SIZE_MAX;
	size_t limit = sa->ike->config.fragment_size, room = chain.length;
	struct error *error;
	size_t length, take;

	*datagrams = NULL;
	if (sa->fragments && limit > overhead &&
	    chain.length + overhead > limit) {
		room = limit - overhead;
		encrypted.fragments = (uint16_t)((chain.length + room - 1) /
						 room);
	}
	do {
		take = chain.length < room ? chain.length : room;
		if (encrypted.fragments)
			encrypted.fragment++;
		error = put_sealed(sa, header, &encrypted,
				   bytes_of(chain.data, take), &length);
		if (error)
			break;
		*datagrams = ike_datagram_create(sa->ike->sending, length);
		if (!*datagrams)
			return error_no_memory();
		datagrams = &(*datagrams)->next;
		/* only the first fragment tells the first payload */
		encrypted.first = IANA_PAYLOAD_NONE;
		chain.length -= take;
		if (take)
			chain.data += take;
	} while (chain.length);
	return error;
}

/* AUTH covers the messages of IKE_SA_INIT as they were sent. */
static struct error *keep_init(struct ike_sa *sa,
			       const struct wire_header *header, size_t length)
{
	struct ike_datagram *copy, **kept;

	kept = header->response ? &sa->handshake->init_r :
				  &sa->handshake->init_i;
	copy = ike_datagram_create(sa->ike->sending, length);
	if (!copy)
		return error_no_memory();
	ike_datagram_free(*kept);
	*kept = copy;
	return NULL;
}

/**
 * ike_message_build - make a message
 * @sa: the IKE SA
 * @header: its exchange, message id, and whether it is a response; the rest is
 *	filled in
 * @writer: its payloads
 * @datagrams: set to the message, to be freed with ike_datagram_free()
 *
 * Return: NULL, or why it cannot be made.
 */
struct error *ike_message_build(struct ike_sa *sa, struct wire_header *header,
				const struct wire_writer *writer,
				struct ike_datagram **datagrams)
{
	struct error *error;
	size_t length;

	header->spi_i = sa->spi_i;
	header->spi_r = sa->spi_r;
	header->initiator = sa->initiator;
	if (writer->bytes.failed)
		return error_refused(0, "the message is too long");
	ike_message_log(sa, header, true, writer->first,
			bytes_written(&writer->bytes));
	if (header->exchange == IANA_EXCHANGE_IKE_SA_INIT) {
		length = put_plain(sa->ike, header, writer);
		if (!length)
			return error_refused(0, "the message is too long");
		error = keep_init(sa, header, length);
		if (error)
			return error;
		*datagrams = ike_datagram_create(sa->ike->sending, length);
		return *datagrams ? NULL : error_no_memory();
	}
	error = seal_all(sa, header, writer->first,
			 bytes_written(&writer->bytes), datagrams);
	if (error) {
		ike_datagram_free(*datagrams);
		*datagrams = NULL;
	}
	return error;
}

/**
 * ike_message_send - send a message
 * @sa: the IKE SA
 * @path: where to
 * @datagrams: the message
 */
void ike_message_send(struct ike_sa *sa, const struct ike_path *path,
		      const struct ike_datagram *datagrams)
{
	struct ike *ike = sa->ike;

	for (; datagrams; datagrams = datagrams->next) {
		ike->counters.sent++;
		ike->ops->send(ike->context, path,
			       bytes_of(datagrams->data, datagrams->length));
	}
}

/* Takes a fragment; returns whether there is something to be acted upon. */
static bool collect(struct ike_sa *sa, const struct wire_header *header,
		    const struct wire_encrypted *encrypted, uint8_t *first,
		    struct bytes *chain)
{
	/* RFC 7383, 2.6.1: of a request that was answered, one will do */
	if (!header->response && header->message_id != sa->window.expected) {
		*chain = bytes_of(NULL, 0);
		*first = IANA_PAYLOAD_NONE;
		return encrypted->fragment == 1;
	}
	if (header->response && !ike_window_awaits(sa, header)) {
		sa->ike->counters.unexpected_response++;
		return false;
	}
	return ike_fragment_add(sa, header, encrypted, *chain, first, chain);
}

/**
 * ike_message_open - decrypt and decode a message
 * @sa: the IKE SA, which has keys
 * @header: of the message
 * @datagram: the message, which lies in ike->received and is decrypted there
 * @reason: set to what is wrong with its payloads; WIRE_REASON_OK, and the
 *	payloads are in ike->payloads, and as they came in ike->opened, if nothing
 *	is
 *
 * Return: whether it is authentic.
 */
bool ike_message_open(struct ike_sa *sa, const struct wire_header *header,
		      struct bytes datagram, enum wire_reason *reason)
{
	struct ike *ike = sa->ike;
	struct wire_payloads *payloads = &ike->payloads;
	struct bytes chain = bytes_of(datagram.data + WIRE_HEADER_SIZE,
				      datagram.length - WIRE_HEADER_SIZE);
	size_t covered, plain_length;
	struct error *error;
	uint8_t first;

	*reason = wire_decode_payloads(header->next_payload, chain, false,
				       payloads);
	if (*reason || !(wire_has(payloads, IANA_PAYLOAD_SK) ||
			 wire_has(payloads, IANA_PAYLOAD_SKF))) {
		ike->counters.malformed[*reason]++;
		return false;
	}
	first = payloads->encrypted.first;
	covered = WIRE_HEADER_SIZE + payloads->encrypted.offset;
	error = crypto_cipher_open(sa->keys.open, ike->received, covered,
				   datagram.length, &plain_length);
	if (error) {
		ike->counters.not_authentic++;
		error_free(error);
		return false;
	}
	chain = bytes_of(ike->received + covered + sa->keys.crypto.iv_size,
			 plain_length);
	if (payloads->encrypted.fragment &&
	    !collect(sa, header, &payloads->encrypted, &first, &chain))
		return false;
	ike->opened = chain;
	ike->opened_first = first;
	ike_message_log(sa, header, false, first, chain);
	*reason = wire_decode_payloads(first, chain, true, payloads);
	if (*reason)
		ike->counters.malformed[*reason]++;
	return true;
}
