/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: identities, as they are sent, compared and spelled.
 */
#ifndef IKE_ID_H
#define IKE_ID_H

#include "ike/connection.h"
#include "lib/error.h"
#include "wire/writer.h"

/* Enough for any identity; a longer one is cut short */
#define IKE_ID_TEXT_SIZE 300

ERROR_MUST_CHECK
struct error *ike_id_take(const struct wire_id *received, struct ike_id *id);
void ike_id_put(const struct ike_id *id, struct wire_writer *writer,
		uint8_t payload);
bool ike_id_matches(const struct ike_id *id, const struct wire_id *received);
bool ike_id_equal(const struct ike_id *one, const struct ike_id *other);
const char *ike_id_text(uint8_t type, struct bytes data, char *text);
const char *ike_id_spell(const struct ike_id *id, char *text);

#endif /* IKE_ID_H */
