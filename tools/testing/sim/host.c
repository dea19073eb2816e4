// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host: what an engine asks of the world, answered by the simulation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static uint64_t now(void *context)
{
	const struct sim_host *host = context;

	return host->sim->now;
}

static struct error *random_bytes(void *context, void *bytes, size_t length)
{
	struct sim_host *host = context;
	uint8_t *next = bytes;

	while (length--)
		*next++ = (uint8_t)sim_random(&host->sim->random);
	return NULL;
}

static void send_datagram(void *context, const struct ike_path *path,
			  struct bytes datagram)
{
	const struct sim_host *host = context;

	sim_send(host->sim, path, datagram);
}

static void send_keepalive(void *context, const struct ike_path *path)
{
	const struct sim_host *host = context;

	(void)path;
	if (!host->sim->nat.present || host->number)
		sim_violation(host->sim, "host %u reminds a NAT that isn't there",
			      host->number);
}

static bool find_secret(void *context, const struct ike_id *local,
			const struct ike_id *remote, struct bytes *secret)
{
	static const uint8_t known[] = "what both hosts know";

	(void)context;
	(void)local;
	(void)remote;
	*secret = bytes_of(known, sizeof(known));
	return true;
}

static int64_t wall_clock(void *context)
{
	const struct sim_host *host = context;

	/* from the begin of 2030 on */
	return 1893456000 + (int64_t)host->sim->now / 1000;
}

static struct error *sign(void *context, const struct ike_signing *signing)
{
	return sim_auth_sign(context, signing);
}

static const struct crypto_trust *trust(void *context)
{
	(void)context;
	return sim_auth_trust();
}

static void log_sentence(void *context, enum ike_level level,
			 const struct ike_subject *about, const char *sentence)
{
	struct sim_host *host = context;

	(void)level;
	sim_say(host->sim, "host %u: %s %s #%llu: %s", host->number,
		about->connection ? about->connection : "",
		about->child ? about->child : "IKE",
		(unsigned long long)about->serial, sentence);
}

/* The child of an end that an event is about, by number */
static unsigned int child_number(const char *name)
{
	return (unsigned int)(name[strlen(name) - 1] - '0');
}

static void tell(void *context, enum ike_event event,
		 const struct ike_subject *about, const char *why)
{
	static const char *const names[] = {
		[IKE_EVENT_ESTABLISHED] = "established",
		[IKE_EVENT_CHILD_UP] = "child up",
		[IKE_EVENT_CHILD_DOWN] = "child down",
		[IKE_EVENT_CHILD_FAILED] = "child failed",
		[IKE_EVENT_PEER_DEAD] = "peer dead",
		[IKE_EVENT_DOWN] = "down",
		[IKE_EVENT_FAILED] = "failed",
		[IKE_EVENT_INSTANCE] = "instance",
		[IKE_EVENT_INSTANCE_ENDED] = "instance ended",
	};
	const char *child = about->child;
	struct sim_host *host = context;
	struct sim_end *end;

	sim_note(host->sim, event);
	sim_say(host->sim, "host %u is told: %s %s %s: %s", host->number,
		about->connection ? about->connection : "", names[event],
		child ? child : "", why ? why : "");
	if (!about->connection)
		return;
	end = sim_find_end(host, about->connection);
	end->tunnel->changed = true;
	if (event == IKE_EVENT_DOWN &&
	    host->sim->now >= host->sim->network.shaky_until &&
	    end->tunnel->steady[0])
		sim_violation(host->sim, "host %u is told that %s is down",
			      host->number, about->connection);
	if (child && event == IKE_EVENT_CHILD_UP)
		end->up[child_number(child)] = true;
	else if (child && event == IKE_EVENT_CHILD_DOWN)
		end->up[child_number(child)] = false;
}

/* The table has the kernel's part in it; that is filled in once. */
static struct ike_ops *operations(void)
{
	static struct ike_ops ops = {
		.now = now,
		.random = random_bytes,
		.send = send_datagram,
		.keepalive = send_keepalive,
		.find_secret = find_secret,
		.wall_clock = wall_clock,
		.sign = sign,
		.trust = trust,
		.log = log_sentence,
		.tell = tell,
	};

	ops.kernel = sim_kernel_ops;
	return &ops;
}

static void must(struct error *error)
{
	if (!error)
		return;
	fprintf(stderr, "sim: %s\n", error->sentence);
	abort();
}

/**
 * sim_find_end - find the end of a tunnel that a host has
 * @host: the host
 * @connection: name of the tunnel, which ends with its number
 *
 * Return: the end.
 */
struct sim_end *sim_find_end(const struct sim_host *host,
			     const char *connection)
{
	size_t length = strcspn(connection, "0123456789");
	unsigned long number = strtoul(connection + length, NULL, 10);
	struct sim_tunnel *tunnel = &host->sim->tunnels[number];

	return &tunnel->ends[tunnel->ends[0].host != host];
}

/**
 * sim_other_end - the other end of a tunnel
 * @end: an end
 *
 * Return: the other one.
 */
struct sim_end *sim_other_end(const struct sim_end *end)
{
	return &end->tunnel->ends[!end->number];
}

/* Calls a function for each tunnel's end that a host has. */
static void each_end(struct sim_host *host,
		     void (*visit)(struct sim_end *end))
{
	struct sim *sim = host->sim;
	unsigned int i, k;

	for (i = 0; i < sim->tunnel_count; i++) {
		for (k = 0; k < 2; k++) {
			if (sim->tunnels[i].ends[k].host == host)
				visit(&sim->tunnels[i].ends[k]);
		}
	}
}

static void add_connection(struct sim_end *end)
{
	must(ike_add(end->host->ike, &end->model));
}

static void forget_all(struct sim_end *end)
{
	memset(end->up, 0, sizeof(end->up));
	memset(end->out, 0, sizeof(end->out));
	end->tunnel->changed = true;
}

/**
 * sim_host_start - start a host
 * @host: the host, whose tunnels have models
 */
void sim_host_start(struct sim_host *host)
{
	must(ike_create(operations(), host, &host->sim->config, &host->ike));
	each_end(host, add_connection);
}

/**
 * sim_host_stop - take the power from a host
 * @host: the host
 */
void sim_host_stop(struct sim_host *host)
{
	ike_destroy(host->ike);
	host->ike = NULL;
	if (!list_empty(&host->kernel.pairs))
		sim_violation(host->sim, "host %u leaves child SAs behind",
			      host->number);
	sim_kernel_flush(&host->kernel);
	each_end(host, forget_all);
}
