/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of an IKE SA and of its child SAs (RFC 7296, 2.13 to 2.18).
 */
#ifndef IKE_KEYS_H
#define IKE_KEYS_H

#include "crypto/cipher.h"
#include "crypto/dh.h"
#include "crypto/prf.h"
#include "ike/ops.h"

/* Bytes of the nonces we make */
#define IKE_NONCE_SIZE 32

/**
 * struct ike_nonce - a nonce
 * @length: bytes of it
 * @data: the nonce
 */
struct ike_nonce {
	uint16_t length;
	uint8_t data[256];
};

/**
 * struct ike_key_input - what keys are made of
 * @nonce_i: of who sent the request
 * @nonce_r: of who answered
 * @shared: result of the key exchange, of no length if there was none
 */
struct ike_key_input {
	const struct ike_nonce *nonce_i;
	const struct ike_nonce *nonce_r;
	const struct crypto_dh_secret *shared;
};

/**
 * struct ike_keys - keys of an IKE SA
 * @prf: its pseudorandom function
 * @sk_d: what other keys are made of
 * @sk_pi: for AUTH of the initiator
 * @sk_pr: for AUTH of the responder
 * @seal: protects what we send
 * @open: protects what the peer sends
 * @crypto: the algorithms of both
 */
struct ike_keys {
	const struct crypto_prf *prf;
	uint8_t sk_d[CRYPTO_PRF_SIZE_MAX];
	uint8_t sk_pi[CRYPTO_PRF_SIZE_MAX];
	uint8_t sk_pr[CRYPTO_PRF_SIZE_MAX];
	struct crypto_cipher *seal;
	struct crypto_cipher *open;
	struct crypto_suite crypto;
};

ERROR_MUST_CHECK
struct error *ike_keys_make(struct ike_keys *keys,
			    const struct ike_suite *suite,
			    const struct ike_key_input *input,
			    const struct ike_keys *old, uint64_t spi_i,
			    uint64_t spi_r, bool initiator);
void ike_keys_wipe(struct ike_keys *keys);
ERROR_MUST_CHECK
struct error *ike_keys_make_child(const struct ike_keys *keys,
				  const struct ike_key_input *input,
				  const struct ike_suite *suite,
				  struct ike_esp_keys *from_initiator,
				  struct ike_esp_keys *from_responder);

bool ike_nonce_set(struct ike_nonce *nonce, struct bytes bytes);
const struct ike_nonce *ike_nonce_lower(const struct ike_nonce *one,
					const struct ike_nonce *other);

#endif /* IKE_KEYS_H */
