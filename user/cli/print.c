// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables by libsmartcols, JSON by jansson. A table looks the same on a
 * terminal and in a pipe: aligned, never cut, two blanks at least between
 * columns and none within a cell, "-" where there is nothing; only colours
 * are for terminals alone.
 */
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/print.h"

#define LINE_WIDTH 79

/**
 * print_table_begin - start a table
 * @table: the table
 * @columns: its columns
 * @count: how many
 */
void print_table_begin(struct print_table *table,
		       const struct print_column *columns, size_t count)
{
	size_t i;

	memset(table, 0, sizeof(*table));
	table->table = scols_new_table();
	if (!table->table ||
	    scols_table_set_column_separator(table->table, "  ")) {
		table->failed = true;
		return;
	}
	for (i = 0; i < count; i++) {
		int flags = columns[i].right ? SCOLS_FL_RIGHT : 0;

		if (!scols_table_new_column(table->table, columns[i].heading,
					    0, flags))
			table->failed = true;
	}
}

/**
 * print_table_line - start the next line of a table
 * @table: the table
 */
void print_table_line(struct print_table *table)
{
	table->next = 0;
	if (!table->failed)
		table->line = scols_table_new_line(table->table, NULL);
	if (!table->line)
		table->failed = true;
}

static const char *color_name(enum print_color color)
{
	switch (color) {
	case PRINT_GOOD:
		return "green";
	case PRINT_BAD:
		return "red";
	case PRINT_PLAIN:
		break;
	}
	return NULL;
}

/**
 * print_table_cell - fill the next cell of a line
 * @table: the table
 * @color: how to show it on a terminal
 * @format: its text, as for printf; "" is shown as "-"
 */
void print_table_cell(struct print_table *table, enum print_color color,
		      const char *format, ...)
{
	struct libscols_cell *cell;
	va_list arguments;
	char *text;
	int length;

	if (table->failed)
		return;
	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	cell = scols_line_get_cell(table->line, table->next++);
	if (length < 0 || !cell ||
	    scols_cell_set_data(cell, length ? text : "-") ||
	    (color && scols_cell_set_color(cell, color_name(color))))
		table->failed = true;
	if (length >= 0)
		free(text);
}

static bool colors_wanted(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(out)) && (!no_color || !*no_color);
}

/* libsmartcols prints nothing at all when there are no lines. */
static void print_headings(struct libscols_table *table, FILE *out)
{
	size_t count = scols_table_get_ncols(table), i;

	for (i = 0; i < count; i++) {
		struct libscols_column *column;

		column = scols_table_get_column(table, i);
		fprintf(out, "%s%s", i ? "  " : "",
			scols_column_get_name(column));
	}
	fputc('\n', out);
}

/**
 * print_table_end - print a table and free it
 * @table: the table
 * @out: where to
 * @headings: with the line of headings
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *print_table_end(struct print_table *table, FILE *out,
			      bool headings)
{
	struct libscols_table *print = table->table;
	struct error *error = NULL;

	if (table->failed) {
		error = error_no_memory();
	} else if (scols_table_get_nlines(print)) {
		/* without a width to fit into, nothing is ever cut */
		scols_table_set_termforce(print, SCOLS_TERMFORCE_NEVER);
		scols_table_set_termwidth(print, 0);
		scols_table_enable_noheadings(print, !headings);
		scols_table_enable_colors(print, colors_wanted(out));
		scols_table_set_stream(print, out);
		if (scols_print_table(print))
			error = error_refused(errno, "cannot print a table");
	} else if (headings) {
		print_headings(print, out);
	}
	scols_unref_table(print);
	memset(table, 0, sizeof(*table));
	return error;
}

/**
 * print_title - begin a block of properties
 * @out: where to
 * @title: whose properties follow
 */
void print_title(FILE *out, const char *title)
{
	if (colors_wanted(out))
		fprintf(out, "\033[1m%s\033[0m\n", title);
	else
		fprintf(out, "%s\n", title);
}

/**
 * print_property - print one property
 * @out: where to
 * @name: of the property
 * @format: its value, as for printf
 */
void print_property(FILE *out, const char *name, const char *format, ...)
{
	va_list arguments;

	fprintf(out, "  %-22s  ", name);
	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
	fputc('\n', out);
}

/**
 * print_time - a time for humans
 * @seconds: since 1970, 0 for never
 * @text: room for PRINT_TIME_SIZE bytes
 *
 * Return: @text: in the local time zone, with its offset.
 */
