/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: the engine's objects. An engine has connections and IKE
 * SAs; an IKE SA has children, a window and, until its peer is authenticated,
 * a handshake.
 */
#ifndef IKE_SA_H
#define IKE_SA_H

#include "ike/ike.h"
#include "ike/keys.h"
#include "ike/timer.h"
#include "lib/list.h"
#include "wire/header.h"
#include "wire/payloads.h"
#include "wire/writer.h"

#define IKE_BUCKETS 1024
#define IKE_DATAGRAM_SIZE 65535

struct ike_sa;
struct ike_child;
struct ike_exchange;
struct ike_reassembly;
struct ike_signature;

/**
 * struct ike_connection - a connection that was added
 * @link: in the engine's list
 * @ike: the engine
 * @wanted: somebody brought it up and nobody down; the children that are
 *	wanted, by bit
 * @keep: it is brought up again whenever it goes down by itself
 * @restart: likewise, but only this time: its peer was dead
 * @failures: how often in a row it could not be brought up
 * @flowing: children that a packet has asked for and that are not up yet, by bit
 * @flows: the last one for each of these
 * @installed: how many child SAs the kernel has of each child
 * @retry: when it is tried again
 * @template: connection with anybody that it is an instance of, NULL for none
 * @number: of the instance; of the template's latest instance; else 0
 * @left: an IKE SA of the instance has ended
 * @group: connections that share an IKE SA have the same
 * @joined: somebody was told that it has an IKE SA, and not yet that it has none
 * @model: what it is to be; ends as ike_model_size() has it
 */
struct ike_connection {
	struct list link;
	struct ike *ike;
	uint32_t wanted;
	bool keep;
	bool restart;
	uint32_t failures;
	uint32_t flowing;
	struct ike_flow flows[IKE_CHILDREN_MAX];
	uint32_t installed[IKE_CHILDREN_MAX];
	struct ike_timer retry;
	struct ike_connection *template;
	uint64_t number;
	bool left;
	uint64_t group;
	bool joined;
	/* nothing comes behind it */
	struct ike_model model;
};

/**
 * struct ike - an engine
 * @ops: the world
 * @context: for @ops
 * @config: how to behave
 * @counters: what happened
 * @serial: the last serial number of an IKE SA or a child SA
 * @groups: the last number of a group of connections
 * @timers: all timers
 * @connections: struct ike_connection, those that were added
 * @instances: struct ike_connection, one for each peer of those with anybody
 * @instance_left: one of them may have no IKE SA any more
 * @sas: struct ike_sa, all that are not dead
 * @dead: IKE SAs to be freed when nobody uses them any more
 * @buckets: IKE SAs by our SPI
 * @init_buckets: those that a peer has begun, by its SPI, while half open
 * @half_open: how many were begun by a peer that isn't authenticated
 * @half_open_from: how many of these were begun from addresses of the like hash
 * @refused: how many are there only to tell a peer again that it isn't
 * @cookie_secret: what cookies are made with
 * @received: the datagram at hand, decrypted in place
 * @chain: payloads of a request being written
 * @answer: payloads of a response being written
 * @sending: a datagram being written
 * @payloads: what was received, decoded
 * @opened: payloads that were encrypted, as they came
 * @opened_first: type of the first of them
 */
struct ike {
	const struct ike_ops *ops;
	void *context;
	struct ike_config config;
	struct ike_counters counters;
	uint64_t serial;
	uint64_t groups;
	struct ike_timers timers;
	struct list connections;
	struct list instances;
	bool instance_left;
	struct list sas;
	struct list dead;
	struct list buckets[IKE_BUCKETS];
	struct list init_buckets[IKE_BUCKETS];
	uint32_t half_open;
	uint32_t half_open_from[IKE_BUCKETS];
	uint32_t refused;
	uint8_t cookie_secret[32];
	uint8_t received[IKE_DATAGRAM_SIZE];
	uint8_t chain[IKE_DATAGRAM_SIZE];
	uint8_t answer[IKE_DATAGRAM_SIZE];
	uint8_t sending[IKE_DATAGRAM_SIZE];
	struct wire_payloads payloads;
	struct bytes opened;
	uint8_t opened_first;
};

/**
 * struct ike_datagram - a datagram that may have to be sent again
 * @next: the next one of the same message
 * @length: bytes of it
 * @data: the datagram
 */
struct ike_datagram {
	struct ike_datagram *next;
	size_t length;
	uint8_t data[];
};

/**
 * struct ike_window - requests and responses of an IKE SA; each side has one
 *	request under way (RFC 7296, 2.3)
 * @next: message id of our next request
 * @current: our request that waits for its answer, NULL for none
 * @request: what was sent
 * @since: when it was first sent
 * @wait: milliseconds until it is sent again
 * @timer: then
 * @queue: struct ike_exchange that wait for their turn
 * @expected: message id of the peer's next request
 * @pending: that request is there, and its answer isn't yet
 * @response: the answer to its last one
 */
struct ike_window {
	uint32_t next;
	struct ike_exchange *current;
	struct ike_datagram *request;
	uint64_t since;
	uint32_t wait;
	struct ike_timer timer;
	struct list queue;
	uint32_t expected;
	bool pending;
	struct ike_datagram *response;
};

