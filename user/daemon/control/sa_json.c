// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine's SAs as JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/ctl.h"
#include "daemon/engine/daemon.h"
#include "daemon/connections/identity.h"
#include "daemon/control/sa_json.h"
#include "ike/ike.h"
#include "lib/iana.h"

#define SPI_TEXT_SIZE 20
#define SELECTOR_TEXT_SIZE 192

/* Milliseconds by which the time of day must jump to count as set */
#define CLOCK_STEP 1000

/* ----- the index --------------------------------------------------------- */

static int compare_names(const char *one, const char *other)
{
	if (!one || !other)
		return !!one - !!other;
	return strcmp(one, other);
}

/* Of those with the same names, the latest first. */
static int compare(const void *one, const void *other)
{
	const struct sa_newest *left = one, *right = other;
	int order = strcmp(left->connection, right->connection);

	if (!order)
		order = (left->instance > right->instance) -
			(left->instance < right->instance);
	if (!order)
		order = compare_names(left->child, right->child);
	return order ? order : (left->serial < right->serial) -
			       (left->serial > right->serial);
}

/* Without memory for it an SA is not found, and looks like one of the past. */
static void index_add(struct sa_index *index, const struct sa_newest *item)
{
	if (index->count == index->room) {
		size_t room = index->room ? 2 * index->room : 64;
		void *grown = reallocarray(index->items, room,
					   sizeof(*index->items));

		if (!grown)
			return;
		index->items = grown;
		index->room = room;
	}
	index->items[index->count++] = *item;
}

static void index_sa(const struct ike_sa_info *info, void *context)
{
	if (info->connection && info->established)
		index_add(context, &(struct sa_newest){
				.connection = info->connection,
				.instance = info->instance,
				.serial = info->serial,
				.suite = info->suite,
			});
}

/* It may be in an IKE SA of another connection, which its own one shares. */
static void index_child(const struct ike_child_info *info, void *context)
{
	if (info->established && info->ike_suite)
		index_add(context, &(struct sa_newest){
				.connection = info->pair->connection,
				.instance = info->pair->instance,
				.serial = info->parent,
				.suite = *info->ike_suite,
			});
	if (info->established && info->in_use)
		index_add(context, &(struct sa_newest){
				.connection = info->pair->connection,
				.instance = info->pair->instance,
				.child = info->pair->child,
				.serial = info->pair->serial,
				.suite = info->pair->suite,
			});
}

/**
 * sa_index_make - make an index of all established SAs
 * @index: the index, to be freed with sa_index_free() before the engine runs
 *	again
 * @ike: the engine
 */
void sa_index_make(struct sa_index *index, const struct ike *ike)
{
	*index = (struct sa_index){ 0 };
	ike_each_sa(ike, index_sa, index);
	ike_each_child(ike, index_child, index);
	if (index->count)
		qsort(index->items, index->count, sizeof(*index->items),
		      compare);
}

/**
 * sa_index_free - forget an index
 * @index: the index
 */
void sa_index_free(struct sa_index *index)
{
	free(index->items);
	*index = (struct sa_index){ 0 };
}

/**
 * sa_index_find - the latest SA of a connection
 * @index: the index
 * @connection: name of the connection
 * @instance: number of the instance, 0 = of none
 * @child: name of a child, NULL for the IKE SA
 *
 * Return: the SA, NULL if there is none.
 */
const struct sa_newest *sa_index_find(const struct sa_index *index,
				      const char *connection,
				      uint64_t instance, const char *child)
{
	const struct sa_newest wanted = {
		.connection = connection,
		.instance = instance,
		.child = child,
		.serial = UINT64_MAX,
	};
	size_t low = 0, high = index->count;

	/* the first that does not stand before any with these names */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&index->items[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->count ||
	    strcmp(index->items[low].connection, connection) ||
	    index->items[low].instance != instance ||
	    compare_names(index->items[low].child, child))
		return NULL;
	return &index->items[low];
}

/* ----- texts ------------------------------------------------------------- */

/**
 * sa_text - a string of JSON
 * @text: the text, whoever wrote it; NULL for none
 *
 * Return: the string, clean; NULL if there is no memory.
 */
