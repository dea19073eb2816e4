// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables by key: as many buckets as there are nodes, each with the few whose keys
 * have the like hash.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/table.h"

/* FNV-1a, 64 bits: keys are of those who run this, nobody chooses them to collide */
#define HASH_BEGIN 0xcbf29ce484222325ull
#define HASH_PRIME 0x100000001b3ull

static uint64_t hash_of(const void *key, size_t length)
{
	const uint8_t *byte = key;
	uint64_t hash = HASH_BEGIN;

	for (; length; length--)
		hash = (hash ^ *byte++) * HASH_PRIME;
	return hash;
}

static struct list *bucket_of(const struct table *table, uint64_t hash)
{
	return &table->buckets[hash & (table->size - 1)];
}

/**
 * table_init - begin with a table
 * @table: it, empty from now on; to be given up with table_uninit()
 */
void table_init(struct table *table)
{
	size_t i;

	table->buckets = table->few;
	table->size = TABLE_SIZE_MIN;
	table->count = 0;
	for (i = 0; i < table->size; i++)
		list_init(&table->buckets[i]);
}

/**
 * table_uninit - give up a table
 * @table: it; what is in it stays as it is, and is in no table any more
 */
void table_uninit(struct table *table)
{
	if (table->buckets != table->few)
		free(table->buckets);
	table->buckets = NULL;
}

/* Without memory the buckets grow longer instead. */
static void grow(struct table *table)
{
	struct list *link, *following, *before = table->buckets;
	size_t size = table->size, i;
	struct list *buckets = calloc(2 * size, sizeof(*buckets));

	if (!buckets)
		return;
	for (i = 0; i < 2 * size; i++)
		list_init(&buckets[i]);
	table->buckets = buckets;
	table->size = 2 * size;
	for (i = 0; i < size; i++) {
		list_for_each(link, following, &before[i]) {
			list_remove(link);
			list_append(bucket_of(table,
					      table_entry(link,
							  struct table_node,
							  link)->hash), link);
		}
	}
	if (before != table->few)
		free(before);
}

/**
 * table_add - have something found by its key
 * @table: the table
 * @node: its node
 * @key: its key, which stays
 * @length: bytes of @key
 *
 * Of several with the same key the first is found.
 */
void table_add(struct table *table, struct table_node *node, const void *key,
	       size_t length)
{
	if (table->count == table->size)
		grow(table);
	node->key = key;
	node->length = length;
	node->hash = hash_of(key, length);
	list_append(bucket_of(table, node->hash), &node->link);
	table->count++;
}

/**
 * table_remove - have something found no longer
 * @table: the table
 * @node: its node, which is in the table
 */
void table_remove(struct table *table, struct table_node *node)
{
	list_remove(&node->link);
	table->count--;
}

/**
 * table_find - find something by its key
 * @table: the table
 * @key: the key
 * @length: bytes of @key
 *
 * Return: its node, NULL if there is none.
 */
struct table_node *table_find(const struct table *table, const void *key,
			      size_t length)
{
	uint64_t hash = hash_of(key, length);
	struct list *bucket = bucket_of(table, hash);
	struct list *link, *following;
	struct table_node *node;

	list_for_each(link, following, bucket) {
		node = table_entry(link, struct table_node, link);
		if (node->hash == hash && node->length == length &&
		    !memcmp(node->key, key, length))
			return node;
	}
	return NULL;
}

/**
 * table_move_key - the key of something is elsewhere from now on
 * @node: its node
 * @key: the same bytes as before
 */
void table_move_key(struct table_node *node, const void *key)
{
	node->key = key;
}
