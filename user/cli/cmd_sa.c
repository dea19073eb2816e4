// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec sa add', 'ipsec sa list', 'ipsec sa set' and 'ipsec sa remove'. Those
 * that change something read their options the same way for a batch.
 */
#include <string.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/removal.h"
#include "cli/sa.h"
#include "kernel/algorithm.h"
#include "kernel/kernel.h"
#include "lib/name.h"

enum list_option {
	LIST_SA_NAME,
	LIST_VERBOSE,
	LIST_JSON,
	LIST_NOHEADINGS,
};

static const struct option_spec list_options[] = {
	[LIST_SA_NAME] = { "sa-name", "NAME", "only this SA", 0 },
	[LIST_VERBOSE] = { "verbose", NULL,
			   "all there is to know, a line for each property",
			   0 },
	[LIST_JSON] = { "json", NULL, "print JSON", 0 },
	[LIST_NOHEADINGS] = { "noheadings", NULL,
			      "leave out the line of headings", 0 },
	{}
};

enum set_option {
	SET_SA_NAME,
	SET_PEER_ADDRESS,
	SET_PEER_PORT,
	SET_SEQUENCE,
	SET_REPLAY_STATE,
};

static const struct option_spec set_options[] = {
	[SET_SA_NAME] = { "sa-name", "NAME", "the SA", OPTION_REQUIRED },
	[SET_PEER_ADDRESS] = { "peer-address", "ADDRESS",
			       "address that the peer has now", 0 },
	[SET_PEER_PORT] = { "peer-port", "PORT",
			    "UDP port that the peer has now; encapsulated SAs only",
			    0 },
	[SET_SEQUENCE] = { "sequence", "NUMBER",
			   "go on behind this number, which was used or received elsewhere; never back",
			   0 },
	[SET_REPLAY_STATE] = { "replay-state", "HEX",
			       "which numbers below it were received; inbound only",
			       0 },
	{}
};

enum remove_option {
	REMOVE_SA_NAME,
	REMOVE_ALL,
};

static const struct option_spec remove_options[] = {
	[REMOVE_SA_NAME] = { "sa-name", "NAME", "remove this SA", 0 },
	[REMOVE_ALL] = { "remove-all", NULL,
			 "remove all SAs that were added by hand, not those of the IKE daemon",
			 0 },
	{}
};

static void explain_names(FILE *out, const char *title, char *names)
{
	fprintf(out, "\n%s\n", title);
	print_wrapped(out, 2, 0, names);
}

static void append_word(char *words, size_t size, const char *word)
{
	size_t used = strlen(words);

	snprintf(words + used, size - used, "%s ", word);
}

static void explain_add(FILE *out)
{
	char names[1024] = "";
	size_t i;

	for (i = 0; i < encryption_count; i++) {
		append_word(names, sizeof(names), encryptions[i].name);
	}
	explain_names(out, "Encryption algorithms:", names);
	names[0] = '\0';
	for (i = 0; i < integrity_count; i++) {
		append_word(names, sizeof(names), integrities[i].name);
	}
	explain_names(out, "Integrity algorithms:", names);
	fputs("\nA name without a key length takes keys of 16, 24 and 32 bytes.\n",
	      out);
}

/**
 * struct addition - what 'ipsec sa add' asks for
 * @config: what the SA is to be
 * @numbers: where it goes on
 * @keys: its keys
 */
struct addition {
	struct kernel_sa_config config;
	struct kernel_numbers numbers;
	struct kernel_sa_keys keys;
};

static struct error *read_addition(const struct arguments *arguments,
				   struct addition *addition)
{
	struct error *error;

	error = sa_config_from(arguments, &addition->config, &addition->keys);
	if (!error)
		error = sa_numbers_from(arguments, sa_add_sequence,
					sa_add_replay_state,
					&addition->numbers);
	return error;
}

static struct error *add(const struct arguments *arguments)
{
	struct addition addition;
	struct kernel *kernel;
	struct error *error;

	error = read_addition(arguments, &addition);
	if (!error)
		error = kernel_open(&kernel);
	if (!error) {
		error = kernel_sa_new(kernel, &addition.config, &addition.keys,
				      &addition.numbers);
		kernel_close(kernel);
	}
	explicit_bzero(&addition, sizeof(addition));
	return error;
}

static struct error *collect_add(const struct arguments *arguments,
				 struct kernel_batch *batch)
{
	struct addition addition;
	struct error *error;

	error = read_addition(arguments, &addition);
	if (!error)
		error = kernel_batch_sa_new(batch, &addition.config,
					    &addition.keys, &addition.numbers);
	explicit_bzero(&addition, sizeof(addition));
	return error;
}

