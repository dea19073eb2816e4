// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the control socket's language at both ends: requests, which a daemon of
 * paper carries out, and answers. What is understood must be written the same way
 * again, and each request must end.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "daemon/control/request.h"
#include "ike/ike.h"
#include "tools/testing/stub/stub_daemon.h"

#define TURNS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

/* ----- requests ----------------------------------------------------------- */

struct heard {
	bool ended;
};

/* Each line of an answer is one that the client understands. */
static void put(void *context, char *line)
{
	const struct heard *heard = context;
	struct ctl_reply reply;

	check(!heard->ended);
	check(line && line[strlen(line) - 1] == '\n');
	check(!ctl_reply_decode(line, strlen(line) - 1, &reply));
	check(reply.kind != CTL_REPLY_EXIT);
	ctl_reply_free(&reply);
	free(line);
}

static void end(void *context, int status)
{
	struct heard *heard = context;

	check(!heard->ended);
	check(status >= 0 && status <= 255);
	heard->ended = true;
}

static void carry_out(struct daemon *daemon, const char *line, size_t length)
{
	static const struct request_sink sink = { put, end };
	struct heard heard = { false };
	struct request *request;
	struct error *error;
	int i;

	daemon->told[0] = '\0';
	error = request_begin(daemon, line, length, &sink, &heard, &request);
	if (error) {
		check(!heard.ended && *error->sentence);
		error_free(error);
		return;
	}
	for (i = 0; i < TURNS_MAX && !heard.ended; i++)
		event_base_loop(daemon->base, EVLOOP_NONBLOCK);
	check(heard.ended || request_ends_daemon(request) ||
	      !list_empty(&daemon->waiting));
	request_free(request);
	check(list_empty(&daemon->waiting));
}

static void encode_again(const char *line, size_t length)
{
	struct ctl_request request, copy;
	struct error *error;
	char *again;

	error = ctl_request_decode(line, length, &request);
	if (error) {
		error_free(error);
		return;
	}
	check(!ctl_request_encode(&request, &again));
	check(!ctl_request_decode(again, strlen(again) - 1, &copy));
	check(copy.operation == request.operation);
	check(copy.config_length == request.config_length);
	check(!copy.name == !request.name);
	ctl_request_free(&copy);
	ctl_request_free(&request);
	free(again);
}

/* ----- answers ------------------------------------------------------------ */

static void hear(const char *line, size_t length)
{
	struct ctl_reply reply;
	struct error *error = ctl_reply_decode(line, length, &reply);
	const char *byte;

	if (error) {
		error_free(error);
		return;
	}
	for (byte = reply.text; byte && *byte; byte++)
		check((uint8_t)*byte >= 0x20 && *byte != 0x7f);
	ctl_reply_free(&reply);
}

static void clean(const char *text, size_t length)
{
	char *once = ctl_clean(text, length);
	char *twice = ctl_clean(once, strlen(once));
	json_t *json = json_string(once);

	check(json && !strcmp(once, twice));
	json_decref(json);
	free(once);
	free(twice);
}

/* ----- the daemon ---------------------------------------------------------- */

static uint64_t now(void *context)
{
	(void)context;
	return 1;
}

static struct error *no_random(void *context, void *bytes, size_t length)
{
	(void)context;
	memset(bytes, 0, length);
	return NULL;
}

/* All that an engine asks for that does nothing. */
static const struct ike_ops operations = {
	.now = now,
	.random = no_random,
};

static struct daemon *make_daemon(void)
{
	static struct daemon daemon;

	if (daemon.base)
		return &daemon;
	daemon.base = event_base_new();
	list_init(&daemon.waiting);
	check(!ike_create(&operations, NULL, &ike_config_default,
			  &daemon.ike));
	return &daemon;
}

/**
 * LLVMFuzzerTestOneInput - read one line
 * @data: the line
 * @size: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;

	carry_out(make_daemon(), line, size);
	encode_again(line, size);
	hear(line, size);
	clean(line, size);
	return 0;
}
