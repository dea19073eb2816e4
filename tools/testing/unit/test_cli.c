// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/cli: reading options, the configurations made of them, and
 * what lists look like. What each wrong option earns is in usage.sh.
 */
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/batch.h"
#include "cli/counters.h"
#include "cli/event.h"
#include "cli/explain.h"
#include "cli/print.h"
#include "cli/sa.h"
#include "cli/sp.h"
#include "cli/values.h"
#include "kernel/algorithm.h"
#include "lib/array.h"
#include "unit.h"

#define WORDS_MAX 64

/* A command line whose words can be written to. */
struct line {
	char *words[WORDS_MAX];
	int count;
};

static const struct option_spec toy_options[] = {
	{ "name", "NAME", "a value", OPTION_REQUIRED },
	{ "flag", NULL, "a flag", 0 },
	{ "many", "VALUE", "several", OPTION_REPEATABLE },
	{ "key", "KEY", "a secret", OPTION_SECRET },
	{}
};

static const struct command toy = {
	.name = "toy",
	.options = toy_options,
};

/* Splits at blanks. */
static void line_make(struct line *line, const char *text)
{
	char *copy = strdup(text), *rest = NULL, *word;

	line->count = 0;
	line->words[line->count++] = strdup("toy");
	for (word = strtok_r(copy, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		line->words[line->count++] = strdup(word);
	line->words[line->count] = NULL;
	free(copy);
}

static void line_free(struct line *line)
{
	while (line->count)
		free(line->words[--line->count]);
}

static struct error *parse(const struct command *command, const char *text,
			   struct arguments *arguments)
{
	struct error *error;
	struct line line;

	line_make(&line, text);
	error = arguments_parse(command, line.count, line.words, arguments);
	line_free(&line);
	return error;
}

static void arguments_both_spellings(void **state)
{
	static const char *const texts[] = {
		"--name a=b --flag --many 1 --many=2 --key=k",
		"--key k --many 1 --many 2 --flag --name=a=b",
	};
	struct arguments arguments;
	const char *values[3];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_success(parse(&toy, texts[i], &arguments));
		assert_string_equal(arguments_value(&arguments, 0), "a=b");
		assert_true(arguments_given(&arguments, 1));
		assert_int_equal(arguments_values(&arguments, 2, values, 3),
				 2);
		assert_string_equal(values[0], "1");
		assert_string_equal(values[1], "2");
		assert_string_equal(arguments_value(&arguments, 3), "k");
		assert_false(arguments.help);
		arguments_free(&arguments);
	}
}

static void arguments_refusals(void **state)
{
	static const char *const cases[][2] = {
		{ "", "missing: --name" },
		{ "--name", "--name needs a value" },
		{ "--name --flag", "--name needs a value" },
		{ "--nam x", "no option --nam; did you mean --name?" },
		{ "--naem x", "did you mean --name?" },
		{ "--n x", "no option --n" },
		{ "--fl --name x", "did you mean --flag?" },
		{ "--zzz=x", "no option --zzz" },
		{ "--name x --name y", "--name is given twice" },
		{ "--name x --flag --flag", "--flag is given twice" },
		{ "--name x --flag=yes", "--flag takes no value" },
		{ "--name x y", "belongs to no option" },
		{ "y --name x", "belongs to no option" },
		{ "-n x", "belongs to no option" },
		{ "--name x -- --flag", "belongs to no option" },
	};
	struct arguments arguments;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_usage(parse(&toy, cases[i][0], &arguments),
			     cases[i][1]);
		arguments_free(&arguments);
	}
}

static void arguments_help(void **state)
{
	static const char *const texts[] = {
		"--help", "-h", "--flag --help", "--name x --help --name y",
	};
	struct arguments arguments;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_success(parse(&toy, texts[i], &arguments));
		assert_true(arguments.help);
		arguments_free(&arguments);
	}
	assert_success(parse(&toy, "--name=--help", &arguments));
	assert_false(arguments.help);
	arguments_free(&arguments);
}

/* Whatever becomes of the command line, its keys are not to be seen. */
static void arguments_blotted_out(void **state)
{
	static const char *const texts[] = {
		"--name x --key SECRET", "--name x --key=SECRET",
		"--key SECRET --nam x", "--key SECRET --key=SECRET",
		"--key SECRET", "--key=SECRET stray", "--key SECRET --help",
	};
	struct arguments arguments;
	struct line line;
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error *error;

		line_make(&line, texts[i]);
		error = arguments_parse(&toy, line.count, line.words,
					&arguments);
		for (j = 0; j < line.count; j++)
			assert_null(strstr(line.words[j], "SECRET"));
		if (error)
			assert_null(strstr(error->sentence, "SECRET"));
		else if (!arguments.help)
			assert_string_equal(arguments_value(&arguments, 3),
					    "SECRET");
		error_free(error);
		arguments_free(&arguments);
		line_free(&line);
	}
	/* half of a key whose blank was not quoted */
	line_make(&line, "--name x --key SEC RET");
	assert_usage(arguments_parse(&toy, line.count, line.words, &arguments),
		     "a value with blanks needs quotes");
	arguments_free(&arguments);
	line_free(&line);
}

#define ESXI_SA \
	"--sa-source 3ffe:501:ffff:0::a " \
	"--sa-destination 3ffe:501:ffff:0001::1 --sa-mode transport " \
	"--sa-spi 0x1000 --encryption-algorithm 3des-cbc --encryption-key " \
	"0x6970763672656164796c6f676f336465736362636f757432 " \
	"--integrity-algorithm hmac-sha1 --integrity-key " \
	"0x6970763672656164796c6f67736861316f757432 --sa-name sa1"

