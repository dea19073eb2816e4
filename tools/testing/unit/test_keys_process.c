// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of the process that holds the private keys, a real one, and of the engine's
 * side of it: signatures, keys that are refused, what the process has given up, and
 * its death.
 */
#include <certificates.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/cert.h"
#include "daemon/keys/keys_client.h"
#include "daemon/keys/keys_process.h"
#include "daemon/keys/keys_wire.h"
#include "hex.h"
#include "keys/keys.h"
#include "lib/array.h"
#include "lib/base64.h"
#include "unit.h"

#define OCTETS "octets that are signed"

/* No machine is so slow that a key isn't there by then. */
#define DEADLINE_MS 60000

#define ANSWERS_MAX 64

struct answer {
	uint64_t token;
	bool good;
	struct crypto_signature signature;
	char why[256];
};

struct fixture {
	char directory[64];
	struct keys_client *client;
	pid_t process;
	size_t had;
	int ready;
	char problems[2048];
	struct answer answers[ANSWERS_MAX];
	size_t answer_count;
	bool ask_again;
};

static void take_signature(void *context, uint64_t token, struct error *error,
			   const struct crypto_signature *signature)
{
	static const struct crypto_scheme scheme = {
		.encoding = CRYPTO_ENCODING_EDDSA, .kind = CRYPTO_KEY_ED25519,
	};
	static const uint8_t nobody[CRYPTO_CKAID_SIZE];
	struct fixture *fixture = context;
	struct answer *answer = &fixture->answers[fixture->answer_count++];

	assert_true(fixture->answer_count <= ANSWERS_MAX);
	answer->token = token;
	answer->good = !error;
	if (error)
		snprintf(answer->why, sizeof(answer->why), "%s",
			 error->sentence);
	else
		answer->signature = *signature;
	error_free(error);
	if (fixture->ask_again) {
		fixture->ask_again = false;
		assert_success(keys_client_sign(fixture->client, 1000, nobody,
						&scheme,
						bytes_of(OCTETS, 6)));
	}
}

static void take_have(void *context, const uint8_t ckaid[CRYPTO_CKAID_SIZE],
		      enum crypto_key_kind kind)
{
	struct fixture *fixture = context;

	(void)ckaid;
	(void)kind;
	fixture->had++;
}

static void take_problem(void *context, const char *sentence)
{
	struct fixture *fixture = context;
	size_t used = strlen(fixture->problems);

	snprintf(fixture->problems + used, sizeof(fixture->problems) - used,
		 "%s\n", sentence);
}

static void take_ready(void *context, size_t key_count)
{
	struct fixture *fixture = context;

	assert_int_equal(key_count, fixture->had);
	fixture->ready++;
}

static const struct keys_client_ops ops = {
	.signed_ = take_signature,
	.have = take_have,
	.problem = take_problem,
	.ready = take_ready,
};

static int set_up(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));
	bool existed;

	strcpy(fixture->directory, "/tmp/keys_process.XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	assert_success(keys_init(fixture->directory, &existed));
	assert_success(keys_client_create(&ops, fixture, &fixture->client));
	fixture->process = -1;
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	keys_client_destroy(fixture->client);
	if (fixture->process > 0)
		assert_int_equal(waitpid(fixture->process, NULL, 0),
				 fixture->process);
	snprintf(command, sizeof(command), "rm -rf %s", fixture->directory);
	assert_int_equal(system(command), 0);
	test_free(fixture);
	return 0;
}

/* Starts a process with the store's keys, and with those of a file, if any. */
static void start_with(struct fixture *fixture, const char *file,
		       const char *secrets)
{
	int sockets[2];

	fixture->had = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    sockets), 0);
	fflush(NULL);
	fixture->process = fork();
	assert_true(fixture->process >= 0);
	if (!fixture->process) {
		struct keys_process process = {
			.directory = fixture->directory,
			.files = &file, .file_count = !!file,
			.secrets = secrets, .socket = sockets[1],
		};

		close(sockets[0]);
		_exit(keys_process_run(&process));
	}
	close(sockets[1]);
	keys_client_attach(fixture->client, sockets[0]);
}

