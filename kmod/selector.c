// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses, flows and selectors (RFC 4301 4.4.1.1): what a packet shows, and
 * whether a policy is about it. Pure: no device, no lock, no allocation.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "selector.h"

/**
 * espvif_addr_equal() - compare two addresses of one family
 * @a:		one
 * @b:		the other
 * @family:	AF_INET or AF_INET6
 *
 * Return: whether they are the same.
 */
bool espvif_addr_equal(const union espvif_addr *a, const union espvif_addr *b, u8 family)
{
	return family == AF_INET ? a->ip == b->ip : ipv6_addr_equal(&a->ip6, &b->ip6);
}

/**
 * espvif_addr_mask() - the prefix that an address is in
 * @out:	set to the address with the bits behind @len cleared
 * @addr:	address, may be @out itself
 * @family:	AF_INET or AF_INET6
 * @len:	bits to keep
 */
void espvif_addr_mask(union espvif_addr *out, const union espvif_addr *addr, u8 family,
		      u8 len)
{
	union espvif_addr masked = {};

	if (family == AF_INET)
		masked.ip = addr->ip & inet_make_mask(len);
	else
		ipv6_addr_prefix(&masked.ip6, &addr->ip6, len);
	*out = masked;
}

/**
 * espvif_addr_in_prefix() - is an address in a prefix
 * @addr:	the address
 * @prefix:	the prefix
 * @family:	of both
 * @len:	bits of @prefix, 0 = every address
 *
 * Return: whether the first @len bits are the same.
 */
bool espvif_addr_in_prefix(const union espvif_addr *addr, const union espvif_addr *prefix,
			   u8 family, u8 len)
{
	if (family == AF_INET)
		return !((addr->ip ^ prefix->ip) & inet_make_mask(len));
	return ipv6_prefix_equal(&addr->ip6, &prefix->ip6, len);
}

/**
 * espvif_protocol_has_ports() - does a protocol begin with two port numbers
 * @protocol:	upper-layer protocol
 *
 * Return: whether selectors can tell its flows by ports.
 */
bool espvif_protocol_has_ports(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return true;
	default:
		return false;
	}
}

static bool is_syn(const struct sk_buff *skb, unsigned int offset)
{
	const struct tcphdr *tcp;
	struct tcphdr buf;

	tcp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return tcp && tcp->syn;
}

static void dissect_upper(const struct sk_buff *skb, unsigned int offset, bool later_fragment,
			  struct espvif_flow *flow)
{
	__be16 ports[2];
	const __be16 *p;
	const u8 *type;
	u8 buf;

	if (espvif_protocol_has_ports(flow->protocol)) {
		p = later_fragment ? NULL :
		    skb_header_pointer(skb, offset, sizeof(ports), ports);
		if (!p) {
			flow->ports_hidden = true;
			return;
		}
		flow->sport = ntohs(p[0]);
		flow->dport = ntohs(p[1]);
		if (flow->protocol == IPPROTO_TCP)
			flow->tcp_syn = is_syn(skb, offset);
	} else if (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6) {
		type = later_fragment ? NULL :
		       skb_header_pointer(skb, offset, sizeof(buf), &buf);
		if (type)
			flow->icmp_type = *type;
	}
}

static bool dissect_ipv4(const struct sk_buff *skb, unsigned int offset,
			 struct espvif_flow *flow)
{
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5)
		return false;

	flow->family = AF_INET;
	flow->src.ip = iph->saddr;
	flow->dst.ip = iph->daddr;
	flow->protocol = iph->protocol;
	dissect_upper(skb, offset + iph->ihl * 4, iph->frag_off & htons(IP_OFFSET), flow);
	return true;
}

/*
 * ipv6_skip_exthdr() stops in front of the fragment header of a later fragment.
 * Behind that may be a header that only the first fragment holds: which protocol
 * it leads to cannot be known then.
 */
static bool later_fragment_protocol(const struct sk_buff *skb, unsigned int offset,
				    u8 *protocol)
{
	const struct frag_hdr *fragh;
	struct frag_hdr buf;

	fragh = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!fragh || ipv6_ext_hdr(fragh->nexthdr))
		return false;
	*protocol = fragh->nexthdr;
	return true;
}

