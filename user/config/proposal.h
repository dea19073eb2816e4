/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Algorithms as users list them in ike= and esp=, and as the numbers of IKEv2.
 */
#ifndef CONFIG_PROPOSAL_H
#define CONFIG_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* More alternatives than there are algorithms, and proposals than anybody lists */
#define CFG_ALTERNATIVES_MAX 24
#define CFG_PROPOSALS_MAX 16

/**
 * struct cfg_transform - an algorithm
 * @id: number of it in its IANA registry
 * @key_bits: length of its key where it has several, else 0
 */
struct cfg_transform {
	uint16_t id;
	uint16_t key_bits;
};

/**
 * struct cfg_transforms - alternatives, the preferred one first
 * @items: they
 * @count: number of @items
 */
struct cfg_transforms {
	struct cfg_transform items[CFG_ALTERNATIVES_MAX];
	size_t count;
};

/**
 * struct cfg_proposal - combinations of algorithms that go together
 * @encr: encryption
 * @prf: pseudorandom functions, for IKE only
 * @integ: integrity; none for algorithms that bring it along
 * @ke: key exchanges; none given for ESP: that of the IKE SA
 */
struct cfg_proposal {
	struct cfg_transforms encr;
	struct cfg_transforms prf;
	struct cfg_transforms integ;
	struct cfg_transforms ke;
};

/**
 * struct cfg_proposals - proposals, the preferred one first
 * @items: they
 * @count: number of @items
 */
struct cfg_proposals {
	struct cfg_proposal items[CFG_PROPOSALS_MAX];
	size_t count;
};

/* What is proposed where nothing is said */
extern const char cfg_ike_default[];
extern const char cfg_esp_default[];

ERROR_MUST_CHECK
struct error *cfg_proposals_parse(const char *text, bool ike,
				  struct cfg_proposals *proposals);

#endif /* CONFIG_PROPOSAL_H */
