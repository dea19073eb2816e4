// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what becomes of a packet: what decided and by which way it goes, a line
 * each, and a sentence that says it all.
 */
#include <string.h>

#include "cli/cpu.h"
#include "cli/explain.h"
#include "cli/print.h"
#include "cli/values.h"
#include "lib/array.h"

/* Why a packet is dropped, by the counter that counts it; {…} is a name */
static const struct {
	const char *counter;
	const char *sentence;
} drops[] = {
	{ "out-no-policy",
	  "it is routed into {interface}, and none of its policies is about it" },
	{ "out-policy-discard", "policy {policy} discards it" },
	{ "out-no-sa",
	  "policy {policy} wants it protected, and none of its SAs is usable" },
	{ "out-sa-address",
	  "SA {sa} is in transport mode, and between other addresses" },
	{ "out-no-route", "there is no route to the peer of SA {sa}" },
	{ "out-route-loop",
	  "the route to the peer of SA {sa} leads into {interface} itself" },
	{ "in-sa-expired", "SA {sa} has expired" },
	{ "in-no-policy", "no policy is about what SA {sa} decrypts here" },
	{ "in-policy-discard", "policy {policy} discards it" },
	{ "in-policy-other-sa",
	  "policy {policy} wants it protected by another SA than {sa}" },
	{ "in-device-down", "{interface} is down" },
	{ "in-unprotected",
	  "policy {policy} wants it protected, and it comes in the clear" },
	{ "in-clear-discard", "policy {policy} discards it" },
};

/* Appends as much of @text as there is room for. */
static void append(char *sentence, const char *text, size_t length)
{
	size_t used = strlen(sentence);
	size_t room = EXPLAIN_SENTENCE_SIZE - 1 - used;

	if (length > room)
		length = room;
	memcpy(sentence + used, text, length);
	sentence[used + length] = '\0';
}

static const char *name_of(const struct kernel_answer *answer,
			   const char *placeholder)
{
	if (!strncmp(placeholder, "{policy}", 8))
		return answer->policy;
	if (!strncmp(placeholder, "{sa}", 4))
		return answer->sa;
	return answer->interface;
}

/* Appends @text with names in place of {policy}, {sa} and {interface}. */
static void append_names(char *sentence, const char *text,
			 const struct kernel_answer *answer)
{
	const char *open, *name;

	while ((open = strchr(text, '{'))) {
		append(sentence, text, (size_t)(open - text));
		name = name_of(answer, open);
		append(sentence, name, strlen(name));
		text = strchr(open, '}') + 1;
	}
	append(sentence, text, strlen(text));
}

static const char *why_dropped(const char *counter)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(drops); i++) {
		if (!strcmp(drops[i].counter, counter))
			return drops[i].sentence;
	}
	return "ipsec_counters(8) says why";
}

static const char *why_clear(const struct kernel_answer *answer)
{
	if (answer->exempt)
		return "It passes in the clear: policies are not asked about such packets.";
	if (answer->policy[0])
		return "It passes in the clear, as policy {policy} says.";
	if (answer->loopback)
		return "It passes in the clear by the loopback device: no policy names its addresses.";
	return "It passes in the clear: no policy is about it.";
}

static const char *how_protected(const struct kernel_question *question,
				 const struct kernel_answer *answer)
{
	if (question->direction == ESPVIF_DIRECTION_OUT)
		return answer->fragmented ?
		       "SA {sa} protects it, as policy {policy} says, and it leaves in fragments." :
		       "SA {sa} protects it, as policy {policy} says.";
	return answer->policy[0] ?
	       "It is delivered: policy {policy} lets it come by SA {sa}." :
	       "It is delivered: no policy uses SA {sa}, which is for its own two ends.";
}

/**
 * explain_sentence - say in one sentence what becomes of a packet
 * @question: the packet
 * @answer: what becomes of it
 * @text: room for EXPLAIN_SENTENCE_SIZE bytes
 *
 * Return: @text.
 */
const char *explain_sentence(const struct kernel_question *question,
			     const struct kernel_answer *answer, char *text)
{
	char fitting[EXPLAIN_SENTENCE_SIZE];

	*text = '\0';
	switch (answer->verdict) {
	case ESPVIF_VERDICT_CLEAR:
		append_names(text, why_clear(answer), answer);
		break;
	case ESPVIF_VERDICT_PROTECTED:
		append_names(text, how_protected(question, answer), answer);
		break;
	case ESPVIF_VERDICT_TOO_BIG:
		snprintf(fitting, sizeof(fitting),
			 "It is too big and must not be fragmented: its sender learns that %u bytes fit.",
			 answer->inner_mtu);
		append(text, fitting, strlen(fitting));
		break;
	case ESPVIF_VERDICT_UNREACHABLE:
		append_names(text, answer->interface[0] ?
			     "It does not leave: {interface} is down." :
			     "It does not leave: there is no route to its destination.",
			     answer);
		break;
	case ESPVIF_VERDICT_HELD:
		append_names(text, "It waits: policy {policy} is a trap, and has somebody asked for an SA.",
			     answer);
		break;
	case ESPVIF_VERDICT_DROPPED:
	default:
		append_names(text, "It is dropped: ", answer);
		append_names(text, why_dropped(answer->counter), answer);
		append_names(text, ".", answer);
		break;
	}
	return text;
}

