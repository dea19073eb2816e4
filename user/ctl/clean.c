// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes text that a stranger wrote safe for terminals, logs and JSON: what is
 * no printable character of UTF-8 becomes \xNN, byte for byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"

/* What a leading byte promises: how many follow, and what they must add up to. */
struct form {
	uint8_t mask;
	uint8_t lead;
	unsigned int following;
	uint32_t min;
};

static const struct form forms[] = {
	{ 0x80, 0x00, 0, 0 },
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, 0x10000 },
	{}
};

/*
 * C0 and C1 move cursors; U+2028 and U+2029 break lines, the others around them
 * turn the direction of text, so that it shows what it does not say.
 */
static bool printable(uint32_t character)
{
	return character >= 0x20 && character != 0x7f &&
	       (character < 0x80 || character > 0x9f) &&
	       (character < 0x200b || character > 0x200f) &&
	       (character < 0x2028 || character > 0x202e) &&
	       (character < 0x2060 || character > 0x206f) &&
	       (character < 0xd800 || character > 0xdfff) &&
	       character != 0xfeff && character <= 0x10ffff;
}

/* Bytes of the printable character that @text begins with, 0 if it is none. */
static size_t character_length(const uint8_t *text, size_t length)
{
	const struct form *form;
	uint32_t character;
	size_t i;

	for (form = forms; form->mask; form++) {
		if ((text[0] & form->mask) == form->lead)
			break;
	}
	if (!form->mask || form->following >= length)
		return 0;
	character = text[0] & (uint8_t)~form->mask;
	for (i = 1; i <= form->following; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (text[i] & 0x3f);
	}
	if (character < form->min || !printable(character))
		return 0;
	return form->following + 1;
}

/**
 * ctl_clean - make text safe to be shown
 * @text: some bytes
 * @length: how many
 *
 * Return: UTF-8 without control characters, to be freed with free(); NULL if
 * there is no memory.
 */
char *ctl_clean(const char *text, size_t length)
{
	size_t size = 4 * length + 1, used = 0, i = 0;
	char *clean = malloc(size);

	if (!clean)
		return NULL;
	while (i < length) {
		size_t good = character_length((const uint8_t *)text + i,
					       length - i);

		if (good) {
			memcpy(clean + used, text + i, good);
			used += good;
			i += good;
		} else {
			used += (size_t)snprintf(clean + used, size - used,
						 "\\x%02x", (uint8_t)text[i]);
			i++;
		}
	}
	clean[used] = '\0';
	return clean;
}
