// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NATs between us and the peer (RFC 7296, 2.23): whether there are any, what
 * keeps their mappings alive, and where a peer is whose mapping has changed.
 */
#include <string.h>

#include "crypto/hash.h"
#include "ike/child.h"
#include "ike/instance.h"
#include "ike/natd.h"
#include "lib/iana.h"

#define PORT_IKE 500
#define PORT_ENCAPSULATED 4500

/* Of SHA-1 */
#define HASH_SIZE 20

/* Hash of the SPIs of a message and of where it comes from or goes. */
static struct error *compute(uint64_t spi_i, uint64_t spi_r,
			     const struct ike_endpoint *endpoint,
			     uint8_t hash[HASH_SIZE])
{
	uint8_t octets[2 * sizeof(uint64_t) + sizeof(endpoint->address.bytes) +
		       sizeof(endpoint->port)];
	struct crypto_piece piece = { .bytes = octets };
	struct bytes_writer writer;

	bytes_writer_init(&writer, octets, sizeof(octets));
	bytes_put_u64(&writer, spi_i);
	bytes_put_u64(&writer, spi_r);
	bytes_put(&writer, bytes_of(endpoint->address.bytes,
				    endpoint->address.length));
	bytes_put_u16(&writer, endpoint->port);
	piece.length = writer.used;
	return crypto_hash_compute(crypto_hash_find(IANA_HASH_SHA1), &piece, 1,
				   hash);
}

/**
 * ike_natd_put - let the peer find out whether there are NATs
 * @sa: the IKE SA; its SPIs are those of the message
 * @mode: IKE_ENCAPSULATION_ALWAYS makes the peer believe in a NAT,
 *	IKE_ENCAPSULATION_NEVER lets it know nothing
 * @writer: where to
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_natd_put(const struct ike_sa *sa, enum ike_encapsulation mode,
			   struct wire_writer *writer)
{
	uint8_t hash[HASH_SIZE];
	struct error *error;

	if (mode == IKE_ENCAPSULATION_NEVER)
		return NULL;
	error = compute(sa->spi_i, sa->spi_r, &sa->path.local, hash);
	if (error)
		return error;
	if (mode == IKE_ENCAPSULATION_ALWAYS)
		hash[0] ^= 1;
	wire_put_notify(writer, IANA_NOTIFY_NAT_DETECTION_SOURCE_IP,
			bytes_of(hash, sizeof(hash)));
	error = compute(sa->spi_i, sa->spi_r, &sa->path.remote, hash);
	if (!error)
		wire_put_notify(writer, IANA_NOTIFY_NAT_DETECTION_DESTINATION_IP,
				bytes_of(hash, sizeof(hash)));
	return error;
}

/* Has the peer sent hashes of a type, and is none of them this one? */
static bool differs(const struct wire_payloads *payloads, uint16_t type,
		    const uint8_t hash[HASH_SIZE])
{
	const struct wire_notify *notify;
	bool sent = false;
	uint16_t i;

	for (i = 0; i < payloads->notify_count; i++) {
		notify = &payloads->notifies[i];
		if (notify->type != type)
			continue;
		sent = true;
		if (bytes_equal(notify->data, bytes_of(hash, HASH_SIZE)))
			return false;
	}
	return sent;
}

/**
 * ike_natd_check - find out whether there are NATs
 * @sa: the IKE SA, with the SPIs and on the path of the message
 * @payloads: of a message of IKE_SA_INIT
 *
 * Return: NULL, or why it cannot be done.
 */
struct error *ike_natd_check(struct ike_sa *sa,
			     const struct wire_payloads *payloads)
{
	uint8_t hash[HASH_SIZE];
	struct error *error;

	error = compute(sa->spi_i, sa->spi_r, &sa->path.remote, hash);
	if (error)
		return error;
	sa->nat.remote = differs(payloads, IANA_NOTIFY_NAT_DETECTION_SOURCE_IP,
				 hash);
	error = compute(sa->spi_i, sa->spi_r, &sa->path.local, hash);
	if (error)
		return error;
	sa->nat.local = differs(payloads,
				IANA_NOTIFY_NAT_DETECTION_DESTINATION_IP, hash);
	if (sa->nat.local || sa->nat.remote)
		ike_sa_log(sa, IKE_LEVEL_INFO, "NAT-Traversal: %s behind a NAT",
			   !sa->nat.remote ? "this host is" :
			   !sa->nat.local ? "the peer is" :
					    "both this host and the peer are");
	return NULL;
}

/**
 * ike_natd_encapsulates - do child SAs send ESP in UDP
 * @sa: their IKE SA, which has a connection
 *
 * Return: whether they do.
 */
bool ike_natd_encapsulates(const struct ike_sa *sa)
{
	enum ike_encapsulation mode = sa->connection->model.encapsulation;

	return mode == IKE_ENCAPSULATION_ALWAYS ||
	       (mode == IKE_ENCAPSULATION_AUTO &&
		(sa->nat.local || sa->nat.remote));
}

