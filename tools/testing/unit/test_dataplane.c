// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of how the daemon keeps the module in step with child SAs: what it asks of
 * a kernel made of prepared answers.
 */
#include <errno.h>

#include "daemon/engine/dataplane.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "mock.h"
#include "unit.h"

static struct mock mock;
static struct kernel *kernel;
static struct dataplane *dataplane;

static int set_up(void **state)
{
	(void)state;
	kernel = mock_open(&mock);
	mock_ack(&mock, 0, NULL);
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_create(kernel, &dataplane));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mock_ack(&mock, 0, NULL);
	mock_ack(&mock, 0, NULL);
	dataplane_destroy(dataplane);
	kernel_close(kernel);
	return 0;
}

static struct address address(const char *text)
{
	struct address result;

	assert_success(address_parse(text, &result));
	return result;
}

static void set_ts(struct wire_ts_list *list, const char *first,
		   const char *last)
{
	list->count = 1;
	list->items[0] = (struct wire_ts){
		.first = address(first), .last = address(last),
		.ports = PORT_RANGE_ANY,
	};
}

/* A child SA with a serial number, whose SPI is allocated */
static void make_pair(struct ike_pair *pair, uint64_t serial)
{
	memset(pair, 0, sizeof(*pair));
	pair->connection = "west-east";
	pair->child = "west-east";
	pair->serial = serial;
	pair->path.local.address = address("192.0.2.1");
	pair->path.remote.address = address("192.0.2.2");
	pair->path.local.port = pair->path.remote.port = 4500;
	pair->spi_out = 0x2000 + (uint32_t)serial;
	pair->suite.encr = IANA_ENCR_AES_GCM_16;
	pair->in.encr_length = pair->out.encr_length = 20;
	set_ts(&pair->local, "10.1.0.0", "10.1.0.255");
	set_ts(&pair->remote, "10.2.0.0", "10.2.0.255");
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_allocate_spi(dataplane,
					      &pair->path.local.address,
					      &pair->spi_in));
}

static const struct dataplane_traits traits = { .replay_window = 64 };

/* The operations of the last batch, as "command name" each */
static void expect_batch(const char *const *expected, size_t count)
{
	static const struct {
		uint8_t command;
		const char *text;
	} commands[] = {
		{ ESPVIF_CMD_SA_NEW, "sa-new" },
		{ ESPVIF_CMD_SA_SET, "sa-set" },
		{ ESPVIF_CMD_SA_DEL, "sa-del" },
		{ ESPVIF_CMD_POLICY_NEW, "policy-new" },
		{ ESPVIF_CMD_POLICY_SET, "policy-set" },
		{ ESPVIF_CMD_POLICY_DEL, "policy-del" },
	};
	const struct nlattr *nest;
	char text[100];
	uint16_t object;
	uint8_t command;
	size_t i, j;

	for (i = 0; (nest = mock_operation(&mock, i + 1, &command, &object));
	     i++) {
		assert_true(i < count);
		for (j = 0; commands[j].command != command; j++)
			assert_true(j + 1 < ARRAY_SIZE(commands));
		nest = mock_find_in(nest, object == ESPVIF_A_OP_SA ?
				    ESPVIF_A_SA_NAME : ESPVIF_A_POLICY_NAME);
		snprintf(text, sizeof(text), "%s %s", commands[j].text,
			 mnl_attr_get_str(nest));
		assert_string_equal(text, expected[i]);
	}
	assert_int_equal(i, count);
}

#define EXPECT_BATCH(...) \
	do { \
		static const char *const expected[] = { __VA_ARGS__ }; \
		expect_batch(expected, ARRAY_SIZE(expected)); \
	} while (0)

/* The SAs of a policy in the last batch, with blanks between them */
static void expect_sas(size_t number, const char *expected)
{
	const struct nlattr *nest, *attribute;
	char text[256] = "";
	uint16_t object;
	uint8_t command;

	nest = mock_operation(&mock, number, &command, &object);
	assert_non_null(nest);
	genl_for_each_attribute(attribute, mnl_attr_get_payload(nest),
				mnl_attr_get_payload_len(nest)) {
		if (mnl_attr_get_type(attribute) == ESPVIF_A_POLICY_SA)
			snprintf(text + strlen(text),
				 sizeof(text) - strlen(text), "%s%s",
				 *text ? " " : "",
				 mnl_attr_get_str(attribute));
	}
	assert_string_equal(text, expected);
}

