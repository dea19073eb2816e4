/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distinguished names (X.501): in DER as certificates and ID payloads have them,
 * and as people write them: C=CA, O=Example, CN=west.
 */
#ifndef CRYPTO_DN_H
#define CRYPTO_DN_H

#include "crypto/crypto.h"

/* Room for the text of a name; longer ones end in three dots */
#define CRYPTO_DN_TEXT_SIZE 1024

/* The longest name we read or make, in DER */
#define CRYPTO_DN_SIZE_MAX 1024

ERROR_MUST_CHECK
struct error *crypto_dn_parse(const char *text,
			      uint8_t der[CRYPTO_DN_SIZE_MAX],
			      size_t *length);
const char *crypto_dn_text(const uint8_t *der, size_t length, char *text);
bool crypto_dn_matches(const uint8_t *pattern, size_t pattern_length,
		       const uint8_t *der, size_t length);

#endif /* CRYPTO_DN_H */
