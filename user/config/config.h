/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration: ipsec.conf and all it includes, as settings and connections, and
 * what is wrong with it. A connection that is wrong is left out, and no other is.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "config/model.h"
#include "config/problem.h"
#include "config/text.h"

struct cfg_proposal_pool;

/* Where it is if nobody says otherwise */
#define CFG_PATH "/etc/ipsec.conf"

/**
 * struct cfg - a configuration
 * @text: what was read; strings of the others live in it
 * @problems: what is wrong, or has no effect
 * @setup: settings of the daemon
 * @connections: connections that can be used, as they stand in the files
 * @count: number of @connections
 * @by_name: the same, sorted
 * @pool: proposals of the connections
 */
struct cfg {
	struct cfg_text text;
	struct cfg_problems problems;
	struct cfg_setup setup;
	struct cfg_connection *connections;
	size_t count;
	const struct cfg_connection **by_name;
	struct cfg_proposal_pool *pool;
};

ERROR_MUST_CHECK
struct error *cfg_load(const char *path, struct cfg **cfg);
bool cfg_is_current(const struct cfg *cfg);
void cfg_free(struct cfg *cfg);

const struct cfg_connection *cfg_find(const struct cfg *cfg, const char *name);
bool cfg_connection_equal(const struct cfg_connection *one,
			  const struct cfg_connection *other);

#endif /* CONFIG_CONFIG_H */
