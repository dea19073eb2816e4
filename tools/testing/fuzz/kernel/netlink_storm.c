// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms the module with netlink requests: sensible ones, and such with something
 * wrong in them, from several processes at once, while devices and network
 * namespaces come and go. What a request may look like comes from the protocol's
 * specification (protocol.h); what makes sense, from the table of habits below.
 *
 * Equal numbers stand for equal SAs: two hosts that are stormed at the same time
 * often have SAs that fit each other.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum kind {
	KIND_PAD, KIND_FLAG, KIND_U8, KIND_U16, KIND_U32, KIND_U64, KIND_STRING,
	KIND_BINARY, KIND_NEST,
};

struct set;

/**
 * struct attribute - what the specification says of one
 * @name: its name there
 * @number: its type on the wire
 * @kind: what is in it
 * @is_address: 4 or 16 bytes
 * @multi: may stand several times
 * @min: smallest value, 0 for none
 * @max: greatest value, 0 for none
 * @min_len: shortest, in bytes
 * @max_len: longest, in bytes, 0 for no limit
 * @values: those that it may have
 * @value_count: of @values
 * @nested: what is in a nest
 */
struct attribute {
	const char *name;
	uint16_t number;
	enum kind kind;
	bool is_address, multi;
	uint32_t min, max, min_len, max_len;
	const uint32_t *values;
	unsigned int value_count;
	const struct set *nested;
};

struct set {
	const char *name;
	const struct attribute *attributes;
	unsigned int count;
};

/**
 * struct request - what the specification says of a command
 * @name: its name there
 * @number: of the command
 * @has_do: it can be asked for one object
 * @has_dump: it can be asked for all
 * @set: of its attributes
 * @wanted: numbers of those it takes
 * @wanted_count: how many these are
 */
struct request {
	const char *name;
	uint8_t number;
	bool has_do, has_dump;
	const struct set *set;
	const uint16_t *wanted;
	unsigned int wanted_count;
};

/* out of the build directory */
#include <protocol.h>

#define BUFFER 65536
#define PER_SEND 16
#define SAS 24
#define POLICIES 16
#define COMMANDS 64

/* What all processes count together */
struct totals {
	uint64_t messages, accepted, refused, speechless;
	uint64_t devices, namespaces, failures;
	uint64_t per_command[COMMANDS], per_command_accepted[COMMANDS];
	uint32_t speechless_error[COMMANDS];
	int stop;
};

static struct totals *totals;
static uint16_t family;
static int peer = -1;
static bool lets_fail;
static const char *rules;

struct source {
	uint64_t state;
};

static uint32_t draw(struct source *source)
{
	source->state ^= source->state << 13;
	source->state ^= source->state >> 7;
	source->state ^= source->state << 17;
	return (uint32_t)(source->state >> 16);
}

static uint32_t below(struct source *source, uint32_t limit)
{
	return draw(source) % limit;
}

static bool chance(struct source *source, unsigned int percent)
{
	return below(source, 100) < percent;
}

static void add(uint64_t *total, uint64_t value)
{
	__atomic_add_fetch(total, value, __ATOMIC_RELAXED);
}

