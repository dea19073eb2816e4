/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_SPD_H
#define _ESPVIF_SPD_H

#include <linux/rhashtable-types.h>
#include <linux/xarray.h>
#include <uapi/linux/espvif.h>

#include "counters.h"
#include "selector.h"

struct espvif_acquire;
struct espvif_device;
struct espvif_net;
struct espvif_sa;
struct espvif_spd_shapes;
struct netlink_ext_ack;

#define ESPVIF_FAMILIES		2
#define ESPVIF_DIRECTIONS	2

/**
 * struct espvif_spd - security policy database (RFC 4301 4.4.1) of a host or device
 * @shapes:	RCU: the kinds of selectors there are for a direction and family
 * @count:	policies; protected by the namespace's lock
 */
struct espvif_spd {
	struct espvif_spd_shapes __rcu *shapes[ESPVIF_DIRECTIONS][ESPVIF_FAMILIES];
	unsigned int count;
};

/**
 * struct espvif_policy_table - all policies of a namespace
 * @by_prefix:	found by database, prefixes and protocol
 * @by_name:	found by name
 * @by_id:	in the order they were made
 * @next_id:	where to look for a free number
 * @count:	how many
 */
struct espvif_policy_table {
	struct rhltable by_prefix;
	struct rhashtable by_name;
	struct xarray by_id;
	u32 next_id;
	unsigned int count;
};

/* Selectors with this in common share a chain of the hash table; no holes */
struct espvif_policy_key {
	const struct espvif_spd *spd;
	union espvif_addr src;
	union espvif_addr dst;
	u8 direction;
	u8 family;
	u8 src_len;
	u8 dst_len;
	u32 protocol;
};

/**
 * struct espvif_policy_config - all that makes a policy
 * @name:	unique in its namespace
 * @selector:	which traffic
 * @sas:	what protects it
 * @sa_count:	how many; 0 unless @action is ESPVIF_ACTION_IPSEC
 * @device:	whose policy it is; NULL = the host's
 * @priority:	lower is looked at first
 * @direction:	enum espvif_direction
 * @action:	enum espvif_action
 * @mode:	enum espvif_mode, 0 unless given
 * @owner:	enum espvif_owner
 * @trap:	packets ask for an SA where there is none
 * @cpu_acquire: CPUs that have no SA of their own have somebody asked for one
 * @mss:	the largest segment size that TCP may tell, ESPVIF_MSS_AUTO = what
 *		fits, 0 = whatever it likes
 * @name_at:	attribute that @name came by, the place of a refusal, or NULL
 */
struct espvif_policy_config {
	char name[ESPVIF_NAME_MAX + 1];
	struct espvif_selector selector;
	struct espvif_sa *sas[ESPVIF_POLICY_SAS_MAX];
	unsigned int sa_count;
	struct espvif_device *device;
	u32 priority;
	u8 direction;
	u8 action;
	u8 mode;
	u8 owner;
	bool trap;
	bool cpu_acquire;
	u16 mss;
	const struct nlattr *name_at;
};

/**
 * struct espvif_sa_list - the SAs of a policy
 * @rcu:	frees it: a policy gets another list as a whole
 * @count:	how many; may be 0
 * @first:	outbound with SAs for CPUs, for each CPU the place in @sas of the one
 *		that it looks at first, which lies behind @sas; NULL = the first for all
 * @sas:	in the order of preference; they stay while a policy lists them
 */
struct espvif_sa_list {
	struct rcu_head rcu;
	unsigned int count;
	u8 *first;
	struct espvif_sa *sas[];
};

struct espvif_policy_stats {
	u64 packets;
	u64 bytes;
};

/**
 * struct espvif_policy - what to do with some traffic
 * @key:	its place in the hash table
 * @selector:	which traffic
 * @rank:	priority, then number: lower is looked at first, no two are equal
 * @enet:	its namespace
 * @device:	whose it is; NULL = the host's
 * @stats:	packets it decided
 * @direction:	enum espvif_direction
 * @action:	enum espvif_action
 * @mode:	enum espvif_mode, 0 unless given
 * @owner:	enum espvif_owner
 * @mss:	see struct espvif_policy_config
 * @loopback:	it names addresses of the loopback device
 * @pending:	it isn't there yet for packets and those who list
 * @going:	the request under way removes it; protected by the namespace's lock
 * @trap:	packets ask for an SA where there is none
 * @cpu_asked:	from when on, in jiffies64, each CPU that lacks an SA of its own may
 *		ask for one; NULL = none ever does
 * @holding:	packets wait for an SA, and later ones behind them; acquire.c writes it
 * @acquire:	what waits; NULL unless outbound with @trap
 * @id:		number in its namespace
 * @use_time:	when it last decided, seconds since 1970
 * @by_prefix:	entry in its hash chain
 * @by_name:	entry in the table of names
 * @rcu:	frees it
 * @name:	for people
 * @sas:	RCU: SAs that protect the traffic; there is always a list
 * @next_sas:	those that the request under way gives it, or NULL; protected by the
 *		namespace's lock
 */
