// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keeps SAs and policies of the module in step with the engine's child SAs.
 *
 * A policy lives as long as somebody needs it: a child SA with its selectors, or
 * a route. Several child SAs with the same selectors, as in the course of
 * a rekeying, share it; the latest comes first. Connections that are routed for the
 * same traffic share it, too, and the last one takes it along. Outbound policies are
 * traps, so that packets wait while there is no SA, and somebody is told.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/engine/dataplane.h"
#include "daemon/connections/selector.h"
#include "lib/list.h"

#define BUCKETS 1024

/* An SA asks to be replaced when that much of its volume is used up. */
#define SOFT_PERCENT 90

/* Selectors of a pair, both ways */
#define CHANGES_MAX (2 * SELECTOR_MAX)

/**
 * struct pair - a child SA that the module has, or an SPI that is taken for one
 * @bucket: among those with the like SPI
 * @spi_in: of the inbound SA
 * @promised: to which address; length 0 if packets don't wait for the SA
 * @installed: the module has it; else only the SPI is taken
 * @serial: serial number of the child SA
 * @in: name of the inbound SA
 * @out: name of the outbound SA
 * @selectors: what it is about
 * @interface: device that it is bound to
 */
struct pair {
	struct list bucket;
	uint32_t spi_in;
	struct address promised;
	bool installed;
	uint64_t serial;
	char in[KERNEL_NAME_SIZE];
	char out[KERNEL_NAME_SIZE];
	char interface[IF_NAMESIZE];
	struct selector_list *selectors;
};

/**
 * struct route - what a policy is routed for
 * @link: in the policy's list
 * @name: of the connection or child
 */
struct route {
	struct list link;
	char name[];
};

/**
 * struct policy - a policy that the module has
 * @link: in the list of all
 * @config: what it is, but for its SAs
 * @users: child SAs that use it, the latest first
 * @user_count: how many
 * @routes: struct route, the latest first
 */
struct policy {
	struct list link;
	struct kernel_policy_config config;
	const struct pair *users[ESPVIF_POLICY_SAS_MAX];
	size_t user_count;
	struct list routes;
};

/**
 * struct change - what is to become of a policy
 * @policy: which
 * @made: it isn't there yet
 * @users: who will use it
 * @user_count: how many
 */
struct change {
	struct policy *policy;
	bool made;
	const struct pair *users[ESPVIF_POLICY_SAS_MAX];
	size_t user_count;
};

/**
 * struct plan - changes that are made at once
 * @batch: as the module gets them
 * @changes: of policies
 * @count: how many
 */
struct plan {
	struct kernel_batch *batch;
	struct change changes[CHANGES_MAX];
	size_t count;
};

/**
 * struct dataplane - SAs and policies of the module
 * @kernel: connection to the module
 * @buckets: struct pair, by inbound SPI
 * @policies: struct policy
 * @named: how many policies had to get a number in their names
 */
struct dataplane {
	struct kernel *kernel;
	struct list buckets[BUCKETS];
	struct list policies;
	uint64_t named;
};

/**
 * dataplane_create - begin, with nothing of those who were here before
 * @kernel: connection to the module, which stays the caller's
 * @dataplane: set to it, to be ended with dataplane_destroy()
 *
 * Return: NULL, or why it cannot be.
 */
struct error *dataplane_create(struct kernel *kernel,
			       struct dataplane **dataplane)
{
	struct dataplane *created;
	struct error *error;
	size_t i;

	error = kernel_policy_flush(kernel, ESPVIF_OWNER_DAEMON);
	if (!error)
		error = kernel_sa_flush(kernel, ESPVIF_OWNER_DAEMON);
	if (error)
		return error_prefix(error, "what an earlier daemon has left cannot be removed: ");
	created = calloc(1, sizeof(*created));
	if (!created)
		return error_no_memory();
	created->kernel = kernel;
	list_init(&created->policies);
	for (i = 0; i < BUCKETS; i++)
		list_init(&created->buckets[i]);
	*dataplane = created;
	return NULL;
}

static void pair_free(struct pair *pair)
{
	list_remove(&pair->bucket);
	free(pair->selectors);
	free(pair);
}

static struct route *route_of(struct list *link)
{
	return list_entry(link, struct route, link);
}

static void route_free(struct route *route)
{
	list_remove(&route->link);
	free(route);
}

static struct route *find_route(const struct policy *policy, const char *name)
{
	struct list *link, *following;

