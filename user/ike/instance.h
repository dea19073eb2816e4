/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: connections with anybody, and their instances.
 */
#ifndef IKE_INSTANCE_H
#define IKE_INSTANCE_H

#include "ike/sa.h"

bool ike_instance_is_of(const struct ike_connection *connection,
			const struct ike_connection *template);
ERROR_MUST_CHECK
struct error *ike_instance_take(struct ike_sa *sa);
void ike_instance_follow(struct ike_sa *sa);
void ike_instance_leave(struct ike_sa *sa);
void ike_instance_reap(struct ike *ike);

bool ike_instance_narrow(const struct ike_sa *sa,
			 const struct ike_child_model *model,
			 const struct wire_ts_list *offered, bool transport,
			 struct wire_ts_list *remote);
ERROR_MUST_CHECK
struct error *ike_instance_check(const struct ike_sa *sa,
				 const struct ike_pair *pair);
void ike_instance_settle(struct ike_sa *sa,
			 const struct ike_child_model *model,
			 const struct wire_ts_list *remote);

#endif /* IKE_INSTANCE_H */
