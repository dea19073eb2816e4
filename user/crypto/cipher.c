// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Seals and opens Encrypted payloads. What has an integrity algorithm of its own
 * is checked before it is decrypted; an AEAD does both at once, and what it
 * decrypted is handed out only if the check succeeded.
 */
#include <endian.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cipher.h"
#include "crypto/encr.h"
#include "crypto/integ.h"
#include "crypto/mac.h"
#include "crypto/openssl.h"
#include "crypto/random.h"
#include "lib/iana.h"

#define KEY_SIZE_MAX 32
#define SALT_SIZE_MAX 4
#define NONCE_SIZE_MAX 16
#define BLOCK_SIZE_MAX 16
#define PAD_LENGTH_SIZE 1

/**
 * struct crypto_cipher - algorithms with their keys in place, for one direction
 * @suite: the algorithms
 * @evp: the encryption algorithm as OpenSSL has it
 * @mac: the integrity algorithm, NULL if there is none
 * @key: the key of the encryption algorithm
 * @salt: what stands before the IV in its nonce
 * @next_iv: the next IV where an IV must never come twice; it begins anywhere
 */
struct crypto_cipher {
	struct crypto_suite suite;
	EVP_CIPHER *evp;
	struct crypto_mac *mac;
	uint8_t key[KEY_SIZE_MAX];
	uint8_t salt[SALT_SIZE_MAX];
	uint64_t next_iv;
};

/**
 * struct span - the parts of a message to be sealed or opened
 * @message: the message, which begins with the header
 * @header: bytes of the header
 * @iv: where the IV is
 * @body: where plaintext, padding and pad length are, plain or encrypted
 * @body_length: bytes of that
 * @icv: where the integrity check value is
 */
struct span {
	uint8_t *message;
	size_t header;
	uint8_t *iv;
	uint8_t *body;
	size_t body_length;
	uint8_t *icv;
};

/**
 * crypto_suite_init - put algorithms together
 * @suite: to be filled
 * @encr: enum iana_encr
 * @key_bits: its Key Length attribute, 0 for none
 * @integ: enum iana_integ, IANA_INTEG_NONE for none
 *
 * Return: NULL, or why these cannot protect IKE messages.
 */
struct error *crypto_suite_init(struct crypto_suite *suite, uint16_t encr,
				uint16_t key_bits, uint16_t integ)
{
	char encr_text[IANA_TEXT_SIZE], integ_text[IANA_TEXT_SIZE];
	const char *encr_name = iana_text(IANA_ENCR, encr, encr_text);
	struct error *error;

	*suite = (struct crypto_suite){ .encr = crypto_encr_find(encr) };
	if (!suite->encr || suite->encr->mode == CRYPTO_ENCR_OTHER)
		return error_refused(0, "%s cannot protect IKE messages",
				     encr_name);
	error = crypto_encr_key_size(suite->encr, key_bits, &suite->sk_e_size);
	if (error)
		return error;
	suite->key_bits = (uint16_t)(8 * (suite->sk_e_size -
					  suite->encr->salt_size));
	suite->iv_size = suite->encr->iv_size;
	if (crypto_encr_authenticates(suite->encr)) {
		if (integ != IANA_INTEG_NONE)
			return error_refused(0, "%s takes no integrity algorithm beside it",
					     encr_name);
		suite->icv_size = suite->encr->icv_size;
		return NULL;
	}
	suite->integ = crypto_integ_find(integ);
	if (!suite->integ)
		return error_refused(0, "%s needs an integrity algorithm beside it, and %s is none we have",
				     encr_name,
				     iana_text(IANA_INTEG, integ, integ_text));
	suite->sk_a_size = suite->integ->key_size;
	suite->icv_size = suite->integ->icv_size;
	return NULL;
}

static size_t body_size(const struct crypto_suite *suite, size_t plain_length)
{
	size_t block = suite->encr->block_size;

	return (plain_length + PAD_LENGTH_SIZE + block - 1) / block * block;
}

