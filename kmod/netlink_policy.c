// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands and notifications about policies. A request is checked whole before
 * anything is done.
 */
#include "acquire.h"
#include "device.h"
#include "events.h"
#include "hooks.h"
#include "net.h"
#include "netlink.h"
#include "refusal.h"

const struct nla_policy espvif_policy_new_attrs[ESPVIF_A_POLICY_MAX + 1] = {
	[ESPVIF_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_POLICY_DIRECTION] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_DIRECTION_IN,
						       ESPVIF_DIRECTION_OUT),
	[ESPVIF_A_POLICY_SRC] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_POLICY_SRC_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[ESPVIF_A_POLICY_DST] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_POLICY_DST_PREFIXLEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[ESPVIF_A_POLICY_PROTOCOL] = { .type = NLA_U8 },
	[ESPVIF_A_POLICY_SPORT_MIN] = { .type = NLA_U16 },
	[ESPVIF_A_POLICY_SPORT_MAX] = { .type = NLA_U16 },
	[ESPVIF_A_POLICY_DPORT_MIN] = { .type = NLA_U16 },
	[ESPVIF_A_POLICY_DPORT_MAX] = { .type = NLA_U16 },
	[ESPVIF_A_POLICY_ACTION] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_ACTION_NONE,
						    ESPVIF_ACTION_IPSEC),
	[ESPVIF_A_POLICY_MODE] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_MODE_TRANSPORT,
						  ESPVIF_MODE_TUNNEL),
	[ESPVIF_A_POLICY_SA] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_POLICY_PRIORITY] = { .type = NLA_U32 },
	[ESPVIF_A_POLICY_OWNER] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_OWNER_MANUAL,
						   ESPVIF_OWNER_DAEMON),
	[ESPVIF_A_POLICY_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[ESPVIF_A_POLICY_MSS] = { .type = NLA_U16 },
	[ESPVIF_A_POLICY_TRAP] = { .type = NLA_FLAG },
	[ESPVIF_A_POLICY_CPU_ACQUIRE] = { .type = NLA_FLAG },
};

const struct nla_policy espvif_policy_get_attrs[ESPVIF_A_POLICY_MAX + 1] = {
	[ESPVIF_A_POLICY_ID] = { .type = NLA_U32 },
	[ESPVIF_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
};

const struct nla_policy espvif_policy_del_attrs[ESPVIF_A_POLICY_MAX + 1] = {
	[ESPVIF_A_POLICY_ID] = { .type = NLA_U32 },
	[ESPVIF_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_POLICY_OWNER] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_OWNER_MANUAL,
						   ESPVIF_OWNER_DAEMON),
};

const struct nla_policy espvif_policy_set_attrs[ESPVIF_A_POLICY_MAX + 1] = {
	[ESPVIF_A_POLICY_ID] = { .type = NLA_U32 },
	[ESPVIF_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_POLICY_SA] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
};

