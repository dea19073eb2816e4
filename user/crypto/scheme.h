/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signature schemes: what a kind of key, a hash and an encoding make together,
 * and how an AUTH payload names it. The oldest have an authentication method
 * each (RFC 7296, RFC 4754); all others share the method Digital Signature and are
 * told apart by an AlgorithmIdentifier (RFC 7427, RFC 8420).
 */
#ifndef CRYPTO_SCHEME_H
#define CRYPTO_SCHEME_H

#include "crypto/key.h"

/* The longest AlgorithmIdentifier; RFC 7427, 3 has one byte for its length */
#define CRYPTO_IDENTIFIER_SIZE_MAX 255

/**
 * enum crypto_encoding - how a signature is written
 * @CRYPTO_ENCODING_PKCS1: RSASSA-PKCS1-v1_5
 * @CRYPTO_ENCODING_PSS: RSASSA-PSS
 * @CRYPTO_ENCODING_DER: two numbers in DER
 * @CRYPTO_ENCODING_PLAIN: two numbers of a fixed length
 * @CRYPTO_ENCODING_EDDSA: as RFC 8032 has it
 */
enum crypto_encoding {
	CRYPTO_ENCODING_PKCS1,
	CRYPTO_ENCODING_PSS,
	CRYPTO_ENCODING_DER,
	CRYPTO_ENCODING_PLAIN,
	CRYPTO_ENCODING_EDDSA,
};

/**
 * struct crypto_scheme - a signature scheme
 * @auth: enum iana_auth
 * @hash: enum iana_hash
 * @encoding: how a signature is written
 * @kind: the kind of key, where @encoding leaves a choice: for
 *	CRYPTO_ENCODING_PLAIN and CRYPTO_ENCODING_EDDSA
 * @salt_size: bytes of the salt of CRYPTO_ENCODING_PSS
 */
struct crypto_scheme {
	uint16_t auth;
	uint16_t hash;
	enum crypto_encoding encoding;
	enum crypto_key_kind kind;
	uint8_t salt_size;
};

/**
 * enum crypto_scheme_flags - which schemes somebody allows
 * @CRYPTO_SCHEME_SHA1: RSASSA-PKCS1-v1_5 with SHA-1
 * @CRYPTO_SCHEME_PKCS1: RSASSA-PKCS1-v1_5 with SHA-2
 * @CRYPTO_SCHEME_PSS: RSASSA-PSS
 * @CRYPTO_SCHEME_ECDSA: ECDSA with SHA-2
 * @CRYPTO_SCHEME_EDDSA: Ed25519 and Ed448
 */
enum crypto_scheme_flags {
	CRYPTO_SCHEME_SHA1 = 1,
	CRYPTO_SCHEME_PKCS1 = 2,
	CRYPTO_SCHEME_PSS = 4,
	CRYPTO_SCHEME_ECDSA = 8,
	CRYPTO_SCHEME_EDDSA = 16,
};

/* Turns enum iana_hash into a bit of a set of hashes */
#define CRYPTO_HASH_BIT(hash) (1u << (hash))

const struct crypto_scheme *crypto_scheme_find(uint16_t auth);
const struct crypto_scheme *crypto_scheme_choose(enum crypto_key_kind kind,
						 unsigned int flags,
						 unsigned int hashes);
unsigned int crypto_scheme_flag(const struct crypto_scheme *scheme);
bool crypto_scheme_fits(const struct crypto_scheme *scheme,
			enum crypto_key_kind kind);
const char *crypto_scheme_text(const struct crypto_scheme *scheme);

ERROR_MUST_CHECK
struct error *crypto_scheme_identifier(const struct crypto_scheme *scheme,
				       uint8_t der[CRYPTO_IDENTIFIER_SIZE_MAX],
				       size_t *length);
ERROR_MUST_CHECK
struct error *crypto_scheme_parse(const uint8_t *der, size_t length,
				  struct crypto_scheme *scheme);

#endif /* CRYPTO_SCHEME_H */
