// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of the control socket as a whole: the server of user/daemon/control/control.c in
 * a process of its own, on a daemon of paper with a real engine, and the client of
 * user/cli. What a peer calls itself must arrive, and do no harm.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/daemon.h"
#include "config/config.h"
#include "daemon/control/control.h"
#include "hosts.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "tools/testing/stub/stub_daemon.h"
#include "unit.h"

#define SECONDS_MAX 60

static char directory[] = "/tmp/test_control.XXXXXX";
static char socket_path[64], told_path[64], config_path[64];
static pid_t server;

/* ----- the server --------------------------------------------------------- */

/* Ends once it was told to, and everybody has heard that. */
static void serve_until_down(struct daemon *daemon)
{
	while (!daemon->down)
		event_base_loop(daemon->base, EVLOOP_ONCE);
	event_base_loop(daemon->base, EVLOOP_NONBLOCK);
}

static void write_told(const struct daemon *daemon)
{
	FILE *file = fopen(told_path, "w");

	fputs(daemon->told, file);
	fclose(file);
}

/* In the child: what is not freed here, the leak detector tells. */
static int serve(int ready)
{
	struct daemon daemon = {
		.ike = world.hosts[0].ike,
		.model = &world.hosts[0].model,
	};
	struct control *control;

	list_init(&daemon.waiting);
	daemon.base = event_base_new();
	assert_success(cfg_load(config_path, &daemon.cfg));
	assert_success(control_create(&daemon, socket_path, &control));
	close(ready);
	serve_until_down(&daemon);
	control_retire(control);
	write_told(&daemon);
	control_destroy(control);
	cfg_free(daemon.cfg);
	event_base_free(daemon.base);
	libevent_global_shutdown();
	return hosts_tear_down(NULL) ? 1 : 0;
}

static void start_server(void)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	server = fork();
	assert_true(server >= 0);
	if (!server) {
		alarm(SECONDS_MAX);
		/* as in main(): clients leave in the middle of an answer */
		signal(SIGPIPE, SIG_IGN);
		close(ready[0]);
		_exit(serve(ready[1]));
	}
	close(ready[1]);
	/* it closes its end when it listens */
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
}

static int set_up(void **state)
{
	hosts_set_up(state);
	/* a peer that calls itself something that clears screens */
	world.hosts[1].model.local_id = (struct ike_id){
		IANA_ID_FQDN, 6, "\033[2Jx\n" };
	memset(&world.hosts[0].model.remote_id, 0,
	       sizeof(world.hosts[0].model.remote_id));
	strcpy(world.hosts[0].model.children[0].name, "tunnel/1x1");
	hosts_connect();
	start_server();
	return 0;
}

static const char *told(void)
{
	static char text[2048];
	FILE *file = fopen(told_path, "r");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[length] = '\0';
	if (file)
		fclose(file);
	return text;
}

/* ----- the client --------------------------------------------------------- */

static struct daemon_question question(enum ctl_operation operation,
				       const char *name)
{
	return (struct daemon_question){
		.request = { .operation = operation, .name = name },
		.socket = socket_path,
	};
}

static int ask(struct daemon_question asked, struct daemon_answer *answer)
{
	int status = -1;

	assert_success(daemon_ask_quietly(&asked, answer, &status));
	return status;
}

static int ask_only(enum ctl_operation operation, const char *name)
{
	struct daemon_answer answer;
	int status = ask(question(operation, name), &answer);

	daemon_answer_free(&answer);
	return status;
}

static void stop_server(void)
{
	int status;

	assert_int_equal(ask_only(CTL_SHUTDOWN, NULL), 0);
	assert_int_equal(waitpid(server, &status, 0), server);
	server = 0;
	assert_int_equal(status, 0);
	assert_int_equal(access(socket_path, F_OK), -1);
}

static int tear_down(void **state)
{
	if (server) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
		server = 0;
	}
	return hosts_tear_down(state);
}

static const char *line(const struct daemon_answer *answer, size_t number)
{
	return json_string_value(json_object_get(json_array_get(answer->lines,
								number),
						 "text"));
}

