/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the unit tests have in common: cmocka, and assertions about errors.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bytes.h"
#include "lib/error.h"

/* A string as bytes, without the 0 at its end */
#define TEXT(string) \
	((struct bytes){ (const uint8_t *)(string), sizeof(string) - 1 })

/* Fails with the sentence of an error that should not be there. */
static inline void assert_success_at(struct error *error, const char *file,
				     int line)
{
	if (!error)
		return;
	print_error("%s\n", error->sentence);
	error_free(error);
	_fail(file, line);
}

#define assert_success(error) assert_success_at(error, __FILE__, __LINE__)

/* Fails unless there is an error of a kind whose sentence has some words. */
static inline void assert_refusal_at(struct error *error, enum error_kind kind,
				     const char *words, const char *file,
				     int line)
{
	if (!error) {
		print_error("no error, '%s' was expected\n", words);
		_fail(file, line);
		return;
	}
	if (error->kind != kind || !strstr(error->sentence, words)) {
		print_error("error of kind %d is '%s', '%s' was expected\n",
			    error->kind, error->sentence, words);
		error_free(error);
		_fail(file, line);
		return;
	}
	error_free(error);
}

#define assert_usage(error, words) \
	assert_refusal_at(error, ERROR_USAGE, words, __FILE__, __LINE__)
#define assert_refused(error, words) \
	assert_refusal_at(error, ERROR_REFUSED, words, __FILE__, __LINE__)

#endif /* UNIT_UNIT_H */
