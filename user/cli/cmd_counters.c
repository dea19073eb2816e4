// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec counters': why packets were dropped, and how many, in this network
 * namespace or of one SA.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/counters.h"
#include "cli/print.h"
#include "cli/watch.h"
#include "lib/name.h"
#include "lib/number.h"

/* A day; nobody means more */
#define INTERVAL_MAX 86400

enum counters_option {
	COUNTERS_ALL,
	COUNTERS_SA,
	COUNTERS_WATCH,
	COUNTERS_INTERVAL,
	COUNTERS_COUNT,
	COUNTERS_JSON,
	COUNTERS_NOHEADINGS,
};

static const struct option_spec options[] = {
	[COUNTERS_ALL] = { "all", NULL, "also those that are 0", 0 },
	[COUNTERS_SA] = { "sa", "NAME", "only the drops of this SA", 0 },
	[COUNTERS_WATCH] = { "watch", NULL,
			     "show them again and again, and how they change",
			     0 },
	[COUNTERS_INTERVAL] = { "interval", "SECONDS",
				"with --watch: how often, 1 if not given", 0 },
	[COUNTERS_COUNT] = { "count", "N",
			     "with --watch: end after N times", 0 },
	[COUNTERS_JSON] = { "json", NULL, "print JSON", 0 },
	[COUNTERS_NOHEADINGS] = { "noheadings", NULL,
				  "leave out the line of headings", 0 },
	{}
};

/**
 * counters_json - counters as an object with a number for each name
 * @counters: the counters
 * @all: also those that are 0
 *
 * Return: the object, NULL if there is no memory.
 */
json_t *counters_json(const struct kernel_counters *counters, bool all)
{
	struct print_object object;
	size_t i;

	print_object_begin(&object);
	for (i = 0; i < counters->count; i++) {
		const struct kernel_counter *counter = &counters->items[i];

		if (counter->packets || all)
			print_object_number(&object, counter->name,
					    counter->packets);
	}
	return print_object_end(&object);
}

/**
 * counters_show_table - show counters as a table
 * @out: where to
 * @counters: the counters
 * @all: also those that are 0
 * @headings: with the line of headings
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *counters_show_table(FILE *out,
				  const struct kernel_counters *counters,
				  bool all, bool headings)
{
	static const struct print_column columns[] = {
		{ "Counter", false },
		{ "Packets", true },
	};
	struct print_table table;
	size_t i;

	print_table_begin(&table, columns, 2);
	for (i = 0; i < counters->count; i++) {
		const struct kernel_counter *counter = &counters->items[i];

		if (!counter->packets && !all)
			continue;
		print_table_line(&table);
		print_table_cell(&table, PRINT_PLAIN, "%s", counter->name);
		print_table_cell(&table, PRINT_PLAIN, "%llu",
				 (unsigned long long)counter->packets);
	}
	return print_table_end(&table, out, headings);
}

static struct error *show(const struct arguments *arguments,
			  const struct kernel_counters *counters)
{
	bool all = arguments_given(arguments, COUNTERS_ALL);

	if (arguments_given(arguments, COUNTERS_JSON))
		return print_json(stdout, counters_json(counters, all));
	return counters_show_table(stdout, counters, all,
				   !arguments_given(arguments,
						    COUNTERS_NOHEADINGS));
}

/* The counters of an SA, or of the namespace if there is no @name. */
static struct error *read_counters(struct kernel *kernel, const char *name,
				   struct kernel_counters *counters)
{
	struct kernel_status status;
	struct kernel_sa_list list;
	struct error *error;

	if (!name) {
		error = kernel_status_get(kernel, &status);
		if (!error)
			*counters = status.counters;
		return error;
	}
	error = kernel_sa_get(kernel, name, &list);
	if (error)
		return error;
	*counters = list.items[0].drops;
	memset(&list.items[0].drops, 0, sizeof(list.items[0].drops));
	kernel_sa_list_free(&list);
	return NULL;
}

