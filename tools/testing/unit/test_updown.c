// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of updown commands: what they are told, how a command line comes apart,
 * and how they are run, with real ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/parent/updown.h"
#include "daemon/parent/updown_runner.h"
#include "lib/array.h"
#include "unit.h"

#define LINES_MAX 64
#define ENDS_MAX 64

/* Longer than any command here takes on any machine */
#define PATIENCE_MS 60000

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	assert_success(prefix_parse(text, &prefix));
	return prefix;
}

static struct address address_of(const char *text)
{
	struct address address;

	assert_success(address_parse(text, &address));
	return address;
}

static struct updown example(void)
{
	return (struct updown){
		.verb = UPDOWN_UP,
		.command = "/usr/bin/true",
		.connection = "west-east",
		.type = "tunnel",
		.policy = "PSK+ENCRYPT+TUNNEL",
		.interface = "eth0",
		.virt_interface = "ipsec1",
		.device = 1,
		.next_hop = address_of("192.0.2.254"),
		.me = address_of("192.0.2.1"),
		.peer = address_of("198.51.100.1"),
		.my_id = "@west",
		.peer_id = "C=US, O=$(reboot), CN='east' \"x\" \x1b[2J",
		.peer_ca = "",
		.my_client = prefix_of("10.0.1.0/24"),
		.peer_client = prefix_of("10.0.2.128/25"),
		.my_sourceip = address_of("10.0.1.1"),
		.my_port = 0,
		.peer_port = 443,
		.my_protocol = 6,
		.peer_protocol = 6,
		.reqid = 16388,
		.spi_in = 0x1234,
		.spi_out = 0xabcdef01,
		.in_bytes = 1ull << 40,
		.out_bytes = 7,
		.add_time = 1700000000,
		.mtu = 1400,
	};
}

/* ----- what they are told ------------------------------------------------ */

static const char *value(const struct updown_environment *environment,
			 const char *name)
{
	size_t i, length = strlen(name);

	for (i = 0; environment->variables[i]; i++) {
		if (!strncmp(environment->variables[i], name, length) &&
		    environment->variables[i][length] == '=')
			return &environment->variables[i][length + 1];
	}
	return NULL;
}

static void environment(void **state)
{
	static const char *const expected[][2] = {
		{ "PLUTO_VERB", "up-client" },
		{ "PLUTO_CONNECTION", "west-east" },
		{ "PLUTO_CONNECTION_TYPE", "tunnel" },
		{ "PLUTO_CONN_POLICY", "PSK+ENCRYPT+TUNNEL" },
		{ "PLUTO_INTERFACE", "eth0" },
		{ "PLUTO_VIRT_INTERFACE", "ipsec1" },
		{ "PLUTO_XFRMI_ROUTE", "yes" },
		{ "PLUTO_NEXT_HOP", "192.0.2.254" },
		{ "PLUTO_ME", "192.0.2.1" },
		{ "PLUTO_PEER", "198.51.100.1" },
		{ "PLUTO_MY_ID", "@west" },
		{ "PLUTO_PEER_ID", "C=US, O=??reboot?, CN=?east? ?x? ??2J" },
		{ "PLUTO_PEER_CA", "" },
		{ "PLUTO_MY_CLIENT", "10.0.1.0/24" },
		{ "PLUTO_MY_CLIENT_NET", "10.0.1.0" },
		{ "PLUTO_MY_CLIENT_MASK", "255.255.255.0" },
		{ "PLUTO_PEER_CLIENT", "10.0.2.128/25" },
		{ "PLUTO_PEER_CLIENT_NET", "10.0.2.128" },
		{ "PLUTO_PEER_CLIENT_MASK", "255.255.255.128" },
		{ "PLUTO_MY_SOURCEIP", "10.0.1.1" },
		{ "PLUTO_MY_PORT", "0" },
		{ "PLUTO_PEER_PORT", "443" },
		{ "PLUTO_MY_PROTOCOL", "6" },
		{ "PLUTO_SA_REQID", "16388" },
		{ "SPI_IN", "0x00001234" },
		{ "SPI_OUT", "0xabcdef01" },
		{ "PLUTO_INBYTES", "1099511627776" },
		{ "PLUTO_ADDTIME", "1700000000" },
		{ "PLUTO_MTU", "1400" },
		{ "PLUTO_CONN_ADDRFAMILY", "ipv4" },
		{ "PLUTO_CONN_KIND", "CK_PERMANENT" },
		{ "PLUTO_STACK", "espvif" },
	};
	static struct updown_environment told;
	struct updown updown = example();
	size_t i;

	(void)state;
	assert_success(updown_write_environment(&updown, &told));
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_non_null(value(&told, expected[i][0]));
		assert_string_equal(value(&told, expected[i][0]),
				    expected[i][1]);
	}
	assert_null(value(&told, "PLUTO_METRIC"));
	assert_null(value(&told, "command"));
}

