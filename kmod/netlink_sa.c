// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands and notifications about SAs. A request is checked whole before
 * anything is done; keys are wiped from it when it has been carried out. What
 * changes something is prepared, then carried out; netlink_batch.c does that for
 * several changes together.
 */
#include <net/addrconf.h>
#include <net/inet_ecn.h>
#include <net/route.h>

#include "demux.h"
#include "device.h"
#include "events.h"
#include "larval.h"
#include "mark.h"
#include "merge.h"
#include "net.h"
#include "netlink.h"
#include "offload.h"
#include "refusal.h"

/* No NAT forgets a mapping later than that */
#define KEEPALIVE_MAX	3600

const struct nla_policy espvif_sa_new_attrs[ESPVIF_A_SA_MAX + 1] = {
	[ESPVIF_A_SA_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_SA_DIRECTION] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_DIRECTION_IN,
						   ESPVIF_DIRECTION_OUT),
	[ESPVIF_A_SA_SPI] = NLA_POLICY_MIN(NLA_U32, ESPVIF_SPI_MIN),
	[ESPVIF_A_SA_SADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_SA_DADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_SA_MODE] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_MODE_TRANSPORT,
					      ESPVIF_MODE_TUNNEL),
	[ESPVIF_A_SA_ENCR] = { .type = NLA_U16 },
	[ESPVIF_A_SA_ENCR_KEY] = { .type = NLA_BINARY, .len = ESPVIF_KEY_MAX },
	[ESPVIF_A_SA_INTEG] = { .type = NLA_U16 },
	[ESPVIF_A_SA_INTEG_KEY] = { .type = NLA_BINARY, .len = ESPVIF_KEY_MAX },
	[ESPVIF_A_SA_ESN] = { .type = NLA_FLAG },
	[ESPVIF_A_SA_REPLAY_WINDOW] = NLA_POLICY_MAX(NLA_U32, ESPVIF_REPLAY_WINDOW_MAX),
	[ESPVIF_A_SA_OWNER] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_OWNER_MANUAL,
					       ESPVIF_OWNER_DAEMON),
	[ESPVIF_A_SA_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[ESPVIF_A_SA_ENCAP] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_ENCAP_NONE, ESPVIF_ENCAP_UDP),
	[ESPVIF_A_SA_ENCAP_SPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[ESPVIF_A_SA_ENCAP_DPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[ESPVIF_A_SA_KEEPALIVE] = NLA_POLICY_MAX(NLA_U32, KEEPALIVE_MAX),
	[ESPVIF_A_SA_LIMIT_SOFT_BYTES] = { .type = NLA_U64 },
	[ESPVIF_A_SA_LIMIT_HARD_BYTES] = { .type = NLA_U64 },
	[ESPVIF_A_SA_LIMIT_SOFT_PACKETS] = { .type = NLA_U64 },
	[ESPVIF_A_SA_LIMIT_HARD_PACKETS] = { .type = NLA_U64 },
	[ESPVIF_A_SA_LIMIT_SOFT_SECONDS] = { .type = NLA_U32 },
	[ESPVIF_A_SA_LIMIT_HARD_SECONDS] = { .type = NLA_U32 },
	[ESPVIF_A_SA_SEQ] = { .type = NLA_U64 },
	[ESPVIF_A_SA_REPLAY_STATE] = { .type = NLA_BINARY, .len = ESPVIF_REPLAY_STATE_MAX },
	[ESPVIF_A_SA_DF] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_DF_COPY, ESPVIF_DF_CLEAR),
	[ESPVIF_A_SA_DSCP] = NLA_POLICY_MAX(NLA_U8, ESPVIF_DSCP_COPY),
	[ESPVIF_A_SA_HOP_LIMIT] = { .type = NLA_U8 },
	[ESPVIF_A_SA_FLOW_LABEL] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_FLOW_LABEL_NO,
						    ESPVIF_FLOW_LABEL_HASH),
	[ESPVIF_A_SA_FRAGMENT] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_FRAGMENT_AUTO,
						  ESPVIF_FRAGMENT_AFTER),
	[ESPVIF_A_SA_TFC] = { .type = NLA_U16 },
	[ESPVIF_A_SA_OFFLOAD] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_OFFLOAD_AUTO,
						 ESPVIF_OFFLOAD_PACKET),
	[ESPVIF_A_SA_CPU] = { .type = NLA_U32 },
};

const struct nla_policy espvif_sa_get_attrs[ESPVIF_A_SA_MAX + 1] = {
	[ESPVIF_A_SA_ID] = { .type = NLA_U32 },
	[ESPVIF_A_SA_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
};

const struct nla_policy espvif_sa_del_attrs[ESPVIF_A_SA_MAX + 1] = {
	[ESPVIF_A_SA_ID] = { .type = NLA_U32 },
	[ESPVIF_A_SA_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_SA_OWNER] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_OWNER_MANUAL,
					       ESPVIF_OWNER_DAEMON),
};

