// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The options of 'ipsec sa add' and the configuration of an SA that they
 * make. Everything is checked here before the module hears of it.
 */
#include <string.h>

#include "cli/cpu.h"
#include "cli/sa.h"
#include "cli/values.h"
#include "kernel/algorithm.h"
#include "lib/name.h"

enum sa_add_option {
	SA_NAME,
	SA_SOURCE,
	SA_DESTINATION,
	SA_MODE,
	SA_SPI,
	ENCRYPTION_ALGORITHM,
	ENCRYPTION_KEY,
	INTEGRITY_ALGORITHM,
	INTEGRITY_KEY,
	SA_DIRECTION,
	INTERFACE,
	REPLAY_WINDOW,
	ESN,
	LIFETIME_SOFT_BYTES,
	LIFETIME_HARD_BYTES,
	LIFETIME_SOFT_PACKETS,
	LIFETIME_HARD_PACKETS,
	LIFETIME_SOFT_SECONDS,
	LIFETIME_HARD_SECONDS,
	ENCAPSULATION,
	ENCAPSULATION_SOURCE_PORT,
	ENCAPSULATION_DESTINATION_PORT,
	KEEPALIVE,
	DF,
	DSCP,
	TTL,
	FLOW_LABEL,
	FRAGMENTATION,
	TFC_PADDING,
	OFFLOAD,
	CPU,
	SEQUENCE,
	REPLAY_STATE,
};

/* Which options of 'ipsec sa add' sa_numbers_from() is about */
const size_t sa_add_sequence = SEQUENCE, sa_add_replay_state = REPLAY_STATE;

