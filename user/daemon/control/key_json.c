// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What listings show of keys: public keys of connections' ends, certificates of the
 * store, authorities and what they have revoked, and for whom there are secrets.
 */

#include "config/secrets.h"
#include "crypto/cert.h"
#include "crypto/dn.h"
#include "crypto/key.h"
#include "crypto/trust.h"
#include "daemon/control/key_json.h"
#include "daemon/control/sa_json.h"
#include "keys/keys.h"
#include "lib/iana.h"

/**
 * struct shown - a public key, as it is shown
 * @entry: what it is
 * @private: this host has the private half
 */
struct shown {
	struct keys_entry entry;
	bool private;
};

/**
 * struct visit - a listing while something is looked at one by one
 * @daemon: about whom
 * @sink: where objects go
 */
struct visit {
	const struct daemon *daemon;
	const struct key_sink *sink;
};

/* Takes over @key, which there is unless there is @error already. */
static struct error *look_at(const struct daemon *daemon, struct error *error,
			     struct crypto_public_key *key,
			     struct shown *shown)
{
	uint8_t ckaid[CRYPTO_CKAID_SIZE];

	if (error)
		return error;
	error = keys_describe(key, &shown->entry);
	if (!error)
		error = crypto_public_key_ckaid(key, ckaid);
	crypto_public_key_free(key);
	if (!error)
		shown->private = daemon_has_key(daemon, ckaid);
	return error;
}

static json_t *dn(const uint8_t *der, size_t length)
{
	char text[CRYPTO_DN_TEXT_SIZE];

	return sa_text(crypto_dn_text(der, length, text));
}

/* ----- public keys of connections ----------------------------------------- */

static json_t *public_object(const struct daemon_connection_info *info,
			     const struct ike_id *id,
			     const struct shown *key,
			     const struct crypto_cert *cert)
{
	char number[IANA_TEXT_SIZE];
	const uint8_t *issuer;
	size_t length;

	if (cert)
		issuer = crypto_cert_issuer_der(cert, &length);
	return json_pack("{s:s, s:o, s:I, s:o, s:s, s:s, s:i, s:s, s:s, s:b, s:o, s:I}",
			 "kind", "public-key",
			 "connection", sa_text(info->config->name),
			 "loaded", (json_int_t)info->loaded,
			 "id", sa_id(id),
			 "id_type", id->type ?
				iana_text(IANA_ID, id->type, number) :
				"ID_NONE",
			 "type", keys_kind_text(key->entry.kind),
			 "bits", (int)key->entry.bits,
			 "keyid", key->entry.id, "ckaid", key->entry.ckaid,
			 "private", key->private,
			 "issuer", cert ? dn(issuer, length) : json_null(),
			 "until", cert ?
				(json_int_t)crypto_cert_not_after(cert) : 0);
}

/* What cannot be understood is left out; @key is taken over as by look_at(). */
static void put_key(const struct visit *visit,
		    const struct daemon_connection_info *info,
		    const struct ike_id *id, struct error *error,
		    struct crypto_public_key *key,
		    const struct crypto_cert *cert)
{
	struct shown shown;

	error = look_at(visit->daemon, error, key, &shown);
	if (!error)
		visit->sink->put(visit->sink->context,
				 public_object(info, id, &shown, cert));
	error_free(error);
}

static void put_spki(const struct visit *visit,
		     const struct daemon_connection_info *info,
		     struct bytes spki)
{
	struct crypto_public_key *key;
	struct error *error;

	error = crypto_public_key_from_spki(spki.data, spki.length, &key);
	put_key(visit, info, &info->model->remote_id, error, key, NULL);
}

static void put_own_cert(const struct visit *visit,
			 const struct daemon_connection_info *info)
{
	const struct ike_local_auth *auth = &info->model->local_auth;
	struct crypto_public_key *key;
	struct crypto_cert *cert;
	struct error *error;

	error = crypto_cert_from_der(auth->certs[0].data, auth->certs[0].length,
				     &cert);
	if (error) {
		error_free(error);
		return;
	}
	error = crypto_cert_public_key(cert, &key);
	put_key(visit, info, &info->model->local_id, error, key, cert);
	crypto_cert_free(cert);
}

static void put_own_raw(const struct visit *visit,
			const struct daemon_connection_info *info)
{
	const struct cfg_side *side = &info->config->sides[info->ours];
	const char *text = side->rsasigkey ? side->rsasigkey : side->ecdsakey;
	struct crypto_public_key *key;
	struct error *error;

	if (!text || *text == '%')
		return;
	error = keys_parse_public(text, text == side->rsasigkey, &key);
	put_key(visit, info, &info->model->local_id, error, key, NULL);
}

/**
 * key_put_public - list the public keys that a connection's ends have
 * @daemon: the daemon
 * @info: the connection
 * @sink: takes objects
 */
