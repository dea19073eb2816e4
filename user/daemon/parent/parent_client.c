// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asks the parent for what the engine may not do itself. The parent reads at once
 * whatever it is sent, so the engine can wait until there is room.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/parent/parent_client.h"

/* Messages that are read before others have their turn */
#define READ_MAX 64

/**
 * struct parent_client - the engine's side of the parent
 * @ops: whom to tell
 * @context: for @ops
 * @socket: its other end is the parent
 * @received: what was received
 * @sent: what is sent
 */
struct parent_client {
	const struct parent_client_ops *ops;
	void *context;
	int socket;
	uint8_t received[PARENT_WIRE_SIZE_MAX];
	uint8_t sent[PARENT_WIRE_SIZE_MAX];
};

/**
 * parent_client_create - begin
 * @ops: whom to tell; must outlive the client
 * @context: for @ops
 * @socket: its other end is the parent; passes to the client, if that is made
 * @client: where to put it
 *
 * Return: NULL, or that there is no memory.
 */
struct error *parent_client_create(const struct parent_client_ops *ops,
				   void *context, int socket,
				   struct parent_client **client)
{
	struct parent_client *fresh = calloc(1, sizeof(*fresh));

	if (!fresh)
		return error_no_memory();
	fresh->ops = ops;
	fresh->context = context;
	fresh->socket = socket;
	*client = fresh;
	return NULL;
}

/**
 * parent_client_destroy - end
 * @client: the client, or NULL
 */
void parent_client_destroy(struct parent_client *client)
{
	if (!client)
		return;
	close(client->socket);
	free(client);
}

/**
 * parent_client_socket - what to wait for
 * @client: the client
 *
 * Return: the socket to read from.
 */
int parent_client_socket(const struct parent_client *client)
{
	return client->socket;
}

static void take_message(struct parent_client *client,
			 const struct parent_message *message, int descriptor)
{
	switch (message->kind) {
	case PARENT_KEYS:
		if (descriptor >= 0)
			client->ops->keys(client->context, descriptor);
		return;
	case PARENT_LINE:
		client->ops->line(client->context, message->token,
				  message->sentence);
		break;
	case PARENT_DONE:
		client->ops->done(client->context, message->token, NULL);
		break;
	case PARENT_FAILED:
		client->ops->done(client->context, message->token,
				  error_refused(0, "%s", message->sentence));
		break;
	case PARENT_STATE:
	case PARENT_OPEN_KEYS:
	case PARENT_RUN:
		break;
	}
	if (descriptor >= 0)
		close(descriptor);
}

/**
 * parent_client_read - take what the parent has sent
 * @client: the client, whose socket is readable
 *
 * Return: NULL, or that there is no parent any more: the engine is to end.
 */
struct error *parent_client_read(struct parent_client *client)
{
	struct parent_message message;
	int i, descriptor;
	ssize_t length;

	for (i = 0; i < READ_MAX; i++) {
		length = parent_wire_receive(client->socket, client->received,
					     &descriptor);
		if (length < 0 && errno == EAGAIN)
			break;
		if (length <= 0)
			return error_refused(EPIPE, "the parent process has ended");
		if (parent_wire_decode(bytes_of(client->received,
						(size_t)length), &message))
			take_message(client, &message, descriptor);
		else if (descriptor >= 0)
			close(descriptor);
	}
	return NULL;
}

static struct error *send_message(struct parent_client *client,
				  const struct parent_message *message)
{
	struct bytes_writer writer;

	bytes_writer_init(&writer, client->sent, sizeof(client->sent));
	parent_wire_encode(&writer, message);
	if (writer.failed)
		return error_refused(EMSGSIZE, "the parent process cannot be told more than %d bytes at a time",
				     PARENT_WIRE_SIZE_MAX);
	if (!parent_wire_send(client->socket, bytes_written(&writer), -1,
			      true))
		return error_refused(errno, "the parent process does not listen: %s",
				     strerror(errno));
	return NULL;
}

/**
 * parent_client_state - tell how the engine is
 * @client: the client
 * @state: how it is
 */
void parent_client_state(struct parent_client *client, enum parent_state state)
{
	struct parent_message message = {
		.kind = PARENT_STATE, .state = state,
	};

	/* that the parent has ended shows when it is read from */
	error_free(send_message(client, &message));
}

/**
 * parent_client_open_keys - have a keys process started, in the place of one that
 *	there may be
 * @client: the client
 * @keys: which keys it is to open
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *parent_client_open_keys(struct parent_client *client,
				      const struct parent_keys *keys)
{
	struct parent_message message = {
		.kind = PARENT_OPEN_KEYS, .keys = *keys,
	};

	return send_message(client, &message);
}

/**
 * parent_client_run - have an updown command run
 * @client: the client
 * @token: what to call it
 * @updown: what to run and what to tell it
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *parent_client_run(struct parent_client *client, uint64_t token,
				const struct updown *updown)
{
	struct parent_message message = {
		.kind = PARENT_RUN, .token = token, .updown = *updown,
	};
	struct error *error = updown_check(updown);

	return error ? error : send_message(client, &message);
}
