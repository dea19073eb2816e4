// SPDX-License-Identifier: GPL-2.0-only
/*
 * The security association database (RFC 4301 4.4.2) of a network namespace:
 * making, finding, expiring and freeing SAs. Packets find them under RCU;
 * whoever changes the database holds the namespace's lock.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/udp.h>
#include <linux/wait_bit.h>

#include "events.h"
#include "net.h"
#include "refusal.h"
#include "sad.h"
#include "trace.h"

static const struct rhashtable_params key_params = {
	.head_offset = offsetof(struct espvif_sa_index, node),
	.key_offset = offsetof(struct espvif_sa_index, key),
	.key_len = sizeof(struct espvif_sa_key),
	.automatic_shrinking = true,
};

static const struct rhashtable_params name_params = {
	.head_offset = offsetof(struct espvif_sa, by_name),
	.key_offset = offsetof(struct espvif_sa, name),
	.key_len = sizeof_field(struct espvif_sa, name),
	.automatic_shrinking = true,
};

static struct workqueue_struct *workqueue;

/**
 * espvif_sad_module_init() - what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_sad_module_init(void)
{
	workqueue = alloc_workqueue("espvif", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * espvif_sad_module_uninit() - undo espvif_sad_module_init(); no SA is left
 */
void espvif_sad_module_uninit(void)
{
	destroy_workqueue(workqueue);
}

/**
 * espvif_sad_init() - make an empty database
 * @sad:	filled in
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_sad_init(struct espvif_sad *sad)
{
	int err;

	err = rhashtable_init(&sad->by_key, &key_params);
	if (err)
		return err;
	err = rhashtable_init(&sad->by_name, &name_params);
	if (err) {
		rhashtable_destroy(&sad->by_key);
		return err;
	}
	xa_init_flags(&sad->by_id, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	return 0;
}

/**
 * espvif_sad_uninit() - end a database whose SAs have all been removed
 * @sad:	espvif_sad_init() made it
 *
 * Context: process; waits until packets in flight have let go of their SAs.
 */
void espvif_sad_uninit(struct espvif_sad *sad)
{
	wait_var_event(&sad->live, !atomic_read(&sad->live));
	xa_destroy(&sad->by_id);
	rhashtable_destroy(&sad->by_name);
	rhashtable_destroy(&sad->by_key);
}

/**
 * espvif_sad_lookup() - find the SA of a packet
 * @enet:	namespace
 * @key:	SPI, destination, family; unused bytes 0
 *
 * Context: RCU read side.
 * Return: the SA, of either direction, or NULL.
 */
struct espvif_sa *espvif_sad_lookup(struct espvif_net *enet,
				    const struct espvif_sa_key *key)
{
	struct espvif_sa_index *index;

	index = rhashtable_lookup(&enet->sad.by_key, key, key_params);
	return index && !espvif_sa_pending(index->sa) ? index->sa : NULL;
}

/**
 * espvif_sad_lookup_name() - find an SA by name
 * @enet:	namespace
 * @name:	its name
 *
 * Context: RCU read side or with the namespace's lock.
 * Return: the SA, also one that is pending or going, or NULL.
 */
struct espvif_sa *espvif_sad_lookup_name(struct espvif_net *enet, const char *name)
{
	char padded[ESPVIF_NAME_MAX + 1];

	if (strscpy_pad(padded, name, sizeof(padded)) < 0)
		return NULL;
	return rhashtable_lookup_fast(&enet->sad.by_name, padded, name_params);
}

static void notice_expiry(struct work_struct *work)
{
	struct espvif_sa *sa = container_of(to_delayed_work(work), struct espvif_sa, expiry);
	time64_t age = ktime_get_boottime_seconds() - sa->add_ticks;
	time64_t next = 0;

	if (sa->soft.seconds) {
		if (age >= sa->soft.seconds)
			espvif_sa_expire(sa, false);
		else
			next = sa->soft.seconds;
	}
	if (sa->hard.seconds) {
		if (age >= sa->hard.seconds)
			espvif_sa_expire(sa, true);
		else if (!next || sa->hard.seconds < next)
			next = sa->hard.seconds;
	}
	if (next)
		queue_delayed_work(workqueue, &sa->expiry,
				   min_t(u64, next - age, U32_MAX / HZ) * HZ);
}

