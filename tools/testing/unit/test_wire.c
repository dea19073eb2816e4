// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/lib/bytes and user/wire: what is written can be read again, is
 * what RFC 7296 says byte for byte, and whatever disagrees with itself is
 * refused with its reason.
 */
#include "lib/array.h"
#include "lib/bytes.h"
#include "lib/iana.h"
#include "unit.h"
#include "wire/header.h"
#include "wire/payloads.h"
#include "wire/signature.h"
#include "wire/writer.h"

static void assert_bytes(struct bytes bytes, struct bytes expected)
{
	assert_int_equal(bytes.length, expected.length);
	assert_true(bytes_equal(bytes, expected));
}

static void reader(void **state)
{
	struct bytes_reader reader;

	(void)state;
	bytes_reader_init(&reader, TEXT("\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf"));
	assert_int_equal(bytes_take_u8(&reader), 1);
	assert_int_equal(bytes_take_u16(&reader), 0x0203);
	assert_int_equal(bytes_take_u32(&reader), 0x04050607);
	assert_true(bytes_take_u64(&reader) == 0x08090a0b0c0d0e0fULL);
	assert_false(reader.failed);
	assert_int_equal(bytes_take_rest(&reader).length, 0);
	assert_int_equal(bytes_take_u8(&reader), 0);
	assert_true(reader.failed);

	bytes_reader_init(&reader, TEXT("\1\2\3"));
	assert_int_equal(bytes_take_u32(&reader), 0);
	assert_true(reader.failed);
	assert_int_equal(bytes_take_u8(&reader), 0);
	assert_int_equal(bytes_take_rest(&reader).length, 0);

	bytes_reader_init(&reader, bytes_of(NULL, 0));
	assert_null(bytes_take(&reader, 0).data);
	assert_false(reader.failed);
}

static void writer(void **state)
{
	struct bytes_writer writer;
	uint8_t buffer[17];

	(void)state;
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	bytes_put_u8(&writer, 1);
	bytes_put_u16(&writer, 0x0203);
	bytes_put_u32(&writer, 0x04050607);
	bytes_put_u64(&writer, 0x08090a0b0c0d0e0fULL);
	bytes_put(&writer, bytes_of(NULL, 0));
	assert_bytes(bytes_written(&writer),
		     TEXT("\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf"));
	assert_false(writer.failed);
	bytes_put(&writer, TEXT("abc"));
	assert_true(writer.failed);
	assert_int_equal(writer.used, 15);
	bytes_put_u8(&writer, 1);
	assert_int_equal(writer.used, 15);
}

static void reasons(void **state)
{
	unsigned int i, k;

	(void)state;
	for (i = 0; i < WIRE_REASONS; i++) {
		assert_non_null(wire_reason_sentence(i));
		for (k = 0; k < i; k++)
			assert_string_not_equal(wire_reason_name(i),
						wire_reason_name(k));
	}
}

/* Request of IKE_SA_INIT, 4 bytes of payload */
#define HEADER \
	"\1\2\3\4\5\6\7\x8" "\0\0\0\0\0\0\0\0" "\x21\x20\x22\x08" \
	"\0\0\0\0" "\0\0\0\x20" "\0\0\0\4"

static void header(void **state)
{
	uint8_t datagram[] = HEADER, written[WIRE_HEADER_SIZE];
	struct bytes bytes = bytes_of(datagram, sizeof(datagram) - 1);
	struct wire_header header;

	(void)state;
	assert_int_equal(wire_decode_header(bytes, &header), WIRE_REASON_OK);
	assert_true(header.spi_i == 0x0102030405060708ULL);
	assert_true(header.spi_r == 0);
	assert_int_equal(header.next_payload, IANA_PAYLOAD_SA);
	assert_int_equal(header.exchange, IANA_EXCHANGE_IKE_SA_INIT);
	assert_true(header.initiator);
	assert_false(header.response);
	assert_int_equal(header.message_id, 0);
	wire_encode_header(&header, 32, written);
	assert_memory_equal(written, datagram, sizeof(written));

	header.initiator = false;
	header.response = true;
	header.message_id = 0xfedcba98;
	wire_encode_header(&header, 28, written);
	assert_int_equal(wire_decode_header(bytes_of(written, 28), &header),
			 WIRE_REASON_OK);
	assert_false(header.initiator);
	assert_true(header.response);
	assert_int_equal(header.message_id, 0xfedcba98);
}

