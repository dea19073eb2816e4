// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec start', 'stop', 'restart' and 'reload': the IKE daemon as a service.
 * Where systemd runs and knows ipsec.service, it is asked; elsewhere the daemon is
 * started, and told, directly.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/daemon_verb.h"
#include "lib/array.h"

/* There if systemd is what started this host: sd_booted(3) */
#define SYSTEMD_RUNS "/run/systemd/system"
#define UNIT "ipsec.service"

static const struct option_spec options[] = {
	DAEMON_OPTIONS_EVERY,
	{}
};

/* Where 'make install' and packages put the daemon, seen from this program. */
static const char *const places[] = {
	"../libexec/ipsec/iked", "../lib/ipsec/iked", "iked",
};

/* The directory of this program, with its last slash. */
static bool own_directory(char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[length < 0 ? 0 : length] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		slash[1] = '\0';
	return slash;
}

static struct error *find_daemon(char *path, size_t size)
{
	const char *directory = getenv("IPSEC_EXECDIR");
	char own[PATH_MAX];
	size_t i;

	if (directory) {
		snprintf(path, size, "%s/iked", directory);
		return NULL;
	}
	for (i = 0; own_directory(own, sizeof(own)) && i < ARRAY_SIZE(places);
	     i++) {
		snprintf(path, size, "%s%s", own, places[i]);
		if (!access(path, X_OK))
			return NULL;
	}
	return error_refused(ENOENT, "the IKE daemon iked is not installed beside this program; if it is elsewhere, name its directory in IPSEC_EXECDIR");
}

/* Runs a program to its end; its exit status, 127 if it cannot be run. */
static int run_program(const char *const *words, bool silent)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child < 0)
		return 127;
	if (!child) {
		if (silent && (!freopen("/dev/null", "w", stdout) ||
			       !freopen("/dev/null", "w", stderr)))
			_exit(127);
		execvp(words[0], (char *const *)words);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return 127;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

static bool has_unit(void)
{
	static const char *const words[] = { "systemctl", "cat", UNIT, NULL };

	return !access(SYSTEMD_RUNS, F_OK) && !run_program(words, true);
}

static struct error *redirect(const char *verb)
{
	const char *const words[] = { "systemctl", verb, UNIT, NULL };
	int status;

	printf("Redirecting to: systemctl %s " UNIT "\n", verb);
	status = run_program(words, false);
	if (status)
		return error_refused(0, "systemctl %s " UNIT " failed, status %d; 'systemctl status " UNIT "' and 'journalctl -u " UNIT "' tell why",
				     verb, status);
	return NULL;
}

/* Somebody who asked for another socket does not mean the system's service. */
static bool is_systems(const struct arguments *arguments)
{
	return !arguments_given(arguments, DAEMON_CTLSOCKET) && has_unit();
}

static struct error *probe(const struct arguments *arguments, bool *running)
{
	struct daemon_question question = {
		.request.operation = CTL_FIPS_STATUS,
		.socket = arguments_value(arguments, DAEMON_CTLSOCKET),
	};
	struct daemon_answer answer;
	struct error *error;
	int status;

	error = daemon_ask_quietly(&question, &answer, &status);
	*running = !error;
	if (!error)
		daemon_answer_free(&answer);
	else if (daemon_is_absent(error)) {
		error_free(error);
		return NULL;
	}
	return error;
}

static struct error *start_directly(const struct arguments *arguments)
{
	const char *socket = arguments_value(arguments, DAEMON_CTLSOCKET);
	char path[2 * PATH_MAX];
	const char *const words[] = {
		path, "--ctlsocket", socket ? socket : CTL_PATH, NULL
	};
	struct error *error;
	bool running;
	int status;

	error = probe(arguments, &running);
	if (error)
		return error;
	if (running) {
		puts("The IKE daemon is running already");
		return NULL;
	}
	error = find_daemon(path, sizeof(path));
	if (error)
		return error;
	status = run_program(words, false);
	if (status == 127)
		return error_refused(0, "cannot run %s", path);
	if (status)
		return error_refused(0, "the IKE daemon did not start, status %d: what it said, here or in the log, tells why",
				     status);
	return NULL;
}

static struct error *stop_directly(const struct arguments *arguments,
				   int *status)
{
	struct daemon_question question = {
		.request.operation = CTL_SHUTDOWN,
	};
	struct error *error;
	bool running;

	error = probe(arguments, &running);
	if (error)
		return error;
	if (running)
		return daemon_verb_ask(arguments, &question, status);
	puts("The IKE daemon is not running");
	return NULL;
}

/* 'ipsec start CONN' is 'ipsec auto --start CONN'. */
static struct error *start(const struct arguments *arguments, int *status)
{
	struct daemon_question question = { .request.operation = CTL_START };

	if (arguments->operand)
		return daemon_verb_ask(arguments, &question, status);
	if (is_systems(arguments))
		return redirect("start");
	return start_directly(arguments);
}

static struct error *stop(const struct arguments *arguments, int *status)
{
	if (is_systems(arguments))
		return redirect("stop");
	return stop_directly(arguments, status);
}

static struct error *restart(const struct arguments *arguments, int *status)
{
	struct error *error;

	if (is_systems(arguments))
		return redirect("restart");
	error = stop_directly(arguments, status);
	return error || *status ? error : start_directly(arguments);
}

static struct error *reload(const struct arguments *arguments, int *status)
{
	struct daemon_question question = { .request.operation = CTL_RELOAD };

	return daemon_verb_ask(arguments, &question, status);
}

const struct command command_start = {
	.name = "start",
	.summary = "Start the IKE daemon",
	.operand = "CONN",
	.operand_help = "With CONN, add that connection if it is not there, and bring it up",
	.options = options,
	.ask = start,
};

const struct command command_stop = {
	.name = "stop",
	.summary = "End the IKE daemon and all connections",
	.options = options,
	.ask = stop,
};

const struct command command_restart = {
	.name = "restart",
	.summary = "Stop the IKE daemon, and start it again",
	.options = options,
	.ask = restart,
};

const struct command command_reload = {
	.name = "reload",
	.summary = "Let the IKE daemon read its configuration again",
	.options = options,
	.ask = reload,
};
