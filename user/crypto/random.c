// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random bytes from OpenSSL's generator, which the kernel's seeds.
 */
#include <openssl/rand.h>

#include "crypto/openssl.h"
#include "crypto/random.h"

/**
 * crypto_random - fill memory with random bytes
 * @bytes: where
 * @length: how many
 *
 * Return: NULL, or why there is no randomness; @bytes are of no use then.
 */
struct error *crypto_random(void *bytes, size_t length)
{
	if (RAND_bytes_ex(NULL, bytes, length, 0) != 1)
		return openssl_error("draw random bytes");
	return NULL;
}
