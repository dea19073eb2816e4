/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_NETLINK_H
#define _ESPVIF_NETLINK_H

#include <net/genetlink.h>
#include <uapi/linux/espvif.h>

#include "counters.h"
#include "sad.h"
#include "selector.h"
#include "transform.h"

struct espvif_device;
struct espvif_net;
struct espvif_path;
struct espvif_policy;
struct espvif_sa;

/* Changes are made in this order, wherever they stand in a batch */
enum espvif_stage {
	ESPVIF_STAGE_SAS,
	ESPVIF_STAGE_POLICIES,
	ESPVIF_STAGE_POLICIES_GO,
	ESPVIF_STAGE_SAS_GO,
	ESPVIF_STAGES,
};

/**
 * struct espvif_change - a change that was prepared: nothing of it can be seen yet
 * @kind:	what it does
 * @sa:		which SA, or
 * @policy:	which policy
 * @path:	where the SA's packets are to go, or NULL
 * @moves:	the SA's peer is to be elsewhere
 * @addr:	where, if the SA is inbound
 * @port:	its port
 * @numbers:	where the SA is to go on
 * @fit:	name of an SA whose device may need another MTU, or NULL
 * @transform:	algorithm and key of an SA that is not made yet
 */
struct espvif_change {
	const struct espvif_change_kind *kind;
	union {
		struct espvif_sa *sa;
		struct espvif_policy *policy;
	};
	struct espvif_path *path;
	bool moves;
	union espvif_addr addr;
	__be16 port;
	struct espvif_numbers numbers;
	const char *fit;
	struct espvif_transform transform;
};

/**
 * struct espvif_change_kind - a command that changes something
 * @name:	what refusals call it
 * @attrs:	policy of its attributes
 * @maxattr:	how many these are
 * @name_attr:	attribute with the name of its object
 * @stage:	when it is carried out among others
 * @ready:	does what may take long, before the namespace is locked; NULL if nothing does
 * @discard:	undoes what @ready did and @prepare has not taken over; goes with @ready
 * @prepare:	does all else that can fail; nobody else sees anything of it
 * @commit:	carries it out, and cannot fail
 * @abort:	undoes what @prepare did
 * @settle:	does what has to wait until SAs and policies are in place; NULL if nothing does
 * @reply:	says how the object is after it; NULL if the command has no reply
 */
struct espvif_change_kind {
	const char *name;
	const struct nla_policy *attrs;
	int maxattr;
	int name_attr;
	enum espvif_stage stage;
	int (*ready)(struct genl_info *info, struct espvif_change *change);
	void (*discard)(struct espvif_change *change);
	int (*prepare)(struct espvif_net *enet, struct genl_info *info,
		       struct espvif_change *change);
	void (*commit)(struct espvif_change *change);
	void (*abort)(struct espvif_change *change);
	void (*settle)(struct espvif_change *change);
	struct sk_buff *(*reply)(struct genl_info *info, const struct espvif_change *change);
};

extern struct genl_family espvif_genl_family;

int espvif_netlink_init(void);
void espvif_netlink_uninit(void);

/* Attributes that several commands have */
int espvif_netlink_require(struct genl_info *info, int attr, const char *what);
int espvif_netlink_get_name(const struct nlattr *attr, const char *of, char *name,
			    struct netlink_ext_ack *extack);
int espvif_netlink_get_addr(const struct nlattr *attr, union espvif_addr *addr, u32 *family,
			    struct netlink_ext_ack *extack);
int espvif_netlink_check_family(u32 family, const struct nlattr *attr,
				struct netlink_ext_ack *extack);
int espvif_netlink_get_cpu(const struct nlattr *attr, u32 *cpu,
			   struct netlink_ext_ack *extack);
int espvif_netlink_get_device(struct espvif_net *enet, const struct nlattr *attr,
			      struct espvif_device **device, struct netlink_ext_ack *extack);
const struct nlattr *espvif_netlink_attrs(const struct genl_info *info, int *len);
int espvif_netlink_check_dump(struct netlink_callback *cb);
int espvif_netlink_put_addr(struct sk_buff *skb, int attr, const union espvif_addr *addr,
			    u8 family);
int espvif_netlink_put_counter(struct sk_buff *skb, int nest, enum espvif_counter counter,
			       u64 value);

/* netlink_batch.c */
extern const struct nla_policy espvif_batch_attrs[ESPVIF_A_BATCH_MAX + 1];
int espvif_netlink_change(struct genl_info *info, const struct espvif_change_kind *kind);
void espvif_netlink_wipe_keys(const struct nlattr *attrs, int len);
int espvif_netlink_batch(struct sk_buff *skb, struct genl_info *info);

/* netlink_sa.c */
extern const struct espvif_change_kind espvif_change_sa_new;
extern const struct espvif_change_kind espvif_change_sa_set;
extern const struct espvif_change_kind espvif_change_sa_del;
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
extern const struct espvif_change_kind espvif_change_policy_new;
extern const struct espvif_change_kind espvif_change_policy_set;
extern const struct espvif_change_kind espvif_change_policy_del;
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

/* netlink_spi.c */
extern const struct nla_policy espvif_spi_new_attrs[ESPVIF_A_SPI_MAX + 1];
extern const struct nla_policy espvif_spi_del_attrs[ESPVIF_A_SPI_MAX + 1];
int espvif_netlink_spi_new(struct sk_buff *skb, struct genl_info *info);
int espvif_netlink_spi_del(struct sk_buff *skb, struct genl_info *info);

/* netlink_explain.c */
extern const struct nla_policy espvif_explain_attrs[ESPVIF_A_EXPLAIN_MAX + 1];
int espvif_netlink_explain(struct sk_buff *skb, struct genl_info *info);

#endif /* _ESPVIF_NETLINK_H */
