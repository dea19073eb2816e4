// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Speaks rtnetlink: one socket for questions and requests, another one on which the
 * kernel tells that addresses, links or routes have changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/genl.h"
#include "kernel/host.h"
#include "kernel/layout.h"

#define REQUEST_SIZE 1024
#define REPLY_SIZE 32768

/* A list that changes as often as that while it is read will go on doing so */
#define LIST_TRIES 8

/* Whatever %defaultroute is asked about before a peer is known */
static const struct address anywhere[] = {
	{ .length = 4, .bytes = { 198, 51, 100, 1 } },
	{ .length = 16, .bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
};

/**
 * struct host - a conversation
 * @requests: socket for requests
 * @changes: socket for notifications
 * @sequence: number of the last request
 * @request: the request at hand
 * @reply: what comes back
 */
struct host {
	struct mnl_socket *requests;
	struct mnl_socket *changes;
	uint32_t sequence;
	union {
		struct nlmsghdr header;
		char bytes[REQUEST_SIZE];
	} request;
	union {
		struct nlmsghdr header;
		char bytes[REPLY_SIZE];
	} reply;
};

static struct error *open_socket(struct mnl_socket **socket,
				 unsigned int groups)
{
	*socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!*socket || mnl_socket_bind(*socket, groups, MNL_SOCKET_AUTOPID))
		return error_refused(errno, "cannot ask the kernel for the addresses of this host: %s",
				     strerror(errno));
	return NULL;
}

/**
 * host_open - begin a conversation
 * @host: set to it, to be ended with host_close()
 *
 * Return: NULL, or why there is none.
 */
struct error *host_open(struct host **host)
{
	struct host *created = calloc(1, sizeof(*created));
	struct error *error;

	if (!created)
		return error_no_memory();
	error = open_socket(&created->requests, 0);
	if (!error)
		error = open_socket(&created->changes,
				    RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
				    RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
				    RTMGRP_IPV6_ROUTE);
	if (!error &&
	    fcntl(mnl_socket_get_fd(created->changes), F_SETFL, O_NONBLOCK))
		error = error_refused(errno, "cannot set up a netlink socket: %s",
				      strerror(errno));
	if (error)
		host_close(created);
	else
		*host = created;
	return error;
}

/**
 * host_close - end a conversation
 * @host: it, or NULL
 */
void host_close(struct host *host)
{
	if (!host)
		return;
	if (host->requests)
		mnl_socket_close(host->requests);
	if (host->changes)
		mnl_socket_close(host->changes);
	free(host);
}

static void *begin(struct host *host, uint16_t type, uint16_t flags,
		   size_t family_header)
{
	struct nlmsghdr *message;

	memset(&host->request, 0, sizeof(host->request));
	message = mnl_nlmsg_put_header(host->request.bytes);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(message, family_header);
}

/**
 * struct answer - an answer while it is read
 * @visit: called with each message of it, or NULL
 * @context: for it
 * @done: there is no more of it
 * @interrupted: what is told has changed meanwhile
 * @number: error number, 0 if all is well so far
 */
struct answer {
	mnl_cb_t visit;
	void *context;
	bool done;
	bool interrupted;
	int number;
};

/*
 * A list is read to its end even if nobody wants it any more: the kernel begins no
 * other one before.
 */
static void take_message(struct answer *answer, struct nlmsghdr *message)
{
	int status;

	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	/* for libmnl this would be the end of it */
	message->nlmsg_flags &= (uint16_t)~NLM_F_DUMP_INTR;
	status = mnl_cb_run(message, message->nlmsg_len, 0, 0,
			    answer->number ? NULL : answer->visit,
			    answer->context);
	if (status < 0 && !answer->number)
		answer->number = errno;
	answer->done = status <= MNL_CB_STOP &&
		       (message->nlmsg_type < NLMSG_MIN_TYPE ||
			!(message->nlmsg_flags & NLM_F_MULTI));
}

/* What is left of an earlier answer is passed over. */
static void take_messages(struct host *host, struct answer *answer,
			  size_t length)
{
	struct nlmsghdr *message = &host->reply.header;
	unsigned int port = mnl_socket_get_portid(host->requests);
	int left = (int)length;

	for (; !answer->done && mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq == host->sequence &&
		    mnl_nlmsg_portid_ok(message, port))
			take_message(answer, message);
	}
}