const struct option_spec sa_add_options[] = {
	[SA_NAME] = { "sa-name", "NAME", "name of the new SA",
		      OPTION_REQUIRED },
	[SA_SOURCE] = { "sa-source", "ADDRESS",
			"IPv4 or IPv6 address that sends the ESP packets",
			OPTION_REQUIRED },
	[SA_DESTINATION] = { "sa-destination", "ADDRESS",
			     "address that receives them", OPTION_REQUIRED },
	[SA_MODE] = { "sa-mode", "MODE",
		      "transport or tunnel", OPTION_REQUIRED },
	[SA_SPI] = { "sa-spi", "SPI",
		     "security parameters index: 0x100 to 0xffffffff",
		     OPTION_REQUIRED },
	[ENCRYPTION_ALGORITHM] = { "encryption-algorithm", "NAME",
				   "one of those listed below",
				   OPTION_REQUIRED },
	[ENCRYPTION_KEY] = { "encryption-key", "KEY",
			     "its key, for all but null: text, 0x and hexadecimal digits, or @/FILE; the salt follows the key where the algorithm has one",
			     OPTION_SECRET },
	[INTEGRITY_ALGORITHM] = { "integrity-algorithm", "NAME",
				  "one of those listed below, unless the encryption protects integrity itself",
				  0 },
	[INTEGRITY_KEY] = { "integrity-key", "KEY",
			    "its key, written as the other one",
			    OPTION_SECRET },
	[SA_DIRECTION] = { "sa-direction", "DIRECTION",
			   "in or out; without it, in if the destination is an address of this host",
			   0 },
	[INTERFACE] = { "interface", "DEVICE",
			"bind the SA to this device of kind espvif; mode tunnel only",
			0 },
	[REPLAY_WINDOW] = { "replay-window", "PACKETS",
			    "0 to 4096, 0 accepts packets twice (default 64); inbound only",
			    0 },
	[ESN] = { "esn", NULL, "extended (64-bit) sequence numbers", 0 },
	[LIFETIME_SOFT_BYTES] = { "lifetime-soft-bytes", "BYTES",
				  "notify after that many bytes; k, M and G are powers of 1024",
				  0 },
	[LIFETIME_HARD_BYTES] = { "lifetime-hard-bytes", "BYTES",
				  "carry nothing after that many bytes", 0 },
	[LIFETIME_SOFT_PACKETS] = { "lifetime-soft-packets", "PACKETS",
				    "notify after that many packets", 0 },
	[LIFETIME_HARD_PACKETS] = { "lifetime-hard-packets", "PACKETS",
				    "carry nothing after that many packets",
				    0 },
	[LIFETIME_SOFT_SECONDS] = { "lifetime-soft-seconds", "SECONDS",
				    "notify after that time", 0 },
	[LIFETIME_HARD_SECONDS] = { "lifetime-hard-seconds", "SECONDS",
				    "carry nothing after that time", 0 },
	[ENCAPSULATION] = { "encapsulation", "KIND",
			    "none or udp (NAT traversal); tcp is not possible yet",
			    0 },
	[ENCAPSULATION_SOURCE_PORT] = { "encapsulation-source-port", "PORT",
					"UDP port that the packets come from (default 4500)",
					0 },
	[ENCAPSULATION_DESTINATION_PORT] = { "encapsulation-destination-port",
					     "PORT",
					     "UDP port that they go to (default 4500)",
					     0 },
	[KEEPALIVE] = { "keepalive", "SECONDS",
			"after that much silence send a packet for the NATs on the way; udp, outbound",
			0 },
	[DF] = { "df", "RULE",
		 "Don't Fragment in outer headers: copy (default), set, or clear, which refuses no packet as too long; this and the next five are for outbound SAs of mode tunnel",
		 0 },
	[DSCP] = { "dscp", "VALUE",
		   "DSCP of outer headers: copy (default) or a number from 0 to 63",
		   0 },
	[TTL] = { "ttl", "NUMBER",
		  "TTL or hop limit of outer headers, 1 to 255 (default: the route's)",
		  0 },
	[FLOW_LABEL] = { "flow-label", "RULE",
			 "of outer IPv6 headers: no (default), copy, or hash, which tells the flows inside apart",
			 0 },
	[FRAGMENTATION] = { "fragmentation", "WHEN",
			    "fragment IPv4 packets that are too long before or after encryption, or auto (default): before, unless the policy names ports",
			    0 },
	[TFC_PADDING] = { "tfc-padding", "BYTES",
			  "pad packets to that length, as far as the path has room (default 0)",
			  0 },
	[OFFLOAD] = { "offload", "KIND",
		      "auto lets the network card encrypt if it can, crypto insists, packet has it do all of ESP, no has it do nothing (default auto)",
		      0 },
	[CPU] = { "cpu", "NUMBER",
		  "only packets that this CPU sends leave by the SA, as long as a policy has one for others; inbound, whose packets the peer sends by it",
		  0 },
	[SEQUENCE] = { "sequence", "NUMBER",
		       "go on where another gateway's SA is: the last number it used, or the highest it received",
		       0 },
	[REPLAY_STATE] = { "replay-state", "HEX",
			   "which numbers below it received, as its list shows it; inbound only",
			   0 },
	{}
};

/* What a word stands for that has a meaning, but not in this version */
#define IMPOSSIBLE 0

/* The longest time the module takes */
#define KEEPALIVE_MAX 3600

/* Where IKE daemons receive ESP in UDP (RFC 3948) */
#define ENCAPSULATION_PORT 4500

static const struct word encapsulations[] = {
	{ "none", ESPVIF_ENCAP_NONE },
	{ "udp", ESPVIF_ENCAP_UDP },
	{ "tcp", IMPOSSIBLE },
	{}
};

static struct error *parse_addresses(const struct arguments *arguments,
				     struct kernel_sa_config *config)
{
	struct address *addresses[] = { &config->source,
					&config->destination };
	static const size_t options[] = { SA_SOURCE, SA_DESTINATION };
	struct error *error;
	size_t i;

