/* SPDX-License-Identifier: MIT */
#include "emu/run/hosts_file.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "emu/results/results_file.h"

#define HOSTS_FILE "hosts"

int sfe_hosts_write(int results_fd, const struct sfe_plan *plan, struct sfe_error *err)
{
	FILE *f = sfe_results_open(results_fd, HOSTS_FILE, "w", err);

	if (!f)
		return err ? err->code : -EIO;
	fprintf(f, "127.0.0.1 localhost\n");
	for (uint32_t h = 0; h < plan->n_hosts; h++) {
		uint32_t a = plan->hosts[h].address;
		fprintf(f, "%u.%u.%u.%u %s\n", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
			plan->hosts[h].name);
	}
	return sfe_results_close(f, HOSTS_FILE, err);
}

int sfe_hosts_mount(const char *results_path, struct sfe_error *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/" HOSTS_FILE, results_path);
	if (mount(path, "/etc/hosts", NULL, MS_BIND, NULL))
		return sfe_fail(err, -errno, "/etc/hosts", NULL,
			"cannot put the nodes' names there: %s", strerror(errno));
	return 0;
}
