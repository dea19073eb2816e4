// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One function for each kind of value, and a table that finds it.
 */
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/value.h"
#include "config/virtual.h"
#include "lib/array.h"

#define WORD_SIZE 128
#define SEPARATORS ", \t|"

/**
 * struct cfg_proposal_pool - lists of proposals that were read, each once
 * @next: the one read before
 * @text: as it was written
 * @ike: for an IKE SA
 * @proposals: what it says
 */
struct cfg_proposal_pool {
	struct cfg_proposal_pool *next;
	const char *text;
	bool ike;
	struct cfg_proposals proposals;
};

/**
 * struct parser - what a value is read with
 * @keyword: whose value it is
 * @pool: proposals that were read
 */
struct parser {
	const struct cfg_keyword *keyword;
	struct cfg_proposal_pool **pool;
};

static struct error *parse_bool(const struct parser *parser, const char *text,
				void *value)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = {
		{ "yes", true }, { "true", true }, { "on", true },
		{ "no", false }, { "false", false }, { "off", false },
	};
	size_t i;

	(void)parser;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(text, words[i].word)) {
			*(bool *)value = words[i].yes;
			return NULL;
		}
	}
	return error_usage("'%s' is neither yes nor no", text);
}

static const struct cfg_choice *find_choice(const struct cfg_choice *choices,
					    const char *word, size_t length)
{
	for (; choices->word; choices++) {
		if (strlen(choices->word) == length &&
		    !strncasecmp(choices->word, word, length))
			return choices;
	}
	return NULL;
}

/* The words in @choices, one for each meaning, as a sentence has them. */
static const char *list_choices(const struct cfg_choice *choices, char *text,
				size_t size)
{
	const struct cfg_choice *choice, *other;
	size_t used = 0;

	*text = '\0';
	for (choice = choices; choice->word && used < size; choice++) {
		for (other = choices; other->number != choice->number; other++)
			;
		if (other == choice)
			used += (size_t)snprintf(text + used, size - used,
						 "%s%s", used ? ", " : "",
						 choice->word);
	}
	return text;
}

static struct error *parse_choice(const struct parser *parser,
				  const char *text, void *value)
{
	const struct cfg_choice *choices = parser->keyword->choices;
	const struct cfg_choice *choice;
	char words[512];

	choice = find_choice(choices, text, strlen(text));
	if (!choice)
		return error_usage("'%s' is none of %s", text,
				   list_choices(choices, words, sizeof(words)));
	*(int *)value = choice->number;
	return NULL;
}

static struct error *parse_set(const struct parser *parser, const char *text,
			       void *value)
{
	const struct cfg_choice *choices = parser->keyword->choices, *choice;
	unsigned int set = 0;
	char words[512];
	size_t length;

	for (; *text; text += length) {
		text += strspn(text, SEPARATORS);
		length = strcspn(text, SEPARATORS);
		if (!length)
			break;
		choice = find_choice(choices, text, length);
		if (!choice)
			return error_usage("'%.*s' is none of %s", (int)length,
					   text, list_choices(choices, words,
							      sizeof(words)));
		set |= (unsigned int)choice->number;
	}
	*(unsigned int *)value = set;
	return NULL;
}

static struct error *parse_number(const struct parser *parser,
				  const char *text, void *value)
{
	return number_parse(text, parser->keyword->min, parser->keyword->max,
			    value);
}

static struct error *parse_percent(const struct parser *parser,
				   const char *text, void *value)
{
	size_t length = strlen(text);
	char digits[WORD_SIZE];

	if (!length || length >= sizeof(digits) || text[length - 1] != '%')
		return error_usage("'%s' is no percentage: digits and %% behind them",
				   text);
	memcpy(digits, text, length - 1);
	digits[length - 1] = '\0';
	return parse_number(parser, digits, value);
}

static struct error *parse_tries(const struct parser *parser,
				 const char *text, void *value)
{
	return parse_number(parser, strcasecmp(text, "%forever") ? text : "0",
			    value);
}

static struct error *parse_workers(const struct parser *parser,
				   const char *text, void *value)
{
	if (strcmp(text, "-1"))
		return parse_number(parser, text, value);
	*(uint64_t *)value = CFG_NHELPERS_AUTO;
	return NULL;
}

