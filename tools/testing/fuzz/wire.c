// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what reads IKE messages: a datagram, decoded as it comes in; its
 * payloads once more as if they had been encrypted; a signature. What was read
 * and is written again must be read as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/iana.h"
#include "wire/header.h"
#include "wire/payloads.h"
#include "wire/signature.h"
#include "wire/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_sa(const struct wire_sa *sa)
{
	static uint8_t buffer[65536];
	static struct wire_sa again;
	struct bytes_writer writer;
	uint16_t i;

	check(sa->proposal_count <= WIRE_PROPOSALS_MAX);
	check(sa->transform_count <= WIRE_TRANSFORMS_MAX);
	for (i = 0; i < sa->proposal_count; i++) {
		/* SPIs of unknown protocols are not kept */
		if (sa->proposals[i].protocol > IANA_PROTOCOL_ESP)
			return;
	}
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_encode_sa(&writer, sa);
	check(!writer.failed);
	check(!wire_decode_sa(bytes_written(&writer), &again));
	check(again.transform_count == sa->transform_count);
	for (i = 0; i < sa->transform_count; i++)
		check(again.transforms[i].id == sa->transforms[i].id &&
		      again.transforms[i].key_bits ==
		      sa->transforms[i].key_bits);
}

static void check_ts(const struct wire_ts_list *list)
{
	struct wire_ts_list again;
	struct bytes_writer writer;
	uint8_t buffer[2048];
	uint16_t i;

	check(list->count <= WIRE_TS_MAX);
	if (!list->count)
		return;
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_encode_ts(&writer, list);
	check(!writer.failed);
	check(!wire_decode_ts(bytes_written(&writer), &again));
	check(again.count == list->count);
	for (i = 0; i < list->count; i++)
		check(!memcmp(&again.items[i].last, &list->items[i].last,
			      sizeof(struct address)));
}

/* Views must lie in what was read. */
static void check_view(struct bytes view, struct bytes chain)
{
	if (!view.length)
		return;
	check(view.data >= chain.data && view.length <= chain.length);
	check(view.data + view.length <= chain.data + chain.length);
}

static void fuzz_payloads(uint8_t first, struct bytes chain, bool inside)
{
	static struct wire_payloads payloads;
	uint16_t i, k;

	if (wire_decode_payloads(first, chain, inside, &payloads))
		return;
	if (wire_has(&payloads, IANA_PAYLOAD_SA))
		check_sa(&payloads.sa);
	if (wire_has(&payloads, IANA_PAYLOAD_TSI))
		check_ts(&payloads.ts_i);
	if (wire_has(&payloads, IANA_PAYLOAD_TSR))
		check_ts(&payloads.ts_r);
	if (wire_has(&payloads, IANA_PAYLOAD_KE))
		check_view(payloads.ke.data, chain);
	if (wire_has(&payloads, IANA_PAYLOAD_NONCE))
		check_view(payloads.nonce, chain);
	for (i = 0; i < payloads.notify_count; i++)
		check_view(payloads.notifies[i].data, chain);
	for (i = 0; i < payloads.delete_count; i++) {
		for (k = 0; k < payloads.deletes[i].count; k++)
			wire_delete_spi(&payloads.deletes[i], k);
	}
	if (wire_has(&payloads, IANA_PAYLOAD_SK) ||
	    wire_has(&payloads, IANA_PAYLOAD_SKF)) {
		check(!inside);
		check_view(payloads.encrypted.data, chain);
		check(payloads.encrypted.offset +
		      payloads.encrypted.data.length == chain.length);
	}
}

/**
 * LLVMFuzzerTestOneInput - read one datagram
 * @data: the datagram
 * @size: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes datagram = bytes_of(data, size), chain;
	struct wire_signature signature;
	struct wire_header header;
	enum wire_reason reason;

	reason = wire_decode_header(datagram, &header);
	check(wire_reason_name(reason));
	wire_decode_signature(datagram, &signature);
	if (size < WIRE_HEADER_SIZE)
		return 0;
	/* a length that is wrong ends everything; here it need not be right */
	chain = bytes_of(data + WIRE_HEADER_SIZE, size - WIRE_HEADER_SIZE);
	fuzz_payloads(header.next_payload, chain, false);
	fuzz_payloads(header.next_payload, chain, true);
	return 0;
}
