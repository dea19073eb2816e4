// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/crypto below certificates: known answers of the RFCs, and what
 * must be refused. Answers that no RFC has were computed with Python.
 */
#include "crypto/cipher.h"
#include "crypto/dh.h"
#include "crypto/encr.h"
#include "crypto/hash.h"
#include "crypto/integ.h"
#include "crypto/mac.h"
#include "crypto/prf.h"
#include "crypto/random.h"
#include "hex.h"
#include "lib/array.h"
#include "lib/iana.h"

static void hashes(void **state)
{
	/* FIPS 180: "abc", here in two pieces and an empty one */
	static const struct {
		uint16_t id;
		const char *digest;
	} cases[] = {
		{ IANA_HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ IANA_HASH_SHA2_256,
		  "ba7816bf8f01cfea414140de5dae2223"
		  "b00361a396177a9cb410ff61f20015ad" },
		{ IANA_HASH_SHA2_384,
		  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
		  "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
		{ IANA_HASH_SHA2_512,
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"
		  "0a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
		  "454d4423643ce80e2a9ac94fa54ca49f" },
	};
	static const struct crypto_piece pieces[] = {
		{ "a", 1 }, { NULL, 0 }, { "bc", 2 },
	};
	uint8_t digest[CRYPTO_HASH_SIZE_MAX];
	const struct crypto_hash *hash;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hash = crypto_hash_find(cases[i].id);
		assert_non_null(hash);
		assert_success(crypto_hash_compute(hash, pieces,
						   ARRAY_SIZE(pieces),
						   digest));
		assert_hex(digest, hash->size, cases[i].digest);
	}
	assert_null(crypto_hash_find(IANA_HASH_IDENTITY));
	assert_null(crypto_hash_find(0));
}

struct prf_case {
	uint16_t id;
	const char *key;
	const char *data;
	const char *output;
};

static const struct prf_case prf_cases[] = {
	/* RFC 2202, 2, case 2 */
	{ IANA_PRF_HMAC_MD5, "4a656665",
	  "7768617420646f2079612077616e7420 666f72206e6f7468696e673f",
	  "750c783e6ab0b503eaa86e310a5db738" },
	/* RFC 2202, 3, case 2 */
	{ IANA_PRF_HMAC_SHA1, "4a656665",
	  "7768617420646f2079612077616e7420 666f72206e6f7468696e673f",
	  "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	/* RFC 4231, 4.3 */
	{ IANA_PRF_HMAC_SHA2_256, "4a656665",
	  "7768617420646f2079612077616e7420 666f72206e6f7468696e673f",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ IANA_PRF_HMAC_SHA2_384, "4a656665",
	  "7768617420646f2079612077616e7420 666f72206e6f7468696e673f",
	  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
	  "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649" },
	{ IANA_PRF_HMAC_SHA2_512, "4a656665",
	  "7768617420646f2079612077616e7420 666f72206e6f7468696e673f",
	  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"
	  "10270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
	  "caeab1a34d4a6b4b636e070a38bce737" },
	/* RFC 4434, 4 */
	{ IANA_PRF_AES128_XCBC, "000102030405060708090a0b0c0d0e0f",
	  "000102030405060708090a0b0c0d0e0f10111213",
	  "47f51b4564966215b8985c63055ed308" },
	{ IANA_PRF_AES128_XCBC, "00010203040506070809",
	  "000102030405060708090a0b0c0d0e0f10111213",
	  "0fa087af7d866e7653434e602fdde835" },
	{ IANA_PRF_AES128_XCBC, "000102030405060708090a0b0c0d0e0fedcb",
	  "000102030405060708090a0b0c0d0e0f10111213",
	  "8cd3c93ae598a9803006ffb67c40e9e4" },
	/* RFC 3566, 4.6: nothing, and one and two whole blocks */
	{ IANA_PRF_AES128_XCBC, "000102030405060708090a0b0c0d0e0f", "",
	  "75f0251d528ac01c4573dfd584d79f29" },
	{ IANA_PRF_AES128_XCBC, "000102030405060708090a0b0c0d0e0f",
	  "000102030405060708090a0b0c0d0e0f",
	  "d2a246fa349b68a79998a4394ff7a263" },
	{ IANA_PRF_AES128_XCBC, "000102030405060708090a0b0c0d0e0f",
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	  "f54f0ec8d2b9f3d36807734bd5283fd4" },
	/* RFC 4615, 4 */
	{ IANA_PRF_AES128_CMAC, "000102030405060708090a0b0c0d0e0fedcb",
	  "000102030405060708090a0b0c0d0e0f10111213",
	  "84a348a4a45d235babfffc0d2b4da09a" },
	{ IANA_PRF_AES128_CMAC, "000102030405060708090a0b0c0d0e0f",
	  "000102030405060708090a0b0c0d0e0f10111213",
	  "980ae87b5f4c9c5214f5b6a8455e4c2d" },
	{ IANA_PRF_AES128_CMAC, "00010203040506070809",
	  "000102030405060708090a0b0c0d0e0f10111213",
	  "290d9e112edb09ee141fcf64c0b72f3d" },
};

static void prfs(void **state)
{
	uint8_t key[64], data[64], output[CRYPTO_PRF_SIZE_MAX];
	struct crypto_piece key_piece, pieces[2];
	const struct crypto_prf *prf;
	size_t i, cut, length;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(prf_cases); i++) {
		prf = crypto_prf_find(prf_cases[i].id);
		assert_non_null(prf);
		key_piece.bytes = key;
		key_piece.length = unhex(prf_cases[i].key, key, sizeof(key));
		length = unhex(prf_cases[i].data, data, sizeof(data));
		/* wherever the data are cut */
		for (cut = 0; cut <= length; cut++) {
			pieces[0] = (struct crypto_piece){ data, cut };
			pieces[1] = (struct crypto_piece){ data + cut,
							   length - cut };
			assert_success(crypto_prf(prf, &key_piece, pieces, 2,
						  output));
			assert_hex(output, prf->size, prf_cases[i].output);
		}
	}
	assert_true(crypto_prf_find(IANA_PRF_HMAC_MD5)->legacy);
	assert_false(crypto_prf_find(IANA_PRF_HMAC_SHA2_256)->legacy);
	assert_null(crypto_prf_find(IANA_PRF_HMAC_TIGER));
}

