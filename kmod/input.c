// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way in (RFC 4303 3.4): ESP packets for this host whose SPI is ours. Check the
 * number, verify and decrypt, unwrap, check against the policies of the very SA
 * (RFC 4301 5.2), deliver. Other SPIs go on to the kernel's own ESP.
 */
#include <linux/if_ether.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "crypt.h"
#include "device.h"
#include "drop.h"
#include "events.h"
#include "input.h"
#include "larval.h"
#include "mark.h"
#include "merge.h"
#include "mss.h"
#include "net.h"
#include "offload.h"
#include "output.h"
#include "spread.h"
#include "trace.h"

/* Before the kernel's ESP (0), xfrm interfaces (10) and VTI (100) */
#define HANDLER_PRIORITY	200

static void drop(struct espvif_sa *sa, struct sk_buff *skb, enum espvif_counter reason)
{
	espvif_drop(sa->enet, sa, NULL, skb, reason);
}

static enum espvif_counter replay_reason(enum espvif_replay_verdict verdict)
{
	switch (verdict) {
	case ESPVIF_REPLAY_SEEN:
		return ESPVIF_IN_REPLAY_SEEN;
	case ESPVIF_REPLAY_OLD:
		return ESPVIF_IN_REPLAY_OLD;
	case ESPVIF_REPLAY_ZERO:
		return ESPVIF_IN_REPLAY_ZERO;
	default:
		return ESPVIF_COUNTERS;
	}
}

static bool is_in_udp(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return ip_hdr(skb)->protocol == IPPROTO_UDP;
	return skb_network_header(skb)[IP6CB(skb)->nhoff] == IPPROTO_UDP;
}

/*
 * Does this packet come from elsewhere than the one before? Only the newest packet
 * tells: one that was late may still come from where the peer was.
 */
static bool has_moved(struct espvif_sa *sa, const struct sk_buff *skb, u64 seq,
		      struct espvif_peer *peer)
{
	const struct udphdr *udp;

	if (sa->encap.type != ESPVIF_ENCAP_UDP || !is_in_udp(skb) ||
	    seq < sa->replay->highest)
		return false;

	memset(peer, 0, sizeof(*peer));
	if (sa->key.family == AF_INET)
		peer->addr.ip = ip_hdr(skb)->saddr;
	else
		peer->addr.ip6 = ipv6_hdr(skb)->saddr;
	udp = (const struct udphdr *)(skb_transport_header(skb) - sizeof(*udp));
	peer->port = udp->source;
	if (peer->port == sa->peer.port &&
	    espvif_addr_equal(&peer->addr, &sa->peer.addr, sa->key.family))
		return false;
	sa->peer = *peer;
	return true;
}

/*
 * The packet is authentic: note its number and count it. Returns why it must be
 * dropped all the same, ESPVIF_COUNTERS if not. Bottom halves are disabled.
 */
static enum espvif_counter accept(struct espvif_sa *sa, const struct sk_buff *skb, u64 seq,
				  unsigned int len)
{
	struct espvif_peer peer;
	enum espvif_counter reason;
	unsigned int admission = 0;
	bool moved = false;

	spin_lock(&sa->lock);
	/* another packet with this number may have been quicker */
	reason = replay_reason(espvif_replay_check(sa->replay, seq));
	if (reason == ESPVIF_COUNTERS) {
		espvif_replay_advance(sa->replay, seq);
		if (sa->limited)
			admission = espvif_sa_admission(sa, sa->in.packets + 1,
							sa->in.bytes + len, len);
		if (!(admission & ESPVIF_ADMISSION_REFUSED)) {
			WRITE_ONCE(sa->in.packets, sa->in.packets + 1);
			WRITE_ONCE(sa->in.bytes, sa->in.bytes + len);
			moved = has_moved(sa, skb, seq, &peer);
		} else {
			reason = ESPVIF_IN_SA_EXPIRED;
		}
	}
	spin_unlock(&sa->lock);
	/* notifications show what the lock protects */
	espvif_sa_note_admission(sa, admission);
	if (moved)
		espvif_event_sa_peer(sa, &peer);
	return reason;
}

/*
 * Cut the packet to what its own header says (padding for traffic flow
 * confidentiality may follow, RFC 4303 2.7). Returns false if that is not to be had.
 */
