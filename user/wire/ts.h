/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic selectors and the TS payload (RFC 7296, 3.13).
 */
#ifndef WIRE_TS_H
#define WIRE_TS_H

#include "lib/address.h"
#include "lib/bytes.h"
#include "lib/number.h"
#include "wire/reason.h"

#define WIRE_TS_MAX 32

/**
 * struct wire_ts - a traffic selector
 * @first: lowest address
 * @last: highest address, of the same family
 * @protocol: of the upper layer, 0 = any
 * @ports: of that protocol; 65535 to 0 is OPAQUE; types and codes of ICMP
 */
struct wire_ts {
	struct address first;
	struct address last;
	uint8_t protocol;
	struct port_range ports;
};

/**
 * struct wire_ts_list - several of them
 * @items: the selectors
 * @count: how many
 */
struct wire_ts_list {
	struct wire_ts items[WIRE_TS_MAX];
	uint16_t count;
};

enum wire_reason wire_decode_ts(struct bytes content,
				struct wire_ts_list *list);
void wire_encode_ts(struct bytes_writer *writer,
		    const struct wire_ts_list *list);
bool wire_ts_is_opaque(const struct wire_ts *ts);

#endif /* WIRE_TS_H */
