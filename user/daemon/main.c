// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program iked: options, signals, and the event loop.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "lib/array.h"

#define EXIT_REFUSED 1
#define EXIT_USAGE 2

#define RUNDIR "/run/pluto"
#define PID_FILE "pluto.pid"
#define PATH_SIZE 4096

/* Options that have no letter */
enum option_number {
	OPTION_CONFIG = 256,
	OPTION_SECRETS,
	OPTION_IPSECDIR,
	OPTION_RUNDIR,
	OPTION_CTLSOCKET,
	OPTION_LOGFILE,
	OPTION_STDERRLOG,
	OPTION_NOFORK,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "secretsfile", required_argument, NULL, OPTION_SECRETS },
	{ "ipsecdir", required_argument, NULL, OPTION_IPSECDIR },
	{ "rundir", required_argument, NULL, OPTION_RUNDIR },
	{ "ctlsocket", required_argument, NULL, OPTION_CTLSOCKET },
	{ "logfile", required_argument, NULL, OPTION_LOGFILE },
	{ "stderrlog", no_argument, NULL, OPTION_STDERRLOG },
	{ "nofork", no_argument, NULL, OPTION_NOFORK },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *file)
{
	fputs("Usage: iked [OPTION]...\n"
	      "\n"
	      "The IKE daemon. It reads ipsec.conf and ipsec.secrets, negotiates security\n"
	      "associations with other hosts, and keeps the espvif module in step.\n"
	      "\n"
	      "  --config FILE       configuration (default: " CFG_PATH ")\n"
	      "  --secretsfile FILE  secrets (default: as the configuration says)\n"
	      "  --ipsecdir DIR      certificates and so on (default: likewise)\n"
	      "  --rundir DIR        sockets and process number (default: " RUNDIR ")\n"
	      "  --ctlsocket FILE    control socket (default: pluto.ctl in there)\n"
	      "  --logfile FILE      log there instead of syslog\n"
	      "  --stderrlog         log to standard error\n"
	      "  --nofork            stay in the foreground\n"
	      "  --help, --version   print this, or the version, and end\n",
	      file);
}

/* Takes one option; false ends the program with success. */
static bool take_option(int number, struct daemon_options *options)
{
	switch (number) {
	case OPTION_CONFIG:
		options->config = optarg;
		return true;
	case OPTION_SECRETS:
		options->secrets = optarg;
		return true;
	case OPTION_IPSECDIR:
		options->ipsecdir = optarg;
		return true;
	case OPTION_RUNDIR:
		options->rundir = optarg;
		return true;
	case OPTION_CTLSOCKET:
		options->ctlsocket = optarg;
		return true;
	case OPTION_LOGFILE:
		options->logfile = optarg;
		return true;
	case OPTION_STDERRLOG:
		options->stderrlog = true;
		return true;
	case OPTION_NOFORK:
		options->nofork = true;
		return true;
	case OPTION_VERSION:
		printf("Linux espvif %s (Libreswan 4.10 compatible)\n",
		       ESPVIF_VERSION);
		return false;
	default:
		usage(stdout);
		return false;
	}
}

