// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/kernel against a mock kernel: what requests look like, how
 * answers are read, what is made of refusals, and answers that make no sense.
 */
#include <errno.h>

#include "lib/array.h"
#include "mock.h"
#include "unit.h"

static struct mock mock;

static uint8_t command(void)
{
	const struct genlmsghdr *header;

	header = mnl_nlmsg_get_payload(&mock.request.header);
	return header->cmd;
}

static uint64_t number(uint16_t type)
{
	const struct nlattr *attribute = mock_find(&mock, type);
	uint64_t value = 0;

	assert_non_null(attribute);
	memcpy(&value, mnl_attr_get_payload(attribute),
	       mnl_attr_get_payload_len(attribute));
	return value;
}

static const char *text(uint16_t type)
{
	const struct nlattr *attribute = mock_find(&mock, type);

	assert_non_null(attribute);
	assert_int_equal(mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING), 0);
	return mnl_attr_get_str(attribute);
}

static struct error *delete_sa(struct kernel *kernel, const char *name)
{
	return kernel_sa_delete(kernel, name, ESPVIF_OWNER_MANUAL);
}

static struct error *delete_policy(struct kernel *kernel, const char *name)
{
	return kernel_policy_delete(kernel, name, ESPVIF_OWNER_MANUAL);
}

static void sa_config(struct kernel_sa_config *config,
		      struct kernel_sa_keys *keys)
{
	memset(config, 0, sizeof(*config));
	memset(keys, 0, sizeof(*keys));
	strcpy(config->name, "sa1");
	config->spi = 0x1000;
	assert_success(address_parse("192.0.2.1", &config->source));
	assert_success(address_parse("192.0.2.2", &config->destination));
	config->mode = ESPVIF_MODE_TUNNEL;
	config->encryption = ESPVIF_ENCR_AES_GCM_16;
	config->owner = ESPVIF_OWNER_MANUAL;
	keys->encryption.length = 20;
	memset(keys->encryption.bytes, 'k', 20);
}

static void family_found(void **state)
{
	struct kernel *kernel = mock_open(&mock);

	(void)state;
	assert_int_equal(mock.request.header.nlmsg_type, GENL_ID_CTRL);
	assert_int_equal(command(), CTRL_CMD_GETFAMILY);
	assert_string_equal(text(CTRL_ATTR_FAMILY_NAME), "espvif");
	assert_false(mock.closed);
	kernel_close(kernel);
	assert_true(mock.closed);
}

static void family_absent(void **state)
{
	struct genl_transport transport;
	struct kernel *kernel;

	(void)state;
	mock_init(&mock, &transport);
	mock_ack(&mock, ENOENT, NULL);
	assert_refused(kernel_open_over(&transport, &kernel),
		       "the espvif module isn't loaded: modprobe espvif");
	assert_null(kernel);
	assert_true(mock.closed);
}

static void put_family(const char *name)
{
	struct nlmsghdr *message = mock_begin(&mock, GENL_ID_CTRL,
					      NLM_F_MULTI);

	mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	mnl_attr_put_u16(message, CTRL_ATTR_FAMILY_ID, MOCK_FAMILY);
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, name);
	mock_end(&mock);
}

static void loaded_without_loading(void **state)
{
	struct genl_transport transport;
	bool loaded;

	(void)state;
	mock_init(&mock, &transport);
	put_family("nlctrl");
	put_family("espvif");
	put_family("taskstats");
	mock_done(&mock, 0, 0);
	assert_success(kernel_loaded_over(&transport, &loaded));
	assert_true(loaded);
	assert_true(mock.closed);
	/* asking for the name would make the kernel load the module */
	assert_true(mock.request.header.nlmsg_flags & NLM_F_DUMP);
	assert_null(mock_find(&mock, CTRL_ATTR_FAMILY_NAME));

	mock_init(&mock, &transport);
	put_family("nlctrl");
	put_family("espvif2");
	mock_done(&mock, 0, 0);
	assert_success(kernel_loaded_over(&transport, &loaded));
	assert_false(loaded);
}

static const struct kernel_numbers no_numbers;

static void sa_new_smallest(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_sa_config config;
	struct kernel_sa_keys keys;

	(void)state;
	sa_config(&config, &keys);
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_sa_new(kernel, &config, &keys,
				     &no_numbers));
	assert_int_equal(mock.request.header.nlmsg_type, MOCK_FAMILY);
	assert_int_equal(mock.request.header.nlmsg_flags,
			 NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(command(), ESPVIF_CMD_SA_NEW);
	assert_string_equal(text(ESPVIF_A_SA_NAME), "sa1");
	assert_int_equal(number(ESPVIF_A_SA_SPI), 0x1000);
	assert_memory_equal(mnl_attr_get_payload(mock_find(&mock,
							   ESPVIF_A_SA_DADDR)),
			    "\xc0\x00\x02\x02", 4);
	assert_int_equal(number(ESPVIF_A_SA_MODE), ESPVIF_MODE_TUNNEL);
	assert_int_equal(number(ESPVIF_A_SA_ENCR), ESPVIF_ENCR_AES_GCM_16);
	assert_int_equal(mnl_attr_get_payload_len(mock_find(&mock,
							    ESPVIF_A_SA_ENCR_KEY)),
			 20);
	assert_int_equal(number(ESPVIF_A_SA_OWNER), ESPVIF_OWNER_MANUAL);
	/* what was not asked for is left to the module */
	assert_null(mock_find(&mock, ESPVIF_A_SA_DIRECTION));
	assert_null(mock_find(&mock, ESPVIF_A_SA_INTEG));
	assert_null(mock_find(&mock, ESPVIF_A_SA_INTEG_KEY));
	assert_null(mock_find(&mock, ESPVIF_A_SA_ESN));
	assert_null(mock_find(&mock, ESPVIF_A_SA_REPLAY_WINDOW));
	assert_null(mock_find(&mock, ESPVIF_A_SA_IFNAME));
	assert_null(mock_find(&mock, ESPVIF_A_SA_LIMIT_HARD_BYTES));
	assert_null(mock_find(&mock, ESPVIF_A_SA_CPU));
	kernel_close(kernel);
}

