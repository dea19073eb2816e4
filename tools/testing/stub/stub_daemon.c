// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A daemon of paper. "hang" never comes up, "refused" fails with a reason, "noisy"
 * says more than anybody reads; all others work at once.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "config/secrets.h"
#include "daemon/engine/dataplane.h"
#include "stub_daemon.h"

/* More than a socket takes, and done long before a client that waits is sent away */
#define NOISE 20000

static void tell(struct daemon *daemon, const char *verb, const char *name)
{
	size_t used = strlen(daemon->told);

	snprintf(daemon->told + used, sizeof(daemon->told) - used, "%s%s%s",
		 verb, name ? ":" : " ", name ? name : "");
	if (name)
		strncat(daemon->told, " ",
			sizeof(daemon->told) - strlen(daemon->told) - 1);
}

static bool knows(const struct daemon *daemon, const char *name)
{
	return daemon->cfg && cfg_find(daemon->cfg, name);
}

static void answer(struct daemon *daemon, const char *verb, const char *name,
		   struct daemon_watcher *watcher)
{
	int i;

	tell(daemon, verb, name);
	if (!strcmp(name, "hang")) {
		list_append(&daemon->waiting, &watcher->link);
		watcher->line(watcher->context, DAEMON_LOG, "begun");
		return;
	}
	if (!strcmp(name, "refused")) {
		watcher->line(watcher->context, 181, "\"refused\" #1: sent");
		watcher->line(watcher->context, DAEMON_NOTIFICATION + 14,
			      "\"refused\" #1: NO_PROPOSAL_CHOSEN: CN=\033[1m");
		watcher->end(watcher->context, DAEMON_NOTIFICATION + 14);
		return;
	}
	for (i = 0; !strcmp(name, "noisy") && i < NOISE; i++)
		watcher->line(watcher->context, DAEMON_LOG, "noise");
	watcher->line(watcher->context, DAEMON_LOG, verb);
	watcher->end(watcher->context, 0);
}

static void answer_known(struct daemon *daemon, const char *verb,
			 const char *name, struct daemon_watcher *watcher)
{
	if (knows(daemon, name) || !strcmp(name, "hang") ||
	    !strcmp(name, "refused") || !strcmp(name, "noisy")) {
		answer(daemon, verb, name, watcher);
		return;
	}
	tell(daemon, verb, name);
	watcher->line(watcher->context, DAEMON_UNKNOWN_NAME,
		      "no connection of that name");
	watcher->end(watcher->context, DAEMON_UNKNOWN_NAME);
}

struct ike *daemon_engine(struct daemon *daemon)
{
	return daemon->ike;
}

const struct cfg_setup *daemon_setup(const struct daemon *daemon)
{
	static const struct cfg_setup none = {
		.ddos_threshold = 1000, .max_halfopen = 2000,
	};

	return daemon->cfg ? &daemon->cfg->setup : &none;
}

struct event_base *daemon_base(struct daemon *daemon)
{
	return daemon->base;
}

struct error *daemon_traffic(struct daemon *daemon, const struct ike_pair *pair,
			     struct daemon_traffic *traffic)
{
	(void)daemon;
	(void)pair;
	*traffic = (struct daemon_traffic){
		.in_bytes = 84, .out_bytes = 168, .in_packets = 1,
		.out_packets = 2,
	};
	return NULL;
}

bool daemon_is_ready(const struct daemon *daemon)
{
	return daemon->cfg;
}

void daemon_add(struct daemon *daemon, const char *name,
		const struct daemon_source *source,
		struct daemon_watcher *watcher)
{
	char what[256];

	snprintf(what, sizeof(what), "%s(%s,%zu)", "add",
		 source->path ? source->path : "-", source->length);
	answer(daemon, what, name, watcher);
}

void daemon_try_add(struct daemon *daemon, const char *name,
		    const struct daemon_source *source,
		    struct daemon_watcher *watcher)
{
	(void)daemon;
	(void)source;
	watcher->end(watcher->context,
		     strcmp(name, "nowhere") ? 0 : DAEMON_UNKNOWN_NAME);
}

void daemon_replace(struct daemon *daemon, const char *name,
		    const struct daemon_source *source,
		    struct daemon_watcher *watcher)
{
	(void)source;
	answer(daemon, "replace", name, watcher);
}

void daemon_delete(struct daemon *daemon, const char *name,
		   struct daemon_watcher *watcher)
{
	answer_known(daemon, "delete", name, watcher);
}

void daemon_up(struct daemon *daemon, const char *name,
	       struct daemon_watcher *watcher)
{
	answer_known(daemon, "up", name, watcher);
}

void daemon_down(struct daemon *daemon, const char *name,
		 struct daemon_watcher *watcher)
{
	answer_known(daemon, "down", name, watcher);
}

void daemon_route(struct daemon *daemon, const char *name,
		  struct daemon_watcher *watcher)
{
	answer_known(daemon, "route", name, watcher);
}

