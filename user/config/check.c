// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What no single parameter shows: each check sees the whole connection.
 */
#include "config/check.h"
#include "lib/array.h"

static struct error *check_hosts(const struct cfg_connection *connection)
{
	const struct cfg_host *left = &connection->sides[CFG_LEFT].host;
	const struct cfg_host *right = &connection->sides[CFG_RIGHT].host;

	if (left->kind == CFG_HOST_NONE || right->kind == CFG_HOST_NONE)
		return error_usage("%s= is missing: each end needs an address, a name, or a word as %%any",
				   left->kind == CFG_HOST_NONE ? "left" : "right");
	if (left->kind == right->kind && left->kind != CFG_HOST_ADDRESS &&
	    left->kind != CFG_HOST_NAME)
		return error_usage("left= and right= can't both be of this kind: one end must be known");
	if (left->kind == CFG_HOST_ADDRESS && right->kind == CFG_HOST_ADDRESS &&
	    left->address.length != right->address.length)
		return error_usage("left= is %s and right= is %s: both must be of one family",
				   address_family(&left->address),
				   address_family(&right->address));
	return NULL;
}

static struct error *check_later(const struct cfg_connection *connection)
{
	size_t i;

	for (i = 0; i < CFG_SIDES; i++) {
		switch (connection->sides[i].host.kind) {
		case CFG_HOST_GROUP:
		case CFG_HOST_OPPORTUNISTIC:
		case CFG_HOST_OPPORTUNISTIC_GROUP:
			return error_usage("opportunistic connections and policy groups are not there yet");
		default:
			break;
		}
	}
	if (!connection->ikev2)
		return error_usage("ikev2=no: IKEv1 is not there yet");
	return NULL;
}

static bool protects(const struct cfg_connection *connection)
{
	return connection->type == CFG_TYPE_TUNNEL ||
	       connection->type == CFG_TYPE_TRANSPORT;
}

static struct error *check_subnets(const struct cfg_connection *connection)
{
	const struct cfg_subnets *left = &connection->sides[CFG_LEFT].subnets;
	const struct cfg_subnets *right = &connection->sides[CFG_RIGHT].subnets;
	bool pair = false;
	size_t i, j;

	if (connection->type == CFG_TYPE_TRANSPORT &&
	    (left->count || right->count))
		return error_usage("type=transport is between the two ends: leave leftsubnet= and rightsubnet= out, or use type=tunnel");
	if (!left->count || !right->count)
		return NULL;
	for (i = 0; i < left->count; i++) {
		for (j = 0; j < right->count; j++)
			pair |= left->items[i].address.length ==
				right->items[j].address.length;
	}
	if (!pair)
		return error_usage("no network on the left is of the same family as one on the right");
	return NULL;
}

static struct error *check_virtual(const struct cfg_connection *connection)
{
	const struct cfg_side *side;
	size_t i;

	for (i = 0; i < CFG_SIDES; i++) {
		side = &connection->sides[i];
		if (!side->subnets.virtual)
			continue;
		if (side->host.kind != CFG_HOST_ANY)
			return error_usage("vhost:, vnet: and subnetwithin are for an end that is %%any: this one's networks are known, so name them");
		if (side->subnets.count)
			return error_usage("vhost:, vnet: and subnetwithin don't go together with other networks of the same end");
		if (connection->type == CFG_TYPE_TRANSPORT)
			return error_usage("type=transport is between the two ends: leave vhost:, vnet: and subnetwithin out, or use type=tunnel");
	}
	return NULL;
}

static struct error *check_auth(const struct cfg_connection *connection)
{
	const struct cfg_side *left = &connection->sides[CFG_LEFT];
	const struct cfg_side *right = &connection->sides[CFG_RIGHT];

	if (!left->auth != !right->auth)
		return error_usage("leftauth= and rightauth= belong together: one of them is missing");
	if (left->auth && connection->authby)
		return error_usage("authby= is for both ends and leftauth= for one: leave one of them out");
	if ((left->auth == CFG_AUTH_SECRET && right->auth == CFG_AUTH_NULL) ||
	    (left->auth == CFG_AUTH_NULL && right->auth == CFG_AUTH_SECRET))
		return error_usage("a pre-shared key on one side and no authentication on the other don't go together");
	if ((connection->authby | left->auth | right->auth) & CFG_AUTH_EAPONLY)
		return error_usage("EAP is not there yet");
	if (protects(connection) && connection->authby & CFG_AUTH_NEVER)
		return error_usage("authby=never is for type=passthrough, drop and reject");
	return NULL;
}

static struct error *check_lifetimes(const struct cfg_connection *connection)
{
	uint64_t margin = connection->rekeymargin +
			  connection->rekeymargin * connection->rekeyfuzz / 100;

	if (!connection->rekey)
		return NULL;
	if (margin > connection->salifetime ||
	    margin > connection->ikelifetime)
		return error_usage("rekeymargin=, grown by rekeyfuzz=, is %llu seconds: longer than salifetime= (%llu) or ikelifetime= (%llu)",
				   (unsigned long long)margin,
				   (unsigned long long)connection->salifetime,
				   (unsigned long long)connection->ikelifetime);
	return NULL;
}

static struct error *note_esn(const struct cfg_connection *connection)
{
	if (!connection->replay_window && connection->esn == CFG_YES)
		return error_usage("esn=yes has no effect with replay-window=0 (RFC 4303 needs the window)");
	return NULL;
}

static struct error *note_reject(const struct cfg_connection *connection)
{
	if (connection->type == CFG_TYPE_REJECT)
		return error_usage("type=reject drops packets as type=drop does: their senders are told nothing");
	return NULL;
}

static const struct {
	struct error *(*check)(const struct cfg_connection *connection);
	enum cfg_severity severity;
} checks[] = {
	{ check_hosts, CFG_ERROR },
	{ check_later, CFG_ERROR },
	{ check_subnets, CFG_ERROR },
	{ check_virtual, CFG_ERROR },
	{ check_auth, CFG_ERROR },
	{ check_lifetimes, CFG_ERROR },
	{ note_esn, CFG_NOTE },
	{ note_reject, CFG_NOTE },
};

/**
 * cfg_connection_check - do the parameters of a connection go together
 * @connection: the connection
 * @problems: what doesn't is added
 *
 * Return: whether it can be used.
 */
bool cfg_connection_check(const struct cfg_connection *connection,
			  struct cfg_problems *problems)
{
	struct error *error;
	bool good = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		error = checks[i].check(connection);
		if (!error)
			continue;
		good &= checks[i].severity != CFG_ERROR;
		cfg_problem_add(problems, checks[i].severity, &connection->at,
				error_prefix(error, "conn %s: ",
					     connection->name));
	}
	return good;
}