static struct error *sa_config(const char *text,
			       struct kernel_sa_config *config,
			       struct kernel_sa_keys *keys)
{
	struct arguments arguments;
	struct error *error;

	error = parse(&command_sa_add, text, &arguments);
	if (!error)
		error = sa_config_from(&arguments, config, keys);
	arguments_free(&arguments);
	return error;
}

static void sa_of_the_documentation(void **state)
{
	struct kernel_sa_config config;
	char text[ADDRESS_TEXT_SIZE];
	struct kernel_sa_keys keys;

	(void)state;
	assert_success(sa_config(ESXI_SA, &config, &keys));
	assert_string_equal(config.name, "sa1");
	assert_string_equal(address_text(&config.source, text),
			    "3ffe:501:ffff::a");
	assert_string_equal(address_text(&config.destination, text),
			    "3ffe:501:ffff:1::1");
	assert_int_equal(config.mode, ESPVIF_MODE_TRANSPORT);
	assert_int_equal(config.spi, 0x1000);
	assert_int_equal(config.encryption, ESPVIF_ENCR_3DES_CBC);
	assert_int_equal(config.integrity, ESPVIF_INTEG_HMAC_SHA1_96);
	assert_int_equal(keys.encryption.length, 24);
	assert_memory_equal(keys.encryption.bytes, "ipv6readylogo3descbcout2",
			    24);
	assert_memory_equal(keys.integrity.bytes, "ipv6readylogsha1out2", 20);
	assert_int_equal(config.direction, 0);
	assert_int_equal(config.owner, ESPVIF_OWNER_MANUAL);
	assert_false(config.replay_window_given);
	assert_false(config.esn);
}

static void sa_with_everything(void **state)
{
	struct kernel_sa_config config;
	struct kernel_sa_keys keys;

	(void)state;
	assert_success(sa_config("--sa-source=192.0.2.1 --sa-destination=192.0.2.2 "
				 "--sa-mode=tunnel --sa-spi=0xffffffff --sa-name=n "
				 "--encryption-algorithm=aes-gcm "
				 "--encryption-key=12345678901234567890123456789012salt "
				 "--sa-direction=in --interface=ipsec0 "
				 "--replay-window=4096 --esn --encapsulation=none "
				 "--offload=crypto --lifetime-soft-bytes=1G "
				 "--lifetime-hard-bytes=2G --lifetime-soft-packets=1 "
				 "--lifetime-hard-packets=2 --lifetime-soft-seconds=3 "
				 "--lifetime-hard-seconds=4",
				 &config, &keys));
	assert_int_equal(config.direction, ESPVIF_DIRECTION_IN);
	assert_string_equal(config.interface, "ipsec0");
	assert_int_equal(config.encryption, ESPVIF_ENCR_AES_GCM_16);
	assert_int_equal(config.integrity, ESPVIF_INTEG_NONE);
	assert_int_equal(keys.encryption.length, 36);
	assert_int_equal(keys.integrity.length, 0);
	assert_true(config.replay_window_given);
	assert_int_equal(config.replay_window, 4096);
	assert_true(config.esn);
	assert_int_equal(config.offload, ESPVIF_OFFLOAD_CRYPTO);
	assert_int_equal(config.soft.bytes, 1 << 30);
	assert_true(config.hard.bytes == 2ULL << 30);
	assert_int_equal(config.soft.packets, 1);
	assert_int_equal(config.hard.packets, 2);
	assert_int_equal(config.soft.seconds, 3);
	assert_int_equal(config.hard.seconds, 4);
}

/* Every name of row E2, with a key that fits and with one that does not. */
static void every_encryption(void **state)
{
	const struct encryption *encryption;
	char name[ALGORITHM_TEXT_SIZE];
	size_t i, length;

	(void)state;
	for (i = 0; i < encryption_count; i++) {
		const struct encryption *entry = &encryptions[i];

		assert_success(encryption_parse(entry->name, &encryption));
		assert_ptr_equal(encryption, entry);
		length = entry->any_key_length ? 24 : entry->key_bits / 8;
		length += entry->salt;
		assert_success(encryption_check_key(entry, length));
		assert_usage(encryption_check_key(entry, length + 1),
			     entry->name);
		if (!entry->any_key_length)
			assert_string_equal(encryption_text(entry->id,
							    entry->key_bits,
							    name),
					    entry->name);
	}
	assert_string_equal(encryption_text(ESPVIF_ENCR_AES_CBC, 512, name),
			    "encr-12/512");
	assert_usage(encryption_parse("aes-128-gcm16", &encryption),
		     "did you mean aes128-gcm16?");
	assert_usage(encryption_parse("rot13", &encryption),
		     "'rot13' is no encryption algorithm");
}

static void every_integrity(void **state)
{
	const struct integrity *integrity;
	char name[ALGORITHM_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < integrity_count; i++) {
		const struct integrity *entry = &integrities[i];

		assert_success(integrity_parse(entry->name, &integrity));
		assert_ptr_equal(integrity, entry);
		assert_success(integrity_check_key(entry, entry->key_bytes));
		assert_usage(integrity_check_key(entry, entry->key_bytes - 1U),
			     entry->name);
		assert_string_equal(integrity_text(entry->id, name),
				    entry->name);
	}
	assert_string_equal(integrity_text(ESPVIF_INTEG_NONE, name), "-");
	assert_string_equal(integrity_text(99, name), "integ-99");
	assert_usage(integrity_parse("sha1", &integrity), "is no integrity");
}

