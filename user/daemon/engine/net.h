/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's UDP sockets: ports 500 and 4500, IPv4 and IPv6. On port 4500 ESP goes
 * to the module, and IKE has its marker (RFC 3948, 2.2) put and taken off here.
 */
#ifndef DAEMON_NET_H
#define DAEMON_NET_H

#include "ike/connection.h"
#include "lib/bytes.h"
#include "lib/error.h"

#define NET_IKE_PORT 500
#define NET_NAT_PORT 4500

struct event_base;
struct net;

/**
 * struct net_error - a packet of ours did not arrive, says somebody on the way
 * @path: where it went
 * @number: errno
 * @offender: who says so; length 0 if it is this host
 * @type: of ICMP
 * @code: of ICMP
 */
struct net_error {
	struct ike_path path;
	int number;
	struct address offender;
	uint8_t type;
	uint8_t code;
};

/**
 * struct net_config - what is to be opened
 * @listen: only on this address; length 0 = on all
 * @errors: have errors told
 * @buffer: bytes of the sockets' buffers, 0 leaves them as they are
 * @receive: a datagram has come, without its marker
 * @error: a datagram did not arrive
 * @settled: all that had come was given to @receive
 * @context: for the functions
 */
struct net_config {
	struct address listen;
	bool errors;
	uint32_t buffer;
	void (*receive)(void *context, const struct ike_path *path,
			struct bytes datagram);
	void (*error)(void *context, const struct net_error *error);
	void (*settled)(void *context);
	void *context;
};

/**
 * struct net_counters - what happened to datagrams
 * @received: came
 * @sent: went
 * @send_failed: could not be sent
 * @keepalives: of one byte, from NATs' clients
 * @no_marker: came on port 4500 and are neither ESP nor IKE
 * @errors: somebody said that one did not arrive
 */
struct net_counters {
	uint64_t received;
	uint64_t sent;
	uint64_t send_failed;
	uint64_t keepalives;
	uint64_t no_marker;
	uint64_t errors;
};

ERROR_MUST_CHECK
struct error *net_open(struct event_base *base, const struct net_config *config,
		       struct net **net);
void net_close(struct net *net);

void net_send(struct net *net, const struct ike_path *path,
	      struct bytes datagram);
const struct net_counters *net_counters(const struct net *net);

#endif /* DAEMON_NET_H */