static uint64_t total(const uint64_t *value)
{
	return __atomic_load_n(value, __ATOMIC_RELAXED);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ----- messages ----- */

/**
 * struct message - one that is being written
 * @data: its bytes
 * @length: how many
 * @places: where its attributes begin
 * @place_count: how many
 */
struct message {
	uint8_t data[BUFFER];
	size_t length;
	size_t places[64];
	unsigned int place_count;
};

static size_t padded(size_t length)
{
	return (length + NLA_ALIGNTO - 1) & ~(size_t)(NLA_ALIGNTO - 1);
}

static size_t put(struct message *message, uint16_t number, const void *data, size_t length)
{
	struct nlattr head = { .nla_len = (uint16_t)(sizeof(head) + length),
			       .nla_type = number };
	size_t place = message->length;

	if (place + padded(head.nla_len) > sizeof(message->data) / 2)
		return place;
	memset(message->data + place, 0, padded(head.nla_len));
	memcpy(message->data + place, &head, sizeof(head));
	if (length)
		memcpy(message->data + place + sizeof(head), data, length);
	message->length += padded(head.nla_len);
	if (message->place_count < COUNT(message->places))
		message->places[message->place_count++] = place;
	return place;
}

static void end_nest(struct message *message, size_t place)
{
	uint16_t length = (uint16_t)(message->length - place);

	memcpy(message->data + place, &length, sizeof(length));
}

static void begin(struct message *message, uint16_t type, uint16_t flags, uint32_t seq,
		  const void *head, size_t head_length)
{
	struct nlmsghdr header = { .nlmsg_type = type,
				   .nlmsg_flags = NLM_F_REQUEST | flags,
				   .nlmsg_seq = seq };

	message->place_count = 0;
	memcpy(message->data, &header, sizeof(header));
	memcpy(message->data + sizeof(header), head, head_length);
	message->length = sizeof(header) + NLMSG_ALIGN(head_length);
}

static void finish(struct message *message)
{
	uint32_t length = (uint32_t)message->length;

	memcpy(message->data, &length, sizeof(length));
}

/* ----- what makes sense ----- */

/* Algorithms: encryption, bytes of its key with salt; integrity, bytes of its key */
static const struct algorithm {
	uint16_t encr, key, integ, integ_key;
} algorithms[] = {
	{ 20, 20, 0, 0 }, { 18, 28, 0, 0 }, { 12, 16, 12, 32 }, { 13, 20, 2, 20 },
	{ 16, 19, 0, 0 }, { 28, 36, 0, 0 }, { 11, 0, 14, 64 }, { 3, 24, 13, 48 },
	{ 21, 20, 0, 0 }, { 12, 32, 5, 16 }, { 19, 36, 0, 0 }, { 13, 36, 8, 16 },
};

/**
 * struct scene - what the attributes of one request agree about
 * @index: of the SA
 * @is_ipv6: family of all addresses
 * @is_reverse: from right to left
 * @is_policy: the request is about a policy
 * @action: of the policy
 * @prefixes: bits of source and destination
 */
struct scene {
	unsigned int index;
	bool is_ipv6, is_reverse, is_policy;
	uint8_t action;
	uint8_t prefixes[2];
};

static const char * const devices[] = { "ipsec0", "ipsec1", "ipsec2", "lo", "none" };

static const struct algorithm *algorithm_of(const struct scene *scene)
{
	return &algorithms[scene->index % COUNT(algorithms)];
}

/* SAs of some numbers are for devices, the others for host policies */
static bool is_for_device(const struct scene *scene)
{
	return scene->index % 4 == 1;
}

static uint8_t mode_of(const struct scene *scene)
{
	return is_for_device(scene) || scene->index % 4 == 2 ? 2 : 1;
}

static bool is_in_udp(const struct scene *scene)
{
	return scene->index % 5 == 3;
}

static void set_scene(struct scene *scene, struct source *source, bool is_policy)
{
	static const uint8_t prefixes[2][3] = { { 0, 24, 32 }, { 0, 64, 128 } };
	unsigned int i;

	scene->index = below(source, SAS);
	scene->is_ipv6 = scene->index / 2 % 2;
	scene->is_reverse = scene->index % 2;
	scene->is_policy = is_policy;
	scene->action = chance(source, 70) ? 3 : (uint8_t)(1 + below(source, 2));
	for (i = 0; i < 2; i++)
		scene->prefixes[i] = prefixes[scene->is_ipv6][is_policy ? below(source, 3) : 2];
}

static void put_address(struct message *message, uint16_t number, const struct scene *scene,
			bool is_right, unsigned int bits)
{
	uint8_t v4[4] = { 192, 0, 2, is_right ? 2 : 1 };
	uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = is_right ? 2 : 1 };
	uint8_t *bytes = scene->is_ipv6 ? v6 : v4;
	unsigned int length = scene->is_ipv6 ? sizeof(v6) : sizeof(v4), i;

	for (i = bits / 8; i < length; i++)
		bytes[i] = 0;
	put(message, number, bytes, length);
}

static void put_key(struct message *message, uint16_t number, const struct scene *scene,
		    unsigned int length)
{
	uint8_t key[64];
	unsigned int i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(scene->index * 31 + i * 7 + number);
	put(message, number, key, length);
}

static void put_text(struct message *message, uint16_t number, const char *format, ...)
{
	char text[64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put(message, number, text, strlen(text) + 1);
}

static const uint64_t odd_numbers[] = {
	0, 1, 2, 3, 7, 31, 32, 63, 64, 65, 127, 128, 255, 256, 4096, 4097, 65535, 65536,
	0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, INT64_MAX, UINT64_MAX,
};

static const unsigned int sizes[] = {
	[KIND_U8] = 1, [KIND_U16] = 2, [KIND_U32] = 4, [KIND_U64] = 8,
};

static void put_number(struct message *message, const struct attribute *attribute, uint64_t value)
{
	/* little endian, as is every machine that this is for */
	put(message, attribute->number, &value, sizes[attribute->kind]);
}

static uint64_t some_number(struct source *source, const struct attribute *attribute)
{
	uint64_t value = odd_numbers[below(source, COUNT(odd_numbers))];

	if (attribute->value_count)
		return attribute->values[below(source, attribute->value_count)];
	if (attribute->max && value > attribute->max)
		value %= attribute->max + 1;
	return value < attribute->min ? attribute->min : value;
}

static void put_attribute(struct message *message, struct source *source,
			  const struct scene *scene, const struct attribute *attribute);

static void put_nest(struct message *message, struct source *source, const struct scene *scene,
		     const struct attribute *attribute)
{
	size_t place = put(message, attribute->number | NLA_F_NESTED, NULL, 0);
	const struct set *set = attribute->nested;
	static unsigned int depth;
	unsigned int i;

	depth++;
	for (i = 0; depth < 4 && i < set->count; i++)
		if (chance(source, 60))
			put_attribute(message, source, scene, &set->attributes[i]);
	depth--;
	end_nest(message, place);
}

/* An attribute that this program knows nothing of */
static void put_any(struct message *message, struct source *source, const struct scene *scene,
		    const struct attribute *attribute)
{
	uint8_t bytes[512];
	uint32_t limit = attribute->max_len && attribute->max_len < sizeof(bytes) ?
			 attribute->max_len : sizeof(bytes);
	uint32_t i, length;

	switch (attribute->kind) {
	case KIND_PAD:
	case KIND_FLAG:
		put(message, attribute->number, NULL, 0);
		break;
	case KIND_U8:
	case KIND_U16:
	case KIND_U32:
	case KIND_U64:
		put_number(message, attribute, some_number(source, attribute));
		break;
	case KIND_STRING:
		put_text(message, attribute->number, "s%u", below(source, SAS));
		break;
	case KIND_BINARY:
		if (attribute->is_address) {
			put_address(message, attribute->number, scene, chance(source, 50),
				    scene->is_ipv6 ? 128 : 32);
			break;
		}
		length = attribute->min_len + below(source, limit - attribute->min_len + 1);
		for (i = 0; i < length; i++)
			bytes[i] = (uint8_t)draw(source);
		put(message, attribute->number, bytes, length);
		break;
	case KIND_NEST:
		put_nest(message, source, scene, attribute);
		break;
	}
}

/**
 * struct habit - how an attribute is used when a request shall make sense
 * @name: of the attribute
 * @percent: how often it stands there
 * @put: writes it
 */
struct habit {
	const char *name;
	unsigned int percent;
	void (*put)(struct message *message, struct source *source, const struct scene *scene,
		    const struct attribute *attribute);
};

#define WRITER(what) \
	static void put_##what(struct message *message, \
			       __attribute__((unused)) struct source *source, \
			       __attribute__((unused)) const struct scene *scene, \
			       const struct attribute *attribute)

