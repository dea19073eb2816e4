/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_REFUSAL_H
#define _ESPVIF_REFUSAL_H

#include <linux/compiler_attributes.h>

struct netlink_ext_ack;
struct nlattr;

__printf(3, 4)
void espvif_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   const char *sentence, ...);
int espvif_refusal_init(void);
void espvif_refusal_uninit(void);

#endif /* _ESPVIF_REFUSAL_H */
