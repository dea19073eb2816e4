// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications: what the module tells without being asked, read by a table
 * that says what each is called and what it is about.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/connection.h"
#include "kernel/kernel.h"
#include "kernel/layout.h"
#include "lib/array.h"

/**
 * struct notification - one that we know
 * @command: its number in the protocol
 * @kind: what it tells
 * @name: of what has happened
 */
struct notification {
	uint8_t command;
	enum kernel_event_kind kind;
	const char *name;
};

static const struct notification notifications[] = {
	{ ESPVIF_CMD_SA_NEW_NTF, KERNEL_EVENT_SA, "sa-added" },
	{ ESPVIF_CMD_SA_SET_NTF, KERNEL_EVENT_SA, "sa-changed" },
	{ ESPVIF_CMD_SA_DEL_NTF, KERNEL_EVENT_SA, "sa-removed" },
	{ ESPVIF_CMD_SA_EXPIRE_NTF, KERNEL_EVENT_EXPIRY, "sa-expired" },
	{ ESPVIF_CMD_SA_PEER_NTF, KERNEL_EVENT_PEER, "sa-peer-moved" },
	{ ESPVIF_CMD_POLICY_NEW_NTF, KERNEL_EVENT_POLICY, "policy-added" },
	{ ESPVIF_CMD_POLICY_SET_NTF, KERNEL_EVENT_POLICY, "policy-changed" },
	{ ESPVIF_CMD_POLICY_DEL_NTF, KERNEL_EVENT_POLICY, "policy-removed" },
	{ ESPVIF_CMD_ACQUIRE_NTF, KERNEL_EVENT_ACQUIRE, "acquire" },
};

/**
 * struct delivery - to whom events go
 * @deliver: called with each
 * @context: handed to @deliver
 */
struct delivery {
	struct error *(*deliver)(const struct kernel_event *event,
				 void *context);
	void *context;
};

/**
 * kernel_subscribe - have everything told that happens from now on
 * @kernel: the connection, which is for kernel_read_events() alone from now on
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_subscribe(struct kernel *kernel)
{
	struct genl_transport *transport = &kernel->genl.transport;

	if (!kernel->family.events)
		return genl_malformed("no group of notifications");
	return transport->join(transport->context, kernel->family.events);
}

/**
 * kernel_descriptor - what to poll for events
 * @kernel: the connection
 *
 * Return: a file descriptor that can be read from when there are some.
 */
int kernel_descriptor(const struct kernel *kernel)
{
	const struct genl_transport *transport = &kernel->genl.transport;

	return transport->descriptor(transport->context);
}

static const struct notification *find(uint8_t command)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notifications); i++) {
		if (notifications[i].command == command)
			return &notifications[i];
	}
	return NULL;
}

static struct error *decode(const struct notification *known,
			    const void *attributes, size_t length,
			    struct kernel_event *event)
{
	event->kind = known->kind;
	event->name = known->name;
	if (known->kind == KERNEL_EVENT_POLICY ||
	    known->kind == KERNEL_EVENT_ACQUIRE)
		return layout_decode(&layout_policy, attributes, length,
				     &event->policy);
	return layout_decode(&layout_sa, attributes, length, &event->sa);
}

static struct error *deliver_event(uint8_t command, const void *attributes,
				   size_t length, void *context)
{
	const struct notification *known = find(command);
	const struct delivery *delivery = context;
	struct kernel_event event = {
		.kind = KERNEL_EVENT_UNKNOWN,
		.name = "unknown",
		.command = command,
	};
	struct error *error = NULL;

	if (known)
		error = decode(known, attributes, length, &event);
	if (!error)
		error = delivery->deliver(&event, delivery->context);
	free(event.sa.drops.items);
	return error;
}

/**
 * kernel_read_events - wait for what happens next
 * @kernel: the connection, after kernel_subscribe()
 * @deliver: called with each event; there may be several, or none
 * @context: handed to @deliver
 *
 * Return: NULL, or why nothing can be told, or what @deliver returned.
 */
struct error *kernel_read_events(struct kernel *kernel,
				 struct error *(*deliver)(const struct kernel_event *event,
							  void *context),
				 void *context)
{
	static const struct kernel_event lost = {
		.kind = KERNEL_EVENT_LOST,
		.name = "lost",
	};
	struct delivery delivery = { deliver, context };
	struct error *error;

	error = genl_receive(&kernel->genl, kernel->family.id, deliver_event,
			     &delivery);
	if (!error || error->number != ENOBUFS)
		return error;
	error_free(error);
	return deliver(&lost, context);
}
