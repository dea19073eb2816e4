// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-tests of addresses, flows and selectors: prefixes of every length, the
 * ports and protocols of a selector, and packets taken apart whole, in pieces
 * and cut off.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/inet.h>
#include <linux/init.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "selector.h"
#include "selftest/selftest.h"

#define PACKET_MAX	256
#define JUNK		16	/* bytes before the IP header */
#define CHAIN_MAX	4

static bool __init parse(union espvif_addr *addr, u8 *family, const char *text)
{
	bool ok;

	memset(addr, 0, sizeof(*addr));
	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (*family == AF_INET)
		ok = in4_pton(text, -1, (u8 *)&addr->ip, -1, NULL);
	else
		ok = in6_pton(text, -1, addr->ip6.s6_addr, -1, NULL);
	if (!ok)
		pr_err("selector self-test: expected an address, got %s\n", text);
	return ok;
}

static bool __init expect(const char *what, const char *detail, unsigned int expected,
			  unsigned int got)
{
	if (expected == got)
		return true;
	pr_err("selector self-test: %s %s: expected %u, got %u\n", what, detail, expected, got);
	return false;
}

struct prefix_case {
	const char *addr;
	const char *prefix;
	u8 len;
	bool inside;
};

static const struct prefix_case prefixes[] __initconst = {
	{ "203.0.113.7", "0.0.0.0", 0, true },
	{ "0.0.0.0", "0.0.0.0", 0, true },
	{ "128.0.0.0", "128.0.0.0", 1, true },
	{ "255.255.255.255", "128.0.0.0", 1, true },
	{ "127.255.255.255", "128.0.0.0", 1, false },
	{ "192.0.2.255", "192.0.2.0", 24, true },
	{ "192.0.3.0", "192.0.2.0", 24, false },
	{ "192.0.2.1", "192.0.2.0", 31, true },
	{ "192.0.2.2", "192.0.2.0", 31, false },
	{ "192.0.2.2", "192.0.2.2", 32, true },
	{ "192.0.2.3", "192.0.2.2", 32, false },
	{ "2001:db8::7", "::", 0, true },
	{ "ffff::", "8000::", 1, true },
	{ "7fff::", "8000::", 1, false },
	{ "2001:db8:7fff:ffff::", "2001:db8::", 33, true },
	{ "2001:db8:8000::", "2001:db8::", 33, false },
	{ "2001:db8::ffff:ffff:ffff:ffff", "2001:db8::", 64, true },
	{ "2001:db8:0:1::", "2001:db8::", 64, false },
	{ "2001:db8::1", "2001:db8::", 127, true },
	{ "2001:db8::2", "2001:db8::", 127, false },
	{ "2001:db8::2", "2001:db8::2", 128, true },
	{ "2001:db8::3", "2001:db8::2", 128, false },
};

static bool __init test_prefixes(void)
{
	union espvif_addr addr, prefix, masked;
	bool ok = true;
	u8 family;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		u8 len = prefixes[i].len;

		if (!parse(&addr, &family, prefixes[i].addr) ||
		    !parse(&prefix, &family, prefixes[i].prefix))
			return false;
		ok &= expect("in prefix", prefixes[i].addr, prefixes[i].inside,
			     espvif_addr_in_prefix(&addr, &prefix, family, len));
		espvif_addr_mask(&masked, &addr, family, len);
		ok &= expect("masked", prefixes[i].addr, prefixes[i].inside,
			     espvif_addr_equal(&masked, &prefix, family));
	}
	return ok;
}

/* A changed bit takes an address out of its prefix if and only if it is in front */
static bool __init test_prefix_bits(const char *text, unsigned int len)
{
	union espvif_addr addr, prefix, other, masked;
	unsigned int bit, bits;
	bool ok = true;
	u8 family;

	if (!parse(&addr, &family, text))
		return false;
	bits = family == AF_INET ? 32 : 128;
	espvif_addr_mask(&prefix, &addr, family, len);

	for (bit = 0; bit < bits; bit++) {
		other = addr;
		other.ip6.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
		ok &= expect("unequal by a bit", text, false,
			     espvif_addr_equal(&addr, &other, family));
		ok &= expect("in prefix but for a bit", text, bit >= len,
			     espvif_addr_in_prefix(&other, &prefix, family, len));
		espvif_addr_mask(&masked, &other, family, len);
		ok &= expect("equal under the mask", text, bit >= len,
			     !memcmp(&masked, &prefix, sizeof(masked)));
	}
	espvif_addr_mask(&addr, &addr, family, len);
	ok &= expect("masked onto itself", text, 0, memcmp(&addr, &prefix, sizeof(addr)));
	return ok;
}

