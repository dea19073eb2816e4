/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_BUFFER_H
#define _ESPVIF_BUFFER_H

struct sk_buff;

unsigned int espvif_buffer_size(unsigned int head, unsigned int len, unsigned int tail);
unsigned int espvif_buffer_truesize(unsigned int size);
struct sk_buff *espvif_buffer_new(unsigned int size, unsigned int head);
struct sk_buff *espvif_buffer_copy(struct sk_buff *skb, unsigned int head,
				   unsigned int tail);

#endif /* _ESPVIF_BUFFER_H */
