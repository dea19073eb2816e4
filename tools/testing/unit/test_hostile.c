// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/ike against a peer that has keys and means no good: messages that
 * are authentic, and come at the wrong time, twice, or with something in them that
 * has broken others. What they are not to change is looked at after each. In most of
 * them host 0 is the peer.
 */
#include "hosts.h"
#include "ike/exchange.h"
#include "ike/fragment.h"
#include "lib/array.h"
#include "lib/iana.h"

#define PEER 0
#define US 1

static const struct ike_counters *counters(void)
{
	return ike_counters(world.hosts[US].ike);
}

/* A message of the peer's, which may begin a chain of payloads */
struct message {
	struct wire_header header;
	struct wire_writer writer;
	uint8_t buffer[4096];
};

static struct wire_writer *begin(struct message *message, uint8_t exchange,
				 uint32_t message_id)
{
	message->header = (struct wire_header){
		.exchange = exchange, .message_id = message_id,
	};
	wire_writer_init(&message->writer, message->buffer,
			 sizeof(message->buffer));
	return &message->writer;
}

/* The next request of the peer, as its window has it */
static struct wire_writer *begin_next(struct message *message, uint8_t exchange)
{
	return begin(message, exchange, hosts_sa(PEER)->window.next++);
}

/* Sends it to us; our answer stays under way. */
static void deliver(struct message *message)
{
	struct packet packet;

	hosts_send(PEER, &message->header, &message->writer);
	while (world.count) {
		packet = world.queue[0];
		memmove(&world.queue[0], &world.queue[1],
			--world.count * sizeof(packet));
		if (packet.path.local.address.bytes[3] !=
		    world.hosts[PEER].model.path.local.address.bytes[3]) {
			world.queue[world.count++] = packet;
			return;
		}
		hosts_deliver(&packet);
	}
}

/* Whether we have answered by a notify, and by what it is about */
static const struct wire_notify *answered(uint16_t type)
{
	struct ike_sa *sa = hosts_sa(PEER);
	const struct packet *packet = &world.queue[0];
	struct wire_header header;
	enum wire_reason reason;

	assert_int_equal(world.count, 1);
	world.count = 0;
	memcpy(sa->ike->received, packet->data, packet->length);
	assert_int_equal(wire_decode_header(bytes_of(sa->ike->received,
						     packet->length),
					    &header), WIRE_REASON_OK);
	assert_true(header.response);
	assert_true(ike_message_open(sa, &header,
				     bytes_of(sa->ike->received,
					      packet->length), &reason));
	assert_int_equal(reason, WIRE_REASON_OK);
	return wire_find_notify(&sa->ike->payloads, type);
}

static void assert_silence(void)
{
	assert_int_equal(world.count, 0);
}

/* Both are as they were, and understand each other. */
static void assert_unharmed(void)
{
	struct message message;

	assert_int_equal(ike_status(world.hosts[US].ike).established, 1);
	assert_int_equal(ike_status(world.hosts[US].ike).sas, 1);
	assert_int_equal(world.hosts[US].pairs, 1);
	begin_next(&message, IANA_EXCHANGE_INFORMATIONAL);
	deliver(&message);
	assert_null(answered(IANA_NOTIFY_INVALID_SYNTAX));
}

/* ----- order ------------------------------------------------------------- */

/* Nothing but IKE_AUTH is heard from a peer that hasn't proved who it is. */
static void before_authentication(void **state)
{
	static const uint8_t exchanges[] = {
		IANA_EXCHANGE_INFORMATIONAL, IANA_EXCHANGE_CREATE_CHILD_SA, 240,
	};
	struct packet proof;
	struct message message;
	size_t i;

	(void)state;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[PEER].ike, "tunnel", NULL));
	/* both messages of IKE_SA_INIT */
	hosts_deliver(&world.queue[0]);
	hosts_deliver(&world.queue[1]);
	proof = world.queue[2];
	world.count = 0;
	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		wire_put_delete(begin(&message, exchanges[i], 1),
				IANA_PROTOCOL_IKE, NULL, 0);
		deliver(&message);
		assert_silence();
	}
	assert_int_equal(counters()->unexpected_exchange, i);
	assert_int_equal(ike_status(world.hosts[US].ike).half_open, 1);
	hosts_deliver(&proof);
	hosts_run();
	assert_pairs(1);
}

static void authenticates_twice(void **state)
{
	static const uint8_t code[32];
	struct message message;
	struct wire_writer *writer;

	(void)state;
	hosts_connect();
	writer = begin_next(&message, IANA_EXCHANGE_IKE_AUTH);
	wire_put_id(writer, IANA_PAYLOAD_IDI, IANA_ID_FQDN, TEXT("somebody"));
	wire_put_auth(writer, IANA_AUTH_NULL, bytes_of(code, sizeof(code)));
	deliver(&message);
	assert_silence();
	assert_int_equal(counters()->unexpected_exchange, 1);
	assert_int_equal(hosts_sa(US)->peer_id.data[0], 'w');
	/* what was not answered comes again as something else */
	hosts_sa(PEER)->window.next--;
	assert_unharmed();
}

