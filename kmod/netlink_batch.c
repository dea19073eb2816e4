// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes, one by one or many together, which happen whole or not at all: all that
 * can fail is prepared, then all is carried out, or all that was prepared is undone.
 * What may take long, like loading an algorithm, comes before: whoever else wants to
 * change something need not wait for it.
 */
#include "device.h"
#include "net.h"
#include "netlink.h"
#include "refusal.h"

/* What the attributes of an operation mean depends on its command: see find_kind() */
static const struct nla_policy op_attrs[ESPVIF_A_OP_MAX + 1] = {
	[ESPVIF_A_OP_COMMAND] = { .type = NLA_U8 },
	[ESPVIF_A_OP_SA] = { .type = NLA_NESTED },
	[ESPVIF_A_OP_POLICY] = { .type = NLA_NESTED },
};

const struct nla_policy espvif_batch_attrs[ESPVIF_A_BATCH_MAX + 1] = {
	[ESPVIF_A_BATCH_OP] = NLA_POLICY_NESTED(op_attrs),
};

/**
 * struct batch - the operations of a request
 * @enet:	namespace
 * @changes:	one for each
 * @ready:	how many of them are ready to be prepared
 * @prepared:	how many are prepared
 * @step:	what is being done with each, make_ready() or prepare()
 * @tb:		attributes of the operation that it is being done with
 */
struct batch {
	struct espvif_net *enet;
	struct espvif_change *changes;
	unsigned int ready;
	unsigned int prepared;
	int (*step)(struct batch *batch, struct genl_info *single,
		    struct espvif_change *change);
	/* more than either kind of object needs */
	struct nlattr *tb[ESPVIF_A_SA_MAX + 1 + ESPVIF_A_POLICY_MAX + 1];
};

static const struct espvif_change_kind *find_kind(u8 command)
{
	switch (command) {
	case ESPVIF_CMD_SA_NEW:
		return &espvif_change_sa_new;
	case ESPVIF_CMD_SA_SET:
		return &espvif_change_sa_set;
	case ESPVIF_CMD_SA_DEL:
		return &espvif_change_sa_del;
	case ESPVIF_CMD_POLICY_NEW:
		return &espvif_change_policy_new;
	case ESPVIF_CMD_POLICY_SET:
		return &espvif_change_policy_set;
	case ESPVIF_CMD_POLICY_DEL:
		return &espvif_change_policy_del;
	default:
		return NULL;
	}
}

/* What takes the RTNL, which is outside of the lock */
static void finish(struct espvif_net *enet, const struct espvif_change *change)
{
	if (change->fit)
		espvif_device_fit_mtu(enet, change->fit);
}

/**
 * espvif_netlink_change() - carry out a command that changes one thing
 * @info:	the request
 * @kind:	the command
 *
 * Return: 0 or an error with a sentence.
 */
int espvif_netlink_change(struct genl_info *info, const struct espvif_change_kind *kind)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct espvif_change change = { .kind = kind };
	struct sk_buff *reply = NULL;
	int err;

	err = kind->ready ? kind->ready(info, &change) : 0;
	if (err)
		return err;
	mutex_lock(&enet->lock);
	err = kind->prepare(enet, info, &change);
	if (err)
		goto unlock;
	if (kind->reply)
		reply = kind->reply(info, &change);
	if (IS_ERR(reply)) {
		err = PTR_ERR(reply);
		kind->abort(&change);
		goto unlock;
	}
	kind->commit(&change);
	if (kind->settle)
		kind->settle(&change);
unlock:
	mutex_unlock(&enet->lock);
	if (kind->discard)
		kind->discard(&change);
	if (err)
		return err;
	/* it has happened, whether its reply arrives or not */
	if (reply)
		genlmsg_reply(reply, info);
	finish(enet, &change);
	return 0;
}

/* Say which operation is refused, and where it is if no attribute is at fault */
static void blame(struct batch *batch, struct genl_info *info, const struct nlattr *op,
		  unsigned int number, const struct espvif_change_kind *kind, int err)
{
	struct netlink_ext_ack *extack = info->extack;
	const char *why = extack->_msg ?: err == -ENOMEM ? "there is no memory for it" : "refused";
	const struct nlattr *at = extack->bad_attr ?: op;
	const struct nlattr *name = kind ? batch->tb[kind->name_attr] : NULL;

	if (name)
		espvif_refuse(extack, at, "operation %u (%s %.*s): %s", number, kind->name,
			      nla_len(name), (char *)nla_data(name), why);
	else
		espvif_refuse(extack, at, "operation %u (%s): %s", number,
			      kind ? kind->name : "none", why);
}

/* Take an operation apart into what a request of its own would be */
static int parse(struct batch *batch, struct genl_info *info, const struct nlattr *op,
		 const struct espvif_change_kind **kind, struct genl_info *single)
{
	struct nlattr *tb[ESPVIF_A_OP_MAX + 1], *object, *other;
	int err;

	err = nla_parse_nested(tb, ESPVIF_A_OP_MAX, op, op_attrs, info->extack);
	if (err)
		return err;
	*kind = tb[ESPVIF_A_OP_COMMAND] ? find_kind(nla_get_u8(tb[ESPVIF_A_OP_COMMAND])) : NULL;
	if (!*kind) {
		espvif_refuse(info->extack, tb[ESPVIF_A_OP_COMMAND],
			      "it needs a command that makes, sets or removes an SA or a policy");
		return -EINVAL;
	}
	object = tb[ESPVIF_A_OP_SA];
	other = tb[ESPVIF_A_OP_POLICY];
	if ((*kind)->attrs == espvif_policy_new_attrs ||
	    (*kind)->attrs == espvif_policy_set_attrs ||
	    (*kind)->attrs == espvif_policy_del_attrs)
		swap(object, other);
	if (!object || other) {
		espvif_refuse(info->extack, other, "it needs one nest with what its command takes");
		return -EINVAL;
	}
	err = nla_parse_nested(batch->tb, (*kind)->maxattr, object, (*kind)->attrs, info->extack);
	if (err)
		return err;
	*single = *info;
	single->attrs = batch->tb;
	single->user_ptr[0] = object;
	return 0;
}

