// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way out (RFC 4303 3.3): a packet and its SA become ESP packets on their way
 * to the peer. Find the route, check the size, segment, number, wrap, encrypt,
 * send.
 */
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dst_cache.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "compat/gso.h"
#include "buffer.h"
#include "bundle.h"
#include "crypt.h"
#include "drop.h"
#include "events.h"
#include "mss.h"
#include "net.h"
#include "offload.h"
#include "outer.h"
#include "output.h"
#include "quote.h"
#include "segment.h"
#include "spread.h"
#include "trace.h"

/**
 * struct run - packets that leave by one SA, one behind the other
 * @sa:		what protects them
 * @plan:	what becomes of them
 * @number:	the next of the sequence numbers that were taken for them
 * @numbers:	how many of these are left
 * @op:		for the crypto API; NULL until one is needed. @sa is held with it
 * @ready:	encrypted, not sent yet
 * @end:	where the next of these goes
 * @packets:	how many those are
 * @bytes:	of payload in them
 * @given:	other CPUs have got some, which a program of this host has sent
 */
struct run {
	struct espvif_sa *sa;
	const struct espvif_output_plan *plan;
	u64 number;
	unsigned int numbers;
	struct espvif_crypt *op;
	struct sk_buff *ready;
	struct sk_buff **end;
	unsigned int packets;
	u64 bytes;
	bool given;
};

static struct dst_entry *route4(struct net *net, struct espvif_path *path)
{
	struct flowi4 fl4 = {
		.daddr = path->daddr.ip,
		.saddr = path->saddr.ip,
		.flowi4_proto = espvif_outer_protocol(path),
		.fl4_sport = path->encap.sport,
		.fl4_dport = path->encap.dport,
	};
	struct rtable *rt;

	rt = dst_cache_get_ip4(&path->dst_cache, &fl4.saddr);
	if (rt)
		return &rt->dst;
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return NULL;
	dst_cache_set_ip4(&path->dst_cache, &rt->dst, fl4.saddr);
	return &rt->dst;
}

static struct dst_entry *route6(struct net *net, struct espvif_path *path)
{
	struct flowi6 fl6 = {
		.daddr = path->daddr.ip6,
		.saddr = path->saddr.ip6,
		.flowi6_proto = espvif_outer_protocol(path),
		.fl6_sport = path->encap.sport,
		.fl6_dport = path->encap.dport,
	};
	struct dst_entry *dst;

	dst = dst_cache_get_ip6(&path->dst_cache, &fl6.saddr);
	if (dst)
		return dst;
	dst = ip6_route_output(net, NULL, &fl6);
	if (dst->error) {
		dst_release(dst);
		return NULL;
	}
	dst_cache_set_ip6(&path->dst_cache, dst, &fl6.saddr);
	return dst;
}

static struct dst_entry *route_path(const struct espvif_sa *sa, struct espvif_path *path)
{
	struct net *net = sa->enet->net;

	return sa->key.family == AF_INET ? route4(net, path) : route6(net, path);
}

/* The way to the peer; a packet in transport mode has found it already */
static struct dst_entry *route(const struct espvif_sa *sa, struct espvif_path *path,
			       struct sk_buff *skb)
{
	if (sa->mode == ESPVIF_MODE_TUNNEL)
		return route_path(sa, path);
	skb_dst_force(skb);
	return skb_dst(skb) ? dst_clone(skb_dst(skb)) : NULL;
}

static bool is_ipv4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

static bool is_to_peer(const struct espvif_sa *sa, const struct espvif_path *path,
		       const struct sk_buff *skb)
{
	if (is_ipv4(skb))
		return sa->key.family == AF_INET && ip_hdr(skb)->daddr == path->daddr.ip;
	return sa->key.family == AF_INET6 &&
	       ipv6_addr_equal(&ipv6_hdr(skb)->daddr, &path->daddr.ip6);
}