/**
 * crypto_suite_sealed_size - how long sealed data become
 * @suite: the algorithms
 * @plain_length: bytes of plaintext
 *
 * Return: bytes of IV, ciphertext with its padding, and ICV.
 */
size_t crypto_suite_sealed_size(const struct crypto_suite *suite,
				size_t plain_length)
{
	return suite->iv_size + body_size(suite, plain_length) +
	       suite->icv_size;
}

static EVP_CIPHER *fetch(const struct crypto_suite *suite)
{
	static const char *const modes[] = {
		[CRYPTO_ENCR_CBC] = "CBC", [CRYPTO_ENCR_CTR] = "CTR",
		[CRYPTO_ENCR_GCM] = "GCM", [CRYPTO_ENCR_CCM] = "CCM",
	};
	enum crypto_encr_mode mode = suite->encr->mode;
	char name[32];

	if (mode == CRYPTO_ENCR_CHACHA20_POLY1305)
		snprintf(name, sizeof(name), "ChaCha20-Poly1305");
	else if (suite->encr->id == IANA_ENCR_3DES)
		snprintf(name, sizeof(name), "DES-EDE3-CBC");
	else
		snprintf(name, sizeof(name), "AES-%u-%s", suite->key_bits,
			 modes[mode]);
	return EVP_CIPHER_fetch(NULL, name, NULL);
}

/**
 * crypto_cipher_create - put keys in place
 * @suite: the algorithms
 * @sk_e: SK_ei or SK_er
 * @sk_a: SK_ai or SK_ar, of no concern if the suite has none
 * @cipher: where to put the result, to be freed with crypto_cipher_destroy()
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_cipher_create(const struct crypto_suite *suite,
				   const uint8_t *sk_e, const uint8_t *sk_a,
				   struct crypto_cipher **cipher)
{
	struct crypto_cipher *new = calloc(1, sizeof(*new));
	struct error *error;

	if (!new)
		return error_no_memory();
	new->suite = *suite;
	memcpy(new->key, sk_e, suite->key_bits / 8);
	memcpy(new->salt, sk_e + suite->key_bits / 8, suite->encr->salt_size);
	new->evp = fetch(suite);
	if (!new->evp) {
		error = openssl_error("find an encryption algorithm");
		goto destroy;
	}
	error = crypto_random(&new->next_iv, sizeof(new->next_iv));
	if (error)
		goto destroy;
	if (suite->integ)
		error = crypto_mac_create(suite->integ->mac, sk_a,
					  suite->integ->key_size, &new->mac);
	if (error)
		goto destroy;
	*cipher = new;
	return NULL;

destroy:
	crypto_cipher_destroy(new);
	return error;
}

/**
 * crypto_cipher_destroy - forget keys
 * @cipher: the keys in place, or NULL
 */
void crypto_cipher_destroy(struct crypto_cipher *cipher)
{
	if (!cipher)
		return;
	EVP_CIPHER_free(cipher->evp);
	crypto_mac_destroy(cipher->mac);
	explicit_bzero(cipher, sizeof(*cipher));
	free(cipher);
}

static struct error *make_iv(struct crypto_cipher *cipher, uint8_t *iv)
{
	uint64_t number;

	/* CBC wants an IV that nobody can foresee; others, one that is new */
	if (cipher->suite.encr->mode == CRYPTO_ENCR_CBC)
		return crypto_random(iv, cipher->suite.iv_size);
	number = htobe64(cipher->next_iv++);
	memcpy(iv, &number, sizeof(number));
	return NULL;
}

