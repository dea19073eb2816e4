// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that explains what becomes of a packet.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ip.h>

#include "device.h"
#include "explain.h"
#include "net.h"
#include "netlink.h"
#include "refusal.h"

static struct netlink_range_validation length_range = { .min = 1, .max = IP_MAX_MTU };

const struct nla_policy espvif_explain_attrs[ESPVIF_A_EXPLAIN_MAX + 1] = {
	[ESPVIF_A_EXPLAIN_DIRECTION] = NLA_POLICY_RANGE(NLA_U8, ESPVIF_DIRECTION_IN,
							ESPVIF_DIRECTION_OUT),
	[ESPVIF_A_EXPLAIN_SRC] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_EXPLAIN_DST] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_EXPLAIN_PROTOCOL] = { .type = NLA_U8 },
	[ESPVIF_A_EXPLAIN_SPORT] = { .type = NLA_U16 },
	[ESPVIF_A_EXPLAIN_DPORT] = { .type = NLA_U16 },
	[ESPVIF_A_EXPLAIN_LENGTH] = NLA_POLICY_FULL_RANGE(NLA_U32, &length_range),
	[ESPVIF_A_EXPLAIN_MAY_FRAGMENT] = { .type = NLA_FLAG },
	[ESPVIF_A_EXPLAIN_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[ESPVIF_A_EXPLAIN_SA] = { .type = NLA_NUL_STRING, .len = ESPVIF_NAME_MAX },
	[ESPVIF_A_EXPLAIN_CPU] = { .type = NLA_U32 },
};

static void get_protocol(struct genl_info *info, struct espvif_flow *flow)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_EXPLAIN_PROTOCOL];
	u8 echo = flow->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	flow->protocol = attr ? nla_get_u8(attr) : echo;
	if (flow->protocol == echo)
		flow->icmp_type = echo == IPPROTO_ICMP ? ICMP_ECHO : ICMPV6_ECHO_REQUEST;
}

static int get_ports(struct genl_info *info, struct espvif_flow *flow)
{
	struct nlattr *sport = info->attrs[ESPVIF_A_EXPLAIN_SPORT];
	struct nlattr *dport = info->attrs[ESPVIF_A_EXPLAIN_DPORT];

	if ((sport || dport) && !espvif_protocol_has_ports(flow->protocol)) {
		espvif_refuse(info->extack, sport ?: dport,
			      "ports need a protocol that has some: tcp, udp, udplite, sctp or dccp");
		return -EINVAL;
	}
	flow->sport = sport ? nla_get_u16(sport) : 0;
	flow->dport = dport ? nla_get_u16(dport) : 0;
	return 0;
}

static int get_flow(struct genl_info *info, struct espvif_flow *flow)
{
	u32 family = AF_UNSPEC;
	int err;

	err = espvif_netlink_require(info, ESPVIF_A_EXPLAIN_SRC, "the packet's source");
	if (!err)
		err = espvif_netlink_require(info, ESPVIF_A_EXPLAIN_DST,
					     "the packet's destination");
	if (!err)
		err = espvif_netlink_get_addr(info->attrs[ESPVIF_A_EXPLAIN_SRC], &flow->src,
					      &family, info->extack);
	if (!err)
		err = espvif_netlink_get_addr(info->attrs[ESPVIF_A_EXPLAIN_DST], &flow->dst,
					      &family, info->extack);
	if (!err)
		err = espvif_netlink_check_family(family, info->attrs[ESPVIF_A_EXPLAIN_DST],
						  info->extack);
	if (err)
		return err;
	flow->family = family;
	get_protocol(info, flow);
	return get_ports(info, flow);
}

static int get_length(struct genl_info *info, struct espvif_question *question)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_EXPLAIN_LENGTH];
	unsigned int least = espvif_explain_headers(&question->flow);

	if (!attr)
		return 0;
	question->len = nla_get_u32(attr);
	if (question->len >= least)
		return 0;
	espvif_refuse(info->extack, attr, "such a packet has at least %u bytes of headers, not %u",
		      least, question->len);
	return -EINVAL;
}

