// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opens PKCS#12 files.
 */
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "crypto/openssl.h"
#include "crypto/pkcs12.h"
#include "crypto/pkey.h"
#include "crypto/x509.h"
#include "lib/array.h"

/* A number of rounds that nobody wants to wait for */
#define ROUNDS_MAX 10000000

static struct error *check_rounds(PKCS12 *file)
{
	const ASN1_INTEGER *rounds;
	int64_t number = 1;

	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, file);
	if (rounds && (!ASN1_INTEGER_get_int64(&number, rounds) ||
		       number < 1 || number > ROUNDS_MAX))
		return error_refused(0, "the file asks for more than %d rounds for its password: that is none anybody uses",
				     ROUNDS_MAX);
	return NULL;
}

/* NULL if they don't have the form of a PKCS#12 file */
static PKCS12 *read_file(const uint8_t *bytes, size_t length)
{
	const uint8_t *end = bytes;
	PKCS12 *file = NULL;

	if (length && length <= CRYPTO_PKCS12_SIZE_MAX)
		file = d2i_PKCS12(NULL, &end, (long)length);
	openssl_forget_errors();
	return file;
}

static struct error *decode(const uint8_t *bytes, size_t length, PKCS12 **file)
{
	struct error *error = NULL;

	*file = read_file(bytes, length);
	if (!*file)
		return error_refused(0, "this is no PKCS#12 file");
	if (!PKCS12_mac_present(*file))
		error = error_refused(0, "the file is not protected with a password, so anybody may have changed it");
	if (!error)
		error = check_rounds(*file);
	if (error)
		PKCS12_free(*file);
	return error;
}

static struct error *wrong_password(void)
{
	return error_refused(0, "the password of the file is wrong");
}

/* Why OpenSSL could not do it */
static struct error *damaged(void)
{
	return error_refused(0, "the file cannot be read: it is damaged, or encrypted with an algorithm that is no longer used (%s)",
			     ERR_reason_error_string(ERR_peek_error()) ?:
			     "no reason given");
}

static struct error *parse(const uint8_t *bytes, size_t length,
			   const char *password, EVP_PKEY **pkey, X509 **x509,
			   STACK_OF(X509) **others)
{
	struct error *error;
	PKCS12 *file;

	error = decode(bytes, length, &file);
	if (error)
		return error;
	if (!PKCS12_parse(file, password, pkey, x509, others))
		error = ERR_GET_REASON(ERR_peek_error()) ==
			PKCS12_R_MAC_VERIFY_FAILURE ?
			wrong_password() : damaged();
	openssl_forget_errors();
	PKCS12_free(file);
	return error;
}

/* The friendly name, which PKCS12_parse() leaves at the certificate. */
static void take_name(X509 *x509, char name[CRYPTO_BUNDLE_NAME_SIZE])
{
	const unsigned char *alias;
	int length;

	alias = X509_alias_get0(x509, &length);
	if (alias && length > 0 && length < CRYPTO_BUNDLE_NAME_SIZE)
		memcpy(name, alias, (size_t)length);
}

static struct error *take_others(STACK_OF(X509) *others,
				 struct crypto_bundle *bundle)
{
	struct error *error = NULL;
	X509 *x509;

	while (!error && sk_X509_num(others) > 0) {
		if (bundle->count == CRYPTO_BUNDLE_OTHERS_MAX)
			return error_refused(0, "the file has more than %d certificates beside the one of its key",
					     CRYPTO_BUNDLE_OTHERS_MAX);
		x509 = sk_X509_shift(others);
		error = x509_to_cert(x509, &bundle->others[bundle->count]);
		bundle->count += !error;
	}
	return error;
}

/**
 * crypto_bundle_open - open a PKCS#12 file
 * @bytes: the file
 * @length: bytes of it
 * @password: its password
 * @bundle: to be filled, to be freed with crypto_bundle_close()
 *
 * Return: NULL, or what is wrong; there is nothing to be freed then.
 */
struct error *crypto_bundle_open(const uint8_t *bytes, size_t length,
				 const char *password,
				 struct crypto_bundle *bundle)
{
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *pkey = NULL;
	struct error *error;
	X509 *x509 = NULL;

	memset(bundle, 0, sizeof(*bundle));
	error = parse(bytes, length, password, &pkey, &x509, &others);
	if (error)
		return error;
	if (!pkey || !x509) {
		EVP_PKEY_free(pkey);
		X509_free(x509);
		error = error_refused(0, "the file has no private key with a certificate of its own");
		goto free_others;
	}
	take_name(x509, bundle->name);
	error = x509_to_cert(x509, &bundle->cert);
	if (error) {
		EVP_PKEY_free(pkey);
		goto free_others;
	}
	error = pkey_to_private(pkey, &bundle->key);
	if (!error)
		error = take_others(others, bundle);
	if (error)
		crypto_bundle_close(bundle);

free_others:
	sk_X509_pop_free(others, X509_free);
	return error;
}

/* What tells which certificate is that of the key; NULL if there is nothing */
static const ASN1_OCTET_STRING *local_id(const PKCS12_SAFEBAG *bag)
{
	const ASN1_TYPE *id = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);

	return id && id->type == V_ASN1_OCTET_STRING ?
	       id->value.octet_string : NULL;
}

/**
 * struct found - certificates, without the key
 * @certs: they
 * @room: how many there may be
 * @count: how many there are
 * @ids: the key that each is of; NULL = not said
 * @key_id: what the key says of that
 */
