// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections between the same two hosts, with the same identities and ways to
 * prove them, share an IKE SA. It is that of one of them; the others are served as
 * well, with child SAs of their own. If the one that it is of leaves, it becomes that
 * of another; whoever leaves it last takes it along.
 *
 * Such connections have the same group. Those with anybody, and their instances,
 * are alone in theirs.
 */
#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/id.h"
#include "ike/natd.h"
#include "ike/share.h"

static bool same_endpoint(const struct ike_endpoint *one,
			  const struct ike_endpoint *other)
{
	return one->port == other->port &&
	       bytes_equal(bytes_of(one->address.bytes, one->address.length),
			   bytes_of(other->address.bytes,
				    other->address.length));
}

static bool same_methods(const struct ike_methods *one,
			 const struct ike_methods *other)
{
	return one->secret == other->secret && one->null == other->null &&
	       one->schemes == other->schemes && one->hashes == other->hashes;
}

static bool same_list(const struct bytes *one, const struct bytes *other,
		      uint16_t count)
{
	while (count--) {
		if (!bytes_equal(one[count], other[count]))
			return false;
	}
	return true;
}

static bool same_local_auth(const struct ike_local_auth *one,
			    const struct ike_local_auth *other)
{
	return same_methods(&one->methods, &other->methods) &&
	       one->has_key == other->has_key &&
	       bytes_equal(bytes_of(one->ckaid, sizeof(one->ckaid)),
			   bytes_of(other->ckaid, sizeof(other->ckaid))) &&
	       one->cert_count == other->cert_count &&
	       same_list(one->certs, other->certs, one->cert_count) &&
	       one->send_cert == other->send_cert;
}

static bool same_remote_auth(const struct ike_remote_auth *one,
			     const struct ike_remote_auth *other)
{
	return same_methods(&one->methods, &other->methods) &&
	       one->key_count == other->key_count &&
	       same_list(one->keys, other->keys, one->key_count) &&
	       one->certificates == other->certificates &&
	       bytes_equal(one->ca, other->ca) &&
	       one->any_id == other->any_id;
}

static bool same_transform(const struct wire_transform *one,
			   const struct wire_transform *other)
{
	return one->type == other->type && one->id == other->id &&
	       one->key_bits == other->key_bits;
}

static bool same_proposals(const struct wire_sa *one,
			   const struct wire_sa *other)
{
	uint16_t i;

	if (one->proposal_count != other->proposal_count ||
	    one->transform_count != other->transform_count)
		return false;
	for (i = 0; i < one->proposal_count; i++) {
		if (one->proposals[i].count != other->proposals[i].count)
			return false;
	}
	for (i = 0; i < one->transform_count; i++) {
		if (!same_transform(&one->transforms[i], &other->transforms[i]))
			return false;
	}
	return true;
}

/* Does an IKE SA of one do all that one of the other would? */
static bool may_share(const struct ike_model *one,
		      const struct ike_model *other)
{
	return same_endpoint(&one->path.local, &other->path.local) &&
	       same_endpoint(&one->path.remote, &other->path.remote) &&
	       ike_id_equal(&one->local_id, &other->local_id) &&
	       ike_id_equal(&one->remote_id, &other->remote_id) &&
	       same_local_auth(&one->local_auth, &other->local_auth) &&
	       same_remote_auth(&one->remote_auth, &other->remote_auth) &&
	       same_proposals(&one->proposals, &other->proposals) &&
	       one->encapsulation == other->encapsulation;
}

/**
 * ike_share_group - which connections share an IKE SA with a new one
 * @ike: the engine
 * @model: what that is to be
 *
 * Return: their number, or one that no connection has.
 */
uint64_t ike_share_group(struct ike *ike, const struct ike_model *model)
{
	struct list *link, *following;
	struct ike_connection *other;

	if (address_is_unspecified(&model->path.remote.address))
		return ++ike->groups;
	list_for_each(link, following, &ike->connections) {
		other = list_entry(link, struct ike_connection, link);
		if (may_share(&other->model, model))
			return other->group;
	}
	return ++ike->groups;
}

/**
 * ike_share_alike - do two connections share an IKE SA
 * @one: a connection, or NULL
 * @other: another one, or the same
 *
 * Return: whether they do.
 */
