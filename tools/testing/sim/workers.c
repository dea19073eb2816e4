// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many simulations: processes that take one seed after the other, until there
 * are none left. One that crashes, or takes a seed that never ends, is a
 * violation of that seed, and another process goes on.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim.h"
#include "workers.h"

/* Seconds of a processor that no seed takes */
#define SEED_TIME 120
/* Seconds between two reports */
#define REPORT_TIME 15
/* Of so many seeds one is run twice */
#define REPLAY_EVERY 64

/**
 * struct board - what all processes see
 * @next: the next seed, counted from the first one
 * @done: how many seeds are done
 * @failed: how many of them with violations
 * @current: what each process is at, counted likewise; UINT64_MAX = nothing
 */
struct board {
	uint64_t next;
	uint64_t done;
	uint64_t failed;
	uint64_t current[WORKERS_MAX];
};

static volatile sig_atomic_t report_due;

static void note_time(int signal)
{
	(void)signal;
	report_due = 1;
}

static bool replays(const struct workers *workers, uint64_t seed,
		    uint64_t digest)
{
	uint64_t again;

	workers->simulate(seed, &again);
	if (again != digest)
		printf("# seed %llu is another one the second time\n",
		       (unsigned long long)seed);
	return again == digest;
}

static bool is_over(const struct workers *workers, struct board *board)
{
	return workers->stop &&
	       __atomic_load_n(&board->failed, __ATOMIC_RELAXED);
}

/* One process: takes seeds until there are none left. */
_Noreturn static void work(const struct workers *workers, struct board *board,
			   unsigned int number)
{
	const struct itimerval limit = { .it_value.tv_sec = SEED_TIME };
	uint64_t i, seed, digest;
	bool fine;

	while (!is_over(workers, board)) {
		i = __atomic_fetch_add(&board->next, 1, __ATOMIC_RELAXED);
		if (i >= workers->count)
			break;
		board->current[number] = i;
		setitimer(ITIMER_PROF, &limit, NULL);
		seed = workers->first + i;
		fine = workers->simulate(seed, &digest);
		if (fine && seed % REPLAY_EVERY == 0)
			fine = replays(workers, seed, digest);
		fflush(stdout);
		board->current[number] = UINT64_MAX;
		if (!fine)
			__atomic_fetch_add(&board->failed, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&board->done, 1, __ATOMIC_RELAXED);
	}
	exit(EXIT_SUCCESS);
}

static pid_t start(const struct workers *workers, struct board *board,
		   unsigned int number)
{
	pid_t pid;

	board->current[number] = UINT64_MAX;
	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		perror("sim: fork");
		exit(EXIT_FAILURE);
	}
	if (!pid)
		work(workers, board, number);
	return pid;
}

/* A process has ended. Returns whether another one is to go on. */
static bool note_end(const struct workers *workers, struct board *board,
		     unsigned int number, int status)
{
	unsigned long long seed = workers->first + board->current[number];

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return false;
	board->failed++;
	if (board->current[number] == UINT64_MAX)
		printf("# a process ends with %d\n", status);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		printf("# seed %llu doesn't end\n", seed);
	else if (WIFSIGNALED(status))
		printf("# seed %llu crashes: %s\n", seed,
		       strsignal(WTERMSIG(status)));
	else
		printf("# seed %llu crashes\n", seed);
	if (board->current[number] == UINT64_MAX)
		return false;
	board->done++;
	return !is_over(workers, board);
}

static void report(const struct workers *workers, const struct board *board)
{
	report_due = 0;
	fprintf(stderr, "# %llu of %llu seeds, %llu with violations\n",
		(unsigned long long)board->done,
		(unsigned long long)workers->count,
		(unsigned long long)board->failed);
}

/* Waits for all processes, and tells how far they are. */
static void supervise(const struct workers *workers, struct board *board,
		      pid_t *pids)
{
	unsigned int running = workers->processes, i;
	int status;
	pid_t pid;

	while (running) {
		pid = wait(&status);
		if (report_due)
			report(workers, board);
		if (pid < 0 && errno == EINTR)
			continue;
		for (i = 0; i < workers->processes && pids[i] != pid; i++)
			;
		if (i == workers->processes)
			continue;
		if (note_end(workers, board, i, status))
			pids[i] = start(workers, board, i);
		else
			running--;
	}
}

/**
 * workers_run - run simulations in several processes
 * @workers: what is to be done
 * @done: set to how many seeds were run
 *
 * Return: how many of them had violations.
 */
uint64_t workers_run(const struct workers *workers, uint64_t *done)
{
	const struct itimerval interval = {
		.it_interval.tv_sec = REPORT_TIME,
		.it_value.tv_sec = REPORT_TIME,
	};
	/* without SA_RESTART: it ends a wait */
	const struct sigaction action = { .sa_handler = note_time };
	pid_t pids[WORKERS_MAX];
	struct board *board;
	unsigned int i;
	uint64_t failed;

	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		perror("sim: mmap");
		exit(EXIT_FAILURE);
	}
	for (i = 0; i < workers->processes; i++)
		pids[i] = start(workers, board, i);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
	supervise(workers, board, pids);
	failed = board->failed;
	*done = board->done;
	munmap(board, sizeof(*board));
	return failed;
}
