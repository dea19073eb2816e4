// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends UDP datagrams from one network namespace to another and receives each of
 * them there: a window of them is sent, and the next one only when all have
 * arrived, so that no queue between the two ever overflows. One thread does both, so
 * the time that passes is what the datagrams cost. Prints, as JSON, how many
 * arrived in how many nanoseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 7000, LONGEST = 65507, ROOM = 4 << 20, PATIENCE = 10 };

/* What the command line says. */
struct options {
	const char *from;		/* file of the sender's namespace */
	const char *to;			/* file of the receiver's */
	struct sockaddr_in address;	/* the receiver's */
	size_t size;			/* bytes of a datagram's payload */
	unsigned int window;		/* datagrams on the way at once */
	uint64_t time;			/* nanoseconds to measure */
};

static void die(const char *what)
{
	fprintf(stderr, "datagrams: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void refuse(const char *why)
{
	fprintf(stderr, "datagrams: %s\n"
		"Usage: datagrams FROM TO ADDRESS BYTES WINDOW NANOSECONDS\n", why);
	exit(2);
}

static uint64_t number(const char *text, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || value < least || value > most)
		refuse("a number is out of its range");
	return value;
}

static struct options read_options(int count, char **words)
{
	struct options options = { 0 };

	if (count != 7)
		refuse("takes six arguments");
	options.from = words[1];
	options.to = words[2];
	options.address.sin_family = AF_INET;
	options.address.sin_port = htons(PORT);
	if (inet_pton(AF_INET, words[3], &options.address.sin_addr) != 1)
		refuse("the address is not one of IPv4");
	options.size = (size_t)number(words[4], sizeof(uint64_t), LONGEST);
	options.window = (unsigned int)number(words[5], 1, 4096);
	options.time = number(words[6], 1, UINT64_MAX);
	return options;
}

static uint64_t now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time))
		die("clock_gettime");
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* A UDP socket of the namespace whose file this is. */
static int socket_in(const char *namespace)
{
	int file = open(namespace, O_RDONLY | O_CLOEXEC), sock;

	if (file < 0 || setns(file, CLONE_NEWNET))
		die(namespace);
	close(file);
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		die("socket");
	return sock;
}

static int open_sender(const struct options *options)
{
	int sock = socket_in(options->from);

	if (connect(sock, (const struct sockaddr *)&options->address,
		    sizeof(options->address)))
		die("connect");
	return sock;
}

/* It has room for a window, and doesn't wait forever for what was lost. */
static int open_receiver(const struct options *options)
{
	int sock = socket_in(options->to), room = ROOM;
	struct timeval patience = { .tv_sec = PATIENCE };

	if (setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		die("setsockopt");
	if (bind(sock, (const struct sockaddr *)&options->address,
		 sizeof(options->address)))
		die("bind");
	return sock;
}

/* Sends one window from datagram number first on, and receives it. */
static void exchange(int sender, int receiver, const struct options *options,
		     uint64_t first)
{
	static char out[LONGEST], in[LONGEST];
	uint64_t i, sum = 0, got;
	ssize_t length;

	for (i = first; i < first + options->window; i++) {
		memcpy(out, &i, sizeof(i));
		if (send(sender, out, options->size, 0) < 0)
			die("send");
		sum += i;
	}
	for (i = 0; i < options->window; i++) {
		length = recv(receiver, in, sizeof(in), 0);
		if (length < 0)
			die("a datagram is lost");
		if ((size_t)length != options->size) {
			errno = EMSGSIZE;
			die("a datagram that was not sent");
		}
		memcpy(&got, in, sizeof(got));
		sum -= got;
	}
	if (sum) {
		errno = EPROTO;
		die("other datagrams came than were sent");
	}
}

int main(int count, char **words)
{
	struct options options = read_options(count, words);
	int receiver = open_receiver(&options);
	int sender = open_sender(&options);
	uint64_t sent, first = 0, start, passed;

	/* Routes, neighbours and caches are found before time counts. */
	for (sent = 0; sent < 256; sent += options.window, first = sent)
		exchange(sender, receiver, &options, first);
	start = now();
	sent = 0;
	do {
		exchange(sender, receiver, &options, first + sent);
		sent += options.window;
		passed = now() - start;
	} while (passed < options.time);
	printf("{\"delivered\": %" PRIu64 ", \"nanoseconds\": %" PRIu64 "}\n",
	       sent, passed);
	return 0;
}
