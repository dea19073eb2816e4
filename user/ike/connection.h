/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a connection is to be: plain structures that somebody fills from
 * a configuration. Local and remote are as this host sees them.
 */
#ifndef IKE_CONNECTION_H
#define IKE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/scheme.h"
#include "lib/address.h"
#include "lib/bytes.h"
#include "wire/sa.h"
#include "wire/ts.h"

#define IKE_NAME_SIZE 64
#define IKE_ID_SIZE 512
#define IKE_CHILDREN_MAX 16
#define IKE_PUBLIC_KEYS_MAX 8
#define IKE_CERTS_MAX 10

/**
 * struct ike_id - an identity
 * @type: enum iana_id; 0 = any
 * @length: bytes of @data
 * @data: as @type tells
 */
struct ike_id {
	uint8_t type;
	uint16_t length;
	uint8_t data[IKE_ID_SIZE];
};

/**
 * struct ike_endpoint - an address and a UDP port
 * @address: unspecified = any
 * @port: 0 = any
 */
struct ike_endpoint {
	struct address address;
	uint16_t port;
};

/**
 * struct ike_path - where messages go and come from
 * @local: this host
 * @remote: the peer
 */
struct ike_path {
	struct ike_endpoint local;
	struct ike_endpoint remote;
};

/**
 * struct ike_methods - ways to prove who one is; at least one
 * @secret: by a key that both sides share
 * @null: not at all (RFC 7619): whoever it is may be anybody
 * @schemes: by signatures, enum crypto_scheme_flags
 * @hashes: the hashes of SHA-2 that RFC 7427 may use for them, a
 *	CRYPTO_HASH_BIT() each; all others have hashes of their own
 *
 * Where the peer has sent SIGNATURE_HASH_ALGORITHMS, we sign as RFC 7427 has it,
 * with the best scheme of crypto_scheme_choose(); else with the methods of
 * RFC 7296 and RFC 4754, if they are among @schemes.
 */
struct ike_methods {
	bool secret;
	bool null;
	unsigned int schemes;
	unsigned int hashes;
};

/**
 * enum ike_send_cert - when we send our certificate
 * @IKE_SEND_CERT_NEVER: never
 * @IKE_SEND_CERT_IF_ASKED: if the peer asks for one
 * @IKE_SEND_CERT_ALWAYS: always
 */
enum ike_send_cert {
	IKE_SEND_CERT_NEVER,
	IKE_SEND_CERT_IF_ASKED,
	IKE_SEND_CERT_ALWAYS,
};

/**
 * struct ike_local_auth - how we prove who we are
 * @methods: how we may; a signature is better than a secret, and that better
 *	than nothing
 * @has_key: we have a private key
 * @kind: what it signs with
 * @ckaid: its name, for the sign operation
 * @cert_count: how many certificates there are, 0 = raw keys only
 * @certs: the certificate of the key, then those between it and its root, in
 *	DER
 * @send_cert: when they are sent
 *
 * What struct bytes points to belongs to whoever adds the connection, and stays
 * until the connection was removed.
 */
struct ike_local_auth {
	struct ike_methods methods;
	bool has_key;
	enum crypto_key_kind kind;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	uint16_t cert_count;
	struct bytes certs[IKE_CERTS_MAX];
	enum ike_send_cert send_cert;
};

/**
 * struct ike_remote_auth - how the peer must prove who it is
 * @methods: how it may
 * @key_count: how many public keys are known to be the peer's
 * @keys: a SubjectPublicKeyInfo each, in DER
 * @certificates: it may have a key that a certificate vouches for
 * @ca: distinguished name, in DER, of an authority that must be on the way
 *	from its certificate to the root; none = any that we trust
 * @any_id: its identity need not be in its certificate
 *
 * If the identity of the model is any, it may be any that is in a certificate
 * which we trust; so much for rightid=%fromcert.
 */
struct ike_remote_auth {
	struct ike_methods methods;
	uint16_t key_count;
	struct bytes keys[IKE_PUBLIC_KEYS_MAX];
	bool certificates;
	struct bytes ca;
	bool any_id;
};

/**
 * enum ike_encapsulation - when ESP goes in UDP
 * @IKE_ENCAPSULATION_AUTO: if there is a NAT
 * @IKE_ENCAPSULATION_ALWAYS: always; the peer is made to believe in a NAT
 * @IKE_ENCAPSULATION_NEVER: never; nobody looks for one
 */
enum ike_encapsulation {
	IKE_ENCAPSULATION_AUTO,
	IKE_ENCAPSULATION_ALWAYS,
	IKE_ENCAPSULATION_NEVER,
};

/**
 * enum ike_fragmentation - are messages that are too long sent in fragments
 * @IKE_FRAGMENTATION_YES: if the peer can put them together
 * @IKE_FRAGMENTATION_NO: no, and we cannot
 */
enum ike_fragmentation {
	IKE_FRAGMENTATION_YES,
	IKE_FRAGMENTATION_NO,
};