const struct nla_policy espvif_sa_set_attrs[ESPVIF_A_SA_MAX + 1] = {
	[ESPVIF_A_SA_ID] = { .type = NLA_U32 },
	[ESPVIF_A_SA_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_SA_PEER_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_SA_PEER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[ESPVIF_A_SA_SEQ] = { .type = NLA_U64 },
	[ESPVIF_A_SA_REPLAY_STATE] = { .type = NLA_BINARY, .len = ESPVIF_REPLAY_STATE_MAX },
};

const struct nla_policy espvif_sa_flush_attrs[ESPVIF_A_SA_MAX + 1] = {
	[ESPVIF_A_SA_OWNER] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_OWNER_MANUAL,
					       ESPVIF_OWNER_DAEMON),
	[ESPVIF_A_SA_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

static int put_limits(struct sk_buff *skb, const struct espvif_sa *sa)
{
	if (nla_put_u64_64bit(skb, ESPVIF_A_SA_LIMIT_SOFT_BYTES, sa->soft.bytes,
			      ESPVIF_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_SA_LIMIT_HARD_BYTES, sa->hard.bytes,
			      ESPVIF_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_SA_LIMIT_SOFT_PACKETS, sa->soft.packets,
			      ESPVIF_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_SA_LIMIT_HARD_PACKETS, sa->hard.packets,
			      ESPVIF_A_SA_PAD) ||
	    nla_put_u32(skb, ESPVIF_A_SA_LIMIT_SOFT_SECONDS, sa->soft.seconds) ||
	    nla_put_u32(skb, ESPVIF_A_SA_LIMIT_HARD_SECONDS, sa->hard.seconds))
		return -EMSGSIZE;
	return 0;
}

static int put_encap(struct sk_buff *skb, const struct espvif_sa *sa, __be16 dport)
{
	if (nla_put_u8(skb, ESPVIF_A_SA_ENCAP, sa->encap.type))
		return -EMSGSIZE;
	if (sa->encap.type == ESPVIF_ENCAP_NONE)
		return 0;
	if (nla_put_u16(skb, ESPVIF_A_SA_ENCAP_SPORT, ntohs(sa->encap.sport)) ||
	    nla_put_u16(skb, ESPVIF_A_SA_ENCAP_DPORT, ntohs(dport)) ||
	    (sa->keepalive_seconds &&
	     nla_put_u32(skb, ESPVIF_A_SA_KEEPALIVE, sa->keepalive_seconds)))
		return -EMSGSIZE;
	return 0;
}

/* Bits of DSCP and ECN where they stand in a header */
#define DSCP_SHIFT	2

static bool writes_outer(u8 direction, u8 mode)
{
	return direction == ESPVIF_DIRECTION_OUT && mode == ESPVIF_MODE_TUNNEL;
}

static int put_outer(struct sk_buff *skb, const struct espvif_sa *sa)
{
	const struct espvif_outer *outer = &sa->outer;
	u8 dscp = outer->copied & ~INET_ECN_MASK ? ESPVIF_DSCP_COPY :
						   outer->dsfield >> DSCP_SHIFT;

	if (!writes_outer(sa->direction, sa->mode))
		return 0;
	if (nla_put_u8(skb, ESPVIF_A_SA_DF, outer->df) ||
	    nla_put_u8(skb, ESPVIF_A_SA_DSCP, dscp) ||
	    nla_put_u8(skb, ESPVIF_A_SA_HOP_LIMIT, outer->hop_limit) ||
	    nla_put_u8(skb, ESPVIF_A_SA_FLOW_LABEL, outer->flow_label) ||
	    nla_put_u8(skb, ESPVIF_A_SA_FRAGMENT, outer->fragment) ||
	    nla_put_u16(skb, ESPVIF_A_SA_TFC, outer->tfc))
		return -EMSGSIZE;
	return 0;
}

static int put_offload(struct sk_buff *skb, const struct espvif_sa *sa)
{
	const char *name;
	int err = 0;

	rcu_read_lock();
	if (nla_put_u8(skb, ESPVIF_A_SA_OFFLOAD, sa->offload.wish) ||
	    nla_put_u8(skb, ESPVIF_A_SA_OFFLOAD_STATE, espvif_offload_state(sa, &name)) ||
	    (name && nla_put_string(skb, ESPVIF_A_SA_OFFLOAD_IFNAME, name)))
		err = -EMSGSIZE;
	rcu_read_unlock();
	return err;
}

static int put_config(struct sk_buff *skb, struct espvif_sa *sa)
{
	const struct espvif_transform *transform = &sa->transform;
	u8 family = sa->key.family;
	union espvif_addr daddr;
	__be16 dport;

	espvif_sa_read_end(sa, &daddr, &dport);
	if (nla_put_u32(skb, ESPVIF_A_SA_ID, sa->id) ||
	    nla_put_string(skb, ESPVIF_A_SA_NAME, sa->name) ||
	    nla_put_u8(skb, ESPVIF_A_SA_DIRECTION, sa->direction) ||
	    nla_put_u32(skb, ESPVIF_A_SA_SPI, ntohl(sa->key.spi)) ||
	    espvif_netlink_put_addr(skb, ESPVIF_A_SA_SADDR, &sa->saddr, family) ||
	    espvif_netlink_put_addr(skb, ESPVIF_A_SA_DADDR, &daddr, family) ||
	    nla_put_u8(skb, ESPVIF_A_SA_MODE, sa->mode) ||
	    nla_put_u16(skb, ESPVIF_A_SA_ENCR, transform->encr) ||
	    nla_put_u16(skb, ESPVIF_A_SA_ENCR_KEY_BITS, transform->encr_key_bits) ||
	    nla_put_u16(skb, ESPVIF_A_SA_INTEG, transform->integ) ||
	    (transform->esn && nla_put_flag(skb, ESPVIF_A_SA_ESN)) ||
	    (sa->replay &&
	     nla_put_u32(skb, ESPVIF_A_SA_REPLAY_WINDOW, sa->replay->window)) ||
	    nla_put_u8(skb, ESPVIF_A_SA_OWNER, sa->owner) ||
	    (sa->dev && nla_put_string(skb, ESPVIF_A_SA_IFNAME, sa->dev->name)) ||
	    (sa->cpu != ESPVIF_CPU_NONE && nla_put_u32(skb, ESPVIF_A_SA_CPU, sa->cpu)) ||
	    put_encap(skb, sa, dport) || put_outer(skb, sa) || put_offload(skb, sa))
		return -EMSGSIZE;
	return put_limits(skb, sa);
}

/* The highest number received and which below it were, of the same moment */
static int put_received(struct sk_buff *skb, struct espvif_sa *sa)
{
	struct nlattr *state = NULL;
	u64 seq;

	if (sa->replay->window) {
		state = nla_reserve(skb, ESPVIF_A_SA_REPLAY_STATE,
				    espvif_replay_state_len(sa->replay->window));
		if (!state)
			return -EMSGSIZE;
	}
	spin_lock_bh(&sa->lock);
	seq = sa->replay->highest;
	if (state)
		espvif_replay_export(sa->replay, nla_data(state));
	spin_unlock_bh(&sa->lock);
	return nla_put_u64_64bit(skb, ESPVIF_A_SA_SEQ, seq, ESPVIF_A_SA_PAD);
}

static int put_numbers(struct sk_buff *skb, struct espvif_sa *sa)
{
	u64 seq;

	if (sa->direction == ESPVIF_DIRECTION_IN)
		return put_received(skb, sa);
	/* attempts behind the last number count on, but nothing is sent with them */
	seq = min_t(u64, atomic64_read(&sa->seq), espvif_sa_last_number(sa->transform.esn));
	return nla_put_u64_64bit(skb, ESPVIF_A_SA_SEQ, seq, ESPVIF_A_SA_PAD);
}

static int put_state(struct sk_buff *skb, struct espvif_sa *sa)
{
	struct espvif_sa_stats stats;
	enum espvif_counter reason;
	u64 drops;

	espvif_sa_read_stats(sa, &stats);
	if (nla_put_u8(skb, ESPVIF_A_SA_STATE, espvif_sa_usable(sa) ?
		       ESPVIF_SA_STATE_VALID : ESPVIF_SA_STATE_EXPIRED) ||
	    put_numbers(skb, sa) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_SA_PACKETS, stats.packets, ESPVIF_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_SA_BYTES, stats.bytes, ESPVIF_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_SA_ADD_TIME, sa->add_time, ESPVIF_A_SA_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_SA_USE_TIME, READ_ONCE(sa->use_time),
			      ESPVIF_A_SA_PAD) ||
	    nla_put_u32(skb, ESPVIF_A_SA_POLICIES, READ_ONCE(sa->policies)))
		return -EMSGSIZE;

	for (reason = 0; reason < ESPVIF_COUNTERS; reason++) {
		drops = atomic64_read(&sa->drops[reason]);
		if (drops && espvif_netlink_put_counter(skb, ESPVIF_A_SA_DROP, reason, drops))
			return -EMSGSIZE;
	}
	return 0;
}

/* What a notification says besides the SA */
struct extra {
	bool hard;
	const struct espvif_peer *peer;
};

static int put_extra(struct sk_buff *skb, const struct espvif_sa *sa, const struct extra *extra)
{
	if (!extra)
		return 0;
	if (extra->hard && nla_put_flag(skb, ESPVIF_A_SA_HARD))
		return -EMSGSIZE;
	if (extra->peer &&
	    (espvif_netlink_put_addr(skb, ESPVIF_A_SA_PEER_ADDR, &extra->peer->addr,
				     sa->key.family) ||
	     nla_put_u16(skb, ESPVIF_A_SA_PEER_PORT, ntohs(extra->peer->port))))
		return -EMSGSIZE;
	return 0;
}

static int put_sa(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		  struct espvif_sa *sa, const struct extra *extra)
{
	void *header = genlmsg_put(skb, portid, seq, &espvif_genl_family, flags, cmd);

	if (!header)
		return -EMSGSIZE;
	if (put_config(skb, sa) || put_state(skb, sa) || put_extra(skb, sa, extra)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static void notify(struct espvif_sa *sa, u8 cmd, const struct extra *extra)
{
	struct net *net = sa->enet->net;
	struct sk_buff *skb;

	if (!genl_has_listeners(&espvif_genl_family, net, 0))
		return;
	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!skb) {
		/* they may look for themselves */
		genl_set_err(&espvif_genl_family, net, 0, 0, -ENOBUFS);
		return;
	}
	if (put_sa(skb, 0, 0, 0, cmd, sa, extra)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_multicast_netns(&espvif_genl_family, net, skb, 0, 0, GFP_ATOMIC);
}

/**
 * espvif_event_sa() - tell that an SA has come, is another or is going
 * @sa:		the SA
 * @event:	which of these
 */
void espvif_event_sa(struct espvif_sa *sa, enum espvif_event event)
{
	static const u8 command[] = {
		[ESPVIF_EVENT_NEW] = ESPVIF_CMD_SA_NEW_NTF,
		[ESPVIF_EVENT_SET] = ESPVIF_CMD_SA_SET_NTF,
		[ESPVIF_EVENT_DEL] = ESPVIF_CMD_SA_DEL_NTF,
	};

	notify(sa, command[event], NULL);
}

/**
 * espvif_event_sa_expire() - tell that a lifetime has ended
 * @sa:		the SA
 * @hard:	its last
 *
 * Context: any.
 */
void espvif_event_sa_expire(struct espvif_sa *sa, bool hard)
{
	const struct extra extra = { .hard = hard };

	notify(sa, ESPVIF_CMD_SA_EXPIRE_NTF, &extra);
}

/**
 * espvif_event_sa_peer() - tell that an SA's peer sends from elsewhere
 * @sa:		inbound, encapsulated
 * @peer:	from where an authentic packet came
 *
 * Context: any.
 */
void espvif_event_sa_peer(struct espvif_sa *sa, const struct espvif_peer *peer)
{
	const struct extra extra = { .peer = peer };

	notify(sa, ESPVIF_CMD_SA_PEER_NTF, &extra);
}

static struct sk_buff *make_reply(struct genl_info *info, u8 cmd, struct espvif_sa *sa)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	int err;

	if (!skb)
		return ERR_PTR(-ENOMEM);
	err = put_sa(skb, info->snd_portid, info->snd_seq, 0, cmd, sa, NULL);
	if (err) {
		nlmsg_free(skb);
		return ERR_PTR(err);
	}
	return skb;
}

static void get_limits(struct nlattr **attrs, struct espvif_sa_config *config)
{
	if (attrs[ESPVIF_A_SA_LIMIT_SOFT_BYTES])
		config->soft.bytes = nla_get_u64(attrs[ESPVIF_A_SA_LIMIT_SOFT_BYTES]);
	if (attrs[ESPVIF_A_SA_LIMIT_HARD_BYTES])
		config->hard.bytes = nla_get_u64(attrs[ESPVIF_A_SA_LIMIT_HARD_BYTES]);
	if (attrs[ESPVIF_A_SA_LIMIT_SOFT_PACKETS])
		config->soft.packets = nla_get_u64(attrs[ESPVIF_A_SA_LIMIT_SOFT_PACKETS]);
	if (attrs[ESPVIF_A_SA_LIMIT_HARD_PACKETS])
		config->hard.packets = nla_get_u64(attrs[ESPVIF_A_SA_LIMIT_HARD_PACKETS]);
	if (attrs[ESPVIF_A_SA_LIMIT_SOFT_SECONDS])
		config->soft.seconds = nla_get_u32(attrs[ESPVIF_A_SA_LIMIT_SOFT_SECONDS]);
	if (attrs[ESPVIF_A_SA_LIMIT_HARD_SECONDS])
		config->hard.seconds = nla_get_u32(attrs[ESPVIF_A_SA_LIMIT_HARD_SECONDS]);
}

static bool over(u64 soft, u64 hard)
{
	return hard && soft > hard;
}

static int check_limits(const struct espvif_sa_config *config, struct genl_info *info)
{
	const char *what = NULL;
	int attr;

	if (over(config->soft.bytes, config->hard.bytes)) {
		what = "bytes";
		attr = ESPVIF_A_SA_LIMIT_SOFT_BYTES;
	} else if (over(config->soft.packets, config->hard.packets)) {
		what = "packets";
		attr = ESPVIF_A_SA_LIMIT_SOFT_PACKETS;
	} else if (over(config->soft.seconds, config->hard.seconds)) {
		what = "seconds";
		attr = ESPVIF_A_SA_LIMIT_SOFT_SECONDS;
	}
	if (!what)
		return 0;
	espvif_refuse(info->extack, info->attrs[attr],
		      "the soft limit of %s is above the hard one, and would never come", what);
	return -EINVAL;
}

/* An SA to one of our own addresses is one by which packets come in */
static u8 guess_direction(struct net *net, const struct espvif_sa_key *key)
{
	bool local;

	if (key->family == AF_INET)
		local = inet_addr_type(net, key->daddr.ip) == RTN_LOCAL;
	else
		local = ipv6_chk_addr(net, &key->daddr.ip6, NULL, 0);
	return local ? ESPVIF_DIRECTION_IN : ESPVIF_DIRECTION_OUT;
}

/* Where an SA goes on, from its own or another gateway's export; checks what it says */
static int get_numbers(struct genl_info *info, u8 direction, bool esn, u32 window,
		       struct espvif_numbers *numbers)
{
	struct nlattr *seq = info->attrs[ESPVIF_A_SA_SEQ];
	struct nlattr *state = info->attrs[ESPVIF_A_SA_REPLAY_STATE];

	if (seq)
		numbers->seq = nla_get_u64(seq);
	if (numbers->seq > espvif_sa_last_number(esn)) {
		espvif_refuse(info->extack, seq, "sequence numbers end at %llu for this SA",
			      espvif_sa_last_number(esn));
		return -ERANGE;
	}
	if (!state)
		return 0;
	numbers->state = nla_data(state);
	numbers->state_len = nla_len(state);
	if (direction == ESPVIF_DIRECTION_OUT) {
		espvif_refuse(info->extack, state,
			      "an outbound SA has no replay state, only its peer has");
		return -EINVAL;
	}
	if (!seq) {
		espvif_refuse(info->extack, state,
			      "a replay state needs the highest number received, to which it is relative");
		return -EINVAL;
	}
	if (numbers->state_len > espvif_replay_state_len(window)) {
		espvif_refuse(info->extack, state,
			      "a replay state of %u bytes doesn't fit a window of %u packets: at most %u bytes",
			      numbers->state_len, window, espvif_replay_state_len(window));
		return -EINVAL;
	}
	return 0;
}

static int get_replay(struct genl_info *info, struct espvif_sa_config *config)
{
	struct nlattr *window = info->attrs[ESPVIF_A_SA_REPLAY_WINDOW];

	if (config->direction == ESPVIF_DIRECTION_OUT) {
		if (!window)
			return 0;
		espvif_refuse(info->extack, window,
			      "an outbound SA has no replay window, only its peer has");
		return -EINVAL;
	}

	config->replay_window = window ? nla_get_u32(window) : ESPVIF_REPLAY_WINDOW_DEFAULT;
	if (config->esn && !config->replay_window) {
		espvif_refuse(info->extack, window,
			      "extended sequence numbers need a replay window: without one the upper half cannot be known");
		return -EINVAL;
	}
	return 0;
}

static int get_encap(struct genl_info *info, struct espvif_sa_config *config)
{
	struct nlattr *type = info->attrs[ESPVIF_A_SA_ENCAP];
	struct nlattr *sport = info->attrs[ESPVIF_A_SA_ENCAP_SPORT];
	struct nlattr *dport = info->attrs[ESPVIF_A_SA_ENCAP_DPORT];
	struct nlattr *keepalive = info->attrs[ESPVIF_A_SA_KEEPALIVE];

	config->encap.type = type ? nla_get_u8(type) : ESPVIF_ENCAP_NONE;
	config->keepalive = keepalive ? nla_get_u32(keepalive) : 0;
	if (config->encap.type == ESPVIF_ENCAP_NONE && (sport || dport || keepalive)) {
		espvif_refuse(info->extack, sport ?: dport ?: keepalive,
			      "ports and keepalives are for SAs with encapsulation only");
		return -EINVAL;
	}
	if (config->encap.type == ESPVIF_ENCAP_UDP && (!sport || !dport)) {
		espvif_refuse(info->extack, type,
			      "encapsulation in UDP needs a source and a destination port");
		return -EINVAL;
	}
	if (config->keepalive && config->direction == ESPVIF_DIRECTION_IN) {
		espvif_refuse(info->extack, keepalive,
			      "keepalives are sent by outbound SAs, this one is inbound");
		return -EINVAL;
	}
	if (config->encap.type == ESPVIF_ENCAP_UDP) {
		config->encap.sport = htons(nla_get_u16(sport));
		config->encap.dport = htons(nla_get_u16(dport));
	}
	return 0;
}

static u8 get_u8(const struct nlattr *attr, u8 otherwise)
{
	return attr ? nla_get_u8(attr) : otherwise;
}

/* Outer headers are of outbound SAs in tunnel mode; all others have nothing to say here */
static int refuse_outer(struct genl_info *info, const struct espvif_sa_config *config)
{
	static const int attrs[] = {
		ESPVIF_A_SA_DF, ESPVIF_A_SA_DSCP, ESPVIF_A_SA_HOP_LIMIT,
		ESPVIF_A_SA_FLOW_LABEL, ESPVIF_A_SA_FRAGMENT, ESPVIF_A_SA_TFC,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		if (!info->attrs[attrs[i]])
			continue;
		espvif_refuse(info->extack, info->attrs[attrs[i]],
			      config->mode == ESPVIF_MODE_TUNNEL ?
			      "outer headers are written by outbound SAs, this one is inbound" :
			      "in transport mode packets keep their own headers and sizes; this is for tunnel mode");
		return -EINVAL;
	}
	return 0;
}

static int get_outer(struct genl_info *info, struct espvif_sa_config *config)
{
	struct espvif_outer *outer = &config->outer;
	struct nlattr **attrs = info->attrs;
	u8 dscp;

	if (!writes_outer(config->direction, config->mode))
		return refuse_outer(info, config);

	outer->df = get_u8(attrs[ESPVIF_A_SA_DF], ESPVIF_DF_COPY);
	outer->fragment = get_u8(attrs[ESPVIF_A_SA_FRAGMENT], ESPVIF_FRAGMENT_AUTO);
	outer->flow_label = get_u8(attrs[ESPVIF_A_SA_FLOW_LABEL], ESPVIF_FLOW_LABEL_NO);
	outer->hop_limit = get_u8(attrs[ESPVIF_A_SA_HOP_LIMIT], 0);
	outer->tfc = attrs[ESPVIF_A_SA_TFC] ? nla_get_u16(attrs[ESPVIF_A_SA_TFC]) : 0;
	dscp = get_u8(attrs[ESPVIF_A_SA_DSCP], ESPVIF_DSCP_COPY);
	outer->copied = dscp == ESPVIF_DSCP_COPY ? U8_MAX : INET_ECN_MASK;
	outer->dsfield = dscp == ESPVIF_DSCP_COPY ? 0 : dscp << DSCP_SHIFT;

	if (outer->flow_label != ESPVIF_FLOW_LABEL_NO && config->key.family == AF_INET) {
		espvif_refuse(info->extack, attrs[ESPVIF_A_SA_FLOW_LABEL],
			      "only IPv6 headers have a flow label, this SA's are IPv4");
		return -EINVAL;
	}
	return 0;
}

static void get_keys(struct nlattr **attrs, struct espvif_keys *keys)
{
	keys->encr_at = attrs[ESPVIF_A_SA_ENCR];
	keys->integ_at = attrs[ESPVIF_A_SA_INTEG];
	keys->encr_key_at = attrs[ESPVIF_A_SA_ENCR_KEY];
	keys->integ_key_at = attrs[ESPVIF_A_SA_INTEG_KEY];
	keys->encr = nla_get_u16(attrs[ESPVIF_A_SA_ENCR]);
	if (attrs[ESPVIF_A_SA_INTEG])
		keys->integ = nla_get_u16(attrs[ESPVIF_A_SA_INTEG]);
	if (attrs[ESPVIF_A_SA_ENCR_KEY]) {
		keys->encr_key = nla_data(attrs[ESPVIF_A_SA_ENCR_KEY]);
		keys->encr_key_len = nla_len(attrs[ESPVIF_A_SA_ENCR_KEY]);
	}
	if (attrs[ESPVIF_A_SA_INTEG_KEY]) {
		keys->integ_key = nla_data(attrs[ESPVIF_A_SA_INTEG_KEY]);
		keys->integ_key_len = nla_len(attrs[ESPVIF_A_SA_INTEG_KEY]);
	}
}

static int get_host(const struct nlattr *attr, union espvif_addr *addr, u32 *family,
		    struct netlink_ext_ack *extack)
{
	int err = espvif_netlink_get_addr(attr, addr, family, extack) ?:
		  espvif_netlink_check_family(*family, attr, extack);

	if (err)
		return err;
	if (*family == AF_INET ?
	    ipv4_is_multicast(addr->ip) || ipv4_is_zeronet(addr->ip) :
	    ipv6_addr_is_multicast(&addr->ip6) || ipv6_addr_any(&addr->ip6)) {
		espvif_refuse(extack, attr,
			      "each end of an SA is one host: neither a group nor the unspecified address");
		return -EINVAL;
	}
	return 0;
}

static int get_ends(struct genl_info *info, struct espvif_sa_config *config)
{
	struct nlattr **attrs = info->attrs;
	int err;

	err = espvif_netlink_get_addr(attrs[ESPVIF_A_SA_SADDR], &config->saddr,
				      &config->key.family, info->extack);
	return err ?: get_host(attrs[ESPVIF_A_SA_DADDR], &config->key.daddr,
			       &config->key.family, info->extack);
}

static int require_all(struct genl_info *info)
{
	static const struct {
		int attr;
		const char *what;
	} needed[] = {
		{ ESPVIF_A_SA_NAME, "the SA's name" },
		{ ESPVIF_A_SA_SPI, "the SA's SPI" },
		{ ESPVIF_A_SA_SADDR, "the SA's source" },
		{ ESPVIF_A_SA_DADDR, "the SA's destination" },
		{ ESPVIF_A_SA_MODE, "the SA's mode" },
		{ ESPVIF_A_SA_ENCR, "the SA's encryption algorithm" },
	};
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		err = espvif_netlink_require(info, needed[i].attr, needed[i].what);
		if (err)
			return err;
	}
	return 0;
}

static int get_config(struct espvif_net *enet, struct genl_info *info,
		      struct espvif_sa_config *config)
{
	struct nlattr **attrs = info->attrs;
	int err;

	err = espvif_netlink_get_name(attrs[ESPVIF_A_SA_NAME], "an SA", config->name,
				      info->extack);
	if (!err)
		err = get_ends(info, config);
	if (err)
		return err;

	config->name_at = attrs[ESPVIF_A_SA_NAME];
	config->spi_at = attrs[ESPVIF_A_SA_SPI];
	config->key.spi = htonl(nla_get_u32(attrs[ESPVIF_A_SA_SPI]));
	config->mode = nla_get_u8(attrs[ESPVIF_A_SA_MODE]);
	config->owner = attrs[ESPVIF_A_SA_OWNER] ? nla_get_u8(attrs[ESPVIF_A_SA_OWNER]) :
						   ESPVIF_OWNER_MANUAL;
	config->offload_at = attrs[ESPVIF_A_SA_OFFLOAD];
	config->offload = config->offload_at ? nla_get_u8(config->offload_at) :
					       ESPVIF_OFFLOAD_AUTO;
	config->direction = attrs[ESPVIF_A_SA_DIRECTION] ?
			    nla_get_u8(attrs[ESPVIF_A_SA_DIRECTION]) :
			    guess_direction(enet->net, &config->key);
	get_keys(attrs, &config->keys);
	get_limits(attrs, config);
	err = espvif_netlink_get_cpu(attrs[ESPVIF_A_SA_CPU], &config->cpu, info->extack);
	if (!err)
		err = check_limits(config, info);
	if (!err)
		err = get_encap(info, config);
	if (!err)
		err = get_outer(info, config);
	if (err)
		return err;
	config->esn = nla_get_flag(attrs[ESPVIF_A_SA_ESN]);
	err = get_replay(info, config);
	if (err)
		return err;
	return get_numbers(info, config->direction, config->esn, config->replay_window,
			   &config->numbers);
}

static int bind_device(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_sa_config *config)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_SA_IFNAME];
	int err;

	err = espvif_netlink_get_device(enet, attr, &config->device, info->extack);
	if (err || !config->device)
		return err;
	if (config->mode != ESPVIF_MODE_TUNNEL) {
		espvif_refuse(info->extack, attr,
			      "an interface carries SAs in tunnel mode only; transport mode takes host policies");
		return -EINVAL;
	}
	config->dev = config->device->dev;
	config->device_tally = &config->device->tally;
	return 0;
}

