// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Negotiates, installs and ends child SAs. Which exchange does that is no
 * concern of this file.
 */
#include <stdlib.h>
#include <string.h>

#include "ike/child.h"
#include "ike/exchange.h"
#include "ike/instance.h"
#include "ike/natd.h"
#include "ike/proposal.h"
#include "ike/share.h"
#include "ike/ts.h"
#include "lib/iana.h"

/*
 * So many child SAs of one kind a peer can have in an IKE SA. One is what it needs, but
 * some make one for each network or host of theirs, out of a wide one of ours.
 */
#define ALIKE_MAX 64

/**
 * ike_child_replace - it is time for another child SA in the place of one
 * @child: the child SA
 */
void ike_child_replace(struct ike_child *child)
{
	struct ike_sa *sa = child->sa;
	struct error *error = NULL;

	if (child->state != IKE_CHILD_UP ||
	    sa->state != IKE_SA_ESTABLISHED ||
	    child->connection->model.no_rekey)
		return;
	/*
	 * Should nothing come of it, there is time for another try. One that isn't
	 * used may be yet, when that in its place ends.
	 */
	ike_set_timer(sa->ike, &child->rekey, ike_spread(sa->ike, 3000, 6000));
	if (child->in_use)
		error = ike_create_child_begin(sa, child->connection,
					       child->model, child);
	if (error)
		ike_child_log(child, IKE_LEVEL_ERROR, "cannot rekey: %s",
			      error->sentence);
	error_free(error);
}

static void expire_rekey(struct ike_timer *timer)
{
	ike_child_replace(list_entry(timer, struct ike_child, rekey));
}

/**
 * ike_child_expire - the time of a child SA is over, whatever comes next
 * @child: the child SA
 */
void ike_child_expire(struct ike_child *child)
{
	if (child->sa->state != IKE_SA_ESTABLISHED ||
	    child->state == IKE_CHILD_DELETING)
		return;
	ike_child_log(child, IKE_LEVEL_ERROR, "reached its lifetime");
	error_free(ike_delete_child_begin(child));
}

static void expire_end(struct ike_timer *timer)
{
	struct ike_child *child = list_entry(timer, struct ike_child, end);

	/* the peer answers, or is dead */
	if (ike_create_child_replaces(child))
		ike_set_timer(child->sa->ike, &child->end, 1000);
	else
		ike_child_expire(child);
}

/**
 * ike_child_create - begin a child SA
 * @sa: its IKE SA
 * @connection: the connection that it is of, which @sa serves
 * @model: what it is to be
 * @child: set to the child SA, which has an inbound SPI and nothing else
 *
 * Return: NULL, or why it cannot be.
 */
struct error *ike_child_create(struct ike_sa *sa,
			       struct ike_connection *connection,
			       const struct ike_child_model *model,
			       struct ike_child **child)
{
	struct ike_child *created = calloc(1, sizeof(*created));
	struct ike *ike = sa->ike;
	struct error *error;

	if (!created)
		return error_no_memory();
	created->sa = sa;
	created->connection = connection;
	created->model = model;
	created->pair.connection = connection->model.name;
	created->pair.instance = ike_connection_instance(connection);
	created->pair.child = model->name;
	created->pair.serial = ike_serial(ike);
	created->pair.path = sa->path;
	created->pair.encapsulate = ike_natd_encapsulates(sa);
	created->pair.keepalive = ike_natd_keepalive(sa);
	created->rekey.expire = expire_rekey;
	created->end.expire = expire_end;
	error = ike->ops->kernel.allocate_spi(ike->context, &sa->path,
					      &created->pair.spi_in);
	if (error) {
		free(created);
		return error;
	}
	list_append(&sa->children, &created->link);
	*child = created;
	return NULL;
}

/* How many child SAs the kernel has of the same child, in any IKE SA */
static uint32_t *installed_of(const struct ike_child *child)
{
	struct ike_connection *connection = child->connection;

	return &connection->installed[child->model -
				      connection->model.children];
}