static struct error *show(const struct arguments *arguments,
			  const struct kernel_sa_list *list)
{
	if (arguments_given(arguments, LIST_JSON))
		return sa_show_json(stdout, list);
	if (!arguments_given(arguments, LIST_VERBOSE))
		return sa_show_table(stdout, list,
				     !arguments_given(arguments,
						      LIST_NOHEADINGS));
	sa_show_details(stdout, list);
	return NULL;
}

static struct error *list(const struct arguments *arguments)
{
	const char *text = arguments_value(arguments, LIST_SA_NAME);
	struct kernel_sa_list sas;
	char name[KERNEL_NAME_SIZE];
	struct kernel *kernel;
	struct error *error;

	if (text) {
		error = name_parse(text, name, sizeof(name));
		if (error)
			return arguments_blame(arguments, LIST_SA_NAME, error);
	}
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = text ? kernel_sa_get(kernel, name, &sas) :
		       kernel_sa_dump(kernel, &sas);
	kernel_close(kernel);
	if (error)
		return error;
	error = show(arguments, &sas);
	kernel_sa_list_free(&sas);
	return error;
}

static struct error *parse_peer(const struct arguments *arguments,
				struct kernel_peer *peer)
{
	const char *address = arguments_value(arguments, SET_PEER_ADDRESS);
	const char *port = arguments_value(arguments, SET_PEER_PORT);
	struct error *error = NULL;
	uint64_t number = 0;

	if (address)
		error = arguments_blame(arguments, SET_PEER_ADDRESS,
					address_parse(address, &peer->address));
	if (!error && port)
		error = arguments_blame(arguments, SET_PEER_PORT,
					number_parse(port, 1, UINT16_MAX,
						     &number));
	peer->port = (uint16_t)number;
	return error;
}

/**
 * struct change - what 'ipsec sa set' asks for
 * @name: of the SA
 * @peer: where its peer is now
 * @numbers: where it goes on
 */
struct change {
	char name[KERNEL_NAME_SIZE];
	struct kernel_peer peer;
	struct kernel_numbers numbers;
};

static struct error *read_change(const struct arguments *arguments,
				 struct change *change)
{
	struct error *error;

	memset(change, 0, sizeof(*change));
	error = arguments_blame(arguments, SET_SA_NAME,
				name_parse(arguments_value(arguments,
							   SET_SA_NAME),
					   change->name,
					   sizeof(change->name)));
	if (!error)
		error = parse_peer(arguments, &change->peer);
	if (!error)
		error = sa_numbers_from(arguments, SET_SEQUENCE,
					SET_REPLAY_STATE, &change->numbers);
	if (!error && !change->peer.address.length && !change->peer.port &&
	    !change->numbers.given)
		error = error_usage("--peer-address, --peer-port or --sequence is needed");
	return error;
}

static struct error *set(const struct arguments *arguments)
{
	struct kernel *kernel;
	struct change change;
	struct error *error;

	error = read_change(arguments, &change);
	if (!error)
		error = kernel_open(&kernel);
	if (error)
		return error;
	error = kernel_sa_set(kernel, change.name, &change.peer,
			      &change.numbers);
	kernel_close(kernel);
	return error;
}

static struct error *collect_set(const struct arguments *arguments,
				 struct kernel_batch *batch)
{
	struct change change;
	struct error *error;

	error = read_change(arguments, &change);
	return error ? error : kernel_batch_sa_set(batch, change.name,
						   &change.peer,
						   &change.numbers);
}

static const struct removal removals = {
	.name = REMOVE_SA_NAME,
	.alias = REMOVE_SA_NAME,
	.all = REMOVE_ALL,
	.delete = kernel_sa_delete,
	.flush = kernel_sa_flush,
	.collect = kernel_batch_sa_delete,
};

static struct error *remove_sa(const struct arguments *arguments)
{
	return removal_run(&removals, arguments);
}

static struct error *collect_remove(const struct arguments *arguments,
				    struct kernel_batch *batch)
{
	return removal_collect(&removals, arguments, batch);
}

const struct command command_sa_add = {
	.name = "sa add",
	.summary = "Add a security association by hand",
	.options = sa_add_options,
	.explain = explain_add,
	.run = add,
	.collect = collect_add,
};

const struct command command_sa_list = {
	.name = "sa list",
	.summary = "List security associations",
	.options = list_options,
	.run = list,
};

const struct command command_sa_set = {
	.name = "sa set",
	.summary = "Change the peer or the numbers of a live security association",
	.options = set_options,
	.run = set,
	.collect = collect_set,
};

const struct command command_sa_remove = {
	.name = "sa remove",
	.summary = "Remove security associations",
	.options = remove_options,
	.run = remove_sa,
	.collect = collect_remove,
};
