/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security associations between the command line and the module: options into
 * a configuration, SAs into lists.
 */
#ifndef CLI_SA_H
#define CLI_SA_H

#include <jansson.h>
#include <stdio.h>

#include "cli/arguments.h"
#include "kernel/kernel.h"

extern const struct option_spec sa_add_options[];

ERROR_MUST_CHECK
struct error *sa_config_from(const struct arguments *arguments,
			     struct kernel_sa_config *config,
			     struct kernel_sa_keys *keys);
ERROR_MUST_CHECK
struct error *sa_numbers_from(const struct arguments *arguments,
			      size_t sequence_option, size_t state_option,
			      struct kernel_numbers *numbers);
extern const size_t sa_add_sequence, sa_add_replay_state;

json_t *sa_json(const struct kernel_sa *sa);
ERROR_MUST_CHECK
struct error *sa_show_table(FILE *out, const struct kernel_sa_list *list,
			    bool headings);
void sa_show_details(FILE *out, const struct kernel_sa_list *list);
ERROR_MUST_CHECK
struct error *sa_show_json(FILE *out, const struct kernel_sa_list *list);

#endif /* CLI_SA_H */