const struct nla_policy espvif_policy_flush_attrs[ESPVIF_A_POLICY_MAX + 1] = {
	[ESPVIF_A_POLICY_OWNER] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_OWNER_MANUAL,
						   ESPVIF_OWNER_DAEMON),
	[ESPVIF_A_POLICY_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

static int put_selector(struct sk_buff *skb, const struct espvif_selector *sel)
{
	if (espvif_netlink_put_addr(skb, ESPVIF_A_POLICY_SRC, &sel->src, sel->family) ||
	    nla_put_u8(skb, ESPVIF_A_POLICY_SRC_PREFIXLEN, sel->src_len) ||
	    espvif_netlink_put_addr(skb, ESPVIF_A_POLICY_DST, &sel->dst, sel->family) ||
	    nla_put_u8(skb, ESPVIF_A_POLICY_DST_PREFIXLEN, sel->dst_len) ||
	    nla_put_u8(skb, ESPVIF_A_POLICY_PROTOCOL, sel->protocol) ||
	    nla_put_u16(skb, ESPVIF_A_POLICY_SPORT_MIN, sel->sport_min) ||
	    nla_put_u16(skb, ESPVIF_A_POLICY_SPORT_MAX, sel->sport_max) ||
	    nla_put_u16(skb, ESPVIF_A_POLICY_DPORT_MIN, sel->dport_min) ||
	    nla_put_u16(skb, ESPVIF_A_POLICY_DPORT_MAX, sel->dport_max))
		return -EMSGSIZE;
	return 0;
}

static int put_sas(struct sk_buff *skb, const struct espvif_policy *policy)
{
	const struct espvif_sa_list *list;
	unsigned int i;
	int err = 0;

	rcu_read_lock();
	list = rcu_dereference(policy->sas);
	for (i = 0; i < list->count && !err; i++)
		err = nla_put_string(skb, ESPVIF_A_POLICY_SA, list->sas[i]->name);
	rcu_read_unlock();
	return err;
}

static int put_decision(struct sk_buff *skb, const struct espvif_policy *policy)
{
	if (nla_put_u8(skb, ESPVIF_A_POLICY_ACTION, policy->action) ||
	    (policy->mode && nla_put_u8(skb, ESPVIF_A_POLICY_MODE, policy->mode)) ||
	    nla_put_u32(skb, ESPVIF_A_POLICY_PRIORITY, policy->rank >> 32) ||
	    nla_put_u8(skb, ESPVIF_A_POLICY_OWNER, policy->owner) ||
	    (policy->action == ESPVIF_ACTION_IPSEC &&
	     nla_put_u16(skb, ESPVIF_A_POLICY_MSS, policy->mss)) ||
	    (policy->device && nla_put_string(skb, ESPVIF_A_POLICY_IFNAME,
					      policy->device->dev->name)))
		return -EMSGSIZE;
	return put_sas(skb, policy);
}

static int put_trap(struct sk_buff *skb, const struct espvif_policy *policy)
{
	if ((policy->trap && nla_put_flag(skb, ESPVIF_A_POLICY_TRAP)) ||
	    (policy->acquire && nla_put_u32(skb, ESPVIF_A_POLICY_HELD,
					    espvif_acquire_held(policy))) ||
	    (policy->cpu_asked && nla_put_flag(skb, ESPVIF_A_POLICY_CPU_ACQUIRE)))
		return -EMSGSIZE;
	return 0;
}

/* What a notification says besides the policy: somebody needs an SA */
struct need {
	const struct espvif_flow *flow;
	u32 cpu;
};

static int put_flow(struct sk_buff *skb, const struct espvif_flow *flow)
{
	struct nlattr *nest = nla_nest_start(skb, ESPVIF_A_POLICY_FLOW);

	if (!nest ||
	    espvif_netlink_put_addr(skb, ESPVIF_A_FLOW_SRC, &flow->src, flow->family) ||
	    espvif_netlink_put_addr(skb, ESPVIF_A_FLOW_DST, &flow->dst, flow->family) ||
	    nla_put_u8(skb, ESPVIF_A_FLOW_PROTOCOL, flow->protocol) ||
	    nla_put_u16(skb, ESPVIF_A_FLOW_SPORT, flow->sport) ||
	    nla_put_u16(skb, ESPVIF_A_FLOW_DPORT, flow->dport))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_need(struct sk_buff *skb, const struct need *need)
{
	if (!need)
		return 0;
	if (need->cpu != ESPVIF_CPU_NONE && nla_put_u32(skb, ESPVIF_A_POLICY_CPU, need->cpu))
		return -EMSGSIZE;
	return put_flow(skb, need->flow);
}

static int put_attrs(struct sk_buff *skb, const struct espvif_policy *policy)
{
	struct espvif_policy_stats stats;

	espvif_policy_read_stats(policy, &stats);
	if (nla_put_u32(skb, ESPVIF_A_POLICY_ID, policy->id) ||
	    nla_put_string(skb, ESPVIF_A_POLICY_NAME, policy->name) ||
	    nla_put_u8(skb, ESPVIF_A_POLICY_DIRECTION, policy->direction) ||
	    put_selector(skb, &policy->selector) || put_decision(skb, policy) ||
	    put_trap(skb, policy) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_POLICY_PACKETS, stats.packets,
			      ESPVIF_A_POLICY_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_POLICY_BYTES, stats.bytes, ESPVIF_A_POLICY_PAD) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_POLICY_USE_TIME, READ_ONCE(policy->use_time),
			      ESPVIF_A_POLICY_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_policy(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		      const struct espvif_policy *policy, const struct need *need)
{
	void *header = genlmsg_put(skb, portid, seq, &espvif_genl_family, flags, cmd);

	if (!header)
		return -EMSGSIZE;
	if (put_attrs(skb, policy) || put_need(skb, need)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static void notify(const struct espvif_policy *policy, u8 cmd, const struct need *need)
{
	struct net *net = policy->enet->net;
	struct sk_buff *skb;

	if (!genl_has_listeners(&espvif_genl_family, net, 0))
		return;
	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!skb) {
		/* they may look for themselves */
		genl_set_err(&espvif_genl_family, net, 0, 0, -ENOBUFS);
		return;
	}
	if (put_policy(skb, 0, 0, 0, cmd, policy, need)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_multicast_netns(&espvif_genl_family, net, skb, 0, 0, GFP_ATOMIC);
}

/**
 * espvif_event_policy() - tell that a policy has come, is another or is going
 * @policy:	the policy
 * @event:	which of these
 */
void espvif_event_policy(const struct espvif_policy *policy, enum espvif_event event)
{
	static const u8 command[] = {
		[ESPVIF_EVENT_NEW] = ESPVIF_CMD_POLICY_NEW_NTF,
		[ESPVIF_EVENT_SET] = ESPVIF_CMD_POLICY_SET_NTF,
		[ESPVIF_EVENT_DEL] = ESPVIF_CMD_POLICY_DEL_NTF,
	};

	notify(policy, command[event], NULL);
}

/**
 * espvif_event_acquire() - tell that a packet needs an SA
 * @policy:	a trap, none of whose SAs is usable
 * @flow:	what the packet shows
 *
 * Context: RCU read side.
 */
void espvif_event_acquire(const struct espvif_policy *policy, const struct espvif_flow *flow)
{
	const struct need need = { .flow = flow, .cpu = ESPVIF_CPU_NONE };

	notify(policy, ESPVIF_CMD_ACQUIRE_NTF, &need);
}

/**
 * espvif_event_cpu_acquire() - tell that a CPU needs an SA of its own
 * @policy:	what has SAs, but no usable one for it
 * @flow:	what the packet shows that it sends
 * @cpu:	the CPU
 *
 * Context: RCU read side.
 */
void espvif_event_cpu_acquire(const struct espvif_policy *policy,
			      const struct espvif_flow *flow, u32 cpu)
{
	const struct need need = { .flow = flow, .cpu = cpu };

	notify(policy, ESPVIF_CMD_ACQUIRE_NTF, &need);
}

static struct sk_buff *make_reply(struct genl_info *info, u8 cmd,
				  const struct espvif_policy *policy)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	int err;

	if (!skb)
		return ERR_PTR(-ENOMEM);
	err = put_policy(skb, info->snd_portid, info->snd_seq, 0, cmd, policy, NULL);
	if (err) {
		nlmsg_free(skb);
		return ERR_PTR(err);
	}
	return skb;
}

static int get_prefix(struct genl_info *info, int addr_attr, int len_attr, u8 *family,
		      union espvif_addr *prefix, u8 *len)
{
	struct nlattr *attr = info->attrs[addr_attr];
	union espvif_addr masked;
	u32 its = *family;
	int err;

	err = espvif_netlink_get_addr(attr, prefix, &its, info->extack);
	if (err)
		return err;
	*family = its;
	*len = nla_get_u8(info->attrs[len_attr]);
	if (*family == AF_INET && *len > 32) {
		espvif_refuse(info->extack, info->attrs[len_attr],
			      "an IPv4 prefix has at most 32 bits, this one has %u", *len);
		return -EINVAL;
	}

	espvif_addr_mask(&masked, prefix, *family, *len);
	if (espvif_addr_equal(&masked, prefix, *family))
		return 0;
	if (*family == AF_INET)
		espvif_refuse(info->extack, attr,
			      "%pI4/%u has bits behind its prefix: %pI4/%u is meant?",
			      &prefix->ip, *len, &masked.ip, *len);
	else
		espvif_refuse(info->extack, attr,
			      "%pI6c/%u has bits behind its prefix: %pI6c/%u is meant?",
			      &prefix->ip6, *len, &masked.ip6, *len);
	return -EINVAL;
}

static u16 get_port(struct genl_info *info, int attr, u16 otherwise)
{
	return info->attrs[attr] ? nla_get_u16(info->attrs[attr]) : otherwise;
}

static int get_ports(struct genl_info *info, struct espvif_selector *sel)
{
	sel->sport_min = get_port(info, ESPVIF_A_POLICY_SPORT_MIN, 0);
	sel->sport_max = get_port(info, ESPVIF_A_POLICY_SPORT_MAX, U16_MAX);
	sel->dport_min = get_port(info, ESPVIF_A_POLICY_DPORT_MIN, 0);
	sel->dport_max = get_port(info, ESPVIF_A_POLICY_DPORT_MAX, U16_MAX);

	if (sel->sport_min > sel->sport_max) {
		espvif_refuse(info->extack, info->attrs[ESPVIF_A_POLICY_SPORT_MIN],
			      "the range of source ports ends before it begins");
		return -EINVAL;
	}
	if (sel->dport_min > sel->dport_max) {
		espvif_refuse(info->extack, info->attrs[ESPVIF_A_POLICY_DPORT_MIN],
			      "the range of destination ports ends before it begins");
		return -EINVAL;
	}
	if (!espvif_selector_any_port(sel) && !espvif_protocol_has_ports(sel->protocol)) {
		espvif_refuse(info->extack, info->attrs[ESPVIF_A_POLICY_PROTOCOL],
			      "ports need a protocol that has some: tcp, udp, udplite, sctp or dccp");
		return -EINVAL;
	}
	return 0;
}

static int get_protocol(struct genl_info *info, struct espvif_selector *sel)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_POLICY_PROTOCOL];
	u8 foreign = sel->family == AF_INET ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	sel->protocol = attr ? nla_get_u8(attr) : 0;
	if (!sel->protocol || sel->protocol != foreign)
		return 0;
	espvif_refuse(info->extack, attr, "there is no %s in %s",
		      foreign == IPPROTO_ICMP ? "ICMP" : "ICMPv6",
		      foreign == IPPROTO_ICMP ? "IPv6" : "IPv4");
	return -EINVAL;
}

static int get_selector(struct genl_info *info, struct espvif_selector *sel)
{
	int err;

	err = get_prefix(info, ESPVIF_A_POLICY_SRC, ESPVIF_A_POLICY_SRC_PREFIXLEN,
			 &sel->family, &sel->src, &sel->src_len);
	if (!err)
		err = get_prefix(info, ESPVIF_A_POLICY_DST, ESPVIF_A_POLICY_DST_PREFIXLEN,
				 &sel->family, &sel->dst, &sel->dst_len);
	if (!err)
		err = get_protocol(info, sel);
	if (!err)
		err = get_ports(info, sel);
	return err;
}

static int require_all(struct genl_info *info)
{
	static const struct {
		int attr;
		const char *what;
	} needed[] = {
		{ ESPVIF_A_POLICY_NAME, "the policy's name" },
		{ ESPVIF_A_POLICY_DIRECTION, "the policy's direction" },
		{ ESPVIF_A_POLICY_SRC, "the policy's source" },
		{ ESPVIF_A_POLICY_SRC_PREFIXLEN, "the length of the source prefix" },
		{ ESPVIF_A_POLICY_DST, "the policy's destination" },
		{ ESPVIF_A_POLICY_DST_PREFIXLEN, "the length of the destination prefix" },
		{ ESPVIF_A_POLICY_ACTION, "the policy's action" },
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

static int get_mss(struct genl_info *info, struct espvif_policy_config *config)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_POLICY_MSS];

	config->mss = attr ? nla_get_u16(attr) : ESPVIF_MSS_AUTO;
	if (attr && config->action != ESPVIF_ACTION_IPSEC) {
		espvif_refuse(info->extack, attr,
			      "only policies with the action ipsec change what TCP says of its segments");
		return -EINVAL;
	}
	if (config->mss && config->mss < ESPVIF_MSS_MIN) {
		espvif_refuse(info->extack, attr,
			      "no TCP sends segments of %u bytes: %u is the least", config->mss,
			      ESPVIF_MSS_MIN);
		return -EINVAL;
	}
	return 0;
}

static int get_cpu_acquire(struct genl_info *info, struct espvif_policy_config *config)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_POLICY_CPU_ACQUIRE];

	config->cpu_acquire = attr;
	if (!attr || (config->action == ESPVIF_ACTION_IPSEC &&
		      config->direction == ESPVIF_DIRECTION_OUT))
		return 0;
	espvif_refuse(info->extack, attr,
		      "only outbound policies with the action ipsec ask for SAs of CPUs");
	return -EINVAL;
}

