/* SPDX-License-Identifier: MIT */
/*
 * The engine for a Slurm cluster: waiting cells become tasks of job arrays. A task runs `sfemu
 * sweep
 * --cell N`, which writes the cell into the sweep's folder. All nodes share that folder, and the
 * engine looks there for the cell.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "emu/run/control/signals.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "emu/sweep/slurm.h"
#include "emu/sweep/sweep_cell.h"
#include "emu/sweep/sweep_engine.h"
#include "emu/sweep/sweep_keep.h"

#define ASK_EVERY_MS 1000
#define MAX_LOG_BYTES (1ull << 30) /* of a task; its last line is shown */
/* How often to ask again if Slurm's controller does not answer, or if a finished cell is not in the
 * folder yet. */
#define MAX_TRIES 60

struct array {
	uint32_t job, n;
	uint32_t *cell;    /* of each task */
	unsigned *missing; /* of each task: how often it was completed but its cell not there */
	struct array *next;
};

struct cluster {
	struct sfe_sweep_run *run;
	char name[100]; /* of the jobs, unique for this folder */
	char *folder;   /* path of FOLDER/slurm */
	int dir;        /* that folder */
	char *file;     /* absolute path of the sweep's file */
	uint32_t max;
	struct array *arrays;
	unsigned n_submitted, silent;
	int signals;
	bool interrupted;
	char reason[96]; /* the last reason shown why nothing runs */
};

static void put_quoted(FILE *f, const char *text)
{
	fputc('\'', f);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", f);
		else
			fputc(*text, f);
	fputs("' ", f);
}

/* Writes the script of an array: task N runs the Nth cell of its list. */
static int write_script(
	const struct cluster *c, const struct array *a, const char *name, struct sfe_error *err)
{
	struct sfe_replacement file;
	int r = sfe_replacement_begin(c->dir, name, &file, err);
	FILE *f = file.out;

	if (r)
		return r;
	fputs("#!/bin/sh\n# A task of a sweep: the cell of each task.\nset --", f);
	for (uint32_t i = 0; i < a->n; i++)
		fprintf(f, " %u", a->cell[i]);
	fputs("\nshift \"$SLURM_ARRAY_TASK_ID\"\nexec ", f);
	put_quoted(f, c->run->store->program);
	fputs("sweep --cell \"$1\" --output ", f);
	put_quoted(f, c->run->store->folder);
	if (c->run->store->unconfined)
		fputs("--unconfined ", f);
	for (unsigned i = 0; i < c->run->n_sets; i++) {
		fputs("--set ", f);
		put_quoted(f, c->run->sets[i]);
	}
	put_quoted(f, c->file);
	fputc('\n', f);
	return sfe_replacement_end(&file, true, err);
}

static int submit(struct cluster *c, struct array *a, struct sfe_error *err)
{
	char *script, name[40];

	snprintf(name, sizeof(name), "array-%u.sh", ++c->n_submitted);
	if (asprintf(&script, "%s/%s", c->folder, name) < 0)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	const struct sfe_slurm_array array = {
		.name = c->name,
		.script = script,
		.logs = c->folder,
		.options = c->run->sbatch,
		.n_options = c->run->n_sbatch,
		.tasks = a->n,
		.at_once = c->run->jobs,
	};
	int r = write_script(c, a, name, err);
	if (!r)
		r = sfe_slurm_submit(&array, &a->job, err);
	free(script);
	return r;
}

/* Submits waiting cells as a new array, as many as an array may have. */
static int new_array(struct cluster *c, struct sfe_error *err)
{
	uint32_t n_cells = c->run->store->sweep->n_cells;
	struct array *a = calloc(1, sizeof(*a));
	int r = 0;

	if (a) {
		a->cell = calloc(c->max, sizeof(*a->cell));
		a->missing = calloc(c->max, sizeof(*a->missing));
		a->next = c->arrays;
		c->arrays = a;
	}
	if (!a || !a->cell || !a->missing)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; a->n < c->max && !r; i++) {
		i = sfe_sweep_next(c->run, i);
		if (i == n_cells)
			break;
		a->cell[a->n++] = i;
		/* An existing folder is from other inputs. */
		r = sfe_sweep_cell_remove(c->run->store, i, err);
		c->run->cell[i].state = SFE_SWEEP_QUEUED;
	}
	if (!r)
		r = submit(c, a, err);
	if (r)
		return r;
	char text[128];
	snprintf(text, sizeof(text), "Slurm has job %u with %u tasks", a->job, a->n);
	sfe_progress_stage(&c->run->progress, text);
	return 0;
}

