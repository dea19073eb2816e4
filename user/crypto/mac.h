/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message authentication codes with a key in place: what pseudorandom functions
 * and integrity algorithms are made of.
 */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "crypto/crypto.h"

#define CRYPTO_MAC_SIZE_MAX 64

/**
 * enum crypto_mac_method - how a code is made
 * @CRYPTO_MAC_HMAC: from a hash (RFC 2104)
 * @CRYPTO_MAC_XCBC: from AES-128 (RFC 3566)
 * @CRYPTO_MAC_CMAC: from AES-128 (RFC 4493)
 */
enum crypto_mac_method {
	CRYPTO_MAC_HMAC,
	CRYPTO_MAC_XCBC,
	CRYPTO_MAC_CMAC,
};

/**
 * struct crypto_mac_kind - a method with all its parameters
 * @method: how
 * @digest: the hash for HMAC, by its name in OpenSSL
 * @size: bytes of a full code
 */
struct crypto_mac_kind {
	enum crypto_mac_method method;
	const char *digest;
	uint8_t size;
};

extern const struct crypto_mac_kind crypto_mac_hmac_md5;
extern const struct crypto_mac_kind crypto_mac_hmac_sha1;
extern const struct crypto_mac_kind crypto_mac_hmac_sha2_256;
extern const struct crypto_mac_kind crypto_mac_hmac_sha2_384;
extern const struct crypto_mac_kind crypto_mac_hmac_sha2_512;
extern const struct crypto_mac_kind crypto_mac_aes_xcbc;
extern const struct crypto_mac_kind crypto_mac_aes_cmac;

struct crypto_mac;

ERROR_MUST_CHECK
struct error *crypto_mac_create(const struct crypto_mac_kind *kind,
				const uint8_t *key, size_t length,
				struct crypto_mac **mac);
ERROR_MUST_CHECK
struct error *crypto_mac_compute(struct crypto_mac *mac,
				 const struct crypto_piece *pieces,
				 size_t count, uint8_t *code);
void crypto_mac_destroy(struct crypto_mac *mac);

#endif /* CRYPTO_MAC_H */
