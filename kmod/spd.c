// SPDX-License-Identifier: GPL-2.0-only
/*
 * The security policy databases (RFC 4301 4.4.1) of a network namespace: one for
 * the host, one for each device. Policies whose selectors have the same shape –
 * prefix lengths, protocol given or not – are found with one look into a hash
 * table, so a packet costs one look per shape, however many policies there are.
 * Packets look under RCU; whoever changes a database holds the namespace's lock.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "events.h"
#include "net.h"
#include "refusal.h"
#include "sad.h"
#include "spd.h"
#include "spd_cache.h"
#include "trace.h"

/* How long to wait for a CPU's own SA before somebody is asked again */
#define CPU_ASK_AGAIN	(30 * HZ)

/* Kinds of selectors that the policies of a direction and family can have */
#define SHAPES_MAX	1024

/**
 * struct shape - what selectors of a kind have in common
 * @best_rank:	no policy of this shape has a lower one
 * @count:	policies of this shape
 * @src_len:	bits of their source prefixes
 * @dst_len:	bits of their destination prefixes
 * @protocol:	they name a protocol
 */
struct shape {
	u64 best_rank;
	u32 count;
	u8 src_len;
	u8 dst_len;
	bool protocol;
};

/* The shapes of a direction and family, sorted by @best_rank; replaced as a whole */
struct espvif_spd_shapes {
	struct rcu_head rcu;
	unsigned int count;
	struct shape shape[];
};

static const struct rhashtable_params prefix_params = {
	.head_offset = offsetof(struct espvif_policy, by_prefix),
	.key_offset = offsetof(struct espvif_policy, key),
	.key_len = sizeof(struct espvif_policy_key),
	.automatic_shrinking = true,
};

static const struct rhashtable_params name_params = {
	.head_offset = offsetof(struct espvif_policy, by_name),
	.key_offset = offsetof(struct espvif_policy, name),
	.key_len = sizeof_field(struct espvif_policy, name),
	.automatic_shrinking = true,
};

static unsigned int direction_index(u8 direction)
{
	return direction - ESPVIF_DIRECTION_IN;
}

static unsigned int family_index(u8 family)
{
	return family == AF_INET6;
}

/**
 * espvif_policy_table_init() - make an empty table
 * @table:	filled in
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_policy_table_init(struct espvif_policy_table *table)
{
	int err;

	BUILD_BUG_ON(sizeof(struct espvif_policy_key) !=
		     sizeof(void *) + 2 * sizeof(union espvif_addr) + 4 + sizeof(u32));

	err = rhltable_init(&table->by_prefix, &prefix_params);
	if (err)
		return err;
	err = rhashtable_init(&table->by_name, &name_params);
	if (err) {
		rhltable_destroy(&table->by_prefix);
		return err;
	}
	xa_init_flags(&table->by_id, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	return 0;
}

/**
 * espvif_policy_table_uninit() - end a table whose policies have all been removed
 * @table:	espvif_policy_table_init() made it
 */
void espvif_policy_table_uninit(struct espvif_policy_table *table)
{
	xa_destroy(&table->by_id);
	rhashtable_destroy(&table->by_name);
	rhltable_destroy(&table->by_prefix);
}

static void key_of_flow(struct espvif_policy_key *key, const struct shape *shape,
			const struct espvif_flow *flow)
{
	espvif_addr_mask(&key->src, &flow->src, flow->family, shape->src_len);
	espvif_addr_mask(&key->dst, &flow->dst, flow->family, shape->dst_len);
	key->src_len = shape->src_len;
	key->dst_len = shape->dst_len;
	key->protocol = shape->protocol ? flow->protocol : 0;
}

static bool decides(const struct espvif_policy *policy, const struct espvif_flow *flow,
		    bool loopback)
{
	if (READ_ONCE(policy->pending) || (loopback && !policy->loopback))
		return false;
	return espvif_selector_match(&policy->selector, flow,
				     policy->action != ESPVIF_ACTION_NONE);
}

