// SPDX-License-Identifier: GPL-2.0-only
/*
 * Crypto by network cards. Their drivers know XFRM's states only, so an SA that a
 * device takes has a shadow: a state that never is in XFRM's tables, with the
 * SA's key, and with callbacks by which its packets come back here at the last
 * moment before the driver. Until then nothing is decided: a packet that meets
 * another device, or one that has lost the SA, is encrypted in software there. This
 * file has the SAs and the devices, offload_packet.c the packets.
 */
#include <crypto/aead.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/pfkeyv2.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <net/bonding.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "compat/xfrmdev.h"
#include "events.h"
#include "net.h"
#include "offload.h"
#include "offload_shadow.h"
#include "refusal.h"

/* Of calls to drivers, @attached, espvif_sa.offload.active. Inside a namespace's lock */
static DEFINE_MUTEX(lock);
static LIST_HEAD(attached);
/* Of espvif_sa.offload.shadows */
static DEFINE_SPINLOCK(shadows_lock);
static struct workqueue_struct *workqueue;
/* Shadows that packets or drivers may still have */
static atomic_t shadows;

/**
 * espvif_offload_look_again() - look for a device that suits an SA better
 * @sa:		the SA
 * @ifindex:	of the device that its packets pass
 *
 * Cheap if that has been done.
 *
 * Context: RCU read side.
 */
void espvif_offload_look_again(struct espvif_sa *sa, int ifindex)
{
	if (READ_ONCE(sa->offload.tried) == ifindex)
		return;
	WRITE_ONCE(sa->offload.tried, ifindex);
	if (!espvif_sa_tryget(sa))
		return;
	if (!queue_work(workqueue, &sa->offload.work))
		espvif_sa_put(sa);
}

/* ----- shadows ------------------------------------------------------------- */

static void destroy_shadow(struct xfrm_state *state)
{
	struct espvif_shadow *shadow = espvif_shadow_of(state);

	spin_lock(&shadows_lock);
	list_del(&shadow->sibling);
	spin_unlock(&shadows_lock);
	if (!IS_ERR_OR_NULL(state->data))
		crypto_free_aead(state->data);
	kfree(shadow);
	if (atomic_dec_and_test(&shadows))
		wake_up_var(&shadows);
}

/* No owner: espvif_offload_drain() waits for them instead */
static const struct xfrm_type shadow_type = {
	.proto = IPPROTO_ESP,
	.destructor = destroy_shadow,
};

static struct xfrm_algo_aead *describe_algorithm(const struct espvif_sa *sa)
{
	const struct espvif_sa_offload *config = &sa->offload;
	struct xfrm_algo_aead *aead = kzalloc(sizeof(*aead) + config->key_len, GFP_KERNEL);

	if (!aead)
		return NULL;
	strscpy(aead->alg_name, "rfc4106(gcm(aes))", sizeof(aead->alg_name));
	aead->alg_key_len = config->key_len * 8;
	aead->alg_icv_len = sa->transform.shape.icv_len * 8;
	memcpy(aead->alg_key, config->key, config->key_len);
	return aead;
}

/* As XFRM has it: drivers look into the part of the algorithm that makes IVs */
static struct crypto_aead *make_aead(const struct xfrm_algo_aead *algo)
{
	struct crypto_aead *aead = crypto_alloc_aead("seqiv(rfc4106(gcm(aes)))", 0, 0);
	int err;

	if (IS_ERR(aead))
		return aead;
	err = crypto_aead_setkey(aead, algo->alg_key, algo->alg_key_len / 8);
	if (!err)
		err = crypto_aead_setauthsize(aead, algo->alg_icv_len / 8);
	if (!err)
		return aead;
	crypto_free_aead(aead);
	return ERR_PTR(err);
}

/* Where numbers are, as drivers of cards read it that complete them */
static struct xfrm_replay_state_esn *describe_numbers(struct espvif_sa *sa)
{
	u32 window = sa->replay ? sa->replay->window : 0;
	u32 words = DIV_ROUND_UP(window, 32);
	struct xfrm_replay_state_esn *esn;
	u64 number;

	esn = kzalloc(struct_size(esn, bmp, words), GFP_KERNEL);
	if (!esn)
		return NULL;
	esn->bmp_len = words;
	esn->replay_window = window;
	if (sa->direction == ESPVIF_DIRECTION_IN) {
		number = READ_ONCE(sa->replay->highest);
		esn->seq = lower_32_bits(number);
		esn->seq_hi = upper_32_bits(number);
	} else {
		number = atomic64_read(&sa->seq);
		esn->oseq = lower_32_bits(number);
		esn->oseq_hi = upper_32_bits(number);
	}
	return esn;
}

