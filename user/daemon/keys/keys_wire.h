/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine and the keys process say to each other: one message a packet of
 * a SOCK_SEQPACKET socket. Both sides read it as if the other were an enemy.
 *
 *	kind u8, token u64, CKAID, auth u16, hash u16, encoding u8, key u8, salt u8,
 *	bytes to the end of the packet
 *
 * all in network byte order; what a kind of message doesn't need is zero.
 */
#ifndef DAEMON_KEYS_WIRE_H
#define DAEMON_KEYS_WIRE_H

#include <stdbool.h>

#include "crypto/scheme.h"
#include "lib/bytes.h"

/* An IKE_SA_INIT message as long as a datagram can be, a nonce and a hash */
#define KEYS_WIRE_OCTETS_MAX 66560

#define KEYS_WIRE_SENTENCE_MAX 1024

#define KEYS_WIRE_HEADER_SIZE (1 + 8 + CRYPTO_CKAID_SIZE + 2 + 2 + 1 + 1 + 1)
#define KEYS_WIRE_SIZE_MAX (KEYS_WIRE_HEADER_SIZE + KEYS_WIRE_OCTETS_MAX)

/**
 * enum keys_wire_kind - kinds of messages
 * @KEYS_WIRE_SIGN: asks for a signature: with a key, of the octets
 * @KEYS_WIRE_SIGNED: here it is
 * @KEYS_WIRE_REFUSED: there is none, and why
 * @KEYS_WIRE_HAVE: a key is there, and of what kind it is
 * @KEYS_WIRE_PROBLEM: something could not be read or done
 * @KEYS_WIRE_READY: all keys and problems were told
 */
enum keys_wire_kind {
	KEYS_WIRE_SIGN = 1,
	KEYS_WIRE_SIGNED,
	KEYS_WIRE_REFUSED,
	KEYS_WIRE_HAVE,
	KEYS_WIRE_PROBLEM,
	KEYS_WIRE_READY,
};

/**
 * struct keys_message - one message
 * @kind: what it is
 * @token: which request it is about: of KEYS_WIRE_SIGN and both answers
 * @ckaid: which key: of KEYS_WIRE_SIGN and KEYS_WIRE_HAVE
 * @scheme: how to sign; of KEYS_WIRE_HAVE only its @kind
 * @bytes: octets to be signed, signature, or printable sentence
 */
struct keys_message {
	enum keys_wire_kind kind;
	uint64_t token;
	uint8_t ckaid[CRYPTO_CKAID_SIZE];
	struct crypto_scheme scheme;
	struct bytes bytes;
};

void keys_wire_encode(struct bytes_writer *writer,
		      const struct keys_message *message);
bool keys_wire_decode(struct bytes packet, struct keys_message *message);

#endif /* DAEMON_KEYS_WIRE_H */
