// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A thread that looks names up, one after the other, and the answers so far. The
 * thread touches nothing but the question at hand; pipes carry questions and
 * answers, each whole.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/connections/resolve.h"
#include "lib/list.h"

#define NAME_SIZE 256
#define WHY_SIZE 128

/* Seconds after which a name is looked up again: in vain, and with success */
#define AGAIN_FAILED 30
#define AGAIN 300

/**
 * struct answer - what a name stands for; travels through a pipe
 * @name: the name
 * @address: length 0 if there is none
 * @why: there is none
 */
struct answer {
	char name[NAME_SIZE];
	struct address address;
	char why[WHY_SIZE];
};

_Static_assert(sizeof(struct answer) <= PIPE_BUF, "an answer is written whole");

/**
 * struct entry - a name that was asked for
 * @link: in the list
 * @answer: what it stands for
 * @known: there was an answer
 * @asked: the thread has it
 * @due: the thread is to have it as soon as there is room in the pipe
 */
struct entry {
	struct list link;
	struct answer answer;
	bool known;
	bool asked;
	bool due;
};

/**
 * struct resolver - names and the thread
 * @entries: struct entry, the one that was asked for last at the end
 * @questions: pipe to the thread
 * @answers: pipe from the thread
 * @readable: an answer has come
 * @again: time to look everything up again
 * @thread: the thread
 * @started: there is one
 * @changed: called when the address of a name has changed
 * @context: for it
 */
struct resolver {
	struct list entries;
	int questions[2];
	int answers[2];
	struct event *readable;
	struct event *again;
	pthread_t thread;
	bool started;
	void (*changed)(void *context);
	void *context;
};

static void look_up(struct answer *answer)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	int status;

	memset(&answer->address, 0, sizeof(answer->address));
	answer->why[0] = '\0';
	status = getaddrinfo(answer->name, NULL, &hints, &found);
	if (status) {
		snprintf(answer->why, sizeof(answer->why), "%s",
			 status == EAI_SYSTEM ? strerror(errno) :
						gai_strerror(status));
		return;
	}
	if (found->ai_family == AF_INET) {
		struct sockaddr_in four;

		memcpy(&four, found->ai_addr, sizeof(four));
		address_set(&answer->address, &four.sin_addr, 4);
	} else if (found->ai_family == AF_INET6) {
		struct sockaddr_in6 six;

		memcpy(&six, found->ai_addr, sizeof(six));
		address_set(&answer->address, &six.sin6_addr, 16);
	}
	freeaddrinfo(found);
}

