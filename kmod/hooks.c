// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host policies, enforced on every packet of a namespace by netfilter hooks. They
 * are there only while there are host policies.
 *
 * Out: at POST_ROUTING behind source NAT, where packets of this host and
 * forwarded ones pass whole, with the addresses that they leave with. In: at
 * PRE_ROUTING before destination NAT, with the addresses that they came with, and
 * put together from fragments: a clear packet that a policy wants protected ends
 * here, whether it is for this host or to be forwarded. What our own SAs have
 * decrypted was checked then (RFC 4301 5.2) and wears a mark.
 */
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/addrconf.h>
#include <net/inet_sock.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "acquire.h"
#include "compat/nf_queue.h"
#include "demux.h"
#include "device.h"
#include "drop.h"
#include "hooks.h"
#include "mark.h"
#include "net.h"
#include "output.h"
#include "quote.h"
#include "receiver.h"

/* Behind source NAT; what still follows is run by run_rest() */
#define PRIORITY_OUT	(NF_IP_PRI_NAT_SRC + 1)
/* Behind reassembly; before everything that may change addresses */
#define PRIORITY_IN	(NF_IP_PRI_CONNTRACK_DEFRAG + 1)

/*
 * Without neighbour discovery (RFC 4861) and multicast listener discovery (RFC
 * 3810) a host has no link left to send anything by: no policy catches them.
 */
static bool keeps_link_alive(const struct espvif_flow *flow)
{
	if (flow->family != AF_INET6 || flow->protocol != IPPROTO_ICMPV6)
		return false;

	switch (flow->icmp_type) {
	case ICMPV6_MGM_QUERY:
	case ICMPV6_MGM_REPORT:
	case ICMPV6_MGM_REDUCTION:
	case ICMPV6_MLD2_REPORT:
		return true;
	default:
		return flow->icmp_type >= NDISC_ROUTER_SOLICITATION &&
		       flow->icmp_type <= NDISC_REDIRECT;
	}
}

/*
 * An IKE daemon's own sockets must speak in the clear. Daemons for XFRM tell the
 * kernel so by a bypass policy on the socket (IP_XFRM_POLICY, IPV6_XFRM_POLICY),
 * which takes CAP_NET_ADMIN: that is good for us too.
 */
static bool socket_bypasses(const struct sock *sk, int direction)
{
	const struct xfrm_policy *policy;

	if (!sk || !sk_fullsock(sk))
		return false;
	policy = rcu_dereference(sk->sk_policy[direction]);
	return policy && policy->action == XFRM_POLICY_ALLOW && !policy->xfrm_nr;
}

/* Anycast addresses, and those that only a local route makes this host's */
static bool is_routed_here6(const struct sk_buff *skb, const struct espvif_flow *flow)
{
	struct flowi6 fl6 = {
		.flowi6_iif = skb->dev->ifindex,
		.saddr = flow->src.ip6,
		.daddr = flow->dst.ip6,
	};
	struct dst_entry *dst;
	bool here;

	dst = ip6_route_input_lookup(dev_net(skb->dev), skb->dev, &fl6, NULL,
				     RT6_LOOKUP_F_HAS_SADDR);
	here = !dst->error &&
	       container_of(dst, struct rt6_info, dst)->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST);
	dst_release(dst);
	return here;
}

static bool is_for_us(const struct sk_buff *skb, const struct espvif_flow *flow)
{
	struct net *net = dev_net(skb->dev);

	if (flow->family == AF_INET)
		return inet_addr_type_dev_table(net, skb->dev, flow->dst.ip) == RTN_LOCAL;
	return ipv6_chk_addr(net, &flow->dst.ip6, skb->dev, 0) ||
	       ipv6_chk_addr(net, &flow->dst.ip6, NULL, 0) || is_routed_here6(skb, flow);
}

