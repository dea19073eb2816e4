// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of what makes up for notifications that were lost, against a kernel made of
 * prepared answers.
 */
#include <errno.h>
#include <event2/event.h>

#include "daemon/engine/missed.h"
#include "mock.h"
#include "unit.h"

#define TOLD 200

static struct mock mock;
static struct kernel *kernel;
static struct event_base *base;
static struct missed *missed;
static char told[TOLD][KERNEL_NAME_SIZE + 8];
static size_t told_count;
static bool lose_more;

static struct error *tell(const struct kernel_event *event, void *context)
{
	(void)context;
	assert_int_equal(event->kind, KERNEL_EVENT_EXPIRY);
	assert_true(told_count < TOLD);
	snprintf(told[told_count++], sizeof(told[0]), "%s %s",
		 event->sa.config.name, event->sa.hard ? "hard" : "soft");
	if (lose_more)
		missed_catch_up(missed);
	lose_more = false;
	return NULL;
}

static int set_up(void **state)
{
	(void)state;
	told_count = 0;
	lose_more = false;
	kernel = mock_open(&mock);
	mock.requests = 0;
	base = event_base_new();
	assert_non_null(base);
	assert_success(missed_create(base, kernel, tell, NULL, &missed));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(mock.received, mock.queued);
	missed_destroy(missed);
	event_base_free(base);
	kernel_close(kernel);
	return 0;
}

/* Begins an SA of the daemon in a list. */
static struct nlmsghdr *begin_sa(const char *name)
{
	struct nlmsghdr *message = mock_reply(&mock, ESPVIF_CMD_SA_GET,
					      NLM_F_MULTI);

	mock_put_sa(message, 1, name);
	mnl_attr_put_u8(message, ESPVIF_A_SA_OWNER, ESPVIF_OWNER_DAEMON);
	mnl_attr_put_u64(message, ESPVIF_A_SA_LIMIT_SOFT_BYTES, 900);
	mnl_attr_put_u64(message, ESPVIF_A_SA_LIMIT_SOFT_PACKETS, 9);
	return message;
}

static void put_used(const char *name, uint64_t bytes, uint64_t packets,
		     uint64_t sequence)
{
	struct nlmsghdr *message = begin_sa(name);

	mnl_attr_put_u64(message, ESPVIF_A_SA_BYTES, bytes);
	mnl_attr_put_u64(message, ESPVIF_A_SA_PACKETS, packets);
	mnl_attr_put_u64(message, ESPVIF_A_SA_SEQ, sequence);
	mock_end(&mock);
}

static void put_expired(const char *name, enum espvif_owner owner)
{
	struct nlmsghdr *message = begin_sa(name);

	mnl_attr_put_u8(message, ESPVIF_A_SA_OWNER, (uint8_t)owner);
	mnl_attr_put_u8(message, ESPVIF_A_SA_STATE, ESPVIF_SA_STATE_EXPIRED);
	mock_end(&mock);
}

/* Runs until nothing is left to be done. */
static void catch_up(void)
{
	missed_catch_up(missed);
	missed_catch_up(missed);
	event_base_dispatch(base);
}

static void expired(void **state)
{
	(void)state;
	put_used("fresh", 899, 8, 8);
	put_used("many-bytes", 900, 8, 8);
	put_used("many-packets", 899, 9, 9);
	put_used("high-numbers", 0, 0, 0xe0000000);
	put_expired("over", ESPVIF_OWNER_DAEMON);
	put_expired("foreign", ESPVIF_OWNER_MANUAL);
	mock_done(&mock, 0, 0);
	catch_up();
	assert_int_equal(mock.requests, 1);
	assert_int_equal(told_count, 4);
	assert_string_equal(told[0], "many-bytes soft");
	assert_string_equal(told[1], "many-packets soft");
	assert_string_equal(told[2], "high-numbers soft");
	assert_string_equal(told[3], "over hard");
}

/* The next packet of an inbound SA in UDP is to tell where the peer is. */
static void peer_told(void **state)
{
	static const uint8_t own[4] = { 192, 0, 2, 2 };
	const struct nlattr *attribute;
	struct nlmsghdr *message;

	(void)state;
	message = begin_sa("in");
	mnl_attr_put_u8(message, ESPVIF_A_SA_DIRECTION, ESPVIF_DIRECTION_IN);
	mnl_attr_put_u8(message, ESPVIF_A_SA_ENCAP, ESPVIF_ENCAP_UDP);
	mock_end(&mock);
	message = begin_sa("out");
	mnl_attr_put_u8(message, ESPVIF_A_SA_ENCAP, ESPVIF_ENCAP_UDP);
	mock_end(&mock);
	mock_done(&mock, 0, 0);
	mock_ack(&mock, 0, NULL);
	catch_up();
	assert_int_equal(mock.requests, 2);
	attribute = mock_find(&mock, ESPVIF_A_SA_NAME);
	assert_non_null(attribute);
	assert_string_equal(mnl_attr_get_str(attribute), "in");
	attribute = mock_find(&mock, ESPVIF_A_SA_PEER_ADDR);
	assert_non_null(attribute);
	assert_int_equal(mnl_attr_get_payload_len(attribute), sizeof(own));
	assert_memory_equal(mnl_attr_get_payload(attribute), own, sizeof(own));
	assert_null(mock_find(&mock, ESPVIF_A_SA_PEER_PORT));
}

/* What is lost while SAs are looked at is made up for afterwards. */
static void lost_meanwhile(void **state)
{
	char name[KERNEL_NAME_SIZE];
	int i;

	(void)state;
	for (i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "sa%d", i);
		put_expired(name, ESPVIF_OWNER_DAEMON);
	}
	mock_done(&mock, 0, 0);
	put_expired("last", ESPVIF_OWNER_DAEMON);
	mock_done(&mock, 0, 0);
	lose_more = true;
	catch_up();
	assert_int_equal(mock.requests, 2);
	assert_int_equal(told_count, 71);
	assert_string_equal(told[70], "last hard");
}

/* It is tried again. */
static void refused(void **state)
{
	(void)state;
	mock_ack(&mock, ENOMEM, NULL);
	put_expired("over", ESPVIF_OWNER_DAEMON);
	mock_done(&mock, 0, 0);
	catch_up();
	assert_int_equal(told_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(expired, set_up, tear_down),
		cmocka_unit_test_setup_teardown(peer_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lost_meanwhile, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
