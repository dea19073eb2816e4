// SPDX-License-Identifier: GPL-2.0-only
/*
 * The maximum segment size that the ends of a TCP connection tell each other (RFC
 * 9293 3.7.1): lowered where it passes an SA, so that segments fit from the first
 * on and nobody has to wait for an ICMP error that some firewall eats.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/swab.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>
#include <uapi/linux/espvif.h>

#include "mss.h"

static bool is_ipv4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

/* Where the TCP header begins, negative if there is none */
static int find_tcp(const struct sk_buff *skb)
{
	u8 protocol;
	__be16 frag_off;
	int offset;

	if (is_ipv4(skb))
		return ip_hdr(skb)->frag_off & htons(IP_OFFSET) ? -1 : ip_hdrlen(skb);
	protocol = ipv6_hdr(skb)->nexthdr;
	offset = ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &protocol, &frag_off);
	return frag_off & htons(IP6_OFFSET) || protocol != IPPROTO_TCP ? -1 : offset;
}

/* The TCP header with its options, ready to be changed; NULL if it isn't whole */
static struct tcphdr *writable_tcp(struct sk_buff *skb)
{
	const struct tcphdr *tcp;
	struct tcphdr buf;
	int offset;

	offset = find_tcp(skb);
	if (offset < 0)
		return NULL;
	tcp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!tcp || tcp->doff * 4 < sizeof(*tcp) ||
	    skb_ensure_writable(skb, offset + tcp->doff * 4))
		return NULL;
	return (struct tcphdr *)(skb->data + offset);
}

static void lower(struct sk_buff *skb, struct tcphdr *tcp, u8 *value, u16 mss)
{
	u16 old = value[0] << 8 | value[1];
	u16 new = mss;

	if (old <= mss)
		return;
	value[0] = mss >> 8;
	value[1] = mss;
	/* at an odd place each byte is in the other half of a word of the sum */
	if ((value - (u8 *)tcp) & 1) {
		old = swab16(old);
		new = swab16(new);
	}
	inet_proto_csum_replace2(&tcp->check, skb, htons(old), htons(new), false);
}

static void lower_all(struct sk_buff *skb, struct tcphdr *tcp, u16 mss)
{
	u8 *option = (u8 *)(tcp + 1);
	u8 *end = (u8 *)tcp + tcp->doff * 4;

	while (option < end && *option != TCPOPT_EOL) {
		if (*option == TCPOPT_NOP) {
			option++;
			continue;
		}
		if (end - option < 2 || option[1] < 2 || end - option < option[1])
			return;
		if (option[0] == TCPOPT_MSS && option[1] == TCPOLEN_MSS)
			lower(skb, tcp, option + 2, mss);
		option += option[1];
	}
}

/**
 * espvif_mss_clamp() - have TCP send segments that fit
 * @skb:	a packet that opens a TCP connection, from its IP header on
 * @limit:	the largest size to be told; ESPVIF_MSS_AUTO: what @mtu has room for
 * @mtu:	longest IP packet that fits
 *
 * What is smaller already stays, and an option that isn't there stays absent: TCP
 * without it sends what every path takes. Options that make no sense end the search.
 */
void espvif_mss_clamp(struct sk_buff *skb, u16 limit, unsigned int mtu)
{
	unsigned int headers = sizeof(struct tcphdr) +
		(is_ipv4(skb) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	struct tcphdr *tcp;

	if (limit == ESPVIF_MSS_AUTO)
		limit = clamp_t(unsigned int, mtu, headers + ESPVIF_MSS_MIN,
				headers + U16_MAX) - headers;
	tcp = writable_tcp(skb);
	if (tcp)
		lower_all(skb, tcp, limit);
}
