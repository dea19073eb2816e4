// SPDX-License-Identifier: GPL-2.0-only
/*
 * The headers around an ESP packet: the outer IP header of tunnel mode (RFC 4301
 * 5.1.2), the place behind the packet's own in transport mode, and UDP between
 * them (RFC 3948).
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "esp.h"
#include "net.h"
#include "outer.h"

static bool is_ipv4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

/**
 * espvif_outer_protocol() - what follows the IP header of an SA's packets
 * @path:	of the SA
 *
 * Return: the protocol's number.
 */
u8 espvif_outer_protocol(const struct espvif_path *path)
{
	return path->encap.type == ESPVIF_ENCAP_UDP ? IPPROTO_UDP : IPPROTO_ESP;
}

/* What the outer header has of the inner one's DSCP and ECN (RFC 6040 4.1, normal mode) */
static u8 dsfield(const struct espvif_outer *outer, const struct sk_buff *skb)
{
	u8 inner = is_ipv4(skb) ? ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb));

	return (inner & outer->copied) | outer->dsfield;
}

static __be32 flow_label(const struct espvif_outer *outer, struct sk_buff *skb)
{
	if (likely(outer->flow_label == ESPVIF_FLOW_LABEL_NO))
		return 0;
	if (outer->flow_label == ESPVIF_FLOW_LABEL_HASH)
		return cpu_to_be32(skb_get_hash(skb)) & IPV6_FLOWLABEL_MASK;
	return is_ipv4(skb) ? 0 : ip6_flowlabel(ipv6_hdr(skb));
}

static void push_ipv4(const struct espvif_sa *sa, const struct espvif_path *path,
		      struct sk_buff *skb, u8 tos, bool df)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = tos;
	iph->frag_off = df ? htons(IP_DF) : 0;
	iph->ttl = sa->outer.hop_limit ?: ip4_dst_hoplimit(skb_dst(skb));
	iph->protocol = espvif_outer_protocol(path);
	iph->saddr = path->saddr.ip;
	iph->daddr = path->daddr.ip;
	/* only what may be fragmented needs to be told apart (RFC 6864 4.1) */
	if (df)
		iph->id = 0;
	else
		__ip_select_ident(sa->enet->net, iph, 1);
	skb->protocol = htons(ETH_P_IP);
}

static void push_ipv6(const struct espvif_sa *sa, const struct espvif_path *path,
		      struct sk_buff *skb, u8 tos, __be32 label)
{
	struct ipv6hdr *ip6h = skb_push(skb, sizeof(*ip6h));

	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6h, tos, label);
	ip6h->hop_limit = sa->outer.hop_limit ?: ip6_dst_hoplimit(skb_dst(skb));
	ip6h->nexthdr = espvif_outer_protocol(path);
	ip6h->saddr = path->saddr.ip6;
	ip6h->daddr = path->daddr.ip6;
	skb->protocol = htons(ETH_P_IPV6);
}

/* Write a UDP header (RFC 3948 2.1) where the transport header is; its checksum follows */
static void write_udp(const struct espvif_encapsulation *encap, struct sk_buff *skb)
{
	struct udphdr *udp = udp_hdr(skb);

	udp->source = encap->sport;
	udp->dest = encap->dport;
	udp->len = htons(skb_tail_pointer(skb) - (u8 *)udp);
	udp->check = 0;
}

/**
 * espvif_outer_finish_udp() - complete the UDP header of a packet
 * @skb:	the packet as it will leave, from its IP header on
 *
 * The checksum is 0 over IPv4; IPv6 has none of its own and wants one (RFC 8200 8.1).
 */
void espvif_outer_finish_udp(struct sk_buff *skb)
{
	unsigned int offset = skb_transport_offset(skb);
	unsigned int len = skb->len - offset;
	__wsum sum;

	if (is_ipv4(skb))
		return;
	sum = skb_checksum(skb, offset, len, 0);
	udp_hdr(skb)->check = csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr,
					      len, IPPROTO_UDP, sum);
	if (!udp_hdr(skb)->check)
		udp_hdr(skb)->check = CSUM_MANGLED_0;
}