/* In transport mode ESP carries the packet's own addresses: they must be the SA's */
static bool addresses_fit(const struct espvif_sa *sa, const struct espvif_path *path,
			  const struct sk_buff *skb)
{
	if (sa->mode == ESPVIF_MODE_TUNNEL)
		return true;
	return is_to_peer(sa, path, skb) &&
	       (is_ipv4(skb) ? ip_hdr(skb)->saddr == path->saddr.ip :
			       ipv6_addr_equal(&ipv6_hdr(skb)->saddr, &path->saddr.ip6));
}

static bool exceeds(const struct sk_buff *skb, unsigned int mtu)
{
	return skb_is_gso(skb) ? !skb_gso_validate_network_len(skb, mtu) : skb->len > mtu;
}

/* Its sender wants to know what fits, rather than have it cut */
static bool has_df(const struct sk_buff *skb)
{
	return !skb->ignore_df && (!is_ipv4(skb) || ip_hdr(skb)->frag_off & htons(IP_DF));
}

/* Tell the sender what fits (RFC 4301 8.2) */
static void report_too_big(struct sk_buff *skb, bool shares_route, unsigned int mtu)
{
	if (skb_dst(skb) && !shares_route)
		skb_dst_update_pmtu_no_confirm(skb, mtu);
	if (is_ipv4(skb))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	else if (ipv6_mod_enabled())
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

/*
 * Cut a packet before encryption? Behind the tunnel a piece without ports may belong
 * to nobody's policy (RFC 4301 7), so by itself that is not done where ports matter.
 */
static bool cuts_before(const struct espvif_sa *sa, const struct espvif_policy *policy,
			const struct sk_buff *skb, unsigned int mtu)
{
	u8 rule = sa->outer.fragment;

	if (sa->mode != ESPVIF_MODE_TUNNEL || rule == ESPVIF_FRAGMENT_AFTER ||
	    (rule == ESPVIF_FRAGMENT_AUTO && !espvif_selector_any_port(&policy->selector)))
		return false;
	/* options would have to be sorted out piece by piece: too rare */
	return is_ipv4(skb) && ip_hdrlen(skb) == sizeof(struct iphdr) && mtu >= IPV4_MIN_MTU;
}

/* Room that the headers in front of a packet need, whatever the family outside */
static unsigned int head_room(const struct espvif_sa *sa, const struct sk_buff *skb)
{
	return LL_RESERVED_SPACE(skb_dst(skb)->dev) + sizeof(struct ipv6hdr) +
	       sizeof(struct udphdr) + sizeof(struct espvif_esp_hdr) +
	       sa->transform.shape.iv_len;
}

/*
 * One linear buffer that is ours alone, with room for headers and trailer. Packets
 * of TCP are always shared with its retransmission queue, so this copies them;
 * segments come fresh and mostly fit.
 */
static struct sk_buff *make_room(struct sk_buff *skb, unsigned int head, unsigned int tail)
{
	struct sk_buff *copy;

	if (!skb_cloned(skb) && !skb_is_nonlinear(skb) && skb_headroom(skb) >= head &&
	    skb_tailroom(skb) >= tail)
		return skb;

	copy = espvif_buffer_copy(skb, head, tail);
	if (!copy)
		return NULL;
	/* whoever sent it is still to be held back by it */
	if (skb->sk)
		skb_set_owner_w(copy, skb->sk);
	consume_skb(skb);
	return copy;
}

static bool admit(struct espvif_sa *sa, u64 seq, unsigned int len)
{
	if (!sa->limited)
		return true;
	return espvif_sa_note_admission(sa, espvif_sa_admission(sa, seq,
				atomic64_add_return(len, &sa->limit_bytes), len));
}

static void drop(struct espvif_sa *sa, struct sk_buff *skb, enum espvif_counter reason)
{
	espvif_drop(sa->enet, sa, NULL, skb, reason);
}

static void transmit(struct espvif_net *enet, struct sk_buff *skb)
{
	memset(skb->cb, 0, sizeof(skb->cb));
	/* the one that it was to leave by unprotected; while it waited that may have gone */
	skb->dev = NULL;
	if (skb->protocol == htons(ETH_P_IP))
		ip_local_out(enet->net, enet->sock, skb);
	else
		ip6_local_out(enet->net, enet->sock, skb);
}

static void count_sent(struct espvif_sa *sa, unsigned int packets, u64 bytes)
{
	time64_t now = ktime_get_real_seconds();

	this_cpu_add(sa->stats->packets, packets);
	this_cpu_add(sa->stats->bytes, bytes);
	if (READ_ONCE(sa->use_time) != now)
		WRITE_ONCE(sa->use_time, now);
	espvif_count_many(sa->enet->counters, ESPVIF_OUT_PACKETS, packets);
}

/* Wrapped and encrypted: ready for the peer */
static void finish(struct espvif_sa *sa, struct sk_buff *skb, unsigned int payload_len)
{
	trace_espvif_output_done(sa->enet->net, sa->name, sa->key.spi, payload_len);
	if (sa->encap.type == ESPVIF_ENCAP_UDP)
		espvif_outer_finish_udp(skb);
}

/* Encrypted later, or behind such: its turn has come */
static void deliver(struct espvif_turn *turn)
{
	struct espvif_crypt *op = container_of(turn, struct espvif_crypt, turn);
	struct espvif_sa *sa = op->context;
	unsigned int payload_len = op->payload_len;
	struct sk_buff *skb = op->skb;
	int err = op->err;

	espvif_crypt_put(op);
	if (err) {
		drop(sa, skb, ESPVIF_OUT_CRYPTO_ERROR);
	} else {
		count_sent(sa, 1, payload_len);
		finish(sa, skb, payload_len);
		transmit(sa->enet, skb);
	}
	espvif_sa_put(sa);
}

static void encrypted_late(struct espvif_crypt *op, int err)
{
	struct espvif_sa *sa = op->context;

	op->err = err;
	espvif_order_done(&sa->order, &op->turn);
}

static void add_ready(struct run *run, struct sk_buff *skb, unsigned int payload_len)
{
	finish(run->sa, skb, payload_len);
	*run->end = skb;
	run->end = &skb->next;
	run->packets++;
	run->bytes += payload_len;
}

/* Get what encryption needs, unless the packet before has left it */
static enum espvif_counter get_op(struct run *run)
{
	struct espvif_sa *sa = run->sa;

	if (run->op)
		return ESPVIF_COUNTERS;
	if (!espvif_sa_tryget(sa))
		return ESPVIF_OUT_NO_SA;
	run->op = espvif_crypt_get(&sa->transform);
	if (!run->op) {
		espvif_sa_put(sa);
		return ESPVIF_OUT_NO_MEMORY;
	}
	run->op->context = sa;
	run->op->done = encrypted_late;
	run->op->turn.deliver = deliver;
	return ESPVIF_COUNTERS;
}

/* Send what is ready */
static void send_ready(struct run *run)
{
	bool bundles = run->sa->encap.type == ESPVIF_ENCAP_UDP;
	struct espvif_net *enet = run->sa->enet;
	struct sk_buff *skb;

	if (run->packets)
		count_sent(run->sa, run->packets, run->bytes);
	run->packets = 0;
	run->bytes = 0;
	while ((skb = run->ready)) {
		if (bundles) {
			skb = espvif_bundle_take(&run->ready);
		} else {
			run->ready = skb->next;
			skb_mark_not_on_list(skb);
		}
		transmit(enet, skb);
	}
	run->end = &run->ready;
}

/* A packet that is encrypted later, or has to stay behind such */
static void wait_for_turn(struct run *run, int err)
{
	struct espvif_order *order = &run->sa->order;
	struct espvif_crypt *op = run->op;

	if (err != -EINPROGRESS && espvif_order_full(order)) {
		drop(run->sa, op->skb, ESPVIF_OUT_NO_MEMORY);
		return;
	}
	run->op = NULL;
	/* those before it go before it */
	send_ready(run);
	if (err != -EINPROGRESS)
		op->err = err;
	espvif_order_add(order, &op->turn, err != -EINPROGRESS);
}

/* Encrypted by another CPU, or not for want of memory */
static void send_several(struct espvif_sa *sa, const struct espvif_spread_packet *packets,
			 unsigned int count)
{
	struct run run = { .sa = sa, .end = &run.ready };

	for (; count; count--, packets++) {
		if (!packets->err)
			add_ready(&run, packets->skb, packets->payload_len);
		else
			drop(sa, packets->skb, packets->err == -ENOMEM ?
			     ESPVIF_OUT_NO_MEMORY : ESPVIF_OUT_CRYPTO_ERROR);
	}
	send_ready(&run);
}

static unsigned int crypt_len_of(const struct espvif_sa *sa, const struct sk_buff *skb,
				 const struct espvif_esp_hdr *esp)
{
	const struct espvif_esp_shape *shape = &sa->transform.shape;

	return skb_tail_pointer(skb) - (u8 *)(esp + 1) - shape->iv_len - shape->icv_len;
}

/* Have another CPU encrypt it. False if there is no memory for that */
static bool give(struct run *run, struct sk_buff *skb, struct espvif_esp_hdr *esp, u64 seq,
		 unsigned int payload_len)
{
	const struct espvif_spread_packet packet = {
		.skb = skb,
		.esp = esp,
		.seq = seq,
		.crypt_len = crypt_len_of(run->sa, skb, esp),
		.payload_len = payload_len,
	};

	/* those before it go before it */
	send_ready(run);
	run->given |= !!skb->sk;
	return espvif_spread_give(run->sa, &packet, send_several);
}

static void encrypt(struct run *run, struct sk_buff *skb, struct espvif_esp_hdr *esp,
		    u64 seq, unsigned int payload_len)
{
	const struct espvif_order *order = &run->sa->order;
	enum espvif_counter reason;
	struct espvif_crypt *op;
	u64 began;
	int err;

	if (espvif_spread_wanted(run->sa, &began) && give(run, skb, esp, seq, payload_len))
		return;
	reason = get_op(run);
	op = run->op;
	if (reason != ESPVIF_COUNTERS) {
		drop(run->sa, skb, reason);
		return;
	}
	op->skb = skb;
	op->esp = esp;
	op->seq = seq;
	op->payload_len = payload_len;
	op->crypt_len = crypt_len_of(run->sa, skb, esp);
	err = espvif_crypt_seal(op);
	espvif_spread_watched(began);
	if (unlikely(err == -EINPROGRESS || espvif_order_busy(order)))
		wait_for_turn(run, err);
	else if (err)
		drop(run->sa, skb, ESPVIF_OUT_CRYPTO_ERROR);
	else
		add_ready(run, skb, payload_len);
}

/* The packets that it sends may come by here again, in another tunnel. */
static void end_run(struct run *run)
{
	if (run->op) {
		espvif_crypt_put(run->op);
		espvif_sa_put(run->sa);
	}
	if (unlikely(run->given))
		espvif_spread_hand_out(run->sa);
	send_ready(run);
}

/* The number of the next packet, 0 if none is left */
static u64 take_number(struct run *run)
{
	u64 seq;

	if (!run->numbers) {
		run->numbers = 1;
		run->number = espvif_sa_take_numbers(run->sa, 1);
	}
	run->numbers--;
	seq = run->number++;
	return espvif_sa_number_ok(run->sa, seq) ? seq : 0;
}

/**
 * espvif_output_padded_len() - to what a packet is lengthened, to hide how long it is
 * @sa:		outbound
 * @plan:	what becomes of the packet
 * @len:	bytes that it has
 *
 * Return: bytes with padding (RFC 4303 2.7), never more than have room.
 */
unsigned int espvif_output_padded_len(const struct espvif_sa *sa,
				      const struct espvif_output_plan *plan, unsigned int len)
{
	return max(len, min_t(unsigned int, sa->outer.tfc, plan->room));
}

/* Make the packet complete: nothing of it is left to a device to do */
static bool finish_plain(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, 0))
		return false;
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	return true;
}

