// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec auto': connections, in the spelling of Openswan and Libreswan. 'ipsec
 * up' is 'ipsec auto --up', and so on.
 */
#include "cli/command.h"
#include "cli/daemon_verb.h"

enum auto_option {
	CONFIG = DAEMON_OPTION_COUNT,
	SHOW,
	SHOWONLY,
	VERBOSE,
	VERBS
};

static const struct option_spec options[] = {
	DAEMON_OPTIONS_FRONT,
	[CONFIG] = { "config", "FILE",
		"read the connection there, not in the daemon's file; - is standard input",
		0 },
	[SHOW] = { "show", NULL, "show what is asked, too", 0 },
	[SHOWONLY] = { "showonly", NULL,
		"show what would be asked, and end as that would, as far as can be known",
		0 },
	[VERBOSE] = { "verbose", NULL, "the same as --show", 0 },
	[VERBS] = { "add", NULL, "load a connection", 0 },
	{ "delete", NULL, "take it down and forget it", 0 },
	{ "replace", NULL, "delete it if it is there, then add", 0 },
	{ "up", NULL, "bring it up, and wait", 0 },
	{ "down", NULL, "take it down at both ends", 0 },
	{ "route", NULL, "bring it up when the first packet asks for it", 0 },
	{ "unroute", NULL, "no longer", 0 },
	{ "start", NULL, "add if it is not there, then up", 0 },
	{ "ondemand", NULL, "add if it is not there, then route", 0 },
	{ "status", NULL, "show everything", 0 },
	{ "ready", NULL, "look for new addresses and read secrets", 0 },
	{ "rereadsecrets", NULL, "read ipsec.secrets", 0 },
	{ "rereadgroups", NULL, "read policy groups", 0 },
	{ "rereadcerts", NULL, "read certificates", 0 },
	{ "rereadcacerts", NULL, "the same", 0 },
	{ "rereadaacerts", NULL, "the same", 0 },
	{ "rereadocspcerts", NULL, "the same", 0 },
	{ "rereadacerts", NULL, "the same", 0 },
	{ "rereadcrls", NULL, "read lists of revoked certificates", 0 },
	{ "fetchcrls", NULL, "the same", 0 },
	{ "rereadall", NULL, "read all of these", 0 },
	{ "listpubkeys", NULL, "show public keys", 0 },
	{ "checkpubkeys", NULL, "show those that end soon", 0 },
	{ "listpsks", NULL, "show whom secrets are for", 0 },
	{ "listcerts", NULL, "show certificates of the key store", 0 },
	{ "listcacerts", NULL, "show certificates of authorities", 0 },
	{ "listaacerts", NULL, "there are none", 0 },
	{ "listocspcerts", NULL, "there are none", 0 },
	{ "listacerts", NULL, "there are none", 0 },
	{ "listgroups", NULL, "show policy groups", 0 },
	{ "listcainfos", NULL, "there are none", 0 },
	{ "listcrls", NULL, "show lists of revoked certificates", 0 },
	{ "listocsp", NULL, "there are none", 0 },
	{ "listcards", NULL, "there are none", 0 },
	{ "listall", NULL, "show all these lists", 0 },
	{ "purgeocsp", NULL, "forget what OCSP servers said", 0 },
	{}
};

static void explain(FILE *out)
{
	fputs("\nInstead of 'ipsec auto --up CONN', 'ipsec up CONN' will do; the same holds for\n"
	      "the other operations.\n", out);
}

static struct error *ask(const struct arguments *arguments, int *status)
{
	struct daemon_question question = {
		.config = arguments_value(arguments, CONFIG),
		.show = arguments_given(arguments, SHOW) ||
			arguments_given(arguments, SHOWONLY) ||
			arguments_given(arguments, VERBOSE),
		.request.dry = arguments_given(arguments, SHOWONLY),
	};
	struct error *error = daemon_verb_choose(arguments, &question);

	return error ? error : daemon_verb_ask(arguments, &question, status);
}

const struct command command_auto = {
	.name = "auto",
	.summary = "Load connections, bring them up and down",
	.operand = "CONN",
	.operand_help = "CONN is a connection of ipsec.conf",
	.options = options,
	.explain = explain,
	.ask = ask,
};
