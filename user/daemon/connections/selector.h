/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IKE's traffic selectors, which have ranges of addresses, as the module's, which
 * have prefixes.
 */
#ifndef DAEMON_SELECTOR_H
#define DAEMON_SELECTOR_H

#include <stddef.h>

#include "lib/address.h"
#include "lib/error.h"
#include "lib/number.h"
#include "wire/ts.h"

/* More than any sensible pair of lists makes */
#define SELECTOR_MAX 64

/**
 * struct selector - what a policy is about, as seen from this host
 * @local: our networks
 * @remote: the other side's
 * @protocol: of the upper layer, 0 = any
 * @local_ports: of that protocol
 * @remote_ports: likewise
 */
struct selector {
	struct prefix local;
	struct prefix remote;
	uint8_t protocol;
	struct port_range local_ports;
	struct port_range remote_ports;
};

/**
 * struct selector_list - several of them
 * @items: the selectors
 * @count: how many
 */
struct selector_list {
	struct selector items[SELECTOR_MAX];
	size_t count;
};

ERROR_MUST_CHECK
struct error *selector_list_make(const struct wire_ts_list *local,
				 const struct wire_ts_list *remote,
				 struct selector_list *list);
uint32_t selector_priority(const struct selector *selector);

#endif /* DAEMON_SELECTOR_H */
