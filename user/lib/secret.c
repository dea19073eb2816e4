// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parses keys: text, hexadecimal, or the name of a file that holds one of the
 * two. Whatever was read on the way is wiped before returning.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/secret.h"

/* 0x, two digits a byte, the end of the line, and room to see there is more */
#define FILE_SIZE (2 + 2 * SECRET_SIZE + 1 + 1)

/**
 * secret_wipe - forget a secret
 * @secret: the secret
 */
void secret_wipe(struct secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}

static uint8_t hex_value(char digit)
{
	if (isdigit((unsigned char)digit))
		return (uint8_t)(digit - '0');
	return (uint8_t)(tolower((unsigned char)digit) - 'a' + 10);
}

static struct error *parse_hex(const char *digits, struct secret *secret)
{
	size_t count = strspn(digits, "0123456789abcdefABCDEF");
	size_t i;

	if (digits[count])
		return error_usage("only hexadecimal digits may follow 0x, and character %zu is none",
				   count + 3);
	if (!count)
		return error_usage("hexadecimal digits must follow 0x, two for each byte");
	if (count % 2)
		return error_usage("%zu hexadecimal digits are half a byte too many or too few: two make a byte",
				   count);
	if (count / 2 > SECRET_SIZE)
		return error_usage("%zu bytes are longer than any key (%d)",
				   count / 2, SECRET_SIZE);
	for (i = 0; i < count / 2; i++)
		secret->bytes[i] = (uint8_t)(hex_value(digits[2 * i]) << 4 |
					     hex_value(digits[2 * i + 1]));
	secret->length = count / 2;
	return NULL;
}

static struct error *parse_text(const char *text, struct secret *secret)
{
	size_t length = strlen(text);
	size_t i;

	if (!length)
		return error_usage("the key is empty");
	if (length > SECRET_SIZE)
		return error_usage("%zu bytes are longer than any key (%d)",
				   length, SECRET_SIZE);
	for (i = 0; i < length; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return error_usage("character %zu is not printable ASCII: write the key in hexadecimal, with 0x first",
					   i + 1);
	}
	memcpy(secret->bytes, text, length);
	secret->length = length;
	return NULL;
}

/**
 * secret_check_private - may a file hold a key
 * @status: of the file
 * @path: its name
 *
 * Return: NULL, or why others could read the key.
 */
struct error *secret_check_private(const struct stat *status, const char *path)
{
	if (status->st_uid && status->st_uid != geteuid())
		return error_refused(EPERM, "%s belongs to another user", path);
	if (status->st_mode & (S_IRWXG | S_IRWXO))
		return error_refused(EPERM,
				     "%s is open to other users (mode %04o): a file with a key needs mode 0600",
				     path, status->st_mode & 07777);
	return NULL;
}

static struct error *check_file(int file, const char *path)
{
	struct stat status;

	if (fstat(file, &status))
		return error_refused(errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_refused(EINVAL, "%s is not a regular file", path);
	return secret_check_private(&status, path);
}

/* Reads the only line of a file, without the end of the line. */
static struct error *read_line(int file, const char *path,
			       char line[FILE_SIZE])
{
	size_t used = 0;
	ssize_t length;

	do {
		length = read(file, line + used, FILE_SIZE - used);
		if (length < 0 && errno != EINTR)
			return error_refused(errno, "%s: %s", path,
					     strerror(errno));
		used += length > 0 ? (size_t)length : 0;
	} while (length && used < FILE_SIZE);

	if (used == FILE_SIZE)
		return error_usage("%s is longer than any key", path);
	if (used && line[used - 1] == '\n')
		used--;
	line[used] = '\0';
	if (strlen(line) != used)
		return error_usage("%s does not hold text: write the key in hexadecimal, with 0x first",
				   path);
	return NULL;
}

static struct error *parse_file(const char *path, struct secret *secret)
{
	char line[FILE_SIZE];
	struct error *error;
	int file;

	file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file < 0)
		return error_refused(errno, "%s: %s", path, strerror(errno));
	error = check_file(file, path);
	if (!error)
		error = read_line(file, path, line);
	if (!error) {
		error = strncmp(line, "0x", 2) ? parse_text(line, secret) :
						 parse_hex(line + 2, secret);
		error = error_prefix(error, "%s: ", path);
	}
	explicit_bzero(line, sizeof(line));
	close(file);
	return error;
}

/**
 * secret_is_elsewhere - does a text only say where a key is
 * @text: as for secret_parse()
 *
 * Return: whether it names a file.
 */
bool secret_is_elsewhere(const char *text)
{
	return !strncmp(text, "@/", 2);
}

/**
 * secret_parse - read a key
 * @text: printable ASCII, each character a byte of the key; or 0x and two
 *	hexadecimal digits a byte; or @ and the absolute name of a file that
 *	only its owner can open and whose only line is one of the two
 * @secret: where to put it; to be wiped with secret_wipe()
 *
 * Return: NULL, or what is wrong, which never quotes @text.
 */
struct error *secret_parse(const char *text, struct secret *secret)
{
	secret->length = 0;
	if (!strncmp(text, "0x", 2))
		return parse_hex(text + 2, secret);
	if (secret_is_elsewhere(text))
		return parse_file(text + 1, secret);
	return parse_text(text, secret);
}

/**
 * secret_equal - are two secrets the same
 * @one: a secret
 * @other: a secret
 * @length: bytes of both
 *
 * The time it takes doesn't tell where they differ.
 *
 * Return: whether they are.
 */
bool secret_equal(const void *one, const void *other, size_t length)
{
	const volatile uint8_t *left = one, *right = other;
	uint8_t difference = 0;

	while (length--)
		difference |= (uint8_t)(*left++ ^ *right++);
	return !difference;
}
