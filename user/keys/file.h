/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/keys only: the files of the key store, read whole and written
 * whole. What was read is wiped when it is let go.
 */
#ifndef KEYS_FILE_H
#define KEYS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define FILE_PATH_SIZE 512

/**
 * struct file - the content of a file
 * @bytes: its bytes
 * @length: how many
 */
struct file {
	uint8_t *bytes;
	size_t length;
};

ERROR_MUST_CHECK
struct error *file_path(const char *directory, const char *part,
			const char *name, const char *suffix,
			char path[FILE_PATH_SIZE]);
ERROR_MUST_CHECK
struct error *file_read(const char *path, bool private, struct file *file);
void file_forget(struct file *file);
bool file_name_of(const char *file, const char *suffix, char *name,
		  size_t size);
ERROR_MUST_CHECK
struct error *file_create(const char *path, unsigned int mode,
			  const void *bytes, size_t length);

#endif /* KEYS_FILE_H */
