/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of commands that are carried out together: a batch for the module is
 * made of their lines, and it is known which change came from which line.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include <stddef.h>
#include <stdio.h>

#include "kernel/kernel.h"

/**
 * struct batch - what a file asks for
 * @name: of the file
 * @changes: for the module
 * @lines: where each change stands
 */
struct batch {
	const char *name;
	struct kernel_batch *changes;
	size_t *lines;
};

ERROR_MUST_CHECK
struct error *batch_read(FILE *in, const char *name, struct batch *batch);
ERROR_MUST_CHECK
struct error *batch_send(const struct batch *batch, struct kernel *kernel);
void batch_free(struct batch *batch);

#endif /* CLI_BATCH_H */
