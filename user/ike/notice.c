// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel has noticed, and what comes of it.
 */
#include "ike/child.h"
#include "ike/natd.h"

/**
 * ike_peer_moved - the kernel got authentic ESP from another place than before
 * @ike: the engine
 * @serial: serial number of the child SA
 * @remote: where the peer is now
 */
void ike_peer_moved(struct ike *ike, uint64_t serial,
		    const struct ike_endpoint *remote)
{
	struct ike_child *child = ike_child_find_serial(ike, serial);

	if (child && child->installed)
		ike_natd_follow_endpoint(child->sa, remote);
}