/* Nobody may point at it any more. */
static void child_free(struct ike_child *child)
{
	struct ike_sa *sa = child->sa;
	struct list *link, *following;
	struct ike_child *other;

	ike_window_forget(sa, child);
	if (sa->rival_of)
		ike_window_forget(sa->rival_of, child);
	list_for_each(link, following, &sa->children) {
		other = list_entry(link, struct ike_child, link);
		if (other->successor == child)
			other->successor = NULL;
	}
	ike_timer_stop(&sa->ike->timers, &child->rekey);
	ike_timer_stop(&sa->ike->timers, &child->end);
	list_remove(&child->link);
	explicit_bzero(child, sizeof(*child));
	free(child);
}

/**
 * ike_child_discard - a child SA is not to be after all
 * @child: the child SA, which was never installed
 */
void ike_child_discard(struct ike_child *child)
{
	struct ike *ike = child->sa->ike;

	ike->ops->kernel.release_spi(ike->context, &child->pair.path,
				     child->pair.spi_in);
	child_free(child);
}

/**
 * ike_child_tell_up - a child SA is there that was not
 * @child: the child SA, which replaces none
 */
void ike_child_tell_up(const struct ike_child *child)
{
	char local[IKE_TS_TEXT_SIZE], remote[IKE_TS_TEXT_SIZE];

	ike_child_log(child, IKE_LEVEL_INFO,
		      "%s established Child SA using #%llu; %s %s === %s",
		      child->initiator ? "initiator" : "responder",
		      (unsigned long long)child->sa->serial,
		      child->pair.transport ? "transport" : "tunnel",
		      ike_ts_text(&child->pair.local, local),
		      ike_ts_text(&child->pair.remote, remote));
	if (*installed_of(child) == 1)
		ike_child_tell(child, IKE_EVENT_CHILD_UP, NULL);
}

/**
 * ike_child_fail - a child SA that was wanted cannot be
 * @child: the child SA, which was never installed
 * @error: why; freed
 */
void ike_child_fail(struct ike_child *child, struct error *error)
{
	ike_child_log(child, IKE_LEVEL_ERROR, "%s", error->sentence);
	if (!*installed_of(child))
		ike_child_tell(child, IKE_EVENT_CHILD_FAILED, error->sentence);
	error_free(error);
	ike_child_discard(child);
}

/* Outbound packets have taken another child SA until now. */
static void end_use_of_others(const struct ike_child *child)
{
	struct list *link, *following, *inner, *next;
	struct ike_child *other;

	list_for_each(link, following, &child->sa->ike->sas) {
		struct ike_sa *sa = list_entry(link, struct ike_sa, link);

		list_for_each(inner, next, &sa->children) {
			other = list_entry(inner, struct ike_child, link);
			if (other != child && other->model == child->model)
				other->in_use = false;
		}
	}
}

/**
 * ike_child_use - let outbound packets take a child SA
 * @child: the child SA, which is installed
 */
void ike_child_use(struct ike_child *child)
{
	struct ike *ike = child->sa->ike;
	struct error *error;

	child->postponed = false;
	if (child->in_use)
		return;
	error = ike->ops->kernel.use(ike->context, &child->pair);
	if (error) {
		ike_child_log(child, IKE_LEVEL_ERROR, "%s", error->sentence);
	} else {
		child->in_use = true;
		end_use_of_others(child);
	}
	error_free(error);
}

/**
 * ike_child_bit - which child of its connection it is
 * @child: the child SA
 *
 * Return: its bit.
 */
uint32_t ike_child_bit(const struct ike_child *child)
{
	return 1u << (child->model - child->connection->model.children);
}

/* Another child SA of the same kind in an IKE SA, NULL for none */
static struct ike_child *find_other_in(struct ike_sa *sa,
				       const struct ike_child *child)
{
	struct list *link, *following;
	struct ike_child *other;

	list_for_each(link, following, &sa->children) {
		other = list_entry(link, struct ike_child, link);
		/* the first one: those that replace it come later */
		if (other != child && other->model == child->model &&
		    other->state == IKE_CHILD_UP)
			return other;
	}
	return NULL;
}

/* The best one in any IKE SA: one that the peer has for sure, and a young one */
static struct ike_child *find_other(const struct ike_child *child)
{
	struct list *link, *following;
	struct ike_child *found = NULL, *other;

