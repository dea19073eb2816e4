// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes key pairs and shared secrets. A peer's public value is checked before
 * anything is computed with it (RFC 6989): its length, that it is in the range
 * of a modular group or on the curve, and in the end that the secret is not the
 * one that every low-order point leads to.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/dh.h"
#include "crypto/openssl.h"
#include "lib/array.h"
#include "lib/iana.h"

/* What a point begins with that has both coordinates (SEC 1, 2.3.3) */
#define POINT_UNCOMPRESSED 4

/* The generator of all groups of RFC 2409 and 3526 */
#define MODP_GENERATOR 2

static const struct crypto_group groups[] = {
	{ IANA_KE_MODP_1024, CRYPTO_DH_MODP, 128, 128, true, NULL },
	{ IANA_KE_MODP_1536, CRYPTO_DH_MODP, 192, 192, true, "modp_1536" },
	{ IANA_KE_MODP_2048, CRYPTO_DH_MODP, 256, 256, false, "modp_2048" },
	{ IANA_KE_MODP_3072, CRYPTO_DH_MODP, 384, 384, false, "modp_3072" },
	{ IANA_KE_MODP_4096, CRYPTO_DH_MODP, 512, 512, false, "modp_4096" },
	{ IANA_KE_MODP_6144, CRYPTO_DH_MODP, 768, 768, false, "modp_6144" },
	{ IANA_KE_MODP_8192, CRYPTO_DH_MODP, 1024, 1024, false, "modp_8192" },
	{ IANA_KE_ECP_256, CRYPTO_DH_ECP, 64, 32, false, "P-256" },
	{ IANA_KE_ECP_384, CRYPTO_DH_ECP, 96, 48, false, "P-384" },
	{ IANA_KE_ECP_521, CRYPTO_DH_ECP, 132, 66, false, "P-521" },
	{ IANA_KE_CURVE25519, CRYPTO_DH_MONTGOMERY, 32, 32, false, "X25519" },
	{ IANA_KE_CURVE448, CRYPTO_DH_MONTGOMERY, 56, 56, false, "X448" },
};

/**
 * struct crypto_dh - our half of a key exchange
 * @group: its group
 * @key: the key pair
 * @public: the public value as it is sent
 */
struct crypto_dh {
	const struct crypto_group *group;
	EVP_PKEY *key;
	uint8_t public[CRYPTO_DH_SIZE_MAX];
};

/**
 * crypto_group_find - find a group
 * @id: enum iana_ke
 *
 * Return: the group, NULL if we don't have it.
 */
const struct crypto_group *crypto_group_find(uint16_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i].id == id)
			return &groups[i];
	}
	return NULL;
}

static const char *algorithm(const struct crypto_group *group)
{
	switch (group->kind) {
	case CRYPTO_DH_MODP:
		return "DH";
	case CRYPTO_DH_ECP:
		return "EC";
	case CRYPTO_DH_MONTGOMERY:
		break;
	}
	return group->name;
}

/* The prime of a modular group, to be freed with BN_free(). */
static BIGNUM *prime(const struct crypto_group *group)
{
	switch (group->id) {
	case IANA_KE_MODP_1024:
		return BN_get_rfc2409_prime_1024(NULL);
	case IANA_KE_MODP_1536:
		return BN_get_rfc3526_prime_1536(NULL);
	case IANA_KE_MODP_2048:
		return BN_get_rfc3526_prime_2048(NULL);
	case IANA_KE_MODP_3072:
		return BN_get_rfc3526_prime_3072(NULL);
	case IANA_KE_MODP_4096:
		return BN_get_rfc3526_prime_4096(NULL);
	case IANA_KE_MODP_6144:
		return BN_get_rfc3526_prime_6144(NULL);
	default:
		return BN_get_rfc3526_prime_8192(NULL);
	}
}

/* The parameters of a group, and the public value of a peer if there is one. */
static OSSL_PARAM *describe(const struct crypto_group *group,
			    const BIGNUM *p, const BIGNUM *public,
			    const uint8_t *point, size_t point_length)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *parameters = NULL;
	BIGNUM *g = BN_new();
	bool good = builder && g && BN_set_word(g, MODP_GENERATOR);

	if (good && group->name && group->kind != CRYPTO_DH_MONTGOMERY)
		good = OSSL_PARAM_BLD_push_utf8_string(
			builder, OSSL_PKEY_PARAM_GROUP_NAME, group->name, 0);
	if (good && !group->name)
		good = OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_FFC_P,
					      p) &&
		       OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_FFC_G,
					      g);
	if (good && public)
		good = OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PUB_KEY,
					      public);
	if (good && point)
		good = OSSL_PARAM_BLD_push_octet_string(
			builder, OSSL_PKEY_PARAM_PUB_KEY, point, point_length);
	if (good)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(g);
	return parameters;
}

