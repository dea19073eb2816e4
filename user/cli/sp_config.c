// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The options of 'ipsec sp add' and the configuration of a policy that they
 * make. Everything is checked here before the module hears of it.
 */
#include <netinet/in.h>
#include <string.h>

#include "cli/sp.h"
#include "cli/values.h"
#include "lib/name.h"

enum sp_add_option {
	SP_NAME,
	SP_SOURCE,
	SP_DESTINATION,
	FLOW_DIRECTION,
	ACTION,
	SOURCE_PORT,
	DESTINATION_PORT,
	UPPER_LAYER_PROTOCOL,
	SP_MODE,
	SA_NAME,
	PRIORITY,
	INTERFACE,
	MSS,
	TRAP,
	CPU_ACQUIRE,
};

const struct option_spec sp_add_options[] = {
	[SP_NAME] = { "sp-name", "NAME", "name of the new policy",
		      OPTION_REQUIRED },
	[SP_SOURCE] = { "sp-source", "PREFIX",
			"where packets come from: an address and the length of its prefix (without, a host), any for all of IPv4, any6 for all of IPv6",
			OPTION_REQUIRED },
	[SP_DESTINATION] = { "sp-destination", "PREFIX", "where they go",
			     OPTION_REQUIRED },
	[FLOW_DIRECTION] = { "flow-direction", "DIRECTION",
			     "in or out, seen from this host",
			     OPTION_REQUIRED },
	[ACTION] = { "action", "ACTION",
		     "none lets packets pass in the clear, discard drops them, ipsec protects them on the way out and requires that they were protected on the way in",
		     OPTION_REQUIRED },
	[SOURCE_PORT] = { "source-port", "PORT",
			  "a port, a range like 1000-2000, or 0 for any (default)",
			  0 },
	[DESTINATION_PORT] = { "destination-port", "PORT", "likewise", 0 },
	[UPPER_LAYER_PROTOCOL] = { "upper-layer-protocol", "PROTOCOL",
				   "any (default), tcp, udp, icmp, icmp6, sctp, dccp, udplite, or a number",
				   0 },
	[SP_MODE] = { "sp-mode", "MODE",
		      "transport or tunnel; needed for action ipsec", 0 },
	[SA_NAME] = { "sa-name", "NAME",
		      "the SA that protects; needed for action ipsec, and for no other; several times: the first that is usable protects, all are accepted",
		      OPTION_REPEATABLE },
	[PRIORITY] = { "priority", "NUMBER",
		       "policies with lower numbers are looked at first (default 1000)",
		       0 },
	[INTERFACE] = { "interface", "DEVICE",
			"only packets that go through this device of kind espvif",
			0 },
	[MSS] = { "mss", "SIZE",
		  "segments that TCP connections may ask for: auto (default) for what fits, no for any, or a number from 88 on; only for action ipsec",
		  0 },
	[TRAP] = { "trap", NULL,
		   "it needs no SA now: packets wait until it has one, and who listens is asked for it; only for action ipsec",
		   0 },
	[CPU_ACQUIRE] = { "cpu-acquire", NULL,
			  "a CPU that sends and has no SA of its own has who listens asked for one; only outbound, for action ipsec",
			  0 },
	{}
};

static struct error *parse_word(const struct arguments *arguments,
				size_t option, const struct word *words,
				unsigned int *number)
{
	const char *text = arguments_value(arguments, option);

	return text ? arguments_blame(arguments, option,
				      word_parse(words, text, number)) :
		      NULL;
}

static struct error *parse_words(const struct arguments *arguments,
				 struct kernel_policy_config *config)
{
	unsigned int direction = 0, action = 0, mode = 0;
	struct error *error;

	error = parse_word(arguments, FLOW_DIRECTION, words_direction,
			   &direction);
	if (!error)
		error = parse_word(arguments, ACTION, words_action, &action);
	if (!error)
		error = parse_word(arguments, SP_MODE, words_mode, &mode);
	config->direction = direction;
	config->action = action;
	config->mode = mode;
	return error;
}

static struct error *parse_prefixes(const struct arguments *arguments,
				    struct kernel_policy_config *config)
{
	struct error *error;

	error = prefix_parse(arguments_value(arguments, SP_SOURCE),
			     &config->source);
	if (error)
		return arguments_blame(arguments, SP_SOURCE, error);
	error = prefix_parse(arguments_value(arguments, SP_DESTINATION),
			     &config->destination);
	if (error)
		return arguments_blame(arguments, SP_DESTINATION, error);
	if (config->source.address.length !=
	    config->destination.address.length)
		return error_usage("--sp-source is %s and --sp-destination %s: both must be of one family",
				   address_family(&config->source.address),
				   address_family(&config->destination.address));
	return NULL;
}

static struct error *parse_protocol(const struct arguments *arguments,
				    struct kernel_policy_config *config)
{
	const char *text = arguments_value(arguments, UPPER_LAYER_PROTOCOL);
	bool ipv6 = config->source.address.length == 16;
	struct error *error;

	if (!text)
		return NULL;
	error = protocol_parse(text, &config->protocol);
	if (!error && config->protocol == IPPROTO_ICMP && ipv6)
		error = error_usage("between IPv6 prefixes there is icmp6, not icmp");
	if (!error && config->protocol == IPPROTO_ICMPV6 && !ipv6)
		error = error_usage("between IPv4 prefixes there is icmp, not icmp6");
	return arguments_blame(arguments, UPPER_LAYER_PROTOCOL, error);
}