static void verbs(void **state)
{
	struct updown updown = example();
	char text[32];

	(void)state;
	updown.my_client = prefix_of("192.0.2.1/32");
	assert_string_equal(updown_verb_text(&updown, text), "up-host");
	updown.my_client = prefix_of("192.0.2.2/32");
	updown.verb = UPDOWN_PREPARE;
	assert_string_equal(updown_verb_text(&updown, text), "prepare-client");
	updown.my_client = prefix_of("2001:db8::/64");
	updown.verb = UPDOWN_UNROUTE;
	assert_string_equal(updown_verb_text(&updown, text),
			    "unroute-client-v6");
	updown.me = address_of("2001:db8::1");
	updown.my_client = prefix_of("2001:db8::1/128");
	updown.verb = UPDOWN_ROUTE;
	assert_string_equal(updown_verb_text(&updown, text), "route-host-v6");
	updown.verb = UPDOWN_DOWN;
	assert_string_equal(updown_verb_text(&updown, text), "down-host-v6");
}

static void too_long(void **state)
{
	static struct updown_environment told;
	static char text[20000];
	struct updown updown = example();

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	updown.peer_id = text;
	assert_refused(updown_write_environment(&updown, &told),
		       "is longer than");
}

/* Half a command is another command, and half a name somebody else's. */
static void not_cut_off(void **state)
{
	static char text[UPDOWN_TEXT_MAX + 1];
	struct updown updown = example();

	(void)state;
	memset(text, 'x', UPDOWN_TEXT_MAX - 1);
	updown.command = text;
	updown.peer_id = text;
	assert_success(updown_check(&updown));
	text[UPDOWN_TEXT_MAX - 1] = 'x';
	updown.peer_id = "";
	assert_refused(updown_check(&updown), "the updown command is longer");
	updown.command = NULL;
	updown.peer_id = text;
	assert_refused(updown_check(&updown), "PLUTO_PEER_ID is longer");
}

static void codec(void **state)
{
	static struct updown_environment told, again_told;
	struct updown updown = example(), again;
	uint8_t packet[UPDOWN_WIRE_SIZE_MAX];
	struct bytes_reader reader;
	struct bytes_writer writer;
	size_t i;

	(void)state;
	bytes_writer_init(&writer, packet, sizeof(packet));
	updown_encode(&writer, &updown);
	assert_false(writer.failed);
	bytes_reader_init(&reader, bytes_written(&writer));
	assert_true(updown_decode(&reader, &again));
	assert_int_equal(reader.left, 0);
	assert_string_equal(again.command, updown.command);
	assert_success(updown_write_environment(&updown, &told));
	assert_success(updown_write_environment(&again, &again_told));
	assert_int_equal(told.count, again_told.count);
	for (i = 0; i < told.count; i++)
		assert_string_equal(told.variables[i],
				    again_told.variables[i]);
	for (i = 0; i < writer.used; i++) {
		bytes_reader_init(&reader, bytes_of(packet, i));
		assert_false(updown_decode(&reader, &again));
	}
	/* no such verb */
	packet[7] = 5;
	bytes_reader_init(&reader, bytes_written(&writer));
	assert_false(updown_decode(&reader, &again));
}

/* ----- command lines ------------------------------------------------------ */

