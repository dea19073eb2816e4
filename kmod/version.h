/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_VERSION_H
#define _ESPVIF_VERSION_H

/* The one place; Makefile and packages read it here */
#define ESPVIF_VERSION	"0.1"

#endif /* _ESPVIF_VERSION_H */
