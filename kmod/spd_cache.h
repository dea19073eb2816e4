/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_SPD_CACHE_H
#define _ESPVIF_SPD_CACHE_H

#include <linux/types.h>

#include "selector.h"

struct espvif_policy;
struct espvif_spd;

/* What of a flow policies look at: all that stands before @tcp_syn */
#define ESPVIF_SPD_CACHE_WORDS	(offsetof(struct espvif_flow, tcp_syn) / sizeof(u64))

/**
 * struct espvif_spd_cached - the answer to a question
 * @epoch:	of policies, when it was given
 * @database:	whose policies were asked, in the lowest bits which of them
 * @flow:	about what
 * @policy:	the answer, may be NULL
 */
struct espvif_spd_cached {
	long epoch;
	unsigned long database;
	u64 flow[ESPVIF_SPD_CACHE_WORDS];
	struct espvif_policy *policy;
};

int espvif_spd_cache_init(void);
void espvif_spd_cache_uninit(void);
void espvif_spd_cache_invalidate(void);
struct espvif_spd_cached *espvif_spd_cache_find(const struct espvif_spd *spd, u8 direction,
						const struct espvif_flow *flow,
						bool loopback, bool *found);

#endif /* _ESPVIF_SPD_CACHE_H */
