// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual interface: links of the kind "espvif". What is routed into one goes
 * by the policies of the device to the SAs bound to it; what those decrypt comes
 * out of it.
 */
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>

#include "acquire.h"
#include "compat/netdevice.h"
#include "device.h"
#include "drop.h"
#include "merge.h"
#include "net.h"
#include "output.h"

#define LINK_KIND	"espvif"

/*
 * What fits whatever the algorithm over Ethernet with IPv6 outside, until SAs are
 * bound and say better: 1500 less 40 of IPv6, 8 of ESP, 16 of IV, up to 17 of
 * trailer, 32 of ICV, 8 of UDP.
 */
#define MTU_DEFAULT	1379

/* Nothing protects this packet: count it, and let its sender know */
static void refuse(struct espvif_device *device, struct sk_buff *skb,
		   enum espvif_counter reason)
{
	dev_core_stats_tx_dropped_inc(device->dev);
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (ipv6_mod_enabled())
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
	espvif_drop(device->enet, NULL, &device->tally, skb, reason);
}

/**
 * espvif_device_decide() - decide on a packet routed into a device
 * @device:	the device
 * @flow:	what the packet shows
 * @cpu:	the CPU that sends it
 * @decision:	filled in; nothing passes in the clear
 *
 * Context: RCU read side.
 */
void espvif_device_decide(struct espvif_device *device, const struct espvif_flow *flow,
			  u32 cpu, struct espvif_decision *decision)
{
	espvif_spd_decide_out(device->enet, &device->spd, flow, false, cpu, decision);
	if (!decision->policy)
		decision->reason = ESPVIF_OUT_NO_POLICY;
}

static netdev_tx_t xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct espvif_device *device = netdev_priv(dev);
	unsigned int packets = max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
	struct espvif_decision decision;
	struct espvif_flow flow;

	/* packet sockets send what they like */
	if (skb->protocol != ip_tunnel_parse_protocol(skb) ||
	    !espvif_flow_dissect(skb, 0, &flow)) {
		dev_core_stats_tx_dropped_inc(dev);
		espvif_drop(device->enet, NULL, &device->tally, skb,
			    ESPVIF_OUT_MALFORMED);
		return NETDEV_TX_OK;
	}

	rcu_read_lock();
	espvif_device_decide(device, &flow, smp_processor_id(), &decision);
	if (decision.policy)
		espvif_policy_count(decision.policy, packets, skb->len);
	if (decision.reason != ESPVIF_COUNTERS) {
		refuse(device, skb, decision.reason);
	} else {
		dev_sw_netstats_tx_add(dev, packets, skb->len);
		if (unlikely(decision.hold))
			espvif_acquire_hold(&decision, &flow, skb, dev);
		else
			espvif_output(&decision, &flow, skb, dev);
	}
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

