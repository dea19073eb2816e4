/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications of the module as lines and as JSON.
 */
#ifndef CLI_EVENT_H
#define CLI_EVENT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "kernel/kernel.h"

void event_show_headings(FILE *out, bool timestamp);
void event_show_line(FILE *out, const struct kernel_event *event,
		     const struct timespec *when);
ERROR_MUST_CHECK
struct error *event_show_json(FILE *out, const struct kernel_event *event,
			      const struct timespec *when);

#endif /* CLI_EVENT_H */
