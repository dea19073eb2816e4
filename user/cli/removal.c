// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the commands that remove SAs and policies have in common: which options
 * go together, at once or in a batch.
 */
#include "cli/removal.h"
#include "lib/name.h"

/* The object to be removed; its name is empty if it is all of them. */
static struct error *read_name(const struct removal *removal,
			       const struct arguments *arguments,
			       char name[KERNEL_NAME_SIZE])
{
	const struct option_spec *options = arguments->command->options;
	bool named = arguments_given(arguments, removal->name);
	bool alias = removal->alias != removal->name &&
		     arguments_given(arguments, removal->alias);
	bool all = arguments_given(arguments, removal->all);
	size_t option = named ? removal->name : removal->alias;

	name[0] = '\0';
	if (named + alias + all != 1)
		return error_usage("either --%s or --%s is needed%s",
				   options[removal->name].name,
				   options[removal->all].name,
				   named || alias || all ?
				   ", and only one of them" : "");
	return all ? NULL :
		     arguments_blame(arguments, option,
				     name_parse(arguments_value(arguments,
								option),
						name, KERNEL_NAME_SIZE));
}

/**
 * removal_run - remove what a command line asks for
 * @removal: the command
 * @arguments: its options
 *
 * Return: NULL, or what is wrong with the options, or why not.
 */
struct error *removal_run(const struct removal *removal,
			  const struct arguments *arguments)
{
	char name[KERNEL_NAME_SIZE];
	struct kernel *kernel;
	struct error *error;

	error = read_name(removal, arguments, name);
	if (error)
		return error;
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = name[0] ? removal->delete(kernel, name, ESPVIF_OWNER_MANUAL) :
			  removal->flush(kernel, ESPVIF_OWNER_MANUAL);
	kernel_close(kernel);
	return error;
}

/**
 * removal_collect - add to a batch what a command line asks to remove
 * @removal: the command
 * @arguments: its options
 * @batch: the batch
 *
 * Return: NULL, or what is wrong with the options.
 */
struct error *removal_collect(const struct removal *removal,
			      const struct arguments *arguments,
			      struct kernel_batch *batch)
{
	const struct option_spec *options = arguments->command->options;
	char name[KERNEL_NAME_SIZE];
	struct error *error;

	error = read_name(removal, arguments, name);
	if (error)
		return error;
	if (!name[0])
		return error_usage("--%s cannot be part of a batch: take --%s for each",
				   options[removal->all].name,
				   options[removal->name].name);
	return removal->collect(batch, name, ESPVIF_OWNER_MANUAL);
}