static bool trim_ipv4(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int len;

	if (skb->len < sizeof(*iph) || iph->version != 4 || iph->ihl < 5)
		return false;
	len = ntohs(iph->tot_len);
	if (len < iph->ihl * 4 || len > skb->len)
		return false;
	skb_trim(skb, len);
	return true;
}

static bool trim_ipv6(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	unsigned int len;

	if (skb->len < sizeof(*ip6h) || ip6h->version != 6)
		return false;
	len = sizeof(*ip6h) + ntohs(ip6h->payload_len);
	if (len > skb->len)
		return false;
	skb_trim(skb, len);
	return true;
}

static u8 outer_tos(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->tos :
						  ipv6_get_dsfield(ipv6_hdr(skb));
}

/* Let the link-layer header stand before the inner packet, for those who capture */
static void move_mac_header(struct sk_buff *skb)
{
	if (!skb_mac_header_was_set(skb))
		return;
	skb_mac_header_rebuild(skb);
	if (skb->mac_len >= ETH_HLEN)
		eth_hdr(skb)->h_proto = skb->protocol;
}

/* Take the inner packet out. Returns why it must be dropped, ESPVIF_COUNTERS if not */
static enum espvif_counter unwrap_tunnel(struct sk_buff *skb, unsigned int head_len,
					 u8 next_header)
{
	u8 tos = outer_tos(skb);
	bool whole;

	skb_pull(skb, head_len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, 0);

	switch (next_header) {
	case IPPROTO_IPIP:
		skb->protocol = htons(ETH_P_IP);
		whole = trim_ipv4(skb);
		break;
	case IPPROTO_IPV6:
		skb->protocol = htons(ETH_P_IPV6);
		whole = trim_ipv6(skb);
		break;
	default:
		return ESPVIF_IN_WRONG_MODE;
	}
	if (!whole)
		return ESPVIF_IN_INNER_MALFORMED;
	/* congestion that cannot be told to the inner flow must not pass (RFC 6040) */
	if (INET_ECN_decapsulate(skb, tos, next_header == IPPROTO_IPIP ?
				 ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb))) > 1)
		return ESPVIF_IN_ECN;
	move_mac_header(skb);
	return ESPVIF_COUNTERS;
}

/* Close the gap that the ESP header leaves between IP header and payload */
static void unwrap_transport(struct sk_buff *skb, unsigned int head_len, u8 next_header)
{
	unsigned int ip_len = skb_transport_header(skb) - skb_network_header(skb);

	if (is_in_udp(skb)) {
		ip_len -= sizeof(struct udphdr);
		/* NAT has changed the addresses in its pseudo-header (RFC 3948 3.1.2) */
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}

	skb_pull(skb, head_len);
	memmove(skb->data - ip_len, skb_network_header(skb), ip_len);
	skb_push(skb, ip_len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip_len);

	if (skb->protocol == htons(ETH_P_IP)) {
		ip_hdr(skb)->protocol = next_header;
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	} else {
		skb_network_header(skb)[IP6CB(skb)->nhoff] = next_header;
		ipv6_hdr(skb)->payload_len = htons(skb->len - sizeof(struct ipv6hdr));
	}
	move_mac_header(skb);
}

/* An SA in transport mode that no policy uses is about its own two ends */
static bool is_between_ends(const struct espvif_sa *sa, const struct espvif_flow *flow)
{
	return sa->mode == ESPVIF_MODE_TRANSPORT && !READ_ONCE(sa->policies) &&
	       espvif_addr_equal(&flow->src, &sa->saddr, sa->key.family);
}

/**
 * espvif_input_decide() - may an SA carry a packet
 * @sa:		inbound, has decrypted the packet
 * @flow:	what the packet shows
 * @decision:	filled in
 *
 * Context: RCU read side.
 */
void espvif_input_decide(struct espvif_sa *sa, const struct espvif_flow *flow,
			 struct espvif_decision *decision)
{
	const struct espvif_spd *spd = sa->device ? &sa->device->spd : &sa->enet->spd;
	struct espvif_policy *policy;

