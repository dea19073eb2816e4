// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the IKE daemon holds, as Libreswan 4 prints it: lines with a code in front,
 * for people and scripts that read those. What the daemon does not say is "unset"
 * or 0.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/daemon.h"
#include "cli/daemon_data.h"

#define KIND_DAEMON "daemon"
#define KIND_INTERFACE "interface"
#define KIND_SETUP "setup"
#define KIND_CONNECTION "connection"
#define KIND_IKE_SA "ike-sa"
#define KIND_CHILD_SA "child-sa"
#define KIND_SHUNT "shunt"
#define KIND_COUNTER "counter"

/* Of a connection, with what tells its instances apart */
#define NAME_SIZE 192

/*
 * "name", and of an instance its number and where its peer is. The longest name
 * that the daemon takes fits; a longer one is cut short.
 */
static const char *write_name(const char *name, const json_t *instance,
			      const char *peer, char *text)
{
	if (json_is_integer(instance))
		snprintf(text, NAME_SIZE, "\"%s\"[%" JSON_INTEGER_FORMAT "] %s",
			 name, json_integer_value(instance), peer);
	else
		snprintf(text, NAME_SIZE, "\"%s\"", name);
	return text;
}

static const char *name_of(const json_t *connection, char *name)
{
	return write_name(text(connection, "name"),
			  part(connection, "instance"),
			  text(part(connection, "theirs"), "host"), name);
}

/* A child has the name of its connection, or one that begins with it: "name/1x2" */
static const char *owner_of(const json_t *sa, char *name)
{
	return write_name(text(sa, given(sa, "child") ? "child" : "connection"),
			  part(sa, "instance"),
			  text(part(sa, "theirs"), "address"), name);
}

/* ----- connections ------------------------------------------------------ */

/* The networks of one end of a child, blanks between them. */
static void show_networks(FILE *out, const json_t *networks)
{
	json_t *network;
	size_t i;

	json_array_foreach(networks, i, network)
		fprintf(out, "%s%s", i ? " " : "", json_string_value(network));
}

static void show_host(FILE *out, const json_t *end)
{
	fputs(text(end, "host"), out);
	if (given(end, "id") && strcmp(text(end, "id"), text(end, "host")))
		fprintf(out, "[%s]", text(end, "id"));
}

/* A host that speaks for itself alone has no network in front of it. */
static bool is_itself(const json_t *networks, const json_t *end)
{
	const char *network = json_string_value(json_array_get(networks, 0));
	size_t length = network ? strcspn(network, "/") : 0;

	if (!network)
		return true;
	return json_array_size(networks) == 1 &&
	       strlen(text(end, "host")) == length &&
	       !strncmp(network, text(end, "host"), length) &&
	       (!strcmp(network + length, "/32") ||
		!strcmp(network + length, "/128"));
}

static void show_ends(FILE *out, const json_t *connection, const json_t *child)
{
	const json_t *ours = part(child, "ours"), *theirs = part(child, "theirs");
	const json_t *here = part(connection, "ours");
	const json_t *there = part(connection, "theirs");

	if (!is_itself(ours, here)) {
		show_networks(out, ours);
		fputs("===", out);
	}
	show_host(out, here);
	fputs("...", out);
	show_host(out, there);
	if (!is_itself(theirs, there)) {
		fputs("===", out);
		show_networks(out, theirs);
	}
}

static void show_route(FILE *out, const json_t *connection, const json_t *child)
{
	const char *child_name = text(given(child, "name") ? child : connection,
				      "name");
	char name[NAME_SIZE];

	fprintf(out, "000 %s: ",
		write_name(child_name, part(connection, "instance"),
			   text(part(connection, "theirs"), "host"), name));
	show_ends(out, connection, child);
	fprintf(out, "; %s; eroute owner: #%" JSON_INTEGER_FORMAT "\n",
		text(child, "routing"), number(child, "owner"));
}

static void show_lifetimes(FILE *out, const char *name, const json_t *policy)
{
	fprintf(out, "000 %s:   ike_life: %" JSON_INTEGER_FORMAT "s; ipsec_life: %" JSON_INTEGER_FORMAT "s; replay_window: %" JSON_INTEGER_FORMAT "; rekey_margin: %" JSON_INTEGER_FORMAT "s; rekey_fuzz: %" JSON_INTEGER_FORMAT "%%; keyingtries: %" JSON_INTEGER_FORMAT ";\n",
		name, number(policy, "ike_lifetime"),
		number(policy, "ipsec_lifetime"),
		number(policy, "replay_window"),
		number(policy, "rekey_margin"), number(policy, "rekey_fuzz"),
		number(policy, "keyingtries"));
	fprintf(out, "000 %s:   retransmit-interval: %" JSON_INTEGER_FORMAT "ms; retransmit-timeout: %" JSON_INTEGER_FORMAT "s; iketcp:no; iketcp-port:4500;\n",
		name, number(policy, "retransmit_interval"),
		number(policy, "retransmit_timeout") / 1000);
}

