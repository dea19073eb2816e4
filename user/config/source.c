// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads files whole and hands out their lines.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/source.h"
#include "lib/secret.h"

/* Far more than any configuration has, far less than the memory there is */
#define FILE_MAX (64u << 20)

/* Seconds after which a change has another time than the one before */
#define SETTLED_SECONDS 1

#define BLANKS " \t\r"

/**
 * cfg_skip_blanks - where the first word of a text begins
 * @text: the text
 *
 * Return: the first character that is not blank, perhaps the final 0.
 */
char *cfg_skip_blanks(const char *text)
{
	return (char *)text + strspn(text, BLANKS);
}

/**
 * cfg_trim - cut off blanks at the end
 * @text: the text, changed in place
 */
void cfg_trim(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(BLANKS, text[length - 1]))
		length--;
	text[length] = '\0';
}

static struct error *read_all(int file, struct cfg_source *source)
{
	size_t room = 0;
	ssize_t got;

	do {
		if (room - source->length < 2) {
			char *text;

			/* no realloc: it would leave secrets behind */
			room = room ? room * 2 : 4096;
			if (room > FILE_MAX)
				return error_refused(EFBIG, "is larger than %u MiB",
						     FILE_MAX >> 20);
			text = malloc(room);
			if (!text)
				return error_no_memory();
			if (source->text) {
				memcpy(text, source->text, source->length);
				explicit_bzero(source->text, source->length);
				free(source->text);
			}
			source->text = text;
		}
		got = read(file, source->text + source->length,
			   room - source->length - 1);
		if (got < 0 && errno != EINTR)
			return error_refused(errno, "cannot be read: %s",
					     strerror(errno));
		source->length += got > 0 ? (size_t)got : 0;
	} while (got);
	source->text[source->length] = '\0';
	return NULL;
}

static void make_stamp(const struct stat *status, struct cfg_stamp *stamp)
{
	*stamp = (struct cfg_stamp){
		.device = status->st_dev,
		.number = status->st_ino,
		.size = status->st_size,
		.written = status->st_mtim,
		.changed = status->st_ctim,
	};
}

static bool is_same_time(const struct timespec *one,
			 const struct timespec *other)
{
	return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

static bool is_settled(const struct cfg_stamp *stamp)
{
	time_t now = time(NULL);

	return stamp->written.tv_sec + SETTLED_SECONDS < now &&
	       stamp->changed.tv_sec + SETTLED_SECONDS < now;
}

static struct error *open_file(const char *path, bool secret, int *file,
			       struct cfg_stamp *stamp)
{
	struct error *error = NULL;
	struct stat status;

	*file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*file < 0)
		return error_refused(errno, "%s: cannot be opened: %s", path,
				     strerror(errno));
	if (fstat(*file, &status))
		error = error_refused(errno, "%s: cannot be read: %s", path,
				      strerror(errno));
	else if (S_ISDIR(status.st_mode))
		error = error_refused(EISDIR, "%s: is a directory", path);
	else if (secret)
		error = secret_check_private(&status, path);
	if (error)
		close(*file);
	else
		make_stamp(&status, stamp);
	return error;
}

/**
 * cfg_source_open - read a file
 * @path: its name
 * @secret: others must not be able to read it, and memory is wiped afterwards
 * @source: where to put it; to be freed with cfg_source_free()
 *
 * Return: NULL, or why it cannot be read.
 */
struct error *cfg_source_open(const char *path, bool secret,
			      struct cfg_source **source)
{
	struct cfg_stamp stamp;
	struct cfg_source *new;
	struct error *error;
	int file;

	error = open_file(path, secret, &file, &stamp);
	if (error)
		return error;
	new = calloc(1, sizeof(*new));
	if (new)
		new->name = strdup(path);
	if (!new || !new->name) {
		error = error_no_memory();
	} else {
		new->secret = secret;
		new->stamp = stamp;
		new->settled = is_settled(&stamp);
		error = error_prefix(read_all(file, new), "%s: ", path);
	}
	close(file);
	if (error) {
		cfg_source_free(new);
		return error;
	}
	new->rest = new->text;
	new->at.file = new->name;
	*source = new;
	return NULL;
}

/**
 * cfg_source_line - the next line
 * @source: the file; @at becomes the place of the line
 *
 * A character of number 0 ends the line for all that look at it: what is behind
 * it is never seen.
 *
 * Return: the line without its end, in place; NULL behind the last one.
 */
char *cfg_source_line(struct cfg_source *source)
{
	char *line = source->rest;
	char *limit = source->text + source->length;
	char *end;

	if (line >= limit)
		return NULL;
	end = memchr(line, '\n', (size_t)(limit - line));
	if (end)
		*end = '\0';
	source->rest = end ? end + 1 : limit;
	source->at.line++;
	return line;
}

/**
 * cfg_source_is_current - would reading a file again bring the same
 * @source: the file, as it was read
 *
 * Return: whether it surely would.
 */
bool cfg_source_is_current(const struct cfg_source *source)
{
	const struct cfg_stamp *before = &source->stamp;
	struct cfg_stamp now;
	struct stat status;

	if (!source->settled || stat(source->name, &status))
		return false;
	make_stamp(&status, &now);
	return now.device == before->device && now.number == before->number &&
	       now.size == before->size &&
	       is_same_time(&now.written, &before->written) &&
	       is_same_time(&now.changed, &before->changed);
}

/**
 * cfg_source_free - forget a file
 * @source: the file, or NULL
 */
void cfg_source_free(struct cfg_source *source)
{
	if (!source)
		return;
	if (source->text && source->secret)
		explicit_bzero(source->text, source->length);
	free(source->text);
	free(source->name);
	free(source);
}

/* A directory that is not there has no files; what cannot be read is an error. */
static int ends_glob(const char *path, int number)
{
	(void)path;
	return number != ENOENT && number != ENOTDIR;
}

/**
 * cfg_source_glob - the files that an include line names
 * @source: the file that the line stands in
 * @pattern: absolute, or beside @source; may have wildcards
 * @found: where to put them; to be freed with globfree()
 *
 * Return: NULL, also if wildcards match nothing; else what is wrong.
 */
struct error *cfg_source_glob(const struct cfg_source *source,
			      const char *pattern, glob_t *found)
{
	const char *slash = strrchr(source->name, '/');
	char *path;
	int result;

	memset(found, 0, sizeof(*found));
	if (*pattern == '/' || !slash)
		path = strdup(pattern);
	else if (asprintf(&path, "%.*s/%s", (int)(slash - source->name),
			  source->name, pattern) < 0)
		path = NULL;
	if (!path)
		return error_no_memory();
	result = glob(path, 0, ends_glob, found);
	if (result == GLOB_NOMATCH)
		memset(found, 0, sizeof(*found));
	if (result == GLOB_NOMATCH && strpbrk(pattern, "*?["))
		result = 0;
	free(path);
	if (result == GLOB_NOSPACE)
		return error_no_memory();
	if (result)
		return error_refused(ENOENT, "there is no file '%s' to include",
				     pattern);
	return NULL;
}