	policy = espvif_spd_lookup(sa->enet, spd, ESPVIF_DIRECTION_IN, flow, false);
	*decision = (struct espvif_decision) { .policy = policy, .sa = sa,
					       .reason = ESPVIF_COUNTERS };
	if (!policy) {
		if (!is_between_ends(sa, flow))
			decision->reason = ESPVIF_IN_NO_POLICY;
	} else if (policy->action == ESPVIF_ACTION_DISCARD) {
		decision->reason = ESPVIF_IN_POLICY_DISCARD;
	} else if (!espvif_policy_has_sa(policy, sa)) {
		decision->reason = ESPVIF_IN_POLICY_OTHER_SA;
	}
}

/*
 * What opens a connection here tells how long the packets may be that answer it: they
 * will go by an SA that may have less room than the peer knows.
 */
static void clamp_mss(struct espvif_sa *sa, u16 mss, const struct espvif_flow *flow,
		      struct sk_buff *skb)
{
	const struct espvif_spd *spd = sa->device ? &sa->device->spd : &sa->enet->spd;
	struct espvif_decision decision;
	struct espvif_flow back;
	unsigned int mtu;

	espvif_flow_turn(flow, &back);
	espvif_spd_decide_out(sa->enet, spd, &back, false, raw_smp_processor_id(), &decision);
	mtu = decision.sa ? espvif_output_mtu(decision.sa) : 0;
	if (mtu || mss != ESPVIF_MSS_AUTO)
		espvif_mss_clamp(skb, mss, mtu);
}

/* Is the packet one that its SA may carry? ESPVIF_COUNTERS if so */
static enum espvif_counter check_policy(struct espvif_sa *sa, struct sk_buff *skb)
{
	struct espvif_decision decision;
	struct espvif_flow flow;

	if (!espvif_flow_dissect(skb, 0, &flow))
		return ESPVIF_IN_INNER_MALFORMED;
	espvif_input_decide(sa, &flow, &decision);
	if (decision.policy)
		espvif_policy_count(decision.policy, 1, skb->len);
	if (unlikely(flow.tcp_syn) && decision.policy && decision.policy->mss &&
	    decision.reason == ESPVIF_COUNTERS)
		clamp_mss(sa, decision.policy->mss, &flow, skb);
	return decision.reason;
}

/* Up it goes. Returns false if it has been dropped on the way */
static bool deliver(struct espvif_sa *sa, struct sk_buff *skb)
{
	struct espvif_device *device = sa->device;
	struct espvif_net *enet = sa->enet;

	skb_clear_hash(skb);
	skb->pkt_type = PACKET_HOST;
	if (!device) {
		/* the device that it came by may have been moved while it waited */
		if (unlikely(!net_eq(dev_net(skb->dev), enet->net))) {
			kfree_skb(skb);
			return false;
		}
		skb_dst_drop(skb);
		nf_reset_ct(skb);
		return espvif_merge_host(enet, skb);
	}

	skb_scrub_packet(skb, !net_eq(enet->net, dev_net(device->dev)));
	espvif_mark_put_on(enet, skb);
	return espvif_device_receive(device, skb);
}

/* Verified and decrypted: unwrap, check, deliver */
static void receive(struct espvif_sa *sa, struct sk_buff *skb, u64 seq, unsigned int crypt_len)
{
	unsigned int head_len = sizeof(struct espvif_esp_hdr) + sa->transform.shape.iv_len;
	time64_t now = ktime_get_real_seconds();
	enum espvif_counter reason;
	u8 next_header;
	int len;

	len = espvif_esp_read_trailer(skb->data + head_len + crypt_len - 2, crypt_len,
				      &next_header);
	if (len < 0) {
		drop(sa, skb, ESPVIF_IN_PADDING);
		return;
	}
	reason = accept(sa, skb, seq, len);
	if (reason != ESPVIF_COUNTERS)
		goto drop;
	/* what a device has decrypted came by the right one */
	if (sa->offload.key && !xfrm_offload(skb))
		espvif_offload_notice(sa, skb->dev);
	if (next_header == ESPVIF_NEXTHDR_DUMMY) {
		reason = ESPVIF_IN_DUMMY;
		goto drop;
	}

	skb->ip_summed = CHECKSUM_NONE;
	skb_trim(skb, head_len + len);
	if (sa->mode == ESPVIF_MODE_TUNNEL) {
		reason = unwrap_tunnel(skb, head_len, next_header);
		if (reason != ESPVIF_COUNTERS)
			goto drop;
	} else {
		unwrap_transport(skb, head_len, next_header);
	}
	reason = check_policy(sa, skb);
	if (reason == ESPVIF_COUNTERS && sa->device && !espvif_device_admits(sa->device))
		reason = ESPVIF_IN_DEVICE_DOWN;
	if (reason != ESPVIF_COUNTERS)
		goto drop;

	len = skb->len;
	if (READ_ONCE(sa->use_time) != now)
		WRITE_ONCE(sa->use_time, now);
	espvif_count(sa->enet->counters, ESPVIF_IN_PACKETS);
	trace_espvif_input_done(sa->enet->net, sa->name, sa->key.spi, len);
	if (!deliver(sa, skb))
		espvif_drop_note(sa->enet, sa, NULL, len, ESPVIF_IN_UNDELIVERED);
	return;

drop:
	drop(sa, skb, reason);
}

