// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens in a simulation: a network with its faults, lifetimes, and
 * things that users and hosts do at any time. Then it calms down, everything
 * has to be as it should, and is taken down.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/info.h"
#include "lib/iana.h"
#include "sim.h"

/* The network is calm for that long before all must be well */
#define CALM_TIME 400000
/* The last part of it: whatever was there before has been missed by then */
#define LAST_TIME 150000
/* Seconds until a host asks a peer that it hears nothing of, at least and at most */
#define LIVENESS_MIN 10
#define LIVENESS_MAX 29
/* Seconds until it takes the peer for dead that doesn't answer */
#define TIMEOUT 60
/*
 * Within that time, milliseconds, after something that hosts don't hear of, each has
 * either heard of the other one or taken it for dead. Both may wait for that: each may
 * know an IKE SA that the other one doesn't, when one was replaced just before. Who got
 * a packet soon after it has looked for some looks twice before it asks
 * (ike_liveness_expire()). One second is for what was under way.
 */
#define PATIENCE ((2 * LIVENESS_MAX + TIMEOUT + 1) * 1000)
/*
 * What is under way then must come to an end within that time. An IKE SA that takes
 * the place of another waits up to a minute until the peer has shown that it has our
 * last answer (CERTAIN_TIME in reauth.c), looks again after seconds, and deletes it.
 */
#define QUIET_TIME 80000
/* And after everything was taken down, nothing may be left after that */
#define END_TIME 120000

/* So many of a hundred pairs of hosts have connections that share an IKE SA */
#define SHARED_PERCENT 15

static void make_range(struct wire_ts_list *list, const struct sim *sim,
		       const struct sim_end *end, unsigned int child)
{
	uint8_t tunnel = (uint8_t)(end->tunnel - sim->tunnels);
	uint8_t net = (uint8_t)(end->number << 4 | child);
	uint8_t first[4] = { 10, tunnel, net, 0 };
	uint8_t last[4] = { 10, tunnel, net, 255 };
	struct wire_ts *ts = &list->items[0];

	list->count = 1;
	*ts = (struct wire_ts){ .ports = PORT_RANGE_ANY };
	address_set(&ts->first, first, 4);
	address_set(&ts->last, last, 4);
}

static void make_endpoint(struct ike_endpoint *endpoint,
			  const struct sim_host *host)
{
	endpoint->address = host->address;
	endpoint->port = 500;
}

/*
 * Each end has an identity of its own, as there may be more than one a host; those
 * that share an IKE SA have the same.
 */
static void make_id(struct ike_id *id, const struct sim_end *end)
{
	id->type = IANA_ID_FQDN;
	id->length = (uint16_t)snprintf((char *)id->data, sizeof(id->data),
					"end%u.%s", end->number,
					end->tunnel->group->name);
}

static void make_proposals(struct wire_sa *sa, bool for_esp, bool with_ke)
{
	wire_sa_add_proposal(sa, for_esp ? IANA_PROTOCOL_ESP :
					   IANA_PROTOCOL_IKE);
	wire_sa_add_transform(sa, IANA_TRANSFORM_ENCR, IANA_ENCR_AES_GCM_16,
			      256);
	if (!for_esp)
		wire_sa_add_transform(sa, IANA_TRANSFORM_PRF,
				      IANA_PRF_HMAC_SHA2_256, 0);
	if (with_ke)
		wire_sa_add_transform(sa, IANA_TRANSFORM_KE,
				      IANA_KE_CURVE25519, 0);
	if (for_esp)
		wire_sa_add_transform(sa, IANA_TRANSFORM_ESN, IANA_ESN_ESN, 0);
}

