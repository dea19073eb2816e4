/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/keys only: what its files share.
 */
#ifndef KEYS_INTERNAL_H
#define KEYS_INTERNAL_H

#include "lib/error.h"

#define KEYS_PRIVATE "private"
#define KEYS_CERTS "certs"
#define KEYS_CACERTS "cacerts"
#define KEYS_SUFFIX ".pem"

struct crypto_private_key;
struct keys_entry;

ERROR_MUST_CHECK
struct error *keys_need_store(const char *directory);
ERROR_MUST_CHECK
struct error *keys_store_private(const char *directory,
				 const struct crypto_private_key *key,
				 struct keys_entry *entry);

#endif /* KEYS_INTERNAL_H */