void daemon_unroute(struct daemon *daemon, const char *name,
		    struct daemon_watcher *watcher)
{
	answer_known(daemon, "unroute", name, watcher);
}

void daemon_rekey(struct daemon *daemon, const char *name, bool ike,
		  struct daemon_watcher *watcher)
{
	answer_known(daemon, ike ? "rekey-ike" : "rekey-child", name, watcher);
}

static void answer_all(struct daemon *daemon, const char *verb,
		       struct daemon_watcher *watcher)
{
	tell(daemon, verb, NULL);
	watcher->line(watcher->context, DAEMON_LOG, verb);
	watcher->end(watcher->context, 0);
}

void daemon_reload(struct daemon *daemon, struct daemon_watcher *watcher)
{
	answer_all(daemon, "reload", watcher);
}

void daemon_reread(struct daemon *daemon, struct daemon_watcher *watcher)
{
	answer_all(daemon, "secrets", watcher);
}

void daemon_listen(struct daemon *daemon, struct daemon_watcher *watcher)
{
	answer_all(daemon, "listen", watcher);
}

void daemon_shutdown(struct daemon *daemon, struct daemon_watcher *watcher)
{
	daemon->down = true;
	answer_all(daemon, "shutdown", watcher);
}

void daemon_unwatch(struct daemon *daemon, struct daemon_watcher *watcher)
{
	tell(daemon, "unwatch", NULL);
	list_remove(&watcher->link);
}

bool daemon_has_connection(struct daemon *daemon, const char *name)
{
	return knows(daemon, name);
}

bool daemon_has_child(struct daemon *daemon, const char *name)
{
	return knows(daemon, name);
}

const char *daemon_directory(const struct daemon *daemon)
{
	(void)daemon;
	return "/nowhere";
}

const char *daemon_config_path(const struct daemon *daemon)
{
	(void)daemon;
	return CFG_PATH;
}

const char *daemon_secrets_path(const struct daemon *daemon)
{
	(void)daemon;
	return CFG_SECRETS_PATH;
}

/* One that must never be seen, with an owner that must */
const struct cfg_secrets *daemon_secrets(const struct daemon *daemon)
{
	static uint8_t bytes[] = "do not show this";
	static const char *ids[] = { "@owner", "@peer\033" };
	static struct cfg_secret secret = {
		.at = { .file = CFG_SECRETS_PATH, .line = 7 },
		.ids = ids, .id_count = 2,
		.bytes = bytes, .length = sizeof(bytes) - 1,
	};
	static const struct cfg_secrets secrets = {
		.items = &secret, .count = 1,
	};

	(void)daemon;
	return &secrets;
}

const struct crypto_trust *daemon_trust(const struct daemon *daemon)
{
	(void)daemon;
	return NULL;
}

bool daemon_has_key(const struct daemon *daemon,
		    const uint8_t ckaid[CRYPTO_CKAID_SIZE])
{
	(void)daemon;
	(void)ckaid;
	return false;
}

void daemon_for_each_address(const struct daemon *daemon,
			     void (*visit)(const char *interface,
					   const struct address *address,
					   void *context),
			     void *context)
{
	static const struct address address = {
		.length = 4, .bytes = { 192, 0, 2, 1 },
	};

	(void)daemon;
	visit("wire", &address, context);
}

void daemon_for_each_shunt(struct daemon *daemon,
			   void (*visit)(const struct dataplane_shunt_info *info,
					 void *context),
			   void *context)
{
	static const struct prefix ours = {
		.address = { .length = 4, .bytes = { 10, 1, 0, 0 } },
		.length = 16,
	};
	static const struct prefix theirs = {
		.address = { .length = 4, .bytes = { 10, 2, 0, 0 } },
		.length = 16,
	};
	const struct dataplane_shunt_info info = {
		.name = "tunnel", .source = &ours, .destination = &theirs,
		.source_ports = PORT_RANGE_ANY,
		.destination_ports = { 80, 80 }, .protocol = 6,
		.action = ESPVIF_ACTION_IPSEC, .out = true,
	};

	(void)daemon;
	visit(&info, context);
}

uint64_t daemon_reads(const struct daemon *daemon)
{
	return daemon->cfg != NULL;
}

void daemon_for_each_connection(struct daemon *daemon,
				void (*visit)(const struct daemon_connection_info *info,
					      void *context),
				void *context)
{
	struct daemon_connection_info info = { 0 };
	size_t i;

	for (i = 0; daemon->cfg && i < daemon->cfg->count; i++) {
		const struct cfg_connection *config =
			&daemon->cfg->connections[i];
		bool held = daemon->model &&
			    !strcmp(config->name, daemon->model->name);

		info.config = config;
		info.state = held ? DAEMON_LOADED : DAEMON_UNORIENTED;
		info.why = held ? NULL : "no end of it is this host";
		info.ours = CFG_LEFT;
		info.model = held ? daemon->model : NULL;
		info.children_up = held;
		visit(&info, context);
	}
}
