// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carries messages over a generic netlink socket of the kernel.
 */
#include <errno.h>
#include <string.h>

#include "kernel/genl.h"

/* What the kernel takes into account besides the message itself */
#define SEND_EXTRA 4096

/* Each message must have room in the socket; what fits is up to the kernel. */
static void make_room(int descriptor, size_t length)
{
	int size = (int)(length + SEND_EXTRA), now = 0;
	socklen_t room = sizeof(now);

	if (!getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &now, &room) &&
	    now >= size)
		return;
	if (setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size,
		       sizeof(size)))
		setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size,
			   sizeof(size));
}

static struct error *send_message(void *context, const void *message,
				  size_t length)
{
	make_room(mnl_socket_get_fd(context), length);
	if (mnl_socket_sendto(context, message, length) >= 0)
		return NULL;
	if (errno == EMSGSIZE)
		return error_refused(errno,
				     "%zu bytes are more than this user may send to the kernel at once: ask for less, or raise net.core.wmem_max",
				     length);
	return error_refused(errno, "cannot ask the kernel: %s",
			     strerror(errno));
}

static struct error *receive_messages(void *context, void *buffer,
				      size_t size, size_t *length)
{
	ssize_t received;

	do {
		received = mnl_socket_recvfrom(context, buffer, size);
	} while (received < 0 && errno == EINTR);
	if (received < 0)
		return error_refused(errno,
				     "cannot read the kernel's answer: %s",
				     strerror(errno));
	*length = (size_t)received;
	return NULL;
}

/* Notifications come in bursts, and those that find no room are lost. */
#define EVENTS_BUFFER (1 << 20)

static struct error *join_group(void *context, uint32_t group)
{
	int number = (int)group, size = EVENTS_BUFFER;

	setsockopt(mnl_socket_get_fd(context), SOL_SOCKET, SO_RCVBUFFORCE,
		   &size, sizeof(size));
	if (mnl_socket_setsockopt(context, NETLINK_ADD_MEMBERSHIP, &number,
				  sizeof(number))) {
		if (errno == EPERM)
			return error_refused(errno,
					     "only root may do this (it takes the capability CAP_NET_ADMIN)");
		return error_refused(errno,
				     "cannot have notifications sent: %s",
				     strerror(errno));
	}
	return NULL;
}

static int socket_descriptor(void *context)
{
	return mnl_socket_get_fd(context);
}

static void close_socket(void *context)
{
	mnl_socket_close(context);
}

/**
 * genl_socket_open - open a socket of generic netlink
 * @transport: filled in; to be closed by its function close
 *
 * Return: NULL, or why there is none.
 */
struct error *genl_socket_open(struct genl_transport *transport)
{
	struct mnl_socket *socket;
	int on = 1;

	socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!socket)
		return error_refused(errno,
				     "cannot open a netlink socket: %s",
				     strerror(errno));
	/* Sentences and strict checks: every kernel we run on has them. */
	if (mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &on,
				  sizeof(on)) ||
	    mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		struct error *error;

		error = error_refused(errno,
				      "cannot set up a netlink socket: %s",
				      strerror(errno));
		mnl_socket_close(socket);
		return error;
	}
	transport->send = send_message;
	transport->receive = receive_messages;
	transport->join = join_group;
	transport->descriptor = socket_descriptor;
	transport->close = close_socket;
	transport->context = socket;
	return NULL;
}