/* Who asks on a CPU is answered for it, as somebody would be who sends there */
static int get_sender(struct genl_info *info, struct espvif_question *question)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_EXPLAIN_CPU];

	if (attr && question->direction == ESPVIF_DIRECTION_IN) {
		espvif_refuse(info->extack, attr,
			      "what comes in is decided on by any CPU alike; leave it out");
		return -EINVAL;
	}
	question->cpu = raw_smp_processor_id();
	return attr ? espvif_netlink_get_cpu(attr, &question->cpu, info->extack) : 0;
}

static int get_question(struct genl_info *info, struct espvif_question *question)
{
	int err;

	err = espvif_netlink_require(info, ESPVIF_A_EXPLAIN_DIRECTION,
				     "the packet's direction");
	if (err)
		return err;
	question->direction = nla_get_u8(info->attrs[ESPVIF_A_EXPLAIN_DIRECTION]);
	question->may_fragment = info->attrs[ESPVIF_A_EXPLAIN_MAY_FRAGMENT];
	err = get_sender(info, question);
	if (!err)
		err = get_flow(info, &question->flow);
	return err ?: get_length(info, question);
}

/* The SA that a packet comes in by */
static int get_sa(struct espvif_net *enet, struct genl_info *info,
		  struct espvif_question *question)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_EXPLAIN_SA];
	struct espvif_sa *sa;

	if (!attr)
		return 0;
	if (question->direction == ESPVIF_DIRECTION_OUT) {
		espvif_refuse(info->extack, attr,
			      "policies choose the SA of an outbound packet; leave it out");
		return -EINVAL;
	}
	sa = espvif_sad_lookup_name(enet, nla_data(attr));
	if (!sa || espvif_sa_pending(sa)) {
		espvif_refuse(info->extack, attr, "there is no SA named %s",
			      (char *)nla_data(attr));
		return -ENOENT;
	}
	if (sa->direction != ESPVIF_DIRECTION_IN) {
		espvif_refuse(info->extack, attr, "SA %s is outbound, nothing comes in by it",
			      sa->name);
		return -EINVAL;
	}
	if (sa->mode == ESPVIF_MODE_TRANSPORT &&
	    (sa->key.family != question->flow.family ||
	     !espvif_addr_equal(&sa->key.daddr, &question->flow.dst, sa->key.family))) {
		espvif_refuse(info->extack, attr,
			      "SA %s is in transport mode: only packets to its own destination come by it",
			      sa->name);
		return -EINVAL;
	}
	question->sa = sa;
	return 0;
}

/* A link of the kind espvif was found elsewhere than among ours, or out of place */
static int refuse_device(const struct espvif_question *question, const struct net_device *dev,
			 const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	if (question->direction == ESPVIF_DIRECTION_OUT)
		espvif_refuse(extack, attr,
			      "interface %s was made in another network namespace; its SAs and policies are kept there: ask there",
			      dev->name);
	else
		espvif_refuse(extack, attr,
			      "interface %s delivers only what its SAs decrypt; name the SA",
			      dev->name);
	return -EINVAL;
}

static int get_link(struct espvif_net *enet, struct genl_info *info,
		    struct espvif_question *question)
{
	struct nlattr *attr = info->attrs[ESPVIF_A_EXPLAIN_IFNAME];
	char name[IFNAMSIZ];

	if (!attr)
		return 0;
	if (question->sa) {
		espvif_refuse(info->extack, attr,
			      "the SA decides which interface a packet comes out of; leave one of them out");
		return -EINVAL;
	}
	nla_strscpy(name, attr, sizeof(name));
	if (question->direction == ESPVIF_DIRECTION_OUT)
		question->device = espvif_device_find(enet, name);
	if (question->device)
		return 0;
	question->link = dev_get_by_name_rcu(enet->net, name);
	if (!question->link) {
		espvif_refuse(info->extack, attr, "there is no interface %s", name);
		return -ENODEV;
	}
	return espvif_device_is(question->link) ?
	       refuse_device(question, question->link, attr, info->extack) : 0;
}

/* Which CPU the answer holds for, if it is not the same for all */
static int put_sender(struct sk_buff *skb, const struct espvif_question *question,
		      const struct espvif_answer *answer)
{
	if (question->direction == ESPVIF_DIRECTION_IN || !answer->policy ||
	    !espvif_policy_tells_cpus(answer->policy))
		return 0;
	return nla_put_u32(skb, ESPVIF_A_EXPLAIN_CPU, question->cpu);
}

