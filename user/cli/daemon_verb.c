// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One table of words: what each asks of the daemon, and how the answer looks.
 */
#include <limits.h>
#include <string.h>

#include "cli/daemon_verb.h"
#include "lib/array.h"

/* There are never any of these, and the list says so */
#define NEVER "none"

/**
 * struct verb - a word
 * @word: the word
 * @operation: what it asks for
 * @print: how the data of the answer looks, NULL = there is none
 * @only: kind of data that counts, NULL = all
 */
struct verb {
	const char *word;
	enum ctl_operation operation;
	void (*print)(FILE *out, const struct daemon_answer *answer);
	const char *only;
};

static const struct verb verbs[] = {
	{ "add", CTL_ADD, NULL, NULL },
	{ "delete", CTL_DELETE, NULL, NULL },
	{ "replace", CTL_REPLACE, NULL, NULL },
	{ "up", CTL_UP, NULL, NULL },
	{ "initiate", CTL_UP, NULL, NULL },
	{ "down", CTL_DOWN, NULL, NULL },
	{ "terminate", CTL_DOWN, NULL, NULL },
	{ "route", CTL_ROUTE, NULL, NULL },
	{ "unroute", CTL_UNROUTE, NULL, NULL },
	{ "start", CTL_START, NULL, NULL },
	{ "ondemand", CTL_ONDEMAND, NULL, NULL },
	{ "rekey-ike", CTL_REKEY_IKE, NULL, NULL },
	{ "rekey-ipsec", CTL_REKEY_IPSEC, NULL, NULL },
	{ "ready", CTL_READY, NULL, NULL },
	{ "listen", CTL_READY, NULL, NULL },
	{ "rereadsecrets", CTL_REREAD_SECRETS, NULL, NULL },
	{ "rereadcerts", CTL_REREAD_CERTS, NULL, NULL },
	{ "rereadcacerts", CTL_REREAD_CERTS, NULL, NULL },
	{ "rereadaacerts", CTL_REREAD_CERTS, NULL, NULL },
	{ "rereadocspcerts", CTL_REREAD_CERTS, NULL, NULL },
	{ "rereadacerts", CTL_REREAD_CERTS, NULL, NULL },
	{ "rereadcrls", CTL_REREAD_CRLS, NULL, NULL },
	{ "fetchcrls", CTL_REREAD_CRLS, NULL, NULL },
	{ "rereadgroups", CTL_REREAD_GROUPS, NULL, NULL },
	{ "rereadall", CTL_REREAD_ALL, NULL, NULL },
	{ "reload", CTL_RELOAD, NULL, NULL },
	{ "shutdown", CTL_SHUTDOWN, NULL, NULL },
	{ "status", CTL_STATUS, daemon_show_status, NULL },
	{ "briefstatus", CTL_BRIEF_STATUS, daemon_show_brief, NULL },
	{ "showstates", CTL_BRIEF_STATUS, daemon_show_brief, NULL },
	{ "connectionstatus", CTL_CONNECTION_STATUS, daemon_show_connections,
	  NULL },
	{ "trafficstatus", CTL_TRAFFIC_STATUS, daemon_show_traffic, NULL },
	{ "shuntstatus", CTL_SHUNT_STATUS, daemon_show_shunts, NULL },
	{ "globalstatus", CTL_GLOBAL_STATUS, daemon_show_counters, NULL },
	{ "fipsstatus", CTL_FIPS_STATUS, daemon_show_fips, NULL },
	{ "listpubkeys", CTL_LIST, daemon_show_lists, "public-key" },
	{ "checkpubkeys", CTL_LIST, daemon_show_expiring, "public-key" },
	{ "listpsks", CTL_LIST, daemon_show_lists, "secret" },
	{ "listcerts", CTL_LIST, daemon_show_lists, "certificate" },
	{ "listcacerts", CTL_LIST, daemon_show_lists, "ca-certificate" },
	{ "listaacerts", CTL_LIST, daemon_show_lists, NEVER },
	{ "listocspcerts", CTL_LIST, daemon_show_lists, NEVER },
	{ "listacerts", CTL_LIST, daemon_show_lists, NEVER },
	{ "listgroups", CTL_LIST, daemon_show_lists, "group" },
	{ "listcainfos", CTL_LIST, daemon_show_lists, NEVER },
	{ "listcrls", CTL_LIST, daemon_show_lists, "crl" },
	{ "listocsp", CTL_LIST, daemon_show_lists, NEVER },
	{ "listcards", CTL_LIST, daemon_show_lists, NEVER },
	{ "listall", CTL_LIST, daemon_show_lists, NULL },
	{ "purgeocsp", CTL_PURGE_OCSP, NULL, NULL },
};

/**
 * daemon_verb_set - ask what a word stands for
 * @question: filled with operation, printer and filter
 * @word: the word
 *
 * Return: whether there is such a word.
 */
bool daemon_verb_set(struct daemon_question *question, const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i].word, word))
			continue;
		question->request.operation = verbs[i].operation;
		question->print = verbs[i].print;
		question->only = verbs[i].only;
		return true;
	}
	return false;
}

static struct error *nothing_chosen(const struct arguments *arguments)
{
	return error_usage("what is to be done? Say one of --up, --down, --status …; 'ipsec %s --help' shows all",
			   arguments->command->name);
}

/**
 * daemon_verb_choose - ask what the one word among the options stands for
 * @arguments: of a command whose words are options without a value
 * @question: filled with operation, printer and filter
 *
 * Return: NULL, or that there is none, or more than one.
 */
struct error *daemon_verb_choose(const struct arguments *arguments,
				 struct daemon_question *question)
{
	const struct option_spec *options = arguments->command->options;
	const char *chosen = NULL;
	size_t i;

	for (i = 0; i < arguments->count; i++) {
		const char *word = options[arguments->items[i].option].name;

		if (!daemon_verb_set(question, word))
			continue;
		if (chosen)
			return error_usage("--%s and --%s: one at a time",
					   chosen, word);
		chosen = word;
	}
	return chosen ? NULL : nothing_chosen(arguments);
}

static struct error *choose_name(const struct arguments *arguments,
				 struct daemon_question *question)
{
	const char *name = arguments_value(arguments, DAEMON_NAME);

	if (name && arguments->operand)
		return error_usage("'%s' and '%s': one connection at a time",
				   name, arguments->operand);
	question->request.name = name ? name : arguments->operand;
	return NULL;
}

static bool is_front(const struct arguments *arguments)
{
	return arguments->command->options[DAEMON_JSON + 1].name;
}

/**
 * daemon_verb_ask - ask, with the options that are common to all
 * @arguments: options whose first ones are enum daemon_option
 * @question: what is asked
 * @status: set to the exit status that the daemon says
 *
 * Return: NULL, or why there is no answer.
 */
struct error *daemon_verb_ask(const struct arguments *arguments,
			      struct daemon_question *question, int *status)
{
	const char *rundir = NULL;
	char socket[PATH_MAX];
	struct error *error;

	question->json = arguments_given(arguments, DAEMON_JSON);
	question->socket = arguments_value(arguments, DAEMON_CTLSOCKET);
	if (is_front(arguments)) {
		rundir = arguments_value(arguments, DAEMON_RUNDIR);
		question->request.asynchronous =
			arguments_given(arguments, DAEMON_ASYNCHRONOUS);
		error = choose_name(arguments, question);
		if (error)
			return error;
	} else {
		question->request.name = arguments->operand;
	}
	if (rundir && !question->socket) {
		snprintf(socket, sizeof(socket), "%s/pluto.ctl", rundir);
		question->socket = socket;
	}
	return daemon_ask(question, status);
}