/* The same for a packet that has its trailer: a checksum inside doesn't cover it */
static bool finish_wrapped(struct sk_buff *skb, unsigned int tail_len)
{
	bool done;

	__skb_trim(skb, skb->len - tail_len);
	done = finish_plain(skb);
	__skb_put(skb, tail_len);
	return done;
}

/* How many bytes ESP puts behind a packet that is lengthened by @fill bytes first */
static unsigned int tail_room(const struct espvif_sa *sa, unsigned int fill)
{
	return fill + sa->transform.shape.align + 2 + sa->transform.shape.icv_len;
}

/*
 * Wrap and encrypt one packet, which is complete but for a checksum that a device is
 * expected to make, in a linear buffer of its own with room at both ends. Its dst is
 * the way to the peer.
 */
static void seal(struct run *run, struct sk_buff *skb, unsigned int fill)
{
	const struct espvif_output_plan *plan = run->plan;
	struct espvif_sa *sa = run->sa;
	const struct espvif_esp_shape *shape = &sa->transform.shape;
	unsigned int payload_len, pad_len, tail_len;
	struct espvif_esp_hdr *esp;
	u8 next_header;
	int ip_len = 0;
	u64 seq;

	if (sa->mode == ESPVIF_MODE_TRANSPORT) {
		ip_len = espvif_outer_claim(plan->path, skb, &next_header);
		if (ip_len < 0) {
			drop(sa, skb, ESPVIF_OUT_FRAGMENT);
			return;
		}
	} else {
		next_header = is_ipv4(skb) ? IPPROTO_IPIP : IPPROTO_IPV6;
	}

	seq = take_number(run);
	if (!seq) {
		drop(sa, skb, ESPVIF_OUT_SEQUENCE);
		return;
	}
	if (fill)
		skb_put_zero(skb, fill);
	payload_len = skb->len - ip_len;
	if (!admit(sa, seq, payload_len)) {
		drop(sa, skb, ESPVIF_OUT_NO_SA);
		return;
	}

	pad_len = espvif_esp_pad_len(shape, payload_len);
	tail_len = pad_len + 2 + shape->icv_len;
	espvif_esp_write_trailer(skb_put(skb, tail_len), pad_len, next_header);
	esp = espvif_outer_wrap(sa, plan->path, skb, ip_len, plan->df);
	esp->spi = sa->key.spi;
	esp->seq = htonl(lower_32_bits(seq));
	if (sa->offload.key && espvif_offload_take(sa, skb, seq, next_header))
		add_ready(run, skb, payload_len);
	else if (skb->ip_summed == CHECKSUM_PARTIAL && !finish_wrapped(skb, tail_len))
		drop(sa, skb, ESPVIF_OUT_MALFORMED);
	else
		encrypt(run, skb, esp, seq, payload_len);
}

