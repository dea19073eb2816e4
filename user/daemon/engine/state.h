/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/daemon only: what the engine process holds, and what its files
 * ask of each other.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include "config/secrets.h"
#include "daemon/connections/credentials.h"
#include "daemon/engine/daemon.h"
#include "daemon/engine/dataplane.h"
#include "daemon/engine/missed.h"
#include "daemon/engine/net.h"
#include "daemon/connections/orient.h"
#include "daemon/engine/processes.h"
#include "daemon/connections/resolve.h"
#include "kernel/host.h"
#include "keys/keys.h"
#include "lib/table.h"

struct event;
struct hook;

/**
 * struct origin - a configuration that connections were taken from
 * @users: connections, and the daemon if it is its own
 * @path: of the file, NULL if it is none that could be read again
 * @cfg: what it says
 */
struct origin {
	unsigned int users;
	char *path;
	struct cfg *cfg;
};

/**
 * struct interface - a device that connections are bound to
 * @link: in the daemon's list
 * @name: its name
 * @users: how many connections; 0 only of those that were just taken over
 * @made: we have made it
 */
struct interface {
	struct list link;
	char name[IF_NAMESIZE];
	unsigned int users;
	bool made;
};

#define CONNECTION_WHY_SIZE 256

/**
 * struct connection - a connection that was loaded
 * @link: in the daemon's list
 * @by_name: in the daemon's table
 * @daemon: the daemon
 * @origin: where it was taken from
 * @config: what the configuration says
 * @state: how far it is
 * @why: why it can't be used
 * @at: where both ends are, for DAEMON_LOADED
 * @built: what the engine was given, for DAEMON_LOADED
 * @model: the same; of an instance what the engine has made of that
 * @credentials: what @model points to
 * @interface: device that it is bound to, NULL for none
 * @want_route: it is to have policies as soon as it can
 * @routed: it has trap or shunt policies
 * @established: it has an IKE SA
 * @loaded: when, in seconds since 1970
 * @want_up: child SAs that are to be brought up as soon as they can, a bit each;
 *	DAEMON_ALL_CHILDREN for the whole
 * @up: child SAs that are up, a bit each
 * @hooks: what updown commands were told of the children
 * @watchers: struct daemon_watcher
 * @template: the connection that it is an instance of, NULL for none
 * @instance: number of the instance, 0 for none
 * @instances: struct connection, one for each peer of a connection with anybody
 */
struct connection {
	struct list link;
	struct table_node by_name;
	struct daemon *daemon;
	struct origin *origin;
	const struct cfg_connection *config;
	enum daemon_state state;
	char why[CONNECTION_WHY_SIZE];
	struct orientation at;
	struct ike_model *built;
	const struct ike_model *model;
	struct credentials *credentials;
	struct interface *interface;
	bool want_route;
	bool routed;
	bool established;
	int64_t loaded;
	uint32_t want_up;
	uint32_t up;
	struct hook *hooks[IKE_CHILDREN_MAX];
	struct list watchers;
	struct connection *template;
	uint64_t instance;
	struct list instances;
};

/**
 * struct daemon - the engine process
 * @base: event loop
 * @options: what the command line says
 * @origin: its configuration
 * @latest: the file of connections that was read last, which need not be read
 *	again as long as nobody has written into it; or NULL
 * @reads: how often a file of connections was read
 * @secrets: what ipsec.secrets says
 * @trust: authorities that may vouch for peers
 * @trust_changed: when the directories they were read from had changed
 * @kernel: connection to the module
 * @events: another one, for notifications
 * @missed: makes up for those that were lost
 * @host: what the kernel says of this host
 * @addresses: of this host
 * @resolver: addresses of names
 * @dataplane: SAs and policies
 * @processes: the other processes
 * @net: sockets
 * @ike: engine
 * @connections: struct connection, in the order in which they were loaded
 * @by_name: the same, by their names
 * @ways: struct way: what updown commands have routed, by what it is
 * @interfaces: struct interface
 * @timer: when the engine wants to run again
 * @kernel_event: the module has notified of something
 * @host_event: something of this host has changed
 * @reorient: when connections are oriented anew
 * @ready: the first configuration is loaded
 */
