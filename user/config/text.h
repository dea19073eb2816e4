/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of ipsec.conf: sections of parameters, from one file and those it
 * includes. Knows how the text is built, not what any parameter means.
 */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/problem.h"

/**
 * enum cfg_section_kind - what a section is about
 * @CFG_SECTION_SETUP: the daemon, "config setup"
 * @CFG_SECTION_CONN: a connection, "conn NAME"
 */
enum cfg_section_kind {
	CFG_SECTION_SETUP,
	CFG_SECTION_CONN,
};

/**
 * struct cfg_item - a parameter as it was written
 * @at: where
 * @key: its name
 * @value: its value without quotes, perhaps empty
 */
struct cfg_item {
	struct cfg_position at;
	const char *key;
	const char *value;
};

/**
 * struct cfg_section - a section as it was written
 * @at: where it begins
 * @kind: what it is about
 * @name: its name
 * @items: its parameters
 * @count: number of @items
 * @broken: a line of it could not be understood
 */
struct cfg_section {
	struct cfg_position at;
	enum cfg_section_kind kind;
	const char *name;
	struct cfg_item *items;
	size_t count;
	bool broken;
};

struct cfg_include;
struct cfg_source;

/**
 * struct cfg_text - all that was read
 * @sections: in the order in which they stand
 * @count: number of @sections
 * @sources: the files, in which all strings live
 * @source_count: number of @sources
 * @includes: which files were to be included
 * @include_count: number of @includes
 * @incomplete: a file that was to be read could not be
 */
struct cfg_text {
	struct cfg_section *sections;
	size_t count;
	struct cfg_source **sources;
	size_t source_count;
	struct cfg_include *includes;
	size_t include_count;
	bool incomplete;
};

/* "conn %default" */
#define CFG_DEFAULT "%default"

ERROR_MUST_CHECK
struct error *cfg_text_read(const char *path, struct cfg_text *text,
			    struct cfg_problems *problems);
bool cfg_text_is_current(const struct cfg_text *text);
void cfg_text_free(struct cfg_text *text);

#endif /* CONFIG_TEXT_H */
