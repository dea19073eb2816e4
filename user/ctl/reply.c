// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of the daemon as lines of JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/line.h"

#define CODE_MAX 999
#define STATUS_MAX 255

/**
 * ctl_reply_encode_line - write a line for humans
 * @code: number in front of it
 * @text: the line; what is not clean is made so
 *
 * Return: JSON with its newline, to be freed with free(); NULL if there is no
 * memory.
 */
char *ctl_reply_encode_line(int code, const char *text)
{
	char *clean = ctl_clean(text, strlen(text));
	json_t *json = NULL;

	if (clean)
		json = json_pack("{s:i,s:s}", "code", code, "text", clean);
	free(clean);
	return ctl_line(json);
}

/**
 * ctl_reply_encode_data - write something for programs
 * @data: an object, freed by this; NULL if there was no memory for it
 *
 * Return: JSON with its newline, to be freed with free(); NULL if there is no
 * memory.
 */
char *ctl_reply_encode_data(json_t *data)
{
	return ctl_line(data ? json_pack("{s:o}", "data", data) : NULL);
}

/**
 * ctl_reply_encode_exit - write how it ended
 * @status: exit status
 *
 * Return: JSON with its newline, to be freed with free(); NULL if there is no
 * memory.
 */
char *ctl_reply_encode_exit(int status)
{
	return ctl_line(json_pack("{s:i}", "exit",
			      status < 0 || status > STATUS_MAX ? STATUS_MAX :
								  status));
}

/* A whole number of 0 to @max. */
static bool take_number(const json_t *json, json_int_t max, int *number)
{
	json_int_t value = json_integer_value(json);

	if (!json_is_integer(json) || value < 0 || value > max)
		return false;
	*number = (int)value;
	return true;
}

/* What was clean when the daemon sent it stays as it is. */
static bool clean_text(json_t *text)
{
	char *clean = ctl_clean(json_string_value(text),
				json_string_length(text));
	bool good = clean && !json_string_set(text, clean);

	free(clean);
	return good;
}

/* All strings of a value, however deep. */
static bool clean_value(json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member) {
		if (!clean_value(member))
			return false;
	}
	json_array_foreach(value, i, member) {
		if (!clean_value(member))
			return false;
	}
	return !json_is_string(value) || clean_text(value);
}

static bool take_line(struct ctl_reply *reply)
{
	json_t *text = json_object_get(reply->json, "text");

	reply->kind = CTL_REPLY_LINE;
	if (!json_is_string(text) || !clean_text(text) ||
	    !take_number(json_object_get(reply->json, "code"), CODE_MAX,
			 &reply->code))
		return false;
	reply->text = json_string_value(text);
	return true;
}

static bool take(struct ctl_reply *reply)
{
	json_t *status = json_object_get(reply->json, "exit");

	reply->data = json_object_get(reply->json, "data");
	if (reply->data) {
		reply->kind = CTL_REPLY_DATA;
		return json_is_string(json_object_get(reply->data, "kind")) &&
		       clean_value(reply->data);
	}
	if (status) {
		reply->kind = CTL_REPLY_EXIT;
		return take_number(status, STATUS_MAX, &reply->status);
	}
	return take_line(reply);
}

/**
 * ctl_reply_decode - read a line of an answer
 * @line: the line, without its newline
 * @length: bytes of it
 * @reply: filled in; to be freed with ctl_reply_free() unless refused
 *
 * Return: NULL, or that it makes no sense.
 */
struct error *ctl_reply_decode(const char *line, size_t length,
			       struct ctl_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->json = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	if (reply->json && take(reply))
		return NULL;
	ctl_reply_free(reply);
	return error_refused(0, "the IKE daemon's answer makes no sense: is it of another version? Then restart it: ipsec restart");
}

/**
 * ctl_reply_free - forget a line that was read
 * @reply: the line
 */
void ctl_reply_free(struct ctl_reply *reply)
{
	json_decref(reply->json);
	memset(reply, 0, sizeof(*reply));
}
