// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and writes base64, strictly: nothing between the characters, padding
 * where it belongs, and no bits that say nothing.
 */
#include <string.h>

#include "lib/base64.h"

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * base64_encode - write bytes as text
 * @bytes: the bytes
 * @length: how many
 * @text: room for BASE64_TEXT_SIZE(@length) characters
 */
void base64_encode(const uint8_t *bytes, size_t length, char *text)
{
	uint32_t group;
	size_t i, part;

	for (i = 0; i < length; i += 3) {
		part = length - i < 3 ? length - i : 3;
		group = (uint32_t)bytes[i] << 16;
		group |= part > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		group |= part > 2 ? bytes[i + 2] : 0;
		*text++ = digits[group >> 18];
		*text++ = digits[group >> 12 & 63];
		*text++ = part > 1 ? digits[group >> 6 & 63] : '=';
		*text++ = part > 2 ? digits[group & 63] : '=';
	}
	*text = '\0';
}

/**
 * base64_decode - read bytes written as text
 * @text: the text, nothing else
 * @bytes: where to put them
 * @room: bytes there is room for
 * @length: where to put their number
 *
 * Return: NULL, or what is wrong with @text, which is not quoted: it may be
 * secret.
 */
struct error *base64_decode(const char *text, uint8_t *bytes, size_t room,
			    size_t *length)
{
	size_t count = strspn(text, digits);
	size_t padding = strspn(text + count, "=");
	uint32_t group = 0;
	size_t i;

	*length = 0;
	if (text[count + padding])
		return error_usage("character %zu does not belong into base64",
				   count + padding + 1);
	if (padding > 2 || (count + padding) % 4 || (padding && !count))
		return error_usage("base64 comes in groups of four characters, the last padded with =; %zu and %zu of padding are none",
				   count, padding);
	if (count * 3 / 4 > room)
		return error_usage("%zu bytes of base64 are more than the %zu expected",
				   count * 3 / 4, room);
	for (i = 0; i < count; i++) {
		group = group << 6 |
			(uint32_t)(strchr(digits, text[i]) - digits);
		if (i % 4)
			bytes[(*length)++] = (uint8_t)(group >>
						       (6 - 2 * (i % 4)));
	}
	if (padding && group & ((1u << 2 * padding) - 1))
		return error_usage("the last character of base64 has bits that belong to no byte");
	return NULL;
}
