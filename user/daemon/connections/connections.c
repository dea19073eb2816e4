// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs about connections, and about all of them at once. One that cannot be
 * loaded leaves the others alone.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/connections/model.h"
#include "daemon/engine/state.h"

static struct error *no_connection(const char *name)
{
	return error_refused(0, "no connection named \"%s\"", name);
}

/* That of one child SA of a connection isn't the name of a connection. */
static struct error *not_whole(struct daemon *daemon, const char *name)
{
	struct connection *connection = connection_find_child(daemon, name);

	if (!connection)
		return no_connection(name);
	return error_refused(0, "\"%s\" is a part of connection \"%s\": only that as a whole can be deleted or routed",
			     name, connection->config->name);
}

static struct connection *find_or_fail(struct daemon *daemon, const char *name,
				       struct daemon_watcher *watcher)
{
	struct connection *connection = connection_find(daemon, name);

	if (!connection)
		watcher_fail(watcher, DAEMON_UNKNOWN_NAME,
			     not_whole(daemon, name));
	return connection;
}

/* A connection, or the one whose child SA the name is of */
static struct connection *find_part_or_fail(struct daemon *daemon,
					    const char *name,
					    uint32_t *children,
					    struct daemon_watcher *watcher)
{
	struct connection *connection = connection_find(daemon, name);

	if (!connection)
		connection = connection_find_child(daemon, name);
	if (!connection)
		watcher_fail(watcher, DAEMON_UNKNOWN_NAME, no_connection(name));
	else
		*children = connection_child_bit(connection, name);
	return connection;
}

/* What is wrong with a configuration, but for what has no effect */
static void say_problems(const struct cfg *cfg, struct daemon_watcher *watcher)
{
	size_t i;

	for (i = 0; i < cfg->problems.count; i++) {
		const struct cfg_problem *problem = &cfg->problems.items[i];

		if (problem->severity != CFG_ERROR)
			continue;
		if (watcher)
			watcher_say(watcher, DAEMON_LOG, "%s:%u: %s",
				    problem->at.file, problem->at.line,
				    problem->sentence);
		else
			log_format(IKE_LEVEL_ERROR, "%s:%u: %s",
				   problem->at.file, problem->at.line,
				   problem->sentence);
	}
}

static bool is_same_file(const struct origin *one, const struct origin *other)
{
	return one->path && other->path && !strcmp(one->path, other->path);
}

/* Connections that are as they were keep only the latest configuration alive. */
static void adopt(struct daemon *daemon, struct origin *origin)
{
	const struct cfg_connection *config;
	struct list *link, *following;
	struct connection *connection;

	list_for_each(link, following, &daemon->connections) {
		connection = list_entry(link, struct connection, link);
		if (!is_same_file(connection->origin, origin))
			continue;
		config = cfg_find(origin->cfg, connection->config->name);
		if (config && cfg_connection_equal(connection->config, config))
			connection_take(connection, origin, config);
	}
}

/*
 * Where nothing else is said, the daemon's own configuration. Whoever adds its
 * connections one by one has it read once.
 */
static struct error *read_source(struct daemon *daemon,
				 const struct daemon_source *source,
				 struct origin **origin)
{
	struct daemon_source own = { .path = daemon->options.config };

	if (!source || (!source->path && !source->text))
		source = &own;
	if (daemon->latest && origin_is_current(daemon->latest, source)) {
		*origin = origin_get(daemon->latest);
		return NULL;
	}
	daemon->reads++;
	return origin_load(source, origin);
}

static void replace_origin(struct origin **origin, struct origin *other)
{
	origin_put(*origin);
	*origin = other;
}

static struct error *load_source(struct daemon *daemon,
				 const struct daemon_source *source,
				 struct origin **origin)
{
	struct error *error = read_source(daemon, source, origin);

	if (!error && *origin != daemon->latest) {
		adopt(daemon, *origin);
		replace_origin(&daemon->latest, origin_get(*origin));
	}
	return error;
}

