// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec checkconfig': what is wrong with ipsec.conf and ipsec.secrets, without
 * doing anything about them; and which parameters there are.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/print.h"
#include "config/config.h"
#include "config/keyword.h"
#include "config/secrets.h"
#include "lib/array.h"

enum checkconfig_option {
	CONFIG,
	SECRETS,
	KEYWORDS,
	JSON,
	NOHEADINGS,
};

static const struct option_spec options[] = {
	[CONFIG] = { "config", "FILE", "instead of " CFG_PATH, 0 },
	[SECRETS] = { "secrets", "FILE",
		      "instead of what secretsfile= says, or " CFG_SECRETS_PATH,
		      0 },
	[KEYWORDS] = { "keywords", NULL,
		       "list the parameters that there are, and check nothing",
		       0 },
	[JSON] = { "json", NULL, "print JSON", 0 },
	[NOHEADINGS] = { "noheadings", NULL,
			 "leave the line of headings out", 0 },
	{}
};

/* ----- the parameters -------------------------------------------------- */

static const char *scope_text(const struct cfg_keyword *keyword)
{
	return keyword->scope == CFG_SCOPE_SETUP ? "setup" : "conn";
}

static const char *fate_text(const struct cfg_keyword *keyword)
{
	static const char *const texts[] = {
		[CFG_USED] = "used",
		[CFG_IGNORED] = "no effect",
		[CFG_REFUSED] = "refused",
	};

	return texts[keyword->fate];
}

static const char *side_text(const struct cfg_keyword *keyword)
{
	return keyword->scope == CFG_SCOPE_SIDE ? "left" : "";
}

/* Of a refused parameter the table has all harmless values; the first is usual. */
static int usual_length(const struct cfg_keyword *keyword)
{
	return keyword->usual ? (int)strcspn(keyword->usual, "|") : 0;
}

static struct error *show_keywords(bool headings)
{
	static const struct print_column columns[] = {
		{ "Section", false },
		{ "Parameter", false },
		{ "Fate", false },
		{ "Usual", false },
		{ "Meaning", false },
	};
	const struct cfg_keyword *keyword;
	struct print_table table;

	print_table_begin(&table, columns, ARRAY_SIZE(columns));
	for (keyword = cfg_keywords; keyword < cfg_keywords + cfg_keyword_count;
	     keyword++) {
		print_table_line(&table);
		print_table_cell(&table, PRINT_PLAIN, "%s",
				 scope_text(keyword));
		print_table_cell(&table, PRINT_PLAIN, "%s%s",
				 side_text(keyword), keyword->name);
		print_table_cell(&table, PRINT_PLAIN, "%s", fate_text(keyword));
		print_table_cell(&table, PRINT_PLAIN, "%.*s",
				 usual_length(keyword),
				 keyword->usual ? keyword->usual : "");
		print_table_cell(&table, PRINT_PLAIN, "%s", keyword->text);
	}
	return print_table_end(&table, stdout, headings);
}

static json_t *json_keyword(const struct cfg_keyword *keyword)
{
	struct print_object object;
	char name[64], usual[128];

	snprintf(name, sizeof(name), "%s%s", side_text(keyword), keyword->name);
	snprintf(usual, sizeof(usual), "%.*s", usual_length(keyword),
		 keyword->usual ? keyword->usual : "");
	print_object_begin(&object);
	print_object_text(&object, "section", scope_text(keyword));
	print_object_text(&object, "parameter", name);
	print_object_bool(&object, "side", keyword->scope == CFG_SCOPE_SIDE);
	print_object_text(&object, "fate", fate_text(keyword));
	print_object_text(&object, "usual", keyword->usual ? usual : NULL);
	print_object_text(&object, "meaning", keyword->text);
	return print_object_end(&object);
}

static struct error *json_keywords(void)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < cfg_keyword_count; i++)
		print_array_append(&array, json_keyword(&cfg_keywords[i]));
	return print_json(stdout, array);
}

/* ----- the check ------------------------------------------------------- */

