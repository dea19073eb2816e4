/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base64 (RFC 4648, 4): how keys are written where text is wanted.
 */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* Room for the text of some bytes, with the final 0 */
#define BASE64_TEXT_SIZE(length) (((length) + 2) / 3 * 4 + 1)

ERROR_MUST_CHECK
struct error *base64_decode(const char *text, uint8_t *bytes, size_t room,
			    size_t *length);
void base64_encode(const uint8_t *bytes, size_t length, char *text);

#endif /* LIB_BASE64_H */
