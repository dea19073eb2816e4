// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of authentication in user/ike by signatures and certificates: two engines
 * that hear each other at once. certificates.py makes the certificates; all but
 * east's have west's key.
 */
#include <certificates.h>

#include "crypto/dn.h"
#include "hosts.h"
#include "ike/auth.h"
#include "ike/exchange.h"
#include "ike/id.h"
#include "lib/array.h"
#include "lib/iana.h"

/* 2030-01-01, and one month */
#define NOW 1893456000
#define MONTH (30LL * 86400)

#define WEST 0
#define EAST 1

#define ALL_SCHEMES (CRYPTO_SCHEME_SHA1 | CRYPTO_SCHEME_PKCS1 | \
		     CRYPTO_SCHEME_PSS | CRYPTO_SCHEME_ECDSA | \
		     CRYPTO_SCHEME_EDDSA)
#define SHA2_HASHES (CRYPTO_HASH_BIT(IANA_HASH_SHA2_256) | \
		     CRYPTO_HASH_BIT(IANA_HASH_SHA2_384) | \
		     CRYPTO_HASH_BIT(IANA_HASH_SHA2_512))

#define VIEW(array) { array, sizeof(array) }
#define BYTES(array) bytes_of(array, sizeof(array))

static const struct ike_methods signatures = {
	.schemes = ALL_SCHEMES, .hashes = SHA2_HASHES,
};

static struct ike_local_auth *local(unsigned int number)
{
	return &world.hosts[number].model.local_auth;
}

/* What the other host demands of this one. */
static struct ike_remote_auth *demands_on(unsigned int number)
{
	return &world.hosts[!number].model.remote_auth;
}

static void use_key(unsigned int number, const struct signer_key *key)
{
	struct ike_local_auth *auth = local(number);

	auth->methods = signatures;
	auth->has_key = true;
	auth->kind = key->kind;
	memcpy(auth->ckaid, key->ckaid, sizeof(auth->ckaid));
	demands_on(number)->methods = signatures;
}

static void let_know(unsigned int number, const struct signer_key *key)
{
	struct ike_remote_auth *auth = demands_on(number);

	auth->keys[auth->key_count++] = bytes_of(key->spki, key->spki_length);
}

/* A raw key that the other side knows. */
static const struct signer_key *give_key(unsigned int number,
					 enum crypto_key_kind kind)
{
	const struct signer_key *key;

	key = signer_make_key(&world.hosts[number].signer, kind);
	use_key(number, key);
	let_know(number, key);
	return key;
}

static void trust_ca(unsigned int number, struct bytes der)
{
	struct host *host = &world.hosts[number];
	struct crypto_cert *cert;

	if (!host->trust)
		assert_success(crypto_trust_create(&host->trust));
	assert_success(crypto_cert_from_der(der.data, der.length, &cert));
	assert_success(crypto_trust_add_ca(host->trust, cert));
	crypto_cert_free(cert);
}

static void add_cert(unsigned int number, struct bytes der)
{
	local(number)->certs[local(number)->cert_count++] = der;
}

/* A certificate by the authority in the middle. */
static void give_cert(unsigned int number, struct bytes der, struct bytes pem,
		      const char *name)
{
	struct host *host = &world.hosts[number];
	struct ike_id *id = &host->model.local_id;

	use_key(number, signer_read_key(&host->signer, pem.data, pem.length));
	local(number)->send_cert = IKE_SEND_CERT_IF_ASKED;
	add_cert(number, der);
	add_cert(number, BYTES(middle));
	demands_on(number)->certificates = true;
	id->type = IANA_ID_FQDN;
	id->length = (uint16_t)strlen(name);
	memcpy(id->data, name, id->length);
	world.hosts[!number].model.remote_id = *id;
}

/* Both with certificates that are all right. */
static void give_certs(void)
{
	world.wall_clock = NOW;
	trust_ca(WEST, BYTES(root));
	trust_ca(EAST, BYTES(root));
	give_cert(WEST, BYTES(west), BYTES(key_pem), "west.example.com");
	give_cert(EAST, BYTES(east), BYTES(key_east_pem), "east.example.com");
}

static void begin_again(void **state)
{
	assert_int_equal(hosts_tear_down(state), 0);
	hosts_set_up(state);
}

static void assert_up(void)
{
	hosts_connect();
	assert_told(WEST, "ESTABLISHED");
	assert_told(EAST, "ESTABLISHED");
	assert_pairs(1);
	assert_int_equal(ike_status(world.hosts[EAST].ike).half_open, 0);
}

/* One side refuses the other and says why; the other learns that, not why. */
static void assert_refuses(unsigned int number, const char *why)
{
	hosts_connect();
	assert_told(number, "AUTHENTICATION_FAILED: ");
	assert_told(number, why);
	if (number == EAST)
		assert_told(WEST, "FAILED the peer refused IKE_AUTH: AUTHENTICATION_FAILED");
	assert_null(strstr(world.hosts[!number].told, why));
	world.now += 60000;
	ike_tick(world.hosts[EAST].ike);
	ike_tick(world.hosts[WEST].ike);
	hosts_run();
	assert_pairs(0);
}