static void make_children(struct sim *sim, struct sim_end *end, bool with_pfs)
{
	const struct sim_end *other = sim_other_end(end);
	struct ike_model *model = &end->model;
	uint16_t i;

	model->child_count = end->tunnel->children;
	for (i = 0; i < model->child_count; i++) {
		struct ike_child_model *child = &model->children[i];

		snprintf(child->name, sizeof(child->name), "child%u", i);
		make_proposals(&child->proposals, true, with_pfs);
		make_range(&child->local, sim, end, i);
		make_range(&child->remote, sim, other, i);
		child->lifetime = 150 + sim_below(sim, 200);
		if (model->no_rekey)
			child->lifetime = 1000;
		child->margin = child->lifetime / 2;
	}
}

static void make_lifetimes(struct sim *sim, struct sim_end *end)
{
	struct ike_model *model = &end->model;
	bool both = end->tunnel->both;

	model->keepalive = 20;
	model->lifetime = 100 + sim_below(sim, 400);
	model->margin = model->lifetime / 2;
	model->liveness = LIVENESS_MIN +
			  sim_below(sim, LIVENESS_MAX - LIVENESS_MIN + 1);
	model->timeout = TIMEOUT;
	model->peer_dead = sim_below(sim, IKE_PEER_DEAD_RESTART + 1);
	if (end->number && !both && model->peer_dead == IKE_PEER_DEAD_RESTART)
		model->peer_dead = IKE_PEER_DEAD_HOLD;
	model->retransmit = sim_chance(sim, 50) ? 0 : 100 + sim_below(sim, 900);
	if (sim_chance(sim, 10))
		model->fragmentation = IKE_FRAGMENTATION_NO;
	/* the other one replaces everything in time */
	model->no_rekey = end->number && sim_chance(sim, 20);
	if (model->no_rekey)
		model->lifetime = 1000;
	model->stay = end->number == 0 || both;
	model->reauth = sim_chance(sim, 30);
}

static void make_end(struct sim *sim, struct sim_end *end, bool with_pfs)
{
	struct sim_tunnel *tunnel = end->tunnel;
	struct ike_model *model = &end->model;

	strcpy(model->name, tunnel->name);
	make_id(&model->local_id, end);
	make_id(&model->remote_id, sim_other_end(end));
	make_endpoint(&model->path.local, end->host);
	make_endpoint(&model->path.remote, sim_other_end(end)->host);
	make_proposals(&model->proposals, false, true);
	/* it may come from anywhere */
	if (end->number && !tunnel->both && !tunnel->is_shared &&
	    (tunnel->behind_nat || sim_chance(sim, 50)))
		memset(model->path.remote.address.bytes, 0, 4);
	make_lifetimes(sim, end);
	make_children(sim, end, with_pfs);
}

/* Makes a tunnel between two hosts; a NAT lets nobody share. */
static void make_tunnel(struct sim *sim, struct sim_tunnel *tunnel,
			unsigned int one, unsigned int other)
{
	bool with_pfs = sim_chance(sim, 50);
	unsigned int i;

	snprintf(tunnel->name, sizeof(tunnel->name), "tunnel%u",
		 sim->tunnel_count++);
	tunnel->children = (uint16_t)(1 + sim_below(sim, SIM_CHILDREN));
	/* the other one cannot reach who is behind a NAT */
	tunnel->both = !tunnel->behind_nat && sim_chance(sim, 50);
	for (i = 0; i < 2; i++) {
		tunnel->ends[i].tunnel = tunnel;
		tunnel->ends[i].number = i;
	}
	tunnel->ends[0].host = &sim->hosts[one < other ? one : other];
	tunnel->ends[1].host = &sim->hosts[one < other ? other : one];
	for (i = 0; i < 2; i++)
		make_end(sim, &tunnel->ends[i], with_pfs);
	if (tunnel->group == tunnel)
		sim_auth_choose(tunnel);
	else
		sim_auth_copy(tunnel, tunnel->group);
}

