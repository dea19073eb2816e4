// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Public things of the store and of the configuration: certificates, authorities,
 * revocation lists, and public keys as ipsec.conf has them.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/pkcs12.h"
#include "crypto/trust.h"
#include "keys/file.h"
#include "keys/internal.h"
#include "keys/keys.h"
#include "lib/base64.h"

#define KEYS_CRLS "crls"

/* Certificates of authorities in one file */
#define BUNDLE_MAX 512

static struct error *decode(const char *text, uint8_t *bytes, size_t room,
			    size_t *length)
{
	if (text[0] == '0' && (text[1] == 's' || text[1] == 'S'))
		return base64_decode(text + 2, bytes, room, length);
	return error_usage("a public key is written in base64 with 0s before it");
}

/**
 * keys_parse_public - a public key as leftrsasigkey= and leftecdsakey= have it
 * @text: 0s and base64: of RFC 3110, of a point, or of a SubjectPublicKeyInfo
 * @rsa: it must be RSA, or else it must not
 * @key: set to the key, to be freed with crypto_public_key_free()
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *keys_parse_public(const char *text, bool rsa,
				struct crypto_public_key **key)
{
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX];
	struct error *error, *other;
	enum crypto_key_kind kind;
	size_t length;

	error = decode(text, bytes, sizeof(bytes), &length);
	if (error)
		return error;
	error = rsa ? crypto_public_key_from_rfc3110(bytes, length, key) :
		      crypto_public_key_from_point(bytes, length, key);
	if (!error)
		return NULL;
	other = crypto_public_key_from_spki(bytes, length, key);
	if (other) {
		error_free(other);
		return error;
	}
	error_free(error);
	kind = crypto_public_key_kind(*key);
	if ((kind == CRYPTO_KEY_RSA) == rsa)
		return NULL;
	crypto_public_key_free(*key);
	return error_usage("it is a key of the kind %s, which belongs elsewhere",
			   crypto_key_kind_text(kind));
}

static int is_visible(const struct dirent *file)
{
	return file->d_name[0] != '.';
}

/* A PKCS#12 file has a private key in it: it must be nobody else's. */
static struct error *read_bundle(const char *path, const char *password,
				 struct crypto_cert **certs, size_t room,
				 size_t *count)
{
	struct error *error, *refused;
	struct file file;

	error = file_read(path, true, &file);
	if (error)
		return error;
	error = crypto_bundle_certs(file.bytes, file.length,
				    password ? password : "", certs, room,
				    count);
	file_forget(&file);
	if (!error || password)
		return error_prefix(error, "%s: ", path);
	refused = error_refused(0, "%s: %s; ipsec.secrets gives none, by ': P12 %s \"password\"'",
				path, error->sentence, path);
	error_free(error);
	return refused;
}

static struct error *read_certs(const char *path, const char *password,
				struct crypto_cert **certs, size_t room,
				size_t *count)
{
	struct error *error;
	struct file file;

	error = file_read(path, false, &file);
	if (error)
		return error;
	if (crypto_bundle_is(file.bytes, file.length)) {
		file_forget(&file);
		return read_bundle(path, password, certs, room, count);
	}
	error = crypto_cert_read(file.bytes, file.length, certs, room, count);
	file_forget(&file);
	return error ? error_prefix(error, "%s: ", path) : NULL;
}

/**
 * keys_find_certs - a certificate, and those that came with it
 * @directory: the store
 * @name: nickname of the certificate, or path of a file, which has a / in it
 * @password: of the file, if it is PKCS#12; NULL for none
 * @certs: set to the certificates, to be freed with crypto_cert_free()
 * @room: how many there may be
 * @count: set to how many there are, one at least
 *
 * Return: NULL, or why there are none.
 */
struct error *keys_find_certs(const char *directory, const char *name,
			      const char *password, struct crypto_cert **certs,
			      size_t room, size_t *count)
{
	char path[FILE_PATH_SIZE];
	struct error *error;

	if (strchr(name, '/'))
		return read_certs(name, password, certs, room, count);
	error = file_path(directory, KEYS_CERTS, name, KEYS_SUFFIX, path);
	if (!error)
		error = read_certs(path, NULL, certs, room, count);
	if (!error || error->number != ENOENT)
		return error;
	error_free(error);
	return error_refused(ENOENT, "there is no certificate '%s' in the key store, as %s: 'ipsec import' puts it there, or its file is named by its whole path",
			     name, path);
}

static void visit_certs(const char *directory, const char *nickname,
			void (*visit)(void *context, const char *nickname,
				      const struct crypto_cert *cert),
			void *context)
{
	struct crypto_cert *certs[BUNDLE_MAX];
	size_t count = 0, i;

	/* what is broken is told when somebody wants to use it */
	error_free(keys_find_certs(directory, nickname, NULL, certs, BUNDLE_MAX,
				   &count));
	for (i = 0; i < count; i++) {
		if (!i)
			visit(context, nickname, certs[i]);
		crypto_cert_free(certs[i]);
	}
}

