// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Verifies chains of certificates with OpenSSL, and says in a sentence why one
 * does not hold. Nothing is fetched from anywhere.
 */
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/dn.h"
#include "crypto/openssl.h"
#include "crypto/trust.h"
#include "crypto/x509.h"
#include "lib/array.h"

/* 112 bits of security: neither SHA-1 nor RSA below 2048 bits in a chain */
#define AUTH_LEVEL 2

#define TIME_TEXT_SIZE 32

/**
 * struct crypto_trust - certificate authorities
 * @store: they and their revocation lists, for OpenSSL
 * @cas: the same certificates, for us
 */
struct crypto_trust {
	X509_STORE *store;
	STACK_OF(X509) *cas;
};

/**
 * crypto_trust_create - begin a set of authorities
 * @trust: where to put it, empty; to be freed with crypto_trust_destroy()
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_trust_create(struct crypto_trust **trust)
{
	struct crypto_trust *new = calloc(1, sizeof(*new));

	if (!new)
		return error_no_memory();
	new->store = X509_STORE_new();
	new->cas = sk_X509_new_null();
	if (!new->store || !new->cas) {
		crypto_trust_destroy(new);
		return error_no_memory();
	}
	*trust = new;
	return NULL;
}

/**
 * crypto_trust_destroy - free a set of authorities
 * @trust: the set, or NULL
 */
void crypto_trust_destroy(struct crypto_trust *trust)
{
	if (!trust)
		return;
	X509_STORE_free(trust->store);
	sk_X509_pop_free(trust->cas, X509_free);
	free(trust);
}

/**
 * crypto_trust_add_ca - trust an authority
 * @trust: the set, not in use yet
 * @ca: its certificate
 *
 * Return: NULL, or why it cannot be one.
 */
struct error *crypto_trust_add_ca(struct crypto_trust *trust,
				  const struct crypto_cert *ca)
{
	if (!crypto_cert_is_ca(ca))
		return error_refused(0, "the certificate '%s' is none of an authority: it has no basicConstraints that say CA",
				     ca->subject);
	if (!X509_STORE_add_cert(trust->store, ca->x509) ||
	    !sk_X509_push(trust->cas, ca->x509))
		return openssl_error("add a certificate");
	X509_up_ref(ca->x509);
	return NULL;
}

/**
 * crypto_trust_add_crl - take what an authority has revoked
 * @trust: the set, not in use yet
 * @bytes: the revocation list, in DER or PEM
 * @length: bytes of it
 *
 * Whether it is an authority's own shows when a certificate is verified.
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_trust_add_crl(struct crypto_trust *trust,
				   const uint8_t *bytes, size_t length)
{
	BIO *memory = NULL;
	const uint8_t *end = bytes;
	X509_CRL *crl = NULL;
	bool added;

	if (!length || length > INT32_MAX)
		return error_refused(0, "%zu bytes are no certificate revocation list",
				     length);
	if (bytes[0] == (V_ASN1_CONSTRUCTED | V_ASN1_SEQUENCE)) {
		crl = d2i_X509_CRL(NULL, &end, (long)length);
	} else {
		memory = BIO_new_mem_buf(bytes, (int)length);
		if (memory)
			crl = PEM_read_bio_X509_CRL(memory, NULL,
						    openssl_no_passphrase,
						    NULL);
		BIO_free(memory);
	}
	openssl_forget_errors();
	if (!crl)
		return error_refused(0, "this is no certificate revocation list, neither PEM nor DER");
	added = X509_STORE_add_crl(trust->store, crl);
	X509_CRL_free(crl);
	return added ? NULL : openssl_error("add a revocation list");
}

/**
 * crypto_trust_ca_count - how many authorities a set has
 * @trust: the set
 *
 * Return: their number.
 */
size_t crypto_trust_ca_count(const struct crypto_trust *trust)
{
	return (size_t)sk_X509_num(trust->cas);
}

/**
 * crypto_trust_each_ca - look at all authorities
 * @trust: the set
 * @visit: called for each, in the order in which they were added
 * @context: for it
 */
