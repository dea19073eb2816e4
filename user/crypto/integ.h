/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integrity algorithms of IKEv2 and ESP.
 */
#ifndef CRYPTO_INTEG_H
#define CRYPTO_INTEG_H

#include "crypto/crypto.h"

struct crypto_mac_kind;

/**
 * struct crypto_integ - an integrity algorithm
 * @id: enum iana_integ
 * @key_size: bytes of its key
 * @icv_size: bytes of a code as it is sent
 * @legacy: only for those who ask for it by name
 * @mac: what it is made of
 */
struct crypto_integ {
	uint16_t id;
	uint8_t key_size;
	uint8_t icv_size;
	bool legacy;
	const struct crypto_mac_kind *mac;
};

const struct crypto_integ *crypto_integ_find(uint16_t id);

#endif /* CRYPTO_INTEG_H */