static void header_refusals(void **state)
{
	uint8_t datagram[] = HEADER;
	size_t size = sizeof(datagram) - 1, length;
	struct wire_header header;

	(void)state;
	for (length = 0; length < WIRE_HEADER_SIZE; length++)
		assert_int_equal(wire_decode_header(bytes_of(datagram, length),
						    &header),
				 WIRE_REASON_SHORT_HEADER);
	assert_int_equal(wire_decode_header(bytes_of(datagram, size - 1),
					    &header), WIRE_REASON_LENGTH);
	datagram[27]++;
	assert_int_equal(wire_decode_header(bytes_of(datagram, size), &header),
			 WIRE_REASON_LENGTH);
	datagram[27]--;
	datagram[17] = 0x10;
	assert_int_equal(wire_decode_header(bytes_of(datagram, size), &header),
			 WIRE_REASON_VERSION);
	assert_int_equal(header.major, 1);
	datagram[17] = 0x30;
	assert_int_equal(wire_decode_header(bytes_of(datagram, size), &header),
			 WIRE_REASON_VERSION);
	/* a newer minor version is fine */
	datagram[17] = 0x21;
	assert_int_equal(wire_decode_header(bytes_of(datagram, size), &header),
			 WIRE_REASON_OK);
	memset(datagram, 0, 8);
	assert_int_equal(wire_decode_header(bytes_of(datagram, size), &header),
			 WIRE_REASON_INITIATOR_SPI);
}

/* Two proposals as they stand on the wire: ESP with AES-GCM-16-256 or
 * AES-CBC-128 with SHA-256, both without ESN
 */
#define SA_TWO \
	"\2\0\0\x20" "\1\3\4\2" "\xab\xcd\xef\1" \
		"\3\0\0\x0c" "\1\0\0\x14" "\x80\x0e\1\0" \
		"\0\0\0\x8" "\5\0\0\0" \
	"\0\0\0\x28" "\2\3\4\3" "\xab\xcd\xef\1" \
		"\3\0\0\x0c" "\1\0\0\x0c" "\x80\x0e\0\x80" \
		"\3\0\0\x8" "\3\0\0\x0c" \
		"\0\0\0\x8" "\5\0\0\0"

static void sa_bytes(void **state)
{
	struct wire_proposal *proposal;
	struct bytes_writer writer;
	struct wire_sa sa = {};
	uint8_t buffer[256];

	(void)state;
	proposal = wire_sa_add_proposal(&sa, IANA_PROTOCOL_ESP);
	proposal->spi = 0xabcdef01;
	proposal->spi_length = 4;
	assert_true(wire_sa_add_transform(&sa, IANA_TRANSFORM_ENCR,
					  IANA_ENCR_AES_GCM_16, 256));
	assert_true(wire_sa_add_transform(&sa, IANA_TRANSFORM_ESN,
					  IANA_ESN_NO_ESN, 0));
	proposal = wire_sa_add_proposal(&sa, IANA_PROTOCOL_ESP);
	proposal->spi = 0xabcdef01;
	proposal->spi_length = 4;
	assert_true(wire_sa_add_transform(&sa, IANA_TRANSFORM_ENCR,
					  IANA_ENCR_AES_CBC, 128));
	assert_true(wire_sa_add_transform(&sa, IANA_TRANSFORM_INTEG,
					  IANA_INTEG_HMAC_SHA2_256_128, 0));
	assert_true(wire_sa_add_transform(&sa, IANA_TRANSFORM_ESN,
					  IANA_ESN_NO_ESN, 0));
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_encode_sa(&writer, &sa);
	assert_bytes(bytes_written(&writer), TEXT(SA_TWO));
}

static void sa_decoded(void **state)
{
	struct wire_sa sa;

	(void)state;
	assert_int_equal(wire_decode_sa(TEXT(SA_TWO), &sa), WIRE_REASON_OK);
	assert_int_equal(sa.proposal_count, 2);
	assert_int_equal(sa.transform_count, 5);
	assert_int_equal(sa.proposals[1].number, 2);
	assert_int_equal(sa.proposals[1].protocol, IANA_PROTOCOL_ESP);
	assert_int_equal(sa.proposals[1].spi, 0xabcdef01);
	assert_int_equal(sa.proposals[1].first, 2);
	assert_int_equal(sa.proposals[1].count, 3);
	assert_int_equal(sa.transforms[0].id, IANA_ENCR_AES_GCM_16);
	assert_int_equal(sa.transforms[0].key_bits, 256);
	assert_int_equal(sa.transforms[3].type, IANA_TRANSFORM_INTEG);
	assert_false(sa.transforms[3].unusable);
}

#define PROPOSAL(length, body) "\0\0\0" length body

static void sa_attributes(void **state)
{
	static const struct {
		struct bytes content;
		bool unusable;
		uint16_t key_bits;
	} cases[] = {
		/* no attribute */
		{ TEXT(PROPOSAL("\x10", "\1\1\0\1" "\0\0\0\x8" "\1\0\0\x14")),
		  false, 0 },
		/* an unknown one, short and long */
		{ TEXT(PROPOSAL("\x14", "\1\1\0\1" "\0\0\0\x0c" "\1\0\0\x14"
				"\x80\x0f\0\1")), true, 0 },
		{ TEXT(PROPOSAL("\x16", "\1\1\0\1" "\0\0\0\x0e" "\1\0\0\x14"
				"\0\x0f\0\2" "ab")), true, 0 },
		/* a key length that is long, zero, there twice */
		{ TEXT(PROPOSAL("\x16", "\1\1\0\1" "\0\0\0\x0e" "\1\0\0\x14"
				"\0\x0e\0\2" "\1\0")), true, 0 },
		{ TEXT(PROPOSAL("\x14", "\1\1\0\1" "\0\0\0\x0c" "\1\0\0\x14"
				"\x80\x0e\0\0")), true, 0 },
		{ TEXT(PROPOSAL("\x18", "\1\1\0\1" "\0\0\0\x10" "\1\0\0\x14"
				"\x80\x0e\0\x80" "\x80\x0e\1\0")), true, 128 },
	};
	struct wire_sa sa;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(wire_decode_sa(cases[i].content, &sa),
				 WIRE_REASON_OK);
		assert_int_equal(sa.transforms[0].unusable, cases[i].unusable);
		assert_int_equal(sa.transforms[0].key_bits, cases[i].key_bits);
	}
}