	list_for_each(link, following, (struct list *)&policy->routes) {
		if (!strcmp(route_of(link)->name, name))
			return route_of(link);
	}
	return NULL;
}

/* The latest comes first, even if it was there before. */
static struct error *add_route(struct policy *policy, const char *name)
{
	struct route *route = find_route(policy, name);
	size_t size = strlen(name) + 1;

	if (!route) {
		route = calloc(1, sizeof(*route) + size);
		if (!route)
			return error_no_memory();
		memcpy(route->name, name, size);
		list_init(&route->link);
	}
	list_remove(&route->link);
	list_prepend(&policy->routes, &route->link);
	return NULL;
}

static void policy_free(struct policy *policy)
{
	struct list *link, *following;

	list_for_each(link, following, &policy->routes)
		route_free(route_of(link));
	list_remove(&policy->link);
	free(policy);
}

/* Packets need not wait any more for an SA that will not be. */
static void withdraw(struct dataplane *dataplane, struct pair *pair)
{
	if (pair->promised.length)
		error_free(kernel_spi_withdraw(dataplane->kernel, pair->spi_in,
					       &pair->promised));
	pair->promised.length = 0;
}

/**
 * dataplane_destroy - end, and leave nothing in the module
 * @dataplane: it, or NULL
 */
void dataplane_destroy(struct dataplane *dataplane)
{
	struct list *link, *following;
	struct pair *pair;
	size_t i;

	if (!dataplane)
		return;
	error_free(kernel_policy_flush(dataplane->kernel, ESPVIF_OWNER_DAEMON));
	error_free(kernel_sa_flush(dataplane->kernel, ESPVIF_OWNER_DAEMON));
	list_for_each(link, following, &dataplane->policies)
		policy_free(list_entry(link, struct policy, link));
	for (i = 0; i < BUCKETS; i++) {
		list_for_each(link, following, &dataplane->buckets[i]) {
			pair = list_entry(link, struct pair, bucket);
			withdraw(dataplane, pair);
			pair_free(pair);
		}
	}
	free(dataplane);
}

static struct list *bucket_of(const struct dataplane *dataplane, uint32_t spi)
{
	return (struct list *)&dataplane->buckets[spi % BUCKETS];
}

static struct pair *find_pair(const struct dataplane *dataplane, uint32_t spi)
{
	struct list *link, *following, *bucket = bucket_of(dataplane, spi);
	struct pair *pair;

	list_for_each(link, following, bucket) {
		pair = list_entry(link, struct pair, bucket);
		if (pair->spi_in == spi)
			return pair;
	}
	return NULL;
}

/* A number that no pair has */
static struct error *choose_spi(const struct dataplane *dataplane,
				uint32_t *spi)
{
	do {
		if (getrandom(spi, sizeof(*spi), 0) != sizeof(*spi))
			return error_refused(0, "the kernel gives no random numbers");
	} while (*spi < ESPVIF_SPI_MIN || find_pair(dataplane, *spi));
	return NULL;
}

/*
 * The peer may use an SPI as soon as it knows it: packets that come before the SA is here
 * are to wait. Without that it works, too. Returns whether somebody else has the SPI.
 */
static bool promise(struct dataplane *dataplane, struct pair *pair,
		    const struct address *destination)
{
	struct error *error = kernel_spi_promise(dataplane->kernel,
						 pair->spi_in, destination);
	bool taken = error && error->number == EEXIST;

	if (!error)
		pair->promised = *destination;
	error_free(error);
	return taken;
}

/**
 * dataplane_allocate_spi - take an SPI for an inbound SA
 * @dataplane: the data plane
 * @destination: of the SA, as far as it is known now
 * @spi: set to it
 *
 * From now on packets of the peer wait for the SA.
 *
 * Return: NULL, or why there is none.
 */
struct error *dataplane_allocate_spi(struct dataplane *dataplane,
				     const struct address *destination,
				     uint32_t *spi)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	struct error *error;

	if (!pair)
		return error_no_memory();
	do {
		error = choose_spi(dataplane, &pair->spi_in);
		if (error) {
			free(pair);
			return error;
		}
	} while (promise(dataplane, pair, destination));
	list_append(bucket_of(dataplane, pair->spi_in), &pair->bucket);
	*spi = pair->spi_in;
	return NULL;
}

/**
 * dataplane_release_spi - give up an SPI that never got an SA
 * @dataplane: the data plane
 * @spi: it
 */
void dataplane_release_spi(struct dataplane *dataplane, uint32_t spi)
{
	struct pair *pair = find_pair(dataplane, spi);

	if (!pair || pair->installed)
		return;
	withdraw(dataplane, pair);
	pair_free(pair);
}

