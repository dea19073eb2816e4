/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words by which 'ipsec auto' and 'ipsec whack' name what the IKE daemon is
 * to do, and the options that both understand.
 */
#ifndef CLI_DAEMON_VERB_H
#define CLI_DAEMON_VERB_H

#include "cli/arguments.h"
#include "cli/daemon.h"

/* The options that all front ends have, at the begin of their tables */
enum daemon_option {
	DAEMON_CTLSOCKET,
	DAEMON_JSON,
	DAEMON_RUNDIR,
	DAEMON_ASYNCHRONOUS,
	DAEMON_NAME,
	DAEMON_UTC,
	DAEMON_OPTION_COUNT
};

/* Those that every command has, and those of the two front ends */
#define DAEMON_OPTIONS_EVERY \
	[DAEMON_CTLSOCKET] = { "ctlsocket", "SOCKET", \
		"the control socket, /run/pluto/pluto.ctl if not given", 0 }, \
	[DAEMON_JSON] = { "json", NULL, "print JSON", 0 }
#define DAEMON_OPTIONS_FRONT \
	DAEMON_OPTIONS_EVERY, \
	[DAEMON_RUNDIR] = { "rundir", "DIRECTORY", \
		"where the control socket pluto.ctl is", 0 }, \
	[DAEMON_ASYNCHRONOUS] = { "asynchronous", NULL, \
		"don't wait for what comes of it", 0 }, \
	[DAEMON_NAME] = { "name", "CONN", "the connection", 0 }, \
	[DAEMON_UTC] = { "utc", NULL, \
		"accepted: times are in UTC anyway", 0 }

bool daemon_verb_set(struct daemon_question *question, const char *word);
ERROR_MUST_CHECK
struct error *daemon_verb_choose(const struct arguments *arguments,
				 struct daemon_question *question);
ERROR_MUST_CHECK
struct error *daemon_verb_ask(const struct arguments *arguments,
			      struct daemon_question *question, int *status);

#endif /* CLI_DAEMON_VERB_H */
