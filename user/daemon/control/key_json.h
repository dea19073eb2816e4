/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys, certificates, revocation lists and owners of secrets as JSON. Nothing
 * private is among it.
 */
#ifndef DAEMON_KEY_JSON_H
#define DAEMON_KEY_JSON_H

#include <jansson.h>

#include "daemon/engine/daemon.h"

/**
 * struct key_sink - where objects go
 * @put: takes an object, NULL if there was no memory
 * @context: for it
 */
struct key_sink {
	void (*put)(void *context, json_t *object);
	void *context;
};

void key_put_public(const struct daemon *daemon,
		    const struct daemon_connection_info *info,
		    const struct key_sink *sink);
void key_put_certs(const struct daemon *daemon, const struct key_sink *sink);
void key_put_authorities(const struct daemon *daemon,
			 const struct key_sink *sink);
void key_put_secrets(const struct daemon *daemon, const struct key_sink *sink);

#endif /* DAEMON_KEY_JSON_H */