/* Written out, and not computed as the program does it. */
static const struct {
	const char *name;
	size_t length;
} key_bytes[] = {
	{ "3des-cbc", 24 }, { "null", 0 }, { "chacha20-poly1305", 36 },
	{ "aes128-cbc", 16 }, { "aes192-cbc", 24 }, { "aes256-cbc", 32 },
	{ "aes128-ctr", 20 }, { "aes192-ctr", 28 }, { "aes256-ctr", 36 },
	{ "aes128-gcm8", 20 }, { "aes192-gcm8", 28 }, { "aes256-gcm8", 36 },
	{ "aes128-gcm12", 20 }, { "aes192-gcm12", 28 }, { "aes256-gcm12", 36 },
	{ "aes128-gcm16", 20 }, { "aes192-gcm16", 28 }, { "aes256-gcm16", 36 },
	{ "aes128-ccm8", 19 }, { "aes192-ccm8", 27 }, { "aes256-ccm8", 35 },
	{ "aes128-ccm12", 19 }, { "aes192-ccm12", 27 }, { "aes256-ccm12", 35 },
	{ "aes128-ccm16", 19 }, { "aes192-ccm16", 27 }, { "aes256-ccm16", 35 },
	{ "aes128-gmac", 20 }, { "aes192-gmac", 28 }, { "aes256-gmac", 36 },
	{ "aes-cbc", 24 }, { "aes-ctr", 28 }, { "aes-gcm", 36 },
	{ "aes-ccm", 19 }, { "aes-gmac", 20 },
};

static void key_lengths(void **state)
{
	const struct encryption *encryption;
	size_t i;

	(void)state;
	assert_int_equal(ARRAY_SIZE(key_bytes), encryption_count);
	for (i = 0; i < ARRAY_SIZE(key_bytes); i++) {
		assert_success(encryption_parse(key_bytes[i].name,
						&encryption));
		assert_success(encryption_check_key(encryption,
						    key_bytes[i].length));
	}
	assert_success(encryption_parse("aes128-gcm16", &encryption));
	assert_usage(encryption_check_key(encryption, 16),
		     "has 16 bytes, but aes128-gcm16 needs 20 (16 of key and 4 of salt)");
	assert_success(encryption_parse("aes-ccm", &encryption));
	assert_usage(encryption_check_key(encryption, 16),
		     "needs 19, 27 or 35 (16, 24 or 32 of key and 3 of salt)");
	assert_success(encryption_parse("3des-cbc", &encryption));
	assert_usage(encryption_check_key(encryption, 16),
		     "has 16 bytes, but 3des-cbc needs 24");
}

static struct error *sp_config(const char *text,
			       struct kernel_policy_config *config)
{
	struct arguments arguments;
	struct error *error;

	error = parse(&command_sp_add, text, &arguments);
	if (!error)
		error = sp_config_from(&arguments, config);
	arguments_free(&arguments);
	return error;
}

static void sp_of_the_documentation(void **state)
{
	struct kernel_policy_config config;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_success(sp_config("--sp-source=2001:db8:1::/64 "
				 "--sp-destination=2002:db8:1::/64 "
				 "--source-port=23 --destination-port=25 "
				 "--upper-layer-protocol=tcp --flow-direction=out "
				 "--action=ipsec --sp-mode=transport "
				 "--sa-name=sa1 --sp-name=sp1", &config));
	assert_string_equal(config.name, "sp1");
	assert_string_equal(prefix_text(&config.source, text),
			    "2001:db8:1::/64");
	assert_string_equal(prefix_text(&config.destination, text),
			    "2002:db8:1::/64");
	assert_int_equal(config.source_ports.min, 23);
	assert_int_equal(config.source_ports.max, 23);
	assert_int_equal(config.destination_ports.min, 25);
	assert_int_equal(config.protocol, 6);
	assert_int_equal(config.direction, ESPVIF_DIRECTION_OUT);
	assert_int_equal(config.action, ESPVIF_ACTION_IPSEC);
	assert_int_equal(config.mode, ESPVIF_MODE_TRANSPORT);
	assert_int_equal(config.sas.count, 1);
	assert_string_equal(config.sas.names[0], "sa1");
	assert_false(config.priority_given);
}

static void sp_variants(void **state)
{
	struct kernel_policy_config config;

	(void)state;
	assert_success(sp_config("--sp-source any --sp-destination any "
				 "--flow-direction in --action discard "
				 "--sp-name d --sp-mode tunnel --priority 0 "
				 "--interface ipsec0", &config));
	assert_int_equal(config.protocol, 0);
	assert_int_equal(config.source_ports.max, UINT16_MAX);
	assert_int_equal(config.destination_ports.min, 0);
	assert_true(config.priority_given);
	assert_int_equal(config.priority, 0);
	assert_string_equal(config.interface, "ipsec0");
	assert_int_equal(config.sas.count, 0);

	assert_success(sp_config("--sp-source any6 --sp-destination any6 "
				 "--flow-direction out --action ipsec --sp-name b "
				 "--sp-mode tunnel --sa-name one --sa-name two "
				 "--upper-layer-protocol 132 "
				 "--destination-port 1000-2000", &config));
	assert_int_equal(config.sas.count, 2);
	assert_string_equal(config.sas.names[0], "one");
	assert_string_equal(config.sas.names[1], "two");
	assert_int_equal(config.protocol, 132);
	assert_int_equal(config.destination_ports.min, 1000);

	assert_success(sp_config("--sp-source any --sp-destination any "
				 "--flow-direction out --action none --sp-name c "
				 "--source-port 0 --destination-port 0 "
				 "--upper-layer-protocol icmp", &config));
	assert_int_equal(config.protocol, 1);
	assert_success(sp_config("--sp-source any6 --sp-destination any6 "
				 "--flow-direction out --action none --sp-name c "
				 "--upper-layer-protocol icmp6", &config));
	assert_int_equal(config.protocol, 58);
}

