// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine's clients of the other processes, in its event loop.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/keys/keys_client.h"
#include "daemon/log.h"
#include "daemon/parent/parent_client.h"
#include "daemon/engine/processes.h"
#include "daemon/engine/state.h"

/* Seconds between signs of life; the service manager waits for several */
#define ALIVE_EVERY 10

/* As many keys as a keys process holds */
#define KEYS_MAX 4096

/**
 * struct key - a private key that the keys process has
 * @ckaid: its name
 * @kind: of the key
 */
struct key {
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	enum crypto_key_kind kind;
};

/**
 * struct run - an updown command that was asked for
 * @link: in the list
 * @token: what it is called
 * @verb: as PLUTO_VERB has it
 * @connection: whose it is
 */
struct run {
	struct list link;
	uint64_t token;
	char verb[32];
	char connection[IKE_NAME_SIZE];
};

/**
 * struct processes - what the engine process has of the others
 * @daemon: the daemon
 * @parent: the parent, NULL if there is none, as in tests
 * @keys: the keys process
 * @parent_event: the parent has said something
 * @keys_event: the keys process has said something
 * @alive: when the next sign of life is due
 * @runs: struct run
 * @next_token: of the next of them, nothing that an engine before this has used
 * @held: keys of the keys process
 * @held_count: how many
 */
struct processes {
	struct daemon *daemon;
	struct parent_client *parent;
	struct keys_client *keys;
	struct event *parent_event;
	struct event *keys_event;
	struct event *alive;
	struct list runs;
	uint64_t next_token;
	struct key *held;
	size_t held_count;
};

/* ----- keys --------------------------------------------------------------- */

static void take_signature(void *context, uint64_t token, struct error *error,
			   const struct crypto_signature *signature)
{
	const struct processes *processes = context;
	struct bytes bytes = { NULL, 0 };

	if (signature)
		bytes = bytes_of(signature->bytes, signature->length);
	ike_signed(processes->daemon->ike, token, bytes, error);
	daemon_settle(processes->daemon);
}

static void take_have(void *context, const uint8_t ckaid[CRYPTO_CKAID_SIZE],
		      enum crypto_key_kind kind)
{
	struct processes *processes = context;
	struct key *held;

	if (processes->held_count == KEYS_MAX)
		return;
	held = reallocarray(processes->held, processes->held_count + 1,
			    sizeof(*held));
	if (!held)
		return;
	processes->held = held;
	held += processes->held_count++;
	memcpy(held->ckaid, ckaid, CRYPTO_CKAID_SIZE);
	held->kind = kind;
}

static void take_problem(void *context, const char *sentence)
{
	(void)context;
	log_format(IKE_LEVEL_ERROR, "private keys: %s", sentence);
}

static void take_ready(void *context, size_t key_count)
{
	const struct processes *processes = context;

	log_format(IKE_LEVEL_INFO, "private keys read: %zu", key_count);
	/* some may have waited for theirs */
	connections_orient(processes->daemon);
}

static const struct keys_client_ops keys_ops = {
	.signed_ = take_signature,
	.have = take_have,
	.problem = take_problem,
	.ready = take_ready,
};

static void keys_say(evutil_socket_t descriptor, short what, void *context)
{
	struct processes *processes = context;
	struct error *error = keys_client_read(processes->keys);

	(void)descriptor;
	(void)what;
	if (!error)
		return;
	/* the parent logs why, and starts another */
	error_free(error);
	event_free(processes->keys_event);
	processes->keys_event = NULL;
}

static void take_keys(void *context, int socket)
{
	struct processes *processes = context;

	if (processes->keys_event)
		event_free(processes->keys_event);
	processes->held_count = 0;
	keys_client_attach(processes->keys, socket);
	processes->keys_event = event_new(processes->daemon->base, socket,
					  EV_READ | EV_PERSIST, keys_say,
					  processes);
	if (!processes->keys_event || event_add(processes->keys_event, NULL))
		log_error(error_no_memory());
}

/* ----- the parent --------------------------------------------------------- */

static struct run *find_run(struct processes *processes, uint64_t token)
{
	struct list *link, *following;
	struct run *run;

	list_for_each(link, following, &processes->runs) {
		run = list_entry(link, struct run, link);
		if (run->token == token)
			return run;
	}
	return NULL;
}

static void free_run(struct run *run)
{
	list_remove(&run->link);
	free(run);
}

static void say(const struct processes *processes, enum ike_level level,
		const struct run *run, const char *what, const char *text)
{
	const struct ike_subject about = { .connection = run->connection };
	char line[UPDOWN_TEXT_MAX + 64];

	snprintf(line, sizeof(line), "%s%s%s", run->verb, what, text);
	connection_log(processes->daemon, level, &about, line);
}

static void take_line(void *context, uint64_t token, const char *line)
{
	struct processes *processes = context;
	const struct run *run = find_run(processes, token);

	if (run)
		say(processes, IKE_LEVEL_INFO, run, " output: ", line);
}

static void take_done(void *context, uint64_t token, struct error *error)
{
	struct processes *processes = context;
	struct run *run = find_run(processes, token);
	char connection[IKE_NAME_SIZE];

	if (run && error)
		say(processes, IKE_LEVEL_ERROR, run, " command failed: ",
		    error->sentence);
	error_free(error);
	if (!run)
		return;
	snprintf(connection, sizeof(connection), "%s", run->connection);
	free_run(run);
	connection_ran(processes->daemon, connection);
}

static const struct parent_client_ops parent_ops = {
	.keys = take_keys,
	.line = take_line,
	.done = take_done,
};