static void splits(void **state)
{
	struct updown_command command;

	(void)state;
	assert_success(updown_split(" /a/b  --c 'd e' \"f'g\"h\\ i \"\" \"\\\"\"",
				    &command));
	assert_int_equal(command.count, 6);
	assert_string_equal(command.words[0], "/a/b");
	assert_string_equal(command.words[1], "--c");
	assert_string_equal(command.words[2], "d e");
	assert_string_equal(command.words[3], "f'gh i");
	assert_string_equal(command.words[4], "");
	assert_string_equal(command.words[5], "\"");
	assert_null(command.words[6]);
}

static void does_not_split(void **state)
{
	static char text[UPDOWN_TEXT_MAX + 1];
	struct updown_command command;

	(void)state;
	assert_usage(updown_split("  ", &command), "is empty");
	assert_usage(updown_split("/a 'b", &command), "is not closed");
	assert_usage(updown_split("/a; /b", &command), "into a script");
	assert_usage(updown_split("/a $PLUTO_PEER", &command), "into a script");
	assert_usage(updown_split("/a `b`", &command), "into a script");
	memset(text, 'x', UPDOWN_TEXT_MAX);
	assert_usage(updown_split(text, &command), "is too long");
	memset(text, ' ', UPDOWN_TEXT_MAX);
	memcpy(text + 1, "x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x",
	       129);
	text[200] = '\0';
	assert_usage(updown_split(text, &command), "64 words");
}

/* ----- running ------------------------------------------------------------ */

struct fixture {
	char directory[64];
	struct updown_runner *runner;
	uint64_t line_tokens[LINES_MAX];
	char lines[LINES_MAX][UPDOWN_LINE_MAX];
	size_t line_count;
	uint64_t end_tokens[ENDS_MAX];
	char ends[ENDS_MAX][256];
	size_t end_count;
};

static void take_line(void *context, uint64_t token, const char *line)
{
	struct fixture *fixture = context;

	assert_true(fixture->line_count < LINES_MAX);
	fixture->line_tokens[fixture->line_count] = token;
	strcpy(fixture->lines[fixture->line_count++], line);
}

static void take_end(void *context, uint64_t token, struct error *error)
{
	struct fixture *fixture = context;

	assert_true(fixture->end_count < ENDS_MAX);
	fixture->end_tokens[fixture->end_count] = token;
	snprintf(fixture->ends[fixture->end_count++], 256, "%s",
		 error ? error->sentence : "");
	error_free(error);
}

static void create(struct fixture *fixture, unsigned int limit_ms)
{
	struct updown_runner_options options = {
		.ops = { .line = take_line, .end = take_end },
		.context = fixture,
		.directory = fixture->directory,
		.limit_ms = limit_ms,
	};

	assert_success(updown_runner_create(&options, &fixture->runner));
}

static int set_up(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));

	strcpy(fixture->directory, "/tmp/updown.XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	create(fixture, PATIENCE_MS);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	updown_runner_destroy(fixture->runner);
	snprintf(command, sizeof(command), "rm -rf %s", fixture->directory);
	assert_int_equal(system(command), 0);
	test_free(fixture);
	return 0;
}

static const char *script(struct fixture *fixture, const char *name,
			  const char *text, mode_t mode)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static struct error *submit_for(struct fixture *fixture, uint64_t token,
				const char *connection, const char *client,
				const char *command)
{
	struct updown updown = example();

	updown.connection = connection;
	updown.peer_client = prefix_of(client);
	updown.command = command;
	return updown_runner_submit(fixture->runner, token, &updown);
}

static struct error *submit(struct fixture *fixture, uint64_t token,
			    const char *connection, const char *command)
{
	return submit_for(fixture, token, connection, "10.0.2.128/25",
			  command);
}

static void run_until_idle(struct fixture *fixture)
{
	struct pollfd events[UPDOWN_POLL_MAX];
	int timeout_ms;
	size_t count;

	while (!updown_runner_is_idle(fixture->runner)) {
		timeout_ms = PATIENCE_MS;
		count = updown_runner_poll(fixture->runner, events,
					   &timeout_ms);
		assert_true(poll(events, count, timeout_ms) >= 0);
		updown_runner_work(fixture->runner);
	}
}

