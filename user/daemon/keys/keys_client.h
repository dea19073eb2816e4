/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of the keys process: requests for signatures, which are
 * answered later. They survive a process that is replaced by one that read the keys
 * again; those that were under way when a process died fail.
 */
#ifndef DAEMON_KEYS_CLIENT_H
#define DAEMON_KEYS_CLIENT_H

#include "crypto/sign.h"
#include "lib/bytes.h"

struct keys_client;

/**
 * struct keys_client_ops - whom a client tells
 * @signed_: a request is answered; with a signature, or why there is none, which is
 *	to be freed with error_free()
 * @have: a private key is there
 * @problem: a key could not be read, or the process not be protected
 * @ready: all keys and problems of a process were told
 */
struct keys_client_ops {
	void (*signed_)(void *context, uint64_t token, struct error *error,
			const struct crypto_signature *signature);
	void (*have)(void *context, const uint8_t ckaid[CRYPTO_CKAID_SIZE],
		     enum crypto_key_kind kind);
	void (*problem)(void *context, const char *sentence);
	void (*ready)(void *context, size_t key_count);
};

ERROR_MUST_CHECK
struct error *keys_client_create(const struct keys_client_ops *ops,
				 void *context, struct keys_client **client);
void keys_client_destroy(struct keys_client *client);

void keys_client_attach(struct keys_client *client, int socket);
int keys_client_socket(const struct keys_client *client);
ERROR_MUST_CHECK
struct error *keys_client_read(struct keys_client *client);

ERROR_MUST_CHECK
struct error *keys_client_sign(struct keys_client *client, uint64_t token,
			       const uint8_t ckaid[CRYPTO_CKAID_SIZE],
			       const struct crypto_scheme *scheme,
			       struct bytes octets);

#endif /* DAEMON_KEYS_CLIENT_H */
