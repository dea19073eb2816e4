/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's log: to syslog, a file or standard error.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>

#include "ike/ops.h"
#include "lib/error.h"

/**
 * struct log_config - where the log goes
 * @file: path, NULL = to syslog
 * @append: don't begin the file anew
 * @time: each line of the file with its time
 * @error_stream: to standard error instead, with syslog's levels for systemd's
 *	journal unless it is a terminal
 */
struct log_config {
	const char *file;
	bool append;
	bool time;
	bool error_stream;
};

ERROR_MUST_CHECK
struct error *log_open(const struct log_config *config);
void log_close(void);

void log_line(enum ike_level level, const char *text);
__attribute__((format(printf, 2, 3)))
void log_format(enum ike_level level, const char *format, ...);
void log_error(struct error *error);

/**
 * struct log_limit - how many lines strangers may cause
 * @second: the second that is being counted
 * @lines: lines in it
 * @suppressed: lines that were not written since the last that was
 */
struct log_limit {
	uint64_t second;
	unsigned int lines;
	unsigned long suppressed;
};

bool log_limit_admits(struct log_limit *limit, uint64_t second);

#endif /* DAEMON_LOG_H */
