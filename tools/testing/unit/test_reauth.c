// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of IKE SAs that take the place of others without being made by them:
 * reauthentication, and both sides beginning at once.
 */
#include "hosts.h"
#include "ike/info.h"
#include "lib/iana.h"

static struct ike *engine_of(unsigned int number)
{
	return world.hosts[number].ike;
}

static void add_child(unsigned int number)
{
	struct ike_model *model = &world.hosts[number].model;

	model->children[1] = model->children[0];
	strcpy(model->children[1].name, "second");
	hosts_make_ts(&model->children[1].local,
		      number ? "10.4.0.0" : "10.3.0.0",
		      number ? "10.4.0.255" : "10.3.0.255");
	hosts_make_ts(&model->children[1].remote,
		      number ? "10.3.0.0" : "10.4.0.0",
		      number ? "10.3.0.255" : "10.4.0.255");
	model->child_count = 2;
}

static void show_sa(const struct ike_sa_info *info, void *context)
{
	struct ike_sa_info *copy = context;

	if (info->established)
		*copy = *info;
}

static void assert_one_sa(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(ike_status(engine_of(i)).established, 1);
		assert_int_equal(ike_status(engine_of(i)).busy, 0);
	}
}

static void reauthenticates(unsigned int number)
{
	struct ike_model *model = &world.hosts[number].model;
	struct ike_sa_info before = {}, after = {};

	add_child(0);
	add_child(1);
	model->reauth = true;
	model->lifetime = 100;
	model->margin = 20;
	hosts_connect();
	assert_pairs(2);
	ike_each_sa(engine_of(number), show_sa, &before);
	hosts_wait(95);
	ike_each_sa(engine_of(number), show_sa, &after);
	assert_true(after.serial > before.serial);
	assert_true(after.initiator);
	assert_told(number, "reauthenticates #1");
	assert_told(number, "takes the place of #1");
	/* first the new ones, then the old ones went */
	assert_not_told(0, "CHILD_DOWN");
	assert_not_told(1, "CHILD_DOWN");
	assert_not_told(0, "DOWN");
	hosts_wait(4);
	assert_pairs(2);
	assert_one_sa();
}

static void by_initiator(void **state)
{
	(void)state;
	reauthenticates(0);
}

static void by_responder(void **state)
{
	(void)state;
	reauthenticates(1);
}

/* If that fails, what is there stays until its time is over. */
static void refused(void **state)
{
	(void)state;
	world.hosts[0].model.reauth = true;
	world.hosts[0].model.lifetime = 100;
	world.hosts[0].model.margin = 20;
	hosts_connect();
	world.hosts[1].secret = "another secret";
	hosts_wait(95);
	assert_told(0, "the peer refused IKE_AUTH: AUTHENTICATION_FAILED");
	assert_not_told(0, "FAILED the peer");
	assert_pairs(1);
	hosts_wait(10);
	assert_told(0, "reached its lifetime");
	assert_pairs(0);
}

/* Both have begun before either heard of it. */
static void both_begin(void **state)
{
	(void)state;
	add_child(0);
	add_child(1);
	world.hosts[0].model.stay = true;
	world.hosts[1].model.stay = true;
	hosts_start(&ike_config_default);
	assert_success(ike_up(engine_of(0), "tunnel", NULL));
	assert_success(ike_up(engine_of(1), "tunnel", NULL));
	hosts_run();
	hosts_wait(80);
	assert_one_sa();
	assert_pairs(2);
	assert_not_told(0, "DOWN");
	assert_not_told(1, "DOWN");
}

/* Lets all arrive but what host 0 is to hear of IKE_AUTH: a request, a response. */
static void hold_auth(struct packet held[2])
{
	struct packet packet;

	while (world.count) {
		packet = world.queue[0];
		memmove(&world.queue[0], &world.queue[1],
			--world.count * sizeof(packet));
		if (packet.data[18] == IANA_EXCHANGE_IKE_AUTH &&
		    packet.path.remote.address.bytes[3] == 1)
			held[packet.data[19] >> 5 & 1] = packet;
		else
			hosts_deliver(&packet);
	}
	assert_true(held[0].length && held[1].length);
}

/*
 * Both begin. A child that is taken down on one side before the peer brings it up stays,
 * though the IKE SA that it was wanted for comes last.
 */
static void brought_up_meanwhile(void **state)
{
	static struct packet held[2];

	(void)state;
	hosts_start(&ike_config_default);
	/* the random numbers of the test make its SPI the higher one */
	assert_success(ike_up(engine_of(0), "tunnel", NULL));
	assert_success(ike_up(engine_of(1), "tunnel", NULL));
	hold_auth(held);
	assert_success(ike_down(engine_of(0), "tunnel", "net"));
	hosts_deliver(&held[0]);
	hosts_run();
	assert_told(0, "CHILD_UP");
	hosts_deliver(&held[1]);
	hosts_run();
	/* each IKE SA has one, until the one that is too many goes */
	assert_pairs(2);
	hosts_wait(80);
	assert_one_sa();
	assert_pairs(1);
	assert_not_told(0, "DOWN");
	assert_not_told(1, "DOWN");
}

/* A peer that has started again says so: what was before is ended at once. */
static void initial_contact(void **state)
{
	(void)state;
	hosts_connect();
	assert_pairs(1);
	world.now += 1000;
	hosts_stop(0);
	world.hosts[0].pairs = 0;
	hosts_start_one(0, &ike_config_default);
	assert_success(ike_up(engine_of(0), "tunnel", NULL));
	hosts_run();
	assert_told(1, "CHILD_DOWN the peer has started again");
	assert_pairs(1);
	assert_one_sa();
}

#define REAUTH_TEST(function) \
	cmocka_unit_test_setup_teardown(function, hosts_set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		REAUTH_TEST(by_initiator),
		REAUTH_TEST(by_responder),
		REAUTH_TEST(refused),
		REAUTH_TEST(both_begin),
		REAUTH_TEST(brought_up_meanwhile),
		REAUTH_TEST(initial_contact),
	};

	return cmocka_run_group_tests_name("reauth", tests, NULL, NULL);
}