/* Adds a tunnel between two hosts, or several that share an IKE SA. */
static void add_tunnels(struct sim *sim, unsigned int one, unsigned int other,
			unsigned int count)
{
	struct sim_tunnel *first = &sim->tunnels[sim->tunnel_count];
	bool behind_nat = sim->nat.present && (!one || !other);
	unsigned int i;

	if (behind_nat)
		count = 1;
	for (i = 0; i < count; i++) {
		first[i].group = first;
		first[i].behind_nat = behind_nat;
		first[i].is_shared = count > 1;
		make_tunnel(sim, &first[i], one, other);
	}
}

static void add_tunnel(struct sim *sim, unsigned int one, unsigned int other)
{
	add_tunnels(sim, one, other, 1);
}

/* Mostly one, else two or three */
static unsigned int any_count(struct sim *sim, uint32_t percent)
{
	return sim_chance(sim, percent) ? 2 + sim_below(sim, 2) : 1;
}

static void add_host(struct sim *sim)
{
	struct sim_host *host = &sim->hosts[sim->host_count];
	uint8_t address[4] = { 192, 0, 2, (uint8_t)(sim->host_count + 1) };

	host->sim = sim;
	host->number = sim->host_count++;
	address_set(&host->address, address, 4);
	sim_kernel_init(&host->kernel, sim->host_count * 0x100000);
	sim_auth_equip(host);
}

static void add_hosts(struct sim *sim, unsigned int count)
{
	while (sim->host_count < count)
		add_host(sim);
}

/* Any two hosts, and the same two more than once */
static void add_any_tunnels(struct sim *sim, unsigned int count)
{
	unsigned int one = sim_below(sim, sim->host_count);
	unsigned int other = sim_below(sim, sim->host_count - 1);

	add_tunnels(sim, one, other + (other >= one), count);
}

/* Many hosts: all with one, or each with the next one; and some beside */
static void make_net(struct sim *sim)
{
	bool star = sim_chance(sim, 50);
	unsigned int hub, i;

	add_hosts(sim, 6 + sim_below(sim, SIM_HOSTS - 5));
	hub = sim_below(sim, sim->host_count);
	for (i = 0; i < sim->host_count; i++) {
		if (!star)
			add_tunnel(sim, i, (i + 1) % sim->host_count);
		else if (i != hub)
			add_tunnel(sim, hub, i);
	}
	for (i = sim_below(sim, 10); i; i--)
		add_any_tunnels(sim, 1);
}

/* Mostly two hosts with one connection: what goes wrong is simplest there. */
static void choose_shape(struct sim *sim)
{
	uint32_t dice = sim_below(sim, 400);
	unsigned int tunnels;

	if (!dice) {
		make_net(sim);
	} else if (dice < 30) {
		add_hosts(sim, 2 + sim_below(sim, 4));
		tunnels = 2 + sim_below(sim, 5);
		while (tunnels--)
			add_any_tunnels(sim, any_count(sim, 30));
	} else {
		add_hosts(sim, 2);
		add_tunnels(sim, 0, 1, any_count(sim, SHARED_PERCENT));
	}
	sim_say(sim, "%u hosts, %u tunnels", sim->host_count,
		sim->tunnel_count);
}

/* Packets need not flow any more, until both have what they need again. */
static void unsteady(struct sim_tunnel *tunnel, unsigned int child)
{
	tunnel->steady[child] = false;
	tunnel->ends[0].up[child] = false;
	tunnel->ends[1].up[child] = false;
}

static void all_unsteady(struct sim_tunnel *tunnel)
{
	uint16_t i;

	for (i = 0; i < tunnel->children; i++)
		unsteady(tunnel, i);
}

static struct sim_end *any_end(struct sim *sim)
{
	struct sim_tunnel *tunnel;

	tunnel = &sim->tunnels[sim_below(sim, sim->tunnel_count)];
	return &tunnel->ends[sim_below(sim, 2)];
}

static void run(struct sim *sim, uint64_t duration)
{
	uint64_t until = sim->now + duration;

	while (!sim->failed && sim_step(sim, until))
		;
}

/* What cannot be done at the moment is not done; that is no mistake. */
static void try(const struct sim_end *end, struct error *error)
{
	if (error)
		sim_say(end->host->sim, "host %u: %s", end->host->number,
			error->sentence);
	error_free(error);
}

