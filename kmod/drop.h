/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_DROP_H
#define _ESPVIF_DROP_H

#include <linux/skbuff.h>

#include "counters.h"

struct espvif_net;
struct espvif_sa;

void espvif_drop_note(struct espvif_net *enet, struct espvif_sa *sa,
		      struct espvif_tally *device, unsigned int len,
		      enum espvif_counter reason);

/* The same, and free the packet; in place, so that its tracepoint tells where */
static __always_inline void espvif_drop(struct espvif_net *enet, struct espvif_sa *sa,
					struct espvif_tally *device, struct sk_buff *skb,
					enum espvif_counter reason)
{
	espvif_drop_note(enet, sa, device, skb->len, reason);
	kfree_skb_reason(skb, espvif_counter_skb_reason(reason));
}

#endif /* _ESPVIF_DROP_H */
