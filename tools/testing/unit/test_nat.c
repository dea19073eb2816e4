// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of NAT traversal: a NAT in front of the initiator, whose mapping
 * changes; and what an attacker cannot do with that.
 */
#include "hosts.h"
#include "ike/info.h"
#include "ike/ts.h"
#include "lib/array.h"
#include "lib/iana.h"

#define PORT_IKE 40500
#define PORT_ENCAPSULATED 44500

static void connect_behind_nat(void)
{
	hosts_put_behind_nat(PORT_IKE, PORT_ENCAPSULATED);
	hosts_connect();
	assert_pairs(1);
}

static void assert_peer_port(uint16_t port)
{
	const struct ike_endpoint *remote = &world.hosts[1].last.path.remote;

	assert_memory_equal(&remote->address, &hosts_nat_address,
			    sizeof(remote->address));
	assert_int_equal(remote->port, port);
}

static void show_sa(const struct ike_sa_info *info, void *context)
{
	struct ike_sa_info *copy = context;

	*copy = *info;
}

static void no_nat(void **state)
{
	unsigned int i;

	(void)state;
	hosts_connect();
	assert_pairs(1);
	for (i = 0; i < 2; i++) {
		assert_false(world.hosts[i].last.encapsulate);
		assert_int_equal(world.hosts[i].last.path.local.port, 500);
		assert_int_equal(world.hosts[i].last.keepalive, 0);
		assert_not_told(i, "NAT");
	}
}

static void behind_nat(void **state)
{
	const struct ike_pair *pairs[] = {
		&world.hosts[0].last, &world.hosts[1].last,
	};
	struct ike_sa_info info;

	(void)state;
	connect_behind_nat();
	assert_told(0, "NAT-Traversal: this host is behind a NAT");
	assert_told(1, "NAT-Traversal: the peer is behind a NAT");
	assert_true(pairs[0]->encapsulate && pairs[1]->encapsulate);
	assert_int_equal(pairs[0]->path.local.port, 4500);
	assert_int_equal(pairs[0]->path.remote.port, 4500);
	assert_int_equal(pairs[1]->path.local.port, 4500);
	assert_peer_port(PORT_ENCAPSULATED);
	/* who is behind it keeps it alive */
	assert_int_equal(pairs[0]->keepalive, 20);
	assert_int_equal(pairs[1]->keepalive, 0);
	ike_each_sa(world.hosts[0].ike, show_sa, &info);
	assert_true(info.behind_nat && !info.peer_behind_nat);
	ike_each_sa(world.hosts[1].ike, show_sa, &info);
	assert_true(!info.behind_nat && info.peer_behind_nat);
	/* a new IKE SA knows what the old one knew */
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", NULL));
	hosts_run();
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", "net"));
	hosts_run();
	assert_true(pairs[0]->encapsulate && pairs[1]->encapsulate);
	assert_int_equal(pairs[0]->keepalive, 20);
}

/* The kernel reminds the NAT for child SAs; without any, the engine does. */
static void keepalives(void **state)
{
	(void)state;
	connect_behind_nat();
	hosts_wait(100);
	assert_int_equal(world.hosts[0].keepalives, 0);
	assert_success(ike_down(world.hosts[0].ike, "tunnel", "net"));
	hosts_run();
	assert_pairs(0);
	hosts_wait(100);
	assert_int_equal(world.hosts[0].keepalives, 5);
	assert_int_equal(world.hosts[1].keepalives, 0);
}

static void keepalive_received(void **state)
{
	static const uint8_t byte = 0xff;

	(void)state;
	hosts_start(&ike_config_default);
	ike_receive(world.hosts[1].ike, &world.hosts[1].model.path,
		    bytes_of(&byte, 1));
	assert_int_equal(ike_counters(world.hosts[1].ike)->keepalives, 1);
	assert_int_equal(ike_counters(world.hosts[1].ike)->malformed[WIRE_REASON_LENGTH],
			 0);
}

static void mapping_changes(void **state)
{
	struct packet stale;

	(void)state;
	world.hosts[0].model.liveness = 10;
	connect_behind_nat();
	/* a message that was sent and answered */
	hosts_wait(9);
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", "net"));
	stale = world.queue[0];
	hosts_run();
	assert_peer_port(PORT_ENCAPSULATED);

	/* played again from elsewhere it moves nobody */
	world.nat_ports[1] = 1111;
	hosts_deliver(&stale);
	assert_int_equal(world.hosts[1].moves, 0);
	world.count = 0;

	/* neither does one that isn't authentic */
	stale.data[23]++;
	stale.data[stale.length - 1] ^= 1;
	hosts_deliver(&stale);
	assert_int_equal(world.hosts[1].moves, 0);

	/* a sign of life does */
	world.nat_ports[1] = 55555;
	hosts_wait(11);
	assert_int_equal(world.hosts[1].moves, 1);
	assert_peer_port(55555);
	assert_told(1, "the peer has moved from 203.0.113.9:44500 to 203.0.113.9:55555");
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", "net"));
	hosts_run();
	assert_pairs(1);
	assert_peer_port(55555);
}

static void serial_of(const struct ike_child_info *info, void *context)
{
	uint64_t *serial = context;

	*serial = info->pair->serial;
}

