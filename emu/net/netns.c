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

struct setting {
	const char *key, *value;
};

static void sysctl_path(const char *key, char *path, size_t size)
{
	snprintf(path, size, "/proc/sys/net/%s", key);
}

static int write_sysctl(const char *name, const struct setting *s, struct sfe_error *err)
{
	char path[128];
	int r = 0;

	sysctl_path(s->key, path, sizeof(path));
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return sfe_fail(
			err, -errno, name, NULL, "cannot open %s: %s", path, strerror(errno));
	if (write(fd, s->value, strlen(s->value)) < 0) {
		int code = -errno;
		r = sfe_fail(err, code, name, NULL, "cannot set %s to %s: %s", path, s->value,
			strerror(-code));
	}
	close(fd);
	return r;
}

/* The kernel separates the numbers of a line with tabs; the settings here have blanks. */
static void read_sysctl(const char *key, char *value, size_t size)
{
	char path[128];

	sysctl_path(key, path, sizeof(path));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, value, size - 1);
	value[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
	value[strcspn(value, "\n")] = 0;
	for (char *at = value; (at = strchr(at, '\t'));)
		*at = ' ';
}

/* The value that the key has in a new namespace; NULL: not known. */
static const char *default_of(const struct sfe_netns_defaults *d, const char *key)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->sysctl[i].key, key))
			return d->sysctl[i].value;
	return NULL;
}

/* Before the first is written: one may change another. */
static void learn(struct sfe_netns_defaults *d, const struct setting *settings, size_t n)
{
	if (default_of(d, settings[0].key))
		return;
	for (size_t i = 0; i < n && d->n < SFE_SYSCTLS; i++) {
		d->sysctl[d->n].key = settings[i].key;
		read_sysctl(settings[i].key, d->sysctl[d->n].value, sizeof(d->sysctl[0].value));
		d->n++;
	}
}

static int set_all(const struct setting *settings, size_t n, struct sfe_netns_defaults *defaults,
	const char *name, struct sfe_error *err)
{
	int r = 0;

	if (defaults)
		learn(defaults, settings, n);
	for (size_t i = 0; i < n && !r; i++) {
		const char *is = defaults ? default_of(defaults, settings[i].key) : NULL;
		if (!is || strcmp(is, settings[i].value))
			r = write_sysctl(name, &settings[i], err);
	}
	return r;
}

/* Called before there is any device, so that none ever gets a link-local address or sends a router
 * solicitation. */
static int ipv6_off(struct sfe_netns_defaults *defaults, const char *name, struct sfe_error *err)
{
	static const struct setting off[] = {
		{"ipv6/conf/all/disable_ipv6", "1"}, {"ipv6/conf/default/disable_ipv6", "1"}};

	if (defaults && defaults->no_ipv6)
		return 0;
	if (access("/proc/sys/net/ipv6", F_OK)) {
		if (defaults)
			defaults->no_ipv6 = true;
		return 0;
	}
	return set_all(off, sizeof(off) / sizeof(off[0]), NULL, name, err);
}

static int configure_forwarding(
	struct sfe_netns_defaults *defaults, const char *name, struct sfe_error *err)
{
	/* Paths may be asymmetric, and a host on a medium must not be redirected to "better" ones.
	 */
	static const struct setting settings[] = {
		{"ipv4/ip_forward", "1"},
		{"ipv4/conf/all/rp_filter", "0"},
		{"ipv4/conf/default/rp_filter", "0"},
		{"ipv4/conf/all/send_redirects", "0"},
		{"ipv4/conf/default/send_redirects", "0"},
	};

	return set_all(settings, sizeof(settings) / sizeof(settings[0]), defaults, name, err);
}

static int configure_tcp(const struct sfe_net_params *p, struct sfe_netns_defaults *defaults,
	const char *name, struct sfe_error *err)
{
	char rmem[64], wmem[64];
	/* Minimum and default are the kernel's own; the maximum is what autotuning may reach. */
	snprintf(rmem, sizeof(rmem), "4096 %u %u", p->rmem_max < 131072 ? p->rmem_max : 131072,
		p->rmem_max);
	snprintf(wmem, sizeof(wmem), "4096 %u %u", p->wmem_max < 16384 ? p->wmem_max : 16384,
		p->wmem_max);
	const struct setting settings[] = {
		{"ipv4/tcp_slow_start_after_idle", p->slow_start_after_idle ? "1" : "0"},
		{"ipv4/tcp_sack", p->sack ? "1" : "0"},
		{"ipv4/tcp_timestamps", p->timestamps ? "1" : "0"},
		{"ipv4/tcp_rmem", rmem},
		{"ipv4/tcp_wmem", wmem},
		/* No connection starts with what an earlier one has learned: a run would depend on
		   the one before it. */
		{"ipv4/tcp_no_metrics_save", "1"},
	};

	return set_all(settings, sizeof(settings) / sizeof(settings[0]), defaults, name, err);
}

int sfe_netns_configure(bool forwards, const struct sfe_net_params *params,
	struct sfe_netns_defaults *defaults, const char *name, struct sfe_error *err)
{
	int r = ipv6_off(defaults, name, err);

	if (!r)
		r = forwards ? configure_forwarding(defaults, name, err)
			     : configure_tcp(params, defaults, name, err);
	return r;
}