static void sa_refusals(void **state)
{
	static const struct {
		enum wire_reason reason;
		struct bytes content;
	} cases[] = {
		{ WIRE_REASON_SA_EMPTY, { NULL, 0 } },
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0") },
		/* a proposal shorter than its header, longer than there is */
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\7" "\1\1\0\1") },
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x11" "\1\1\0\1"
						 "\0\0\0\x8" "\1\0\0\x14") },
		/* more follow, it says; or none, and one follows */
		{ WIRE_REASON_SA_MALFORMED, TEXT("\2\0\0\x10" "\1\1\0\1"
						 "\0\0\0\x8" "\1\0\0\x14") },
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x10" "\1\1\0\1"
						 "\0\0\0\x8" "\1\0\0\x14"
						 "\0\0\0\x10" "\2\1\0\1"
						 "\0\0\0\x8" "\1\0\0\x14") },
		{ WIRE_REASON_SA_EMPTY, TEXT("\0\0\0\x8" "\1\1\0\0") },
		/* more and fewer transforms than it tells */
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x10" "\1\1\0\2"
						 "\3\0\0\x8" "\1\0\0\x14") },
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x18" "\1\1\0\1"
						 "\0\0\0\x8" "\1\0\0\x14"
						 "\0\0\0\x8" "\2\0\0\5") },
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x10" "\1\1\0\1"
						 "\3\0\0\x8" "\1\0\0\x14") },
		/* a transform too short, too long */
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x10" "\1\1\0\1"
						 "\0\0\0\7" "\1\0\0\x14") },
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x10" "\1\1\0\1"
						 "\0\0\0\x9" "\1\0\0\x14") },
		/* half an attribute, one longer than its transform */
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x12" "\1\1\0\1"
						 "\0\0\0\x0a" "\1\0\0\x14"
						 "\x80\x0e") },
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x14" "\1\1\0\1"
						 "\0\0\0\x0c" "\1\0\0\x14"
						 "\0\x0f\0\1") },
		/* an SPI longer than the proposal, of a wrong length */
		{ WIRE_REASON_SA_MALFORMED, TEXT("\0\0\0\x8" "\1\3\4\1") },
		{ WIRE_REASON_SA_SPI, TEXT("\0\0\0\x10" "\1\3\0\1"
					   "\0\0\0\x8" "\1\0\0\x14") },
		{ WIRE_REASON_SA_SPI, TEXT("\0\0\0\x14" "\1\1\4\1" "abcd"
					   "\0\0\0\x8" "\1\0\0\x14") },
		/* not numbered 1, 2 */
		{ WIRE_REASON_SA_NUMBERS, TEXT("\2\0\0\x10" "\1\1\0\1"
					       "\0\0\0\x8" "\1\0\0\x14"
					       "\0\0\0\x10" "\3\1\0\1"
					       "\0\0\0\x8" "\1\0\0\x14") },
	};
	struct wire_sa sa;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (wire_decode_sa(cases[i].content, &sa) != cases[i].reason)
			print_error("case %zu\n", i);
		assert_int_equal(wire_decode_sa(cases[i].content, &sa),
				 cases[i].reason);
	}
	/* of a protocol nobody knows: kept, nobody will choose it */
	assert_int_equal(wire_decode_sa(TEXT("\0\0\0\x13" "\1\x9\3\1" "abc"
					     "\0\0\0\x8" "\1\0\0\x14"), &sa),
			 WIRE_REASON_OK);
}

