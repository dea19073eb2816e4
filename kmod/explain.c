// SPDX-License-Identifier: GPL-2.0-only
/*
 * What would become of a packet, and why. A probe is made that looks like it, and
 * the functions that decide on real packets are asked about the probe. Nothing is
 * sent and nothing counted.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "device.h"
#include "explain.h"
#include "hooks.h"
#include "input.h"
#include "net.h"
#include "output.h"

/* As much of the upper layer as espvif_flow_dissect() looks at */
#define UPPER_LEN	8

static unsigned int ip_header_len(const struct espvif_flow *flow)
{
	return flow->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

/**
 * espvif_explain_headers() - the shortest packet of a flow
 * @flow:	the flow
 *
 * Return: bytes.
 */
unsigned int espvif_explain_headers(const struct espvif_flow *flow)
{
	return ip_header_len(flow) + UPPER_LEN;
}

static void write_ip(struct sk_buff *skb, const struct espvif_question *question)
{
	const struct espvif_flow *flow = &question->flow;

	if (flow->family == AF_INET) {
		struct iphdr *iph = ip_hdr(skb);

		iph->version = 4;
		iph->ihl = sizeof(*iph) / 4;
		iph->tot_len = htons(skb->len);
		iph->frag_off = question->may_fragment ? 0 : htons(IP_DF);
		iph->ttl = IPDEFTTL;
		iph->protocol = flow->protocol;
		iph->saddr = flow->src.ip;
		iph->daddr = flow->dst.ip;
		skb->protocol = htons(ETH_P_IP);
	} else {
		struct ipv6hdr *ip6h = ipv6_hdr(skb);

		ip6h->version = 6;
		ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
		ip6h->hop_limit = IPDEFTTL;
		ip6h->nexthdr = flow->protocol;
		ip6h->saddr = flow->src.ip6;
		ip6h->daddr = flow->dst.ip6;
		skb->protocol = htons(ETH_P_IPV6);
	}
}

static void write_upper(struct sk_buff *skb, const struct espvif_flow *flow)
{
	__be16 *ports = (__be16 *)skb_transport_header(skb);

	if (espvif_protocol_has_ports(flow->protocol)) {
		ports[0] = htons(flow->sport);
		ports[1] = htons(flow->dport);
	} else if (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6) {
		*skb_transport_header(skb) = flow->icmp_type;
	}
}

/**
 * espvif_explain_probe() - make a packet like the one that is asked about
 * @question:	what it is to be like; its length is 0 or has room for its headers
 *
 * Return: the packet, NULL without memory.
 */
struct sk_buff *espvif_explain_probe(const struct espvif_question *question)
{
	unsigned int len = question->len ?: espvif_explain_headers(&question->flow);
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip_header_len(&question->flow));
	skb_put_zero(skb, len);
	write_ip(skb, question);
	write_upper(skb, &question->flow);
	skb->ignore_df = question->may_fragment;
	return skb;
}

