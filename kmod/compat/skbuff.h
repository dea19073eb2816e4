/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_SKBUFF_H
#define _ESPVIF_COMPAT_SKBUFF_H

#include <linux/skbuff.h>

/* Since 6.12 what came in may lie in a device's memory */
static inline bool espvif_frags_readable(const struct sk_buff *skb)
{
#ifdef ESPVIF_HAVE_UNREADABLE_FRAGS
	return skb_frags_readable(skb);
#else
	return true;
#endif
}

#endif /* _ESPVIF_COMPAT_SKBUFF_H */
