// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matches what a peer offers with what was configured. The order of the peer
 * decides among all that both have. If nothing fits, the sentence names the
 * transform that has no partner.
 */
#include <stdio.h>
#include <string.h>

#include "ike/proposal.h"
#include "lib/iana.h"

#define LIST_SIZE 256

/* The types that a proposal chooses one transform of */
static const uint8_t types[] = {
	IANA_TRANSFORM_ENCR, IANA_TRANSFORM_PRF, IANA_TRANSFORM_INTEG,
	IANA_TRANSFORM_KE, IANA_TRANSFORM_ESN,
};

#define TYPES (sizeof(types) / sizeof(types[0]))

/**
 * struct choice - one transform of each type
 * @transforms: by index in types
 */
struct choice {
	struct wire_transform transforms[TYPES];
};

static const struct wire_transform *
first_of(const struct wire_sa *sa, const struct wire_proposal *proposal,
	 uint8_t type, const struct wire_transform *after)
{
	const struct wire_transform *end, *transform;

	transform = after ? after + 1 : &sa->transforms[proposal->first];
	end = &sa->transforms[proposal->first] + proposal->count;
	for (; transform < end; transform++) {
		if (transform->type == type)
			return transform;
	}
	return NULL;
}

/* A type that is left out stands for none of it, which can be said as well. */
static bool may_be_none(const struct wire_sa *sa,
			const struct wire_proposal *proposal, uint8_t type)
{
	const struct wire_transform *transform;

	transform = first_of(sa, proposal, type, NULL);
	if (!transform)
		return true;
	for (; transform; transform = first_of(sa, proposal, type, transform)) {
		if (!transform->id && !transform->unusable &&
		    type != IANA_TRANSFORM_ENCR && type != IANA_TRANSFORM_PRF)
			return true;
	}
	return false;
}

static bool match_type(const struct wire_sa *ours,
		       const struct wire_proposal *our,
		       const struct wire_sa *offered,
		       const struct wire_proposal *offer, uint8_t type,
		       struct wire_transform *chosen)
{
	const struct wire_transform *theirs = NULL, *mine;

	while ((theirs = first_of(offered, offer, type, theirs))) {
		if (theirs->unusable)
			continue;
		mine = NULL;
		while ((mine = first_of(ours, our, type, mine))) {
			if (mine->id == theirs->id &&
			    mine->key_bits == theirs->key_bits) {
				*chosen = *theirs;
				return true;
			}
		}
	}
	*chosen = (struct wire_transform){ .type = type };
	return may_be_none(ours, our, type) &&
	       may_be_none(offered, offer, type);
}

/* Transforms of a type we don't know are fine if there can be none of them. */
static bool has_unknown_type(const struct wire_sa *offered,
			     const struct wire_proposal *offer)
{
	const struct wire_transform *transform;
	uint16_t i;

	for (i = 0; i < offer->count; i++) {
		transform = &offered->transforms[offer->first + i];
		if (transform->type > IANA_TRANSFORM_ESN &&
		    !may_be_none(offered, offer, transform->type))
			return true;
	}
	return false;
}

/* Tries one proposal of each side; returns the index of what doesn't fit. */
static size_t match(const struct wire_sa *ours, const struct wire_proposal *our,
		    const struct wire_sa *offered,
		    const struct wire_proposal *offer, bool with_ke,
		    struct choice *choice)
{
	size_t i;

	for (i = 0; i < TYPES; i++) {
		if (types[i] == IANA_TRANSFORM_KE && !with_ke) {
			choice->transforms[i].id = IANA_KE_NONE;
			continue;
		}
		if (!match_type(ours, our, offered, offer, types[i],
				&choice->transforms[i]))
			break;
	}
	return i;
}

