// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gives up users, capabilities and system calls. Each step is for good: no code
 * that runs later in the process can take anything back.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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
 * @grows: there is no saying how much it will need: if that has to stay within a
 *	limit, it is not locked
 *
 * Return: NULL, or why it could not be done.
 */
struct error *sandbox_lock_memory(bool grows)
{
	static const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct error *error;

#ifdef __SANITIZE_ADDRESS__
	/* sanitizers trace a process that ends in an orderly way */
	if (grows)
		return NULL;
#endif
	error = hide_memory();
	if (error)
		return error;
	/* without the right to raise it, the limit that there is may do */
	if (setrlimit(RLIMIT_MEMLOCK, &all) && grows)
		return failed("raise the limit of locked memory, so keys may be written to swap space");
	/* a page once there is something in it */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
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

static struct error *no_new_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return failed("give up new privileges");
	return NULL;
}

static struct error *drop_capabilities(void)
{
	capng_clear(CAPNG_SELECT_ALL);
	/* without CAP_SETPCAP the bounding set stays: there is nothing to gain */
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return failed("give up capabilities");
	return no_new_privileges();
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

static int allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int status = 0;
	size_t i;

	for (i = 0; !status && i < count; i++)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return status;
}

/* Makes a filter the process's own, for ever. */
static struct error *load(scmp_filter_ctx filter, int status)
{
	if (!status)
		status = seccomp_load(filter);
	seccomp_release(filter);
	if (status)
		return error_refused(-status, "cannot give up system calls: %s",
				     strerror(-status));
	return NULL;
}

/* ----- the keys process --------------------------------------------------- */

/* What is left to it: its socket and its memory. */
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
	int status = allow(filter, calls, ARRAY_SIZE(calls));

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

	if (!error)
		error = become_nobody();
	if (!error)
		error = drop_capabilities();
	if (error)
		return error;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return error_no_memory();
	return load(filter, allow_keys(filter));
}

/* ----- the engine --------------------------------------------------------- */

/* A directory is covered by an empty one, for this process and nobody else. Where
 * that is not allowed, as in a container, the directory stays in sight. */
static struct error *hide(const char *directory)
{
	struct stat status;

	if (!directory || stat(directory, &status) || unshare(CLONE_NEWNS))
		return NULL;
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) ||
	    mount("none", directory, "tmpfs",
		  MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0,size=4k"))
		return error_refused(errno, "cannot hide %s: %s", directory,
				     strerror(errno));
	return NULL;
}

static void allow_beneath(int rules, const char *directory, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = access,
		.parent_fd = open(directory, O_PATH | O_CLOEXEC),
	};

	if (beneath.parent_fd < 0)
		return;
	/* one that cannot be allowed shows when it is written to */
	(void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		      &beneath, 0);
	close(beneath.parent_fd);
}

/* Without Landlock, the rights of files have to do. */
static struct error *restrict_writing(const char *const *directories)
{
	struct landlock_ruleset_attr attributes = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE |
			LANDLOCK_ACCESS_FS_WRITE_FILE |
			LANDLOCK_ACCESS_FS_REMOVE_DIR |
			LANDLOCK_ACCESS_FS_REMOVE_FILE |
			LANDLOCK_ACCESS_FS_MAKE_CHAR |
			LANDLOCK_ACCESS_FS_MAKE_DIR |
			LANDLOCK_ACCESS_FS_MAKE_REG |
			LANDLOCK_ACCESS_FS_MAKE_SOCK |
			LANDLOCK_ACCESS_FS_MAKE_FIFO |
			LANDLOCK_ACCESS_FS_MAKE_BLOCK |
			LANDLOCK_ACCESS_FS_MAKE_SYM,
	};
	uint64_t access = attributes.handled_access_fs &
			  ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
	int rules, status;
	size_t i;

	rules = (int)syscall(SYS_landlock_create_ruleset, &attributes,
			     sizeof(attributes), 0);
	if (rules < 0)
		return NULL;
	for (i = 0; i < SANDBOX_WRITABLE_MAX; i++) {
		if (directories[i])
			allow_beneath(rules, directories[i], access);
	}
	allow_beneath(rules, "/dev", LANDLOCK_ACCESS_FS_WRITE_FILE);
	status = (int)syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
	return status ? failed("give up writing files") : NULL;
}