static int change_mtu(struct net_device *dev, int mtu)
{
	struct espvif_device *device = netdev_priv(dev);

	if (!device->fitting)
		device->mtu_fixed = true;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static int init(struct net_device *dev)
{
	struct espvif_device *device = netdev_priv(dev);
	int err;

	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
	err = gro_cells_init(&device->gro, dev);
	if (err) {
		free_percpu(dev->tstats);
		return err;
	}

	mutex_lock(&device->enet->lock);
	list_add_tail(&device->entry, &device->enet->devices);
	mutex_unlock(&device->enet->lock);
	return 0;
}

static void remove_policies(struct espvif_device *device)
{
	struct espvif_policy *policy;
	unsigned long id;

	xa_for_each(&device->enet->policies.by_id, id, policy) {
		if (!device->spd.count)
			break;
		if (policy->device == device)
			espvif_spd_remove(&device->spd, policy);
	}
}

static void remove_sas(struct espvif_device *device)
{
	struct espvif_sa *sa;
	unsigned long id;

	xa_for_each(&device->enet->sad.by_id, id, sa) {
		if (!device->sa_count)
			break;
		if (sa->device == device) {
			device->sa_count--;
			espvif_sad_remove(sa);
		}
	}
}

/* A device's policies and SAs go with it */
static void uninit(struct net_device *dev)
{
	struct espvif_device *device = netdev_priv(dev);

	mutex_lock(&device->enet->lock);
	remove_policies(device);
	remove_sas(device);
	list_del(&device->entry);
	mutex_unlock(&device->enet->lock);
}

/* The last packet in flight has let go of the device */
static void free_device(struct net_device *dev)
{
	struct espvif_device *device = netdev_priv(dev);

	gro_cells_destroy(&device->gro);
	free_percpu(dev->tstats);
}

static const struct net_device_ops netdev_ops = {
	.ndo_init = init,
	.ndo_uninit = uninit,
	.ndo_start_xmit = xmit,
	.ndo_change_mtu = change_mtu,
	.ndo_get_stats64 = dev_get_tstats64,
};

static const struct device_type device_type = { .name = LINK_KIND };

static void setup(struct net_device *dev)
{
	const netdev_features_t features = NETIF_F_HW_CSUM | NETIF_F_SG | NETIF_F_FRAGLIST |
					   NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE;

	dev->netdev_ops = &netdev_ops;
	dev->ethtool_ops = &espvif_device_ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = free_device;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	/* ICMP errors about a packet, and the size that fits, need its route */
	netif_keep_dst(dev);
	dev->features |= features;
	espvif_set_lltx(dev);
	dev->hw_features |= features;
	dev->hw_enc_features |= features;
	dev->needed_headroom = LL_MAX_HEADER + sizeof(struct ipv6hdr) +
			       sizeof(struct espvif_esp_hdr) + ESPVIF_IV_MAX;
	dev->mtu = MTU_DEFAULT;
	dev->min_mtu = IPV4_MIN_MTU;
	dev->max_mtu = IP_MAX_MTU;
	SET_NETDEV_DEVTYPE(dev, &device_type);
}

static int newlink(struct net *src_net, struct net_device *dev, struct nlattr *tb[],
		   struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct espvif_device *device = netdev_priv(dev);

	device->dev = dev;
	device->enet = espvif_net(src_net);
	device->mtu_fixed = tb[IFLA_MTU];
	return register_netdevice(dev);
}

static struct net *link_net(const struct net_device *dev)
{
	const struct espvif_device *device = netdev_priv(dev);

	return device->enet->net;
}

static struct rtnl_link_ops link_ops __read_mostly = {
	.kind = LINK_KIND,
	.priv_size = sizeof(struct espvif_device),
	.setup = setup,
	.newlink = newlink,
	.get_link_net = link_net,
};

/**
 * espvif_device_init() - make links of the kind known
 *
 * Return: 0 or an error.
 */
int espvif_device_init(void)
{
	return rtnl_link_register(&link_ops);
}

/**
 * espvif_device_uninit() - remove all links of the kind, and forget it
 */
void espvif_device_uninit(void)
{
	rtnl_link_unregister(&link_ops);
}

/**
 * espvif_device_is() - is a link one of ours
 * @dev:	any link
 *
 * Return: whether it is of the kind "espvif".
 */
bool espvif_device_is(const struct net_device *dev)
{
	return dev->netdev_ops == &netdev_ops;
}

/**
 * espvif_device_is_up() - does a device take packets
 * @device:	the device
 *
 * Return: whether it is up.
 */
bool espvif_device_is_up(const struct espvif_device *device)
{
	return device->dev->flags & IFF_UP;
}

/**
 * espvif_device_find() - find a device by name
 * @enet:	namespace that it was made in, locked
 * @name:	as its present namespace has it
 *
 * Return: the device, rather one that is still in the namespace than one that was
 * moved away and has the same name there; NULL if there is none.
 */
struct espvif_device *espvif_device_find(struct espvif_net *enet, const char *name)
{
	struct espvif_device *device, *moved = NULL;

	lockdep_assert_held(&enet->lock);
	list_for_each_entry(device, &enet->devices, entry) {
		/* one whose registration fails is freed at once, whoever holds it */
		if (READ_ONCE(device->dev->reg_state) != NETREG_REGISTERED ||
		    strcmp(device->dev->name, name))
			continue;
		if (net_eq(dev_net(device->dev), enet->net))
			return device;
		moved = device;
	}
	return moved;
}

/**
 * espvif_device_fit_mtu() - let a device's MTU fit an SA that was bound to it
 * @enet:	namespace
 * @name:	of the SA, which may be gone again
 *
 * The MTU goes down to what the smallest of its SAs carries; it stays as somebody
 * has set it by hand.
 *
 * Context: process, takes the RTNL.
 */
void espvif_device_fit_mtu(struct espvif_net *enet, const char *name)
{
	struct espvif_device *device = NULL;
	unsigned int mtu = 0;
	struct espvif_sa *sa;

	rtnl_lock();
	mutex_lock(&enet->lock);
	sa = espvif_sad_lookup_name(enet, name);
	if (sa && sa->device && sa->direction == ESPVIF_DIRECTION_OUT) {
		device = sa->device;
		rcu_read_lock();
		mtu = espvif_output_mtu(sa);
		rcu_read_unlock();
	}
	mutex_unlock(&enet->lock);

	/* the RTNL keeps the device */
	if (mtu && !device->mtu_fixed && (!device->fitted_mtu || mtu < device->fitted_mtu)) {
		device->fitted_mtu = mtu;
		device->fitting = true;
		dev_set_mtu(device->dev, mtu);
		device->fitting = false;
	}
	rtnl_unlock();
}

/**
 * espvif_device_remove_all() - unregister all devices made in a namespace
 * @enet:	namespace that ends
 * @doomed:	list for unregister_netdevice_many()
 *
 * Also those that live elsewhere now: without the namespace they lead nowhere.
 * Context: RTNL held.
 */
void espvif_device_remove_all(struct espvif_net *enet, struct list_head *doomed)
{
	struct espvif_device *device;

	ASSERT_RTNL();
	list_for_each_entry(device, &enet->devices, entry)
		unregister_netdevice_queue(device->dev, doomed);
}

/**
 * espvif_device_admits() - does a device take a packet that was decrypted for it
 * @device:	the device; the packet's SA is bound to it
 *
 * Return: false if the device is down; it has counted the packet as dropped then.
 */
bool espvif_device_admits(const struct espvif_device *device)
{
	if (espvif_device_is_up(device))
		return true;
	dev_core_stats_rx_dropped_inc(device->dev);
	return false;
}

/**
 * espvif_device_receive() - deliver a packet that was decrypted for a device
 * @device:	the device; the packet's SA is bound to it
 * @skb:	the packet from its IP header on; taken over
 *
 * Context: bottom halves disabled, RCU read side.
 * Return: false if it has been dropped: too many wait, or the device has just gone down.
 */
bool espvif_device_receive(struct espvif_device *device, struct sk_buff *skb)
{
	struct net_device *dev = device->dev;
	unsigned int len = skb->len;

	skb->dev = dev;
	skb_reset_mac_header(skb);
	if (!espvif_merge_device(&device->gro, skb))
		return false;
	dev_sw_netstats_rx_add(dev, len);
	return true;
}
