/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_NETLINK_H
#define _ESPVIF_NETLINK_H

#include <net/genetlink.h>
#include <uapi/linux/espvif.h>

#include "counters.h"
#include "selector.h"

struct espvif_device;
struct espvif_net;

extern struct genl_family espvif_genl_family;

int espvif_netlink_init(void);
void espvif_netlink_uninit(void);

/* Attributes that several commands have */
int espvif_netlink_require(struct genl_info *info, int attr, const char *what);
int espvif_netlink_get_name(const struct nlattr *attr, const char *of, char *name,
			    struct netlink_ext_ack *extack);
int espvif_netlink_get_addr(const struct nlattr *attr, union espvif_addr *addr, u32 *family,
			    struct netlink_ext_ack *extack);
int espvif_netlink_get_device(struct espvif_net *enet, const struct nlattr *attr,
			      struct espvif_device **device, struct netlink_ext_ack *extack);
int espvif_netlink_check_dump(struct netlink_callback *cb);
int espvif_netlink_put_addr(struct sk_buff *skb, int attr, const union espvif_addr *addr,
			    u8 family);
int espvif_netlink_put_counter(struct sk_buff *skb, int nest, enum espvif_counter counter,
			       u64 value);

/* netlink_sa.c */
extern const struct nla_policy espvif_sa_new_attrs[ESPVIF_A_SA_MAX + 1];
extern const struct nla_policy espvif_sa_get_attrs[ESPVIF_A_SA_MAX + 1];
extern const struct nla_policy espvif_sa_del_attrs[ESPVIF_A_SA_MAX + 1];
extern const struct nla_policy espvif_sa_flush_attrs[ESPVIF_A_SA_MAX + 1];
int espvif_netlink_sa_new(struct sk_buff *skb, struct genl_info *info);
extern const struct nla_policy espvif_sa_set_attrs[ESPVIF_A_SA_MAX + 1];
int espvif_netlink_sa_set(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_sa_del(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_sa_get(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_sa_dump(struct sk_buff *skb, struct netlink_callback *cb);
int espvif_netlink_sa_flush(struct sk_buff *skb, struct genl_info *info);

/* netlink_policy.c */
extern const struct nla_policy espvif_policy_new_attrs[ESPVIF_A_POLICY_MAX + 1];
extern const struct nla_policy espvif_policy_get_attrs[ESPVIF_A_POLICY_MAX + 1];
extern const struct nla_policy espvif_policy_del_attrs[ESPVIF_A_POLICY_MAX + 1];
extern const struct nla_policy espvif_policy_flush_attrs[ESPVIF_A_POLICY_MAX + 1];
extern const struct nla_policy espvif_policy_set_attrs[ESPVIF_A_POLICY_MAX + 1];
int espvif_netlink_policy_set(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_policy_new(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_policy_del(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_policy_get(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_policy_dump(struct sk_buff *skb, struct netlink_callback *cb);
int espvif_netlink_policy_flush(struct sk_buff *skb, struct genl_info *info);

/* netlink_explain.c */
extern const struct nla_policy espvif_explain_attrs[ESPVIF_A_EXPLAIN_MAX + 1];
int espvif_netlink_explain(struct sk_buff *skb, struct genl_info *info);

#endif /* _ESPVIF_NETLINK_H */
