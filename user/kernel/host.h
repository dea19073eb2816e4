/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of this host beside the module: its addresses, which way
 * packets leave, and links of the kind espvif, by rtnetlink.
 */
#ifndef KERNEL_HOST_H
#define KERNEL_HOST_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"
#include "lib/error.h"

/* A conversation with the kernel about the host, in the namespace it was begun in */
struct host;

/**
 * struct host_address - an address of this host
 * @address: it
 * @index: of the interface that has it
 */
struct host_address {
	struct address address;
	uint32_t index;
};

/**
 * struct host_addresses - all of them, in the kernel's order
 * @items: the addresses
 * @count: how many
 */
struct host_addresses {
	struct host_address *items;
	size_t count;
};

/**
 * struct host_route - how packets to somebody leave
 * @source: with which address; length 0 if the kernel doesn't say
 * @gateway: next hop; length 0 if that is the destination
 * @interface: by which they leave
 */
struct host_route {
	struct address source;
	struct address gateway;
	char interface[IF_NAMESIZE];
};

/**
 * struct host_links - names of links
 * @names: the names
 * @count: how many
 */
struct host_links {
	char (*names)[IF_NAMESIZE];
	size_t count;
};

ERROR_MUST_CHECK
struct error *host_open(struct host **host);
void host_close(struct host *host);

ERROR_MUST_CHECK
struct error *host_addresses_get(struct host *host,
				 struct host_addresses *addresses);
void host_addresses_free(struct host_addresses *addresses);

ERROR_MUST_CHECK
struct error *host_route_get(struct host *host,
			     const struct address *destination,
			     struct host_route *route);

ERROR_MUST_CHECK
struct error *host_link_make(struct host *host, const char *name, bool *made);
ERROR_MUST_CHECK
struct error *host_link_up(struct host *host, const char *name, uint32_t mtu);
ERROR_MUST_CHECK
struct error *host_link_mark(struct host *host, const char *name,
			     const char *mark);
ERROR_MUST_CHECK
struct error *host_links_marked(struct host *host, const char *mark,
				struct host_links *links);
void host_links_free(struct host_links *links);
ERROR_MUST_CHECK
struct error *host_link_remove(struct host *host, const char *name);

int host_descriptor(const struct host *host);
bool host_read_changes(struct host *host);

#endif /* KERNEL_HOST_H */