static void words(void **state)
{
	char text[WORD_TEXT_SIZE];
	unsigned int number;

	(void)state;
	assert_success(word_parse(words_action, "discard", &number));
	assert_int_equal(number, ESPVIF_ACTION_DISCARD);
	assert_usage(word_parse(words_action, "drop", &number),
		     "'drop' is not none, discard or ipsec");
	assert_string_equal(word_text(words_mode, ESPVIF_MODE_TUNNEL, text),
			    "tunnel");
	assert_string_equal(word_text(words_mode, 0, text), "-");
	assert_string_equal(word_text(words_mode, 77, text), "77");
	assert_string_equal(word_text(words_protocol, 0, text), "any");
	assert_string_equal(word_text(words_protocol, 47, text), "47");
}

/* Runs a printing function into memory. */
#define capture(call) ({ \
	char *captured = NULL; \
	size_t captured_length; \
	FILE *out = open_memstream(&captured, &captured_length); \
	assert_non_null(out); \
	call; \
	fclose(out); \
	captured; })

static void fill_sa(struct kernel_sa *sa, struct kernel_counter *drops)
{
	memset(sa, 0, sizeof(*sa));
	strcpy(sa->config.name, "sa1");
	assert_success(address_parse("3ffe:501:ffff::a", &sa->config.source));
	assert_success(address_parse("3ffe:501:ffff:1::1",
				     &sa->config.destination));
	sa->config.mode = ESPVIF_MODE_TRANSPORT;
	sa->config.spi = 0x1000;
	sa->config.encryption = ESPVIF_ENCR_3DES_CBC;
	sa->encryption_key_bits = 192;
	sa->config.integrity = ESPVIF_INTEG_HMAC_SHA1_96;
	sa->config.direction = ESPVIF_DIRECTION_IN;
	sa->config.owner = ESPVIF_OWNER_MANUAL;
	sa->config.replay_window = 64;
	sa->config.hard.bytes = UINT64_MAX;
	sa->state = ESPVIF_SA_STATE_VALID;
	sa->id = 1;
	sa->packets = 10;
	sa->bytes = 640;
	sa->drops.items = drops;
	sa->drops.count = 2;
}

static struct kernel_counter some_drops[] = {
	{ "replayed", 3 }, { "integrity", 4 },
};

static void sa_table(void **state)
{
	struct kernel_sa sas[2];
	struct kernel_sa_list list = { sas, 2 };
	char *text;

	(void)state;
	fill_sa(&sas[0], some_drops);
	fill_sa(&sas[1], some_drops);
	strcpy(sas[1].config.name, "another");
	sas[1].config.encryption = ESPVIF_ENCR_AES_GCM_16;
	sas[1].config.integrity = 0;
	sas[1].encryption_key_bits = 256;
	sas[1].state = ESPVIF_SA_STATE_EXPIRED;
	sas[1].config.owner = ESPVIF_OWNER_DAEMON;
	strcpy(sas[1].config.interface, "ipsec0");
	sas[1].drops.count = 0;
	text = capture(assert_success(sa_show_table(out, &list, true)));
	assert_string_equal(text,
"Name     Source Address    Destination Address  State    SPI     Mode       Encryption Algorithm  Integrity Algorithm  Direction  Owner   Interface  Packets  Bytes  Drops\n"
"sa1      3ffe:501:ffff::a  3ffe:501:ffff:1::1   valid    0x1000  transport  3des-cbc              hmac-sha1            in         manual  -               10    640      7\n"
"another  3ffe:501:ffff::a  3ffe:501:ffff:1::1   expired  0x1000  transport  aes256-gcm16          -                    in         daemon  ipsec0          10    640      0\n");
	free(text);
	text = capture(assert_success(sa_show_table(out, &list, false)));
	assert_null(strstr(text, "Source Address"));
	assert_int_equal(strncmp(text, "sa1 ", 4), 0);
	free(text);
}

static void empty_tables(void **state)
{
	struct kernel_policy_list policies = {};
	struct kernel_sa_list sas = {};
	char *text;

	(void)state;
	text = capture(assert_success(sa_show_table(out, &sas, true)));
	assert_string_equal(text,
"Name  Source Address  Destination Address  State  SPI  Mode  Encryption Algorithm  Integrity Algorithm  Direction  Owner  Interface  Packets  Bytes  Drops\n");
	free(text);
	text = capture(assert_success(sa_show_table(out, &sas, false)));
	assert_string_equal(text, "");
	free(text);
	text = capture(assert_success(sa_show_json(out, &sas)));
	assert_string_equal(text, "[]\n");
	free(text);
	text = capture(assert_success(sp_show_json(out, &policies)));
	assert_string_equal(text, "[]\n");
	free(text);
}

static void sa_list_json(void **state)
{
	struct kernel_sa sa;
	struct kernel_sa_list list = { &sa, 1 };
	json_t *array, *object, *nested;
	char *text;

	(void)state;
	fill_sa(&sa, some_drops);
	text = capture(assert_success(sa_show_json(out, &list)));
	array = json_loads(text, 0, NULL);
	free(text);
	assert_int_equal(json_array_size(array), 1);
	object = json_array_get(array, 0);
	assert_string_equal(json_string_value(json_object_get(object, "name")),
			    "sa1");
	assert_int_equal(json_integer_value(json_object_get(object, "spi")),
			 0x1000);
	assert_string_equal(json_string_value(json_object_get(object,
							      "spi_hex")),
			    "0x1000");
	assert_string_equal(json_string_value(json_object_get(object,
							      "encryption_algorithm")),
			    "3des-cbc");
	assert_true(json_is_null(json_object_get(object, "interface")));
	assert_true(json_is_false(json_object_get(object, "esn")));
	assert_int_equal(json_integer_value(json_object_get(object, "drops")),
			 7);
	nested = json_object_get(object, "drop_reasons");
	assert_int_equal(json_integer_value(json_object_get(nested,
							    "integrity")), 4);
	nested = json_object_get(object, "lifetime_hard");
	assert_true(json_integer_value(json_object_get(nested, "bytes")) ==
		    INT64_MAX);
	json_decref(array);
}

