/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be asked of the daemon's engine process while it runs: the verbs behind
 * the control socket. None of them blocks. What takes time reports to a watcher.
 *
 * A watcher's functions are called from within these verbs or from the event
 * loop, and must not call any verb themselves.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "ike/ike.h"
#include "kernel/kernel.h"
#include "lib/error.h"
#include "lib/list.h"

struct cfg_secrets;
struct crypto_trust;
struct dataplane_shunt_info;
struct event_base;
struct daemon;

/* What a line is, as a number in front of it: those of Libreswan that we need */
enum daemon_code {
	DAEMON_COMMENT = 0,
	DAEMON_LOG = 2,
	DAEMON_SUCCESS = 4,
	DAEMON_TRAFFIC = 6,
	DAEMON_DUPLICATE = 20,
	DAEMON_UNKNOWN_NAME = 21,
	DAEMON_ORIENT = 22,
	DAEMON_NO_PEER_ADDRESS = 29,
	DAEMON_FATAL = 33,
	DAEMON_INTERNAL = 36,
	DAEMON_NOTIFICATION = 200,
};

/**
 * enum daemon_goal - what a watcher waits for
 * @DAEMON_GOAL_UP: the connection is up, or cannot be
 * @DAEMON_GOAL_DOWN: it is down
 */
enum daemon_goal {
	DAEMON_GOAL_UP = 1,
	DAEMON_GOAL_DOWN = 2,
};

/* All child SAs of a connection, and its IKE SA */
#define DAEMON_ALL_CHILDREN UINT32_MAX

/**
 * struct daemon_watcher - whoever wants to know what comes of a request
 * @line: a line of text, without a newline
 * @end: nothing more comes; 0 if all went well, else an enum daemon_code. NULL lets
 *	the watcher hear lines only
 * @context: for both
 *
 * It stays where it is until @end was called or daemon_unwatch().
 */
struct daemon_watcher {
	void (*line)(void *context, enum daemon_code code, const char *text);
	void (*end)(void *context, int status);
	void *context;
	/* private: what it waits for, among those who watch the same */
	enum daemon_goal goal;
	/* private: what it wants to be so: child SAs of a connection, a bit each */
	uint32_t children;
	struct list link;
};

/**
 * struct daemon_options - what the command line says
 * @config: path of ipsec.conf
 * @secrets: path of ipsec.secrets, NULL = as the configuration says
 * @ipsecdir: directory of certificates and so on, NULL = likewise
 * @rundir: directory of sockets and of the process number
 * @ctlsocket: path of the control socket, NULL = in @rundir
 * @logfile: file for the log, NULL = as the configuration says
 * @stderrlog: log to standard error
 * @nofork: stay in the foreground
 * @parent: socket to the parent process, -1 if there is none
 */
struct daemon_options {
	const char *config;
	const char *secrets;
	const char *ipsecdir;
	const char *rundir;
	const char *ctlsocket;
	const char *logfile;
	bool stderrlog;
	bool nofork;
	int parent;
};

/**
 * struct daemon_source - where the configuration of a connection stands
 * @path: of a file, NULL = that of the daemon
 * @text: the configuration itself, NULL = none
 * @length: bytes of @text
 */
struct daemon_source {
	const char *path;
	const char *text;
	size_t length;
};

/**
 * enum daemon_state - how far a connection is
 * @DAEMON_UNORIENTED: no end of it is an address of this host
 * @DAEMON_RESOLVING: a name of it is being looked up
 * @DAEMON_LOADED: it can be used
 */
enum daemon_state {
	DAEMON_UNORIENTED,
	DAEMON_RESOLVING,
	DAEMON_LOADED,
};

/**
 * struct daemon_connection_info - a connection, for those who show it
 * @config: what the configuration says
 * @instance: number of the instance, 0 = it is none
 * @state: how far it is
 * @why: for those that can't be used, in words
 * @ours: which end is this host, for DAEMON_LOADED
 * @model: what the engine was given, NULL unless DAEMON_LOADED
 * @routed: it has trap or shunt policies
 * @wanted: it was brought up and not down
 * @established: it has an IKE SA
 * @children_up: how many of its children are up
 * @loaded: when it was loaded, in seconds since 1970
 */
