// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of connections with anybody: each peer gets an instance, whose other side
 * is the peer itself, and which goes with it.
 */
#include "daemon/engine/state.h"
#include "hosts.h"
#include "ike/info.h"
#include "ike/ts.h"
#include "lib/array.h"

#define PORT_IKE 40500
#define PORT_ENCAPSULATED 44500

static struct ike *server(void)
{
	return world.hosts[1].ike;
}

static void set_network(struct wire_ts_list *list, const char *first,
			const char *last)
{
	struct wire_ts_list one;

	hosts_make_ts(&one, first, last);
	list->items[list->count++] = one.items[0];
}

/* Host 1 takes anybody, and gives each its own address or one of a few. */
static void take_anybody(void)
{
	struct ike_model *model = &world.hosts[1].model;
	struct ike_child_model *child = &model->children[0];

	memset(&model->path.remote.address.bytes, 0,
	       sizeof(model->path.remote.address.bytes));
	model->remote_id.type = 0;
	child->remote_is_peer = true;
	hosts_make_ts(&child->remote, "0.0.0.0", "255.255.255.255");
	set_network(&model->inner.allowed, "10.0.0.0", "10.255.255.255");
	set_network(&model->inner.excluded, "10.9.0.0", "10.9.255.255");
	model->inner.behind_nat = true;
}

/* Host 0 has another identity, address, and address that it offers. */
static void become(char id, const char *address, const char *offers)
{
	struct ike_model *model = &world.hosts[0].model;

	model->local_id.data[0] = (uint8_t)id;
	assert_success(address_parse(address, &model->path.local.address));
	hosts_make_ts(&model->children[0].local, offers, offers);
}

