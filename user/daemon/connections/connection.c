// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One connection: from the configuration to the engine and back. It is oriented,
 * given to the engine, routed and brought up as far as that is wanted; and again
 * when addresses or names have changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/connections/hooks.h"
#include "daemon/log.h"
#include "daemon/connections/model.h"
#include "daemon/engine/processes.h"
#include "daemon/engine/state.h"

#define LINE_SIZE 1600
#define NAME_SIZE 160

/**
 * connection_create - begin with a connection
 * @daemon: the daemon
 * @origin: where it is taken from
 * @config: what that says of it
 *
 * Return: the connection, not oriented yet; NULL without memory.
 */
struct connection *connection_create(struct daemon *daemon,
				     struct origin *origin,
				     const struct cfg_connection *config)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->daemon = daemon;
	connection->origin = origin_get(origin);
	connection->config = config;
	connection->state = DAEMON_UNORIENTED;
	connection->loaded = time(NULL);
	list_init(&connection->watchers);
	list_init(&connection->instances);
	list_append(&daemon->connections, &connection->link);
	table_add(&daemon->by_name, &connection->by_name, config->name,
		  strlen(config->name));
	return connection;
}

/* Gives up what the engine was told, or was to be. */
static void release(struct connection *connection)
{
	free(connection->built);
	connection->built = NULL;
	connection->model = NULL;
	credentials_free(connection->credentials);
	connection->credentials = NULL;
	interface_put(connection->daemon, connection->interface);
	connection->interface = NULL;
}

/* Takes a connection away from the engine; it goes down at once. */
static void unload(struct connection *connection)
{
	connection_unroute(connection);
	if (connection->model && model_is_negotiated(connection->config))
		log_error(ike_remove(connection->daemon->ike,
				     connection->config->name));
	hooks_forget(connection);
	connection->established = false;
	connection->up = 0;
	release(connection);
}

/**
 * connection_destroy - end a connection
 * @connection: it
 * @why: for those who watch it
 */
void connection_destroy(struct connection *connection, const char *why)
{
	connection->want_up = 0;
	unload(connection);
	watchers_end(&connection->watchers, DAEMON_GOAL_DOWN,
		     DAEMON_ALL_CHILDREN, 0);
	watchers_say(&connection->watchers, DAEMON_GOAL_UP, DAEMON_ALL_CHILDREN,
		     DAEMON_FATAL, why);
	watchers_end(&connection->watchers, DAEMON_GOAL_UP, DAEMON_ALL_CHILDREN,
		     DAEMON_FATAL);
	list_remove(&connection->link);
	table_remove(&connection->daemon->by_name, &connection->by_name);
	origin_put(connection->origin);
	free(connection);
}

static struct connection *find(const struct daemon *daemon, const char *name,
			       size_t length)
{
	struct table_node *node = table_find(&daemon->by_name, name, length);

	return node ? table_entry(node, struct connection, by_name) : NULL;
}

/**
 * connection_find - find a connection
 * @daemon: the daemon
 * @name: of the connection, or NULL
 *
 * Return: it, NULL if there is none.
 */
struct connection *connection_find(struct daemon *daemon, const char *name)
{
	return name ? find(daemon, name, strlen(name)) : NULL;
}

/* Which child of a connection has a name, -1 for none */
static int child_index(const struct connection *connection, const char *name)
{
	int i;

	for (i = 0; connection->model && i < connection->model->child_count;
	     i++) {
		if (!strcmp(connection->model->children[i].name, name))
			return i;
	}
	return -1;
}

/**
 * connection_find_child - find a connection by the name of a child
 * @daemon: the daemon
 * @child: the name: that of its connection, perhaps with a slash and more behind
 *	it, as model_build() makes them
 *
 * Return: the connection, NULL if there is none.
 */
struct connection *connection_find_child(struct daemon *daemon,
					 const char *child)
{
	struct connection *connection = connection_find(daemon, child);
	const char *slash = strrchr(child, '/');

	if (!connection && slash)
		connection = find(daemon, child, (size_t)(slash - child));
	return connection && child_index(connection, child) >= 0 ? connection :
								   NULL;
}

