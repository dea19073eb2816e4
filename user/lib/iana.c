// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looks up numbers and names in the registries of IKEv2.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "lib/iana.h"

/**
 * struct entry - a number that has a name
 * @number: the number
 * @name: its name
 */
struct entry {
	uint16_t number;
	const char *name;
};

#define ENTRY(prefix, name, number) { number, prefix #name },

static const struct entry exchanges[] = { IANA_EXCHANGE_LIST(ENTRY, "") };
static const struct entry payloads[] = { IANA_PAYLOAD_LIST(ENTRY, "") };
static const struct entry protocols[] = { IANA_PROTOCOL_LIST(ENTRY, "") };
static const struct entry transforms[] = { IANA_TRANSFORM_LIST(ENTRY, "") };
static const struct entry encrs[] = { IANA_ENCR_LIST(ENTRY, "ENCR_") };
static const struct entry prfs[] = { IANA_PRF_LIST(ENTRY, "PRF_") };
static const struct entry integs[] = { IANA_INTEG_LIST(ENTRY, "AUTH_") };
static const struct entry kes[] = { IANA_KE_LIST(ENTRY, "") };
static const struct entry esns[] = { IANA_ESN_LIST(ENTRY, "") };
static const struct entry auths[] = { IANA_AUTH_LIST(ENTRY, "") };
static const struct entry hashes[] = { IANA_HASH_LIST(ENTRY, "") };
static const struct entry certs[] = { IANA_CERT_LIST(ENTRY, "") };
static const struct entry ids[] = { IANA_ID_LIST(ENTRY, "ID_") };
static const struct entry tss[] = { IANA_TS_LIST(ENTRY, "TS_") };
static const struct entry notifies[] = { IANA_NOTIFY_LIST(ENTRY, "") };

#define REGISTRY(what, table) { what, table, ARRAY_SIZE(table) }

static const struct registry {
	const char *what;
	const struct entry *entries;
	size_t count;
} registries[] = {
	[IANA_EXCHANGE] = REGISTRY("exchange", exchanges),
	[IANA_PAYLOAD] = REGISTRY("payload", payloads),
	[IANA_PROTOCOL] = REGISTRY("protocol", protocols),
	[IANA_TRANSFORM] = REGISTRY("transform type", transforms),
	[IANA_ENCR] = REGISTRY("encryption", encrs),
	[IANA_PRF] = REGISTRY("PRF", prfs),
	[IANA_INTEG] = REGISTRY("integrity", integs),
	[IANA_KE] = REGISTRY("key exchange", kes),
	[IANA_ESN] = REGISTRY("sequence numbers", esns),
	[IANA_AUTH] = REGISTRY("authentication", auths),
	[IANA_HASH] = REGISTRY("hash", hashes),
	[IANA_CERT] = REGISTRY("certificate encoding", certs),
	[IANA_ID] = REGISTRY("identity", ids),
	[IANA_TS] = REGISTRY("traffic selector", tss),
	[IANA_NOTIFY] = REGISTRY("notify", notifies),
};

/**
 * iana_name - the name of a number
 * @registry: what it stands for
 * @number: the number
 *
 * Return: the name, NULL if it has none.
 */
const char *iana_name(enum iana_registry registry, unsigned int number)
{
	const struct registry *where = &registries[registry];
	size_t i;

	for (i = 0; i < where->count; i++) {
		if (where->entries[i].number == number)
			return where->entries[i].name;
	}
	return NULL;
}

/**
 * iana_text - what to call a number in a sentence
 * @registry: what it stands for
 * @number: the number
 * @text: room for IANA_TEXT_SIZE characters, used if it has no name
 *
 * Return: its name, or @text, which tells registry and number.
 */
const char *iana_text(enum iana_registry registry, unsigned int number,
		      char *text)
{
	const char *name = iana_name(registry, number);

	if (name)
		return name;
	snprintf(text, IANA_TEXT_SIZE, "%s %u", registries[registry].what,
		 number);
	return text;
}

/**
 * iana_number - the number of a name
 * @registry: what it stands for
 * @name: as iana_name() gives it
 * @number: set to the number
 *
 * Return: whether there is such a name.
 */
bool iana_number(enum iana_registry registry, const char *name,
		 uint16_t *number)
{
	const struct registry *where = &registries[registry];
	size_t i;

	for (i = 0; i < where->count; i++) {
		if (!strcmp(where->entries[i].name, name)) {
			*number = where->entries[i].number;
			return true;
		}
	}
	return false;
}
