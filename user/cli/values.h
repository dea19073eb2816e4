/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of options that are one of a few words, and the words that lists
 * show for the numbers of the protocol.
 */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct word - a word and the number it stands for
 * @text: the word; NULL ends a table
 * @number: the number
 */
struct word {
	const char *text;
	unsigned int number;
};

extern const struct word words_direction[];
extern const struct word words_mode[];
extern const struct word words_action[];
extern const struct word words_owner[];
extern const struct word words_state[];
extern const struct word words_encapsulation[];
extern const struct word words_verdict[];
extern const struct word words_df[];
extern const struct word words_fragment[];
extern const struct word words_flow_label[];
extern const struct word words_offload[];
extern const struct word words_protocol[];

/* Enough for any word, and for a number that has none */
#define WORD_TEXT_SIZE 16

ERROR_MUST_CHECK
struct error *word_parse(const struct word *words, const char *text,
			 unsigned int *number);
const char *word_text(const struct word *words, unsigned int number,
		      char *text);

ERROR_MUST_CHECK
struct error *protocol_parse(const char *text, uint8_t *protocol);
bool protocol_has_ports(uint8_t protocol);

#endif /* CLI_VALUES_H */
