/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon of paper: has the verbs of daemon/engine/daemon.h, and does as the name of a
 * connection says.
 */
#ifndef STUB_DAEMON_H
#define STUB_DAEMON_H

#include "daemon/engine/daemon.h"

/**
 * struct daemon - the daemon
 * @base: event loop
 * @cfg: the configuration, NULL for none
 * @ike: an engine, with what it holds
 * @model: of the connection that the engine has
 * @told: verbs that were called, in order, with blanks between them
 * @waiting: who waits for what never ends
 * @down: it is to end
 */
struct daemon {
	struct event_base *base;
	struct cfg *cfg;
	struct ike *ike;
	const struct ike_model *model;
	char told[1024];
	struct list waiting;
	bool down;
};

#endif /* STUB_DAEMON_H */