struct espvif_policy {
	struct espvif_policy_key key;
	struct espvif_selector selector;
	u64 rank;
	struct espvif_net *enet;
	struct espvif_device *device;
	struct espvif_policy_stats __percpu *stats;
	u8 direction;
	u8 action;
	u8 mode;
	u8 owner;
	u16 mss;
	bool loopback;
	bool pending;
	bool going;
	bool trap;
	bool holding;
	atomic64_t __percpu *cpu_asked;
	struct espvif_acquire *acquire;
	u32 id;
	time64_t use_time;
	struct rhlist_head by_prefix;
	struct rhash_head by_name;
	struct rcu_head rcu;
	char name[ESPVIF_NAME_MAX + 1];
	struct espvif_sa_list __rcu *sas;
	struct espvif_sa_list *next_sas;
};

/**
 * struct espvif_decision - what becomes of a packet by a database
 * @policy:	the policy that decides, NULL if none is about it
 * @sa:		outbound, the SA that protects it; NULL if it passes in the clear
 *		or is dropped
 * @reason:	why it is dropped, ESPVIF_COUNTERS if it is not
 * @exempt:	policies are not asked about it
 * @hold:	it waits for an SA, or until those before it have gone by @sa
 * @cpu_lacks:	@cpu has no usable SA of its own, and somebody wants to know:
 *		espvif_spd_ask_for_cpu()
 * @cpu:	the CPU that sends it, if it was looked at
 */
struct espvif_decision {
	struct espvif_policy *policy;
	struct espvif_sa *sa;
	enum espvif_counter reason;
	bool exempt;
	bool hold;
	bool cpu_lacks;
	u32 cpu;
};

/* Does a packet pass as it is */
static inline bool espvif_decision_is_clear(const struct espvif_decision *decision)
{
	return !decision->sa && !decision->hold && decision->reason == ESPVIF_COUNTERS;
}

int espvif_policy_table_init(struct espvif_policy_table *table);
void espvif_policy_table_uninit(struct espvif_policy_table *table);

struct espvif_policy *espvif_spd_lookup(struct espvif_net *enet, const struct espvif_spd *spd,
					u8 direction, const struct espvif_flow *flow,
					bool loopback);
struct espvif_policy *espvif_spd_lookup_name(struct espvif_net *enet, const char *name);

struct espvif_policy *espvif_spd_prepare(struct espvif_net *enet, struct espvif_spd *spd,
					 const struct espvif_policy_config *config,
					 struct netlink_ext_ack *extack);
void espvif_spd_commit(struct espvif_spd *spd, struct espvif_policy *policy);
void espvif_spd_abort(struct espvif_spd *spd, struct espvif_policy *policy);
int espvif_spd_prepare_sas(struct espvif_policy *policy, struct espvif_sa *const *sas,
			   unsigned int count);
void espvif_spd_commit_sas(struct espvif_policy *policy);
void espvif_spd_abort_sas(struct espvif_policy *policy);
void espvif_spd_prepare_remove(struct espvif_policy *policy);
void espvif_spd_commit_remove(struct espvif_spd *spd, struct espvif_policy *policy);
void espvif_spd_abort_remove(struct espvif_policy *policy);
void espvif_spd_remove(struct espvif_spd *spd, struct espvif_policy *policy);

bool espvif_policy_tells_cpus(const struct espvif_policy *policy);
struct espvif_sa *espvif_policy_usable_sa(const struct espvif_policy *policy);
void espvif_spd_decide_out(struct espvif_net *enet, const struct espvif_spd *spd,
			   const struct espvif_flow *flow, bool loopback, u32 cpu,
			   struct espvif_decision *decision);
void espvif_spd_ask_for_cpu(const struct espvif_decision *decision,
			    const struct espvif_flow *flow);
bool espvif_policy_has_sa(const struct espvif_policy *policy, const struct espvif_sa *sa);
bool espvif_policy_will_have_sa(const struct espvif_policy *policy,
				const struct espvif_sa *sa);
void espvif_policy_count(struct espvif_policy *policy, unsigned int packets,
			 unsigned int bytes);
void espvif_policy_read_stats(const struct espvif_policy *policy,
			      struct espvif_policy_stats *stats);

#endif /* _ESPVIF_SPD_H */