static bool describe_crypto(struct xfrm_state *state, struct espvif_sa *sa)
{
	state->aead = describe_algorithm(sa);
	if (!state->aead)
		return false;
	state->geniv = "seqiv";
	state->data = make_aead(state->aead);
	if (IS_ERR(state->data))
		return false;
	if (!sa->transform.esn)
		return true;
	state->props.flags |= XFRM_STATE_ESN;
	state->replay_esn = describe_numbers(sa);
	return state->replay_esn;
}

/* How the kernel finds its way in packets that it has to segment after all */
static void describe_modes(struct xfrm_state *state)
{
	state->outer_mode.encap = state->props.mode;
	state->outer_mode.family = state->props.family;
	if (state->props.mode == XFRM_MODE_TUNNEL)
		state->outer_mode.flags = XFRM_MODE_FLAG_TUNNEL;
	state->inner_mode = state->outer_mode;
	state->inner_mode_iaf = state->outer_mode;
	state->inner_mode_iaf.family = state->props.family == AF_INET ? AF_INET6 : AF_INET;
}

static void copy_addr(xfrm_address_t *to, const union espvif_addr *from)
{
	BUILD_BUG_ON(sizeof(*to) != sizeof(*from));
	memcpy(to, from, sizeof(*to));
}

static void describe_sa(struct xfrm_state *state, const struct espvif_sa *sa)
{
	bool tunnel = sa->mode == ESPVIF_MODE_TUNNEL;
	bool in = sa->direction == ESPVIF_DIRECTION_IN;

	state->id.proto = IPPROTO_ESP;
	state->id.spi = sa->key.spi;
	copy_addr(&state->id.daddr, &sa->key.daddr);
	copy_addr(&state->props.saddr, &sa->saddr);
	state->props.family = sa->key.family;
	state->props.mode = tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
	state->props.ealgo = SADB_X_EALG_AES_GCM_ICV16;
	state->props.header_len = sizeof(struct espvif_esp_hdr) + sa->transform.shape.iv_len;
	if (tunnel)
		state->props.header_len += sa->key.family == AF_INET ? sizeof(struct iphdr) :
								       sizeof(struct ipv6hdr);
	state->sel.family = sa->key.family;
	if (!in)
		describe_modes(state);
	/* XFRM looks at it where it gets hold of packets before we do */
	state->km.state = XFRM_STATE_VALID;
	espvif_xfrm_set_dir(state, in);
	state->xso.dir = in ? XFRM_DEV_OFFLOAD_IN : XFRM_DEV_OFFLOAD_OUT;
	state->xso.type = XFRM_DEV_OFFLOAD_CRYPTO;
}

static struct espvif_shadow *create(struct espvif_sa *sa)
{
	struct espvif_shadow *shadow = kzalloc(sizeof(*shadow), GFP_KERNEL);
	struct xfrm_state *state;

	if (!shadow)
		return NULL;
	state = xfrm_state_alloc(sa->enet->net);
	if (!state) {
		kfree(shadow);
		return NULL;
	}
	shadow->owner = sa;
	shadow->sa = sa;
	spin_lock(&shadows_lock);
	list_add(&shadow->sibling, &sa->offload.shadows);
	spin_unlock(&shadows_lock);
	shadow->state = state;
	espvif_offload_set_callbacks(&shadow->callbacks);
	state->type_offload = &shadow->callbacks;
	state->type = &shadow_type;
	atomic_inc(&shadows);
	if (!describe_crypto(state, sa)) {
		if (state->aead)
			memzero_explicit(state->aead->alg_key, state->aead->alg_key_len / 8);
		state->km.state = XFRM_STATE_DEAD;
		xfrm_state_put(state);
		return NULL;
	}
	describe_sa(state, sa);
	return shadow;
}

static void hold_devices(struct espvif_shadow *shadow, struct net_device *nic,
			 struct net_device *via)
{
	struct xfrm_dev_offload *xso = &shadow->state->xso;

	shadow->nic = nic;
	shadow->via = via;
	netdev_hold(nic, &xso->dev_tracker, GFP_KERNEL);
	netdev_hold(via, &shadow->via_tracker, GFP_KERNEL);
	xso->dev = nic;
	xso->real_dev = nic;
}

