/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing algorithms (RFC 7296, 2.7 and 3.3.6).
 */
#ifndef IKE_PROPOSAL_H
#define IKE_PROPOSAL_H

#include "ike/ops.h"

ERROR_MUST_CHECK
struct error *ike_proposal_select(const struct wire_sa *ours,
				  const struct wire_sa *offered,
				  uint8_t protocol, bool with_ke,
				  struct ike_suite *suite,
				  const struct wire_proposal **chosen);
struct error *ike_proposal_refused(const struct wire_sa *offer,
				   uint8_t protocol);
void ike_proposal_put(struct wire_sa *sa, const struct ike_suite *suite,
		      uint8_t protocol, bool with_ke, uint8_t number);
void ike_proposal_copy(struct wire_sa *sa, const struct wire_sa *model,
		       bool with_ke, uint8_t spi_length, uint64_t spi);
uint16_t ike_proposal_first(const struct wire_sa *sa, uint8_t type);
bool ike_proposal_has(const struct wire_sa *sa, uint8_t type, uint16_t id);

#endif /* IKE_PROPOSAL_H */
