/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: fragments of encrypted messages (RFC 7383).
 */
#ifndef IKE_FRAGMENT_H
#define IKE_FRAGMENT_H

#include "ike/sa.h"

/* Fragments that a message may have */
#define IKE_FRAGMENTS_MAX 64

bool ike_fragment_add(struct ike_sa *sa, const struct wire_header *header,
		      const struct wire_encrypted *encrypted,
		      struct bytes plain, uint8_t *first, struct bytes *whole);
void ike_fragment_forget(struct ike_sa *sa);

#endif /* IKE_FRAGMENT_H */