static void start(struct fixture *fixture, const char *file)
{
	start_with(fixture, file, NULL);
}

/* Reads once something is there; returns what keys_client_read() does. */
static struct error *read_once(struct fixture *fixture)
{
	struct pollfd waiting = {
		.fd = keys_client_socket(fixture->client), .events = POLLIN,
	};

	assert_int_equal(poll(&waiting, 1, DEADLINE_MS), 1);
	return keys_client_read(fixture->client);
}

static void wait_ready(struct fixture *fixture, int times)
{
	while (fixture->ready < times)
		assert_success(read_once(fixture));
}

static void wait_answers(struct fixture *fixture, size_t count)
{
	while (fixture->answer_count < count)
		assert_success(read_once(fixture));
}

static void ckaid_of(const struct keys_entry *entry,
		     uint8_t ckaid[CRYPTO_CKAID_SIZE])
{
	assert_int_equal(unhex(entry->ckaid, ckaid, CRYPTO_CKAID_SIZE),
			 CRYPTO_CKAID_SIZE);
}

static void generate(struct fixture *fixture, const char *kind,
		     uint8_t ckaid[CRYPTO_CKAID_SIZE])
{
	struct keys_entry entry;

	assert_success(keys_generate(fixture->directory, kind, 2048, &entry));
	ckaid_of(&entry, ckaid);
}

static void ask(struct fixture *fixture, uint64_t token,
		const uint8_t ckaid[CRYPTO_CKAID_SIZE],
		enum crypto_key_kind kind)
{
	const struct crypto_scheme *scheme =
		crypto_scheme_choose(kind, CRYPTO_SCHEME_PSS |
				     CRYPTO_SCHEME_ECDSA | CRYPTO_SCHEME_EDDSA,
				     ~0u);

	assert_success(keys_client_sign(fixture->client, token, ckaid, scheme,
					bytes_of(OCTETS, strlen(OCTETS))));
}

/* ----- the codec --------------------------------------------------------- */

static void codec(void **state)
{
	struct keys_message message = {
		.kind = KEYS_WIRE_SIGN, .token = 0x0102030405060708,
		.ckaid = { 9, 8, 7 },
		.scheme = {
			.auth = 14, .hash = 2, .encoding = CRYPTO_ENCODING_PSS,
			.kind = CRYPTO_KEY_RSA, .salt_size = 32,
		},
		.bytes = bytes_of("abc", 3),
	};
	uint8_t packet[128];
	struct bytes_writer writer;
	struct keys_message again;
	size_t i;

	(void)state;
	bytes_writer_init(&writer, packet, sizeof(packet));
	keys_wire_encode(&writer, &message);
	assert_int_equal(writer.used, KEYS_WIRE_HEADER_SIZE + 3);
	assert_true(keys_wire_decode(bytes_written(&writer), &again));
	assert_int_equal(again.kind, message.kind);
	assert_int_equal(again.token, message.token);
	assert_memory_equal(again.ckaid, message.ckaid, CRYPTO_CKAID_SIZE);
	assert_int_equal(again.scheme.auth, 14);
	assert_int_equal(again.scheme.hash, 2);
	assert_int_equal(again.scheme.encoding, CRYPTO_ENCODING_PSS);
	assert_int_equal(again.scheme.salt_size, 32);
	assert_true(bytes_equal(again.bytes, message.bytes));
	for (i = 0; i < KEYS_WIRE_HEADER_SIZE; i++)
		assert_false(keys_wire_decode(bytes_of(packet, i), &again));
}