static int get_config(struct genl_info *info, struct espvif_policy_config *config)
{
	struct nlattr **attrs = info->attrs;
	int err;

	err = require_all(info);
	if (!err)
		err = espvif_netlink_get_name(attrs[ESPVIF_A_POLICY_NAME], "a policy",
					      config->name, info->extack);
	if (!err)
		err = get_selector(info, &config->selector);
	if (err)
		return err;

	config->name_at = attrs[ESPVIF_A_POLICY_NAME];
	config->direction = nla_get_u8(attrs[ESPVIF_A_POLICY_DIRECTION]);
	config->action = nla_get_u8(attrs[ESPVIF_A_POLICY_ACTION]);
	if (attrs[ESPVIF_A_POLICY_MODE])
		config->mode = nla_get_u8(attrs[ESPVIF_A_POLICY_MODE]);
	config->priority = attrs[ESPVIF_A_POLICY_PRIORITY] ?
			   nla_get_u32(attrs[ESPVIF_A_POLICY_PRIORITY]) :
			   ESPVIF_PRIORITY_DEFAULT;
	config->owner = attrs[ESPVIF_A_POLICY_OWNER] ?
			nla_get_u8(attrs[ESPVIF_A_POLICY_OWNER]) : ESPVIF_OWNER_MANUAL;
	err = get_mss(info, config);
	if (!err)
		err = get_cpu_acquire(info, config);
	if (err)
		return err;

	config->trap = attrs[ESPVIF_A_POLICY_TRAP];
	if (config->action != ESPVIF_ACTION_IPSEC && config->trap) {
		espvif_refuse(info->extack, attrs[ESPVIF_A_POLICY_TRAP],
			      "only policies with the action ipsec are traps");
		return -EINVAL;
	}
	if (config->action != ESPVIF_ACTION_IPSEC) {
		if (!attrs[ESPVIF_A_POLICY_SA])
			return 0;
		espvif_refuse(info->extack, attrs[ESPVIF_A_POLICY_SA],
			      "only policies with the action ipsec have an SA");
		return -EINVAL;
	}
	err = espvif_netlink_require(info, ESPVIF_A_POLICY_MODE, "the policy's mode");
	if (!err && !config->trap)
		err = espvif_netlink_require(info, ESPVIF_A_POLICY_SA, "the policy's SA");
	return err;
}