struct daemon_connection_info {
	const struct cfg_connection *config;
	uint64_t instance;
	enum daemon_state state;
	const char *why;
	enum cfg_which ours;
	const struct ike_model *model;
	bool routed;
	bool wanted;
	bool established;
	unsigned int children_up;
	int64_t loaded;
};

/**
 * struct daemon_traffic - what a child SA has carried
 * @in_bytes: from the peer
 * @out_bytes: to the peer
 * @in_packets: from the peer
 * @out_packets: to the peer
 * @max_bytes: at how many it ends, 0 = never
 */
struct daemon_traffic {
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t in_packets;
	uint64_t out_packets;
	uint64_t max_bytes;
};

/* daemon.c: the whole */
ERROR_MUST_CHECK
struct error *daemon_create(struct event_base *base,
			    const struct daemon_options *options,
			    struct daemon **daemon);
void daemon_destroy(struct daemon *daemon);
void daemon_shutdown(struct daemon *daemon, struct daemon_watcher *watcher);
void daemon_announce(struct daemon *daemon);
bool daemon_is_ready(const struct daemon *daemon);
struct ike *daemon_engine(struct daemon *daemon);
struct kernel *daemon_kernel(struct daemon *daemon);
const struct cfg_setup *daemon_setup(const struct daemon *daemon);
struct event_base *daemon_base(struct daemon *daemon);
const char *daemon_directory(const struct daemon *daemon);
const char *daemon_config_path(const struct daemon *daemon);
const char *daemon_secrets_path(const struct daemon *daemon);
const struct cfg_secrets *daemon_secrets(const struct daemon *daemon);
const struct crypto_trust *daemon_trust(const struct daemon *daemon);
bool daemon_has_key(const struct daemon *daemon,
		    const uint8_t ckaid[CRYPTO_CKAID_SIZE]);
void daemon_for_each_address(const struct daemon *daemon,
			     void (*visit)(const char *interface,
					   const struct address *address,
					   void *context),
			     void *context);
void daemon_for_each_shunt(struct daemon *daemon,
			   void (*visit)(const struct dataplane_shunt_info *info,
					 void *context),
			   void *context);
ERROR_MUST_CHECK
struct error *daemon_traffic(struct daemon *daemon, const struct ike_pair *pair,
			     struct daemon_traffic *traffic);

/* connections.c: what is done with connections */
void daemon_add(struct daemon *daemon, const char *name,
		const struct daemon_source *source,
		struct daemon_watcher *watcher);
void daemon_try_add(struct daemon *daemon, const char *name,
		    const struct daemon_source *source,
		    struct daemon_watcher *watcher);
void daemon_replace(struct daemon *daemon, const char *name,
		    const struct daemon_source *source,
		    struct daemon_watcher *watcher);
void daemon_delete(struct daemon *daemon, const char *name,
		   struct daemon_watcher *watcher);
void daemon_up(struct daemon *daemon, const char *name,
	       struct daemon_watcher *watcher);
void daemon_down(struct daemon *daemon, const char *name,
		 struct daemon_watcher *watcher);
void daemon_route(struct daemon *daemon, const char *name,
		  struct daemon_watcher *watcher);
void daemon_unroute(struct daemon *daemon, const char *name,
		    struct daemon_watcher *watcher);
void daemon_rekey(struct daemon *daemon, const char *name, bool ike,
		  struct daemon_watcher *watcher);
void daemon_reload(struct daemon *daemon, struct daemon_watcher *watcher);
void daemon_reread(struct daemon *daemon, struct daemon_watcher *watcher);
void daemon_listen(struct daemon *daemon, struct daemon_watcher *watcher);
void daemon_unwatch(struct daemon *daemon, struct daemon_watcher *watcher);
uint64_t daemon_reads(const struct daemon *daemon);
bool daemon_has_connection(struct daemon *daemon, const char *name);
bool daemon_has_child(struct daemon *daemon, const char *name);
void daemon_for_each_connection(struct daemon *daemon,
				void (*visit)(const struct daemon_connection_info *info,
					      void *context),
				void *context);

#endif /* DAEMON_DAEMON_H */
