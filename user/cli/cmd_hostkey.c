// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec newhostkey' and 'ipsec showhostkey': keys of this host without a
 * certificate. Options and output are Libreswan's, which is why they speak of an
 * NSS database.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "keys/keys.h"
#include "lib/number.h"

#define RSA_BITS 3072
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

enum newhostkey_option {
	NEWHOSTKEY_KEYTYPE,
	NEWHOSTKEY_BITS,
	NEWHOSTKEY_CURVE,
	NEWHOSTKEY_NSSDIR,
	NEWHOSTKEY_SEEDDEV,
	NEWHOSTKEY_QUIET,
	NEWHOSTKEY_VERBOSE,
};

static const struct option_spec newhostkey_options[] = {
	[NEWHOSTKEY_KEYTYPE] = { "keytype", "TYPE",
				 "rsa, ecdsa or eddsa; rsa if not given", 0 },
	[NEWHOSTKEY_BITS] = { "bits", "N",
			      "bits of an RSA key, 2048 to 8192; 3072 if not given",
			      0 },
	[NEWHOSTKEY_CURVE] = { "curve", "CURVE",
			       "secp256r1, secp384r1 or secp521r1 for ecdsa, ed25519 or ed448 for eddsa; the first of them if not given",
			       0 },
	[NEWHOSTKEY_NSSDIR] = { "nssdir", "DIRECTORY",
				"the key store, /etc/ipsec.d if not given",
				0 },
	[NEWHOSTKEY_SEEDDEV] = { "seeddev", "DEVICE",
				 "has no effect: the kernel gives randomness",
				 0 },
	[NEWHOSTKEY_QUIET] = { "quiet", NULL,
			       "do not say how to show the key", 0 },
	[NEWHOSTKEY_VERBOSE] = { "verbose", NULL, "has no effect", 0 },
	{}
};

static const char *directory_of(const struct arguments *arguments,
				size_t option)
{
	const char *directory = arguments_value(arguments, option);

	return directory ? directory : KEYS_DIRECTORY;
}

/* What keys_generate() makes: "rsa", or a curve that fits the type. */
static struct error *kind_of(const struct arguments *arguments,
			     const char **kind)
{
	const char *type = arguments_value(arguments, NEWHOSTKEY_KEYTYPE);
	const char *curve = arguments_value(arguments, NEWHOSTKEY_CURVE);
	bool bits = arguments_given(arguments, NEWHOSTKEY_BITS);
	bool edwards = curve && !strncmp(curve, "ed", 2);

	if (!type || !strcmp(type, "rsa")) {
		*kind = "rsa";
		if (curve)
			return error_usage("--curve belongs to --keytype ecdsa or eddsa, not to rsa");
		return NULL;
	}
	if (strcmp(type, "ecdsa") && strcmp(type, "eddsa"))
		return error_usage("--keytype '%s': choose rsa, ecdsa or eddsa",
				   type);
	if (bits)
		return error_usage("--bits belongs to --keytype rsa; %s has --curve",
				   type);
	if (curve && (!strcmp(curve, "rsa") ||
		      edwards != !strcmp(type, "eddsa")))
		return error_usage("--curve '%s' is none of --keytype %s",
				   curve, type);
	*kind = curve;
	if (!curve)
		*kind = strcmp(type, "eddsa") ? "secp256r1" : "ed25519";
	return NULL;
}

static struct error *newhostkey(const struct arguments *arguments)
{
	const char *bits_text = arguments_value(arguments, NEWHOSTKEY_BITS);
	uint64_t bits = RSA_BITS;
	struct keys_entry entry;
	struct error *error;
	const char *kind;

	error = kind_of(arguments, &kind);
	if (!error && bits_text)
		error = arguments_blame(arguments, NEWHOSTKEY_BITS,
					number_parse(bits_text, RSA_BITS_MIN,
						     RSA_BITS_MAX, &bits));
	if (!error)
		error = keys_generate(directory_of(arguments,
						   NEWHOSTKEY_NSSDIR),
				      kind, (unsigned int)bits, &entry);
	if (error)
		return error;
	fprintf(stderr, "Generated %s key pair with CKAID %s was stored in the NSS database\n",
		keys_kind_text(entry.kind), entry.ckaid);
	if (!arguments_given(arguments, NEWHOSTKEY_QUIET))
		fprintf(stderr, "The public key can be displayed using: ipsec showhostkey --left --ckaid %s\n",
			entry.ckaid);
	return NULL;
}

const struct command command_newhostkey = {
	.name = "newhostkey",
	.summary = "Make a key pair for this host",
	.options = newhostkey_options,
	.run = newhostkey,
};

