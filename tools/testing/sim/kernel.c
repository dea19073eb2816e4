// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel of paper: it notes what it was told, and complains about what a real
 * one would refuse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/ts.h"
#include "sim.h"

/*
 * What outbound packets of a child take; its name ends with its number. Whoever
 * asks is about to change something.
 */
static uint32_t *find_out(struct sim_host *host, const struct ike_pair *pair)
{
	struct sim_end *end = sim_find_end(host, pair->connection);

	end->tunnel->changed = true;
	return &end->out[pair->child[strlen(pair->child) - 1] - '0'];
}

/**
 * sim_kernel_init - begin with nothing
 * @kernel: the kernel
 * @first_spi: where its SPIs begin
 */
void sim_kernel_init(struct sim_kernel *kernel, uint32_t first_spi)
{
	memset(kernel, 0, sizeof(*kernel));
	kernel->next_spi = first_spi;
	list_init(&kernel->pairs);
}

/**
 * sim_kernel_find - find a child SA
 * @kernel: the kernel
 * @spi_in: of its inbound SA
 *
 * Return: the child SA, NULL if there is none.
 */
struct sim_pair *sim_kernel_find(struct sim_kernel *kernel, uint32_t spi_in)
{
	struct list *link, *following;
	struct sim_pair *pair;

	list_for_each(link, following, &kernel->pairs) {
		pair = list_entry(link, struct sim_pair, link);
		if (pair->pair.spi_in == spi_in)
			return pair;
	}
	return NULL;
}

/**
 * sim_kernel_flush - forget everything, as at a restart
 * @kernel: the kernel
 */
void sim_kernel_flush(struct sim_kernel *kernel)
{
	while (!list_empty(&kernel->pairs)) {
		struct sim_pair *pair = list_entry(kernel->pairs.next,
						   struct sim_pair, link);

		list_remove(&pair->link);
		free(pair);
	}
	memset(kernel->reserved, 0, sizeof(kernel->reserved));
}

static uint32_t *find_reserved(struct sim_kernel *kernel, uint32_t spi)
{
	size_t i;

	for (i = 0; i < sizeof(kernel->reserved) / sizeof(uint32_t); i++) {
		if (kernel->reserved[i] == spi)
			return &kernel->reserved[i];
	}
	return NULL;
}

static struct error *allocate_spi(void *context, const struct ike_path *path,
				  uint32_t *spi)
{
	struct sim_host *host = context;
	uint32_t *place = find_reserved(&host->kernel, 0);

	(void)path;
	if (!place) {
		sim_violation(host->sim, "host %u hoards SPIs", host->number);
		return error_no_memory();
	}
	*spi = host->kernel.next_spi++;
	*place = *spi;
	return NULL;
}

static void release_spi(void *context, const struct ike_path *path,
			uint32_t spi)
{
	struct sim_host *host = context;
	uint32_t *place = find_reserved(&host->kernel, spi);

	(void)path;
	if (place)
		*place = 0;
	else
		sim_violation(host->sim, "host %u releases SPI %x, which it hasn't reserved",
			      host->number, spi);
}

static struct error *install(void *context, const struct ike_pair *pair,
			     bool use)
{
	struct sim_host *host = context;
	uint32_t *place = find_reserved(&host->kernel, pair->spi_in);
	struct sim_pair *made = calloc(1, sizeof(*made));
	uint32_t *out = find_out(host, pair);

	if (!made)
		abort();
	if (!place || sim_kernel_find(&host->kernel, pair->spi_in))
		sim_violation(host->sim, "host %u installs SPI %x, which it hasn't reserved",
			      host->number, pair->spi_in);
	if (place)
		*place = 0;
	made->pair = *pair;
	made->order = host->sim->order;
	list_append(&host->kernel.pairs, &made->link);
	if (use)
		*out = pair->spi_out;
	sim_note(host->sim, pair->spi_in);
	sim_say(host->sim, "host %u installs %s %s in %x out %x%s", host->number,
		pair->connection, pair->child, pair->spi_in, pair->spi_out, use ? ", used" : "");
	return NULL;
}

static struct error *use(void *context, const struct ike_pair *pair)
{
	struct sim_host *host = context;

	if (!sim_kernel_find(&host->kernel, pair->spi_in))
		sim_violation(host->sim, "host %u uses SPI %x, which isn't there",
			      host->number, pair->spi_in);
	*find_out(host, pair) = pair->spi_out;
	sim_say(host->sim, "host %u uses %s %s out %x", host->number,
		pair->connection, pair->child, pair->spi_out);
	return NULL;
}

static struct error *move_pair(void *context, const struct ike_pair *pair)
{
	struct sim_host *host = context;
	struct sim_pair *found = sim_kernel_find(&host->kernel, pair->spi_in);

	if (!found)
		sim_violation(host->sim, "host %u moves SPI %x, which isn't there",
			      host->number, pair->spi_in);
	else
		found->pair.path = pair->path;
	find_out(host, pair);
	sim_say(host->sim, "host %u moves %s in %x", host->number, pair->child,
		pair->spi_in);
	return NULL;
}

/* If there is traffic, packets have come since somebody asked for them. */
static struct error *query(void *context, const struct ike_pair *pair,
			   struct ike_traffic *traffic)
{
	struct sim_host *host = context;
	struct sim_pair *found = sim_kernel_find(&host->kernel, pair->spi_in);

	*traffic = (struct ike_traffic){ 0 };
	if (found && host->sim->traffic &&
	    host->sim->now >= host->sim->network.dark_until &&
	    sim_receives(host, pair))
		found->packets_in++;
	if (found)
		traffic->packets_in = found->packets_in;
	else
		sim_violation(host->sim, "host %u asks for SPI %x, which isn't there",
			      host->number, pair->spi_in);
	return NULL;
}

static void remove_pair(void *context, const struct ike_pair *pair)
{
	struct sim_host *host = context;
	struct sim_pair *found = sim_kernel_find(&host->kernel, pair->spi_in);
	uint32_t *out = find_out(host, pair);

	sim_say(host->sim, "host %u removes %s %s in %x out %x", host->number,
		pair->connection, pair->child, pair->spi_in, pair->spi_out);
	if (!found) {
		sim_violation(host->sim, "host %u removes SPI %x, which isn't there",
			      host->number, pair->spi_in);
		return;
	}
	list_remove(&found->link);
	free(found);
	if (*out == pair->spi_out)
		*out = 0;
}

const struct ike_kernel_ops sim_kernel_ops = {
	.allocate_spi = allocate_spi,
	.release_spi = release_spi,
	.install = install,
	.use = use,
	.move = move_pair,
	.query = query,
	.remove = remove_pair,
};
