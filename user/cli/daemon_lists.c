// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys, certificates, revocation lists and owners of secrets, in the lines of
 * Libreswan 4. Times are in UTC.
 */
#include <string.h>
#include <time.h>

#include "cli/daemon_data.h"
#include "lib/array.h"

#define TIME_SIZE 64

/* A certificate of which less is left earns a warning. */
#define DAY 86400
#define WARNING_DAYS 14

static const char *time_text(json_int_t seconds, const char *format, char *buffer)
{
	time_t moment = (time_t)seconds;
	struct tm when;

	if (!seconds || !gmtime_r(&moment, &when) ||
	    !strftime(buffer, TIME_SIZE, format, &when))
		snprintf(buffer, TIME_SIZE, "--- -- --:--:-- UTC ----");
	return buffer;
}

static const char *short_time(json_int_t seconds, char *buffer)
{
	return time_text(seconds, "%b %d %H:%M:%S UTC %Y", buffer);
}

static const char *long_time(json_int_t seconds, char *buffer)
{
	return time_text(seconds, "%a %b %d %H:%M:%S %Y", buffer);
}

static const char *expiry(json_int_t until, char *buffer)
{
	json_int_t now = (json_int_t)time(NULL), left;

	if (!until)
		return "ok (expires never)";
	if (until < now)
		return "fatal (expired)";
	left = until - now;
	if (left > WARNING_DAYS * DAY)
		return "ok";
	snprintf(buffer, TIME_SIZE, "warning (expires in %" JSON_INTEGER_FORMAT " days)",
		 left / DAY);
	return buffer;
}

static void show_key(FILE *out, const json_t *key)
{
	char loaded[TIME_SIZE], until[TIME_SIZE], left[TIME_SIZE];

	fprintf(out, "000 %s, %4" JSON_INTEGER_FORMAT " %s Key %s (%s private key), until %s %s\n",
		short_time(number(key, "loaded"), loaded), number(key, "bits"),
		text(key, "type"), text(key, "keyid"),
		yes(key, "private") ? "has" : "no",
		short_time(number(key, "until"), until),
		expiry(number(key, "until"), left));
	fprintf(out, "000        %s '%s'\n", text(key, "id_type"),
		given(key, "id") ? text(key, "id") : "%any");
	if (given(key, "issuer"))
		fprintf(out, "000        Issuer '%s'\n", text(key, "issuer"));
}

/* Those that are about to end, or have ended */
static void check_key(FILE *out, const json_t *key)
{
	char left[TIME_SIZE];

	if (strncmp(expiry(number(key, "until"), left), "ok", 2) != 0)
		show_key(out, key);
}

static void show_certificate(FILE *out, const json_t *cert)
{
	char begin[TIME_SIZE], end[TIME_SIZE];

	fprintf(out, "000 %s%s certificate \"%s\" - SN: %s\n",
		yes(cert, "ca") && yes(cert, "root") ? "Root " : "",
		yes(cert, "ca") ? "CA" : "End", text(cert, "nickname"),
		text(cert, "serial"));
	fprintf(out, "000   subject: %s\n000   issuer: %s\n",
		text(cert, "subject"), text(cert, "issuer"));
	fprintf(out, "000   not before: %s\n000   not after: %s\n",
		long_time(number(cert, "not_before"), begin),
		long_time(number(cert, "not_after"), end));
	fprintf(out, "000   %" JSON_INTEGER_FORMAT " bit %s%s\n",
		number(cert, "bits"), text(cert, "type"),
		yes(cert, "private") ? ": has private key" : "");
}

static void show_crl(FILE *out, const json_t *crl)
{
	char this[TIME_SIZE], next[TIME_SIZE];

	fprintf(out, "000 issuer: %s\n", text(crl, "issuer"));
	fprintf(out, "000 revoked certs: %" JSON_INTEGER_FORMAT "\n",
		number(crl, "revoked"));
	fprintf(out, "000 updates: this %s\n000          next %s\n",
		short_time(number(crl, "this_update"), this),
		short_time(number(crl, "next_update"), next));
}

static void show_secret(FILE *out, const json_t *secret)
{
	const json_t *ids = part(secret, "ids"), *id;
	size_t i;

	fprintf(out, "000 %5" JSON_INTEGER_FORMAT ": %s",
		number(secret, "line"), text(secret, "type"));
	if (!json_array_size(ids))
		fputs(" %any", out);
	json_array_foreach(ids, i, id)
		fprintf(out, " %s", json_is_string(id) ?
			json_string_value(id) : UNSET);
	fputc('\n', out);
}

/* What is listed, in the order in which it is shown */
static const struct {
	const char *kind;
	const char *title;
	void (*show)(FILE *out, const json_t *item);
} lists[] = {
	{ "public-key", "List of Public Keys:", show_key },
	{ "secret", "List of Pre-shared secrets", show_secret },
	{ "certificate", "List of X.509 End Certificates:", show_certificate },
	{ "ca-certificate", "List of X.509 CA Certificates:",
	  show_certificate },
	{ "crl", "List of CRLs:", show_crl },
};

static void show_title(FILE *out, const char *title, const json_t *items)
{
	const json_t *first = json_array_get(items, 0);

	empty_line(out);
	if (given(first, "file"))
		fprintf(out, "000 %s (from %s)\n", title, text(first, "file"));
	else
		fprintf(out, "000 %s\n", title);
	empty_line(out);
}

/**
 * daemon_show_lists - show keys and certificates
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_lists(FILE *out, const struct daemon_answer *answer)
{
	const json_t *item;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		const json_t *items = all_of(answer, lists[i].kind);

		if (!json_array_size(items))
			continue;
		show_title(out, lists[i].title, items);
		json_array_foreach(items, j, item)
			lists[i].show(out, item);
	}
}

/**
 * daemon_show_expiring - show public keys that end soon, or have ended
 * @out: where to
 * @answer: what the daemon said
 */
void daemon_show_expiring(FILE *out, const struct daemon_answer *answer)
{
	const json_t *key;
	size_t i;

	json_array_foreach(all_of(answer, "public-key"), i, key)
		check_key(out, key);
}