/**
 * connection_child_bit - which of the child SAs of a connection has a name
 * @connection: the connection
 * @child: the name, or that of the connection itself
 *
 * Return: its bit; DAEMON_ALL_CHILDREN for the connection; 0 if there is none.
 */
uint32_t connection_child_bit(const struct connection *connection,
			      const char *child)
{
	int index;

	if (!strcmp(connection->config->name, child))
		return DAEMON_ALL_CHILDREN;
	index = child_index(connection, child);
	return index < 0 ? 0 : 1u << index;
}

/**
 * connection_traits - what a connection says about SAs and policies
 * @connection: the connection
 * @traits: set to it
 */
void connection_traits(const struct connection *connection,
		       struct dataplane_traits *traits)
{
	const struct cfg_connection *config = connection->config;

	memset(traits, 0, sizeof(*traits));
	if (config->ipsec_interface)
		snprintf(traits->interface, sizeof(traits->interface),
			 "ipsec%u",
			 (uint16_t)(config->ipsec_interface - 1));
	traits->priority = (uint32_t)config->priority;
	traits->replay_window = (uint32_t)config->replay_window;
	traits->max_bytes = config->max_bytes;
	traits->max_packets = config->max_packets;
	traits->tfc = (uint16_t)config->tfc;
	traits->copy_df = !config->nopmtudisc;
	if (config->nic_offload == CFG_NO)
		traits->offload = ESPVIF_OFFLOAD_NO;
	else if (config->nic_offload == CFG_YES)
		traits->offload = ESPVIF_OFFLOAD_CRYPTO;
}

static enum espvif_action action_of(const struct cfg_connection *config)
{
	switch (config->type) {
	case CFG_TYPE_PASSTHROUGH:
		return ESPVIF_ACTION_NONE;
	case CFG_TYPE_DROP:
	case CFG_TYPE_REJECT:
		return ESPVIF_ACTION_DISCARD;
	default:
		return ESPVIF_ACTION_IPSEC;
	}
}

/**
 * connection_route - make policies that need no SA
 * @connection: the connection
 *
 * Return: NULL, or why it cannot be done (yet).
 */
struct error *connection_route(struct connection *connection)
{
	const struct ike_model *model = connection->model;
	struct dataplane *dataplane = connection->daemon->dataplane;
	struct dataplane_traits traits;
	struct dataplane_shunt shunt;
	struct error *error = NULL;
	uint16_t i;

	connection->want_route = true;
	if (!model)
		return error_refused(0, "%s", connection->why);
	if (model_is_negotiated(connection->config) &&
	    address_is_unspecified(&connection->at.remote))
		return error_refused(0, "the peer can be anybody: only it can bring the connection up");
	connection_traits(connection, &traits);
	for (i = 0; i < model->child_count && !error; i++) {
		shunt = (struct dataplane_shunt){
			.name = model->children[i].name,
			.local = &model->children[i].local,
			.remote = &model->children[i].remote,
			.action = action_of(connection->config),
			.transport = model->children[i].transport,
		};
		error = dataplane_route(dataplane, &shunt, &traits);
		if (!error && model_is_negotiated(connection->config))
			hooks_route(connection, i);
	}
	connection->routed = true;
	if (error)
		connection_unroute(connection);
	return error;
}

/**
 * connection_unroute - take back connection_route()
 * @connection: the connection
 */
void connection_unroute(struct connection *connection)
{
	const struct ike_model *model = connection->model;
	uint16_t i;

	for (i = 0; connection->routed && i < model->child_count; i++) {
		log_error(dataplane_unroute(connection->daemon->dataplane,
					    model->children[i].name));
		hooks_unroute(connection, i);
	}
	connection->routed = false;
}

static uint32_t all_children(const struct connection *connection)
{
	return (1u << connection->model->child_count) - 1;
}

/* Has the engine do something with some children, or with the whole */
static struct error *have_done(const struct connection *connection,
			       struct error *(*verb)(struct ike *ike,
						     const char *connection,
						     const char *child),
			       uint32_t children)
{
	const struct ike_model *model = connection->model;
	struct ike *ike = connection->daemon->ike;
	struct error *error = NULL;
	uint16_t i;

	if (children == DAEMON_ALL_CHILDREN)
		return verb(ike, model->name, NULL);
	for (i = 0; i < model->child_count && !error; i++) {
		if (children & 1u << i)
			error = verb(ike, model->name,
				     model->children[i].name);
	}
	return error;
}