static void unbind_and_remove(struct espvif_sa *sa)
{
	if (sa->device)
		sa->device->sa_count--;
	espvif_sad_remove(sa);
}

/* The crypto API may have to load an algorithm first, which takes seconds */
static int ready_new(struct genl_info *info, struct espvif_change *change)
{
	struct espvif_keys keys = {};
	int err;

	err = require_all(info);
	if (err)
		return err;
	get_keys(info->attrs, &keys);
	return espvif_transform_init(&change->transform, &keys,
				     nla_get_flag(info->attrs[ESPVIF_A_SA_ESN]), info->extack);
}

static void discard_new(struct espvif_change *change)
{
	espvif_transform_uninit(&change->transform);
}

static int prepare_new(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_change *change)
{
	struct espvif_sa_config config = {};
	int err;

	err = get_config(enet, info, &config);
	if (!err)
		err = bind_device(enet, info, &config);
	if (!err)
		err = espvif_mark_init(enet);
	if (!err)
		err = espvif_merge_init(enet);
	if (!err)
		err = espvif_demux_init(enet);
	if (err)
		return err;
	change->sa = espvif_sad_prepare(enet, &config, &change->transform, info->extack);
	if (IS_ERR(change->sa))
		return PTR_ERR(change->sa);
	if (config.device && config.direction == ESPVIF_DIRECTION_OUT)
		change->fit = nla_data(info->attrs[ESPVIF_A_SA_NAME]);
	return 0;
}

