/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of the protocol as tables of their attributes: how each is
 * read into the struct that callers see, and by what words sentences call it.
 */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"

struct field;

/**
 * struct layout - the attributes of one kind of object
 * @fields: one for each
 * @count: how many
 * @noun: what the object is called in sentences
 */
struct layout {
	const struct field *fields;
	size_t count;
	const char *noun;
};

extern const struct layout layout_sa;
extern const struct layout layout_policy;
extern const struct layout layout_status;
extern const struct layout layout_device;
extern const struct layout layout_explain;
extern const struct layout layout_spi;

const char *layout_name(const struct layout *layout, uint16_t type);

ERROR_MUST_CHECK
struct error *layout_decode(const struct layout *layout,
			    const void *attributes, size_t length,
			    void *object);

void *layout_append(void *items, size_t count, size_t size);

#endif /* KERNEL_LAYOUT_H */
