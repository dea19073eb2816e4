/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_TRACE_H
#define _ESPVIF_COMPAT_TRACE_H

/* A string of a tracepoint from the argument of its name; since 6.10 it knows that itself */
#ifdef ESPVIF_HAVE_ASSIGN_STR_ALONE
#define espvif_assign_str(dst, ...)	__assign_str(dst)
#else
#define espvif_assign_str(dst, src)	__assign_str(dst, src)
#endif

#endif /* _ESPVIF_COMPAT_TRACE_H */
