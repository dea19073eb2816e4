// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares words by their edit distance: the number of characters to insert,
 * delete, replace or swap. The begin of a word counts as near, so that who
 * abbreviates is told the whole word.
 */
#include <stdint.h>
#include <string.h>

#include "lib/suggest.h"

#define WORD_MAX 40

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t edit_distance(const char *a, const char *b)
{
	size_t rows = strlen(a), columns = strlen(b), i, j;
	size_t cost[WORD_MAX + 1][WORD_MAX + 1];

	if (rows > WORD_MAX || columns > WORD_MAX)
		return SIZE_MAX;
	for (i = 0; i <= rows; i++) {
		for (j = 0; j <= columns; j++) {
			size_t *here = &cost[i][j];

			if (!i || !j) {
				*here = i + j;
				continue;
			}
			*here = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			*here = min(*here, cost[i - 1][j] + 1);
			*here = min(*here, cost[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				*here = min(*here, cost[i - 2][j - 2] + 1);
		}
	}
	return cost[rows][columns];
}

/**
 * suggest_begin - start looking for what was meant
 * @suggestion: to be handed to suggest_consider()
 * @typed: what was typed; must outlive @suggestion
 */
void suggest_begin(struct suggestion *suggestion, const char *typed)
{
	size_t length = strlen(typed);

	suggestion->typed = typed;
	suggestion->best = NULL;
	/* one slip in a short word, three in a long one */
	if (length > 9)
		suggestion->distance = 4;
	else if (length > 4)
		suggestion->distance = 3;
	else
		suggestion->distance = length ? 2 : 0;
}

/**
 * suggest_consider - could this have been meant?
 * @suggestion: made by suggest_begin(); its best candidate is updated
 * @candidate: a word that would have been right; must outlive @suggestion
 */
void suggest_consider(struct suggestion *suggestion, const char *candidate)
{
	size_t length = strlen(suggestion->typed);
	size_t distance;

	distance = edit_distance(suggestion->typed, candidate);
	if (length >= 2 && !strncmp(suggestion->typed, candidate, length))
		distance = min(distance, 1);
	if (distance < suggestion->distance) {
		suggestion->distance = distance;
		suggestion->best = candidate;
	}
}