static struct error *keep_network(void)
{
	if (geteuid())
		return NULL;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			  CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, -1) ||
	    capng_apply(CAPNG_SELECT_BOTH) < 0)
		return failed("give up capabilities");
	return NULL;
}

#ifndef __SANITIZE_ADDRESS__
static int allow_engine(scmp_filter_ctx filter)
{
	static const int calls[] = {
		/* files */
		SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64),
		SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64),
		SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close),
		SCMP_SYS(close_range), SCMP_SYS(lseek), SCMP_SYS(stat),
		SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(fstatfs),
		SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access),
		SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
		SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd),
		SCMP_SYS(fcntl), SCMP_SYS(flock), SCMP_SYS(fsync),
		SCMP_SYS(ftruncate), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
		SCMP_SYS(memfd_create),
		SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
		SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(chmod),
		SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(umask),
		SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe),
		SCMP_SYS(pipe2), SCMP_SYS(ioctl),
		/* network */
		SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(bind),
		SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
		SCMP_SYS(connect), SCMP_SYS(shutdown), SCMP_SYS(getsockname),
		SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
		SCMP_SYS(setsockopt), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
		SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg),
		SCMP_SYS(recvmmsg),
		/* waiting */
		SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
		SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
		SCMP_SYS(epoll_pwait2), SCMP_SYS(poll), SCMP_SYS(ppoll),
		SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(eventfd2),
		SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
		SCMP_SYS(timerfd_gettime), SCMP_SYS(futex),
		SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
		SCMP_SYS(restart_syscall),
		/* itself */
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(madvise), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
		SCMP_SYS(set_tid_address), SCMP_SYS(rt_sigaction),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield),
		SCMP_SYS(sched_getaffinity), SCMP_SYS(getpid),
		SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid),
		SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
		SCMP_SYS(getrlimit), SCMP_SYS(prlimit64), SCMP_SYS(getrusage),
		SCMP_SYS(capget), SCMP_SYS(tgkill), SCMP_SYS(exit),
		SCMP_SYS(exit_group),
		/* the host */
		SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
		SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
		SCMP_SYS(uname), SCMP_SYS(sysinfo),
	};

	return allow(filter, calls, ARRAY_SIZE(calls));
}

/* Threads, but no processes; code, but none that can be written. */
static int allow_engine_partly(scmp_filter_ctx filter)
{
	int status;

	status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				  SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD,
					  CLONE_THREAD));
	/* whose flags cannot be looked at; the library has the other as well */
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
					  SCMP_SYS(clone3), 0);
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					  SCMP_SYS(mmap), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
						  0));
	/* what names are looked up with is loaded when it is needed */
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					  SCMP_SYS(mmap), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ,
						  PROT_EXEC | PROT_WRITE,
						  PROT_EXEC));
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					  SCMP_SYS(mprotect), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
						  0));
	return status;
}

static struct error *filter_engine(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int status;

	if (!filter)
		return error_no_memory();
	status = allow_engine(filter);
	if (!status)
		status = allow_engine_partly(filter);
	return load(filter, status);
}
#else
/* Sanitizers start processes and trace them. */
static struct error *filter_engine(void)
{
	return NULL;
}
#endif

/**
 * sandbox_engine - leave a process the network, and files to read
 * @sandbox: what else is left, or not
 *
 * To be called before the process has threads: some of it is for the caller's only.
 * It keeps CAP_NET_ADMIN and CAP_NET_BIND_SERVICE.
 *
 * Return: NULL, or why it could not be done: the process must not go on then.
 */
struct error *sandbox_engine(const struct sandbox_engine *sandbox)
{
	struct error *error = hide(sandbox->hidden);

	if (!error)
		error = keep_network();
	if (!error)
		error = no_new_privileges();
	if (!error)
		error = restrict_writing(sandbox->writable);
	return error ? error : filter_engine();
}
