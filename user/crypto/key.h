/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys that sign and keys that verify. Public ones come from peers and from
 * configuration in several forms, and are checked when they are read; private
 * ones are for the one process that signs.
 */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include "crypto/crypto.h"

#define CRYPTO_RSA_BITS_MIN 2048
#define CRYPTO_RSA_BITS_MAX 8192

/* Enough for any public key we take, in any of its forms */
#define CRYPTO_PUBLIC_KEY_SIZE_MAX 1100

/* What Libreswan calls CKAID: a hash that names a key pair */
#define CRYPTO_CKAID_SIZE 20

/**
 * enum crypto_key_kind - what a key signs with
 * @CRYPTO_KEY_RSA: RSA
 * @CRYPTO_KEY_P256: ECDSA on NIST's curve P-256
 * @CRYPTO_KEY_P384: ECDSA on P-384
 * @CRYPTO_KEY_P521: ECDSA on P-521
 * @CRYPTO_KEY_ED25519: EdDSA on edwards25519
 * @CRYPTO_KEY_ED448: EdDSA on edwards448
 */
enum crypto_key_kind {
	CRYPTO_KEY_RSA,
	CRYPTO_KEY_P256,
	CRYPTO_KEY_P384,
	CRYPTO_KEY_P521,
	CRYPTO_KEY_ED25519,
	CRYPTO_KEY_ED448,
};

struct crypto_public_key;
struct crypto_private_key;

/* ----- public keys ------------------------------------------------------- */

ERROR_MUST_CHECK
struct error *crypto_public_key_from_spki(const uint8_t *der, size_t length,
					  struct crypto_public_key **key);
ERROR_MUST_CHECK
struct error *crypto_public_key_from_pkcs1(const uint8_t *der, size_t length,
					   struct crypto_public_key **key);
ERROR_MUST_CHECK
struct error *crypto_public_key_from_rfc3110(const uint8_t *bytes,
					     size_t length,
					     struct crypto_public_key **key);
ERROR_MUST_CHECK
struct error *crypto_public_key_from_point(const uint8_t *bytes, size_t length,
					   struct crypto_public_key **key);

ERROR_MUST_CHECK
struct error *crypto_public_key_to_spki(const struct crypto_public_key *key,
					uint8_t *der, size_t room,
					size_t *length);
ERROR_MUST_CHECK
struct error *crypto_public_key_to_raw(const struct crypto_public_key *key,
				       uint8_t *bytes, size_t room,
				       size_t *length);

enum crypto_key_kind
crypto_public_key_kind(const struct crypto_public_key *key);
unsigned int crypto_public_key_bits(const struct crypto_public_key *key);
bool crypto_public_key_equal(const struct crypto_public_key *a,
			     const struct crypto_public_key *b);
ERROR_MUST_CHECK
struct error *crypto_public_key_ckaid(const struct crypto_public_key *key,
				      uint8_t ckaid[CRYPTO_CKAID_SIZE]);
void crypto_public_key_free(struct crypto_public_key *key);

const char *crypto_key_kind_text(enum crypto_key_kind kind);

/* ----- private keys ------------------------------------------------------ */

ERROR_MUST_CHECK
struct error *crypto_private_key_generate(enum crypto_key_kind kind,
					  unsigned int bits,
					  struct crypto_private_key **key);
ERROR_MUST_CHECK
struct error *crypto_private_key_read(const uint8_t *bytes, size_t length,
				      struct crypto_private_key **key);
ERROR_MUST_CHECK
struct error *crypto_private_key_to_pem(const struct crypto_private_key *key,
					char *text, size_t room,
					size_t *length);
ERROR_MUST_CHECK
struct error *crypto_private_key_public(const struct crypto_private_key *key,
					struct crypto_public_key **public);
void crypto_private_key_free(struct crypto_private_key *key);

#endif /* CRYPTO_KEY_H */
