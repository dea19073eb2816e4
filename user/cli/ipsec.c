// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program ipsec: one table of commands makes dispatch and help. Ends with
 * 0, with 1 if something was refused, with 2 if the command line made no sense.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/daemon_verb.h"
#include "cli/print.h"
#include "lib/array.h"
#include "lib/suggest.h"

#define EXIT_REFUSED 1
#define EXIT_USAGE 2

#define HELP_INDENT 30
#define NAME_SIZE 32

static const struct command *const commands[] = {
	&command_sa_add,
	&command_sa_list,
	&command_sa_set,
	&command_sa_remove,
	&command_sp_add,
	&command_sp_list,
	&command_sp_set,
	&command_sp_remove,
	&command_batch,
	&command_status,
	&command_counters,
	&command_explain,
	&command_monitor,
	&command_checkconfig,
	&command_initnss,
	&command_checknss,
	&command_newhostkey,
	&command_showhostkey,
	&command_import,
	&command_start,
	&command_stop,
	&command_restart,
	&command_reload,
	&command_auto,
	&command_whack,
	&command_trafficstatus,
	&command_briefstatus,
	&command_connectionstatus,
	&command_shuntstatus,
};

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* Is @command called @name, or the first of two words @name? */
static bool belongs_to(const struct command *command, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(command->name, name, length) &&
	       (command->name[length] == ' ' || !command->name[length]);
}

static bool is_group(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (belongs_to(commands[i], name))
			return true;
	}
	return false;
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

/* All commands, or those whose first word is @group. */
static void print_commands(FILE *out, const char *group)
{
	size_t i;

	fprintf(out, "Usage: ipsec%s%s COMMAND [OPTION]...\n\nCommands:\n",
		group ? " " : "", group ? group : "");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!group || belongs_to(commands[i], group))
			fprintf(out, "  %-16s  %s\n", commands[i]->name,
				commands[i]->summary);
	}
	if (!group)
		fputs("  up, down, …       Short for 'auto --up', 'auto --down' and so on\n"
		      "  help              Show this list, or the options of a command\n"
		      "\n"
		      "Options:\n"
		      "  --version     show the version of this program\n"
		      "  --help        show this text\n", out);
	fprintf(out,
		"\nTry 'ipsec%s%s COMMAND --help' for the options of a command; ipsec(8) tells more.\n",
		group ? " " : "", group ? group : "");
}

static void print_usage(FILE *out, const struct command *command)
{
	const struct option_spec *option;
	char synopsis[1024];
	size_t used;

	used = (size_t)snprintf(synopsis, sizeof(synopsis), "ipsec %s",
				command->name);
	for (option = command->options; option->name; option++) {
		if (!(option->flags & OPTION_REQUIRED) ||
		    used >= sizeof(synopsis))
			continue;
		used += (size_t)snprintf(synopsis + used,
					 sizeof(synopsis) - used, " --%s %s",
					 option->name, option->value);
	}
	if (used < sizeof(synopsis))
		snprintf(synopsis + used, sizeof(synopsis) - used,
			 " [OPTION]...%s%s", command->operand ? " " : "",
			 command->operand ? command->operand : "");
	fputs("Usage: ", out);
	print_wrapped(out, 7, 7, synopsis);
}

static void print_option(FILE *out, const char *name, const char *value,
			 const char *text)
{
	int column = fprintf(out, "  --%s%s%s", name, value ? " " : "",
			     value ? value : "");

	if (column + 2 > HELP_INDENT) {
		fputc('\n', out);
		column = 0;
	}
	print_wrapped(out, HELP_INDENT, (size_t)column, text);
}

static void print_help(FILE *out, const struct command *command)
{
	const struct option_spec *option;

	print_usage(out, command);
	fprintf(out, "\n%s.\n", command->summary);
	if (command->operand_help)
		fprintf(out, "%s.\n", command->operand_help);
	fputs("\nOptions:\n", out);
	for (option = command->options; option->name; option++)
		print_option(out, option->name, option->value, option->help);
	print_option(out, "help", NULL, "show this text");
	if (command->explain)
		command->explain(out);
}