/* A policy and its SA must go together. Returns why not, with one %s for the SA; or NULL */
static const char *mismatch(const struct espvif_policy_config *config,
			    const struct espvif_sa *sa)
{
	unsigned int i;

	if (sa->direction != config->direction)
		return sa->direction == ESPVIF_DIRECTION_IN ?
		       "SA %s is inbound, the policy is outbound" :
		       "SA %s is outbound, the policy is inbound";
	if (sa->mode != config->mode)
		return sa->mode == ESPVIF_MODE_TUNNEL ?
		       "SA %s is for tunnel mode, the policy for transport mode" :
		       "SA %s is for transport mode, the policy for tunnel mode";
	if (sa->device != config->device)
		return sa->device ?
		       "SA %s is bound to an interface, and the policy isn't to the same" :
		       "SA %s isn't bound to the policy's interface";
	if (sa->mode == ESPVIF_MODE_TRANSPORT && sa->key.family != config->selector.family)
		return "SA %s is of the other address family, and transport mode keeps addresses";
	for (i = 0; i < config->sa_count; i++) {
		if (config->sas[i] == sa)
			return "SA %s is given twice";
	}
	return NULL;
}

static int get_sa(struct espvif_net *enet, const struct nlattr *attr,
		  struct espvif_policy_config *config, struct netlink_ext_ack *extack)
{
	struct espvif_sa *sa = espvif_sad_lookup_name(enet, nla_data(attr));
	const char *why;

