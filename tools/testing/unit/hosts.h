/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two hosts with an IKE engine each that hear each other at once.
 */
#ifndef UNIT_HOSTS_H
#define UNIT_HOSTS_H

#include "ike/ike.h"
#include "ike/sa.h"
#include "signer.h"
#include "unit.h"

#define HOSTS_QUEUE 64
#define HOSTS_TOLD 8192

/**
 * struct packet - a datagram that is under way
 * @path: as its sender sees it
 * @length: bytes of it
 * @data: the datagram
 */
struct packet {
	struct ike_path path;
	size_t length;
	uint8_t data[4096];
};

/**
 * struct host - a host
 * @world: where it is
 * @ike: its engine
 * @model: its connection
 * @secret: the key it shares with the other
 * @signer: signs for it
 * @trust: authorities that it trusts
 * @told: all that it was told and that it logged
 * @pairs: how many child SAs its kernel has
 * @next_spi: the SPI that its kernel gives out next
 * @spis: how many SPIs it gave out that are not in use
 * @last: the child SA that was installed or moved last
 * @used: the SPI of the outbound SA that packets take
 * @traffic: what each has carried
 * @moves: how often one was moved
 * @keepalives: how often a NAT was reminded of it
 */
struct host {
	struct world *world;
	struct ike *ike;
	struct ike_model model;
	const char *secret;
	struct signer signer;
	struct crypto_trust *trust;
	char told[HOSTS_TOLD];
	int pairs;
	uint32_t next_spi;
	int spis;
	struct ike_pair last;
	uint32_t used;
	struct ike_traffic traffic;
	int moves;
	int keepalives;
};

/**
 * struct world - two hosts
 * @now: milliseconds
 * @random: of all that is random, the byte that came last
 * @hosts: the hosts
 * @queue: datagrams under way, the last one kept
 * @count: how many
 * @deaf: datagrams are forgotten
 * @tamper: change a bit of each datagram of this exchange
 * @copies: how often each arrives
 * @wall_clock: seconds since 1970
 * @slow_signers: signatures are handed over when the test does that
 * @nat_ports: host 0 is behind a NAT, which has these ports for its ports 500
 *	and 4500; 0 = it isn't
 */
struct world {
	uint64_t now;
	uint8_t random;
	struct host hosts[2];
	struct packet queue[HOSTS_QUEUE];
	size_t count;
	bool deaf;
	uint8_t tamper;
	int copies;
	int64_t wall_clock;
	bool slow_signers;
	uint16_t nat_ports[2];
};

extern struct world world;

/* The address of the NAT */
extern const struct address hosts_nat_address;

void hosts_make_proposals(struct wire_sa *sa, uint8_t protocol,
			  uint16_t key_bits);
void hosts_make_ts(struct wire_ts_list *list, const char *first,
		   const char *last);

int hosts_set_up(void **state);
int hosts_tear_down(void **state);
void hosts_start_one(unsigned int number, const struct ike_config *config);
void hosts_stop(unsigned int number);
void hosts_start(const struct ike_config *config);
void hosts_put_behind_nat(uint16_t port, uint16_t encapsulated_port);
void hosts_deliver(const struct packet *packet);
void hosts_run(void);
void hosts_wait(unsigned int seconds);
void hosts_connect(void);
struct ike_sa *hosts_sa(unsigned int number);
void hosts_send(unsigned int number, struct wire_header *header,
		const struct wire_writer *writer);

void hosts_assert_told(unsigned int number, const char *words,
		       const char *file, int line);
void hosts_assert_not_told(unsigned int number, const char *words,
			   const char *file, int line);
void hosts_assert_pairs(int pairs, const char *file, int line);

#define assert_told(number, words) \
	hosts_assert_told(number, words, __FILE__, __LINE__)
#define assert_not_told(number, words) \
	hosts_assert_not_told(number, words, __FILE__, __LINE__)
#define assert_pairs(pairs) hosts_assert_pairs(pairs, __FILE__, __LINE__)

#endif /* UNIT_HOSTS_H */
