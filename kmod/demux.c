// SPDX-License-Identifier: GPL-2.0-only
/*
 * Early demultiplexing of IPv4: ESP packets for this host, in UDP or not, and what was in
 * them, need not be routed one by one. As the kernel does for sockets of TCP, the route of the
 * last packet serves for the next between the same addresses as long as it is valid.
 * Only routes that end here are remembered: no hash of ports has a say in them.
 */
#include <linux/hash.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/percpu.h>
#include <linux/udp.h>
#include <net/inet_dscp.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "demux.h"
#include "mark.h"
#include "net.h"

/* A tunnel needs two; a power of two */
#define WAYS	16

/**
 * struct way - how packets came in
 * @dst:	where they went, held; NULL if this is empty
 * @saddr:	their source
 * @daddr:	their destination
 * @ifindex:	the device
 * @tos:	what of the type of service counts for routes
 * @rp_filter:	how strictly their source was looked at
 */
struct way {
	struct dst_entry *dst;
	__be32 saddr;
	__be32 daddr;
	int ifindex;
	u8 tos;
	int rp_filter;
};

/* Those of a CPU; it alone touches them, with bottom halves disabled */
struct espvif_ways {
	struct way way[WAYS];
};

static struct way *find_place(struct espvif_ways __percpu *ways, const struct way *wanted)
{
	u32 key = (__force u32)wanted->saddr * 3 + (__force u32)wanted->daddr +
		  wanted->ifindex;

	return &this_cpu_ptr(ways)->way[hash_32(key, ilog2(WAYS))];
}

static bool is_same(const struct way *one, const struct way *other)
{
	return one->saddr == other->saddr && one->daddr == other->daddr &&
	       one->ifindex == other->ifindex && one->tos == other->tos &&
	       one->rp_filter == other->rp_filter;
}

/* With rules, more than addresses and device decides */
static bool has_rules(const struct net *net)
{
#ifdef CONFIG_IP_MULTIPLE_TABLES
	return net->ipv4.fib_has_custom_rules;
#else
	return false;
#endif
}

static void remember(struct way *place, const struct way *way, struct dst_entry *dst)
{
	if (!dst_hold_safe(dst))
		return;
	dst_release(place->dst);
	*place = *way;
	place->dst = dst;
}

/* What leads a packet here, unless more has a say in that. Returns whether it is so */
static bool describe(const struct espvif_net *enet, const struct sk_buff *skb,
		     const struct net_device *dev, struct way *way)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct iphdr *iph = ip_hdr(skb);

	if (!in_dev || netif_is_l3_master(dev) || netif_is_l3_slave(dev) ||
	    has_rules(enet->net) || ip_is_fragment(iph) || nf_bridge_info_exists(skb))
		return false;
	*way = (struct way) { .saddr = iph->saddr, .daddr = iph->daddr,
			      .ifindex = dev->ifindex,
			      .tos = iph->tos & INET_DSCP_MASK,
			      .rp_filter = IN_DEV_RPFILTER(in_dev) };
	return true;
}

static bool is_valid(const struct way *place, const struct way *way)
{
	return place->dst && is_same(place, way) && dst_check(place->dst, 0);
}

/* The packet has no route yet: give it that of the last one like it, or find it one */
static void route(struct espvif_net *enet, struct sk_buff *skb, struct net_device *dev)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct way *place, way;

	if (ipv4_is_multicast(iph->daddr) || !describe(enet, skb, dev, &way))
		return;
	/* what user space had in a queue (NFQUEUE) comes by from a process */
	local_bh_disable();
	place = find_place(enet->ways, &way);
	/* an error is for the kernel to meet again, and to count */
	if (is_valid(place, &way))
		skb_dst_set_noref(skb, place->dst);
	else if (!ip_route_input_noref(skb, iph->daddr, iph->saddr, iph->tos, dev) &&
		 skb_rtable(skb)->rt_type == RTN_LOCAL)
		remember(place, &way, skb_dst(skb));
	local_bh_enable();
}

