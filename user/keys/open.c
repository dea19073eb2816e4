// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opens private keys, of the store and of files elsewhere. Whatever was read on
 * the way is wiped.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/key.h"
#include "crypto/pkcs12.h"
#include "keys/file.h"
#include "keys/internal.h"
#include "keys/keys.h"

static struct error *read_private(const char *path,
				  struct crypto_private_key **key)
{
	struct error *error;
	struct file file;

	error = file_read(path, true, &file);
	if (error)
		return error;
	error = crypto_private_key_read(file.bytes, file.length, key);
	file_forget(&file);
	return error_prefix(error, "%s: ", path);
}

static int is_key_file(const struct dirent *file)
{
	size_t length = strlen(file->d_name), suffix = strlen(KEYS_SUFFIX);

	return file->d_name[0] != '.' && length > suffix &&
	       !strcmp(file->d_name + length - suffix, KEYS_SUFFIX);
}

/**
 * keys_open_each - open every private key of the store
 * @directory: the store
 * @each: called for each file, in the order of their names: with its key, which is
 *	to be freed with crypto_private_key_free(), or why there is none, which is to
 *	be freed with error_free()
 * @context: for @each
 *
 * For the process that signs, and for what lists keys without keeping them.
 *
 * Return: NULL, or why the store could not be read.
 */
struct error *keys_open_each(const char *directory,
			     void (*each)(void *context,
					  struct crypto_private_key *key,
					  struct error *error),
			     void *context)
{
	char path[FILE_PATH_SIZE], *name = NULL;
	struct crypto_private_key *key;
	struct dirent **files = NULL;
	struct error *error;
	int i, count;

	error = keys_need_store(directory);
	if (!error)
		error = file_path(directory, KEYS_PRIVATE, NULL, "", path);
	if (error)
		return error;
	count = scandir(path, &files, is_key_file, alphasort);
	if (count < 0)
		return error_refused(errno, "%s: %s", path, strerror(errno));
	for (i = 0; i < count; i++) {
		key = NULL;
		if (asprintf(&name, "%s/%s", path, files[i]->d_name) < 0) {
			name = NULL;
			error = error_no_memory();
		} else {
			error = read_private(name, &key);
		}
		each(context, key, error);
		free(name);
		free(files[i]);
	}
	free(files);
	return NULL;
}

/* What programs make that make keys on the spot has no password. */
static struct error *read_bundle(const char *path, const struct file *file,
				 const char *password,
				 struct crypto_private_key **key)
{
	struct crypto_bundle bundle;
	struct error *error;

	error = crypto_bundle_open(file->bytes, file->length,
				   password ? password : "", &bundle);
	if (error)
		return error_prefix(error, "%s: ", path);
	*key = bundle.key;
	bundle.key = NULL;
	crypto_bundle_close(&bundle);
	return NULL;
}

static struct error *read_any(const char *path, const char *password,
			      bool private, struct crypto_private_key **key)
{
	struct error *error;
	struct file file;

	error = file_read(path, private, &file);
	if (error)
		return error;
	if (crypto_bundle_is(file.bytes, file.length)) {
		error = read_bundle(path, &file, password, key);
	} else {
		error = crypto_private_key_read(file.bytes, file.length, key);
		if (error) {
			error_free(error);
			error = error_refused(ENOENT, "%s holds no private key in PEM, DER or PKCS#12",
					      path);
		}
	}
	file_forget(&file);
	return error;
}

/**
 * keys_open_file - take a private key out of a file that is not in the store
 * @path: the file: PEM with anything around it, DER, or PKCS#12
 * @password: of PKCS#12, NULL for none
 * @key: where to put it, to be freed with crypto_private_key_free()
 *
 * A file without a private key may be open to everybody, one with it may not.
 *
 * Return: NULL, or why it could not be done: with ENOENT if the file has no
 * private key.
 */
struct error *keys_open_file(const char *path, const char *password,
			     struct crypto_private_key **key)
{
	struct error *error = read_any(path, password, true, key), *public;

	if (!error || error->number != EPERM)
		return error;
	public = read_any(path, password, false, key);
	if (public) {
		error_free(error);
		return public;
	}
	crypto_private_key_free(*key);
	*key = NULL;
	return error;
}