static void sa_new_largest(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_sa_config config;
	struct kernel_sa_keys keys;

	(void)state;
	sa_config(&config, &keys);
	memset(config.name, 'n', ESPVIF_NAME_MAX);
	config.direction = ESPVIF_DIRECTION_IN;
	config.encryption = ESPVIF_ENCR_AES_CBC;
	config.integrity = ESPVIF_INTEG_HMAC_SHA2_512_256;
	keys.integrity.length = ESPVIF_KEY_MAX;
	config.esn = true;
	config.replay_window = 0;
	config.replay_window_given = true;
	strcpy(config.interface, "ipsec0");
	config.soft = (struct kernel_limit){ 1, 2, 3 };
	config.hard = (struct kernel_limit){ UINT64_MAX, 5, 6 };
	config.cpu.given = true;
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_sa_new(kernel, &config, &keys,
				     &no_numbers));
	assert_int_equal(number(ESPVIF_A_SA_DIRECTION), ESPVIF_DIRECTION_IN);
	assert_int_equal(number(ESPVIF_A_SA_INTEG),
			 ESPVIF_INTEG_HMAC_SHA2_512_256);
	assert_int_equal(mnl_attr_get_payload_len(mock_find(&mock,
							    ESPVIF_A_SA_INTEG_KEY)),
			 ESPVIF_KEY_MAX);
	assert_int_equal(mnl_attr_get_payload_len(mock_find(&mock,
							    ESPVIF_A_SA_ESN)),
			 0);
	assert_int_equal(number(ESPVIF_A_SA_REPLAY_WINDOW), 0);
	assert_string_equal(text(ESPVIF_A_SA_IFNAME), "ipsec0");
	assert_int_equal(number(ESPVIF_A_SA_LIMIT_SOFT_BYTES), 1);
	assert_int_equal(number(ESPVIF_A_SA_LIMIT_SOFT_PACKETS), 2);
	assert_int_equal(number(ESPVIF_A_SA_LIMIT_SOFT_SECONDS), 3);
	assert_true(number(ESPVIF_A_SA_LIMIT_HARD_BYTES) == UINT64_MAX);
	assert_int_equal(number(ESPVIF_A_SA_LIMIT_HARD_PACKETS), 5);
	assert_int_equal(number(ESPVIF_A_SA_LIMIT_HARD_SECONDS), 6);
	assert_int_equal(number(ESPVIF_A_SA_CPU), 0);
	kernel_close(kernel);
}

static void policy_new(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_policy_config config = {};
	size_t i;

	(void)state;
	strcpy(config.name, "sp1");
	config.direction = ESPVIF_DIRECTION_OUT;
	assert_success(prefix_parse("2001:db8:1::/64", &config.source));
	assert_success(prefix_parse("2002:db8:1::/64", &config.destination));
	assert_success(port_range_parse("23", &config.source_ports));
	assert_success(port_range_parse("0", &config.destination_ports));
	config.protocol = 6;
	config.action = ESPVIF_ACTION_IPSEC;
	config.mode = ESPVIF_MODE_TRANSPORT;
	config.sas.count = ESPVIF_POLICY_SAS_MAX;
	for (i = 0; i < config.sas.count; i++)
		memset(config.sas.names[i], 'a' + (int)i, ESPVIF_NAME_MAX);
	config.priority_given = true;
	config.owner = ESPVIF_OWNER_MANUAL;
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_policy_new(kernel, &config));
	assert_int_equal(command(), ESPVIF_CMD_POLICY_NEW);
	assert_int_equal(number(ESPVIF_A_POLICY_SRC_PREFIXLEN), 64);
	assert_int_equal(mnl_attr_get_payload_len(mock_find(&mock,
							    ESPVIF_A_POLICY_SRC)),
			 16);
	assert_int_equal(number(ESPVIF_A_POLICY_SPORT_MIN), 23);
	assert_int_equal(number(ESPVIF_A_POLICY_SPORT_MAX), 23);
	assert_null(mock_find(&mock, ESPVIF_A_POLICY_DPORT_MIN));
	assert_int_equal(number(ESPVIF_A_POLICY_PROTOCOL), 6);
	assert_int_equal(number(ESPVIF_A_POLICY_MODE), ESPVIF_MODE_TRANSPORT);
	assert_int_equal(number(ESPVIF_A_POLICY_PRIORITY), 0);
	assert_int_equal(mock_count(&mock, ESPVIF_A_POLICY_SA),
			 ESPVIF_POLICY_SAS_MAX);
	kernel_close(kernel);
}

/* A mode without ipsec is a convenience of the command line. */
static void policy_new_discard(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_policy_config config = {};

	(void)state;
	strcpy(config.name, "sp1");
	assert_success(prefix_parse("any", &config.source));
	assert_success(prefix_parse("any", &config.destination));
	config.action = ESPVIF_ACTION_DISCARD;
	config.mode = ESPVIF_MODE_TRANSPORT;
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_policy_new(kernel, &config));
	assert_null(mock_find(&mock, ESPVIF_A_POLICY_MODE));
	assert_null(mock_find(&mock, ESPVIF_A_POLICY_PRIORITY));
	assert_int_equal(number(ESPVIF_A_POLICY_SRC_PREFIXLEN), 0);
	kernel_close(kernel);
}

