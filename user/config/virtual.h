/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where peers may be that hide behind NATs.
 */
#ifndef CONFIG_VIRTUAL_H
#define CONFIG_VIRTUAL_H

#include "config/model.h"
#include "lib/error.h"

ERROR_MUST_CHECK
struct error *cfg_virtual_parse(const char *text, bool shorthands,
				struct cfg_virtual *virtual);
bool cfg_virtual_is(const char *text);
ERROR_MUST_CHECK
struct error *cfg_virtual_read(const char *text, struct cfg_virtual **virtual);
ERROR_MUST_CHECK
struct error *cfg_virtual_within(const struct prefix *within,
				 struct cfg_virtual **virtual);

#endif /* CONFIG_VIRTUAL_H */
