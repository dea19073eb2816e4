// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decides how we prove who we are and whether the peer may prove it its way;
 * what AUTH payloads of both sides vouch for.
 */
#include <string.h>

#include "ike/auth.h"
#include "ike/id.h"
#include "lib/iana.h"

/* Type and reserved bytes in front of an identity */
#define ID_HEADER 4

/**
 * ike_auth_octets - what an AUTH payload vouches for (RFC 7296, 2.15)
 * @sa: the IKE SA, which has keys
 * @of_initiator: it is the initiator's
 * @id: content of the ID payload of its sender
 * @octets: to be filled; what it points to stays as long as the handshake
 *
 * Return: NULL, or why it could not be done.
 */
struct error *ike_auth_octets(struct ike_sa *sa, bool of_initiator,
			      struct bytes id, struct ike_octets *octets)
{
	const struct ike_handshake *handshake = sa->handshake;
	const struct crypto_prf *prf = sa->keys.prf;
	const struct crypto_piece key = {
		of_initiator ? sa->keys.sk_pi : sa->keys.sk_pr, prf->size
	};
	const struct crypto_piece piece = { id.data, id.length };
	const struct ike_datagram *message;
	const struct ike_nonce *nonce;

	/* each vouches for what it sent, with the nonce of the other */
	message = of_initiator ? handshake->init_i : handshake->init_r;
	nonce = of_initiator ? &handshake->nonce_r : &handshake->nonce_i;
	octets->pieces[0] = (struct crypto_piece){ message->data,
						   message->length };
	octets->pieces[1] = (struct crypto_piece){ nonce->data, nonce->length };
	octets->pieces[2] = (struct crypto_piece){ octets->id_code, prf->size };
	return crypto_prf(prf, &key, &piece, 1, octets->id_code);
}

/**
 * ike_auth_our_octets - what our AUTH payload vouches for
 * @sa: the IKE SA, which has a connection
 * @octets: to be filled, as by ike_auth_octets()
 *
 * Return: NULL, or why it could not be done.
 */
struct error *ike_auth_our_octets(struct ike_sa *sa, struct ike_octets *octets)
{
	const struct ike_id *local = &sa->connection->model.local_id;
	uint8_t id[ID_HEADER + IKE_ID_SIZE] = { local->type };

	memcpy(id + ID_HEADER, local->data, local->length);
	return ike_auth_octets(sa, sa->initiator,
			       bytes_of(id, ID_HEADER + local->length), octets);
}

/**
 * ike_auth_may - may somebody prove who he is by a method
 * @methods: those that are allowed
 * @method: enum iana_auth
 *
 * Return: whether he may; of signatures, whether he may by any.
 */
bool ike_auth_may(const struct ike_methods *methods, uint8_t method)
{
	if (method == IANA_AUTH_SHARED_KEY_MIC)
		return methods->secret;
	if (method == IANA_AUTH_NULL)
		return methods->null;
	return methods->schemes;
}

/**
 * ike_auth_prepare - begin to prove who we are
 * @sa: the IKE SA, which has keys and a connection
 *
 * Return: NULL, and what is to be put into our AUTH payload is there, unless
 * ike_signature_is_awaited(); or why we cannot.
 */
struct error *ike_auth_prepare(struct ike_sa *sa)
{
	const struct ike_model *model = &sa->connection->model;
	const struct ike_local_auth *auth = &model->local_auth;
	const struct ike_methods *methods = &auth->methods;
	unsigned int hashes = sa->handshake->peer_hashes;
	const struct crypto_scheme *scheme = NULL;

	hashes &= methods->hashes | CRYPTO_HASH_BIT(IANA_HASH_IDENTITY);
	if (auth->has_key)
		scheme = crypto_scheme_choose(auth->kind, methods->schemes,
					      hashes);
	if (scheme)
		return ike_signature_begin(sa, scheme);
	if (methods->secret || methods->null)
		return NULL;
	if (!auth->has_key)
		return error_refused(0, "connection \"%s\" is to sign and has no private key: say which with leftcert=, leftckaid= or leftrsasigkey=",
				     model->name);
	return error_refused(0, "our key for %s cannot sign in a way that authby= of connection \"%s\" allows and that the peer understands%s",
			     crypto_key_kind_text(auth->kind), model->name,
			     sa->handshake->peer_hashes ? "" :
			     " (which announced no SIGNATURE_HASH_ALGORITHMS)");
}

/**
 * ike_auth_put - append our AUTH payload
 * @sa: the IKE SA, for which ike_auth_prepare() was called
 * @writer: where to
 *
 * Return: NULL, or why there is none.
 */
struct error *ike_auth_put(struct ike_sa *sa, struct wire_writer *writer)
{
	if (sa->handshake->signature)
		return ike_signature_put(sa, writer);
	return ike_secret_put(sa, writer);
}

/**
 * ike_auth_check - check the peer's AUTH payload
 * @sa: the IKE SA, whose peer has a connection with us
 * @payloads: what it sent, identity and AUTH among it
 *
 * Return: NULL, and the peer is who it says, or anybody if it may be; or why
 * that is not shown.
 */
struct error *ike_auth_check(struct ike_sa *sa,
			     const struct wire_payloads *payloads)
{
	const struct ike_model *model = &sa->connection->model;
	const struct wire_id *id = sa->initiator ? &payloads->id_r :
						   &payloads->id_i;
	const struct wire_auth *auth = &payloads->auth;
	char text[IKE_ID_TEXT_SIZE], method[IANA_TEXT_SIZE];
	struct ike_octets octets;
	struct ike_id peer;
	struct error *error;

	ike_id_text(id->type, id->data, text);
	error = ike_id_take(id, &peer);
	if (!error && !ike_auth_may(&model->remote_auth.methods, auth->method))
		error = error_refused(0, "it uses %s, which connection \"%s\" doesn't allow",
				      iana_text(IANA_AUTH, auth->method, method),
				      model->name);
	if (!error)
		error = ike_auth_octets(sa, !sa->initiator, id->content,
					&octets);
	if (!error && (auth->method == IANA_AUTH_SHARED_KEY_MIC ||
		       auth->method == IANA_AUTH_NULL))
		error = ike_secret_check(sa, &peer, &octets, auth);
	else if (!error)
		error = ike_signature_check(sa, payloads, &peer, &octets);
	if (error)
		return error_prefix(error, "AUTHENTICATION_FAILED: the peer says that it is %s: ",
				    text);
	sa->peer_id = peer;
	if (auth->method != IANA_AUTH_NULL) {
		ike_sa_log(sa, IKE_LEVEL_INFO,
			   "the peer has shown by %s that it is %s",
			   iana_text(IANA_AUTH, auth->method, method), text);
		return NULL;
	}
	/* RFC 7619, 2.2: whoever need not prove it can claim any identity */
	sa->peer_id = (struct ike_id){ .type = IANA_ID_NULL };
	ike_sa_log(sa, IKE_LEVEL_INFO,
		   "the peer says that it is %s and need not show it", text);
	return NULL;
}
