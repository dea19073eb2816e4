// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which policy decided on the last packet of a flow: per CPU, so that nobody waits
 * for anybody, and forgotten as a whole, on all CPUs, with the next change of any
 * policy.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/percpu.h>

#include "spd_cache.h"

#define PLACES_SHIFT	7

struct places {
	struct espvif_spd_cached place[1 << PLACES_SHIFT];
};

static struct places __percpu *caches;

/*
 * Answers of former epochs don't count. One that was found while policies changed is
 * of the epoch before, as the epoch is read before the policies.
 */
static atomic_long_t epoch = ATOMIC_LONG_INIT(1);

/**
 * espvif_spd_cache_init() - make the cache
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_spd_cache_init(void)
{
	BUILD_BUG_ON(offsetof(struct espvif_flow, tcp_syn) % sizeof(u64));
	BUILD_BUG_ON(offsetofend(struct espvif_flow, ports_hidden) !=
		     offsetof(struct espvif_flow, tcp_syn));

	caches = alloc_percpu(struct places);
	return caches ? 0 : -ENOMEM;
}

/**
 * espvif_spd_cache_uninit() - free the cache; no packet comes any more
 */
void espvif_spd_cache_uninit(void)
{
	free_percpu(caches);
}

/**
 * espvif_spd_cache_invalidate() - forget all answers
 *
 * After a policy has come, or before one that packets don't find any more is freed.
 */
void espvif_spd_cache_invalidate(void)
{
	/* whoever sees the new epoch sees the policies, too */
	smp_mb__before_atomic();
	atomic_long_inc(&epoch);
}

static unsigned int place_of(const u64 *flow, unsigned long database)
{
	u64 mix = database;
	unsigned int i;

	for (i = 0; i < ESPVIF_SPD_CACHE_WORDS; i++)
		mix = (mix ^ flow[i]) * GOLDEN_RATIO_64;
	return mix >> (64 - PLACES_SHIFT);
}

static bool same_flow(const u64 *a, const u64 *b)
{
	u64 differs = 0;
	unsigned int i;

	for (i = 0; i < ESPVIF_SPD_CACHE_WORDS; i++)
		differs |= a[i] ^ b[i];
	return !differs;
}

/**
 * espvif_spd_cache_find() - look for an answer
 * @spd:	database of the host or of a device
 * @direction:	enum espvif_direction
 * @flow:	what the packet shows
 * @loopback:	it goes by the loopback device
 * @found:	set to whether the answer is there
 *
 * Context: RCU read side, bottom halves disabled; policies are looked for afterwards.
 * Return: the place of the answer. Without one the caller has to put the policy there.
 */
struct espvif_spd_cached *espvif_spd_cache_find(const struct espvif_spd *spd, u8 direction,
						const struct espvif_flow *flow,
						bool loopback, bool *found)
{
	/* the lowest bits of a pointer are free for that */
	unsigned long database = (unsigned long)spd | (direction & 1) << 1 | loopback;
	long now = atomic_long_read_acquire(&epoch);
	u64 words[ESPVIF_SPD_CACHE_WORDS];
	struct espvif_spd_cached *place;

	memcpy(words, flow, sizeof(words));
	place = &this_cpu_ptr(caches)->place[place_of(words, database)];
	*found = place->epoch == now && place->database == database &&
		 same_flow(place->flow, words);
	if (!*found) {
		place->epoch = now;
		place->database = database;
		memcpy(place->flow, words, sizeof(words));
	}
	return place;
}
