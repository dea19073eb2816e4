// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keeps keys: makes the directories, makes and lists key pairs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/key.h"
#include "keys/file.h"
#include "keys/internal.h"
#include "keys/keys.h"
#include "lib/array.h"
#include "lib/base64.h"

/* A private RSA key of the largest size in PEM */
#define PEM_SIZE_MAX 16384

static const struct {
	const char *name;
	mode_t mode;
} parts[] = {
	{ "cacerts", 0755 }, { "certs", 0755 }, { "crls", 0755 },
	/* the last: its being there says that the store is complete */
	{ KEYS_PRIVATE, 0700 },
};

static const struct {
	const char *name;
	enum crypto_key_kind kind;
} kinds[] = {
	{ "rsa", CRYPTO_KEY_RSA },
	{ "secp256r1", CRYPTO_KEY_P256 },
	{ "secp384r1", CRYPTO_KEY_P384 },
	{ "secp521r1", CRYPTO_KEY_P521 },
	{ "ed25519", CRYPTO_KEY_ED25519 },
	{ "ed448", CRYPTO_KEY_ED448 },
};

static struct error *make_directory(const char *path, mode_t mode)
{
	if (mkdir(path, mode) && errno != EEXIST)
		return error_refused(errno, "%s: %s", path, strerror(errno));
	return NULL;
}

static bool is_there(const char *directory)
{
	char path[FILE_PATH_SIZE];
	struct stat status;
	struct error *error;
	bool there;

	error = file_path(directory, KEYS_PRIVATE, NULL, "", path);
	there = !error && !stat(path, &status);
	error_free(error);
	return there;
}

/**
 * keys_init - make the directories of a key store
 * @directory: where
 * @existed: where to put whether there was one already, which is then left alone
 *
 * Return: NULL, or why it could not be done.
 */
struct error *keys_init(const char *directory, bool *existed)
{
	char path[FILE_PATH_SIZE];
	struct error *error;
	size_t i;

	*existed = is_there(directory);
	if (*existed)
		return NULL;
	error = make_directory(directory, 0755);
	for (i = 0; !error && i < ARRAY_SIZE(parts); i++) {
		error = file_path(directory, parts[i].name, NULL, "", path);
		if (!error)
			error = make_directory(path, parts[i].mode);
	}
	return error;
}

/**
 * keys_need_store - refuse to work on a store that was never made
 * @directory: where it should be
 *
 * Return: NULL, or what to do.
 */
struct error *keys_need_store(const char *directory)
{
	if (is_there(directory))
		return NULL;
	return error_refused(ENOENT, "there is no key store in %s: 'ipsec initnss' makes one",
			     directory);
}

/**
 * keys_kind_text - what Libreswan's commands call a kind of key
 * @kind: the kind
 *
 * Return: its name.
 */
const char *keys_kind_text(enum keys_kind kind)
{
	switch (kind) {
	case KEYS_RSA:
		return "RSA";
	case KEYS_ECDSA:
		return "ECDSA";
	case KEYS_EDDSA:
		break;
	}
	return "EDDSA";
}

/**
 * keys_describe - fill an entry from a public key
 * @key: the key
 * @entry: the entry
 *
 * Return: NULL, or why it could not be done.
 */
struct error *keys_describe(const struct crypto_public_key *key,
			    struct keys_entry *entry)
{
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX], ckaid[CRYPTO_CKAID_SIZE];
	struct error *error;
	size_t i, length;

	_Static_assert(BASE64_TEXT_SIZE(sizeof(bytes)) <= KEYS_PUBLIC_TEXT_SIZE,
		       "every public key has room");
	switch (crypto_public_key_kind(key)) {
	case CRYPTO_KEY_RSA:
		entry->kind = KEYS_RSA;
		break;
	case CRYPTO_KEY_ED25519:
	case CRYPTO_KEY_ED448:
		entry->kind = KEYS_EDDSA;
		break;
	default:
		entry->kind = KEYS_ECDSA;
		break;
	}
	entry->bits = crypto_public_key_bits(key);
	error = crypto_public_key_ckaid(key, ckaid);
	if (!error)
		error = crypto_public_key_to_raw(key, bytes, sizeof(bytes),
						 &length);
	if (error)
		return error;
	for (i = 0; i < sizeof(ckaid); i++)
		snprintf(entry->ckaid + 2 * i, 3, "%02x", ckaid[i]);
	base64_encode(bytes, length, entry->public);
	snprintf(entry->id, sizeof(entry->id), "%.*s", KEYS_ID_TEXT_SIZE - 1,
		 entry->public);
	/* leftpubkey= has the key with its kind */
	if (entry->kind == KEYS_EDDSA) {
		error = crypto_public_key_to_spki(key, bytes, sizeof(bytes),
						  &length);
		if (!error)
			base64_encode(bytes, length, entry->public);
	}
	return error;
}

