// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes up for notifications that were lost. Which SAs have expired, or are to be
 * replaced, their state and counters show. Where a peer is now they do not: the
 * module is had to tell that of the next packet.
 */
#include <event2/event.h>
#include <stdlib.h>

#include "daemon/engine/missed.h"
#include "daemon/log.h"

/* Notifications are lost when there are many: let them come to an end first. */
#define WAIT_SECONDS 2

/*
 * Each SA that is looked at may be notified of in turn, and those notifications are
 * to be read in between.
 */
#define STEP 64
#define STEP_MS 10

/**
 * struct missed - what makes up for them
 * @kernel: connection to the module
 * @turn: when the next step is due
 * @deliver: called with what may have been missed
 * @context: for it
 * @sas: all SAs, while they are looked at
 * @next: which of them is
 * @again: meanwhile more was lost
 */
struct missed {
	struct kernel *kernel;
	struct event *turn;
	struct error *(*deliver)(const struct kernel_event *event,
				 void *context);
	void *context;
	struct kernel_sa_list sas;
	size_t next;
	bool again;
};

static bool is_to_be_replaced(const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;
	const struct kernel_limit *soft = &config->soft;

	return (soft->bytes && sa->bytes >= soft->bytes) ||
	       (soft->packets && sa->packets >= soft->packets) ||
	       (config->direction == ESPVIF_DIRECTION_OUT && !config->esn &&
		sa->sequence >= ESPVIF_SEQ_SOFT);
}

static void tell_expiry(const struct missed *missed, const struct kernel_sa *sa,
			bool hard)
{
	struct kernel_event event = {
		.kind = KERNEL_EVENT_EXPIRY,
		.name = "sa-expired",
		.command = ESPVIF_CMD_SA_EXPIRE_NTF,
		.sa = *sa,
	};

	event.sa.hard = hard;
	log_error(missed->deliver(&event, missed->context));
}

/*
 * The module tells of a packet from elsewhere than the one before: if that is said
 * to be from this host, the next one is. An SA that has gone meanwhile needs no peer.
 */
static void have_peer_told(const struct missed *missed,
			   const struct kernel_sa_config *config)
{
	const struct kernel_peer nobody = { .address = config->destination };
	const struct kernel_numbers numbers = {};

	error_free(kernel_sa_set(missed->kernel, config->name, &nobody,
				 &numbers));
}

static void look_at(const struct missed *missed, const struct kernel_sa *sa)
{
	const struct kernel_sa_config *config = &sa->config;

	if (config->owner != ESPVIF_OWNER_DAEMON)
		return;
	if (sa->state == ESPVIF_SA_STATE_EXPIRED) {
		tell_expiry(missed, sa, true);
		return;
	}
	if (is_to_be_replaced(sa))
		tell_expiry(missed, sa, false);
	if (config->direction == ESPVIF_DIRECTION_IN &&
	    config->encapsulation == ESPVIF_ENCAP_UDP)
		have_peer_told(missed, config);
}

static void wait_for_turn(const struct missed *missed)
{
	static const struct timeval wait = { .tv_sec = WAIT_SECONDS };

	evtimer_add(missed->turn, &wait);
}

static void end(struct missed *missed)
{
	kernel_sa_list_free(&missed->sas);
	missed->next = 0;
	if (missed->again)
		wait_for_turn(missed);
	missed->again = false;
}

static void take_turn(evutil_socket_t descriptor, short what, void *context)
{
	static const struct timeval pause = { .tv_usec = STEP_MS * 1000 };
	struct missed *missed = context;
	struct error *error = NULL;
	size_t i;

	(void)descriptor;
	(void)what;
	if (!missed->next)
		error = kernel_sa_dump(missed->kernel, &missed->sas);
	if (error) {
		log_error(error);
		missed->again = true;
	}
	for (i = 0; i < STEP && missed->next < missed->sas.count; i++)
		look_at(missed, &missed->sas.items[missed->next++]);
	if (missed->next < missed->sas.count)
		evtimer_add(missed->turn, &pause);
	else
		end(missed);
}

/**
 * missed_create - begin, with nothing missed
 * @base: event loop
 * @kernel: connection to the module, which stays the caller's
 * @deliver: called with events that may have been missed, and with such as were not
 * @context: for it
 * @missed: set to it, to be ended with missed_destroy()
 *
 * Return: NULL, or why it cannot be.
 */
struct error *missed_create(struct event_base *base, struct kernel *kernel,
			    struct error *(*deliver)(const struct kernel_event *event,
						     void *context),
			    void *context, struct missed **missed)
{
	struct missed *created = calloc(1, sizeof(*created));

	if (!created)
		return error_no_memory();
	created->kernel = kernel;
	created->deliver = deliver;
	created->context = context;
	created->turn = evtimer_new(base, take_turn, created);
	if (!created->turn) {
		free(created);
		return error_no_memory();
	}
	*missed = created;
	return NULL;
}

/**
 * missed_destroy - end
 * @missed: it, or NULL
 */
void missed_destroy(struct missed *missed)
{
	if (!missed)
		return;
	event_free(missed->turn);
	kernel_sa_list_free(&missed->sas);
	free(missed);
}

/**
 * missed_catch_up - notifications were lost
 * @missed: what makes up for them, in a while
 *
 * Those that ask for an SA are not made up for: the module asks again.
 */
void missed_catch_up(struct missed *missed)
{
	if (missed->next)
		missed->again = true;
	else if (!evtimer_pending(missed->turn, NULL))
		wait_for_turn(missed);
	else
		return;
	log_format(IKE_LEVEL_ERROR,
		   "the kernel had more to tell than there was room for: all SAs are looked at");
}
