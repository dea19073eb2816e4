/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs updown commands: several at a time, those of one connection or for the same
 * destination one after the other, each with a limit of time, its output taken line
 * by line. For the process with the rights that such commands need; nothing here
 * waits.
 */
#ifndef DAEMON_UPDOWN_RUNNER_H
#define DAEMON_UPDOWN_RUNNER_H

#include <stddef.h>

#include "daemon/parent/updown.h"

struct pollfd;
struct updown_runner;

/* Commands that run at a time, and what there is to wait for of each */
#define UPDOWN_RUNNING_MAX 8
#define UPDOWN_POLL_MAX (2 * UPDOWN_RUNNING_MAX)

/* Longer lines of output are cut into several */
#define UPDOWN_LINE_MAX 512

/**
 * struct updown_runner_ops - whom a runner tells
 * @line: a command wrote a line; printable, ends with 0
 * @end: a command has ended; NULL if it did what it should
 *
 * Neither may submit another command.
 */
struct updown_runner_ops {
	void (*line)(void *context, uint64_t token, const char *line);
	void (*end)(void *context, uint64_t token, struct error *error);
};

/**
 * struct updown_runner_options - how commands are run
 * @ops: whom to tell
 * @context: for @ops
 * @directory: where _updown is, and what is called as "ipsec _name"
 * @limit_ms: milliseconds that a command may take
 */
struct updown_runner_options {
	struct updown_runner_ops ops;
	void *context;
	const char *directory;
	unsigned int limit_ms;
};

ERROR_MUST_CHECK
struct error *updown_runner_create(const struct updown_runner_options *options,
				   struct updown_runner **runner);
void updown_runner_destroy(struct updown_runner *runner);

ERROR_MUST_CHECK
struct error *updown_runner_submit(struct updown_runner *runner,
				   uint64_t token,
				   const struct updown *updown);

size_t updown_runner_poll(const struct updown_runner *runner,
			  struct pollfd events[UPDOWN_POLL_MAX],
			  int *timeout_ms);
void updown_runner_work(struct updown_runner *runner);
bool updown_runner_is_idle(const struct updown_runner *runner);

#endif /* DAEMON_UPDOWN_RUNNER_H */
