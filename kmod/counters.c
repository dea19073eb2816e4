// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: what became of each packet, by name. Per CPU, summed when read.
 */
#include <linux/cpumask.h>

#include "counters.h"

static const char * const names[] = {
#define X(constant, name) [ESPVIF_##constant] = name,
	ESPVIF_COUNTER_LIST(X)
#undef X
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
