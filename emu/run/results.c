/* SPDX-License-Identifier: MIT */
#include "emu/run/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "emu/run/results_read.h"
#include "emu/security/beneath.h"

/* Below this the run would only fail later. */
#define MIN_FREE_BYTES (32ull << 20)
#define MIN_FREE_INODES 64
#define MAX_SAME_SECOND 1000

static int unusable(const char *path, int code, struct sfe_error *err)
{
	return sfe_fail(err, -code, path, "choose another folder with --set results=FOLDER",
		"cannot write the results there: %s", strerror(code));
}

int sfe_results_parents(const char *path, struct sfe_error *err)
{
	char *copy = strdup(path);
	int r = 0;

	if (!copy)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (char *p = copy + 1; !r; p++) {
		if (*p && *p != '/')
			continue;
		char end = *p;
		*p = 0;
		if (mkdir(copy, 0777) && errno != EEXIST)
			r = unusable(copy, errno, err);
		*p = end;
		if (!end)
			break;
	}
	free(copy);
	return r;
}

/* The folder, with space in it. */
static int make_room(const char *path, struct sfe_error *err)
{
	struct statvfs vfs;
	int r = sfe_results_parents(path, err);

	if (r)
		return r;
	if (statvfs(path, &vfs))
		return unusable(path, errno, err);
	/* File systems that make inodes as they need them say 0 of 0. */
	if ((uint64_t)vfs.f_bavail * vfs.f_frsize < MIN_FREE_BYTES ||
		(vfs.f_files && vfs.f_favail < MIN_FREE_INODES))
		return unusable(path, ENOSPC, err);
	return 0;
}

int sfe_results_into(const char *folder, char **path, int *fd, struct sfe_error *err)
{
	int r = make_room(folder, err);

	if (r)
		return r;
	if (!(*path = realpath(folder, NULL)))
		return unusable(folder, errno, err);
	*fd = open(*path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return unusable(*path, errno, err);
	return faccessat(*fd, "manifest.json", F_OK, 0)
		       ? 0
		       : sfe_fail(err, -EEXIST, folder, "name another folder",
				 "has the results of a run already");
}

int sfe_results_create(const struct sfe_scenario *s, char **path, int *fd, struct sfe_error *err)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	int r = make_room(s->results, err);

	if (r)
		return r;
	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	for (int i = 1; i < MAX_SAME_SECOND; i++) {
		char suffix[16] = "";
		if (i > 1)
			snprintf(suffix, sizeof(suffix), "-%d", i);
		if (asprintf(path, "%s/%s-%s%s", s->results, s->name, stamp, suffix) < 0)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		if (!mkdir(*path, 0777))
			break;
		int code = errno;
		r = code == EEXIST ? 0 : unusable(*path, code, err);
		free(*path);
		*path = NULL;
		if (r)
			return r;
	}
	if (!*path)
		return unusable(s->results, EEXIST, err);
	*fd = open(*path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? unusable(*path, errno, err) : 0;
}

FILE *sfe_results_open(int dir, const char *name, const char *mode, struct sfe_error *err)
{
	int fd = mode[0] == 'w'   ? sfe_beneath_create(dir, name, err)
		 : mode[0] == 'a' ? sfe_beneath_update(dir, name, O_WRONLY | O_APPEND, err)
		 : mode[1] == '+' ? sfe_beneath_update(dir, name, O_RDWR, err)
				  : sfe_beneath_read(dir, name, SFE_RESULTS_MAX_FILE_BYTES, err);
	FILE *f = fd < 0 ? NULL : fdopen(fd, mode);

	if (!f && fd >= 0) {
		sfe_fail(err, -errno, name, NULL, "cannot open it in the results folder: %s",
			strerror(errno));
		close(fd);
	}
	return f;
}

int sfe_results_close(FILE *f, const char *name, struct sfe_error *err)
{
	int bad = ferror(f) ? EIO : 0;

	errno = 0;
	if (fclose(f) && !bad)
		bad = errno ? errno : EIO;
	return bad ? sfe_fail(err, -bad, name, "is the disk full?", "cannot write it: %s",
			     strerror(bad))
		   : 0;
}

/* Copies a file as inputs/<name>. */
static int copy_input(int dir, const char *from, const char *name, struct sfe_error *err)
{
	char buf[65536];
	size_t n;
	FILE *in = fopen(from, "re");

	if (!in)
		return sfe_fail(err, -errno, from, NULL, "cannot read it: %s", strerror(errno));
	FILE *out = sfe_results_open(dir, name, "w", err);
	if (!out) {
		fclose(in);
		return err ? err->code : -EIO;
	}
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, n, out);
	int bad = ferror(in);
	fclose(in);
	int r = sfe_results_close(out, name, err);
	return r || !bad ? r : sfe_fail(err, -EIO, from, NULL, "cannot read it to its end");
}

int sfe_results_write_scenario(int dir, const struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	static const char *const names[] = {
		"inputs/nodes", "inputs/links", "inputs/edges", "inputs/batch_task.csv"};
	const char *inputs[] = {
		s->topology.nodes, s->topology.links, s->topology.edges, s->workload.tasks};
	struct sfe_scenario resolved = *s;
	int r = sfe_results_write_topology(dir, e->bare, err);

	if (r)
		return r;
	if (mkdirat(dir, "inputs", 0777) && errno != EEXIST)
		return unusable("inputs", errno, err);
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]) && !r; i++)
		if (inputs[i])
			r = copy_input(dir, inputs[i], names[i], err);
	if (r)
		return r;
	if (s->topology.nodes) {
		resolved.topology.nodes = (char *)names[0];
		resolved.topology.links = (char *)names[1];
		resolved.topology.edges = (char *)names[2];
	}
	resolved.workload.tasks = (char *)names[3];
	FILE *f = sfe_results_open(dir, "scenario.yaml", "w", err);
	if (!f)
		return err ? err->code : -EIO;
	r = sfe_scenario_write(&resolved, f);
	int closed = sfe_results_close(f, "scenario.yaml", err);
	return closed ? closed : r ? sfe_fail(err, r, "scenario.yaml", NULL, "cannot write it") : 0;
}