	list_for_each(link, following, &child->sa->ike->sas) {
		struct ike_sa *sa = list_entry(link, struct ike_sa, link);

		if (sa->state != IKE_SA_ESTABLISHED)
			continue;
		other = find_other_in(sa, child);
		if (other && (!found || !other->waits || found->waits))
			found = other;
	}
	return found;
}

/**
 * ike_child_is_wanted - has nobody taken it down meanwhile
 * @child: the child SA
 *
 * If there is another one of the same kind, the peer has made it since: it wants it.
 *
 * Return: whether it is still wanted.
 */
bool ike_child_is_wanted(const struct ike_child *child)
{
	const struct ike_connection *connection = child->connection;
	uint32_t wanted = connection->wanted |
			  ike_reauth_takes(child->sa, connection);

	return wanted & ike_child_bit(child) || find_other(child);
}

/**
 * ike_child_must_wait - do outbound packets take another child SA for now
 * @child: the child SA, which the peer has asked for and which replaces none
 * @waits: for what
 *
 * Return: whether they do, because there is another one.
 */
bool ike_child_must_wait(struct ike_child *child, enum ike_waits waits)
{
	child->waits = waits;
	child->postponed = find_other(child);
	return child->postponed;
}

/* No child SA of its kind is left: it comes up again, or isn't wanted any more. */
static void miss(const struct ike_child *child)
{
	struct ike_connection *connection = child->connection;
	struct ike_sa *sa = child->sa;

	if (sa->state != IKE_SA_ESTABLISHED || !ike_child_is_wanted(child))
		return;
	if (connection->keep)
		ike_sa_try_children_later(sa);
	else
		connection->wanted &= ~ike_child_bit(child);
}

/**
 * ike_child_ended_early - the peer has ended a child SA before we knew that it had made
 *	it
 * @child: the child SA, which is gone then
 */
void ike_child_ended_early(struct ike_child *child)
{
	static const char why[] = "the peer has ended it";
	struct ike_connection *connection = child->connection;

	if (!*installed_of(child)) {
		ike_child_tell(child, IKE_EVENT_CHILD_FAILED, why);
		miss(child);
	}
	ike_child_discard(child);
	ike_share_settle(connection, why);
}

/**
 * ike_child_end - end a child SA
 * @child: the child SA
 * @why: in words
 *
 * If there is no other one in its place, that is told; and perhaps its connection
 * has no use for an IKE SA any more.
 */
void ike_child_end(struct ike_child *child, const char *why)
{
	struct ike_connection *connection = child->connection;
	struct ike_sa *sa = child->sa;
	struct ike_child *other;
	struct ike *ike = sa->ike;

	if (!child->installed) {
		ike_child_discard(child);
		return;
	}
	/* if all of them end, packets may have found another IKE SA by now */
	if (child->successor && child->in_use &&
	    sa->state < IKE_SA_DELETING)
		ike_child_use(child->successor);
	other = child->in_use ? find_other(child) : NULL;
	if (other)
		ike_child_use(other);
	ike->ops->kernel.remove(ike->context, &child->pair);
	if (!--*installed_of(child)) {
		ike_child_tell(child, IKE_EVENT_CHILD_DOWN, why);
		miss(child);
	}
	child_free(child);
	/* of one that has ended itself, more is to be told */
	if (sa->state < IKE_SA_ENDED)
		ike_share_settle(connection, why);
}

/**
 * ike_child_find - find a child SA by what we send to
 * @sa: its IKE SA
 * @spi_out: of its outbound SA
 *
 * Return: the child SA, NULL if there is none.
 */
struct ike_child *ike_child_find(struct ike_sa *sa, uint64_t spi_out)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->state != IKE_CHILD_LARVAL &&
		    child->pair.spi_out == spi_out)
			return child;
	}
	return NULL;
}

static struct ike_child *find_serial(struct ike_sa *sa, uint64_t serial)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->pair.serial == serial)
			return child;
	}
	return NULL;
}

/**
 * ike_child_find_serial - find a child SA of any IKE SA
 * @ike: the engine
 * @serial: its serial number
 *
 * Return: the child SA, NULL if there is none.
 */
struct ike_child *ike_child_find_serial(struct ike *ike, uint64_t serial)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &ike->sas) {
		child = find_serial(list_entry(link, struct ike_sa, link),
				    serial);
		if (child)
			return child;
	}
	return NULL;
}

