/* SPDX-License-Identifier: MIT */
/*
 * The system calls that User-Mode Linux makes on its host, by purpose. They were found by strace of
 * both kernels (ours and Debian's) during the tests, and by reading arch/um/os-Linux and
 * fs/hostfs/hostfs_user.c. The calls of the C library at start are included.
 *
 * Socket pairs of streams are the only sockets, and there is no sendmsg: a socket of another kind
 * can send to a path of the host, and a message can pass descriptors. There are no namespaces,
 * mounts, keys, BPF, io_uring, access to other processes' memory, or change of user. execve is
 * allowed, since the filter is set before the kernel itself is executed; anything that is executed
 * later has this filter too.
 */
#include "emu/security/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* clang-format off */
static const int allowed[] = {
	/* memory */
	SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
	SCMP_SYS(mremap), SCMP_SYS(msync), SCMP_SYS(mincore),
	/* processes and signals: the guest's address spaces are processes that it traces */
	SCMP_SYS(execve), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(ptrace), SCMP_SYS(kill), SCMP_SYS(tgkill),
	SCMP_SYS(tkill), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigsuspend), SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(rt_sigpending), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(pause),
	SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(setsid),
	SCMP_SYS(getpgrp), SCMP_SYS(getpgid), SCMP_SYS(setpgid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(arch_prctl),
	SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(futex),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity),
	SCMP_SYS(personality), SCMP_SYS(prctl), SCMP_SYS(getrlimit), SCMP_SYS(setrlimit),
	SCMP_SYS(modify_ldt), SCMP_SYS(set_thread_area), SCMP_SYS(get_thread_area),
	SCMP_SYS(membarrier),
	/* time */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(timer_create),
	SCMP_SYS(timer_settime), SCMP_SYS(timer_gettime), SCMP_SYS(timer_delete),
	SCMP_SYS(timer_getoverrun), SCMP_SYS(setitimer), SCMP_SYS(getitimer), SCMP_SYS(time),
	/* descriptors */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
	SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup2),
	SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select),
	SCMP_SYS(pselect6), SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2), SCMP_SYS(fsync),
	SCMP_SYS(fdatasync), SCMP_SYS(fallocate),
	/* files: the guest's root and its results folder */
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat),
	SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(getdents), SCMP_SYS(getdents64),
	SCMP_SYS(getcwd), SCMP_SYS(chdir), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(ftruncate), SCMP_SYS(rmdir), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink),
	SCMP_SYS(symlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	/* the rest */
	SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrandom),
};
/* clang-format on */

/* Namespaces in which a process could be root. */
#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)

/*
 * Calls that make a file or set its mode, with the positions of mode and flags among the arguments.
 * No file may become set-user-ID or set-group-ID: a guest that root started could leave a program
 * in the results folder that gives root's rights to whoever starts it. Nor may a file become
 * writable for everybody: new files have sfemu's umask, which cannot be changed without umask(),
 * and modes are checked.
 */
#define NO_IDS (S_ISUID | S_ISGID)
static const struct making {
	int call;
	unsigned mode;
	int flags; /* -1: none */
} opening[] = {{SCMP_SYS(open), 2, 1}, {SCMP_SYS(openat), 3, 2}},
  making[] = {
	  {SCMP_SYS(mkdir), 1, -1},
	  {SCMP_SYS(mkdirat), 2, -1},
	  {SCMP_SYS(mknod), 1, -1},
	  {SCMP_SYS(mknodat), 2, -1},
};

/*
 * Calls that change a file of this user without opening it for writing. They are allowed only with
 * mounts, by which all files but the results are read-only: Landlock has no right for these calls,
 * and none for truncation before Linux 6.2.
 */
static const struct making changing[] = {
	{SCMP_SYS(chmod), 1, -1},
	{SCMP_SYS(fchmod), 1, -1},
	{SCMP_SYS(fchmodat), 2, -1},
	{SCMP_SYS(creat), 1, -1},
};
static const int changing_otherwise[] = {SCMP_SYS(truncate), SCMP_SYS(chown), SCMP_SYS(lchown),
	SCMP_SYS(fchown), SCMP_SYS(fchownat), SCMP_SYS(utime), SCMP_SYS(utimes),
	SCMP_SYS(futimesat), SCMP_SYS(utimensat)};

