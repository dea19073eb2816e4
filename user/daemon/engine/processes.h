/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine process has of the others: signatures from the keys process,
 * updown commands and tidings to the service manager from the parent. In the
 * engine's event loop; nothing here waits.
 */
#ifndef DAEMON_PROCESSES_H
#define DAEMON_PROCESSES_H

#include "daemon/parent/parent_wire.h"
#include "ike/ops.h"

struct daemon;
struct processes;

ERROR_MUST_CHECK
struct error *processes_create(struct daemon *daemon, int socket,
			       struct processes **processes);
void processes_destroy(struct processes *processes);

void processes_open_keys(struct processes *processes,
			 const struct parent_keys *keys);
bool processes_has_key(const struct processes *processes,
		       const uint8_t ckaid[CRYPTO_CKAID_SIZE],
		       enum crypto_key_kind *kind);
ERROR_MUST_CHECK
struct error *processes_sign(struct processes *processes,
			     const struct ike_signing *signing);

void processes_run(struct processes *processes, const struct updown *updown);
bool processes_are_running(const struct processes *processes,
			   const char *connection);
void processes_state(struct processes *processes, enum parent_state state);

#endif /* DAEMON_PROCESSES_H */
