// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows policies, in the order in which the module looks at them.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/sp.h"
#include "cli/values.h"
#include "lib/array.h"

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
	{ "Held", true },
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
	size_t used = 0, i;

	text[0] = '\0';
	for (i = 0; i < config->sas.count; i++)
		used += (size_t)snprintf(text + used, SA_NAMES_SIZE - used,
					 "%s%s", i ? "," : "",
					 config->sas.names[i]);
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
	if (config->trap)
		print_table_cell(table, PRINT_PLAIN, "%u", policy->held);
	else
		print_table_cell(table, PRINT_PLAIN, "%s", "");
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

	print_table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < list->count; i++) {
		print_table_line(&table);
		add_selector(&table, &list->items[i].config);
		add_rest(&table, &list->items[i]);
	}
	return print_table_end(&table, out, headings);
}

static void show_mss(FILE *out, const struct kernel_policy_config *config)
{
	if (config->action != ESPVIF_ACTION_IPSEC)
		return;
	if (config->mss && config->mss != ESPVIF_MSS_AUTO)
		print_property(out, "MSS", "%u", config->mss);
	else
		print_property(out, "MSS", config->mss ? "auto" : "no");
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
		       config->sas.count ? sa_names(config, names) : "-");
	print_property(out, "Priority", "%u", config->priority);
	print_property(out, "Interface", "%s",
		       config->interface[0] ? config->interface : "-");
	show_mss(out, config);
	print_property(out, "Hits", "%llu",
		       (unsigned long long)policy->packets);
	print_property(out, "Bytes", "%llu",
		       (unsigned long long)policy->bytes);
	print_property(out, "Last Used", "%s", print_time(policy->used, time));
	print_property(out, "Trap", "%s", config->trap ? "yes" : "no");
	if (config->trap)
		print_property(out, "Held", "%u", policy->held);
	if (config->cpu_acquire)
		print_property(out, "CPU Acquire", "yes");
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

	for (i = 0; array && i < config->sas.count; i++)
		print_array_append(&array, json_string(config->sas.names[i]));
	return array;
}

static void add_json_selector(struct print_object *object,
			      const struct kernel_policy_config *config)
{
	char prefix[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];

	print_object_text(object, "source_address",
			  prefix_text(&config->source, prefix));
	print_object_text(object, "destination_address",
			  prefix_text(&config->destination, prefix));
	print_object_number(object, "source_port_min",
			    config->source_ports.min);
	print_object_number(object, "source_port_max",
			    config->source_ports.max);
	print_object_number(object, "destination_port_min",
			    config->destination_ports.min);
	print_object_number(object, "destination_port_max",
			    config->destination_ports.max);
	print_object_text(object, "protocol",
			  word_text(words_protocol, config->protocol, word));
	print_object_number(object, "protocol_number", config->protocol);
	print_object_text(object, "flow_direction",
			  word_text(words_direction, config->direction, word));
}

/* A number, "auto", or null where TCP may tell what it likes */
static json_t *json_mss(const struct kernel_policy_config *config)
{
	if (config->action != ESPVIF_ACTION_IPSEC || !config->mss)
		return json_null();
	return config->mss == ESPVIF_MSS_AUTO ? json_string("auto") :
						json_integer(config->mss);
}

/**
 * sp_json - a policy as an object
 * @policy: the policy
 *
 * Return: the object, NULL if there is no memory.
 */
json_t *sp_json(const struct kernel_policy *policy)
{
	const struct kernel_policy_config *config = &policy->config;
	struct print_object object;
	char word[WORD_TEXT_SIZE];

	print_object_begin(&object);
	print_object_number(&object, "id", policy->id);
	print_object_text(&object, "name", config->name);
	add_json_selector(&object, config);
	print_object_text(&object, "action",
			  word_text(words_action, config->action, word));
	print_object_text(&object, "mode",
			  config->mode ?
			  word_text(words_mode, config->mode, word) : NULL);
	print_object_json(&object, "sa_names", json_names(config));
	print_object_number(&object, "priority", config->priority);
	print_object_text(&object, "interface",
			  config->interface[0] ? config->interface : NULL);
	print_object_text(&object, "owner",
			  word_text(words_owner, config->owner, word));
	print_object_json(&object, "mss", json_mss(config));
	print_object_number(&object, "hits", policy->packets);
	print_object_number(&object, "bytes", policy->bytes);
	print_object_number(&object, "last_used", policy->used);
	print_object_bool(&object, "trap", config->trap);
	print_object_number(&object, "held", policy->held);
	print_object_bool(&object, "cpu_acquire", config->cpu_acquire);
	return print_object_end(&object);
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

	for (i = 0; array && i < list->count; i++)
		print_array_append(&array, sp_json(&list->items[i]));
	return print_json(out, array);
}
