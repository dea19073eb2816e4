// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of keys and signatures of user/crypto, and of base64, which keys are
 * written in. Forged signatures are made with the private key, so that only
 * what is wrong about their form can give them away.
 */
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "hex.h"
#include "lib/array.h"
#include "lib/base64.h"
#include "lib/iana.h"
#include "signatures.h"

#define ALL_HASHES 0x3e
#define ALL_SCHEMES 0x1f

/* RFC 7427, appendix A, and RFC 8420, appendix A */
#define SHA256_RSA "300d06092a864886f70d01010b0500"
#define ECDSA_SHA256 "300a06082a8648ce3d040302"
#define PSS_SHA256_32 "304106092a864886f70d01010a3034" \
	"a00f300d06096086480165030402010500" \
	"a11c301a06092a864886f70d010108300d06096086480165030402010500" \
	"a203020120"

static const struct crypto_piece octets[] = {
	{ SIGNED_OCTETS, 3 }, { NULL, 0 },
	{ SIGNED_OCTETS + 3, sizeof(SIGNED_OCTETS) - 4 },
};

static struct crypto_public_key *rsa_key(void)
{
	struct crypto_public_key *key;
	uint8_t bytes[512];
	size_t length = unhex(RSA_E3_RFC3110, bytes, sizeof(bytes));

	assert_success(crypto_public_key_from_rfc3110(bytes, length, &key));
	return key;
}

static struct crypto_scheme identified(const char *identifier)
{
	struct crypto_scheme scheme;
	uint8_t der[CRYPTO_IDENTIFIER_SIZE_MAX];
	size_t length = unhex(identifier, der, sizeof(der));

	assert_success(crypto_scheme_parse(der, length, &scheme));
	return scheme;
}

static struct error *verify(const struct crypto_public_key *key,
			    const struct crypto_scheme *scheme,
			    const char *signature)
{
	uint8_t bytes[CRYPTO_SIGNATURE_SIZE_MAX + 1];
	size_t length = unhex(signature, bytes, sizeof(bytes));

	return crypto_verify(key, scheme, octets, ARRAY_SIZE(octets), bytes,
			     length);
}

static void base64(void **state)
{
	/* RFC 4648, 10 */
	static const char *const cases[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	char text[BASE64_TEXT_SIZE(6)];
	uint8_t bytes[6];
	size_t i, length;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		base64_encode((const uint8_t *)cases[i][0],
			      strlen(cases[i][0]), text);
		assert_string_equal(text, cases[i][1]);
		assert_success(base64_decode(text, bytes, sizeof(bytes),
					     &length));
		assert_int_equal(length, strlen(cases[i][0]));
		assert_memory_equal(bytes, cases[i][0], length);
	}
	base64_encode((const uint8_t *)"\xfb\xff\xfe", 3, text);
	assert_string_equal(text, "+//+");
	assert_usage(base64_decode("Zm9vYmFyZm9v", bytes, 6, &length),
		     "9 bytes");
	assert_usage(base64_decode("Zg", bytes, 6, &length), "four");
	assert_usage(base64_decode("Zg=", bytes, 6, &length), "four");
	assert_usage(base64_decode("Z===", bytes, 6, &length), "four");
	assert_usage(base64_decode("====", bytes, 6, &length), "four");
	assert_usage(base64_decode("Zm=v", bytes, 6, &length), "character 4");
	assert_usage(base64_decode("Zm v", bytes, 6, &length), "character 3");
	assert_usage(base64_decode("Zh==", bytes, 6, &length), "no byte");
	assert_usage(base64_decode("Zm9=", bytes, 6, &length), "no byte");
}

