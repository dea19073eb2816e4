/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SA payload: proposals made of transforms (RFC 7296, 3.3).
 */
#ifndef WIRE_SA_H
#define WIRE_SA_H

#include "lib/bytes.h"
#include "wire/reason.h"

/* Peers that offer all they have send some 30 transforms in two proposals */
#define WIRE_PROPOSALS_MAX 32
#define WIRE_TRANSFORMS_MAX 256

/**
 * struct wire_transform - an algorithm
 * @type: enum iana_transform
 * @unusable: it has an attribute we don't know, so it cannot be chosen
 * @id: of the registry that @type tells
 * @key_bits: length of the key, 0 = not told
 */
struct wire_transform {
	uint8_t type;
	bool unusable;
	uint16_t id;
	uint16_t key_bits;
};

/**
 * struct wire_proposal - transforms of which one of each type is to be chosen
 * @number: 1 for the first, and so on
 * @protocol: enum iana_protocol
 * @spi_length: bytes of the SPI: 8 or, in IKE_SA_INIT, 0 for IKE; else 4
 * @spi: the SPI in host byte order
 * @first: index of its first transform
 * @count: how many it has
 */
struct wire_proposal {
	uint8_t number;
	uint8_t protocol;
	uint8_t spi_length;
	uint64_t spi;
	uint16_t first;
	uint16_t count;
};

/**
 * struct wire_sa - what is proposed or chosen
 * @proposals: in order of preference
 * @proposal_count: how many
 * @transforms: of all proposals
 * @transform_count: how many
 */
struct wire_sa {
	struct wire_proposal proposals[WIRE_PROPOSALS_MAX];
	uint16_t proposal_count;
	struct wire_transform transforms[WIRE_TRANSFORMS_MAX];
	uint16_t transform_count;
};

enum wire_reason wire_decode_sa(struct bytes content, struct wire_sa *sa);
void wire_encode_sa(struct bytes_writer *writer, const struct wire_sa *sa);

struct wire_proposal *wire_sa_add_proposal(struct wire_sa *sa,
					   uint8_t protocol);
bool wire_sa_add_transform(struct wire_sa *sa, uint8_t type, uint16_t id,
			   uint16_t key_bits);

#endif /* WIRE_SA_H */