/* ----- raw keys ---------------------------------------------------------- */

static void raw_keys(void **state)
{
	static const enum crypto_key_kind kinds[] = {
		CRYPTO_KEY_RSA, CRYPTO_KEY_P256, CRYPTO_KEY_P384,
		CRYPTO_KEY_P521, CRYPTO_KEY_ED25519, CRYPTO_KEY_ED448,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		begin_again(state);
		give_key(WEST, kinds[i]);
		give_key(EAST, kinds[(i + 1) % ARRAY_SIZE(kinds)]);
		assert_up();
		assert_int_equal(world.hosts[WEST].signer.asked, 1);
		assert_int_equal(world.hosts[EAST].signer.asked, 1);
	}
}

/* A peer that doesn't know RFC 7427 */
static void own_methods(void **state)
{
	static const enum crypto_key_kind kinds[] = {
		CRYPTO_KEY_P256, CRYPTO_KEY_P384, CRYPTO_KEY_P521,
		CRYPTO_KEY_RSA,
	};
	static const size_t lengths[] = { 64, 96, 132, 256 };
	struct ike_methods *methods;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		begin_again(state);
		give_key(WEST, kinds[i]);
		methods = &demands_on(WEST)->methods;
		methods->schemes = CRYPTO_SCHEME_ECDSA | CRYPTO_SCHEME_SHA1;
		methods->hashes = 0;
		world.slow_signers = true;
		hosts_connect();
		assert_int_equal(world.hosts[WEST].signer.jobs[0].signature.length,
				 lengths[i]);
		world.slow_signers = false;
		hosts_run();
		assert_told(EAST, "ESTABLISHED");
	}
}

static void best_scheme(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_RSA);
	give_key(EAST, CRYPTO_KEY_RSA);
	/* each signs as the other wants it */
	demands_on(WEST)->methods.schemes = CRYPTO_SCHEME_PSS;
	demands_on(WEST)->methods.hashes = CRYPTO_HASH_BIT(IANA_HASH_SHA2_256);
	local(EAST)->methods.schemes = CRYPTO_SCHEME_PKCS1;
	assert_up();
}

static void scheme_not_allowed(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_RSA);
	give_key(EAST, CRYPTO_KEY_RSA);
	local(WEST)->methods.schemes = CRYPTO_SCHEME_SHA1;
	demands_on(WEST)->methods.schemes &= ~(unsigned int)CRYPTO_SCHEME_SHA1;
	assert_refuses(EAST, "it signs by RSASSA-PKCS1-v1_5 with SHA1, which authby= of connection \"tunnel\" doesn't allow");
}

static void no_common_scheme(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_RSA);
	give_key(EAST, CRYPTO_KEY_RSA);
	local(WEST)->methods.schemes = CRYPTO_SCHEME_PSS;
	demands_on(WEST)->methods.schemes = CRYPTO_SCHEME_SHA1;
	hosts_connect();
	assert_told(WEST, "FAILED our key for RSA cannot sign in a way that authby= of connection \"tunnel\" allows and that the peer understands (which announced no SIGNATURE_HASH_ALGORITHMS)");
	assert_pairs(0);
	begin_again(state);
	give_key(WEST, CRYPTO_KEY_RSA);
	local(WEST)->methods = (struct ike_methods){
		.schemes = CRYPTO_SCHEME_PSS,
		.hashes = CRYPTO_HASH_BIT(IANA_HASH_SHA2_512),
	};
	demands_on(WEST)->methods.hashes = CRYPTO_HASH_BIT(IANA_HASH_SHA2_256);
	hosts_connect();
	assert_told(WEST, "FAILED our key for RSA cannot sign in a way that authby= of connection \"tunnel\" allows and that the peer understands");
	assert_pairs(0);
}

/* How the peer authenticates tells which connection it means. */
static void connection_by_method(void **state)
{
	struct host *host = &world.hosts[EAST];
	struct ike_model other;

	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	hosts_start(&ike_config_default);
	other = host->model;
	strcpy(other.name, "another one");
	other.remote_auth.methods = (struct ike_methods){ .secret = true };
	assert_success(ike_remove(host->ike, "tunnel"));
	assert_success(ike_add(host->ike, &other));
	assert_success(ike_add(host->ike, &host->model));
	assert_success(ike_up(world.hosts[WEST].ike, "tunnel", NULL));
	hosts_run();
	assert_told(EAST, "ESTABLISHED");
	assert_pairs(1);
}

static void secret_and_signature(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	assert_up();
	assert_int_equal(world.hosts[WEST].signer.asked, 1);
	assert_int_equal(world.hosts[EAST].signer.asked, 0);
}

static void use_nothing(unsigned int number)
{
	local(number)->methods = (struct ike_methods){ .null = true };
	demands_on(number)->methods = (struct ike_methods){ .null = true };
}

