// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signs for an engine that runs in a test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signer.h"

static void must(struct error *error)
{
	if (!error)
		return;
	fprintf(stderr, "signer: %s\n", error->sentence);
	abort();
}

static const struct signer_key *add_key(struct signer *signer,
					struct crypto_private_key *private)
{
	struct signer_key *key = &signer->keys[signer->key_count++];
	struct crypto_public_key *public;

	key->private = private;
	must(crypto_private_key_public(private, &public));
	key->kind = crypto_public_key_kind(public);
	must(crypto_public_key_ckaid(public, key->ckaid));
	must(crypto_public_key_to_spki(public, key->spki, sizeof(key->spki),
				       &key->spki_length));
	crypto_public_key_free(public);
	return key;
}

/* Makes a key of a kind; at most SIGNER_KEYS. */
const struct signer_key *signer_make_key(struct signer *signer,
					 enum crypto_key_kind kind)
{
	struct crypto_private_key *private;

	must(crypto_private_key_generate(kind,
					 kind == CRYPTO_KEY_RSA ? 2048 : 0,
					 &private));
	return add_key(signer, private);
}

/* Takes a key from its file. */
const struct signer_key *signer_read_key(struct signer *signer,
					 const uint8_t *bytes, size_t length)
{
	struct crypto_private_key *private;

	must(crypto_private_key_read(bytes, length, &private));
	return add_key(signer, private);
}

/* Lets somebody use a key of another, who frees it. */
void signer_lend_key(struct signer *signer, const struct signer_key *key)
{
	signer->keys[signer->key_count++] = *key;
}

/* Frees all keys. */
void signer_free(struct signer *signer)
{
	while (signer->key_count)
		crypto_private_key_free(signer->keys[--signer->key_count].private);
}

static const struct signer_key *find_key(const struct signer *signer,
					 const uint8_t *ckaid)
{
	size_t i;

	for (i = 0; i < signer->key_count; i++) {
		if (!memcmp(signer->keys[i].ckaid, ckaid, CRYPTO_CKAID_SIZE))
			return &signer->keys[i];
	}
	return NULL;
}

/* What the sign operation of an engine does. */
struct error *signer_sign(struct signer *signer,
			  const struct ike_signing *signing)
{
	const struct signer_key *key = find_key(signer, signing->ckaid);
	const struct crypto_piece piece = {
		signing->octets.data, signing->octets.length
	};
	struct signer_job *job = &signer->jobs[signer->job_count];

	signer->asked++;
	if (!key)
		return error_refused(0, "there is no such private key");
	if (signer->job_count == SIGNER_JOBS)
		return error_refused(0, "there is too much to sign");
	must(crypto_sign(key->private, signing->scheme, &piece, 1,
			 &job->signature));
	job->token = signing->token;
	job->due = 0;
	signer->job_count++;
	return NULL;
}

static struct signer_job take_job(struct signer *signer)
{
	const struct signer_job job = signer->jobs[0];

	memmove(&signer->jobs[0], &signer->jobs[1],
		--signer->job_count * sizeof(job));
	return job;
}

/* Hands over the first signature. */
void signer_hand_over(struct signer *signer, struct ike *ike)
{
	const struct signer_job job = take_job(signer);

	ike_signed(ike, job.token,
		   bytes_of(job.signature.bytes, job.signature.length), NULL);
}

/* Says that there will be no such signature. */
void signer_refuse(struct signer *signer, struct ike *ike, const char *why)
{
	const struct signer_job job = take_job(signer);

	ike_signed(ike, job.token, bytes_of(NULL, 0),
		   error_refused(0, "%s", why));
}
