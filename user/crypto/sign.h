/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes and verifies the signatures of AUTH payloads (RFC 7296, 2.15).
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "crypto/scheme.h"

#define CRYPTO_SIGNATURE_SIZE_MAX (CRYPTO_RSA_BITS_MAX / 8)

/**
 * struct crypto_signature - a signature
 * @length: bytes of it
 * @bytes: the bytes
 */
struct crypto_signature {
	size_t length;
	uint8_t bytes[CRYPTO_SIGNATURE_SIZE_MAX];
};

ERROR_MUST_CHECK
struct error *crypto_sign(const struct crypto_private_key *key,
			  const struct crypto_scheme *scheme,
			  const struct crypto_piece *pieces, size_t count,
			  struct crypto_signature *signature);
ERROR_MUST_CHECK
struct error *crypto_verify(const struct crypto_public_key *key,
			    const struct crypto_scheme *scheme,
			    const struct crypto_piece *pieces, size_t count,
			    const uint8_t *signature, size_t length);

#endif /* CRYPTO_SIGN_H */
