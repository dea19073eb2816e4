// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-tests of the anti-replay window and of extended sequence numbers: edges
 * by hand (RFC 4303 appendix A, RFC 6479), then many numbers at random beside a
 * model that remembers every one of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/prandom.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "replay.h"
#include "selftest/selftest.h"

#define NUMBERS		(1024 * 1024)	/* that the model can remember */
#define ROUNDS		20000

static const u32 windows[] __initconst = {
	1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000, 4095, 4096,
};

static const char *const verdict_names[] = {
	[ESPVIF_REPLAY_NEW] = "new",
	[ESPVIF_REPLAY_SEEN] = "seen",
	[ESPVIF_REPLAY_OLD] = "old",
	[ESPVIF_REPLAY_ZERO] = "zero",
};

static struct espvif_replay * __init alloc_replay(void)
{
	struct espvif_replay *replay;

	replay = kmalloc(struct_size(replay, seen,
				     espvif_replay_words(ESPVIF_REPLAY_WINDOW_MAX)),
			 GFP_KERNEL);
	if (!replay)
		pr_err("replay self-test: out of memory\n");
	return replay;
}

static bool __init expect_verdict(const struct espvif_replay *replay, u64 seq,
				  enum espvif_replay_verdict expected)
{
	enum espvif_replay_verdict got = espvif_replay_check(replay, seq);

	if (got == expected)
		return true;
	pr_err("replay self-test: window %u%s, highest %#llx, number %#llx: expected %s, got %s\n",
	       replay->window, replay->esn ? " ESN" : "", replay->highest, seq,
	       verdict_names[expected], verdict_names[got]);
	return false;
}

static bool __init accept(struct espvif_replay *replay, u64 seq)
{
	if (!expect_verdict(replay, seq, ESPVIF_REPLAY_NEW))
		return false;
	espvif_replay_advance(replay, seq);
	return true;
}

static bool __init test_edges(const struct espvif_replay *replay)
{
	u64 highest = replay->highest, left = highest - replay->window + 1;

	return expect_verdict(replay, highest + 1, ESPVIF_REPLAY_NEW) &&
	       expect_verdict(replay, highest, ESPVIF_REPLAY_SEEN) &&
	       expect_verdict(replay, left, ESPVIF_REPLAY_SEEN) &&
	       expect_verdict(replay, left - 1, left > 1 ? ESPVIF_REPLAY_OLD :
							   ESPVIF_REPLAY_ZERO);
}

static bool __init test_full(const struct espvif_replay *replay)
{
	u64 seq;

	for (seq = replay->highest - replay->window + 1; seq <= replay->highest; seq++) {
		if (!expect_verdict(replay, seq, ESPVIF_REPLAY_SEEN))
			return false;
	}
	return test_edges(replay);
}

static bool __init test_in_order(struct espvif_replay *replay, u32 window)
{
	u64 seq;

	espvif_replay_init(replay, window, false);
	for (seq = 1; seq <= 3 * window + 2 * BITS_PER_LONG; seq++) {
		if (!accept(replay, seq) || (seq >= window && !test_edges(replay)))
			return false;
	}
	return test_full(replay);
}

static bool __init test_backwards(struct espvif_replay *replay, u32 window)
{
	u64 seq;

	espvif_replay_init(replay, window, false);
	for (seq = window; seq; seq--) {
		if (!accept(replay, seq))
			return false;
	}
	return test_full(replay);
}

/* After a jump nothing is left in the ring of what was there a turn before */
static bool __init test_jump(struct espvif_replay *replay, u32 window, u64 from, u64 jump)
{
	u64 to = from + jump, seq;

	espvif_replay_init(replay, window, false);
	for (seq = from - window + 1; seq <= from; seq++) {
		if (!accept(replay, seq))
			return false;
	}
	if (!accept(replay, to))
		return false;

	for (seq = to - window + 1; seq < to; seq++) {
		if (!expect_verdict(replay, seq, seq <= from ? ESPVIF_REPLAY_SEEN :
							       ESPVIF_REPLAY_NEW))
			return false;
	}
	return expect_verdict(replay, to, ESPVIF_REPLAY_SEEN) &&
	       expect_verdict(replay, to - window, ESPVIF_REPLAY_OLD) &&
	       expect_verdict(replay, 0, ESPVIF_REPLAY_ZERO);
}

