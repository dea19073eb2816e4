// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words for the numbers of the protocol, and how they are read.
 */
#include <linux/espvif.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "cli/values.h"
#include "lib/number.h"

const struct word words_direction[] = {
	{ "in", ESPVIF_DIRECTION_IN },
	{ "out", ESPVIF_DIRECTION_OUT },
	{}
};

const struct word words_mode[] = {
	{ "transport", ESPVIF_MODE_TRANSPORT },
	{ "tunnel", ESPVIF_MODE_TUNNEL },
	{}
};

const struct word words_action[] = {
	{ "none", ESPVIF_ACTION_NONE },
	{ "discard", ESPVIF_ACTION_DISCARD },
	{ "ipsec", ESPVIF_ACTION_IPSEC },
	{}
};

const struct word words_owner[] = {
	{ "manual", ESPVIF_OWNER_MANUAL },
	{ "daemon", ESPVIF_OWNER_DAEMON },
	{}
};

const struct word words_encapsulation[] = {
	{ "none", ESPVIF_ENCAP_NONE },
	{ "udp", ESPVIF_ENCAP_UDP },
	{}
};

const struct word words_df[] = {
	{ "copy", ESPVIF_DF_COPY },
	{ "set", ESPVIF_DF_SET },
	{ "clear", ESPVIF_DF_CLEAR },
	{}
};

const struct word words_fragment[] = {
	{ "auto", ESPVIF_FRAGMENT_AUTO },
	{ "before", ESPVIF_FRAGMENT_BEFORE },
	{ "after", ESPVIF_FRAGMENT_AFTER },
	{}
};

const struct word words_flow_label[] = {
	{ "no", ESPVIF_FLOW_LABEL_NO },
	{ "copy", ESPVIF_FLOW_LABEL_COPY },
	{ "hash", ESPVIF_FLOW_LABEL_HASH },
	{}
};

const struct word words_offload[] = {
	{ "auto", ESPVIF_OFFLOAD_AUTO },
	{ "no", ESPVIF_OFFLOAD_NO },
	{ "crypto", ESPVIF_OFFLOAD_CRYPTO },
	{ "packet", ESPVIF_OFFLOAD_PACKET },
	{}
};

const struct word words_state[] = {
	{ "valid", ESPVIF_SA_STATE_VALID },
	{ "expired", ESPVIF_SA_STATE_EXPIRED },
	{}
};

const struct word words_verdict[] = {
	{ "clear", ESPVIF_VERDICT_CLEAR },
	{ "protected", ESPVIF_VERDICT_PROTECTED },
	{ "dropped", ESPVIF_VERDICT_DROPPED },
	{ "too-big", ESPVIF_VERDICT_TOO_BIG },
	{ "unreachable", ESPVIF_VERDICT_UNREACHABLE },
	{ "held", ESPVIF_VERDICT_HELD },
	{}
};

const struct word words_protocol[] = {
	{ "any", 0 },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmp6", IPPROTO_ICMPV6 },
	{ "sctp", IPPROTO_SCTP },
	{ "dccp", IPPROTO_DCCP },
	{ "udplite", IPPROTO_UDPLITE },
	{}
};

/* "a, b or c" */
static void list_words(const struct word *words, char *text, size_t size)
{
	const struct word *word;
	size_t used = 0;

	*text = '\0';
	for (word = words; word->text && used < size; word++) {
		const char *separator = !word[1].text ? " or " : ", ";

		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 word == words ? "" : separator,
					 word->text);
	}
}

/**
 * word_parse - find the number of a word
 * @words: the words allowed
 * @text: the word
 * @number: set to its number
 *
 * Return: NULL, or which words are allowed.
 */
struct error *word_parse(const struct word *words, const char *text,
			 unsigned int *number)
{
	const struct word *word;
	char all[256];

	for (word = words; word->text; word++) {
		if (!strcmp(word->text, text)) {
			*number = word->number;
			return NULL;
		}
	}
	list_words(words, all, sizeof(all));
	return error_usage("'%s' is not %s", text, all);
}

/**
 * word_text - find the word for a number
 * @words: the words
 * @number: the number
 * @text: room for WORD_TEXT_SIZE bytes
 *
 * Return: @text: the word, or the number if it has none; "-" for 0 without one.
 */
const char *word_text(const struct word *words, unsigned int number,
		      char *text)
{
	const struct word *word;

	for (word = words; word->text; word++) {
		if (word->number == number) {
			snprintf(text, WORD_TEXT_SIZE, "%s", word->text);
			return text;
		}
	}
	if (number)
		snprintf(text, WORD_TEXT_SIZE, "%u", number);
	else
		snprintf(text, WORD_TEXT_SIZE, "-");
	return text;
}

/**
 * protocol_parse - read an upper-layer protocol
 * @text: its name or number, "any" or 0 for all
 * @protocol: set to its number
 *
 * Return: NULL, or what would have been right.
 */
struct error *protocol_parse(const char *text, uint8_t *protocol)
{
	struct error *error;
	unsigned int word;
	uint64_t number;
	char all[256];

	error = word_parse(words_protocol, text, &word);
	if (!error) {
		*protocol = (uint8_t)word;
		return NULL;
	}
	error_free(error);
	error = number_parse(text, 0, UINT8_MAX, &number);
	if (!error) {
		*protocol = (uint8_t)number;
		return NULL;
	}
	error_free(error);
	list_words(words_protocol, all, sizeof(all));
	return error_usage("'%s' is not a protocol: %s, or a number from 0 to 255",
			   text, all);
}

/**
 * protocol_has_ports - do packets of a protocol have ports
 * @protocol: its number
 *
 * Return: whether they do.
 */
bool protocol_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP ||
	       protocol == IPPROTO_UDPLITE;
}
