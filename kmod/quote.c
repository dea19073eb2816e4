// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors of this host about ESP that we have sent.
 *
 * ESP that ends at this host itself, where there is no SA for it, is answered with an
 * error. Were that protected by an SA like it, it would be answered, too, since nobody can
 * see inside ESP that it is an error about an error; and so on for ever, as the kernel
 * limits no errors about what came by the loopback device. So those to this host go in
 * the clear, by that device, and those to others nowhere: an SA begins at an address of
 * somebody else's, mostly by mistake.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "esp.h"
#include "net.h"
#include "quote.h"
#include "selector.h"

/* Does an outbound SA of ours send what begins at @offset, to @key's destination? */
static bool is_ours(struct espvif_net *enet, const struct sk_buff *skb, int offset, u8 protocol,
		    struct espvif_sa_key *key)
{
	const struct espvif_esp_hdr *esp;
	struct espvif_esp_hdr esp_copy;
	const struct espvif_sa *sa;

	if (protocol == IPPROTO_UDP)
		offset += sizeof(struct udphdr);
	else if (protocol != IPPROTO_ESP)
		return false;
	esp = skb_header_pointer(skb, offset, sizeof(esp_copy), &esp_copy);
	if (!esp)
		return false;
	key->spi = esp->spi;
	sa = espvif_sad_lookup(enet, key);
	return sa && sa->direction == ESPVIF_DIRECTION_OUT;
}

static bool quotes4(struct espvif_net *enet, const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb) + ip_hdrlen(skb) + sizeof(struct icmphdr);
	struct espvif_sa_key key = { .family = AF_INET };
	const struct iphdr *iph;
	struct iphdr copy;

	iph = skb_header_pointer(skb, offset, sizeof(copy), &copy);
	if (!iph || iph->ihl < 5)
		return false;
	key.daddr.ip = iph->daddr;
	return is_ours(enet, skb, offset + iph->ihl * 4, iph->protocol, &key);
}

static bool quotes6(struct espvif_net *enet, const struct sk_buff *skb)
{
	struct espvif_sa_key key = { .family = AF_INET6 };
	u8 protocol = ipv6_hdr(skb)->nexthdr;
	const struct ipv6hdr *ip6h;
	struct ipv6hdr copy;
	__be16 fragment;
	int offset;

	offset = ipv6_skip_exthdr(skb, skb_network_offset(skb) + sizeof(struct ipv6hdr),
				  &protocol, &fragment);
	if (offset < 0)
		return false;
	offset += sizeof(struct icmp6hdr);
	ip6h = skb_header_pointer(skb, offset, sizeof(copy), &copy);
	if (!ip6h)
		return false;
	key.daddr.ip6 = ip6h->daddr;
	protocol = ip6h->nexthdr;
	/* we never send ESP behind extension headers but in fragments */
	offset = ipv6_skip_exthdr(skb, offset + sizeof(*ip6h), &protocol, &fragment);
	return offset >= 0 && is_ours(enet, skb, offset, protocol, &key);
}

/**
 * espvif_quotes_our_esp() - is a packet an ICMP error about ESP that we have sent
 * @enet:	namespace
 * @skb:	a packet of this host
 * @flow:	what it shows
 *
 * Context: RCU read side.
 * Return: true for errors about ESP of our outbound SAs, in UDP or not.
 */
bool espvif_quotes_our_esp(struct espvif_net *enet, const struct sk_buff *skb,
			   const struct espvif_flow *flow)
{
	if (flow->family == AF_INET)
		return flow->protocol == IPPROTO_ICMP && icmp_is_err(flow->icmp_type) &&
		       quotes4(enet, skb);
	return flow->protocol == IPPROTO_ICMPV6 && icmpv6_is_err(flow->icmp_type) &&
	       quotes6(enet, skb);
}