/* Requests for terminals, without TIOCSTI, which inserts input that the user did not type. */
static const uint32_t ioctls[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TCSBRK, TCFLSH, TIOCSPGRP,
	TIOCGWINSZ, TIOCSWINSZ, TIOCGPTN, TIOCSPTLCK, TIOCGPTPEER, TIOCOUTQ, FIONREAD, FIONBIO,
	FIOASYNC};

/* No locks and leases: other users would wait for them, on files that the guest can only read. */
static const uint32_t fcntls[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL,
	F_GETOWN, F_SETOWN, F_SETSIG, F_GETPIPE_SZ};

static int allow_requests(scmp_filter_ctx filter, int call, const uint32_t *request, size_t n)
{
	int r = 0;

	/* The kernel uses the lower 32 bits of a request only. */
	for (size_t i = 0; i < n && !r; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, request[i]));
	return r;
}

static int allow_making(scmp_filter_ctx filter, const struct making *m, size_t n,
	uint64_t refused_mode, uint64_t refused_flags)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++) {
		const struct scmp_arg_cmp rules[] = {
			SCMP_CMP(m[i].mode, SCMP_CMP_MASKED_EQ, refused_mode, 0),
			SCMP_CMP((unsigned)m[i].flags, SCMP_CMP_MASKED_EQ, refused_flags, 0)};
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, m[i].call,
			m[i].flags >= 0 && refused_flags ? 2 : 1, rules);
	}
	return r;
}

static int allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int add_rules(scmp_filter_ctx filter, bool mounts)
{
	int r = allow(filter, allowed, COUNT(allowed));

	r = r ? r : allow_making(filter, making, COUNT(making), NO_IDS, 0);
	r = r ? r : allow_making(filter, opening, COUNT(opening), NO_IDS, mounts ? 0 : O_TRUNC);
	if (mounts && !r)
		r = allow_making(filter, changing, COUNT(changing), NO_IDS | S_IWOTH, 0);
	if (mounts && !r)
		r = allow(filter, changing_otherwise, COUNT(changing_otherwise));
	r = r ? r : allow_requests(filter, SCMP_SYS(ioctl), ioctls, COUNT(ioctls));
	r = r ? r : allow_requests(filter, SCMP_SYS(fcntl), fcntls, COUNT(fcntls));
	/* TIOCSCTTY lets a guest know of changes of its terminal's size. With argument 0 it cannot
	 * take a terminal from another session. */
	r = r ? r
	      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, TIOCSCTTY),
			SCMP_A2(SCMP_CMP_EQ, 0));
	r = r ? r
	      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0));
	/* User-Mode Linux uses socket pairs as pipes. A stream socket sends to its peer only, even
	 * with another address. */
	r = r ? r
	      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 2,
			SCMP_A0(SCMP_CMP_EQ, AF_UNIX), SCMP_A1(SCMP_CMP_EQ, SOCK_STREAM));
	/* The limits of this process, not of another. */
	r = r ? r
	      : seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0));
	/* clone3 has its flags in memory, which a filter cannot read. With ENOSYS the C library
	 * falls back to clone. */
	return r ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

int sfe_syscalls_of_guest(bool mounts, struct sfe_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter ? 0 : -ENOMEM;

	/* Rules are looked up by bisection. The mitigation of speculative stores is not needed: the
	 * guest's address space has no secrets of other users. */
	if (!r)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!r)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	if (!r)
		r = add_rules(filter, mounts);
	if (!r)
		r = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return r ? sfe_fail(err, r, "seccomp", "allow seccomp filters (CONFIG_SECCOMP_FILTER)",
			   "the guest's kernel cannot be confined: %s", strerror(-r))
		 : 0;
}
