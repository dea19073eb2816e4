// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of connections between the same two hosts: they share an IKE SA, and
 * none suffers from what becomes of another.
 */
#include "daemon/control/sa_json.h"
#include "hosts.h"
#include "lib/iana.h"

static struct ike_model others[2];

static struct ike *engine_of(unsigned int number)
{
	return world.hosts[number].ike;
}

/* Each host has another connection with the other one, to other networks. */
static int set_up(void **state)
{
	unsigned int i;

	hosts_set_up(state);
	for (i = 0; i < 2; i++) {
		struct ike_child_model *child = &others[i].children[0];

		others[i] = world.hosts[i].model;
		strcpy(others[i].name, "other");
		strcpy(child->name, "other");
		hosts_make_ts(&child->local, i ? "10.4.0.0" : "10.3.0.0",
			      i ? "10.4.0.255" : "10.3.0.255");
		hosts_make_ts(&child->remote, i ? "10.3.0.0" : "10.4.0.0",
			      i ? "10.3.0.255" : "10.4.0.255");
	}
	return 0;
}

static void start(void)
{
	unsigned int i;

	hosts_start(&ike_config_default);
	for (i = 0; i < 2; i++)
		assert_success(ike_add(engine_of(i), &others[i]));
}

static void up(unsigned int number, const char *name)
{
	assert_success(ike_up(engine_of(number), name, NULL));
	hosts_run();
}

static void start_and_bring_up(void)
{
	start();
	up(0, "tunnel");
	up(0, "other");
}

static void forget_told(void)
{
	world.hosts[0].told[0] = '\0';
	world.hosts[1].told[0] = '\0';
}

static void assert_sas(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		assert_int_equal(ike_status(engine_of(i)).established, count);
}

static void one_after_the_other(void **state)
{
	(void)state;
	start();
	up(0, "tunnel");
	assert_not_told(1, "other ");
	up(0, "other");
	assert_told(0, "other ESTABLISHED");
	assert_told(0, "other CHILD_UP");
	assert_told(1, "other ESTABLISHED");
	assert_told(1, "other CHILD_UP");
	assert_sas(1);
	assert_pairs(2);
	assert_string_equal(world.hosts[1].last.connection, "other");
}

/* What tells a connection's SAs names the IKE SA that it shares. */
static void shared_one_is_named(void **state)
{
	const struct sa_newest *own, *shared;
	struct sa_index index;
	unsigned int i;

	(void)state;
	start_and_bring_up();
	for (i = 0; i < 2; i++) {
		sa_index_make(&index, engine_of(i));
		own = sa_index_find(&index, "tunnel", 0, NULL);
		shared = sa_index_find(&index, "other", 0, NULL);
		assert_true(own && shared && own->serial == shared->serial);
		assert_int_equal(shared->suite.ke, IANA_KE_CURVE25519);
		sa_index_free(&index);
	}
}

/* Who is asked later brings it up in the IKE SA of the other one as well. */
static void from_the_other_side(void **state)
{
	(void)state;
	start();
	up(0, "tunnel");
	up(1, "other");
	assert_told(0, "other CHILD_UP");
	assert_told(1, "other CHILD_UP");
	assert_sas(1);
	assert_pairs(2);
}

/* Identities say nothing: the selectors tell which one the peer means. */
static void meant_by_selectors(void **state)
{
	(void)state;
	start();
	up(0, "other");
	assert_told(1, "other ESTABLISHED");
	assert_not_told(1, "\nESTABLISHED");
	assert_pairs(1);
}

static void same_before_part(void **state)
{
	struct ike_model *broad = &world.hosts[1].model;

	(void)state;
	broad->narrowing = true;
	hosts_make_ts(&broad->children[0].local, "10.0.0.0", "10.255.255.255");
	hosts_make_ts(&broad->children[0].remote, "10.0.0.0", "10.255.255.255");
	start_and_bring_up();
	assert_told(1, "other CHILD_UP");
	assert_string_equal(world.hosts[1].last.connection, "other");
	assert_sas(1);
	assert_pairs(2);
}

/* Both want one that neither has: one begins, and the other waits for that. */
static void both_at_once(void **state)
{
	(void)state;
	start();
	assert_success(ike_up(engine_of(0), "tunnel", NULL));
	up(0, "other");
	assert_told(0, "\nCHILD_UP");
	assert_told(0, "other CHILD_UP");
	assert_int_equal(ike_status(engine_of(0)).sas, 1);
	assert_sas(1);
	assert_pairs(2);
}

