/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generic netlink: building a request, sending it, and taking its answer
 * apart. What carries the messages is a pair of functions, so that tests can
 * answer instead of a kernel.
 */
#ifndef KERNEL_GENL_H
#define KERNEL_GENL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* The largest request is a policy with ESPVIF_POLICY_SAS_MAX names of SAs */
#define GENL_REQUEST_SIZE 4096
/* One of several changes grows up to this */
#define GENL_REQUEST_MAX (4 << 20)
/* The kernel packs dumps into messages of at most 32 KiB */
#define GENL_REPLY_SIZE 65536

struct layout;
struct kernel;

/* As libmnl's mnl_attr_for_each_payload(), but without its narrowing */
#define genl_for_each_attribute(attribute, payload, size)		\
	for ((attribute) = (const void *)(payload);			\
	     mnl_attr_ok(attribute,					\
			 (int)((const char *)(payload) + (size) -	\
			       (const char *)(attribute)));		\
	     (attribute) = mnl_attr_next(attribute))

/**
 * struct genl_transport - what carries messages to the kernel and back
 * @send: sends one message
 * @receive: waits for one datagram of messages
 * @join: has messages to a multicast group received as well
 * @descriptor: what to poll for something to receive
 * @close: frees @context
 * @context: handed to the functions
 */
struct genl_transport {
	struct error *(*send)(void *context, const void *message,
			      size_t length);
	struct error *(*receive)(void *context, void *buffer, size_t size,
				 size_t *length);
	struct error *(*join)(void *context, uint32_t group);
	int (*descriptor)(void *context);
	void (*close)(void *context);
	void *context;
};

/**
 * struct genl - a conversation
 * @transport: what carries it
 * @sequence: number of the last request
 * @reply: room for what comes back
 */
struct genl {
	struct genl_transport transport;
	uint32_t sequence;
	union {
		struct nlmsghdr header;
		char bytes[GENL_REPLY_SIZE];
	} reply;
};

/**
 * struct genl_request - a request being built
 * @layout: of the objects it is about, for sentences; may be NULL
 * @overflow: it did not fit
 * @fault: where the attribute is that the kernel refused, 0 = it said nothing
 * @message: the message itself, in @room until it has grown
 * @size: bytes that have room in @message
 * @max: bytes that @message may grow to
 * @room: for all but a few requests
 */
struct genl_request {
	const struct layout *layout;
	bool overflow;
	uint32_t fault;
	struct nlmsghdr *message;
	size_t size;
	size_t max;
	union {
		struct nlmsghdr header;
		char bytes[GENL_REQUEST_SIZE];
	} room;
};

void genl_request_init(struct genl_request *request, uint16_t type,
		       uint8_t command, uint8_t version, uint16_t flags);
void genl_request_wipe(struct genl_request *request);

void genl_put(struct genl_request *request, uint16_t type, const void *data,
	      size_t length);
void genl_put_flag(struct genl_request *request, uint16_t type);
void genl_put_u8(struct genl_request *request, uint16_t type, uint8_t value);
void genl_put_u16(struct genl_request *request, uint16_t type, uint16_t value);
void genl_put_u32(struct genl_request *request, uint16_t type, uint32_t value);
void genl_put_u64(struct genl_request *request, uint16_t type, uint64_t value);
void genl_put_string(struct genl_request *request, uint16_t type,
		     const char *text);
size_t genl_nest_begin(struct genl_request *request, uint16_t type);
void genl_nest_end(struct genl_request *request, size_t nest);

ERROR_MUST_CHECK
struct error *genl_exchange(struct genl *genl, struct genl_request *request,
			    struct error *(*deliver)(const void *attributes,
						     size_t length,
						     void *context),
			    void *context, bool *interrupted);

ERROR_MUST_CHECK
struct error *genl_receive(struct genl *genl, uint16_t type,
			   struct error *(*deliver)(uint8_t command,
						    const void *attributes,
						    size_t length,
						    void *context),
			   void *context);

ERROR_MUST_CHECK
struct error *genl_malformed(const char *what);

ERROR_MUST_CHECK
struct error *genl_socket_open(struct genl_transport *transport);
ERROR_MUST_CHECK
struct error *kernel_open_over(const struct genl_transport *transport,
			       struct kernel **kernel);
ERROR_MUST_CHECK
struct error *kernel_loaded_over(const struct genl_transport *transport,
				 bool *loaded);

#endif /* KERNEL_GENL_H */
