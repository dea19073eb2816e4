/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/crypto only: keys as OpenSSL has them, checked.
 */
#ifndef CRYPTO_PKEY_H
#define CRYPTO_PKEY_H

#include <openssl/evp.h>

#include "crypto/key.h"

/**
 * struct crypto_public_key - a public key
 * @kind: what it verifies
 * @pkey: the key
 */
struct crypto_public_key {
	enum crypto_key_kind kind;
	EVP_PKEY *pkey;
};

/**
 * struct crypto_private_key - a private key
 * @kind: what it signs with
 * @pkey: the key
 */
struct crypto_private_key {
	enum crypto_key_kind kind;
	EVP_PKEY *pkey;
};

ERROR_MUST_CHECK
struct error *pkey_check(EVP_PKEY *pkey, enum crypto_key_kind *kind);
ERROR_MUST_CHECK
struct error *pkey_to_public(EVP_PKEY *pkey, struct crypto_public_key **key);
ERROR_MUST_CHECK
struct error *pkey_to_private(EVP_PKEY *pkey, struct crypto_private_key **key);

#endif /* CRYPTO_PKEY_H */
