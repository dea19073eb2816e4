/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_SAD_H
#define _ESPVIF_SAD_H

#include <linux/netdevice.h>
#include <linux/percpu-refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst_cache.h>
#include <uapi/linux/espvif.h>

#include "counters.h"
#include "order.h"
#include "replay.h"
#include "selector.h"
#include "transform.h"

struct espvif_device;
struct espvif_net;
struct espvif_shadow;
struct netlink_ext_ack;
struct nlattr;

/* No CPU: an SA that is for the packets of all */
#define ESPVIF_CPU_NONE		U32_MAX

/* By what received packets find their SA */
struct espvif_sa_key {
	union espvif_addr daddr;
	__be32 spi;
	u32 family;
};

/**
 * struct espvif_limits - when a lifetime ends; 0 = never
 * @bytes:	of ESP payload: whole inner packets in tunnel mode
 * @packets:	number
 * @seconds:	since the SA was made
 */
struct espvif_limits {
	u64 bytes;
	u64 packets;
	u32 seconds;
};

/**
 * struct espvif_encapsulation - how ESP packets are wrapped (RFC 3948)
 * @type:	enum espvif_encap
 * @sport:	source port of the packets
 * @dport:	destination port
 */
struct espvif_encapsulation {
	u8 type;
	__be16 sport;
	__be16 dport;
};

/**
 * struct espvif_sa_index - an entry in the table of SPIs
 * @key:	by what it is found
 * @node:	its place in the table
 * @sa:		what is found
 */
struct espvif_sa_index {
	struct espvif_sa_key key;
	struct rhash_head node;
	struct espvif_sa *sa;
};

/**
 * struct espvif_path - between whom an outbound SA's packets go
 * @rcu:	frees it: a live SA may get another path
 * @index:	by what its SA is found unless this is its first path
 * @saddr:	source
 * @daddr:	destination
 * @encap:	how they are wrapped
 * @dst_cache:	the way there
 */
struct espvif_path {
	struct rcu_head rcu;
	struct espvif_sa_index index;
	union espvif_addr saddr;
	union espvif_addr daddr;
	struct espvif_encapsulation encap;
	struct dst_cache dst_cache;
};

/**
 * struct espvif_outer - what an outbound SA in tunnel mode does to sizes and headers
 * @df:		enum espvif_df
 * @fragment:	enum espvif_fragment
 * @flow_label:	enum espvif_flow_label
 * @dsfield:	bits that every outer header has in the field of DSCP and ECN
 * @copied:	bits of that field that come from the inner header
 * @hop_limit:	of outer headers, 0 = the route's
 * @tfc:	length that inner packets are padded to, 0 = not at all
 */
struct espvif_outer {
	u8 df;
	u8 fragment;
	u8 flow_label;
	u8 dsfield;
	u8 copied;
	u8 hop_limit;
	u16 tfc;
};

/* From where the peer of an encapsulated SA sends */
struct espvif_peer {
	union espvif_addr addr;
	__be16 port;
};

/**
 * struct espvif_numbers - which sequence numbers are gone
 * @seq:	the last one used, or the highest received; 0 = none
 * @state:	which of those below were received, as espvif_replay_import() takes it
 * @state_len:	bytes of @state
 */
struct espvif_numbers {
	u64 seq;
	const u8 *state;
	unsigned int state_len;
};

/**
 * struct espvif_sa_config - all that makes an SA
 * @name:	unique in its namespace
 * @key:	SPI and destination; unique too
 * @saddr:	source, of the same family
 * @keys:	algorithms and keys, for devices that encrypt
 * @device:	what it is bound to, or NULL
 * @dev:	the link of @device
 * @device_tally: counters of @device, or NULL
 * @soft:	when to warn
 * @hard:	when to end
 * @encap:	how packets are wrapped; inbound its ports as they come in
 * @outer:	outbound, how headers are written and what is too long
 * @keepalive:	seconds of silence after which a NAT is reminded, 0 = never
 * @replay_window: packets
 * @numbers:	where it goes on
 * @direction:	enum espvif_direction
 * @mode:	enum espvif_mode
 * @owner:	enum espvif_owner
 * @offload:	enum espvif_offload, what devices are to do
 * @esn:	extended sequence numbers
 * @cpu:	whose packets it is for, ESPVIF_CPU_NONE = anybody's
 * @name_at:	attribute that @name came by, the place of a refusal, or NULL
 * @spi_at:	the same for @key
 * @offload_at:	the same for @offload
 */
struct espvif_sa_config {
	char name[ESPVIF_NAME_MAX + 1];
	struct espvif_sa_key key;
	union espvif_addr saddr;
	struct espvif_keys keys;
	struct espvif_device *device;
	struct net_device *dev;
	struct espvif_tally *device_tally;
	struct espvif_limits soft;
	struct espvif_limits hard;
	struct espvif_encapsulation encap;
	struct espvif_outer outer;
	u32 keepalive;
	u32 replay_window;
	struct espvif_numbers numbers;
	u8 direction;
	u8 mode;
	u8 owner;
	u8 offload;
	bool esn;
	u32 cpu;
	const struct nlattr *name_at;
	const struct nlattr *spi_at;
	const struct nlattr *offload_at;
};

