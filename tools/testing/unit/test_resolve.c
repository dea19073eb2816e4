// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of how names are looked up, with a resolver of the library that knows all
 * of them and answers when it is allowed to.
 */
#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "daemon/connections/resolve.h"
#include "unit.h"

/* More than fit into a pipe */
#define NAMES 500
#define LATE "late.example"

static pthread_mutex_t allowed = PTHREAD_MUTEX_INITIALIZER;
static atomic_int looked_up, late_after;
static atomic_uchar network;
static struct event_base *base;
static struct resolver *resolver;

int getaddrinfo(const char *name, const char *service,
		const struct addrinfo *hints, struct addrinfo **found)
{
	struct sockaddr_in *four = calloc(1, sizeof(*four));
	struct addrinfo *info = calloc(1, sizeof(*info));

	(void)service;
	(void)hints;
	assert_non_null(four);
	assert_non_null(info);
	pthread_mutex_lock(&allowed);
	if (!strcmp(name, LATE))
		late_after = looked_up;
	looked_up++;
	pthread_mutex_unlock(&allowed);
	four->sin_family = AF_INET;
	four->sin_addr.s_addr = htonl((uint32_t)network << 24 | 1);
	info->ai_family = AF_INET;
	info->ai_addr = (struct sockaddr *)four;
	*found = info;
	return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
	free(found->ai_addr);
	free(found);
}

static bool is_known(const char *name)
{
	struct address address;
	const char *why;

	return resolver_find(resolver, name, &address, &why) &&
	       address.bytes[0] == network;
}

static int count_known(void)
{
	int i, known = 0;
	char name[32];

	for (i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "peer%d.example", i);
		known += is_known(name);
	}
	return known;
}

static void changed(void *context)
{
	(void)context;
	if (count_known() == NAMES)
		event_base_loopbreak(base);
}

/* Runs until all names are known, or for so long that they won't be. */
static void run(void)
{
	const struct timeval patience = { .tv_sec = 10 };

	event_base_loopexit(base, &patience);
	event_base_dispatch(base);
}

static int set_up(void **state)
{
	(void)state;
	looked_up = 0;
	late_after = 0;
	network = 10;
	base = event_base_new();
	assert_non_null(base);
	assert_success(resolver_create(base, changed, NULL, &resolver));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	resolver_destroy(resolver);
	event_base_free(base);
	return 0;
}

static void ask_for_all(void)
{
	pthread_mutex_lock(&allowed);
	assert_int_equal(count_known(), 0);
	pthread_mutex_unlock(&allowed);
	run();
}

/* Those that found no room are asked for as soon as there is some. */
static void many(void **state)
{
	(void)state;
	ask_for_all();
	assert_int_equal(count_known(), NAMES);
	assert_int_equal(looked_up, NAMES);
}

/* All are looked up again, each once. */
static void many_again(void **state)
{
	(void)state;
	ask_for_all();
	network = 11;
	pthread_mutex_lock(&allowed);
	resolver_forget(resolver);
	resolver_forget(resolver);
	pthread_mutex_unlock(&allowed);
	run();
	assert_int_equal(count_known(), NAMES);
	assert_int_equal(looked_up, 2 * NAMES);
}

/* Of those that wait, one that nobody knows is the first. */
static void unknown_first(void **state)
{
	(void)state;
	ask_for_all();
	network = 11;
	pthread_mutex_lock(&allowed);
	resolver_forget(resolver);
	assert_false(is_known(LATE));
	pthread_mutex_unlock(&allowed);
	run();
	assert_true(is_known(LATE));
	assert_in_range(late_after, NAMES, NAMES + NAMES / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unknown_first, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
