/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_CRYPT_H
#define _ESPVIF_CRYPT_H

#include <crypto/aead.h>
#include <linux/scatterlist.h>

#include "order.h"
#include "transform.h"

struct sk_buff;

/**
 * struct espvif_crypt - one packet with the crypto API
 * @skb:	the packet; the owner's from beginning to end
 * @context:	the owner's, for @done
 * @payload_len: the owner's: bytes that ESP protects
 * @number:	the owner's: which of several
 * @done:	called when an operation that returned -EINPROGRESS ends, with
 *		bottom halves disabled; never called otherwise
 * @turn:	the owner's: lets the packet go on when it is done later, or behind such
 * @err:	the owner's: what became of it then
 * @transform:	algorithm and key
 * @esp:	the ESP header in the linear part of @skb
 * @seq:	sequence number, all 64 bits
 * @crypt_len:	bytes of the encrypted part, without IV and ICV
 * @reqsize:	room behind @req for the algorithm's own data
 * @whole:	the packet from its ESP header on
 * @sg:		instead of @whole if numbers are 64 bits: @aad, then the packet from
 *		behind its IV
 * @iv:		for the algorithm
 * @aad:	SPI, sequence number, IV: one piece, so that algorithms need not
 *		copy it together
 * @req:	for the crypto API
 */
struct espvif_crypt {
	struct sk_buff *skb;
	void *context;
	void (*done)(struct espvif_crypt *op, int err);
	struct espvif_turn turn;
	int err;
	const struct espvif_transform *transform;
	struct espvif_esp_hdr *esp;
	u64 seq;
	union {
		unsigned int payload_len;
		unsigned int number;
	};
	unsigned int crypt_len;
	unsigned int reqsize;
	struct scatterlist whole[1];
	struct scatterlist sg[2];
	u8 iv[ESPVIF_IV_MAX];
	u8 aad[sizeof(struct espvif_esp_hdr) + sizeof(__be32) + ESPVIF_IV_MAX] __aligned(8);
	/* last: the algorithm's data follows */
	struct aead_request req;
};

int espvif_crypt_init(void);
void espvif_crypt_uninit(void);

struct espvif_crypt *espvif_crypt_get(const struct espvif_transform *transform);
void espvif_crypt_put(struct espvif_crypt *op);

void espvif_crypt_make_iv(const struct espvif_transform *transform, u64 seq, u8 *iv);
int espvif_crypt_seal(struct espvif_crypt *op);
int espvif_crypt_seal_with_iv(struct espvif_crypt *op, const u8 *iv);
int espvif_crypt_open(struct espvif_crypt *op);

#endif /* _ESPVIF_CRYPT_H */