static void show_way(FILE *out, const struct kernel_answer *answer)
{
	char gateway[ADDRESS_TEXT_SIZE];

	if (answer->link[0] && answer->gateway.length)
		print_property(out, "Route", "%s via %s", answer->link,
			       address_text(&answer->gateway, gateway));
	else
		print_property(out, "Route", "%s",
			       answer->link[0] ? answer->link : "-");
	if (answer->path_mtu)
		print_property(out, "Path MTU", "%u", answer->path_mtu);
	if (answer->inner_mtu)
		print_property(out, "Fits Inside", "%u", answer->inner_mtu);
}

/**
 * explain_show - show an answer to people
 * @out: where to
 * @question: what was asked
 * @answer: what becomes of the packet
 */
void explain_show(FILE *out, const struct kernel_question *question,
		  const struct kernel_answer *answer)
{
	char word[WORD_TEXT_SIZE], sentence[EXPLAIN_SENTENCE_SIZE];

	if (answer->policy[0])
		print_property(out, "Policy", "%s (%s)", answer->policy,
			       word_text(words_action, answer->action, word));
	else
		print_property(out, "Policy", "-");
	if (answer->sa[0])
		print_property(out, "SA", "%s (%s)", answer->sa,
			       word_text(words_state, answer->sa_state, word));
	else
		print_property(out, "SA", "-");
	if (answer->cpu.given)
		print_property(out, "CPU", "%u", answer->cpu.number);
	print_property(out, "Interface", "%s",
		       answer->interface[0] ? answer->interface : "-");
	if (question->direction == ESPVIF_DIRECTION_OUT)
		show_way(out, answer);
	if (question->length && answer->outer_length)
		print_property(out, "ESP Packet", "%u", answer->outer_length);
	print_property(out, "Counter", "%s",
		       answer->counter[0] ? answer->counter : "-");
	print_property(out, "Verdict", "%s",
		       word_text(words_verdict, answer->verdict, word));
	fprintf(out, "%s\n", explain_sentence(question, answer, sentence));
}

static void add_text(struct print_object *object, const char *name,
		     const char *text)
{
	print_object_text(object, name, *text ? text : NULL);
}

static void add_number(struct print_object *object, const char *name,
		       uint32_t number)
{
	if (number)
		print_object_number(object, name, number);
	else
		print_object_json(object, name, json_null());
}

/**
 * explain_show_json - show an answer as an object
 * @out: where to
 * @question: what was asked
 * @answer: what becomes of the packet
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *explain_show_json(FILE *out,
				const struct kernel_question *question,
				const struct kernel_answer *answer)
{
	char word[WORD_TEXT_SIZE], sentence[EXPLAIN_SENTENCE_SIZE];
	char gateway[ADDRESS_TEXT_SIZE] = "";
	struct print_object object;

	print_object_begin(&object);
	print_object_text(&object, "verdict",
			  word_text(words_verdict, answer->verdict, word));
	print_object_text(&object, "explanation",
			  explain_sentence(question, answer, sentence));
	add_text(&object, "counter", answer->counter);
	add_text(&object, "policy", answer->policy);
	print_object_text(&object, "action", answer->policy[0] ?
			  word_text(words_action, answer->action, word) : NULL);
	print_object_bool(&object, "exempt", answer->exempt);
	print_object_bool(&object, "loopback", answer->loopback);
	add_text(&object, "sa", answer->sa);
	print_object_text(&object, "sa_state", answer->sa[0] ?
			  word_text(words_state, answer->sa_state, word) : NULL);
	print_object_json(&object, "cpu", cpu_json(&answer->cpu));
	add_text(&object, "interface", answer->interface);
	add_text(&object, "link", answer->link);
	if (answer->gateway.length)
		address_text(&answer->gateway, gateway);
	add_text(&object, "gateway", gateway);
	add_number(&object, "path_mtu", answer->path_mtu);
	add_number(&object, "inner_mtu", answer->inner_mtu);
	add_number(&object, "esp_length", answer->outer_length);
	print_object_bool(&object, "fragmented", answer->fragmented);
	return print_json(out, print_object_end(&object));
}
