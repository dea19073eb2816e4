/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protection of IKE messages: seals and opens what is inside an Encrypted
 * payload (RFC 7296, 3.14; RFC 5282) or Encrypted Fragment payload (RFC 7383),
 * in place:
 *
 *	| header | IV | plaintext | padding | pad length | ICV |
 *
 * The header is everything of the message up to there, the IKE header and the
 * generic header of the payload with the lengths that the sealed message has.
 * It is authenticated and sent in the clear.
 */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include "crypto/crypto.h"

struct crypto_encr;
struct crypto_integ;

/**
 * struct crypto_suite - algorithms that protect IKE messages together
 * @encr: encrypts
 * @key_bits: length of its key, without salt
 * @integ: authenticates; NULL if @encr does
 * @sk_e_size: bytes of SK_ei and SK_er, salt included
 * @sk_a_size: bytes of SK_ai and SK_ar; 0 if @encr authenticates
 * @iv_size: bytes of the initialization vector
 * @icv_size: bytes of the integrity check value
 */
struct crypto_suite {
	const struct crypto_encr *encr;
	uint16_t key_bits;
	const struct crypto_integ *integ;
	size_t sk_e_size;
	size_t sk_a_size;
	size_t iv_size;
	size_t icv_size;
};

struct crypto_cipher;

ERROR_MUST_CHECK
struct error *crypto_suite_init(struct crypto_suite *suite, uint16_t encr,
				uint16_t key_bits, uint16_t integ);
size_t crypto_suite_sealed_size(const struct crypto_suite *suite,
				size_t plain_length);

ERROR_MUST_CHECK
struct error *crypto_cipher_create(const struct crypto_suite *suite,
				   const uint8_t *sk_e, const uint8_t *sk_a,
				   struct crypto_cipher **cipher);
ERROR_MUST_CHECK
struct error *crypto_cipher_seal(struct crypto_cipher *cipher,
				 uint8_t *message, size_t header_length,
				 size_t plain_length, size_t room);
ERROR_MUST_CHECK
struct error *crypto_cipher_open(struct crypto_cipher *cipher,
				 uint8_t *message, size_t header_length,
				 size_t length, size_t *plain_length);
void crypto_cipher_destroy(struct crypto_cipher *cipher);

#endif /* CRYPTO_CIPHER_H */