void key_put_public(const struct daemon *daemon,
		    const struct daemon_connection_info *info,
		    const struct key_sink *sink)
{
	const struct visit visit = { .daemon = daemon, .sink = sink };
	const struct ike_model *model = info->model;
	size_t i;

	if (!model)
		return;
	if (model->local_auth.cert_count)
		put_own_cert(&visit, info);
	else
		put_own_raw(&visit, info);
	for (i = 0; i < model->remote_auth.key_count; i++)
		put_spki(&visit, info, model->remote_auth.keys[i]);
}

/* ----- certificates -------------------------------------------------------- */

static void put_cert(const struct visit *visit, const char *kind,
		     const char *nickname, const struct crypto_cert *cert)
{
	char serial[CRYPTO_SERIAL_TEXT_SIZE];
	struct shown shown = { 0 };
	struct crypto_public_key *key;
	size_t subject_length, issuer_length;
	const uint8_t *subject, *issuer;
	struct error *error;
	bool known;

	error = crypto_cert_public_key(cert, &key);
	error = look_at(visit->daemon, error, key, &shown);
	/* it is there, whatever its key is */
	known = !error;
	if (!known)
		shown = (struct shown){ 0 };
	error_free(error);
	subject = crypto_cert_subject_der(cert, &subject_length);
	issuer = crypto_cert_issuer_der(cert, &issuer_length);
	visit->sink->put(visit->sink->context,
			 json_pack("{s:s, s:o, s:s, s:o, s:o, s:I, s:I, s:s, s:i, s:s, s:b, s:b, s:b}",
				   "kind", kind,
				   "nickname", sa_text(nickname),
				   "serial", crypto_cert_serial(cert, serial),
				   "subject", dn(subject, subject_length),
				   "issuer", dn(issuer, issuer_length),
				   "not_before",
				   (json_int_t)crypto_cert_not_before(cert),
				   "not_after",
				   (json_int_t)crypto_cert_not_after(cert),
				   "type", known ?
					keys_kind_text(shown.entry.kind) :
					"(other)",
				   "bits", (int)shown.entry.bits,
				   "ckaid", shown.entry.ckaid,
				   "private", shown.private,
				   "ca", crypto_cert_is_ca(cert),
				   "root", crypto_cert_is_root(cert)));
}

static void put_named(void *context, const char *nickname,
		      const struct crypto_cert *cert)
{
	put_cert(context, "certificate", nickname, cert);
}

/**
 * key_put_certs - list certificates of the key store
 * @daemon: the daemon
 * @sink: takes objects
 */
void key_put_certs(const struct daemon *daemon, const struct key_sink *sink)
{
	struct visit visit = { .daemon = daemon, .sink = sink };

	/* a store that cannot be read is told of when it is needed */
	error_free(keys_each_cert(daemon_directory(daemon), put_named,
				  &visit));
}

static void put_ca(const struct crypto_cert *ca, void *context)
{
	put_cert(context, "ca-certificate", crypto_cert_subject(ca), ca);
}

static void put_crl(const struct crypto_crl *crl, void *context)
{
	const struct visit *visit = context;

	visit->sink->put(visit->sink->context,
			 json_pack("{s:s, s:o, s:i, s:I, s:I}", "kind", "crl",
				   "issuer", dn(crl->issuer,
						crl->issuer_length),
				   "revoked", (int)crl->revoked,
				   "this_update", (json_int_t)crl->this_update,
				   "next_update",
				   (json_int_t)crl->next_update));
}

/**
 * key_put_authorities - list authorities, and what they have revoked
 * @daemon: the daemon
 * @sink: takes objects
 */
void key_put_authorities(const struct daemon *daemon,
			 const struct key_sink *sink)
{
	struct visit visit = { .daemon = daemon, .sink = sink };
	const struct crypto_trust *trust = daemon_trust(daemon);

	if (!trust)
		return;
	crypto_trust_each_ca(trust, put_ca, &visit);
	crypto_trust_each_crl(trust, put_crl, &visit);
}

/* ----- secrets ------------------------------------------------------------- */

static const char *secret_kind(enum cfg_secret_kind kind)
{
	switch (kind) {
	case CFG_SECRET_PSK:
		return "PSK";
	case CFG_SECRET_XAUTH:
		return "XAUTH";
	default:
		return "PPKS";
	}
}

static json_t *ids_of(const struct cfg_secret *secret)
{
	json_t *ids = json_array();
	size_t i;

	for (i = 0; ids && i < secret->id_count; i++)
		json_array_append_new(ids, sa_text(secret->ids[i]));
	return ids;
}

/**
 * key_put_secrets - list for whom there are secrets, not what they are
 * @daemon: the daemon
 * @sink: takes objects
 */
void key_put_secrets(const struct daemon *daemon, const struct key_sink *sink)
{
	const struct cfg_secrets *secrets = daemon_secrets(daemon);
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		const struct cfg_secret *secret = &secrets->items[i];

		sink->put(sink->context,
			  json_pack("{s:s, s:s, s:o, s:i, s:o}",
				    "kind", "secret",
				    "type", secret_kind(secret->kind),
				    "file", sa_text(secret->at.file),
				    "line", (int)secret->at.line,
				    "ids", ids_of(secret)));
	}
}
