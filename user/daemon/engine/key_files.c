// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gathers the files with certificates that may have their keys in them. Many
 * connections have the same one, and that of a peer has none of our keys.
 */
#include <string.h>

#include "daemon/engine/key_files.h"

static bool is_file(const char *certificate)
{
	return certificate && *certificate == '/';
}

/**
 * key_files_are_named - does a connection name a file with a certificate
 * @connection: the connection
 *
 * Return: whether it does, on either side.
 */
bool key_files_are_named(const struct cfg_connection *connection)
{
	return is_file(connection->sides[CFG_LEFT].cert) ||
	       is_file(connection->sides[CFG_RIGHT].cert);
}

static bool add(struct parent_keys *keys, const char *path)
{
	size_t i;

	for (i = 0; i < keys->file_count; i++) {
		if (!strcmp(keys->files[i], path))
			return true;
	}
	if (keys->file_count == PARENT_FILES_MAX)
		return false;
	keys->files[keys->file_count++] = path;
	return true;
}

/**
 * key_files_add - take the files of a connection
 * @keys: where to
 * @connection: the connection, whose strings stay
 * @at: which end of it is this host, NULL as long as nobody knows
 *
 * Return: false if there are too many.
 */
bool key_files_add(struct parent_keys *keys,
		   const struct cfg_connection *connection,
		   const struct orientation *at)
{
	bool room = true;
	unsigned int i;

	for (i = 0; i < CFG_SIDES; i++) {
		if (is_file(connection->sides[i].cert) && (!at || at->ours == i))
			room &= add(keys, connection->sides[i].cert);
	}
	return room;
}
