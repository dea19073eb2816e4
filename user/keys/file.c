// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and writes files. A new one appears under its name only when all of it
 * is on the disk, and never in the place of another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/file.h"
#include "lib/secret.h"

/* More than any certificate, key or bundle of them */
#define FILE_SIZE_MAX (1 << 20)

static struct error *failed(const char *path)
{
	return error_refused(errno, "%s: %s", path, strerror(errno));
}

static bool is_plain(char character)
{
	return (character >= 'a' && character <= 'z') ||
	       (character >= 'A' && character <= 'Z') ||
	       (character >= '0' && character <= '9') ||
	       strchr("-_@+=", character);
}

/**
 * file_path - where a file of the store is
 * @directory: the store
 * @part: the directory in it, or NULL
 * @name: any text: what would be odd in a file's name is written as %XX; NULL for
 *	the directory
 * @suffix: what follows the name
 * @path: where to put the result
 *
 * Return: NULL, or that it is too long.
 */
struct error *file_path(const char *directory, const char *part,
			const char *name, const char *suffix,
			char path[FILE_PATH_SIZE])
{
	char plain[256] = "";
	size_t used = 0;
	int length;

	for (; name && *name; name++) {
		/* a dot that begins a name hides the file */
		bool as_is = is_plain(*name) || (*name == '.' && used);

		if (used + 4 + strlen(suffix) > sizeof(plain))
			return error_usage("a name of more than %zu characters is too long",
					   sizeof(plain) - 5 - strlen(suffix));
		used += (size_t)snprintf(plain + used, 4,
					 as_is ? "%c" : "%%%02X",
					 (unsigned char)*name);
	}
	if (used)
		snprintf(plain + used, sizeof(plain) - used, "%s", suffix);
	length = snprintf(path, FILE_PATH_SIZE, "%s%s%s%s%s", directory,
			  part ? "/" : "", part ? part : "", used ? "/" : "",
			  plain);
	if (length >= FILE_PATH_SIZE)
		return error_usage("'%.60s...' is too long for a file",
				   directory);
	return NULL;
}

static int digit(char character)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = character ? strchr(digits, character) : NULL;

	return found ? (int)(found - digits) : -1;
}

/**
 * file_name_of - the name that file_path() has made a file's name of
 * @file: the file's name
 * @suffix: what follows the name in it
 * @name: where to put the name
 * @size: room there, with the final 0
 *
 * Return: whether it is such a file, and there is room.
 */
bool file_name_of(const char *file, const char *suffix, char *name, size_t size)
{
	const char *end = file + strlen(file) - strlen(suffix);
	int high, low;

	if (end <= file || strcmp(end, suffix) != 0)
		return false;
	for (; file < end && size > 1; size--) {
		high = *file == '%' && end - file > 2 ? digit(file[1]) : -1;
		low = high < 0 ? -1 : digit(file[2]);
		if (low < 0) {
			*name++ = *file++;
			continue;
		}
		*name++ = (char)(high << 4 | low);
		file += 3;
	}
	*name = '\0';
	return file == end;
}

static struct error *read_all(int descriptor, const char *path,
			      struct file *file)
{
	ssize_t length;

	do {
		length = read(descriptor, file->bytes + file->length,
			      FILE_SIZE_MAX - file->length);
		if (length < 0 && errno != EINTR)
			return failed(path);
		file->length += length > 0 ? (size_t)length : 0;
	} while (length && file->length < FILE_SIZE_MAX);
	if (file->length == FILE_SIZE_MAX)
		return error_refused(EFBIG, "%s is longer than any key or certificate",
				     path);
	return NULL;
}

/**
 * file_read - read a file
 * @path: its name
 * @private: refuse one that others could have read
 * @file: to be filled, to be freed with file_forget()
 *
 * Return: NULL, or why it could not be done; there is nothing to be freed then.
 */
struct error *file_read(const char *path, bool private, struct file *file)
{
	struct error *error = NULL;
	struct stat status;
	int descriptor;

	*file = (struct file){ 0 };
	descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (descriptor < 0)
		return failed(path);
	if (fstat(descriptor, &status))
		error = failed(path);
	else if (!S_ISREG(status.st_mode))
		error = error_refused(EINVAL, "%s is not a regular file", path);
	else if (private)
		error = secret_check_private(&status, path);
	if (!error) {
		file->bytes = calloc(1, FILE_SIZE_MAX);
		error = file->bytes ? read_all(descriptor, path, file) :
				      error_no_memory();
	}
	close(descriptor);
	if (error)
		file_forget(file);
	return error;
}

/**
 * file_forget - wipe and free what was read
 * @file: the content
 */
void file_forget(struct file *file)
{
	if (file->bytes)
		explicit_bzero(file->bytes, file->length);
	free(file->bytes);
	*file = (struct file){ 0 };
}

static struct error *write_all(int descriptor, const char *path,
			       const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	ssize_t written;

	while (length) {
		written = write(descriptor, next, length);
		if (written < 0 && errno != EINTR)
			return failed(path);
		next += written > 0 ? written : 0;
		length -= written > 0 ? (size_t)written : 0;
	}
	return fsync(descriptor) ? failed(path) : NULL;
}

/**
 * file_create - write a new file
 * @path: its name
 * @mode: its mode
 * @bytes: its content
 * @length: bytes of that
 *
 * Return: NULL, or why it could not be done, with EEXIST if the name is taken.
 */
struct error *file_create(const char *path, unsigned int mode,
			  const void *bytes, size_t length)
{
	char temporary[FILE_PATH_SIZE + 16];
	struct error *error;
	int descriptor;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	descriptor = mkostemp(temporary, O_CLOEXEC);
	if (descriptor < 0)
		return failed(path);
	error = write_all(descriptor, path, bytes, length);
	if (!error && fchmod(descriptor, mode))
		error = failed(path);
	close(descriptor);
	/* a link, unlike a new name, never replaces anything */
	if (!error && link(temporary, path))
		error = failed(path);
	unlink(temporary);
	return error;
}