static void rsa_forms(void **state)
{
	struct crypto_public_key *key = rsa_key(), *other;
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX], ckaid[CRYPTO_CKAID_SIZE];
	size_t length;

	(void)state;
	assert_int_equal(crypto_public_key_kind(key), CRYPTO_KEY_RSA);
	assert_int_equal(crypto_public_key_bits(key), 2048);
	assert_success(crypto_public_key_to_raw(key, bytes, sizeof(bytes),
						&length));
	assert_hex(bytes, length, RSA_E3_RFC3110);
	assert_refused(crypto_public_key_to_raw(key, bytes, 257, &length),
		       "does not fit into 257");
	assert_success(crypto_public_key_ckaid(key, ckaid));
	assert_hex(ckaid, sizeof(ckaid), RSA_E3_CKAID);
	assert_success(crypto_public_key_to_spki(key, bytes, sizeof(bytes),
						 &length));
	assert_hex(bytes, length, RSA_SPKI);
	assert_refused(crypto_public_key_to_spki(key, bytes, 20, &length),
		       "does not fit into 20");

	assert_success(crypto_public_key_from_spki(
		bytes, unhex(RSA_SPKI, bytes, sizeof(bytes)), &other));
	assert_true(crypto_public_key_equal(key, other));
	crypto_public_key_free(other);
	length = unhex(RSA_PKCS1_DER, bytes, sizeof(bytes));
	assert_success(crypto_public_key_from_pkcs1(bytes, length, &other));
	assert_true(crypto_public_key_equal(key, other));
	crypto_public_key_free(other);

	/* the long form of RFC 3110's length is the same key */
	length = unhex("000001 03", bytes, sizeof(bytes));
	length += unhex(RSA_E3_RFC3110 + 4, bytes + length,
			sizeof(bytes) - length);
	assert_success(crypto_public_key_from_rfc3110(bytes, length, &other));
	assert_true(crypto_public_key_equal(key, other));
	crypto_public_key_free(other);
	crypto_public_key_free(key);
	crypto_public_key_free(NULL);
}

static void ecdsa_forms(void **state)
{
	struct crypto_public_key *key, *other;
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX], ckaid[CRYPTO_CKAID_SIZE];
	size_t length = unhex(P256_POINT, bytes, sizeof(bytes));

	(void)state;
	assert_success(crypto_public_key_from_point(bytes, length, &key));
	assert_int_equal(crypto_public_key_kind(key), CRYPTO_KEY_P256);
	assert_success(crypto_public_key_from_point(bytes + 1, length - 1,
						    &other));
	assert_true(crypto_public_key_equal(key, other));
	crypto_public_key_free(other);
	bytes[20] ^= 1;
	assert_refused(crypto_public_key_from_point(bytes, length, &other),
		       "malformed");
	assert_refused(crypto_public_key_from_point(bytes, length - 2, &other),
		       "62 bytes are not");
	assert_refused(crypto_public_key_from_point(bytes, 0, &other),
		       "0 bytes are not");
	assert_success(crypto_public_key_to_raw(key, bytes, sizeof(bytes),
						&length));
	assert_hex(bytes, length, P256_POINT);
	assert_success(crypto_public_key_ckaid(key, ckaid));
	assert_hex(ckaid, sizeof(ckaid), P256_CKAID);
	assert_success(crypto_public_key_to_spki(key, bytes, sizeof(bytes),
						 &length));
	assert_hex(bytes, length, P256_SPKI);
	assert_false(crypto_public_key_equal(key, other = rsa_key()));
	crypto_public_key_free(other);
	crypto_public_key_free(key);
}

static void refuse_spki(const char *text, const char *words)
{
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX + 1] = { 0 };
	size_t length = unhex(text, bytes, sizeof(bytes));
	struct crypto_public_key *key;

	assert_refused(crypto_public_key_from_spki(bytes, length, &key),
		       words);
}

static void refuse_rsa(uint8_t *bytes, size_t length, const char *words)
{
	struct crypto_public_key *key;

	assert_refused(crypto_public_key_from_rfc3110(bytes, length, &key),
		       words);
}

