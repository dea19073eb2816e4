/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When updown commands are run for a connection's children, and what they are
 * told: the same when a child goes as when it came.
 */
#ifndef DAEMON_HOOKS_H
#define DAEMON_HOOKS_H

struct connection;

void hooks_route(struct connection *connection, unsigned int child);
void hooks_up(struct connection *connection, unsigned int child);
void hooks_down(struct connection *connection, unsigned int child);
void hooks_unroute(struct connection *connection, unsigned int child);
void hooks_forget(struct connection *connection);

#endif /* DAEMON_HOOKS_H */
