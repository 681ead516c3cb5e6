/* SPDX-License-Identifier: MIT */
#include "emu/results/results_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "emu/model/base/input.h"
#include "emu/model/workload/workflow_files.h"
#include "emu/results/results_file.h"
#include "emu/results/results_topology.h"
#include "emu/security/beneath.h"
#include "emu/security/invoker.h"
#include "emu/security/trust.h"

/* with less free space the run would fail later */
#define MIN_FREE_BYTES (32ull << 20)
#define MIN_FREE_INODES 64
#define MAX_SAME_SECOND 1000
#define PLACED "inputs/placed"
#define STRATEGIES "inputs/strategies"

static int unusable(const char *path, int code, struct sfe_error *err)
{
	if (-code == SFE_INVOKER_REFUSED) /* err says more */
		return -code;
	return sfe_fail(err, -code, path, "choose another folder with --set results=FOLDER",
		"cannot write the results there: %s", strerror(code));
}

/* Creates a folder as the invoker, or as root where only root may, and then gives it to the
 * invoker. *fd is its descriptor. -EEXIST: the name exists. */
static int make_folder(int parent, const char *name, int *fd, struct sfe_error *err)
{
	struct sfe_invoker who = sfe_invoker();
	struct sfe_as_invoker before;
	struct stat st;
	int r = sfe_as_invoker_begin(&before, err);

	if (r)
		return r;
	r = mkdirat(parent, name, 0777) ? -errno : 0;
	sfe_as_invoker_end(&before);
	bool as_root = who.sudo && (r == -EACCES || r == -EPERM);
	if (as_root)
		r = mkdirat(parent, name, 0777) ? -errno : 0;
	if (r)
		return r;
	*fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return -errno;
	/* The parent's owner may have replaced it meanwhile. */
	r = fstat(*fd, &st)                                             ? -errno
	    : st.st_uid != (who.sudo && !as_root ? who.uid : geteuid()) ? -ESTALE
	    : as_root && fchown(*fd, who.uid, who.gid)                  ? -errno
									: 0;
	if (r)
		close(*fd);
	return r;
}

int sfe_results_parents(const char *path, struct sfe_error *err)
{
	char *copy = strdup(path), *rest = copy, *name;
	int at = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (at < 0)
		r = -errno;
	else if (!copy)
		r = -ENOMEM;
	while (!r && (name = strsep(&rest, "/"))) {
		int next = -1;
		if (!*name)
			continue;
		r = make_folder(at, name, &next, err);
		if (r == -EEXIST) {
			/* The path to the results may contain links. */
			next = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
			r = next < 0 ? -errno : 0;
		}
		if (!r) {
			close(at);
			at = next;
		}
	}
	if (at >= 0)
		close(at);
	free(copy);
	return r ? unusable(path, -r, err) : 0;
}

/* Checks the free space of the folder's file system. */
static int make_room(const char *path, struct sfe_error *err)
{
	struct statvfs vfs;
	int r = sfe_results_parents(path, err);

	if (r)
		return r;
	if (statvfs(path, &vfs))
		return unusable(path, errno, err);
	/* File systems that allocate inodes on demand report 0 of 0. */
	if ((uint64_t)vfs.f_bavail * vfs.f_frsize < MIN_FREE_BYTES ||
		(vfs.f_files && vfs.f_favail < MIN_FREE_INODES))
		return unusable(path, ENOSPC, err);
	return 0;
}

/* Allows an empty folder, or a sweep's cell with only the sweep's files. */
static int check_empty(int fd, const char *folder, struct sfe_error *err)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;
	int r = 0;

	if (!d)
		return unusable(folder, errno, err);
	while (!r && (e = readdir(d))) {
		static const char *const known[] = {".", "..", "cell.yaml", "run.log"};
		bool fine = false;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			fine |= !strcmp(e->d_name, known[i]);
		if (!strcmp(e->d_name, "manifest.json"))
			r = sfe_fail(err, -EEXIST, folder, "name another folder",
				"has the results of a run already");
		else if (!fine)
			r = sfe_fail(err, -ENOTEMPTY, folder, "name a new or an empty folder",
				"is not empty: a run's results begin in an empty folder, and there "
				"is "
				"'%.100s'",
				e->d_name);
	}
	closedir(d);
	return r;
}

