// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Encodes payloads. The type of a payload stands in the one before it, its
 * length is known at its end: both are filled in when they are.
 */
#include "lib/iana.h"
#include "wire/writer.h"

/**
 * wire_writer_init - begin a chain of payloads
 * @writer: the writer
 * @buffer: where to write
 * @size: of the buffer
 */
void wire_writer_init(struct wire_writer *writer, void *buffer, size_t size)
{
	bytes_writer_init(&writer->bytes, buffer, size);
	writer->first = IANA_PAYLOAD_NONE;
	writer->last_at = 0;
}

/**
 * wire_begin_payload - begin a payload
 * @writer: the writer; its content is to be put into @writer->bytes
 * @type: enum iana_payload
 */
void wire_begin_payload(struct wire_writer *writer, uint8_t type)
{
	if (writer->first == IANA_PAYLOAD_NONE)
		writer->first = type;
	else if (!writer->bytes.failed)
		writer->bytes.data[writer->last_at] = type;
	writer->last_at = writer->bytes.used;
	bytes_put_u8(&writer->bytes, IANA_PAYLOAD_NONE);
	bytes_put_u8(&writer->bytes, 0);
	bytes_put_u16(&writer->bytes, 0);
}

/**
 * wire_end_payload - end the payload that was begun
 * @writer: the writer
 */
void wire_end_payload(struct wire_writer *writer)
{
	size_t length = writer->bytes.used - writer->last_at;

	if (length > UINT16_MAX)
		writer->bytes.failed = true;
	if (writer->bytes.failed)
		return;
	writer->bytes.data[writer->last_at + 2] = (uint8_t)(length >> 8);
	writer->bytes.data[writer->last_at + 3] = (uint8_t)length;
}

/**
 * wire_put_payload - append a payload whose content is there
 * @writer: the writer
 * @type: enum iana_payload
 * @content: without the generic header
 */
void wire_put_payload(struct wire_writer *writer, uint8_t type,
		      struct bytes content)
{
	wire_begin_payload(writer, type);
	bytes_put(&writer->bytes, content);
	wire_end_payload(writer);
}

/**
 * wire_put_sa - append an SA payload
 * @writer: the writer
 * @sa: proposals
 */
void wire_put_sa(struct wire_writer *writer, const struct wire_sa *sa)
{
	wire_begin_payload(writer, IANA_PAYLOAD_SA);
	wire_encode_sa(&writer->bytes, sa);
	wire_end_payload(writer);
}

/**
 * wire_put_ke - append a KE payload
 * @writer: the writer
 * @method: enum iana_ke
 * @data: public value
 */
void wire_put_ke(struct wire_writer *writer, uint16_t method, struct bytes data)
{
	wire_begin_payload(writer, IANA_PAYLOAD_KE);
	bytes_put_u16(&writer->bytes, method);
	bytes_put_u16(&writer->bytes, 0);
	bytes_put(&writer->bytes, data);
	wire_end_payload(writer);
}

/* A byte that tells what the data is, and three that are reserved */
static void put_typed(struct wire_writer *writer, uint8_t payload, uint8_t type,
		      struct bytes data)
{
	wire_begin_payload(writer, payload);
	bytes_put_u32(&writer->bytes, (uint32_t)type << 24);
	bytes_put(&writer->bytes, data);
	wire_end_payload(writer);
}

/**
 * wire_put_id - append an identity
 * @writer: the writer
 * @payload: IANA_PAYLOAD_IDI or IANA_PAYLOAD_IDR
 * @type: enum iana_id
 * @data: as @type tells
 */
void wire_put_id(struct wire_writer *writer, uint8_t payload, uint8_t type,
		 struct bytes data)
{
	put_typed(writer, payload, type, data);
}

/**
 * wire_put_cert - append a certificate, or a request for one
 * @writer: the writer
 * @payload: IANA_PAYLOAD_CERT or IANA_PAYLOAD_CERTREQ
 * @encoding: enum iana_cert
 * @data: certificate, or hashes of authorities
 */
