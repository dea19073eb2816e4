// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes a whole IKE engine with what a peer can send. The first byte chooses
 * how far both have come: nowhere, and the input is a datagram; a peer that has
 * keys and isn't authenticated, perhaps with a certificate; one that waits while
 * we sign; one that is authenticated. In all but the first the input is what is
 * inside encrypted messages, each with its exchange and length in front, so that
 * fuzzing gets past the integrity check.
 */
#include <certificates.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/signer.h"
#include "ike/exchange.h"
#include "lib/iana.h"

#define QUEUE 64

/* Bytes of the payloads that an input can have in a message */
#define CHAIN_MAX 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * struct host - one of two hosts
 * @number: which
 * @ike: its engine
 * @model: its connection
 * @pairs: child SAs its kernel has
 * @next_spi: how many SPIs it gave out
 * @spis: SPIs it gave out that were not installed
 */
struct host {
	unsigned int number;
	struct ike *ike;
	struct ike_model model;
	int pairs;
	uint32_t next_spi;
	int spis;
};

static struct host hosts[2];
static struct ike_datagram *queue[QUEUE];
static unsigned int senders[QUEUE];
static size_t queued;
static uint64_t clock_now;
/* of the host that is fuzzed, and what it trusts; made once */
static struct signer signer;
static struct crypto_trust *authorities;

static void check(bool condition)
{
	if (!condition)
		abort();
}

static uint64_t now(void *context)
{
	(void)context;
	return clock_now;
}

static struct error *random_bytes(void *context, void *bytes, size_t length)
{
	static uint8_t next;
	uint8_t *byte = bytes;

	(void)context;
	while (length--)
		*byte++ = next += 37;
	next++;
	return NULL;
}

static void send_datagram(void *context, const struct ike_path *path,
			  struct bytes datagram)
{
	const struct host *host = context;

	(void)path;
	if (queued == QUEUE)
		return;
	senders[queued] = host->number;
	queue[queued++] = ike_datagram_create(datagram.data, datagram.length);
}

static void send_keepalive(void *context, const struct ike_path *path)
{
	(void)context;
	(void)path;
}

static bool find_secret(void *context, const struct ike_id *local,
			const struct ike_id *remote, struct bytes *secret)
{
	static const uint8_t known[] = { 's' };

	(void)context;
	(void)local;
	(void)remote;
	*secret = bytes_of(known, sizeof(known));
	return true;
}

static int64_t wall_clock(void *context)
{
	(void)context;
	/* 2030-01-01, when all certificates are valid */
	return 1893456000;
}

static struct error *sign(void *context, const struct ike_signing *signing)
{
	(void)context;
	return signer_sign(&signer, signing);
}

static const struct crypto_trust *trust(void *context)
{
	(void)context;
	return authorities;
}

static void log_sentence(void *context, enum ike_level level,
			 const struct ike_subject *about, const char *sentence)
{
	(void)context;
	(void)level;
	(void)about;
	check(strlen(sentence));
}

static void tell(void *context, enum ike_event event,
		 const struct ike_subject *about, const char *why)
{
	(void)context;
	(void)event;
	(void)about;
	(void)why;
}

static struct error *allocate_spi(void *context, const struct ike_path *path,
				  uint32_t *spi)
{
	struct host *host = context;

	(void)path;
	/* an input may name them, so they are the same each time */
	*spi = 0x1000 * (host->number + 1) + host->next_spi++;
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

	(void)use;
	check(pair->in.encr_length && pair->local.count && pair->remote.count);
	host->spis--;
	host->pairs++;
	return NULL;
}

static struct error *use_pair(void *context, const struct ike_pair *pair)
{
	(void)context;
	(void)pair;
	return NULL;
}

static struct error *move_pair(void *context, const struct ike_pair *pair)
{
	(void)context;
	(void)pair;
	return NULL;
}