WRITER(name)
{
	if (scene->is_policy)
		put_text(message, attribute->number, "p%u", chance(source, 80) ?
			 scene->index % POLICIES : below(source, POLICIES));
	else
		put_text(message, attribute->number, "s%u", scene->index);
}

WRITER(sas)
{
	unsigned int more = below(source, 20) ? below(source, 2) : below(source, 20);

	if (scene->action != 3 && chance(source, 90))
		return;
	put_text(message, attribute->number, "s%u", scene->index);
	while (more--)
		put_text(message, attribute->number, "s%u",
			 (scene->index + 4 * (1 + below(source, 6))) % SAS);
}

WRITER(device)
{
	if (is_for_device(scene) || chance(source, 5))
		put_text(message, attribute->number, "%s",
			 devices[chance(source, 80) ? 0 : below(source, COUNT(devices))]);
}

WRITER(spi)
{
	put_number(message, attribute, 0x1000 + scene->index);
}

WRITER(saddr)
{
	put_address(message, attribute->number, scene, scene->is_reverse,
		    scene->is_ipv6 ? 128 : 32);
}

WRITER(daddr)
{
	put_address(message, attribute->number, scene, !scene->is_reverse,
		    scene->is_ipv6 ? 128 : 32);
}

WRITER(src)
{
	put_address(message, attribute->number, scene, scene->is_reverse, scene->prefixes[0]);
}

WRITER(dst)
{
	put_address(message, attribute->number, scene, !scene->is_reverse, scene->prefixes[1]);
}

WRITER(src_bits)
{
	put_number(message, attribute, scene->prefixes[0]);
}

WRITER(dst_bits)
{
	put_number(message, attribute, scene->prefixes[1]);
}

WRITER(mode)
{
	if (!scene->is_policy || scene->action == 3)
		put_number(message, attribute, mode_of(scene));
}

WRITER(encr)
{
	put_number(message, attribute, algorithm_of(scene)->encr);
}

WRITER(encr_key)
{
	if (algorithm_of(scene)->key)
		put_key(message, attribute->number, scene, algorithm_of(scene)->key);
}

WRITER(integ)
{
	if (algorithm_of(scene)->integ)
		put_number(message, attribute, algorithm_of(scene)->integ);
}

WRITER(integ_key)
{
	if (algorithm_of(scene)->integ)
		put_key(message, attribute->number, scene, algorithm_of(scene)->integ_key);
}

WRITER(direction)
{
	/* an SA knows by itself */
	if (scene->is_policy || chance(source, 20))
		put_any(message, source, scene, attribute);
}

WRITER(action)
{
	put_number(message, attribute, scene->action);
}

WRITER(encap)
{
	if (is_in_udp(scene))
		put_number(message, attribute, 2);
}

WRITER(encap_port)
{
	if (is_in_udp(scene))
		put_number(message, attribute, 4500);
}

WRITER(soft)
{
	put_number(message, attribute, 1 + below(source, 5));
}

WRITER(hard)
{
	put_number(message, attribute, 1 + below(source, 200));
}

WRITER(low_id)
{
	put_number(message, attribute, below(source, 400));
}

static const struct attribute *attribute_of(const struct set *set, uint16_t number);
static const struct attribute *attribute_named(const struct set *set, const char *name);

static bool has_attribute(const struct set *set, const char *name)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (!strcmp(set->attributes[i].name, name))
			return true;
	return false;
}

