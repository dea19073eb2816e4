// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of how the addresses and links of a host are asked for, against a kernel
 * made of prepared answers: it stands in for the sockets of libmnl.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include "kernel/host.h"
#include "mock.h"
#include "unit.h"

static struct mock mock;
static struct genl_transport transport;
static int descriptor;

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&mock;
}

int mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid)
{
	(void)socket;
	(void)groups;
	(void)pid;
	return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *socket)
{
	(void)socket;
	return descriptor;
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *socket)
{
	(void)socket;
	return 1;
}

int mnl_socket_close(struct mnl_socket *socket)
{
	(void)socket;
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *socket, const void *message,
			  size_t length)
{
	(void)socket;
	assert_success(transport.send(transport.context, message, length));
	return (ssize_t)length;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *socket, void *buffer,
			    size_t size)
{
	struct error *error;
	size_t length = 0;

	(void)socket;
	error = transport.receive(transport.context, buffer, size, &length);
	if (!error)
		return (ssize_t)length;
	errno = error->number;
	error_free(error);
	return -1;
}

static int set_up(void **state)
{
	struct host *host;

	mock_init(&mock, &transport);
	descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(descriptor >= 0);
	assert_success(host_open(&host));
	*state = host;
	return 0;
}

static int tear_down(void **state)
{
	host_close(*state);
	close(descriptor);
	/* nothing is left for the next question */
	assert_int_equal(mock.received, mock.queued);
	return 0;
}

/* Queues an address of this host; @sequence 0 makes it one that was asked for. */
static void put_address(uint8_t last, uint16_t flags, uint32_t sequence)
{
	const uint8_t bytes[] = { 192, 0, 2, last };
	struct nlmsghdr *message;
	struct ifaddrmsg *about;

	message = mock_begin(&mock, RTM_NEWADDR, NLM_F_MULTI | flags);
	message->nlmsg_seq = sequence;
	about = mnl_nlmsg_put_extra_header(message, sizeof(*about));
	about->ifa_family = AF_INET;
	about->ifa_index = last;
	mnl_attr_put(message, IFA_LOCAL, sizeof(bytes), bytes);
	mock_end(&mock);
}

static void put_link(const char *name, uint16_t flags)
{
	struct nlmsghdr *message;
	struct nlattr *nest;

	message = mock_begin(&mock, RTM_NEWLINK, NLM_F_MULTI | flags);
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	mnl_attr_put_strz(message, IFLA_IFALIAS, "ours");
	nest = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "espvif");
	mnl_attr_nest_end(message, nest);
	mock_end(&mock);
}

/* Asks for the addresses of this host: so many there are, from 1 on. */
static void expect_addresses(struct host *host, size_t count)
{
	struct host_addresses addresses;
	size_t i;

	assert_success(host_addresses_get(host, &addresses));
	assert_int_equal(addresses.count, count);
	for (i = 0; i < count; i++)
		assert_int_equal(addresses.items[i].index, i + 1);
	host_addresses_free(&addresses);
}

static void listed(void **state)
{
	put_address(1, 0, 0);
	put_address(2, 0, 0);
	mock_done(&mock, 0, 0);
	expect_addresses(*state, 2);
}

/* An address comes while they are told: they are asked for once more. */
static void changed_meanwhile(void **state)
{
	put_address(1, 0, 0);
	put_address(3, NLM_F_DUMP_INTR, 0);
	put_address(4, NLM_F_DUMP_INTR, 0);
	mock_done(&mock, 0, NLM_F_DUMP_INTR);
	put_address(1, 0, 0);
	put_address(2, 0, 0);
	put_address(3, 0, 0);
	mock_done(&mock, 0, 0);
	expect_addresses(*state, 3);
	assert_int_equal(mock.requests, 2);
}

static void links_change_meanwhile(void **state)
{
	struct host_links links;

	put_link("ipsec0", 0);
	mock_done(&mock, 0, NLM_F_DUMP_INTR);
	put_link("ipsec1", 0);
	mock_done(&mock, 0, 0);
	assert_success(host_links_marked(*state, "ours", &links));
	assert_int_equal(links.count, 1);
	assert_string_equal(links.names[0], "ipsec1");
	host_links_free(&links);
}

/* It ends, and the next question has its own answer. */
static void never_the_same(void **state)
{
	struct host_addresses addresses;
	int i;

	for (i = 0; i < 8; i++) {
		put_address(9, NLM_F_DUMP_INTR, 0);
		mock_done(&mock, 0, NLM_F_DUMP_INTR);
	}
	assert_refused(host_addresses_get(*state, &addresses),
		       "changed 8 times");
	assert_int_equal(addresses.count, 0);
	put_address(1, 0, 0);
	mock_done(&mock, 0, 0);
	expect_addresses(*state, 1);
}

/* Of an earlier answer something is left. */
static void late(void **state)
{
	put_address(7, 0, 12345);
	put_address(8, NLM_F_DUMP_INTR, 12345);
	put_address(1, 0, 0);
	mock_done(&mock, 0, 0);
	expect_addresses(*state, 1);
	assert_int_equal(mock.requests, 1);
}

static void refused(void **state)
{
	struct host_addresses addresses;

	mock_ack(&mock, ENODEV, NULL);
	assert_refused(host_link_remove(*state, "ipsec0"), "No such device");
	mock_ack(&mock, 0, NULL);
	assert_success(host_link_remove(*state, "ipsec0"));
	put_address(1, 0, 0);
	mock_ack(&mock, EBUSY, NULL);
	assert_refused(host_addresses_get(*state, &addresses), "busy");
	assert_int_equal(addresses.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(listed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changed_meanwhile, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(links_change_meanwhile, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(never_the_same, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(late, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
