/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a configuration says, in values: the daemon's settings and the connections.
 * Strings live in the text that it was read from.
 */
#ifndef CONFIG_MODEL_H
#define CONFIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/problem.h"
#include "config/proposal.h"
#include "lib/address.h"
#include "lib/number.h"

/**
 * enum cfg_host_kind - how an end of a connection is named
 * @CFG_HOST_NONE: not at all
 * @CFG_HOST_ADDRESS: by its address
 * @CFG_HOST_ANY: %any, by whatever it turns out to be
 * @CFG_HOST_DEFAULTROUTE: %defaultroute, where the default route leaves this host
 * @CFG_HOST_NAME: by a name to be resolved
 * @CFG_HOST_INTERFACE: %NAME, the address of an interface of this host
 * @CFG_HOST_GROUP: %group, one for each prefix of a policy group
 * @CFG_HOST_OPPORTUNISTIC: %opportunistic
 * @CFG_HOST_OPPORTUNISTIC_GROUP: %opportunisticgroup
 */
enum cfg_host_kind {
	CFG_HOST_NONE,
	CFG_HOST_ADDRESS,
	CFG_HOST_ANY,
	CFG_HOST_DEFAULTROUTE,
	CFG_HOST_NAME,
	CFG_HOST_INTERFACE,
	CFG_HOST_GROUP,
	CFG_HOST_OPPORTUNISTIC,
	CFG_HOST_OPPORTUNISTIC_GROUP,
};

/**
 * struct cfg_host - an end of a connection, or the way to it
 * @kind: how it is named
 * @address: for CFG_HOST_ADDRESS
 * @name: for CFG_HOST_NAME and CFG_HOST_INTERFACE
 */
struct cfg_host {
	enum cfg_host_kind kind;
	struct address address;
	const char *name;
};

/* As many as anybody needs to tell what is private */
#define CFG_VIRTUAL_MAX 16

/**
 * struct cfg_networks - a few networks
 * @items: they
 * @count: number of @items
 */
struct cfg_networks {
	struct prefix items[CFG_VIRTUAL_MAX];
	size_t count;
};

/**
 * struct cfg_virtual - where a peer may be that hides behind a NAT
 * @allowed: networks that it may be in
 * @excluded: parts of these that it may not be in
 * @networks: it may have networks behind it; else one address
 * @own: it may as well have the address that everybody sees
 * @private: it may be in the networks of virtual-private=
 */
struct cfg_virtual {
	struct cfg_networks allowed;
	struct cfg_networks excluded;
	bool networks;
	bool own;
	bool private;
};

/* As many networks as anybody lists behind one end */
#define CFG_SUBNETS_MAX 256

/**
 * struct cfg_subnets - networks behind an end
 * @items: they
 * @count: number of @items; 0 means the end itself
 * @has_single: the first one is that of subnet=, which stands outside the list
 * @virtual: or what of it is to be found out when it comes, NULL for nothing
 */
struct cfg_subnets {
	struct prefix *items;
	size_t count;
	bool has_single;
	struct cfg_virtual *virtual;
};

/**
 * struct cfg_protoport - the traffic of an end that a connection is about
 * @protocol: number of the protocol, 0 for all
 * @ports: its ports; of ICMP type and code
 * @template: %any: the ports of whoever comes
 */
struct cfg_protoport {
	uint8_t protocol;
	struct port_range ports;
	bool template;
};

/**
 * enum cfg_auth - ways to authenticate, bits of a set
 * @CFG_AUTH_SECRET: pre-shared key
 * @CFG_AUTH_RSA_SHA1: RSASSA-PKCS1-v1_5 with SHA-1 (RFC 7296)
 * @CFG_AUTH_RSA_SHA2_256: RSASSA-PSS with SHA2-256 (RFC 7427)
 * @CFG_AUTH_RSA_SHA2_384: the same with SHA2-384
 * @CFG_AUTH_RSA_SHA2_512: the same with SHA2-512
 * @CFG_AUTH_ECDSA: ECDSA with SHA-2
 * @CFG_AUTH_NULL: none at all (RFC 7619)
 * @CFG_AUTH_NEVER: no negotiation
 * @CFG_AUTH_EAPONLY: by EAP alone
 * @CFG_AUTH_EDDSA: Ed25519 or Ed448 (RFC 8420)
 */
