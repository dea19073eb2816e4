/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What user space asks of the espvif module: the verbs, and the objects they
 * work on as plain structs. Nobody else in user space knows netlink.
 */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <linux/espvif.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"
#include "lib/error.h"
#include "lib/number.h"
#include "lib/secret.h"

#define KERNEL_NAME_SIZE (ESPVIF_NAME_MAX + 1)

/* A connection to the module, for the network namespace it was opened in */
struct kernel;

/* Several changes that are made whole or not at all */
struct kernel_batch;

/**
 * struct kernel_limit - when an SA ends, softly or hard; 0 = never
 * @bytes: of inner packets
 * @packets: number of them
 * @seconds: since it was made
 */
struct kernel_limit {
	uint64_t bytes;
	uint64_t packets;
	uint32_t seconds;
};

/**
 * struct kernel_counter - how many packets a reason concerned
 * @name: of the reason; stable
 * @packets: how many
 */
struct kernel_counter {
	char name[KERNEL_NAME_SIZE];
	uint64_t packets;
};

/**
 * struct kernel_counters - several of them
 * @items: the counters
 * @count: how many
 */
struct kernel_counters {
	struct kernel_counter *items;
	size_t count;
};

/**
 * struct kernel_outer - outer headers and sizes of an outbound SA in tunnel mode
 * @df: Don't Fragment; 0 leaves it to the module, here and in the other enums
 * @dscp: 0 to 63, or ESPVIF_DSCP_COPY
 * @hop_limit: TTL or hop limit, 0 = the route's
 * @flow_label: of IPv6
 * @fragment: when packets that are too long are fragmented
 * @tfc: bytes that packets are padded to, 0 = not at all
 */
struct kernel_outer {
	enum espvif_df df;
	uint8_t dscp;
	uint8_t hop_limit;
	enum espvif_flow_label flow_label;
	enum espvif_fragment fragment;
	uint16_t tfc;
};

/**
 * struct kernel_replay_state - which sequence numbers were received
 * @length: bytes
 * @bytes: bit b of byte i tells of the highest number less 8 i + b
 */
struct kernel_replay_state {
	size_t length;
	uint8_t bytes[ESPVIF_REPLAY_STATE_MAX];
};

/**
 * struct kernel_numbers - where an SA is to go on
 * @given: false leaves its numbers as they are
 * @sequence: the last one used, or the highest received
 * @received: which of those below were received
 */
struct kernel_numbers {
	bool given;
	uint64_t sequence;
	struct kernel_replay_state received;
};

/**
 * struct kernel_cpu - one CPU, or none
 * @given: false stands for none
 * @number: which
 */
struct kernel_cpu {
	bool given;
	uint32_t number;
};

/**
 * struct kernel_sa_config - what a security association is to be
 * @name: unique among the SAs of the namespace
 * @direction: 0 lets the module decide by @destination
 * @spi: in host byte order
 * @source: outer source address
 * @destination: outer destination address
 * @mode: transport or tunnel
 * @encryption: enum espvif_encr
 * @integrity: enum espvif_integ
 * @esn: extended sequence numbers
 * @replay_window: packets, 0 = no check; see @replay_window_given
 * @replay_window_given: false leaves the window to the module
 * @owner: who looks after it
 * @interface: the device it is bound to, "" for none
 * @encapsulation: how ESP is wrapped; 0 leaves it as it is
 * @source_port: of the packets, if they are encapsulated
 * @destination_port: likewise
 * @keepalive: seconds of silence before a NAT is reminded, 0 = never
 * @outer: outer headers; of no meaning unless it is outbound, in tunnel mode
 * @offload: what devices are to do; 0 leaves it to the module
 * @cpu: whose packets it is for
 * @soft: when to ask for another
 * @hard: when it carries nothing any more
 */
struct kernel_sa_config {
	char name[KERNEL_NAME_SIZE];
	enum espvif_direction direction;
	uint32_t spi;
	struct address source;
	struct address destination;
	enum espvif_mode mode;
	uint16_t encryption;
	uint16_t integrity;
	bool esn;
	uint32_t replay_window;
	bool replay_window_given;
	enum espvif_owner owner;
	char interface[IF_NAMESIZE];
	enum espvif_encap encapsulation;
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t keepalive;
	struct kernel_outer outer;
	enum espvif_offload offload;
	struct kernel_cpu cpu;
	struct kernel_limit soft;
	struct kernel_limit hard;
};

/**
 * struct kernel_peer - where the peer of an SA is
 * @address: length 0 leaves it where it is
 * @port: of an encapsulated SA; 0 leaves it
 */
struct kernel_peer {
	struct address address;
	uint16_t port;
};

/**
 * struct kernel_sa_keys - the keys of an SA, which only ever go in
 * @encryption: key and salt
 * @integrity: key
 */