/* Fills memory with consecutive numbers. */
static void count_from(uint8_t first, uint8_t *bytes, size_t length)
{
	while (length--)
		*bytes++ = first++;
}

static void prf_plus(void **state)
{
	const struct crypto_prf *prf = crypto_prf_find(IANA_PRF_HMAC_SHA2_256);
	uint8_t key[32], seed[48], output[255 * 32];
	struct crypto_piece key_piece = { key, sizeof(key) };
	struct crypto_piece pieces[] = { { seed, 5 }, { seed + 5, 43 } };
	struct crypto_piece many[7] = { { 0 } };

	(void)state;
	count_from(0, key, sizeof(key));
	count_from(0x40, seed, sizeof(seed));
	assert_success(crypto_prf_plus(prf, &key_piece, pieces, 2, output,
				       100));
	assert_hex(output, 100,
		   "2cbee05c3c998db24227e94eac0fc0fea401226120ab9c41584e5c2d505d79bd"
		   "0b775597cb5ca29d15f95aab79926e1f69e2a4b0d0352a5b553014973322fab9"
		   "3d744776eee7369906925545f8a7a3d7ec2c89f151442f3842d49ecbf3661789"
		   "ceff7756");
	assert_success(crypto_prf_plus(prf, &key_piece, pieces, 2, output,
				       sizeof(output)));
	assert_refused(crypto_prf_plus(prf, &key_piece, pieces, 2, output,
				       sizeof(output) + 1), "8161 bytes");
	assert_refused(crypto_prf_plus(prf, &key_piece, many, 7, output, 1),
		       "7 pieces");

	prf = crypto_prf_find(IANA_PRF_AES128_CMAC);
	key_piece.length = 16;
	assert_success(crypto_prf_plus(prf, &key_piece, pieces, 2, output,
				       40));
	assert_hex(output, 40,
		   "186a1ba2e4db635b8bd92bd6ecc4e714"
		   "69920fde907459b34f6aaacb32441cbb65dc0dfcedf37081");

	prf = crypto_prf_find(IANA_PRF_AES128_XCBC);
	assert_success(crypto_prf_plus(prf, &key_piece, pieces, 2, output,
				       40));
	assert_hex(output, 40,
		   "a7cc16ebbf769d242adf8769d4f31659"
		   "03673b51090eb456569c3623a30279c95803759f3a4ad927");
}