/* "1.5h" in units of a thousandth of a second; false if it is no time. */
static bool read_time(const char *text, uint64_t usual_unit, uint64_t *time)
{
	static const struct {
		const char *suffix;
		uint64_t milliseconds;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 }, { "w", 604800000 },
	};
	uint64_t unit = 0, part;
	size_t whole = strspn(text, "0123456789"), rest = 0, i;
	char *end;

	if (!whole || whole > 10)
		return false;
	*time = strtoull(text, &end, 10);
	if (*end == '.') {
		rest = strspn(++end, "0123456789");
		if (!rest)
			return false;
	}
	if (!end[rest])
		unit = usual_unit;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (!strcasecmp(end + rest, units[i].suffix))
			unit = units[i].milliseconds;
	}
	*time *= unit;
	for (part = unit / 10; rest--; part /= 10)
		*time += part * (uint64_t)(*end++ - '0');
	return unit;
}

static struct error *bad_time(const char *text, uint64_t min, uint64_t max,
			      const char *unit)
{
	return error_usage("'%s' is no time from %llu to %llu %s; s, m, h or d may follow the number",
			   text, (unsigned long long)min,
			   (unsigned long long)max, unit);
}

static struct error *parse_time(const struct parser *parser, const char *text,
				void *value)
{
	const struct cfg_keyword *keyword = parser->keyword;
	uint64_t time;

	if (!read_time(text, 1000, &time))
		return bad_time(text, keyword->min, keyword->max, "seconds");
	time /= 1000;
	if (time < keyword->min || time > keyword->max)
		return bad_time(text, keyword->min, keyword->max, "seconds");
	*(uint64_t *)value = time;
	return NULL;
}

static struct error *parse_milliseconds(const struct parser *parser,
					const char *text, void *value)
{
	const struct cfg_keyword *keyword = parser->keyword;
	/* a limit in seconds counts in seconds if nothing is said */
	uint64_t unit = keyword->min >= 1000 ? 1000 : 1, time;

	if (!read_time(text, unit, &time) || time < keyword->min ||
	    time > keyword->max)
		return bad_time(text, keyword->min, keyword->max,
				"milliseconds");
	*(uint64_t *)value = time;
	return NULL;
}

static struct error *parse_amount(const struct parser *parser,
				  const char *text, void *value)
{
	static const char prefixes[] = "KMGTPE";
	const char *rest = text + strspn(text, "0123456789"), *prefix;
	uint64_t amount = 0, factor = 1;
	char *end;

	if (rest != text && rest - text < 20) {
		amount = strtoull(text, &end, 10);
		prefix = *end ? strchr(prefixes, *end) : NULL;
		if (prefix) {
			factor <<= 10 * (prefix - prefixes + 1);
			end += end[1] == 'i' ? 2 : 1;
		}
		if (*end == 'B')
			end++;
		if (!*end && !__builtin_mul_overflow(amount, factor, &amount) &&
		    amount <= parser->keyword->max) {
			*(uint64_t *)value = amount;
			return NULL;
		}
	}
	return error_usage("'%s' is no number below 2^63; Ki, Mi, Gi, Ti, Pi or Ei may follow it",
			   text);
}

static struct error *parse_text(const struct parser *parser, const char *text,
				void *value)
{
	(void)parser;
	*(const char **)value = text;
	return NULL;
}

static struct error *parse_address(const struct parser *parser,
				   const char *text, void *value)
{
	(void)parser;
	return address_parse(text, value);
}

static bool is_host_name(const char *text)
{
	size_t length = strlen(text);

	return length && length < 254 && text[0] != '-' && text[0] != '.' &&
	       !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")];
}

static bool is_magic_host(const char *text, struct cfg_host *host)
{
	static const struct {
		const char *word;
		enum cfg_host_kind kind;
	} words[] = {
		{ "%any", CFG_HOST_ANY },
		{ "%any4", CFG_HOST_ANY },
		{ "%any6", CFG_HOST_ANY },
		{ "%direct", CFG_HOST_NONE },
		{ "%defaultroute", CFG_HOST_DEFAULTROUTE },
		{ "%group", CFG_HOST_GROUP },
		{ "%opportunistic", CFG_HOST_OPPORTUNISTIC },
		{ "%opportunisticgroup", CFG_HOST_OPPORTUNISTIC_GROUP },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(text, words[i].word)) {
			host->kind = words[i].kind;
			return true;
		}
	}
	return false;
}