/* Bits of espvif_sa.flags */
enum {
	ESPVIF_SA_PENDING,
	ESPVIF_SA_SOFT_EXPIRED,
	ESPVIF_SA_HARD_EXPIRED,
	ESPVIF_SA_GONE,		/* removed, but packets may still hold it */
	ESPVIF_SA_HOLDING,	/* its packets wait until those before have gone by it */
};

/* What limits say of a packet: bits */
enum {
	ESPVIF_ADMISSION_SOFT = BIT(0),		/* it reaches the soft limit */
	ESPVIF_ADMISSION_HARD = BIT(1),		/* nothing may come behind it */
	ESPVIF_ADMISSION_REFUSED = BIT(2),
};

struct espvif_sa_stats {
	u64 packets;
	u64 bytes;
};

/**
 * struct espvif_sa_offload - what an SA has to do with devices that encrypt
 * @active:	RCU: the device that has it now, or NULL
 * @key:	with its salt, for drivers; NULL if none is ever to have it
 * @key_len:	bytes
 * @wish:	enum espvif_offload
 * @tried:	index of the device that was asked last, 0 = none
 * @work:	looks for a device; holds the SA while it is queued
 * @shadows:	all that know this SA, also those that packets only wear
 */
struct espvif_sa_offload {
	struct espvif_shadow __rcu *active;
	u8 *key;
	u8 key_len;
	u8 wish;
	int tried;
	struct work_struct work;
	struct list_head shadows;
};

/**
 * struct espvif_sa - a security association (RFC 4301 4.4.2)
 * @key:	SPI, destination, family
 * @saddr:	source; for the packets of an outbound SA @path has it
 * @transform:	algorithm and key
 * @enet:	its namespace
 * @device:	what it is bound to, or NULL
 * @dev:	the link of @device, held: packets in flight still need it
 * @dev_tracker: how it is held
 * @device_tally: counters of @device, or NULL
 * @flags:	what has expired; ESPVIF_SA_PENDING: not there yet for packets and
 *		those who list
 * @soft:	limits that warn
 * @hard:	limits that end it
 * @limited:	there is some limit: packets need counting
 * @direction:	enum espvif_direction
 * @mode:	enum espvif_mode
 * @owner:	enum espvif_owner
 * @cpu:	whose packets it is for (RFC 9611), ESPVIF_CPU_NONE = anybody's
 * @encap:	how packets are wrapped
 * @outer:	outbound, how headers are written and what is too long
 * @path:	RCU: outbound, where packets go
 * @stats:	outbound, what was sent
 * @offload:	devices that encrypt for it; offload.c looks after it
 * @ref:	held by packets in flight with asynchronous crypto
 * @order:	these packets, and those behind them
 * @seq:	outbound, the last number used; never handed out twice
 * @limit_bytes: outbound, counts only if there is a limit of bytes
 * @lock:	inbound, protects @replay and @in; outbound, what changes of @key and @encap
 * @replay:	inbound, what has been received
 * @in:		inbound, what was accepted
 * @peer:	inbound and encapsulated, from where the last packet came
 * @drops:	packets of this SA dropped, by reason
 * @spread_at:	when other CPUs were last given packets to decrypt, jiffies
 * @use_time:	when it last carried a packet, seconds since 1970
 * @add_time:	when it was made, seconds since 1970
 * @add_ticks:	the same, seconds since boot
 * @id:		number in its namespace, not used again soon
 * @policies:	how many use it; protected by the namespace's lock
 * @planned:	how many will when the request under way has been carried out; the
 *		same protects it
 * @changing:	the request under way changes it; likewise
 * @going:	the request under way removes it; likewise
 * @name:	for people
 * @index:	its first entry in the table of SPIs
 * @listed:	the entry that it has there now: @index or that of @path
 * @by_name:	entry in the table of names
 * @expiry:	end of a lifetime in seconds
 * @keepalive:	reminds a NAT of the SA
 * @keepalive_seconds: of silence, 0 = never
 * @release:	frees it where that may sleep
 */
struct espvif_sa {
	struct espvif_sa_key key;
	union espvif_addr saddr;
	struct espvif_transform transform;
	struct espvif_net *enet;
	struct espvif_device *device;
	struct net_device *dev;
	netdevice_tracker dev_tracker;
	struct espvif_tally *device_tally;
	unsigned long flags;
	struct espvif_limits soft;
	struct espvif_limits hard;
	bool limited;
	u8 direction;
	u8 mode;
	u8 owner;
	u32 cpu;
	struct espvif_encapsulation encap;
	struct espvif_outer outer;
	struct espvif_path __rcu *path;
	struct espvif_sa_stats __percpu *stats;
	struct espvif_sa_offload offload;
	struct percpu_ref ref;
	struct espvif_order order;
	unsigned long spread_at;

