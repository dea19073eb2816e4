// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of certificates: what is in them, whom they stand for, whether they are
 * to be trusted, and PKCS#12. certificates.py makes them.
 */
#include <certificates.h>

#include "crypto/dn.h"
#include "crypto/pkcs12.h"
#include "crypto/sign.h"
#include "crypto/trust.h"
#include "hex.h"
#include "lib/address.h"
#include "lib/array.h"
#include "lib/iana.h"

/* 2030-01-01 */
#define NOW 1893456000
#define YEAR (365LL * 86400)

#define CERT(array) cert_from(array, sizeof(array))

static struct crypto_cert *cert_from(const uint8_t *der, size_t length)
{
	struct crypto_cert *cert;

	assert_success(crypto_cert_from_der(der, length, &cert));
	return cert;
}

/* ----- distinguished names ----------------------------------------------- */

static void dn_round_trip(void **state)
{
	static const char *const cases[][2] = {
		{ "CN=west", "CN=west" },
		{ "C=CA, O=Example, CN=west", "C=CA, O=Example, CN=west" },
		{ "c=CA,o=Example,cn=west", "C=CA, O=Example, CN=west" },
		{ "/C=CA/O=Example, Ltd/CN=west",
		  "C=CA, O=Example\\, Ltd, CN=west" },
		{ "O=a\\, b, CN=x\\=y", "O=a\\, b, CN=x\\=y" },
		{ "CN=a b  , O=  c", "CN=a b, O=c" },
		{ "CN=\\20\\20a\\20 ", "CN=\\20 a\\20" },
		{ "CN=\\c3\\a9", "CN=\\c3\\a9" },
		{ "E=a@b.c, CN=x+UID=y", "E=a@b.c, CN=x+UID=y" },
		{ "emailAddress=a@b.c", "E=a@b.c" },
		{ "1.2.3.4=x", "1.2.3.4=x" },
		{ "DC=example, DC=com", "DC=example, DC=com" },
		{ "OU=*", "OU=*" },
	};
	uint8_t der[CRYPTO_DN_SIZE_MAX];
	char text[CRYPTO_DN_TEXT_SIZE];
	size_t i, length;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_success(crypto_dn_parse(cases[i][0], der, &length));
		assert_string_equal(crypto_dn_text(der, length, text),
				    cases[i][1]);
	}
	assert_string_equal(crypto_dn_text((uint8_t *)"x", 1, text),
			    "(malformed)");
	assert_string_equal(crypto_dn_text(der, 0, text), "(malformed)");
}

static void dn_refusals(void **state)
{
	uint8_t der[CRYPTO_DN_SIZE_MAX];
	char text[3000];
	size_t length;

	(void)state;
	assert_usage(crypto_dn_parse("", der, &length), "is not an attribute");
	assert_usage(crypto_dn_parse("west", der, &length),
		     "'west' is not an attribute");
	assert_usage(crypto_dn_parse("CN=west,", der, &length),
		     "is not an attribute");
	assert_usage(crypto_dn_parse("=west", der, &length), "is not an");
	assert_usage(crypto_dn_parse("CN=", der, &length), "empty");
	assert_usage(crypto_dn_parse("C=CAN", der, &length),
		     "value of C in a distinguished name");
	assert_usage(crypto_dn_parse("X=1", der, &length),
		     "'X' is no attribute");
	assert_usage(crypto_dn_parse("9.9.9=1", der, &length), "no attribute");
	memset(text, 'a', sizeof(text));
	memcpy(text, "CN=", 3);
	text[sizeof(text) - 1] = '\0';
	assert_usage(crypto_dn_parse(text, der, &length), "longer than 256");
	memset(text, 0, sizeof(text));
	for (length = 0; length < 20; length++)
		strcat(text, length ? ", OU=aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
				      "eeeeeeeeee" : "CN=x");
	assert_usage(crypto_dn_parse(text, der, &length), "longer than the 1024");
}

static bool dn_match(const char *pattern, const char *name)
{
	uint8_t a[CRYPTO_DN_SIZE_MAX], b[CRYPTO_DN_SIZE_MAX];
	size_t length_a, length_b;

	assert_success(crypto_dn_parse(pattern, a, &length_a));
	assert_success(crypto_dn_parse(name, b, &length_b));
	return crypto_dn_matches(a, length_a, b, length_b);
}