static void skeyseed(void **state)
{
	uint8_t nonce_i[257], nonce_r[32], secret[64];
	struct crypto_piece i = { nonce_i, 32 }, r = { nonce_r, 32 };
	struct crypto_piece g = { secret, sizeof(secret) };
	uint8_t output[CRYPTO_PRF_SIZE_MAX];

	(void)state;
	count_from(0, nonce_i, sizeof(nonce_i));
	count_from(0x80, nonce_r, sizeof(nonce_r));
	count_from(0x20, secret, sizeof(secret));
	assert_success(crypto_prf_skeyseed(
		crypto_prf_find(IANA_PRF_HMAC_SHA2_256), &i, &r, &g, output));
	assert_hex(output, 32,
		   "24f17db6e1a12e4d6de91713343d5e5d"
		   "1ea673342a6164f6049c648788dfb4fd");
	assert_success(crypto_prf_skeyseed(
		crypto_prf_find(IANA_PRF_AES128_XCBC), &i, &r, &g, output));
	assert_hex(output, 16, "18166f5ddb99677b682e7801d7324dce");
	/* a nonce that has not even the share */
	r.length = 4;
	assert_success(crypto_prf_skeyseed(
		crypto_prf_find(IANA_PRF_AES128_CMAC), &i, &r, &g, output));
	assert_hex(output, 16, "f96b0975ac89a33c28b17f5185a26bbd");
	i.length = 257;
	assert_refused(crypto_prf_skeyseed(
		crypto_prf_find(IANA_PRF_AES128_CMAC), &i, &r, &g, output),
		"257 and 4 bytes are too long");
}

static void integrity(void **state)
{
	uint8_t key[17], code[CRYPTO_MAC_SIZE_MAX];
	struct crypto_mac *mac;
	static const struct {
		uint16_t id;
		uint8_t key_size;
		uint8_t icv_size;
		bool legacy;
	} cases[] = {
		{ IANA_INTEG_HMAC_MD5_96, 16, 12, true },
		{ IANA_INTEG_HMAC_SHA1_96, 20, 12, false },
		{ IANA_INTEG_AES_XCBC_96, 16, 12, false },
		{ IANA_INTEG_AES_CMAC_96, 16, 12, false },
		{ IANA_INTEG_HMAC_SHA2_256_128, 32, 16, false },
		{ IANA_INTEG_HMAC_SHA2_384_192, 48, 24, false },
		{ IANA_INTEG_HMAC_SHA2_512_256, 64, 32, false },
	};
	const struct crypto_integ *integ;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		integ = crypto_integ_find(cases[i].id);
		assert_non_null(integ);
		assert_int_equal(integ->key_size, cases[i].key_size);
		assert_int_equal(integ->icv_size, cases[i].icv_size);
		assert_int_equal(integ->legacy, cases[i].legacy);
	}
	assert_null(crypto_integ_find(IANA_INTEG_NONE));

	/* RFC 4494, 2: CMAC-96 begins as CMAC does; RFC 4493, 4, example 2 */
	unhex("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof(key));
	integ = crypto_integ_find(IANA_INTEG_AES_CMAC_96);
	assert_success(crypto_mac_create(integ->mac, key, 16, &mac));
	assert_success(crypto_mac_compute(mac, NULL, 0, code));
	assert_hex(code, 16, "bb1d6929e95937287fa37d129b756746");
	crypto_mac_destroy(mac);
	assert_refused(crypto_mac_create(integ->mac, key, 17, &mac),
		       "key of 17 bytes");
	crypto_mac_destroy(NULL);
}

