// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What connections are oriented by: addresses of this host, its routes, and names.
 */
#include <net/if.h>
#include <string.h>

#include "daemon/engine/state.h"

static bool owns(void *context, const struct address *address)
{
	const struct daemon *daemon = context;
	const struct host_addresses *addresses = &daemon->addresses;
	size_t i;

	for (i = 0; i < addresses->count; i++) {
		const struct address *own = &addresses->items[i].address;

		if (own->length == address->length &&
		    !memcmp(own->bytes, address->bytes, own->length))
			return true;
	}
	return false;
}

static bool by_route(struct daemon *daemon, const struct address *peer,
		     struct address *address)
{
	struct host_route route;
	struct error *error = host_route_get(daemon->host, peer, &route);

	error_free(error);
	*address = route.source;
	return !error && route.source.length;
}

static bool default_address(void *context, const struct address *peer,
			    uint8_t length, struct address *address)
{
	struct address any = { .length = length ? length : 4 };

	if (peer)
		return by_route(context, peer, address);
	if (by_route(context, &any, address))
		return true;
	any.length = 16;
	return !length && by_route(context, &any, address);
}

static bool is_link_local(const struct address *address)
{
	return address->length == 16 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

static bool interface_address(void *context, const char *interface,
			      uint8_t length, struct address *address)
{
	const struct daemon *daemon = context;
	const struct host_addresses *addresses = &daemon->addresses;
	unsigned int index = if_nametoindex(interface);
	size_t i;

	for (i = 0; i < addresses->count; i++) {
		const struct host_address *item = &addresses->items[i];

		if (!index || item->index != index ||
		    is_link_local(&item->address) ||
		    (length && item->address.length != length))
			continue;
		*address = item->address;
		return true;
	}
	return false;
}

static bool resolve(void *context, const char *name, struct address *address)
{
	struct daemon *daemon = context;
	const char *why;

	return resolver_find(daemon->resolver, name, address, &why);
}

const struct orient_host daemon_orient_host = {
	.owns = owns,
	.default_address = default_address,
	.interface_address = interface_address,
	.resolve = resolve,
};
