/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the daemon for something and hears what comes of it.
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include "ctl/ctl.h"

/**
 * struct ctl_listener - hears an answer
 * @hear: called for each line but the last; an error ends the hearing
 * @context: for @hear
 */
struct ctl_listener {
	struct error *(*hear)(void *context, const struct ctl_reply *reply);
	void *context;
};

ERROR_MUST_CHECK
struct error *ctl_ask(const char *path, const struct ctl_request *request,
		      const struct ctl_listener *listener, int *status);

#endif /* CTL_CLIENT_H */
