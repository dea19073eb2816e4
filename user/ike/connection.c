// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections: what is asked of them, which of their children are wanted, and
 * what becomes of them when their IKE SA ends.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/instance.h"
#include "ike/share.h"

/* Milliseconds before a connection that has gone down is tried again */
#define AGAIN_MIN 500
#define AGAIN_MAX 1500

/* The same if it failed to come up */
#define RETRY_MIN 5000
#define RETRY_MAX 15000

/**
 * struct target - what a user means by a name or two
 * @connection: the connection
 * @child: one of its children, NULL = all of it
 * @children: the same, by bit
 */
struct target {
	struct ike_connection *connection;
	const struct ike_child_model *child;
	uint32_t children;
};

static struct ike_connection *find_connection(struct ike *ike,
					      const char *name)
{
	struct list *link, *following;
	struct ike_connection *connection;

	list_for_each(link, following, &ike->connections) {
		connection = list_entry(link, struct ike_connection, link);
		if (!strcmp(connection->model.name, name))
			return connection;
	}
	return NULL;
}

static bool endpoint_matches(const struct ike_endpoint *model,
			     const struct ike_endpoint *endpoint)
{
	return address_is_unspecified(&model->address) ||
	       (model->address.length == endpoint->address.length &&
		!memcmp(model->address.bytes, endpoint->address.bytes,
			model->address.length));
}

/**
 * ike_connection_is_on - may a peer on this path mean this connection
 * @connection: the connection
 * @path: where the peer is, and which of our addresses it uses
 *
 * Return: whether it may.
 */
bool ike_connection_is_on(const struct ike_connection *connection,
			  const struct ike_path *path)
{
	return endpoint_matches(&connection->model.path.local, &path->local) &&
	       endpoint_matches(&connection->model.path.remote, &path->remote);
}

/**
 * ike_connection_instance - which instance is a connection
 * @connection: the connection, or NULL
 *
 * Return: its number; 0 if it is none.
 */
uint64_t ike_connection_instance(const struct ike_connection *connection)
{
	return connection && connection->template ? connection->number : 0;
}

/* Finds what a user means. */
static struct error *find_target(struct ike *ike, const char *connection,
				 const char *child, struct target *target)
{
	const struct ike_model *model;
	uint16_t i;

	*target = (struct target){ find_connection(ike, connection), NULL, 0 };
	if (!target->connection)
		return error_refused(0, "there is no connection \"%s\"",
				     connection);
	model = &target->connection->model;
	for (i = 0; i < model->child_count; i++) {
		if (child && strcmp(model->children[i].name, child))
			continue;
		target->children |= 1u << i;
		target->child = child ? &model->children[i] : NULL;
	}
	if (target->children)
		return NULL;
	return error_refused(0, "connection \"%s\" has no child \"%s\"",
			     connection, child);
}

static void expire_retry(struct ike_timer *timer)
{
	struct ike_connection *connection;

	connection = list_entry(timer, struct ike_connection, retry);
	if (connection->wanted && !ike_share_find_sa(connection))
		ike_connection_connect(connection);
}

/**
 * ike_connection_retry - try a connection again, if it is to stay up
 * @connection: the connection, which has no IKE SA any more, or got none
 */
void ike_connection_retry(struct ike_connection *connection)
{
	const struct ike_model *model = &connection->model;
	struct ike *ike = connection->ike;

	if (ike_share_find_sa(connection))
		return;
	/* who may be anywhere comes back by itself */
	if (connection->template ||
	    (model->tries && connection->failures >= model->tries) ||
	    !(connection->keep || connection->restart)) {
		ike_connection_give_up(connection);
		return;
	}
	if (!connection->wanted)
		return;
	if (connection->failures)
		ike_set_timer(ike, &connection->retry,
			      ike_spread(ike, RETRY_MIN, RETRY_MAX));
	else
		ike_set_timer(ike, &connection->retry,
			      ike_spread(ike, AGAIN_MIN, AGAIN_MAX));
}

/**
 * ike_connection_give_up - nobody wants a connection any more
 * @connection: the connection
 */
