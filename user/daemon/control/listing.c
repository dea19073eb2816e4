// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the daemon holds, as JSON: an object of the daemon, one for each
 * connection, IKE SA, child SA and policy without one, and for each key and
 * certificate, always in the same order. Texts that a peer or
 * a file has a say in are cleaned on their way.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/control/connection_json.h"
#include "daemon/control/key_json.h"
#include "daemon/engine/daemon.h"
#include "daemon/control/listing.h"
#include "daemon/control/sa_json.h"
#include "daemon/engine/dataplane.h"
#include "ike/info.h"
#include "lib/iana.h"

/**
 * struct listing - an answer while it is written
 * @daemon: about whom
 * @name: of the only connection that counts, or of the only child of one; NULL =
 *	all
 * @sink: where it goes
 * @context: for @sink
 * @index: SAs by connection
 * @moment: now, by both clocks
 * @loaded: connections seen
 * @active: those of them that have a child SA
 */
struct listing {
	struct daemon *daemon;
	const char *name;
	const struct request_sink *sink;
	void *context;
	struct sa_index index;
	struct sa_moment moment;
	unsigned int loaded;
	unsigned int active;
};

static void put(struct listing *listing, json_t *data)
{
	listing->sink->put(listing->context, ctl_reply_encode_data(data));
}

static bool is_meant(const struct listing *listing, const char *name)
{
	return !listing->name || (name && !strcmp(name, listing->name));
}

/* ----- connections and SAs ----------------------------------------------- */

static void count_connection(const struct daemon_connection_info *info,
			     void *context)
{
	struct listing *listing = context;

	listing->loaded++;
	listing->active += info->children_up > 0;
}

static void put_connection(const struct daemon_connection_info *info,
			   void *context)
{
	struct listing *listing = context;

	const struct ike_model *model = info->model;
	bool meant = is_meant(listing, info->config->name);
	uint16_t i;

	for (i = 0; model && !meant && i < model->child_count; i++)
		meant = is_meant(listing, model->children[i].name);
	if (meant)
		put(listing, connection_json(info, &listing->index));
}

static void put_connections(struct listing *listing)
{
	daemon_for_each_connection(listing->daemon, put_connection, listing);
}

static void put_sa(const struct ike_sa_info *info, void *context)
{
	struct listing *listing = context;

	put(listing, sa_json(info, &listing->index, &listing->moment));
}

static void put_child(const struct ike_child_info *info, void *context)
{
	struct listing *listing = context;

	if (is_meant(listing, info->pair->connection) ||
	    is_meant(listing, info->pair->child))
		put(listing, child_json(listing->daemon, info, &listing->index,
					&listing->moment));
}

static void put_sas(struct listing *listing)
{
	const struct ike *ike = daemon_engine(listing->daemon);

	ike_each_sa(ike, put_sa, listing);
	ike_each_child(ike, put_child, listing);
}

static void put_traffic_of(const struct ike_child_info *info, void *context)
{
	if (info->established)
		put_child(info, context);
}

/* ----- policies without an SA --------------------------------------------- */

static json_t *shunt_end(const struct prefix *prefix,
			 const struct port_range *ports)
{
	char network[ADDRESS_TEXT_SIZE], range[PORT_RANGE_TEXT_SIZE];
	bool all = !ports->min && ports->max == UINT16_MAX;

	return json_pack("{s:s, s:s}", "network", prefix_text(prefix, network),
			 "ports", all ? "0" : port_range_text(ports, range));
}

static void put_shunt(const struct dataplane_shunt_info *info, void *context)
{
	static const char *const actions[] = {
		[ESPVIF_ACTION_NONE] = "%pass",
		[ESPVIF_ACTION_DISCARD] = "%drop",
		[ESPVIF_ACTION_IPSEC] = "%trap",
	};
	struct listing *listing = context;

	put(listing, json_pack("{s:s, s:o, s:b, s:o, s:o, s:i, s:s}",
			       "kind", "shunt",
			       "connection", sa_text(info->name),
			       "outbound", info->out,
			       "source", shunt_end(info->source,
						   &info->source_ports),
			       "destination",
			       shunt_end(info->destination,
					 &info->destination_ports),
			       "protocol", (int)info->protocol,
			       "action", actions[info->action]));
}

static void put_shunts(struct listing *listing)
{
	daemon_for_each_shunt(listing->daemon, put_shunt, listing);
}

/* ----- keys ---------------------------------------------------------------- */

static void put_object(void *context, json_t *object)
{
	put(context, object);
}

static void put_public(const struct daemon_connection_info *info, void *context)
{
	struct listing *listing = context;
	const struct key_sink sink = { put_object, listing };

	key_put_public(listing->daemon, info, &sink);
}

static void put_keys(struct listing *listing)
{
	const struct key_sink sink = { put_object, listing };

	daemon_for_each_connection(listing->daemon, put_public, listing);
	key_put_certs(listing->daemon, &sink);
	key_put_authorities(listing->daemon, &sink);
	key_put_secrets(listing->daemon, &sink);
}

/* ----- the daemon as a whole --------------------------------------------- */

static bool is_fips(void)
{
	FILE *file = fopen("/proc/sys/crypto/fips_enabled", "re");
	bool fips = file && fgetc(file) == '1';

	if (file)
		fclose(file);
	return fips;
}

