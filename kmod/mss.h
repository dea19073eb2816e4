/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_MSS_H
#define _ESPVIF_MSS_H

#include <linux/types.h>

struct sk_buff;

void espvif_mss_clamp(struct sk_buff *skb, u16 limit, unsigned int mtu);

#endif /* _ESPVIF_MSS_H */
