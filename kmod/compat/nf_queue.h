/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_NF_QUEUE_H
#define _ESPVIF_COMPAT_NF_QUEUE_H

struct net;

/* Drops what programs have in queues. Exported, but declared in no header for modules */
void nf_queue_nf_hook_drop(struct net *net);

#endif /* _ESPVIF_COMPAT_NF_QUEUE_H */