void crypto_trust_each_ca(const struct crypto_trust *trust,
			  void (*visit)(const struct crypto_cert *ca,
					void *context),
			  void *context)
{
	struct crypto_cert *ca;
	struct error *error;
	X509 *x509;
	int i;

	for (i = 0; i < sk_X509_num(trust->cas); i++) {
		x509 = sk_X509_value(trust->cas, i);
		X509_up_ref(x509);
		error = x509_to_cert(x509, &ca);
		if (!error) {
			visit(ca, context);
			crypto_cert_free(ca);
		}
		error_free(error);
	}
}

static void visit_crl(X509_CRL *list,
		      void (*visit)(const struct crypto_crl *crl,
				    void *context),
		      void *context)
{
	struct crypto_crl crl = {
		.this_update = x509_seconds(X509_CRL_get0_lastUpdate(list)),
		.next_update = x509_seconds(X509_CRL_get0_nextUpdate(list)),
	};
	int revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list));

	/* a list without any has no stack of them either */
	crl.revoked = revoked > 0 ? (size_t)revoked : 0;
	if (!X509_NAME_get0_der(X509_CRL_get_issuer(list), &crl.issuer,
				&crl.issuer_length))
		crl.issuer_length = 0;
	visit(&crl, context);
}

/**
 * crypto_trust_each_crl - look at all revocation lists
 * @trust: the set
 * @visit: called for each
 * @context: for it
 */
void crypto_trust_each_crl(const struct crypto_trust *trust,
			   void (*visit)(const struct crypto_crl *crl,
					 void *context),
			   void *context)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(trust->store);
	X509_CRL *crl;
	int i;

	for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		crl = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects,
								     i));
		if (crl)
			visit_crl(crl, visit, context);
	}
}