static EVP_PKEY *key_from(const struct crypto_group *group,
			  OSSL_PARAM *parameters, int selection)
{
	EVP_PKEY_CTX *context;
	EVP_PKEY *key = NULL;

	context = EVP_PKEY_CTX_new_from_name(NULL, algorithm(group), NULL);
	if (!parameters || !context || EVP_PKEY_fromdata_init(context) <= 0 ||
	    EVP_PKEY_fromdata(context, &key, selection, parameters) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* A new key pair; modular ones need a key with parameters to begin with. */
static EVP_PKEY *generate(const struct crypto_group *group)
{
	EVP_PKEY *key = NULL, *template = NULL;
	OSSL_PARAM *parameters;
	EVP_PKEY_CTX *context;
	BIGNUM *p;

	if (group->kind == CRYPTO_DH_ECP)
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", group->name);
	if (group->kind == CRYPTO_DH_MONTGOMERY)
		return EVP_PKEY_Q_keygen(NULL, NULL, group->name);
	p = prime(group);
	parameters = describe(group, p, NULL, NULL, 0);
	template = key_from(group, parameters, EVP_PKEY_KEY_PARAMETERS);
	context = template ? EVP_PKEY_CTX_new_from_pkey(NULL, template, NULL) :
			     NULL;
	if (!context || EVP_PKEY_keygen_init(context) <= 0 ||
	    EVP_PKEY_generate(context, &key) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(template);
	OSSL_PARAM_free(parameters);
	BN_free(p);
	return key;
}

/* The public value as RFC 7296 and 5903 want it: always of the same length. */
static bool store_public(struct crypto_dh *dh)
{
	const struct crypto_group *group = dh->group;
	uint8_t point[1 + CRYPTO_DH_SIZE_MAX];
	BIGNUM *number = NULL;
	size_t length;
	bool good;

	if (group->kind == CRYPTO_DH_MODP) {
		good = EVP_PKEY_get_bn_param(dh->key, OSSL_PKEY_PARAM_PUB_KEY,
					     &number) &&
		       BN_bn2binpad(number, dh->public,
				    group->public_size) == group->public_size;
		BN_free(number);
		return good;
	}
	if (!EVP_PKEY_get_octet_string_param(dh->key,
					     OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
					     point, sizeof(point), &length))
		return false;
	if (group->kind == CRYPTO_DH_MONTGOMERY) {
		memcpy(dh->public, point, group->public_size);
		return length == group->public_size;
	}
	memcpy(dh->public, point + 1, group->public_size);
	return length == 1u + group->public_size &&
	       point[0] == POINT_UNCOMPRESSED;
}

/**
 * crypto_dh_create - make a key pair
 * @group: its group
 * @dh: where to put it, to be freed with crypto_dh_destroy()
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_dh_create(const struct crypto_group *group,
			       struct crypto_dh **dh)
{
	struct crypto_dh *new = calloc(1, sizeof(*new));

	if (!new)
		return error_no_memory();
	new->group = group;
	new->key = generate(group);
	if (!new->key || !store_public(new)) {
		crypto_dh_destroy(new);
		return openssl_error("make a Diffie-Hellman key");
	}
	*dh = new;
	return NULL;
}

/**
 * crypto_dh_public - the public value of a key pair
 * @dh: the key pair
 * @length: where to put the number of its bytes
 *
 * Return: its bytes, which are there as long as @dh.
 */
const uint8_t *crypto_dh_public(const struct crypto_dh *dh, size_t *length)
{
	*length = dh->group->public_size;
	return dh->public;
}

/*
 * RFC 6989, 2.1: these primes are safe ones, so 1 and p - 1 are the only values
 * of small order.
 */
static struct error *take_number(const struct crypto_group *group,
				 const uint8_t *value, EVP_PKEY **key)
{
	BIGNUM *public = BN_bin2bn(value, group->public_size, NULL);
	BIGNUM *p = prime(group), *last = p ? BN_dup(p) : NULL;
	OSSL_PARAM *parameters = NULL;
	struct error *error = NULL;

	if (!public || !last || !BN_sub_word(last, 1)) {
		error = openssl_error("read a Diffie-Hellman value");
		goto free_numbers;
	}
	if (BN_is_zero(public) || BN_is_one(public) ||
	    BN_cmp(public, last) >= 0) {
		error = error_refused(0, "the peer's Diffie-Hellman value is not between 1 and the prime less 1");
		goto free_numbers;
	}
	parameters = describe(group, p, public, NULL, 0);
	*key = key_from(group, parameters, EVP_PKEY_PUBLIC_KEY);
	if (!*key)
		error = openssl_error("take the peer's Diffie-Hellman value");

free_numbers:
	OSSL_PARAM_free(parameters);
	BN_free(last);
	BN_free(p);
	BN_free(public);
	return error;
}

static struct error *take_point(const struct crypto_group *group,
				const uint8_t *value, EVP_PKEY **key)
{
	uint8_t point[1 + CRYPTO_DH_SIZE_MAX] = { POINT_UNCOMPRESSED };
	OSSL_PARAM *parameters;

	if (group->kind == CRYPTO_DH_MONTGOMERY) {
		*key = EVP_PKEY_new_raw_public_key_ex(NULL, group->name, NULL,
						      value,
						      group->public_size);
		return *key ? NULL :
			      openssl_error("take the peer's public value");
	}
	memcpy(point + 1, value, group->public_size);
	parameters = describe(group, NULL, NULL, point, 1u +
			      group->public_size);
	*key = key_from(group, parameters, EVP_PKEY_PUBLIC_KEY);
	OSSL_PARAM_free(parameters);
	if (*key)
		return NULL;
	openssl_forget_errors();
	return error_refused(0, "the peer's public value is not a point of the curve");
}

static struct error *derive(const struct crypto_dh *dh, EVP_PKEY *peer,
			    struct crypto_dh_secret *secret)
{
	static const uint8_t zeros[CRYPTO_DH_SIZE_MAX];
	size_t length = dh->group->secret_size;
	EVP_PKEY_CTX *context;
	bool good;

	context = EVP_PKEY_CTX_new_from_pkey(NULL, dh->key, NULL);
	good = context && EVP_PKEY_derive_init(context) > 0;
	/* RFC 7296, 2.14: leading zeros belong to the secret */
	if (good && dh->group->kind == CRYPTO_DH_MODP)
		good = EVP_PKEY_CTX_set_dh_pad(context, 1) > 0;
	good = good && EVP_PKEY_derive_set_peer_ex(context, peer, 0) > 0 &&
	       EVP_PKEY_derive(context, secret->bytes, &length) > 0 &&
	       length == dh->group->secret_size;
	EVP_PKEY_CTX_free(context);
	/* what RFC 7748, 6 asks for; OpenSSL refuses it by itself as well */
	if (good && CRYPTO_memcmp(secret->bytes, zeros, length)) {
		secret->length = length;
		return NULL;
	}
	crypto_dh_secret_wipe(secret);
	openssl_forget_errors();
	return error_refused(0, "the peer's public value leads to no secret");
}

/**
 * crypto_dh_agree - compute the shared secret
 * @dh: our key pair
 * @peer: the peer's public value
 * @length: bytes of it
 * @secret: where to put the shared secret
 *
 * Return: NULL, or what is wrong with the public value.
 */
struct error *crypto_dh_agree(const struct crypto_dh *dh, const uint8_t *peer,
			      size_t length, struct crypto_dh_secret *secret)
{
	const struct crypto_group *group = dh->group;
	EVP_PKEY *key = NULL;
	struct error *error;
	char text[IANA_TEXT_SIZE];

	secret->length = 0;
	if (length != group->public_size)
		return error_refused(0, "a public value of %zu bytes is none of %s, where it has %u",
				     length,
				     iana_text(IANA_KE, group->id, text),
				     group->public_size);
	error = group->kind == CRYPTO_DH_MODP ? take_number(group, peer, &key) :
						take_point(group, peer, &key);
	if (!error)
		error = derive(dh, key, secret);
	EVP_PKEY_free(key);
	return error;
}

/**
 * crypto_dh_destroy - forget a key pair
 * @dh: the key pair, or NULL
 */
void crypto_dh_destroy(struct crypto_dh *dh)
{
	if (!dh)
		return;
	EVP_PKEY_free(dh->key);
	free(dh);
}

/**
 * crypto_dh_secret_wipe - forget a shared secret
 * @secret: the secret
 */
void crypto_dh_secret_wipe(struct crypto_dh_secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}