/* No driver and no packet needs the shadow but those that wear it */
static void let_go(struct espvif_shadow *shadow)
{
	struct xfrm_state *state = shadow->state;

	state->xso.dev = NULL;
	state->xso.type = XFRM_DEV_OFFLOAD_UNSPECIFIED;
	state->km.state = XFRM_STATE_DEAD;
	memzero_explicit(state->aead->alg_key, state->aead->alg_key_len / 8);
	netdev_put(shadow->nic, &state->xso.dev_tracker);
	netdev_put(shadow->via, &shadow->via_tracker);
	xfrm_state_put(state);
}

static void let_go_rcu(struct rcu_head *rcu)
{
	let_go(container_of(rcu, struct espvif_shadow, rcu));
}

/* ----- devices ------------------------------------------------------------- */

static bool can_encrypt(const struct net_device *dev)
{
	return dev->reg_state == NETREG_REGISTERED && dev->flags & IFF_UP &&
	       dev->features & NETIF_F_HW_ESP && dev->xfrmdev_ops &&
	       dev->xfrmdev_ops->xdo_dev_state_add;
}

/*
 * The card behind the device to which routes lead, or NULL. Of a bond it is the active
 * member: bonds offer to pass states on themselves, but those of 6.12 hand drivers
 * states that name the bond, or no device at all, as the card.
 */
static struct net_device *find_nic(struct net_device *via)
{
	struct net_device *nic = via;

	if (!can_encrypt(via))
		return NULL;
	if (netif_is_bond_master(via)) {
		struct bonding *bond = netdev_priv(via);

		if (BOND_MODE(bond) != BOND_MODE_ACTIVEBACKUP)
			return NULL;
		nic = bond_option_active_slave_get_rcu(bond);
	}
	return nic && can_encrypt(nic) ? nic : NULL;
}

static struct net_device *hold_nic(struct net_device *via, netdevice_tracker *tracker)
{
	struct net_device *nic;

	rcu_read_lock();
	nic = find_nic(via);
	netdev_hold(nic, tracker, GFP_ATOMIC);
	rcu_read_unlock();
	return nic;
}

/* Give an SA to a device, so that its packets go there from now on */
static int attach(struct espvif_sa *sa, struct net_device *via, struct netlink_ext_ack *extack)
{
	struct netlink_ext_ack driver = {};
	struct espvif_shadow *shadow;
	netdevice_tracker tracker;
	struct net_device *nic;
	int err = -ENOMEM;

	lockdep_assert_held(&lock);
	nic = hold_nic(via, &tracker);
	if (!nic) {
		espvif_refuse(extack, NULL,
			      "%s, to which the route to the peer leads, cannot encrypt: it is down or lacks esp-hw-offload; leave --offload out, or say no",
			      via->name);
		return -EOPNOTSUPP;
	}
	if (sa->transform.esn && !nic->xfrmdev_ops->xdo_dev_state_advance_esn) {
		espvif_refuse(extack, NULL,
			      "%s takes no SA with extended sequence numbers, which %s has; leave --offload out, or say no",
			      nic->name, sa->name);
		err = -EOPNOTSUPP;
		goto put_nic;
	}
	shadow = create(sa);
	if (!shadow) {
		espvif_refuse(extack, NULL,
			      "there is no memory for what %s has to know of SA %s, or no seqiv among the kernel's ciphers; leave --offload out, or say no",
			      nic->name, sa->name);
		goto put_nic;
	}
	if (sa->transform.esn && sa->direction == ESPVIF_DIRECTION_IN)
		shadow->told = espvif_offload_progress(sa);
	hold_devices(shadow, nic, via);
	err = espvif_xdo_state_add(nic, shadow->state, &driver);
	if (err) {
		espvif_refuse(extack, NULL,
			      "%s refuses SA %s: %s (error %d); leave --offload out, or say no",
			      nic->name, sa->name, driver._msg ?: "it gives no reason", err);
		shadow->state->xso.real_dev = NULL;
		let_go(shadow);
		goto put_nic;
	}
	list_add(&shadow->entry, &attached);
	rcu_assign_pointer(sa->offload.active, shadow);
put_nic:
	netdev_put(nic, &tracker);
	return err;
}

/* Packets on their way are encrypted in software from now on */
static void stop(struct espvif_shadow *shadow)
{
	lockdep_assert_held(&lock);
	WRITE_ONCE(shadow->stopped, true);
	RCU_INIT_POINTER(shadow->owner->offload.active, NULL);
}

