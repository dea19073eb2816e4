// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Puts fragments together. Only authentic ones get here, so what is kept is
 * what the peer wanted us to keep: one message in each direction, of at most
 * IKE_FRAGMENTS_MAX fragments, and no longer than a datagram may be.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/fragment.h"

/**
 * struct ike_reassembly - fragments of a message that have come
 * @message_id: of the message
 * @total: how many there will be
 * @count: how many have come
 * @length: bytes of those that have come
 * @first: type of the first payload, which the first fragment tells
 * @pieces: those that have come, by number less 1
 */
struct ike_reassembly {
	uint32_t message_id;
	uint16_t total;
	uint16_t count;
	size_t length;
	uint8_t first;
	struct ike_datagram *pieces[IKE_FRAGMENTS_MAX];
};

static void begin(struct ike_reassembly *reassembly, uint32_t message_id,
		  uint16_t total)
{
	uint16_t i;

	for (i = 0; i < IKE_FRAGMENTS_MAX; i++)
		ike_datagram_free(reassembly->pieces[i]);
	memset(reassembly, 0, sizeof(*reassembly));
	reassembly->message_id = message_id;
	reassembly->total = total;
}

/* The reassembly that a fragment belongs to, NULL if it is of no use. */
static struct ike_reassembly *find(struct ike_reassembly **place,
				   uint32_t message_id, uint16_t total)
{
	struct ike_reassembly *reassembly = *place;

	if (total > IKE_FRAGMENTS_MAX)
		return NULL;
	if (!reassembly) {
		reassembly = calloc(1, sizeof(*reassembly));
		if (!reassembly)
			return NULL;
		*place = reassembly;
		begin(reassembly, message_id, total);
	}
	/* RFC 7383, 2.6: a larger total is a new try with smaller fragments */
	if (message_id != reassembly->message_id || total > reassembly->total)
		begin(reassembly, message_id, total);
	return total == reassembly->total ? reassembly : NULL;
}

/* Joins all fragments in ike->received. */
static struct bytes join(struct ike *ike,
			 const struct ike_reassembly *reassembly)
{
	struct bytes_writer writer;
	uint16_t i;

	bytes_writer_init(&writer, ike->received, sizeof(ike->received));
	for (i = 0; i < reassembly->total; i++)
		bytes_put(&writer, bytes_of(reassembly->pieces[i]->data,
					    reassembly->pieces[i]->length));
	return bytes_written(&writer);
}

static void end(struct ike_reassembly **place)
{
	if (!*place)
		return;
	begin(*place, 0, 0);
	free(*place);
	*place = NULL;
}

/**
 * ike_fragment_add - a fragment has come
 * @sa: the IKE SA
 * @header: of the message
 * @encrypted: which fragment it is
 * @plain: what was in it
 * @first: set to the type of the message's first payload
 * @whole: set to the message, which lies in ike->received
 *
 * Return: whether the message is complete.
 */
bool ike_fragment_add(struct ike_sa *sa, const struct wire_header *header,
		      const struct wire_encrypted *encrypted,
		      struct bytes plain, uint8_t *first, struct bytes *whole)
{
	struct ike_reassembly **place = &sa->reassembly[header->response];
	struct ike_reassembly *reassembly;
	struct ike_datagram **piece;

	reassembly = find(place, header->message_id, encrypted->fragments);
	piece = reassembly ? &reassembly->pieces[encrypted->fragment - 1] :
			     NULL;
	if (!piece || *piece ||
	    reassembly->length + plain.length > sizeof(sa->ike->received)) {
		sa->ike->counters.fragments_dropped++;
		return false;
	}
	*piece = ike_datagram_create(plain.data, plain.length);
	if (!*piece)
		return false;
	reassembly->length += plain.length;
	if (encrypted->fragment == 1)
		reassembly->first = encrypted->first;
	if (++reassembly->count < reassembly->total)
		return false;
	*first = reassembly->first;
	*whole = join(sa->ike, reassembly);
	end(place);
	return true;
}

/**
 * ike_fragment_forget - forget what was not complete
 * @sa: the IKE SA
 */
void ike_fragment_forget(struct ike_sa *sa)
{
	end(&sa->reassembly[false]);
	end(&sa->reassembly[true]);
}