static void answers_nobody_asked_for(void **state)
{
	static const uint32_t ids[] = { 0, 1, 2, 77, UINT32_MAX };
	struct message message;
	size_t i;

	(void)state;
	hosts_connect();
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		wire_put_delete(begin(&message, IANA_EXCHANGE_INFORMATIONAL,
				      ids[i]), IANA_PROTOCOL_IKE, NULL, 0);
		message.header.response = true;
		deliver(&message);
		assert_silence();
	}
	assert_int_equal(counters()->unexpected_response, i);
	/* nor is it what we have asked for */
	assert_success(ike_rekey(world.hosts[US].ike, "tunnel", "net"));
	world.count = 0;
	begin(&message, IANA_EXCHANGE_INFORMATIONAL, 0);
	message.header.response = true;
	deliver(&message);
	assert_int_equal(counters()->unexpected_response, i + 1);
	assert_unharmed();
}

/* The peer knows the SPI of what is to be; that doesn't begin by IKE_SA_INIT. */
static void answers_rekeying_by_init(void **state)
{
	const struct ike_path *path = &world.hosts[US].model.path;
	struct wire_header header = {
		.spi_r = 0x4711, .exchange = IANA_EXCHANGE_IKE_SA_INIT,
		.response = true,
	};
	uint8_t datagram[WIRE_HEADER_SIZE];
	struct ike_sa *larval;
	unsigned int i;

	(void)state;
	hosts_connect();
	assert_success(ike_rekey(world.hosts[US].ike, "tunnel", NULL));
	larval = list_entry(hosts_sa(US)->link.next, struct ike_sa, link);
	assert_int_equal(larval->state, IKE_SA_LARVAL);
	header.spi_i = larval->spi_i;
	for (i = 0; i < 2; i++) {
		header.message_id = i;
		wire_encode_header(&header, sizeof(datagram), datagram);
		ike_receive(world.hosts[US].ike, path,
			    bytes_of(datagram, sizeof(datagram)));
	}
	assert_int_equal(counters()->unexpected_response, i);
	assert_int_equal(larval->spi_r, 0);
	hosts_run();
	assert_told(US, "takes over from #1");
	assert_int_equal(ike_status(world.hosts[US].ike).established, 1);
	assert_pairs(1);
}

static void far_ahead(void **state)
{
	static const uint32_t ahead[] = { 1, 2, 1000, INT32_MAX, UINT32_MAX - 9 };
	struct message message;
	uint32_t next;
	size_t i;

	(void)state;
	hosts_connect();
	next = hosts_sa(PEER)->window.next;
	for (i = 0; i < ARRAY_SIZE(ahead); i++) {
		wire_put_delete(begin(&message, IANA_EXCHANGE_INFORMATIONAL,
				      next + ahead[i]),
				IANA_PROTOCOL_IKE, NULL, 0);
		deliver(&message);
		assert_silence();
	}
	assert_int_equal(counters()->unexpected_request, i);
	assert_unharmed();
}

/* The answer to who could not be authenticated is the same again, however often. */
static void no_secret_again(void **state)
{
	struct packet proof;
	int i;

	(void)state;
	world.hosts[US].secret = NULL;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[PEER].ike, "tunnel", NULL));
	hosts_deliver(&world.queue[0]);
	hosts_deliver(&world.queue[1]);
	proof = world.queue[2];
	world.count = 0;
	for (i = 0; i < 3; i++)
		hosts_deliver(&proof);
	assert_told(US, "there is no secret for @e and @w");
	assert_int_equal(world.count, 3);
	assert_int_equal(world.queue[0].length, world.queue[2].length);
	assert_memory_equal(world.queue[0].data, world.queue[2].data,
			    world.queue[0].length);
	assert_int_equal(counters()->answered_again, 2);
	hosts_run();
	hosts_wait(60);
	assert_int_equal(ike_status(world.hosts[US].ike).sas, 0);
	assert_pairs(0);
}

static const struct bytes eap_success = { (const uint8_t *)"\3\1\0\4", 4 };

/* That EAP went well says nothing about who the peer is. */
static void early_eap_success(void **state)
{
	struct message message;
	struct wire_writer *writer;

	(void)state;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[PEER].ike, "tunnel", NULL));
	hosts_deliver(&world.queue[0]);
	hosts_deliver(&world.queue[1]);
	world.count = 0;
	writer = begin(&message, IANA_EXCHANGE_IKE_AUTH, 1);
	wire_put_id(writer, IANA_PAYLOAD_IDI, IANA_ID_FQDN, TEXT("w"));
	wire_put_payload(writer, IANA_PAYLOAD_EAP, eap_success);
	deliver(&message);
	assert_told(US, "AUTHENTICATION_FAILED");
	assert_int_equal(ike_status(world.hosts[US].ike).established, 0);
	assert_pairs(0);
}

/* This time the other one begins: what it is answered to its IKE_AUTH. */
static struct wire_writer *begin_answer(struct message *message)
{
	struct wire_writer *writer;

	assert_success(ike_up(world.hosts[US].ike, "tunnel", NULL));
	hosts_deliver(&world.queue[0]);
	hosts_deliver(&world.queue[1]);
	world.count = 0;
	writer = begin(message, IANA_EXCHANGE_IKE_AUTH, 1);
	message->header.response = true;
	return writer;
}

