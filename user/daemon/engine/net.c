// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends and receives datagrams. One socket for each port and family takes what
 * comes for any address of this host, and is told which: addresses may come and go.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <linux/errqueue.h>
#include <linux/netlink.h>
#include <linux/udp.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/engine/net.h"
#include "lib/array.h"

#define MARKER_SIZE 4
#define DATAGRAM_SIZE 65535
/* Datagrams that are received at once */
#define BATCH 16
/* Batches in a row, so that timers have their turn as well */
#define BATCHES 16

#ifndef IP_XFRM_POLICY
#define IP_XFRM_POLICY 17
#endif
#ifndef IPV6_XFRM_POLICY
#define IPV6_XFRM_POLICY 35
#endif

/**
 * union endpoint - an address and a port as sockets have them
 * @any: whichever
 * @four: of IPv4
 * @six: of IPv6
 */
union endpoint {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* Room for what comes beside a datagram */
#define CONTROL_SIZE 256

/**
 * struct slot - room for one datagram
 * @remote: who sent it
 * @vector: points at @data
 * @control: which address it was for
 * @data: the datagram
 */
struct slot {
	union endpoint remote;
	struct iovec vector;
	union {
		struct cmsghdr header;
		char bytes[CONTROL_SIZE];
	} control;
	uint8_t data[DATAGRAM_SIZE];
};

/**
 * struct port - a socket
 * @net: all of them
 * @event: something to read
 * @number: of the port
 * @family: AF_INET or AF_INET6
 * @descriptor: -1 if it isn't open
 */
struct port {
	struct net *net;
	struct event *event;
	uint16_t number;
	int family;
	int descriptor;
};

/**
 * struct net - all sockets
 * @config: as it was asked for
 * @counters: what happened
 * @ports: the sockets
 * @messages: for recvmmsg(), each with a slot
 * @slots: room for what comes
 */
struct net {
	struct net_config config;
	struct net_counters counters;
	struct port ports[4];
	struct mmsghdr messages[BATCH];
	struct slot slots[BATCH];
};

static bool is_marked(uint16_t port)
{
	return port != NET_IKE_PORT;
}

static struct error *cannot(const struct port *port, const char *what)
{
	return error_refused(errno, "cannot %s UDP port %u of %s: %s", what,
			     port->number,
			     port->family == AF_INET ? "IPv4" : "IPv6",
			     strerror(errno));
}

static struct error *is_taken(const struct port *port)
{
	return error_refused(EADDRINUSE, "UDP port %u is in use, maybe by another IKE daemon: stop it first ('ss -lunp sport = :%u' names it)",
			     port->number, port->number);
}

static bool set_option(const struct port *port, int level, int name, int value)
{
	return !setsockopt(port->descriptor, level, name, &value,
			   sizeof(value));
}

/*
 * The kernel understands policies of sockets only with its module xfrm_user, which
 * it loads for whoever opens such a socket.
 */
static void load_xfrm(void)
{
	int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				NETLINK_XFRM);

	if (descriptor >= 0)
		close(descriptor);
}

/* IKE goes in the clear whatever the policies say, XFRM's and ours alike. */
static bool bypass_policies(const struct port *port)
{
	struct xfrm_userpolicy_info policy = {
		.action = XFRM_POLICY_ALLOW,
		.sel.family = (uint16_t)port->family,
	};
	bool four = port->family == AF_INET;
	int level = four ? IPPROTO_IP : IPPROTO_IPV6;
	int name = four ? IP_XFRM_POLICY : IPV6_XFRM_POLICY;
	uint8_t direction;

	for (direction = XFRM_POLICY_IN; direction <= XFRM_POLICY_OUT;
	     direction++) {
		policy.dir = direction;
		if (setsockopt(port->descriptor, level, name, &policy,
			       sizeof(policy)))
			return false;
	}
	return true;
}

