// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of what processes of the daemon give up: each tries, in a process of its
 * own, what it must not be able to do any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/sandbox.h"
#include "lib/array.h"
#include "unit.h"

/* Ends a process with the line as its status, which has but 8 bits. */
#define CHECK(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, \
			strerror(errno)); \
		_exit(1 + __LINE__ % 255); \
	} \
} while (0)

static int status_of(pid_t process)
{
	int status;

	assert_true(process > 0);
	assert_int_equal(waitpid(process, &status, 0), process);
	return status;
}

/* ----- the keys process --------------------------------------------------- */

static int ended_by(void (*act)(void))
{
	pid_t process;

	fflush(NULL);
	process = fork();
	if (!process) {
		int sockets[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets) ||
		    sandbox_keys(sockets[0]))
			_exit(99);
		act();
		_exit(0);
	}
	return status_of(process);
}

static void do_nothing(void)
{
}

static void do_open(void)
{
	syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static void do_socket(void)
{
	syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
}

static void do_fork(void)
{
	syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void do_dump(void)
{
	syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void keys(void **state)
{
	static void (*const forbidden[])(void) = {
		do_open, do_socket, do_fork, do_dump,
	};
	int status = ended_by(do_nothing);
	size_t i;

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (i = 0; i < ARRAY_SIZE(forbidden); i++) {
		status = ended_by(forbidden[i]);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

/* What others could read is neither in a core file nor to be looked at. */
static void memory(void **state)
{
	struct rlimit limit;
	pid_t process;

	(void)state;
	fflush(NULL);
	process = fork();
	if (!process) {
		CHECK(!sandbox_lock_memory(false));
		CHECK(!prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
		CHECK(!getrlimit(RLIMIT_CORE, &limit));
		CHECK(!limit.rlim_cur && !limit.rlim_max);
		_exit(0);
	}
	assert_int_equal(status_of(process), 0);
}

/* ----- the engine --------------------------------------------------------- */

struct place {
	char top[64];
	char hidden[96];
	char key[128];
	char writable[96];
	char inside[128];
	char outside[128];
};

static void make_file(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(file >= 0);
	close(file);
}

static int set_up(void **state)
{
	struct place *place = test_calloc(1, sizeof(*place));

	strcpy(place->top, "/tmp/sandbox.XXXXXX");
	assert_non_null(mkdtemp(place->top));
	snprintf(place->hidden, sizeof(place->hidden), "%s/private",
		 place->top);
	snprintf(place->key, sizeof(place->key), "%s/key", place->hidden);
	snprintf(place->writable, sizeof(place->writable), "%s/run",
		 place->top);
	snprintf(place->inside, sizeof(place->inside), "%s/file",
		 place->writable);
	snprintf(place->outside, sizeof(place->outside), "%s/file",
		 place->top);
	assert_int_equal(mkdir(place->hidden, 0700), 0);
	assert_int_equal(mkdir(place->writable, 0700), 0);
	make_file(place->key);
	make_file(place->outside);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", place->top);
	assert_int_equal(system(command), 0);
	test_free(place);
	return 0;
}

static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static bool can_write(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (file >= 0)
		close(file);
	return file >= 0;
}

static void check_status(void)
{
	char text[4096];
	ssize_t length;
	int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	CHECK(file >= 0);
	length = read(file, text, sizeof(text) - 1);
	CHECK(length > 0);
	text[length] = '\0';
	close(file);
	/* CAP_NET_BIND_SERVICE and CAP_NET_ADMIN */
	CHECK(geteuid() || strstr(text, "CapEff:\t0000000000001400\n"));
	CHECK(geteuid() || strstr(text, "CapBnd:\t0000000000000000\n") ||
	      strstr(text, "CapBnd:\t0000000000001400\n"));
	CHECK(strstr(text, "NoNewPrivs:\t1\n"));
}

static void be_engine(const struct place *place)
{
	struct sandbox_engine sandbox = {
		.hidden = place->hidden, .writable = { place->writable },
	};
	int sockets[2];

	CHECK(!sandbox_engine(&sandbox));
	check_status();
	CHECK(can_write(place->inside));
	CHECK(!unlink(place->inside));
	CHECK(open(place->outside, O_RDONLY | O_CLOEXEC) >= 0);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	CHECK(geteuid() || open(place->key, O_RDONLY) < 0);
	if (!has_landlock())
		return;
	CHECK(!can_write(place->outside));
	CHECK(unlink(place->outside));
	execl("/bin/true", "true", NULL);
	CHECK(errno == EACCES || errno == EPERM);
}

static void engine(void **state)
{
	const struct place *place = *state;
	struct stat status;
	pid_t process;
	int end;

	fflush(NULL);
	process = fork();
	if (!process) {
		be_engine(place);
		_exit(0);
	}
	end = status_of(process);
	assert_true(WIFEXITED(end));
	assert_int_equal(WEXITSTATUS(end), 0);
	/* nobody else has lost sight of anything */
	assert_int_equal(stat(place->key, &status), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(memory),
		cmocka_unit_test_setup_teardown(engine, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
