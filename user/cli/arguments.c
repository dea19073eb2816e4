// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads a command line with getopt_long(), which by itself would accept
 * abbreviations: options are therefore looked at before it sees them. Secrets
 * are copied and blotted out in argv, where every user of the host can read.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "lib/suggest.h"

#define HELP_NAME "help"

static size_t count_options(const struct command *command)
{
	size_t count = 0;

	while (command->options[count].name)
		count++;
	return count;
}

/**
 * arguments_secret - does a command handle secrets
 * @command: the command
 *
 * Return: whether one of its options does.
 */
bool arguments_secret(const struct command *command)
{
	const struct option_spec *option;

	for (option = command->options; option->name; option++) {
		if (option->flags & OPTION_SECRET)
			return true;
	}
	return false;
}

/* The option called "--name" or "--name=value", NULL if there is none. */
static const struct option_spec *find_option(const struct command *command,
					     const char *argument)
{
	size_t length = strcspn(argument + 2, "=");
	const struct option_spec *option;

	for (option = command->options; option->name; option++) {
		if (strlen(option->name) == length &&
		    !strncmp(option->name, argument + 2, length))
			return option;
	}
	return NULL;
}

static struct error *unknown_option(const struct command *command,
				    const char *argument)
{
	int length = (int)strcspn(argument, "=");
	const struct option_spec *option;
	struct suggestion suggestion;
	struct error *error;
	char *name;

	name = strndup(argument, (size_t)length);
	if (!name)
		return error_no_memory();
	suggest_begin(&suggestion, name + 2);
	for (option = command->options; option->name; option++)
		suggest_consider(&suggestion, option->name);
	if (suggestion.best)
		error = error_usage("there is no option %s; did you mean --%s?",
				    name, suggestion.best);
	else
		error = error_usage("there is no option %s", name);
	free(name);
	return error;
}

/* A stray word may be the rest of a key that had a blank in it. */
static struct error *stray_argument(const struct command *command,
				    const char *argument)
{
	if (arguments_secret(command))
		return error_usage("a word belongs to no option: a value with blanks needs quotes");
	return error_usage("'%s' belongs to no option", argument);
}

static bool is_help(const char *argument)
{
	return !strcmp(argument, "--" HELP_NAME) || !strcmp(argument, "-h");
}

/* Looks whether every option is spelled out and has a value if it needs one. */
static struct error *check_spelling(const struct command *command, int argc,
				    char **argv)
{
	bool operand = command->operand;
	const struct option_spec *option;
	int i;

	for (i = 1; i < argc; i++) {
		if (is_help(argv[i]))
			continue;
		if (operand && (argv[i][0] != '-' || !argv[i][1])) {
			operand = false;
			continue;
		}
		if (strncmp(argv[i], "--", 2) || !argv[i][2])
			return stray_argument(command, argv[i]);
		option = find_option(command, argv[i]);
		if (!option)
			return unknown_option(command, argv[i]);
		if (strchr(argv[i], '=')) {
			if (!option->value)
				return error_usage("--%s takes no value",
						   option->name);
			continue;
		}
		if (!option->value)
			continue;
		if (++i == argc)
			return error_usage("--%s needs a value: %s",
					   option->name, option->value);
		if (!strncmp(argv[i], "--", 2) &&
		    find_option(command, argv[i]))
			return error_usage("--%s needs a value, and not the option that follows; if it is one, write --%s=VALUE",
					   option->name, option->name);
	}
	return NULL;
}

static struct error *add(struct arguments *arguments, size_t number,
			 char *value)
{
	const struct option_spec *option = &arguments->command->options[number];
	struct argument *argument = &arguments->items[arguments->count];

	if (!(option->flags & OPTION_REPEATABLE) &&
	    arguments_given(arguments, number))
		return error_usage("--%s is given twice", option->name);
	argument->option = number;
	if (value) {
		argument->value = strdup(value);
		if (!argument->value)
			return error_no_memory();
	}
	arguments->count++;
	return NULL;
}

/* Nobody else is to read a key in the list of processes. */
static void blot_out(const struct command *command, int argc, char **argv)
{
	const struct option_spec *option;
	int i;

	for (i = 1; i < argc; i++) {
		char *value;

		if (strncmp(argv[i], "--", 2))
			continue;
		option = find_option(command, argv[i]);
		if (!option || !(option->flags & OPTION_SECRET))
			continue;
		value = strchr(argv[i], '=');
		if (value)
			value++;
		else if (i + 1 < argc)
			value = argv[++i];
		if (value)
			memset(value, '*', strlen(value));
	}
}