static void free_arrays(struct cluster *c)
{
	while (c->arrays) {
		struct array *a = c->arrays;
		c->arrays = a->next;
		free(a->cell);
		free(a->missing);
		free(a);
	}
}

static void last_line(
	const struct cluster *c, const struct array *a, uint32_t task, char *buf, size_t size)
{
	char name[40], line[1024];

	snprintf(name, sizeof(name), "%u_%u.log", a->job, task);
	FILE *f = sfe_folder_open(c->dir, name, MAX_LOG_BYTES, NULL);
	buf[0] = 0;
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0])
			snprintf(buf, size, "%.*s", (int)size - 1, line);
	}
	if (f)
		fclose(f);
}

/* A task has ended. The cell's folder decides whether it is done. */
static void task_ended(
	struct cluster *c, struct array *a, uint32_t task, const char *state, const char *reason)
{
	uint32_t cell = a->cell[task];
	struct sfe_error why = {0};
	char line[300];
	bool done = false;

	if (c->run->cell[cell].state == SFE_SWEEP_QUEUED)
		sfe_sweep_note_started(c->run, cell);
	if (!sfe_sweep_cell_done(c->run->store, cell, &done, &why) && done) {
		sfe_sweep_note_done(c->run, cell);
		return;
	}
	/* A shared file system may show the cell some seconds late. */
	bool well = !strcmp(state, "COMPLETED");
	if (well && ++a->missing[task] < MAX_TRIES)
		return;
	last_line(c, a, task, line, sizeof(line));
	sfe_fail(&why, -EIO, NULL,
		well ? "is the sweep's folder on a file system that all nodes share, and are the "
		       "sweep's inputs, sfemu and the guest kernel the same there?"
		     : NULL,
		"task %u_%u: %s (%s)%s%s", a->job, task, state, reason, line[0] ? ": " : "", line);
	sfe_sweep_note_failed(c->run, cell, &why);
}

static bool is_open(const struct cluster *c, const struct array *a, uint32_t task)
{
	enum sfe_sweep_state s = c->run->cell[a->cell[task]].state;

	return s == SFE_SWEEP_QUEUED || s == SFE_SWEEP_RUNNING;
}

static void take_state(struct cluster *c, struct array *a, const struct sfe_slurm_task *t)
{
	if (t->index >= a->n || !is_open(c, a, t->index))
		return;
	if (sfe_slurm_ended(t->state))
		task_ended(c, a, t->index, t->state, t->reason);
	else if (strcmp(t->state, "PENDING") &&
		 c->run->cell[a->cell[t->index]].state == SFE_SWEEP_QUEUED)
		sfe_sweep_note_started(c->run, a->cell[t->index]);
	else if (!c->run->running && strcmp(c->reason, t->reason) && strcmp(t->reason, "None")) {
		char text[160];
		snprintf(c->reason, sizeof(c->reason), "%s", t->reason);
		snprintf(text, sizeof(text), "Slurm lets the tasks wait: %s", t->reason);
		sfe_progress_stage(&c->run->progress, text);
	}
}