/* RFC 7619: one may be anybody, or both */
static void nobody(void **state)
{
	struct ike_id *id = &world.hosts[WEST].model.local_id;

	give_key(EAST, CRYPTO_KEY_ED25519);
	use_nothing(WEST);
	*id = (struct ike_id){ .type = IANA_ID_NULL };
	world.hosts[EAST].model.remote_id = *id;
	assert_up();
	begin_again(state);
	use_nothing(WEST);
	use_nothing(EAST);
	assert_up();

	/* who may be anybody does not end what another one has */
	ike_destroy(world.hosts[WEST].ike);
	hosts_start_one(WEST, &ike_config_default);
	assert_success(ike_up(world.hosts[WEST].ike, "tunnel", NULL));
	hosts_run();
	assert_int_equal(ike_status(world.hosts[EAST].ike).established, 2);
}

static void signature_instead_of_secret(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	demands_on(WEST)->methods = (struct ike_methods){ .secret = true };
	local(WEST)->methods.schemes = CRYPTO_SCHEME_EDDSA;
	hosts_connect();
	assert_told(WEST, "FAILED our key for Ed25519 cannot sign");
	assert_pairs(0);
}

static void secret_instead_of_signature(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_P256);
	local(WEST)->methods = (struct ike_methods){ .secret = true };
	assert_refuses(EAST, "the peer says that it is @w: it uses SHARED_KEY_MIC, which connection \"tunnel\" doesn't allow");
}

static void wrong_key(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	give_key(EAST, CRYPTO_KEY_ED25519);
	use_key(WEST, signer_make_key(&world.hosts[WEST].signer,
				      CRYPTO_KEY_ED25519));
	assert_refuses(EAST, "the peer says that it is @w: with the public key we have of it: the signature (Ed25519) is wrong");
}

static void wrong_key_of_responder(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	give_key(EAST, CRYPTO_KEY_P256);
	use_key(EAST, signer_make_key(&world.hosts[EAST].signer,
				      CRYPTO_KEY_P256));
	assert_refuses(WEST, "the peer says that it is @e: with the public key we have of it: the signature (ECDSA with SHA2_256) is wrong");
	assert_told(EAST, "CHILD_DOWN the peer has ended it");
}

static void key_of_another_kind(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	give_key(EAST, CRYPTO_KEY_ED25519);
	use_key(WEST, signer_make_key(&world.hosts[WEST].signer,
				      CRYPTO_KEY_P256));
	assert_refuses(EAST, "a key for Ed25519 cannot be used for ECDSA with SHA2_256");
}

static void several_keys(void **state)
{
	const struct signer_key *second;

	(void)state;
	give_key(EAST, CRYPTO_KEY_ED25519);
	give_key(WEST, CRYPTO_KEY_P384);
	give_key(WEST, CRYPTO_KEY_ED25519);
	second = signer_make_key(&world.hosts[WEST].signer, CRYPTO_KEY_ED25519);
	let_know(WEST, second);
	use_key(WEST, second);
	assert_up();
}

static void unknown_key(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	give_key(EAST, CRYPTO_KEY_ED25519);
	demands_on(WEST)->key_count = 0;
	assert_refuses(EAST, "connection \"tunnel\" has no public key of it");
}

static void no_private_key(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	local(WEST)->ckaid[0] ^= 1;
	hosts_connect();
	assert_told(WEST, "FAILED there is no such private key");
	assert_pairs(0);
	begin_again(state);
	give_key(WEST, CRYPTO_KEY_ED25519);
	local(WEST)->has_key = false;
	hosts_connect();
	assert_told(WEST, "FAILED connection \"tunnel\" is to sign and has no private key");
	assert_pairs(0);
}

static void responder_without_key(void **state)
{
	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	give_key(EAST, CRYPTO_KEY_ED25519);
	local(EAST)->ckaid[0] ^= 1;
	hosts_connect();
	assert_told(EAST, "there is no such private key");
	assert_told(WEST, "FAILED the peer refused IKE_AUTH: AUTHENTICATION_FAILED");
	assert_pairs(0);
}

/* ----- signatures that take their time ----------------------------------- */

static struct signer *slow_signer(unsigned int number)
{
	struct host *host = &world.hosts[number];

	assert_int_equal(host->signer.job_count, 1);
	return &host->signer;
}

static void begin_slowly(void)
{
	give_key(WEST, CRYPTO_KEY_ED25519);
	give_key(EAST, CRYPTO_KEY_ED25519);
	world.slow_signers = true;
	hosts_connect();
	assert_int_equal(ike_status(world.hosts[WEST].ike).busy, 1);
	assert_int_equal(slow_signer(WEST)->asked, 1);
}

static void hand_over(unsigned int number)
{
	signer_hand_over(slow_signer(number), world.hosts[number].ike);
	hosts_run();
}

static void tick(uint64_t wait)
{
	world.now += wait;
	ike_tick(world.hosts[WEST].ike);
	ike_tick(world.hosts[EAST].ike);
	hosts_run();
}