/* One of the changes that a batch can carry */
static const struct request *pick_change(struct source *source, const struct set *operation)
{
	const struct request *request;
	const char *verb;

	do {
		request = &requests[below(source, COUNT(requests))];
		verb = strrchr(request->name, '-');
	} while (!verb || !request->has_do || !has_attribute(operation, request->set->name) ||
		 (strcmp(verb, "-new") && strcmp(verb, "-set") && strcmp(verb, "-del")));
	return request;
}

WRITER(change)
{
	const struct request *request = pick_change(source, attribute->nested);
	const struct attribute *kind = attribute_named(attribute->nested, request->set->name);
	struct scene inner;
	size_t outside, inside;
	unsigned int i;

	set_scene(&inner, source, !strcmp(request->set->name, "policy"));
	/* changes that are about the same objects can fail for each other */
	if (chance(source, 50))
		inner.index = scene->index;
	outside = put(message, attribute->number | NLA_F_NESTED, NULL, 0);
	put_attribute(message, source, &inner, attribute_named(attribute->nested, "command"));
	message->data[message->length - 4] = request->number;
	inside = put(message, kind->number | NLA_F_NESTED, NULL, 0);
	for (i = 0; i < request->wanted_count; i++)
		put_attribute(message, source, &inner,
			      attribute_of(request->set, request->wanted[i]));
	end_nest(message, inside);
	end_nest(message, outside);
}

static const struct habit habits[] = {
	{ "op", 97, put_change }, { "command", 100, put_any },
	{ "name", 95, put_name }, { "id", 6, put_low_id }, { "sa", 98, put_sas },
	{ "ifname", 97, put_device }, { "spi", 99, put_spi },
	{ "saddr", 99, put_saddr }, { "daddr", 99, put_daddr },
	{ "src", 99, put_src }, { "src-prefixlen", 99, put_src_bits },
	{ "dst", 99, put_dst }, { "dst-prefixlen", 99, put_dst_bits },
	{ "mode", 98, put_mode }, { "encr", 99, put_encr }, { "encr-key", 98, put_encr_key },
	{ "integ", 98, put_integ }, { "integ-key", 98, put_integ_key },
	{ "action", 99, put_action }, { "encap", 98, put_encap },
	{ "encap-sport", 98, put_encap_port }, { "encap-dport", 98, put_encap_port },
	{ "direction", 99, put_direction }, { "replay-window", 5, put_any }, { "esn", 10, put_any },
	{ "owner", 30, put_any }, { "keepalive", 2, put_soft },
	{ "limit-soft-bytes", 3, put_soft }, { "limit-hard-bytes", 3, put_hard },
	{ "limit-soft-packets", 3, put_soft }, { "limit-hard-packets", 3, put_hard },
	{ "limit-soft-seconds", 5, put_soft }, { "limit-hard-seconds", 5, put_hard },
	{ "protocol", 10, put_any }, { "sport-min", 3, put_any }, { "sport-max", 3, put_any },
	{ "dport-min", 3, put_any }, { "dport-max", 3, put_any }, { "priority", 30, put_any },
	{ "peer-addr", 50, put_saddr }, { "peer-port", 30, put_any },
	{ "timeout", 80, put_soft },
};

static const struct habit *habit_of(const struct attribute *attribute)
{
	static const struct habit unknown = { "", 4, put_any };
	static const struct habit nest = { "", 50, put_any };
	unsigned int i;

	/* some have the names of what is in them */
	if (attribute->kind == KIND_NEST && strcmp(attribute->name, "op"))
		return &nest;
	for (i = 0; i < COUNT(habits); i++)
		if (!strcmp(habits[i].name, attribute->name))
			return &habits[i];
	return &unknown;
}

static void put_attribute(struct message *message, struct source *source,
			  const struct scene *scene, const struct attribute *attribute)
{
	const struct habit *habit = habit_of(attribute);

	if (!chance(source, habit->percent))
		return;
	habit->put(message, source, scene, attribute);
	while (attribute->multi && attribute->kind == KIND_NEST && chance(source, 60))
		habit->put(message, source, scene, attribute);
}

static const struct attribute *attribute_of(const struct set *set, uint16_t number)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (set->attributes[i].number == number)
			return &set->attributes[i];
	return NULL;
}

static const struct attribute *attribute_named(const struct set *set, const char *name)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (!strcmp(set->attributes[i].name, name))
			return &set->attributes[i];
	fprintf(stderr, "netlink_storm: there is no %s in %s any more\n", name, set->name);
	exit(1);
}

static void write_request(struct message *message, struct source *source,
			  const struct request *request, uint32_t seq)
{
	struct genlmsghdr head = { .cmd = request->number, .version = 1 };
	bool dump = request->has_dump && (!request->has_do || chance(source, 20));
	struct scene scene;
	unsigned int i;

	set_scene(&scene, source, !strcmp(request->set->name, "policy"));
	begin(message, family, dump ? NLM_F_DUMP : NLM_F_ACK, seq, &head, sizeof(head));
	for (i = 0; i < request->wanted_count && (!dump || chance(source, 2)); i++)
		put_attribute(message, source, &scene,
			      attribute_of(request->set, request->wanted[i]));
	finish(message);
}

