// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of the parent of the daemon's processes: real ones, with engines that do no
 * more than the test is about. An engine tells what it found wrong by its status,
 * the line where, since its parent hands that on as long as it was never ready.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/keys/keys_client.h"
#include "daemon/parent/parent.h"
#include "daemon/parent/parent_client.h"
#include "hex.h"
#include "keys/keys.h"
#include "lib/array.h"
#include "unit.h"

#define PATIENCE_MS 60000

/* Ends an engine with the line as its status, which has but 8 bits. */
#define CHECK(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
		_exit(1 + __LINE__ % 255); \
	} \
} while (0)

struct fixture {
	char directory[64];
	char path[128];
	struct keys_entry key;
	int manager;
};

static int set_up(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	bool existed;

	strcpy(fixture->directory, "/tmp/parent.XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	assert_success(keys_init(fixture->directory, &existed));
	assert_success(keys_generate(fixture->directory, "ed25519", 0,
				     &fixture->key));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify",
		 fixture->directory);
	fixture->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(fixture->manager >= 0);
	assert_int_equal(bind(fixture->manager, (struct sockaddr *)&address,
			      sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	unsetenv("NOTIFY_SOCKET");
	close(fixture->manager);
	snprintf(command, sizeof(command), "rm -rf %s", fixture->directory);
	assert_int_equal(system(command), 0);
	test_free(fixture);
	return 0;
}

/* Marks that something happened; returns how often it did before. */
static unsigned int mark(const struct fixture *fixture, const char *name)
{
	char path[192];
	unsigned int i;
	int file;

	for (i = 0; ; i++) {
		snprintf(path, sizeof(path), "%s/%s-%u", fixture->directory,
			 name, i);
		file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (file >= 0) {
			close(file);
			return i;
		}
		CHECK(errno == EEXIST);
	}
}

static void take_first(void *context)
{
	CHECK(mark(context, "first") == 0);
}

static pid_t start_parent(struct fixture *fixture,
			  int (*engine)(void *context, int socket))
{
	struct parent_options options = {
		.engine = engine,
		.ready = take_first,
		.context = fixture,
		.directory = fixture->directory,
		.updown_ms = PATIENCE_MS,
		.restart_ms = 10,
		.stop_ms = 500,
	};
	pid_t process;

	fflush(NULL);
	process = fork();
	assert_true(process >= 0);
	if (!process)
		_exit(parent_run(&options));
	return process;
}

static int status_of(pid_t process)
{
	int status;

	assert_int_equal(waitpid(process, &status, 0), process);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int run_parent(struct fixture *fixture,
		      int (*engine)(void *context, int socket))
{
	return status_of(start_parent(fixture, engine));
}

/* The next that the service manager was told. */
static void assert_told(struct fixture *fixture, const char *text)
{
	struct pollfd waiting = { .fd = fixture->manager, .events = POLLIN };
	char told[64] = "";

	assert_int_equal(poll(&waiting, 1, PATIENCE_MS), 1);
	assert_true(recv(fixture->manager, told, sizeof(told) - 1, 0) > 0);
	assert_string_equal(told, text);
}

/* ----- the engine's part -------------------------------------------------- */

struct engine {
	struct fixture *fixture;
	struct parent_client *parent;
	struct keys_client *keys;
	unsigned int keys_count;
	bool ready;
	unsigned int signatures;
	unsigned int refusals;
	char lines[512];
	unsigned int done;
	char why[256];
};

static void take_keys(void *context, int socket)
{
	struct engine *engine = context;

	engine->keys_count++;
	engine->ready = false;
	keys_client_attach(engine->keys, socket);
}

static void take_line(void *context, uint64_t token, const char *line)
{
	struct engine *engine = context;

	CHECK(token == 5);
	strcat(engine->lines, line);
	strcat(engine->lines, "\n");
}

static void take_done(void *context, uint64_t token, struct error *error)
{
	struct engine *engine = context;

	CHECK(token >= 5);
	engine->done++;
	if (error)
		snprintf(engine->why, sizeof(engine->why), "%s",
			 error->sentence);
	error_free(error);
}

static const struct parent_client_ops parent_ops = {
	.keys = take_keys, .line = take_line, .done = take_done,
};

static void take_signature(void *context, uint64_t token, struct error *error,
			   const struct crypto_signature *signature)
{
	struct engine *engine = context;

	(void)token;
	(void)signature;
	if (error)
		engine->refusals++;
	else
		engine->signatures++;
	error_free(error);
}

static void take_have(void *context, const uint8_t *ckaid,
		      enum crypto_key_kind kind)
{
	(void)context;
	(void)ckaid;
	(void)kind;
}

static void take_problem(void *context, const char *sentence)
{
	(void)context;
	(void)sentence;
}

static void take_ready(void *context, size_t key_count)
{
	struct engine *engine = context;

	CHECK(key_count == 1);
	engine->ready = true;
}

static const struct keys_client_ops keys_ops = {
	.signed_ = take_signature, .have = take_have,
	.problem = take_problem, .ready = take_ready,
};

static void begin(struct engine *engine, void *context, int socket)
{
	*engine = (struct engine){ .fixture = context };
	CHECK(!parent_client_create(&parent_ops, engine, socket,
				    &engine->parent));
	CHECK(!keys_client_create(&keys_ops, engine, &engine->keys));
}

static int finish(struct engine *engine)
{
	keys_client_destroy(engine->keys);
	parent_client_destroy(engine->parent);
	return 0;
}

static void read_some(struct engine *engine)
{
	struct pollfd events[] = {
		{ .fd = parent_client_socket(engine->parent),
		  .events = POLLIN },
		{ .fd = keys_client_socket(engine->keys), .events = POLLIN },
	};

	CHECK(poll(events, ARRAY_SIZE(events), PATIENCE_MS) > 0);
	if (events[0].revents)
		CHECK(!parent_client_read(engine->parent));
	if (events[1].revents && keys_client_socket(engine->keys) >= 0)
		error_free(keys_client_read(engine->keys));
}

static void open_keys(struct engine *engine)
{
	struct parent_keys keys = {
		.directory = engine->fixture->directory,
		.secrets = "/nonexistent/ipsec.secrets",
	};

	CHECK(!parent_client_open_keys(engine->parent, &keys));
}

static void sign(struct engine *engine)
{
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	unsigned int before = engine->signatures;

	unhex(engine->fixture->key.ckaid, ckaid, sizeof(ckaid));
	CHECK(!keys_client_sign(engine->keys, 1, ckaid,
				crypto_scheme_choose(CRYPTO_KEY_ED25519,
						     CRYPTO_SCHEME_EDDSA, ~0u),
				bytes_of("octets", 6)));
	while (engine->signatures == before)
		read_some(engine);
}

/* ----- keys --------------------------------------------------------------- */

static pid_t peer_of(int socket)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	CHECK(!getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length));
	return peer.pid;
}

/* The youngest of those with our parent is the keys process. */
static pid_t find_keys_process(void)
{
	char command[128], text[32] = "";
	FILE *pipe;

	snprintf(command, sizeof(command), "pgrep -n -P %d", (int)getppid());
	pipe = popen(command, "r");
	CHECK(pipe && fgets(text, sizeof(text), pipe));
	pclose(pipe);
	return atoi(text);
}

static int engine_signs(void *context, int socket)
{
	struct engine engine;

	begin(&engine, context, socket);
	CHECK(peer_of(socket) == getppid());
	open_keys(&engine);
	sign(&engine);
	/* a second process takes over */
	open_keys(&engine);
	while (engine.keys_count < 2 || !engine.ready)
		read_some(&engine);
	sign(&engine);
	/* which is killed, and replaced */
	CHECK(!kill(find_keys_process(), SIGKILL));
	while (engine.keys_count < 3 || !engine.ready)
		read_some(&engine);
	sign(&engine);
	return finish(&engine);
}

static void keys(void **state)
{
	assert_int_equal(run_parent(*state, engine_signs), 0);
}

/* ----- updown commands ---------------------------------------------------- */

static void run_script(struct engine *engine, uint64_t token, const char *path)
{
	struct updown updown = {
		.verb = UPDOWN_UP, .command = path, .connection = "one",
	};

	CHECK(!prefix_parse("10.0.0.0/24", &updown.my_client));
	CHECK(!prefix_parse("10.0.1.0/24", &updown.peer_client));
	CHECK(!parent_client_run(engine->parent, token, &updown));
}

static int engine_runs(void *context, int socket)
{
	struct fixture *fixture = context;
	struct engine engine;
	unsigned int i;

	begin(&engine, context, socket);
	run_script(&engine, 5, fixture->path);
	while (engine.done < 1)
		read_some(&engine);
	CHECK(!strcmp(engine.lines, "up-client\n10.0.1.0/24\n"));
	CHECK(!*engine.why);
	run_script(&engine, 6, "/bin/true;");
	while (engine.done < 2)
		read_some(&engine);
	CHECK(strstr(engine.why, "into a script"));
	run_script(&engine, 7, "/bin/false");
	while (engine.done < 3)
		read_some(&engine);
	CHECK(strstr(engine.why, "/bin/false ended with status 1"));
	/* more answers than a socket takes while nobody reads */
	for (i = 0; i < 2000; i++)
		run_script(&engine, 6, "$");
	while (engine.done < 2003)
		read_some(&engine);
	/* the last is run even though nobody waits for it */
	run_script(&engine, 5, fixture->path);
	return finish(&engine);
}

static void updown(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	char path[192];
	FILE *file;

	snprintf(fixture->path, sizeof(fixture->path), "%s/script",
		 fixture->directory);
	file = fopen(fixture->path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\necho $PLUTO_VERB; echo $PLUTO_PEER_CLIENT\n"
		"cd %s && mkdir first 2>/dev/null || mkdir second\n",
		fixture->directory);
	fclose(file);
	assert_int_equal(chmod(fixture->path, 0755), 0);
	assert_int_equal(run_parent(fixture, engine_runs), 0);
	snprintf(path, sizeof(path), "%s/second", fixture->directory);
	assert_int_equal(stat(path, &status), 0);
}

/* ----- beginning and end -------------------------------------------------- */

static volatile sig_atomic_t got_term, got_hup;

static void take_signal(int number)
{
	if (number == SIGTERM)
		got_term = 1;
	if (number == SIGHUP)
		got_hup = 1;
}

static int engine_waits(void *context, int socket)
{
	struct engine engine;
	sigset_t none;

	begin(&engine, context, socket);
	sigemptyset(&none);
	signal(SIGTERM, take_signal);
	signal(SIGHUP, take_signal);
	parent_client_state(engine.parent, PARENT_STATE_READY);
	parent_client_state(engine.parent, PARENT_STATE_ALIVE);
	while (!got_term) {
		sigsuspend(&none);
		if (got_hup) {
			got_hup = 0;
			parent_client_state(engine.parent,
					    PARENT_STATE_RELOADING);
			parent_client_state(engine.parent,
					    PARENT_STATE_READY);
		}
	}
	mark(context, "orderly");
	return finish(&engine);
}

static void signals(void **state)
{
	struct fixture *fixture = *state;
	pid_t parent = start_parent(fixture, engine_waits);

	assert_told(fixture, "READY=1");
	assert_told(fixture, "WATCHDOG=1");
	kill(parent, SIGHUP);
	assert_told(fixture, "RELOADING=1");
	assert_told(fixture, "READY=1");
	kill(parent, SIGTERM);
	assert_told(fixture, "STOPPING=1");
	assert_int_equal(status_of(parent), 0);
	assert_int_equal(mark(fixture, "orderly"), 1);
}

/* Signals come before it listens to them, and those that nobody is to send. */
static int engine_slow(void *context, int socket)
{
	struct pollfd parent = { .fd = socket, .events = POLLIN };
	sigset_t none, pending;
	struct engine engine;

	begin(&engine, context, socket);
	parent_client_state(engine.parent, PARENT_STATE_READY);
	do {
		CHECK(poll(&parent, 1, 10) == 0);
		sigpending(&pending);
	} while (!sigismember(&pending, SIGHUP) ||
		 !sigismember(&pending, SIGTERM));
	signal(SIGTERM, take_signal);
	signal(SIGHUP, take_signal);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	CHECK(got_hup && got_term);
	raise(SIGUSR1);
	raise(SIGUSR2);
	mark(context, "orderly");
	return finish(&engine);
}

static void early_signals(void **state)
{
	struct fixture *fixture = *state;
	pid_t parent = start_parent(fixture, engine_slow);

	assert_told(fixture, "READY=1");
	kill(parent, SIGUSR1);
	kill(parent, SIGUSR2);
	kill(parent, SIGHUP);
	kill(parent, SIGTERM);
	assert_told(fixture, "STOPPING=1");
	assert_int_equal(status_of(parent), 0);
	assert_int_equal(mark(fixture, "orderly"), 1);
}

__attribute__((noreturn))
static int engine_deaf(void *context, int socket)
{
	struct engine engine;

	begin(&engine, context, socket);
	signal(SIGTERM, SIG_IGN);
	parent_client_state(engine.parent, PARENT_STATE_READY);
	for (;;)
		pause();
}

static void deaf(void **state)
{
	struct fixture *fixture = *state;
	pid_t parent = start_parent(fixture, engine_deaf);

	assert_told(fixture, "READY=1");
	kill(parent, SIGTERM);
	assert_int_equal(status_of(parent), EXIT_FAILURE);
}

static int engine_cannot(void *context, int socket)
{
	(void)context;
	close(socket);
	return 42;
}

static void cannot_start(void **state)
{
	assert_int_equal(run_parent(*state, engine_cannot), 42);
}

static int engine_dies(void *context, int socket)
{
	struct engine engine;

	begin(&engine, context, socket);
	parent_client_state(engine.parent, PARENT_STATE_READY);
	open_keys(&engine);
	sign(&engine);
	if (mark(context, "life") < 3)
		raise(SIGKILL);
	return finish(&engine);
}

static void dies(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(run_parent(fixture, engine_dies), 0);
	assert_int_equal(mark(fixture, "life"), 4);
	assert_int_equal(mark(fixture, "first"), 1);
	assert_told(fixture, "READY=1");
	assert_told(fixture, "READY=1");
}

/* An engine has no life of its own. */
static void orphan(void **state)
{
	struct fixture *fixture = *state;
	int ends[2];
	char byte;
	pid_t parent;

	assert_int_equal(pipe(ends), 0);
	parent = start_parent(fixture, engine_deaf);
	close(ends[1]);
	assert_told(fixture, "READY=1");
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	/* whose end of the pipe closes with it */
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

#define parent_test(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		parent_test(keys),
		parent_test(updown),
		parent_test(signals),
		parent_test(early_signals),
		parent_test(deaf),
		parent_test(cannot_start),
		parent_test(dies),
		parent_test(orphan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
