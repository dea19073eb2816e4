// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds the engine's model of a connection. Certificates and keys are added by
 * others, who open files.
 */
#include <stdio.h>
#include <string.h>

#include "crypto/scheme.h"
#include "daemon/connections/identity.h"
#include "daemon/connections/model.h"
#include "daemon/connections/selector.h"
#include "lib/iana.h"

static bool add_all(struct wire_sa *sa, uint8_t type,
		    const struct cfg_transforms *transforms)
{
	size_t i;

	for (i = 0; i < transforms->count; i++) {
		if (!wire_sa_add_transform(sa, type, transforms->items[i].id,
					   transforms->items[i].key_bits))
			return false;
	}
	return true;
}

static bool add_ike(struct wire_sa *sa, const struct cfg_proposal *proposal)
{
	return wire_sa_add_proposal(sa, IANA_PROTOCOL_IKE) &&
	       add_all(sa, IANA_TRANSFORM_ENCR, &proposal->encr) &&
	       add_all(sa, IANA_TRANSFORM_PRF, &proposal->prf) &&
	       add_all(sa, IANA_TRANSFORM_INTEG, &proposal->integ) &&
	       add_all(sa, IANA_TRANSFORM_KE, &proposal->ke);
}

/* Extended sequence numbers need the replay window (RFC 4303, 3.3.3). */
static bool add_esn(struct wire_sa *sa, const struct cfg_connection *connection)
{
	bool can = connection->replay_window && connection->esn != CFG_NO;
	bool must = can && connection->esn == CFG_YES;

	return (!can || wire_sa_add_transform(sa, IANA_TRANSFORM_ESN,
					      IANA_ESN_ESN, 0)) &&
	       (must || wire_sa_add_transform(sa, IANA_TRANSFORM_ESN,
					      IANA_ESN_NO_ESN, 0));
}

/* Where esp= names no key exchange, those of ike= count. */
static const struct cfg_transforms *
ke_of(const struct cfg_connection *connection,
      const struct cfg_proposal *proposal)
{
	static const struct cfg_transforms none;

	if (!connection->pfs)
		return &none;
	return proposal->ke.count ? &proposal->ke :
				    &connection->ike->items[0].ke;
}

static bool add_esp(struct wire_sa *sa, const struct cfg_connection *connection,
		    const struct cfg_proposal *proposal)
{
	return wire_sa_add_proposal(sa, IANA_PROTOCOL_ESP) &&
	       add_all(sa, IANA_TRANSFORM_ENCR, &proposal->encr) &&
	       add_all(sa, IANA_TRANSFORM_INTEG, &proposal->integ) &&
	       add_all(sa, IANA_TRANSFORM_KE, ke_of(connection, proposal)) &&
	       add_esn(sa, connection);
}

static struct error *build_proposals(const struct cfg_connection *connection,
				     struct wire_sa *ike, struct wire_sa *esp)
{
	bool fits = true;
	size_t i;

	for (i = 0; i < connection->ike->count; i++)
		fits &= add_ike(ike, &connection->ike->items[i]);
	for (i = 0; i < connection->esp->count; i++)
		fits &= add_esp(esp, connection, &connection->esp->items[i]);
	if (!fits)
		return error_refused(0, "ike= and esp= list more than %d algorithms or %d proposals: leave some of them out",
				     WIRE_TRANSFORMS_MAX, WIRE_PROPOSALS_MAX);
	return NULL;
}