/*
 * Both begin, and the IKE SA is that of the peer, who most likely asks for all that is
 * wanted: it is asked for the rest only if it doesn't.
 */
static void left_to_who_began(void **state)
{
	(void)state;
	start();
	world.deaf = true;
	assert_success(ike_up(engine_of(1), "other", NULL));
	world.count = 0;
	world.deaf = false;
	up(0, "tunnel");
	assert_told(1, "\nCHILD_UP");
	hosts_wait(9);
	assert_not_told(1, "other CHILD_UP");
	hosts_wait(6);
	assert_told(1, "other CHILD_UP");
	assert_sas(1);
	assert_pairs(2);
}

/* Whoever it was begun for goes, and who has waited begins anew. */
static void not_wanted_any_more(void **state)
{
	(void)state;
	start();
	assert_success(ike_up(engine_of(0), "tunnel", NULL));
	assert_success(ike_up(engine_of(0), "other", NULL));
	assert_success(ike_down(engine_of(0), "tunnel", NULL));
	hosts_run();
	assert_told(0, "other CHILD_UP");
	assert_not_told(0, "\nCHILD_UP");
	assert_pairs(1);
	assert_int_equal(ike_status(engine_of(0)).sas, 1);
}

static void down_leaves_the_other(void **state)
{
	unsigned int i, k;

	for (i = 0; i < 4; i++) {
		start_and_bring_up();
		forget_told();
		/* whoever it is of, and whoever asks */
		k = i & 1;
		assert_success(ike_down(engine_of(i >> 1),
					k ? "other" : "tunnel", NULL));
		hosts_run();
		hosts_wait(10);
		assert_told(0, k ? "other DOWN" : "DOWN");
		assert_told(1, k ? "other DOWN" : "DOWN");
		assert_not_told(0, k ? "\nCHILD_DOWN" : "other CHILD_DOWN");
		assert_not_told(1, k ? "\nCHILD_DOWN" : "other CHILD_DOWN");
		assert_sas(1);
		assert_pairs(1);
		assert_success(ike_rekey(engine_of(i >> 1),
					 k ? "tunnel" : "other", NULL));
		hosts_run();
		assert_sas(1);
		assert_success(ike_down(engine_of(i >> 1),
					k ? "tunnel" : "other", NULL));
		hosts_run();
		assert_sas(0);
		assert_pairs(0);
		assert_int_equal(hosts_tear_down(state), 0);
		set_up(state);
	}
}

/* That the peer ends what it has just made is heard before that it has made it. */
static void ended_early(void **state)
{
	struct packet made;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		others[0].stay = i;
		start();
		up(0, "tunnel");
		assert_success(ike_up(engine_of(0), "other", NULL));
		hosts_deliver(&world.queue[0]);
		made = world.queue[1];
		world.count = 0;
		assert_success(ike_down(engine_of(1), "other", NULL));
		hosts_deliver(&world.queue[0]);
		world.count = 0;
		hosts_deliver(&made);
		assert_told(0, "other CHILD_FAILED the peer has ended it");
		hosts_wait(60);
		assert_pairs(i ? 2 : 1);
		assert_int_equal(hosts_tear_down(state), 0);
		set_up(state);
	}
}

/* Both sides replace the IKE SA when one of two goes. */
static void down_amid_rekeying(void **state)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		start_and_bring_up();
		assert_success(ike_rekey(engine_of(0), "tunnel", NULL));
		assert_success(ike_rekey(engine_of(1), "tunnel", NULL));
		hosts_deliver(&world.queue[0]);
		assert_success(ike_down(engine_of(1), i ? "tunnel" : "other",
					NULL));
		forget_told();
		hosts_run();
		assert_not_told(0, i ? "other DOWN" : "\nDOWN");
		assert_sas(1);
		assert_pairs(1);
		assert_int_equal(hosts_tear_down(state), 0);
		set_up(state);
	}
}

