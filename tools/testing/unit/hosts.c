// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two hosts: what each engine asks of the world, and the wire between them.
 */
#include "hosts.h"
#include "ike/exchange.h"
#include "lib/iana.h"

struct world world;

const struct address hosts_nat_address = { 4, { 203, 0, 113, 9 } };

static uint64_t now(void *context)
{
	(void)context;
	return world.now;
}

static struct error *random_bytes(void *context, void *bytes, size_t length)
{
	uint8_t *byte = bytes;

	(void)context;
	while (length--)
		*byte++ = world.random += 37;
	world.random++;
	return NULL;
}

static void send_datagram(void *context, const struct ike_path *path,
			  struct bytes datagram)
{
	struct packet *packet = &world.queue[world.count];

	(void)context;
	if (world.deaf)
		return;
	assert_true(world.count < HOSTS_QUEUE);
	assert_true(datagram.length <= sizeof(packet->data));
	packet->path = *path;
	packet->length = datagram.length;
	memcpy(packet->data, datagram.data, datagram.length);
	world.count++;
}

static void send_keepalive(void *context, const struct ike_path *path)
{
	struct host *host = context;

	assert_int_equal(path->local.port, 4500);
	host->keepalives++;
}

static bool find_secret(void *context, const struct ike_id *local,
			const struct ike_id *remote, struct bytes *secret)
{
	const struct host *host = context;

	(void)local;
	(void)remote;
	if (!host->secret)
		return false;
	*secret = bytes_of((const uint8_t *)host->secret, strlen(host->secret));
	return true;
}

static int64_t wall_clock(void *context)
{
	(void)context;
	return world.wall_clock;
}

static struct error *sign(void *context, const struct ike_signing *signing)
{
	struct host *host = context;

	assert_string_equal(signing->connection, "tunnel");
	return signer_sign(&host->signer, signing);
}

static const struct crypto_trust *trust(void *context)
{
	const struct host *host = context;

	return host->trust;
}

static void add_told(struct host *host, const char *what, const char *why)
{
	size_t used = strlen(host->told);

	snprintf(host->told + used, HOSTS_TOLD - used, "%s %s\n", what,
		 why ? why : "");
}

static void log_sentence(void *context, enum ike_level level,
			 const struct ike_subject *about, const char *sentence)
{
	char what[32];

	(void)level;
	snprintf(what, sizeof(what), "#%u", (unsigned int)about->serial);
	assert_true(about->path || about->connection);
	add_told(context, what, sentence);
}

static void tell(void *context, enum ike_event event,
		 const struct ike_subject *about, const char *why)
{
	static const char *const names[] = {
		"ESTABLISHED", "CHILD_UP", "CHILD_DOWN", "CHILD_FAILED",
		"PEER_DEAD", "DOWN", "FAILED", "INSTANCE", "INSTANCE_ENDED",
	};

	char what[IKE_NAME_SIZE + 32];

	/* what others than the first one are told begins with their name */
	snprintf(what, sizeof(what), "%s%s%s",
		 strcmp(about->connection, "tunnel") ? about->connection : "",
		 strcmp(about->connection, "tunnel") ? " " : "", names[event]);
	add_told(context, what, why);
}

static struct error *allocate_spi(void *context, const struct ike_path *path,
				  uint32_t *spi)
{
	struct host *host = context;

	(void)path;
	*spi = host->next_spi++;
	host->spis++;
	return NULL;
}

static void release_spi(void *context, const struct ike_path *path,
			uint32_t spi)
{
	struct host *host = context;

	(void)path;
	(void)spi;
	host->spis--;
}

static struct error *install(void *context, const struct ike_pair *pair,
			     bool use)
{
	struct host *host = context;

	assert_true(pair->in.encr_length);
	assert_true(pair->local.count && pair->remote.count);
	host->last = *pair;
	if (use)
		host->used = pair->spi_out;
	host->spis--;
	host->pairs++;
	return NULL;
}

static struct error *use_pair(void *context, const struct ike_pair *pair)
{
	struct host *host = context;

	host->used = pair->spi_out;
	return NULL;
}

static struct error *move_pair(void *context, const struct ike_pair *pair)
{
	struct host *host = context;

	host->last = *pair;
	host->moves++;
	return NULL;
}

static struct error *query_pair(void *context, const struct ike_pair *pair,
				struct ike_traffic *traffic)
{
	const struct host *host = context;

	(void)pair;
	*traffic = host->traffic;
	return NULL;
}

static void remove_pair(void *context, const struct ike_pair *pair)
{
	struct host *host = context;

	(void)pair;
	host->pairs--;
}