/* Sends the request and reads all of the answer. */
static struct error *exchange(struct host *host, struct answer *answer)
{
	struct nlmsghdr *message = &host->request.header;
	ssize_t length;

	message->nlmsg_seq = ++host->sequence;
	if (mnl_socket_sendto(host->requests, message, message->nlmsg_len) < 0)
		return error_refused(errno, "cannot ask the kernel: %s",
				     strerror(errno));
	while (!answer->done) {
		length = mnl_socket_recvfrom(host->requests, &host->reply,
					     sizeof(host->reply));
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return error_refused(errno, "cannot read the kernel's answer: %s",
					     strerror(errno));
		take_messages(host, answer, (size_t)length);
	}
	if (answer->number)
		return error_refused(answer->number, "the kernel refuses: %s",
				     strerror(answer->number));
	return NULL;
}

/* Sends the request and has each message of the answer looked at. */
static struct error *ask(struct host *host, mnl_cb_t visit, void *context)
{
	struct answer answer = { .visit = visit, .context = context };

	return exchange(host, &answer);
}

/* Asks for a list until it did not change meanwhile; @empty forgets it. */
static struct error *ask_list(struct host *host, mnl_cb_t visit,
			      void (*empty)(void *context), void *context)
{
	struct answer answer;
	struct error *error;
	int tries;

	for (tries = 0; tries < LIST_TRIES; tries++) {
		answer = (struct answer){ .visit = visit, .context = context };
		error = exchange(host, &answer);
		if (!error && !answer.interrupted)
			return NULL;
		empty(context);
		if (error)
			return error;
	}
	return error_refused(EAGAIN, "the list changed %d times while it was read",
			     LIST_TRIES);
}

static const struct nlattr *find(const struct nlmsghdr *message,
				 size_t family_header, uint16_t type)
{
	const char *payload = mnl_nlmsg_get_payload_offset(message,
							   family_header);
	const char *end = mnl_nlmsg_get_payload_tail(message);
	const struct nlattr *attribute;

	genl_for_each_attribute(attribute, payload, end - payload) {
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	}
	return NULL;
}

static bool take_address(const struct nlmsghdr *message, size_t family_header,
			 uint16_t type, struct address *address)
{
	const struct nlattr *attribute = find(message, family_header, type);

	return attribute && address_set(address, mnl_attr_get_payload(attribute),
					mnl_attr_get_payload_len(attribute));
}

/* An address that is not confirmed yet, or that somebody else has, is none. */
static bool is_usable(const struct nlmsghdr *message,
		      const struct ifaddrmsg *about)
{
	const struct nlattr *attribute = find(message, sizeof(*about),
					      IFA_FLAGS);
	uint32_t flags = attribute &&
			 mnl_attr_get_payload_len(attribute) == sizeof(flags) ?
			 mnl_attr_get_u32(attribute) : about->ifa_flags;

	return !(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) ||
	       flags & IFA_F_OPTIMISTIC;
}

static int visit_address(const struct nlmsghdr *message, void *context)
{
	const struct ifaddrmsg *about = mnl_nlmsg_get_payload(message);
	struct host_addresses *addresses = context;
	struct host_address *items;
	struct address address;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    !is_usable(message, about))
		return MNL_CB_OK;
	/* with a peer, IFA_ADDRESS is the peer's */
	if (!take_address(message, sizeof(*about), IFA_LOCAL, &address) &&
	    !take_address(message, sizeof(*about), IFA_ADDRESS, &address))
		return MNL_CB_OK;
	items = layout_append(addresses->items, addresses->count,
			      sizeof(*items));
	if (!items) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	addresses->items = items;
	items[addresses->count].address = address;
	items[addresses->count++].index = about->ifa_index;
	return MNL_CB_OK;
}

static void empty_addresses(void *addresses)
{
	host_addresses_free(addresses);
}

/**
 * host_addresses_get - all addresses of this host
 * @host: the conversation
 * @addresses: set to them, to be freed with host_addresses_free()
 *
 * Return: NULL, or why they cannot be told.
 */
