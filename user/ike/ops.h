/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that the engine asks of the world: time, randomness, the network, keys,
 * the kernel, and somebody to tell. A daemon answers with the real things,
 * a simulator with its own.
 */
#ifndef IKE_OPS_H
#define IKE_OPS_H

#include "crypto/trust.h"
#include "ike/connection.h"
#include "lib/bytes.h"
#include "lib/error.h"

/* The longest key of ESP: 256 bits and salt; of its integrity: 512 bits */
#define IKE_ESP_KEY_SIZE 64

/**
 * struct ike_suite - algorithms that were agreed upon
 * @encr: enum iana_encr
 * @key_bits: of its key, 0 = it has but one length
 * @prf: enum iana_prf; 0 for ESP
 * @integ: enum iana_integ
 * @ke: enum iana_ke
 * @esn: enum iana_esn; of ESP only
 */
struct ike_suite {
	uint16_t encr;
	uint16_t key_bits;
	uint16_t prf;
	uint16_t integ;
	uint16_t ke;
	uint16_t esn;
};

/**
 * struct ike_esp_keys - keys of one ESP SA
 * @encr_length: bytes of @encr, salt included
 * @encr: key and salt
 * @integ_length: bytes of @integ
 * @integ: key of the integrity algorithm
 */
struct ike_esp_keys {
	size_t encr_length;
	uint8_t encr[IKE_ESP_KEY_SIZE];
	size_t integ_length;
	uint8_t integ[IKE_ESP_KEY_SIZE];
};

/**
 * struct ike_pair - a child SA as the kernel sees it
 * @connection: name of the connection
 * @instance: number of the instance that it belongs to, 0 = of none
 * @child: name of the child SA
 * @serial: serial number of the child SA
 * @path: where packets go and come from
 * @spi_in: of the inbound SA
 * @spi_out: of the outbound SA
 * @transport: transport mode
 * @no_padding: the peer wants no padding that hides the length of packets
 * @encapsulate: ESP in UDP, between the ports of @path
 * @keepalive: seconds of silence after which a NAT is to be reminded of the
 *	outbound SA, 0 = never
 * @suite: algorithms
 * @in: keys of the inbound SA
 * @out: keys of the outbound SA
 * @local: selectors of this side
 * @remote: selectors of the other
 */
struct ike_pair {
	const char *connection;
	uint64_t instance;
	const char *child;
	uint64_t serial;
	struct ike_path path;
	uint32_t spi_in;
	uint32_t spi_out;
	bool transport;
	bool no_padding;
	bool encapsulate;
	uint32_t keepalive;
	struct ike_suite suite;
	struct ike_esp_keys in;
	struct ike_esp_keys out;
	struct wire_ts_list local;
	struct wire_ts_list remote;
};

/**
 * enum ike_level - for whom a line of the log is
 * @IKE_LEVEL_ERROR: something failed that the user wanted
 * @IKE_LEVEL_INFO: the course of things
 * @IKE_LEVEL_PEER: what a stranger can cause at will; to be rate-limited
 * @IKE_LEVEL_DEBUG: each message, which somebody wants to see for once
 */
enum ike_level {
	IKE_LEVEL_ERROR,
	IKE_LEVEL_INFO,
	IKE_LEVEL_PEER,
	IKE_LEVEL_DEBUG,
};

/**
 * enum ike_event - what became of a connection
 * @IKE_EVENT_ESTABLISHED: it has an IKE SA
 * @IKE_EVENT_CHILD_UP: a child SA carries traffic
 * @IKE_EVENT_CHILD_DOWN: a child SA has ended and none takes its place
 * @IKE_EVENT_CHILD_FAILED: a child SA could not be made
 * @IKE_EVENT_PEER_DEAD: its peer doesn't answer; its child SAs are about to go
 * @IKE_EVENT_DOWN: its IKE SA has ended
 * @IKE_EVENT_FAILED: no IKE SA could be made
 * @IKE_EVENT_INSTANCE: it is an instance of its own that a peer has got
 * @IKE_EVENT_INSTANCE_ENDED: the instance had its last IKE SA; nothing more comes
 *	about it
 */
enum ike_event {
	IKE_EVENT_ESTABLISHED,
	IKE_EVENT_CHILD_UP,
	IKE_EVENT_CHILD_DOWN,
	IKE_EVENT_CHILD_FAILED,
	IKE_EVENT_PEER_DEAD,
	IKE_EVENT_DOWN,
	IKE_EVENT_FAILED,
	IKE_EVENT_INSTANCE,
	IKE_EVENT_INSTANCE_ENDED,
};

