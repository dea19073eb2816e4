// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of signature schemes, how one is chosen, and their
 * AlgorithmIdentifiers. What a peer sends is read strictly: DER and nothing but
 * DER, no parameters where none belong, and for RSASSA-PSS one hash for
 * everything and a salt that is no longer than that.
 */
#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/hash.h"
#include "crypto/openssl.h"
#include "crypto/scheme.h"
#include "lib/array.h"
#include "lib/iana.h"

/**
 * struct row - a scheme and what else is to be known about it
 * @scheme: the scheme
 * @flag: enum crypto_scheme_flags
 * @nid: the algorithm of its AlgorithmIdentifier
 * @text: what to call it in a sentence
 */
struct row {
	struct crypto_scheme scheme;
	unsigned int flag;
	int nid;
	const char *text;
};

#define DIGITAL IANA_AUTH_DIGITAL_SIGNATURE
#define PKCS1(hash, nid, text) \
	{ { DIGITAL, hash, CRYPTO_ENCODING_PKCS1, CRYPTO_KEY_RSA, 0 }, \
	  CRYPTO_SCHEME_PKCS1, nid, text }
#define PSS(hash, size, text) \
	{ { DIGITAL, hash, CRYPTO_ENCODING_PSS, CRYPTO_KEY_RSA, size }, \
	  CRYPTO_SCHEME_PSS, NID_rsassaPss, text }
#define ECDSA(hash, curve, nid, text) \
	{ { DIGITAL, hash, CRYPTO_ENCODING_DER, curve, 0 }, \
	  CRYPTO_SCHEME_ECDSA, nid, text }
#define EDDSA(curve, nid, text) \
	{ { DIGITAL, IANA_HASH_IDENTITY, CRYPTO_ENCODING_EDDSA, curve, 0 }, \
	  CRYPTO_SCHEME_EDDSA, nid, text }
#define PLAIN(auth, hash, curve, text) \
	{ { auth, hash, CRYPTO_ENCODING_PLAIN, curve, 0 }, \
	  CRYPTO_SCHEME_ECDSA, NID_undef, text }

/*
 * The better ones first; for ECDSA @kind is the curve a hash is made for, which
 * is preferred but not demanded. SHA-1 is left to the method that has no other
 * (RFC 8247, 3.2).
 */
static const struct row rows[] = {
	EDDSA(CRYPTO_KEY_ED25519, NID_ED25519, "Ed25519"),
	EDDSA(CRYPTO_KEY_ED448, NID_ED448, "Ed448"),
	ECDSA(IANA_HASH_SHA2_256, CRYPTO_KEY_P256, NID_ecdsa_with_SHA256,
	      "ECDSA with SHA2_256"),
	ECDSA(IANA_HASH_SHA2_384, CRYPTO_KEY_P384, NID_ecdsa_with_SHA384,
	      "ECDSA with SHA2_384"),
	ECDSA(IANA_HASH_SHA2_512, CRYPTO_KEY_P521, NID_ecdsa_with_SHA512,
	      "ECDSA with SHA2_512"),
	PSS(IANA_HASH_SHA2_512, 64, "RSASSA-PSS with SHA2_512"),
	PSS(IANA_HASH_SHA2_384, 48, "RSASSA-PSS with SHA2_384"),
	PSS(IANA_HASH_SHA2_256, 32, "RSASSA-PSS with SHA2_256"),
	PKCS1(IANA_HASH_SHA2_512, NID_sha512WithRSAEncryption,
	      "RSASSA-PKCS1-v1_5 with SHA2_512"),
	PKCS1(IANA_HASH_SHA2_384, NID_sha384WithRSAEncryption,
	      "RSASSA-PKCS1-v1_5 with SHA2_384"),
	PKCS1(IANA_HASH_SHA2_256, NID_sha256WithRSAEncryption,
	      "RSASSA-PKCS1-v1_5 with SHA2_256"),
	PLAIN(IANA_AUTH_ECDSA_SHA2_256_P256, IANA_HASH_SHA2_256,
	      CRYPTO_KEY_P256, "ECDSA_SHA2_256_P256"),
	PLAIN(IANA_AUTH_ECDSA_SHA2_384_P384, IANA_HASH_SHA2_384,
	      CRYPTO_KEY_P384, "ECDSA_SHA2_384_P384"),
	PLAIN(IANA_AUTH_ECDSA_SHA2_512_P521, IANA_HASH_SHA2_512,
	      CRYPTO_KEY_P521, "ECDSA_SHA2_512_P521"),
	{ { IANA_AUTH_RSA_SIGNATURE, IANA_HASH_SHA1, CRYPTO_ENCODING_PKCS1,
	    CRYPTO_KEY_RSA, 0 }, CRYPTO_SCHEME_SHA1, NID_undef,
	  "RSASSA-PKCS1-v1_5 with SHA1" },
};

