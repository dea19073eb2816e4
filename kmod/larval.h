/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_LARVAL_H
#define _ESPVIF_LARVAL_H

#include <linux/types.h>

struct espvif_net;
struct espvif_sa;
struct espvif_sa_key;
struct netlink_ext_ack;
struct nlattr;
struct sk_buff;

int espvif_larval_module_init(void);
void espvif_larval_module_uninit(void);
int espvif_larval_init(struct espvif_net *enet);
void espvif_larval_uninit(struct espvif_net *enet);

int espvif_larval_add(struct espvif_net *enet, const struct espvif_sa_key *key,
		      unsigned int seconds, const struct nlattr *at,
		      struct netlink_ext_ack *extack);
int espvif_larval_remove(struct espvif_net *enet, const struct espvif_sa_key *key,
			 const struct nlattr *at, struct netlink_ext_ack *extack);
bool espvif_larval_hold(struct espvif_net *enet, const struct espvif_sa_key *key,
			struct sk_buff *skb);
void espvif_larval_claim(struct espvif_sa *sa);
void espvif_larval_release(struct espvif_sa *sa);

#endif /* _ESPVIF_LARVAL_H */