/* The thread; it ends when nobody can ask any more. */
static void *work(void *argument)
{
	const int *ends = argument;
	int questions = ends[0], answers = ends[1];
	struct answer answer;

	free(argument);
	while (read(questions, &answer, sizeof(answer)) == sizeof(answer)) {
		look_up(&answer);
		if (write(answers, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
	close(questions);
	close(answers);
	return NULL;
}

static struct entry *find(struct resolver *resolver, const char *name)
{
	struct list *link, *following;
	struct entry *entry;

	list_for_each(link, following, &resolver->entries) {
		entry = list_entry(link, struct entry, link);
		if (!strcmp(entry->answer.name, name))
			return entry;
	}
	return NULL;
}

/* Has the thread look a name up; false if the pipe is full. */
static bool ask(struct resolver *resolver, struct entry *entry)
{
	struct answer question = entry->answer;

	if (!resolver->started ||
	    write(resolver->questions[1], &question, sizeof(question)) !=
	    sizeof(question))
		return false;
	entry->asked = true;
	entry->due = false;
	/* the next time it is the turn of others first */
	list_remove(&entry->link);
	list_append(&resolver->entries, &entry->link);
	return true;
}

/* Asks for as many as there is room for; a connection may wait for unknown ones. */
static void ask_due(struct resolver *resolver)
{
	struct list *link, *following;
	struct entry *entry;
	int known;

	for (known = 0; known < 2; known++) {
		list_for_each(link, following, &resolver->entries) {
			entry = list_entry(link, struct entry, link);
			if (entry->due && entry->known == known &&
			    !ask(resolver, entry))
				return;
		}
	}
}

static void schedule(struct resolver *resolver)
{
	struct timeval wait = { .tv_sec = AGAIN };
	struct list *link, *following;
	const struct entry *entry;

	if (list_empty(&resolver->entries))
		return;
	list_for_each(link, following, &resolver->entries) {
		entry = list_entry(link, struct entry, link);
		if (!entry->answer.address.length)
			wait.tv_sec = AGAIN_FAILED;
	}
	evtimer_add(resolver->again, &wait);
}

static void time_is_up(evutil_socket_t descriptor, short what, void *context)
{
	struct resolver *resolver = context;

	(void)descriptor;
	(void)what;
	resolver_forget(resolver);
	schedule(resolver);
}

static void answered(evutil_socket_t descriptor, short what, void *context)
{
	struct resolver *resolver = context;
	struct answer answer;
	struct entry *entry;
	bool changed = false;

	(void)what;
	while (read((int)descriptor, &answer, sizeof(answer)) ==
	       sizeof(answer)) {
		entry = find(resolver, answer.name);
		if (!entry)
			continue;
		entry->asked = false;
		/* what was known stays, should it not be found once */
		if (entry->known && !answer.address.length &&
		    entry->answer.address.length)
			continue;
		changed |= !entry->known ||
			   memcmp(&entry->answer.address, &answer.address,
				  sizeof(answer.address)) != 0;
		entry->answer = answer;
		entry->known = true;
	}
	ask_due(resolver);
	schedule(resolver);
	if (changed)
		resolver->changed(resolver->context);
}

/* Signals are for the event loop. */
static int start_quietly(struct resolver *resolver, int *ends)
{
	sigset_t all, before;
	int status;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&resolver->thread, NULL, work, ends);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

static struct error *start(struct resolver *resolver)
{
	int *ends = malloc(2 * sizeof(*ends));
	int status;

	if (!ends)
		return error_no_memory();
	if (pipe2(resolver->questions, O_CLOEXEC) ||
	    pipe2(resolver->answers, O_CLOEXEC)) {
		free(ends);
		return error_refused(errno, "cannot make a pipe: %s",
				     strerror(errno));
	}
	ends[0] = resolver->questions[0];
	ends[1] = resolver->answers[1];
	status = start_quietly(resolver, ends);
	if (status) {
		free(ends);
		return error_refused(status, "cannot start a thread: %s",
				     strerror(status));
	}
	resolver->started = true;
	/* these ends are the thread's now */
	resolver->questions[0] = -1;
	resolver->answers[1] = -1;
	fcntl(resolver->questions[1], F_SETFL, O_NONBLOCK);
	fcntl(resolver->answers[0], F_SETFL, O_NONBLOCK);
	pthread_detach(resolver->thread);
	return NULL;
}

/**
 * resolver_create - begin
 * @base: event loop
 * @changed: called when an address that was asked for has become known, or another
 * @context: for it
 * @resolver: set to it, to be ended with resolver_destroy()
 *
 * Return: NULL, or why there is none.
 */
struct error *resolver_create(struct event_base *base,
			      void (*changed)(void *context), void *context,
			      struct resolver **resolver)
{
	struct resolver *created = calloc(1, sizeof(*created));
	struct error *error;

	if (!created)
		return error_no_memory();
	list_init(&created->entries);
	created->questions[0] = created->questions[1] = -1;
	created->answers[0] = created->answers[1] = -1;
	created->changed = changed;
	created->context = context;
	error = start(created);
	if (!error) {
		created->readable = event_new(base, created->answers[0],
					      EV_READ | EV_PERSIST, answered,
					      created);
		created->again = evtimer_new(base, time_is_up, created);
		if (!created->readable || !created->again ||
		    event_add(created->readable, NULL))
			error = error_no_memory();
	}
	if (error)
		resolver_destroy(created);
	else
		*resolver = created;
	return error;
}

static void close_end(int end)
{
	if (end >= 0)
		close(end);
}

/**
 * resolver_destroy - end
 * @resolver: it, or NULL
 *
 * The thread ends by itself, should it just be asking somebody.
 */
void resolver_destroy(struct resolver *resolver)
{
	struct list *link, *following;

	if (!resolver)
		return;
	if (resolver->readable)
		event_free(resolver->readable);
	if (resolver->again)
		event_free(resolver->again);
	list_for_each(link, following, &resolver->entries)
		free(list_entry(link, struct entry, link));
	close_end(resolver->questions[0]);
	close_end(resolver->questions[1]);
	close_end(resolver->answers[0]);
	close_end(resolver->answers[1]);
	free(resolver);
}

/**
 * resolver_find - the address of a name
 * @resolver: the resolver
 * @name: the name
 * @address: set to it
 * @why: set to why there is none, in words, NULL as long as nobody knows
 *
 * Return: whether it is known; if not, it is being looked up.
 */
bool resolver_find(struct resolver *resolver, const char *name,
		   struct address *address, const char **why)
{
	struct entry *entry = find(resolver, name);

	*why = NULL;
	if (!entry) {
		if (strlen(name) >= NAME_SIZE) {
			*why = "the name is too long";
			return false;
		}
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			return false;
		snprintf(entry->answer.name, sizeof(entry->answer.name), "%s",
			 name);
		list_append(&resolver->entries, &entry->link);
		entry->due = true;
		ask(resolver, entry);
	}
	if (!entry->known)
		return false;
	*address = entry->answer.address;
	*why = entry->answer.why;
	return address->length;
}

/**
 * resolver_forget - look all names up again
 * @resolver: the resolver
 *
 * What is known counts until there is another answer.
 */
void resolver_forget(struct resolver *resolver)
{
	struct list *link, *following;
	struct entry *entry;

	list_for_each(link, following, &resolver->entries) {
		entry = list_entry(link, struct entry, link);
		entry->due = !entry->asked;
	}
	ask_due(resolver);
}
