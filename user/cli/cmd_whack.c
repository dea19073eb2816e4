// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec whack': the same as 'ipsec auto' and more, in the spelling of programs
 * that call it.
 */
#include "cli/command.h"
#include "cli/daemon_verb.h"

static const struct option_spec options[] = {
	DAEMON_OPTIONS_FRONT,
	[DAEMON_OPTION_COUNT] = { "initiate", NULL, "bring it up, and wait", 0 },
	{ "terminate", NULL, "take it down at both ends", 0 },
	{ "delete", NULL, "take it down and forget it", 0 },
	{ "route", NULL, "bring it up when the first packet asks for it", 0 },
	{ "unroute", NULL, "no longer", 0 },
	{ "rekey-ike", NULL, "renew its IKE SA", 0 },
	{ "rekey-ipsec", NULL, "renew its child SAs", 0 },
	{ "listen", NULL, "look for new addresses and read secrets", 0 },
	{ "rereadsecrets", NULL, "read ipsec.secrets", 0 },
	{ "rereadcerts", NULL, "read certificates", 0 },
	{ "fetchcrls", NULL, "read lists of revoked certificates", 0 },
	{ "rereadall", NULL, "read all of these", 0 },
	{ "status", NULL, "show everything", 0 },
	{ "briefstatus", NULL, "show SAs", 0 },
	{ "showstates", NULL, "the same", 0 },
	{ "connectionstatus", NULL, "show connections", 0 },
	{ "trafficstatus", NULL, "show child SAs and what they carried", 0 },
	{ "shuntstatus", NULL, "show policies without SAs", 0 },
	{ "globalstatus", NULL, "show counters", 0 },
	{ "fipsstatus", NULL, "show whether FIPS mode is on", 0 },
	{ "listpubkeys", NULL, "show public keys", 0 },
	{ "checkpubkeys", NULL, "show those that end soon", 0 },
	{ "listpsks", NULL, "show whom secrets are for", 0 },
	{ "listcerts", NULL, "show certificates of the key store", 0 },
	{ "listcacerts", NULL, "show certificates of authorities", 0 },
	{ "listcrls", NULL, "show lists of revoked certificates", 0 },
	{ "listall", NULL, "show all these lists", 0 },
	{ "purgeocsp", NULL, "forget what OCSP servers said", 0 },
	{ "listgroups", NULL, "show policy groups", 0 },
	{ "shutdown", NULL, "end the daemon", 0 },
	{}
};

static struct error *ask(const struct arguments *arguments, int *status)
{
	struct daemon_question question = { 0 };
	struct error *error = daemon_verb_choose(arguments, &question);

	return error ? error : daemon_verb_ask(arguments, &question, status);
}

const struct command command_whack = {
	.name = "whack",
	.summary = "Ask the IKE daemon for something",
	.options = options,
	.ask = ask,
};

/* ----- the listings that have a command of their own --------------------- */

static const struct option_spec list_options[] = {
	DAEMON_OPTIONS_EVERY,
	{}
};

/* The name of the command is the word. */
static struct error *list(const struct arguments *arguments, int *status)
{
	struct daemon_question question = { 0 };

	if (!daemon_verb_set(&question, arguments->command->name))
		return error_usage("there is no such listing");
	return daemon_verb_ask(arguments, &question, status);
}

const struct command command_trafficstatus = {
	.name = "trafficstatus",
	.summary = "Show child SAs and what they carried",
	.operand = "CONN",
	.operand_help = "Only those of the connection CONN, if it is given",
	.options = list_options,
	.ask = list,
};

const struct command command_briefstatus = {
	.name = "briefstatus",
	.summary = "Show IKE SAs and child SAs",
	.options = list_options,
	.ask = list,
};

const struct command command_connectionstatus = {
	.name = "connectionstatus",
	.summary = "Show connections",
	.operand = "CONN",
	.operand_help = "Only the connection CONN, if it is given",
	.options = list_options,
	.ask = list,
};

const struct command command_shuntstatus = {
	.name = "shuntstatus",
	.summary = "Show policies that stand without an SA",
	.options = list_options,
	.ask = list,
};
