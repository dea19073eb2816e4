// SPDX-License-Identifier: GPL-2.0-only
/*
 * Anti-replay (RFC 4303 3.4.3) with the ring of words of RFC 6479, and the
 * upper half of extended sequence numbers (RFC 4303 appendix A2). Pure: no
 * lock, no allocation.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/string.h>

#include "replay.h"

/**
 * espvif_replay_words() - length of the ring for a window
 * @window:	packets, up to ESPVIF_REPLAY_WINDOW_MAX
 *
 * Return: words that &struct espvif_replay needs behind it.
 */
u32 espvif_replay_words(u32 window)
{
	if (!window)
		return 0;
	return roundup_pow_of_two(BITS_TO_LONGS(window) + 1);
}

/**
 * espvif_replay_init() - start with nothing received
 * @replay:	has room for espvif_replay_words(@window) words
 * @window:	packets, 0 = no check
 * @esn:	extended sequence numbers; @window is not 0 then
 */
void espvif_replay_init(struct espvif_replay *replay, u32 window, bool esn)
{
	replay->highest = 0;
	replay->window = window;
	replay->words = espvif_replay_words(window);
	replay->esn = esn;
	memset(replay->seen, 0, replay->words * sizeof(replay->seen[0]));
}

/**
 * espvif_replay_esn() - the whole sequence number of a packet
 * @replay:	state of its SA
 * @seq_lo:	what the packet carries
 *
 * RFC 4303 A2.2: the upper half is the one that puts the packet into the window
 * or to its right. May run beside espvif_replay_advance(); a number it got
 * wrong by that fails its integrity check.
 *
 * Return: 64-bit number with ESN, else @seq_lo. A number from before the start
 * comes out as 0.
 */
u64 espvif_replay_esn(const struct espvif_replay *replay, u32 seq_lo)
{
	u64 highest = READ_ONCE(replay->highest);
	u32 hi = upper_32_bits(highest), lo = lower_32_bits(highest);
	u32 bottom = lo - replay->window + 1;

	if (!replay->esn)
		return seq_lo;

	if (lo >= replay->window - 1) {
		/* the window lies in one half */
		if (seq_lo < bottom)
			hi++;
	} else if (seq_lo >= bottom) {
		/* the window begins in the half before */
		if (!hi)
			return 0;
		hi--;
	}
	return (u64)hi << 32 | seq_lo;
}

static bool was_seen(const struct espvif_replay *replay, u64 seq)
{
	return test_bit(seq & (replay->words * BITS_PER_LONG - 1), replay->seen);
}

/**
 * espvif_replay_check() - may this number be accepted
 * @replay:	state of its SA
 * @seq:	as espvif_replay_esn() gave it
 *
 * Return: ESPVIF_REPLAY_NEW, or why not.
 */
enum espvif_replay_verdict espvif_replay_check(const struct espvif_replay *replay, u64 seq)
{
	if (!replay->window)
		return ESPVIF_REPLAY_NEW;
	if (!seq)
		return replay->esn && replay->highest ? ESPVIF_REPLAY_OLD : ESPVIF_REPLAY_ZERO;
	if (seq > replay->highest)
		return ESPVIF_REPLAY_NEW;
	if (replay->highest - seq >= replay->window)
		return ESPVIF_REPLAY_OLD;

	return was_seen(replay, seq) ? ESPVIF_REPLAY_SEEN : ESPVIF_REPLAY_NEW;
}

/* Empty the words between the one that holds @highest and the one of @seq */
static void slide(struct espvif_replay *replay, u64 seq)
{
	u64 word = replay->highest / BITS_PER_LONG;
	u64 steps = seq / BITS_PER_LONG - word;

	if (steps > replay->words)
		steps = replay->words;
	while (steps--)
		replay->seen[++word & (replay->words - 1)] = 0;
}

/**
 * espvif_replay_advance() - note a number whose packet was authentic
 * @replay:	state of its SA
 * @seq:	espvif_replay_check() says ESPVIF_REPLAY_NEW of it
 */
void espvif_replay_advance(struct espvif_replay *replay, u64 seq)
{
	if (replay->window && seq > replay->highest)
		slide(replay, seq);
	if (seq > replay->highest)
		WRITE_ONCE(replay->highest, seq);
	if (replay->window)
		__set_bit(seq & (replay->words * BITS_PER_LONG - 1), replay->seen);
}

/**
 * espvif_replay_state_len() - length of what espvif_replay_export() writes
 * @window:	packets
 *
 * Return: bytes.
 */
unsigned int espvif_replay_state_len(u32 window)
{
	return DIV_ROUND_UP(window, BITS_PER_BYTE);
}

/**
 * espvif_replay_export() - which numbers of the window have been received
 * @replay:	state of an SA
 * @state:	filled in, espvif_replay_state_len() bytes: bit b of byte i tells of
 *		the highest number less 8 i + b, a number from before the start as
 *		not received
 */
void espvif_replay_export(const struct espvif_replay *replay, u8 *state)
{
	u64 behind, end = min_t(u64, replay->window, replay->highest);

	memset(state, 0, espvif_replay_state_len(replay->window));
	for (behind = 0; behind < end; behind++) {
		if (was_seen(replay, replay->highest - behind))
			state[behind / BITS_PER_BYTE] |= BIT(behind % BITS_PER_BYTE);
	}
}

/**
 * espvif_replay_import() - note what somebody else has received
 * @replay:	state of an SA
 * @seq:	the highest number
 * @state:	as espvif_replay_export() writes it, relative to @seq
 * @len:	bytes of @state; numbers further behind count as received
 *
 * What is noted already stays so: a number is never accepted again by this.
 */
void espvif_replay_import(struct espvif_replay *replay, u64 seq, const u8 *state,
			  unsigned int len)
{
	u64 behind, end = min_t(u64, replay->window, seq);

	if (seq > replay->highest) {
		if (replay->window)
			slide(replay, seq);
		WRITE_ONCE(replay->highest, seq);
	}
	for (behind = 0; behind < end; behind++) {
		u64 number = seq - behind;

		if (replay->highest - number >= replay->window)
			break;
		if (behind / BITS_PER_BYTE >= len ||
		    state[behind / BITS_PER_BYTE] & BIT(behind % BITS_PER_BYTE))
			__set_bit(number & (replay->words * BITS_PER_LONG - 1), replay->seen);
	}
}