static void dn_matching(void **state)
{
	uint8_t der[CRYPTO_DN_SIZE_MAX];
	size_t length;

	(void)state;
	assert_true(dn_match("C=CA, CN=west", "C=CA, CN=west"));
	assert_true(dn_match("C=CA, CN=west", "C=CA, CN=WEST"));
	assert_true(dn_match("C=CA, CN=*", "C=CA, CN=west"));
	assert_true(dn_match("C=*, CN=*", "C=CA, CN=west"));
	assert_false(dn_match("C=CA, CN=west", "C=CA, CN=*"));
	assert_false(dn_match("C=CA, CN=we*", "C=CA, CN=west"));
	assert_false(dn_match("C=CA, CN=west", "C=CA, CN=wes"));
	assert_false(dn_match("C=CA, CN=west", "CN=west, C=CA"));
	assert_false(dn_match("C=CA, CN=west", "C=CA, OU=west"));
	assert_false(dn_match("CN=*", "C=CA, CN=west"));
	assert_false(dn_match("C=CA, CN=*", "C=CA"));
	assert_false(dn_match("C=CA+CN=west", "C=CA, CN=west"));
	assert_success(crypto_dn_parse("CN=west", der, &length));
	assert_false(crypto_dn_matches(der, length, der, length - 1));
	assert_false(crypto_dn_matches(der, 0, der, 0));
}

/* ----- one certificate --------------------------------------------------- */

static void content(void **state)
{
	struct crypto_cert *cert = CERT(west), *again;
	char text[CRYPTO_DN_TEXT_SIZE], pem[4096];
	struct crypto_public_key *key;
	const uint8_t *der;
	size_t length, count;

	(void)state;
	assert_string_equal(crypto_cert_subject(cert),
			    "C=CA, O=Example, CN=west");
	der = crypto_cert_subject_der(cert, &length);
	assert_string_equal(crypto_dn_text(der, length, text),
			    "C=CA, O=Example, CN=west");
	der = crypto_cert_der(cert, &length);
	assert_int_equal(length, sizeof(west));
	assert_memory_equal(der, west, length);
	/* 2035-01-01 */
	assert_int_equal(crypto_cert_not_after(cert), 2051222400);
	assert_false(crypto_cert_is_ca(cert));
	assert_success(crypto_cert_public_key(cert, &key));
	assert_int_equal(crypto_public_key_kind(key), CRYPTO_KEY_P256);
	crypto_public_key_free(key);
	assert_success(crypto_cert_to_pem(cert, pem, sizeof(pem), &length));
	assert_success(crypto_cert_read((uint8_t *)pem, length, &again, 1,
					&count));
	assert_string_equal(crypto_cert_subject(again),
			    crypto_cert_subject(cert));
	crypto_cert_free(again);
	assert_refused(crypto_cert_to_pem(cert, pem, 40, &length), "fit");
	crypto_cert_free(cert);

	cert = CERT(root);
	assert_true(crypto_cert_is_ca(cert));
	crypto_cert_free(cert);
	cert = CERT(tiny_rsa);
	assert_refused(crypto_cert_public_key(cert, &key),
		       "certificate 'C=CA, O=Example, CN=tiny': an RSA key of 1024 bits");
	crypto_cert_free(cert);
	cert = CERT(strange);
	assert_string_equal(crypto_cert_subject(cert),
			    "C=CA, O=Example, CN=we\\,st\\+\\01\\\"\\c3\\a9*, E=a@b.c");
	crypto_cert_free(cert);
	crypto_cert_free(NULL);
}

