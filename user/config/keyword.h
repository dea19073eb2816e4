/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameters of ipsec.conf as a table: what each is called, what its values look
 * like, where they go, and what becomes of it. The manual page's table is made
 * from this one.
 */
#ifndef CONFIG_KEYWORD_H
#define CONFIG_KEYWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum cfg_scope - where a parameter may stand
 * @CFG_SCOPE_SETUP: in config setup
 * @CFG_SCOPE_CONN: in a connection, about both ends
 * @CFG_SCOPE_SIDE: in a connection, with left or right before its name
 */
enum cfg_scope {
	CFG_SCOPE_SETUP,
	CFG_SCOPE_CONN,
	CFG_SCOPE_SIDE,
};

/**
 * enum cfg_fate - what becomes of a parameter
 * @CFG_USED: it means what the table says
 * @CFG_IGNORED: it is understood and has no effect; the table says why
 * @CFG_REFUSED: it cannot be done, but for the values with which it changes nothing;
 *	the table says why
 */
enum cfg_fate {
	CFG_USED,
	CFG_IGNORED,
	CFG_REFUSED,
};

/**
 * enum cfg_value - what the values of a parameter look like
 * @CFG_VALUE_BOOL: yes or no; bool
 * @CFG_VALUE_CHOICE: one of some words; int
 * @CFG_VALUE_SET: some of some words; unsigned int
 * @CFG_VALUE_NUMBER: a number; uint64_t
 * @CFG_VALUE_TIME: a time, in seconds if nothing is said; uint64_t, seconds
 * @CFG_VALUE_MILLISECONDS: the same in milliseconds, both
 * @CFG_VALUE_PERCENT: a number with % behind it; uint64_t
 * @CFG_VALUE_AMOUNT: a number with Ki, Mi, ... and B behind it or not; uint64_t
 * @CFG_VALUE_TRIES: a number or %forever; uint64_t
 * @CFG_VALUE_WORKERS: a number or -1; uint64_t
 * @CFG_VALUE_TEXT: anything; const char *
 * @CFG_VALUE_ADDRESS: an address; struct address
 * @CFG_VALUE_HOST: an end; struct cfg_host
 * @CFG_VALUE_SUBNET: one network; struct cfg_subnets
 * @CFG_VALUE_SUBNETS: a list of networks; struct cfg_subnets
 * @CFG_VALUE_WITHIN: a network that all networks must be in; the same
 * @CFG_VALUE_VIRTUAL: where peers behind NATs may be; struct cfg_virtual
 * @CFG_VALUE_PROTOPORT: protocol and port; struct cfg_protoport
 * @CFG_VALUE_MARK: mark and mask; struct cfg_mark
 * @CFG_VALUE_MARKS: the same for both directions; struct cfg_mark, twice
 * @CFG_VALUE_DEVICE: yes, no or a number; uint64_t
 * @CFG_VALUE_IKE: proposals; const struct cfg_proposals *
 * @CFG_VALUE_ESP: the same
 * @CFG_VALUE_NONE: not kept
 */
enum cfg_value {
	CFG_VALUE_BOOL,
	CFG_VALUE_CHOICE,
	CFG_VALUE_SET,
	CFG_VALUE_NUMBER,
	CFG_VALUE_TIME,
	CFG_VALUE_MILLISECONDS,
	CFG_VALUE_PERCENT,
	CFG_VALUE_AMOUNT,
	CFG_VALUE_TRIES,
	CFG_VALUE_WORKERS,
	CFG_VALUE_TEXT,
	CFG_VALUE_ADDRESS,
	CFG_VALUE_HOST,
	CFG_VALUE_SUBNET,
	CFG_VALUE_SUBNETS,
	CFG_VALUE_WITHIN,
	CFG_VALUE_VIRTUAL,
	CFG_VALUE_PROTOPORT,
	CFG_VALUE_MARK,
	CFG_VALUE_MARKS,
	CFG_VALUE_DEVICE,
	CFG_VALUE_IKE,
	CFG_VALUE_ESP,
	CFG_VALUE_NONE,
};

/**
 * struct cfg_choice - a word and what it stands for
 * @word: the word; NULL ends a list
 * @number: what it stands for
 */
struct cfg_choice {
	const char *word;
	int number;
};

/**
 * struct cfg_keyword - a parameter
 * @name: its name, without left or right
 * @scope: where it may stand
 * @fate: what becomes of it
 * @value: what its values look like
 * @choices: the words, for CFG_VALUE_CHOICE and CFG_VALUE_SET
 * @min: the smallest number allowed
 * @max: the largest number allowed
 * @offset: of its value in struct cfg_setup, cfg_connection or cfg_side
 * @usual: what it is where nothing is said, as it would be written; NULL for nothing.
 *	If it is refused, all values that change nothing, with '|' between them
 * @text: what it means, or why it has no effect; for the manual page and for notes
 */
struct cfg_keyword {
	const char *name;
	enum cfg_scope scope;
	enum cfg_fate fate;
	enum cfg_value value;
	const struct cfg_choice *choices;
	uint64_t min;
	uint64_t max;
	size_t offset;
	const char *usual;
	const char *text;
};

extern const struct cfg_keyword cfg_keywords[];
extern const size_t cfg_keyword_count;

/* A parameter of a side has a slot for each of the two, the others use the first */
#define CFG_SLOTS(keywords) (2 * (keywords))

const struct cfg_keyword *cfg_keyword_find(const char *name, bool setup,
					   unsigned int *side);
/* Enough for the longest name, with left or right before it */
#define CFG_NAME_SIZE 48

const char *cfg_keyword_guess(const char *name, bool setup, char *text);

#endif /* CONFIG_KEYWORD_H */