struct kernel_sa_keys {
	struct secret encryption;
	struct secret integrity;
};

/**
 * struct kernel_sa - a security association that exists
 * @config: how it was made
 * @id: the module's number for it
 * @encryption_key_bits: without the salt
 * @state: valid or expired
 * @offload: what a device does for it now
 * @offload_device: which, "" for none
 * @sequence: the last number sent, or the highest received
 * @received: which of those below were received
 * @packets: how many it protected or decrypted
 * @bytes: of these packets
 * @added: when it was made, in seconds since 1970
 * @used: when it last carried a packet, 0 = never
 * @policies: how many use it
 * @drops: packets lost, by reason
 * @hard: in a notification of expiry: it was the hard limit
 * @peer: in a notification of a peer that has moved: where it is now
 */
struct kernel_sa {
	struct kernel_sa_config config;
	uint32_t id;
	uint16_t encryption_key_bits;
	enum espvif_sa_state state;
	enum espvif_offload offload;
	char offload_device[IF_NAMESIZE];
	uint64_t sequence;
	struct kernel_replay_state received;
	uint64_t packets;
	uint64_t bytes;
	uint64_t added;
	uint64_t used;
	uint32_t policies;
	struct kernel_counters drops;
	bool hard;
	struct kernel_peer peer;
};

/**
 * struct kernel_sa_list - all SAs, in the order of their numbers
 * @items: the SAs
 * @count: how many
 */
struct kernel_sa_list {
	struct kernel_sa *items;
	size_t count;
};

/**
 * struct kernel_sa_names - SAs of a policy, the preferred one first
 * @names: of the SAs
 * @count: how many
 */
struct kernel_sa_names {
	char names[ESPVIF_POLICY_SAS_MAX][KERNEL_NAME_SIZE];
	size_t count;
};

/**
 * struct kernel_policy_config - what a policy is to be
 * @name: unique among the policies of the namespace
 * @direction: of the packets it is about
 * @source: where they come from
 * @destination: where they go
 * @protocol: upper layer, 0 = any
 * @source_ports: any unless the protocol has ports
 * @destination_ports: likewise
 * @action: what happens to them
 * @mode: for ESPVIF_ACTION_IPSEC only
 * @sas: the SAs that protect them
 * @trap: it needs no SA, packets wait until there is one
 * @cpu_acquire: somebody is asked for SAs of CPUs that have none
 * @priority: lower is looked at first
 * @priority_given: false leaves the priority to the module
 * @owner: who looks after it
 * @interface: the device whose packets it is about, "" for the whole host
 * @mss: largest segment size that TCP may tell, ESPVIF_MSS_AUTO = what fits,
 *	0 = any; for ESPVIF_ACTION_IPSEC only
 */
struct kernel_policy_config {
	char name[KERNEL_NAME_SIZE];
	enum espvif_direction direction;
	struct prefix source;
	struct prefix destination;
	uint8_t protocol;
	struct port_range source_ports;
	struct port_range destination_ports;
	enum espvif_action action;
	enum espvif_mode mode;
	struct kernel_sa_names sas;
	bool trap;
	bool cpu_acquire;
	uint32_t priority;
	bool priority_given;
	enum espvif_owner owner;
	char interface[IF_NAMESIZE];
	uint16_t mss;
};

/**
 * struct kernel_flow - what a packet shows
 * @source: length 0 if there is no packet
 * @destination: of the same family
 * @protocol: of the upper layer
 * @source_port: 0 if the protocol has none
 * @destination_port: likewise
 */
struct kernel_flow {
	struct address source;
	struct address destination;
	uint8_t protocol;
	uint16_t source_port;
	uint16_t destination_port;
};

/**
 * struct kernel_policy - a policy that exists
 * @config: how it was made
 * @id: the module's number for it
 * @packets: how many it decided
 * @bytes: of these packets
 * @used: when it last decided, in seconds since 1970, 0 = never
 * @held: how many packets wait for an SA of an outbound trap
 * @flow: the first of them, when somebody is asked for the SA
 * @cpu: when somebody is asked for an SA of this CPU, whose packet @flow is
 */
struct kernel_policy {
	struct kernel_policy_config config;
	uint32_t id;
	uint64_t packets;
	uint64_t bytes;
	uint64_t used;
	uint32_t held;
	struct kernel_flow flow;
	struct kernel_cpu cpu;
};

/**
 * struct kernel_policy_list - all policies, in the order of their numbers
 * @items: the policies
 * @count: how many
 */
struct kernel_policy_list {
	struct kernel_policy *items;
	size_t count;
};

/**
 * struct kernel_status - the module and what it holds in this namespace
 * @version: of the module
 * @sas: how many SAs
 * @policies: how many policies
 * @spis: how many SPIs are promised and have no SA yet
 * @counters: every counter of the namespace
 */
