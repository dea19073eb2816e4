// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sentences of refusals. The kernel's own extended acknowledgements take
 * formatted text only since 6.2, and 80 characters of it; users deserve to read
 * the names of all that stands in the way.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/netlink.h>

#include "refusal.h"

#define SENTENCE_MAX	256
#define SENTENCES	64

/*
 * A sentence is copied into the reply before the request ends. That many
 * requests refused at the same instant before one is written over; even then it
 * stays terminated.
 */
static char sentences[SENTENCES][SENTENCE_MAX];
static atomic_t next_sentence;

/**
 * espvif_refuse() - say why a request is refused
 * @extack:	of the request, may be NULL
 * @attr:	the attribute at fault, NULL if none is
 * @sentence:	printf format: what is wrong and what would be right
 */
void espvif_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   const char *sentence, ...)
{
	char *buf = sentences[(u32)atomic_inc_return(&next_sentence) % SENTENCES];
	va_list args;

	if (!extack)
		return;

	va_start(args, sentence);
	vsnprintf(buf, SENTENCE_MAX, sentence, args);
	va_end(args);
	extack->_msg = buf;
	extack->bad_attr = attr;
}
