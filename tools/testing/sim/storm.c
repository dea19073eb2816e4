// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms: somebody sees what goes over the network and sends it again, from
 * elsewhere, cut, changed; or garbage; or begins IKE SAs in the name of strangers.
 */
#include <string.h>

#include "lib/iana.h"
#include "sim.h"
#include "wire/header.h"
#include "wire/writer.h"

/* Where a header has what, RFC 7296, 3.1 */
#define EXCHANGE_AT 18
#define FLAGS_AT 19
#define LENGTH_AT 26
#define FLAG_RESPONSE 0x20

/**
 * sim_capture - somebody sees a datagram
 * @sim: the simulation
 * @path: as its sender would see it, were there no NAT
 * @datagram: the datagram
 */
void sim_capture(struct sim *sim, const struct ike_path *path,
		 struct bytes datagram)
{
	struct sim_capture *capture;

	if (!datagram.length || datagram.length > SIM_CAPTURE_SIZE)
		return;
	capture = &sim->captures[sim->captured++ % SIM_CAPTURES];
	capture->path = *path;
	capture->length = datagram.length;
	memcpy(capture->data, datagram.data, datagram.length);
}

static void come_from_elsewhere(struct sim *sim, struct sim_capture *strike)
{
	uint64_t number = sim_random(&sim->random);
	uint8_t address[4] = {
		198, 18, (uint8_t)(number >> 8), (uint8_t)number,
	};

	address_set(&strike->path.local.address, address, 4);
	strike->path.local.port = (uint16_t)(number >> 16 | 1);
}

static void flip_bits(struct sim *sim, struct sim_capture *strike)
{
	unsigned int count = 1 + sim_below(sim, 4);

	while (count--)
		strike->data[sim_below(sim, (uint32_t)strike->length)] ^=
			(uint8_t)(1 << sim_below(sim, 8));
}

static void put_garbage(struct sim *sim, struct sim_capture *strike,
			size_t from)
{
	for (; from < strike->length; from++)
		strike->data[from] = (uint8_t)sim_random(&sim->random);
}

/* A notify of hashes more at the end of a message in the clear */
static void append_hashes(struct sim *sim, struct sim_capture *strike)
{
	size_t length = 1 + sim_below(sim, 16), at = WIRE_HEADER_SIZE;
	struct wire_writer writer;
	uint8_t data[16];
	size_t i;

	while (strike->data[at])
		at += (size_t)strike->data[at + 2] << 8 | strike->data[at + 3];
	for (i = 0; i < length; i++)
		data[i] = (uint8_t)sim_below(sim, 8);
	wire_writer_init(&writer, strike->data + strike->length,
			 sizeof(strike->data) - strike->length);
	wire_put_notify(&writer, IANA_NOTIFY_SIGNATURE_HASH_ALGORITHMS,
			bytes_of(data, length));
	if (writer.bytes.failed)
		return;
	strike->data[at] = IANA_PAYLOAD_NOTIFY;
	strike->length += writer.bytes.used;
	strike->data[LENGTH_AT] = (uint8_t)(strike->length >> 8);
	strike->data[LENGTH_AT + 1] = (uint8_t)strike->length;
}

static bool begins_sa(const struct sim_capture *strike)
{
	return strike->length > WIRE_HEADER_SIZE &&
	       strike->data[EXCHANGE_AT] == IANA_EXCHANGE_IKE_SA_INIT &&
	       !(strike->data[FLAGS_AT] & FLAG_RESPONSE);
}

/* What was captured as an attacker sends it */
static void make_hostile(struct sim *sim, struct sim_capture *strike)
{
	uint32_t dice = sim_below(sim, 100);
	size_t i;

	if (begins_sa(strike) && dice < 70) {
		come_from_elsewhere(sim, strike);
		for (i = 0; i < 8; i++)
			strike->data[i] = (uint8_t)sim_random(&sim->random);
		if (dice < 20)
			append_hashes(sim, strike);
	} else if (dice < 30) {
		return;
	} else if (dice < 50) {
		come_from_elsewhere(sim, strike);
	} else if (dice < 65) {
		strike->length = sim_below(sim, (uint32_t)strike->length);
	} else if (dice < 90) {
		flip_bits(sim, strike);
	} else {
		put_garbage(sim, strike, sim_below(sim, WIRE_HEADER_SIZE));
	}
}

/**
 * sim_storm - let hostile datagrams come
 * @sim: the simulation
 */
void sim_storm(struct sim *sim)
{
	uint32_t count = 20 + sim_below(sim, sim_chance(sim, 10) ? 1000 : 100);
	uint32_t duration = 1 + sim_below(sim, 20000);
	unsigned int known = sim->captured < SIM_CAPTURES ? sim->captured :
							    SIM_CAPTURES;
	struct sim_capture strike;

	if (!known)
		return;
	sim_say(sim, "a storm of %u datagrams in %u ms", count, duration);
	sim->storm_until = sim->now + duration;
	while (count--) {
		strike = sim->captures[sim_below(sim, known)];
		make_hostile(sim, &strike);
		sim_insert(sim, &strike.path,
			   bytes_of(strike.data, strike.length),
			   sim->now + sim_below(sim, duration));
	}
}