static void bad_keys(void **state)
{
	uint8_t bytes[2000] = { 0 };
	struct crypto_public_key *key;
	size_t length = unhex(RSA_E3_RFC3110, bytes, sizeof(bytes));

	(void)state;
	/* an even modulus */
	bytes[length - 1] ^= 1;
	refuse_rsa(bytes, length, "even");
	bytes[length - 1] ^= 1;
	/* exponents of 0, 1 and 4, and one that is too long */
	bytes[1] = 0;
	refuse_rsa(bytes, length, "exponent");
	bytes[1] = 1;
	refuse_rsa(bytes, length, "exponent");
	bytes[1] = 4;
	refuse_rsa(bytes, length, "exponent");
	length = unhex("09 010000000000000001", bytes, sizeof(bytes));
	length += unhex(RSA_E3_RFC3110 + 4, bytes + length,
			sizeof(bytes) - length);
	refuse_rsa(bytes, length, "2^64");
	/* one that leaves nothing, and a length of none */
	bytes[0] = 0xff;
	refuse_rsa(bytes, length, "not between");
	refuse_rsa(bytes, 200, "leaves no room");
	bytes[0] = 0;
	bytes[1] = 0xff;
	refuse_rsa(bytes, length, "no room for a modulus");
	bytes[1] = bytes[2] = 0;
	refuse_rsa(bytes, length, "exponent of 0 bytes");
	refuse_rsa(bytes, 2, "2 bytes have no room");
	refuse_rsa(bytes, 0, "0 bytes have no room");
	/* a tiny and a huge modulus */
	memset(bytes, 0xff, sizeof(bytes));
	bytes[0] = 1;
	bytes[1] = 3;
	refuse_rsa(bytes, 2 + 64, "512 bits is not between 2048 and 8192");
	refuse_rsa(bytes, 2 + 1025, "8200 bits is not between");
	refuse_rsa(bytes, sizeof(bytes), "longer than any RSA key");

	refuse_spki(RSA_1024_SPKI, "1024 bits is not between");
	refuse_spki(K256_SPKI, "secp256k1 is none");
	refuse_spki(RSA_SPKI "00", "malformed");
	refuse_spki("", "malformed");
	refuse_spki("3000", "malformed");
	length = unhex(RSA_PKCS1_DER "00", bytes, sizeof(bytes));
	assert_refused(crypto_public_key_from_pkcs1(bytes, length, &key),
		       "malformed");
	assert_refused(crypto_public_key_from_pkcs1(bytes, 2000, &key),
		       "malformed");
}

static void identifiers(void **state)
{
	static const char *const known[] = {
		SHA256_RSA, "300d06092a864886f70d01010c0500",
		"300d06092a864886f70d01010d0500", ECDSA_SHA256,
		"300a06082a8648ce3d040303", "300a06082a8648ce3d040304",
		PSS_SHA256_32, "300506032b6570", "300506032b6571",
	};
	uint8_t der[CRYPTO_IDENTIFIER_SIZE_MAX];
	struct crypto_scheme scheme;
	size_t i, length;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		scheme = identified(known[i]);
		assert_int_equal(scheme.auth, IANA_AUTH_DIGITAL_SIGNATURE);
		assert_success(crypto_scheme_identifier(&scheme, der,
							&length));
		assert_hex(der, length, known[i]);
	}
	scheme = identified(PSS_SHA256_32);
	assert_int_equal(scheme.salt_size, 32);
	assert_int_equal(scheme.hash, IANA_HASH_SHA2_256);
	assert_int_equal(crypto_scheme_flag(&scheme), CRYPTO_SCHEME_PSS);
	/* hash and mask without their NULLs, which RFC 4055 allows */
	scheme = identified("303d06092a864886f70d01010a3030"
			    "a00d300b0609608648016503040201"
			    "a11a301806092a864886f70d010108300b0609608648016503040201"
			    "a203020114");
	assert_int_equal(scheme.salt_size, 20);
}

static void refuse_identifier(const char *identifier, const char *words)
{
	uint8_t der[CRYPTO_IDENTIFIER_SIZE_MAX + 1];
	struct crypto_scheme scheme;
	size_t length = unhex(identifier, der, sizeof(der));

	assert_refused(crypto_scheme_parse(der, length, &scheme), words);
}

#define PSS(length, inner) "30" length "06092a864886f70d01010a" inner
#define HASH "a00f300d06096086480165030402010500"
#define MASK "a11c301a06092a864886f70d010108300d06096086480165030402010500"

