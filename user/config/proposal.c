// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads ike= and esp= in Libreswan's spelling: proposals with commas between them,
 * in each encryption, integrity (for IKE also the pseudorandom function) and key
 * exchange with '-' or ';' between them, alternatives with '+'.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/proposal.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "lib/suggest.h"

#define PART_SIZE 512

const char cfg_ike_default[] =
	"aes_gcm256+aes_gcm128+chacha20_poly1305,aes256+aes128";
const char cfg_esp_default[] =
	"aes_gcm256+aes_gcm128+chacha20_poly1305,aes256+aes128-sha2_512+sha2_256";

static const char default_hashes[] = "sha2_512+sha2_256";
static const char default_groups[] =
	"dh31+dh19+dh20+dh21+dh14+dh15+dh16+dh17+dh18";

/**
 * struct cipher - an encryption algorithm
 * @name: as users write it, without the length of its key
 * @id: its IANA number
 * @bits: lengths of its key, the preferred one first; none if it has just one
 * @aead: it brings integrity along
 * @ike: IKE can use it
 */
struct cipher {
	const char *name;
	uint16_t id;
	uint16_t bits[3];
	bool aead;
	bool ike;
};

#define AES_BITS { 256, 128, 192 }

static const struct cipher ciphers[] = {
	{ "aes", IANA_ENCR_AES_CBC, AES_BITS, false, true },
	{ "aes_cbc", IANA_ENCR_AES_CBC, AES_BITS, false, true },
	{ "aes_ctr", IANA_ENCR_AES_CTR, AES_BITS, false, true },
	{ "aes_gcm", IANA_ENCR_AES_GCM_16, AES_BITS, true, true },
	{ "aes_gcm_a", IANA_ENCR_AES_GCM_8, AES_BITS, true, true },
	{ "aes_gcm_b", IANA_ENCR_AES_GCM_12, AES_BITS, true, true },
	{ "aes_gcm_c", IANA_ENCR_AES_GCM_16, AES_BITS, true, true },
	{ "aes_gcm_8", IANA_ENCR_AES_GCM_8, AES_BITS, true, true },
	{ "aes_gcm_12", IANA_ENCR_AES_GCM_12, AES_BITS, true, true },
	{ "aes_gcm_16", IANA_ENCR_AES_GCM_16, AES_BITS, true, true },
	{ "aes_ccm", IANA_ENCR_AES_CCM_16, AES_BITS, true, true },
	{ "aes_ccm_a", IANA_ENCR_AES_CCM_8, AES_BITS, true, true },
	{ "aes_ccm_b", IANA_ENCR_AES_CCM_12, AES_BITS, true, true },
	{ "aes_ccm_c", IANA_ENCR_AES_CCM_16, AES_BITS, true, true },
	{ "aes_ccm_8", IANA_ENCR_AES_CCM_8, AES_BITS, true, true },
	{ "aes_ccm_12", IANA_ENCR_AES_CCM_12, AES_BITS, true, true },
	{ "aes_ccm_16", IANA_ENCR_AES_CCM_16, AES_BITS, true, true },
	{ "chacha20_poly1305", IANA_ENCR_CHACHA20_POLY1305, { 0 }, true, true },
	{ "chacha20poly1305", IANA_ENCR_CHACHA20_POLY1305, { 0 }, true, true },
	{ "3des", IANA_ENCR_3DES, { 0 }, false, true },
	{ "3des_cbc", IANA_ENCR_3DES, { 0 }, false, true },
	{ "null", IANA_ENCR_NULL, { 0 }, false, false },
	{ "null_auth_aes_gmac", IANA_ENCR_NULL_AUTH_AES_GMAC, AES_BITS, true,
	  false },
	{ "aes_gmac", IANA_ENCR_NULL_AUTH_AES_GMAC, AES_BITS, true, false },
};

/**
 * struct hash - an integrity algorithm and the function that goes with it
 * @name: as users write it
 * @integ: its IANA number for integrity
 * @prf: its IANA number as a pseudorandom function
 */
struct hash {
	const char *name;
	uint16_t integ;
	uint16_t prf;
};