static struct error *collect(struct arguments *arguments, int argc,
			     char **argv, const struct option *table,
			     size_t count)
{
	struct error *error = NULL;
	int number;

	/*
	 * 0 makes glibc start anew, "-" stops it from reordering argv: it
	 * returns what belongs to no option as if it were that of one called 1
	 */
	optind = 0;
	opterr = 0;
	while (!error) {
		number = getopt_long(argc, argv, "-h", table, NULL);
		if (number < 0)
			break;
		if (number == 'h')
			arguments->help = true;
		else if (number == 1)
			arguments->operand = optarg;
		else if ((size_t)(number - 256) < count)
			error = add(arguments, (size_t)(number - 256), optarg);
		else
			error = error_usage("the options cannot be read");
	}
	return error;
}

/* Names every option that is missing, in one sentence. */
static struct error *check_required(const struct arguments *arguments)
{
	const struct option_spec *options = arguments->command->options;
	struct error *error = NULL;
	size_t i;

	for (i = count_options(arguments->command); i-- > 0;) {
		if (!(options[i].flags & OPTION_REQUIRED) ||
		    arguments_given(arguments, i))
			continue;
		if (error)
			error = error_prefix(error, "--%s, ", options[i].name);
		else
			error = error_usage("--%s", options[i].name);
	}
	return error_prefix(error, "missing: ");
}

/**
 * arguments_parse - read the options of a command
 * @command: the command
 * @argc: number of words, with the name of the command as the first
 * @argv: the words; the values of secret options are overwritten
 * @arguments: filled in; to be freed with arguments_free() also after an error
 *
 * Return: NULL, or what is wrong. If the help is wanted, nothing is.
 */
struct error *arguments_parse(const struct command *command, int argc,
			      char **argv, struct arguments *arguments)
{
	size_t count = count_options(command), i;
	struct option *table;
	struct error *error;

	memset(arguments, 0, sizeof(*arguments));
	arguments->command = command;
	error = check_spelling(command, argc, argv);
	if (error) {
		blot_out(command, argc, argv);
		return error;
	}
	table = calloc(count + 2, sizeof(*table));
	arguments->items = calloc((size_t)argc, sizeof(*arguments->items));
	if (!table || !arguments->items) {
		free(table);
		return error_no_memory();
	}
	for (i = 0; i < count; i++) {
		table[i].name = command->options[i].name;
		table[i].has_arg = !!command->options[i].value;
		table[i].val = 256 + (int)i;
	}
	table[count].name = HELP_NAME;
	table[count].val = 'h';
	error = collect(arguments, argc, argv, table, count);
	free(table);
	blot_out(command, argc, argv);
	if (arguments->help) {
		error_free(error);
		return NULL;
	}
	return error ? error : check_required(arguments);
}

/**
 * arguments_free - free options, and wipe the secret ones
 * @arguments: the options; empty afterwards
 */
void arguments_free(struct arguments *arguments)
{
	size_t i;

	for (i = 0; i < arguments->count; i++) {
		char *value = arguments->items[i].value;

		if (value)
			explicit_bzero(value, strlen(value));
		free(value);
	}
	free(arguments->items);
	memset(arguments, 0, sizeof(*arguments));
}

/**
 * arguments_value - the value of an option
 * @arguments: the options
 * @option: number of the option
 *
 * Return: its value, NULL if it was not given.
 */
const char *arguments_value(const struct arguments *arguments, size_t option)
{
	const char *value = NULL;

	arguments_values(arguments, option, &value, 1);
	return value;
}

/**
 * arguments_given - was an option given
 * @arguments: the options
 * @option: number of the option
 *
 * Return: whether it was.
 */
bool arguments_given(const struct arguments *arguments, size_t option)
{
	return arguments_values(arguments, option, NULL, 0);
}

/**
 * arguments_values - the values of an option that may stand several times
 * @arguments: the options
 * @option: number of the option
 * @values: set to the values in the order they were given
 * @room: how many have room there
 *
 * Return: how often the option was given.
 */
size_t arguments_values(const struct arguments *arguments, size_t option,
			const char **values, size_t room)
{
	size_t count = 0, i;

	for (i = 0; i < arguments->count; i++) {
		if (arguments->items[i].option != option)
			continue;
		if (count < room)
			values[count] = arguments->items[i].value;
		count++;
	}
	return count;
}

/**
 * arguments_blame - say which option an error is about
 * @arguments: the options
 * @option: number of the option
 * @error: the error, may be NULL
 *
 * Return: @error with the option in front of its sentence.
 */
struct error *arguments_blame(const struct arguments *arguments,
			      size_t option, struct error *error)
{
	return error_prefix(error, "--%s: ",
			    arguments->command->options[option].name);
}