static void codec_refuses(void **state)
{
	static const struct {
		enum keys_wire_kind kind;
		uint8_t encoding;
		uint8_t key;
		const char *bytes;
		bool good;
	} cases[] = {
		{ 0, 0, 0, "", false },
		{ KEYS_WIRE_READY + 1, 0, 0, "", false },
		{ KEYS_WIRE_SIGN, CRYPTO_ENCODING_EDDSA + 1, 0, "x", false },
		{ KEYS_WIRE_SIGN, 0, CRYPTO_KEY_ED448 + 1, "x", false },
		{ KEYS_WIRE_SIGN, 0, 0, "", true },
		{ KEYS_WIRE_SIGNED, 0, 0, "", false },
		{ KEYS_WIRE_REFUSED, 0, 0, "", false },
		{ KEYS_WIRE_REFUSED, 0, 0, "two\nlines", false },
		{ KEYS_WIRE_PROBLEM, 0, 0, "one line", true },
		{ KEYS_WIRE_READY, 0, 0, "x", false },
		{ KEYS_WIRE_HAVE, 0, 0, "x", false },
		{ KEYS_WIRE_HAVE, 0, CRYPTO_KEY_ED448, "", true },
	};
	uint8_t packet[KEYS_WIRE_HEADER_SIZE + 16];
	struct keys_message message;
	struct bytes_writer writer;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		message = (struct keys_message){
			.kind = cases[i].kind,
			.scheme = {
				.encoding = cases[i].encoding,
				.kind = cases[i].key,
			},
			.bytes = bytes_of(cases[i].bytes,
					  strlen(cases[i].bytes)),
		};
		bytes_writer_init(&writer, packet, sizeof(packet));
		keys_wire_encode(&writer, &message);
		assert_int_equal(keys_wire_decode(bytes_written(&writer),
						  &message), cases[i].good);
	}
}

/* ----- signatures -------------------------------------------------------- */

static void check_signature(const struct fixture *fixture, uint64_t token,
			    const char *public, enum crypto_key_kind kind)
{
	static const struct crypto_piece piece = { OCTETS, sizeof(OCTETS) - 1 };
	const struct answer *answer = NULL;
	struct crypto_public_key *key;
	uint8_t bytes[CRYPTO_PUBLIC_KEY_SIZE_MAX];
	size_t i, length;

	for (i = 0; i < fixture->answer_count; i++) {
		if (fixture->answers[i].token == token)
			answer = &fixture->answers[i];
	}
	assert_non_null(answer);
	assert_true(answer->good);
	assert_success(base64_decode(public, bytes, sizeof(bytes), &length));
	if (kind == CRYPTO_KEY_RSA)
		assert_success(crypto_public_key_from_rfc3110(bytes, length,
							      &key));
	else if (kind == CRYPTO_KEY_ED25519)
		assert_success(crypto_public_key_from_spki(bytes, length,
							   &key));
	else
		assert_success(crypto_public_key_from_point(bytes, length,
							    &key));
	assert_success(crypto_verify(key, crypto_scheme_choose(
					     kind, CRYPTO_SCHEME_PSS |
					     CRYPTO_SCHEME_ECDSA |
					     CRYPTO_SCHEME_EDDSA, ~0u),
				     &piece, 1, answer->signature.bytes,
				     answer->signature.length));
	crypto_public_key_free(key);
}

static void signs(void **state)
{
	static const struct {
		const char *name;
		enum crypto_key_kind kind;
	} kinds[] = {
		{ "rsa", CRYPTO_KEY_RSA },
		{ "secp256r1", CRYPTO_KEY_P256 },
		{ "ed25519", CRYPTO_KEY_ED25519 },
	};
	struct keys_entry entries[ARRAY_SIZE(kinds)];
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		assert_success(keys_generate(fixture->directory, kinds[i].name,
					     2048, &entries[i]));
	start(fixture, NULL);
	wait_ready(fixture, 1);
	assert_int_equal(fixture->had, 3);
	for (i = 0; i < 30; i++) {
		ckaid_of(&entries[i % 3], ckaid);
		ask(fixture, 100 + i, ckaid, kinds[i % 3].kind);
	}
	assert_int_equal(fixture->answer_count, 0);
	wait_answers(fixture, 30);
	for (i = 0; i < 30; i++)
		check_signature(fixture, 100 + i, entries[i % 3].public,
				kinds[i % 3].kind);
	assert_string_equal(fixture->problems, "");
}