static void receive_if_authentic(struct espvif_sa *sa, struct sk_buff *skb, u64 seq,
				 unsigned int crypt_len, int err)
{
	if (!err)
		receive(sa, skb, seq, crypt_len);
	else if (err == -EBADMSG)
		drop(sa, skb, ESPVIF_IN_NOT_AUTHENTIC);
	else if (err == -ENOMEM)
		drop(sa, skb, ESPVIF_IN_NO_MEMORY);
	else
		drop(sa, skb, ESPVIF_IN_CRYPTO_ERROR);
}

static void receive_several(struct espvif_sa *sa, const struct espvif_spread_packet *packets,
			    unsigned int count)
{
	for (; count; count--, packets++)
		receive_if_authentic(sa, packets->skb, packets->seq, packets->crypt_len,
				     packets->err);
}

static void decrypted(struct espvif_crypt *op, int err)
{
	unsigned int crypt_len = op->crypt_len;
	struct espvif_sa *sa = op->context;
	struct sk_buff *skb = op->skb;
	u64 seq = op->seq;

	espvif_crypt_put(op);
	receive_if_authentic(sa, skb, seq, crypt_len, err);
	espvif_sa_put(sa);
}

/* The same later: meanwhile the device that the packet came by had to stay */
static void decrypted_in_turn(struct espvif_turn *turn)
{
	struct espvif_crypt *op = container_of(turn, struct espvif_crypt, turn);
	struct net_device *dev = op->skb->dev;

	decrypted(op, op->err);
	dev_put(dev);
}

static void wait_for_turn(struct espvif_sa *sa, struct espvif_crypt *op, int err)
{
	dev_hold(op->skb->dev);
	if (err != -EINPROGRESS)
		op->err = err;
	espvif_order_add(&sa->order, &op->turn, err != -EINPROGRESS);
}

/* Too many have to stay behind one that is decrypted later */
static void refuse(struct espvif_crypt *op)
{
	struct espvif_sa *sa = op->context;

	drop(sa, op->skb, ESPVIF_IN_NO_MEMORY);
	espvif_crypt_put(op);
	espvif_sa_put(sa);
}

static void decrypted_late(struct espvif_crypt *op, int err)
{
	struct espvif_sa *sa = op->context;

	op->err = err;
	espvif_order_done(&sa->order, &op->turn);
}

static unsigned int crypt_len_of(const struct espvif_sa *sa, const struct sk_buff *skb)
{
	const struct espvif_esp_shape *shape = &sa->transform.shape;

	return skb->len - sizeof(struct espvif_esp_hdr) - shape->iv_len - shape->icv_len;
}

/* Have another CPU decrypt it. False if there is no memory for that */
static bool give(struct espvif_sa *sa, struct sk_buff *skb, u64 seq)
{
	const struct espvif_spread_packet packet = {
		.skb = skb,
		.esp = (struct espvif_esp_hdr *)skb->data,
		.seq = seq,
		.crypt_len = crypt_len_of(sa, skb),
	};

	return espvif_spread_give(sa, &packet, receive_several);
}