static void notice_silence(struct work_struct *work)
{
	struct espvif_sa *sa = container_of(to_delayed_work(work), struct espvif_sa, keepalive);
	time64_t silent = ktime_get_real_seconds() - READ_ONCE(sa->use_time);
	u32 next = sa->keepalive_seconds;

	/* or the clock was set back */
	if (silent < 0 || silent >= sa->keepalive_seconds)
		espvif_event_sa_silent(sa);
	else if (silent > 0)
		next -= silent;
	queue_delayed_work(workqueue, &sa->keepalive, next * HZ);
}

static void free_path(struct espvif_path *path)
{
	if (!path)
		return;
	dst_cache_destroy(&path->dst_cache);
	kfree(path);
}

static void free_path_rcu(struct rcu_head *rcu)
{
	free_path(container_of(rcu, struct espvif_path, rcu));
}

static struct espvif_path *create_path(const union espvif_addr *saddr,
				       const union espvif_addr *daddr,
				       const struct espvif_encapsulation *encap)
{
	struct espvif_path *path = kzalloc(sizeof(*path), GFP_KERNEL_ACCOUNT);

	if (!path)
		return NULL;
	path->saddr = *saddr;
	path->daddr = *daddr;
	path->encap = *encap;
	if (dst_cache_init(&path->dst_cache, GFP_KERNEL_ACCOUNT)) {
		kfree(path);
		return NULL;
	}
	return path;
}

/* What SAs of one direction need, and those of the other don't */
static int init_direction(struct espvif_sa *sa, const struct espvif_sa_config *config)
{
	struct espvif_path *path;
	u32 words;

	if (config->direction == ESPVIF_DIRECTION_OUT) {
		sa->stats = alloc_percpu_gfp(struct espvif_sa_stats, GFP_KERNEL_ACCOUNT);
		path = create_path(&config->saddr, &config->key.daddr, &config->encap);
		RCU_INIT_POINTER(sa->path, path);
		return sa->stats && path ? 0 : -ENOMEM;
	}

	words = espvif_replay_words(config->replay_window);
	sa->replay = kmalloc(struct_size(sa->replay, seen, words), GFP_KERNEL_ACCOUNT);
	if (!sa->replay)
		return -ENOMEM;
	espvif_replay_init(sa->replay, config->replay_window, config->esn);
	return 0;
}

static void free_sa(struct espvif_sa *sa)
{
	espvif_transform_uninit(&sa->transform);
	free_path(rcu_dereference_protected(sa->path, true));
	free_percpu(sa->stats);
	kfree(sa->replay);
	kfree_sensitive(sa->offload.key);
	percpu_ref_exit(&sa->ref);
	netdev_put(sa->dev, &sa->dev_tracker);
	kfree(sa);
}

static void release(struct work_struct *work)
{
	struct espvif_sa *sa = container_of(work, struct espvif_sa, release);
	struct espvif_sad *sad = &sa->enet->sad;

	espvif_event_sa_release(sa);
	free_sa(sa);
	/* now the namespace may go: only the address is used from here on */
	if (atomic_dec_and_test(&sad->live))
		wake_up_var(&sad->live);
}

static void last_put(struct percpu_ref *ref)
{
	struct espvif_sa *sa = container_of(ref, struct espvif_sa, ref);

	/* giving back an algorithm may sleep */
	queue_work(workqueue, &sa->release);
}

static bool has_limits(const struct espvif_limits *limits)
{
	return limits->bytes || limits->packets;
}

/* Takes the transform over if it succeeds */
static struct espvif_sa *create(struct espvif_net *enet,
				const struct espvif_sa_config *config,
				struct espvif_transform *transform)
{
	struct espvif_sa *sa;
	int err;

	sa = kzalloc(sizeof(*sa), GFP_KERNEL_ACCOUNT);
	if (!sa)
		return ERR_PTR(-ENOMEM);

