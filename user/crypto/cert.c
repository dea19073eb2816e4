// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads certificates and says what is in them. Nothing here trusts one.
 */
#include <ctype.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "crypto/dn.h"
#include "crypto/hash.h"
#include "crypto/openssl.h"
#include "crypto/pkey.h"
#include "crypto/x509.h"
#include "lib/address.h"
#include "lib/iana.h"

/* Room for a name as it stands in a sentence, and for all names of one */
#define NAME_TEXT_SIZE 280
#define NAMES_TEXT_SIZE 512

/**
 * x509_to_cert - make a certificate of ours
 * @x509: the certificate, whose ownership passes to this function; NULL if
 *	reading it failed
 * @cert: where to put the result
 *
 * Return: NULL, or why we do not take it.
 */
struct error *x509_to_cert(X509 *x509, struct crypto_cert **cert)
{
	char subject[CRYPTO_DN_TEXT_SIZE];
	struct crypto_cert *new;
	const uint8_t *der;
	uint8_t *end;
	size_t length;
	int size;

	openssl_forget_errors();
	if (!x509)
		return error_refused(0, "the certificate is malformed");
	new = calloc(1, sizeof(*new));
	size = i2d_X509(x509, NULL);
	if (!new || size <= 0) {
		free(new);
		X509_free(x509);
		return error_no_memory();
	}
	new->x509 = x509;
	new->length = (size_t)size;
	new->der = malloc(new->length);
	if (new->der) {
		end = new->der;
		i2d_X509(x509, &end);
		der = crypto_cert_subject_der(new, &length);
		new->subject = strdup(crypto_dn_text(der, length, subject));
	}
	if (!new->subject) {
		crypto_cert_free(new);
		return error_no_memory();
	}
	*cert = new;
	return NULL;
}

/**
 * crypto_cert_from_der - read a certificate of a CERT payload
 * @der: the bytes
 * @length: how many; none may be left over
 * @cert: where to put it, to be freed with crypto_cert_free()
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_cert_from_der(const uint8_t *der, size_t length,
				   struct crypto_cert **cert)
{
	const uint8_t *end = der;
	X509 *x509 = NULL;

	if (length > CRYPTO_CERT_SIZE_MAX)
		return error_refused(0, "a certificate of %zu bytes is longer than the %d we read",
				     length, CRYPTO_CERT_SIZE_MAX);
	if (length)
		x509 = d2i_X509(NULL, &end, (long)length);
	if (x509 && end != der + length) {
		X509_free(x509);
		x509 = NULL;
	}
	return x509_to_cert(x509, cert);
}

/**
 * crypto_cert_read - read the certificates of a file
 * @bytes: one in DER, or any number in PEM
 * @length: bytes of that
 * @certs: where to put them, each to be freed with crypto_cert_free()
 * @room: how many there is room for; more are an error
 * @count: where to put how many there are, at least one
 *
 * Return: NULL, or what is wrong; there is nothing to be freed then.
 */
struct error *crypto_cert_read(const uint8_t *bytes, size_t length,
			       struct crypto_cert **certs, size_t room,
			       size_t *count)
{
	struct error *error = NULL;
	BIO *memory;
	X509 *x509;

	*count = 0;
	if (length && bytes[0] == (V_ASN1_CONSTRUCTED | V_ASN1_SEQUENCE)) {
		error = crypto_cert_from_der(bytes, length, certs);
		*count = !error;
		return error;
	}
	if (length > INT32_MAX)
		return error_refused(0, "%zu bytes are too many for a file of certificates",
				     length);
	memory = BIO_new_mem_buf(bytes, (int)length);
	if (!memory)
		return error_no_memory();
	while (!error &&
	       (x509 = PEM_read_bio_X509(memory, NULL, openssl_no_passphrase,
					 NULL))) {
		if (*count < room) {
			error = x509_to_cert(x509, &certs[*count]);
			*count += !error;
		} else {
			X509_free(x509);
			error = error_refused(0, "there are more than %zu certificates",
					      room);
		}
	}
	BIO_free(memory);
	openssl_forget_errors();
	if (!error && !*count)
		error = error_refused(0, "there is no certificate in it, neither PEM nor DER");
	while (error && *count)
		crypto_cert_free(certs[--*count]);
	return error;
}