static void sa_details(void **state)
{
	struct kernel_sa sa;
	struct kernel_sa_list list = { &sa, 1 };
	char *text;

	(void)state;
	fill_sa(&sa, some_drops);
	sa.config.soft.seconds = 60;
	text = capture(sa_show_details(out, &list));
	assert_int_equal(strncmp(text, "sa1\n", 4), 0);
	assert_non_null(strstr(text, "  SPI                     0x1000\n"));
	assert_non_null(strstr(text, "  Soft Lifetime           60 seconds\n"));
	assert_non_null(strstr(text, "  Last Used               never\n"));
	assert_non_null(strstr(text, "                          4 integrity\n"));
	free(text);
}

static void fill_policy(struct kernel_policy *policy, uint32_t id,
			const char *name, const char *interface,
			uint32_t priority)
{
	memset(policy, 0, sizeof(*policy));
	policy->id = id;
	strcpy(policy->config.name, name);
	strcpy(policy->config.interface, interface);
	policy->config.priority = priority;
	policy->config.direction = ESPVIF_DIRECTION_OUT;
	assert_success(prefix_parse("2001:db8:1::/64",
				    &policy->config.source));
	assert_success(prefix_parse("2002:db8:1::/64",
				    &policy->config.destination));
	assert_success(port_range_parse("23", &policy->config.source_ports));
	assert_success(port_range_parse("0",
					&policy->config.destination_ports));
	policy->config.protocol = 6;
	policy->config.action = ESPVIF_ACTION_DISCARD;
	policy->config.owner = ESPVIF_OWNER_MANUAL;
}

/* The host's first, then each device's; the lower priority, then the older. */
static void sp_order(void **state)
{
	struct kernel_policy policies[6];
	struct kernel_policy_list list = { policies, 6 };
	char order[16] = "";
	size_t i;

	(void)state;
	fill_policy(&policies[0], 1, "f", "ipsec1", 1);
	fill_policy(&policies[1], 2, "c", "", 2000);
	fill_policy(&policies[2], 3, "e", "ipsec0", 7);
	fill_policy(&policies[3], 5, "b", "", 1000);
	fill_policy(&policies[4], 4, "a", "", 1000);
	fill_policy(&policies[5], 6, "d", "", UINT32_MAX);
	sp_sort(&list);
	for (i = 0; i < list.count; i++)
		strcat(order, policies[i].config.name);
	assert_string_equal(order, "abcdef");
}

static void sp_table(void **state)
{
	struct kernel_policy policies[2];
	struct kernel_policy_list list = { policies, 2 };
	char *text;

	(void)state;
	fill_policy(&policies[0], 1, "sp1", "", 1000);
	policies[0].config.action = ESPVIF_ACTION_IPSEC;
	policies[0].config.mode = ESPVIF_MODE_TRANSPORT;
	policies[0].config.sas.count = 2;
	strcpy(policies[0].config.sas.names[0], "sa1");
	strcpy(policies[0].config.sas.names[1], "sa2");
	policies[0].packets = 12;
	policies[0].config.trap = true;
	policies[0].held = 7;
	fill_policy(&policies[1], 2, "sp2", "ipsec0", 5);
	text = capture(assert_success(sp_show_table(out, &list, true)));
	assert_string_equal(text,
"Name  Source Address   Destination Address  Source Port  Destination Port  Protocol  Flow Direction  Action   Mode       SA Name  Priority  Interface  Owner   Hits  Held\n"
"sp1   2001:db8:1::/64  2002:db8:1::/64      23           any               tcp       out             ipsec    transport  sa1,sa2      1000  -          manual    12     7\n"
"sp2   2001:db8:1::/64  2002:db8:1::/64      23           any               tcp       out             discard  -          -               5  ipsec0     manual     0     -\n");
	free(text);
}

static void sp_list_json(void **state)
{
	struct kernel_policy policy;
	struct kernel_policy_list list = { &policy, 1 };
	json_t *array, *object;
	char *text;

	(void)state;
	fill_policy(&policy, 1, "sp1", "ipsec0", 1000);
	text = capture(assert_success(sp_show_json(out, &list)));
	array = json_loads(text, 0, NULL);
	free(text);
	object = json_array_get(array, 0);
	assert_string_equal(json_string_value(json_object_get(object,
							      "source_address")),
			    "2001:db8:1::/64");
	assert_int_equal(json_integer_value(json_object_get(object,
							    "source_port_max")),
			 23);
	assert_int_equal(json_integer_value(json_object_get(object,
							    "destination_port_max")),
			 65535);
	assert_true(json_is_null(json_object_get(object, "mode")));
	assert_true(json_is_array(json_object_get(object, "sa_names")));
	assert_string_equal(json_string_value(json_object_get(object,
							      "interface")),
			    "ipsec0");
	json_decref(array);
}

