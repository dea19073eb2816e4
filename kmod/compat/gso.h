/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_GSO_H
#define _ESPVIF_COMPAT_GSO_H

/* Segmentation got a header of its own in 6.5 */
#ifdef ESPVIF_HAVE_GSO_HEADER
#include <net/gso.h>
#else
#include <linux/netdevice.h>
#endif

#endif /* _ESPVIF_COMPAT_GSO_H */
