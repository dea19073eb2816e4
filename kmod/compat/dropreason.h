/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_DROPREASON_H
#define _ESPVIF_COMPAT_DROPREASON_H

#include <net/dropreason.h>

/* Congestion at the end of a tunnel has a reason of its own since 6.12 */
#ifdef ESPVIF_HAVE_DROP_REASON_ECN
#define ESPVIF_DROP_REASON_ECN	SKB_DROP_REASON_IP_TUNNEL_ECN
#else
#define ESPVIF_DROP_REASON_ECN	SKB_DROP_REASON_NOT_SPECIFIED
#endif

#endif /* _ESPVIF_COMPAT_DROPREASON_H */
