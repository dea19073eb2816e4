// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/lib: addresses, numbers, names, keys, suggestions, tables, errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/array.h"
#include "lib/name.h"
#include "lib/number.h"
#include "lib/secret.h"
#include "lib/suggest.h"
#include "lib/table.h"
#include "unit.h"

static void address_round_trip(void **state)
{
	static const struct {
		const char *text;
		const char *canonical;
		uint8_t length;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", 4 },
		{ "255.255.255.255", "255.255.255.255", 4 },
		{ "2001:db8::1", "2001:db8::1", 16 },
		{ "3ffe:501:ffff:0::a", "3ffe:501:ffff::a", 16 },
		{ "3ffe:501:ffff:0001::1", "3ffe:501:ffff:1::1", 16 },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1", 16 },
	};
	char text[ADDRESS_TEXT_SIZE];
	struct address address;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_success(address_parse(cases[i].text, &address));
		assert_int_equal(address.length, cases[i].length);
		assert_string_equal(address_text(&address, text),
				    cases[i].canonical);
	}
}

static void address_refusals(void **state)
{
	struct address address;

	(void)state;
	assert_usage(address_parse("", &address), "not an IPv4 or IPv6");
	assert_usage(address_parse("192.0.2", &address), "'192.0.2' is not");
	assert_usage(address_parse("192.0.2.256", &address), "is not");
	assert_usage(address_parse("192.0.2.01", &address), "is not");
	assert_usage(address_parse(" 192.0.2.1", &address), "is not");
	assert_usage(address_parse("2001:db8:::1", &address), "is not");
	assert_usage(address_parse("west", &address), "is not");
	assert_usage(address_parse("192.0.2.0/24", &address), "is a prefix");
	assert_usage(address_parse("fe80::1%eth0", &address),
		     "without its zone");
	assert_int_equal(address.length, 0);
}

static void address_bytes(void **state)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	(void)state;
	assert_true(address_set(&address, "\xc0\x00\x02\x01", 4));
	assert_string_equal(address_text(&address, text), "192.0.2.1");
	assert_false(address_is_unspecified(&address));
	assert_false(address_set(&address, "\xc0\x00\x02", 3));
	assert_string_equal(address_text(&address, text), "-");
	assert_success(address_parse("::", &address));
	assert_true(address_is_unspecified(&address));
	assert_success(address_parse("0.0.0.0", &address));
	assert_true(address_is_unspecified(&address));
	assert_false(address_is_multicast(&address));
	assert_success(address_parse("239.1.2.3", &address));
	assert_true(address_is_multicast(&address));
	assert_success(address_parse("255.255.255.255", &address));
	assert_true(address_is_multicast(&address));
	assert_success(address_parse("ff02::1", &address));
	assert_true(address_is_multicast(&address));
	assert_success(address_parse("fe80::1", &address));
	assert_false(address_is_multicast(&address));
}

static void prefix_round_trip(void **state)
{
	static const char *const cases[][2] = {
		{ "2001:db8:1::/64", "2001:db8:1::/64" },
		{ "192.0.2.0/24", "192.0.2.0/24" },
		{ "192.0.2.128/25", "192.0.2.128/25" },
		{ "192.0.2.1", "192.0.2.1/32" },
		{ "2001:db8::1", "2001:db8::1/128" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "any", "0.0.0.0/0" },
		{ "any6", "::/0" },
		{ "2001:db8::8000:0/97", "2001:db8::8000:0/97" },
	};
	char text[ADDRESS_TEXT_SIZE];
	struct prefix prefix;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_success(prefix_parse(cases[i][0], &prefix));
		assert_string_equal(prefix_text(&prefix, text), cases[i][1]);
	}
}

static void prefix_refusals(void **state)
{
	char endless[4096];
	struct prefix prefix;

	(void)state;
	assert_usage(prefix_parse("192.0.2.1/24", &prefix),
		     "the prefix is 192.0.2.0/24");
	assert_usage(prefix_parse("192.0.2.129/25", &prefix),
		     "the prefix is 192.0.2.128/25");
	assert_usage(prefix_parse("2001:db8::1/64", &prefix),
		     "the prefix is 2001:db8::/64");
	assert_usage(prefix_parse("192.0.2.0/33", &prefix),
		     "an IPv4 prefix is a number from 0 to 32");
	assert_usage(prefix_parse("2001:db8::/129", &prefix),
		     "an IPv6 prefix is a number from 0 to 128");
	assert_usage(prefix_parse("192.0.2.0/", &prefix), "from 0 to 32");
	assert_usage(prefix_parse("192.0.2.0/-1", &prefix), "from 0 to 32");
	assert_usage(prefix_parse("192.0.2.0/24/24", &prefix), "from 0 to 32");
	assert_usage(prefix_parse("/24", &prefix), "is not a prefix like");
	assert_usage(prefix_parse("", &prefix), "is not a prefix like");
	assert_usage(prefix_parse("west/24", &prefix), "is not a prefix like");
	memset(endless, '1', sizeof(endless));
	endless[sizeof(endless) - 1] = '\0';
	assert_usage(prefix_parse(endless, &prefix), "is not a prefix like");
}