static struct error *show_once(const struct arguments *arguments,
			       struct kernel *kernel, const char *name)
{
	struct kernel_counters counters;
	struct error *error = read_counters(kernel, name, &counters);

	if (error)
		return error;
	error = show(arguments, &counters);
	free(counters.items);
	return error;
}

/**
 * struct pace - how often counters are shown
 * @seconds: between two times
 * @left: how many times
 */
struct pace {
	uint64_t seconds;
	uint64_t left;
};

static struct error *show_again(const struct pace *pace,
				const struct watch *watch, bool *ended)
{
	enum watch_result result;
	struct error *error = watch_flush(ended);

	if (error || *ended || !pace->left)
		return error;
	error = watch_wait(watch, -1, (int)pace->seconds * 1000, &result);
	*ended = result == WATCH_END;
	return error;
}

static struct error *show_often(const struct arguments *arguments,
				struct kernel *kernel, const char *name,
				struct pace *pace, const struct watch *watch)
{
	struct kernel_counters before = {}, now;
	struct counters_round round = {
		.before = &before,
		.now = &now,
		.first = true,
		.all = arguments_given(arguments, COUNTERS_ALL),
		.headings = !arguments_given(arguments, COUNTERS_NOHEADINGS),
		.json = arguments_given(arguments, COUNTERS_JSON),
	};
	struct error *error = NULL;
	bool ended = false;

	round.screen = !round.json && isatty(STDOUT_FILENO);
	while (!error && !ended && pace->left--) {
		error = read_counters(kernel, name, &now);
		if (error)
			break;
		error = counters_show_round(stdout, &round);
		if (!error)
			error = show_again(pace, watch, &ended);
		free(before.items);
		before = now;
		round.first = false;
	}
	free(before.items);
	return error;
}

static struct error *show_watched(const struct arguments *arguments,
				  struct kernel *kernel, const char *name,
				  struct pace *pace)
{
	struct watch watch;
	struct error *error = watch_begin(&watch);

	if (!error)
		error = show_often(arguments, kernel, name, pace, &watch);
	watch_end(&watch);
	return error;
}

static struct error *parse_number(const struct arguments *arguments,
				  enum counters_option option, uint64_t max,
				  uint64_t *number)
{
	const char *text = arguments_value(arguments, option);
	struct error *error;

	if (!text)
		return NULL;
	if (!arguments_given(arguments, COUNTERS_WATCH))
		return error_usage("--%s makes sense with --watch only",
				   options[option].name);
	error = number_parse(text, 1, max, number);
	return error ? arguments_blame(arguments, option, error) : NULL;
}

static struct error *parse(const struct arguments *arguments, char *name,
			   struct pace *pace)
{
	const char *text = arguments_value(arguments, COUNTERS_SA);
	struct error *error = NULL;

	if (text)
		error = name_parse(text, name, KERNEL_NAME_SIZE);
	if (error)
		return arguments_blame(arguments, COUNTERS_SA, error);
	error = parse_number(arguments, COUNTERS_INTERVAL, INTERVAL_MAX,
			     &pace->seconds);
	if (!error)
		error = parse_number(arguments, COUNTERS_COUNT, UINT32_MAX,
				     &pace->left);
	return error;
}

static struct error *run(const struct arguments *arguments)
{
	struct pace pace = { .seconds = 1, .left = UINT64_MAX };
	char given[KERNEL_NAME_SIZE];
	const char *name = arguments_given(arguments, COUNTERS_SA) ? given :
								     NULL;
	struct kernel *kernel;
	struct error *error;

	error = parse(arguments, given, &pace);
	if (!error)
		error = kernel_open(&kernel);
	if (error)
		return error;
	error = arguments_given(arguments, COUNTERS_WATCH) ?
		show_watched(arguments, kernel, name, &pace) :
		show_once(arguments, kernel, name);
	kernel_close(kernel);
	return error;
}

const struct command command_counters = {
	.name = "counters",
	.summary = "Show how many packets met which fate",
	.options = options,
	.run = run,
};
