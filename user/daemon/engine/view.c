// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the engine process holds, for those who list it: paths, secrets' owners,
 * authorities, addresses, policies without SAs. Nothing is changed here.
 */
#include <net/if.h>
#include <string.h>

#include "daemon/engine/state.h"

/**
 * daemon_config_path - where connections are read from
 * @daemon: the daemon
 *
 * Return: path of its configuration.
 */
const char *daemon_config_path(const struct daemon *daemon)
{
	return daemon->options.config;
}

/**
 * daemon_secrets_path - where secrets are read from
 * @daemon: the daemon
 *
 * Return: path of ipsec.secrets.
 */
const char *daemon_secrets_path(const struct daemon *daemon)
{
	return daemon->options.secrets ? daemon->options.secrets :
					 daemon_setup(daemon)->secretsfile;
}

/**
 * daemon_secrets - what ipsec.secrets says
 * @daemon: the daemon
 *
 * Return: it, until it is read again. Only whom it is for may be shown.
 */
const struct cfg_secrets *daemon_secrets(const struct daemon *daemon)
{
	return &daemon->secrets;
}

/**
 * daemon_trust - whom this host trusts
 * @daemon: the daemon
 *
 * Return: authorities and revocation lists, until they are read again; or NULL.
 */
const struct crypto_trust *daemon_trust(const struct daemon *daemon)
{
	return daemon->trust;
}

/**
 * daemon_has_key - is there a private key
 * @daemon: the daemon
 * @ckaid: its name
 *
 * Return: whether the keys process has it.
 */
bool daemon_has_key(const struct daemon *daemon,
		    const uint8_t ckaid[CRYPTO_CKAID_SIZE])
{
	enum crypto_key_kind kind;

	return processes_has_key(daemon->processes, ckaid, &kind);
}

/**
 * daemon_for_each_address - look at all addresses that peers can reach
 * @daemon: the daemon
 * @visit: called for each
 * @context: for it
 */
void daemon_for_each_address(const struct daemon *daemon,
			     void (*visit)(const char *interface,
					   const struct address *address,
					   void *context),
			     void *context)
{
	const struct address *only = &daemon_setup(daemon)->listen;
	const struct host_addresses *addresses = &daemon->addresses;
	char interface[IF_NAMESIZE];
	size_t i;

	for (i = 0; i < addresses->count; i++) {
		const struct host_address *item = &addresses->items[i];

		if (only->length &&
		    (only->length != item->address.length ||
		     memcmp(only->bytes, item->address.bytes, only->length)))
			continue;
		if (if_indextoname(item->index, interface))
			visit(interface, &item->address, context);
	}
}

/**
 * daemon_for_each_shunt - look at all policies that stand without an SA
 * @daemon: the daemon
 * @visit: called for each
 * @context: for it
 */
void daemon_for_each_shunt(struct daemon *daemon,
			   void (*visit)(const struct dataplane_shunt_info *info,
					 void *context),
			   void *context)
{
	dataplane_each_shunt(daemon->dataplane, visit, context);
}