struct kernel_status {
	char version[KERNEL_NAME_SIZE];
	uint32_t sas;
	uint32_t policies;
	uint32_t spis;
	struct kernel_counters counters;
};

/**
 * struct kernel_device - a network device of kind espvif
 * @name: in the namespace where it lives
 * @index: likewise
 * @foreign: it lives in another namespace than the one it was made in
 * @running: it is up
 * @mtu: bytes
 * @sas: how many SAs are bound to it
 * @policies: how many policies are
 */
struct kernel_device {
	char name[IF_NAMESIZE];
	uint32_t index;
	bool foreign;
	bool running;
	uint32_t mtu;
	uint32_t sas;
	uint32_t policies;
};

/**
 * struct kernel_device_list - all devices made in this namespace
 * @items: the devices
 * @count: how many
 */
struct kernel_device_list {
	struct kernel_device *items;
	size_t count;
};

/**
 * struct kernel_question - a packet that somebody asks about
 * @direction: seen from this host
 * @source: address
 * @destination: address, of the same family
 * @protocol: of the upper layer; see @protocol_given
 * @protocol_given: false leaves it to the module
 * @source_port: 0 if the protocol has none
 * @destination_port: likewise
 * @length: in bytes, 0 = as short as can be
 * @may_fragment: its sender lets it be cut
 * @interface: by which it comes in the clear, or is routed; "" for any
 * @sa: by which it comes in, "" for none
 * @cpu: which sends it; none leaves it to the module
 */
struct kernel_question {
	enum espvif_direction direction;
	struct address source;
	struct address destination;
	uint8_t protocol;
	bool protocol_given;
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t length;
	bool may_fragment;
	char interface[IF_NAMESIZE];
	char sa[KERNEL_NAME_SIZE];
	struct kernel_cpu cpu;
};

/**
 * struct kernel_answer - what becomes of it
 * @verdict: in one word
 * @counter: what counts such packets, "" if nothing does
 * @policy: what decides, "" for none
 * @action: of @policy
 * @exempt: policies are not asked about it
 * @loopback: it goes by the loopback device
 * @sa: what protects it or should, "" for none
 * @sa_state: of @sa
 * @cpu: for which this holds, if it is not the same for all
 * @interface: of kind espvif, through which it goes or comes; "" for none
 * @link: by which it or its ESP leaves, "" if it doesn't
 * @gateway: next hop; length 0 if that is the destination
 * @path_mtu: bytes that leave in one piece, 0 = unknown
 * @inner_mtu: of the longest packet that leaves so, 0 = unknown
 * @outer_length: of its ESP packet, 0 if there is none
 * @fragmented: it leaves in several pieces
 */
struct kernel_answer {
	enum espvif_verdict verdict;
	char counter[KERNEL_NAME_SIZE];
	char policy[KERNEL_NAME_SIZE];
	enum espvif_action action;
	bool exempt;
	bool loopback;
	char sa[KERNEL_NAME_SIZE];
	enum espvif_sa_state sa_state;
	struct kernel_cpu cpu;
	char interface[IF_NAMESIZE];
	char link[IF_NAMESIZE];
	struct address gateway;
	uint32_t path_mtu;
	uint32_t inner_mtu;
	uint32_t outer_length;
	bool fragmented;
};

/**
 * enum kernel_event_kind - what a notification tells
 * @KERNEL_EVENT_SA: about an SA, all of it
 * @KERNEL_EVENT_EXPIRY: likewise, and which of its lifetimes has ended
 * @KERNEL_EVENT_PEER: likewise, and where its peer is now
 * @KERNEL_EVENT_POLICY: about a policy
 * @KERNEL_EVENT_ACQUIRE: likewise, and what packet needs an SA of it
 * @KERNEL_EVENT_NONE: nothing but its name
 * @KERNEL_EVENT_LOST: notifications were lost, they came too fast
 * @KERNEL_EVENT_UNKNOWN: a newer module tells something new
 */
enum kernel_event_kind {
	KERNEL_EVENT_SA,
	KERNEL_EVENT_EXPIRY,
	KERNEL_EVENT_PEER,
	KERNEL_EVENT_POLICY,
	KERNEL_EVENT_ACQUIRE,
	KERNEL_EVENT_NONE,
	KERNEL_EVENT_LOST,
	KERNEL_EVENT_UNKNOWN,
};

/**
 * struct kernel_event - a notification
 * @kind: what it tells
 * @name: of what has happened; stable
 * @command: its number in the protocol, 0 for KERNEL_EVENT_LOST
 * @sa: the SA it is about, if it is about one
 * @policy: the policy it is about
 */
struct kernel_event {
	enum kernel_event_kind kind;
	const char *name;
	uint8_t command;
	struct kernel_sa sa;
	struct kernel_policy policy;
};

