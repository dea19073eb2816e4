// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time, chance and the network.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/**
 * struct packet - a datagram that is under way
 * @link: in the order of arrival
 * @arrival: when it arrives
 * @path: as its sender sees it
 * @length: bytes of it
 * @data: the datagram
 */
struct packet {
	struct list link;
	uint64_t arrival;
	struct ike_path path;
	size_t length;
	uint8_t data[];
};

/**
 * sim_random - a random number (splitmix64)
 * @random: where from
 *
 * Return: the number.
 */
uint64_t sim_random(struct sim_random *random)
{
	uint64_t number = random->state += 0x9e3779b97f4a7c15ULL;

	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ULL;
	number = (number ^ number >> 27) * 0x94d049bb133111ebULL;
	return number ^ number >> 31;
}

/**
 * sim_below - a random number
 * @sim: the simulation
 * @limit: above the highest
 *
 * Return: the number.
 */
uint32_t sim_below(struct sim *sim, uint32_t limit)
{
	return (uint32_t)(sim_random(&sim->random) % limit);
}

/**
 * sim_chance - whether something happens
 * @sim: the simulation
 * @percent: how likely it is
 *
 * Return: whether it does.
 */
bool sim_chance(struct sim *sim, uint32_t percent)
{
	return sim_below(sim, 100) < percent;
}

/**
 * sim_note - let a number count for the digest
 * @sim: the simulation
 * @value: what must be the same each time
 */
void sim_note(struct sim *sim, uint64_t value)
{
	sim->digest = (sim->digest ^ value) * 0x100000001b3ULL;
	sim->order++;
}

/**
 * sim_say - tell what happens, if somebody wants to know
 * @sim: the simulation
 * @format: as for printf
 */
