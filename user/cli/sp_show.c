// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows policies, in the order in which the module looks at them.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/sp.h"
#include "cli/values.h"

/* Room for every name of a bundle, each with a comma or the final 0 */
#define SA_NAMES_SIZE (ESPVIF_POLICY_SAS_MAX * KERNEL_NAME_SIZE)

static const struct print_column columns[] = {
	{ "Name", false },
	{ "Source Address", false },
	{ "Destination Address", false },
	{ "Source Port", false },
	{ "Destination Port", false },
	{ "Protocol", false },
	{ "Flow Direction", false },
	{ "Action", false },
	{ "Mode", false },
	{ "SA Name", false },
	{ "Priority", true },
	{ "Interface", false },
	{ "Owner", false },
	{ "Hits", true },
};

static int compare(const void *left, const void *right)
{
	const struct kernel_policy *a = left, *b = right;
	int order = strcmp(a->config.interface, b->config.interface);

	if (order)
		return order;
	if (a->config.priority != b->config.priority)
		return a->config.priority < b->config.priority ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/**
 * sp_sort - put policies into the order of their evaluation
 * @list: the policies
 *
 * The host's policies come first, then those of each device, because a packet
 * meets either these or those. Then the lower priority is looked at first, and
 * the older of two with the same.
 */
void sp_sort(struct kernel_policy_list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare);
}

static const char *sa_names(const struct kernel_policy_config *config,
			    char *text)
{
	char *end = text;
	size_t i;

	*end = '\0';
	for (i = 0; i < config->sa_count; i++) {
		if (i)
			*end++ = ',';
		end = stpcpy(end, config->sas[i]);
	}
	return text;
}

static void add_selector(struct print_table *table,
			 const struct kernel_policy_config *config)
{
	char prefix[ADDRESS_TEXT_SIZE], ports[PORT_RANGE_TEXT_SIZE];
	char word[WORD_TEXT_SIZE];

	print_table_cell(table, PRINT_PLAIN, "%s", config->name);
	print_table_cell(table, PRINT_PLAIN, "%s",
			 prefix_text(&config->source, prefix));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 prefix_text(&config->destination, prefix));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 port_range_text(&config->source_ports, ports));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 port_range_text(&config->destination_ports, ports));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_protocol, config->protocol, word));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_direction, config->direction, word));
}

static void add_rest(struct print_table *table,
		     const struct kernel_policy *policy)
{
	const struct kernel_policy_config *config = &policy->config;
	char word[WORD_TEXT_SIZE], names[SA_NAMES_SIZE];

	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_action, config->action, word));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_mode, config->mode, word));
	print_table_cell(table, PRINT_PLAIN, "%s", sa_names(config, names));
	print_table_cell(table, PRINT_PLAIN, "%u", config->priority);
	print_table_cell(table, PRINT_PLAIN, "%s", config->interface);
	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_owner, config->owner, word));
	print_table_cell(table, PRINT_PLAIN, "%llu",
			 (unsigned long long)policy->packets);
}