void ike_connection_give_up(struct ike_connection *connection)
{
	connection->wanted = 0;
	connection->keep = false;
	connection->restart = false;
	connection->failures = 0;
	connection->flowing = 0;
	ike_timer_stop(&connection->ike->timers, &connection->retry);
}

/**
 * ike_connection_peer_dead - the peer of a connection doesn't answer any more
 * @connection: the connection, whose IKE SA is about to end
 */
void ike_connection_peer_dead(struct ike_connection *connection)
{
	uint16_t i;

	if (connection->model.peer_dead == IKE_PEER_DEAD_CLEAR)
		ike_connection_give_up(connection);
	if (connection->model.peer_dead != IKE_PEER_DEAD_RESTART)
		return;
	connection->restart = true;
	for (i = 0; i < connection->model.child_count; i++) {
		if (connection->installed[i])
			connection->wanted |= 1u << i;
	}
}

/**
 * ike_connection_connect - begin an IKE SA with the children that are wanted
 * @connection: the connection, which has none
 */
void ike_connection_connect(struct ike_connection *connection)
{
	struct ike *ike = connection->ike;
	struct error *error;
	struct ike_sa *sa;

	sa = ike_sa_create(ike, &connection->model.path, true);
	if (!sa) {
		ike_connection_retry(connection);
		return;
	}
	sa->connection = connection;
	error = ike_init_begin(sa);
	if (error)
		ike_sa_fail(sa, error);
}

/**
 * ike_connection_create - make a connection that is in no list yet
 * @ike: the engine
 * @model: what it is to be; copied
 *
 * Return: the connection, NULL if there is no memory.
 */
struct ike_connection *ike_connection_create(struct ike *ike,
					     const struct ike_model *model)
{
	size_t size = ike_model_size(model->child_count);
	struct ike_connection *connection;

	connection = calloc(1, offsetof(struct ike_connection, model) + size);
	if (!connection)
		return NULL;
	connection->ike = ike;
	memcpy(&connection->model, model, size);
	return connection;
}

/**
 * ike_connection_free - forget a connection
 * @connection: the connection, which has no IKE SA any more
 */
void ike_connection_free(struct ike_connection *connection)
{
	ike_timer_stop(&connection->ike->timers, &connection->retry);
	list_remove(&connection->link);
	free(connection);
}

/**
 * ike_add - add a connection
 * @ike: the engine
 * @model: what it is to be; copied
 *
 * Return: NULL, or why it cannot be.
 */
struct error *ike_add(struct ike *ike, const struct ike_model *model)
{
	struct ike_connection *connection;

	if (find_connection(ike, model->name))
		return error_refused(0, "there is a connection \"%s\" already",
				     model->name);
	if (!model->child_count || model->child_count > IKE_CHILDREN_MAX)
		return error_refused(0, "a connection has 1 to %d children, not %u",
				     IKE_CHILDREN_MAX, model->child_count);
	connection = ike_connection_create(ike, model);
	if (!connection)
		return error_no_memory();
	connection->group = ike_share_group(ike, model);
	connection->retry.expire = expire_retry;
	list_append(&ike->connections, &connection->link);
	return NULL;
}

static void take_auth(struct ike_connection *connection,
		      const struct ike_model *model)
{
	connection->model.local_auth = model->local_auth;
	connection->model.remote_auth = model->remote_auth;
}

/**
 * ike_renew_auth - both sides of a connection have other keys or certificates
 * @ike: the engine
 * @model: the connection, with the same name and identities; its two ways to
 *	authenticate are copied, the rest doesn't count
 *
 * That goes for all its instances. SAs that are there stay; what authenticates from
 * now on does so in the new way. An authentication under way may fail, as any may.
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_renew_auth(struct ike *ike, const struct ike_model *model)
{
	struct list *link, *following;
	struct ike_connection *instance;
	struct target target;
	struct error *error;

	error = find_target(ike, model->name, NULL, &target);
	if (error)
		return error;
	take_auth(target.connection, model);
	list_for_each(link, following, &ike->instances) {
		instance = list_entry(link, struct ike_connection, link);
		if (instance->template == target.connection)
			take_auth(instance, model);
	}
	return NULL;
}

/* Who has waited for an IKE SA of another connection begins one. */
static void connect_others(const struct ike_connection *connection)
{
	struct list *link, *following;
	struct ike_connection *other;

	list_for_each(link, following, &connection->ike->connections) {
		other = list_entry(link, struct ike_connection, link);
		if (other != connection && ike_share_alike(other, connection) &&
		    other->wanted && !other->retry.running &&
		    !ike_share_find_sa(other))
			ike_connection_connect(other);
	}
}