static struct espvif_policy *search(struct espvif_net *enet, const struct espvif_spd *spd,
				    u8 direction, const struct espvif_flow *flow,
				    bool loopback)
{
	struct espvif_policy_key key = { .spd = spd, .direction = direction,
					 .family = flow->family };
	const struct espvif_spd_shapes *shapes;
	struct espvif_policy *policy, *best = NULL;
	struct rhlist_head *chain, *entry;
	unsigned int i;

	shapes = rcu_dereference(spd->shapes[direction_index(direction)]
					    [family_index(flow->family)]);
	for (i = 0; shapes && i < shapes->count; i++) {
		if (best && best->rank < shapes->shape[i].best_rank)
			break;
		key_of_flow(&key, &shapes->shape[i], flow);
		chain = rhltable_lookup(&enet->policies.by_prefix, &key, prefix_params);
		rhl_for_each_entry_rcu(policy, entry, chain, by_prefix) {
			if ((!best || policy->rank < best->rank) &&
			    decides(policy, flow, loopback))
				best = policy;
		}
	}
	return best;
}

/**
 * espvif_spd_lookup() - find the policy that decides on a packet
 * @enet:	namespace
 * @spd:	database of the host or of a device
 * @direction:	enum espvif_direction
 * @flow:	what the packet shows
 * @loopback:	it goes by the loopback device: only policies that name such
 *		addresses count
 *
 * Context: RCU read side.
 * Return: the matching policy that is looked at first, or NULL.
 */
struct espvif_policy *espvif_spd_lookup(struct espvif_net *enet, const struct espvif_spd *spd,
					u8 direction, const struct espvif_flow *flow,
					bool loopback)
{
	struct espvif_spd_cached *cached;
	struct espvif_policy *policy;
	bool found;

	local_bh_disable();
	cached = espvif_spd_cache_find(spd, direction, flow, loopback, &found);
	if (!found)
		cached->policy = search(enet, spd, direction, flow, loopback);
	policy = cached->policy;
	local_bh_enable();
	return policy;
}

/**
 * espvif_spd_lookup_name() - find a policy by name
 * @enet:	namespace
 * @name:	its name
 *
 * Context: RCU read side or with the namespace's lock.
 * Return: the policy, also one that is pending or going, or NULL.
 */
struct espvif_policy *espvif_spd_lookup_name(struct espvif_net *enet, const char *name)
{
	char padded[ESPVIF_NAME_MAX + 1];

	if (strscpy_pad(padded, name, sizeof(padded)) < 0)
		return NULL;
	return rhashtable_lookup_fast(&enet->policies.by_name, padded, name_params);
}

static struct espvif_spd_shapes __rcu **shapes_of(struct espvif_spd *spd,
						  const struct espvif_policy *policy)
{
	return &spd->shapes[direction_index(policy->direction)]
			   [family_index(policy->selector.family)];
}

static bool has_shape(const struct shape *shape, const struct espvif_selector *sel)
{
	return shape->src_len == sel->src_len && shape->dst_len == sel->dst_len &&
	       shape->protocol == !!sel->protocol;
}

static struct shape *find_shape(struct espvif_spd_shapes *shapes,
				const struct espvif_selector *sel)
{
	unsigned int i;

	for (i = 0; shapes && i < shapes->count; i++) {
		if (has_shape(&shapes->shape[i], sel))
			return &shapes->shape[i];
	}
	return NULL;
}

static void insert_sorted(struct espvif_spd_shapes *shapes, const struct shape *shape)
{
	unsigned int i = shapes->count++;

	for (; i && shapes->shape[i - 1].best_rank > shape->best_rank; i--)
		shapes->shape[i] = shapes->shape[i - 1];
	shapes->shape[i] = *shape;
}

/* A packet looks for each shape, until it has found better ones */
static int check_room(struct espvif_spd *spd, const struct espvif_policy *policy,
		      struct netlink_ext_ack *extack)
{
	struct espvif_spd_shapes *shapes =
		rcu_dereference_protected(*shapes_of(spd, policy),
					  lockdep_is_held(&policy->enet->lock));

	if (!shapes || shapes->count < SHAPES_MAX || find_shape(shapes, &policy->selector))
		return 0;
	espvif_refuse(extack, NULL,
		      "the policies of one direction have %u different combinations of prefix lengths and protocols, more there can't be",
		      SHAPES_MAX);
	return -ENOSPC;
}

/*
 * Note a policy's shape. Most policies come with a shape that is known and a rank
 * behind others of it: nothing that packets look at changes then.
 */