static void numbers(void **state)
{
	uint64_t number;

	(void)state;
	assert_success(number_parse("0", 0, 10, &number));
	assert_int_equal(number, 0);
	assert_success(number_parse("18446744073709551615", 0, UINT64_MAX,
				    &number));
	assert_true(number == UINT64_MAX);
	assert_usage(number_parse("18446744073709551616", 0, UINT64_MAX,
				  &number), "is not a number from 0 to");
	assert_usage(number_parse("11", 0, 10, &number), "from 0 to 10");
	assert_usage(number_parse("4", 5, 10, &number), "from 5 to 10");
	assert_usage(number_parse("", 0, 10, &number), "''");
	assert_usage(number_parse("-1", 0, 10, &number), "'-1'");
	assert_usage(number_parse("+1", 0, 10, &number), "'+1'");
	assert_usage(number_parse(" 1", 0, 10, &number), "' 1'");
	assert_usage(number_parse("1 ", 0, 10, &number), "'1 '");
	assert_usage(number_parse("0x1", 0, 10, &number), "'0x1'");
}

static void sizes(void **state)
{
	uint64_t bytes;

	(void)state;
	assert_success(number_parse_size("1000", &bytes));
	assert_int_equal(bytes, 1000);
	assert_success(number_parse_size("3k", &bytes));
	assert_int_equal(bytes, 3 * 1024);
	assert_success(number_parse_size("5M", &bytes));
	assert_int_equal(bytes, 5 * 1024 * 1024);
	assert_success(number_parse_size("7G", &bytes));
	assert_true(bytes == 7ULL * 1024 * 1024 * 1024);
	assert_usage(number_parse_size("17179869184G", &bytes), "below 2^64");
	assert_usage(number_parse_size("1m", &bytes), "'1m'");
	assert_usage(number_parse_size("1kk", &bytes), "'1kk'");
	assert_usage(number_parse_size("k", &bytes), "'k'");
	assert_usage(number_parse_size("", &bytes), "''");
	assert_usage(number_parse_size("1.5k", &bytes), "'1.5k'");
}

static void spis(void **state)
{
	uint32_t spi;

	(void)state;
	assert_success(number_parse_spi("0x1000", &spi));
	assert_int_equal(spi, 0x1000);
	assert_success(number_parse_spi("0x100", &spi));
	assert_int_equal(spi, 0x100);
	assert_success(number_parse_spi("0xFFFFffff", &spi));
	assert_int_equal(spi, 0xffffffff);
	assert_success(number_parse_spi("0x0000000000001000", &spi));
	assert_int_equal(spi, 0x1000);
	assert_usage(number_parse_spi("0xff", &spi),
		     "from 0x100 to 0xffffffff");
	assert_usage(number_parse_spi("0x0", &spi), "from 0x100");
	assert_usage(number_parse_spi("0x100000000", &spi), "from 0x100");
	assert_usage(number_parse_spi("1000", &spi), "write 0x first");
	assert_usage(number_parse_spi("0x", &spi), "digits follow 0x");
	assert_usage(number_parse_spi("0x10 ", &spi), "digits follow 0x");
	assert_usage(number_parse_spi("0x-100", &spi), "digits follow 0x");
	assert_usage(number_parse_spi("", &spi), "write 0x first");
}

static void ports(void **state)
{
	static const char *const cases[][2] = {
		{ "23", "23" }, { "65535", "65535" }, { "0", "any" },
		{ "1000-2000", "1000-2000" }, { "0-65535", "any" },
		{ "0-100", "0-100" }, { "7-7", "7" },
	};
	char text[PORT_RANGE_TEXT_SIZE];
	struct port_range range;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_success(port_range_parse(cases[i][0], &range));
		assert_string_equal(port_range_text(&range, text),
				    cases[i][1]);
	}
	assert_usage(port_range_parse("65536", &range), "from 0 to 65535");
	assert_usage(port_range_parse("", &range), "from 0 to 65535");
	assert_usage(port_range_parse("-1", &range), "from 0 to 65535");
	assert_usage(port_range_parse("1-", &range), "from 0 to 65535");
	assert_usage(port_range_parse("1-65536", &range), "from 0 to 65535");
	assert_usage(port_range_parse("1-2-3", &range), "from 0 to 65535");
	assert_usage(port_range_parse("ssh", &range), "from 0 to 65535");
	assert_usage(port_range_parse("2000-1000", &range),
		     "write 1000-2000");
}

