/* SPDX-License-Identifier: MIT */
/*
 * Stands in for a guest's kernel (SFEMU_GUEST_KERNEL) that somebody has taken over: it has all that
 * a guest's kernel process has on the host, and tries what an attacker would. Each attempt is a
 * line "NAME refused" or "NAME SUCCEEDED: what" in probe.txt of the results folder, which it may
 * write. BAIT in its environment is a folder with things that must stay as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESULTS "/proc/self/fd/9" /* as the guest's command line has it */

static FILE *report;
static const char *bait;

static void attempt(const char *name, bool succeeded)
{
	fprintf(report, "%s %s\n", name, succeeded ? "SUCCEEDED" : "refused");
	fflush(report);
}

static const char *in_bait(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", bait, name);
	return path;
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK, 0644);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool writes(const char *path)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK);
	bool wrote = fd >= 0 && write(fd, "x", 1) == 1;

	if (fd >= 0)
		close(fd);
	return wrote;
}

static void files(void)
{
	char link_path[4200];

	attempt("write a file", writes(in_bait("file")));
	attempt("make a file", opens(in_bait("new"), O_WRONLY | O_CREAT));
	attempt("truncate a file", !truncate(in_bait("file"), 0));
	attempt("remove a file", !unlink(in_bait("file")));
	attempt("rename a file", !rename(in_bait("file"), "/tmp/sfemu-renamed"));
	attempt("make a folder", !mkdir(in_bait("folder-new"), 0777));
	attempt("change a mode", !chmod(in_bait("file"), 0777));
	attempt("change an owner", !chown(in_bait("file"), getuid(), getgid()));
	attempt("change times", !utimensat(AT_FDCWD, in_bait("file"), NULL, 0));
	attempt("write a FIFO", writes(in_bait("fifo")));
	attempt("link out of the results", !link(in_bait("file"), RESULTS "/linked"));
	snprintf(link_path, sizeof(link_path), "%s", in_bait("file"));
	(void)!symlink(link_path, RESULTS "/leads-out");
	attempt("write through a link", writes(RESULTS "/leads-out"));
	attempt("leave the results by ..",
		opens(RESULTS "/../sfemu-made-by-guest", O_WRONLY | O_CREAT));
	attempt("write a disk", opens("/dev/vda", O_RDWR) || opens("/dev/sda", O_RDWR));
	attempt("open memory", opens("/dev/mem", O_RDWR) || opens("/dev/kmsg", O_RDWR));
	mknod(RESULTS "/memory", S_IFCHR | 0666, (1u << 8) | 1u);
	attempt("make a device", opens(RESULTS "/memory", O_RDWR));
	attempt("write /proc/sys",
		writes("/proc/sys/kernel/hostname") || writes("/proc/sys/kernel/core_pattern"));
	attempt("write /sys", writes("/sys/kernel/uevent_helper"));
}

static void set_ids(void)
{
	int fd = open(RESULTS "/program", O_WRONLY | O_CREAT, 0755);

	if (fd >= 0) {
		attempt("set-user-ID by fchmod", !fchmod(fd, 04755));
		close(fd);
	}
	attempt("set-user-ID by chmod", !chmod(RESULTS "/program", 06755));
	attempt("set-user-ID by open", opens(RESULTS "/program2", O_WRONLY | O_CREAT) &&
					       !chmod(RESULTS "/program2", 02755));
	fd = (int)syscall(SYS_openat, AT_FDCWD, RESULTS "/program3", O_WRONLY | O_CREAT, 04755);
	attempt("set-user-ID by openat", fd >= 0);
	attempt("become root", getuid() != 0 && !setuid(0));
	attempt("become another user", !setresuid(4242, 4242, 4242));
	attempt("change groups", !syscall(SYS_setgroups, 0, NULL));
}

/* 1 if the call came through, whatever it answered then. */
static bool allowed(long r)
{
	return r >= 0 || (errno != EPERM && errno != ENOSYS);
}

static void kernel(void)
{
	struct io_uring_params ring = {0};

	attempt("mount", !mount("none", "/tmp", "tmpfs", 0, NULL));
	attempt("remount", !mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
	attempt("unmount", !umount2("/proc", MNT_DETACH));
	attempt("unshare a user namespace", !unshare(CLONE_NEWUSER));
	attempt("unshare mounts", !unshare(CLONE_NEWNS));
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	attempt("clone into a user namespace", pid > 0);
	attempt("chroot", !chroot("/tmp"));
	attempt("bpf", allowed(syscall(SYS_bpf, 0, NULL, 0)));
	attempt("keys", allowed(syscall(SYS_keyctl, 0, 0, 0, 0, 0)));
	attempt("io_uring", allowed(syscall(SYS_io_uring_setup, 1, &ring)));
	attempt("userfaultfd", allowed(syscall(SYS_userfaultfd, 0)));
	attempt("perf events", allowed(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0)));
	attempt("load a module", allowed(syscall(SYS_init_module, NULL, 0, "")));
	attempt("reboot", allowed(syscall(SYS_reboot, 0, 0, 0, 0)));
	attempt("open by handle", allowed(syscall(SYS_open_by_handle_at, 0, NULL, 0)));
	attempt("file attributes", allowed(syscall(SYS_setxattr, "/", "user.x", "x", 1, 0)));
}

