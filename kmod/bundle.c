// SPDX-License-Identifier: GPL-2.0-only
/*
 * ESP packets in UDP that travel as one: a GSO packet that the stack looks at once and
 * takes apart again in front of the device, or in front of the peer's socket. It is
 * of the kind that GRO makes of UDP for forwarding, each packet with its own headers.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>

#include "bundle.h"

/* What an IP header can say */
#define BUNDLE_MAX	65535

static unsigned int headers_len(const struct sk_buff *skb)
{
	return skb_transport_offset(skb) + sizeof(struct udphdr);
}

/* May a packet be the next of a bundle? @headers and @full are what all have. */
static bool fits(const struct sk_buff *head, const struct sk_buff *skb, unsigned int headers,
		 unsigned int full)
{
	return skb->len <= full && skb->len > headers && headers_len(skb) == headers &&
	       skb->protocol == head->protocol && skb_dst(skb) == skb_dst(head) &&
	       skb->sk == head->sk && skb->destructor == head->destructor &&
	       head->len + skb->len - headers <= BUNDLE_MAX;
}

static void begin(struct sk_buff *head)
{
	skb_shinfo(head)->gso_type = SKB_GSO_UDP_L4 | SKB_GSO_FRAGLIST;
	skb_shinfo(head)->gso_size = head->len - headers_len(head);
	skb_shinfo(head)->gso_segs = 1;
	/* each has the checksum that it needs */
	head->ip_summed = CHECKSUM_UNNECESSARY;
	head->csum_level = 0;
}

/* Add a packet without its headers, which stay where they are for later */
static void add(struct sk_buff *head, struct sk_buff *last, struct sk_buff *skb,
		unsigned int headers)
{
	skb_dst_drop(skb);
	/* the first stands for the memory of all */
	head->truesize += skb->truesize;
	skb->sk = NULL;
	skb->destructor = NULL;
	__skb_pull(skb, headers);
	if (last == head)
		skb_shinfo(head)->frag_list = skb;
	else
		last->next = skb;
	skb_shinfo(head)->gso_segs++;
	head->len += skb->len;
	head->data_len += skb->len;
	udp_hdr(head)->len = htons(head->len - skb_transport_offset(head));
}

/**
 * espvif_bundle_take() - take packets that travel together off a list
 * @list:	ESP in UDP, not empty, each linear and with its IP header first; one
 *		behind the other by their @next
 *
 * Return: one packet, GSO if there was more than one that goes with it.
 */
struct sk_buff *espvif_bundle_take(struct sk_buff **list)
{
	struct sk_buff *skb, *head = *list, *last = head;
	unsigned int headers = headers_len(head), full = head->len;

	*list = head->next;
	skb_mark_not_on_list(head);
	if (full <= headers)
		return head;
	/* the first that is shorter than the others is the last */
	while ((skb = *list) && fits(head, skb, headers, full)) {
		bool is_shorter = skb->len < full;

		*list = skb->next;
		skb_mark_not_on_list(skb);
		if (last == head)
			begin(head);
		add(head, last, skb, headers);
		last = skb;
		if (is_shorter)
			break;
	}
	return head;
}