static void set_limits(const struct dataplane_traits *traits,
		       struct kernel_sa_config *config)
{
	config->hard.bytes = traits->max_bytes;
	config->hard.packets = traits->max_packets;
	config->soft.bytes = traits->max_bytes / 100 * SOFT_PERCENT;
	config->soft.packets = traits->max_packets / 100 * SOFT_PERCENT;
}

/* What both SAs of a pair have in common */
static void set_common(const struct ike_pair *pair,
		       const struct dataplane_traits *traits,
		       struct kernel_sa_config *config)
{
	memset(config, 0, sizeof(*config));
	config->mode = pair->transport ? ESPVIF_MODE_TRANSPORT :
					 ESPVIF_MODE_TUNNEL;
	config->encryption = pair->suite.encr;
	config->integrity = pair->suite.integ;
	config->esn = pair->suite.esn;
	config->owner = ESPVIF_OWNER_DAEMON;
	config->outer.dscp = ESPVIF_DSCP_COPY;
	config->offload = traits->offload;
	snprintf(config->interface, sizeof(config->interface), "%s",
		 traits->interface);
	if (pair->encapsulate)
		config->encapsulation = ESPVIF_ENCAP_UDP;
	set_limits(traits, config);
}

static void set_keys(const struct ike_esp_keys *keys,
		     struct kernel_sa_keys *kernel_keys)
{
	kernel_keys->encryption.length = keys->encr_length;
	memcpy(kernel_keys->encryption.bytes, keys->encr, keys->encr_length);
	kernel_keys->integrity.length = keys->integ_length;
	memcpy(kernel_keys->integrity.bytes, keys->integ, keys->integ_length);
}

static struct error *plan_sa(struct plan *plan,
			     const struct kernel_sa_config *config,
			     const struct ike_esp_keys *keys)
{
	const struct kernel_numbers numbers = {};
	struct kernel_sa_keys kernel_keys;
	struct error *error;

	set_keys(keys, &kernel_keys);
	error = kernel_batch_sa_new(plan->batch, config, &kernel_keys,
				    &numbers);
	secret_wipe(&kernel_keys.encryption);
	secret_wipe(&kernel_keys.integrity);
	return error;
}

static void set_ends(const struct ike_endpoint *from,
		     const struct ike_endpoint *to,
		     struct kernel_sa_config *config)
{
	config->source = from->address;
	config->source_port = from->port;
	config->destination = to->address;
	config->destination_port = to->port;
}

static void set_in(const struct pair *pair, const struct ike_pair *wanted,
		   const struct dataplane_traits *traits,
		   struct kernel_sa_config *config)
{
	snprintf(config->name, sizeof(config->name), "%s", pair->in);
	config->direction = ESPVIF_DIRECTION_IN;
	config->spi = wanted->spi_in;
	set_ends(&wanted->path.remote, &wanted->path.local, config);
	config->replay_window = traits->replay_window;
	config->replay_window_given = true;
}

static void set_out(const struct pair *pair, const struct ike_pair *wanted,
		    const struct dataplane_traits *traits,
		    struct kernel_sa_config *config)
{
	snprintf(config->name, sizeof(config->name), "%s", pair->out);
	config->direction = ESPVIF_DIRECTION_OUT;
	config->spi = wanted->spi_out;
	set_ends(&wanted->path.local, &wanted->path.remote, config);
	config->keepalive = wanted->keepalive;
	if (!wanted->transport) {
		config->outer.tfc = wanted->no_padding ? 0 : traits->tfc;
		config->outer.df = traits->copy_df ? 0 : ESPVIF_DF_CLEAR;
	}
}

static struct error *plan_sas(struct plan *plan, const struct pair *pair,
			      const struct ike_pair *wanted,
			      const struct dataplane_traits *traits)
{
	struct kernel_sa_config in, out;
	struct error *error;

	set_common(wanted, traits, &in);
	out = in;
	set_in(pair, wanted, traits, &in);
	set_out(pair, wanted, traits, &out);
	error = plan_sa(plan, &in, &wanted->in);
	return error ? error : plan_sa(plan, &out, &wanted->out);
}

static bool prefix_equal(const struct prefix *one, const struct prefix *other)
{
	return one->length == other->length &&
	       one->address.length == other->address.length &&
	       !memcmp(one->address.bytes, other->address.bytes,
		       one->address.length);
}

