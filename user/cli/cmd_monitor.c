// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec monitor': what happens to SAs and policies, as it happens.
 */
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/event.h"
#include "cli/watch.h"
#include "lib/number.h"

enum monitor_option {
	MONITOR_COUNT,
	MONITOR_TIMESTAMP,
	MONITOR_JSON,
	MONITOR_NOHEADINGS,
};

static const struct option_spec options[] = {
	[MONITOR_COUNT] = { "count", "N", "end after N events", 0 },
	[MONITOR_TIMESTAMP] = { "timestamp", NULL,
				"begin each line with the time", 0 },
	[MONITOR_JSON] = { "json", NULL,
			   "print an object of JSON in a line for each", 0 },
	[MONITOR_NOHEADINGS] = { "noheadings", NULL,
				 "leave out the line of headings", 0 },
	{}
};

/**
 * struct monitor - how events are shown
 * @json: as JSON
 * @timestamp: lines begin with the time
 * @left: how many are still to be shown
 */
struct monitor {
	bool json;
	bool timestamp;
	uint64_t left;
};

static struct error *show(const struct kernel_event *event, void *context)
{
	struct monitor *monitor = context;
	struct timespec now;

	if (!monitor->left)
		return NULL;
	monitor->left--;
	clock_gettime(CLOCK_REALTIME, &now);
	if (monitor->json)
		return event_show_json(stdout, event, &now);
	event_show_line(stdout, event, monitor->timestamp ? &now : NULL);
	return NULL;
}

/* Whoever waits for this line misses nothing that happens after it. */
static struct error *show_beginning(const struct monitor *monitor,
				    bool headings)
{
	static const struct kernel_event listening = {
		.kind = KERNEL_EVENT_NONE,
		.name = "listening",
	};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (monitor->json)
		return event_show_json(stdout, &listening, &now);
	if (headings)
		event_show_headings(stdout, monitor->timestamp);
	return NULL;
}

static struct error *follow(struct kernel *kernel, struct monitor *monitor,
			    const struct watch *watch)
{
	enum watch_result result;
	struct error *error;
	bool gone;

	for (;;) {
		error = watch_flush(&gone);
		if (error || gone || !monitor->left)
			return error;
		error = watch_wait(watch, kernel_descriptor(kernel), -1,
				   &result);
		if (error || result == WATCH_END)
			return error;
		error = kernel_read_events(kernel, show, monitor);
		if (error)
			return error;
	}
}

static struct error *listen_and_follow(struct kernel *kernel,
				       struct monitor *monitor, bool headings)
{
	struct error *error;
	struct watch watch;

	error = watch_begin(&watch);
	if (!error)
		error = kernel_subscribe(kernel);
	if (!error)
		error = show_beginning(monitor, headings);
	if (!error)
		error = follow(kernel, monitor, &watch);
	watch_end(&watch);
	return error;
}

static struct error *run(const struct arguments *arguments)
{
	const char *count = arguments_value(arguments, MONITOR_COUNT);
	struct monitor monitor = {
		.json = arguments_given(arguments, MONITOR_JSON),
		.timestamp = arguments_given(arguments, MONITOR_TIMESTAMP),
		.left = UINT64_MAX,
	};
	struct kernel *kernel;
	struct error *error;

	if (count) {
		error = number_parse(count, 1, UINT32_MAX, &monitor.left);
		if (error)
			return arguments_blame(arguments, MONITOR_COUNT,
					       error);
	}
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = listen_and_follow(kernel, &monitor,
				  !arguments_given(arguments,
						   MONITOR_NOHEADINGS));
	kernel_close(kernel);
	return error;
}

const struct command command_monitor = {
	.name = "monitor",
	.summary = "Show what happens to SAs and policies, as it happens",
	.options = options,
	.run = run,
};
