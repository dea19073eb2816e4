// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/ike: two engines that hear each other at once, and what they
 * say when something doesn't fit. What a bad network does to them is tried by
 * the simulator.
 */
#include "hosts.h"
#include "ike/info.h"
#include "ike/proposal.h"
#include "ike/timer.h"
#include "ike/ts.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "unit.h"
#include "wire/header.h"
#include "wire/writer.h"

/*
 * Of AddressSanitizer, which has no header of it everywhere. What is built to see which
 * lines run is without it, and counts no bytes.
 */
__attribute__((weak)) size_t __sanitizer_get_current_allocated_bytes(void);

static size_t allocated_bytes(void)
{
	return __sanitizer_get_current_allocated_bytes ?
	       __sanitizer_get_current_allocated_bytes() : 0;
}

static void comes_up(void **state)
{
	(void)state;
	hosts_connect();
	assert_told(0, "ESTABLISHED");
	assert_told(0, "CHILD_UP");
	assert_told(1, "ESTABLISHED");
	assert_told(1, "CHILD_UP");
	assert_pairs(1);
	assert_int_equal(ike_status(world.hosts[1].ike).half_open, 0);
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", "net"));
	hosts_run();
	assert_pairs(1);
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", NULL));
	hosts_run();
	assert_success(ike_down(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_told(1, "CHILD_DOWN the peer has ended it");
	assert_pairs(0);
	assert_refused(ike_rekey(world.hosts[0].ike, "tunnel", NULL), "not up");
}

static void everything_thrice(void **state)
{
	(void)state;
	world.copies = 3;
	comes_up(state);
	assert_true(ike_counters(world.hosts[1].ike)->answered_again > 0);
	assert_true(ike_counters(world.hosts[0].ike)->unexpected_response > 0);
}

static void count_sa(const struct ike_sa_info *info, void *context)
{
	uint64_t *last = context;

	assert_string_equal(info->connection, "tunnel");
	assert_string_equal(info->state, "established IKE SA");
	assert_true(info->established && info->initiator);
	assert_int_equal(info->children, 1);
	assert_int_equal(info->peer_id->data[0], 'e');
	assert_int_equal(info->since, world.now);
	assert_true(info->replace_at > world.now + 50000 &&
		    info->replace_at < world.now + 100000);
	*last = info->serial;
}

static void count_child(const struct ike_child_info *info, void *context)
{
	uint64_t *last = context;

	assert_string_equal(info->pair->child, "net");
	assert_int_equal(info->parent, last[0]);
	assert_true(info->established && info->in_use);
	assert_true(info->end_at == IKE_NEVER);
	last[1] = info->pair->serial;
}

/* One sequence of numbers for IKE SAs and child SAs */
static void serial_numbers(void **state)
{
	struct ike *ike;
	uint64_t last[2];

	(void)state;
	world.hosts[0].model.lifetime = 100;
	world.hosts[0].model.margin = 50;
	hosts_connect();
	ike = world.hosts[0].ike;
	ike_each_sa(ike, count_sa, &last[0]);
	ike_each_child(ike, count_child, last);
	assert_int_equal(last[0], 1);
	assert_int_equal(last[1], 2);
	assert_success(ike_rekey(ike, "tunnel", "net"));
	hosts_run();
	ike_each_child(ike, count_child, last);
	assert_int_equal(last[1], 3);
	assert_success(ike_rekey(ike, "tunnel", NULL));
	hosts_run();
	ike_each_sa(ike, count_sa, &last[0]);
	ike_each_child(ike, count_child, last);
	assert_int_equal(last[0], 4);
	assert_int_equal(last[1], 3);
}

static void wrong_names(void **state)
{
	struct host *host = &world.hosts[0];

	(void)state;
	hosts_start(&ike_config_default);
	assert_refused(ike_up(host->ike, "tunel", NULL), "no connection \"tunel\"");
	assert_refused(ike_up(host->ike, "tunnel", "nat"), "no child \"nat\"");
	assert_refused(ike_down(host->ike, "tunel", NULL), "no connection");
	assert_refused(ike_rekey(host->ike, "tunel", NULL), "no connection");
	assert_refused(ike_add(host->ike, &host->model), "already");
	assert_success(ike_remove(host->ike, "tunnel"));
	assert_refused(ike_remove(host->ike, "tunnel"), "no connection");
	host->model.child_count = 0;
	assert_refused(ike_add(host->ike, &host->model), "1 to 16 children");
}

static void wrong_secret(void **state)
{
	(void)state;
	world.hosts[1].secret = "another secret";
	hosts_connect();
	assert_told(1, "AUTHENTICATION_FAILED: the peer says that it is @w: it has another secret");
	assert_told(0, "FAILED the peer refused IKE_AUTH: AUTHENTICATION_FAILED: it doesn't accept us as @w");
	assert_pairs(0);
	/* what is left of it answers again for a while, and goes */
	world.now += 60000;
	ike_tick(world.hosts[1].ike);
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 0);
	assert_int_equal(ike_status(world.hosts[1].ike).half_open, 0);
}

/* Whoever has failed doesn't stand in the way of others, nor take room without end. */
static void wrong_secret_often(void **state)
{
	struct ike_config config = ike_config_default;
	struct ike_status status;
	unsigned int i;

	(void)state;
	config.half_open_max = 3;
	world.hosts[1].secret = "another secret";
	hosts_start(&config);
	for (i = 0; i < 10; i++) {
		assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
		hosts_run();
		status = ike_status(world.hosts[1].ike);
		assert_int_equal(status.half_open, 0);
		assert_int_equal(status.sas, i < 3 ? i + 1 : 3);
	}
	assert_int_equal(ike_counters(world.hosts[1].ike)->half_open_full, 0);
	world.now += 21000;
	ike_tick(world.hosts[1].ike);
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 0);
	/* there is room again */
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 1);
	world.hosts[1].secret = "a secret";
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(1);
}