/* The one before is silent from now on, and doesn't say that it is new. */
static void come_as(char id, const char *address, const char *offers)
{
	hosts_stop(0);
	world.hosts[0].pairs = 0;
	world.now += 1000;
	become(id, address, offers);
	hosts_start_one(0, &ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
}

static void count_instance(const struct ike_child_info *info, void *context)
{
	uint64_t *instances = context;

	assert_string_equal(info->pair->connection, "tunnel");
	*instances = *instances * 10 + info->pair->instance;
}

/* The instances of the server's child SAs, as digits */
static uint64_t instances(void)
{
	uint64_t digits = 0;

	ike_each_child(server(), count_instance, &digits);
	return digits;
}

static void assert_remote(const char *address)
{
	struct wire_ts_list expected;

	hosts_make_ts(&expected, address, address);
	assert_true(ike_ts_equal(&world.hosts[1].last.remote, &expected));
}

static void connect_as(char id, const char *address, const char *offers)
{
	take_anybody();
	become(id, address, offers);
	hosts_connect();
}

/* Its side is its own address, and nothing else. */
static void has_its_address(void **state)
{
	const struct ike_model *model;

	(void)state;
	connect_as('a', "192.0.2.1", "192.0.2.1");
	assert_pairs(1);
	assert_remote("192.0.2.1");
	assert_told(1, "INSTANCE");
	model = ike_find_model(server(), "tunnel", 1);
	assert_non_null(model);
	assert_int_equal(model->remote_id.data[0], 'a');
	assert_memory_equal(&model->path.remote.address,
			    &world.hosts[0].model.path.local.address,
			    sizeof(model->path.remote.address));
	assert_null(ike_find_model(server(), "tunnel", 2));
	assert_true(ike_find_model(server(), "tunnel", 0) != model);
	assert_refused(ike_up(server(), "funnel", NULL), "no connection");
}

/* Not more than that, and not another one. */
static void has_no_other(void **state)
{
	(void)state;
	connect_as('a', "192.0.2.1", "10.1.0.7");
	assert_pairs(0);
	assert_told(1, "TS_UNACCEPTABLE: the peer offers 10.1.0.7-10.1.0.7");
	assert_told(0, "CHILD_FAILED");
	world.hosts[0].told[0] = '\0';
	hosts_stop(0);
	hosts_make_ts(&world.hosts[0].model.children[0].local, "0.0.0.0",
		      "255.255.255.255");
	hosts_start_one(0, &ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_remote("192.0.2.1");
}

/* Each peer has its own, and the last SA of it takes it along. */
static void are_several(void **state)
{
	(void)state;
	connect_as('a', "192.0.2.1", "192.0.2.1");
	come_as('b', "192.0.2.3", "192.0.2.3");
	assert_int_equal(instances(), 12);
	assert_int_equal(world.hosts[1].pairs, 2);
	/* keys are replaced for one as for the other */
	assert_refused(ike_rekey(server(), "tunnel", "net2"), "no child");
	assert_success(ike_down(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_told(1, "INSTANCE_ENDED");
	assert_int_equal(instances(), 1);
	assert_null(ike_find_model(server(), "tunnel", 2));
	assert_non_null(ike_find_model(server(), "tunnel", 1));
	assert_success(ike_down(server(), "tunnel", NULL));
	hosts_wait(60);
	assert_int_equal(world.hosts[1].pairs, 0);
	assert_null(ike_find_model(server(), "tunnel", 1));
}

/* Who comes again is the same as before. */
static void comes_again(void **state)
{
	(void)state;
	connect_as('a', "192.0.2.1", "192.0.2.1");
	come_as('a', "192.0.2.1", "192.0.2.1");
	assert_int_equal(instances(), 1);
	/* from elsewhere it is new, and what was before is gone */
	come_as('a', "192.0.2.3", "192.0.2.3");
	assert_int_equal(instances(), 2);
	assert_null(ike_find_model(server(), "tunnel", 1));
}

static void is_rekeyed(void **state)
{
	(void)state;
	connect_as('a', "192.0.2.1", "192.0.2.1");
	assert_success(ike_rekey(server(), "tunnel", "net"));
	hosts_run();
	assert_success(ike_rekey(server(), "tunnel", NULL));
	hosts_run();
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", "net"));
	hosts_run();
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(1);
	assert_int_equal(instances(), 1);
	assert_remote("192.0.2.1");
	hosts_wait(60);
	assert_int_equal(instances(), 1);
}

/* What one peer has, another one doesn't get. */
static void is_taken(void **state)
{
	(void)state;
	take_anybody();
	world.hosts[1].model.inner.behind_nat = false;
	become('a', "192.0.2.1", "10.1.0.7");
	hosts_connect();
	assert_remote("10.1.0.7");
	come_as('b', "192.0.2.3", "10.1.0.7");
	assert_told(1, "TS_UNACCEPTABLE: #2 of another peer, \"tunnel\"[1], has 10.1.0.7-10.1.0.7 already");
	assert_int_equal(instances(), 1);
	come_as('b', "192.0.2.3", "10.1.0.8");
	assert_int_equal(instances(), 12);
}

static void prove_nothing(unsigned int number)
{
	struct ike_model *model = &world.hosts[number].model;

	model->local_auth.methods = (struct ike_methods){ .null = true };
	model->remote_auth.methods = (struct ike_methods){ .null = true };
}

/* Nor by the name of the one that has it, if it need not prove that. */
static void is_taken_in_its_name(void **state)
{
	(void)state;
	prove_nothing(0);
	prove_nothing(1);
	take_anybody();
	world.hosts[1].model.inner.behind_nat = false;
	become('a', "192.0.2.1", "10.1.0.7");
	hosts_connect();
	assert_remote("10.1.0.7");
	come_as('a', "192.0.2.3", "10.1.0.7");
	assert_told(1, "TS_UNACCEPTABLE: #2 of another peer, \"tunnel\"[1], has 10.1.0.7-10.1.0.7 already");
	assert_int_equal(instances(), 1);
}

/* Who has started again, and cannot show that, waits until what it had is gone. */
static void is_taken_by_a_ghost(void **state)
{
	(void)state;
	prove_nothing(0);
	prove_nothing(1);
	connect_as('a', "192.0.2.1", "192.0.2.1");
	come_as('a', "192.0.2.1", "192.0.2.1");
	assert_told(1, "TS_UNACCEPTABLE: #2 of another peer");
	assert_int_equal(instances(), 1);
	hosts_wait(30);
	assert_told(1, "PEER_DEAD no answer to INFORMATIONAL");
	assert_int_equal(instances(), 0);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_int_equal(instances(), 2);
	assert_pairs(1);
}

/* Behind a NAT it has the address that it says, if it is one of those allowed. */
static void behind_nat(void **state)
{
	static const struct {
		const char *offers;
		bool only;
		const char *gets;
	} cases[] = {
		{ "10.1.0.7", false, "10.1.0.7" },
		{ "10.1.0.7", true, "10.1.0.7" },
		{ "203.0.113.9", false, "203.0.113.9" },
		{ "203.0.113.9", true, NULL },
		{ "10.9.0.7", false, NULL },
		{ "10.2.0.7", false, NULL }, /* our own network */
		{ "192.0.2.77", false, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hosts_set_up(state);
		hosts_put_behind_nat(PORT_IKE, PORT_ENCAPSULATED);
		take_anybody();
		world.hosts[1].model.inner.only = cases[i].only;
		become('a', "192.0.2.1", cases[i].offers);
		hosts_connect();
		assert_pairs(cases[i].gets ? 1 : 0);
		if (cases[i].gets)
			assert_remote(cases[i].gets);
		else
			assert_told(1, "one address of the networks of virtual-private=");
		assert_int_equal(hosts_tear_down(state), 0);
		world.hosts[0].ike = NULL;
		world.hosts[1].ike = NULL;
	}
}

/* vnet: whole networks */
static void has_a_network(void **state)
{
	struct wire_ts_list expected;

	(void)state;
	take_anybody();
	world.hosts[1].model.inner.behind_nat = false;
	world.hosts[1].model.inner.networks = true;
	/* host 0 has 10.1.0.0/24 */
	hosts_connect();
	hosts_make_ts(&expected, "10.1.0.0", "10.1.0.255");
	assert_true(ike_ts_equal(&world.hosts[1].last.remote, &expected));
}

/* They go with the connection that they come from. */
static void go_with_it(void **state)
{
	(void)state;
	connect_as('a', "192.0.2.1", "192.0.2.1");
	come_as('b', "192.0.2.3", "192.0.2.3");
	assert_success(ike_remove(server(), "tunnel"));
	assert_told(1, "INSTANCE_ENDED");
	assert_int_equal(world.hosts[1].pairs, 0);
	assert_null(ike_find_model(server(), "tunnel", 1));
	hosts_run();
}

/* A connection with the peer itself is better than one with anybody. */
static void are_the_last_resort(void **state)
{
	struct ike_model known = world.hosts[1].model;

	(void)state;
	take_anybody();
	strcpy(world.hosts[1].model.name, "anybody");
	hosts_start(&ike_config_default);
	assert_success(ike_add(server(), &known));
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(1);
	assert_not_told(1, "INSTANCE");
	assert_int_equal(world.hosts[1].last.instance, 0);
}

/* ----- in the daemon ------------------------------------------------------- */

static struct daemon daemon_of_east;

static void count_info(const struct daemon_connection_info *info, void *context)
{
	unsigned int *counts = context;

	assert_string_equal(info->config->name, "tunnel");
	counts[info->instance]++;
	if (info->instance)
		assert_int_equal(info->children_up, 1);
	assert_ptr_equal(info->model, ike_find_model(server(), "tunnel",
						     info->instance));
}

static void assert_instances(unsigned int first, unsigned int second)
{
	unsigned int counts[3] = { 0 };

	daemon_for_each_connection(&daemon_of_east, count_info, counts);
	assert_int_equal(counts[0], 1);
	assert_int_equal(counts[1], first);
	assert_int_equal(counts[2], second);
}

static void tell_daemon(enum ike_event event, uint64_t instance)
{
	const struct ike_subject about = {
		.connection = "tunnel", .instance = instance, .serial = 1,
		.child = event == IKE_EVENT_CHILD_UP ||
			 event == IKE_EVENT_CHILD_DOWN ? "net" : NULL,
		.path = &world.hosts[1].last.path,
	};

	connection_tell(&daemon_of_east, event, &about, NULL);
}

static struct connection *make_connection(void)
{
	static const char text[] = "conn tunnel\n\tleft=192.0.2.2\n"
		"\tright=%any\n\tleftupdown=%disabled\n";
	const struct daemon_source source = {
		.text = text, .length = sizeof(text) - 1,
	};
	struct connection *connection;
	struct origin *origin;

	daemon_of_east = (struct daemon){ .ike = server() };
	list_init(&daemon_of_east.connections);
	list_init(&daemon_of_east.interfaces);
	table_init(&daemon_of_east.by_name);
	assert_success(origin_load(&source, &origin));
	connection = connection_create(&daemon_of_east, origin,
				       origin->cfg->connections);
	origin_put(origin);
	connection->state = DAEMON_LOADED;
	connection->model = ike_find_model(server(), "tunnel", 0);
	return connection;
}

static void end(void *context, int status)
{
	*(int *)context = status;
}

/* The daemon has a connection for each, and its down is over when all are down. */
static void are_connections(void **state)
{
	struct daemon_watcher watcher = { .end = end };
	struct connection *connection;
	int status = -1;

	(void)state;
	connect_as('a', "192.0.2.1", "192.0.2.1");
	come_as('b', "192.0.2.3", "192.0.2.3");
	connection = make_connection();
	assert_instances(0, 0);
	assert_true(connection_is_down(connection));
	tell_daemon(IKE_EVENT_INSTANCE, 1);
	tell_daemon(IKE_EVENT_INSTANCE, 2);
	tell_daemon(IKE_EVENT_ESTABLISHED, 1);
	tell_daemon(IKE_EVENT_CHILD_UP, 1);
	tell_daemon(IKE_EVENT_CHILD_UP, 2);
	assert_instances(1, 1);
	assert_false(connection_is_down(connection));
	assert_false(connection->established);
	assert_ptr_equal(instance_find(&daemon_of_east, "tunnel", 0),
			 connection);
	assert_true(instance_find(&daemon_of_east, "tunnel", 1)->established);
	assert_null(instance_find(&daemon_of_east, "tunnel", 3));
	list_init(&watcher.link);
	watcher.context = &status;
	watchers_add(&connection->watchers, &watcher, DAEMON_GOAL_DOWN,
		     DAEMON_ALL_CHILDREN);
	tell_daemon(IKE_EVENT_CHILD_DOWN, 2);
	tell_daemon(IKE_EVENT_DOWN, 2);
	tell_daemon(IKE_EVENT_INSTANCE_ENDED, 2);
	assert_instances(1, 0);
	assert_int_equal(status, -1);
	tell_daemon(IKE_EVENT_CHILD_DOWN, 1);
	tell_daemon(IKE_EVENT_INSTANCE_ENDED, 1);
	assert_instances(0, 0);
	assert_int_equal(status, 0);
	connection->model = NULL;
	connection_destroy(connection, "the test is over");
	table_uninit(&daemon_of_east.by_name);
}

#define INSTANCE_TEST(function) \
	cmocka_unit_test_setup_teardown(function, hosts_set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		INSTANCE_TEST(has_its_address),
		INSTANCE_TEST(has_no_other),
		INSTANCE_TEST(are_several),
		INSTANCE_TEST(comes_again),
		INSTANCE_TEST(is_rekeyed),
		INSTANCE_TEST(is_taken),
		INSTANCE_TEST(is_taken_in_its_name),
		INSTANCE_TEST(is_taken_by_a_ghost),
		INSTANCE_TEST(behind_nat),
		INSTANCE_TEST(has_a_network),
		INSTANCE_TEST(go_with_it),
		INSTANCE_TEST(are_the_last_resort),
		INSTANCE_TEST(are_connections),
	};

	return cmocka_run_group_tests_name("instances", tests, NULL, NULL);
}
