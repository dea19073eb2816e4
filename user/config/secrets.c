// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads ipsec.secrets. An entry begins at the left margin and goes on in indented
 * lines: whom it is for, a colon, what it is, the secret.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/secrets.h"
#include "config/source.h"
#include "lib/address.h"
#include "lib/base64.h"

#define WORDS_MAX 512
#define FILES_MAX 1000

/* What is shorter can be guessed from one recorded exchange */
#define PSK_ADVISED 64

/**
 * struct word - a word of an entry
 * @text: in place
 * @quoted: it stood in quotes
 */
struct word {
	char *text;
	bool quoted;
};

/**
 * struct reader - where reading is
 * @secrets: what was read
 * @at: where the entry begins
 * @words: of the entry
 * @count: number of @words
 * @lost: of words that had no room
 * @colon: number of words before the colon
 * @parted: there was a colon
 * @broken: the rest of the entry cannot be told apart, and is skipped
 * @depth: of files that include files
 */
struct reader {
	struct cfg_secrets *secrets;
	struct cfg_position at;
	struct word words[WORDS_MAX];
	size_t count;
	size_t lost;
	size_t colon;
	bool parted;
	bool broken;
	unsigned int depth;
};

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static struct error *decode_hex(const char *text, uint8_t *bytes,
				size_t *length)
{
	int high, low;

	for (*length = 0; *text; text += 2) {
		if (*length && *text == '_')
			text++;
		high = hex_value(text[0]);
		low = high < 0 ? -1 : hex_value(text[1]);
		if (low < 0)
			return error_usage("two hexadecimal digits make a byte behind 0x, with one _ between bytes or none");
		bytes[(*length)++] = (uint8_t)(high << 4 | low);
	}
	return NULL;
}

static struct error *decode_plain(const char *text, uint8_t *bytes,
				  size_t *length)
{
	*length = strlen(text);
	memcpy(bytes, text, *length);
	return NULL;
}

/* No form has more bytes than characters. */
static struct error *decode(const struct word *word, struct cfg_secret *secret)
{
	struct error *error;

	secret->bytes = malloc(strlen(word->text) + 1);
	if (!secret->bytes)
		return error_no_memory();
	if (word->quoted)
		error = decode_plain(word->text, secret->bytes, &secret->length);
	else if (!strncasecmp(word->text, "0x", 2))
		error = decode_hex(word->text + 2, secret->bytes,
				   &secret->length);
	else if (!strncasecmp(word->text, "0s", 2))
		error = base64_decode(word->text + 2, secret->bytes,
				      strlen(word->text), &secret->length);
	else if (!strncasecmp(word->text, "0t", 2))
		error = decode_plain(word->text + 2, secret->bytes,
				     &secret->length);
	else
		error = error_usage("a secret stands in double quotes, or begins with 0x, 0s or 0t");
	if (!error && !secret->length)
		error = error_usage("the secret is empty");
	if (!error)
		secret->bytes[secret->length] = '\0';
	return error;
}

static void free_secret(struct cfg_secret *secret)
{
	if (secret->bytes)
		explicit_bzero(secret->bytes, secret->length);
	free(secret->bytes);
	free(secret->ids);
}

static struct error *read_ids(const struct reader *reader,
			      struct cfg_secret *secret)
{
	size_t i;

	secret->ids = calloc(reader->colon + 1, sizeof(*secret->ids));
	if (!secret->ids)
		return error_no_memory();
	for (i = 0; i < reader->colon; i++)
		secret->ids[secret->id_count++] = reader->words[i].text;
	return NULL;
}

static struct error *add_secret(struct cfg_secrets *secrets,
				const struct cfg_secret *secret)
{
	struct cfg_secret *items = reallocarray(secrets->items,
						secrets->count + 1,
						sizeof(*items));

	if (!items)
		return error_no_memory();
	items[secrets->count++] = *secret;
	secrets->items = items;
	return NULL;
}

