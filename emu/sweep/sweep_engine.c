/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/sweep/sweep_cell.h"

int sfe_sweep_run_begin(struct sfe_sweep_store *store, bool fresh, bool quiet,
	struct sfe_sweep_run *run, struct sfe_error *err)
{
	uint32_t n = store->sweep->n_cells;

	*run = (struct sfe_sweep_run){.store = store, .jobs = 1, .memory_mb = UINT64_MAX};
	sfe_progress_start(&run->progress, quiet);
	run->cell = calloc(n, sizeof(*run->cell));
	if (!run->cell)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < n && !fresh; i++) {
		bool done;
		int r = sfe_sweep_cell_done(store, i, &done, err);
		if (r)
			return r;
		if (done) {
			run->cell[i].state = SFE_SWEEP_DONE;
			run->reused++;
		}
	}
	return 0;
}

void sfe_sweep_run_end(struct sfe_sweep_run *run)
{
	sfe_progress_line(&run->progress);
	for (uint32_t i = 0; run->cell && i < run->store->sweep->n_cells; i++)
		free(run->cell[i].why);
	free(run->cell);
}

uint32_t sfe_sweep_next(const struct sfe_sweep_run *run, uint32_t from)
{
	uint32_t n = run->store->sweep->n_cells;

	while (from < n && run->cell[from].state != SFE_SWEEP_WAITING)
		from++;
	return from;
}

/* "about 3 min 20 s left", from the mean time of the cells of this run; empty before the first. */
static const char *time_left(const struct sfe_sweep_run *run, char *buf, size_t size)
{
	uint32_t ended = run->done + run->failed;
	uint32_t left = run->store->sweep->n_cells - run->reused - ended;
	double s = ended ? sfe_progress_seconds(&run->progress) / ended * left : 0;

	return sfe_left_text(s, buf, size);
}

void sfe_sweep_show(struct sfe_sweep_run *run)
{
	struct sfe_progress *p = &run->progress;
	char left[64], failed[32] = "";

	if (p->quiet || !p->terminal)
		return;
	if (run->failed)
		snprintf(failed, sizeof(failed), ", %u failed", run->failed);
	fprintf(stderr, "\r\033[K[%6.1f s] %u of %u cells done%s, %u running%s",
		sfe_progress_seconds(p), run->reused + run->done, run->store->sweep->n_cells,
		failed, run->running, time_left(run, left, sizeof(left)));
	p->open = true;
}

/* Writes a line for a cell. On a terminal it is above the line that shows the progress. */
static void say(struct sfe_sweep_run *run, uint32_t cell, const char *what, const char *why)
{
	char label[200], left[64];

	if (run->progress.quiet)
		return;
	if (run->progress.terminal && run->progress.open) {
		fputs("\r\033[K", stderr);
		run->progress.open = false;
	}
	fprintf(stderr, "[%6.1f s] %u/%u %s: %s%s%s%s\n", sfe_progress_seconds(&run->progress),
		run->reused + run->done + run->failed, run->store->sweep->n_cells,
		sfe_sweep_label(run->store->sweep, cell, label, sizeof(label)), what,
		why ? ": " : "", why ? why : "", time_left(run, left, sizeof(left)));
	sfe_sweep_show(run);
}

void sfe_sweep_note_started(struct sfe_sweep_run *run, uint32_t cell)
{
	run->cell[cell].state = SFE_SWEEP_RUNNING;
	run->cell[cell].attempts++;
	run->running++;
	sfe_sweep_show(run);
}

void sfe_sweep_note_done(struct sfe_sweep_run *run, uint32_t cell)
{
	run->cell[cell].state = SFE_SWEEP_DONE;
	run->running--;
	run->done++;
	say(run, cell, "done", NULL);
}

void sfe_sweep_note_failed(struct sfe_sweep_run *run, uint32_t cell, const struct sfe_error *why)
{
	struct sfe_sweep_cell *c = &run->cell[cell];
	bool last = c->attempts >= SFE_SWEEP_ATTEMPTS || why->code == -EINVAL;
	char text[1100];

	free(c->why);
	/* Without where: the cell's label is shown with it. */
	snprintf(text, sizeof(text), "%s%s%s", why->what, why->todo[0] ? "; " : "", why->todo);
	c->why = strdup(text);
	c->state = last ? SFE_SWEEP_FAILED : SFE_SWEEP_WAITING;
	run->running--;
	run->failed += last;
	say(run, cell, last ? "failed" : "failed, and is started once more", c->why);
}

void sfe_sweep_note_stopped(struct sfe_sweep_run *run, uint32_t cell)
{
	run->cell[cell].state = SFE_SWEEP_WAITING;
	run->cell[cell].attempts--;
	run->running--;
}