bool ike_share_alike(const struct ike_connection *one,
		     const struct ike_connection *other)
{
	return one && one->group == other->group;
}

/**
 * ike_share_next - go through the connections that an IKE SA serves, the one that
 *	it is of first
 * @sa: the IKE SA, which has a connection
 * @previous: the last one, NULL at the beginning
 *
 * Return: the next one, NULL at the end.
 */
struct ike_connection *ike_share_next(const struct ike_sa *sa,
				      const struct ike_connection *previous)
{
	const struct list *all = &sa->ike->connections, *link;
	struct ike_connection *connection;

	if (!previous)
		return sa->connection;
	link = previous == sa->connection ? all->next : previous->link.next;
	for (; link != all; link = link->next) {
		connection = list_entry(link, struct ike_connection, link);
		if (connection != sa->connection &&
		    ike_share_alike(connection, sa->connection))
			return connection;
	}
	return NULL;
}

static bool is_coming(const struct ike_sa *sa)
{
	return sa->state == IKE_SA_CONNECTING && sa->initiator;
}

/**
 * ike_share_find_sa - find the IKE SA that a connection works with
 * @connection: the connection
 *
 * Its own one is better than one that it shares, and one that is there better than
 * one that we are about to make.
 *
 * Return: the IKE SA, NULL if there is none.
 */
struct ike_sa *ike_share_find_sa(const struct ike_connection *connection)
{
	struct list *link, *following;
	struct ike_sa *sa, *found = NULL;

	list_for_each(link, following, &connection->ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->rival_of ||
		    !ike_share_alike(sa->connection, connection) ||
		    (sa->state != IKE_SA_ESTABLISHED && !is_coming(sa)))
			continue;
		if (sa->connection == connection)
			return sa;
		if (!found || is_coming(found))
			found = sa;
	}
	return found;
}

/**
 * ike_share_other_sa - is there an IKE SA that serves a connection beside another
 * @connection: the connection
 * @beside: the other one
 *
 * Return: one that is established, NULL for none.
 */
struct ike_sa *ike_share_other_sa(const struct ike_connection *connection,
				  const struct ike_sa *beside)
{
	struct list *link, *following;
	struct ike_sa *sa;

	list_for_each(link, following, &connection->ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa != beside && sa->state == IKE_SA_ESTABLISHED &&
		    ike_share_alike(sa->connection, connection))
			return sa;
	}
	return NULL;
}

/**
 * ike_share_join - a connection has an IKE SA now
 * @connection: the connection, which may have had it before
 * @sa: the IKE SA
 */
void ike_share_join(struct ike_connection *connection, struct ike_sa *sa)
{
	if (connection->joined)
		return;
	connection->joined = true;
	ike_sa_tell(sa, connection, IKE_EVENT_ESTABLISHED, NULL);
}

static bool has_installed(const struct ike_connection *connection)
{
	uint16_t i;

	for (i = 0; i < connection->model.child_count; i++) {
		if (connection->installed[i])
			return true;
	}
	return false;
}

static bool is_installed(const struct ike_child *child)
{
	return child->installed;
}

static bool stays(const struct ike_child *child)
{
	return child->state != IKE_CHILD_DELETING;
}

/* Has a connection a child SA in an IKE SA of which something is true? */
static bool has_child_in(const struct ike_sa *sa,
			 const struct ike_connection *connection,
			 bool (*is_true)(const struct ike_child *child))
{
	const struct ike_child *child;
	const struct list *link;

	for (link = sa->children.next; link != &sa->children;
	     link = link->next) {
		child = list_entry(link, struct ike_child, link);
		if (child->connection == connection && is_true(child))
			return true;
	}
	return false;
}

/* An IKE SA that may replace another one has its children as soon as it does. */
static bool needs(const struct ike_connection *connection,
		  const struct ike_sa *sa)
{
	return has_child_in(sa, connection, stays) ||
	       (sa->rival_of && has_child_in(sa->rival_of, connection, stays)) ||
	       (connection->wanted && !ike_share_other_sa(connection, sa));
}

/**
 * ike_share_heir - who needs an IKE SA beside a connection that leaves it
 * @sa: the IKE SA, which serves @connection
 * @connection: the connection
 *
 * Return: another connection that has a child SA there, or wants one and has no
 * other IKE SA; NULL if there is none.
 */
