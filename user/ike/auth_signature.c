// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Authentication by signatures (RFC 7296, 2.15; RFC 4754; RFC 7427; RFC 8420). Ours
 * are made by somebody else and come when they come; those of peers are verified
 * here, with keys that are known to be theirs or that certificates vouch for.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/auth.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "wire/signature.h"

/* For how long we wait for a signature of ours, in seconds */
#define SIGNATURE_TIME 15

/* Those that have a choice of hashes */
#define HASHED_SCHEMES (CRYPTO_SCHEME_PKCS1 | CRYPTO_SCHEME_PSS | \
			CRYPTO_SCHEME_ECDSA)

/* The hashes of which a peer can announce that it knows them */
static const uint16_t known_hashes[] = {
	IANA_HASH_SHA2_256, IANA_HASH_SHA2_384, IANA_HASH_SHA2_512,
	IANA_HASH_IDENTITY,
};

/**
 * ike_signature_put_hashes - tell which signatures we can verify (RFC 7427, 4)
 * @methods: what is allowed to the peer; nothing is appended if no such
 *	signature is among it
 * @writer: where to append it
 */
void ike_signature_put_hashes(const struct ike_methods *methods,
			      struct wire_writer *writer)
{
	uint8_t list[2 * ARRAY_SIZE(known_hashes)];
	struct bytes_writer bytes;
	unsigned int hashes = 0;
	size_t i;

	if (methods->schemes & HASHED_SCHEMES)
		hashes = methods->hashes;
	if (methods->schemes & CRYPTO_SCHEME_EDDSA)
		hashes |= CRYPTO_HASH_BIT(IANA_HASH_IDENTITY);
	bytes_writer_init(&bytes, list, sizeof(list));
	for (i = 0; i < ARRAY_SIZE(known_hashes); i++) {
		if (hashes & CRYPTO_HASH_BIT(known_hashes[i]))
			bytes_put_u16(&bytes, known_hashes[i]);
	}
	if (bytes.used)
		wire_put_notify(writer, IANA_NOTIFY_SIGNATURE_HASH_ALGORITHMS,
				bytes_written(&bytes));
}

/**
 * ike_signature_take_hashes - note which signatures the peer can verify
 * @handshake: where to note it
 * @payloads: its message of IKE_SA_INIT
 */
void ike_signature_take_hashes(struct ike_handshake *handshake,
			       const struct wire_payloads *payloads)
{
	const struct wire_notify *notify;
	struct bytes_reader reader;
	uint16_t hash;
	size_t i;

	handshake->peer_hashes = 0;
	notify = wire_find_notify(payloads,
				  IANA_NOTIFY_SIGNATURE_HASH_ALGORITHMS);
	if (!notify)
		return;
	bytes_reader_init(&reader, notify->data);
	/* half a number at the end is none */
	while (reader.left >= sizeof(hash)) {
		hash = bytes_take_u16(&reader);
		for (i = 0; i < ARRAY_SIZE(known_hashes); i++) {
			if (hash == known_hashes[i])
				handshake->peer_hashes |= CRYPTO_HASH_BIT(hash);
		}
	}
}

static struct error *ask_for(struct ike_sa *sa,
			     const struct crypto_scheme *scheme,
			     const struct ike_octets *octets)
{
	const struct ike_model *model = &sa->connection->model;
	struct ike_signing signing = {
		.token = ike_sa_our_spi(sa),
		.connection = model->name,
		.ckaid = model->local_auth.ckaid,
		.scheme = scheme,
	};
	struct bytes_writer writer;
	struct error *error;
	size_t length = 0, i;
	uint8_t *row;

	for (i = 0; i < IKE_OCTETS_PIECES; i++)
		length += octets->pieces[i].length;
	row = malloc(length);
	if (!row)
		return error_no_memory();
	bytes_writer_init(&writer, row, length);
	for (i = 0; i < IKE_OCTETS_PIECES; i++)
		bytes_put(&writer, bytes_of(octets->pieces[i].bytes,
					    octets->pieces[i].length));
	signing.octets = bytes_written(&writer);
	error = sa->ike->ops->sign(sa->ike->context, &signing);
	free(row);
	return error;
}

/**
 * ike_signature_begin - have our AUTH payload signed
 * @sa: the IKE SA
 * @scheme: how
 *
 * Return: NULL, and somebody will call ike_signed(); or why nobody will.
 */
struct error *ike_signature_begin(struct ike_sa *sa,
				  const struct crypto_scheme *scheme)
{
	struct ike_signature *signature;
	struct ike_octets octets;
	struct error *error;

	error = ike_auth_our_octets(sa, &octets);
	if (!error)
		error = ask_for(sa, scheme, &octets);
	if (error)
		return error;
	signature = calloc(1, sizeof(*signature));
	if (!signature)
		return error_no_memory();
	signature->scheme = scheme;
	signature->awaited = true;
	sa->handshake->signature = signature;
	/* a half-open one ends by itself */
	if (sa->initiator)
		ike_set_timer(sa->ike, &sa->doom, SIGNATURE_TIME * 1000);
	return NULL;
}

/**
 * ike_signature_is_awaited - do we wait for a signature of ours
 * @sa: the IKE SA
 *
 * Return: whether we do.
 */
bool ike_signature_is_awaited(const struct ike_sa *sa)
{
	return sa->handshake && sa->handshake->signature &&
	       sa->handshake->signature->awaited;
}