static void late_signatures(void **state)
{
	const struct ike_counters *counters;

	(void)state;
	begin_slowly();
	hand_over(WEST);
	assert_int_equal(slow_signer(EAST)->asked, 1);
	assert_int_equal(ike_status(world.hosts[EAST].ike).busy, 1);
	/* the request comes again, and is not acted upon again */
	tick(500);
	tick(1000);
	counters = ike_counters(world.hosts[EAST].ike);
	assert_int_equal(counters->request_pending, 2);
	assert_int_equal(slow_signer(EAST)->asked, 1);
	assert_pairs(0);
	hand_over(EAST);
	assert_told(WEST, "ESTABLISHED");
	assert_told(EAST, "ESTABLISHED");
	assert_pairs(1);
	assert_int_equal(ike_status(world.hosts[WEST].ike).busy, 0);
	assert_int_equal(ike_status(world.hosts[EAST].ike).busy, 0);
	/* nobody waits for what nobody has asked for */
	ike_signed(world.hosts[EAST].ike, 1, bytes_of("x", 1), NULL);
	assert_int_equal(counters->signature_late, 1);
}

static void signature_for_nobody(void **state)
{
	(void)state;
	begin_slowly();
	assert_success(ike_down(world.hosts[WEST].ike, "tunnel", NULL));
	hand_over(WEST);
	assert_int_equal(ike_counters(world.hosts[WEST].ike)->signature_late, 1);
	assert_int_equal(ike_status(world.hosts[WEST].ike).sas, 0);
	assert_pairs(0);
}

static void signature_never_comes(void **state)
{
	(void)state;
	begin_slowly();
	tick(15000);
	assert_told(WEST, "FAILED our signature was not made in time");
	assert_int_equal(ike_status(world.hosts[WEST].ike).sas, 0);
	hand_over(WEST);
	assert_int_equal(ike_counters(world.hosts[WEST].ike)->signature_late, 1);
}

/* Once it is there the peer may take its time. */
static void patience_after_signature(void **state)
{
	(void)state;
	begin_slowly();
	world.deaf = true;
	hand_over(WEST);
	tick(15000);
	assert_int_equal(ike_status(world.hosts[WEST].ike).sas, 1);
	while (ike_deadline(world.hosts[WEST].ike) != IKE_NEVER)
		tick(1000);
	assert_told(WEST, "FAILED no answer to IKE_AUTH within 20 seconds");
}

static void responders_signature_never_comes(void **state)
{
	(void)state;
	begin_slowly();
	hand_over(WEST);
	tick(30000);
	assert_told(EAST, "our signature was not made in time");
	assert_int_equal(ike_status(world.hosts[EAST].ike).sas, 0);
	assert_int_equal(ike_status(world.hosts[EAST].ike).half_open, 0);
	hand_over(EAST);
	assert_int_equal(ike_counters(world.hosts[EAST].ike)->signature_late, 1);
	assert_pairs(0);
}

static void signing_fails(void **state)
{
	(void)state;
	begin_slowly();
	ike_signed(world.hosts[WEST].ike, slow_signer(WEST)->jobs[0].token,
		   bytes_of(NULL, 0), error_refused(0, "the card is gone"));
	assert_told(WEST, "FAILED our AUTH payload could not be signed: the card is gone");
	assert_int_equal(ike_status(world.hosts[WEST].ike).sas, 0);
}

static void responders_signing_fails(void **state)
{
	(void)state;
	begin_slowly();
	hand_over(WEST);
	ike_signed(world.hosts[EAST].ike, slow_signer(EAST)->jobs[0].token,
		   bytes_of(NULL, 0), error_refused(0, "the card is gone"));
	hosts_run();
	assert_told(EAST, "our AUTH payload could not be signed: the card is gone");
	assert_told(WEST, "FAILED the peer refused IKE_AUTH: AUTHENTICATION_FAILED");
	assert_pairs(0);
}

static void removed_while_signing(void **state)
{
	(void)state;
	begin_slowly();
	hand_over(WEST);
	assert_success(ike_remove(world.hosts[EAST].ike, "tunnel"));
	hand_over(EAST);
	assert_int_equal(ike_status(world.hosts[EAST].ike).sas, 0);
	assert_pairs(0);
}

/* Signatures that are no signatures, however they came about */
static void damaged_signatures(void **state)
{
	static const int changes[] = { -1, 1, -63, 0 };
	struct crypto_signature *signature;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		begin_again(state);
		begin_slowly();
		signature = &slow_signer(WEST)->jobs[0].signature;
		if (changes[i])
			signature->length += (size_t)changes[i];
		else
			signature->bytes[10] ^= 1;
		hand_over(WEST);
		assert_told(EAST, "the signature (Ed25519) is wrong");
		assert_told(WEST, "FAILED the peer refused IKE_AUTH");
		assert_pairs(0);
	}
	begin_again(state);
	begin_slowly();
	slow_signer(WEST)->jobs[0].signature.length = 0;
	hand_over(WEST);
	assert_told(WEST, "FAILED our AUTH payload could not be signed: our signature has 0 bytes");
}

