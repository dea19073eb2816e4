// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intersects, compares and prints traffic selectors.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "ike/ts.h"

static int compare(const struct address *one, const struct address *other)
{
	return memcmp(one->bytes, other->bytes, one->length);
}

static bool intersect(const struct wire_ts *one, const struct wire_ts *other,
		      struct wire_ts *both)
{
	if (one->first.length != other->first.length)
		return false;
	if (one->protocol && other->protocol &&
	    one->protocol != other->protocol)
		return false;
	*both = *one;
	both->protocol = one->protocol ? one->protocol : other->protocol;
	if (compare(&other->first, &both->first) > 0)
		both->first = other->first;
	if (compare(&other->last, &both->last) < 0)
		both->last = other->last;
	if (compare(&both->first, &both->last) > 0)
		return false;
	if (wire_ts_is_opaque(one) || wire_ts_is_opaque(other)) {
		/* ports that cannot be seen are part of all ports only */
		if (wire_ts_is_opaque(one) == wire_ts_is_opaque(other))
			return true;
		both->ports = wire_ts_is_opaque(one) ? one->ports : other->ports;
		other = wire_ts_is_opaque(one) ? other : one;
		return other->ports.min == 0 && other->ports.max == UINT16_MAX;
	}
	if (other->ports.min > both->ports.min)
		both->ports.min = other->ports.min;
	if (other->ports.max < both->ports.max)
		both->ports.max = other->ports.max;
	return both->ports.min <= both->ports.max;
}

static bool equal(const struct wire_ts *one, const struct wire_ts *other)
{
	return one->first.length == other->first.length &&
	       !compare(&one->first, &other->first) &&
	       !compare(&one->last, &other->last) &&
	       one->protocol == other->protocol &&
	       one->ports.min == other->ports.min &&
	       one->ports.max == other->ports.max;
}

/**
 * ike_ts_has - is a selector part of a list
 * @list: the list
 * @ts: the selector
 *
 * Return: whether it lies in one of the list.
 */
bool ike_ts_has(const struct wire_ts_list *list, const struct wire_ts *ts)
{
	struct wire_ts both;
	uint16_t i;

	for (i = 0; i < list->count; i++) {
		if (intersect(ts, &list->items[i], &both) && equal(&both, ts))
			return true;
	}
	return false;
}

/**
 * ike_ts_narrow - what two sides have in common
 * @ours: what we would have
 * @offered: what the peer offers, in its order
 * @narrowed: set to what is in both
 *
 * Return: whether there is anything.
 */
bool ike_ts_narrow(const struct wire_ts_list *ours,
		   const struct wire_ts_list *offered,
		   struct wire_ts_list *narrowed)
{
	struct wire_ts both;
	uint16_t i, k;

	narrowed->count = 0;
	for (i = 0; i < offered->count; i++) {
		for (k = 0; k < ours->count; k++) {
			if (intersect(&offered->items[i], &ours->items[k],
				      &both) && !ike_ts_has(narrowed, &both) &&
			    narrowed->count < WIRE_TS_MAX)
				narrowed->items[narrowed->count++] = both;
		}
	}
	ike_ts_simplify(narrowed);
	return narrowed->count;
}

/**
 * ike_ts_covers - is all of one list in another
 * @outer: a list
 * @inner: what should be in it
 *
 * Return: whether each selector of @inner lies in one of @outer.
 */
bool ike_ts_covers(const struct wire_ts_list *outer,
		   const struct wire_ts_list *inner)
{
	uint16_t i;

	for (i = 0; i < inner->count; i++) {
		if (!ike_ts_has(outer, &inner->items[i]))
			return false;
	}
	return inner->count;
}

/**
 * ike_ts_simplify - leave out what others in a list have in them
 * @list: the list; the order of the rest stays
 */