ERROR_MUST_CHECK
struct error *kernel_loaded(bool *loaded);
ERROR_MUST_CHECK
struct error *kernel_open(struct kernel **kernel);
void kernel_close(struct kernel *kernel);

ERROR_MUST_CHECK
struct error *kernel_sa_new(struct kernel *kernel,
			    const struct kernel_sa_config *config,
			    const struct kernel_sa_keys *keys,
			    const struct kernel_numbers *numbers);
ERROR_MUST_CHECK
struct error *kernel_sa_set(struct kernel *kernel, const char *name,
			    const struct kernel_peer *peer,
			    const struct kernel_numbers *numbers);
ERROR_MUST_CHECK
struct error *kernel_sa_delete(struct kernel *kernel, const char *name,
			       enum espvif_owner owner);
ERROR_MUST_CHECK
struct error *kernel_sa_flush(struct kernel *kernel, enum espvif_owner owner);
ERROR_MUST_CHECK
struct error *kernel_sa_get(struct kernel *kernel, const char *name,
			    struct kernel_sa_list *list);
ERROR_MUST_CHECK
struct error *kernel_sa_dump(struct kernel *kernel,
			     struct kernel_sa_list *list);
void kernel_sa_list_free(struct kernel_sa_list *list);

ERROR_MUST_CHECK
struct error *kernel_policy_new(struct kernel *kernel,
				const struct kernel_policy_config *config);
ERROR_MUST_CHECK
struct error *kernel_policy_set_sas(struct kernel *kernel, const char *name,
				    const struct kernel_sa_names *sas);
ERROR_MUST_CHECK
struct error *kernel_policy_delete(struct kernel *kernel, const char *name,
				   enum espvif_owner owner);
ERROR_MUST_CHECK
struct error *kernel_policy_flush(struct kernel *kernel,
				  enum espvif_owner owner);
ERROR_MUST_CHECK
struct error *kernel_policy_get(struct kernel *kernel, const char *name,
				struct kernel_policy_list *list);
ERROR_MUST_CHECK
struct error *kernel_policy_dump(struct kernel *kernel,
				 struct kernel_policy_list *list);
void kernel_policy_list_free(struct kernel_policy_list *list);

ERROR_MUST_CHECK
struct error *kernel_batch_new(struct kernel_batch **batch);
void kernel_batch_free(struct kernel_batch *batch);
size_t kernel_batch_count(const struct kernel_batch *batch);
ERROR_MUST_CHECK
struct error *kernel_batch_sa_new(struct kernel_batch *batch,
				  const struct kernel_sa_config *config,
				  const struct kernel_sa_keys *keys,
				  const struct kernel_numbers *numbers);
ERROR_MUST_CHECK
struct error *kernel_batch_sa_set(struct kernel_batch *batch, const char *name,
				  const struct kernel_peer *peer,
				  const struct kernel_numbers *numbers);
ERROR_MUST_CHECK
struct error *kernel_batch_sa_delete(struct kernel_batch *batch,
				     const char *name,
				     enum espvif_owner owner);
ERROR_MUST_CHECK
struct error *kernel_batch_policy_new(struct kernel_batch *batch,
				      const struct kernel_policy_config *config);
ERROR_MUST_CHECK
struct error *kernel_batch_policy_set_sas(struct kernel_batch *batch,
					  const char *name,
					  const struct kernel_sa_names *sas);
ERROR_MUST_CHECK
struct error *kernel_batch_policy_delete(struct kernel_batch *batch,
					 const char *name,
					 enum espvif_owner owner);
ERROR_MUST_CHECK
struct error *kernel_batch_send(struct kernel *kernel,
				struct kernel_batch *batch, size_t *refused);

ERROR_MUST_CHECK
struct error *kernel_spi_promise(struct kernel *kernel, uint32_t spi,
				 const struct address *destination);
ERROR_MUST_CHECK
struct error *kernel_spi_withdraw(struct kernel *kernel, uint32_t spi,
				  const struct address *destination);

ERROR_MUST_CHECK
struct error *kernel_status_get(struct kernel *kernel,
				struct kernel_status *status);
void kernel_status_free(struct kernel_status *status);

ERROR_MUST_CHECK
struct error *kernel_device_dump(struct kernel *kernel,
				 struct kernel_device_list *list);
void kernel_device_list_free(struct kernel_device_list *list);

ERROR_MUST_CHECK
struct error *kernel_explain(struct kernel *kernel,
			     const struct kernel_question *question,
			     struct kernel_answer *answer);

ERROR_MUST_CHECK
struct error *kernel_subscribe(struct kernel *kernel);
int kernel_descriptor(const struct kernel *kernel);
ERROR_MUST_CHECK
struct error *kernel_read_events(struct kernel *kernel,
				 struct error *(*deliver)(const struct kernel_event *event,
							  void *context),
				 void *context);

#endif /* KERNEL_KERNEL_H */