	err = percpu_ref_init(&sa->ref, last_put, 0, GFP_KERNEL_ACCOUNT);
	if (!err)
		err = init_direction(sa, config);
	if (err) {
		free_sa(sa);
		return ERR_PTR(err);
	}

	sa->transform = *transform;
	transform->aead = NULL;
	sa->flags = BIT(ESPVIF_SA_PENDING);
	sa->key = config->key;
	sa->index.key = config->key;
	sa->index.sa = sa;
	sa->listed = &sa->index;
	sa->saddr = config->saddr;
	sa->encap = config->encap;
	sa->outer = config->outer;
	sa->peer.addr = config->saddr;
	sa->peer.port = config->encap.sport;
	sa->keepalive_seconds = config->keepalive;
	sa->enet = enet;
	sa->device = config->device;
	sa->dev = config->dev;
	sa->device_tally = config->device_tally;
	netdev_hold(sa->dev, &sa->dev_tracker, GFP_KERNEL);
	sa->soft = config->soft;
	sa->hard = config->hard;
	sa->limited = has_limits(&config->soft) || has_limits(&config->hard);
	sa->direction = config->direction;
	sa->mode = config->mode;
	sa->owner = config->owner;
	sa->cpu = config->cpu;
	strscpy_pad(sa->name, config->name, sizeof(sa->name));
	spin_lock_init(&sa->lock);
	espvif_order_init(&sa->order, &sa->ref);
	sa->add_time = ktime_get_real_seconds();
	sa->add_ticks = ktime_get_boottime_seconds();
	espvif_sa_advance(sa, &config->numbers);
	INIT_DELAYED_WORK(&sa->expiry, notice_expiry);
	INIT_DELAYED_WORK(&sa->keepalive, notice_silence);
	INIT_WORK(&sa->release, release);
	return sa;
}

/**
 * espvif_sad_refuse_taken() - refuse SPI and destination that an SA has
 * @enet:	namespace
 * @key:	both
 * @at:		attribute that is at fault, or NULL
 * @extack:	for the sentence
 *
 * Return: 0 or -EEXIST.
 */
int espvif_sad_refuse_taken(struct espvif_net *enet, const struct espvif_sa_key *key,
			    const struct nlattr *at, struct netlink_ext_ack *extack)
{
	const struct espvif_sa_index *other;

	other = rhashtable_lookup_fast(&enet->sad.by_key, key, key_params);
	if (!other)
		return 0;
	if (key->family == AF_INET)
		espvif_refuse(extack, at, "SPI 0x%08x to %pI4 is taken by SA %s",
			      ntohl(key->spi), &key->daddr.ip, other->sa->name);
	else
		espvif_refuse(extack, at, "SPI 0x%08x to %pI6c is taken by SA %s",
			      ntohl(key->spi), &key->daddr.ip6, other->sa->name);
	return -EEXIST;
}

static int refuse_clash(struct espvif_net *enet, const struct espvif_sa_config *config,
			struct netlink_ext_ack *extack)
{
	if (espvif_sad_lookup_name(enet, config->name)) {
		espvif_refuse(extack, config->name_at, "there is an SA named %s already",
			      config->name);
		return -EEXIST;
	}
	return espvif_sad_refuse_taken(enet, &config->key, config->spi_at, extack);
}

static int publish(struct espvif_sad *sad, struct espvif_sa *sa)
{
	int err;

	err = xa_alloc_cyclic(&sad->by_id, &sa->id, NULL, xa_limit_32b, &sad->next_id,
			      GFP_KERNEL);
	if (err < 0)
		return err;
	err = rhashtable_insert_fast(&sad->by_name, &sa->by_name, name_params);
	if (err)
		goto erase_id;
	err = rhashtable_insert_fast(&sad->by_key, &sa->index.node, key_params);
	if (err)
		goto remove_name;
	return 0;

remove_name:
	rhashtable_remove_fast(&sad->by_name, &sa->by_name, name_params);
erase_id:
	xa_erase(&sad->by_id, sa->id);
	return err;
}

