// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads ipsec.conf. What stands at the left margin begins a section or names a
 * file to include, what is indented is a parameter of the section above. A line
 * that makes no sense spoils its section and no other.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/source.h"
#include "config/text.h"

#define FILES_MAX 10000
#define NAME_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/**
 * struct cfg_include - a line that has included files
 * @source: the file that it stands in
 * @pattern: names of files
 * @found: what they were
 */
struct cfg_include {
	const struct cfg_source *source;
	const char *pattern;
	glob_t found;
};

/**
 * struct reader - where reading is
 * @text: what was read
 * @problems: what was wrong
 * @section: parameters belong to this one, an index of @text; -1 to none
 * @depth: of files that include files
 */
struct reader {
	struct cfg_text *text;
	struct cfg_problems *problems;
	ssize_t section;
	unsigned int depth;
};

static void read_file(struct reader *reader, struct cfg_source *source);

static void note_error(struct reader *reader, const struct cfg_position *at,
		       struct error *error)
{
	if (reader->section >= 0)
		reader->text->sections[reader->section].broken = true;
	cfg_problem_add(reader->problems, CFG_ERROR, at, error);
}

static bool add_source(struct cfg_text *text, struct cfg_source *source)
{
	struct cfg_source **sources;

	sources = reallocarray(text->sources, text->source_count + 1,
			       sizeof(*sources));
	if (!sources)
		return false;
	sources[text->source_count++] = source;
	text->sources = sources;
	return true;
}

static struct error *include_file(struct reader *reader, const char *path)
{
	struct cfg_source *source;
	struct error *error;

	if (reader->text->source_count >= FILES_MAX)
		return error_refused(0, "more than %d files are included",
				     FILES_MAX);
	error = cfg_source_open(path, false, &source);
	if (error)
		return error;
	if (!add_source(reader->text, source)) {
		cfg_source_free(source);
		return error_no_memory();
	}
	reader->depth++;
	read_file(reader, source);
	reader->depth--;
	return NULL;
}

/* Takes over what was found. */
static bool add_include(struct cfg_text *text, const struct cfg_source *source,
			const char *pattern, const glob_t *found)
{
	struct cfg_include *includes;

	includes = reallocarray(text->includes, text->include_count + 1,
				sizeof(*includes));
	if (!includes)
		return false;
	text->includes = includes;
	includes[text->include_count++] = (struct cfg_include){
		.source = source,
		.pattern = pattern,
		.found = *found,
	};
	return true;
}

static struct error *include_found(struct reader *reader, const glob_t *found)
{
	struct error *error = NULL;
	size_t i;

	for (i = 0; !error && i < found->gl_pathc; i++)
		error = include_file(reader, found->gl_pathv[i]);
	reader->text->incomplete |= error != NULL;
	return error;
}

static struct error *include(struct reader *reader,
			     const struct cfg_source *source,
			     const char *pattern)
{
	struct error *error;
	glob_t found;

	if (!*pattern)
		return error_usage("the name of a file must follow include");
	if (reader->depth == CFG_INCLUDE_DEPTH)
		return error_usage("files include each other more than %d deep: does one include itself?",
				   CFG_INCLUDE_DEPTH);
	error = cfg_source_glob(source, pattern, &found);
	/* also what is not there, as it may come */
	if (!add_include(reader->text, source, pattern, &found)) {
		globfree(&found);
		error_free(error);
		return error_no_memory();
	}
	return error ? error : include_found(reader, &found);
}

static struct error *begin_section(struct reader *reader,
				   const struct cfg_position *at,
				   enum cfg_section_kind kind, const char *name)
{
	struct cfg_text *text = reader->text;
	struct cfg_section *sections;

	reader->section = -1;
	if (!*name)
		return error_usage("a name must follow %s",
				   kind == CFG_SECTION_CONN ? "conn" : "config");
	if (name[strcspn(name, " \t\"#=")])
		return error_usage("'%s' is no name: letters, digits, '.', '_' and '-' make one",
				   name);
	if (kind == CFG_SECTION_SETUP && strcmp(name, "setup"))
		return error_usage("there is no section 'config %s', only 'config setup'",
				   name);
	sections = reallocarray(text->sections, text->count + 1,
				sizeof(*sections));
	if (!sections)
		return error_no_memory();
	text->sections = sections;
	sections[text->count] = (struct cfg_section) {
		.at = *at,
		.kind = kind,
		.name = name,
	};
	reader->section = (ssize_t)text->count++;
	return NULL;
}

static struct error *margin_line(struct reader *reader,
				 const struct cfg_source *source, char *line)
{
	char *word = strsep(&line, " \t");
	const char *rest = line ? cfg_skip_blanks(line) : "";

	if (!strcmp(word, "include"))
		return include(reader, source, rest);
	if (!strcmp(word, "conn"))
		return begin_section(reader, &source->at, CFG_SECTION_CONN, rest);
	if (!strcmp(word, "config"))
		return begin_section(reader, &source->at, CFG_SECTION_SETUP,
				     rest);
	/* of FreeS/WAN and Openswan, and without meaning ever since */
	if (!strcmp(word, "version"))
		return NULL;
	reader->section = -1;
	return error_usage("a line at the left margin begins with conn, config or include, and '%s' is none of them: parameters have to be indented",
			   word);
}