	if (!sa || sa->going) {
		espvif_refuse(extack, attr, "there is no SA named %s", (char *)nla_data(attr));
		return -ENOENT;
	}
	if (config->sa_count == ESPVIF_POLICY_SAS_MAX) {
		espvif_refuse(extack, attr, "a policy has at most %u SAs", ESPVIF_POLICY_SAS_MAX);
		return -E2BIG;
	}
	why = mismatch(config, sa);
	if (why) {
		espvif_refuse(extack, attr, why, sa->name);
		return -EINVAL;
	}
	config->sas[config->sa_count++] = sa;
	return 0;
}

static int get_sas(struct espvif_net *enet, struct genl_info *info,
		   struct espvif_policy_config *config)
{
	const struct nlattr *attr;
	int err, len, rest;

	nla_for_each_attr(attr, espvif_netlink_attrs(info, &len), len, rest) {
		if (nla_type(attr) != ESPVIF_A_POLICY_SA)
			continue;
		err = get_sa(enet, attr, config, info->extack);
		if (err)
			return err;
	}
	return 0;
}

/* What a request says of other objects, which the lock keeps */
static int resolve(struct espvif_net *enet, struct genl_info *info,
		   struct espvif_policy_config *config)
{
	int err;

	err = espvif_netlink_get_device(enet, info->attrs[ESPVIF_A_POLICY_IFNAME],
					&config->device, info->extack);
	if (err)
		return err;
	if (config->device && config->action == ESPVIF_ACTION_NONE) {
		espvif_refuse(info->extack, info->attrs[ESPVIF_A_POLICY_ACTION],
			      "nothing passes an interface in the clear; route such traffic elsewhere");
		return -EINVAL;
	}
	return get_sas(enet, info, config);
}

