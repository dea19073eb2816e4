/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom to trust: certificate authorities and what they have revoked, and whether a
 * peer's certificate leads to one of them (RFC 5280, 6; RFC 4945).
 *
 * A set of authorities does not change once it is in use: what was read anew makes
 * a new set.
 */
#ifndef CRYPTO_TRUST_H
#define CRYPTO_TRUST_H

#include "crypto/cert.h"

/* Certificates between a peer's and its root */
#define CRYPTO_CHAIN_MAX 10

/**
 * struct crypto_chain - a certificate and those that may lead from it to a root
 * @cert: the certificate
 * @others: certificates that nobody vouches for yet
 * @count: how many
 */
struct crypto_chain {
	const struct crypto_cert *cert;
	struct crypto_cert *const *others;
	size_t count;
};

/**
 * struct crypto_rules - what a chain must be like
 * @now: seconds since 1970, when it must be valid
 * @crl_strict: each authority must have a revocation list that is up to date
 * @ca: distinguished name in DER of an authority that must be part of it; NULL
 *	for any
 * @ca_length: bytes of it
 */
struct crypto_rules {
	int64_t now;
	bool crl_strict;
	const uint8_t *ca;
	size_t ca_length;
};

/**
 * struct crypto_crl - a revocation list
 * @issuer: distinguished name in DER of whoever has issued it
 * @issuer_length: bytes of it
 * @this_update: when it was issued, in seconds since 1970; 0 = it does not say so
 * @next_update: when the next one comes; likewise
 * @revoked: how many certificates are on it
 */
struct crypto_crl {
	const uint8_t *issuer;
	size_t issuer_length;
	int64_t this_update;
	int64_t next_update;
	size_t revoked;
};

struct crypto_trust;

ERROR_MUST_CHECK
struct error *crypto_trust_create(struct crypto_trust **trust);
ERROR_MUST_CHECK
struct error *crypto_trust_add_ca(struct crypto_trust *trust,
				  const struct crypto_cert *ca);
ERROR_MUST_CHECK
struct error *crypto_trust_add_crl(struct crypto_trust *trust,
				   const uint8_t *bytes, size_t length);
void crypto_trust_destroy(struct crypto_trust *trust);

size_t crypto_trust_ca_count(const struct crypto_trust *trust);
void crypto_trust_each_ca(const struct crypto_trust *trust,
			  void (*visit)(const struct crypto_cert *ca,
					void *context),
			  void *context);
void crypto_trust_each_crl(const struct crypto_trust *trust,
			   void (*visit)(const struct crypto_crl *crl,
					 void *context),
			   void *context);
ERROR_MUST_CHECK
struct error *crypto_trust_verify(const struct crypto_trust *trust,
				  const struct crypto_chain *chain,
				  const struct crypto_rules *rules);
ERROR_MUST_CHECK
struct error *crypto_trust_authorities(const struct crypto_trust *trust,
				       uint8_t *hashes, size_t room,
				       size_t *length);
bool crypto_trust_is_requested(const struct crypto_trust *trust,
			       const struct crypto_chain *chain,
			       const uint8_t *hashes, size_t length);

#endif /* CRYPTO_TRUST_H */