static bool __init test_jumps(struct espvif_replay *replay, u32 window)
{
	const u64 start = 2 * ESPVIF_REPLAY_WINDOW_MAX;
	u64 ring = (u64)espvif_replay_words(window) * BITS_PER_LONG;
	u64 jumps[] = {
		1, 2, BITS_PER_LONG - 1, BITS_PER_LONG, BITS_PER_LONG + 1, window, window + 1,
		ring - BITS_PER_LONG, ring - 1, ring, ring + 1, 2 * ring, 7 * ring + 3, BIT_ULL(31),
		BIT_ULL(31) + 1,
	};
	/* the bit of a word in which the window ends */
	u64 ends[] = { 0, 1, BITS_PER_LONG / 2, BITS_PER_LONG - 1 };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		for (j = 0; j < ARRAY_SIZE(ends); j++) {
			if (!test_jump(replay, window, start + ends[j], jumps[i]))
				return false;
		}
	}
	return true;
}

static bool __init test_windows(struct espvif_replay *replay)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++)
		ok &= test_in_order(replay, windows[i]) && test_backwards(replay, windows[i]) &&
		      test_jumps(replay, windows[i]);
	return ok;
}

/* The numbers of 32 bits end: nothing wraps into being new again */
static bool __init test_end_of_numbers(struct espvif_replay *replay)
{
	espvif_replay_init(replay, 64, false);
	return expect_verdict(replay, 0, ESPVIF_REPLAY_ZERO) && accept(replay, BIT_ULL(31)) &&
	       accept(replay, U32_MAX) && accept(replay, U32_MAX - 63) &&
	       expect_verdict(replay, U32_MAX, ESPVIF_REPLAY_SEEN) &&
	       expect_verdict(replay, U32_MAX - 64, ESPVIF_REPLAY_OLD) &&
	       expect_verdict(replay, 1, ESPVIF_REPLAY_OLD) &&
	       expect_verdict(replay, 0, ESPVIF_REPLAY_ZERO);
}

/* Without a window nothing is refused, not even twice */
static bool __init test_no_window(struct espvif_replay *replay)
{
	espvif_replay_init(replay, 0, false);
	if (espvif_replay_words(0)) {
		pr_err("replay self-test: no window: expected 0 words, got %u\n",
		       espvif_replay_words(0));
		return false;
	}
	return accept(replay, 5) && accept(replay, 5) && accept(replay, 1) && accept(replay, 0) &&
	       accept(replay, U32_MAX) && accept(replay, 5);
}

struct half {
	u32 window;
	u64 highest;
	u32 seq_lo;
	u64 expected;
};

