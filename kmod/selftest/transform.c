// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-tests of the algorithms: ESP packets with known answers, every
 * algorithm with every length sealed and opened again, every byte of a packet
 * tampered with, keys that must be refused, and completions that come later.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/internal/aead.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "crypt.h"
#include "selftest/selftest.h"
#include "selftest/vectors.h"
#include "transform.h"

#define PAYLOAD_SHORT	130	/* every length up to here */
#define PAYLOAD_LONG	1420
#define ROOM		2048	/* for a packet, and then some */
#define GUARD_LEN	64	/* bytes behind a packet that nobody may touch */
#define GUARD		0xa5
#define SPI		0x12345678
#define SEQ		0x01020304
#define SEQ_HI		0xfffefdfc	/* with ESN */

struct encr {
	u16 id;
	const char *name;
	u8 key_lens[3];		/* salt included */
	u8 iv_len;
	u8 icv_len;		/* 0 = needs an integrity algorithm */
	u8 align;
	bool iv_random;
	bool in_the_clear;
};

static const struct encr encrs[] __initconst = {
	{ ESPVIF_ENCR_3DES_CBC, "3des-cbc", { 24 }, 8, 0, 8, true, false },
	{ ESPVIF_ENCR_NULL, "null", { 0 }, 0, 0, 4, false, true },
	{ ESPVIF_ENCR_AES_CBC, "aes-cbc", { 16, 24, 32 }, 16, 0, 16, true, false },
	{ ESPVIF_ENCR_AES_CTR, "aes-ctr", { 20, 28, 36 }, 8, 0, 4, false, false },
	{ ESPVIF_ENCR_AES_CCM_8, "aes-ccm8", { 19, 27, 35 }, 8, 8, 4, false, false },
	{ ESPVIF_ENCR_AES_CCM_12, "aes-ccm12", { 19, 27, 35 }, 8, 12, 4, false, false },
	{ ESPVIF_ENCR_AES_CCM_16, "aes-ccm16", { 19, 27, 35 }, 8, 16, 4, false, false },
	{ ESPVIF_ENCR_AES_GCM_8, "aes-gcm8", { 20, 28, 36 }, 8, 8, 4, false, false },
	{ ESPVIF_ENCR_AES_GCM_12, "aes-gcm12", { 20, 28, 36 }, 8, 12, 4, false, false },
	{ ESPVIF_ENCR_AES_GCM_16, "aes-gcm16", { 20, 28, 36 }, 8, 16, 4, false, false },
	{ ESPVIF_ENCR_NULL_AES_GMAC, "aes-gmac", { 20, 28, 36 }, 8, 16, 4, false, true },
	{ ESPVIF_ENCR_CHACHA20_POLY1305, "chacha20-poly1305", { 36 }, 8, 16, 4, false, false },
};

struct integ {
	u16 id;
	const char *name;
	u8 key_len;
	u8 icv_len;
};

static const struct integ integs[] __initconst = {
	{ ESPVIF_INTEG_HMAC_SHA1_96, "hmac-sha1", 20, 12 },
	{ ESPVIF_INTEG_AES_XCBC_96, "aes-xcbc", 16, 12 },
	{ ESPVIF_INTEG_AES_CMAC_96, "aes-cmac", 16, 12 },
	{ ESPVIF_INTEG_HMAC_SHA2_256_128, "hmac-sha2-256", 32, 16 },
	{ ESPVIF_INTEG_HMAC_SHA2_384_192, "hmac-sha2-384", 48, 24 },
	{ ESPVIF_INTEG_HMAC_SHA2_512_256, "hmac-sha2-512", 64, 32 },
};

/**
 * struct bench - one algorithm under test with the packet it works on
 * @name:	for messages
 * @transform:	the algorithm
 * @skb:	ROOM bytes, the ESP packet first
 * @crypt_len:	bytes of the encrypted part
 * @seq_hi:	upper half of the sequence number
 * @later:	how many operations completed asynchronously, as they should
 * @plain:	the encrypted part in the clear
 * @sealed:	the whole packet sealed
 */
struct bench {
	char name[64];
	struct espvif_transform transform;
	struct sk_buff *skb;
	unsigned int crypt_len;
	u32 seq_hi;
	unsigned int later;
	u8 plain[ROOM];
	u8 sealed[ROOM];
};

enum operation {
	SEAL,
	SEAL_WITH_IV,
	OPEN,
};

