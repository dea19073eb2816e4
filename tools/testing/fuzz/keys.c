// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what reads public keys and names of signature schemes, most of which a
 * peer sends. The first byte chooses the reader. A key that was taken must come
 * out and in again as the same one, and verify nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/sign.h"
#include "lib/base64.h"

#define TEXT_MAX 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void use_key(struct crypto_public_key *key)
{
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX], ckaid[CRYPTO_CKAID_SIZE];
	static const struct crypto_piece piece = { "data", 4 };
	enum crypto_key_kind kind = crypto_public_key_kind(key);
	const struct crypto_scheme *scheme;
	struct crypto_public_key *again;
	struct error *error;
	size_t length;

	check(!crypto_public_key_to_spki(key, bytes, sizeof(bytes), &length));
	check(!crypto_public_key_from_spki(bytes, length, &again));
	check(crypto_public_key_equal(key, again));
	crypto_public_key_free(again);
	check(!crypto_public_key_to_raw(key, bytes, sizeof(bytes), &length));
	check(!crypto_public_key_ckaid(key, ckaid));
	scheme = crypto_scheme_choose(kind, CRYPTO_SCHEME_PKCS1 |
				      CRYPTO_SCHEME_ECDSA |
				      CRYPTO_SCHEME_EDDSA, 0x3f);
	check(scheme);
	error = crypto_verify(key, scheme, &piece, 1, bytes,
			      length > 256 ? 256 : length);
	check(error);
	error_free(error);
}

static void fuzz_scheme(const uint8_t *data, size_t size)
{
	uint8_t der[CRYPTO_IDENTIFIER_SIZE_MAX];
	uint8_t der_again[CRYPTO_IDENTIFIER_SIZE_MAX];
	struct crypto_scheme scheme, again;
	size_t length, length_again;
	struct error *error;

	error = crypto_scheme_parse(data, size, &scheme);
	if (!error) {
		check(scheme.salt_size <= 64);
		check(!crypto_scheme_identifier(&scheme, der, &length));
		check(!crypto_scheme_parse(der, length, &again));
		check(!crypto_scheme_identifier(&again, der_again,
						&length_again));
		check(length == length_again &&
		      !memcmp(der, der_again, length));
	}
	error_free(error);
}

static void fuzz_base64(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX], again[TEXT_MAX];
	uint8_t bytes[TEXT_MAX];
	struct error *error;
	size_t length;

	if (size >= sizeof(text))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	error = base64_decode(text, bytes, sizeof(bytes), &length);
	if (!error) {
		base64_encode(bytes, length, again);
		check(!strcmp(text, again));
	}
	error_free(error);
}

/**
 * LLVMFuzzerTestOneInput - read a key or the name of a scheme
 * @data: the choice of the reader, and the bytes
 * @size: how many
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crypto_public_key *key = NULL;
	struct error *error = NULL;

	if (!size)
		return 0;
	size--;
	switch (*data++ % 6) {
	case 0:
		error = crypto_public_key_from_spki(data, size, &key);
		break;
	case 1:
		error = crypto_public_key_from_pkcs1(data, size, &key);
		break;
	case 2:
		error = crypto_public_key_from_rfc3110(data, size, &key);
		break;
	case 3:
		error = crypto_public_key_from_point(data, size, &key);
		break;
	case 4:
		fuzz_scheme(data, size);
		break;
	case 5:
		fuzz_base64(data, size);
		break;
	}
	if (key)
		use_key(key);
	check(!key || !error);
	error_free(error);
	crypto_public_key_free(key);
	return 0;
}
