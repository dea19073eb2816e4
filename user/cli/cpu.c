// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and shows the number of a CPU.
 */
#include "cli/cpu.h"
#include "lib/number.h"

/* More than Linux can be built for; which there are knows the module */
#define CPU_MAX 65535

/**
 * cpu_from - the CPU that an option names
 * @arguments: the options
 * @option: number of the option
 * @cpu: set to the CPU, or to none if the option isn't given
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *cpu_from(const struct arguments *arguments, size_t option,
		       struct kernel_cpu *cpu)
{
	const char *text = arguments_value(arguments, option);
	uint64_t number = 0;
	struct error *error;

	cpu->given = text;
	error = text ? number_parse(text, 0, CPU_MAX, &number) : NULL;
	cpu->number = (uint32_t)number;
	return arguments_blame(arguments, option, error);
}

/**
 * cpu_json - a CPU as JSON
 * @cpu: the CPU
 *
 * Return: its number, null for none; NULL if there is no memory.
 */
json_t *cpu_json(const struct kernel_cpu *cpu)
{
	return cpu->given ? json_integer(cpu->number) : json_null();
}
