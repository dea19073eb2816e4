/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'ipsec sa remove' and 'ipsec sp remove': one object by its name, or all that
 * were added by hand.
 */
#ifndef CLI_REMOVAL_H
#define CLI_REMOVAL_H

#include "cli/arguments.h"
#include "kernel/kernel.h"

/**
 * struct removal - a command that removes objects
 * @name: number of its option that names one
 * @alias: the same by another spelling, or @name again
 * @all: number of its option for all of them
 * @delete: removes one
 * @flush: removes all
 * @collect: lets a batch remove one
 */
struct removal {
	size_t name;
	size_t alias;
	size_t all;
	struct error *(*delete)(struct kernel *kernel, const char *name,
				enum espvif_owner owner);
	struct error *(*flush)(struct kernel *kernel, enum espvif_owner owner);
	struct error *(*collect)(struct kernel_batch *batch, const char *name,
				 enum espvif_owner owner);
};

ERROR_MUST_CHECK
struct error *removal_run(const struct removal *removal,
			  const struct arguments *arguments);
ERROR_MUST_CHECK
struct error *removal_collect(const struct removal *removal,
			      const struct arguments *arguments,
			      struct kernel_batch *batch);

#endif /* CLI_REMOVAL_H */
