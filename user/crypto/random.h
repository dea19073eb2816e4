/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random bytes that nobody can foresee.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include "crypto/crypto.h"

ERROR_MUST_CHECK
struct error *crypto_random(void *bytes, size_t length);

#endif /* CRYPTO_RANDOM_H */
