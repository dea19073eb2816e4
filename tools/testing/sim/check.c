// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The invariants. After each step: what a host sends, the other one can
 * decrypt. When all is quiet: both have the same SAs. In the end: nothing is
 * left.
 */
#include <stdio.h>
#include <string.h>

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

static struct sim_host *other_host(struct sim_host *host)
{
	return &host->sim->hosts[!host->number];
}

/* Does ESP of a child SA arrive where the other host is now? */
static bool finds_other(const struct sim_host *host,
			const struct ike_pair *pair)
{
	const struct sim *sim = host->sim;
	const struct ike_endpoint *remote = &pair->path.remote;
	struct ike_endpoint outside;

	if (pair->encapsulate != sim->nat.present)
		return false;
	if (!sim->nat.present || !host->number)
		return true;
	outside = sim_nat_outside(sim, 4500);
	return remote->port == outside.port &&
	       !memcmp(&remote->address, &outside.address,
		       sizeof(outside.address));
}

/* Can the other host decrypt what this one sends for a child? */
static const char *why_no_flow(struct sim_host *host, uint16_t child)
{
	uint32_t spi = host->kernel.out[child];
	const struct list *link;
	struct sim_pair *there;
	const struct sim_pair *here;

	if (!spi)
		return "it has no SA to send with";
	there = sim_kernel_find(&other_host(host)->kernel, spi);
	if (!there)
		return "the other has no SA to receive with";
	for (link = host->kernel.pairs.next; link != &host->kernel.pairs;
	     link = link->next) {
		here = list_entry(link, struct sim_pair, link);
		if (here->pair.spi_out != spi)
			continue;
		if (!same_keys(&here->pair.out, &there->pair.in))
			return "keys differ";
		if (!ike_ts_equal(&here->pair.local, &there->pair.remote) ||
		    !ike_ts_equal(&here->pair.remote, &there->pair.local))
			return "selectors differ";
		if (!finds_other(host, &here->pair))
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
	struct sim_host *other = other_host(host);
	uint16_t child;

	for (child = 0; child < host->sim->children; child++) {
		if (other->kernel.out[child] == pair->spi_in)
			return !why_no_flow(other, child);
	}
	return false;
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
	const char *why;
	unsigned int i;
	uint16_t child;

	if (sim->now < sim->network.shaky_until)
		return;
	for (child = 0; child < sim->children; child++) {
		if (!sim->steady[child]) {
			sim->steady[child] = sim->hosts[0].up[child] &&
					     sim->hosts[1].up[child] &&
					     !why_no_flow(&sim->hosts[0], child) &&
					     !why_no_flow(&sim->hosts[1], child);
			continue;
		}
		for (i = 0; i < SIM_HOSTS; i++) {
			why = why_no_flow(&sim->hosts[i], child);
			if (why)
				sim_violation(sim, "host %u cannot send by child %u: %s",
					      i, child, why);
		}
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
	struct sim_host *other = other_host(host);
	const struct sim_pair *here, *there;
	const struct list *link;

	for (link = host->kernel.pairs.next; link != &host->kernel.pairs;
	     link = link->next) {
		here = list_entry(link, struct sim_pair, link);
		there = sim_kernel_find(&other->kernel, here->pair.spi_out);
		if (!there || there->pair.spi_out != here->pair.spi_in)
			sim_violation(sim, "host %u has an orphan %s in %x out %x",
				      host->number, here->pair.child,
				      here->pair.spi_in, here->pair.spi_out);
	}
}

/**
 * sim_check_agreement - do both sides have the same
 * @sim: the simulation, while nothing is under way
 */
void sim_check_agreement(struct sim *sim)
{
	struct ike_status status[SIM_HOSTS];
	unsigned int i;
	size_t k;

	for (i = 0; i < SIM_HOSTS; i++) {
		struct sim_host *host = &sim->hosts[i];

		status[i] = ike_status(host->ike);
		if (status[i].children != count_pairs(&host->kernel))
			sim_violation(sim, "host %u has %u children and %zu in its kernel",
				      i, status[i].children,
				      count_pairs(&host->kernel));
		check_pairs(sim, host);
		for (k = 0; k < sizeof(host->kernel.reserved) / 4; k++) {
			if (host->kernel.reserved[k])
				sim_violation(sim, "host %u has forgotten SPI %x",
					      i, host->kernel.reserved[k]);
		}
	}
	if (status[0].established != status[1].established)
		sim_violation(sim, "the hosts have %u and %u IKE SAs",
			      status[0].established, status[1].established);
	if (status[0].established > 1)
		sim_violation(sim, "there are %u IKE SAs, one is enough",
			      status[0].established);
	for (i = 0; i < sim->children; i++) {
		if (why_no_flow(&sim->hosts[0], (uint16_t)i) ||
		    why_no_flow(&sim->hosts[1], (uint16_t)i))
			sim_violation(sim, "child %u isn't up", i);
	}
}

/**
 * sim_check_empty - is nothing left
 * @sim: the simulation, after everything was taken down
 */
void sim_check_empty(struct sim *sim)
{
	unsigned int i;

	for (i = 0; i < SIM_HOSTS; i++) {
		struct ike_status status = ike_status(sim->hosts[i].ike);

		if (status.sas || status.children || status.half_open)
			sim_violation(sim, "host %u still has %u IKE SAs, %u half open, and %u children",
				      i, status.sas, status.half_open,
				      status.children);
	}
}
