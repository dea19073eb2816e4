/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: child SAs (RFC 7296, 2.9, 2.17 and 3.3).
 */
#ifndef IKE_CHILD_H
#define IKE_CHILD_H

#include "ike/sa.h"

/**
 * enum ike_child_state - where a child SA is in its life
 * @IKE_CHILD_LARVAL: it is being negotiated, only its inbound SPI is taken
 * @IKE_CHILD_UP: it is there
 * @IKE_CHILD_REPLACED: likewise, and another one has taken over from it
 * @IKE_CHILD_DELETING: the peer was told that it ends
 */
enum ike_child_state {
	IKE_CHILD_LARVAL,
	IKE_CHILD_UP,
	IKE_CHILD_REPLACED,
	IKE_CHILD_DELETING,
};

/**
 * enum ike_waits - what shows that the peer has a child SA that it asked for
 * @IKE_WAITS_NOT: nothing needs to be shown, or it was
 * @IKE_WAITS_FOR_MESSAGE: any message shows that IKE_AUTH is over for it
 * @IKE_WAITS_FOR_REQUEST: its next request shows that it has got our answer
 */
enum ike_waits {
	IKE_WAITS_NOT,
	IKE_WAITS_FOR_MESSAGE,
	IKE_WAITS_FOR_REQUEST,
};

/**
 * struct ike_translated - addresses as the peer knows them
 * @remote: of the peer
 * @local: of us
 */
struct ike_translated {
	struct address remote;
	struct address local;
};

/**
 * struct ike_child - a child SA
 * @link: in the list of its IKE SA
 * @sa: that IKE SA
 * @connection: the connection that it is of, which need not be that of @sa
 * @model: what it is to be
 * @state: where it is in its life
 * @pair: what the kernel knows of it, without keys
 * @translated: what the peer believes the addresses of its and our end of
 *	transport mode to be, where a NAT has changed them; length 0 = as they are
 * @initiator: we sent the request that made it
 * @installed: the kernel has it
 * @established: when that was
 * @in_use: outbound packets take it
 * @waits: what will show that the peer has it
 * @postponed: outbound packets take it then, another one until then
 * @packets_in: how many it had received when somebody asked for that
 * @successor: the child SA that takes over when this one ends, NULL for none
 * @rekey: when to replace it
 * @end: when it ends
 */
struct ike_child {
	struct list link;
	struct ike_sa *sa;
	struct ike_connection *connection;
	const struct ike_child_model *model;
	enum ike_child_state state;
	struct ike_pair pair;
	struct ike_translated translated;
	bool initiator;
	bool installed;
	uint64_t established;
	bool in_use;
	enum ike_waits waits;
	bool postponed;
	uint64_t packets_in;
	struct ike_child *successor;
	struct ike_timer rekey;
	struct ike_timer end;
};

ERROR_MUST_CHECK
struct error *ike_child_create(struct ike_sa *sa,
			       struct ike_connection *connection,
			       const struct ike_child_model *model,
			       struct ike_child **child);
void ike_child_discard(struct ike_child *child);
void ike_child_tell_up(const struct ike_child *child);
void ike_child_fail(struct ike_child *child, struct error *error);
void ike_child_ended_early(struct ike_child *child);
void ike_child_end(struct ike_child *child, const char *why);
void ike_child_replace(struct ike_child *child);
void ike_child_expire(struct ike_child *child);
void ike_child_use(struct ike_child *child);
uint32_t ike_child_bit(const struct ike_child *child);
bool ike_child_must_wait(struct ike_child *child, enum ike_waits waits);
bool ike_child_is_wanted(const struct ike_child *child);
struct ike_child *ike_child_find(struct ike_sa *sa, uint64_t spi_out);
struct ike_child *ike_child_find_serial(struct ike *ike, uint64_t serial);
struct ike_child *ike_child_find_model(struct ike_sa *sa,
				       const struct ike_child_model *model);
struct ike_child *ike_child_find_any(struct ike *ike,
				     const struct ike_child_model *model);
unsigned int ike_child_fits(struct ike_sa *sa,
			    const struct ike_connection *connection,
			    const struct wire_payloads *payloads);

void ike_child_offer(struct ike_child *child, struct wire_writer *writer,
		     bool with_ke);
void ike_child_offer_ts(struct ike_child *child, struct wire_writer *writer);
struct error *ike_child_refused(const struct ike_child *child, uint16_t type,
				bool with_ke);
ERROR_MUST_CHECK
struct error *ike_child_accept(struct ike_child *child,
			       const struct wire_payloads *payloads,
			       bool with_ke);
ERROR_MUST_CHECK
struct error *ike_child_choose(struct ike_sa *sa,
			       const struct wire_payloads *payloads,
			       const struct ike_child *old,
			       bool with_ke, struct ike_child **child,
			       uint8_t *number, uint16_t *notify);
void ike_child_put_choice(struct ike_child *child, struct wire_writer *writer,
			  uint8_t number, bool with_ke);
void ike_child_put_ts_choice(struct ike_child *child,
			     struct wire_writer *writer);
ERROR_MUST_CHECK
struct error *ike_child_install(struct ike_child *child,
				const struct ike_key_input *input,
				bool initiator, bool use);

#endif /* IKE_CHILD_H */