static void encryption(void **state)
{
	size_t size;

	(void)state;
	assert_success(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_AES_GCM_16), 256, &size));
	assert_int_equal(size, 36);
	assert_success(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_AES_CCM_8), 128, &size));
	assert_int_equal(size, 19);
	assert_success(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_CHACHA20_POLY1305), 0, &size));
	assert_int_equal(size, 36);
	assert_success(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_NULL), 0, &size));
	assert_int_equal(size, 0);
	assert_success(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_NULL_AUTH_AES_GMAC), 192, &size));
	assert_int_equal(size, 28);
	assert_refused(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_3DES), 192, &size), "one length");
	assert_refused(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_AES_CBC), 0, &size), "not 0");
	assert_refused(crypto_encr_key_size(
		crypto_encr_find(IANA_ENCR_AES_CBC), 512, &size), "not 512");
	assert_true(crypto_encr_find(IANA_ENCR_3DES)->legacy);
	assert_null(crypto_encr_find(IANA_ENCR_DES));
	assert_null(crypto_encr_find(IANA_ENCR_BLOWFISH));
}

/* The message of RFC 7634, appendix B, up to its Encrypted payload's data */
#define HEADER "c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 2e202500 00000009 00000045 " \
	       "29000029"
#define HEADER_SIZE 32
#define PLAIN "0000000c 00004001 0000000a"
#define PLAIN_SIZE 12
#define MESSAGE_SIZE 256
#define IV8 "1011121314151617"
#define IV16 "101112131415161718191a1b1c1d1e1f"

struct cipher_case {
	uint16_t encr;
	uint16_t key_bits;
	uint16_t integ;
	const char *sealed;
};

/*
 * Keys are 80 81 82 ..., salts a0 a1 a2 a3, keys for integrity b0 b1 b2 ... The
 * first is the answer in RFC 7634.
 */
static const struct cipher_case cipher_cases[] = {
	{ IANA_ENCR_CHACHA20_POLY1305, 0, IANA_INTEG_NONE,
	  IV8 "610394701f8d017f7c12924889 6b71bfe25236efd7cdc67066906315b2" },
	{ IANA_ENCR_AES_GCM_8, 128, IANA_INTEG_NONE,
	  IV8 "9146c4ffacb89c2bc9f175a7fa 300a7cc3736a7d6f" },
	{ IANA_ENCR_AES_GCM_12, 192, IANA_INTEG_NONE,
	  IV8 "d5494373b78235a26210ae6e03 b1114922ac43ca8547a2f5fc" },
	{ IANA_ENCR_AES_GCM_16, 256, IANA_INTEG_NONE,
	  IV8 "9440c4dcb893200cfb55f6fdcc 30045d78376cd938f8f24d89b4ab48f2" },
	{ IANA_ENCR_AES_CCM_8, 128, IANA_INTEG_NONE,
	  IV8 "8d3e9c398c2c1c273fbf9b723a e5e1dec887c15168" },
	{ IANA_ENCR_AES_CCM_12, 192, IANA_INTEG_NONE,
	  IV8 "3bf0b8504ea5edc529aac36314 68257ed0e4cdfeff3b20abcf" },
	{ IANA_ENCR_AES_CCM_16, 256, IANA_INTEG_NONE,
	  IV8 "afb3b708b591c44bde64692523 d17a7bc945413e225f4603248d84f8db" },
	{ IANA_ENCR_AES_CTR, 128, IANA_INTEG_HMAC_SHA2_256_128,
	  IV8 "52cbf873cac0a57587418494c3 739973626bb4215bb95e676b6f6beeb9" },
	{ IANA_ENCR_AES_CBC, 256, IANA_INTEG_AES_XCBC_96,
	  IV16 "33c5424c06b72578caad1ebb0765f102 ae44fb1557a5352601d86063" },
	{ IANA_ENCR_AES_CBC, 256, IANA_INTEG_AES_CMAC_96,
	  IV16 "33c5424c06b72578caad1ebb0765f102 18e84dc1a841001e28b33eaf" },
	{ IANA_ENCR_AES_CBC, 256, IANA_INTEG_HMAC_SHA1_96,
	  IV16 "33c5424c06b72578caad1ebb0765f102 115a1b1b08571f881e45f1e0" },
	{ IANA_ENCR_AES_CBC, 256, IANA_INTEG_HMAC_SHA2_384_192,
	  IV16 "33c5424c06b72578caad1ebb0765f102 0a416f4f411b51623a0fe5cd53eef3a1"
	       "b8973180d0d11cf3" },
	{ IANA_ENCR_AES_CBC, 256, IANA_INTEG_HMAC_SHA2_512_256,
	  IV16 "33c5424c06b72578caad1ebb0765f102 e2a2b100cfa8884a30a5a7f04316db8f"
	       "ca8f761091d6b067a6c19ee5f74573ca" },
	{ IANA_ENCR_3DES, 0, IANA_INTEG_HMAC_MD5_96,
	  IV8 "7b609d066711a761c39f47e6d2effbd0 140e4622b028783250d2afaa" },
};

