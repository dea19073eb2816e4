// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of what becomes of connections in time: packets that need them, peers
 * that die, lifetimes, and what the kernel notices.
 */
#include "hosts.h"
#include "ike/info.h"
#include "lib/iana.h"

static struct ike_model *model_of(unsigned int number)
{
	return &world.hosts[number].model;
}

static void keep_serial(const struct ike_child_info *info, void *context)
{
	uint64_t *serial = context;

	*serial = info->pair->serial;
}

static uint64_t serial_of(unsigned int number)
{
	uint64_t serial = 0;

	ike_each_child(world.hosts[number].ike, keep_serial, &serial);
	return serial;
}

static uint32_t sas_of(unsigned int number)
{
	return ike_status(world.hosts[number].ike).sas;
}

/* Takes the power from host 1, or gives it back. */
static void power(bool on)
{
	world.deaf = !on;
	if (on)
		return;
	hosts_stop(1);
	hosts_start_one(1, &ike_config_default);
}

static struct error *acquire(const char *connection, const char *child)
{
	struct ike_flow flow = { .protocol = 6 };

	assert_success(address_parse("10.1.0.7", &flow.source.address));
	assert_success(address_parse("10.2.0.9", &flow.destination.address));
	flow.source.port = 40000;
	flow.destination.port = 80;
	return ike_acquire(world.hosts[0].ike, connection, child, &flow);
}

static void packet_needs_it(void **state)
{
	(void)state;
	/* it would stay if somebody brought it up */
	model_of(0)->stay = true;
	hosts_start(&ike_config_default);
	assert_refused(acquire("tunel", "net"), "no connection \"tunel\"");
	assert_refused(acquire("tunnel", "nat"), "no child \"nat\"");
	assert_success(acquire("tunnel", "net"));
	hosts_run();
	assert_pairs(1);
	assert_told(0, "initiate on demand: a packet of protocol 6 from 10.1.0.7:40000 to 10.2.0.9:80 waits");
	/* that it is there already does no harm */
	assert_success(acquire("tunnel", "net"));
	hosts_run();
	assert_pairs(1);
	assert_success(ike_down(world.hosts[1].ike, "tunnel", NULL));
	hosts_wait(60);
	assert_pairs(0);
	assert_success(acquire("tunnel", "net"));
	hosts_run();
	assert_pairs(1);
}

