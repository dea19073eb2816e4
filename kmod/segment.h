/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_SEGMENT_H
#define _ESPVIF_SEGMENT_H

#include <linux/skbuff.h>
#include <linux/types.h>

/**
 * struct espvif_segments - a GSO packet of TCP on its way to becoming segments
 * @whole:	the packet
 * @headers:	bytes from its IP header to the end of its TCP header
 * @mss:	payload of each segment but the last
 * @count:	how many there will be
 * @left:	bytes of payload that are not in segments yet
 * @made:	segments that have been made
 * @frag:	part of @whole that the next byte is in, -1 = its linear one
 * @offset:	of the next byte in there
 * @pseudo:	sum of the pseudo header but for its length
 * @size:	bytes of each buffer
 * @head:	of these, before the segment
 * @owned:	segments are accounted to the socket that sent the packet
 */
struct espvif_segments {
	struct sk_buff *whole;
	unsigned int headers;
	unsigned int mss;
	unsigned int count;
	unsigned int left;
	unsigned int made;
	int frag;
	unsigned int offset;
	__wsum pseudo;
	unsigned int size;
	unsigned int head;
	bool owned;
};

bool espvif_segments_init(struct espvif_segments *segments, struct sk_buff *skb);
unsigned int espvif_segments_len(const struct espvif_segments *segments);
void espvif_segments_reserve(struct espvif_segments *segments, unsigned int head,
			     unsigned int tail);
struct sk_buff *espvif_segments_next(struct espvif_segments *segments);

#endif /* _ESPVIF_SEGMENT_H */
