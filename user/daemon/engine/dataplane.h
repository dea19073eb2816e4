/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's child SAs as SAs and policies of the module. Whatever changes,
 * changes in one batch: packets meet what was before, or what comes after.
 */
#ifndef DAEMON_DATAPLANE_H
#define DAEMON_DATAPLANE_H

#include <net/if.h>

#include "ike/ops.h"
#include "kernel/kernel.h"

struct dataplane;

/**
 * struct dataplane_traits - what a connection says about its SAs and policies
 * @interface: device that they are bound to, "" for none
 * @priority: of policies, 0 = the more specific ones first
 * @replay_window: packets, 0 = no protection
 * @max_bytes: after which an SA ends, 0 = never
 * @max_packets: likewise
 * @tfc: bytes to which packets are padded, 0 = not at all
 * @offload: what devices are to do; 0 leaves it to the module
 * @copy_df: take Don't Fragment from packets
 */
struct dataplane_traits {
	char interface[IF_NAMESIZE];
	uint32_t priority;
	uint32_t replay_window;
	uint64_t max_bytes;
	uint64_t max_packets;
	uint16_t tfc;
	enum espvif_offload offload;
	bool copy_df;
};

/**
 * struct dataplane_traffic - what a child SA has carried
 * @in_bytes: from the peer
 * @out_bytes: to the peer
 * @in_packets: from the peer
 * @out_packets: to the peer
 * @added: when it was made, in seconds since 1970
 * @used: when it last carried a packet from the peer, 0 = never
 */
struct dataplane_traffic {
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t in_packets;
	uint64_t out_packets;
	uint64_t added;
	uint64_t used;
};

/**
 * struct dataplane_shunt - traffic that is not negotiated about, or not yet
 * @name: of the connection or child
 * @local: this end's selectors
 * @remote: the other end's
 * @action: what happens to packets; ESPVIF_ACTION_IPSEC makes a trap
 * @transport: for traps: in transport mode
 */
struct dataplane_shunt {
	const char *name;
	const struct wire_ts_list *local;
	const struct wire_ts_list *remote;
	enum espvif_action action;
	bool transport;
};

/**
 * struct dataplane_shunt_info - a policy that stands without an SA, for listings
 * @name: of the connection or child that it is routed for
 * @source: of packets
 * @destination: of packets
 * @source_ports: likewise
 * @destination_ports: likewise
 * @protocol: likewise, 0 = all
 * @action: what happens to them; ESPVIF_ACTION_IPSEC is a trap
 * @out: packets that leave
 */
struct dataplane_shunt_info {
	const char *name;
	const struct prefix *source;
	const struct prefix *destination;
	struct port_range source_ports;
	struct port_range destination_ports;
	uint8_t protocol;
	enum espvif_action action;
	bool out;
};

ERROR_MUST_CHECK
struct error *dataplane_create(struct kernel *kernel,
			       struct dataplane **dataplane);
void dataplane_destroy(struct dataplane *dataplane);

ERROR_MUST_CHECK
struct error *dataplane_allocate_spi(struct dataplane *dataplane,
				     const struct address *destination,
				     uint32_t *spi);
void dataplane_release_spi(struct dataplane *dataplane, uint32_t spi);
ERROR_MUST_CHECK
struct error *dataplane_install(struct dataplane *dataplane,
				const struct ike_pair *wanted,
				const struct dataplane_traits *traits,
				bool use);
ERROR_MUST_CHECK
struct error *dataplane_use(struct dataplane *dataplane,
			    const struct ike_pair *wanted,
			    const struct dataplane_traits *traits);
ERROR_MUST_CHECK
struct error *dataplane_move(struct dataplane *dataplane,
			     const struct ike_pair *wanted);
ERROR_MUST_CHECK
struct error *dataplane_remove(struct dataplane *dataplane, uint32_t spi_in);

ERROR_MUST_CHECK
struct error *dataplane_route(struct dataplane *dataplane,
			      const struct dataplane_shunt *shunt,
			      const struct dataplane_traits *traits);
ERROR_MUST_CHECK
struct error *dataplane_unroute(struct dataplane *dataplane, const char *name);

void dataplane_each_shunt(const struct dataplane *dataplane,
			  void (*visit)(const struct dataplane_shunt_info *info,
					void *context),
			  void *context);
uint64_t dataplane_find_sa(const struct dataplane *dataplane,
			   const char *name);
const char *dataplane_find_trap(const struct dataplane *dataplane,
				const char *name);
ERROR_MUST_CHECK
struct error *dataplane_traffic(struct dataplane *dataplane, uint32_t spi_in,
				struct dataplane_traffic *traffic);

#endif /* DAEMON_DATAPLANE_H */
