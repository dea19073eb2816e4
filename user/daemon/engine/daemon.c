// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine process: the engine with a real clock, real sockets and a real
 * kernel. All of it runs in one event loop, and nothing in it waits.
 */
#include <errno.h>
#include <event2/event.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "daemon/connections/identity.h"
#include "daemon/log.h"
#include "daemon/sandbox.h"
#include "daemon/engine/key_files.h"
#include "daemon/engine/state.h"
#include "keys/keys.h"

/* Several changes of addresses are looked at together. */
#define REORIENT_WAIT_MS 200

static uint64_t now(void *context)
{
	struct timespec time;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static int64_t wall_clock(void *context)
{
	(void)context;
	return time(NULL);
}

static struct error *random_bytes(void *context, void *bytes, size_t length)
{
	uint8_t *next = bytes;
	ssize_t got;

	(void)context;
	while (length) {
		got = getrandom(next, length, 0);
		if (got < 0 && errno != EINTR)
			return error_refused(errno, "the kernel gives no random numbers: %s",
					     strerror(errno));
		next += got > 0 ? got : 0;
		length -= got > 0 ? (size_t)got : 0;
	}
	return NULL;
}

static void send_datagram(void *context, const struct ike_path *path,
			  struct bytes datagram)
{
	struct daemon *daemon = context;

	net_send(daemon->net, path, datagram);
}

static void send_keepalive(void *context, const struct ike_path *path)
{
	static const uint8_t keepalive[] = { 0xff };
	struct daemon *daemon = context;

	net_send(daemon->net, path, bytes_of(keepalive, sizeof(keepalive)));
}

static bool find_secret(void *context, const struct ike_id *local,
			const struct ike_id *remote, struct bytes *secret)
{
	char own[IDENTITY_TEXT_SIZE], peer[IDENTITY_TEXT_SIZE];
	const struct daemon *daemon = context;
	const struct cfg_secret *found;

	found = cfg_secret_find(&daemon->secrets, CFG_SECRET_PSK,
				identity_text(local, own),
				identity_text(remote, peer));
	if (found)
		*secret = bytes_of(found->bytes, found->length);
	return found;
}

static struct error *sign(void *context, const struct ike_signing *signing)
{
	const struct daemon *daemon = context;

	return processes_sign(daemon->processes, signing);
}

static const struct crypto_trust *trust(void *context)
{
	const struct daemon *daemon = context;

	return daemon->trust;
}

static void log_sentence(void *context, enum ike_level level,
			 const struct ike_subject *about, const char *sentence)
{
	connection_log(context, level, about, sentence);
}

static void tell(void *context, enum ike_event event,
		 const struct ike_subject *about, const char *why)
{
	connection_tell(context, event, about, why);
}

static struct error *allocate_spi(void *context, const struct ike_path *path,
				  uint32_t *spi)
{
	const struct daemon *daemon = context;

	return dataplane_allocate_spi(daemon->dataplane, &path->local.address,
				      spi);
}

static void release_spi(void *context, const struct ike_path *path,
			uint32_t spi)
{
	const struct daemon *daemon = context;

	(void)path;
	dataplane_release_spi(daemon->dataplane, spi);
}

static struct error *find_traits(struct daemon *daemon,
				 const struct ike_pair *pair,
				 struct dataplane_traits *traits)
{
	const struct connection *connection = connection_find(daemon,
							      pair->connection);

	if (!connection)
		return error_refused(0, "there is no connection \"%s\"",
				     pair->connection);
	connection_traits(connection, traits);
	return NULL;
}

static struct error *install(void *context, const struct ike_pair *pair,
			     bool use)
{
	struct daemon *daemon = context;
	struct dataplane_traits traits;
	struct error *error = find_traits(daemon, pair, &traits);

	return error ? error : dataplane_install(daemon->dataplane, pair,
						 &traits, use);
}

static struct error *use_pair(void *context, const struct ike_pair *pair)
{
	struct daemon *daemon = context;
	struct dataplane_traits traits;
	struct error *error = find_traits(daemon, pair, &traits);

	return error ? error : dataplane_use(daemon->dataplane, pair, &traits);
}

static struct error *move_pair(void *context, const struct ike_pair *pair)
{
	const struct daemon *daemon = context;

	return dataplane_move(daemon->dataplane, pair);
}

static struct error *query(void *context, const struct ike_pair *pair,
			   struct ike_traffic *traffic)
{
	const struct daemon *daemon = context;
	struct dataplane_traffic carried;
	struct error *error;

	error = dataplane_traffic(daemon->dataplane, pair->spi_in, &carried);
	if (!error)
		*traffic = (struct ike_traffic){
			.packets_in = carried.in_packets,
			.bytes_in = carried.in_bytes,
			.packets_out = carried.out_packets,
			.bytes_out = carried.out_bytes,
		};
	return error;
}

static void remove_pair(void *context, const struct ike_pair *pair)
{
	const struct daemon *daemon = context;

	log_error(dataplane_remove(daemon->dataplane, pair->spi_in));
}

static const struct ike_ops operations = {
	.now = now,
	.random = random_bytes,
	.wall_clock = wall_clock,
	.send = send_datagram,
	.keepalive = send_keepalive,
	.find_secret = find_secret,
	.sign = sign,
	.trust = trust,
	.log = log_sentence,
	.tell = tell,
	.kernel = {
		.allocate_spi = allocate_spi,
		.release_spi = release_spi,
		.install = install,
		.use = use_pair,
		.move = move_pair,
		.query = query,
		.remove = remove_pair,
	},
};

/**
 * daemon_settle - the engine was called: see when it wants to be again
 * @daemon: the daemon
 */
void daemon_settle(struct daemon *daemon)
{
	uint64_t deadline = ike_deadline(daemon->ike), at = now(NULL);
	uint64_t wait = deadline > at ? deadline - at : 0;
	struct timeval time = {
		.tv_sec = (time_t)(wait / 1000),
		.tv_usec = (suseconds_t)(wait % 1000) * 1000,
	};

	if (deadline == IKE_NEVER)
		evtimer_del(daemon->timer);
	else
		evtimer_add(daemon->timer, &time);
}

static void time_is_up(evutil_socket_t descriptor, short what, void *context)
{
	struct daemon *daemon = context;

	(void)descriptor;
	(void)what;
	ike_tick(daemon->ike);
	daemon_settle(daemon);
}

static void received(void *context, const struct ike_path *path,
		     struct bytes datagram)
{
	const struct daemon *daemon = context;

	ike_receive(daemon->ike, path, datagram);
}

static void all_received(void *context)
{
	daemon_settle(context);
}

static void not_arrived(void *context, const struct net_error *error)
{
	char to[ADDRESS_TEXT_SIZE], from[ADDRESS_TEXT_SIZE], sentence[256];
	const struct daemon *daemon = context;

	snprintf(sentence, sizeof(sentence),
		 "a packet to %s port %u did not arrive, says %s: %s (errno %d, ICMP type %u code %u)",
		 address_text(&error->path.remote.address, to),
		 error->path.remote.port,
		 error->offender.length ?
		 address_text(&error->offender, from) : "this host",
		 strerror(error->number), error->number, error->type,
		 error->code);
	ike_unreachable(daemon->ike, &error->path, sentence);
}

/* An SA is nearly used up, or is. */
static void expired(struct daemon *daemon, const struct kernel_sa *sa)
{
	uint64_t serial = dataplane_find_sa(daemon->dataplane, sa->config.name);

	if (serial)
		ike_expired(daemon->ike, serial, sa->hard);
}

/* Its peer sends from elsewhere, and has shown that it is the peer. */
static void moved(struct daemon *daemon, const struct kernel_sa *sa)
{
	uint64_t serial = dataplane_find_sa(daemon->dataplane, sa->config.name);
	const struct ike_endpoint peer = {
		.address = sa->peer.address,
		.port = sa->peer.port,
	};

	if (serial)
		ike_peer_moved(daemon->ike, serial, &peer);
}

/* Packets wait for an SA. */
static void acquire(struct daemon *daemon, const struct kernel_policy *policy)
{
	const struct kernel_flow *packet = &policy->flow;
	const struct ike_flow flow = {
		.source = { packet->source, packet->source_port },
		.destination = { packet->destination,
				 packet->destination_port },
		.protocol = packet->protocol,
	};
	const char *child = dataplane_find_trap(daemon->dataplane,
						policy->config.name);
	const struct connection *connection;
	struct error *error;

	connection = child ? connection_find_child(daemon, child) : NULL;
	/* nothing waits for an SA of a CPU, and we make none */
	if (!connection || policy->cpu.given)
		return;
	error = ike_acquire(daemon->ike, connection->config->name, child,
			    packet->source.length ? &flow : NULL);
	if (error)
		log_format(IKE_LEVEL_ERROR, "\"%s\": %s",
			   connection->config->name, error->sentence);
	error_free(error);
}

static struct error *deliver(const struct kernel_event *event, void *context)
{
	struct daemon *daemon = context;

	if (event->kind == KERNEL_EVENT_EXPIRY)
		expired(daemon, &event->sa);
	else if (event->kind == KERNEL_EVENT_PEER)
		moved(daemon, &event->sa);
	else if (event->kind == KERNEL_EVENT_ACQUIRE)
		acquire(daemon, &event->policy);
	else if (event->kind == KERNEL_EVENT_LOST)
		missed_catch_up(daemon->missed);
	return NULL;
}

static struct error *deliver_missed(const struct kernel_event *event,
				    void *context)
{
	struct error *error = deliver(event, context);

	daemon_settle(context);
	return error;
}

static void kernel_notifies(evutil_socket_t descriptor, short what,
			    void *context)
{
	struct daemon *daemon = context;

	(void)descriptor;
	(void)what;
	log_error(kernel_read_events(daemon->events, deliver, daemon));
	daemon_settle(daemon);
}

static void reorient_soon(void *context)
{
	static const struct timeval wait = {
		.tv_usec = REORIENT_WAIT_MS * 1000
	};
	const struct daemon *daemon = context;

	if (!evtimer_pending(daemon->reorient, NULL))
		evtimer_add(daemon->reorient, &wait);
}

static void host_changes(evutil_socket_t descriptor, short what, void *context)
{
	const struct daemon *daemon = context;

	(void)descriptor;
	(void)what;
	if (host_read_changes(daemon->host))
		reorient_soon(context);
}

static void reorient(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	connections_orient(context);
}

/* Nobody's name is looked up for a connection that may never be loaded. */
static bool resolve_nothing(void *context, const char *name,
			    struct address *address)
{
	(void)context;
	(void)name;
	(void)address;
	return false;
}

static bool find_own_end(struct daemon *daemon,
			 const struct cfg_connection *config,
			 struct orientation *at)
{
	const struct connection *connection = connection_find(daemon,
							      config->name);
	struct orient_host host = daemon_orient_host;

	if (connection && connection->config == config &&
	    connection->state == DAEMON_LOADED) {
		*at = connection->at;
		return true;
	}
	host.resolve = resolve_nothing;
	return orient(config, &host, daemon, at) == ORIENT_DONE;
}

/* Certificates that are files may have their keys in them. */
static bool add_files(struct daemon *daemon,
		      const struct cfg_connection *config,
		      struct parent_keys *keys)
{
	struct orientation at;

	return !key_files_are_named(config) ||
	       key_files_add(keys, config,
			     find_own_end(daemon, config, &at) ? &at : NULL);
}

/**
 * daemon_open_keys - have private keys read: those of the store, and those that
 *	lie beside the certificates of connections
 * @daemon: the daemon
 */
void daemon_open_keys(struct daemon *daemon)
{
	struct parent_keys keys = {
		.directory = daemon_directory(daemon),
		.secrets = daemon_secrets_path(daemon),
	};
	const struct cfg *cfg = daemon->origin->cfg;
	const struct connection *connection;
	struct list *link, *following;
	bool room = true;
	size_t i;

	for (i = 0; i < cfg->count; i++)
		room &= add_files(daemon, &cfg->connections[i], &keys);
	list_for_each(link, following, &daemon->connections) {
		connection = list_entry(link, struct connection, link);
		if (connection->origin != daemon->origin)
			room &= add_files(daemon, connection->config, &keys);
	}
	if (!room)
		log_format(IKE_LEVEL_ERROR,
			   "private keys are looked for in %d files with certificates at most, and there are more: those of the others have to be in the key store",
			   PARENT_FILES_MAX);
	processes_open_keys(daemon->processes, &keys);
}

/* A secret that could be longer is no error. */
static void log_problem(const struct cfg_problem *problem)
{
	log_format(problem->severity == CFG_ERROR ? IKE_LEVEL_ERROR :
						    IKE_LEVEL_INFO,
		   "%s:%u: %s", problem->at.file, problem->at.line,
		   problem->sentence);
}

/**
 * daemon_load_secrets - read ipsec.secrets, and have private keys read
 * @daemon: the daemon
 *
 * If ipsec.secrets cannot be read, what was read before counts; if it is not there,
 * there are no secrets.
 *
 * Return: NULL, or why it cannot be read.
 */
struct error *daemon_load_secrets(struct daemon *daemon)
{
	const char *path = daemon_secrets_path(daemon);
	struct cfg_secrets secrets;
	struct error *error;
	size_t i;

	daemon_open_keys(daemon);
	error = cfg_secrets_load(path, &secrets);
	/* a host with certificates only needs no such file */
	if (error && error->number == ENOENT) {
		log_error(error);
		secrets = (struct cfg_secrets){ 0 };
	} else if (error) {
		return error;
	}
	for (i = 0; i < secrets.problems.count; i++)
		log_problem(&secrets.problems.items[i]);
	cfg_secrets_free(&daemon->secrets);
	daemon->secrets = secrets;
	return NULL;
}

/**
 * daemon_directory - where keys and certificates are
 * @daemon: the daemon
 *
 * Return: the directory.
 */
const char *daemon_directory(const struct daemon *daemon)
{
	return daemon->options.ipsecdir ? daemon->options.ipsecdir :
					  daemon_setup(daemon)->ipsecdir;
}

/**
 * daemon_load_trust - read authorities and what they have revoked
 * @daemon: the daemon
 *
 * If they cannot be read, what was read before counts.
 */
void daemon_load_trust(struct daemon *daemon)
{
	struct crypto_trust *trust;
	struct error *error;

	/* before it is read: what comes meanwhile is seen the next time */
	keys_trust_changed(daemon_directory(daemon), daemon->trust_changed);
	error = keys_find_trust(daemon_directory(daemon), log_error, &trust);
	if (error) {
		log_error(error);
		return;
	}
	crypto_trust_destroy(daemon->trust);
	daemon->trust = trust;
}

/**
 * daemon_refresh_trust - read authorities again if there are others than before
 * @daemon: the daemon
 */
void daemon_refresh_trust(struct daemon *daemon)
{
	struct timespec changed[KEYS_TRUST_PARTS];

	keys_trust_changed(daemon_directory(daemon), changed);
	if (memcmp(changed, daemon->trust_changed, sizeof(changed)))
		daemon_load_trust(daemon);
}

static struct error *open_log(const struct daemon *daemon)
{
	const struct cfg_setup *setup = &daemon->origin->cfg->setup;
	const struct log_config config = {
		.file = daemon->options.logfile ? daemon->options.logfile :
						  setup->logfile,
		.append = setup->logappend,
		.time = setup->logtime,
		.error_stream = daemon->options.stderrlog,
	};

	return log_open(&config);
}

static struct error *open_kernel(struct daemon *daemon)
{
	struct error *error = kernel_open(&daemon->kernel);

	if (!error)
		error = kernel_open(&daemon->events);
	if (!error)
		error = kernel_subscribe(daemon->events);
	if (!error)
		error = missed_create(daemon->base, daemon->kernel,
				      deliver_missed, daemon, &daemon->missed);
	if (!error)
		error = dataplane_create(daemon->kernel, &daemon->dataplane);
	if (!error)
		error = host_open(&daemon->host);
	if (!error)
		error = host_addresses_get(daemon->host, &daemon->addresses);
	return error;
}

static struct error *open_net(struct daemon *daemon)
{
	const struct cfg_setup *setup = &daemon->origin->cfg->setup;
	const struct net_config config = {
		.listen = setup->listen,
		.errors = setup->errqueue,
		.buffer = (uint32_t)setup->socket_buffer,
		.receive = received,
		.error = not_arrived,
		.settled = all_received,
		.context = daemon,
	};

	return net_open(daemon->base, &config, &daemon->net);
}

static struct error *create_engine(struct daemon *daemon)
{
	const struct cfg_setup *setup = &daemon->origin->cfg->setup;
	struct ike_config config = ike_config_default;

	config.half_open_max = (uint32_t)setup->max_halfopen;
	config.crl_strict = setup->crl_strict;
	config.debug = setup->plutodebug & CFG_DEBUG_MESSAGES;
	config.half_open_cookies = (uint32_t)setup->ddos_threshold;
	if (setup->ddos_mode == CFG_YES)
		config.half_open_cookies = 0;
	else if (setup->ddos_mode == CFG_NO)
		config.half_open_cookies = UINT32_MAX;
	return ike_create(&operations, daemon, &config, &daemon->ike);
}

static struct error *watch(struct daemon *daemon)
{
	struct event_base *base = daemon->base;

	daemon->timer = evtimer_new(base, time_is_up, daemon);
	daemon->reorient = evtimer_new(base, reorient, daemon);
	daemon->kernel_event = event_new(base,
					 kernel_descriptor(daemon->events),
					 EV_READ | EV_PERSIST, kernel_notifies,
					 daemon);
	daemon->host_event = event_new(base, host_descriptor(daemon->host),
				       EV_READ | EV_PERSIST, host_changes,
				       daemon);
	if (!daemon->timer || !daemon->reorient || !daemon->kernel_event ||
	    !daemon->host_event || event_add(daemon->kernel_event, NULL) ||
	    event_add(daemon->host_event, NULL))
		return error_no_memory();
	return NULL;
}

/*
 * Shared secrets and the keys of SAs are to be in no file. Where the log, the process
 * number and the control socket are, it may write.
 */
static struct error *enter_sandbox(const struct daemon *daemon)
{
	const struct daemon_options *options = &daemon->options;
	const char *log = options->logfile ? options->logfile :
					     daemon_setup(daemon)->logfile;
	char hidden[PATH_MAX], log_directory[PATH_MAX] = "";
	char ctl_directory[PATH_MAX] = "";
	struct sandbox_engine sandbox = {
		.hidden = hidden, .writable = { options->rundir },
	};

	/* without a parent, somebody else's process would be locked in */
	if (options->parent < 0)
		return NULL;
	/* where that is not allowed, as in a container, it works all the same */
	log_error(sandbox_lock_memory(true));
	snprintf(hidden, sizeof(hidden), "%s/private", daemon_directory(daemon));
	if (log) {
		snprintf(log_directory, sizeof(log_directory), "%s", log);
		sandbox.writable[1] = dirname(log_directory);
	}
	if (options->ctlsocket) {
		snprintf(ctl_directory, sizeof(ctl_directory), "%s",
			 options->ctlsocket);
		sandbox.writable[2] = dirname(ctl_directory);
	}
	return sandbox_engine(&sandbox);
}

static struct error *open_all(struct daemon *daemon)
{
	const struct daemon_source own = { .path = daemon->options.config };
	struct error *error = origin_load(&own, &daemon->origin);

	if (!error)
		error = open_log(daemon);
	if (!error)
		error = enter_sandbox(daemon);
	if (!error)
		error = processes_create(daemon, daemon->options.parent,
					 &daemon->processes);
	if (!error)
		error = open_kernel(daemon);
	if (!error)
		error = resolver_create(daemon->base, reorient_soon, daemon,
					&daemon->resolver);
	if (!error)
		error = create_engine(daemon);
	if (!error)
		error = watch(daemon);
	return error ? error : open_net(daemon);
}

/**
 * daemon_create - begin
 * @base: event loop, which may run from then on
 * @options: what the command line says; its strings stay
 * @daemon: set to the daemon, to be ended with daemon_destroy()
 *
 * Connections that the configuration says are to be loaded are.
 *
 * Return: NULL, or why it cannot be.
 */
struct error *daemon_create(struct event_base *base,
			    const struct daemon_options *options,
			    struct daemon **daemon)
{
	struct daemon *created = calloc(1, sizeof(*created));
	struct error *error;

	if (!created)
		return error_no_memory();
	created->base = base;
	created->options = *options;
	list_init(&created->connections);
	table_init(&created->by_name);
	table_init(&created->ways);
	list_init(&created->interfaces);
	error = open_all(created);
	if (error) {
		daemon_destroy(created);
		return error;
	}
	/* without secrets much can be done still */
	created->reads = 1;
	created->latest = origin_get(created->origin);
	log_error(daemon_load_secrets(created));
	daemon_load_trust(created);
	interfaces_adopt(created);
	connections_begin(created);
	interfaces_sweep(created);
	created->ready = true;
	daemon_settle(created);
	*daemon = created;
	return NULL;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

/**
 * daemon_destroy - end: peers are told, and the module keeps nothing
 * @daemon: the daemon, or NULL
 */
void daemon_destroy(struct daemon *daemon)
{
	if (!daemon)
		return;
	connections_forget(daemon);
	ike_destroy(daemon->ike);
	processes_destroy(daemon->processes);
	net_close(daemon->net);
	resolver_destroy(daemon->resolver);
	missed_destroy(daemon->missed);
	dataplane_destroy(daemon->dataplane);
	host_addresses_free(&daemon->addresses);
	host_close(daemon->host);
	free_event(daemon->timer);
	free_event(daemon->reorient);
	free_event(daemon->kernel_event);
	free_event(daemon->host_event);
	kernel_close(daemon->events);
	kernel_close(daemon->kernel);
	cfg_secrets_free(&daemon->secrets);
	crypto_trust_destroy(daemon->trust);
	origin_put(daemon->latest);
	origin_put(daemon->origin);
	table_uninit(&daemon->by_name);
	table_uninit(&daemon->ways);
	free(daemon);
}

/**
 * daemon_shutdown - end the event loop, and with it the daemon
 * @daemon: the daemon
 * @watcher: who wants to know, or NULL
 */
void daemon_shutdown(struct daemon *daemon, struct daemon_watcher *watcher)
{
	watcher_say(watcher, DAEMON_COMMENT, "the daemon ends");
	watcher_end(watcher, 0);
	event_base_loopexit(daemon->base, NULL);
}

/**
 * daemon_announce - tell that the daemon can be asked and answers peers
 * @daemon: the daemon
 */
void daemon_announce(struct daemon *daemon)
{
	processes_state(daemon->processes, PARENT_STATE_READY);
}

/**
 * daemon_is_ready - is the first configuration loaded
 * @daemon: the daemon
 *
 * Return: whether it is.
 */
bool daemon_is_ready(const struct daemon *daemon)
{
	return daemon->ready;
}

/**
 * daemon_engine - the engine, for those who show what it holds
 * @daemon: the daemon
 *
 * Return: it. Whoever has it do something calls daemon_settle().
 */
struct ike *daemon_engine(struct daemon *daemon)
{
	return daemon->ike;
}

/**
 * daemon_kernel - the connection to the module
 * @daemon: the daemon
 *
 * Return: it.
 */
struct kernel *daemon_kernel(struct daemon *daemon)
{
	return daemon->kernel;
}

/**
 * daemon_setup - the settings of the daemon
 * @daemon: the daemon
 *
 * Return: they, until the configuration is read again.
 */
const struct cfg_setup *daemon_setup(const struct daemon *daemon)
{
	return &daemon->origin->cfg->setup;
}

/**
 * daemon_base - the event loop
 * @daemon: the daemon
 *
 * Return: it.
 */
struct event_base *daemon_base(struct daemon *daemon)
{
	return daemon->base;
}

/**
 * daemon_traffic - what a child SA has carried
 * @daemon: the daemon
 * @pair: the child SA
 * @traffic: filled in
 *
 * Return: NULL, or why nobody knows.
 */
struct error *daemon_traffic(struct daemon *daemon, const struct ike_pair *pair,
			     struct daemon_traffic *traffic)
{
	struct dataplane_traffic carried;
	struct dataplane_traits traits;
	struct error *error;

	error = find_traits(daemon, pair, &traits);
	if (!error)
		error = dataplane_traffic(daemon->dataplane, pair->spi_in,
					  &carried);
	if (!error)
		*traffic = (struct daemon_traffic){
			.in_bytes = carried.in_bytes,
			.out_bytes = carried.out_bytes,
			.in_packets = carried.in_packets,
			.out_packets = carried.out_packets,
			.max_bytes = traits.max_bytes,
		};
	return error;
}