/**
 * sp_show_table - show policies as a table
 * @out: where to
 * @list: the policies
 * @headings: with the line of headings
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *sp_show_table(FILE *out, const struct kernel_policy_list *list,
			    bool headings)
{
	struct print_table table;
	size_t i;

	print_table_begin(&table, columns,
			  sizeof(columns) / sizeof(columns[0]));
	for (i = 0; i < list->count; i++) {
		print_table_line(&table);
		add_selector(&table, &list->items[i].config);
		add_rest(&table, &list->items[i]);
	}
	return print_table_end(&table, out, headings);
}

static void show_details(FILE *out, const struct kernel_policy *policy)
{
	const struct kernel_policy_config *config = &policy->config;
	char prefix[ADDRESS_TEXT_SIZE], ports[PORT_RANGE_TEXT_SIZE];
	char word[WORD_TEXT_SIZE], names[SA_NAMES_SIZE];
	char time[PRINT_TIME_SIZE];

	print_property(out, "Number", "%u", policy->id);
	print_property(out, "Owner", "%s",
		       word_text(words_owner, config->owner, word));
	print_property(out, "Source Address", "%s",
		       prefix_text(&config->source, prefix));
	print_property(out, "Destination Address", "%s",
		       prefix_text(&config->destination, prefix));
	print_property(out, "Source Port", "%s",
		       port_range_text(&config->source_ports, ports));
	print_property(out, "Destination Port", "%s",
		       port_range_text(&config->destination_ports, ports));
	print_property(out, "Protocol", "%s",
		       word_text(words_protocol, config->protocol, word));
	print_property(out, "Flow Direction", "%s",
		       word_text(words_direction, config->direction, word));
	print_property(out, "Action", "%s",
		       word_text(words_action, config->action, word));
	print_property(out, "Mode", "%s",
		       word_text(words_mode, config->mode, word));
	print_property(out, "SA Name", "%s",
		       config->sa_count ? sa_names(config, names) : "-");
	print_property(out, "Priority", "%u", config->priority);
	print_property(out, "Interface", "%s",
		       config->interface[0] ? config->interface : "-");
	print_property(out, "Hits", "%llu",
		       (unsigned long long)policy->packets);
	print_property(out, "Bytes", "%llu",
		       (unsigned long long)policy->bytes);
	print_property(out, "Last Used", "%s", print_time(policy->used, time));
}

/**
 * sp_show_details - show all there is to know of policies
 * @out: where to
 * @list: the policies
 */
void sp_show_details(FILE *out, const struct kernel_policy_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (i)
			fputc('\n', out);
		print_title(out, list->items[i].config.name);
		show_details(out, &list->items[i]);
	}
}

static json_t *json_names(const struct kernel_policy_config *config)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < config->sa_count; i++) {
		if (json_array_append_new(array,
					  json_string(config->sas[i]))) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static json_t *json_policy(const struct kernel_policy *policy)
{
	const struct kernel_policy_config *config = &policy->config;
	char source[ADDRESS_TEXT_SIZE], destination[ADDRESS_TEXT_SIZE];
	char direction[WORD_TEXT_SIZE], action[WORD_TEXT_SIZE];
	char mode[WORD_TEXT_SIZE], owner[WORD_TEXT_SIZE];
	char protocol[WORD_TEXT_SIZE];

	return json_pack("{s:I, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:s, s:s?, s:o, s:I, s:s?, s:s, s:I, s:I, s:I}",
			 "id", (json_int_t)policy->id,
			 "name", config->name,
			 "source_address", prefix_text(&config->source, source),
			 "destination_address",
			 prefix_text(&config->destination, destination),
			 "source_port_min", config->source_ports.min,
			 "source_port_max", config->source_ports.max,
			 "destination_port_min", config->destination_ports.min,
			 "destination_port_max", config->destination_ports.max,
			 "protocol_number", config->protocol,
			 "protocol", word_text(words_protocol,
					       config->protocol, protocol),
			 "flow_direction",
			 word_text(words_direction, config->direction,
				   direction),
			 "action", word_text(words_action, config->action,
					     action),
			 "mode", config->mode ?
			 word_text(words_mode, config->mode, mode) : NULL,
			 "sa_names", json_names(config),
			 "priority", (json_int_t)config->priority,
			 "interface",
			 config->interface[0] ? config->interface : NULL,
			 "owner", word_text(words_owner, config->owner, owner),
			 "hits", print_json_number(policy->packets),
			 "bytes", print_json_number(policy->bytes),
			 "last_used", print_json_number(policy->used));
}

/**
 * sp_show_json - show policies as an array of objects
 * @out: where to
 * @list: the policies
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *sp_show_json(FILE *out, const struct kernel_policy_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < list->count; i++) {
		if (json_array_append_new(array,
					  json_policy(&list->items[i]))) {
			json_decref(array);
			array = NULL;
		}
	}
	return print_json(out, array);
}