/**
 * crypto_cert_to_pem - write a certificate
 * @cert: the certificate
 * @text: where to; no 0 follows
 * @room: bytes there
 * @length: where to put how many it has
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_cert_to_pem(const struct crypto_cert *cert, char *text,
				 size_t room, size_t *length)
{
	BIO *memory = BIO_new(BIO_s_mem());
	struct error *error = NULL;
	char *data;
	long size;

	if (!memory || !PEM_write_bio_X509(memory, cert->x509)) {
		error = openssl_error("write a certificate");
	} else {
		size = BIO_get_mem_data(memory, &data);
		*length = (size_t)size;
		if (*length > room)
			error = error_refused(0, "a certificate of %zu bytes does not fit into %zu",
					      *length, room);
		else
			memcpy(text, data, *length);
	}
	BIO_free(memory);
	return error;
}

/**
 * crypto_cert_free - free a certificate
 * @cert: the certificate, or NULL
 */
void crypto_cert_free(struct crypto_cert *cert)
{
	if (!cert)
		return;
	X509_free(cert->x509);
	free(cert->der);
	free(cert->subject);
	free(cert);
}

/**
 * crypto_cert_der - a certificate as it is sent
 * @cert: the certificate
 * @length: where to put the number of bytes
 *
 * Return: the bytes, which are there as long as @cert.
 */
const uint8_t *crypto_cert_der(const struct crypto_cert *cert, size_t *length)
{
	*length = cert->length;
	return cert->der;
}

static const uint8_t *name_der(const struct crypto_cert *cert,
			       const X509_NAME *name, size_t *length)
{
	const uint8_t *der;

	if (!X509_NAME_get0_der(name, &der, length)) {
		openssl_forget_errors();
		*length = 0;
		return cert->der;
	}
	return der;
}

/**
 * crypto_cert_subject_der - whose a certificate is, for an ID payload
 * @cert: the certificate
 * @length: where to put the number of bytes
 *
 * Return: the subject's distinguished name, which is there as long as @cert.
 */
const uint8_t *crypto_cert_subject_der(const struct crypto_cert *cert,
				       size_t *length)
{
	return name_der(cert, X509_get_subject_name(cert->x509), length);
}

/**
 * crypto_cert_issuer_der - who has issued a certificate
 * @cert: the certificate
 * @length: where to put the number of bytes
 *
 * Return: the issuer's distinguished name, which is there as long as @cert.
 */
const uint8_t *crypto_cert_issuer_der(const struct crypto_cert *cert,
				      size_t *length)
{
	return name_der(cert, X509_get_issuer_name(cert->x509), length);
}

/**
 * crypto_cert_subject - whose a certificate is, for people
 * @cert: the certificate
 *
 * Return: the subject's distinguished name, printable.
 */
const char *crypto_cert_subject(const struct crypto_cert *cert)
{
	return cert->subject;
}

/**
 * crypto_cert_serial - the number that its issuer has given a certificate
 * @cert: the certificate
 * @text: room for it
 *
 * Return: @text, in hexadecimal.
 */
const char *crypto_cert_serial(const struct crypto_cert *cert,
			       char text[CRYPTO_SERIAL_TEXT_SIZE])
{
	const ASN1_INTEGER *number = X509_get0_serialNumber(cert->x509);
	const uint8_t *bytes = ASN1_STRING_get0_data(number);
	int length = ASN1_STRING_length(number), i;
	size_t used;

	used = (size_t)snprintf(text, CRYPTO_SERIAL_TEXT_SIZE, "0x");
	for (i = 0; i < length && used + 2 < CRYPTO_SERIAL_TEXT_SIZE; i++)
		used += (size_t)snprintf(text + used, 3, "%02x", bytes[i]);
	return text;
}

/**
 * x509_seconds - when something in a certificate or a revocation list is
 * @time: the time, or NULL
 *
 * Return: seconds since 1970, 0 if it isn't there in a form we know.
 */
int64_t x509_seconds(const ASN1_TIME *time)
{
	struct tm when;

	if (!time || !ASN1_TIME_to_tm(time, &when)) {
		openssl_forget_errors();
		return 0;
	}
	return timegm(&when);
}

/**
 * crypto_cert_not_before - when a certificate begins to count
 * @cert: the certificate
 *
 * Return: seconds since 1970, 0 if it does not say so in a form we know.
 */