static void install(const struct ike_pair *pair, bool use)
{
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_install(dataplane, pair, &traits, use));
}

static void remove_pair(const struct ike_pair *pair)
{
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_remove(dataplane, pair->spi_in));
}

static void comes_and_goes(void **state)
{
	struct ike_pair pair;

	(void)state;
	make_pair(&pair, 2);
	install(&pair, true);
	EXPECT_BATCH("sa-new west-east#2-in", "sa-new west-east#2-out",
		     "policy-new west-east-in", "policy-new west-east-out");
	expect_sas(3, "west-east#2-in");
	expect_sas(4, "west-east#2-out");
	assert_int_equal(dataplane_find_sa(dataplane, "west-east#2-out"), 2);
	assert_int_equal(dataplane_find_sa(dataplane, "west-east#3-out"), 0);
	remove_pair(&pair);
	EXPECT_BATCH("policy-del west-east-in", "policy-del west-east-out",
		     "sa-del west-east#2-in", "sa-del west-east#2-out");
	assert_int_equal(dataplane_find_sa(dataplane, "west-east#2-out"), 0);
}

/* Inbound both are accepted; outbound the new one is taken when it is time. */
static void rekeyed(void **state)
{
	struct ike_pair old, new;

	(void)state;
	make_pair(&old, 2);
	make_pair(&new, 3);
	install(&old, true);
	install(&new, false);
	EXPECT_BATCH("sa-new west-east#3-in", "sa-new west-east#3-out",
		     "policy-set west-east-in");
	expect_sas(3, "west-east#3-in west-east#2-in");
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_use(dataplane, &new, &traits));
	EXPECT_BATCH("policy-set west-east-out");
	expect_sas(1, "west-east#3-out west-east#2-out");
	remove_pair(&old);
	EXPECT_BATCH("policy-set west-east-in", "policy-set west-east-out",
		     "sa-del west-east#2-in", "sa-del west-east#2-out");
	expect_sas(1, "west-east#3-in");
	expect_sas(2, "west-east#3-out");
	remove_pair(&new);
}

/* A trap stays when the child SA goes, and is there before it comes. */
static void trapped(void **state)
{
	struct ike_pair pair;
	struct dataplane_shunt shunt = {
		.name = "west-east", .action = ESPVIF_ACTION_IPSEC,
		.local = &pair.local, .remote = &pair.remote,
	};

	(void)state;
	make_pair(&pair, 2);
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_route(dataplane, &shunt, &traits));
	EXPECT_BATCH("policy-new west-east-out");
	assert_string_equal(dataplane_find_trap(dataplane, "west-east-out"),
			    "west-east");
	assert_null(dataplane_find_trap(dataplane, "east-west-out"));
	install(&pair, true);
	EXPECT_BATCH("sa-new west-east#2-in", "sa-new west-east#2-out",
		     "policy-new west-east-in", "policy-set west-east-out");
	remove_pair(&pair);
	EXPECT_BATCH("policy-set west-east-out", "policy-del west-east-in",
		     "sa-del west-east#2-in", "sa-del west-east#2-out");
	expect_sas(1, "");
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_unroute(dataplane, "west-east"));
	assert_null(dataplane_find_trap(dataplane, "west-east-out"));
}

static void list_shunt(const struct dataplane_shunt_info *info, void *context)
{
	char *names = context;

	strcat(names, info->name);
	strcat(names, " ");
}

static void expect_shunts(const char *expected)
{
	char names[256] = "";

	dataplane_each_shunt(dataplane, list_shunt, names);
	assert_string_equal(names, expected);
}

static void route(const struct ike_pair *pair, const char *name)
{
	const struct dataplane_shunt shunt = {
		.name = name, .action = ESPVIF_ACTION_IPSEC,
		.local = &pair->local, .remote = &pair->remote,
	};

	assert_success(dataplane_route(dataplane, &shunt, &traits));
}