static struct crypto_cipher *cipher_from(const struct cipher_case *c,
					 struct crypto_suite *suite)
{
	struct crypto_cipher *cipher;
	uint8_t sk_e[36], sk_a[64];
	size_t key;

	assert_success(crypto_suite_init(suite, c->encr, c->key_bits,
					 c->integ));
	key = suite->key_bits / 8;
	count_from(0x80, sk_e, key);
	count_from(0xa0, sk_e + key, suite->sk_e_size - key);
	count_from(0xb0, sk_a, sizeof(sk_a));
	assert_success(crypto_cipher_create(suite, sk_e, sk_a, &cipher));
	return cipher;
}

static size_t sealed_message(const struct cipher_case *c,
			     uint8_t message[MESSAGE_SIZE])
{
	unhex(HEADER, message, HEADER_SIZE);
	return HEADER_SIZE + unhex(c->sealed, message + HEADER_SIZE,
				   MESSAGE_SIZE - HEADER_SIZE);
}

static void open_known(void **state)
{
	uint8_t message[MESSAGE_SIZE];
	struct crypto_cipher *cipher;
	struct crypto_suite suite;
	size_t i, length, plain;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cipher_cases); i++) {
		cipher = cipher_from(&cipher_cases[i], &suite);
		length = sealed_message(&cipher_cases[i], message);
		assert_int_equal(length, HEADER_SIZE +
				 crypto_suite_sealed_size(&suite, PLAIN_SIZE));
		assert_success(crypto_cipher_open(cipher, message, HEADER_SIZE,
						  length, &plain));
		assert_hex(message + HEADER_SIZE + suite.iv_size, plain,
			   PLAIN);
		crypto_cipher_destroy(cipher);
	}
}

/* Whatever byte is changed, whatever is cut off: nothing is handed out. */
static void open_forged(void **state)
{
	uint8_t message[MESSAGE_SIZE];
	struct crypto_cipher *cipher;
	struct crypto_suite suite;
	size_t i, byte, length, plain;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cipher_cases); i++) {
		cipher = cipher_from(&cipher_cases[i], &suite);
		length = sealed_message(&cipher_cases[i], message);
		for (byte = 0; byte < length; byte++) {
			sealed_message(&cipher_cases[i], message);
			message[byte] ^= 0x10;
			assert_refused(crypto_cipher_open(cipher, message,
							  HEADER_SIZE, length,
							  &plain),
				       "integrity check");
		}
		for (byte = 0; byte < length; byte++) {
			struct error *error;

			sealed_message(&cipher_cases[i], message);
			error = crypto_cipher_open(cipher, message,
						   HEADER_SIZE, byte, &plain);
			assert_non_null(error);
			error_free(error);
		}
		crypto_cipher_destroy(cipher);
	}
}