static void commit_new(struct espvif_change *change)
{
	espvif_larval_claim(change->sa);
	espvif_sad_commit(change->sa);
	if (change->sa->device)
		change->sa->device->sa_count++;
}

static void settle_new(struct espvif_change *change)
{
	espvif_larval_release(change->sa);
}

static void abort_new(struct espvif_change *change)
{
	espvif_sad_abort(change->sa);
}

static struct sk_buff *reply_new(struct genl_info *info, const struct espvif_change *change)
{
	return make_reply(info, ESPVIF_CMD_SA_NEW, change->sa);
}

const struct espvif_change_kind espvif_change_sa_new = {
	.name = "sa-new",
	.attrs = espvif_sa_new_attrs,
	.maxattr = ARRAY_SIZE(espvif_sa_new_attrs) - 1,
	.name_attr = ESPVIF_A_SA_NAME,
	.stage = ESPVIF_STAGE_SAS,
	.ready = ready_new,
	.discard = discard_new,
	.prepare = prepare_new,
	.commit = commit_new,
	.abort = abort_new,
	.settle = settle_new,
	.reply = reply_new,
};

/**
 * espvif_netlink_sa_new() - carry out ESPVIF_CMD_SA_NEW
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_sa_new(struct sk_buff *skb, struct genl_info *info)
{
	int err, len;

	err = espvif_netlink_change(info, &espvif_change_sa_new);
	/* whoever reads the buffer of a request later finds no keys in it */
	espvif_netlink_wipe_keys(espvif_netlink_attrs(info, &len), len);
	return err;
}

