// SPDX-License-Identifier: GPL-2.0-only
/*
 * Algorithms: which there are, what they are called in the crypto API, which
 * keys they take. All of them become an AEAD, pairs of cipher and integrity
 * through authenc.
 */
#include <crypto/aead.h>
#include <crypto/authenc.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "refusal.h"
#include "transform.h"

/*
 * @cipher: name in the crypto API. @salt_len: bytes that stand behind the key.
 * @icv_len: 0 = not an AEAD, needs an integrity algorithm beside it.
 */
struct encr_alg {
	u16 id;
	const char *name;
	const char *cipher;
	u8 key_lens[3];
	u8 salt_len;
	u8 iv_len;
	u8 block;
	u8 icv_len;
	bool iv_random;
};

struct integ_alg {
	u16 id;
	const char *name;
	const char *hash;
	u8 key_len;
	u8 icv_len;
};

static const struct encr_alg encr_algs[] = {
	{ ESPVIF_ENCR_3DES_CBC, "3des-cbc", "cbc(des3_ede)", { 24 }, 0, 8, 8, 0, true },
	{ ESPVIF_ENCR_NULL, "null", "ecb(cipher_null)", { 0 }, 0, 0, 1, 0, false },
	{ ESPVIF_ENCR_AES_CBC, "aes-cbc", "cbc(aes)", { 16, 24, 32 }, 0, 16, 16, 0, true },
	{ ESPVIF_ENCR_AES_CTR, "aes-ctr", "rfc3686(ctr(aes))", { 16, 24, 32 }, 4, 8, 1, 0,
	  false },
	{ ESPVIF_ENCR_AES_CCM_8, "aes-ccm8", "rfc4309(ccm(aes))", { 16, 24, 32 }, 3, 8, 1, 8,
	  false },
	{ ESPVIF_ENCR_AES_CCM_12, "aes-ccm12", "rfc4309(ccm(aes))", { 16, 24, 32 }, 3, 8, 1, 12,
	  false },
	{ ESPVIF_ENCR_AES_CCM_16, "aes-ccm16", "rfc4309(ccm(aes))", { 16, 24, 32 }, 3, 8, 1, 16,
	  false },
	{ ESPVIF_ENCR_AES_GCM_8, "aes-gcm8", "rfc4106(gcm(aes))", { 16, 24, 32 }, 4, 8, 1, 8,
	  false },
	{ ESPVIF_ENCR_AES_GCM_12, "aes-gcm12", "rfc4106(gcm(aes))", { 16, 24, 32 }, 4, 8, 1, 12,
	  false },
	{ ESPVIF_ENCR_AES_GCM_16, "aes-gcm16", "rfc4106(gcm(aes))", { 16, 24, 32 }, 4, 8, 1, 16,
	  false },
	{ ESPVIF_ENCR_NULL_AES_GMAC, "aes-gmac", "rfc4543(gcm(aes))", { 16, 24, 32 }, 4, 8, 1, 16,
	  false },
	{ ESPVIF_ENCR_CHACHA20_POLY1305, "chacha20-poly1305", "rfc7539esp(chacha20,poly1305)",
	  { 32 }, 4, 8, 1, 16, false },
};

static const struct integ_alg integ_algs[] = {
	{ ESPVIF_INTEG_HMAC_SHA1_96, "hmac-sha1", "hmac(sha1)", 20, 12 },
	{ ESPVIF_INTEG_AES_XCBC_96, "aes-xcbc", "xcbc(aes)", 16, 12 },
	{ ESPVIF_INTEG_AES_CMAC_96, "aes-cmac", "cmac(aes)", 16, 12 },
	{ ESPVIF_INTEG_HMAC_SHA2_256_128, "hmac-sha2-256", "hmac(sha256)", 32, 16 },
	{ ESPVIF_INTEG_HMAC_SHA2_384_192, "hmac-sha2-384", "hmac(sha384)", 48, 24 },
	{ ESPVIF_INTEG_HMAC_SHA2_512_256, "hmac-sha2-512", "hmac(sha512)", 64, 32 },
};