/* What there is and what is removed keep a balance; all at once goes seldom */
static unsigned int weight_of(const struct request *request)
{
	const char *verb = strrchr(request->name, '-');

	if (!verb)
		return 60;
	if (!strcmp(verb, "-new"))
		return 100;
	if (!strcmp(verb, "-flush"))
		return 1;
	return !strcmp(verb, "-get") ? 30 : 60;
}

static const struct request *pick_request(struct source *source)
{
	unsigned int i, sum = 0, choice;

	for (i = 0; i < COUNT(requests); i++)
		sum += weight_of(&requests[i]);
	choice = below(source, sum);
	for (i = 0; choice >= weight_of(&requests[i]); i++)
		choice -= weight_of(&requests[i]);
	return &requests[i];
}

/* ----- what does not make sense ----- */

static void double_attribute(struct message *message, size_t place)
{
	struct nlattr head;

	memcpy(&head, message->data + place, sizeof(head));
	if (head.nla_len < sizeof(head) ||
	    message->length + padded(head.nla_len) > sizeof(message->data) / 2 ||
	    place + padded(head.nla_len) > message->length)
		return;
	memcpy(message->data + message->length, message->data + place, padded(head.nla_len));
	message->length += padded(head.nla_len);
}

static void remove_attribute(struct message *message, size_t place)
{
	struct nlattr head;
	size_t end;

	memcpy(&head, message->data + place, sizeof(head));
	end = place + padded(head.nla_len);
	if (head.nla_len < sizeof(head) || end > message->length)
		return;
	memmove(message->data + place, message->data + end, message->length - end);
	message->length -= end - place;
	/* the other places are no longer true */
	message->place_count = 0;
}

/* Let everything behind the place be inside of a nest there */
static void wrap(struct message *message, size_t place, uint16_t number)
{
	struct nlattr head = { .nla_type = number };

	memmove(message->data + place + sizeof(head), message->data + place,
		message->length - place);
	message->length += sizeof(head);
	head.nla_len = (uint16_t)(message->length - place);
	memcpy(message->data + place, &head, sizeof(head));
	message->place_count = 0;
}

static void spoil_attribute(struct message *message, struct source *source)
{
	size_t place = message->places[below(source, message->place_count)];
	struct nlattr head;

	/* it may have been cut off */
	if (place + sizeof(head) >= message->length)
		return;
	memcpy(&head, message->data + place, sizeof(head));
	switch (below(source, 8)) {
	case 0:
		remove_attribute(message, place);
		return;
	case 1:
		double_attribute(message, place);
		return;
	case 2:
		wrap(message, place, (uint16_t)below(source, 64) |
		     (chance(source, 50) ? NLA_F_NESTED : 0));
		return;
	case 3:
		head.nla_type = (uint16_t)below(source, 70);
		break;
	case 4:
		head.nla_type ^= chance(source, 50) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 5:
		head.nla_len = (uint16_t)below(source, 24);
		break;
	case 6:
		head.nla_len = (uint16_t)(head.nla_len + below(source, 3) - 1);
		break;
	default:
		message->data[place + sizeof(head)] = (uint8_t)draw(source);
		return;
	}
	memcpy(message->data + place, &head, sizeof(head));
}

static void spoil_message(struct message *message, struct source *source)
{
	struct nlmsghdr *header = (struct nlmsghdr *)message->data;
	size_t start = NLMSG_HDRLEN, bytes = message->length - start;
	unsigned int count;

	switch (below(source, 6)) {
	case 0:
		message->length -= below(source, (uint32_t)bytes);
		break;
	case 1:
		count = below(source, 64);
		while (count--)
			message->data[message->length++] = (uint8_t)draw(source);
		break;
	case 2:
		header->nlmsg_flags = (uint16_t)(draw(source) | NLM_F_REQUEST);
		break;
	case 3:
		((struct genlmsghdr *)(message->data + start))->cmd =
			(uint8_t)below(source, COMMANDS);
		break;
	case 4:
		((struct genlmsghdr *)(message->data + start))->version =
			(uint8_t)draw(source);
		break;
	default:
		count = 1 + below(source, 4);
		while (count--)
			message->data[start + below(source, (uint32_t)bytes)] ^=
				(uint8_t)(1 << below(source, 8));
	}
}

static void spoil(struct message *message, struct source *source)
{
	unsigned int count = 1 + below(source, 3);

	while (count--) {
		if (message->place_count && chance(source, 75))
			spoil_attribute(message, source);
		else
			spoil_message(message, source);
	}
	if (message->length < NLMSG_HDRLEN + GENL_HDRLEN)
		message->length = NLMSG_HDRLEN + GENL_HDRLEN;
	finish(message);
}

/* ----- sockets ----- */