/* One packet, which is no longer than what its IP header or the segmentation made it */
static void protect(struct run *run, struct sk_buff *skb)
{
	struct espvif_sa *sa = run->sa;
	unsigned int fill = espvif_output_padded_len(sa, run->plan, skb->len) - skb->len;
	struct sk_buff *roomy;

	roomy = make_room(skb, head_room(sa, skb), tail_room(sa, fill));
	if (!roomy)
		drop(sa, skb, ESPVIF_OUT_NO_MEMORY);
	else if (!(sa->offload.key && espvif_offload_sums(sa, roomy)) && !finish_plain(roomy))
		drop(sa, roomy, ESPVIF_OUT_MALFORMED);
	else
		seal(run, roomy, fill);
}

/* Cut an IPv4 packet into pieces that fit, each of which goes alone */
static void protect_pieces(struct run *run, struct sk_buff *skb)
{
	unsigned int ip_len = ip_hdrlen(skb);
	struct espvif_sa *sa = run->sa;
	struct ip_frag_state state;
	struct sk_buff *piece;

	if (!finish_plain(skb)) {
		drop(sa, skb, ESPVIF_OUT_MALFORMED);
		return;
	}
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	ip_frag_init(skb, ip_len, head_room(sa, skb), run->plan->room - ip_len, false, &state);
	while (state.left) {
		piece = ip_frag_next(skb, &state);
		if (IS_ERR(piece)) {
			drop(sa, skb, ESPVIF_OUT_NO_MEMORY);
			return;
		}
		piece->ignore_df = 1;
		protect(run, piece);
	}
	consume_skb(skb);
}

