// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec counters': why packets were dropped, and how many, in this network
 * namespace or of one SA.
 */
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/counters.h"
#include "cli/print.h"
#include "lib/name.h"

enum counters_option {
	COUNTERS_ALL,
	COUNTERS_SA,
	COUNTERS_JSON,
	COUNTERS_NOHEADINGS,
};

static const struct option_spec options[] = {
	[COUNTERS_ALL] = { "all", NULL, "also those that are 0", 0 },
	[COUNTERS_SA] = { "sa", "NAME", "only the drops of this SA", 0 },
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

static struct error *show_sa(const struct arguments *arguments,
			     struct kernel *kernel, const char *name)
{
	struct kernel_sa_list list;
	struct error *error;

	error = kernel_sa_get(kernel, name, &list);
	if (error)
		return error;
	error = show(arguments, &list.items[0].drops);
	kernel_sa_list_free(&list);
	return error;
}

static struct error *show_status(const struct arguments *arguments,
				 struct kernel *kernel)
{
	struct kernel_status status;
	struct error *error;

	error = kernel_status_get(kernel, &status);
	if (error)
		return error;
	error = show(arguments, &status.counters);
	kernel_status_free(&status);
	return error;
}

static struct error *run(const struct arguments *arguments)
{
	const char *text = arguments_value(arguments, COUNTERS_SA);
	char name[KERNEL_NAME_SIZE];
	struct kernel *kernel;
	struct error *error;

	if (text) {
		error = name_parse(text, name, sizeof(name));
		if (error)
			return arguments_blame(arguments, COUNTERS_SA, error);
	}
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = text ? show_sa(arguments, kernel, name) :
		       show_status(arguments, kernel);
	kernel_close(kernel);
	return error;
}

const struct command command_counters = {
	.name = "counters",
	.summary = "Show how many packets met which fate",
	.options = options,
	.run = run,
};
