/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diffie-Hellman key exchange: modular (RFC 3526), on NIST's curves (RFC 5903), on
 * Curve25519 and Curve448 (RFC 8031). Public values are as a KE payload has them.
 */
#ifndef CRYPTO_DH_H
#define CRYPTO_DH_H

#include "crypto/crypto.h"

/* Of the 8192-bit group, the longest there is */
#define CRYPTO_DH_SIZE_MAX 1024

/**
 * enum crypto_dh_kind - what a group is made of
 * @CRYPTO_DH_MODP: numbers modulo a prime
 * @CRYPTO_DH_ECP: points of a curve, both coordinates are sent
 * @CRYPTO_DH_MONTGOMERY: points of a curve, one coordinate is sent
 */
enum crypto_dh_kind {
	CRYPTO_DH_MODP,
	CRYPTO_DH_ECP,
	CRYPTO_DH_MONTGOMERY,
};

/**
 * struct crypto_group - a group
 * @id: enum iana_ke
 * @kind: what it is made of
 * @public_size: bytes of a public value
 * @secret_size: bytes of a shared secret
 * @legacy: only for those who ask for it by name
 * @name: its name in OpenSSL
 */
struct crypto_group {
	uint16_t id;
	enum crypto_dh_kind kind;
	uint16_t public_size;
	uint16_t secret_size;
	bool legacy;
	const char *name;
};

/**
 * struct crypto_dh_secret - what both sides know in the end
 * @length: bytes of it
 * @bytes: the bytes; to be wiped with crypto_dh_secret_wipe()
 */
struct crypto_dh_secret {
	size_t length;
	uint8_t bytes[CRYPTO_DH_SIZE_MAX];
};

struct crypto_dh;

const struct crypto_group *crypto_group_find(uint16_t id);

ERROR_MUST_CHECK
struct error *crypto_dh_create(const struct crypto_group *group,
			       struct crypto_dh **dh);
const uint8_t *crypto_dh_public(const struct crypto_dh *dh, size_t *length);
ERROR_MUST_CHECK
struct error *crypto_dh_agree(const struct crypto_dh *dh, const uint8_t *peer,
			      size_t length, struct crypto_dh_secret *secret);
void crypto_dh_destroy(struct crypto_dh *dh);

void crypto_dh_secret_wipe(struct crypto_dh_secret *secret);

#endif /* CRYPTO_DH_H */