/**
 * ike_child_find_model - find a child SA by what it is to be
 * @sa: its IKE SA
 * @model: what it is to be
 *
 * Return: one that is up, NULL if there is none.
 */
struct ike_child *ike_child_find_model(struct ike_sa *sa,
				       const struct ike_child_model *model)
{
	struct list *link, *following;
	struct ike_child *child;

	list_for_each(link, following, &sa->children) {
		child = list_entry(link, struct ike_child, link);
		if (child->state == IKE_CHILD_UP && child->model == model)
			return child;
	}
	return NULL;
}

/**
 * ike_child_find_any - find a child SA in any IKE SA by what it is to be
 * @ike: the engine
 * @model: what it is to be
 *
 * Return: one that is up in an IKE SA that is established, NULL if there is none.
 */
struct ike_child *ike_child_find_any(struct ike *ike,
				     const struct ike_child_model *model)
{
	struct list *link, *following;
	struct ike_child *child = NULL;

	list_for_each(link, following, &ike->sas) {
		struct ike_sa *sa = list_entry(link, struct ike_sa, link);

		if (sa->state == IKE_SA_ESTABLISHED)
			child = ike_child_find_model(sa, model);
		if (child)
			return child;
	}
	return NULL;
}

static void put_no_padding(const struct ike_child *child,
			   struct wire_writer *writer)
{
	if (child->model->no_padding)
		wire_put_notify(writer,
				IANA_NOTIFY_ESP_TFC_PADDING_NOT_SUPPORTED,
				bytes_of(NULL, 0));
}

/* Does the peer want no padding that is to hide the length of packets? */
static bool wants_no_padding(const struct wire_payloads *payloads)
{
	return wire_find_notify(payloads,
				IANA_NOTIFY_ESP_TFC_PADDING_NOT_SUPPORTED);
}

/**
 * ike_child_offer - offer a child SA: what stands before nonce and key exchange
 * @child: the child SA
 * @writer: where to
 * @with_ke: offer perfect forward secrecy
 */
void ike_child_offer(struct ike_child *child, struct wire_writer *writer,
		     bool with_ke)
{
	struct wire_sa sa;

	if (child->model->transport)
		wire_put_notify(writer, IANA_NOTIFY_USE_TRANSPORT_MODE,
				bytes_of(NULL, 0));
	put_no_padding(child, writer);
	ike_proposal_copy(&sa, &child->model->proposals, with_ke, 4,
			  child->pair.spi_in);
	wire_put_sa(writer, &sa);
}

/*
 * RFC 7296, 2.9: the packet that we need it for comes first, so that a peer which
 * takes less than all of our selectors knows what must be among them.
 */
static void put_flow_first(const struct ike_child *child,
			   struct wire_ts_list *local,
			   struct wire_ts_list *remote)
{
	const struct ike_connection *connection = child->connection;
	const struct ike_flow *flow;
	struct wire_ts source, destination;

	if (!(connection->flowing & ike_child_bit(child)) ||
	    child->model->transport)
		return;
	flow = &connection->flows[child->model - connection->model.children];
	source = ike_ts_of_endpoint(&flow->source, flow->protocol);
	destination = ike_ts_of_endpoint(&flow->destination, flow->protocol);
	if (ike_ts_has(local, &source) && ike_ts_has(remote, &destination)) {
		ike_ts_put_first(local, &source);
		ike_ts_put_first(remote, &destination);
	}
}

/**
 * ike_child_offer_ts - offer a child SA: what stands behind
 * @child: the child SA
 * @writer: where to
 */
void ike_child_offer_ts(struct ike_child *child, struct wire_writer *writer)
{
	struct wire_ts_list remote = child->model->remote;
	struct wire_ts_list local = child->model->local;

	put_flow_first(child, &local, &remote);
	wire_put_ts(writer, IANA_PAYLOAD_TSI, &local);
	wire_put_ts(writer, IANA_PAYLOAD_TSR, &remote);
}

/**
 * ike_child_refused - the peer has refused what we offered
 * @child: the child SA that it was to be
 * @type: of its notification
 * @with_ke: perfect forward secrecy was offered
 *
 * Return: a sentence that shows what was offered.
 */