static void seal_and_open(void **state)
{
	uint8_t message[MESSAGE_SIZE], first_iv[16];
	struct crypto_cipher *cipher;
	struct crypto_suite suite;
	size_t i, size, sealed, plain;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cipher_cases); i++) {
		cipher = cipher_from(&cipher_cases[i], &suite);
		for (size = 0; size < 40; size++) {
			uint8_t *body = message + HEADER_SIZE + suite.iv_size;

			unhex(HEADER, message, HEADER_SIZE);
			memset(body, 0x5a, size);
			sealed = crypto_suite_sealed_size(&suite, size);
			assert_refused(crypto_cipher_seal(cipher, message,
							  HEADER_SIZE, size,
							  HEADER_SIZE + sealed -
								  1),
				       "does not fit");
			assert_success(crypto_cipher_seal(
				cipher, message, HEADER_SIZE, size,
				HEADER_SIZE + sealed));
			if (size)
				assert_memory_not_equal(message + HEADER_SIZE,
							first_iv,
							suite.iv_size);
			memcpy(first_iv, message + HEADER_SIZE, suite.iv_size);
			assert_success(crypto_cipher_open(
				cipher, message, HEADER_SIZE,
				HEADER_SIZE + sealed, &plain));
			assert_int_equal(plain, size);
			while (size && plain--)
				assert_int_equal(body[plain], 0x5a);
		}
		crypto_cipher_destroy(cipher);
	}
	crypto_cipher_destroy(NULL);
}

/* A pad length that lies comes from a peer with the right key only. */
static void lying_pad_length(void **state)
{
	/* the usual plaintext, whose last byte says 13; sealed with Python as the others */
	static const struct cipher_case gcm = {
		IANA_ENCR_AES_GCM_16, 256, IANA_INTEG_NONE,
		IV8 "9440c4dcb893200cfb55f6fdc1 583469a0a07c4cd9b3d84d378ab20701"
	};
	uint8_t message[MESSAGE_SIZE];
	struct crypto_cipher *cipher;
	struct crypto_suite suite;
	size_t length, plain;

	(void)state;
	cipher = cipher_from(&gcm, &suite);
	length = sealed_message(&gcm, message);
	assert_refused(crypto_cipher_open(cipher, message, HEADER_SIZE, length,
					  &plain),
		       "pad length of 13 is more than the 13 bytes");
	crypto_cipher_destroy(cipher);
}

static void suites(void **state)
{
	struct crypto_suite suite;

	(void)state;
	assert_refused(crypto_suite_init(&suite, IANA_ENCR_AES_CBC, 128,
					 IANA_INTEG_NONE),
		       "ENCR_AES_CBC needs an integrity algorithm");
	assert_refused(crypto_suite_init(&suite, IANA_ENCR_AES_GCM_16, 128,
					 IANA_INTEG_HMAC_SHA2_256_128),
		       "takes no integrity");
	assert_refused(crypto_suite_init(&suite, IANA_ENCR_NULL, 0,
					 IANA_INTEG_HMAC_SHA2_256_128),
		       "ENCR_NULL cannot protect");
	assert_refused(crypto_suite_init(&suite, IANA_ENCR_NULL_AUTH_AES_GMAC,
					 128, IANA_INTEG_NONE),
		       "cannot protect");
	assert_refused(crypto_suite_init(&suite, IANA_ENCR_DES, 0,
					 IANA_INTEG_HMAC_SHA1_96),
		       "ENCR_DES cannot protect");
	assert_refused(crypto_suite_init(&suite, IANA_ENCR_AES_CBC, 64,
					 IANA_INTEG_HMAC_SHA1_96),
		       "not 64");
	assert_success(crypto_suite_init(&suite, IANA_ENCR_AES_CBC, 192,
					 IANA_INTEG_HMAC_SHA2_384_192));
	assert_int_equal(suite.sk_e_size, 24);
	assert_int_equal(suite.sk_a_size, 48);
	assert_int_equal(suite.icv_size, 24);
}

/* What has the base point as its public value: a private key of one */
static size_t base_point(const struct crypto_group *group, uint8_t *value)
{
	memset(value, 0, group->public_size);
	switch (group->id) {
	case IANA_KE_ECP_256:
		return unhex("6b17d1f2e12c4247f8bce6e563a440f2"
			     "77037d812deb33a0f4a13945d898c296"
			     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e16"
			     "2bce33576b315ececbb6406837bf51f5",
			     value, group->public_size);
	case IANA_KE_ECP_384:
		return unhex("aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98"
			     "59f741e082542a385502f25dbf55296c3a545e3872760ab7"
			     "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c"
			     "e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
			     value, group->public_size);
	case IANA_KE_ECP_521:
		return unhex("00c6858e06b70404e9cd9e3ecb662395b4429c648139053f"
			     "b521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ff"
			     "a8de3348b3c1856a429bf97e7e31c2e5bd66"
			     "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b"
			     "446817afbd17273e662c97ee72995ef42640c550b9013fad"
			     "0761353c7086a272c24088be94769fd16650",
			     value, group->public_size);
	case IANA_KE_CURVE25519:
		value[0] = 9;
		return group->public_size;
	case IANA_KE_CURVE448:
		value[0] = 5;
		return group->public_size;
	}
	value[group->public_size - 1] = 2;
	return group->public_size;
}

