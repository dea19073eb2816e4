// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec explain': what becomes of a packet, and why.
 */
#include <netinet/in.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/cpu.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "lib/name.h"

enum explain_option {
	SOURCE,
	DESTINATION,
	DIRECTION,
	PROTOCOL,
	SOURCE_PORT,
	DESTINATION_PORT,
	LENGTH,
	MAY_FRAGMENT,
	INTERFACE,
	SA_NAME,
	CPU,
	JSON,
};

static const struct option_spec options[] = {
	[SOURCE] = { "source", "ADDRESS", "where the packet comes from",
		     OPTION_REQUIRED },
	[DESTINATION] = { "destination", "ADDRESS", "where it goes",
			  OPTION_REQUIRED },
	[DIRECTION] = { "direction", "DIRECTION",
			"in or out (default), seen from this host", 0 },
	[PROTOCOL] = { "protocol", "PROTOCOL",
		       "tcp, udp, icmp, icmp6, sctp, dccp, udplite, or a number; without it, that of an echo request",
		       0 },
	[SOURCE_PORT] = { "source-port", "PORT", "if it has ports", 0 },
	[DESTINATION_PORT] = { "destination-port", "PORT", "likewise", 0 },
	[LENGTH] = { "length", "BYTES",
		     "from its IP header on; without it, as short as can be",
		     0 },
	[MAY_FRAGMENT] = { "may-fragment", NULL,
			   "it may be cut on its way; without it, it must not",
			   0 },
	[INTERFACE] = { "interface", "DEVICE",
			"where it is routed to, whatever the routing table says; for a packet that comes in, where it comes from in the clear",
			0 },
	[SA_NAME] = { "sa-name", "NAME",
		      "the SA by which it comes in; without it, it comes in the clear",
		      0 },
	[CPU] = { "cpu", "NUMBER",
		  "the CPU that sends it; without it, the one on which this command runs",
		  0 },
	[JSON] = { "json", NULL, "print JSON", 0 },
	{}
};

static struct error *parse_addresses(const struct arguments *arguments,
				     struct kernel_question *question)
{
	struct error *error;

	error = address_parse(arguments_value(arguments, SOURCE),
			      &question->source);
	if (error)
		return arguments_blame(arguments, SOURCE, error);
	error = address_parse(arguments_value(arguments, DESTINATION),
			      &question->destination);
	if (error)
		return arguments_blame(arguments, DESTINATION, error);
	if (question->source.length != question->destination.length)
		return error_usage("--source is %s and --destination %s: both must be of one family",
				   address_family(&question->source),
				   address_family(&question->destination));
	return NULL;
}

static struct error *parse_number(const struct arguments *arguments,
				  size_t option, uint64_t least, uint64_t most,
				  uint64_t *number)
{
	const char *text = arguments_value(arguments, option);

	*number = 0;
	return text ? arguments_blame(arguments, option,
				      number_parse(text, least, most,
						   number)) : NULL;
}

static struct error *parse_protocol(const struct arguments *arguments,
				    struct kernel_question *question)
{
	const char *text = arguments_value(arguments, PROTOCOL);
	uint64_t source = 0, destination = 0;
	struct error *error;

	question->protocol_given = text;
	if (text) {
		error = protocol_parse(text, &question->protocol);
		if (error)
			return arguments_blame(arguments, PROTOCOL, error);
	}
	error = parse_number(arguments, SOURCE_PORT, 1, UINT16_MAX, &source);
	if (!error)
		error = parse_number(arguments, DESTINATION_PORT, 1,
				     UINT16_MAX, &destination);
	question->source_port = (uint16_t)source;
	question->destination_port = (uint16_t)destination;
	if (!error && (source || destination) &&
	    !protocol_has_ports(question->protocol))
		error = error_usage("only tcp, udp, sctp, dccp and udplite have ports: name one as --protocol");
	return error;
}

static struct error *parse_names(const struct arguments *arguments,
				 struct kernel_question *question)
{
	const char *interface = arguments_value(arguments, INTERFACE);
	const char *sa = arguments_value(arguments, SA_NAME);
	struct error *error = NULL;

	if (interface)
		error = arguments_blame(arguments, INTERFACE,
					name_parse_device(interface,
							  question->interface,
							  sizeof(question->interface)));
	if (!error && sa)
		error = arguments_blame(arguments, SA_NAME,
					name_parse(sa, question->sa,
						   sizeof(question->sa)));
	if (!error && sa && question->direction == ESPVIF_DIRECTION_OUT)
		error = error_usage("--sa-name is for --direction in: policies choose the SA of a packet that goes out");
	if (!error && sa && interface)
		error = error_usage("--interface: an SA delivers where it is bound to, without --sa-name the packet comes in the clear");
	return error;
}

static struct error *parse_cpu(const struct arguments *arguments,
			       struct kernel_question *question)
{
	struct error *error = cpu_from(arguments, CPU, &question->cpu);

	if (!error && question->cpu.given &&
	    question->direction == ESPVIF_DIRECTION_IN)
		error = error_usage("--cpu is for --direction out: what comes in is decided on by any CPU alike");
	return error;
}

static struct error *parse(const struct arguments *arguments,
			   struct kernel_question *question)
{
	const char *direction = arguments_value(arguments, DIRECTION);
	unsigned int number = ESPVIF_DIRECTION_OUT;
	struct error *error;
	uint64_t length;

	memset(question, 0, sizeof(*question));
	error = parse_addresses(arguments, question);
	if (!error && direction)
		error = arguments_blame(arguments, DIRECTION,
					word_parse(words_direction, direction,
						   &number));
	question->direction = number;
	if (!error)
		error = parse_protocol(arguments, question);
	if (!error)
		error = parse_number(arguments, LENGTH, 1, UINT16_MAX,
				     &length);
	if (!error)
		error = parse_cpu(arguments, question);
	if (error)
		return error;
	question->length = (uint32_t)length;
	question->may_fragment = arguments_given(arguments, MAY_FRAGMENT);
	return parse_names(arguments, question);
}

static struct error *run(const struct arguments *arguments)
{
	struct kernel_question question;
	struct kernel_answer answer;
	struct kernel *kernel;
	struct error *error;

	error = parse(arguments, &question);
	if (error)
		return error;
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = kernel_explain(kernel, &question, &answer);
	kernel_close(kernel);
	if (error)
		return error;
	if (arguments_given(arguments, JSON))
		return explain_show_json(stdout, &question, &answer);
	explain_show(stdout, &question, &answer);
	return NULL;
}

const struct command command_explain = {
	.name = "explain",
	.summary = "Tell what becomes of a packet",
	.options = options,
	.run = run,
};