/* Loads a connection that isn't there. */
static struct connection *add(struct daemon *daemon, const char *name,
			      const struct daemon_source *source,
			      struct daemon_watcher *watcher)
{
	const struct cfg_connection *config;
	struct connection *connection = NULL;
	struct origin *origin;
	struct error *error;

	error = load_source(daemon, source, &origin);
	if (error) {
		watcher_fail(watcher, DAEMON_FATAL, error);
		return NULL;
	}
	/* what 'ipsec import' has brought, as with Libreswan's database */
	daemon_refresh_trust(daemon);
	config = cfg_find(origin->cfg, name);
	if (config)
		connection = connection_create(daemon, origin, config);
	else
		say_problems(origin->cfg, watcher);
	origin_put(origin);
	if (connection)
		connection_orient(connection);
	else
		watcher_fail(watcher, config ? DAEMON_INTERNAL :
					       DAEMON_UNKNOWN_NAME,
			     config ? error_no_memory() : no_connection(name));
	return connection;
}

static void added(const struct connection *connection,
		  struct daemon_watcher *watcher)
{
	const char *name = connection->config->name;

	if (connection->state != DAEMON_LOADED)
		watcher_say(watcher, DAEMON_LOG, "\"%s\": %s", name,
			    connection->why);
	watcher_say(watcher, DAEMON_LOG, "\"%s\": added IKEv2 connection",
		    name);
	watcher_end(watcher, 0);
}

/**
 * daemon_add - load a connection
 * @daemon: the daemon
 * @name: of the connection
 * @source: where its configuration stands, NULL = the daemon's own
 * @watcher: who wants to know, or NULL
 */
void daemon_add(struct daemon *daemon, const char *name,
		const struct daemon_source *source,
		struct daemon_watcher *watcher)
{
	const struct connection *connection;

	if (connection_find(daemon, name)) {
		watcher_fail(watcher, DAEMON_DUPLICATE,
			     error_refused(0, "there is a connection \"%s\" already: replace it, or delete it first",
					   name));
		return;
	}
	connection = add(daemon, name, source, watcher);
	if (connection)
		added(connection, watcher);
	daemon_settle(daemon);
}

/**
 * daemon_try_add - is there a connection that could be loaded
 * @daemon: the daemon
 * @name: of the connection
 * @source: where its configuration stands, NULL = the daemon's own
 * @watcher: who wants to know
 *
 * Nothing is loaded.
 */
void daemon_try_add(struct daemon *daemon, const char *name,
		    const struct daemon_source *source,
		    struct daemon_watcher *watcher)
{
	struct origin *origin = NULL;
	struct error *error;

	error = read_source(daemon, source, &origin);
	if (error) {
		watcher_fail(watcher, DAEMON_FATAL, error);
	} else if (!cfg_find(origin->cfg, name)) {
		say_problems(origin->cfg, watcher);
		watcher_fail(watcher, DAEMON_UNKNOWN_NAME, no_connection(name));
	} else {
		watcher_end(watcher, 0);
	}
	origin_put(origin);
}

/**
 * daemon_replace - load a connection anew
 * @daemon: the daemon
 * @name: of the connection, which need not be there
 * @source: where its configuration stands, NULL = the daemon's own
 * @watcher: who wants to know, or NULL
 */
void daemon_replace(struct daemon *daemon, const char *name,
		    const struct daemon_source *source,
		    struct daemon_watcher *watcher)
{
	struct connection *connection = connection_find(daemon, name);

	if (connection)
		connection_destroy(connection, "the connection is replaced");
	connection = add(daemon, name, source, watcher);
	if (connection)
		added(connection, watcher);
	daemon_settle(daemon);
}

/**
 * daemon_delete - forget a connection, which goes down
 * @daemon: the daemon
 * @name: of the connection
 * @watcher: who wants to know, or NULL
 */
void daemon_delete(struct daemon *daemon, const char *name,
		   struct daemon_watcher *watcher)
{
	struct connection *connection = find_or_fail(daemon, name, watcher);

	if (!connection)
		return;
	watcher_say(watcher, DAEMON_LOG, "\"%s\": terminating SAs using this connection",
		    name);
	connection_destroy(connection, "the connection was deleted");
	watcher_end(watcher, 0);
	daemon_settle(daemon);
}

