// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opens PKCS#12 files.
 */
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "crypto/openssl.h"
#include "crypto/pkcs12.h"
#include "crypto/pkey.h"
#include "crypto/x509.h"

/* A number of rounds that nobody wants to wait for */
#define ROUNDS_MAX 10000000

static struct error *check_rounds(PKCS12 *file)
{
	const ASN1_INTEGER *rounds;
	int64_t number = 1;

	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, file);
	if (rounds && (!ASN1_INTEGER_get_int64(&number, rounds) ||
		       number < 1 || number > ROUNDS_MAX))
		return error_refused(0, "the file asks for more than %d rounds for its password: that is none anybody uses",
				     ROUNDS_MAX);
	return NULL;
}

static struct error *parse(const uint8_t *bytes, size_t length,
			   const char *password, EVP_PKEY **pkey, X509 **x509,
			   STACK_OF(X509) **others)
{
	const uint8_t *end = bytes;
	struct error *error = NULL;
	PKCS12 *file = NULL;
	int reason;

	if (length && length <= CRYPTO_PKCS12_SIZE_MAX)
		file = d2i_PKCS12(NULL, &end, (long)length);
	if (!file) {
		openssl_forget_errors();
		return error_refused(0, "this is no PKCS#12 file");
	}
	if (!PKCS12_mac_present(file))
		error = error_refused(0, "the file is not protected with a password, so anybody may have changed it");
	if (!error)
		error = check_rounds(file);
	if (!error && !PKCS12_parse(file, password, pkey, x509, others)) {
		reason = ERR_GET_REASON(ERR_peek_error());
		if (reason == PKCS12_R_MAC_VERIFY_FAILURE)
			error = error_refused(0, "the password of the file is wrong");
		else
			error = error_refused(0, "the file cannot be read: it is damaged, or encrypted with an algorithm that is no longer used (%s)",
					      ERR_reason_error_string(ERR_peek_error()) ?:
					      "no reason given");
	}
	openssl_forget_errors();
	PKCS12_free(file);
	return error;
}

/* The friendly name, which PKCS12_parse() leaves at the certificate. */
static void take_name(X509 *x509, char name[CRYPTO_BUNDLE_NAME_SIZE])
{
	const unsigned char *alias;
	int length;

	alias = X509_alias_get0(x509, &length);
	if (alias && length > 0 && length < CRYPTO_BUNDLE_NAME_SIZE)
		memcpy(name, alias, (size_t)length);
}

static struct error *take_others(STACK_OF(X509) *others,
				 struct crypto_bundle *bundle)
{
	struct error *error = NULL;
	X509 *x509;

	while (!error && sk_X509_num(others) > 0) {
		if (bundle->count == CRYPTO_BUNDLE_OTHERS_MAX)
			return error_refused(0, "the file has more than %d certificates beside the one of its key",
					     CRYPTO_BUNDLE_OTHERS_MAX);
		x509 = sk_X509_shift(others);
		error = x509_to_cert(x509, &bundle->others[bundle->count]);
		bundle->count += !error;
	}
	return error;
}

/**
 * crypto_bundle_open - open a PKCS#12 file
 * @bytes: the file
 * @length: bytes of it
 * @password: its password
 * @bundle: to be filled, to be freed with crypto_bundle_close()
 *
 * Return: NULL, or what is wrong; there is nothing to be freed then.
 */
struct error *crypto_bundle_open(const uint8_t *bytes, size_t length,
				 const char *password,
				 struct crypto_bundle *bundle)
{
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *pkey = NULL;
	struct error *error;
	X509 *x509 = NULL;

	memset(bundle, 0, sizeof(*bundle));
	error = parse(bytes, length, password, &pkey, &x509, &others);
	if (error)
		return error;
	if (!pkey || !x509) {
		EVP_PKEY_free(pkey);
		X509_free(x509);
		error = error_refused(0, "the file has no private key with a certificate of its own");
		goto free_others;
	}
	take_name(x509, bundle->name);
	error = x509_to_cert(x509, &bundle->cert);
	if (error) {
		EVP_PKEY_free(pkey);
		goto free_others;
	}
	error = pkey_to_private(pkey, &bundle->key);
	if (!error)
		error = take_others(others, bundle);
	if (error)
		crypto_bundle_close(bundle);

free_others:
	sk_X509_pop_free(others, X509_free);
	return error;
}

/**
 * crypto_bundle_close - free what was in a bundle
 * @bundle: the bundle
 */
void crypto_bundle_close(struct crypto_bundle *bundle)
{
	crypto_private_key_free(bundle->key);
	crypto_cert_free(bundle->cert);
	while (bundle->count)
		crypto_cert_free(bundle->others[--bundle->count]);
	memset(bundle, 0, sizeof(*bundle));
}