/**
 * connection_up - bring a connection up
 * @connection: the connection
 * @children: which of its child SAs, a bit each; DAEMON_ALL_CHILDREN for the whole
 *
 * Return: NULL, or why it cannot be done (yet).
 */
struct error *connection_up(struct connection *connection, uint32_t children)
{
	connection->want_up |= children;
	if (!connection->model)
		return error_refused(0, "%s", connection->why);
	if (!model_is_negotiated(connection->config))
		return connection_route(connection);
	if (address_is_unspecified(&connection->at.remote))
		return error_refused(0, "the peer can be anybody: only it can bring the connection up");
	return have_done(connection, ike_up, children);
}

/**
 * connection_down - bring a connection down
 * @connection: the connection, which has a model and negotiates
 * @children: which of its child SAs, a bit each; DAEMON_ALL_CHILDREN for the whole
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *connection_down(struct connection *connection, uint32_t children)
{
	connection->want_up &= ~children;
	return have_done(connection, ike_down, children);
}

/**
 * connection_rekey - replace the keys of child SAs
 * @connection: the connection, which has a model
 * @children: of which of them, a bit each
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *connection_rekey(struct connection *connection, uint32_t children)
{
	return have_done(connection, ike_rekey,
			 children & all_children(connection));
}

static void complain(const struct connection *connection, struct error *error)
{
	log_format(IKE_LEVEL_ERROR, "\"%s\": %s", connection->config->name,
		   error->sentence);
	error_free(error);
}

static void cannot(struct connection *connection, enum daemon_state state,
		   struct error *error)
{
	/* told once, not each time an address changes */
	bool known = !strcmp(connection->why, error->sentence);

	connection->state = state;
	snprintf(connection->why, sizeof(connection->why), "%s",
		 error->sentence);
	if (known)
		error_free(error);
	else
		complain(connection, error);
}

/* What was wanted while it could not be done */
static void catch_up(struct connection *connection)
{
	struct error *error;

	if (connection->want_route && !connection->routed) {
		error = connection_route(connection);
		if (error)
			complain(connection, error);
	}
	if (connection->want_up) {
		error = connection_up(connection, connection->want_up);
		if (error)
			complain(connection, error);
	}
}

static bool has_key(void *context, const uint8_t ckaid[CRYPTO_CKAID_SIZE],
		    enum crypto_key_kind *kind)
{
	const struct daemon *daemon = context;

	return processes_has_key(daemon->processes, ckaid, kind);
}

static bool has_cert_file(const struct connection *connection)
{
	const struct cfg_side *sides = connection->config->sides;

	return (sides[CFG_LEFT].cert && *sides[CFG_LEFT].cert == '/') ||
	       (sides[CFG_RIGHT].cert && *sides[CFG_RIGHT].cert == '/');
}

static struct error *find_credentials(const struct connection *connection,
				      enum cfg_which ours,
				      struct ike_model *model,
				      struct credentials **credentials)
{
	struct daemon *daemon = connection->daemon;
	const struct credentials_store store = {
		.directory = daemon_directory(daemon),
		.secrets = daemon_secrets(daemon),
		.has_key = has_key,
		.context = daemon,
	};

	return credentials_load(&store, connection->config, ours, model,
				credentials);
}

/**
 * connection_build - make what the engine is to be told of a connection
 * @connection: the connection
 * @at: where both ends are
 * @model: set to it, to be freed with free()
 * @credentials: set to what that points to, to be freed with credentials_free();
 *	NULL if nothing is negotiated
 *
 * Return: NULL, or why it cannot be; then there is neither.
 */
struct error *connection_build(const struct connection *connection,
			       const struct orientation *at,
			       struct ike_model **model,
			       struct credentials **credentials)
{
	struct ike_model *built = malloc(sizeof(*built));
	struct error *error;
	void *shorter;

	if (!built)
		return error_no_memory();
	*credentials = NULL;
	error = model_build(connection->config, at,
			    daemon_setup(connection->daemon), built);
	if (!error && model_is_negotiated(connection->config))
		error = find_credentials(connection, at->ours, built,
					 credentials);
	if (error) {
		free(built);
		return error;
	}
	/* most of the room that it might need it doesn't */
	shorter = realloc(built, ike_model_size(built->child_count));
	*model = shorter ? shorter : built;
	return NULL;
}

