// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The invariants. After each step: what a host sends, the other one can
 * decrypt. When all is quiet: both have the same SAs. In the end: nothing is
 * left. While strangers knock: no more memory than they may have.
 */
#include <stdio.h>
#include <string.h>

#include "ike/info.h"
#include "ike/ts.h"
#include "sim.h"

static bool same_keys(const struct ike_esp_keys *one,
		      const struct ike_esp_keys *other)
{
	return one->encr_length && one->encr_length == other->encr_length &&
	       one->integ_length == other->integ_length &&
	       !memcmp(one->encr, other->encr, one->encr_length) &&
	       !memcmp(one->integ, other->integ, one->integ_length);
}

/* Does ESP of a child SA arrive where the other host is now? */
static bool finds_other(const struct sim_end *end, const struct ike_pair *pair)
{
	const struct ike_endpoint *remote = &pair->path.remote;
	struct ike_endpoint outside;

	if (pair->encapsulate != end->tunnel->behind_nat)
		return false;
	if (!end->tunnel->behind_nat || !end->number)
		return true;
	outside = sim_nat_outside(end->host->sim, 4500);
	return remote->port == outside.port &&
	       !memcmp(&remote->address, &outside.address,
		       sizeof(outside.address));
}

/* Can the other host decrypt what this end sends for a child? */
static const char *why_no_flow(struct sim_end *end, uint16_t child)
{
	uint32_t spi = end->out[child];
	struct sim_host *host = end->host;
	const struct list *link;
	struct sim_pair *there;
	const struct sim_pair *here;

	if (!spi)
		return "it has no SA to send with";
	there = sim_kernel_find(&sim_other_end(end)->host->kernel, spi);
	if (!there)
		return "the other has no SA to receive with";
	for (link = host->kernel.pairs.next; link != &host->kernel.pairs;
	     link = link->next) {
		here = list_entry(link, struct sim_pair, link);
		/* SPIs of different hosts differ */
		if (here->pair.spi_out != spi)
			continue;
		if (!same_keys(&here->pair.out, &there->pair.in))
			return "keys differ";
		if (!ike_ts_equal(&here->pair.local, &there->pair.remote) ||
		    !ike_ts_equal(&here->pair.remote, &there->pair.local))
			return "selectors differ";
		if (!finds_other(end, &here->pair))
			return "the other one is somewhere else";
		return NULL;
	}
	return "it sends with an SA that is gone";
}

/**
 * sim_receives - do packets arrive by a child SA
 * @host: the host that they are for
 * @pair: the child SA
 *
 * Return: whether the other host sends by it, and it arrives.
 */
bool sim_receives(struct sim_host *host, const struct ike_pair *pair)
{
	struct sim_end *other = sim_other_end(sim_find_end(host,
							   pair->connection));
	uint16_t child;

	for (child = 0; child < other->tunnel->children; child++) {
		if (other->out[child] == pair->spi_in)
			return !why_no_flow(other, child);
	}
	return false;
}

static void check_tunnel(struct sim *sim, struct sim_tunnel *tunnel)
{
	struct sim_end *ends = tunnel->ends;
	const char *why;
	unsigned int i;
	uint16_t child;

	tunnel->changed = false;
	for (child = 0; child < tunnel->children; child++) {
		if (!tunnel->steady[child]) {
			tunnel->steady[child] = ends[0].up[child] &&
						ends[1].up[child] &&
						!why_no_flow(&ends[0], child) &&
						!why_no_flow(&ends[1], child);
			continue;
		}
		for (i = 0; i < 2; i++) {
			why = why_no_flow(&ends[i], child);
			if (why)
				sim_violation(sim, "host %u cannot send by %s child %u: %s",
					      ends[i].host->number,
					      tunnel->name, child, why);
		}
	}
}

/**
 * sim_check_flow - could packets flow that should
 * @sim: the simulation, after something has happened
 *
 * From the moment on when both hosts have a child, as long as nobody takes it
 * down, each can decrypt what the other sends.
 */
void sim_check_flow(struct sim *sim)
{
	unsigned int i;

	if (sim->now < sim->network.shaky_until)
		return;
	for (i = 0; i < sim->tunnel_count; i++) {
		if (sim->tunnels[i].changed)
			check_tunnel(sim, &sim->tunnels[i]);
	}
}

