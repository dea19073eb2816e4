// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes selectors of prefixes from those of ranges: each selector of this side with
 * each of the other, as far as both can be in one packet.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/connections/selector.h"

/* Policies that say less come behind those that say more. */
#define PRIORITY_WIDEST 100000
#define PRIORITY_PORT 1
#define PRIORITY_PROTOCOL 8
#define PRIORITY_BIT 64

/* A range of addresses takes at most two prefixes per bit. */
#define PREFIXES_MAX 256

/**
 * struct prefix_list - prefixes that make up a range
 * @items: the prefixes
 * @count: how many
 */
struct prefix_list {
	struct prefix items[PREFIXES_MAX];
	size_t count;
};

static bool bit_at(const struct address *address, unsigned int bit)
{
	return address->bytes[bit / 8] & 0x80 >> bit % 8;
}

/* The last address of a prefix */
static struct address last_of(const struct address *first, unsigned int length)
{
	struct address last = *first;
	unsigned int bit;

	for (bit = length; bit < address_bits(first); bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static int compare(const struct address *one, const struct address *other)
{
	return memcmp(one->bytes, other->bytes, one->length);
}

/* The next address; false behind the very last. */
static bool advance(struct address *address)
{
	unsigned int i = address->length;

	while (i--) {
		if (++address->bytes[i])
			return true;
	}
	return false;
}

static void split(const struct wire_ts *ts, struct prefix_list *list)
{
	struct address next = ts->first, last;
	unsigned int length;

	list->count = 0;
	do {
		/* the largest block that begins here and ends within the range */
		length = address_bits(&next);
		while (length && !bit_at(&next, length - 1)) {
			last = last_of(&next, length - 1);
			if (compare(&last, &ts->last) > 0)
				break;
			length--;
		}
		list->items[list->count].address = next;
		list->items[list->count++].length = (uint8_t)length;
		next = last_of(&next, length);
	} while (compare(&next, &ts->last) < 0 && advance(&next));
}

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP ||
	       protocol == IPPROTO_UDPLITE;
}

static bool is_any(const struct port_range *ports)
{
	return !ports->min && ports->max == UINT16_MAX;
}

static struct error *check(const struct wire_ts *ts)
{
	if (wire_ts_is_opaque(ts))
		return error_refused(0, "the selectors are about packets whose ports are hidden, which the module cannot select");
	if (!has_ports(ts->protocol) && !is_any(&ts->ports))
		return error_refused(0, "the selectors name ports or types of protocol %u, which the module cannot select: leave them out",
				     ts->protocol);
	if (ts->first.length != ts->last.length ||
	    compare(&ts->first, &ts->last) > 0)
		return error_refused(0, "the selectors end before they begin");
	return NULL;
}

static struct error *too_many(void)
{
	return error_refused(0, "the selectors need more than %d policies: choose networks that are prefixes, or fewer of them",
			     SELECTOR_MAX);
}

static struct error *add_pair(const struct wire_ts *local,
			      const struct wire_ts *remote,
			      struct selector_list *list)
{
	struct prefix_list locals, remotes;
	struct selector *selector;
	size_t i, j;

	split(local, &locals);
	split(remote, &remotes);
	if (locals.count * remotes.count > SELECTOR_MAX - list->count)
		return too_many();
	for (i = 0; i < locals.count; i++) {
		for (j = 0; j < remotes.count; j++) {
			selector = &list->items[list->count++];
			selector->local = locals.items[i];
			selector->remote = remotes.items[j];
			selector->protocol = local->protocol ? local->protocol :
							       remote->protocol;
			selector->local_ports = local->ports;
			selector->remote_ports = remote->ports;
		}
	}
	return NULL;
}

/* Can one packet be of both? */
static bool go_together(const struct wire_ts *local,
			const struct wire_ts *remote)
{
	return local->first.length == remote->first.length &&
	       (!local->protocol || !remote->protocol ||
		local->protocol == remote->protocol);
}

/**
 * selector_list_make - the selectors of two lists of IKE's
 * @local: of this side
 * @remote: of the other
 * @list: set to them, one at least
 *
 * Return: NULL, or why they cannot be.
 */
struct error *selector_list_make(const struct wire_ts_list *local,
				 const struct wire_ts_list *remote,
				 struct selector_list *list)
{
	struct error *error = NULL;
	uint16_t i, j;

	list->count = 0;
	for (i = 0; i < local->count && !error; i++)
		error = check(&local->items[i]);
	for (j = 0; j < remote->count && !error; j++)
		error = check(&remote->items[j]);
	for (i = 0; i < local->count && !error; i++) {
		for (j = 0; j < remote->count && !error; j++) {
			if (go_together(&local->items[i], &remote->items[j]))
				error = add_pair(&local->items[i],
						 &remote->items[j], list);
		}
	}
	if (!error && !list->count)
		error = error_refused(0, "no packet can fit both sides' selectors");
	return error;
}

/**
 * selector_priority - where a policy stands if nobody says otherwise
 * @selector: what it is about
 *
 * Return: a priority; the more it says, the lower.
 */
uint32_t selector_priority(const struct selector *selector)
{
	uint32_t priority = PRIORITY_WIDEST;

	priority -= PRIORITY_BIT * (selector->local.length +
				    (uint32_t)selector->remote.length);
	if (selector->protocol)
		priority -= PRIORITY_PROTOCOL;
	if (!is_any(&selector->local_ports))
		priority -= PRIORITY_PORT;
	if (!is_any(&selector->remote_ports))
		priority -= PRIORITY_PORT;
	return priority;
}