static bool ports_equal(const struct port_range *one,
			const struct port_range *other)
{
	return one->min == other->min && one->max == other->max;
}

static bool is_same_traffic(const struct kernel_policy_config *one,
			    const struct kernel_policy_config *other)
{
	return one->direction == other->direction &&
	       one->protocol == other->protocol &&
	       one->action == other->action &&
	       !strcmp(one->interface, other->interface) &&
	       prefix_equal(&one->source, &other->source) &&
	       prefix_equal(&one->destination, &other->destination) &&
	       ports_equal(&one->source_ports, &other->source_ports) &&
	       ports_equal(&one->destination_ports, &other->destination_ports);
}

static struct policy *find_policy(const struct dataplane *dataplane,
				  const struct kernel_policy_config *config)
{
	struct list *link, *following;
	struct policy *policy;

	list_for_each(link, following, &dataplane->policies) {
		policy = list_entry(link, struct policy, link);
		if (is_same_traffic(&policy->config, config))
			return policy;
	}
	return NULL;
}

static bool is_name_taken(const struct dataplane *dataplane, const char *name)
{
	struct list *link, *following;

	list_for_each(link, following, &dataplane->policies) {
		if (!strcmp(list_entry(link, struct policy, link)->config.name,
			    name))
			return true;
	}
	return false;
}

/* What the selectors are about, in one direction */
static void set_traffic(const struct selector *selector,
			enum espvif_direction direction,
			const char *interface,
			struct kernel_policy_config *config)
{
	bool out = direction == ESPVIF_DIRECTION_OUT;

	memset(config, 0, sizeof(*config));
	config->direction = direction;
	config->source = out ? selector->local : selector->remote;
	config->destination = out ? selector->remote : selector->local;
	config->protocol = selector->protocol;
	config->source_ports = out ? selector->local_ports :
				     selector->remote_ports;
	config->destination_ports = out ? selector->remote_ports :
					  selector->local_ports;
	config->action = ESPVIF_ACTION_IPSEC;
	snprintf(config->interface, sizeof(config->interface), "%s", interface);
}

static void set_policy_name(struct dataplane *dataplane, const char *name,
			    struct kernel_policy_config *config)
{
	const char *end = config->direction == ESPVIF_DIRECTION_OUT ? "out" :
								      "in";

	snprintf(config->name, sizeof(config->name), "%.40s-%s", name, end);
	while (is_name_taken(dataplane, config->name))
		snprintf(config->name, sizeof(config->name), "%.32s-%s.%llu",
			 name, end, (unsigned long long)++dataplane->named);
}

static struct policy *make_policy(struct dataplane *dataplane, const char *name,
				  const struct kernel_policy_config *config,
				  const struct selector *selector,
				  const struct dataplane_traits *traits)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return NULL;
	list_init(&policy->routes);
	policy->config = *config;
	policy->config.owner = ESPVIF_OWNER_DAEMON;
	policy->config.mss = ESPVIF_MSS_AUTO;
	policy->config.priority = traits->priority ? traits->priority :
						     selector_priority(selector);
	policy->config.priority_given = true;
	policy->config.trap = config->action == ESPVIF_ACTION_IPSEC &&
			      config->direction == ESPVIF_DIRECTION_OUT;
	set_policy_name(dataplane, name, &policy->config);
	list_append(&dataplane->policies, &policy->link);
	return policy;
}

static void name_sas(const struct change *change, struct kernel_sa_names *sas)
{
	bool out = change->policy->config.direction == ESPVIF_DIRECTION_OUT;
	size_t i;

	sas->count = change->user_count;
	for (i = 0; i < change->user_count; i++)
		snprintf(sas->names[i], sizeof(sas->names[i]), "%s",
			 out ? change->users[i]->out : change->users[i]->in);
}

static struct error *plan_change(struct plan *plan, const struct change *change)
{
	struct kernel_policy_config *config = &change->policy->config;
	struct error *error;

	if (!change->made && !change->user_count &&
	    list_empty(&change->policy->routes))
		return kernel_batch_policy_delete(plan->batch, config->name,
						  ESPVIF_OWNER_DAEMON);
	name_sas(change, &config->sas);
	error = change->made ?
		kernel_batch_policy_new(plan->batch, config) :
		kernel_batch_policy_set_sas(plan->batch, config->name,
					    &config->sas);
	return error;
}

static struct change *begin_change(struct plan *plan, struct policy *policy,
				   bool made)
{
	struct change *change = &plan->changes[plan->count++];

	change->policy = policy;
	change->made = made;
	memcpy(change->users, policy->users, sizeof(policy->users));
	change->user_count = policy->user_count;
	return change;
}

