/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_OFFLOAD_SHADOW_H
#define _ESPVIF_OFFLOAD_SHADOW_H

#include <linux/netdevice.h>
#include <net/xfrm.h>

#include "replay.h"
#include "sad.h"

/**
 * struct espvif_shadow - an SA in a device
 * @callbacks:	of @state, and the way from there to us
 * @state:	what the driver knows
 * @owner:	its SA, for whoever holds the lock
 * @sa:		the same for packets, under RCU; NULL when that is being removed
 * @sibling:	in the SA's list of shadows, while @sa is set
 * @nic:	the device that has it; held by @state
 * @via:	where routes lead: @nic, or the bond over it
 * @via_tracker: how it is held
 * @stopped:	the device gets no more packets
 * @told:	inbound with extended sequence numbers, how far they had come when the
 *		driver was told last; the lock of @state protects it
 * @entry:	in the list of all
 * @rcu:	lets go of devices when no packet can look at them any more
 */
struct espvif_shadow {
	struct xfrm_type_offload callbacks;
	struct xfrm_state *state;
	struct espvif_sa *owner;
	struct espvif_sa *sa;
	struct list_head sibling;
	struct net_device *nic;
	struct net_device *via;
	netdevice_tracker via_tracker;
	bool stopped;
	u64 told;
	struct list_head entry;
	struct rcu_head rcu;
};

static inline struct espvif_shadow *espvif_shadow_of(const struct xfrm_state *state)
{
	return container_of(state->type_offload, struct espvif_shadow, callbacks);
}

/* Grows whenever the highest number received or the window's end gets to another half */
static inline u64 espvif_offload_progress(const struct espvif_sa *sa)
{
	u64 highest = READ_ONCE(sa->replay->highest);
	u64 window = sa->replay->window;

	return (highest >> 31) + ((highest < window ? 0 : highest - window + 1) >> 31);
}

void espvif_offload_look_again(struct espvif_sa *sa, int ifindex);
void espvif_offload_set_callbacks(struct xfrm_type_offload *callbacks);

#endif /* _ESPVIF_OFFLOAD_SHADOW_H */
