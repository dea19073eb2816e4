/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities as users write them (leftid=, ipsec.secrets) and as IKE sends them.
 */
#ifndef DAEMON_IDENTITY_H
#define DAEMON_IDENTITY_H

#include "ike/connection.h"
#include "lib/error.h"

/* Enough for any identity; what is longer ends in three dots */
#define IDENTITY_TEXT_SIZE 1100

ERROR_MUST_CHECK
struct error *identity_parse(const char *text, struct ike_id *id);
void identity_of_address(const struct address *address, struct ike_id *id);
const char *identity_text(const struct ike_id *id, char *text);

#endif /* DAEMON_IDENTITY_H */