static bool __init test_every_prefix(void)
{
	unsigned int len;

	for (len = 0; len <= 128; len++) {
		if ((len <= 32 && !test_prefix_bits("203.0.113.165", len)) ||
		    !test_prefix_bits("2001:db8:a5c3:5a3c:9669:f00f:ff:165", len))
			return false;
	}
	return true;
}

struct selector_text {
	const char *src;
	const char *dst;
	u8 src_len;
	u8 dst_len;
	u8 protocol;
	u16 sport_min;
	u16 sport_max;
	u16 dport_min;
	u16 dport_max;
};

static const struct selector_text all4 __initconst = {
	"0.0.0.0", "0.0.0.0", 0, 0, 0, 0, U16_MAX, 0, U16_MAX
};

static const struct selector_text all6 __initconst = {
	"::", "::", 0, 0, 0, 0, U16_MAX, 0, U16_MAX
};

static const struct selector_text nets4 __initconst = {
	"192.0.2.0", "198.51.100.0", 24, 25, 0, 0, U16_MAX, 0, U16_MAX
};

static const struct selector_text tcp4 __initconst = {
	"192.0.2.0", "198.51.100.0", 24, 25, IPPROTO_TCP, 0, U16_MAX, 0, U16_MAX
};

static const struct selector_text web4 __initconst = {
	"192.0.2.0", "198.51.100.0", 24, 25, IPPROTO_TCP, 1000, 2000, 80, 80
};

static const struct selector_text port4 __initconst = {
	"0.0.0.0", "0.0.0.0", 0, 0, 0, 0, U16_MAX, 53, 53
};

static const struct selector_text web6 __initconst = {
	"2001:db8::", "2001:db8:1::7", 32, 128, IPPROTO_TCP, 1000, U16_MAX, 0, 80
};

/* @open, @closed: what is expected without and with fail_closed */
struct match_case {
	const struct selector_text *sel;
	const char *src;
	const char *dst;
	u8 protocol;
	u16 sport;
	u16 dport;
	bool hidden;
	bool open;
	bool closed;
};

