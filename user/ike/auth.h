/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: what AUTH payloads hold (RFC 7296, 2.15).
 */
#ifndef IKE_AUTH_H
#define IKE_AUTH_H

#include "ike/sa.h"

ERROR_MUST_CHECK
struct error *ike_auth_put(struct ike_sa *sa, struct wire_writer *writer);
ERROR_MUST_CHECK
struct error *ike_auth_check(struct ike_sa *sa,
			     const struct wire_payloads *payloads);

void ike_id_put(const struct ike_id *id, struct wire_writer *writer,
		uint8_t payload);
bool ike_id_matches(const struct ike_id *id, const struct wire_id *received);
const char *ike_id_text(uint8_t type, struct bytes data, char *text);

/* Enough for any identity; a longer one is cut short */
#define IKE_ID_TEXT_SIZE 300

#endif /* IKE_AUTH_H */
