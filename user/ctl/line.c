// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line of JSON, as requests and answers are.
 */
#include <stdlib.h>

#include "ctl/line.h"

/**
 * ctl_line - write JSON as a line
 * @json: what to write, freed by this; NULL if there was no memory for it
 *
 * Return: JSON with its newline, to be freed with free(); NULL if there is no
 * memory.
 */
char *ctl_line(json_t *json)
{
	size_t length = json ? json_dumpb(json, NULL, 0, JSON_COMPACT) : 0;
	char *line = length ? malloc(length + 2) : NULL;

	if (line) {
		json_dumpb(json, line, length, JSON_COMPACT);
		line[length] = '\n';
		line[length + 1] = '\0';
	}
	json_decref(json);
	return line;
}