/* Another owner, or a folder that others can write, would allow changes to the results. */
static int check_owner(int fd, const char *folder, struct sfe_error *err)
{
	struct sfe_invoker who = sfe_invoker();
	struct stat st;

	if (fstat(fd, &st))
		return unusable(folder, errno, err);
	if (st.st_uid != who.uid)
		return sfe_fail(err, -EPERM, folder, "name a folder of your own, or a new one",
			"belongs to uid %u, and results belong to who starts the run (uid %u)",
			st.st_uid, who.uid);
	return sfe_trust_descriptor(fd, folder, err);
}

int sfe_results_into(const char *folder, char **path, int *fd, struct sfe_error *err)
{
	int r = make_room(folder, err);

	if (r)
		return r;
	*fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return unusable(folder, errno, err);
	r = check_owner(*fd, folder, err);
	r = r ? r : check_empty(*fd, folder, err);
	if (!r && !(*path = realpath(folder, NULL)))
		r = unusable(folder, errno, err);
	return r;
}

static int make_stamped(
	int parent, const char *stem, char *name, size_t size, int *fd, struct sfe_error *err)
{
	int r = -EEXIST;

	for (int i = 1; i < MAX_SAME_SECOND && r == -EEXIST; i++) {
		if (i == 1)
			snprintf(name, size, "%s", stem);
		else
			snprintf(name, size, "%s-%d", stem, i);
		r = make_folder(parent, name, fd, err);
	}
	return r;
}

/* The path, or of what is not there yet the folder above it. */
static int trust_what_there_is(const char *folder, struct sfe_error *err)
{
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s", folder);
	while ((r = sfe_trust_path(path, err)) == -ENOENT && strcmp(path, ".") != 0) {
		char *slash = strrchr(path, '/');
		snprintf(slash && slash != path ? slash : path,
			slash && slash != path ? 1 : sizeof(path), "%s", slash ? "/" : ".");
	}
	return r;
}

/* Where a scenario's file says that results go, root follows it only where nobody else decides what
 * is there. */
static int check_file_may_say(const struct sfe_scenario *s, bool made, struct sfe_error *err)
{
	struct sfe_error cause = {0};

	if (!s->results_by_file || geteuid())
		return 0;
	int r = made ? sfe_trust_path(s->results, &cause) : trust_what_there_is(s->results, &cause);
	return r ? sfe_fail(err, r, s->file,
			   "if the results shall go there, say so yourself: --set results=FOLDER",
			   "results: %.250s", cause.what)
		 : 0;
}

