// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The notification protocol of sd_notify(3): a datagram of lines NAME=VALUE to
 * the socket that the environment names.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/parent/notify.h"

/**
 * notify_manager - tell the service manager something
 * @text: lines as sd_notify(3) describes them
 *
 * Nobody is told if nobody listens.
 */
void notify_manager(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length;
	int descriptor;

	if (!path || (*path != '/' && *path != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			     strlen(path));
	/* an abstract name begins with 0 */
	if (*path == '@')
		address.sun_path[0] = '\0';
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return;
	(void)sendto(descriptor, text, strlen(text), MSG_NOSIGNAL,
		     (struct sockaddr *)&address, length);
	close(descriptor);
}