struct error *ike_child_refused(const struct ike_child *child, uint16_t type,
				bool with_ke)
{
	char local[IKE_TS_TEXT_SIZE], remote[IKE_TS_TEXT_SIZE];
	char text[IANA_TEXT_SIZE];
	struct wire_sa offer;

	if (type == IANA_NOTIFY_NO_PROPOSAL_CHOSEN) {
		ike_proposal_copy(&offer, &child->model->proposals, with_ke, 0,
				  0);
		return ike_proposal_refused(&offer, IANA_PROTOCOL_ESP);
	}
	if (type == IANA_NOTIFY_TS_UNACCEPTABLE)
		return error_refused(0, "the peer refused: TS_UNACCEPTABLE: it has no place for what we offer: %s === %s",
				     ike_ts_text(&child->model->local, local),
				     ike_ts_text(&child->model->remote,
						 remote));
	return error_refused(0, "the peer refused: %s",
			     iana_text(IANA_NOTIFY, type, text));
}

/**
 * ike_child_accept - take what the peer chose from our offer
 * @child: the child SA
 * @payloads: its response
 * @with_ke: perfect forward secrecy was offered
 *
 * Return: NULL, or what is wrong with its choice.
 */
struct error *ike_child_accept(struct ike_child *child,
			       const struct wire_payloads *payloads,
			       bool with_ke)
{
	const struct wire_proposal *chosen;
	char offered[IKE_TS_TEXT_SIZE], theirs[IKE_TS_TEXT_SIZE];
	struct error *error;

	if (!wire_has(payloads, IANA_PAYLOAD_SA) ||
	    !wire_has(payloads, IANA_PAYLOAD_TSI) ||
	    !wire_has(payloads, IANA_PAYLOAD_TSR) ||
	    payloads->sa.proposal_count != 1)
		return error_refused(0, "the response lacks what a child SA needs");
	error = ike_proposal_select(&child->model->proposals, &payloads->sa,
				    IANA_PROTOCOL_ESP, with_ke,
				    &child->pair.suite, &chosen);
	if (error)
		return error;
	if (chosen->spi < 0x100)
		return error_refused(0, "the peer chose a reserved SPI");
	child->pair.spi_out = (uint32_t)chosen->spi;
	child->pair.local = payloads->ts_i;
	child->pair.remote = payloads->ts_r;
	ike_ts_simplify(&child->pair.local);
	ike_ts_simplify(&child->pair.remote);
	if (!ike_ts_covers(&child->model->local, &child->pair.local) ||
	    !ike_ts_covers(&child->model->remote, &child->pair.remote))
		return error_refused(0, "TS_UNACCEPTABLE: the peer chose %s === %s, which is more than was offered",
				     ike_ts_text(&child->pair.local, offered),
				     ike_ts_text(&child->pair.remote, theirs));
	child->pair.no_padding = wants_no_padding(payloads);
	child->pair.transport = wire_find_notify(payloads,
						 IANA_NOTIFY_USE_TRANSPORT_MODE);
	if (child->pair.transport && !child->model->transport)
		return error_refused(0, "the peer chose transport mode, which was not offered");
	return NULL;
}

static bool is_transport(const struct ike_child_model *model,
			 const struct wire_payloads *payloads)
{
	return model->transport &&
	       wire_find_notify(payloads, IANA_NOTIFY_USE_TRANSPORT_MODE);
}

/* Puts an address in the place of each that a list has. */
static void put_address(struct wire_ts_list *list,
			const struct address *address)
{
	uint16_t i;

	for (i = 0; i < list->count; i++) {
		if (list->items[i].first.length != address->length)
			continue;
		list->items[i].first = *address;
		list->items[i].last = *address;
	}
}

/*
 * What the peer offers, as we see it: in transport mode it knows an end that is
 * behind a NAT by another address than packets have here (RFC 7296, 2.23.1).
 */
static void translate(const struct ike_sa *sa,
		      const struct wire_payloads *payloads,
		      struct wire_ts_list *remote, struct wire_ts_list *local,
		      struct ike_translated *translated)
{
	*remote = payloads->ts_i;
	*local = payloads->ts_r;
	if (sa->nat.remote) {
		translated->remote = remote->items[0].first;
		put_address(remote, &sa->path.remote.address);
	}
	if (sa->nat.local) {
		translated->local = local->items[0].first;
		put_address(local, &sa->path.local.address);
	}
}