void wire_put_cert(struct wire_writer *writer, uint8_t payload,
		   uint8_t encoding, struct bytes data)
{
	wire_begin_payload(writer, payload);
	bytes_put_u8(&writer->bytes, encoding);
	bytes_put(&writer->bytes, data);
	wire_end_payload(writer);
}

/**
 * wire_put_auth - append an AUTH payload
 * @writer: the writer
 * @method: enum iana_auth
 * @data: signature or MIC
 */
void wire_put_auth(struct wire_writer *writer, uint8_t method,
		   struct bytes data)
{
	put_typed(writer, IANA_PAYLOAD_AUTH, method, data);
}

/**
 * wire_put_notify - append a notify that isn't about another SA
 * @writer: the writer
 * @type: enum iana_notify
 * @data: as @type tells
 */
void wire_put_notify(struct wire_writer *writer, uint16_t type,
		     struct bytes data)
{
	wire_begin_payload(writer, IANA_PAYLOAD_NOTIFY);
	bytes_put_u16(&writer->bytes, 0);
	bytes_put_u16(&writer->bytes, type);
	bytes_put(&writer->bytes, data);
	wire_end_payload(writer);
}

/**
 * wire_put_notify_about - append a notify about an SA of ESP or AH
 * @writer: the writer
 * @type: enum iana_notify
 * @protocol: enum iana_protocol
 * @spi: of the SA
 */
void wire_put_notify_about(struct wire_writer *writer, uint16_t type,
			   uint8_t protocol, uint32_t spi)
{
	wire_begin_payload(writer, IANA_PAYLOAD_NOTIFY);
	bytes_put_u8(&writer->bytes, protocol);
	bytes_put_u8(&writer->bytes, 4);
	bytes_put_u16(&writer->bytes, type);
	bytes_put_u32(&writer->bytes, spi);
	wire_end_payload(writer);
}

/**
 * wire_put_delete - append a delete payload
 * @writer: the writer
 * @protocol: enum iana_protocol
 * @spis: what is deleted, in host byte order; none for IKE
 * @count: how many
 */
void wire_put_delete(struct wire_writer *writer, uint8_t protocol,
		     const uint32_t *spis, uint16_t count)
{
	uint16_t i;

	wire_begin_payload(writer, IANA_PAYLOAD_DELETE);
	bytes_put_u8(&writer->bytes, protocol);
	bytes_put_u8(&writer->bytes, protocol == IANA_PROTOCOL_IKE ? 0 : 4);
	bytes_put_u16(&writer->bytes, count);
	for (i = 0; i < count; i++)
		bytes_put_u32(&writer->bytes, spis[i]);
	wire_end_payload(writer);
}

/**
 * wire_put_ts - append a TS payload
 * @writer: the writer
 * @payload: IANA_PAYLOAD_TSI or IANA_PAYLOAD_TSR
 * @list: traffic selectors
 */
void wire_put_ts(struct wire_writer *writer, uint8_t payload,
		 const struct wire_ts_list *list)
{
	wire_begin_payload(writer, payload);
	wire_encode_ts(&writer->bytes, list);
	wire_end_payload(writer);
}

/**
 * wire_put_encrypted_header - write what stands before encrypted data
 * @writer: where to
 * @encrypted: an SK payload, or an SKF payload if it tells a fragment; @data
 *	and @offset are not used
 * @length: bytes of the data
 */
void wire_put_encrypted_header(struct bytes_writer *writer,
			       const struct wire_encrypted *encrypted,
			       size_t length)
{
	length += WIRE_PAYLOAD_HEADER + (encrypted->fragment ? 4u : 0u);
	if (length > UINT16_MAX)
		writer->failed = true;
	bytes_put_u8(writer, encrypted->first);
	bytes_put_u8(writer, 0);
	bytes_put_u16(writer, (uint16_t)length);
	if (encrypted->fragment) {
		bytes_put_u16(writer, encrypted->fragment);
		bytes_put_u16(writer, encrypted->fragments);
	}
}