static void removal(void **state)
{
	struct kernel *kernel = mock_open(&mock);

	(void)state;
	mock_ack(&mock, 0, NULL);
	assert_success(delete_sa(kernel, "sa1"));
	assert_int_equal(command(), ESPVIF_CMD_SA_DEL);
	assert_string_equal(text(ESPVIF_A_SA_NAME), "sa1");
	assert_int_equal(number(ESPVIF_A_SA_OWNER), ESPVIF_OWNER_MANUAL);
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_sa_flush(kernel, ESPVIF_OWNER_MANUAL));
	assert_int_equal(command(), ESPVIF_CMD_SA_FLUSH);
	assert_int_equal(number(ESPVIF_A_SA_OWNER), ESPVIF_OWNER_MANUAL);
	mock_ack(&mock, 0, NULL);
	assert_success(delete_policy(kernel, "sp1"));
	assert_int_equal(command(), ESPVIF_CMD_POLICY_DEL);
	assert_string_equal(text(ESPVIF_A_POLICY_NAME), "sp1");
	assert_int_equal(number(ESPVIF_A_POLICY_OWNER), ESPVIF_OWNER_MANUAL);
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_policy_flush(kernel, ESPVIF_OWNER_MANUAL));
	assert_int_equal(command(), ESPVIF_CMD_POLICY_FLUSH);
	assert_int_equal(number(ESPVIF_A_POLICY_OWNER), ESPVIF_OWNER_MANUAL);
	kernel_close(kernel);
}

static void refusals(void **state)
{
	static const uint32_t first = NLMSG_HDRLEN + GENL_HDRLEN;
	struct kernel *kernel = mock_open(&mock);
	struct error *error;

	(void)state;
	mock_ack(&mock, EBUSY, "policy sp1 uses SA sa1");
	error = delete_sa(kernel, "sa1");
	assert_int_equal(error->number, EBUSY);
	assert_string_equal(error->sentence, "policy sp1 uses SA sa1");
	error_free(error);

	mock_ack(&mock, EPERM, NULL);
	assert_refused(delete_sa(kernel, "sa1"), "CAP_NET_ADMIN");
	mock_ack(&mock, EPERM, "not from this namespace");
	assert_refused(delete_sa(kernel, "sa1"), "not from this");
	mock_ack(&mock, ENOMEM, NULL);
	assert_refused(delete_sa(kernel, "sa1"),
		       "the kernel refused: Cannot allocate memory");
	/* the module's sentences say what they are about, netlink's do not */
	mock_extack(&mock, EINVAL, "integer out of range", first, 0, true);
	assert_refused(delete_sa(kernel, "sa1"),
		       "name: integer out of range");
	mock_extack(&mock, EINVAL, "there is no SA named sa1", first, 0,
		    false);
	error = delete_sa(kernel, "sa1");
	assert_string_equal(error->sentence, "there is no SA named sa1");
	error_free(error);
	/* an offset where no attribute begins is not followed */
	mock_extack(&mock, EINVAL, "integer out of range", 3, 0, true);
	error = delete_sa(kernel, "sa1");
	assert_string_equal(error->sentence, "integer out of range");
	error_free(error);
	mock_extack(&mock, EINVAL, NULL, 0, ESPVIF_A_SA_SPI, false);
	assert_refused(delete_sa(kernel, "sa1"), "SPI: the kernel");
	kernel_close(kernel);
}

/* A kernel that does not honour NETLINK_CAP_ACK sends the request back. */
static void refusal_with_request(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct nlmsghdr *message;
	struct nlmsgerr *ack;
	char *echo;

	(void)state;
	message = mock_begin(&mock, NLMSG_ERROR, NLM_F_ACK_TLVS);
	ack = mnl_nlmsg_put_extra_header(message, sizeof(*ack));
	ack->error = -EBUSY;
	ack->msg.nlmsg_len = sizeof(ack->msg) + 12;
	echo = mnl_nlmsg_put_extra_header(message, 12);
	memset(echo, 0xff, 12);
	mnl_attr_put_strz(message, NLMSGERR_ATTR_MSG, "it is busy");
	mock_end(&mock);
	assert_refused(delete_sa(kernel, "sa1"), "it is busy");

	/* a request said to be longer than the whole answer */
	message = mock_begin(&mock, NLMSG_ERROR, NLM_F_ACK_TLVS);
	ack = mnl_nlmsg_put_extra_header(message, sizeof(*ack));
	ack->error = -EBUSY;
	ack->msg.nlmsg_len = UINT32_MAX;
	mock_end(&mock);
	assert_refused(delete_sa(kernel, "sa1"), "refused");
	kernel_close(kernel);
}

static void put_drop(struct nlmsghdr *message, const char *name,
		     uint64_t packets)
{
	struct nlattr *nest;

	nest = mnl_attr_nest_start(message, ESPVIF_A_SA_DROP);
	mnl_attr_put_strz(message, ESPVIF_A_COUNTER_NAME, name);
	mnl_attr_put_u64(message, ESPVIF_A_COUNTER_VALUE, packets);
	mnl_attr_nest_end(message, nest);
}

