// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parses numbers strictly: digits and nothing but digits, no sign, no blank,
 * no silent overflow.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/number.h"

#define SPI_MIN 0x100

/* Reads the digits of @text up to @end; false if there are none or too many. */
static bool read_digits(const char *text, const char **end, uint64_t *number)
{
	const char *digit;

	*number = 0;
	for (digit = text; isdigit((unsigned char)*digit); digit++) {
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, *digit - '0', number))
			return false;
	}
	*end = digit;
	return digit != text;
}

/**
 * number_parse - read a decimal number
 * @text: digits
 * @min: the smallest number allowed
 * @max: the largest number allowed
 * @number: where to put it
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *number_parse(const char *text, uint64_t min, uint64_t max,
			   uint64_t *number)
{
	const char *end;

	if (!read_digits(text, &end, number) || *end ||
	    *number < min || *number > max)
		return error_usage("'%s' is not a number from %llu to %llu",
				   text, (unsigned long long)min,
				   (unsigned long long)max);
	return NULL;
}

/**
 * number_parse_size - read a number of bytes
 * @text: digits, and k, M or G behind them for powers of 1024
 * @bytes: where to put it
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *number_parse_size(const char *text, uint64_t *bytes)
{
	static const char suffixes[] = "kMG";
	uint64_t factor = 1;
	const char *end;

	if (read_digits(text, &end, bytes)) {
		const char *suffix = *end ? strchr(suffixes, *end) : NULL;

		if (suffix) {
			factor <<= 10 * (suffix - suffixes + 1);
			end++;
		}
		if (!*end && !__builtin_mul_overflow(*bytes, factor, bytes))
			return NULL;
	}
	return error_usage("'%s' is not a number of bytes, with k, M or G behind it or not, below 2^64",
			   text);
}

/**
 * number_parse_spi - read a security parameters index
 * @text: 0x and up to eight hexadecimal digits
 * @spi: where to put it
 *
 * The numbers below 0x100 are reserved (RFC 4303, 2.1).
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *number_parse_spi(const char *text, uint32_t *spi)
{
	const char *digits = text + 2;
	size_t length;

	if (strncmp(text, "0x", 2) && strncmp(text, "0X", 2))
		return error_usage("'%s' is not an SPI in hexadecimal: write 0x first, as in 0x1000",
				   text);
	length = strspn(digits, "0123456789abcdefABCDEF");
	if (!length || digits[length])
		return error_usage("'%s' is not an SPI: hexadecimal digits follow 0x, as in 0x1000",
				   text);
	digits += strspn(digits, "0");
	if (strlen(digits) <= 8) {
		*spi = (uint32_t)strtoul(digits, NULL, 16);
		if (*spi >= SPI_MIN)
			return NULL;
	}
	return error_usage("'%s' is not an SPI from 0x100 to 0xffffffff", text);
}

/**
 * port_range_parse - read a port or a range of ports
 * @text: a port, 0 for any port, or the first and the last with a dash between
 * @range: where to put it
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *port_range_parse(const char *text, struct port_range *range)
{
	static const struct port_range any = PORT_RANGE_ANY;
	uint64_t first, last;
	const char *end;

	if (!read_digits(text, &end, &first) || first > UINT16_MAX)
		goto malformed;
	last = first;
	if (*end == '-' &&
	    (!read_digits(end + 1, &end, &last) || last > UINT16_MAX))
		goto malformed;
	if (*end)
		goto malformed;
	if (first > last)
		return error_usage("'%s' ends before it begins: write %u-%u",
				   text, (unsigned int)last,
				   (unsigned int)first);
	range->min = (uint16_t)first;
	range->max = (uint16_t)last;
	if (!last)
		*range = any;
	return NULL;

malformed:
	return error_usage("'%s' is not a port from 0 to 65535 (0 is any) or a range like 1000-2000",
			   text);
}

/**
 * port_range_text - print a range of ports
 * @range: the range
 * @text: room for PORT_RANGE_TEXT_SIZE bytes
 *
 * Return: @text: "any", the only port, or first-last.
 */
const char *port_range_text(const struct port_range *range, char *text)
{
	if (!range->min && range->max == UINT16_MAX)
		snprintf(text, PORT_RANGE_TEXT_SIZE, "any");
	else if (range->min == range->max)
		snprintf(text, PORT_RANGE_TEXT_SIZE, "%u", range->min);
	else
		snprintf(text, PORT_RANGE_TEXT_SIZE, "%u-%u", range->min,
			 range->max);
	return text;
}