enum cfg_auth {
	CFG_AUTH_SECRET = 1,
	CFG_AUTH_RSA_SHA1 = 2,
	CFG_AUTH_RSA_SHA2_256 = 4,
	CFG_AUTH_RSA_SHA2_384 = 8,
	CFG_AUTH_RSA_SHA2_512 = 16,
	CFG_AUTH_ECDSA = 32,
	CFG_AUTH_NULL = 64,
	CFG_AUTH_NEVER = 128,
	CFG_AUTH_EAPONLY = 256,
	CFG_AUTH_EDDSA = 512,
};

#define CFG_AUTH_RSA_SHA2 (CFG_AUTH_RSA_SHA2_256 | CFG_AUTH_RSA_SHA2_384 | \
			   CFG_AUTH_RSA_SHA2_512)
#define CFG_AUTH_RSASIG (CFG_AUTH_RSA_SHA1 | CFG_AUTH_RSA_SHA2)
#define CFG_AUTH_DEFAULT (CFG_AUTH_RSASIG | CFG_AUTH_ECDSA | CFG_AUTH_EDDSA)

/**
 * enum cfg_type - what becomes of the traffic of a connection
 * @CFG_TYPE_TUNNEL: protected, tunnel mode
 * @CFG_TYPE_TRANSPORT: protected, transport mode
 * @CFG_TYPE_PASSTHROUGH: let pass in the clear
 * @CFG_TYPE_DROP: dropped
 * @CFG_TYPE_REJECT: dropped, and the sender is told
 */
enum cfg_type {
	CFG_TYPE_TUNNEL,
	CFG_TYPE_TRANSPORT,
	CFG_TYPE_PASSTHROUGH,
	CFG_TYPE_DROP,
	CFG_TYPE_REJECT,
};

/**
 * enum cfg_auto - what is done with a connection when the daemon starts
 * @CFG_AUTO_IGNORE: nothing
 * @CFG_AUTO_ADD: loaded
 * @CFG_AUTO_ONDEMAND: loaded and routed
 * @CFG_AUTO_START: loaded and brought up
 * @CFG_AUTO_KEEP: loaded, and kept up once the peer has brought it up
 */
enum cfg_auto {
	CFG_AUTO_IGNORE,
	CFG_AUTO_ADD,
	CFG_AUTO_ONDEMAND,
	CFG_AUTO_START,
	CFG_AUTO_KEEP,
};

/**
 * enum cfg_trinary - yes, no, and something between
 * @CFG_NO: no
 * @CFG_YES: yes
 * @CFG_AUTO: as it turns out: "auto", "either"
 * @CFG_FORCE: more than yes: "force", "insist"
 */
enum cfg_trinary {
	CFG_NO,
	CFG_YES,
	CFG_AUTO,
	CFG_FORCE,
};

/**
 * enum cfg_debug - what may be logged beyond the usual
 * @CFG_DEBUG_MESSAGES: messages and what is in them
 */
enum cfg_debug {
	CFG_DEBUG_MESSAGES = 1,
};

/**
 * enum cfg_shunt - what becomes of packets while there is no SA
 * @CFG_SHUNT_NONE: nothing special
 * @CFG_SHUNT_HOLD: they wait
 * @CFG_SHUNT_PASS: they go in the clear
 * @CFG_SHUNT_DROP: they are dropped
 * @CFG_SHUNT_REJECT: they are dropped, and the sender is told
 */
enum cfg_shunt {
	CFG_SHUNT_NONE,
	CFG_SHUNT_HOLD,
	CFG_SHUNT_PASS,
	CFG_SHUNT_DROP,
	CFG_SHUNT_REJECT,
};

/**
 * enum cfg_dpd_action - what is done about a peer that has died
 * @CFG_DPD_HOLD: its traffic waits, and brings it up again
 * @CFG_DPD_CLEAR: its connection goes
 * @CFG_DPD_RESTART: it is brought up again at once
 */
