// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads files of commands, as they are typed after the word ipsec. Lines are
 * in one buffer of fixed size that is wiped, because they may have keys in them;
 * no error quotes what could be a part of one.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/arguments.h"
#include "cli/batch.h"
#include "lib/array.h"

/* No command is as long as that, nor has as many words */
#define TEXT_SIZE 8192
#define WORDS_MAX 128

/* What is that short and made of letters is not a key */
#define QUOTED_MAX 12

#define BLANKS " \t"

static const struct command *const commands[] = {
	&command_sa_add,
	&command_sa_set,
	&command_sa_remove,
	&command_sp_add,
	&command_sp_set,
	&command_sp_remove,
};

/**
 * struct reader - a file being read
 * @in: the file
 * @name: its name
 * @line: number of the line that is read
 * @first: number of the line where the command begins
 * @text: the command, without what is a comment
 * @length: of @text
 * @end: the file has ended
 * @room: for @lines of the batch
 * @buffer: for stdio
 */
struct reader {
	FILE *in;
	const char *name;
	size_t line;
	size_t first;
	char text[TEXT_SIZE];
	size_t length;
	bool end;
	size_t room;
	char buffer[TEXT_SIZE];
};

static bool is_blank(char character)
{
	return strchr(BLANKS, character);
}

/* Is what comes next the begin of a word? */
static bool between_words(const struct reader *reader)
{
	return !reader->length || is_blank(reader->text[reader->length - 1]);
}

/* A backslash and the end of its line are as if they were not there. */
static bool joins_lines(struct reader *reader, int character)
{
	int next;

	if (character != '\\')
		return false;
	next = getc(reader->in);
	if (next == '\n') {
		reader->line++;
		return true;
	}
	ungetc(next, reader->in);
	return false;
}

static struct error *append(struct reader *reader, int character)
{
	if (!character)
		return error_usage("there is a character of number 0, so this is no text");
	if (reader->length == sizeof(reader->text) - 1)
		return error_usage("the line is longer than any command (%zu characters)",
				   sizeof(reader->text) - 1);
	reader->text[reader->length++] = (char)character;
	return NULL;
}

/* Reads a line, with those that it goes on in and without its comment. */
static struct error *read_text(struct reader *reader)
{
	struct error *error = NULL;
	bool comment = false;
	int character;

	reader->length = 0;
	reader->first = ++reader->line;
	while (!error) {
		character = getc(reader->in);
		if (character == EOF || character == '\n')
			break;
		if (comment || joins_lines(reader, character))
			continue;
		if (character == '#' && between_words(reader))
			comment = true;
		else
			error = append(reader, character);
	}
	reader->text[reader->length] = '\0';
	reader->end = character == EOF;
	if (!error && ferror(reader->in))
		error = error_refused(errno, "cannot be read: %s",
				      strerror(errno));
	return error;
}

/* Nothing has a special meaning, so what would have one elsewhere is refused. */
static struct error *check_word(const char *word)
{
	for (; *word; word++) {
		if (*word < 0x20 || *word > 0x7e)
			return error_usage("a word has a character that is not printable ASCII (number %d)",
					   (unsigned char)*word);
		if (strchr("'\"\\", *word))
			return error_usage("quotes and backslashes have no meaning in a batch: leave them out, and write keys with such characters in hexadecimal, with 0x first");
	}
	return NULL;
}

static struct error *split(struct reader *reader, char **words, int *count)
{
	struct error *error = NULL;
	char *rest = reader->text, *word;

	*count = 0;
	while (!error && (word = strsep(&rest, BLANKS))) {
		if (!*word)
			continue;
		if (*count == WORDS_MAX)
			return error_usage("the line has more words than any command (%d)",
					   WORDS_MAX);
		words[(*count)++] = word;
		error = check_word(word);
	}
	words[*count] = NULL;
	return error;
}

/* May a sentence quote the word? */
static bool is_quotable(const char *word)
{
	size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz-");

	return !word[length] && length <= QUOTED_MAX;
}

static struct error *refuse_command(char **words, int count)
{
	bool group = !strcmp(words[0], "sa") || !strcmp(words[0], "sp");
	bool two = group && count > 1 && is_quotable(words[1]);
	static const char right[] =
		"a batch has the commands sa add, sa set, sa remove, sp add, sp set and sp remove";