static void sa_get(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_sa_list list;
	struct nlmsghdr *message;
	const struct kernel_sa *sa;

	(void)state;
	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW, 0);
	mock_put_sa(message, 7, "sa7");
	mnl_attr_put_u32(message, ESPVIF_A_SA_REPLAY_WINDOW, 128);
	mnl_attr_put(message, ESPVIF_A_SA_ESN, 0, NULL);
	mnl_attr_put_strz(message, ESPVIF_A_SA_IFNAME, "ipsec0");
	mnl_attr_put_u8(message, ESPVIF_A_SA_OWNER, ESPVIF_OWNER_DAEMON);
	mnl_attr_put_u64(message, ESPVIF_A_SA_LIMIT_HARD_BYTES, 1ULL << 40);
	mnl_attr_put_u32(message, ESPVIF_A_SA_LIMIT_HARD_SECONDS, 3600);
	mnl_attr_put_u64(message, ESPVIF_A_SA_PACKETS, 12345678901ULL);
	put_drop(message, "replayed", 3);
	put_drop(message, "no_memory", 4);
	/* a newer module may have more to tell */
	mnl_attr_put_u32(message, 1000, 1);
	mock_end(&mock);
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_sa_get(kernel, "sa7", &list));
	assert_int_equal(command(), ESPVIF_CMD_SA_GET);
	assert_int_equal(list.count, 1);
	sa = &list.items[0];
	assert_int_equal(sa->id, 7);
	assert_string_equal(sa->config.name, "sa7");
	assert_int_equal(sa->config.spi, 0x1007);
	assert_int_equal(sa->config.destination.bytes[3], 2);
	assert_int_equal(sa->config.mode, ESPVIF_MODE_TUNNEL);
	assert_int_equal(sa->config.encryption, ESPVIF_ENCR_AES_CBC);
	assert_int_equal(sa->encryption_key_bits, 256);
	assert_int_equal(sa->config.replay_window, 128);
	assert_true(sa->config.esn);
	assert_string_equal(sa->config.interface, "ipsec0");
	assert_int_equal(sa->config.owner, ESPVIF_OWNER_DAEMON);
	assert_true(sa->config.hard.bytes == 1ULL << 40);
	assert_int_equal(sa->config.hard.seconds, 3600);
	assert_int_equal(sa->config.soft.seconds, 0);
	assert_true(sa->packets == 12345678901ULL);
	assert_int_equal(sa->drops.count, 2);
	assert_string_equal(sa->drops.items[1].name, "no_memory");
	assert_int_equal(sa->drops.items[1].packets, 4);
	kernel_sa_list_free(&list);
	kernel_close(kernel);
}

static void sa_dump_over_datagrams(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_sa_list list;
	struct nlmsghdr *message;
	struct genlmsghdr *header;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 20; i++) {
		message = mock_reply(&mock, ESPVIF_CMD_SA_NEW, NLM_F_MULTI);
		mock_put_sa(message, 2 * i, "even");
		mock_end(&mock);
		message = mock_more(&mock, MOCK_FAMILY, NLM_F_MULTI);
		header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
		header->cmd = ESPVIF_CMD_SA_NEW;
		mock_put_sa(message, 2 * i + 1, "odd");
		mock_end(&mock);
	}
	mock_done(&mock, 0, 0);
	assert_success(kernel_sa_dump(kernel, &list));
	assert_true(mock.request.header.nlmsg_flags & NLM_F_DUMP);
	assert_int_equal(list.count, 40);
	for (i = 0; i < list.count; i++)
		assert_int_equal(list.items[i].id, i + 2);
	kernel_sa_list_free(&list);
	assert_int_equal(list.count, 0);

	mock_done(&mock, 0, 0);
	assert_success(kernel_sa_dump(kernel, &list));
	assert_int_equal(list.count, 0);
	kernel_sa_list_free(&list);
	kernel_close(kernel);
}

static void dump_interrupted(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_sa_list list;
	struct nlmsghdr *message;
	size_t requests;
	int i;

	(void)state;
	requests = mock.requests;
	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW,
			     NLM_F_MULTI | NLM_F_DUMP_INTR);
	mock_put_sa(message, 1, "gone");
	mock_end(&mock);
	mock_done(&mock, 0, 0);
	mock_done(&mock, 0, NLM_F_DUMP_INTR);
	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW, NLM_F_MULTI);
	mock_put_sa(message, 2, "here");
	mock_end(&mock);
	mock_done(&mock, 0, 0);
	assert_success(kernel_sa_dump(kernel, &list));
	assert_int_equal(mock.requests - requests, 3);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].config.name, "here");
	kernel_sa_list_free(&list);

	for (i = 0; i < 32; i++)
		mock_done(&mock, 0, NLM_F_DUMP_INTR);
	assert_refused(kernel_sa_dump(kernel, &list), "try again");
	assert_int_equal(list.count, 0);
	kernel_close(kernel);
}

static void dump_fails(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_sa_list list;
	struct nlmsghdr *message;

	(void)state;
	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW, NLM_F_MULTI);
	mock_put_sa(message, 1, "sa1");
	mock_end(&mock);
	mock_done(&mock, ENOMEM, 0);
	assert_refused(kernel_sa_dump(kernel, &list), "refused: Cannot");
	assert_int_equal(list.count, 0);
	mock_ack(&mock, EPERM, NULL);
	assert_refused(kernel_sa_dump(kernel, &list), "CAP_NET_ADMIN");
	assert_refused(kernel_sa_dump(kernel, &list), "no answer left");
	kernel_close(kernel);
}

static void policies(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	const struct kernel_policy_config *config;
	struct kernel_policy_list list;
	struct nlmsghdr *message;

	(void)state;
	message = mock_reply(&mock, ESPVIF_CMD_POLICY_NEW, NLM_F_MULTI);
	mock_put_policy(message, 1, "sp1");
	mnl_attr_put_u8(message, ESPVIF_A_POLICY_PROTOCOL, 17);
	mnl_attr_put_u16(message, ESPVIF_A_POLICY_SPORT_MIN, 1000);
	mnl_attr_put_u16(message, ESPVIF_A_POLICY_SPORT_MAX, 2000);
	mnl_attr_put_u64(message, ESPVIF_A_POLICY_PACKETS, 5);
	mock_end(&mock);
	mock_done(&mock, 0, 0);
	assert_success(kernel_policy_dump(kernel, &list));
	assert_int_equal(list.count, 1);
	config = &list.items[0].config;
	assert_string_equal(config->name, "sp1");
	assert_int_equal(config->source.length, 24);
	assert_int_equal(config->source.address.bytes[2], 1);
	assert_int_equal(config->protocol, 17);
	assert_int_equal(config->source_ports.min, 1000);
	assert_int_equal(config->source_ports.max, 2000);
	/* ports that are not there are any ports */
	assert_int_equal(config->destination_ports.min, 0);
	assert_int_equal(config->destination_ports.max, UINT16_MAX);
	assert_int_equal(config->sas.count, 2);
	assert_string_equal(config->sas.names[1], "sa2");
	assert_int_equal(config->priority, 1000);
	assert_int_equal(list.items[0].packets, 5);
	kernel_policy_list_free(&list);

	mock_ack(&mock, ENOENT, "there is no policy named sp2");
	assert_refused(kernel_policy_get(kernel, "sp2", &list),
		       "no policy named sp2");
	kernel_close(kernel);
}

