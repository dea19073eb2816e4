// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the reader of files of commands. What is accepted must be as many
 * changes as lines are remembered, in the order of the file.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct batch *batch, size_t lines)
{
	size_t count = kernel_batch_count(batch->changes), i;

	for (i = 0; i < count; i++) {
		if (!batch->lines[i] || batch->lines[i] > lines ||
		    (i && batch->lines[i] <= batch->lines[i - 1]))
			abort();
	}
}

/**
 * LLVMFuzzerTestOneInput - read one file
 * @data: the file
 * @size: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t lines = 1, i;
	struct error *error;
	struct batch batch;
	FILE *in;

	/* a key file is the only thing that touches the machine */
	if (!size || memmem(data, size, "@", 1))
		return 0;
	in = fmemopen((void *)data, size, "r");
	if (!in)
		return 0;
	error = batch_read(in, "batch", &batch);
	fclose(in);
	for (i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (!error)
		check(&batch, lines);
	error_free(error);
	batch_free(&batch);
	return 0;
}