static const struct match_case matches[] __initconst = {
	/* addresses and families */
	{ &all4, "192.0.2.1", "198.51.100.1", IPPROTO_GRE, 0, 0, false, true, true },
	{ &all4, "2001:db8::1", "2001:db8::2", IPPROTO_GRE, 0, 0, false, false, false },
	{ &all6, "2001:db8::1", "2001:db8::2", IPPROTO_GRE, 0, 0, false, true, true },
	{ &all6, "192.0.2.1", "198.51.100.1", IPPROTO_GRE, 0, 0, false, false, false },
	{ &nets4, "192.0.2.255", "198.51.100.127", IPPROTO_TCP, 1, 2, false, true, true },
	{ &nets4, "192.0.3.0", "198.51.100.127", IPPROTO_TCP, 1, 2, false, false, false },
	{ &nets4, "192.0.2.255", "198.51.100.128", IPPROTO_TCP, 1, 2, false, false, false },
	{ &nets4, "198.51.100.1", "192.0.2.1", IPPROTO_TCP, 1, 2, false, false, false },
	/* protocols */
	{ &tcp4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 5, 6, false, true, true },
	{ &tcp4, "192.0.2.1", "198.51.100.1", IPPROTO_UDP, 5, 6, false, false, false },
	{ &tcp4, "192.0.2.1", "198.51.100.1", IPPROTO_ICMP, 0, 0, false, false, false },
	/* both ends of both ranges */
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 1000, 80, false, true, true },
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 2000, 80, false, true, true },
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 999, 80, false, false, false },
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 2001, 80, false, false, false },
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 1500, 79, false, false, false },
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 1500, 81, false, false, false },
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 80, 1500, false, false, false },
	{ &web6, "2001:db8::1", "2001:db8:1::7", IPPROTO_TCP, 1000, 0, false, true, true },
	{ &web6, "2001:db8::1", "2001:db8:1::7", IPPROTO_TCP, 65535, 80, false, true, true },
	{ &web6, "2001:db8::1", "2001:db8:1::7", IPPROTO_TCP, 999, 80, false, false, false },
	{ &web6, "2001:db8::1", "2001:db8:1::7", IPPROTO_TCP, 1000, 81, false, false, false },
	{ &web6, "2001:db8::1", "2001:db8:1::6", IPPROTO_TCP, 1000, 80, false, false, false },
	{ &web6, "2001:db9::1", "2001:db8:1::7", IPPROTO_TCP, 1000, 80, false, false, false },
	/* a port of any protocol is nothing that ICMP has */
	{ &port4, "192.0.2.1", "198.51.100.1", IPPROTO_UDP, 7, 53, false, true, true },
	{ &port4, "192.0.2.1", "198.51.100.1", IPPROTO_ICMP, 0, 0, false, false, false },
	/* hidden ports */
	{ &all4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 0, 0, true, true, true },
	{ &tcp4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 0, 0, true, true, true },
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_TCP, 0, 0, true, false, true },
	{ &port4, "192.0.2.1", "198.51.100.1", IPPROTO_UDP, 0, 0, true, false, true },
	{ &web6, "2001:db8::1", "2001:db8:1::7", IPPROTO_TCP, 0, 0, true, false, true },
	/* are no reason to match when the rest doesn't */
	{ &web4, "192.0.2.1", "198.51.100.1", IPPROTO_UDP, 0, 0, true, false, false },
	{ &web4, "192.0.3.1", "198.51.100.1", IPPROTO_TCP, 0, 0, true, false, false },
	{ &web6, "2001:db8::1", "2001:db8:1::8", IPPROTO_TCP, 0, 0, true, false, false },
};

static bool __init parse_selector(struct espvif_selector *sel, const struct selector_text *text)
{
	sel->src_len = text->src_len;
	sel->dst_len = text->dst_len;
	sel->protocol = text->protocol;
	sel->sport_min = text->sport_min;
	sel->sport_max = text->sport_max;
	sel->dport_min = text->dport_min;
	sel->dport_max = text->dport_max;
	return parse(&sel->src, &sel->family, text->src) &&
	       parse(&sel->dst, &sel->family, text->dst);
}

static bool __init test_match(size_t i)
{
	struct espvif_flow flow = {
		.protocol = matches[i].protocol,
		.sport = matches[i].sport,
		.dport = matches[i].dport,
		.ports_hidden = matches[i].hidden,
	};
	struct espvif_selector sel;
	char detail[16];
	bool ok;

	if (!parse_selector(&sel, matches[i].sel) ||
	    !parse(&flow.src, &flow.family, matches[i].src) ||
	    !parse(&flow.dst, &flow.family, matches[i].dst))
		return false;
	snprintf(detail, sizeof(detail), "%zu", i);
	ok = expect("match, fail open, case", detail, matches[i].open,
		    espvif_selector_match(&sel, &flow, false));
	ok &= expect("match, fail closed, case", detail, matches[i].closed,
		     espvif_selector_match(&sel, &flow, true));
	return ok;
}

static bool __init test_matches(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(matches); i++)
		ok &= test_match(i);
	return ok;
}

static bool __init test_any_port(void)
{
	static const u16 ranges[][4] __initconst = {
		{ 0, U16_MAX, 0, U16_MAX },
		{ 1, U16_MAX, 0, U16_MAX },
		{ 0, U16_MAX - 1, 0, U16_MAX },
		{ 0, U16_MAX, 1, U16_MAX },
		{ 0, U16_MAX, 0, U16_MAX - 1 },
		{ 0, 0, 0, 0 },
	};
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct espvif_selector sel = {
			.sport_min = ranges[i][0],
			.sport_max = ranges[i][1],
			.dport_min = ranges[i][2],
			.dport_max = ranges[i][3],
		};

		/* only the first leaves nothing out */
		ok &= expect("any port", "", !i, espvif_selector_any_port(&sel));
	}
	return ok;
}