static const struct {
	uint16_t id;
	uint16_t public_size;
	uint16_t secret_size;
	bool legacy;
} group_cases[] = {
	{ IANA_KE_MODP_1024, 128, 128, true },
	{ IANA_KE_MODP_1536, 192, 192, true },
	{ IANA_KE_MODP_2048, 256, 256, false },
	{ IANA_KE_MODP_3072, 384, 384, false },
	{ IANA_KE_MODP_4096, 512, 512, false },
	{ IANA_KE_MODP_6144, 768, 768, false },
	{ IANA_KE_MODP_8192, 1024, 1024, false },
	{ IANA_KE_ECP_256, 64, 32, false },
	{ IANA_KE_ECP_384, 96, 48, false },
	{ IANA_KE_ECP_521, 132, 66, false },
	{ IANA_KE_CURVE25519, 32, 32, false },
	{ IANA_KE_CURVE448, 56, 56, false },
};

/*
 * With the base point for a peer the secret is our own public value, of a curve
 * its x: that checks base point, curve and encoding without a private key.
 */
static void agreement(void **state)
{
	struct crypto_dh_secret secret, other;
	uint8_t base[CRYPTO_DH_SIZE_MAX];
	const struct crypto_group *group;
	struct crypto_dh *dh, *peer;
	const uint8_t *public;
	size_t i, length;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(group_cases); i++) {
		group = crypto_group_find(group_cases[i].id);
		assert_non_null(group);
		assert_int_equal(group->public_size, group_cases[i].public_size);
		assert_int_equal(group->legacy, group_cases[i].legacy);
		assert_success(crypto_dh_create(group, &dh));
		assert_success(crypto_dh_create(group, &peer));
		assert_success(crypto_dh_agree(dh, base,
					       base_point(group, base),
					       &secret));
		public = crypto_dh_public(dh, &length);
		assert_int_equal(length, group->public_size);
		assert_int_equal(secret.length, group_cases[i].secret_size);
		assert_memory_equal(secret.bytes, public, secret.length);
		assert_success(crypto_dh_agree(peer, public, length, &other));
		public = crypto_dh_public(peer, &length);
		assert_success(crypto_dh_agree(dh, public, length, &secret));
		assert_int_equal(secret.length, other.length);
		assert_memory_equal(secret.bytes, other.bytes, secret.length);
		crypto_dh_secret_wipe(&secret);
		assert_int_equal(secret.length, 0);
		crypto_dh_destroy(dh);
		crypto_dh_destroy(peer);
	}
	assert_null(crypto_group_find(IANA_KE_MODP_768));
	assert_null(crypto_group_find(IANA_KE_MODP_1024_160));
	assert_null(crypto_group_find(IANA_KE_MODP_2048_224));
	assert_null(crypto_group_find(IANA_KE_MODP_2048_256));
	assert_null(crypto_group_find(IANA_KE_NONE));
	crypto_dh_destroy(NULL);
}

static void refuse_public(struct crypto_dh *dh, const uint8_t *value,
			  size_t length, const char *words)
{
	struct crypto_dh_secret secret;

	assert_refused(crypto_dh_agree(dh, value, length, &secret), words);
	assert_int_equal(secret.length, 0);
}

/* The prime less one of RFC 3526, 3, as a number of 256 bytes */
#define MODP_2048_LAST \
	"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" \
	"020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" \
	"4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" \
	"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" \
	"98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb" \
	"9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" \
	"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718" \
	"3995497cea956ae515d2261898fa051015728e5a8aacaa68fffffffffffffffe"