static void long_octets(void **state)
{
	static uint8_t octets[KEYS_WIRE_OCTETS_MAX + 1];
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	const struct crypto_scheme *scheme;
	size_t i;

	generate(fixture, "ed25519", ckaid);
	start(fixture, NULL);
	scheme = crypto_scheme_choose(CRYPTO_KEY_ED25519, CRYPTO_SCHEME_EDDSA,
				      ~0u);
	assert_refused(keys_client_sign(fixture->client, 0, ckaid, scheme,
					bytes_of(octets, sizeof(octets))),
		       "more than can be signed");
	/* more than the socket takes at a time */
	for (i = 0; i < 20; i++)
		assert_success(keys_client_sign(fixture->client, i, ckaid,
						scheme,
						bytes_of(octets,
							 sizeof(octets) - 1)));
	wait_answers(fixture, 20);
	for (i = 0; i < 20; i++)
		assert_true(fixture->answers[i].good);
}

static void refuses_to_sign(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE], other[CRYPTO_CKAID_SIZE] = { 1 };

	generate(fixture, "ed25519", ckaid);
	start(fixture, NULL);
	ask(fixture, 1, other, CRYPTO_KEY_ED25519);
	ask(fixture, 2, ckaid, CRYPTO_KEY_RSA);
	fixture->ask_again = true;
	wait_answers(fixture, 3);
	assert_false(fixture->answers[0].good);
	assert_non_null(strstr(fixture->answers[0].why, "ipsec import"));
	assert_false(fixture->answers[1].good);
	assert_non_null(strstr(fixture->answers[1].why, "cannot be used for"));
	assert_int_equal(fixture->answers[2].token, 1000);
}

static void too_many(void **state)
{
	static const uint8_t ckaid[CRYPTO_CKAID_SIZE];
	struct fixture *fixture = *state;
	const struct crypto_scheme *scheme;
	unsigned int i;

	scheme = crypto_scheme_choose(CRYPTO_KEY_ED25519, CRYPTO_SCHEME_EDDSA,
				      ~0u);
	for (i = 0; i < 1024; i++)
		ask(fixture, i, ckaid, CRYPTO_KEY_ED25519);
	assert_refused(keys_client_sign(fixture->client, i, ckaid, scheme,
					bytes_of(OCTETS, 1)),
		       "waited for already");
}

/* ----- keys -------------------------------------------------------------- */

static void write_file(struct fixture *fixture, const char *name,
		       const char *content, mode_t mode, char path[128])
{
	int file;

	snprintf(path, 128, "%s/%s", fixture->directory, name);
	file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(file >= 0);
	assert_int_equal(write(file, content, strlen(content)),
			 (ssize_t)strlen(content));
	assert_int_equal(fchmod(file, mode), 0);
	close(file);
}

static void problems(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	char path[128];

	generate(fixture, "ed25519", ckaid);
	write_file(fixture, "private/a\nb.pem", "SECRETSECRET", 0600, path);
	write_file(fixture, "private/open.pem", "SECRETSECRET", 0644, path);
	start(fixture, NULL);
	wait_ready(fixture, 1);
	/* the good one is there all the same */
	assert_int_equal(fixture->had, 1);
	assert_non_null(strstr(fixture->problems, "private/a?b.pem: "));
	assert_non_null(strstr(fixture->problems,
			       "private/open.pem is open to other users"));
	assert_null(strstr(fixture->problems, "SECRET"));
}

/* Moves the only key out of the store, and returns where it is. */
static void take_out(struct fixture *fixture, mode_t mode, char path[128])
{
	char command[256];

	snprintf(path, 128, "%s/elsewhere.key", fixture->directory);
	snprintf(command, sizeof(command), "mv %s/private/*.pem %s",
		 fixture->directory, path);
	assert_int_equal(system(command), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void other_files(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	char path[128];

	generate(fixture, "ed25519", ckaid);
	take_out(fixture, 0600, path);
	start(fixture, path);
	ask(fixture, 1, ckaid, CRYPTO_KEY_ED25519);
	wait_answers(fixture, 1);
	assert_true(fixture->answers[0].good);
	assert_string_equal(fixture->problems, "");
}

static void other_files_refused(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	char path[128];

	generate(fixture, "ed25519", ckaid);
	take_out(fixture, 0640, path);
	start(fixture, path);
	wait_ready(fixture, 1);
	assert_int_equal(fixture->had, 0);
	assert_non_null(strstr(fixture->problems, "is open to other users"));
}

static void other_files_without_key(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	/* what holds no private key may be open to all */
	write_file(fixture, "cert.pem", "a certificate", 0644, path);
	start(fixture, path);
	wait_ready(fixture, 1);
	assert_int_equal(fixture->had, 0);
	assert_string_equal(fixture->problems, "");
}

/* ----- what the process has given up ------------------------------------- */

static void read_proc(pid_t process, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)process, name);
	file = open(path, O_RDONLY);
	assert_true(file >= 0);
	length = read(file, text, size - 1);
	assert_true(length >= 0);
	text[length] = '\0';
	close(file);
}