json_t *sa_text(const char *text)
{
	char *clean;
	json_t *json;

	if (!text)
		return json_null();
	clean = ctl_clean(text, strlen(text));
	json = clean ? json_string(clean) : NULL;
	free(clean);
	return json;
}

/**
 * sa_instance - which instance of a connection something belongs to
 * @number: of the instance, 0 = of none
 *
 * Return: a number, or null; NULL if there is no memory.
 */
json_t *sa_instance(uint64_t number)
{
	return number ? json_integer((json_int_t)number) : json_null();
}

/**
 * sa_id - an identity as a string of JSON
 * @id: the identity; NULL or any for none
 *
 * Return: the string; NULL if there is no memory.
 */
json_t *sa_id(const struct ike_id *id)
{
	char text[IDENTITY_TEXT_SIZE];

	return sa_text(id && id->type ? identity_text(id, text) : NULL);
}

/**
 * sa_address - an address as a string of JSON
 * @address: the address; unspecified for any
 *
 * Return: the string; NULL if there is no memory.
 */
json_t *sa_address(const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	if (!address->length || address_is_unspecified(address))
		return json_string("%any");
	return json_string(address_text(address, text));
}

/* The length of the prefix that is all from @first to @last; -1 if none is. */
static int prefix_length(const struct address *first,
			 const struct address *last)
{
	int length = 0, bits = (int)address_bits(first), i;

	for (i = 0; i < bits; i++) {
		int mask = 0x80 >> i % 8;
		bool low = first->bytes[i / 8] & mask;
		bool high = last->bytes[i / 8] & mask;

		if (low == high && length == i)
			length++;
		else if (low || !high)
			return -1;
	}
	return length;
}

/* Protocol and ports behind it, if not all of them count. */
static void add_protoport(const struct wire_ts *ts, char *text, size_t size)
{
	char ports[PORT_RANGE_TEXT_SIZE];
	size_t used = strlen(text);
	bool all = !ts->ports.min && ts->ports.max == UINT16_MAX;

	if (wire_ts_is_opaque(ts))
		snprintf(text + used, size - used, ":%u/opaque", ts->protocol);
	else if (ts->protocol || !all)
		snprintf(text + used, size - used, ":%u/%s", ts->protocol,
			 all ? "0" : port_range_text(&ts->ports, ports));
}

static json_t *selector(const struct wire_ts *ts)
{
	char first[ADDRESS_TEXT_SIZE], last[ADDRESS_TEXT_SIZE];
	int length = prefix_length(&ts->first, &ts->last);
	char text[SELECTOR_TEXT_SIZE];

	address_text(&ts->first, first);
	if (length >= 0)
		snprintf(text, sizeof(text), "%s/%d", first, length);
	else
		snprintf(text, sizeof(text), "%s-%s", first,
			 address_text(&ts->last, last));
	add_protoport(ts, text, sizeof(text));
	return json_string(text);
}

/**
 * sa_selectors - traffic selectors as an array of strings
 * @list: the selectors
 *
 * Return: the array, of prefixes and ranges with protocol and ports where not all
 * count; NULL if there is no memory.
 */
json_t *sa_selectors(const struct wire_ts_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < list->count; i++)
		json_array_append_new(array, selector(&list->items[i]));
	return array;
}

/* A name without what all of its registry begin with. */
static const char *short_name(enum iana_registry registry, uint16_t number,
			      char *text)
{
	const char *name = iana_text(registry, number, text);
	const char *underscore = strchr(name, '_');
	bool prefixed = registry == IANA_ENCR || registry == IANA_PRF ||
			registry == IANA_INTEG;

	return prefixed && underscore ? underscore + 1 : name;
}

/**
 * sa_suite_text - the algorithms of an SA
 * @suite: they
 * @text: room for SA_SUITE_TEXT_SIZE bytes
 *
 * Return: @text: encryption, its key length, then what there is of integrity, PRF
 * and key exchange.
 */