static int add_shape(struct espvif_spd *spd, const struct espvif_policy *policy)
{
	struct espvif_spd_shapes __rcu **place = shapes_of(spd, policy);
	struct espvif_spd_shapes *old, *new;
	struct shape shape = {
		.best_rank = policy->rank,
		.src_len = policy->selector.src_len,
		.dst_len = policy->selector.dst_len,
		.protocol = policy->selector.protocol,
	};
	struct shape *known;
	unsigned int i;

	old = rcu_dereference_protected(*place, lockdep_is_held(&policy->enet->lock));
	known = find_shape(old, &policy->selector);
	if (known && known->best_rank < policy->rank) {
		known->count++;
		return 0;
	}

	new = kmalloc(struct_size(new, shape, (old ? old->count : 0) + 1),
		      GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->count = 0;
	shape.count = known ? known->count + 1 : 1;
	for (i = 0; old && i < old->count; i++) {
		if (&old->shape[i] != known)
			insert_sorted(new, &old->shape[i]);
	}
	insert_sorted(new, &shape);
	rcu_assign_pointer(*place, new);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

static unsigned int count_used(const struct espvif_spd_shapes *shapes)
{
	unsigned int i, used = 0;

	for (i = 0; i < shapes->count; i++)
		used += !!shapes->shape[i].count;
	return used;
}

/* An empty shape costs packets a look: drop it, unless there is no memory for that now */
static void remove_shape(struct espvif_spd *spd, const struct espvif_policy *policy)
{
	struct espvif_spd_shapes __rcu **place = shapes_of(spd, policy);
	struct espvif_spd_shapes *old, *new = NULL;
	unsigned int i, used;

	old = rcu_dereference_protected(*place, lockdep_is_held(&policy->enet->lock));
	if (--find_shape(old, &policy->selector)->count)
		return;

	used = count_used(old);
	if (used) {
		new = kmalloc(struct_size(new, shape, used), GFP_KERNEL_ACCOUNT);
		if (!new)
			return;
		new->count = 0;
		for (i = 0; i < old->count; i++) {
			if (old->shape[i].count)
				insert_sorted(new, &old->shape[i]);
		}
	}
	rcu_assign_pointer(*place, new);
	kfree_rcu(old, rcu);
}

static void fill_key(struct espvif_policy_key *key, const struct espvif_spd *spd,
		     const struct espvif_policy *policy)
{
	const struct espvif_selector *sel = &policy->selector;

	key->spd = spd;
	key->src = sel->src;
	key->dst = sel->dst;
	key->direction = policy->direction;
	key->family = sel->family;
	key->src_len = sel->src_len;
	key->dst_len = sel->dst_len;
	key->protocol = sel->protocol;
}

static bool is_for_cpu(const struct espvif_sa *sa)
{
	return sa->direction == ESPVIF_DIRECTION_OUT && sa->cpu != ESPVIF_CPU_NONE;
}

/* Each CPU looks at its own SA first, or at the first that is for all */
static void fill_first(struct espvif_sa_list *list)
{
	unsigned int i, for_all = 0;

	BUILD_BUG_ON(ESPVIF_POLICY_SAS_MAX - 1 > U8_MAX);
	for (i = list->count; i--; ) {
		if (!is_for_cpu(list->sas[i]))
			for_all = i;
	}
	memset(list->first, for_all, nr_cpu_ids);
	for (i = list->count; i--; ) {
		if (is_for_cpu(list->sas[i]))
			list->first[list->sas[i]->cpu] = i;
	}
}

static struct espvif_sa_list *create_list(struct espvif_sa *const *sas, unsigned int count)
{
	size_t size = struct_size_t(struct espvif_sa_list, sas, count);
	struct espvif_sa_list *list;
	bool for_cpus = false;
	unsigned int i;

	for (i = 0; i < count; i++)
		for_cpus |= is_for_cpu(sas[i]);
	list = kmalloc(for_cpus ? size_add(size, nr_cpu_ids) : size, GFP_KERNEL_ACCOUNT);
	if (!list)
		return NULL;
	list->count = count;
	memcpy(list->sas, sas, flex_array_size(list, sas, count));
	list->first = for_cpus ? (u8 *)&list->sas[count] : NULL;
	if (for_cpus)
		fill_first(list);
	return list;
}

static struct espvif_sa_list *list_of(const struct espvif_policy *policy)
{
	return rcu_dereference_protected(policy->sas, lockdep_is_held(&policy->enet->lock));
}

/* What a policy will have when the request under way has been carried out */
static struct espvif_sa_list *planned_list_of(const struct espvif_policy *policy)
{
	return policy->next_sas ?: list_of(policy);
}

/* One more policy, or one less, is to use these SAs */
static void plan(const struct espvif_sa_list *list, int change)
{
	unsigned int i;

	for (i = 0; i < list->count; i++)
		list->sas[i]->planned += change;
}

/* One more policy, or one less, uses these SAs; packets look at it */
static void count_use(const struct espvif_sa_list *list, int change)
{
	unsigned int i;

	for (i = 0; i < list->count; i++)
		WRITE_ONCE(list->sas[i]->policies, list->sas[i]->policies + change);
}

static void free_policy(struct espvif_policy *policy)
{
	free_percpu(policy->stats);
	free_percpu(policy->cpu_asked);
	kfree(policy->acquire);
	kfree(rcu_dereference_protected(policy->sas, true));
	kfree(policy);
}

static void free_policy_rcu(struct rcu_head *rcu)
{
	free_policy(container_of(rcu, struct espvif_policy, rcu));
}

static struct espvif_policy *create(struct espvif_net *enet, const struct espvif_spd *spd,
				    const struct espvif_policy_config *config)
{
	struct espvif_policy *policy;

	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return NULL;
	policy->stats = alloc_percpu_gfp(struct espvif_policy_stats, GFP_KERNEL_ACCOUNT);
	if (config->cpu_acquire)
		policy->cpu_asked = alloc_percpu_gfp(atomic64_t, GFP_KERNEL_ACCOUNT);
	RCU_INIT_POINTER(policy->sas, create_list(config->sas, config->sa_count));
	if (!policy->stats || !rcu_access_pointer(policy->sas) ||
	    (config->cpu_acquire && !policy->cpu_asked)) {
		free_policy(policy);
		return NULL;
	}

	policy->selector = config->selector;
	policy->enet = enet;
	policy->device = config->device;
	policy->direction = config->direction;
	policy->action = config->action;
	policy->mode = config->mode;
	policy->owner = config->owner;
	policy->mss = config->mss;
	policy->trap = config->trap;
	policy->loopback = espvif_selector_names_loopback(&config->selector);
	policy->pending = true;
	strscpy_pad(policy->name, config->name, sizeof(policy->name));
	fill_key(&policy->key, spd, policy);
	if (policy->trap && policy->direction == ESPVIF_DIRECTION_OUT &&
	    espvif_event_trap_new(policy)) {
		free_policy(policy);
		return NULL;
	}
	return policy;
}

static int publish(struct espvif_policy_table *table, struct espvif_spd *spd,
		   struct espvif_policy *policy, u32 priority)
{
	int err;

	err = xa_alloc_cyclic(&table->by_id, &policy->id, NULL, xa_limit_32b,
			      &table->next_id, GFP_KERNEL);
	if (err < 0)
		return err;
	policy->rank = (u64)priority << 32 | policy->id;

	err = add_shape(spd, policy);
	if (err)
		goto erase_id;
	err = rhashtable_insert_fast(&table->by_name, &policy->by_name, name_params);
	if (err)
		goto remove_shape;
	err = rhltable_insert(&table->by_prefix, &policy->by_prefix, prefix_params);
	if (err)
		goto remove_name;
	return 0;

remove_name:
	rhashtable_remove_fast(&table->by_name, &policy->by_name, name_params);
remove_shape:
	remove_shape(spd, policy);
erase_id:
	xa_erase(&table->by_id, policy->id);
	return err;
}

static void unpublish(struct espvif_policy_table *table, struct espvif_spd *spd,
		      struct espvif_policy *policy)
{
	rhltable_remove(&table->by_prefix, &policy->by_prefix, prefix_params);
	rhashtable_remove_fast(&table->by_name, &policy->by_name, name_params);
	xa_erase(&table->by_id, policy->id);
	remove_shape(spd, policy);
}

/**
 * espvif_spd_prepare() - make a policy that nobody sees yet
 * @enet:	namespace, locked
 * @spd:	database that it belongs to
 * @config:	all about it, checked; its SAs are listed or pending
 * @extack:	for the sentence
 *
 * Its name is taken from now on. espvif_spd_commit() or espvif_spd_abort() has to
 * follow before the lock is let go.
 *
 * Context: process, may sleep.
 * Return: the policy; -EEXIST if its name is taken, -ENOSPC if there are too many kinds of
 * selectors, or -ENOMEM.
 */
struct espvif_policy *espvif_spd_prepare(struct espvif_net *enet, struct espvif_spd *spd,
					 const struct espvif_policy_config *config,
					 struct netlink_ext_ack *extack)
{
	struct espvif_policy *policy;
	int err;

	lockdep_assert_held(&enet->lock);

	if (espvif_spd_lookup_name(enet, config->name)) {
		espvif_refuse(extack, config->name_at, "there is a policy named %s already",
			      config->name);
		return ERR_PTR(-EEXIST);
	}
	policy = create(enet, spd, config);
	if (!policy)
		return ERR_PTR(-ENOMEM);

	err = check_room(spd, policy, extack);
	if (!err)
		err = publish(&enet->policies, spd, policy, config->priority);
	if (err) {
		call_rcu(&policy->rcu, free_policy_rcu);
		return ERR_PTR(err);
	}
	plan(list_of(policy), 1);
	return policy;
}

/**
 * espvif_spd_commit() - let a policy that was prepared decide from now on
 * @spd:	database that it belongs to
 * @policy:	its namespace is locked
 */
void espvif_spd_commit(struct espvif_spd *spd, struct espvif_policy *policy)
{
	struct espvif_policy_table *table = &policy->enet->policies;

	lockdep_assert_held(&policy->enet->lock);

	count_use(list_of(policy), 1);
	WRITE_ONCE(policy->pending, false);
	espvif_spd_cache_invalidate();
	/* a number that was reserved always has its place */
	xa_store(&table->by_id, policy->id, policy, GFP_KERNEL);
	table->count++;
	spd->count++;
	espvif_event_policy(policy, ESPVIF_EVENT_NEW);
}

/**
 * espvif_spd_abort() - forget a policy that was prepared
 * @spd:	database that it belongs to
 * @policy:	its namespace is locked
 */
void espvif_spd_abort(struct espvif_spd *spd, struct espvif_policy *policy)
{
	lockdep_assert_held(&policy->enet->lock);
	unpublish(&policy->enet->policies, spd, policy);
	plan(list_of(policy), -1);
	call_rcu(&policy->rcu, free_policy_rcu);
}

/**
 * espvif_spd_prepare_sas() - get ready to give a policy other SAs
 * @policy:	its namespace is locked
 * @sas:	what is to protect its traffic, checked; listed or pending
 * @count:	how many
 *
 * espvif_spd_commit_sas() or espvif_spd_abort_sas() has to follow before the lock is
 * let go.
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int espvif_spd_prepare_sas(struct espvif_policy *policy, struct espvif_sa *const *sas,
			   unsigned int count)
{
	lockdep_assert_held(&policy->enet->lock);
	WARN_ON_ONCE(policy->next_sas);

	policy->next_sas = create_list(sas, count);
	if (!policy->next_sas)
		return -ENOMEM;
	plan(policy->next_sas, 1);
	plan(list_of(policy), -1);
	return 0;
}

/* A CPU that has got its SA may ask at once when it has ended */
static void forget_asked(struct espvif_policy *policy)
{
	const struct espvif_sa_list *list = list_of(policy);
	unsigned int i;

	for (i = 0; policy->cpu_asked && i < list->count; i++) {
		if (is_for_cpu(list->sas[i]))
			atomic64_set(per_cpu_ptr(policy->cpu_asked, list->sas[i]->cpu), 0);
	}
}

/**
 * espvif_spd_commit_sas() - give a policy the SAs that were prepared
 * @policy:	its namespace is locked
 *
 * A packet sees the SAs from before or those given, never a mixture. Packets that
 * have found one of those from before are still on their way with it.
 */
void espvif_spd_commit_sas(struct espvif_policy *policy)
{
	struct espvif_sa_list *old = list_of(policy);

	count_use(policy->next_sas, 1);
	rcu_assign_pointer(policy->sas, policy->next_sas);
	policy->next_sas = NULL;
	count_use(old, -1);
	kfree_rcu(old, rcu);
	forget_asked(policy);
	if (policy->acquire)
		espvif_event_trap_set(policy);
	espvif_event_policy(policy, ESPVIF_EVENT_SET);
}

/**
 * espvif_spd_abort_sas() - leave a policy the SAs that it has
 * @policy:	its namespace is locked
 */
void espvif_spd_abort_sas(struct espvif_policy *policy)
{
	plan(list_of(policy), 1);
	plan(policy->next_sas, -1);
	kfree(policy->next_sas);
	policy->next_sas = NULL;
}

/**
 * espvif_spd_prepare_remove() - get ready to end a policy
 * @policy:	its namespace is locked
 *
 * It does not stand in the way of removing its SAs any more.
 * espvif_spd_commit_remove() or espvif_spd_abort_remove() has to follow before the
 * lock is let go.
 */
void espvif_spd_prepare_remove(struct espvif_policy *policy)
{
	lockdep_assert_held(&policy->enet->lock);
	policy->going = true;
	plan(planned_list_of(policy), -1);
}

/**
 * espvif_spd_commit_remove() - end a policy
 * @spd:	database that it belongs to
 * @policy:	espvif_spd_prepare_remove() was told of it
 */
void espvif_spd_commit_remove(struct espvif_spd *spd, struct espvif_policy *policy)
{
	struct espvif_policy_table *table = &policy->enet->policies;

	unpublish(table, spd, policy);
	espvif_spd_cache_invalidate();
	if (policy->acquire)
		espvif_event_trap_gone(policy);
	count_use(list_of(policy), -1);
	table->count--;
	spd->count--;
	espvif_event_policy(policy, ESPVIF_EVENT_DEL);
	call_rcu(&policy->rcu, free_policy_rcu);
}

/**
 * espvif_spd_abort_remove() - let a policy stay
 * @policy:	espvif_spd_prepare_remove() was told of it
 */
void espvif_spd_abort_remove(struct espvif_policy *policy)
{
	plan(planned_list_of(policy), 1);
	policy->going = false;
}

/**
 * espvif_spd_remove() - end a policy
 * @spd:	database that it belongs to
 * @policy:	its namespace is locked
 */
void espvif_spd_remove(struct espvif_spd *spd, struct espvif_policy *policy)
{
	espvif_spd_prepare_remove(policy);
	espvif_spd_commit_remove(spd, policy);
}

static struct espvif_sa *first_usable(const struct espvif_sa_list *list)
{
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		if (espvif_sa_usable(list->sas[i]))
			return list->sas[i];
	}
	return NULL;
}

static struct espvif_sa *first_usable_of(const struct espvif_sa_list *list, u32 cpu)
{
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		if (list->sas[i]->cpu == cpu && espvif_sa_usable(list->sas[i]))
			return list->sas[i];
	}
	return NULL;
}