static struct dst_entry *route4(struct net *net, const struct espvif_flow *flow, int oif)
{
	struct flowi4 fl4 = {
		.daddr = flow->dst.ip,
		.saddr = flow->src.ip,
		.flowi4_oif = oif,
		.flowi4_proto = flow->protocol,
		.fl4_sport = htons(flow->sport),
		.fl4_dport = htons(flow->dport),
		/* a packet to be forwarded has a source that is not ours */
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct dst_entry *route6(struct net *net, const struct espvif_flow *flow, int oif)
{
	struct flowi6 fl6 = {
		.daddr = flow->dst.ip6,
		.saddr = flow->src.ip6,
		.flowi6_oif = oif,
		.flowi6_proto = flow->protocol,
		.fl6_sport = htons(flow->sport),
		.fl6_dport = htons(flow->dport),
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

static bool is_ours(struct net *net, const struct espvif_flow *flow)
{
	if (flow->family == AF_INET)
		return inet_addr_type(net, flow->src.ip) == RTN_LOCAL;
	return ipv6_chk_addr(net, &flow->src.ip6, NULL, 0);
}

static void note_gateway(struct dst_entry *dst, struct espvif_answer *answer)
{
	if (dst->ops->family == AF_INET) {
		const struct rtable *rt = (const struct rtable *)dst;

		answer->family = rt->rt_gw_family;
		if (rt->rt_gw_family == AF_INET)
			answer->gateway.ip = rt->rt_gw4;
		else if (rt->rt_gw_family == AF_INET6)
			answer->gateway.ip6 = rt->rt_gw6;
	} else {
		const struct rt6_info *rt = (const struct rt6_info *)dst;

		if (rt->rt6i_flags & RTF_GATEWAY) {
			answer->family = AF_INET6;
			answer->gateway.ip6 = rt->rt6i_gateway;
		}
	}
}

static void note_route(struct dst_entry *dst, struct espvif_answer *answer)
{
	strscpy(answer->link, dst->dev->name, sizeof(answer->link));
	answer->path_mtu = dst_mtu(dst);
	note_gateway(dst, answer);
}

static void drop(struct espvif_answer *answer, enum espvif_counter reason)
{
	answer->verdict = reason == ESPVIF_OUT_TOO_BIG ? ESPVIF_VERDICT_TOO_BIG :
							 ESPVIF_VERDICT_DROPPED;
	answer->reason = reason;
}

/* How its SA sends it */
static void explain_output(const struct espvif_decision *decision, struct sk_buff *probe,
			   const struct net_device *loop, struct espvif_answer *answer)
{
	struct espvif_output_plan plan;
	unsigned int len = probe->len;

	local_bh_disable();
	espvif_output_plan(decision, probe, loop, &plan);
	local_bh_enable();

	answer->verdict = ESPVIF_VERDICT_PROTECTED;
	if (plan.reason != ESPVIF_COUNTERS)
		drop(answer, plan.reason);
	if (plan.dst) {
		note_route(plan.dst, answer);
		answer->inner_mtu = plan.mtu;
		if (plan.cut) {
			answer->fragmented = true;
			len = min(len, plan.mtu);
		}
		len = espvif_output_padded_len(decision->sa, &plan, len);
		answer->outer_len = espvif_sa_outer_len(decision->sa, len);
		if (answer->verdict == ESPVIF_VERDICT_PROTECTED)
			answer->fragmented |= answer->outer_len > answer->path_mtu;
	}
	dst_release(plan.dst);
}

static const struct espvif_sa *first_sa(const struct espvif_policy *policy)
{
	const struct espvif_sa_list *list = rcu_dereference(policy->sas);

	return list->count ? list->sas[0] : NULL;
}

static void explain_decision(const struct espvif_decision *decision, struct sk_buff *probe,
			     const struct net_device *loop, struct espvif_answer *answer)
{
	answer->policy = decision->policy;
	answer->sa = decision->sa;
	answer->exempt = decision->exempt;
	if (decision->reason != ESPVIF_COUNTERS) {
		if (decision->reason == ESPVIF_OUT_NO_SA)
			answer->sa = first_sa(decision->policy);
		drop(answer, decision->reason);
	} else if (decision->hold && !decision->sa) {
		answer->verdict = ESPVIF_VERDICT_HELD;
	} else if (decision->sa) {
		explain_output(decision, probe, loop, answer);
	} else {
		answer->verdict = ESPVIF_VERDICT_CLEAR;
		note_route(skb_dst(probe), answer);
	}
}

/*
 * What the IP layer makes of a packet that is longer than its route takes: it tells
 * the sender, or cuts it – before a device gets it, but behind the hooks.
 */
static void explain_length(const struct espvif_question *question, struct sk_buff *probe,
			   unsigned int mtu, struct espvif_answer *answer)
{
	if (probe->len <= mtu)
		return;
	if (!question->may_fragment) {
		answer->verdict = ESPVIF_VERDICT_TOO_BIG;
		answer->inner_mtu = mtu;
		return;
	}
	answer->fragmented = true;
	if (answer->device)
		skb_trim(probe, mtu);
}

static void explain_out(struct espvif_net *enet, const struct espvif_question *question,
			struct sk_buff *probe, struct espvif_answer *answer)
{
	struct espvif_device *device = question->device;
	struct espvif_decision decision;
	struct dst_entry *dst = NULL;
	unsigned int mtu;

	if (!device) {
		int oif = question->link ? question->link->ifindex : 0;

		dst = question->flow.family == AF_INET ?
		      route4(enet->net, &question->flow, oif) :
		      route6(enet->net, &question->flow, oif);
		if (!dst)
			return;
		skb_dst_set(probe, dst);
		if (espvif_device_is(dst->dev))
			device = netdev_priv(dst->dev);
	}
	answer->device = device;
	probe->dev = device ? device->dev : dst->dev;
	probe->skb_iif = is_ours(enet->net, &question->flow) ? 0 : LOOPBACK_IFINDEX;
	if (!netif_running(probe->dev))
		return;
	mtu = dst ? dst_mtu(dst) : READ_ONCE(probe->dev->mtu);
	explain_length(question, probe, mtu, answer);
	if (answer->verdict == ESPVIF_VERDICT_TOO_BIG)
		return;

	answer->loopback = probe->dev->flags & IFF_LOOPBACK;
	if (device)
		espvif_device_decide(device, &question->flow, question->cpu, &decision);
	else
		espvif_hooks_decide_out(enet, &question->flow, answer->loopback, question->cpu,
					&decision);
	explain_decision(&decision, probe, device ? device->dev : NULL, answer);
}

static void explain_in(struct espvif_net *enet, const struct espvif_question *question,
		       struct sk_buff *probe, struct espvif_answer *answer)
{
	struct espvif_sa *sa = question->sa;
	struct espvif_decision decision;

	if (sa) {
		answer->sa = sa;
		answer->device = sa->device;
		if (!espvif_sa_usable(sa)) {
			drop(answer, ESPVIF_IN_SA_EXPIRED);
			return;
		}
		espvif_input_decide(sa, &question->flow, &decision);
		if (decision.reason == ESPVIF_COUNTERS && sa->device &&
		    !espvif_device_is_up(sa->device))
			decision.reason = ESPVIF_IN_DEVICE_DOWN;
	} else {
		probe->dev = question->link ?: enet->net->loopback_dev;
		answer->loopback = question->link ? question->link->flags & IFF_LOOPBACK :
						    is_ours(enet->net, &question->flow);
		espvif_hooks_decide_in(enet, probe, &question->flow, answer->loopback,
				       &decision);
	}
	answer->policy = decision.policy;
	answer->exempt = decision.exempt;
	answer->verdict = sa ? ESPVIF_VERDICT_PROTECTED : ESPVIF_VERDICT_CLEAR;
	if (decision.reason != ESPVIF_COUNTERS)
		drop(answer, decision.reason);
}

/**
 * espvif_explain() - say what becomes of a packet
 * @enet:	namespace, locked
 * @question:	the packet
 * @probe:	espvif_explain_probe() made it
 * @answer:	filled in; what it points to stays while @enet is locked
 *
 * Context: process, RCU read side.
 */
void espvif_explain(struct espvif_net *enet, const struct espvif_question *question,
		    struct sk_buff *probe, struct espvif_answer *answer)
{
	lockdep_assert_held(&enet->lock);
	*answer = (struct espvif_answer) { .verdict = ESPVIF_VERDICT_UNREACHABLE,
					   .reason = ESPVIF_COUNTERS };
	if (question->direction == ESPVIF_DIRECTION_OUT)
		explain_out(enet, question, probe, answer);
	else
		explain_in(enet, question, probe, answer);
}
