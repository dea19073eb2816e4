// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and writes messages between the engine and the keys process.
 */
#include <string.h>

#include "crypto/sign.h"
#include "daemon/keys/keys_wire.h"

/**
 * keys_wire_encode - write a message
 * @writer: where to
 * @message: the message
 */
void keys_wire_encode(struct bytes_writer *writer,
		      const struct keys_message *message)
{
	bytes_put_u8(writer, (uint8_t)message->kind);
	bytes_put_u64(writer, message->token);
	bytes_put(writer, bytes_of(message->ckaid, sizeof(message->ckaid)));
	bytes_put_u16(writer, message->scheme.auth);
	bytes_put_u16(writer, message->scheme.hash);
	bytes_put_u8(writer, (uint8_t)message->scheme.encoding);
	bytes_put_u8(writer, (uint8_t)message->scheme.kind);
	bytes_put_u8(writer, message->scheme.salt_size);
	bytes_put(writer, message->bytes);
}

static bool is_sentence(struct bytes bytes)
{
	size_t i;

	for (i = 0; i < bytes.length; i++) {
		if (bytes.data[i] < ' ' || bytes.data[i] == 0x7f)
			return false;
	}
	return bytes.length && bytes.length <= KEYS_WIRE_SENTENCE_MAX;
}

static bool bytes_are_right(const struct keys_message *message)
{
	switch (message->kind) {
	case KEYS_WIRE_SIGN:
		return message->bytes.length <= KEYS_WIRE_OCTETS_MAX;
	case KEYS_WIRE_SIGNED:
		return message->bytes.length &&
		       message->bytes.length <= CRYPTO_SIGNATURE_SIZE_MAX;
	case KEYS_WIRE_REFUSED:
	case KEYS_WIRE_PROBLEM:
		return is_sentence(message->bytes);
	case KEYS_WIRE_HAVE:
	case KEYS_WIRE_READY:
		return !message->bytes.length;
	}
	return false;
}

/**
 * keys_wire_decode - read a message
 * @packet: all of it
 * @message: to be filled; its bytes are views into @packet
 *
 * Return: whether it is one.
 */
bool keys_wire_decode(struct bytes packet, struct keys_message *message)
{
	struct bytes_reader reader;
	struct bytes ckaid;
	uint8_t encoding, key;

	bytes_reader_init(&reader, packet);
	*message = (struct keys_message){
		.kind = (enum keys_wire_kind)bytes_take_u8(&reader),
	};
	message->token = bytes_take_u64(&reader);
	ckaid = bytes_take(&reader, CRYPTO_CKAID_SIZE);
	message->scheme.auth = bytes_take_u16(&reader);
	message->scheme.hash = bytes_take_u16(&reader);
	encoding = bytes_take_u8(&reader);
	key = bytes_take_u8(&reader);
	message->scheme.salt_size = bytes_take_u8(&reader);
	message->bytes = bytes_take_rest(&reader);
	if (reader.failed || encoding > CRYPTO_ENCODING_EDDSA ||
	    key > CRYPTO_KEY_ED448)
		return false;
	memcpy(message->ckaid, ckaid.data, ckaid.length);
	message->scheme.encoding = (enum crypto_encoding)encoding;
	message->scheme.kind = (enum crypto_key_kind)key;
	return bytes_are_right(message);
}