static void no_secret(void **state)
{
	(void)state;
	world.hosts[1].secret = NULL;
	hosts_connect();
	assert_told(1, "AUTHENTICATION_FAILED: the peer says that it is @w: there is no secret for @e and @w");
	assert_pairs(0);
}

static void wrong_identity(void **state)
{
	(void)state;
	world.hosts[1].model.remote_id.data[0] = 'x';
	hosts_connect();
	assert_told(1, "AUTHENTICATION_FAILED: no connection is with @w");
	assert_told(0, "FAILED the peer refused IKE_AUTH");
	assert_pairs(0);
}

static void no_proposal(void **state)
{
	(void)state;
	hosts_make_proposals(&world.hosts[1].model.proposals, IANA_PROTOCOL_IKE,
			     128);
	hosts_connect();
	assert_told(1, "NO_PROPOSAL_CHOSEN: no ENCR in common for IKE: the peer offers ENCR_AES_GCM_16_256, we have ENCR_AES_GCM_16_128");
	assert_told(0, "FAILED the peer refused: NO_PROPOSAL_CHOSEN: it takes none of what we offer for IKE: ENCR ENCR_AES_GCM_16_256; PRF PRF_HMAC_SHA2_256; KE CURVE25519");
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 0);
}

static void no_child_proposal(void **state)
{
	(void)state;
	hosts_make_proposals(&world.hosts[1].model.children[0].proposals,
			     IANA_PROTOCOL_ESP, 256);
	hosts_connect();
	assert_told(0, "CHILD_FAILED the peer refused: NO_PROPOSAL_CHOSEN: it takes none of what we offer for ESP: ENCR ENCR_AES_GCM_16_128");
	assert_told(1, "no ENCR in common for ESP");
	assert_told(0, "ESTABLISHED");
	assert_pairs(0);
}

static void wrong_selectors(void **state)
{
	(void)state;
	hosts_make_ts(&world.hosts[1].model.children[0].local, "10.3.0.0",
		      "10.3.0.255");
	hosts_connect();
	assert_told(0, "CHILD_FAILED the peer refused: TS_UNACCEPTABLE: it has no place for what we offer: 10.1.0.0-10.1.0.255 === 10.2.0.0-10.2.0.255");
	assert_told(1, "TS_UNACCEPTABLE: the peer offers 10.1.0.0-10.1.0.255 === 10.2.0.0-10.2.0.255, we have 10.1.0.0-10.1.0.255 === 10.3.0.0-10.3.0.255");
	assert_pairs(0);
}

static void narrowed(void **state)
{
	(void)state;
	hosts_make_ts(&world.hosts[1].model.children[0].local, "10.2.0.16",
		      "10.2.0.31");
	world.hosts[1].model.narrowing = true;
	hosts_connect();
	assert_told(0, "#2 initiator established Child SA using #1; tunnel 10.1.0.0-10.1.0.255 === 10.2.0.16-10.2.0.31");
	assert_pairs(1);
}

static void another_group(void **state)
{
	struct wire_sa *proposals = &world.hosts[0].model.proposals;

	(void)state;
	proposals->transforms[2].id = IANA_KE_ECP_256;
	wire_sa_add_transform(proposals, IANA_TRANSFORM_KE, IANA_KE_CURVE25519,
			      0);
	hosts_connect();
	assert_told(0, "CHILD_UP");
	assert_pairs(1);
}

