/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of parameters: from how they are written to what they are.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/keyword.h"
#include "config/model.h"
#include "lib/error.h"

struct cfg_proposal_pool;

ERROR_MUST_CHECK
struct error *cfg_value_parse(const struct cfg_keyword *keyword,
			      const char *text, void *value,
			      struct cfg_proposal_pool **pool);
void cfg_proposal_pool_free(struct cfg_proposal_pool *pool);

#endif /* CONFIG_VALUE_H */