/* Tells the sentence and where to read more; returns the exit status. */
static int complain(struct error *error, const char *name)
{
	int status = EXIT_USAGE;

	fprintf(stderr, "ipsec%s%s: %s\n", *name ? " " : "", name,
		error->sentence);
	if (error->kind == ERROR_USAGE)
		fprintf(stderr, "Try 'ipsec%s%s --help' for more.\n",
			*name ? " " : "", name);
	else
		status = EXIT_REFUSED;
	error_free(error);
	return status;
}

/* Output that did not arrive, say on a full disk, is a failure too. */
static struct error *close_output(void)
{
	if (ferror(stdout) || fclose(stdout))
		return error_refused(errno, "cannot write: %s",
				     strerror(errno));
	return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct arguments arguments;
	struct error *error, *output;
	int status = EXIT_SUCCESS;

	/* no core dump, nor a debugger of the same user, is to show a key */
	if (arguments_secret(command))
		prctl(PR_SET_DUMPABLE, 0);
	error = arguments_parse(command, argc, argv, &arguments);
	if (!error && arguments.help)
		print_help(stdout, command);
	else if (!error && command->ask)
		error = command->ask(&arguments, &status);
	else if (!error)
		error = command->run(&arguments);
	arguments_free(&arguments);
	output = close_output();
	if (error) {
		int refused = complain(error, command->name);

		error_free(output);
		return status ? status : refused;
	}
	return output ? complain(output, command->name) : status;
}

static int unknown(const char *group, const char *word)
{
	char name[NAME_SIZE] = "";
	struct suggestion suggestion;
	size_t i;

	if (group)
		snprintf(name, sizeof(name), "%s ", group);
	suggest_begin(&suggestion, word);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strncmp(commands[i]->name, name, strlen(name)))
			suggest_consider(&suggestion,
					 commands[i]->name + strlen(name));
	}
	if (suggestion.best)
		return complain(error_usage("there is no command '%s%s'; did you mean '%s%s'?",
					    name, word, name,
					    suggestion.best),
				group ? group : "");
	return complain(error_usage("there is no command '%s%s'", name, word),
			group ? group : "");
}

/* The command that the first one or two words name; NULL if none. */
static const struct command *choose(int argc, char **argv, int *used)
{
	const struct command *command;
	char name[NAME_SIZE];

	if (argc >= 2) {
		int length = snprintf(name, sizeof(name), "%s %s", argv[0],
				      argv[1]);

		command = length < NAME_SIZE ? find(name) : NULL;
		if (command) {
			*used = 2;
			return command;
		}
	}
	*used = 1;
	return find(argv[0]);
}

static int help(int argc, char **argv)
{
	const struct command *command;
	struct error *error;
	int used;

	if (!argc) {
		print_commands(stdout, NULL);
	} else {
		command = choose(argc, argv, &used);
		if (command && used == argc)
			print_help(stdout, command);
		else if (argc == 1 && is_group(argv[0]))
			print_commands(stdout, argv[0]);
		else if (command)
			return complain(error_usage("'%s' is too much",
						    argv[used]), "help");
		else if (argc > 1 && is_group(argv[0]))
			return unknown(argv[0], argv[1]);
		else
			return unknown(NULL, argv[0]);
	}
	error = close_output();
	return error ? complain(error, "help") : EXIT_SUCCESS;
}

/* Words of Libreswan's for what has another name as an option */
static const struct {
	const char *word;
	const char *means;
} aliases[] = {
	{ "traffic", "trafficstatus" },
	{ "fips", "fipsstatus" },
	{ "secrets", "rereadsecrets" },
	{ "crls", "fetchcrls" },
};

static char *without_alias(char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (!strcmp(word, aliases[i].word))
			return (char *)aliases[i].means;
	}
	return word;
}