static void reading(void **state)
{
	static const uint8_t longest[CRYPTO_CERT_SIZE_MAX + 1] = { 0x30 };
	struct crypto_cert *certs[2];
	uint8_t bytes[sizeof(west) + 1];
	size_t count, i;

	(void)state;
	assert_success(crypto_cert_read(cas_pem, sizeof(cas_pem), certs, 2,
					&count));
	assert_int_equal(count, 2);
	assert_string_equal(crypto_cert_subject(certs[1]),
			    "C=CA, O=Example, CN=Middle");
	crypto_cert_free(certs[0]);
	crypto_cert_free(certs[1]);
	assert_refused(crypto_cert_read(cas_pem, sizeof(cas_pem), certs, 1,
					&count), "more than 1");
	assert_success(crypto_cert_read(west, sizeof(west), certs, 2, &count));
	assert_int_equal(count, 1);
	crypto_cert_free(certs[0]);
	assert_refused(crypto_cert_read(west, 0, certs, 2, &count),
		       "no certificate in it");
	assert_refused(crypto_cert_read(key_pem, sizeof(key_pem), certs, 2,
					&count), "no certificate in it");
	assert_int_equal(count, 0);

	memcpy(bytes, west, sizeof(west));
	bytes[sizeof(west)] = 0;
	assert_refused(crypto_cert_from_der(bytes, sizeof(bytes), certs),
		       "malformed");
	for (i = 0; i < sizeof(west); i++)
		assert_refused(crypto_cert_from_der(bytes, i, certs),
			       "malformed");
	assert_refused(crypto_cert_from_der(longest, sizeof(longest), certs),
		       "32769 bytes is longer");
}

static struct error *check_id(const struct crypto_cert *cert, uint8_t type,
			      const char *id)
{
	uint8_t der[CRYPTO_DN_SIZE_MAX];
	struct address address;
	size_t length;

	switch (type) {
	case IANA_ID_IPV4_ADDR:
	case IANA_ID_IPV6_ADDR:
		assert_success(address_parse(id, &address));
		return crypto_cert_check_id(cert, type, address.bytes,
					    address.length);
	case IANA_ID_DER_ASN1_DN:
		assert_success(crypto_dn_parse(id, der, &length));
		return crypto_cert_check_id(cert, type, der, length);
	}
	return crypto_cert_check_id(cert, type, (const uint8_t *)id,
				    strlen(id));
}

static void identities(void **state)
{
	struct crypto_cert *cert = CERT(west);

	(void)state;
	assert_success(check_id(cert, IANA_ID_FQDN, "west.example.com"));
	assert_success(check_id(cert, IANA_ID_FQDN, "WEST.example.com"));
	assert_success(check_id(cert, IANA_ID_RFC822_ADDR,
				"west@example.com"));
	assert_success(check_id(cert, IANA_ID_IPV4_ADDR, "192.0.2.45"));
	assert_success(check_id(cert, IANA_ID_IPV6_ADDR, "2001:db8::45"));
	assert_success(check_id(cert, IANA_ID_DER_ASN1_DN,
				"C=CA, O=Example, CN=west"));

	assert_refused(check_id(cert, IANA_ID_FQDN, "east.example.com"),
		       "'east.example.com' is not in the certificate 'C=CA, O=Example, CN=west', whose subjectAltName is: west.example.com, 192.0.2.45, 2001:db8::45, west@example.com");
	assert_refused(check_id(cert, IANA_ID_FQDN, "west@example.com"),
		       "is not in");
	assert_refused(check_id(cert, IANA_ID_FQDN, "192.0.2.45"),
		       "is not in");
	assert_refused(check_id(cert, IANA_ID_FQDN, "example.com"),
		       "is not in");
	assert_refused(check_id(cert, IANA_ID_FQDN, ""), "is not in");
	assert_refused(check_id(cert, IANA_ID_FQDN, "west"), "is not in");
	assert_refused(check_id(cert, IANA_ID_RFC822_ADDR,
				"west.example.com"), "is not in");
	assert_refused(check_id(cert, IANA_ID_IPV4_ADDR, "192.0.2.46"),
		       "'192.0.2.46' is not in");
	assert_refused(check_id(cert, IANA_ID_IPV6_ADDR, "2001:db8::46"),
		       "is not in");
	/* an address of the wrong length */
	assert_refused(crypto_cert_check_id(cert, IANA_ID_IPV4_ADDR,
					    (uint8_t *)"\xc0\0\2\x2d\0", 5),
		       "is not in");
	assert_refused(check_id(cert, IANA_ID_DER_ASN1_DN,
				"C=CA, O=Example, CN=*"),
		       "'C=CA, O=Example, CN=*' is not the subject");
	assert_refused(check_id(cert, IANA_ID_DER_ASN1_DN, "CN=west"),
		       "is not the subject");
	assert_refused(check_id(cert, IANA_ID_KEY_ID, "west"),
		       "identity of the kind (ID_KEY_ID)");
	crypto_cert_free(cert);
}

