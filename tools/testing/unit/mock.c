// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mock kernel. Sequence numbers of answers are filled in when they are
 * received, unless a test gave them one.
 */
#include <errno.h>

#include "mock.h"
#include "unit.h"

static struct error *send_message(void *context, const void *message,
				  size_t length)
{
	struct mock *mock = context;

	assert_true(length <= sizeof(mock->request));
	memcpy(mock->request.bytes, message, length);
	mock->requests++;
	return NULL;
}

static struct error *receive_messages(void *context, void *buffer,
				      size_t size, size_t *length)
{
	struct mock *mock = context;
	struct nlmsghdr *message;
	int left;

	if (mock->lose) {
		mock->lose = false;
		return error_refused(ENOBUFS, "the mock had no room");
	}
	if (mock->received == mock->queued)
		return error_refused(ETIMEDOUT, "the mock has no answer left");
	*length = mock->lengths[mock->received];
	assert_true(*length <= size);
	memcpy(buffer, mock->datagrams[mock->received++].bytes, *length);
	message = buffer;
	for (left = (int)*length;
	     mnl_nlmsg_ok(message, left) &&
	     message->nlmsg_len <= (size_t)left;
	     message = mnl_nlmsg_next(message, &left)) {
		if (!message->nlmsg_seq)
			message->nlmsg_seq = mock->request.header.nlmsg_seq;
	}
	return NULL;
}

static struct error *join_group(void *context, uint32_t group)
{
	struct mock *mock = context;

	mock->joined = group;
	return NULL;
}

static int descriptor(void *context)
{
	(void)context;
	return MOCK_DESCRIPTOR;
}

static void close_mock(void *context)
{
	struct mock *mock = context;

	mock->closed = true;
}

/* Starts over, without answers. */
void mock_init(struct mock *mock, struct genl_transport *transport)
{
	memset(mock, 0, sizeof(*mock));
	transport->send = send_message;
	transport->receive = receive_messages;
	transport->join = join_group;
	transport->descriptor = descriptor;
	transport->close = close_mock;
	transport->context = mock;
}

/* A connection whose family is found; the answers for that are used up. */
struct kernel *mock_open(struct mock *mock)
{
	struct genl_transport transport;
	struct nlattr *groups, *group;
	struct nlmsghdr *message;
	struct kernel *kernel;

	mock_init(mock, &transport);
	message = mock_begin(mock, GENL_ID_CTRL, 0);
	mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, ESPVIF_GENL_NAME);
	mnl_attr_put_u16(message, CTRL_ATTR_FAMILY_ID, MOCK_FAMILY);
	groups = mnl_attr_nest_start(message, CTRL_ATTR_MCAST_GROUPS);
	group = mnl_attr_nest_start(message, 1);
	mnl_attr_put_u32(message, CTRL_ATTR_MCAST_GRP_ID, MOCK_GROUP);
	mnl_attr_put_strz(message, CTRL_ATTR_MCAST_GRP_NAME,
			  ESPVIF_MCGRP_EVENTS);
	mnl_attr_nest_end(message, group);
	mnl_attr_nest_end(message, groups);
	mock_end(mock);
	mock_ack(mock, 0, NULL);
	assert_success(kernel_open_over(&transport, &kernel));
	return kernel;
}

/* Begins a datagram with a message. */
struct nlmsghdr *mock_begin(struct mock *mock, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	assert_true(mock->queued < MOCK_DATAGRAMS);
	message = mnl_nlmsg_put_header(mock->datagrams[mock->queued].bytes);
	message->nlmsg_type = type;
	message->nlmsg_flags = flags;
	return message;
}

/* Begins a datagram with a reply of the family. */
struct nlmsghdr *mock_reply(struct mock *mock, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *message = mock_begin(mock, MOCK_FAMILY, flags);
	struct genlmsghdr *header;

	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->cmd = command;
	header->version = ESPVIF_GENL_VERSION;
	return message;
}