static void early_eap_success_of_responder(void **state)
{
	struct message message;
	struct wire_writer *writer;

	(void)state;
	hosts_start(&ike_config_default);
	writer = begin_answer(&message);
	wire_put_id(writer, IANA_PAYLOAD_IDR, IANA_ID_FQDN, TEXT("w"));
	wire_put_payload(writer, IANA_PAYLOAD_EAP, eap_success);
	deliver(&message);
	assert_told(US, "FAILED");
	assert_int_equal(ike_status(world.hosts[US].ike).established, 0);
	assert_pairs(0);
}

/* Of IKEv1, with an SPI that is there, that isn't, or none: counted, that's all. */
static void another_version(void **state)
{
	static const uint8_t exchanges[] = { 2, 4, 5, 6, 32, 33 };
	const struct ike_path *path = &world.hosts[US].model.path;
	struct wire_header header = { .next_payload = 1 };
	uint8_t datagram[64] = { 0 };
	size_t i, k, length;

	(void)state;
	hosts_connect();
	world.hosts[US].told[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		for (k = 0; k < 3; k++) {
			header.exchange = exchanges[i];
			header.spi_i = k ? hosts_sa(US)->spi_i : 0x123;
			header.spi_r = k == 2 ? hosts_sa(US)->spi_r : 0;
			length = WIRE_HEADER_SIZE + 12 * k;
			wire_encode_header(&header, length, datagram);
			datagram[17] = 0x10;
			ike_receive(world.hosts[US].ike, path,
				    bytes_of(datagram, length));
		}
	}
	assert_int_equal(counters()->malformed[WIRE_REASON_VERSION], i * 3);
	assert_silence();
	assert_string_equal(world.hosts[US].told, "");
	assert_unharmed();
}

/* ----- payloads ---------------------------------------------------------- */

static void delete_and_more(void **state)
{
	struct message message;
	struct wire_writer *writer;
	uint32_t spi;

	(void)state;
	hosts_connect();
	writer = begin_next(&message, IANA_EXCHANGE_INFORMATIONAL);
	spi = world.hosts[US].last.spi_out;
	wire_put_delete(writer, IANA_PROTOCOL_ESP, &spi, 1);
	wire_put_notify(writer, IANA_NOTIFY_INITIAL_CONTACT, bytes_of(NULL, 0));
	wire_put_notify(writer, IANA_NOTIFY_COOKIE, TEXT("crumbs"));
	wire_put_notify_about(writer, IANA_NOTIFY_REKEY_SA, IANA_PROTOCOL_ESP,
			      spi);
	wire_put_notify(writer, 54321, TEXT("what nobody knows"));
	/* the same once more, which is not there any longer */
	wire_put_delete(writer, IANA_PROTOCOL_ESP, &spi, 1);
	deliver(&message);
	assert_null(answered(IANA_NOTIFY_INVALID_SYNTAX));
	assert_int_equal(hosts_sa(PEER)->ike->payloads.delete_count, 1);
	assert_told(US, "CHILD_DOWN the peer has ended it");
	assert_int_equal(world.hosts[US].pairs, 0);
	assert_int_equal(ike_status(world.hosts[US].ike).established, 1);
}

/* Where the payload is that comes last in a message in the clear */
static size_t last_payload(const struct packet *packet)
{
	size_t at = WIRE_HEADER_SIZE;

	while (packet->data[at])
		at += (size_t)packet->data[at + 2] << 8 | packet->data[at + 3];
	return at;
}

/* A notify more, at the end of a message in the clear */
static void append_notify(struct packet *packet, uint16_t type,
			  struct bytes data)
{
	struct wire_writer writer;
	struct bytes notify;

	packet->data[last_payload(packet)] = IANA_PAYLOAD_NOTIFY;
	wire_writer_init(&writer, packet->data + packet->length,
			 sizeof(packet->data) - packet->length);
	wire_put_notify(&writer, type, data);
	notify = bytes_written(&writer.bytes);
	packet->length += notify.length;
	packet->data[26] = (uint8_t)(packet->length >> 8);
	packet->data[27] = (uint8_t)packet->length;
}

/* Anybody can send it, and whoever reads it must come to an end. */
static void hashes_cut_off(void **state)
{
	static const struct {
		uint8_t data[5];
		size_t length;
		unsigned int hashes;
	} cases[] = {
		{ { 0 }, 0, 0 },
		{ { 0 }, 1, 0 },
		{ { 0, 2, 0 }, 3, CRYPTO_HASH_BIT(IANA_HASH_SHA2_256) },
		{ { 0, 2, 0, 4, 0 }, 5, CRYPTO_HASH_BIT(IANA_HASH_SHA2_256) |
					CRYPTO_HASH_BIT(IANA_HASH_SHA2_512) },
	};
	struct bytes data;
	unsigned int side;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		data = bytes_of(cases[i / 2].data, cases[i / 2].length);
		side = i % 2 ? PEER : US;
		hosts_start(&ike_config_default);
		assert_success(ike_up(world.hosts[PEER].ike, "tunnel", NULL));
		if (side == PEER)
			hosts_deliver(&world.queue[0]);
		append_notify(&world.queue[side == PEER],
			      IANA_NOTIFY_SIGNATURE_HASH_ALGORITHMS, data);
		hosts_deliver(&world.queue[side == PEER]);
		assert_non_null(hosts_sa(side)->keys.prf);
		assert_int_equal(hosts_sa(side)->handshake->peer_hashes,
				 cases[i / 2].hashes);
		assert_int_equal(hosts_tear_down(state), 0);
		hosts_set_up(state);
	}
}