static const struct hash hashes[] = {
	{ "sha2", IANA_INTEG_HMAC_SHA2_256_128, IANA_PRF_HMAC_SHA2_256 },
	{ "sha2_256", IANA_INTEG_HMAC_SHA2_256_128, IANA_PRF_HMAC_SHA2_256 },
	{ "sha256", IANA_INTEG_HMAC_SHA2_256_128, IANA_PRF_HMAC_SHA2_256 },
	{ "sha2_384", IANA_INTEG_HMAC_SHA2_384_192, IANA_PRF_HMAC_SHA2_384 },
	{ "sha384", IANA_INTEG_HMAC_SHA2_384_192, IANA_PRF_HMAC_SHA2_384 },
	{ "sha2_512", IANA_INTEG_HMAC_SHA2_512_256, IANA_PRF_HMAC_SHA2_512 },
	{ "sha512", IANA_INTEG_HMAC_SHA2_512_256, IANA_PRF_HMAC_SHA2_512 },
	{ "sha1", IANA_INTEG_HMAC_SHA1_96, IANA_PRF_HMAC_SHA1 },
	{ "sha", IANA_INTEG_HMAC_SHA1_96, IANA_PRF_HMAC_SHA1 },
	{ "aes_xcbc", IANA_INTEG_AES_XCBC_96, IANA_PRF_AES128_XCBC },
	{ "aes_cmac", IANA_INTEG_AES_CMAC_96, IANA_PRF_AES128_CMAC },
	{ "md5", IANA_INTEG_HMAC_MD5_96, IANA_PRF_HMAC_MD5 },
};

/**
 * struct group - a key exchange
 * @name: as users write it, beside dhNUMBER
 * @id: its IANA number
 */
struct group {
	const char *name;
	uint16_t id;
};

static const struct group groups[] = {
	{ "modp1024", IANA_KE_MODP_1024 },
	{ "modp1536", IANA_KE_MODP_1536 },
	{ "modp2048", IANA_KE_MODP_2048 },
	{ "modp3072", IANA_KE_MODP_3072 },
	{ "modp4096", IANA_KE_MODP_4096 },
	{ "modp6144", IANA_KE_MODP_6144 },
	{ "modp8192", IANA_KE_MODP_8192 },
	{ "ecp256", IANA_KE_ECP_256 },
	{ "ecp384", IANA_KE_ECP_384 },
	{ "ecp521", IANA_KE_ECP_521 },
	{ "curve25519", IANA_KE_CURVE25519 },
	{ "curve448", IANA_KE_CURVE448 },
};

static struct error *add(struct cfg_transforms *transforms, uint16_t id,
			 uint16_t key_bits)
{
	size_t i;

	for (i = 0; i < transforms->count; i++) {
		if (transforms->items[i].id == id &&
		    transforms->items[i].key_bits == key_bits)
			return NULL;
	}
	if (transforms->count == CFG_ALTERNATIVES_MAX)
		return error_usage("there are more than %d alternatives",
				   CFG_ALTERNATIVES_MAX);
	transforms->items[transforms->count++] = (struct cfg_transform) {
		.id = id,
		.key_bits = key_bits,
	};
	return NULL;
}

/* The length of the key at the end of @name, "256" or "_256"; 0 if none is. */
static uint16_t key_bits(const char *name, size_t *length)
{
	size_t digits = 0, i;
	uint16_t bits = 0;

	while (digits < 3 && digits < *length &&
	       name[*length - digits - 1] >= '0' &&
	       name[*length - digits - 1] <= '9')
		digits++;
	for (i = *length - digits; i < *length; i++)
		bits = (uint16_t)(bits * 10 + name[i] - '0');
	if (digits < 3)
		return 0;
	*length -= 3;
	if (*length && name[*length - 1] == '_')
		--*length;
	return bits;
}

static bool is_name(const char *name, size_t length, const char *known)
{
	return strlen(known) == length && !strncasecmp(name, known, length);
}