/* Asks Slurm for the tasks of an array. Sets *open if any of them may still change. */
static int ask(struct cluster *c, struct array *a, bool *open, struct sfe_error *err)
{
	struct sfe_slurm_task *tasks;
	unsigned n;
	int r = sfe_slurm_tasks(a->job, &tasks, &n, err);

	if (r == -EAGAIN && ++c->silent < MAX_TRIES) {
		*open = true;
		return 0;
	}
	if (r)
		return r;
	c->silent = 0;
	bool *known = calloc(a->n, sizeof(*known));
	for (unsigned i = 0; known && i < n; i++) {
		if (tasks[i].index < a->n)
			known[tasks[i].index] = true;
		take_state(c, a, &tasks[i]);
	}
	/* A task that Slurm does not list any more has ended. */
	for (uint32_t i = 0; known && i < a->n; i++) {
		if (!known[i] && is_open(c, a, i))
			task_ended(c, a, i, "COMPLETED", "long ago");
		*open |= is_open(c, a, i);
	}
	free(known);
	free(tasks);
	return known ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

static int wait_a_while(struct cluster *c)
{
	struct pollfd p = {.fd = c->signals, .events = POLLIN};

	poll(&p, 1, ASK_EVERY_MS);
	c->interrupted |= sfe_signals_read(c->signals);
	return c->interrupted ? -EINTR : 0;
}

/* Works until no cell waits and no task can change any more. */
static int work(struct cluster *c, struct sfe_error *err)
{
	uint32_t n_cells = c->run->store->sweep->n_cells;
	struct sfe_sweep_keep keep = {0};
	bool open = true;
	int r = 0;

	while (!r) {
		sfe_sweep_keep(c->run, &keep);
		while (!r && sfe_sweep_next(c->run, 0) < n_cells)
			r = new_array(c, err);
		open = false;
		for (struct array *a = c->arrays; a && !r; a = a->next)
			r = ask(c, a, &open, err);
		if (r || (!open && sfe_sweep_next(c->run, 0) == n_cells))
			break;
		sfe_sweep_show(c->run);
		r = wait_a_while(c);
	}
	return r;
}

static int prepare(struct cluster *c, struct sfe_error *err)
{
	const struct sfe_sweep_store *store = c->run->store;

	if (asprintf(&c->folder, "%s/slurm", store->folder) < 0)
		c->folder = NULL;
	c->file = realpath(store->sweep->file, NULL);
	if (!c->folder || !c->file)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	snprintf(c->name, sizeof(c->name), "sfemu-%s-%08" PRIx32, store->sweep->name,
		(uint32_t)XXH3_64bits(store->folder, strlen(store->folder)));
	int r = sfe_beneath_folder(store->dir, "slurm", err);
	if (!r && (c->dir = sfe_beneath_open(store->dir, "slurm", O_RDONLY | O_DIRECTORY, 0)) < 0)
		r = sfe_fail(
			err, c->dir, c->folder, NULL, "cannot be opened: %s", strerror(-c->dir));
	if (!r)
		r = sfe_slurm_max_array(&c->max, err);
	if (c->max > store->sweep->n_cells)
		c->max = store->sweep->n_cells;
	/* Cancels tasks of an earlier sweep in this folder that was killed. */
	return r ? r : sfe_slurm_cancel(c->name, err);
}

/* After an error or a signal: no task outlives the sweep; where Slurm does not answer, the user is
 * told to see to it. */
static void cancel(const struct cluster *c, bool by_signal, struct sfe_error *err)
{
	struct sfe_error why = {0};
	int r = sfe_slurm_cancel(c->name, &why);

	if (r && by_signal)
		sfe_fail(err, -EINTR, NULL,
			"cancel them with scancel; the same command goes on from here",
			"stopped before the end; its tasks, named %s, could not be cancelled: %s",
			c->name, why.what);
	else if (by_signal)
		sfe_fail(err, -EINTR, NULL, "the same command goes on from here",
			"stopped before the end; its tasks are cancelled");
	else if (r)
		fprintf(stderr, "sfemu: tasks named %s could not be cancelled: %s\n", c->name,
			why.what);
}

int sfe_sweep_slurm(struct sfe_sweep_run *run, struct sfe_error *err)
{
	struct cluster c = {.run = run, .dir = -1, .signals = -1};
	sigset_t old;
	int r = sfe_signals_open(false, &c.signals, &old, err);

	if (!r)
		r = prepare(&c, err);
	if (!r) {
		r = work(&c, err);
		if (r)
			cancel(&c, r == -EINTR, err);
	}
	free_arrays(&c);
	if (c.dir >= 0)
		close(c.dir);
	free(c.folder);
	free(c.file);
	if (c.signals >= 0)
		close(c.signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}
