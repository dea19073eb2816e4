// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks names: printable ASCII without blanks, so that a name is one column
 * of a list and can be typed again.
 */
#include <string.h>

#include "lib/name.h"

/**
 * name_parse - take a name
 * @text: the name as typed
 * @name: where to copy it
 * @size: room there, with the final 0
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *name_parse(const char *text, char *name, size_t size)
{
	size_t length = strlen(text);
	size_t i;

	if (!length || length >= size)
		return error_usage("a name has 1 to %zu characters, not %zu",
				   size - 1, length);
	for (i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return error_usage("a name has only printable ASCII characters and no blank; character %zu is none of these",
					   i + 1);
	}
	memcpy(name, text, length + 1);
	return NULL;
}

/**
 * name_parse_device - take the name of a network device
 * @text: the name as typed
 * @name: where to copy it
 * @size: room there, with the final 0
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *name_parse_device(const char *text, char *name, size_t size)
{
	struct error *error = name_parse(text, name, size);

	if (error)
		return error;
	if (strpbrk(text, "/:") || !strcmp(text, ".") || !strcmp(text, ".."))
		return error_usage("'%s' cannot be the name of a network device",
				   text);
	return NULL;
}
