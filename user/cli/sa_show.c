// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows SAs. There is nothing secret in what the module tells about them.
 */
#include <string.h>

#include "cli/counters.h"
#include "cli/cpu.h"
#include "cli/print.h"
#include "cli/sa.h"
#include "cli/values.h"
#include "kernel/algorithm.h"
#include "lib/array.h"

static const struct print_column columns[] = {
	{ "Name", false },
	{ "Source Address", false },
	{ "Destination Address", false },
	{ "State", false },
	{ "SPI", false },
	{ "Mode", false },
	{ "Encryption Algorithm", false },
	{ "Integrity Algorithm", false },
	{ "Direction", false },
	{ "Owner", false },
	{ "Interface", false },
	{ "Packets", true },
	{ "Bytes", true },
	{ "Drops", true },
};

static uint64_t count_drops(const struct kernel_sa *sa)
{
	uint64_t drops = 0;
	size_t i;

	for (i = 0; i < sa->drops.count; i++)
		drops += sa->drops.items[i].packets;
	return drops;
}

static void add_identity(struct print_table *table, const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;
	char address[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];
	bool valid = sa->state == ESPVIF_SA_STATE_VALID;

	print_table_cell(table, PRINT_PLAIN, "%s", config->name);
	print_table_cell(table, PRINT_PLAIN, "%s",
			 address_text(&config->source, address));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 address_text(&config->destination, address));
	print_table_cell(table, valid ? PRINT_GOOD : PRINT_BAD, "%s",
			 word_text(words_state, sa->state, word));
	print_table_cell(table, PRINT_PLAIN, "%#x", config->spi);
	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_mode, config->mode, word));
}

static void add_rest(struct print_table *table, const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;
	char name[ALGORITHM_TEXT_SIZE], word[WORD_TEXT_SIZE];
	uint64_t drops = count_drops(sa);

	print_table_cell(table, PRINT_PLAIN, "%s",
			 encryption_text(config->encryption,
					 sa->encryption_key_bits, name));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 integrity_text(config->integrity, name));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_direction, config->direction, word));
	print_table_cell(table, PRINT_PLAIN, "%s",
			 word_text(words_owner, config->owner, word));
	print_table_cell(table, PRINT_PLAIN, "%s", config->interface);
	print_table_cell(table, PRINT_PLAIN, "%llu",
			 (unsigned long long)sa->packets);
	print_table_cell(table, PRINT_PLAIN, "%llu",
			 (unsigned long long)sa->bytes);
	print_table_cell(table, drops ? PRINT_BAD : PRINT_PLAIN, "%llu",
			 (unsigned long long)drops);
}

