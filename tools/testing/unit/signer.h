/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody who signs for an engine: makes keys, signs when it is asked, and keeps
 * each signature until it is told to hand it over.
 */
#ifndef UNIT_SIGNER_H
#define UNIT_SIGNER_H

#include "crypto/sign.h"
#include "ike/ike.h"

#define SIGNER_KEYS 8
#define SIGNER_JOBS 64

/**
 * struct signer_key - a key pair
 * @kind: what it signs with
 * @private: its private half
 * @ckaid: its name
 * @spki: its public half, in DER
 * @spki_length: bytes of @spki
 */
struct signer_key {
	enum crypto_key_kind kind;
	struct crypto_private_key *private;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	uint8_t spki[CRYPTO_PUBLIC_KEY_SIZE_MAX];
	size_t spki_length;
};

/**
 * struct signer_job - a signature that was not handed over
 * @token: whom it is for
 * @due: when it is to be handed over, for whoever has a clock
 * @signature: the signature
 */
struct signer_job {
	uint64_t token;
	uint64_t due;
	struct crypto_signature signature;
};

/**
 * struct signer - somebody who signs
 * @keys: its keys
 * @key_count: how many
 * @jobs: what it has signed, in the order in which it was asked
 * @job_count: how many
 * @asked: how often it was asked
 */
struct signer {
	struct signer_key keys[SIGNER_KEYS];
	size_t key_count;
	struct signer_job jobs[SIGNER_JOBS];
	size_t job_count;
	unsigned int asked;
};

const struct signer_key *signer_make_key(struct signer *signer,
					 enum crypto_key_kind kind);
const struct signer_key *signer_read_key(struct signer *signer,
					 const uint8_t *bytes, size_t length);
void signer_lend_key(struct signer *signer, const struct signer_key *key);
void signer_free(struct signer *signer);

ERROR_MUST_CHECK
struct error *signer_sign(struct signer *signer,
			  const struct ike_signing *signing);
void signer_hand_over(struct signer *signer, struct ike *ike);
void signer_refuse(struct signer *signer, struct ike *ike, const char *why);

#endif /* UNIT_SIGNER_H */