static int open_netlink(int protocol)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int one = 1, size = 1 << 20;

	if (sock < 0)
		return -1;
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(sock, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(sock, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (bind(sock, (struct sockaddr *)&address, sizeof(address))) {
		close(sock);
		return -1;
	}
	return sock;
}

/* Reads a message with GETFAMILY's answer */
static uint16_t family_in(const uint8_t *data, size_t length)
{
	size_t place = NLMSG_HDRLEN + GENL_HDRLEN;
	struct nlattr head;
	uint16_t number;

	while (place + sizeof(head) + sizeof(number) <= length) {
		memcpy(&head, data + place, sizeof(head));
		memcpy(&number, data + place + sizeof(head), sizeof(number));
		if (head.nla_type == CTRL_ATTR_FAMILY_ID)
			return number;
		if (head.nla_len < sizeof(head))
			break;
		place += padded(head.nla_len);
	}
	return 0;
}

static uint16_t find_family(void)
{
	struct genlmsghdr head = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	int sock = open_netlink(NETLINK_GENERIC);
	static struct message message;
	ssize_t got;

	if (sock < 0)
		die("netlink");
	begin(&message, GENL_ID_CTRL, 0, 1, &head, sizeof(head));
	put_text(&message, CTRL_ATTR_FAMILY_NAME, "espvif");
	finish(&message);
	if (send(sock, message.data, message.length, 0) < 0)
		die("netlink");
	got = recv(sock, message.data, sizeof(message.data), 0);
	close(sock);
	return got > 0 ? family_in(message.data, (size_t)got) : 0;
}

/**
 * struct batch - requests that go with one call
 * @data: them, one behind the other
 * @length: bytes
 * @count: of requests
 * @first: sequence number of the first
 * @commands: of each
 * @is_whole: whether each is as it was meant
 */
struct batch {
	uint8_t data[BUFFER * PER_SEND];
	size_t length;
	unsigned int count;
	uint32_t first;
	uint8_t commands[PER_SEND];
	bool is_whole[PER_SEND];
};

static bool has_sentence(const struct nlmsghdr *header)
{
	const uint8_t *data = (const uint8_t *)header;
	size_t place = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	struct nlattr head;

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return false;
	if (header->nlmsg_type == NLMSG_DONE)
		place = NLMSG_HDRLEN + sizeof(int);
	while (place + sizeof(head) <= header->nlmsg_len) {
		memcpy(&head, data + place, sizeof(head));
		if (head.nla_type == NLMSGERR_ATTR_MSG)
			return true;
		if (head.nla_len < sizeof(head))
			break;
		place += padded(head.nla_len);
	}
	return false;
}

static void take_verdict(const struct batch *batch, const struct nlmsghdr *header)
{
	const struct nlmsgerr *verdict = (const void *)(header + 1);
	uint32_t index = header->nlmsg_seq - batch->first;

	if (!verdict->error) {
		add(&totals->accepted, 1);
		if (index < batch->count)
			add(&totals->per_command_accepted[batch->commands[index]], 1);
		return;
	}
	add(&totals->refused, 1);
	if (index >= batch->count || !batch->is_whole[index] || has_sentence(header) ||
	    verdict->error == -ENOMEM || verdict->error == -EBUSY)
		return;
	add(&totals->speechless, 1);
	totals->speechless_error[batch->commands[index]] = (uint32_t)-verdict->error;
}

/* Everything that came back; what a dump has left comes while it is read */
static void take_answers(int sock, const struct batch *batch)
{
	static uint8_t data[BUFFER];
	const struct nlmsghdr *header;
	size_t place;
	ssize_t got;

	while ((got = recv(sock, data, sizeof(data), MSG_DONTWAIT)) > 0) {
		for (place = 0; place + sizeof(*header) <= (size_t)got;
		     place += NLMSG_ALIGN(header->nlmsg_len)) {
			header = (const void *)(data + place);
			if (header->nlmsg_len < sizeof(*header) ||
			    header->nlmsg_len > (size_t)got - place)
				break;
			/* both begin with an error number */
			if (header->nlmsg_type == NLMSG_ERROR ||
			    header->nlmsg_type == NLMSG_DONE)
				take_verdict(batch, header);
		}
	}
}

static int failure_file(void)
{
	static int file = -1;
	static pid_t owner;

	if (file < 0 || owner != getpid()) {
		file = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
		if (file < 0)
			die("/proc/self/fail-nth");
		owner = getpid();
	}
	return file;
}

/* Lets one of the next allocations of this process fail */
static void begin_failing(struct source *source)
{
	int length;
	char text[16];

	if (!lets_fail)
		return;
	length = snprintf(text, sizeof(text), "%u", 1 + below(source, 120));
	if (pwrite(failure_file(), text, (size_t)length, 0) != length)
		die("setting up a failure");
}

static void end_failing(void)
{
	char text[16];

	if (!lets_fail)
		return;
	if (pread(failure_file(), text, sizeof(text), 0) > 0 && text[0] == '0')
		add(&totals->failures, 1);
	if (pwrite(failure_file(), "0", 1, 0) != 1)
		die("ending a failure");
}

static void send_batch(int sock, struct batch *batch, struct source *source)
{
	ssize_t done;
	int error;

	begin_failing(source);
	done = send(sock, batch->data, batch->length, 0);
	error = errno;
	end_failing();
	if (done < 0 && error != ENOBUFS && error != EINVAL && error != EMSGSIZE &&
	    error != ENOMEM) {
		errno = error;
		die("sending requests");
	}
	/* what the kernel didn't take counts for nothing */
	if (done >= 0)
		add(&totals->messages, batch->count);
	take_answers(sock, batch);
}

static void fill_batch(struct batch *batch, struct source *source, struct message *message)
{
	const struct request *request;
	unsigned int i, count = 1 + below(source, PER_SEND);

	batch->first += batch->count;
	batch->length = 0;
	batch->count = count;
	for (i = 0; i < count; i++) {
		request = pick_request(source);
		write_request(message, source, request, batch->first + i);
		batch->commands[i] = request->number;
		batch->is_whole[i] = chance(source, 55);
		if (!batch->is_whole[i])
			spoil(message, source);
		add(&totals->per_command[request->number], 1);
		memcpy(batch->data + batch->length, message->data, message->length);
		memset(batch->data + batch->length + message->length, 0, NLMSG_ALIGNTO);
		batch->length += NLMSG_ALIGN(message->length);
	}
}

/* ----- those who work at the same time ----- */

static void storm(struct source *source, uint64_t limit)
{
	static struct message message;
	static struct batch batch;
	int sock = open_netlink(NETLINK_GENERIC);

	if (sock < 0)
		die("netlink");
	while (!__atomic_load_n(&totals->stop, __ATOMIC_RELAXED) &&
	       total(&totals->messages) < limit) {
		fill_batch(&batch, source, &message);
		send_batch(sock, &batch, source);
	}
	close(sock);
}

/* Asks the kernel to make or change a link, and lets it have its own opinion */
static void change_link(int sock, uint16_t type, const char *name, unsigned int flags,
			bool is_new, uint32_t mtu, int namespace)
{
	struct ifinfomsg head = { .ifi_flags = flags, .ifi_change = is_new ? 0 : IFF_UP };
	static struct message message;
	size_t place;

	if (namespace >= 0)
		head.ifi_change = 0;
	begin(&message, type, NLM_F_ACK | (is_new ? NLM_F_CREATE | NLM_F_EXCL : 0), 1, &head,
	      sizeof(head));
	put_text(&message, IFLA_IFNAME, "%s", name);
	if (mtu)
		put(&message, IFLA_MTU, &mtu, sizeof(mtu));
	if (namespace >= 0)
		put(&message, IFLA_NET_NS_FD, &namespace, sizeof(namespace));
	if (is_new) {
		place = put(&message, IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);
		put_text(&message, IFLA_INFO_KIND, "espvif");
		end_nest(&message, place);
	}
	finish(&message);
	if (send(sock, message.data, message.length, 0) < 0)
		die("sending a request about a link");
	/* a verdict always comes, and doesn't matter */
	if (recv(sock, message.data, sizeof(message.data), 0) < 0)
		die("a link's verdict");
	add(&totals->devices, 1);
}

/*
 * Lets up to so many requests pass. What takes the RTNL and waits for RCU takes so long
 * that without this nothing else would happen on a slow kernel. Returns false at the end.
 */
static bool let_pass(struct source *source, uint32_t messages)
{
	uint64_t go_on = total(&totals->messages) + below(source, messages);

	while (!__atomic_load_n(&totals->stop, __ATOMIC_RELAXED)) {
		if (total(&totals->messages) >= go_on)
			return true;
		usleep(20000);
	}
	return false;
}

static void juggle_devices(struct source *source)
{
	int sock = open_netlink(NETLINK_ROUTE);
	const char *name;

	if (sock < 0)
		die("rtnetlink");
	while (let_pass(source, 400)) {
		name = devices[below(source, 3)];
		switch (below(source, 8)) {
		case 0:
		case 1:
			change_link(sock, RTM_NEWLINK, name, 0, true, 0, -1);
			break;
		case 2:
			change_link(sock, RTM_DELLINK, name, 0, false, 0, -1);
			break;
		case 3:
			if (peer >= 0)
				change_link(sock, RTM_NEWLINK, name, 0, false, 0, peer);
			break;
		case 4:
			change_link(sock, RTM_NEWLINK, name, IFF_UP, false,
				    below(source, 2000), -1);
			break;
		case 5:
			change_link(sock, RTM_NEWLINK, name, 0, false, 0, -1);
			break;
		default:
			change_link(sock, RTM_NEWLINK, name, IFF_UP, false, 0, -1);
		}
	}
	close(sock);
}

/* In the network namespace of this process */
static void load_rules(void)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (!child) {
		execlp("nft", "nft", "-f", rules, (char *)NULL);
		die("nft");
	}
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		die("the rules");
}

