// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opens private keys and signs with them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/secrets.h"
#include "crypto/sign.h"
#include "daemon/keys/keys_process.h"
#include "daemon/keys/keys_wire.h"
#include "daemon/sandbox.h"
#include "keys/keys.h"

/* More than anybody has, and no end to a directory that somebody fills */
#define HELD_MAX 4096

/* Everything there is, for a signature that nobody will see */
#define ALL_SCHEMES (CRYPTO_SCHEME_PKCS1 | CRYPTO_SCHEME_PSS | \
		     CRYPTO_SCHEME_ECDSA | CRYPTO_SCHEME_EDDSA)
#define ALL_HASHES (~0u)

/**
 * struct held - a key
 * @ckaid: its name
 * @kind: of the key
 * @key: the key
 */
struct held {
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	enum crypto_key_kind kind;
	struct crypto_private_key *key;
};

/**
 * struct state - what the process has
 * @socket: the engine is at its other end
 * @keys: the keys
 * @count: how many
 * @packet: what was received, or is to be sent
 */
struct state {
	int socket;
	struct held *keys;
	size_t count;
	uint8_t packet[KEYS_WIRE_SIZE_MAX];
};

/* Without an engine there is nobody to work for. */
static void send_message(struct state *state,
			 const struct keys_message *message)
{
	struct bytes_writer writer;
	ssize_t sent;

	bytes_writer_init(&writer, state->packet, sizeof(state->packet));
	keys_wire_encode(&writer, message);
	do {
		sent = send(state->socket, state->packet, writer.used,
			    MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		_exit(EXIT_FAILURE);
}

static void send_sentence(struct state *state, struct keys_message *message,
			  struct error *error)
{
	char sentence[KEYS_WIRE_SENTENCE_MAX + 1];
	size_t i;

	snprintf(sentence, sizeof(sentence), "%s", error->sentence);
	error_free(error);
	/* names of files may have anything in them */
	for (i = 0; sentence[i]; i++) {
		if ((unsigned char)sentence[i] < ' ' || sentence[i] == 0x7f)
			sentence[i] = '?';
	}
	message->bytes = bytes_of(sentence, i);
	send_message(state, message);
}

static void send_problem(struct state *state, struct error *error)
{
	struct keys_message message = { .kind = KEYS_WIRE_PROBLEM };

	send_sentence(state, &message, error);
}

static const struct held *find(const struct state *state,
			       const uint8_t ckaid[CRYPTO_CKAID_SIZE])
{
	size_t i;

	for (i = 0; i < state->count; i++) {
		if (!memcmp(state->keys[i].ckaid, ckaid, CRYPTO_CKAID_SIZE))
			return &state->keys[i];
	}
	return NULL;
}

/* A first signature: whatever a library does only once, it does before the
 * process gives up what that takes. */
static struct error *try_key(const struct crypto_private_key *key,
			     enum crypto_key_kind kind)
{
	static const struct crypto_piece piece = { "", 0 };
	struct crypto_signature signature;

	return crypto_sign(key, crypto_scheme_choose(kind, ALL_SCHEMES,
						     ALL_HASHES),
			   &piece, 1, &signature);
}

static struct error *describe(const struct crypto_private_key *key,
			      struct held *held)
{
	struct crypto_public_key *public;
	struct error *error;

	error = crypto_private_key_public(key, &public);
	if (error)
		return error;
	held->kind = crypto_public_key_kind(public);
	error = crypto_public_key_ckaid(public, held->ckaid);
	crypto_public_key_free(public);
	return error;
}

/* Takes a key over; one that is there already is not kept twice. */
static struct error *hold(struct state *state, struct crypto_private_key *key)
{
	struct held held = { .key = key }, *keys;
	struct error *error = describe(key, &held);

	if (!error)
		error = try_key(key, held.kind);
	if (error || find(state, held.ckaid)) {
		crypto_private_key_free(key);
		return error;
	}
	if (state->count == HELD_MAX) {
		crypto_private_key_free(key);
		return error_refused(0, "there are more than %d private keys: what comes after is not used",
				     HELD_MAX);
	}
	keys = reallocarray(state->keys, state->count + 1, sizeof(*keys));
	if (!keys) {
		crypto_private_key_free(key);
		return error_no_memory();
	}
	state->keys = keys;
	state->keys[state->count++] = held;
	return NULL;
}

static void take_key(void *context, struct crypto_private_key *key,
		     struct error *error)
{
	struct state *state = context;

	if (key)
		error = hold(state, key);
	if (error)
		send_problem(state, error);
}

static void open_files(struct state *state, const struct keys_process *process,
		       const struct cfg_secrets *secrets)
{
	struct crypto_private_key *key;
	struct error *error;
	size_t i;

	for (i = 0; i < process->file_count; i++) {
		key = NULL;
		error = keys_open_file(process->files[i],
				       cfg_secret_password(secrets,
							   process->files[i]),
				       &key);
		/* a certificate whose key is in the store */
		if (error && error->number == ENOENT)
			error_free(error);
		else
			take_key(state, key, error);
	}
}

static void open_keys(struct state *state, const struct keys_process *process)
{
	struct cfg_secrets secrets = { 0 };
	struct error *error;

	error = keys_open_each(process->directory, take_key, state);
	if (error && error->number != ENOENT)
		send_problem(state, error);
	else
		error_free(error);
	/* what is wrong with it the engine tells */
	if (process->secrets && process->file_count)
		error_free(cfg_secrets_load(process->secrets, &secrets));
	open_files(state, process, &secrets);
	cfg_secrets_free(&secrets);
}

static void announce(struct state *state)
{
	struct keys_message message = { .kind = KEYS_WIRE_HAVE };
	size_t i;

	for (i = 0; i < state->count; i++) {
		memcpy(message.ckaid, state->keys[i].ckaid,
		       sizeof(message.ckaid));
		message.scheme.kind = state->keys[i].kind;
		send_message(state, &message);
	}
	message = (struct keys_message){ .kind = KEYS_WIRE_READY };
	send_message(state, &message);
}

static struct error *sign(const struct state *state,
			  const struct keys_message *request,
			  struct crypto_signature *signature)
{
	const struct held *held = find(state, request->ckaid);
	struct crypto_piece piece = {
		request->bytes.data, request->bytes.length,
	};

	if (!held)
		return error_refused(ENOENT, "the private key is not there: 'ipsec import' or 'ipsec newhostkey' puts it into the key store, and 'ipsec auto --rereadall' makes it known");
	return crypto_sign(held->key, &request->scheme, &piece, 1, signature);
}

static void answer(struct state *state, const struct keys_message *request)
{
	struct keys_message message = {
		.kind = KEYS_WIRE_SIGNED, .token = request->token,
	};
	struct crypto_signature signature;
	struct error *error;

	error = sign(state, request, &signature);
	if (error) {
		message.kind = KEYS_WIRE_REFUSED;
		send_sentence(state, &message, error);
		return;
	}
	message.bytes = bytes_of(signature.bytes, signature.length);
	send_message(state, &message);
}

/* Returns the exit status, when the engine has closed its end. */
static int serve(struct state *state)
{
	struct keys_message request;
	ssize_t length;

	for (;;) {
		length = recv(state->socket, state->packet,
			      sizeof(state->packet), MSG_TRUNC);
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return length ? EXIT_FAILURE : EXIT_SUCCESS;
		/* an engine that sends something else is no longer ours */
		if ((size_t)length > sizeof(state->packet) ||
		    !keys_wire_decode(bytes_of(state->packet, (size_t)length),
				      &request) ||
		    request.kind != KEYS_WIRE_SIGN)
			return EXIT_FAILURE;
		answer(state, &request);
	}
}

/**
 * keys_process_run - be the keys process
 * @process: what is to be done
 *
 * Return: the status to exit with, by _exit(): there is nothing left that could be
 * done in an orderly way.
 */
int keys_process_run(const struct keys_process *process)
{
	static struct state state;
	struct error *error;

	state = (struct state){ .socket = process->socket };
	error = sandbox_lock_memory(false);
	if (error)
		send_problem(&state, error);
	open_keys(&state, process);
	error = sandbox_keys(process->socket);
	if (error) {
		send_problem(&state, error);
		return EXIT_FAILURE;
	}
	announce(&state);
	return serve(&state);
}