/* Put room for ESP's headers and an outer IP header before the packet (RFC 4301 5.1.2) */
static void wrap_tunnel(const struct espvif_sa *sa, const struct espvif_path *path,
			struct sk_buff *skb, unsigned int wrap_len, bool df)
{
	u8 tos = dsfield(&sa->outer, skb);
	__be32 label = flow_label(&sa->outer, skb);

	skb_push(skb, wrap_len);
	skb_reset_transport_header(skb);
	if (sa->key.family == AF_INET)
		push_ipv4(sa, path, skb, tos, df);
	else
		push_ipv6(sa, path, skb, tos, label);
}

/* Put that room between IP header and payload (RFC 4303 3.1.1) */
static void wrap_transport(struct sk_buff *skb, unsigned int ip_len, unsigned int wrap_len)
{
	u8 *old = skb->data;

	skb_push(skb, wrap_len);
	memmove(skb->data, old, ip_len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip_len);
}

/**
 * espvif_outer_claim() - find what transport mode protects, and claim its place
 * @path:	of the SA
 * @skb:	the packet from its IP header on
 * @next_header: set to the protocol that stood there
 *
 * Return: length of the headers that stay in front, negative for a fragment.
 */
int espvif_outer_claim(const struct espvif_path *path, struct sk_buff *skb, u8 *next_header)
{
	u8 *where;
	int len;

	if (is_ipv4(skb)) {
		if (ip_is_fragment(ip_hdr(skb)))
			return -EINVAL;
		where = &ip_hdr(skb)->protocol;
		len = ip_hdrlen(skb);
	} else {
		len = ip6_find_1stfragopt(skb, &where);
		if (len < 0 || *where == NEXTHDR_FRAGMENT)
			return -EINVAL;
	}
	*next_header = *where;
	*where = espvif_outer_protocol(path);
	return len;
}

/**
 * espvif_outer_wrap() - put headers before a packet
 * @sa:		the SA
 * @path:	its path
 * @skb:	the packet, with trailer and room for the ICV at its end, and enough headroom
 * @ip_len:	transport mode: what espvif_outer_claim() has returned
 * @df:		tunnel mode, IPv4 outside: routers must not fragment it
 *
 * Return: the ESP header, to be filled in.
 */
struct espvif_esp_hdr *espvif_outer_wrap(const struct espvif_sa *sa,
					 const struct espvif_path *path, struct sk_buff *skb,
					 unsigned int ip_len, bool df)
{
	unsigned int esp_len = sizeof(struct espvif_esp_hdr) + sa->transform.shape.iv_len;
	bool udp = path->encap.type == ESPVIF_ENCAP_UDP;
	unsigned int udp_len = udp ? sizeof(struct udphdr) : 0;

	if (sa->mode == ESPVIF_MODE_TRANSPORT)
		wrap_transport(skb, ip_len, udp_len + esp_len);
	else
		wrap_tunnel(sa, path, skb, udp_len + esp_len, df);
	if (udp)
		write_udp(&path->encap, skb);
	return (struct espvif_esp_hdr *)(skb_transport_header(skb) + udp_len);
}

/**
 * espvif_outer_wrap_keepalive() - put UDP and IP headers before a keepalive
 * @sa:		outbound, encapsulated
 * @path:	its path
 * @skb:	the payload; its dst is the way to the peer
 */
void espvif_outer_wrap_keepalive(const struct espvif_sa *sa, const struct espvif_path *path,
				 struct sk_buff *skb)
{
	skb_push(skb, sizeof(struct udphdr));
	skb_reset_transport_header(skb);
	write_udp(&path->encap, skb);
	if (sa->key.family == AF_INET)
		push_ipv4(sa, path, skb, sa->outer.dsfield,
			  sa->outer.df == ESPVIF_DF_SET);
	else
		push_ipv6(sa, path, skb, sa->outer.dsfield, 0);
	espvif_outer_finish_udp(skb);
}