static void put_daemon(struct listing *listing)
{
	const struct cfg_setup *setup = daemon_setup(listing->daemon);
	struct ike_status status = ike_status(daemon_engine(listing->daemon));

	daemon_for_each_connection(listing->daemon, count_connection, listing);
	put(listing,
	    json_pack("{s:s, s:s, s:s, s:i, s:b, s:b, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:b}",
		      "kind", "daemon", "version", ESPVIF_VERSION,
		      "kernel", "espvif", "pid", (int)getpid(),
		      "ready", daemon_is_ready(listing->daemon),
		      "fips", is_fips(),
		      "secrets", sa_text(setup->secretsfile),
		      "ipsecdir", sa_text(setup->ipsecdir),
		      "loaded", (int)listing->loaded,
		      "active", (int)listing->active,
		      "ike_sas", (int)status.sas,
		      "half_open", (int)status.half_open,
		      "open", (int)(status.sas - status.established -
				    status.half_open),
		      "established", (int)status.established,
		      "child_sas", (int)status.children,
		      "cookies", status.half_open >= setup->ddos_threshold,
		      "full", status.half_open >= setup->max_halfopen));
}

/* Peers reach each address by both ports. */
static void put_interface(const char *interface, const struct address *address,
			  void *context)
{
	static const int ports[] = { 4500, 500 };
	struct listing *listing = context;
	size_t i;

	for (i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		put(listing, json_pack("{s:s, s:s, s:o, s:i}", "kind",
				       "interface", "name", interface,
				       "address", sa_address(address), "port",
				       ports[i]));
}

static const char *ddos_mode(const struct cfg_setup *setup)
{
	return setup->ddos_mode == CFG_YES ? "busy" :
	       setup->ddos_mode == CFG_NO ? "unlimited" : "auto";
}

static void put_setup(struct listing *listing)
{
	const struct cfg_setup *setup = daemon_setup(listing->daemon);

	put(listing,
	    json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:I, s:I, s:s, s:I, s:b, s:b, s:I}",
		      "kind", "setup",
		      "configfile",
		      sa_text(daemon_config_path(listing->daemon)),
		      "secrets", sa_text(daemon_secrets_path(listing->daemon)),
		      "ipsecdir", sa_text(daemon_directory(listing->daemon)),
		      "logfile", sa_text(setup->logfile),
		      "listen", sa_address(&setup->listen),
		      "logappend", setup->logappend,
		      "logtime", setup->logtime,
		      "ddos_cookies_threshold",
		      (json_int_t)setup->ddos_threshold,
		      "ddos_max_halfopen", (json_int_t)setup->max_halfopen,
		      "ddos_mode", ddos_mode(setup),
		      "ikebuf", (json_int_t)setup->socket_buffer,
		      "msg_errqueue", setup->errqueue,
		      "crl_strict", setup->crl_strict,
		      "keep_alive", (json_int_t)setup->keep_alive));
}

static void put_counter(struct listing *listing, const char *name,
			uint64_t value)
{
	put(listing, json_pack("{s:s, s:s, s:I}", "kind", "counter", "name",
			       name, "value", (json_int_t)value));
}

static void put_counters(struct listing *listing)
{
	const struct ike_counters *counters =
		ike_counters(daemon_engine(listing->daemon));
	uint64_t malformed = 0;
	size_t i;

	for (i = 0; i < WIRE_REASONS; i++)
		malformed += counters->malformed[i];
	put_counter(listing, "configurations_read",
		    daemon_reads(listing->daemon));
	put_counter(listing, "malformed", malformed);
#define PUT(name, meaning) put_counter(listing, #name, counters->name);
	IKE_COUNTER_LIST(PUT)
#undef PUT
}

/* ----- what is asked ----------------------------------------------------- */

static void write_listing(struct listing *listing, enum ctl_operation operation)
{
	switch (operation) {
	case CTL_STATUS:
		put_daemon(listing);
		put_setup(listing);
		daemon_for_each_address(listing->daemon, put_interface,
					listing);
		put_connections(listing);
		put_sas(listing);
		put_shunts(listing);
		break;
	case CTL_BRIEF_STATUS:
		put_daemon(listing);
		put_sas(listing);
		break;
	case CTL_CONNECTION_STATUS:
		put_connections(listing);
		break;
	case CTL_TRAFFIC_STATUS:
		ike_each_child(daemon_engine(listing->daemon), put_traffic_of,
			       listing);
		break;
	case CTL_SHUNT_STATUS:
		put_shunts(listing);
		break;
	case CTL_LIST:
		put_keys(listing);
		break;
	case CTL_GLOBAL_STATUS:
		put_counters(listing);
		break;
	case CTL_FIPS_STATUS:
		put_daemon(listing);
		break;
	default:
		break;
	}
}

/* Somebody who misspells a name is not to hear that all is well. */
static bool is_named(struct listing *listing)
{
	char line[CTL_NAME_MAX + 64];

	if (!listing->name ||
	    daemon_has_child(listing->daemon, listing->name))
		return true;
	snprintf(line, sizeof(line), "no connection named \"%s\": it was not added",
		 listing->name);
	listing->sink->put(listing->context,
			   ctl_reply_encode_line(DAEMON_UNKNOWN_NAME, line));
	return false;
}

/**
 * listing_write - tell what the daemon holds
 * @daemon: about whom
 * @asked: what is asked
 * @sink: hears objects, not the end
 * @context: for @sink
 *
 * Return: exit status.
 */
int listing_write(struct daemon *daemon, const struct ctl_request *asked,
		  const struct request_sink *sink, void *context)
{
	struct listing listing = {
		.daemon = daemon,
		.name = asked->name,
		.sink = sink,
		.context = context,
	};

	if (!is_named(&listing))
		return DAEMON_UNKNOWN_NAME;
	sa_moment_now(&listing.moment, daemon_engine(daemon));
	sa_index_make(&listing.index, daemon_engine(daemon));
	write_listing(&listing, asked->operation);
	sa_index_free(&listing.index);
	return 0;
}
