/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the word that somebody meant who typed another.
 */
#ifndef LIB_SUGGEST_H
#define LIB_SUGGEST_H

#include <stddef.h>

/**
 * struct suggestion - the best candidate so far
 * @typed: what was typed
 * @best: what comes nearest to it, NULL if nothing does
 * @distance: how far @best is away
 */
struct suggestion {
	const char *typed;
	const char *best;
	size_t distance;
};

void suggest_begin(struct suggestion *suggestion, const char *typed);
void suggest_consider(struct suggestion *suggestion, const char *candidate);

#endif /* LIB_SUGGEST_H */
