/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: NATs between us and the peer (RFC 7296, 2.23).
 */
#ifndef IKE_NATD_H
#define IKE_NATD_H

#include "ike/sa.h"

ERROR_MUST_CHECK
struct error *ike_natd_put(const struct ike_sa *sa, enum ike_encapsulation mode,
			   struct wire_writer *writer);
ERROR_MUST_CHECK
struct error *ike_natd_check(struct ike_sa *sa,
			     const struct wire_payloads *payloads);
bool ike_endpoint_equal(const struct ike_endpoint *one,
			const struct ike_endpoint *other);
void ike_natd_float(struct ike_sa *sa);
bool ike_natd_encapsulates(const struct ike_sa *sa);
void ike_natd_schedule(struct ike_sa *sa);
void ike_natd_expire(struct ike_timer *timer);
uint32_t ike_natd_keepalive(const struct ike_sa *sa);
void ike_natd_follow(struct ike_sa *sa, const struct ike_path *path);
void ike_natd_follow_endpoint(struct ike_sa *sa,
			      const struct ike_endpoint *remote);

#endif /* IKE_NATD_H */