static void parse(int argc, char **argv, struct daemon_options *options)
{
	int number;

	while ((number = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (number == '?') {
			usage(stderr);
			exit(EXIT_USAGE);
		}
		if (!take_option(number, options))
			exit(EXIT_SUCCESS);
	}
	if (optind == argc)
		return;
	fprintf(stderr, "iked: '%s' is no option; see iked --help\n",
		argv[optind]);
	exit(EXIT_USAGE);
}

static void stop(evutil_socket_t number, short what, void *context)
{
	(void)what;
	log_format(IKE_LEVEL_INFO, "shutting down: %s", strsignal((int)number));
	daemon_shutdown(context, NULL);
}

static void reload(evutil_socket_t number, short what, void *context)
{
	(void)number;
	(void)what;
	log_line(IKE_LEVEL_INFO, "reading the configuration again");
	daemon_reload(context, NULL);
}

/* The process number: by a file that nobody else has locked */
static struct error *write_pid(const char *rundir, char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int file;

	if (mkdir(rundir, 0700) && errno != EEXIST)
		return error_refused(errno, "cannot make the directory %s: %s",
				     rundir, strerror(errno));
	if (snprintf(path, PATH_SIZE, "%s/" PID_FILE, rundir) >= PATH_SIZE)
		return error_usage("--rundir: the path is too long");
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (file < 0)
		return error_refused(errno, "cannot write %s: %s", path,
				     strerror(errno));
	/* the lock lasts as long as the process, the file stays open */
	if (fcntl(file, F_SETLK, &lock)) {
		close(file);
		path[0] = '\0';
		return error_refused(errno, "another daemon is running: %s/" PID_FILE " is in use",
				     rundir);
	}
	if (ftruncate(file, 0) || dprintf(file, "%d\n", (int)getpid()) < 0)
		return error_refused(errno, "cannot write %s/" PID_FILE ": %s",
				     rundir, strerror(errno));
	return NULL;
}

static int complain(struct error *error)
{
	int status = error->kind == ERROR_USAGE ? EXIT_USAGE : EXIT_REFUSED;

	fprintf(stderr, "iked: %s\n", error->sentence);
	error_free(error);
	return status;
}

/*
 * Goes on in the background. Who started us gets the exit status once we are ready,
 * or have failed.
 */
static struct error *detach(int *ready)
{
	int ends[2], status = EXIT_REFUSED;
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return error_refused(errno, "cannot make a pipe: %s",
				     strerror(errno));
	pid = fork();
	if (pid < 0)
		return error_refused(errno, "cannot go to the background: %s",
				     strerror(errno));
	if (!pid) {
		close(ends[0]);
		*ready = ends[1];
		setsid();
		return NULL;
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) == 1)
		status = EXIT_SUCCESS;
	_exit(status);
}

/* From now on nobody is at the terminal. */
static void tell_ready(int ready)
{
	int null;

	if (ready < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	if (write(ready, "", 1) != 1)
		log_line(IKE_LEVEL_INFO, "nobody waits for the daemon to be ready");
	close(ready);
}

static void watch_signals(struct event_base *base, struct daemon *daemon,
			  struct event *events[3])
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		events[i] = evsignal_new(base, numbers[i],
					 numbers[i] == SIGHUP ? reload : stop,
					 daemon);
		if (events[i])
			evsignal_add(events[i], NULL);
	}
}

static struct error *open_control(struct daemon *daemon,
				  const struct daemon_options *options,
				  struct control **control)
{
	char path[PATH_SIZE];

	if (options->ctlsocket)
		return control_create(daemon, options->ctlsocket, control);
	snprintf(path, sizeof(path), "%s/pluto.ctl", options->rundir);
	return control_create(daemon, path, control);
}

static struct error *run(struct event_base *base, int ready,
			 const struct daemon_options *options,
			 struct control **control)
{
	struct event *events[3] = {};
	struct daemon *daemon = NULL;
	struct error *error = daemon_create(base, options, &daemon);
	size_t i;

	if (error)
		return error;
	error = open_control(daemon, options, control);
	if (error) {
		daemon_destroy(daemon);
		return error;
	}
	watch_signals(base, daemon, events);
	tell_ready(ready);
	event_base_dispatch(base);
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (events[i])
			event_free(events[i]);
	}
	control_retire(*control);
	daemon_destroy(daemon);
	return NULL;
}

int main(int argc, char **argv)
{
	struct daemon_options options = {
		.config = CFG_PATH,
		.rundir = RUNDIR,
	};
	char pid_path[PATH_SIZE] = "";
	struct event_base *base = NULL;
	struct control *control = NULL;
	struct error *error = NULL;
	int status = EXIT_SUCCESS, ready = -1;

	parse(argc, argv, &options);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (!options.nofork)
		error = detach(&ready);
	if (!error) {
		base = event_base_new();
		error = base ? write_pid(options.rundir, pid_path) :
			       error_no_memory();
	}
	if (!error)
		error = run(base, ready, &options, &control);
	if (error)
		status = complain(error);
	if (pid_path[0])
		unlink(pid_path);
	/* who asked for the end hears that another daemon may start */
	control_destroy(control);
	log_close();
	if (base)
		event_base_free(base);
	libevent_global_shutdown();
	return status;
}