/* No packet goes to the driver any more: a grace period has passed since stop() */
static void remove(struct espvif_shadow *shadow)
{
	lockdep_assert_held(&lock);
	espvif_xdo_state_remove(shadow->nic, shadow->state);
	shadow->state->xso.real_dev = NULL;
	list_del(&shadow->entry);
	call_rcu(&shadow->rcu, let_go_rcu);
}

static void detach(struct espvif_sa *sa)
{
	struct espvif_shadow *shadow;

	lockdep_assert_held(&lock);
	shadow = rcu_dereference_protected(sa->offload.active, lockdep_is_held(&lock));
	if (!shadow)
		return;
	stop(shadow);
	synchronize_net();
	remove(shadow);
}

/* A device, or the bond over it, has nothing to do with SAs any more */
static void leave_device(const struct net_device *dev)
{
	struct espvif_shadow *shadow, *next;
	bool any = false;

	mutex_lock(&lock);
	list_for_each_entry(shadow, &attached, entry) {
		if (shadow->nic != dev && shadow->via != dev)
			continue;
		stop(shadow);
		any = true;
	}
	if (any)
		synchronize_net();
	list_for_each_entry_safe(shadow, next, &attached, entry) {
		if (shadow->nic == dev || shadow->via == dev)
			remove(shadow);
	}
	mutex_unlock(&lock);
}

/* ----- which device -------------------------------------------------------- */

