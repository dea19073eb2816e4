/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of the parent.
 */
#ifndef DAEMON_PARENT_CLIENT_H
#define DAEMON_PARENT_CLIENT_H

#include "daemon/parent/parent_wire.h"
#include "lib/error.h"

struct parent_client;

/**
 * struct parent_client_ops - whom a client tells
 * @keys: there is a new keys process, at the other end of a socket that passes on
 * @line: an updown command wrote a line
 * @done: an updown command has ended; NULL, or why it did not do what it should, to be
 *	freed with error_free()
 */
struct parent_client_ops {
	void (*keys)(void *context, int socket);
	void (*line)(void *context, uint64_t token, const char *line);
	void (*done)(void *context, uint64_t token, struct error *error);
};

ERROR_MUST_CHECK
struct error *parent_client_create(const struct parent_client_ops *ops,
				   void *context, int socket,
				   struct parent_client **client);
void parent_client_destroy(struct parent_client *client);

int parent_client_socket(const struct parent_client *client);
ERROR_MUST_CHECK
struct error *parent_client_read(struct parent_client *client);

void parent_client_state(struct parent_client *client,
			 enum parent_state state);
ERROR_MUST_CHECK
struct error *parent_client_open_keys(struct parent_client *client,
				      const struct parent_keys *keys);
ERROR_MUST_CHECK
struct error *parent_client_run(struct parent_client *client, uint64_t token,
				const struct updown *updown);

#endif /* DAEMON_PARENT_CLIENT_H */