static bool set_options(const struct port *port, const struct net_config *config)
{
	bool four = port->family == AF_INET;
	int level = four ? IPPROTO_IP : IPPROTO_IPV6;

	if (config->buffer) {
		/* no harm if it can't be */
		set_option(port, SOL_SOCKET, SO_RCVBUFFORCE,
			   (int)config->buffer);
		set_option(port, SOL_SOCKET, SO_SNDBUFFORCE,
			   (int)config->buffer);
	}
	return (four || set_option(port, level, IPV6_V6ONLY, 1)) &&
	       set_option(port, level, four ? IP_PKTINFO : IPV6_RECVPKTINFO,
			  1) &&
	       set_option(port, level, four ? IP_MTU_DISCOVER :
					      IPV6_MTU_DISCOVER,
			  four ? IP_PMTUDISC_DONT : IPV6_PMTUDISC_DONT) &&
	       (!config->errors ||
		set_option(port, level, four ? IP_RECVERR : IPV6_RECVERR, 1));
}

static socklen_t set_endpoint(union endpoint *endpoint,
			      const struct address *address, uint16_t port)
{
	memset(endpoint, 0, sizeof(*endpoint));
	if (address->length == 4) {
		endpoint->four.sin_family = AF_INET;
		endpoint->four.sin_port = htons(port);
		memcpy(&endpoint->four.sin_addr, address->bytes, 4);
		return sizeof(endpoint->four);
	}
	endpoint->six.sin6_family = AF_INET6;
	endpoint->six.sin6_port = htons(port);
	memcpy(&endpoint->six.sin6_addr, address->bytes, 16);
	return sizeof(endpoint->six);
}

static void get_endpoint(const union endpoint *endpoint,
			 struct ike_endpoint *result)
{
	if (endpoint->any.sa_family == AF_INET) {
		address_set(&result->address, &endpoint->four.sin_addr, 4);
		result->port = ntohs(endpoint->four.sin_port);
	} else {
		address_set(&result->address, &endpoint->six.sin6_addr, 16);
		result->port = ntohs(endpoint->six.sin6_port);
	}
}

/* Which of our addresses a datagram was for, or was sent from */
static bool get_local(struct msghdr *message, struct address *address)
{
	struct cmsghdr *control;

	for (control = CMSG_FIRSTHDR(message); control;
	     control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level == IPPROTO_IP &&
		    control->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(control), sizeof(info));
			return address_set(address, &info.ipi_addr, 4);
		}
		if (control->cmsg_level == IPPROTO_IPV6 &&
		    control->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(control), sizeof(info));
			return address_set(address, &info.ipi6_addr, 16);
		}
	}
	return false;
}

static void take_datagram(struct port *port, struct mmsghdr *message)
{
	struct net *net = port->net;
	const struct slot *slot = &net->slots[message - net->messages];
	size_t length = message->msg_len;
	struct ike_path path = { .local.port = port->number };
	const uint8_t *data = slot->data;

	net->counters.received++;
	if (message->msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    !get_local(&message->msg_hdr, &path.local.address))
		return;
	get_endpoint(&slot->remote, &path.remote);
	if (is_marked(port->number)) {
		static const uint8_t marker[MARKER_SIZE];

		if (length == 1 && data[0] == 0xff) {
			net->counters.keepalives++;
			return;
		}
		if (length < MARKER_SIZE ||
		    memcmp(data, marker, MARKER_SIZE) != 0) {
			net->counters.no_marker++;
			return;
		}
		data += MARKER_SIZE;
		length -= MARKER_SIZE;
	}
	net->config.receive(net->config.context, &path,
			    bytes_of(data, length));
}

static void reset_slots(struct net *net)
{
	size_t i;

	for (i = 0; i < BATCH; i++) {
		struct msghdr *header = &net->messages[i].msg_hdr;
		struct slot *slot = &net->slots[i];

		slot->vector.iov_base = slot->data;
		slot->vector.iov_len = sizeof(slot->data);
		header->msg_name = &slot->remote;
		header->msg_namelen = sizeof(slot->remote);
		header->msg_iov = &slot->vector;
		header->msg_iovlen = 1;
		header->msg_control = &slot->control;
		header->msg_controllen = sizeof(slot->control);
		header->msg_flags = 0;
	}
}

/* What stands in the error queue beside the datagram that had gone */
static void take_error_control(const struct cmsghdr *control,
			       struct net_error *error)
{
	struct sock_extended_err about;
	union endpoint offender;
	struct ike_endpoint endpoint = {};
	size_t size = control->cmsg_len - CMSG_LEN(0);

