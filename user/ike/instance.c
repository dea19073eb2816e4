// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections with anybody. Each peer that has proved who it is gets an instance:
 * a copy of the connection that knows who the peer is, where, and which addresses
 * are its own. It ends with its last IKE SA.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/id.h"
#include "ike/instance.h"
#include "ike/ts.h"
#include "lib/iana.h"

/**
 * ike_instance_is_of - does a connection come from another
 * @connection: a connection, or NULL
 * @template: another one
 *
 * Return: whether it is the other one, or an instance of it.
 */
bool ike_instance_is_of(const struct ike_connection *connection,
			const struct ike_connection *template)
{
	return connection && (connection == template ||
			      connection->template == template);
}

/* The one that a peer has got before; those without identity are told apart. */
static struct ike_connection *find(const struct ike_connection *template,
				   const struct ike_sa *sa)
{
	struct list *link, *following;
	struct ike_connection *instance;

	if (sa->peer_id.type == IANA_ID_NULL)
		return NULL;
	list_for_each(link, following, &sa->ike->instances) {
		instance = list_entry(link, struct ike_connection, link);
		if (instance->template == template &&
		    ike_id_equal(&instance->model.remote_id, &sa->peer_id) &&
		    address_equal(&instance->model.path.remote.address,
				 &sa->path.remote.address))
			return instance;
	}
	return NULL;
}

static void set_address(struct wire_ts_list *list,
			const struct address *address)
{
	list->items[0].first = *address;
	list->items[0].last = *address;
}

static struct ike_connection *make(struct ike_connection *template,
				   struct ike_sa *sa)
{
	struct ike_connection *instance =
		ike_connection_create(sa->ike, &template->model);
	struct ike_child_model *child;
	uint16_t i;

	if (!instance)
		return NULL;
	instance->template = template;
	instance->number = ++template->number;
	instance->group = ++sa->ike->groups;
	instance->model.remote_id = sa->peer_id;
	/* whoever has shown none may say another one next time */
	if (sa->peer_id.type == IANA_ID_NULL)
		instance->model.remote_id.type = 0;
	instance->model.path = sa->path;
	for (i = 0; i < instance->model.child_count; i++) {
		child = &instance->model.children[i];
		if (child->remote_is_peer)
			set_address(&child->remote, &sa->path.remote.address);
	}
	list_append(&sa->ike->instances, &instance->link);
	return instance;
}

/**
 * ike_instance_take - give a peer its instance, if its connection is with anybody
 * @sa: the IKE SA, whose peer has proved who it is
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_instance_take(struct ike_sa *sa)
{
	struct ike_connection *template = sa->connection, *instance;
	bool made = false;

	if (!address_is_unspecified(&template->model.path.remote.address))
		return NULL;
	instance = find(template, sa);
	if (!instance) {
		instance = make(template, sa);
		made = true;
	}
	if (!instance)
		return error_no_memory();
	sa->connection = instance;
	ike_instance_follow(sa);
	if (made)
		ike_sa_tell(sa, instance, IKE_EVENT_INSTANCE, NULL);
	return NULL;
}

/**
 * ike_instance_follow - a peer is where its IKE SA says
 * @sa: the IKE SA, which need not be of an instance
 */
void ike_instance_follow(struct ike_sa *sa)
{
	if (sa->connection && sa->connection->template)
		sa->connection->model.path = sa->path;
}

/**
 * ike_instance_leave - an IKE SA has ended
 * @sa: the IKE SA, which need not be of an instance
 */
void ike_instance_leave(struct ike_sa *sa)
{
	if (!sa->connection || !sa->connection->template)
		return;
	sa->connection->left = true;
	sa->ike->instance_left = true;
}

static bool is_alive(const struct ike_connection *instance)
{
	const struct list *sas = &instance->ike->sas, *link;
	const struct ike_sa *sa;

	for (link = sas->next; link != sas; link = link->next) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->connection == instance && sa->state < IKE_SA_ENDED)
			return true;
	}
	return false;
}

/* What has ended and is still there belongs to the template again. */
static void give_back(struct list *sas, struct ike_connection *instance)
{
	struct list *link, *following;
	struct ike_sa *sa;

	list_for_each(link, following, sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->connection == instance)
			sa->connection = instance->template;
	}
}