static void bad_identifiers(void **state)
{
	uint8_t big[CRYPTO_IDENTIFIER_SIZE_MAX + 1] = { 0x30, 0x81, 0xfd };
	struct crypto_scheme scheme;

	(void)state;
	refuse_identifier("", "malformed");
	refuse_identifier("30", "malformed");
	refuse_identifier(SHA256_RSA "00", "malformed");
	/* a length in two bytes is BER, not DER */
	refuse_identifier("30810d06092a864886f70d01010b0500", "malformed");
	/* without the NULL, with something else, with one that is too much */
	refuse_identifier("300b06092a864886f70d01010b", "parameters");
	refuse_identifier("300e06092a864886f70d01010b040100", "parameters");
	refuse_identifier("300c06082a8648ce3d0403020500", "parameters");
	refuse_identifier("300706032b65700500", "parameters");
	/* RSA with SHA-1, with MD5; DSA */
	refuse_identifier("300d06092a864886f70d0101050500",
			  "'sha1WithRSAEncryption' is none we verify");
	refuse_identifier("300d06092a864886f70d0101040500", "none we verify");
	refuse_identifier("300906072a8648ce380403", "none we verify");

	refuse_identifier("300b06092a864886f70d01010a", "malformed or missing");
	refuse_identifier(PSS("0d", "0500"), "malformed or missing");
	/* a length in two bytes: of the parameters, and of what is in them */
	refuse_identifier(PSS("42", "308134" HASH MASK "a203020120"),
			  "malformed or missing");
	refuse_identifier(PSS("42", "3035" HASH MASK "a28103020120"),
			  "malformed or missing");
	/* nothing in it: SHA-1 for everything */
	refuse_identifier(PSS("0d", "3000"), "hash is not SHA-2");
	/* no hash for the mask: SHA-1; another hash; no parameters at all */
	refuse_identifier(PSS("23", "3016" HASH "a203020120"), "mask");
	refuse_identifier(PSS("41", "3034" HASH
		"a11c301a06092a864886f70d010108300d06096086480165030402030500"
		"a203020120"), "mask");
	refuse_identifier(PSS("32", "3025" HASH
		"a10d300b06092a864886f70d010108" "a203020120"), "mask");
	/* no salt: 20; salts of 33, of -1 and of 2^64 bytes */
	refuse_identifier(PSS("3c", "302f" HASH MASK), "salt");
	refuse_identifier(PSS("41", "3034" HASH MASK "a203020121"), "salt");
	refuse_identifier(PSS("41", "3034" HASH MASK "a2030201ff"), "salt");
	refuse_identifier(PSS("49", "303c" HASH MASK
		"a20b0209010000000000000000"), "salt");
	refuse_identifier(PSS("46", "3039" HASH MASK "a203020120a303020102"),
			  "trailer");
	assert_refused(crypto_scheme_parse(big, sizeof(big), &scheme),
		       "256 bytes is malformed");
}

static void choice(void **state)
{
	const struct crypto_scheme *scheme;

	(void)state;
	scheme = crypto_scheme_choose(CRYPTO_KEY_RSA, ALL_SCHEMES, ALL_HASHES);
	assert_string_equal(crypto_scheme_text(scheme),
			    "RSASSA-PSS with SHA2_512");
	scheme = crypto_scheme_choose(CRYPTO_KEY_RSA, ALL_SCHEMES,
				      CRYPTO_HASH_BIT(IANA_HASH_SHA2_256));
	assert_string_equal(crypto_scheme_text(scheme),
			    "RSASSA-PSS with SHA2_256");
	scheme = crypto_scheme_choose(CRYPTO_KEY_RSA, CRYPTO_SCHEME_PKCS1,
				      ALL_HASHES);
	assert_string_equal(crypto_scheme_text(scheme),
			    "RSASSA-PKCS1-v1_5 with SHA2_512");
	scheme = crypto_scheme_choose(CRYPTO_KEY_RSA, ALL_SCHEMES, 0);
	assert_int_equal(scheme->auth, IANA_AUTH_RSA_SIGNATURE);
	assert_int_equal(scheme->hash, IANA_HASH_SHA1);
	assert_null(crypto_scheme_choose(CRYPTO_KEY_RSA,
					 CRYPTO_SCHEME_ECDSA |
					 CRYPTO_SCHEME_EDDSA, ALL_HASHES));
	/* SHA-1 alone is no hash we would use with Digital Signature */
	assert_null(crypto_scheme_choose(CRYPTO_KEY_RSA, CRYPTO_SCHEME_PSS,
					 CRYPTO_HASH_BIT(IANA_HASH_SHA1)));
	scheme = crypto_scheme_choose(CRYPTO_KEY_P384, ALL_SCHEMES,
				      ALL_HASHES);
	assert_string_equal(crypto_scheme_text(scheme), "ECDSA with SHA2_384");
	scheme = crypto_scheme_choose(CRYPTO_KEY_P384, ALL_SCHEMES,
				      CRYPTO_HASH_BIT(IANA_HASH_SHA2_512));
	assert_string_equal(crypto_scheme_text(scheme), "ECDSA with SHA2_512");
	scheme = crypto_scheme_choose(CRYPTO_KEY_P384, ALL_SCHEMES, 0);
	assert_int_equal(scheme->auth, IANA_AUTH_ECDSA_SHA2_384_P384);
	scheme = crypto_scheme_choose(CRYPTO_KEY_ED25519, ALL_SCHEMES,
				      ALL_HASHES);
	assert_string_equal(crypto_scheme_text(scheme), "Ed25519");
	assert_null(crypto_scheme_choose(CRYPTO_KEY_ED448, ALL_SCHEMES, 0));

	assert_int_equal(crypto_scheme_find(IANA_AUTH_RSA_SIGNATURE)->hash,
			 IANA_HASH_SHA1);
	assert_null(crypto_scheme_find(IANA_AUTH_DIGITAL_SIGNATURE));
	assert_null(crypto_scheme_find(IANA_AUTH_DSS_SIGNATURE));
	assert_null(crypto_scheme_find(IANA_AUTH_NULL));
}