static void status_and_devices(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_device_list devices;
	struct kernel_status status;
	struct nlmsghdr *message;
	struct nlattr *nest;

	(void)state;
	message = mock_reply(&mock, ESPVIF_CMD_STATUS_GET, 0);
	mnl_attr_put_strz(message, ESPVIF_A_STATUS_VERSION, "0.1");
	mnl_attr_put_u32(message, ESPVIF_A_STATUS_SAS, 2);
	mnl_attr_put_u32(message, ESPVIF_A_STATUS_POLICIES, 3);
	nest = mnl_attr_nest_start(message, ESPVIF_A_STATUS_COUNTER);
	mnl_attr_put_strz(message, ESPVIF_A_COUNTER_NAME, "in_replayed");
	mnl_attr_put_u64(message, ESPVIF_A_COUNTER_VALUE, 9);
	mnl_attr_nest_end(message, nest);
	mock_end(&mock);
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_status_get(kernel, &status));
	assert_string_equal(status.version, "0.1");
	assert_int_equal(status.sas, 2);
	assert_int_equal(status.policies, 3);
	assert_int_equal(status.counters.count, 1);
	assert_int_equal(status.counters.items[0].packets, 9);
	kernel_status_free(&status);

	mock_ack(&mock, 0, NULL);
	assert_refused(kernel_status_get(kernel, &status), "no status");

	message = mock_reply(&mock, ESPVIF_CMD_DEVICE_GET, NLM_F_MULTI);
	mnl_attr_put_strz(message, ESPVIF_A_DEVICE_IFNAME, "ipsec0");
	mnl_attr_put_u32(message, ESPVIF_A_DEVICE_IFINDEX, 4);
	mnl_attr_put_u32(message, ESPVIF_A_DEVICE_MTU, 1400);
	mnl_attr_put(message, ESPVIF_A_DEVICE_RUNNING, 0, NULL);
	mock_end(&mock);
	mock_done(&mock, 0, 0);
	assert_success(kernel_device_dump(kernel, &devices));
	assert_int_equal(devices.count, 1);
	assert_string_equal(devices.items[0].name, "ipsec0");
	assert_int_equal(devices.items[0].mtu, 1400);
	assert_true(devices.items[0].running);
	assert_false(devices.items[0].foreign);
	kernel_device_list_free(&devices);
	kernel_close(kernel);
}

static void explanation(void **state)
{
	struct kernel_question question = {
		.direction = ESPVIF_DIRECTION_OUT,
		.protocol = 17,
		.protocol_given = true,
		.destination_port = 53,
		.length = 1500,
		.may_fragment = true,
		.interface = "ipsec0",
		.cpu = { true, 3 },
	};
	struct kernel *kernel = mock_open(&mock);
	struct kernel_answer answer;
	struct nlmsghdr *message;

	(void)state;
	assert_success(address_parse("10.1.0.1", &question.source));
	assert_success(address_parse("10.2.0.1", &question.destination));
	message = mock_reply(&mock, ESPVIF_CMD_EXPLAIN, 0);
	mnl_attr_put_u8(message, ESPVIF_A_EXPLAIN_VERDICT,
			ESPVIF_VERDICT_PROTECTED);
	mnl_attr_put_strz(message, ESPVIF_A_EXPLAIN_POLICY, "sp1");
	mnl_attr_put_u8(message, ESPVIF_A_EXPLAIN_ACTION, ESPVIF_ACTION_IPSEC);
	mnl_attr_put_strz(message, ESPVIF_A_EXPLAIN_SA, "sa1");
	mnl_attr_put(message, ESPVIF_A_EXPLAIN_GATEWAY, 4, "\xc0\0\2\1");
	mnl_attr_put_u32(message, ESPVIF_A_EXPLAIN_OUTER_LENGTH, 1560);
	mnl_attr_put(message, ESPVIF_A_EXPLAIN_FRAGMENTED, 0, NULL);
	mnl_attr_put_u32(message, ESPVIF_A_EXPLAIN_CPU, 3);
	mock_end(&mock);
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_explain(kernel, &question, &answer));
	assert_int_equal(answer.verdict, ESPVIF_VERDICT_PROTECTED);
	assert_string_equal(answer.policy, "sp1");
	assert_string_equal(answer.sa, "sa1");
	assert_int_equal(answer.gateway.length, 4);
	assert_int_equal(answer.outer_length, 1560);
	assert_true(answer.fragmented);
	assert_false(answer.exempt);
	assert_true(answer.cpu.given);
	assert_int_equal(answer.cpu.number, 3);
	assert_int_equal(number(ESPVIF_A_EXPLAIN_CPU), 3);
	assert_non_null(mock_find(&mock, ESPVIF_A_EXPLAIN_DPORT));
	assert_non_null(mock_find(&mock, ESPVIF_A_EXPLAIN_MAY_FRAGMENT));
	assert_null(mock_find(&mock, ESPVIF_A_EXPLAIN_SPORT));
	assert_null(mock_find(&mock, ESPVIF_A_EXPLAIN_SA));

	mock_ack(&mock, 0, NULL);
	assert_refused(kernel_explain(kernel, &question, &answer),
		       "no verdict");
	kernel_close(kernel);
}

