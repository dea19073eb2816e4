// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family "espvif", which uapi/linux/espvif.h describes: its
 * commands, what they have in common, and those about the namespace as a whole.
 */
#include <linux/ctype.h>
#include <linux/ipv6.h>

#include "device.h"
#include "net.h"
#include "netlink.h"
#include "refusal.h"
#include "version.h"

/**
 * espvif_netlink_require() - refuse a request that lacks an attribute
 * @info:	the request
 * @attr:	what it must have
 * @what:	what users call it
 *
 * Return: 0 or -EINVAL.
 */
int espvif_netlink_require(struct genl_info *info, int attr, const char *what)
{
	if (info->attrs[attr])
		return 0;
	espvif_refuse(info->extack, NULL, "the request lacks %s", what);
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
	return -EINVAL;
}

/**
 * espvif_netlink_get_name() - read the name of an object
 * @attr:	the attribute, a string
 * @of:		what the object is
 * @name:	buffer of ESPVIF_NAME_MAX + 1 bytes
 * @extack:	for the sentence
 *
 * Return: 0 or -EINVAL.
 */
int espvif_netlink_get_name(const struct nlattr *attr, const char *of, char *name,
			    struct netlink_ext_ack *extack)
{
	const char *c;

	nla_strscpy(name, attr, ESPVIF_NAME_MAX + 1);
	if (!*name) {
		espvif_refuse(extack, attr, "the name of %s is empty", of);
		return -EINVAL;
	}
	for (c = name; *c; c++) {
		if (!isascii(*c) || !isgraph(*c)) {
			espvif_refuse(extack, attr,
				      "the name of %s has a blank or an unprintable character at position %zd",
				      of, c - name + 1);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * espvif_netlink_get_addr() - read an address
 * @attr:	the attribute, 4 or 16 bytes
 * @addr:	filled in, bytes that the family doesn't use 0
 * @family:	AF_UNSPEC or what the address must be; set to what it is
 * @extack:	for the sentence
 *
 * Return: 0 or -EINVAL.
 */
int espvif_netlink_get_addr(const struct nlattr *attr, union espvif_addr *addr, u32 *family,
			    struct netlink_ext_ack *extack)
{
	u32 its;

	memset(addr, 0, sizeof(*addr));
	switch (nla_len(attr)) {
	case sizeof(addr->ip):
		its = AF_INET;
		break;
	case sizeof(addr->ip6):
		its = AF_INET6;
		break;
	default:
		espvif_refuse(extack, attr, "an address has 4 or 16 bytes, this one has %d",
			      nla_len(attr));
		return -EINVAL;
	}
	if (*family != AF_UNSPEC && *family != its) {
		espvif_refuse(extack, attr,
			      "the addresses are of different families");
		return -EINVAL;
	}
	nla_memcpy(addr, attr, sizeof(*addr));
	*family = its;
	return 0;
}

/**
 * espvif_netlink_check_family() - refuse addresses that there can be no route for
 * @family:	theirs
 * @attr:	one of them
 * @extack:	for the sentence
 *
 * Booted with ipv6.disable=1 the kernel lacks what its functions for IPv6 look at.
 *
 * Return: 0 or -EAFNOSUPPORT.
 */
int espvif_netlink_check_family(u32 family, const struct nlattr *attr,
				struct netlink_ext_ack *extack)
{
	if (family != AF_INET6 || ipv6_mod_enabled())
		return 0;
	espvif_refuse(extack, attr,
		      "this kernel does without IPv6: it was booted with ipv6.disable=1");
	return -EAFNOSUPPORT;
}

/**
 * espvif_netlink_get_cpu() - read the number of a CPU
 * @attr:	the attribute, a u32; NULL if the request names none
 * @cpu:	set to the number or ESPVIF_CPU_NONE
 * @extack:	for the sentence
 *
 * Return: 0, or -EINVAL if there can be no such CPU.
 */
int espvif_netlink_get_cpu(const struct nlattr *attr, u32 *cpu,
			   struct netlink_ext_ack *extack)
{
	*cpu = attr ? nla_get_u32(attr) : ESPVIF_CPU_NONE;
	if (!attr || (*cpu < nr_cpu_ids && cpu_possible(*cpu)))
		return 0;
	espvif_refuse(extack, attr, "there can be no CPU %u here, the last one is %u", *cpu,
		      nr_cpu_ids - 1);
	return -EINVAL;
}

/**
 * espvif_netlink_get_device() - find the device that a request names
 * @enet:	namespace, locked
 * @attr:	the attribute, a string; NULL if the request names none
 * @device:	set to the device or NULL
 * @extack:	for the sentence
 *
 * Return: 0, or -ENODEV.
 */
int espvif_netlink_get_device(struct espvif_net *enet, const struct nlattr *attr,
			      struct espvif_device **device, struct netlink_ext_ack *extack)
{
	char name[IFNAMSIZ];
	struct net_device *dev;

	*device = NULL;
	if (!attr)
		return 0;
	nla_strscpy(name, attr, sizeof(name));
	*device = espvif_device_find(enet, name);
	if (*device)
		return 0;

	rcu_read_lock();
	dev = dev_get_by_name_rcu(enet->net, name);
	if (!dev)
		espvif_refuse(extack, attr,
			      "there is no interface %s; make it with: ip link add %s type espvif",
			      name, name);
	else if (!espvif_device_is(dev))
		espvif_refuse(extack, attr, "interface %s is not of type espvif", name);
	else
		espvif_refuse(extack, attr,
			      "interface %s was made in another network namespace; its SAs and policies are kept there",
			      name);
	rcu_read_unlock();
	return -ENODEV;
}

/**
 * espvif_netlink_attrs() - all attributes of a request, for those that stand many times
 * @info:	the request, or one operation of a batch
 * @len:	set to how many bytes they are
 *
 * Return: the first.
 */
const struct nlattr *espvif_netlink_attrs(const struct genl_info *info, int *len)
{
	const struct nlattr *nest = info->user_ptr[0];

	if (nest) {
		*len = nla_len(nest);
		return nla_data(nest);
	}
	*len = nlmsg_attrlen(info->nlhdr, GENL_HDRLEN);
	return nlmsg_attrdata(info->nlhdr, GENL_HDRLEN);
}

/**
 * espvif_netlink_check_dump() - refuse a dump with attributes
 * @cb:	the dump
 *
 * The policy of a command holds for its dump too, which takes none of the
 * attributes. Called by the dump itself: before 6.2 its start has no way to say
 * a sentence.
 *
 * Return: 0 or -EINVAL.
 */
int espvif_netlink_check_dump(struct netlink_callback *cb)
{
	if (nlmsg_attrlen(cb->nlh, GENL_HDRLEN) <= 0)
		return 0;
	espvif_refuse(cb->extack, nlmsg_attrdata(cb->nlh, GENL_HDRLEN),
		      "a dump takes no attributes, it shows all");
	return -EINVAL;
}

/**
 * espvif_netlink_put_addr() - write an address
 * @skb:	message
 * @attr:	type of the attribute
 * @addr:	the address
 * @family:	AF_INET or AF_INET6
 *
 * Return: 0 or -EMSGSIZE.
 */
int espvif_netlink_put_addr(struct sk_buff *skb, int attr, const union espvif_addr *addr,
			    u8 family)
{
	return nla_put(skb, attr, family == AF_INET ? sizeof(addr->ip) : sizeof(addr->ip6),
		       addr);
}

/**
 * espvif_netlink_put_counter() - write a counter
 * @skb:	message
 * @nest:	type of the attribute around it
 * @counter:	which
 * @value:	packets
 *
 * Return: 0 or -EMSGSIZE.
 */
int espvif_netlink_put_counter(struct sk_buff *skb, int nest, enum espvif_counter counter,
			       u64 value)
{
	struct nlattr *attr = nla_nest_start(skb, nest);

	if (!attr)
		return -EMSGSIZE;
	if (nla_put_string(skb, ESPVIF_A_COUNTER_NAME, espvif_counter_name(counter)) ||
	    nla_put_u64_64bit(skb, ESPVIF_A_COUNTER_VALUE, value, ESPVIF_A_COUNTER_PAD)) {
		nla_nest_cancel(skb, attr);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, attr);
	return 0;
}

static int put_status(struct sk_buff *skb, const struct espvif_net *enet)
{
	enum espvif_counter counter;

	if (nla_put_string(skb, ESPVIF_A_STATUS_VERSION, ESPVIF_VERSION) ||
	    nla_put_u32(skb, ESPVIF_A_STATUS_SAS, enet->sad.count) ||
	    nla_put_u32(skb, ESPVIF_A_STATUS_POLICIES, enet->policies.count) ||
	    nla_put_u32(skb, ESPVIF_A_STATUS_SPIS, READ_ONCE(enet->larvae.count)))
		return -EMSGSIZE;
	for (counter = 0; counter < ESPVIF_COUNTERS; counter++) {
		if (espvif_netlink_put_counter(skb, ESPVIF_A_STATUS_COUNTER, counter,
					       espvif_counters_sum(enet->counters, counter)))
			return -EMSGSIZE;
	}
	return 0;
}

static int status_get(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct sk_buff *reply;
	void *header;
	int err;

	reply = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &espvif_genl_family, 0, ESPVIF_CMD_STATUS_GET);
	err = header ? put_status(reply, enet) : -EMSGSIZE;
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

static int fill_device(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct espvif_device *device)
{
	const struct net_device *dev = device->dev;
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &espvif_genl_family, NLM_F_MULTI, ESPVIF_CMD_DEVICE_GET);
	if (!header)
		return -EMSGSIZE;
	if (nla_put_string(skb, ESPVIF_A_DEVICE_IFNAME, dev->name) ||
	    nla_put_u32(skb, ESPVIF_A_DEVICE_IFINDEX, dev->ifindex) ||
	    (!net_eq(dev_net(dev), device->enet->net) &&
	     nla_put_flag(skb, ESPVIF_A_DEVICE_NETNS_FOREIGN)) ||
	    nla_put_u32(skb, ESPVIF_A_DEVICE_MTU, READ_ONCE(dev->mtu)) ||
	    (netif_running(dev) && nla_put_flag(skb, ESPVIF_A_DEVICE_RUNNING)) ||
	    nla_put_u32(skb, ESPVIF_A_DEVICE_SAS, device->sa_count) ||
	    nla_put_u32(skb, ESPVIF_A_DEVICE_POLICIES, device->spd.count)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* Devices are listed in the order they were made: args[0] counts those done */
static int device_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct espvif_net *enet = espvif_net(sock_net(skb->sk));
	struct espvif_device *device;
	long n = 0;

	mutex_lock(&enet->lock);
	list_for_each_entry(device, &enet->devices, entry) {
		if (n++ < cb->args[0])
			continue;
		if (fill_device(skb, cb, device))
			break;
		cb->args[0] = n;
	}
	mutex_unlock(&enet->lock);
	return skb->len;
}

/*
 * A command that takes no attributes refuses all. Two entries: with one the kernel
 * would check nothing, and warn when somebody asks it for the policy.
 */
static const struct nla_policy no_attrs[2] = {};

static const struct genl_ops ops[] = {
	{
		.cmd = ESPVIF_CMD_SA_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_sa_new_attrs,
		.maxattr = ARRAY_SIZE(espvif_sa_new_attrs) - 1,
		.doit = espvif_netlink_sa_new,
	},
	{
		.cmd = ESPVIF_CMD_SA_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_sa_set_attrs,
		.maxattr = ARRAY_SIZE(espvif_sa_set_attrs) - 1,
		.doit = espvif_netlink_sa_set,
	},
	{
		.cmd = ESPVIF_CMD_SA_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_sa_del_attrs,
		.maxattr = ARRAY_SIZE(espvif_sa_del_attrs) - 1,
		.doit = espvif_netlink_sa_del,
	},
	{
		.cmd = ESPVIF_CMD_SA_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_sa_get_attrs,
		.maxattr = ARRAY_SIZE(espvif_sa_get_attrs) - 1,
		.doit = espvif_netlink_sa_get,
		.dumpit = espvif_netlink_sa_dump,
	},
	{
		.cmd = ESPVIF_CMD_SA_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_sa_flush_attrs,
		.maxattr = ARRAY_SIZE(espvif_sa_flush_attrs) - 1,
		.doit = espvif_netlink_sa_flush,
	},
	{
		.cmd = ESPVIF_CMD_POLICY_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_policy_new_attrs,
		.maxattr = ARRAY_SIZE(espvif_policy_new_attrs) - 1,
		.doit = espvif_netlink_policy_new,
	},
	{
		.cmd = ESPVIF_CMD_POLICY_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_policy_set_attrs,
		.maxattr = ARRAY_SIZE(espvif_policy_set_attrs) - 1,
		.doit = espvif_netlink_policy_set,
	},
	{
		.cmd = ESPVIF_CMD_POLICY_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_policy_del_attrs,
		.maxattr = ARRAY_SIZE(espvif_policy_del_attrs) - 1,
		.doit = espvif_netlink_policy_del,
	},
	{
		.cmd = ESPVIF_CMD_POLICY_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_policy_get_attrs,
		.maxattr = ARRAY_SIZE(espvif_policy_get_attrs) - 1,
		.doit = espvif_netlink_policy_get,
		.dumpit = espvif_netlink_policy_dump,
	},
	{
		.cmd = ESPVIF_CMD_POLICY_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_policy_flush_attrs,
		.maxattr = ARRAY_SIZE(espvif_policy_flush_attrs) - 1,
		.doit = espvif_netlink_policy_flush,
	},
	{
		.cmd = ESPVIF_CMD_BATCH,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_batch_attrs,
		.maxattr = ARRAY_SIZE(espvif_batch_attrs) - 1,
		.doit = espvif_netlink_batch,
	},
	{
		.cmd = ESPVIF_CMD_STATUS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.doit = status_get,
	},
	{
		.cmd = ESPVIF_CMD_EXPLAIN,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_explain_attrs,
		.maxattr = ARRAY_SIZE(espvif_explain_attrs) - 1,
		.doit = espvif_netlink_explain,
	},
	{
		.cmd = ESPVIF_CMD_DEVICE_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.dumpit = device_dump,
	},
	{
		.cmd = ESPVIF_CMD_SPI_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_spi_new_attrs,
		.maxattr = ARRAY_SIZE(espvif_spi_new_attrs) - 1,
		.doit = espvif_netlink_spi_new,
	},
	{
		.cmd = ESPVIF_CMD_SPI_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = espvif_spi_del_attrs,
		.maxattr = ARRAY_SIZE(espvif_spi_del_attrs) - 1,
		.doit = espvif_netlink_spi_del,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = ESPVIF_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family espvif_genl_family __ro_after_init = {
	.name = ESPVIF_GENL_NAME,
	.version = ESPVIF_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = ESPVIF_CMD_SA_NEW,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/**
 * espvif_netlink_init() - take requests
 *
 * Return: 0 or an error.
 */
int __init espvif_netlink_init(void)
{
	return genl_register_family(&espvif_genl_family);
}

/**
 * espvif_netlink_uninit() - take no more requests; those under way have ended
 */
void espvif_netlink_uninit(void)
{
	genl_unregister_family(&espvif_genl_family);
}