static void rsa_signatures(void **state)
{
	struct crypto_public_key *key = rsa_key();
	struct crypto_scheme pkcs1 = identified(SHA256_RSA), altered;
	struct crypto_scheme pss = identified(PSS_SHA256_32);
	const struct crypto_scheme *classic;

	(void)state;
	assert_success(verify(key, &pkcs1, RSA_GOOD));
	assert_refused(verify(key, &pkcs1, RSA_GOOD "00"), "is wrong");
	assert_refused(verify(key, &pkcs1, "00" RSA_GOOD), "is wrong");
	assert_refused(verify(key, &pkcs1, ""), "is wrong");
	assert_refused(verify(key, &pkcs1, RSA_TRAILING), "is wrong");
	assert_refused(verify(key, &pkcs1, RSA_PARAMETERS), "is wrong");
	assert_refused(verify(key, &pkcs1, RSA_NO_NULL), "is wrong");
	assert_refused(verify(key, &pkcs1, RSA_BAD_PADDING), "is wrong");
	assert_refused(verify(key, &pkcs1, RSA_SHA1), "is wrong");
	assert_refused(verify(key, &pkcs1, RSA_PSS_32), "is wrong");
	classic = crypto_scheme_find(IANA_AUTH_RSA_SIGNATURE);
	assert_success(verify(key, classic, RSA_SHA1));
	assert_refused(verify(key, classic, RSA_GOOD), "is wrong");

	assert_success(verify(key, &pss, RSA_PSS_32));
	assert_refused(verify(key, &pss, RSA_PSS_20), "is wrong");
	assert_refused(verify(key, &pss, RSA_PSS_MGF_SHA512), "is wrong");
	assert_refused(verify(key, &pss, RSA_PSS_HUGE), "is wrong");
	assert_refused(verify(key, &pss, RSA_GOOD), "is wrong");
	altered = pss;
	altered.salt_size = 20;
	assert_success(verify(key, &altered, RSA_PSS_20));

	altered = identified(ECDSA_SHA256);
	assert_refused(verify(key, &altered, RSA_GOOD),
		       "a key for RSA cannot be used for ECDSA with SHA2_256");
	crypto_public_key_free(key);
}

static void ecdsa_signatures(void **state)
{
	struct crypto_scheme der_scheme = identified(ECDSA_SHA256);
	const struct crypto_scheme *plain, *other;
	struct crypto_public_key *key;
	uint8_t bytes[200];
	size_t length = unhex(P256_POINT, bytes, sizeof(bytes));

	(void)state;
	assert_success(crypto_public_key_from_point(bytes, length, &key));
	plain = crypto_scheme_find(IANA_AUTH_ECDSA_SHA2_256_P256);
	other = crypto_scheme_find(IANA_AUTH_ECDSA_SHA2_384_P384);
	assert_success(verify(key, plain, P256_PLAIN));
	assert_success(verify(key, &der_scheme, P256_DER));
	assert_refused(verify(key, &der_scheme, P256_DER "00"), "is wrong");
	assert_refused(verify(key, &der_scheme, P256_PLAIN), "is wrong");
	assert_refused(verify(key, plain, P256_DER), "is none of");
	assert_refused(verify(key, plain, P256_PLAIN "00"),
		       "65 bytes is none of ECDSA_SHA2_256_P256, where it has 64");
	assert_refused(verify(key, plain, ""), "0 bytes is none of");
	assert_refused(verify(key, other, P256_PLAIN), "cannot be used");
	/* r and s of 0 */
	memset(bytes, 0, sizeof(bytes));
	assert_refused(crypto_verify(key, plain, octets, 3, bytes, 64),
		       "is wrong");
	crypto_public_key_free(key);
}

