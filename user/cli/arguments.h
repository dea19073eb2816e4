/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options as a user gave them, checked against the table of a command:
 * spelled out, at most once, with a value where there has to be one.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

/**
 * struct argument - an option with its value
 * @option: its place in the table of the command
 * @value: NULL if it has none
 */
struct argument {
	size_t option;
	char *value;
};

/**
 * struct arguments - all options of a command line
 * @command: the command they are for
 * @help: somebody wants to read the help instead
 * @operand: a word that belongs to no option, NULL if there is none
 * @items: the options in the order they were given
 * @count: how many
 */
struct arguments {
	const struct command *command;
	bool help;
	const char *operand;
	struct argument *items;
	size_t count;
};

ERROR_MUST_CHECK
struct error *arguments_parse(const struct command *command, int argc,
			      char **argv, struct arguments *arguments);
bool arguments_secret(const struct command *command);
void arguments_free(struct arguments *arguments);

const char *arguments_value(const struct arguments *arguments, size_t option);
bool arguments_given(const struct arguments *arguments, size_t option);
size_t arguments_values(const struct arguments *arguments, size_t option,
			const char **values, size_t room);

ERROR_MUST_CHECK
struct error *arguments_blame(const struct arguments *arguments,
			      size_t option, struct error *error);

#endif /* CLI_ARGUMENTS_H */