/**
 * enum ike_peer_dead - what comes of a peer that doesn't answer any more
 * @IKE_PEER_DEAD_HOLD: what is to stay up is tried again, the rest waits for
 *	packets
 * @IKE_PEER_DEAD_CLEAR: nothing is tried again
 * @IKE_PEER_DEAD_RESTART: what was up is tried again
 */
enum ike_peer_dead {
	IKE_PEER_DEAD_HOLD,
	IKE_PEER_DEAD_CLEAR,
	IKE_PEER_DEAD_RESTART,
};

/**
 * struct ike_child_model - what a child SA is to be
 * @name: of the child; unique in its connection
 * @proposals: for ESP, without SPIs; with KE transforms for perfect forward
 *	secrecy
 * @local: selectors of this side
 * @remote: selectors of the other
 * @remote_is_peer: of a connection with anybody: the other side is the peer itself,
 *	and @remote has nothing but protocol and ports until there is one
 * @remote_port_is_any: one port of those of @remote is enough
 * @transport: transport mode, if the peer agrees
 * @no_padding: tell the peer that we want no padding which hides the length of
 *	packets (RFC 7296, 1.3.1)
 * @lifetime: seconds, 0 = as long as its IKE SA
 * @margin: seconds before that in which it is replaced
 */
struct ike_child_model {
	char name[IKE_NAME_SIZE];
	struct wire_sa proposals;
	struct wire_ts_list local;
	struct wire_ts_list remote;
	bool remote_is_peer;
	bool remote_port_is_any;
	bool transport;
	bool no_padding;
	uint32_t lifetime;
	uint32_t margin;
};

/**
 * struct ike_inner - addresses that a peer may have which nobody else knows
 * @allowed: among these, none = there are none
 * @excluded: and not among these
 * @networks: whole networks, and not only one address
 * @behind_nat: only if there is a NAT in front of it
 * @only: it must have such an address, and not the one that we see
 */
struct ike_inner {
	struct wire_ts_list allowed;
	struct wire_ts_list excluded;
	bool networks;
	bool behind_nat;
	bool only;
};

/**
 * struct ike_model - what a connection is to be
 * @name: of the connection; unique
 * @local_id: whom we claim to be
 * @remote_id: whom the peer must prove to be; a distinguished name may have
 *	the value * for an attribute
 * @local_auth: how we do
 * @remote_auth: how it must
 * @path: where both are; if the peer may be anywhere, the connection is one with
 *	anybody: whoever proves to be @remote_id gets an instance of it
 * @inner: for children whose other side is the peer itself
 * @proposals: for IKE, without SPIs
 * @lifetime: seconds of an IKE SA, 0 = for ever
 * @margin: seconds before that in which it is replaced
 * @liveness: seconds of silence after which the peer is asked for a sign of
 *	life, 0 = never
 * @timeout: seconds without an answer after which the peer is taken for dead,
 *	0 = 60
 * @peer_dead: what comes of that
 * @retransmit: milliseconds before a request is sent again, doubled each time;
 *	0 = those of the engine
 * @fragmentation: are messages that are too long sent in fragments
 * @reauth: an IKE SA is replaced by a new one that is authenticated, not rekeyed
 * @no_rekey: nothing is replaced by us; what isn't replaced by the peer ends
 * @tries: how often it is tried to bring it up before it is given up, 0 = for
 *	ever
 * @encapsulation: when ESP goes in UDP
 * @keepalive: seconds of silence after which a NAT in front of us is reminded,
 *	0 = never
 * @narrowing: as a responder, take less than all of our selectors
 * @stay: once somebody has brought it up, bring it up again whenever it goes
 *	down by itself
 * @child_count: how many child SAs
 * @children: what they are to be; the first comes up with the IKE SA. Most
 *	connections have one: memory ends behind the last, see ike_model_size()
 */
struct ike_model {
	char name[IKE_NAME_SIZE];
	struct ike_id local_id;
	struct ike_id remote_id;
	struct ike_local_auth local_auth;
	struct ike_remote_auth remote_auth;
	struct ike_path path;
	struct ike_inner inner;
	struct wire_sa proposals;
	uint32_t lifetime;
	uint32_t margin;
	uint32_t liveness;
	uint32_t timeout;
	enum ike_peer_dead peer_dead;
	uint32_t retransmit;
	enum ike_fragmentation fragmentation;
	bool reauth;
	bool no_rekey;
	uint32_t tries;
	enum ike_encapsulation encapsulation;
	uint32_t keepalive;
	bool narrowing;
	bool stay;
	uint16_t child_count;
	/* nothing comes behind it */
	struct ike_child_model children[IKE_CHILDREN_MAX];
};

/**
 * ike_model_size - how much of a model there must be
 * @children: how many it has
 *
 * Return: bytes.
 */
static inline size_t ike_model_size(uint16_t children)
{
	return offsetof(struct ike_model, children) +
	       children * sizeof(struct ike_child_model);
}

#endif /* IKE_CONNECTION_H */