static void gives_up(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	char text[4096], path[64];
	struct stat status;

	generate(fixture, "ed25519", ckaid);
	start(fixture, NULL);
	wait_ready(fixture, 1);
	read_proc(fixture->process, "status", text, sizeof(text));
	assert_non_null(strstr(text, "CapEff:\t0000000000000000\n"));
	assert_non_null(strstr(text, "CapPrm:\t0000000000000000\n"));
	assert_non_null(strstr(text, "NoNewPrivs:\t1\n"));
	assert_non_null(strstr(text, "Seccomp:\t2\n"));
	if (!geteuid())
		assert_null(strstr(text, "Uid:\t0"));
	read_proc(fixture->process, "limits", text, sizeof(text));
	assert_non_null(strstr(text, "Max core file size        0 "));
	/* not dumpable: its memory belongs to root, whoever it is itself */
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)fixture->process);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, 0);
}

/* ----- death and succession ---------------------------------------------- */

static void reap(struct fixture *fixture, int expected_signal)
{
	int status;

	assert_int_equal(waitpid(fixture->process, &status, 0),
			 fixture->process);
	assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			 expected_signal);
	fixture->process = -1;
}

static struct error *read_until_end(struct fixture *fixture)
{
	struct error *error;

	do {
		error = read_once(fixture);
	} while (!error);
	return error;
}

static void dies(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	size_t i, good = 0;

	generate(fixture, "ed25519", ckaid);
	start(fixture, NULL);
	wait_ready(fixture, 1);
	kill(fixture->process, SIGSTOP);
	for (i = 0; i < 20; i++)
		ask(fixture, i, ckaid, CRYPTO_KEY_ED25519);
	kill(fixture->process, SIGKILL);
	assert_refused(read_until_end(fixture), "the keys process has ended");
	assert_int_equal(keys_client_socket(fixture->client), -1);
	reap(fixture, SIGKILL);
	/* what it was asked for fails, the rest waits for its successor */
	assert_int_equal(fixture->answer_count, 8);
	for (i = 0; i < 8; i++)
		assert_non_null(strstr(fixture->answers[i].why,
				       "before it had signed"));
	start(fixture, NULL);
	wait_answers(fixture, 20);
	for (i = 8; i < 20; i++)
		good += fixture->answers[i].good;
	assert_int_equal(good, 12);
}

static void reads_again(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	pid_t first;
	size_t i;

	generate(fixture, "ed25519", ckaid);
	start(fixture, NULL);
	wait_ready(fixture, 1);
	first = fixture->process;
	kill(first, SIGSTOP);
	for (i = 0; i < 20; i++)
		ask(fixture, i, ckaid, CRYPTO_KEY_ED25519);
	generate(fixture, "ed25519", ckaid);
	start(fixture, NULL);
	kill(first, SIGCONT);
	ask(fixture, 20, ckaid, CRYPTO_KEY_ED25519);
	wait_answers(fixture, 21);
	assert_int_equal(fixture->had, 2);
	/* nothing is lost, and all in its order */
	for (i = 0; i < 21; i++) {
		assert_int_equal(fixture->answers[i].token, i);
		assert_true(fixture->answers[i].good);
	}
	assert_int_equal(waitpid(first, NULL, 0), first);
}

