/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an engine holds, one by one, for those who show it. Times are
 * milliseconds of the engine's clock.
 */
#ifndef IKE_INFO_H
#define IKE_INFO_H

#include "ike/ops.h"

struct ike;

/**
 * struct ike_sa_info - an IKE SA
 * @connection: name of its connection, NULL as long as it isn't known
 * @instance: number of the instance that it belongs to, 0 = of none
 * @serial: its serial number
 * @state: where it is in its life, in words
 * @established: it is there to stay
 * @initiator: we began it
 * @spi_i: SPI of the initiator
 * @spi_r: SPI of the responder, 0 as long as there is none
 * @path: where messages go
 * @local_id: whom we claim to be, NULL as long as that isn't known
 * @peer_id: who the peer has proved to be; its type is 0 until then
 * @behind_nat: there is a NAT in front of us
 * @peer_behind_nat: there is one in front of the peer
 * @suite: algorithms
 * @began: when it was begun
 * @since: when it was established, 0 if it isn't yet
 * @replace_at: when it is to be replaced, IKE_NEVER if it isn't
 * @children: how many child SAs it has
 */
struct ike_sa_info {
	const char *connection;
	uint64_t instance;
	uint64_t serial;
	const char *state;
	bool established;
	bool initiator;
	uint64_t spi_i;
	uint64_t spi_r;
	struct ike_path path;
	const struct ike_id *local_id;
	const struct ike_id *peer_id;
	bool behind_nat;
	bool peer_behind_nat;
	struct ike_suite suite;
	uint64_t began;
	uint64_t since;
	uint64_t replace_at;
	uint32_t children;
};

/**
 * struct ike_child_info - a child SA
 * @pair: its names, serial number, path, SPIs, mode, algorithms and selectors;
 *	without keys
 * @parent: serial number of its IKE SA
 * @ike_suite: algorithms of that, NULL unless it is established
 * @peer_id: of that IKE SA
 * @state: where it is in its life, in words
 * @established: the kernel has it
 * @initiator: we sent the request that made it
 * @in_use: outbound packets take it
 * @since: when it was given to the kernel, 0 if it wasn't yet
 * @replace_at: when it is to be replaced, IKE_NEVER if it isn't
 * @end_at: when it ends, if it isn't replaced; IKE_NEVER with its IKE SA
 */
struct ike_child_info {
	const struct ike_pair *pair;
	uint64_t parent;
	const struct ike_suite *ike_suite;
	const struct ike_id *peer_id;
	const char *state;
	bool established;
	bool initiator;
	bool in_use;
	uint64_t since;
	uint64_t replace_at;
	uint64_t end_at;
};

void ike_each_sa(const struct ike *ike,
		 void (*visit)(const struct ike_sa_info *info, void *context),
		 void *context);
void ike_each_child(const struct ike *ike,
		    void (*visit)(const struct ike_child_info *info,
				  void *context),
		    void *context);

#endif /* IKE_INFO_H */