/* What @show makes of the answer to @operation. */
static char *shown(enum ctl_operation operation,
		   void (*show)(FILE *out, const struct daemon_answer *answer))
{
	struct daemon_answer answer;
	size_t length;
	char *text;
	FILE *out;

	assert_int_equal(ask(question(operation, NULL), &answer), 0);
	out = open_memstream(&text, &length);
	show(out, &answer);
	fclose(out);
	daemon_answer_free(&answer);
	return text;
}

static void assert_shown(const char *text, const char *words)
{
	if (strstr(text, words))
		return;
	print_error("not there: %s\n%s\n", words, text);
	fail();
}

/* ----- tests --------------------------------------------------------------- */

static void verbs(void **state)
{
	static const struct {
		enum ctl_operation operation;
		const char *name;
		int status;
	} cases[] = {
		{ CTL_ADD, "new", 0 }, { CTL_REPLACE, "new", 0 },
		{ CTL_UP, "tunnel", 0 }, { CTL_DOWN, "tunnel", 0 },
		{ CTL_ROUTE, "tunnel", 0 }, { CTL_UNROUTE, "tunnel", 0 },
		{ CTL_REKEY_IKE, "tunnel", 0 }, { CTL_REKEY_IPSEC, "tunnel", 0 },
		{ CTL_DELETE, "tunnel", 0 }, { CTL_DELETE, "nobody", 21 },
		{ CTL_UP, "nobody", 21 },
		/* what is there is not added again */
		{ CTL_START, "tunnel", 0 }, { CTL_ONDEMAND, "tunnel", 0 },
		{ CTL_START, "hang2", 21 },
		{ CTL_READY, NULL, 0 }, { CTL_REREAD_SECRETS, NULL, 0 },
		{ CTL_RELOAD, NULL, 0 }, { CTL_PURGE_OCSP, NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ask_only(cases[i].operation, cases[i].name),
				 cases[i].status);
	stop_server();
	assert_string_equal(told(), "add(-,0):new replace:new up:tunnel down:tunnel route:tunnel unroute:tunnel rekey-ike:tunnel rekey-child:tunnel delete:tunnel delete:nobody up:nobody up:tunnel route:tunnel add(-,0):hang2 up:hang2 listen secrets reload shutdown ");
}

static void progress_and_failure(void **state)
{
	struct daemon_answer answer;

	(void)state;
	assert_int_equal(ask(question(CTL_UP, "refused"), &answer), 214);
	assert_string_equal(line(&answer, 0), "\"refused\" #1: sent");
	assert_string_equal(line(&answer, 1), "\"refused\" #1: NO_PROPOSAL_CHOSEN: CN=\\x1b[1m");
	daemon_answer_free(&answer);
	stop_server();
}

static void asynchronous(void **state)
{
	struct daemon_question asked = question(CTL_UP, "hang");
	struct daemon_answer answer;

	(void)state;
	asked.request.asynchronous = true;
	assert_int_equal(ask(asked, &answer), 0);
	assert_string_equal(line(&answer, 0), "begun");
	daemon_answer_free(&answer);
	asked = question(CTL_UP, "nobody");
	asked.request.asynchronous = true;
	assert_int_equal(ask(asked, &answer), 21);
	daemon_answer_free(&answer);
	stop_server();
	assert_string_equal(told(), "up:hang unwatch up:nobody shutdown ");
}

/* Nothing is done, and it ends as it would. */
static void dry_run(void **state)
{
	static const struct {
		enum ctl_operation operation;
		const char *name;
		int status;
	} cases[] = {
		{ CTL_ADD, "new", 0 }, { CTL_ADD, "tunnel", 20 },
		{ CTL_ADD, "nowhere", 21 }, { CTL_START, "nowhere", 21 },
		{ CTL_START, "tunnel", 0 }, { CTL_REPLACE, "nowhere", 21 },
		{ CTL_REPLACE, "tunnel", 0 }, { CTL_DELETE, "tunnel", 0 },
		{ CTL_DELETE, "new", 21 }, { CTL_UP, "tunnel", 0 },
		{ CTL_UP, "new", 21 }, { CTL_READY, NULL, 0 },
	};
	struct daemon_answer answer;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct daemon_question asked = question(cases[i].operation,
							cases[i].name);

		asked.request.dry = true;
		assert_int_equal(ask(asked, &answer), cases[i].status);
		daemon_answer_free(&answer);
	}
	stop_server();
	assert_string_equal(told(), "shutdown ");
}