static bool is_ecdsa(enum crypto_key_kind kind)
{
	return kind == CRYPTO_KEY_P256 || kind == CRYPTO_KEY_P384 ||
	       kind == CRYPTO_KEY_P521;
}

/**
 * crypto_scheme_fits - can a key be used with a scheme
 * @scheme: the scheme
 * @kind: the kind of key
 *
 * Return: whether it can.
 */
bool crypto_scheme_fits(const struct crypto_scheme *scheme,
			enum crypto_key_kind kind)
{
	if (scheme->encoding == CRYPTO_ENCODING_DER)
		return is_ecdsa(kind);
	return scheme->kind == kind;
}

/* The row of a scheme, whose salt may be another than in the table. */
static const struct row *find_row(const struct crypto_scheme *scheme)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows) - 1; i++) {
		if (rows[i].scheme.auth == scheme->auth &&
		    rows[i].scheme.hash == scheme->hash &&
		    rows[i].scheme.encoding == scheme->encoding &&
		    rows[i].scheme.kind == scheme->kind)
			break;
	}
	return &rows[i];
}

/**
 * crypto_scheme_text - what to call a scheme in a sentence
 * @scheme: the scheme
 *
 * Return: its name.
 */
const char *crypto_scheme_text(const struct crypto_scheme *scheme)
{
	return find_row(scheme)->text;
}

/**
 * crypto_scheme_flag - the sort of a scheme
 * @scheme: the scheme
 *
 * Return: enum crypto_scheme_flags.
 */
unsigned int crypto_scheme_flag(const struct crypto_scheme *scheme)
{
	return find_row(scheme)->flag;
}

/**
 * crypto_scheme_find - the scheme of an authentication method
 * @auth: enum iana_auth
 *
 * Return: the scheme, NULL if the method has none, or more than one.
 */
const struct crypto_scheme *crypto_scheme_find(uint16_t auth)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].scheme.auth == auth && auth != DIGITAL)
			return &rows[i].scheme;
	}
	return NULL;
}

/**
 * crypto_scheme_choose - how to sign
 * @kind: the kind of our key
 * @flags: the sorts of schemes that are allowed
 * @hashes: the hashes that the peer announced (RFC 7427, 4), a CRYPTO_HASH_BIT()
 *	each; 0 if it announced none, which leaves the schemes that have an
 *	authentication method of their own
 *
 * Return: the best one, NULL if there is none.
 */
const struct crypto_scheme *crypto_scheme_choose(enum crypto_key_kind kind,
						 unsigned int flags,
						 unsigned int hashes)
{
	const struct crypto_scheme *best = NULL, *scheme;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		scheme = &rows[i].scheme;
		if (!(rows[i].flag & flags) ||
		    !crypto_scheme_fits(scheme, kind))
			continue;
		if (scheme->auth == DIGITAL &&
		    !(hashes & CRYPTO_HASH_BIT(scheme->hash)))
			continue;
		/* a curve's own hash is better than an earlier one */
		if (!best || (best->auth == DIGITAL && best->kind != kind &&
			      scheme->auth == DIGITAL && scheme->kind == kind))
			best = scheme;
	}
	return best;
}

static int hash_nid(uint16_t hash)
{
	switch (hash) {
	case IANA_HASH_SHA2_256:
		return NID_sha256;
	case IANA_HASH_SHA2_384:
		return NID_sha384;
	case IANA_HASH_SHA2_512:
		return NID_sha512;
	default:
		return NID_undef;
	}
}

/* The hash of an AlgorithmIdentifier; RFC 4055, 2.1: parameters NULL or none. */
static uint16_t hash_from(const X509_ALGOR *algorithm)
{
	static const uint16_t hashes[] = {
		IANA_HASH_SHA2_256, IANA_HASH_SHA2_384, IANA_HASH_SHA2_512,
	};
	const ASN1_OBJECT *object;
	int type;
	size_t i;

	if (!algorithm)
		return 0;
	X509_ALGOR_get0(&object, &type, NULL, algorithm);
	if (type != V_ASN1_NULL && type != V_ASN1_UNDEF)
		return 0;
	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		if (OBJ_obj2nid(object) == hash_nid(hashes[i]))
			return hashes[i];
	}
	return 0;
}