/* Both a cookie and another group are asked for, and the cookie goes along. */
static void cookie_and_group(void **state)
{
	struct wire_sa *proposals = &world.hosts[0].model.proposals;
	struct ike_config config = ike_config_default;

	(void)state;
	config.half_open_cookies = 0;
	proposals->transforms[2].id = IANA_KE_ECP_256;
	wire_sa_add_transform(proposals, IANA_TRANSFORM_KE, IANA_KE_CURVE25519,
			      0);
	hosts_start(&config);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_told(0, "CHILD_UP");
	assert_pairs(1);
	/* a cookie, the group, and everything right: three of ours and IKE_AUTH */
	assert_int_equal(ike_counters(world.hosts[1].ike)->cookie_asked, 1);
	assert_int_equal(ike_counters(world.hosts[1].ike)->cookie_wrong, 0);
	assert_int_equal(ike_counters(world.hosts[0].ike)->sent, 4);
}

/* The packet that waits is offered before the selectors that it is among. */
static void packet_first(void **state)
{
	struct ike_flow flow = { .protocol = 17 };

	(void)state;
	assert_success(address_parse("10.1.0.5", &flow.source.address));
	assert_success(address_parse("10.2.0.20", &flow.destination.address));
	flow.source.port = 4711;
	flow.destination.port = 53;
	hosts_make_ts(&world.hosts[1].model.children[0].local, "10.3.0.0",
		      "10.3.0.255");
	hosts_start(&ike_config_default);
	assert_success(ike_acquire(world.hosts[0].ike, "tunnel", "net", &flow));
	hosts_run();
	assert_told(1, "the peer offers 10.1.0.5-10.1.0.5 17:4711, 10.1.0.0-10.1.0.255 === 10.2.0.20-10.2.0.20 17:53, 10.2.0.0-10.2.0.255, we have");
	/* a packet that is not among them has no place there */
	assert_success(address_parse("10.9.0.20", &flow.destination.address));
	hosts_stop(0);
	hosts_start_one(0, &ike_config_default);
	assert_success(ike_acquire(world.hosts[0].ike, "tunnel", "net", &flow));
	hosts_run();
	assert_told(1, "the peer offers 10.1.0.0-10.1.0.255 === 10.2.0.0-10.2.0.255, we have");
}

/* What was in others is not told twice, and a new child is for all of it. */
static void packet_among_others(void **state)
{
	struct ike_flow flow = { .protocol = 6 };

	(void)state;
	assert_success(address_parse("10.1.0.5", &flow.source.address));
	assert_success(address_parse("10.2.0.20", &flow.destination.address));
	hosts_make_ts(&world.hosts[1].model.children[0].local, "10.2.0.16",
		      "10.2.0.31");
	world.hosts[1].model.narrowing = true;
	hosts_start(&ike_config_default);
	assert_success(ike_acquire(world.hosts[0].ike, "tunnel", "net", &flow));
	hosts_run();
	assert_told(0, "tunnel 10.1.0.0-10.1.0.255 === 10.2.0.16-10.2.0.31");
	assert_told(1, "tunnel 10.2.0.16-10.2.0.31 === 10.1.0.0-10.1.0.255");
	assert_pairs(1);
}

/* Who wants no padding says so, whoever begins. */
static void no_padding(void **state)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		world.hosts[i].model.children[0].no_padding = true;
		hosts_connect();
		assert_false(world.hosts[i].last.no_padding);
		assert_true(world.hosts[!i].last.no_padding);
		assert_int_equal(hosts_tear_down(state), 0);
		hosts_set_up(state);
	}
}

/* Both begin, and only one is heard: the other lets its own go. */
static void peer_was_faster(void **state)
{
	(void)state;
	hosts_start(&ike_config_default);
	world.deaf = true;
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	world.deaf = false;
	assert_success(ike_up(world.hosts[1].ike, "tunnel", NULL));
	hosts_run();
	assert_told(0, "CHILD_UP");
	assert_int_equal(ike_status(world.hosts[0].ike).sas, 1);
	hosts_wait(60);
	assert_int_equal(ike_status(world.hosts[0].ike).sas, 1);
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 1);
	assert_pairs(1);
}

/* Takes the datagram that is under way; it may arrive later on. */
static struct packet hold(void)
{
	assert_int_equal(world.count, 1);
	world.count = 0;
	return world.queue[0];
}

/* Both begin at once; the peer's first contact arrives amid a rekeying. */
static void contact_amid_rekeying(void **state)
{
	struct packet packet, contact;
	unsigned int i;

	(void)state;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[1].ike, "tunnel", NULL));
	for (i = 0; i < 2; i++) {
		packet = hold();
		hosts_deliver(&packet);
	}
	contact = hold();
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", NULL));
	packet = hold();
	hosts_deliver(&contact);
	hosts_run();
	hosts_deliver(&packet);
	hosts_run();
	hosts_wait(60);
	for (i = 0; i < 2; i++)
		assert_int_equal(ike_status(world.hosts[i].ike).established, 1);
	assert_pairs(1);
}