struct ike_connection *ike_share_heir(const struct ike_sa *sa,
				      const struct ike_connection *connection)
{
	struct ike_connection *other = NULL;

	while ((other = ike_share_next(sa, other))) {
		if (other != connection && needs(other, sa))
			return other;
	}
	return NULL;
}

/**
 * ike_share_hand_over - an IKE SA becomes that of another connection
 * @sa: the IKE SA, which is established
 * @heir: the other connection, which it serves already
 */
void ike_share_hand_over(struct ike_sa *sa, struct ike_connection *heir)
{
	struct ike_connection *before = sa->connection;
	struct list *link, *following;
	struct ike_sa *other;

	ike_sa_log(sa, IKE_LEVEL_INFO, "goes on for \"%s\", which shares it",
		   heir->model.name);
	sa->connection = heir;
	/* whatever is about to replace it comes along */
	list_for_each(link, following, &sa->ike->sas) {
		other = list_entry(link, struct ike_sa, link);
		if (other->connection == before &&
		    (other->rival_of == sa || other->state == IKE_SA_LARVAL))
			other->connection = heir;
	}
	ike_liveness_schedule(sa);
	ike_natd_schedule(sa);
	ike_share_join(heir, sa);
}

static bool owns_any(const struct ike_connection *connection)
{
	const struct list *sas = &connection->ike->sas, *link;
	const struct ike_sa *sa;

	for (link = sas->next; link != sas; link = link->next) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->connection == connection &&
		    (sa->state == IKE_SA_ESTABLISHED ||
		     sa->state == IKE_SA_DELETING))
			return true;
	}
	return false;
}

/**
 * ike_share_settle - if a connection has no use for an IKE SA, it leaves it to
 *	those who have
 * @connection: the connection
 * @why: in words, why it has none any more
 *
 * An IKE SA that is its own and that nobody else needs stays.
 */
void ike_share_settle(struct ike_connection *connection, const char *why)
{
	struct list *link, *following;
	struct ike_connection *heir;
	struct ike_sa *sa;

	if (connection->wanted || has_installed(connection))
		return;
	list_for_each(link, following, &connection->ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (sa->connection != connection || sa->rival_of ||
		    sa->state != IKE_SA_ESTABLISHED)
			continue;
		heir = ike_share_heir(sa, connection);
		if (heir)
			ike_share_hand_over(sa, heir);
	}
	if (!connection->joined || owns_any(connection))
		return;
	connection->joined = false;
	ike_connection_tell(connection, IKE_EVENT_DOWN, why);
}

/**
 * ike_share_forget - a connection is to leave no trace in an IKE SA
 * @sa: the IKE SA, which is of another one
 * @connection: the connection, about to be removed
 *
 * The peer is told which child SAs have ended, and not asked again.
 */
void ike_share_forget(struct ike_sa *sa, struct ike_connection *connection)
{
	struct list *link, *following;
	struct ike_child *child;

	ike_reauth_leave_out(sa, connection, UINT32_MAX);
	ike_window_forget_connection(sa, connection);
	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->connection != connection)
			continue;
		if (child->installed && sa->state == IKE_SA_ESTABLISHED)
			error_free(ike_delete_ended_begin(sa,
							  child->pair.spi_in));
		ike_child_end(child, "the connection was removed");
		/* others may have taken its place */
		following = sa->children.next;
	}
}

/**
 * ike_share_split - a peer has no place for a connection in the IKE SA of another
 * @sa: the IKE SA
 * @connection: the connection
 *
 * It gets one of its own, from now on, unless it has got a child SA that way.
 *
 * Return: whether it does.
 */
bool ike_share_split(struct ike_sa *sa, struct ike_connection *connection)
{
	struct ike_sa *own;

	if (sa->connection == connection ||
	    has_child_in(sa, connection, is_installed))
		return false;
	ike_reauth_leave_out(sa, connection, UINT32_MAX);
	ike_window_forget_connection(sa, connection);
	connection->group = ++connection->ike->groups;
	own = ike_share_find_sa(connection);
	if (own && own->state == IKE_SA_ESTABLISHED)
		ike_sa_begin_children_of(own, connection);
	else if (!own && connection->wanted)
		ike_connection_connect(connection);
	return true;
}
