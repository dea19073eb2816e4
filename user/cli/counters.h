/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of packets by reason, as lists.
 */
#ifndef CLI_COUNTERS_H
#define CLI_COUNTERS_H

#include <jansson.h>
#include <stdio.h>

#include "kernel/kernel.h"

json_t *counters_json(const struct kernel_counters *counters, bool all);

ERROR_MUST_CHECK
struct error *counters_show_table(FILE *out,
				  const struct kernel_counters *counters,
				  bool all, bool headings);

#endif /* CLI_COUNTERS_H */
