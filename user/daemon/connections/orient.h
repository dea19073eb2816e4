/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which end of a connection is this host, and where both are. Pure: what the
 * host looks like is told by functions.
 */
#ifndef DAEMON_ORIENT_H
#define DAEMON_ORIENT_H

#include "config/model.h"
#include "lib/address.h"
#include "lib/error.h"

/**
 * struct orient_host - what is asked about this host
 * @owns: is an address one of this host's
 * @default_address: with which address does it speak to another; @peer is NULL
 *	if that one is not known; @length is that of the address wanted, 0 = any
 * @interface_address: the first address of an interface; @length as above
 * @resolve: the address of a name; false = not known (yet)
 */
struct orient_host {
	bool (*owns)(void *context, const struct address *address);
	bool (*default_address)(void *context, const struct address *peer,
				uint8_t length, struct address *address);
	bool (*interface_address)(void *context, const char *interface,
				  uint8_t length, struct address *address);
	bool (*resolve)(void *context, const char *name,
			struct address *address);
};

/**
 * enum orient_result - what came of it
 * @ORIENT_DONE: both ends are known
 * @ORIENT_NAME: a name is not known yet
 * @ORIENT_NEITHER: no end is this host
 * @ORIENT_BOTH: both ends are this host
 */
enum orient_result {
	ORIENT_DONE,
	ORIENT_NAME,
	ORIENT_NEITHER,
	ORIENT_BOTH,
};

/**
 * struct orientation - a connection as this host sees it
 * @ours: which end is this host
 * @local: its address
 * @remote: the peer's address; unspecified = any
 */
struct orientation {
	enum cfg_which ours;
	struct address local;
	struct address remote;
};

enum orient_result orient(const struct cfg_connection *connection,
			  const struct orient_host *host, void *context,
			  struct orientation *orientation);
bool orient_equal(const struct orientation *one,
		  const struct orientation *other);

#endif /* DAEMON_ORIENT_H */
