// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collects problems, up to a number that nobody reads to the end.
 */
#include <stdlib.h>
#include <string.h>

#include "config/problem.h"

#define PROBLEMS_MAX 1000

/* What many connections inherit is told once. */
static bool is_known(const struct cfg_problems *problems,
		     const struct cfg_position *at, const char *sentence)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		const struct cfg_problem *problem = &problems->items[i];

		if (problem->at.line == at->line &&
		    problem->at.file == at->file &&
		    !strcmp(problem->sentence, sentence))
			return true;
	}
	return false;
}

/**
 * cfg_problem_add - note a problem, unless it was noted already
 * @problems: where to
 * @severity: how bad it is
 * @at: where it was found
 * @error: its sentence; taken over
 */
void cfg_problem_add(struct cfg_problems *problems, enum cfg_severity severity,
		     const struct cfg_position *at, struct error *error)
{
	struct cfg_problem *items = NULL;

	if (is_known(problems, at, error->sentence)) {
		error_free(error);
		return;
	}
	if (severity == CFG_ERROR)
		problems->errors++;
	if (problems->count < PROBLEMS_MAX)
		items = reallocarray(problems->items, problems->count + 1,
				     sizeof(*items));
	if (items) {
		problems->items = items;
		items[problems->count] = (struct cfg_problem) {
			.severity = severity,
			.at = *at,
			.sentence = error_take_sentence(&error),
		};
		if (items[problems->count].sentence)
			problems->count++;
		else
			problems->lost++;
	} else {
		problems->lost++;
	}
	error_free(error);
}

/**
 * cfg_problems_free - free what a list holds; it is empty then
 * @problems: the list
 */
void cfg_problems_free(struct cfg_problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++)
		free(problems->items[i].sentence);
	free(problems->items);
	*problems = (struct cfg_problems) { 0 };
}
