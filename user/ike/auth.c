// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes and checks AUTH payloads with keys that both sides share, and compares
 * identities.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ike/auth.h"
#include "lib/array.h"
#include "lib/iana.h"

#define KEY_PAD "Key Pad for IKEv2"

/* Type and reserved bytes in front of an identity */
#define ID_HEADER 4

/* prf(prf(secret, "Key Pad for IKEv2"), message | nonce | prf(SK_p, ID)) */
static struct error *compute(struct ike_sa *sa, bool of_initiator,
			     struct bytes id, const struct secret *secret,
			     uint8_t *code)
{
	const struct ike_handshake *handshake = sa->handshake;
	const struct ike_datagram *message;
	const struct ike_nonce *nonce;
	const struct crypto_prf *prf = sa->keys.prf;
	uint8_t id_code[CRYPTO_PRF_SIZE_MAX], key_code[CRYPTO_PRF_SIZE_MAX];
	struct crypto_piece key, piece;
	struct error *error;

	/* each signs what it sent, with the nonce of the other */
	message = of_initiator ? handshake->init_i : handshake->init_r;
	nonce = of_initiator ? &handshake->nonce_r : &handshake->nonce_i;

	key = (struct crypto_piece){
		of_initiator ? sa->keys.sk_pi : sa->keys.sk_pr, prf->size
	};
	piece = (struct crypto_piece){ id.data, id.length };
	error = crypto_prf(prf, &key, &piece, 1, id_code);
	if (error)
		return error;
	key = (struct crypto_piece){ secret->bytes, secret->length };
	piece = (struct crypto_piece){ KEY_PAD, strlen(KEY_PAD) };
	error = crypto_prf(prf, &key, &piece, 1, key_code);
	if (!error) {
		const struct crypto_piece pieces[] = {
			{ message->data, message->length },
			{ nonce->data, nonce->length },
			{ id_code, prf->size },
		};

		key = (struct crypto_piece){ key_code, prf->size };
		error = crypto_prf(prf, &key, pieces, ARRAY_SIZE(pieces), code);
	}
	explicit_bzero(key_code, sizeof(key_code));
	return error;
}

static struct error *find_secret(struct ike_sa *sa, const struct ike_id *remote,
				 struct secret *secret)
{
	const struct ike_id *local = &sa->connection->model.local_id;
	char text[2][IKE_ID_TEXT_SIZE];
	struct ike *ike = sa->ike;

	if (ike->ops->find_secret(ike->context, local, remote, secret))
		return NULL;
	return error_refused(0, "there is no secret for %s and %s",
			     ike_id_text(local->type,
					 bytes_of(local->data, local->length),
					 text[0]),
			     ike_id_text(remote->type,
					 bytes_of(remote->data, remote->length),
					 text[1]));
}

/**
 * ike_auth_put - append our AUTH payload
 * @sa: the IKE SA
 * @writer: where to
 *
 * Return: NULL, or why there is none.
 */
struct error *ike_auth_put(struct ike_sa *sa, struct wire_writer *writer)
{
	const struct ike_model *model = &sa->connection->model;
	uint8_t code[CRYPTO_PRF_SIZE_MAX];
	uint8_t id[ID_HEADER + IKE_ID_SIZE] = { model->local_id.type };
	struct secret secret;
	struct error *error;

	if (!model->local_auth.methods.secret)
		return error_refused(0, "connection \"%s\" has nothing by which we could prove who we are",
				     model->name);
	memcpy(id + ID_HEADER, model->local_id.data, model->local_id.length);
	error = find_secret(sa, sa->initiator ? &model->remote_id :
						&sa->peer_id, &secret);
	if (error)
		return error;
	error = compute(sa, sa->initiator,
			bytes_of(id, ID_HEADER + model->local_id.length),
			&secret, code);
	secret_wipe(&secret);
	if (!error)
		wire_put_auth(writer, IANA_AUTH_SHARED_KEY_MIC,
			      bytes_of(code, sa->keys.prf->size));
	return error;
}