/*
 * The SA of the CPU, else one for all, else that of another CPU: its numbers are
 * taken atomically, so that is slower, but better than dropping the packet.
 */
static struct espvif_sa *usable_sa(const struct espvif_policy *policy, u32 cpu)
{
	const struct espvif_sa_list *list = rcu_dereference(policy->sas);
	struct espvif_sa *sa;

	if (likely(!list->first))
		return first_usable(list);
	sa = list->sas[list->first[cpu]];
	if (likely(espvif_sa_usable(sa)))
		return sa;
	sa = first_usable_of(list, cpu);
	if (!sa)
		sa = first_usable_of(list, ESPVIF_CPU_NONE);
	return sa ?: first_usable(list);
}

/**
 * espvif_policy_tells_cpus() - do packets leave by other SAs on other CPUs
 * @policy:	the policy
 *
 * Context: RCU read side.
 * Return: whether some of its SAs are for one CPU, and it is outbound.
 */
bool espvif_policy_tells_cpus(const struct espvif_policy *policy)
{
	return rcu_dereference(policy->sas)->first;
}

/**
 * espvif_policy_usable_sa() - the SA that outbound traffic of this CPU leaves by
 * @policy:	outbound, action ESPVIF_ACTION_IPSEC
 *
 * Context: RCU read side.
 * Return: the SA; NULL if all are expired.
 */
