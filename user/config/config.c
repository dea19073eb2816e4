// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From text to values: which parameter counts where a section, those it names
 * with also= and %default all have one; defaults; and each value read.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/check.h"
#include "config/config.h"
#include "config/keyword.h"
#include "config/value.h"

/**
 * struct choice - which parameters count for a section
 * @items: by slot, NULL where none was written
 * @setup: the section is config setup
 * @good: nothing is wrong with it
 */
struct choice {
	const struct cfg_item **items;
	bool setup;
	bool good;
};

/**
 * struct loader - a configuration being loaded
 * @cfg: the configuration
 * @choice: of the section at hand
 * @defaults: what %default says
 * @by_name: the connections' sections, sorted
 * @named: number of @by_name
 * @seen: by section, the number of the last connection that took it up
 * @current: number of the connection at hand
 */
struct loader {
	struct cfg *cfg;
	struct choice choice;
	struct choice defaults;
	const struct cfg_section **by_name;
	size_t named;
	size_t *seen;
	size_t current;
};

static void complain(struct loader *loader, struct choice *choice,
		     const struct cfg_item *item, struct error *error)
{
	choice->good = false;
	cfg_problem_add(&loader->cfg->problems, CFG_ERROR, &item->at, error);
}

static bool is_extension(const char *key)
{
	return (key[0] == 'x' || key[0] == 'X') &&
	       (key[1] == '-' || key[1] == '_');
}

static struct error *unknown(const char *key, bool setup)
{
	char text[CFG_NAME_SIZE];
	const char *guess = cfg_keyword_guess(key, setup, text);

	if (guess)
		return error_usage("there is no parameter '%s'; did you mean '%s'?",
				   key, guess);
	return error_usage("there is no parameter '%s'", key);
}

static size_t slot_of(const struct cfg_keyword *keyword, unsigned int side)
{
	return CFG_SLOTS((size_t)(keyword - cfg_keywords)) + side;
}

/* The first to say something counts; within one section nobody may say two things. */
static void choose(struct loader *loader, struct choice *choice,
		   const struct cfg_section *section,
		   const struct cfg_item *item, bool flip)
{
	const struct cfg_keyword *keyword;
	const struct cfg_item *before;
	unsigned int side;
	size_t slot;

	if (is_extension(item->key))
		return;
	keyword = cfg_keyword_find(item->key, choice->setup, &side);
	if (!keyword) {
		complain(loader, choice, item,
			 unknown(item->key, choice->setup));
		return;
	}
	if (keyword->scope == CFG_SCOPE_SIDE && flip)
		side = !side;
	slot = slot_of(keyword, side);
	before = choice->items[slot];
	if (!before)
		choice->items[slot] = item;
	else if (before >= section->items &&
		 before < section->items + section->count &&
		 strcmp(before->value, item->value))
		complain(loader, choice, item,
			 error_usage("%s= was given another value in line %u already",
				     item->key, before->at.line));
}

static bool is_also(const struct cfg_item *item, bool *flip)
{
	bool flips = !strcasecmp(item->key, "alsoflip");

	*flip ^= flips;
	return flips || !strcasecmp(item->key, "also");
}

static int compare_sections(const void *left, const void *right)
{
	const struct cfg_section *const *one = left, *const *other = right;
	int names = strcmp((*one)->name, (*other)->name);

	if (names)
		return names;
	return *one < *other ? -1 : *one > *other;
}

static void sort_sections(struct loader *loader)
{
	const struct cfg_text *text = &loader->cfg->text;
	size_t i;

	for (i = 0; i < text->count; i++) {
		if (text->sections[i].kind == CFG_SECTION_CONN)
			loader->by_name[loader->named++] = &text->sections[i];
	}
	qsort(loader->by_name, loader->named, sizeof(*loader->by_name),
	      compare_sections);
}

/* The first section of a name. */
static const struct cfg_section *find_section(const struct loader *loader,
					      const char *name)
{
	size_t low = 0, high = loader->named, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(loader->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == loader->named || strcmp(loader->by_name[low]->name, name))
		return NULL;
	return loader->by_name[low];
}

