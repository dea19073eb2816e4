// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands about SPIs that are promised to a peer: larval.c keeps the promises.
 */
#include "larval.h"
#include "net.h"
#include "netlink.h"

/* No key exchange takes longer than that */
#define TIMEOUT_MAX	3600

const struct nla_policy espvif_spi_new_attrs[ESPVIF_A_SPI_MAX + 1] = {
	[ESPVIF_A_SPI_SPI] = NLA_POLICY_MIN(NLA_U32, ESPVIF_SPI_MIN),
	[ESPVIF_A_SPI_DADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ESPVIF_A_SPI_TIMEOUT] = NLA_POLICY_RANGE(NLA_U32, 1, TIMEOUT_MAX),
};

const struct nla_policy espvif_spi_del_attrs[ESPVIF_A_SPI_MAX + 1] = {
	[ESPVIF_A_SPI_SPI] = NLA_POLICY_MIN(NLA_U32, ESPVIF_SPI_MIN),
	[ESPVIF_A_SPI_DADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
};

static int get_key(struct genl_info *info, struct espvif_sa_key *key)
{
	int err;

	err = espvif_netlink_require(info, ESPVIF_A_SPI_SPI, "the SPI");
	if (!err)
		err = espvif_netlink_require(info, ESPVIF_A_SPI_DADDR, "the SA's destination");
	if (!err)
		err = espvif_netlink_get_addr(info->attrs[ESPVIF_A_SPI_DADDR], &key->daddr,
					      &key->family, info->extack);
	if (!err)
		err = espvif_netlink_check_family(key->family,
						  info->attrs[ESPVIF_A_SPI_DADDR],
						  info->extack);
	if (!err)
		key->spi = htonl(nla_get_u32(info->attrs[ESPVIF_A_SPI_SPI]));
	return err;
}

/**
 * espvif_netlink_spi_new() - carry out ESPVIF_CMD_SPI_NEW
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_spi_new(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *timeout = info->attrs[ESPVIF_A_SPI_TIMEOUT];
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct espvif_sa_key key = {};
	int err;

	err = get_key(info, &key);
	if (err)
		return err;
	mutex_lock(&enet->lock);
	err = espvif_larval_add(enet, &key,
				timeout ? nla_get_u32(timeout) : ESPVIF_SPI_TIMEOUT_DEFAULT,
				info->attrs[ESPVIF_A_SPI_SPI], info->extack);
	mutex_unlock(&enet->lock);
	return err;
}

/**
 * espvif_netlink_spi_del() - carry out ESPVIF_CMD_SPI_DEL
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_spi_del(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct espvif_sa_key key = {};
	int err;

	err = get_key(info, &key);
	if (err)
		return err;
	mutex_lock(&enet->lock);
	err = espvif_larval_remove(enet, &key, info->attrs[ESPVIF_A_SPI_SPI], info->extack);
	mutex_unlock(&enet->lock);
	return err;
}