struct outcome {
	struct completion done;
	int err;
	bool bh_disabled;
};

static u8 * __init iv_of(const struct bench *bench)
{
	return bench->skb->data + sizeof(struct espvif_esp_hdr);
}

static u8 * __init crypt_of(const struct bench *bench)
{
	return iv_of(bench) + bench->transform.shape.iv_len;
}

static unsigned int __init packet_len(const struct bench *bench)
{
	return sizeof(struct espvif_esp_hdr) + bench->transform.shape.iv_len +
	       bench->crypt_len + bench->transform.shape.icv_len;
}

static bool __init expect(const struct bench *bench, const char *what, long long expected,
			  long long got)
{
	if (expected == got)
		return true;
	pr_err("transform self-test: %s, %u encrypted bytes: %s: expected %lld, got %lld\n",
	       bench->name, bench->crypt_len, what, expected, got);
	return false;
}

static bool __init expect_bytes(const struct bench *bench, const char *what, const u8 *expected,
				const u8 *got, unsigned int len)
{
	unsigned int i = 0, rest;

	while (i < len && expected[i] == got[i])
		i++;
	if (i == len)
		return true;
	rest = min(len - i, 16U);
	pr_err("transform self-test: %s, %u encrypted bytes: %s: expected %*phN at %u, got %*phN\n",
	       bench->name, bench->crypt_len, what, rest, expected + i, i, rest, got + i);
	return false;
}

static bool __init expect_guard(const struct bench *bench)
{
	return expect(bench, "nothing written behind the packet", true,
		      !memchr_inv(bench->skb->data + packet_len(bench), GUARD, GUARD_LEN));
}

static void __init note_outcome(struct espvif_crypt *op, int err)
{
	struct outcome *outcome = op->context;

	outcome->err = err;
	outcome->bh_disabled = softirq_count() != 0;
	complete(&outcome->done);
}

static int __init start(struct espvif_crypt *op, enum operation operation, const u8 *iv)
{
	switch (operation) {
	case SEAL:
		return espvif_crypt_seal(op);
	case SEAL_WITH_IV:
		return espvif_crypt_seal_with_iv(op, iv);
	default:
		return espvif_crypt_open(op);
	}
}

/* Do it, and wait if it completes later */
static int __init run(struct bench *bench, enum operation operation, const u8 *iv)
{
	struct espvif_crypt *op;
	struct outcome outcome;
	int err;

	init_completion(&outcome.done);
	local_bh_disable();
	op = espvif_crypt_get(&bench->transform);
	if (!op) {
		local_bh_enable();
		return -ENOMEM;
	}
	op->skb = bench->skb;
	op->context = &outcome;
	op->done = note_outcome;
	op->esp = (struct espvif_esp_hdr *)bench->skb->data;
	op->seq = (u64)bench->seq_hi << 32 | be32_to_cpu(op->esp->seq);
	op->crypt_len = bench->crypt_len;
	err = start(op, operation, iv);
	local_bh_enable();

	if (err == -EINPROGRESS) {
		wait_for_completion(&outcome.done);
		err = outcome.err;
		if (expect(bench, "bottom halves disabled", true, outcome.bh_disabled))
			bench->later++;
	}
	local_bh_disable();
	espvif_crypt_put(op);
	local_bh_enable();
	return err;
}

static bool __init init_transform(struct bench *bench, const struct espvif_keys *keys, bool esn)
{
	struct netlink_ext_ack extack = {};
	int err = espvif_transform_init(&bench->transform, keys, esn, &extack);

	if (!err)
		return true;
	pr_err("transform self-test: %s: expected an algorithm, got %d: %s\n", bench->name, err,
	       extack._msg ?: "");
	return false;
}

static bool __init test_answer(struct bench *bench, const u8 *packet, unsigned int len)
{
	u8 *data = bench->skb->data;
	unsigned int until_crypt = crypt_of(bench) - data;
	bool ok;

	if (!expect(bench, "length of the packet", len, packet_len(bench)))
		return false;
	memset(data, GUARD, ROOM);
	memcpy(data, packet, sizeof(struct espvif_esp_hdr));
	memcpy(crypt_of(bench), bench->plain, bench->crypt_len);

	ok = expect(bench, "seal", 0,
		    run(bench, SEAL_WITH_IV, packet + sizeof(struct espvif_esp_hdr)));
	ok &= expect_bytes(bench, "sealed packet", packet, data, len);
	ok &= expect_guard(bench);

	memcpy(data, packet, len);
	ok &= expect(bench, "open", 0, run(bench, OPEN, NULL));
	ok &= expect_bytes(bench, "header and IV of the opened packet", packet, data, until_crypt);
	ok &= expect_bytes(bench, "opened packet", bench->plain, crypt_of(bench),
			   bench->crypt_len);
	ok &= expect_guard(bench);
	return ok;
}