static void tricky_identities(void **state)
{
	struct crypto_cert *cert = CERT(without_san);

	(void)state;
	/* the common name does not count */
	assert_refused(check_id(cert, IANA_ID_FQDN, "west.example.com"),
		       "no subjectAltName at all");
	crypto_cert_free(cert);
	cert = CERT(wildcard);
	assert_refused(check_id(cert, IANA_ID_FQDN, "west.example.com"),
		       "subjectAltName is: *.example.com");
	crypto_cert_free(cert);
	/* whose subject would be a pattern, if it were one */
	cert = CERT(star);
	assert_success(check_id(cert, IANA_ID_DER_ASN1_DN,
				"C=CA, O=Example, CN=*"));
	assert_refused(check_id(cert, IANA_ID_DER_ASN1_DN,
				"C=CA, O=Example, CN=west"),
		       "is not the subject");
	crypto_cert_free(cert);
	cert = CERT(strange);
	assert_refused(check_id(cert, IANA_ID_FQDN, "west.example.com"),
		       "west.example.com\\x00.evil.org, a\\x27b\\x0a");
	/* not even one who sends the same */
	assert_refused(crypto_cert_check_id(
		cert, IANA_ID_FQDN, (uint8_t *)"west.example.com\0.evil.org",
		26), "is not in");
	crypto_cert_free(cert);
}

/* ----- trust ------------------------------------------------------------- */

static struct crypto_trust *trust_in(const uint8_t *ca, size_t length)
{
	struct crypto_cert *cert = cert_from(ca, length);
	struct crypto_trust *trust;

	assert_success(crypto_trust_create(&trust));
	assert_success(crypto_trust_add_ca(trust, cert));
	crypto_cert_free(cert);
	return trust;
}

static struct error *verify_at(const struct crypto_trust *trust,
			       const uint8_t *der, size_t length,
			       const uint8_t *other, size_t other_length,
			       int64_t now, bool strict)
{
	struct crypto_cert *others[1] = { NULL };
	struct crypto_chain chain = { .others = others };
	struct crypto_cert *cert = cert_from(der, length);
	struct error *error;

	chain.cert = cert;
	if (other) {
		others[0] = cert_from(other, other_length);
		chain.count = 1;
	}
	error = crypto_trust_verify(trust, &chain,
				    &(struct crypto_rules){
					.now = now, .crl_strict = strict,
				    });
	crypto_cert_free(cert);
	crypto_cert_free(others[0]);
	return error;
}

#define VERIFY(trust, cert, by) \
	verify_at(trust, cert, sizeof(cert), by, sizeof(by), NOW, false)
#define VERIFY_STRICT(trust, cert, by) \
	verify_at(trust, cert, sizeof(cert), by, sizeof(by), NOW, true)

static void trusted(void **state)
{
	struct crypto_trust *trust = trust_in(root, sizeof(root));

	(void)state;
	assert_int_equal(crypto_trust_ca_count(trust), 1);
	assert_success(VERIFY(trust, west, middle));
	assert_success(VERIFY(trust, west_rsa, middle));
	assert_success(VERIFY(trust, west_ed25519, middle));
	assert_success(VERIFY(trust, for_ike, middle));
	assert_success(VERIFY(trust, inside, narrow));
	assert_refused(verify_at(trust, west, sizeof(west), NULL, 0, NOW,
				 false),
		       "'C=CA, O=Example, CN=west' is signed by 'C=CA, O=Example, CN=Middle', which is no authority we trust");
	crypto_trust_destroy(trust);
	crypto_trust_destroy(NULL);
}

