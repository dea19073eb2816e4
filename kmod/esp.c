// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of an ESP packet (RFC 4303 2): lengths, padding, trailer. Pure
 * arithmetic on bytes; keys and buffers are other files' business.
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/math.h>

#include "esp.h"

#define TRAILER_LEN	2	/* pad length, next header */

/**
 * espvif_esp_pad_len() - padding that a payload needs
 * @shape:	the algorithm's sizes
 * @payload_len: bytes to protect
 *
 * Return: bytes of padding between payload and the two trailer bytes, 0 to 255
 * (RFC 4303 2.4).
 */
unsigned int espvif_esp_pad_len(const struct espvif_esp_shape *shape,
				unsigned int payload_len)
{
	return ALIGN(payload_len + TRAILER_LEN, shape->align) - payload_len - TRAILER_LEN;
}

/**
 * espvif_esp_packet_len() - length of the ESP packet around a payload
 * @shape:	the algorithm's sizes
 * @payload_len: bytes to protect
 *
 * Return: bytes from the SPI to the end of the ICV.
 */
unsigned int espvif_esp_packet_len(const struct espvif_esp_shape *shape,
				   unsigned int payload_len)
{
	return sizeof(struct espvif_esp_hdr) + shape->iv_len +
	       ALIGN(payload_len + TRAILER_LEN, shape->align) + shape->icv_len;
}

/**
 * espvif_esp_payload_max() - the longest payload whose ESP packet fits
 * @shape:	the algorithm's sizes
 * @room:	bytes there are for the ESP packet
 *
 * Return: bytes of payload, 0 if nothing fits.
 */
unsigned int espvif_esp_payload_max(const struct espvif_esp_shape *shape,
				    unsigned int room)
{
	unsigned int fixed = sizeof(struct espvif_esp_hdr) + shape->iv_len + shape->icv_len;

	if (room < fixed + shape->align)
		return 0;
	return ALIGN_DOWN(room - fixed, shape->align) - TRAILER_LEN;
}

/**
 * espvif_esp_packet_len_ok() - could a received packet of this length be ESP
 * @shape:	the algorithm's sizes
 * @packet_len:	bytes from the SPI to the end of the packet
 *
 * Return: true if there is room for header, IV, trailer and ICV, and the
 * encrypted part has the alignment that the cipher makes.
 */
bool espvif_esp_packet_len_ok(const struct espvif_esp_shape *shape,
			      unsigned int packet_len)
{
	unsigned int fixed = sizeof(struct espvif_esp_hdr) + shape->iv_len + shape->icv_len;

	return packet_len >= fixed + TRAILER_LEN &&
	       IS_ALIGNED(packet_len - fixed, shape->align);
}

/**
 * espvif_esp_write_trailer() - write padding, pad length and next header
 * @tail:	where the payload ends; room for @pad_len + 2 bytes
 * @pad_len:	as espvif_esp_pad_len() says
 * @next_header: protocol of the payload
 *
 * The padding counts 1, 2, 3 … as RFC 4303 2.4 wants it.
 */
void espvif_esp_write_trailer(u8 *tail, unsigned int pad_len, u8 next_header)
{
	unsigned int i;

	for (i = 0; i < pad_len; i++)
		tail[i] = i + 1;
	tail[pad_len] = pad_len;
	tail[pad_len + 1] = next_header;
}

/**
 * espvif_esp_read_trailer() - find the end of the payload in decrypted bytes
 * @trailer:	the last two bytes of the decrypted part
 * @len:	bytes of the whole decrypted part
 * @next_header: set to the protocol of the payload
 *
 * The bytes of the padding are not compared with 1, 2, 3 …: they have been
 * authenticated, and senders differ.
 *
 * Return: bytes of payload, or -EBADMSG if the padding is longer than the
 * packet.
 */
int espvif_esp_read_trailer(const u8 *trailer, unsigned int len, u8 *next_header)
{
	unsigned int pad_len = trailer[0];

	if (len < TRAILER_LEN || pad_len > len - TRAILER_LEN)
		return -EBADMSG;

	*next_header = trailer[1];
	return len - TRAILER_LEN - pad_len;
}
