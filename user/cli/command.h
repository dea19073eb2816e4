/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command of ipsec: the options it takes as a table, and what it does with
 * them. The table makes the parser, the help and every sentence about an
 * option.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/error.h"

/**
 * enum option_flags - what is special about an option
 * @OPTION_REQUIRED: the command makes no sense without it
 * @OPTION_REPEATABLE: it may stand several times
 * @OPTION_SECRET: its value must not be seen by others
 */
enum option_flags {
	OPTION_REQUIRED = 1,
	OPTION_REPEATABLE = 2,
	OPTION_SECRET = 4,
};

/**
 * struct option_spec - an option of a command
 * @name: without its dashes; NULL ends a table
 * @value: what stands for its value in the help, NULL if it has none
 * @help: one or two lines for the help
 * @flags: enum option_flags
 */
struct option_spec {
	const char *name;
	const char *value;
	const char *help;
	unsigned int flags;
};

struct arguments;
struct kernel_batch;

/**
 * struct command - a command
 * @name: one word or two
 * @summary: one line for the list of commands
 * @operand: what stands for a word that may follow without an option, NULL if
 *	none may
 * @operand_help: a line about it for the help
 * @options: the options it takes, by the numbers it knows them by
 * @explain: prints what the help says below the options; may be NULL
 * @run: carries the command out
 * @ask: instead of @run: has the IKE daemon carry it out, and sets the exit
 *	status to what the daemon says
 * @collect: adds it to a batch instead; NULL if it changes nothing
 */
struct command {
	const char *name;
	const char *summary;
	const char *operand;
	const char *operand_help;
	const struct option_spec *options;
	void (*explain)(FILE *out);
	struct error *(*run)(const struct arguments *arguments);
	struct error *(*ask)(const struct arguments *arguments, int *status);
	struct error *(*collect)(const struct arguments *arguments,
				 struct kernel_batch *batch);
};

extern const struct command command_sa_add;
extern const struct command command_sa_list;
extern const struct command command_sa_set;
extern const struct command command_sa_remove;
extern const struct command command_sp_add;
extern const struct command command_sp_list;
extern const struct command command_sp_set;
extern const struct command command_sp_remove;
extern const struct command command_batch;
extern const struct command command_status;
extern const struct command command_counters;
extern const struct command command_explain;
extern const struct command command_monitor;
extern const struct command command_checkconfig;
extern const struct command command_initnss;
extern const struct command command_checknss;
extern const struct command command_newhostkey;
extern const struct command command_showhostkey;
extern const struct command command_import;
extern const struct command command_start;
extern const struct command command_stop;
extern const struct command command_restart;
extern const struct command command_reload;
extern const struct command command_auto;
extern const struct command command_whack;
extern const struct command command_trafficstatus;
extern const struct command command_briefstatus;
extern const struct command command_connectionstatus;
extern const struct command command_shuntstatus;

#endif /* CLI_COMMAND_H */