static void bad_numbers(void **state)
{
	struct crypto_dh_secret secret;
	uint8_t value[257];
	struct crypto_dh *dh;
	size_t i;

	(void)state;
	assert_success(crypto_dh_create(crypto_group_find(IANA_KE_MODP_2048),
					&dh));
	memset(value, 0, sizeof(value));
	refuse_public(dh, value, 256, "not between 1 and");
	value[255] = 1;
	refuse_public(dh, value, 256, "not between 1 and");
	for (i = 0; i < 256; i++)
		refuse_public(dh, value, i, "256");
	refuse_public(dh, value, 257, "257 bytes is none of MODP_2048");
	unhex(MODP_2048_LAST, value, 256);
	refuse_public(dh, value, 256, "not between 1 and");
	value[255] = 0xff;
	refuse_public(dh, value, 256, "not between 1 and");
	memset(value, 0xff, sizeof(value));
	refuse_public(dh, value, 256, "not between 1 and");
	unhex(MODP_2048_LAST, value, 256);
	value[255] = 0xfd;
	assert_success(crypto_dh_agree(dh, value, 256, &secret));
	crypto_dh_destroy(dh);
}

static void bad_points(void **state)
{
	static const uint16_t ids[] = { IANA_KE_ECP_256, IANA_KE_ECP_384,
					IANA_KE_ECP_521 };
	const struct crypto_group *group;
	uint8_t value[133];
	struct crypto_dh *dh;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		group = crypto_group_find(ids[i]);
		assert_success(crypto_dh_create(group, &dh));
		base_point(group, value);
		value[group->public_size - 1] ^= 1;
		refuse_public(dh, value, group->public_size, "not a point");
		memset(value, 0, sizeof(value));
		refuse_public(dh, value, group->public_size, "not a point");
		memset(value, 0xff, sizeof(value));
		refuse_public(dh, value, group->public_size, "not a point");
		/* with the byte that says how a point is encoded; only one x */
		refuse_public(dh, value, group->public_size + 1u, "is none of");
		refuse_public(dh, value, group->public_size / 2, "is none of");
		crypto_dh_destroy(dh);
	}
}

static void zero_results(void **state)
{
	/* RFC 7748, 7: points of small order; the last is 2^255 - 20, p - 1 */
	static const char *const points[] = {
		"00000000000000000000000000000000"
		"00000000000000000000000000000000",
		"01000000000000000000000000000000"
		"00000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46a"
		"da098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b"
		"04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffff7f",
	};
	uint8_t value[56] = { 0 };
	struct crypto_dh *dh;
	size_t i;

	(void)state;
	assert_success(crypto_dh_create(crypto_group_find(IANA_KE_CURVE25519),
					&dh));
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		unhex(points[i], value, sizeof(value));
		refuse_public(dh, value, 32, "leads to no secret");
	}
	refuse_public(dh, value, 31, "31 bytes is none of CURVE25519");
	crypto_dh_destroy(dh);
	assert_success(crypto_dh_create(crypto_group_find(IANA_KE_CURVE448),
					&dh));
	memset(value, 0, sizeof(value));
	refuse_public(dh, value, 56, "leads to no secret");
	value[0] = 1;
	refuse_public(dh, value, 56, "leads to no secret");
	crypto_dh_destroy(dh);
}

static void randomness(void **state)
{
	uint8_t first[32] = { 0 }, second[32] = { 0 };

	(void)state;
	assert_success(crypto_random(first, sizeof(first)));
	assert_success(crypto_random(second, sizeof(second)));
	assert_memory_not_equal(first, second, sizeof(first));
	assert_success(crypto_random(first, 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes),
		cmocka_unit_test(prfs),
		cmocka_unit_test(prf_plus),
		cmocka_unit_test(skeyseed),
		cmocka_unit_test(integrity),
		cmocka_unit_test(encryption),
		cmocka_unit_test(suites),
		cmocka_unit_test(open_known),
		cmocka_unit_test(open_forged),
		cmocka_unit_test(seal_and_open),
		cmocka_unit_test(lying_pad_length),
		cmocka_unit_test(agreement),
		cmocka_unit_test(bad_numbers),
		cmocka_unit_test(bad_points),
		cmocka_unit_test(zero_results),
		cmocka_unit_test(randomness),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
