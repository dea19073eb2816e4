// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tells those who have asked for something what comes of it. A watcher that is not
 * there (NULL) is told nothing.
 */
#include <stdarg.h>
#include <stdio.h>

#include "daemon/log.h"
#include "daemon/engine/state.h"

#define LINE_SIZE 1600

/**
 * watcher_say - a line for a watcher
 * @watcher: it, or NULL
 * @code: what the line is
 * @format: the line, as for printf
 */
void watcher_say(struct daemon_watcher *watcher, enum daemon_code code,
		 const char *format, ...)
{
	char text[LINE_SIZE];
	va_list arguments;

	if (!watcher)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	watcher->line(watcher->context, code, text);
}

/**
 * watcher_end - there is nothing more for a watcher
 * @watcher: it, which watches nobody; or NULL
 * @status: how it ended
 */
void watcher_end(struct daemon_watcher *watcher, int status)
{
	if (watcher && watcher->end)
		watcher->end(watcher->context, status);
}

/**
 * watcher_fail - what was asked for cannot be
 * @watcher: who has asked, or NULL: then the log is told
 * @code: what the line is
 * @error: why; freed
 */
void watcher_fail(struct daemon_watcher *watcher, enum daemon_code code,
		  struct error *error)
{
	if (watcher)
		watcher_say(watcher, code, "%s", error->sentence);
	else
		log_line(IKE_LEVEL_ERROR, error->sentence);
	error_free(error);
	watcher_end(watcher, code);
}

/**
 * watchers_add - let somebody watch
 * @watchers: those who watch the same
 * @watcher: who, or NULL
 * @goal: what for
 * @children: of which child SAs, a bit each; DAEMON_ALL_CHILDREN for the whole
 */
void watchers_add(struct list *watchers, struct daemon_watcher *watcher,
		  enum daemon_goal goal, uint32_t children)
{
	if (!watcher)
		return;
	watcher->goal = goal;
	watcher->children = children;
	list_append(watchers, &watcher->link);
}

/**
 * watchers_say - a line for those who watch
 * @watchers: they
 * @goal: for those who wait for this, one or several
 * @children: and for any of these child SAs
 * @code: what the line is
 * @text: the line
 */
void watchers_say(struct list *watchers, enum daemon_goal goal,
		  uint32_t children, enum daemon_code code, const char *text)
{
	struct list *link, *following;
	struct daemon_watcher *watcher;

	list_for_each(link, following, watchers) {
		watcher = list_entry(link, struct daemon_watcher, link);
		if (watcher->goal & goal && watcher->children & children)
			watcher_say(watcher, code, "%s", text);
	}
}

static void end(struct daemon_watcher *watcher, int status)
{
	list_remove(&watcher->link);
	watcher_end(watcher, status);
}

/**
 * watchers_end - it is decided what those get who wait
 * @watchers: they
 * @goal: those who wait for this, one or several
 * @children: and for any of these child SAs
 * @status: how it ended
 */
void watchers_end(struct list *watchers, enum daemon_goal goal,
		  uint32_t children, int status)
{
	struct list *link, *following;
	struct daemon_watcher *watcher;

	list_for_each(link, following, watchers) {
		watcher = list_entry(link, struct daemon_watcher, link);
		if (watcher->goal & goal && watcher->children & children)
			end(watcher, status);
	}
}

/**
 * watchers_end_content - it is decided what those get who want nothing else
 * @watchers: they
 * @goal: those who wait for this
 * @children: and for none but these child SAs
 * @why: a line for them if it has failed, NULL if they have got it
 */
void watchers_end_content(struct list *watchers, enum daemon_goal goal,
			  uint32_t children, const char *why)
{
	struct list *link, *following;
	struct daemon_watcher *watcher;

	list_for_each(link, following, watchers) {
		watcher = list_entry(link, struct daemon_watcher, link);
		if (!(watcher->goal & goal) || watcher->children & ~children)
			continue;
		if (why)
			watcher_say(watcher, DAEMON_FATAL, "%s", why);
		end(watcher, why ? DAEMON_FATAL : 0);
	}
}