/* Ends an IKE SA, or what a connection has in it; whether it has ended. */
static bool remove_from(struct ike_sa *sa, struct ike_connection *connection,
			const char *why)
{
	struct ike_connection *heir = NULL;

	if (ike_instance_is_of(sa->connection, connection)) {
		if (sa->state == IKE_SA_ESTABLISHED && !sa->rival_of)
			heir = ike_share_heir(sa, sa->connection);
		if (!heir) {
			if (sa->state == IKE_SA_ESTABLISHED)
				error_free(ike_delete_begin(sa));
			ike_sa_kill(sa, why);
			return true;
		}
		ike_share_hand_over(sa, heir);
	}
	if (ike_share_alike(sa->connection, connection))
		ike_share_forget(sa, connection);
	return false;
}

/**
 * ike_remove - end a connection and forget it
 * @ike: the engine
 * @connection: its name
 *
 * Its SAs, and those of its instances, end at once; the peers are told, and
 * not asked again. IKE SAs that other connections share become theirs.
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_remove(struct ike *ike, const char *connection)
{
	static const char why[] = "the connection was removed";
	struct list *link, *following;
	struct target target;
	struct error *error;
	struct ike_sa *sa;

	error = find_target(ike, connection, NULL, &target);
	if (error)
		return error;
	ike_connection_give_up(target.connection);
	list_for_each(link, following, &ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (remove_from(sa, target.connection, why))
			/* others may have gone with it */
			following = ike->sas.next;
	}
	ike_share_settle(target.connection, why);
	connect_others(target.connection);
	ike_reap(ike);
	ike_connection_free(target.connection);
	return NULL;
}

/* Brings up what is wanted: in an IKE SA that is there, or in a new one. */
static void bring_up(struct ike_connection *connection)
{
	struct ike_sa *sa = ike_share_find_sa(connection);

	connection->failures = 0;
	if (!sa)
		ike_connection_connect(connection);
	else if (sa->state == IKE_SA_ESTABLISHED)
		ike_sa_begin_children_of(sa, connection);
	ike_reap(connection->ike);
}

/**
 * ike_up - bring up a connection
 * @ike: the engine
 * @connection: its name
 * @child: of which child SA; NULL = all of them
 *
 * Return: NULL, or why it cannot even be tried.
 */
struct error *ike_up(struct ike *ike, const char *connection, const char *child)
{
	struct target target;
	struct error *error;

	error = find_target(ike, connection, child, &target);
	if (error)
		return error;
	target.connection->wanted |= target.children;
	target.connection->keep = target.connection->model.stay;
	bring_up(target.connection);
	return NULL;
}

/**
 * ike_acquire - a packet waits for a child SA
 * @ike: the engine
 * @connection: name of the connection
 * @child: of which child SA, NULL = of all of them
 * @flow: what the packet shows, NULL = nobody knows
 *
 * The peer is told of the packet, so that it doesn't leave it out if it takes less
 * than all of our selectors (RFC 7296, 2.9). Whether it stays up depends on who else wants it.
 *
 * Return: NULL, or why it cannot even be tried.
 */
struct error *ike_acquire(struct ike *ike, const char *connection,
			  const char *child, const struct ike_flow *flow)
{
	struct target target;
	struct error *error;

	error = find_target(ike, connection, child, &target);
	if (error)
		return error;
	if (flow)
		ike_connection_log(target.connection, flow);
	if (flow && target.child) {
		target.connection->flowing |= target.children;
		target.connection->flows[target.child -
			target.connection->model.children] = *flow;
	}
	target.connection->wanted |= target.children;
	bring_up(target.connection);
	return NULL;
}