/**
 * keys_each_cert - look at all certificates that have a nickname
 * @directory: the store
 * @visit: called for each, in the order of their files
 * @context: for it
 *
 * Return: NULL, or why they cannot be read.
 */
struct error *keys_each_cert(const char *directory,
			     void (*visit)(void *context, const char *nickname,
					   const struct crypto_cert *cert),
			     void *context)
{
	char path[FILE_PATH_SIZE], nickname[KEYS_NICKNAME_SIZE];
	struct dirent **files = NULL;
	struct error *error;
	int count, i;

	error = file_path(directory, KEYS_CERTS, NULL, "", path);
	if (error)
		return error;
	count = scandir(path, &files, is_visible, alphasort);
	if (count < 0 && errno != ENOENT)
		return error_refused(errno, "%s: %s", path, strerror(errno));
	for (i = 0; i < count; i++) {
		if (file_name_of(files[i]->d_name, KEYS_SUFFIX, nickname,
				 sizeof(nickname)))
			visit_certs(directory, nickname, visit, context);
		free(files[i]);
	}
	free(files);
	return NULL;
}

static struct error *add_authorities(const char *path,
				     struct crypto_trust *trust)
{
	struct crypto_cert *certs[BUNDLE_MAX];
	struct error *error;
	size_t count = 0, i;

	error = read_certs(path, NULL, certs, BUNDLE_MAX, &count);
	if (error)
		return error;
	for (i = 0; i < count; i++) {
		if (!error)
			error = crypto_trust_add_ca(trust, certs[i]);
		crypto_cert_free(certs[i]);
	}
	return error ? error_prefix(error, "%s: ", path) : NULL;
}

static struct error *add_crl(const char *path, struct crypto_trust *trust)
{
	struct error *error;
	struct file file;

	error = file_read(path, false, &file);
	if (error)
		return error;
	error = crypto_trust_add_crl(trust, file.bytes, file.length);
	file_forget(&file);
	return error ? error_prefix(error, "%s: ", path) : NULL;
}

/* Takes all files of a directory; one that is bad leaves the others alone. */
static void add_all(const char *directory, const char *part,
		    struct error *(*add)(const char *path,
					 struct crypto_trust *trust),
		    struct crypto_trust *trust,
		    void (*complain)(struct error *error))
{
	char parent[FILE_PATH_SIZE], *path;
	struct dirent **files = NULL;
	struct error *error;
	int count, i;

	error = file_path(directory, part, NULL, "", parent);
	if (error) {
		complain(error);
		return;
	}
	count = scandir(parent, &files, is_visible, alphasort);
	for (i = 0; i < count; i++) {
		if (asprintf(&path, "%s/%s", parent, files[i]->d_name) >= 0) {
			error = add(path, trust);
			if (error)
				complain(error);
			free(path);
		}
		free(files[i]);
	}
	free(files);
	if (count < 0 && errno != ENOENT)
		complain(error_refused(errno, "%s: %s", parent,
				       strerror(errno)));
}

/**
 * keys_find_trust - the authorities of the store, and what they have revoked
 * @directory: the store
 * @complain: called with each file that is not as it should be, and why; frees that
 * @trust: set to them, to be freed with crypto_trust_destroy()
 *
 * Return: NULL, or why there are none.
 */
struct error *keys_find_trust(const char *directory,
			      void (*complain)(struct error *error),
			      struct crypto_trust **trust)
{
	struct error *error = crypto_trust_create(trust);

	if (error)
		return error;
	add_all(directory, KEYS_CACERTS, add_authorities, *trust, complain);
	add_all(directory, KEYS_CRLS, add_crl, *trust, complain);
	return NULL;
}

/**
 * keys_trust_changed - when files of authorities and revocations came or went
 * @directory: the store
 * @changed: set to when; files that are written into don't show
 */
void keys_trust_changed(const char *directory,
			struct timespec changed[KEYS_TRUST_PARTS])
{
	static const char *const parts[KEYS_TRUST_PARTS] = {
		KEYS_CACERTS, KEYS_CRLS,
	};
	char path[FILE_PATH_SIZE];
	struct error *error;
	struct stat found;
	size_t i;

	for (i = 0; i < KEYS_TRUST_PARTS; i++) {
		memset(&found, 0, sizeof(found));
		error = file_path(directory, parts[i], NULL, "", path);
		if (!error && stat(path, &found))
			memset(&found, 0, sizeof(found));
		error_free(error);
		changed[i] = found.st_mtim;
	}
}