	/* written with every packet */
	atomic64_t seq ____cacheline_aligned_in_smp;
	atomic64_t limit_bytes;
	spinlock_t lock;	/* of @replay, @in and @peer */
	struct espvif_replay *replay;
	struct espvif_sa_stats in;
	struct espvif_peer peer;

	/* for people */
	atomic64_t drops[ESPVIF_COUNTERS] ____cacheline_aligned_in_smp;
	time64_t use_time;
	time64_t add_time;
	time64_t add_ticks;
	u32 id;
	unsigned int policies;
	unsigned int planned;
	bool changing;
	bool going;
	char name[ESPVIF_NAME_MAX + 1];
	struct espvif_sa_index index;
	struct espvif_sa_index *listed;
	struct rhash_head by_name;
	struct delayed_work expiry;
	struct delayed_work keepalive;
	u32 keepalive_seconds;
	struct work_struct release;
};

/**
 * struct espvif_sad - security association database of a namespace
 * @by_key:	found by SPI and destination
 * @by_name:	found by name
 * @by_id:	in the order they were made, for dumps
 * @next_id:	where to look for a free number
 * @count:	SAs that are listed
 * @live:	those and the ones on their way out
 */
struct espvif_sad {
	struct rhashtable by_key;
	struct rhashtable by_name;
	struct xarray by_id;
	u32 next_id;
	unsigned int count;
	atomic_t live;
};

int espvif_sad_module_init(void);
void espvif_sad_module_uninit(void);
int espvif_sad_init(struct espvif_sad *sad);
void espvif_sad_uninit(struct espvif_sad *sad);

struct espvif_sa *espvif_sad_lookup(struct espvif_net *enet,
				    const struct espvif_sa_key *key);
struct espvif_sa *espvif_sad_lookup_name(struct espvif_net *enet, const char *name);

int espvif_sad_refuse_taken(struct espvif_net *enet, const struct espvif_sa_key *key,
			    const struct nlattr *at, struct netlink_ext_ack *extack);
struct espvif_sa *espvif_sad_prepare(struct espvif_net *enet,
				     const struct espvif_sa_config *config,
				     struct espvif_transform *transform,
				     struct netlink_ext_ack *extack);
void espvif_sad_commit(struct espvif_sa *sa);
void espvif_sad_abort(struct espvif_sa *sa);
struct espvif_path *espvif_sad_prepare_path(struct espvif_sa *sa,
					    const union espvif_addr *addr, __be16 port,
					    struct netlink_ext_ack *extack);
void espvif_sad_commit_path(struct espvif_sa *sa, struct espvif_path *path);
void espvif_sad_abort_path(struct espvif_sa *sa, struct espvif_path *path);
void espvif_sad_set_peer(struct espvif_sa *sa, const union espvif_addr *addr, __be16 port);
void espvif_sad_remove(struct espvif_sa *sa);

bool espvif_sa_usable(const struct espvif_sa *sa);
void espvif_sa_expire(struct espvif_sa *sa, bool hard);
void espvif_sa_advance(struct espvif_sa *sa, const struct espvif_numbers *numbers);
u64 espvif_sa_last_number(bool esn);
u64 espvif_sa_take_numbers(struct espvif_sa *sa, unsigned int count);
bool espvif_sa_number_ok(struct espvif_sa *sa, u64 seq);
unsigned int espvif_sa_admission(const struct espvif_sa *sa, u64 packets, u64 bytes,
				 unsigned int len);
bool espvif_sa_note_admission(struct espvif_sa *sa, unsigned int admission);
void espvif_sa_read_end(struct espvif_sa *sa, union espvif_addr *daddr, __be16 *dport);
void espvif_sa_read_stats(const struct espvif_sa *sa, struct espvif_sa_stats *stats);
unsigned int espvif_sa_inner_mtu(const struct espvif_sa *sa, unsigned int outer_mtu);
unsigned int espvif_sa_outer_len(const struct espvif_sa *sa, unsigned int inner_len);

static inline bool espvif_sa_pending(const struct espvif_sa *sa)
{
	return test_bit(ESPVIF_SA_PENDING, &sa->flags);
}

static inline bool espvif_sa_holding(const struct espvif_sa *sa)
{
	return test_bit(ESPVIF_SA_HOLDING, &sa->flags);
}

/*
 * Hold an SA beyond the RCU read side that it was found in. For that time, one that
 * is removed still takes packets: whoever replaces an SA loses none.
 */
static inline bool espvif_sa_tryget(struct espvif_sa *sa)
{
	return percpu_ref_tryget(&sa->ref);
}

static inline void espvif_sa_put(struct espvif_sa *sa)
{
	percpu_ref_put(&sa->ref);
}

#endif /* _ESPVIF_SAD_H */