static enum daemon_code code_of(const struct connection *connection)
{
	return connection->state == DAEMON_LOADED ? DAEMON_NO_PEER_ADDRESS :
						    DAEMON_ORIENT;
}

static struct error *about(const struct connection *connection,
			   struct error *error)
{
	return error_prefix(error, "\"%s\": ", connection->config->name);
}

/**
 * daemon_up - bring a connection up
 * @daemon: the daemon
 * @name: of the connection, or of one of its child SAs
 * @watcher: who wants to know, or NULL
 */
void daemon_up(struct daemon *daemon, const char *name,
	       struct daemon_watcher *watcher)
{
	struct connection *connection;
	struct error *error;
	uint32_t children;

	connection = find_part_or_fail(daemon, name, &children, watcher);
	if (!connection)
		return;
	if (connection_has(connection, children))
		watcher_say(watcher, DAEMON_LOG, "\"%s\": is up already", name);
	watchers_add(&connection->watchers, watcher, DAEMON_GOAL_UP, children);
	error = connection_up(connection, children);
	if (error) {
		if (watcher)
			list_remove(&watcher->link);
		watcher_fail(watcher, code_of(connection),
			     about(connection, error));
	} else if (!model_is_negotiated(connection->config)) {
		watchers_end(&connection->watchers, DAEMON_GOAL_UP,
			     DAEMON_ALL_CHILDREN, 0);
	} else {
		/* it may have been up before */
		connection_end_if_up(connection);
	}
	daemon_settle(daemon);
}

/**
 * daemon_down - bring a connection down; it stays loaded
 * @daemon: the daemon
 * @name: of the connection, or of one of its child SAs
 * @watcher: who wants to know, or NULL
 */
void daemon_down(struct daemon *daemon, const char *name,
		 struct daemon_watcher *watcher)
{
	struct connection *connection;
	struct error *error = NULL;
	uint32_t children;

	connection = find_part_or_fail(daemon, name, &children, watcher);
	if (!connection)
		return;
	/* the last child SA goes with its IKE SA */
	if (connection_is_rest(connection, children))
		children = DAEMON_ALL_CHILDREN;
	watcher_say(watcher, DAEMON_LOG,
		    connection_is_down(connection) && !connection->routed ?
		    "\"%s\": is not up" :
		    "\"%s\": terminating SAs using this connection", name);
	watchers_add(&connection->watchers, watcher, DAEMON_GOAL_DOWN,
		     children);
	if (connection->model && model_is_negotiated(connection->config))
		error = connection_down(connection, children);
	else
		connection_unroute(connection);
	connection->want_up &= ~children;
	if (error) {
		if (watcher)
			list_remove(&watcher->link);
		watcher_fail(watcher, DAEMON_INTERNAL, error);
	} else if (connection_is_down(connection)) {
		watchers_end(&connection->watchers, DAEMON_GOAL_DOWN,
			     DAEMON_ALL_CHILDREN, 0);
	} else if (children != DAEMON_ALL_CHILDREN &&
		   !(connection->up & children)) {
		watchers_end(&connection->watchers, DAEMON_GOAL_DOWN, children,
			     0);
	}
	daemon_settle(daemon);
}

/**
 * daemon_route - let the first packet bring a connection up
 * @daemon: the daemon
 * @name: of the connection
 * @watcher: who wants to know, or NULL
 */
void daemon_route(struct daemon *daemon, const char *name,
		  struct daemon_watcher *watcher)
{
	struct connection *connection = find_or_fail(daemon, name, watcher);
	struct error *error;

	if (!connection)
		return;
	error = connection_route(connection);
	if (error)
		watcher_fail(watcher, code_of(connection),
			     about(connection, error));
	else
		watcher_end(watcher, 0);
}

/**
 * daemon_unroute - take back daemon_route()
 * @daemon: the daemon
 * @name: of the connection
 * @watcher: who wants to know, or NULL
 */