static void sa_limits(void **state)
{
	struct wire_sa sa = {}, read;
	struct bytes_writer writer;
	static uint8_t buffer[65536];
	size_t i;

	(void)state;
	for (i = 0; i < WIRE_PROPOSALS_MAX; i++) {
		assert_non_null(wire_sa_add_proposal(&sa, IANA_PROTOCOL_IKE));
		assert_true(wire_sa_add_transform(&sa, IANA_TRANSFORM_ENCR,
						  IANA_ENCR_AES_CBC, 128));
	}
	assert_null(wire_sa_add_proposal(&sa, IANA_PROTOCOL_IKE));
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_encode_sa(&writer, &sa);
	assert_int_equal(wire_decode_sa(bytes_written(&writer), &read),
			 WIRE_REASON_OK);
	/* one more than there may be */
	buffer[(WIRE_PROPOSALS_MAX - 1) * 20] = 2;
	bytes_put(&writer, TEXT("\0\0\0\x10\x21\1\0\1\0\0\0\x8\1\0\0\x14"));
	assert_int_equal(wire_decode_sa(bytes_written(&writer), &read),
			 WIRE_REASON_SA_TOO_LONG);

	/* two proposals with all transforms that are allowed, and one more */
	memset(&sa, 0, sizeof(sa));
	for (i = 0; i < 2; i++) {
		wire_sa_add_proposal(&sa, IANA_PROTOCOL_IKE);
		while (sa.proposals[i].count < WIRE_TRANSFORMS_MAX / 2)
			assert_true(wire_sa_add_transform(&sa, 1, 12, 128));
	}
	assert_false(wire_sa_add_transform(&sa, 1, 12, 128));
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_encode_sa(&writer, &sa);
	assert_int_equal(wire_decode_sa(bytes_written(&writer), &read),
			 WIRE_REASON_OK);
	buffer[2] = (uint8_t)((8 + 128 * 12) >> 8);
	buffer[writer.used - (8 + 128 * 12)] = 2;
	bytes_put(&writer, TEXT("\0\0\0\x10\3\1\0\1\0\0\0\x8\1\0\0\x14"));
	assert_int_equal(wire_decode_sa(bytes_written(&writer), &read),
			 WIRE_REASON_SA_TOO_LONG);
}

static void parse_ts(const char *first, const char *last, struct wire_ts *ts)
{
	assert_success(address_parse(first, &ts->first));
	assert_success(address_parse(last, &ts->last));
	ts->ports = (struct port_range)PORT_RANGE_ANY;
}

static void ts_round_trip(void **state)
{
	struct wire_ts_list list = { .count = 2 }, read;
	struct bytes_writer writer;
	uint8_t buffer[128];

	(void)state;
	parse_ts("192.0.2.0", "192.0.2.255", &list.items[0]);
	parse_ts("2001:db8::", "2001:db8::ffff", &list.items[1]);
	list.items[1].protocol = 6;
	list.items[1].ports.min = 22;
	list.items[1].ports.max = 23;
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_encode_ts(&writer, &list);
	assert_bytes(bytes_of(buffer, 20),
		     TEXT("\2\0\0\0" "\7\0\0\x10" "\0\0\xff\xff"
			  "\xc0\0\2\0" "\xc0\0\2\xff"));
	assert_int_equal(wire_decode_ts(bytes_written(&writer), &read),
			 WIRE_REASON_OK);
	assert_int_equal(read.count, 2);
	assert_memory_equal(&read.items[0].last, &list.items[0].last,
			    sizeof(struct address));
	assert_memory_equal(&read.items[1].first, &list.items[1].first,
			    sizeof(struct address));
	assert_int_equal(read.items[1].protocol, 6);
	assert_int_equal(read.items[1].ports.max, 23);
	assert_false(wire_ts_is_opaque(&read.items[1]));
}

static void ts_refusals(void **state)
{
	static const struct {
		enum wire_reason reason;
		struct bytes content;
	} cases[] = {
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0") },
		{ WIRE_REASON_TS_EMPTY, TEXT("\0\0\0\0") },
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0\0") },
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0\0" "\7\0\0\7"
						 "\0\0\xff\xff" "aaaabbbb") },
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0\0" "\7\0\0\x11"
						 "\0\0\xff\xff" "aaaabbbb") },
		/* as long as it says, not as its type wants */
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0\0" "\7\0\0\x0c"
						 "\0\0\xff\xff" "aaaa") },
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0\0" "\x8\0\0\x10"
						 "\0\0\xff\xff" "aaaabbbb") },
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0\0" "\7\0\0\x14"
						 "\0\0\xff\xff" "aaaabbbbcccc") },
		/* more than it tells; the second one is broken */
		{ WIRE_REASON_TS_MALFORMED, TEXT("\1\0\0\0" "\7\0\0\x10"
						 "\0\0\xff\xff" "aaaabbbb"
						 "\7\0\0\x10"
						 "\0\0\xff\xff" "aaaabbbb") },
		{ WIRE_REASON_TS_MALFORMED, TEXT("\2\0\0\0" "\7\0\0\x10"
						 "\0\0\xff\xff" "aaaabbbb"
						 "\7\0\0\x10" "\0\0") },
		/* addresses and ports reversed */
		{ WIRE_REASON_TS_RANGE, TEXT("\1\0\0\0" "\7\0\0\x10"
					     "\0\0\xff\xff" "bbbbaaaa") },
		{ WIRE_REASON_TS_RANGE, TEXT("\1\0\0\0" "\7\0\0\x10"
					     "\0\2\0\1" "aaaabbbb") },
		/* OPAQUE is a reversed range and no mistake */
		{ WIRE_REASON_OK, TEXT("\1\0\0\0" "\7\0\0\x10"
				       "\xff\xff\0\0" "aaaabbbb") },
	};
	static uint8_t many[4 + 33 * 16];
	struct wire_ts_list list;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (wire_decode_ts(cases[i].content, &list) != cases[i].reason)
			print_error("case %zu\n", i);
		assert_int_equal(wire_decode_ts(cases[i].content, &list),
				 cases[i].reason);
	}
	assert_true(wire_ts_is_opaque(&list.items[0]));

	/* an unknown type is left out */
	assert_int_equal(wire_decode_ts(TEXT("\1\0\0\0" "\x0a\0\0\x0b"
					     "\0\0\0abcd"), &list),
			 WIRE_REASON_OK);
	assert_int_equal(list.count, 0);

	for (i = 0; i < 33; i++)
		memcpy(&many[4 + 16 * i], "\7\0\0\x10\0\0\xff\xff" "aaaabbbb",
		       16);
	many[0] = WIRE_TS_MAX;
	assert_int_equal(wire_decode_ts(bytes_of(many, 4 + 32 * 16), &list),
			 WIRE_REASON_OK);
	many[0]++;
	assert_int_equal(wire_decode_ts(bytes_of(many, sizeof(many)), &list),
			 WIRE_REASON_TS_TOO_MANY);
}

