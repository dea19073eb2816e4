/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAs as JSON, and which SAs a connection has.
 */
#ifndef DAEMON_SA_JSON_H
#define DAEMON_SA_JSON_H

#include <jansson.h>

#include "ike/info.h"

struct daemon;

/**
 * struct sa_moment - now
 * @engine: milliseconds of the engine's clock
 * @wall: milliseconds since 1970, as far ahead of @engine as it was the last time,
 *	unless somebody has set the clock: when something was is not to vary
 */
struct sa_moment {
	uint64_t engine;
	uint64_t wall;
};

/**
 * struct sa_newest - the latest SAs of a connection
 * @connection: its name
 * @instance: number of the instance, 0 = of none
 * @child: name of a child, NULL for the IKE SA
 * @serial: of the SA
 * @suite: of the SA
 */
struct sa_newest {
	const char *connection;
	uint64_t instance;
	const char *child;
	uint64_t serial;
	struct ike_suite suite;
};

/**
 * struct sa_index - all established SAs by connection and child
 * @items: they, sorted; of each connection and child the latest comes first
 * @count: how many
 * @room: for how many there is room
 */
struct sa_index {
	struct sa_newest *items;
	size_t count;
	size_t room;
};

/* Enough for the names of all algorithms of a suite */
#define SA_SUITE_TEXT_SIZE 160

void sa_moment_now(struct sa_moment *moment, const struct ike *ike);
void sa_index_make(struct sa_index *index, const struct ike *ike);
void sa_index_free(struct sa_index *index);
const struct sa_newest *sa_index_find(const struct sa_index *index,
				      const char *connection,
				      uint64_t instance, const char *child);

const char *sa_suite_text(const struct ike_suite *suite, char *text);
json_t *sa_text(const char *text);
json_t *sa_instance(uint64_t number);
json_t *sa_id(const struct ike_id *id);
json_t *sa_address(const struct address *address);
json_t *sa_selectors(const struct wire_ts_list *list);
json_t *sa_json(const struct ike_sa_info *info, const struct sa_index *index,
		const struct sa_moment *moment);
json_t *child_json(struct daemon *daemon, const struct ike_child_info *info,
		   const struct sa_index *index,
		   const struct sa_moment *moment);

#endif /* DAEMON_SA_JSON_H */