static void decrypt(struct espvif_sa *sa, struct sk_buff *skb, u64 seq)
{
	struct espvif_crypt *op;
	u64 began;
	int err;

	if (espvif_spread_wanted(sa, &began) && give(sa, skb, seq))
		return;
	if (!espvif_sa_tryget(sa)) {
		drop(sa, skb, ESPVIF_IN_SA_EXPIRED);
		return;
	}
	op = espvif_crypt_get(&sa->transform);
	if (!op) {
		drop(sa, skb, ESPVIF_IN_NO_MEMORY);
		espvif_sa_put(sa);
		return;
	}

	op->skb = skb;
	op->context = sa;
	op->done = decrypted_late;
	op->turn.deliver = decrypted_in_turn;
	op->esp = (struct espvif_esp_hdr *)skb->data;
	op->seq = seq;
	op->crypt_len = crypt_len_of(sa, skb);
	err = espvif_crypt_open(op);
	espvif_spread_watched(began);
	if (likely(err != -EINPROGRESS && !espvif_order_busy(&sa->order)))
		decrypted(op, err);
	else if (err == -EINPROGRESS || !espvif_order_full(&sa->order))
		wait_for_turn(sa, op, err);
	else
		refuse(op);
}

/* A device may have done it already */
static void decrypt_unless_done(struct espvif_sa *sa, struct sk_buff *skb, u64 seq)
{
	switch (sa->offload.key ? espvif_offload_received(sa, skb) : ESPVIF_OFFLOAD_NONE) {
	case ESPVIF_OFFLOAD_NONE:
		decrypt(sa, skb, seq);
		break;
	case ESPVIF_OFFLOAD_DECRYPTED:
		receive(sa, skb, seq, crypt_len_of(sa, skb));
		break;
	case ESPVIF_OFFLOAD_NOT_AUTHENTIC:
		drop(sa, skb, ESPVIF_IN_NOT_AUTHENTIC);
		break;
	case ESPVIF_OFFLOAD_ERROR:
		drop(sa, skb, ESPVIF_IN_CRYPTO_ERROR);
		break;
	}
}

/**
 * espvif_input() - let a packet come in by its SA
 * @sa:		inbound
 * @skb:	an ESP packet to this host, skb->data at its ESP header; taken over
 *
 * Context: RCU read side, bottom halves disabled.
 */
void espvif_input(struct espvif_sa *sa, struct sk_buff *skb)
{
	enum espvif_counter reason;
	u64 seq;

	if (!espvif_sa_usable(sa)) {
		drop(sa, skb, ESPVIF_IN_SA_EXPIRED);
		return;
	}
	if (!espvif_esp_packet_len_ok(&sa->transform.shape, skb->len)) {
		drop(sa, skb, ESPVIF_IN_MALFORMED);
		return;
	}

	/* a first look spares the crypto for most replays; accept() has the last word */
	seq = espvif_replay_esn(sa->replay,
				ntohl(((struct espvif_esp_hdr *)skb->data)->seq));
	reason = replay_reason(espvif_replay_check(sa->replay, seq));
	if (reason != ESPVIF_COUNTERS) {
		drop(sa, skb, reason);
		return;
	}

	if (skb_linearize_cow(skb)) {
		drop(sa, skb, ESPVIF_IN_NO_MEMORY);
		return;
	}
	decrypt_unless_done(sa, skb, seq);
}

static struct espvif_sa *find_sa(struct espvif_net *enet, const struct espvif_sa_key *key)
{
	struct espvif_sa *sa = espvif_sad_lookup(enet, key);

	return sa && sa->direction == ESPVIF_DIRECTION_IN ? sa : NULL;
}

/* Its SA isn't there, or others have to go by it first */
static int handle_early(struct espvif_net *enet, const struct espvif_sa_key *key,
			struct sk_buff *skb)
{
	struct espvif_sa *sa;

	if (espvif_larval_hold(enet, key, skb))
		return 0;
	sa = find_sa(enet, key);
	if (!sa)
		return -EINVAL;
	espvif_input(sa, skb);
	return 0;
}

/* -EINVAL, with the packet as it was, lets the kernel's own ESP have it */
static int handle(struct sk_buff *skb, struct espvif_sa_key *key)
{
	struct espvif_net *enet = espvif_net(dev_net(skb->dev));
	struct espvif_sa *sa;

	if (!pskb_may_pull(skb, sizeof(struct espvif_esp_hdr)))
		return -EINVAL;
	key->spi = ((struct espvif_esp_hdr *)skb->data)->spi;
	sa = find_sa(enet, key);
	if (unlikely(!sa || espvif_sa_holding(sa)))
		return handle_early(enet, key, skb);
	espvif_input(sa, skb);
	return 0;
}

