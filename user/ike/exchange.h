/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: an exchange that we begin, and how the peer's are
 * answered. Each kind has a file of its own.
 */
#ifndef IKE_EXCHANGE_H
#define IKE_EXCHANGE_H

#include "ike/sa.h"

/**
 * struct ike_exchange_kind - a kind of exchange
 * @type: enum iana_exchange
 * @changes: it makes or ends SAs: no IKE SA is rekeyed meanwhile
 * @rekeys_ike: it rekeys the IKE SA: nothing else is changed meanwhile
 * @wanted: is there still a reason for it, when its turn comes; NULL = always
 * @build: write the payloads of the request
 * @answer: act upon the response
 * @forget: a child SA goes away; NULL if it has none
 * @forget_connection: a connection goes away; NULL if it has none but that of
 *	its IKE SA
 * @forget_sa: an IKE SA goes away; NULL if it has none
 * @destroy: free what it holds
 */
struct ike_exchange_kind {
	uint8_t type;
	bool changes;
	bool rekeys_ike;
	bool (*wanted)(const struct ike_exchange *exchange);
	struct error *(*build)(struct ike_exchange *exchange,
			       struct wire_writer *writer);
	void (*answer)(struct ike_exchange *exchange,
		       const struct wire_payloads *payloads);
	void (*forget)(struct ike_exchange *exchange,
		       const struct ike_child *child);
	void (*forget_connection)(struct ike_exchange *exchange,
				  const struct ike_connection *connection);
	void (*forget_sa)(struct ike_exchange *exchange,
			  const struct ike_sa *sa);
	void (*destroy)(struct ike_exchange *exchange);
};

/**
 * struct ike_exchange - an exchange that we begin
 * @link: in the queue of a window
 * @kind: what it is
 * @sa: the IKE SA it is part of
 */
struct ike_exchange {
	struct list link;
	const struct ike_exchange_kind *kind;
	struct ike_sa *sa;
};

/**
 * enum ike_reply - what comes of a request
 * @IKE_REPLY: the response was written
 * @IKE_LATER: ike_window_respond() is called with the response when it is there
 * @IKE_SILENCE: there is no response
 */
enum ike_reply {
	IKE_REPLY,
	IKE_LATER,
	IKE_SILENCE,
};

void ike_exchange_free(struct ike_exchange *exchange);

/* ike_sa_init.c */
ERROR_MUST_CHECK
struct error *ike_init_begin(struct ike_sa *sa);
void ike_init_respond(struct ike *ike, const struct ike_path *path,
		      const struct wire_header *header,
		      struct bytes datagram);
void ike_init_refuse_critical(struct ike *ike, const struct ike_path *path,
			      const struct wire_header *header);

/* ike_auth.c */
ERROR_MUST_CHECK
struct error *ike_auth_begin(struct ike_sa *sa);
enum ike_reply ike_auth_respond(struct ike_sa *sa,
				const struct wire_payloads *payloads,
				struct wire_writer *writer);
void ike_auth_signed(struct ike_sa *sa, struct bytes signature,
		     struct error *error);

/* create_child_sa.c */
ERROR_MUST_CHECK
struct error *ike_create_child_begin(struct ike_sa *sa,
				     struct ike_connection *connection,
				     const struct ike_child_model *model,
				     struct ike_child *old);
bool ike_create_child_replaces(const struct ike_child *child);
bool ike_create_child_is_begun(struct ike_sa *sa,
			       const struct ike_child_model *model);
void ike_create_child_ended(struct ike_sa *sa, uint32_t spi);
enum ike_reply ike_create_child_respond(struct ike_sa *sa,
					const struct wire_payloads *payloads,
					struct wire_writer *writer);

/* rekey_ike.c */
ERROR_MUST_CHECK
struct error *ike_rekey_begin(struct ike_sa *sa);
void ike_rekey_resolve(struct ike_sa *sa);
void ike_rekey_rival_stays(struct ike_sa *rival);
enum ike_reply ike_rekey_respond(struct ike_sa *sa,
				 const struct wire_payloads *payloads,
				 struct wire_writer *writer);

/* reauth.c */
ERROR_MUST_CHECK
struct error *ike_reauth_begin(struct ike_sa *sa);
uint32_t ike_reauth_takes(const struct ike_sa *sa,
			  const struct ike_connection *connection);
void ike_reauth_leave_out(struct ike_sa *sa,
			  const struct ike_connection *connection,
			  uint32_t children);
void ike_reauth_forget(struct ike_sa *sa);
bool ike_reauth_replaces(const struct ike_sa *old);
void ike_reauth_advance(struct ike_sa *sa);
void ike_reauth_rekeyed(struct ike_sa *old, struct ike_sa *new);
void ike_reauth_proved(struct ike_sa *sa, bool by_request);
void ike_reauth_probe(struct ike_sa *sa);
void ike_reauth_settle(struct ike_sa *sa);
void ike_reauth_ended(struct ike_sa *sa);

/* informational.c */
ERROR_MUST_CHECK
struct error *ike_delete_begin(struct ike_sa *sa);
ERROR_MUST_CHECK
struct error *ike_delete_child_begin(struct ike_child *child);
ERROR_MUST_CHECK
struct error *ike_delete_ended_begin(struct ike_sa *sa, uint32_t spi);
ERROR_MUST_CHECK
struct error *ike_liveness_begin(struct ike_sa *sa);
bool ike_informational_refuses(const struct ike_sa *sa,
			       const struct wire_payloads *payloads);
enum ike_reply ike_informational_respond(struct ike_sa *sa,
					 const struct wire_payloads *payloads,
					 struct wire_writer *writer);

/* window.c */
void ike_window_enqueue(struct ike_exchange *exchange);
void ike_window_advance(struct ike_sa *sa);
bool ike_window_awaits(const struct ike_sa *sa,
		       const struct wire_header *header);
void ike_window_restart(struct ike_sa *sa);
void ike_window_receive(struct ike_sa *sa, const struct ike_path *path,
			const struct wire_header *header,
			const struct wire_payloads *payloads);
void ike_window_respond(struct ike_sa *sa, uint8_t exchange,
			const struct wire_writer *writer);
void ike_window_refuse(struct ike_sa *sa, const struct ike_path *path,
		       const struct wire_header *header, uint16_t notify,
		       struct bytes data);
void ike_window_expire(struct ike_timer *timer);
void ike_window_forget(struct ike_sa *sa, const struct ike_child *child);
void ike_window_forget_connection(struct ike_sa *sa,
				  const struct ike_connection *connection);
void ike_window_forget_sa(struct ike_sa *sa, const struct ike_sa *other);
void ike_window_drop_queue(struct ike_sa *sa);
void ike_window_clear(struct ike_sa *sa);
bool ike_window_changes(const struct ike_sa *sa);
bool ike_window_rekeys_ike(const struct ike_sa *sa);

/* message.c */
ERROR_MUST_CHECK
struct error *ike_message_build(struct ike_sa *sa, struct wire_header *header,
				const struct wire_writer *writer,
				struct ike_datagram **datagrams);
void ike_message_send(struct ike_sa *sa, const struct ike_path *path,
		      const struct ike_datagram *datagrams);
bool ike_message_open(struct ike_sa *sa, const struct wire_header *header,
		      struct bytes datagram, enum wire_reason *reason);

#endif /* IKE_EXCHANGE_H */
