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

#include "../unit/hosts.h"
#include "ike/exchange.h"
#include "lib/iana.h"

/* 2030-01-01, when all certificates are valid */
#define NOW 1893456000

/* Bytes of the payloads that an input can have in a message */
#define CHAIN_MAX 1024

/* The host that the fuzzer plays, and the one that it plays with */
#define PEER 0
#define US 1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the host that is fuzzed, and what it trusts; made once */
static struct signer signer;
static struct crypto_trust *authorities;

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
static void use_signatures(void)
{
	struct ike_remote_auth *remote = &world.hosts[US].model.remote_auth;
	struct ike_local_auth *local = &world.hosts[US].model.local_auth;
	struct crypto_cert *cert;

	if (!authorities) {
		assert_success(crypto_trust_create(&authorities));
		assert_success(crypto_cert_from_der(root, sizeof(root), &cert));
		assert_success(crypto_trust_add_ca(authorities, cert));
		crypto_cert_free(cert);
		signer_make_key(&signer, CRYPTO_KEY_ED25519);
	}
	world.wall_clock = NOW;
	world.hosts[US].signer = signer;
	world.hosts[US].trust = authorities;
	local->has_key = true;
	local->kind = CRYPTO_KEY_ED25519;
	memcpy(local->ckaid, signer.keys[0].ckaid, sizeof(local->ckaid));
	local->methods.schemes = CRYPTO_SCHEME_EDDSA;
	remote->methods.schemes = CRYPTO_SCHEME_SHA1 | CRYPTO_SCHEME_PKCS1 |
				  CRYPTO_SCHEME_PSS | CRYPTO_SCHEME_ECDSA |
				  CRYPTO_SCHEME_EDDSA;
	remote->methods.hashes = CRYPTO_HASH_BIT(IANA_HASH_SHA2_256);
	remote->certificates = true;
	remote->any_id = true;
	remote->keys[0] = bytes_of(signer.keys[0].spki,
				   signer.keys[0].spki_length);
	remote->key_count = 1;
	world.hosts[PEER].model.remote_auth.methods.schemes =
		CRYPTO_SCHEME_EDDSA;
}

/* What was made once stays. */
static void keep_signatures(void)
{
	memset(&world.hosts[US].signer, 0, sizeof(signer));
	world.hosts[US].trust = NULL;
}

/* Child SAs with perfect forward secrecy, and of what the peer wants */
static void make_model(struct ike_model *model)
{
	struct wire_sa *proposals = &model->children[0].proposals;

	model->narrowing = true;
	wire_sa_add_transform(proposals, IANA_TRANSFORM_KE, IANA_KE_CURVE25519,
			      0);
	hosts_make_proposals(&model->proposals, IANA_PROTOCOL_IKE, 128);
}

/* Delivers so many datagrams, and forgets the others. */
static void deliver(size_t count)
{
	struct packet packet;

	while (count-- && world.count) {
		packet = world.queue[0];
		memmove(&world.queue[0], &world.queue[1],
			--world.count * sizeof(packet));
		hosts_deliver(&packet);
	}
	world.count = 0;
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
	struct ike_sa *sa = hosts_sa(PEER);
	struct wire_header header = {
		.exchange = (uint8_t)(IANA_EXCHANGE_IKE_AUTH + exchange % 3),
		.response = flags & 1,
	};
	struct wire_writer writer;
	uint8_t buffer[CHAIN_MAX + 2 * CRYPTO_CERT_SIZE_MAX];

	if (!sa || !sa->keys.prf || reader->failed)
		return;
	header.message_id = header.response ? sa->window.expected :
					      sa->window.next++;
	wire_writer_init(&writer, buffer, sizeof(buffer));
	put_chain(&writer, first, chain, flags & 2);
	hosts_send(PEER, &header, &writer);
	deliver(world.count);
}

static void fuzz_inside(struct bytes_reader *reader, enum mode mode)
{
	struct ike *ike = world.hosts[US].ike;

	assert_success(ike_up(world.hosts[PEER].ike, "tunnel", NULL));
	/* two messages of IKE_SA_INIT, two of IKE_AUTH */
	deliver(mode == MODE_KEYS || mode == MODE_CERTIFICATE ? 2 : 4);
	if (mode == MODE_CHILD_REKEY)
		error_free(ike_rekey(ike, "tunnel", "net"));
	else if (mode == MODE_IKE_REKEY)
		error_free(ike_rekey(ike, "tunnel", NULL));
	world.count = 0;
	while (reader->left && !reader->failed)
		send_sealed(reader);
	while (world.hosts[US].signer.job_count)
		signer_hand_over(&world.hosts[US].signer, ike);
	world.count = 0;
	/* whatever it was, all of it ends */
	world.deaf = true;
	hosts_wait(1);
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
	const struct ike_path *path = &world.hosts[US].model.path;
	struct bytes_reader reader;
	struct bytes datagram;
	enum mode mode;

	bytes_reader_init(&reader, bytes_of(data, size));
	mode = bytes_take_u8(&reader) % MODES;
	hosts_set_up(NULL);
	make_model(&world.hosts[PEER].model);
	make_model(&world.hosts[US].model);
	if (mode >= MODE_CERTIFICATE)
		use_signatures();
	world.slow_signers = true;
	hosts_start(&ike_config_default);
	if (mode == MODE_NOTHING) {
		datagram = bytes_take_rest(&reader);
		ike_receive(world.hosts[US].ike, path, datagram);
		ike_receive(world.hosts[US].ike, path, datagram);
		world.count = 0;
	} else {
		fuzz_inside(&reader, mode);
	}
	/* the engine that is fuzzed has keys that stay */
	keep_signatures();
	assert_int_equal(hosts_tear_down(NULL), 0);
	return 0;
}