static void not_trusted(void **state)
{
	struct crypto_trust *trust = trust_in(root, sizeof(root));

	(void)state;
	assert_refused(VERIFY(trust, expired, middle),
		       "CN=expired' expired on 2026-02-03 04:05:06 UTC");
	assert_refused(VERIFY(trust, future, middle),
		       "CN=future' is not valid before 2034-01-01 00:00:00 UTC");
	/* the same certificate long before and after */
	assert_refused(verify_at(trust, west, sizeof(west), middle,
				 sizeof(middle), NOW - 10 * YEAR, false),
		       "is not valid before 2025-01-01");
	assert_refused(verify_at(trust, west, sizeof(west), middle,
				 sizeof(middle), NOW + 10 * YEAR, false),
		       "expired on 2035-01-01");
	assert_refused(VERIFY(trust, by_rogue, middle),
		       "is not signed with the key of");
	assert_refused(VERIFY(trust, damaged, middle),
		       "is not signed with the key of");
	assert_refused(VERIFY(trust, self_signed, middle),
		       "signed by itself");
	assert_refused(VERIFY(trust, by_leaf, west), "no authority we trust");
	assert_refused(VERIFY(trust, tiny_rsa, middle), "key too weak");
	assert_refused(VERIFY(trust, for_encryption, middle),
		       "neither digitalSignature nor");
	assert_refused(VERIFY(trust, for_code, middle),
		       "extendedKeyUsage names neither IKE");
	assert_refused(VERIFY(trust, outside, narrow),
		       "permitted subtree violation");
	assert_refused(VERIFY(trust, outside_by_name, narrow),
		       "permitted subtree violation");
	crypto_trust_destroy(trust);
}

static const struct crypto_rules rules = { .now = NOW };

/* What a leaf signed is not made good by the leaf's own chain being there. */
static void leaf_as_authority(void **state)
{
	struct crypto_trust *trust = trust_in(root, sizeof(root));
	struct crypto_cert *others[] = { CERT(west), CERT(middle) };
	struct crypto_cert *cert = CERT(by_leaf);
	struct crypto_chain chain = { cert, others, 2 };

	(void)state;
	assert_refused(crypto_trust_verify(trust, &chain, &rules),
		       "invalid CA certificate");
	assert_refused(crypto_trust_add_ca(trust, others[0]),
		       "CN=west' is none of an authority");
	crypto_cert_free(cert);
	crypto_cert_free(others[0]);
	crypto_cert_free(others[1]);
	crypto_trust_destroy(trust);
}

static void loop(void **state)
{
	struct crypto_trust *trust = trust_in(root, sizeof(root));
	struct crypto_cert *others[] = { CERT(loop_1), CERT(loop_2) };
	struct crypto_cert *cert = CERT(in_loop);
	struct crypto_chain chain = { cert, others, 2 };
	uint8_t hashes[CRYPTO_AUTHORITY_SIZE] = { 0 };

	(void)state;
	assert_refused(crypto_trust_verify(trust, &chain, &rules),
		       "which is no authority we trust");
	assert_false(crypto_trust_is_requested(trust, &chain, hashes,
					       sizeof(hashes)));
	crypto_cert_free(cert);
	crypto_cert_free(others[0]);
	crypto_cert_free(others[1]);
	crypto_trust_destroy(trust);
}

#define ADD_CRL(trust, crl) crypto_trust_add_crl(trust, crl, sizeof(crl))

