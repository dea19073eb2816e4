/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COUNTERS_H
#define _ESPVIF_COUNTERS_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "compat/dropreason.h"

/*
 * What becomes of packets. counters.c has the name by which users know each; the
 * names are stable, ipsec_counters(8) explains them.
 */
enum espvif_counter {
	ESPVIF_IN_PACKETS,
	ESPVIF_IN_UNDELIVERED,
	ESPVIF_IN_OFFLOADED,
	ESPVIF_IN_SPREAD,
	ESPVIF_IN_MALFORMED,
	ESPVIF_IN_HELD,
	ESPVIF_IN_HELD_FULL,
	ESPVIF_IN_HELD_TIMEOUT,
	ESPVIF_IN_HELD_REMOVED,
	ESPVIF_IN_SA_EXPIRED,
	ESPVIF_IN_REPLAY_SEEN,
	ESPVIF_IN_REPLAY_OLD,
	ESPVIF_IN_REPLAY_ZERO,
	ESPVIF_IN_NOT_AUTHENTIC,
	ESPVIF_IN_CRYPTO_ERROR,
	ESPVIF_IN_NO_MEMORY,
	ESPVIF_IN_PADDING,
	ESPVIF_IN_DUMMY,
	ESPVIF_IN_WRONG_MODE,
	ESPVIF_IN_INNER_MALFORMED,
	ESPVIF_IN_ECN,
	ESPVIF_IN_NO_POLICY,
	ESPVIF_IN_POLICY_DISCARD,
	ESPVIF_IN_POLICY_OTHER_SA,
	ESPVIF_IN_DEVICE_DOWN,
	ESPVIF_IN_UNPROTECTED,
	ESPVIF_IN_CLEAR_DISCARD,
	ESPVIF_OUT_PACKETS,
	ESPVIF_OUT_OFFLOADED,
	ESPVIF_OUT_SPREAD,
	ESPVIF_OUT_OFFLOAD_MISSED,
	ESPVIF_OUT_KEEPALIVES,
	ESPVIF_OUT_MALFORMED,
	ESPVIF_OUT_NO_POLICY,
	ESPVIF_OUT_POLICY_DISCARD,
	ESPVIF_OUT_NO_SA,
	ESPVIF_OUT_HELD,
	ESPVIF_OUT_HELD_FULL,
	ESPVIF_OUT_HELD_TIMEOUT,
	ESPVIF_OUT_HELD_REMOVED,
	ESPVIF_OUT_SA_ADDRESS,
	ESPVIF_OUT_SEQUENCE,
	ESPVIF_OUT_TOO_BIG,
	ESPVIF_OUT_FRAGMENT,
	ESPVIF_OUT_NO_ROUTE,
	ESPVIF_OUT_ROUTE_LOOP,
	ESPVIF_OUT_CRYPTO_ERROR,
	ESPVIF_OUT_NO_MEMORY,

	ESPVIF_COUNTERS
};

/* Packets, by what became of them; one per CPU and namespace */
struct espvif_counters {
	u64 value[ESPVIF_COUNTERS];
};

/**
 * struct espvif_tally - packets that concern an object, by what became of them
 * @of:		how many; counted where it is rare
 */
struct espvif_tally {
	atomic64_t of[ESPVIF_COUNTERS];
};

const char *espvif_counter_name(enum espvif_counter counter);
enum skb_drop_reason espvif_counter_skb_reason(enum espvif_counter counter);
u64 espvif_counters_sum(const struct espvif_counters __percpu *counters,
			enum espvif_counter counter);

static inline void espvif_count(struct espvif_counters __percpu *counters,
				enum espvif_counter counter)
{
	this_cpu_inc(counters->value[counter]);
}

static inline void espvif_count_many(struct espvif_counters __percpu *counters,
				     enum espvif_counter counter, unsigned int packets)
{
	this_cpu_add(counters->value[counter], packets);
}

/* @tally may be NULL */
static inline void espvif_tally_count(struct espvif_tally *tally,
				      enum espvif_counter counter)
{
	if (tally)
		atomic64_inc(&tally->of[counter]);
}

#endif /* _ESPVIF_COUNTERS_H */