static void put_ts(struct wire_writer *writer, const struct ike_model *model)
{
	wire_put_ts(writer, IANA_PAYLOAD_TSI, &model->children[0].local);
	wire_put_ts(writer, IANA_PAYLOAD_TSR, &model->children[0].remote);
}

/* Has a host as many children as a connection may have, each with its own networks */
static void fill_with_children(unsigned int number)
{
	struct ike_model *model = &world.hosts[number].model;
	struct ike_child_model *child;
	char here[16], there[16];
	unsigned int i;

	for (i = 1; i < IKE_CHILDREN_MAX; i++) {
		child = &model->children[i];
		*child = model->children[0];
		snprintf(child->name, sizeof(child->name), "net%u", i);
		snprintf(here, sizeof(here), "10.%u.1.%u", 1 + number, i);
		snprintf(there, sizeof(there), "10.%u.1.%u", 2 - number, i);
		hosts_make_ts(&child->local, here, here);
		hosts_make_ts(&child->remote, there, there);
	}
	model->child_count = IKE_CHILDREN_MAX;
}

/* The peer asks for a child SA, whether there is one already or not. */
static void ask_for_child(uint16_t number, uint32_t spi)
{
	const struct ike_child_model *child =
		&world.hosts[PEER].model.children[number];
	static const uint8_t nonce[16];
	struct wire_sa proposals = child->proposals;
	struct wire_writer *writer;
	struct message message;

	writer = begin_next(&message, IANA_EXCHANGE_CREATE_CHILD_SA);
	proposals.proposals[0].spi_length = 4;
	proposals.proposals[0].spi = spi;
	wire_put_sa(writer, &proposals);
	wire_put_payload(writer, IANA_PAYLOAD_NONCE,
			 bytes_of(nonce, sizeof(nonce)));
	wire_put_ts(writer, IANA_PAYLOAD_TSI, &child->local);
	wire_put_ts(writer, IANA_PAYLOAD_TSR, &child->remote);
	deliver(&message);
}

/* All go, also those that there is no room for in the response. */
static void deletes_many(void **state)
{
	const struct wire_payloads *answer;
	struct message message;
	uint32_t spis[80];
	uint16_t i;

	(void)state;
	fill_with_children(PEER);
	fill_with_children(US);
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[PEER].ike, "tunnel", "net"));
	hosts_run();
	assert_pairs(1);
	for (i = 0; i < ARRAY_SIZE(spis); i++) {
		spis[i] = 0x4711u + i;
		ask_for_child(i % IKE_CHILDREN_MAX, spis[i]);
		assert_null(answered(IANA_NOTIFY_NO_ADDITIONAL_SAS));
	}
	assert_int_equal(world.hosts[US].pairs, 81);
	wire_put_delete(begin_next(&message, IANA_EXCHANGE_INFORMATIONAL),
			IANA_PROTOCOL_ESP, spis, ARRAY_SIZE(spis));
	deliver(&message);
	assert_int_equal(world.hosts[US].pairs, 1);
	assert_null(answered(IANA_NOTIFY_INVALID_SYNTAX));
	answer = &hosts_sa(PEER)->ike->payloads;
	assert_int_equal(answer->delete_count, 1);
	assert_int_equal(answer->deletes[0].count, 64);
	assert_unharmed();
}

/* The kernel is not filled by who asks for the same again and again. */
static void asks_without_end(void **state)
{
	struct message message;
	uint32_t i, spi = 0x4711;

	(void)state;
	fill_with_children(PEER);
	fill_with_children(US);
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[PEER].ike, "tunnel", "net"));
	hosts_run();
	for (i = 0; i < 80; i++) {
		ask_for_child(0, spi + i);
		if (i < 63)
			assert_null(answered(IANA_NOTIFY_NO_ADDITIONAL_SAS));
		else
			assert_non_null(answered(IANA_NOTIFY_NO_ADDITIONAL_SAS));
	}
	assert_told(US, "NO_ADDITIONAL_SAS: the peer has 64 child SAs of \"net\" already");
	assert_int_equal(world.hosts[US].pairs, 64);
	/* others are no less welcome, nor is one in the place of another */
	ask_for_child(1, spi + i++);
	assert_null(answered(IANA_NOTIFY_NO_ADDITIONAL_SAS));
	assert_int_equal(world.hosts[US].pairs, 65);
	assert_success(ike_rekey(world.hosts[PEER].ike, "tunnel", "net"));
	hosts_run();
	assert_int_equal(world.hosts[US].pairs, 65);
	wire_put_delete(begin_next(&message, IANA_EXCHANGE_INFORMATIONAL),
			IANA_PROTOCOL_ESP, &spi, 1);
	deliver(&message);
	assert_null(answered(IANA_NOTIFY_INVALID_SYNTAX));
	ask_for_child(0, spi + i);
	assert_null(answered(IANA_NOTIFY_NO_ADDITIONAL_SAS));
}

