// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Public keys in the forms they come in: as certificates have them (RFC 5280,
 * RFC 7670), PKCS#1 (RFC 8017), DNS (RFC 3110), and bare points of curves.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/openssl.h"
#include "crypto/pkey.h"
#include "lib/array.h"
#include "lib/iana.h"

#define POINT_UNCOMPRESSED 4
#define POINT_SIZE_MAX (1 + 2 * 66)

/* RFC 3110, 2: a length of zero announces one of two bytes */
#define RFC3110_LONG 3

/**
 * crypto_public_key_from_spki - read a SubjectPublicKeyInfo
 * @der: the bytes
 * @length: how many; none may be left over
 * @key: where to put the key, to be freed with crypto_public_key_free()
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_public_key_from_spki(const uint8_t *der, size_t length,
					  struct crypto_public_key **key)
{
	const uint8_t *end = der;
	EVP_PKEY *pkey = NULL;

	if (length <= CRYPTO_PUBLIC_KEY_SIZE_MAX)
		pkey = d2i_PUBKEY(NULL, &end, (long)length);
	if (pkey && end != der + length) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey_to_public(pkey, key);
}

/**
 * crypto_public_key_from_pkcs1 - read an RSAPublicKey
 * @der: the bytes
 * @length: how many; none may be left over
 * @key: where to put the key, to be freed with crypto_public_key_free()
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_public_key_from_pkcs1(const uint8_t *der, size_t length,
					   struct crypto_public_key **key)
{
	OSSL_DECODER_CTX *context;
	EVP_PKEY *pkey = NULL;
	size_t left = length;
	const uint8_t *end = der;

	context = OSSL_DECODER_CTX_new_for_pkey(&pkey, "DER", "type-specific",
						"RSA", EVP_PKEY_PUBLIC_KEY,
						NULL, NULL);
	if (!context || length > CRYPTO_PUBLIC_KEY_SIZE_MAX ||
	    !OSSL_DECODER_from_data(context, &end, &left) || left) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	OSSL_DECODER_CTX_free(context);
	return pkey_to_public(pkey, key);
}

static EVP_PKEY *pkey_from(const char *algorithm, OSSL_PARAM_BLD *builder)
{
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context;
	EVP_PKEY *pkey = NULL;

	context = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	if (!parameters || !context || EVP_PKEY_fromdata_init(context) <= 0 ||
	    EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY,
			      parameters) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	return pkey;
}

static EVP_PKEY *rsa_from(const uint8_t *exponent, size_t exponent_length,
			  const uint8_t *modulus, size_t modulus_length)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;
	BIGNUM *n, *e;

	n = BN_bin2bn(modulus, (int)modulus_length, NULL);
	e = BN_bin2bn(exponent, (int)exponent_length, NULL);
	if (builder && n && e &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
		pkey = pkey_from("RSA", builder);
	BN_free(e);
	BN_free(n);
	OSSL_PARAM_BLD_free(builder);
	return pkey;
}

/**
 * crypto_public_key_from_rfc3110 - read an RSA key as DNS has it
 * @bytes: length of the exponent, exponent, modulus
 * @length: how many bytes
 * @key: where to put the key, to be freed with crypto_public_key_free()
 *
 * This is what leftrsasigkey= has behind its 0s.
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_public_key_from_rfc3110(const uint8_t *bytes,
					     size_t length,
					     struct crypto_public_key **key)
{
	size_t exponent, prefix = 1;

	if (length > CRYPTO_PUBLIC_KEY_SIZE_MAX)
		return error_refused(0, "%zu bytes are longer than any RSA key",
				     length);
	if (length && bytes[0]) {
		exponent = bytes[0];
	} else if (length >= RFC3110_LONG) {
		exponent = (size_t)bytes[1] << 8 | bytes[2];
		prefix = RFC3110_LONG;
	} else {
		return error_refused(0, "%zu bytes have no room for an RSA key",
				     length);
	}
	if (!exponent || exponent >= length - prefix)
		return error_refused(0, "an exponent of %zu bytes leaves no room for a modulus in an RSA key of %zu bytes",
				     exponent, length);
	return pkey_to_public(rsa_from(bytes + prefix, exponent,
				       bytes + prefix + exponent,
				       length - prefix - exponent), key);
}

/**
 * crypto_public_key_from_point - read an ECDSA key given as a point
 * @bytes: both coordinates; a byte in front that says so may be missing
 * @length: how many bytes, which tells the curve
 * @key: where to put the key, to be freed with crypto_public_key_free()
 *
 * This is what leftecdsakey= has behind its 0s.
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_public_key_from_point(const uint8_t *bytes, size_t length,
					   struct crypto_public_key **key)
{
	static const struct {
		size_t size;
		const char *group;
	} curves[] = { { 64, "P-256" }, { 96, "P-384" }, { 132, "P-521" } };
	uint8_t point[POINT_SIZE_MAX] = { POINT_UNCOMPRESSED };
	OSSL_PARAM_BLD *builder;
	EVP_PKEY *pkey = NULL;
	size_t i;

	if (length % 2 && bytes[0] == POINT_UNCOMPRESSED) {
		bytes++;
		length--;
	}
	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		if (curves[i].size == length)
			break;
	}
	if (i == ARRAY_SIZE(curves))
		return error_refused(0, "%zu bytes are not a point of P-256 (64), P-384 (96) or P-521 (132)",
				     length);
	memcpy(point + 1, bytes, length);
	builder = OSSL_PARAM_BLD_new();
	if (builder &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
					    curves[i].group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
					     point, 1 + length))
		pkey = pkey_from("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	return pkey_to_public(pkey, key);
}

/**
 * crypto_public_key_to_spki - write a SubjectPublicKeyInfo
 * @key: the key
 * @der: where to
 * @room: bytes there; CRYPTO_PUBLIC_KEY_SIZE_MAX are always enough
 * @length: where to put how many it has
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_public_key_to_spki(const struct crypto_public_key *key,
					uint8_t *der, size_t room,
					size_t *length)
{
	int needed = i2d_PUBKEY(key->pkey, NULL);

	if (needed <= 0)
		return openssl_error("write a public key");
	if ((size_t)needed > room)
		return error_refused(0, "a public key of %d bytes does not fit into %zu",
				     needed, room);
	*length = (size_t)i2d_PUBKEY(key->pkey, &der);
	return NULL;
}

static struct error *write_rfc3110(const struct crypto_public_key *key,
				   uint8_t *bytes, size_t room, size_t *length)
{
	BIGNUM *n = NULL, *e = NULL;
	struct error *error = NULL;
	size_t size_e;

	if (!EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &n) ||
	    !EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_E, &e)) {
		error = openssl_error("look into an RSA key");
		goto free_numbers;
	}
	/* never more than eight bytes, see pkey.c */
	size_e = (size_t)BN_num_bytes(e);
	*length = 1 + size_e + (size_t)BN_num_bytes(n);
	if (*length > room) {
		error = error_refused(0, "an RSA key of %zu bytes does not fit into %zu",
				      *length, room);
		goto free_numbers;
	}
	bytes[0] = (uint8_t)size_e;
	BN_bn2bin(e, bytes + 1);
	BN_bn2bin(n, bytes + 1 + size_e);