static void up(struct sim_end *end)
{
	try(end, ike_up(end->host->ike, end->tunnel->name, NULL));
}

/* One host wants a connection, or both do, at the same time or nearly. */
static void bring_up(struct sim *sim, struct sim_tunnel *tunnel)
{
	unsigned int first = tunnel->both ? sim_below(sim, 2) : 0;

	up(&tunnel->ends[first]);
	if (!tunnel->both)
		return;
	run(sim, sim_below(sim, 2) * sim_below(sim, 1000));
	up(&tunnel->ends[!first]);
}

static void bring_all_up(struct sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->tunnel_count; i++)
		bring_up(sim, &sim->tunnels[i]);
}

static void rekey(struct sim *sim, struct sim_end *end)
{
	const char *child = NULL;
	char name[8];

	if (sim_chance(sim, 60)) {
		snprintf(name, sizeof(name), "child%u",
			 sim_below(sim, end->tunnel->children));
		child = name;
	}
	sim_say(sim, "host %u rekeys %s %s", end->host->number,
		end->tunnel->name, child ? child : "IKE");
	try(end, ike_rekey(end->host->ike, end->tunnel->name, child));
}

static void restart(struct sim *sim, struct sim_host *host)
{
	unsigned int i, k;

	sim_say(sim, "host %u starts again", host->number);
	sim_host_stop(host);
	sim_host_start(host);
	for (i = 0; i < sim->tunnel_count; i++) {
		struct sim_tunnel *tunnel = &sim->tunnels[i];

		for (k = 0; k < 2; k++) {
			if (tunnel->ends[k].host != host)
				continue;
			all_unsteady(tunnel);
			if (k == 0 || tunnel->both)
				up(&tunnel->ends[k]);
		}
	}
}

/* Soon after something was begun, which is under way then */
static void restart_amid(struct sim *sim, struct sim_end *end)
{
	rekey(sim, end);
	run(sim, sim_below(sim, 3 * sim->network.delay_max + 50));
	restart(sim, sim_chance(sim, 50) ? end->host :
					   sim_other_end(end)->host);
}

static void down(struct sim *sim, struct sim_end *end)
{
	const char *child = NULL;
	unsigned int number;
	char name[8];

	if (sim_chance(sim, 50)) {
		number = sim_below(sim, end->tunnel->children);
		snprintf(name, sizeof(name), "child%u", number);
		child = name;
		unsteady(end->tunnel, number);
	} else {
		all_unsteady(end->tunnel);
	}
	sim_say(sim, "host %u takes down %s %s", end->host->number,
		end->tunnel->name, child ? child : "all");
	try(end, ike_down(end->host->ike, end->tunnel->name, child));
}

/* Somebody changes a connection: the host gets it anew. */
static void replace(struct sim *sim, struct sim_end *end)
{
	struct ike *ike = end->host->ike;

	sim_say(sim, "host %u replaces %s", end->host->number,
		end->tunnel->name);
	all_unsteady(end->tunnel);
	try(end, ike_remove(ike, end->tunnel->name));
	try(end, ike_add(ike, &end->model));
	if (end->number == 0 || end->tunnel->both)
		up(end);
}

/* A NAT has a new mapping for each port, and perhaps a new address. */
static void map_anew(struct sim *sim)
{
	struct sim_nat *nat = &sim->nat;

	nat->ports[0] = (uint16_t)(10000 + sim_below(sim, 20000));
	nat->ports[1] = (uint16_t)(30000 + sim_below(sim, 20000));
	if (!nat->address.length || sim_chance(sim, 30)) {
		const uint8_t address[4] = {
			203, 0, 113, (uint8_t)(1 + sim_below(sim, 250)),
		};

		address_set(&nat->address, address, 4);
	}
}

/**
 * struct search - a child SA of an end
 * @end: the end
 * @serial: its serial number, 0 = there is none
 * @child: its number
 */