/* One of a pair could send to any path, and descriptors with it. */
static void pairs(void)
{
	static const int kinds[] = {SOCK_DGRAM, SOCK_SEQPACKET, SOCK_DGRAM | SOCK_CLOEXEC};
	struct flock lock = {.l_type = F_RDLCK};
	struct msghdr nothing = {0};
	int pair[2] = {-1, -1}, fd = open(in_bait("file"), O_RDONLY);
	bool made = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		made |= !socketpair(AF_UNIX, kinds[i], 0, pair);
	attempt("a pair of sockets", made);
	if (!socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
		attempt("send a message", sendmsg(pair[0], &nothing, 0) >= 0);
		attempt("receive a message",
			recvmsg(pair[0], &nothing, MSG_DONTWAIT) >= 0 || errno == EAGAIN);
		attempt("send to an address", sendto(pair[0], "x", 1, 0, NULL, 0) >= 0);
	}
	attempt("lock a file", fd >= 0 && !syscall(SYS_flock, fd, 2 /* LOCK_EX */));
	attempt("lock a file by fcntl", fd >= 0 && !fcntl(fd, F_SETLK, &lock));
	attempt("lease a file", fd >= 0 && !fcntl(fd, F_SETLEASE, F_RDLCK));
	attempt("cut the progress page short", !ftruncate(10, 0));
	attempt("grow the progress page", !ftruncate(10, 1 << 20));
	attempt("a results folder for everybody", !chmod(RESULTS, 0777));
	umask(0);
	fd = open(RESULTS "/for-everybody2", O_WRONLY | O_CREAT, 0666);
	struct stat st = {0};
	attempt("a file for everybody", fd >= 0 && !fstat(fd, &st) && (st.st_mode & S_IWOTH));
	if (getenv("LANDLOCK"))
		attempt("write to a terminal", opens("/dev/ptmx", O_RDWR));
}

static void others(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct iovec here = {un.sun_path, 8}, there = {un.sun_path, 8};
	const char *parent = getenv("ORCHESTRATOR");
	pid_t pid = parent ? atoi(parent) : 1;
	char path[64];

	attempt("a socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	attempt("a network socket", socket(AF_INET, SOCK_DGRAM, 0) >= 0);
	attempt("a netlink socket", socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
	attempt("read another process's memory", process_vm_readv(pid, &here, 1, &there, 1, 0) > 0);
	if (getenv("SEPARATE")) {
		attempt("trace the orchestrator", !ptrace(PTRACE_SEIZE, pid, 0, 0));
		attempt("signal the orchestrator", !kill(pid, 0));
		snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
		attempt("read another's environment", opens(path, O_RDONLY));
		attempt("see processes of the host", !access("/proc/1", F_OK));
		attempt("see the host's /run", !access("/run/lock", F_OK));
	}
	if (getenv("SUDO"))
		attempt("read /etc/shadow", opens("/etc/shadow", O_RDONLY));
	if (getenv("HIDDEN"))
		attempt("read what root alone can", opens(getenv("HIDDEN"), O_RDONLY));
}

/* Lines of the lab's, without end, on the channel to the orchestrator. */
static void flood(void)
{
	for (unsigned i = 0; i < 2000000; i++)
		dprintf(7, "node x%u %u\n", i, i);
}

int main(void)
{
	if (getenv("FLOOD"))
		flood();
	int fd = open(RESULTS "/probe.txt", O_WRONLY | O_CREAT, 0644);
	report = fd < 0 ? NULL : fdopen(fd, "w");
	bait = getenv("BAIT");
	if (!report || !bait) {
		fprintf(stderr, "sfemu: probe: cannot write the results: %s\n", strerror(errno));
		return 1;
	}
	signal(SIGSYS, SIG_IGN);
	files();
	set_ids();
	kernel();
	pairs();
	others();
	fprintf(report, "end uid %d euid %d gid %d\n", getuid(), geteuid(), getgid());
	fclose(report);
	return 0;
}
