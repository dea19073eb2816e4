/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hashes: of NAT detection, of certificate authorities, and below signatures.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "crypto/crypto.h"

#define CRYPTO_HASH_SIZE_MAX 64

/**
 * struct crypto_hash - a hash algorithm
 * @id: enum iana_hash
 * @size: bytes of a digest
 * @name: its name in OpenSSL
 */
struct crypto_hash {
	uint16_t id;
	uint8_t size;
	const char *name;
};

const struct crypto_hash *crypto_hash_find(uint16_t id);

ERROR_MUST_CHECK
struct error *crypto_hash_compute(const struct crypto_hash *hash,
				  const struct crypto_piece *pieces,
				  size_t count, uint8_t *digest);

#endif /* CRYPTO_HASH_H */
