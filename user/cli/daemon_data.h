/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes what the IKE daemon has answered apart. What it does not say is "unset" or
 * 0, and an object that is not there says nothing.
 */
#ifndef CLI_DAEMON_DATA_H
#define CLI_DAEMON_DATA_H

#include "cli/daemon.h"

#define UNSET "unset"

/* All of a kind */
static inline const json_t *all_of(const struct daemon_answer *answer,
				   const char *kind)
{
	return json_object_get(answer->data, kind);
}

/* The only one of its kind; NULL if there is none. */
static inline const json_t *one_of(const struct daemon_answer *answer,
				   const char *kind)
{
	return json_array_get(all_of(answer, kind), 0);
}

static inline const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : UNSET;
}

static inline bool given(const json_t *object, const char *name)
{
	return json_is_string(json_object_get(object, name));
}

static inline json_int_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static inline bool yes(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static inline const char *yes_or_no(const json_t *object, const char *name)
{
	return yes(object, name) ? "yes" : "no";
}

static inline const json_t *part(const json_t *object, const char *name)
{
	return json_object_get(object, name);
}

static inline void empty_line(FILE *out)
{
	fputs("000  \n", out);
}

#endif /* CLI_DAEMON_DATA_H */