/**
 * struct ike_handshake - what is needed until both sides are authenticated
 * @nonce_i: of the initiator
 * @nonce_r: of the responder
 * @dh: our half of the key exchange, of the initiator only
 * @method: enum iana_ke, of the same
 * @attempts: how often the initiator has begun
 * @cookie_length: bytes of @cookie
 * @cookie: to be sent back to the responder
 * @init_i: the initiator's message of IKE_SA_INIT, which AUTH covers
 * @init_r: the responder's
 * @child: the child SA that IKE_AUTH is to make, of the initiator only
 * @peer_hashes: the hashes of signatures that the peer can verify, a
 *	CRYPTO_HASH_BIT() each
 * @cert_asked: the peer has asked for a certificate
 * @signature: the one that our AUTH payload is to have, NULL for none
 * @request: payloads of the request of IKE_AUTH, of the responder only, as long
 *	as that waits for @signature
 * @request_first: type of the first of them
 */
struct ike_handshake {
	struct ike_nonce nonce_i;
	struct ike_nonce nonce_r;
	struct crypto_dh *dh;
	uint16_t method;
	unsigned int attempts;
	size_t cookie_length;
	uint8_t cookie[64];
	struct ike_datagram *init_i;
	struct ike_datagram *init_r;
	struct ike_child *child;
	unsigned int peer_hashes;
	bool cert_asked;
	struct ike_signature *signature;
	struct ike_datagram *request;
	uint8_t request_first;
};

/**
 * struct ike_nat - NATs that were found
 * @local: in front of us
 * @remote: in front of the peer
 */
struct ike_nat {
	bool local;
	bool remote;
};

/**
 * struct ike_origin - how an IKE SA came to be, before all rekeying
 * @ours: we began it
 * @spi: SPI of the initiator
 * @began: when it was begun
 * @established: when it was there
 */
struct ike_origin {
	bool ours;
	uint64_t spi;
	uint64_t began;
	uint64_t established;
};

/**
 * enum ike_sa_state - where an IKE SA is in its life
 * @IKE_SA_LARVAL: it is to replace another one, and the peer hasn't answered
 * @IKE_SA_CONNECTING: not both sides are authenticated
 * @IKE_SA_ESTABLISHED: it is there
 * @IKE_SA_REKEYED: another one has taken over its children; whoever began that
 *	deletes it
 * @IKE_SA_DELETING: the peer was told that it ends
 * @IKE_SA_ENDED: it is there only to answer again, should the answer get lost
 * @IKE_SA_DEAD: it is freed as soon as nobody uses it
 */
enum ike_sa_state {
	IKE_SA_LARVAL,
	IKE_SA_CONNECTING,
	IKE_SA_ESTABLISHED,
	IKE_SA_REKEYED,
	IKE_SA_DELETING,
	IKE_SA_ENDED,
	IKE_SA_DEAD,
};

/**
 * struct ike_sa - an IKE SA
 * @link: in a list of the engine
 * @bucket: among those with the like SPI
 * @init_bucket: among those whose initiator has the like SPI
 * @init_from: hash of the address that it was begun from
 * @ike: the engine
 * @serial: its serial number; child SAs have theirs from the same sequence
 * @connection: the one that it is of, NULL while we don't know who the peer is;
 *	others may share it (share.c)
 * @state: where it is in its life
 * @initiator: we began it
 * @spi_i: SPI of the initiator
 * @spi_r: SPI of the responder
 * @path: where messages go
 * @nat: which of both is behind a NAT
 * @suite: algorithms
 * @keys: keys; their prf is NULL as long as there are none
 * @peer_id: who the peer is, once that is proved; of type ID_NULL if it need not
 *	prove it
 * @fragments: the peer can put fragments together
 * @reassembly: fragments of requests and of responses that have come
 * @handshake: NULL once both sides are authenticated
 * @window: requests and responses
 * @children: struct ike_child
 * @rival_of: the IKE SA that the peer replaced by this one while we were about
 *	to replace it as well; NULL once it is clear which one stays
 * @replaces: serial number of the IKE SA that goes as soon as this one has its
 *	children, 0 for none
 * @takes: these children: see reauth.c
 * @attempts: how often it was tried to make the rest of them
 * @ends: why it ends as soon as the response at hand is sent, NULL if it
 *	doesn't
 * @refused: it ended because its peer wasn't authenticated
 * @began: when it was begun
 * @established: when it was there, 0 if it isn't yet
 * @origin: the same of the first one, if it has come by rekeying
 * @heard: when the peer last showed that it is there; what anybody can send
 *	again doesn't show it (RFC 7296, 2.4)
 * @asked: when the peer last asked for it, being its initiator: it cannot answer what
 *	comes by it before it has our response
 * @successor: our SPI of the IKE SA that has taken over from it, 0 for none
 * @children_later: when to begin children that the peer was too busy for
 * @lifetime: when to replace it
 * @ends_at: when it ends if nothing has replaced it, 0 = never
 * @liveness: when to ask whether the peer is there
 * @keepalive: when to remind a NAT of us
 * @doom: when it ends whatever happens: half open, or replaced
 */