/**
 * ike_auth_check - check the peer's AUTH payload
 * @sa: the IKE SA, whose peer has a connection with us
 * @payloads: what it sent, identity and AUTH among it
 *
 * Return: NULL, and the peer is who it says; or why that is not shown.
 */
struct error *ike_auth_check(struct ike_sa *sa,
			     const struct wire_payloads *payloads)
{
	const struct wire_id *id = sa->initiator ? &payloads->id_r :
						   &payloads->id_i;
	const struct wire_auth *auth = &payloads->auth;
	char text[IKE_ID_TEXT_SIZE], method[IANA_TEXT_SIZE];
	uint8_t code[CRYPTO_PRF_SIZE_MAX];
	struct secret secret;
	struct ike_id peer = { .type = id->type };
	struct error *error;

	if (id->data.length > IKE_ID_SIZE)
		return error_refused(0, "AUTHENTICATION_FAILED: the peer's identity is too long");
	peer.length = (uint16_t)id->data.length;
	if (peer.length)
		memcpy(peer.data, id->data.data, peer.length);
	if (auth->method != IANA_AUTH_SHARED_KEY_MIC ||
	    !sa->connection->model.remote_auth.methods.secret)
		return error_refused(0, "AUTHENTICATION_FAILED: %s uses %s, which is not allowed",
				     ike_id_text(id->type, id->data, text),
				     iana_text(IANA_AUTH, auth->method, method));
	error = find_secret(sa, &peer, &secret);
	if (error)
		return error_prefix(error, "AUTHENTICATION_FAILED: ");
	error = compute(sa, !sa->initiator, id->content, &secret, code);
	secret_wipe(&secret);
	if (error)
		return error;
	if (auth->data.length != sa->keys.prf->size ||
	    !secret_equal(auth->data.data, code, sa->keys.prf->size))
		return error_refused(0, "AUTHENTICATION_FAILED: %s has another secret than we have for it",
				     ike_id_text(id->type, id->data, text));
	sa->peer_id = peer;
	return NULL;
}

/**
 * ike_id_put - append an identity
 * @id: the identity
 * @writer: where to
 * @payload: IANA_PAYLOAD_IDI or IANA_PAYLOAD_IDR
 */
void ike_id_put(const struct ike_id *id, struct wire_writer *writer,
		uint8_t payload)
{
	wire_put_id(writer, payload, id->type, bytes_of(id->data, id->length));
}

/**
 * ike_id_matches - is it the one we expect
 * @id: the one we expect, perhaps any
 * @received: the one that came
 *
 * Return: whether it is.
 */
bool ike_id_matches(const struct ike_id *id, const struct wire_id *received)
{
	return !id->type ||
	       (id->type == received->type &&
		bytes_equal(bytes_of(id->data, id->length), received->data));
}

/**
 * ike_id_text - an identity in words
 * @type: enum iana_id
 * @data: as @type tells
 * @text: room for IKE_ID_TEXT_SIZE characters
 *
 * Return: @text, printable whatever @data is.
 */
const char *ike_id_text(uint8_t type, struct bytes data, char *text)
{
	char number[IANA_TEXT_SIZE], spelled[ADDRESS_TEXT_SIZE];
	struct address address;
	size_t used = 0, i;

	if ((type == IANA_ID_IPV4_ADDR || type == IANA_ID_IPV6_ADDR) &&
	    address_set(&address, data.data, data.length))
		return strcpy(text, address_text(&address, spelled));
	if (type != IANA_ID_FQDN && type != IANA_ID_RFC822_ADDR)
		used = (size_t)snprintf(text, IKE_ID_TEXT_SIZE, "%s ",
					iana_text(IANA_ID, type, number));
	else
		text[used++] = '@';
	for (i = 0; i < data.length && used < IKE_ID_TEXT_SIZE - 1; i++)
		text[used++] = isprint(data.data[i]) ? (char)data.data[i] : '?';
	text[used] = '\0';
	return text;
}
