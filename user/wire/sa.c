// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decodes and encodes SA payloads. Every length is checked against the one
 * around it; what is unknown but well formed is kept and marked.
 */
#include "lib/iana.h"
#include "wire/sa.h"

#define PROPOSAL_HEADER 8
#define TRANSFORM_HEADER 8

#define LAST 0
#define MORE_PROPOSALS 2
#define MORE_TRANSFORMS 3

#define ATTRIBUTE_SHORT 0x8000
#define ATTRIBUTE_KEY_LENGTH 14

static enum wire_reason decode_attributes(struct bytes_reader *reader,
					  struct wire_transform *transform)
{
	bool seen = false;
	uint16_t type, value;

	while (reader->left) {
		type = bytes_take_u16(reader);
		value = bytes_take_u16(reader);
		if (type == (ATTRIBUTE_SHORT | ATTRIBUTE_KEY_LENGTH) && !seen) {
			transform->key_bits = value;
			seen = true;
			continue;
		}
		transform->unusable = true;
		if (!(type & ATTRIBUTE_SHORT))
			bytes_take(reader, value);
		if (reader->failed)
			return WIRE_REASON_SA_MALFORMED;
	}
	/* a length of 0 is not the same as none */
	if (seen && !transform->key_bits)
		transform->unusable = true;
	return reader->failed ? WIRE_REASON_SA_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_transform(struct bytes_reader *reader,
					 bool last, struct wire_sa *sa)
{
	struct wire_transform *transform;
	struct bytes_reader inner;
	uint8_t more = bytes_take_u8(reader);
	uint16_t length;

	bytes_take_u8(reader);
	length = bytes_take_u16(reader);
	if (reader->failed || length < TRANSFORM_HEADER ||
	    more != (last ? LAST : MORE_TRANSFORMS))
		return WIRE_REASON_SA_MALFORMED;
	bytes_reader_init(&inner, bytes_take(reader, length - 4));
	if (reader->failed)
		return WIRE_REASON_SA_MALFORMED;
	if (sa->transform_count == WIRE_TRANSFORMS_MAX)
		return WIRE_REASON_SA_TOO_LONG;
	transform = &sa->transforms[sa->transform_count++];
	*transform = (struct wire_transform){ .type = bytes_take_u8(&inner) };
	bytes_take_u8(&inner);
	transform->id = bytes_take_u16(&inner);
	return decode_attributes(&inner, transform);
}

static bool spi_length_is_right(const struct wire_proposal *proposal)
{
	switch (proposal->protocol) {
	case IANA_PROTOCOL_IKE:
		return !proposal->spi_length || proposal->spi_length == 8;
	case IANA_PROTOCOL_AH:
	case IANA_PROTOCOL_ESP:
		return proposal->spi_length == 4;
	default:
		return true;
	}
}

static uint64_t take_spi(struct bytes_reader *reader, uint8_t length)
{
	switch (length) {
	case 4:
		return bytes_take_u32(reader);
	case 8:
		return bytes_take_u64(reader);
	default:
		bytes_take(reader, length);
		return 0;
	}
}

/* What a proposal holds, without the four bytes in front. */
static enum wire_reason decode_proposal(struct bytes content,
					struct wire_sa *sa)
{
	struct bytes_reader reader;
	struct wire_proposal *proposal;
	enum wire_reason reason;
	uint8_t count, i;

	if (sa->proposal_count == WIRE_PROPOSALS_MAX)
		return WIRE_REASON_SA_TOO_LONG;
	proposal = &sa->proposals[sa->proposal_count++];
	bytes_reader_init(&reader, content);
	*proposal = (struct wire_proposal){
		.number = bytes_take_u8(&reader),
		.first = sa->transform_count,
	};
	proposal->protocol = bytes_take_u8(&reader);
	proposal->spi_length = bytes_take_u8(&reader);
	count = bytes_take_u8(&reader);
	proposal->spi = take_spi(&reader, proposal->spi_length);
	if (reader.failed)
		return WIRE_REASON_SA_MALFORMED;
	if (!spi_length_is_right(proposal))
		return WIRE_REASON_SA_SPI;
	if (!count)
		return WIRE_REASON_SA_EMPTY;
	for (i = 0; i < count; i++) {
		reason = decode_transform(&reader, i == count - 1, sa);
		if (reason)
			return reason;
	}
	proposal->count = count;
	return reader.left ? WIRE_REASON_SA_MALFORMED : WIRE_REASON_OK;
}

/**
 * wire_decode_sa - read an SA payload
 * @content: the payload without its generic header
 * @sa: what to fill
 *
 * Proposals are numbered 1, 2, ... when they are offered; whoever chooses one
 * sends it back alone with its number.
 *
 * Return: WIRE_REASON_OK, or what is wrong.
 */
enum wire_reason wire_decode_sa(struct bytes content, struct wire_sa *sa)
{
	struct bytes_reader reader;
	enum wire_reason reason;
	struct bytes inner;
	uint16_t length, i;
	uint8_t more;

