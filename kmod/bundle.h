/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_BUNDLE_H
#define _ESPVIF_BUNDLE_H

struct sk_buff;

struct sk_buff *espvif_bundle_take(struct sk_buff **list);

#endif /* _ESPVIF_BUNDLE_H */
