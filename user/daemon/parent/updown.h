/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The updown command: what administrators hang into the coming and going of a
 * connection. It is told everything by its environment, whose names are
 * Libreswan's. Pure: what it is told is checked and written here, the command is
 * run elsewhere.
 */
#ifndef DAEMON_UPDOWN_H
#define DAEMON_UPDOWN_H

#include <stdbool.h>

#include "lib/address.h"
#include "lib/bytes.h"

/* What is run if the configuration names no command */
#define UPDOWN_DEFAULT_COMMAND "ipsec _updown"

/* Longest of all texts, and of a command, the 0 at the end included */
#define UPDOWN_TEXT_MAX 1024

/* Enough for an updown on the wire: a dozen texts that may all be long */
#define UPDOWN_WIRE_SIZE_MAX 16384

#define UPDOWN_WORDS_MAX 64
#define UPDOWN_VARIABLES_MAX 64
#define UPDOWN_ENVIRONMENT_SIZE 16384

/**
 * enum updown_verb - what happens to a connection
 * @UPDOWN_PREPARE: it is about to be routed
 * @UPDOWN_ROUTE: packets for the peer's side are to find their way
 * @UPDOWN_UP: it is up
 * @UPDOWN_DOWN: it is down
 * @UPDOWN_UNROUTE: the way is to go
 */
enum updown_verb {
	UPDOWN_PREPARE,
	UPDOWN_ROUTE,
	UPDOWN_UP,
	UPDOWN_DOWN,
	UPDOWN_UNROUTE,
};

/**
 * struct updown - what a command is told
 * @verb: enum updown_verb
 * @command: the command, as leftupdown= has it; "" or NULL for the usual one
 * @connection: name of the connection
 * @type: "tunnel" or "transport"
 * @policy: what was agreed on, in words as Libreswan has them
 * @interface: device that packets for the peer leave by
 * @virt_interface: device of the connection; the same as @interface if it has none
 * @device: it has a device of its own, which packets are to be routed into
 * @next_hop: router on the way to the peer; the peer if there is none
 * @me: our address
 * @peer: the peer's
 * @my_id: our identity
 * @peer_id: the peer's
 * @peer_ca: name of the authority that signed its certificate
 * @my_client: what is behind us
 * @peer_client: what is behind the peer
 * @my_sourceip: address to use from here, length 0 for none
 * @my_port: port of our side, 0 for all
 * @peer_port: port of the peer's side
 * @my_protocol: protocol, 0 for all
 * @peer_protocol: likewise
 * @reqid: number of the connection for netfilter
 * @spi_in: of the inbound SA, 0 for none
 * @spi_out: of the outbound SA
 * @in_bytes: bytes that came
 * @out_bytes: bytes that went
 * @add_time: when its SA was made: seconds since 1970
 * @mtu: of routes, 0 for none
 * @metric: of routes, 0 for none
 * @instance: it stands for one of many peers
 */
struct updown {
	uint8_t verb;
	const char *command;
	const char *connection;
	const char *type;
	const char *policy;
	const char *interface;
	const char *virt_interface;
	uint8_t device;
	struct address next_hop;
	struct address me;
	struct address peer;
	const char *my_id;
	const char *peer_id;
	const char *peer_ca;
	struct prefix my_client;
	struct prefix peer_client;
	struct address my_sourceip;
	uint16_t my_port;
	uint16_t peer_port;
	uint8_t my_protocol;
	uint8_t peer_protocol;
	uint32_t reqid;
	uint32_t spi_in;
	uint32_t spi_out;
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t add_time;
	uint32_t mtu;
	uint32_t metric;
	uint8_t instance;
};

/**
 * struct updown_environment - the environment of a command
 * @variables: NAME=VALUE, ends with NULL
 * @count: how many
 * @used: bytes of @text
 * @text: where they are
 */
struct updown_environment {
	char *variables[UPDOWN_VARIABLES_MAX + 1];
	size_t count;
	size_t used;
	char text[UPDOWN_ENVIRONMENT_SIZE];
};

/**
 * struct updown_command - a command line, apart
 * @words: its words, ends with NULL
 * @count: how many
 * @text: where they are
 */
struct updown_command {
	char *words[UPDOWN_WORDS_MAX + 1];
	size_t count;
	char text[UPDOWN_TEXT_MAX];
};

const char *updown_verb_text(const struct updown *updown, char text[32]);

ERROR_MUST_CHECK
struct error *updown_check(const struct updown *updown);
void updown_encode(struct bytes_writer *writer, const struct updown *updown);
bool updown_decode(struct bytes_reader *reader, struct updown *updown);

ERROR_MUST_CHECK
struct error *updown_split(const char *text, struct updown_command *command);
ERROR_MUST_CHECK
struct error *updown_write_environment(const struct updown *updown,
				       struct updown_environment *environment);

#endif /* DAEMON_UPDOWN_H */