static struct error *query_pair(void *context, const struct ike_pair *pair,
				struct ike_traffic *traffic)
{
	(void)context;
	(void)pair;
	*traffic = (struct ike_traffic){ 0 };
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
	.send = send_datagram,
	.keepalive = send_keepalive,
	.find_secret = find_secret,
	.wall_clock = wall_clock,
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

static void make_proposals(struct wire_sa *sa, uint8_t protocol)
{
	wire_sa_add_proposal(sa, protocol);
	wire_sa_add_transform(sa, IANA_TRANSFORM_ENCR, IANA_ENCR_AES_GCM_16,
			      128);
	if (protocol == IANA_PROTOCOL_IKE)
		wire_sa_add_transform(sa, IANA_TRANSFORM_PRF,
				      IANA_PRF_HMAC_SHA2_256, 0);
	wire_sa_add_transform(sa, IANA_TRANSFORM_KE, IANA_KE_CURVE25519, 0);
}

static void make_ts(struct wire_ts_list *list, uint8_t net)
{
	const uint8_t first[4] = { 10, net, 0, 0 };
	const uint8_t last[4] = { 10, net, 255, 255 };

	list->count = 1;
	list->items[0] = (struct wire_ts){ .ports = PORT_RANGE_ANY };
	address_set(&list->items[0].first, first, 4);
	address_set(&list->items[0].last, last, 4);
}

/* How far both have come, and what the engine is about to do */
enum mode {
	MODE_NOTHING,
	MODE_KEYS,
	MODE_CHILD_REKEY,
	MODE_IKE_REKEY,
	MODE_CERTIFICATE,
	MODE_SIGNING,
	MODES
};

/* The peer may have a certificate, we have a key. */
static void make_signatures(struct ike_model *model)
{
	struct ike_local_auth *auth = &model->local_auth;
	struct crypto_cert *cert;

	if (!authorities) {
		check(!crypto_trust_create(&authorities));
		check(!crypto_cert_from_der(root, sizeof(root), &cert));
		check(!crypto_trust_add_ca(authorities, cert));
		crypto_cert_free(cert);
		signer_make_key(&signer, CRYPTO_KEY_ED25519);
	}
	signer.job_count = 0;
	auth->has_key = true;
	auth->kind = CRYPTO_KEY_ED25519;
	memcpy(auth->ckaid, signer.keys[0].ckaid, sizeof(auth->ckaid));
	auth->methods.schemes = CRYPTO_SCHEME_EDDSA;
	model->remote_auth.methods.schemes = CRYPTO_SCHEME_SHA1 |
					     CRYPTO_SCHEME_PKCS1 |
					     CRYPTO_SCHEME_PSS |
					     CRYPTO_SCHEME_ECDSA |
					     CRYPTO_SCHEME_EDDSA;
	model->remote_auth.methods.hashes = CRYPTO_HASH_BIT(IANA_HASH_SHA2_256);
	model->remote_auth.certificates = true;
	model->remote_auth.any_id = true;
	model->remote_auth.keys[0] = bytes_of(signer.keys[0].spki,
					      signer.keys[0].spki_length);
	model->remote_auth.key_count = 1;
}

static void make_host(unsigned int number, enum mode mode)
{
	static const uint8_t addresses[2][4] = {
		{ 192, 0, 2, 1 }, { 192, 0, 2, 2 }
	};
	struct host *host = &hosts[number];
	struct ike_model *model = &host->model;

	memset(host, 0, sizeof(*host));
	host->number = number;
	strcpy(model->name, "tunnel");
	model->local_id = (struct ike_id){ IANA_ID_FQDN, 1, { 'w' } };
	model->local_id.data[0] = (uint8_t)('w' + number);
	address_set(&model->path.local.address, addresses[number], 4);
	address_set(&model->path.remote.address, addresses[!number], 4);
	model->path.local.port = 500;
	model->path.remote.port = 500;
	model->narrowing = true;
	model->local_auth.methods.secret = true;
	model->remote_auth.methods.secret = true;
	if (mode >= MODE_CERTIFICATE) {
		if (number)
			make_signatures(model);
		else
			model->remote_auth.methods.schemes =
				CRYPTO_SCHEME_EDDSA;
	}
	model->child_count = 1;
	strcpy(model->children[0].name, "net");
	make_proposals(&model->proposals, IANA_PROTOCOL_IKE);
	make_proposals(&model->children[0].proposals, IANA_PROTOCOL_ESP);
	make_ts(&model->children[0].local, (uint8_t)number);
	make_ts(&model->children[0].remote, (uint8_t)!number);
	check(!ike_create(&ops, host, &ike_config_default, &host->ike));
	check(!ike_add(host->ike, model));
}

/* Delivers at most so many datagrams. */
static void run(size_t limit)
{
	struct ike_datagram *datagram;
	struct host *to;

	while (queued && limit--) {
		datagram = queue[0];
		to = &hosts[!senders[0]];
		memmove(&queue[0], &queue[1], --queued * sizeof(queue[0]));
		memmove(&senders[0], &senders[1], queued * sizeof(senders[0]));
		ike_receive(to->ike, &to->model.path,
			    bytes_of(datagram->data, datagram->length));
		ike_datagram_free(datagram);
	}
}

static void forget(void)
{
	while (queued)
		ike_datagram_free(queue[--queued]);
}

/* The IKE SA of the host that the fuzzer plays, NULL once it has ended */
static struct ike_sa *our_sa(void)
{
	struct list *sas = &hosts[0].ike->sas;

