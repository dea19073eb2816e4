// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads where a peer may be that hides behind a NAT: virtual-private= of the setup,
 * and vhost: and vnet: of a connection.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/virtual.h"

#define WORD_SIZE 64
#define SEPARATORS ", \t"

static struct error *add(struct cfg_networks *networks,
			 const struct prefix *prefix)
{
	if (networks->count == CFG_VIRTUAL_MAX)
		return error_usage("there are more than %d networks",
				   CFG_VIRTUAL_MAX);
	networks->items[networks->count++] = *prefix;
	return NULL;
}

/* "%v4:10.0.0.0/8", "%v6:!fd00::/16" */
static struct error *read_network(const char *word, struct cfg_virtual *virtual)
{
	uint8_t length = word[2] == '6' ? 16 : 4;
	const char *text = word + strlen("%v4:");
	bool excluded = *text == '!';
	struct prefix prefix;
	struct error *error;

	error = prefix_parse(text + excluded, &prefix);
	if (error)
		return error_prefix(error, "%s: ", word);
	if (prefix.address.length != length)
		return error_usage("'%s' is a network of the other family", word);
	return add(excluded ? &virtual->excluded : &virtual->allowed, &prefix);
}

static struct error *read_word(const char *word, bool shorthands,
			       struct cfg_virtual *virtual)
{
	if (!strncasecmp(word, "%v4:", 4) || !strncasecmp(word, "%v6:", 4))
		return read_network(word, virtual);
	if (shorthands && !strcasecmp(word, "%no")) {
		virtual->own = true;
		return NULL;
	}
	if (shorthands && !strcasecmp(word, "%priv")) {
		virtual->private = true;
		return NULL;
	}
	return error_usage("'%s' is none of %%v4:NETWORK, %%v6:NETWORK, %%v4:!NETWORK%s",
			   word, shorthands ? ", %priv, %no" : "");
}

/**
 * cfg_virtual_parse - read where a peer may be that hides behind a NAT
 * @text: networks, %v4:NETWORK or %v6:NETWORK, with ! before what is excluded
 * @shorthands: %no and %priv may be among them
 * @virtual: set to them
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *cfg_virtual_parse(const char *text, bool shorthands,
				struct cfg_virtual *virtual)
{
	struct error *error = NULL;
	char word[WORD_SIZE];
	size_t length;

	memset(virtual, 0, sizeof(*virtual));
	while (!error && *text) {
		text += strspn(text, SEPARATORS);
		length = strcspn(text, SEPARATORS);
		if (length >= sizeof(word))
			return error_usage("'%.*s' is no network: %%v4:ADDRESS/BITS",
					   (int)length, text);
		memcpy(word, text, length);
		word[length] = '\0';
		if (length)
			error = read_word(word, shorthands, virtual);
		text += length;
	}
	return error;
}

/**
 * cfg_virtual_is - is it a vhost: or vnet:
 * @text: what was written
 *
 * Return: whether it is.
 */
bool cfg_virtual_is(const char *text)
{
	return !strncasecmp(text, "vhost:", strlen("vhost:")) ||
	       !strncasecmp(text, "vnet:", strlen("vnet:"));
}

/**
 * cfg_virtual_read - read a vhost: or vnet:
 * @text: what was written
 * @virtual: set to it, to be freed
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *cfg_virtual_read(const char *text, struct cfg_virtual **virtual)
{
	struct cfg_virtual *created = calloc(1, sizeof(*created));
	struct error *error;

	if (!created)
		return error_no_memory();
	error = cfg_virtual_parse(strchr(text, ':') + 1, true, created);
	if (!error && !created->own && !created->private &&
	    !created->allowed.count)
		error = error_usage("'%s' allows nothing: %%no, %%priv or networks stand behind it",
				    text);
	if (error) {
		free(created);
		return error;
	}
	created->networks = !strncasecmp(text, "vnet:", strlen("vnet:"));
	*virtual = created;
	return NULL;
}

/**
 * cfg_virtual_within - a peer has any network within another
 * @within: the other one
 * @virtual: set to that, to be freed
 *
 * Return: NULL, or that there is no memory.
 */
struct error *cfg_virtual_within(const struct prefix *within,
				 struct cfg_virtual **virtual)
{
	*virtual = calloc(1, sizeof(**virtual));
	if (!*virtual)
		return error_no_memory();
	(*virtual)->networks = true;
	return add(&(*virtual)->allowed, within);
}