enum cfg_dpd_action {
	CFG_DPD_HOLD,
	CFG_DPD_CLEAR,
	CFG_DPD_RESTART,
};

/**
 * enum cfg_sendcert - when a certificate is sent
 * @CFG_SENDCERT_NEVER: never
 * @CFG_SENDCERT_IF_ASKED: when the peer asks for one
 * @CFG_SENDCERT_ALWAYS: always
 */
enum cfg_sendcert {
	CFG_SENDCERT_NEVER,
	CFG_SENDCERT_IF_ASKED,
	CFG_SENDCERT_ALWAYS,
};

/**
 * struct cfg_mark - a mark of packets
 * @value: its value
 * @mask: the bits of it that count; 0 for no mark
 */
struct cfg_mark {
	uint32_t value;
	uint32_t mask;
};

/**
 * struct cfg_side - what a connection says of one end
 * @host: who it is
 * @nexthop: the router between it and the other one; kind NONE: found by itself
 * @id: how it identifies itself, NULL: by its address
 * @subnets: networks behind it
 * @protoport: the traffic that counts
 * @sourceip: address that it uses for the other end; length 0: none
 * @rsasigkey: public key as written, NULL for none
 * @ecdsakey: the same of the other kind
 * @cert: nickname, or file, of its certificate
 * @ckaid: key identifier of its certificate, in hexadecimal
 * @ca: issuer that its certificate must have
 * @auth: set of enum cfg_auth, 0: as @authby of the connection says
 * @sendcert: enum cfg_sendcert
 * @updown: command for routes and rules, "" or "%disabled" for none
 * @ikeport: UDP port, 0: the usual one
 */
struct cfg_side {
	struct cfg_host host;
	struct cfg_host nexthop;
	const char *id;
	struct cfg_subnets subnets;
	struct cfg_protoport protoport;
	struct address sourceip;
	const char *rsasigkey;
	const char *ecdsakey;
	const char *cert;
	const char *ckaid;
	const char *ca;
	unsigned int auth;
	int sendcert;
	const char *updown;
	uint64_t ikeport;
};

enum cfg_which {
	CFG_LEFT,
	CFG_RIGHT,
	CFG_SIDES
};

/**
 * struct cfg_given - a parameter that was written
 * @slot: which
 * @value: what was written
 */
struct cfg_given {
	size_t slot;
	const char *value;
};

/**
 * struct cfg_connection - a connection
 * @name: its name
 * @at: where its section begins
 * @sides: the two ends, by enum cfg_which
 * @given: the parameters as written, by their slots, for comparison
 * @given_count: number of @given
 * @startup: enum cfg_auto
 * @type: enum cfg_type
 * @ikev2: nonzero for IKEv2, 0 for IKEv1
 * @authby: set of enum cfg_auth for both ends
 * @ike: proposals for the IKE SA
 * @esp: proposals for its children
 * @pfs: children have a key exchange of their own
 * @ikelifetime: seconds
 * @salifetime: seconds
 * @max_bytes: of a child SA
 * @max_packets: of a child SA
 * @rekey: renew SAs before they end
 * @reauth: renew the IKE SA by authenticating again
 * @rekeymargin: seconds before the end when that begins
 * @rekeyfuzz: percent by which @rekeymargin grows at random
 * @keyingtries: attempts before giving up, 0: never
 * @retransmit_timeout: milliseconds until an exchange has failed
 * @retransmit_interval: milliseconds before the first retransmission
 * @dpddelay: seconds without a sign of the peer before it is asked, 0: never
 * @dpdtimeout: seconds without an answer until it is dead
 * @dpdaction: enum cfg_dpd_action
 * @fragmentation: enum cfg_trinary, RFC 7383
 * @encapsulation: enum cfg_trinary, UDP encapsulation
 * @nat_keepalive: send keepalives
 * @narrowing: selectors may become narrower
 * @esn: enum cfg_trinary
 * @replay_window: packets, 0: no protection
 * @initial_contact: tell a peer that we know nothing of older SAs
 * @send_vendorid: tell a peer what we are
 * @require_id_on_certificate: an ID must stand in its certificate
 * @nic_offload: enum cfg_trinary, and CFG_FORCE for packet offload
 * @decap_dscp: copy DSCP inwards
 * @nopmtudisc: don't copy DF outwards
 * @mtu: of routes, 0: none
 * @metric: of routes
 * @priority: of policies, 0: by their size
 * @reqid: for netfilter, 0: by itself
 * @tfc: bytes to which packets are padded, 0: none
 * @send_no_tfc: tell the peer that padding is not wanted
 * @marks: of inbound packets, and of outbound ones
 * @ipsec_interface: number of the device plus 1, 0: none
 * @failureshunt: enum cfg_shunt
 * @negotiationshunt: enum cfg_shunt
 */
