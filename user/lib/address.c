// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parses and prints addresses and prefixes. A prefix with bits set behind its
 * length is refused, because it is as likely a typing error in the length as
 * one in the address.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/address.h"
#include "lib/number.h"

/**
 * address_set - fill an address from bytes off the wire
 * @address: where to put it
 * @bytes: the address in network byte order
 * @length: number of bytes
 *
 * Return: whether @length is that of an address; if not, @address is none.
 */
bool address_set(struct address *address, const void *bytes, size_t length)
{
	memset(address, 0, sizeof(*address));
	if (length != 4 && length != 16)
		return false;
	memcpy(address->bytes, bytes, length);
	address->length = (uint8_t)length;
	return true;
}

/**
 * address_is_unspecified - is it 0.0.0.0 or ::
 * @address: the address
 *
 * Return: whether all its bits are zero.
 */
bool address_is_unspecified(const struct address *address)
{
	static const uint8_t zero[sizeof(address->bytes)];

	return !memcmp(address->bytes, zero, address->length);
}

/**
 * address_is_multicast - is it a group of hosts
 * @address: the address
 *
 * Return: whether it is multicast, or the broadcast address of IPv4.
 */
bool address_is_multicast(const struct address *address)
{
	if (address->length == 16)
		return address->bytes[0] == 0xff;
	return (address->bytes[0] & 0xf0) == 0xe0 ||
	       !memcmp(address->bytes, "\xff\xff\xff\xff", 4);
}

/**
 * address_equal - are two addresses the same
 * @one: an address
 * @other: another one
 *
 * Return: whether they are, family and all.
 */
bool address_equal(const struct address *one, const struct address *other)
{
	return one->length == other->length &&
	       !memcmp(one->bytes, other->bytes, one->length);
}

/**
 * address_bits - the length of an address
 * @address: the address
 *
 * Return: 32 or 128.
 */
unsigned int address_bits(const struct address *address)
{
	return address->length * 8U;
}

/**
 * address_family - the family of an address, for sentences
 * @address: the address
 *
 * Return: "IPv4" or "IPv6".
 */
const char *address_family(const struct address *address)
{
	return address->length == 4 ? "IPv4" : "IPv6";
}

/**
 * address_text - print an address
 * @address: the address
 * @text: room for ADDRESS_TEXT_SIZE bytes
 *
 * Return: @text; "-" if the address is none.
 */
const char *address_text(const struct address *address, char *text)
{
	int family = address->length == 4 ? AF_INET : AF_INET6;

	if (!address->length ||
	    !inet_ntop(family, address->bytes, text, ADDRESS_TEXT_SIZE))
		snprintf(text, ADDRESS_TEXT_SIZE, "-");
	return text;
}

/**
 * prefix_text - print a prefix as address/length
 * @prefix: the prefix
 * @text: room for ADDRESS_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *prefix_text(const struct prefix *prefix, char *text)
{
	size_t used;

	address_text(&prefix->address, text);
	used = strlen(text);
	snprintf(text + used, ADDRESS_TEXT_SIZE - used, "/%u", prefix->length);
	return text;
}

/**
 * address_parse - read an address
 * @text: IPv4 in dotted quads or IPv6 in any of its spellings, without a zone
 * @address: where to put it
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *address_parse(const char *text, struct address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, address->bytes) == 1) {
		address->length = 4;
		return NULL;
	}
	if (inet_pton(AF_INET6, text, address->bytes) == 1) {
		address->length = 16;
		return NULL;
	}
	if (strchr(text, '/'))
		return error_usage("'%s' is a prefix; one address is needed",
				   text);
	if (strchr(text, '%'))
		return error_usage("'%s': an address stands without its zone here",
				   text);
	return error_usage("'%s' is not an IPv4 or IPv6 address", text);
}

/* Clears the bits behind the prefix; returns whether one of them was set. */
static bool clear_host_bits(struct address *address, unsigned int length)
{
	bool was_set = false;
	unsigned int bit;

	for (bit = length; bit < address_bits(address); bit++) {
		uint8_t mask = (uint8_t)(0x80 >> (bit % 8));

		was_set |= address->bytes[bit / 8] & mask;
		address->bytes[bit / 8] &= (uint8_t)~mask;
	}
	return was_set;
}

static struct error *length_parse(const char *text, const char *digits,
				  struct prefix *prefix)
{
	unsigned int bits = address_bits(&prefix->address);
	char expected[ADDRESS_TEXT_SIZE];
	struct error *error;
	uint64_t length;

	error = number_parse(digits, 0, bits, &length);
	if (error) {
		error_free(error);
		return error_usage("'%s': the length of an %s prefix is a number from 0 to %u",
				   text, address_family(&prefix->address), bits);
	}
	prefix->length = (uint8_t)length;
	if (clear_host_bits(&prefix->address, prefix->length))
		return error_usage("'%s' has bits set behind its prefix length; the prefix is %s",
				   text, prefix_text(prefix, expected));
	return NULL;
}

/**
 * prefix_parse - read a prefix
 * @text: address/length, an address for a single host, or "any" and "any6"
 *	for all addresses of IPv4 and of IPv6
 * @prefix: where to put it
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *prefix_parse(const char *text, struct prefix *prefix)
{
	char host[ADDRESS_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	size_t length = strcspn(text, "/");
	struct error *error = NULL;

	if (!strcmp(text, "any"))
		return prefix_parse("0.0.0.0/0", prefix);
	if (!strcmp(text, "any6"))
		return prefix_parse("::/0", prefix);

	if (length < sizeof(host)) {
		memcpy(host, text, length);
		host[length] = '\0';
		error = address_parse(host, &prefix->address);
	}
	if (error || length >= sizeof(host)) {
		error_free(error);
		return error_usage("'%s' is not a prefix like 192.0.2.0/24 or 2001:db8::/32",
				   text);
	}
	prefix->length = (uint8_t)address_bits(&prefix->address);
	return slash ? length_parse(text, slash + 1, prefix) : NULL;
}
