/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payloads of a message, decoded: numbers, and views into the datagram.
 * Everything has a limit, nothing is allocated.
 */
#ifndef WIRE_PAYLOADS_H
#define WIRE_PAYLOADS_H

#include "lib/bytes.h"
#include "wire/reason.h"
#include "wire/sa.h"
#include "wire/ts.h"

#define WIRE_PAYLOADS_MAX 128
#define WIRE_NOTIFIES_MAX 64
#define WIRE_CERTS_MAX 16
#define WIRE_DELETES_MAX 16
#define WIRE_VENDORS_MAX 16

#define WIRE_NONCE_MIN 16
#define WIRE_NONCE_MAX 256

/* Next payload, flags and length in front of each payload */
#define WIRE_PAYLOAD_HEADER 4

/**
 * struct wire_ke - a KE payload
 * @method: enum iana_ke
 * @data: public value
 */
struct wire_ke {
	uint16_t method;
	struct bytes data;
};

/**
 * struct wire_id - an identity
 * @type: enum iana_id
 * @data: as @type tells
 * @content: the whole payload behind its generic header, which AUTH covers
 */
struct wire_id {
	uint8_t type;
	struct bytes data;
	struct bytes content;
};

/**
 * struct wire_cert - a certificate, or a request for one
 * @encoding: enum iana_cert
 * @data: certificate, or hashes of authorities
 */
struct wire_cert {
	uint8_t encoding;
	struct bytes data;
};

/**
 * struct wire_auth - an AUTH payload
 * @method: enum iana_auth
 * @data: signature or MIC
 */
struct wire_auth {
	uint8_t method;
	struct bytes data;
};

/**
 * struct wire_notify - a notify
 * @protocol: enum iana_protocol, if it has an SPI
 * @type: enum iana_notify
 * @spi_length: 0, 4 or 8
 * @spi: of the SA it is about, in host byte order
 * @data: as @type tells
 */
struct wire_notify {
	uint8_t protocol;
	uint16_t type;
	uint8_t spi_length;
	uint64_t spi;
	struct bytes data;
};

/**
 * struct wire_delete - a delete payload
 * @protocol: enum iana_protocol
 * @count: how many SPIs
 * @spis: the SPIs, of 4 bytes each, none for IKE
 */
struct wire_delete {
	uint8_t protocol;
	uint16_t count;
	struct bytes spis;
};

/**
 * struct wire_encrypted - an SK payload or a fragment of one
 * @first: type of the first payload inside; 0 in all fragments but the first
 * @fragment: number of the fragment, 0 if it is a whole SK payload
 * @fragments: how many there are
 * @offset: where @data begins, from the begin of the chain
 * @data: initialization vector, ciphertext and integrity check value
 */
struct wire_encrypted {
	uint8_t first;
	uint16_t fragment;
	uint16_t fragments;
	size_t offset;
	struct bytes data;
};

/**
 * struct wire_payloads - the payloads of a message or of its encrypted part
 * @present: bit for each type of payload up to 63 that there is
 * @critical: the type of the unknown payload that was marked critical
 * @sa: SA payload
 * @ke: key exchange
 * @id_i: identity of the initiator
 * @id_r: of the responder
 * @certs: certificates, that of the sender first
 * @cert_count: how many
 * @certreqs: requests for certificates
 * @certreq_count: how many
 * @auth: authentication
 * @nonce: nonce
 * @notifies: notifies
 * @notify_count: how many
 * @deletes: delete payloads
 * @delete_count: how many
 * @vendors: vendor ids; those beyond the limit are left out
 * @vendor_count: how many
 * @ts_i: traffic selectors of the initiator
 * @ts_r: of the responder
 * @encrypted: the encrypted payload
 * @cp: configuration payload, its type first
 * @eap: EAP message
 */
struct wire_payloads {
	uint64_t present;
	uint8_t critical;
	struct wire_sa sa;
	struct wire_ke ke;
	struct wire_id id_i;
	struct wire_id id_r;
	struct wire_cert certs[WIRE_CERTS_MAX];
	uint16_t cert_count;
	struct wire_cert certreqs[WIRE_CERTS_MAX];
	uint16_t certreq_count;
	struct wire_auth auth;
	struct bytes nonce;
	struct wire_notify notifies[WIRE_NOTIFIES_MAX];
	uint16_t notify_count;
	struct wire_delete deletes[WIRE_DELETES_MAX];
	uint16_t delete_count;
	struct bytes vendors[WIRE_VENDORS_MAX];
	uint16_t vendor_count;
	struct wire_ts_list ts_i;
	struct wire_ts_list ts_r;
	struct wire_encrypted encrypted;
	struct bytes cp;
	struct bytes eap;
};

enum wire_reason wire_decode_payloads(uint8_t first, struct bytes chain,
				      bool inside,
				      struct wire_payloads *payloads);
bool wire_has(const struct wire_payloads *payloads, uint8_t type);
const struct wire_notify *
wire_find_notify(const struct wire_payloads *payloads, uint16_t type);
uint32_t wire_delete_spi(const struct wire_delete *del, uint16_t index);

#endif /* WIRE_PAYLOADS_H */
