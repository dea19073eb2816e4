// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of algorithms and what is looked up in them. A name without a key
 * length stands behind the three with one, so that lists find the full name.
 */
#include <linux/espvif.h>
#include <stdio.h>
#include <string.h>

#include "kernel/algorithm.h"
#include "lib/array.h"
#include "lib/suggest.h"

#define AES(mode, id, salt, aead) \
	{ "aes128-" mode, id, 128, salt, aead, false }, \
	{ "aes192-" mode, id, 192, salt, aead, false }, \
	{ "aes256-" mode, id, 256, salt, aead, false }
#define AES_ANY(mode, id, salt, aead) \
	{ "aes-" mode, id, 0, salt, aead, true }

const struct encryption encryptions[] = {
	{ "3des-cbc", ESPVIF_ENCR_3DES_CBC, 192, 0, false, false },
	{ "null", ESPVIF_ENCR_NULL, 0, 0, false, false },
	AES("cbc", ESPVIF_ENCR_AES_CBC, 0, false),
	AES_ANY("cbc", ESPVIF_ENCR_AES_CBC, 0, false),
	AES("ctr", ESPVIF_ENCR_AES_CTR, 4, false),
	AES_ANY("ctr", ESPVIF_ENCR_AES_CTR, 4, false),
	AES("gcm8", ESPVIF_ENCR_AES_GCM_8, 4, true),
	AES("gcm12", ESPVIF_ENCR_AES_GCM_12, 4, true),
	AES("gcm16", ESPVIF_ENCR_AES_GCM_16, 4, true),
	AES_ANY("gcm", ESPVIF_ENCR_AES_GCM_16, 4, true),
	AES("ccm8", ESPVIF_ENCR_AES_CCM_8, 3, true),
	AES("ccm12", ESPVIF_ENCR_AES_CCM_12, 3, true),
	AES("ccm16", ESPVIF_ENCR_AES_CCM_16, 3, true),
	AES_ANY("ccm", ESPVIF_ENCR_AES_CCM_16, 3, true),
	AES("gmac", ESPVIF_ENCR_NULL_AES_GMAC, 4, true),
	AES_ANY("gmac", ESPVIF_ENCR_NULL_AES_GMAC, 4, true),
	{ "chacha20-poly1305", ESPVIF_ENCR_CHACHA20_POLY1305, 256, 4, true,
	  false },
};

const size_t encryption_count = ARRAY_SIZE(encryptions);

const struct integrity integrities[] = {
	{ "hmac-sha1", ESPVIF_INTEG_HMAC_SHA1_96, 20 },
	{ "hmac-sha2-256", ESPVIF_INTEG_HMAC_SHA2_256_128, 32 },
	{ "hmac-sha2-384", ESPVIF_INTEG_HMAC_SHA2_384_192, 48 },
	{ "hmac-sha2-512", ESPVIF_INTEG_HMAC_SHA2_512_256, 64 },
	{ "aes-xcbc", ESPVIF_INTEG_AES_XCBC_96, 16 },
	{ "aes-cmac", ESPVIF_INTEG_AES_CMAC_96, 16 },
};

const size_t integrity_count = ARRAY_SIZE(integrities);

static struct error *unknown(const char *kind, const char *text,
			     const struct suggestion *suggestion)
{
	if (suggestion->best)
		return error_usage("'%s' is no %s algorithm; did you mean %s?",
				   text, kind, suggestion->best);
	return error_usage("'%s' is no %s algorithm; the help lists them all",
			   text, kind);
}

