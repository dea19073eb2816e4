/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_SELECTOR_H
#define _ESPVIF_SELECTOR_H

#include <linux/in6.h>
#include <linux/types.h>

struct sk_buff;

/* An address of either family; IPv4 in the first word, the others 0 */
union espvif_addr {
	__be32 ip;
	struct in6_addr ip6;
};

/**
 * struct espvif_flow - what of a packet a selector looks at
 * @src:	source address
 * @dst:	destination address
 * @sport:	source port, host order; 0 if the protocol has none
 * @dport:	destination port
 * @family:	AF_INET or AF_INET6
 * @protocol:	upper-layer protocol, behind IPv6 extension headers
 * @ports_hidden: a fragment (or cut-off packet) whose ports cannot be seen
 * @icmp_type:	for ICMP and ICMPv6, else 0
 * @tcp_syn:	opens a TCP connection, or accepts one
 */
struct espvif_flow {
	union espvif_addr src;
	union espvif_addr dst;
	u16 sport;
	u16 dport;
	u8 family;
	u8 protocol;
	u8 icmp_type;
	bool ports_hidden;
	bool tcp_syn;
};

/**
 * struct espvif_selector - traffic that a policy is about (RFC 4301 4.4.1.1)
 * @src:	source prefix, no bits set behind @src_len
 * @dst:	destination prefix
 * @sport_min:	range of source ports, host order; 0 to 65535 = any
 * @sport_max:	its last
 * @dport_min:	range of destination ports
 * @dport_max:	its last
 * @family:	AF_INET or AF_INET6
 * @src_len:	bits of @src
 * @dst_len:	bits of @dst
 * @protocol:	upper-layer protocol, 0 = any
 */
struct espvif_selector {
	union espvif_addr src;
	union espvif_addr dst;
	u16 sport_min;
	u16 sport_max;
	u16 dport_min;
	u16 dport_max;
	u8 family;
	u8 src_len;
	u8 dst_len;
	u8 protocol;
};

bool espvif_addr_equal(const union espvif_addr *a, const union espvif_addr *b, u8 family);
void espvif_addr_mask(union espvif_addr *out, const union espvif_addr *addr, u8 family,
		      u8 len);
bool espvif_addr_in_prefix(const union espvif_addr *addr, const union espvif_addr *prefix,
			   u8 family, u8 len);

bool espvif_protocol_has_ports(u8 protocol);
bool espvif_flow_dissect(const struct sk_buff *skb, unsigned int offset,
			 struct espvif_flow *flow);

void espvif_flow_turn(const struct espvif_flow *flow, struct espvif_flow *back);

bool espvif_selector_any_port(const struct espvif_selector *sel);
bool espvif_selector_match(const struct espvif_selector *sel,
			   const struct espvif_flow *flow, bool fail_closed);
bool espvif_selector_names_loopback(const struct espvif_selector *sel);

#endif /* _ESPVIF_SELECTOR_H */
