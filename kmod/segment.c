// SPDX-License-Identifier: GPL-2.0-only
/*
 * GSO packets of TCP become segments in one pass: each gets a fresh linear buffer with
 * the room that ESP needs, its payload is copied and summed at once, its headers
 * are written once. The kernel's own segmentation would have each copied again and
 * looks at its state anew; it is there for all that is rare.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/sock.h>

#include "buffer.h"
#include "compat/skbuff.h"
#include "segment.h"

/* What a packet may be, beside something to be segmented */
#define GSO_TYPES	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_DODGY | SKB_GSO_TCP_ECN | \
			 SKB_GSO_TCP_FIXEDID)

/* What fits into a buffer of ours in any case */
#define MSS_MAX		16384

/* Nothing between IP and TCP, whose checksum is still to be made */
static bool is_plain_tcp(const struct sk_buff *skb)
{
	unsigned int ip_len;

	if (skb->protocol == htons(ETH_P_IP)) {
		ip_len = sizeof(struct iphdr);
		if (ip_hdr(skb)->ihl * 4 != ip_len || ip_hdr(skb)->protocol != IPPROTO_TCP)
			return false;
	} else {
		ip_len = sizeof(struct ipv6hdr);
		if (ipv6_hdr(skb)->nexthdr != IPPROTO_TCP)
			return false;
	}
	return skb_transport_offset(skb) == ip_len && skb->ip_summed == CHECKSUM_PARTIAL &&
	       skb_checksum_start_offset(skb) == ip_len &&
	       skb->csum_offset == offsetof(struct tcphdr, check);
}

static bool is_known_kind(const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	return info->gso_size && info->gso_size <= MSS_MAX &&
	       !(info->gso_type & ~GSO_TYPES) && !skb->encapsulation &&
	       !skb_has_frag_list(skb) && espvif_frags_readable(skb) &&
	       !(info->tx_flags & SKBTX_ANY_TSTAMP) &&
	       !IS_ENABLED(CONFIG_HIGHMEM);
}

/*
 * The socket is held back by segments until they have left, and tells its scheduler
 * how fast they may. Who was only found to be the receiver doesn't own it.
 */
static bool is_owned(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	return sk && skb->destructor && skb->destructor != sock_pfree &&
	       skb->destructor != sock_edemux && skb->destructor != sock_efree &&
	       sk_fullsock(sk) && sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

/**
 * espvif_segments_init() - begin with a packet
 * @segments:	filled in
 * @skb:	a GSO packet from its IP header on; stays the caller's
 *
 * Return: false if the kernel's own segmentation has to do it.
 */
bool espvif_segments_init(struct espvif_segments *segments, struct sk_buff *skb)
{
	unsigned int ip_len, tcp_len, mss = skb_shinfo(skb)->gso_size;

	if (!is_known_kind(skb) || !is_plain_tcp(skb))
		return false;
	ip_len = skb_transport_offset(skb);
	if (skb_headlen(skb) < ip_len + sizeof(struct tcphdr))
		return false;
	tcp_len = tcp_hdrlen(skb);
	if (tcp_len < sizeof(struct tcphdr) || skb_headlen(skb) < ip_len + tcp_len ||
	    skb->len <= ip_len + tcp_len + mss)
		return false;

	*segments = (struct espvif_segments) {
		.whole = skb,
		.headers = ip_len + tcp_len,
		.mss = mss,
		.left = skb->len - ip_len - tcp_len,
		.frag = -1,
		.offset = ip_len + tcp_len,
		.pseudo = csum_sub(csum_unfold(tcp_hdr(skb)->check),
				   (__force __wsum)htonl(skb->len - ip_len)),
		.owned = is_owned(skb),
	};
	segments->count = DIV_ROUND_UP(segments->left, mss);
	return true;
}

/**
 * espvif_segments_len() - how long segments are
 * @segments:	espvif_segments_init() filled it in
 *
 * Return: bytes of each but the last, which may be shorter.
 */
unsigned int espvif_segments_len(const struct espvif_segments *segments)
{
	return segments->headers + segments->mss;
}

/* From now on the packet stands for the memory of all its segments that are to come */
static void charge(struct espvif_segments *segments)
{
	struct sk_buff *whole = segments->whole;
	int all = segments->count * espvif_buffer_truesize(segments->size);
	int more = all - (int)whole->truesize;

	if (more >= 0)
		refcount_add(more, &whole->sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-more, &whole->sk->sk_wmem_alloc));
	whole->truesize = all;
}

/* The first segment that is made takes its part of the memory with it, and so on */
static void hand_over(struct sk_buff *whole, struct sk_buff *segment, bool is_last)
{
	segment->sk = whole->sk;
	segment->destructor = whole->destructor;
	whole->truesize -= segment->truesize;
	if (is_last) {
		whole->sk = NULL;
		whole->destructor = NULL;
	}
}