/* The kernel has seen authentic ESP from elsewhere. */
static void kernel_notices(void **state)
{
	struct ike_endpoint elsewhere = { hosts_nat_address, 12345 };
	uint64_t serial = 0;

	(void)state;
	/* host 0 believes that the other one is behind a NAT as well */
	world.hosts[1].model.encapsulation = IKE_ENCAPSULATION_ALWAYS;
	connect_behind_nat();
	ike_each_child(world.hosts[1].ike, serial_of, &serial);
	ike_peer_moved(world.hosts[1].ike, serial + 1, &elsewhere);
	assert_int_equal(world.hosts[1].moves, 0);
	ike_peer_moved(world.hosts[1].ike, serial, &elsewhere);
	assert_int_equal(world.hosts[1].moves, 1);
	assert_peer_port(12345);
	/* who is behind the NAT itself doesn't follow */
	ike_each_child(world.hosts[0].ike, serial_of, &serial);
	ike_peer_moved(world.hosts[0].ike, serial, &elsewhere);
	assert_int_equal(world.hosts[0].moves, 0);
}

/* What has moved in the meantime has moved for the IKE SA that is being made, too. */
static void moves_during_rekey(void **state)
{
	struct ike_endpoint elsewhere = { hosts_nat_address, 55555 };
	uint64_t serial = 0;

	(void)state;
	connect_behind_nat();
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", NULL));
	world.nat_ports[1] = elsewhere.port;
	ike_each_child(world.hosts[1].ike, serial_of, &serial);
	ike_peer_moved(world.hosts[1].ike, serial, &elsewhere);
	hosts_wait(5);
	assert_told(1, "takes over from");
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", "net"));
	hosts_run();
	assert_told(1, "rekeyed Child SA");
	assert_pairs(1);
	assert_peer_port(elsewhere.port);
}

/* A response that met a mapping which is gone is sent to the new one. */
static void answered_elsewhere(void **state)
{
	(void)state;
	connect_behind_nat();
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", "net"));
	hosts_deliver(&world.queue[0]);
	assert_int_equal(world.count, 2);
	world.nat_ports[1] = 55555;
	world.count = 0;
	hosts_wait(2);
	assert_pairs(1);
	assert_told(0, "initiator rekeyed Child SA #2");
}

static void forced(void **state)
{
	(void)state;
	world.hosts[0].model.encapsulation = IKE_ENCAPSULATION_ALWAYS;
	hosts_connect();
	assert_pairs(1);
	assert_told(1, "NAT-Traversal: the peer is behind a NAT");
	assert_true(world.hosts[0].last.encapsulate);
	assert_true(world.hosts[1].last.encapsulate);
	assert_int_equal(world.hosts[1].last.path.remote.port, 4500);
	assert_int_equal(world.hosts[0].last.keepalive, 0);
}

static void forced_by_responder(void **state)
{
	(void)state;
	world.hosts[1].model.encapsulation = IKE_ENCAPSULATION_ALWAYS;
	hosts_connect();
	assert_pairs(1);
	assert_told(0, "NAT-Traversal: the peer is behind a NAT");
	assert_true(world.hosts[0].last.encapsulate);
	assert_true(world.hosts[1].last.encapsulate);
}

static void forbidden(void **state)
{
	(void)state;
	hosts_put_behind_nat(PORT_IKE, PORT_ENCAPSULATED);
	world.hosts[0].model.encapsulation = IKE_ENCAPSULATION_NEVER;
	world.hosts[1].model.encapsulation = IKE_ENCAPSULATION_NEVER;
	hosts_connect();
	assert_pairs(1);
	assert_false(world.hosts[0].last.encapsulate);
	assert_false(world.hosts[1].last.encapsulate);
	assert_peer_port(PORT_IKE);
	assert_not_told(1, "NAT-Traversal");
}

static void set_ends(unsigned int number, const char *local, const char *remote)
{
	struct ike_child_model *child = &world.hosts[number].model.children[0];

	child->transport = true;
	hosts_make_ts(&child->local, local, local);
	hosts_make_ts(&child->remote, remote, remote);
}

static void assert_ends(unsigned int number, const char *local,
			const char *remote)
{
	const struct ike_pair *pair = &world.hosts[number].last;
	struct wire_ts_list expected;

	assert_true(pair->transport && pair->encapsulate);
	hosts_make_ts(&expected, local, local);
	assert_true(ike_ts_equal(&pair->local, &expected));
	hosts_make_ts(&expected, remote, remote);
	assert_true(ike_ts_equal(&pair->remote, &expected));
}

/* Each end has the addresses that packets have where it is. */
static void transport(void **state)
{
	(void)state;
	set_ends(0, "192.0.2.1", "192.0.2.2");
	set_ends(1, "192.0.2.2", "203.0.113.9");
	connect_behind_nat();
	assert_ends(0, "192.0.2.1", "192.0.2.2");
	assert_ends(1, "192.0.2.2", "203.0.113.9");
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", "net"));
	hosts_run();
	assert_pairs(1);
	assert_ends(1, "192.0.2.2", "203.0.113.9");
}

#define NAT_TEST(function) \
	cmocka_unit_test_setup_teardown(function, hosts_set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		NAT_TEST(no_nat),
		NAT_TEST(behind_nat),
		NAT_TEST(keepalives),
		NAT_TEST(keepalive_received),
		NAT_TEST(mapping_changes),
		NAT_TEST(kernel_notices),
		NAT_TEST(moves_during_rekey),
		NAT_TEST(answered_elsewhere),
		NAT_TEST(forced),
		NAT_TEST(forced_by_responder),
		NAT_TEST(forbidden),
		NAT_TEST(transport),
	};

	return cmocka_run_group_tests_name("nat", tests, NULL, NULL);
}
