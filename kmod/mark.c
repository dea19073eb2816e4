// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mark on packets that came in protected: a secpath, as XFRM puts it on
 * its own, so that `nft meta secpath exists` tells them too. In it stands a
 * shadow state, one for the namespace, never inserted anywhere; it says transport
 * mode, with which XFRM's own inbound policies let the packet pass.
 */
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/xfrm.h>

#include "mark.h"
#include "net.h"

/* A secpath whose only reference is ours */
static struct skb_ext *make_mark(struct xfrm_state *shadow)
{
	struct skb_ext *mark = NULL;
	struct sk_buff *carrier;
	struct sec_path *path;

	carrier = alloc_skb(0, GFP_KERNEL);
	if (!carrier)
		return NULL;
	path = secpath_set(carrier);
	if (path) {
		xfrm_state_hold(shadow);
		path->xvec[path->len++] = shadow;
		path->verified_cnt = 1;
		mark = carrier->extensions;
		carrier->active_extensions = 0;
	}
	kfree_skb(carrier);
	return mark;
}

/**
 * espvif_mark_init() - make a namespace's marks
 * @enet:	namespace, locked; nothing is done if it has them
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_mark_init(struct espvif_net *enet)
{
	int cpu;

	lockdep_assert_held(&enet->lock);
	if (enet->shadow)
		return 0;

	enet->marks = alloc_percpu(struct skb_ext *);
	if (!enet->marks)
		return -ENOMEM;
	enet->shadow = xfrm_state_alloc(enet->net);
	if (!enet->shadow)
		goto uninit;
	/* it never lives in XFRM's tables, so it may go at any time */
	enet->shadow->km.state = XFRM_STATE_DEAD;
	enet->shadow->props.mode = XFRM_MODE_TRANSPORT;
	enet->shadow->id.proto = IPPROTO_ESP;

	for_each_possible_cpu(cpu) {
		struct skb_ext *mark = make_mark(enet->shadow);

		if (!mark)
			goto uninit;
		*per_cpu_ptr(enet->marks, cpu) = mark;
	}
	return 0;

uninit:
	espvif_mark_uninit(enet);
	return -ENOMEM;
}

/**
 * espvif_mark_uninit() - free a namespace's marks, if it has any
 * @enet:	namespace; no packet is marked any more
 *
 * Packets that wear a mark keep it.
 */
void espvif_mark_uninit(struct espvif_net *enet)
{
	int cpu;

	if (!enet->marks)
		return;
	for_each_possible_cpu(cpu) {
		struct skb_ext *mark = *per_cpu_ptr(enet->marks, cpu);

		if (mark)
			__skb_ext_put(mark);
	}
	free_percpu(enet->marks);
	enet->marks = NULL;
	if (enet->shadow)
		xfrm_state_put(enet->shadow);
	enet->shadow = NULL;
}

/**
 * espvif_mark_put_on() - mark a packet as one that came in protected
 * @enet:	namespace whose SA decrypted it
 * @skb:	the packet; other extensions are taken off
 *
 * Context: bottom halves disabled.
 */
void espvif_mark_put_on(struct espvif_net *enet, struct sk_buff *skb)
{
	struct skb_ext *mark = *this_cpu_ptr(enet->marks);

	skb_ext_reset(skb);
	refcount_inc(&mark->refcnt);
	skb->extensions = mark;
	skb->active_extensions = BIT(SKB_EXT_SEC_PATH);
	/* GRO has to give it back when it takes the head of the packet */
	skb->slow_gro = 1;
}

/**
 * espvif_mark_spare_xfrm() - spare a marked packet the look into XFRM's policies
 * @net:	namespace where it came in
 * @skb:	the packet, IPv4, not routed yet
 *
 * Where there are none it would pass, but only after it has been taken apart.
 */
void espvif_mark_spare_xfrm(const struct net *net, struct sk_buff *skb)
{
	if (!net->xfrm.policy_count[XFRM_POLICY_IN] &&
	    !net->xfrm.policy_count[XFRM_POLICY_FWD] &&
	    net->xfrm.policy_default[XFRM_POLICY_IN] == XFRM_USERPOLICY_ACCEPT &&
	    net->xfrm.policy_default[XFRM_POLICY_FWD] == XFRM_USERPOLICY_ACCEPT)
		IPCB(skb)->flags |= IPSKB_NOPOLICY;
}

/**
 * espvif_mark_seen() - does a packet wear the mark
 * @enet:	namespace
 * @skb:	the packet
 *
 * Return: whether an SA of this namespace decrypted it.
 */
bool espvif_mark_seen(const struct espvif_net *enet, const struct sk_buff *skb)
{
	const struct sec_path *path = skb_sec_path(skb);
	int i;

	for (i = 0; path && i < path->len; i++) {
		if (path->xvec[i] == enet->shadow)
			return true;
	}
	return false;
}