/**
 * enum fit - how well what a peer offers fits to a child of ours
 * @FIT_NOT: not at all
 * @FIT_NARROWED: with a part of it, or with a part of ours
 * @FIT_WHOLE: it is the same
 */
enum fit {
	FIT_NOT,
	FIT_NARROWED,
	FIT_WHOLE,
};

/**
 * struct choice - a child of ours that a peer may mean
 * @connection: of which connection, NULL = there is none
 * @model: what it is to be
 * @pair: with the selectors that both sides have in common
 * @fit: how well it fits
 */
struct choice {
	struct ike_connection *connection;
	const struct ike_child_model *model;
	struct ike_pair pair;
	enum fit fit;
};

static enum fit fit_local(const struct ike_connection *connection,
			  const struct ike_child_model *model,
			  const struct wire_ts_list *local,
			  struct ike_pair *pair)
{
	bool all;

	if (!ike_ts_narrow(&model->local, local, &pair->local))
		return FIT_NOT;
	all = ike_ts_covers(&pair->local, &model->local);
	if (!all && !connection->model.narrowing)
		return FIT_NOT;
	return all && ike_ts_covers(&pair->local, local) ? FIT_WHOLE :
							   FIT_NARROWED;
}

static enum fit fit_remote(const struct ike_sa *sa,
			   const struct ike_connection *connection,
			   const struct ike_child_model *model,
			   const struct wire_ts_list *remote, bool transport,
			   struct ike_pair *pair)
{
	bool all;

	/* until there is an instance, nobody knows */
	if (model->remote_is_peer && !connection->template)
		return FIT_WHOLE;
	if (model->remote_is_peer)
		return ike_instance_narrow(sa, model, remote, transport,
					   &pair->remote) ? FIT_WHOLE : FIT_NOT;
	if (!ike_ts_narrow(&model->remote, remote, &pair->remote))
		return FIT_NOT;
	all = ike_ts_covers(&pair->remote, &model->remote);
	if (!all && !connection->model.narrowing && !model->remote_port_is_any)
		return FIT_NOT;
	return all && ike_ts_covers(&pair->remote, remote) ? FIT_WHOLE :
							     FIT_NARROWED;
}

/* Do the peer's selectors fit to a child of ours? */
static enum fit fit(struct ike_sa *sa, const struct ike_connection *connection,
		    const struct ike_child_model *model,
		    const struct wire_payloads *payloads,
		    struct ike_pair *pair)
{
	struct wire_ts_list remote = payloads->ts_i, local = payloads->ts_r;
	bool transport = is_transport(model, payloads);
	struct ike_translated translated;
	enum fit here, there;

	if (transport)
		translate(sa, payloads, &remote, &local, &translated);
	here = fit_local(connection, model, &local, pair);
	if (here == FIT_NOT)
		return FIT_NOT;
	there = fit_remote(sa, connection, model, &remote, transport, pair);
	return here < there ? here : there;
}

/* Takes a child of a connection if it fits better than what was found before. */
static void try_children(struct ike_sa *sa, struct ike_connection *connection,
			 const struct wire_payloads *payloads,
			 struct choice *best)
{
	const struct ike_model *model = &connection->model;
	struct choice choice = { .connection = connection };
	uint16_t i;

	for (i = 0; i < model->child_count && best->fit < FIT_WHOLE; i++) {
		choice.model = &model->children[i];
		choice.fit = fit(sa, connection, choice.model, payloads,
				 &choice.pair);
		if (choice.fit > best->fit)
			*best = choice;
	}
}

/**
 * ike_child_fits - would a child SA that a peer offers fit to a connection
 * @sa: the IKE SA, which need not have a connection yet
 * @connection: the connection
 * @payloads: the peer's request
 *
 * Return: how well; 0 = not, or the peer offers none.
 */