	for (i = 0; i < 2; i++) {
		const char *text = arguments_value(arguments, options[i]);

		error = address_parse(text, addresses[i]);
		if (!error && (address_is_unspecified(addresses[i]) ||
			       address_is_multicast(addresses[i])))
			error = error_usage("'%s' is not the address of a host",
					    text);
		if (error)
			return arguments_blame(arguments, options[i], error);
	}
	if (config->source.length != config->destination.length)
		return error_usage("--sa-source is %s and --sa-destination %s: both must be of one family",
				   address_family(&config->source),
				   address_family(&config->destination));
	return NULL;
}

static struct error *parse_word(const struct arguments *arguments,
				size_t option, const struct word *words,
				unsigned int *number)
{
	const char *text = arguments_value(arguments, option);

	return text ? arguments_blame(arguments, option,
				      word_parse(words, text, number)) :
		      NULL;
}

static struct error *parse_identity(const struct arguments *arguments,
				    struct kernel_sa_config *config)
{
	unsigned int mode = 0, direction = 0;
	struct error *error;

	error = arguments_blame(arguments, SA_NAME,
				name_parse(arguments_value(arguments, SA_NAME),
					   config->name, sizeof(config->name)));
	if (!error)
		error = parse_addresses(arguments, config);
	if (!error)
		error = parse_word(arguments, SA_MODE, words_mode, &mode);
	if (!error)
		error = arguments_blame(arguments, SA_SPI,
					number_parse_spi(arguments_value(arguments,
									 SA_SPI),
							 &config->spi));
	if (!error)
		error = parse_word(arguments, SA_DIRECTION, words_direction,
				   &direction);
	config->mode = mode;
	config->direction = direction;
	return error;
}

static struct error *parse_encryption(const struct arguments *arguments,
				      struct kernel_sa_config *config,
				      struct secret *key,
				      const struct encryption **encryption)
{
	const char *text = arguments_value(arguments, ENCRYPTION_KEY);
	struct error *error;

	error = encryption_parse(arguments_value(arguments,
						 ENCRYPTION_ALGORITHM),
				 encryption);
	if (error)
		return arguments_blame(arguments, ENCRYPTION_ALGORITHM, error);
	config->encryption = (*encryption)->id;
	if (config->encryption == ESPVIF_ENCR_NULL)
		return text ? error_usage("--encryption-key: null encrypts nothing, leave its key out") :
			      NULL;
	if (!text)
		return error_usage("missing: --encryption-key, which %s needs",
				   (*encryption)->name);
	error = secret_parse(text, key);
	if (!error)
		error = encryption_check_key(*encryption, key->length);
	return arguments_blame(arguments, ENCRYPTION_KEY, error);
}

static struct error *parse_integrity(const struct arguments *arguments,
				     struct kernel_sa_config *config,
				     struct secret *key,
				     const struct encryption *encryption)
{
	const char *name = arguments_value(arguments, INTEGRITY_ALGORITHM);
	const char *text = arguments_value(arguments, INTEGRITY_KEY);
	const struct integrity *integrity;
	struct error *error;

	if (encryption->aead)
		return name || text ? error_usage("%s protects integrity itself: leave out --integrity-algorithm and --integrity-key",
						  encryption->name) :
				      NULL;
	if (!name || !text)
		return error_usage("missing: --integrity-%s, because %s does not protect integrity itself",
				   name ? "key" : "algorithm",
				   encryption->name);
	error = integrity_parse(name, &integrity);
	if (error)
		return arguments_blame(arguments, INTEGRITY_ALGORITHM, error);
	config->integrity = integrity->id;
	error = secret_parse(text, key);
	if (!error)
		error = integrity_check_key(integrity, key->length);
	return arguments_blame(arguments, INTEGRITY_KEY, error);
}

static struct error *parse_window(const struct arguments *arguments,
				  struct kernel_sa_config *config)
{
	const char *text = arguments_value(arguments, REPLAY_WINDOW);
	struct error *error;
	uint64_t window;

