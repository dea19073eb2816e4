/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_RECEIVER_H
#define _ESPVIF_RECEIVER_H

#include <linux/types.h>

struct in6_addr;
struct net_device;
struct sock;

struct sock *espvif_receiver4(const struct net_device *dev, int slave, __be32 saddr,
			      __be16 sport, __be32 daddr, __be16 dport);
struct sock *espvif_receiver6(const struct net_device *dev, int slave,
			      const struct in6_addr *saddr, __be16 sport,
			      const struct in6_addr *daddr, __be16 dport);

#endif /* _ESPVIF_RECEIVER_H */
