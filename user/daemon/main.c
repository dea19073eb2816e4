// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program iked: options, the parent process, the engine process and its event
 * loop.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/control/control.h"
#include "daemon/engine/daemon.h"
#include "daemon/log.h"
#include "daemon/parent/parent.h"
#include "lib/array.h"

#define EXIT_REFUSED 1
#define EXIT_USAGE 2

#define RUNDIR "/run/pluto"
#define PID_FILE "pluto.pid"
#define PATH_SIZE 4096

/* Milliseconds that updown commands, and the end of the engine, may take */
#define UPDOWN_MS 30000
#define STOP_MS 30000

/* And what is left to do for a daemon that ends */
#define ENDING_MS 60000

/* And before a process that has died is started anew */
#define RESTART_MS 1000

/* Signals that the engine acts upon */
static const int watched[] = { SIGTERM, SIGINT, SIGHUP };

/**
 * struct start - what the program was started with
 * @options: of its command line
 * @ready: whoever started it waits at the other end, -1 = nobody
 * @pid_path: file with the process number, "" as long as there is none
 * @pid_file: the same, open
 */
struct start {
	struct daemon_options options;
	int ready;
	char pid_path[PATH_SIZE];
	int pid_file;
};

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

static bool is_still(int file, const char *path)
{
	struct stat ours, theirs;

	return !fstat(file, &ours) && !stat(path, &theirs) &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* The file of a daemon that is about to end is empty; that of one which was killed
 * names a process that is no longer there. */
static bool is_ending(int file)
{
	char text[16] = "";
	int number;

	if (pread(file, text, sizeof(text) - 1, 0) <= 0)
		return true;
	number = atoi(text);
	return number <= 0 || (kill(number, 0) && errno == ESRCH);
}

/*
 * Locks the file with the process number. A daemon that is about to end is waited
 * for: it may have updown commands to run.
 */
static struct error *lock_pid(const char *path, int *file)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	bool locked;
	int i;

	for (i = 0; i < ENDING_MS / 50; i++) {
		*file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			     0644);
		if (*file < 0)
			return error_refused(errno, "cannot write %s: %s", path,
					     strerror(errno));
		/* for as long as any of our processes has the file open */
		locked = !flock(*file, LOCK_EX | LOCK_NB);
		if (locked && is_still(*file, path))
			return NULL;
		if (!locked && !is_ending(*file))
			break;
		close(*file);
		nanosleep(&pause, NULL);
	}
	if (i < ENDING_MS / 50)
		close(*file);
	return error_refused(EBUSY, "another daemon is running: %s is in use",
			     path);
}

/* The process number: in a file that nobody else has locked */
static struct error *write_pid(struct start *start)
{
	const char *rundir = start->options.rundir;
	char path[PATH_SIZE];
	struct error *error;

	if (mkdir(rundir, 0700) && errno != EEXIST)
		return error_refused(errno, "cannot make the directory %s: %s",
				     rundir, strerror(errno));
	if (snprintf(path, PATH_SIZE, "%s/" PID_FILE, rundir) >= PATH_SIZE)
		return error_usage("--rundir: the path is too long");
	error = lock_pid(path, &start->pid_file);
	if (error)
		return error;
	snprintf(start->pid_path, sizeof(start->pid_path), "%s", path);
	if (ftruncate(start->pid_file, 0) ||
	    dprintf(start->pid_file, "%d\n", (int)getpid()) < 0)
		return error_refused(errno, "cannot write %s: %s", path,
				     strerror(errno));
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
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
}

/* In the keys process, else whoever reads what we say waits for its end as well. */
static void begin_keys(void *context)
{
	const struct start *start = context;

	if (!start->options.nofork)
		leave_terminal();
}

