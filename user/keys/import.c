// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Takes a PKCS#12 file apart into files of the key store. The certificate comes
 * last: once its nickname is there, everything that belongs to it is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/pkcs12.h"
#include "keys/file.h"
#include "keys/internal.h"
#include "keys/keys.h"

/* The name of an authority's file, and the number behind a second of one name */
#define NAME_LENGTH_MAX 60
#define NAMESAKES_MAX 9

/* Base64 takes a third more, and lines end */
#define PEM_SIZE_MAX (CRYPTO_CERT_SIZE_MAX * 3 / 2)

/* Does a file hold this very certificate? */
static bool holds(const char *path, const char *pem, size_t length)
{
	struct error *error;
	struct file file;
	bool same;

	error = file_read(path, false, &file);
	if (error) {
		error_free(error);
		return false;
	}
	same = file.length == length && !memcmp(file.bytes, pem, length);
	file_forget(&file);
	return same;
}

/* Writes a certificate; EEXIST if the name belongs to another. */
static struct error *store_cert(const char *directory, const char *part,
				const char *name,
				const struct crypto_cert *cert)
{
	char path[FILE_PATH_SIZE], pem[PEM_SIZE_MAX];
	struct error *error;
	size_t length;

	error = file_path(directory, part, name, KEYS_SUFFIX, path);
	if (!error)
		error = crypto_cert_to_pem(cert, pem, sizeof(pem), &length);
	if (error)
		return error;
	error = file_create(path, 0644, pem, length);
	if (error && error->number == EEXIST && holds(path, pem, length)) {
		error_free(error);
		return NULL;
	}
	return error;
}

static struct error *store_ca(const char *directory,
			      const struct crypto_cert *ca)
{
	const char *subject = crypto_cert_subject(ca);
	const char *common = strstr(subject, "CN=");
	char name[NAME_LENGTH_MAX + 4];
	struct error *error;
	int number = 1;

	snprintf(name, NAME_LENGTH_MAX, "%s", common ? common + 3 : subject);
	error = store_cert(directory, KEYS_CACERTS, name, ca);
	while (error && error->number == EEXIST && number++ < NAMESAKES_MAX) {
		error_free(error);
		snprintf(name, sizeof(name), "%.*s-%d", NAME_LENGTH_MAX - 1,
			 common ? common + 3 : subject, number);
		error = store_cert(directory, KEYS_CACERTS, name, ca);
	}
	return error;
}

static struct error *store_bundle(const char *directory,
				  const struct crypto_bundle *bundle,
				  struct keys_imported *imported)
{
	struct keys_entry entry;
	struct error *error;
	size_t i;

	error = keys_store_private(directory, bundle->key, &entry);
	for (i = 0; !error && i < bundle->count; i++) {
		if (!crypto_cert_is_ca(bundle->others[i]))
			continue;
		error = store_ca(directory, bundle->others[i]);
		imported->ca_count += !error;
	}
	if (error)
		return error;
	error = store_cert(directory, KEYS_CERTS, imported->nickname,
			   bundle->cert);
	if (error && error->number == EEXIST) {
		error_free(error);
		return error_refused(EEXIST, "there is another certificate with the nickname '%s' already: choose one for this with --name",
				     imported->nickname);
	}
	return error;
}

/* It will stand in lists and in ipsec.conf. */
static struct error *check_nickname(const char *nickname, const char *path)
{
	size_t i;

	if (!*nickname)
		return error_refused(0, "%s gives its certificate no name: choose one with --name",
				     path);
	if (strlen(nickname) >= KEYS_NICKNAME_SIZE)
		return error_usage("a nickname has at most %d characters",
				   KEYS_NICKNAME_SIZE - 1);
	for (i = 0; nickname[i]; i++) {
		if ((unsigned char)nickname[i] < ' ' || nickname[i] == 0x7f)
			return error_refused(0, "character %zu of the certificate's name is not printable: choose a name with --name",
					     i + 1);
	}
	return NULL;
}

/**
 * keys_import - take a PKCS#12 file into the store
 * @directory: the store
 * @path: the file
 * @password: of the file
 * @nickname: what to call the certificate; NULL for what the file calls it
 * @imported: to be filled
 *
 * Return: NULL, or why it could not be done.
 */
struct error *keys_import(const char *directory, const char *path,
			  const char *password, const char *nickname,
			  struct keys_imported *imported)
{
	struct crypto_bundle bundle;
	struct error *error;
	struct file file;

	_Static_assert(sizeof(imported->nickname) >= CRYPTO_BUNDLE_NAME_SIZE,
		       "every friendly name has room");
	*imported = (struct keys_imported){ 0 };
	error = keys_need_store(directory);
	if (!error)
		error = file_read(path, false, &file);
	if (error)
		return error;
	error = error_prefix(crypto_bundle_open(file.bytes, file.length,
						password, &bundle),
			     "%s: ", path);
	file_forget(&file);
	if (error)
		return error;
	if (!nickname)
		nickname = bundle.name;
	error = check_nickname(nickname, path);
	if (!error) {
		snprintf(imported->nickname, sizeof(imported->nickname), "%s",
			 nickname);
		snprintf(imported->subject, sizeof(imported->subject), "%s",
			 crypto_cert_subject(bundle.cert));
		error = store_bundle(directory, &bundle, imported);
	}
	crypto_bundle_close(&bundle);
	return error;
}