static struct espvif_spd *spd_of(struct espvif_net *enet, struct espvif_device *device)
{
	return device ? &device->spd : &enet->spd;
}

static void remove(struct espvif_net *enet, struct espvif_policy *policy)
{
	espvif_spd_remove(spd_of(enet, policy->device), policy);
	espvif_hooks_put(enet);
}

static int add(struct espvif_net *enet, struct genl_info *info,
	       struct espvif_policy_config *config, struct espvif_change *change)
{
	int err;

	lockdep_assert_held(&enet->lock);
	err = get_config(info, config);
	if (!err)
		err = resolve(enet, info, config);
	if (!err && !config->device)
		err = espvif_hooks_get(enet);
	if (err)
		return err;

	change->policy = espvif_spd_prepare(enet, spd_of(enet, config->device), config,
					    info->extack);
	if (IS_ERR(change->policy)) {
		espvif_hooks_put(enet);
		return PTR_ERR(change->policy);
	}
	return 0;
}

static int prepare_new(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_change *change)
{
	struct espvif_policy_config *config;
	int err;

	config = kzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	err = add(enet, info, config, change);
	kfree(config);
	return err;
}

static void commit_new(struct espvif_change *change)
{
	struct espvif_policy *policy = change->policy;

	espvif_spd_commit(spd_of(policy->enet, policy->device), policy);
}

static void abort_new(struct espvif_change *change)
{
	struct espvif_net *enet = change->policy->enet;

	espvif_spd_abort(spd_of(enet, change->policy->device), change->policy);
	espvif_hooks_put(enet);
}

static struct sk_buff *reply_new(struct genl_info *info, const struct espvif_change *change)
{
	return make_reply(info, ESPVIF_CMD_POLICY_NEW, change->policy);
}

const struct espvif_change_kind espvif_change_policy_new = {
	.name = "policy-new",
	.attrs = espvif_policy_new_attrs,
	.maxattr = ARRAY_SIZE(espvif_policy_new_attrs) - 1,
	.name_attr = ESPVIF_A_POLICY_NAME,
	.stage = ESPVIF_STAGE_POLICIES,
	.prepare = prepare_new,
	.commit = commit_new,
	.abort = abort_new,
	.reply = reply_new,
};

/**
 * espvif_netlink_policy_new() - carry out ESPVIF_CMD_POLICY_NEW
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_policy_new(struct sk_buff *skb, struct genl_info *info)
{
	return espvif_netlink_change(info, &espvif_change_policy_new);
}

static struct espvif_policy *lookup(struct espvif_net *enet, const struct nlattr *name,
				    const struct nlattr *id)
{
	return name ? espvif_spd_lookup_name(enet, nla_data(name)) :
		      xa_load(&enet->policies.by_id, nla_get_u32(id));
}

static int refuse_absent(struct genl_info *info)
{
	struct nlattr *name = info->attrs[ESPVIF_A_POLICY_NAME];
	struct nlattr *id = info->attrs[ESPVIF_A_POLICY_ID];

	if (name)
		espvif_refuse(info->extack, name, "there is no policy named %s",
			      (char *)nla_data(name));
	else
		espvif_refuse(info->extack, id, "there is no policy with the number %u",
			      nla_get_u32(id));
	return -ENOENT;
}

static int require_name(struct genl_info *info)
{
	if (info->attrs[ESPVIF_A_POLICY_NAME] || info->attrs[ESPVIF_A_POLICY_ID])
		return 0;
	espvif_refuse(info->extack, NULL, "the request lacks the policy's name or number");
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, ESPVIF_A_POLICY_NAME);
	return -EINVAL;
}

/* The policy that a change is about: it may be of a change before this one */
static struct espvif_policy *find_policy(struct espvif_net *enet, struct genl_info *info)
{
	struct espvif_policy *policy;
	int err;

