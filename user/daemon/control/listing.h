/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon holds, as JSON for those who ask.
 */
#ifndef DAEMON_LISTING_H
#define DAEMON_LISTING_H

#include "ctl/ctl.h"
#include "daemon/control/request.h"

int listing_write(struct daemon *daemon, const struct ctl_request *asked,
		  const struct request_sink *sink, void *context);

#endif /* DAEMON_LISTING_H */
