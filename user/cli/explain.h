/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that somebody asks about: options into a question, answers into
 * lines that end in a sentence.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <stdio.h>

#include "kernel/kernel.h"

/* Enough for the longest sentence with three names in it */
#define EXPLAIN_SENTENCE_SIZE 512

const char *explain_sentence(const struct kernel_question *question,
			     const struct kernel_answer *answer, char *text);
void explain_show(FILE *out, const struct kernel_question *question,
		  const struct kernel_answer *answer);
ERROR_MUST_CHECK
struct error *explain_show_json(FILE *out,
				const struct kernel_question *question,
				const struct kernel_answer *answer);

#endif /* CLI_EXPLAIN_H */
