// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: what became of each packet, by name. Per CPU, summed when read.
 */
#include <linux/cpumask.h>

#include "counters.h"

static const char * const names[ESPVIF_COUNTERS] = {
	[ESPVIF_IN_PACKETS] = "in-packets",
	[ESPVIF_IN_UNDELIVERED] = "in-undelivered",
	[ESPVIF_IN_OFFLOADED] = "in-offloaded",
	[ESPVIF_IN_SPREAD] = "in-spread",
	[ESPVIF_IN_MALFORMED] = "in-malformed",
	[ESPVIF_IN_HELD] = "in-held",
	[ESPVIF_IN_HELD_FULL] = "in-held-full",
	[ESPVIF_IN_HELD_TIMEOUT] = "in-held-timeout",
	[ESPVIF_IN_HELD_REMOVED] = "in-held-removed",
	[ESPVIF_IN_SA_EXPIRED] = "in-sa-expired",
	[ESPVIF_IN_REPLAY_SEEN] = "in-replay-seen",
	[ESPVIF_IN_REPLAY_OLD] = "in-replay-old",
	[ESPVIF_IN_REPLAY_ZERO] = "in-replay-zero",
	[ESPVIF_IN_NOT_AUTHENTIC] = "in-not-authentic",
	[ESPVIF_IN_CRYPTO_ERROR] = "in-crypto-error",
	[ESPVIF_IN_NO_MEMORY] = "in-no-memory",
	[ESPVIF_IN_PADDING] = "in-padding",
	[ESPVIF_IN_DUMMY] = "in-dummy",
	[ESPVIF_IN_WRONG_MODE] = "in-wrong-mode",
	[ESPVIF_IN_INNER_MALFORMED] = "in-inner-malformed",
	[ESPVIF_IN_ECN] = "in-ecn",
	[ESPVIF_IN_NO_POLICY] = "in-no-policy",
	[ESPVIF_IN_POLICY_DISCARD] = "in-policy-discard",
	[ESPVIF_IN_POLICY_OTHER_SA] = "in-policy-other-sa",
	[ESPVIF_IN_DEVICE_DOWN] = "in-device-down",
	[ESPVIF_IN_UNPROTECTED] = "in-unprotected",
	[ESPVIF_IN_CLEAR_DISCARD] = "in-clear-discard",
	[ESPVIF_OUT_PACKETS] = "out-packets",
	[ESPVIF_OUT_OFFLOADED] = "out-offloaded",
	[ESPVIF_OUT_SPREAD] = "out-spread",
	[ESPVIF_OUT_OFFLOAD_MISSED] = "out-offload-missed",
	[ESPVIF_OUT_KEEPALIVES] = "out-keepalives",
	[ESPVIF_OUT_MALFORMED] = "out-malformed",
	[ESPVIF_OUT_NO_POLICY] = "out-no-policy",
	[ESPVIF_OUT_POLICY_DISCARD] = "out-policy-discard",
	[ESPVIF_OUT_NO_SA] = "out-no-sa",
	[ESPVIF_OUT_HELD] = "out-held",
	[ESPVIF_OUT_HELD_FULL] = "out-held-full",
	[ESPVIF_OUT_HELD_TIMEOUT] = "out-held-timeout",
	[ESPVIF_OUT_HELD_REMOVED] = "out-held-removed",
	[ESPVIF_OUT_SA_ADDRESS] = "out-sa-address",
	[ESPVIF_OUT_SEQUENCE] = "out-sequence-exhausted",
	[ESPVIF_OUT_TOO_BIG] = "out-too-big",
	[ESPVIF_OUT_FRAGMENT] = "out-fragment",
	[ESPVIF_OUT_NO_ROUTE] = "out-no-route",
	[ESPVIF_OUT_ROUTE_LOOP] = "out-route-loop",
	[ESPVIF_OUT_CRYPTO_ERROR] = "out-crypto-error",
	[ESPVIF_OUT_NO_MEMORY] = "out-no-memory",
};

/**
 * espvif_counter_name() - what users call a counter
 * @counter:	which
 *
 * Return: its stable name.
 */
const char *espvif_counter_name(enum espvif_counter counter)
{
	return names[counter];
}

/* For those who trace the kernel's own drops; what has no fitting reason there is 0 */
static const enum skb_drop_reason skb_reasons[ESPVIF_COUNTERS] = {
	[ESPVIF_IN_UNDELIVERED] = SKB_DROP_REASON_DEV_READY,
	[ESPVIF_IN_MALFORMED] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[ESPVIF_IN_NO_MEMORY] = SKB_DROP_REASON_NOMEM,
	[ESPVIF_IN_WRONG_MODE] = SKB_DROP_REASON_IP_NOPROTO,
	[ESPVIF_IN_INNER_MALFORMED] = SKB_DROP_REASON_IP_INHDR,
	[ESPVIF_IN_ECN] = ESPVIF_DROP_REASON_ECN,
	[ESPVIF_IN_NO_POLICY] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_IN_POLICY_DISCARD] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_IN_POLICY_OTHER_SA] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_IN_DEVICE_DOWN] = SKB_DROP_REASON_DEV_READY,
	[ESPVIF_IN_UNPROTECTED] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_IN_CLEAR_DISCARD] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_OUT_MALFORMED] = SKB_DROP_REASON_IP_INHDR,
	[ESPVIF_OUT_NO_POLICY] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_OUT_POLICY_DISCARD] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_OUT_NO_SA] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_OUT_SA_ADDRESS] = SKB_DROP_REASON_XFRM_POLICY,
	[ESPVIF_OUT_TOO_BIG] = SKB_DROP_REASON_PKT_TOO_BIG,
	[ESPVIF_OUT_NO_ROUTE] = SKB_DROP_REASON_IP_OUTNOROUTES,
	[ESPVIF_OUT_NO_MEMORY] = SKB_DROP_REASON_NOMEM,
};

/**
 * espvif_counter_skb_reason() - what the kernel calls a reason of ours
 * @counter:	which
 *
 * Return: the reason for kfree_skb_reason().
 */
enum skb_drop_reason espvif_counter_skb_reason(enum espvif_counter counter)
{
	return skb_reasons[counter] ?: SKB_DROP_REASON_NOT_SPECIFIED;
}

/**
 * espvif_counters_sum() - read a counter
 * @counters:	of a namespace
 * @counter:	which
 *
 * Return: packets, over all CPUs.
 */
u64 espvif_counters_sum(const struct espvif_counters __percpu *counters,
			enum espvif_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(counters, cpu)->value[counter]);
	return sum;
}
