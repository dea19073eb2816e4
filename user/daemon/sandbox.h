/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processes of the daemon give up, once they have what they need.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include "lib/error.h"

ERROR_MUST_CHECK
struct error *sandbox_lock_memory(void);
ERROR_MUST_CHECK
struct error *sandbox_keys(int socket);

#endif /* DAEMON_SANDBOX_H */
