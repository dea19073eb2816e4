// SPDX-License-Identifier: GPL-2.0-only
/*
 * What `ethtool` shows of a device: who drives it, and the counters of packets
 * that concern its SAs and policies, by the names that `ipsec counters` has.
 */
#include <linux/ethtool.h>

#include "device.h"
#include "version.h"

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "espvif", sizeof(info->driver));
	strscpy(info->version, ESPVIF_VERSION, sizeof(info->version));
}

static int get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? ESPVIF_COUNTERS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *text)
{
	enum espvif_counter counter;

	for (counter = 0; set == ETH_SS_STATS && counter < ESPVIF_COUNTERS; counter++)
		strscpy(text + counter * ETH_GSTRING_LEN, espvif_counter_name(counter),
			ETH_GSTRING_LEN);
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *values)
{
	const struct espvif_device *device = netdev_priv(dev);
	struct rtnl_link_stats64 link;
	enum espvif_counter counter;

	for (counter = 0; counter < ESPVIF_COUNTERS; counter++)
		values[counter] = atomic64_read(&device->tally.of[counter]);
	dev_get_stats(dev, &link);
	values[ESPVIF_IN_PACKETS] = link.rx_packets;
	values[ESPVIF_OUT_PACKETS] = link.tx_packets;
}

const struct ethtool_ops espvif_device_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_stats,
};
