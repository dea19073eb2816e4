// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts updown commands, reads what they write, and ends those that don't.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/parent/updown_runner.h"
#include "lib/list.h"

#define WAITING_MAX 4096

#define PATH_SIZE 512

/* Lines that are read before others have their turn */
#define READ_MAX 16

/**
 * struct job - a command that runs, or is to
 * @link: in @waiting or @running of the runner
 * @token: the engine's name for it
 * @verb: what it is about, for sentences
 * @connection: whose it is
 * @destination: where what it routes leads to
 * @command: what is run
 * @environment: what it is told
 * @path: the program
 * @process: its number, 0 while it waits
 * @pidfd: readable once it has ended
 * @output: what it writes to, -1 once that is closed
 * @deadline: when it has to be done, of now_ms()
 * @killed: it wasn't
 * @used: bytes of @line
 * @line: a line that isn't whole yet
 */
struct job {
	struct list link;
	uint64_t token;
	char verb[32];
	char connection[UPDOWN_TEXT_MAX];
	struct prefix destination;
	struct updown_command command;
	struct updown_environment environment;
	char path[PATH_SIZE];
	pid_t process;
	int pidfd;
	int output;
	uint64_t deadline;
	bool killed;
	size_t used;
	char line[UPDOWN_LINE_MAX];
};

/**
 * struct updown_runner - runs commands
 * @options: how
 * @waiting: jobs that wait
 * @running: jobs that run
 * @waiting_count: how many wait
 * @running_count: how many run
 */
struct updown_runner {
	struct updown_runner_options options;
	struct list waiting;
	struct list running;
	size_t waiting_count;
	size_t running_count;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct job *job_of(struct list *link)
{
	return list_entry(link, struct job, link);
}

/**
 * updown_runner_create - begin
 * @options: how; copied
 * @runner: where to put the runner
 *
 * Return: NULL, or that there is no memory.
 */
struct error *updown_runner_create(const struct updown_runner_options *options,
				   struct updown_runner **runner)
{
	*runner = calloc(1, sizeof(**runner));
	if (!*runner)
		return error_no_memory();
	(*runner)->options = *options;
	list_init(&(*runner)->waiting);
	list_init(&(*runner)->running);
	return NULL;
}

static void free_job(struct job *job)
{
	list_remove(&job->link);
	if (job->output >= 0)
		close(job->output);
	if (job->pidfd >= 0)
		close(job->pidfd);
	free(job);
}

/* The whole group: commands start others. */
static void kill_job(struct job *job)
{
	kill(-job->process, SIGKILL);
	job->killed = true;
}

/**
 * updown_runner_destroy - end, and with it all commands; nobody is told
 * @runner: the runner, or NULL
 */
void updown_runner_destroy(struct updown_runner *runner)
{
	struct list *link, *following;

	if (!runner)
		return;
	list_for_each(link, following, &runner->waiting)
		free_job(job_of(link));
	list_for_each(link, following, &runner->running) {
		kill_job(job_of(link));
		waitpid(job_of(link)->process, NULL, 0);
		free_job(job_of(link));
	}
	free(runner);
}

/* ----- starting ---------------------------------------------------------- */

static bool has_directory(const char *name)
{
	return strchr(name, '/');
}

/* Where a program without a directory is, among those that all know. */
static bool search(const char *name, char path[PATH_SIZE])
{
	static const char *const directories[] = {
		"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin",
		"/sbin", "/bin", NULL,
	};
	size_t i;

	for (i = 0; directories[i]; i++) {
		if (snprintf(path, PATH_SIZE, "%s/%s", directories[i], name) <
		    PATH_SIZE && !access(path, X_OK))
			return true;
	}
	return false;
}

/* What others can write to, they would make us run. */
static struct error *check_program(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return error_refused(errno, "%s: %s", path, strerror(errno));
	if (status.st_uid && status.st_uid != geteuid())
		return error_refused(EPERM, "%s belongs to another user: it must be root's",
				     path);
	if (!S_ISREG(status.st_mode) ||
	    status.st_mode & (S_IWGRP | S_IWOTH))
		return error_refused(EPERM, "%s can be changed by other users (mode %04o): 'chmod go-w' helps",
				     path, status.st_mode & 07777);
	return NULL;
}

/* "ipsec _name" is what lies beside us, whatever is installed elsewhere. */
static struct error *find_program(const struct updown_runner *runner,
				  struct job *job)
{
	struct updown_command *command = &job->command;
	bool ours = !strcmp(command->words[0], "ipsec") &&
		    command->count > 1 && command->words[1][0] == '_' &&
		    !has_directory(command->words[1]);
	int length;