/* Two connections, one as the other, have one trap: it goes with the last one. */
static void trapped_twice(void **state)
{
	struct ike_pair pair;
	size_t requests;

	(void)state;
	make_pair(&pair, 2);
	mock_ack(&mock, 0, NULL);
	route(&pair, "one");
	EXPECT_BATCH("policy-new one-out");
	requests = mock.requests;
	route(&pair, "other");
	assert_string_equal(dataplane_find_trap(dataplane, "one-out"), "other");
	expect_shunts("other one ");
	assert_success(dataplane_unroute(dataplane, "other"));
	assert_string_equal(dataplane_find_trap(dataplane, "one-out"), "one");
	expect_shunts("one ");
	route(&pair, "other");
	route(&pair, "one");
	route(&pair, "one");
	expect_shunts("one other ");
	assert_success(dataplane_unroute(dataplane, "one"));
	assert_string_equal(dataplane_find_trap(dataplane, "one-out"), "other");
	assert_int_equal(mock.requests, requests);
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_unroute(dataplane, "other"));
	assert_int_equal(mock.requests, requests + 1);
	assert_null(dataplane_find_trap(dataplane, "one-out"));
}

/* One of them comes up, and goes with its trap: the other's is still there. */
static void trapped_and_used(void **state)
{
	struct ike_pair pair;

	(void)state;
	make_pair(&pair, 2);
	mock_ack(&mock, 0, NULL);
	route(&pair, "one");
	route(&pair, "west-east");
	install(&pair, true);
	expect_shunts("");
	assert_success(dataplane_unroute(dataplane, "west-east"));
	remove_pair(&pair);
	EXPECT_BATCH("policy-set one-out", "policy-del west-east-in",
		     "sa-del west-east#2-in", "sa-del west-east#2-out");
	expect_sas(1, "");
	expect_shunts("one ");
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_unroute(dataplane, "one"));
	expect_shunts("");
}

/* What the module refuses was nobody's; what stood before stays. */
static void route_refused(void **state)
{
	struct ike_pair pair;
	struct dataplane_shunt shunt = {
		.name = "other", .action = ESPVIF_ACTION_IPSEC,
		.local = &pair.local, .remote = &pair.remote,
	};

	(void)state;
	make_pair(&pair, 2);
	mock_ack(&mock, 0, NULL);
	route(&pair, "one");
	set_ts(&pair.remote, "10.2.0.0", "10.2.1.255");
	mock_ack(&mock, ENOSPC, "too many");
	assert_refused(dataplane_route(dataplane, &shunt, &traits), "too many");
	assert_success(dataplane_unroute(dataplane, "other"));
	expect_shunts("one ");
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_unroute(dataplane, "one"));
}

static void passes(void **state)
{
	struct ike_pair pair;
	struct dataplane_shunt shunt = {
		.name = "clear", .action = ESPVIF_ACTION_NONE,
		.local = &pair.local, .remote = &pair.remote,
	};

	(void)state;
	make_pair(&pair, 2);
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_route(dataplane, &shunt, &traits));
	EXPECT_BATCH("policy-new clear-out", "policy-new clear-in");
	/* what is protected is another policy, whose name isn't taken */
	shunt.name = "clear";
	shunt.action = ESPVIF_ACTION_IPSEC;
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_route(dataplane, &shunt, &traits));
	EXPECT_BATCH("policy-new clear-out.1");
}

/* What is refused has changed nothing, and can be tried again. */
static void refused(void **state)
{
	struct ike_pair pair;

	(void)state;
	make_pair(&pair, 2);
	mock_ack(&mock, EEXIST, "there is one");
	assert_refused(dataplane_install(dataplane, &pair, &traits, true),
		       "there is one");
	assert_int_equal(dataplane_find_sa(dataplane, "west-east#2-in"), 0);
	install(&pair, true);
	EXPECT_BATCH("sa-new west-east#2-in", "sa-new west-east#2-out",
		     "policy-new west-east-in", "policy-new west-east-out");
	assert_refused(dataplane_install(dataplane, &pair, &traits, true),
		       "not reserved");
	remove_pair(&pair);
}