static bool __init test_vector(struct bench *bench, const struct vector *vector)
{
	struct espvif_keys keys = {
		.encr = vector->encr,
		.integ = vector->integ,
		.encr_key = vector->encr_key,
		.encr_key_len = vector->encr_key_len,
		.integ_key = vector->integ_key,
		.integ_key_len = vector->integ_key_len,
	};
	bool ok;

	strscpy(bench->name, vector->name, sizeof(bench->name));
	bench->crypt_len = vector->plaintext_len;
	bench->seq_hi = vector->seq_hi;
	if (!init_transform(bench, &keys, vector->esn))
		return false;

	memcpy(bench->plain, vector->plaintext, vector->plaintext_len);
	ok = test_answer(bench, vector->packet, vector->packet_len);
	espvif_transform_uninit(&bench->transform);
	return ok;
}

static bool __init test_vectors(struct bench *bench)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++)
		ok &= test_vector(bench, &vectors[i]);
	return ok;
}

/* A packet in the clear, ready to be sealed */
static void __init lay_out(struct bench *bench, unsigned int payload_len)
{
	const struct espvif_esp_shape *shape = &bench->transform.shape;
	unsigned int pad_len = espvif_esp_pad_len(shape, payload_len), i;
	struct espvif_esp_hdr *esp = (struct espvif_esp_hdr *)bench->skb->data;

	for (i = 0; i < payload_len; i++)
		bench->plain[i] = i * 7 + payload_len;
	espvif_esp_write_trailer(bench->plain + payload_len, pad_len, IPPROTO_IPV6);
	bench->crypt_len = payload_len + pad_len + 2;

	memset(bench->skb->data, GUARD, ROOM);
	esp->spi = cpu_to_be32(SPI);
	esp->seq = cpu_to_be32(SEQ + payload_len);
	memcpy(crypt_of(bench), bench->plain, bench->crypt_len);
}

static bool __init test_length(struct bench *bench, unsigned int payload_len, bool in_the_clear)
{
	bool ok;

	lay_out(bench, payload_len);
	ok = expect(bench, "seal", 0, run(bench, SEAL, NULL));
	ok &= expect_guard(bench);
	/* a few bytes may come out the same by chance */
	if (bench->crypt_len > 8)
		ok &= expect(bench, "payload in the clear", in_the_clear,
			     !memcmp(bench->plain, crypt_of(bench), bench->crypt_len));
	ok &= expect(bench, "open", 0, run(bench, OPEN, NULL));
	ok &= expect_bytes(bench, "opened packet", bench->plain, crypt_of(bench),
			   bench->crypt_len);
	return ok && expect_guard(bench);
}

static bool __init test_lengths(struct bench *bench, bool in_the_clear)
{
	unsigned int len;

	for (len = 0; len <= PAYLOAD_SHORT; len++) {
		if (!test_length(bench, len, in_the_clear))
			return false;
	}
	return true;
}

/* A flipped bit in any byte is noticed, also in the half that isn't sent */
static bool __init test_tampered(struct bench *bench)
{
	u8 *data = bench->skb->data;
	unsigned int i, len;
	char what[40];
	bool ok;

	lay_out(bench, 60);
	len = packet_len(bench);
	if (!expect(bench, "seal", 0, run(bench, SEAL, NULL)))
		return false;
	memcpy(bench->sealed, data, len);

	for (i = 0; i < len; i++) {
		memcpy(data, bench->sealed, len);
		data[i] ^= 1 << i % 8;
		snprintf(what, sizeof(what), "open with byte %u changed", i);
		if (!expect(bench, what, -EBADMSG, run(bench, OPEN, NULL)))
			return false;
	}

	memcpy(data, bench->sealed, len);
	bench->seq_hi ^= 1;
	ok = expect(bench, "open with another upper half",
		    bench->transform.esn ? -EBADMSG : 0, run(bench, OPEN, NULL));
	bench->seq_hi ^= 1;

	memcpy(data, bench->sealed, len);
	return ok && expect(bench, "open unchanged", 0, run(bench, OPEN, NULL));
}

