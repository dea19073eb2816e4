/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key store: a directory, /etc/ipsec.d, with private keys, certificates and
 * authorities as files in PEM, so that any tool can be used on it:
 *
 *	private/CKAID.pem	a private key, mode 0600, named after its public half
 *	certs/NICKNAME.pem	a certificate
 *	cacerts/NAME.pem	the certificate of an authority
 *	crls/			revocation lists
 *
 * Everything but what is called keys_open_... hands out public things only.
 */
#ifndef KEYS_KEYS_H
#define KEYS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/error.h"

#define KEYS_DIRECTORY "/etc/ipsec.d"

/* CKAID in hexadecimal; what Libreswan calls the id of a key */
#define KEYS_CKAID_TEXT_SIZE 41
#define KEYS_ID_TEXT_SIZE 10

/* A public key of any kind in base64 */
#define KEYS_PUBLIC_TEXT_SIZE 1500

#define KEYS_NICKNAME_SIZE 128

/**
 * enum keys_kind - kinds of keys, as far as the commands tell them apart
 * @KEYS_RSA: RSA
 * @KEYS_ECDSA: ECDSA
 * @KEYS_EDDSA: EdDSA
 */
enum keys_kind {
	KEYS_RSA,
	KEYS_ECDSA,
	KEYS_EDDSA,
};

/**
 * struct keys_entry - a key of the store, by its public half
 * @kind: its kind
 * @bits: its size
 * @ckaid: its name
 * @id: the begin of the key in base64, without its kind
 * @public: as leftrsasigkey= and the like have it behind 0s, in base64; EdDSA as
 *	leftpubkey= has it
 */
struct keys_entry {
	enum keys_kind kind;
	unsigned int bits;
	char ckaid[KEYS_CKAID_TEXT_SIZE];
	char id[KEYS_ID_TEXT_SIZE];
	char public[KEYS_PUBLIC_TEXT_SIZE];
};

/**
 * struct keys_list - keys of the store
 * @items: the keys, by CKAID
 * @count: how many
 */
struct keys_list {
	struct keys_entry *items;
	size_t count;
};

/**
 * struct keys_imported - what came out of a PKCS#12 file
 * @nickname: the name of the certificate
 * @subject: whose it is
 * @ca_count: how many authorities came with it
 */
struct keys_imported {
	char nickname[KEYS_NICKNAME_SIZE];
	char subject[1024];
	size_t ca_count;
};

ERROR_MUST_CHECK
struct error *keys_init(const char *directory, bool *existed);
ERROR_MUST_CHECK
struct error *keys_check(const char *directory);
ERROR_MUST_CHECK
struct error *keys_generate(const char *directory, const char *kind,
			    unsigned int bits, struct keys_entry *entry);
ERROR_MUST_CHECK
struct error *keys_list(const char *directory, struct keys_list *list);
void keys_list_free(struct keys_list *list);
ERROR_MUST_CHECK
struct error *keys_import(const char *directory, const char *path,
			  const char *password, const char *nickname,
			  struct keys_imported *imported);

struct crypto_cert;
struct crypto_private_key;
struct crypto_public_key;
struct crypto_trust;

const char *keys_kind_text(enum keys_kind kind);
ERROR_MUST_CHECK
struct error *keys_describe(const struct crypto_public_key *key,
			    struct keys_entry *entry);
ERROR_MUST_CHECK
struct error *keys_parse_public(const char *text, bool rsa,
				struct crypto_public_key **key);
ERROR_MUST_CHECK
struct error *keys_find_certs(const char *directory, const char *name,
			      const char *password, struct crypto_cert **certs,
			      size_t room, size_t *count);
ERROR_MUST_CHECK
struct error *keys_each_cert(const char *directory,
			     void (*visit)(void *context, const char *nickname,
					   const struct crypto_cert *cert),
			     void *context);
/* Directories that keys_find_trust() reads */
#define KEYS_TRUST_PARTS 2

void keys_trust_changed(const char *directory,
			struct timespec changed[KEYS_TRUST_PARTS]);
ERROR_MUST_CHECK
struct error *keys_find_trust(const char *directory,
			      void (*complain)(struct error *error),
			      struct crypto_trust **trust);

ERROR_MUST_CHECK
struct error *keys_open_file(const char *path, const char *password,
			     struct crypto_private_key **key);
ERROR_MUST_CHECK
struct error *keys_open_each(const char *directory,
			     void (*each)(void *context,
					  struct crypto_private_key *key,
					  struct error *error),
			     void *context);

#endif /* KEYS_KEYS_H */