static struct espvif_sa *lookup(struct espvif_net *enet, const struct nlattr *name,
				const struct nlattr *id)
{
	return name ? espvif_sad_lookup_name(enet, nla_data(name)) :
		      xa_load(&enet->sad.by_id, nla_get_u32(id));
}

static int refuse_absent(struct genl_info *info)
{
	struct nlattr *name = info->attrs[ESPVIF_A_SA_NAME], *id = info->attrs[ESPVIF_A_SA_ID];

	if (name)
		espvif_refuse(info->extack, name, "there is no SA named %s",
			      (char *)nla_data(name));
	else
		espvif_refuse(info->extack, id, "there is no SA with the number %u",
			      nla_get_u32(id));
	return -ENOENT;
}

static int require_name(struct genl_info *info)
{
	if (info->attrs[ESPVIF_A_SA_NAME] || info->attrs[ESPVIF_A_SA_ID])
		return 0;
	espvif_refuse(info->extack, NULL, "the request lacks the SA's name or number");
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, ESPVIF_A_SA_NAME);
	return -EINVAL;
}

/* The SA that a change is about: it may be of a change before this one */
static struct espvif_sa *find_sa(struct espvif_net *enet, struct genl_info *info)
{
	struct espvif_sa *sa;
	int err;

	lockdep_assert_held(&enet->lock);
	err = require_name(info);
	if (err)
		return ERR_PTR(err);
	sa = lookup(enet, info->attrs[ESPVIF_A_SA_NAME], info->attrs[ESPVIF_A_SA_ID]);
	if (sa && !sa->going)
		return sa;
	return ERR_PTR(refuse_absent(info));
}