/* Takes up a section, then those it names, each once. */
static void gather(struct loader *loader, struct choice *choice,
		   const struct cfg_section *section, bool flip)
{
	size_t index = (size_t)(section - loader->cfg->text.sections), i;
	const struct cfg_section *also;
	bool turned;

	if (loader->seen[index] == loader->current)
		return;
	loader->seen[index] = loader->current;
	choice->good &= !section->broken;
	for (i = 0; i < section->count; i++) {
		turned = flip;
		if (!is_also(&section->items[i], &turned))
			choose(loader, choice, section, &section->items[i],
			       flip);
	}
	for (i = 0; i < section->count; i++) {
		turned = flip;
		if (!is_also(&section->items[i], &turned))
			continue;
		also = find_section(loader, section->items[i].value);
		if (also)
			gather(loader, choice, also, turned);
		else
			complain(loader, choice, &section->items[i],
				 error_usage("there is no connection '%s' to take parameters of",
					     section->items[i].value));
	}
}

/* Is @value one of those in @list, with '|' between them? */
static bool is_listed(const char *value, const char *list)
{
	size_t length;

	for (; list && *list; list += length + (list[length] == '|')) {
		length = strcspn(list, "|");
		if (strlen(value) == length && !strncasecmp(value, list, length))
			return true;
	}
	return false;
}

static struct error *read_value(struct loader *loader,
				const struct cfg_keyword *keyword,
				const char *value, void *base)
{
	return cfg_value_parse(keyword, value, (char *)base + keyword->offset,
			       &loader->cfg->pool);
}

/* What a value means that is understood, or why it is not. */
static void read_item(struct loader *loader, struct choice *choice,
		      const struct cfg_keyword *keyword,
		      const struct cfg_item *item, void *base)
{
	struct error *error = NULL;

	switch (keyword->fate) {
	case CFG_USED:
		error = read_value(loader, keyword, item->value, base);
		break;
	case CFG_REFUSED:
		if (!is_listed(item->value, keyword->usual))
			error = error_usage("'%s' can't be had: %s",
					    item->value, keyword->text);
		break;
	case CFG_IGNORED:
		if (keyword->value != CFG_VALUE_NONE)
			error = read_value(loader, keyword, item->value, base);
		if (!error)
			cfg_problem_add(&loader->cfg->problems, CFG_NOTE,
					&item->at,
					error_usage("%s= has no effect: %s",
						    item->key, keyword->text));
		break;
	}
	if (error)
		complain(loader, choice, item,
			 error_prefix(error, "%s=: ", item->key));
}

/* No default of the table can be wrong: unit tests read them all. */
static void read_default(struct loader *loader,
			 const struct cfg_keyword *keyword, void *base)
{
	if (keyword->fate == CFG_USED && keyword->usual)
		error_free(read_value(loader, keyword, keyword->usual, base));
}

static void read_slot(struct loader *loader, struct choice *choice,
		      const struct cfg_keyword *keyword, unsigned int side,
		      void *base)
{
	const struct cfg_item *item = choice->items[slot_of(keyword, side)];

	read_default(loader, keyword, base);
	if (item && *item->value)
		read_item(loader, choice, keyword, item, base);
}

static void read_setup(struct loader *loader, struct choice *choice)
{
	size_t i;

	for (i = 0; i < cfg_keyword_count; i++) {
		if (cfg_keywords[i].scope == CFG_SCOPE_SETUP)
			read_slot(loader, choice, &cfg_keywords[i], CFG_LEFT,
				  &loader->cfg->setup);
	}
}

static struct error *read_proposal_defaults(struct loader *loader,
					    struct cfg_connection *connection)
{
	static const struct cfg_keyword ike = { .value = CFG_VALUE_IKE };
	static const struct cfg_keyword esp = { .value = CFG_VALUE_ESP };
	struct error *error = NULL;

	if (!connection->ike)
		error = cfg_value_parse(&ike, cfg_ike_default,
					&connection->ike, &loader->cfg->pool);
	if (!error && !connection->esp)
		error = cfg_value_parse(&esp, cfg_esp_default,
					&connection->esp, &loader->cfg->pool);
	return error;
}

static void read_connection(struct loader *loader,
			    struct cfg_connection *connection)
{
	struct choice *choice = &loader->choice;
	size_t i, side;