/* IVs that count never repeat within an SA; IVs that must not be foreseen differ */
static bool __init test_ivs(struct bench *bench)
{
	unsigned int iv_len = bench->transform.shape.iv_len;
	u8 first[ESPVIF_IV_MAX];
	__be64 count;
	u64 seq;

	lay_out(bench, 40);
	if (!iv_len)
		return true;
	if (run(bench, SEAL, NULL))
		return expect(bench, "seal", true, false);
	memcpy(first, iv_of(bench), iv_len);

	if (!bench->transform.iv_random) {
		seq = (u64)bench->seq_hi << 32 | (SEQ + 40);
		memcpy(&count, first, sizeof(count));
		return expect(bench, "IV that counts", bench->transform.iv_base + seq,
			      be64_to_cpu(count));
	}
	lay_out(bench, 40);
	if (run(bench, SEAL, NULL))
		return expect(bench, "seal again", true, false);
	return expect(bench, "IV that is different each time", true,
		      !!memcmp(first, iv_of(bench), iv_len));
}

static bool __init test_shape(const struct bench *bench, const struct encr *encr,
			      const struct integ *integ, unsigned int key_len)
{
	const struct espvif_transform *transform = &bench->transform;
	bool ok;

	ok = expect(bench, "IV length", encr->iv_len, transform->shape.iv_len);
	ok &= expect(bench, "ICV length", integ ? integ->icv_len : encr->icv_len,
		     transform->shape.icv_len);
	ok &= expect(bench, "alignment", encr->align, transform->shape.align);
	ok &= expect(bench, "random IV", encr->iv_random, transform->iv_random);
	/* keys are multiples of 8 bytes, salts shorter */
	ok &= expect(bench, "bits of the key", round_down(key_len, 8) * 8,
		     transform->encr_key_bits);
	return ok;
}

static void __init fill_key(u8 *key, unsigned int len, u8 first)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		key[i] = first + i * 11;
}

static bool __init test_algorithm(struct bench *bench, const struct encr *encr,
				  const struct integ *integ, unsigned int key_len, bool esn)
{
	u8 encr_key[ESPVIF_KEY_MAX], integ_key[ESPVIF_KEY_MAX];
	struct espvif_keys keys = {
		.encr = encr->id,
		.integ = integ ? integ->id : ESPVIF_INTEG_NONE,
		.encr_key = encr_key,
		.encr_key_len = key_len,
		.integ_key = integ_key,
		.integ_key_len = integ ? integ->key_len : 0,
	};
	bool ok;

	snprintf(bench->name, sizeof(bench->name), "%s%s%s, key of %u%s", encr->name,
		 integ ? "+" : "", integ ? integ->name : "", key_len, esn ? ", ESN" : "");
	bench->seq_hi = esn ? SEQ_HI : 0;
	bench->crypt_len = 0;
	fill_key(encr_key, keys.encr_key_len, 0x10);
	fill_key(integ_key, keys.integ_key_len, 0x80);
	if (!init_transform(bench, &keys, esn))
		return false;

	ok = test_shape(bench, encr, integ, key_len);
	ok &= test_length(bench, PAYLOAD_LONG, encr->in_the_clear);
	/* every length for the shortest key is enough */
	if (!esn && key_len == encr->key_lens[0])
		ok &= test_lengths(bench, encr->in_the_clear);
	if (key_len == encr->key_lens[0])
		ok &= test_tampered(bench);
	ok &= test_ivs(bench);
	espvif_transform_uninit(&bench->transform);
	return ok;
}

static bool __init test_encr(struct bench *bench, const struct encr *encr,
			     const struct integ *integ)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(encr->key_lens); i++) {
		if (i && !encr->key_lens[i])
			break;
		ok &= test_algorithm(bench, encr, integ, encr->key_lens[i], false);
		ok &= test_algorithm(bench, encr, integ, encr->key_lens[i], true);
	}
	return ok;
}

/*
 * AES-CBC with all, the others with one: the first use of each pair makes the
 * kernel look for a module of that name, which takes longer than all packets.
 */
static bool __init test_pairs(struct bench *bench, const struct encr *encr)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(integs); i++) {
		if (encr->id == ESPVIF_ENCR_AES_CBC ||
		    integs[i].id == ESPVIF_INTEG_HMAC_SHA2_256_128)
			ok &= test_encr(bench, encr, &integs[i]);
	}
	return ok;
}