/* Messages for other requests, as of a dump given up, are passed over. */
static void strangers_skipped(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct nlmsghdr *message;

	(void)state;
	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW, NLM_F_MULTI);
	message->nlmsg_seq = 0xdead;
	mock_end(&mock);
	message = mock_begin(&mock, NLMSG_DONE, NLM_F_MULTI);
	message->nlmsg_seq = 0xdead;
	mock_end(&mock);
	mock_ack(&mock, 0, NULL);
	assert_success(delete_sa(kernel, "sa1"));
	assert_int_equal(mock.received, mock.queued);
	kernel_close(kernel);
}

/* Queues a reply whose attributes a function makes wrong. */
static void expect_malformed(struct kernel *kernel,
			     void (*spoil)(struct nlmsghdr *message),
			     const char *words)
{
	struct kernel_sa_list list;
	struct nlmsghdr *message;

	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW, NLM_F_MULTI);
	spoil(message);
	mock_end(&mock);
	mock_done(&mock, 0, 0);
	assert_refused(kernel_sa_dump(kernel, &list), words);
	assert_int_equal(list.count, 0);
	mock.queued = 0;
	mock.received = 0;
	memset(mock.lengths, 0, sizeof(mock.lengths));
}

static void spoil_empty(struct nlmsghdr *message)
{
	(void)message;
}

static void spoil_id(struct nlmsghdr *message)
{
	mnl_attr_put_u16(message, ESPVIF_A_SA_ID, 1);
}

static void spoil_name(struct nlmsghdr *message)
{
	char name[KERNEL_NAME_SIZE + 1] = "";

	memset(name, 'n', KERNEL_NAME_SIZE);
	mnl_attr_put_strz(message, ESPVIF_A_SA_NAME, name);
}

static void spoil_address(struct nlmsghdr *message)
{
	mnl_attr_put(message, ESPVIF_A_SA_DADDR, 5, "12345");
}

static void spoil_drop(struct nlmsghdr *message)
{
	mock_put_sa(message, 1, "sa1");
	mnl_attr_put(message, ESPVIF_A_SA_DROP, 4, "1234");
}

static void spoil_type(struct nlmsghdr *message)
{
	mock_put_sa(message, 1, "sa1");
	message->nlmsg_type = NLMSG_MIN_TYPE + 77;
}

static void malformed(void **state)
{
	struct kernel *kernel = mock_open(&mock);

	(void)state;
	mock.queued = 0;
	mock.received = 0;
	memset(mock.lengths, 0, sizeof(mock.lengths));
	expect_malformed(kernel, spoil_empty, "an SA lacks an attribute");
	expect_malformed(kernel, spoil_id, "(number of the SA)");
	expect_malformed(kernel, spoil_name, "(name)");
	expect_malformed(kernel, spoil_address, "(destination address)");
	expect_malformed(kernel, spoil_drop, "a counter lacks");
	expect_malformed(kernel, spoil_type, "strange type");
	kernel_close(kernel);
}

static void malformed_policy(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct kernel_policy_list list;
	struct nlmsghdr *message;
	int i;

	(void)state;
	message = mock_reply(&mock, ESPVIF_CMD_POLICY_NEW, NLM_F_MULTI);
	mock_put_policy(message, 1, "sp1");
	mnl_attr_put_u8(message, ESPVIF_A_POLICY_DST_PREFIXLEN, 33);
	mock_end(&mock);
	assert_refused(kernel_policy_dump(kernel, &list), "prefixes");

	message = mock_reply(&mock, ESPVIF_CMD_POLICY_NEW, NLM_F_MULTI);
	mock_put_policy(message, 1, "sp1");
	for (i = 0; i < ESPVIF_POLICY_SAS_MAX; i++)
		mnl_attr_put_strz(message, ESPVIF_A_POLICY_SA, "more");
	mock_end(&mock);
	assert_refused(kernel_policy_dump(kernel, &list), "(SA)");
	assert_int_equal(list.count, 0);
	kernel_close(kernel);
}

static void truncated(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	size_t length, first = mock.queued;
	struct nlmsghdr *message;

	(void)state;
	mock_ack(&mock, EBUSY, "busy");
	length = mock.lengths[first];
	while (length-- > 0) {
		struct error *error;

		mock.received = first;
		mock.lengths[first] = length;
		error = delete_sa(kernel, "sa1");
		assert_non_null(error);
		assert_int_not_equal(error->number, EBUSY);
		error_free(error);
	}
	/* lengths that are negative where they are taken for signed */
	message = &mock.datagrams[first].header;
	mock.lengths[first] = 64;
	message->nlmsg_len = 0xffffff00;
	mock.received = first;
	assert_refused(delete_sa(kernel, "sa1"), "length");
	message->nlmsg_len = sizeof(*message);
	mock.received = first;
	assert_refused(delete_sa(kernel, "sa1"), "short");
	kernel_close(kernel);
}

#define EVENTS_MAX 8

/* What was told, without what is freed behind it. */
struct told {
	struct kernel_event events[EVENTS_MAX];
	size_t count;
};

static struct error *tell(const struct kernel_event *event, void *context)
{
	struct told *told = context;

	assert_true(told->count < EVENTS_MAX);
	told->events[told->count++] = *event;
	return NULL;
}