	config->esn = arguments_given(arguments, ESN);
	if (!text)
		return NULL;
	error = number_parse(text, 0, ESPVIF_REPLAY_WINDOW_MAX, &window);
	if (!error && config->direction == ESPVIF_DIRECTION_OUT)
		error = error_usage("an outbound SA receives nothing that could be replayed");
	if (error)
		return arguments_blame(arguments, REPLAY_WINDOW, error);
	config->replay_window = (uint32_t)window;
	config->replay_window_given = true;
	return NULL;
}

static struct error *parse_limit(const struct arguments *arguments,
				 size_t option, uint64_t max, uint64_t *limit)
{
	const char *text = arguments_value(arguments, option);
	struct error *error;

	*limit = 0;
	if (!text)
		return NULL;
	error = option == LIFETIME_SOFT_BYTES ||
		option == LIFETIME_HARD_BYTES ?
		number_parse_size(text, limit) :
		number_parse(text, 0, max, limit);
	return arguments_blame(arguments, option, error);
}

/* The two limits of a kind; a soft one behind the hard one makes no sense. */
static struct error *parse_limits(const struct arguments *arguments,
				  size_t soft_option, uint64_t max,
				  uint64_t *soft, uint64_t *hard)
{
	const struct option_spec *options = arguments->command->options;
	/* the hard limit of a kind stands behind its soft one */
	size_t hard_option = soft_option + 1;
	struct error *error;

	error = parse_limit(arguments, soft_option, max, soft);
	if (!error)
		error = parse_limit(arguments, hard_option, max, hard);
	if (!error && *hard && *soft > *hard)
		error = error_usage("--%s must not be above --%s",
				    options[soft_option].name,
				    options[hard_option].name);
	return error;
}

static struct error *parse_lifetime(const struct arguments *arguments,
				    struct kernel_sa_config *config)
{
	uint64_t soft_seconds = 0, hard_seconds = 0;
	struct error *error;

	error = parse_limits(arguments, LIFETIME_SOFT_BYTES, UINT64_MAX,
			     &config->soft.bytes, &config->hard.bytes);
	if (!error)
		error = parse_limits(arguments, LIFETIME_SOFT_PACKETS,
				     UINT64_MAX, &config->soft.packets,
				     &config->hard.packets);
	if (!error)
		error = parse_limits(arguments, LIFETIME_SOFT_SECONDS,
				     UINT32_MAX, &soft_seconds, &hard_seconds);
	config->soft.seconds = (uint32_t)soft_seconds;
	config->hard.seconds = (uint32_t)hard_seconds;
	return error;
}

static struct error *check_possible(const struct arguments *arguments,
				    size_t option, const struct word *words,
				    const char *possible, unsigned int *number)
{
	struct error *error;

	if (!arguments_given(arguments, option))
		return NULL;
	error = parse_word(arguments, option, words, number);
	if (error || *number != IMPOSSIBLE)
		return error;
	return error_refused(0,
			     "--%s: '%s' is not possible in this version, only %s",
			     arguments->command->options[option].name,
			     arguments_value(arguments, option), possible);
}

static struct error *parse_interface(const struct arguments *arguments,
				     struct kernel_sa_config *config)
{
	const char *text = arguments_value(arguments, INTERFACE);
	struct error *error;

	if (!text)
		return NULL;
	error = name_parse_device(text, config->interface,
				  sizeof(config->interface));
	if (!error && config->mode != ESPVIF_MODE_TUNNEL)
		error = error_usage("only an SA of --sa-mode tunnel can be bound to a device");
	return arguments_blame(arguments, INTERFACE, error);
}

static struct error *parse_port(const struct arguments *arguments,
				size_t option, uint16_t *port)
{
	const char *text = arguments_value(arguments, option);
	uint64_t number = ENCAPSULATION_PORT;
	struct error *error = NULL;

	if (text)
		error = number_parse(text, 1, UINT16_MAX, &number);
	*port = (uint16_t)number;
	return arguments_blame(arguments, option, error);
}