static void drop_user(struct change *change, const struct pair *pair)
{
	size_t i, kept = 0;

	for (i = 0; i < change->user_count; i++) {
		if (change->users[i] != pair)
			change->users[kept++] = change->users[i];
	}
	change->user_count = kept;
}

/* The latest comes first; should there be too many, the oldest goes. */
static void add_user(struct change *change, const struct pair *pair)
{
	drop_user(change, pair);
	if (change->user_count == ESPVIF_POLICY_SAS_MAX)
		change->user_count--;
	memmove(change->users + 1, change->users,
		change->user_count * sizeof(change->users[0]));
	change->users[0] = pair;
	change->user_count++;
}

/* Lets packets of one selector, in one direction, take a pair. */
static struct error *plan_policy(struct dataplane *dataplane, struct plan *plan,
				 const struct pair *pair, const char *name,
				 const struct selector *selector,
				 enum espvif_direction direction,
				 bool transport,
				 const struct dataplane_traits *traits)
{
	struct kernel_policy_config config;
	struct policy *policy;
	struct change *change;
	bool made = false;

	set_traffic(selector, direction, pair->interface, &config);
	config.mode = transport ? ESPVIF_MODE_TRANSPORT : ESPVIF_MODE_TUNNEL;
	policy = find_policy(dataplane, &config);
	if (!policy) {
		policy = make_policy(dataplane, name, &config, selector,
				     traits);
		made = true;
	}
	if (!policy)
		return error_no_memory();
	change = begin_change(plan, policy, made);
	add_user(change, pair);
	return plan_change(plan, change);
}

/* Makes the changes, or takes back what was prepared for them. */
static struct error *carry_out(struct dataplane *dataplane, struct plan *plan,
			       struct error *error)
{
	size_t i, refused;

	if (!error && kernel_batch_count(plan->batch))
		error = kernel_batch_send(dataplane->kernel, plan->batch,
					  &refused);
	for (i = 0; i < plan->count; i++) {
		struct change *change = &plan->changes[i];
		struct policy *policy = change->policy;

		if (!error) {
			memcpy(policy->users, change->users,
			       sizeof(policy->users));
			policy->user_count = change->user_count;
		}
		if (error ? change->made :
		    !policy->user_count && list_empty(&policy->routes))
			policy_free(policy);
	}
	kernel_batch_free(plan->batch);
	free(plan);
	return error;
}

static struct error *begin_plan(struct plan **plan)
{
	struct error *error;

	*plan = calloc(1, sizeof(**plan));
	if (!*plan)
		return error_no_memory();
	error = kernel_batch_new(&(*plan)->batch);
	if (error)
		free(*plan);
	return error;
}

static struct error *prepare(struct pair *pair, const struct ike_pair *wanted,
			     const struct dataplane_traits *traits)
{
	struct error *error;

	pair->selectors = malloc(sizeof(*pair->selectors));
	if (!pair->selectors)
		return error_no_memory();
	error = selector_list_make(&wanted->local, &wanted->remote,
				   pair->selectors);
	if (error)
		return error;
	snprintf(pair->in, sizeof(pair->in), "%.32s#%llu-in", wanted->child,
		 (unsigned long long)wanted->serial);
	snprintf(pair->out, sizeof(pair->out), "%.32s#%llu-out", wanted->child,
		 (unsigned long long)wanted->serial);
	snprintf(pair->interface, sizeof(pair->interface), "%s",
		 traits->interface);
	pair->serial = wanted->serial;
	return NULL;
}

static struct error *plan_pair(struct dataplane *dataplane, struct plan *plan,
			       const struct pair *pair,
			       const struct ike_pair *wanted,
			       const struct dataplane_traits *traits, bool use)
{
	struct error *error;
	size_t i;

	error = plan_sas(plan, pair, wanted, traits);
	for (i = 0; i < pair->selectors->count && !error; i++) {
		const struct selector *selector = &pair->selectors->items[i];

		error = plan_policy(dataplane, plan, pair, wanted->child,
				    selector, ESPVIF_DIRECTION_IN,
				    wanted->transport, traits);
		if (!error && use)
			error = plan_policy(dataplane, plan, pair,
					    wanted->child, selector,
					    ESPVIF_DIRECTION_OUT,
					    wanted->transport, traits);
	}
	return error;
}