static void garbage_ends_process(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, NULL);
	wait_ready(fixture, 1);
	assert_int_equal(send(keys_client_socket(fixture->client), "?", 1, 0),
			 1);
	assert_refused(read_until_end(fixture), "has ended");
	reap(fixture, 0);
}

static void garbage_ends_client(void **state)
{
	struct fixture *fixture = *state;
	uint8_t ckaid[CRYPTO_CKAID_SIZE] = { 0 }, packet[128];
	struct keys_message message = {
		.kind = KEYS_WIRE_SIGNED, .token = 7,
		.bytes = bytes_of("signature", 9),
	};
	struct bytes_writer writer;
	int sockets[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	keys_client_attach(fixture->client, sockets[0]);
	ask(fixture, 1, ckaid, CRYPTO_KEY_ED25519);
	/* an answer that nobody asked for */
	bytes_writer_init(&writer, packet, sizeof(packet));
	keys_wire_encode(&writer, &message);
	assert_int_equal(send(sockets[1], packet, writer.used, 0),
			 (ssize_t)writer.used);
	assert_refused(keys_client_read(fixture->client),
		       "said something that no keys process says");
	assert_int_equal(fixture->answer_count, 1);
	close(sockets[1]);
}

static void write_bytes(const char *path, mode_t mode, const void *bytes,
			size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* leftcert= names a PKCS#12 file, and ipsec.secrets has its password. */
static void bundle_with_password(void **state)
{
	struct fixture *fixture = *state;
	char file[96], secrets[96], text[128];
	struct crypto_cert *certs[3];
	size_t count;

	snprintf(file, sizeof(file), "%s/west.p12", fixture->directory);
	snprintf(secrets, sizeof(secrets), "%s/ipsec.secrets",
		 fixture->directory);
	snprintf(text, sizeof(text), ": P12 %s \"secret\"\n", file);
	write_bytes(secrets, 0600, text, strlen(text));
	write_bytes(file, 0600, bundle, sizeof(bundle));
	start_with(fixture, file, secrets);
	wait_ready(fixture, 1);
	assert_int_equal(fixture->had, 1);
	assert_string_equal(fixture->problems, "");
	assert_success(keys_find_certs(fixture->directory, file, "secret",
				       certs, ARRAY_SIZE(certs), &count));
	while (count)
		crypto_cert_free(certs[--count]);
	assert_refused(keys_find_certs(fixture->directory, "nobody", NULL,
				       certs, ARRAY_SIZE(certs), &count),
		       "there is no certificate 'nobody' in the key store");
	assert_refused(keys_find_certs(fixture->directory, file, "wrong",
				       certs, ARRAY_SIZE(certs), &count),
		       "the password of the file is wrong");
	assert_refused(keys_find_certs(fixture->directory, file, NULL, certs,
				       ARRAY_SIZE(certs), &count),
		       "ipsec.secrets gives none, by ': P12 /tmp/");
	assert_int_equal(chmod(file, 0644), 0);
	assert_refused(keys_find_certs(fixture->directory, file, "secret",
				       certs, ARRAY_SIZE(certs), &count),
		       "west.p12");
}

static void bundle_without_its_password(void **state)
{
	struct fixture *fixture = *state;
	char file[96];

	snprintf(file, sizeof(file), "%s/west.p12", fixture->directory);
	write_bytes(file, 0600, bundle, sizeof(bundle));
	start_with(fixture, file, "/nonexistent/ipsec.secrets");
	wait_ready(fixture, 1);
	assert_int_equal(fixture->had, 0);
	assert_non_null(strstr(fixture->problems,
			       "west.p12: the password of the file is wrong"));
}

#define process_test(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codec),
		cmocka_unit_test(codec_refuses),
		process_test(signs),
		process_test(long_octets),
		process_test(refuses_to_sign),
		process_test(too_many),
		process_test(problems),
		process_test(other_files),
		process_test(other_files_refused),
		process_test(other_files_without_key),
		process_test(bundle_with_password),
		process_test(bundle_without_its_password),
		process_test(gives_up),
		process_test(dies),
		process_test(reads_again),
		process_test(garbage_ends_process),
		process_test(garbage_ends_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