/* The same for a packet that comes in; rare enough for a look-up of its own */
static bool receiver_bypasses(const struct sk_buff *skb, const struct espvif_flow *flow)
{
	const struct sock *sk;

	/* a socket bound to no address would be found for what is forwarded, too */
	if (flow->protocol != IPPROTO_UDP || flow->ports_hidden || !is_for_us(skb, flow))
		return false;
	if (flow->family == AF_INET)
		sk = espvif_receiver4(skb->dev, inet_sdif(skb), flow->src.ip,
				      htons(flow->sport), flow->dst.ip, htons(flow->dport));
	else
		sk = espvif_receiver6(skb->dev, inet6_sdif(skb), &flow->src.ip6,
				      htons(flow->sport), &flow->dst.ip6,
				      htons(flow->dport));
	return socket_bypasses(sk, XFRM_POLICY_IN);
}

static bool has_header6(const struct sk_buff *skb, u8 header, int flags)
{
	unsigned int offset = skb_network_offset(skb);

	return ipv6_find_hdr(skb, &offset, header, NULL, &flags) == header;
}

/*
 * AH of IPv6 is an extension header: what is behind it counts for policies. Where a
 * routing header before it leads on it isn't verified here.
 */
static bool has_ah6(const struct sk_buff *skb, const struct espvif_flow *flow)
{
	return flow->family == AF_INET6 && has_header6(skb, NEXTHDR_AUTH, 0) &&
	       !has_header6(skb, NEXTHDR_ROUTING, IP6_FH_F_SKIP_RH);
}

/* ESP for this host isn't decided on by a policy but by its SA, ours or XFRM's */
static bool is_local_esp(const struct sk_buff *skb, const struct espvif_flow *flow)
{
	return (flow->protocol == IPPROTO_ESP || flow->protocol == IPPROTO_AH ||
		has_ah6(skb, flow)) && is_for_us(skb, flow);
}

/* The verdict for a packet that goes no further; netfilter leaves it to us */
static unsigned int discard(struct espvif_net *enet, struct sk_buff *skb,
			    enum espvif_counter reason)
{
	espvif_drop_note(enet, NULL, NULL, skb->len, reason);
	return NF_DROP_REASON(skb, espvif_counter_skb_reason(reason), EPERM);
}

/**
 * espvif_hooks_decide_in() - decide on a packet that came in unprotected
 * @enet:	namespace
 * @skb:	the packet; its device is the one that it came by
 * @flow:	what it shows
 * @loopback:	that is the loopback device
 * @decision:	filled in
 *
 * Context: RCU read side.
 */
void espvif_hooks_decide_in(struct espvif_net *enet, const struct sk_buff *skb,
			    const struct espvif_flow *flow, bool loopback,
			    struct espvif_decision *decision)
{
	struct espvif_policy *policy;

	policy = espvif_spd_lookup(enet, &enet->spd, ESPVIF_DIRECTION_IN, flow, loopback);
	*decision = (struct espvif_decision) { .policy = policy, .reason = ESPVIF_COUNTERS };
	if (!policy || policy->action == ESPVIF_ACTION_NONE)
		return;
	if (keeps_link_alive(flow) || is_local_esp(skb, flow) ||
	    receiver_bypasses(skb, flow)) {
		decision->policy = NULL;
		decision->exempt = true;
		return;
	}
	decision->reason = policy->action == ESPVIF_ACTION_DISCARD ? ESPVIF_IN_CLEAR_DISCARD :
								     ESPVIF_IN_UNPROTECTED;
}

/* The same without asking: most packets here are ESP like the one before */
static bool is_known_esp(struct espvif_net *enet, const struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return state->pf == NFPROTO_IPV4 && ip_hdr(skb)->protocol == IPPROTO_ESP &&
	       espvif_demux_knows(enet, skb, state->in);
}

