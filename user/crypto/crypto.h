/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all of user/crypto has in common. This directory is the only place that
 * knows OpenSSL; nothing of OpenSSL shows in its headers.
 *
 * An algorithm is found by the number that IANA gave it (lib/iana.h), once: the
 * lookup returns an entry of a constant table, or NULL for what we don't have.
 * From there on the entry stands for the algorithm and tells its lengths.
 * Entries marked legacy are there for peers that have nothing better, and are
 * to be used only when somebody asked for them by name.
 *
 * What is computed over several pieces of memory takes them as an array, as if
 * they stood in one row: no caller has to copy them together.
 *
 * Functions are pure: no state but the objects they are given. Whatever holds
 * a key is wiped when it is destroyed, and no error quotes one.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct crypto_piece - some bytes of an input
 * @bytes: where they are; may be NULL if there are none
 * @length: how many
 */
struct crypto_piece {
	const void *bytes;
	size_t length;
};

#endif /* CRYPTO_CRYPTO_H */