static bool __init test_algorithms(struct bench *bench)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(encrs); i++)
		ok &= encrs[i].icv_len ? test_encr(bench, &encrs[i], NULL) :
					 test_pairs(bench, &encrs[i]);
	return ok;
}

/* @says: part of the sentence */
struct refusal {
	const char *name;
	u16 encr;
	u16 integ;
	u8 encr_key_len;
	u8 integ_key_len;
	int err;
	const char *says;
};

static const struct refusal refusals[] __initconst = {
	{ "unknown cipher", 1, ESPVIF_INTEG_HMAC_SHA1_96, 16, 20, -EOPNOTSUPP,
	  "no encryption algorithm" },
	{ "unknown integrity", ESPVIF_ENCR_AES_CBC, 1, 16, 20, -EOPNOTSUPP,
	  "no integrity algorithm" },
	{ "cipher alone", ESPVIF_ENCR_AES_CBC, ESPVIF_INTEG_NONE, 16, 0, -EINVAL,
	  "needs an integrity algorithm" },
	{ "nothing at all", ESPVIF_ENCR_NULL, ESPVIF_INTEG_NONE, 0, 0, -EINVAL,
	  "needs an integrity algorithm" },
	{ "AEAD and integrity", ESPVIF_ENCR_AES_GCM_16, ESPVIF_INTEG_HMAC_SHA1_96, 20, 20, -EINVAL,
	  "by itself" },
	{ "AEAD and integrity key", ESPVIF_ENCR_AES_GCM_16, ESPVIF_INTEG_NONE, 20, 20, -EINVAL,
	  "by itself" },
	{ "key without salt", ESPVIF_ENCR_AES_GCM_16, ESPVIF_INTEG_NONE, 16, 0, -EINVAL,
	  "20, 28 or 36 bytes" },
	{ "salt of CCM for GCM", ESPVIF_ENCR_AES_GCM_16, ESPVIF_INTEG_NONE, 19, 0, -EINVAL,
	  "20, 28 or 36 bytes" },
	{ "salt alone", ESPVIF_ENCR_AES_GCM_16, ESPVIF_INTEG_NONE, 4, 0, -EINVAL,
	  "20, 28 or 36 bytes" },
	{ "short key", ESPVIF_ENCR_AES_CBC, ESPVIF_INTEG_HMAC_SHA1_96, 15, 20, -EINVAL,
	  "16, 24 or 32 bytes" },
	{ "long key", ESPVIF_ENCR_AES_CBC, ESPVIF_INTEG_HMAC_SHA1_96, 33, 20, -EINVAL,
	  "16, 24 or 32 bytes" },
	{ "no key", ESPVIF_ENCR_AES_CBC, ESPVIF_INTEG_HMAC_SHA1_96, 0, 20, -EINVAL,
	  "16, 24 or 32 bytes" },
	{ "short 3DES key", ESPVIF_ENCR_3DES_CBC, ESPVIF_INTEG_HMAC_SHA1_96, 16, 20, -EINVAL,
	  "24 bytes" },
	{ "key for null", ESPVIF_ENCR_NULL, ESPVIF_INTEG_HMAC_SHA1_96, 16, 20, -EINVAL,
	  "takes no key" },
	{ "ChaCha20 key of 128 bits", ESPVIF_ENCR_CHACHA20_POLY1305, ESPVIF_INTEG_NONE, 20, 0,
	  -EINVAL, "36 bytes" },
	{ "short integrity key", ESPVIF_ENCR_AES_CBC, ESPVIF_INTEG_HMAC_SHA1_96, 16, 19, -EINVAL,
	  "20 bytes" },
	{ "long integrity key", ESPVIF_ENCR_AES_CBC, ESPVIF_INTEG_HMAC_SHA2_256_128, 16, 64,
	  -EINVAL, "32 bytes" },
	{ "no integrity key", ESPVIF_ENCR_AES_CBC, ESPVIF_INTEG_HMAC_SHA1_96, 16, 0, -EINVAL,
	  "20 bytes" },
};