static void counter_lists(void **state)
{
	static struct kernel_counter items[] = {
		{ "in_replayed", 3 }, { "in_short", 0 },
	};
	static const struct kernel_counters counters = { items, 2 };
	json_t *object;
	char *text;

	(void)state;
	text = capture(assert_success(counters_show_table(out, &counters,
							  false, true)));
	assert_string_equal(text, "Counter      Packets\nin_replayed        3\n");
	free(text);
	text = capture(assert_success(counters_show_table(out, &counters, true,
							  false)));
	assert_string_equal(text, "in_replayed        3\nin_short           0\n");
	free(text);
	object = counters_json(&counters, false);
	assert_int_equal(json_object_size(object), 1);
	assert_int_equal(json_integer_value(json_object_get(object,
							    "in_replayed")),
			 3);
	json_decref(object);
	object = counters_json(&counters, true);
	assert_int_equal(json_object_size(object), 2);
	json_decref(object);
}

/* Every sentence: what is asked, the answer, and what it has to say. */
static void explanations(void **state)
{
	static const struct {
		enum espvif_direction direction;
		struct kernel_answer answer;
		const char *sentence;
	} cases[] = {
		{ ESPVIF_DIRECTION_OUT,
		  { .verdict = ESPVIF_VERDICT_PROTECTED, .policy = "sp1",
		    .sa = "sa1" },
		  "SA sa1 protects it, as policy sp1 says." },
		{ ESPVIF_DIRECTION_OUT,
		  { .verdict = ESPVIF_VERDICT_PROTECTED, .policy = "sp1",
		    .sa = "sa1", .fragmented = true },
		  "SA sa1 protects it, as policy sp1 says, and it leaves in fragments." },
		{ ESPVIF_DIRECTION_IN,
		  { .verdict = ESPVIF_VERDICT_PROTECTED, .sa = "sa1" },
		  "It is delivered: no policy uses SA sa1, which is for its own two ends." },
		{ ESPVIF_DIRECTION_IN,
		  { .verdict = ESPVIF_VERDICT_CLEAR, .exempt = true },
		  "It passes in the clear: policies are not asked about such packets." },
		{ ESPVIF_DIRECTION_OUT,
		  { .verdict = ESPVIF_VERDICT_CLEAR, .policy = "sp1" },
		  "It passes in the clear, as policy sp1 says." },
		{ ESPVIF_DIRECTION_OUT,
		  { .verdict = ESPVIF_VERDICT_TOO_BIG, .inner_mtu = 1446 },
		  "It is too big and must not be fragmented: its sender learns that 1446 bytes fit." },
		{ ESPVIF_DIRECTION_OUT,
		  { .verdict = ESPVIF_VERDICT_UNREACHABLE },
		  "It does not leave: there is no route to its destination." },
		{ ESPVIF_DIRECTION_OUT,
		  { .verdict = ESPVIF_VERDICT_DROPPED, .interface = "ipsec0",
		    .counter = "out-route-loop", .sa = "sa1" },
		  "It is dropped: the route to the peer of SA sa1 leads into ipsec0 itself." },
		{ ESPVIF_DIRECTION_OUT,
		  { .verdict = ESPVIF_VERDICT_HELD, .policy = "sp1" },
		  "It waits: policy sp1 is a trap, and has somebody asked for an SA." },
		{ ESPVIF_DIRECTION_IN,
		  { .verdict = ESPVIF_VERDICT_DROPPED, .counter = "in-new" },
		  "It is dropped: ipsec_counters(8) says why." },
	};
	char text[EXPLAIN_SENTENCE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kernel_question question = {
			.direction = cases[i].direction
		};

		assert_string_equal(explain_sentence(&question,
						     &cases[i].answer, text),
				    cases[i].sentence);
	}
}

static void explanation_lines(void **state)
{
	struct kernel_question question = {
		.direction = ESPVIF_DIRECTION_OUT, .length = 1000,
	};
	struct kernel_answer answer = {
		.verdict = ESPVIF_VERDICT_PROTECTED, .policy = "sp1",
		.action = ESPVIF_ACTION_IPSEC, .sa = "sa1",
		.sa_state = ESPVIF_SA_STATE_VALID, .link = "eth0",
		.path_mtu = 1500, .inner_mtu = 1446, .outer_length = 1056,
	};
	json_t *object;
	char *text;

	(void)state;
	assert_success(address_parse("192.0.2.254", &answer.gateway));
	text = capture(explain_show(out, &question, &answer));
	assert_string_equal(text,
			    "  Policy                  sp1 (ipsec)\n"
			    "  SA                      sa1 (valid)\n"
			    "  Interface               -\n"
			    "  Route                   eth0 via 192.0.2.254\n"
			    "  Path MTU                1500\n"
			    "  Fits Inside             1446\n"
			    "  ESP Packet              1056\n"
			    "  Counter                 -\n"
			    "  Verdict                 protected\n"
			    "SA sa1 protects it, as policy sp1 says.\n");
	free(text);
	text = capture(assert_success(explain_show_json(out, &question,
							&answer)));
	object = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(object,
							      "gateway")),
			    "192.0.2.254");
	assert_true(json_is_null(json_object_get(object, "counter")));
	json_decref(object);
	free(text);
}