/* Takes the quotes off @value in place. */
static struct error *unquote(char **value)
{
	char *end;

	if (**value != '"')
		return NULL;
	end = strchr(++*value, '"');
	if (!end)
		return error_usage("the quote at the begin of the value is never closed");
	if (end[1])
		return error_usage("something follows the closing quote: '%s'",
				   end + 1);
	*end = '\0';
	return NULL;
}

static struct error *add_item(struct cfg_section *section,
			      const struct cfg_position *at, const char *key,
			      const char *value)
{
	struct cfg_item *items;

	/* most sections are short: grow by doubling from 8 */
	if (section->count < 8 ? !section->count :
				 !(section->count & (section->count - 1))) {
		items = reallocarray(section->items,
				     section->count < 8 ? 8 : section->count * 2,
				     sizeof(*items));
		if (!items)
			return error_no_memory();
		section->items = items;
	}
	section->items[section->count++] = (struct cfg_item) {
		.at = *at,
		.key = key,
		.value = value,
	};
	return NULL;
}

static struct error *parameter_line(struct reader *reader,
				    const struct cfg_source *source, char *line)
{
	char *value = strchr(line, '=');
	struct error *error;

	if (!strncmp(line, "include", 7) && (line[7] == ' ' || line[7] == '\t'))
		return include(reader, source, cfg_skip_blanks(line + 7));
	if (!value)
		return error_usage("'%s' is no parameter: a name, '=' and a value make one",
				   line);
	*value++ = '\0';
	cfg_trim(line);
	if (!isalpha((unsigned char)*line) ||
	    line[strspn(line, NAME_CHARACTERS)])
		return error_usage("'%s' is no name of a parameter", line);
	value = cfg_skip_blanks(value);
	error = unquote(&value);
	if (error)
		return error;
	if (reader->section < 0)
		return error_usage("'%s' stands in no section: 'config setup' or 'conn NAME' has to come first",
				   line);
	return add_item(&reader->text->sections[reader->section], &source->at,
			line, value);
}

/* A comment begins at the margin or behind a blank, and not within quotes. */
static void cut_comment(char *line)
{
	bool quoted = false, blank = true;

	for (; *line; line++) {
		if (*line == '"')
			quoted = !quoted;
		if (*line == '#' && blank && !quoted) {
			*line = '\0';
			return;
		}
		blank = *line == ' ' || *line == '\t';
	}
}

static void read_file(struct reader *reader, struct cfg_source *source)
{
	struct error *error;
	char *line, *word;

	while ((line = cfg_source_line(source))) {
		cut_comment(line);
		cfg_trim(line);
		word = cfg_skip_blanks(line);
		if (!*word)
			continue;
		if (word == line)
			error = margin_line(reader, source, line);
		else
			error = parameter_line(reader, source, word);
		if (error)
			note_error(reader, &source->at, error);
	}
}

/**
 * cfg_text_read - read a configuration
 * @path: of its first file
 * @text: filled in; to be freed with cfg_text_free() whatever is returned
 * @problems: what is wrong with lines and included files is added
 *
 * Return: NULL, or why the first file cannot be read.
 */
struct error *cfg_text_read(const char *path, struct cfg_text *text,
			    struct cfg_problems *problems)
{
	struct reader reader = {
		.text = text,
		.problems = problems,
		.section = -1,
	};

	*text = (struct cfg_text) { 0 };
	return include_file(&reader, path);
}

static bool is_found_again(const struct cfg_include *include)
{
	bool same;
	glob_t now;
	size_t i;

	error_free(cfg_source_glob(include->source, include->pattern, &now));
	same = now.gl_pathc == include->found.gl_pathc;
	for (i = 0; same && i < now.gl_pathc; i++)
		same = !strcmp(now.gl_pathv[i], include->found.gl_pathv[i]);
	globfree(&now);
	return same;
}

/**
 * cfg_text_is_current - would reading a configuration again bring the same
 * @text: what was read
 *
 * Return: whether it surely would: no file was written into, no other would be
 * included.
 */
bool cfg_text_is_current(const struct cfg_text *text)
{
	size_t i;

	for (i = 0; i < text->source_count; i++) {
		if (!cfg_source_is_current(text->sources[i]))
			return false;
	}
	for (i = 0; i < text->include_count; i++) {
		if (!is_found_again(&text->includes[i]))
			return false;
	}
	return !text->incomplete;
}

/**
 * cfg_text_free - forget a configuration's text
 * @text: the text
 */
void cfg_text_free(struct cfg_text *text)
{
	size_t i;

	for (i = 0; i < text->count; i++)
		free(text->sections[i].items);
	for (i = 0; i < text->source_count; i++)
		cfg_source_free(text->sources[i]);
	for (i = 0; i < text->include_count; i++)
		globfree(&text->includes[i].found);
	free(text->sections);
	free(text->sources);
	free(text->includes);
	*text = (struct cfg_text) { 0 };
}
