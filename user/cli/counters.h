/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of packets by reason, as lists.
 */
#ifndef CLI_COUNTERS_H
#define CLI_COUNTERS_H

#include <jansson.h>
#include <stdio.h>

#include "kernel/kernel.h"

/**
 * struct counters_round - counters that are watched, once more
 * @before: what they were the time before
 * @now: what they are
 * @first: there was no time before
 * @all: also those that are 0 or have not changed
 * @headings: with the line of headings
 * @json: as JSON
 * @screen: always in the same place of a terminal
 */
struct counters_round {
	const struct kernel_counters *before;
	const struct kernel_counters *now;
	bool first;
	bool all;
	bool headings;
	bool json;
	bool screen;
};

json_t *counters_json(const struct kernel_counters *counters, bool all);

ERROR_MUST_CHECK
struct error *counters_show_table(FILE *out,
				  const struct kernel_counters *counters,
				  bool all, bool headings);

ERROR_MUST_CHECK
struct error *counters_show_round(FILE *out,
				  const struct counters_round *round);

#endif /* CLI_COUNTERS_H */
