// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of integrity algorithms: a message authentication code each, sent
 * in part.
 */
#include "crypto/integ.h"
#include "crypto/mac.h"
#include "lib/array.h"
#include "lib/iana.h"

static const struct crypto_integ integs[] = {
	{ IANA_INTEG_HMAC_MD5_96, 16, 12, true, &crypto_mac_hmac_md5 },
	{ IANA_INTEG_HMAC_SHA1_96, 20, 12, false, &crypto_mac_hmac_sha1 },
	{ IANA_INTEG_AES_XCBC_96, 16, 12, false, &crypto_mac_aes_xcbc },
	{ IANA_INTEG_AES_CMAC_96, 16, 12, false, &crypto_mac_aes_cmac },
	{ IANA_INTEG_HMAC_SHA2_256_128, 32, 16, false,
	  &crypto_mac_hmac_sha2_256 },
	{ IANA_INTEG_HMAC_SHA2_384_192, 48, 24, false,
	  &crypto_mac_hmac_sha2_384 },
	{ IANA_INTEG_HMAC_SHA2_512_256, 64, 32, false,
	  &crypto_mac_hmac_sha2_512 },
};

/**
 * crypto_integ_find - find an integrity algorithm
 * @id: enum iana_integ
 *
 * Return: the algorithm, NULL if we don't have it or it is none.
 */
const struct crypto_integ *crypto_integ_find(uint16_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(integs); i++) {
		if (integs[i].id == id)
			return &integs[i];
	}
	return NULL;
}