	if (!ours && !has_directory(command->words[0])) {
		if (search(command->words[0], job->path))
			return check_program(job->path);
		return error_refused(ENOENT, "there is no program '%.100s': leftupdown= needs its whole path",
				     command->words[0]);
	}
	if (ours) {
		command->count--;
		memmove(&command->words[0], &command->words[1],
			(command->count + 1) * sizeof(command->words[0]));
	}
	length = snprintf(job->path, PATH_SIZE, "%s%s%s",
			  ours ? runner->options.directory : "",
			  ours ? "/" : "", command->words[0]);
	if (length >= PATH_SIZE || job->path[0] != '/')
		return error_usage("'%.100s' is no absolute path: leftupdown= needs one",
				   command->words[0]);
	return check_program(job->path);
}

/* In the child: never returns. */
__attribute__((noreturn))
static void become_command(struct job *job, int output)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0 || chdir("/") ||
	    close_range(STDERR_FILENO + 1, ~0u, 0))
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	execve(job->path, job->command.words, job->environment.variables);
	dprintf(STDERR_FILENO, "%s: %s\n", job->path, strerror(errno));
	_exit(127);
}

static struct error *start_job(const struct updown_runner *runner,
			       struct job *job)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK))
		return error_refused(errno, "cannot make a pipe: %s",
				     strerror(errno));
	job->process = fork();
	if (!job->process) {
		/* commands don't expect a pipe that can be full */
		fcntl(pipes[1], F_SETFL, 0);
		become_command(job, pipes[1]);
	}
	close(pipes[1]);
	if (job->process < 0) {
		close(pipes[0]);
		return error_refused(errno, "cannot start a process: %s",
				     strerror(errno));
	}
	/* both sides say it: neither may be late */
	setpgid(job->process, job->process);
	job->pidfd = pidfd_open(job->process, 0);
	job->output = pipes[0];
	job->deadline = now_ms() + runner->options.limit_ms;
	if (job->pidfd < 0) {
		kill_job(job);
		waitpid(job->process, NULL, 0);
		return error_refused(errno, "cannot watch a process: %s",
				     strerror(errno));
	}
	return NULL;
}

/*
 * Must one of both wait for the other? Also those of two connections, if they are
 * about the same routes: removed by one and made by the other.
 */
static bool are_in_order(const struct job *one, const struct job *other)
{
	return !strcmp(one->connection, other->connection) ||
	       (one->destination.length == other->destination.length &&
		address_equal(&one->destination.address,
			      &other->destination.address));
}

/* Looks at those from the beginning of a list to where it ends. */
static bool has_predecessor(const struct list *list, const struct list *end,
			    const struct job *job)
{
	const struct list *link;

	for (link = list->next; link != end; link = link->next) {
		if (are_in_order(list_entry(link, struct job, link), job))
			return true;
	}
	return false;
}

static bool must_wait(const struct updown_runner *runner,
		      const struct job *job)
{
	return has_predecessor(&runner->running, &runner->running, job) ||
	       has_predecessor(&runner->waiting, &job->link, job);
}

static void start_waiting(struct updown_runner *runner)
{
	struct list *link, *following;
	struct error *error;
	struct job *job;

	list_for_each(link, following, &runner->waiting) {
		if (runner->running_count == UPDOWN_RUNNING_MAX)
			return;
		job = job_of(link);
		if (must_wait(runner, job))
			continue;
		list_remove(&job->link);
		runner->waiting_count--;
		error = start_job(runner, job);
		if (error) {
			runner->options.ops.end(runner->options.context,
						job->token, error);
			free_job(job);
			continue;
		}
		list_append(&runner->running, &job->link);
		runner->running_count++;
	}
}

static struct error *prepare(const struct updown_runner *runner,
			     struct job *job, const struct updown *updown)
{
	const char *text = updown->command && *updown->command ?
			   updown->command : UPDOWN_DEFAULT_COMMAND;
	struct error *error;

	updown_verb_text(updown, job->verb);
	snprintf(job->connection, sizeof(job->connection), "%s",
		 updown->connection ? updown->connection : "");
	job->destination = updown->peer_client;
	error = updown_write_environment(updown, &job->environment);
	if (!error)
		error = updown_split(text, &job->command);
	if (!error)
		error = find_program(runner, job);
	return error_prefix(error, "the updown command: ");
}

/**
 * updown_runner_submit - let a command be run, in its turn
 * @runner: the runner
 * @token: what to call it
 * @updown: what to run and what to tell it; copied
 *
 * Return: NULL, or why it will not be run.
 */