static void revocation(void **state)
{
	struct crypto_trust *trust = trust_in(root, sizeof(root));

	(void)state;
	assert_success(VERIFY(trust, revoked, middle));
	assert_refused(VERIFY_STRICT(trust, west, middle),
		       "no revocation list of 'C=CA, O=Example, CN=Middle'");
	assert_success(ADD_CRL(trust, crl_middle));
	assert_refused(VERIFY(trust, revoked, middle),
		       "CN=revoked' has been revoked by 'C=CA, O=Example, CN=Middle'");
	assert_success(VERIFY(trust, west, middle));
	crypto_trust_destroy(trust);

	trust = trust_in(root, sizeof(root));
	assert_success(ADD_CRL(trust, crl_middle_old));
	assert_refused(VERIFY(trust, revoked, middle), "has been revoked");
	assert_success(VERIFY(trust, west, middle));
	assert_refused(VERIFY_STRICT(trust, west, middle), "out of date");
	crypto_trust_destroy(trust);

	trust = trust_in(root, sizeof(root));
	assert_success(ADD_CRL(trust, crl_root_empty));
	assert_success(ADD_CRL(trust, crl_middle_empty));
	assert_success(VERIFY_STRICT(trust, west, middle));
	crypto_trust_destroy(trust);

	/* somebody else's list is nothing to rely on, and no reason to revoke */
	trust = trust_in(root, sizeof(root));
	assert_success(ADD_CRL(trust, crl_rogue));
	assert_refused(VERIFY(trust, west, middle),
		       "of 'C=CA, O=Example, CN=Root' and is not signed with");
	crypto_trust_destroy(trust);

	trust = trust_in(root, sizeof(root));
	assert_success(ADD_CRL(trust, crl_root));
	assert_refused(VERIFY(trust, west, middle), "CN=Middle' has been");
	assert_refused(ADD_CRL(trust, west), "is no certificate revocation");
	assert_refused(crypto_trust_add_crl(trust, west, 0), "0 bytes are no");
	assert_refused(ADD_CRL(trust, key_pem), "is no certificate revoc");
	crypto_trust_destroy(trust);
}

static void requests(void **state)
{
	struct crypto_trust *trust = trust_in(root, sizeof(root));
	struct crypto_cert *cert = CERT(west), *others[] = { CERT(middle) };
	struct crypto_chain chain = { cert, others, 1 };
	uint8_t hashes[3 * CRYPTO_AUTHORITY_SIZE] = { 0 };
	size_t length;

	(void)state;
	assert_success(crypto_trust_authorities(trust, hashes, sizeof(hashes),
						&length));
	assert_int_equal(length, CRYPTO_AUTHORITY_SIZE);
	assert_true(crypto_trust_is_requested(trust, &chain, hashes, length));
	assert_false(crypto_trust_is_requested(trust, &chain, hashes,
					       length - 1));
	assert_false(crypto_trust_is_requested(trust, &chain, hashes, 0));
	chain.count = 0;
	assert_false(crypto_trust_is_requested(trust, &chain, hashes, length));
	chain.count = 1;
	/* the one in the middle is asked for, behind another */
	memset(hashes, 7, sizeof(hashes));
	assert_success(crypto_cert_authority(others[0], hashes +
					     CRYPTO_AUTHORITY_SIZE));
	assert_true(crypto_trust_is_requested(trust, &chain, hashes,
					      sizeof(hashes)));
	hashes[CRYPTO_AUTHORITY_SIZE] ^= 1;
	assert_false(crypto_trust_is_requested(trust, &chain, hashes,
					       sizeof(hashes)));
	/* no room, no hash */
	assert_success(crypto_trust_authorities(trust, hashes, 19, &length));
	assert_int_equal(length, 0);
	crypto_cert_free(cert);
	crypto_cert_free(others[0]);
	crypto_trust_destroy(trust);
}

/* ----- PKCS#12 and keys -------------------------------------------------- */

static void open_bundle(void **state)
{
	struct crypto_public_key *of_cert, *of_key;
	struct crypto_bundle opened;

	(void)state;
	assert_success(crypto_bundle_open(bundle, sizeof(bundle), "secret",
					  &opened));
	assert_string_equal(opened.name, "west");
	assert_string_equal(crypto_cert_subject(opened.cert),
			    "C=CA, O=Example, CN=west");
	assert_int_equal(opened.count, 2);
	assert_success(crypto_cert_public_key(opened.cert, &of_cert));
	assert_success(crypto_private_key_public(opened.key, &of_key));
	assert_true(crypto_public_key_equal(of_cert, of_key));
	crypto_public_key_free(of_cert);
	crypto_public_key_free(of_key);
	crypto_bundle_close(&opened);
	assert_success(crypto_bundle_open(bundle_unnamed,
					  sizeof(bundle_unnamed), "secret",
					  &opened));
	assert_string_equal(opened.name, "");
	assert_int_equal(opened.count, 0);
	crypto_bundle_close(&opened);
}

