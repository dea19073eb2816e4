/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doubly linked lists whose links live in what is listed.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct list - a list, or the link of one of its members
 * @next: the first member, or the one behind; itself if there is none
 * @previous: the last member, or the one before
 */
struct list {
	struct list *next;
	struct list *previous;
};

/* The structure that a link lives in */
#define list_entry(link, type, member) \
	((type *)(void *)((char *)(link) - offsetof(type, member)))

/* Visits each link of a list; the one at hand may be removed */
#define list_for_each(link, following, list) \
	for ((link) = (list)->next; \
	     (following) = (link)->next, (link) != (list); \
	     (link) = (following))

static inline void list_init(struct list *list)
{
	list->next = list;
	list->previous = list;
}

static inline bool list_empty(const struct list *list)
{
	return list->next == list;
}

static inline void list_append(struct list *list, struct list *link)
{
	link->next = list;
	link->previous = list->previous;
	list->previous->next = link;
	list->previous = link;
}

static inline void list_prepend(struct list *list, struct list *link)
{
	list_append(list->next, link);
}

/* What was removed may be removed again. */
static inline void list_remove(struct list *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
	list_init(link);
}

#endif /* LIB_LIST_H */
