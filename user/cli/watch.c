// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waits for the kernel, for time, and for the end, which is no error: a signal
 * that somebody sent on purpose, or a reader that has gone.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/watch.h"

/**
 * watch_begin - take signals, and failures to write, as an end
 * @watch: filled in; to be ended with watch_end()
 *
 * Return: NULL, or why that is not possible.
 */
struct error *watch_begin(struct watch *watch)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	watch->signals = -1;
	if (!sigprocmask(SIG_BLOCK, &ending, NULL))
		watch->signals = signalfd(-1, &ending, SFD_CLOEXEC);
	if (watch->signals < 0)
		return error_refused(errno, "cannot wait for signals: %s",
				     strerror(errno));
	return NULL;
}

/**
 * watch_end - undo watch_begin(), but for the signals that are blocked
 * @watch: what it has filled in
 */
void watch_end(struct watch *watch)
{
	if (watch->signals >= 0)
		close(watch->signals);
	watch->signals = -1;
}

/**
 * watch_wait - wait
 * @watch: what watch_begin() has filled in
 * @descriptor: of what may be read from then; negative for nothing
 * @milliseconds: how long, negative for ever
 * @result: set to what came first
 *
 * Return: NULL, or why it cannot be waited.
 */
struct error *watch_wait(const struct watch *watch, int descriptor,
			 int milliseconds, enum watch_result *result)
{
	struct pollfd polls[] = {
		{ .fd = watch->signals, .events = POLLIN },
		/* a pipe whose reader has gone says so unasked */
		{ .fd = STDOUT_FILENO },
		{ .fd = descriptor, .events = POLLIN },
	};
	int ready;

	do {
		ready = poll(polls, 3, milliseconds);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_refused(errno, "cannot wait: %s",
				     strerror(errno));
	if (polls[0].revents || polls[1].revents & (POLLERR | POLLHUP))
		*result = WATCH_END;
	else
		*result = ready ? WATCH_READY : WATCH_TIME;
	return NULL;
}

/**
 * watch_flush - show what was printed so far
 * @gone: set if nobody reads it any more
 *
 * Return: NULL, or why it cannot be written.
 */
struct error *watch_flush(bool *gone)
{
	*gone = false;
	if (!fflush(stdout) && !ferror(stdout))
		return NULL;
	if (errno != EPIPE)
		return error_refused(errno, "cannot write: %s",
				     strerror(errno));
	__fpurge(stdout);
	clearerr(stdout);
	*gone = true;
	return NULL;
}