static void protect_one(struct run *run, struct sk_buff *skb)
{
	if (unlikely(run->plan->cut && skb->len > run->plan->room))
		protect_pieces(run, skb);
	else
		protect(run, skb);
}

static void take_numbers(struct run *run, unsigned int count)
{
	run->numbers = count;
	run->number = espvif_sa_take_numbers(run->sa, count);
}

/* A GSO packet whose segments a device makes: headers once, numbers for all */
static void protect_whole(struct run *run, struct sk_buff *skb)
{
	unsigned int count = skb_shinfo(skb)->gso_segs, bytes;
	u8 next_header = is_ipv4(skb) ? IPPROTO_IPIP : IPPROTO_IPV6;
	const struct espvif_output_plan *plan = run->plan;
	struct espvif_sa *sa = run->sa;
	struct espvif_esp_hdr *esp;
	int ip_len = 0;
	u64 seq;

	if (skb_cow_head(skb, head_room(sa, skb))) {
		drop(sa, skb, ESPVIF_OUT_NO_MEMORY);
		return;
	}
	if (sa->mode == ESPVIF_MODE_TRANSPORT)
		ip_len = espvif_outer_claim(plan->path, skb, &next_header);
	bytes = skb->len - ip_len +
		(count - 1) * (skb_transport_offset(skb) + tcp_hdrlen(skb) - ip_len);
	seq = espvif_sa_take_numbers(sa, count);
	if (!espvif_sa_number_ok(sa, seq + count - 1)) {
		drop(sa, skb, ESPVIF_OUT_SEQUENCE);
		return;
	}
	esp = espvif_outer_wrap(sa, plan->path, skb, ip_len, plan->df);
	esp->spi = sa->key.spi;
	esp->seq = htonl(lower_32_bits(seq));
	if (!espvif_offload_take_whole(sa, skb, seq, next_header)) {
		drop(sa, skb, ESPVIF_OUT_CRYPTO_ERROR);
		return;
	}
	add_ready(run, skb, bytes);
	run->packets += count - 1;
}

