// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tells updown commands of the coming and going of children.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/connections/hooks.h"
#include "daemon/connections/identity.h"
#include "daemon/log.h"
#include "daemon/engine/processes.h"
#include "daemon/engine/state.h"
#include "ike/info.h"

#define POLICY_SIZE 128

/* Enough for what a way is, whose command may be as long as any */
#define WAY_SIZE (UPDOWN_TEXT_MAX + 128)

/**
 * struct way - a way to the peer's side, which children may have in common
 * @by_text: in the daemon's table
 * @hooks: struct hook of those who are routed that way, the latest one last
 * @text: what it is: destination, metric, and the command that made it
 *
 * For the host it is one route, whoever asked for it and how often: each time it
 * is replaced, even if it leads into another device. So it must not go before the
 * last one who needs it.
 */
struct way {
	struct table_node by_text;
	struct list hooks;
	char text[];
};

/**
 * struct hook - what was told of a child
 * @connection: whose child it is
 * @way: how it is routed; NULL if it isn't, or has the way for itself
 * @link: in @hooks of @way
 * @routed: it was routed
 * @up: it was up
 * @told: what was told; what belongs to the configuration is filled in when
 *	something is told
 * @interface: device that packets for the peer leave by
 * @device: device of the connection
 * @my_id: our identity
 * @peer_id: the peer's
 * @policy: what is agreed on, in words
 */
struct hook {
	const struct connection *connection;
	struct way *way;
	struct list link;
	bool routed;
	bool up;
	struct updown told;
	char interface[IF_NAMESIZE];
	char device[IF_NAMESIZE];
	char my_id[IDENTITY_TEXT_SIZE];
	char peer_id[IDENTITY_TEXT_SIZE];
	char policy[POLICY_SIZE];
};

/**
 * struct search - looks for what the engine has of a child
 * @connection: its connection
 * @instance: number of the instance, 0 = of none
 * @child: its name
 * @hook: to be filled
 */
struct search {
	const char *connection;
	uint64_t instance;
	const char *child;
	struct hook *hook;
};

static const struct cfg_side *ours(const struct connection *connection)
{
	return &connection->config->sides[connection->at.ours];
}

static bool is_wanted(const struct connection *connection)
{
	const char *command = ours(connection)->updown;

	return !command || (*command && strcmp(command, "%disabled"));
}

/* The smallest prefix that all of a range is in. */
static struct prefix prefix_of(const struct wire_ts *ts)
{
	struct prefix prefix = { .address = ts->first };
	unsigned int bit, bits = address_bits(&ts->first);
	uint8_t mask;

	for (bit = 0; bit < bits; bit++) {
		mask = (uint8_t)(0x80 >> bit % 8);
		if ((ts->first.bytes[bit / 8] ^ ts->last.bytes[bit / 8]) & mask)
			break;
	}
	prefix.length = (uint8_t)bit;
	for (; bit < bits; bit++)
		prefix.address.bytes[bit / 8] &=
			(uint8_t)~(0x80 >> bit % 8);
	return prefix;
}

static void set_selectors(struct updown *told, const struct wire_ts *local,
			  const struct wire_ts *remote)
{
	told->my_client = prefix_of(local);
	told->peer_client = prefix_of(remote);
	told->my_protocol = local->protocol;
	told->peer_protocol = remote->protocol;
	told->my_port = local->ports.min == local->ports.max ?
			local->ports.min : 0;
	told->peer_port = remote->ports.min == remote->ports.max ?
			  remote->ports.min : 0;
}

/* What the peer agreed to counts more than what was proposed. */
static void take_child(const struct ike_child_info *info, void *context)
{
	const struct search *search = context;
	struct hook *hook = search->hook;
	const struct ike_pair *pair = info->pair;

	if (!info->established || !pair->connection || !pair->child ||
	    strcmp(pair->connection, search->connection) ||
	    pair->instance != search->instance ||
	    strcmp(pair->child, search->child) ||
	    !pair->local.count || !pair->remote.count)
		return;
	set_selectors(&hook->told, &pair->local.items[0],
		      &pair->remote.items[0]);
	hook->told.me = pair->path.local.address;
	hook->told.peer = pair->path.remote.address;
	hook->told.spi_in = pair->spi_in;
	hook->told.spi_out = pair->spi_out;
	hook->told.type = pair->transport ? "transport" : "tunnel";
	if (info->peer_id && info->peer_id->type)
		identity_text(info->peer_id, hook->peer_id);
}

