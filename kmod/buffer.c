// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers for packets that leave: linear, with room at both ends, out of the reserve of
 * pages that each CPU has for receiving. They need not be cleared, and whoever
 * receives one without copying can take it as it is.
 */
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "buffer.h"

/* Buffers of this size don't straddle pages: ciphers take them in one piece */
#define SIZE_ALIGNED	2048
/* What the reserve offers; less if memory is scarce */
#define SIZE_LARGEST	24576

/* Ciphers like what they encrypt to be aligned, TCP its header */
static unsigned int aligned_head(unsigned int head)
{
	return ALIGN(head, 16);
}

/**
 * espvif_buffer_size() - what a buffer needs
 * @head:	bytes before the packet
 * @len:	of the packet
 * @tail:	behind it
 *
 * Return: bytes with all that the kernel puts there.
 */
unsigned int espvif_buffer_size(unsigned int head, unsigned int len, unsigned int tail)
{
	unsigned int size = SKB_HEAD_ALIGN(aligned_head(head) + len + tail);

	return size > SIZE_ALIGNED / 2 && size < SIZE_ALIGNED ? SIZE_ALIGNED : size;
}

/**
 * espvif_buffer_truesize() - what a packet in a buffer is accounted as
 * @size:	of the buffer
 *
 * Return: bytes.
 */
unsigned int espvif_buffer_truesize(unsigned int size)
{
	return size + SKB_DATA_ALIGN(sizeof(struct sk_buff));
}

/**
 * espvif_buffer_new() - get a buffer
 * @size:	espvif_buffer_size() said so
 * @head:	bytes before the packet
 *
 * Context: bottom halves disabled.
 * Return: an empty packet, or NULL if there is no memory.
 */
struct sk_buff *espvif_buffer_new(unsigned int size, unsigned int head)
{
	struct sk_buff *skb;
	void *data;

	data = napi_alloc_frag_align(size, size == SIZE_ALIGNED ? size : SMP_CACHE_BYTES);
	if (!data)
		return NULL;
	skb = napi_build_skb(data, size);
	if (!skb) {
		skb_free_frag(data);
		return NULL;
	}
	skb_reserve(skb, aligned_head(head));
	return skb;
}

/* Copy a packet and complete its checksum on the way; false if there is no place for one */
static bool copy_and_sum(const struct sk_buff *skb, u8 *to)
{
	int start = skb_checksum_start_offset(skb);
	unsigned int at = start + skb->csum_offset;
	__sum16 check;
	__wsum sum;

	if (start < 0 || at + sizeof(__sum16) > skb->len)
		return false;
	if (skb_copy_bits(skb, 0, to, start))
		return false;
	sum = skb_copy_and_csum_bits(skb, start, to + start, skb->len - start);
	check = csum_fold(sum) ?: CSUM_MANGLED_0;
	memcpy(to + at, &check, sizeof(check));
	return true;
}

/**
 * espvif_buffer_copy() - copy a packet, not GSO, into a linear buffer
 * @skb:	the packet from its IP header on
 * @head:	room before it
 * @tail:	room behind it
 *
 * If its checksum is still to be made, the copy mostly has it already.
 *
 * Context: bottom halves disabled.
 * Return: the copy, which no socket owns; NULL if there is no memory.
 */
struct sk_buff *espvif_buffer_copy(struct sk_buff *skb, unsigned int head,
				   unsigned int tail)
{
	unsigned int size = espvif_buffer_size(head, skb->len, tail);
	bool summed = false;
	struct sk_buff *copy;

	if (size > SIZE_LARGEST)
		return skb_copy_expand(skb, head, tail, GFP_ATOMIC);
	copy = espvif_buffer_new(size, head);
	if (!copy)
		return NULL;
	skb_put(copy, skb->len);
	if (skb->ip_summed == CHECKSUM_PARTIAL && !skb_csum_is_sctp(skb))
		summed = copy_and_sum(skb, copy->data);
	if (!summed && skb_copy_bits(skb, 0, copy->data, skb->len)) {
		consume_skb(copy);
		return NULL;
	}
	skb_copy_header(copy, skb);
	skb_headers_offset_update(copy, skb_headroom(copy) - skb_headroom(skb));
	if (summed)
		copy->ip_summed = CHECKSUM_NONE;
	return copy;
}
