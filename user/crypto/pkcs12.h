/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bundles of a private key, its certificate and what leads from that to an
 * authority (PKCS#12, RFC 7292): how certificates travel.
 */
#ifndef CRYPTO_PKCS12_H
#define CRYPTO_PKCS12_H

#include "crypto/cert.h"

/* A bundle that is longer is not read */
#define CRYPTO_PKCS12_SIZE_MAX 131072

#define CRYPTO_BUNDLE_OTHERS_MAX 16
#define CRYPTO_BUNDLE_NAME_SIZE 128

/**
 * struct crypto_bundle - what was in one
 * @name: its friendly name, the empty string if it has none
 * @key: the private key
 * @cert: its certificate
 * @others: further certificates
 * @count: how many
 */
struct crypto_bundle {
	char name[CRYPTO_BUNDLE_NAME_SIZE];
	struct crypto_private_key *key;
	struct crypto_cert *cert;
	struct crypto_cert *others[CRYPTO_BUNDLE_OTHERS_MAX];
	size_t count;
};

ERROR_MUST_CHECK
struct error *crypto_bundle_open(const uint8_t *bytes, size_t length,
				 const char *password,
				 struct crypto_bundle *bundle);
bool crypto_bundle_is(const uint8_t *bytes, size_t length);
ERROR_MUST_CHECK
struct error *crypto_bundle_certs(const uint8_t *bytes, size_t length,
				  const char *password,
				  struct crypto_cert **certs, size_t room,
				  size_t *count);
void crypto_bundle_close(struct crypto_bundle *bundle);

#endif /* CRYPTO_PKCS12_H */