static unsigned int check_in(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct espvif_net *enet = espvif_net(state->net);
	struct espvif_decision decision;
	struct espvif_flow flow;

	if (espvif_mark_seen(enet, skb) || espvif_device_is(state->in) ||
	    is_known_esp(enet, skb, state))
		return NF_ACCEPT;
	if (!espvif_flow_dissect(skb, skb_network_offset(skb), &flow))
		return discard(enet, skb, ESPVIF_IN_MALFORMED);

	espvif_hooks_decide_in(enet, skb, &flow, state->in->flags & IFF_LOOPBACK, &decision);
	if (decision.policy)
		espvif_policy_count(decision.policy, 1, skb->len);
	return decision.reason == ESPVIF_COUNTERS ? NF_ACCEPT :
						    discard(enet, skb, decision.reason);
}

/**
 * espvif_hooks_decide_out() - decide on a packet that leaves, but not by a device of ours
 * @enet:	namespace
 * @flow:	what it shows
 * @loopback:	it goes by the loopback device
 * @cpu:	the CPU that sends it
 * @decision:	filled in
 *
 * Sockets with a bypass policy are not asked about at all.
 *
 * Context: RCU read side.
 */
void espvif_hooks_decide_out(struct espvif_net *enet, const struct espvif_flow *flow,
			     bool loopback, u32 cpu, struct espvif_decision *decision)
{
	if (keeps_link_alive(flow))
		*decision = (struct espvif_decision) { .reason = ESPVIF_COUNTERS,
						       .exempt = true };
	else
		espvif_spd_decide_out(enet, &enet->spd, flow, loopback, cpu, decision);
}

/* Protect as the policy says, wait for an SA, or drop */
static void protect(struct espvif_net *enet, const struct espvif_decision *decision,
		    const struct espvif_flow *flow, struct sk_buff *skb)
{
	if (decision->reason != ESPVIF_COUNTERS) {
		espvif_drop(enet, NULL, NULL, skb, decision->reason);
		return;
	}
	local_bh_disable();
	if (unlikely(decision->hold))
		espvif_acquire_hold(decision, flow, skb, NULL);
	else
		espvif_output(decision, flow, skb, NULL);
	local_bh_enable();
}

/*
 * A hook behind us had the packet queued to user space, and it came back: the
 * policy may be another by now, but it never goes in the clear.
 */
static int protect_late(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct espvif_decision decision = { .reason = ESPVIF_OUT_MALFORMED };
	struct espvif_net *enet = espvif_net(net);
	struct espvif_flow flow;

	rcu_read_lock();
	if (espvif_flow_dissect(skb, 0, &flow))
		espvif_hooks_decide_out(enet, &flow, skb->dev->flags & IFF_LOOPBACK,
					raw_smp_processor_id(), &decision);
	if (espvif_decision_is_clear(&decision))
		decision.reason = ESPVIF_OUT_NO_POLICY;
	protect(enet, &decision, &flow, skb);
	rcu_read_unlock();
	return 0;
}

static unsigned int check_out(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);

/*
 * The packet leaves this way through the hooks now. Those behind us – connection
 * tracking confirms a connection there – have to see it before it is encrypted.
 * Returns whether it is still ours.
 */
static bool run_rest(struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct nf_hook_state rest = *state;
	const struct nf_hook_entries *hooks;
	unsigned int i;

	hooks = state->pf == NFPROTO_IPV4 ?
		rcu_dereference(state->net->nf.hooks_ipv4[NF_INET_POST_ROUTING]) :
		rcu_dereference(state->net->nf.hooks_ipv6[NF_INET_POST_ROUTING]);
	for (i = 0; hooks && i < hooks->num_hook_entries; i++) {
		if (hooks->hooks[i].hook == check_out)
			break;
	}
	rest.okfn = protect_late;
	return !hooks || i + 1 >= hooks->num_hook_entries ||
	       nf_hook_slow(skb, &rest, hooks, i + 1) == 1;
}