static void classic_status(void **state)
{
	char *text = shown(CTL_STATUS, daemon_show_status);

	(void)state;
	assert_shown(text, "000 using kernel interface: espvif\n");
	assert_shown(text, "000 Connection list:\n000  \n000 \"tunnel/1x1\": 10.1.0.0/24===192.0.2.1[@w]...192.0.2.2===10.2.0.0/24; erouted; eroute owner: #2\n");
	assert_shown(text, "000 \"tunnel\":     oriented; my_ip=unset; their_ip=unset; my_updown=ipsec _updown;\n");
	assert_shown(text, "000 \"tunnel\":   policy: IKEv2+secret+ENCRYPT+TUNNEL+PFS+");
	assert_shown(text, "000 \"tunnel\":   newest IKE SA: #1; newest IPsec SA: #2;\n");
	assert_shown(text, "000 \"tunnel\":   IKEv2 algorithm newest: AES_GCM_16_256-HMAC_SHA2_256-CURVE25519\n");
	assert_shown(text, "000 \"other\": 192.0.2.3...%any; unrouted; eroute owner: #0\n");
	assert_shown(text, "000 \"other\":     no end of it is this host\n");
	assert_shown(text, "000 Total IPsec connections: loaded 2, active 1\n");
	assert_shown(text, "000 IKE SAs: total(1), half-open(0), open(0), authenticated(1), anonymous(0)\n");
	assert_shown(text, "000 #1: \"tunnel\":500 STATE_V2_ESTABLISHED_IKE_SA (established IKE SA); newest; idle;\n");
	assert_shown(text, "000 #2: \"tunnel/1x1\":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); newest; eroute owner; IKE SA #1; idle;\n");
	assert_shown(text, "@192.0.2.2 tun.0@192.0.2.1 Traffic: ESPin=84B ESPout=168B ESPmax=2^63B");
	assert_null(strchr(text, '\033'));
	free(text);
	stop_server();
}

static void traffic_lines(void **state)
{
	char *text = shown(CTL_TRAFFIC_STATUS, daemon_show_traffic);

	(void)state;
	assert_shown(text, "006 #2: \"tunnel/1x1\", type=ESP, add_time=");
	assert_shown(text, ", inBytes=84, outBytes=168, maxBytes=2^63B, id='@#0x1b5b324a780a'\n");
	assert_null(strchr(text, '\033'));
	free(text);
	assert_int_equal(ask_only(CTL_TRAFFIC_STATUS, "tunnel"), 0);
	assert_int_equal(ask_only(CTL_TRAFFIC_STATUS, "tunel"), 21);
	stop_server();
}

static void other_listings(void **state)
{
	char *text = shown(CTL_FIPS_STATUS, daemon_show_fips);

	(void)state;
	assert_shown(text, "000 FIPS mode ");
	free(text);
	text = shown(CTL_GLOBAL_STATUS, daemon_show_counters);
	assert_shown(text, "000 received=");
	assert_shown(text, "000 malformed=0\n");
	free(text);
	text = shown(CTL_SHUNT_STATUS, daemon_show_shunts);
	assert_shown(text, "000 Bare Shunt list:\n");
	assert_shown(text, "000 10.1.0.0/16:0 -6-> 10.2.0.0/16:80 => %trap    tunnel\n");
	free(text);
	text = shown(CTL_STATUS, daemon_show_status);
	assert_shown(text, "000 interface wire UDP 192.0.2.1:500\n");
	assert_shown(text, "000 configfile=/etc/ipsec.conf, secrets=/etc/ipsec.secrets, ipsecdir=/nowhere\n");
	assert_shown(text, ", nat-ikeport=4500\n");
	free(text);
	text = shown(CTL_LIST, daemon_show_lists);
	assert_shown(text, "000 List of Pre-shared secrets (from /etc/ipsec.secrets)\n");
	assert_shown(text, "000     7: PSK @owner @peer\\x1b\n");
	assert_null(strstr(text, "do not show"));
	free(text);
	stop_server();
}

