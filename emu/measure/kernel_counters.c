/* SPDX-License-Identifier: MIT */
#include "emu/measure/kernel_counters.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static FILE *open_in(const char *proc, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	return fopen(path, "re");
}

static void read_stat(const char *proc, struct sfe_kernel_counters *c)
{
	double v[8]; /* user, nice, system, idle, iowait, irq, softirq, steal */
	FILE *f = open_in(proc, "stat");

	if (!f)
		return;
	if (fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &v[0], &v[1], &v[2], &v[3], &v[4],
		    &v[5], &v[6], &v[7]) == 8) {
		c->all = 0;
		for (int i = 0; i < 8; i++)
			c->all += v[i];
		c->idle = v[3] + v[4];
		c->stolen = v[7];
	}
	fclose(f);
}

/* One line per processor, in hexadecimal: packets, dropped, squeezed, and more. */
static void read_softnet(const char *proc, struct sfe_kernel_counters *c)
{
	unsigned packets, dropped, squeezed;
	char line[512];
	FILE *f = open_in(proc, "net/softnet_stat");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%x %x %x", &packets, &dropped, &squeezed) == 3) {
			c->backlog_drops =
				(isnan(c->backlog_drops) ? 0 : c->backlog_drops) + dropped;
			c->squeezes = (isnan(c->squeezes) ? 0 : c->squeezes) + squeezed;
		}
	fclose(f);
}

/* cpuN and nine numbers; the eighth and ninth are used (version 15 and later). */
static void read_schedstat(const char *proc, struct sfe_kernel_counters *c)
{
	double delay, turns;
	char line[512];
	FILE *f = open_in(proc, "schedstat");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "cpu%*u %*u %*u %*u %*u %*u %*u %*u %lf %lf", &delay, &turns) ==
			2) {
			c->run_delay_ns = (isnan(c->run_delay_ns) ? 0 : c->run_delay_ns) + delay;
			c->turns = (isnan(c->turns) ? 0 : c->turns) + turns;
		}
	fclose(f);
}

static void read_pressure(const char *proc, struct sfe_kernel_counters *c)
{
	double total;
	FILE *f = open_in(proc, "pressure/cpu");

	if (!f)
		return;
	if (fscanf(f, "some avg10=%*f avg60=%*f avg300=%*f total=%lf", &total) == 1)
		c->pressure_us = total;
	fclose(f);
}

void sfe_kernel_counters_read(const char *proc, struct sfe_kernel_counters *out)
{
	*out = (struct sfe_kernel_counters){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	read_stat(proc, out);
	read_softnet(proc, out);
	read_schedstat(proc, out);
	read_pressure(proc, out);
}
