/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CPU between the command line and the module.
 */
#ifndef CLI_CPU_H
#define CLI_CPU_H

#include <jansson.h>

#include "cli/arguments.h"
#include "kernel/kernel.h"

ERROR_MUST_CHECK
struct error *cpu_from(const struct arguments *arguments, size_t option,
		       struct kernel_cpu *cpu);
json_t *cpu_json(const struct kernel_cpu *cpu);

#endif /* CLI_CPU_H */
