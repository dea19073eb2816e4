/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that go on showing things until somebody has seen enough: waiting
 * for the kernel or for time to pass, and noticing that it is time to end.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>

#include "lib/error.h"

/**
 * struct watch - going on until somebody has seen enough
 * @signals: descriptor that tells of SIGINT and SIGTERM
 */
struct watch {
	int signals;
};

/**
 * enum watch_result - what was waited for
 * @WATCH_READY: there is something to read
 * @WATCH_TIME: the time is over
 * @WATCH_END: a signal came, or nobody reads our output any more
 */
enum watch_result {
	WATCH_READY,
	WATCH_TIME,
	WATCH_END,
};

ERROR_MUST_CHECK
struct error *watch_begin(struct watch *watch);
void watch_end(struct watch *watch);
ERROR_MUST_CHECK
struct error *watch_wait(const struct watch *watch, int descriptor,
			 int milliseconds, enum watch_result *result);
ERROR_MUST_CHECK
struct error *watch_flush(bool *gone);

#endif /* CLI_WATCH_H */