struct search {
	const struct sim_end *end;
	uint64_t serial;
	unsigned int child;
};

static void take_last(const struct ike_child_info *info, void *context)
{
	struct search *found = context;
	const char *name = info->pair->child;

	if (!info->established ||
	    strcmp(info->pair->connection, found->end->tunnel->name))
		return;
	found->serial = info->pair->serial;
	found->child = (unsigned int)(name[strlen(name) - 1] - '0');
}

static struct search find_last(const struct sim_end *end)
{
	struct search found = { .end = end };

	ike_each_child(end->host->ike, take_last, &found);
	return found;
}

static void be_shaky(struct sim *sim, uint64_t until)
{
	if (sim->network.shaky_until < until)
		sim->network.shaky_until = until;
}

/* Until its peers hear from it, host 0 cannot be reached. */
static void change_mapping(struct sim *sim)
{
	struct ike_endpoint outside;
	struct search found;
	unsigned int i;

	if (!sim->nat.present)
		return;
	sim_say(sim, "the NAT forgets its mappings");
	map_anew(sim);
	be_shaky(sim, sim->now + PATIENCE);
	outside = sim_nat_outside(sim, 4500);
	for (i = 0; i < sim->tunnel_count; i++) {
		struct sim_tunnel *tunnel = &sim->tunnels[i];

		tunnel->changed = true;
		if (!tunnel->behind_nat || !sim_chance(sim, 50))
			continue;
		/* ESP comes first */
		found = find_last(&tunnel->ends[1]);
		if (found.serial)
			ike_peer_moved(tunnel->ends[1].host->ike, found.serial,
				       &outside);
	}
}

/* The kernel says that a child SA has carried as much as it may. */
static void expire(struct sim *sim, struct sim_end *end)
{
	bool hard = sim_chance(sim, 30);
	struct search found = find_last(end);

	if (!found.serial)
		return;
	sim_say(sim, "host %u: %s child%u has carried as much as it %s",
		end->host->number, end->tunnel->name, found.child,
		hard ? "may" : "should");
	if (hard)
		unsteady(end->tunnel, found.child);
	ike_expired(end->host->ike, found.serial, hard);
}

/* A packet comes that needs a child SA. */
static void acquire(struct sim *sim, struct sim_end *end)
{
	struct ike_flow flow = { .protocol = 17 };
	struct ike_child_model *model;
	unsigned int child = sim_below(sim, end->tunnel->children);

	model = &end->model.children[child];
	flow.source.address = model->local.items[0].first;
	flow.destination.address = model->remote.items[0].first;
	flow.source.port = (uint16_t)(1024 + sim_below(sim, 60000));
	flow.destination.port = 53;
	sim_say(sim, "host %u needs %s %s", end->host->number,
		end->tunnel->name, model->name);
	try(end, ike_acquire(end->host->ike, end->tunnel->name, model->name,
			     &flow));
}

static void go_dark(struct sim *sim)
{
	unsigned int i;

	sim_say(sim, "the network is dark");
	for (i = 0; i < sim->tunnel_count; i++)
		memset(sim->tunnels[i].steady, 0,
		       sizeof(sim->tunnels[i].steady));
	sim->network.dark_until = sim->now + 1000 + sim_below(sim, 90000);
	sim->network.shaky_until = sim->network.dark_until + PATIENCE;
}

