// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that connections are bound to (ipsec-interface=). Those that we have made
 * go with the last connection; those that were there stay. Ours have a mark: what a
 * daemon that was killed has left is taken over by the next one, with its addresses
 * and routes, or removed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/engine/state.h"

/* The alias of devices that we have made */
#define MARK "made by iked"

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

static struct interface *create(const char *name)
{
	struct interface *created = calloc(1, sizeof(*created));

	if (!created)
		return NULL;
	list_init(&created->link);
	snprintf(created->name, sizeof(created->name), "%s", name);
	return created;
}

static struct error *make(struct daemon *daemon, const char *name,
			  struct interface **interface)
{
	struct interface *created = create(name);
	struct error *error;

	if (!created)
		return error_no_memory();
	error = host_link_make(daemon->host, name, &created->made);
	if (!error && created->made)
		error = host_link_mark(daemon->host, name, MARK);
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
	else if (!found->users)
		error = host_link_up(daemon->host, name, 0);
	if (error)
		return error;
	found->users++;
	*interface = found;
	return NULL;
}

static void end(struct daemon *daemon, struct interface *interface)
{
	if (interface->made)
		log_error(host_link_remove(daemon->host, interface->name));
	list_remove(&interface->link);
	free(interface);
}

/**
 * interface_put - a connection needs a device no longer
 * @daemon: the daemon
 * @interface: the device, or NULL
 */
void interface_put(struct daemon *daemon, struct interface *interface)
{
	if (interface && !--interface->users)
		end(daemon, interface);
}

/**
 * interfaces_adopt - take over what a daemon that was killed has left
 * @daemon: the daemon, which begins
 *
 * What none of its connections wants, interfaces_sweep() removes.
 */
void interfaces_adopt(struct daemon *daemon)
{
	struct interface *interface;
	struct host_links links;
	struct error *error;
	size_t i;

	error = host_links_marked(daemon->host, MARK, &links);
	if (error) {
		log_error(error);
		return;
	}
	for (i = 0; i < links.count; i++) {
		interface = create(links.names[i]);
		if (!interface)
			break;
		interface->made = true;
		list_append(&daemon->interfaces, &interface->link);
	}
	host_links_free(&links);
}

/**
 * interfaces_sweep - remove devices of ours that no connection is bound to
 * @daemon: the daemon
 */
void interfaces_sweep(struct daemon *daemon)
{
	struct list *link, *following;
	struct interface *interface;

	list_for_each(link, following, &daemon->interfaces) {
		interface = list_entry(link, struct interface, link);
		if (!interface->users)
			end(daemon, interface);
	}
}