/**
 * dataplane_install - make both SAs of a child SA
 * @dataplane: the data plane
 * @wanted: the child SA, whose SPI was allocated
 * @traits: what its connection says
 * @use: outbound packets take it from now on
 *
 * Return: NULL, or why it cannot be; then nothing has changed.
 */
struct error *dataplane_install(struct dataplane *dataplane,
				const struct ike_pair *wanted,
				const struct dataplane_traits *traits, bool use)
{
	struct pair *pair = find_pair(dataplane, wanted->spi_in);
	struct error *error;
	struct plan *plan;

	if (!pair || pair->installed)
		return error_refused(0, "the SPI of the child SA is not reserved");
	error = prepare(pair, wanted, traits);
	if (!error)
		error = begin_plan(&plan);
	if (!error)
		error = carry_out(dataplane, plan,
				  plan_pair(dataplane, plan, pair, wanted,
					    traits, use));
	if (error) {
		free(pair->selectors);
		pair->selectors = NULL;
		return error;
	}
	pair->installed = true;
	/* the SA has kept the promise, unless we have moved meanwhile */
	if (address_equal(&pair->promised, &wanted->path.local.address))
		pair->promised.length = 0;
	withdraw(dataplane, pair);
	return NULL;
}

/**
 * dataplane_use - let outbound packets take a child SA
 * @dataplane: the data plane
 * @wanted: the child SA, which is installed
 * @traits: what its connection says
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *dataplane_use(struct dataplane *dataplane,
			    const struct ike_pair *wanted,
			    const struct dataplane_traits *traits)
{
	struct pair *pair = find_pair(dataplane, wanted->spi_in);
	struct error *error;
	struct plan *plan;
	size_t i;

	if (!pair || !pair->installed)
		return error_refused(0, "the child SA is not installed");
	error = begin_plan(&plan);
	if (error)
		return error;
	for (i = 0; i < pair->selectors->count && !error; i++)
		error = plan_policy(dataplane, plan, pair, wanted->child,
				    &pair->selectors->items[i],
				    ESPVIF_DIRECTION_OUT, wanted->transport,
				    traits);
	return carry_out(dataplane, plan, error);
}

/**
 * dataplane_move - the peer of a child SA is elsewhere
 * @dataplane: the data plane
 * @wanted: the child SA, with the path as it is now
 *
 * Return: NULL, or why it cannot be followed.
 */
struct error *dataplane_move(struct dataplane *dataplane,
			     const struct ike_pair *wanted)
{
	const struct pair *pair = find_pair(dataplane, wanted->spi_in);
	const struct kernel_peer peer = {
		.address = wanted->path.remote.address,
		.port = wanted->encapsulate ? wanted->path.remote.port : 0,
	};
	const struct kernel_numbers numbers = {};
	struct error *error;
	struct plan *plan;

	if (!pair || !pair->installed)
		return error_refused(0, "the child SA is not installed");
	error = begin_plan(&plan);
	if (error)
		return error;
	error = kernel_batch_sa_set(plan->batch, pair->in, &peer, &numbers);
	if (!error)
		error = kernel_batch_sa_set(plan->batch, pair->out, &peer,
					    &numbers);
	return carry_out(dataplane, plan, error);
}

static bool uses(const struct policy *policy, const struct pair *pair)
{
	size_t i;

	for (i = 0; i < policy->user_count; i++) {
		if (policy->users[i] == pair)
			return true;
	}
	return false;
}

static struct error *plan_removal(struct dataplane *dataplane,
				  struct plan *plan, const struct pair *pair)
{
	struct list *link, *following;
	struct error *error = NULL;
	struct policy *policy;
	struct change *change;

	list_for_each(link, following, &dataplane->policies) {
		policy = list_entry(link, struct policy, link);
		if (!uses(policy, pair))
			continue;
		change = begin_change(plan, policy, false);
		drop_user(change, pair);
		error = plan_change(plan, change);
		if (error)
			return error;
	}
	error = kernel_batch_sa_delete(plan->batch, pair->in,
				       ESPVIF_OWNER_DAEMON);
	if (!error)
		error = kernel_batch_sa_delete(plan->batch, pair->out,
					       ESPVIF_OWNER_DAEMON);
	return error;
}

