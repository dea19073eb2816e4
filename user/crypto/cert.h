/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates (X.509, RFC 5280): one of them, what it says, and whether it stands
 * for an identity of IKE. Whether it is to be trusted is for crypto/trust.h.
 */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include "crypto/key.h"

/* A certificate that is longer is not read */
#define CRYPTO_CERT_SIZE_MAX 32768

/* Bytes of what a CERTREQ payload has for each authority */
#define CRYPTO_AUTHORITY_SIZE 20

/* A serial number has 20 bytes at most (RFC 5280, 4.1.2.2); what is longer is cut */
#define CRYPTO_SERIAL_TEXT_SIZE 48

struct crypto_cert;

ERROR_MUST_CHECK
struct error *crypto_cert_from_der(const uint8_t *der, size_t length,
				   struct crypto_cert **cert);
ERROR_MUST_CHECK
struct error *crypto_cert_read(const uint8_t *bytes, size_t length,
			       struct crypto_cert **certs, size_t room,
			       size_t *count);
ERROR_MUST_CHECK
struct error *crypto_cert_to_pem(const struct crypto_cert *cert, char *text,
				 size_t room, size_t *length);
void crypto_cert_free(struct crypto_cert *cert);

const uint8_t *crypto_cert_der(const struct crypto_cert *cert, size_t *length);
const uint8_t *crypto_cert_subject_der(const struct crypto_cert *cert,
				       size_t *length);
const uint8_t *crypto_cert_issuer_der(const struct crypto_cert *cert,
				      size_t *length);
const char *crypto_cert_subject(const struct crypto_cert *cert);
const char *crypto_cert_serial(const struct crypto_cert *cert,
			       char text[CRYPTO_SERIAL_TEXT_SIZE]);
int64_t crypto_cert_not_before(const struct crypto_cert *cert);
int64_t crypto_cert_not_after(const struct crypto_cert *cert);
bool crypto_cert_is_ca(const struct crypto_cert *cert);
bool crypto_cert_is_root(const struct crypto_cert *cert);
ERROR_MUST_CHECK
struct error *crypto_cert_public_key(const struct crypto_cert *cert,
				     struct crypto_public_key **key);
ERROR_MUST_CHECK
struct error *crypto_cert_authority(const struct crypto_cert *cert,
				    uint8_t hash[CRYPTO_AUTHORITY_SIZE]);
ERROR_MUST_CHECK
struct error *crypto_cert_check_id(const struct crypto_cert *cert,
				   uint8_t type, const uint8_t *id,
				   size_t length);

#endif /* CRYPTO_CERT_H */