static struct error *parse_keepalive(const struct arguments *arguments,
				     struct kernel_sa_config *config)
{
	const char *text = arguments_value(arguments, KEEPALIVE);
	struct error *error;
	uint64_t seconds;

	if (!text)
		return NULL;
	error = number_parse(text, 0, KEEPALIVE_MAX, &seconds);
	if (error)
		return arguments_blame(arguments, KEEPALIVE, error);
	config->keepalive = (uint32_t)seconds;
	return NULL;
}

static struct error *parse_encapsulation(const struct arguments *arguments,
					 struct kernel_sa_config *config)
{
	static const size_t udp_only[] = { ENCAPSULATION_SOURCE_PORT,
					   ENCAPSULATION_DESTINATION_PORT,
					   KEEPALIVE };
	unsigned int type = ESPVIF_ENCAP_NONE;
	struct error *error;
	size_t i;

	error = check_possible(arguments, ENCAPSULATION, encapsulations,
			       "none and udp", &type);
	if (error)
		return error;
	config->encapsulation = type;
	for (i = 0; type == ESPVIF_ENCAP_NONE && i < 3; i++) {
		if (arguments_given(arguments, udp_only[i]))
			return error_usage("--%s is for --encapsulation udp only",
					   arguments->command->options[udp_only[i]].name);
	}
	if (type == ESPVIF_ENCAP_NONE)
		return NULL;
	error = parse_port(arguments, ENCAPSULATION_SOURCE_PORT,
			   &config->source_port);
	if (!error)
		error = parse_port(arguments, ENCAPSULATION_DESTINATION_PORT,
				   &config->destination_port);
	return error ? error : parse_keepalive(arguments, config);
}

/* What the options of outer headers are about */
static struct error *check_outer(const struct arguments *arguments,
				 const struct kernel_sa_config *config)
{
	size_t option;

	for (option = DF; option <= TFC_PADDING; option++) {
		if (!arguments_given(arguments, option))
			continue;
		if (config->mode != ESPVIF_MODE_TUNNEL)
			return error_usage("--%s is for --sa-mode tunnel only",
					   arguments->command->options[option].name);
		if (config->direction == ESPVIF_DIRECTION_IN)
			return error_usage("--%s is for outbound SAs only: they write outer headers",
					   arguments->command->options[option].name);
	}
	return NULL;
}

static struct error *parse_number(const struct arguments *arguments,
				  size_t option, uint64_t min, uint64_t max,
				  uint64_t *number)
{
	const char *text = arguments_value(arguments, option);

	return text ? arguments_blame(arguments, option,
				      number_parse(text, min, max, number)) :
		      NULL;
}

static struct error *parse_outer_words(const struct arguments *arguments,
				       struct kernel_sa_config *config)
{
	unsigned int df = 0, flow_label = 0, fragment = 0;
	struct error *error;

	error = parse_word(arguments, DF, words_df, &df);
	if (!error)
		error = parse_word(arguments, FLOW_LABEL, words_flow_label,
				   &flow_label);
	if (!error)
		error = parse_word(arguments, FRAGMENTATION, words_fragment,
				   &fragment);
	if (!error && flow_label > ESPVIF_FLOW_LABEL_NO &&
	    config->destination.length == 4)
		error = error_usage("--flow-label: only IPv6 headers have one, and the addresses are IPv4");
	config->outer.df = df;
	config->outer.flow_label = flow_label;
	config->outer.fragment = fragment;
	return error;
}

static struct error *parse_outer(const struct arguments *arguments,
				 struct kernel_sa_config *config)
{
	const char *dscp_text = arguments_value(arguments, DSCP);
	uint64_t dscp = ESPVIF_DSCP_COPY, ttl = 0, tfc = 0;
	struct error *error;