static struct error *parse_port(const struct arguments *arguments,
				size_t option, uint8_t protocol,
				struct port_range *range)
{
	static const struct port_range any = PORT_RANGE_ANY;
	const char *text = arguments_value(arguments, option);
	struct error *error;

	*range = any;
	if (!text)
		return NULL;
	error = port_range_parse(text, range);
	if (!error && !protocol_has_ports(protocol) &&
	    (range->min != any.min || range->max != any.max))
		error = error_usage("only tcp, udp, sctp, dccp and udplite have ports: name one as --upper-layer-protocol");
	return arguments_blame(arguments, option, error);
}

/**
 * sp_sas_from - the SAs that a command line gives a policy
 * @arguments: the options
 * @option: number of the option that names an SA each time it stands
 * @sas: filled in
 *
 * Return: NULL, or what is wrong with the names.
 */
struct error *sp_sas_from(const struct arguments *arguments, size_t option,
			  struct kernel_sa_names *sas)
{
	const char *names[ESPVIF_POLICY_SAS_MAX];
	struct error *error;
	size_t i, j;

	sas->count = arguments_values(arguments, option, names,
				      ESPVIF_POLICY_SAS_MAX);
	if (sas->count > ESPVIF_POLICY_SAS_MAX)
		return error_usage("--sa-name stands %zu times; a policy has %d SAs at most",
				   sas->count, ESPVIF_POLICY_SAS_MAX);
	for (i = 0; i < sas->count; i++) {
		error = name_parse(names[i], sas->names[i],
				   sizeof(sas->names[i]));
		if (error)
			return arguments_blame(arguments, option, error);
		for (j = 0; j < i; j++) {
			if (!strcmp(sas->names[i], sas->names[j]))
				return error_usage("--sa-name: '%s' is given twice",
						   sas->names[i]);
		}
	}
	return NULL;
}

/* What the action ipsec needs, and what the others must not have. */
static struct error *check_action(const struct kernel_policy_config *config)
{
	if (config->action != ESPVIF_ACTION_IPSEC && config->trap)
		return error_usage("--trap: only a policy with --action ipsec is a trap");
	if (config->cpu_acquire &&
	    (config->action != ESPVIF_ACTION_IPSEC ||
	     config->direction != ESPVIF_DIRECTION_OUT))
		return error_usage("--cpu-acquire: only a policy with --flow-direction out and --action ipsec asks for SAs of CPUs");
	if (config->action != ESPVIF_ACTION_IPSEC)
		return config->sas.count ? error_usage("--sa-name: only a policy with --action ipsec has an SA") :
					   NULL;
	if (!config->sas.count && !config->trap)
		return error_usage("missing: --sa-name, because --action ipsec needs an SA, unless it has --trap");
	if (!config->mode)
		return error_usage("missing: --sp-mode, because --action ipsec needs it: transport or tunnel");
	return NULL;
}

static struct error *parse_place(const struct arguments *arguments,
				 struct kernel_policy_config *config)
{
	const char *priority = arguments_value(arguments, PRIORITY);
	const char *interface = arguments_value(arguments, INTERFACE);
	struct error *error = NULL;
	uint64_t number = 0;

	if (priority) {
		error = number_parse(priority, 0, UINT32_MAX, &number);
		if (error)
			return arguments_blame(arguments, PRIORITY, error);
		config->priority = (uint32_t)number;
		config->priority_given = true;
	}
	if (interface)
		error = name_parse_device(interface, config->interface,
					  sizeof(config->interface));
	return arguments_blame(arguments, INTERFACE, error);
}

static struct error *parse_mss(const struct arguments *arguments,
			       struct kernel_policy_config *config)
{
	const char *text = arguments_value(arguments, MSS);
	struct error *error = NULL;
	uint64_t mss = ESPVIF_MSS_AUTO;

	if (text && config->action != ESPVIF_ACTION_IPSEC)
		return error_usage("--mss is for --action ipsec only");
	if (text && !strcmp(text, "no"))
		mss = 0;
	else if (text && strcmp(text, "auto"))
		error = number_parse(text, ESPVIF_MSS_MIN, ESPVIF_MSS_AUTO - 1,
				     &mss);
	config->mss = (uint16_t)mss;
	return arguments_blame(arguments, MSS, error);
}

/**
 * sp_config_from - what 'ipsec sp add' asks for
 * @arguments: the options, checked against sp_add_options
 * @config: filled in
 *
 * Return: NULL, or what is wrong with the options.
 */
struct error *sp_config_from(const struct arguments *arguments,
			     struct kernel_policy_config *config)
{
	struct error *error;

	memset(config, 0, sizeof(*config));
	config->owner = ESPVIF_OWNER_MANUAL;
	config->trap = arguments_given(arguments, TRAP);
	config->cpu_acquire = arguments_given(arguments, CPU_ACQUIRE);
	error = arguments_blame(arguments, SP_NAME,
				name_parse(arguments_value(arguments, SP_NAME),
					   config->name, sizeof(config->name)));
	if (!error)
		error = parse_prefixes(arguments, config);
	if (!error)
		error = parse_words(arguments, config);
	if (!error)
		error = parse_protocol(arguments, config);
	if (!error)
		error = parse_port(arguments, SOURCE_PORT, config->protocol,
				   &config->source_ports);
	if (!error)
		error = parse_port(arguments, DESTINATION_PORT,
				   config->protocol,
				   &config->destination_ports);
	if (!error)
		error = sp_sas_from(arguments, SA_NAME, &config->sas);
	if (!error)
		error = check_action(config);
	if (!error)
		error = parse_place(arguments, config);
	if (!error)
		error = parse_mss(arguments, config);
	return error;
}
