// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and writes identities. What a peer sent as its identity is written so that
 * nothing of it can be taken for anything else: bytes that are not printable
 * become hexadecimal.
 */
#include <stdio.h>
#include <string.h>

#include "crypto/dn.h"
#include "daemon/connections/identity.h"
#include "lib/iana.h"

static struct error *set(struct ike_id *id, enum iana_id type, const void *data,
			 size_t length, const char *text)
{
	if (!length)
		return error_usage("'%s' is no identity: it is empty", text);
	if (length > sizeof(id->data))
		return error_usage("the identity '%.40s...' is too long: %zu bytes, at most %zu can be",
				   text, length, sizeof(id->data));
	id->type = (uint8_t)type;
	id->length = (uint16_t)length;
	memcpy(id->data, data, length);
	return NULL;
}

static int digit(char character)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = character ? strchr(digits, character) : NULL;

	return found ? (int)(found - digits) % 16 : -1;
}

static struct error *parse_hex(const char *text, struct ike_id *id)
{
	const char *next = text + strlen("@#");
	uint8_t bytes[IKE_ID_SIZE];
	size_t length = 0;

	if (!strncmp(next, "0x", 2))
		next += 2;
	for (; next[0]; next += 2) {
		int high = digit(next[0]), low = digit(next[1]);

		if (high < 0 || low < 0)
			return error_usage("'%s': behind @# stand pairs of hexadecimal digits",
					   text);
		if (length == sizeof(bytes))
			return error_usage("the identity '%.40s...' is too long: at most %zu bytes can be",
					   text, sizeof(bytes));
		bytes[length++] = (uint8_t)(high << 4 | low);
	}
	return set(id, IANA_ID_KEY_ID, bytes, length, text);
}

static struct error *parse_dn(const char *text, struct ike_id *id)
{
	uint8_t der[CRYPTO_DN_SIZE_MAX];
	struct error *error;
	size_t length;

	error = crypto_dn_parse(text, der, &length);
	return error ? error : set(id, IANA_ID_DER_ASN1_DN, der, length, text);
}

static struct error *parse_at(const char *text, struct ike_id *id)
{
	size_t length = strlen(text);

	if (text[1] == '#')
		return parse_hex(text, id);
	if (text[1] == '[') {
		if (text[length - 1] != ']')
			return error_usage("'%s': a key ID ends with ]", text);
		return set(id, IANA_ID_KEY_ID, text + 2, length - 3, text);
	}
	if (text[1] == '@')
		return set(id, IANA_ID_RFC822_ADDR, text + 2, length - 2, text);
	return set(id, strchr(text + 1, '@') ? IANA_ID_RFC822_ADDR :
					       IANA_ID_FQDN,
		   text + 1, length - 1, text);
}

/**
 * identity_parse - take an identity
 * @text: an address, @name, user@name, @[key id], @#hexadecimal, a distinguished
 *	name, %any, %fromcert, %null, or a host name
 * @id: set to it; of the type 0 for %any and %fromcert
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *identity_parse(const char *text, struct ike_id *id)
{
	struct address address;
	struct error *error;

	memset(id, 0, sizeof(*id));
	if (!strcmp(text, "%any") || !strcmp(text, "%fromcert"))
		return NULL;
	if (!strcmp(text, "%none") || !strcmp(text, "%null")) {
		id->type = IANA_ID_NULL;
		return NULL;
	}
	if (text[0] == '%')
		return error_usage("'%s' is no identity: an address, @name, user@name, @[key id], a distinguished name, %%any or %%fromcert is",
				   text);
	if (text[0] == '@')
		return parse_at(text, id);
	if (strchr(text, '='))
		return parse_dn(text, id);
	error = address_parse(text, &address);
	if (!error) {
		identity_of_address(&address, id);
		return NULL;
	}
	error_free(error);
	return set(id, strchr(text, '@') ? IANA_ID_RFC822_ADDR : IANA_ID_FQDN,
		   text, strlen(text), text);
}

/**
 * identity_of_address - the identity of one who has no other
 * @address: where it is
 * @id: set to it
 */
void identity_of_address(const struct address *address, struct ike_id *id)
{
	memset(id, 0, sizeof(*id));
	id->type = address->length == 4 ? IANA_ID_IPV4_ADDR :
					  IANA_ID_IPV6_ADDR;
	id->length = address->length;
	memcpy(id->data, address->bytes, address->length);
}

static bool is_printable(const struct ike_id *id)
{
	uint16_t i;

	for (i = 0; i < id->length; i++) {
		if (id->data[i] < ' ' || id->data[i] > '~')
			return false;
	}
	return true;
}

static const char *hex_text(const struct ike_id *id, char *text)
{
	size_t used = (size_t)snprintf(text, IDENTITY_TEXT_SIZE, "@#0x");
	uint16_t i;

	for (i = 0; i < id->length && used < IDENTITY_TEXT_SIZE; i++)
		used += (size_t)snprintf(text + used, IDENTITY_TEXT_SIZE - used,
					 "%02x", id->data[i]);
	return text;
}

static const char *address_id_text(const struct ike_id *id, char *text)
{
	struct address address;

	if (!address_set(&address, id->data, id->length))
		return hex_text(id, text);
	return address_text(&address, text);
}

/**
 * identity_text - an identity as users write it
 * @id: the identity
 * @text: room for IDENTITY_TEXT_SIZE characters
 *
 * Return: @text.
 */
const char *identity_text(const struct ike_id *id, char *text)
{
	const char *format;

	switch (id->type) {
	case 0:
		snprintf(text, IDENTITY_TEXT_SIZE, "%%any");
		return text;
	case IANA_ID_NULL:
		snprintf(text, IDENTITY_TEXT_SIZE, "%%null");
		return text;
	case IANA_ID_IPV4_ADDR:
	case IANA_ID_IPV6_ADDR:
		return address_id_text(id, text);
	case IANA_ID_DER_ASN1_DN:
		return crypto_dn_text(id->data, id->length, text);
	case IANA_ID_FQDN:
		format = "@%.*s";
		break;
	case IANA_ID_RFC822_ADDR:
		format = "%.*s";
		break;
	default:
		format = "@[%.*s]";
		break;
	}
	if (!is_printable(id))
		return hex_text(id, text);
	snprintf(text, IDENTITY_TEXT_SIZE, format, id->length,
		 (const char *)id->data);
	return text;
}