/* What is to be replaced is named by a protocol that has no such SPIs. */
static void rekeys_what_is_not(void **state)
{
	static const struct {
		uint8_t protocol;
		uint8_t spi_length;
	} cases[] = {
		{ 0, 0 }, { 0, 4 }, { 1, 0 }, { 1, 4 }, { 1, 8 }, { 2, 4 },
		{ 3, 0 }, { 3, 8 }, { 4, 4 },
	};
	const struct ike_model *model = &world.hosts[PEER].model;
	uint8_t nonce[16] = { 0 }, notify[16] = { 0 };
	struct wire_sa proposals;
	struct wire_writer *writer;
	struct message message;
	size_t i;

	(void)state;
	hosts_connect();
	proposals = model->children[0].proposals;
	proposals.proposals[0].spi_length = 4;
	proposals.proposals[0].spi = 0x4711;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		writer = begin_next(&message, IANA_EXCHANGE_CREATE_CHILD_SA);
		notify[0] = cases[i].protocol;
		notify[1] = cases[i].spi_length;
		notify[2] = IANA_NOTIFY_REKEY_SA >> 8;
		notify[3] = IANA_NOTIFY_REKEY_SA & 0xff;
		memcpy(&notify[4], &world.hosts[US].last.spi_out, 4);
		wire_put_payload(writer, IANA_PAYLOAD_NOTIFY,
				 bytes_of(notify, 4u + cases[i].spi_length));
		wire_put_sa(writer, &proposals);
		wire_put_payload(writer, IANA_PAYLOAD_NONCE,
				 bytes_of(nonce, sizeof(nonce)));
		put_ts(writer, model);
		deliver(&message);
		assert_non_null(answered(IANA_NOTIFY_CHILD_SA_NOT_FOUND));
		assert_unharmed();
	}
}

/* Half of a key exchange that is none, for an IKE SA in place of this one */
static void rekeys_with_bad_values(void **state)
{
	/* Curve25519's; 0 is of low order, 1184 is what ML-KEM-768 has */
	static const size_t lengths[] = { 1, 31, 32, 33, 1184 };
	static const uint8_t zeros[1184];
	struct wire_sa proposals;
	struct wire_writer *writer;
	struct message message;
	size_t i;

	(void)state;
	hosts_connect();
	proposals = world.hosts[PEER].model.proposals;
	proposals.proposals[0].spi_length = 8;
	proposals.proposals[0].spi = 0x4711;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		writer = begin_next(&message, IANA_EXCHANGE_CREATE_CHILD_SA);
		wire_put_sa(writer, &proposals);
		wire_put_payload(writer, IANA_PAYLOAD_NONCE,
				 bytes_of(zeros, 16));
		wire_put_ke(writer, IANA_KE_CURVE25519,
			    bytes_of(zeros, lengths[i]));
		deliver(&message);
		assert_non_null(answered(IANA_NOTIFY_TEMPORARY_FAILURE));
		assert_unharmed();
	}
	/* a group that was not agreed upon */
	writer = begin_next(&message, IANA_EXCHANGE_CREATE_CHILD_SA);
	wire_put_sa(writer, &proposals);
	wire_put_payload(writer, IANA_PAYLOAD_NONCE, bytes_of(zeros, 16));
	wire_put_ke(writer, IANA_KE_ML_KEM_768, bytes_of(zeros, 1184));
	deliver(&message);
	assert_non_null(answered(IANA_NOTIFY_INVALID_KE_PAYLOAD));
	assert_unharmed();
}

/* We are replacing the IKE SA, and so does the peer, twice. */
static void rekeys_twice(void **state)
{
	static const uint8_t value[32] = { 9 };
	struct wire_sa proposals;
	struct wire_writer *writer;
	struct message message;
	int i;

	(void)state;
	hosts_connect();
	assert_success(ike_rekey(world.hosts[US].ike, "tunnel", NULL));
	world.count = 0;
	proposals = world.hosts[PEER].model.proposals;
	proposals.proposals[0].spi_length = 8;
	for (i = 0; i < 2; i++) {
		proposals.proposals[0].spi = 0x4711 + (uint64_t)i;
		writer = begin_next(&message, IANA_EXCHANGE_CREATE_CHILD_SA);
		wire_put_sa(writer, &proposals);
		wire_put_payload(writer, IANA_PAYLOAD_NONCE,
				 bytes_of(value, 32));
		wire_put_ke(writer, IANA_KE_CURVE25519, bytes_of(value, 32));
		deliver(&message);
		if (i)
			assert_non_null(answered(IANA_NOTIFY_TEMPORARY_FAILURE));
		else
			assert_null(answered(IANA_NOTIFY_TEMPORARY_FAILURE));
	}
	/* with what we are about to make */
	assert_int_equal(ike_status(world.hosts[US].ike).sas, 3);
	/* ours is not answered: what the peer has made stays */
	world.deaf = true;
	hosts_wait(300);
	assert_int_equal(ike_status(world.hosts[US].ike).sas, 1);
	assert_int_equal(world.hosts[US].pairs, 1);
}

