// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Identities (RFC 7296, 3.5): sent, compared with those that come, and spelled so
 * that whatever a peer claims to be can stand in a log.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "crypto/dn.h"
#include "ike/id.h"
#include "lib/iana.h"

/**
 * ike_id_take - keep an identity that has come
 * @received: the identity
 * @id: where to
 *
 * Return: NULL, or why it cannot be kept.
 */
struct error *ike_id_take(const struct wire_id *received, struct ike_id *id)
{
	size_t length = received->data.length;

	if (length > IKE_ID_SIZE)
		return error_refused(0, "the peer's identity has %zu bytes, we read up to %d",
				     length, IKE_ID_SIZE);
	*id = (struct ike_id){ .type = received->type };
	id->length = (uint16_t)length;
	if (length)
		memcpy(id->data, received->data.data, length);
	return NULL;
}

/**
 * ike_id_put - append an identity
 * @id: the identity
 * @writer: where to
 * @payload: IANA_PAYLOAD_IDI or IANA_PAYLOAD_IDR
 */
void ike_id_put(const struct ike_id *id, struct wire_writer *writer,
		uint8_t payload)
{
	wire_put_id(writer, payload, id->type, bytes_of(id->data, id->length));
}

/* Names of hosts and of users are the same in capitals. */
static bool same(uint8_t type, struct bytes one, struct bytes other)
{
	size_t i;

	if (type != IANA_ID_FQDN && type != IANA_ID_RFC822_ADDR)
		return bytes_equal(one, other);
	if (one.length != other.length)
		return false;
	for (i = 0; i < one.length; i++) {
		if (tolower(one.data[i]) != tolower(other.data[i]))
			return false;
	}
	return true;
}

/**
 * ike_id_matches - is it the one we expect
 * @id: the one we expect, perhaps any; a distinguished name may be a pattern
 * @received: the one that came
 *
 * Return: whether it is.
 */
bool ike_id_matches(const struct ike_id *id, const struct wire_id *received)
{
	if (!id->type)
		return true;
	if (id->type != received->type)
		return false;
	if (id->type == IANA_ID_DER_ASN1_DN)
		return crypto_dn_matches(id->data, id->length,
					 received->data.data,
					 received->data.length);
	return same(id->type, bytes_of(id->data, id->length), received->data);
}

/**
 * ike_id_equal - are two identities the same
 * @one: an identity
 * @other: another one
 *
 * Return: whether they are.
 */
bool ike_id_equal(const struct ike_id *one, const struct ike_id *other)
{
	return one->type == other->type &&
	       same(one->type, bytes_of(one->data, one->length),
		    bytes_of(other->data, other->length));
}

static size_t add_printable(char *text, size_t used, struct bytes bytes)
{
	size_t i;

	for (i = 0; i < bytes.length && used < IKE_ID_TEXT_SIZE - 1; i++)
		text[used++] = isprint(bytes.data[i]) ? (char)bytes.data[i] :
							'?';
	return used;
}

/**
 * ike_id_text - an identity in words
 * @type: enum iana_id
 * @data: as @type tells
 * @text: room for IKE_ID_TEXT_SIZE characters
 *
 * Return: @text, printable whatever @data is.
 */
const char *ike_id_text(uint8_t type, struct bytes data, char *text)
{
	char number[IANA_TEXT_SIZE], dn[CRYPTO_DN_TEXT_SIZE];
	char spelled[ADDRESS_TEXT_SIZE];
	struct address address;
	size_t used = 0;

	if ((type == IANA_ID_IPV4_ADDR || type == IANA_ID_IPV6_ADDR) &&
	    address_set(&address, data.data, data.length)) {
		snprintf(text, IKE_ID_TEXT_SIZE, "%s",
			 address_text(&address, spelled));
		return text;
	}
	if (type == IANA_ID_DER_ASN1_DN) {
		crypto_dn_text(data.data, data.length, dn);
		data = bytes_of(dn, strlen(dn));
	} else if (type == IANA_ID_FQDN) {
		text[used++] = '@';
	} else if (type != IANA_ID_RFC822_ADDR) {
		used = (size_t)snprintf(text, IKE_ID_TEXT_SIZE, "%s ",
					iana_text(IANA_ID, type, number));
	}
	used = add_printable(text, used, data);
	text[used] = '\0';
	return text;
}

/**
 * ike_id_spell - an identity of ours, or one that was kept, in words
 * @id: the identity
 * @text: room for IKE_ID_TEXT_SIZE characters
 *
 * Return: @text.
 */
const char *ike_id_spell(const struct ike_id *id, char *text)
{
	return ike_id_text(id->type, bytes_of(id->data, id->length), text);
}