static void events_of_sas(void **state)
{
	static const uint8_t peer[4] = { 192, 0, 2, 77 };
	struct kernel *kernel = mock_open(&mock);
	struct told told = {};
	struct nlmsghdr *message;
	char address[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_success(kernel_subscribe(kernel));
	assert_int_equal(mock.joined, MOCK_GROUP);
	assert_int_equal(kernel_descriptor(kernel), MOCK_DESCRIPTOR);
	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW_NTF, 0);
	mock_put_sa(message, 1, "sa1");
	mock_end(&mock);
	/* two in one datagram, and something of another family between */
	message = mock_reply(&mock, ESPVIF_CMD_SA_EXPIRE_NTF, 0);
	mock_put_sa(message, 1, "sa1");
	mnl_attr_put(message, ESPVIF_A_SA_HARD, 0, NULL);
	mock_end(&mock);
	mock_more(&mock, MOCK_FAMILY + 1, 0);
	mock_end(&mock);
	message = mock_more(&mock, MOCK_FAMILY, 0);
	((struct genlmsghdr *)mnl_nlmsg_put_extra_header(message,
		sizeof(struct genlmsghdr)))->cmd = ESPVIF_CMD_SA_PEER_NTF;
	mock_put_sa(message, 2, "sa2");
	mnl_attr_put(message, ESPVIF_A_SA_PEER_ADDR, sizeof(peer), peer);
	mnl_attr_put_u16(message, ESPVIF_A_SA_PEER_PORT, 40002);
	mock_end(&mock);

	assert_success(kernel_read_events(kernel, tell, &told));
	assert_int_equal(told.count, 1);
	assert_string_equal(told.events[0].name, "sa-added");
	assert_string_equal(told.events[0].sa.config.name, "sa1");
	assert_false(told.events[0].sa.hard);
	assert_success(kernel_read_events(kernel, tell, &told));
	assert_int_equal(told.count, 3);
	assert_int_equal(told.events[1].kind, KERNEL_EVENT_EXPIRY);
	assert_true(told.events[1].sa.hard);
	assert_int_equal(told.events[2].kind, KERNEL_EVENT_PEER);
	assert_string_equal(address_text(&told.events[2].sa.peer.address,
					 address), "192.0.2.77");
	assert_int_equal(told.events[2].sa.peer.port, 40002);
	kernel_close(kernel);
}

static void events_of_others(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	struct told told = {};
	struct nlmsghdr *message;

	(void)state;
	assert_success(kernel_subscribe(kernel));
	message = mock_reply(&mock, ESPVIF_CMD_POLICY_DEL_NTF, 0);
	mock_put_policy(message, 1, "sp1");
	mock_end(&mock);
	mock_reply(&mock, 255, 0);
	mock_end(&mock);
	mock.lose = true;
	assert_success(kernel_read_events(kernel, tell, &told));
	assert_int_equal(told.events[0].kind, KERNEL_EVENT_LOST);
	assert_string_equal(told.events[0].name, "lost");
	assert_success(kernel_read_events(kernel, tell, &told));
	assert_string_equal(told.events[1].name, "policy-removed");
	assert_string_equal(told.events[1].policy.config.name, "sp1");
	assert_int_equal(told.events[1].policy.config.source_ports.max, 65535);
	assert_success(kernel_read_events(kernel, tell, &told));
	assert_int_equal(told.events[2].kind, KERNEL_EVENT_UNKNOWN);
	assert_int_equal(told.events[2].command, 255);
	assert_int_equal(told.count, 3);

	message = mock_reply(&mock, ESPVIF_CMD_SA_NEW_NTF, 0);
	mnl_attr_put_u32(message, ESPVIF_A_SA_ID, 1);
	mock_end(&mock);
	assert_refused(kernel_read_events(kernel, tell, &told),
		       "an SA lacks an attribute");
	mock_reply(&mock, ESPVIF_CMD_SA_NEW_NTF, 0);
	mock_end(&mock);
	mock.datagrams[mock.queued - 1].header.nlmsg_len = NLMSG_HDRLEN + 1;
	assert_refused(kernel_read_events(kernel, tell, &told), "short");
	assert_int_equal(told.count, 3);
	kernel_close(kernel);
}

/* Every kind of change, with what a request of its own would have. */
static void batch_of_everything(void **state)
{
	static const struct {
		enum espvif_cmd command;
		uint16_t object;
		uint16_t name_type;
		const char *name;
	} expected[] = {
		{ ESPVIF_CMD_SA_NEW, ESPVIF_A_OP_SA, ESPVIF_A_SA_NAME, "sa1" },
		{ ESPVIF_CMD_SA_SET, ESPVIF_A_OP_SA, ESPVIF_A_SA_NAME, "sa2" },
		{ ESPVIF_CMD_SA_DEL, ESPVIF_A_OP_SA, ESPVIF_A_SA_NAME, "sa3" },
		{ ESPVIF_CMD_POLICY_NEW, ESPVIF_A_OP_POLICY,
		  ESPVIF_A_POLICY_NAME, "sp1" },
		{ ESPVIF_CMD_POLICY_SET, ESPVIF_A_OP_POLICY,
		  ESPVIF_A_POLICY_NAME, "sp2" },
		{ ESPVIF_CMD_POLICY_DEL, ESPVIF_A_OP_POLICY,
		  ESPVIF_A_POLICY_NAME, "sp3" },
	};
	struct kernel *kernel = mock_open(&mock);
	struct kernel_sa_names sas = { { "sa1", "sa2" }, 2 };
	struct kernel_policy_config policy = { .name = "sp1" };
	struct kernel_peer peer = { .port = 4501 };
	struct kernel_numbers numbers = {};
	struct kernel_sa_config config;
	const struct nlattr *nest, *name;
	struct kernel_sa_keys keys;
	struct kernel_batch *batch;
	size_t refused = 99, i;
	uint16_t object;
	uint8_t number;

	(void)state;
	sa_config(&config, &keys);
	assert_success(kernel_batch_new(&batch));
	assert_success(kernel_batch_sa_new(batch, &config, &keys, &numbers));
	assert_success(kernel_batch_sa_set(batch, "sa2", &peer, &numbers));
	assert_success(kernel_batch_sa_delete(batch, "sa3",
					      ESPVIF_OWNER_MANUAL));
	assert_success(kernel_batch_policy_new(batch, &policy));
	assert_success(kernel_batch_policy_set_sas(batch, "sp2", &sas));
	assert_success(kernel_batch_policy_delete(batch, "sp3",
						  ESPVIF_OWNER_MANUAL));
	assert_int_equal(kernel_batch_count(batch), ARRAY_SIZE(expected));
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_batch_send(kernel, batch, &refused));
	assert_int_equal(refused, 0);
	assert_int_equal(command(), ESPVIF_CMD_BATCH);
	assert_int_equal(mock.request.header.nlmsg_type, MOCK_FAMILY);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		nest = mock_operation(&mock, i + 1, &number, &object);
		assert_non_null(nest);
		assert_int_equal(number, expected[i].command);
		assert_int_equal(object, expected[i].object);
		name = mock_find_in(nest, expected[i].name_type);
		assert_non_null(name);
		assert_string_equal(mnl_attr_get_str(name), expected[i].name);
	}
	assert_null(mock_operation(&mock, i + 1, &number, &object));
	nest = mock_operation(&mock, 1, &number, &object);
	assert_memory_equal(mnl_attr_get_payload(mock_find_in(nest,
							      ESPVIF_A_SA_ENCR_KEY)),
			    keys.encryption.bytes, 20);
	kernel_batch_free(batch);
	kernel_close(kernel);
}

