// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts the daemon's processes and waits: for signals, for their end, for the
 * engine's requests, for updown commands. Nothing it does takes long.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/keys/keys_process.h"
#include "daemon/log.h"
#include "daemon/parent/notify.h"
#include "daemon/parent/parent.h"
#include "daemon/parent/parent_wire.h"
#include "daemon/parent/updown_runner.h"
#include "lib/array.h"
#include "lib/list.h"

/* Who lives as long has not died at once */
#define STEADY_MS 60000

/* The longest pause before somebody is started anew */
#define RESTART_MAX_MS 30000

/* Messages for the engine that wait; from half of it on, lines are dropped */
#define OUTGOING_MAX 8192

/* Messages that are read before others have their turn */
#define READ_MAX 64

/* Keys processes that have a successor and have not ended yet */
#define RETIRED_MAX 8

/* Signals, two children, the engine's socket, and commands */
#define POLL_MAX (4 + UPDOWN_POLL_MAX)

static const int passed_on[] = { SIGHUP };
static const int ends[] = { SIGTERM, SIGINT, SIGQUIT };

/* Nobody has a use for these, and they are not to end anybody */
static const int ignored[] = { SIGUSR1, SIGUSR2 };

/**
 * struct child - a process that is to be there
 * @process: its number, 0 while there is none
 * @pidfd: readable once it has ended, -1 while there is none
 * @started: when it was started, of now_ms()
 * @again: when it is to be started anew, 0 = not
 * @pause: the pause before that
 */
struct child {
	pid_t process;
	int pidfd;
	uint64_t started;
	uint64_t again;
	unsigned int pause;
};

/**
 * struct outgoing - a message for the engine that waits for room
 * @link: in @outgoing of the parent
 * @descriptor: what goes with it, -1 for nothing
 * @length: bytes of @packet
 * @packet: the message
 */
struct outgoing {
	struct list link;
	int descriptor;
	size_t length;
	uint8_t packet[];
};

/**
 * struct parent - all that the parent knows
 * @options: what it is to do
 * @signals: from where signals are read
 * @engine: the engine
 * @keys: the keys process
 * @retired: keys processes that have a successor, 0 = none
 * @socket: of the engine, -1 while there is none
 * @outgoing: what waits for room there
 * @outgoing_count: how many
 * @runner: runs updown commands
 * @wanted: the engine's last PARENT_OPEN_KEYS, as it came
 * @wanted_length: bytes of it, 0 for none
 * @was_ready: the engine was ready once
 * @deadline: when the engine must have ended, 0 = not asked to
 * @ending: all is to end, with @status
 * @status: to exit with
 * @packet: what was received
 */