int64_t crypto_cert_not_before(const struct crypto_cert *cert)
{
	return x509_seconds(X509_get0_notBefore(cert->x509));
}

/**
 * crypto_cert_not_after - when a certificate expires
 * @cert: the certificate
 *
 * Return: seconds since 1970, 0 if it does not say so in a form we know.
 */
int64_t crypto_cert_not_after(const struct crypto_cert *cert)
{
	return x509_seconds(X509_get0_notAfter(cert->x509));
}

/**
 * crypto_cert_is_root - has a certificate issued itself
 * @cert: the certificate
 *
 * Return: whether it says so.
 */
bool crypto_cert_is_root(const struct crypto_cert *cert)
{
	return !X509_NAME_cmp(X509_get_subject_name(cert->x509),
			      X509_get_issuer_name(cert->x509));
}

/**
 * crypto_cert_is_ca - may a certificate sign others
 * @cert: the certificate
 *
 * Return: whether it says so.
 */
bool crypto_cert_is_ca(const struct crypto_cert *cert)
{
	bool ca = X509_check_ca(cert->x509) == 1;

	openssl_forget_errors();
	return ca;
}

/**
 * crypto_cert_public_key - the key of a certificate
 * @cert: the certificate
 * @key: where to put it, to be freed with crypto_public_key_free()
 *
 * Return: NULL, or why we do not take it.
 */
struct error *crypto_cert_public_key(const struct crypto_cert *cert,
				     struct crypto_public_key **key)
{
	return error_prefix(pkey_to_public(X509_get_pubkey(cert->x509), key),
			    "certificate '%s': ", cert->subject);
}

/**
 * crypto_cert_authority - how a CERTREQ payload names an authority
 * @cert: the certificate of the authority
 * @hash: where to put it: the SHA-1 of its SubjectPublicKeyInfo (RFC 7296, 3.7)
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_cert_authority(const struct crypto_cert *cert,
				    uint8_t hash[CRYPTO_AUTHORITY_SIZE])
{
	struct crypto_piece piece;
	struct error *error;
	uint8_t *der = NULL;
	int length;

	length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert->x509), &der);
	if (length <= 0)
		return openssl_error("look into a certificate");
	piece = (struct crypto_piece){ der, (size_t)length };
	error = crypto_hash_compute(crypto_hash_find(IANA_HASH_SHA1), &piece, 1,
				    hash);
	OPENSSL_free(der);
	return error;
}

/* Text that somebody else chose, for a sentence of ours. */
static const char *printable(const uint8_t *bytes, size_t length,
			     char text[NAME_TEXT_SIZE])
{
	size_t i, used = 0;

	for (i = 0; i < length && used < NAME_TEXT_SIZE - 5; i++) {
		if (isprint(bytes[i]) && bytes[i] != '\\' && bytes[i] != '\'')
			text[used++] = (char)bytes[i];
		else
			used += (size_t)snprintf(text + used, 5, "\\x%02x",
						 bytes[i]);
	}
	text[used] = '\0';
	return text;
}

/* An identity, or an alternative name of the same kind, for a sentence. */
static const char *id_text(uint8_t type, const uint8_t *id, size_t length,
			   char text[NAME_TEXT_SIZE])
{
	struct address address;
	char number[IANA_TEXT_SIZE], dn[CRYPTO_DN_TEXT_SIZE];

	switch (type) {
	case IANA_ID_IPV4_ADDR:
	case IANA_ID_IPV6_ADDR:
		if (address_set(&address, id, length))
			return address_text(&address, text);
		return printable(id, length, text);
	case IANA_ID_DER_ASN1_DN:
		crypto_dn_text(id, length, dn);
		return printable((uint8_t *)dn, strlen(dn), text);
	case IANA_ID_FQDN:
	case IANA_ID_RFC822_ADDR:
		return printable(id, length, text);
	}
	snprintf(text, NAME_TEXT_SIZE, "(%s)",
		 iana_text(IANA_ID, type, number));
	return text;
}