int sfe_results_create(const struct sfe_scenario *s, char **path, int *fd, struct sfe_error *err)
{
	char stamp[32], stem[NAME_MAX + 1], name[NAME_MAX + 16];
	time_t now = time(NULL);
	struct tm tm;
	int r = check_file_may_say(s, false, err);

	r = r ? r : make_room(s->results, err);
	r = r ? r : check_file_may_say(s, true, err);
	if (r)
		return r;
	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	snprintf(stem, sizeof(stem), "%.200s-%s", s->name, stamp);
	int parent = open(s->results, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return unusable(s->results, errno, err);
	r = make_stamped(parent, stem, name, sizeof(name), fd, err);
	close(parent);
	if (r)
		return unusable(s->results, -r, err);
	if (asprintf(path, "%s/%s", s->results, name) < 0) {
		*path = NULL;
		close(*fd);
		*fd = -1;
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	return 0;
}

/* Writes what was read of an input. Who may not read the input may not read that either. in: NULL
 * has failed already, with err. */
static int copy_input(int dir, const struct sfe_input *in, const char *name, struct sfe_error *err)
{
	FILE *out = in ? sfe_results_open(dir, name, "w", err) : NULL;
	struct stat st;

	if (!out)
		return err ? err->code : -EIO;
	fwrite(in->text, 1, in->len, out);
	mode_t hidden = (S_IRGRP | S_IROTH) & ~in->mode;
	bool set = !fstat(fileno(out), &st) &&
		   !fchmod(fileno(out), ((st.st_mode & 0777) | (in->mode & S_IXUSR)) & ~hidden);
	int bad =
		set ? 0
		    : sfe_fail(err, -errno, name, NULL, "cannot set its mode: %s", strerror(errno));
	int r = sfe_results_close(out, name, bad ? NULL : err);
	return bad ? bad : r;
}

/* Makes a folder and opens it. */
static int folder_in(int dir, const char *name, int *fd, struct sfe_error *err)
{
	int r = sfe_beneath_folder(dir, name, err);

	if (r)
		return r;
	*fd = sfe_beneath_open(dir, name, O_RDONLY | O_DIRECTORY, 0);
	return *fd < 0 ? sfe_fail(err, *fd, name, NULL, "cannot open it: %s", strerror(-*fd)) : 0;
}

/* One function, whose files go to the folder. */
static int copy_words(int dir, const struct sfe_scenario *s, const struct sfe_function_spec *from,
	struct sfe_function_spec *to, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < from->n_words && !r; i++) {
		const char *text = from->words[i].text, *slash = strrchr(text, '/');
		const char *base = slash ? slash + 1 : text;
		if (from->words[i].file) {
			r = copy_input(dir, sfe_inputs_get_bytes(s->inputs, text, err), base, err);
			if (!r && asprintf(&to->words[i].text, "inputs/functions/%s/%s", from->name,
					  base) < 0)
				to->words[i].text = NULL;
		} else {
			to->words[i].text = strdup(text);
		}
		if (!r && !to->words[i].text)
			r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	return r;
}

static int copy_function(int functions, const struct sfe_scenario *s,
	const struct sfe_function_spec *from, struct sfe_function_spec *to, struct sfe_error *err)
{
	int fd = -1;

	*to = *from;
	to->words = calloc((size_t)from->n_words + 1, sizeof(*to->words));
	int r = to->words ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (!r && from->n_words)
		r = folder_in(functions, from->name, &fd, err);
	r = r ? r : copy_words(fd, s, from, to, err);
	if (fd >= 0)
		close(fd);
	return r;
}

/* Copies the files of functions to inputs/functions/NAME/, and gives resolved functions that name
 * the copies; free_functions frees them, also after a failure. */
static int copy_functions(
	int dir, const struct sfe_scenario *s, struct sfe_scenario *resolved, struct sfe_error *err)
{
	int inputs = -1, functions = -1;
	int r = folder_in(dir, "inputs", &inputs, err);

	r = r ? r : folder_in(inputs, "functions", &functions, err);
	resolved->functions.of = calloc(s->functions.n, sizeof(*resolved->functions.of));
	if (!r && !resolved->functions.of)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < s->functions.n && !r; i++)
		r = copy_function(
			functions, s, &s->functions.of[i], &resolved->functions.of[i], err);
	if (functions >= 0)
		close(functions);
	if (inputs >= 0)
		close(inputs);
	return r;
}

static void free_functions(struct sfe_scenario *resolved)
{
	for (uint32_t i = 0; resolved->functions.of && i < resolved->functions.n; i++) {
		struct sfe_function_spec *f = &resolved->functions.of[i];
		for (uint32_t k = 0; f->words && k < f->n_words; k++)
			free(f->words[k].text);
		free(f->words);
	}
	free(resolved->functions.of);
}

/* Whether an earlier strategy is of the same file, with other options. */
static bool is_copied(const struct sfe_scenario *s, uint32_t strategy)
{
	for (uint32_t i = 0; i < strategy; i++)
		if (s->plugins[i] && !strcmp(s->plugins[i]->file, s->plugins[strategy]->file))
			return true;
	return false;
}

/* Copies the plugins of strategies to inputs/strategies/, and gives resolved plugins that name the
 * copies; free_strategies frees them, also after a failure. */
static int copy_strategies(
	int dir, const struct sfe_scenario *s, struct sfe_scenario *resolved, struct sfe_error *err)
{
	int r = sfe_beneath_folder(dir, STRATEGIES, err);

	memset(resolved->plugins, 0, sizeof(resolved->plugins));
	for (uint32_t i = 0; i < s->n_strategies && !r; i++) {
		const struct sfe_strategy_plugin *p = s->plugins[i];
		struct sfe_strategy_plugin *to = p ? calloc(1, sizeof(*to)) : NULL;
		resolved->plugins[i] = to;
		if (!p)
			continue;
		if (!to || asprintf(&to->file, STRATEGIES "/%s", strrchr(p->file, '/') + 1) < 0)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		if (!is_copied(s, i))
			r = copy_input(
				dir, sfe_inputs_get_bytes(s->inputs, p->file, err), to->file, err);
	}
	return r;
}

static void free_strategies(struct sfe_scenario *resolved)
{
	for (uint32_t i = 0; i < resolved->n_strategies; i++) {
		if (resolved->plugins[i])
			free(resolved->plugins[i]->file);
		free(resolved->plugins[i]);
	}
}

static bool has_plugins(const struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (s->plugins[i])
			return true;
	return false;
}

/* Much of a scenario and its inputs is in the results: copies, names, what follows from them. Where
 * not everybody may read them, nobody but the owner may enter the results, before they hold any. */
static int keep_private(int dir, const struct sfe_scenario *s, struct sfe_error *err)
{
	struct stat st, own;
	bool hidden =
		sfe_inputs_private(s->inputs) ||
		(s->file && !stat(s->file, &st) && S_ISREG(st.st_mode) && !(st.st_mode & S_IROTH));

	if (hidden && (fstat(dir, &own) || fchmod(dir, own.st_mode & 07700)))
		return sfe_fail(err, -errno, "results", NULL, "cannot be made private: %s",
			strerror(errno));
	return 0;
}

/* Copies the files of the workflows under the names that the copy of the workflows has. */
static int copy_workflow_inputs(int dir, const struct sfe_scenario *s,
	const struct sfe_workflows *renamed, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < s->workflows.n && !r; i++) {
		const struct sfe_workflow *f = &s->workflows.of[i], *to = &renamed->of[i];
		if (f->arg_file)
			r = copy_input(dir, sfe_inputs_get(s->inputs, f->arg_file, err),
				to->arg_file, err);
		for (uint32_t k = 0; k < f->n_states + f->n_shared && !r; k++)
			if (f->states[k].file)
				r = copy_input(dir,
					sfe_inputs_get(s->inputs, f->states[k].file, err),
					to->states[k].file, err);
	}
	return r;
}

