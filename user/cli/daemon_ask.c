// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asks the IKE daemon and shows what it answers. Lines come as they are said,
 * whatever standard output is; data is kept until all of it is there.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/daemon.h"
#include "cli/print.h"
#include "ctl/client.h"

/* From here on a code is that of a failure; but see state_code() */
#define CODE_FAILURE 20

/**
 * struct hearing - an answer while it comes
 * @answer: what is kept of it
 * @only: kind of data that is kept, NULL = all
 * @lines: show lines at once
 * @told: a line has said what failed
 */
struct hearing {
	struct daemon_answer *answer;
	const char *only;
	bool lines;
	bool told;
};

static struct error *keep_line(json_t *lines, const struct ctl_reply *reply)
{
	json_t *line = json_pack("{s:i,s:s}", "code", reply->code, "text",
				 reply->text);

	return json_array_append_new(lines, line) ? error_no_memory() : NULL;
}

static struct error *keep_data(json_t *all, json_t *data)
{
	const char *kind = json_string_value(json_object_get(data, "kind"));
	json_t *array = json_object_get(all, kind);

	if (!array) {
		array = json_array();
		if (json_object_set_new(all, kind, array))
			return error_no_memory();
	}
	return json_array_append(array, data) ? error_no_memory() : NULL;
}

static struct error *show_line(int code, const char *text)
{
	if (printf("%03d %s\n", code, text) < 0 || fflush(stdout))
		return error_refused(errno, "cannot write: %s",
				     strerror(errno));
	return NULL;
}

/* Codes that only tell how far a negotiation is. */
static bool state_code(int code)
{
	return code >= 100 && code < 200;
}

static struct error *hear(void *context, const struct ctl_reply *reply)
{
	struct hearing *hearing = context;

	if (reply->kind == CTL_REPLY_LINE) {
		if (reply->code >= CODE_FAILURE && !state_code(reply->code))
			hearing->told = true;
		return hearing->lines ? show_line(reply->code, reply->text) :
			keep_line(hearing->answer->lines, reply);
	}
	if (hearing->only &&
	    strcmp(hearing->only, json_string_value(json_object_get(reply->data,
								    "kind"))))
		return NULL;
	return keep_data(hearing->answer->data, reply->data);
}

static struct error *ask(const struct daemon_question *question,
			 struct hearing *hearing, int *status)
{
	const struct ctl_listener listener = { hear, hearing };
	struct daemon_answer *answer = hearing->answer;
	struct error *error;

	answer->data = json_object();
	answer->lines = json_array();
	if (!answer->data || !answer->lines)
		error = error_no_memory();
	else
		error = ctl_ask(question->socket ? question->socket : CTL_PATH,
				&question->request, &listener, status);
	if (error)
		daemon_answer_free(answer);
	return error;
}

/**
 * daemon_ask_quietly - ask the daemon, and show nothing
 * @question: what for
 * @answer: what it said, to be freed with daemon_answer_free() unless there is an
 *	error
 * @status: set to the exit status that it says
 *
 * Return: NULL, or why there is no answer.
 */
struct error *daemon_ask_quietly(const struct daemon_question *question,
				 struct daemon_answer *answer, int *status)
{
	struct hearing hearing = { .answer = answer, .only = question->only };

	return ask(question, &hearing, status);
}

/**
 * daemon_answer_free - forget an answer
 * @answer: the answer
 */
void daemon_answer_free(struct daemon_answer *answer)
{
	json_decref(answer->data);
	json_decref(answer->lines);
	memset(answer, 0, sizeof(*answer));
}

/**
 * daemon_is_absent - is the reason that no daemon runs
 * @error: of daemon_ask() or daemon_ask_quietly()
 *
 * Return: whether it is.
 */
bool daemon_is_absent(const struct error *error)
{
	return error->number == ENOENT || error->number == ECONNREFUSED;
}

/* ----- the configuration that goes along -------------------------------- */

static struct error *read_input(char **text, size_t *length)
{
	size_t got;

	/* one more than may be sent, so that too much is seen to be */
	*text = malloc(CTL_CONFIG_MAX + 1);
	if (!*text)
		return error_no_memory();
	*length = 0;
	do {
		got = fread(*text + *length, 1, CTL_CONFIG_MAX + 1 - *length,
			    stdin);
		*length += got;
	} while (got);
	if (ferror(stdin))
		return error_refused(errno, "cannot read standard input: %s",
				     strerror(errno));
	return NULL;
}

/* The daemon has a working directory of its own. */
static struct error *absolute(const char *path, char **result)
{
	*result = realpath(path, NULL);
	if (*result)
		return NULL;
	return error_refused(errno, "%s: cannot be opened: %s", path,
			     strerror(errno));
}

static struct error *attach_config(struct daemon_question *question,
				   char **owned)
{
	struct ctl_request *request = &question->request;
	struct error *error;

	*owned = NULL;
	if (!question->config)
		return NULL;
	if (!ctl_operation_reads_config(request->operation))
		return error_usage("--config: '%s' reads no configuration",
				   ctl_operation_word(request->operation));
	if (strcmp(question->config, "-")) {
		error = absolute(question->config, owned);
		request->path = *owned;
	} else {
		error = read_input(owned, &request->config_length);
		request->config = *owned;
	}
	return error;
}

/* ----- showing ---------------------------------------------------------- */

static void show_command(const struct daemon_question *question)
{
	const struct ctl_request *request = &question->request;

	printf("ipsec auto --ctlsocket %s",
	       question->socket ? question->socket : CTL_PATH);
	if (question->config)
		printf(" --config %s", question->config);
	printf("%s --%s%s%s\n", request->asynchronous ? " --asynchronous" : "",
	       ctl_operation_word(request->operation), request->name ? " " : "",
	       request->name ? request->name : "");
}

static struct error *show_json(struct daemon_answer *answer, int status)
{
	json_t *object = json_pack("{s:O,s:i}", "messages", answer->lines,
				   "exit", status);

	if (object && json_object_update(object, answer->data)) {
		json_decref(object);
		object = NULL;
	}
	return print_json(stdout, object);
}

static struct error *ask_and_show(const struct daemon_question *question,
				  int *status)
{
	struct daemon_answer answer;
	struct hearing hearing = {
		.answer = &answer,
		.only = question->only,
		.lines = !question->json,
	};
	struct error *error;

	error = ask(question, &hearing, status);
	if (error)
		return error;
	if (question->json)
		error = show_json(&answer, *status);
	else if (question->print)
		question->print(stdout, &answer);
	if (!error && *status && !hearing.told && !question->json)
		error = error_refused(0, "the IKE daemon could not do it, status %d; its log may tell more",
				      *status);
	daemon_answer_free(&answer);
	return error;
}

/**
 * daemon_ask - ask the daemon, and show what it answers
 * @question: what for
 * @status: set to the exit status that it says
 *
 * Return: NULL, or why there is no answer.
 */
struct error *daemon_ask(struct daemon_question *question, int *status)
{
	struct error *error;
	char *owned;

	error = attach_config(question, &owned);
	if (!error && question->show)
		show_command(question);
	if (!error)
		error = ask_and_show(question, status);
	free(owned);
	return error;
}