void daemon_unroute(struct daemon *daemon, const char *name,
		    struct daemon_watcher *watcher)
{
	struct connection *connection = find_or_fail(daemon, name, watcher);

	if (!connection)
		return;
	connection->want_route = false;
	connection_unroute(connection);
	watcher_end(watcher, 0);
}

/**
 * daemon_rekey - replace keys before their time
 * @daemon: the daemon
 * @name: of the connection, or of one of its child SAs
 * @ike: those of its IKE SA, not of its children
 * @watcher: who wants to know, or NULL
 */
void daemon_rekey(struct daemon *daemon, const char *name, bool ike,
		  struct daemon_watcher *watcher)
{
	struct connection *connection;
	struct error *error = NULL;
	uint32_t children;

	connection = find_part_or_fail(daemon, name, &children, watcher);
	if (!connection)
		return;
	if (!connection->model || ike)
		error = ike_rekey(daemon->ike, connection->config->name, NULL);
	else
		error = connection_rekey(connection, children);
	if (error)
		watcher_fail(watcher, DAEMON_FATAL, about(connection, error));
	else
		watcher_end(watcher, 0);
	daemon_settle(daemon);
}

/* What auto= says is done, but only when it is loaded together with all. */
static void begin(struct connection *connection)
{
	switch (connection->config->startup) {
	case CFG_AUTO_START:
		connection->want_up = DAEMON_ALL_CHILDREN;
		break;
	case CFG_AUTO_ONDEMAND:
		connection->want_route = true;
		break;
	default:
		break;
	}
	connection_orient(connection);
}

static bool is_in(const struct connection *connection,
		  const struct origin *origin)
{
	return connection->origin == origin ||
	       !is_same_file(connection->origin, origin);
}

/* What has gone from the file, or is another now */
static void drop_changed(struct daemon *daemon)
{
	struct list *link, *following;
	struct connection *connection;

	list_for_each(link, following, &daemon->connections) {
		connection = list_entry(link, struct connection, link);
		if (!is_in(connection, daemon->origin))
			connection_destroy(connection,
					   "the configuration has changed");
	}
}

/**
 * connections_begin - load what the daemon's configuration says is to be loaded
 * @daemon: the daemon, whose configuration has just been read
 *
 * Connections that are as before stay as they are.
 */
void connections_begin(struct daemon *daemon)
{
	const struct cfg *cfg = daemon->origin->cfg;
	struct connection *connection;
	size_t i;

	say_problems(cfg, NULL);
	adopt(daemon, daemon->origin);
	drop_changed(daemon);
	for (i = 0; i < cfg->count; i++) {
		if (cfg->connections[i].startup == CFG_AUTO_IGNORE ||
		    connection_find(daemon, cfg->connections[i].name))
			continue;
		connection = connection_create(daemon, daemon->origin,
					       &cfg->connections[i]);
		if (connection)
			begin(connection);
	}
}

/**
 * daemon_reload - read the configuration again, and act upon what has changed
 * @daemon: the daemon
 * @watcher: who wants to know, or NULL
 */
void daemon_reload(struct daemon *daemon, struct daemon_watcher *watcher)
{
	struct daemon_source own = { .path = daemon->options.config };
	struct origin *origin;
	struct error *error;

	processes_state(daemon->processes, PARENT_STATE_RELOADING);
	daemon->reads++;
	error = origin_load(&own, &origin);
	if (!error) {
		replace_origin(&daemon->origin, origin);
		replace_origin(&daemon->latest, origin_get(origin));
		error = daemon_load_secrets(daemon);
		daemon_load_trust(daemon);
		connections_begin(daemon);
	}
	if (error)
		watcher_fail(watcher, DAEMON_FATAL, error);
	else
		watcher_end(watcher, 0);
	processes_state(daemon->processes, PARENT_STATE_READY);
	daemon_settle(daemon);
}

/**
 * daemon_reread - read secrets, authorities and what they have revoked again, and
 *	the certificates of connections
 * @daemon: the daemon
 * @watcher: who wants to know, or NULL
 */
