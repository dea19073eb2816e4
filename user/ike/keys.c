// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Derives keys. What is in between is wiped before returning.
 */
#include <string.h>

#include "crypto/encr.h"
#include "crypto/integ.h"
#include "ike/keys.h"
#include "lib/array.h"

/* Seven keys, each as long as a key of any algorithm can be */
#define STREAM_SIZE (7 * 128)

/**
 * ike_nonce_set - keep a nonce
 * @nonce: where to
 * @bytes: the nonce
 *
 * Return: whether it has a length that a nonce may have.
 */
bool ike_nonce_set(struct ike_nonce *nonce, struct bytes bytes)
{
	if (!bytes.length || bytes.length > sizeof(nonce->data))
		return false;
	memcpy(nonce->data, bytes.data, bytes.length);
	nonce->length = (uint16_t)bytes.length;
	return true;
}

/**
 * ike_nonce_lower - the lower of two nonces
 * @one: a nonce
 * @other: a nonce
 *
 * Return: the one whose bytes come first (RFC 7296, 2.8.1).
 */
const struct ike_nonce *ike_nonce_lower(const struct ike_nonce *one,
					const struct ike_nonce *other)
{
	uint16_t length = one->length < other->length ? one->length :
							other->length;
	int order = memcmp(one->data, other->data, length);

	if (!order)
		return one->length <= other->length ? one : other;
	return order < 0 ? one : other;
}

static struct crypto_piece nonce_piece(const struct ike_nonce *nonce)
{
	return (struct crypto_piece){ nonce->data, nonce->length };
}

static struct crypto_piece shared_piece(const struct ike_key_input *input)
{
	if (!input->shared)
		return (struct crypto_piece){ NULL, 0 };
	return (struct crypto_piece){ input->shared->bytes,
				      input->shared->length };
}

static void spi_bytes(uint64_t spi, uint8_t bytes[8])
{
	struct bytes_writer writer;

	bytes_writer_init(&writer, bytes, 8);
	bytes_put_u64(&writer, spi);
}

/* SKEYSEED, from the nonces or, if an IKE SA is rekeyed, from its SK_d. */
static struct error *make_seed(const struct crypto_prf *prf,
			       const struct ike_key_input *input,
			       const struct ike_keys *old, uint8_t *seed,
			       size_t *length)
{
	struct crypto_piece nonce_i = nonce_piece(input->nonce_i);
	struct crypto_piece nonce_r = nonce_piece(input->nonce_r);
	struct crypto_piece shared = shared_piece(input);
	struct crypto_piece pieces[] = { shared, nonce_i, nonce_r };
	struct crypto_piece key;

	if (!old) {
		*length = prf->size;
		return crypto_prf_skeyseed(prf, &nonce_i, &nonce_r, &shared,
					   seed);
	}
	key = (struct crypto_piece){ old->sk_d, old->prf->size };
	*length = old->prf->size;
	return crypto_prf(old->prf, &key, pieces, ARRAY_SIZE(pieces), seed);
}

/* Cuts the stream SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr. */
static struct error *cut(struct ike_keys *keys, const uint8_t *stream,
			 bool initiator)
{
	size_t size = keys->prf->size;
	const struct crypto_suite *crypto = &keys->crypto;
	const uint8_t *ai = stream + size;
	const uint8_t *ar = ai + crypto->sk_a_size;
	const uint8_t *ei = ar + crypto->sk_a_size;
	const uint8_t *er = ei + crypto->sk_e_size;
	const uint8_t *pi = er + crypto->sk_e_size;
	struct error *error;

	memcpy(keys->sk_d, stream, size);
	memcpy(keys->sk_pi, pi, size);
	memcpy(keys->sk_pr, pi + size, size);
	error = crypto_cipher_create(crypto, initiator ? ei : er,
				     initiator ? ai : ar, &keys->seal);
	if (error)
		return error;
	return crypto_cipher_create(crypto, initiator ? er : ei,
				    initiator ? ar : ai, &keys->open);
}

/**
 * ike_keys_make - make the keys of an IKE SA
 * @keys: to be filled, and wiped with ike_keys_wipe() also after an error
 * @suite: its algorithms
 * @input: what they are made of
 * @old: of the IKE SA that is rekeyed, NULL if none is
 * @spi_i: SPI of the initiator
 * @spi_r: SPI of the responder
 * @initiator: we are the initiator
 *
 * Return: NULL, or why there are no keys.
 */