struct parent {
	const struct parent_options *options;
	int signals;
	struct child engine;
	struct child keys;
	pid_t retired[RETIRED_MAX];
	int socket;
	struct list outgoing;
	size_t outgoing_count;
	struct updown_runner *runner;
	uint8_t wanted[PARENT_WIRE_SIZE_MAX];
	size_t wanted_length;
	bool was_ready;
	uint64_t deadline;
	bool ending;
	int status;
	uint8_t packet[PARENT_WIRE_SIZE_MAX];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ----- messages to the engine -------------------------------------------- */

static void free_outgoing(struct parent *parent, struct outgoing *outgoing)
{
	list_remove(&outgoing->link);
	parent->outgoing_count--;
	if (outgoing->descriptor >= 0)
		close(outgoing->descriptor);
	free(outgoing);
}

static void forget_outgoing(struct parent *parent)
{
	struct list *link, *following;

	list_for_each(link, following, &parent->outgoing)
		free_outgoing(parent, list_entry(link, struct outgoing, link));
}

static void send_outgoing(struct parent *parent)
{
	struct list *link, *following;
	struct outgoing *outgoing;

	list_for_each(link, following, &parent->outgoing) {
		outgoing = list_entry(link, struct outgoing, link);
		if (!parent_wire_send(parent->socket,
				      bytes_of(outgoing->packet,
					       outgoing->length),
				      outgoing->descriptor, false) &&
		    errno == EAGAIN)
			return;
		free_outgoing(parent, outgoing);
	}
}

/* Takes the descriptor over. Without an engine there is nobody to tell. */
static void tell_engine(struct parent *parent,
			const struct parent_message *message, int descriptor)
{
	static uint8_t packet[PARENT_SENTENCE_MAX + 64];
	struct bytes_writer writer;
	struct outgoing *outgoing = NULL;

	bytes_writer_init(&writer, packet, sizeof(packet));
	parent_wire_encode(&writer, message);
	if (parent->socket >= 0 && parent->outgoing_count < OUTGOING_MAX)
		outgoing = malloc(sizeof(*outgoing) + writer.used);
	if (!outgoing) {
		if (descriptor >= 0)
			close(descriptor);
		return;
	}
	outgoing->descriptor = descriptor;
	outgoing->length = writer.used;
	memcpy(outgoing->packet, packet, writer.used);
	list_append(&parent->outgoing, &outgoing->link);
	parent->outgoing_count++;
	send_outgoing(parent);
}

static void tell_line(void *context, uint64_t token, const char *line)
{
	struct parent *parent = context;
	struct parent_message message = {
		.kind = PARENT_LINE, .token = token, .sentence = line,
	};

	if (parent->outgoing_count < OUTGOING_MAX / 2)
		tell_engine(parent, &message, -1);
}

static void tell_end(void *context, uint64_t token, struct error *error)
{
	struct parent_message message = {
		.kind = error ? PARENT_FAILED : PARENT_DONE, .token = token,
	};

	if (error)
		message.sentence = error->sentence;
	tell_engine(context, &message, -1);
	error_free(error);
}

/* ----- children ---------------------------------------------------------- */

/* In a child: as if the parent had never been, but that signals wait. */
static void leave_parent(struct parent *parent)
{
	size_t i;

	forget_outgoing(parent);
	close(parent->signals);
	if (parent->socket >= 0)
		close(parent->socket);
	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	/* nobody is left to answer to, and the next engine cleans up */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Forks; returns 0 in the child, as fork() does, with a socket in both. */
static pid_t start(struct parent *parent, struct child *child, int *socket)
{
	int sockets[2];
	pid_t process;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -1;
	fflush(NULL);
	process = fork();
	if (process < 0) {
		close(sockets[0]);
		close(sockets[1]);
		return -1;
	}
	close(sockets[process ? 1 : 0]);
	*socket = sockets[process ? 0 : 1];
	if (!process) {
		leave_parent(parent);
		return 0;
	}
	child->process = process;
	child->pidfd = pidfd_open(process, 0);
	child->started = now_ms();
	child->again = 0;
	return process;
}

/* Sets when a child that has ended is started anew. */
static void start_later(const struct parent *parent, struct child *child)
{
	uint64_t now = now_ms();

	if (!child->pause || now - child->started >= STEADY_MS)
		child->pause = parent->options->restart_ms;
	else if (child->pause < RESTART_MAX_MS / 2)
		child->pause *= 2;
	child->again = now + child->pause;
}

static void start_engine(struct parent *parent)
{
	int socket = -1;
	pid_t process = start(parent, &parent->engine, &socket);

	if (!process)
		exit(parent->options->engine(parent->options->context,
					     socket));
	if (process < 0) {
		log_format(IKE_LEVEL_ERROR, "cannot start the engine process: %s",
			   strerror(errno));
		start_later(parent, &parent->engine);
		return;
	}
	parent->socket = socket;
}

/* In the child. The message was read before, and is good. */
__attribute__((noreturn))
static void become_keys(const struct parent *parent, int socket)
{
	struct parent_message message;
	struct keys_process process = { .socket = socket };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (parent->options->keys)
		parent->options->keys(parent->options->context);
	if (!parent_wire_decode(bytes_of(parent->wanted,
					 parent->wanted_length), &message))
		_exit(EXIT_FAILURE);
	process.directory = message.keys.directory;
	process.files = message.keys.files;
	process.file_count = message.keys.file_count;
	process.secrets = message.keys.secrets;
	_exit(keys_process_run(&process));
}

static void start_keys(struct parent *parent)
{
	struct parent_message message = { .kind = PARENT_KEYS };
	int socket = -1;
	pid_t process = start(parent, &parent->keys, &socket);

	if (!process)
		become_keys(parent, socket);
	if (process < 0) {
		log_format(IKE_LEVEL_ERROR, "cannot start the keys process: %s",
			   strerror(errno));
		start_later(parent, &parent->keys);
		return;
	}
	tell_engine(parent, &message, socket);
}

/* Buries those that have ended; returns a place for one more, or NULL. */
static pid_t *bury_retired(struct parent *parent)
{
	pid_t *place = NULL;
	size_t i;

	for (i = 0; i < RETIRED_MAX; i++) {
		if (parent->retired[i] &&
		    waitpid(parent->retired[i], NULL, WNOHANG))
			parent->retired[i] = 0;
		if (!parent->retired[i])
			place = &parent->retired[i];
	}
	return place;
}

/* One whose keys are out of date ends by itself, once the engine has closed its
 * socket for that of the successor. */
static void retire_keys(struct parent *parent)
{
	pid_t *place = bury_retired(parent);

	if (!parent->keys.process)
		return;
	if (place) {
		*place = parent->keys.process;
	} else {
		kill(parent->keys.process, SIGKILL);
		waitpid(parent->keys.process, NULL, 0);
	}
	close(parent->keys.pidfd);
	parent->keys.pidfd = -1;
	parent->keys.process = 0;
}

static void end_engine(struct parent *parent)
{
	if (!parent->deadline)
		parent->deadline = now_ms() + parent->options->stop_ms;
	parent->engine.again = 0;
	notify_manager("STOPPING=1");
	if (parent->engine.process)
		kill(parent->engine.process, SIGTERM);
	else
		parent->ending = true;
}

/* ----- messages from the engine ------------------------------------------ */

static void take_state(struct parent *parent, enum parent_state state)
{
	switch (state) {
	case PARENT_STATE_READY:
		if (!parent->was_ready)
			parent->options->ready(parent->options->context);
		parent->was_ready = true;
		notify_manager("READY=1");
		break;
	case PARENT_STATE_RELOADING:
		notify_manager("RELOADING=1");
		break;
	case PARENT_STATE_STOPPING:
		notify_manager("STOPPING=1");
		break;
	case PARENT_STATE_ALIVE:
		notify_manager("WATCHDOG=1");
		break;
	}
}

static void take_message(struct parent *parent,
			 const struct parent_message *message, size_t length)
{
	struct error *error;

	switch (message->kind) {
	case PARENT_STATE:
		take_state(parent, message->state);
		break;
	case PARENT_OPEN_KEYS:
		memcpy(parent->wanted, parent->packet, length);
		parent->wanted_length = length;
		retire_keys(parent);
		start_keys(parent);
		break;
	case PARENT_RUN:
		error = updown_runner_submit(parent->runner, message->token,
					     &message->updown);
		if (error)
			tell_end(parent, message->token, error);
		break;
	case PARENT_KEYS:
	case PARENT_LINE:
	case PARENT_DONE:
	case PARENT_FAILED:
		break;
	}
}

static void close_socket(struct parent *parent)
{
	if (parent->socket >= 0)
		close(parent->socket);
	parent->socket = -1;
	forget_outgoing(parent);
}

/* Returns whether there may be more to read. */
static bool read_engine(struct parent *parent)
{
	struct parent_message message;
	int i, descriptor;
	ssize_t length;

	for (i = 0; i < READ_MAX; i++) {
		length = parent_wire_receive(parent->socket, parent->packet,
					     &descriptor);
		if (descriptor >= 0)
			close(descriptor);
		if (length < 0)
			return false;
		if (!length) {
			close_socket(parent);
			return false;
		}
		if (parent_wire_decode(bytes_of(parent->packet,
						(size_t)length), &message))
			take_message(parent, &message, (size_t)length);
	}
	return true;
}

/* ----- the end of children ------------------------------------------------ */

/* Returns whether a child has ended, and how. */
static bool has_ended(struct child *child, int *status)
{
	if (!child->process ||
	    waitpid(child->process, status, WNOHANG) != child->process)
		return false;
	if (child->pidfd >= 0)
		close(child->pidfd);
	child->pidfd = -1;
	child->process = 0;
	return true;
}

static void log_end(const char *who, int status)
{
	if (WIFSIGNALED(status))
		log_format(IKE_LEVEL_ERROR, "the %s process was ended by signal %d",
			   who, WTERMSIG(status));
	else
		log_format(IKE_LEVEL_ERROR, "the %s process has ended with status %d",
			   who, WEXITSTATUS(status));
}

static void take_engine_end(struct parent *parent, int status)
{
	bool good = WIFEXITED(status) && !WEXITSTATUS(status);

	/* what it asked for last counts */
	while (parent->socket >= 0 && read_engine(parent))
		;
	close_socket(parent);
	parent->wanted_length = 0;
	parent->keys.again = 0;
	retire_keys(parent);
	/* one that refuses to begin has said why */
	if (parent->was_ready ? !good : WIFSIGNALED(status))
		log_end("engine", status);
	if (good || parent->deadline || !parent->was_ready) {
		parent->ending = true;
		parent->status = good ? EXIT_SUCCESS :
				 WIFEXITED(status) ? WEXITSTATUS(status) :
				 EXIT_FAILURE;
		return;
	}
	start_later(parent, &parent->engine);
}

static void watch_children(struct parent *parent)
{
	uint64_t now = now_ms();
	int status;

	if (has_ended(&parent->engine, &status))
		take_engine_end(parent, status);
	if (has_ended(&parent->keys, &status) && parent->wanted_length) {
		log_end("keys", status);
		start_later(parent, &parent->keys);
	}
	if (parent->deadline && now >= parent->deadline &&
	    parent->engine.process)
		kill(parent->engine.process, SIGKILL);
	if (parent->engine.again && now >= parent->engine.again)
		start_engine(parent);
	if (parent->keys.again && now >= parent->keys.again &&
	    parent->wanted_length)
		start_keys(parent);
	(void)bury_retired(parent);
}

/* ----- signals ------------------------------------------------------------ */

static bool is_one_of(int number, const int *numbers, size_t count)
{
	while (count--) {
		if (numbers[count] == number)
			return true;
	}
	return false;
}

static void take_signals(struct parent *parent)
{
	struct signalfd_siginfo information;
	int number;

	while (read(parent->signals, &information, sizeof(information)) ==
	       sizeof(information)) {
		number = (int)information.ssi_signo;
		if (is_one_of(number, ends, ARRAY_SIZE(ends)))
			end_engine(parent);
		else if (parent->engine.process &&
			 is_one_of(number, passed_on, ARRAY_SIZE(passed_on)))
			kill(parent->engine.process, number);
	}
}

static void add_signals(sigset_t *set, const int *numbers, size_t count)
{
	while (count--)
		sigaddset(set, numbers[count]);
}

static bool open_signals(struct parent *parent)
{
	sigset_t set;

	sigemptyset(&set);
	add_signals(&set, passed_on, ARRAY_SIZE(passed_on));
	add_signals(&set, ends, ARRAY_SIZE(ends));
	add_signals(&set, ignored, ARRAY_SIZE(ignored));
	parent->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return parent->signals >= 0 && !sigprocmask(SIG_BLOCK, &set, NULL);
}

/* ----- the loop ----------------------------------------------------------- */

static void wait_until(int *timeout_ms, uint64_t when)
{
	uint64_t now = now_ms();
	int left;

	if (!when)
		return;
	left = when > now ? (int)(when - now) : 0;
	if (*timeout_ms < 0 || left < *timeout_ms)
		*timeout_ms = left;
}

static void add(struct pollfd *events, size_t *count, int descriptor,
		short what)
{
	if (descriptor >= 0)
		events[(*count)++] = (struct pollfd){
			.fd = descriptor, .events = what,
		};
}

static void wait_for_work(struct parent *parent)
{
	struct pollfd events[POLL_MAX];
	int timeout_ms = -1;
	size_t count = 0;

	add(events, &count, parent->signals, POLLIN);
	add(events, &count, parent->engine.pidfd, POLLIN);
	add(events, &count, parent->keys.pidfd, POLLIN);
	add(events, &count, parent->socket,
	    (short)(POLLIN | (list_empty(&parent->outgoing) ? 0 : POLLOUT)));
	count += updown_runner_poll(parent->runner, &events[count],
				    &timeout_ms);
	wait_until(&timeout_ms, parent->engine.process ? parent->deadline : 0);
	wait_until(&timeout_ms, parent->engine.again);
	wait_until(&timeout_ms, parent->keys.again);
	(void)poll(events, count, timeout_ms);
}

static void work(struct parent *parent)
{
	take_signals(parent);
	if (parent->socket >= 0) {
		read_engine(parent);
		send_outgoing(parent);
	}
	watch_children(parent);
	updown_runner_work(parent->runner);
}

/**
 * parent_run - be the parent, until the engine was told to end or cannot start
 * @options: what is to be done
 *
 * Return: the status to exit with.
 */
int parent_run(const struct parent_options *options)
{
	struct updown_runner_options runner = {
		.ops = { .line = tell_line, .end = tell_end },
		.directory = options->directory,
		.limit_ms = options->updown_ms,
	};
	static struct parent parent;
	struct error *error;

	parent = (struct parent){
		.options = options, .socket = -1,
		.engine = { .pidfd = -1 }, .keys = { .pidfd = -1 },
	};
	list_init(&parent.outgoing);
	runner.context = &parent;
	error = updown_runner_create(&runner, &parent.runner);
	if (!error && !open_signals(&parent))
		error = error_refused(errno, "cannot wait for signals: %s",
				      strerror(errno));
	if (error) {
		updown_runner_destroy(parent.runner);
		log_error(error);
		return EXIT_FAILURE;
	}
	start_engine(&parent);
	/* what was to be done at the end is done, each in its time */
	while (!parent.ending || !updown_runner_is_idle(parent.runner)) {
		wait_for_work(&parent);
		work(&parent);
	}
	updown_runner_destroy(parent.runner);
	close(parent.signals);
	return parent.status;
}
