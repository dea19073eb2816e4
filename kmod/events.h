/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_EVENTS_H
#define _ESPVIF_EVENTS_H

#include <linux/types.h>

struct espvif_flow;
struct espvif_peer;
struct espvif_policy;
struct espvif_sa;
struct espvif_sa_config;
struct netlink_ext_ack;

/* What has happened to an SA or a policy */
enum espvif_event {
	ESPVIF_EVENT_NEW,
	ESPVIF_EVENT_SET,
	ESPVIF_EVENT_DEL,
};

/*
 * What the databases tell the world. netlink.c turns it into notifications; the
 * layers below call it without knowing how.
 */
void espvif_event_sa(struct espvif_sa *sa, enum espvif_event event);
void espvif_event_sa_expire(struct espvif_sa *sa, bool hard);
void espvif_event_sa_peer(struct espvif_sa *sa, const struct espvif_peer *peer);
void espvif_event_policy(const struct espvif_policy *policy, enum espvif_event event);

/* An outbound packet of a trap policy needs an SA */
void espvif_event_acquire(const struct espvif_policy *policy, const struct espvif_flow *flow);

/* A CPU sends packets of a policy, and has no SA of its own */
void espvif_event_cpu_acquire(const struct espvif_policy *policy,
			      const struct espvif_flow *flow, u32 cpu);

/* An outbound trap policy is made, has other SAs, or goes: acquire.c holds its packets */
int espvif_event_trap_new(struct espvif_policy *policy);
void espvif_event_trap_set(struct espvif_policy *policy);
void espvif_event_trap_gone(struct espvif_policy *policy);

/* An outbound SA has been silent: output.c reminds the NATs on its path */
void espvif_event_sa_silent(struct espvif_sa *sa);

/* offload.c lets devices encrypt for SAs, and takes them back */
int espvif_event_sa_create(struct espvif_sa *sa, const struct espvif_sa_config *config,
			   struct netlink_ext_ack *extack);
void espvif_event_sa_remove(struct espvif_sa *sa);
void espvif_event_sa_release(struct espvif_sa *sa);

#endif /* _ESPVIF_EVENTS_H */