struct ike_sa {
	struct list link;
	struct list bucket;
	struct list init_bucket;
	size_t init_from;
	struct ike *ike;
	uint64_t serial;
	struct ike_connection *connection;
	enum ike_sa_state state;
	bool initiator;
	uint64_t spi_i;
	uint64_t spi_r;
	struct ike_path path;
	struct ike_nat nat;
	struct ike_suite suite;
	struct ike_keys keys;
	struct ike_id peer_id;
	bool fragments;
	struct ike_reassembly *reassembly[2];
	struct ike_handshake *handshake;
	struct ike_window window;
	struct list children;
	struct ike_sa *rival_of;
	uint64_t replaces;
	struct list takes;
	uint32_t attempts;
	const char *ends;
	bool refused;
	uint64_t began;
	uint64_t established;
	struct ike_origin origin;
	uint64_t heard;
	uint64_t asked;
	uint64_t successor;
	struct ike_timer children_later;
	struct ike_timer lifetime;
	uint64_t ends_at;
	struct ike_timer liveness;
	struct ike_timer keepalive;
	struct ike_timer doom;
};

void ike_set_timer(struct ike *ike, struct ike_timer *timer, uint64_t wait);
uint64_t ike_spread(struct ike *ike, uint64_t from, uint64_t to);

uint64_t ike_serial(struct ike *ike);

/* report.c */
__attribute__((format(printf, 3, 4)))
void ike_path_log(struct ike *ike, const struct ike_path *path,
		  const char *format, ...);
__attribute__((format(printf, 3, 4)))
void ike_sa_log(struct ike_sa *sa, enum ike_level level, const char *format,
		...);
void ike_message_log(struct ike_sa *sa, const struct wire_header *header,
		     bool sent, uint8_t first, struct bytes chain);
void ike_connection_log(struct ike_connection *connection,
			const struct ike_flow *flow);
void ike_sa_tell(const struct ike_sa *sa,
		 const struct ike_connection *connection, enum ike_event event,
		 const char *why);
void ike_connection_tell(const struct ike_connection *connection,
			 enum ike_event event, const char *why);
__attribute__((format(printf, 3, 4)))
void ike_child_log(const struct ike_child *child, enum ike_level level,
		   const char *format, ...);
void ike_child_tell(const struct ike_child *child, enum ike_event event,
		    const char *why);

struct ike_sa *ike_sa_create(struct ike *ike, const struct ike_path *path,
			     bool initiator);
ERROR_MUST_CHECK
struct error *ike_sa_set_responder_spi(struct ike_sa *sa);
uint64_t ike_sa_our_spi(const struct ike_sa *sa);
struct ike_sa *ike_sa_find_ours(struct ike *ike, uint64_t spi);
struct ike_sa *ike_sa_find(struct ike *ike, const struct wire_header *header);
void ike_sa_half_open(struct ike_sa *sa);
struct ike_sa *ike_sa_find_half_open(struct ike *ike, uint64_t spi_i,
				     const struct ike_path *path);
uint32_t ike_sa_count_half_open(const struct ike *ike,
				const struct address *from);
void ike_sa_established(struct ike_sa *sa);
void ike_sa_begin_children_of(struct ike_sa *sa,
			      struct ike_connection *connection);
void ike_sa_begin_children(struct ike_sa *sa);
void ike_sa_try_children_later(struct ike_sa *sa);
void ike_sa_schedule(struct ike_sa *sa);
void ike_sa_end_handshake(struct ike_sa *sa);
void ike_sa_fail(struct ike_sa *sa, struct error *error);
void ike_sa_peer_dead(struct ike_sa *sa, struct error *error);
void ike_sa_end(struct ike_sa *sa, const char *why);
void ike_sa_kill(struct ike_sa *sa, const char *why);
void ike_sa_kill_quietly(struct ike_sa *sa);
void ike_sa_inherit(struct ike_sa *old, struct ike_sa *new);
void ike_sa_doom(struct ike_sa *sa);
uint32_t ike_sa_patience(const struct ike_sa *sa);
uint32_t ike_sa_retransmit(const struct ike_sa *sa);
void ike_liveness_schedule(struct ike_sa *sa);
void ike_liveness_expire(struct ike_timer *timer);
void ike_reap(struct ike *ike);

struct ike_connection *ike_connection_create(struct ike *ike,
					     const struct ike_model *model);
void ike_connection_connect(struct ike_connection *connection);
void ike_connection_free(struct ike_connection *connection);
void ike_connection_give_up(struct ike_connection *connection);
void ike_connection_peer_dead(struct ike_connection *connection);
bool ike_connection_is_on(const struct ike_connection *connection,
			  const struct ike_path *path);
void ike_connection_retry(struct ike_connection *connection);
uint64_t ike_connection_instance(const struct ike_connection *connection);

struct ike_datagram *ike_datagram_create(const uint8_t *data, size_t length);
void ike_datagram_free(struct ike_datagram *datagram);

#endif /* IKE_SA_H */
