// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Computes message authentication codes. OpenSSL has HMAC and CMAC; XCBC is made
 * here from its AES.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/mac.h"
#include "crypto/openssl.h"

#define AES_BLOCK 16

const struct crypto_mac_kind crypto_mac_hmac_md5 = {
	CRYPTO_MAC_HMAC, "MD5", 16
};

const struct crypto_mac_kind crypto_mac_hmac_sha1 = {
	CRYPTO_MAC_HMAC, "SHA1", 20
};

const struct crypto_mac_kind crypto_mac_hmac_sha2_256 = {
	CRYPTO_MAC_HMAC, "SHA2-256", 32
};

const struct crypto_mac_kind crypto_mac_hmac_sha2_384 = {
	CRYPTO_MAC_HMAC, "SHA2-384", 48
};

const struct crypto_mac_kind crypto_mac_hmac_sha2_512 = {
	CRYPTO_MAC_HMAC, "SHA2-512", 64
};

const struct crypto_mac_kind crypto_mac_aes_xcbc = {
	CRYPTO_MAC_XCBC, NULL, AES_BLOCK
};

const struct crypto_mac_kind crypto_mac_aes_cmac = {
	CRYPTO_MAC_CMAC, NULL, AES_BLOCK
};

/**
 * struct crypto_mac - a key in place
 * @kind: what for
 * @evp: HMAC or CMAC
 * @aes: XCBC: encrypts blocks with the first derived key
 * @last_whole: XCBC: added to the last block if it is a whole one
 * @last_padded: XCBC: added to the last block if it had to be padded
 */
struct crypto_mac {
	const struct crypto_mac_kind *kind;
	EVP_MAC_CTX *evp;
	EVP_CIPHER_CTX *aes;
	uint8_t last_whole[AES_BLOCK];
	uint8_t last_padded[AES_BLOCK];
};

static bool set_aes_key(EVP_CIPHER_CTX *context, const uint8_t *key)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	bool good;

	good = cipher &&
	       EVP_EncryptInit_ex2(context, cipher, key, NULL, NULL) &&
	       EVP_CIPHER_CTX_set_padding(context, 0);
	EVP_CIPHER_free(cipher);
	return good;
}

static bool encrypt_block(EVP_CIPHER_CTX *context, const uint8_t *in,
			  uint8_t *out)
{
	int length;

	return EVP_EncryptUpdate(context, out, &length, in, AES_BLOCK) &&
	       length == AES_BLOCK;
}

/* RFC 3566, 4: three keys from one */
static bool create_xcbc(struct crypto_mac *mac, const uint8_t *key)
{
	uint8_t first[AES_BLOCK], constant[AES_BLOCK];
	bool good;

	mac->aes = EVP_CIPHER_CTX_new();
	if (!mac->aes || !set_aes_key(mac->aes, key))
		return false;
	memset(constant, 1, sizeof(constant));
	good = encrypt_block(mac->aes, constant, first);
	memset(constant, 2, sizeof(constant));
	good = good && encrypt_block(mac->aes, constant, mac->last_whole);
	memset(constant, 3, sizeof(constant));
	good = good && encrypt_block(mac->aes, constant, mac->last_padded);
	good = good && set_aes_key(mac->aes, first);
	explicit_bzero(first, sizeof(first));
	return good;
}

static bool create_evp(struct crypto_mac *mac, const uint8_t *key,
		       size_t length)
{
	bool hmac = mac->kind->method == CRYPTO_MAC_HMAC;
	OSSL_PARAM parameters[2];
	EVP_MAC *algorithm;
	bool good;

	if (hmac)
		parameters[0] = OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_DIGEST, (char *)mac->kind->digest, 0);
	else
		parameters[0] = OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_CIPHER, (char *)"AES-128-CBC", 0);
	parameters[1] = OSSL_PARAM_construct_end();
	algorithm = EVP_MAC_fetch(NULL, hmac ? "HMAC" : "CMAC", NULL);
	mac->evp = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
	good = mac->evp && EVP_MAC_init(mac->evp, key, length, parameters);
	EVP_MAC_free(algorithm);
	return good;
}

