// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests to the daemon as lines of JSON. One table says what there is to ask
 * for and what belongs to it; a request that doesn't keep to it is refused with a
 * sentence.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/line.h"
#include "lib/base64.h"

/**
 * struct operation - an operation in the language
 * @word: its name
 * @name: does it take the name of a connection
 * @config: does it read a configuration
 */
struct operation {
	const char *word;
	enum ctl_name_use name;
	bool config;
};

static const struct operation operations[CTL_OPERATION_COUNT] = {
	[CTL_ADD] = { "add", CTL_NAME_MUST, true },
	[CTL_DELETE] = { "delete", CTL_NAME_MUST, false },
	[CTL_REPLACE] = { "replace", CTL_NAME_MUST, true },
	[CTL_UP] = { "up", CTL_NAME_MUST, false },
	[CTL_DOWN] = { "down", CTL_NAME_MUST, false },
	[CTL_ROUTE] = { "route", CTL_NAME_MUST, false },
	[CTL_UNROUTE] = { "unroute", CTL_NAME_MUST, false },
	[CTL_START] = { "start", CTL_NAME_MUST, true },
	[CTL_ONDEMAND] = { "ondemand", CTL_NAME_MUST, true },
	[CTL_REKEY_IKE] = { "rekey-ike", CTL_NAME_MUST, false },
	[CTL_REKEY_IPSEC] = { "rekey-ipsec", CTL_NAME_MUST, false },
	[CTL_READY] = { "ready", CTL_NAME_NONE, false },
	[CTL_REREAD_SECRETS] = { "rereadsecrets", CTL_NAME_NONE, false },
	[CTL_REREAD_CERTS] = { "rereadcerts", CTL_NAME_NONE, false },
	[CTL_REREAD_CRLS] = { "rereadcrls", CTL_NAME_NONE, false },
	[CTL_REREAD_GROUPS] = { "rereadgroups", CTL_NAME_NONE, false },
	[CTL_REREAD_ALL] = { "rereadall", CTL_NAME_NONE, false },
	[CTL_RELOAD] = { "reload", CTL_NAME_NONE, false },
	[CTL_SHUTDOWN] = { "shutdown", CTL_NAME_NONE, false },
	[CTL_STATUS] = { "status", CTL_NAME_NONE, false },
	[CTL_BRIEF_STATUS] = { "briefstatus", CTL_NAME_NONE, false },
	[CTL_CONNECTION_STATUS] = { "connectionstatus", CTL_NAME_MAY, false },
	[CTL_TRAFFIC_STATUS] = { "trafficstatus", CTL_NAME_MAY, false },
	[CTL_SHUNT_STATUS] = { "shuntstatus", CTL_NAME_NONE, false },
	[CTL_GLOBAL_STATUS] = { "globalstatus", CTL_NAME_NONE, false },
	[CTL_FIPS_STATUS] = { "fipsstatus", CTL_NAME_NONE, false },
	[CTL_LIST] = { "listall", CTL_NAME_NONE, false },
	[CTL_PURGE_OCSP] = { "purgeocsp", CTL_NAME_NONE, false },
};

/* The members of a request */
#define MEMBER_OPERATION "operation"
#define MEMBER_NAME "name"
#define MEMBER_PATH "config"
#define MEMBER_CONFIG "configtext"
#define MEMBER_ASYNCHRONOUS "asynchronous"
#define MEMBER_DRY "dry"

/**
 * ctl_operation_word - what an operation is called
 * @operation: the operation
 *
 * Return: one word.
 */
const char *ctl_operation_word(enum ctl_operation operation)
{
	return operations[operation].word;
}

/**
 * ctl_operation_name_use - does an operation take the name of a connection
 * @operation: the operation
 *
 * Return: whether it may, must, or must not have one.
 */
enum ctl_name_use ctl_operation_name_use(enum ctl_operation operation)
{
	return operations[operation].name;
}

/**
 * ctl_operation_reads_config - does an operation read a configuration
 * @operation: the operation
 *
 * Return: whether a request for it may say which.
 */
bool ctl_operation_reads_config(enum ctl_operation operation)
{
	return operations[operation].config;
}

/* ----- writing --------------------------------------------------------- */

static bool put_text(json_t *json, const char *member, const char *text)
{
	return !text || !json_object_set_new(json, member, json_string(text));
}

static bool put_flag(json_t *json, const char *member, bool flag)
{
	return !flag || !json_object_set_new(json, member, json_true());
}

static bool put_config(json_t *json, const struct ctl_request *request)
{
	bool good;
	char *text;

	if (!request->config)
		return true;
	text = malloc(BASE64_TEXT_SIZE(request->config_length));
	if (!text)
		return false;
	base64_encode((const uint8_t *)request->config, request->config_length,
		      text);
	good = put_text(json, MEMBER_CONFIG, text);
	free(text);
	return good;
}

static char *encode(const struct ctl_request *request)
{
	const char *word = operations[request->operation].word;
	json_t *json = json_object();

	if (json && put_text(json, MEMBER_OPERATION, word) &&
	    put_text(json, MEMBER_NAME, request->name) &&
	    put_text(json, MEMBER_PATH, request->path) &&
	    put_config(json, request) &&
	    put_flag(json, MEMBER_ASYNCHRONOUS, request->asynchronous) &&
	    put_flag(json, MEMBER_DRY, request->dry))
		return ctl_line(json);
	json_decref(json);
	return NULL;
}

static struct error *check_text(const char *what, const char *text, size_t max)
{
	struct error *error = NULL;
	char *clean;

