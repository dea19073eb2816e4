// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client's end of the control socket. It waits as long as the daemon takes:
 * that an answer ends in time is the daemon's affair.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/client.h"

/**
 * struct inbox - lines that come from the daemon
 * @socket: where from
 * @data: bytes not taken yet, room for CTL_LINE_MAX
 * @begin: the first of them
 * @end: behind the last
 */
struct inbox {
	int socket;
	char *data;
	size_t begin;
	size_t end;
};

static struct error *cannot_connect(int number, const char *path)
{
	if (number == ENOENT)
		return error_refused(number, "Pluto is not running (no \"%s\"): start the IKE daemon with 'ipsec start'",
				     path);
	if (number == ECONNREFUSED)
		return error_refused(number, "Pluto is not running (nobody listens on \"%s\"): start the IKE daemon with 'ipsec start'",
				     path);
	if (number == EACCES || number == EPERM)
		return error_refused(number, "no permission for \"%s\": only root may talk to the IKE daemon",
				     path);
	return error_refused(number, "cannot reach the IKE daemon through \"%s\": %s",
			     path, strerror(number));
}

static struct error *connect_to(const char *path, int *result)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int number;

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
	    (int)sizeof(address.sun_path))
		return error_usage("the path of a socket has at most %zu bytes: %s",
				   sizeof(address.sun_path) - 1, path);
	*result = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*result < 0)
		return error_refused(errno, "cannot make a socket: %s",
				     strerror(errno));
	if (!connect(*result, (struct sockaddr *)&address, sizeof(address)))
		return NULL;
	number = errno;
	close(*result);
	return cannot_connect(number, path);
}

static struct error *send_line(int socket, const char *line)
{
	size_t left = strlen(line);

	while (left) {
		ssize_t sent = send(socket, line, left, MSG_NOSIGNAL);

		/* a daemon that refuses at once says why: that is read next */
		if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
			return NULL;
		if (sent < 0 && errno != EINTR)
			return error_refused(errno, "cannot send to the IKE daemon: %s",
					     strerror(errno));
		if (sent > 0) {
			line += sent;
			left -= (size_t)sent;
		}
	}
	return NULL;
}

static struct error *receive(struct inbox *inbox)
{
	ssize_t got;

	if (inbox->begin) {
		memmove(inbox->data, inbox->data + inbox->begin,
			inbox->end - inbox->begin);
		inbox->end -= inbox->begin;
		inbox->begin = 0;
	}
	if (inbox->end == CTL_LINE_MAX)
		return error_refused(0, "the IKE daemon sends a line that has no end");
	do {
		got = recv(inbox->socket, inbox->data + inbox->end,
			   CTL_LINE_MAX - inbox->end, 0);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return error_refused(got < 0 ? errno : EPIPE, "the IKE daemon ended in the middle of its answer; its log may tell why");
	inbox->end += (size_t)got;
	return NULL;
}

static struct error *next_reply(struct inbox *inbox, struct ctl_reply *reply)
{
	struct error *error;
	size_t seen = 0;

	for (;;) {
		char *line = inbox->data + inbox->begin;
		size_t length = inbox->end - inbox->begin;
		char *newline = memchr(line + seen, '\n', length - seen);

		if (newline) {
			inbox->begin += (size_t)(newline - line) + 1;
			return ctl_reply_decode(line, (size_t)(newline - line),
						reply);
		}
		seen = length;
		error = receive(inbox);
		if (error)
			return error;
	}
}

static struct error *hear(struct inbox *inbox,
			  const struct ctl_listener *listener, int *status)
{
	struct ctl_reply reply;
	struct error *error;

	for (;;) {
		error = next_reply(inbox, &reply);
		if (error)
			return error;
		if (reply.kind == CTL_REPLY_EXIT) {
			*status = reply.status;
			ctl_reply_free(&reply);
			return NULL;
		}
		error = listener->hear(listener->context, &reply);
		ctl_reply_free(&reply);
		if (error)
			return error;
	}
}

/**
 * ctl_ask - ask the daemon for something
 * @path: of the control socket
 * @request: what for
 * @listener: hears all of the answer but its last line
 * @status: set to the exit status that the daemon says
 *
 * Return: NULL, or why there is no whole answer.
 */
struct error *ctl_ask(const char *path, const struct ctl_request *request,
		      const struct ctl_listener *listener, int *status)
{
	struct inbox inbox = { 0 };
	struct error *error;
	char *line;

	error = ctl_request_encode(request, &line);
	if (error)
		return error;
	error = connect_to(path, &inbox.socket);
	if (error)
		goto free_line;
	inbox.data = malloc(CTL_LINE_MAX);
	error = inbox.data ? send_line(inbox.socket, line) : error_no_memory();
	if (!error)
		error = hear(&inbox, listener, status);
	free(inbox.data);
	close(inbox.socket);
free_line:
	free(line);
	return error;
}