const char *sa_suite_text(const struct ike_suite *suite, char *text)
{
	const struct {
		enum iana_registry registry;
		uint16_t number;
	} rest[] = {
		{ IANA_INTEG, suite->integ },
		{ IANA_PRF, suite->prf },
		{ IANA_KE, suite->ke },
	};
	char name[IANA_TEXT_SIZE];
	size_t used, i;

	used = (size_t)snprintf(text, SA_SUITE_TEXT_SIZE, "%s",
				short_name(IANA_ENCR, suite->encr, name));
	if (suite->key_bits)
		used += (size_t)snprintf(text + used, SA_SUITE_TEXT_SIZE - used,
					 "_%u", suite->key_bits);
	for (i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		if (rest[i].number && used < SA_SUITE_TEXT_SIZE)
			used += (size_t)snprintf(text + used,
						 SA_SUITE_TEXT_SIZE - used,
						 "-%s",
						 short_name(rest[i].registry,
							    rest[i].number,
							    name));
	}
	return text;
}

/* ----- times ------------------------------------------------------------- */

/**
 * sa_moment_now - what time it is
 * @moment: filled in
 * @ike: the engine
 */
void sa_moment_now(struct sa_moment *moment, const struct ike *ike)
{
	static int64_t ahead;
	struct timespec now;
	int64_t found;

	moment->engine = ike_now(ike);
	clock_gettime(CLOCK_REALTIME, &now);
	found = now.tv_sec * 1000 + now.tv_nsec / 1000000 -
		(int64_t)moment->engine;
	if (llabs(found - ahead) >= CLOCK_STEP)
		ahead = found;
	moment->wall = moment->engine + (uint64_t)ahead;
}

/* Seconds until then, null if that is never. */
static json_t *seconds_until(const struct sa_moment *moment, uint64_t when)
{
	if (when == IKE_NEVER)
		return json_null();
	return json_integer(when > moment->engine ?
			    (json_int_t)((when - moment->engine) / 1000) : 0);
}

/* When it was, since 1970. */
static json_int_t wall_time(const struct sa_moment *moment, uint64_t when)
{
	if (!when)
		return 0;
	return (json_int_t)((moment->wall - (moment->engine - when)) / 1000);
}

/* ----- SAs --------------------------------------------------------------- */

static json_t *endpoint(const struct ike_endpoint *endpoint,
			const struct ike_id *id)
{
	return json_pack("{s:o, s:i, s:o}", "address",
			 sa_address(&endpoint->address), "port",
			 (int)endpoint->port, "id", sa_id(id));
}

static bool is_newest(const struct sa_index *index, const char *connection,
		      uint64_t instance, const char *child, uint64_t serial)
{
	const struct sa_newest *newest;

	newest = connection ?
		 sa_index_find(index, connection, instance, child) : NULL;
	return newest && newest->serial == serial;
}

/**
 * sa_json - an IKE SA as JSON
 * @info: the IKE SA
 * @index: all SAs
 * @moment: now
 *
 * Return: the object; NULL if there is no memory.
 */
json_t *sa_json(const struct ike_sa_info *info, const struct sa_index *index,
		const struct sa_moment *moment)
{
	char spi_i[SPI_TEXT_SIZE], spi_r[SPI_TEXT_SIZE];
	char suite[SA_SUITE_TEXT_SIZE];

	snprintf(spi_i, sizeof(spi_i), "%016" PRIx64, info->spi_i);
	snprintf(spi_r, sizeof(spi_r), "%016" PRIx64, info->spi_r);
	return json_pack("{s:s, s:I, s:o, s:o, s:s, s:s, s:b, s:b, s:s, s:s, s:o, s:o, s:s?, s:I, s:I, s:o, s:b, s:i}",
			 "kind", "ike-sa", "serial", (json_int_t)info->serial,
			 "connection", sa_text(info->connection),
			 "instance", sa_instance(info->instance),
			 "state", info->state,
			 "state_name", info->established ?
				"STATE_V2_ESTABLISHED_IKE_SA" :
				info->initiator ? "STATE_V2_PARENT_I" :
						  "STATE_V2_PARENT_R",
			 "established", info->established,
			 "initiator", info->initiator,
			 "spi_initiator", spi_i, "spi_responder", spi_r,
			 "ours", endpoint(&info->path.local, info->local_id),
			 "theirs", endpoint(&info->path.remote, info->peer_id),
			 "suite", info->suite.encr ?
				sa_suite_text(&info->suite, suite) : NULL,
			 "began", wall_time(moment, info->began),
			 "since", wall_time(moment, info->since),
			 "rekey_in", seconds_until(moment, info->replace_at),
			 "newest", is_newest(index, info->connection,
					     info->instance, NULL,
					     info->serial),
			 "children", (int)info->children);
}