/* All payloads there are, once */
static void put_everything(struct wire_writer *writer, uint8_t *buffer,
			   size_t size)
{
	static const uint32_t spis[] = { 0x1000, 0xfffffffe };
	struct wire_ts_list list = { .count = 1 };
	struct wire_sa sa = {};

	parse_ts("10.0.0.0", "10.0.0.9", &list.items[0]);
	wire_sa_add_proposal(&sa, IANA_PROTOCOL_IKE);
	wire_sa_add_transform(&sa, IANA_TRANSFORM_PRF,
			      IANA_PRF_HMAC_SHA2_256, 0);
	wire_writer_init(writer, buffer, size);
	wire_put_sa(writer, &sa);
	wire_put_ke(writer, IANA_KE_CURVE25519, TEXT("public value"));
	wire_put_id(writer, IANA_PAYLOAD_IDI, IANA_ID_FQDN, TEXT("west"));
	wire_put_id(writer, IANA_PAYLOAD_IDR, IANA_ID_KEY_ID, TEXT(""));
	wire_put_cert(writer, IANA_PAYLOAD_CERT, IANA_CERT_X509_SIGNATURE,
		      TEXT("certificate"));
	wire_put_cert(writer, IANA_PAYLOAD_CERT, IANA_CERT_X509_SIGNATURE,
		      TEXT("its issuer"));
	wire_put_cert(writer, IANA_PAYLOAD_CERTREQ, IANA_CERT_X509_SIGNATURE,
		      TEXT("hash"));
	wire_put_auth(writer, IANA_AUTH_SHARED_KEY_MIC, TEXT("mic"));
	wire_put_payload(writer, IANA_PAYLOAD_NONCE, TEXT("0123456789abcdef"));
	wire_put_notify(writer, IANA_NOTIFY_COOKIE, TEXT("crumbs"));
	wire_put_notify_about(writer, IANA_NOTIFY_REKEY_SA, IANA_PROTOCOL_ESP,
			      0xdeadbeef);
	wire_put_delete(writer, IANA_PROTOCOL_ESP, spis, 2);
	wire_put_delete(writer, IANA_PROTOCOL_IKE, NULL, 0);
	wire_put_payload(writer, IANA_PAYLOAD_VENDOR, TEXT("vendor"));
	wire_put_ts(writer, IANA_PAYLOAD_TSI, &list);
	wire_put_ts(writer, IANA_PAYLOAD_TSR, &list);
	wire_put_payload(writer, IANA_PAYLOAD_CP, TEXT("\1\0\0\0\0\1\0\0"));
	wire_put_payload(writer, IANA_PAYLOAD_EAP, TEXT("\1\1\0\4"));
}

