// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds generic netlink requests and reads what comes back: replies, the
 * end of a dump, and refusals, whose extended acknowledgement becomes the
 * sentence of an error. Nothing here trusts a length it has not checked.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/genl.h"
#include "kernel/layout.h"

/**
 * struct exchange - a request on its way
 * @request: the request
 * @deliver: called for each reply
 * @context: handed to @deliver
 * @interrupted: set if a dump may have missed a change; may be NULL
 * @done: the last message of the answer was seen
 */
struct exchange {
	struct genl_request *request;
	struct error *(*deliver)(const void *attributes, size_t length,
				 void *context);
	void *context;
	bool *interrupted;
	bool done;
};

/**
 * struct extack - what the kernel says about a refusal
 * @sentence: NULL if it says nothing
 * @sentence_length: its length, it need not end with a 0
 * @attribute: the attribute at fault or missing, 0 if none
 * @by_policy: netlink itself refused the attribute, and its sentence does not
 *	say which
 */
struct extack {
	const char *sentence;
	int sentence_length;
	uint16_t attribute;
	bool by_policy;
};

/**
 * genl_request_init - begin a request
 * @request: the request
 * @type: number of the family
 * @command: what to do
 * @version: of the family
 * @flags: besides NLM_F_REQUEST and NLM_F_ACK
 */
void genl_request_init(struct genl_request *request, uint16_t type,
		       uint8_t command, uint8_t version, uint16_t flags)
{
	struct genlmsghdr *header;
	struct nlmsghdr *message;

	memset(request, 0, sizeof(*request));
	request->size = sizeof(request->room);
	request->max = sizeof(request->room);
	message = mnl_nlmsg_put_header(request->room.bytes);
	request->message = message;
	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->cmd = command;
	header->version = version;
}

/* What it has grown out of may hold keys. */
static void forget_message(struct genl_request *request)
{
	explicit_bzero(request->message, request->size);
	if (request->message != &request->room.header)
		free(request->message);
}

/**
 * genl_request_wipe - forget a request that held keys, or that has grown
 * @request: the request
 */
void genl_request_wipe(struct genl_request *request)
{
	forget_message(request);
	explicit_bzero(request, sizeof(*request));
}

/* Makes room for some bytes more, if there may be so many. */
static bool make_room(struct genl_request *request, size_t more)
{
	size_t needed = request->message->nlmsg_len + more;
	size_t size = request->size;
	struct nlmsghdr *message;

	if (needed <= size)
		return true;
	if (needed > request->max)
		return false;
	while (size < needed)
		size *= 2;
	message = calloc(1, size);
	if (!message)
		return false;
	memcpy(message, request->message, request->message->nlmsg_len);
	forget_message(request);
	request->message = message;
	request->size = size;
	return true;
}

/**
 * genl_put - add an attribute
 * @request: the request
 * @type: of the attribute
 * @data: its bytes
 * @length: how many
 */
void genl_put(struct genl_request *request, uint16_t type, const void *data,
	      size_t length)
{
	if (length > UINT16_MAX - sizeof(struct nlattr) ||
	    !make_room(request, sizeof(struct nlattr) + NLMSG_ALIGN(length)) ||
	    !mnl_attr_put_check(request->message, request->size, type, length,
				data))
		request->overflow = true;
}

/**
 * genl_nest_begin - begin an attribute that is made of attributes
 * @request: the request; it may move as it grows
 * @type: of the attribute
 *
 * Return: what genl_nest_end() needs.
 */
size_t genl_nest_begin(struct genl_request *request, uint16_t type)
{
	size_t nest = request->message->nlmsg_len;

	genl_put(request, type | NLA_F_NESTED, "", 0);
	return nest;
}

/**
 * genl_nest_end - all attributes of a nest are there
 * @request: the request
 * @nest: what genl_nest_begin() returned
 */
void genl_nest_end(struct genl_request *request, size_t nest)
{
	size_t length = request->message->nlmsg_len - nest;
	struct nlattr *attribute;

	if (length > UINT16_MAX)
		request->overflow = true;
	if (request->overflow)
		return;
	attribute = (struct nlattr *)((char *)request->message + nest);
	attribute->nla_len = (uint16_t)length;
}

/**
 * genl_put_flag - add an attribute that says something by being there
 * @request: the request
 * @type: of the attribute
 */
void genl_put_flag(struct genl_request *request, uint16_t type)
{
	genl_put(request, type, "", 0);
}

/**
 * genl_put_u8 - add an attribute of one byte
 * @request: the request
 * @type: of the attribute
 * @value: its value
 */
void genl_put_u8(struct genl_request *request, uint16_t type, uint8_t value)
{
	genl_put(request, type, &value, sizeof(value));
}

/**
 * genl_put_u16 - add an attribute of two bytes
 * @request: the request
 * @type: of the attribute
 * @value: its value
 */
