// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket's server. Each client sends one line and hears an answer.
 * None can stop the daemon: whoever says nothing, or does not listen, is sent
 * away after a while, and there is an end to how many there are and to what
 * waits for each.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "daemon/control/control.h"
#include "daemon/engine/daemon.h"
#include "daemon/log.h"
#include "daemon/control/request.h"

#define CLIENTS_MAX 64
#define BACKLOG 16

/* Seconds for a client to say what it wants, and to take what it is told */
#define READ_SECONDS 10
#define WRITE_SECONDS 30

/* What may wait for a client that does not read: far more than lines of a log */
#define WAITING_MAX (256u << 20)

/**
 * struct control - the server
 * @daemon: whose
 * @listener: of its socket
 * @path: of its socket
 * @clients: those who are there
 * @count: how many
 */
struct control {
	struct daemon *daemon;
	struct evconnlistener *listener;
	char *path;
	struct list clients;
	size_t count;
};

/**
 * struct client - somebody who asks
 * @control: the server
 * @link: among its clients
 * @stream: the connection
 * @request: what is being done for it, NULL before that and afterwards
 * @finished: all has been said, the connection ends when it is sent
 */
struct client {
	struct control *control;
	struct list link;
	struct bufferevent *stream;
	struct request *request;
	bool finished;
};

static void client_free(struct client *client)
{
	list_remove(&client->link);
	client->control->count--;
	request_free(client->request);
	bufferevent_free(client->stream);
	free(client);
}

/* Called in the middle of what others do: the client must stay. */
static void put(void *context, char *line)
{
	struct client *client = context;
	struct evbuffer *output = bufferevent_get_output(client->stream);

	if (line && evbuffer_get_length(output) < WAITING_MAX)
		evbuffer_add(output, line, strlen(line));
	free(line);
}

static void end(void *context, int status)
{
	struct client *client = context;

	put(client, ctl_reply_encode_exit(status));
	client->finished = true;
}

static const struct request_sink sink = { .put = put, .end = end };

static void refuse(struct client *client, struct error *error)
{
	put(client, ctl_reply_encode_line(DAEMON_INTERNAL, error->sentence));
	error_free(error);
	end(client, 1);
}

/* A client is to say one line; whatever follows it is not looked at. */
static void serve(struct client *client, const char *line, size_t length)
{
	struct error *error;

	bufferevent_disable(client->stream, EV_READ);
	bufferevent_set_timeouts(client->stream, NULL,
				 &(struct timeval){ .tv_sec = WRITE_SECONDS });
	error = request_begin(client->control->daemon, line, length, &sink,
			      client, &client->request);
	if (error)
		refuse(client, error);
	/* from now on only its end is of interest */
	else if (!client->finished)
		bufferevent_enable(client->stream, EV_READ);
}

static void on_read(struct bufferevent *stream, void *context)
{
	struct evbuffer *input = bufferevent_get_input(stream);
	struct client *client = context;
	struct evbuffer_ptr newline;
	size_t length;

	if (client->request || client->finished) {
		evbuffer_drain(input, evbuffer_get_length(input));
		return;
	}
	length = evbuffer_get_length(input);
	newline = evbuffer_search(input, "\n", 1, NULL);
	if (newline.pos >= 0 && newline.pos < CTL_LINE_MAX)
		serve(client,
		      (const char *)evbuffer_pullup(input, newline.pos + 1),
		      (size_t)newline.pos);
	else if (length >= CTL_LINE_MAX)
		refuse(client, error_usage("a request has at most %u bytes",
					   CTL_LINE_MAX));
}

static void on_written(struct bufferevent *stream, void *context)
{
	struct client *client = context;

	(void)stream;
	if (client->finished)
		client_free(client);
}

/* It went away, said nothing in time, or did not listen. */
static void on_event(struct bufferevent *stream, short what, void *context)
{
	struct client *client = context;

	/* who has said all it wants to may close that half of the connection */
	if (what & BEV_EVENT_EOF && (client->request || client->finished))
		bufferevent_disable(stream, EV_READ);
	else
		client_free(client);
}

static bool is_root(int socket)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return !getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) &&
	       !peer.uid;
}

static struct client *client_new(struct control *control, int socket)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->stream = bufferevent_socket_new(daemon_base(control->daemon),
						socket, BEV_OPT_CLOSE_ON_FREE);
	if (!client->stream) {
		free(client);
		return NULL;
	}
	client->control = control;
	list_append(&control->clients, &client->link);
	control->count++;
	return client;
}

static void on_client(struct evconnlistener *listener, int socket,
		      struct sockaddr *address, int length, void *context)
{
	struct control *control = context;
	struct client *client;