static bool dissect_ipv6(const struct sk_buff *skb, unsigned int offset,
			 struct espvif_flow *flow)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	bool later_fragment;
	__be16 frag_off;
	int upper;

	ip6h = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return false;

	flow->family = AF_INET6;
	flow->src.ip6 = ip6h->saddr;
	flow->dst.ip6 = ip6h->daddr;
	flow->protocol = ip6h->nexthdr;
	upper = ipv6_skip_exthdr(skb, offset + sizeof(buf), &flow->protocol, &frag_off);
	if (upper < 0)
		return false;
	later_fragment = frag_off & htons(IP6_OFFSET);
	if (later_fragment && !later_fragment_protocol(skb, upper, &flow->protocol))
		return false;
	dissect_upper(skb, upper, later_fragment, flow);
	return true;
}

/**
 * espvif_flow_dissect() - read the flow off a packet
 * @skb:	the packet, linear or not
 * @offset:	of its IP header from skb->data
 * @flow:	filled in
 *
 * Return: false if there is no whole IP header of version 4 or 6, or if IPv6
 * extension headers cannot be followed to the upper layer: nobody can say then
 * which policy the packet is for, and it must not pass.
 */
bool espvif_flow_dissect(const struct sk_buff *skb, unsigned int offset,
			 struct espvif_flow *flow)
{
	const u8 *version;
	u8 buf;

	memset(flow, 0, sizeof(*flow));
	version = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!version)
		return false;

	switch (*version >> 4) {
	case 4:
		return dissect_ipv4(skb, offset, flow);
	case 6:
		return dissect_ipv6(skb, offset, flow);
	default:
		return false;
	}
}

/**
 * espvif_flow_turn() - the flow of the answers
 * @flow:	a flow with ports that can be seen
 * @back:	filled in: what goes the other way
 */
void espvif_flow_turn(const struct espvif_flow *flow, struct espvif_flow *back)
{
	*back = *flow;
	back->src = flow->dst;
	back->dst = flow->src;
	back->sport = flow->dport;
	back->dport = flow->sport;
}

/**
 * espvif_selector_any_port() - does a selector leave the ports open
 * @sel:	the selector
 *
 * Return: true if both ranges are 0 to 65535.
 */
bool espvif_selector_any_port(const struct espvif_selector *sel)
{
	return !sel->sport_min && sel->sport_max == U16_MAX &&
	       !sel->dport_min && sel->dport_max == U16_MAX;
}

/**
 * espvif_selector_match() - is a selector about a flow
 * @sel:	the selector
 * @flow:	the flow
 * @fail_closed: what to say where the flow's ports are hidden and the selector
 *		wants certain ones. True for policies that protect or discard: a
 *		fragment must not pass in the clear by hiding its ports.
 *
 * Return: whether it matches.
 */
bool espvif_selector_match(const struct espvif_selector *sel,
			   const struct espvif_flow *flow, bool fail_closed)
{
	if (sel->family != flow->family ||
	    (sel->protocol && sel->protocol != flow->protocol) ||
	    !espvif_addr_in_prefix(&flow->dst, &sel->dst, sel->family, sel->dst_len) ||
	    !espvif_addr_in_prefix(&flow->src, &sel->src, sel->family, sel->src_len))
		return false;

	if (flow->ports_hidden)
		return fail_closed || espvif_selector_any_port(sel);

	return flow->sport >= sel->sport_min && flow->sport <= sel->sport_max &&
	       flow->dport >= sel->dport_min && flow->dport <= sel->dport_max;
}

/**
 * espvif_selector_names_loopback() - is a selector about traffic of a host with itself
 * @sel:	the selector
 *
 * Return: true if one of its prefixes is inside 127.0.0.0/8 or ::1/128.
 */
bool espvif_selector_names_loopback(const struct espvif_selector *sel)
{
	if (sel->family == AF_INET)
		return (sel->src_len >= 8 && ipv4_is_loopback(sel->src.ip)) ||
		       (sel->dst_len >= 8 && ipv4_is_loopback(sel->dst.ip));

	return (sel->src_len == 128 && ipv6_addr_loopback(&sel->src.ip6)) ||
	       (sel->dst_len == 128 && ipv6_addr_loopback(&sel->dst.ip6));
}
