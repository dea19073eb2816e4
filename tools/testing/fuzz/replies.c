// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes everything that reads what the kernel answers. The first byte chooses
 * the question; the rest is the answer, in datagrams of which each begins with
 * its length. Types and sequence numbers are made right often enough to get
 * past the first check.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/event.h"
#include "cli/explain.h"
#include "cli/sa.h"
#include "cli/sp.h"
#include "kernel/genl.h"
#include "kernel/kernel.h"

#define FAMILY 0x1c

/**
 * struct source - where answers come from
 * @data: what is left of the input
 * @size: bytes of it
 * @sequence: of the last request
 * @requests: how many there were
 */
struct source {
	const uint8_t *data;
	size_t size;
	uint32_t sequence;
	unsigned int requests;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct error *send_message(void *context, const void *message,
				  size_t length)
{
	const struct nlmsghdr *header = message;
	struct source *source = context;

	(void)length;
	source->sequence = header->nlmsg_seq;
	source->requests++;
	return NULL;
}

/* The answer to the first request: the family is there. */
static size_t answer_family(const struct source *source, char *buffer)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct nlattr *groups, *group;
	size_t length;

	message->nlmsg_type = GENL_ID_CTRL;
	message->nlmsg_seq = source->sequence;
	mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, ESPVIF_GENL_NAME);
	mnl_attr_put_u16(message, CTRL_ATTR_FAMILY_ID, FAMILY);
	groups = mnl_attr_nest_start(message, CTRL_ATTR_MCAST_GROUPS);
	group = mnl_attr_nest_start(message, 1);
	mnl_attr_put_strz(message, CTRL_ATTR_MCAST_GRP_NAME,
			  ESPVIF_MCGRP_EVENTS);
	mnl_attr_put_u32(message, CTRL_ATTR_MCAST_GRP_ID, 1);
	mnl_attr_nest_end(message, group);
	mnl_attr_nest_end(message, groups);
	length = message->nlmsg_len;
	message = mnl_nlmsg_put_header(buffer + length);
	message->nlmsg_type = NLMSG_ERROR;
	message->nlmsg_seq = source->sequence;
	mnl_nlmsg_put_extra_header(message, sizeof(struct nlmsgerr));
	return length + message->nlmsg_len;
}

static struct error *receive_messages(void *context, void *buffer,
				      size_t size, size_t *length)
{
	struct source *source = context;
	struct nlmsghdr *message = buffer;

	if (source->requests == 1) {
		*length = answer_family(source, buffer);
		return NULL;
	}
	if (source->size < 2)
		return error_refused(ENODATA, "the input is used up");
	*length = source->data[0] * 4U;
	source->data++;
	source->size--;
	if (*length > source->size)
		*length = source->size;
	if (*length > size)
		*length = size;
	memcpy(buffer, source->data, *length);
	source->data += *length;
	source->size -= *length;
	if (*length >= sizeof(*message)) {
		message->nlmsg_seq = source->sequence;
		if (message->nlmsg_type > 3)
			message->nlmsg_type = FAMILY;
	}
	return NULL;
}

/* Whatever is received from now on was not asked for. */
static struct error *join_group(void *context, uint32_t group)
{
	struct source *source = context;

	(void)group;
	source->requests++;
	return NULL;
}

static int descriptor(void *context)
{
	(void)context;
	return -1;
}

static void close_source(void *context)
{
	(void)context;
}

static struct error *ask_sas(struct kernel *kernel, FILE *out)
{
	struct kernel_sa_list list;
	struct error *error = kernel_sa_dump(kernel, &list);

	if (!error) {
		error = sa_show_table(out, &list, true);
		sa_show_details(out, &list);
		error_free(sa_show_json(out, &list));
		kernel_sa_list_free(&list);
	}
	return error;
}

static struct error *ask_policies(struct kernel *kernel, FILE *out)
{
	struct kernel_policy_list list;
	struct error *error = kernel_policy_dump(kernel, &list);

	if (!error) {
		sp_sort(&list);
		error = sp_show_table(out, &list, true);
		sp_show_details(out, &list);
		error_free(sp_show_json(out, &list));
		kernel_policy_list_free(&list);
	}
	return error;
}

static struct error *ask_why(struct kernel *kernel, FILE *out)
{
	struct kernel_question question = {
		.direction = ESPVIF_DIRECTION_OUT, .length = 100,
	};
	struct kernel_answer answer;
	struct error *error = kernel_explain(kernel, &question, &answer);

	if (!error) {
		explain_show(out, &question, &answer);
		error = explain_show_json(out, &question, &answer);
	}
	return error;
}

static struct error *show_event(const struct kernel_event *event,
				void *context)
{
	static const struct timespec when = { .tv_sec = 1 };

	event_show_line(context, event, &when);
	return event_show_json(context, event, &when);
}

static struct error *follow_events(struct kernel *kernel, FILE *out)
{
	struct error *error = kernel_subscribe(kernel);

	while (!error)
		error = kernel_read_events(kernel, show_event, out);
	return error;
}

static struct error *ask_rest(struct kernel *kernel, uint8_t choice)
{
	struct kernel_device_list devices;
	struct kernel_status status;
	struct error *error;

	switch (choice) {
	case 2:
		error = kernel_status_get(kernel, &status);
		if (!error)
			kernel_status_free(&status);
		return error;
	case 3:
		error = kernel_device_dump(kernel, &devices);
		if (!error)
			kernel_device_list_free(&devices);
		return error;
	default:
		return kernel_sa_delete(kernel, "sa1", ESPVIF_OWNER_MANUAL);
	}
}

/**
 * LLVMFuzzerTestOneInput - ask one question
 * @data: the choice of the question, and the answer
 * @size: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *out;
	struct source source = { .data = data + 1, .size = size - 1 };
	struct genl_transport transport = {
		.send = send_message,
		.receive = receive_messages,
		.join = join_group,
		.descriptor = descriptor,
		.close = close_source,
		.context = &source,
	};
	struct kernel *kernel;
	struct error *error;

	if (!size)
		return 0;
	if (!out)
		out = fopen("/dev/null", "w");
	error = kernel_open_over(&transport, &kernel);
	if (error)
		abort();
	switch (data[0] % 7) {
	case 0:
		error = ask_sas(kernel, out);
		break;
	case 1:
		error = ask_policies(kernel, out);
		break;
	case 4:
		error = ask_why(kernel, out);
		break;
	case 5:
		error = follow_events(kernel, out);
		break;
	default:
		error = ask_rest(kernel, data[0] % 7);
		break;
	}
	error_free(error);
	kernel_close(kernel);
	return 0;
}
