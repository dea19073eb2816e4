// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sentences of refusals. The kernel's own extended acknowledgements take
 * formatted text only since 6.2, and 80 characters of it; users deserve to read
 * the names of all that stands in the way.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "refusal.h"

/* Bytes of the longest sentence, its end included */
#define SENTENCE_MAX	256
#define COPIES		2

/*
 * A sentence is copied into the reply before the request ends, but the kernel has
 * measured it before, and warns when it has become longer since. That many requests
 * refused with sentences of one length at the same instant before one is written
 * over. So each length has places of its own: whatever is written there, and
 * whenever, it stays as long as it was, and terminated. Namespaces don't share them:
 * who may change SAs in one need not know of another's.
 */
struct sentences {
	char *of_length[SENTENCE_MAX];
};

static unsigned int net_id;
static atomic_t next_copy;

/* Places for sentences of a length, NULL without memory. The namespace of who asks stays */
static char *places_for(size_t len)
{
	struct sentences *sentences = net_generic(current->nsproxy->net_ns, net_id);
	char **entry = &sentences->of_length[len];
	char *places = READ_ONCE(*entry), *others;

	if (places)
		return places;
	places = kzalloc(COPIES * (len + 1), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!places)
		return NULL;
	others = cmpxchg(entry, NULL, places);
	if (!others)
		return places;
	kfree(places);
	return others;
}

/**
 * espvif_refuse() - say why a request is refused
 * @extack:	of the request, may be NULL
 * @attr:	the attribute at fault, NULL if none is
 * @sentence:	printf format: what is wrong and what would be right
 */
void espvif_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   const char *sentence, ...)
{
	char text[SENTENCE_MAX], *place;
	size_t len;
	va_list args;

	if (!extack)
		return;

	va_start(args, sentence);
	len = vscnprintf(text, sizeof(text), sentence, args);
	va_end(args);
	extack->bad_attr = attr;
	place = places_for(len);
	if (!place) {
		extack->_msg = "there is no memory to say why";
		return;
	}
	/* the last byte of the place is 0 and stays so */
	place += (u32)atomic_inc_return(&next_copy) % COPIES * (len + 1);
	memcpy(place, text, len);
	extack->_msg = place;
}

static void __net_exit net_exit(struct net *net)
{
	struct sentences *sentences = net_generic(net, net_id);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sentences->of_length); i++)
		kfree(sentences->of_length[i]);
}

static struct pernet_operations net_ops = {
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct sentences),
};

/**
 * espvif_refusal_init() - make it possible to refuse
 *
 * Return: 0 or an error.
 */
int __init espvif_refusal_init(void)
{
	return register_pernet_subsys(&net_ops);
}

/**
 * espvif_refusal_uninit() - undo espvif_refusal_init(); nothing is asked any more
 */
void espvif_refusal_uninit(void)
{
	unregister_pernet_subsys(&net_ops);
}
