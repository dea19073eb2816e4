// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was decrypted, on its way up the stack. GRO makes few long packets of the
 * segments of a TCP connection, so that the stack has less to do and the peer gets
 * fewer acknowledgements. What GRO has no use for goes up at once.
 *
 * For host policies, whether the device by which the ESP packets came does GRO says
 * nothing about the flows inside: they wait here under a device of our own, which
 * nobody sees, and are given back to the one that they came by.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/gro_cells.h>
#include <net/udp.h>

#include "drop.h"
#include "mark.h"
#include "merge.h"
#include "net.h"
#include "receiver.h"

/**
 * struct espvif_merge - where a namespace's packets are put together
 * @enet:	the namespace
 * @cells:	one for each CPU
 */
struct espvif_merge {
	struct espvif_net *enet;
	struct gro_cells cells;
};

/* Going up at once may lead to the next ESP packet, but only once: stacks end */
static DEFINE_PER_CPU(bool, going_up);

static u8 protocol_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->protocol :
						  ipv6_hdr(skb)->nexthdr;
}

/* Does the kernel have any socket that wants its datagrams merged? */
static bool is_udp_merged(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return static_branch_unlikely(&udp_encap_needed_key);
#if IS_ENABLED(CONFIG_IPV6)
	return static_branch_unlikely(&udpv6_encap_needed_key);
#else
	return false;
#endif
}

/* Here GRO looks for it, too: before destination NAT */
static const struct sock *find_receiver(const struct sk_buff *skb)
{
	unsigned int head_len = skb->protocol == htons(ETH_P_IP) ? ip_hdrlen(skb) :
								   sizeof(struct ipv6hdr);
	const struct udphdr *udp = (const void *)(skb->data + head_len);

	if (skb_headlen(skb) < head_len + sizeof(*udp))
		return NULL;
	if (skb->protocol == htons(ETH_P_IP))
		return espvif_receiver4(skb->dev, 0, ip_hdr(skb)->saddr, udp->source,
					ip_hdr(skb)->daddr, udp->dest);
	return espvif_receiver6(skb->dev, 0, &ipv6_hdr(skb)->saddr, udp->source,
				&ipv6_hdr(skb)->daddr, udp->dest);
}

/*
 * UDP is merged where the device is told so for what it forwards, else for the sockets
 * that want it. Wherever a socket encapsulates in UDP there is one that may want it:
 * to ask which costs a datagram less than to wait in vain.
 */
static bool may_merge_udp(const struct sk_buff *skb, netdev_features_t features)
{
	const struct sock *sk;

	if (features & (NETIF_F_GRO_FRAGLIST | NETIF_F_GRO_UDP_FWD))
		return true;
	sk = is_udp_merged(skb) ? find_receiver(skb) : NULL;
	return sk && (udp_test_bit(GRO_ENABLED, sk) || READ_ONCE(udp_sk(sk)->gro_receive));
}

/* The packets of a flow all go one way or the other, so that they keep their order */
static bool may_merge(const struct sk_buff *skb, netdev_features_t features)
{
	switch (protocol_of(skb)) {
	case IPPROTO_UDP:
		return may_merge_udp(skb, features);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
	case IPPROTO_FRAGMENT:
		return false;
	default:
		return true;
	}
}

static bool goes_up_at_once(const struct sk_buff *skb, netdev_features_t features)
{
	return !this_cpu_read(going_up) && !may_merge(skb, features);
}

static void go_up(struct sk_buff *skb)
{
	this_cpu_write(going_up, true);
	netif_receive_skb(skb);
	this_cpu_write(going_up, false);
}