static void payloads_round_trip(void **state)
{
	struct wire_payloads payloads;
	struct wire_writer writer;
	uint8_t buffer[1024];

	(void)state;
	put_everything(&writer, buffer, sizeof(buffer));
	assert_false(writer.bytes.failed);
	assert_int_equal(wire_decode_payloads(writer.first,
					      bytes_written(&writer.bytes),
					      true, &payloads), WIRE_REASON_OK);
	assert_int_equal(payloads.sa.transforms[0].id, IANA_PRF_HMAC_SHA2_256);
	assert_int_equal(payloads.ke.method, IANA_KE_CURVE25519);
	assert_bytes(payloads.ke.data, TEXT("public value"));
	assert_int_equal(payloads.id_i.type, IANA_ID_FQDN);
	assert_bytes(payloads.id_i.data, TEXT("west"));
	assert_bytes(payloads.id_i.content, TEXT("\2\0\0\0west"));
	assert_int_equal(payloads.id_r.data.length, 0);
	assert_int_equal(payloads.cert_count, 2);
	assert_bytes(payloads.certs[1].data, TEXT("its issuer"));
	assert_int_equal(payloads.certreq_count, 1);
	assert_int_equal(payloads.auth.method, IANA_AUTH_SHARED_KEY_MIC);
	assert_bytes(payloads.auth.data, TEXT("mic"));
	assert_bytes(payloads.nonce, TEXT("0123456789abcdef"));
	assert_int_equal(payloads.notify_count, 2);
	assert_bytes(wire_find_notify(&payloads, IANA_NOTIFY_COOKIE)->data,
		     TEXT("crumbs"));
	assert_int_equal(wire_find_notify(&payloads, IANA_NOTIFY_REKEY_SA)->spi,
			 0xdeadbeef);
	assert_null(wire_find_notify(&payloads, IANA_NOTIFY_COOKIE2));
	assert_int_equal(payloads.delete_count, 2);
	assert_int_equal(payloads.deletes[0].count, 2);
	assert_int_equal(wire_delete_spi(&payloads.deletes[0], 1), 0xfffffffe);
	assert_int_equal(payloads.deletes[1].protocol, IANA_PROTOCOL_IKE);
	assert_int_equal(payloads.vendor_count, 1);
	assert_int_equal(payloads.ts_r.count, 1);
	assert_int_equal(payloads.cp.length, 8);
	assert_int_equal(payloads.eap.length, 4);
	assert_true(wire_has(&payloads, IANA_PAYLOAD_TSR));
	assert_false(wire_has(&payloads, IANA_PAYLOAD_SK));
	assert_false(wire_has(&payloads, 64));
}

/* Whatever part of a chain is there, it is refused without being overrun. */
static void payloads_truncated(void **state)
{
	struct wire_payloads payloads;
	struct wire_writer writer;
	uint8_t buffer[1024], *part;
	size_t length, whole;

	(void)state;
	put_everything(&writer, buffer, sizeof(buffer));
	whole = writer.bytes.used;
	for (length = 0; length < whole; length++) {
		/* on the heap, where a sanitizer sees its end */
		part = malloc(length + 1);
		assert_non_null(part);
		memcpy(part, buffer, length);
		part = realloc(part, length ? length : 1);
		assert_int_not_equal(wire_decode_payloads(writer.first,
							  bytes_of(part, length),
							  true, &payloads),
				     WIRE_REASON_OK);
		free(part);
	}
	/* nor does the writer run over */
	for (length = 0; length < whole; length++) {
		part = malloc(length + 1);
		assert_non_null(part);
		put_everything(&writer, part, length);
		assert_true(writer.bytes.failed);
		free(part);
	}
}