static void critical_payload(void **state)
{
	const struct wire_notify *notify;
	struct message message;
	struct wire_writer *writer;

	(void)state;
	hosts_connect();
	writer = begin_next(&message, IANA_EXCHANGE_INFORMATIONAL);
	wire_put_payload(writer, 201, TEXT("what nobody knows"));
	deliver(&message);
	assert_null(answered(IANA_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD));
	writer = begin_next(&message, IANA_EXCHANGE_INFORMATIONAL);
	wire_put_payload(writer, 201, TEXT("what nobody knows"));
	message.buffer[1] |= 0x80;
	deliver(&message);
	notify = answered(IANA_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD);
	assert_non_null(notify);
	assert_int_equal(notify->data.length, 1);
	assert_int_equal(notify->data.data[0], 201);
	assert_unharmed();
}

/* A notify more at the end becomes a payload that nobody knows, or must know. */
static void make_unknown(struct packet *packet, bool critical)
{
	size_t before = last_payload(packet), last;

	append_notify(packet, 54321, TEXT("what nobody knows"));
	packet->data[before] = 201;
	last = last_payload(packet);
	packet->data[last + 1] = critical ? 0x80 : 0;
}

/* RFC 7296, 2.5: who begins by one is told, and nothing of it is kept. */
static void critical_at_first(void **state)
{
	struct packet request, other;
	const uint8_t *notify;

	(void)state;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[PEER].ike, "tunnel", NULL));
	request = world.queue[0];
	other = request;
	world.count = 0;
	make_unknown(&request, true);
	hosts_deliver(&request);
	assert_int_equal(counters()->malformed[WIRE_REASON_CRITICAL], 1);
	assert_int_equal(ike_status(world.hosts[US].ike).sas, 0);
	assert_int_equal(world.count, 1);
	assert_int_equal(world.queue[0].length, WIRE_HEADER_SIZE + 9);
	notify = &world.queue[0].data[WIRE_HEADER_SIZE + 4];
	assert_memory_equal(notify, ((uint8_t[]){
		0, 0, 0, IANA_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, 201 }), 5);
	/* as a response, or where it cannot be the first one, it is not answered */
	world.count = 0;
	request.data[19] |= 0x20;
	hosts_deliver(&request);
	request.data[19] &= 0xdf;
	request.data[23] = 1;
	hosts_deliver(&request);
	assert_silence();
	make_unknown(&other, false);
	hosts_deliver(&other);
	assert_int_equal(ike_status(world.hosts[US].ike).half_open, 1);
}

/* RFC 7296, 2.21: a peer that sends such a thing cannot be relied upon. */
static void makes_no_sense(void **state)
{
	struct message message;
	struct wire_writer *writer;

	(void)state;
	hosts_connect();
	writer = begin_next(&message, IANA_EXCHANGE_INFORMATIONAL);
	wire_put_payload(writer, IANA_PAYLOAD_NONCE, TEXT("0123456789abcdef"));
	wire_put_payload(writer, IANA_PAYLOAD_NONCE, TEXT("0123456789abcdef"));
	deliver(&message);
	assert_non_null(answered(IANA_NOTIFY_INVALID_SYNTAX));
	assert_told(US, "malformed message: ");
	assert_told(US, "CHILD_DOWN the peer sent a message that makes no sense");
	assert_int_equal(counters()->malformed[WIRE_REASON_DUPLICATE], 1);
	assert_int_equal(world.hosts[US].pairs, 0);
	assert_int_equal(ike_status(world.hosts[US].ike).sas, 0);
}

/* The same instead of proving who it is: whoever waits is told, and we try again. */
static void makes_no_sense_at_once(void **state)
{
	struct message message;
	struct wire_writer *writer;

	(void)state;
	world.hosts[US].model.stay = true;
	hosts_start(&ike_config_default);
	writer = begin_answer(&message);
	wire_put_payload(writer, IANA_PAYLOAD_NONCE, TEXT("0123456789abcdef"));
	wire_put_payload(writer, IANA_PAYLOAD_NONCE, TEXT("0123456789abcdef"));
	deliver(&message);
	assert_told(US, "FAILED the peer sent a message that makes no sense");
	assert_int_equal(ike_status(world.hosts[US].ike).sas, 0);
	assert_pairs(0);
	hosts_wait(60);
	assert_pairs(1);
}

/* RFC 7296, 2.21.2: right after IKE_AUTH these end the IKE SA, and never else. */
static void refuses_authentication(void **state)
{
	static const uint16_t types[] = {
		IANA_NOTIFY_AUTHENTICATION_FAILED, IANA_NOTIFY_INVALID_SYNTAX,
		IANA_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD,
	};
	struct message message;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		hosts_connect();
		wire_put_notify(begin_next(&message,
					   IANA_EXCHANGE_INFORMATIONAL),
				types[i], bytes_of(NULL, 0));
		deliver(&message);
		assert_null(answered(types[i]));
		assert_told(US, "DOWN the peer refused our response to IKE_AUTH");
		assert_int_equal(world.hosts[US].pairs, 0);
		assert_int_equal(ike_status(world.hosts[US].ike).established, 0);
		hosts_tear_down(state);
		hosts_set_up(state);
	}
	hosts_connect();
	assert_unharmed();
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		wire_put_notify(begin_next(&message,
					   IANA_EXCHANGE_INFORMATIONAL),
				types[i], bytes_of(NULL, 0));
		deliver(&message);
		assert_null(answered(types[i]));
		assert_unharmed();
	}
}