static void end(struct ike_connection *instance)
{
	struct ike *ike = instance->ike;

	give_back(&ike->sas, instance);
	give_back(&ike->dead, instance);
	ike_connection_tell(instance, IKE_EVENT_INSTANCE_ENDED, NULL);
	ike_connection_free(instance);
}

/**
 * ike_instance_reap - end the instances that have no IKE SA any more
 * @ike: the engine, about to return
 */
void ike_instance_reap(struct ike *ike)
{
	struct list *link, *following;
	struct ike_connection *instance;

	if (!ike->instance_left)
		return;
	ike->instance_left = false;
	list_for_each(link, following, &ike->instances) {
		instance = list_entry(link, struct ike_connection, link);
		if (!instance->left)
			continue;
		instance->left = false;
		if (!is_alive(instance))
			end(instance);
	}
}

/**
 * ike_find_model - what a connection, or an instance of it, is
 * @ike: the engine
 * @connection: its name
 * @instance: number of the instance, 0 = the connection itself
 *
 * This changes nothing, and so may be called by operations.
 *
 * Return: the model, there until the instance ends or the connection is removed;
 * NULL if there is none.
 */
const struct ike_model *ike_find_model(const struct ike *ike,
				       const char *connection,
				       uint64_t instance)
{
	const struct list *all = instance ? &ike->instances : &ike->connections;
	const struct ike_connection *found;
	const struct list *link;

	for (link = all->next; link != all; link = link->next) {
		found = list_entry(link, struct ike_connection, link);
		if ((!instance || found->number == instance) &&
		    !strcmp(found->model.name, connection))
			return &found->model;
	}
	return NULL;
}

/* ----- which addresses are the peer's own --------------------------------- */

static bool is_one_address(const struct wire_ts *ts)
{
	return address_equal(&ts->first, &ts->last);
}

/* A list of one of the selectors of another */
static struct wire_ts_list only(const struct wire_ts *ts)
{
	return (struct wire_ts_list){ .items = { *ts }, .count = 1 };
}

static bool overlap(const struct wire_ts_list *one,
		    const struct wire_ts_list *other)
{
	struct wire_ts_list both;

	return ike_ts_narrow(one, other, &both);
}

/*
 * May the peer have addresses behind it that only it knows? Not our own ones, as
 * packets for them have another way.
 */
static bool is_inner(const struct ike_inner *inner,
		     const struct ike_child_model *model,
		     const struct wire_ts *ts)
{
	struct wire_ts_list list = only(ts);
	struct wire_ts addresses = *ts;

	addresses.protocol = 0;
	addresses.ports = (struct port_range)PORT_RANGE_ANY;
	list.items[0] = addresses;
	return (inner->networks || is_one_address(ts)) &&
	       ike_ts_covers(&inner->allowed, &list) &&
	       !overlap(&inner->excluded, &list) &&
	       !overlap(&model->local, &list);
}

/* What both have in common, if that is enough */
static bool take(const struct ike_sa *sa, const struct ike_child_model *model,
		 const struct wire_ts_list *ours,
		 const struct wire_ts_list *offered,
		 struct wire_ts_list *remote)
{
	return ike_ts_narrow(ours, offered, remote) &&
	       (sa->connection->model.narrowing || model->remote_port_is_any ||
		ike_ts_covers(remote, ours));
}

/* An address that the peer has behind a NAT, or a network behind it */
static bool take_inner(const struct ike_sa *sa,
		       const struct ike_child_model *model,
		       const struct wire_ts_list *own,
		       const struct wire_ts_list *offered,
		       struct wire_ts_list *remote)
{
	const struct ike_inner *inner = &sa->connection->model.inner;
	struct wire_ts_list ours = *own;
	uint16_t i;

	if (inner->behind_nat && !sa->nat.remote)
		return false;
	for (i = 0; i < offered->count; i++) {
		if (!is_inner(inner, model, &offered->items[i]))
			continue;
		ours.items[0].first = offered->items[i].first;
		ours.items[0].last = offered->items[i].last;
		if (take(sa, model, &ours, offered, remote))
			return true;
	}
	return false;
}

/* Has the peer this child already? Then its selectors stay what they are. */
static bool is_settled(const struct ike_sa *sa,
		       const struct ike_child_model *model)
{
	const struct ike_connection *connection = sa->connection;

	return connection->installed[model - connection->model.children];
}