static void note(struct reader *reader, enum cfg_severity severity,
		 struct error *error)
{
	cfg_problem_add(&reader->secrets->problems, severity, &reader->at,
			error);
}

static struct error *check_password(const struct cfg_secret *secret)
{
	if (secret->name[0] != '/')
		return error_usage("a PKCS#12 file is named by its whole path, as leftcert= names it");
	if (memchr(secret->bytes, '\0', secret->length))
		return error_usage("there is a zero byte in the password");
	return NULL;
}

/* The words behind the kind of a secret, @count of them, the last one the secret. */
static struct error *read_secret(struct reader *reader,
				 enum cfg_secret_kind kind, size_t count)
{
	size_t first = reader->colon + 1;
	struct cfg_secret secret = { .at = reader->at, .kind = kind };
	struct error *error;

	if (reader->count - first != count)
		return error_usage("%zu words follow the colon and the kind of the secret, %zu should: does the secret want quotes?",
				   reader->count - first, count);
	error = read_ids(reader, &secret);
	if (!error)
		error = decode(&reader->words[first + count - 1], &secret);
	if (!error && count > 1)
		secret.name = reader->words[first].text;
	if (!error && kind == CFG_SECRET_P12)
		error = check_password(&secret);
	if (!error && kind == CFG_SECRET_PSK && secret.length < PSK_ADVISED)
		note(reader, CFG_NOTE,
		     error_usage("a pre-shared key of %zu bytes can be guessed if it isn't random: %d random characters are advised",
				 secret.length, PSK_ADVISED));
	if (!error)
		error = add_secret(reader->secrets, &secret);
	if (error)
		free_secret(&secret);
	return error;
}

static bool is_private_key(const char *kind)
{
	return !strcasecmp(kind, "RSA") || !strcasecmp(kind, "ECDSA") ||
	       !strcasecmp(kind, "PUBKEY") || !strcasecmp(kind, "PIN");
}

static struct error *read_entry(struct reader *reader)
{
	const char *kind;

	if (!reader->parted)
		return error_usage("a colon with a blank behind it is missing between whom the secret is for and the secret");
	if (reader->colon >= reader->count)
		return error_usage("PSK, XAUTH, PPKS or P12 is missing behind the colon");
	kind = reader->words[reader->colon].text;
	if (is_private_key(kind)) {
		note(reader, CFG_NOTE,
		     error_usage("private keys are in the key store: this entry has no effect (ipsec import, ipsec newhostkey)"));
		return NULL;
	}
	if (reader->lost)
		return error_usage("the entry has more than %d words",
				   WORDS_MAX);
	if (!strcasecmp(kind, "PSK"))
		return read_secret(reader, CFG_SECRET_PSK, 1);
	if (!strcasecmp(kind, "XAUTH"))
		return read_secret(reader, CFG_SECRET_XAUTH, 1);
	if (!strcasecmp(kind, "PPKS"))
		return read_secret(reader, CFG_SECRET_PPK, 2);
	if (!strcasecmp(kind, "P12"))
		return read_secret(reader, CFG_SECRET_P12, 2);
	/* not quoted: it could be a secret behind a stray colon */
	return error_usage("the word behind the colon is none of PSK, XAUTH, PPKS and P12");
}

static void forget_entry(struct reader *reader)
{
	reader->count = 0;
	reader->lost = 0;
	reader->colon = 0;
	reader->parted = false;
	reader->broken = false;
}

static void finish_entry(struct reader *reader)
{
	struct error *error;

	if (reader->count) {
		error = read_entry(reader);
		if (error)
			note(reader, CFG_ERROR, error);
	}
	forget_entry(reader);
}

static void add_word(struct reader *reader, char *text, bool quoted)
{
	if (reader->count == WORDS_MAX) {
		reader->lost++;
		return;
	}
	reader->words[reader->count++] = (struct word) {
		.text = text,
		.quoted = quoted,
	};
}

