/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IKEv2 engine. It is pure: it runs when one of these functions is called,
 * and reaches the world through struct ike_ops alone. Many engines can live in
 * one process.
 *
 * No operation may call back into the engine that uses it.
 */
#ifndef IKE_IKE_H
#define IKE_IKE_H

#include "ike/ops.h"
#include "wire/reason.h"

/* The time that never comes */
#define IKE_NEVER UINT64_MAX

/* What an engine counts beside malformed datagrams */
#define IKE_COUNTER_LIST(X) \
	X(received, "datagrams received") \
	X(sent, "datagrams sent") \
	X(retransmitted, "requests sent again") \
	X(answered_again, "responses sent again") \
	X(unknown_spi, "datagrams for an IKE SA that isn't there") \
	X(not_authentic, "datagrams whose integrity check failed") \
	X(unexpected_response, "responses to no request of ours") \
	X(unexpected_request, "requests out of order") \
	X(unexpected_exchange, "exchanges that have no place where they came") \
	X(keepalives, "reminders for NATs that came to the IKE socket") \
	X(cookie_asked, "initiators that were asked for a cookie") \
	X(cookie_wrong, "cookies that were none of ours") \
	X(half_open_full, "initiators turned away, too many were half open") \
	X(request_pending, "requests that came again before their answer was there") \
	X(signature_late, "signatures that nobody waited for any more") \
	X(fragments_dropped, "fragments that were doubled or fit to no others")

#define IKE_COUNTER_MEMBER(name, meaning) uint64_t name;

/**
 * struct ike_counters - how often something happened
 * @malformed: datagrams refused, by enum wire_reason
 *
 * The other members are those of IKE_COUNTER_LIST.
 */
struct ike_counters {
	uint64_t malformed[WIRE_REASONS];
	/* private: those of the list */
	IKE_COUNTER_LIST(IKE_COUNTER_MEMBER)
};

/**
 * struct ike_config - how an engine is to behave
 * @retransmit: milliseconds before a request is sent again, doubled each time
 * @half_open_cookies: half-open IKE SAs from which on cookies are asked for
 * @half_open_max: half-open IKE SAs from which on nobody else gets in
 * @fragment_size: bytes of the longest datagram that is sent to a peer which
 *	can put fragments together
 * @crl_strict: a certificate needs a revocation list, up to date, of each
 *	authority on the way to its root
 * @debug: log each message
 */
struct ike_config {
	uint32_t retransmit;
	uint32_t half_open_cookies;
	uint32_t half_open_max;
	uint32_t fragment_size;
	bool crl_strict;
	bool debug;
};

/**
 * struct ike_status - what an engine holds
 * @sas: IKE SAs
 * @established: those of them that are there to stay
 * @half_open: those of them whose initiator hasn't proved who it is
 * @children: child SAs
 * @busy: IKE SAs that are about to take the place of another one, or have
 *	a request that waits for its turn or its answer, or with
 *	a signature that isn't there yet
 */
struct ike_status {
	uint32_t sas;
	uint32_t established;
	uint32_t half_open;
	uint32_t children;
	uint32_t busy;
};

/**
 * struct ike_flow - what a packet shows
 * @source: where it comes from
 * @destination: where it goes
 * @protocol: of the upper layer
 */
struct ike_flow {
	struct ike_endpoint source;
	struct ike_endpoint destination;
	uint8_t protocol;
};

struct ike;

extern const struct ike_config ike_config_default;

ERROR_MUST_CHECK
struct error *ike_create(const struct ike_ops *ops, void *context,
			 const struct ike_config *config, struct ike **ike);
void ike_destroy(struct ike *ike);

void ike_receive(struct ike *ike, const struct ike_path *path,
		 struct bytes datagram);
void ike_signed(struct ike *ike, uint64_t token, struct bytes signature,
		struct error *error);
uint64_t ike_now(const struct ike *ike);
uint64_t ike_deadline(const struct ike *ike);
void ike_tick(struct ike *ike);

ERROR_MUST_CHECK
struct error *ike_add(struct ike *ike, const struct ike_model *model);
ERROR_MUST_CHECK
struct error *ike_remove(struct ike *ike, const char *connection);
ERROR_MUST_CHECK
struct error *ike_renew_auth(struct ike *ike, const struct ike_model *model);
ERROR_MUST_CHECK
struct error *ike_up(struct ike *ike, const char *connection,
		     const char *child);
ERROR_MUST_CHECK
struct error *ike_down(struct ike *ike, const char *connection,
		       const char *child);
ERROR_MUST_CHECK
struct error *ike_rekey(struct ike *ike, const char *connection,
			const char *child);

ERROR_MUST_CHECK
struct error *ike_acquire(struct ike *ike, const char *connection,
			  const char *child, const struct ike_flow *flow);
void ike_expired(struct ike *ike, uint64_t serial, bool hard);
void ike_unreachable(struct ike *ike, const struct ike_path *path,
		     const char *sentence);
void ike_peer_moved(struct ike *ike, uint64_t serial,
		    const struct ike_endpoint *remote);

const struct ike_model *ike_find_model(const struct ike *ike,
				       const char *connection,
				       uint64_t instance);
const struct ike_counters *ike_counters(const struct ike *ike);
struct ike_status ike_status(const struct ike *ike);

#endif /* IKE_IKE_H */