/* The peer's side of a child: as it is, or as the template has it */
static struct wire_ts_list side_of(const struct ike_sa *sa,
				   const struct ike_child_model *model)
{
	const struct ike_connection *connection = sa->connection;

	if (!is_settled(sa, model))
		model = &connection->template->model
				 .children[model - connection->model.children];
	return only(&model->remote.items[0]);
}

/**
 * ike_instance_narrow - which of the selectors that a peer offers are its own
 * @sa: its IKE SA
 * @model: a child whose other side is the peer itself
 * @offered: the selectors, as we see them
 * @transport: for transport mode
 * @remote: set to those that are the peer's
 *
 * That is its address; or, where the connection allows it, one that it has
 * behind a NAT.
 *
 * Return: whether there are any.
 */
bool ike_instance_narrow(const struct ike_sa *sa,
			 const struct ike_child_model *model,
			 const struct wire_ts_list *offered, bool transport,
			 struct wire_ts_list *remote)
{
	const struct ike_inner *inner = &sa->connection->model.inner;
	struct wire_ts_list own = side_of(sa, model);
	bool settled = is_settled(sa, model);

	if (transport || !settled)
		set_address(&own, &sa->path.remote.address);
	if ((transport || settled || !inner->only) &&
	    take(sa, model, &own, offered, remote))
		return true;
	return !transport && !settled &&
	       take_inner(sa, model, &own, offered, remote);
}

static bool is_of_another_peer(const struct ike_sa *sa,
			       const struct ike_sa *other)
{
	return other->connection && other->connection->template &&
	       other->connection != sa->connection &&
	       (!ike_id_equal(&other->peer_id, &sa->peer_id) ||
		sa->peer_id.type == IANA_ID_NULL);
}

/* A child SA that carries packets of these selectors */
static const struct ike_child *find_user(const struct ike_sa *sa,
					 const struct ike_pair *pair)
{
	const struct ike_child *child;
	const struct list *link;

	for (link = sa->children.next; link != &sa->children;
	     link = link->next) {
		child = list_entry(link, struct ike_child, link);
		if (child->installed &&
		    overlap(&child->pair.local, &pair->local) &&
		    overlap(&child->pair.remote, &pair->remote))
			return child;
	}
	return NULL;
}

/*
 * Whoever has the addresses may be gone, and come back as somebody else who wants the
 * same: nobody but itself can tell.
 */
static struct error *refuse(const struct ike_child *user,
			    const struct ike_pair *pair)
{
	struct ike_sa *sa = user->sa;
	char text[IKE_TS_TEXT_SIZE];
	struct error *error;

	error = error_refused(0, "TS_UNACCEPTABLE: #%llu of another peer, \"%s\"[%llu], has %s already",
			      (unsigned long long)user->pair.serial,
			      sa->connection->model.name,
			      (unsigned long long)sa->connection->number,
			      ike_ts_text(&pair->remote, text));
	if (sa->state == IKE_SA_ESTABLISHED && !sa->window.current &&
	    list_empty(&sa->window.queue))
		error_free(ike_liveness_begin(sa));
	return error;
}

/**
 * ike_instance_check - are the selectors of a child SA free
 * @sa: its IKE SA, which need not be of an instance
 * @pair: with its selectors
 *
 * A peer that may be anybody must not get what is for another one, as long as that one
 * is there.
 *
 * Return: NULL, or whose they are.
 */
struct error *ike_instance_check(const struct ike_sa *sa,
				 const struct ike_pair *pair)
{
	const struct ike_child *user;
	const struct ike_sa *other;
	const struct list *link;

	if (!sa->connection->template)
		return NULL;
	for (link = sa->ike->sas.next; link != &sa->ike->sas;
	     link = link->next) {
		other = list_entry(link, struct ike_sa, link);
		if (!is_of_another_peer(sa, other))
			continue;
		user = find_user(other, pair);
		if (user)
			return refuse(user, pair);
	}
	return NULL;
}

/**
 * ike_instance_settle - a child SA of a peer has its addresses
 * @sa: its IKE SA, which need not be of an instance
 * @model: the child
 * @remote: selectors of the peer's side
 */
void ike_instance_settle(struct ike_sa *sa,
			 const struct ike_child_model *model,
			 const struct wire_ts_list *remote)
{
	struct ike_connection *connection = sa->connection;

	if (connection->template && model->remote_is_peer)
		connection->model.children[model - connection->model.children]
			.remote = *remote;
}