static void take_children_down(struct ike_sa *sa,
			       const struct ike_connection *connection,
			       uint32_t children)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->connection == connection &&
		    ike_child_bit(child) & children &&
		    child->state == IKE_CHILD_UP)
			error_free(ike_delete_child_begin(child));
	}
}

/*
 * Ends one child of a connection in an IKE SA that serves it, or all of them, and
 * then the IKE SA as well, unless somebody else needs it.
 */
static void take_down(struct ike_sa *sa, struct ike_connection *connection,
		      const struct target *target)
{
	bool own = sa->connection == connection;
	struct ike_connection *heir;

	ike_reauth_leave_out(sa, connection, target->children);
	if (sa->state == IKE_SA_CONNECTING && !target->child && own)
		ike_sa_kill_quietly(sa);
	if (sa->state != IKE_SA_ESTABLISHED)
		return;
	heir = ike_share_heir(sa, connection);
	if (!target->child && !heir && (own || connection->joined)) {
		error_free(ike_delete_begin(sa));
		return;
	}
	take_children_down(sa, connection, target->children);
	if (!target->child && own)
		ike_share_hand_over(sa, heir);
}

/**
 * ike_down - bring down a connection
 * @ike: the engine
 * @connection: its name
 * @child: of which child SA; NULL = all of it
 *
 * That goes for all its instances. An IKE SA that other connections share goes on for
 * them.
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_down(struct ike *ike, const char *connection,
		       const char *child)
{
	struct list *link, *following;
	struct target target;
	struct error *error;
	struct ike_sa *sa;

	error = find_target(ike, connection, child, &target);
	if (error)
		return error;
	target.connection->wanted &= ~target.children;
	if (!target.connection->wanted)
		ike_connection_give_up(target.connection);
	list_for_each(link, following, &ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (ike_instance_is_of(sa->connection, target.connection))
			take_down(sa, sa->connection, &target);
		else if (ike_share_alike(sa->connection, target.connection))
			take_down(sa, target.connection, &target);
	}
	connect_others(target.connection);
	ike_share_settle(target.connection, "we have ended it");
	ike_reap(ike);
	return NULL;
}

/* Replaces keys of a connection that was added, or of an instance. */
static struct error *rekey(struct ike_connection *connection,
			   const struct target *target)
{
	const struct ike_child_model *model = target->child;
	struct ike_sa *sa = ike_share_find_sa(connection);
	struct ike_child *old;

	if (!sa || sa->state != IKE_SA_ESTABLISHED || !connection->joined)
		return error_refused(0, "connection \"%s\" is not up",
				     connection->model.name);
	if (!model)
		return ike_rekey_begin(sa);
	model = &connection->model.children[model -
					    target->connection->model.children];
	old = ike_child_find_model(sa, model);
	if (!old)
		old = ike_child_find_any(sa->ike, model);
	if (!old)
		return error_refused(0, "\"%s\" is not up", model->name);
	return ike_create_child_begin(old->sa, connection, model, old);
}

static struct error *rekey_instances(const struct target *target)
{
	struct ike *ike = target->connection->ike;
	struct list *link, *following;
	struct ike_connection *instance;
	struct error *error = NULL;
	bool any = false;

	list_for_each(link, following, &ike->instances) {
		instance = list_entry(link, struct ike_connection, link);
		if (instance->template != target->connection || error)
			continue;
		any = true;
		error = rekey(instance, target);
	}
	return any ? error : rekey(target->connection, target);
}

/**
 * ike_rekey - replace keys before their time
 * @ike: the engine
 * @connection: its name
 * @child: of which child SA; NULL = of the IKE SA
 *
 * That goes for all its instances.
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_rekey(struct ike *ike, const char *connection,
			const char *child)
{
	struct target target;
	struct error *error;

	error = find_target(ike, connection, child, &target);
	return error ? error : rekey_instances(&target);
}
