/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: root's programs ask the daemon for things.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "lib/error.h"

struct control;
struct daemon;

ERROR_MUST_CHECK
struct error *control_create(struct daemon *daemon, const char *path,
			     struct control **control);
void control_retire(struct control *control);
void control_destroy(struct control *control);

#endif /* DAEMON_CONTROL_H */
