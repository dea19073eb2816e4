// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asks the keys process for signatures and hands out its answers. Nothing here
 * waits: requests that the socket doesn't take yet are kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/keys/keys_client.h"
#include "daemon/keys/keys_wire.h"
#include "lib/list.h"

/* Requests that wait at a time: a flood must not take all memory */
#define WAITING_MAX 1024

/* Requests in the socket at a time: many enough that it never runs dry */
#define ASKED_MAX 8

/* Messages that are read before others have their turn */
#define READ_MAX 64

/**
 * struct request - a signature that somebody waits for
 * @link: in @waiting or @asked of the client
 * @number: on the wire; tokens are the engine's affair
 * @token: the engine's
 * @length: bytes of @packet
 * @packet: the message
 */
struct request {
	struct list link;
	uint64_t number;
	uint64_t token;
	size_t length;
	uint8_t packet[];
};

/**
 * struct keys_client - the engine's side of a keys process
 * @ops: whom to tell
 * @context: for @ops
 * @socket: its other end is the process; -1 while there is none
 * @waiting: requests that were not sent yet
 * @asked: requests that were
 * @count: of both
 * @asked_count: of @asked
 * @next_number: of the next request
 * @key_count: keys that the process told of
 * @packet: what was received
 */
struct keys_client {
	const struct keys_client_ops *ops;
	void *context;
	int socket;
	struct list waiting;
	struct list asked;
	size_t count;
	size_t asked_count;
	uint64_t next_number;
	size_t key_count;
	uint8_t packet[KEYS_WIRE_HEADER_SIZE + CRYPTO_SIGNATURE_SIZE_MAX +
		       KEYS_WIRE_SENTENCE_MAX];
};

static struct request *request_of(struct list *link)
{
	return list_entry(link, struct request, link);
}

static void forget(struct keys_client *client, struct request *request)
{
	list_remove(&request->link);
	client->count--;
	free(request);
}

/**
 * keys_client_create - begin, without a process yet
 * @ops: whom to tell; must outlive the client
 * @context: for @ops
 * @client: where to put it
 *
 * Return: NULL, or that there is no memory.
 */
struct error *keys_client_create(const struct keys_client_ops *ops,
				 void *context, struct keys_client **client)
{
	struct keys_client *fresh = calloc(1, sizeof(*fresh));

	if (!fresh)
		return error_no_memory();
	fresh->ops = ops;
	fresh->context = context;
	fresh->socket = -1;
	list_init(&fresh->waiting);
	list_init(&fresh->asked);
	*client = fresh;
	return NULL;
}

/**
 * keys_client_destroy - end; nobody is told of requests that are left
 * @client: the client, or NULL
 */
void keys_client_destroy(struct keys_client *client)
{
	struct list *link, *following;

	if (!client)
		return;
	list_for_each(link, following, &client->waiting)
		forget(client, request_of(link));
	list_for_each(link, following, &client->asked)
		forget(client, request_of(link));
	if (client->socket >= 0)
		close(client->socket);
	free(client);
}