/**
 * crypto_mac_create - put a key in place
 * @kind: the method and its parameters
 * @key: the key
 * @length: bytes of it: 16, or any number for HMAC
 * @mac: where to put the result, to be freed with crypto_mac_destroy()
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_mac_create(const struct crypto_mac_kind *kind,
				const uint8_t *key, size_t length,
				struct crypto_mac **mac)
{
	/* OpenSSL takes no pointer for no key at all */
	static const uint8_t nothing;
	struct crypto_mac *new;
	bool good;

	if (kind->method != CRYPTO_MAC_HMAC && length != AES_BLOCK)
		return error_refused(0, "a key of %zu bytes does not fit a code made with AES-128, which takes %d",
				     length, AES_BLOCK);
	new = calloc(1, sizeof(*new));
	if (!new)
		return error_no_memory();
	new->kind = kind;
	if (kind->method == CRYPTO_MAC_XCBC)
		good = create_xcbc(new, key);
	else
		good = create_evp(new, length ? key : &nothing, length);
	if (!good) {
		crypto_mac_destroy(new);
		return openssl_error("put a key in place");
	}
	*mac = new;
	return NULL;
}

/**
 * crypto_mac_destroy - forget a key
 * @mac: the key in place, or NULL
 */
void crypto_mac_destroy(struct crypto_mac *mac)
{
	if (!mac)
		return;
	EVP_MAC_CTX_free(mac->evp);
	EVP_CIPHER_CTX_free(mac->aes);
	explicit_bzero(mac, sizeof(*mac));
	free(mac);
}

static void add_block(uint8_t *sum, const uint8_t *block)
{
	size_t i;

	for (i = 0; i < AES_BLOCK; i++)
		sum[i] ^= block[i];
}

/*
 * The last block is treated in its own way, and whether a block is the last
 * shows only when no byte follows: a full one waits in @block until then. @code may
 * be one of the pieces, so nothing is written there before all is read.
 */
static bool compute_xcbc(struct crypto_mac *mac,
			 const struct crypto_piece *pieces, size_t count,
			 uint8_t *code)
{
	uint8_t block[AES_BLOCK], sum[AES_BLOCK] = {};
	size_t i, used = 0, left, room;
	const uint8_t *bytes;
	bool good = true;

	for (i = 0; i < count; i++) {
		bytes = pieces[i].bytes;
		for (left = pieces[i].length; left; left -= room) {
			if (used == AES_BLOCK) {
				add_block(sum, block);
				good = good && encrypt_block(mac->aes, sum,
							     sum);
				used = 0;
			}
			room = AES_BLOCK - used < left ? AES_BLOCK - used :
							 left;
			memcpy(block + used, bytes, room);
			used += room;
			bytes += room;
		}
	}
	if (used == AES_BLOCK) {
		add_block(sum, mac->last_whole);
	} else {
		block[used] = 0x80;
		memset(block + used + 1, 0, AES_BLOCK - used - 1);
		add_block(sum, mac->last_padded);
	}
	add_block(sum, block);
	good = good && encrypt_block(mac->aes, sum, code);
	explicit_bzero(block, sizeof(block));
	explicit_bzero(sum, sizeof(sum));
	return good;
}

static bool compute_evp(struct crypto_mac *mac,
			const struct crypto_piece *pieces, size_t count,
			uint8_t *code)
{
	size_t i, length;
	bool good;

	/* without a key: begin anew with the one in place */
	good = EVP_MAC_init(mac->evp, NULL, 0, NULL);
	for (i = 0; good && i < count; i++)
		good = !pieces[i].length ||
		       EVP_MAC_update(mac->evp, pieces[i].bytes,
				      pieces[i].length);
	return good && EVP_MAC_final(mac->evp, code, &length, mac->kind->size);
}

/**
 * crypto_mac_compute - compute a code
 * @mac: the key in place; may be used again afterwards
 * @pieces: what to authenticate
 * @count: number of pieces
 * @code: room for a full code; may be one of the pieces
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_mac_compute(struct crypto_mac *mac,
				 const struct crypto_piece *pieces,
				 size_t count, uint8_t *code)
{
	bool good = mac->kind->method == CRYPTO_MAC_XCBC ?
			    compute_xcbc(mac, pieces, count, code) :
			    compute_evp(mac, pieces, count, code);

	return good ? NULL :
		      openssl_error("compute a message authentication code");
}