static struct dst_entry *route4(struct net *net, const union espvif_addr *from,
				const union espvif_addr *to)
{
	struct flowi4 fl4 = { .saddr = from->ip, .daddr = to->ip };
	struct rtable *rt = __ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct dst_entry *route6(struct net *net, const union espvif_addr *from,
				const union espvif_addr *to)
{
	struct flowi6 fl6 = { .saddr = from->ip6, .daddr = to->ip6 };
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

static struct dst_entry *route_to_peer(const struct espvif_sa *sa)
{
	bool in = sa->direction == ESPVIF_DIRECTION_IN;
	const union espvif_addr *from = in ? &sa->key.daddr : &sa->saddr;
	const union espvif_addr *to = in ? &sa->saddr : &sa->key.daddr;
	struct net *net = sa->enet->net;

	return sa->key.family == AF_INET ? route4(net, from, to) : route6(net, from, to);
}

/* Held, or NULL. Where packets of an inbound SA have come in counts before routes */
static struct net_device *find_via(const struct espvif_sa *sa, netdevice_tracker *tracker)
{
	int seen = READ_ONCE(sa->offload.tried);
	struct net_device *via = NULL;
	struct dst_entry *dst;

	if (sa->direction == ESPVIF_DIRECTION_IN && seen) {
		rcu_read_lock();
		via = dev_get_by_index_rcu(sa->enet->net, seen);
		netdev_hold(via, tracker, GFP_ATOMIC);
		rcu_read_unlock();
	}
	if (via)
		return via;
	dst = route_to_peer(sa);
	if (!dst)
		return NULL;
	via = dst->dev;
	netdev_hold(via, tracker, GFP_KERNEL);
	dst_release(dst);
	return via;
}

static bool is_settled(const struct espvif_sa *sa, struct net_device *via)
{
	const struct espvif_shadow *shadow =
		rcu_dereference_protected(sa->offload.active, lockdep_is_held(&lock));
	bool settled;

	if (!shadow || shadow->via != via)
		return false;
	rcu_read_lock();
	settled = shadow->nic == find_nic(via);
	rcu_read_unlock();
	return settled;
}

/* Let the device encrypt that the packets pass, if it can; no other */
static int choose(struct espvif_sa *sa, struct netlink_ext_ack *extack)
{
	netdevice_tracker tracker;
	struct net_device *via;
	int err = 0;

	lockdep_assert_held(&sa->enet->lock);
	mutex_lock(&lock);
	via = find_via(sa, &tracker);
	if (!via) {
		detach(sa);
		espvif_refuse(extack, NULL,
			      "there is no route to the peer of SA %s, and so no device that could encrypt; leave --offload out, or say no",
			      sa->name);
		err = -ENETUNREACH;
	} else if (!is_settled(sa, via)) {
		detach(sa);
		WRITE_ONCE(sa->offload.tried, via->ifindex);
		err = attach(sa, via, extack);
	}
	netdev_put(via, &tracker);
	mutex_unlock(&lock);
	return err;
}

static void choose_later(struct work_struct *work)
{
	struct espvif_sa *sa = container_of(work, struct espvif_sa, offload.work);

	mutex_lock(&sa->enet->lock);
	if (!test_bit(ESPVIF_SA_GONE, &sa->flags))
		choose(sa, NULL);
	mutex_unlock(&sa->enet->lock);
	espvif_sa_put(sa);
}

/* Something about devices has changed that may be good for SAs of this namespace */
static void choose_all(struct net *net)
{
	struct espvif_net *enet = espvif_net(net);
	struct espvif_sa *sa;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&enet->sad.by_id, id, sa) {
		if (!sa->offload.key)
			continue;
		WRITE_ONCE(sa->offload.tried, -1);
		espvif_offload_look_again(sa, 0);
	}
	rcu_read_unlock();
}

/* Packets must not meet what a device has lost */
static int handle_loss(struct notifier_block *notifier, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	switch (event) {
	case NETDEV_FEAT_CHANGE:
		if (dev->features & NETIF_F_HW_ESP)
			break;
		fallthrough;
	case NETDEV_DOWN:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGEUPPER:
	case NETDEV_BONDING_FAILOVER:
		leave_device(dev);
		break;
	}
	return NOTIFY_DONE;
}

static int handle_gain(struct notifier_block *notifier, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	switch (event) {
	case NETDEV_FEAT_CHANGE:
	case NETDEV_UP:
	case NETDEV_CHANGEUPPER:
	case NETDEV_BONDING_FAILOVER:
		if (dev->features & NETIF_F_HW_ESP)
			choose_all(dev_net(dev));
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block loss_notifier = {
	.notifier_call = handle_loss,
	/* before XFRM, which ends the round when features don't go together */
	.priority = 1,
};

static struct notifier_block gain_notifier = {
	.notifier_call = handle_gain,
	/* when IPv4 and IPv6 have made the routes by which the device is found */
	.priority = -100,
};

/* ----- SAs ----------------------------------------------------------------- */

static const char *unfit(const struct espvif_sa_config *config)
{
	switch (config->keys.encr) {
	case ESPVIF_ENCR_AES_GCM_8:
	case ESPVIF_ENCR_AES_GCM_12:
	case ESPVIF_ENCR_AES_GCM_16:
		break;
	default:
		return "its algorithm isn't AES-GCM";
	}
	if (config->encap.type != ESPVIF_ENCAP_NONE)
		return "it is encapsulated";
	return NULL;
}

/* Whole packets take policies in the device too, which nobody hands over yet */
static int refuse_packet(struct espvif_sa *sa, const struct nlattr *at,
			 struct netlink_ext_ack *extack)
{
	netdevice_tracker tracker;
	struct net_device *via = find_via(sa, &tracker);

	if (!via)
		espvif_refuse(extack, at,
			      "there is no route to the peer of SA %s, and so no device for its packets",
			      sa->name);
	else if (!espvif_xdo_has_packet(via))
		espvif_refuse(extack, at,
			      "%s, to which the route to the peer leads, offers no packet offload in this kernel: take --offload crypto or auto",
			      via->name);
	else
		espvif_refuse(extack, at,
			      "%s offers packet offload, but espvif hands no policies to devices: take --offload crypto or auto",
			      via->name);
	netdev_put(via, &tracker);
	return -EOPNOTSUPP;
}

/**
 * espvif_event_sa_create() - find a device that encrypts for a new SA
 * @sa:		the SA, not listed yet; its namespace is locked
 * @config:	what it was made from
 * @extack:	for the sentence
 *
 * Return: 0, or why it cannot be as @config insists; never an error for
 * ESPVIF_OFFLOAD_AUTO and ESPVIF_OFFLOAD_NO, but -ENOMEM.
 */
int espvif_event_sa_create(struct espvif_sa *sa, const struct espvif_sa_config *config,
			   struct netlink_ext_ack *extack)
{
	struct espvif_sa_offload *offload = &sa->offload;
	const char *why = unfit(config);
	int err;

	INIT_WORK(&offload->work, choose_later);
	INIT_LIST_HEAD(&offload->shadows);
	offload->wish = config->offload;
	if (config->offload == ESPVIF_OFFLOAD_PACKET)
		return refuse_packet(sa, config->offload_at, extack);
	if (config->offload == ESPVIF_OFFLOAD_CRYPTO && why) {
		espvif_refuse(extack, config->offload_at,
			      "SA %s cannot be left to a device: %s; leave --offload out, or say no",
			      sa->name, why);
		return -EOPNOTSUPP;
	}
	if (config->offload == ESPVIF_OFFLOAD_NO || why)
		return 0;

	offload->key = kmemdup(config->keys.encr_key, config->keys.encr_key_len,
			       GFP_KERNEL_ACCOUNT);
	if (!offload->key)
		return -ENOMEM;
	offload->key_len = config->keys.encr_key_len;
	err = choose(sa, config->offload == ESPVIF_OFFLOAD_CRYPTO ? extack : NULL);
	return config->offload == ESPVIF_OFFLOAD_CRYPTO ? err : 0;
}

/**
 * espvif_event_sa_remove() - an SA is not found any more
 * @sa:		the SA; its reference is not killed yet
 *
 * Packets of it that wait in queues can't be encrypted any more.
 */
void espvif_event_sa_remove(struct espvif_sa *sa)
{
	struct espvif_shadow *shadow, *next;

	if (!sa->offload.key)
		return;
	spin_lock(&shadows_lock);
	list_for_each_entry_safe(shadow, next, &sa->offload.shadows, sibling) {
		WRITE_ONCE(shadow->stopped, true);
		WRITE_ONCE(shadow->sa, NULL);
		list_del_init(&shadow->sibling);
	}
	spin_unlock(&shadows_lock);
}

/**
 * espvif_event_sa_release() - the last packet has let go of an SA
 * @sa:		the SA; an RCU grace period has passed since its reference was killed
 */
void espvif_event_sa_release(struct espvif_sa *sa)
{
	struct espvif_shadow *shadow;

	if (!sa->offload.key)
		return;
	/* one that never was listed wasn't removed either */
	espvif_event_sa_remove(sa);
	mutex_lock(&lock);
	shadow = rcu_dereference_protected(sa->offload.active, lockdep_is_held(&lock));
	if (shadow) {
		stop(shadow);
		remove(shadow);
	}
	mutex_unlock(&lock);
}

/**
 * espvif_offload_refresh() - an SA's addresses have changed
 * @sa:		the SA; its namespace is locked
 *
 * Context: process, may sleep.
 */
void espvif_offload_refresh(struct espvif_sa *sa)
{
	lockdep_assert_held(&sa->enet->lock);
	if (!sa->offload.key)
		return;
	mutex_lock(&lock);
	detach(sa);
	mutex_unlock(&lock);
	WRITE_ONCE(sa->offload.tried, 0);
	choose(sa, NULL);
}

/**
 * espvif_offload_state() - what a device does for an SA
 * @sa:		the SA
 * @name:	set to the name of the device, or NULL
 *
 * Context: RCU read side.
 * Return: enum espvif_offload: ESPVIF_OFFLOAD_NO or what it does.
 */
u8 espvif_offload_state(const struct espvif_sa *sa, const char **name)
{
	const struct espvif_shadow *shadow = rcu_dereference(sa->offload.active);

	*name = shadow ? shadow->nic->name : NULL;
	return shadow ? ESPVIF_OFFLOAD_CRYPTO : ESPVIF_OFFLOAD_NO;
}

/* ----- the module ---------------------------------------------------------- */

/**
 * espvif_offload_init() - hear of devices; namespaces have what is theirs
 *
 * Return: 0 or an error.
 */
int espvif_offload_init(void)
{
	int err;

	workqueue = alloc_workqueue("espvif-offload", WQ_UNBOUND, 0);
	if (!workqueue)
		return -ENOMEM;
	err = register_netdevice_notifier(&loss_notifier);
	if (err)
		goto destroy;
	err = register_netdevice_notifier(&gain_notifier);
	if (err)
		goto unregister;
	return 0;

unregister:
	unregister_netdevice_notifier(&loss_notifier);
destroy:
	destroy_workqueue(workqueue);
	return err;
}

/**
 * espvif_offload_uninit() - take all SAs off their devices; there are no new ones
 */
void espvif_offload_uninit(void)
{
	unregister_netdevice_notifier(&gain_notifier);
	unregister_netdevice_notifier(&loss_notifier);
}

/**
 * espvif_offload_drain() - wait for packets that wear a shadow; no SA is left
 *
 * Such a packet, in a queue somewhere, would come back to us.
 */
void espvif_offload_drain(void)
{
	destroy_workqueue(workqueue);
	rcu_barrier();
	wait_var_event(&shadows, !atomic_read(&shadows));
	/* the last one is still in destroy_shadow() */
	xfrm_flush_gc();
}