/* Lists what a side has of a type. */
static void list_type(const struct wire_sa *sa, uint8_t protocol, uint8_t type,
		      char list[LIST_SIZE])
{
	static const enum iana_registry registries[] = {
		[IANA_TRANSFORM_ENCR] = IANA_ENCR,
		[IANA_TRANSFORM_PRF] = IANA_PRF,
		[IANA_TRANSFORM_INTEG] = IANA_INTEG,
		[IANA_TRANSFORM_KE] = IANA_KE,
		[IANA_TRANSFORM_ESN] = IANA_ESN,
	};
	const struct wire_transform *transform;
	char text[IANA_TEXT_SIZE], entry[64];
	size_t used = 0;
	uint16_t i, k;

	snprintf(list, LIST_SIZE, "none");
	for (i = 0; i < sa->proposal_count; i++) {
		if (sa->proposals[i].protocol != protocol)
			continue;
		for (k = 0; k < sa->proposals[i].count; k++) {
			transform = &sa->transforms[sa->proposals[i].first + k];
			if (transform->type != type)
				continue;
			snprintf(entry, sizeof(entry), "%s",
				 iana_text(registries[type], transform->id,
					   text));
			if (transform->key_bits)
				snprintf(entry + strlen(entry),
					 sizeof(entry) - strlen(entry), "_%u",
					 transform->key_bits);
			if (used && strstr(list, entry))
				continue;
			if (used + strlen(entry) + 3 > LIST_SIZE)
				return;
			used += (size_t)snprintf(list + used, LIST_SIZE - used,
						 "%s%s", used ? ", " : "",
						 entry);
		}
	}
}

static struct error *why_not(const struct wire_sa *ours,
			     const struct wire_sa *offered, uint8_t protocol,
			     size_t furthest, bool any)
{
	char theirs[LIST_SIZE], mine[LIST_SIZE], text[IANA_TEXT_SIZE];
	uint8_t type;

	if (!any)
		return error_refused(0, "NO_PROPOSAL_CHOSEN: the peer offers nothing for %s that we can read",
				     iana_text(IANA_PROTOCOL, protocol, text));
	type = types[furthest];
	list_type(offered, protocol, type, theirs);
	list_type(ours, protocol, type, mine);
	return error_refused(0, "NO_PROPOSAL_CHOSEN: no %s in common for %s: the peer offers %s, we have %s",
			     iana_name(IANA_TRANSFORM, type),
			     iana_name(IANA_PROTOCOL, protocol), theirs, mine);
}

static void take(const struct choice *choice, struct ike_suite *suite)
{
	suite->encr = choice->transforms[0].id;
	suite->key_bits = choice->transforms[0].key_bits;
	suite->prf = choice->transforms[1].id;
	suite->integ = choice->transforms[2].id;
	suite->ke = choice->transforms[3].id;
	suite->esn = choice->transforms[4].id;
}

/**
 * ike_proposal_select - choose what both sides have
 * @ours: what was configured
 * @offered: what the peer offers
 * @protocol: enum iana_protocol
 * @with_ke: look at key exchange methods
 * @suite: set to what was chosen
 * @chosen: set to the peer's proposal it was chosen from
 *
 * Return: NULL, or which transform has no partner.
 */
struct error *ike_proposal_select(const struct wire_sa *ours,
				  const struct wire_sa *offered,
				  uint8_t protocol, bool with_ke,
				  struct ike_suite *suite,
				  const struct wire_proposal **chosen)
{
	const struct wire_proposal *offer;
	size_t furthest = 0, reached;
	struct choice choice;
	bool any = false;
	uint16_t i, k;

	for (i = 0; i < offered->proposal_count; i++) {
		offer = &offered->proposals[i];
		if (offer->protocol != protocol ||
		    has_unknown_type(offered, offer))
			continue;
		for (k = 0; k < ours->proposal_count; k++) {
			any = true;
			reached = match(ours, &ours->proposals[k], offered,
					offer, with_ke, &choice);
			if (reached == TYPES) {
				take(&choice, suite);
				*chosen = offer;
				return NULL;
			}
			if (reached > furthest)
				furthest = reached;
		}
	}
	return why_not(ours, offered, protocol, furthest, any);
}

/**
 * ike_proposal_refused - the peer has chosen none of our proposals
 * @offer: what was offered
 * @protocol: enum iana_protocol
 *
 * It does not say what it lacks: only who has both lists could tell.
 *
 * Return: a sentence with everything that was offered.
 */