/* What has been seen on the network doesn't prove that the peer lives. */
static void replayed_life(void **state)
{
	struct host *host = &world.hosts[0];
	struct packet packet;
	int i;

	(void)state;
	host->model.liveness = 5;
	hosts_connect();
	packet = world.queue[0];
	assert_int_equal(packet.path.local.address.bytes[3], 2);
	assert_int_equal(packet.data[18], IANA_EXCHANGE_IKE_AUTH);
	world.deaf = true;
	for (i = 0; i < 120; i++) {
		world.now += 1000;
		while (ike_deadline(host->ike) <= world.now)
			ike_tick(host->ike);
		hosts_deliver(&packet);
	}
	assert_told(0, "PEER_DEAD");
}

static void tampered(void **state)
{
	(void)state;
	world.tamper = IANA_EXCHANGE_IKE_AUTH;
	hosts_connect();
	assert_int_equal(ike_counters(world.hosts[1].ike)->not_authentic, 1);
	assert_pairs(0);
	world.tamper = 0;
	world.now = ike_deadline(world.hosts[0].ike);
	ike_tick(world.hosts[0].ike);
	hosts_run();
	assert_told(0, "retransmission; will wait 1.000 seconds for response");
	assert_pairs(1);
}

static void silent_peer(void **state)
{
	(void)state;
	world.deaf = true;
	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	while (ike_deadline(world.hosts[0].ike) != IKE_NEVER) {
		world.now = ike_deadline(world.hosts[0].ike);
		ike_tick(world.hosts[0].ike);
	}
	assert_told(0, "FAILED no answer to IKE_SA_INIT within 20 seconds");
	assert_int_equal(ike_status(world.hosts[0].ike).sas, 0);
}

/* Host 1 has made an IKE SA, and all that host 0 hears from now on gets lost. */
static void begin_alone(void)
{
	int i;

	hosts_start(&ike_config_default);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	for (i = 0; i < 3; i++)
		hosts_deliver(&world.queue[i]);
	assert_told(1, "CHILD_UP");
	assert_not_told(0, "CHILD_UP");
	world.deaf = true;
	world.count = 0;
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", "net"));
}

/*
 * Who hasn't got our response yet cannot answer, and is not dead as long as it asks
 * for that.
 */
static void waits_for_us(void **state)
{
	(void)state;
	begin_alone();
	hosts_wait(15);
	/* IKE_AUTH */
	hosts_deliver(&world.queue[2]);
	hosts_wait(15);
	assert_not_told(1, "PEER_DEAD");
	hosts_wait(15);
	assert_told(1, "PEER_DEAD no answer to CREATE_CHILD_SA within 35 seconds");
}

static void waits_no_more(void **state)
{
	(void)state;
	begin_alone();
	hosts_wait(20);
	assert_told(1, "PEER_DEAD no answer to CREATE_CHILD_SA within 20 seconds");
}

/* The same where it is CREATE_CHILD_SA that makes the IKE SA */
static void waits_for_us_amid_rekeying(void **state)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		hosts_connect();
		assert_success(ike_rekey(world.hosts[0].ike, "tunnel", NULL));
		hosts_deliver(&world.queue[0]);
		assert_told(1, "takes over from");
		world.deaf = true;
		world.count = 0;
		assert_success(ike_rekey(world.hosts[1].ike, "tunnel", "net"));
		hosts_wait(15);
		if (i)
			hosts_deliver(&world.queue[0]);
		hosts_wait(8);
		if (i)
			assert_not_told(1, "PEER_DEAD");
		else
			assert_told(1, "PEER_DEAD");
		hosts_wait(22);
		assert_told(1, "PEER_DEAD no answer to CREATE_CHILD_SA");
		assert_int_equal(hosts_tear_down(state), 0);
		hosts_set_up(state);
	}
}

/* Whoever wants to see what is said sees it, and nobody else. */
static void messages_are_logged(void **state)
{
	struct ike_config config = ike_config_default;

	(void)state;
	hosts_connect();
	assert_not_told(0, "makes ");
	hosts_stop(0);
	config.debug = true;
	hosts_start_one(0, &config);
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_told(0, "makes IKE_SA_INIT request 0, ");
	assert_told(0, "gets IKE_SA_INIT response 0, ");
	assert_told(0, "makes IKE_AUTH request 1, ");
	world.hosts[0].told[0] = '\0';
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", "net"));
	hosts_run();
	assert_told(0, "makes CREATE_CHILD_SA request 2, ");
	assert_told(0, " bytes: NOTIFY(REKEY_SA) SA NONCE TSI TSR\n");
	assert_told(0, "gets INFORMATIONAL response 3, ");
}