/* ----- AUTH payloads that an adversary makes ----------------------------- */

/* Sends a request of IKE_AUTH in the name of west, whose own never comes. */
static void send_auth(uint8_t method, struct bytes data, uint8_t encoding,
		      struct bytes cert)
{
	struct wire_header header = {
		.exchange = IANA_EXCHANGE_IKE_AUTH, .message_id = 1,
	};
	struct wire_writer writer;
	uint8_t buffer[2048];

	wire_writer_init(&writer, buffer, sizeof(buffer));
	ike_id_put(&world.hosts[WEST].model.local_id, &writer,
		   IANA_PAYLOAD_IDI);
	if (cert.length)
		wire_put_cert(&writer, IANA_PAYLOAD_CERT, encoding, cert);
	wire_put_auth(&writer, method, data);
	hosts_send(WEST, &header, &writer);
	hosts_run();
	assert_pairs(0);
	assert_told(EAST, "AUTHENTICATION_FAILED: the peer says that it is @w");
}

static void hostile_auth(void **state)
{
	static const struct {
		uint8_t method;
		uint8_t data[16];
		size_t length;
		const char *why;
	} cases[] = {
		{ IANA_AUTH_DIGITAL_SIGNATURE, "", 0, "its signature is cut off" },
		{ IANA_AUTH_DIGITAL_SIGNATURE, { 7, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70 },
		  8, "its signature is cut off" },
		{ IANA_AUTH_DIGITAL_SIGNATURE, { 200, 0x30 }, 2,
		  "its signature is cut off" },
		{ IANA_AUTH_DIGITAL_SIGNATURE, { 2, 0x30, 0x80, 1 }, 4,
		  "AlgorithmIdentifier of 2 bytes is malformed" },
		{ IANA_AUTH_DIGITAL_SIGNATURE,
		  { 7, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 1 }, 9,
		  "the signature (Ed25519) is wrong" },
		{ IANA_AUTH_RSA_SIGNATURE, { 1 }, 1,
		  "a key for Ed25519 cannot be used for RSASSA-PKCS1-v1_5" },
		{ IANA_AUTH_DSS_SIGNATURE, { 1 }, 1,
		  "it uses DSS_SIGNATURE, which we don't know" },
		{ IANA_AUTH_NULL, { 1 }, 1,
		  "it uses NULL, which connection \"tunnel\" doesn't allow" },
		{ IANA_AUTH_SECURE_PASSWORD, { 1 }, 1,
		  "it uses SECURE_PASSWORD, which we don't know" },
		{ 0, { 1 }, 1, "it uses authentication 0, which we don't know" },
		{ 201, { 1 }, 1, "it uses authentication 201, which we don't know" },
		{ IANA_AUTH_SHARED_KEY_MIC, { 1 }, 1,
		  "it uses SHARED_KEY_MIC, which connection \"tunnel\" doesn't allow" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_again(state);
		begin_slowly();
		send_auth(cases[i].method,
			  bytes_of(cases[i].data, cases[i].length), 0,
			  bytes_of(NULL, 0));
		assert_told(EAST, cases[i].why);
	}
}

/* Not even nobody may be another one than who has made the keys. */
static void nobody_else(void **state)
{
	static const uint8_t code[32];

	(void)state;
	give_key(WEST, CRYPTO_KEY_ED25519);
	demands_on(WEST)->methods.null = true;
	world.slow_signers = true;
	hosts_connect();
	send_auth(IANA_AUTH_NULL, BYTES(code), 0, bytes_of(NULL, 0));
	assert_told(EAST, "it doesn't know the keys that were agreed upon");
}

/* A hash that was not announced */
static void hash_not_allowed(void **state)
{
	static const uint8_t data[] = {
		12, 0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4, 1
	};

	(void)state;
	give_key(WEST, CRYPTO_KEY_P256);
	demands_on(WEST)->methods.hashes = CRYPTO_HASH_BIT(IANA_HASH_SHA2_256);
	world.slow_signers = true;
	hosts_connect();
	send_auth(IANA_AUTH_DIGITAL_SIGNATURE, BYTES(data), 0,
		  bytes_of(NULL, 0));
	assert_told(EAST, "it signs by ECDSA with SHA2_512, which authby= of connection \"tunnel\" doesn't allow");
}

/* A raw key that comes along is no reason to believe that it is the peer's. */
static void hostile_certs(void **state)
{
	static const uint8_t data[] = { 7, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 1 };
	static const struct {
		uint8_t encoding;
		const char *why;
	} cases[] = {
		{ IANA_CERT_RAW_PUBLIC_KEY, "it sent its certificate as RAW_PUBLIC_KEY, we read X509_SIGNATURE only" },
		{ IANA_CERT_RAW_RSA_KEY, "it sent its certificate as RAW_RSA_KEY" },
		{ IANA_CERT_PKCS7_WRAPPED_X509, "it sent its certificate as PKCS7_WRAPPED_X509" },
		{ IANA_CERT_HASH_AND_URL_X509, "it sent its certificate as HASH_AND_URL_X509" },
		{ IANA_CERT_X509_SIGNATURE, "certificate 1 that it sent: the certificate is malformed" },
	};
	const struct signer_key *key;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_again(state);
		begin_slowly();
		ike_destroy(world.hosts[EAST].ike);
		world.hosts[EAST].ike = NULL;
		ike_destroy(world.hosts[WEST].ike);
		world.hosts[WEST].ike = NULL;
		world.hosts[WEST].signer.job_count = 0;
		trust_ca(EAST, BYTES(root));
		demands_on(WEST)->certificates = true;
		hosts_connect();
		key = &world.hosts[WEST].signer.keys[0];
		send_auth(IANA_AUTH_DIGITAL_SIGNATURE, BYTES(data),
			  cases[i].encoding,
			  bytes_of(key->spki, key->spki_length));
		assert_told(EAST, cases[i].why);
	}
}

