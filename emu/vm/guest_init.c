/* SPDX-License-Identifier: MIT */
/* The guest's side: the start of sfemu as process 1 of a guest. */
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "emu/experiment/guest_path.h"
#include "emu/vm/guest.h"

#define CHANNEL_TTY "/dev/tty1"
#define MODULES "/usr/lib/uml/modules"
/* On the virtual clock, timers are coarse until the clock sources have settled. */
#define SETTLED_NS 20000000

static int mount_one(const char *source, const char *at, const char *type, const char *options,
	struct sfe_error *err)
{
	if (mount(source, at, type, MS_NOSUID | MS_NODEV, options))
		return sfe_fail(err, -errno, at, NULL, "the guest cannot mount %s: %s", type,
			strerror(errno));
	return 0;
}

/* Programs and scripts in the host's /dev/shm, which the guest's /dev covers. */
static int show_shared_memory(struct sfe_error *err)
{
	static const char at[] = "/dev/shm";

	if (mkdir(at, 0755) && errno != EEXIST)
		return sfe_fail(
			err, -errno, at, NULL, "the guest cannot make it: %s", strerror(errno));
	/* ENOENT: the host has none. */
	if (mount("none", at, "hostfs", MS_RDONLY | MS_NOSUID | MS_NODEV, at) && errno != ENOENT)
		return sfe_fail(err, -errno, at, NULL, "the guest cannot mount the host's: %s",
			strerror(errno));
	return 0;
}

static int mount_all(bool with_results, struct sfe_error *err)
{
	char results[32];
	int r = mount_one("proc", "/proc", "proc", NULL, err);

	r = r ? r : mount_one("sysfs", "/sys", "sysfs", NULL, err);
	/* EBUSY: a kernel with CONFIG_DEVTMPFS_MOUNT has mounted it already. */
	if (!r && mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL) && errno != EBUSY)
		r = sfe_fail(err, -errno, "/dev", NULL, "the guest cannot mount devtmpfs: %s",
			strerror(errno));
	r = r ? r : show_shared_memory(err);
	/* The host's files are read-only; the guest writes to its own /run. */
	r = r ? r : mount_one("tmpfs", "/run", "tmpfs", "mode=755", err);
	if (r)
		return r;
	mkdir("/run/sfemu", 0755);
	mkdir("/run/tmp", 01777);
	if (!with_results)
		return 0;
	mkdir(SFE_GUEST_RESULTS, 0755);
	snprintf(results, sizeof(results), "/proc/self/fd/%d", SFE_GUEST_RESULTS_FD);
	return mount_one("none", SFE_GUEST_RESULTS, "hostfs", results, err);
}

/* Debian's guest kernel has these as modules; in ours they are built in. */
static int load_modules(struct sfe_error *err)
{
	static const char *const needed[] = {"veth", "ifb", "sch_netem", "sch_ingress", "cls_u32",
		"act_mirred", "act_police", "sch_htb", "sch_codel", "sch_fq_codel", "sch_pie",
		"cls_bpf"};
	struct utsname uts;
	struct stat st;
	char folder[sizeof(MODULES) + sizeof(uts.release) + 2];
	int r = 0;

	uname(&uts);
	snprintf(folder, sizeof(folder), "%s/%s", MODULES, uts.release);
	if (stat(folder, &st))
		return 0; /* all is built in, or building the network will report what is missing */
	struct kmod_ctx *ctx = kmod_new(folder, NULL);
	if (!ctx)
		return sfe_fail(
			err, -ENOMEM, folder, NULL, "cannot read the guest kernel's modules");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]) && !r; i++) {
		struct kmod_list *list = NULL, *item;
		r = kmod_module_new_from_lookup(ctx, needed[i], &list);
		kmod_list_foreach(item, list)
		{
			struct kmod_module *m = kmod_module_get_module(item);
			r = r ? r : kmod_module_probe_insert_module(m, 0, NULL, NULL, NULL, NULL);
			kmod_module_unref(m);
		}
		kmod_module_unref_list(list);
		if (r)
			r = sfe_fail(err, r, needed[i], "reinstall user-mode-linux",
				"the guest cannot load this module from %s: %s", folder,
				strerror(-r));
	}
	kmod_unref(ctx);
	return r;
}

int sfe_guest_open_raw(const char *tty, struct sfe_error *err)
{
	struct termios raw;
	int fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return sfe_fail(
			err, -errno, tty, NULL, "the guest cannot open it: %s", strerror(errno));
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

int sfe_guest_init(bool results, struct sfe_error *err)
{
	const struct timespec settled = {.tv_nsec = SETTLED_NS};
	int r = mount_all(results, err);
	int channel;

	setenv("PATH", SFE_GUEST_PATH, 1);
	setenv("HOME", "/run", 1);
	setenv("TMPDIR", "/run/tmp", 1);
	if (r)
		return r;
	channel = sfe_guest_open_raw(CHANNEL_TTY, err);
	if (channel < 0)
		return channel;
	r = load_modules(err);
	if (r) {
		/* The channel is open, so the host can be told why. */
		char text[1024];
		dprintf(channel, "error %s\n", sfe_error_text(err, text, sizeof(text)));
		return r;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &settled, NULL);
	return channel;
}

_Noreturn void sfe_guest_off(void)
{
	sync();
	reboot(LINUX_REBOOT_CMD_POWER_OFF);
	_exit(1); /* when process 1 ends the kernel panics, which the host reports */
}
