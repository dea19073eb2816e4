/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections as JSON.
 */
#ifndef DAEMON_CONNECTION_JSON_H
#define DAEMON_CONNECTION_JSON_H

#include "daemon/engine/daemon.h"
#include "daemon/control/sa_json.h"

json_t *connection_json(const struct daemon_connection_info *info,
			const struct sa_index *index);

#endif /* DAEMON_CONNECTION_JSON_H */
