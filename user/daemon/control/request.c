// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of the control socket, one after the other step: some are more than
 * one verb of the daemon. What a verb says on its way goes to the sink at once.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "daemon/engine/daemon.h"
#include "daemon/control/listing.h"
#include "daemon/control/request.h"

#define LINE_SIZE 512
#define STEPS_MAX 2

/**
 * struct request - something that is being done
 * @daemon: by whom
 * @asked: what it is
 * @sink: where the answer goes
 * @context: for @sink
 * @watcher: hears the daemon
 * @watching: a verb has not ended
 * @status: how the last verb ended
 * @steps: verbs to do
 * @step_count: how many of @steps there are
 * @step: the next one
 * @next: wakes for it, once the event loop is back
 */
struct request {
	struct daemon *daemon;
	struct ctl_request asked;
	const struct request_sink *sink;
	void *context;
	struct daemon_watcher watcher;
	bool watching;
	int status;
	enum ctl_operation steps[STEPS_MAX];
	size_t step_count;
	size_t step;
	struct event *next;
};

static void say(struct request *request, int code, const char *format,
		const char *argument)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), format, argument);
	request->sink->put(request->context, ctl_reply_encode_line(code, line));
}

/* ----- what the daemon says ---------------------------------------------- */

static void on_line(void *context, enum daemon_code code, const char *text)
{
	struct request *request = context;

	request->sink->put(request->context,
			   ctl_reply_encode_line((int)code, text));
}

static void on_end(void *context, int status)
{
	struct request *request = context;

	request->watching = false;
	request->status = status;
	/* that is not over before the daemon has ended */
	if (request_ends_daemon(request))
		return;
	event_active(request->next, EV_TIMEOUT, 0);
}

/* ----- the verbs --------------------------------------------------------- */

static struct daemon_source source_of(const struct ctl_request *asked)
{
	return (struct daemon_source){
		.path = asked->path,
		.text = asked->config,
		.length = asked->config_length,
	};
}

static void with_source(struct request *request, enum ctl_operation operation)
{
	const struct daemon_source source = source_of(&request->asked);
	const struct ctl_request *asked = &request->asked;

	if (operation == CTL_REPLACE)
		daemon_replace(request->daemon, asked->name, &source,
			       &request->watcher);
	else
		daemon_add(request->daemon, asked->name, &source,
			   &request->watcher);
}

/* A verb of the daemon about a connection. */
static void with_name(struct request *request, enum ctl_operation operation)
{
	struct daemon_watcher *watcher = &request->watcher;
	struct daemon *daemon = request->daemon;
	const char *name = request->asked.name;

	switch (operation) {
	case CTL_DELETE:
		return daemon_delete(daemon, name, watcher);
	case CTL_UP:
		return daemon_up(daemon, name, watcher);
	case CTL_DOWN:
		return daemon_down(daemon, name, watcher);
	case CTL_ROUTE:
		return daemon_route(daemon, name, watcher);
	case CTL_UNROUTE:
		return daemon_unroute(daemon, name, watcher);
	case CTL_REKEY_IKE:
		return daemon_rekey(daemon, name, true, watcher);
	case CTL_REKEY_IPSEC:
		return daemon_rekey(daemon, name, false, watcher);
	default:
		return with_source(request, operation);
	}
}

static void with_none(struct request *request, enum ctl_operation operation)
{
	struct daemon_watcher *watcher = &request->watcher;
	struct daemon *daemon = request->daemon;

	switch (operation) {
	case CTL_SHUTDOWN:
		return daemon_shutdown(daemon, watcher);
	case CTL_READY:
		return daemon_listen(daemon, watcher);
	case CTL_RELOAD:
		return daemon_reload(daemon, watcher);
	default:
		return daemon_reread(daemon, watcher);
	}
}

/* What is asked is to go on, and nobody waits for it. */
static void stop_waiting(struct request *request)
{
	if (!request->watching || !request->asked.asynchronous)
		return;
	daemon_unwatch(request->daemon, &request->watcher);
	on_end(request, 0);
}

static void run_step(struct request *request)
{
	enum ctl_operation operation = request->steps[request->step++];

	request->watching = true;
	if (ctl_operation_name_use(operation) == CTL_NAME_MUST)
		with_name(request, operation);
	else
		with_none(request, operation);
	if (request->step == request->step_count)
		stop_waiting(request);
}

static void finish(struct request *request)
{
	request->sink->end(request->context, request->status);
}

static void on_next(int file, short what, void *context)
{
	struct request *request = context;

	(void)file;
	(void)what;
	if (request->status || request->step == request->step_count)
		finish(request);
	else
		run_step(request);
}

/* ----- which steps ------------------------------------------------------- */