struct error *ike_keys_make(struct ike_keys *keys,
			    const struct ike_suite *suite,
			    const struct ike_key_input *input,
			    const struct ike_keys *old, uint64_t spi_i,
			    uint64_t spi_r, bool initiator)
{
	uint8_t seed[CRYPTO_PRF_SIZE_MAX], stream[STREAM_SIZE], spis[16];
	struct crypto_piece key = { seed, 0 };
	struct crypto_piece pieces[] = {
		nonce_piece(input->nonce_i), nonce_piece(input->nonce_r),
		{ spis, sizeof(spis) },
	};
	struct error *error;
	size_t length;

	memset(keys, 0, sizeof(*keys));
	keys->prf = crypto_prf_find(suite->prf);
	if (!keys->prf)
		return error_refused(0, "PRF %u is none we have", suite->prf);
	error = crypto_suite_init(&keys->crypto, suite->encr, suite->key_bits,
				  suite->integ);
	if (error)
		return error;
	spi_bytes(spi_i, spis);
	spi_bytes(spi_r, spis + 8);
	length = 3u * keys->prf->size + 2 * keys->crypto.sk_a_size +
		 2 * keys->crypto.sk_e_size;
	if (length > sizeof(stream))
		return error_refused(0, "the keys of this suite are longer than any we know");
	error = make_seed(keys->prf, input, old, seed, &key.length);
	if (!error)
		error = crypto_prf_plus(keys->prf, &key, pieces,
					ARRAY_SIZE(pieces), stream, length);
	if (!error)
		error = cut(keys, stream, initiator);
	explicit_bzero(seed, sizeof(seed));
	explicit_bzero(stream, sizeof(stream));
	return error;
}

/**
 * ike_keys_wipe - forget the keys of an IKE SA
 * @keys: the keys
 */
void ike_keys_wipe(struct ike_keys *keys)
{
	crypto_cipher_destroy(keys->seal);
	crypto_cipher_destroy(keys->open);
	explicit_bzero(keys, sizeof(*keys));
}

static struct error *child_sizes(const struct ike_suite *suite,
				 size_t *encr_size, size_t *integ_size)
{
	const struct crypto_encr *encr = crypto_encr_find(suite->encr);
	const struct crypto_integ *integ;
	struct error *error;

	*integ_size = 0;
	if (!encr)
		return error_refused(0, "ESP encryption %u is none we have",
				     suite->encr);
	error = crypto_encr_key_size(encr, suite->key_bits, encr_size);
	if (error)
		return error;
	if (suite->integ) {
		integ = crypto_integ_find(suite->integ);
		if (!integ)
			return error_refused(0, "ESP integrity %u is none we have",
					     suite->integ);
		*integ_size = integ->key_size;
	}
	if (*encr_size > IKE_ESP_KEY_SIZE || *integ_size > IKE_ESP_KEY_SIZE)
		return error_refused(0, "the keys of this ESP suite are longer than any we know");
	return NULL;
}

static const uint8_t *take_keys(struct ike_esp_keys *keys,
				const uint8_t *stream, size_t encr_size,
				size_t integ_size)
{
	keys->encr_length = encr_size;
	memcpy(keys->encr, stream, encr_size);
	keys->integ_length = integ_size;
	memcpy(keys->integ, stream + encr_size, integ_size);
	return stream + encr_size + integ_size;
}

/**
 * ike_keys_make_child - make the keys of a child SA
 * @keys: of its IKE SA
 * @input: what they are made of
 * @suite: algorithms of the child SA
 * @from_initiator: set to the keys of what the sender of the request sends
 * @from_responder: set to those of the other direction
 *
 * Return: NULL, or why there are no keys.
 */
struct error *ike_keys_make_child(const struct ike_keys *keys,
				  const struct ike_key_input *input,
				  const struct ike_suite *suite,
				  struct ike_esp_keys *from_initiator,
				  struct ike_esp_keys *from_responder)
{
	struct crypto_piece key = { keys->sk_d, keys->prf->size };
	struct crypto_piece pieces[] = {
		shared_piece(input), nonce_piece(input->nonce_i),
		nonce_piece(input->nonce_r),
	};
	uint8_t stream[4 * IKE_ESP_KEY_SIZE];
	size_t encr_size, integ_size;
	const uint8_t *rest;
	struct error *error;

	error = child_sizes(suite, &encr_size, &integ_size);
	if (error)
		return error;
	error = crypto_prf_plus(keys->prf, &key, pieces, ARRAY_SIZE(pieces),
				stream, 2 * (encr_size + integ_size));
	if (!error) {
		rest = take_keys(from_initiator, stream, encr_size, integ_size);
		take_keys(from_responder, rest, encr_size, integ_size);
	}
	explicit_bzero(stream, sizeof(stream));
	return error;
}
