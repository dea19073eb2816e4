// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Computes hashes.
 */
#include <openssl/evp.h>

#include "crypto/hash.h"
#include "crypto/openssl.h"
#include "lib/array.h"
#include "lib/iana.h"

static const struct crypto_hash hashes[] = {
	{ IANA_HASH_SHA1, 20, "SHA1" },
	{ IANA_HASH_SHA2_256, 32, "SHA2-256" },
	{ IANA_HASH_SHA2_384, 48, "SHA2-384" },
	{ IANA_HASH_SHA2_512, 64, "SHA2-512" },
};

/**
 * crypto_hash_find - find a hash algorithm
 * @id: enum iana_hash
 *
 * Return: the algorithm, NULL if we don't have it.
 */
const struct crypto_hash *crypto_hash_find(uint16_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		if (hashes[i].id == id)
			return &hashes[i];
	}
	return NULL;
}

/**
 * crypto_hash_compute - hash some bytes
 * @hash: the algorithm
 * @pieces: the bytes
 * @count: number of pieces
 * @digest: room for as many bytes as @hash says
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_hash_compute(const struct crypto_hash *hash,
				  const struct crypto_piece *pieces,
				  size_t count, uint8_t *digest)
{
	EVP_MD *md = EVP_MD_fetch(NULL, hash->name, NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct error *error = NULL;
	bool good;
	size_t i;

	good = md && context && EVP_DigestInit_ex2(context, md, NULL);
	for (i = 0; good && i < count; i++)
		good = EVP_DigestUpdate(context, pieces[i].bytes,
					pieces[i].length);
	if (!good || !EVP_DigestFinal_ex(context, digest, NULL))
		error = openssl_error("compute a hash");
	EVP_MD_CTX_free(context);
	EVP_MD_free(md);
	return error;
}