struct loopback_case {
	const char *src;
	u8 src_len;
	const char *dst;
	u8 dst_len;
	bool names;
};

static const struct loopback_case loopbacks[] __initconst = {
	{ "127.0.0.0", 8, "0.0.0.0", 0, true },
	{ "0.0.0.0", 0, "127.0.0.1", 32, true },
	{ "127.255.255.254", 31, "127.0.0.1", 32, true },
	{ "0.0.0.0", 0, "0.0.0.0", 0, false },
	{ "126.0.0.0", 7, "126.0.0.0", 7, false },
	{ "126.0.0.0", 8, "128.0.0.0", 8, false },
	{ "::1", 128, "::", 0, true },
	{ "::", 0, "::1", 128, true },
	{ "::", 0, "::", 0, false },
	{ "::", 127, "::", 127, false },
	{ "::2", 128, "2001:db8::1", 128, false },
};

static bool __init test_loopback(void)
{
	struct espvif_selector sel = {};
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(loopbacks); i++) {
		sel.src_len = loopbacks[i].src_len;
		sel.dst_len = loopbacks[i].dst_len;
		if (!parse(&sel.src, &sel.family, loopbacks[i].src) ||
		    !parse(&sel.dst, &sel.family, loopbacks[i].dst))
			return false;
		ok &= expect("loopback named by", loopbacks[i].src, loopbacks[i].names,
			     espvif_selector_names_loopback(&sel));
	}
	return ok;
}

/* What a flow tells of the upper layer of a packet, if there is a flow at all */
enum sight {
	REFUSED,
	NOTHING,
	PORTS,
	TYPE,
	HIDDEN,
};

/*
 * @version: first four bits. @ihl: if not 0, what the IPv4 header says, whatever is
 * there. @options: bytes of IPv4 options. @fragment: offset with IP_MF, as in
 * IPv4. @chain: IPv6 extension headers. @cut: bytes missing at the end.
 */
struct packet_case {
	const char *name;
	u8 version;
	u8 protocol;
	enum sight sight;
	u8 ihl;
	u8 options;
	u16 fragment;
	u8 chain_len;
	u8 chain[CHAIN_MAX];
	u8 cut;
};