static const char *severity_text(const struct cfg_problem *problem)
{
	return problem->severity == CFG_ERROR ? "error" : "note";
}

static void show_problems(const struct cfg_problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		const struct cfg_problem *problem = &problems->items[i];

		printf("%s, line %u: %s: %s\n", problem->at.file,
		       problem->at.line, severity_text(problem),
		       problem->sentence);
	}
	if (problems->lost)
		printf("%zu more are not shown\n", problems->lost);
}

static void json_problems(json_t **array, const struct cfg_problems *problems)
{
	struct print_object object;
	size_t i;

	for (i = 0; *array && i < problems->count; i++) {
		const struct cfg_problem *problem = &problems->items[i];

		print_object_begin(&object);
		print_object_text(&object, "severity", severity_text(problem));
		print_object_text(&object, "file", problem->at.file);
		print_object_number(&object, "line", problem->at.line);
		print_object_text(&object, "text", problem->sentence);
		print_array_append(array, print_object_end(&object));
	}
}

static struct error *show_json(const struct cfg *cfg,
			       const struct cfg_secrets *secrets)
{
	json_t *problems = json_array(), *connections = json_array();
	struct print_object object;
	size_t i;

	json_problems(&problems, &cfg->problems);
	json_problems(&problems, &secrets->problems);
	for (i = 0; connections && i < cfg->count; i++)
		print_array_append(&connections,
				   json_string(cfg->connections[i].name));
	print_object_begin(&object);
	print_object_json(&object, "connections", connections);
	print_object_number(&object, "secrets", secrets->count);
	print_object_json(&object, "problems", problems);
	return print_json(stdout, print_object_end(&object));
}

static struct error *show(const struct cfg *cfg,
			  const struct cfg_secrets *secrets)
{
	show_problems(&cfg->problems);
	show_problems(&secrets->problems);
	printf("Connections that can be used: %zu; secrets: %zu\n", cfg->count,
	       secrets->count);
	return NULL;
}

static struct error *verdict(const struct cfg *cfg,
			     const struct cfg_secrets *secrets)
{
	size_t errors = cfg->problems.errors + secrets->problems.errors;

	if (!errors)
		return NULL;
	return error_refused(EINVAL, "the configuration has %zu error%s: what each is in has no effect until it is mended",
			     errors, errors == 1 ? "" : "s");
}

/* Without a file of secrets there are none; one that was asked for must be there. */
static struct error *load_secrets(const struct arguments *arguments,
				  const struct cfg *cfg,
				  struct cfg_secrets *secrets)
{
	const char *path = arguments_value(arguments, SECRETS);

	*secrets = (struct cfg_secrets) { 0 };
	if (!path && access(cfg->setup.secretsfile, F_OK) && errno == ENOENT)
		return NULL;
	return cfg_secrets_load(path ? path : cfg->setup.secretsfile, secrets);
}

static struct error *check(const struct arguments *arguments)
{
	const char *path = arguments_value(arguments, CONFIG);
	struct error *error, *unread;
	struct cfg_secrets secrets;
	struct cfg *cfg;

	error = cfg_load(path ? path : CFG_PATH, &cfg);
	if (error)
		return error;
	unread = load_secrets(arguments, cfg, &secrets);
	error = arguments_given(arguments, JSON) ?
		show_json(cfg, &secrets) : show(cfg, &secrets);
	if (unread) {
		error_free(error);
		error = unread;
	} else if (!error) {
		error = verdict(cfg, &secrets);
	}
	cfg_secrets_free(&secrets);
	cfg_free(cfg);
	return error;
}

static struct error *run(const struct arguments *arguments)
{
	if (!arguments_given(arguments, KEYWORDS))
		return check(arguments);
	return arguments_given(arguments, JSON) ? json_keywords() :
		show_keywords(!arguments_given(arguments, NOHEADINGS));
}

const struct command command_checkconfig = {
	.name = "checkconfig",
	.summary = "Tell what is wrong with ipsec.conf and ipsec.secrets",
	.options = options,
	.run = run,
};