struct error *ike_proposal_refused(const struct wire_sa *offer,
				   uint8_t protocol)
{
	char lists[TYPES * (LIST_SIZE + 8)] = "", list[LIST_SIZE];
	size_t used = 0;
	size_t i;

	for (i = 0; i < TYPES; i++) {
		/* the peer must have one of its two values */
		if (types[i] == IANA_TRANSFORM_ESN)
			continue;
		list_type(offer, protocol, types[i], list);
		if (!strcmp(list, "none"))
			continue;
		used += (size_t)snprintf(lists + used, sizeof(lists) - used,
					 "%s%s %s", used ? "; " : "",
					 iana_name(IANA_TRANSFORM, types[i]),
					 list);
	}
	return error_refused(0, "the peer refused: NO_PROPOSAL_CHOSEN: it takes none of what we offer for %s: %s",
			     iana_name(IANA_PROTOCOL, protocol), lists);
}

/**
 * ike_proposal_put - tell what was chosen
 * @sa: to be filled
 * @suite: what was chosen
 * @protocol: enum iana_protocol
 * @with_ke: tell the key exchange method, if there is one
 * @number: of the proposal it was chosen from
 */
void ike_proposal_put(struct wire_sa *sa, const struct ike_suite *suite,
		      uint8_t protocol, bool with_ke, uint8_t number)
{
	sa->proposal_count = 0;
	sa->transform_count = 0;
	wire_sa_add_proposal(sa, protocol)->number = number;
	wire_sa_add_transform(sa, IANA_TRANSFORM_ENCR, suite->encr,
			      suite->key_bits);
	if (suite->prf)
		wire_sa_add_transform(sa, IANA_TRANSFORM_PRF, suite->prf, 0);
	if (suite->integ)
		wire_sa_add_transform(sa, IANA_TRANSFORM_INTEG, suite->integ,
				      0);
	if (suite->ke && with_ke)
		wire_sa_add_transform(sa, IANA_TRANSFORM_KE, suite->ke, 0);
	if (protocol != IANA_PROTOCOL_IKE)
		wire_sa_add_transform(sa, IANA_TRANSFORM_ESN, suite->esn, 0);
}

/**
 * ike_proposal_copy - make an offer of what was configured
 * @sa: to be filled
 * @model: what was configured
 * @with_ke: with key exchange methods
 * @spi_length: bytes of the SPI, 0 for none
 * @spi: the SPI
 */
void ike_proposal_copy(struct wire_sa *sa, const struct wire_sa *model,
		       bool with_ke, uint8_t spi_length, uint64_t spi)
{
	const struct wire_transform *transform;
	struct wire_proposal *proposal;
	uint16_t i, k;

	sa->proposal_count = 0;
	sa->transform_count = 0;
	for (i = 0; i < model->proposal_count; i++) {
		proposal = wire_sa_add_proposal(sa, model->proposals[i].protocol);
		proposal->spi_length = spi_length;
		proposal->spi = spi;
		for (k = 0; k < model->proposals[i].count; k++) {
			transform = &model->transforms[model->proposals[i].first +
						       k];
			if (transform->type == IANA_TRANSFORM_KE && !with_ke)
				continue;
			wire_sa_add_transform(sa, transform->type,
					      transform->id,
					      transform->key_bits);
		}
	}
}

/**
 * ike_proposal_first - the preferred transform of a type
 * @sa: proposals
 * @type: enum iana_transform
 *
 * Return: its number, 0 if there is none.
 */
uint16_t ike_proposal_first(const struct wire_sa *sa, uint8_t type)
{
	uint16_t i;

	for (i = 0; i < sa->transform_count; i++) {
		if (sa->transforms[i].type == type)
			return sa->transforms[i].id;
	}
	return 0;
}

/**
 * ike_proposal_has - is there such a transform
 * @sa: proposals
 * @type: enum iana_transform
 * @id: of that type
 *
 * Return: whether there is.
 */
bool ike_proposal_has(const struct wire_sa *sa, uint8_t type, uint16_t id)
{
	uint16_t i;

	for (i = 0; i < sa->transform_count; i++) {
		if (sa->transforms[i].type == type && sa->transforms[i].id == id)
			return true;
	}
	return false;
}