static void note_colon(struct reader *reader)
{
	reader->parted = true;
	reader->colon = reader->count;
}

/* An address that ends in :: has no colon of ours. */
static bool ends_in_colon(const char *text, size_t length)
{
	return text[length - 1] == ':' &&
	       (length < 2 || text[length - 2] != ':');
}

/* Cuts the next word off @line in place; NULL if its quote is never closed. */
static char *take_word(struct reader *reader, char *line)
{
	char quote = *line == '"' || *line == '\'' ? *line : '\0';
	char *end = quote ? strchr(line + 1, quote) : line + strcspn(line, " \t\r");
	size_t length;

	if (!end)
		return NULL;
	length = (size_t)(end - line);
	if (*end)
		*end++ = '\0';
	if (quote) {
		add_word(reader, line + 1, true);
	} else if (!reader->parted && ends_in_colon(line, length)) {
		line[length - 1] = '\0';
		if (*line)
			add_word(reader, line, false);
		note_colon(reader);
	} else {
		add_word(reader, line, false);
	}
	return end;
}

static void read_words(struct reader *reader, char *line)
{
	if (reader->broken)
		return;
	for (line = cfg_skip_blanks(line); *line && *line != '#';
	     line = cfg_skip_blanks(line)) {
		line = take_word(reader, line);
		if (!line) {
			note(reader, CFG_ERROR,
			     error_usage("a quote is never closed"));
			forget_entry(reader);
			reader->broken = true;
			return;
		}
	}
}

static struct error *include(struct reader *reader,
			     const struct cfg_source *source, char *pattern);

static void read_file(struct reader *reader, struct cfg_source *source)
{
	struct error *error;
	char *line;

	while ((line = cfg_source_line(source))) {
		if (*line && !strchr(" \t\r#", *line)) {
			finish_entry(reader);
			reader->at = source->at;
			if (!strncmp(line, "include", 7) &&
			    (line[7] == ' ' || line[7] == '\t')) {
				error = include(reader, source, line + 7);
				if (error)
					note(reader, CFG_ERROR, error);
				continue;
			}
		}
		read_words(reader, line);
	}
	finish_entry(reader);
}

static struct error *include_file(struct reader *reader, const char *path)
{
	struct cfg_secrets *secrets = reader->secrets;
	struct cfg_source **sources, *source;
	struct error *error;

	if (secrets->source_count >= FILES_MAX)
		return error_refused(0, "more than %d files are included",
				     FILES_MAX);
	error = cfg_source_open(path, true, &source);
	if (error)
		return error;
	sources = reallocarray(secrets->sources, secrets->source_count + 1,
			       sizeof(*sources));
	if (!sources) {
		cfg_source_free(source);
		return error_no_memory();
	}
	secrets->sources = sources;
	sources[secrets->source_count++] = source;
	reader->depth++;
	read_file(reader, source);
	reader->depth--;
	return NULL;
}

static struct error *include(struct reader *reader,
			     const struct cfg_source *source, char *pattern)
{
	struct cfg_position at = reader->at;
	struct error *error, *wrong;
	glob_t found;
	size_t i;

	pattern = cfg_skip_blanks(pattern);
	pattern[strcspn(pattern, " \t\r")] = '\0';
	if (!*pattern)
		return error_usage("the name of a file must follow include");
	if (reader->depth > CFG_INCLUDE_DEPTH)
		return error_usage("files include each other more than %d deep: does one include itself?",
				   CFG_INCLUDE_DEPTH);
	error = cfg_source_glob(source, pattern, &found);
	for (i = 0; !error && i < found.gl_pathc; i++) {
		wrong = include_file(reader, found.gl_pathv[i]);
		reader->at = at;
		if (wrong)
			note(reader, CFG_ERROR, wrong);
	}
	globfree(&found);
	return error;
}

