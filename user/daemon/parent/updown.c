// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an updown command is told: read from the engine, and written into an
 * environment. Commands are scripts that people write in a hurry, so nothing that
 * a shell would take for more than a letter gets into their variables.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/parent/updown.h"
#include "lib/array.h"

/* Where programs are looked for */
#define PATH_VARIABLE \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/**
 * enum kind - kinds of fields
 * @TEXT: const char *
 * @ADDRESS: struct address
 * @PREFIX: struct prefix
 * @FLAG: uint8_t, 0 or 1
 * @U8: uint8_t
 * @U16: uint16_t
 * @U32: uint32_t
 * @U64: uint64_t
 * @SPI: uint32_t, in hexadecimal
 */
enum kind {
	TEXT,
	ADDRESS,
	PREFIX,
	FLAG,
	U8,
	U16,
	U32,
	U64,
	SPI,
};

/**
 * struct field - a field of struct updown
 * @kind: of it
 * @offset: where it is
 * @name: of the variable, NULL for what has none of its own
 * @optional: there is no variable for what is zero
 */
struct field {
	enum kind kind;
	size_t offset;
	const char *name;
	bool optional;
};

#define FIELD(kind, member, name, optional) \
	{ kind, offsetof(struct updown, member), name, optional }

static const struct field fields[] = {
	FIELD(U8, verb, NULL, false),
	FIELD(TEXT, command, NULL, false),
	FIELD(TEXT, connection, "PLUTO_CONNECTION", false),
	FIELD(TEXT, type, "PLUTO_CONNECTION_TYPE", false),
	FIELD(TEXT, policy, "PLUTO_CONN_POLICY", false),
	FIELD(TEXT, interface, "PLUTO_INTERFACE", false),
	FIELD(TEXT, virt_interface, "PLUTO_VIRT_INTERFACE", false),
	FIELD(FLAG, device, NULL, false),
	FIELD(ADDRESS, next_hop, "PLUTO_NEXT_HOP", false),
	FIELD(ADDRESS, me, "PLUTO_ME", false),
	FIELD(ADDRESS, peer, "PLUTO_PEER", false),
	FIELD(TEXT, my_id, "PLUTO_MY_ID", false),
	FIELD(TEXT, peer_id, "PLUTO_PEER_ID", false),
	FIELD(TEXT, peer_ca, "PLUTO_PEER_CA", false),
	FIELD(PREFIX, my_client, "PLUTO_MY_CLIENT", false),
	FIELD(PREFIX, peer_client, "PLUTO_PEER_CLIENT", false),
	FIELD(ADDRESS, my_sourceip, "PLUTO_MY_SOURCEIP", true),
	FIELD(U16, my_port, "PLUTO_MY_PORT", false),
	FIELD(U16, peer_port, "PLUTO_PEER_PORT", false),
	FIELD(U8, my_protocol, "PLUTO_MY_PROTOCOL", false),
	FIELD(U8, peer_protocol, "PLUTO_PEER_PROTOCOL", false),
	FIELD(U32, reqid, "PLUTO_SA_REQID", false),
	FIELD(SPI, spi_in, "SPI_IN", true),
	FIELD(SPI, spi_out, "SPI_OUT", true),
	FIELD(U64, in_bytes, "PLUTO_INBYTES", false),
	FIELD(U64, out_bytes, "PLUTO_OUTBYTES", false),
	FIELD(U64, add_time, "PLUTO_ADDTIME", false),
	FIELD(U32, mtu, "PLUTO_MTU", true),
	FIELD(U32, metric, "PLUTO_METRIC", true),
	FIELD(FLAG, instance, NULL, false),
};

/* What is so for all connections that there can be yet */
static const char *const constants[] = {
	PATH_VARIABLE,
	"PLUTO_VERSION=2.0",
	"PLUTO_STACK=espvif",
	"PLUTO_SA_TYPE=ESP",
	"PLUTO_CFG_CLIENT=0",
	"PLUTO_CFG_SERVER=0",
	"PLUTO_NM_CONFIGURED=0",
	"PLUTO_IS_PEER_CISCO=0",
};