/* A request of IKE_SA_INIT that anybody can make, from anywhere */
static size_t make_init_with(uint8_t *datagram, uint32_t number,
			     struct bytes cookie)
{
	static const uint8_t value[32] = { 9 }, nonce[16];
	struct wire_header header = {
		.spi_i = 0x1234567800000000ULL + number,
		.exchange = IANA_EXCHANGE_IKE_SA_INIT,
		.initiator = true,
	};
	struct wire_writer writer;
	struct wire_sa sa;

	hosts_make_proposals(&sa, IANA_PROTOCOL_IKE, 256);
	wire_writer_init(&writer, datagram + WIRE_HEADER_SIZE, 1024);
	if (cookie.length)
		wire_put_notify(&writer, IANA_NOTIFY_COOKIE, cookie);
	wire_put_sa(&writer, &sa);
	wire_put_ke(&writer, IANA_KE_CURVE25519, bytes_of(value, 32));
	wire_put_payload(&writer, IANA_PAYLOAD_NONCE, bytes_of(nonce, 16));
	header.next_payload = writer.first;
	wire_encode_header(&header, WIRE_HEADER_SIZE + writer.bytes.used,
			   datagram);
	return WIRE_HEADER_SIZE + writer.bytes.used;
}

static size_t make_init(uint8_t *datagram, uint32_t number)
{
	return make_init_with(datagram, number, bytes_of(NULL, 0));
}

static void flood(void **state)
{
	struct ike_config config = ike_config_default;
	struct ike_path path;
	uint8_t datagram[2048];
	size_t memory = 0;
	uint32_t i;

	(void)state;
	/* whoever may come: the addresses are all forged */
	memset(&world.hosts[1].model.path.remote.address.bytes, 0, 16);
	config.half_open_cookies = 16;
	config.half_open_max = 32;
	hosts_start(&config);
	world.deaf = true;
	path = world.hosts[1].model.path;
	for (i = 0; i < 100000; i++) {
		/* from then on not a byte more */
		if (i == 16)
			memory = allocated_bytes();
		memcpy(path.remote.address.bytes, &i, 4);
		ike_receive(world.hosts[1].ike, &path,
			    bytes_of(datagram, make_init(datagram, i)));
	}
	assert_int_equal(allocated_bytes(), memory);
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 16);
	assert_int_equal(ike_counters(world.hosts[1].ike)->cookie_asked,
			 100000 - 16);
	world.deaf = false;

	/* who is where it says gets in nevertheless */
	assert_success(ike_up(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_told(0, "CHILD_UP");
	assert_pairs(1);
	world.now += 31000;
	ike_tick(world.hosts[1].ike);
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 1);
	assert_int_equal(ike_status(world.hosts[1].ike).half_open, 0);
}

static void half_open_limit(void **state)
{
	struct ike_config config = ike_config_default;
	uint8_t datagram[2048];
	uint32_t i;

	(void)state;
	config.half_open_max = 4;
	hosts_start(&config);
	for (i = 0; i < 10; i++) {
		ike_receive(world.hosts[1].ike, &world.hosts[1].model.path,
			    bytes_of(datagram, make_init(datagram, i)));
		world.count = 0;
	}
	assert_int_equal(ike_status(world.hosts[1].ike).half_open, 4);
	assert_int_equal(ike_counters(world.hosts[1].ike)->half_open_full, 6);
}

/* Begins an IKE SA and sends back the cookie; goes no further. */
static void begin_with_cookie(uint8_t address, uint32_t number)
{
	struct host *host = &world.hosts[1];
	struct ike_path path = host->model.path;
	struct packet *answer = &world.queue[0];
	uint8_t datagram[2048];
	struct bytes cookie;

	memcpy(path.remote.address.bytes, ((uint8_t[]){ 192, 0, 2, address }),
	       4);
	ike_receive(host->ike, &path,
		    bytes_of(datagram, make_init(datagram, number)));
	assert_int_equal(world.count, 1);
	/* behind the headers of the message, of the payload and of the notify */
	cookie = bytes_of(answer->data + WIRE_HEADER_SIZE + 8,
			  answer->length - WIRE_HEADER_SIZE - 8);
	ike_receive(host->ike, &path,
		    bytes_of(datagram,
			     make_init_with(datagram, number, cookie)));
	world.count = 0;
}