static void removed(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		start_and_bring_up();
		forget_told();
		assert_success(ike_remove(engine_of(0), i ? "other" : "tunnel"));
		hosts_run();
		assert_told(0, i ? "other DOWN the connection was removed" :
				   "DOWN the connection was removed");
		assert_told(1, i ? "other CHILD_DOWN the peer has ended it" :
				   "CHILD_DOWN the peer has ended it");
		assert_sas(1);
		assert_pairs(1);
		assert_int_equal(hosts_tear_down(state), 0);
		set_up(state);
	}
}

/* A child SA of it is under way: the peer is told not to keep it. */
static void removed_amid_exchange(void **state)
{
	(void)state;
	start();
	up(0, "tunnel");
	assert_success(ike_up(engine_of(0), "other", NULL));
	assert_success(ike_remove(engine_of(0), "other"));
	hosts_run();
	assert_told(1, "other CHILD_UP");
	assert_told(1, "other CHILD_DOWN the peer has ended it");
	assert_sas(1);
	assert_pairs(1);
}

static void nobody_answers(void **state)
{
	(void)state;
	world.deaf = true;
	start();
	assert_success(ike_up(engine_of(0), "tunnel", NULL));
	assert_success(ike_up(engine_of(0), "other", NULL));
	hosts_wait(30);
	assert_told(0, "\nFAILED no answer");
	assert_told(0, "other FAILED no answer");
	assert_int_equal(ike_status(engine_of(0)).sas, 0);
}

/* Nobody answers to what it wants, in the IKE SA of the other one. */
static void dies_before_joining(void **state)
{
	(void)state;
	start();
	up(0, "tunnel");
	world.deaf = true;
	assert_success(ike_up(engine_of(0), "other", NULL));
	world.count = 0;
	hosts_wait(70);
	assert_told(0, "other PEER_DEAD");
	assert_told(0, "other DOWN no answer to CREATE_CHILD_SA");
}

/* What is to stay up comes up again, in one IKE SA. */
static void dead_peer(void **state)
{
	(void)state;
	world.hosts[0].model.liveness = 5;
	world.hosts[0].model.stay = true;
	others[0].stay = true;
	start_and_bring_up();
	forget_told();
	hosts_stop(1);
	world.deaf = true;
	hosts_start_one(1, &ike_config_default);
	assert_success(ike_add(engine_of(1), &others[1]));
	while (ike_status(engine_of(0)).established)
		hosts_wait(1);
	assert_told(0, "PEER_DEAD");
	assert_told(0, "other PEER_DEAD");
	assert_told(0, "other DOWN");
	world.deaf = false;
	hosts_wait(60);
	assert_sas(1);
	assert_pairs(2);
}

/* All that is in it comes along, whoever it is of. */
static void reauthenticated(void **state)
{
	unsigned int i;

	world.hosts[0].model.reauth = true;
	world.hosts[0].model.lifetime = 100;
	world.hosts[0].model.margin = 20;
	others[0].reauth = true;
	others[0].lifetime = 100;
	others[0].margin = 20;
	(void)state;
	start_and_bring_up();
	assert_success(ike_rekey(engine_of(1), "other", NULL));
	hosts_run();
	forget_told();
	hosts_wait(98);
	for (i = 0; i < 2; i++) {
		assert_not_told(i, "DOWN");
		assert_told(i, "established IKE SA; authenticated peer");
	}
	hosts_wait(5);
	assert_sas(1);
	assert_pairs(2);
}

/* A peer that has started again has nothing of either. */
static void first_contact(void **state)
{
	(void)state;
	start_and_bring_up();
	hosts_stop(0);
	world.now += 1000;
	hosts_start_one(0, &ike_config_default);
	assert_success(ike_add(engine_of(0), &others[0]));
	forget_told();
	up(0, "other");
	assert_told(1, "DOWN the peer has started again");
	assert_told(1, "other DOWN the peer has started again");
	up(0, "tunnel");
	assert_sas(1);
	assert_pairs(2);
}

/* A peer that lets each have an IKE SA of its own gets two, and both stay. */
static void peer_doesnt_share(void **state)
{
	(void)state;
	others[1].encapsulation = IKE_ENCAPSULATION_NEVER;
	start_and_bring_up();
	assert_told(0, "the peer has no place for it in #1, which is of \"tunnel\"");
	assert_told(0, "other CHILD_UP");
	assert_told(1, "other CHILD_UP");
	assert_not_told(0, "CHILD_FAILED");
	assert_not_told(1, "started again");
	assert_sas(2);
	assert_pairs(2);
	assert_success(ike_down(engine_of(0), "tunnel", NULL));
	hosts_run();
	assert_sas(1);
	assert_pairs(1);
}

