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
			const struct ike_id *remote, struct secret *secret)
{
	static const char text[] = "what both hosts know";

	(void)context;
	(void)local;
	(void)remote;
	secret->length = sizeof(text);
	memcpy(secret->bytes, text, sizeof(text));
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
	sim_say(host->sim, "host %u: %s #%llu: %s", host->number,
		about->child ? about->child : "IKE",
		(unsigned long long)about->serial, sentence);
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
	};
	const char *child = about->child;
	struct sim_host *host = context;

	sim_note(host->sim, event);
	sim_say(host->sim, "host %u is told: %s %s: %s", host->number,
		names[event], child ? child : "", why ? why : "");
	if (event == IKE_EVENT_DOWN &&
	    host->sim->now >= host->sim->network.shaky_until &&
	    host->sim->steady[0])
		sim_violation(host->sim, "host %u is told that it is down",
			      host->number);
	if (!child)
		return;
	if (event == IKE_EVENT_CHILD_UP)
		host->up[child[strlen(child) - 1] - '0'] = true;
	else if (event == IKE_EVENT_CHILD_DOWN)
		host->up[child[strlen(child) - 1] - '0'] = false;
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
 * sim_host_start - start a host
 * @host: the host, which has a model
 */
void sim_host_start(struct sim_host *host)
{
	struct ike_config config = ike_config_default;

	config.fragment_size = host->sim->network.fragment_size;
	must(ike_create(operations(), host, &config, &host->ike));
	must(ike_add(host->ike, &host->model));
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
	memset(host->up, 0, sizeof(host->up));
}
