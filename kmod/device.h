/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_DEVICE_H
#define _ESPVIF_DEVICE_H

#include <linux/netdevice.h>
#include <net/gro_cells.h>

#include "counters.h"
#include "spd.h"

struct espvif_net;

/**
 * struct espvif_device - what a link of the kind "espvif" has
 * @dev:	the link
 * @enet:	namespace it was made in: its SAs, policies and ESP packets stay
 *		there, wherever the link is moved
 * @spd:	policies for packets routed into it
 * @tally:	packets of its SAs and policies, by what became of them
 * @gro:	where packets that came in are put together
 * @entry:	in espvif_net.devices
 * @sa_count:	SAs bound to it; protected by the namespace's lock
 * @mtu_fixed:	somebody has set the MTU: it is not fitted to SAs any more
 * @fitting:	the MTU is being fitted; protected by the RTNL
 * @fitted_mtu:	what the smallest SA carries, 0 before the first
 */
struct espvif_device {
	struct net_device *dev;
	struct espvif_net *enet;
	struct espvif_spd spd;
	struct espvif_tally tally;
	struct gro_cells gro;
	struct list_head entry;
	unsigned int sa_count;
	bool mtu_fixed;
	bool fitting;
	unsigned int fitted_mtu;
};

extern const struct ethtool_ops espvif_device_ethtool_ops;

int espvif_device_init(void);
void espvif_device_uninit(void);

struct espvif_device *espvif_device_find(struct espvif_net *enet, const char *name);
void espvif_device_decide(struct espvif_device *device, const struct espvif_flow *flow,
			  u32 cpu, struct espvif_decision *decision);
bool espvif_device_is_up(const struct espvif_device *device);
bool espvif_device_is(const struct net_device *dev);
void espvif_device_fit_mtu(struct espvif_net *enet, const char *name);
void espvif_device_remove_all(struct espvif_net *enet, struct list_head *doomed);
bool espvif_device_admits(const struct espvif_device *device);
bool espvif_device_receive(struct espvif_device *device, struct sk_buff *skb);

#endif /* _ESPVIF_DEVICE_H */