	if (list_empty(sas))
		return NULL;
	return list_entry(sas->next, struct ike_sa, link);
}

/* The input's payloads, perhaps behind a certificate that is all right. */
static void put_chain(struct wire_writer *writer, uint8_t first,
		      struct bytes chain, bool with_cert)
{
	if (with_cert) {
		wire_put_cert(writer, IANA_PAYLOAD_CERT,
			      IANA_CERT_X509_SIGNATURE,
			      bytes_of(west, sizeof(west)));
		wire_put_cert(writer, IANA_PAYLOAD_CERT,
			      IANA_CERT_X509_SIGNATURE,
			      bytes_of(middle, sizeof(middle)));
		writer->bytes.data[writer->last_at] = first;
	} else {
		writer->first = first;
	}
	bytes_put(&writer->bytes, chain);
}

/* Sends one encrypted message with the payloads that the input has. */
static void send_sealed(struct bytes_reader *reader)
{
	uint8_t exchange = bytes_take_u8(reader), flags = bytes_take_u8(reader);
	uint8_t first = bytes_take_u8(reader);
	struct bytes chain = bytes_take(reader,
					bytes_take_u16(reader) % CHAIN_MAX);
	struct ike_sa *sa = our_sa();
	struct wire_header header = {
		.exchange = (uint8_t)(IANA_EXCHANGE_IKE_AUTH + exchange % 3),
		.response = flags & 1,
	};
	struct ike_datagram *message = NULL;
	struct wire_writer writer;
	struct ike_path *path = &hosts[1].model.path;
	uint8_t buffer[CHAIN_MAX + 2 * CRYPTO_CERT_SIZE_MAX];

	if (!sa || !sa->keys.prf || reader->failed)
		return;
	header.message_id = header.response ? sa->window.expected :
					      sa->window.next++;
	wire_writer_init(&writer, buffer, sizeof(buffer));
	put_chain(&writer, first, chain, flags & 2);
	if (ike_message_build(sa, &header, &writer, &message))
		abort();
	ike_receive(hosts[1].ike, path,
		    bytes_of(message->data, message->length));
	ike_datagram_free(message);
	forget();
}

static void fuzz_inside(struct bytes_reader *reader, enum mode mode)
{
	check(!ike_up(hosts[0].ike, "tunnel", NULL));
	/* two messages of IKE_SA_INIT, two of IKE_AUTH */
	run(mode == MODE_KEYS || mode == MODE_CERTIFICATE ? 2 : 4);
	forget();
	if (mode == MODE_CHILD_REKEY)
		error_free(ike_rekey(hosts[1].ike, "tunnel", "net"));
	else if (mode == MODE_IKE_REKEY)
		error_free(ike_rekey(hosts[1].ike, "tunnel", NULL));
	forget();
	while (reader->left && !reader->failed)
		send_sealed(reader);
	while (signer.job_count)
		signer_hand_over(&signer, hosts[1].ike);
	forget();
	/* whatever it was, all of it ends */
	clock_now += 1000;
	ike_tick(hosts[1].ike);
}

/**
 * LLVMFuzzerTestOneInput - send something to an engine
 * @data: the choice, and what is sent
 * @size: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_reader reader;
	struct bytes datagram;
	unsigned int i;
	enum mode mode;

	bytes_reader_init(&reader, bytes_of(data, size));
	mode = bytes_take_u8(&reader) % MODES;
	for (i = 0; i < 2; i++)
		make_host(i, mode);
	if (mode == MODE_NOTHING) {
		datagram = bytes_take_rest(&reader);
		ike_receive(hosts[1].ike, &hosts[1].model.path, datagram);
		ike_receive(hosts[1].ike, &hosts[1].model.path, datagram);
	} else {
		fuzz_inside(&reader, mode);
	}
	forget();
	for (i = 0; i < 2; i++) {
		ike_destroy(hosts[i].ike);
		check(!hosts[i].pairs && !hosts[i].spis);
	}
	return 0;
}
