/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_POLL_H
#define _ESPVIF_POLL_H

#include <linux/netdevice.h>

int espvif_poll_init(void);
void espvif_poll_uninit(void);

void espvif_poll_add(struct napi_struct *napi, int (*poll)(struct napi_struct *napi, int budget));
void espvif_poll_remove(struct napi_struct *napi);

#endif /* _ESPVIF_POLL_H */