	if (!text)
		return NULL;
	clean = ctl_clean(text, strlen(text));
	if (!clean)
		error = error_no_memory();
	else if (!*text || strlen(text) > max)
		error = error_usage("%s has 1 to %zu bytes, not %zu", what, max,
				    strlen(text));
	else if (strcmp(clean, text))
		error = error_usage("%s has characters that cannot be printed: '%s'",
				    what, clean);
	free(clean);
	return error;
}

static struct error *check(const struct ctl_request *request)
{
	const struct operation *operation = &operations[request->operation];
	struct error *error;

	if (operation->name == CTL_NAME_MUST && !request->name)
		return error_usage("'%s' needs the name of a connection",
				   operation->word);
	if (operation->name == CTL_NAME_NONE && request->name)
		return error_usage("'%s' is about no single connection",
				   operation->word);
	if (!operation->config && (request->path || request->config))
		return error_usage("'%s' reads no configuration",
				   operation->word);
	if (request->path && request->config)
		return error_usage("a configuration is sent, or is read from a file, not both");
	if (request->asynchronous && request->operation != CTL_UP &&
	    request->operation != CTL_START)
		return error_usage("'%s' cannot be asynchronous: there is nothing to wait for",
				   operation->word);
	if (request->config_length > CTL_CONFIG_MAX)
		return error_usage("the configuration has %zu bytes, at most %u can be sent; put it into a file",
				   request->config_length, CTL_CONFIG_MAX);
	error = check_text("the name of a connection", request->name,
			   CTL_NAME_MAX);
	return error ? error : check_text("the path of a configuration",
					  request->path, CTL_PATH_MAX);
}

/**
 * ctl_request_encode - write a request
 * @request: the request
 * @line: set to a line with its newline, to be freed with free()
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *ctl_request_encode(const struct ctl_request *request, char **line)
{
	struct error *error = check(request);

	if (error)
		return error;
	*line = encode(request);
	return *line ? NULL : error_no_memory();
}

/* ----- reading --------------------------------------------------------- */

static struct error *take_text(const json_t *value, const char *member,
			       const char **text)
{
	*text = json_string_value(value);
	return *text ? NULL : error_usage("'%s' must be a string", member);
}

static struct error *take_flag(const json_t *value, const char *member,
			       bool *flag)
{
	*flag = json_is_true(value);
	return json_is_boolean(value) ? NULL :
		error_usage("'%s' must be true or false", member);
}

static struct error *take_operation(const json_t *value,
				    struct ctl_request *request)
{
	const char *word;
	struct error *error = take_text(value, MEMBER_OPERATION, &word);
	size_t i;

	if (error)
		return error;
	for (i = 0; i < CTL_OPERATION_COUNT; i++) {
		if (!strcmp(operations[i].word, word)) {
			request->operation = (enum ctl_operation)i;
			return NULL;
		}
	}
	return error_usage("there is no operation of that name");
}

static struct error *take_config(const json_t *value,
				 struct ctl_request *request)
{
	size_t room = json_string_length(value);
	struct error *error;
	const char *text;

	error = take_text(value, MEMBER_CONFIG, &text);
	if (error)
		return error;
	request->decoded = malloc(room + 1);
	if (!request->decoded)
		return error_no_memory();
	error = base64_decode(text, (uint8_t *)request->decoded, room,
			      &request->config_length);
	if (error)
		return error_prefix(error, "'%s': ", MEMBER_CONFIG);
	request->decoded[request->config_length] = '\0';
	request->config = request->decoded;
	return NULL;
}

static struct error *take(const char *member, const json_t *value,
			  struct ctl_request *request)
{
	if (!strcmp(member, MEMBER_OPERATION))
		return take_operation(value, request);
	if (!strcmp(member, MEMBER_NAME))
		return take_text(value, member, &request->name);
	if (!strcmp(member, MEMBER_PATH))
		return take_text(value, member, &request->path);
	if (!strcmp(member, MEMBER_CONFIG))
		return take_config(value, request);
	if (!strcmp(member, MEMBER_ASYNCHRONOUS))
		return take_flag(value, member, &request->asynchronous);
	if (!strcmp(member, MEMBER_DRY))
		return take_flag(value, member, &request->dry);
	return error_usage("a request has 'operation', 'name', 'config', 'configtext', 'asynchronous' and 'dry', and nothing else");
}

static struct error *take_all(struct ctl_request *request)
{
	struct error *error = NULL;
	const char *member;
	json_t *value;

	if (!json_is_object(request->json))
		return error_usage("a request is an object");
	if (!json_object_get(request->json, MEMBER_OPERATION))
		return error_usage("'operation' is missing");
	json_object_foreach(request->json, member, value) {
		error = take(member, value, request);
		if (error)
			break;
	}
	return error;
}

/**
 * ctl_request_decode - read a request
 * @line: the line, without its newline
 * @length: bytes of it
 * @request: filled in; to be freed with ctl_request_free() unless refused
 *
 * Return: NULL, or what is wrong with it.
 */
struct error *ctl_request_decode(const char *line, size_t length,
				 struct ctl_request *request)
{
	struct error *error;
	json_error_t where;

	memset(request, 0, sizeof(*request));
	request->json = json_loadb(line, length, JSON_REJECT_DUPLICATES,
				   &where);
	if (!request->json)
		return error_usage("not JSON, at byte %d", where.position);
	error = take_all(request);
	if (!error)
		error = check(request);
	if (error)
		ctl_request_free(request);
	return error;
}

/**
 * ctl_request_free - forget a request that was read
 * @request: the request
 */
void ctl_request_free(struct ctl_request *request)
{
	json_decref(request->json);
	free(request->decoded);
	memset(request, 0, sizeof(*request));
}
