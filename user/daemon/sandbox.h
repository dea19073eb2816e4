/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processes of the daemon give up, once they have what they need.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include <stdbool.h>

#include "lib/error.h"

#define SANDBOX_WRITABLE_MAX 4

/**
 * struct sandbox_engine - what is left to the engine
 * @hidden: directory that it cannot look into, NULL for none
 * @writable: directories that it may write to, and nothing else; as many as are not
 *	NULL
 */
struct sandbox_engine {
	const char *hidden;
	const char *writable[SANDBOX_WRITABLE_MAX];
};

ERROR_MUST_CHECK
struct error *sandbox_lock_memory(bool grows);
ERROR_MUST_CHECK
struct error *sandbox_keys(int socket);
ERROR_MUST_CHECK
struct error *sandbox_engine(const struct sandbox_engine *sandbox);

#endif /* DAEMON_SANDBOX_H */