/* Sends what the socket takes. A failure shows when it is read from. */
static void send_waiting(struct keys_client *client)
{
	struct request *request;
	ssize_t sent;

	while (client->socket >= 0 && client->asked_count < ASKED_MAX &&
	       !list_empty(&client->waiting)) {
		request = request_of(client->waiting.next);
		sent = send(client->socket, request->packet, request->length,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return;
		list_remove(&request->link);
		list_append(&client->asked, &request->link);
		client->asked_count++;
	}
}

/**
 * keys_client_attach - work with another process from now on
 * @client: the client
 * @socket: its other end is the process; passes to the client
 *
 * What the old process, if there is one, was asked for, the new one is asked again.
 */
void keys_client_attach(struct keys_client *client, int socket)
{
	struct list *link;

	if (client->socket >= 0)
		close(client->socket);
	client->socket = socket;
	client->key_count = 0;
	while (!list_empty(&client->asked)) {
		link = client->asked.previous;
		list_remove(link);
		list_prepend(&client->waiting, link);
	}
	client->asked_count = 0;
	send_waiting(client);
}

/**
 * keys_client_socket - what to wait for
 * @client: the client
 *
 * Return: the socket to read from, -1 while there is no process.
 */
int keys_client_socket(const struct keys_client *client)
{
	return client->socket;
}

static struct request *find(struct keys_client *client, uint64_t number)
{
	struct list *link, *following;

	list_for_each(link, following, &client->asked) {
		if (request_of(link)->number == number)
			return request_of(link);
	}
	return NULL;
}

/* Whoever is told may ask for the next signature at once. */
static void finish(struct keys_client *client, struct request *request,
		   struct error *error,
		   const struct crypto_signature *signature)
{
	uint64_t token = request->token;

	client->asked_count--;
	forget(client, request);
	client->ops->signed_(client->context, token, error, signature);
}

static bool take_answer(struct keys_client *client,
			const struct keys_message *message)
{
	struct request *request = find(client, message->token);
	struct crypto_signature signature;

	if (!request)
		return false;
	if (message->kind == KEYS_WIRE_REFUSED) {
		finish(client, request,
		       error_refused(0, "%.*s", (int)message->bytes.length,
				     (const char *)message->bytes.data), NULL);
		return true;
	}
	signature.length = message->bytes.length;
	memcpy(signature.bytes, message->bytes.data, message->bytes.length);
	finish(client, request, NULL, &signature);
	return true;
}

/* Returns whether the message is one that a keys process may send. */
static bool take_message(struct keys_client *client,
			 const struct keys_message *message)
{
	char sentence[KEYS_WIRE_SENTENCE_MAX + 1];

	switch (message->kind) {
	case KEYS_WIRE_SIGNED:
	case KEYS_WIRE_REFUSED:
		return take_answer(client, message);
	case KEYS_WIRE_HAVE:
		client->key_count++;
		client->ops->have(client->context, message->ckaid,
				  message->scheme.kind);
		return true;
	case KEYS_WIRE_PROBLEM:
		memcpy(sentence, message->bytes.data, message->bytes.length);
		sentence[message->bytes.length] = '\0';
		client->ops->problem(client->context, sentence);
		return true;
	case KEYS_WIRE_READY:
		client->ops->ready(client->context, client->key_count);
		return true;
	case KEYS_WIRE_SIGN:
		break;
	}
	return false;
}

/* Ends with a process; what it was asked for is not asked of the next one, since
 * that may be what ended it. */
static struct error *detach(struct keys_client *client, const char *why)
{
	close(client->socket);
	client->socket = -1;
	while (!list_empty(&client->asked))
		finish(client, request_of(client->asked.next),
		       error_refused(EPIPE, "the keys process %s before it had signed: try again",
				     why), NULL);
	return error_refused(EPIPE, "the keys process %s", why);
}

/**
 * keys_client_read - take what the process has sent
 * @client: the client, whose socket is readable
 *
 * Return: NULL, or why there is no longer a process: keys_client_attach() brings the
 * next one.
 */
struct error *keys_client_read(struct keys_client *client)
{
	struct keys_message message;
	ssize_t length;
	int i, socket = client->socket;

	for (i = 0; i < READ_MAX && client->socket >= 0 &&
	     client->socket == socket; i++) {
		length = recv(socket, client->packet, sizeof(client->packet),
			      MSG_DONTWAIT | MSG_TRUNC);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno == EAGAIN)
			break;
		if (length <= 0)
			return detach(client, "has ended");
		if ((size_t)length > sizeof(client->packet) ||
		    !keys_wire_decode(bytes_of(client->packet, (size_t)length),
				      &message) ||
		    !take_message(client, &message))
			return detach(client, "said something that no keys process says");
		send_waiting(client);
	}
	return NULL;
}

/**
 * keys_client_sign - ask for a signature
 * @client: the client
 * @token: what the answer is to be known by
 * @ckaid: the key
 * @scheme: how to sign
 * @octets: what to sign
 *
 * The answer never comes before this has returned.
 *
 * Return: NULL, or why there will be no answer.
 */
struct error *keys_client_sign(struct keys_client *client, uint64_t token,
			       const uint8_t ckaid[CRYPTO_CKAID_SIZE],
			       const struct crypto_scheme *scheme,
			       struct bytes octets)
{
	struct keys_message message = {
		.kind = KEYS_WIRE_SIGN, .token = client->next_number,
		.scheme = *scheme, .bytes = octets,
	};
	struct bytes_writer writer;
	struct request *request;

	if (client->count == WAITING_MAX)
		return error_refused(EBUSY, "%d signatures are waited for already: try again later",
				     WAITING_MAX);
	if (octets.length > KEYS_WIRE_OCTETS_MAX)
		return error_refused(EMSGSIZE, "%zu octets are more than can be signed (%d)",
				     octets.length, KEYS_WIRE_OCTETS_MAX);
	request = malloc(sizeof(*request) + KEYS_WIRE_HEADER_SIZE +
			 octets.length);
	if (!request)
		return error_no_memory();
	request->number = client->next_number++;
	request->token = token;
	memcpy(message.ckaid, ckaid, sizeof(message.ckaid));
	bytes_writer_init(&writer, request->packet,
			  KEYS_WIRE_HEADER_SIZE + octets.length);
	keys_wire_encode(&writer, &message);
	request->length = writer.used;
	list_append(&client->waiting, &request->link);
	client->count++;
	send_waiting(client);
	return NULL;
}