static const struct encr_alg *find_encr(u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(encr_algs); i++) {
		if (encr_algs[i].id == id)
			return &encr_algs[i];
	}
	return NULL;
}

static const struct integ_alg *find_integ(u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(integ_algs); i++) {
		if (integ_algs[i].id == id)
			return &integ_algs[i];
	}
	return NULL;
}

static bool encr_key_fits(const struct encr_alg *encr, unsigned int len)
{
	size_t i;

	if (encr->id == ESPVIF_ENCR_NULL)
		return !len;
	for (i = 0; i < ARRAY_SIZE(encr->key_lens); i++) {
		if (encr->key_lens[i] && len == encr->key_lens[i] + encr->salt_len)
			return true;
	}
	return false;
}

static void refuse_encr_key(const struct encr_alg *encr, const struct espvif_keys *keys,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = keys->encr_key_at;
	unsigned int len = keys->encr_key_len;

	if (!encr->key_lens[0])
		espvif_refuse(extack, attr, "%s takes no key", encr->name);
	else if (!encr->key_lens[1])
		espvif_refuse(extack, attr, "%s takes a key of %u bytes, this one has %u",
			      encr->name, encr->key_lens[0] + encr->salt_len, len);
	else
		espvif_refuse(extack, attr,
			      "%s takes a key of %u, %u or %u bytes (%u of them salt), this one has %u",
			      encr->name, encr->key_lens[0] + encr->salt_len,
			      encr->key_lens[1] + encr->salt_len,
			      encr->key_lens[2] + encr->salt_len, encr->salt_len, len);
}

static int validate(const struct espvif_keys *keys, const struct encr_alg *encr,
		    const struct integ_alg *integ, struct netlink_ext_ack *extack)
{
	if (!encr) {
		espvif_refuse(extack, keys->encr_at, "no encryption algorithm has the number %u",
			      keys->encr);
		return -EOPNOTSUPP;
	}
	if (!integ && keys->integ != ESPVIF_INTEG_NONE) {
		espvif_refuse(extack, keys->integ_at, "no integrity algorithm has the number %u",
			      keys->integ);
		return -EOPNOTSUPP;
	}
	if (encr->icv_len && (integ || keys->integ_key_len)) {
		espvif_refuse(extack, keys->integ_at ?: keys->integ_key_at,
			      "%s protects integrity by itself: give no integrity algorithm or key",
			      encr->name);
		return -EINVAL;
	}
	if (!encr->icv_len && !integ) {
		espvif_refuse(extack, keys->integ_at, "%s needs an integrity algorithm beside it",
			      encr->name);
		return -EINVAL;
	}
	if (!encr_key_fits(encr, keys->encr_key_len)) {
		refuse_encr_key(encr, keys, extack);
		return -EINVAL;
	}
	if (integ && keys->integ_key_len != integ->key_len) {
		espvif_refuse(extack, keys->integ_key_at,
			      "%s takes a key of %u bytes, this one has %u",
			      integ->name, integ->key_len, keys->integ_key_len);
		return -EINVAL;
	}
	return 0;
}

static struct crypto_aead *alloc_aead(const struct encr_alg *encr,
				      const struct integ_alg *integ, bool esn)
{
	char name[CRYPTO_MAX_ALG_NAME];

	if (!integ)
		return crypto_alloc_aead(encr->cipher, 0, 0);

	snprintf(name, sizeof(name), "%s(%s,%s)", esn ? "authencesn" : "authenc",
		 integ->hash, encr->cipher);
	return crypto_alloc_aead(name, 0, 0);
}

