/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The language of the control socket: one JSON object in a line. A client
 * sends one request; the daemon answers with lines for humans, with data, and
 * last of all with how it ended.
 *
 *	{"operation":"up","name":"west-east"}
 *	{"code":2,"text":"\"west-east\" #1: ..."}
 *	{"data":{"kind":"connection","name":"west-east"}}
 *	{"exit":0}
 *
 * Strings are UTF-8 without control characters, whatever a peer or a file had
 * put into them: ctl_clean() sees to that.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define CTL_PATH "/run/pluto/pluto.ctl"

/* The longest line, with its newline */
#define CTL_LINE_MAX (1u << 20)

/* The longest name of a connection, and of a path */
#define CTL_NAME_MAX 255
#define CTL_PATH_MAX 4095

/* A configuration that is sent along: what Base64 leaves of a line */
#define CTL_CONFIG_MAX (700u << 10)

/**
 * enum ctl_operation - what is asked of the daemon
 * @CTL_ADD: load a connection
 * @CTL_DELETE: take it down and forget it
 * @CTL_REPLACE: delete it if it is there, then add
 * @CTL_UP: bring it up, and wait
 * @CTL_DOWN: take it down at both ends
 * @CTL_ROUTE: bring it up when the first packet asks for it
 * @CTL_UNROUTE: no longer
 * @CTL_START: add if it isn't there, then up
 * @CTL_ONDEMAND: add if it isn't there, then route
 * @CTL_REKEY_IKE: renew its IKE SA
 * @CTL_REKEY_IPSEC: renew its child SAs
 * @CTL_READY: look at the interfaces and read secrets
 * @CTL_REREAD_SECRETS: read secrets
 * @CTL_REREAD_CERTS: read certificates
 * @CTL_REREAD_CRLS: read lists of revoked certificates
 * @CTL_REREAD_GROUPS: read policy groups
 * @CTL_REREAD_ALL: read all of these
 * @CTL_RELOAD: read the configuration, apply the differences
 * @CTL_SHUTDOWN: end
 * @CTL_STATUS: everything
 * @CTL_BRIEF_STATUS: SAs, without connections
 * @CTL_CONNECTION_STATUS: connections
 * @CTL_TRAFFIC_STATUS: child SAs with what they carried
 * @CTL_SHUNT_STATUS: policies without SAs
 * @CTL_GLOBAL_STATUS: counters of the daemon
 * @CTL_FIPS_STATUS: FIPS mode
 * @CTL_LIST: keys and certificates
 * @CTL_PURGE_OCSP: forget what OCSP servers have said
 */
enum ctl_operation {
	CTL_ADD,
	CTL_DELETE,
	CTL_REPLACE,
	CTL_UP,
	CTL_DOWN,
	CTL_ROUTE,
	CTL_UNROUTE,
	CTL_START,
	CTL_ONDEMAND,
	CTL_REKEY_IKE,
	CTL_REKEY_IPSEC,
	CTL_READY,
	CTL_REREAD_SECRETS,
	CTL_REREAD_CERTS,
	CTL_REREAD_CRLS,
	CTL_REREAD_GROUPS,
	CTL_REREAD_ALL,
	CTL_RELOAD,
	CTL_SHUTDOWN,
	CTL_STATUS,
	CTL_BRIEF_STATUS,
	CTL_CONNECTION_STATUS,
	CTL_TRAFFIC_STATUS,
	CTL_SHUNT_STATUS,
	CTL_GLOBAL_STATUS,
	CTL_FIPS_STATUS,
	CTL_LIST,
	CTL_PURGE_OCSP,
	/* private: */
	CTL_OPERATION_COUNT
};

/**
 * enum ctl_name_use - does an operation take the name of a connection
 * @CTL_NAME_NONE: no
 * @CTL_NAME_MAY: only that one, or all
 * @CTL_NAME_MUST: yes
 */
enum ctl_name_use {
	CTL_NAME_NONE,
	CTL_NAME_MAY,
	CTL_NAME_MUST,
};

/**
 * struct ctl_request - what a client asks for
 * @operation: what it is
 * @name: of a connection, NULL = none
 * @path: of the configuration to be read, NULL = the daemon's
 * @config: the configuration itself, NULL = none
 * @config_length: bytes of @config
 * @asynchronous: don't wait for what comes of it
 * @dry: only tell how it would end, as far as that can be known
 */
struct ctl_request {
	enum ctl_operation operation;
	const char *name;
	const char *path;
	const char *config;
	size_t config_length;
	bool asynchronous;
	bool dry;
	/* private: */
	json_t *json;
	char *decoded;
};

/**
 * enum ctl_reply_kind - a line of an answer
 * @CTL_REPLY_LINE: for humans
 * @CTL_REPLY_DATA: for programs
 * @CTL_REPLY_EXIT: the last one
 */
enum ctl_reply_kind {
	CTL_REPLY_LINE,
	CTL_REPLY_DATA,
	CTL_REPLY_EXIT,
};

/**
 * struct ctl_reply - a line of an answer
 * @kind: what it is
 * @code: number in front of the text
 * @text: for humans, clean
 * @data: an object with the member "kind"
 * @status: exit status, 0 to 255
 */
struct ctl_reply {
	enum ctl_reply_kind kind;
	int code;
	const char *text;
	json_t *data;
	int status;
	/* private: */
	json_t *json;
};

const char *ctl_operation_word(enum ctl_operation operation);
enum ctl_name_use ctl_operation_name_use(enum ctl_operation operation);
bool ctl_operation_reads_config(enum ctl_operation operation);

ERROR_MUST_CHECK
struct error *ctl_request_encode(const struct ctl_request *request,
				 char **line);
ERROR_MUST_CHECK
struct error *ctl_request_decode(const char *line, size_t length,
				 struct ctl_request *request);
void ctl_request_free(struct ctl_request *request);

char *ctl_reply_encode_line(int code, const char *text);
char *ctl_reply_encode_data(json_t *data);
char *ctl_reply_encode_exit(int status);
ERROR_MUST_CHECK
struct error *ctl_reply_decode(const char *line, size_t length,
			       struct ctl_reply *reply);
void ctl_reply_free(struct ctl_reply *reply);

char *ctl_clean(const char *text, size_t length);

#endif /* CTL_CTL_H */