static void unpublish(struct espvif_sad *sad, struct espvif_sa *sa)
{
	rhashtable_remove_fast(&sad->by_key, &sa->listed->node, key_params);
	rhashtable_remove_fast(&sad->by_name, &sa->by_name, name_params);
	xa_erase(&sad->by_id, sa->id);
}

/**
 * espvif_sad_prepare() - make an SA that nobody sees yet
 * @enet:	namespace, locked
 * @config:	all about it; its names and addresses are valid
 * @transform:	its algorithm and key, which are the SA's if this succeeds
 * @extack:	for the sentence
 *
 * Its name and its SPI are taken from now on. espvif_sad_commit() or
 * espvif_sad_abort() has to follow before the lock is let go.
 *
 * Context: process, may sleep.
 * Return: the SA, or -EEXIST if its name or its SPI with its destination is taken,
 * or what espvif_event_sa_create() says of devices.
 */
struct espvif_sa *espvif_sad_prepare(struct espvif_net *enet,
				     const struct espvif_sa_config *config,
				     struct espvif_transform *transform,
				     struct netlink_ext_ack *extack)
{
	struct espvif_sa *sa;
	int err;

	lockdep_assert_held(&enet->lock);

	err = refuse_clash(enet, config, extack);
	if (err)
		return ERR_PTR(err);
	sa = create(enet, config, transform);
	if (IS_ERR(sa))
		return sa;

	atomic_inc(&enet->sad.live);
	err = espvif_event_sa_create(sa, config, extack);
	if (!err)
		err = publish(&enet->sad, sa);
	if (err) {
		percpu_ref_kill(&sa->ref);
		return ERR_PTR(err);
	}
	return sa;
}

/**
 * espvif_sad_commit() - let an SA that was prepared be there
 * @sa:		the SA; its namespace is locked
 *
 * It is listed and ready for packets when this returns.
 */
void espvif_sad_commit(struct espvif_sa *sa)
{
	struct espvif_sad *sad = &sa->enet->sad;

	lockdep_assert_held(&sa->enet->lock);

	clear_bit(ESPVIF_SA_PENDING, &sa->flags);
	/* a number that was reserved always has its place */
	xa_store(&sad->by_id, sa->id, sa, GFP_KERNEL);
	sad->count++;
	if (sa->soft.seconds || sa->hard.seconds)
		queue_delayed_work(workqueue, &sa->expiry, 0);
	if (sa->keepalive_seconds)
		queue_delayed_work(workqueue, &sa->keepalive, sa->keepalive_seconds * HZ);
	trace_espvif_sa_add(sa->enet->net, sa->name, sa->key.spi, sa->direction);
	espvif_event_sa(sa, ESPVIF_EVENT_NEW);
}

/**
 * espvif_sad_abort() - forget an SA that was prepared
 * @sa:		the SA; its namespace is locked
 */
void espvif_sad_abort(struct espvif_sa *sa)
{
	lockdep_assert_held(&sa->enet->lock);
	unpublish(&sa->enet->sad, sa);
	percpu_ref_kill(&sa->ref);
}

/**
 * espvif_sad_set_peer() - let the peer of an inbound SA be elsewhere
 * @sa:		the SA; its namespace is locked
 * @addr:	the peer's address, of the SA's family
 * @port:	its UDP port; of no meaning unless the SA is encapsulated
 *
 * Only what espvif_event_sa_peer() compares with.
 */
void espvif_sad_set_peer(struct espvif_sa *sa, const union espvif_addr *addr, __be16 port)
{
	lockdep_assert_held(&sa->enet->lock);
	spin_lock_bh(&sa->lock);
	sa->peer.addr = *addr;
	sa->peer.port = port;
	spin_unlock_bh(&sa->lock);
}