static void act(struct sim *sim)
{
	struct sim_end *end = any_end(sim);
	uint32_t dice = sim_below(sim, 100);

	if (dice < 28) {
		rekey(sim, end);
	} else if (dice < 34) {
		expire(sim, end);
	} else if (dice < 38) {
		acquire(sim, &end->tunnel->ends[0]);
	} else if (dice < 60) {
		/* at the same time, or nearly */
		rekey(sim, end);
		run(sim, sim_below(sim, 2) * sim_below(sim, 200));
		rekey(sim, sim_other_end(end));
	} else if (dice < 70) {
		down(sim, end);
	} else if (dice < 80) {
		bring_up(sim, end->tunnel);
	} else if (dice < 83) {
		restart(sim, end->host);
	} else if (dice < 86) {
		restart_amid(sim, end);
	} else if (dice < 89) {
		change_mapping(sim);
	} else if (dice < 92) {
		sim_storm(sim);
		if (sim->nat.present)
			be_shaky(sim, sim->storm_until + PATIENCE);
	} else if (dice < 95) {
		go_dark(sim);
	} else if (dice < 97) {
		replace(sim, end);
	} else {
		run(sim, sim_below(sim, 100000));
	}
}

static void calm(struct sim *sim)
{
	uint64_t deadline;
	unsigned int i;

	sim_say(sim, "all is calm");
	sim->network.loss = 0;
	sim->network.duplication = 0;
	sim->network.dark_until = 0;
	bring_all_up(sim);
	run(sim, CALM_TIME - LAST_TIME);
	/* a peer that was taken for dead is not tried again by itself */
	for (i = 0; i < sim->tunnel_count; i++) {
		if (sim->tunnels[i].ends[0].model.peer_dead ==
		    IKE_PEER_DEAD_CLEAR)
			bring_up(sim, &sim->tunnels[i]);
	}
	run(sim, LAST_TIME);
	deadline = sim->now + QUIET_TIME;
	while (!sim->failed && !sim_idle(sim)) {
		if (sim->now >= deadline) {
			sim_violation(sim, "an exchange doesn't come to its end");
			return;
		}
		sim_step(sim, deadline);
	}
	if (!sim->failed)
		sim_check_agreement(sim);
}

static void end(struct sim *sim)
{
	unsigned int i, k;

	for (i = 0; i < sim->tunnel_count; i++) {
		struct sim_tunnel *tunnel = &sim->tunnels[i];

		all_unsteady(tunnel);
		for (k = 0; k < 2; k++)
			try(&tunnel->ends[k],
			    ike_down(tunnel->ends[k].host->ike, tunnel->name,
				     NULL));
	}
	run(sim, END_TIME);
	if (!sim->failed)
		sim_check_empty(sim);
}

static void choose_network(struct sim *sim)
{
	struct sim_network *network = &sim->network;

	network->loss = sim_chance(sim, 50) ? sim_below(sim, 30) : 0;
	network->duplication = sim_chance(sim, 50) ? sim_below(sim, 30) : 0;
	network->delay_min = sim_below(sim, 50);
	network->delay_max = network->delay_min + sim_below(sim, 300);
	sim->traffic = sim_chance(sim, 50);
	sim->nat.present = sim_chance(sim, 30);
	map_anew(sim);
	sim->config = ike_config_default;
	sim->config.fragment_size = sim_chance(sim, 50) ? 1200 :
				    150 + sim_below(sim, 150);
	if (sim_chance(sim, 20)) {
		sim->config.half_open_cookies = sim_below(sim, 5);
		sim->config.half_open_max = 5 + sim_below(sim, 20);
	}
}

/**
 * sim_scenario - let everything happen that follows from a seed
 * @sim: the simulation, which has a seed
 */
void sim_scenario(struct sim *sim)
{
	uint32_t actions;
	unsigned int i;

	sim->random.state = sim->seed;
	list_init(&sim->packets);
	choose_network(sim);
	choose_shape(sim);
	for (i = 0; i < sim->host_count; i++)
		sim_host_start(&sim->hosts[i]);
	bring_all_up(sim);
	actions = sim_below(sim, 12) + sim_below(sim, sim->tunnel_count);
	while (actions-- && !sim->failed) {
		run(sim, sim_below(sim, 20000));
		act(sim);
	}
	if (!sim->failed)
		calm(sim);
	if (!sim->failed)
		end(sim);
	sim_drop_packets(sim);
	for (i = 0; i < sim->host_count; i++)
		sim_host_stop(&sim->hosts[i]);
}