static size_t count_pairs(const struct sim_kernel *kernel)
{
	const struct list *link;
	size_t count = 0;

	for (link = kernel->pairs.next; link != &kernel->pairs;
	     link = link->next)
		count++;
	return count;
}

static void check_pairs(struct sim *sim, struct sim_host *host)
{
	const struct sim_pair *here, *there;
	const struct list *link;
	struct sim_end *other;

	for (link = host->kernel.pairs.next; link != &host->kernel.pairs;
	     link = link->next) {
		here = list_entry(link, struct sim_pair, link);
		other = sim_other_end(sim_find_end(host,
						   here->pair.connection));
		there = sim_kernel_find(&other->host->kernel,
					here->pair.spi_out);
		if (!there || there->pair.spi_out != here->pair.spi_in)
			sim_violation(sim, "host %u has an orphan %s %s in %x out %x",
				      host->number, here->pair.connection,
				      here->pair.child, here->pair.spi_in,
				      here->pair.spi_out);
	}
}

static void check_host(struct sim *sim, struct sim_host *host)
{
	struct ike_status status = ike_status(host->ike);
	size_t i;

	if (status.children != count_pairs(&host->kernel))
		sim_violation(sim, "host %u has %u children and %zu in its kernel",
			      host->number, status.children,
			      count_pairs(&host->kernel));
	check_pairs(sim, host);
	for (i = 0; i < sizeof(host->kernel.reserved) / sizeof(uint32_t); i++) {
		if (host->kernel.reserved[i])
			sim_violation(sim, "host %u has forgotten SPI %x",
				      host->number, host->kernel.reserved[i]);
	}
}

/**
 * struct census - how many IKE SAs a tunnel has at one end, or those that share them
 * @end: the end
 * @count: how many
 */
struct census {
	const struct sim_end *end;
	unsigned int count;
};

static void count_established(const struct ike_sa_info *info, void *context)
{
	struct census *census = context;

	if (info->established && info->connection &&
	    sim_find_end(census->end->host, info->connection)->tunnel->group ==
	    census->end->tunnel->group)
		census->count++;
}

static void agree(struct sim *sim, struct sim_tunnel *tunnel)
{
	unsigned int counts[2], i;
	uint16_t child;

	for (i = 0; i < 2; i++) {
		struct census census = { &tunnel->ends[i], 0 };

		ike_each_sa(tunnel->ends[i].host->ike, count_established,
			    &census);
		counts[i] = census.count;
	}
	if (counts[0] != counts[1])
		sim_violation(sim, "the hosts of %s have %u and %u IKE SAs",
			      tunnel->name, counts[0], counts[1]);
	if (counts[0] > 1)
		sim_violation(sim, "%s has %u IKE SAs, one is enough",
			      tunnel->name, counts[0]);
	for (child = 0; child < tunnel->children; child++) {
		if (why_no_flow(&tunnel->ends[0], child) ||
		    why_no_flow(&tunnel->ends[1], child))
			sim_violation(sim, "%s child %u isn't up",
				      tunnel->name, child);
	}
}

/**
 * sim_check_agreement - do both sides have the same
 * @sim: the simulation, while nothing is under way
 */
void sim_check_agreement(struct sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->host_count; i++)
		check_host(sim, &sim->hosts[i]);
	for (i = 0; i < sim->tunnel_count; i++)
		agree(sim, &sim->tunnels[i]);
}

/**
 * sim_check_empty - is nothing left
 * @sim: the simulation, after everything was taken down
 */
void sim_check_empty(struct sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->host_count; i++) {
		struct ike_status status = ike_status(sim->hosts[i].ike);

		if (status.sas || status.children || status.half_open)
			sim_violation(sim, "host %u still has %u IKE SAs, %u half open, and %u children",
				      i, status.sas, status.half_open,
				      status.children);
	}
}

/**
 * sim_check_bounds - do strangers get no more than they may have
 * @host: the host
 */
void sim_check_bounds(struct sim_host *host)
{
	struct ike_status status = ike_status(host->ike);

	if (status.half_open > host->sim->config.half_open_max)
		sim_violation(host->sim, "host %u has %u half-open IKE SAs",
			      host->number, status.half_open);
}