static void live_briefly(struct source *source)
{
	static struct message message;
	static struct batch batch;
	int sock, i;

	if (unshare(CLONE_NEWNET))
		die("a network namespace");
	if (rules)
		load_rules();
	sock = open_netlink(NETLINK_ROUTE);
	if (sock < 0)
		die("rtnetlink");
	change_link(sock, RTM_NEWLINK, "lo", IFF_UP, false, 0, -1);
	change_link(sock, RTM_NEWLINK, "ipsec0", 0, true, 0, -1);
	close(sock);
	sock = open_netlink(NETLINK_GENERIC);
	if (sock < 0)
		die("netlink");
	for (i = 0; i < 20; i++) {
		fill_batch(&batch, source, &message);
		send_batch(sock, &batch, source);
	}
	close(sock);
}

static void juggle_namespaces(struct source *source)
{
	pid_t child;

	while (let_pass(source, 5000)) {
		source->state += draw(source);
		child = fork();
		if (child < 0)
			die("fork");
		if (!child) {
			live_briefly(source);
			_exit(0);
		}
		waitpid(child, NULL, 0);
		add(&totals->namespaces, 1);
	}
}

static pid_t start(unsigned int number, uint64_t seed, uint64_t limit)
{
	struct source source = { .state = (seed + number + 1) * 0x9e3779b97f4a7c15 };
	pid_t child = fork();

	if (child)
		return child;
	if (number == 0)
		juggle_devices(&source);
	else if (number == 1)
		juggle_namespaces(&source);
	else
		storm(&source, limit);
	exit(0);
}