/* Adds one more message to the datagram that was ended last. */
struct nlmsghdr *mock_more(struct mock *mock, uint16_t type, uint16_t flags)
{
	size_t used = mock->lengths[--mock->queued];
	struct nlmsghdr *message;

	message = mnl_nlmsg_put_header(mock->datagrams[mock->queued].bytes +
				       used);
	message->nlmsg_type = type;
	message->nlmsg_flags = flags;
	return message;
}

/* Ends a datagram: all its messages are complete. */
void mock_end(struct mock *mock)
{
	char *bytes = mock->datagrams[mock->queued].bytes;
	struct nlmsghdr *message = (struct nlmsghdr *)bytes;
	size_t length = mock->lengths[mock->queued];

	if (length)
		message = (struct nlmsghdr *)(bytes + length);
	mock->lengths[mock->queued++] =
		length + NLMSG_ALIGN((size_t)message->nlmsg_len);
}

/* Queues an acknowledgement of success or of an error. */
void mock_ack(struct mock *mock, int number, const char *sentence)
{
	mock_extack(mock, number, sentence, 0, 0, false);
}

/* Queues the acknowledgement of an error with all that may come with it. */
void mock_extack(struct mock *mock, int number, const char *sentence,
		 uint32_t offset, uint16_t missing, bool policy)
{
	struct nlmsghdr *message;
	struct nlmsgerr *ack;

	message = mock_begin(mock, NLMSG_ERROR, NLM_F_CAPPED);
	ack = mnl_nlmsg_put_extra_header(message, sizeof(*ack));
	ack->error = -number;
	if (sentence)
		mnl_attr_put_strz(message, NLMSGERR_ATTR_MSG, sentence);
	if (offset)
		mnl_attr_put_u32(message, NLMSGERR_ATTR_OFFS, offset);
	if (missing)
		mnl_attr_put_u32(message, NLMSGERR_ATTR_MISS_TYPE, missing);
	if (policy)
		mnl_attr_put(message, NLMSGERR_ATTR_POLICY | NLA_F_NESTED, 0,
			     NULL);
	if (sentence || offset || missing || policy)
		message->nlmsg_flags |= NLM_F_ACK_TLVS;
	mock_end(mock);
}

/* Queues the end of a dump. */
void mock_done(struct mock *mock, int number, uint16_t flags)
{
	struct nlmsghdr *message;
	int *payload;

	message = mock_begin(mock, NLMSG_DONE,
			     (uint16_t)(NLM_F_MULTI | flags));
	payload = mnl_nlmsg_put_extra_header(message, sizeof(*payload));
	*payload = -number;
	mock_end(mock);
}

/* Adds the attributes of an SA. */
void mock_put_sa(struct nlmsghdr *message, uint32_t id, const char *name)
{
	static const uint8_t source[4] = { 192, 0, 2, 1 };
	static const uint8_t destination[4] = { 192, 0, 2, 2 };

	mnl_attr_put_u32(message, ESPVIF_A_SA_ID, id);
	mnl_attr_put_strz(message, ESPVIF_A_SA_NAME, name);
	mnl_attr_put_u8(message, ESPVIF_A_SA_DIRECTION, ESPVIF_DIRECTION_OUT);
	mnl_attr_put_u32(message, ESPVIF_A_SA_SPI, 0x1000 + id);
	mnl_attr_put(message, ESPVIF_A_SA_SADDR, sizeof(source), source);
	mnl_attr_put(message, ESPVIF_A_SA_DADDR, sizeof(destination),
		     destination);
	mnl_attr_put_u8(message, ESPVIF_A_SA_MODE, ESPVIF_MODE_TUNNEL);
	mnl_attr_put_u16(message, ESPVIF_A_SA_ENCR, ESPVIF_ENCR_AES_CBC);
	mnl_attr_put_u16(message, ESPVIF_A_SA_ENCR_KEY_BITS, 256);
	mnl_attr_put_u16(message, ESPVIF_A_SA_INTEG,
			 ESPVIF_INTEG_HMAC_SHA2_256_128);
	mnl_attr_put_u8(message, ESPVIF_A_SA_STATE, ESPVIF_SA_STATE_VALID);
}

