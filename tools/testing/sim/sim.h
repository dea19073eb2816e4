/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator: hosts with an engine and a kernel of paper each, on a network
 * and in a time of their own. All that happens follows from one number, the
 * seed.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "../unit/signer.h"
#include "ike/ike.h"
#include "lib/list.h"

#define SIM_HOSTS 50
#define SIM_TUNNELS 60
#define SIM_CHILDREN 3
#define SIM_CAPTURES 16
#define SIM_CAPTURE_SIZE 4096

/**
 * struct sim_random - a source of numbers that are the same each time
 * @state: where it is
 */
struct sim_random {
	uint64_t state;
};

/**
 * struct sim_network - what becomes of datagrams
 * @loss: how many of a hundred get lost
 * @duplication: how many of a hundred arrive twice
 * @delay_min: milliseconds, at least
 * @delay_max: at most; datagrams overtake each other
 * @dark_until: nothing arrives until then
 * @shaky_until: a peer may be taken for dead until then
 */
struct sim_network {
	uint32_t loss;
	uint32_t duplication;
	uint32_t delay_min;
	uint32_t delay_max;
	uint64_t dark_until;
	uint64_t shaky_until;
};

/**
 * struct sim_nat - a NAT in front of host 0
 * @present: there is one
 * @address: its address
 * @ports: what it makes of ports 500 and 4500 of the host
 */
struct sim_nat {
	bool present;
	struct address address;
	uint16_t ports[2];
};

/**
 * struct sim_pair - a child SA in a kernel of paper
 * @link: in the kernel's list
 * @pair: as it was installed, with its keys
 * @order: the younger, the higher
 * @packets_in: how many it has received
 */
struct sim_pair {
	struct list link;
	struct ike_pair pair;
	uint64_t order;
	uint64_t packets_in;
};

/**
 * struct sim_kernel - a kernel of paper
 * @pairs: struct sim_pair
 * @reserved: SPIs that were given out and not installed, 0 = free place
 * @next_spi: the next SPI
 */
struct sim_kernel {
	struct list pairs;
	uint32_t reserved[256];
	uint32_t next_spi;
};

/**
 * struct sim_host - a host
 * @sim: the simulation
 * @number: which it is
 * @address: where it is
 * @ike: its engine
 * @kernel: its kernel
 * @signer: signs for it
 */
struct sim_host {
	struct sim *sim;
	unsigned int number;
	struct address address;
	struct ike *ike;
	struct sim_kernel kernel;
	struct signer signer;
};

/**
 * struct sim_end - one end of a tunnel
 * @tunnel: the tunnel
 * @number: 0 or 1
 * @host: the host
 * @model: its connection with the other end
 * @up: whether each child is up, as far as the host was told
 * @out: for each child, by number, the SPI that outbound packets take; 0 = they
 *	find no SA
 */
struct sim_end {
	struct sim_tunnel *tunnel;
	unsigned int number;
	struct sim_host *host;
	struct ike_model model;
	bool up[SIM_CHILDREN];
	uint32_t out[SIM_CHILDREN];
};

/**
 * struct sim_tunnel - a connection between two hosts, of which there may be more
 * @name: of the connection at both
 * @group: the first of those between the same hosts with the same identities, which
 *	share an IKE SA; perhaps itself
 * @ends: both; the host of the first has the lower number
 * @children: how many children it has
 * @is_shared: it is one of several that share an IKE SA
 * @behind_nat: the first end is behind the NAT
 * @both: both hosts bring it up; else that of the first end does
 * @changed: something was done that flows may suffer from, and nobody has looked
 * @steady: since when both ends have each child and neither should be without
 *	it; false = somebody took it down
 */
struct sim_tunnel {
	char name[16];
	struct sim_tunnel *group;
	struct sim_end ends[2];
	uint16_t children;
	bool is_shared;
	bool behind_nat;
	bool both;
	bool changed;
	bool steady[SIM_CHILDREN];
};

/**
 * struct sim_capture - a datagram that somebody has seen on the network
 * @path: as its sender would see it, were there no NAT
 * @length: bytes of it
 * @data: the datagram
 */
