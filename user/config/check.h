/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the parameters of a connection go together.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/model.h"
#include "config/problem.h"

bool cfg_connection_check(const struct cfg_connection *connection,
			  struct cfg_problems *problems);

#endif /* CONFIG_CHECK_H */
