/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong, or without effect, in configuration files: a list, because one
 * mistake must not hide the next, nor stop what has nothing to do with it.
 */
#ifndef CONFIG_PROBLEM_H
#define CONFIG_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

/**
 * struct cfg_position - a place in a file
 * @file: its name; lives as long as the text that was read from it
 * @line: number of the line, from 1
 */
struct cfg_position {
	const char *file;
	unsigned int line;
};

/**
 * enum cfg_severity - how bad a problem is
 * @CFG_NOTE: something was understood and has no effect, or is unwise
 * @CFG_ERROR: what it stands in cannot be used
 */
enum cfg_severity {
	CFG_NOTE,
	CFG_ERROR,
};

/**
 * struct cfg_problem - something that the user is to be told
 * @severity: how bad it is
 * @at: where it was found
 * @sentence: for the user, as in struct error
 */
struct cfg_problem {
	enum cfg_severity severity;
	struct cfg_position at;
	char *sentence;
};

/**
 * struct cfg_problems - problems in the order in which they were found
 * @items: they
 * @count: number of @items
 * @errors: how many there were of CFG_ERROR, also those that had no room
 * @lost: how many had no room, or no memory, in @items
 */
struct cfg_problems {
	struct cfg_problem *items;
	size_t count;
	size_t errors;
	size_t lost;
};

void cfg_problem_add(struct cfg_problems *problems, enum cfg_severity severity,
		     const struct cfg_position *at, struct error *error);
void cfg_problems_free(struct cfg_problems *problems);

#endif /* CONFIG_PROBLEM_H */