/* Somebody has removed an SA by hand: the rest goes all the same. */
static void meddled_with(void **state)
{
	struct ike_pair pair;
	int i;

	(void)state;
	make_pair(&pair, 2);
	install(&pair, true);
	mock_ack(&mock, ENOENT, "there is no SA");
	for (i = 0; i < 4; i++)
		mock_ack(&mock, i == 2 ? ENOENT : 0, NULL);
	assert_refused(dataplane_remove(dataplane, pair.spi_in),
		       "there is no SA");
	assert_int_equal(mock.received, mock.queued);
	make_pair(&pair, 3);
	install(&pair, true);
	EXPECT_BATCH("sa-new west-east#3-in", "sa-new west-east#3-out",
		     "policy-new west-east-in", "policy-new west-east-out");
	remove_pair(&pair);
}

static void moved(void **state)
{
	struct ike_pair pair;

	(void)state;
	make_pair(&pair, 2);
	pair.encapsulate = true;
	install(&pair, true);
	pair.path.remote.port = 1024;
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_move(dataplane, &pair));
	EXPECT_BATCH("sa-set west-east#2-in", "sa-set west-east#2-out");
	remove_pair(&pair);
}

/* The last request was about an SPI. */
static void expect_spi(uint8_t command, uint32_t spi)
{
	const struct genlmsghdr *header =
		mnl_nlmsg_get_payload(&mock.request.header);
	const struct nlattr *attribute;

	assert_int_equal(header->cmd, command);
	attribute = mock_find(&mock, ESPVIF_A_SPI_SPI);
	assert_non_null(attribute);
	assert_int_equal(mnl_attr_get_u32(attribute), spi);
	attribute = mock_find(&mock, ESPVIF_A_SPI_DADDR);
	assert_non_null(attribute);
	assert_int_equal(mnl_attr_get_payload_len(attribute), 4);
}

/* Packets wait for an SA from the moment that its SPI is taken, and no longer. */
static void spis(void **state)
{
	const struct address local = address("192.0.2.1");
	uint32_t one, other;
	size_t requests;

	(void)state;
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_allocate_spi(dataplane, &local, &one));
	expect_spi(ESPVIF_CMD_SPI_NEW, one);
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_allocate_spi(dataplane, &local, &other));
	assert_int_not_equal(one, other);
	assert_true(one >= ESPVIF_SPI_MIN);
	mock_ack(&mock, 0, NULL);
	dataplane_release_spi(dataplane, one);
	expect_spi(ESPVIF_CMD_SPI_DEL, one);
	requests = mock.requests;
	dataplane_release_spi(dataplane, one);
	assert_int_equal(mock.requests, requests);
	assert_success(dataplane_remove(dataplane, other));
}

/* Somebody has an SA with the first; a module of before knows no promises. */
static void unwilling(void **state)
{
	const struct address local = address("192.0.2.1");
	size_t requests = mock.requests;
	uint32_t spi;

	(void)state;
	mock_ack(&mock, EEXIST, "taken by SA manual");
	mock_ack(&mock, EOPNOTSUPP, NULL);
	assert_success(dataplane_allocate_spi(dataplane, &local, &spi));
	assert_int_equal(mock.requests, requests + 2);
	dataplane_release_spi(dataplane, spi);
	assert_int_equal(mock.requests, requests + 2);
}

/* The SA that came is not the one that packets wait for. */
static void moved_early(void **state)
{
	struct ike_pair pair;

	(void)state;
	make_pair(&pair, 2);
	pair.path.local.address = address("192.0.2.3");
	mock_ack(&mock, 0, NULL);
	mock_ack(&mock, 0, NULL);
	assert_success(dataplane_install(dataplane, &pair, &traits, true));
	expect_spi(ESPVIF_CMD_SPI_DEL, pair.spi_in);
	remove_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_and_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rekeyed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(trapped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(trapped_twice, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(trapped_and_used, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(route_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(passes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(meddled_with, set_up, tear_down),
		cmocka_unit_test_setup_teardown(moved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(spis, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unwilling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(moved_early, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