static void counters_watched(void **state)
{
	static struct kernel_counter old[] = {
		{ "in-packets", 3 }, { "out-packets", 5 }, { "in-dummy", 0 },
	};
	/* a counter of an SA is not there before it has counted */
	static struct kernel_counter new[] = {
		{ "in-packets", 10 }, { "in-padding", 1 },
		{ "out-packets", 5 }, { "in-dummy", 0 },
	};
	static const struct kernel_counters none = {}, before = { old, 3 },
						now = { new, 4 };
	struct counters_round round = {
		.before = &none, .now = &before, .first = true,
		.headings = true,
	};
	json_t *object, *counters;
	char *text;

	(void)state;
	text = capture(assert_success(counters_show_round(out, &round)));
	assert_string_equal(text,
"Counter                      Packets        Change\n"
"in-packets                         3             -\n"
"out-packets                        5             -\n");
	free(text);
	round.first = false;
	round.before = &before;
	round.now = &now;
	text = capture(assert_success(counters_show_round(out, &round)));
	assert_string_equal(text,
"in-packets                        10            +7\n"
"in-padding                         1            +1\n");
	free(text);
	round.screen = true;
	text = capture(assert_success(counters_show_round(out, &round)));
	assert_ptr_equal(strstr(text, "\033[H\033[2J"), text);
	assert_non_null(strstr(text,
"Counter      Packets  Change\n"
"in-packets        10      +7\n"
"in-padding         1      +1\n"
"out-packets        5       -\n"));
	free(text);
	round.screen = false;
	round.json = true;
	text = capture(assert_success(counters_show_round(out, &round)));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	object = json_loads(text, 0, NULL);
	free(text);
	assert_true(json_is_integer(json_object_get(object, "time")));
	counters = json_object_get(object, "counters");
	assert_int_equal(json_object_size(counters), 2);
	assert_int_equal(json_integer_value(json_object_get(counters,
							    "in-packets")),
			 10);
	json_decref(object);
	round.before = &now;
	text = capture(assert_success(counters_show_round(out, &round)));
	assert_string_equal(text, "");
	free(text);
}

static void fill_event(struct kernel_event *event, enum kernel_event_kind kind,
		       const char *name)
{
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->name = name;
	fill_sa(&event->sa, NULL);
	event->sa.drops.count = 0;
	fill_policy(&event->policy, 1, "sp1", "ipsec0", 1000);
	assert_success(address_parse("192.0.2.77",
				     &event->sa.peer.address));
	event->sa.peer.port = 40002;
	assert_success(address_parse("192.0.2.1", &event->policy.flow.source));
	assert_success(address_parse("192.0.2.2",
				     &event->policy.flow.destination));
	event->policy.flow.protocol = 17;
	event->policy.flow.source_port = 4000;
	event->policy.flow.destination_port = 53;
}

static void event_of_cpu(void **state)
{
	static const struct timespec when = { 1763765000, 7008 };
	struct kernel_event event;
	json_t *object;
	char *text;

	(void)state;
	fill_event(&event, KERNEL_EVENT_ACQUIRE, "acquire");
	event.policy.cpu = (struct kernel_cpu){ true, 47 };
	text = capture(event_show_line(out, &event, NULL));
	assert_non_null(strstr(text, "  cpu=47 packet-source="));
	free(text);
	text = capture(assert_success(event_show_json(out, &event, &when)));
	object = json_loads(text, 0, NULL);
	free(text);
	assert_int_equal(json_integer_value(json_object_get(object, "cpu")),
			 47);
	json_decref(object);
}

static void event_lines(void **state)
{
	static const struct {
		enum kernel_event_kind kind;
		const char *name;
		const char *begin;
		const char *words;
	} cases[] = {
		{ KERNEL_EVENT_SA, "sa-added",
		  "sa-added        sa1                   direction=", " spi=0x" },
		{ KERNEL_EVENT_EXPIRY, "sa-expired",
		  "sa-expired      sa1                   limit=soft ",
		  " source=" },
		{ KERNEL_EVENT_PEER, "sa-peer-moved",
		  "sa-peer-moved   sa1                   peer-address=192.0.2.77 peer-port=40002 direction=",
		  " destination=" },
		{ KERNEL_EVENT_POLICY, "policy-removed",
		  "policy-removed  sp1                   direction=out action=discard source=2001:db8:1::/64",
		  " interface=ipsec0\n" },
		{ KERNEL_EVENT_ACQUIRE, "acquire",
		  "acquire         sp1                   packet-source=192.0.2.1 packet-destination=192.0.2.2 packet-protocol=udp packet-source-port=4000 packet-destination-port=53 direction=out",
		  " interface=ipsec0\n" },
		{ KERNEL_EVENT_LOST, "lost",
		  "lost            -                     reason=", "" },
		{ KERNEL_EVENT_UNKNOWN, "unknown",
		  "unknown         -                     number=200\n", "" },
	};
	struct kernel_event event;
	char *text;
	size_t i;

	(void)state;
	text = capture(event_show_headings(out, false));
	assert_string_equal(text,
"Event           Name                  Details\n");
	free(text);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fill_event(&event, cases[i].kind, cases[i].name);
		event.command = 200;
		text = capture(event_show_line(out, &event, NULL));
		assert_int_equal(strncmp(text, cases[i].begin,
					 strlen(cases[i].begin)), 0);
		assert_non_null(strstr(text, cases[i].words));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		free(text);
	}
}

static void event_times(void **state)
{
	static const struct timespec when = { 1763765000, 7008 };
	struct kernel_event event;
	char *text, *headings;

	(void)state;
	setenv("TZ", "UTC-1", 1);
	tzset();
	fill_event(&event, KERNEL_EVENT_LOST, "lost");
	text = capture(event_show_line(out, &event, &when));
	headings = capture(event_show_headings(out, true));
	assert_int_equal(strncmp(text, "2025-11-21T23:43:20.000007+0100  lost ",
				 38), 0);
	assert_int_equal(strstr(text, "lost") - text,
			 strstr(headings, "Event") - headings);
	free(text);
	free(headings);
}