static struct error *parse_host(const struct parser *parser, const char *text,
				void *value)
{
	struct cfg_host *host = value;
	struct error *error;

	(void)parser;
	*host = (struct cfg_host) { 0 };
	if (is_magic_host(text, host))
		return NULL;
	if (*text == '%') {
		if (!text[1] || strlen(text + 1) > 15 || strpbrk(text, "/ \t"))
			return error_usage("'%s' is neither a word as %%any nor %% and the name of an interface",
					   text);
		host->kind = CFG_HOST_INTERFACE;
		host->name = text + 1;
		return NULL;
	}
	error = address_parse(text, &host->address);
	if (!error) {
		host->kind = address_is_unspecified(&host->address) ?
			     CFG_HOST_ANY : CFG_HOST_ADDRESS;
		return NULL;
	}
	error_free(error);
	/* nothing but digits and dots was meant to be an address */
	if (!is_host_name(text) || !text[strspn(text, "0123456789.")])
		return error_usage("'%s' is neither an address nor the name of a host",
				   text);
	host->kind = CFG_HOST_NAME;
	host->name = text;
	return NULL;
}

/* How many bits are set at the begin of @mask, -1 if it has others, too. */
static int mask_bits(const struct address *mask)
{
	unsigned int bits, i, count = mask->length * 8u;

	for (bits = 0; bits < count; bits++) {
		if (!(mask->bytes[bits / 8] & (0x80u >> bits % 8)))
			break;
	}
	for (i = bits; i < count; i++) {
		if (mask->bytes[i / 8] & (0x80u >> i % 8))
			return -1;
	}
	return (int)bits;
}

/* "10.0.1.0/255.255.255.0" as "10.0.1.0/24"; false if it isn't of that form. */
static bool shorten_mask(char *text, size_t size)
{
	char *slash = strchr(text, '/');
	struct error *error;
	struct address mask;
	int bits;

	if (!slash || !strpbrk(slash, ".:"))
		return false;
	error = address_parse(slash + 1, &mask);
	if (error) {
		error_free(error);
		return false;
	}
	bits = mask_bits(&mask);
	if (bits < 0)
		return false;
	snprintf(slash + 1, size - (size_t)(slash + 1 - text), "%d", bits);
	return true;
}

static struct error *add_subnet(const char *text, size_t length,
				struct cfg_subnets *subnets)
{
	struct prefix *items, prefix;
	char word[WORD_SIZE + sizeof("/128")];
	struct error *error;

	if (length >= WORD_SIZE)
		return error_usage("'%.*s' is no network: ADDRESS/BITS",
				   (int)length, text);
	memcpy(word, text, length);
	word[length] = '\0';
	if (cfg_virtual_is(word))
		return error_usage("'%s' stands alone, in leftsubnet= or rightsubnet=",
				   word);
	shorten_mask(word, sizeof(word));
	length = strlen(word);
	if (!strchr(word, '/'))
		snprintf(word + length, sizeof(word) - length, "%s",
			 strchr(word, ':') ? "/128" : "/32");
	error = prefix_parse(word, &prefix);
	if (error)
		return error;
	if (subnets->count == CFG_SUBNETS_MAX)
		return error_usage("there are more than %d networks",
				   CFG_SUBNETS_MAX);
	items = reallocarray(subnets->items, subnets->count + 1,
			     sizeof(*items));
	if (!items)
		return error_no_memory();
	items[subnets->count++] = prefix;
	subnets->items = items;
	return NULL;
}

static struct error *parse_subnet(const struct parser *parser,
				  const char *text, void *value)
{
	struct cfg_subnets *subnets = value;
	struct prefix single;
	struct error *error;

	(void)parser;
	if (cfg_virtual_is(text) && !subnets->virtual)
		return cfg_virtual_read(text, &subnets->virtual);
	error = add_subnet(text, strlen(text), subnets);
	if (error)
		return error;
	single = subnets->items[subnets->count - 1];
	memmove(subnets->items + 1, subnets->items,
		(subnets->count - 1) * sizeof(*subnets->items));
	subnets->items[0] = single;
	subnets->has_single = true;
	return NULL;
}

