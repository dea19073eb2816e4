/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The public half of how both ends of a connection prove who they are:
 * certificates and raw keys. Private keys are another process's.
 */
#ifndef DAEMON_CREDENTIALS_H
#define DAEMON_CREDENTIALS_H

#include "config/model.h"
#include "ike/connection.h"

struct cfg_secrets;
struct credentials;

/**
 * struct credentials_store - where they come from
 * @directory: the key store
 * @secrets: passwords of PKCS#12 files; NULL = none
 * @has_key: is there a private key of a name, and of which kind; NULL = nobody
 *	knows
 * @context: for @has_key
 */
struct credentials_store {
	const char *directory;
	const struct cfg_secrets *secrets;
	bool (*has_key)(void *context, const uint8_t ckaid[CRYPTO_CKAID_SIZE],
			enum crypto_key_kind *kind);
	void *context;
};

ERROR_MUST_CHECK
struct error *credentials_load(const struct credentials_store *store,
			       const struct cfg_connection *connection,
			       enum cfg_which ours, struct ike_model *model,
			       struct credentials **credentials);
void credentials_free(struct credentials *credentials);

#endif /* DAEMON_CREDENTIALS_H */