	if (!strcmp(words[0], "ipsec"))
		return error_usage("leave out the word 'ipsec' at the begin of the line");
	if (!is_quotable(words[0]))
		return error_usage("the line does not begin with a command: %s",
				   right);
	return error_usage("'%s%s%s' cannot be part of it: %s", words[0],
			   two ? " " : "", two ? words[1] : "", right);
}

static const struct command *find(char **words, int count)
{
	char name[2 * QUOTED_MAX];
	size_t i;

	if (count < 2 || snprintf(name, sizeof(name), "%s %s", words[0],
				  words[1]) >= (int)sizeof(name))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

/* Who can read the file must not learn a key. */
static struct error *check_keys(const struct reader *reader,
				const struct arguments *arguments)
{
	const struct option_spec *options = arguments->command->options;
	struct stat status;
	bool here = false;
	size_t i;

	for (i = 0; i < arguments->count; i++) {
		const struct argument *argument = &arguments->items[i];

		here |= options[argument->option].flags & OPTION_SECRET &&
			!secret_is_elsewhere(argument->value);
	}
	/* what comes through a pipe is kept nowhere */
	if (!here || fileno(reader->in) < 0 ||
	    fstat(fileno(reader->in), &status) || !S_ISREG(status.st_mode))
		return NULL;
	return secret_check_private(&status, reader->name);
}

/* Remembers where the next change stands. */
static struct error *remember(struct reader *reader, struct batch *batch)
{
	size_t count = kernel_batch_count(batch->changes);
	size_t *lines;

	if (count == reader->room) {
		reader->room = count ? 2 * count : 64;
		lines = reallocarray(batch->lines, reader->room,
				     sizeof(*lines));
		if (!lines)
			return error_no_memory();
		batch->lines = lines;
	}
	batch->lines[count] = reader->first;
	return NULL;
}

static struct error *add_command(struct reader *reader, struct batch *batch)
{
	char *words[WORDS_MAX + 1];
	const struct command *command;
	struct arguments arguments;
	struct error *error;
	int count;

	error = split(reader, words, &count);
	if (error || !count)
		return error;
	command = find(words, count);
	if (!command)
		return refuse_command(words, count);
	error = remember(reader, batch);
	if (error)
		return error;
	error = arguments_parse(command, count - 1, words + 1, &arguments);
	if (!error && arguments.help)
		error = error_usage("--help cannot be part of a batch");
	if (!error)
		error = check_keys(reader, &arguments);
	if (!error)
		error = command->collect(&arguments, batch->changes);
	arguments_free(&arguments);
	return error_prefix(error, "%s: ", command->name);
}

static struct error *blame(struct error *error, const char *name, size_t line)
{
	return error_prefix(error, "%s, line %zu: ", name, line);
}

/**
 * batch_read - read a file of commands
 * @in: the file, from which nothing has been read yet; afterwards it is of no
 *	use but for fclose()
 * @name: its name, for sentences; to be kept as long as the batch
 * @batch: filled in; to be freed with batch_free() also after an error
 *
 * Return: NULL, or what is wrong, and in which line.
 */
struct error *batch_read(FILE *in, const char *name, struct batch *batch)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	struct error *error;

	memset(batch, 0, sizeof(*batch));
	batch->name = name;
	if (!reader)
		return error_no_memory();
	reader->in = in;
	reader->name = name;
	/* where it is can be wiped, other than in a buffer of stdio's own */
	setvbuf(in, reader->buffer, _IOFBF, sizeof(reader->buffer));
	error = kernel_batch_new(&batch->changes);
	while (!error && !reader->end) {
		error = read_text(reader);
		if (!error)
			error = add_command(reader, batch);
		error = blame(error, name, reader->first);
	}
	setvbuf(in, NULL, _IONBF, 0);
	explicit_bzero(reader, sizeof(*reader));
	free(reader);
	return error;
}

/**
 * batch_send - have all that a file asks for done, or nothing
 * @batch: what it asks for
 * @kernel: the connection
 *
 * Return: NULL, or why the module refused, and which line.
 */
struct error *batch_send(const struct batch *batch, struct kernel *kernel)
{
	struct error *error;
	size_t refused;

	error = kernel_batch_send(kernel, batch->changes, &refused);
	return refused ? blame(error, batch->name, batch->lines[refused - 1]) :
			 error_prefix(error, "%s: ", batch->name);
}

/**
 * batch_free - forget what a file asked for
 * @batch: the batch; empty afterwards
 */
void batch_free(struct batch *batch)
{
	kernel_batch_free(batch->changes);
	free(batch->lines);
	memset(batch, 0, sizeof(*batch));
}