	for (i = 0; i < cfg_keyword_count; i++) {
		const struct cfg_keyword *keyword = &cfg_keywords[i];

		if (keyword->scope == CFG_SCOPE_CONN)
			read_slot(loader, choice, keyword, CFG_LEFT,
				  connection);
		for (side = 0; keyword->scope == CFG_SCOPE_SIDE &&
		     side < CFG_SIDES; side++)
			read_slot(loader, choice, keyword, (unsigned int)side,
				  &connection->sides[side]);
	}
}

static bool keep_given(struct choice *choice, struct cfg_connection *connection)
{
	size_t slot, slots = CFG_SLOTS(cfg_keyword_count), count = 0;

	for (slot = 0; slot < slots; slot++)
		count += choice->items[slot] != NULL;
	connection->given = calloc(count ? count : 1,
				   sizeof(*connection->given));
	if (!connection->given)
		return false;
	for (slot = 0; slot < slots; slot++) {
		if (choice->items[slot])
			connection->given[connection->given_count++] =
				(struct cfg_given) {
					.slot = slot,
					.value = choice->items[slot]->value,
				};
	}
	return true;
}

static void free_connection(struct cfg_connection *connection)
{
	size_t side;

	for (side = 0; side < CFG_SIDES; side++) {
		free(connection->sides[side].subnets.items);
		free(connection->sides[side].subnets.virtual);
	}
	free(connection->given);
}

static struct error *load_connection(struct loader *loader,
				     const struct cfg_section *section)
{
	struct cfg_connection connection = { .name = section->name,
					     .at = section->at };
	size_t slots = CFG_SLOTS(cfg_keyword_count), slot;
	struct choice *choice = &loader->choice;
	struct error *error;

	choice->good = true;
	memset(choice->items, 0, slots * sizeof(*choice->items));
	loader->current++;
	gather(loader, choice, section, false);
	for (slot = 0; slot < slots; slot++) {
		if (!choice->items[slot])
			choice->items[slot] = loader->defaults.items[slot];
	}
	read_connection(loader, &connection);
	error = read_proposal_defaults(loader, &connection);
	if (!error && !keep_given(choice, &connection))
		error = error_no_memory();
	/* what is wrong already would only be said in other words */
	if (!error && choice->good && loader->defaults.good &&
	    cfg_connection_check(&connection, &loader->cfg->problems)) {
		loader->cfg->connections[loader->cfg->count++] = connection;
		return NULL;
	}
	free_connection(&connection);
	return error;
}

static struct error *check_name(const struct loader *loader,
				const struct cfg_section *section)
{
	const struct cfg_section *first = find_section(loader, section->name);

	if (first != section)
		return error_usage("there is a connection '%s' already, in %s, line %u",
				   section->name, first->at.file,
				   first->at.line);
	return NULL;
}

static struct error *load_sections(struct loader *loader)
{
	struct cfg *cfg = loader->cfg;
	struct error *error = NULL;
	size_t i;

	for (i = 0; i < cfg->text.count && !error; i++) {
		const struct cfg_section *section = &cfg->text.sections[i];
		struct error *taken;

		if (section->kind != CFG_SECTION_CONN ||
		    !strcmp(section->name, CFG_DEFAULT))
			continue;
		taken = check_name(loader, section);
		if (taken)
			cfg_problem_add(&cfg->problems, CFG_ERROR,
					&section->at, taken);
		else
			error = load_connection(loader, section);
	}
	return error;
}

/* The sections of one name that stand for all of their kind. */
static void load_common(struct loader *loader)
{
	struct cfg *cfg = loader->cfg;
	size_t i;

	loader->choice.setup = true;
	loader->choice.good = true;
	loader->defaults.good = true;
	loader->current = 1;
	for (i = 0; i < cfg->text.count; i++) {
		const struct cfg_section *section = &cfg->text.sections[i];

		if (section->kind == CFG_SECTION_SETUP)
			gather(loader, &loader->choice, section, false);
		else if (!strcmp(section->name, CFG_DEFAULT))
			gather(loader, &loader->defaults, section, false);
	}
	read_setup(loader, &loader->choice);
	loader->choice.setup = false;
}