static const char *time_text(const ASN1_TIME *asn1, char text[TIME_TEXT_SIZE])
{
	struct tm when;

	if (!ASN1_TIME_to_tm(asn1, &when) ||
	    !strftime(text, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S UTC", &when))
		snprintf(text, TIME_TEXT_SIZE, "(no date)");
	return text;
}

static const char *name_text(const X509_NAME *name, char *text)
{
	const uint8_t *der;
	size_t length;

	if (!X509_NAME_get0_der(name, &der, &length))
		length = 0;
	return crypto_dn_text(der, length, text);
}

/* The sentences for what goes wrong every day; OpenSSL's words for the rest. */
static struct error *explain(X509_STORE_CTX *context, const char *subject)
{
	const X509 *at = X509_STORE_CTX_get_current_cert(context);
	int code = X509_STORE_CTX_get_error(context);
	char who[CRYPTO_DN_TEXT_SIZE], issuer[CRYPTO_DN_TEXT_SIZE];
	char when[TIME_TEXT_SIZE];

	if (!at)
		return error_refused(0, "the certificate '%s' cannot be verified: %s",
				     subject,
				     X509_verify_cert_error_string(code));
	name_text(X509_get_subject_name(at), who);
	name_text(X509_get_issuer_name(at), issuer);
	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return error_refused(0, "the certificate '%s' expired on %s",
				     who, time_text(X509_get0_notAfter(at),
						    when));
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return error_refused(0, "the certificate '%s' is not valid before %s",
				     who, time_text(X509_get0_notBefore(at),
						    when));
	case X509_V_ERR_CERT_REVOKED:
		return error_refused(0, "the certificate '%s' has been revoked by '%s'",
				     who, issuer);
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return error_refused(0, "the certificate '%s' is signed by '%s', which is no authority we trust",
				     who, issuer);
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return error_refused(0, "the certificate '%s' is signed by itself and is no authority we trust",
				     who);
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return error_refused(0, "the certificate '%s' is not signed with the key of '%s', though it says so",
				     who, issuer);
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return error_refused(0, "there is no revocation list of '%s', which crl-strict=yes demands for the certificate '%s'",
				     issuer, who);
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
		return error_refused(0, "there is a revocation list that says it is of '%s' and is not signed with its key: remove it",
				     issuer);
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return error_refused(0, "the revocation list of '%s' is out of date, which crl-strict=yes does not accept for the certificate '%s'",
				     issuer, who);
	}
	return error_refused(0, "the certificate '%s' cannot be trusted: %s",
			     who, X509_verify_cert_error_string(code));
}

/*
 * Without crl-strict a list that is missing or out of date is no reason to
 * refuse a certificate; one that is listed is revoked all the same.
 */
static int lenient(int good, X509_STORE_CTX *context)
{
	int code = X509_STORE_CTX_get_error(context);

	if (good)
		return good;
	return code == X509_V_ERR_UNABLE_TO_GET_CRL ||
	       code == X509_V_ERR_CRL_HAS_EXPIRED;
}

/*
 * RFC 4945, 5.1.3.2 and 5.1.3.12: a certificate that says what it is for must name
 * signatures, and some purpose that is IKE's or a general one.
 */
static struct error *check_usage(const struct crypto_cert *cert)
{
	static const char *const purposes[] = {
		"2.5.29.37.0",		/* anyExtendedKeyUsage */
		"1.3.6.1.5.5.7.3.17",	/* id-kp-ipsecIKE */
		"1.3.6.1.5.5.8.2.2",	/* iKEIntermediate */
		"1.3.6.1.5.5.7.3.5",	/* ipsecEndSystem */
		"1.3.6.1.5.5.7.3.6",	/* ipsecTunnel */
		"1.3.6.1.5.5.7.3.7",	/* ipsecUser */
		"1.3.6.1.5.5.7.3.1",	/* serverAuth */
		"1.3.6.1.5.5.7.3.2",	/* clientAuth */
	};
	uint32_t usage = X509_get_key_usage(cert->x509);
	EXTENDED_KEY_USAGE *extended;
	bool allowed = false;
	char oid[80];
	size_t j;
	int i;

	if (!(usage & (X509v3_KU_DIGITAL_SIGNATURE | X509v3_KU_NON_REPUDIATION)))
		return error_refused(0, "the certificate '%s' is not meant for signatures: its keyUsage names neither digitalSignature nor nonRepudiation",
				     cert->subject);
	extended = X509_get_ext_d2i(cert->x509, NID_ext_key_usage, NULL, NULL);
	openssl_forget_errors();
	if (!extended)
		return NULL;
	for (i = 0; i < sk_ASN1_OBJECT_num(extended); i++) {
		OBJ_obj2txt(oid, sizeof(oid),
			    sk_ASN1_OBJECT_value(extended, i), 1);
		for (j = 0; j < ARRAY_SIZE(purposes); j++)
			allowed = allowed || !strcmp(oid, purposes[j]);
	}
	EXTENDED_KEY_USAGE_free(extended);
	return allowed ? NULL :
			 error_refused(0, "the certificate '%s' is meant for something else: its extendedKeyUsage names neither IKE nor servers or clients",
				       cert->subject);
}

static STACK_OF(X509) *stack_of(const struct crypto_chain *chain)
{
	STACK_OF(X509) *stack = sk_X509_new_null();
	size_t i;

	for (i = 0; stack && i < chain->count; i++) {
		if (!sk_X509_push(stack, chain->others[i]->x509)) {
			sk_X509_free(stack);
			return NULL;
		}
	}
	return stack;
}

/* Is the authority there whose certificates alone are wanted? */
static struct error *check_authority(X509_STORE_CTX *context,
				     const struct crypto_rules *rules,
				     const char *subject)
{
	STACK_OF(X509) *verified = X509_STORE_CTX_get0_chain(context);
	char text[CRYPTO_DN_TEXT_SIZE];
	const uint8_t *der;
	size_t length;
	int i;

	if (!rules->ca)
		return NULL;
	/* the first one is the certificate itself */
	for (i = 1; i < sk_X509_num(verified); i++) {
		if (X509_NAME_get0_der(X509_get_subject_name(sk_X509_value(verified, i)),
				       &der, &length) &&
		    crypto_dn_matches(rules->ca, rules->ca_length, der, length))
			return NULL;
	}
	return error_refused(0, "the certificate '%s' is not by the authority '%s', as it has to be",
			     subject, crypto_dn_text(rules->ca,
						     rules->ca_length, text));
}

/**
 * crypto_trust_verify - is a certificate to be trusted
 * @trust: the authorities
 * @chain: the certificate, and what the peer sent beside it
 * @rules: what the way to one of them must be like
 *
 * Whose it is, is another question: crypto_cert_check_id().
 *
 * Return: NULL, or why not.
 */
struct error *crypto_trust_verify(const struct crypto_trust *trust,
				  const struct crypto_chain *chain,
				  const struct crypto_rules *rules)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *others = stack_of(chain);
	struct error *error = NULL;
	X509_VERIFY_PARAM *param;

	if (!context || !others ||
	    !X509_STORE_CTX_init(context, trust->store, chain->cert->x509,
				 others)) {
		error = openssl_error("begin to verify a certificate");
		goto free_context;
	}
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_time(param, (time_t)rules->now);
	X509_VERIFY_PARAM_set_depth(param, CRYPTO_CHAIN_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK |
				    X509_V_FLAG_CRL_CHECK_ALL);
	if (!rules->crl_strict)
		X509_STORE_CTX_set_verify_cb(context, lenient);
	if (X509_verify_cert(context) != 1)
		error = explain(context, chain->cert->subject);
	else
		error = check_usage(chain->cert);
	if (!error)
		error = check_authority(context, rules, chain->cert->subject);

free_context:
	X509_STORE_CTX_free(context);
	sk_X509_free(others);
	openssl_forget_errors();
	return error;
}

