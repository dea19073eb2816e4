/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the service manager how the daemon is, if there is one that listens.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

void notify_manager(const char *text);

#endif /* DAEMON_NOTIFY_H */
