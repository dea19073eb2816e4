/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/crypto only: how a failure inside OpenSSL becomes an error.
 */
#ifndef CRYPTO_OPENSSL_H
#define CRYPTO_OPENSSL_H

#include "lib/error.h"

ERROR_MUST_CHECK
struct error *openssl_error(const char *what);
void openssl_forget_errors(void);
int openssl_no_passphrase(char *buffer, int size, int writing, void *data);

#endif /* CRYPTO_OPENSSL_H */