static void fail(struct request *request, int code, const char *format)
{
	say(request, code, format, request->asked.name);
	request->status = code;
	finish(request);
}

/* Does this verb know the children of a connection by their own names? */
static bool takes_child(enum ctl_operation operation)
{
	return operation == CTL_UP || operation == CTL_DOWN ||
	       operation == CTL_REKEY_IKE || operation == CTL_REKEY_IPSEC ||
	       operation == CTL_START;
}

static bool is_known(struct request *request)
{
	const char *name = request->asked.name;

	if (name && takes_child(request->asked.operation))
		return daemon_has_child(request->daemon, name);
	return name && daemon_has_connection(request->daemon, name);
}

/* What would come of it, as far as that is known before it is tried. */
static void predict(struct request *request)
{
	const struct ctl_request *asked = &request->asked;
	const struct daemon_source source = source_of(asked);
	bool known = is_known(request);

	if (asked->operation == CTL_ADD && known) {
		fail(request, DAEMON_DUPLICATE,
		     "there is a connection \"%s\" already: replace it, or delete it first");
	} else if (asked->operation == CTL_REPLACE ||
		   (!known && ctl_operation_reads_config(asked->operation))) {
		request->watching = true;
		daemon_try_add(request->daemon, asked->name, &source,
			       &request->watcher);
	} else if (ctl_operation_name_use(asked->operation) == CTL_NAME_MUST &&
		   !known) {
		fail(request, DAEMON_UNKNOWN_NAME,
		     "no connection named \"%s\": it was not added");
	} else {
		finish(request);
	}
}

/* What is there already need not be added. */
static void add_then(struct request *request, enum ctl_operation last)
{
	if (!is_known(request))
		request->steps[request->step_count++] = CTL_ADD;
	request->steps[request->step_count++] = last;
}

static void choose_steps(struct request *request)
{
	switch (request->asked.operation) {
	case CTL_START:
		add_then(request, CTL_UP);
		break;
	case CTL_ONDEMAND:
		add_then(request, CTL_ROUTE);
		break;
	default:
		request->steps[request->step_count++] =
			request->asked.operation;
	}
}

static bool is_listing(enum ctl_operation operation)
{
	return operation >= CTL_STATUS;
}

static void begin(struct request *request)
{
	if (request->asked.dry) {
		predict(request);
	} else if (request->asked.operation == CTL_PURGE_OCSP) {
		say(request, DAEMON_COMMENT, "%s", "nothing is kept of OCSP");
		finish(request);
	} else if (is_listing(request->asked.operation)) {
		request->status = listing_write(request->daemon,
						&request->asked, request->sink,
						request->context);
		finish(request);
	} else {
		choose_steps(request);
		run_step(request);
	}
}

/**
 * request_begin - carry out what somebody asks for
 * @daemon: by whom
 * @line: what it is, JSON without newline
 * @length: bytes of @line
 * @sink: where the answer goes; its functions may be called before this
 *	returns
 * @context: for @sink
 * @request: set to what is being done, to be freed with request_free()
 *
 * Return: NULL, or why it makes no sense; then the sink has heard nothing.
 */
struct error *request_begin(struct daemon *daemon, const char *line,
			    size_t length, const struct request_sink *sink,
			    void *context, struct request **request)
{
	struct request *new = calloc(1, sizeof(*new));
	struct error *error;

	if (!new)
		return error_no_memory();
	error = ctl_request_decode(line, length, &new->asked);
	if (error)
		goto free;
	new->next = event_new(daemon_base(daemon), -1, 0, on_next, new);
	if (!new->next) {
		error = error_no_memory();
		goto free_asked;
	}
	new->daemon = daemon;
	new->sink = sink;
	new->context = context;
	new->watcher = (struct daemon_watcher){
		.line = on_line, .end = on_end, .context = new,
	};
	list_init(&new->watcher.link);
	*request = new;
	begin(new);
	return NULL;
free_asked:
	ctl_request_free(&new->asked);
free:
	free(new);
	return error;
}

/**
 * request_ends_daemon - is it a request to end the daemon
 * @request: the request
 *
 * Return: whether it is; its sink is told by whoever ends the daemon.
 */
bool request_ends_daemon(const struct request *request)
{
	return request->asked.operation == CTL_SHUTDOWN && !request->asked.dry;
}

/**
 * request_free - forget a request; what was begun goes on, unwatched
 * @request: the request, or NULL
 */
void request_free(struct request *request)
{
	if (!request)
		return;
	if (request->watching)
		daemon_unwatch(request->daemon, &request->watcher);
	event_free(request->next);
	ctl_request_free(&request->asked);
	free(request);
}
