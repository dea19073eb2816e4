// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A network card that does ESP, for tests: `ip link add nic0 type cardsim` makes the
 * card and, as nic0-wire, the plain other end of its cable. What the card is given
 * to encrypt leaves it encrypted; what comes in for an SA of it, it decrypts. This
 * file owns the devices, esp.c what makes them a card, lso.c segmentation.
 */
#include <linux/debugfs.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <net/rtnetlink.h>

#include "cardsim.h"

#define CARD_FEATURES	(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | \
			 NETIF_F_HW_ESP | NETIF_F_HW_ESP_TX_CSUM | NETIF_F_GSO_ESP)

static struct rtnl_link_ops link_ops;
static struct dentry *root;

/* ----- packets ------------------------------------------------------------- */

static void pass_on(struct net_device *to, struct sk_buff *skb)
{
	struct cardsim *other = netdev_priv(to);

	if (__dev_forward_skb(to, skb))
		return;
	cardsim_open(other, skb);
	gro_cells_receive(&other->cells, skb);
}

static netdev_tx_t xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct cardsim *card = netdev_priv(dev);
	struct net_device *to;
	struct sk_buff *next;

	/* long enough for other things to happen */
	if (READ_ONCE(card->fault) == CARDSIM_BUSY && jiffies / (HZ / 50) % 2) {
		atomic64_inc(&card->busy);
		return NETDEV_TX_BUSY;
	}
	rcu_read_lock();
	to = rcu_dereference(card->peer);
	skb = cardsim_seal(card, skb);
	skb_list_walk_safe(skb, skb, next) {
		skb_mark_not_on_list(skb);
		if (to && to->flags & IFF_UP)
			pass_on(to, skb);
		else
			kfree_skb(skb);
	}
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/* ----- devices ------------------------------------------------------------- */

static int init(struct net_device *dev)
{
	struct cardsim *card = netdev_priv(dev);

	return gro_cells_init(&card->cells, dev);
}

static void uninit(struct net_device *dev)
{
	struct cardsim *card = netdev_priv(dev);

	debugfs_remove_recursive(card->directory);
	WARN_ON(!list_empty(&card->sas));
}

static void free_device(struct net_device *dev)
{
	struct cardsim *card = netdev_priv(dev);

	gro_cells_destroy(&card->cells);
}

static const struct net_device_ops device_ops = {
	.ndo_init = init,
	.ndo_uninit = uninit,
	.ndo_start_xmit = xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void setup(struct net_device *dev)
{
	struct cardsim *card = netdev_priv(dev);

	ether_setup(dev);
	card->dev = dev;
	spin_lock_init(&card->lock);
	INIT_LIST_HEAD(&card->sas);
	dev->netdev_ops = &device_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = free_device;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	dev->max_mtu = ETH_MAX_MTU;
	eth_hw_addr_random(dev);
}

static int sas_show(struct seq_file *file, void *data)
{
	cardsim_show_sas(file->private, file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sas);

static void make_card(struct net_device *dev)
{
	struct cardsim *card = netdev_priv(dev);

	card->is_card = true;
	dev->xfrmdev_ops = &cardsim_xfrmdev_ops;
	dev->features |= CARD_FEATURES;
	dev->hw_features |= CARD_FEATURES;
	dev->hw_enc_features |= CARD_FEATURES;
}

static void show(struct net_device *dev)
{
	struct cardsim *card = netdev_priv(dev);

	card->directory = debugfs_create_dir(dev->name, root);
	debugfs_create_u32("fault", 0600, card->directory, &card->fault);
	debugfs_create_file("sas", 0400, card->directory, card, &sas_fops);
}

static struct net_device *make_wire(struct net *net, struct net_device *dev,
				    struct netlink_ext_ack *extack)
{
	struct net_device *wire;
	char name[IFNAMSIZ];
	int err;

	if (snprintf(name, sizeof(name), "%s-wire", dev->name) >= sizeof(name))
		return ERR_PTR(-ENAMETOOLONG);
	wire = alloc_netdev(sizeof(struct cardsim), name, NET_NAME_USER, setup);
	if (!wire)
		return ERR_PTR(-ENOMEM);
	dev_net_set(wire, net);
	wire->rtnl_link_ops = &link_ops;
	err = register_netdevice(wire);
	if (err) {
		free_netdev(wire);
		return ERR_PTR(err);
	}
	return wire;
}

static int newlink(struct net *net, struct net_device *dev, struct nlattr *tb[],
		   struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct cardsim *card = netdev_priv(dev);
	struct net_device *wire;
	int err;

	make_card(dev);
	err = register_netdevice(dev);
	if (err)
		return err;
	wire = make_wire(dev_net(dev), dev, extack);
	if (IS_ERR(wire)) {
		unregister_netdevice(dev);
		return PTR_ERR(wire);
	}
	rcu_assign_pointer(card->peer, wire);
	rcu_assign_pointer(((struct cardsim *)netdev_priv(wire))->peer, dev);
	show(dev);
	return 0;
}

/* Both ends go, whichever is asked for */
static void dellink(struct net_device *dev, struct list_head *head)
{
	struct cardsim *card = netdev_priv(dev), *other;
	struct net_device *peer = rtnl_dereference(card->peer);

	RCU_INIT_POINTER(card->peer, NULL);
	unregister_netdevice_queue(dev, head);
	if (!peer)
		return;
	other = netdev_priv(peer);
	RCU_INIT_POINTER(other->peer, NULL);
	unregister_netdevice_queue(peer, head);
}

static struct rtnl_link_ops link_ops = {
	.kind = "cardsim",
	.priv_size = sizeof(struct cardsim),
	.setup = setup,
	.newlink = newlink,
	.dellink = dellink,
};

static int __init cardsim_init(void)
{
	int err;

	root = debugfs_create_dir("cardsim", NULL);
	err = rtnl_link_register(&link_ops);
	if (err)
		debugfs_remove(root);
	return err;
}

static void __exit cardsim_exit(void)
{
	rtnl_link_unregister(&link_ops);
	debugfs_remove(root);
}

module_init(cardsim_init);
module_exit(cardsim_exit);
MODULE_DESCRIPTION("Network card that does ESP, for tests");
MODULE_LICENSE("GPL");