static void set_prefix(struct wire_ts *ts, const struct prefix *prefix)
{
	unsigned int bit, bits = address_bits(&prefix->address);

	ts->first = prefix->address;
	ts->last = prefix->address;
	for (bit = prefix->length; bit < bits; bit++)
		ts->last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/* What an end lets through: one of its networks, or itself. */
static void build_selectors(const struct cfg_side *side,
			    const struct prefix *subnet,
			    const struct address *address,
			    struct wire_ts_list *list)
{
	struct prefix host = {
		.address = *address,
		.length = (uint8_t)address_bits(address),
	};
	struct wire_ts *ts = &list->items[0];

	/* whoever it is: until there is an address, any */
	if (address_is_unspecified(address))
		host.length = 0;
	list->count = 1;
	set_prefix(ts, subnet ? subnet : &host);
	ts->protocol = side->protoport.protocol;
	ts->ports = (struct port_range)PORT_RANGE_ANY;
	if (ts->protocol && !side->protoport.template)
		ts->ports = side->protoport.ports;
}

/* Which one of a list it is, as Libreswan counts: 0 for what stands in none */
static size_t number_of(const struct cfg_side *side, size_t i)
{
	if (!side->subnets.count || side->subnets.has_single)
		return i;
	return i + 1;
}

static struct error *name_child(const struct cfg_connection *connection,
				bool only, size_t left, size_t right,
				struct ike_child_model *child)
{
	const struct cfg_side *sides = connection->sides;
	int length;

	if (only)
		length = snprintf(child->name, sizeof(child->name), "%s",
				  connection->name);
	else
		length = snprintf(child->name, sizeof(child->name), "%s/%zux%zu",
				  connection->name,
				  number_of(&sides[CFG_LEFT], left),
				  number_of(&sides[CFG_RIGHT], right));
	if (length < 0 || (size_t)length >= sizeof(child->name))
		return error_refused(0, "the name of the connection is too long: at most %d characters can be used",
				     IKE_NAME_SIZE - 8);
	return NULL;
}

static const struct prefix *subnet_of(const struct cfg_side *side, size_t i)
{
	return side->subnets.count ? &side->subnets.items[i] : NULL;
}

/* IKEv2 knows what to do about a child SA: the connection says it for all. */
static void build_child(const struct cfg_connection *connection,
			const struct orientation *at,
			struct ike_child_model *child)
{
	const struct cfg_side *theirs = &connection->sides[!at->ours];

	child->remote_is_peer = !theirs->subnets.count &&
				address_is_unspecified(&at->remote);
	child->remote_port_is_any = theirs->protoport.template;
	child->transport = connection->type == CFG_TYPE_TRANSPORT;
	child->no_padding = connection->send_no_tfc;
	child->lifetime = (uint32_t)connection->salifetime;
	child->margin = (uint32_t)(connection->rekeymargin +
				   connection->rekeymargin *
				   connection->rekeyfuzz / 100);
}

/* What the module cannot select is refused here, and not when a peer has agreed. */
static struct error *check_child(const struct ike_child_model *child)
{
	struct selector_list list;

	return selector_list_make(&child->local, &child->remote, &list);
}

static struct error *add_child(const struct cfg_connection *connection,
			       const struct orientation *at, bool only,
			       const size_t index[CFG_SIDES],
			       const struct wire_sa *esp,
			       struct ike_model *model)
{
	const struct cfg_side *ours = &connection->sides[at->ours];
	const struct cfg_side *theirs = &connection->sides[!at->ours];
	struct ike_child_model *child;
	struct error *error;

	if (model->child_count == IKE_CHILDREN_MAX)
		return error_refused(0, "leftsubnets= and rightsubnets= make more than %d pairs: make several connections of it",
				     IKE_CHILDREN_MAX);
	child = &model->children[model->child_count++];
	error = name_child(connection, only, index[CFG_LEFT], index[CFG_RIGHT],
			   child);
	if (error)
		return error;
	child->proposals = *esp;
	build_selectors(ours, subnet_of(ours, index[at->ours]), &at->local,
			&child->local);
	build_selectors(theirs, subnet_of(theirs, index[!at->ours]),
			&at->remote, &child->remote);
	/* only the pairs of one family mean something */
	if (child->local.items[0].first.length !=
	    child->remote.items[0].first.length) {
		memset(child, 0, sizeof(*child));
		model->child_count--;
		return NULL;
	}
	build_child(connection, at, child);
	return check_child(child);
}

static size_t subnets_of(const struct cfg_side *side)
{
	return side->subnets.count ? side->subnets.count : 1;
}

static struct error *build_children(const struct cfg_connection *connection,
				    const struct orientation *at,
				    const struct wire_sa *esp,
				    struct ike_model *model)
{
	size_t left = subnets_of(&connection->sides[CFG_LEFT]);
	size_t right = subnets_of(&connection->sides[CFG_RIGHT]);
	bool only = left == 1 && right == 1;
	size_t index[CFG_SIDES];
	struct error *error = NULL;

	for (index[CFG_LEFT] = 0; index[CFG_LEFT] < left; index[CFG_LEFT]++) {
		for (index[CFG_RIGHT] = 0; index[CFG_RIGHT] < right && !error;
		     index[CFG_RIGHT]++)
			error = add_child(connection, at, only, index, esp,
					  model);
		if (error)
			return error;
	}
	if (!model->child_count)
		return error_refused(0, "the networks and the ends are of different families: give both ends networks of one family");
	return NULL;
}

static unsigned int ways_of(const struct cfg_connection *connection,
			    const struct cfg_side *side)
{
	unsigned int ways = side->auth ? side->auth : connection->authby;

	return ways ? ways : CFG_AUTH_DEFAULT;
}

static struct error *build_id(const struct cfg_side *side, unsigned int ways,
			      const struct address *address, struct ike_id *id)
{
	if (side->id)
		return identity_parse(side->id, id);
	if (ways == CFG_AUTH_NULL)
		id->type = IANA_ID_NULL;
	else if (!address_is_unspecified(address))
		identity_of_address(address, id);
	return NULL;
}

static void build_methods(unsigned int ways, struct ike_methods *methods)
{
	methods->secret = ways & CFG_AUTH_SECRET;
	methods->null = ways & CFG_AUTH_NULL;
	if (ways & CFG_AUTH_RSA_SHA1)
		methods->schemes |= CRYPTO_SCHEME_SHA1;
	if (ways & CFG_AUTH_RSA_SHA2)
		methods->schemes |= CRYPTO_SCHEME_PSS | CRYPTO_SCHEME_PKCS1;
	if (ways & CFG_AUTH_ECDSA)
		methods->schemes |= CRYPTO_SCHEME_ECDSA;
	if (ways & CFG_AUTH_EDDSA)
		methods->schemes |= CRYPTO_SCHEME_EDDSA;
	if (ways & (CFG_AUTH_RSA_SHA2_256 | CFG_AUTH_ECDSA))
		methods->hashes |= CRYPTO_HASH_BIT(IANA_HASH_SHA2_256);
	if (ways & (CFG_AUTH_RSA_SHA2_384 | CFG_AUTH_ECDSA))
		methods->hashes |= CRYPTO_HASH_BIT(IANA_HASH_SHA2_384);
	if (ways & (CFG_AUTH_RSA_SHA2_512 | CFG_AUTH_ECDSA))
		methods->hashes |= CRYPTO_HASH_BIT(IANA_HASH_SHA2_512);
}

/*
 * Where a port isn't that of IKE, messages have the mark that tells them from ESP in
 * UDP (RFC 7296, 2.23): they go from a port that has it, too.
 */
static struct error *build_ports(uint64_t ours, uint64_t theirs,
				 struct ike_path *path)
{
	if (ours && ours != MODEL_IKE_PORT && ours != MODEL_MARKED_PORT)
		return error_refused(0, "this host speaks IKE at the ports %d and %d only: choose one of them",
				     MODEL_IKE_PORT, MODEL_MARKED_PORT);
	if (!theirs)
		theirs = ours ? ours : MODEL_IKE_PORT;
	path->remote.port = (uint16_t)theirs;
	path->local.port = theirs == MODEL_IKE_PORT ? MODEL_IKE_PORT :
						      MODEL_MARKED_PORT;
	return NULL;
}

static struct error *build_ends(const struct cfg_connection *connection,
				const struct orientation *at,
				struct ike_model *model)
{
	const struct cfg_side *ours = &connection->sides[at->ours];
	const struct cfg_side *theirs = &connection->sides[!at->ours];
	unsigned int our_ways = ways_of(connection, ours);
	unsigned int their_ways = ways_of(connection, theirs);
	struct error *error;

	model->path.local.address = at->local;
	model->path.remote.address = at->remote;
	error = build_ports(ours->ikeport, theirs->ikeport, &model->path);
	if (error)
		return error_prefix(error, at->ours ? "rightikeport=: " :
						      "leftikeport=: ");
	error = build_id(ours, our_ways, &at->local, &model->local_id);
	if (error)
		return error_prefix(error, at->ours ? "rightid=: " : "leftid=: ");
	error = build_id(theirs, their_ways, &at->remote, &model->remote_id);
	if (error)
		return error_prefix(error, at->ours ? "leftid=: " : "rightid=: ");
	build_methods(our_ways, &model->local_auth.methods);
	build_methods(their_ways, &model->remote_auth.methods);
	return NULL;
}

static void build_times(const struct cfg_connection *connection,
			struct ike_model *model)
{
	model->lifetime = (uint32_t)connection->ikelifetime;
	model->margin = (uint32_t)(connection->rekeymargin +
				   connection->rekeymargin *
				   connection->rekeyfuzz / 100);
	model->liveness = (uint32_t)connection->dpddelay;
	/* with IKEv2 there is one patience, for every exchange */
	model->timeout = (uint32_t)((connection->retransmit_timeout + 999) /
				    1000);
	model->retransmit = (uint32_t)connection->retransmit_interval;
	model->no_rekey = !connection->rekey;
	model->reauth = connection->reauth;
	model->tries = (uint32_t)connection->keyingtries;
}

static void build_ways(const struct cfg_connection *connection,
		       const struct cfg_setup *setup, struct ike_model *model)
{
	static const enum ike_peer_dead peer_dead[] = {
		[CFG_DPD_HOLD] = IKE_PEER_DEAD_HOLD,
		[CFG_DPD_CLEAR] = IKE_PEER_DEAD_CLEAR,
		[CFG_DPD_RESTART] = IKE_PEER_DEAD_RESTART,
	};

	model->peer_dead = peer_dead[connection->dpdaction];
	model->fragmentation = connection->fragmentation == CFG_NO ?
			       IKE_FRAGMENTATION_NO : IKE_FRAGMENTATION_YES;
	if (connection->encapsulation == CFG_YES)
		model->encapsulation = IKE_ENCAPSULATION_ALWAYS;
	else if (connection->encapsulation == CFG_NO)
		model->encapsulation = IKE_ENCAPSULATION_NEVER;
	if (connection->nat_keepalive)
		model->keepalive = (uint32_t)setup->keep_alive;
	model->narrowing = connection->narrowing;
	/* whoever brings it up wants it up */
	model->stay = true;
}

static bool add_networks(const struct cfg_networks *networks,
			 struct wire_ts_list *list)
{
	struct wire_ts *ts;
	size_t i;

	for (i = 0; i < networks->count; i++) {
		if (list->count == WIRE_TS_MAX)
			return false;
		ts = &list->items[list->count++];
		set_prefix(ts, &networks->items[i]);
		ts->ports = (struct port_range)PORT_RANGE_ANY;
	}
	return true;
}

static bool add_virtual(const struct cfg_virtual *virtual,
			struct ike_inner *inner)
{
	return add_networks(&virtual->allowed, &inner->allowed) &&
	       add_networks(&virtual->excluded, &inner->excluded);
}

/* Which addresses a peer may have that may be anywhere */
static struct error *build_inner(const struct cfg_connection *connection,
				 const struct orientation *at,
				 const struct cfg_setup *setup,
				 struct ike_inner *inner)
{
	const struct cfg_virtual *virtual =
		connection->sides[!at->ours].subnets.virtual;
	bool fits = true;

	if (!virtual || virtual->private)
		fits &= add_virtual(&setup->virtual_private, inner);
	if (virtual)
		fits &= add_virtual(virtual, inner);
	if (!fits)
		return error_refused(0, "virtual-private= and vhost: have more than %d networks together: leave some of them out",
				     WIRE_TS_MAX);
	inner->behind_nat = !virtual;
	inner->networks = virtual && virtual->networks;
	inner->only = virtual && !virtual->own;
	return NULL;
}

/**
 * model_build - what the engine is told of a connection
 * @connection: what the configuration says
 * @orientation: where both ends are
 * @setup: settings of the daemon
 * @model: set to it; the keys of signatures are not in it
 *
 * Return: NULL, or why there can be none.
 */
struct error *model_build(const struct cfg_connection *connection,
			  const struct orientation *orientation,
			  const struct cfg_setup *setup,
			  struct ike_model *model)
{
	struct wire_sa esp = {};
	struct error *error;

	memset(model, 0, sizeof(*model));
	if (strlen(connection->name) >= sizeof(model->name))
		return error_refused(0, "its name is too long: at most %zu characters can be used",
				     sizeof(model->name) - 1);
	snprintf(model->name, sizeof(model->name), "%s", connection->name);
	error = build_proposals(connection, &model->proposals, &esp);
	if (!error)
		error = build_ends(connection, orientation, model);
	if (!error)
		error = build_children(connection, orientation, &esp, model);
	if (!error)
		error = build_inner(connection, orientation, setup,
				    &model->inner);
	if (error)
		return error;
	build_times(connection, model);
	build_ways(connection, setup, model);
	return NULL;
}

/**
 * model_is_negotiated - is there anything to negotiate about
 * @connection: the connection
 *
 * Return: whether it is; else it only lets pass, or drops.
 */
bool model_is_negotiated(const struct cfg_connection *connection)
{
	return connection->type == CFG_TYPE_TUNNEL ||
	       connection->type == CFG_TYPE_TRANSPORT;
}