struct cfg_connection {
	const char *name;
	struct cfg_position at;
	struct cfg_side sides[CFG_SIDES];
	struct cfg_given *given;
	size_t given_count;
	int startup;
	int type;
	int ikev2;
	unsigned int authby;
	const struct cfg_proposals *ike;
	const struct cfg_proposals *esp;
	bool pfs;
	uint64_t ikelifetime;
	uint64_t salifetime;
	uint64_t max_bytes;
	uint64_t max_packets;
	bool rekey;
	bool reauth;
	uint64_t rekeymargin;
	uint64_t rekeyfuzz;
	uint64_t keyingtries;
	uint64_t retransmit_timeout;
	uint64_t retransmit_interval;
	uint64_t dpddelay;
	uint64_t dpdtimeout;
	int dpdaction;
	int fragmentation;
	int encapsulation;
	bool nat_keepalive;
	bool narrowing;
	int esn;
	uint64_t replay_window;
	bool initial_contact;
	bool send_vendorid;
	bool require_id_on_certificate;
	int nic_offload;
	bool decap_dscp;
	bool nopmtudisc;
	uint64_t mtu;
	uint64_t metric;
	uint64_t priority;
	uint64_t reqid;
	uint64_t tfc;
	bool send_no_tfc;
	struct cfg_mark marks[2];
	uint64_t ipsec_interface;
	int failureshunt;
	int negotiationshunt;
};

/**
 * struct cfg_setup - settings of the daemon
 * @listen: address to listen on, length 0: all
 * @logfile: log there instead of syslog
 * @logappend: don't begin it anew
 * @logtime: each line with its time
 * @logip: log addresses of peers
 * @plutodebug: what is to be logged beyond the usual, enum cfg_debug
 * @uniqueids: a new connection of an ID ends its old one
 * @keep_alive: seconds between NAT keepalives
 * @ddos_mode: enum cfg_trinary: CFG_YES busy, CFG_NO unlimited
 * @ddos_threshold: half-open IKE SAs from which on cookies are asked for
 * @max_halfopen: half-open IKE SAs that there may be
 * @crl_strict: no certificate without a list of the revoked ones
 * @crl_interval: seconds between looks for new lists, 0: never
 * @ipsecdir: directory of policies, certificates and so on
 * @secretsfile: name of ipsec.secrets
 * @nhelpers: workers for long calculations; UINT64_MAX: by processors
 * @myvendorid: what we call ourselves
 * @errqueue: ask for ICMP errors
 * @socket_buffer: bytes of the sockets' buffers, 0: as they are
 * @virtual_private: where peers may be that hide behind a NAT
 * @shuntlifetime: seconds that a shunt without a connection lasts
 */
struct cfg_setup {
	struct address listen;
	const char *logfile;
	bool logappend;
	bool logtime;
	bool logip;
	unsigned int plutodebug;
	bool uniqueids;
	uint64_t keep_alive;
	int ddos_mode;
	uint64_t ddos_threshold;
	uint64_t max_halfopen;
	bool crl_strict;
	uint64_t crl_interval;
	const char *ipsecdir;
	const char *secretsfile;
	uint64_t nhelpers;
	const char *myvendorid;
	bool errqueue;
	uint64_t socket_buffer;
	struct cfg_virtual virtual_private;
	uint64_t shuntlifetime;
};

/* nhelpers=-1 */
#define CFG_NHELPERS_AUTO UINT64_MAX

#endif /* CONFIG_MODEL_H */