/**
 * sa_show_table - show SAs as a table
 * @out: where to
 * @list: the SAs
 * @headings: with the line of headings
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *sa_show_table(FILE *out, const struct kernel_sa_list *list,
			    bool headings)
{
	struct print_table table;
	size_t i;

	print_table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < list->count; i++) {
		print_table_line(&table);
		add_identity(&table, &list->items[i]);
		add_rest(&table, &list->items[i]);
	}
	return print_table_end(&table, out, headings);
}

static void show_limit(FILE *out, const char *name,
		       const struct kernel_limit *limit)
{
	if (limit->bytes)
		print_property(out, name, "%llu bytes",
			       (unsigned long long)limit->bytes);
	if (limit->packets)
		print_property(out, name, "%llu packets",
			       (unsigned long long)limit->packets);
	if (limit->seconds)
		print_property(out, name, "%u seconds", limit->seconds);
}

static bool writes_outer(const struct kernel_sa_config *config)
{
	return config->direction == ESPVIF_DIRECTION_OUT &&
	       config->mode == ESPVIF_MODE_TUNNEL;
}

static void show_outer(FILE *out, const struct kernel_sa_config *config)
{
	const struct kernel_outer *outer = &config->outer;
	char word[WORD_TEXT_SIZE];

	if (!writes_outer(config))
		return;
	print_property(out, "Don't Fragment", "%s",
		       word_text(words_df, outer->df, word));
	print_property(out, "Fragmentation", "%s",
		       word_text(words_fragment, outer->fragment, word));
	if (outer->dscp == ESPVIF_DSCP_COPY)
		print_property(out, "DSCP", "copy");
	else
		print_property(out, "DSCP", "%u", outer->dscp);
	if (outer->hop_limit)
		print_property(out, "TTL", "%u", outer->hop_limit);
	if (config->destination.length == 16)
		print_property(out, "Flow Label", "%s",
			       word_text(words_flow_label, outer->flow_label,
					 word));
	if (outer->tfc)
		print_property(out, "TFC Padding", "%u bytes", outer->tfc);
}

static void show_offload(FILE *out, const struct kernel_sa *sa)
{
	char wish[WORD_TEXT_SIZE], now[WORD_TEXT_SIZE];

	word_text(words_offload, sa->config.offload, wish);
	word_text(words_offload, sa->offload, now);
	if (sa->offload_device[0])
		print_property(out, "Offload", "%s, now %s by %s", wish, now,
			       sa->offload_device);
	else
		print_property(out, "Offload", "%s, now %s", wish, now);
}

static void show_identity(FILE *out, const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;
	char address[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];
	char algorithm[ALGORITHM_TEXT_SIZE];

	print_property(out, "Number", "%u", sa->id);
	print_property(out, "State", "%s",
		       word_text(words_state, sa->state, word));
	print_property(out, "Direction", "%s",
		       word_text(words_direction, config->direction, word));
	print_property(out, "Owner", "%s",
		       word_text(words_owner, config->owner, word));
	print_property(out, "Source Address", "%s",
		       address_text(&config->source, address));
	print_property(out, "Destination Address", "%s",
		       address_text(&config->destination, address));
	print_property(out, "SPI", "%#x", config->spi);
	print_property(out, "Mode", "%s",
		       word_text(words_mode, config->mode, word));
	print_property(out, "Interface", "%s",
		       config->interface[0] ? config->interface : "-");
	if (config->encapsulation == ESPVIF_ENCAP_UDP)
		print_property(out, "Encapsulation", "udp %u to %u",
			       config->source_port, config->destination_port);
	if (config->keepalive)
		print_property(out, "Keepalive", "%u seconds",
			       config->keepalive);
	if (config->cpu.given)
		print_property(out, "CPU", "%u", config->cpu.number);
	show_outer(out, config);
	show_offload(out, sa);
	print_property(out, "Encryption Algorithm", "%s",
		       encryption_text(config->encryption,
				       sa->encryption_key_bits, algorithm));
	print_property(out, "Integrity Algorithm", "%s",
		       integrity_text(config->integrity, algorithm));
}

/* 0x and two digits a byte, as --replay-state takes it */
static void state_text(const struct kernel_replay_state *state,
		       char text[2 + 2 * ESPVIF_REPLAY_STATE_MAX + 1])
{
	size_t i;

	snprintf(text, 3, "0x");
	for (i = 0; i < state->length; i++)
		snprintf(text + 2 + 2 * i, 3, "%02x", state->bytes[i]);
}

static void show_use(FILE *out, const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;
	char state[2 + 2 * ESPVIF_REPLAY_STATE_MAX + 1];
	char time[PRINT_TIME_SIZE];
	size_t i;

	print_property(out, "Sequence Numbers", "%s",
		       config->esn ? "64 bits (ESN)" : "32 bits");
	print_property(out, "Sequence Number", "%llu",
		       (unsigned long long)sa->sequence);
	if (config->direction == ESPVIF_DIRECTION_IN)
		print_property(out, "Replay Window", "%u packets",
			       config->replay_window);
	if (sa->received.length) {
		state_text(&sa->received, state);
		print_property(out, "Replay State", "%s", state);
	}
	show_limit(out, "Soft Lifetime", &config->soft);
	show_limit(out, "Hard Lifetime", &config->hard);
	print_property(out, "Added", "%s", print_time(sa->added, time));
	print_property(out, "Last Used", "%s", print_time(sa->used, time));
	print_property(out, "Policies", "%u", sa->policies);
	print_property(out, "Packets", "%llu",
		       (unsigned long long)sa->packets);
	print_property(out, "Bytes", "%llu", (unsigned long long)sa->bytes);
	print_property(out, "Drops", "%llu",
		       (unsigned long long)count_drops(sa));
	for (i = 0; i < sa->drops.count; i++) {
		if (sa->drops.items[i].packets)
			print_property(out, "", "%llu %s",
				       (unsigned long long)
				       sa->drops.items[i].packets,
				       sa->drops.items[i].name);
	}
}

/**
 * sa_show_details - show all there is to know of SAs
 * @out: where to
 * @list: the SAs
 */
void sa_show_details(FILE *out, const struct kernel_sa_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct kernel_sa *sa = &list->items[i];

		if (i)
			fputc('\n', out);
		print_title(out, sa->config.name);
		show_identity(out, sa);
		show_use(out, sa);
	}
}

static json_t *json_limit(const struct kernel_limit *limit)
{
	struct print_object object;

	print_object_begin(&object);
	print_object_number(&object, "bytes", limit->bytes);
	print_object_number(&object, "packets", limit->packets);
	print_object_number(&object, "seconds", limit->seconds);
	return print_object_end(&object);
}

