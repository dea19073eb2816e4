// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec batch': the commands of a file, whole or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/batch.h"
#include "cli/command.h"

static const struct option_spec no_options[] = {
	{}
};

static void explain(FILE *out)
{
	fputs("\nA line is a command as it is typed after 'ipsec': sa add, sa set, sa remove,\n"
	      "sp add, sp set or sp remove. A backslash at its end joins it to the next; what\n"
	      "follows # at the begin of a word is a comment. There are no quotes.\n",
	      out);
}

static struct error *open_file(const char *name, FILE **in)
{
	int file = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	*in = file < 0 ? NULL : fdopen(file, "r");
	if (*in)
		return NULL;
	if (file >= 0)
		close(file);
	return error_refused(errno, "%s: %s", name, strerror(errno));
}

static struct error *send_all(const struct batch *batch)
{
	struct kernel *kernel;
	struct error *error;

	/* nothing to do is done */
	if (!kernel_batch_count(batch->changes))
		return NULL;
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = batch_send(batch, kernel);
	kernel_close(kernel);
	return error;
}

static struct error *run(const struct arguments *arguments)
{
	const char *name = arguments->operand;
	FILE *in = stdin;
	struct error *error = NULL;
	struct batch batch;

	/* no core dump is to show the keys in the file */
	prctl(PR_SET_DUMPABLE, 0);
	if (name && strcmp(name, "-"))
		error = open_file(name, &in);
	else
		name = "standard input";
	if (error)
		return error;
	error = batch_read(in, name, &batch);
	fclose(in);
	if (!error)
		error = send_all(&batch);
	batch_free(&batch);
	return error;
}

const struct command command_batch = {
	.name = "batch",
	.summary = "Carry out the changes of a file together, or none of them",
	.operand = "[FILE]",
	.operand_help = "Without FILE, or if it is -, standard input is read",
	.options = no_options,
	.explain = explain,
	.run = run,
};
