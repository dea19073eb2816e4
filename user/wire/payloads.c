// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decodes a chain of payloads (RFC 7296, 3.2 to 3.16; RFC 7383, 2.5). One table
 * tells, for each type, how it is read and whether it may occur again.
 */
#include "lib/array.h"
#include "lib/iana.h"
#include "wire/payloads.h"

#define FLAG_CRITICAL 0x80

static enum wire_reason decode_sa(struct bytes content,
				  struct wire_payloads *payloads)
{
	return wire_decode_sa(content, &payloads->sa);
}

static enum wire_reason decode_ke(struct bytes content,
				  struct wire_payloads *payloads)
{
	struct bytes_reader reader;

	bytes_reader_init(&reader, content);
	payloads->ke.method = bytes_take_u16(&reader);
	bytes_take_u16(&reader);
	payloads->ke.data = bytes_take_rest(&reader);
	return reader.failed || !payloads->ke.data.length ?
	       WIRE_REASON_KE_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_id(struct bytes content, struct wire_id *id)
{
	struct bytes_reader reader;

	bytes_reader_init(&reader, content);
	id->content = content;
	id->type = bytes_take_u8(&reader);
	bytes_take(&reader, 3);
	id->data = bytes_take_rest(&reader);
	return reader.failed ? WIRE_REASON_ID_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_id_i(struct bytes content,
				    struct wire_payloads *payloads)
{
	return decode_id(content, &payloads->id_i);
}

static enum wire_reason decode_id_r(struct bytes content,
				    struct wire_payloads *payloads)
{
	return decode_id(content, &payloads->id_r);
}

static enum wire_reason decode_cert_into(struct bytes content,
					 struct wire_cert *certs,
					 uint16_t *count)
{
	struct bytes_reader reader;

	if (*count == WIRE_CERTS_MAX)
		return WIRE_REASON_TOO_MANY;
	bytes_reader_init(&reader, content);
	certs[*count].encoding = bytes_take_u8(&reader);
	certs[*count].data = bytes_take_rest(&reader);
	++*count;
	return reader.failed ? WIRE_REASON_CERT_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_cert(struct bytes content,
				    struct wire_payloads *payloads)
{
	return decode_cert_into(content, payloads->certs,
				&payloads->cert_count);
}

static enum wire_reason decode_certreq(struct bytes content,
				       struct wire_payloads *payloads)
{
	return decode_cert_into(content, payloads->certreqs,
				&payloads->certreq_count);
}

static enum wire_reason decode_auth(struct bytes content,
				    struct wire_payloads *payloads)
{
	struct bytes_reader reader;

	bytes_reader_init(&reader, content);
	payloads->auth.method = bytes_take_u8(&reader);
	bytes_take(&reader, 3);
	payloads->auth.data = bytes_take_rest(&reader);
	return reader.failed ? WIRE_REASON_AUTH_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_nonce(struct bytes content,
				     struct wire_payloads *payloads)
{
	payloads->nonce = content;
	return content.length < WIRE_NONCE_MIN ||
	       content.length > WIRE_NONCE_MAX ?
	       WIRE_REASON_NONCE_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_notify(struct bytes content,
				      struct wire_payloads *payloads)
{
	struct wire_notify *notify;
	struct bytes_reader reader;

	if (payloads->notify_count == WIRE_NOTIFIES_MAX)
		return WIRE_REASON_TOO_MANY;
	notify = &payloads->notifies[payloads->notify_count++];
	bytes_reader_init(&reader, content);
	notify->protocol = bytes_take_u8(&reader);
	notify->spi_length = bytes_take_u8(&reader);
	notify->type = bytes_take_u16(&reader);
	notify->spi = 0;
	if (notify->spi_length == 4)
		notify->spi = bytes_take_u32(&reader);
	else if (notify->spi_length == 8)
		notify->spi = bytes_take_u64(&reader);
	else if (notify->spi_length)
		return WIRE_REASON_NOTIFY_SPI;
	notify->data = bytes_take_rest(&reader);
	return reader.failed ? WIRE_REASON_NOTIFY_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_delete(struct bytes content,
				      struct wire_payloads *payloads)
{
	struct wire_delete *del;
	struct bytes_reader reader;
	uint8_t spi_length;

	if (payloads->delete_count == WIRE_DELETES_MAX)
		return WIRE_REASON_TOO_MANY;
	del = &payloads->deletes[payloads->delete_count++];
	bytes_reader_init(&reader, content);
	del->protocol = bytes_take_u8(&reader);
	spi_length = bytes_take_u8(&reader);
	del->count = bytes_take_u16(&reader);
	if (spi_length != (del->protocol == IANA_PROTOCOL_IKE ? 0 : 4) ||
	    (del->protocol == IANA_PROTOCOL_IKE && del->count))
		return WIRE_REASON_DELETE_MALFORMED;
	del->spis = bytes_take(&reader, (size_t)spi_length * del->count);
	return reader.failed || reader.left ?
	       WIRE_REASON_DELETE_MALFORMED : WIRE_REASON_OK;
}

static enum wire_reason decode_vendor(struct bytes content,
				      struct wire_payloads *payloads)
{
	if (payloads->vendor_count < WIRE_VENDORS_MAX)
		payloads->vendors[payloads->vendor_count++] = content;
	return WIRE_REASON_OK;
}

static enum wire_reason decode_ts_i(struct bytes content,
				    struct wire_payloads *payloads)
{
	return wire_decode_ts(content, &payloads->ts_i);
}

static enum wire_reason decode_ts_r(struct bytes content,
				    struct wire_payloads *payloads)
{
	return wire_decode_ts(content, &payloads->ts_r);
}

static enum wire_reason decode_sk(struct bytes content,
				  struct wire_payloads *payloads)
{
	payloads->encrypted.data = content;
	payloads->encrypted.fragment = 0;
	payloads->encrypted.fragments = 0;
	return WIRE_REASON_OK;
}

static enum wire_reason decode_skf(struct bytes content,
				   struct wire_payloads *payloads)
{
	struct wire_encrypted *encrypted = &payloads->encrypted;
	struct bytes_reader reader;

	bytes_reader_init(&reader, content);
	encrypted->fragment = bytes_take_u16(&reader);
	encrypted->fragments = bytes_take_u16(&reader);
	encrypted->data = bytes_take_rest(&reader);
	return reader.failed || !encrypted->fragment ||
	       encrypted->fragment > encrypted->fragments ?
	       WIRE_REASON_FRAGMENT_MALFORMED : WIRE_REASON_OK;
}

/* Type, reserved bytes, and attributes of a type and a length each */
static enum wire_reason decode_cp(struct bytes content,
				  struct wire_payloads *payloads)
{
	struct bytes_reader reader;

	payloads->cp = content;
	bytes_reader_init(&reader, content);
	bytes_take(&reader, 4);
	while (reader.left && !reader.failed) {
		bytes_take_u16(&reader);
		bytes_take(&reader, bytes_take_u16(&reader));
	}
	return reader.failed ? WIRE_REASON_CP_MALFORMED : WIRE_REASON_OK;
}

/* Code, identifier, and a length that must be that of the payload */
static enum wire_reason decode_eap(struct bytes content,
				   struct wire_payloads *payloads)
{
	struct bytes_reader reader;

	payloads->eap = content;
	bytes_reader_init(&reader, content);
	bytes_take_u16(&reader);
	return bytes_take_u16(&reader) != content.length || reader.failed ?
	       WIRE_REASON_EAP_MALFORMED : WIRE_REASON_OK;
}

/**
 * struct kind - how a type of payload is read
 * @decode: reads it; NULL = the type is unknown
 * @repeated: there may be several
 */
struct kind {
	enum wire_reason (*decode)(struct bytes content,
				   struct wire_payloads *payloads);
	bool repeated;
};

static const struct kind kinds[] = {
	[IANA_PAYLOAD_SA] = { decode_sa, false },
	[IANA_PAYLOAD_KE] = { decode_ke, false },
	[IANA_PAYLOAD_IDI] = { decode_id_i, false },
	[IANA_PAYLOAD_IDR] = { decode_id_r, false },
	[IANA_PAYLOAD_CERT] = { decode_cert, true },
	[IANA_PAYLOAD_CERTREQ] = { decode_certreq, true },
	[IANA_PAYLOAD_AUTH] = { decode_auth, false },
	[IANA_PAYLOAD_NONCE] = { decode_nonce, false },
	[IANA_PAYLOAD_NOTIFY] = { decode_notify, true },
	[IANA_PAYLOAD_DELETE] = { decode_delete, true },
	[IANA_PAYLOAD_VENDOR] = { decode_vendor, true },
	[IANA_PAYLOAD_TSI] = { decode_ts_i, false },
	[IANA_PAYLOAD_TSR] = { decode_ts_r, false },
	[IANA_PAYLOAD_SK] = { decode_sk, false },
	[IANA_PAYLOAD_CP] = { decode_cp, false },
	[IANA_PAYLOAD_EAP] = { decode_eap, false },
	[IANA_PAYLOAD_SKF] = { decode_skf, false },
};

static bool is_encrypted(uint8_t type)
{
	return type == IANA_PAYLOAD_SK || type == IANA_PAYLOAD_SKF;
}

static enum wire_reason decode_payload(uint8_t type, uint8_t flags,
				       struct bytes content,
				       struct wire_payloads *payloads)
{
	const struct kind *kind = NULL;

	if (type < ARRAY_SIZE(kinds) && kinds[type].decode)
		kind = &kinds[type];
	if (!kind) {
		if (!(flags & FLAG_CRITICAL))
			return WIRE_REASON_OK;
		payloads->critical = type;
		return WIRE_REASON_CRITICAL;
	}
	if (wire_has(payloads, type) && !kind->repeated)
		return WIRE_REASON_DUPLICATE;
	payloads->present |= 1ULL << type;
	return kind->decode(content, payloads);
}

static void forget(struct wire_payloads *payloads)
{
	payloads->present = 0;
	payloads->critical = 0;
	payloads->sa.proposal_count = 0;
	payloads->cert_count = 0;
	payloads->certreq_count = 0;
	payloads->notify_count = 0;
	payloads->delete_count = 0;
	payloads->vendor_count = 0;
	payloads->ts_i.count = 0;
	payloads->ts_r.count = 0;
}

/**
 * wire_decode_payloads - read a chain of payloads
 * @first: type of the first
 * @chain: all of them
 * @inside: they were in an encrypted payload
 * @payloads: what to fill; what is not present is not set
 *
 * Return: WIRE_REASON_OK, or what is wrong.
 */
enum wire_reason wire_decode_payloads(uint8_t first, struct bytes chain,
				      bool inside,
				      struct wire_payloads *payloads)
{
	struct bytes_reader reader;
	unsigned int count = 0;
	struct bytes content;
	enum wire_reason reason;
	uint8_t type, next, flags;
	uint16_t length;

	forget(payloads);
	bytes_reader_init(&reader, chain);
	for (type = first; type; type = next) {
		if (count++ == WIRE_PAYLOADS_MAX)
			return WIRE_REASON_TOO_MANY;
		if (is_encrypted(type) && inside)
			return WIRE_REASON_SK_NESTED;
		next = bytes_take_u8(&reader);
		flags = bytes_take_u8(&reader);
		length = bytes_take_u16(&reader);
		if (reader.failed || length < WIRE_PAYLOAD_HEADER)
			return WIRE_REASON_TRUNCATED;
		content = bytes_take(&reader, length - WIRE_PAYLOAD_HEADER);
		if (reader.failed)
			return WIRE_REASON_TRUNCATED;
		reason = decode_payload(type, flags, content, payloads);
		if (reason)
			return reason;
		if (is_encrypted(type)) {
			/* its next payload is the first one inside */
			payloads->encrypted.first = next;
			payloads->encrypted.offset = chain.length - reader.left -
						     payloads->encrypted.data.length;
			return reader.left ? WIRE_REASON_SK_NOT_LAST :
					     WIRE_REASON_OK;
		}
	}
	return reader.left ? WIRE_REASON_TRAILING : WIRE_REASON_OK;
}

/**
 * wire_has - is there a payload of some type
 * @payloads: decoded payloads
 * @type: enum iana_payload
 *
 * Return: whether there is.
 */
bool wire_has(const struct wire_payloads *payloads, uint8_t type)
{
	return type < 64 && (payloads->present >> type & 1);
}

/**
 * wire_find_notify - find a notify
 * @payloads: decoded payloads
 * @type: enum iana_notify
 *
 * Return: the first of that type, NULL if there is none.
 */
const struct wire_notify *wire_find_notify(const struct wire_payloads *payloads,
					   uint16_t type)
{
	uint16_t i;

	for (i = 0; i < payloads->notify_count; i++) {
		if (payloads->notifies[i].type == type)
			return &payloads->notifies[i];
	}
	return NULL;
}

/**
 * wire_delete_spi - an SPI of a delete payload
 * @del: the payload, not about IKE
 * @index: which, below its count
 *
 * Return: the SPI in host byte order.
 */
uint32_t wire_delete_spi(const struct wire_delete *del, uint16_t index)
{
	struct bytes_reader reader;

	bytes_reader_init(&reader, del->spis);
	bytes_take(&reader, (size_t)4 * index);
	return bytes_take_u32(&reader);
}