/* Adds the attributes of a policy. */
void mock_put_policy(struct nlmsghdr *message, uint32_t id, const char *name)
{
	static const uint8_t source[4] = { 10, 0, 1, 0 };
	static const uint8_t destination[4] = { 10, 0, 2, 0 };

	mnl_attr_put_u32(message, ESPVIF_A_POLICY_ID, id);
	mnl_attr_put_strz(message, ESPVIF_A_POLICY_NAME, name);
	mnl_attr_put_u8(message, ESPVIF_A_POLICY_DIRECTION,
			ESPVIF_DIRECTION_OUT);
	mnl_attr_put(message, ESPVIF_A_POLICY_SRC, sizeof(source), source);
	mnl_attr_put_u8(message, ESPVIF_A_POLICY_SRC_PREFIXLEN, 24);
	mnl_attr_put(message, ESPVIF_A_POLICY_DST, sizeof(destination),
		     destination);
	mnl_attr_put_u8(message, ESPVIF_A_POLICY_DST_PREFIXLEN, 24);
	mnl_attr_put_u8(message, ESPVIF_A_POLICY_ACTION, ESPVIF_ACTION_IPSEC);
	mnl_attr_put_u8(message, ESPVIF_A_POLICY_MODE, ESPVIF_MODE_TUNNEL);
	mnl_attr_put_strz(message, ESPVIF_A_POLICY_SA, "sa1");
	mnl_attr_put_strz(message, ESPVIF_A_POLICY_SA, "sa2");
	mnl_attr_put_u32(message, ESPVIF_A_POLICY_PRIORITY, 1000);
}

static const char *attributes(const struct nlmsghdr *message)
{
	return mnl_nlmsg_get_payload_offset(message,
					    sizeof(struct genlmsghdr));
}

static size_t attributes_length(const struct nlmsghdr *message)
{
	return mnl_nlmsg_get_payload_len(message) - sizeof(struct genlmsghdr);
}

/* The attribute of the last request of a type, NULL if there is none. */
const struct nlattr *mock_find(const struct mock *mock, uint16_t type)
{
	const struct nlmsghdr *message = &mock->request.header;
	const struct nlattr *attribute;

	genl_for_each_attribute(attribute, attributes(message),
				attributes_length(message)) {
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	}
	return NULL;
}

/* How many attributes of a type the last request had. */
size_t mock_count(const struct mock *mock, uint16_t type)
{
	const struct nlmsghdr *message = &mock->request.header;
	const struct nlattr *attribute;
	size_t count = 0;

	genl_for_each_attribute(attribute, attributes(message),
				attributes_length(message))
		count += mnl_attr_get_type(attribute) == type;
	return count;
}

/* The attribute of a nest of a type, NULL if there is none. */
const struct nlattr *mock_find_in(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attribute;

	genl_for_each_attribute(attribute, mnl_attr_get_payload(nest),
				mnl_attr_get_payload_len(nest)) {
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	}
	return NULL;
}

/* The nest with what a change of the last request takes, counted from 1. */
const struct nlattr *mock_operation(const struct mock *mock, size_t number,
				    uint8_t *command, uint16_t *object)
{
	const struct nlmsghdr *message = &mock->request.header;
	const struct nlattr *operation, *attribute;

	*command = 0;
	*object = 0;
	genl_for_each_attribute(operation, attributes(message),
				attributes_length(message)) {
		if (--number)
			continue;
		assert_int_equal(operation->nla_type,
				 ESPVIF_A_BATCH_OP | NLA_F_NESTED);
		attribute = mock_find_in(operation, ESPVIF_A_OP_COMMAND);
		assert_non_null(attribute);
		*command = mnl_attr_get_u8(attribute);
		attribute = mnl_attr_next(attribute);
		*object = mnl_attr_get_type(attribute);
		assert_true(attribute->nla_type & NLA_F_NESTED);
		assert_ptr_equal(mnl_attr_next(attribute),
				 mnl_attr_next(operation));
		return attribute;
	}
	return NULL;
}
