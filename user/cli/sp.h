/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies between the command line and the module: options into a
 * configuration, policies into lists.
 */
#ifndef CLI_SP_H
#define CLI_SP_H

#include <jansson.h>
#include <stdio.h>

#include "cli/arguments.h"
#include "kernel/kernel.h"

extern const struct option_spec sp_add_options[];

ERROR_MUST_CHECK
struct error *sp_config_from(const struct arguments *arguments,
			     struct kernel_policy_config *config);

ERROR_MUST_CHECK
struct error *sp_sas_from(const struct arguments *arguments, size_t option,
			  struct kernel_sa_names *sas);

json_t *sp_json(const struct kernel_policy *policy);
void sp_sort(struct kernel_policy_list *list);
ERROR_MUST_CHECK
struct error *sp_show_table(FILE *out, const struct kernel_policy_list *list,
			    bool headings);
void sp_show_details(FILE *out, const struct kernel_policy_list *list);
ERROR_MUST_CHECK
struct error *sp_show_json(FILE *out, const struct kernel_policy_list *list);

#endif /* CLI_SP_H */
