// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes everything that reads what a user types. The first byte chooses the
 * parser; for whole command lines, the words are separated by newlines. What
 * was accepted must print and read again as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/sa.h"
#include "cli/sp.h"
#include "cli/values.h"
#include "kernel/algorithm.h"
#include "lib/name.h"

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void fuzz_prefix(const char *text)
{
	char printed[ADDRESS_TEXT_SIZE], again[ADDRESS_TEXT_SIZE];
	struct prefix prefix;
	struct error *error = prefix_parse(text, &prefix);

	if (!error) {
		prefix_text(&prefix, printed);
		error = prefix_parse(printed, &prefix);
		check(!error);
		check(!strcmp(prefix_text(&prefix, again), printed));
	}
	error_free(error);
}

static void fuzz_ports(const char *text)
{
	char printed[PORT_RANGE_TEXT_SIZE];
	struct port_range range, again;
	struct error *error = port_range_parse(text, &range);

	if (!error) {
		check(range.min <= range.max);
		port_range_text(&range, printed);
		if (strcmp(printed, "any")) {
			error = port_range_parse(printed, &again);
			check(!error && again.min == range.min &&
			      again.max == range.max);
		}
	}
	error_free(error);
}

static void fuzz_numbers(const char *text)
{
	const struct encryption *encryption;
	const struct integrity *integrity;
	char name[16];
	uint64_t number;
	uint32_t spi = 0;
	uint8_t protocol;
	struct error *error;

	error = number_parse_spi(text, &spi);
	check(error || spi >= 0x100);
	error_free(error);
	error_free(number_parse_size(text, &number));
	error = number_parse(text, 5, 1000, &number);
	check(error || (number >= 5 && number <= 1000));
	error_free(error);
	error_free(protocol_parse(text, &protocol));
	error_free(name_parse_device(text, name, sizeof(name)));
	error_free(encryption_parse(text, &encryption));
	error_free(integrity_parse(text, &integrity));
}

static void fuzz_secret(const char *text)
{
	struct secret secret;
	struct error *error;

	/* not the files of the machine */
	if (text[0] == '@')
		return;
	error = secret_parse(text, &secret);
	check(error || (secret.length && secret.length <= SECRET_SIZE));
	error_free(error);
}

static void fuzz_command(const struct command *command, char *text)
{
	char *words[WORDS_MAX] = { text };
	struct kernel_policy_config policy;
	struct arguments arguments;
	struct kernel_sa_config sa;
	struct kernel_sa_keys keys;
	struct error *error;
	int count = 1;

	/* the first line stands for the name of the command */
	strsep(&text, "\n");
	while (text && count < WORDS_MAX - 1)
		words[count++] = strsep(&text, "\n");
	error = arguments_parse(command, count, words, &arguments);
	if (!error && !arguments.help)
		error = command == &command_sa_add ?
			sa_config_from(&arguments, &sa, &keys) :
			sp_config_from(&arguments, &policy);
	error_free(error);
	arguments_free(&arguments);
}

/**
 * LLVMFuzzerTestOneInput - parse one text
 * @data: the choice of the parser, and the text
 * @size: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	switch (data[0] % 6) {
	case 0:
		fuzz_prefix(text);
		break;
	case 1:
		fuzz_ports(text);
		break;
	case 2:
		fuzz_numbers(text);
		break;
	case 3:
		fuzz_secret(text);
		break;
	case 4:
		/* a key file is the only thing that touches the machine */
		if (!strstr(text, "@/"))
			fuzz_command(&command_sa_add, text);
		break;
	case 5:
		fuzz_command(&command_sp_add, text);
		break;
	}
	free(text);
	return 0;
}