	sa->proposal_count = 0;
	sa->transform_count = 0;
	bytes_reader_init(&reader, content);
	if (!reader.left)
		return WIRE_REASON_SA_EMPTY;
	do {
		more = bytes_take_u8(&reader);
		bytes_take_u8(&reader);
		length = bytes_take_u16(&reader);
		if (reader.failed || length < PROPOSAL_HEADER)
			return WIRE_REASON_SA_MALFORMED;
		inner = bytes_take(&reader, length - 4);
		if (reader.failed ||
		    more != (reader.left ? MORE_PROPOSALS : LAST))
			return WIRE_REASON_SA_MALFORMED;
		reason = decode_proposal(inner, sa);
		if (reason)
			return reason;
	} while (reader.left);

	for (i = 0; sa->proposal_count > 1 && i < sa->proposal_count; i++) {
		if (sa->proposals[i].number != i + 1)
			return WIRE_REASON_SA_NUMBERS;
	}
	return WIRE_REASON_OK;
}

/**
 * wire_sa_add_proposal - append a proposal without transforms
 * @sa: where to
 * @protocol: enum iana_protocol
 *
 * Return: the proposal, numbered; NULL if there are too many.
 */
struct wire_proposal *wire_sa_add_proposal(struct wire_sa *sa, uint8_t protocol)
{
	struct wire_proposal *proposal;

	if (sa->proposal_count == WIRE_PROPOSALS_MAX)
		return NULL;
	proposal = &sa->proposals[sa->proposal_count++];
	*proposal = (struct wire_proposal){
		.number = (uint8_t)sa->proposal_count,
		.protocol = protocol,
		.first = sa->transform_count,
	};
	return proposal;
}

/**
 * wire_sa_add_transform - append a transform to the last proposal
 * @sa: where to; it has a proposal
 * @type: enum iana_transform
 * @id: of the registry that @type tells
 * @key_bits: 0 = without the attribute
 *
 * Return: whether it fits.
 */
bool wire_sa_add_transform(struct wire_sa *sa, uint8_t type, uint16_t id,
			   uint16_t key_bits)
{
	struct wire_proposal *proposal;

	proposal = &sa->proposals[sa->proposal_count - 1];
	if (sa->transform_count == WIRE_TRANSFORMS_MAX ||
	    proposal->count == UINT8_MAX)
		return false;
	sa->transforms[sa->transform_count++] = (struct wire_transform){
		.type = type,
		.id = id,
		.key_bits = key_bits,
	};
	proposal->count++;
	return true;
}

static size_t transform_length(const struct wire_transform *transform)
{
	return TRANSFORM_HEADER + (transform->key_bits ? 4u : 0u);
}

static void encode_transform(struct bytes_writer *writer, bool last,
			     const struct wire_transform *transform)
{
	bytes_put_u8(writer, last ? LAST : MORE_TRANSFORMS);
	bytes_put_u8(writer, 0);
	bytes_put_u16(writer, (uint16_t)transform_length(transform));
	bytes_put_u8(writer, transform->type);
	bytes_put_u8(writer, 0);
	bytes_put_u16(writer, transform->id);
	if (transform->key_bits) {
		bytes_put_u16(writer, ATTRIBUTE_SHORT | ATTRIBUTE_KEY_LENGTH);
		bytes_put_u16(writer, transform->key_bits);
	}
}

/**
 * wire_encode_sa - write an SA payload
 * @writer: where to, behind the generic header
 * @sa: what to write
 */
void wire_encode_sa(struct bytes_writer *writer, const struct wire_sa *sa)
{
	const struct wire_transform *transforms;
	const struct wire_proposal *proposal;
	size_t length;
	uint16_t i, k;

	for (i = 0; i < sa->proposal_count; i++) {
		proposal = &sa->proposals[i];
		transforms = &sa->transforms[proposal->first];
		length = PROPOSAL_HEADER + proposal->spi_length;
		for (k = 0; k < proposal->count; k++)
			length += transform_length(&transforms[k]);

		bytes_put_u8(writer, i == sa->proposal_count - 1 ?
				     LAST : MORE_PROPOSALS);
		bytes_put_u8(writer, 0);
		bytes_put_u16(writer, (uint16_t)length);
		bytes_put_u8(writer, proposal->number);
		bytes_put_u8(writer, proposal->protocol);
		bytes_put_u8(writer, proposal->spi_length);
		bytes_put_u8(writer, (uint8_t)proposal->count);
		if (proposal->spi_length == 4)
			bytes_put_u32(writer, (uint32_t)proposal->spi);
		else if (proposal->spi_length == 8)
			bytes_put_u64(writer, proposal->spi);
		for (k = 0; k < proposal->count; k++)
			encode_transform(writer, k == proposal->count - 1,
					 &transforms[k]);
	}
}