/**
 * espvif_demux_knows() - is a packet known to be for this host
 * @enet:	namespace
 * @skb:	an IPv4 packet that has just come in
 * @dev:	the device
 *
 * Context: RCU read side.
 * Return: false if only a look at the routes can tell.
 */
bool espvif_demux_knows(struct espvif_net *enet, const struct sk_buff *skb,
			const struct net_device *dev)
{
	struct espvif_ways __percpu *ways = READ_ONCE(enet->ways);
	struct way way;
	bool known;

	if (!ways || !describe(enet, skb, dev, &way))
		return false;
	local_bh_disable();
	known = is_valid(find_place(ways, &way), &way);
	local_bh_enable();
	return known;
}

/* By its SPI, since the port is whatever the daemon chose */
static bool is_our_esp_in_udp(struct espvif_net *enet, const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct espvif_sa_key key = { .family = AF_INET, .daddr.ip = iph->daddr };
	const struct espvif_sa *sa;
	const __be32 *spi;
	__be32 copy;

	/* a fragment has none of its own */
	if (ip_is_fragment(iph))
		return false;
	spi = skb_header_pointer(skb, skb_network_offset(skb) + iph->ihl * 4 +
				 sizeof(struct udphdr), sizeof(copy), &copy);
	if (!spi)
		return false;
	key.spi = *spi;
	sa = espvif_sad_lookup(enet, &key);
	return sa && sa->encap.type == ESPVIF_ENCAP_UDP;
}

/* A connection of TCP remembers its route itself */
static bool remembers_route(struct espvif_net *enet, const struct sk_buff *skb, bool marked)
{
	switch (ip_hdr(skb)->protocol) {
	case IPPROTO_ESP:
		return true;
	case IPPROTO_TCP:
		return false;
	case IPPROTO_UDP:
		return marked || is_our_esp_in_udp(enet, skb);
	default:
		return marked;
	}
}

static unsigned int demux(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct espvif_net *enet = espvif_net(state->net);
	bool marked = espvif_mark_seen(enet, skb);

	if (marked)
		espvif_mark_spare_xfrm(state->net, skb);
	if (!skb_dst(skb) && remembers_route(enet, skb, marked))
		route(enet, skb, state->in);
	return NF_ACCEPT;
}

/* Behind all that may change addresses */
static const struct nf_hook_ops hook_ops = {
	.hook = demux, .pf = NFPROTO_IPV4, .hooknum = NF_INET_PRE_ROUTING,
	.priority = NF_IP_PRI_LAST,
};

/**
 * espvif_demux_init() - remember routes in a namespace from now on
 * @enet:	namespace, locked; nothing is done if it does
 *
 * Context: process, may sleep.
 * Return: 0 or an error.
 */
int espvif_demux_init(struct espvif_net *enet)
{
	struct espvif_ways __percpu *ways;
	int err;

	lockdep_assert_held(&enet->lock);
	if (enet->ways)
		return 0;
	ways = alloc_percpu(struct espvif_ways);
	if (!ways)
		return -ENOMEM;
	/* packets come by espvif_demux_knows() already: they have to find it empty */
	smp_store_release(&enet->ways, ways);
	err = nf_register_net_hook(enet->net, &hook_ops);
	if (err) {
		WRITE_ONCE(enet->ways, NULL);
		synchronize_rcu();
		free_percpu(ways);
	}
	return err;
}

/**
 * espvif_demux_uninit() - undo espvif_demux_init(), if it was called
 * @enet:	namespace that ends
 *
 * Context: process, may sleep.
 */
void espvif_demux_uninit(struct espvif_net *enet)
{
	unsigned int i;
	int cpu;

	if (!enet->ways)
		return;
	nf_unregister_net_hook(enet->net, &hook_ops);
	synchronize_rcu();
	for_each_possible_cpu(cpu) {
		for (i = 0; i < WAYS; i++)
			dst_release(per_cpu_ptr(enet->ways, cpu)->way[i].dst);
	}
	free_percpu(enet->ways);
	enet->ways = NULL;
}