void sim_say(struct sim *sim, const char *format, ...)
{
	va_list arguments;

	if (!sim->verbose)
		return;
	printf("%7llu.%03llu  ", (unsigned long long)sim->now / 1000,
	       (unsigned long long)sim->now % 1000);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/**
 * sim_violation - an invariant doesn't hold
 * @sim: the simulation
 * @format: how, as for printf
 */
void sim_violation(struct sim *sim, const char *format, ...)
{
	va_list arguments;

	/* what follows from the first one is of no interest */
	if (sim->failed)
		return;
	sim->failed = true;
	printf("# seed %llu, second %llu.%03llu: ",
	       (unsigned long long)sim->seed,
	       (unsigned long long)sim->now / 1000,
	       (unsigned long long)sim->now % 1000);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/**
 * sim_nat_outside - where host 0 is for the other one
 * @sim: the simulation, with a NAT
 * @port: of host 0
 *
 * Return: the endpoint.
 */
struct ike_endpoint sim_nat_outside(const struct sim *sim, uint16_t port)
{
	return (struct ike_endpoint){
		.address = sim->nat.address, .port = sim->nat.ports[port == 4500],
	};
}

/* A datagram leaves; it has the address of the NAT from then on. */
static struct ike_path translate_out(const struct sim *sim,
				     const struct ike_path *path)
{
	struct ike_path outside = *path;

	if (sim->nat.present && path->local.address.bytes[3] == 1)
		outside.local = sim_nat_outside(sim, path->local.port);
	return outside;
}

/* A datagram arrives; false if the NAT has no mapping for it. */
static bool translate_in(const struct sim *sim, struct ike_endpoint *to)
{
	const struct sim_nat *nat = &sim->nat;

	/* an address that only the NAT knows */
	if (nat->present && to->address.bytes[0] == 192 &&
	    to->address.bytes[3] == 1)
		return false;
	if (!nat->present || to->address.bytes[0] == 192)
		return true;
	if (memcmp(&to->address, &nat->address, sizeof(to->address)) ||
	    (to->port != nat->ports[0] && to->port != nat->ports[1]))
		return false;
	to->port = to->port == nat->ports[0] ? 500 : 4500;
	to->address = sim->hosts[0].address;
	return true;
}

/**
 * sim_insert - put a datagram on its way
 * @sim: the simulation
 * @path: as its sender would see it, were there no NAT
 * @datagram: the datagram
 * @arrival: when it arrives
 */
void sim_insert(struct sim *sim, const struct ike_path *path,
		struct bytes datagram, uint64_t arrival)
{
	struct packet *packet = malloc(sizeof(*packet) + datagram.length);
	struct list *before;

	if (!packet)
		abort();
	packet->arrival = arrival;
	packet->path = *path;
	packet->length = datagram.length;
	if (datagram.length)
		memcpy(packet->data, datagram.data, datagram.length);
	before = sim->packets.previous;
	while (before != &sim->packets &&
	       list_entry(before, struct packet, link)->arrival >
	       packet->arrival)
		before = before->previous;
	list_prepend(before, &packet->link);
}

static uint64_t arrival(struct sim *sim)
{
	uint32_t spread = sim->network.delay_max - sim->network.delay_min + 1;

	return sim->now + sim->network.delay_min + sim_below(sim, spread);
}

/**
 * sim_send - a host sends a datagram
 * @sim: the simulation
 * @path: as the sender sees it
 * @datagram: what it sends
 */
void sim_send(struct sim *sim, const struct ike_path *path,
	      struct bytes datagram)
{
	struct ike_path outside = translate_out(sim, path);

	sim_note(sim, sim->now);
	sim_note(sim, datagram.length << 8 | path->local.address.bytes[3]);
	sim_capture(sim, &outside, datagram);
	if (sim_chance(sim, sim->network.loss) ||
	    sim->now < sim->network.dark_until)
		return;
	sim_insert(sim, &outside, datagram, arrival(sim));
	if (sim_chance(sim, sim->network.duplication))
		sim_insert(sim, &outside, datagram, arrival(sim));
}

static void deliver(struct sim *sim, struct packet *packet)
{
	struct ike_path path = {
		.local = packet->path.remote,
		.remote = packet->path.local,
	};
	bool arrives = translate_in(sim, &path.local);
	unsigned int i;

	for (i = 0; arrives && i < sim->host_count; i++) {
		struct sim_host *host = &sim->hosts[i];

		if (!host->ike || memcmp(&host->address, &path.local.address,
					 sizeof(path.local.address)))
			continue;
		ike_receive(host->ike, &path,
			    bytes_of(packet->data, packet->length));
		if (sim->now < sim->storm_until)
			sim_check_bounds(host);
	}
	free(packet);
}

/**
 * sim_step - let the next thing happen
 * @sim: the simulation
 * @until: but nothing later than that
 *
 * Return: whether there was one; if not, it is @until now.
 */
bool sim_step(struct sim *sim, uint64_t until)
{
	struct sim_host *signed_for;
	struct packet *packet = NULL;
	struct ike *first = NULL;
	uint64_t next = until;
	unsigned int i;

	if (!list_empty(&sim->packets))
		packet = list_entry(sim->packets.next, struct packet, link);
	if (packet && packet->arrival <= next)
		next = packet->arrival;
	else
		packet = NULL;
	for (i = 0; i < sim->host_count; i++) {
		struct ike *ike = sim->hosts[i].ike;

		if (ike && ike_deadline(ike) < next) {
			next = ike_deadline(ike);
			first = ike;
			packet = NULL;
		}
	}
	signed_for = sim_auth_next(sim, &next);
	if (next > sim->now)
		sim->now = next;
	if (signed_for) {
		sim_auth_hand_over(signed_for);
	} else if (packet) {
		list_remove(&packet->link);
		deliver(sim, packet);
	} else if (first) {
		ike_tick(first);
	} else {
		return false;
	}
	sim_check_flow(sim);
	return true;
}

/**
 * sim_idle - is nothing under way
 * @sim: the simulation
 *
 * Return: whether no datagram is and no engine waits for an answer.
 */
bool sim_idle(const struct sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->host_count; i++) {
		if (ike_status(sim->hosts[i].ike).busy)
			return false;
	}
	return list_empty(&sim->packets);
}

/**
 * sim_drop_packets - forget what is under way
 * @sim: the simulation
 */
void sim_drop_packets(struct sim *sim)
{
	struct packet *packet;

	while (!list_empty(&sim->packets)) {
		packet = list_entry(sim->packets.next, struct packet, link);
		list_remove(&packet->link);
		free(packet);
	}
}