static const struct half halves[] __initconst = {
	/* RFC 4303 A2.2 case A: the window lies in one half */
	{ 64, 0x100001000, 0x1000, 0x100001000 },
	{ 64, 0x100001000, 0x1001, 0x100001001 },
	{ 64, 0x100001000, 0xfc1, 0x100000fc1 },
	{ 64, 0x100001000, 0xfc0, 0x200000fc0 },
	{ 64, 0x100001000, 0xffffffff, 0x1ffffffff },
	{ 64, 0x100001000, 0, 0x200000000 },
	/* as near to case B as can be */
	{ 64, 0x10000003f, 0, 0x100000000 },
	{ 64, 0x10000003f, 0xffffffff, 0x1ffffffff },
	{ 64, 0x1ffffffff, 0xffffffc0, 0x1ffffffc0 },
	{ 64, 0x1ffffffff, 0xffffffbf, 0x2ffffffbf },
	{ 64, 0x1ffffffff, 0, 0x200000000 },
	/* case B: the window begins in the half before */
	{ 64, 0x10000003e, 0, 0x100000000 },
	{ 64, 0x10000003e, 0x3e, 0x10000003e },
	{ 64, 0x10000003e, 0x3f, 0x10000003f },
	{ 64, 0x10000003e, 0xffffffff, 0xffffffff },
	{ 64, 0x10000003e, 0xfffffffe, 0x1fffffffe },
	{ 64, 0x200000000, 0, 0x200000000 },
	{ 64, 0x200000000, 0xffffffc1, 0x1ffffffc1 },
	{ 64, 0x200000000, 0xffffffc0, 0x2ffffffc0 },
	/* before the start, where the half before does not exist */
	{ 64, 0, 0, 0 },
	{ 64, 0, 1, 1 },
	{ 64, 0, 0xffffffff, 0 },
	{ 64, 10, 0xffffffff, 0 },
	{ 64, 10, 0xffffffcb, 0 },
	{ 64, 10, 0xffffffca, 0xffffffca },
	{ 64, 10, 0x80000000, 0x80000000 },
	/* the first crossing */
	{ 64, 0xffffffff, 0, 0x100000000 },
	{ 64, 0xfffffff0, 5, 0x100000005 },
	{ 64, 0xfffffff0, 0xffffffb1, 0xffffffb1 },
	{ 64, 0xfffffff0, 0xffffffb0, 0x1ffffffb0 },
	/* the smallest window and the largest */
	{ 1, 0x100000000, 0, 0x100000000 },
	{ 1, 0x100000000, 0xffffffff, 0x1ffffffff },
	{ 1, 0x1ffffffff, 0xffffffff, 0x1ffffffff },
	{ 1, 0x1ffffffff, 0xfffffffe, 0x2fffffffe },
	{ 1, 0, 0xffffffff, 0xffffffff },
	{ 4096, 0x100000ffe, 0xffffffff, 0xffffffff },
	{ 4096, 0x100000ffe, 0xfffffffe, 0x1fffffffe },
	{ 4096, 0x100000fff, 0xffffffff, 0x1ffffffff },
	{ 4096, 0x100000fff, 0, 0x100000000 },
	/* the end of all numbers */
	{ 64, 0xffffffffffffffff, 0xffffffff, 0xffffffffffffffff },
	{ 64, 0xffffffffffffffff, 0xffffffc0, 0xffffffffffffffc0 },
	{ 64, 0xfffffffffffffff0, 5, 5 },
};

static bool __init test_halves(struct espvif_replay *replay)
{
	bool ok = true;
	size_t i;
	u64 got;

	for (i = 0; i < ARRAY_SIZE(halves); i++) {
		espvif_replay_init(replay, halves[i].window, true);
		replay->highest = halves[i].highest;
		got = espvif_replay_esn(replay, halves[i].seq_lo);
		if (got == halves[i].expected)
			continue;
		pr_err("replay self-test: window %u, highest %#llx, lower half %#x: expected %#llx, got %#llx\n",
		       halves[i].window, halves[i].highest, halves[i].seq_lo, halves[i].expected,
		       got);
		ok = false;
	}

	espvif_replay_init(replay, 64, false);
	replay->highest = U32_MAX;
	if (espvif_replay_esn(replay, 5) != 5) {
		pr_err("replay self-test: number 5 without ESN: expected 5, got %#llx\n",
		       espvif_replay_esn(replay, 5));
		ok = false;
	}
	return ok;
}

/* Over 2^32 with every other number late by almost a window, then never again */
static bool __init test_crossing(struct espvif_replay *replay, u32 window)
{
	u64 start = BIT_ULL(32) - 2 * window - 2, seq;

	espvif_replay_init(replay, window, true);
	replay->highest = start;
	for (seq = start + 2; seq < start + 4 * window; seq += 2) {
		u64 late = seq - (window / 2 * 2 - 1);

		if (!accept(replay, espvif_replay_esn(replay, lower_32_bits(seq))) ||
		    replay->highest != seq) {
			pr_err("replay self-test: window %u: expected highest %#llx, got %#llx\n",
			       window, seq, replay->highest);
			return false;
		}
		if (window < 2 || late <= start)
			continue;
		if (!accept(replay, espvif_replay_esn(replay, lower_32_bits(late))) ||
		    !expect_verdict(replay, late, ESPVIF_REPLAY_SEEN) ||
		    !expect_verdict(replay, seq, ESPVIF_REPLAY_SEEN))
			return false;
	}
	return expect_verdict(replay, 0, ESPVIF_REPLAY_OLD) &&
	       expect_verdict(replay, 5, ESPVIF_REPLAY_OLD);
}