	lockdep_assert_held(&enet->lock);
	err = require_name(info);
	if (err)
		return ERR_PTR(err);
	policy = lookup(enet, info->attrs[ESPVIF_A_POLICY_NAME],
			info->attrs[ESPVIF_A_POLICY_ID]);
	if (policy && !policy->going)
		return policy;
	return ERR_PTR(refuse_absent(info));
}

/* The SAs that a policy is to have go with it as those that it was made with */
static int set(struct espvif_net *enet, struct genl_info *info, struct espvif_policy *policy,
	       struct espvif_policy_config *config)
{
	int err;

	if (policy->action != ESPVIF_ACTION_IPSEC) {
		espvif_refuse(info->extack, info->attrs[ESPVIF_A_POLICY_SA],
			      "policy %s has not the action ipsec: it has no SA", policy->name);
		return -EINVAL;
	}
	if (policy->next_sas) {
		espvif_refuse(info->extack, NULL,
			      "a batch changes a policy once: say all about policy %s in one operation",
			      policy->name);
		return -EINVAL;
	}
	/* a trap may wait for its SAs again */
	if (!policy->trap && !info->attrs[ESPVIF_A_POLICY_SA]) {
		espvif_refuse(info->extack, NULL,
			      "policy %s is no trap: it cannot be without an SA", policy->name);
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, ESPVIF_A_POLICY_SA);
		return -EINVAL;
	}
	config->selector = policy->selector;
	config->device = policy->device;
	config->direction = policy->direction;
	config->mode = policy->mode;
	err = get_sas(enet, info, config);
	if (err)
		return err;
	return espvif_spd_prepare_sas(policy, config->sas, config->sa_count);
}

static int prepare_set(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_change *change)
{
	struct espvif_policy_config *config;
	int err;

	change->policy = find_policy(enet, info);
	if (IS_ERR(change->policy))
		return PTR_ERR(change->policy);
	config = kzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	err = set(enet, info, change->policy, config);
	kfree(config);
	return err;
}

static void commit_set(struct espvif_change *change)
{
	espvif_spd_commit_sas(change->policy);
}

static void abort_set(struct espvif_change *change)
{
	espvif_spd_abort_sas(change->policy);
}

const struct espvif_change_kind espvif_change_policy_set = {
	.name = "policy-set",
	.attrs = espvif_policy_set_attrs,
	.maxattr = ARRAY_SIZE(espvif_policy_set_attrs) - 1,
	.name_attr = ESPVIF_A_POLICY_NAME,
	.stage = ESPVIF_STAGE_POLICIES,
	.prepare = prepare_set,
	.commit = commit_set,
	.abort = abort_set,
};

/**
 * espvif_netlink_policy_set() - carry out ESPVIF_CMD_POLICY_SET
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_policy_set(struct sk_buff *skb, struct genl_info *info)
{
	return espvif_netlink_change(info, &espvif_change_policy_set);
}

/*
 * Taking a policy from a device that is up would leave routes that lead nowhere. A
 * daemon looks after routes itself: tunnels of the same device come and go.
 */
static int check_unused(const struct espvif_policy *policy, const struct genl_info *info)
{
	struct nlattr *owner = info->attrs[ESPVIF_A_POLICY_OWNER];

	if (!policy->device || !netif_running(policy->device->dev) ||
	    (owner && nla_get_u8(owner) == ESPVIF_OWNER_DAEMON))
		return 0;
	espvif_refuse(info->extack, NULL,
		      "policy %s is in use by interface %s, which is up; first: ip link set %s down",
		      policy->name, policy->device->dev->name, policy->device->dev->name);
	return -EBUSY;
}

static int prepare_del(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_change *change)
{
	struct nlattr *owner = info->attrs[ESPVIF_A_POLICY_OWNER];
	struct espvif_policy *policy = find_policy(enet, info);
	int err;

	if (IS_ERR(policy))
		return PTR_ERR(policy);
	if (owner && nla_get_u8(owner) != policy->owner) {
		espvif_refuse(info->extack, owner, "policy %s belongs to %s", policy->name,
			      policy->owner == ESPVIF_OWNER_DAEMON ?
			      "a connection of the IKE daemon" : "the administrator");
		return -EBUSY;
	}
	err = check_unused(policy, info);
	if (err)
		return err;
	espvif_spd_prepare_remove(policy);
	change->policy = policy;
	return 0;
}

