/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent of the daemon's processes, the only one that keeps all of root's
 * rights. It starts the engine and, when that asks, the keys process; starts those
 * anew that die; runs updown commands for the engine; passes signals on and tells
 * the service manager how the engine is. It reads nothing that comes from a file or
 * a peer but by the engine's messages.
 */
#ifndef DAEMON_PARENT_H
#define DAEMON_PARENT_H

/**
 * struct parent_options - what the parent is to do
 * @engine: be the engine, in a process of its own, with a socket to the parent, until
 *	the end; returns the status to exit with: 0 if it was told to end, else what the
 *	parent is to end with, as long as it was not ready. SIGHUP and SIGTERM are
 *	blocked until it unblocks them: what comes before it can act waits
 * @ready: called once, when the engine is ready for the first time
 * @keys: called in the keys process before it begins; NULL = nothing is to be done
 * @context: for all of them
 * @directory: where _updown is, and what is called as "ipsec _name"
 * @updown_ms: milliseconds that an updown command may take
 * @restart_ms: milliseconds before what has died is started anew; longer each time
 *	that it dies at once
 * @stop_ms: milliseconds that the engine may take to end
 */
struct parent_options {
	int (*engine)(void *context, int socket);
	void (*ready)(void *context);
	void (*keys)(void *context);
	void *context;
	const char *directory;
	unsigned int updown_ms;
	unsigned int restart_ms;
	unsigned int stop_ms;
};

int parent_run(const struct parent_options *options);

#endif /* DAEMON_PARENT_H */