static void names(void **state)
{
	char name[8];

	(void)state;
	assert_success(name_parse("sa1", name, sizeof(name)));
	assert_string_equal(name, "sa1");
	assert_success(name_parse("1234567", name, sizeof(name)));
	assert_usage(name_parse("12345678", name, sizeof(name)),
		     "1 to 7 characters, not 8");
	assert_usage(name_parse("", name, sizeof(name)), "1 to 7 characters");
	assert_usage(name_parse("a b", name, sizeof(name)), "character 2");
	assert_usage(name_parse("ab\n", name, sizeof(name)), "character 3");
	assert_usage(name_parse("\xc3\xa4", name, sizeof(name)),
		     "character 1");
	assert_success(name_parse_device("ipsec0", name, sizeof(name)));
	assert_usage(name_parse_device("a/b", name, sizeof(name)),
		     "cannot be the name of a network device");
	assert_usage(name_parse_device("..", name, sizeof(name)), "cannot be");
}

static void keys(void **state)
{
	struct secret secret;

	(void)state;
	assert_success(secret_parse("0x6970763672656164796c6f676f336465736362636f757432",
				    &secret));
	assert_int_equal(secret.length, 24);
	assert_memory_equal(secret.bytes, "ipv6readylogo3descbcout2", 24);
	assert_success(secret_parse("0xABcd", &secret));
	assert_int_equal(secret.length, 2);
	assert_memory_equal(secret.bytes, "\xab\xcd", 2);
	assert_success(secret_parse("ipv6readylogsha1out2", &secret));
	assert_int_equal(secret.length, 20);
	assert_memory_equal(secret.bytes, "ipv6readylogsha1out2", 20);
	assert_success(secret_parse("with blank", &secret));
	assert_int_equal(secret.length, 10);
	assert_usage(secret_parse("0xabc", &secret), "3 hexadecimal digits");
	assert_usage(secret_parse("0x", &secret), "must follow 0x");
	assert_usage(secret_parse("0xabxd", &secret), "character 5");
	assert_usage(secret_parse("", &secret), "empty");
	assert_usage(secret_parse("tab\there", &secret), "character 4");
	secret_wipe(&secret);
	assert_int_equal(secret.length, 0);
	assert_int_equal(secret.bytes[0], 0);
}

static void long_keys(void **state)
{
	char text[2 * SECRET_SIZE + 8];
	struct secret secret;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "0x", 2);
	text[2 + 2 * SECRET_SIZE] = '\0';
	assert_success(secret_parse(text, &secret));
	assert_int_equal(secret.length, SECRET_SIZE);
	memset(text, 'a', sizeof(text));
	memcpy(text, "0x", 2);
	text[4 + 2 * SECRET_SIZE] = '\0';
	assert_usage(secret_parse(text, &secret), "longer than any key");
	memset(text, 'a', sizeof(text));
	text[SECRET_SIZE] = '\0';
	assert_success(secret_parse(text, &secret));
	text[SECRET_SIZE] = 'a';
	text[SECRET_SIZE + 1] = '\0';
	assert_usage(secret_parse(text, &secret), "longer than any key");
}

/* Writes a key file and returns what secret_parse() says about it. */
static struct error *parse_file(const char *content, size_t length,
				mode_t mode, struct secret *secret)
{
	char name[] = "@/tmp/espvif-unit-XXXXXX";
	struct error *error;
	int file;

	file = mkstemp(name + 1);
	assert_true(file >= 0);
	assert_int_equal(write(file, content, length), length);
	assert_int_equal(fchmod(file, mode), 0);
	close(file);
	error = secret_parse(name, secret);
	unlink(name + 1);
	return error;
}

static void key_files(void **state)
{
	char large[2 * SECRET_SIZE + 8];
	struct secret secret;

	(void)state;
	assert_success(parse_file("0xabcd\n", 7, 0600, &secret));
	assert_int_equal(secret.length, 2);
	assert_success(parse_file("secret", 6, 0400, &secret));
	assert_memory_equal(secret.bytes, "secret", 6);
	assert_refused(parse_file("secret", 6, 0640, &secret),
		       "open to other users (mode 0640)");
	assert_refused(parse_file("secret", 6, 0604, &secret), "mode 0604");
	assert_usage(parse_file("", 0, 0600, &secret), "empty");
	assert_usage(parse_file("\n", 1, 0600, &secret), "empty");
	assert_usage(parse_file("a\nb\n", 4, 0600, &secret), "character 2");
	assert_usage(parse_file("a\0b", 3, 0600, &secret), "not hold text");
	memset(large, 'a', sizeof(large));
	memcpy(large, "0x", 2);
	large[2 + 2 * SECRET_SIZE] = '\n';
	assert_success(parse_file(large, 3 + 2 * SECRET_SIZE, 0600, &secret));
	large[2 + 2 * SECRET_SIZE] = 'a';
	assert_usage(parse_file(large, sizeof(large), 0600, &secret),
		     "longer than any key");
	assert_refused(secret_parse("@/nonexistent/key", &secret),
		       "No such file");
	assert_refused(secret_parse("@/dev/null", &secret),
		       "not a regular file");
	assert_success(secret_parse("@home", &secret));
	assert_int_equal(secret.length, 5);
}