/* Salt and IV; in counter mode a counter, which begins with 1, too. */
static size_t make_nonce(const struct crypto_cipher *cipher,
			 const uint8_t *iv, uint8_t nonce[NONCE_SIZE_MAX])
{
	size_t salt = cipher->suite.encr->salt_size;

	memset(nonce, 0, NONCE_SIZE_MAX);
	memcpy(nonce, cipher->salt, salt);
	memcpy(nonce + salt, iv, cipher->suite.iv_size);
	if (cipher->suite.encr->mode == CRYPTO_ENCR_CTR) {
		nonce[NONCE_SIZE_MAX - 1] = 1;
		return NONCE_SIZE_MAX;
	}
	return salt + cipher->suite.iv_size;
}

/* Everything about an AEAD that must be said before data come. */
static bool begin_aead(struct crypto_cipher *cipher, EVP_CIPHER_CTX *context,
		       const struct span *span, const uint8_t *nonce,
		       size_t nonce_length, bool seal)
{
	bool ccm = cipher->suite.encr->mode == CRYPTO_ENCR_CCM;
	int tag = (int)cipher->suite.icv_size, length;

	if (!EVP_CipherInit_ex2(context, cipher->evp, NULL, NULL, seal, NULL) ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
				(int)nonce_length, NULL) <= 0)
		return false;
	if ((!seal || ccm) &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag,
				seal ? NULL : span->icv) <= 0)
		return false;
	if (!EVP_CipherInit_ex2(context, NULL, cipher->key, nonce, seal, NULL))
		return false;
	if (ccm && !EVP_CipherUpdate(context, NULL, &length, NULL,
				     (int)span->body_length))
		return false;
	return EVP_CipherUpdate(context, NULL, &length, span->message,
				(int)span->header);
}

static bool begin_plain(struct crypto_cipher *cipher, EVP_CIPHER_CTX *context,
			const uint8_t *nonce, bool seal)
{
	return EVP_CipherInit_ex2(context, cipher->evp, cipher->key, nonce,
				  seal, NULL) &&
	       EVP_CIPHER_CTX_set_padding(context, 0);
}

/* Encrypts or decrypts the body where it is; an AEAD handles the ICV as well. */
static bool crypt_body(struct crypto_cipher *cipher, const struct span *span,
		       bool seal)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool aead = crypto_encr_authenticates(cipher->suite.encr);
	bool ccm = cipher->suite.encr->mode == CRYPTO_ENCR_CCM;
	size_t nonce_length, size = span->body_length;
	uint8_t nonce[NONCE_SIZE_MAX];
	int length = 0, rest = 0;
	bool good;

	nonce_length = make_nonce(cipher, span->iv, nonce);
	good = context && (aead ? begin_aead(cipher, context, span, nonce,
					     nonce_length, seal) :
				  begin_plain(cipher, context, nonce, seal));
	good = good && EVP_CipherUpdate(context, span->body, &length,
					span->body, (int)size);
	/* CCM has checked the ICV by now, and knows nothing to be final about */
	if (good && !ccm)
		good = EVP_CipherFinal_ex(context, span->body + length, &rest);
	good = good && (size_t)(length + rest) == size;
	if (good && aead && seal)
		good = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG,
					   (int)cipher->suite.icv_size,
					   span->icv) > 0;
	EVP_CIPHER_CTX_free(context);
	return good;
}

/* The code over header, IV and ciphertext; the ICV is its first part. */
static struct error *authenticate(struct crypto_cipher *cipher,
				  const struct span *span,
				  uint8_t code[CRYPTO_MAC_SIZE_MAX])
{
	struct crypto_piece piece = { span->message,
				      (size_t)(span->icv - span->message) };

	return crypto_mac_compute(cipher->mac, &piece, 1, code);
}

static struct span lay_out(const struct crypto_cipher *cipher,
			   uint8_t *message, size_t header, size_t body)
{
	uint8_t *iv = message + header;

	return (struct span){
		.message = message,
		.header = header,
		.iv = iv,
		.body = iv + cipher->suite.iv_size,
		.body_length = body,
		.icv = iv + cipher->suite.iv_size + body,
	};
}