const char *print_time(uint64_t seconds, char *text)
{
	time_t when = (time_t)seconds;
	struct tm local;

	if (!seconds)
		snprintf(text, PRINT_TIME_SIZE, "never");
	else if (!localtime_r(&when, &local) ||
		 !strftime(text, PRINT_TIME_SIZE, "%Y-%m-%d %H:%M:%S %z",
			   &local))
		snprintf(text, PRINT_TIME_SIZE, "%llu",
			 (unsigned long long)seconds);
	return text;
}

/**
 * print_wrapped - print text in lines that fit, broken at blanks
 * @out: where to
 * @indent: column at which lines begin
 * @column: column where the first line is already; past @indent, the text
 *	begins in a line of its own
 * @text: words
 */
void print_wrapped(FILE *out, size_t indent, size_t column, const char *text)
{
	bool first = true;

	if (column > indent) {
		fputc('\n', out);
		column = 0;
	}
	fprintf(out, "%*s", (int)(indent - column), "");
	column = indent;
	while (*text) {
		size_t length = strcspn(text, " ");

		if (!first && column + 1 + length > LINE_WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)length, text);
		column += length;
		text += length + strspn(text + length, " ");
		first = false;
	}
	fputc('\n', out);
}

/**
 * print_object_begin - start an object of JSON
 * @object: the object
 */
void print_object_begin(struct print_object *object)
{
	object->json = json_object();
	object->failed = !object->json;
}

/**
 * print_object_json - add a value to an object
 * @object: the object
 * @name: of the value
 * @value: the value, which the object owns from now on; NULL if there was no
 *	memory for it
 */
void print_object_json(struct print_object *object, const char *name,
		       json_t *value)
{
	if (json_object_set_new(object->json, name, value))
		object->failed = true;
}

/**
 * print_object_text - add a string to an object
 * @object: the object
 * @name: of the string
 * @text: the string, NULL for null
 */
void print_object_text(struct print_object *object, const char *name,
		       const char *text)
{
	print_object_json(object, name, text ? json_string(text) : json_null());
}

/**
 * print_object_number - add a number to an object
 * @object: the object
 * @name: of the number
 * @number: the number; what JSON integers cannot hold here becomes the largest
 */
void print_object_number(struct print_object *object, const char *name,
			 uint64_t number)
{
	json_int_t integer = number < INT64_MAX ? (json_int_t)number :
						  INT64_MAX;

	print_object_json(object, name, json_integer(integer));
}

/**
 * print_object_bool - add true or false to an object
 * @object: the object
 * @name: of the value
 * @yes: the value
 */
void print_object_bool(struct print_object *object, const char *name,
		       bool yes)
{
	print_object_json(object, name, json_boolean(yes));
}

/**
 * print_object_end - end an object
 * @object: the object
 *
 * Return: the JSON, NULL if there was no memory for a part of it.
 */
json_t *print_object_end(struct print_object *object)
{
	if (!object->failed)
		return object->json;
	json_decref(object->json);
	return NULL;
}

/**
 * print_array_append - add a value to an array of JSON
 * @array: the array; freed and set to NULL if there is no memory
 * @value: the value, which the array owns from now on, NULL without memory
 *
 * Return: whether the array is still there.
 */
bool print_array_append(json_t **array, json_t *value)
{
	if (!json_array_append_new(*array, value))
		return true;
	json_decref(*array);
	*array = NULL;
	return false;
}

static struct error *dump_json(FILE *out, json_t *json, size_t flags)
{
	struct error *error = NULL;

	if (!json)
		return error_no_memory();
	if (json_dumpf(json, out, flags) || fputc('\n', out) == EOF)
		error = error_refused(errno, "cannot write: %s",
				      strerror(errno));
	json_decref(json);
	return error;
}

/**
 * print_json - print JSON and free it
 * @out: where to
 * @json: NULL if there was no memory for it
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *print_json(FILE *out, json_t *json)
{
	return dump_json(out, json, JSON_INDENT(2));
}

/**
 * print_json_line - print JSON in one line and free it
 * @out: where to
 * @json: NULL if there was no memory for it
 *
 * Return: NULL, or why it cannot be printed.
 */
struct error *print_json_line(FILE *out, json_t *json)
{
	/* as many digits as microseconds since 1970 have */
	return dump_json(out, json, JSON_REAL_PRECISION(16));
}