static int write_table(int dir, const char *name, const struct sfe_experiment *e,
	void (*write)(const struct sfe_topology *, const struct sfe_workload *,
		const struct sfe_assignment *, FILE *),
	struct sfe_error *err)
{
	FILE *out = sfe_results_open(dir, name, "w", err);

	if (!out)
		return err ? err->code : -EIO;
	write(e->bare, e->workload, e->assignment, out);
	return sfe_results_close(out, name, err);
}

/* Of a placement that was given: the columns that are read of it, so that the guest and a
 * repetition place the same. */
static int write_placed(int dir, const struct sfe_experiment *e, struct sfe_error *err)
{
	int r = sfe_beneath_folder(dir, PLACED, err);

	r = r ? r : write_table(dir, PLACED "/jobs.csv", e, sfe_placed_write_jobs, err);
	return r ? r
		 : write_table(
			   dir, PLACED "/invocations.csv", e, sfe_placed_write_invocations, err);
}

/* Writes the scenario, with the names that its inputs have in the folder. */
static int write_resolved(int dir, const struct sfe_scenario *resolved, struct sfe_error *err)
{
	FILE *f = sfe_results_open(dir, "scenario.yaml", "w", err);

	if (!f)
		return err ? err->code : -EIO;
	int r = sfe_scenario_write(resolved, f);
	int closed = sfe_results_close(f, "scenario.yaml", err);
	return closed ? closed : r ? sfe_fail(err, r, "scenario.yaml", NULL, "cannot write it") : 0;
}

int sfe_results_write_scenario(int dir, const struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	static const char *const names[] = {
		"inputs/nodes", "inputs/links", "inputs/edges", "inputs/batch_task.csv"};
	const char *inputs[] = {
		s->topology.nodes, s->topology.links, s->topology.edges, s->workload.tasks};
	struct sfe_scenario resolved = *s;
	bool plugins = has_plugins(s);
	int r = keep_private(dir, s, err);

	r = r ? r : sfe_results_write_topology(dir, e->bare, err);
	r = r ? r : sfe_beneath_folder(dir, "inputs", err);
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]) && !r; i++)
		if (inputs[i])
			r = copy_input(
				dir, sfe_inputs_get(s->inputs, inputs[i], err), names[i], err);
	if (!r && s->functions.n)
		r = copy_functions(dir, s, &resolved, err);
	bool own_plugins = !r && plugins;
	if (own_plugins)
		r = copy_strategies(dir, s, &resolved, err);
	if (s->topology.nodes) {
		resolved.topology.nodes = (char *)names[0];
		resolved.topology.links = (char *)names[1];
		resolved.topology.edges = (char *)names[2];
	}
	if (s->workload.tasks)
		resolved.workload.tasks = (char *)names[3];
	if (s->placed.from) {
		resolved.placed.from = (char *)PLACED;
		r = r ? r : write_placed(dir, e, err);
	}
	int renamed = sfe_workflow_files_rename(&s->workflows, "inputs", &resolved.workflows);
	if (!r && renamed)
		r = sfe_fail(err, renamed, NULL, NULL, "out of memory");
	r = r ? r : copy_workflow_inputs(dir, s, &resolved.workflows, err);
	r = r ? r : write_resolved(dir, &resolved, err);
	sfe_workflow_files_free(&resolved.workflows);
	if (s->functions.n && resolved.functions.of != s->functions.of)
		free_functions(&resolved);
	if (own_plugins)
		free_strategies(&resolved);
	return r;
}