/* ----- those who misbehave -------------------------------------------------- */

static int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, socket_path);
	assert_int_equal(connect(stream, (struct sockaddr *)&address,
				 sizeof(address)), 0);
	return stream;
}

/* Sends bytes, and reads what comes until the other side is gone. */
static void exchange(const char *bytes, size_t length, char *answer,
		     size_t size)
{
	int stream = dial();
	size_t used = 0;
	ssize_t got;

	/* whoever is refused in the middle need not say the rest */
	send(stream, bytes, length, MSG_NOSIGNAL);
	do {
		got = recv(stream, answer + used, size - 1 - used, 0);
		used += got > 0 ? (size_t)got : 0;
	} while (got > 0 && used < size - 1);
	answer[used] = '\0';
	close(stream);
}

static void nonsense(void **state)
{
	char *long_line = malloc(2 * CTL_LINE_MAX), answer[4096];
	char binary[256];
	size_t i;

	(void)state;
	exchange("frob\n", 5, answer, sizeof(answer));
	assert_shown(answer, "not JSON");
	assert_shown(answer, "{\"exit\":1}\n");
	memset(long_line, 'x', 2 * CTL_LINE_MAX);
	exchange(long_line, 2 * CTL_LINE_MAX, answer, sizeof(answer));
	free(long_line);
	for (i = 0; i < sizeof(binary); i++)
		binary[i] = (char)(255 - i);
	exchange(binary, sizeof(binary), answer, sizeof(answer));
	assert_shown(answer, "not JSON");
	assert_int_equal(ask_only(CTL_READY, NULL), 0);
	stop_server();
	assert_string_equal(told(), "listen shutdown ");
}

/* They say half a line, wait for ever, or do not listen; others are served. */
static void those_who_hang(void **state)
{
	static const char half[] = "{\"operation\":";
	static const char waiting[] = "{\"operation\":\"up\",\"name\":\"hang\"}\n";
	static const char deaf[] = "{\"operation\":\"up\",\"name\":\"noisy\"}\n";
	int streams[30];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(streams); i += 3) {
		streams[i] = dial();
		send(streams[i], half, sizeof(half) - 1, MSG_NOSIGNAL);
		streams[i + 1] = dial();
		send(streams[i + 1], waiting, sizeof(waiting) - 1,
		     MSG_NOSIGNAL);
		streams[i + 2] = dial();
		send(streams[i + 2], deaf, sizeof(deaf) - 1, MSG_NOSIGNAL);
	}
	assert_int_equal(ask_only(CTL_READY, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(streams) / 2; i++)
		close(streams[i]);
	assert_int_equal(ask_only(CTL_READY, NULL), 0);
	stop_server();
	for (; i < ARRAY_SIZE(streams); i++)
		close(streams[i]);
}