struct error *host_addresses_get(struct host *host,
				 struct host_addresses *addresses)
{
	memset(addresses, 0, sizeof(*addresses));
	begin(host, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	return ask_list(host, visit_address, empty_addresses, addresses);
}

/**
 * host_addresses_free - free a list of addresses
 * @addresses: the list; empty afterwards
 */
void host_addresses_free(struct host_addresses *addresses)
{
	free(addresses->items);
	memset(addresses, 0, sizeof(*addresses));
}

static int visit_route(const struct nlmsghdr *message, void *context)
{
	struct host_route *route = context;
	const struct nlattr *attribute;

	if (message->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	take_address(message, sizeof(struct rtmsg), RTA_PREFSRC,
		     &route->source);
	take_address(message, sizeof(struct rtmsg), RTA_GATEWAY,
		     &route->gateway);
	attribute = find(message, sizeof(struct rtmsg), RTA_OIF);
	if (attribute)
		if_indextoname(mnl_attr_get_u32(attribute), route->interface);
	return MNL_CB_STOP;
}

/**
 * host_route_get - how packets to somebody leave
 * @host: the conversation
 * @destination: to whom; unspecified = by the default route of that family
 * @route: set to the way
 *
 * Return: NULL, or why there is none.
 */
struct error *host_route_get(struct host *host,
			     const struct address *destination,
			     struct host_route *route)
{
	char text[ADDRESS_TEXT_SIZE];
	struct rtmsg *about;
	struct error *error;

	memset(route, 0, sizeof(*route));
	if (address_is_unspecified(destination))
		destination = &anywhere[destination->length == 16];
	about = begin(host, RTM_GETROUTE, 0, sizeof(*about));
	about->rtm_family = destination->length == 4 ? AF_INET : AF_INET6;
	about->rtm_dst_len = (uint8_t)address_bits(destination);
	mnl_attr_put(&host->request.header, RTA_DST, destination->length,
		     destination->bytes);
	error = ask(host, visit_route, route);
	return error ? error_prefix(error, "there is no route to %s: ",
				    address_text(destination, text)) : NULL;
}

/**
 * host_link_make - have a link of the kind espvif
 * @host: the conversation
 * @name: its name
 * @made: set to whether it was not there before
 *
 * Return: NULL, or why there is none.
 */
struct error *host_link_make(struct host *host, const char *name, bool *made)
{
	struct nlmsghdr *message = &host->request.header;
	struct error *error;
	struct nlattr *nest;

	begin(host, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
	      sizeof(struct ifinfomsg));
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	nest = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "espvif");
	mnl_attr_nest_end(message, nest);
	error = ask(host, NULL, NULL);
	*made = !error;
	if (error && error->number == EEXIST) {
		error_free(error);
		return NULL;
	}
	return error ? error_prefix(error, "the interface %s cannot be made: ",
				    name) : NULL;
}

/**
 * host_link_up - let a link carry packets
 * @host: the conversation
 * @name: of the link
 * @mtu: bytes of its packets, 0 leaves it as it is
 *
 * Return: NULL, or why it doesn't.
 */
struct error *host_link_up(struct host *host, const char *name, uint32_t mtu)
{
	struct ifinfomsg *about;
	struct error *error;