static void set_policy(const struct cfg_connection *config, char *text)
{
	unsigned int ways = config->authby ? config->authby : CFG_AUTH_DEFAULT;

	snprintf(text, POLICY_SIZE, "IKEv2%s%s%s+ENCRYPT%s%s%s",
		 ways & CFG_AUTH_SECRET ? "+PSK" : "",
		 ways & CFG_AUTH_RSASIG ? "+RSASIG" : "",
		 ways & CFG_AUTH_ECDSA ? "+ECDSA" : "",
		 config->type == CFG_TYPE_TRANSPORT ? "" : "+TUNNEL",
		 config->pfs ? "+PFS" : "",
		 config->rekey ? "" : "+DONT_REKEY");
}

static void set_way(const struct connection *connection, struct hook *hook)
{
	struct dataplane_traits traits;
	struct host_route route = {};

	/* without a route there is neither, and the command finds that out */
	error_free(host_route_get(connection->daemon->host, &hook->told.peer,
				  &route));
	hook->told.next_hop = route.gateway.length ? route.gateway :
						     hook->told.peer;
	if (ours(connection)->nexthop.kind == CFG_HOST_ADDRESS)
		hook->told.next_hop = ours(connection)->nexthop.address;
	snprintf(hook->interface, sizeof(hook->interface), "%s", route.interface);
	connection_traits(connection, &traits);
	snprintf(hook->device, sizeof(hook->device), "%s",
		 traits.interface[0] ? traits.interface : route.interface);
	hook->told.device = traits.interface[0] != '\0';
}

static void fill(const struct connection *connection, unsigned int child,
		 struct hook *hook)
{
	const struct ike_model *model = connection->model;
	const struct ike_child_model *wanted = &model->children[child];
	struct search search = {
		.connection = model->name, .instance = connection->instance,
		.child = wanted->name, .hook = hook,
	};
	struct updown *told = &hook->told;

	memset(told, 0, sizeof(*told));
	told->me = connection->at.local;
	told->peer = connection->at.remote;
	told->type = wanted->transport ? "transport" : "tunnel";
	set_selectors(told, &wanted->local.items[0], &wanted->remote.items[0]);
	identity_text(&model->local_id, hook->my_id);
	identity_text(&model->remote_id, hook->peer_id);
	ike_each_child(connection->daemon->ike, take_child, &search);
	set_policy(connection->config, hook->policy);
	set_way(connection, hook);
	told->my_sourceip = ours(connection)->sourceip;
	told->reqid = (uint32_t)connection->config->reqid;
	told->mtu = (uint32_t)connection->config->mtu;
	told->metric = (uint32_t)connection->config->metric;
	told->add_time = (uint64_t)time(NULL);
	told->instance = connection->instance != 0;
}

static void run(struct hook *hook, enum updown_verb verb)
{
	const struct connection *connection = hook->connection;
	struct updown *told = &hook->told;

	told->verb = (uint8_t)verb;
	told->command = ours(connection)->updown;
	told->connection = connection->config->name;
	told->policy = hook->policy;
	told->interface = hook->interface;
	told->virt_interface = hook->device;
	told->my_id = hook->my_id;
	told->peer_id = hook->peer_id;
	told->peer_ca = "";
	processes_run(connection->daemon->processes, told);
}

static struct hook *get(struct connection *connection, unsigned int child)
{
	struct hook **hook = &connection->hooks[child];

	if (!*hook && is_wanted(connection)) {
		*hook = calloc(1, sizeof(**hook));
		if (!*hook) {
			log_error(error_no_memory());
			return NULL;
		}
		(*hook)->connection = connection;
		list_init(&(*hook)->link);
	}
	return *hook;
}

/* Forgets what was told once nothing of it is left. */
static void put(struct connection *connection, unsigned int child)
{
	struct hook *hook = connection->hooks[child];

	if (hook->routed || hook->up)
		return;
	free(hook);
	connection->hooks[child] = NULL;
}

static void set_way_text(const struct hook *hook, char text[WAY_SIZE])
{
	const char *command = ours(hook->connection)->updown;
	char destination[ADDRESS_TEXT_SIZE];

	snprintf(text, WAY_SIZE, "%s metric %u by %s",
		 prefix_text(&hook->told.peer_client, destination),
		 hook->told.metric, command ? command : UPDOWN_DEFAULT_COMMAND);
}

