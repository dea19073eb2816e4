/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_OFFLOAD_H
#define _ESPVIF_OFFLOAD_H

#include <linux/types.h>

#include "sad.h"

struct net_device;
struct sk_buff;

/* What a device made of a packet that came in */
enum espvif_offload_verdict {
	ESPVIF_OFFLOAD_NONE,		/* nothing: it is still encrypted */
	ESPVIF_OFFLOAD_DECRYPTED,	/* verified and decrypted */
	ESPVIF_OFFLOAD_NOT_AUTHENTIC,
	ESPVIF_OFFLOAD_ERROR,
};

int espvif_offload_init(void);
void espvif_offload_uninit(void);
void espvif_offload_drain(void);

bool espvif_offload_sums(const struct espvif_sa *sa, struct sk_buff *skb);
bool espvif_offload_segments(struct espvif_sa *sa, struct sk_buff *skb);
bool espvif_offload_take_whole(struct espvif_sa *sa, struct sk_buff *skb, u64 seq,
			       u8 next_header);
bool espvif_offload_take(struct espvif_sa *sa, struct sk_buff *skb, u64 seq, u8 next_header);
bool espvif_offload_return(struct sk_buff *skb);
void espvif_offload_notice(struct espvif_sa *sa, const struct net_device *dev);
enum espvif_offload_verdict espvif_offload_received(struct espvif_sa *sa, struct sk_buff *skb);
void espvif_offload_refresh(struct espvif_sa *sa);
u8 espvif_offload_state(const struct espvif_sa *sa, const char **name);

#endif /* _ESPVIF_OFFLOAD_H */
