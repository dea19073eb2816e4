/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of an IKE message (RFC 7296, 3.1).
 */
#ifndef WIRE_HEADER_H
#define WIRE_HEADER_H

#include "lib/bytes.h"
#include "wire/reason.h"

#define WIRE_HEADER_SIZE 28

/* Byte 16 of a message is the type of its first payload */
#define WIRE_HEADER_NEXT_PAYLOAD 16

#define WIRE_MAJOR_VERSION 2

/**
 * struct wire_header - the header
 * @spi_i: SPI of the IKE SA's initiator
 * @spi_r: of its responder, 0 while there is none
 * @next_payload: type of the first payload
 * @major: version; a message of another than WIRE_MAJOR_VERSION is refused
 * @minor: likewise; of no meaning
 * @exchange: enum iana_exchange
 * @initiator: the sender is the initiator of the IKE SA
 * @response: the message is a response
 * @message_id: which request, or what request it answers
 */
struct wire_header {
	uint64_t spi_i;
	uint64_t spi_r;
	uint8_t next_payload;
	uint8_t major;
	uint8_t minor;
	uint8_t exchange;
	bool initiator;
	bool response;
	uint32_t message_id;
};

enum wire_reason wire_decode_header(struct bytes datagram,
				    struct wire_header *header);
void wire_encode_header(const struct wire_header *header, size_t length,
			uint8_t datagram[WIRE_HEADER_SIZE]);

#endif /* WIRE_HEADER_H */