static const struct ike_ops ops = {
	.now = now,
	.random = random_bytes,
	.wall_clock = wall_clock,
	.send = send_datagram,
	.keepalive = send_keepalive,
	.find_secret = find_secret,
	.sign = sign,
	.trust = trust,
	.log = log_sentence,
	.tell = tell,
	.kernel = {
		.allocate_spi = allocate_spi,
		.release_spi = release_spi,
		.install = install,
		.use = use_pair,
		.move = move_pair,
		.query = query_pair,
		.remove = remove_pair,
	},
};

/* One proposal with AES-GCM of some bits, for IKE or for ESP. */
void hosts_make_proposals(struct wire_sa *sa, uint8_t protocol,
			  uint16_t key_bits)
{
	memset(sa, 0, sizeof(*sa));
	wire_sa_add_proposal(sa, protocol);
	wire_sa_add_transform(sa, IANA_TRANSFORM_ENCR, IANA_ENCR_AES_GCM_16,
			      key_bits);
	if (protocol == IANA_PROTOCOL_ESP) {
		wire_sa_add_transform(sa, IANA_TRANSFORM_ESN, IANA_ESN_NO_ESN,
				      0);
		return;
	}
	wire_sa_add_transform(sa, IANA_TRANSFORM_PRF, IANA_PRF_HMAC_SHA2_256,
			      0);
	wire_sa_add_transform(sa, IANA_TRANSFORM_KE, IANA_KE_CURVE25519, 0);
}

/* One range of addresses. */
void hosts_make_ts(struct wire_ts_list *list, const char *first,
		   const char *last)
{
	list->count = 1;
	list->items[0] = (struct wire_ts){ .ports = PORT_RANGE_ANY };
	assert_success(address_parse(first, &list->items[0].first));
	assert_success(address_parse(last, &list->items[0].last));
}

static void make_host(unsigned int number)
{
	static const char *const addresses[] = { "192.0.2.1", "192.0.2.2" };
	static const char *const nets[2][2] = {
		{ "10.1.0.0", "10.1.0.255" }, { "10.2.0.0", "10.2.0.255" },
	};
	struct host *host = &world.hosts[number];
	struct ike_model *model = &host->model;

	host->world = &world;
	host->next_spi = 0x1000 * (number + 1);
	host->secret = "a secret";
	strcpy(model->name, "tunnel");
	model->local_id = (struct ike_id){ IANA_ID_FQDN, 1, { 'w' } };
	model->remote_id = (struct ike_id){ IANA_ID_FQDN, 1, { 'e' } };
	if (number) {
		model->local_id.data[0] = 'e';
		model->remote_id.data[0] = 'w';
	}
	assert_success(address_parse(addresses[number],
				     &model->path.local.address));
	assert_success(address_parse(addresses[!number],
				     &model->path.remote.address));
	model->path.local.port = 500;
	model->path.remote.port = 500;
	model->timeout = 20;
	model->keepalive = 20;
	model->local_auth.methods.secret = true;
	model->remote_auth.methods.secret = true;
	model->child_count = 1;
	strcpy(model->children[0].name, "net");
	hosts_make_proposals(&model->proposals, IANA_PROTOCOL_IKE, 256);
	hosts_make_proposals(&model->children[0].proposals, IANA_PROTOCOL_ESP,
			     128);
	hosts_make_ts(&model->children[0].local, nets[number][0],
		      nets[number][1]);
	hosts_make_ts(&model->children[0].remote, nets[!number][0],
		      nets[!number][1]);
}

/* Gives both hosts what they need to agree. */
int hosts_set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.now = 1000000;
	world.copies = 1;
	make_host(0);
	make_host(1);
	return 0;
}

/* Ends both; fails if a kernel has anything left. */
int hosts_tear_down(void **state)
{
	unsigned int i;
	int left = 0;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct host *host = &world.hosts[i];

		ike_destroy(host->ike);
		signer_free(&host->signer);
		crypto_trust_destroy(host->trust);
		left |= host->pairs | host->spis;
	}
	return left;
}

/* Starts an engine. */
void hosts_start_one(unsigned int number, const struct ike_config *config)
{
	struct host *host = &world.hosts[number];

	assert_success(ike_create(&ops, host, config, &host->ike));
	assert_success(ike_add(host->ike, &host->model));
}

/* Ends an engine, and tells nobody. */
void hosts_stop(unsigned int number)
{
	ike_destroy(world.hosts[number].ike);
	world.hosts[number].ike = NULL;
}

/* Starts both engines. */
void hosts_start(const struct ike_config *config)
{
	hosts_start_one(0, config);
	hosts_start_one(1, config);
}