static int prepare_peer(struct espvif_sa *sa, struct genl_info *info,
			struct espvif_change *change)
{
	struct nlattr *addr = info->attrs[ESPVIF_A_SA_PEER_ADDR];
	struct nlattr *port = info->attrs[ESPVIF_A_SA_PEER_PORT];
	bool in = sa->direction == ESPVIF_DIRECTION_IN;
	u32 family = sa->key.family;
	int err;

	if (!addr && !port)
		return 0;
	change->moves = true;
	change->addr = in ? sa->peer.addr : sa->key.daddr;
	change->port = in ? sa->peer.port : sa->encap.dport;
	if (port && sa->encap.type != ESPVIF_ENCAP_UDP) {
		espvif_refuse(info->extack, port, "SA %s isn't encapsulated: its peer has no port",
			      sa->name);
		return -EINVAL;
	}
	if (addr) {
		err = get_host(addr, &change->addr, &family, info->extack);
		if (err)
			return err;
	}
	if (port)
		change->port = htons(nla_get_u16(port));
	if (in)
		return 0;
	change->path = espvif_sad_prepare_path(sa, &change->addr, change->port, info->extack);
	return PTR_ERR_OR_ZERO(change->path);
}

static int prepare_numbers(struct espvif_sa *sa, struct genl_info *info,
			   struct espvif_change *change)
{
	struct nlattr *seq = info->attrs[ESPVIF_A_SA_SEQ];
	bool in = sa->direction == ESPVIF_DIRECTION_IN;
	u64 now = in ? READ_ONCE(sa->replay->highest) : atomic64_read(&sa->seq);
	int err;