/* Packets don't take what the peer has refused. */
static void refuses_reauthentication(void **state)
{
	struct wire_header header = {
		.exchange = IANA_EXCHANGE_INFORMATIONAL, .message_id = 2,
	};
	struct ike_datagram *refusal;
	struct message message;
	struct ike_sa *sa;
	uint32_t used;

	(void)state;
	hosts_connect();
	used = world.hosts[US].used;
	assert_success(ike_reauth_begin(hosts_sa(PEER)));
	hosts_deliver(&world.queue[0]);
	hosts_deliver(&world.queue[1]);
	hosts_deliver(&world.queue[2]);
	world.count = 0;
	assert_int_equal(world.hosts[US].pairs, 2);
	sa = list_entry(hosts_sa(PEER)->link.next, struct ike_sa, link);
	wire_put_notify(begin(&message, 0, 0),
			IANA_NOTIFY_AUTHENTICATION_FAILED, bytes_of(NULL, 0));
	assert_success(ike_message_build(sa, &header, &message.writer,
					 &refusal));
	ike_message_send(sa, &sa->path, refusal);
	ike_datagram_free(refusal);
	hosts_deliver(&world.queue[0]);
	world.count = 0;
	assert_told(US, "the peer refuses our response to IKE_AUTH: AUTHENTICATION_FAILED");
	assert_int_equal(world.hosts[US].pairs, 1);
	assert_int_equal(world.hosts[US].used, used);
	assert_int_equal(ike_status(world.hosts[US].ike).established, 1);
}

/* ----- fragments --------------------------------------------------------- */

/* A request of INFORMATIONAL that deletes the IKE SA, in pieces that we choose */
struct piece {
	uint16_t number;
	uint16_t total;
	uint32_t message_id;
	bool response;
	/* how many payloads that nobody knows stand in front of it */
	unsigned int outer;
	struct bytes plain;
};

static void deliver_piece(const struct piece *piece)
{
	static uint8_t buffer[IKE_DATAGRAM_SIZE];
	struct ike_sa *sa = hosts_sa(PEER);
	struct wire_encrypted encrypted = {
		.first = piece->number == 1 ? IANA_PAYLOAD_DELETE : 0,
		.fragment = piece->number, .fragments = piece->total,
	};
	struct wire_header header = {
		.spi_i = sa->spi_i, .spi_r = sa->spi_r,
		.next_payload = piece->outer ? 201 : IANA_PAYLOAD_SKF,
		.exchange = IANA_EXCHANGE_INFORMATIONAL,
		.message_id = piece->message_id,
		.initiator = true, .response = piece->response,
	};
	size_t sealed = crypto_suite_sealed_size(&sa->keys.crypto,
						 piece->plain.length);
	struct bytes_writer writer;
	unsigned int i;
	size_t length;

	bytes_writer_init(&writer, buffer, sizeof(buffer));
	bytes_reserve(&writer, WIRE_HEADER_SIZE);
	for (i = 1; i <= piece->outer; i++)
		bytes_put_u32(&writer, (i == piece->outer ?
					IANA_PAYLOAD_SKF : 201u) << 24 | 4);
	wire_put_encrypted_header(&writer, &encrypted, sealed);
	length = writer.used + sealed;
	assert_true(!writer.failed && length <= sizeof(buffer));
	wire_encode_header(&header, length, buffer);
	if (piece->plain.length)
		memcpy(buffer + writer.used + sa->keys.crypto.iv_size,
		       piece->plain.data, piece->plain.length);
	assert_success(crypto_cipher_seal(sa->keys.seal, buffer, writer.used,
					  piece->plain.length, sizeof(buffer)));
	ike_receive(world.hosts[US].ike, &world.hosts[US].model.path,
		    bytes_of(buffer, length));
}

/* Deletes the IKE SA, once both halves are there. */
static const struct bytes halves[2] = {
	{ (const uint8_t *)"\0\0\0", 3 }, { (const uint8_t *)"\10\1\0\0\0", 5 },
};

static struct piece half(uint16_t number)
{
	return (struct piece){
		.number = number, .total = 2,
		.message_id = hosts_sa(PEER)->window.next,
		.plain = halves[number - 1],
	};
}

static void assert_ended(void)
{
	assert_told(US, "CHILD_DOWN the peer has ended it");
	assert_int_equal(world.hosts[US].pairs, 0);
	world.count = 0;
}

static void fragments_out_of_order(void **state)
{
	struct piece second, first;

	(void)state;
	hosts_connect();
	second = half(2);
	first = half(1);
	deliver_piece(&second);
	assert_silence();
	deliver_piece(&first);
	assert_ended();
}

/* Another one with the same number: the first one counts. */
static void fragments_overlap(void **state)
{
	struct piece first, other, second;

	(void)state;
	hosts_connect();
	first = half(1);
	other = half(1);
	other.plain = TEXT("something else");
	second = half(2);
	deliver_piece(&first);
	deliver_piece(&other);
	deliver_piece(&first);
	assert_int_equal(counters()->fragments_dropped, 2);
	assert_silence();
	deliver_piece(&second);
	assert_ended();
}