static int make_ready(struct batch *batch, struct genl_info *single,
		      struct espvif_change *change)
{
	int err = change->kind->ready ? change->kind->ready(single, change) : 0;

	if (!err)
		batch->ready++;
	return err;
}

static int prepare(struct batch *batch, struct genl_info *single, struct espvif_change *change)
{
	int err;

	lockdep_assert_held(&batch->enet->lock);
	err = change->kind->prepare(batch->enet, single, change);
	if (!err)
		batch->prepared++;
	return err;
}

/* Take one step with each operation, up to the first that is refused */
static int step_through(struct batch *batch, struct genl_info *info)
{
	struct espvif_change *change = batch->changes;
	const struct espvif_change_kind *kind;
	struct genl_info single;
	const struct nlattr *op;
	int err, len, rest;

	nla_for_each_attr(op, espvif_netlink_attrs(info, &len), len, rest) {
		kind = NULL;
		memset(batch->tb, 0, sizeof(batch->tb));
		err = parse(batch, info, op, &kind, &single);
		change->kind = kind;
		if (!err)
			err = batch->step(batch, &single, change);
		if (err) {
			blame(batch, info, op, change - batch->changes + 1, kind, err);
			return err;
		}
		change++;
	}
	return 0;
}

static void settle(struct batch *batch)
{
	struct espvif_change *change;
	unsigned int i;

	for (i = 0; i < batch->prepared; i++) {
		change = &batch->changes[i];
		if (change->kind->settle)
			change->kind->settle(change);
	}
}

static void commit(struct batch *batch)
{
	enum espvif_stage stage;
	unsigned int i;

	for (stage = 0; stage < ESPVIF_STAGES; stage++) {
		/* the last moment that all objects are there */
		if (stage == ESPVIF_STAGE_SAS_GO)
			settle(batch);
		for (i = 0; i < batch->prepared; i++) {
			if (batch->changes[i].kind->stage == stage)
				batch->changes[i].kind->commit(&batch->changes[i]);
		}
	}
}

static void abort_all(struct batch *batch)
{
	struct espvif_change *change;

	while (batch->prepared) {
		change = &batch->changes[--batch->prepared];
		change->kind->abort(change);
	}
}

static void discard_all(struct batch *batch)
{
	struct espvif_change *change;

	while (batch->ready) {
		change = &batch->changes[--batch->ready];
		if (change->kind->discard)
			change->kind->discard(change);
	}
}

static int carry_out(struct batch *batch, struct genl_info *info)
{
	int err;

	batch->step = make_ready;
	err = step_through(batch, info);
	if (!err) {
		mutex_lock(&batch->enet->lock);
		batch->step = prepare;
		err = step_through(batch, info);
		if (err)
			abort_all(batch);
		else
			commit(batch);
		mutex_unlock(&batch->enet->lock);
	}
	discard_all(batch);
	return err;
}

static unsigned int count_ops(const struct genl_info *info)
{
	const struct nlattr *op;
	unsigned int count = 0;
	int len, rest;

	nla_for_each_attr(op, espvif_netlink_attrs(info, &len), len, rest)
		count++;
	return count;
}

/**
 * espvif_netlink_wipe_keys() - leave no keys in the buffer of a request
 * @attrs:	attributes of an SA
 * @len:	how many bytes they are
 */
void espvif_netlink_wipe_keys(const struct nlattr *attrs, int len)
{
	const struct nlattr *attr;
	int rest;

	nla_for_each_attr(attr, attrs, len, rest) {
		if (nla_type(attr) == ESPVIF_A_SA_ENCR_KEY ||
		    nla_type(attr) == ESPVIF_A_SA_INTEG_KEY)
			memzero_explicit(nla_data(attr), nla_len(attr));
	}
}

static void wipe_all_keys(const struct genl_info *info)
{
	const struct nlattr *op, *attr;
	int len, rest, rest_op;

	nla_for_each_attr(op, espvif_netlink_attrs(info, &len), len, rest) {
		nla_for_each_nested(attr, op, rest_op) {
			if (nla_type(attr) == ESPVIF_A_OP_SA)
				espvif_netlink_wipe_keys(nla_data(attr), nla_len(attr));
		}
	}
}

/**
 * espvif_netlink_batch() - carry out ESPVIF_CMD_BATCH
 * @skb:	request
 * @info:	its attributes
 *
 * Return: 0 or an error with a sentence, and nothing has changed.
 */
int espvif_netlink_batch(struct sk_buff *skb, struct genl_info *info)
{
	struct espvif_net *enet = espvif_net(genl_info_net(info));
	struct batch *batch;
	unsigned int i;
	int err;

	err = espvif_netlink_require(info, ESPVIF_A_BATCH_OP, "an operation");
	if (err)
		return err;
	err = -ENOMEM;
	batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	if (!batch)
		goto wipe;
	batch->enet = enet;
	batch->changes = kvcalloc(count_ops(info), sizeof(*batch->changes), GFP_KERNEL);
	if (!batch->changes)
		goto free;

	err = carry_out(batch, info);
	for (i = 0; i < batch->prepared; i++)
		finish(enet, &batch->changes[i]);
	kvfree(batch->changes);
free:
	kfree(batch);
wipe:
	wipe_all_keys(info);
	return err;
}
