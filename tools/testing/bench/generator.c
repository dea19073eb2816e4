// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic of which nothing is lost and whose time is known to the nanosecond.
 *
 * datagrams: sends UDP from one network namespace to another and receives it there. A
 * window of datagrams is sent, and the next one only when all have arrived, so that
 * no queue between the two ever overflows. One thread does both, so the time that
 * passes is what the datagrams cost. Prints how many arrived in how many nanoseconds.
 *
 * echoes: asks another host for ICMP echoes, one at a time. Prints the nanoseconds
 * that each took. The namespace's ping_group_range must allow it.
 *
 * What is printed is JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	PORT = 7000,
	LONGEST = 65507,
	MOST_ECHOES = 100000,
	WARM_UP = 256,		/* datagrams before time counts */
	ROOM = 4 << 20,		/* bytes of the receiver's queue */
	PATIENCE = 60,		/* seconds; what comes later is lost */
};

/* What the command line says of datagrams. */
struct datagrams {
	const char *from;		/* file of the sender's namespace */
	const char *to;			/* file of the receiver's */
	struct sockaddr_in address;	/* the receiver's */
	size_t size;			/* bytes of payload */
	unsigned int window;		/* on their way at once */
	uint64_t time;			/* nanoseconds to measure */
};

static void die(const char *what)
{
	fprintf(stderr, "generator: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void refuse(const char *why)
{
	fprintf(stderr, "generator: %s\nUsage:\n"
		"  generator datagrams FROM TO ADDRESS BYTES WINDOW NANOSECONDS\n"
		"  generator echoes FROM ADDRESS COUNT NANOSECONDS-BETWEEN\n", why);
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

static struct sockaddr_in address_of(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
		refuse("the address is not one of IPv4");
	address.sin_port = htons(PORT);
	return address;
}

static uint64_t now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time))
		die("clock_gettime");
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* A socket of the namespace whose file this is; it doesn't wait forever. */
static int socket_in(const char *namespace, int protocol)
{
	struct timeval patience = { .tv_sec = PATIENCE };
	int file = open(namespace, O_RDONLY | O_CLOEXEC), sock;

	if (file < 0 || setns(file, CLONE_NEWNET))
		die(namespace);
	close(file);
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
	if (sock < 0)
		die("socket");
	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		die("SO_RCVTIMEO");
	return sock;
}

static void connect_to(int sock, const struct sockaddr_in *address)
{
	if (connect(sock, (const struct sockaddr *)address, sizeof(*address)))
		die("connect");
}

/* A socket for what arrives, with room for a window. */
static int open_receiver(const struct datagrams *options)
{
	int sock = socket_in(options->to, 0), room = ROOM;

	if (setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		die("SO_RCVBUFFORCE");
	if (bind(sock, (const struct sockaddr *)&options->address,
		 sizeof(options->address)))
		die("bind");
	return sock;
}

/* Sends one window from datagram number first on, and receives it. */
static void exchange(int sender, int receiver, const struct datagrams *options,
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

static int run_datagrams(char **words)
{
	struct datagrams options = {
		.from = words[0],
		.to = words[1],
		.address = address_of(words[2]),
		.size = (size_t)number(words[3], sizeof(uint64_t), LONGEST),
		.window = (unsigned int)number(words[4], 1, 4096),
		.time = number(words[5], 1, UINT64_MAX),
	};
	int receiver = open_receiver(&options);
	int sender = socket_in(options.from, 0);
	uint64_t sent, first, start, passed;

	connect_to(sender, &options.address);
	/* Routes, neighbours and caches are found before time counts. */
	for (first = 0; first < WARM_UP; first += options.window)
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

/* One echo, as long as ping's; the nanoseconds it took. */
static uint64_t echo(int sock, uint16_t sequence)
{
	char message[sizeof(struct icmphdr) + 56] = { 0 }, reply[2048];
	struct icmphdr header = { .type = ICMP_ECHO };
	uint64_t start = now();
	ssize_t length;

	header.un.echo.sequence = htons(sequence);
	memcpy(message, &header, sizeof(header));
	if (send(sock, message, sizeof(message), 0) < 0)
		die("send");
	do {
		length = recv(sock, reply, sizeof(reply), 0);
		if (length < (ssize_t)sizeof(header))
			die("an echo is lost");
		memcpy(&header, reply, sizeof(header));
	} while (ntohs(header.un.echo.sequence) != sequence);
	return now() - start;
}

static int run_echoes(char **words)
{
	int sock = socket_in(words[0], IPPROTO_ICMP);
	struct sockaddr_in address = address_of(words[1]);
	uint64_t i, count = number(words[2], 1, MOST_ECHOES);
	uint64_t between = number(words[3], 0, 1000000000 - 1);
	struct timespec pause = { .tv_nsec = (long)between };

	connect_to(sock, &address);
	echo(sock, 0);
	for (i = 1; i <= count; i++) {
		nanosleep(&pause, NULL);
		printf("%s%" PRIu64, i == 1 ? "[" : ", ", echo(sock, (uint16_t)i));
	}
	puts("]");
	return 0;
}

int main(int count, char **words)
{
	if (count == 8 && !strcmp(words[1], "datagrams"))
		return run_datagrams(words + 2);
	if (count == 6 && !strcmp(words[1], "echoes"))
		return run_echoes(words + 2);
	refuse("these arguments make no traffic");
	return 2;
}
