/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which files with certificates, named by connections, private keys may lie.
 */
#ifndef DAEMON_KEY_FILES_H
#define DAEMON_KEY_FILES_H

#include "config/model.h"
#include "daemon/connections/orient.h"
#include "daemon/parent/parent_wire.h"

bool key_files_are_named(const struct cfg_connection *connection);
bool key_files_add(struct parent_keys *keys,
		   const struct cfg_connection *connection,
		   const struct orientation *at);

#endif /* DAEMON_KEY_FILES_H */
