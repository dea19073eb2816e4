// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Authentication by a key that both sides share (RFC 7296, 2.15); and without
 * any, where that is one of the IKE SA (RFC 7619, 2).
 */
#include <string.h>

#include "ike/auth.h"
#include "ike/id.h"
#include "lib/iana.h"
#include "lib/secret.h"

#define KEY_PAD "Key Pad for IKEv2"

/* prf(prf(secret, "Key Pad for IKEv2"), octets) */
static struct error *compute(const struct crypto_prf *prf,
			     const struct ike_octets *octets,
			     struct bytes secret, uint8_t *code)
{
	uint8_t key_code[CRYPTO_PRF_SIZE_MAX];
	struct crypto_piece key = { secret.data, secret.length };
	const struct crypto_piece pad = { KEY_PAD, strlen(KEY_PAD) };
	struct error *error;

	error = crypto_prf(prf, &key, &pad, 1, key_code);
	if (!error) {
		key = (struct crypto_piece){ key_code, prf->size };
		error = crypto_prf(prf, &key, octets->pieces,
				   IKE_OCTETS_PIECES, code);
	}
	explicit_bzero(key_code, sizeof(key_code));
	return error;
}

static struct error *find_secret(struct ike_sa *sa, const struct ike_id *remote,
				 struct bytes *secret)
{
	const struct ike_id *local = &sa->connection->model.local_id;
	char texts[2][IKE_ID_TEXT_SIZE];
	struct ike *ike = sa->ike;

	if (ike->ops->find_secret(ike->context, local, remote, secret))
		return NULL;
	return error_refused(0, "there is no secret for %s and %s",
			     ike_id_spell(local, texts[0]),
			     ike_id_spell(remote, texts[1]));
}

/* What whoever has agreed on keys with us knows, and nobody else. */
static struct bytes own_key(const struct ike_sa *sa, bool of_initiator)
{
	return bytes_of(of_initiator ? sa->keys.sk_pi : sa->keys.sk_pr,
			sa->keys.prf->size);
}

/* With whom we share a secret: who the peer has shown to be, or is to be. */
static const struct ike_id *partner_of(const struct ike_sa *sa)
{
	const struct ike_id *expected = &sa->connection->model.remote_id;

	return sa->initiator ||
	       (sa->peer_id.type == IANA_ID_NULL && expected->type) ?
	       expected : &sa->peer_id;
}

/**
 * ike_secret_put - append our AUTH payload
 * @sa: the IKE SA
 * @writer: where to
 *
 * Return: NULL, or why there is none.
 */
struct error *ike_secret_put(struct ike_sa *sa, struct wire_writer *writer)
{
	const struct ike_model *model = &sa->connection->model;
	const struct crypto_prf *prf = sa->keys.prf;
	uint8_t method = IANA_AUTH_SHARED_KEY_MIC;
	uint8_t code[CRYPTO_PRF_SIZE_MAX];
	struct error *error = NULL;
	struct ike_octets octets;
	struct bytes secret;

	if (model->local_auth.methods.secret) {
		error = find_secret(sa, partner_of(sa), &secret);
	} else {
		method = IANA_AUTH_NULL;
		secret = own_key(sa, sa->initiator);
	}
	if (error)
		return error;
	error = ike_auth_our_octets(sa, &octets);
	if (!error)
		error = compute(prf, &octets, secret, code);
	if (!error)
		wire_put_auth(writer, method, bytes_of(code, prf->size));
	explicit_bzero(code, sizeof(code));
	return error;
}

/**
 * ike_secret_check - check the peer's AUTH payload
 * @sa: the IKE SA
 * @peer: who it says that it is
 * @octets: what the payload vouches for
 * @auth: the payload
 *
 * Return: NULL, or why the peer is not who it says.
 */
struct error *ike_secret_check(struct ike_sa *sa, const struct ike_id *peer,
			       const struct ike_octets *octets,
			       const struct wire_auth *auth)
{
	const struct crypto_prf *prf = sa->keys.prf;
	bool null = auth->method == IANA_AUTH_NULL;
	uint8_t expected[CRYPTO_PRF_SIZE_MAX];
	struct error *error = NULL;
	struct bytes secret;

	if (null)
		secret = own_key(sa, !sa->initiator);
	else
		error = find_secret(sa, peer, &secret);
	if (error)
		return error;
	error = compute(prf, octets, secret, expected);
	if (!error && (auth->data.length != prf->size ||
		       !secret_equal(auth->data.data, expected, prf->size)))
		error = error_refused(0, null ? "it doesn't know the keys that were agreed upon" :
					 "it has another secret than we have for it");
	explicit_bzero(expected, sizeof(expected));
	return error;
}
