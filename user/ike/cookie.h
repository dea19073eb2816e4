/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: cookies (RFC 7296, 2.6). An initiator that sends one
 * back has shown that it is where it says, and has cost us no memory.
 */
#ifndef IKE_COOKIE_H
#define IKE_COOKIE_H

#include "ike/sa.h"

/* What it is made at, and a code over what it stands for */
#define IKE_COOKIE_SIZE (1 + 32)

ERROR_MUST_CHECK
struct error *ike_cookie_make(struct ike *ike, const struct ike_path *path,
			      uint64_t spi_i, struct bytes nonce,
			      uint8_t cookie[IKE_COOKIE_SIZE]);
bool ike_cookie_check(struct ike *ike, const struct ike_path *path,
		      uint64_t spi_i, struct bytes nonce, struct bytes cookie);

#endif /* IKE_COOKIE_H */