struct daemon {
	struct event_base *base;
	struct daemon_options options;
	struct origin *origin;
	struct origin *latest;
	uint64_t reads;
	struct cfg_secrets secrets;
	struct crypto_trust *trust;
	struct timespec trust_changed[KEYS_TRUST_PARTS];
	struct kernel *kernel;
	struct kernel *events;
	struct missed *missed;
	struct host *host;
	struct host_addresses addresses;
	struct resolver *resolver;
	struct dataplane *dataplane;
	struct processes *processes;
	struct net *net;
	struct ike *ike;
	struct list connections;
	struct table by_name;
	struct table ways;
	struct list interfaces;
	struct event *timer;
	struct event *kernel_event;
	struct event *host_event;
	struct event *reorient;
	bool ready;
};

/* daemon.c */
void daemon_settle(struct daemon *daemon);
ERROR_MUST_CHECK
struct error *daemon_load_secrets(struct daemon *daemon);
void daemon_load_trust(struct daemon *daemon);
void daemon_refresh_trust(struct daemon *daemon);
void daemon_open_keys(struct daemon *daemon);

/* connections.c */
void connections_orient(struct daemon *daemon);
void connections_begin(struct daemon *daemon);
void connections_forget(struct daemon *daemon);

/* connection.c */
struct connection *connection_create(struct daemon *daemon,
				     struct origin *origin,
				     const struct cfg_connection *config);
void connection_destroy(struct connection *connection, const char *why);
struct connection *connection_find(struct daemon *daemon, const char *name);
struct connection *connection_find_child(struct daemon *daemon,
					 const char *child);
void connection_orient(struct connection *connection);
void connection_reload(struct connection *connection);
ERROR_MUST_CHECK
struct error *connection_build(const struct connection *connection,
			       const struct orientation *at,
			       struct ike_model **model,
			       struct credentials **credentials);
void connection_take(struct connection *connection, struct origin *origin,
		     const struct cfg_connection *config);
ERROR_MUST_CHECK
struct error *connection_route(struct connection *connection);
void connection_unroute(struct connection *connection);
ERROR_MUST_CHECK
struct error *connection_up(struct connection *connection, uint32_t children);
ERROR_MUST_CHECK
struct error *connection_down(struct connection *connection, uint32_t children);
ERROR_MUST_CHECK
struct error *connection_rekey(struct connection *connection,
			       uint32_t children);
uint32_t connection_child_bit(const struct connection *connection,
			      const char *child);
bool connection_is_down(const struct connection *connection);
bool connection_has(const struct connection *connection, uint32_t children);
bool connection_is_rest(const struct connection *connection, uint32_t children);
void connection_log(struct daemon *daemon, enum ike_level level,
		    const struct ike_subject *about, const char *sentence);
void connection_tell(struct daemon *daemon, enum ike_event event,
		     const struct ike_subject *about, const char *why);
void connection_end_if_up(struct connection *connection);
void connection_ran(struct daemon *daemon, const char *name);
void connection_traits(const struct connection *connection,
		       struct dataplane_traits *traits);

/* renew.c */
void connection_renew(struct connection *connection);

/* instance.c */
struct connection *instance_find(struct daemon *daemon, const char *name,
				 uint64_t number);
void instance_begin(struct connection *template, uint64_t number);
void instance_end(struct connection *instance);

/* watch.c */
__attribute__((format(printf, 3, 4)))
void watcher_say(struct daemon_watcher *watcher, enum daemon_code code,
		 const char *format, ...);
void watcher_end(struct daemon_watcher *watcher, int status);
void watcher_fail(struct daemon_watcher *watcher, enum daemon_code code,
		  struct error *error);
void watchers_add(struct list *watchers, struct daemon_watcher *watcher,
		  enum daemon_goal goal, uint32_t children);
void watchers_say(struct list *watchers, enum daemon_goal goal,
		  uint32_t children, enum daemon_code code, const char *text);
void watchers_end(struct list *watchers, enum daemon_goal goal,
		  uint32_t children, int status);
void watchers_end_content(struct list *watchers, enum daemon_goal goal,
			  uint32_t children, const char *why);

/* origin.c */
ERROR_MUST_CHECK
struct error *origin_load(const struct daemon_source *source,
			  struct origin **origin);
bool origin_is_current(const struct origin *origin,
		       const struct daemon_source *source);
struct origin *origin_get(struct origin *origin);
void origin_put(struct origin *origin);

/* interface.c */
ERROR_MUST_CHECK
struct error *interface_get(struct daemon *daemon, const char *name,
			    struct interface **interface);
void interface_put(struct daemon *daemon, struct interface *interface);
void interfaces_adopt(struct daemon *daemon);
void interfaces_sweep(struct daemon *daemon);

/* surroundings.c */
extern const struct orient_host daemon_orient_host;

#endif /* DAEMON_STATE_H */