/* Somebody has removed a part by hand: what is left goes one by one. */
static void remove_piecemeal(struct dataplane *dataplane,
			     const struct pair *pair)
{
	struct list *link, *following;
	struct kernel *kernel = dataplane->kernel;
	struct policy *policy;
	struct change change;

	list_for_each(link, following, &dataplane->policies) {
		policy = list_entry(link, struct policy, link);
		if (!uses(policy, pair))
			continue;
		change = (struct change){ .policy = policy };
		memcpy(change.users, policy->users, sizeof(policy->users));
		change.user_count = policy->user_count;
		drop_user(&change, pair);
		memcpy(policy->users, change.users, sizeof(policy->users));
		policy->user_count = change.user_count;
		name_sas(&change, &policy->config.sas);
		if (policy->user_count || !list_empty(&policy->routes)) {
			error_free(kernel_policy_set_sas(kernel,
							 policy->config.name,
							 &policy->config.sas));
			continue;
		}
		error_free(kernel_policy_delete(kernel, policy->config.name,
						ESPVIF_OWNER_DAEMON));
		policy_free(policy);
	}
	error_free(kernel_sa_delete(kernel, pair->in, ESPVIF_OWNER_DAEMON));
	error_free(kernel_sa_delete(kernel, pair->out, ESPVIF_OWNER_DAEMON));
}

/**
 * dataplane_remove - end both SAs of a child SA, and policies that nobody else needs
 * @dataplane: the data plane
 * @spi_in: of its inbound SA
 *
 * Return: NULL, or what was not as it should have been; it has gone all the same.
 */
struct error *dataplane_remove(struct dataplane *dataplane, uint32_t spi_in)
{
	struct pair *pair = find_pair(dataplane, spi_in);
	struct error *error;
	struct plan *plan;

	if (!pair || !pair->installed)
		return NULL;
	error = begin_plan(&plan);
	if (!error)
		error = carry_out(dataplane, plan,
				  plan_removal(dataplane, plan, pair));
	if (error)
		remove_piecemeal(dataplane, pair);
	pair_free(pair);
	return error;
}

static struct error *plan_route(struct dataplane *dataplane, struct plan *plan,
				const struct dataplane_shunt *shunt,
				const struct selector *selector,
				enum espvif_direction direction,
				const struct dataplane_traits *traits)
{
	struct kernel_policy_config config;
	struct policy *policy;
	struct change *change;
	struct error *error;

	set_traffic(selector, direction, traits->interface, &config);
	config.action = shunt->action;
	if (shunt->action == ESPVIF_ACTION_IPSEC)
		config.mode = shunt->transport ? ESPVIF_MODE_TRANSPORT :
						 ESPVIF_MODE_TUNNEL;
	policy = find_policy(dataplane, &config);
	if (policy)
		return add_route(policy, shunt->name);
	policy = make_policy(dataplane, shunt->name, &config, selector, traits);
	if (!policy)
		return error_no_memory();
	change = begin_change(plan, policy, true);
	error = add_route(policy, shunt->name);
	return error ? error : plan_change(plan, change);
}

/**
 * dataplane_route - make policies that need no SA
 * @dataplane: the data plane
 * @shunt: what they do
 * @traits: what the connection says
 *
 * Traps are for what leaves; packets that come in unprotected before there is an
 * SA are nobody's concern. Others are for both directions. A policy that is there
 * already is shared with those it was made for.
 *
 * Return: NULL, or why it cannot be done; dataplane_unroute() takes back what was.
 */
struct error *dataplane_route(struct dataplane *dataplane,
			      const struct dataplane_shunt *shunt,
			      const struct dataplane_traits *traits)
{
	struct selector_list selectors;
	struct error *error;
	struct plan *plan;
	size_t i;

	error = selector_list_make(shunt->local, shunt->remote, &selectors);
	if (!error)
		error = begin_plan(&plan);
	if (error)
		return error;
	for (i = 0; i < selectors.count && !error; i++) {
		error = plan_route(dataplane, plan, shunt, &selectors.items[i],
				   ESPVIF_DIRECTION_OUT, traits);
		if (!error && shunt->action != ESPVIF_ACTION_IPSEC)
			error = plan_route(dataplane, plan, shunt,
					   &selectors.items[i],
					   ESPVIF_DIRECTION_IN, traits);
	}
	return carry_out(dataplane, plan, error);
}

/**
 * dataplane_unroute - take back dataplane_route()
 * @dataplane: the data plane
 * @name: of the connection or child
 *
 * Policies stay that others are routed for, or that have SAs.
 *
 * Return: NULL, or what was not as it should have been; it is done all the same.
 */
struct error *dataplane_unroute(struct dataplane *dataplane, const char *name)
{
	struct list *link, *following;
	struct error *error = NULL, *latest;
	struct policy *policy;
	struct route *route;