/**
 * cfg_secrets_load - read secrets
 * @path: of ipsec.secrets; it and what it includes must not be readable by others
 * @secrets: filled in; to be freed with cfg_secrets_free() whatever is returned
 *
 * Return: NULL, or why the first file cannot be used.
 */
struct error *cfg_secrets_load(const char *path, struct cfg_secrets *secrets)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	struct error *error;

	*secrets = (struct cfg_secrets) { 0 };
	if (!reader)
		return error_no_memory();
	reader->secrets = secrets;
	error = include_file(reader, path);
	free(reader);
	return error;
}

/**
 * cfg_secrets_free - wipe and forget secrets
 * @secrets: they
 */
void cfg_secrets_free(struct cfg_secrets *secrets)
{
	size_t i;

	for (i = 0; i < secrets->count; i++)
		free_secret(&secrets->items[i]);
	for (i = 0; i < secrets->source_count; i++)
		cfg_source_free(secrets->sources[i]);
	free(secrets->items);
	free(secrets->sources);
	cfg_problems_free(&secrets->problems);
	*secrets = (struct cfg_secrets) { 0 };
}

/* How well an index names somebody: 0 not at all, 1 as one of many, 2 itself */
static unsigned int match(const char *index, const char *id)
{
	struct address one, other;
	struct error *error;
	unsigned int result;

	if (!strcasecmp(index, id))
		return 2;
	error = address_parse(id, &other);
	if (error) {
		error_free(error);
		return 0;
	}
	if (!strcmp(index, "%any") || !strcmp(index, "0.0.0.0"))
		return other.length == 4;
	if (!strcmp(index, "%any6") || !strcmp(index, "::"))
		return other.length == 16;
	error = address_parse(index, &one);
	result = !error && one.length == other.length &&
		 !memcmp(one.bytes, other.bytes, one.length) ? 2 : 0;
	error_free(error);
	return result;
}

static unsigned int best_match(const struct cfg_secret *secret, const char *id)
{
	unsigned int best = 0, this;
	size_t i;

	for (i = 0; i < secret->id_count; i++) {
		this = match(secret->ids[i], id);
		if (this > best)
			best = this;
	}
	return best;
}

/* 0 if the secret is not for these two; the more the better it names them */
static unsigned int score(const struct cfg_secret *secret, const char *own,
			  const char *peer)
{
	unsigned int ours, theirs;

	if (!secret->id_count)
		return 1;
	ours = best_match(secret, own);
	if (secret->id_count == 1)
		return ours ? 1 + ours : 0;
	theirs = best_match(secret, peer);
	return ours && theirs ? 8 + 4 * theirs + ours : 0;
}

/**
 * cfg_secret_find - the secret of two
 * @secrets: all
 * @kind: what it is for
 * @own: our ID as text: an address, @name, user@name, ...
 * @peer: the peer's
 *
 * The entry that names the two best counts: both by themselves, one as %any, only
 * us, nobody. Of equals it is the first.
 *
 * Return: the secret, NULL if there is none for them.
 */
const struct cfg_secret *cfg_secret_find(const struct cfg_secrets *secrets,
					 enum cfg_secret_kind kind,
					 const char *own, const char *peer)
{
	const struct cfg_secret *best = NULL;
	unsigned int best_score = 0, this;
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		if (secrets->items[i].kind != kind)
			continue;
		this = score(&secrets->items[i], own, peer);
		if (this > best_score) {
			best = &secrets->items[i];
			best_score = this;
		}
	}
	return best;
}

/**
 * cfg_secret_password - the password of a PKCS#12 file
 * @secrets: all
 * @path: of the file
 *
 * Return: it, NULL if none is written.
 */
const char *cfg_secret_password(const struct cfg_secrets *secrets,
				const char *path)
{
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		if (secrets->items[i].kind == CFG_SECRET_P12 &&
		    !strcmp(secrets->items[i].name, path))
			return (const char *)secrets->items[i].bytes;
	}
	return NULL;
}
