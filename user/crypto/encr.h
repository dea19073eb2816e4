/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encryption algorithms of IKEv2 and ESP: what they are called and how much of
 * everything they need. crypto/cipher.h uses them.
 */
#ifndef CRYPTO_ENCR_H
#define CRYPTO_ENCR_H

#include "crypto/crypto.h"

/**
 * enum crypto_encr_mode - how an algorithm goes about a message
 * @CRYPTO_ENCR_OTHER: not at all: it exists in ESP only
 * @CRYPTO_ENCR_CBC: whole blocks, integrity apart
 * @CRYPTO_ENCR_CTR: a stream, integrity apart
 * @CRYPTO_ENCR_GCM: authenticates itself
 * @CRYPTO_ENCR_CCM: authenticates itself, and wants lengths in advance
 * @CRYPTO_ENCR_CHACHA20_POLY1305: authenticates itself
 */
enum crypto_encr_mode {
	CRYPTO_ENCR_OTHER,
	CRYPTO_ENCR_CBC,
	CRYPTO_ENCR_CTR,
	CRYPTO_ENCR_GCM,
	CRYPTO_ENCR_CCM,
	CRYPTO_ENCR_CHACHA20_POLY1305,
};

/**
 * struct crypto_encr - an encryption algorithm
 * @id: enum iana_encr
 * @mode: how it goes about a message
 * @key_bits: length of its key if it has but one; 0 if a Key Length attribute
 *	chooses among 128, 192 and 256
 * @salt_size: bytes that follow the key in the key material
 * @iv_size: bytes of the initialization vector as it is sent
 * @block_size: what a plaintext is padded to
 * @icv_size: bytes of its integrity check value; 0 if integrity is apart
 * @legacy: only for those who ask for it by name
 */
struct crypto_encr {
	uint16_t id;
	enum crypto_encr_mode mode;
	uint16_t key_bits;
	uint8_t salt_size;
	uint8_t iv_size;
	uint8_t block_size;
	uint8_t icv_size;
	bool legacy;
};

const struct crypto_encr *crypto_encr_find(uint16_t id);
bool crypto_encr_authenticates(const struct crypto_encr *encr);

ERROR_MUST_CHECK
struct error *crypto_encr_key_size(const struct crypto_encr *encr,
				   uint16_t key_bits, size_t *size);

#endif /* CRYPTO_ENCR_H */