struct espvif_sa *espvif_policy_usable_sa(const struct espvif_policy *policy)
{
	return usable_sa(policy, raw_smp_processor_id());
}

/**
 * espvif_spd_decide_out() - decide on an outbound packet
 * @enet:	namespace
 * @spd:	database of the host or of a device
 * @flow:	what the packet shows
 * @loopback:	it goes by the loopback device
 * @cpu:	the CPU that sends it
 * @decision:	filled in
 *
 * Context: RCU read side.
 */
void espvif_spd_decide_out(struct espvif_net *enet, const struct espvif_spd *spd,
			   const struct espvif_flow *flow, bool loopback, u32 cpu,
			   struct espvif_decision *decision)
{
	struct espvif_policy *policy;

	policy = espvif_spd_lookup(enet, spd, ESPVIF_DIRECTION_OUT, flow, loopback);
	*decision = (struct espvif_decision) { .policy = policy, .reason = ESPVIF_COUNTERS };
	if (!policy || policy->action == ESPVIF_ACTION_NONE)
		return;
	if (policy->action == ESPVIF_ACTION_DISCARD) {
		decision->reason = ESPVIF_OUT_POLICY_DISCARD;
		return;
	}
	decision->sa = usable_sa(policy, cpu);
	if (policy->trap)
		decision->hold = !decision->sa || READ_ONCE(policy->holding);
	else if (!decision->sa)
		decision->reason = ESPVIF_OUT_NO_SA;
	if (unlikely(policy->cpu_asked)) {
		decision->cpu = cpu;
		decision->cpu_lacks = decision->sa && decision->sa->cpu != cpu;
	}
}