/**
 * ike_natd_float - go on where ESP is encapsulated, if it is
 * @sa: the IKE SA, which we have begun
 */
void ike_natd_float(struct ike_sa *sa)
{
	/* another port than that of IKE was chosen by somebody who knows why */
	if (!ike_natd_encapsulates(sa) || sa->path.remote.port != PORT_IKE)
		return;
	sa->path.local.port = PORT_ENCAPSULATED;
	sa->path.remote.port = PORT_ENCAPSULATED;
}

/**
 * ike_natd_keepalive - how long we may be silent before a NAT forgets us
 * @sa: the IKE SA, which has a connection
 *
 * Return: seconds, 0 = as long as we like.
 */
uint32_t ike_natd_keepalive(const struct ike_sa *sa)
{
	const struct ike_model *model = &sa->connection->model;

	return sa->nat.local && model->encapsulation != IKE_ENCAPSULATION_NEVER ?
	       model->keepalive : 0;
}

/**
 * ike_natd_schedule - keep the mapping of a NAT alive from now on
 * @sa: the IKE SA, which is established
 */
void ike_natd_schedule(struct ike_sa *sa)
{
	uint32_t seconds = ike_natd_keepalive(sa);

	if (seconds)
		ike_set_timer(sa->ike, &sa->keepalive, seconds * 1000ULL);
	else
		ike_timer_stop(&sa->ike->timers, &sa->keepalive);
}

/* The kernel does that for child SAs, which have the same mapping. */
static bool has_installed(struct ike_sa *sa)
{
	struct list *link, *following;

	list_for_each(link, following, &sa->children) {
		if (list_entry(link, struct ike_child, link)->installed)
			return true;
	}
	return false;
}

/**
 * ike_natd_expire - a mapping needs to be refreshed
 * @timer: of the IKE SA
 */
void ike_natd_expire(struct ike_timer *timer)
{
	struct ike_sa *sa = list_entry(timer, struct ike_sa, keepalive);
	struct ike *ike = sa->ike;

	if (!has_installed(sa))
		ike->ops->keepalive(ike->context, &sa->path);
	ike_natd_schedule(sa);
}

static bool same_address(const struct ike_endpoint *one,
			 const struct ike_endpoint *other)
{
	return address_equal(&one->address, &other->address);
}

/**
 * ike_endpoint_equal - are two endpoints the same
 * @one: an endpoint
 * @other: an endpoint
 *
 * Return: whether they have the same address and port.
 */
bool ike_endpoint_equal(const struct ike_endpoint *one,
			const struct ike_endpoint *other)
{
	return one->port == other->port && same_address(one, other);
}

static void move_child(struct ike_child *child,
		       const struct ike_endpoint *remote)
{
	struct ike *ike = child->sa->ike;
	struct error *error;

	child->pair.path.remote = *remote;
	if (!child->installed)
		return;
	error = ike->ops->kernel.move(ike->context, &child->pair);
	if (error)
		ike_child_log(child, IKE_LEVEL_ERROR, "%s", error->sentence);
	error_free(error);
}

static void move(struct ike_sa *sa, const struct ike_endpoint *remote)
{
	char before[ADDRESS_TEXT_SIZE], now[ADDRESS_TEXT_SIZE];
	struct list *link, *following;

	ike_sa_log(sa, IKE_LEVEL_INFO,
		   "NAT-Traversal: the peer has moved from %s:%u to %s:%u",
		   address_text(&sa->path.remote.address, before),
		   sa->path.remote.port, address_text(&remote->address, now),
		   remote->port);
	sa->path.remote = *remote;
	ike_instance_follow(sa);
	list_for_each(link, following, &sa->children)
		move_child(list_entry(link, struct ike_child, link), remote);
}

/**
 * ike_natd_follow_endpoint - something authentic and new came from the peer
 * @sa: the IKE SA
 * @remote: from where
 *
 * Who is behind a NAT doesn't follow: whoever forwards a message of the peer
 * could lead it anywhere.
 */
void ike_natd_follow_endpoint(struct ike_sa *sa,
			      const struct ike_endpoint *remote)
{
	if (sa->nat.remote && !sa->nat.local &&
	    !ike_endpoint_equal(&sa->path.remote, remote))
		move(sa, remote);
}

/**
 * ike_natd_follow - an authentic message, which is no repetition, has come
 * @sa: its IKE SA
 * @path: the way it took
 */
void ike_natd_follow(struct ike_sa *sa, const struct ike_path *path)
{
	if (sa->state == IKE_SA_CONNECTING && !sa->initiator) {
		if (sa->nat.remote ||
		    same_address(&sa->path.remote, &path->remote))
			sa->path = *path;
		return;
	}
	ike_natd_follow_endpoint(sa, &path->remote);
}