static struct way *make_way(struct daemon *daemon, const char *text)
{
	size_t length = strlen(text);
	struct way *way = calloc(1, sizeof(*way) + length + 1);

	if (!way) {
		log_error(error_no_memory());
		return NULL;
	}
	memcpy(way->text, text, length + 1);
	list_init(&way->hooks);
	table_add(&daemon->ways, &way->by_text, way->text, length);
	return way;
}

/* Without memory for it the way goes with whoever goes first. */
static void take_way(struct hook *hook)
{
	struct daemon *daemon = hook->connection->daemon;
	struct table_node *node;
	char text[WAY_SIZE];

	set_way_text(hook, text);
	node = table_find(&daemon->ways, text, strlen(text));
	hook->way = node ? table_entry(node, struct way, by_text) :
			   make_way(daemon, text);
	if (hook->way)
		list_append(&hook->way->hooks, &hook->link);
}

/* Would both have the host make the same route? */
static bool is_same_route(const struct hook *one, const struct hook *other)
{
	return address_equal(&one->told.next_hop, &other->told.next_hop) &&
	       address_equal(&one->told.my_sourceip,
			     &other->told.my_sourceip) &&
	       address_equal(&one->told.peer, &other->told.peer) &&
	       one->told.mtu == other->told.mtu &&
	       one->told.device == other->told.device &&
	       !strcmp(one->device, other->device);
}

/*
 * Returns whether others still need the way. The route is the latest one's: if that
 * goes, who is the latest then makes it anew.
 */
static bool leave_way(struct hook *hook)
{
	bool was_latest = hook->way && hook->way->hooks.previous == &hook->link;
	struct way *way = hook->way;
	struct hook *latest;

	hook->way = NULL;
	list_remove(&hook->link);
	if (!way)
		return false;
	if (list_empty(&way->hooks)) {
		table_remove(&hook->connection->daemon->ways, &way->by_text);
		free(way);
		return false;
	}
	latest = list_entry(way->hooks.previous, struct hook, link);
	if (was_latest && !is_same_route(hook, latest))
		run(latest, UPDOWN_ROUTE);
	return true;
}

static void route(struct connection *connection, unsigned int child,
		  struct hook *hook)
{
	if (hook->routed)
		return;
	fill(connection, child, hook);
	take_way(hook);
	run(hook, UPDOWN_PREPARE);
	run(hook, UPDOWN_ROUTE);
	hook->routed = true;
}

/**
 * hooks_route - packets of a child are to find their way
 * @connection: the connection
 * @child: which child
 */
void hooks_route(struct connection *connection, unsigned int child)
{
	struct hook *hook = get(connection, child);

	if (hook)
		route(connection, child, hook);
}

/**
 * hooks_up - a child is up
 * @connection: the connection
 * @child: which child
 *
 * One that only was replaced by another SA was up before: nothing is told.
 */
void hooks_up(struct connection *connection, unsigned int child)
{
	struct hook *hook = get(connection, child);

	if (!hook || hook->up)
		return;
	route(connection, child, hook);
	run(hook, UPDOWN_UP);
	hook->up = true;
}

/**
 * hooks_down - a child is down
 * @connection: the connection
 * @child: which child
 *
 * Unless the connection is routed, its packets need no way any more.
 */
void hooks_down(struct connection *connection, unsigned int child)
{
	struct hook *hook = connection->hooks[child];

	if (!hook)
		return;
	if (hook->up)
		run(hook, UPDOWN_DOWN);
	hook->up = false;
	if (connection->routed)
		return;
	hooks_unroute(connection, child);
}

/**
 * hooks_unroute - packets of a child need no way any more, unless it is up
 * @connection: the connection
 * @child: which child
 *
 * Nothing is told as long as other children need the same way: without it their
 * packets could leave in the clear.
 */
void hooks_unroute(struct connection *connection, unsigned int child)
{
	struct hook *hook = connection->hooks[child];

	if (!hook || hook->up)
		return;
	if (hook->routed && !leave_way(hook))
		run(hook, UPDOWN_UNROUTE);
	hook->routed = false;
	put(connection, child);
}

/**
 * hooks_forget - all children are gone
 * @connection: the connection
 */
void hooks_forget(struct connection *connection)
{
	unsigned int child;

	for (child = 0; child < IKE_CHILDREN_MAX; child++) {
		hooks_down(connection, child);
		hooks_unroute(connection, child);
	}
}