	(void)listener;
	(void)address;
	(void)length;
	/* a stranger is not even told why */
	client = is_root(socket) ? client_new(control, socket) : NULL;
	if (!client) {
		close(socket);
		return;
	}
	bufferevent_setcb(client->stream, on_read, on_written, on_event,
			  client);
	bufferevent_setwatermark(client->stream, EV_READ, 0, CTL_LINE_MAX);
	bufferevent_set_timeouts(client->stream,
				 &(struct timeval){ .tv_sec = READ_SECONDS },
				 &(struct timeval){ .tv_sec = WRITE_SECONDS });
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	if (control->count > CLIENTS_MAX)
		refuse(client, error_refused(EAGAIN, "%u programs are asking at the same time: try again later",
					     CLIENTS_MAX));
}

/* ----- the socket -------------------------------------------------------- */

/* Does somebody answer at @address? Else the file is what a killed daemon left. */
static bool is_taken(const struct sockaddr_un *address)
{
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool taken = probe >= 0 &&
		     !connect(probe, (const struct sockaddr *)address,
			      sizeof(*address));

	if (probe >= 0)
		close(probe);
	return taken;
}

static struct error *bind_to(int socket, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t before;
	int failed;

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
	    (int)sizeof(address.sun_path))
		return error_usage("the path of the control socket has at most %zu bytes: %s",
				   sizeof(address.sun_path) - 1, path);
	if (is_taken(&address))
		return error_refused(EADDRINUSE, "the IKE daemon is running already: somebody answers at %s",
				     path);
	unlink(path);
	before = umask(0177);
	failed = bind(socket, (struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (failed || listen(socket, BACKLOG))
		return error_refused(errno, "cannot listen on %s: %s", path,
				     strerror(errno));
	return NULL;
}

static struct error *open_socket(const char *path, int *result)
{
	struct error *error;

	*result = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			 0);
	if (*result < 0)
		return error_refused(errno, "cannot make a socket: %s",
				     strerror(errno));
	error = bind_to(*result, path);
	if (error)
		close(*result);
	return error;
}

/**
 * control_create - listen on the control socket
 * @daemon: what is asked
 * @path: of the socket
 * @control: set to the server, to be freed with control_destroy()
 *
 * Return: NULL, or why it cannot listen.
 */
struct error *control_create(struct daemon *daemon, const char *path,
			     struct control **control)
{
	struct control *new = calloc(1, sizeof(*new));
	struct error *error;
	int socket;

	if (!new)
		return error_no_memory();
	error = open_socket(path, &socket);
	if (error)
		goto free;
	new->daemon = daemon;
	list_init(&new->clients);
	new->path = strdup(path);
	new->listener = evconnlistener_new(daemon_base(daemon), on_client, new,
					   LEV_OPT_CLOSE_ON_FREE |
					   LEV_OPT_CLOSE_ON_EXEC, 0, socket);
	if (new->path && new->listener) {
		*control = new;
		return NULL;
	}
	error = error_no_memory();
	if (new->listener)
		evconnlistener_free(new->listener);
	else
		close(socket);
free:
	free(new->path);
	free(new);
	return error;
}

/* Who waits for something else hears that it will never be. */
static void interrupt(struct client *client)
{
	if (client->request && request_ends_daemon(client->request))
		return;
	if (!client->finished) {
		put(client, ctl_reply_encode_line(DAEMON_FATAL,
						  "the IKE daemon ends"));
		end(client, DAEMON_FATAL);
	}
}

/**
 * control_retire - stop listening; the daemon is about to end
 * @control: the server, or NULL
 *
 * Whoever asked for that waits until control_destroy().
 */
void control_retire(struct control *control)
{
	struct list *link, *next;

	if (!control)
		return;
	evconnlistener_free(control->listener);
	control->listener = NULL;
	unlink(control->path);
	list_for_each(link, next, &control->clients) {
		struct client *client = list_entry(link, struct client, link);

		interrupt(client);
		request_free(client->request);
		client->request = NULL;
	}
}

/* What was said last is not to get lost, and the event loop runs no more. */
static void flush(struct client *client)
{
	struct evbuffer *output = bufferevent_get_output(client->stream);

	if (!client->finished)
		end(client, 0);
	/* a buffer belongs to its stream until that is done with it */
	evbuffer_unfreeze(output, 1);
	evbuffer_write(output, bufferevent_getfd(client->stream));
}

/**
 * control_destroy - send all clients away; the daemon has ended
 * @control: the server, or NULL
 */
void control_destroy(struct control *control)
{
	struct list *link, *next;

	if (!control)
		return;
	if (control->listener)
		control_retire(control);
	list_for_each(link, next, &control->clients) {
		struct client *client = list_entry(link, struct client, link);

		flush(client);
		client_free(client);
	}
	free(control->path);
	free(control);
}
