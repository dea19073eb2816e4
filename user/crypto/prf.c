// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pseudorandom functions: HMAC takes keys of any length as they are; those made
 * of AES first bring theirs to 16 bytes, each in its own way.
 */
#include <string.h>

#include "crypto/mac.h"
#include "crypto/prf.h"
#include "lib/array.h"
#include "lib/iana.h"

#define AES_KEY 16
/* RFC 7296, 2.14: historical, for the two with keys of fixed length */
#define AES_NONCE_SHARE 8

/* RFC 7296, 2.13: the number of the round is one byte */
#define ROUNDS_MAX 255

/* What a caller may hand over at once, plus what stands around it here */
#define SEED_PIECES_MAX 8

static const struct crypto_prf prfs[] = {
	{ IANA_PRF_HMAC_MD5, 16, 0, true, &crypto_mac_hmac_md5 },
	{ IANA_PRF_HMAC_SHA1, 20, 0, false, &crypto_mac_hmac_sha1 },
	{ IANA_PRF_AES128_XCBC, 16, AES_NONCE_SHARE, false,
	  &crypto_mac_aes_xcbc },
	{ IANA_PRF_HMAC_SHA2_256, 32, 0, false, &crypto_mac_hmac_sha2_256 },
	{ IANA_PRF_HMAC_SHA2_384, 48, 0, false, &crypto_mac_hmac_sha2_384 },
	{ IANA_PRF_HMAC_SHA2_512, 64, 0, false, &crypto_mac_hmac_sha2_512 },
	{ IANA_PRF_AES128_CMAC, 16, AES_NONCE_SHARE, false,
	  &crypto_mac_aes_cmac },
};

/**
 * crypto_prf_find - find a pseudorandom function
 * @id: enum iana_prf
 *
 * Return: the function, NULL if we don't have it.
 */
const struct crypto_prf *crypto_prf_find(uint16_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prfs); i++) {
		if (prfs[i].id == id)
			return &prfs[i];
	}
	return NULL;
}

/* The code of @data under a key of nothing but zeros */
static struct error *condense(const struct crypto_mac_kind *kind,
			      const struct crypto_piece *data, uint8_t *code)
{
	static const uint8_t zeros[AES_KEY];
	struct crypto_mac *mac;
	struct error *error;

	error = crypto_mac_create(kind, zeros, sizeof(zeros), &mac);
	if (error)
		return error;
	error = crypto_mac_compute(mac, data, 1, code);
	crypto_mac_destroy(mac);
	return error;
}

/*
 * RFC 4434, 2 (XCBC): a short key is padded with zeros, a long one condensed;
 * RFC 4615, 3 (CMAC): both are condensed.
 */
static struct error *place_key(const struct crypto_prf *prf,
			       const struct crypto_piece *key,
			       struct crypto_mac **mac)
{
	const struct crypto_mac_kind *kind = prf->mac;
	struct error *error = NULL;
	uint8_t fitting[AES_KEY];

	if (kind->method == CRYPTO_MAC_HMAC || key->length == AES_KEY)
		return crypto_mac_create(kind, key->bytes, key->length, mac);
	if (kind->method == CRYPTO_MAC_XCBC && key->length < AES_KEY) {
		memset(fitting, 0, sizeof(fitting));
		if (key->length)
			memcpy(fitting, key->bytes, key->length);
	} else {
		error = condense(kind, key, fitting);
	}
	if (!error)
		error = crypto_mac_create(kind, fitting, sizeof(fitting), mac);
	explicit_bzero(fitting, sizeof(fitting));
	return error;
}

/**
 * crypto_prf - prf(key, pieces)
 * @prf: the function
 * @key: of any length
 * @pieces: the data
 * @count: number of pieces
 * @output: room for @prf->size bytes
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_prf(const struct crypto_prf *prf,
			 const struct crypto_piece *key,
			 const struct crypto_piece *pieces, size_t count,
			 uint8_t *output)
{
	struct crypto_mac *mac;
	struct error *error;

	error = place_key(prf, key, &mac);
	if (error)
		return error;
	error = crypto_mac_compute(mac, pieces, count, output);
	crypto_mac_destroy(mac);
	return error;
}

/**
 * crypto_prf_plus - prf+(key, seed), RFC 7296, 2.13
 * @prf: the function
 * @key: of any length
 * @seed: the data, in at most six pieces
 * @count: number of pieces
 * @output: where to put the result
 * @length: bytes wanted, at most 255 times @prf->size
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_prf_plus(const struct crypto_prf *prf,
			      const struct crypto_piece *key,
			      const struct crypto_piece *seed, size_t count,
			      uint8_t *output, size_t length)
{
	struct crypto_piece pieces[SEED_PIECES_MAX];
	uint8_t block[CRYPTO_PRF_SIZE_MAX], round;
	struct crypto_mac *mac;
	struct error *error;
	size_t done, part;

	if (count > SEED_PIECES_MAX - 2 ||
	    length > (size_t)ROUNDS_MAX * prf->size)
		return error_refused(0, "a seed of %zu pieces or %zu bytes of key material are more than prf+ takes and yields",
				     count, length);
	error = place_key(prf, key, &mac);
	if (error)
		return error;
	if (count)
		memcpy(pieces + 1, seed, count * sizeof(*seed));
	pieces[0] = (struct crypto_piece){ block, 0 };
	pieces[count + 1] = (struct crypto_piece){ &round, 1 };
	round = 1;
	for (done = 0; !error && done < length; done += part, round++) {
		error = crypto_mac_compute(mac, pieces, count + 2, block);
		pieces[0].length = prf->size;
		part = length - done < prf->size ? length - done : prf->size;
		memcpy(output + done, block, part);
	}
	explicit_bzero(block, sizeof(block));
	crypto_mac_destroy(mac);
	return error;
}

/**
 * crypto_prf_skeyseed - prf(Ni | Nr, g^ir), RFC 7296, 2.14
 * @prf: the function
 * @nonce_i: the initiator's nonce
 * @nonce_r: the responder's nonce
 * @shared_secret: the result of the key exchange
 * @skeyseed: room for @prf->size bytes
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_prf_skeyseed(const struct crypto_prf *prf,
				  const struct crypto_piece *nonce_i,
				  const struct crypto_piece *nonce_r,
				  const struct crypto_piece *shared_secret,
				  uint8_t *skeyseed)
{
	size_t share_i = nonce_i->length, share_r = nonce_r->length;
	/* RFC 7296, 3.9: a nonce has at most 256 bytes */
	uint8_t key[2 * 256];
	struct error *error;

	if (share_i > sizeof(key) / 2 || share_r > sizeof(key) / 2)
		return error_refused(0, "nonces of %zu and %zu bytes are too long: 256 are the most",
				     share_i, share_r);
	if (prf->nonce_share && share_i > prf->nonce_share)
		share_i = prf->nonce_share;
	if (prf->nonce_share && share_r > prf->nonce_share)
		share_r = prf->nonce_share;
	memcpy(key, nonce_i->bytes, share_i);
	memcpy(key + share_i, nonce_r->bytes, share_r);
	error = crypto_prf(prf,
			   &(struct crypto_piece){ key, share_i + share_r },
			   shared_secret, 1, skeyseed);
	explicit_bzero(key, sizeof(key));
	return error;
}