/**
 * ike_signature_take - the signature that we have waited for is there
 * @sa: the IKE SA
 * @signature: the signature
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *ike_signature_take(struct ike_sa *sa, struct bytes signature)
{
	struct ike_signature *ours = sa->handshake->signature;

	if (!signature.length || signature.length > sizeof(ours->made.bytes))
		return error_refused(0, "our signature has %zu bytes, 1 to %zu are right",
				     signature.length, sizeof(ours->made.bytes));
	memcpy(ours->made.bytes, signature.data, signature.length);
	ours->made.length = signature.length;
	return NULL;
}

/**
 * ike_signature_put - append our AUTH payload
 * @sa: the IKE SA, which has its signature
 * @writer: where to
 *
 * Return: NULL, or why there is none.
 */
struct error *ike_signature_put(struct ike_sa *sa, struct wire_writer *writer)
{
	const struct ike_signature *ours = sa->handshake->signature;
	const struct crypto_scheme *scheme = ours->scheme;
	uint8_t identifier[CRYPTO_IDENTIFIER_SIZE_MAX];
	uint8_t data[1 + CRYPTO_IDENTIFIER_SIZE_MAX + CRYPTO_SIGNATURE_SIZE_MAX];
	struct wire_signature parts = {
		.value = bytes_of(ours->made.bytes, ours->made.length),
	};
	struct bytes_writer bytes;
	struct error *error;
	size_t length;

	if (scheme->auth != IANA_AUTH_DIGITAL_SIGNATURE) {
		wire_put_auth(writer, (uint8_t)scheme->auth, parts.value);
		return NULL;
	}
	error = crypto_scheme_identifier(scheme, identifier, &length);
	if (error)
		return error;
	parts.algorithm = bytes_of(identifier, length);
	bytes_writer_init(&bytes, data, sizeof(data));
	wire_encode_signature(&bytes, &parts);
	wire_put_auth(writer, IANA_AUTH_DIGITAL_SIGNATURE,
		      bytes_written(&bytes));
	return NULL;
}

/* How the peer has signed, and its signature. */
static struct error *take_apart(const struct wire_auth *auth,
				struct crypto_scheme *scheme,
				struct bytes *value)
{
	const struct crypto_scheme *classic = crypto_scheme_find(auth->method);
	struct wire_signature parts;
	char text[IANA_TEXT_SIZE];

	if (auth->method == IANA_AUTH_DIGITAL_SIGNATURE) {
		if (wire_decode_signature(auth->data, &parts))
			return error_refused(0, "its signature is cut off");
		*value = parts.value;
		return crypto_scheme_parse(parts.algorithm.data,
					   parts.algorithm.length, scheme);
	}
	if (!classic)
		return error_refused(0, "it uses %s, which we don't know",
				     iana_text(IANA_AUTH, auth->method, text));
	*scheme = *classic;
	*value = auth->data;
	return NULL;
}

static struct error *check_allowed(const struct ike_model *model,
				   const struct crypto_scheme *scheme)
{
	const struct ike_methods *methods = &model->remote_auth.methods;
	unsigned int flag = crypto_scheme_flag(scheme);

	if (methods->schemes & flag &&
	    (scheme->auth != IANA_AUTH_DIGITAL_SIGNATURE ||
	     !(flag & HASHED_SCHEMES) ||
	     methods->hashes & CRYPTO_HASH_BIT(scheme->hash)))
		return NULL;
	return error_refused(0, "it signs by %s, which authby= of connection \"%s\" doesn't allow",
			     crypto_scheme_text(scheme), model->name);
}

static struct error *check_with(struct bytes spki,
				const struct crypto_scheme *scheme,
				const struct ike_octets *octets,
				struct bytes value)
{
	struct crypto_public_key *key;
	struct error *error;

	error = crypto_public_key_from_spki(spki.data, spki.length, &key);
	if (error)
		return error;
	error = crypto_verify(key, scheme, octets->pieces, IKE_OCTETS_PIECES,
			      value.data, value.length);
	crypto_public_key_free(key);
	return error;
}

/* Is the signature by one of the keys that we know to be the peer's? */
static struct error *check_known(const struct ike_model *model,
				 const struct crypto_scheme *scheme,
				 const struct ike_octets *octets,
				 struct bytes value)
{
	const struct ike_remote_auth *auth = &model->remote_auth;
	struct error *error = NULL;
	uint16_t i;

	for (i = 0; i < auth->key_count; i++) {
		error_free(error);
		error = check_with(auth->keys[i], scheme, octets, value);
		if (!error)
			return NULL;
	}
	if (!error)
		return error_refused(0, "connection \"%s\" has no public key of it: give rightrsasigkey= or the like",
				     model->name);
	return error_prefix(error, auth->key_count == 1 ?
			    "with the public key we have of it: " :
			    "with each public key we have of it: ");
}

/**
 * ike_signature_check - check the peer's AUTH payload
 * @sa: the IKE SA
 * @payloads: what it sent
 * @peer: who it says that it is
 * @octets: what the payload vouches for
 *
 * Return: NULL, or why the peer is not who it says.
 */
struct error *ike_signature_check(struct ike_sa *sa,
				  const struct wire_payloads *payloads,
				  const struct ike_id *peer,
				  const struct ike_octets *octets)
{
	const struct ike_model *model = &sa->connection->model;
	struct crypto_public_key *key;
	struct crypto_scheme scheme;
	struct bytes value = { 0 };
	struct error *error;

	error = take_apart(&payloads->auth, &scheme, &value);
	if (!error)
		error = check_allowed(model, &scheme);
	if (error)
		return error;
	error = check_known(model, &scheme, octets, value);
	if (!error || !model->remote_auth.certificates)
		return error;
	/* a key that it had before is no reason against a new certificate */
	error_free(error);
	error = ike_certs_find_key(sa, payloads, peer, &key);
	if (error)
		return error;
	error = crypto_verify(key, &scheme, octets->pieces, IKE_OCTETS_PIECES,
			      value.data, value.length);
	crypto_public_key_free(key);
	return error_prefix(error, "with the key of its certificate: ");
}
