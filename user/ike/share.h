/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: connections that share an IKE SA (RFC 7296, 2.8: there is
 * one between two identities, with many child SAs).
 */
#ifndef IKE_SHARE_H
#define IKE_SHARE_H

#include "ike/sa.h"

uint64_t ike_share_group(struct ike *ike, const struct ike_model *model);
bool ike_share_alike(const struct ike_connection *one,
		     const struct ike_connection *other);
struct ike_connection *ike_share_next(const struct ike_sa *sa,
				      const struct ike_connection *previous);
struct ike_sa *ike_share_find_sa(const struct ike_connection *connection);
struct ike_sa *ike_share_other_sa(const struct ike_connection *connection,
				  const struct ike_sa *beside);
void ike_share_join(struct ike_connection *connection, struct ike_sa *sa);
void ike_share_settle(struct ike_connection *connection, const char *why);
struct ike_connection *
ike_share_heir(const struct ike_sa *sa,
	       const struct ike_connection *connection);
void ike_share_hand_over(struct ike_sa *sa, struct ike_connection *heir);
void ike_share_forget(struct ike_sa *sa, struct ike_connection *connection);
bool ike_share_split(struct ike_sa *sa, struct ike_connection *connection);

#endif /* IKE_SHARE_H */