void ike_ts_simplify(struct wire_ts_list *list)
{
	struct wire_ts_list rest;
	uint16_t i = 0;

	while (i < list->count) {
		rest = *list;
		rest.count--;
		memmove(&rest.items[i], &rest.items[i + 1],
			(size_t)(rest.count - i) * sizeof(rest.items[0]));
		if (ike_ts_has(&rest, &list->items[i]))
			*list = rest;
		else
			i++;
	}
}

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP || protocol == IPPROTO_UDPLITE ||
	       protocol == IPPROTO_DCCP;
}

/**
 * ike_ts_of_endpoint - the selector that a packet would have
 * @endpoint: one end of it
 * @protocol: of its upper layer
 *
 * Return: the selector, of one address and, if there are ports, one port.
 */
struct wire_ts ike_ts_of_endpoint(const struct ike_endpoint *endpoint,
				  uint8_t protocol)
{
	struct wire_ts ts = {
		.first = endpoint->address,
		.last = endpoint->address,
		.protocol = protocol,
		.ports = PORT_RANGE_ANY,
	};

	if (has_ports(protocol))
		ts.ports = (struct port_range){ endpoint->port,
						endpoint->port };
	return ts;
}

/**
 * ike_ts_put_first - put a selector before all others
 * @list: the list; if it is full, it stays as it is
 * @ts: the selector
 */
void ike_ts_put_first(struct wire_ts_list *list, const struct wire_ts *ts)
{
	if (list->count == WIRE_TS_MAX)
		return;
	memmove(&list->items[1], &list->items[0],
		list->count++ * sizeof(list->items[0]));
	list->items[0] = *ts;
}

/**
 * ike_ts_equal - do two lists tell the same
 * @one: a list
 * @other: a list
 *
 * Return: whether they have the same selectors in the same order.
 */
bool ike_ts_equal(const struct wire_ts_list *one,
		  const struct wire_ts_list *other)
{
	uint16_t i;

	if (one->count != other->count)
		return false;
	for (i = 0; i < one->count; i++) {
		if (!equal(&one->items[i], &other->items[i]))
			return false;
	}
	return true;
}

static size_t put_ts(const struct wire_ts *ts, char *text, size_t size)
{
	char first[ADDRESS_TEXT_SIZE], last[ADDRESS_TEXT_SIZE];
	char ports[PORT_RANGE_TEXT_SIZE + 1] = "", protocol[8] = "";

	if (ts->protocol)
		snprintf(protocol, sizeof(protocol), " %u", ts->protocol);
	if (wire_ts_is_opaque(ts)) {
		snprintf(ports, sizeof(ports), ":opaque");
	} else if (ts->ports.min || ts->ports.max != UINT16_MAX) {
		ports[0] = ':';
		port_range_text(&ts->ports, ports + 1);
	}
	return (size_t)snprintf(text, size, "%s-%s%s%s",
				address_text(&ts->first, first),
				address_text(&ts->last, last), protocol, ports);
}

/**
 * ike_ts_text - a list in words
 * @list: the list
 * @text: room for IKE_TS_TEXT_SIZE characters
 *
 * Return: @text.
 */
const char *ike_ts_text(const struct wire_ts_list *list, char *text)
{
	static const char more[] = ", ...";
	char entry[IKE_TS_TEXT_SIZE];
	const char *separator = "";
	size_t used = 0, length;
	uint16_t i;

	snprintf(text, IKE_TS_TEXT_SIZE, "nothing");
	for (i = 0; i < list->count; i++) {
		length = strlen(separator) +
			 put_ts(&list->items[i], entry, sizeof(entry));
		if (used + length + sizeof(more) > IKE_TS_TEXT_SIZE) {
			snprintf(text + used, IKE_TS_TEXT_SIZE - used, more);
			break;
		}
		snprintf(text + used, IKE_TS_TEXT_SIZE - used, "%s%s",
			 separator, entry);
		used += length;
		separator = ", ";
	}
	return text;
}
