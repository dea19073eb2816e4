/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_NETDEVICE_H
#define _ESPVIF_COMPAT_NETDEVICE_H

#include <linux/netdevice.h>

/* Sending without a lock of the device became a bit of its own in 6.12 */
static inline void espvif_set_lltx(struct net_device *dev)
{
#ifdef ESPVIF_HAVE_LLTX_BIT
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

#endif /* _ESPVIF_COMPAT_NETDEVICE_H */
