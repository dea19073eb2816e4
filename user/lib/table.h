/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables that find what is listed by a key, however much there is. The nodes live
 * in what is listed, and so do the keys.
 */
#ifndef LIB_TABLE_H
#define LIB_TABLE_H

#include <stdint.h>

#include "lib/list.h"

/* Room to begin with, which no lack of memory can take away */
#define TABLE_SIZE_MIN 64

/**
 * struct table - a table
 * @buckets: lists of nodes; the first ones are @few
 * @size: number of @buckets, a power of two
 * @count: number of nodes
 * @few: for as long as there are few nodes
 */
struct table {
	struct list *buckets;
	size_t size;
	size_t count;
	struct list few[TABLE_SIZE_MIN];
};

/**
 * struct table_node - a member of a table
 * @link: in its bucket
 * @hash: of its key
 * @key: its key; stays where it is, or is given anew with table_move_key()
 * @length: bytes of @key
 */
struct table_node {
	struct list link;
	uint64_t hash;
	const void *key;
	size_t length;
};

/* The structure that a node lives in */
#define table_entry(node, type, member) list_entry(node, type, member)

void table_init(struct table *table);
void table_uninit(struct table *table);
void table_add(struct table *table, struct table_node *node, const void *key,
	       size_t length);
void table_remove(struct table *table, struct table_node *node);
struct table_node *table_find(const struct table *table, const void *key,
			      size_t length);
void table_move_key(struct table_node *node, const void *key);

#endif /* LIB_TABLE_H */
