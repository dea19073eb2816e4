// SPDX-License-Identifier: GPL-2.0-only
/*
 * The UDP socket that a packet is for as it is now, as the kernel itself would look for
 * it. No reference is taken: sockets of UDP are freed under RCU.
 */
#include <linux/netdevice.h>
#include <net/l3mdev.h>
#include <net/udp.h>

#include "compat/udp.h"
#include "receiver.h"

/**
 * espvif_receiver4() - find the socket of a datagram
 * @dev:	that it came by; in a VRF a socket of the VRF will do, too
 * @slave:	if @dev is the VRF, the device in it that it came by before; or 0
 * @saddr:	its source
 * @sport:	likewise
 * @daddr:	its destination, which need not be an address of this host: a socket bound
 *		to no address is found for any
 * @dport:	likewise
 *
 * Context: RCU read side.
 * Return: the socket, good until the end of that, or NULL.
 */
struct sock *espvif_receiver4(const struct net_device *dev, int slave, __be32 saddr,
			      __be16 sport, __be32 daddr, __be16 dport)
{
	int vrf = l3mdev_master_ifindex_rcu(dev);
	struct net *net = dev_net(dev);

	return __udp4_lib_lookup(net, saddr, sport, daddr, dport, vrf ?: dev->ifindex,
				 vrf ? slave ?: dev->ifindex : 0, espvif_udp_table(net), NULL);
}

/**
 * espvif_receiver6() - find the socket of a datagram of IPv6
 * @dev:	as for espvif_receiver4()
 * @slave:	likewise
 * @saddr:	likewise
 * @sport:	likewise
 * @daddr:	likewise
 * @dport:	likewise
 *
 * Context: RCU read side.
 * Return: the socket, good until the end of that, or NULL.
 */
struct sock *espvif_receiver6(const struct net_device *dev, int slave,
			      const struct in6_addr *saddr, __be16 sport,
			      const struct in6_addr *daddr, __be16 dport)
{
#if IS_ENABLED(CONFIG_IPV6)
	int vrf = l3mdev_master_ifindex_rcu(dev);
	struct net *net = dev_net(dev);

	return __udp6_lib_lookup(net, saddr, sport, daddr, dport, vrf ?: dev->ifindex,
				 vrf ? slave ?: dev->ifindex : 0, espvif_udp_table(net), NULL);
#else
	return NULL;
#endif
}