static bool __init test_refusal(struct bench *bench, const struct refusal *refusal)
{
	static const u8 key[ESPVIF_KEY_MAX] __initconst = { 1, 2, 3 };
	struct espvif_keys keys = {
		.encr = refusal->encr,
		.integ = refusal->integ,
		.encr_key = key,
		.encr_key_len = refusal->encr_key_len,
		.integ_key = key,
		.integ_key_len = refusal->integ_key_len,
	};
	struct netlink_ext_ack extack = {};
	int err;

	strscpy(bench->name, refusal->name, sizeof(bench->name));
	bench->crypt_len = 0;
	err = espvif_transform_init(&bench->transform, &keys, false, &extack);
	if (!err)
		espvif_transform_uninit(&bench->transform);
	if (!expect(bench, "refusal", refusal->err, err))
		return false;
	if (extack._msg && strstr(extack._msg, refusal->says))
		return true;
	pr_err("transform self-test: %s: expected a sentence with \"%s\", got \"%s\"\n",
	       bench->name, refusal->says, extack._msg ?: "");
	return false;
}

static bool __init test_refusals(struct bench *bench)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++)
		ok &= test_refusal(bench, &refusals[i]);
	return ok;
}

/* An algorithm that does nothing, but always later */
static struct {
	struct work_struct work;
	struct aead_request *req;
	int err;
} later;

static void complete_later(struct work_struct *work)
{
	aead_request_complete(later.req, later.err);
}

static int later_crypt(struct aead_request *req)
{
	later.req = req;
	schedule_work(&later.work);
	return -EINPROGRESS;
}

static int later_setkey(struct crypto_aead *aead, const u8 *key, unsigned int len)
{
	return 0;
}

static struct aead_alg later_alg = {
	.base = {
		.cra_name = "espvif-selftest-later",
		.cra_driver_name = "espvif-selftest-later",
		.cra_flags = CRYPTO_ALG_ASYNC,
		.cra_blocksize = 1,
		.cra_module = THIS_MODULE,
	},
	.setkey = later_setkey,
	.encrypt = later_crypt,
	.decrypt = later_crypt,
	.ivsize = 8,
	.maxauthsize = 16,
};

static bool __init test_later_transform(struct bench *bench)
{
	bool ok;

	lay_out(bench, 40);
	bench->later = 0;
	later.err = 0;
	ok = expect(bench, "seal", 0, run(bench, SEAL, NULL));
	ok &= expect(bench, "open", 0, run(bench, OPEN, NULL));
	later.err = -EBADMSG;
	ok &= expect(bench, "open what isn't authentic", -EBADMSG, run(bench, OPEN, NULL));
	return ok && expect(bench, "operations that completed later", 3, bench->later);
}

static bool __init test_later(struct bench *bench)
{
	struct crypto_aead *aead;
	bool ok = false;
	int err;

	strscpy(bench->name, "completion later", sizeof(bench->name));
	bench->crypt_len = 0;
	INIT_WORK(&later.work, complete_later);
	err = crypto_register_aead(&later_alg);
	if (err)
		return expect(bench, "register", 0, err);

	aead = crypto_alloc_aead(later_alg.base.cra_name, 0, 0);
	if (IS_ERR(aead)) {
		expect(bench, "allocate", 0, PTR_ERR(aead));
		goto unregister;
	}
	memset(&bench->transform, 0, sizeof(bench->transform));
	bench->transform.aead = aead;
	bench->transform.shape.iv_len = 8;
	bench->transform.shape.icv_len = 16;
	bench->transform.shape.align = 4;
	err = crypto_aead_setkey(aead, "", 0);
	ok = expect(bench, "key", 0, err) && test_later_transform(bench);
	/* whoever completed the last operation may still be in there */
	flush_work(&later.work);
	espvif_transform_uninit(&bench->transform);
unregister:
	crypto_unregister_aead(&later_alg);
	return ok;
}

/**
 * espvif_transform_selftest() - test algorithms and packets through the crypto API
 *
 * Context: process; espvif_crypt_init() was called.
 * Return: true if all is well.
 */
bool __init espvif_transform_selftest(void)
{
	struct bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	bool ok = false;

	if (!bench)
		goto out;
	bench->skb = alloc_skb(ROOM, GFP_KERNEL);
	if (!bench->skb)
		goto free_bench;
	skb_put(bench->skb, ROOM);

	ok = test_vectors(bench);
	ok &= test_algorithms(bench);
	ok &= test_refusals(bench);
	ok &= test_later(bench);
	kfree_skb(bench->skb);
free_bench:
	kfree(bench);
out:
	if (ok)
		pr_info("transform self-tests: pass\n");
	return ok;
}