static struct error *unknown(const char *kind, const char *name,
			     struct suggestion *suggestion)
{
	if (suggestion->best)
		return error_usage("there is no %s algorithm '%s'; did you mean '%s'?",
				   kind, name, suggestion->best);
	return error_usage("there is no %s algorithm '%s'", kind, name);
}

static struct error *add_cipher(const struct cipher *cipher, const char *name,
				uint16_t bits, struct cfg_proposal *proposal)
{
	struct error *error = NULL;
	size_t i;

	if (bits) {
		for (i = 0; i < ARRAY_SIZE(cipher->bits); i++) {
			if (cipher->bits[i] == bits)
				return add(&proposal->encr, cipher->id, bits);
		}
		return error_usage("%s has no key of %u bits", name, bits);
	}
	if (!cipher->bits[0])
		return add(&proposal->encr, cipher->id, 0);
	/* the lengths that everybody has, not 192 */
	for (i = 0; i < 2 && !error; i++)
		error = add(&proposal->encr, cipher->id, cipher->bits[i]);
	return error;
}

static const struct cipher *find_cipher(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++) {
		if (is_name(name, length, ciphers[i].name))
			return &ciphers[i];
	}
	return NULL;
}

/* Reads an encryption algorithm; tells whether it brings integrity along. */
static struct error *read_cipher(const char *name, bool ike,
				 struct cfg_proposal *proposal, bool *aead)
{
	const struct cipher *cipher = find_cipher(name, strlen(name));
	struct suggestion suggestion;
	size_t length = strlen(name), i;
	uint16_t bits = 0;

	if (!cipher) {
		bits = key_bits(name, &length);
		cipher = find_cipher(name, length);
	}
	if (cipher && ike && !cipher->ike)
		return error_usage("IKE itself must be encrypted, and '%s' doesn't do that",
				   name);
	if (cipher) {
		*aead = cipher->aead;
		return add_cipher(cipher, name, bits, proposal);
	}
	suggest_begin(&suggestion, name);
	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		suggest_consider(&suggestion, ciphers[i].name);
	return unknown("encryption", name, &suggestion);
}

static struct error *read_hash(const char *name, bool prf,
			       struct cfg_transforms *transforms)
{
	struct suggestion suggestion;
	size_t i;

	suggest_begin(&suggestion, name);
	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		if (!strcasecmp(name, hashes[i].name))
			return add(transforms, prf ? hashes[i].prf :
						     hashes[i].integ, 0);
		suggest_consider(&suggestion, hashes[i].name);
	}
	return unknown("integrity", name, &suggestion);
}

static bool is_none(const char *name)
{
	return !strcasecmp(name, "null") || !strcasecmp(name, "none");
}

/* "dh14" or "modp2048" */
static struct error *read_group(const char *name,
				struct cfg_transforms *transforms)
{
	struct suggestion suggestion;
	char number[8];
	size_t i;

	suggest_begin(&suggestion, name);
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		snprintf(number, sizeof(number), "dh%u", groups[i].id);
		if (!strcasecmp(name, groups[i].name) ||
		    !strcasecmp(name, number))
			return add(transforms, groups[i].id, 0);
		suggest_consider(&suggestion, groups[i].name);
	}
	return unknown("key exchange", name, &suggestion);
}

/**
 * struct parts - the parts of a proposal
 * @encr: encryption
 * @hash: integrity, NULL if it isn't given
 * @group: key exchange, NULL if it isn't given
 */
struct parts {
	char *encr;
	char *hash;
	char *group;
};

static bool names_group(const char *part)
{
	return !strncasecmp(part, "dh", 2) || !strncasecmp(part, "modp", 4) ||
	       !strncasecmp(part, "ecp", 3) || !strncasecmp(part, "curve", 5);
}

static struct error *split(char *text, struct parts *parts)
{
	char *part;

	*parts = (struct parts) { .encr = strsep(&text, "-;") };
	if (!*parts->encr)
		return error_usage("an encryption algorithm is missing");
	while ((part = strsep(&text, "-;"))) {
		if (!*part)
			return error_usage("an algorithm is missing beside '-' or ';'");
		if (parts->group)
			return error_usage("'%s' is too much behind the key exchange",
					   part);
		if (names_group(part))
			parts->group = part;
		else if (!parts->hash)
			parts->hash = part;
		else
			return error_usage("'%s' is no key exchange, as dh14 or modp2048 would be",
					   part);
	}
	return NULL;
}