/* Back to the device that a packet came by, protected as it was */
static rx_handler_result_t give_back(struct sk_buff **pskb)
{
	const struct espvif_merge *merge = netdev_priv((*pskb)->dev);
	struct espvif_net *enet = merge->enet;
	struct sk_buff *skb;

	skb = skb_share_check(*pskb, GFP_ATOMIC);
	*pskb = skb;
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	skb->dev = dev_get_by_index_rcu(enet->net, skb_get_hash_raw(skb));
	if (unlikely(!skb->dev)) {
		espvif_drop(enet, NULL, NULL, skb, ESPVIF_IN_UNDELIVERED);
		return RX_HANDLER_CONSUMED;
	}
	skb_clear_hash(skb);
	skb->pkt_type = PACKET_HOST;
	espvif_mark_put_on(enet, skb);
	return RX_HANDLER_ANOTHER;
}

static void setup(struct net_device *dev)
{
	dev->flags = IFF_UP | IFF_NOARP;
	dev->features = NETIF_F_GRO;
}

/**
 * espvif_merge_init() - make a namespace's place to put packets together
 * @enet:	namespace, locked; nothing is done if it has one
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_merge_init(struct espvif_net *enet)
{
	struct espvif_merge *merge;
	struct net_device *dev;

	lockdep_assert_held(&enet->lock);
	if (enet->merge)
		return 0;

	/* never registered: it has no place in any list, and no number */
	dev = alloc_netdev(sizeof(*merge), "espvif-merge", NET_NAME_UNKNOWN, setup);
	if (!dev)
		return -ENOMEM;
	dev_net_set(dev, enet->net);
	rcu_assign_pointer(dev->rx_handler, give_back);
	merge = netdev_priv(dev);
	merge->enet = enet;
	if (gro_cells_init(&merge->cells, dev)) {
		free_netdev(dev);
		return -ENOMEM;
	}
	enet->merge = dev;
	return 0;
}

/**
 * espvif_merge_uninit() - give back what espvif_merge_init() has made, if it has
 * @enet:	namespace; no packet is received any more
 */
void espvif_merge_uninit(struct espvif_net *enet)
{
	struct espvif_merge *merge;

	if (!enet->merge)
		return;
	merge = netdev_priv(enet->merge);
	gro_cells_destroy(&merge->cells);
	/* a poll that has just ended may still say of which device it was */
	synchronize_net();
	free_netdev(enet->merge);
	enet->merge = NULL;
}

/**
 * espvif_merge_host() - let a packet go up as if it had come in by its device
 * @enet:	namespace whose SA decrypted it
 * @skb:	the packet from its IP header on; taken over
 *
 * It goes up marked as protected, at once or soon; then behind those of its flow that
 * were given before on this CPU, and perhaps as a part of one of them.
 *
 * Context: bottom halves disabled, RCU read side.
 * Return: false if it has been dropped: too many wait.
 */
bool espvif_merge_host(struct espvif_net *enet, struct sk_buff *skb)
{
	struct espvif_merge *merge = netdev_priv(enet->merge);

	if (goes_up_at_once(skb, enet->merge->features)) {
		espvif_mark_put_on(enet, skb);
		go_up(skb);
		return true;
	}
	/* decrypted in place, so it is nobody else's: a clone would leave our queue */
	WARN_ON_ONCE(skb_cloned(skb));
	skb_ext_reset(skb);
	/* what captures must not see it twice */
	skb->pkt_type = PACKET_LOOPBACK;
	/* the device may go while the packet waits. Its number keeps apart what came by
	 * others: with VRFs, a flow there may look like one here
	 */
	__skb_set_hash(skb, skb->dev->ifindex, false, false);
	skb->dev = enet->merge;
	return gro_cells_receive(&merge->cells, skb) == NET_RX_SUCCESS;
}

/**
 * espvif_merge_device() - let a packet go up by a device of ours
 * @cells:	of the device
 * @skb:	the packet from its IP header on; taken over
 *
 * As espvif_merge_host(), but marked or not as it is.
 *
 * Context: bottom halves disabled, RCU read side.
 * Return: false if it has been dropped.
 */
bool espvif_merge_device(struct gro_cells *cells, struct sk_buff *skb)
{
	if (!goes_up_at_once(skb, skb->dev->features))
		return gro_cells_receive(cells, skb) == NET_RX_SUCCESS;
	go_up(skb);
	return true;
}
