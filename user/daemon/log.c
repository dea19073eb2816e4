// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes the log. What strangers can cause at will is limited to some lines
 * a second; how many were left out is told by the next that isn't.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"

/* Lines a second that strangers may cause */
#define PEER_LINES 10

#define LINE_SIZE 1600

static struct {
	FILE *file;
	bool is_error_stream;
	bool with_time;
	bool with_level;
	struct log_limit limit;
} target;

/**
 * log_limit_admits - may a line that a stranger caused be written
 * @limit: of such lines
 * @second: of a clock that never goes back
 *
 * Return: whether it may; if not, it is counted as suppressed.
 */
bool log_limit_admits(struct log_limit *limit, uint64_t second)
{
	if (limit->second != second) {
		limit->second = second;
		limit->lines = 0;
	}
	if (limit->lines >= PEER_LINES) {
		limit->suppressed++;
		return false;
	}
	limit->lines++;
	return true;
}

/**
 * log_open - begin to log, perhaps elsewhere than before
 * @config: where to
 *
 * Return: NULL, or why it cannot be done; then the log goes where it went before.
 */
struct error *log_open(const struct log_config *config)
{
	FILE *file = NULL;

	if (config->file && !config->error_stream) {
		file = fopen(config->file, config->append ? "ae" : "we");
		if (!file)
			return error_refused(errno, "cannot write the log to %s: %s",
					     config->file, strerror(errno));
		setvbuf(file, NULL, _IOLBF, 0);
	}
	log_close();
	target.file = config->error_stream ? stderr : file;
	target.is_error_stream = config->error_stream;
	target.with_time = config->time && !config->error_stream;
	target.with_level = config->error_stream && !isatty(STDERR_FILENO);
	if (!target.file)
		openlog("pluto", LOG_PID, LOG_AUTHPRIV);
	return NULL;
}

/**
 * log_close - end logging
 */
void log_close(void)
{
	if (target.file && !target.is_error_stream)
		fclose(target.file);
	else if (!target.file)
		closelog();
	target.file = NULL;
	target.is_error_stream = false;
}

static void put_time(FILE *file)
{
	char text[32];
	struct timespec now;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &now);
	if (localtime_r(&now.tv_sec, &local) &&
	    strftime(text, sizeof(text), "%b %e %H:%M:%S", &local))
		fprintf(file, "%s.%06ld: ", text, now.tv_nsec / 1000);
}

static void put(int priority, const char *text)
{
	const char *next;

	if (!target.file) {
		syslog(priority, "%s", text);
		return;
	}
	if (target.with_level)
		fprintf(target.file, "<%d>", priority);
	if (target.with_time)
		put_time(target.file);
	/* a line is one line, whoever's name is in it */
	for (next = text; *next; next++)
		fputc((unsigned char)*next < ' ' ? '?' : *next, target.file);
	fputc('\n', target.file);
	fflush(target.file);
}

static uint64_t this_second(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

/**
 * log_line - write a line
 * @level: for whom it is
 * @text: the line
 */
void log_line(enum ike_level level, const char *text)
{
	static const int priorities[] = {
		[IKE_LEVEL_ERROR] = LOG_ERR,
		[IKE_LEVEL_INFO] = LOG_INFO,
		[IKE_LEVEL_PEER] = LOG_NOTICE,
		[IKE_LEVEL_DEBUG] = LOG_DEBUG,
	};
	char note[64];

	if (level == IKE_LEVEL_PEER &&
	    !log_limit_admits(&target.limit, this_second()))
		return;
	if (target.limit.suppressed) {
		snprintf(note, sizeof(note), "%lu lines about peers were left out",
			 target.limit.suppressed);
		target.limit.suppressed = 0;
		put(LOG_NOTICE, note);
	}
	put(priorities[level], text);
}

/**
 * log_format - write a line
 * @level: for whom it is
 * @format: the line, as for printf
 */
void log_format(enum ike_level level, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	log_line(level, text);
}

/**
 * log_error - write what went wrong
 * @error: it, freed; or NULL
 */
void log_error(struct error *error)
{
	if (!error)
		return;
	log_line(IKE_LEVEL_ERROR, error->sentence);
	error_free(error);
}