static void event_json(void **state)
{
	static const struct timespec when = { 1763765000, 7008 };
	static const struct {
		enum kernel_event_kind kind;
		const char *extra;
		const char *object;
	} cases[] = {
		{ KERNEL_EVENT_SA, NULL, "sa" },
		{ KERNEL_EVENT_EXPIRY, "limit", "sa" },
		{ KERNEL_EVENT_PEER, "peer", "sa" },
		{ KERNEL_EVENT_POLICY, NULL, "policy" },
		{ KERNEL_EVENT_ACQUIRE, "packet", "policy" },
		{ KERNEL_EVENT_LOST, NULL, NULL },
		{ KERNEL_EVENT_NONE, NULL, NULL },
		{ KERNEL_EVENT_UNKNOWN, "number", NULL },
	};
	struct kernel_event event;
	json_t *object;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fill_event(&event, cases[i].kind, "something");
		text = capture(assert_success(event_show_json(out, &event,
							      &when)));
		assert_non_null(strstr(text, "1763765000.000007"));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		object = json_loads(text, 0, NULL);
		free(text);
		assert_int_equal(json_object_size(object),
				 2 + !!cases[i].extra + !!cases[i].object);
		if (cases[i].extra)
			assert_non_null(json_object_get(object,
							cases[i].extra));
		if (cases[i].object)
			assert_true(json_is_object(json_object_get(object,
						   cases[i].object)));
		json_decref(object);
	}
}

/* Reads a text as the file "b". */
static struct error *batch_of(const char *file, struct batch *batch)
{
	FILE *in = fmemopen((char *)file, strlen(file), "r");
	struct error *error;

	assert_non_null(in);
	error = batch_read(in, "b", batch);
	fclose(in);
	return error;
}

static void batch_lines(void **state)
{
	static const char file[] =
		"# what it is for: don't \\\n"
		"sa remove --sa-name one # '\n"
		"\n"
		"   sp\tset --sp-name=p \\\n"
		"--sa-name a#1 \\\n"
		"\t--sa-name b\n"
		"sa remove --sa-na\\\n"
		"me two\n"
		"\\\n"
		"sa set --sa-name o --peer-port 5\n"
		"sa add " ESXI_SA "\n"
		"sp remove --sp-name p";
	static const size_t lines[] = { 2, 4, 7, 9, 11, 12 };
	struct batch batch;
	size_t i;

	(void)state;
	assert_success(batch_of(file, &batch));
	assert_int_equal(kernel_batch_count(batch.changes), ARRAY_SIZE(lines));
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(batch.lines[i], lines[i]);
	batch_free(&batch);
	assert_success(batch_of("\n# nothing", &batch));
	assert_int_equal(kernel_batch_count(batch.changes), 0);
	batch_free(&batch);
}

/* The line is named, and what may be a key is not quoted. */
static void batch_refusals(void **state)
{
	static const char *const cases[][2] = {
		{ "sa remove --sa-name x\nsa remove\n",
		  "b, line 2: sa remove: either --sa-name" },
		{ "\n\nsa\n", "b, line 3: 'sa' cannot be part of it" },
		{ "sa add " ESXI_SA " --encryption-key SECRETSECRET",
		  "b, line 1: sa add: --encryption-key is given twice" },
		{ "sa add " ESXI_SA " SECRETSECRET",
		  "b, line 1: sa add: a word belongs to no option" },
		{ "secretsecretsecret", "does not begin with a command" },
		{ "sa SECRETSECRET", "'sa' cannot be part of it" },
		{ "sa secretsecretsecret", "'sa' cannot be part of it" },
		{ "sa remove --sa-name \x01", "not printable ASCII (number 1)" },
		{ "sa remove --sa-name \xc3\xa4", "ASCII (number 195)" },
	};
	struct error *error;
	struct batch batch;
	FILE *in;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		error = batch_of(cases[i][0], &batch);
		if (error) {
			assert_null(strstr(error->sentence, "SECRET"));
			assert_null(strstr(error->sentence, "secretsecret"));
		}
		assert_usage(error, cases[i][1]);
		batch_free(&batch);
	}
	in = fmemopen((char *)"sp\0x\n", 5, "r");
	assert_usage(batch_read(in, "b", &batch), "b, line 1: there is a");
	fclose(in);
	batch_free(&batch);
}

static void wrapping(void **state)
{
	char *text;

	(void)state;
	text = capture(print_wrapped(out, 10, 3, "one two"));
	assert_string_equal(text, "       one two\n");
	free(text);
	text = capture(print_wrapped(out, 4, 12, "below"));
	assert_string_equal(text, "\n    below\n");
	free(text);
	text = capture(print_wrapped(out, 70, 0, "12345 6789 x"));
	assert_string_equal(text + 70,
			    "12345\n"
			    "                                                                      6789 x\n");
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_both_spellings),
		cmocka_unit_test(arguments_refusals),
		cmocka_unit_test(arguments_help),
		cmocka_unit_test(arguments_blotted_out),
		cmocka_unit_test(sa_of_the_documentation),
		cmocka_unit_test(sa_with_everything),
		cmocka_unit_test(every_encryption),
		cmocka_unit_test(every_integrity),
		cmocka_unit_test(key_lengths),
		cmocka_unit_test(sp_of_the_documentation),
		cmocka_unit_test(sp_variants),
		cmocka_unit_test(words),
		cmocka_unit_test(sa_table),
		cmocka_unit_test(empty_tables),
		cmocka_unit_test(sa_list_json),
		cmocka_unit_test(sa_details),
		cmocka_unit_test(sp_order),
		cmocka_unit_test(sp_table),
		cmocka_unit_test(sp_list_json),
		cmocka_unit_test(counter_lists),
		cmocka_unit_test(explanations),
		cmocka_unit_test(explanation_lines),
		cmocka_unit_test(counters_watched),
		cmocka_unit_test(event_lines),
		cmocka_unit_test(event_times),
		cmocka_unit_test(event_json),
		cmocka_unit_test(event_of_cpu),
		cmocka_unit_test(batch_lines),
		cmocka_unit_test(batch_refusals),
		cmocka_unit_test(wrapping),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
