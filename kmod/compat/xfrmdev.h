/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_XFRMDEV_H
#define _ESPVIF_COMPAT_XFRMDEV_H

#include <linux/netdevice.h>
#include <net/xfrm.h>

/*
 * How a driver is told about a state. The sentence of a refusal came in 6.3, the
 * device as an argument of its own in 6.16.
 */
static inline int espvif_xdo_state_add(struct net_device *dev, struct xfrm_state *x,
				       struct netlink_ext_ack *extack)
{
#if defined(ESPVIF_HAVE_XDO_DEV)
	return dev->xfrmdev_ops->xdo_dev_state_add(dev, x, extack);
#elif defined(ESPVIF_HAVE_XDO_EXTACK)
	return dev->xfrmdev_ops->xdo_dev_state_add(x, extack);
#else
	return dev->xfrmdev_ops->xdo_dev_state_add(x);
#endif
}

/* Nothing is in the driver's hands any more: forget the state, and free what it had */
static inline void espvif_xdo_state_remove(struct net_device *dev, struct xfrm_state *x)
{
	const struct xfrmdev_ops *ops = dev->xfrmdev_ops;

#ifdef ESPVIF_HAVE_XDO_DEV
	ops->xdo_dev_state_delete(dev, x);
	if (ops->xdo_dev_state_free)
		ops->xdo_dev_state_free(dev, x);
#else
	ops->xdo_dev_state_delete(x);
	if (ops->xdo_dev_state_free)
		ops->xdo_dev_state_free(x);
#endif
}

/* Does the driver do whole packets, policies included? Kernels can since 6.2 */
static inline bool espvif_xdo_has_packet(const struct net_device *dev)
{
#ifdef ESPVIF_HAVE_XDO_POLICY
	return dev->xfrmdev_ops && dev->xfrmdev_ops->xdo_dev_policy_add;
#else
	return false;
#endif
}

/* States got a direction of their own in 6.10 */
static inline void espvif_xfrm_set_dir(struct xfrm_state *x, bool in)
{
#ifdef ESPVIF_HAVE_XFRM_DIR
	x->dir = in ? XFRM_SA_DIR_IN : XFRM_SA_DIR_OUT;
#endif
}

#endif /* _ESPVIF_COMPAT_XFRMDEV_H */
