// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs simulations, one for each seed, and says which failed.
 */
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/number.h"
#include "sim.h"
#include "workers.h"

static const char usage[] =
	"Usage: run [--sanitize] [--seeds N] [--first K] [--processes P] [--stop]\n"
	"       run [--sanitize] --seed K [--quiet]\n"
	"\n"
	"Simulates IKE daemons on a bad network.\n"
	"\n"
	"  --seeds N      this many simulations (default: 200)\n"
	"  --first K      from seed K on (default: 1)\n"
	"  --processes P  P at a time (default: as many as there are processors)\n"
	"  --stop         the first violation is enough\n"
	"  --seed K       one simulation, and say what happens\n"
	"  --quiet        but don't say it\n"
	"  --sanitize     under AddressSanitizer and UBSan, which takes ten times as\n"
	"                 long; must come first\n"
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

/*
 * Bytes that somebody has and hasn't given back. That is exact as long as malloc()
 * keeps nothing for its threads, see the script "run"; under AddressSanitizer it is
 * 0, and LeakSanitizer looks in the end.
 */
static size_t memory_in_use(void)
{
	const struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Simulates a seed and returns how much memory it leaves behind. */
static size_t remainder_of(uint64_t seed, bool *fine, uint64_t *digest)
{
	size_t before = memory_in_use();

	*fine = simulate(seed, false, digest);
	return memory_in_use() - before;
}

/*
 * One of many. What uses a library for the first time may leave something behind;
 * what does so twice has forgotten it.
 */
static bool simulate_quietly(uint64_t seed, uint64_t *digest)
{
	size_t rest;
	bool fine;

	rest = remainder_of(seed, &fine, digest);
	if (!rest || !fine || !remainder_of(seed, &fine, digest))
		return fine;
	printf("# seed %llu: memory is not back to its start, %zd bytes\n",
	       (unsigned long long)seed, (ssize_t)rest);
	return false;
}

static int simulate_many(struct workers *workers)
{
	uint64_t failed, done;

	workers->simulate = simulate_quietly;
	failed = workers_run(workers, &done);
	puts("TAP version 13");
	printf("%s 1 %llu seeds from %llu on: %llu with violations\n",
	       failed ? "not ok" : "ok", (unsigned long long)done,
	       (unsigned long long)workers->first, (unsigned long long)failed);
	puts("1..1");
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static uint64_t number_of(const char *text, uint64_t max)
{
	struct error *error;
	uint64_t number;

	error = number_parse(text, 0, max, &number);
	if (!error)
		return number;
	fprintf(stderr, "run: %s\n", error->sentence);
	error_free(error);
	exit(2);
}

static unsigned int count_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX :
						     (unsigned int)count;
}

static int simulate_one(uint64_t seed, bool quiet)
{
	uint64_t digest;
	bool fine;

	/* a crash shall not take along what led to it */
	setlinebuf(stdout);
	fine = simulate(seed, !quiet, &digest);
	printf("seed %llu: %s, digest %016llx\n", (unsigned long long)seed,
	       fine ? "fine" : "violated", (unsigned long long)digest);
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "processes", required_argument, NULL, 'p' },
		{ "stop", no_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct workers workers = {
		.first = 1, .count = 200, .processes = count_processors(),
	};
	bool single = false, quiet = false;
	uint64_t seed = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			workers.count = number_of(optarg, UINT64_MAX);
			break;
		case 'f':
			workers.first = number_of(optarg, UINT64_MAX);
			break;
		case 'p':
			workers.processes = (unsigned int)
				number_of(optarg, WORKERS_MAX);
			break;
		case 't':
			workers.stop = true;
			break;
		case 's':
			seed = number_of(optarg, UINT64_MAX);
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
	return single ? simulate_one(seed, quiet) : simulate_many(&workers);
}
