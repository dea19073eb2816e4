// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gives up users, capabilities and system calls. Each step is for good: no code
 * that runs later in the process can take anything back.
 */
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/sandbox.h"
#include "lib/array.h"

/* Who nobody is where the account is missing */
#define NOBODY 65534

static struct error *failed(const char *what)
{
	return error_refused(errno, "cannot %s: %s", what, strerror(errno));
}

/* No core, no debugger, nothing in /proc for anybody but root. */
static struct error *hide_memory(void)
{
	static const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
	    setrlimit(RLIMIT_CORE, &none))
		return failed("keep memory out of core files");
	return NULL;
}

/**
 * sandbox_lock_memory - keep what this process will ever have in memory off the
 *	disk, neither swapped out nor in a core file
 *
 * Return: NULL, or why it could not be done.
 */
struct error *sandbox_lock_memory(void)
{
	static const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct error *error = hide_memory();

	if (error)
		return error;
	/* without the right to raise it, the limit that there is may do */
	(void)setrlimit(RLIMIT_MEMLOCK, &all);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return failed("lock memory with keys, which may be written to swap space");
	return NULL;
}

static struct error *become_nobody(void)
{
	const struct passwd *account = getpwnam("nobody");
	uid_t user = account ? account->pw_uid : NOBODY;
	gid_t group = account ? account->pw_gid : NOBODY;

	if (geteuid())
		return NULL;
	if (setgroups(0, NULL) || setresgid(group, group, group) ||
	    setresuid(user, user, user))
		return failed("become the user nobody");
	/* another user is dumpable again */
	return hide_memory();
}

static struct error *drop_capabilities(void)
{
	capng_clear(CAPNG_SELECT_ALL);
	/* without CAP_SETPCAP the bounding set stays: there is nothing to gain */
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return failed("give up capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return failed("give up new privileges");
	return NULL;
}

/* Everything above standard error but one, of which the process inherited some */
static struct error *close_others(int keep)
{
	if ((keep > STDERR_FILENO + 1 &&
	     close_range(STDERR_FILENO + 1, (unsigned int)keep - 1, 0)) ||
	    close_range((unsigned int)keep + 1, ~0u, 0))
		return failed("close files");
	return NULL;
}

/* What is left to the process with the keys: its socket and its memory. */
static int allow_keys(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvfrom),
		SCMP_SYS(sendto), SCMP_SYS(brk), SCMP_SYS(munmap),
		SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
		SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
		SCMP_SYS(clock_gettime), SCMP_SYS(sched_yield),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
#ifdef __SANITIZE_ADDRESS__
		/* the sanitizer looks for its stack before the process ends */
		SCMP_SYS(sigaltstack),
#endif
	};
	int status = 0;
	size_t i;

	for (i = 0; !status && i < ARRAY_SIZE(calls); i++)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	/* memory, but none that can be run */
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					  SCMP_SYS(mmap), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
						  0));
	return status;
}

/**
 * sandbox_keys - leave a process nothing but memory, one socket and signatures
 * @socket: the socket; standard input, output and error stay as they are
 *
 * Any other system call ends the process.
 *
 * Return: NULL, or why it could not be done: the process must not go on then.
 */
struct error *sandbox_keys(int socket)
{
	struct error *error = close_others(socket);
	scmp_filter_ctx filter;
	int status;

	if (!error)
		error = become_nobody();
	if (!error)
		error = drop_capabilities();
	if (error)
		return error;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return error_no_memory();
	status = allow_keys(filter);
	if (!status)
		status = seccomp_load(filter);
	seccomp_release(filter);
	if (status)
		return error_refused(-status, "cannot give up system calls: %s",
				     strerror(-status));
	return NULL;
}
