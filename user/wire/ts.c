// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decodes and encodes TS payloads. Selectors of a type we don't know are
 * skipped: a responder narrows to what it understands.
 */
#include <string.h>

#include "lib/iana.h"
#include "wire/ts.h"

#define SELECTOR_HEADER 8

/**
 * wire_ts_is_opaque - is it about packets whose ports cannot be seen
 * @ts: a traffic selector
 *
 * Return: whether it is.
 */
bool wire_ts_is_opaque(const struct wire_ts *ts)
{
	return ts->ports.min == UINT16_MAX && ts->ports.max == 0;
}

static bool is_range(const struct wire_ts *ts)
{
	if (memcmp(ts->first.bytes, ts->last.bytes, ts->first.length) > 0)
		return false;
	return ts->ports.min <= ts->ports.max || wire_ts_is_opaque(ts);
}

static enum wire_reason decode_selector(struct bytes_reader *reader,
					struct wire_ts_list *list)
{
	struct wire_ts ts = { .protocol = 0 };
	uint8_t type = bytes_take_u8(reader);
	struct bytes_reader inner;
	struct bytes bytes;
	uint16_t length;
	size_t size;

	ts.protocol = bytes_take_u8(reader);
	length = bytes_take_u16(reader);
	if (reader->failed || length < SELECTOR_HEADER)
		return WIRE_REASON_TS_MALFORMED;
	bytes_reader_init(&inner, bytes_take(reader, length - 4));
	if (reader->failed)
		return WIRE_REASON_TS_MALFORMED;
	if (type != IANA_TS_IPV4_ADDR_RANGE && type != IANA_TS_IPV6_ADDR_RANGE)
		return WIRE_REASON_OK;

	size = type == IANA_TS_IPV4_ADDR_RANGE ? 4 : 16;
	ts.ports.min = bytes_take_u16(&inner);
	ts.ports.max = bytes_take_u16(&inner);
	bytes = bytes_take(&inner, size);
	address_set(&ts.first, bytes.data, bytes.length);
	bytes = bytes_take(&inner, size);
	address_set(&ts.last, bytes.data, bytes.length);
	if (inner.failed || inner.left)
		return WIRE_REASON_TS_MALFORMED;
	if (!is_range(&ts))
		return WIRE_REASON_TS_RANGE;
	if (list->count == WIRE_TS_MAX)
		return WIRE_REASON_TS_TOO_MANY;
	list->items[list->count++] = ts;
	return WIRE_REASON_OK;
}

/**
 * wire_decode_ts - read a TS payload
 * @content: the payload without its generic header
 * @list: what to fill; without the selectors of unknown types
 *
 * Return: WIRE_REASON_OK, or what is wrong.
 */
enum wire_reason wire_decode_ts(struct bytes content, struct wire_ts_list *list)
{
	struct bytes_reader reader;
	enum wire_reason reason;
	uint8_t count, i;

	list->count = 0;
	bytes_reader_init(&reader, content);
	count = bytes_take_u8(&reader);
	bytes_take(&reader, 3);
	if (reader.failed)
		return WIRE_REASON_TS_MALFORMED;
	if (!count)
		return WIRE_REASON_TS_EMPTY;
	for (i = 0; i < count; i++) {
		reason = decode_selector(&reader, list);
		if (reason)
			return reason;
	}
	return reader.left ? WIRE_REASON_TS_MALFORMED : WIRE_REASON_OK;
}

/**
 * wire_encode_ts - write a TS payload
 * @writer: where to, behind the generic header
 * @list: what to write
 */
void wire_encode_ts(struct bytes_writer *writer,
		    const struct wire_ts_list *list)
{
	const struct wire_ts *ts;
	size_t size;
	uint16_t i;

	bytes_put_u8(writer, (uint8_t)list->count);
	bytes_put_u8(writer, 0);
	bytes_put_u16(writer, 0);
	for (i = 0; i < list->count; i++) {
		ts = &list->items[i];
		size = ts->first.length;
		bytes_put_u8(writer, size == 4 ? IANA_TS_IPV4_ADDR_RANGE :
						 IANA_TS_IPV6_ADDR_RANGE);
		bytes_put_u8(writer, ts->protocol);
		bytes_put_u16(writer, (uint16_t)(SELECTOR_HEADER + 2 * size));
		bytes_put_u16(writer, ts->ports.min);
		bytes_put_u16(writer, ts->ports.max);
		bytes_put(writer, bytes_of(ts->first.bytes, size));
		bytes_put(writer, bytes_of(ts->last.bytes, size));
	}
}
