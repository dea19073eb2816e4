/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How commands show things: as a table of aligned columns, as a block with a
 * line for each property, or as JSON.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/error.h"

struct libscols_table;
struct libscols_line;

/**
 * struct print_column - a column of a table
 * @heading: what stands above it
 * @right: numbers are aligned to the right
 */
struct print_column {
	const char *heading;
	bool right;
};

/**
 * enum print_color - what a cell is to look like on a terminal
 * @PRINT_PLAIN: as all others
 * @PRINT_GOOD: all is well
 * @PRINT_BAD: somebody should look
 */
enum print_color {
	PRINT_PLAIN,
	PRINT_GOOD,
	PRINT_BAD,
};

/**
 * struct print_table - a table being filled
 * @table: of libsmartcols
 * @line: the line being filled
 * @next: the cell of it that is filled next
 * @failed: there was no memory for a part of it
 */
struct print_table {
	struct libscols_table *table;
	struct libscols_line *line;
	size_t next;
	bool failed;
};

/**
 * struct print_object - an object of JSON being filled
 * @json: the object
 * @failed: there was no memory for a part of it
 */
struct print_object {
	json_t *json;
	bool failed;
};

void print_table_begin(struct print_table *table,
		       const struct print_column *columns, size_t count);
void print_table_line(struct print_table *table);
__attribute__((format(printf, 3, 4)))
void print_table_cell(struct print_table *table, enum print_color color,
		      const char *format, ...);
ERROR_MUST_CHECK
struct error *print_table_end(struct print_table *table, FILE *out,
			      bool headings);

void print_title(FILE *out, const char *title);
__attribute__((format(printf, 3, 4)))
void print_property(FILE *out, const char *name, const char *format, ...);
const char *print_time(uint64_t seconds, char *text);
void print_wrapped(FILE *out, size_t indent, size_t column, const char *text);

void print_object_begin(struct print_object *object);
void print_object_text(struct print_object *object, const char *name,
		       const char *text);
void print_object_number(struct print_object *object, const char *name,
			 uint64_t number);
void print_object_bool(struct print_object *object, const char *name,
		       bool yes);
void print_object_json(struct print_object *object, const char *name,
		       json_t *value);
json_t *print_object_end(struct print_object *object);
bool print_array_append(json_t **array, json_t *value);
ERROR_MUST_CHECK
struct error *print_json(FILE *out, json_t *json);
ERROR_MUST_CHECK
struct error *print_json_line(FILE *out, json_t *json);

/* Enough for a date, a time and the offset from UTC */
#define PRINT_TIME_SIZE 64

#endif /* CLI_PRINT_H */