static const void *at(const struct updown *updown, const struct field *field)
{
	return (const char *)updown + field->offset;
}

static uint64_t number_at(const struct updown *updown,
			  const struct field *field)
{
	const void *value = at(updown, field);

	switch (field->kind) {
	case U8:
	case FLAG:
		return *(const uint8_t *)value;
	case U16:
		return *(const uint16_t *)value;
	case U64:
		return *(const uint64_t *)value;
	default:
		return *(const uint32_t *)value;
	}
}

static const char *text_at(const struct updown *updown,
			   const struct field *field)
{
	const char *text = *(const char *const *)at(updown, field);

	return text ? text : "";
}

/* ----- to and from the engine -------------------------------------------- */

static void put_address(struct bytes_writer *writer,
			const struct address *address)
{
	bytes_put_u8(writer, address->length);
	bytes_put(writer, bytes_of(address->bytes, address->length));
}

static void put_field(struct bytes_writer *writer, const struct updown *updown,
		      const struct field *field)
{
	const struct prefix *prefix = at(updown, field);

	switch (field->kind) {
	case TEXT:
		bytes_put_text(writer, text_at(updown, field),
			       UPDOWN_TEXT_MAX);
		break;
	case ADDRESS:
		put_address(writer, at(updown, field));
		break;
	case PREFIX:
		put_address(writer, &prefix->address);
		bytes_put_u8(writer, prefix->length);
		break;
	default:
		bytes_put_u64(writer, number_at(updown, field));
		break;
	}
}

/**
 * updown_check - can a command be run and told everything whole
 * @updown: what it is to be told
 *
 * Half a command is another command, which would be run as root.
 *
 * Return: NULL, or what is too long.
 */
struct error *updown_check(const struct updown *updown)
{
	const char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (fields[i].kind != TEXT)
			continue;
		text = text_at(updown, &fields[i]);
		if (strnlen(text, UPDOWN_TEXT_MAX) == UPDOWN_TEXT_MAX)
			return error_refused(E2BIG, "%s is longer than %d characters",
					     fields[i].name ? fields[i].name :
					     "the updown command",
					     UPDOWN_TEXT_MAX - 1);
	}
	return NULL;
}

/**
 * updown_encode - write what a command is to be told
 * @writer: where to
 * @updown: what it is, for which updown_check() has nothing to say; longer texts
 *	would be cut off
 */
void updown_encode(struct bytes_writer *writer, const struct updown *updown)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		put_field(writer, updown, &fields[i]);
}

static bool take_address(struct bytes_reader *reader, struct address *address)
{
	struct bytes bytes = bytes_take(reader, bytes_take_u8(reader));

	if (reader->failed)
		return false;
	*address = (struct address){ 0 };
	return !bytes.length ||
	       address_set(address, bytes.data, bytes.length);
}

static bool take_prefix(struct bytes_reader *reader, struct prefix *prefix)
{
	if (!take_address(reader, &prefix->address))
		return false;
	prefix->length = bytes_take_u8(reader);
	return prefix->length <= address_bits(&prefix->address);
}

static bool take_number(struct bytes_reader *reader, enum kind kind,
			void *value)
{
	uint64_t number = bytes_take_u64(reader);

	switch (kind) {
	case FLAG:
	case U8:
		*(uint8_t *)value = (uint8_t)number;
		return number <= (kind == FLAG ? 1 : UINT8_MAX);
	case U16:
		*(uint16_t *)value = (uint16_t)number;
		return number <= UINT16_MAX;
	case U64:
		*(uint64_t *)value = number;
		return true;
	default:
		*(uint32_t *)value = (uint32_t)number;
		return number <= UINT32_MAX;
	}
}

