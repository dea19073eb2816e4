/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_REPLAY_H
#define _ESPVIF_REPLAY_H

#include <linux/bitops.h>
#include <linux/types.h>
#include <uapi/linux/espvif.h>

enum espvif_replay_verdict {
	ESPVIF_REPLAY_NEW,
	ESPVIF_REPLAY_SEEN,
	ESPVIF_REPLAY_OLD,	/* left of the window: seen or not, nobody knows */
	ESPVIF_REPLAY_ZERO,	/* number 0 is never sent */
};

/**
 * struct espvif_replay - which sequence numbers of an SA have come in
 * @highest:	highest number that was accepted, 0 before the first
 * @window:	packets it may lag behind; 0 = nothing is ever refused
 * @words:	length of @seen, a power of two
 * @esn:	numbers are 64 bits, of which packets carry the lower half
 * @seen:	ring of bits, number n at bit n modulo the ring
 *
 * The caller serialises everything but espvif_replay_esn().
 */
struct espvif_replay {
	u64 highest;
	u32 window;
	u32 words;
	bool esn;
	unsigned long seen[];
};

u32 espvif_replay_words(u32 window);
void espvif_replay_init(struct espvif_replay *replay, u32 window, bool esn);
u64 espvif_replay_esn(const struct espvif_replay *replay, u32 seq_lo);
enum espvif_replay_verdict espvif_replay_check(const struct espvif_replay *replay, u64 seq);
void espvif_replay_advance(struct espvif_replay *replay, u64 seq);
unsigned int espvif_replay_state_len(u32 window);
void espvif_replay_export(const struct espvif_replay *replay, u8 *state);
void espvif_replay_import(struct espvif_replay *replay, u64 seq, const u8 *state,
			  unsigned int len);

#endif /* _ESPVIF_REPLAY_H */