	err = get_numbers(info, sa->direction, sa->transform.esn, in ? sa->replay->window : 0,
			  &change->numbers);
	if (err || !seq || change->numbers.seq >= now)
		return err;
	espvif_refuse(info->extack, seq,
		      in ? "SA %s has received %llu already: its numbers only go forward" :
			   "SA %s has sent with %llu already: a number is never used twice",
		      sa->name, now);
	return -EINVAL;
}

static int prepare_set(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_change *change)
{
	struct espvif_sa *sa = find_sa(enet, info);
	int err;

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	if (!info->attrs[ESPVIF_A_SA_PEER_ADDR] && !info->attrs[ESPVIF_A_SA_PEER_PORT] &&
	    !info->attrs[ESPVIF_A_SA_SEQ] && !info->attrs[ESPVIF_A_SA_REPLAY_STATE]) {
		espvif_refuse(info->extack, NULL,
			      "the request lacks a new address, port or sequence number");
		return -EINVAL;
	}
	if (sa->changing) {
		espvif_refuse(info->extack, NULL,
			      "a batch changes an SA once: say all about SA %s in one operation",
			      sa->name);
		return -EINVAL;
	}
	err = prepare_numbers(sa, info, change);
	if (!err)
		err = prepare_peer(sa, info, change);
	if (err)
		return err;
	sa->changing = true;
	change->sa = sa;
	return 0;
}

static void commit_set(struct espvif_change *change)
{
	struct espvif_sa *sa = change->sa;

	sa->changing = false;
	if (change->path)
		espvif_sad_commit_path(sa, change->path);
	else if (change->moves)
		espvif_sad_set_peer(sa, &change->addr, change->port);
	if (change->numbers.seq)
		espvif_sa_advance(sa, &change->numbers);
	espvif_offload_refresh(sa);
	espvif_event_sa(sa, ESPVIF_EVENT_SET);
}

static void abort_set(struct espvif_change *change)
{
	change->sa->changing = false;
	if (change->path)
		espvif_sad_abort_path(change->sa, change->path);
}

const struct espvif_change_kind espvif_change_sa_set = {
	.name = "sa-set",
	.attrs = espvif_sa_set_attrs,
	.maxattr = ARRAY_SIZE(espvif_sa_set_attrs) - 1,
	.name_attr = ESPVIF_A_SA_NAME,
	.stage = ESPVIF_STAGE_SAS,
	.prepare = prepare_set,
	.commit = commit_set,
	.abort = abort_set,
};