/*
 * A host that has lost one IKE SA, and has another one between the same identities, begins
 * anew without a word of it. It is asked for the lost one, and doesn't answer.
 */
static void lost_one_of_two(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++)
		others[i].encapsulation = IKE_ENCAPSULATION_NEVER;
	start_and_bring_up();
	assert_sas(2);
	hosts_wait(1);
	world.deaf = true;
	assert_success(ike_remove(engine_of(0), "tunnel"));
	world.deaf = false;
	assert_success(ike_add(engine_of(0), &world.hosts[0].model));
	up(0, "tunnel");
	assert_int_equal(ike_status(engine_of(1)).established, 3);
	hosts_wait(300);
	assert_not_told(1, "started again");
	assert_sas(2);
	assert_pairs(2);
}

/* A peer that wants another group for it hasn't refused to share. */
static void another_group(void **state)
{
	unsigned int i;

	(void)state;
	wire_sa_add_transform(&others[0].children[0].proposals,
			      IANA_TRANSFORM_KE, IANA_KE_CURVE25519, 0);
	for (i = 0; i < 2; i++)
		wire_sa_add_transform(&others[i].children[0].proposals,
				      IANA_TRANSFORM_KE, IANA_KE_ECP_256, 0);
	start_and_bring_up();
	assert_told(0, "other CHILD_UP");
	assert_sas(1);
	assert_pairs(2);
}

/* Of several groups that of the IKE SA is tried first, at which nobody takes offence. */
static void group_of_the_ike_sa(void **state)
{
	uint64_t before;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		/* neither side takes the one that the other names first */
		wire_sa_add_transform(&others[i].children[0].proposals,
				      IANA_TRANSFORM_KE,
				      i ? IANA_KE_ECP_384 : IANA_KE_ECP_256, 0);
		wire_sa_add_transform(&others[i].children[0].proposals,
				      IANA_TRANSFORM_KE, IANA_KE_CURVE25519, 0);
	}
	start();
	up(0, "tunnel");
	before = ike_counters(engine_of(1))->received;
	up(0, "other");
	assert_told(1, "other CHILD_UP");
	assert_int_equal(ike_counters(engine_of(1))->received, before + 1);
}

/* Whatever differs is a reason to have one of its own. */
static void unlike(void **state)
{
	unsigned int i, k;

	for (i = 0; i < 3; i++) {
		for (k = 0; k < 2; k++) {
			if (i == 0)
				others[k].encapsulation =
					IKE_ENCAPSULATION_NEVER;
			else if (i == 1)
				(k ? &others[k].local_id :
				     &others[k].remote_id)->data[0] = 'x';
			else
				wire_sa_add_transform(&others[k].proposals,
						      IANA_TRANSFORM_KE,
						      IANA_KE_ECP_256, 0);
		}
		start_and_bring_up();
		assert_told(0, "other CHILD_UP");
		assert_sas(2);
		assert_pairs(2);
		assert_int_equal(hosts_tear_down(state), 0);
		set_up(state);
	}
}

#define SHARE_TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SHARE_TEST(one_after_the_other),
		SHARE_TEST(shared_one_is_named),
		SHARE_TEST(from_the_other_side),
		SHARE_TEST(meant_by_selectors),
		SHARE_TEST(same_before_part),
		SHARE_TEST(both_at_once),
		SHARE_TEST(left_to_who_began),
		SHARE_TEST(not_wanted_any_more),
		SHARE_TEST(down_leaves_the_other),
		SHARE_TEST(ended_early),
		SHARE_TEST(down_amid_rekeying),
		SHARE_TEST(removed),
		SHARE_TEST(removed_amid_exchange),
		SHARE_TEST(nobody_answers),
		SHARE_TEST(dies_before_joining),
		SHARE_TEST(dead_peer),
		SHARE_TEST(reauthenticated),
		SHARE_TEST(first_contact),
		SHARE_TEST(lost_one_of_two),
		SHARE_TEST(peer_doesnt_share),
		SHARE_TEST(another_group),
		SHARE_TEST(group_of_the_ike_sa),
		SHARE_TEST(unlike),
	};

	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