unsigned int ike_child_fits(struct ike_sa *sa,
			    const struct ike_connection *connection,
			    const struct wire_payloads *payloads)
{
	const struct ike_model *model = &connection->model;
	enum fit best = FIT_NOT, fits;
	struct ike_pair pair;
	uint16_t i;

	if (!wire_has(payloads, IANA_PAYLOAD_TSI) ||
	    !wire_has(payloads, IANA_PAYLOAD_TSR))
		return FIT_NOT;
	for (i = 0; i < model->child_count && best < FIT_WHOLE; i++) {
		fits = fit(sa, connection, &model->children[i], payloads,
			   &pair);
		if (fits > best)
			best = fits;
	}
	return best;
}

/* What takes the place of a child SA is the same; else the best of what fits. */
static void choose(struct ike_sa *sa, const struct wire_payloads *payloads,
		   const struct ike_child *old, struct choice *choice)
{
	struct ike_connection *connection = NULL;

	*choice = (struct choice){ .fit = FIT_NOT };
	if (!old) {
		while ((connection = ike_share_next(sa, connection)))
			try_children(sa, connection, payloads, choice);
		return;
	}
	choice->connection = old->connection;
	choice->model = old->model;
	choice->fit = fit(sa, old->connection, old->model, payloads,
			  &choice->pair);
}

static struct error *no_selectors(struct ike_sa *sa,
				  const struct wire_payloads *payloads,
				  const struct ike_child *old)
{
	char ours[2][IKE_TS_TEXT_SIZE], theirs[2][IKE_TS_TEXT_SIZE];
	const struct ike_child_model *model =
		old ? old->model : &sa->connection->model.children[0];

	return error_refused(0, "TS_UNACCEPTABLE: the peer offers %s === %s, we have %s === %s%s",
			     ike_ts_text(&payloads->ts_i, theirs[0]),
			     ike_ts_text(&payloads->ts_r, theirs[1]),
			     ike_ts_text(&model->remote, ours[0]),
			     ike_ts_text(&model->local, ours[1]),
			     model->remote_is_peer && sa->nat.remote ?
			     ", or behind a NAT one address of the networks of virtual-private=" :
			     "");
}

/* There may be more while each is replaced, and the old one not yet deleted. */
static struct error *check_number(const struct ike_sa *sa,
				  const struct ike_child_model *model,
				  const struct ike_child *old)
{
	unsigned int most = old ? 2 * ALIKE_MAX : ALIKE_MAX, count = 0;
	const struct list *link;

	for (link = sa->children.next; link != &sa->children;
	     link = link->next)
		count += list_entry(link, struct ike_child,
				    link)->model == model;
	if (count < most)
		return NULL;
	return error_refused(0, "NO_ADDITIONAL_SAS: the peer has %u child SAs of \"%s\" already",
			     count, model->name);
}

/**
 * ike_child_choose - choose from what the peer offers
 * @sa: the IKE SA
 * @payloads: its request
 * @old: the child SA that it is to replace, NULL = none: whatever fits
 * @with_ke: perfect forward secrecy is possible
 * @child: set to the child SA, which is not installed yet
 * @number: set to the number of the proposal that was chosen
 * @notify: after an error, set to what to tell the peer
 *
 * Return: NULL, or why nothing fits.
 */
struct error *ike_child_choose(struct ike_sa *sa,
			       const struct wire_payloads *payloads,
			       const struct ike_child *old,
			       bool with_ke, struct ike_child **child,
			       uint8_t *number, uint16_t *notify)
{
	const struct ike_child_model *model;
	const struct wire_proposal *chosen;
	struct choice choice;
	struct ike_pair *pair = &choice.pair;
	struct error *error;

	*notify = IANA_NOTIFY_TS_UNACCEPTABLE;
	choose(sa, payloads, old, &choice);
	model = choice.model;
	if (choice.fit == FIT_NOT)
		return no_selectors(sa, payloads, old);
	error = ike_instance_check(sa, pair);
	if (error)
		return error;
	*notify = IANA_NOTIFY_NO_PROPOSAL_CHOSEN;
	error = ike_proposal_select(&model->proposals, &payloads->sa,
				    IANA_PROTOCOL_ESP, with_ke, &pair->suite,
				    &chosen);
	if (error)
		return error;
	if (chosen->spi < 0x100)
		return error_refused(0, "the peer chose a reserved SPI");
	*notify = IANA_NOTIFY_NO_ADDITIONAL_SAS;
	error = check_number(sa, model, old);
	if (!error)
		error = ike_child_create(sa, choice.connection, model, child);
	if (error)
		return error;
	ike_instance_settle(sa, model, &pair->remote);
	(*child)->pair.suite = pair->suite;
	(*child)->pair.local = pair->local;
	(*child)->pair.remote = pair->remote;
	(*child)->pair.spi_out = (uint32_t)chosen->spi;
	(*child)->pair.no_padding = wants_no_padding(payloads);
	(*child)->pair.transport = is_transport(model, payloads);
	if ((*child)->pair.transport)
		translate(sa, payloads, &pair->remote, &pair->local,
			  &(*child)->translated);
	*number = chosen->number;
	return NULL;
}

