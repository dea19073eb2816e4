/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of names. Looking one up may take long, so a thread does that, and
 * nobody waits.
 */
#ifndef DAEMON_RESOLVE_H
#define DAEMON_RESOLVE_H

#include <stdbool.h>

#include "lib/address.h"
#include "lib/error.h"

struct event_base;
struct resolver;

ERROR_MUST_CHECK
struct error *resolver_create(struct event_base *base,
			      void (*changed)(void *context), void *context,
			      struct resolver **resolver);
void resolver_destroy(struct resolver *resolver);

bool resolver_find(struct resolver *resolver, const char *name,
		   struct address *address, const char **why);
void resolver_forget(struct resolver *resolver);

#endif /* DAEMON_RESOLVE_H */
