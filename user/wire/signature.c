// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Splits and joins signatures.
 */
#include "wire/signature.h"

/**
 * wire_decode_signature - take a signature apart
 * @data: of an AUTH payload
 * @signature: set to its parts
 *
 * Return: WIRE_REASON_OK, or what is wrong.
 */
enum wire_reason wire_decode_signature(struct bytes data,
				       struct wire_signature *signature)
{
	struct bytes_reader reader;

	bytes_reader_init(&reader, data);
	signature->algorithm = bytes_take(&reader, bytes_take_u8(&reader));
	signature->value = bytes_take_rest(&reader);
	return reader.failed || !signature->algorithm.length ||
	       !signature->value.length ?
	       WIRE_REASON_AUTH_MALFORMED : WIRE_REASON_OK;
}

/**
 * wire_encode_signature - write the data of an AUTH payload
 * @writer: where to
 * @signature: its parts
 */
void wire_encode_signature(struct bytes_writer *writer,
			   const struct wire_signature *signature)
{
	if (signature->algorithm.length > UINT8_MAX)
		writer->failed = true;
	bytes_put_u8(writer, (uint8_t)signature->algorithm.length);
	bytes_put(writer, signature->algorithm);
	bytes_put(writer, signature->value);
}
