/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Narrowing of traffic selectors (RFC 7296, 2.9).
 */
#ifndef IKE_TS_H
#define IKE_TS_H

#include "ike/connection.h"
#include "wire/ts.h"

/* Enough for some selectors; a longer list is cut short */
#define IKE_TS_TEXT_SIZE 256

bool ike_ts_narrow(const struct wire_ts_list *ours,
		   const struct wire_ts_list *offered,
		   struct wire_ts_list *narrowed);
bool ike_ts_covers(const struct wire_ts_list *outer,
		   const struct wire_ts_list *inner);
bool ike_ts_has(const struct wire_ts_list *list, const struct wire_ts *ts);
void ike_ts_simplify(struct wire_ts_list *list);
struct wire_ts ike_ts_of_endpoint(const struct ike_endpoint *endpoint,
				  uint8_t protocol);
void ike_ts_put_first(struct wire_ts_list *list, const struct wire_ts *ts);
bool ike_ts_equal(const struct wire_ts_list *one,
		  const struct wire_ts_list *other);
const char *ike_ts_text(const struct wire_ts_list *list, char *text);

#endif /* IKE_TS_H */