void genl_put_u16(struct genl_request *request, uint16_t type, uint16_t value)
{
	genl_put(request, type, &value, sizeof(value));
}

/**
 * genl_put_u32 - add an attribute of four bytes
 * @request: the request
 * @type: of the attribute
 * @value: its value
 */
void genl_put_u32(struct genl_request *request, uint16_t type, uint32_t value)
{
	genl_put(request, type, &value, sizeof(value));
}

/**
 * genl_put_u64 - add an attribute of eight bytes
 * @request: the request
 * @type: of the attribute
 * @value: its value
 */
void genl_put_u64(struct genl_request *request, uint16_t type, uint64_t value)
{
	genl_put(request, type, &value, sizeof(value));
}

/**
 * genl_put_string - add a text
 * @request: the request
 * @type: of the attribute
 * @text: the text
 */
void genl_put_string(struct genl_request *request, uint16_t type,
		     const char *text)
{
	genl_put(request, type, text, strlen(text) + 1);
}

/**
 * genl_malformed - the kernel answered something that makes no sense
 * @what: what was wrong
 *
 * Return: the error.
 */
struct error *genl_malformed(const char *what)
{
	return error_refused(EPROTO,
			     "the kernel's answer makes no sense (%s): do the module and this program belong together?",
			     what);
}

/* The type of the request's attribute at an offset, 0 if there is none. */
static uint16_t attribute_at(const struct genl_request *request,
			     uint32_t offset)
{
	const struct nlmsghdr *header = request->message;
	const char *first = mnl_nlmsg_get_payload_offset(header,
							 sizeof(struct genlmsghdr));
	const char *last = mnl_nlmsg_get_payload_tail(header);
	const struct nlattr *attribute;

	genl_for_each_attribute(attribute, first, last - first) {
		if ((const char *)attribute == (const char *)header + offset)
			return mnl_attr_get_type(attribute);
	}
	return 0;
}

static void read_extack(const struct exchange *exchange, const void *tlvs,
			size_t length, struct extack *extack)
{
	const struct nlattr *attribute;

	genl_for_each_attribute(attribute, tlvs, length) {
		const void *payload = mnl_attr_get_payload(attribute);
		uint16_t size = mnl_attr_get_payload_len(attribute);
		uint32_t number = 0;

		if (size == sizeof(number))
			memcpy(&number, payload, sizeof(number));
		switch (mnl_attr_get_type(attribute)) {
		case NLMSGERR_ATTR_MSG:
			extack->sentence = payload;
			extack->sentence_length = (int)strnlen(payload, size);
			break;
		case NLMSGERR_ATTR_OFFS:
			exchange->request->fault = number;
			extack->attribute = attribute_at(exchange->request,
							 number);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			if (number <= UINT16_MAX)
				extack->attribute = (uint16_t)number;
			break;
		case NLMSGERR_ATTR_POLICY:
			extack->by_policy = true;
			break;
		default:
			break;
		}
	}
}

static struct error *refusal(const struct exchange *exchange, int number,
			     const void *tlvs, size_t length)
{
	struct extack extack = {};
	const char *name = NULL;
	struct error *error;

	if (number == INT_MIN)
		return genl_malformed("error number");
	number = number < 0 ? -number : number;
	read_extack(exchange, tlvs, length, &extack);
	if (exchange->request->layout &&
	    (extack.by_policy || !extack.sentence_length))
		name = layout_name(exchange->request->layout,
				   extack.attribute);
	if (extack.sentence_length)
		error = error_refused(number, "%.*s", extack.sentence_length,
				      extack.sentence);
	else if (number == EPERM)
		error = error_refused(number,
				      "only root may do this (it takes the capability CAP_NET_ADMIN)");
	else
		error = error_refused(number, "the kernel refused: %s",
				      strerror(number));
	return name ? error_prefix(error, "%s: ", name) : error;
}

/* An acknowledgement: of success, or of an error with the reason behind it. */
static struct error *acknowledge(struct exchange *exchange,
				 const struct nlmsghdr *message)
{
	size_t length = mnl_nlmsg_get_payload_len(message), tlvs;
	const struct nlmsgerr *ack = mnl_nlmsg_get_payload(message);

	if (length < sizeof(*ack))
		return genl_malformed("short acknowledgement");
	exchange->done = true;
	if (!ack->error)
		return NULL;
	tlvs = sizeof(*ack);
	if (!(message->nlmsg_flags & NLM_F_CAPPED) &&
	    ack->msg.nlmsg_len > sizeof(ack->msg))
		tlvs += NLMSG_ALIGN((size_t)ack->msg.nlmsg_len) -
			sizeof(ack->msg);
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS) || tlvs > length)
		tlvs = length;
	return refusal(exchange, ack->error, (const char *)ack + tlvs,
		       length - tlvs);
}