/**
 * struct ike_signing - a signature that somebody is to make
 * @token: names it to ike_signed()
 * @connection: name of the connection that it is for
 * @ckaid: which private key, of CRYPTO_CKAID_SIZE bytes
 * @scheme: how; there for ever
 * @octets: what is signed; there until the operation returns
 */
struct ike_signing {
	uint64_t token;
	const char *connection;
	const uint8_t *ckaid;
	const struct crypto_scheme *scheme;
	struct bytes octets;
};

/**
 * struct ike_subject - what a sentence or an event is about
 * @connection: name of the connection, NULL if it isn't known
 * @instance: number of the instance of a connection with anybody, 0 = of none
 * @child: name of the child SA, NULL if it is about an IKE SA or a connection
 * @serial: serial number of the child SA or else of the IKE SA, 0 if it is
 *	about none
 * @path: where the peer is, NULL if that is of no concern
 */
struct ike_subject {
	const char *connection;
	uint64_t instance;
	const char *child;
	uint64_t serial;
	const struct ike_path *path;
};

/**
 * struct ike_traffic - what a child SA has carried
 * @packets_in: packets received
 * @bytes_in: bytes of these
 * @packets_out: packets sent
 * @bytes_out: bytes of these
 */
struct ike_traffic {
	uint64_t packets_in;
	uint64_t bytes_in;
	uint64_t packets_out;
	uint64_t bytes_out;
};

/**
 * struct ike_kernel_ops - what the engine asks of the kernel
 * @allocate_spi: choose an SPI for an inbound SA of a path
 * @release_spi: give up an SPI that was chosen and never installed
 * @install: make both SAs of a child SA; with @use, outbound packets of its
 *	selectors take it from now on, whatever they took before
 * @use: let outbound packets take a child SA that was installed without
 * @move: the peer of both SAs of a child SA is where its path says now
 * @query: what a child SA has carried so far
 * @remove: end both SAs of a child SA; and its policies, unless another one
 *	has taken them over
 */
struct ike_kernel_ops {
	struct error *(*allocate_spi)(void *context,
				      const struct ike_path *path,
				      uint32_t *spi);
	void (*release_spi)(void *context, const struct ike_path *path,
			    uint32_t spi);
	struct error *(*install)(void *context, const struct ike_pair *pair,
				 bool use);
	struct error *(*use)(void *context, const struct ike_pair *pair);
	struct error *(*move)(void *context, const struct ike_pair *pair);
	struct error *(*query)(void *context, const struct ike_pair *pair,
			       struct ike_traffic *traffic);
	void (*remove)(void *context, const struct ike_pair *pair);
};

/**
 * struct ike_ops - what the engine asks of the world
 * @now: milliseconds, of a clock that never goes back
 * @random: fill @length bytes that nobody can foresee
 * @wall_clock: seconds since 1970
 * @send: send a datagram; it may get lost
 * @keepalive: send the one byte that reminds a NAT of a mapping (RFC 3948, 4)
 * @find_secret: find the key that is shared by two identities; false = none;
 *	there until the engine returns
 * @sign: let somebody make a signature; NULL = ike_signed() is called later on,
 *	never before this has returned
 * @trust: authorities and what they have revoked, for certificates of peers;
 *	NULL = there are none; there until the engine returns
 * @log: a sentence for the log, and what it is about
 * @tell: what became of a connection, and why; @why is NULL if all is well
 * @kernel: what the engine asks of the kernel
 */
struct ike_ops {
	uint64_t (*now)(void *context);
	struct error *(*random)(void *context, void *bytes, size_t length);
	int64_t (*wall_clock)(void *context);
	void (*send)(void *context, const struct ike_path *path,
		     struct bytes datagram);
	void (*keepalive)(void *context, const struct ike_path *path);
	bool (*find_secret)(void *context, const struct ike_id *local,
			    const struct ike_id *remote,
			    struct bytes *secret);
	struct error *(*sign)(void *context, const struct ike_signing *signing);
	const struct crypto_trust *(*trust)(void *context);
	void (*log)(void *context, enum ike_level level,
		    const struct ike_subject *about, const char *sentence);
	void (*tell)(void *context, enum ike_event event,
		     const struct ike_subject *about, const char *why);
	struct ike_kernel_ops kernel;
};

#endif /* IKE_OPS_H */
