// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds certificates and public keys of a connection's ends, and puts them into
 * what the engine is told.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/secrets.h"
#include "crypto/cert.h"
#include "crypto/dn.h"
#include "crypto/key.h"
#include "daemon/connections/credentials.h"
#include "keys/keys.h"
#include "lib/iana.h"

/**
 * struct credentials - what a model points to
 * @certs: ours, and those between it and its root
 * @cert_count: how many
 * @peer_cert: the peer's, where the configuration names it
 * @spki: public keys of the peer
 * @spki_count: how many
 * @ca: distinguished name of the authority that the peer's certificate must have
 */
struct credentials {
	struct crypto_cert *certs[IKE_CERTS_MAX];
	size_t cert_count;
	struct crypto_cert *peer_cert;
	uint8_t spki[IKE_PUBLIC_KEYS_MAX][CRYPTO_PUBLIC_KEY_SIZE_MAX];
	size_t spki_count;
	uint8_t ca[CRYPTO_DN_SIZE_MAX];
};

static bool is_given(const char *value)
{
	return value && *value && value[0] != '%';
}

static struct error *set_dn(const uint8_t *der, size_t length,
			    struct ike_id *id)
{
	if (length > sizeof(id->data))
		return error_refused(0, "the name in the certificate is too long to be an identity: %zu bytes, at most %zu can be",
				     length, sizeof(id->data));
	memset(id, 0, sizeof(*id));
	id->type = IANA_ID_DER_ASN1_DN;
	id->length = (uint16_t)length;
	memcpy(id->data, der, length);
	return NULL;
}

/* Whoever has a certificate is who stands in it, unless somebody says otherwise. */
static struct error *set_id(const struct cfg_side *side,
			    const struct crypto_cert *cert, struct ike_id *id)
{
	const uint8_t *der;
	size_t length;

	if (side->id && strcmp(side->id, "%fromcert") != 0)
		return NULL;
	der = crypto_cert_subject_der(cert, &length);
	return set_dn(der, length, id);
}

static struct error *use_key(const struct crypto_public_key *key,
			     struct ike_local_auth *auth)
{
	auth->kind = crypto_public_key_kind(key);
	auth->has_key = true;
	return crypto_public_key_ckaid(key, auth->ckaid);
}

static struct error *find_certs(const struct credentials_store *store,
				const char *name, struct crypto_cert **certs,
				size_t *count)
{
	const char *password = store->secrets ?
		cfg_secret_password(store->secrets, name) : NULL;

	return keys_find_certs(store->directory, name, password, certs,
			       IKE_CERTS_MAX, count);
}

static struct error *load_our_cert(const struct credentials_store *store,
				   const struct cfg_side *side,
				   struct ike_model *model,
				   struct credentials *credentials)
{
	struct ike_local_auth *auth = &model->local_auth;
	struct crypto_public_key *key;
	struct error *error;
	size_t i;

	error = find_certs(store, side->cert, credentials->certs,
			   &credentials->cert_count);
	if (error)
		return error;
	for (i = 0; i < credentials->cert_count; i++)
		auth->certs[i].data = crypto_cert_der(credentials->certs[i],
						      &auth->certs[i].length);
	auth->cert_count = (uint16_t)credentials->cert_count;
	error = crypto_cert_public_key(credentials->certs[0], &key);
	if (error)
		return error;
	error = use_key(key, auth);
	crypto_public_key_free(key);
	return error ? error : set_id(side, credentials->certs[0],
				      &model->local_id);
}

static const char *raw_key(const struct cfg_side *side, bool *rsa)
{
	*rsa = is_given(side->rsasigkey);
	if (*rsa)
		return side->rsasigkey;
	return is_given(side->ecdsakey) ? side->ecdsakey : NULL;
}

static struct error *load_our_key(const struct cfg_side *side,
				  struct ike_local_auth *auth)
{
	struct crypto_public_key *key;
	bool rsa;
	const char *text = raw_key(side, &rsa);
	struct error *error = keys_parse_public(text, rsa, &key);

	if (error)
		return error;
	error = use_key(key, auth);
	crypto_public_key_free(key);
	return error;
}

static int digit(char character)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = character ?
		strchr(digits, character | 0x20) : NULL;

	return found ? (int)(found - digits) : -1;
}

static struct error *load_our_ckaid(const struct credentials_store *store,
				    const struct cfg_side *side,
				    struct ike_local_auth *auth)
{
	const char *text = side->ckaid;
	size_t i;

	for (i = 0; i < CRYPTO_CKAID_SIZE; i++, text += 2) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (low < 0)
			return error_usage("'%s' is no name of a key: %d hexadecimal digits are, 'ipsec showhostkey --list' shows them",
					   side->ckaid, 2 * CRYPTO_CKAID_SIZE);
		auth->ckaid[i] = (uint8_t)(high << 4 | low);
	}
	if (*text || !store->has_key ||
	    !store->has_key(store->context, auth->ckaid, &auth->kind))
		return error_refused(0, "there is no private key '%s'; 'ipsec showhostkey --list' shows which there are",
				     side->ckaid);
	auth->has_key = true;
	return NULL;
}