static const struct packet_case packets[] __initconst = {
	{ "TCP", 4, IPPROTO_TCP, PORTS },
	{ "UDP", 4, IPPROTO_UDP, PORTS },
	{ "UDP-Lite", 4, IPPROTO_UDPLITE, PORTS },
	{ "SCTP", 4, IPPROTO_SCTP, PORTS },
	{ "DCCP", 4, IPPROTO_DCCP, PORTS },
	{ "ICMP", 4, IPPROTO_ICMP, TYPE },
	{ "GRE", 4, IPPROTO_GRE, NOTHING },
	{ "ESP", 4, IPPROTO_ESP, NOTHING },
	{ "an option", 4, IPPROTO_TCP, PORTS, .options = 4 },
	{ "most options", 4, IPPROTO_TCP, PORTS, .options = 40 },
	{ "options before ICMP", 4, IPPROTO_ICMP, TYPE, .options = 8 },
	{ "unfragmentable", 4, IPPROTO_TCP, PORTS, .fragment = IP_DF },
	{ "first fragment", 4, IPPROTO_TCP, PORTS, .fragment = IP_MF },
	{ "later fragment", 4, IPPROTO_TCP, HIDDEN, .fragment = IP_MF | 1 },
	{ "last fragment", 4, IPPROTO_UDP, HIDDEN, .fragment = IP_OFFSET },
	{ "later fragment of ICMP", 4, IPPROTO_ICMP, NOTHING, .fragment = IP_MF | 2 },
	{ "later fragment of GRE", 4, IPPROTO_GRE, NOTHING, .fragment = 3 },
	{ "just the ports", 4, IPPROTO_TCP, PORTS, .cut = 4 },
	{ "half the ports", 4, IPPROTO_TCP, HIDDEN, .cut = 5 },
	{ "no ports", 4, IPPROTO_TCP, HIDDEN, .cut = 8 },
	{ "ICMP without type", 4, IPPROTO_ICMP, NOTHING, .cut = 8 },
	{ "options cut off", 4, IPPROTO_TCP, HIDDEN, .options = 40, .cut = 48 },
	{ "header cut off", 4, IPPROTO_TCP, REFUSED, .cut = 9 },
	{ "one byte", 4, IPPROTO_TCP, REFUSED, .cut = 27 },
	{ "no byte", 4, IPPROTO_TCP, REFUSED, .cut = 28 },
	{ "header of 16 bytes", 4, IPPROTO_TCP, REFUSED, .ihl = 4 },
	{ "version 0", 0, IPPROTO_TCP, REFUSED },
	{ "version 5", 5, IPPROTO_TCP, REFUSED },
	{ "version 7", 7, IPPROTO_TCP, REFUSED },
	{ "version 15", 15, IPPROTO_TCP, REFUSED },

	{ "TCP", 6, IPPROTO_TCP, PORTS },
	{ "UDP", 6, IPPROTO_UDP, PORTS },
	{ "ICMPv6", 6, IPPROTO_ICMPV6, TYPE },
	{ "ESP", 6, IPPROTO_ESP, NOTHING },
	{ "hop-by-hop", 6, IPPROTO_TCP, PORTS, .chain_len = 1, .chain = { NEXTHDR_HOP } },
	{ "destination", 6, IPPROTO_UDP, PORTS, .chain_len = 1, .chain = { NEXTHDR_DEST } },
	{ "routing", 6, IPPROTO_TCP, PORTS, .chain_len = 1, .chain = { NEXTHDR_ROUTING } },
	{ "AH", 6, IPPROTO_TCP, PORTS, .chain_len = 1, .chain = { NEXTHDR_AUTH } },
	{ "options before ICMPv6", 6, IPPROTO_ICMPV6, TYPE, .chain_len = 1,
	  .chain = { NEXTHDR_HOP } },
	{ "all in a chain", 6, IPPROTO_TCP, PORTS, .chain_len = 4,
	  .chain = { NEXTHDR_HOP, NEXTHDR_DEST, NEXTHDR_ROUTING, NEXTHDR_DEST } },
	{ "first fragment", 6, IPPROTO_TCP, PORTS, .fragment = IP_MF, .chain_len = 1,
	  .chain = { NEXTHDR_FRAGMENT } },
	{ "whole fragment", 6, IPPROTO_TCP, PORTS, .chain_len = 1, .chain = { NEXTHDR_FRAGMENT } },
	{ "later fragment", 6, IPPROTO_TCP, HIDDEN, .fragment = IP_MF | 1, .chain_len = 1,
	  .chain = { NEXTHDR_FRAGMENT } },
	{ "last fragment", 6, IPPROTO_UDP, HIDDEN, .fragment = IP_OFFSET, .chain_len = 1,
	  .chain = { NEXTHDR_FRAGMENT } },
	{ "later fragment of ICMPv6", 6, IPPROTO_ICMPV6, NOTHING, .fragment = IP_MF | 1,
	  .chain_len = 1, .chain = { NEXTHDR_FRAGMENT } },
	{ "later fragment of ESP", 6, IPPROTO_ESP, NOTHING, .fragment = IP_MF | 1,
	  .chain_len = 1, .chain = { NEXTHDR_FRAGMENT } },
	{ "first fragment in a chain", 6, IPPROTO_TCP, PORTS, .fragment = IP_MF, .chain_len = 4,
	  .chain = { NEXTHDR_HOP, NEXTHDR_DEST, NEXTHDR_FRAGMENT, NEXTHDR_DEST } },
	{ "later fragment behind options", 6, IPPROTO_TCP, HIDDEN, .fragment = 4, .chain_len = 3,
	  .chain = { NEXTHDR_HOP, NEXTHDR_DEST, NEXTHDR_FRAGMENT } },
	{ "later fragment of options", 6, IPPROTO_TCP, REFUSED, .fragment = 4, .chain_len = 2,
	  .chain = { NEXTHDR_FRAGMENT, NEXTHDR_DEST } },
	{ "half the ports", 6, IPPROTO_TCP, HIDDEN, .cut = 5 },
	{ "later fragment without data", 6, IPPROTO_TCP, HIDDEN, .fragment = 4, .chain_len = 1,
	  .chain = { NEXTHDR_FRAGMENT }, .cut = 8 },
	{ "fragment header cut off", 6, IPPROTO_TCP, REFUSED, .chain_len = 1,
	  .chain = { NEXTHDR_FRAGMENT }, .cut = 13 },
	{ "end of options cut off", 6, IPPROTO_TCP, HIDDEN, .chain_len = 1,
	  .chain = { NEXTHDR_DEST }, .cut = 16 },
	{ "options cut off", 6, IPPROTO_TCP, REFUSED, .chain_len = 2,
	  .chain = { NEXTHDR_HOP, NEXTHDR_DEST }, .cut = 23 },
	{ "no next header", 6, NEXTHDR_NONE, REFUSED },
	{ "no ports", 6, IPPROTO_TCP, HIDDEN, .cut = 8 },
	{ "header cut off", 6, IPPROTO_TCP, REFUSED, .cut = 9 },
	{ "one byte", 6, IPPROTO_TCP, REFUSED, .cut = 47 },
};

