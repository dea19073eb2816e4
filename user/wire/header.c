// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decodes and encodes the header.
 */
#include "wire/header.h"

#define FLAG_INITIATOR 0x08
#define FLAG_RESPONSE 0x20

/**
 * wire_decode_header - read the header of a datagram
 * @datagram: all of it, without a non-ESP marker
 * @header: set as far as the datagram reaches, also if its version is refused
 *
 * Return: WIRE_REASON_OK, or why it is no message of IKEv2.
 */
enum wire_reason wire_decode_header(struct bytes datagram,
				    struct wire_header *header)
{
	struct bytes_reader reader;
	uint8_t version, flags;
	uint32_t length;

	bytes_reader_init(&reader, datagram);
	header->spi_i = bytes_take_u64(&reader);
	header->spi_r = bytes_take_u64(&reader);
	header->next_payload = bytes_take_u8(&reader);
	version = bytes_take_u8(&reader);
	header->major = version >> 4;
	header->minor = version & 0xf;
	header->exchange = bytes_take_u8(&reader);
	flags = bytes_take_u8(&reader);
	header->initiator = flags & FLAG_INITIATOR;
	header->response = flags & FLAG_RESPONSE;
	header->message_id = bytes_take_u32(&reader);
	length = bytes_take_u32(&reader);

	if (reader.failed)
		return WIRE_REASON_SHORT_HEADER;
	if (length != datagram.length)
		return WIRE_REASON_LENGTH;
	if (header->major != WIRE_MAJOR_VERSION)
		return WIRE_REASON_VERSION;
	if (!header->spi_i)
		return WIRE_REASON_INITIATOR_SPI;
	return WIRE_REASON_OK;
}

/**
 * wire_encode_header - write a header
 * @header: what to write; the version is ours whatever it tells
 * @length: bytes of the whole message
 * @datagram: where to
 */
void wire_encode_header(const struct wire_header *header, size_t length,
			uint8_t datagram[WIRE_HEADER_SIZE])
{
	struct bytes_writer writer;

	bytes_writer_init(&writer, datagram, WIRE_HEADER_SIZE);
	bytes_put_u64(&writer, header->spi_i);
	bytes_put_u64(&writer, header->spi_r);
	bytes_put_u8(&writer, header->next_payload);
	bytes_put_u8(&writer, WIRE_MAJOR_VERSION << 4);
	bytes_put_u8(&writer, header->exchange);
	bytes_put_u8(&writer, (header->initiator ? FLAG_INITIATOR : 0) |
			      (header->response ? FLAG_RESPONSE : 0));
	bytes_put_u32(&writer, header->message_id);
	bytes_put_u32(&writer, (uint32_t)length);
}