/* ----- certificates ------------------------------------------------------ */

static void certificates(void **state)
{
	(void)state;
	give_certs();
	assert_up();
	assert_told(EAST, "authenticated peer @west.example.com");
}

static void renew_west(struct bytes cert)
{
	local(WEST)->certs[0] = cert;
	assert_success(ike_renew_auth(world.hosts[WEST].ike,
				      &world.hosts[WEST].model));
}

static void connect_again(void)
{
	assert_success(ike_down(world.hosts[WEST].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(0);
	assert_success(ike_up(world.hosts[WEST].ike, "tunnel", NULL));
	hosts_run();
}

/* What is up stays up, and what comes next is by another certificate. */
static void renewed_certificates(void **state)
{
	(void)state;
	give_certs();
	assert_up();
	renew_west(BYTES(expired));
	assert_pairs(1);
	connect_again();
	assert_told(EAST, "CN=expired' expired on");
	renew_west(BYTES(west));
	connect_again();
	assert_pairs(1);
	/* and what the other side demands */
	demands_on(WEST)->certificates = false;
	assert_success(ike_renew_auth(world.hosts[EAST].ike,
				      &world.hosts[EAST].model));
	connect_again();
	assert_told(WEST, "AUTHENTICATION_FAILED");
	strcpy(world.hosts[WEST].model.name, "another");
	assert_refused(ike_renew_auth(world.hosts[WEST].ike,
				      &world.hosts[WEST].model),
		       "no connection \"another\"");
}

/* So long that IKE_AUTH goes in fragments, with two authorities between */
static void long_chains(void **state)
{
	struct ike_config config = ike_config_default;

	(void)state;
	give_certs();
	local(WEST)->certs[0] = BYTES(west_lower);
	local(WEST)->certs[1] = BYTES(lower);
	add_cert(WEST, BYTES(middle));
	config.fragment_size = 576;
	hosts_start(&config);
	assert_success(ike_up(world.hosts[WEST].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(1);
	assert_true(ike_counters(world.hosts[WEST].ike)->sent >= 4);
}

/* Certificates that are not needed, in any order, do no harm. */
static void more_than_needed(void **state)
{
	(void)state;
	give_certs();
	local(WEST)->certs[1] = BYTES(lower);
	add_cert(WEST, BYTES(loop_1));
	add_cert(WEST, BYTES(loop_2));
	add_cert(WEST, BYTES(middle));
	add_cert(WEST, BYTES(root));
	assert_up();
}

/* By what is wrong with the certificate alone */
static void bad_certificates(void **state)
{
	static const struct {
		struct bytes cert;
		const char *why;
	} cases[] = {
		{ VIEW(expired), "CN=expired' expired on 2026-02-03 04:05:06 UTC" },
		{ VIEW(future), "CN=future' is not valid before 2034-01-01" },
		{ VIEW(by_rogue), "CN=west' is not signed with the key of 'C=CA, O=Example, CN=Root'" },
		{ VIEW(self_signed), "is signed by itself and is no authority we trust" },
		{ VIEW(for_encryption), "is not meant for signatures" },
		{ VIEW(damaged), "CN=west' is not signed with the key of 'C=CA, O=Example, CN=Middle'" },
		{ VIEW(east), "the identity 'west.example.com' is not in the certificate 'C=CA, O=Example, CN=east'" },
		{ VIEW(without_san), "which has no subjectAltName at all" },
		{ VIEW(wildcard), "the identity 'west.example.com' is not in the certificate" },
		{ VIEW(west_ed25519), "with the key of its certificate: a key for Ed25519 cannot be used for ECDSA" },
		{ VIEW(by_leaf), "is signed by 'C=CA, O=Example, CN=west', which is no authority we trust" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_again(state);
		give_certs();
		local(WEST)->certs[0] = cases[i].cert;
		assert_refuses(EAST, cases[i].why);
	}
}

/* A certificate that is right, and the signature is by somebody else. */
static void stolen_certificate(void **state)
{
	(void)state;
	give_certs();
	use_key(WEST, signer_make_key(&world.hosts[WEST].signer,
				      CRYPTO_KEY_P256));
	assert_refuses(EAST, "with the key of its certificate: the signature (ECDSA with SHA2_256) is wrong");
}

static void bad_certificate_of_responder(void **state)
{
	(void)state;
	give_certs();
	local(EAST)->certs[0] = BYTES(west);
	assert_refuses(WEST, "the identity 'east.example.com' is not in the certificate 'C=CA, O=Example, CN=west'");
}

static void revoked_certificates(void **state)
{
	struct ike_config config = ike_config_default;
	struct host *host = &world.hosts[EAST];

	(void)state;
	give_certs();
	demands_on(WEST)->any_id = true;
	local(WEST)->certs[0] = BYTES(revoked);
	assert_success(crypto_trust_add_crl(host->trust, crl_middle,
					    sizeof(crl_middle)));
	assert_refuses(EAST, "CN=revoked' has been revoked by 'C=CA, O=Example, CN=Middle'");

	/* with crl-strict each authority must have a list */
	begin_again(state);
	give_certs();
	config.crl_strict = true;
	hosts_start(&config);
	assert_success(ike_up(world.hosts[WEST].ike, "tunnel", NULL));
	hosts_run();
	assert_told(EAST, "there is no revocation list of 'C=CA, O=Example, CN=Middle'");
	assert_pairs(0);
}

static void unknown_issuer(void **state)
{
	(void)state;
	give_certs();
	/* the authority in the middle is not sent */
	local(WEST)->cert_count = 1;
	assert_refuses(EAST, "CN=west' is signed by 'C=CA, O=Example, CN=Middle', which is no authority we trust");
	begin_again(state);
	give_certs();
	crypto_trust_destroy(world.hosts[EAST].trust);
	world.hosts[EAST].trust = NULL;
	local(WEST)->send_cert = IKE_SEND_CERT_ALWAYS;
	assert_refuses(EAST, "it sent a certificate, and we trust no authority");
}

static void make_dn(const char *text, struct ike_id *id)
{
	uint8_t der[CRYPTO_DN_SIZE_MAX];
	size_t length;

	assert_success(crypto_dn_parse(text, der, &length));
	id->type = IANA_ID_DER_ASN1_DN;
	id->length = (uint16_t)length;
	memcpy(id->data, der, length);
}

/* An authority must be on the way, not only among what is sent. */
static void required_authority(void **state)
{
	static struct ike_id ca;

	(void)state;
	give_certs();
	make_dn("C=CA, O=Example, CN=Middle", &ca);
	demands_on(WEST)->ca = bytes_of(ca.data, ca.length);
	assert_up();
	begin_again(state);
	give_certs();
	make_dn("C=CA, O=Example, CN=Lower", &ca);
	demands_on(WEST)->ca = bytes_of(ca.data, ca.length);
	add_cert(WEST, BYTES(lower));
	assert_refuses(EAST, "CN=west' is not by the authority 'C=CA, O=Example, CN=Lower', as it has to be");
}

/* Two connections that differ by the authority alone, in either order */
static void chosen_by_authority(void **state)
{
	struct host *host = &world.hosts[EAST];
	static struct ike_id by_middle, by_lower;
	struct ike_model other;
	unsigned int i;

	make_dn("C=CA, O=Example, CN=Middle", &by_middle);
	make_dn("C=CA, O=Example, CN=Lower", &by_lower);
	for (i = 0; i < 2; i++) {
		begin_again(state);
		give_certs();
		demands_on(WEST)->ca = bytes_of(by_middle.data,
						by_middle.length);
		other = host->model;
		strcpy(other.name, "another one");
		other.remote_auth.ca = bytes_of(by_lower.data, by_lower.length);
		hosts_start(&ike_config_default);
		assert_success(ike_remove(host->ike, "tunnel"));
		assert_success(ike_add(host->ike, i ? &other : &host->model));
		assert_success(ike_add(host->ike, i ? &host->model : &other));
		assert_success(ike_up(world.hosts[WEST].ike, "tunnel", NULL));
		hosts_run();
		assert_told(EAST, "ESTABLISHED");
		assert_pairs(1);
	}
}

static void names_as_identities(void **state)
{
	struct ike_id *expected = &world.hosts[EAST].model.remote_id;
	struct ike_id *id = &world.hosts[WEST].model.local_id;

	give_certs();
	make_dn("C=CA, O=Example, CN=west", id);
	*expected = *id;
	assert_up();
	assert_told(EAST, "authenticated peer C=CA, O=Example, CN=west");

	/* a pattern of ours */
	begin_again(state);
	give_certs();
	make_dn("C=CA, O=Example, CN=west", id);
	make_dn("C=CA, O=Example, CN=*", expected);
	assert_up();

	/* whoever has a certificate */
	begin_again(state);
	give_certs();
	expected->type = 0;
	assert_up();

	/* a name that the pattern does not have, one that isn't the subject */
	begin_again(state);
	give_certs();
	make_dn("C=CA, O=Example, CN=west", id);
	make_dn("C=CA, O=Other, CN=*", expected);
	assert_refuses(EAST, "no connection is with C=CA, O=Example, CN=west");
	begin_again(state);
	give_certs();
	make_dn("C=CA, O=Example, CN=*", id);
	*expected = *id;
	assert_refuses(EAST, "is not the subject of the certificate");
}

static void identity_elsewhere(void **state)
{
	(void)state;
	give_certs();
	local(WEST)->certs[0] = BYTES(without_san);
	demands_on(WEST)->any_id = true;
	assert_up();
}

/* Names of hosts are the same in capitals. */
static void capitals(void **state)
{
	(void)state;
	give_certs();
	world.hosts[WEST].model.local_id.data[0] = 'W';
	assert_up();
}

static void when_certs_are_sent(void **state)
{
	struct ike_config config = ike_config_default;

	(void)state;
	give_certs();
	local(WEST)->send_cert = IKE_SEND_CERT_NEVER;
	assert_refuses(EAST, "it sent no certificate");

	/* raw keys only: nobody asks for a certificate */
	begin_again(state);
	give_certs();
	let_know(WEST, &world.hosts[WEST].signer.keys[0]);
	demands_on(WEST)->certificates = false;
	/* with a certificate it would be several datagrams */
	config.fragment_size = 576;
	hosts_start(&config);
	assert_success(ike_up(world.hosts[WEST].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(1);
	assert_int_equal(ike_counters(world.hosts[WEST].ike)->sent, 2);

	/* a key that is known is enough, whatever comes with it */
	begin_again(state);
	give_certs();
	let_know(WEST, &world.hosts[WEST].signer.keys[0]);
	local(WEST)->certs[0] = BYTES(expired);
	assert_up();

	/* one that was known and is not used any more is no obstacle */
	begin_again(state);
	give_certs();
	let_know(WEST, signer_make_key(&world.hosts[EAST].signer,
				       CRYPTO_KEY_P256));
	assert_up();
}

static void asked_for_others(void **state)
{
	(void)state;
	give_certs();
	trust_ca(EAST, BYTES(loop_1));
	/* east does not trust what west has, and has a key of it */
	let_know(WEST, &world.hosts[WEST].signer.keys[0]);
	crypto_trust_destroy(world.hosts[EAST].trust);
	world.hosts[EAST].trust = NULL;
	trust_ca(EAST, BYTES(loop_1));
	assert_up();
	assert_told(WEST, "the peer asks for a certificate of other authorities than that of 'C=CA, O=Example, CN=west'");
}

/* The time of day decides, not the engine's clock. */
static void expires_in_time(void **state)
{
	(void)state;
	give_certs();
	local(WEST)->certs[0] = BYTES(future);
	demands_on(WEST)->any_id = true;
	world.wall_clock = NOW + 50 * MONTH;
	assert_up();
}

#define AUTH_TEST(function) \
	cmocka_unit_test_setup_teardown(function, hosts_set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		AUTH_TEST(raw_keys),
		AUTH_TEST(own_methods),
		AUTH_TEST(best_scheme),
		AUTH_TEST(scheme_not_allowed),
		AUTH_TEST(no_common_scheme),
		AUTH_TEST(connection_by_method),
		AUTH_TEST(secret_and_signature),
		AUTH_TEST(nobody),
		AUTH_TEST(signature_instead_of_secret),
		AUTH_TEST(secret_instead_of_signature),
		AUTH_TEST(wrong_key),
		AUTH_TEST(wrong_key_of_responder),
		AUTH_TEST(key_of_another_kind),
		AUTH_TEST(several_keys),
		AUTH_TEST(unknown_key),
		AUTH_TEST(no_private_key),
		AUTH_TEST(responder_without_key),
		AUTH_TEST(late_signatures),
		AUTH_TEST(signature_for_nobody),
		AUTH_TEST(signature_never_comes),
		AUTH_TEST(patience_after_signature),
		AUTH_TEST(responders_signature_never_comes),
		AUTH_TEST(signing_fails),
		AUTH_TEST(responders_signing_fails),
		AUTH_TEST(removed_while_signing),
		AUTH_TEST(damaged_signatures),
		AUTH_TEST(hostile_auth),
		AUTH_TEST(nobody_else),
		AUTH_TEST(hash_not_allowed),
		AUTH_TEST(hostile_certs),
		AUTH_TEST(certificates),
		AUTH_TEST(renewed_certificates),
		AUTH_TEST(long_chains),
		AUTH_TEST(more_than_needed),
		AUTH_TEST(bad_certificates),
		AUTH_TEST(stolen_certificate),
		AUTH_TEST(bad_certificate_of_responder),
		AUTH_TEST(revoked_certificates),
		AUTH_TEST(unknown_issuer),
		AUTH_TEST(required_authority),
		AUTH_TEST(chosen_by_authority),
		AUTH_TEST(names_as_identities),
		AUTH_TEST(identity_elsewhere),
		AUTH_TEST(capitals),
		AUTH_TEST(when_certs_are_sent),
		AUTH_TEST(asked_for_others),
		AUTH_TEST(expires_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
