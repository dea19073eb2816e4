// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel has noticed, and what comes of it.
 */
#include "ike/child.h"
#include "ike/natd.h"

/**
 * ike_expired - a child SA has carried as much as it may
 * @ike: the engine
 * @serial: its serial number
 * @hard: it carries nothing any more; false = it is time to replace it
 */
void ike_expired(struct ike *ike, uint64_t serial, bool hard)
{
	struct ike_child *child = ike_child_find_serial(ike, serial);

	if (!child || !child->installed)
		return;
	if (hard)
		ike_child_expire(child);
	else
		ike_child_replace(child);
	ike_reap(ike);
}

/**
 * ike_unreachable - a datagram has not arrived
 * @ike: the engine
 * @path: the way that it should have taken
 * @sentence: who says so, and why
 *
 * Anybody can forge that: it is said in the name of who waits for an answer, and
 * nothing else comes of it.
 */
void ike_unreachable(struct ike *ike, const struct ike_path *path,
		     const char *sentence)
{
	struct list *link, *following;
	bool concerns_any = false;
	struct ike_sa *sa;

	list_for_each(link, following, &ike->sas) {
		sa = list_entry(link, struct ike_sa, link);
		if (!sa->window.current ||
		    !ike_endpoint_equal(&sa->path.remote, &path->remote))
			continue;
		concerns_any = true;
		ike_sa_log(sa, IKE_LEVEL_PEER, "%s", sentence);
	}
	if (!concerns_any)
		ike_path_log(ike, path, "%s", sentence);
}

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
	ike_reap(ike);
}
