/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file ipsec.secrets: pre-shared keys and passwords, and whom they are for. What
 * was read is wiped when it is freed, and no sentence quotes any of it.
 */
#ifndef CONFIG_SECRETS_H
#define CONFIG_SECRETS_H

#include <stddef.h>
#include <stdint.h>

#include "config/problem.h"

struct cfg_source;

/* Where it is if nobody says otherwise */
#define CFG_SECRETS_PATH "/etc/ipsec.secrets"

/**
 * enum cfg_secret_kind - what a secret is for
 * @CFG_SECRET_PSK: authentication by pre-shared key
 * @CFG_SECRET_XAUTH: a user's password
 * @CFG_SECRET_PPK: static post-quantum key (RFC 8784)
 * @CFG_SECRET_P12: password of a PKCS#12 file
 */
enum cfg_secret_kind {
	CFG_SECRET_PSK,
	CFG_SECRET_XAUTH,
	CFG_SECRET_PPK,
	CFG_SECRET_P12,
};

/**
 * struct cfg_secret - a secret and whom it is for
 * @at: where its entry begins
 * @kind: what it is for
 * @ids: whom it is for, as written; none means everybody
 * @id_count: number of @ids
 * @name: of a post-quantum key, or path of a PKCS#12 file; else NULL
 * @bytes: the secret, and a 0 that doesn't count
 * @length: number of @bytes
 */
struct cfg_secret {
	struct cfg_position at;
	enum cfg_secret_kind kind;
	const char **ids;
	size_t id_count;
	const char *name;
	uint8_t *bytes;
	size_t length;
};

/**
 * struct cfg_secrets - all secrets
 * @items: in the order in which they stand
 * @count: number of @items
 * @sources: the files, in which strings live
 * @source_count: number of @sources
 * @problems: what is wrong, or unwise
 */
struct cfg_secrets {
	struct cfg_secret *items;
	size_t count;
	struct cfg_source **sources;
	size_t source_count;
	struct cfg_problems problems;
};

ERROR_MUST_CHECK
struct error *cfg_secrets_load(const char *path, struct cfg_secrets *secrets);
void cfg_secrets_free(struct cfg_secrets *secrets);

const struct cfg_secret *cfg_secret_find(const struct cfg_secrets *secrets,
					 enum cfg_secret_kind kind,
					 const char *own, const char *peer);
const char *cfg_secret_password(const struct cfg_secrets *secrets,
				const char *path);

#endif /* CONFIG_SECRETS_H */