/* Is @word an option of @command by which the daemon is asked for something? */
static bool is_verb_of(const struct command *command, const char *word)
{
	const struct option_spec *option;
	struct daemon_question unused;

	for (option = command->options; option->name; option++) {
		if (!strcmp(option->name, word))
			return daemon_verb_set(&unused, word);
	}
	return false;
}

/* 'ipsec up west' is 'ipsec auto --up west' */
static const struct command *expand(char **words, char *option)
{
	static const struct command *const fronts[] = {
		&command_auto, &command_whack,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fronts); i++) {
		if (!is_verb_of(fronts[i], words[0]) ||
		    strlen(words[0]) >= NAME_SIZE - 2)
			continue;
		snprintf(option, NAME_SIZE, "--%s", words[0]);
		words[0] = option;
		return fronts[i];
	}
	return NULL;
}

/* Programs of Libreswan that others call by their own names. */
static const struct command *called_as(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	return strcmp(name, "ipsec") ? find(name) : NULL;
}

/*
 * 'ipsec add' is 'ipsec auto --add', but not with what only an SA or a policy has:
 * then 'sa' or 'sp' was forgotten. Returns the option that shows it, NULL if none.
 */
static const char *forgotten_group(int argc, char **argv, const char **group)
{
	static const char *const groups[] = { "sp", "sa" };
	char name[NAME_SIZE], prefix[8];
	size_t i;
	int j;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		if (snprintf(name, sizeof(name), "%s %s", groups[i],
			     argv[1]) >= NAME_SIZE || !find(name))
			continue;
		*group = groups[i];
		snprintf(prefix, sizeof(prefix), "--%s-", groups[i]);
		for (j = 2; j < argc; j++) {
			if (!strncmp(argv[j], prefix, strlen(prefix)))
				return argv[j];
		}
	}
	return NULL;
}

/* Does the first word stand for a command, in one of the ways there are? */
static bool run_named(int argc, char **argv, int *status)
{
	const struct command *command;
	const char *group, *shown;
	char option[NAME_SIZE];
	int used;

	/* 'ipsec setup --start', too, is 'ipsec start' */
	if (!strcmp(argv[1], "setup") && argc > 2) {
		argv++;
		argc--;
	}
	/* 'ipsec --checknss' is what Libreswan's users know */
	if (!strncmp(argv[1], "--", 2))
		argv[1] += 2;
	argv[1] = without_alias(argv[1]);
	command = choose(argc - 1, argv + 1, &used);
	if (command) {
		*status = run(command, argc - used, argv + used);
		return true;
	}
	shown = forgotten_group(argc, argv, &group);
	if (shown) {
		*status = complain(error_usage("there is no command '%s' with %.*s; did you mean '%s %s'?",
					       argv[1],
					       (int)strcspn(shown, "="), shown,
					       group, argv[1]), "");
		return true;
	}
	command = expand(argv + 1, option);
	if (command)
		*status = run(command, argc, argv);
	return command;
}

/**
 * main - find the command and run it
 * @argc: number of words
 * @argv: the words
 *
 * Return: 0, 1 after a refusal, 2 if the words make no sense.
 */
int main(int argc, char **argv)
{
	const struct command *command = called_as(argv[0]);
	int status;

	if (command)
		return run(command, argc, argv);
	if (argc < 2) {
		print_commands(stderr, NULL);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		puts("Linux espvif " ESPVIF_VERSION
		     " (Libreswan 4.10 compatible)");
		return close_output() ? EXIT_REFUSED : EXIT_SUCCESS;
	}
	if (!strcmp(argv[1], "help"))
		return help(argc - 2, argv + 2);
	if (is_help(argv[1]))
		return help(0, NULL);
	if (run_named(argc, argv, &status))
		return status;
	if (!is_group(argv[1]))
		return unknown(NULL, argv[1]);
	if (argc == 2)
		return complain(error_usage("a command is missing"), argv[1]);
	if (is_help(argv[2]))
		return help(1, argv + 1);
	return unknown(argv[1], argv[2]);
}