/* ----- the whole ----- */

static void tell(FILE *file)
{
	fprintf(file, "%llu messages, %llu accepted, %llu refused; %llu changes of links, %llu namespaces, %llu failures\n",
		(unsigned long long)total(&totals->messages),
		(unsigned long long)total(&totals->accepted),
		(unsigned long long)total(&totals->refused),
		(unsigned long long)total(&totals->devices),
		(unsigned long long)total(&totals->namespaces),
		(unsigned long long)total(&totals->failures));
	fflush(file);
}

static void tell_commands(void)
{
	unsigned int i;

	for (i = 0; i < COUNT(requests); i++)
		printf("%s: %llu sent, %llu accepted\n", requests[i].name,
		       (unsigned long long)totals->per_command[requests[i].number],
		       (unsigned long long)totals->per_command_accepted[requests[i].number]);
	for (i = 0; i < COMMANDS; i++)
		if (totals->speechless_error[i])
			printf("command %u refused without a sentence: %s\n", i,
			       strerror((int)totals->speechless_error[i]));
}

static int usage(FILE *file)
{
	fputs("Usage: netlink_storm [OPTION...]\n"
	      "\n"
	      "Sends requests to espvif in the network namespace that it runs in.\n"
	      "\n"
	      "  --messages N    how many (default 10000)\n"
	      "  --workers N     processes that send (default 2)\n"
	      "  --seed N        what chance begins with (default 1)\n"
	      "  --peer FILE     another network namespace, which devices move to\n"
	      "  --rules FILE    what nft is to read in namespaces that come and go\n"
	      "  --fail          let allocations fail (a kernel with fault injection)\n"
	      "  -h, --help      this text\n"
	      "\n"
	      "Exit status 1 if a process ended before its time, 3 if a request that was\n"
	      "formed well was refused without a sentence.\n", file);
	return file == stdout ? 0 : 2;
}

/* Waits for the workers that send; the jugglers go on as long as they do */
static bool wait_for_workers(unsigned int workers, pid_t jugglers[2])
{
	bool good = true;
	unsigned int left = workers;
	time_t told = time(NULL);
	int status;
	pid_t pid;

	while (left) {
		pid = waitpid(-1, &status, WNOHANG);
		if (pid > 0) {
			good = good && WIFEXITED(status) && !WEXITSTATUS(status);
			if (pid != jugglers[0] && pid != jugglers[1])
				left--;
			else
				good = false;
			continue;
		}
		usleep(50000);
		if (time(NULL) - told >= 20) {
			told = time(NULL);
			fputs("so far: ", stderr);
			tell(stderr);
		}
	}
	__atomic_store_n(&totals->stop, 1, __ATOMIC_RELAXED);
	while (waitpid(-1, &status, 0) > 0)
		good = good && WIFEXITED(status) && !WEXITSTATUS(status);
	return good;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "messages", required_argument, NULL, 'm' },
		{ "workers", required_argument, NULL, 'w' },
		{ "seed", required_argument, NULL, 's' },
		{ "peer", required_argument, NULL, 'p' },
		{ "rules", required_argument, NULL, 'r' },
		{ "fail", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	uint64_t messages = 10000, seed = 1;
	unsigned int workers = 2, i;
	pid_t jugglers[2];
	bool good;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'm': messages = strtoull(optarg, NULL, 0); break;
		case 'w': workers = (unsigned int)strtoul(optarg, NULL, 0); break;
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'p': peer = open(optarg, O_RDONLY | O_CLOEXEC); break;
		case 'r': rules = optarg; break;
		case 'f': lets_fail = true; break;
		case 'h': return usage(stdout);
		default: return usage(stderr);
		}
	}
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (totals == MAP_FAILED)
		die("memory");
	family = find_family();
	if (!family) {
		fputs("netlink_storm: there is no family espvif: modprobe espvif\n", stderr);
		return 1;
	}
	for (i = 0; i < workers + 2; i++) {
		pid_t child = start(i, seed, messages);

		if (child < 0)
			die("fork");
		if (i < 2)
			jugglers[i] = child;
	}
	good = wait_for_workers(workers, jugglers);
	tell(stdout);
	tell_commands();
	if (!good)
		return 1;
	/* what a failure cuts short may be anything */
	return total(&totals->speechless) && !lets_fail ? 3 : 0;
}