/**
 * espvif_sad_prepare_path() - get ready to let the peer of an outbound SA be elsewhere
 * @sa:		the SA; its namespace is locked
 * @addr:	the peer's address, of the SA's family
 * @port:	its UDP port; of no meaning unless the SA is encapsulated
 * @extack:	for the sentence
 *
 * SPI and new destination are taken from now on. espvif_sad_commit_path() or
 * espvif_sad_abort_path() has to follow before the lock is let go.
 *
 * Context: process, may sleep.
 * Return: the new path, -EEXIST if SPI and new destination are taken, or -ENOMEM.
 */
struct espvif_path *espvif_sad_prepare_path(struct espvif_sa *sa,
					    const union espvif_addr *addr, __be16 port,
					    struct netlink_ext_ack *extack)
{
	struct espvif_sa_key key = sa->key;
	struct espvif_path *old, *new;
	int err;

	lockdep_assert_held(&sa->enet->lock);
	key.daddr = *addr;
	if (!espvif_addr_equal(addr, &sa->key.daddr, key.family)) {
		err = espvif_sad_refuse_taken(sa->enet, &key, NULL, extack);
		if (err)
			return ERR_PTR(err);
	}
	old = rcu_dereference_protected(sa->path, lockdep_is_held(&sa->enet->lock));
	new = create_path(&old->saddr, addr, &old->encap);
	if (!new)
		return ERR_PTR(-ENOMEM);
	new->encap.dport = port;
	new->index.key = key;
	new->index.sa = sa;
	/* only errors about its packets find an outbound SA by this key: it may have two */
	err = rhashtable_insert_fast(&sa->enet->sad.by_key, &new->index.node, key_params);
	if (err) {
		free_path(new);
		return ERR_PTR(err);
	}
	return new;
}

/**
 * espvif_sad_commit_path() - let the peer of an outbound SA be elsewhere
 * @sa:		the SA; its namespace is locked
 * @path:	espvif_sad_prepare_path() made it
 *
 * The SA sends there from the next packet on. Numbers, key and counters stay.
 */
void espvif_sad_commit_path(struct espvif_sa *sa, struct espvif_path *path)
{
	struct espvif_path *old = rcu_dereference_protected(sa->path,
							    lockdep_is_held(&sa->enet->lock));

	rhashtable_remove_fast(&sa->enet->sad.by_key, &sa->listed->node, key_params);
	sa->listed = &path->index;
	spin_lock_bh(&sa->lock);
	sa->key = path->index.key;
	sa->encap.dport = path->encap.dport;
	spin_unlock_bh(&sa->lock);
	rcu_assign_pointer(sa->path, path);
	call_rcu(&old->rcu, free_path_rcu);
}

/**
 * espvif_sad_abort_path() - leave the peer of an outbound SA where it is
 * @sa:		the SA; its namespace is locked
 * @path:	espvif_sad_prepare_path() made it
 */
void espvif_sad_abort_path(struct espvif_sa *sa, struct espvif_path *path)
{
	lockdep_assert_held(&sa->enet->lock);
	rhashtable_remove_fast(&sa->enet->sad.by_key, &path->index.node, key_params);
	call_rcu(&path->rcu, free_path_rcu);
}

/**
 * espvif_sad_remove() - end an SA
 * @sa:		no policy uses it; its namespace is locked
 *
 * It is not found any more when this returns; memory and key go when the last
 * packet has let go of it.
 *
 * Context: process, may sleep.
 */
void espvif_sad_remove(struct espvif_sa *sa)
{
	struct espvif_sad *sad = &sa->enet->sad;

	lockdep_assert_held(&sa->enet->lock);
	WARN_ON_ONCE(sa->policies);

	unpublish(sad, sa);
	sad->count--;
	cancel_delayed_work_sync(&sa->expiry);
	cancel_delayed_work_sync(&sa->keepalive);
	set_bit(ESPVIF_SA_GONE, &sa->flags);
	trace_espvif_sa_del(sa->enet->net, sa->name, sa->key.spi, sa->direction);
	espvif_event_sa(sa, ESPVIF_EVENT_DEL);
	espvif_event_sa_remove(sa);
	percpu_ref_kill(&sa->ref);
}

/**
 * espvif_sa_usable() - may an SA carry packets
 * @sa:		the SA
 *
 * Return: false after its hard limit.
 */
