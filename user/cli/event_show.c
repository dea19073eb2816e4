// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows notifications as they come: lines whose columns stay where the
 * headings put them unless a name is longer than most, or an object of JSON
 * each. What follows the name is words with an equals sign.
 */
#include "cli/cpu.h"
#include "cli/event.h"
#include "cli/print.h"
#include "cli/sa.h"
#include "cli/sp.h"
#include "cli/values.h"

#define TIME_WIDTH 31
#define EVENT_WIDTH 14
#define NAME_WIDTH 20

static void show_sa(FILE *out, const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;
	char address[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];

	fprintf(out, "direction=%s",
		word_text(words_direction, config->direction, word));
	fprintf(out, " spi=%#x", config->spi);
	fprintf(out, " source=%s", address_text(&config->source, address));
	fprintf(out, " destination=%s",
		address_text(&config->destination, address));
	fprintf(out, " mode=%s", word_text(words_mode, config->mode, word));
	fprintf(out, " owner=%s", word_text(words_owner, config->owner, word));
	if (config->interface[0])
		fprintf(out, " interface=%s", config->interface);
}

static const char *limit_word(const struct kernel_sa *sa)
{
	return sa->hard ? "hard" : "soft";
}

static void show_peer(FILE *out, const struct kernel_peer *peer)
{
	char address[ADDRESS_TEXT_SIZE];

	fprintf(out, "peer-address=%s", address_text(&peer->address, address));
	fprintf(out, " peer-port=%u ", peer->port);
}

static void show_policy(FILE *out, const struct kernel_policy *policy)
{
	const struct kernel_policy_config *config = &policy->config;
	char prefix[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];
	size_t i;

	fprintf(out, "direction=%s",
		word_text(words_direction, config->direction, word));
	fprintf(out, " action=%s",
		word_text(words_action, config->action, word));
	fprintf(out, " source=%s", prefix_text(&config->source, prefix));
	fprintf(out, " destination=%s",
		prefix_text(&config->destination, prefix));
	fprintf(out, " priority=%u", config->priority);
	fprintf(out, " owner=%s", word_text(words_owner, config->owner, word));
	for (i = 0; i < config->sas.count; i++)
		fprintf(out, "%s%s", i ? "," : " sa-name=", config->sas.names[i]);
	if (config->interface[0])
		fprintf(out, " interface=%s", config->interface);
}

static void show_flow(FILE *out, const struct kernel_flow *flow)
{
	char address[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];

	fprintf(out, "packet-source=%s", address_text(&flow->source, address));
	fprintf(out, " packet-destination=%s",
		address_text(&flow->destination, address));
	fprintf(out, " packet-protocol=%s",
		word_text(words_protocol, flow->protocol, word));
	if (protocol_has_ports(flow->protocol))
		fprintf(out, " packet-source-port=%u packet-destination-port=%u",
			flow->source_port, flow->destination_port);
	fputc(' ', out);
}

static json_t *json_flow(const struct kernel_flow *flow)
{
	char address[ADDRESS_TEXT_SIZE], word[WORD_TEXT_SIZE];
	struct print_object object;

	print_object_begin(&object);
	print_object_text(&object, "source",
			  address_text(&flow->source, address));
	print_object_text(&object, "destination",
			  address_text(&flow->destination, address));
	print_object_text(&object, "protocol",
			  word_text(words_protocol, flow->protocol, word));
	print_object_number(&object, "protocol_number", flow->protocol);
	print_object_number(&object, "source_port", flow->source_port);
	print_object_number(&object, "destination_port",
			    flow->destination_port);
	return print_object_end(&object);
}

static bool is_about_policy(const struct kernel_event *event)
{
	return event->kind == KERNEL_EVENT_POLICY ||
	       event->kind == KERNEL_EVENT_ACQUIRE;
}

static bool is_about_sa(const struct kernel_event *event)
{
	return event->kind == KERNEL_EVENT_SA ||
	       event->kind == KERNEL_EVENT_EXPIRY ||
	       event->kind == KERNEL_EVENT_PEER;
}

static const char *name_of(const struct kernel_event *event)
{
	if (is_about_sa(event))
		return event->sa.config.name;
	return is_about_policy(event) ? event->policy.config.name : "-";
}