/**
 * keys_store_private - put a private key into the store
 * @directory: the store
 * @key: the key
 * @entry: to be filled
 *
 * Return: NULL, also if it is there already; or why it could not be done.
 */
struct error *keys_store_private(const char *directory,
				 const struct crypto_private_key *key,
				 struct keys_entry *entry)
{
	char path[FILE_PATH_SIZE], pem[PEM_SIZE_MAX];
	struct crypto_public_key *public;
	struct error *error;
	size_t length = 0;

	error = crypto_private_key_public(key, &public);
	if (error)
		return error;
	error = keys_describe(public, entry);
	crypto_public_key_free(public);
	if (!error)
		error = file_path(directory, KEYS_PRIVATE, entry->ckaid,
				  KEYS_SUFFIX, path);
	if (!error)
		error = crypto_private_key_to_pem(key, pem, sizeof(pem),
						  &length);
	if (!error)
		error = file_create(path, 0600, pem, length);
	explicit_bzero(pem, sizeof(pem));
	if (error && error->number == EEXIST) {
		error_free(error);
		return NULL;
	}
	return error;
}

/**
 * keys_generate - make a key pair and keep it
 * @directory: the store
 * @kind: "rsa", or the name of a curve
 * @bits: bits of an RSA key
 * @entry: to be filled
 *
 * Return: NULL, or why it could not be done.
 */
struct error *keys_generate(const char *directory, const char *kind,
			    unsigned int bits, struct keys_entry *entry)
{
	struct crypto_private_key *key;
	struct error *error;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, kind))
			break;
	}
	if (i == ARRAY_SIZE(kinds))
		return error_usage("'%s' is no curve: choose secp256r1, secp384r1 or secp521r1 for ecdsa, ed25519 or ed448 for eddsa",
				   kind);
	error = keys_need_store(directory);
	if (!error)
		error = crypto_private_key_generate(kinds[i].kind, bits, &key);
	if (error)
		return error;
	error = keys_store_private(directory, key, entry);
	crypto_private_key_free(key);
	return error;
}

/**
 * struct listing - a list that is being made
 * @list: the list
 * @error: why it can't be, NULL as long as it can
 */
struct listing {
	struct keys_list *list;
	struct error *error;
};

static struct error *describe_private(const struct crypto_private_key *key,
				      struct keys_entry *entry)
{
	struct crypto_public_key *public;
	struct error *error;

	error = crypto_private_key_public(key, &public);
	if (error)
		return error;
	error = keys_describe(public, entry);
	crypto_public_key_free(public);
	return error;
}

static void list_key(void *context, struct crypto_private_key *key,
		     struct error *error)
{
	struct listing *listing = context;
	struct keys_list *list = listing->list;
	struct keys_entry *items = NULL;

	if (!error && !listing->error) {
		items = reallocarray(list->items, list->count + 1,
				     sizeof(*items));
		error = items ? NULL : error_no_memory();
	}
	if (items) {
		list->items = items;
		error = describe_private(key, &items[list->count]);
		list->count += !error;
	}
	crypto_private_key_free(key);
	if (listing->error)
		error_free(error);
	else
		listing->error = error;
}

/**
 * keys_list - list the keys of the store
 * @directory: the store
 * @list: to be filled, to be freed with keys_list_free()
 *
 * Return: NULL, or why it could not be done; there is nothing to be freed then.
 */
struct error *keys_list(const char *directory, struct keys_list *list)
{
	struct listing listing = { .list = list };
	struct error *error;

	*list = (struct keys_list){ 0 };
	error = keys_open_each(directory, list_key, &listing);
	if (!error)
		error = listing.error;
	if (error)
		keys_list_free(list);
	return error;
}

/**
 * keys_list_free - free a list of keys
 * @list: the list
 */
void keys_list_free(struct keys_list *list)
{
	free(list->items);
	*list = (struct keys_list){ 0 };
}

/**
 * keys_check - is a store as it should be
 * @directory: the store
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *keys_check(const char *directory)
{
	char path[FILE_PATH_SIZE];
	struct keys_list list;
	struct stat status;
	struct error *error;

	error = keys_need_store(directory);
	if (!error)
		error = file_path(directory, KEYS_PRIVATE, NULL, "", path);
	if (error)
		return error;
	if (stat(path, &status))
		return error_refused(errno, "%s: %s", path, strerror(errno));
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return error_refused(EPERM, "%s is open to other users (mode %04o): it needs mode 0700",
				     path, status.st_mode & 07777);
	error = keys_list(directory, &list);
	if (!error)
		keys_list_free(&list);
	return error;
}