	about = begin(host, RTM_NEWLINK, NLM_F_ACK, sizeof(*about));
	about->ifi_flags = IFF_UP;
	about->ifi_change = IFF_UP;
	mnl_attr_put_strz(&host->request.header, IFLA_IFNAME, name);
	if (mtu)
		mnl_attr_put_u32(&host->request.header, IFLA_MTU, mtu);
	error = ask(host, NULL, NULL);
	return error ? error_prefix(error, "the interface %s cannot be set up: ",
				    name) : NULL;
}

/**
 * host_link_mark - write beside a link whose it is
 * @host: the conversation
 * @name: of the link
 * @mark: what becomes its alias, as 'ip link' shows it
 *
 * Return: NULL, or why it isn't written there.
 */
struct error *host_link_mark(struct host *host, const char *name,
			     const char *mark)
{
	struct error *error;

	begin(host, RTM_NEWLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&host->request.header, IFLA_IFNAME, name);
	mnl_attr_put_str(&host->request.header, IFLA_IFALIAS, mark);
	error = ask(host, NULL, NULL);
	return error ? error_prefix(error, "the interface %s cannot be marked: ",
				    name) : NULL;
}

/**
 * struct marked - links of a mark, while they are being told
 * @mark: the mark
 * @links: they
 */
struct marked {
	const char *mark;
	struct host_links *links;
};

static bool is_text(const struct nlattr *attribute, const char *text)
{
	size_t length = strlen(text);

	return attribute && mnl_attr_get_payload_len(attribute) >= length &&
	       strnlen(mnl_attr_get_payload(attribute),
		       mnl_attr_get_payload_len(attribute)) == length &&
	       !memcmp(mnl_attr_get_payload(attribute), text, length);
}

static bool is_espvif(const struct nlattr *information)
{
	const struct nlattr *attribute;
	const char *payload;

	if (!information)
		return false;
	payload = mnl_attr_get_payload(information);
	genl_for_each_attribute(attribute, payload,
				mnl_attr_get_payload_len(information)) {
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
			return is_text(attribute, "espvif");
	}
	return false;
}

static int visit_link(const struct nlmsghdr *message, void *context)
{
	const size_t header = sizeof(struct ifinfomsg);
	const struct marked *marked = context;
	struct host_links *links = marked->links;
	const struct nlattr *name;
	void *names;

	name = find(message, header, IFLA_IFNAME);
	if (message->nlmsg_type != RTM_NEWLINK || !name ||
	    !is_espvif(find(message, header, IFLA_LINKINFO)) ||
	    !is_text(find(message, header, IFLA_IFALIAS), marked->mark))
		return MNL_CB_OK;
	names = layout_append(links->names, links->count,
			      sizeof(*links->names));
	if (!names) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	links->names = names;
	snprintf(links->names[links->count++], IF_NAMESIZE, "%.*s",
		 (int)mnl_attr_get_payload_len(name),
		 (const char *)mnl_attr_get_payload(name));
	return MNL_CB_OK;
}

static void empty_links(void *context)
{
	const struct marked *marked = context;

	host_links_free(marked->links);
}

/**
 * host_links_marked - links of the kind espvif that host_link_mark() has marked
 * @host: the conversation
 * @mark: the mark
 * @links: set to them, to be freed with host_links_free()
 *
 * Return: NULL, or why they cannot be told.
 */
struct error *host_links_marked(struct host *host, const char *mark,
				struct host_links *links)
{
	struct marked marked = { .mark = mark, .links = links };

	memset(links, 0, sizeof(*links));
	begin(host, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	return ask_list(host, visit_link, empty_links, &marked);
}

/**
 * host_links_free - free a list of links
 * @links: the list; empty afterwards
 */
void host_links_free(struct host_links *links)
{
	free(links->names);
	memset(links, 0, sizeof(*links));
}

/**
 * host_link_remove - remove a link
 * @host: the conversation
 * @name: of the link
 *
 * Return: NULL, or why it is still there.
 */
struct error *host_link_remove(struct host *host, const char *name)
{
	struct error *error;

	begin(host, RTM_DELLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&host->request.header, IFLA_IFNAME, name);
	error = ask(host, NULL, NULL);
	return error ? error_prefix(error, "the interface %s cannot be removed: ",
				    name) : NULL;
}

/**
 * host_descriptor - what to poll for changes
 * @host: the conversation
 *
 * Return: a descriptor, readable when host_read_changes() has something.
 */
int host_descriptor(const struct host *host)
{
	return mnl_socket_get_fd(host->changes);
}

/**
 * host_read_changes - read what has changed, which need not be known
 * @host: the conversation
 *
 * Return: whether something has, or may have.
 */
bool host_read_changes(struct host *host)
{
	bool changed = false;

	while (mnl_socket_recvfrom(host->changes, &host->reply,
				   sizeof(host->reply)) >= 0 ||
	       errno == ENOBUFS || errno == EINTR)
		changed = true;
	return changed;
}