/* A single address that is there doesn't keep all others out. */
static void half_open_limit_of_one(void **state)
{
	struct ike_config config = ike_config_default;
	const struct ike_counters *counters;
	struct ike *ike;
	uint32_t i;

	(void)state;
	/* whoever may come */
	memset(&world.hosts[1].model.path.remote.address.bytes, 0, 16);
	config.half_open_cookies = 0;
	config.half_open_max = 16;
	hosts_start(&config);
	ike = world.hosts[1].ike;
	counters = ike_counters(ike);
	for (i = 0; i < 10; i++)
		begin_with_cookie(7, i);
	assert_int_equal(ike_status(ike).half_open, 4);
	assert_int_equal(counters->half_open_full, 6);
	begin_with_cookie(8, i);
	assert_int_equal(ike_status(ike).half_open, 5);
	assert_int_equal(counters->cookie_wrong, 0);
	/* what has not been gone on with makes room */
	world.now += 31000;
	ike_tick(ike);
	begin_with_cookie(7, i);
	assert_int_equal(ike_status(ike).half_open, 1);
}

/* What has no place where it comes is counted and changes nothing. */
static void out_of_order(void **state)
{
	static const uint8_t exchanges[] = {
		IANA_EXCHANGE_IKE_AUTH, IANA_EXCHANGE_CREATE_CHILD_SA,
		IANA_EXCHANGE_INFORMATIONAL, 240,
	};
	const struct ike_counters *counters;
	struct ike_path *path = &world.hosts[1].model.path;
	uint8_t datagram[2048];
	size_t i, length;

	(void)state;
	hosts_start(&ike_config_default);
	counters = ike_counters(world.hosts[1].ike);
	length = make_init(datagram, 1);
	for (i = 0; i < ARRAY_SIZE(exchanges); i++) {
		datagram[18] = exchanges[i];
		ike_receive(world.hosts[1].ike, path,
			    bytes_of(datagram, length));
	}
	assert_int_equal(counters->unknown_spi, ARRAY_SIZE(exchanges));
	/* a response of IKE_SA_INIT, a request with a message id or an SPI */
	datagram[18] = IANA_EXCHANGE_IKE_SA_INIT;
	datagram[19] = 0x20;
	ike_receive(world.hosts[1].ike, path, bytes_of(datagram, length));
	assert_int_equal(counters->unexpected_response, 1);
	datagram[19] = 0x08;
	datagram[23] = 1;
	ike_receive(world.hosts[1].ike, path, bytes_of(datagram, length));
	datagram[23] = 0;
	datagram[15] = 1;
	ike_receive(world.hosts[1].ike, path, bytes_of(datagram, length));
	assert_int_equal(counters->unexpected_request, 2);
	/* truncated */
	ike_receive(world.hosts[1].ike, path, bytes_of(datagram, length - 1));
	assert_int_equal(counters->malformed[WIRE_REASON_LENGTH], 1);
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 0);
	assert_int_equal(world.count, 0);

	/* before IKE_AUTH nothing else is answered */
	datagram[15] = 0;
	ike_receive(world.hosts[1].ike, path, bytes_of(datagram, length));
	assert_int_equal(world.count, 1);
	memcpy(datagram + 8, world.queue[0].data + 8, 8);
	datagram[18] = IANA_EXCHANGE_INFORMATIONAL;
	ike_receive(world.hosts[1].ike, path, bytes_of(datagram, length));
	assert_int_equal(world.count, 1);
	assert_int_equal(ike_status(world.hosts[1].ike).half_open, 1);
}

static void bad_public_value(void **state)
{
	uint8_t datagram[2048];
	size_t length;

	(void)state;
	hosts_start(&ike_config_default);
	length = make_init(datagram, 1);
	/* the only byte of the public value that isn't 0 */
	assert_int_equal(datagram[76], 9);
	datagram[76] = 0;
	ike_receive(world.hosts[1].ike, &world.hosts[1].model.path,
		    bytes_of(datagram, length));
	assert_int_equal(ike_status(world.hosts[1].ike).sas, 0);
	assert_int_equal(ike_status(world.hosts[1].ike).half_open, 0);
}

