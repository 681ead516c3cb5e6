/* SPDX-License-Identifier: MIT */
#include "emu/net/order.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "emu/net/netns.h"

#define WORD_BITS                                                                                  \
	32 /* of a CPU mask as sysfs writes it: words in hexadecimal, the highest first            \
	    */
#define MASK_BYTES (9 * CPU_SETSIZE / WORD_BITS + 2)

/* The n-th CPU that this process may use, counted round and round. */
static int nth_cpu(const cpu_set_t *usable, uint32_t n)
{
	uint32_t at = n % (uint32_t)CPU_COUNT(usable);
	int cpu = 0;

	while (!CPU_ISSET(cpu, usable) || at--)
		cpu++;
	return cpu;
}

static void write_mask(int cpu, char *out, size_t size)
{
	int len = snprintf(out, size, "%x", 1u << cpu % WORD_BITS);

	for (int words = cpu / WORD_BITS; words > 0 && (size_t)len < size; words--)
		len += snprintf(out + len, size - (size_t)len, ",%08x", 0);
}

/* Its digits, without the zeros in front: the kernel writes as many as it has CPUs. */
static void only_digits(char *mask)
{
	char *to = mask;

	for (const char *from = mask; *from; from++)
		if (*from != ',' && *from != '\n' && (to > mask || *from != '0'))
			*to++ = *from;
	*to = 0;
}

static int write_file(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int read_file(int dir, const char *path, char *out, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
	int r = n < 0 ? -errno : 0;

	out[n < 0 ? 0 : n] = 0;
	if (fd >= 0)
		close(fd);
	return r;
}

static int steer(int sysfs, const char *ifname, int cpu, const char *where, struct sfe_error *err)
{
	char path[64 + IFNAMSIZ], want[MASK_BYTES], got[MASK_BYTES];

	snprintf(path, sizeof(path), "class/net/%s/queues/rx-0/rps_cpus", ifname);
	write_mask(cpu, want, sizeof(want));
	int r = write_file(sysfs, path, want);
	r = r ? r : read_file(sysfs, path, got, sizeof(got));
	if (r)
		return sfe_fail(err, r, where, "a kernel with CONFIG_RPS is needed",
			"cannot steer what arrives at %s to CPU %d: %s", ifname, cpu, strerror(-r));
	only_digits(want);
	only_digits(got);
	return strcmp(want, got) ? sfe_fail(err, -EPROTO, where, NULL,
					   "%s is steered to the CPUs %s and not to %s, as was set",
					   ifname, got, want)
				 : 0;
}

/* A sysfs of the namespace that the thread is in, mounted nowhere. */
static int open_sysfs(const char *where, struct sfe_error *err)
{
	int fs = fsopen("sysfs", FSOPEN_CLOEXEC), fd = -1, r = 0;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ||
		(fd = fsmount(fs, FSMOUNT_CLOEXEC, 0)) < 0)
		r = -errno;
	if (fs >= 0)
		close(fs);
	return r ? sfe_fail(err, r, where, NULL, "cannot open a sysfs: %s", strerror(-r)) : fd;
}

static int steer_host(struct sfe_net *net, uint32_t h, const cpu_set_t *usable, uint32_t *turn,
	struct sfe_error *err)
{
	const struct sfe_host *host = &net->plan->hosts[h];
	int r = sfe_netns_enter(net->ns[h], host->name, err);
	int sysfs = r ? r : open_sysfs(host->name, err);

	if (sysfs < 0)
		return sysfs;
	for (uint32_t i = 0; i < host->n_ports && !r; i++) {
		const struct sfe_port *at = &host->ports[i];
		r = steer(sysfs, net->plan->cables[at->cable].end[at->side].ifname,
			nth_cpu(usable, (*turn)++), host->name, err);
	}
	close(sysfs);
	return r;
}

int sfe_net_keep_order(struct sfe_net *net, struct sfe_error *err)
{
	uint32_t turn = 0;
	cpu_set_t usable;
	int r = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return 0;
	if (sched_getaffinity(0, sizeof(usable), &usable))
		return sfe_fail(err, -errno, NULL, NULL, "cannot tell which CPUs may be used: %s",
			strerror(errno));
	for (uint32_t h = 0; h < net->plan->n_hosts && !r; h++)
		r = steer_host(net, h, &usable, &turn, err);
	int home = sfe_netns_enter(net->home, "the namespace outside", r ? NULL : err);
	return r ? r : home;
}

/* Two lines a protocol: its counters' names, their values. */
double sfe_reordered_in(const char *netstat)
{
	static const char protocol[] = "TcpExt:", counter[] = "TCPSACKReorder";
	char *names = NULL, *values = NULL, *name, *value, *name_at, *value_at;
	size_t names_room = 0, values_room = 0;
	double found = NAN;
	FILE *f = fopen(netstat, "re");

	while (f && isnan(found) && getline(&names, &names_room, f) > 0 &&
		getline(&values, &values_room, f) > 0) {
		if (strncmp(names, protocol, strlen(protocol)))
			continue;
		name = strtok_r(names, " \n", &name_at);
		value = strtok_r(values, " \n", &value_at);
		while (name && value && strcmp(name, counter)) {
			name = strtok_r(NULL, " \n", &name_at);
			value = strtok_r(NULL, " \n", &value_at);
		}
		if (name && value)
			found = strtod(value, NULL);
	}
	free(names);
	free(values);
	if (f)
		fclose(f);
	return found;
}

int sfe_net_reordered(const struct sfe_net *net, double *out, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	int r = 0;

	*out = net->reorders || !net->params->sack ? NAN : 0;
	if (isnan(*out))
		return 0;
	for (uint32_t h = 0; h < p->n_hosts && !r; h++) {
		if (p->hosts[h].kind != SFE_HOST_NODE)
			continue;
		r = sfe_netns_enter(net->ns[h], p->hosts[h].name, err);
		if (!r)
			*out += sfe_reordered_in("/proc/thread-self/net/netstat");
	}
	int home = sfe_netns_enter(net->home, "the namespace outside", r ? NULL : err);
	return r ? r : home;
}