enum showhostkey_option {
	SHOWHOSTKEY_LIST,
	SHOWHOSTKEY_DUMP,
	SHOWHOSTKEY_LEFT,
	SHOWHOSTKEY_RIGHT,
	SHOWHOSTKEY_CKAID,
	SHOWHOSTKEY_RSAID,
	SHOWHOSTKEY_NSSDIR,
	SHOWHOSTKEY_VERBOSE,
};

static const struct option_spec showhostkey_options[] = {
	[SHOWHOSTKEY_LIST] = { "list", NULL, "list the keys of this host", 0 },
	[SHOWHOSTKEY_DUMP] = { "dump", NULL, "the same", 0 },
	[SHOWHOSTKEY_LEFT] = { "left", NULL,
			       "print the public key for the left side of a connection in ipsec.conf",
			       0 },
	[SHOWHOSTKEY_RIGHT] = { "right", NULL, "the same for the right side",
				0 },
	[SHOWHOSTKEY_CKAID] = { "ckaid", "CKAID",
				"the key with this CKAID, as --list shows it",
				0 },
	[SHOWHOSTKEY_RSAID] = { "rsaid", "KEYID",
				"the key with this keyid, as --list shows it",
				0 },
	[SHOWHOSTKEY_NSSDIR] = { "nssdir", "DIRECTORY",
				 "the key store, /etc/ipsec.d if not given",
				 0 },
	[SHOWHOSTKEY_VERBOSE] = { "verbose", NULL, "has no effect", 0 },
	{}
};

/* The begin of a CKAID is enough, as long as it is the begin of one only. */
static struct error *find(const struct arguments *arguments,
			  const struct keys_list *list,
			  const struct keys_entry **found)
{
	const char *ckaid = arguments_value(arguments, SHOWHOSTKEY_CKAID);
	const char *id = arguments_value(arguments, SHOWHOSTKEY_RSAID);
	size_t i;

	*found = NULL;
	if (!ckaid && !id)
		return error_usage("which key? Name it with --ckaid CKAID; --list shows them all");
	for (i = 0; i < list->count; i++) {
		const struct keys_entry *entry = &list->items[i];

		if (ckaid && strncasecmp(entry->ckaid, ckaid, strlen(ckaid)))
			continue;
		if (id && strcmp(entry->id, id))
			continue;
		if (*found)
			return error_usage("CKAID %s begins more than one key: write more of it",
					   ckaid ? ckaid : "");
		*found = entry;
	}
	if (!*found)
		return error_refused(0, "there is no key with %s '%s' in the key store",
				     ckaid ? "CKAID" : "keyid",
				     ckaid ? ckaid : id);
	return NULL;
}

static void print_key(const struct keys_entry *entry, const char *side)
{
	switch (entry->kind) {
	case KEYS_RSA:
		printf("\t# rsakey %s\n\t%srsasigkey=0s%s\n", entry->id, side,
		       entry->public);
		break;
	case KEYS_ECDSA:
		printf("\t# ecdsakey %s\n\t%secdsakey=0s%s\n", entry->id, side,
		       entry->public);
		break;
	case KEYS_EDDSA:
		printf("\t%spubkey=%s\n", side, entry->public);
		break;
	}
}

static struct error *showhostkey(const struct arguments *arguments)
{
	bool all = arguments_given(arguments, SHOWHOSTKEY_LIST) ||
		   arguments_given(arguments, SHOWHOSTKEY_DUMP);
	bool left = arguments_given(arguments, SHOWHOSTKEY_LEFT);
	bool right = arguments_given(arguments, SHOWHOSTKEY_RIGHT);
	const struct keys_entry *entry;
	struct keys_list list;
	struct error *error;
	size_t i;

	if (all + left + right != 1)
		return error_usage("one of --list, --left and --right is needed, and only one");
	error = keys_list(directory_of(arguments, SHOWHOSTKEY_NSSDIR), &list);
	if (error)
		return error;
	for (i = 0; all && i < list.count; i++)
		printf("<%2zu> %s keyid: %s ckaid: %s\n", i + 1,
		       keys_kind_text(list.items[i].kind), list.items[i].id,
		       list.items[i].ckaid);
	if (!all)
		error = find(arguments, &list, &entry);
	if (!error && !all)
		print_key(entry, left ? "left" : "right");
	keys_list_free(&list);
	return error;
}

const struct command command_showhostkey = {
	.name = "showhostkey",
	.summary = "Show the public keys of this host",
	.options = showhostkey_options,
	.run = showhostkey,
};
