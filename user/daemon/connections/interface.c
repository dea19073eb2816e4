// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that connections are bound to (ipsec-interface=). Those that we have made
 * go with the last connection; those that were there stay.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/engine/state.h"

static struct interface *find(struct daemon *daemon, const char *name)
{
	struct list *link, *following;
	struct interface *interface;

	list_for_each(link, following, &daemon->interfaces) {
		interface = list_entry(link, struct interface, link);
		if (!strcmp(interface->name, name))
			return interface;
	}
	return NULL;
}

static struct error *make(struct daemon *daemon, const char *name,
			  struct interface **interface)
{
	struct interface *created = calloc(1, sizeof(*created));
	struct error *error;

	if (!created)
		return error_no_memory();
	list_init(&created->link);
	strcpy(created->name, name);
	error = host_link_make(daemon->host, name, &created->made);
	if (!error)
		error = host_link_up(daemon->host, name, 0);
	if (error) {
		if (created->made)
			error_free(host_link_remove(daemon->host, name));
		free(created);
		return error;
	}
	list_append(&daemon->interfaces, &created->link);
	*interface = created;
	return NULL;
}

/**
 * interface_get - have a device that a connection is bound to
 * @daemon: the daemon
 * @name: of the device
 * @interface: set to it, to be given up with interface_put()
 *
 * Return: NULL, and it is up; or why it isn't.
 */
struct error *interface_get(struct daemon *daemon, const char *name,
			    struct interface **interface)
{
	struct interface *found = find(daemon, name);
	struct error *error = NULL;

	if (!found)
		error = make(daemon, name, &found);
	if (error)
		return error;
	found->users++;
	*interface = found;
	return NULL;
}

/**
 * interface_put - a connection needs a device no longer
 * @daemon: the daemon
 * @interface: the device, or NULL
 */
void interface_put(struct daemon *daemon, struct interface *interface)
{
	if (!interface || --interface->users)
		return;
	if (interface->made)
		log_error(host_link_remove(daemon->host, interface->name));
	list_remove(&interface->link);
	free(interface);
}