/* Whoever waits for something hears that the daemon ends. */
static void ended_in_the_middle(void **state)
{
	static const char asked[] = "{\"operation\":\"up\",\"name\":\"hang\"}\n";
	char answer[4096] = "";
	int stream = dial();
	size_t used = 0;
	ssize_t got;

	(void)state;
	send(stream, asked, sizeof(asked) - 1, MSG_NOSIGNAL);
	/* it has been heard when somebody who came later was served */
	assert_int_equal(ask_only(CTL_READY, NULL), 0);
	stop_server();
	do {
		got = recv(stream, answer + used, sizeof(answer) - 1 - used, 0);
		used += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	assert_shown(answer, "{\"code\":33,\"text\":\"the IKE daemon ends\"}\n{\"exit\":33}\n");
	close(stream);
}

static void too_many(void **state)
{
	struct daemon_answer answer;
	int streams[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(streams); i++)
		streams[i] = dial();
	assert_int_equal(ask(question(CTL_READY, NULL), &answer), 1);
	assert_shown(line(&answer, 0), "64 programs are asking");
	daemon_answer_free(&answer);
	for (i = 0; i < ARRAY_SIZE(streams); i++)
		close(streams[i]);
	/* it hears of their end before it hears us */
	assert_int_equal(ask_only(CTL_READY, NULL), 0);
	stop_server();
}

/* A program that says it all and closes its half still hears the answer. */
static void half_closed(void **state)
{
	static const char asked[] = "{\"operation\":\"ready\"}\n";
	char answer[4096] = "";
	int stream = dial();
	size_t used = 0;
	ssize_t got;

	(void)state;
	send(stream, asked, sizeof(asked) - 1, MSG_NOSIGNAL);
	shutdown(stream, SHUT_WR);
	do {
		got = recv(stream, answer + used, sizeof(answer) - 1 - used, 0);
		used += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	assert_shown(answer, "{\"exit\":0}\n");
	close(stream);
	stop_server();
}

/* In a child: somebody who is not root, and may open the socket all the same. */
static void only_root(void **state)
{
	static const char asked[] = "{\"operation\":\"shutdown\"}\n";
	struct stat found;
	int stream, status;
	pid_t stranger;
	char byte;

	(void)state;
	assert_int_equal(stat(socket_path, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(chmod(socket_path, 0666), 0);
	assert_int_equal(chmod(directory, 0755), 0);
	stranger = fork();
	if (!stranger) {
		if (setuid(65534))
			_exit(2);
		stream = dial();
		send(stream, asked, sizeof(asked) - 1, MSG_NOSIGNAL);
		_exit(recv(stream, &byte, 1, 0) > 0);
	}
	assert_int_equal(waitpid(stranger, &status, 0), stranger);
	assert_int_equal(status, 0);
	assert_int_equal(ask_only(CTL_READY, NULL), 0);
	stop_server();
	assert_string_equal(told(), "listen shutdown ");
}

/* What a killed daemon left is no hindrance, one that runs is. */
static void one_daemon(void **state)
{
	struct daemon daemon = { .base = event_base_new() };
	struct control *control;

	(void)state;
	assert_refused(control_create(&daemon, socket_path, &control),
		       "is running already");
	kill(server, SIGKILL);
	assert_int_equal(waitpid(server, NULL, 0), server);
	server = 0;
	assert_int_equal(access(socket_path, F_OK), 0);
	assert_success(control_create(&daemon, socket_path, &control));
	control_destroy(control);
	event_base_free(daemon.base);
}

static int make_files(void **state)
{
	static const char config[] =
		"conn tunnel\n\tleft=192.0.2.1\n\tleftid=@w\n\tright=192.0.2.2\n\tauthby=secret\n"
		"conn other\n\tleft=192.0.2.3\n\tright=%any\n";
	FILE *file;

	(void)state;
	if (!mkdtemp(directory))
		return -1;
	sprintf(socket_path, "%s/pluto.ctl", directory);
	sprintf(told_path, "%s/told", directory);
	sprintf(config_path, "%s/ipsec.conf", directory);
	file = fopen(config_path, "w");
	fputs(config, file);
	return fclose(file);
}

static int remove_files(void **state)
{
	(void)state;
	unlink(told_path);
	unlink(config_path);
	unlink(socket_path);
	return rmdir(directory);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(verbs),
		TEST(progress_and_failure),
		TEST(asynchronous),
		TEST(dry_run),
		TEST(classic_status),
		TEST(traffic_lines),
		TEST(other_listings),
		TEST(nonsense),
		TEST(those_who_hang),
		TEST(ended_in_the_middle),
		TEST(too_many),
		TEST(half_closed),
		TEST(only_root),
		TEST(one_daemon),
	};

	/* the server serves nobody but root */
	if (geteuid()) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	return cmocka_run_group_tests_name("control", tests, make_files,
					   remove_files);
}
