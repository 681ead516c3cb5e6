/* SPDX-License-Identifier: MIT */
#include "emu/net/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SELF_NS "/proc/thread-self/ns/net"

int sfe_netns_current(struct sfe_error *err)
{
	int fd = open(SELF_NS, O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd
		       : sfe_fail(err, -errno, SELF_NS, "is /proc mounted?", "cannot open: %s",
				 strerror(errno));
}

int sfe_netns_new(const char *name, struct sfe_error *err)
{
	if (unshare(CLONE_NEWNET)) {
		int code = -errno;
		return sfe_fail(err, code, name,
			code == -ENOSPC  ? "raise user.max_net_namespaces"
			: code == -EPERM ? "run as root, or with `substrate: vm`"
					 : NULL,
			"cannot make a network namespace: %s", strerror(-code));
	}
	return sfe_netns_current(err);
}

int sfe_netns_enter(int fd, const char *name, struct sfe_error *err)
{
	if (setns(fd, CLONE_NEWNET))
		return sfe_fail(err, -errno, name, NULL, "cannot enter the network namespace: %s",
			strerror(errno));
	return 0;
}

static int write_sysctl(const char *name, const char *key, const char *value, struct sfe_error *err)
{
	char path[128];
	int r = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", key);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return sfe_fail(
			err, -errno, name, NULL, "cannot open %s: %s", path, strerror(errno));
	if (write(fd, value, strlen(value)) < 0) {
		int code = -errno;
		r = sfe_fail(err, code, name, NULL, "cannot set %s to %s: %s", path, value,
			strerror(-code));
	}
	close(fd);
	return r;
}

/* Called before there is any device, so that none ever gets a link-local address or sends a router
 * solicitation. */
static int ipv6_off(const char *name, struct sfe_error *err)
{
	if (access("/proc/sys/net/ipv6", F_OK))
		return 0; /* a kernel without IPv6 */
	int r = write_sysctl(name, "ipv6/conf/all/disable_ipv6", "1", err);
	return r ? r : write_sysctl(name, "ipv6/conf/default/disable_ipv6", "1", err);
}

static int configure_forwarding(const char *name, struct sfe_error *err)
{
	/* Paths may be asymmetric, and a host on a medium must not be redirected to "better" ones.
	 */
	static const char *const off[] = {
		"ipv4/conf/all/rp_filter",
		"ipv4/conf/default/rp_filter",
		"ipv4/conf/all/send_redirects",
		"ipv4/conf/default/send_redirects",
	};
	int r = write_sysctl(name, "ipv4/ip_forward", "1", err);

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]) && !r; i++)
		r = write_sysctl(name, off[i], "0", err);
	return r;
}

static int configure_tcp(const struct sfe_net_params *p, const char *name, struct sfe_error *err)
{
	char rmem[64], wmem[64];
	/* Minimum and default are the kernel's own; the maximum is what autotuning may reach. */
	snprintf(rmem, sizeof(rmem), "4096 %u %u", p->rmem_max < 131072 ? p->rmem_max : 131072,
		p->rmem_max);
	snprintf(wmem, sizeof(wmem), "4096 %u %u", p->wmem_max < 16384 ? p->wmem_max : 16384,
		p->wmem_max);
	const struct {
		const char *key, *value;
	} settings[] = {
		{"ipv4/tcp_slow_start_after_idle", p->slow_start_after_idle ? "1" : "0"},
		{"ipv4/tcp_sack", p->sack ? "1" : "0"},
		{"ipv4/tcp_timestamps", p->timestamps ? "1" : "0"},
		{"ipv4/tcp_rmem", rmem},
		{"ipv4/tcp_wmem", wmem},
		/* No connection starts with what an earlier one has learned: a run would depend on
		   the one before it. */
		{"ipv4/tcp_no_metrics_save", "1"},
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]) && !r; i++)
		r = write_sysctl(name, settings[i].key, settings[i].value, err);
	return r;
}

int sfe_netns_configure(
	bool forwards, const struct sfe_net_params *params, const char *name, struct sfe_error *err)
{
	int r = ipv6_off(name, err);

	if (!r)
		r = forwards ? configure_forwarding(name, err) : configure_tcp(params, name, err);
	return r;
}