/* Puts host 0 behind a NAT, which has other ports for its two. */
void hosts_put_behind_nat(uint16_t port, uint16_t encapsulated_port)
{
	world.nat_ports[0] = port;
	world.nat_ports[1] = encapsulated_port;
	world.hosts[1].model.path.remote.address = hosts_nat_address;
}

/* What the NAT makes of an endpoint; false if it has no mapping. */
static bool translate(struct ike_path *path)
{
	struct ike_endpoint *remote = &path->remote, *local = &path->local;

	if (!world.nat_ports[0])
		return true;
	if (remote->address.bytes[3] == 1) {
		remote->address = hosts_nat_address;
		remote->port = world.nat_ports[remote->port == 4500];
	} else if (!memcmp(&local->address, &hosts_nat_address,
			   sizeof(local->address))) {
		if (local->port != world.nat_ports[0] &&
		    local->port != world.nat_ports[1])
			return false;
		local->address = world.hosts[0].model.path.local.address;
		local->port = local->port == world.nat_ports[1] ? 4500 : 500;
	}
	return true;
}

/* Lets a datagram arrive. */
void hosts_deliver(const struct packet *packet)
{
	struct ike_path path = {
		.local = packet->path.remote, .remote = packet->path.local,
	};
	struct bytes datagram = bytes_of(packet->data, packet->length);
	struct host *host;

	if (!translate(&path))
		return;
	host = &world.hosts[path.local.address.bytes[3] == 2];
	ike_receive(host->ike, &path, datagram);
}

static void deliver_first(void)
{
	static struct packet packet;
	int i;

	packet = world.queue[0];
	memmove(&world.queue[0], &world.queue[1],
		--world.count * sizeof(packet));
	if (packet.data[18] == world.tamper)
		packet.data[packet.length - 1] ^= 1;
	for (i = 0; i < world.copies; i++)
		hosts_deliver(&packet);
}

static bool hand_over(struct host *host)
{
	if (world.slow_signers || !host->signer.job_count)
		return false;
	signer_hand_over(&host->signer, host->ike);
	return true;
}

/* Lets everything happen that needs no time. */
void hosts_run(void)
{
	do {
		while (world.count)
			deliver_first();
	} while (hand_over(&world.hosts[0]) || hand_over(&world.hosts[1]));
}

/* Lets time pass, and what happens by that. */
void hosts_wait(unsigned int seconds)
{
	uint64_t until = world.now + seconds * 1000ULL, next;
	struct ike *first;
	unsigned int i;

	for (;;) {
		next = until;
		first = NULL;
		for (i = 0; i < 2; i++) {
			if (ike_deadline(world.hosts[i].ike) <= next) {
				first = world.hosts[i].ike;
				next = ike_deadline(first);
			}
		}
		if (next > world.now)
			world.now = next;
		if (!first)
			return;
		ike_tick(first);
		hosts_run();
	}
}

/* Starts both engines and brings the connection up. */
void hosts_connect(void)
{
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
}

/* The first IKE SA of a host, NULL if there is none. */
struct ike_sa *hosts_sa(unsigned int number)
{
	struct list *sas = &world.hosts[number].ike->sas;

	return list_empty(sas) ? NULL :
				 list_entry(sas->next, struct ike_sa, link);
}

/* Sends a message that the engine of a host would not, by its first IKE SA. */
void hosts_send(unsigned int number, struct wire_header *header,
		const struct wire_writer *writer)
{
	struct ike_sa *sa = hosts_sa(number);
	struct ike_datagram *message;

	assert_non_null(sa);
	assert_success(ike_message_build(sa, header, writer, &message));
	ike_message_send(sa, &sa->path, message);
	ike_datagram_free(message);
}

/* Fails unless a host was told, or has logged, some words. */
void hosts_assert_told(unsigned int number, const char *words,
		       const char *file, int line)
{
	if (strstr(world.hosts[number].told, words))
		return;
	print_error("host %u was told:\n%s", number, world.hosts[number].told);
	_fail(file, line);
}

/* Fails if a host was told, or has logged, some words. */
void hosts_assert_not_told(unsigned int number, const char *words,
			   const char *file, int line)
{
	if (!strstr(world.hosts[number].told, words))
		return;
	print_error("host %u was told:\n%s", number, world.hosts[number].told);
	_fail(file, line);
}

/* Fails unless the kernel of each has so many child SAs. */
void hosts_assert_pairs(int pairs, const char *file, int line)
{
	if (world.hosts[0].pairs == pairs && world.hosts[1].pairs == pairs)
		return;
	print_error("the hosts have %d and %d child SAs, not %d each\n",
		    world.hosts[0].pairs, world.hosts[1].pairs, pairs);
	_fail(file, line);
}