static void selects_in_peers_order(void **state)
{
	struct wire_sa ours = {}, offered = {};
	const struct wire_proposal *chosen;
	struct ike_suite suite;

	(void)state;
	hosts_make_proposals(&ours, IANA_PROTOCOL_ESP, 256);
	wire_sa_add_proposal(&ours, IANA_PROTOCOL_ESP);
	wire_sa_add_transform(&ours, IANA_TRANSFORM_ENCR, IANA_ENCR_AES_CBC,
			      128);
	wire_sa_add_transform(&ours, IANA_TRANSFORM_INTEG,
			      IANA_INTEG_HMAC_SHA2_256_128, 0);
	offered = ours;
	offered.proposals[0].first = ours.proposals[1].first;
	offered.proposals[0].count = ours.proposals[1].count;
	offered.proposals[1].first = ours.proposals[0].first;
	offered.proposals[1].count = ours.proposals[0].count;
	assert_success(ike_proposal_select(&ours, &offered, IANA_PROTOCOL_ESP,
					   true, &suite, &chosen));
	assert_int_equal(suite.encr, IANA_ENCR_AES_CBC);
	assert_int_equal(suite.integ, IANA_INTEG_HMAC_SHA2_256_128);
	assert_int_equal(chosen->number, 1);

	/* an attribute that nobody knows, a type that must be there */
	offered.transforms[offered.proposals[0].first].unusable = true;
	assert_success(ike_proposal_select(&ours, &offered, IANA_PROTOCOL_ESP,
					   true, &suite, &chosen));
	assert_int_equal(suite.encr, IANA_ENCR_AES_GCM_16);
	offered.transforms[offered.proposals[1].first + 1] =
		(struct wire_transform){ IANA_TRANSFORM_ADDKE1, false,
					 IANA_KE_ML_KEM_768, 0 };
	assert_refused(ike_proposal_select(&ours, &offered, IANA_PROTOCOL_ESP,
					   true, &suite, &chosen),
		       "NO_PROPOSAL_CHOSEN");
	/* perfect forward secrecy on one side only */
	offered = ours;
	wire_sa_add_transform(&offered, IANA_TRANSFORM_KE, IANA_KE_ECP_256, 0);
	offered.proposals[0] = offered.proposals[1];
	offered.proposal_count = 1;
	assert_refused(ike_proposal_select(&ours, &offered, IANA_PROTOCOL_ESP,
					   true, &suite, &chosen),
		       "no KE in common for ESP: the peer offers ECP_256, we have none");
	assert_success(ike_proposal_select(&ours, &offered, IANA_PROTOCOL_ESP,
					   false, &suite, &chosen));
	assert_refused(ike_proposal_select(&ours, &offered, IANA_PROTOCOL_IKE,
					   false, &suite, &chosen),
		       "nothing for IKE");
}

/* Whatever is left of the room when the next one has none any more */
static void selectors_cut_short(void **state)
{
	struct wire_ts_list list;
	char text[IKE_TS_TEXT_SIZE];
	uint16_t port, spare;
	size_t length;

	(void)state;
	hosts_make_ts(&list, "10.0.0.0", "10.0.0.255");
	for (list.count = 1; list.count < WIRE_TS_MAX; list.count++)
		list.items[list.count] = list.items[0];
	/* one to five digits in each of the first five add 0 to 20 characters */
	for (spare = 0; spare <= 20; spare++) {
		for (uint16_t i = 0; i < 5; i++) {
			int digits = spare / 5 + (i < spare % 5);

			for (port = 1; digits; digits--)
				port = (uint16_t)(port * 10);
			list.items[i].ports = (struct port_range){ port, port };
		}
		ike_ts_text(&list, text);
		length = strlen(text);
		assert_in_range(length, IKE_TS_TEXT_SIZE - 40,
				IKE_TS_TEXT_SIZE - 1);
		assert_string_equal(text + length - 5, ", ...");
	}
}

static void selectors(void **state)
{
	struct wire_ts_list ours, theirs, narrow;
	char text[IKE_TS_TEXT_SIZE];

	(void)state;
	hosts_make_ts(&ours, "10.0.0.0", "10.0.0.255");
	hosts_make_ts(&theirs, "10.0.0.128", "10.0.1.5");
	theirs.items[0].protocol = 6;
	theirs.items[0].ports = (struct port_range){ 80, 443 };
	assert_true(ike_ts_narrow(&ours, &theirs, &narrow));
	assert_string_equal(ike_ts_text(&narrow, text),
			    "10.0.0.128-10.0.0.255 6:80-443");
	assert_true(ike_ts_covers(&ours, &narrow));
	assert_true(ike_ts_covers(&theirs, &narrow));
	assert_false(ike_ts_covers(&narrow, &ours));
	assert_true(ike_ts_equal(&narrow, &narrow));
	assert_false(ike_ts_equal(&narrow, &ours));
	ours.items[0].protocol = 17;
	assert_false(ike_ts_narrow(&ours, &theirs, &narrow));
	assert_string_equal(ike_ts_text(&narrow, text), "nothing");
	assert_false(ike_ts_covers(&ours, &narrow));

	/* what lies in another one is left out, and of two equal ones one */
	hosts_make_ts(&theirs, "10.0.0.7", "10.0.0.7");
	theirs.items[theirs.count++] = ours.items[0];
	theirs.items[theirs.count++] = ours.items[0];
	ike_ts_simplify(&theirs);
	assert_true(theirs.items[0].first.bytes[3] == 7);
	ike_ts_put_first(&theirs, &ours.items[0]);
	assert_int_equal(theirs.count, 3);
	theirs.items[1].protocol = 17;
	ike_ts_simplify(&theirs);
	assert_true(ike_ts_equal(&theirs, &ours));
	hosts_make_ts(&theirs, "10.0.0.128", "10.0.1.5");

	/* ports that cannot be seen are among all ports, not among some */
	ours.items[0].protocol = 6;
	theirs.items[0].ports = (struct port_range){ UINT16_MAX, 0 };
	assert_true(ike_ts_narrow(&ours, &theirs, &narrow));
	assert_true(wire_ts_is_opaque(&narrow.items[0]));
	ours.items[0].ports = (struct port_range){ 80, 80 };
	assert_false(ike_ts_narrow(&ours, &theirs, &narrow));
	hosts_make_ts(&ours, "2001:db8::", "2001:db8::ffff");
	assert_false(ike_ts_narrow(&ours, &theirs, &narrow));
}