/* RFC 8032, 7.1, test 3: the signature is a function of key and message */
static void eddsa_signature(void **state)
{
	static const struct crypto_piece message = { "\xaf\x82", 2 };
	struct crypto_scheme scheme = identified("300506032b6570");
	struct crypto_signature signature;
	struct crypto_private_key *key;
	struct crypto_public_key *public;
	uint8_t der[64];
	size_t length;

	(void)state;
	length = unhex("302e020100300506032b657004220420"
		       "c5aa8df43f9f837bedb7442f31dcb7b1"
		       "66d38535076f094b85ce3a2e0b4458f7", der, sizeof(der));
	assert_success(crypto_private_key_read(der, length, &key));
	assert_success(crypto_sign(key, &scheme, &message, 1, &signature));
	assert_hex(signature.bytes, signature.length,
		   "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		   "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
	assert_success(crypto_private_key_public(key, &public));
	assert_success(crypto_public_key_to_raw(public, der, sizeof(der),
						&length));
	assert_hex(der, length,
		   "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
	assert_success(crypto_verify(public, &scheme, &message, 1,
				     signature.bytes, signature.length));
	signature.bytes[5] ^= 1;
	assert_refused(crypto_verify(public, &scheme, &message, 1,
				     signature.bytes, signature.length),
		       "(Ed25519) is wrong");
	assert_refused(crypto_verify(public, &scheme, &message, 1,
				     signature.bytes, 63), "is wrong");
	crypto_public_key_free(public);
	crypto_private_key_free(key);
}

/* Signs with every scheme a key fits, through the key's PEM form. */
static void sign_with(enum crypto_key_kind kind)
{
	struct crypto_private_key *key, *read;
	struct crypto_public_key *public;
	const struct crypto_scheme *scheme;
	struct crypto_signature signature;
	unsigned int flag, hash;
	char pem[8192];
	size_t length;

	assert_success(crypto_private_key_generate(kind, 2048, &key));
	assert_success(crypto_private_key_to_pem(key, pem, sizeof(pem),
						 &length));
	assert_success(crypto_private_key_read((uint8_t *)pem, length, &read));
	assert_success(crypto_private_key_public(key, &public));
	assert_refused(crypto_private_key_to_pem(key, pem, 20, &length),
		       "does not fit");
	for (flag = 1; flag < ALL_SCHEMES; flag <<= 1) {
		for (hash = 0; hash <= IANA_HASH_IDENTITY; hash++) {
			scheme = crypto_scheme_choose(kind, flag,
						      CRYPTO_HASH_BIT(hash));
			if (!scheme)
				continue;
			assert_int_equal(crypto_scheme_flag(scheme), flag);
			assert_success(crypto_sign(read, scheme, octets,
						   ARRAY_SIZE(octets),
						   &signature));
			assert_success(crypto_verify(public, scheme, octets, 3,
						     signature.bytes,
						     signature.length));
			assert_refused(crypto_verify(public, scheme, octets, 2,
						     signature.bytes,
						     signature.length),
				       "is wrong");
		}
	}
	crypto_public_key_free(public);
	crypto_private_key_free(read);
	crypto_private_key_free(key);
}

static void sign_and_verify(void **state)
{
	enum crypto_key_kind kind;

	(void)state;
	for (kind = CRYPTO_KEY_RSA; kind <= CRYPTO_KEY_ED448; kind++)
		sign_with(kind);
}

static void bad_private_keys(void **state)
{
	struct crypto_private_key *key;
	struct crypto_signature signature;

	(void)state;
	assert_usage(crypto_private_key_generate(CRYPTO_KEY_RSA, 1024, &key),
		     "1024 bits is not between 2048 and 8192");
	assert_refused(crypto_private_key_read((uint8_t *)"", 0, &key),
		       "malformed");
	assert_refused(crypto_private_key_read((uint8_t *)"key", 3, &key),
		       "malformed");
	assert_success(crypto_private_key_generate(CRYPTO_KEY_P256, 0, &key));
	assert_refused(crypto_sign(key,
				   crypto_scheme_find(IANA_AUTH_RSA_SIGNATURE),
				   octets, 3, &signature),
		       "a key for ECDSA P-256 cannot be used");
	crypto_private_key_free(key);
	crypto_private_key_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64),
		cmocka_unit_test(rsa_forms),
		cmocka_unit_test(ecdsa_forms),
		cmocka_unit_test(bad_keys),
		cmocka_unit_test(identifiers),
		cmocka_unit_test(bad_identifiers),
		cmocka_unit_test(choice),
		cmocka_unit_test(rsa_signatures),
		cmocka_unit_test(ecdsa_signatures),
		cmocka_unit_test(eddsa_signature),
		cmocka_unit_test(sign_and_verify),
		cmocka_unit_test(bad_private_keys),
	};

	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
