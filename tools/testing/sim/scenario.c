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
/* A peer that is silent for that long is taken for dead; and a bit */
#define PATIENCE 65000
/* What is under way then must come to an end within that time */
#define QUIET_TIME 60000
/* And after everything was taken down, nothing may be left after that */
#define END_TIME 120000

static void make_range(struct wire_ts_list *list, unsigned int host,
		       unsigned int child)
{
	struct wire_ts *ts = &list->items[0];
	uint8_t first[4] = { 10, (uint8_t)host, (uint8_t)child, 0 };
	uint8_t last[4] = { 10, (uint8_t)host, (uint8_t)child, 255 };

	list->count = 1;
	*ts = (struct wire_ts){ .ports = PORT_RANGE_ANY };
	address_set(&ts->first, first, 4);
	address_set(&ts->last, last, 4);
}

static void make_endpoint(struct ike_endpoint *endpoint, unsigned int host)
{
	uint8_t address[4] = { 192, 0, 2, (uint8_t)(host + 1) };

	address_set(&endpoint->address, address, 4);
	endpoint->port = 500;
}

static void make_id(struct ike_id *id, unsigned int host)
{
	id->type = IANA_ID_FQDN;
	id->length = 5;
	memcpy(id->data, "host", 4);
	id->data[4] = (uint8_t)('0' + host);
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

static void make_host(struct sim *sim, unsigned int number, bool with_pfs)
{
	struct sim_host *host = &sim->hosts[number];
	struct ike_model *model = &host->model;
	uint16_t i;

	host->sim = sim;
	host->number = number;
	sim_kernel_init(&host->kernel, (number + 1) * 0x100000);
	strcpy(model->name, "tunnel");
	make_id(&model->local_id, number);
	make_id(&model->remote_id, !number);
	make_endpoint(&model->path.local, number);
	make_endpoint(&model->path.remote, !number);
	make_proposals(&model->proposals, false, true);
	/* it may come from anywhere */
	if (sim->nat.present && number)
		memset(model->path.remote.address.bytes, 0, 4);
	model->keepalive = 20;
	model->lifetime = 100 + sim_below(sim, 400);
	model->margin = model->lifetime / 2;
	model->liveness = 10 + sim_below(sim, 20);
	model->timeout = 60;
	model->peer_dead = sim_below(sim, IKE_PEER_DEAD_RESTART + 1);
	if (number && !sim->both && model->peer_dead == IKE_PEER_DEAD_RESTART)
		model->peer_dead = IKE_PEER_DEAD_HOLD;
	model->retransmit = sim_chance(sim, 50) ? 0 : 100 + sim_below(sim, 900);
	if (sim_chance(sim, 10))
		model->fragmentation = IKE_FRAGMENTATION_NO;
	/* the other one replaces everything in time */
	model->no_rekey = number && sim_chance(sim, 20);
	if (model->no_rekey)
		model->lifetime = 1000;
	model->stay = number == 0 || sim->both;
	model->reauth = sim_chance(sim, 30);
	model->child_count = sim->children;
	for (i = 0; i < sim->children; i++) {
		struct ike_child_model *child = &model->children[i];

		snprintf(child->name, sizeof(child->name), "child%u", i);
		make_proposals(&child->proposals, true, with_pfs);
		make_range(&child->local, number, i);
		make_range(&child->remote, !number, i);
		child->lifetime = 150 + sim_below(sim, 200);
		if (model->no_rekey)
			child->lifetime = 1000;
		child->margin = child->lifetime / 2;
	}
}

/* Packets need not flow any more, until both have what they need again. */
static void unsteady(struct sim *sim, unsigned int child)
{
	unsigned int i;

	sim->steady[child] = false;
	for (i = 0; i < SIM_HOSTS; i++)
		sim->hosts[i].up[child] = false;
}

static void all_unsteady(struct sim *sim)
{
	uint16_t i;

	for (i = 0; i < sim->children; i++)
		unsteady(sim, i);
}

static void run(struct sim *sim, uint64_t duration)
{
	uint64_t until = sim->now + duration;

	while (!sim->failed && sim_step(sim, until))
		;
}

/* What cannot be done at the moment is not done; that is no mistake. */
static void try(struct sim *sim, unsigned int host, struct error *error)
{
	if (error)
		sim_say(sim, "host %u: %s", host, error->sentence);
	error_free(error);
}

/* One host wants the connection, or both do, at the same time or nearly. */
static void bring_up(struct sim *sim)
{
	unsigned int first = sim->both ? sim_below(sim, SIM_HOSTS) : 0;

	try(sim, first, ike_up(sim->hosts[first].ike, "tunnel", NULL));
	if (!sim->both)
		return;
	run(sim, sim_below(sim, 2) * sim_below(sim, 1000));
	try(sim, !first, ike_up(sim->hosts[!first].ike, "tunnel", NULL));
}

static void rekey(struct sim *sim, unsigned int host)
{
	const char *child = NULL;
	char name[8];

	if (sim_chance(sim, 60)) {
		snprintf(name, sizeof(name), "child%u",
			 sim_below(sim, sim->children));
		child = name;
	}
	sim_say(sim, "host %u rekeys %s", host, child ? child : "IKE");
	try(sim, host, ike_rekey(sim->hosts[host].ike, "tunnel", child));
}

static void restart(struct sim *sim, unsigned int host)
{
	sim_say(sim, "host %u starts again", host);
	all_unsteady(sim);
	sim_host_stop(&sim->hosts[host]);
	sim_host_start(&sim->hosts[host]);
	if (host == 0 || sim->both)
		try(sim, host, ike_up(sim->hosts[host].ike, "tunnel", NULL));
}

static void down(struct sim *sim, unsigned int host)
{
	const char *child = NULL;
	unsigned int number;
	char name[8];

	if (sim_chance(sim, 50)) {
		number = sim_below(sim, sim->children);
		snprintf(name, sizeof(name), "child%u", number);
		child = name;
		unsteady(sim, number);
	} else {
		all_unsteady(sim);
	}
	sim_say(sim, "host %u takes down %s", host, child ? child : "all");
	try(sim, host, ike_down(sim->hosts[host].ike, "tunnel", child));
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

static void take_last(const struct ike_child_info *info, void *context)
{
	struct ike_child_info *found = context;

	if (info->established)
		*found = *info;
}

/* Until the peer hears from it, host 0 cannot be reached. */
static void change_mapping(struct sim *sim)
{
	struct ike_child_info info = {};
	struct ike_endpoint outside;

	if (!sim->nat.present)
		return;
	sim_say(sim, "the NAT forgets its mappings");
	map_anew(sim);
	if (sim->network.shaky_until < sim->now + PATIENCE)
		sim->network.shaky_until = sim->now + PATIENCE;
	if (!sim_chance(sim, 50))
		return;
	/* ESP comes first */
	ike_each_child(sim->hosts[1].ike, take_last, &info);
	outside = sim_nat_outside(sim, 4500);
	if (info.pair)
		ike_peer_moved(sim->hosts[1].ike, info.pair->serial, &outside);
}

/* The kernel says that a child SA has carried as much as it may. */
static void expire(struct sim *sim, unsigned int host)
{
	bool hard = sim_chance(sim, 30);
	struct ike_child_info info = {};
	const char *name;

	ike_each_child(sim->hosts[host].ike, take_last, &info);
	if (!info.pair)
		return;
	name = info.pair->child;
	sim_say(sim, "host %u: %s has carried as much as it %s", host, name,
		hard ? "may" : "should");
	if (hard)
		unsteady(sim, (unsigned int)(name[strlen(name) - 1] - '0'));
	ike_expired(sim->hosts[host].ike, info.pair->serial, hard);
}

/* A packet comes that needs a child SA. */
static void acquire(struct sim *sim)
{
	const struct ike_flow flow = { .protocol = 17 };
	char name[8];

	snprintf(name, sizeof(name), "child%u", sim_below(sim, sim->children));
	sim_say(sim, "host 0 needs %s", name);
	try(sim, 0, ike_acquire(sim->hosts[0].ike, "tunnel", name, &flow));
}

static void act(struct sim *sim)
{
	unsigned int host = sim_below(sim, SIM_HOSTS);
	uint32_t dice = sim_below(sim, 100);

	if (dice < 30) {
		rekey(sim, host);
	} else if (dice < 36) {
		expire(sim, host);
	} else if (dice < 40) {
		acquire(sim);
	} else if (dice < 65) {
		/* at the same time, or nearly */
		rekey(sim, host);
		run(sim, sim_below(sim, 2) * sim_below(sim, 200));
		rekey(sim, !host);
	} else if (dice < 75) {
		down(sim, host);
	} else if (dice < 85) {
		bring_up(sim);
	} else if (dice < 88) {
		restart(sim, host);
	} else if (dice < 91) {
		change_mapping(sim);
	} else if (dice < 95) {
		sim_say(sim, "the network is dark");
		memset(sim->steady, 0, sizeof(sim->steady));
		sim->network.dark_until = sim->now + 1000 +
					  sim_below(sim, 90000);
		sim->network.shaky_until = sim->network.dark_until +
					   PATIENCE;
	} else {
		run(sim, sim_below(sim, 100000));
	}
}

static void calm(struct sim *sim)
{
	uint64_t deadline;

	sim_say(sim, "all is calm");
	sim->network.loss = 0;
	sim->network.duplication = 0;
	sim->network.dark_until = 0;
	bring_up(sim);
	run(sim, CALM_TIME / 2);
	/* a peer that was taken for dead is not tried again by itself */
	if (sim->hosts[0].model.peer_dead == IKE_PEER_DEAD_CLEAR)
		bring_up(sim);
	run(sim, CALM_TIME / 2);
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
	unsigned int i;

	all_unsteady(sim);
	for (i = 0; i < SIM_HOSTS; i++)
		try(sim, i, ike_down(sim->hosts[i].ike, "tunnel", NULL));
	run(sim, END_TIME);
	if (!sim->failed)
		sim_check_empty(sim);
}

/**
 * sim_scenario - let everything happen that follows from a seed
 * @sim: the simulation, which has a seed
 */
void sim_scenario(struct sim *sim)
{
	uint32_t actions;
	bool with_pfs;
	unsigned int i;

	sim->random.state = sim->seed;
	list_init(&sim->packets);
	sim->children = (uint16_t)(1 + sim_below(sim, SIM_CHILDREN));
	with_pfs = sim_chance(sim, 50);
	sim->network.loss = sim_chance(sim, 50) ? sim_below(sim, 30) : 0;
	sim->network.duplication = sim_chance(sim, 50) ? sim_below(sim, 30) : 0;
	sim->network.delay_min = sim_below(sim, 50);
	sim->network.delay_max = sim->network.delay_min + sim_below(sim, 300);
	sim->network.fragment_size = sim_chance(sim, 50) ? 1200 :
				     150 + sim_below(sim, 150);
	sim->traffic = sim_chance(sim, 50);
	sim->nat.present = sim_chance(sim, 30);
	map_anew(sim);
	/* the other one cannot reach who is behind a NAT */
	sim->both = !sim->nat.present && sim_chance(sim, 50);
	for (i = 0; i < SIM_HOSTS; i++)
		make_host(sim, i, with_pfs);
	sim_auth_choose(sim);
	for (i = 0; i < SIM_HOSTS; i++)
		sim_host_start(&sim->hosts[i]);
	bring_up(sim);
	actions = sim_below(sim, 12);
	while (actions-- && !sim->failed) {
		run(sim, sim_below(sim, 20000));
		act(sim);
	}
	if (!sim->failed)
		calm(sim);
	if (!sim->failed)
		end(sim);
	sim_drop_packets(sim);
	for (i = 0; i < SIM_HOSTS; i++)
		sim_host_stop(&sim->hosts[i]);
}