/* The key need not be opened for them. */
static void certs_of_bundle(void **state)
{
	struct crypto_cert *certs[3];
	size_t count, i;

	(void)state;
	assert_true(crypto_bundle_is(bundle, sizeof(bundle)));
	assert_false(crypto_bundle_is(west, sizeof(west)));
	assert_success(crypto_bundle_certs(bundle, sizeof(bundle), "secret",
					   certs, 3, &count));
	assert_int_equal(count, 3);
	assert_string_equal(crypto_cert_subject(certs[0]),
			    "C=CA, O=Example, CN=west");
	for (i = 0; i < count; i++)
		crypto_cert_free(certs[i]);
	assert_success(crypto_bundle_certs(bundle_certs_only,
					   sizeof(bundle_certs_only), "secret",
					   certs, 3, &count));
	assert_int_equal(count, 1);
	crypto_cert_free(certs[0]);
	assert_refused(crypto_bundle_certs(bundle, sizeof(bundle), "secret",
					   certs, 2, &count),
		       "more than 2 certificates");
	assert_refused(crypto_bundle_certs(bundle, sizeof(bundle), "wrong",
					   certs, 3, &count), "password");
	assert_refused(crypto_bundle_certs(bundle, sizeof(bundle), "",
					   certs, 3, &count), "password");
	assert_refused(crypto_bundle_certs(west, sizeof(west), "secret",
					   certs, 3, &count), "no PKCS#12");
}

static void bad_bundles(void **state)
{
	static const uint8_t longest[CRYPTO_PKCS12_SIZE_MAX + 1] = { 0x30 };
	uint8_t changed[sizeof(bundle)];
	struct crypto_cert *certs[3];
	struct crypto_bundle opened;
	size_t i, count;

	(void)state;
	assert_refused(crypto_bundle_open(bundle, sizeof(bundle), "wrong",
					  &opened), "password");
	assert_refused(crypto_bundle_open(bundle, sizeof(bundle), "",
					  &opened), "password");
	assert_refused(crypto_bundle_open(bundle, 0, "secret", &opened),
		       "no PKCS#12");
	assert_refused(crypto_bundle_open(west, sizeof(west), "secret",
					  &opened), "no PKCS#12");
	assert_refused(crypto_bundle_open(longest, sizeof(longest), "secret",
					  &opened), "no PKCS#12");
	assert_refused(crypto_bundle_open(bundle_certs_only,
					  sizeof(bundle_certs_only), "secret",
					  &opened), "no private key with");
	assert_refused(crypto_bundle_open(bundle_tiny, sizeof(bundle_tiny),
					  "secret", &opened), "1024 bits");
	for (i = 0; i < sizeof(bundle); i += 37) {
		struct error *error;

		memcpy(changed, bundle, sizeof(bundle));
		changed[i] ^= 0x21;
		error = crypto_bundle_open(changed, sizeof(changed), "secret",
					   &opened);
		assert_non_null(error);
		error_free(error);
		error = crypto_bundle_certs(changed, sizeof(changed), "secret",
					    certs, 3, &count);
		assert_non_null(error);
		error_free(error);
	}
}

static void read_keys(void **state)
{
	struct crypto_private_key *key;

	(void)state;
	assert_success(crypto_private_key_read(key_pem, sizeof(key_pem),
					       &key));
	crypto_private_key_free(key);
	assert_refused(crypto_private_key_read(key_protected_pem,
					       sizeof(key_protected_pem), &key),
		       "protected with a passphrase");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dn_round_trip),
		cmocka_unit_test(dn_refusals),
		cmocka_unit_test(dn_matching),
		cmocka_unit_test(content),
		cmocka_unit_test(reading),
		cmocka_unit_test(identities),
		cmocka_unit_test(tricky_identities),
		cmocka_unit_test(trusted),
		cmocka_unit_test(not_trusted),
		cmocka_unit_test(leaf_as_authority),
		cmocka_unit_test(loop),
		cmocka_unit_test(revocation),
		cmocka_unit_test(requests),
		cmocka_unit_test(open_bundle),
		cmocka_unit_test(certs_of_bundle),
		cmocka_unit_test(bad_bundles),
		cmocka_unit_test(read_keys),
	};

	return cmocka_run_group_tests_name("cert", tests, NULL, NULL);
}
