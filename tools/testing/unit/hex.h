/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers are written in hexadecimal, blanks where they help the eye.
 */
#ifndef UNIT_HEX_H
#define UNIT_HEX_H

#include "unit.h"

/* Fails unless @text is whole bytes, at most @room of them; returns how many. */
static inline size_t unhex(const char *text, uint8_t *bytes, size_t room)
{
	size_t length = 0;
	unsigned int byte;
	int used;

	for (; *text; text += used) {
		used = 1;
		if (*text == ' ')
			continue;
		assert_true(length < room);
		assert_int_equal(sscanf(text, "%2x%n", &byte, &used), 1);
		assert_int_equal(used, 2);
		bytes[length++] = (uint8_t)byte;
	}
	return length;
}

/* Fails unless memory has exactly the bytes written in @text. */
static inline void assert_hex(const uint8_t *bytes, size_t length,
			      const char *text)
{
	uint8_t expected[4096];

	assert_int_equal(length, unhex(text, expected, sizeof(expected)));
	assert_memory_equal(bytes, expected, length);
}

#endif /* UNIT_HEX_H */