static int put_decision(struct sk_buff *skb, const struct espvif_answer *answer)
{
	if (nla_put_u8(skb, ESPVIF_A_EXPLAIN_VERDICT, answer->verdict) ||
	    (answer->reason != ESPVIF_COUNTERS &&
	     nla_put_string(skb, ESPVIF_A_EXPLAIN_COUNTER,
			    espvif_counter_name(answer->reason))) ||
	    (answer->exempt && nla_put_flag(skb, ESPVIF_A_EXPLAIN_EXEMPT)) ||
	    (answer->loopback && nla_put_flag(skb, ESPVIF_A_EXPLAIN_LOOPBACK)))
		return -EMSGSIZE;
	if (answer->policy &&
	    (nla_put_string(skb, ESPVIF_A_EXPLAIN_POLICY, answer->policy->name) ||
	     nla_put_u8(skb, ESPVIF_A_EXPLAIN_ACTION, answer->policy->action)))
		return -EMSGSIZE;
	if (answer->sa &&
	    (nla_put_string(skb, ESPVIF_A_EXPLAIN_SA, answer->sa->name) ||
	     nla_put_u8(skb, ESPVIF_A_EXPLAIN_SA_STATE,
			espvif_sa_usable(answer->sa) ? ESPVIF_SA_STATE_VALID :
						       ESPVIF_SA_STATE_EXPIRED)))
		return -EMSGSIZE;
	if (answer->device &&
	    nla_put_string(skb, ESPVIF_A_EXPLAIN_IFNAME, answer->device->dev->name))
		return -EMSGSIZE;
	return 0;
}

static int put_way(struct sk_buff *skb, const struct espvif_answer *answer)
{
	if ((*answer->link && nla_put_string(skb, ESPVIF_A_EXPLAIN_LINK, answer->link)) ||
	    (answer->family &&
	     espvif_netlink_put_addr(skb, ESPVIF_A_EXPLAIN_GATEWAY, &answer->gateway,
				     answer->family)) ||
	    (answer->path_mtu &&
	     nla_put_u32(skb, ESPVIF_A_EXPLAIN_PATH_MTU, answer->path_mtu)) ||
	    (answer->inner_mtu &&
	     nla_put_u32(skb, ESPVIF_A_EXPLAIN_INNER_MTU, answer->inner_mtu)) ||
	    (answer->outer_len &&
	     nla_put_u32(skb, ESPVIF_A_EXPLAIN_OUTER_LENGTH, answer->outer_len)) ||
	    (answer->fragmented && nla_put_flag(skb, ESPVIF_A_EXPLAIN_FRAGMENTED)))
		return -EMSGSIZE;
	return 0;
}

/* Resolve names, ask, write the answer; what it points to stays meanwhile */
static int answer(struct espvif_net *enet, struct genl_info *info,
		  struct espvif_question *question, struct sk_buff *probe,
		  struct sk_buff *reply)
{
	struct espvif_answer answer;
	int err;

	err = get_sa(enet, info, question);
	if (!err)
		err = get_link(enet, info, question);
	if (err)
		return err;
	espvif_explain(enet, question, probe, &answer);
	if (answer.device && answer.device->enet != enet)
		return refuse_device(question, answer.device->dev, NULL, info->extack);
	return put_decision(reply, &answer) ?: put_sender(reply, question, &answer) ?:
	       put_way(reply, &answer);
}

/**
 * espvif_netlink_explain() - carry out ESPVIF_CMD_EXPLAIN
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_explain(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct espvif_question question = {};
	struct sk_buff *probe, *reply;
	void *header;
	int err;

	err = get_question(info, &question);
	if (err)
		return err;
	probe = espvif_explain_probe(&question);
	reply = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!probe || !reply) {
		err = -ENOMEM;
		goto free;
	}
	header = genlmsg_put_reply(reply, info, &espvif_genl_family, 0, ESPVIF_CMD_EXPLAIN);
	if (!header) {
		err = -EMSGSIZE;
		goto free;
	}

	mutex_lock(&enet->lock);
	rcu_read_lock();
	err = answer(enet, info, &question, probe, reply);
	rcu_read_unlock();
	mutex_unlock(&enet->lock);
	if (err)
		goto free;
	kfree_skb(probe);
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);

free:
	kfree_skb(probe);
	nlmsg_free(reply);
	return err;
}