static void commit_del(struct espvif_change *change)
{
	struct espvif_policy *policy = change->policy;
	struct espvif_net *enet = policy->enet;

	espvif_spd_commit_remove(spd_of(enet, policy->device), policy);
	espvif_hooks_put(enet);
}

static void abort_del(struct espvif_change *change)
{
	espvif_spd_abort_remove(change->policy);
}

const struct espvif_change_kind espvif_change_policy_del = {
	.name = "policy-del",
	.attrs = espvif_policy_del_attrs,
	.maxattr = ARRAY_SIZE(espvif_policy_del_attrs) - 1,
	.name_attr = ESPVIF_A_POLICY_NAME,
	.stage = ESPVIF_STAGE_POLICIES_GO,
	.prepare = prepare_del,
	.commit = commit_del,
	.abort = abort_del,
};

/**
 * espvif_netlink_policy_del() - carry out ESPVIF_CMD_POLICY_DEL
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_policy_del(struct sk_buff *skb, struct genl_info *info)
{
	return espvif_netlink_change(info, &espvif_change_policy_del);
}

/**
 * espvif_netlink_policy_get() - carry out ESPVIF_CMD_POLICY_GET for one policy
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_policy_get(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct espvif_policy *policy;
	struct sk_buff *reply;
	int err;

	err = require_name(info);
	if (err)
		return err;
	rcu_read_lock();
	policy = lookup(enet, info->attrs[ESPVIF_A_POLICY_NAME],
			info->attrs[ESPVIF_A_POLICY_ID]);
	if (policy && !READ_ONCE(policy->pending))
		reply = make_reply(info, ESPVIF_CMD_POLICY_GET, policy);
	else
		reply = ERR_PTR(refuse_absent(info));
	rcu_read_unlock();
	return IS_ERR(reply) ? PTR_ERR(reply) : genlmsg_reply(reply, info);
}

/**
 * espvif_netlink_policy_dump() - carry out ESPVIF_CMD_POLICY_GET for all policies
 * @skb:	reply
 * @cb:		where the dump stands: the last number shown
 *
 * Return: bytes in @skb, 0 at the end.
 */
int espvif_netlink_policy_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct espvif_net *enet = espvif_net(sock_net(skb->sk));
	unsigned long id = cb->args[0];
	struct espvif_policy *policy;
	int err;

	err = espvif_netlink_check_dump(cb);
	if (err)
		return err;

	rcu_read_lock();
	xa_for_each_start(&enet->policies.by_id, id, policy, id + 1) {
		if (put_policy(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, NLM_F_MULTI,
			       ESPVIF_CMD_POLICY_GET, policy, NULL))
			break;
		cb->args[0] = id;
	}
	rcu_read_unlock();
	return skb->len;
}

static bool flushes(const struct genl_info *info, const struct espvif_device *device,
		    const struct espvif_policy *policy)
{
	const struct nlattr *owner = info->attrs[ESPVIF_A_POLICY_OWNER];

	return (!owner || nla_get_u8(owner) == policy->owner) &&
	       (!device || device == policy->device);
}

static int flush(struct espvif_net *enet, struct genl_info *info)
{
	struct espvif_device *device;
	struct espvif_policy *policy;
	unsigned long id;
	int err;

	lockdep_assert_held(&enet->lock);
	err = espvif_netlink_get_device(enet, info->attrs[ESPVIF_A_POLICY_IFNAME], &device,
					info->extack);
	if (err)
		return err;

	xa_for_each(&enet->policies.by_id, id, policy) {
		if (!flushes(info, device, policy))
			continue;
		err = check_unused(policy, info);
		if (err)
			return err;
	}
	xa_for_each(&enet->policies.by_id, id, policy) {
		if (flushes(info, device, policy))
			remove(enet, policy);
	}
	return 0;
}

/**
 * espvif_netlink_policy_flush() - carry out ESPVIF_CMD_POLICY_FLUSH
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_policy_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	int err;

	mutex_lock(&enet->lock);
	err = flush(enet, info);
	mutex_unlock(&enet->lock);
	return err;
}