free_numbers:
	BN_free(n);
	BN_free(e);
	return error;
}

static struct error *write_point(const struct crypto_public_key *key,
				 uint8_t *bytes, size_t room, size_t *length)
{
	if (!EVP_PKEY_get_octet_string_param(key->pkey,
					     OSSL_PKEY_PARAM_PUB_KEY, bytes,
					     room, length))
		return openssl_error("write a public key");
	return NULL;
}

/**
 * crypto_public_key_to_raw - write a key without its kind
 * @key: the key
 * @bytes: where to
 * @room: bytes there; CRYPTO_PUBLIC_KEY_SIZE_MAX are always enough
 * @length: where to put how many it has
 *
 * RSA as DNS has it (RFC 3110), a curve's point as it is.
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_public_key_to_raw(const struct crypto_public_key *key,
				       uint8_t *bytes, size_t room,
				       size_t *length)
{
	return key->kind == CRYPTO_KEY_RSA ?
		       write_rfc3110(key, bytes, room, length) :
		       write_point(key, bytes, room, length);
}

/**
 * crypto_public_key_kind - what a key verifies
 * @key: the key
 *
 * Return: its kind.
 */
enum crypto_key_kind crypto_public_key_kind(const struct crypto_public_key *key)
{
	return key->kind;
}

/**
 * crypto_public_key_bits - the size of a key
 * @key: the key
 *
 * Return: the bits of its modulus or curve.
 */
unsigned int crypto_public_key_bits(const struct crypto_public_key *key)
{
	return (unsigned int)EVP_PKEY_get_bits(key->pkey);
}

/**
 * crypto_public_key_equal - are two keys the same
 * @a: one
 * @b: the other
 *
 * Return: whether they are.
 */
bool crypto_public_key_equal(const struct crypto_public_key *a,
			     const struct crypto_public_key *b)
{
	bool equal = a->kind == b->kind && EVP_PKEY_eq(a->pkey, b->pkey) == 1;

	openssl_forget_errors();
	return equal;
}

/**
 * crypto_public_key_ckaid - the name of a key pair
 * @key: the public key
 * @ckaid: where to put it: the SHA-1 of the modulus or point, as NSS has it
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_public_key_ckaid(const struct crypto_public_key *key,
				      uint8_t ckaid[CRYPTO_CKAID_SIZE])
{
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX];
	struct crypto_piece piece = { bytes, 0 };
	struct error *error;
	size_t length;

	error = crypto_public_key_to_raw(key, bytes, sizeof(bytes), &length);
	if (error)
		return error;
	piece.length = length;
	if (key->kind == CRYPTO_KEY_RSA) {
		piece.bytes = bytes + 1 + bytes[0];
		piece.length -= 1u + bytes[0];
	}
	return crypto_hash_compute(crypto_hash_find(IANA_HASH_SHA1), &piece, 1,
				   ckaid);
}

/**
 * crypto_public_key_free - free a public key
 * @key: the key, or NULL
 */
void crypto_public_key_free(struct crypto_public_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}