static void payloads_refused(void **state)
{
	static const struct {
		enum wire_reason reason;
		uint8_t first;
		struct bytes chain;
	} cases[] = {
		{ WIRE_REASON_OK, 0, { NULL, 0 } },
		{ WIRE_REASON_TRAILING, 0, TEXT("\0") },
		{ WIRE_REASON_TRUNCATED, 41, TEXT("\0\0\0") },
		{ WIRE_REASON_TRUNCATED, 41, TEXT("\0\0\0\3") },
		{ WIRE_REASON_TRUNCATED, 41, TEXT("\0\0\0\x9\0\0\0\0") },
		{ WIRE_REASON_TRAILING, 41, TEXT("\0\0\0\x8\0\0\0\0\0") },
		/* unknown: passed over, unless it is critical */
		{ WIRE_REASON_OK, 200, TEXT("\0\0\0\5a") },
		{ WIRE_REASON_CRITICAL, 200, TEXT("\0\x80\0\5a") },
		{ WIRE_REASON_CRITICAL, 1, TEXT("\0\x80\0\4") },
		/* that a known one is critical means nothing */
		{ WIRE_REASON_OK, 43, TEXT("\0\x80\0\5a") },
		{ WIRE_REASON_DUPLICATE, 40, TEXT("\x28\0\0\x14" "0123456789abcdef"
						  "\0\0\0\x14" "0123456789abcdef") },
		{ WIRE_REASON_NONCE_MALFORMED, 40, TEXT("\0\0\0\x13"
							"0123456789abcde") },
		{ WIRE_REASON_SA_EMPTY, 33, TEXT("\0\0\0\4") },
		{ WIRE_REASON_KE_MALFORMED, 34, TEXT("\0\0\0\7\0\x1f\0") },
		{ WIRE_REASON_KE_MALFORMED, 34, TEXT("\0\0\0\x8\0\x1f\0\0") },
		{ WIRE_REASON_ID_MALFORMED, 35, TEXT("\0\0\0\7\2\0\0") },
		{ WIRE_REASON_ID_MALFORMED, 36, TEXT("\0\0\0\4") },
		{ WIRE_REASON_CERT_MALFORMED, 37, TEXT("\0\0\0\4") },
		{ WIRE_REASON_CERT_MALFORMED, 38, TEXT("\0\0\0\4") },
		{ WIRE_REASON_AUTH_MALFORMED, 39, TEXT("\0\0\0\7\2\0\0") },
		{ WIRE_REASON_NOTIFY_MALFORMED, 41, TEXT("\0\0\0\7\0\0\0") },
		{ WIRE_REASON_NOTIFY_MALFORMED, 41, TEXT("\0\0\0\x0b\3\4\0\1abc") },
		{ WIRE_REASON_NOTIFY_SPI, 41, TEXT("\0\0\0\x0b\3\3\0\1abc") },
		/* a protocol of 0 or 1 with an SPI can be read */
		{ WIRE_REASON_OK, 41, TEXT("\0\0\0\x0c\0\4\x40\x09" "abcd") },
		{ WIRE_REASON_OK, 41, TEXT("\0\0\0\x10\1\x8\x40\x09" "abcdabcd") },
		{ WIRE_REASON_DELETE_MALFORMED, 42, TEXT("\0\0\0\7\1\0\0") },
		{ WIRE_REASON_DELETE_MALFORMED, 42, TEXT("\0\0\0\x8\1\0\0\1") },
		{ WIRE_REASON_DELETE_MALFORMED, 42, TEXT("\0\0\0\x8\1\4\0\0") },
		{ WIRE_REASON_DELETE_MALFORMED, 42, TEXT("\0\0\0\x8\3\4\0\1") },
		{ WIRE_REASON_DELETE_MALFORMED, 42, TEXT("\0\0\0\x8\3\4\xff\xff") },
		{ WIRE_REASON_DELETE_MALFORMED, 42, TEXT("\0\0\0\x0e\3\4\0\1"
							 "abcdef") },
		{ WIRE_REASON_DELETE_MALFORMED, 42, TEXT("\0\0\0\x0a\3\2\0\1ab") },
		{ WIRE_REASON_TS_EMPTY, 44, TEXT("\0\0\0\x8\0\0\0\0") },
		{ WIRE_REASON_TS_MALFORMED, 45, TEXT("\0\0\0\4") },
		{ WIRE_REASON_CP_MALFORMED, 47, TEXT("\0\0\0\6\1\0") },
		{ WIRE_REASON_CP_MALFORMED, 47, TEXT("\0\0\0\x0c\1\0\0\0"
						     "\0\1\0\1") },
		{ WIRE_REASON_EAP_MALFORMED, 48, TEXT("\0\0\0\7\1\1\0") },
		{ WIRE_REASON_EAP_MALFORMED, 48, TEXT("\0\0\0\x8\1\1\0\5") },
		/* what is encrypted is not in what is encrypted */
		{ WIRE_REASON_SK_NESTED, 46, TEXT("\0\0\0\4") },
		{ WIRE_REASON_SK_NESTED, 53, TEXT("\0\0\0\x8\0\1\0\1") },
	};
	struct wire_payloads payloads;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		enum wire_reason reason;

		reason = wire_decode_payloads(cases[i].first, cases[i].chain,
					      true, &payloads);
		if (reason != cases[i].reason)
			print_error("case %zu is %s\n", i,
				    wire_reason_name(reason));
		assert_int_equal(reason, cases[i].reason);
		if (reason == WIRE_REASON_CRITICAL)
			assert_int_equal(payloads.critical, cases[i].first);
	}
}

/* A chain of many payloads of one type and content */
static enum wire_reason decode_many(uint8_t type, struct bytes content,
				    size_t count)
{
	static uint8_t buffer[65536];
	static struct wire_payloads payloads;
	struct wire_writer writer;

	wire_writer_init(&writer, buffer, sizeof(buffer));
	while (count--)
		wire_put_payload(&writer, type, content);
	assert_false(writer.bytes.failed);
	return wire_decode_payloads(writer.first, bytes_written(&writer.bytes),
				    false, &payloads);
}

static void payloads_limits(void **state)
{
	static const struct {
		uint8_t type;
		struct bytes content;
		size_t limit;
	} cases[] = {
		{ IANA_PAYLOAD_NOTIFY, TEXT("\0\0\x40\0"), WIRE_NOTIFIES_MAX },
		{ IANA_PAYLOAD_DELETE, TEXT("\1\0\0\0"), WIRE_DELETES_MAX },
		{ IANA_PAYLOAD_CERT, TEXT("\4a"), WIRE_CERTS_MAX },
		{ IANA_PAYLOAD_CERTREQ, TEXT("\4a"), WIRE_CERTS_MAX },
		{ IANA_PAYLOAD_VENDOR, TEXT("a"), WIRE_PAYLOADS_MAX },
		{ 200, TEXT("a"), WIRE_PAYLOADS_MAX },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(decode_many(cases[i].type, cases[i].content,
					     cases[i].limit), WIRE_REASON_OK);
		assert_int_equal(decode_many(cases[i].type, cases[i].content,
					     cases[i].limit + 1),
				 WIRE_REASON_TOO_MANY);
	}
}