/**
 * espvif_spd_ask_for_cpu() - a CPU needs an SA of its own
 * @decision:	says that it lacks one
 * @flow:	what the packet shows that it sends by another
 *
 * Somebody is told of it, once in CPU_ASK_AGAIN.
 *
 * Context: RCU read side.
 */
void espvif_spd_ask_for_cpu(const struct espvif_decision *decision,
			    const struct espvif_flow *flow)
{
	atomic64_t *asked = per_cpu_ptr(decision->policy->cpu_asked, decision->cpu);
	s64 again = atomic64_read(asked);
	u64 now = get_jiffies_64();

	if (likely(time_before64(now, (u64)again)))
		return;
	if (atomic64_try_cmpxchg(asked, &again, now + CPU_ASK_AGAIN))
		espvif_event_cpu_acquire(decision->policy, flow, decision->cpu);
}

static bool contains(const struct espvif_sa_list *list, const struct espvif_sa *sa)
{
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		if (list->sas[i] == sa)
			return true;
	}
	return false;
}

/**
 * espvif_policy_has_sa() - may traffic of a policy come in by an SA
 * @policy:	inbound
 * @sa:		what decrypted the packet
 *
 * Context: RCU read side.
 * Return: whether @sa is one of the policy's.
 */
bool espvif_policy_has_sa(const struct espvif_policy *policy, const struct espvif_sa *sa)
{
	return contains(rcu_dereference(policy->sas), sa);
}