static void show_policy(FILE *out, const char *name, const json_t *policy)
{
	show_lifetimes(out, name, policy);
	fprintf(out, "000 %s:   initial-contact:%s; cisco-unity:no; fake-strongswan:no; send-vendorid:%s; send-no-esp-tfc:%s;\n",
		name, yes_or_no(policy, "initial_contact"),
		yes_or_no(policy, "send_vendorid"),
		yes_or_no(policy, "send_no_tfc"));
	fprintf(out, "000 %s:   policy: %s;\n", name,
		text(policy, "words"));
	fprintf(out, "000 %s:   dpd: %s; action:%s; delay:%" JSON_INTEGER_FORMAT "s; timeout:%" JSON_INTEGER_FORMAT "s\n",
		name, number(policy, "dpd_delay") ? "active" : "passive",
		text(policy, "dpd_action"), number(policy, "dpd_delay"),
		number(policy, "dpd_timeout"));
	fprintf(out, "000 %s:   nat-traversal: encaps:%s; nic-offload:%s\n",
		name, text(policy, "encapsulation"),
		text(policy, "nic_offload"));
}

static void show_connection(FILE *out, const json_t *connection)
{
	static const char none[] = "none";
	char name[NAME_SIZE];
	const json_t *children = part(connection, "children");
	const json_t *ours = part(connection, "ours");
	const json_t *theirs = part(connection, "theirs");
	const json_t *child;
	size_t i;

	name_of(connection, name);
	json_array_foreach(children, i, child)
		show_route(out, connection, child);
	if (!json_array_size(children))
		show_route(out, connection, NULL);
	fprintf(out, "000 %s:     %s; my_ip=%s; their_ip=%s; my_updown=%s;\n",
		name, text(connection, "state"), text(ours, "sourceip"),
		text(theirs, "sourceip"), text(ours, "updown"));
	if (given(connection, "why"))
		fprintf(out, "000 %s:     %s\n", name,
			text(connection, "why"));
	fprintf(out, "000 %s:   our auth:%s, their auth:%s, our autheap:%s, their autheap:%s;\n",
		name, text(ours, "auth"), text(theirs, "auth"), none, none);
	show_policy(out, name, part(connection, "policy"));
	fprintf(out, "000 %s:   our id=%s; their id=%s\n", name,
		text(ours, "id"), text(theirs, "id"));
	fprintf(out, "000 %s:   newest IKE SA: #%" JSON_INTEGER_FORMAT "; newest IPsec SA: #%" JSON_INTEGER_FORMAT ";\n",
		name, number(connection, "newest_ike_sa"),
		number(connection, "newest_child_sa"));
	if (given(connection, "ike_suite"))
		fprintf(out, "000 %s:   IKEv2 algorithm newest: %s\n",
			name, text(connection, "ike_suite"));
	if (given(connection, "esp_suite"))
		fprintf(out, "000 %s:   ESP algorithm newest: %s\n", name,
			text(connection, "esp_suite"));
}

/**
 * daemon_show_connections - show connections
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_connections(FILE *out, const struct daemon_answer *answer)
{
	const json_t *connection;
	size_t i;

	fputs("000 Connection list:\n", out);
	empty_line(out);
	json_array_foreach(all_of(answer, KIND_CONNECTION), i, connection)
		show_connection(out, connection);
}

/* ----- SAs --------------------------------------------------------------- */

static void show_replacement(FILE *out, const json_t *sa)
{
	if (json_is_integer(part(sa, "rekey_in")))
		fprintf(out, " REKEY in %" JSON_INTEGER_FORMAT "s;",
			number(sa, "rekey_in"));
	else if (json_is_integer(part(sa, "expires_in")))
		fprintf(out, " EXPIRE in %" JSON_INTEGER_FORMAT "s;",
			number(sa, "expires_in"));
	if (yes(sa, "newest"))
		fputs(" newest;", out);
}