/* The end of a dump, which may come with an error as well. */
static struct error *finish(struct exchange *exchange,
			    const struct nlmsghdr *message)
{
	size_t length = mnl_nlmsg_get_payload_len(message);
	const char *payload = mnl_nlmsg_get_payload(message);
	int number = 0;

	exchange->done = true;
	if (length < sizeof(number))
		return NULL;
	memcpy(&number, payload, sizeof(number));
	if (number >= 0)
		return NULL;
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		length = sizeof(number);
	return refusal(exchange, number, payload + sizeof(number),
		       length - sizeof(number));
}

static struct error *handle(struct exchange *exchange,
			    const struct nlmsghdr *message)
{
	const struct nlmsghdr *request = exchange->request->message;
	size_t length = mnl_nlmsg_get_payload_len(message);
	const char *payload = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_seq != request->nlmsg_seq)
		return NULL;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR && exchange->interrupted)
		*exchange->interrupted = true;
	if (message->nlmsg_type == NLMSG_ERROR)
		return acknowledge(exchange, message);
	if (message->nlmsg_type == NLMSG_DONE)
		return finish(exchange, message);
	if (message->nlmsg_type != request->nlmsg_type)
		return genl_malformed("message of a strange type");
	if (length < sizeof(struct genlmsghdr))
		return genl_malformed("short message");
	return exchange->deliver ?
	       exchange->deliver(payload + sizeof(struct genlmsghdr),
				 length - sizeof(struct genlmsghdr),
				 exchange->context) :
	       NULL;
}

static struct error *handle_all(struct exchange *exchange,
				const struct nlmsghdr *message, size_t size)
{
	struct error *error = NULL;
	int left = (int)size;

	while (!error && !exchange->done && mnl_nlmsg_ok(message, left) &&
	       message->nlmsg_len <= (size_t)left) {
		error = handle(exchange, message);
		message = mnl_nlmsg_next(message, &left);
	}
	if (!error && !exchange->done && left > 0)
		return genl_malformed("length of a message");
	return error;
}

/**
 * genl_exchange - send a request and wait for the whole answer
 * @genl: the conversation
 * @request: the request, whose sequence number is filled in
 * @deliver: called with the attributes of each reply; may be NULL
 * @context: handed to @deliver
 * @interrupted: set if a dump may have missed a change; may be NULL
 *
 * Return: NULL, or why the request was refused.
 */
struct error *genl_exchange(struct genl *genl, struct genl_request *request,
			    struct error *(*deliver)(const void *attributes,
						     size_t length,
						     void *context),
			    void *context, bool *interrupted)
{
	struct genl_transport *transport = &genl->transport;
	struct exchange exchange = {
		.request = request,
		.deliver = deliver,
		.context = context,
		.interrupted = interrupted,
	};
	struct error *error;
	size_t length;

	if (request->overflow)
		return error_refused(EMSGSIZE, "the request is too long");
	request->message->nlmsg_seq = ++genl->sequence;
	error = transport->send(transport->context, request->message,
				request->message->nlmsg_len);
	while (!error && !exchange.done) {
		error = transport->receive(transport->context,
					   genl->reply.bytes,
					   sizeof(genl->reply), &length);
		if (!error)
			error = handle_all(&exchange, &genl->reply.header,
					   length);
	}
	return error;
}

/**
 * genl_receive - wait for a datagram that nobody has asked for
 * @genl: the conversation
 * @type: of the messages that matter; others are passed over
 * @deliver: called with command and attributes of each
 * @context: handed to @deliver
 *
 * Return: NULL, or why nothing can be received.
 */
struct error *genl_receive(struct genl *genl, uint16_t type,
			   struct error *(*deliver)(uint8_t command,
						    const void *attributes,
						    size_t length,
						    void *context),
			   void *context)
{
	struct genl_transport *transport = &genl->transport;
	const struct nlmsghdr *message = &genl->reply.header;
	struct error *error;
	size_t size;
	int left;

	error = transport->receive(transport->context, genl->reply.bytes,
				   sizeof(genl->reply), &size);
	left = error ? 0 : (int)size;
	while (!error && mnl_nlmsg_ok(message, left) &&
	       message->nlmsg_len <= (size_t)left) {
		size_t length = mnl_nlmsg_get_payload_len(message);
		const struct genlmsghdr *header =
			mnl_nlmsg_get_payload(message);

		if (message->nlmsg_type == type) {
			if (length < sizeof(*header))
				return genl_malformed("short message");
			error = deliver(header->cmd, header + 1,
					length - sizeof(*header), context);
		}
		message = mnl_nlmsg_next(message, &left);
	}
	if (!error && left > 0)
		return genl_malformed("length of a message");
	return error;
}
