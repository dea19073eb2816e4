// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes what the daemon's processes say to each other. The first byte chooses
 * whose message it is. What was read and is written again must be the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/keys/keys_wire.h"
#include "daemon/parent/parent_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void fuzz_keys(struct bytes packet)
{
	static uint8_t buffer[KEYS_WIRE_SIZE_MAX];
	struct keys_message message;
	struct bytes_writer writer;

	if (!keys_wire_decode(packet, &message))
		return;
	check(message.bytes.length <= KEYS_WIRE_OCTETS_MAX);
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	keys_wire_encode(&writer, &message);
	check(!writer.failed && bytes_equal(bytes_written(&writer), packet));
}

/* A command line comes apart within itself, and what is told is plain. */
static void use_updown(const struct updown *updown)
{
	static struct updown_environment environment;
	struct updown_command command;
	struct error *error;
	const char *next;
	size_t i;

	error = updown_write_environment(updown, &environment);
	check(!error && !environment.variables[environment.count]);
	for (i = 0; i < environment.count; i++) {
		next = strchr(environment.variables[i], '=');
		check(next);
		for (next++; *next; next++)
			check(*next >= ' ' && *next <= '~' &&
			      !strchr("'\"`$\\;|&<>(){}", *next));
	}
	error = updown_split(updown->command, &command);
	for (i = 0; !error && i < command.count; i++)
		check(command.words[i] >= command.text &&
		      command.words[i] + strlen(command.words[i]) <
		      command.text + sizeof(command.text));
	error_free(error);
}

static void fuzz_parent(struct bytes packet)
{
	static uint8_t buffer[PARENT_WIRE_SIZE_MAX];
	struct parent_message message;
	struct bytes_writer writer;

	if (!parent_wire_decode(packet, &message))
		return;
	if (message.kind == PARENT_RUN)
		use_updown(&message.updown);
	if (packet.length > sizeof(buffer))
		return;
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	parent_wire_encode(&writer, &message);
	check(!writer.failed && bytes_equal(bytes_written(&writer), packet));
}

/**
 * LLVMFuzzerTestOneInput - read one message
 * @data: the choice of the reader, and the message
 * @size: bytes of both
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0] % 2) {
	case 0:
		fuzz_keys(bytes_of(data + 1, size - 1));
		break;
	case 1:
		fuzz_parent(bytes_of(data + 1, size - 1));
		break;
	}
	return 0;
}