bool espvif_sa_usable(const struct espvif_sa *sa)
{
	return !test_bit(ESPVIF_SA_HARD_EXPIRED, &sa->flags);
}

/**
 * espvif_sa_expire() - a lifetime has ended
 * @sa:		the SA
 * @hard:	false: time to replace it, true: it is over
 *
 * Tells once for each. Context: any.
 */
void espvif_sa_expire(struct espvif_sa *sa, bool hard)
{
	int bit = hard ? ESPVIF_SA_HARD_EXPIRED : ESPVIF_SA_SOFT_EXPIRED;

	if (!test_bit(bit, &sa->flags) && !test_and_set_bit(bit, &sa->flags)) {
		trace_espvif_sa_expire(sa->enet->net, sa->name, sa->key.spi, hard);
		espvif_event_sa_expire(sa, hard);
	}
}

static bool reached(const struct espvif_limits *limits, u64 packets, u64 bytes)
{
	return (limits->packets && packets >= limits->packets) ||
	       (limits->bytes && bytes >= limits->bytes);
}

/**
 * espvif_sa_admission() - may a packet still go by an SA with limits
 * @sa:		the SA
 * @packets:	how many it has carried with this one
 * @bytes:	how many with this packet
 * @len:	bytes of this packet
 *
 * The packet that reaches a limit is the last one.
 *
 * Return: bits for espvif_sa_note_admission(), which comes when no lock is held.
 */
unsigned int espvif_sa_admission(const struct espvif_sa *sa, u64 packets, u64 bytes,
				 unsigned int len)
{
	unsigned int admission = 0;

	if (reached(&sa->hard, packets - 1, bytes - len))
		return ESPVIF_ADMISSION_HARD | ESPVIF_ADMISSION_REFUSED;
	if (reached(&sa->soft, packets, bytes))
		admission |= ESPVIF_ADMISSION_SOFT;
	if (reached(&sa->hard, packets, bytes))
		admission |= ESPVIF_ADMISSION_HARD;
	return admission;
}

/**
 * espvif_sa_note_admission() - tell of limits that a packet has reached
 * @sa:		the SA
 * @admission:	what espvif_sa_admission() said
 *
 * Return: whether the packet may go by the SA.
 */
bool espvif_sa_note_admission(struct espvif_sa *sa, unsigned int admission)
{
	if (admission & ESPVIF_ADMISSION_SOFT)
		espvif_sa_expire(sa, false);
	if (admission & ESPVIF_ADMISSION_HARD)
		espvif_sa_expire(sa, true);
	return !(admission & ESPVIF_ADMISSION_REFUSED);
}

/*
 * The last number of ESN leaves room before 2^64 for more packets than can be under
 * way when the SA ends: they count on, and must not come round to numbers that were
 * used.
 */
#define LAST_NUMBER_ESN	(U64_MAX - U32_MAX)

/**
 * espvif_sa_last_number() - where sequence numbers end
 * @esn:	extended sequence numbers
 *
 * Return: the last one.
 */
u64 espvif_sa_last_number(bool esn)
{
	return esn ? LAST_NUMBER_ESN : U32_MAX;
}

/**
 * espvif_sa_take_numbers() - take the next sequence numbers (RFC 4303 3.3.3)
 * @sa:		outbound
 * @count:	how many
 *
 * This key has never been used with them. Each is good only if
 * espvif_sa_number_ok() says so.
 *
 * Return: the first of them.
 */
u64 espvif_sa_take_numbers(struct espvif_sa *sa, unsigned int count)
{
	return atomic64_add_return(count, &sa->seq) - count + 1;
}

/**
 * espvif_sa_number_ok() - may a packet have this number
 * @sa:		outbound
 * @seq:	espvif_sa_take_numbers() has given it
 *
 * Ends the SA with its last number, and warns before.
 *
 * Return: false behind the last number.
 */