/* What a receiver with endless memory would say of @base + @index */
static enum espvif_replay_verdict __init model_check(const struct espvif_replay *replay,
						     const unsigned long *seen, u64 highest,
						     u64 base, u32 index)
{
	u64 seq = base + index;

	if (!seq)
		return ESPVIF_REPLAY_ZERO;
	if (seq + replay->window <= highest)
		return ESPVIF_REPLAY_OLD;
	return test_bit(index, seen) ? ESPVIF_REPLAY_SEEN : ESPVIF_REPLAY_NEW;
}

/* Mostly a little further, often back within the window and just outside, seldom far */
static s64 __init random_step(struct rnd_state *rnd, u32 window)
{
	u32 kind = prandom_u32_state(rnd) % 256, value = prandom_u32_state(rnd);

	if (!kind)
		return value % (4 * window);
	if (kind < 120)
		return value % 8 + 1;
	return -(s64)(value % (window + BITS_PER_LONG / 2));
}

static bool __init test_random(struct espvif_replay *replay, unsigned long *seen, u32 window,
			       u64 base, bool esn)
{
	u64 highest = base + 2 * ESPVIF_REPLAY_WINDOW_MAX;
	struct rnd_state rnd;
	unsigned int i;

	bitmap_zero(seen, NUMBERS);
	prandom_seed_state(&rnd, window);
	espvif_replay_init(replay, window, esn);
	espvif_replay_advance(replay, highest);
	__set_bit(highest - base, seen);

	for (i = 0; i < ROUNDS; i++) {
		u64 seq = highest + random_step(&rnd, window);
		u64 known = esn && seq + window > highest ?
			    espvif_replay_esn(replay, lower_32_bits(seq)) : seq;
		enum espvif_replay_verdict verdict;

		if (seq - base >= NUMBERS)
			break;
		if (known != seq) {
			pr_err("replay self-test: window %u, highest %#llx: expected %#llx, got %#llx\n",
			       window, highest, seq, known);
			return false;
		}
		verdict = model_check(replay, seen, highest, base, seq - base);
		if (!expect_verdict(replay, seq, verdict))
			return false;
		if (verdict != ESPVIF_REPLAY_NEW)
			continue;
		espvif_replay_advance(replay, seq);
		__set_bit(seq - base, seen);
		highest = max(highest, seq);
	}
	return true;
}

static bool __init test_against_model(struct espvif_replay *replay)
{
	unsigned long *seen = bitmap_alloc(NUMBERS, GFP_KERNEL);
	bool ok = true;
	size_t i;

	if (!seen) {
		pr_err("replay self-test: out of memory\n");
		return false;
	}
	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		ok &= test_random(replay, seen, windows[i], 0, false);
		ok &= test_random(replay, seen, windows[i], 3 * BIT_ULL(32) - NUMBERS / 64, true);
	}
	bitmap_free(seen);
	return ok;
}

/**
 * espvif_replay_selftest() - test anti-replay and extended sequence numbers
 *
 * Return: true if all is well.
 */
bool __init espvif_replay_selftest(void)
{
	struct espvif_replay *replay = alloc_replay();
	bool ok;
	size_t i;

	if (!replay)
		return false;

	ok = test_windows(replay);
	ok &= test_end_of_numbers(replay);
	ok &= test_no_window(replay);
	ok &= test_halves(replay);
	for (i = 0; i < ARRAY_SIZE(windows); i++)
		ok &= test_crossing(replay, windows[i]);
	ok &= test_against_model(replay);
	kfree(replay);
	if (ok)
		pr_info("replay self-tests: pass\n");
	return ok;
}