/* The hash of a mask generation function, which must be MGF1 of a hash. */
static uint16_t mask_hash_from(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object;
	X509_ALGOR *inner = NULL;
	const void *value;
	uint16_t hash = 0;
	int type;

	if (!algorithm)
		return 0;
	X509_ALGOR_get0(&object, &type, &value, algorithm);
	if (OBJ_obj2nid(object) == NID_mgf1 && type == V_ASN1_SEQUENCE)
		inner = ASN1_item_unpack(value, ASN1_ITEM_rptr(X509_ALGOR));
	if (inner)
		hash = hash_from(inner);
	X509_ALGOR_free(inner);
	return hash;
}

/* The parameters, if they are DER with nothing behind. */
static RSA_PSS_PARAMS *unpack_pss(const ASN1_STRING *value)
{
	RSA_PSS_PARAMS *parameters;
	ASN1_STRING *again = NULL;

	parameters = ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
	if (parameters)
		again = ASN1_item_pack(parameters,
				       ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
	if (!again || ASN1_STRING_length(again) != ASN1_STRING_length(value)) {
		RSA_PSS_PARAMS_free(parameters);
		parameters = NULL;
	}
	ASN1_STRING_free(again);
	return parameters;
}

static struct error *parse_pss(const X509_ALGOR *algorithm,
			       struct crypto_scheme *scheme)
{
	RSA_PSS_PARAMS *parameters = NULL;
	struct error *error = NULL;
	int64_t salt, trailer = 1;
	const void *value;
	uint16_t hash;
	int type;

	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	if (type == V_ASN1_SEQUENCE)
		parameters = unpack_pss(value);
	if (!parameters)
		return error_refused(0, "the signature's RSASSA-PSS parameters are malformed or missing");
	hash = hash_from(parameters->hashAlgorithm);
	if (!hash) {
		error = error_refused(0, "the signature's RSASSA-PSS hash is not SHA-2 with 256, 384 or 512 bits");
	} else if (mask_hash_from(parameters->maskGenAlgorithm) != hash) {
		error = error_refused(0, "the signature's RSASSA-PSS mask is not made by MGF1 with the hash of the signature");
	} else if (!parameters->saltLength ||
		   !ASN1_INTEGER_get_int64(&salt, parameters->saltLength) ||
		   salt < 0 || salt > crypto_hash_find(hash)->size) {
		error = error_refused(0, "the signature's RSASSA-PSS salt is not given, or is longer than the hash (%u bytes)",
				      crypto_hash_find(hash)->size);
	} else if (parameters->trailerField &&
		   (!ASN1_INTEGER_get_int64(&trailer,
					    parameters->trailerField) ||
		    trailer != 1)) {
		error = error_refused(0, "the signature's RSASSA-PSS trailer is not the usual one");
	} else {
		*scheme = (struct crypto_scheme){
			DIGITAL, hash, CRYPTO_ENCODING_PSS, CRYPTO_KEY_RSA,
			(uint8_t)salt
		};
	}
	RSA_PSS_PARAMS_free(parameters);
	return error;
}

static struct error *parse_algorithm(const X509_ALGOR *algorithm,
				     struct crypto_scheme *scheme)
{
	const ASN1_OBJECT *object;
	char name[80];
	int type, nid;
	size_t i;

	X509_ALGOR_get0(&object, &type, NULL, algorithm);
	nid = OBJ_obj2nid(object);
	if (nid == NID_rsassaPss)
		return parse_pss(algorithm, scheme);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].nid != nid || nid == NID_undef)
			continue;
		/* RFC 7427, A: RSA has NULL, others have none */
		if (type != (rows[i].flag == CRYPTO_SCHEME_PKCS1 ?
			     V_ASN1_NULL : V_ASN1_UNDEF))
			return error_refused(0, "%s has parameters that do not belong there",
					     rows[i].text);
		*scheme = rows[i].scheme;
		return NULL;
	}
	OBJ_obj2txt(name, sizeof(name), object, 0);
	return error_refused(0, "the signature algorithm '%s' is none we verify",
			     name);
}