/* In the parent: tells whoever started us. */
static void tell_ready(void *context)
{
	struct start *start = context;

	if (start->ready < 0)
		return;
	leave_terminal();
	if (write(start->ready, "", 1) != 1)
		log_line(IKE_LEVEL_INFO, "nobody waits for the daemon to be ready");
	/* engines that come later must not take another file for it */
	close(start->ready);
	start->ready = -1;
}

static void watch_signals(struct event_base *base, struct daemon *daemon,
			  struct event *events[ARRAY_SIZE(watched)])
{
	sigset_t none;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(watched); i++) {
		events[i] = evsignal_new(base, watched[i],
					 watched[i] == SIGHUP ? reload : stop,
					 daemon);
		if (events[i])
			evsignal_add(events[i], NULL);
	}
	/* they were blocked from the beginning: what came since then comes now */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A daemon that ends is not to be kept from telling its peers. */
static void ignore_signals(struct event *events[ARRAY_SIZE(watched)])
{
	sigset_t all;
	size_t i;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (i = 0; i < ARRAY_SIZE(watched); i++) {
		if (events[i])
			event_free(events[i]);
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

static struct error *run(struct event_base *base,
			 const struct daemon_options *options,
			 struct control **control)
{
	struct event *events[ARRAY_SIZE(watched)] = {};
	struct daemon *daemon = NULL;
	struct error *error = daemon_create(base, options, &daemon);

	if (error)
		return error;
	error = open_control(daemon, options, control);
	if (error) {
		daemon_destroy(daemon);
		return error;
	}
	watch_signals(base, daemon, events);
	if (!options->nofork)
		leave_terminal();
	daemon_announce(daemon);
	event_base_dispatch(base);
	ignore_signals(events);
	control_retire(*control);
	daemon_destroy(daemon);
	return NULL;
}

/* In a process of its own */
static int be_engine(void *context, int parent)
{
	struct start *start = context;
	struct event_base *base = event_base_new();
	struct control *control = NULL;
	struct error *error;

	if (start->ready >= 0)
		close(start->ready);
	start->options.parent = parent;
	error = base ? run(base, &start->options, &control) :
		       error_no_memory();
	/* who asked for the end hears that another daemon may start */
	if (!error && ftruncate(start->pid_file, 0))
		log_format(IKE_LEVEL_ERROR, "cannot empty " PID_FILE ": %s",
			   strerror(errno));
	control_destroy(control);
	log_close();
	if (base)
		event_base_free(base);
	libevent_global_shutdown();
	return error ? complain(error) : EXIT_SUCCESS;
}

/* Where the program is, and what it runs */
static struct error *find_directory(char directory[PATH_SIZE])
{
	ssize_t length = readlink("/proc/self/exe", directory, PATH_SIZE - 1);
	char *slash;

	if (length < 0)
		return error_refused(errno, "cannot find out where iked is: %s",
				     strerror(errno));
	directory[length] = '\0';
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
	return NULL;
}

static int be_parent(struct start *start)
{
	static const struct log_config to_stderr = { .error_stream = true };
	char directory[PATH_SIZE];
	const struct parent_options options = {
		.engine = be_engine,
		.ready = tell_ready,
		.keys = begin_keys,
		.context = start,
		.directory = directory,
		.updown_ms = UPDOWN_MS,
		.restart_ms = RESTART_MS,
		.stop_ms = STOP_MS,
	};
	struct error *error = find_directory(directory);

	if (!error && start->options.stderrlog)
		error = log_open(&to_stderr);
	return error ? complain(error) : parent_run(&options);
}

int main(int argc, char **argv)
{
	struct start start = {
		.options = {
			.config = CFG_PATH,
			.rundir = RUNDIR,
		},
		.ready = -1,
	};
	struct error *error = NULL;
	int status;

	parse(argc, argv, &start.options);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (!start.options.nofork)
		error = detach(&start.ready);
	if (!error)
		error = write_pid(&start);
	status = error ? complain(error) : be_parent(&start);
	if (start.pid_path[0])
		unlink(start.pid_path);
	return status;
}
