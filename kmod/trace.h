/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: what happens to packets and SAs, for whoever turns them on. Off, each
 * is a jump that is patched out. A namespace is told by the number of its file,
 * as /proc/self/ns/net shows it. None has a key.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM espvif

#if !defined(_ESPVIF_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ESPVIF_TRACE_H

#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include "compat/trace.h"

TRACE_EVENT(espvif_drop,
	    TP_PROTO(const struct net *net, const char *sa, __be32 spi, const char *reason,
		     unsigned int len),
	    TP_ARGS(net, sa, spi, reason, len),
	    TP_STRUCT__entry(__field(unsigned int, net)
			     __string(sa, sa)
			     __field(u32, spi)
			     __string(reason, reason)
			     __field(unsigned int, len)),
	    TP_fast_assign(__entry->net = net->ns.inum;
			   espvif_assign_str(sa, sa);
			   __entry->spi = ntohl(spi);
			   espvif_assign_str(reason, reason);
			   __entry->len = len;),
	    TP_printk("net=%u sa=%s spi=0x%x reason=%s len=%u", __entry->net, __get_str(sa),
		      __entry->spi, __get_str(reason), __entry->len)
);

DECLARE_EVENT_CLASS(espvif_sa,
		    TP_PROTO(const struct net *net, const char *sa, __be32 spi, u8 direction),
		    TP_ARGS(net, sa, spi, direction),
		    TP_STRUCT__entry(__field(unsigned int, net)
				     __string(sa, sa)
				     __field(u32, spi)
				     __field(u8, direction)),
		    TP_fast_assign(__entry->net = net->ns.inum;
				   espvif_assign_str(sa, sa);
				   __entry->spi = ntohl(spi);
				   __entry->direction = direction;),
		    TP_printk("net=%u sa=%s spi=0x%x direction=%s", __entry->net, __get_str(sa),
			      __entry->spi, __entry->direction == 1 ? "in" : "out")
);

DEFINE_EVENT(espvif_sa, espvif_sa_add,
	     TP_PROTO(const struct net *net, const char *sa, __be32 spi, u8 direction),
	     TP_ARGS(net, sa, spi, direction)
);

DEFINE_EVENT(espvif_sa, espvif_sa_del,
	     TP_PROTO(const struct net *net, const char *sa, __be32 spi, u8 direction),
	     TP_ARGS(net, sa, spi, direction)
);

TRACE_EVENT(espvif_sa_expire,
	    TP_PROTO(const struct net *net, const char *sa, __be32 spi, bool hard),
	    TP_ARGS(net, sa, spi, hard),
	    TP_STRUCT__entry(__field(unsigned int, net)
			     __string(sa, sa)
			     __field(u32, spi)
			     __field(bool, hard)),
	    TP_fast_assign(__entry->net = net->ns.inum;
			   espvif_assign_str(sa, sa);
			   __entry->spi = ntohl(spi);
			   __entry->hard = hard;),
	    TP_printk("net=%u sa=%s spi=0x%x limit=%s", __entry->net, __get_str(sa),
		      __entry->spi, __entry->hard ? "hard" : "soft")
);

TRACE_EVENT(espvif_policy_decide,
	    TP_PROTO(const struct net *net, const char *policy, u8 direction, u8 action,
		     unsigned int packets, unsigned int len),
	    TP_ARGS(net, policy, direction, action, packets, len),
	    TP_STRUCT__entry(__field(unsigned int, net)
			     __string(policy, policy)
			     __field(u8, direction)
			     __field(u8, action)
			     __field(unsigned int, packets)
			     __field(unsigned int, len)),
	    TP_fast_assign(__entry->net = net->ns.inum;
			   espvif_assign_str(policy, policy);
			   __entry->direction = direction;
			   __entry->action = action;
			   __entry->packets = packets;
			   __entry->len = len;),
	    TP_printk("net=%u policy=%s direction=%s action=%s packets=%u len=%u",
		      __entry->net, __get_str(policy), __entry->direction == 1 ? "in" : "out",
		      __print_symbolic(__entry->action, { 1, "none" }, { 2, "discard" },
				       { 3, "ipsec" }),
		      __entry->packets, __entry->len)
);

DECLARE_EVENT_CLASS(espvif_packet,
		    TP_PROTO(const struct net *net, const char *sa, __be32 spi, unsigned int len),
		    TP_ARGS(net, sa, spi, len),
		    TP_STRUCT__entry(__field(unsigned int, net)
				     __string(sa, sa)
				     __field(u32, spi)
				     __field(unsigned int, len)),
		    TP_fast_assign(__entry->net = net->ns.inum;
				   espvif_assign_str(sa, sa);
				   __entry->spi = ntohl(spi);
				   __entry->len = len;),
		    TP_printk("net=%u sa=%s spi=0x%x len=%u", __entry->net, __get_str(sa),
			      __entry->spi, __entry->len)
);

/* Decrypted, checked, about to be delivered */
DEFINE_EVENT(espvif_packet, espvif_input_done,
	     TP_PROTO(const struct net *net, const char *sa, __be32 spi, unsigned int len),
	     TP_ARGS(net, sa, spi, len)
);

/* Encrypted, about to be sent */
DEFINE_EVENT(espvif_packet, espvif_output_done,
	     TP_PROTO(const struct net *net, const char *sa, __be32 spi, unsigned int len),
	     TP_ARGS(net, sa, spi, len)
);

#endif /* _ESPVIF_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
