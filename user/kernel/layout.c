// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of attributes and the one decoder that reads an object by them.
 * An attribute of an unknown type is skipped, because a newer module may send
 * more; one of a wrong length, or a missing one that every object has, is an
 * error.
 */
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/genl.h"
#include "kernel/layout.h"
#include "lib/array.h"

enum field_kind {
	FIELD_WRITE_ONLY,
	FIELD_FLAG,
	FIELD_ENUM,		/* u8 on the wire */
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_STRING,
	FIELD_ADDRESS,
	FIELD_COUNTER,		/* a nest; may stand many times */
	FIELD_FLOW,		/* a nest */
	FIELD_SA_NAME,		/* likewise */
	FIELD_REPLAY_STATE,
	FIELD_CPU,		/* u32 */
};

/**
 * struct field - one attribute of an object
 * @type: of the attribute
 * @kind: how it is read
 * @required: every object has it
 * @offset: of its place in the struct
 * @size: room there
 * @name: what sentences call it
 */
struct field {
	uint16_t type;
	enum field_kind kind;
	bool required;
	size_t offset;
	size_t size;
	const char *name;
};

#define ALWAYS true
#define SOMETIMES false

#define FIELD(type, kind, required, object, member, name) { \
	type, FIELD_ ## kind, required, offsetof(struct object, member), \
	sizeof(((struct object *)NULL)->member), name }
#define FIELD_INPUT(type, name) { \
	type, FIELD_WRITE_ONLY, false, 0, 0, name }

