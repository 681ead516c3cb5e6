/* SPDX-License-Identifier: MIT */
/*
 * What User-Mode Linux asks of its host, by what it is for. Found by strace of both kernels (ours
 * and Debian's) over the tests, and by reading arch/um/os-Linux and fs/hostfs/hostfs_user.c; the C
 * library's own calls at start come with them.
 *
 * No sockets but pairs of streams, and no sendmsg: one of a pair of another kind can still send to
 * a path of the host, and a message can hand descriptors out and in. No new namespaces, mounts,
 * keys, BPF, io_uring, other processes' memory, or change of user. execve is there, since the
 * filter comes before the kernel's own: what is executed has this filter too.
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

/* Namespaces that a process would be root in. */
#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)

/*
 * What makes a file or its mode, and the places of flags and mode among the arguments. None may be
 * set-user-ID or set-group-ID: a guest of root's could leave a program in the results folder that
 * makes root of whoever starts it. Nor may a mode be changed to one for everybody to write; what is
 * made has the umask that sfemu began with, and there is no umask() here to change it.
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
 * What changes a file of this user's without writing to it: only where mounts keep all files but
 * the results read-only. Landlock has no right for these, and before Linux 6.2 none for cutting a
 * file short.
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

/* Of terminals, and none by which one would be given input that its user did not type (TIOCSTI). */
static const uint32_t ioctls[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TCSBRK, TCFLSH, TIOCSPGRP,
	TIOCGWINSZ, TIOCSWINSZ, TIOCGPTN, TIOCSPTLCK, TIOCGPTPEER, TIOCOUTQ, FIONREAD, FIONBIO,
	FIOASYNC};

/* No locks and leases: others would wait for them on files that the guest may only read. */
static const uint32_t fcntls[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL,
	F_GETOWN, F_SETOWN, F_SETSIG, F_GETPIPE_SZ};

static int allow_requests(scmp_filter_ctx filter, int call, const uint32_t *request, size_t n)
{
	int r = 0;

	/* The kernel looks at the lower half of a request only. */
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
	/* By it a guest learns that its terminal's size changes; with 0, that of no other session.
	 */
	r = r ? r
	      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, TIOCSCTTY),
			SCMP_A2(SCMP_CMP_EQ, 0));
	r = r ? r
	      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0));
	/* User-Mode Linux's pipes. A stream goes to its other end only, whatever address is given.
	 */
	r = r ? r
	      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 2,
			SCMP_A0(SCMP_CMP_EQ, AF_UNIX), SCMP_A1(SCMP_CMP_EQ, SOCK_STREAM));
	/* Of itself, not of another process. */
	r = r ? r
	      : seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0));
	/* Its flags are in memory, where a filter cannot look: the C library falls back to clone.
	 */
	return r ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

int sfe_syscalls_of_guest(bool mounts, struct sfe_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter ? 0 : -ENOMEM;

	/* A lookup by halves; and no slower memory for who is filtered: the guest has no secrets of
	 * other users in its address space. */
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