static struct error *load_ours(const struct credentials_store *store,
			       const struct cfg_side *side,
			       struct ike_model *model,
			       struct credentials *credentials)
{
	static const enum ike_send_cert send_cert[] = {
		[CFG_SENDCERT_NEVER] = IKE_SEND_CERT_NEVER,
		[CFG_SENDCERT_IF_ASKED] = IKE_SEND_CERT_IF_ASKED,
		[CFG_SENDCERT_ALWAYS] = IKE_SEND_CERT_ALWAYS,
	};
	bool rsa;

	model->local_auth.send_cert = send_cert[side->sendcert];
	if (is_given(side->cert))
		return load_our_cert(store, side, model, credentials);
	if (!model->local_auth.methods.schemes)
		return NULL;
	if (is_given(side->ckaid))
		return load_our_ckaid(store, side, &model->local_auth);
	if (raw_key(side, &rsa))
		return load_our_key(side, &model->local_auth);
	return NULL;
}

static struct error *add_peer_key(const struct crypto_public_key *key,
				  struct ike_remote_auth *auth,
				  struct credentials *credentials)
{
	uint8_t *spki = credentials->spki[credentials->spki_count];
	struct error *error;
	size_t length;

	error = crypto_public_key_to_spki(key, spki,
					  CRYPTO_PUBLIC_KEY_SIZE_MAX, &length);
	if (error)
		return error;
	credentials->spki_count++;
	auth->keys[auth->key_count++] = bytes_of(spki, length);
	return NULL;
}

static struct error *load_peer_raw(const char *text, bool rsa,
				   struct ike_remote_auth *auth,
				   struct credentials *credentials)
{
	struct crypto_public_key *key;
	struct error *error;

	if (!is_given(text))
		return NULL;
	error = keys_parse_public(text, rsa, &key);
	if (error)
		return error;
	error = add_peer_key(key, auth, credentials);
	crypto_public_key_free(key);
	return error;
}

/* The very certificate that the peer has, and no other */
static struct error *load_peer_cert(const struct credentials_store *store,
				    const struct cfg_side *side,
				    struct ike_model *model,
				    struct credentials *credentials)
{
	struct crypto_cert *certs[IKE_CERTS_MAX];
	struct crypto_public_key *key;
	struct error *error;
	size_t count, i;

	error = find_certs(store, side->cert, certs, &count);
	if (error)
		return error;
	for (i = 1; i < count; i++)
		crypto_cert_free(certs[i]);
	credentials->peer_cert = certs[0];
	error = crypto_cert_public_key(certs[0], &key);
	if (error)
		return error;
	error = add_peer_key(key, &model->remote_auth, credentials);
	crypto_public_key_free(key);
	return error ? error : set_id(side, certs[0], &model->remote_id);
}

static struct error *load_ca(const struct cfg_side *side,
			     struct ike_remote_auth *auth,
			     struct credentials *credentials)
{
	struct error *error;
	size_t length;

	if (side->ca && !strcasecmp(side->ca, "%same")) {
		if (!credentials->cert_count)
			return error_usage("%%same is the authority of our own certificate, and there is none");
		auth->ca.data = crypto_cert_issuer_der(credentials->certs[0],
						       &auth->ca.length);
		return NULL;
	}
	if (!is_given(side->ca))
		return NULL;
	error = crypto_dn_parse(side->ca, credentials->ca, &length);
	if (!error)
		auth->ca = bytes_of(credentials->ca, length);
	return error;
}

static struct error *load_theirs(const struct credentials_store *store,
				 const struct cfg_side *side,
				 struct ike_model *model,
				 struct credentials *credentials)
{
	struct ike_remote_auth *auth = &model->remote_auth;
	struct error *error;

	if (!auth->methods.schemes)
		return NULL;
	if (is_given(side->cert))
		return load_peer_cert(store, side, model, credentials);
	error = load_peer_raw(side->rsasigkey, true, auth, credentials);
	if (!error)
		error = load_peer_raw(side->ecdsakey, false, auth, credentials);
	if (error || auth->key_count)
		return error;
	auth->certificates = true;
	return load_ca(side, auth, credentials);
}

/**
 * credentials_load - find what both ends of a connection have
 * @store: where it comes from
 * @connection: the connection
 * @ours: which end is this host
 * @model: where to put it; its methods and identities are there already
 * @credentials: set to what @model points to from then on, to be freed with
 *	credentials_free()
 *
 * Return: NULL, or what cannot be found.
 */
struct error *credentials_load(const struct credentials_store *store,
			       const struct cfg_connection *connection,
			       enum cfg_which ours, struct ike_model *model,
			       struct credentials **credentials)
{
	struct credentials *created = calloc(1, sizeof(*created));
	struct error *error;

	if (!created)
		return error_no_memory();
	model->remote_auth.any_id = !connection->require_id_on_certificate;
	error = load_ours(store, &connection->sides[ours], model, created);
	if (!error)
		error = load_theirs(store, &connection->sides[!ours], model,
				    created);
	if (error)
		credentials_free(created);
	else
		*credentials = created;
	return error;
}

/**
 * credentials_free - give up what a model has pointed to
 * @credentials: it, or NULL
 */
void credentials_free(struct credentials *credentials)
{
	size_t i;

	if (!credentials)
		return;
	for (i = 0; i < credentials->cert_count; i++)
		crypto_cert_free(credentials->certs[i]);
	crypto_cert_free(credentials->peer_cert);
	free(credentials);
}
