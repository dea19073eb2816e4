/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as users write them: plain, with a suffix for sizes, SPIs in hex,
 * ports and ranges of ports.
 */
#ifndef LIB_NUMBER_H
#define LIB_NUMBER_H

#include <stdint.h>

#include "lib/error.h"

/**
 * struct port_range - consecutive port numbers
 * @min: the first
 * @max: the last
 */
struct port_range {
	uint16_t min;
	uint16_t max;
};

#define PORT_RANGE_ANY { .min = 0, .max = UINT16_MAX }

/* Enough for "65535-65535" and the final 0 */
#define PORT_RANGE_TEXT_SIZE 12

ERROR_MUST_CHECK
struct error *number_parse(const char *text, uint64_t min, uint64_t max,
			   uint64_t *number);
ERROR_MUST_CHECK
struct error *number_parse_size(const char *text, uint64_t *bytes);
ERROR_MUST_CHECK
struct error *number_parse_spi(const char *text, uint32_t *spi);
ERROR_MUST_CHECK
struct error *port_range_parse(const char *text, struct port_range *range);

const char *port_range_text(const struct port_range *range, char *text);

#endif /* LIB_NUMBER_H */