struct found {
	struct crypto_cert **certs;
	size_t room;
	size_t count;
	ASN1_OCTET_STRING *ids[CRYPTO_BUNDLE_OTHERS_MAX + 1];
	ASN1_OCTET_STRING *key_id;
};

static struct error *take_cert(const PKCS12_SAFEBAG *bag, struct found *found)
{
	const ASN1_OCTET_STRING *id = local_id(bag);
	struct error *error;
	X509 *x509;

	if (found->count == found->room || found->count == ARRAY_SIZE(found->ids))
		return error_refused(0, "the file has more than %zu certificates",
				     found->count);
	x509 = PKCS12_SAFEBAG_get1_cert(bag);
	if (!x509)
		return damaged();
	error = x509_to_cert(x509, &found->certs[found->count]);
	if (error)
		return error;
	found->ids[found->count++] = id ? ASN1_OCTET_STRING_dup(id) : NULL;
	return NULL;
}

/* A key stays as encrypted as it is. */
static struct error *take_bags(const STACK_OF(PKCS12_SAFEBAG) *bags,
			       struct found *found)
{
	struct error *error = NULL;
	const PKCS12_SAFEBAG *bag;
	int i, kind;

	for (i = 0; !error && i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		bag = sk_PKCS12_SAFEBAG_value(bags, i);
		kind = PKCS12_SAFEBAG_get_nid(bag);
		if (kind == NID_certBag &&
		    PKCS12_SAFEBAG_get_bag_nid(bag) == NID_x509Certificate)
			error = take_cert(bag, found);
		else if ((kind == NID_keyBag ||
			  kind == NID_pkcs8ShroudedKeyBag) &&
			 !found->key_id && local_id(bag))
			found->key_id = ASN1_OCTET_STRING_dup(local_id(bag));
	}
	return error;
}

static struct error *take_all(PKCS12 *file, const char *password,
			      struct found *found)
{
	STACK_OF(PKCS12_SAFEBAG) *bags;
	STACK_OF(PKCS7) *safes;
	struct error *error = NULL;
	PKCS7 *safe;
	int i;

	safes = PKCS12_unpack_authsafes(file);
	if (!safes)
		return damaged();
	for (i = 0; !error && i < sk_PKCS7_num(safes); i++) {
		safe = sk_PKCS7_value(safes, i);
		if (PKCS7_type_is_data(safe))
			bags = PKCS12_unpack_p7data(safe);
		else if (PKCS7_type_is_encrypted(safe))
			bags = PKCS12_unpack_p7encdata(safe, password,
						       password ? -1 : 0);
		else
			continue;
		error = bags ? take_bags(bags, found) : damaged();
		sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	}
	sk_PKCS7_pop_free(safes, PKCS7_free);
	return error;
}

/* That of the key comes first. */
static struct error *sort(struct found *found)
{
	struct crypto_cert *first;
	size_t i;

	if (!found->count)
		return error_refused(0, "the file has no certificate");
	for (i = 0; found->key_id && i < found->count; i++) {
		if (!found->ids[i] ||
		    ASN1_OCTET_STRING_cmp(found->ids[i], found->key_id))
			continue;
		first = found->certs[i];
		found->certs[i] = found->certs[0];
		found->certs[0] = first;
		break;
	}
	return NULL;
}

/**
 * crypto_bundle_is - is it a PKCS#12 file
 * @bytes: a file
 * @length: bytes of it
 *
 * Return: whether it has the form of one.
 */
bool crypto_bundle_is(const uint8_t *bytes, size_t length)
{
	PKCS12 *file = read_file(bytes, length);
	bool has_form = file;

	PKCS12_free(file);
	return has_form;
}

/**
 * crypto_bundle_certs - take the certificates out of a PKCS#12 file, and leave the
 *	private key encrypted
 * @bytes: the file
 * @length: bytes of it
 * @password: its password
 * @certs: set to the certificates, that of the key first; to be freed with
 *	crypto_cert_free()
 * @room: how many there may be
 * @count: set to how many there are, one at least
 *
 * Return: NULL, or what is wrong; there is nothing to be freed then.
 */
struct error *crypto_bundle_certs(const uint8_t *bytes, size_t length,
				  const char *password,
				  struct crypto_cert **certs, size_t room,
				  size_t *count)
{
	struct found found = { .certs = certs, .room = room };
	struct error *error;
	PKCS12 *file;
	size_t i;

	*count = 0;
	error = decode(bytes, length, &file);
	if (error)
		return error;
	/* there are two ways to have no password */
	if (!*password && PKCS12_verify_mac(file, NULL, 0))
		password = NULL;
	else if (!PKCS12_verify_mac(file, password, -1))
		error = wrong_password();
	if (!error)
		error = take_all(file, password, &found);
	if (!error)
		error = sort(&found);
	openssl_forget_errors();
	for (i = 0; i < found.count; i++) {
		ASN1_OCTET_STRING_free(found.ids[i]);
		if (error)
			crypto_cert_free(certs[i]);
	}
	ASN1_OCTET_STRING_free(found.key_id);
	PKCS12_free(file);
	if (!error)
		*count = found.count;
	return error;
}

/**
 * crypto_bundle_close - free what was in a bundle
 * @bundle: the bundle
 */
void crypto_bundle_close(struct crypto_bundle *bundle)
{
	crypto_private_key_free(bundle->key);
	crypto_cert_free(bundle->cert);
	while (bundle->count)
		crypto_cert_free(bundle->others[--bundle->count]);
	memset(bundle, 0, sizeof(*bundle));
}
