// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what reads certificates, revocation lists, private keys, PKCS#12 and
 * distinguished names. The first byte chooses the reader. Whatever was taken is
 * looked at from all sides.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/dn.h"
#include "crypto/pkcs12.h"
#include "crypto/trust.h"

#define CERTS_MAX 4
#define TEXT_MAX 2048
#define NOW 1893456000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void use_dn(const uint8_t *der, size_t length)
{
	char text[CRYPTO_DN_TEXT_SIZE];
	size_t i;

	crypto_dn_text(der, length, text);
	check(strlen(text) < sizeof(text));
	for (i = 0; text[i]; i++)
		check(text[i] >= ' ' && text[i] <= '~');
}

static void use_certs(struct crypto_cert **certs, size_t count)
{
	struct crypto_chain chain = { certs[0], certs, count };
	uint8_t hashes[CERTS_MAX * CRYPTO_AUTHORITY_SIZE];
	struct crypto_public_key *key;
	struct crypto_rules rules = { .now = NOW };
	struct crypto_trust *trust;
	const uint8_t *der;
	uint8_t type;
	size_t i, length;

	check(!crypto_trust_create(&trust));
	for (i = 0; i < count; i++) {
		error_free(crypto_trust_add_ca(trust, certs[i]));
		crypto_cert_not_after(certs[i]);
		der = crypto_cert_subject_der(certs[i], &length);
		use_dn(der, length);
		for (type = 0; type < 14; type++)
			error_free(crypto_cert_check_id(certs[i], type, der,
							length));
		key = NULL;
		error_free(crypto_cert_public_key(certs[i], &key));
		crypto_public_key_free(key);
	}
	error_free(crypto_trust_verify(trust, &chain, &rules));
	rules.crl_strict = true;
	rules.ca = crypto_cert_subject_der(certs[0], &rules.ca_length);
	error_free(crypto_trust_verify(trust, &chain, &rules));
	check(!crypto_trust_authorities(trust, hashes, sizeof(hashes),
					&length));
	crypto_trust_is_requested(trust, &chain, hashes, length);
	crypto_trust_destroy(trust);
}

static void fuzz_certs(const uint8_t *data, size_t size)
{
	struct crypto_cert *certs[CERTS_MAX];
	struct error *error;
	size_t count;

	error = crypto_cert_read(data, size, certs, CERTS_MAX, &count);
	check(!error || !count);
	if (!error)
		use_certs(certs, count);
	error_free(error);
	while (count)
		crypto_cert_free(certs[--count]);
}

static void fuzz_crl(const uint8_t *data, size_t size)
{
	struct crypto_trust *trust;

	check(!crypto_trust_create(&trust));
	error_free(crypto_trust_add_crl(trust, data, size));
	crypto_trust_destroy(trust);
}

static void fuzz_key(const uint8_t *data, size_t size)
{
	struct crypto_private_key *key = NULL;

	error_free(crypto_private_key_read(data, size, &key));
	crypto_private_key_free(key);
}

static void fuzz_bundle(const uint8_t *data, size_t size)
{
	struct crypto_cert *certs[CERTS_MAX];
	struct crypto_bundle bundle;
	struct error *error;
	size_t count;

	error = crypto_bundle_open(data, size, "secret", &bundle);
	if (!error) {
		check(crypto_bundle_is(data, size));
		crypto_bundle_close(&bundle);
	}
	error_free(error);
	error = crypto_bundle_certs(data, size, "secret", certs, CERTS_MAX,
				    &count);
	check(error || (count && count <= CERTS_MAX));
	while (count)
		crypto_cert_free(certs[--count]);
	error_free(error);
}

static void fuzz_dn_text(const uint8_t *data, size_t size)
{
	uint8_t der[CRYPTO_DN_SIZE_MAX], again[CRYPTO_DN_SIZE_MAX];
	char text[TEXT_MAX], printed[CRYPTO_DN_TEXT_SIZE];
	size_t length, length_again;
	struct error *error;

	if (size >= sizeof(text))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	error = crypto_dn_parse(text, der, &length);
	if (!error) {
		check(crypto_dn_matches(der, length, der, length));
		crypto_dn_text(der, length, printed);
		/* one that was cut off, or \? for a value, reads as another */
		if (strlen(printed) < sizeof(printed) - 1) {
			check(!crypto_dn_parse(printed, again, &length_again));
			check(crypto_dn_matches(again, length_again, der,
						length));
		}
	}
	error_free(error);
}

/**
 * LLVMFuzzerTestOneInput - read a certificate or something beside one
 * @data: the choice of the reader, and the bytes
 * @size: how many
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	size--;
	switch (*data++ % 6) {
	case 0:
		fuzz_certs(data, size);
		break;
	case 1:
		fuzz_crl(data, size);
		break;
	case 2:
		fuzz_key(data, size);
		break;
	case 3:
		fuzz_bundle(data, size);
		break;
	case 4:
		use_dn(data, size);
		break;
	case 5:
		fuzz_dn_text(data, size);
		break;
	}
	return 0;
}
