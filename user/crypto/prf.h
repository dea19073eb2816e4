/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pseudorandom functions of IKEv2: the key hierarchy (RFC 7296, 2.13 and 2.14)
 * and shared-key authentication are made with them.
 */
#ifndef CRYPTO_PRF_H
#define CRYPTO_PRF_H

#include "crypto/crypto.h"

#define CRYPTO_PRF_SIZE_MAX 64

struct crypto_mac_kind;

/**
 * struct crypto_prf - a pseudorandom function
 * @id: enum iana_prf
 * @size: bytes it yields; also the length its derived keys have
 * @nonce_share: it makes SKEYSEED from so many bytes of each nonce only; 0 means
 *	all of them
 * @legacy: only for those who ask for it by name
 * @mac: what it is made of
 */
struct crypto_prf {
	uint16_t id;
	uint8_t size;
	uint8_t nonce_share;
	bool legacy;
	const struct crypto_mac_kind *mac;
};

const struct crypto_prf *crypto_prf_find(uint16_t id);

ERROR_MUST_CHECK
struct error *crypto_prf(const struct crypto_prf *prf,
			 const struct crypto_piece *key,
			 const struct crypto_piece *pieces, size_t count,
			 uint8_t *output);
ERROR_MUST_CHECK
struct error *crypto_prf_plus(const struct crypto_prf *prf,
			      const struct crypto_piece *key,
			      const struct crypto_piece *seed, size_t count,
			      uint8_t *output, size_t length);
ERROR_MUST_CHECK
struct error *crypto_prf_skeyseed(const struct crypto_prf *prf,
				  const struct crypto_piece *nonce_i,
				  const struct crypto_piece *nonce_r,
				  const struct crypto_piece *shared_secret,
				  uint8_t *skeyseed);

#endif /* CRYPTO_PRF_H */