static void runs(void **state)
{
	struct fixture *fixture = *state;

	assert_success(submit(fixture, 7, "one", script(
		fixture, "script",
		"echo $PLUTO_VERB $#; echo \"$PLUTO_PEER_ID\" >&2; pwd; printf end",
		0755)));
	run_until_idle(fixture);
	assert_int_equal(fixture->end_count, 1);
	assert_int_equal(fixture->end_tokens[0], 7);
	assert_string_equal(fixture->ends[0], "");
	assert_int_equal(fixture->line_count, 4);
	assert_string_equal(fixture->lines[0], "up-client 0");
	assert_string_equal(fixture->lines[1],
			    "C=US, O=??reboot?, CN=?east? ?x? ??2J");
	assert_string_equal(fixture->lines[2], "/");
	assert_string_equal(fixture->lines[3], "end");
}

static void fails(void **state)
{
	struct fixture *fixture = *state;

	assert_success(submit(fixture, 1, "one",
			      script(fixture, "three", "exit 3", 0755)));
	assert_success(submit(fixture, 2, "one",
			      script(fixture, "dies", "kill -9 $$", 0755)));
	assert_success(submit(fixture, 3, "one",
			      script(fixture, "not", "", 0644)));
	run_until_idle(fixture);
	assert_int_equal(fixture->end_count, 3);
	assert_non_null(strstr(fixture->ends[0], "up-client: "));
	assert_non_null(strstr(fixture->ends[0], "three ended with status 3"));
	assert_non_null(strstr(fixture->ends[1], "dies was ended by signal 9"));
	assert_non_null(strstr(fixture->ends[2], "not ended with status 127"));
	assert_non_null(strstr(fixture->lines[0], "Permission denied"));
}

static void beside_us(void **state)
{
	struct fixture *fixture = *state;

	script(fixture, "_updown", "echo usual $*", 0755);
	assert_success(submit(fixture, 1, "one", ""));
	assert_success(submit(fixture, 2, "one", "ipsec _updown --route y"));
	assert_success(submit(fixture, 3, "one", "true"));
	run_until_idle(fixture);
	assert_int_equal(fixture->line_count, 2);
	assert_string_equal(fixture->lines[0], "usual");
	assert_string_equal(fixture->lines[1], "usual --route y");
	assert_int_equal(fixture->end_count, 3);
	assert_string_equal(fixture->ends[2], "");
}

static void refuses(void **state)
{
	struct fixture *fixture = *state;
	const char *path = script(fixture, "open", "", 0777);

	assert_refused(submit(fixture, 1, "one", path),
		       "can be changed by other users");
	if (!geteuid()) {
		assert_int_equal(chmod(path, 0755), 0);
		assert_int_equal(chown(path, 1, 1), 0);
		assert_refused(submit(fixture, 1, "one", path),
			       "belongs to another user");
	}
	assert_refused(submit(fixture, 1, "one", "/nowhere/at/all"),
		       "No such file");
	assert_refused(submit(fixture, 1, "one", "no-such-program"),
		       "needs its whole path");
	assert_usage(submit(fixture, 1, "one", "./relative"),
		     "no absolute path");
	assert_usage(submit(fixture, 1, "one", "/bin/true && /bin/false"),
		     "into a script");
	assert_true(updown_runner_is_idle(fixture->runner));
}

static void stuck(void **state)
{
	struct fixture *fixture = *state;
	const char *path;

	updown_runner_destroy(fixture->runner);
	create(fixture, 500);
	/* what it started holds its output open, and dies with it */
	path = script(fixture, "stuck",
		      "trap '' TERM INT HUP; echo begun; sleep 1000 & echo $!; wait; sleep 1000",
		      0755);
	assert_success(submit(fixture, 1, "one", path));
	run_until_idle(fixture);
	assert_int_equal(fixture->end_count, 1);
	assert_non_null(strstr(fixture->ends[0],
			       "was not done after 500 ms and was ended"));
}