/* What the engine is told; made whole, or not at all. */
static struct error *make_model(struct connection *connection,
				const struct orientation *at)
{
	struct daemon *daemon = connection->daemon;
	struct dataplane_traits traits;
	struct error *error;

	error = connection_build(connection, at, &connection->built,
				 &connection->credentials);
	connection->model = connection->built;
	if (error || !model_is_negotiated(connection->config))
		return error;
	/* those of the daemon's own configuration were read with it */
	if (connection->origin != daemon->origin && has_cert_file(connection))
		daemon_open_keys(daemon);
	connection_traits(connection, &traits);
	if (traits.interface[0])
		error = interface_get(daemon, traits.interface,
				      &connection->interface);
	return error ? error : ike_add(daemon->ike, connection->model);
}

static void load(struct connection *connection, const struct orientation *at)
{
	struct error *error = make_model(connection, at);

	if (error) {
		release(connection);
		cannot(connection, DAEMON_UNORIENTED, error);
		return;
	}
	connection->at = *at;
	connection->state = DAEMON_LOADED;
	connection->why[0] = '\0';
	catch_up(connection);
}

/* Which of the names is not known, and why */
static struct error *name_unknown(struct connection *connection)
{
	struct address address;
	const char *why;
	unsigned int i;

	for (i = 0; i < CFG_SIDES; i++) {
		const struct cfg_host *host = &connection->config->sides[i].host;

		if (host->kind != CFG_HOST_NAME ||
		    resolver_find(connection->daemon->resolver, host->name,
				  &address, &why))
			continue;
		return error_refused(0, "%s=%s: %s", i ? "right" : "left",
				     host->name,
				     why ? why : "the name is being looked up");
	}
	return error_refused(0, "a name is being looked up");
}

static void cannot_orient(struct connection *connection,
			  enum orient_result result)
{
	if (result == ORIENT_NAME)
		cannot(connection, DAEMON_RESOLVING, name_unknown(connection));
	else
		cannot(connection, DAEMON_UNORIENTED,
		       error_refused(0, result == ORIENT_BOTH ?
				     "left= and right= both are addresses of this host: one of them must be another host" :
				     "neither left= nor right= is an address of this host"));
}

/**
 * connection_reload - take a connection down, and make it anew
 * @connection: the connection, which knows where both ends are
 */
void connection_reload(struct connection *connection)
{
	const struct orientation at = connection->at;

	unload(connection);
	load(connection, &at);
}

/**
 * connection_orient - find out where both ends are, and act upon it
 * @connection: the connection
 *
 * If nothing has changed, nothing is done.
 */
void connection_orient(struct connection *connection)
{
	struct orientation at;
	enum orient_result result;

	result = orient(connection->config, &daemon_orient_host,
			connection->daemon, &at);
	if (result == ORIENT_DONE && connection->model &&
	    orient_equal(&at, &connection->at))
		return;
	if (connection->model)
		log_format(IKE_LEVEL_INFO, "\"%s\": an address has changed",
			   connection->config->name);
	unload(connection);
	if (result == ORIENT_DONE)
		load(connection, &at);
	else
		cannot_orient(connection, result);
}

/**
 * connection_take - the same connection now stands elsewhere
 * @connection: the connection
 * @origin: where it stands
 * @config: what that says of it, which is what was said before
 */
void connection_take(struct connection *connection, struct origin *origin,
		     const struct cfg_connection *config)
{
	struct list *link, *following;

	origin_get(origin);
	origin_put(connection->origin);
	connection->origin = origin;
	connection->config = config;
	table_move_key(&connection->by_name, config->name);
	list_for_each(link, following, &connection->instances)
		connection_take(list_entry(link, struct connection, link),
				origin, config);
}

/* "name", and of an instance its number and where its peer is */
static void format_name(const struct ike_subject *about, char *text)
{
	char address[ADDRESS_TEXT_SIZE];

	if (about->instance && about->path)
		snprintf(text, NAME_SIZE, "\"%s\"[%llu] %s", about->connection,
			 (unsigned long long)about->instance,
			 address_text(&about->path->remote.address, address));
	else
		snprintf(text, NAME_SIZE, "\"%s\"", about->connection);
}

