/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/crypto only: certificates as OpenSSL has them.
 */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include <openssl/x509.h>
#include <stdint.h>

#include "crypto/cert.h"

/**
 * struct crypto_cert - a certificate
 * @x509: the certificate
 * @der: the same as it is sent
 * @length: bytes of @der
 * @subject: whose it is, for people
 */
struct crypto_cert {
	X509 *x509;
	uint8_t *der;
	size_t length;
	char *subject;
};

ERROR_MUST_CHECK
struct error *x509_to_cert(X509 *x509, struct crypto_cert **cert);
int64_t x509_seconds(const ASN1_TIME *time);

#endif /* CRYPTO_X509_H */