void daemon_reread(struct daemon *daemon, struct daemon_watcher *watcher)
{
	struct error *error = daemon_load_secrets(daemon);
	struct list *link, *following;

	daemon_load_trust(daemon);
	list_for_each(link, following, &daemon->connections)
		connection_renew(list_entry(link, struct connection, link));
	if (error)
		watcher_fail(watcher, DAEMON_FATAL, error);
	else
		watcher_end(watcher, 0);
	daemon_settle(daemon);
}

/**
 * daemon_listen - look at this host's addresses again
 * @daemon: the daemon
 * @watcher: who wants to know, or NULL
 */
void daemon_listen(struct daemon *daemon, struct daemon_watcher *watcher)
{
	resolver_forget(daemon->resolver);
	connections_orient(daemon);
	watcher_end(watcher, 0);
}

/**
 * daemon_unwatch - somebody doesn't want to know any more
 * @daemon: the daemon
 * @watcher: who; whether it still waits or not
 */
void daemon_unwatch(struct daemon *daemon, struct daemon_watcher *watcher)
{
	(void)daemon;
	if (watcher->goal)
		list_remove(&watcher->link);
	watcher->goal = 0;
}

/**
 * connections_orient - addresses or names have changed
 * @daemon: the daemon
 */
void connections_orient(struct daemon *daemon)
{
	struct list *link, *following;
	struct host_addresses addresses;
	struct error *error;

	error = host_addresses_get(daemon->host, &addresses);
	if (error) {
		log_error(error);
	} else {
		host_addresses_free(&daemon->addresses);
		daemon->addresses = addresses;
	}
	list_for_each(link, following, &daemon->connections)
		connection_orient(list_entry(link, struct connection, link));
	daemon_settle(daemon);
}

/**
 * connections_forget - end all connections
 * @daemon: the daemon
 */
void connections_forget(struct daemon *daemon)
{
	struct list *link, *following;

	list_for_each(link, following, &daemon->connections)
		connection_destroy(list_entry(link, struct connection, link),
				   "the daemon ends");
}

/**
 * daemon_reads - how often a file of connections was read
 * @daemon: the daemon
 *
 * Return: how often, not counting those that nobody had written into.
 */
uint64_t daemon_reads(const struct daemon *daemon)
{
	return daemon->reads;
}

/**
 * daemon_has_connection - is there a connection
 * @daemon: the daemon
 * @name: of the connection
 *
 * Return: whether there is.
 */
bool daemon_has_connection(struct daemon *daemon, const char *name)
{
	return connection_find(daemon, name);
}

/**
 * daemon_has_child - is there a connection, or a child SA of one
 * @daemon: the daemon
 * @name: of either
 *
 * Return: whether there is.
 */
bool daemon_has_child(struct daemon *daemon, const char *name)
{
	return connection_find(daemon, name) ||
	       connection_find_child(daemon, name);
}

/* Those of a list, each with its instances behind it */
static void visit_each(struct list *connections,
		       void (*visit)(const struct daemon_connection_info *info,
				     void *context),
		       void *context)
{
	struct daemon_connection_info info;
	struct list *link, *following;
	struct connection *connection;

	list_for_each(link, following, connections) {
		connection = list_entry(link, struct connection, link);
		info = (struct daemon_connection_info){
			.config = connection->config,
			.instance = connection->instance,
			.state = connection->state,
			.why = connection->why,
			.ours = connection->at.ours,
			.model = connection->model,
			.routed = connection->routed,
			.wanted = connection->want_up,
			.established = connection->established,
			.children_up =
				(unsigned int)__builtin_popcount(connection->up),
			.loaded = connection->loaded,
		};
		visit(&info, context);
		visit_each(&connection->instances, visit, context);
	}
}

/**
 * daemon_for_each_connection - look at all connections, and at their instances
 * @daemon: the daemon
 * @visit: called for each, in the order in which they were loaded; instances come
 *	behind what they come from
 * @context: for it
 */
void daemon_for_each_connection(struct daemon *daemon,
				void (*visit)(const struct daemon_connection_info *info,
					      void *context),
				void *context)
{
	visit_each(&daemon->connections, visit, context);
}