static void format_line(const struct ike_subject *about, const char *sentence,
			char *line)
{
	char address[ADDRESS_TEXT_SIZE], name[NAME_SIZE];

	if (about->connection)
		format_name(about, name);
	if (about->connection && about->serial)
		snprintf(line, LINE_SIZE, "%s #%llu: %s", name,
			 (unsigned long long)about->serial, sentence);
	else if (about->connection)
		snprintf(line, LINE_SIZE, "%s: %s", name, sentence);
	else if (about->path)
		snprintf(line, LINE_SIZE, "packet from %s:%u: %s",
			 address_text(&about->path->remote.address, address),
			 about->path->remote.port, sentence);
	else
		snprintf(line, LINE_SIZE, "%s", sentence);
}

/**
 * connection_log - the engine has something to say
 * @daemon: the daemon
 * @level: for whom
 * @about: what it is about
 * @sentence: what it says
 */
void connection_log(struct daemon *daemon, enum ike_level level,
		    const struct ike_subject *about, const char *sentence)
{
	struct connection *connection = connection_find(daemon,
							about->connection);
	char line[LINE_SIZE];

	format_line(about, sentence, line);
	log_line(level, line);
	if (connection && level != IKE_LEVEL_DEBUG)
		watchers_say(&connection->watchers,
			     DAEMON_GOAL_UP | DAEMON_GOAL_DOWN,
			     DAEMON_ALL_CHILDREN, DAEMON_LOG, line);
}

static void format_failure(const struct connection *connection,
			   const char *why, char *line)
{
	snprintf(line, LINE_SIZE, "\"%s\": cannot be brought up: %s",
		 connection->config->name, why);
}

/* Those who wait for any of these children wait in vain. */
static void failed(struct connection *connection, uint32_t children,
		   const char *why)
{
	char line[LINE_SIZE];

	format_failure(connection, why ? why : "the peer refuses", line);
	watchers_say(&connection->watchers, DAEMON_GOAL_UP, children,
		     DAEMON_FATAL, line);
	watchers_end(&connection->watchers, DAEMON_GOAL_UP, children,
		     DAEMON_FATAL);
}

/*
 * dpdaction=hold: packets wait for a tunnel from now on, and bring it up again.
 * A peer that may be anywhere comes back by itself.
 */
static void peer_dead(struct connection *connection)
{
	struct error *error = NULL;

	if (connection->template)
		return;
	if (connection->config->dpdaction == CFG_DPD_HOLD &&
	    !address_is_unspecified(&connection->at.remote))
		error = connection_route(connection);
	else if (connection->config->dpdaction == CFG_DPD_CLEAR)
		connection->want_up = 0;
	if (error)
		complain(connection, error);
}

/**
 * connection_is_down - is nothing of a connection up
 * @connection: the connection
 *
 * Return: whether it has no SA, and no peer an instance of it.
 */
bool connection_is_down(const struct connection *connection)
{
	return !connection->up && !connection->established &&
	       list_empty(&connection->instances);
}

/**
 * connection_has - are child SAs of a connection up
 * @connection: the connection
 * @children: which, a bit each; DAEMON_ALL_CHILDREN for the whole
 *
 * Return: whether all of them are.
 */
bool connection_has(const struct connection *connection, uint32_t children)
{
	return connection->model && connection->up &&
	       !(children & all_children(connection) & ~connection->up);
}

/**
 * connection_is_rest - are these all child SAs that are up or wanted
 * @connection: the connection
 * @children: some of its child SAs, a bit each
 *
 * Return: whether there is no other one.
 */
bool connection_is_rest(const struct connection *connection, uint32_t children)
{
	uint32_t others = (connection->up | connection->want_up) & ~children;

	return list_empty(&connection->instances) &&
	       (!connection->model || !(others & all_children(connection)));
}

/**
 * connection_end_if_up - those who wait for a connection to be up wait no longer,
 *	if it is, or what they want of it
 * @connection: the connection, which has a model
 *
 * They want to use it: routes and source address are the updown commands' doing, and
 * what is sent before these have ended goes in the clear.
 */