/**
 * espvif_segments_reserve() - say how much room is needed
 * @segments:	espvif_segments_init() filled it in
 * @head:	before each segment
 * @tail:	behind a segment of full length
 */
void espvif_segments_reserve(struct espvif_segments *segments, unsigned int head,
			     unsigned int tail)
{
	segments->head = head;
	segments->size = espvif_buffer_size(head, espvif_segments_len(segments), tail);
	if (segments->owned)
		charge(segments);
}

/* The next bytes of payload that are in one piece, up to @max of them */
static const u8 *next_piece(struct espvif_segments *segments, unsigned int max,
			    unsigned int *len)
{
	const struct sk_buff *whole = segments->whole;
	unsigned int end, at = segments->offset;
	const u8 *start;

	for (;;) {
		if (segments->frag < 0) {
			start = whole->data;
			end = skb_headlen(whole);
		} else {
			const skb_frag_t *frag = &skb_shinfo(whole)->frags[segments->frag];

			start = skb_frag_address(frag);
			end = skb_frag_size(frag);
		}
		if (at < end)
			break;
		segments->frag++;
		at = 0;
	}
	*len = min(max, end - at);
	segments->offset = at + *len;
	return start + at;
}

static __wsum copy_payload(struct espvif_segments *segments, u8 *to, unsigned int len)
{
	unsigned int piece_len, copied;
	const u8 *piece;
	__wsum sum = 0;

	for (copied = 0; copied < len; copied += piece_len) {
		piece = next_piece(segments, len - copied, &piece_len);
		sum = csum_block_add(sum, csum_partial_copy_nocheck(piece, to + copied, piece_len),
				     copied);
	}
	return sum;
}

static void finish_ip(const struct espvif_segments *segments, struct sk_buff *skb)
{
	const struct sk_buff *whole = segments->whole;
	struct iphdr *iph = ip_hdr(skb);

	if (skb->protocol != htons(ETH_P_IP)) {
		ipv6_hdr(skb)->payload_len = htons(skb->len - sizeof(struct ipv6hdr));
		return;
	}
	iph->tot_len = htons(skb->len);
	if (!(skb_shinfo(whole)->gso_type & SKB_GSO_TCP_FIXEDID))
		iph->id = htons(ntohs(iph->id) + segments->made);
	ip_send_check(iph);
}

static void finish_tcp(const struct espvif_segments *segments, struct sk_buff *skb,
		       __wsum payload)
{
	unsigned int header_len = segments->headers - skb_transport_offset(skb);
	unsigned int len = skb->len - skb_transport_offset(skb);
	struct tcphdr *th = tcp_hdr(skb);

	th->seq = htonl(ntohl(th->seq) + segments->made * segments->mss);
	if (segments->left) {
		th->fin = 0;
		th->psh = 0;
	}
	if (segments->made)
		th->cwr = 0;
	th->check = 0;
	payload = csum_partial(th, header_len, payload);
	th->check = csum_fold(csum_add(csum_add(segments->pseudo, payload),
				       (__force __wsum)htonl(len)));
}

/* What those behind us look at: schedulers, rules, tracers */
static void copy_notes(const struct espvif_segments *segments, struct sk_buff *skb)
{
	const struct sk_buff *whole = segments->whole;

	skb->dev = whole->dev;
	skb->protocol = whole->protocol;
	skb->priority = whole->priority;
	skb->mark = whole->mark;
	skb->tstamp = whole->tstamp;
	skb->skb_iif = whole->skb_iif;
	skb_copy_hash(skb, whole);
	skb_copy_queue_mapping(skb, whole);
	skb_copy_secmark(skb, whole);
	skb->ooo_okay = whole->ooo_okay && !segments->made;
	skb->ignore_df = whole->ignore_df;
}

/**
 * espvif_segments_next() - make a segment
 * @segments:	espvif_segments_reserve() was told what is needed
 *
 * Context: bottom halves disabled.
 * Return: the segment, complete and linear and without a route; NULL if there is no
 * memory.
 */
struct sk_buff *espvif_segments_next(struct espvif_segments *segments)
{
	unsigned int len = min(segments->left, segments->mss);
	const struct sk_buff *whole = segments->whole;
	struct sk_buff *skb;
	__wsum sum;

	skb = espvif_buffer_new(segments->size, segments->head);
	if (!skb)
		return NULL;
	skb_put(skb, segments->headers + len);
	memcpy(skb->data, whole->data, segments->headers);
	sum = copy_payload(segments, skb->data + segments->headers, len);
	segments->left -= len;

	copy_notes(segments, skb);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, skb_transport_offset(whole));
	finish_ip(segments, skb);
	finish_tcp(segments, skb, sum);
	if (segments->owned)
		hand_over(segments->whole, skb, !segments->left);
	segments->made++;
	return skb;
}
