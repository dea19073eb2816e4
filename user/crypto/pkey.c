// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which keys we take, wherever they come from: kinds and sizes that are worth
 * something, and that cost no more than they should.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/openssl.h"
#include "crypto/pkey.h"
#include "lib/array.h"

/* Longer ones only cost time; OpenSSL would not verify with them either */
#define RSA_EXPONENT_BITS_MAX 64

static const struct {
	enum crypto_key_kind kind;
	const char *algorithm;
	const char *group;
	const char *text;
} kinds[] = {
	{ CRYPTO_KEY_RSA, "RSA", NULL, "RSA" },
	{ CRYPTO_KEY_P256, "EC", "prime256v1", "ECDSA P-256" },
	{ CRYPTO_KEY_P384, "EC", "secp384r1", "ECDSA P-384" },
	{ CRYPTO_KEY_P521, "EC", "secp521r1", "ECDSA P-521" },
	{ CRYPTO_KEY_ED25519, "ED25519", NULL, "Ed25519" },
	{ CRYPTO_KEY_ED448, "ED448", NULL, "Ed448" },
};

/**
 * crypto_key_kind_text - what to call a kind of key in a sentence
 * @kind: the kind
 *
 * Return: its name.
 */
const char *crypto_key_kind_text(enum crypto_key_kind kind)
{
	return kinds[kind].text;
}

static struct error *check_rsa(const EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);
	BIGNUM *n = NULL, *e = NULL;
	struct error *error = NULL;

	if (bits < CRYPTO_RSA_BITS_MIN || bits > CRYPTO_RSA_BITS_MAX)
		return error_refused(0, "an RSA key of %d bits is not between %d and %d",
				     bits, CRYPTO_RSA_BITS_MIN,
				     CRYPTO_RSA_BITS_MAX);
	if (!EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) ||
	    !EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e))
		error = openssl_error("look into an RSA key");
	else if (!BN_is_odd(n))
		error = error_refused(0, "the modulus of an RSA key is even");
	else if (!BN_is_odd(e) || BN_is_one(e) || BN_is_negative(e) ||
		 BN_num_bits(e) > RSA_EXPONENT_BITS_MAX)
		error = error_refused(0, "the exponent of an RSA key is not an odd number from 3 to 2^%d",
				      RSA_EXPONENT_BITS_MAX);
	BN_free(n);
	BN_free(e);
	return error;
}

/* A curve must be one that has a name, and be given by it. */
static bool group_name(const EVP_PKEY *pkey, char *name, size_t room)
{
	int is_explicit = 0;

	if (EVP_PKEY_get_int_param(pkey,
				   OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
				   &is_explicit) && is_explicit)
		return false;
	return EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME,
					      name, room, NULL);
}

/**
 * pkey_check - is a key one that we take
 * @pkey: the key
 * @kind: where to put its kind
 *
 * Return: NULL, or why not.
 */
struct error *pkey_check(EVP_PKEY *pkey, enum crypto_key_kind *kind)
{
	char group[32] = "";
	size_t i;

	if (EVP_PKEY_is_a(pkey, "EC") &&
	    !group_name(pkey, group, sizeof(group))) {
		openssl_forget_errors();
		return error_refused(0, "an ECDSA key is on a curve without a name");
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!EVP_PKEY_is_a(pkey, kinds[i].algorithm) ||
		    (kinds[i].group && strcmp(kinds[i].group, group)))
			continue;
		*kind = kinds[i].kind;
		return *kind == CRYPTO_KEY_RSA ? check_rsa(pkey) : NULL;
	}
	return error_refused(0, "a key of the kind %s%s%s is none we sign or verify with",
			     EVP_PKEY_get0_type_name(pkey) ?: "unknown",
			     *group ? " " : "", group);
}

/* What OpenSSL read becomes a key of ours, or goes. */
static struct error *admit(EVP_PKEY *pkey, const char *malformed,
			   enum crypto_key_kind *kind)
{
	struct error *error;

	openssl_forget_errors();
	error = pkey ? pkey_check(pkey, kind) : error_refused(0, "%s", malformed);
	if (error)
		EVP_PKEY_free(pkey);
	return error;
}

/**
 * pkey_to_public - make a public key of ours
 * @pkey: the key, whose ownership passes to this function; NULL if reading it
 *	failed
 * @key: where to put the result
 *
 * Return: NULL, or why we do not take it.
 */
struct error *pkey_to_public(EVP_PKEY *pkey, struct crypto_public_key **key)
{
	enum crypto_key_kind kind;
	struct error *error;

	error = admit(pkey, "the public key is malformed", &kind);
	if (error)
		return error;
	*key = malloc(sizeof(**key));
	if (!*key) {
		EVP_PKEY_free(pkey);
		return error_no_memory();
	}
	**key = (struct crypto_public_key){ kind, pkey };
	return NULL;
}

/**
 * pkey_to_private - make a private key of ours
 * @pkey: the key, whose ownership passes to this function; NULL if reading it
 *	failed
 * @key: where to put the result
 *
 * Return: NULL, or why we do not take it.
 */
struct error *pkey_to_private(EVP_PKEY *pkey, struct crypto_private_key **key)
{
	enum crypto_key_kind kind;
	struct error *error;

	error = admit(pkey, "the private key is malformed, or protected with a passphrase",
		      &kind);
	if (error)
		return error;
	*key = malloc(sizeof(**key));
	if (!*key) {
		EVP_PKEY_free(pkey);
		return error_no_memory();
	}
	**key = (struct crypto_private_key){ kind, pkey };
	return NULL;
}