static void secrets_not_quoted(void **state)
{
	static const char *const cases[] = {
		"0xSECRET", "SECRET\x01", "0x5EC2E7SECRET",
	};
	struct secret secret;
	struct error *error;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		error = secret_parse(cases[i], &secret);
		assert_non_null(error);
		assert_null(strstr(error->sentence, "SECRET"));
		error_free(error);
	}
}

static const char *suggest(const char *typed)
{
	static const char *const words[] = {
		"aes128-cbc", "aes192-cbc", "null", "verbose", "json",
	};
	struct suggestion suggestion;
	size_t i;

	suggest_begin(&suggestion, typed);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		suggest_consider(&suggestion, words[i]);
	return suggestion.best;
}

static void suggestions(void **state)
{
	char endless[4096];

	(void)state;
	assert_string_equal(suggest("aes-128-cbc"), "aes128-cbc");
	assert_string_equal(suggest("ae1s28-cbc"), "aes128-cbc");
	assert_string_equal(suggest("nul"), "null");
	assert_string_equal(suggest("verb"), "verbose");
	assert_string_equal(suggest("jsno"), "json");
	assert_null(suggest("rc4"));
	assert_null(suggest(""));
	memset(endless, 'a', sizeof(endless));
	endless[sizeof(endless) - 1] = '\0';
	assert_null(suggest(endless));
}

static void errors(void **state)
{
	struct error *error;

	(void)state;
	error = error_refused(EBUSY, "it is %s", "busy");
	error = error_prefix(error, "--%s: ", "option");
	assert_int_equal(error->number, EBUSY);
	assert_int_equal(error->kind, ERROR_REFUSED);
	assert_string_equal(error->sentence, "--option: it is busy");
	error_free(error);
	assert_null(error_prefix(NULL, "nothing: "));
	error = error_prefix(error_no_memory(), "here: ");
	assert_int_equal(error->number, ENOMEM);
	error_free(error);
	error_free(NULL);
}

struct member {
	struct table_node node;
	uint32_t key;
};

static bool is_in(const struct table *table, uint32_t key)
{
	const struct table_node *node = table_find(table, &key, sizeof(key));

	return node && table_entry(node, struct member, node)->key == key;
}

/* However much is in it, few have to be looked at to find one. */
static void tables(void **state)
{
	enum { COUNT = 10000, LONGEST = 16 };
	static struct member members[COUNT];
	struct list *link, *following;
	struct table table;
	size_t i, length;

	(void)state;
	table_init(&table);
	for (i = 0; i < COUNT; i++) {
		members[i].key = (uint32_t)i;
		table_add(&table, &members[i].node, &members[i].key,
			  sizeof(members[i].key));
	}
	for (i = 0; i < COUNT; i++)
		assert_true(is_in(&table, (uint32_t)i));
	assert_false(is_in(&table, COUNT));
	assert_null(table_find(&table, &members[1].key, 1));
	for (i = 0; i < table.size; i++) {
		length = 0;
		list_for_each(link, following, &table.buckets[i])
			length++;
		assert_true(length <= LONGEST);
	}
	for (i = 0; i < COUNT; i += 2)
		table_remove(&table, &members[i].node);
	for (i = 0; i < COUNT; i++)
		assert_int_equal(is_in(&table, (uint32_t)i), i % 2);
	table_uninit(&table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_round_trip),
		cmocka_unit_test(address_refusals),
		cmocka_unit_test(address_bytes),
		cmocka_unit_test(prefix_round_trip),
		cmocka_unit_test(prefix_refusals),
		cmocka_unit_test(numbers),
		cmocka_unit_test(sizes),
		cmocka_unit_test(spis),
		cmocka_unit_test(ports),
		cmocka_unit_test(names),
		cmocka_unit_test(keys),
		cmocka_unit_test(long_keys),
		cmocka_unit_test(key_files),
		cmocka_unit_test(secrets_not_quoted),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(tables),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests_name("lib", tests, NULL, NULL);
}
