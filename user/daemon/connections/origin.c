// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configurations that connections were taken from. They stay as long as one of
 * their connections does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/engine/state.h"

/* Has a text read as if it were a file. */
static struct error *load_text(const struct daemon_source *source,
			       struct cfg **cfg)
{
	int file = memfd_create("configuration", MFD_CLOEXEC);
	size_t done = 0;
	char path[64];
	struct error *error;
	ssize_t wrote = 1;

	if (file < 0)
		return error_refused(errno, "cannot keep the configuration: %s",
				     strerror(errno));
	while (done < source->length && wrote > 0) {
		wrote = write(file, source->text + done, source->length - done);
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	if (done < source->length) {
		error = error_refused(errno, "cannot keep the configuration: %s",
				      strerror(errno));
	} else {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
		error = cfg_load(path, cfg);
	}
	close(file);
	return error;
}

/**
 * origin_load - read a configuration
 * @source: where it stands
 * @origin: set to it, to be given up with origin_put()
 *
 * Return: NULL, or why there is none.
 */
struct error *origin_load(const struct daemon_source *source,
			  struct origin **origin)
{
	struct origin *created = calloc(1, sizeof(*created));
	struct error *error = NULL;

	if (!created)
		return error_no_memory();
	created->users = 1;
	if (!source->text) {
		created->path = strdup(source->path);
		if (!created->path)
			error = error_no_memory();
	}
	if (!error)
		error = source->text ? load_text(source, &created->cfg) :
				       cfg_load(source->path, &created->cfg);
	if (error)
		origin_put(created);
	else
		*origin = created;
	return error;
}

/**
 * origin_is_current - would loading a configuration bring what is there
 * @origin: what is there
 * @source: what would be loaded
 *
 * Return: whether it surely would.
 */
bool origin_is_current(const struct origin *origin,
		       const struct daemon_source *source)
{
	return origin->path && source->path && !source->text &&
	       !strcmp(origin->path, source->path) &&
	       cfg_is_current(origin->cfg);
}

/**
 * origin_get - a configuration has one user more
 * @origin: it
 *
 * Return: @origin.
 */
struct origin *origin_get(struct origin *origin)
{
	origin->users++;
	return origin;
}

/**
 * origin_put - a configuration has one user less
 * @origin: it, or NULL
 */
void origin_put(struct origin *origin)
{
	if (!origin || --origin->users)
		return;
	cfg_free(origin->cfg);
	free(origin->path);
	free(origin);
}
