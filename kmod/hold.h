/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_HOLD_H
#define _ESPVIF_HOLD_H

#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "counters.h"

struct espvif_held;
struct espvif_net;

/**
 * struct espvif_hold_kind - how packets wait
 * @packets:	how many may wait for the same, GSO packets counting as one
 * @held:	a packet begins to wait
 * @full:	it can't: too many do
 * @timeout:	what it waited for hasn't come
 * @removed:	what it waited for will not come
 *
 * But for @packets, what is counted when that happens.
 */
struct espvif_hold_kind {
	unsigned int packets;
	enum espvif_counter held;
	enum espvif_counter full;
	enum espvif_counter timeout;
	enum espvif_counter removed;
};

/**
 * struct espvif_hold - packets that wait for the same
 * @enet:	namespace
 * @held:	all of its packets that wait like these
 * @kind:	how they wait
 * @lock:	protects what follows
 * @queue:	the packets
 * @bytes:	memory that they take
 * @closed:	none may wait here any more
 */
struct espvif_hold {
	struct espvif_net *enet;
	struct espvif_held *held;
	const struct espvif_hold_kind *kind;
	spinlock_t lock;	/* of all below, and of what the owner says */
	struct sk_buff_head queue;
	unsigned int bytes;
	bool closed;
};

void espvif_hold_init(struct espvif_hold *hold, struct espvif_net *enet,
		      struct espvif_held *held, const struct espvif_hold_kind *kind);
bool espvif_hold_detach(struct sk_buff *skb, bool decrypted);
enum espvif_counter espvif_hold_add(struct espvif_hold *hold, struct sk_buff *skb);
void espvif_hold_count(struct espvif_hold *hold, struct sk_buff *skb,
		       enum espvif_counter reason);
/*
 * Packets may come as fast as those that wait go on. After so many, later ones need
 * not queue up any more.
 */
static inline bool espvif_hold_others_may_pass(const struct espvif_hold *hold, unsigned int sent)
{
	return sent >= 4 * hold->kind->packets;
}

struct sk_buff *espvif_hold_take(struct espvif_hold *hold);
void espvif_hold_drop_all(struct espvif_hold *hold, enum espvif_counter reason);

#endif /* _ESPVIF_HOLD_H */