/**
 * ike_child_put_choice - tell what was chosen: what stands before nonce and key
 *	exchange
 * @child: the child SA
 * @writer: where to
 * @number: of the proposal
 * @with_ke: tell the key exchange method
 */
void ike_child_put_choice(struct ike_child *child, struct wire_writer *writer,
			  uint8_t number, bool with_ke)
{
	struct wire_sa sa;

	if (child->pair.transport)
		wire_put_notify(writer, IANA_NOTIFY_USE_TRANSPORT_MODE,
				bytes_of(NULL, 0));
	put_no_padding(child, writer);
	ike_proposal_put(&sa, &child->pair.suite, IANA_PROTOCOL_ESP, with_ke,
			 number);
	sa.proposals[0].spi_length = 4;
	sa.proposals[0].spi = child->pair.spi_in;
	wire_put_sa(writer, &sa);
}

/**
 * ike_child_put_ts_choice - tell what was chosen: what stands behind
 * @child: the child SA, of which the peer is the initiator
 * @writer: where to
 */
void ike_child_put_ts_choice(struct ike_child *child,
			     struct wire_writer *writer)
{
	struct wire_ts_list remote = child->pair.remote;
	struct wire_ts_list local = child->pair.local;

	/* the peer hears of the addresses that it knows */
	put_address(&remote, &child->translated.remote);
	put_address(&local, &child->translated.local);
	wire_put_ts(writer, IANA_PAYLOAD_TSI, &remote);
	wire_put_ts(writer, IANA_PAYLOAD_TSR, &local);
}

static void schedule(struct ike_child *child)
{
	uint64_t lifetime = child->model->lifetime * 1000ULL;
	uint64_t margin = child->model->margin * 1000ULL;
	struct ike *ike = child->sa->ike;

	if (!lifetime)
		return;
	if (margin > lifetime / 2)
		margin = lifetime / 2;
	if (!child->connection->model.no_rekey)
		ike_set_timer(ike, &child->rekey,
			      ike_spread(ike, lifetime - margin,
					 lifetime - margin / 2));
	ike_set_timer(ike, &child->end, lifetime);
}

/**
 * ike_child_install - give a child SA to the kernel
 * @child: the child SA, negotiated
 * @input: what its keys are made of
 * @initiator: we sent the request that made it
 * @use: let outbound packets take it
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_child_install(struct ike_child *child,
				const struct ike_key_input *input,
				bool initiator, bool use)
{
	struct ike_pair *pair = &child->pair;
	struct ike_sa *sa = child->sa;
	struct ike *ike = sa->ike;
	struct error *error;

	error = ike_keys_make_child(&sa->keys, input, &pair->suite,
				    initiator ? &pair->out : &pair->in,
				    initiator ? &pair->in : &pair->out);
	if (!error)
		error = ike->ops->kernel.install(ike->context, pair, use);
	explicit_bzero(&pair->in, sizeof(pair->in));
	explicit_bzero(&pair->out, sizeof(pair->out));
	if (error)
		return error;
	child->state = IKE_CHILD_UP;
	child->initiator = initiator;
	child->installed = true;
	child->connection->flowing &= ~ike_child_bit(child);
	child->established = ike_now(ike);
	++*installed_of(child);
	child->in_use = use;
	if (use)
		end_use_of_others(child);
	schedule(child);
	/* until then nobody shares it */
	if (sa->state == IKE_SA_ESTABLISHED)
		ike_share_join(child->connection, sa);
	return NULL;
}
