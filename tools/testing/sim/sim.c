// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs simulations, one for each seed, and says which failed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/number.h"
#include "sim.h"

static const char usage[] =
	"Usage: run [--seeds N] [--first K] | --seed K [--quiet]\n"
	"\n"
	"Simulates two IKE daemons on a bad network.\n"
	"\n"
	"  --seeds N   this many simulations (default: 200)\n"
	"  --first K   from seed K on (default: 1)\n"
	"  --seed K    one simulation, and say what happens\n"
	"  --quiet     but don't say it\n"
	"\n"
	"Exit status 1 if an invariant was violated.\n";

/* Returns whether the seed is fine. */
static bool simulate(uint64_t seed, bool verbose, uint64_t *digest)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	bool failed;

	if (!sim)
		abort();
	sim->seed = seed;
	sim->verbose = verbose;
	sim_scenario(sim);
	failed = sim->failed;
	*digest = sim->digest;
	free(sim);
	return !failed;
}

/* A few seeds twice: they must be the same each time. */
static bool replays(uint64_t seed, uint64_t digest)
{
	uint64_t again;

	simulate(seed, false, &again);
	if (again != digest)
		printf("# seed %llu is another one the second time\n",
		       (unsigned long long)seed);
	return again == digest;
}

static int simulate_many(uint64_t first, uint64_t count)
{
	uint64_t failed = 0, digest, i;
	bool fine;

	for (i = 0; i < count; i++) {
		fine = simulate(first + i, false, &digest);
		if (fine && i % 64 == 0)
			fine = replays(first + i, digest);
		if (!fine)
			failed++;
		fflush(stdout);
	}
	puts("TAP version 13");
	printf("%s 1 %llu seeds from %llu on: %llu with violations\n",
	       failed ? "not ok" : "ok", (unsigned long long)count,
	       (unsigned long long)first, (unsigned long long)failed);
	puts("1..1");
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static uint64_t number_of(const char *text)
{
	struct error *error;
	uint64_t number;

	error = number_parse(text, 0, UINT64_MAX, &number);
	if (!error)
		return number;
	fprintf(stderr, "run: %s\n", error->sentence);
	error_free(error);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "seed", required_argument, NULL, 's' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t first = 1, count = 200, seed = 0, digest;
	bool single = false, quiet = false, fine;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			count = number_of(optarg);
			break;
		case 'f':
			first = number_of(optarg);
			break;
		case 's':
			seed = number_of(optarg);
			single = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (!single)
		return simulate_many(first, count);
	/* a crash shall not take along what led to it */
	setlinebuf(stdout);
	fine = simulate(seed, !quiet, &digest);
	printf("seed %llu: %s, digest %016llx\n", (unsigned long long)seed,
	       fine ? "fine" : "violated", (unsigned long long)digest);
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