static const char *const sources[] = { "192.0.2.1", "2001:db8::1" };
static const char *const destinations[] = { "198.51.100.2", "2001:db8:2::2" };

/* Ports 32769 and 80, or type 128 */
static const u8 upper_layer[] __initconst = { 0x80, 0x01, 0x00, 0x50, 1, 2, 3, 4 };

static u8 * __init write_ipv4(u8 *p, const struct packet_case *test)
{
	struct iphdr *iph = (struct iphdr *)p;
	union espvif_addr addr;
	u8 family;

	memset(iph, 0, sizeof(*iph));
	iph->version = test->version;
	iph->ihl = test->ihl ? test->ihl : (sizeof(*iph) + test->options) / 4;
	iph->frag_off = htons(test->fragment);
	iph->protocol = test->protocol;
	parse(&addr, &family, sources[0]);
	iph->saddr = addr.ip;
	parse(&addr, &family, destinations[0]);
	iph->daddr = addr.ip;
	/* no operation */
	memset(iph + 1, 1, test->options);
	return p + sizeof(*iph) + test->options;
}

static u8 * __init write_extension(u8 *p, u8 type, u8 next, u16 fragment)
{
	unsigned int len = type == NEXTHDR_DEST ? 16 : type == NEXTHDR_AUTH ? 24 : 8;

	memset(p, 0, len);
	p[0] = next;
	if (type == NEXTHDR_FRAGMENT) {
		struct frag_hdr *fragh = (struct frag_hdr *)p;

		fragh->frag_off = htons((fragment & IP_OFFSET) << 3 |
					(fragment & IP_MF ? IP6_MF : 0));
	} else {
		p[1] = type == NEXTHDR_AUTH ? len / 4 - 2 : len / 8 - 1;
	}
	return p + len;
}

static u8 * __init write_ipv6(u8 *p, const struct packet_case *test)
{
	struct ipv6hdr *ip6h = (struct ipv6hdr *)p;
	union espvif_addr addr;
	unsigned int i;
	u8 family;

	memset(ip6h, 0, sizeof(*ip6h));
	ip6h->version = test->version;
	ip6h->nexthdr = test->chain_len ? test->chain[0] : test->protocol;
	parse(&addr, &family, sources[1]);
	ip6h->saddr = addr.ip6;
	parse(&addr, &family, destinations[1]);
	ip6h->daddr = addr.ip6;

	p += sizeof(*ip6h);
	for (i = 0; i < test->chain_len; i++)
		p = write_extension(p, test->chain[i], i + 1 < test->chain_len ?
				    test->chain[i + 1] : test->protocol, test->fragment);
	return p;
}

