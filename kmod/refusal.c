// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sentences of refusals. The kernel's own extended acknowledgements take
 * formatted text only since 6.2, and 80 characters of it; users deserve to read
 * the names of all that stands in the way.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/string.h>

#include "refusal.h"

#define SENTENCE_MAX	256
#define COPIES		4

/*
 * A sentence is copied into the reply before the request ends, but the kernel has
 * measured it before, and warns when it has become longer since. That many requests
 * refused with sentences of one length at the same instant before one is written
 * over. So each length has places of its own: whatever is written there, and
 * whenever, it stays as long as it was, and terminated. The places for length n begin
 * behind those for all shorter ones, which take 1, 2, ... n bytes.
 */
static char sentences[COPIES][SENTENCE_MAX * (SENTENCE_MAX + 1) / 2];
static atomic_t next_copy;

static char *place_for(size_t len)
{
	return sentences[(u32)atomic_inc_return(&next_copy) % COPIES] + len * (len + 1) / 2;
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
	/* the last byte of the place is 0 and stays so */
	place = place_for(len);
	memcpy(place, text, len);
	extack->_msg = place;
	extack->bad_attr = attr;
}