static int compare_names(const void *left, const void *right)
{
	const struct cfg_connection *const *one = left, *const *other = right;

	return strcmp((*one)->name, (*other)->name);
}

static struct error *sort_connections(struct cfg *cfg)
{
	size_t i;

	cfg->by_name = calloc(cfg->count + 1, sizeof(*cfg->by_name));
	if (!cfg->by_name)
		return error_no_memory();
	for (i = 0; i < cfg->count; i++)
		cfg->by_name[i] = &cfg->connections[i];
	qsort(cfg->by_name, cfg->count, sizeof(*cfg->by_name), compare_names);
	return NULL;
}

static struct error *load(struct cfg *cfg)
{
	size_t slots = CFG_SLOTS(cfg_keyword_count);
	struct loader loader = { .cfg = cfg };
	struct error *error;

	loader.choice.items = calloc(slots, sizeof(*loader.choice.items));
	loader.defaults.items = calloc(slots, sizeof(*loader.defaults.items));
	loader.by_name = calloc(cfg->text.count + 1, sizeof(*loader.by_name));
	loader.seen = calloc(cfg->text.count + 1, sizeof(*loader.seen));
	cfg->connections = calloc(cfg->text.count + 1,
				  sizeof(*cfg->connections));
	if (!loader.choice.items || !loader.defaults.items || !loader.by_name ||
	    !loader.seen || !cfg->connections) {
		error = error_no_memory();
	} else {
		sort_sections(&loader);
		load_common(&loader);
		error = load_sections(&loader);
	}
	if (!error)
		error = sort_connections(cfg);
	free(loader.choice.items);
	free(loader.defaults.items);
	free(loader.by_name);
	free(loader.seen);
	return error;
}

/**
 * cfg_load - read a configuration
 * @path: of ipsec.conf
 * @cfg: where to put it; to be freed with cfg_free()
 *
 * What is wrong within the files is among its problems.
 *
 * Return: NULL, or why there is no configuration at all.
 */
struct error *cfg_load(const char *path, struct cfg **cfg)
{
	struct cfg *new = calloc(1, sizeof(*new));
	struct error *error;

	if (!new)
		return error_no_memory();
	error = cfg_text_read(path, &new->text, &new->problems);
	if (!error)
		error = load(new);
	if (error)
		cfg_free(new);
	else
		*cfg = new;
	return error;
}

/**
 * cfg_is_current - would reading a configuration again bring the same
 * @cfg: the configuration
 *
 * Return: whether it surely would.
 */
bool cfg_is_current(const struct cfg *cfg)
{
	return cfg_text_is_current(&cfg->text);
}

/**
 * cfg_free - forget a configuration
 * @cfg: the configuration, or NULL
 */
void cfg_free(struct cfg *cfg)
{
	size_t i;

	if (!cfg)
		return;
	for (i = 0; i < cfg->count; i++)
		free_connection(&cfg->connections[i]);
	free(cfg->connections);
	free(cfg->by_name);
	cfg_proposal_pool_free(cfg->pool);
	cfg_problems_free(&cfg->problems);
	cfg_text_free(&cfg->text);
	free(cfg);
}

/**
 * cfg_find - the connection of a name
 * @cfg: the configuration
 * @name: its name
 *
 * Return: the connection; NULL if there is none, or none that can be used.
 */
const struct cfg_connection *cfg_find(const struct cfg *cfg, const char *name)
{
	const struct cfg_connection wanted = { .name = name }, *key = &wanted;
	const struct cfg_connection **found;

	found = bsearch(&key, cfg->by_name, cfg->count, sizeof(*cfg->by_name),
			compare_names);
	return found ? *found : NULL;
}

/**
 * cfg_connection_equal - do two connections say the same
 * @one: the first, perhaps of another configuration
 * @other: the second
 *
 * Return: whether the same parameters were written, whatever their order.
 */
bool cfg_connection_equal(const struct cfg_connection *one,
			  const struct cfg_connection *other)
{
	size_t i;

	if (one->given_count != other->given_count)
		return false;
	for (i = 0; i < one->given_count; i++) {
		if (one->given[i].slot != other->given[i].slot ||
		    strcmp(one->given[i].value, other->given[i].value))
			return false;
	}
	return true;
}
