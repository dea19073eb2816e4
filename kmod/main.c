// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and unload of the module, and what every network namespace gets of it.
 */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/inet_common.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>
#include <uapi/linux/espvif.h>

#include "acquire.h"
#include "crypt.h"
#include "demux.h"
#include "device.h"
#include "hooks.h"
#include "input.h"
#include "larval.h"
#include "mark.h"
#include "merge.h"
#include "net.h"
#include "netlink.h"
#include "offload.h"
#include "order.h"
#include "poll.h"
#include "refusal.h"
#include "selftest/selftest.h"
#include "spd_cache.h"
#include "spread.h"
#include "version.h"

static unsigned int net_id __read_mostly;

/**
 * espvif_net() - what a network namespace has
 * @net:	the namespace
 *
 * Return: ours of it.
 */
struct espvif_net *espvif_net(const struct net *net)
{
	return net_generic(net, net_id);
}

static int __net_init net_init(struct net *net)
{
	struct espvif_net *enet = espvif_net(net);
	int err;

	enet->net = net;
	mutex_init(&enet->lock);
	INIT_LIST_HEAD(&enet->devices);
	enet->counters = alloc_percpu(struct espvif_counters);
	if (!enet->counters)
		return -ENOMEM;
	err = espvif_sad_init(&enet->sad);
	if (err)
		goto free_counters;
	err = espvif_policy_table_init(&enet->policies);
	if (err)
		goto uninit_sad;
	err = espvif_larval_init(enet);
	if (err)
		goto uninit_policies;
	err = inet_ctl_sock_create(&enet->sock, PF_INET, SOCK_RAW, IPPROTO_RAW, net);
	if (err)
		goto uninit_larval;
	return 0;

uninit_larval:
	espvif_larval_uninit(enet);
uninit_policies:
	espvif_policy_table_uninit(&enet->policies);
uninit_sad:
	espvif_sad_uninit(&enet->sad);
free_counters:
	free_percpu(enet->counters);
	return err;
}

static void remove_all(struct espvif_net *enet)
{
	struct espvif_policy *policy;
	struct espvif_sa *sa;
	unsigned long id;

	mutex_lock(&enet->lock);
	/* devices have taken theirs along */
	xa_for_each(&enet->policies.by_id, id, policy)
		espvif_spd_remove(&enet->spd, policy);
	xa_for_each(&enet->sad.by_id, id, sa)
		espvif_sad_remove(sa);
	espvif_hooks_put(enet);
	mutex_unlock(&enet->lock);
}

static void __net_exit net_exit(struct net *net)
{
	struct espvif_net *enet = espvif_net(net);

	remove_all(enet);
	/* those who are still in hooks look into the tables */
	espvif_hooks_uninit(enet);
	espvif_demux_uninit(enet);
	espvif_larval_uninit(enet);
	espvif_sad_uninit(&enet->sad);
	espvif_policy_table_uninit(&enet->policies);
	inet_ctl_sock_destroy(enet->sock);
	espvif_merge_uninit(enet);
	espvif_mark_uninit(enet);
	free_percpu(enet->counters);
}

/* Links that were moved elsewhere don't outlive the namespace they came from */
static void __net_exit net_exit_rtnl(struct list_head *nets, struct list_head *doomed)
{
	struct net *net;

	list_for_each_entry(net, nets, exit_list)
		espvif_device_remove_all(espvif_net(net), doomed);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.exit_batch_rtnl = net_exit_rtnl,
	.id = &net_id,
	.size = sizeof(struct espvif_net),
};

static int __init run_selftests(void)
{
#ifdef DEBUG
	bool ok = espvif_esp_selftest();

	ok &= espvif_replay_selftest();
	ok &= espvif_selector_selftest();
	ok &= espvif_transform_selftest();
	return ok ? 0 : -ENOTRECOVERABLE;
#else
	return 0;
#endif
}

/* Crypto that is done later, or elsewhere */
static int __init init_order(void)
{
	int err;

	err = espvif_poll_init();
	if (err)
		return err;
	espvif_order_module_init();
	err = espvif_spread_init();
	if (err) {
		espvif_order_module_uninit();
		espvif_poll_uninit();
	}
	return err;
}

static void uninit_order(void)
{
	espvif_spread_uninit();
	espvif_order_module_uninit();
	espvif_poll_uninit();
}

/* What SAs and policies of all namespaces share */
static int __init init_databases(void)
{
	int err;

	err = espvif_sad_module_init();
	if (err)
		return err;
	err = espvif_acquire_init();
	if (err)
		goto uninit_sad;
	err = espvif_larval_module_init();
	if (err)
		goto uninit_acquire;
	return 0;

uninit_acquire:
	espvif_acquire_uninit();
uninit_sad:
	espvif_sad_module_uninit();
	return err;
}

static void uninit_databases(void)
{
	espvif_larval_module_uninit();
	espvif_acquire_uninit();
	espvif_sad_module_uninit();
}

static int __init espvif_init(void)
{
	int err;

	err = espvif_refusal_init();
	if (err)
		return err;
	err = espvif_crypt_init();
	if (err)
		goto uninit_refusal;
	err = espvif_spd_cache_init();
	if (err)
		goto uninit_crypt;
	err = run_selftests();
	if (err)
		goto uninit_cache;
	err = init_order();
	if (err)
		goto uninit_cache;
	err = init_databases();
	if (err)
		goto uninit_order;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto uninit_databases;
	err = espvif_offload_init();
	if (err)
		goto unregister_pernet;
	err = espvif_input_init();
	if (err)
		goto uninit_offload;
	err = espvif_device_init();
	if (err)
		goto uninit_input;
	err = espvif_netlink_init();
	if (err)
		goto uninit_device;
	return 0;

uninit_device:
	espvif_device_uninit();
uninit_input:
	espvif_input_uninit();
uninit_offload:
	espvif_offload_uninit();
	espvif_offload_drain();
unregister_pernet:
	unregister_pernet_subsys(&net_ops);
uninit_databases:
	uninit_databases();
uninit_order:
	uninit_order();
uninit_cache:
	espvif_spd_cache_uninit();
uninit_crypt:
	espvif_crypt_uninit();
uninit_refusal:
	espvif_refusal_uninit();
	return err;
}

static void __exit espvif_exit(void)
{
	espvif_netlink_uninit();
	espvif_device_uninit();
	espvif_input_uninit();
	espvif_offload_uninit();
	unregister_pernet_subsys(&net_ops);
	uninit_databases();
	uninit_order();
	espvif_offload_drain();
	/* policies on their way out */
	rcu_barrier();
	espvif_spd_cache_uninit();
	espvif_crypt_uninit();
	espvif_refusal_uninit();
}

module_init(espvif_init);
module_exit(espvif_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("IPsec ESP with its own SAD and SPD, and a virtual interface");
MODULE_VERSION(ESPVIF_VERSION);
MODULE_ALIAS_RTNL_LINK("espvif");
MODULE_ALIAS_GENL_FAMILY(ESPVIF_GENL_NAME);
