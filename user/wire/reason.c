// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names and sentences of the reasons.
 */
#include "wire/reason.h"

#define NAME(name, sentence) [WIRE_REASON_##name] = #name,
#define SENTENCE(name, sentence) [WIRE_REASON_##name] = sentence,

static const char *const names[] = { WIRE_REASON_LIST(NAME) };
static const char *const sentences[] = { WIRE_REASON_LIST(SENTENCE) };

/**
 * wire_reason_name - a reason in one word
 * @reason: the reason
 *
 * Return: the name a counter of it has.
 */
const char *wire_reason_name(enum wire_reason reason)
{
	return names[reason];
}

/**
 * wire_reason_sentence - a reason in words
 * @reason: the reason
 *
 * Return: what is wrong with the message, which the sentence calls "it".
 */
const char *wire_reason_sentence(enum wire_reason reason)
{
	return sentences[reason];
}
