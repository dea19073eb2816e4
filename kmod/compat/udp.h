/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_UDP_H
#define _ESPVIF_COMPAT_UDP_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/l3mdev.h>
#include <net/udp.h>

/* Namespaces may have tables of sockets of their own since 6.2 */
static inline struct udp_table *espvif_udp_table(const struct net *net)
{
#ifdef ESPVIF_HAVE_UDP_TABLE_OF_NET
	return net->ipv4.udp_table;
#else
	return &udp_table;
#endif
}

/*
 * The socket that gets a datagram, good until the end of the RCU read side, or NULL.
 * In a VRF it is one of the VRF or of the device.
 */
static inline struct sock *espvif_udp4_receiver(const struct net_device *dev,
						const struct iphdr *iph,
						const struct udphdr *udp)
{
	int vrf = l3mdev_master_ifindex_rcu(dev);
	struct net *net = dev_net(dev);

	return __udp4_lib_lookup(net, iph->saddr, udp->source, iph->daddr, udp->dest,
				 vrf ?: dev->ifindex, vrf ? dev->ifindex : 0,
				 espvif_udp_table(net), NULL);
}

static inline struct sock *espvif_udp6_receiver(const struct net_device *dev,
						const struct ipv6hdr *ip6h,
						const struct udphdr *udp)
{
#if IS_ENABLED(CONFIG_IPV6)
	int vrf = l3mdev_master_ifindex_rcu(dev);
	struct net *net = dev_net(dev);

	return __udp6_lib_lookup(net, &ip6h->saddr, udp->source, &ip6h->daddr, udp->dest,
				 vrf ?: dev->ifindex, vrf ? dev->ifindex : 0,
				 espvif_udp_table(net), NULL);
#else
	return NULL;
#endif
}

#endif /* _ESPVIF_COMPAT_UDP_H */