struct error *updown_runner_submit(struct updown_runner *runner,
				   uint64_t token, const struct updown *updown)
{
	struct error *error;
	struct job *job;

	if (runner->waiting_count == WAITING_MAX)
		return error_refused(EBUSY, "%d updown commands wait already: what makes them slow?",
				     WAITING_MAX);
	job = calloc(1, sizeof(*job));
	if (!job)
		return error_no_memory();
	job->token = token;
	job->pidfd = -1;
	job->output = -1;
	list_init(&job->link);
	error = prepare(runner, job, updown);
	if (error) {
		free_job(job);
		return error;
	}
	list_append(&runner->waiting, &job->link);
	runner->waiting_count++;
	start_waiting(runner);
	return NULL;
}

/* ----- running ----------------------------------------------------------- */

/**
 * updown_runner_poll - what to wait for
 * @runner: the runner
 * @events: to be filled
 * @timeout_ms: made smaller if a command must be ended before; negative = never
 *
 * Return: how many of @events were filled.
 */
size_t updown_runner_poll(const struct updown_runner *runner,
			  struct pollfd events[UPDOWN_POLL_MAX],
			  int *timeout_ms)
{
	const struct list *link;
	const struct job *job;
	uint64_t now = now_ms();
	size_t count = 0;
	int left;

	for (link = runner->running.next; link != &runner->running;
	     link = link->next) {
		job = list_entry(link, struct job, link);
		events[count++] = (struct pollfd){
			.fd = job->pidfd, .events = POLLIN,
		};
		if (job->output >= 0)
			events[count++] = (struct pollfd){
				.fd = job->output, .events = POLLIN,
			};
		if (job->killed)
			continue;
		left = job->deadline > now ? (int)(job->deadline - now) : 0;
		if (*timeout_ms < 0 || left < *timeout_ms)
			*timeout_ms = left;
	}
	return count;
}

static void tell_line(const struct updown_runner *runner, struct job *job)
{
	size_t i;

	if (!job->used)
		return;
	job->line[job->used] = '\0';
	for (i = 0; i < job->used; i++) {
		if ((unsigned char)job->line[i] < ' ' || job->line[i] == 0x7f)
			job->line[i] = ' ';
	}
	runner->options.ops.line(runner->options.context, job->token,
				 job->line);
	job->used = 0;
}

static void read_output(const struct updown_runner *runner, struct job *job)
{
	char buffer[UPDOWN_LINE_MAX];
	ssize_t length = 0, i;
	int times;

	for (times = 0; job->output >= 0 && times < READ_MAX; times++) {
		length = read(job->output, buffer, sizeof(buffer));
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno == EAGAIN)
			return;
		if (length <= 0) {
			close(job->output);
			job->output = -1;
			return;
		}
		for (i = 0; i < length; i++) {
			if (buffer[i] != '\n')
				job->line[job->used++] = buffer[i];
			if (buffer[i] == '\n' ||
			    job->used == sizeof(job->line) - 1)
				tell_line(runner, job);
		}
	}
}

static struct error *judge(const struct updown_runner *runner,
			   const struct job *job, int status)
{
	if (job->killed)
		return error_refused(ETIMEDOUT, "%s: %s was not done after %u ms and was ended",
				     job->verb, job->path,
				     runner->options.limit_ms);
	if (WIFSIGNALED(status))
		return error_refused(0, "%s: %s was ended by signal %d",
				     job->verb, job->path, WTERMSIG(status));
	if (WEXITSTATUS(status))
		return error_refused(0, "%s: %s ended with status %d",
				     job->verb, job->path, WEXITSTATUS(status));
	return NULL;
}

/* Returns whether a job has ended; what it left in its pipe is read then. */
static bool has_ended(const struct updown_runner *runner, struct job *job,
		      struct error **error)
{
	int status;

	if (waitpid(job->process, &status, WNOHANG) != job->process)
		return false;
	read_output(runner, job);
	tell_line(runner, job);
	*error = judge(runner, job, status);
	return true;
}

/**
 * updown_runner_work - do what there is to do
 * @runner: the runner
 *
 * To be called when something that was waited for has happened, or in vain.
 */
void updown_runner_work(struct updown_runner *runner)
{
	struct list *link, *following;
	struct error *error;
	uint64_t token;
	struct job *job;

	list_for_each(link, following, &runner->running) {
		job = job_of(link);
		read_output(runner, job);
		if (!job->killed && now_ms() >= job->deadline)
			kill_job(job);
		if (!has_ended(runner, job, &error))
			continue;
		token = job->token;
		free_job(job);
		runner->running_count--;
		runner->options.ops.end(runner->options.context, token, error);
	}
	start_waiting(runner);
}

/**
 * updown_runner_is_idle - is there nothing left to run
 * @runner: the runner
 *
 * Return: whether all commands have ended.
 */
bool updown_runner_is_idle(const struct updown_runner *runner)
{
	return !runner->waiting_count && !runner->running_count;
}
