// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec sp add', 'ipsec sp list', 'ipsec sp set' and 'ipsec sp remove'. Those
 * that change something read their options the same way for a batch.
 */
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/removal.h"
#include "cli/sp.h"
#include "kernel/kernel.h"
#include "lib/name.h"

enum list_option {
	LIST_SP_NAME,
	LIST_VERBOSE,
	LIST_JSON,
	LIST_NOHEADINGS,
};

static const struct option_spec list_options[] = {
	[LIST_SP_NAME] = { "sp-name", "NAME", "only this policy", 0 },
	[LIST_VERBOSE] = { "verbose", NULL,
			   "all there is to know, a line for each property",
			   0 },
	[LIST_JSON] = { "json", NULL, "print JSON", 0 },
	[LIST_NOHEADINGS] = { "noheadings", NULL,
			      "leave out the line of headings", 0 },
	{}
};

enum set_option {
	SET_SP_NAME,
	SET_SA_NAME,
	SET_NO_SA,
	SET_JSON,
};

static const struct option_spec set_options[] = {
	[SET_SP_NAME] = { "sp-name", "NAME", "the policy", OPTION_REQUIRED },
	[SET_SA_NAME] = { "sa-name", "NAME",
			  "an SA that protects from now on, in place of all before; several times: the first that is usable protects, all are accepted",
			  OPTION_REPEATABLE },
	[SET_NO_SA] = { "no-sa", NULL,
			"take away all SAs: packets wait until it has one again; only for a trap",
			0 },
	[SET_JSON] = { "json", NULL, "print the policy as JSON", 0 },
	{}
};

enum remove_option {
	REMOVE_SP_NAME,
	REMOVE_SA_NAME,
	REMOVE_ALL,
};

static const struct option_spec remove_options[] = {
	[REMOVE_SP_NAME] = { "sp-name", "NAME", "remove this policy", 0 },
	[REMOVE_SA_NAME] = { "sa-name", "NAME",
			     "the same under another name: this, too, is the name of a policy",
			     0 },
	[REMOVE_ALL] = { "remove-all", NULL,
			 "remove all policies that were added by hand, not those of the IKE daemon",
			 0 },
	{}
};

static struct error *add(const struct arguments *arguments)
{
	struct kernel_policy_config config;
	struct kernel *kernel;
	struct error *error;

	error = sp_config_from(arguments, &config);
	if (error)
		return error;
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = kernel_policy_new(kernel, &config);
	kernel_close(kernel);
	return error;
}

static struct error *collect_add(const struct arguments *arguments,
				 struct kernel_batch *batch)
{
	struct kernel_policy_config config;
	struct error *error;

	error = sp_config_from(arguments, &config);
	return error ? error : kernel_batch_policy_new(batch, &config);
}

static struct error *show(const struct arguments *arguments,
			  const struct kernel_policy_list *list)
{
	if (arguments_given(arguments, LIST_JSON))
		return sp_show_json(stdout, list);
	if (!arguments_given(arguments, LIST_VERBOSE))
		return sp_show_table(stdout, list,
				     !arguments_given(arguments,
						      LIST_NOHEADINGS));
	sp_show_details(stdout, list);
	return NULL;
}

static struct error *list(const struct arguments *arguments)
{
	const char *text = arguments_value(arguments, LIST_SP_NAME);
	struct kernel_policy_list policies;
	char name[KERNEL_NAME_SIZE];
	struct kernel *kernel;
	struct error *error;

	if (text) {
		error = name_parse(text, name, sizeof(name));
		if (error)
			return arguments_blame(arguments, LIST_SP_NAME, error);
	}
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = text ? kernel_policy_get(kernel, name, &policies) :
		       kernel_policy_dump(kernel, &policies);
	kernel_close(kernel);
	if (error)
		return error;
	sp_sort(&policies);
	error = show(arguments, &policies);
	kernel_policy_list_free(&policies);
	return error;
}

static struct error *show_one(struct kernel *kernel, const char *name)
{
	struct kernel_policy_list policies;
	struct error *error;

	error = kernel_policy_get(kernel, name, &policies);
	if (error)
		return error;
	error = sp_show_json(stdout, &policies);
	kernel_policy_list_free(&policies);
	return error;
}

static struct error *read_change(const struct arguments *arguments,
				 char name[KERNEL_NAME_SIZE],
				 struct kernel_sa_names *sas)
{
	bool some = arguments_given(arguments, SET_SA_NAME);
	bool none = arguments_given(arguments, SET_NO_SA);
	struct error *error;

	if (some == none)
		return error_usage("either --sa-name or --no-sa is needed%s",
				   some ? ", and only one of them" : "");
	error = arguments_blame(arguments, SET_SP_NAME,
				name_parse(arguments_value(arguments,
							   SET_SP_NAME),
					   name, KERNEL_NAME_SIZE));
	return error ? error : sp_sas_from(arguments, SET_SA_NAME, sas);
}

static struct error *set(const struct arguments *arguments)
{
	struct kernel_sa_names sas;
	char name[KERNEL_NAME_SIZE];
	struct kernel *kernel;
	struct error *error;

	error = read_change(arguments, name, &sas);
	if (!error)
		error = kernel_open(&kernel);
	if (error)
		return error;
	error = kernel_policy_set_sas(kernel, name, &sas);
	if (!error && arguments_given(arguments, SET_JSON))
		error = show_one(kernel, name);
	kernel_close(kernel);
	return error;
}

static struct error *collect_set(const struct arguments *arguments,
				 struct kernel_batch *batch)
{
	struct kernel_sa_names sas;
	char name[KERNEL_NAME_SIZE];
	struct error *error;

	if (arguments_given(arguments, SET_JSON))
		return error_usage("--json cannot be part of a batch, which prints nothing");
	error = read_change(arguments, name, &sas);
	return error ? error : kernel_batch_policy_set_sas(batch, name, &sas);
}

static const struct removal removals = {
	.name = REMOVE_SP_NAME,
	.alias = REMOVE_SA_NAME,
	.all = REMOVE_ALL,
	.delete = kernel_policy_delete,
	.flush = kernel_policy_flush,
	.collect = kernel_batch_policy_delete,
};

static struct error *remove_policy(const struct arguments *arguments)
{
	return removal_run(&removals, arguments);
}

static struct error *collect_remove(const struct arguments *arguments,
				    struct kernel_batch *batch)
{
	return removal_collect(&removals, arguments, batch);
}

const struct command command_sp_add = {
	.name = "sp add",
	.summary = "Add a security policy",
	.options = sp_add_options,
	.run = add,
	.collect = collect_add,
};

const struct command command_sp_list = {
	.name = "sp list",
	.summary = "List security policies in the order of their evaluation",
	.options = list_options,
	.run = list,
};

const struct command command_sp_set = {
	.name = "sp set",
	.summary = "Give a security policy other security associations",
	.options = set_options,
	.run = set,
	.collect = collect_set,
};

const struct command command_sp_remove = {
	.name = "sp remove",
	.summary = "Remove security policies",
	.options = remove_options,
	.run = remove_policy,
	.collect = collect_remove,
};