/* Most segments: of a size that fits, and of TCP */
static void protect_segments(struct run *run, struct espvif_segments *segments)
{
	struct sk_buff *segment, *whole = segments->whole;
	unsigned int len = espvif_segments_len(segments);
	struct espvif_sa *sa = run->sa;
	unsigned int i;

	espvif_segments_reserve(segments, head_room(sa, whole),
				tail_room(sa, espvif_output_padded_len(sa, run->plan, len) - len));
	take_numbers(run, segments->count);
	for (i = 0; i < segments->count; i++) {
		segment = espvif_segments_next(segments);
		if (!segment) {
			drop(sa, whole, ESPVIF_OUT_NO_MEMORY);
			return;
		}
		skb_dst_set(segment, dst_clone(skb_dst(whole)));
		seal(run, segment,
		     espvif_output_padded_len(sa, run->plan, segment->len) - segment->len);
	}
	consume_skb(whole);
}

/* All others */
static void protect_odd_segments(struct run *run, struct sk_buff *skb)
{
	struct sk_buff *segments, *segment, *next;

	segments = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segments)) {
		drop(run->sa, skb, ESPVIF_OUT_MALFORMED);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segments, segment, next) {
		skb_mark_not_on_list(segment);
		segment->ignore_df = 1;
		protect_one(run, segment);
	}
}