static struct error *parse_within(const struct parser *parser,
				  const char *text, void *value)
{
	struct cfg_subnets *subnets = value;
	struct prefix within;
	struct error *error;

	(void)parser;
	if (subnets->virtual)
		return error_usage("vhost: or vnet: says it already");
	error = prefix_parse(text, &within);
	return error ? error : cfg_virtual_within(&within, &subnets->virtual);
}

static struct error *parse_virtual(const struct parser *parser,
				   const char *text, void *value)
{
	(void)parser;
	return cfg_virtual_parse(text, false, value);
}

static struct error *parse_subnets(const struct parser *parser,
				   const char *text, void *value)
{
	struct error *error = NULL;
	size_t length;

	(void)parser;
	while (!error && *text) {
		text += strspn(text, "{}, \t");
		length = strcspn(text, "{}, \t");
		if (length)
			error = add_subnet(text, length, value);
		text += length;
	}
	return error;
}

static struct error *parse_protocol(const char *text, uint8_t *number)
{
	const struct protoent *known;
	struct error *error;
	uint64_t value;

	if (!*text || !strcasecmp(text, "any") || !strcmp(text, "%any")) {
		*number = 0;
		return NULL;
	}
	known = getprotobyname(text);
	if (known) {
		*number = (uint8_t)known->p_proto;
		return NULL;
	}
	error = number_parse(text, 0, 255, &value);
	if (error) {
		error_free(error);
		return error_usage("'%s' is neither a protocol of /etc/protocols nor a number from 0 to 255",
				   text);
	}
	*number = (uint8_t)value;
	return NULL;
}

static struct error *parse_port(const char *text,
				struct cfg_protoport *protoport)
{
	const struct servent *known;
	struct error *error;

	if (!*text || !strcasecmp(text, "any") || !strcmp(text, "0"))
		return NULL;
	if (!strcmp(text, "%any") || !strcmp(text, "%one")) {
		protoport->template = true;
		return NULL;
	}
	if (isdigit((unsigned char)*text))
		return port_range_parse(text, &protoport->ports);
	known = getservbyname(text, NULL);
	if (!known) {
		error = error_usage("'%s' is neither a service of /etc/services nor a port",
				    text);
		return error;
	}
	protoport->ports.min = (uint16_t)(known->s_port >> 8 & 0xff) |
			       (uint16_t)((known->s_port & 0xff) << 8);
	protoport->ports.max = protoport->ports.min;
	return NULL;
}

static struct error *parse_protoport(const struct parser *parser,
				     const char *text, void *value)
{
	struct cfg_protoport protoport = { .ports = PORT_RANGE_ANY };
	char word[WORD_SIZE];
	struct error *error;
	char *slash;

	(void)parser;
	if (snprintf(word, sizeof(word), "%s", text) >= (int)sizeof(word))
		return error_usage("'%s' is not PROTOCOL/PORT", text);
	slash = strchr(word, '/');
	if (slash)
		*slash++ = '\0';
	error = parse_protocol(word, &protoport.protocol);
	if (!error && slash)
		error = parse_port(slash, &protoport);
	if (!error && slash && !protoport.protocol && strcmp(slash, "%any") &&
	    strcmp(slash, "any") && strcmp(slash, "0") && *slash)
		error = error_usage("a port makes sense only with a protocol that has ports");
	if (!error)
		*(struct cfg_protoport *)value = protoport;
	return error;
}

static struct error *bad_mark(const char *text)
{
	return error_usage("'%s' is no mark: VALUE or VALUE/MASK, decimal or with 0x before it",
			   text);
}

static bool read_u32(const char *text, char **end, uint32_t *number)
{
	unsigned long value;

	if (!isdigit((unsigned char)*text))
		return false;
	value = strtoul(text, end, 0);
	*number = (uint32_t)value;
	return value <= UINT32_MAX;
}

static struct error *parse_mark(const struct parser *parser, const char *text,
				void *value)
{
	struct cfg_mark mark = { .mask = UINT32_MAX };
	char *end;

	(void)parser;
	if (!read_u32(text, &end, &mark.value) ||
	    (*end == '/' && !read_u32(end + 1, &end, &mark.mask)) || *end)
		return bad_mark(text);
	*(struct cfg_mark *)value = mark;
	return NULL;
}

static struct error *parse_marks(const struct parser *parser,
				 const char *text, void *value)
{
	struct cfg_mark *marks = value;
	struct error *error = parse_mark(parser, text, marks);

	marks[1] = marks[0];
	return error;
}

