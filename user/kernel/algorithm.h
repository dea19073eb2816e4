/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The algorithms of ESP by the names users type and see. One table each for
 * encryption and integrity makes parsing, help and lists.
 */
#ifndef KERNEL_ALGORITHM_H
#define KERNEL_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* Enough for any name, also of an algorithm that is not in the tables */
#define ALGORITHM_TEXT_SIZE 32

/**
 * struct encryption - an encryption algorithm, with its key length or without
 * @name: as users type it
 * @id: enum espvif_encr
 * @key_bits: length of the key without the salt; 0: see @any_key_length
 * @salt: bytes of salt (or nonce) that follow the key
 * @aead: it protects integrity by itself
 * @any_key_length: the name does not tell the length of the AES key
 */
struct encryption {
	const char *name;
	uint16_t id;
	uint16_t key_bits;
	uint8_t salt;
	bool aead;
	bool any_key_length;
};

/**
 * struct integrity - an integrity algorithm
 * @name: as users type it
 * @id: enum espvif_integ
 * @key_bytes: length of the key
 */
struct integrity {
	const char *name;
	uint16_t id;
	uint16_t key_bytes;
};

extern const struct encryption encryptions[];
extern const size_t encryption_count;
extern const struct integrity integrities[];
extern const size_t integrity_count;

ERROR_MUST_CHECK
struct error *encryption_parse(const char *text,
			       const struct encryption **encryption);
ERROR_MUST_CHECK
struct error *integrity_parse(const char *text,
			      const struct integrity **integrity);

ERROR_MUST_CHECK
struct error *encryption_check_key(const struct encryption *encryption,
				   size_t length);
ERROR_MUST_CHECK
struct error *integrity_check_key(const struct integrity *integrity,
				  size_t length);

const char *encryption_text(uint16_t id, uint16_t key_bits, char *text);
const char *integrity_text(uint16_t id, char *text);

#endif /* KERNEL_ALGORITHM_H */
