/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs many simulations in several processes.
 */
#ifndef SIM_WORKERS_H
#define SIM_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#define WORKERS_MAX 64

/**
 * struct workers - what is to be done
 * @first: the first seed
 * @count: how many there are from it on
 * @processes: how many work on them, at most WORKERS_MAX
 * @stop: the first violation is enough
 * @simulate: run one seed; returns whether it is fine, and sets its digest
 */
struct workers {
	uint64_t first;
	uint64_t count;
	unsigned int processes;
	bool stop;
	bool (*simulate)(uint64_t seed, uint64_t *digest);
};

uint64_t workers_run(const struct workers *workers, uint64_t *done);

#endif /* SIM_WORKERS_H */