	list_for_each(link, following, &dataplane->policies) {
		policy = list_entry(link, struct policy, link);
		route = find_route(policy, name);
		if (!route)
			continue;
		route_free(route);
		if (policy->user_count || !list_empty(&policy->routes))
			continue;
		latest = kernel_policy_delete(dataplane->kernel,
					      policy->config.name,
					      ESPVIF_OWNER_DAEMON);
		error_free(error);
		error = latest;
		policy_free(policy);
	}
	return error;
}

static void visit_routes(const struct policy *policy,
			 void (*visit)(const struct dataplane_shunt_info *info,
				       void *context),
			 void *context)
{
	const struct kernel_policy_config *config = &policy->config;
	struct dataplane_shunt_info info = {
		.source = &config->source,
		.destination = &config->destination,
		.source_ports = config->source_ports,
		.destination_ports = config->destination_ports,
		.protocol = config->protocol,
		.action = config->action,
		.out = config->direction == ESPVIF_DIRECTION_OUT,
	};
	struct list *link, *following;

	list_for_each(link, following, (struct list *)&policy->routes) {
		info.name = route_of(link)->name;
		visit(&info, context);
	}
}

/**
 * dataplane_each_shunt - look at all policies that stand without an SA
 * @dataplane: the data plane
 * @visit: called for each, and each that it is routed for
 * @context: for it
 */
void dataplane_each_shunt(const struct dataplane *dataplane,
			  void (*visit)(const struct dataplane_shunt_info *info,
					void *context),
			  void *context)
{
	struct list *link, *following;
	const struct policy *policy;

	list_for_each(link, following, (struct list *)&dataplane->policies) {
		policy = list_entry(link, struct policy, link);
		if (!policy->user_count)
			visit_routes(policy, visit, context);
	}
}

/**
 * dataplane_find_sa - which child SA an SA of the module belongs to
 * @dataplane: the data plane
 * @name: of the SA
 *
 * Return: serial number of the child SA, 0 if there is none.
 */
uint64_t dataplane_find_sa(const struct dataplane *dataplane, const char *name)
{
	struct list *link, *following;
	struct pair *pair;
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		list_for_each(link, following,
			      (struct list *)&dataplane->buckets[i]) {
			pair = list_entry(link, struct pair, bucket);
			if (pair->installed && (!strcmp(pair->in, name) ||
						!strcmp(pair->out, name)))
				return pair->serial;
		}
	}
	return 0;
}

/**
 * dataplane_find_trap - for whom a policy is a trap
 * @dataplane: the data plane
 * @name: of the policy
 *
 * Return: name of the connection or child, the latest one if there are several;
 *	NULL if there is none.
 */
const char *dataplane_find_trap(const struct dataplane *dataplane,
				const char *name)
{
	struct list *link, *following;
	struct policy *policy;

	list_for_each(link, following, (struct list *)&dataplane->policies) {
		policy = list_entry(link, struct policy, link);
		if (strcmp(policy->config.name, name) != 0)
			continue;
		return list_empty(&policy->routes) ?
			       NULL : route_of(policy->routes.next)->name;
	}
	return NULL;
}

static void take_traffic(const struct kernel_sa *sa, bool in,
			 struct dataplane_traffic *traffic)
{
	if (!in) {
		traffic->out_bytes = sa->bytes;
		traffic->out_packets = sa->packets;
		return;
	}
	traffic->in_bytes = sa->bytes;
	traffic->in_packets = sa->packets;
	traffic->added = sa->added;
	traffic->used = sa->used;
}

/**
 * dataplane_traffic - what a child SA has carried
 * @dataplane: the data plane
 * @spi_in: of its inbound SA
 * @traffic: set to it
 *
 * Return: NULL, or why it cannot be told.
 */
struct error *dataplane_traffic(struct dataplane *dataplane, uint32_t spi_in,
				struct dataplane_traffic *traffic)
{
	const struct pair *pair = find_pair(dataplane, spi_in);
	struct kernel_sa_list list;
	struct error *error;
	int in;

	memset(traffic, 0, sizeof(*traffic));
	if (!pair || !pair->installed)
		return error_refused(0, "the child SA is not installed");
	for (in = 0; in < 2; in++) {
		error = kernel_sa_get(dataplane->kernel,
				      in ? pair->in : pair->out, &list);
		if (error)
			return error;
		take_traffic(list.items, in, traffic);
		kernel_sa_list_free(&list);
	}
	return NULL;
}
