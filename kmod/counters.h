/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COUNTERS_H
#define _ESPVIF_COUNTERS_H

#include <linux/percpu.h>
#include <linux/types.h>

/*
 * Every counter: its constant, and the name by which users know it. The names
 * are stable; ipsec_counters(8) explains each.
 */
#define ESPVIF_COUNTER_LIST(X)					\
	X(IN_PACKETS,		"in-packets")			\
	X(IN_MALFORMED,		"in-malformed")			\
	X(IN_SA_EXPIRED,	"in-sa-expired")		\
	X(IN_REPLAY_SEEN,	"in-replay-seen")		\
	X(IN_REPLAY_OLD,	"in-replay-old")		\
	X(IN_REPLAY_ZERO,	"in-replay-zero")		\
	X(IN_NOT_AUTHENTIC,	"in-not-authentic")		\
	X(IN_CRYPTO_ERROR,	"in-crypto-error")		\
	X(IN_NO_MEMORY,		"in-no-memory")			\
	X(IN_PADDING,		"in-padding")			\
	X(IN_DUMMY,		"in-dummy")			\
	X(IN_WRONG_MODE,	"in-wrong-mode")		\
	X(IN_INNER_MALFORMED,	"in-inner-malformed")		\
	X(IN_ECN,		"in-ecn")			\
	X(IN_NO_POLICY,		"in-no-policy")			\
	X(IN_POLICY_DISCARD,	"in-policy-discard")		\
	X(IN_POLICY_OTHER_SA,	"in-policy-other-sa")		\
	X(IN_DEVICE_DOWN,	"in-device-down")		\
	X(IN_UNPROTECTED,	"in-unprotected")		\
	X(IN_CLEAR_DISCARD,	"in-clear-discard")		\
	X(OUT_PACKETS,		"out-packets")			\
	X(OUT_MALFORMED,	"out-malformed")		\
	X(OUT_NO_POLICY,	"out-no-policy")		\
	X(OUT_POLICY_DISCARD,	"out-policy-discard")		\
	X(OUT_NO_SA,		"out-no-sa")			\
	X(OUT_SA_ADDRESS,	"out-sa-address")		\
	X(OUT_SEQUENCE,		"out-sequence-exhausted")	\
	X(OUT_TOO_BIG,		"out-too-big")			\
	X(OUT_FRAGMENT,		"out-fragment")			\
	X(OUT_NO_ROUTE,		"out-no-route")			\
	X(OUT_ROUTE_LOOP,	"out-route-loop")		\
	X(OUT_CRYPTO_ERROR,	"out-crypto-error")		\
	X(OUT_NO_MEMORY,	"out-no-memory")

enum espvif_counter {
#define X(constant, name) ESPVIF_##constant,
	ESPVIF_COUNTER_LIST(X)
#undef X
	ESPVIF_COUNTERS
};

/* Packets, by what became of them; one per CPU and namespace */
struct espvif_counters {
	u64 value[ESPVIF_COUNTERS];
};

const char *espvif_counter_name(enum espvif_counter counter);
u64 espvif_counters_sum(const struct espvif_counters __percpu *counters,
			enum espvif_counter counter);

static inline void espvif_count(struct espvif_counters __percpu *counters,
				enum espvif_counter counter)
{
	this_cpu_inc(counters->value[counter]);
}

#endif /* _ESPVIF_COUNTERS_H */