/**
 * espvif_policy_will_have_sa() - does a policy stand in the way of removing an SA
 * @policy:	its namespace is locked
 * @sa:		the SA
 *
 * Return: whether it uses @sa when the request under way has been carried out.
 */
bool espvif_policy_will_have_sa(const struct espvif_policy *policy,
				const struct espvif_sa *sa)
{
	return !policy->going && contains(planned_list_of(policy), sa);
}

/**
 * espvif_policy_count() - note that a policy has decided
 * @policy:	the policy
 * @packets:	on how many packets
 * @bytes:	of how many bytes
 *
 * Context: bottom halves disabled.
 */
void espvif_policy_count(struct espvif_policy *policy, unsigned int packets,
			 unsigned int bytes)
{
	time64_t now = ktime_get_real_seconds();

	trace_espvif_policy_decide(policy->enet->net, policy->name, policy->direction,
				   policy->action, packets, bytes);
	this_cpu_add(policy->stats->packets, packets);
	this_cpu_add(policy->stats->bytes, bytes);
	/* once a second: the line stays shared between CPUs */
	if (READ_ONCE(policy->use_time) != now)
		WRITE_ONCE(policy->use_time, now);
}

/**
 * espvif_policy_read_stats() - on what a policy has decided
 * @policy:	the policy
 * @stats:	filled in
 */
void espvif_policy_read_stats(const struct espvif_policy *policy,
			      struct espvif_policy_stats *stats)
{
	const struct espvif_policy_stats *cpu_stats;
	int cpu;

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		cpu_stats = per_cpu_ptr(policy->stats, cpu);
		stats->packets += READ_ONCE(cpu_stats->packets);
		stats->bytes += READ_ONCE(cpu_stats->bytes);
	}
}