static json_t *child_object(const struct ike_child_info *info,
			    const struct sa_index *index,
			    const struct sa_moment *moment)
{
	char spi_in[SPI_TEXT_SIZE], spi_out[SPI_TEXT_SIZE];
	const struct ike_pair *pair = info->pair;
	char suite[SA_SUITE_TEXT_SIZE];

	snprintf(spi_in, sizeof(spi_in), "%08" PRIx32, pair->spi_in);
	snprintf(spi_out, sizeof(spi_out), "%08" PRIx32, pair->spi_out);
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:s, s:s, s:b, s:b, s:b, s:s, s:s, s:s?, s:b, s:b, s:o, s:o, s:o, s:o, s:b}",
			 "kind", "child-sa", "serial", (json_int_t)pair->serial,
			 "ike_sa", (json_int_t)info->parent,
			 "connection", sa_text(pair->connection),
			 "instance", sa_instance(pair->instance),
			 "child", sa_text(pair->child),
			 "state", info->state,
			 "state_name", info->established ?
				"STATE_V2_ESTABLISHED_CHILD_SA" :
				info->initiator ? "STATE_V2_NEW_CHILD_I" :
						  "STATE_V2_NEW_CHILD_R",
			 "established", info->established,
			 "initiator", info->initiator, "in_use", info->in_use,
			 "spi_in", spi_in, "spi_out", spi_out,
			 "suite", pair->suite.encr ?
				sa_suite_text(&pair->suite, suite) : NULL,
			 "transport", pair->transport,
			 "encapsulated", pair->encapsulate,
			 "ours", endpoint(&pair->path.local, NULL),
			 "theirs", endpoint(&pair->path.remote, info->peer_id),
			 "rekey_in", seconds_until(moment, info->replace_at),
			 "expires_in", seconds_until(moment, info->end_at),
			 "newest", is_newest(index, pair->connection,
					     pair->instance, pair->child,
					     pair->serial));
}

/* In the words of Libreswan: nobody counts so far. */
static const char *limit_text(uint64_t max, char *text, size_t size)
{
	if (!max || max >= 1ull << 63)
		return "2^63B";
	snprintf(text, size, "%" PRIu64 "B", max);
	return text;
}

static json_t *traffic_object(struct daemon *daemon,
			      const struct ike_child_info *info,
			      const struct sa_moment *moment)
{
	struct daemon_traffic traffic = { 0 };
	struct error *error = NULL;
	char limit[32];

	/* what has only just ended has carried nothing that counts */
	if (info->established)
		error = daemon_traffic(daemon, info->pair, &traffic);
	error_free(error);
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:s}",
			 "peer_id", sa_id(info->peer_id),
			 "our_selectors", sa_selectors(&info->pair->local),
			 "their_selectors", sa_selectors(&info->pair->remote),
			 "add_time", wall_time(moment, info->since),
			 "in_bytes", (json_int_t)traffic.in_bytes,
			 "out_bytes", (json_int_t)traffic.out_bytes,
			 "in_packets", (json_int_t)traffic.in_packets,
			 "out_packets", (json_int_t)traffic.out_packets,
			 "max_bytes",
			 limit_text(traffic.max_bytes, limit, sizeof(limit)));
}

/**
 * child_json - a child SA as JSON
 * @daemon: whose
 * @info: the child SA
 * @index: all SAs
 * @moment: now
 *
 * Return: the object; NULL if there is no memory.
 */
json_t *child_json(struct daemon *daemon, const struct ike_child_info *info,
		   const struct sa_index *index,
		   const struct sa_moment *moment)
{
	json_t *object = child_object(info, index, moment);
	json_t *traffic = traffic_object(daemon, info, moment);

	if (object && traffic && !json_object_update(object, traffic)) {
		json_decref(traffic);
		return object;
	}
	json_decref(object);
	json_decref(traffic);
	return NULL;
}