/* authenc takes both keys in one piece, behind an attribute that divides them */
static int set_key_pair(struct crypto_aead *aead, const struct espvif_keys *keys)
{
	struct crypto_authenc_key_param *param;
	struct rtattr *rta;
	unsigned int len;
	u8 *buf, *p;
	int err;

	len = RTA_SPACE(sizeof(*param)) + keys->integ_key_len + keys->encr_key_len;
	buf = kzalloc(len, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	rta = (struct rtattr *)buf;
	rta->rta_type = CRYPTO_AUTHENC_KEYA_PARAM;
	rta->rta_len = RTA_LENGTH(sizeof(*param));
	param = RTA_DATA(rta);
	param->enckeylen = cpu_to_be32(keys->encr_key_len);

	p = buf + RTA_SPACE(sizeof(*param));
	memcpy(p, keys->integ_key, keys->integ_key_len);
	if (keys->encr_key_len)
		memcpy(p + keys->integ_key_len, keys->encr_key, keys->encr_key_len);

	err = crypto_aead_setkey(aead, buf, len);
	kfree_sensitive(buf);
	return err;
}

static int set_key(struct crypto_aead *aead, const struct espvif_keys *keys,
		   const struct integ_alg *integ)
{
	if (integ)
		return set_key_pair(aead, keys);
	return crypto_aead_setkey(aead, keys->encr_key, keys->encr_key_len);
}

/**
 * espvif_transform_init() - make an algorithm ready
 * @transform:	filled in
 * @keys:	algorithms and keys; not needed afterwards
 * @esn:	with extended sequence numbers
 * @extack:	for the sentence, may be NULL
 *
 * Context: process, may sleep and load modules.
 * Return: 0, -EINVAL if keys and algorithms don't go together, -EOPNOTSUPP if
 * the kernel has no such algorithm, or another error of the crypto API, which
 * refuses weak keys too.
 */
int espvif_transform_init(struct espvif_transform *transform,
			  const struct espvif_keys *keys, bool esn,
			  struct netlink_ext_ack *extack)
{
	const struct encr_alg *encr = find_encr(keys->encr);
	const struct integ_alg *integ = find_integ(keys->integ);
	struct crypto_aead *aead;
	u8 icv_len;
	int err;

	err = validate(keys, encr, integ, extack);
	if (err)
		return err;

	aead = alloc_aead(encr, integ, esn);
	if (IS_ERR(aead)) {
		espvif_refuse(extack, NULL, "this kernel's crypto API offers no %s%s%s",
			      encr->name, integ ? " with " : "", integ ? integ->name : "");
		return PTR_ERR(aead) == -ENOENT ? -EOPNOTSUPP : PTR_ERR(aead);
	}

	transform->aead = aead;
	icv_len = integ ? integ->icv_len : encr->icv_len;
	err = crypto_aead_setauthsize(aead, icv_len);
	if (!err)
		err = set_key(aead, keys, integ);
	if (err) {
		espvif_refuse(extack, NULL, "the crypto API refused the key for %s (error %d)",
			      encr->name, err);
		goto free_aead;
	}

	transform->shape.iv_len = encr->iv_len;
	transform->shape.icv_len = icv_len;
	transform->shape.align = max_t(u8, encr->block, 4);
	transform->iv_random = encr->iv_random;
	transform->esn = esn;
	transform->encr = keys->encr;
	transform->integ = keys->integ;
	transform->encr_key_bits = encr->key_lens[0] ?
				   (keys->encr_key_len - encr->salt_len) * 8 : 0;
	get_random_bytes(&transform->iv_base, sizeof(transform->iv_base));
	return 0;

free_aead:
	espvif_transform_uninit(transform);
	return err;
}

/**
 * espvif_transform_uninit() - give an algorithm back and wipe its key
 * @transform:	espvif_transform_init() made it, and nothing is in flight any more; or
 *		all 0
 *
 * Context: process.
 */
void espvif_transform_uninit(struct espvif_transform *transform)
{
	crypto_free_aead(transform->aead);
	transform->aead = NULL;
}