static void in_order(void **state)
{
	struct fixture *fixture = *state;
	char name[16], client[32];
	const char *path;
	uint64_t i;

	/* two of one connection never overlap, wherever they lead */
	path = script(fixture, "alone",
		      "cd \"${0%/*}\" && mkdir \"$PLUTO_CONNECTION\" && sleep 0.02 && rmdir \"$PLUTO_CONNECTION\"",
		      0755);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "conn%u", (unsigned int)i % 13);
		snprintf(client, sizeof(client), "10.1.%u.0/24",
			 (unsigned int)i);
		assert_success(submit_for(fixture, i, name, client, path));
	}
	run_until_idle(fixture);
	assert_int_equal(fixture->end_count, 40);
	for (i = 0; i < 40; i++)
		assert_string_equal(fixture->ends[i], "");
}

/* What removes a route is not overtaken by what makes it, whosever they are. */
static void one_destination(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	strcpy(path, script(fixture, "slow", "sleep 0.2; echo slow", 0755));
	assert_success(submit(fixture, 1, "old", path));
	strcpy(path, script(fixture, "fast", "echo fast", 0755));
	assert_success(submit(fixture, 2, "new", path));
	assert_success(submit(fixture, 3, "newer", path));
	run_until_idle(fixture);
	assert_int_equal(fixture->end_count, 3);
	assert_int_equal(fixture->end_tokens[0], 1);
	assert_int_equal(fixture->end_tokens[1], 2);
	assert_int_equal(fixture->end_tokens[2], 3);
	assert_string_equal(fixture->lines[0], "slow");
}

/* Others don't wait: here one can only end once the other has begun. */
static void side_by_side(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	strcpy(path, script(fixture, "waits",
			    "until [ -e \"${0%/*}/begun\" ]; do sleep 0.01; done",
			    0755));
	assert_success(submit_for(fixture, 1, "one", "10.1.0.0/24", path));
	strcpy(path, script(fixture, "begins", ": >\"${0%/*}/begun\"", 0755));
	assert_success(submit_for(fixture, 2, "other", "10.1.0.0/25", path));
	run_until_idle(fixture);
	assert_int_equal(fixture->end_count, 2);
	assert_string_equal(fixture->ends[0], "");
	assert_string_equal(fixture->ends[1], "");
}

static void much_output(void **state)
{
	struct fixture *fixture = *state;

	assert_success(submit(fixture, 1, "one", script(
		fixture, "talks",
		"printf '%5000s\\n' x; printf 'a\\033[2Jb\\001\\n\\n'; printf 'left'",
		0755)));
	run_until_idle(fixture);
	/* 5000 in pieces of 511, then two */
	assert_int_equal(fixture->line_count, 12);
	assert_int_equal(strlen(fixture->lines[0]), UPDOWN_LINE_MAX - 1);
	assert_string_equal(fixture->lines[10], "a [2Jb ");
	assert_string_equal(fixture->lines[11], "left");
}

static void leaves_nothing_open(void **state)
{
	struct fixture *fixture = *state;
	int extra = open("/dev/null", O_RDONLY);

	assert_true(extra >= 0);
	assert_success(submit(fixture, 1, "one",
			      script(fixture, "lists",
				     "echo /proc/self/fd/*; env | grep -v ^PLUTO_ | cut -d= -f1 | sort | tr '\\n' ' '",
				     0755)));
	run_until_idle(fixture);
	close(extra);
	/* 3 is the shell's own look at the directory, 10 its script */
	assert_null(strstr(fixture->lines[0], "/4"));
	assert_string_equal(fixture->lines[1], "PATH PWD SPI_IN SPI_OUT ");
}

#define runner_test(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment),
		cmocka_unit_test(verbs),
		cmocka_unit_test(too_long),
		cmocka_unit_test(not_cut_off),
		cmocka_unit_test(codec),
		cmocka_unit_test(splits),
		cmocka_unit_test(does_not_split),
		runner_test(runs),
		runner_test(fails),
		runner_test(beside_us),
		runner_test(refuses),
		runner_test(stuck),
		runner_test(in_order),
		runner_test(one_destination),
		runner_test(side_by_side),
		runner_test(much_output),
		runner_test(leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
