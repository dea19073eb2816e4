/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_TRANSFORM_H
#define _ESPVIF_TRANSFORM_H

#include <linux/types.h>
#include <uapi/linux/espvif.h>

#include "esp.h"

#define ESPVIF_IV_MAX	16

struct crypto_aead;
struct netlink_ext_ack;
struct nlattr;

/**
 * struct espvif_keys - algorithms and keys as they came from outside
 * @encr:	enum espvif_encr
 * @integ:	enum espvif_integ
 * @encr_key:	key, salt behind it
 * @encr_key_len: bytes of both
 * @integ_key:	key
 * @integ_key_len: bytes
 * @encr_at:	attributes they came by, the place of a refusal, or NULL
 * @integ_at:	the same
 * @encr_key_at: the same
 * @integ_key_at: the same
 */
struct espvif_keys {
	u16 encr;
	u16 integ;
	const u8 *encr_key;
	unsigned int encr_key_len;
	const u8 *integ_key;
	unsigned int integ_key_len;
	const struct nlattr *encr_at;
	const struct nlattr *integ_at;
	const struct nlattr *encr_key_at;
	const struct nlattr *integ_key_at;
};

/**
 * struct espvif_transform - an algorithm with its key, ready for packets
 * @aead:	handle of the crypto API; holds the only copy of the key
 * @shape:	what it makes of ESP packets
 * @iv_random:	CBC: IVs must not be foreseen. Else IVs only must not repeat:
 *		they count, from @iv_base
 * @esn:	the upper half of the sequence number is authenticated too
 * @encr:	enum espvif_encr
 * @integ:	enum espvif_integ
 * @encr_key_bits: without salt
 * @iv_base:	chosen at random, so that an SA set up again by hand with the
 *		same key doesn't use the same IVs again
 */
struct espvif_transform {
	struct crypto_aead *aead;
	struct espvif_esp_shape shape;
	bool iv_random;
	bool esn;
	u16 encr;
	u16 integ;
	u16 encr_key_bits;
	u64 iv_base;
};

int espvif_transform_init(struct espvif_transform *transform,
			  const struct espvif_keys *keys, bool esn,
			  struct netlink_ext_ack *extack);
void espvif_transform_uninit(struct espvif_transform *transform);

#endif /* _ESPVIF_TRANSFORM_H */