	error = check_outer(arguments, config);
	if (!error)
		error = parse_outer_words(arguments, config);
	if (!error && dscp_text && strcmp(dscp_text, "copy"))
		error = parse_number(arguments, DSCP, 0, ESPVIF_DSCP_COPY - 1,
				     &dscp);
	if (!error)
		error = parse_number(arguments, TTL, 1, UINT8_MAX, &ttl);
	if (!error)
		error = parse_number(arguments, TFC_PADDING, 0, UINT16_MAX,
				     &tfc);
	config->outer.dscp = (uint8_t)dscp;
	config->outer.hop_limit = (uint8_t)ttl;
	config->outer.tfc = (uint16_t)tfc;
	return error;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static struct error *parse_state(const char *text,
				 struct kernel_replay_state *state)
{
	size_t digits = strlen(text), i;

	if (strncmp(text, "0x", 2) || digits < 4 || digits % 2)
		return error_usage("a replay state is 0x and two hexadecimal digits a byte, as 'ipsec sa list' shows it");
	if (digits / 2 - 1 > sizeof(state->bytes))
		return error_usage("%zu bytes are longer than any replay state (%d)",
				   digits / 2 - 1, ESPVIF_REPLAY_STATE_MAX);
	for (i = 2; i < digits; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return error_usage("only hexadecimal digits may follow 0x");
		state->bytes[state->length++] = (uint8_t)(high << 4 | low);
	}
	return NULL;
}

/**
 * sa_numbers_from - where an SA is to go on
 * @arguments: the options
 * @sequence_option: number of the option --sequence
 * @state_option: number of the option --replay-state
 * @numbers: filled in
 *
 * Return: NULL, or what is wrong with the options.
 */
struct error *sa_numbers_from(const struct arguments *arguments,
			      size_t sequence_option, size_t state_option,
			      struct kernel_numbers *numbers)
{
	const char *sequence = arguments_value(arguments, sequence_option);
	const char *state = arguments_value(arguments, state_option);
	struct error *error = NULL;

	memset(numbers, 0, sizeof(*numbers));
	if (state && !sequence)
		return error_usage("missing: --sequence, to which --replay-state is relative");
	if (!sequence)
		return NULL;
	numbers->given = true;
	error = arguments_blame(arguments, sequence_option,
				number_parse(sequence, 0, UINT64_MAX,
					     &numbers->sequence));
	if (!error && state)
		error = arguments_blame(arguments, state_option,
					parse_state(state,
						    &numbers->received));
	return error;
}

/**
 * sa_config_from - what 'ipsec sa add' asks for
 * @arguments: the options, checked against sa_add_options
 * @config: filled in
 * @keys: filled in; to be wiped by the caller also after an error
 *
 * Return: NULL, or what is wrong with the options.
 */
struct error *sa_config_from(const struct arguments *arguments,
			     struct kernel_sa_config *config,
			     struct kernel_sa_keys *keys)
{
	const struct encryption *encryption;
	unsigned int offload = ESPVIF_OFFLOAD_AUTO;
	struct error *error;

	memset(config, 0, sizeof(*config));
	memset(keys, 0, sizeof(*keys));
	config->owner = ESPVIF_OWNER_MANUAL;
	error = parse_identity(arguments, config);
	if (!error)
		error = parse_encryption(arguments, config, &keys->encryption,
					 &encryption);
	if (!error)
		error = parse_integrity(arguments, config, &keys->integrity,
					encryption);
	if (!error)
		error = parse_interface(arguments, config);
	if (!error)
		error = parse_window(arguments, config);
	if (!error)
		error = parse_lifetime(arguments, config);
	if (!error)
		error = parse_encapsulation(arguments, config);
	if (!error)
		error = parse_outer(arguments, config);
	if (!error)
		error = parse_word(arguments, OFFLOAD, words_offload, &offload);
	config->offload = offload;
	if (!error)
		error = cpu_from(arguments, CPU, &config->cpu);
	return error;
}