static void protect_all(struct espvif_sa *sa, const struct espvif_output_plan *plan,
			struct sk_buff *skb)
{
	struct run run = { .sa = sa, .plan = plan };
	struct espvif_segments segments;

	run.end = &run.ready;
	if (!skb_is_gso(skb))
		protect_one(&run, skb);
	else if (sa->offload.key && !plan->cut && espvif_offload_segments(sa, skb))
		protect_whole(&run, skb);
	else if (!plan->cut && espvif_segments_init(&segments, skb))
		protect_segments(&run, &segments);
	else
		protect_odd_segments(&run, skb);
	end_run(&run);
}

/*
 * Decide how a packet goes that is too long.
 *
 * A packet of this host that shares the route with the ESP that will carry it is never
 * told what fits: noted there, it would count for both, and leave less and less room.
 */
static void plan_too_long(const struct espvif_decision *decision, const struct sk_buff *skb,
			  bool by_device, struct espvif_output_plan *plan)
{
	const struct espvif_sa *sa = decision->sa;
	u8 df = sa->outer.df;
	bool may_be_cut = !has_df(skb);
	bool is_own;

	plan->cut = may_be_cut && cuts_before(sa, decision->policy, skb, plan->room);
	if (plan->cut)
		return;
	plan->shares_route = !by_device && is_to_peer(sa, plan->path, skb);
	is_own = plan->shares_route && !skb->skb_iif;
	if (df == ESPVIF_DF_CLEAR || (df != ESPVIF_DF_SET && (may_be_cut || is_own))) {
		plan->df = false;
		return;
	}
	plan->reason = ESPVIF_OUT_TOO_BIG;
	plan->told = !is_own;
}

/**
 * espvif_output_plan() - decide what becomes of a packet that an SA is to protect
 * @decision:	outbound SA, and the policy that names it
 * @skb:	the packet from its IP header on, GSO or not
 * @loop:	device that the ESP packets must not go to, or NULL
 * @plan:	filled in; its dst is to be released
 *
 * Context: RCU read side, bottom halves disabled.
 */
void espvif_output_plan(const struct espvif_decision *decision, struct sk_buff *skb,
			const struct net_device *loop, struct espvif_output_plan *plan)
{
	struct espvif_sa *sa = decision->sa;
	u8 df = sa->outer.df;

	*plan = (struct espvif_output_plan) { .path = rcu_dereference(sa->path),
					      .reason = ESPVIF_COUNTERS };
	if (!addresses_fit(sa, plan->path, skb)) {
		plan->reason = ESPVIF_OUT_SA_ADDRESS;
		return;
	}
	plan->dst = route(sa, plan->path, skb);
	if (!plan->dst) {
		plan->reason = ESPVIF_OUT_NO_ROUTE;
		return;
	}
	if (loop && plan->dst->dev == loop) {
		plan->reason = ESPVIF_OUT_ROUTE_LOOP;
		return;
	}

	plan->room = espvif_sa_inner_mtu(sa, dst_mtu(plan->dst));
	plan->mtu = plan->room;
	plan->df = df == ESPVIF_DF_SET || (df != ESPVIF_DF_CLEAR && has_df(skb));
	/* no link may offer IPv6 less: below that, fragments of ESP make up for it */
	if (!is_ipv4(skb) && plan->mtu < IPV6_MIN_MTU) {
		plan->mtu = IPV6_MIN_MTU;
		plan->df = false;
	}
	if (exceeds(skb, plan->mtu))
		plan_too_long(decision, skb, loop, plan);
}

/* An error of this host about ESP that it sent itself: its ESP would get the next one */
static bool answers_our_esp(const struct espvif_sa *sa, const struct espvif_flow *flow,
			    const struct sk_buff *skb)
{
	return (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6) &&
	       !skb->skb_iif && espvif_quotes_our_esp(sa->enet, skb, flow);
}