	memcpy(&about, CMSG_DATA(control), sizeof(about));
	error->number = (int)about.ee_errno;
	if (about.ee_origin != SO_EE_ORIGIN_ICMP &&
	    about.ee_origin != SO_EE_ORIGIN_ICMP6)
		return;
	error->type = about.ee_type;
	error->code = about.ee_code;
	size -= sizeof(about);
	if (size > sizeof(offender))
		size = sizeof(offender);
	memset(&offender, 0, sizeof(offender));
	memcpy(&offender, CMSG_DATA(control) + sizeof(about), size);
	if (offender.any.sa_family == AF_INET ||
	    offender.any.sa_family == AF_INET6) {
		get_endpoint(&offender, &endpoint);
		error->offender = endpoint.address;
	}
}

static bool read_error(struct port *port)
{
	struct net *net = port->net;
	struct slot *slot = &net->slots[0];
	struct msghdr *message = &net->messages[0].msg_hdr;
	struct net_error error = { .path.local.port = port->number };
	struct cmsghdr *control;

	reset_slots(net);
	if (recvmsg(port->descriptor, message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	get_local(message, &error.path.local.address);
	get_endpoint(&slot->remote, &error.path.remote);
	for (control = CMSG_FIRSTHDR(message); control;
	     control = CMSG_NXTHDR(message, control)) {
		if ((control->cmsg_level == IPPROTO_IP &&
		     control->cmsg_type == IP_RECVERR) ||
		    (control->cmsg_level == IPPROTO_IPV6 &&
		     control->cmsg_type == IPV6_RECVERR))
			take_error_control(control, &error);
	}
	net->counters.errors++;
	if (error.number)
		net->config.error(net->config.context, &error);
	return true;
}

static void readable(evutil_socket_t descriptor, short what, void *context)
{
	struct port *port = context;
	struct net *net = port->net;
	unsigned int batches;
	int count, i;

	(void)descriptor;
	(void)what;
	for (batches = 0; batches < BATCHES; batches++) {
		reset_slots(net);
		count = recvmmsg(port->descriptor, net->messages, BATCH,
				 MSG_DONTWAIT, NULL);
		/* an error that waits is told once, and makes us look for it */
		if (count < 0 && errno != EINTR && !read_error(port))
			break;
		for (i = 0; i < count; i++)
			take_datagram(port, &net->messages[i]);
		if (count >= 0 && count < BATCH)
			break;
	}
	while (batches < BATCHES && read_error(port))
		batches++;
	net->config.settled(net->config.context);
}

static struct error *open_port(struct event_base *base, struct port *port)
{
	const struct net_config *config = &port->net->config;
	struct address address = { .length = port->family == AF_INET ? 4 : 16 };
	union endpoint endpoint;
	socklen_t size;

	if (config->listen.length)
		address = config->listen;
	size = set_endpoint(&endpoint, &address, port->number);
	port->descriptor = socket(port->family,
				  SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (port->descriptor < 0)
		return cannot(port, "open");
	if (!set_options(port, config) || !bypass_policies(port) ||
	    (is_marked(port->number) &&
	     !set_option(port, IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)))
		return cannot(port, "set up");
	/* not with SO_REUSEADDR: two daemons would take each other's datagrams */
	if (bind(port->descriptor, &endpoint.any, size))
		return errno == EADDRINUSE ? is_taken(port) :
					     cannot(port, "listen on");
	port->event = event_new(base, port->descriptor, EV_READ | EV_PERSIST,
				readable, port);
	if (!port->event || event_add(port->event, NULL))
		return error_no_memory();
	return NULL;
}

static void close_port(struct port *port)
{
	if (port->event)
		event_free(port->event);
	if (port->descriptor >= 0)
		close(port->descriptor);
	port->event = NULL;
	port->descriptor = -1;
}

/**
 * net_open - open all sockets
 * @base: event loop
 * @config: what is to be opened; copied
 * @net: set to them, to be closed with net_close()
 *
 * A host without IPv6 does without.
 *
 * Return: NULL, or why there are none.
 */
struct error *net_open(struct event_base *base, const struct net_config *config,
		       struct net **net)
{
	static const struct { uint16_t number; int family; } wanted[] = {
		{ NET_IKE_PORT, AF_INET }, { NET_NAT_PORT, AF_INET },
		{ NET_IKE_PORT, AF_INET6 }, { NET_NAT_PORT, AF_INET6 },
	};
	struct net *created = calloc(1, sizeof(*created));
	struct error *error = NULL;
	size_t i;

	if (!created)
		return error_no_memory();
	created->config = *config;
	load_xfrm();
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct port *port = &created->ports[i];
		uint8_t length = wanted[i].family == AF_INET ? 4 : 16;

		port->net = created;
		port->number = wanted[i].number;
		port->family = wanted[i].family;
		port->descriptor = -1;
		if (error || (config->listen.length &&
			      config->listen.length != length))
			continue;
		error = open_port(base, port);
		if (error && error->number == EAFNOSUPPORT) {
			error_free(error);
			error = NULL;
		}
	}
	if (error)
		net_close(created);
	else
		*net = created;
	return error;
}

/**
 * net_close - close all sockets
 * @net: they, or NULL
 */
void net_close(struct net *net)
{
	size_t i;

	if (!net)
		return;
	for (i = 0; i < ARRAY_SIZE(net->ports); i++)
		close_port(&net->ports[i]);
	free(net);
}

static const struct port *find_port(const struct net *net,
				    const struct ike_path *path)
{
	int family = path->local.address.length == 4 ? AF_INET : AF_INET6;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(net->ports); i++) {
		if (net->ports[i].family == family &&
		    is_marked(net->ports[i].number) ==
		    is_marked(path->local.port))
			return &net->ports[i];
	}
	return NULL;
}

/* Sent from the address that the peer knows, not from any of ours. */
static void set_local(const struct address *address, void *room,
		      struct msghdr *message)
{
	struct in6_pktinfo six = {};
	struct in_pktinfo four = {};
	bool is_four = address->length == 4;
	size_t size = is_four ? sizeof(four) : sizeof(six);
	struct cmsghdr *control;

	message->msg_control = room;
	message->msg_controllen = CMSG_SPACE(size);
	control = CMSG_FIRSTHDR(message);
	control->cmsg_level = is_four ? IPPROTO_IP : IPPROTO_IPV6;
	control->cmsg_type = is_four ? IP_PKTINFO : IPV6_PKTINFO;
	control->cmsg_len = CMSG_LEN(size);
	memcpy(&four.ipi_spec_dst, address->bytes, 4);
	memcpy(&six.ipi6_addr, address->bytes, 16);
	memcpy(CMSG_DATA(control), is_four ? (void *)&four : (void *)&six,
	       size);
}

/**
 * net_send - send a datagram
 * @net: the sockets
 * @path: from where to where
 * @datagram: the datagram; a marker is put in front of it on port 4500, unless it
 *	is a keepalive
 *
 * It may get lost.
 */
void net_send(struct net *net, const struct ike_path *path,
	      struct bytes datagram)
{
	static const uint8_t marker[MARKER_SIZE];
	union {
		struct cmsghdr header;
		char bytes[CONTROL_SIZE];
	} control = {};
	const struct port *port = find_port(net, path);
	struct iovec vectors[] = {
		{ .iov_base = (void *)marker, .iov_len = 0 },
		{ .iov_base = (void *)datagram.data,
		  .iov_len = datagram.length },
	};
	struct msghdr message = { .msg_iov = vectors, .msg_iovlen = 2 };
	union endpoint remote;
	int tries = 2;
	ssize_t sent;

	if (!port || port->descriptor < 0) {
		net->counters.send_failed++;
		return;
	}
	if (is_marked(port->number) && datagram.length > 1)
		vectors[0].iov_len = MARKER_SIZE;
	message.msg_namelen = set_endpoint(&remote, &path->remote.address,
					   path->remote.port);
	message.msg_name = &remote;
	set_local(&path->local.address, &control, &message);
	/* an error that waited for somebody to be told is not about this one */
	do {
		sent = sendmsg(port->descriptor, &message, 0);
	} while (sent < 0 && --tries);
	if (sent < 0)
		net->counters.send_failed++;
	else
		net->counters.sent++;
}

/**
 * net_counters - what happened to datagrams
 * @net: the sockets
 *
 * Return: the counters, which go on counting.
 */
const struct net_counters *net_counters(const struct net *net)
{
	return &net->counters;
}
