/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internet addresses and prefixes of both families, as text and as the bytes
 * that go on the wire.
 */
#ifndef LIB_ADDRESS_H
#define LIB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct address - an IPv4 or IPv6 address
 * @length: bytes used of @bytes: 4 for IPv4, 16 for IPv6, 0 for none
 * @bytes: the address in network byte order
 */
struct address {
	uint8_t length;
	uint8_t bytes[16];
};

/**
 * struct prefix - an address and how many of its leading bits count
 * @address: the address, whose bits behind @length are zero
 * @length: number of bits
 */
struct prefix {
	struct address address;
	uint8_t length;
};

/* Enough for "[IPv6 with dotted quad]/128" and the final 0 */
#define ADDRESS_TEXT_SIZE 64

ERROR_MUST_CHECK
struct error *address_parse(const char *text, struct address *address);
ERROR_MUST_CHECK
struct error *prefix_parse(const char *text, struct prefix *prefix);

bool address_set(struct address *address, const void *bytes, size_t length);
bool address_equal(const struct address *one, const struct address *other);
bool address_is_unspecified(const struct address *address);
bool address_is_multicast(const struct address *address);
unsigned int address_bits(const struct address *address);
const char *address_family(const struct address *address);
const char *address_text(const struct address *address, char *text);
const char *prefix_text(const struct prefix *prefix, char *text);

#endif /* LIB_ADDRESS_H */