/**
 * espvif_output() - protect a packet and send it to the peer
 * @decision:	outbound SA, and the policy that names it
 * @flow:	what the packet shows
 * @skb:	the packet from its IP header on, GSO or not; taken over
 * @loop:	device that the ESP packets must not go to, or NULL
 *
 * Whatever becomes of the packet is counted with the SA.
 *
 * Context: RCU read side, bottom halves disabled.
 */
void espvif_output(const struct espvif_decision *decision, const struct espvif_flow *flow,
		   struct sk_buff *skb, const struct net_device *loop)
{
	struct espvif_sa *sa = decision->sa;
	struct net *net = sa->enet->net;
	struct espvif_output_plan plan;

	if (unlikely(answers_our_esp(sa, flow, skb))) {
		drop(sa, skb, ESPVIF_OUT_ROUTE_LOOP);
		return;
	}
	espvif_output_plan(decision, skb, loop, &plan);
	if (plan.reason != ESPVIF_COUNTERS) {
		if (plan.told)
			report_too_big(skb, plan.shares_route, plan.mtu);
		drop(sa, skb, plan.reason);
		dst_release(plan.dst);
		return;
	}
	if (unlikely(flow->tcp_syn) && decision->policy->mss)
		espvif_mss_clamp(skb, decision->policy->mss, plan.room);

	if (unlikely(decision->cpu_lacks))
		espvif_spd_ask_for_cpu(decision, flow);

	skb_scrub_packet(skb, !net_eq(dev_net(skb->dev), net));
	/* IP looks into the sockets of packets that are sent later, and expects its own */
	if (skb->sk && sk_fullsock(skb->sk) && skb->sk->sk_family != AF_INET &&
	    skb->sk->sk_family != AF_INET6)
		skb_orphan(skb);
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, plan.dst);
	skb->ignore_df = 1;
	protect_all(sa, &plan, skb);
}

/**
 * espvif_output_mtu() - what an SA can carry in one piece now
 * @sa:		outbound
 *
 * Context: RCU read side.
 * Return: bytes of an inner packet; 0 if there is no route to the peer.
 */
unsigned int espvif_output_mtu(struct espvif_sa *sa)
{
	struct dst_entry *dst;
	unsigned int mtu = 0;

	local_bh_disable();
	dst = route_path(sa, rcu_dereference(sa->path));
	if (dst) {
		mtu = espvif_sa_inner_mtu(sa, dst_mtu(dst));
		dst_release(dst);
	}
	local_bh_enable();
	return mtu;
}

/* One byte that the peer's socket throws away (RFC 3948 2.3) */
#define KEEPALIVE_BYTE	0xff

/**
 * espvif_event_sa_silent() - send a NAT keepalive
 * @sa:		outbound and encapsulated; has sent nothing for a while
 *
 * Context: process.
 */
void espvif_event_sa_silent(struct espvif_sa *sa)
{
	unsigned int room = LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr);
	struct espvif_path *path;
	struct dst_entry *dst;
	struct sk_buff *skb;

	skb = alloc_skb(room + 1, GFP_KERNEL);
	if (!skb)
		return;
	skb_reserve(skb, room);
	skb_put_u8(skb, KEEPALIVE_BYTE);

	rcu_read_lock_bh();
	path = rcu_dereference_bh(sa->path);
	dst = route_path(sa, path);
	if (!dst) {
		drop(sa, skb, ESPVIF_OUT_NO_ROUTE);
		goto unlock;
	}
	skb_dst_set(skb, dst);
	espvif_outer_wrap_keepalive(sa, path, skb);
	espvif_count(sa->enet->counters, ESPVIF_OUT_KEEPALIVES);
	espvif_tally_count(sa->device_tally, ESPVIF_OUT_KEEPALIVES);
	transmit(sa->enet, skb);
unlock:
	rcu_read_unlock_bh();
}
