/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that the IKE daemon carries out: one request, its lines shown as they
 * come, its data at the end.
 */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "lib/error.h"

/**
 * struct daemon_answer - what the daemon has said
 * @data: an array for each kind of data, by the name of the kind
 * @lines: what it said to humans, if that is kept
 */
struct daemon_answer {
	json_t *data;
	json_t *lines;
};

/**
 * struct daemon_question - what is asked, and how the answer is shown
 * @request: what is asked
 * @socket: path of the control socket, NULL = the usual one
 * @config: path of a configuration as the user gave it, "-" = standard input;
 *	NULL = the daemon's own
 * @show: show the command that this amounts to
 * @json: show the answer as JSON
 * @only: kind of data that counts, NULL = all
 * @print: shows the data as text, NULL = there is none
 */
struct daemon_question {
	struct ctl_request request;
	const char *socket;
	const char *config;
	bool show;
	bool json;
	const char *only;
	void (*print)(FILE *out, const struct daemon_answer *answer);
};

ERROR_MUST_CHECK
struct error *daemon_ask(struct daemon_question *question, int *status);
ERROR_MUST_CHECK
struct error *daemon_ask_quietly(const struct daemon_question *question,
				 struct daemon_answer *answer, int *status);
void daemon_answer_free(struct daemon_answer *answer);
bool daemon_is_absent(const struct error *error);

/* How data looks as text; each takes what it needs, and shows what there is */
void daemon_show_status(FILE *out, const struct daemon_answer *answer);
void daemon_show_brief(FILE *out, const struct daemon_answer *answer);
void daemon_show_connections(FILE *out, const struct daemon_answer *answer);
void daemon_show_traffic(FILE *out, const struct daemon_answer *answer);
void daemon_show_shunts(FILE *out, const struct daemon_answer *answer);
void daemon_show_counters(FILE *out, const struct daemon_answer *answer);
void daemon_show_fips(FILE *out, const struct daemon_answer *answer);
void daemon_show_lists(FILE *out, const struct daemon_answer *answer);
void daemon_show_expiring(FILE *out, const struct daemon_answer *answer);

#endif /* CLI_DAEMON_H */