void connection_end_if_up(struct connection *connection)
{
	if (!processes_are_running(connection->daemon->processes,
				   connection->config->name))
		watchers_end_content(&connection->watchers, DAEMON_GOAL_UP,
				     connection->up |
				     ~all_children(connection), NULL);
}

/**
 * connection_ran - an updown command of a connection has ended
 * @daemon: the daemon
 * @name: of the connection, which may be gone
 */
void connection_ran(struct daemon *daemon, const char *name)
{
	struct connection *connection = connection_find(daemon, name);

	if (connection && connection->model)
		connection_end_if_up(connection);
}

static void child_is_up(struct connection *connection, int child)
{
	if (child >= 0) {
		connection->up |= 1u << child;
		hooks_up(connection, (unsigned int)child);
	}
	connection_end_if_up(connection);
}

static void child_is_down(struct connection *connection, int child,
			  const char *why)
{
	/* of the whole there is an IKE SA as well */
	uint32_t whole = ~all_children(connection);
	uint32_t was_up = connection->up;
	char line[LINE_SIZE];

	if (child < 0)
		return;
	connection->up &= ~(1u << child);
	hooks_down(connection, (unsigned int)child);
	/* who still waits for it, waits for updown commands that came too late */
	format_failure(connection, why ? why : "it has gone down again", line);
	if (was_up & 1u << child)
		watchers_end_content(&connection->watchers, DAEMON_GOAL_UP,
				     was_up | whole, line);
	watchers_end_content(&connection->watchers, DAEMON_GOAL_DOWN,
			     ~(connection->up | whole), NULL);
}

/* An instance is not there yet when it begins. */
static void instance_changes(struct daemon *daemon, enum ike_event event,
			     const struct ike_subject *about)
{
	struct connection *template = connection_find(daemon,
						      about->connection);
	struct connection *instance = instance_find(daemon, about->connection,
						    about->instance);

	if (event == IKE_EVENT_INSTANCE && template)
		instance_begin(template, about->instance);
	else if (event == IKE_EVENT_INSTANCE_ENDED && instance)
		instance_end(instance);
}

/**
 * connection_tell - something became of a connection
 * @daemon: the daemon
 * @event: what
 * @about: which connection
 * @why: in words, NULL if all is well
 */
void connection_tell(struct daemon *daemon, enum ike_event event,
		     const struct ike_subject *about, const char *why)
{
	struct connection *connection = instance_find(daemon,
						      about->connection,
						      about->instance);
	int child;

	if (event == IKE_EVENT_INSTANCE || event == IKE_EVENT_INSTANCE_ENDED) {
		instance_changes(daemon, event, about);
		return;
	}
	if (!connection || !connection->model)
		return;
	child = about->child ? child_index(connection, about->child) : -1;
	switch (event) {
	case IKE_EVENT_ESTABLISHED:
		connection->established = true;
		/*
		 * What was to go down is going. Waiting for more would have no end
		 * with a peer that begins anew whenever it is told so.
		 */
		watchers_end(&connection->watchers, DAEMON_GOAL_DOWN,
			     DAEMON_ALL_CHILDREN, 0);
		break;
	case IKE_EVENT_DOWN:
		connection->established = false;
		failed(connection, DAEMON_ALL_CHILDREN, why);
		break;
	case IKE_EVENT_FAILED:
		failed(connection, DAEMON_ALL_CHILDREN, why);
		break;
	case IKE_EVENT_CHILD_FAILED:
		failed(connection,
		       child >= 0 ? 1u << child : DAEMON_ALL_CHILDREN, why);
		break;
	case IKE_EVENT_PEER_DEAD:
		peer_dead(connection);
		break;
	case IKE_EVENT_CHILD_UP:
		child_is_up(connection, child);
		break;
	case IKE_EVENT_CHILD_DOWN:
		child_is_down(connection, child, why);
		break;
	case IKE_EVENT_INSTANCE:
	case IKE_EVENT_INSTANCE_ENDED:
		break;
	}
	if (connection_is_down(connection))
		watchers_end(&connection->watchers, DAEMON_GOAL_DOWN,
			     DAEMON_ALL_CHILDREN, 0);
}
