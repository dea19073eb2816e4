// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of what the engine has of the other processes, with the test as the parent.
 */
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/engine/state.h"
#include "lib/list.h"
#include "unit.h"

/* An engine, and the parent's end of its socket */
struct fixture {
	struct daemon daemon;
	struct processes *processes;
	int parent;
	uint8_t packet[PARENT_WIRE_SIZE_MAX];
};

static int set_up(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));
	int sockets[2];

	fixture->daemon.base = event_base_new();
	assert_non_null(fixture->daemon.base);
	list_init(&fixture->daemon.connections);
	table_init(&fixture->daemon.by_name);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	fixture->parent = sockets[0];
	assert_success(processes_create(&fixture->daemon, sockets[1],
					&fixture->processes));
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	processes_destroy(fixture->processes);
	close(fixture->parent);
	table_uninit(&fixture->daemon.by_name);
	event_base_free(fixture->daemon.base);
	test_free(fixture);
	return 0;
}

static void run(struct fixture *fixture, const char *command)
{
	struct updown updown = {
		.verb = UPDOWN_UP, .command = command, .connection = "one",
	};

	assert_success(prefix_parse("10.0.0.0/24", &updown.my_client));
	assert_success(prefix_parse("10.0.1.0/24", &updown.peer_client));
	processes_run(fixture->processes, &updown);
}

/* What the engine calls the command that it has asked for. */
static uint64_t take_token(struct fixture *fixture)
{
	struct parent_message message;
	int descriptor;
	ssize_t length;

	length = parent_wire_receive(fixture->parent, fixture->packet,
				     &descriptor);
	assert_true(length > 0);
	assert_true(parent_wire_decode(bytes_of(fixture->packet,
						(size_t)length), &message));
	assert_int_equal(message.kind, PARENT_RUN);
	return message.token;
}

static void tell_done(struct fixture *fixture, uint64_t token)
{
	struct parent_message message = { .kind = PARENT_DONE, .token = token };
	struct bytes_writer writer;

	bytes_writer_init(&writer, fixture->packet, sizeof(fixture->packet));
	parent_wire_encode(&writer, &message);
	assert_true(parent_wire_send(fixture->parent, bytes_written(&writer),
				     -1, true));
	event_base_loop(fixture->daemon.base, EVLOOP_NONBLOCK);
}

/* A command that an engine has asked for which is dead by now ends. */
static void of_the_dead(void **state)
{
	struct fixture *fixture = *state;
	void *former;
	uint64_t old, new;

	set_up(&former);
	run(former, "/bin/true");
	old = take_token(former);
	tear_down(&former);
	run(fixture, "/bin/true");
	new = take_token(fixture);
	tell_done(fixture, old);
	assert_true(processes_are_running(fixture->processes, "one"));
	tell_done(fixture, new);
	assert_false(processes_are_running(fixture->processes, "one"));
}

/* A command of which the parent would get but the beginning is not run. */
static void too_long(void **state)
{
	static char command[UPDOWN_TEXT_MAX + 1];
	struct fixture *fixture = *state;
	char byte;

	memset(command, '/', UPDOWN_TEXT_MAX);
	run(fixture, command);
	assert_false(processes_are_running(fixture->processes, "one"));
	assert_int_equal(recv(fixture->parent, &byte, 1, MSG_DONTWAIT), -1);
	command[UPDOWN_TEXT_MAX - 1] = '\0';
	run(fixture, command);
	assert_true(processes_are_running(fixture->processes, "one"));
	take_token(fixture);
}

#define processes_test(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		processes_test(of_the_dead),
		processes_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