/**
 * event_show_headings - show the line of headings
 * @out: where to
 * @timestamp: lines begin with a time
 */
void event_show_headings(FILE *out, bool timestamp)
{
	if (timestamp)
		fprintf(out, "%-*s  ", TIME_WIDTH, "Time");
	fprintf(out, "%-*s  %-*s  %s\n", EVENT_WIDTH, "Event", NAME_WIDTH,
		"Name", "Details");
}

static void show_time(FILE *out, const struct timespec *when)
{
	char text[TIME_WIDTH + 1] = "", zone[8] = "";
	struct tm local;

	if (localtime_r(&when->tv_sec, &local)) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &local);
		strftime(zone, sizeof(zone), "%z", &local);
	}
	fprintf(out, "%s.%06ld%s  ", text, when->tv_nsec / 1000, zone);
}

/**
 * event_show_line - show a notification as a line
 * @out: where to
 * @event: the notification
 * @when: it came; NULL leaves that out
 */
void event_show_line(FILE *out, const struct kernel_event *event,
		     const struct timespec *when)
{
	if (when)
		show_time(out, when);
	fprintf(out, "%-*s  %-*s  ", EVENT_WIDTH, event->name, NAME_WIDTH,
		name_of(event));
	switch (event->kind) {
	case KERNEL_EVENT_EXPIRY:
		fprintf(out, "limit=%s ", limit_word(&event->sa));
		show_sa(out, &event->sa);
		break;
	case KERNEL_EVENT_PEER:
		show_peer(out, &event->sa.peer);
		show_sa(out, &event->sa);
		break;
	case KERNEL_EVENT_SA:
		show_sa(out, &event->sa);
		break;
	case KERNEL_EVENT_ACQUIRE:
		if (event->policy.cpu.given)
			fprintf(out, "cpu=%u ", event->policy.cpu.number);
		show_flow(out, &event->policy.flow);
		show_policy(out, &event->policy);
		break;
	case KERNEL_EVENT_POLICY:
		show_policy(out, &event->policy);
		break;
	case KERNEL_EVENT_NONE:
		break;
	case KERNEL_EVENT_LOST:
		fputs("reason=they-came-too-fast", out);
		break;
	case KERNEL_EVENT_UNKNOWN:
		fprintf(out, "number=%u", event->command);
		break;
	}
	fputc('\n', out);
}

static json_t *json_peer(const struct kernel_peer *peer)
{
	char address[ADDRESS_TEXT_SIZE];
	struct print_object object;

	print_object_begin(&object);
	print_object_text(&object, "address",
			  address_text(&peer->address, address));
	print_object_number(&object, "port", peer->port);
	return print_object_end(&object);
}

/**
 * event_show_json - show a notification as an object in a line
 * @out: where to
 * @event: the notification
 * @when: it came
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *event_show_json(FILE *out, const struct kernel_event *event,
			      const struct timespec *when)
{
	struct print_object object;

	print_object_begin(&object);
	print_object_text(&object, "event", event->name);
	print_object_json(&object, "time",
			  json_real((double)when->tv_sec +
				    (double)(when->tv_nsec / 1000) * 1e-6));
	if (event->kind == KERNEL_EVENT_EXPIRY)
		print_object_text(&object, "limit", limit_word(&event->sa));
	if (event->kind == KERNEL_EVENT_PEER)
		print_object_json(&object, "peer", json_peer(&event->sa.peer));
	if (event->kind == KERNEL_EVENT_UNKNOWN)
		print_object_number(&object, "number", event->command);
	if (is_about_sa(event))
		print_object_json(&object, "sa", sa_json(&event->sa));
	if (event->kind == KERNEL_EVENT_ACQUIRE && event->policy.cpu.given)
		print_object_json(&object, "cpu",
				  cpu_json(&event->policy.cpu));
	if (event->kind == KERNEL_EVENT_ACQUIRE)
		print_object_json(&object, "packet",
				  json_flow(&event->policy.flow));
	if (is_about_policy(event))
		print_object_json(&object, "policy", sp_json(&event->policy));
	return print_json_line(out, print_object_end(&object));
}
