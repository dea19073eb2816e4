/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a chain of payloads, as it stands behind the header of a message or in
 * an encrypted payload. What doesn't fit makes the writer fail, once and for
 * all; that is asked at the end.
 */
#ifndef WIRE_WRITER_H
#define WIRE_WRITER_H

#include "lib/bytes.h"
#include "wire/payloads.h"

/**
 * struct wire_writer - a chain of payloads being written
 * @bytes: the chain
 * @first: type of the first payload, 0 if there is none
 * @last_at: where the last payload begins
 */
struct wire_writer {
	struct bytes_writer bytes;
	uint8_t first;
	size_t last_at;
};

void wire_writer_init(struct wire_writer *writer, void *buffer, size_t size);
void wire_begin_payload(struct wire_writer *writer, uint8_t type);
void wire_end_payload(struct wire_writer *writer);

void wire_put_payload(struct wire_writer *writer, uint8_t type,
		      struct bytes content);
void wire_put_sa(struct wire_writer *writer, const struct wire_sa *sa);
void wire_put_ke(struct wire_writer *writer, uint16_t method,
		 struct bytes data);
void wire_put_id(struct wire_writer *writer, uint8_t payload, uint8_t type,
		 struct bytes data);
void wire_put_cert(struct wire_writer *writer, uint8_t payload,
		   uint8_t encoding, struct bytes data);
void wire_put_auth(struct wire_writer *writer, uint8_t method,
		   struct bytes data);
void wire_put_notify(struct wire_writer *writer, uint16_t type,
		     struct bytes data);
void wire_put_notify_about(struct wire_writer *writer, uint16_t type,
			   uint8_t protocol, uint32_t spi);
void wire_put_delete(struct wire_writer *writer, uint8_t protocol,
		     const uint32_t *spis, uint16_t count);
void wire_put_ts(struct wire_writer *writer, uint8_t payload,
		 const struct wire_ts_list *list);

void wire_put_encrypted_header(struct bytes_writer *writer,
			       const struct wire_encrypted *encrypted,
			       size_t length);

#endif /* WIRE_WRITER_H */