static unsigned int __init write_packet(u8 *data, const struct packet_case *test)
{
	u8 *p;

	p = test->version == 6 ? write_ipv6(data, test) : write_ipv4(data, test);
	memcpy(p, upper_layer, sizeof(upper_layer));
	return p + sizeof(upper_layer) - data - test->cut;
}

/* The first @head bytes in the linear part, the others in a page */
static struct sk_buff * __init make_skb(const u8 *data, unsigned int len, unsigned int head)
{
	struct sk_buff *skb = alloc_skb(PACKET_MAX, GFP_KERNEL);
	struct page *page;

	if (!skb)
		return NULL;
	skb_put_data(skb, data, head);
	if (head == len)
		return skb;

	page = alloc_page(GFP_KERNEL);
	if (!page) {
		kfree_skb(skb);
		return NULL;
	}
	memcpy(page_address(page), data + head, len - head);
	skb_add_rx_frag(skb, 0, page, 0, len - head, PAGE_SIZE);
	return skb;
}

static bool __init expect_flow(const struct packet_case *test, const struct espvif_flow *flow)
{
	bool six = test->version == 6, ports = test->sight == PORTS;
	union espvif_addr src, dst;
	u8 family;
	bool ok;

	if (!parse(&src, &family, sources[six]) || !parse(&dst, &family, destinations[six]))
		return false;
	ok = expect("family of", test->name, family, flow->family);
	ok &= expect("source of", test->name, 0, !!memcmp(&src, &flow->src, sizeof(src)));
	ok &= expect("destination of", test->name, 0, !!memcmp(&dst, &flow->dst, sizeof(dst)));
	ok &= expect("protocol of", test->name, test->protocol, flow->protocol);
	ok &= expect("source port of", test->name, ports ? 32769 : 0, flow->sport);
	ok &= expect("destination port of", test->name, ports ? 80 : 0, flow->dport);
	ok &= expect("ICMP type of", test->name, test->sight == TYPE ? 128 : 0, flow->icmp_type);
	ok &= expect("hidden ports of", test->name, test->sight == HIDDEN, flow->ports_hidden);
	return ok;
}

static bool __init test_dissect(const struct packet_case *test, const u8 *data, unsigned int len,
				unsigned int offset, unsigned int head)
{
	struct espvif_flow flow;
	struct sk_buff *skb;
	bool ok;

	skb = make_skb(data, len, min(head, len));
	if (!skb) {
		pr_err("selector self-test: out of memory\n");
		return false;
	}
	memset(&flow, 0xff, sizeof(flow));
	ok = espvif_flow_dissect(skb, offset, &flow);
	kfree_skb(skb);

	if (!expect("flow of", test->name, test->sight != REFUSED, ok))
		return false;
	if (!ok || expect_flow(test, &flow))
		return true;
	pr_err("selector self-test: ... IPv%u at %u of %u bytes, %u of them linear\n",
	       test->version, offset, len, min(head, len));
	return false;
}

static bool __init test_packet(const struct packet_case *test)
{
	/* linear, all in a page, and parted inside the headers */
	static const u8 heads[] __initconst = {
		PACKET_MAX - 1, 0, JUNK, JUNK + 10, JUNK + 22, JUNK + 41, JUNK + 50,
	};
	u8 data[PACKET_MAX] __aligned(8) = {};
	unsigned int len = write_packet(data + JUNK, test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		if (!test_dissect(test, data, JUNK + len, JUNK, heads[i]) ||
		    !test_dissect(test, data + JUNK, len, 0, heads[i]))
			return false;
	}
	return true;
}

static bool __init test_packets(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(packets); i++)
		ok &= test_packet(&packets[i]);
	return ok;
}

/**
 * espvif_selector_selftest() - test addresses, flows and selectors
 *
 * Return: true if all is well.
 */
bool __init espvif_selector_selftest(void)
{
	bool ok;

	ok = test_prefixes();
	ok &= test_every_prefix();
	ok &= test_matches();
	ok &= test_any_port();
	ok &= test_loopback();
	ok &= test_packets();
	if (ok)
		pr_info("selector self-tests: pass\n");
	return ok;
}