/**
 * espvif_netlink_sa_set() - carry out ESPVIF_CMD_SA_SET
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_sa_set(struct sk_buff *skb, struct genl_info *info)
{
	return espvif_netlink_change(info, &espvif_change_sa_set);
}

/* Name the policies that stand in the way of removing an SA */
static void refuse_used(struct espvif_net *enet, const struct espvif_sa *sa,
			struct netlink_ext_ack *extack)
{
	struct espvif_policy *policy;
	unsigned int named = 0;
	char names[160] = "";
	unsigned long id;
	size_t len = 0;

	xa_for_each(&enet->policies.by_id, id, policy) {
		if (!espvif_policy_will_have_sa(policy, sa))
			continue;
		if (len + strlen(policy->name) + 3 > sizeof(names))
			break;
		len += scnprintf(names + len, sizeof(names) - len, "%s%s", named ? ", " : "",
				 policy->name);
		named++;
	}
	if (!named)
		espvif_refuse(extack, NULL, "SA %s is used by a policy of the same batch",
			      sa->name);
	else if (sa->planned > named)
		espvif_refuse(extack, NULL, "SA %s is used by policies %s and %u more", sa->name,
			      names, sa->planned - named);
	else
		espvif_refuse(extack, NULL, "SA %s is used by %s %s", sa->name,
			      named == 1 ? "policy" : "policies", names);
}

static int prepare_del(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_change *change)
{
	struct nlattr *owner = info->attrs[ESPVIF_A_SA_OWNER];
	struct espvif_sa *sa = find_sa(enet, info);

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	if (owner && nla_get_u8(owner) != sa->owner) {
		espvif_refuse(info->extack, owner, "SA %s belongs to %s", sa->name,
			      sa->owner == ESPVIF_OWNER_DAEMON ? "a connection of the IKE daemon" :
								 "the administrator");
		return -EBUSY;
	}
	if (sa->planned) {
		refuse_used(enet, sa, info->extack);
		return -EBUSY;
	}
	sa->going = true;
	change->sa = sa;
	return 0;
}

static void commit_del(struct espvif_change *change)
{
	unbind_and_remove(change->sa);
}

static void abort_del(struct espvif_change *change)
{
	change->sa->going = false;
}

const struct espvif_change_kind espvif_change_sa_del = {
	.name = "sa-del",
	.attrs = espvif_sa_del_attrs,
	.maxattr = ARRAY_SIZE(espvif_sa_del_attrs) - 1,
	.name_attr = ESPVIF_A_SA_NAME,
	.stage = ESPVIF_STAGE_SAS_GO,
	.prepare = prepare_del,
	.commit = commit_del,
	.abort = abort_del,
};

/**
 * espvif_netlink_sa_del() - carry out ESPVIF_CMD_SA_DEL
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_sa_del(struct sk_buff *skb, struct genl_info *info)
{
	return espvif_netlink_change(info, &espvif_change_sa_del);
}

/**
 * espvif_netlink_sa_get() - carry out ESPVIF_CMD_SA_GET for one SA
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_sa_get(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct sk_buff *reply;
	struct espvif_sa *sa;
	int err;

	err = require_name(info);
	if (err)
		return err;
	rcu_read_lock();
	sa = lookup(enet, info->attrs[ESPVIF_A_SA_NAME], info->attrs[ESPVIF_A_SA_ID]);
	if (sa && !espvif_sa_pending(sa))
		reply = make_reply(info, ESPVIF_CMD_SA_GET, sa);
	else
		reply = ERR_PTR(refuse_absent(info));
	rcu_read_unlock();
	return IS_ERR(reply) ? PTR_ERR(reply) : genlmsg_reply(reply, info);
}

/**
 * espvif_netlink_sa_dump() - carry out ESPVIF_CMD_SA_GET for all SAs
 * @skb:	reply
 * @cb:		where the dump stands: the last number shown
 *
 * Return: bytes in @skb, 0 at the end.
 */
int espvif_netlink_sa_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct espvif_net *enet = espvif_net(sock_net(skb->sk));
	unsigned long id = cb->args[0];
	struct espvif_sa *sa;
	int err;

	err = espvif_netlink_check_dump(cb);
	if (err)
		return err;

	rcu_read_lock();
	xa_for_each_start(&enet->sad.by_id, id, sa, id + 1) {
		if (put_sa(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, NLM_F_MULTI,
			   ESPVIF_CMD_SA_GET, sa, NULL))
			break;
		cb->args[0] = id;
	}
	rcu_read_unlock();
	return skb->len;
}

static bool flushes(const struct genl_info *info, const struct espvif_device *device,
		    const struct espvif_sa *sa)
{
	const struct nlattr *owner = info->attrs[ESPVIF_A_SA_OWNER];

	return (!owner || nla_get_u8(owner) == sa->owner) &&
	       (!device || device == sa->device);
}

static int flush(struct espvif_net *enet, struct genl_info *info)
{
	struct espvif_device *device;
	struct espvif_sa *sa;
	unsigned long id;
	int err;

	lockdep_assert_held(&enet->lock);
	err = espvif_netlink_get_device(enet, info->attrs[ESPVIF_A_SA_IFNAME], &device,
					info->extack);
	if (err)
		return err;

	xa_for_each(&enet->sad.by_id, id, sa) {
		if (flushes(info, device, sa) && sa->planned) {
			refuse_used(enet, sa, info->extack);
			return -EBUSY;
		}
	}
	xa_for_each(&enet->sad.by_id, id, sa) {
		if (flushes(info, device, sa))
			unbind_and_remove(sa);
	}
	return 0;
}

/**
 * espvif_netlink_sa_flush() - carry out ESPVIF_CMD_SA_FLUSH
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_sa_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	int err;

	mutex_lock(&enet->lock);
	err = flush(enet, info);
	mutex_unlock(&enet->lock);
	return err;
}