static unsigned int check_out(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct espvif_net *enet = espvif_net(state->net);
	struct espvif_decision decision;
	struct espvif_flow flow;
	bool loopback;

	/* our own ESP; and what is for a device has the device's policies */
	if (state->sk == enet->sock || espvif_device_is(state->out) ||
	    socket_bypasses(state->sk, XFRM_POLICY_OUT))
		return NF_ACCEPT;
	if (!espvif_flow_dissect(skb, skb_network_offset(skb), &flow))
		return discard(enet, skb, ESPVIF_OUT_MALFORMED);

	loopback = state->out->flags & IFF_LOOPBACK;
	if (unlikely(loopback) && espvif_quotes_our_esp(enet, skb, &flow))
		return NF_ACCEPT;

	espvif_hooks_decide_out(enet, &flow, loopback, raw_smp_processor_id(), &decision);
	if (decision.policy)
		espvif_policy_count(decision.policy, max_t(u16, skb_shinfo(skb)->gso_segs, 1),
				    skb->len);
	if (espvif_decision_is_clear(&decision))
		return NF_ACCEPT;
	if (decision.reason == ESPVIF_OUT_POLICY_DISCARD)
		return discard(enet, skb, decision.reason);

	/* XFRM runs this hook before it transforms a packet, which has no device then */
	skb->dev = state->out;
	if (run_rest(skb, state))
		protect(enet, &decision, &flow, skb);
	return NF_STOLEN;
}

static const struct nf_hook_ops hook_ops[] = {
	{ .hook = check_in, .pf = NFPROTO_IPV4, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = PRIORITY_IN },
	{ .hook = check_in, .pf = NFPROTO_IPV6, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = PRIORITY_IN },
	{ .hook = check_out, .pf = NFPROTO_IPV4, .hooknum = NF_INET_POST_ROUTING,
	  .priority = PRIORITY_OUT },
	{ .hook = check_out, .pf = NFPROTO_IPV6, .hooknum = NF_INET_POST_ROUTING,
	  .priority = PRIORITY_OUT },
};

/**
 * espvif_hooks_get() - have host policies enforced
 * @enet:	namespace, locked, about to get a host policy
 *
 * Context: process, may sleep.
 * Return: 0 or an error.
 */
int espvif_hooks_get(struct espvif_net *enet)
{
	int err;

	lockdep_assert_held(&enet->lock);
	if (enet->hooked)
		return 0;

	/* a selector with ports says nothing of fragments */
	err = nf_defrag_ipv4_enable(enet->net);
	if (err)
		return err;
	err = nf_defrag_ipv6_enable(enet->net);
	if (err)
		goto disable_ipv4;
	err = nf_register_net_hooks(enet->net, hook_ops, ARRAY_SIZE(hook_ops));
	if (err)
		goto disable_ipv6;
	enet->hooked = true;
	enet->was_hooked = true;
	return 0;

disable_ipv6:
	nf_defrag_ipv6_disable(enet->net);
disable_ipv4:
	nf_defrag_ipv4_disable(enet->net);
	return err;
}

/**
 * espvif_hooks_put() - take the hooks away if there is no host policy any more
 * @enet:	namespace, locked
 */
void espvif_hooks_put(struct espvif_net *enet)
{
	lockdep_assert_held(&enet->lock);
	if (!enet->hooked || enet->spd.count)
		return;
	nf_unregister_net_hooks(enet->net, hook_ops, ARRAY_SIZE(hook_ops));
	nf_defrag_ipv6_disable(enet->net);
	nf_defrag_ipv4_disable(enet->net);
	enet->hooked = false;
}

/**
 * espvif_hooks_uninit() - see that no packet is in the hooks, nor will come back to them
 * @enet:	namespace that ends, without policies
 *
 * A hook behind ours may have given packets to a program, which lets them go on through
 * protect_late() whenever it likes; another one may be about to.
 *
 * Context: process, may sleep.
 */
void espvif_hooks_uninit(struct espvif_net *enet)
{
	if (!enet->was_hooked)
		return;
	synchronize_net();
	nf_queue_nf_hook_drop(enet->net);
	synchronize_net();
}
