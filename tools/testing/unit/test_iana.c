// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of the registries of IKEv2.
 */
#include "lib/array.h"
#include "lib/iana.h"
#include "unit.h"

static void names_and_numbers(void **state)
{
	static const struct {
		enum iana_registry registry;
		uint16_t number;
		const char *name;
	} cases[] = {
		{ IANA_EXCHANGE, 34, "IKE_SA_INIT" },
		{ IANA_EXCHANGE, IANA_EXCHANGE_INFORMATIONAL, "INFORMATIONAL" },
		{ IANA_PAYLOAD, 33, "SA" },
		{ IANA_PAYLOAD, IANA_PAYLOAD_SKF, "SKF" },
		{ IANA_PROTOCOL, 3, "ESP" },
		{ IANA_TRANSFORM, IANA_TRANSFORM_ESN, "ESN" },
		{ IANA_ENCR, 11, "ENCR_NULL" },
		{ IANA_ENCR, IANA_ENCR_AES_GCM_16, "ENCR_AES_GCM_16" },
		{ IANA_ENCR, IANA_ENCR_3DES, "ENCR_3DES" },
		{ IANA_PRF, 5, "PRF_HMAC_SHA2_256" },
		{ IANA_INTEG, 12, "AUTH_HMAC_SHA2_256_128" },
		{ IANA_KE, 31, "CURVE25519" },
		{ IANA_ESN, 0, "NO_ESN" },
		{ IANA_AUTH, 14, "DIGITAL_SIGNATURE" },
		{ IANA_HASH, 5, "IDENTITY" },
		{ IANA_CERT, 4, "X509_SIGNATURE" },
		{ IANA_ID, 9, "ID_DER_ASN1_DN" },
		{ IANA_TS, 8, "TS_IPV6_ADDR_RANGE" },
		{ IANA_NOTIFY, 14, "NO_PROPOSAL_CHOSEN" },
		{ IANA_NOTIFY, IANA_NOTIFY_COOKIE, "COOKIE" },
		{ IANA_NOTIFY, 16442, "USE_AGGFRAG" },
	};
	char text[IANA_TEXT_SIZE];
	uint16_t number;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(iana_name(cases[i].registry,
					      cases[i].number), cases[i].name);
		assert_string_equal(iana_text(cases[i].registry,
					      cases[i].number, text),
				    cases[i].name);
		assert_true(iana_number(cases[i].registry, cases[i].name,
					&number));
		assert_int_equal(number, cases[i].number);
	}
}

static void unknown_numbers(void **state)
{
	char text[IANA_TEXT_SIZE];
	uint16_t number = 7;
	unsigned int registry;

	(void)state;
	assert_null(iana_name(IANA_NOTIFY, 40000));
	assert_string_equal(iana_text(IANA_NOTIFY, 40000, text),
			    "notify 40000");
	for (registry = 0; registry <= IANA_NOTIFY; registry++)
		assert_true(strlen(iana_text(registry, UINT32_MAX, text)) <
			    IANA_TEXT_SIZE - 1);
	assert_false(iana_number(IANA_ENCR, "ENCR_ROT13", &number));
	assert_false(iana_number(IANA_ENCR, "", &number));
	assert_int_equal(number, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers),
		cmocka_unit_test(unknown_numbers),
	};

	return cmocka_run_group_tests_name("iana", tests, NULL, NULL);
}