static void show_head(FILE *out, const json_t *sa)
{
	char name[NAME_SIZE];

	fprintf(out, "000 #%" JSON_INTEGER_FORMAT ": %s:%" JSON_INTEGER_FORMAT " %s (%s);",
		number(sa, "serial"), owner_of(sa, name),
		number(part(sa, "theirs"), "port"), text(sa, "state_name"),
		text(sa, "state"));
	show_replacement(out, sa);
}

static void show_ike_sa(FILE *out, const json_t *sa)
{
	show_head(out, sa);
	fputs(" idle;\n", out);
}

static void show_child_sa(FILE *out, const json_t *sa)
{
	const char *ours = text(part(sa, "ours"), "address");
	const char *theirs = text(part(sa, "theirs"), "address");
	const char *mode = yes(sa, "transport") ? "" : "tun.0@";
	char name[NAME_SIZE];

	show_head(out, sa);
	if (yes(sa, "in_use"))
		fputs(" eroute owner;", out);
	fprintf(out, " IKE SA #%" JSON_INTEGER_FORMAT "; idle;\n",
		number(sa, "ike_sa"));
	fprintf(out, "000 #%" JSON_INTEGER_FORMAT ": %s esp.%s@%s esp.%s@%s",
		number(sa, "serial"), owner_of(sa, name),
		text(sa, "spi_out"), theirs, text(sa, "spi_in"), ours);
	if (*mode)
		fprintf(out, " %s%s %s%s", mode, theirs, mode, ours);
	fprintf(out, " Traffic: ESPin=%" JSON_INTEGER_FORMAT "B ESPout=%" JSON_INTEGER_FORMAT "B ESPmax=%s\n",
		number(sa, "in_bytes"), number(sa, "out_bytes"),
		text(sa, "max_bytes"));
}

static void show_totals(FILE *out, const json_t *daemon)
{
	fprintf(out, "000 Total IPsec connections: loaded %" JSON_INTEGER_FORMAT ", active %" JSON_INTEGER_FORMAT "\n",
		number(daemon, "loaded"), number(daemon, "active"));
	empty_line(out);
	fprintf(out, "000 State Information: DDoS cookies %s, %s new IKE connections\n",
		yes(daemon, "cookies") ? "REQUIRED" : "not required",
		yes(daemon, "full") ? "NOT ACCEPTING" : "Accepting");
	fprintf(out, "000 IKE SAs: total(%" JSON_INTEGER_FORMAT "), half-open(%" JSON_INTEGER_FORMAT "), open(%" JSON_INTEGER_FORMAT "), authenticated(%" JSON_INTEGER_FORMAT "), anonymous(0)\n",
		number(daemon, "ike_sas"), number(daemon, "half_open"),
		number(daemon, "open"), number(daemon, "established"));
	fprintf(out, "000 IPsec SAs: total(%" JSON_INTEGER_FORMAT "), authenticated(%" JSON_INTEGER_FORMAT "), anonymous(0)\n",
		number(daemon, "child_sas"), number(daemon, "child_sas"));
}

/**
 * daemon_show_brief - show SAs and how many there are
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_brief(FILE *out, const struct daemon_answer *answer)
{
	const json_t *sa;
	size_t i;

	show_totals(out, one_of(answer, KIND_DAEMON));
	empty_line(out);
	json_array_foreach(all_of(answer, KIND_IKE_SA), i, sa)
		show_ike_sa(out, sa);
	json_array_foreach(all_of(answer, KIND_CHILD_SA), i, sa)
		show_child_sa(out, sa);
	empty_line(out);
}

/* ----- the rest ---------------------------------------------------------- */

static void show_shunt(FILE *out, const json_t *shunt)
{
	const json_t *source = part(shunt, "source");
	const json_t *destination = part(shunt, "destination");

	fprintf(out, "000 %s:%s -%" JSON_INTEGER_FORMAT "-> %s:%s => %s    %s\n",
		text(source, "network"), text(source, "ports"),
		number(shunt, "protocol"), text(destination, "network"),
		text(destination, "ports"), text(shunt, "action"),
		text(shunt, "connection"));
}