bool espvif_sa_number_ok(struct espvif_sa *sa, u64 seq)
{
	u64 last = espvif_sa_last_number(sa->transform.esn);

	if (unlikely(seq >= ESPVIF_SEQ_SOFT && !sa->transform.esn))
		espvif_sa_expire(sa, false);
	if (likely(seq < last))
		return true;
	espvif_sa_expire(sa, true);
	return seq == last;
}

/**
 * espvif_sa_advance() - let an SA go on where another one is
 * @sa:		the SA
 * @numbers:	what is gone there
 *
 * Only ever forward: numbers that were used or received stay so.
 */
void espvif_sa_advance(struct espvif_sa *sa, const struct espvif_numbers *numbers)
{
	s64 now;

	if (sa->direction == ESPVIF_DIRECTION_IN) {
		spin_lock_bh(&sa->lock);
		espvif_replay_import(sa->replay, numbers->seq, numbers->state,
				     numbers->state_len);
		spin_unlock_bh(&sa->lock);
		return;
	}
	now = atomic64_read(&sa->seq);
	while ((u64)now < numbers->seq &&
	       !atomic64_try_cmpxchg(&sa->seq, &now, numbers->seq))
		;
}

/**
 * espvif_sa_read_end() - where an SA's packets go, address and port of the same moment
 * @sa:		the SA
 * @daddr:	filled in
 * @dport:	filled in, of no meaning unless the SA is encapsulated
 *
 * Context: any; needed without the namespace's lock only.
 */
void espvif_sa_read_end(struct espvif_sa *sa, union espvif_addr *daddr, __be16 *dport)
{
	spin_lock_bh(&sa->lock);
	*daddr = sa->key.daddr;
	*dport = sa->encap.dport;
	spin_unlock_bh(&sa->lock);
}

/**
 * espvif_sa_read_stats() - what an SA has carried
 * @sa:		the SA
 * @stats:	filled in: packets and bytes of ESP payload
 */
void espvif_sa_read_stats(const struct espvif_sa *sa, struct espvif_sa_stats *stats)
{
	const struct espvif_sa_stats *cpu_stats;
	int cpu;

	if (sa->direction == ESPVIF_DIRECTION_IN) {
		stats->packets = READ_ONCE(sa->in.packets);
		stats->bytes = READ_ONCE(sa->in.bytes);
		return;
	}

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		cpu_stats = per_cpu_ptr(sa->stats, cpu);
		stats->packets += READ_ONCE(cpu_stats->packets);
		stats->bytes += READ_ONCE(cpu_stats->bytes);
	}
}

static unsigned int ip_header_len(const struct espvif_sa *sa)
{
	return sa->key.family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

/* What stands before the ESP header */
static unsigned int outer_headers_len(const struct espvif_sa *sa)
{
	return ip_header_len(sa) +
	       (sa->encap.type == ESPVIF_ENCAP_UDP ? sizeof(struct udphdr) : 0);
}

/**
 * espvif_sa_outer_len() - the length of the packet that an SA makes of another
 * @sa:		the SA
 * @inner_len:	bytes of the whole inner packet, without options in transport mode
 *
 * Return: bytes from the outer IP header on.
 */
unsigned int espvif_sa_outer_len(const struct espvif_sa *sa, unsigned int inner_len)
{
	unsigned int payload = inner_len;

	if (sa->mode == ESPVIF_MODE_TRANSPORT)
		payload -= ip_header_len(sa);
	return outer_headers_len(sa) + espvif_esp_packet_len(&sa->transform.shape, payload);
}

/**
 * espvif_sa_inner_mtu() - the longest packet that an SA can carry in one piece
 * @sa:		the SA
 * @outer_mtu:	bytes that the path takes
 *
 * Return: bytes of the whole inner packet.
 */
unsigned int espvif_sa_inner_mtu(const struct espvif_sa *sa, unsigned int outer_mtu)
{
	unsigned int outer_len = outer_headers_len(sa);
	unsigned int payload;

	if (outer_mtu <= outer_len)
		return 0;
	payload = espvif_esp_payload_max(&sa->transform.shape, outer_mtu - outer_len);
	return sa->mode == ESPVIF_MODE_TRANSPORT ? payload + ip_header_len(sa) : payload;
}