/**
 * encryption_parse - find an encryption algorithm by name
 * @text: the name
 * @encryption: where to put the entry of the table
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *encryption_parse(const char *text,
			       const struct encryption **encryption)
{
	struct suggestion suggestion;
	size_t i;

	suggest_begin(&suggestion, text);
	for (i = 0; i < encryption_count; i++) {
		*encryption = &encryptions[i];
		if (!strcmp(text, encryptions[i].name))
			return NULL;
		suggest_consider(&suggestion, encryptions[i].name);
	}
	return unknown("encryption", text, &suggestion);
}

/**
 * integrity_parse - find an integrity algorithm by name
 * @text: the name
 * @integrity: where to put the entry of the table
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *integrity_parse(const char *text,
			      const struct integrity **integrity)
{
	struct suggestion suggestion;
	size_t i;

	suggest_begin(&suggestion, text);
	for (i = 0; i < integrity_count; i++) {
		*integrity = &integrities[i];
		if (!strcmp(text, integrities[i].name))
			return NULL;
		suggest_consider(&suggestion, integrities[i].name);
	}
	return unknown("integrity", text, &suggestion);
}

/**
 * encryption_check_key - does a key fit an encryption algorithm
 * @encryption: the algorithm, not one without a key
 * @length: bytes of key and salt
 *
 * Return: NULL, or a sentence with the length it has and the one it needs.
 */
struct error *encryption_check_key(const struct encryption *encryption,
				   size_t length)
{
	size_t key = encryption->key_bits / 8, salt = encryption->salt;
	const char *name = encryption->name;

	if (encryption->any_key_length) {
		if (length == 16 + salt || length == 24 + salt ||
		    length == 32 + salt)
			return NULL;
		if (salt)
			return error_usage("the key has %zu bytes, but %s needs %zu, %zu or %zu (16, 24 or 32 of key and %zu of salt)",
					   length, name, 16 + salt, 24 + salt,
					   32 + salt, salt);
		return error_usage("the key has %zu bytes, but %s needs 16, 24 or 32",
				   length, name);
	}
	if (length == key + salt)
		return NULL;
	if (salt)
		return error_usage("the key has %zu bytes, but %s needs %zu (%zu of key and %zu of salt)",
				   length, name, key + salt, key, salt);
	return error_usage("the key has %zu bytes, but %s needs %zu", length,
			   name, key);
}

/**
 * integrity_check_key - does a key fit an integrity algorithm
 * @integrity: the algorithm
 * @length: bytes of key
 *
 * Return: NULL, or a sentence with the length it has and the one it needs.
 */
struct error *integrity_check_key(const struct integrity *integrity,
				  size_t length)
{
	if (length == integrity->key_bytes)
		return NULL;
	return error_usage("the key has %zu bytes, but %s needs %u", length,
			   integrity->name, integrity->key_bytes);
}

/**
 * encryption_text - name an encryption algorithm
 * @id: enum espvif_encr, or a number the module has and we do not
 * @key_bits: length of its key without salt
 * @text: room for ALGORITHM_TEXT_SIZE bytes
 *
 * Return: @text: a name that tells the length of the key.
 */
const char *encryption_text(uint16_t id, uint16_t key_bits, char *text)
{
	size_t i;

	for (i = 0; i < encryption_count; i++) {
		const struct encryption *entry = &encryptions[i];

		if (entry->id == id && entry->key_bits == key_bits &&
		    !entry->any_key_length) {
			snprintf(text, ALGORITHM_TEXT_SIZE, "%s", entry->name);
			return text;
		}
	}
	snprintf(text, ALGORITHM_TEXT_SIZE, "encr-%u/%u", id, key_bits);
	return text;
}

/**
 * integrity_text - name an integrity algorithm
 * @id: enum espvif_integ, or a number the module has and we do not
 * @text: room for ALGORITHM_TEXT_SIZE bytes
 *
 * Return: @text, "-" for none.
 */
const char *integrity_text(uint16_t id, char *text)
{
	size_t i;

	if (id == ESPVIF_INTEG_NONE) {
		snprintf(text, ALGORITHM_TEXT_SIZE, "-");
		return text;
	}
	for (i = 0; i < integrity_count; i++) {
		if (integrities[i].id == id) {
			snprintf(text, ALGORITHM_TEXT_SIZE, "%s",
				 integrities[i].name);
			return text;
		}
	}
	snprintf(text, ALGORITHM_TEXT_SIZE, "integ-%u", id);
	return text;
}