/**
 * crypto_scheme_parse - read the AlgorithmIdentifier of an AUTH payload
 * @der: the bytes
 * @length: how many
 * @scheme: to be filled
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *crypto_scheme_parse(const uint8_t *der, size_t length,
				  struct crypto_scheme *scheme)
{
	X509_ALGOR *algorithm = NULL;
	const uint8_t *end = der;
	struct error *error;

	if (length <= CRYPTO_IDENTIFIER_SIZE_MAX)
		algorithm = d2i_X509_ALGOR(NULL, &end, (long)length);
	/* what has nothing behind it, and is as short as can be, is DER */
	if (!algorithm || end != der + length ||
	    i2d_X509_ALGOR(algorithm, NULL) != (int)length)
		error = error_refused(0, "the signature's AlgorithmIdentifier of %zu bytes is malformed",
				      length);
	else
		error = parse_algorithm(algorithm, scheme);
	X509_ALGOR_free(algorithm);
	openssl_forget_errors();
	return error;
}

/* Whatever is set fails but once in a lifetime: for lack of memory. */
static X509_ALGOR *hash_algorithm(uint16_t hash)
{
	X509_ALGOR *algorithm = X509_ALGOR_new();

	if (algorithm &&
	    !X509_ALGOR_set0(algorithm, OBJ_nid2obj(hash_nid(hash)),
			     V_ASN1_NULL, NULL)) {
		X509_ALGOR_free(algorithm);
		return NULL;
	}
	return algorithm;
}

static bool set_mask(X509_ALGOR *mask, const X509_ALGOR *hash)
{
	ASN1_STRING *packed;

	packed = ASN1_item_pack((void *)hash, ASN1_ITEM_rptr(X509_ALGOR), NULL);
	if (packed && X509_ALGOR_set0(mask, OBJ_nid2obj(NID_mgf1),
				      V_ASN1_SEQUENCE, packed))
		return true;
	ASN1_STRING_free(packed);
	return false;
}

static ASN1_STRING *pack_pss(const struct crypto_scheme *scheme)
{
	RSA_PSS_PARAMS *parameters = RSA_PSS_PARAMS_new();
	ASN1_STRING *packed = NULL;

	if (!parameters)
		return NULL;
	parameters->hashAlgorithm = hash_algorithm(scheme->hash);
	parameters->maskGenAlgorithm = X509_ALGOR_new();
	parameters->saltLength = ASN1_INTEGER_new();
	if (parameters->hashAlgorithm && parameters->maskGenAlgorithm &&
	    parameters->saltLength &&
	    set_mask(parameters->maskGenAlgorithm,
		     parameters->hashAlgorithm) &&
	    ASN1_INTEGER_set(parameters->saltLength, scheme->salt_size))
		packed = ASN1_item_pack(parameters,
					ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
	RSA_PSS_PARAMS_free(parameters);
	return packed;
}

/**
 * crypto_scheme_identifier - write the AlgorithmIdentifier of an AUTH payload
 * @scheme: a scheme of the method Digital Signature
 * @der: where to
 * @length: where to put how many bytes it has
 *
 * Return: NULL, or why it could not be done.
 */
struct error *crypto_scheme_identifier(const struct crypto_scheme *scheme,
				       uint8_t der[CRYPTO_IDENTIFIER_SIZE_MAX],
				       size_t *length)
{
	X509_ALGOR *algorithm = X509_ALGOR_new();
	const struct row *row = find_row(scheme);
	ASN1_STRING *parameters = NULL;
	int type = V_ASN1_UNDEF, size = 0;

	if (row->flag == CRYPTO_SCHEME_PKCS1)
		type = V_ASN1_NULL;
	if (row->flag == CRYPTO_SCHEME_PSS) {
		type = V_ASN1_SEQUENCE;
		parameters = pack_pss(scheme);
	}
	if (algorithm && (parameters || type != V_ASN1_SEQUENCE) &&
	    X509_ALGOR_set0(algorithm, OBJ_nid2obj(row->nid), type,
			    parameters)) {
		parameters = NULL;
		size = i2d_X509_ALGOR(algorithm, NULL);
	}
	if (size > 0 && size <= CRYPTO_IDENTIFIER_SIZE_MAX)
		*length = (size_t)i2d_X509_ALGOR(algorithm, &der);
	ASN1_STRING_free(parameters);
	X509_ALGOR_free(algorithm);
	if (size <= 0 || size > CRYPTO_IDENTIFIER_SIZE_MAX)
		return openssl_error("write an AlgorithmIdentifier");
	return NULL;
}
