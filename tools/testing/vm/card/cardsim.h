/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CARDSIM_H
#define _CARDSIM_H

#include <linux/netdevice.h>
#include <linux/types.h>
#include <net/gro_cells.h>

struct cardsim_sa;
struct dentry;
struct sk_buff;

/* What a card does wrong when it is told to; tests know these numbers */
enum cardsim_fault {
	CARDSIM_FINE,
	CARDSIM_BAD_ICV,	/* of what comes in it says: not authentic */
	CARDSIM_BROKEN,		/* of what comes in it says: some other error */
	CARDSIM_WRONG_SA,	/* names another SA than that which decrypted */
	CARDSIM_BLIND,		/* lets pass what comes in as it is */
	CARDSIM_REFUSE,		/* takes no SA */
	CARDSIM_CLEAR,		/* sends what it should encrypt as it is */
	CARDSIM_BUSY,		/* has no room for packets half of the time: they come again */
};

/**
 * struct cardsim - one end of a cable
 * @dev:	the device
 * @peer:	RCU: the other end, NULL when that is going
 * @is_card:	it does ESP; the other end is a plain one
 * @cells:	by which packets come in, with GRO
 * @lock:	of changes of @sas
 * @sas:	RCU: what it was given
 * @fault:	enum cardsim_fault
 * @sealed:	packets encrypted
 * @opened:	packets decrypted, or found to be not authentic
 * @supers:	packets that it had to segment first
 * @summed:	packets whose inner checksum it had to make
 * @strange:	packets for an SA that it doesn't have; they are dropped
 * @busy:	times that it had no room for a packet
 * @directory:	in debugfs
 */
struct cardsim {
	struct net_device *dev;
	struct net_device __rcu *peer;
	bool is_card;
	struct gro_cells cells;
	spinlock_t lock;	/* of changes of @sas */
	struct list_head sas;
	u32 fault;
	atomic64_t sealed;
	atomic64_t opened;
	atomic64_t supers;
	atomic64_t summed;
	atomic64_t strange;
	atomic64_t busy;
	struct dentry *directory;
};

/* A packet that a card segments: where things are in it, and what each gets */
struct cardsim_super {
	const struct sk_buff *skb;
	u64 seq;
	u8 next_header;
	bool tunnel;
	u8 icv_len;
};

extern const struct xfrmdev_ops cardsim_xfrmdev_ops;

void cardsim_show_sas(struct cardsim *card, struct seq_file *file);
struct sk_buff *cardsim_seal(struct cardsim *card, struct sk_buff *skb);
void cardsim_open(struct cardsim *card, struct sk_buff *skb);
struct sk_buff *cardsim_segment(const struct cardsim_super *super);

#endif /* _CARDSIM_H */