static void expire(struct ike_timer *timer)
{
	(void)timer;
}

static void timers(void **state)
{
	static struct ike_timer some[200];
	struct ike_timers all = {};
	struct ike_timer *last = NULL, *timer;
	size_t i, count = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(some); i++) {
		some[i].expire = expire;
		ike_timer_set(&all, &some[i], i * 7919 % 101);
	}
	for (i = 0; i < ARRAY_SIZE(some); i += 3)
		ike_timer_stop(&all, &some[i]);
	ike_timer_stop(&all, &some[0]);
	for (i = 0; i < ARRAY_SIZE(some); i += 7)
		ike_timer_set(&all, &some[i], i * 104729 % 103);
	while ((timer = ike_timers_take(&all, UINT64_MAX))) {
		if (last) {
			assert_true(timer->deadline >= last->deadline);
			assert_true(timer->deadline > last->deadline ||
				    timer->order > last->order);
		}
		last = timer;
		count++;
	}
	assert_null(all.first);
	for (i = 0; i < ARRAY_SIZE(some); i++)
		assert_false(some[i].running);
	assert_true(count >= 140);
	ike_timer_set(&all, &some[1], 50);
	assert_null(ike_timers_take(&all, 49));
	assert_ptr_equal(ike_timers_take(&all, 50), &some[1]);
}

/* An IKE SA that both rekey goes down before either has an answer. */
static void down_amid_rekeying(void **state)
{
	struct packet theirs;
	unsigned int i;

	(void)state;
	hosts_connect();
	assert_success(ike_rekey(world.hosts[1].ike, "tunnel", NULL));
	theirs = hold();
	assert_success(ike_rekey(world.hosts[0].ike, "tunnel", NULL));
	assert_success(ike_down(world.hosts[0].ike, "tunnel", NULL));
	hosts_run();
	assert_pairs(0);
	assert_told(1, "CHILD_DOWN");
	hosts_deliver(&theirs);
	hosts_run();
	hosts_wait(60);
	for (i = 0; i < 2; i++)
		assert_int_equal(ike_status(world.hosts[i].ike).sas, 0);
}

#define IKE_TEST(function) \
	cmocka_unit_test_setup_teardown(function, hosts_set_up, hosts_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IKE_TEST(comes_up),
		IKE_TEST(everything_thrice),
		IKE_TEST(serial_numbers),
		IKE_TEST(wrong_names),
		IKE_TEST(wrong_secret),
		IKE_TEST(wrong_secret_often),
		IKE_TEST(no_secret),
		IKE_TEST(wrong_identity),
		IKE_TEST(no_proposal),
		IKE_TEST(no_child_proposal),
		IKE_TEST(wrong_selectors),
		IKE_TEST(narrowed),
		IKE_TEST(another_group),
		IKE_TEST(cookie_and_group),
		IKE_TEST(packet_first),
		IKE_TEST(packet_among_others),
		IKE_TEST(no_padding),
		IKE_TEST(peer_was_faster),
		IKE_TEST(contact_amid_rekeying),
		IKE_TEST(down_amid_rekeying),
		IKE_TEST(replayed_life),
		IKE_TEST(tampered),
		IKE_TEST(silent_peer),
		IKE_TEST(waits_for_us),
		IKE_TEST(waits_no_more),
		IKE_TEST(waits_for_us_amid_rekeying),
		IKE_TEST(messages_are_logged),
		IKE_TEST(flood),
		IKE_TEST(half_open_limit),
		IKE_TEST(half_open_limit_of_one),
		IKE_TEST(out_of_order),
		IKE_TEST(bad_public_value),
		cmocka_unit_test(selects_in_peers_order),
		cmocka_unit_test(selectors),
		cmocka_unit_test(selectors_cut_short),
		cmocka_unit_test(timers),
	};

	return cmocka_run_group_tests_name("ike", tests, NULL, NULL);
}