/**
 * crypto_trust_authorities - what to put into a CERTREQ payload
 * @trust: the authorities
 * @hashes: where to put a hash of each, one behind the other
 * @room: bytes there; authorities beyond are left out
 * @length: where to put how many bytes there are
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_trust_authorities(const struct crypto_trust *trust,
				       uint8_t *hashes, size_t room,
				       size_t *length)
{
	struct crypto_cert cert = { 0 };
	struct error *error;
	int i;

	*length = 0;
	for (i = 0; i < sk_X509_num(trust->cas); i++) {
		if (room - *length < CRYPTO_AUTHORITY_SIZE)
			break;
		cert.x509 = sk_X509_value(trust->cas, i);
		error = crypto_cert_authority(&cert, hashes + *length);
		if (error)
			return error;
		*length += CRYPTO_AUTHORITY_SIZE;
	}
	return NULL;
}

static bool is_listed(X509 *x509, const uint8_t *hashes, size_t length)
{
	struct crypto_cert cert = { .x509 = x509 };
	uint8_t hash[CRYPTO_AUTHORITY_SIZE];
	struct error *error;
	size_t i;

	error = crypto_cert_authority(&cert, hash);
	if (error) {
		error_free(error);
		return false;
	}
	for (i = 0; i + sizeof(hash) <= length; i += sizeof(hash)) {
		if (!memcmp(hashes + i, hash, sizeof(hash)))
			return true;
	}
	return false;
}

static X509 *issuer_among(STACK_OF(X509) *certs, X509 *x509)
{
	int i;

	for (i = 0; i < sk_X509_num(certs); i++) {
		if (X509_check_issued(sk_X509_value(certs, i), x509) ==
		    X509_V_OK)
			return sk_X509_value(certs, i);
	}
	return NULL;
}

/**
 * crypto_trust_is_requested - does a certificate of ours suit a CERTREQ payload
 * @trust: the authorities we know
 * @chain: the certificate, and others of ours
 * @hashes: what the payload has; anything that is no whole hash is overlooked
 * @length: bytes of that
 *
 * Return: whether an authority on the way from it to its root is among them.
 */
bool crypto_trust_is_requested(const struct crypto_trust *trust,
			       const struct crypto_chain *chain,
			       const uint8_t *hashes, size_t length)
{
	STACK_OF(X509) *others = stack_of(chain);
	X509 *at = chain->cert->x509, *issuer;
	bool found = false;
	int depth;

	for (depth = 0; others && !found && depth <= CRYPTO_CHAIN_MAX;
	     depth++) {
		issuer = issuer_among(others, at);
		if (!issuer)
			issuer = issuer_among(trust->cas, at);
		if (!issuer || issuer == at)
			break;
		found = is_listed(issuer, hashes, length);
		at = issuer;
	}
	sk_X509_free(others);
	openssl_forget_errors();
	return found;
}
