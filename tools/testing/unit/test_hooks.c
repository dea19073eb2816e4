// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of when updown commands are run: those who share a way to the peer's side
 * don't take it from each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/connections/hooks.h"
#include "daemon/engine/state.h"
#include "ike/info.h"
#include "unit.h"

static struct daemon daemon_of_test;
static char ran[4096];

/* ----- what stands in for the rest of the daemon ------------------------- */

void processes_run(struct processes *processes, const struct updown *updown)
{
	static const char *const verbs[] = {
		[UPDOWN_PREPARE] = "prepare", [UPDOWN_ROUTE] = "route",
		[UPDOWN_UP] = "up", [UPDOWN_DOWN] = "down",
		[UPDOWN_UNROUTE] = "unroute",
	};
	size_t used = strlen(ran);

	(void)processes;
	snprintf(ran + used, sizeof(ran) - used, "%s%s %s", used ? ", " : "",
		 verbs[updown->verb], updown->connection);
}

void ike_each_child(const struct ike *ike,
		    void (*visit)(const struct ike_child_info *info,
				  void *context),
		    void *context)
{
	(void)ike;
	(void)visit;
	(void)context;
}

struct error *host_route_get(struct host *host,
			     const struct address *destination,
			     struct host_route *route)
{
	(void)host;
	(void)destination;
	strcpy(route->interface, "eth0");
	return NULL;
}

void connection_traits(const struct connection *connection,
		       struct dataplane_traits *traits)
{
	memset(traits, 0, sizeof(*traits));
	if (connection->config->ipsec_interface)
		snprintf(traits->interface, sizeof(traits->interface),
			 "ipsec%d",
			 (int)connection->config->ipsec_interface - 1);
}

/* ----- connections -------------------------------------------------------- */

/* A connection, and what it is made of */
struct made {
	struct cfg_connection config;
	struct ike_model model;
	struct connection connection;
};

static struct made *one, *other;

static void set_ts(struct wire_ts_list *list, const char *first,
		   const char *last)
{
	list->count = 1;
	list->items[0].ports.max = UINT16_MAX;
	assert_success(address_parse(first, &list->items[0].first));
	assert_success(address_parse(last, &list->items[0].last));
}

/* With two children, whose other sides are the same */
static struct made *make(const char *name)
{
	struct made *made = test_calloc(1, sizeof(*made));
	struct ike_child_model *children = made->model.children;

	made->config.name = name;
	made->config.ipsec_interface = 2;
	strcpy(made->model.name, name);
	made->model.child_count = 2;
	strcpy(children[0].name, "1x1");
	strcpy(children[1].name, "2x1");
	set_ts(&children[0].local, "10.0.1.0", "10.0.1.255");
	set_ts(&children[1].local, "10.0.2.0", "10.0.2.255");
	set_ts(&children[0].remote, "10.9.0.0", "10.9.0.255");
	children[1].remote = children[0].remote;
	made->connection.daemon = &daemon_of_test;
	made->connection.config = &made->config;
	made->connection.model = &made->model;
	list_init(&made->connection.instances);
	return made;
}

static int set_up(void **state)
{
	(void)state;
	table_init(&daemon_of_test.ways);
	one = make("one");
	other = make("other");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	hooks_forget(&one->connection);
	hooks_forget(&other->connection);
	assert_int_equal(daemon_of_test.ways.count, 0);
	table_uninit(&daemon_of_test.ways);
	test_free(one);
	test_free(other);
	return 0;
}

/* What was run since it was asked last */
static void assert_ran(const char *expected)
{
	assert_string_equal(ran, expected);
	ran[0] = '\0';
}

static void both_up(struct made *second, unsigned int child)
{
	hooks_up(&one->connection, 0);
	hooks_up(&second->connection, child);
	ran[0] = '\0';
}

/* ----- tests -------------------------------------------------------------- */

static void alone(void **state)
{
	(void)state;
	hooks_up(&one->connection, 0);
	assert_ran("prepare one, route one, up one");
	hooks_up(&one->connection, 0);
	assert_ran("");
	hooks_down(&one->connection, 0);
	assert_ran("down one, unroute one");
	assert_null(one->connection.hooks[0]);
	hooks_unroute(&one->connection, 0);
	assert_ran("");
}

static void routed_connection(void **state)
{
	(void)state;
	hooks_route(&one->connection, 0);
	one->connection.routed = true;
	hooks_up(&one->connection, 0);
	assert_ran("prepare one, route one, up one");
	hooks_down(&one->connection, 0);
	assert_ran("down one");
	hooks_unroute(&one->connection, 0);
	assert_ran("unroute one");
}

static void siblings(void **state)
{
	(void)state;
	both_up(one, 1);
	hooks_down(&one->connection, 0);
	assert_ran("down one");
	hooks_up(&one->connection, 0);
	assert_ran("prepare one, route one, up one");
	hooks_down(&one->connection, 1);
	assert_ran("down one");
	hooks_down(&one->connection, 0);
	assert_ran("down one, unroute one");
}

static void two_connections(void **state)
{
	(void)state;
	both_up(other, 0);
	hooks_forget(&one->connection);
	assert_ran("down one");
	hooks_forget(&other->connection);
	assert_ran("down other, unroute other");
}

/* What the usual command is called makes no difference. */
static void usual_command(void **state)
{
	(void)state;
	other->config.sides[0].updown = "ipsec _updown";
	both_up(other, 0);
	hooks_forget(&one->connection);
	assert_ran("down one");
}

/* Another way is nobody else's concern. */
static void different(void **state)
{
	(void)state;
	other->config.sides[0].updown = "/usr/local/sbin/mine";
	both_up(other, 0);
	hooks_forget(&other->connection);
	assert_ran("down other, unroute other");
	other->config.sides[0].updown = NULL;
	other->config.metric = 7;
	both_up(other, 0);
	hooks_forget(&other->connection);
	assert_ran("down other, unroute other");
	other->config.metric = 0;
	set_ts(&other->model.children[0].remote, "10.9.1.0", "10.9.1.255");
	both_up(other, 0);
	hooks_forget(&other->connection);
	assert_ran("down other, unroute other");
}

/* The route was replaced by the latest one's: who is left gets back its own. */
static void given_back(void **state)
{
	struct address *source = &other->config.sides[0].sourceip;

	(void)state;
	assert_success(address_parse("10.0.3.1", source));
	both_up(other, 0);
	hooks_forget(&other->connection);
	assert_ran("down other, route one");
	both_up(other, 0);
	hooks_forget(&one->connection);
	assert_ran("down one");
	hooks_forget(&other->connection);
	assert_ran("down other, unroute other");
	*source = (struct address){ 0 };
	other->config.ipsec_interface = 3;
	both_up(other, 0);
	hooks_forget(&other->connection);
	assert_ran("down other, route one");
}

#define hooks_test(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		hooks_test(alone),
		hooks_test(routed_connection),
		hooks_test(siblings),
		hooks_test(two_connections),
		hooks_test(usual_command),
		hooks_test(different),
		hooks_test(given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
