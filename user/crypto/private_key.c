// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Private keys: made, read and written. They are never written anywhere but to
 * memory that the caller owns, and wipes.
 */
#include <openssl/bio.h>
#include <openssl/buffer.h>
#include <openssl/decoder.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/openssl.h"
#include "crypto/pkey.h"

/**
 * crypto_private_key_generate - make a key pair
 * @kind: its kind
 * @bits: bits of the modulus, for RSA only
 * @key: where to put it, to be freed with crypto_private_key_free()
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_private_key_generate(enum crypto_key_kind kind,
					  unsigned int bits,
					  struct crypto_private_key **key)
{
	EVP_PKEY *pkey = NULL;

	switch (kind) {
	case CRYPTO_KEY_RSA:
		if (bits < CRYPTO_RSA_BITS_MIN || bits > CRYPTO_RSA_BITS_MAX)
			return error_usage("an RSA key of %u bits is not between %d and %d",
					   bits, CRYPTO_RSA_BITS_MIN,
					   CRYPTO_RSA_BITS_MAX);
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
		break;
	case CRYPTO_KEY_P256:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
		break;
	case CRYPTO_KEY_P384:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
		break;
	case CRYPTO_KEY_P521:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
		break;
	case CRYPTO_KEY_ED25519:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	case CRYPTO_KEY_ED448:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
		break;
	}
	if (!pkey)
		return openssl_error("make a key pair");
	return pkey_to_private(pkey, key);
}

/**
 * crypto_private_key_read - read a private key
 * @bytes: PKCS#8, PKCS#1 or SEC 1; DER, or PEM with anything around it
 * @length: how many
 * @key: where to put it, to be freed with crypto_private_key_free()
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_private_key_read(const uint8_t *bytes, size_t length,
				      struct crypto_private_key **key)
{
	OSSL_DECODER_CTX *context;
	EVP_PKEY *pkey = NULL;

	context = OSSL_DECODER_CTX_new_for_pkey(&pkey, NULL, NULL, NULL,
						EVP_PKEY_KEYPAIR, NULL, NULL);
	if (!context ||
	    !OSSL_DECODER_CTX_set_pem_password_cb(context, openssl_no_passphrase,
						  NULL) ||
	    !OSSL_DECODER_from_data(context, &bytes, &length)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	OSSL_DECODER_CTX_free(context);
	return pkey_to_private(pkey, key);
}

/**
 * crypto_private_key_to_pem - write a private key
 * @key: the key
 * @text: where to write it as PKCS#8 in PEM; no 0 follows
 * @room: bytes there
 * @length: where to put how many it has
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_private_key_to_pem(const struct crypto_private_key *key,
					char *text, size_t room,
					size_t *length)
{
	/* a secure BIO wipes its buffer */
	BIO *memory = BIO_new(BIO_s_secmem());
	struct error *error = NULL;
	BUF_MEM *buffer;

	if (!memory || !PEM_write_bio_PKCS8PrivateKey(memory, key->pkey, NULL,
						      NULL, 0, NULL, NULL) ||
	    BIO_get_mem_ptr(memory, &buffer) <= 0) {
		error = openssl_error("write a private key");
	} else if (buffer->length > room) {
		error = error_refused(0, "a private key of %zu bytes does not fit into %zu",
				      buffer->length, room);
	} else {
		memcpy(text, buffer->data, buffer->length);
		*length = buffer->length;
	}
	BIO_free(memory);
	return error;
}

/**
 * crypto_private_key_public - the public half of a key pair
 * @key: the private key
 * @public: where to put it, to be freed with crypto_public_key_free()
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_private_key_public(const struct crypto_private_key *key,
					struct crypto_public_key **public)
{
	uint8_t der[CRYPTO_PUBLIC_KEY_SIZE_MAX], *end = der;
	int length = i2d_PUBKEY(key->pkey, NULL);

	if (length <= 0 || (size_t)length > sizeof(der))
		return openssl_error("take the public half of a key");
	length = i2d_PUBKEY(key->pkey, &end);
	return crypto_public_key_from_spki(der, (size_t)length, public);
}

/**
 * crypto_private_key_free - forget a private key
 * @key: the key, or NULL
 */
void crypto_private_key_free(struct crypto_private_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}
