// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes, extends and frees errors. Running out of memory while one is made
 * yields an error too, so a caller never mistakes a failure for success.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/error.h"

static char no_memory_sentence[] = "out of memory";

static struct error no_memory = {
	.kind = ERROR_REFUSED,
	.number = ENOMEM,
	.sentence = no_memory_sentence,
};

/**
 * error_no_memory - the error for a failed allocation
 *
 * Return: the error; it may be freed as any other.
 */
struct error *error_no_memory(void)
{
	return &no_memory;
}

__attribute__((format(printf, 3, 0)))
static struct error *create(enum error_kind kind, int number,
			    const char *format, va_list arguments)
{
	struct error *error = malloc(sizeof(*error));

	if (!error)
		return error_no_memory();
	error->kind = kind;
	error->number = number;
	if (vasprintf(&error->sentence, format, arguments) < 0) {
		free(error);
		return error_no_memory();
	}
	return error;
}

/**
 * error_usage - the request was wrong as it was typed
 * @format: the sentence, as for printf
 *
 * Return: the error, to be freed with error_free().
 */
struct error *error_usage(const char *format, ...)
{
	struct error *error;
	va_list arguments;

	va_start(arguments, format);
	error = create(ERROR_USAGE, 0, format, arguments);
	va_end(arguments);
	return error;
}

/**
 * error_refused - the request was understood and cannot be carried out
 * @number: the errno behind the refusal, 0 if there is none
 * @format: the sentence, as for printf
 *
 * Return: the error, to be freed with error_free().
 */
struct error *error_refused(int number, const char *format, ...)
{
	struct error *error;
	va_list arguments;

	va_start(arguments, format);
	error = create(ERROR_REFUSED, number, format, arguments);
	va_end(arguments);
	return error;
}

/**
 * error_prefix - say where an error occurred
 * @error: the error, whose ownership passes to this function; may be NULL
 * @format: what to put in front of its sentence, as for printf
 *
 * Return: NULL for NULL, else an error of the same kind and number.
 */
struct error *error_prefix(struct error *error, const char *format, ...)
{
	char *prefix, *sentence;
	va_list arguments;
	int length;

	if (!error || error == &no_memory)
		return error;
	va_start(arguments, format);
	length = vasprintf(&prefix, format, arguments);
	va_end(arguments);
	if (length < 0)
		return error;
	length = asprintf(&sentence, "%s%s", prefix, error->sentence);
	free(prefix);
	if (length < 0)
		return error;
	free(error->sentence);
	error->sentence = sentence;
	return error;
}

/**
 * error_take_sentence - keep an error's sentence and nothing else of it
 * @error: the error, freed by this; NULL then
 *
 * Return: the sentence, to be freed with free(); NULL if there is no memory.
 */
char *error_take_sentence(struct error **error)
{
	char *sentence;

	if (*error == &no_memory) {
		sentence = strdup(no_memory_sentence);
	} else {
		sentence = (*error)->sentence;
		free(*error);
	}
	*error = NULL;
	return sentence;
}

/**
 * error_free - free an error
 * @error: the error, or NULL
 */
void error_free(struct error *error)
{
	if (!error || error == &no_memory)
		return;
	free(error->sentence);
	free(error);
}