struct sim_capture {
	struct ike_path path;
	size_t length;
	uint8_t data[SIM_CAPTURE_SIZE];
};

/**
 * struct sim - a simulation
 * @seed: what it follows from
 * @random: for the world
 * @now: milliseconds
 * @network: what becomes of datagrams
 * @nat: what translates addresses
 * @packets: struct packet that are under way
 * @order: how many things have happened
 * @digest: of all that has happened
 * @config: of the engines
 * @hosts: the hosts
 * @host_count: how many there are
 * @tunnels: the tunnels
 * @tunnel_count: how many there are
 * @captures: datagrams of late
 * @captured: how many there were so far
 * @storm_until: hostile datagrams come until then
 * @traffic: packets flow wherever they can
 * @verbose: say what happens
 * @failed: an invariant was violated
 */
struct sim {
	uint64_t seed;
	struct sim_random random;
	uint64_t now;
	struct sim_network network;
	struct sim_nat nat;
	struct list packets;
	uint64_t order;
	uint64_t digest;
	struct ike_config config;
	struct sim_host hosts[SIM_HOSTS];
	unsigned int host_count;
	struct sim_tunnel tunnels[SIM_TUNNELS];
	unsigned int tunnel_count;
	struct sim_capture captures[SIM_CAPTURES];
	unsigned int captured;
	uint64_t storm_until;
	bool traffic;
	bool verbose;
	bool failed;
};

/* world.c */
uint64_t sim_random(struct sim_random *random);
uint32_t sim_below(struct sim *sim, uint32_t limit);
bool sim_chance(struct sim *sim, uint32_t percent);
void sim_note(struct sim *sim, uint64_t value);
__attribute__((format(printf, 2, 3)))
void sim_say(struct sim *sim, const char *format, ...);
__attribute__((format(printf, 2, 3)))
void sim_violation(struct sim *sim, const char *format, ...);
void sim_send(struct sim *sim, const struct ike_path *path,
	      struct bytes datagram);
bool sim_step(struct sim *sim, uint64_t until);
bool sim_idle(const struct sim *sim);
void sim_insert(struct sim *sim, const struct ike_path *path,
		struct bytes datagram, uint64_t arrival);
struct ike_endpoint sim_nat_outside(const struct sim *sim, uint16_t port);
void sim_drop_packets(struct sim *sim);

/* host.c */
void sim_host_start(struct sim_host *host);
void sim_host_stop(struct sim_host *host);
struct sim_end *sim_find_end(const struct sim_host *host,
			     const char *connection);
struct sim_end *sim_other_end(const struct sim_end *end);

/* storm.c */
void sim_storm(struct sim *sim);
void sim_capture(struct sim *sim, const struct ike_path *path,
		 struct bytes datagram);

/* auth.c */
void sim_auth_equip(struct sim_host *host);
void sim_auth_choose(struct sim_tunnel *tunnel);
void sim_auth_copy(struct sim_tunnel *tunnel, const struct sim_tunnel *from);
const struct crypto_trust *sim_auth_trust(void);
struct error *sim_auth_sign(struct sim_host *host,
			    const struct ike_signing *signing);
struct sim_host *sim_auth_next(struct sim *sim, uint64_t *until);
void sim_auth_hand_over(struct sim_host *host);

/* kernel.c */
extern const struct ike_kernel_ops sim_kernel_ops;
void sim_kernel_init(struct sim_kernel *kernel, uint32_t first_spi);
void sim_kernel_flush(struct sim_kernel *kernel);
struct sim_pair *sim_kernel_find(struct sim_kernel *kernel, uint32_t spi_in);

/* check.c */
bool sim_receives(struct sim_host *host, const struct ike_pair *pair);
void sim_check_flow(struct sim *sim);
void sim_check_bounds(struct sim_host *host);
void sim_check_agreement(struct sim *sim);
void sim_check_empty(struct sim *sim);

/* scenario.c */
void sim_scenario(struct sim *sim);

#endif /* SIM_SIM_H */