static struct error *read_ciphers(char *list, bool ike,
				  struct cfg_proposal *proposal, bool *aead)
{
	struct error *error = NULL;
	bool first = true, this = false;
	char *name;

	while (!error && (name = strsep(&list, "+"))) {
		error = read_cipher(name, ike, proposal, &this);
		if (!error && !first && this != *aead)
			error = error_usage("'%s' can't stand beside the algorithms before it, because only some of them bring integrity along: make two proposals, with a comma between them",
					    name);
		*aead = this;
		first = false;
	}
	return error;
}

/* For an AEAD the part names the pseudorandom function in ike=, none in esp=. */
static struct error *read_hashes(char *list, bool ike, bool aead,
				 struct cfg_proposal *proposal)
{
	struct error *error = NULL;
	char *name;

	while (!error && (name = strsep(&list, "+"))) {
		if (is_none(name) && (aead || !ike)) {
			if (!aead)
				error = error_usage("encryption without integrity is not safe: name an integrity algorithm instead of '%s'",
						    name);
			continue;
		}
		if (aead && !ike)
			return error_usage("the encryption algorithm brings integrity along: leave '%s' out",
					   name);
		if (ike)
			error = read_hash(name, true, &proposal->prf);
		if (!error && !aead)
			error = read_hash(name, false, &proposal->integ);
	}
	return error;
}

static struct error *read_groups(char *list, struct cfg_proposal *proposal)
{
	struct error *error = NULL;
	char *name;

	while (!error && (name = strsep(&list, "+")))
		error = read_group(name, &proposal->ke);
	return error;
}

static struct error *read_proposal(char *text, bool ike,
				   struct cfg_proposal *proposal)
{
	char hash_list[sizeof(default_hashes)], group_list[sizeof(default_groups)];
	struct parts parts;
	struct error *error;
	bool aead = false;

	memcpy(hash_list, default_hashes, sizeof(hash_list));
	memcpy(group_list, default_groups, sizeof(group_list));
	error = split(text, &parts);
	if (!error)
		error = read_ciphers(parts.encr, ike, proposal, &aead);
	if (!error && (parts.hash || ike || !aead))
		error = read_hashes(parts.hash ? parts.hash : hash_list, ike,
				    aead, proposal);
	if (!error && ike && !proposal->prf.count) {
		memcpy(hash_list, default_hashes, sizeof(hash_list));
		error = read_hashes(hash_list, true, aead, proposal);
	}
	if (!error && (parts.group || ike))
		error = read_groups(parts.group ? parts.group : group_list,
				    proposal);
	return error;
}

/**
 * cfg_proposals_parse - read a list of proposals
 * @text: as in ike= or esp=
 * @ike: for an IKE SA, not for its children
 * @proposals: filled in
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *cfg_proposals_parse(const char *text, bool ike,
				  struct cfg_proposals *proposals)
{
	struct error *error = NULL;
	char part[PART_SIZE];
	size_t length;

	*proposals = (struct cfg_proposals) { .count = 0 };
	do {
		text += strspn(text, " \t");
		length = strcspn(text, ", \t");
		if (length >= sizeof(part))
			return error_usage("a proposal is longer than %d characters",
					   PART_SIZE - 1);
		if (!length)
			return error_usage("a proposal is empty");
		if (proposals->count == CFG_PROPOSALS_MAX)
			return error_usage("there are more than %d proposals",
					   CFG_PROPOSALS_MAX);
		memcpy(part, text, length);
		part[length] = '\0';
		error = read_proposal(part, ike,
				      &proposals->items[proposals->count++]);
		text += length;
		text += strspn(text, " \t");
	} while (!error && *text++ == ',');
	if (!error && text[-1])
		error = error_usage("commas stand between proposals, not blanks");
	return error;
}
