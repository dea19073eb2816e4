/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_SPREAD_H
#define _ESPVIF_SPREAD_H

#include <linux/types.h>

struct espvif_esp_hdr;
struct espvif_sa;
struct sk_buff;

/**
 * struct espvif_spread_packet - a packet for other CPUs
 * @skb:	linear, and the giver's own
 * @esp:	as in struct espvif_crypt
 * @seq:	likewise
 * @crypt_len:	likewise
 * @payload_len: the giver's
 * @err:	what became of it: 0, -ENOMEM, or what the crypto API says
 */
struct espvif_spread_packet {
	struct sk_buff *skb;
	struct espvif_esp_hdr *esp;
	u64 seq;
	unsigned int crypt_len;
	unsigned int payload_len;
	int err;
};

/*
 * Takes packets over again, in the order in which they were given. RCU read side, bottom
 * halves disabled; @sa is held.
 */
typedef void (*espvif_spread_deliver)(struct espvif_sa *sa,
				      const struct espvif_spread_packet *packets,
				      unsigned int count);

int espvif_spread_init(void);
void espvif_spread_uninit(void);

bool espvif_spread_wanted(struct espvif_sa *sa, u64 *began);
bool espvif_spread_give(struct espvif_sa *sa, const struct espvif_spread_packet *packet,
			espvif_spread_deliver deliver);
void espvif_spread_hand_out(struct espvif_sa *sa);
void espvif_spread_note_time(u64 began);

/* The crypto of a packet has taken its time; @began as espvif_spread_wanted() has set it */
static inline void espvif_spread_watched(u64 began)
{
	if (unlikely(began))
		espvif_spread_note_time(began);
}

#endif /* _ESPVIF_SPREAD_H */
