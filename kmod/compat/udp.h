/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_UDP_H
#define _ESPVIF_COMPAT_UDP_H

#include <net/udp.h>

/* Namespaces may have tables of sockets of their own since 6.2 */
static inline struct udp_table *espvif_udp_table(const struct net *net)
{
#ifdef ESPVIF_HAVE_UDP_TABLE_OF_NET
	return net->ipv4.udp_table;
#else
	return &udp_table;
#endif
}

#endif /* _ESPVIF_COMPAT_UDP_H */
