/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes up for notifications of the module that were lost, by a look at all SAs. In
 * the engine's event loop, some SAs at a time.
 */
#ifndef DAEMON_MISSED_H
#define DAEMON_MISSED_H

#include "kernel/kernel.h"

struct event_base;
struct missed;

ERROR_MUST_CHECK
struct error *missed_create(struct event_base *base, struct kernel *kernel,
			    struct error *(*deliver)(const struct kernel_event *event,
						     void *context),
			    void *context, struct missed **missed);
void missed_destroy(struct missed *missed);

void missed_catch_up(struct missed *missed);

#endif /* DAEMON_MISSED_H */