/* The number of a device and 1, 0 for none, so that ipsec0 can be had, too. */
static struct error *parse_device(const struct parser *parser,
				  const char *text, void *value)
{
	struct error *error;
	uint64_t number;

	if (!strcasecmp(text, "yes")) {
		*(uint64_t *)value = 1 + 1;
		return NULL;
	}
	if (!strcasecmp(text, "no")) {
		*(uint64_t *)value = 0;
		return NULL;
	}
	error = parse_number(parser, text, &number);
	if (!error)
		*(uint64_t *)value = number + 1;
	return error;
}

/* Thousands of connections have the same proposals: they are kept once. */
static struct error *pooled(struct cfg_proposal_pool **pool, const char *text,
			    bool ike, const struct cfg_proposals **proposals)
{
	struct cfg_proposal_pool *entry;
	struct error *error;

	for (entry = *pool; entry; entry = entry->next) {
		if (entry->ike == ike && !strcmp(entry->text, text)) {
			*proposals = &entry->proposals;
			return NULL;
		}
	}
	entry = malloc(sizeof(*entry));
	if (!entry)
		return error_no_memory();
	error = cfg_proposals_parse(text, ike, &entry->proposals);
	if (error) {
		free(entry);
		return error;
	}
	entry->text = text;
	entry->ike = ike;
	entry->next = *pool;
	*pool = entry;
	*proposals = &entry->proposals;
	return NULL;
}

static struct error *parse_ike(const struct parser *parser, const char *text,
			       void *value)
{
	return pooled(parser->pool, text, true, value);
}

static struct error *parse_esp(const struct parser *parser, const char *text,
			       void *value)
{
	return pooled(parser->pool, text, false, value);
}

static struct error *parse_nothing(const struct parser *parser,
				   const char *text, void *value)
{
	(void)parser;
	(void)text;
	(void)value;
	return NULL;
}

typedef struct error *parse_function(const struct parser *parser,
				     const char *text, void *value);

static parse_function *const functions[] = {
	[CFG_VALUE_BOOL] = parse_bool,
	[CFG_VALUE_CHOICE] = parse_choice,
	[CFG_VALUE_SET] = parse_set,
	[CFG_VALUE_NUMBER] = parse_number,
	[CFG_VALUE_TIME] = parse_time,
	[CFG_VALUE_MILLISECONDS] = parse_milliseconds,
	[CFG_VALUE_PERCENT] = parse_percent,
	[CFG_VALUE_AMOUNT] = parse_amount,
	[CFG_VALUE_TRIES] = parse_tries,
	[CFG_VALUE_WORKERS] = parse_workers,
	[CFG_VALUE_TEXT] = parse_text,
	[CFG_VALUE_ADDRESS] = parse_address,
	[CFG_VALUE_HOST] = parse_host,
	[CFG_VALUE_SUBNET] = parse_subnet,
	[CFG_VALUE_SUBNETS] = parse_subnets,
	[CFG_VALUE_WITHIN] = parse_within,
	[CFG_VALUE_VIRTUAL] = parse_virtual,
	[CFG_VALUE_PROTOPORT] = parse_protoport,
	[CFG_VALUE_MARK] = parse_mark,
	[CFG_VALUE_MARKS] = parse_marks,
	[CFG_VALUE_DEVICE] = parse_device,
	[CFG_VALUE_IKE] = parse_ike,
	[CFG_VALUE_ESP] = parse_esp,
	[CFG_VALUE_NONE] = parse_nothing,
};

/**
 * cfg_value_parse - read a value
 * @keyword: whose value it is
 * @text: the value as it was written; lives as long as what was read
 * @value: where to put it: of the type that enum cfg_value tells
 * @pool: proposals that were read so far
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *cfg_value_parse(const struct cfg_keyword *keyword,
			      const char *text, void *value,
			      struct cfg_proposal_pool **pool)
{
	const struct parser parser = { .keyword = keyword, .pool = pool };

	return functions[keyword->value](&parser, text, value);
}

/**
 * cfg_proposal_pool_free - free proposals that were read
 * @pool: they
 */
void cfg_proposal_pool_free(struct cfg_proposal_pool *pool)
{
	struct cfg_proposal_pool *next;

	for (; pool; pool = next) {
		next = pool->next;
		free(pool);
	}
}
