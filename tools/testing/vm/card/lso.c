// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The card's segmentation of TCP inside ESP: the host wrote headers once, each
 * segment gets them with its own lengths, numbers, checksums and trailer.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/esp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "cardsim.h"

static void set_ip(void *header, unsigned int len, unsigned int number)
{
	struct iphdr *iph = header;
	struct ipv6hdr *ip6h = header;

	if (iph->version == 6) {
		ip6h->payload_len = htons(len - sizeof(*ip6h));
		return;
	}
	iph->tot_len = htons(len);
	iph->id = htons(ntohs(iph->id) + number);
	ip_send_check(iph);
}

/* ip: the header whose addresses the checksum covers */
static void set_tcp(struct tcphdr *th, const void *ip, unsigned int len, unsigned int skipped,
		    bool first, bool last)
{
	const struct ipv6hdr *ip6h = ip;
	const struct iphdr *iph = ip;
	__wsum sum;

	th->seq = htonl(ntohl(th->seq) + skipped);
	if (!first)
		th->cwr = 0;
	if (!last) {
		th->fin = 0;
		th->psh = 0;
	}
	th->check = 0;
	sum = csum_partial(th, len, 0);
	th->check = iph->version == 6 ?
		csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len, IPPROTO_TCP, sum) :
		csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_TCP, sum);
}

/* Padding, its length, next header, and room for the ICV */
static void add_trailer(const struct cardsim_super *super, struct sk_buff *skb,
			unsigned int payload_len)
{
	unsigned int pad_len = -(payload_len + 2) & 3, i;
	u8 *tail = skb_put(skb, pad_len + 2 + super->icv_len);

	for (i = 0; i < pad_len; i++)
		tail[i] = i + 1;
	tail[pad_len] = pad_len;
	tail[pad_len + 1] = super->next_header;
	memset(tail + pad_len + 2, 0, super->icv_len);
}

static void number(struct ip_esp_hdr *esp, u64 seq, unsigned int count)
{
	__be64 iv;

	esp->seq_no = htonl(lower_32_bits(seq + count));
	memcpy(&iv, esp->enc_data, sizeof(iv));
	iv = cpu_to_be64(be64_to_cpu(iv) + count);
	memcpy(esp->enc_data, &iv, sizeof(iv));
}

/* The bytes from an offset on, behind the first head_len ones */
static struct sk_buff *copy(const struct sk_buff *skb, unsigned int head_len,
			    unsigned int offset, unsigned int len)
{
	struct sk_buff *segment;

	segment = alloc_skb(NET_SKB_PAD + head_len + len + 64, GFP_ATOMIC);
	if (!segment)
		return NULL;
	skb_reserve(segment, NET_SKB_PAD);
	if (skb_copy_bits(skb, 0, skb_put(segment, head_len), head_len) ||
	    skb_copy_bits(skb, offset, skb_put(segment, len), len)) {
		kfree_skb(segment);
		return NULL;
	}
	segment->dev = skb->dev;
	segment->protocol = skb->protocol;
	skb_reset_mac_header(segment);
	skb_set_network_header(segment, skb_network_offset(skb));
	skb_set_transport_header(segment, skb_transport_offset(skb));
	return segment;
}

static struct sk_buff *make(const struct cardsim_super *super, unsigned int count,
			    unsigned int head_len, unsigned int skipped, unsigned int len)
{
	const struct sk_buff *skb = super->skb;
	unsigned int tcp = skb_inner_transport_offset(skb);
	bool last = head_len + skipped + len == skb->len;
	struct sk_buff *segment;
	struct ip_esp_hdr *esp;
	void *inside;

	segment = copy(skb, head_len, head_len + skipped, len);
	if (!segment)
		return NULL;
	esp = (struct ip_esp_hdr *)skb_transport_header(segment);
	inside = super->tunnel ? esp->enc_data + 8 : skb_network_header(segment);
	if (super->tunnel)
		set_ip(inside, skb_tail_pointer(segment) - (u8 *)inside, count);
	set_tcp((struct tcphdr *)(segment->data + tcp), inside, segment->len - tcp, skipped,
		!count, last);
	add_trailer(super, segment, skb_tail_pointer(segment) - esp->enc_data - 8);
	set_ip(skb_network_header(segment), segment->len - skb_network_offset(segment), count);
	number(esp, super->seq, count);
	return segment;
}

/**
 * cardsim_segment() - make segments of a packet
 * @super:	the packet, from its link-layer header on, and what it is
 *
 * Return: a list, complete but for encryption, or NULL.
 */
struct sk_buff *cardsim_segment(const struct cardsim_super *super)
{
	const struct sk_buff *skb = super->skb;
	unsigned int head_len = skb_inner_transport_offset(skb) +
				inner_tcp_hdrlen(skb);
	unsigned int mss = skb_shinfo(skb)->gso_size, skipped, len, count = 0;
	struct sk_buff *first = NULL, **end = &first;

	for (skipped = 0; head_len + skipped < skb->len; skipped += len) {
		len = min(mss, skb->len - head_len - skipped);
		*end = make(super, count++, head_len, skipped, len);
		if (!*end) {
			kfree_skb_list(first);
			return NULL;
		}
		end = &(*end)->next;
	}
	return first;
}