static bool take_field(struct bytes_reader *reader, struct updown *updown,
		       const struct field *field)
{
	void *value = (char *)updown + field->offset;
	const char **text = value;

	switch (field->kind) {
	case TEXT:
		*text = bytes_take_text(reader, UPDOWN_TEXT_MAX);
		return *text;
	case ADDRESS:
		return take_address(reader, value);
	case PREFIX:
		return take_prefix(reader, value);
	default:
		return take_number(reader, field->kind, value);
	}
}

/**
 * updown_decode - read what a command is to be told
 * @reader: where from
 * @updown: to be filled; its texts are in what is read from
 *
 * Return: whether it is whole.
 */
bool updown_decode(struct bytes_reader *reader, struct updown *updown)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!take_field(reader, updown, &fields[i]))
			return false;
	}
	return !reader->failed && updown->verb <= UPDOWN_UNROUTE &&
	       updown->my_client.address.length &&
	       updown->peer_client.address.length;
}

/* ----- the environment --------------------------------------------------- */

/**
 * updown_verb_text - what happens, as PLUTO_VERB has it
 * @updown: what a command is told
 * @text: where to write it
 *
 * Return: @text
 */
const char *updown_verb_text(const struct updown *updown, char text[32])
{
	static const char *const verbs[] = {
		[UPDOWN_PREPARE] = "prepare", [UPDOWN_ROUTE] = "route",
		[UPDOWN_UP] = "up", [UPDOWN_DOWN] = "down",
		[UPDOWN_UNROUTE] = "unroute",
	};
	const struct prefix *client = &updown->my_client;
	bool host = client->length == address_bits(&client->address) &&
		    !memcmp(&client->address, &updown->me,
			    sizeof(client->address));

	snprintf(text, 32, "%s-%s%s", verbs[updown->verb],
		 host ? "host" : "client",
		 client->address.length == 16 ? "-v6" : "");
	return text;
}

/* Takes what means something to a shell out of a value. */
static void make_harmless(char *value)
{
	for (; *value; value++) {
		if (*value < ' ' || *value > '~' ||
		    strchr("'\"`$\\;|&<>(){}[]!*?~#", *value))
			*value = '?';
	}
}

__attribute__((format(printf, 3, 4)))
static void set(struct updown_environment *environment, const char *name,
		const char *format, ...)
{
	size_t room = sizeof(environment->text) - environment->used;
	char *text = &environment->text[environment->used];
	va_list arguments;
	int name_length, length;

	name_length = snprintf(text, room, "%s=", name);
	if ((size_t)name_length >= room)
		goto full;
	va_start(arguments, format);
	length = vsnprintf(text + name_length, room - (size_t)name_length,
			   format, arguments);
	va_end(arguments);
	if ((size_t)(name_length + length) >= room ||
	    environment->count == UPDOWN_VARIABLES_MAX)
		goto full;
	make_harmless(text + name_length);
	environment->used += (size_t)(name_length + length) + 1;
	environment->variables[environment->count++] = text;
	return;
full:
	environment->used = sizeof(environment->text);
}

static void set_prefix(struct updown_environment *environment,
		       const char *name, const struct prefix *prefix)
{
	size_t bits = address_bits(&prefix->address), i;
	char text[ADDRESS_TEXT_SIZE], part[64];
	struct address mask = { .length = prefix->address.length };

	for (i = 0; i < bits && i < prefix->length; i++)
		mask.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
	/* the length is there even if it is that of one address */
	address_text(&prefix->address, text);
	set(environment, name, "%s/%u", text, prefix->length);
	snprintf(part, sizeof(part), "%s_NET", name);
	set(environment, part, "%s", text);
	snprintf(part, sizeof(part), "%s_MASK", name);
	set(environment, part, "%s", address_text(&mask, text));
}