/**
 * crypto_cipher_seal - encrypt and authenticate the end of a message
 * @cipher: the keys in place
 * @message: the message: the header, room for the IV, and the plaintext
 * @header_length: bytes of the header
 * @plain_length: bytes of plaintext
 * @room: bytes that @message has room for
 *
 * The message is then @header_length and crypto_suite_sealed_size() bytes long.
 *
 * Return: NULL, or why it could not be done; @message is of no use then.
 */
struct error *crypto_cipher_seal(struct crypto_cipher *cipher,
				 uint8_t *message, size_t header_length,
				 size_t plain_length, size_t room)
{
	size_t sealed = crypto_suite_sealed_size(&cipher->suite, plain_length);
	size_t body = body_size(&cipher->suite, plain_length);
	struct span span = lay_out(cipher, message, header_length, body);
	uint8_t code[CRYPTO_MAC_SIZE_MAX];
	struct error *error;
	size_t padding;

	if (room < header_length || room - header_length < sealed)
		return error_refused(0, "a sealed message of %zu bytes does not fit into %zu",
				     header_length + sealed, room);
	padding = body - plain_length - PAD_LENGTH_SIZE;
	memset(span.body + plain_length, 0, padding);
	span.body[body - PAD_LENGTH_SIZE] = (uint8_t)padding;
	error = make_iv(cipher, span.iv);
	if (error)
		return error;
	if (!crypt_body(cipher, &span, true))
		return openssl_error("encrypt a message");
	if (!cipher->mac)
		return NULL;
	error = authenticate(cipher, &span, code);
	if (!error)
		memcpy(span.icv, code, cipher->suite.icv_size);
	return error;
}

static struct error *check_icv(struct crypto_cipher *cipher,
			       const struct span *span)
{
	uint8_t code[CRYPTO_MAC_SIZE_MAX];
	struct error *error;

	error = authenticate(cipher, span, code);
	if (!error &&
	    CRYPTO_memcmp(code, span->icv, cipher->suite.icv_size))
		error = error_refused(0, "the integrity check of the message failed");
	return error;
}

/**
 * crypto_cipher_open - authenticate and decrypt the end of a message
 * @cipher: the keys in place
 * @message: the message
 * @header_length: bytes in front of the IV
 * @length: bytes of the whole message
 * @plain_length: where to put the number of bytes of plaintext, which is behind
 *	the IV
 *
 * Return: NULL, or why the message is not to be believed.
 */
struct error *crypto_cipher_open(struct crypto_cipher *cipher,
				 uint8_t *message, size_t header_length,
				 size_t length, size_t *plain_length)
{
	const struct crypto_suite *suite = &cipher->suite;
	size_t around = header_length + suite->iv_size + suite->icv_size;
	struct error *error;
	struct span span;
	size_t padding;

	if (length < around + PAD_LENGTH_SIZE)
		return error_refused(0, "an encrypted payload with %zu bytes of data has no room for IV, pad length and ICV",
				     length - (header_length < length ?
					       header_length : length));
	span = lay_out(cipher, message, header_length, length - around);
	if (span.body_length % suite->encr->block_size)
		return error_refused(0, "%zu bytes of ciphertext are no multiple of the block size %u",
				     span.body_length, suite->encr->block_size);
	error = cipher->mac ? check_icv(cipher, &span) : NULL;
	if (error)
		return error;
	if (!crypt_body(cipher, &span, false)) {
		openssl_forget_errors();
		return error_refused(0, "the integrity check of the message failed");
	}
	padding = span.body[span.body_length - 1];
	if (padding + PAD_LENGTH_SIZE > span.body_length)
		return error_refused(0, "a pad length of %zu is more than the %zu bytes decrypted",
				     padding, span.body_length);
	*plain_length = span.body_length - padding - PAD_LENGTH_SIZE;
	return NULL;
}