static void parent_says(evutil_socket_t descriptor, short what, void *context)
{
	struct processes *processes = context;
	struct error *error = parent_client_read(processes->parent);

	(void)descriptor;
	(void)what;
	if (!error)
		return;
	/* nobody would start us anew, or run anything */
	log_error(error);
	event_del(processes->parent_event);
	daemon_shutdown(processes->daemon, NULL);
}

static void still_alive(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	processes_state(context, PARENT_STATE_ALIVE);
}

/*
 * Commands of an engine that has died go on, and the next is told when they end: it
 * must not take them for its own.
 */
static struct error *choose_token(uint64_t *token)
{
	if (getrandom(token, sizeof(*token), 0) != sizeof(*token))
		return error_refused(errno, "the kernel gives no random numbers: %s",
				     strerror(errno));
	return NULL;
}

static struct error *begin(struct processes *processes, int socket)
{
	static const struct timeval every = { .tv_sec = ALIVE_EVERY };
	struct event_base *base = processes->daemon->base;
	struct error *error = choose_token(&processes->next_token);

	if (!error)
		error = keys_client_create(&keys_ops, processes,
					   &processes->keys);
	if (error || socket < 0)
		return error;
	error = parent_client_create(&parent_ops, processes, socket,
				     &processes->parent);
	if (error)
		return error;
	processes->parent_event = event_new(base, socket,
					    EV_READ | EV_PERSIST, parent_says,
					    processes);
	processes->alive = event_new(base, -1, EV_PERSIST, still_alive,
				     processes);
	if (!processes->parent_event || !processes->alive ||
	    event_add(processes->parent_event, NULL) ||
	    event_add(processes->alive, &every))
		return error_no_memory();
	return NULL;
}

/**
 * processes_create - begin
 * @daemon: the daemon, whose event loop is there
 * @socket: its other end is the parent; passes to this; -1 if there is none
 * @processes: where to put it
 *
 * Return: NULL, or why it cannot be.
 */
struct error *processes_create(struct daemon *daemon, int socket,
			       struct processes **processes)
{
	struct processes *created = calloc(1, sizeof(*created));
	struct error *error;

	if (!created)
		return error_no_memory();
	created->daemon = daemon;
	list_init(&created->runs);
	error = begin(created, socket);
	if (error) {
		processes_destroy(created);
		return error;
	}
	*processes = created;
	return NULL;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

/**
 * processes_destroy - end
 * @processes: it, or NULL
 *
 * What was asked for is done all the same.
 */
void processes_destroy(struct processes *processes)
{
	struct list *link, *following;

	if (!processes)
		return;
	free_event(processes->parent_event);
	free_event(processes->keys_event);
	free_event(processes->alive);
	keys_client_destroy(processes->keys);
	parent_client_destroy(processes->parent);
	list_for_each(link, following, &processes->runs)
		free_run(list_entry(link, struct run, link));
	free(processes->held);
	free(processes);
}

/**
 * processes_open_keys - have private keys opened, in the place of those that were
 * @processes: it
 * @keys: which
 */
void processes_open_keys(struct processes *processes,
			 const struct parent_keys *keys)
{
	if (processes->parent)
		log_error(parent_client_open_keys(processes->parent, keys));
}

/**
 * processes_has_key - is there a private key
 * @processes: it
 * @ckaid: its name
 * @kind: set to its kind, if there is
 *
 * Return: whether there is, as far as is known yet.
 */
bool processes_has_key(const struct processes *processes,
		       const uint8_t ckaid[CRYPTO_CKAID_SIZE],
		       enum crypto_key_kind *kind)
{
	size_t i;

	for (i = 0; i < processes->held_count; i++) {
		if (memcmp(processes->held[i].ckaid, ckaid, CRYPTO_CKAID_SIZE))
			continue;
		*kind = processes->held[i].kind;
		return true;
	}
	return false;
}

/**
 * processes_sign - ask for a signature, as the engine's sign operation
 * @processes: it
 * @signing: what is asked for
 *
 * Return: NULL, and ike_signed() is called later; or why it won't be.
 */
struct error *processes_sign(struct processes *processes,
			     const struct ike_signing *signing)
{
	return keys_client_sign(processes->keys, signing->token,
				signing->ckaid, signing->scheme,
				signing->octets);
}

/**
 * processes_run - run an updown command, after those of the same connection or for
 *	the same destination that were asked for before
 * @processes: it
 * @updown: what to run and what to tell it
 *
 * What comes of it is logged, and connection_ran() is told when it is over.
 */
void processes_run(struct processes *processes, const struct updown *updown)
{
	struct error *error;
	struct run *run;

	if (!processes->parent)
		return;
	run = calloc(1, sizeof(*run));
	if (!run) {
		log_error(error_no_memory());
		return;
	}
	run->token = processes->next_token++;
	updown_verb_text(updown, run->verb);
	snprintf(run->connection, sizeof(run->connection), "%s",
		 updown->connection);
	list_append(&processes->runs, &run->link);
	error = parent_client_run(processes->parent, run->token, updown);
	if (error)
		take_done(processes, run->token, error);
}

/**
 * processes_are_running - are there updown commands that have not ended
 * @processes: it, or NULL
 * @connection: name of the connection whose they are
 *
 * Return: whether there are.
 */
bool processes_are_running(const struct processes *processes,
			   const char *connection)
{
	const struct list *link;

	if (!processes)
		return false;
	for (link = processes->runs.next; link != &processes->runs;
	     link = link->next) {
		if (!strcmp(list_entry(link, struct run, link)->connection,
			    connection))
			return true;
	}
	return false;
}

/**
 * processes_state - tell how the engine is
 * @processes: it
 * @state: how
 */
void processes_state(struct processes *processes, enum parent_state state)
{
	if (processes->parent)
		parent_client_state(processes->parent, state);
}