static void set_field(struct updown_environment *environment,
		      const struct updown *updown, const struct field *field)
{
	const struct address *address = at(updown, field);
	char text[ADDRESS_TEXT_SIZE];

	switch (field->kind) {
	case TEXT:
		set(environment, field->name, "%s", text_at(updown, field));
		break;
	case ADDRESS:
		if (address->length)
			set(environment, field->name, "%s",
			    address_text(address, text));
		else if (!field->optional)
			set(environment, field->name, "%s", "");
		break;
	case PREFIX:
		set_prefix(environment, field->name, at(updown, field));
		break;
	case SPI:
		if (number_at(updown, field))
			set(environment, field->name, "0x%08llx",
			    (unsigned long long)number_at(updown, field));
		break;
	default:
		if (!field->optional || number_at(updown, field))
			set(environment, field->name, "%llu",
			    (unsigned long long)number_at(updown, field));
		break;
	}
}

/**
 * updown_write_environment - write the environment of a command
 * @updown: what the command is told
 * @environment: to be filled
 *
 * Return: NULL, or that it is too long.
 */
struct error *updown_write_environment(const struct updown *updown,
				       struct updown_environment *environment)
{
	char verb[32];
	size_t i;

	environment->count = 0;
	environment->used = 0;
	for (i = 0; i < ARRAY_SIZE(constants); i++)
		environment->variables[environment->count++] =
			(char *)(uintptr_t)constants[i];
	set(environment, "PLUTO_VERB", "%s", updown_verb_text(updown, verb));
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (fields[i].name)
			set_field(environment, updown, &fields[i]);
	}
	set(environment, "PLUTO_CONN_ADDRFAMILY", "%s",
	    updown->my_client.address.length == 16 ? "ipv6" : "ipv4");
	set(environment, "PLUTO_CONN_KIND", "%s",
	    updown->instance ? "CK_INSTANCE" : "CK_PERMANENT");
	set(environment, "PLUTO_XFRMI_ROUTE", "%s",
	    updown->device ? "yes" : "");
	environment->variables[environment->count] = NULL;
	if (environment->used == sizeof(environment->text))
		return error_refused(E2BIG, "what the updown command is to be told is longer than %d bytes",
				     UPDOWN_ENVIRONMENT_SIZE);
	return NULL;
}

/* ----- the command ------------------------------------------------------- */

/* Copies one word without its quotes; returns what follows, NULL for an error. */
static const char *copy_word(const char *text, char **out,
			     struct error **error)
{
	char quote = '\0';

	for (; *text && (quote || !strchr(" \t", *text)); text++) {
		if (*text == quote) {
			quote = '\0';
		} else if (!quote && (*text == '\'' || *text == '"')) {
			quote = *text;
		} else if (!quote && strchr(";|&<>()`$*?[~#\n", *text)) {
			*error = error_usage("'%c' would need a shell: put the command into a script, and name that",
					     *text);
			return NULL;
		} else {
			if (*text == '\\' && quote != '\'' && text[1])
				text++;
			*(*out)++ = *text;
		}
	}
	if (quote) {
		*error = error_usage("the quote %c is not closed", quote);
		return NULL;
	}
	*(*out)++ = '\0';
	return text;
}

/**
 * updown_split - take a command line apart
 * @text: words with blanks between; quotes and backslashes as in a shell, but
 *	nothing else that a shell understands
 * @command: to be filled
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *updown_split(const char *text, struct updown_command *command)
{
	struct error *error = NULL;
	char *out = command->text;

	command->count = 0;
	if (strlen(text) >= sizeof(command->text))
		return error_usage("a command of %zu characters is too long",
				   strlen(text));
	for (text += strspn(text, " \t"); *text;
	     text += strspn(text, " \t")) {
		if (command->count == UPDOWN_WORDS_MAX)
			return error_usage("a command of more than %d words is too long",
					   UPDOWN_WORDS_MAX);
		command->words[command->count++] = out;
		text = copy_word(text, &out, &error);
		if (error)
			return error;
	}
	command->words[command->count] = NULL;
	if (!command->count)
		return error_usage("the command is empty");
	return NULL;
}
