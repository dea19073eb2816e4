// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of packets that are dropped: each is counted, by its reason, for the
 * namespace and for the SA and the device that it concerns, and can be traced.
 */
#include "drop.h"
#include "net.h"
#include "sad.h"
#include "trace.h"

/**
 * espvif_drop_note() - count a packet that is dropped
 * @enet:	namespace whose SAs and policies decided so
 * @sa:		SA that it came in or was to leave by, or NULL
 * @device:	counters of the device, or NULL; those of @sa's are known
 * @len:	bytes of the packet
 * @reason:	why
 *
 * Context: any.
 */
void espvif_drop_note(struct espvif_net *enet, struct espvif_sa *sa,
		      struct espvif_tally *device, unsigned int len,
		      enum espvif_counter reason)
{
	espvif_count(enet->counters, reason);
	if (sa) {
		atomic64_inc(&sa->drops[reason]);
		device = sa->device_tally;
	}
	espvif_tally_count(device, reason);
	trace_espvif_drop(enet->net, sa ? sa->name : "-", sa ? sa->key.spi : 0,
			  espvif_counter_name(reason), len);
}
