/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out what somebody asks the daemon for, and writes the answer.
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

struct daemon;
struct request;

/**
 * struct request_sink - where an answer goes
 * @put: takes a line of it, which it frees; NULL if there was no memory
 * @end: nothing more comes
 *
 * Neither may free the request.
 */
struct request_sink {
	void (*put)(void *context, char *line);
	void (*end)(void *context, int status);
};

ERROR_MUST_CHECK
struct error *request_begin(struct daemon *daemon, const char *line,
			    size_t length, const struct request_sink *sink,
			    void *context, struct request **request);
bool request_ends_daemon(const struct request *request);
void request_free(struct request *request);

#endif /* DAEMON_REQUEST_H */