static int handle4(struct sk_buff *skb)
{
	struct espvif_sa_key key = { .family = AF_INET, .daddr.ip = ip_hdr(skb)->daddr };

	return handle(skb, &key);
}

static int handle6(struct sk_buff *skb)
{
	struct espvif_sa_key key = { .family = AF_INET6, .daddr.ip6 = ipv6_hdr(skb)->daddr };

	return handle(skb, &key);
}

/*
 * ESP in UDP: a socket with the option UDP_ENCAP has got it, and the kernel has
 * taken the UDP header off; it still stands before the ESP header. Any IKE daemon's
 * socket serves, and the kernel's own SAs beside ours.
 */
static int handle4_in_udp(struct sk_buff *skb, int nexthdr, __be32 spi, int encap_type)
{
	return encap_type == UDP_ENCAP_ESPINUDP ? handle4(skb) : -EINVAL;
}

static int handle6_in_udp(struct sk_buff *skb, int nexthdr, __be32 spi, int encap_type)
{
	return encap_type == UDP_ENCAP_ESPINUDP ? handle6(skb) : -EINVAL;
}

/*
 * XFRM has decrypted a packet of its own: nothing to add, ask the next handler. Or it
 * holds one that a device decrypted for us: that it is to drop.
 */
static int pass_decrypted(struct sk_buff *skb, int err)
{
	return espvif_offload_return(skb) ? -EINVAL : 1;
}

static bool is_our_output(const struct sk_buff *skb, const struct espvif_sa_key *key)
{
	struct espvif_sa *sa = espvif_sad_lookup(espvif_net(dev_net(skb->dev)), key);

	return sa && sa->direction == ESPVIF_DIRECTION_OUT;
}

/*
 * An ICMP error about an ESP packet that we may have sent. Only a smaller path MTU is
 * acted upon (RFC 4301 6.1.1): everything else could be forged to stop the traffic.
 */
static int handle_error4(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct espvif_esp_hdr *esp = (const void *)(skb->data + iph->ihl * 4);
	struct espvif_sa_key key = { .family = AF_INET, .spi = esp->spi,
				     .daddr.ip = iph->daddr };

	if (!is_our_output(skb, &key))
		return -ENOENT;
	if (icmp_hdr(skb)->type == ICMP_DEST_UNREACH && icmp_hdr(skb)->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, dev_net(skb->dev), info, 0, IPPROTO_ESP);
	return 0;
}

static int handle_error6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
			 int offset, __be32 info)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;
	const struct espvif_esp_hdr *esp = (const void *)(skb->data + offset);
	struct net *net = dev_net(skb->dev);
	struct espvif_sa_key key = { .family = AF_INET6, .spi = esp->spi,
				     .daddr.ip6 = ip6h->daddr };

	if (!is_our_output(skb, &key))
		return -ENOENT;
	if (type == ICMPV6_PKT_TOOBIG)
		ip6_update_pmtu(skb, net, info, 0, 0, sock_net_uid(net, NULL));
	return 0;
}

static struct xfrm4_protocol esp4_protocol __read_mostly = {
	.handler = handle4,
	.input_handler = handle4_in_udp,
	.cb_handler = pass_decrypted,
	.err_handler = handle_error4,
	.priority = HANDLER_PRIORITY,
};

static struct xfrm6_protocol esp6_protocol __read_mostly = {
	.handler = handle6,
	.input_handler = handle6_in_udp,
	.cb_handler = pass_decrypted,
	.err_handler = handle_error6,
	.priority = HANDLER_PRIORITY,
};

/**
 * espvif_input_init() - take a first look at every ESP packet from now on
 *
 * Return: 0 or an error.
 */
int espvif_input_init(void)
{
	int err;

	err = xfrm4_protocol_register(&esp4_protocol, IPPROTO_ESP);
	if (err)
		return err;
	err = xfrm6_protocol_register(&esp6_protocol, IPPROTO_ESP);
	if (err)
		xfrm4_protocol_deregister(&esp4_protocol, IPPROTO_ESP);
	return err;
}

/**
 * espvif_input_uninit() - leave ESP to the kernel again
 */
void espvif_input_uninit(void)
{
	xfrm6_protocol_deregister(&esp6_protocol, IPPROTO_ESP);
	xfrm4_protocol_deregister(&esp4_protocol, IPPROTO_ESP);
}