static json_t *json_encapsulation(const struct kernel_sa_config *config)
{
	struct print_object object;
	char word[WORD_TEXT_SIZE];

	if (config->encapsulation != ESPVIF_ENCAP_UDP)
		return json_null();
	print_object_begin(&object);
	print_object_text(&object, "type",
			  word_text(words_encapsulation,
				    config->encapsulation, word));
	print_object_number(&object, "source_port", config->source_port);
	print_object_number(&object, "destination_port",
			    config->destination_port);
	print_object_number(&object, "keepalive", config->keepalive);
	return print_object_end(&object);
}

/* null where something else decides */
static void add_json_choice(struct print_object *object, const char *name,
			    unsigned int number, unsigned int none)
{
	if (number == none)
		print_object_json(object, name, json_null());
	else
		print_object_number(object, name, number);
}

static json_t *json_outer(const struct kernel_sa_config *config)
{
	const struct kernel_outer *outer = &config->outer;
	struct print_object object;
	char word[WORD_TEXT_SIZE];

	if (!writes_outer(config))
		return json_null();
	print_object_begin(&object);
	print_object_text(&object, "df", word_text(words_df, outer->df, word));
	add_json_choice(&object, "dscp", outer->dscp, ESPVIF_DSCP_COPY);
	add_json_choice(&object, "ttl", outer->hop_limit, 0);
	print_object_text(&object, "flow_label",
			  word_text(words_flow_label, outer->flow_label,
				    word));
	print_object_text(&object, "fragmentation",
			  word_text(words_fragment, outer->fragment, word));
	print_object_number(&object, "tfc_padding", outer->tfc);
	return print_object_end(&object);
}

static void add_json_config(struct print_object *object,
			    const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;
	char address[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];
	char name[ALGORITHM_TEXT_SIZE];

	print_object_text(object, "name", config->name);
	print_object_text(object, "source_address",
			  address_text(&config->source, address));
	print_object_text(object, "destination_address",
			  address_text(&config->destination, address));
	snprintf(word, sizeof(word), "%#x", config->spi);
	print_object_number(object, "spi", config->spi);
	print_object_text(object, "spi_hex", word);
	print_object_text(object, "mode",
			  word_text(words_mode, config->mode, word));
	print_object_text(object, "encryption_algorithm",
			  encryption_text(config->encryption,
					  sa->encryption_key_bits, name));
	print_object_number(object, "encryption_key_bits",
			    sa->encryption_key_bits);
	print_object_text(object, "integrity_algorithm",
			  config->integrity ?
			  integrity_text(config->integrity, name) : NULL);
	print_object_text(object, "direction",
			  word_text(words_direction, config->direction, word));
	print_object_text(object, "owner",
			  word_text(words_owner, config->owner, word));
	print_object_text(object, "interface",
			  config->interface[0] ? config->interface : NULL);
	print_object_json(object, "cpu", cpu_json(&config->cpu));
	print_object_json(object, "encapsulation", json_encapsulation(config));
	print_object_json(object, "outer_header", json_outer(config));
	print_object_text(object, "offload",
			  word_text(words_offload, config->offload, word));
	print_object_bool(object, "esn", config->esn);
	print_object_number(object, "replay_window", config->replay_window);
	print_object_json(object, "lifetime_soft", json_limit(&config->soft));
	print_object_json(object, "lifetime_hard", json_limit(&config->hard));
}

/**
 * sa_json - an SA as an object
 * @sa: the SA
 *
 * Return: the object, NULL if there is no memory.
 */
json_t *sa_json(const struct kernel_sa *sa)
{
	char state[2 + 2 * ESPVIF_REPLAY_STATE_MAX + 1];
	struct print_object object;
	char word[WORD_TEXT_SIZE];

	print_object_begin(&object);
	print_object_number(&object, "id", sa->id);
	add_json_config(&object, sa);
	print_object_text(&object, "state",
			  word_text(words_state, sa->state, word));
	print_object_text(&object, "offload_state",
			  word_text(words_offload, sa->offload, word));
	print_object_text(&object, "offload_device",
			  sa->offload_device[0] ? sa->offload_device : NULL);
	print_object_number(&object, "sequence", sa->sequence);
	if (sa->received.length) {
		state_text(&sa->received, state);
		print_object_text(&object, "replay_state", state);
	}
	print_object_number(&object, "added", sa->added);
	print_object_number(&object, "last_used", sa->used);
	print_object_number(&object, "policies", sa->policies);
	print_object_number(&object, "packets", sa->packets);
	print_object_number(&object, "bytes", sa->bytes);
	print_object_number(&object, "drops", count_drops(sa));
	print_object_json(&object, "drop_reasons",
			  counters_json(&sa->drops, false));
	return print_object_end(&object);
}

/**
 * sa_show_json - show SAs as an array of objects
 * @out: where to
 * @list: the SAs
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *sa_show_json(FILE *out, const struct kernel_sa_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < list->count; i++)
		print_array_append(&array, sa_json(&list->items[i]));
	return print_json(out, array);
}
