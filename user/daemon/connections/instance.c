// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instances: what a connection with anybody is to each peer that has come. The
 * engine says when they begin and end; they have the configuration and the end of
 * the connection that they come from.
 */
#include <stdlib.h>
#include <time.h>

#include "daemon/connections/hooks.h"
#include "daemon/engine/state.h"
#include "daemon/log.h"

static struct connection *find(const struct connection *template,
			       uint64_t number)
{
	struct list *link, *following;
	struct connection *instance;

	list_for_each(link, following, (struct list *)&template->instances) {
		instance = list_entry(link, struct connection, link);
		if (instance->instance == number)
			return instance;
	}
	return NULL;
}

/**
 * instance_find - find the connection that something is about
 * @daemon: the daemon
 * @name: of the connection, or NULL
 * @number: of the instance, 0 = the connection itself
 *
 * Return: it, NULL if there is none.
 */
struct connection *instance_find(struct daemon *daemon, const char *name,
				 uint64_t number)
{
	struct connection *connection = connection_find(daemon, name);

	return connection && number ? find(connection, number) : connection;
}

/**
 * instance_begin - a peer has got an instance
 * @template: the connection that it comes from
 * @number: of the instance
 */
void instance_begin(struct connection *template, uint64_t number)
{
	struct connection *instance = calloc(1, sizeof(*instance));

	if (!instance) {
		log_error(error_no_memory());
		return;
	}
	instance->daemon = template->daemon;
	instance->origin = origin_get(template->origin);
	instance->config = template->config;
	instance->state = DAEMON_LOADED;
	instance->loaded = time(NULL);
	instance->template = template;
	instance->instance = number;
	instance->model = ike_find_model(template->daemon->ike,
					 template->config->name, number);
	instance->at = template->at;
	instance->at.remote = instance->model->path.remote.address;
	list_init(&instance->watchers);
	list_init(&instance->instances);
	list_append(&template->instances, &instance->link);
}

/**
 * instance_end - an instance has no SA any more
 * @instance: the instance; freed
 */
void instance_end(struct connection *instance)
{
	struct connection *template = instance->template;

	hooks_forget(instance);
	list_remove(&instance->link);
	origin_put(instance->origin);
	free(instance);
	if (connection_is_down(template))
		watchers_end(&template->watchers, DAEMON_GOAL_DOWN,
			     DAEMON_ALL_CHILDREN, 0);
}
