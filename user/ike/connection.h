/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a connection is to be: plain structures that somebody fills from
 * a configuration. Local and remote are as this host sees them.
 */
#ifndef IKE_CONNECTION_H
#define IKE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/address.h"
#include "wire/sa.h"
#include "wire/ts.h"

#define IKE_NAME_SIZE 64
#define IKE_ID_SIZE 256
#define IKE_CHILDREN_MAX 16

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
 * struct ike_child_model - what a child SA is to be
 * @name: of the child; unique in its connection
 * @proposals: for ESP, without SPIs; with KE transforms for perfect forward
 *	secrecy
 * @local: selectors of this side
 * @remote: selectors of the other
 * @transport: transport mode, if the peer agrees
 * @lifetime: seconds, 0 = as long as its IKE SA
 * @margin: seconds before that in which it is replaced
 */
struct ike_child_model {
	char name[IKE_NAME_SIZE];
	struct wire_sa proposals;
	struct wire_ts_list local;
	struct wire_ts_list remote;
	bool transport;
	uint32_t lifetime;
	uint32_t margin;
};

/**
 * struct ike_model - what a connection is to be
 * @name: of the connection; unique
 * @local_id: whom we claim to be
 * @remote_id: whom the peer must prove to be
 * @path: where both are
 * @proposals: for IKE, without SPIs
 * @lifetime: seconds of an IKE SA, 0 = for ever
 * @margin: seconds before that in which it is replaced
 * @liveness: seconds of silence after which the peer is asked for a sign of
 *	life, 0 = never
 * @timeout: seconds without an answer after which the peer is taken for dead
 * @narrowing: as a responder, take less than all of our selectors
 * @stay: bring it up again whenever it goes down by itself
 * @child_count: how many child SAs
 * @children: what they are to be; the first comes up with the IKE SA
 */
struct ike_model {
	char name[IKE_NAME_SIZE];
	struct ike_id local_id;
	struct ike_id remote_id;
	struct ike_path path;
	struct wire_sa proposals;
	uint32_t lifetime;
	uint32_t margin;
	uint32_t liveness;
	uint32_t timeout;
	bool narrowing;
	bool stay;
	uint16_t child_count;
	struct ike_child_model children[IKE_CHILDREN_MAX];
};

#endif /* IKE_CONNECTION_H */
