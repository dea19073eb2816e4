// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of encryption algorithms.
 */
#include "crypto/encr.h"
#include "lib/array.h"
#include "lib/iana.h"

/* RFC 7296, 5930 (CTR), 5282 (CCM, GCM), 7634 (ChaCha20), 4543 (GMAC) */
static const struct crypto_encr encrs[] = {
	{ IANA_ENCR_3DES, CRYPTO_ENCR_CBC, 192, 0, 8, 8, 0, true },
	{ IANA_ENCR_AES_CBC, CRYPTO_ENCR_CBC, 0, 0, 16, 16, 0, false },
	{ IANA_ENCR_AES_CTR, CRYPTO_ENCR_CTR, 0, 4, 8, 1, 0, false },
	{ IANA_ENCR_AES_CCM_8, CRYPTO_ENCR_CCM, 0, 3, 8, 1, 8, false },
	{ IANA_ENCR_AES_CCM_12, CRYPTO_ENCR_CCM, 0, 3, 8, 1, 12, false },
	{ IANA_ENCR_AES_CCM_16, CRYPTO_ENCR_CCM, 0, 3, 8, 1, 16, false },
	{ IANA_ENCR_AES_GCM_8, CRYPTO_ENCR_GCM, 0, 4, 8, 1, 8, false },
	{ IANA_ENCR_AES_GCM_12, CRYPTO_ENCR_GCM, 0, 4, 8, 1, 12, false },
	{ IANA_ENCR_AES_GCM_16, CRYPTO_ENCR_GCM, 0, 4, 8, 1, 16, false },
	{ IANA_ENCR_CHACHA20_POLY1305, CRYPTO_ENCR_CHACHA20_POLY1305, 256, 4, 8,
	  1, 16, false },
	{ IANA_ENCR_NULL_AUTH_AES_GMAC, CRYPTO_ENCR_OTHER, 0, 4, 8, 1, 16,
	  false },
	{ IANA_ENCR_NULL, CRYPTO_ENCR_OTHER, 0, 0, 0, 1, 0, true },
};

/**
 * crypto_encr_find - find an encryption algorithm
 * @id: enum iana_encr
 *
 * Return: the algorithm, NULL if we don't have it.
 */
const struct crypto_encr *crypto_encr_find(uint16_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(encrs); i++) {
		if (encrs[i].id == id)
			return &encrs[i];
	}
	return NULL;
}

/**
 * crypto_encr_authenticates - does an algorithm need no other beside it
 * @encr: the algorithm
 *
 * Return: whether it protects integrity as well.
 */
bool crypto_encr_authenticates(const struct crypto_encr *encr)
{
	return encr->icv_size;
}

/**
 * crypto_encr_key_size - how much key material an algorithm takes
 * @encr: the algorithm
 * @key_bits: the Key Length attribute, 0 for none
 * @size: where to put the number of bytes, the salt included
 *
 * An algorithm with one length of key has no such attribute (RFC 7296, 3.3.5).
 *
 * Return: NULL, or what is wrong with @key_bits.
 */
struct error *crypto_encr_key_size(const struct crypto_encr *encr,
				   uint16_t key_bits, size_t *size)
{
	bool null = encr->id == IANA_ENCR_NULL;
	char text[IANA_TEXT_SIZE];
	const char *name = iana_text(IANA_ENCR, encr->id, text);

	if (encr->key_bits || null) {
		if (key_bits)
			return error_refused(0, "%s has one length of key, and none is to be named (%u was)",
					     name, key_bits);
		key_bits = encr->key_bits;
	} else if (key_bits != 128 && key_bits != 192 && key_bits != 256) {
		return error_refused(0, "%s has keys of 128, 192 or 256 bits, not %u",
				     name, key_bits);
	}
	*size = key_bits / 8 + encr->salt_size;
	return NULL;
}