#define SA(type, kind, required, member, name) \
	FIELD(ESPVIF_A_SA_ ## type, kind, required, kernel_sa, member, name)

static const struct field sa_fields[] = {
	SA(ID, U32, ALWAYS, id, "number of the SA"),
	SA(NAME, STRING, ALWAYS, config.name, "name"),
	SA(DIRECTION, ENUM, ALWAYS, config.direction, "direction"),
	SA(SPI, U32, ALWAYS, config.spi, "SPI"),
	SA(SADDR, ADDRESS, ALWAYS, config.source, "source address"),
	SA(DADDR, ADDRESS, ALWAYS, config.destination, "destination address"),
	SA(MODE, ENUM, ALWAYS, config.mode, "mode"),
	SA(ENCR, U16, ALWAYS, config.encryption, "encryption algorithm"),
	FIELD_INPUT(ESPVIF_A_SA_ENCR_KEY, "encryption key"),
	SA(ENCR_KEY_BITS, U16, SOMETIMES, encryption_key_bits,
	   "length of the encryption key"),
	SA(INTEG, U16, SOMETIMES, config.integrity, "integrity algorithm"),
	FIELD_INPUT(ESPVIF_A_SA_INTEG_KEY, "integrity key"),
	SA(ESN, FLAG, SOMETIMES, config.esn, "ESN"),
	SA(REPLAY_WINDOW, U32, SOMETIMES, config.replay_window,
	   "replay window"),
	SA(OWNER, ENUM, SOMETIMES, config.owner, "owner"),
	SA(IFNAME, STRING, SOMETIMES, config.interface, "interface"),
	SA(ENCAP, ENUM, SOMETIMES, config.encapsulation, "encapsulation"),
	SA(ENCAP_SPORT, U16, SOMETIMES, config.source_port,
	   "source port of the encapsulation"),
	SA(ENCAP_DPORT, U16, SOMETIMES, config.destination_port,
	   "destination port of the encapsulation"),
	SA(KEEPALIVE, U32, SOMETIMES, config.keepalive, "keepalive"),
	SA(DF, ENUM, SOMETIMES, config.outer.df, "DF"),
	SA(DSCP, U8, SOMETIMES, config.outer.dscp, "DSCP"),
	SA(HOP_LIMIT, U8, SOMETIMES, config.outer.hop_limit, "hop limit"),
	SA(FLOW_LABEL, ENUM, SOMETIMES, config.outer.flow_label, "flow label"),
	SA(FRAGMENT, ENUM, SOMETIMES, config.outer.fragment, "fragmentation"),
	SA(TFC, U16, SOMETIMES, config.outer.tfc, "TFC padding"),
	SA(LIMIT_SOFT_BYTES, U64, SOMETIMES, config.soft.bytes,
	   "soft lifetime in bytes"),
	SA(LIMIT_HARD_BYTES, U64, SOMETIMES, config.hard.bytes,
	   "hard lifetime in bytes"),
	SA(LIMIT_SOFT_PACKETS, U64, SOMETIMES, config.soft.packets,
	   "soft lifetime in packets"),
	SA(LIMIT_HARD_PACKETS, U64, SOMETIMES, config.hard.packets,
	   "hard lifetime in packets"),
	SA(LIMIT_SOFT_SECONDS, U32, SOMETIMES, config.soft.seconds,
	   "soft lifetime in seconds"),
	SA(LIMIT_HARD_SECONDS, U32, SOMETIMES, config.hard.seconds,
	   "hard lifetime in seconds"),
	SA(STATE, ENUM, ALWAYS, state, "state"),
	SA(SEQ, U64, SOMETIMES, sequence, "sequence number"),
	SA(REPLAY_STATE, REPLAY_STATE, SOMETIMES, received, "replay state"),
	SA(PACKETS, U64, SOMETIMES, packets, "packets"),
	SA(BYTES, U64, SOMETIMES, bytes, "bytes"),
	SA(ADD_TIME, U64, SOMETIMES, added, "time of making"),
	SA(USE_TIME, U64, SOMETIMES, used, "time of use"),
	SA(POLICIES, U32, SOMETIMES, policies, "number of policies"),
	SA(DROP, COUNTER, SOMETIMES, drops, "drops"),
	SA(HARD, FLAG, SOMETIMES, hard, "hard limit"),
	SA(PEER_ADDR, ADDRESS, SOMETIMES, peer.address, "address of the peer"),
	SA(PEER_PORT, U16, SOMETIMES, peer.port, "port of the peer"),
	SA(OFFLOAD, ENUM, SOMETIMES, config.offload, "offload"),
	SA(OFFLOAD_STATE, ENUM, SOMETIMES, offload, "state of the offload"),
	SA(OFFLOAD_IFNAME, STRING, SOMETIMES, offload_device,
	   "device of the offload"),
	SA(CPU, CPU, SOMETIMES, config.cpu, "CPU"),
};

#define POLICY(type, kind, required, member, name) \
	FIELD(ESPVIF_A_POLICY_ ## type, kind, required, kernel_policy, \
	      member, name)

static const struct field policy_fields[] = {
	POLICY(ID, U32, ALWAYS, id, "number of the policy"),
	POLICY(NAME, STRING, ALWAYS, config.name, "name"),
	POLICY(DIRECTION, ENUM, ALWAYS, config.direction, "direction"),
	POLICY(SRC, ADDRESS, ALWAYS, config.source.address, "source"),
	POLICY(SRC_PREFIXLEN, U8, ALWAYS, config.source.length,
	       "length of the source prefix"),
	POLICY(DST, ADDRESS, ALWAYS, config.destination.address,
	       "destination"),
	POLICY(DST_PREFIXLEN, U8, ALWAYS, config.destination.length,
	       "length of the destination prefix"),
	POLICY(PROTOCOL, U8, SOMETIMES, config.protocol, "protocol"),
	POLICY(SPORT_MIN, U16, SOMETIMES, config.source_ports.min,
	       "source port"),
	POLICY(SPORT_MAX, U16, SOMETIMES, config.source_ports.max,
	       "source port"),
	POLICY(DPORT_MIN, U16, SOMETIMES, config.destination_ports.min,
	       "destination port"),
	POLICY(DPORT_MAX, U16, SOMETIMES, config.destination_ports.max,
	       "destination port"),
	POLICY(ACTION, ENUM, ALWAYS, config.action, "action"),
	POLICY(MODE, ENUM, SOMETIMES, config.mode, "mode"),
	POLICY(SA, SA_NAME, SOMETIMES, config.sas, "SA"),
	POLICY(TRAP, FLAG, SOMETIMES, config.trap, "trap"),
	POLICY(HELD, U32, SOMETIMES, held, "number of packets held"),
	POLICY(FLOW, FLOW, SOMETIMES, flow, "packet"),
	POLICY(CPU_ACQUIRE, FLAG, SOMETIMES, config.cpu_acquire,
	       "question for SAs of CPUs"),
	POLICY(CPU, CPU, SOMETIMES, cpu, "CPU"),
	POLICY(PRIORITY, U32, ALWAYS, config.priority, "priority"),
	POLICY(OWNER, ENUM, SOMETIMES, config.owner, "owner"),
	POLICY(IFNAME, STRING, SOMETIMES, config.interface, "interface"),
	POLICY(MSS, U16, SOMETIMES, config.mss, "MSS"),
	POLICY(PACKETS, U64, SOMETIMES, packets, "packets"),
	POLICY(BYTES, U64, SOMETIMES, bytes, "bytes"),
	POLICY(USE_TIME, U64, SOMETIMES, used, "time of use"),
};

#define STATUS(type, kind, required, member, name) \
	FIELD(ESPVIF_A_STATUS_ ## type, kind, required, kernel_status, \
	      member, name)

static const struct field status_fields[] = {
	STATUS(VERSION, STRING, ALWAYS, version, "version"),
	STATUS(SAS, U32, ALWAYS, sas, "number of SAs"),
	STATUS(POLICIES, U32, ALWAYS, policies, "number of policies"),
	STATUS(SPIS, U32, SOMETIMES, spis, "number of promised SPIs"),
	STATUS(COUNTER, COUNTER, SOMETIMES, counters, "counter"),
};

#define DEVICE(type, kind, required, member, name) \
	FIELD(ESPVIF_A_DEVICE_ ## type, kind, required, kernel_device, \
	      member, name)

static const struct field device_fields[] = {
	DEVICE(IFNAME, STRING, ALWAYS, name, "interface"),
	DEVICE(IFINDEX, U32, ALWAYS, index, "interface index"),
	DEVICE(NETNS_FOREIGN, FLAG, SOMETIMES, foreign, "foreign namespace"),
	DEVICE(MTU, U32, SOMETIMES, mtu, "MTU"),
	DEVICE(RUNNING, FLAG, SOMETIMES, running, "running"),
	DEVICE(SAS, U32, SOMETIMES, sas, "number of SAs"),
	DEVICE(POLICIES, U32, SOMETIMES, policies, "number of policies"),
};

#define EXPLAIN(type, kind, required, member, name) \
	FIELD(ESPVIF_A_EXPLAIN_ ## type, kind, required, kernel_answer, \
	      member, name)

static const struct field explain_fields[] = {
	FIELD_INPUT(ESPVIF_A_EXPLAIN_DIRECTION, "direction"),
	FIELD_INPUT(ESPVIF_A_EXPLAIN_SRC, "source"),
	FIELD_INPUT(ESPVIF_A_EXPLAIN_DST, "destination"),
	FIELD_INPUT(ESPVIF_A_EXPLAIN_PROTOCOL, "protocol"),
	FIELD_INPUT(ESPVIF_A_EXPLAIN_SPORT, "source port"),
	FIELD_INPUT(ESPVIF_A_EXPLAIN_DPORT, "destination port"),
	FIELD_INPUT(ESPVIF_A_EXPLAIN_LENGTH, "length"),
	EXPLAIN(VERDICT, ENUM, ALWAYS, verdict, "verdict"),
	EXPLAIN(COUNTER, STRING, SOMETIMES, counter, "name of a counter"),
	EXPLAIN(POLICY, STRING, SOMETIMES, policy, "policy"),
	EXPLAIN(ACTION, ENUM, SOMETIMES, action, "action"),
	EXPLAIN(EXEMPT, FLAG, SOMETIMES, exempt, "exemption"),
	EXPLAIN(LOOPBACK, FLAG, SOMETIMES, loopback, "loopback"),
	EXPLAIN(SA, STRING, SOMETIMES, sa, "SA"),
	EXPLAIN(SA_STATE, ENUM, SOMETIMES, sa_state, "state of the SA"),
	EXPLAIN(IFNAME, STRING, SOMETIMES, interface, "interface"),
	EXPLAIN(LINK, STRING, SOMETIMES, link, "outgoing interface"),
	EXPLAIN(GATEWAY, ADDRESS, SOMETIMES, gateway, "gateway"),
	EXPLAIN(PATH_MTU, U32, SOMETIMES, path_mtu, "path MTU"),
	EXPLAIN(INNER_MTU, U32, SOMETIMES, inner_mtu, "what fits"),
	EXPLAIN(OUTER_LENGTH, U32, SOMETIMES, outer_length,
		"length of the ESP packet"),
	EXPLAIN(FRAGMENTED, FLAG, SOMETIMES, fragmented, "fragmentation"),
	EXPLAIN(CPU, CPU, SOMETIMES, cpu, "CPU"),
};

static const struct field spi_fields[] = {
	FIELD_INPUT(ESPVIF_A_SPI_SPI, "SPI"),
	FIELD_INPUT(ESPVIF_A_SPI_DADDR, "destination address"),
	FIELD_INPUT(ESPVIF_A_SPI_TIMEOUT, "timeout"),
};

#define COUNTER(type, kind, required, member, name) \
	FIELD(ESPVIF_A_COUNTER_ ## type, kind, required, kernel_counter, \
	      member, name)

static const struct field counter_fields[] = {
	COUNTER(NAME, STRING, ALWAYS, name, "name of a counter"),
	COUNTER(VALUE, U64, ALWAYS, packets, "value of a counter"),
};

#define FLOW(type, kind, required, member, name) \
	FIELD(ESPVIF_A_FLOW_ ## type, kind, required, kernel_flow, member, name)

static const struct field flow_fields[] = {
	FLOW(SRC, ADDRESS, ALWAYS, source, "source"),
	FLOW(DST, ADDRESS, ALWAYS, destination, "destination"),
	FLOW(PROTOCOL, U8, ALWAYS, protocol, "protocol"),
	FLOW(SPORT, U16, SOMETIMES, source_port, "source port"),
	FLOW(DPORT, U16, SOMETIMES, destination_port, "destination port"),
};

#define LAYOUT(table, noun) { \
	table, ARRAY_SIZE(table), noun }

const struct layout layout_sa = LAYOUT(sa_fields, "an SA");
const struct layout layout_policy = LAYOUT(policy_fields, "a policy");
const struct layout layout_status = LAYOUT(status_fields, "the status");
const struct layout layout_device = LAYOUT(device_fields, "a device");
const struct layout layout_explain = LAYOUT(explain_fields, "an answer");
const struct layout layout_spi = LAYOUT(spi_fields, "an SPI");
static const struct layout layout_flow = LAYOUT(flow_fields, "a packet");
static const struct layout layout_counter = LAYOUT(counter_fields,
						   "a counter");

static const struct field *find(const struct layout *layout, uint16_t type)
{
	size_t i;

	for (i = 0; i < layout->count; i++) {
		if (layout->fields[i].type == type)
			return &layout->fields[i];
	}
	return NULL;
}

/**
 * layout_name - what to call an attribute
 * @layout: of the object it belongs to
 * @type: its number
 *
 * Return: a few words for a sentence, NULL if the number is unknown.
 */
const char *layout_name(const struct layout *layout, uint16_t type)
{
	const struct field *field = find(layout, type);

	return field ? field->name : NULL;
}

/**
 * layout_append - make room for one more item in an array
 * @items: the array, or NULL
 * @count: how many items it has
 * @size: of one item
 *
 * Return: the array, with zeroed room for item @count; NULL without memory,
 * the array being unchanged.
 */
void *layout_append(void *items, size_t count, size_t size)
{
	/* grow when full, that is at every power of two */
	if (!(count & (count - 1))) {
		items = reallocarray(items, count ? 2 * count : 1, size);
		if (!items)
			return NULL;
	}
	memset((char *)items + count * size, 0, size);
	return items;
}

static struct error *read_counter(const struct nlattr *attribute,
				  struct kernel_counters *counters)
{
	struct kernel_counter *items;

	items = layout_append(counters->items, counters->count,
			      sizeof(*items));
	if (!items)
		return error_no_memory();
	counters->items = items;
	return layout_decode(&layout_counter, mnl_attr_get_payload(attribute),
			     mnl_attr_get_payload_len(attribute),
			     &items[counters->count++]);
}

static struct error *read_flow(const struct nlattr *attribute,
			       struct kernel_flow *flow)
{
	return layout_decode(&layout_flow, mnl_attr_get_payload(attribute),
			     mnl_attr_get_payload_len(attribute), flow);
}

static bool read_string(const struct nlattr *attribute, char *text, size_t size)
{
	const char *payload = mnl_attr_get_payload(attribute);
	size_t length = strnlen(payload, mnl_attr_get_payload_len(attribute));

	if (length >= size)
		return false;
	memcpy(text, payload, length);
	text[length] = '\0';
	return true;
}

static bool read_sa_name(const struct nlattr *attribute,
			 struct kernel_sa_names *sas)
{
	return sas->count < ESPVIF_POLICY_SAS_MAX &&
	       read_string(attribute, sas->names[sas->count++],
			   KERNEL_NAME_SIZE);
}

static bool read_replay_state(const struct nlattr *attribute,
			      struct kernel_replay_state *state)
{
	state->length = mnl_attr_get_payload_len(attribute);
	if (state->length > sizeof(state->bytes))
		return false;
	memcpy(state->bytes, mnl_attr_get_payload(attribute), state->length);
	return true;
}

static bool read_number(const struct nlattr *attribute, void *place, size_t size)
{
	if (mnl_attr_get_payload_len(attribute) != size)
		return false;
	memcpy(place, mnl_attr_get_payload(attribute), size);
	return true;
}

static bool read_cpu(const struct nlattr *attribute, struct kernel_cpu *cpu)
{
	cpu->given = true;
	return read_number(attribute, &cpu->number, sizeof(cpu->number));
}

static bool read_enum(const struct nlattr *attribute, void *place)
{
	unsigned int number;
	uint8_t byte;

	if (!read_number(attribute, &byte, sizeof(byte)))
		return false;
	number = byte;
	memcpy(place, &number, sizeof(number));
	return true;
}

static struct error *read_field(const struct field *field,
				const struct nlattr *attribute, void *object)
{
	void *place = (char *)object + field->offset;
	bool good = true;

	switch (field->kind) {
	case FIELD_WRITE_ONLY:
		break;
	case FIELD_FLAG:
		*(bool *)place = true;
		break;
	case FIELD_ENUM:
		good = read_enum(attribute, place);
		break;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		good = read_number(attribute, place, field->size);
		break;
	case FIELD_STRING:
		good = read_string(attribute, place, field->size);
		break;
	case FIELD_ADDRESS:
		good = address_set(place, mnl_attr_get_payload(attribute),
				   mnl_attr_get_payload_len(attribute));
		break;
	case FIELD_COUNTER:
		return read_counter(attribute, place);
	case FIELD_FLOW:
		return read_flow(attribute, place);
	case FIELD_REPLAY_STATE:
		good = read_replay_state(attribute, place);
		break;
	case FIELD_CPU:
		good = read_cpu(attribute, place);
		break;
	case FIELD_SA_NAME:
		good = read_sa_name(attribute, place);
		break;
	}
	return good ? NULL : genl_malformed(field->name);
}

/* Checks what no attribute can say of itself. */
static struct error *check_whole(const struct layout *layout, void *object)
{
	const struct kernel_policy_config *config = object;

	if (layout == &layout_policy &&
	    (config->source.address.length !=
	     config->destination.address.length ||
	     config->source.length > address_bits(&config->source.address) ||
	     config->destination.length >
	     address_bits(&config->destination.address)))
		return genl_malformed("prefixes of a policy");
	return NULL;
}

/* What an object is where its attributes say nothing. */
static void set_defaults(const struct layout *layout, void *object)
{
	static const struct port_range any = PORT_RANGE_ANY;
	struct kernel_policy_config *config = object;

	if (layout != &layout_policy)
		return;
	config->source_ports = any;
	config->destination_ports = any;
}

/**
 * layout_decode - read an object
 * @layout: of the object
 * @attributes: as they came
 * @length: bytes of them
 * @object: the struct @layout belongs to, zeroed; what it points to is to be
 *	freed also after an error
 *
 * Return: NULL, or what is wrong with the attributes.
 */
struct error *layout_decode(const struct layout *layout,
			    const void *attributes, size_t length,
			    void *object)
{
	const struct field *field;
	const struct nlattr *attribute;
	struct error *error;
	uint64_t seen = 0;
	size_t i;

	set_defaults(layout, object);
	genl_for_each_attribute(attribute, attributes, length) {
		field = find(layout, mnl_attr_get_type(attribute));
		if (!field)
			continue;
		seen |= 1ULL << field->type;
		error = read_field(field, attribute, object);
		if (error)
			return error;
	}
	for (i = 0; i < layout->count; i++) {
		field = &layout->fields[i];
		if (field->required && !(seen & 1ULL << field->type))
			return error_prefix(genl_malformed(field->name),
					    "%s lacks an attribute: ",
					    layout->noun);
	}
	return check_whole(layout, object);
}