static void stays_up(void **state)
{
	(void)state;
	model_of(0)->stay = true;
	hosts_connect();
	assert_success(ike_down(world.hosts[1].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(0);
	hosts_wait(2);
	assert_pairs(1);
	/* one child of it as well */
	assert_success(ike_down(world.hosts[1].ike, "tunnel", "net"));
	hosts_run();
	assert_pairs(0);
	hosts_wait(4);
	assert_pairs(1);
	assert_success(ike_down(world.hosts[0].ike, "tunnel", "net"));
	hosts_wait(60);
	assert_pairs(0);
}

static void let_die(void)
{
	model_of(0)->liveness = 10;
	model_of(0)->timeout = 20;
	hosts_connect();
	assert_pairs(1);
	power(false);
	hosts_wait(60);
	assert_told(0, "PEER_DEAD no answer to INFORMATIONAL within 20 seconds");
	assert_int_equal(world.hosts[0].pairs, 0);
	power(true);
	hosts_wait(120);
}

static void dead_peer_cleared(void **state)
{
	(void)state;
	model_of(0)->stay = true;
	model_of(0)->peer_dead = IKE_PEER_DEAD_CLEAR;
	let_die();
	assert_pairs(0);
}

static void dead_peer_held(void **state)
{
	(void)state;
	let_die();
	assert_pairs(0);
}

static void dead_peer_held_up(void **state)
{
	(void)state;
	model_of(0)->stay = true;
	let_die();
	assert_pairs(1);
}

static void dead_peer_restarted(void **state)
{
	(void)state;
	model_of(0)->peer_dead = IKE_PEER_DEAD_RESTART;
	model_of(0)->tries = 2;
	/* it is back before the second time has failed */
	let_die();
	assert_pairs(1);
}

static void given_up(void **state)
{
	(void)state;
	model_of(0)->stay = true;
	model_of(0)->tries = 3;
	model_of(0)->timeout = 5;
	world.deaf = true;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_wait(60);
	/* three times five seconds, and two pauses; then nothing more */
	assert_int_equal(sas_of(0), 0);
	assert_true(ike_deadline(world.hosts[0].ike) == IKE_NEVER);
	assert_told(0, "FAILED no answer to IKE_SA_INIT within 5 seconds");
	world.deaf = false;
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(1);
}

/* As long as packets come, nobody asks whether the peer is there. */
static void traffic_is_life(void **state)
{
	uint64_t sent;
	int i;

	(void)state;
	model_of(0)->liveness = 10;
	hosts_connect();
	sent = ike_counters(world.hosts[0].ike)->sent;
	for (i = 0; i < 12; i++) {
		world.hosts[0].traffic.packets_in++;
		hosts_wait(5);
	}
	assert_int_equal(ike_counters(world.hosts[0].ike)->sent, sent);
	hosts_wait(25);
	assert_true(ike_counters(world.hosts[0].ike)->sent > sent);
}

static void soft_limit(void **state)
{
	uint64_t before;

	(void)state;
	hosts_connect();
	before = serial_of(1);
	ike_expired(world.hosts[1].ike, before + 100, false);
	ike_expired(world.hosts[1].ike, before, false);
	hosts_run();
	assert_pairs(1);
	assert_true(serial_of(1) > before);
	assert_told(1, "initiator rekeyed Child SA #2");
	assert_not_told(0, "CHILD_DOWN");
}

static void hard_limit(void **state)
{
	(void)state;
	model_of(0)->stay = true;
	hosts_connect();
	ike_expired(world.hosts[0].ike, serial_of(0), true);
	hosts_run();
	assert_pairs(0);
	assert_told(0, "reached its lifetime");
	assert_told(1, "CHILD_DOWN");
	hosts_wait(4);
	assert_pairs(1);
}

/* Nobody replaces anything: it ends in time. */
static void no_rekey(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		model_of(i)->no_rekey = true;
		model_of(i)->children[0].lifetime = 100 + i;
		model_of(i)->lifetime = 200 + 100 * i;
	}
	hosts_connect();
	ike_expired(world.hosts[0].ike, serial_of(0), false);
	hosts_wait(99);
	assert_pairs(1);
	assert_int_equal(serial_of(0), 2);
	hosts_wait(1);
	assert_pairs(0);
	assert_told(0, "reached its lifetime");
	world.hosts[0].told[0] = '\0';
	hosts_wait(99);
	assert_not_told(0, "reached its lifetime");
	hosts_wait(2);
	assert_told(0, "reached its lifetime");
	assert_told(0, "DOWN we have ended it");
	hosts_wait(25);
	assert_int_equal(sas_of(0), 0);
	assert_int_equal(sas_of(1), 0);
}

/* Somebody says that our datagram has not arrived; anybody can say so. */
static void unreachable(void **state)
{
	struct ike_path path;

	(void)state;
	world.deaf = true;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	path = world.hosts[0].model.path;
	ike_unreachable(world.hosts[0].ike, &path, "nobody is there");
	assert_told(0, "#1 nobody is there");
	path.remote.port = 4500;
	ike_unreachable(world.hosts[0].ike, &path, "nor at that port");
	assert_told(0, "#0 nor at that port");
	assert_int_equal(sas_of(0), 1);
}

static void own_pace(void **state)
{
	(void)state;
	model_of(0)->retransmit = 3000;
	world.deaf = true;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	assert_int_equal(ike_deadline(world.hosts[0].ike), world.now + 3000);
	hosts_wait(3);
	assert_told(0, "will wait 6.000 seconds");
}

/* A message that is too long for one datagram */
static void fragments(unsigned int refuses)
{
	struct ike_config config = ike_config_default;
	unsigned int i;

	config.fragment_size = 150;
	if (refuses < 2)
		model_of(refuses)->fragmentation = IKE_FRAGMENTATION_NO;
	hosts_start(&config);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	/* both messages of IKE_SA_INIT */
	hosts_deliver(&world.queue[0]);
	hosts_deliver(&world.queue[1]);
	for (i = 2; i < world.count; i++)
		assert_int_equal(world.queue[i].data[16],
				 refuses < 2 ? IANA_PAYLOAD_SK :
					       IANA_PAYLOAD_SKF);
	assert_true(refuses < 2 ? world.count == 3 : world.count > 3);
	memmove(&world.queue[0], &world.queue[2],
		(world.count -= 2) * sizeof(world.queue[0]));
	hosts_run();
	assert_pairs(1);
}

static void fragments_agreed(void **state)
{
	(void)state;
	fragments(2);
}

static void fragments_not_sent(void **state)
{
	(void)state;
	fragments(0);
}

static void fragments_refused(void **state)
{
	(void)state;
	fragments(1);
}

#define CONNECTION_TEST(function) \
	cmocka_unit_test_setup_teardown(function, hosts_set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONNECTION_TEST(packet_needs_it),
		CONNECTION_TEST(stays_up),
		CONNECTION_TEST(dead_peer_cleared),
		CONNECTION_TEST(dead_peer_held),
		CONNECTION_TEST(dead_peer_held_up),
		CONNECTION_TEST(dead_peer_restarted),
		CONNECTION_TEST(given_up),
		CONNECTION_TEST(traffic_is_life),
		CONNECTION_TEST(soft_limit),
		CONNECTION_TEST(hard_limit),
		CONNECTION_TEST(no_rekey),
		CONNECTION_TEST(unreachable),
		CONNECTION_TEST(own_pace),
		CONNECTION_TEST(fragments_agreed),
		CONNECTION_TEST(fragments_not_sent),
		CONNECTION_TEST(fragments_refused),
	};

	return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
