/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the AUTH payload of method 14 holds: an AlgorithmIdentifier and a
 * signature (RFC 7427, 3).
 */
#ifndef WIRE_SIGNATURE_H
#define WIRE_SIGNATURE_H

#include "lib/bytes.h"
#include "wire/reason.h"

/**
 * struct wire_signature - a signature and how it was made
 * @algorithm: AlgorithmIdentifier in DER
 * @value: the signature
 */
struct wire_signature {
	struct bytes algorithm;
	struct bytes value;
};

enum wire_reason wire_decode_signature(struct bytes data,
				       struct wire_signature *signature);
void wire_encode_signature(struct bytes_writer *writer,
			   const struct wire_signature *signature);

#endif /* WIRE_SIGNATURE_H */
