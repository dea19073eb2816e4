/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets: keys as a user hands them over. They live in a buffer of fixed size
 * that is wiped when it is no longer needed, and no error quotes them.
 */
#ifndef LIB_SECRET_H
#define LIB_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* Longer than any key, so that the sentence about a wrong length can name it */
#define SECRET_SIZE 128

/**
 * struct secret - some secret bytes
 * @length: number of bytes
 * @bytes: the bytes
 */
struct secret {
	size_t length;
	uint8_t bytes[SECRET_SIZE];
};

struct stat;

ERROR_MUST_CHECK
struct error *secret_check_private(const struct stat *status,
				   const char *path);
bool secret_is_elsewhere(const char *text);
ERROR_MUST_CHECK
struct error *secret_parse(const char *text, struct secret *secret);

void secret_wipe(struct secret *secret);
bool secret_equal(const void *one, const void *other, size_t length);

#endif /* LIB_SECRET_H */
