// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes and verifies signatures. Data are put in one row first: the pure EdDSA
 * variants can't take them piece by piece.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/openssl.h"
#include "crypto/pkey.h"
#include "crypto/sign.h"
#include "lib/array.h"
#include "lib/iana.h"

/* Two numbers of 66 bytes, their headers and the one around them */
#define ECDSA_DER_SIZE_MAX 160

static struct error *join(const struct crypto_piece *pieces, size_t count,
			  uint8_t **bytes, size_t *length)
{
	size_t i;

	*length = 0;
	for (i = 0; i < count; i++)
		*length += pieces[i].length;
	*bytes = malloc(*length + 1);
	if (!*bytes)
		return error_no_memory();
	*length = 0;
	for (i = 0; i < count; i++) {
		if (pieces[i].length)
			memcpy(*bytes + *length, pieces[i].bytes,
			       pieces[i].length);
		*length += pieces[i].length;
	}
	return NULL;
}

static const char *digest_name(const struct crypto_scheme *scheme)
{
	const struct crypto_hash *hash = crypto_hash_find(scheme->hash);

	return hash ? hash->name : NULL;
}

static bool set_padding(EVP_PKEY_CTX *context,
			const struct crypto_scheme *scheme)
{
	if (scheme->encoding == CRYPTO_ENCODING_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(context,
						    RSA_PKCS1_PADDING) > 0;
	if (scheme->encoding != CRYPTO_ENCODING_PSS)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(context,
					    RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, digest_name(scheme),
						 NULL) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(context,
						scheme->salt_size) > 0;
}

/* Bytes of each of the two numbers (RFC 4754, 7) */
static size_t number_size(enum crypto_key_kind kind)
{
	switch (kind) {
	case CRYPTO_KEY_P256:
		return 32;
	case CRYPTO_KEY_P384:
		return 48;
	default:
		return 66;
	}
}

/* From DER to two numbers of a fixed length, in place. */
static bool make_plain(struct crypto_signature *signature, size_t size)
{
	const uint8_t *end = signature->bytes;
	ECDSA_SIG *numbers;
	bool good;

	numbers = d2i_ECDSA_SIG(NULL, &end, (long)signature->length);
	good = numbers &&
	       BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature->bytes,
			    (int)size) > 0 &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(numbers),
			    signature->bytes + size, (int)size) > 0;
	signature->length = 2 * size;
	ECDSA_SIG_free(numbers);
	return good;
}

/* The other way round; returns the number of bytes, 0 if it failed. */
static size_t make_der(const uint8_t *plain, size_t size,
		       uint8_t der[ECDSA_DER_SIZE_MAX])
{
	BIGNUM *r = BN_bin2bn(plain, (int)size, NULL);
	BIGNUM *s = BN_bin2bn(plain + size, (int)size, NULL);
	ECDSA_SIG *numbers = ECDSA_SIG_new();
	int length;

	if (!r || !s || !numbers || !ECDSA_SIG_set0(numbers, r, s)) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(numbers);
		return 0;
	}
	length = i2d_ECDSA_SIG(numbers, NULL);
	if (length > 0 && length <= ECDSA_DER_SIZE_MAX)
		length = i2d_ECDSA_SIG(numbers, &der);
	else
		length = 0;
	ECDSA_SIG_free(numbers);
	return (size_t)length;
}

static bool sign_bytes(EVP_PKEY *pkey, const struct crypto_scheme *scheme,
		       const uint8_t *bytes, size_t length,
		       struct crypto_signature *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey_context;
	bool good;

	signature->length = sizeof(signature->bytes);
	good = context &&
	       EVP_DigestSignInit_ex(context, &pkey_context,
				     digest_name(scheme), NULL, NULL, pkey,
				     NULL) > 0 &&
	       set_padding(pkey_context, scheme) &&
	       EVP_DigestSign(context, signature->bytes, &signature->length,
			      bytes, length) > 0;
	EVP_MD_CTX_free(context);
	if (good && scheme->encoding == CRYPTO_ENCODING_PLAIN)
		good = make_plain(signature, number_size(scheme->kind));
	return good;
}

static struct error *check_fits(const struct crypto_scheme *scheme,
				enum crypto_key_kind kind)
{
	if (crypto_scheme_fits(scheme, kind))
		return NULL;
	return error_refused(0, "a key for %s cannot be used for %s",
			     crypto_key_kind_text(kind),
			     crypto_scheme_text(scheme));
}

/**
 * crypto_sign - sign data
 * @key: the key
 * @scheme: the signature scheme
 * @pieces: the data
 * @count: number of pieces
 * @signature: where to put the signature
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_sign(const struct crypto_private_key *key,
			  const struct crypto_scheme *scheme,
			  const struct crypto_piece *pieces, size_t count,
			  struct crypto_signature *signature)
{
	struct error *error = check_fits(scheme, key->kind);
	uint8_t *bytes;
	size_t length;

	if (!error)
		error = join(pieces, count, &bytes, &length);
	if (error)
		return error;
	if (!sign_bytes(key->pkey, scheme, bytes, length, signature))
		error = openssl_error("sign");
	free(bytes);
	return error;
}

static bool verify_bytes(EVP_PKEY *pkey, const struct crypto_scheme *scheme,
			 const uint8_t *bytes, size_t length,
			 const uint8_t *signature, size_t signature_length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey_context;
	bool good;

	good = context &&
	       EVP_DigestVerifyInit_ex(context, &pkey_context,
				       digest_name(scheme), NULL, NULL, pkey,
				       NULL) > 0 &&
	       set_padding(pkey_context, scheme) &&
	       EVP_DigestVerify(context, signature, signature_length, bytes,
				length) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

/**
 * crypto_verify - verify a signature
 * @key: the peer's key, which the caller knows to be the peer's
 * @scheme: the signature scheme
 * @pieces: the data
 * @count: number of pieces
 * @signature: the signature
 * @length: bytes of it
 *
 * Return: NULL if the signature is good, else why it is not.
 */
struct error *crypto_verify(const struct crypto_public_key *key,
			    const struct crypto_scheme *scheme,
			    const struct crypto_piece *pieces, size_t count,
			    const uint8_t *signature, size_t length)
{
	struct error *error = check_fits(scheme, key->kind);
	size_t size = number_size(scheme->kind), data_length;
	uint8_t der[ECDSA_DER_SIZE_MAX], *data;

	if (error)
		return error;
	if (scheme->encoding == CRYPTO_ENCODING_PLAIN) {
		if (length != 2 * size)
			return error_refused(0, "a signature of %zu bytes is none of %s, where it has %zu",
					     length, crypto_scheme_text(scheme),
					     2 * size);
		length = make_der(signature, size, der);
		signature = der;
	}
	error = join(pieces, count, &data, &data_length);
	if (error)
		return error;
	if (!verify_bytes(key->pkey, scheme, data, data_length, signature,
			  length))
		error = error_refused(0, "the signature (%s) is wrong",
				      crypto_scheme_text(scheme));
	openssl_forget_errors();
	free(data);
	return error;
}