/* A request that grows many times is the same as one that had the room. */
static void batch_grows(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	char name[KERNEL_NAME_SIZE];
	struct kernel_batch *batch;
	const struct nlattr *nest;
	struct error *error = NULL;
	size_t refused, i;
	uint16_t object;
	uint8_t number;

	(void)state;
	assert_success(kernel_batch_new(&batch));
	for (i = 1; i <= 5000; i++) {
		snprintf(name, sizeof(name), "sa%zu", i);
		assert_success(kernel_batch_sa_delete(batch, name,
						      ESPVIF_OWNER_MANUAL));
	}
	mock_ack(&mock, 0, NULL);
	assert_success(kernel_batch_send(kernel, batch, &refused));
	for (i = 1; i <= 5000; i += 49) {
		snprintf(name, sizeof(name), "sa%zu", i);
		nest = mock_operation(&mock, i, &number, &object);
		assert_non_null(nest);
		nest = mock_find_in(nest, ESPVIF_A_SA_NAME);
		assert_string_equal(mnl_attr_get_str(nest), name);
	}
	while (!error && i < 1000000) {
		error = kernel_batch_sa_delete(batch, name,
					       ESPVIF_OWNER_MANUAL);
		i++;
	}
	/* 36 bytes each, and 40 if the name is longer by a digit */
	assert_in_range(kernel_batch_count(batch), 80000, 130000);
	assert_refused(error, "changes fit into one request, which has 4 MiB");
	assert_refused(kernel_batch_send(kernel, batch, &refused), "too long");
	kernel_batch_free(batch);
	kernel_close(kernel);
}

/* The kernel's offset tells which change it refuses. */
static void batch_refused(void **state)
{
	struct kernel *kernel = mock_open(&mock);
	const struct nlattr *nest;
	struct kernel_batch *batch;
	uint32_t offset;
	size_t refused;
	uint16_t object;
	uint8_t number;

	(void)state;
	assert_success(kernel_batch_new(&batch));
	assert_success(kernel_batch_sa_delete(batch, "one", 1));
	assert_success(kernel_batch_sa_delete(batch, "two", 1));
	assert_success(kernel_batch_sa_delete(batch, "three", 1));
	mock_ack(&mock, ENOENT, "something else");
	assert_refused(kernel_batch_send(kernel, batch, &refused),
		       "something else");
	assert_int_equal(refused, 0);
	nest = mock_operation(&mock, 2, &number, &object);
	offset = (uint32_t)((const char *)mock_find_in(nest, ESPVIF_A_SA_NAME) -
			    mock.request.bytes);
	mock_extack(&mock, ENOENT, "operation 2 (sa-del two): none", offset, 0,
		    false);
	assert_refused(kernel_batch_send(kernel, batch, &refused),
		       "operation 2");
	assert_int_equal(refused, 2);
	/* behind the end, and before the first */
	mock_extack(&mock, ENOENT, "strange", 5000, 0, false);
	assert_refused(kernel_batch_send(kernel, batch, &refused), "strange");
	assert_int_equal(refused, 0);
	mock_extack(&mock, ENOENT, "strange", 7, 0, false);
	assert_refused(kernel_batch_send(kernel, batch, &refused), "strange");
	assert_int_equal(refused, 0);
	kernel_batch_free(batch);
	kernel_close(kernel);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(family_found),
		cmocka_unit_test(family_absent),
		cmocka_unit_test(loaded_without_loading),
		cmocka_unit_test(sa_new_smallest),
		cmocka_unit_test(sa_new_largest),
		cmocka_unit_test(policy_new),
		cmocka_unit_test(policy_new_discard),
		cmocka_unit_test(removal),
		cmocka_unit_test(refusals),
		cmocka_unit_test(refusal_with_request),
		cmocka_unit_test(sa_get),
		cmocka_unit_test(sa_dump_over_datagrams),
		cmocka_unit_test(dump_interrupted),
		cmocka_unit_test(dump_fails),
		cmocka_unit_test(policies),
		cmocka_unit_test(status_and_devices),
		cmocka_unit_test(explanation),
		cmocka_unit_test(strangers_skipped),
		cmocka_unit_test(malformed),
		cmocka_unit_test(malformed_policy),
		cmocka_unit_test(truncated),
		cmocka_unit_test(events_of_sas),
		cmocka_unit_test(events_of_others),
		cmocka_unit_test(batch_of_everything),
		cmocka_unit_test(batch_grows),
		cmocka_unit_test(batch_refused),
	};

	return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
