// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Orients connections. An end is this host if it is one of its addresses, or if
 * only this host could know it: %defaultroute, or an interface.
 */
#include <string.h>

#include "daemon/connections/orient.h"

/**
 * struct end - an end of a connection as far as it is known
 * @known: its address is
 * @any: it may be anybody
 * @own: it is this host
 * @unknown_name: its name is not known
 * @address: if it is known
 */
struct end {
	bool known;
	bool any;
	bool own;
	bool unknown_name;
	struct address address;
};

static void look_at(const struct cfg_host *host, const struct orient_host *world,
		    void *context, struct end *end)
{
	memset(end, 0, sizeof(*end));
	switch (host->kind) {
	case CFG_HOST_ADDRESS:
		end->known = true;
		end->address = host->address;
		break;
	case CFG_HOST_NAME:
		end->known = world->resolve(context, host->name, &end->address);
		end->unknown_name = !end->known;
		break;
	case CFG_HOST_ANY:
		end->any = true;
		break;
	default:
		break;
	}
	end->own = end->known && world->owns(context, &end->address);
}

/* An end whose address follows from where the other is. */
static void find_own(const struct cfg_host *host,
		     const struct orient_host *world, void *context,
		     const struct end *peer, struct end *end)
{
	uint8_t length = peer->known ? peer->address.length : 0;

	if (host->kind == CFG_HOST_DEFAULTROUTE)
		end->known = world->default_address(context,
						    peer->known ? &peer->address : NULL,
						    length, &end->address);
	else if (host->kind == CFG_HOST_INTERFACE)
		end->known = world->interface_address(context, host->name,
						      length, &end->address);
	else
		return;
	end->own = end->known;
}

/**
 * orient - find out which end of a connection is this host
 * @connection: the connection
 * @host: what is asked about this host
 * @context: for @host
 * @orientation: set for ORIENT_DONE
 *
 * Return: what came of it.
 */
enum orient_result orient(const struct cfg_connection *connection,
			  const struct orient_host *host, void *context,
			  struct orientation *orientation)
{
	const struct cfg_side *sides = connection->sides;
	struct end ends[CFG_SIDES];
	unsigned int i;

	for (i = 0; i < CFG_SIDES; i++)
		look_at(&sides[i].host, host, context, &ends[i]);
	/* where %defaultroute leads may depend on where the other end is */
	if (ends[CFG_LEFT].unknown_name || ends[CFG_RIGHT].unknown_name)
		return ORIENT_NAME;
	for (i = 0; i < CFG_SIDES; i++)
		find_own(&sides[i].host, host, context, &ends[!i], &ends[i]);
	if (ends[CFG_LEFT].own && ends[CFG_RIGHT].own)
		return ORIENT_BOTH;
	for (i = 0; i < CFG_SIDES; i++) {
		const struct end *peer = &ends[!i];

		if (!ends[i].own || !(peer->known || peer->any))
			continue;
		memset(orientation, 0, sizeof(*orientation));
		orientation->ours = (enum cfg_which)i;
		orientation->local = ends[i].address;
		orientation->remote.length = orientation->local.length;
		if (peer->known)
			orientation->remote = peer->address;
		return ORIENT_DONE;
	}
	return ORIENT_NEITHER;
}

/**
 * orient_equal - has nothing changed
 * @one: how a connection was oriented
 * @other: how it is now
 *
 * Return: whether both are the same.
 */
bool orient_equal(const struct orientation *one,
		  const struct orientation *other)
{
	return one->ours == other->ours &&
	       address_equal(&one->local, &other->local) &&
	       address_equal(&one->remote, &other->remote);
}
