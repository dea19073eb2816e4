/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_HOOKS_H
#define _ESPVIF_HOOKS_H

struct espvif_net;

int espvif_hooks_get(struct espvif_net *enet);
void espvif_hooks_put(struct espvif_net *enet);

#endif /* _ESPVIF_HOOKS_H */
