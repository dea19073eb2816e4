// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows counters again and again: on a terminal always in the same place, else
 * those that have changed, a line for each.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/counters.h"
#include "cli/print.h"

#define COUNTER_WIDTH 22
#define PACKETS_WIDTH 12

static uint64_t value_of(const struct kernel_counters *counters,
			 const char *name)
{
	size_t i;

	for (i = 0; i < counters->count; i++) {
		if (!strcmp(counters->items[i].name, name))
			return counters->items[i].packets;
	}
	return 0;
}

static uint64_t change_of(const struct counters_round *round,
			  const struct kernel_counter *counter)
{
	return counter->packets - value_of(round->before, counter->name);
}

static bool is_shown(const struct counters_round *round,
		     const struct kernel_counter *counter)
{
	return round->all || (round->screen ? counter->packets :
					      change_of(round, counter));
}

static struct error *show_screen(FILE *out, const struct counters_round *round)
{
	static const struct print_column columns[] = {
		{ "Counter", false },
		{ "Packets", true },
		{ "Change", true },
	};
	char when[PRINT_TIME_SIZE];
	struct print_table table;
	size_t i;

	fprintf(out, "\033[H\033[2J%s\n\n",
		print_time((uint64_t)time(NULL), when));
	print_table_begin(&table, columns, 3);
	for (i = 0; i < round->now->count; i++) {
		const struct kernel_counter *counter = &round->now->items[i];
		uint64_t change = change_of(round, counter);

		if (!is_shown(round, counter))
			continue;
		print_table_line(&table);
		print_table_cell(&table, PRINT_PLAIN, "%s", counter->name);
		print_table_cell(&table, PRINT_PLAIN, "%llu",
				 (unsigned long long)counter->packets);
		if (round->first || !change)
			print_table_cell(&table, PRINT_PLAIN, "-");
		else
			print_table_cell(&table, PRINT_PLAIN, "+%llu",
					 (unsigned long long)change);
	}
	return print_table_end(&table, out, round->headings);
}

static void show_lines(FILE *out, const struct counters_round *round)
{
	size_t i;

	if (round->first && round->headings)
		fprintf(out, "%-*s  %*s  %*s\n", COUNTER_WIDTH, "Counter",
			PACKETS_WIDTH, "Packets", PACKETS_WIDTH, "Change");
	for (i = 0; i < round->now->count; i++) {
		const struct kernel_counter *counter = &round->now->items[i];
		char change[32] = "-";

		if (!is_shown(round, counter))
			continue;
		if (!round->first)
			snprintf(change, sizeof(change), "+%llu",
				 (unsigned long long)change_of(round,
							       counter));
		fprintf(out, "%-*s  %*llu  %*s\n", COUNTER_WIDTH,
			counter->name, PACKETS_WIDTH,
			(unsigned long long)counter->packets, PACKETS_WIDTH,
			change);
	}
}

static struct error *show_json(FILE *out, const struct counters_round *round)
{
	struct print_object object, counters;
	size_t i;

	print_object_begin(&counters);
	for (i = 0; i < round->now->count; i++) {
		const struct kernel_counter *counter = &round->now->items[i];

		if (is_shown(round, counter))
			print_object_number(&counters, counter->name,
					    counter->packets);
	}
	print_object_begin(&object);
	print_object_number(&object, "time", (uint64_t)time(NULL));
	print_object_json(&object, "counters", print_object_end(&counters));
	return print_json_line(out, print_object_end(&object));
}

static bool has_changed(const struct counters_round *round)
{
	size_t i;

	for (i = 0; i < round->now->count; i++) {
		if (change_of(round, &round->now->items[i]))
			return true;
	}
	return false;
}

/**
 * counters_show_round - show counters that are watched once more
 * @out: where to
 * @round: what they were and are, and how they are shown
 *
 * Return: NULL, or why they cannot be printed.
 */
struct error *counters_show_round(FILE *out,
				  const struct counters_round *round)
{
	if (round->screen)
		return show_screen(out, round);
	if (!round->first && !round->all && !has_changed(round))
		return NULL;
	if (round->json)
		return show_json(out, round);
	show_lines(out, round);
	return NULL;
}
