/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_ESP_H
#define _ESPVIF_ESP_H

#include <linux/types.h>

/* Next header of a dummy packet (RFC 4303 2.6) */
#define ESPVIF_NEXTHDR_DUMMY	59

/* What stands at the front of every ESP packet; the IV follows */
struct espvif_esp_hdr {
	__be32 spi;
	__be32 seq;
};

/**
 * struct espvif_esp_shape - sizes that an algorithm gives to its ESP packets
 * @iv_len:	bytes of IV on the wire
 * @icv_len:	bytes of integrity check value
 * @align:	payload, padding and the two trailer bytes together are a multiple
 *		of this many bytes; 4 at least (RFC 4303 2.4)
 */
struct espvif_esp_shape {
	u8 iv_len;
	u8 icv_len;
	u8 align;
};

unsigned int espvif_esp_pad_len(const struct espvif_esp_shape *shape,
				unsigned int payload_len);
unsigned int espvif_esp_packet_len(const struct espvif_esp_shape *shape,
				   unsigned int payload_len);
unsigned int espvif_esp_payload_max(const struct espvif_esp_shape *shape,
				    unsigned int room);
bool espvif_esp_packet_len_ok(const struct espvif_esp_shape *shape,
			      unsigned int packet_len);
void espvif_esp_write_trailer(u8 *tail, unsigned int pad_len, u8 next_header);
int espvif_esp_read_trailer(const u8 *trailer, unsigned int len, u8 *next_header);

#endif /* _ESPVIF_ESP_H */