/* RFC 7383, 2.6: more of them are a new try, fewer are an old one. */
static void fragments_of_another_total(void **state)
{
	struct piece pieces[3];

	(void)state;
	hosts_connect();
	pieces[0] = half(2);
	pieces[1] = half(1);
	pieces[1].total = 1;
	pieces[2] = half(2);
	pieces[2].total = 3;
	deliver_piece(&pieces[0]);
	deliver_piece(&pieces[1]);
	assert_int_equal(counters()->fragments_dropped, 1);
	deliver_piece(&pieces[2]);
	/* what there was of the two is forgotten */
	pieces[1] = half(1);
	deliver_piece(&pieces[1]);
	assert_int_equal(counters()->fragments_dropped, 2);
	assert_silence();
	pieces[1].total = 3;
	deliver_piece(&pieces[1]);
	pieces[0].number = 3;
	pieces[0].total = 3;
	pieces[0].plain = bytes_of(NULL, 0);
	deliver_piece(&pieces[0]);
	assert_ended();
}

static void too_many_fragments(void **state)
{
	static const uint16_t totals[] = { IKE_FRAGMENTS_MAX + 1, UINT16_MAX };
	struct piece piece;
	uint32_t i;
	size_t k;

	(void)state;
	hosts_connect();
	for (k = 0; k < ARRAY_SIZE(totals); k++) {
		for (i = 1; i <= totals[k]; i += k ? 97 : 1) {
			piece = half(1);
			piece.number = (uint16_t)i;
			piece.total = totals[k];
			deliver_piece(&piece);
		}
	}
	assert_true(counters()->fragments_dropped > 700);
	assert_null(hosts_sa(US)->reassembly[false]);
	assert_silence();
	assert_unharmed();
}

/* All together are not longer than a message may be. */
static void too_long_fragments(void **state)
{
	static const uint8_t zeros[20000];
	struct piece piece;
	uint16_t i;

	(void)state;
	hosts_connect();
	for (i = 1; i <= IKE_FRAGMENTS_MAX; i++) {
		piece = half(1);
		piece.number = i;
		piece.total = IKE_FRAGMENTS_MAX;
		piece.plain = bytes_of(zeros, sizeof(zeros));
		deliver_piece(&piece);
	}
	assert_int_equal(counters()->fragments_dropped, IKE_FRAGMENTS_MAX - 3);
	assert_silence();
	assert_unharmed();
}

static void fragments_nobody_asked_for(void **state)
{
	struct piece piece;
	uint16_t i;

	(void)state;
	hosts_connect();
	for (i = 1; i <= 2; i++) {
		piece = half(i);
		piece.response = true;
		deliver_piece(&piece);
		/* of a request that is not the next one */
		piece = half(i);
		piece.message_id += 5;
		deliver_piece(&piece);
	}
	assert_int_equal(counters()->unexpected_response, 2);
	assert_null(hosts_sa(US)->reassembly[true]);
	assert_null(hosts_sa(US)->reassembly[false]);
	assert_silence();
	assert_unharmed();
}

/* Payloads in the clear that nobody knows, up to the limit and beyond */
static void payloads_in_front(void **state)
{
	struct piece piece;

	(void)state;
	hosts_connect();
	piece = half(1);
	piece.outer = WIRE_PAYLOADS_MAX;
	deliver_piece(&piece);
	assert_int_equal(counters()->malformed[WIRE_REASON_TOO_MANY], 1);
	assert_null(hosts_sa(US)->reassembly[false]);
	piece.outer--;
	deliver_piece(&piece);
	piece = half(2);
	piece.outer = WIRE_PAYLOADS_MAX - 1;
	deliver_piece(&piece);
	assert_ended();
}

#define HOSTILE_TEST(function) \
	cmocka_unit_test_setup_teardown(function, hosts_set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		HOSTILE_TEST(before_authentication),
		HOSTILE_TEST(authenticates_twice),
		HOSTILE_TEST(answers_nobody_asked_for),
		HOSTILE_TEST(answers_rekeying_by_init),
		HOSTILE_TEST(far_ahead),
		HOSTILE_TEST(no_secret_again),
		HOSTILE_TEST(early_eap_success),
		HOSTILE_TEST(early_eap_success_of_responder),
		HOSTILE_TEST(another_version),
		HOSTILE_TEST(delete_and_more),
		HOSTILE_TEST(hashes_cut_off),
		HOSTILE_TEST(deletes_many),
		HOSTILE_TEST(asks_without_end),
		HOSTILE_TEST(rekeys_what_is_not),
		HOSTILE_TEST(rekeys_with_bad_values),
		HOSTILE_TEST(rekeys_twice),
		HOSTILE_TEST(critical_payload),
		HOSTILE_TEST(critical_at_first),
		HOSTILE_TEST(makes_no_sense),
		HOSTILE_TEST(makes_no_sense_at_once),
		HOSTILE_TEST(refuses_authentication),
		HOSTILE_TEST(refuses_reauthentication),
		HOSTILE_TEST(fragments_out_of_order),
		HOSTILE_TEST(fragments_overlap),
		HOSTILE_TEST(fragments_of_another_total),
		HOSTILE_TEST(too_many_fragments),
		HOSTILE_TEST(too_long_fragments),
		HOSTILE_TEST(fragments_nobody_asked_for),
		HOSTILE_TEST(payloads_in_front),
	};

	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