/* What kind of identity an alternative name is; 0 for none of IKE's. */
static uint8_t name_of(const GENERAL_NAME *general, const uint8_t **bytes,
		       size_t *length)
{
	const ASN1_STRING *string;
	uint8_t type;

	switch (general->type) {
	case GEN_DNS:
		string = general->d.dNSName;
		type = IANA_ID_FQDN;
		break;
	case GEN_EMAIL:
		string = general->d.rfc822Name;
		type = IANA_ID_RFC822_ADDR;
		break;
	case GEN_IPADD:
		string = general->d.iPAddress;
		type = ASN1_STRING_length(string) == 4 ? IANA_ID_IPV4_ADDR :
							 IANA_ID_IPV6_ADDR;
		break;
	default:
		return 0;
	}
	*bytes = ASN1_STRING_get0_data(string);
	*length = (size_t)ASN1_STRING_length(string);
	return type;
}

static bool same_id(uint8_t type, const uint8_t *id, size_t length,
		    const uint8_t *name, size_t name_length)
{
	size_t i;

	if (!length || length != name_length)
		return false;
	if (type == IANA_ID_IPV4_ADDR || type == IANA_ID_IPV6_ADDR)
		return !memcmp(id, name, length);
	for (i = 0; i < length; i++) {
		/* no name has a 0 in it; what follows one was to be overlooked */
		if (!id[i] || tolower(id[i]) != tolower(name[i]))
			return false;
	}
	return true;
}

/* Looks through the alternative names, and lists those it has in @list. */
static bool find_alternative(const struct crypto_cert *cert, uint8_t type,
			     const uint8_t *id, size_t length,
			     char list[NAMES_TEXT_SIZE])
{
	GENERAL_NAMES *names;
	char text[NAME_TEXT_SIZE];
	size_t used = 0, size = 0;
	const uint8_t *name;
	bool found = false;
	uint8_t kind;
	int i;

	list[0] = '\0';
	names = X509_get_ext_d2i(cert->x509, NID_subject_alt_name, NULL, NULL);
	for (i = 0; names && !found && i < sk_GENERAL_NAME_num(names); i++) {
		kind = name_of(sk_GENERAL_NAME_value(names, i), &name, &size);
		if (!kind)
			continue;
		found = kind == type && same_id(type, id, length, name, size);
		if (used < NAMES_TEXT_SIZE)
			used += (size_t)snprintf(list + used,
						 NAMES_TEXT_SIZE - used, "%s%s",
						 used ? ", " : "",
						 id_text(kind, name, size,
							 text));
	}
	GENERAL_NAMES_free(names);
	openssl_forget_errors();
	return found;
}

/**
 * crypto_cert_check_id - does a certificate stand for an identity
 * @cert: the certificate
 * @type: enum iana_id
 * @id: the data of the ID payload
 * @length: bytes of it
 *
 * A distinguished name must be the subject; an address, a host's or a user's
 * name must be among the alternative names (RFC 4945, 3.1), as a whole: the
 * subject's common name counts as little as a wildcard in the certificate.
 *
 * Return: NULL, or a sentence with what the certificate has instead.
 */
struct error *crypto_cert_check_id(const struct crypto_cert *cert,
				   uint8_t type, const uint8_t *id,
				   size_t length)
{
	char list[NAMES_TEXT_SIZE], text[NAME_TEXT_SIZE];
	const uint8_t *subject;
	size_t subject_length;

	switch (type) {
	case IANA_ID_DER_ASN1_DN:
		subject = crypto_cert_subject_der(cert, &subject_length);
		/* a name with * in it is no pattern here */
		if (crypto_dn_matches(subject, subject_length, id, length) &&
		    crypto_dn_matches(id, length, subject, subject_length))
			return NULL;
		return error_refused(0, "the identity '%s' is not the subject of the certificate '%s'",
				     id_text(type, id, length, text),
				     cert->subject);
	case IANA_ID_IPV4_ADDR:
	case IANA_ID_IPV6_ADDR:
	case IANA_ID_FQDN:
	case IANA_ID_RFC822_ADDR:
		if (find_alternative(cert, type, id, length, list))
			return NULL;
		if (!*list)
			return error_refused(0, "the identity '%s' is not in the certificate '%s', which has no subjectAltName at all",
					     id_text(type, id, length, text),
					     cert->subject);
		return error_refused(0, "the identity '%s' is not in the certificate '%s', whose subjectAltName is: %s",
				     id_text(type, id, length, text),
				     cert->subject, list);
	default:
		return error_refused(0, "no certificate can stand for an identity of the kind %s",
				     id_text(type, id, length, text));
	}
}