static void encrypted(void **state)
{
	struct wire_encrypted payload = { .first = IANA_PAYLOAD_IDI };
	struct wire_payloads payloads;
	struct bytes_writer writer;
	uint8_t buffer[64];

	(void)state;
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_put_encrypted_header(&writer, &payload, 6);
	bytes_put(&writer, TEXT("sealed"));
	assert_bytes(bytes_written(&writer), TEXT("\x23\0\0\x0a" "sealed"));
	assert_int_equal(wire_decode_payloads(IANA_PAYLOAD_SK,
					      bytes_written(&writer), false,
					      &payloads), WIRE_REASON_OK);
	assert_int_equal(payloads.encrypted.first, IANA_PAYLOAD_IDI);
	assert_int_equal(payloads.encrypted.fragment, 0);
	assert_int_equal(payloads.encrypted.offset, 4);
	assert_bytes(payloads.encrypted.data, TEXT("sealed"));

	payload.fragment = 2;
	payload.fragments = 3;
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_put_encrypted_header(&writer, &payload, 6);
	bytes_put(&writer, TEXT("sealed"));
	assert_int_equal(wire_decode_payloads(IANA_PAYLOAD_SKF,
					      bytes_written(&writer), false,
					      &payloads), WIRE_REASON_OK);
	assert_int_equal(payloads.encrypted.fragment, 2);
	assert_int_equal(payloads.encrypted.fragments, 3);
	assert_int_equal(payloads.encrypted.offset, 8);
	assert_bytes(payloads.encrypted.data, TEXT("sealed"));

	bytes_put_u8(&writer, 0);
	assert_int_equal(wire_decode_payloads(IANA_PAYLOAD_SKF,
					      bytes_written(&writer), false,
					      &payloads),
			 WIRE_REASON_SK_NOT_LAST);
	writer.used--;
	buffer[5] = 0;
	assert_int_equal(wire_decode_payloads(IANA_PAYLOAD_SKF,
					      bytes_written(&writer), false,
					      &payloads),
			 WIRE_REASON_FRAGMENT_MALFORMED);
	buffer[5] = 4;
	assert_int_equal(wire_decode_payloads(IANA_PAYLOAD_SKF,
					      bytes_written(&writer), false,
					      &payloads),
			 WIRE_REASON_FRAGMENT_MALFORMED);

	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_put_encrypted_header(&writer, &payload, UINT16_MAX);
	assert_true(writer.failed);
}

static void signatures(void **state)
{
	struct wire_signature signature = { TEXT("0\3abc"), TEXT("signed") };
	static const uint8_t zeros[256];
	struct bytes_writer writer;
	uint8_t buffer[512];

	(void)state;
	bytes_writer_init(&writer, buffer, sizeof(buffer));
	wire_encode_signature(&writer, &signature);
	assert_bytes(bytes_written(&writer), TEXT("\5" "0\3abcsigned"));
	assert_int_equal(wire_decode_signature(bytes_written(&writer),
					       &signature), WIRE_REASON_OK);
	assert_bytes(signature.algorithm, TEXT("0\3abc"));
	assert_bytes(signature.value, TEXT("signed"));

	assert_int_equal(wire_decode_signature(TEXT(""), &signature),
			 WIRE_REASON_AUTH_MALFORMED);
	assert_int_equal(wire_decode_signature(TEXT("\0signed"), &signature),
			 WIRE_REASON_AUTH_MALFORMED);
	assert_int_equal(wire_decode_signature(TEXT("\5abcd"), &signature),
			 WIRE_REASON_AUTH_MALFORMED);
	assert_int_equal(wire_decode_signature(TEXT("\5abcde"), &signature),
			 WIRE_REASON_AUTH_MALFORMED);
	signature.algorithm = bytes_of(zeros, sizeof(zeros));
	wire_encode_signature(&writer, &signature);
	assert_true(writer.failed);
}

static void long_payload(void **state)
{
	static uint8_t content[65535], buffer[70000];
	struct wire_writer writer;

	(void)state;
	wire_writer_init(&writer, buffer, sizeof(buffer));
	wire_put_payload(&writer, IANA_PAYLOAD_VENDOR, bytes_of(content, 65531));
	assert_false(writer.bytes.failed);
	wire_writer_init(&writer, buffer, sizeof(buffer));
	wire_put_payload(&writer, IANA_PAYLOAD_VENDOR, bytes_of(content, 65532));
	assert_true(writer.bytes.failed);
	/* and nothing is done from there on */
	wire_put_payload(&writer, IANA_PAYLOAD_NONCE, TEXT("0123456789abcdef"));
	assert_int_equal(writer.first, IANA_PAYLOAD_VENDOR);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader),
		cmocka_unit_test(writer),
		cmocka_unit_test(reasons),
		cmocka_unit_test(header),
		cmocka_unit_test(header_refusals),
		cmocka_unit_test(sa_bytes),
		cmocka_unit_test(sa_decoded),
		cmocka_unit_test(sa_attributes),
		cmocka_unit_test(sa_refusals),
		cmocka_unit_test(sa_limits),
		cmocka_unit_test(ts_round_trip),
		cmocka_unit_test(ts_refusals),
		cmocka_unit_test(payloads_round_trip),
		cmocka_unit_test(payloads_truncated),
		cmocka_unit_test(payloads_refused),
		cmocka_unit_test(payloads_limits),
		cmocka_unit_test(encrypted),
		cmocka_unit_test(signatures),
		cmocka_unit_test(long_payload),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