/**
 * daemon_show_shunts - show policies that stand without an SA
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_shunts(FILE *out, const struct daemon_answer *answer)
{
	const json_t *shunt;
	size_t i;

	fputs("000 Bare Shunt list:\n", out);
	empty_line(out);
	json_array_foreach(all_of(answer, KIND_SHUNT), i, shunt)
		show_shunt(out, shunt);
}

static void show_interfaces(FILE *out, const struct daemon_answer *answer)
{
	const json_t *interface;
	size_t i;

	json_array_foreach(all_of(answer, KIND_INTERFACE), i, interface)
		fprintf(out, "000 interface %s UDP %s:%" JSON_INTEGER_FORMAT "\n",
			text(interface, "name"), text(interface, "address"),
			number(interface, "port"));
}

static void show_daemon(FILE *out, const struct daemon_answer *answer)
{
	const json_t *daemon = one_of(answer, KIND_DAEMON);

	fprintf(out, "000 using kernel interface: %s\n",
		text(daemon, "kernel"));
	empty_line(out);
	show_interfaces(out, answer);
	empty_line(out);
	fprintf(out, "000 fips mode=%s;\n",
		yes(daemon, "fips") ? "enabled" : "disabled");
	fprintf(out, "000 espvif %s, pid %" JSON_INTEGER_FORMAT ", ready: %s\n",
		text(daemon, "version"), number(daemon, "pid"),
		yes_or_no(daemon, "ready"));
	empty_line(out);
}

static void show_setup(FILE *out, const json_t *setup)
{
	if (!setup)
		return;
	fputs("000 config setup options:\n", out);
	empty_line(out);
	fprintf(out, "000 configfile=%s, secrets=%s, ipsecdir=%s\n",
		text(setup, "configfile"), text(setup, "secrets"),
		text(setup, "ipsecdir"));
	fprintf(out, "000 logfile=%s, logappend=%s, logtime=%s\n",
		text(setup, "logfile"), yes_or_no(setup, "logappend"),
		yes_or_no(setup, "logtime"));
	fprintf(out, "000 ddos-cookies-threshold=%" JSON_INTEGER_FORMAT ", ddos-max-halfopen=%" JSON_INTEGER_FORMAT ", ddos-mode=%s\n",
		number(setup, "ddos_cookies_threshold"),
		number(setup, "ddos_max_halfopen"), text(setup, "ddos_mode"));
	fprintf(out, "000 ikebuf=%" JSON_INTEGER_FORMAT ", msg_errqueue=%s, crl-strict=%s, listen=%s\n",
		number(setup, "ikebuf"), yes_or_no(setup, "msg_errqueue"),
		yes_or_no(setup, "crl_strict"), text(setup, "listen"));
	fprintf(out, "000 nat-traversal=yes, keep-alive=%" JSON_INTEGER_FORMAT ", nat-ikeport=4500\n",
		number(setup, "keep_alive"));
	empty_line(out);
}

/**
 * daemon_show_status - show everything
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_status(FILE *out, const struct daemon_answer *answer)
{
	show_daemon(out, answer);
	show_setup(out, one_of(answer, KIND_SETUP));
	daemon_show_connections(out, answer);
	empty_line(out);
	daemon_show_brief(out, answer);
	daemon_show_shunts(out, answer);
}

static void show_traffic(FILE *out, const json_t *sa)
{
	char name[NAME_SIZE];

	fprintf(out, "006 #%" JSON_INTEGER_FORMAT ": %s",
		number(sa, "serial"), owner_of(sa, name));
	fprintf(out, ", type=ESP, add_time=%" JSON_INTEGER_FORMAT ", inBytes=%" JSON_INTEGER_FORMAT ", outBytes=%" JSON_INTEGER_FORMAT ", maxBytes=%s, id='%s'",
		number(sa, "add_time"), number(sa, "in_bytes"),
		number(sa, "out_bytes"), text(sa, "max_bytes"),
		text(sa, "peer_id"));
	if (given(sa, "lease"))
		fprintf(out, ", lease=%s", text(sa, "lease"));
	fputc('\n', out);
}

/**
 * daemon_show_traffic - show child SAs and what they carried
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_traffic(FILE *out, const struct daemon_answer *answer)
{
	const json_t *sa;
	size_t i;

	json_array_foreach(all_of(answer, KIND_CHILD_SA), i, sa)
		show_traffic(out, sa);
}

/**
 * daemon_show_counters - show what the daemon has counted
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_counters(FILE *out, const struct daemon_answer *answer)
{
	const json_t *counter;
	size_t i;

	json_array_foreach(all_of(answer, KIND_COUNTER), i, counter)
		fprintf(out, "000 %s=%" JSON_INTEGER_FORMAT "\n",
			text(counter, "name"), number(counter, "value"));
}

/**
 * daemon_show_fips - show whether FIPS mode is on
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_fips(FILE *out, const struct daemon_answer *answer)
{
	fprintf(out, "000 FIPS mode %s\n",
		yes(one_of(answer, KIND_DAEMON), "fips") ? "enabled" :
							   "disabled");
}
