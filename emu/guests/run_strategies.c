/* SPDX-License-Identifier: MIT */
#include "emu/guests/run_strategies.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/guests/merge.h"
#include "emu/guests/pool.h"
#include "emu/guests/strategy_run.h"
#include "emu/run/control/signals.h"
#include "emu/run/guest_memory.h"
#include "emu/run/supervise_start.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "emu/vm/limits.h"

#define LOOK_MS 1000 /* at the size of the results */
#define FOLDER_NAME ".s%u"
#define SHOWN_BYTES 100 /* of a line of progress */

struct run {
	const struct sfe_experiment *e;
	struct supervisor s; /* signals, control socket, progress, limit of the results */
	struct sfe_strategy_shared shared;
	struct sfe_pool pool;
	struct sfe_merge merge;
	struct sfe_strategy_run *of; /* by strategy */
	uint32_t n, started, merged; /* merged: the next one whose results are taken */
	uint32_t end;                /* those from here on are not run */
	uint64_t memory_mb;          /* of a guest */
	bool stopping;               /* all are being stopped */
};

const char *sfe_one_lab_why(const struct sfe_experiment *e,
	const struct sfe_substrate_choice *choice, const struct sfe_lab_options *lab)
{
	if (choice->clock != SFE_CLOCK_VIRTUAL)
		return "on the real clock strategies would disturb each other";
	if (lab->commands.n_during || lab->commands.n_after)
		return "commands of --during and --exec share one guest";
	if (e->n_programs)
		return "the scenario's programs share one guest";
	if (lab->verifies || lab->hold)
		return "there is one network";
	if (e->scenario->n_strategies < 2)
		return "there is one strategy";
	return NULL;
}

uint64_t sfe_side_by_side_memory_mb(const struct sfe_side_by_side *side)
{
	double mb = side->memory_mb ? (double)side->memory_mb : sfe_limits_memory_mb();

	return isinf(mb) ? UINT64_MAX : (uint64_t)mb;
}

/* ---- progress */

static void said(void *arg, const struct sfe_strategy_run *of, const char *word, const char *text)
{
	struct run *r = arg;
	char line[LINE_MAX_BYTES];
	size_t len = strlen(of->name);
	bool named = !strncmp(text, of->name, len) && text[len] == ':';

	snprintf(line, sizeof(line), "%s%s%s", named ? "" : of->name, named ? "" : ": ", text);
	if (!strcmp(word, "note"))
		sfe_progress_note(&r->s.progress, line);
	else
		sfe_progress_stage(&r->s.progress, line);
}

static bool runs(const struct sfe_strategy_run *of)
{
	return of->report >= 0;
}

/* The line of all that run: "PureFaaS 3 of 20, StateLocal 7 of 20 jobs". */
static void show(struct run *r)
{
	char text[SHOWN_BYTES + 64] = "";
	size_t len = 0;
	double share = 0;
	uint32_t hidden = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		const struct sfe_strategy_run *of = &r->of[i];
		if (of->all)
			share += (double)of->done / of->all / r->n;
		if (!runs(of) || !of->all)
			continue;
		if (len > SHOWN_BYTES / 2)
			hidden++;
		else
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %u of %u",
				len ? ", " : "", of->name, of->done, of->all);
	}
	if (hidden)
		snprintf(text + len, sizeof(text) - len, " and %u others", hidden);
	else
		snprintf(text + len, sizeof(text) - len, " jobs");
	sfe_progress_text(&r->s.progress, text, share < 1 ? share : 1, false);
}

static void show_end(struct run *r, uint32_t i)
{
	char text[160];

	snprintf(text, sizeof(text), "%s (%u of %u): %u of %u jobs", r->of[i].name, i + 1, r->n,
		r->of[i].done, r->of[i].all);
	sfe_progress_text(&r->s.progress, text, 0, true);
}

static void read_reports(struct run *r)
{
	bool changed = false;

	for (uint32_t i = 0; i < r->n; i++)
		if (runs(&r->of[i]))
			changed |= sfe_strategy_read(&r->of[i], said, r);
	if (changed)
		show(r);
}

/* ---- results */

/* Strategies from this one on are not run, or stopped. */
static void stop_from(struct run *r, uint32_t first)
{
	if (first < r->end)
		r->end = first;
	sfe_pool_signal(&r->pool, r->end, SIGTERM);
}

static int remove_part(struct run *r, uint32_t i, struct sfe_error *err)
{
	char name[16];

	if (r->of[i].part < 0)
		return 0;
	close(r->of[i].part);
	r->of[i].part = -1;
	snprintf(name, sizeof(name), FOLDER_NAME, i);
	return sfe_folder_remove(r->s.results.folder, name, err);
}

/* Why it failed: the text is complete, and often begins with the strategy's name. */
static int fail_run(const struct sfe_strategy_run *of, struct sfe_error *err)
{
	size_t len = strlen(of->name);
	bool named = !strncmp(of->error, of->name, len) && of->error[len] == ':';

	return sfe_fail(err, of->code, named ? NULL : of->name, NULL, "%s", of->error);
}

/* Whether its packets have dates of the next strategy. */
static bool too_long(const struct run *r, const struct sfe_strategy_run *of)
{
	return r->merge.captures.n && of->figures.virtual_s * 1e9 >= (double)SFE_GUEST_SLOT_NS;
}

/* Takes the results of the next strategy, which has ended. What failed is taken too, as far as it
 * goes. */
static int take(struct run *r, struct sfe_error *err)
{
	const uint32_t i = r->merged++;
	const struct sfe_strategy_run *of = &r->of[i];
	struct sfe_error merging = {0};
	const struct sfe_results_limit limit = {.folder = of->part, .bytes = r->s.results.bytes};
	/* Sparse files would be copied with all their holes. */
	int m = sfe_results_limit_check_now(&limit, &merging);
	m = m                 ? m
	    : too_long(r, of) ? sfe_fail(&merging, -EOVERFLOW, of->name,
					"run its strategies one by one: --set strategies=NAME",
					"took more than the %.1f days that strategies of a run "
					"with captures may take",
					(double)SFE_GUEST_SLOT_NS / 86400e9)
			      : sfe_merge_add(&r->merge, of->part, i, !of->code, &merging);

	if ((of->code || m) && !r->stopping)
		r->end = r->merged;
	if (of->code) {
		remove_part(r, i, NULL);
		return fail_run(of, err);
	}
	m = m ? m : remove_part(r, i, &merging);
	if (m)
		sfe_fail(err, m, merging.where[0] ? merging.where : of->name, merging.todo, "%s",
			merging.what);
	return m;
}

/* Takes all that are next. */
static int take_ended(struct run *r, struct sfe_error *err)
{
	int code = 0;

	while (!code && r->merged < r->started && r->merged < r->end && !runs(&r->of[r->merged]))
		code = take(r, err);
	return code;
}

/* ---- work of the pool */

static bool next(void *arg, uint32_t *task, uint64_t *memory_mb)
{
	const struct run *r = arg;

	*task = r->started;
	*memory_mb = r->memory_mb;
	/* Oracle follows what those before it have measured. */
	return r->started < r->end &&
	       (r->e->scenario->strategies[r->started]->chooses != SFE_CHOOSES_MEASURED ||
		       r->merged == r->started);
}

static int start(void *arg, uint32_t i, int cpu, pid_t *pid, struct sfe_error *err)
{
	struct run *r = arg;
	int folder = r->s.results.folder;
	char name[16];

	snprintf(name, sizeof(name), FOLDER_NAME, i);
	int code = sfe_beneath_folder(folder, name, err);
	if (code)
		return code;
	r->of[i].part = sfe_beneath_open(folder, name, O_RDONLY | O_DIRECTORY, 0);
	if (r->of[i].part < 0)
		return sfe_fail(err, r->of[i].part, name, NULL, "cannot open it: %s",
			strerror(-r->of[i].part));
	if (r->e->scenario->strategies[i]->chooses == SFE_CHOOSES_MEASURED)
		code = sfe_least_write(&r->merge.least, r->of[i].part, err);
	code = code ? code : sfe_strategy_start(&r->of[i], &r->shared, i + 1, cpu, pid, err);
	r->started += !code;
	return code;
}

static int ended(void *arg, uint32_t i, int status, struct sfe_error *err)
{
	struct run *r = arg;
	struct sfe_strategy_run *of = &r->of[i];
	char text[1300];

	sfe_strategy_read(of, said, r);
	if (of->all)
		show_end(r, i);
	if (!sfe_strategy_ended(of, status) || i >= r->end || r->stopping)
		return r->stopping ? 0 : take_ended(r, err);
	r->s.interrupted |= of->code == -EINTR;
	stop_from(r, i + 1);
	if (r->merged < i && !r->s.interrupted) {
		snprintf(text, sizeof(text), "%s has failed, and those before it are finished: %s",
			of->name, of->error);
		sfe_progress_note(&r->s.progress, text);
	}
	return take_ended(r, err);
}

/* ---- the run */

static int wait_for_something(struct run *r, struct sfe_error *err)
{
	struct pollfd p[2 + SFE_MAX_STRATEGIES] = {
		{.fd = r->s.signals, .events = POLLIN}, {.fd = r->s.control, .events = POLLIN}};

	for (uint32_t i = 0; i < r->n; i++)
		p[2 + i] = (struct pollfd){.fd = r->of[i].report, .events = POLLIN};
	if (poll(p, 2 + r->n, LOOK_MS) < 0 && errno != EINTR)
		return sfe_fail(err, -errno, NULL, NULL, "poll: %s", strerror(errno));
	if (p[0].revents)
		r->s.interrupted |= sfe_signals_read(r->s.signals);
	if (p[1].revents)
		sfe_supervisor_serve(&r->s);
	read_reports(r);
	return sfe_results_limit_check(&r->s.results, err);
}

/* Each ends its guest. Their reports are read meanwhile: none waits for room to write more. */
static void stop_all(struct run *r)
{
	struct sfe_error none = {0};

	r->stopping = true;
	sfe_pool_signal(&r->pool, 0, SIGTERM);
	while (r->pool.running) {
		wait_for_something(r, &none);
		sfe_pool_collect(&r->pool, &none);
	}
}

/* What was done before the user ended the run, or all together became too much. */
static void take_what_there_is(struct run *r)
{
	struct sfe_error none = {0};

	while (r->merged < r->started && r->merged < r->end)
		take(r, &none);
}

/* Those that were done before one ahead of them failed. */
static void say_left_out(struct run *r)
{
	char text[2 * SFE_STRATEGY_BYTES + 80];

	for (uint32_t i = r->merged; i < r->started; i++) {
		if (!r->of[i].ended || r->of[i].code)
			continue;
		snprintf(text, sizeof(text),
			"%s was done, but its results are not taken: the run ends with %s",
			r->of[i].name, r->of[r->merged - 1].name);
		sfe_progress_note(&r->s.progress, text);
	}
}

static int run_all(struct run *r, struct sfe_error *err)
{
	int code = sfe_pool_fill(&r->pool, err);

	while (!code && r->pool.running && !r->s.interrupted && !r->s.down) {
		code = wait_for_something(r, err);
		code = code ? code : sfe_pool_collect(&r->pool, err);
		code = code || r->s.interrupted || r->s.down ? code : sfe_pool_fill(&r->pool, err);
	}
	/* Who stops a run that has failed already sees why it did. */
	const bool stopped = r->s.interrupted || r->s.down;
	stop_all(r);
	sfe_progress_line(&r->s.progress);
	if (code || stopped)
		take_what_there_is(r);
	if (r->merged)
		say_left_out(r);
	if (stopped)
		return sfe_fail(err, -EINTR, NULL, NULL,
			"stopped before the end; nothing of it is left running");
	return code ? code : sfe_results_limit_check_now(&r->s.results, err);
}

static void sum_figures(const struct run *r, struct sfe_run_figures *sum)
{
	*sum = (struct sfe_run_figures){0};
	for (uint32_t i = 0; i < r->n; i++) {
		const struct sfe_run_figures *f = &r->of[i].figures;
		sum->boot_s = f->boot_s > sum->boot_s ? f->boot_s : sum->boot_s;
		sum->build_s = f->build_s > sum->build_s ? f->build_s : sum->build_s;
		sum->virtual_s += f->virtual_s;
	}
}

static void say_plan(struct run *r, unsigned at_a_time, uint64_t budget_mb)
{
	const uint64_t fit = budget_mb / r->memory_mb;
	char text[200];

	sfe_progress_stage(&r->s.progress, sfe_substrate_text(r->s.choice));
	snprintf(text, sizeof(text), "%u strategies in a guest each, %u at a time%s", r->n,
		fit && fit < at_a_time ? (unsigned)fit
		: fit                  ? at_a_time
				       : 1,
		fit < at_a_time ? " for lack of memory (see --memory)" : "");
	sfe_progress_stage(&r->s.progress, text);
}

static int open_all(struct run *r, const struct sfe_pool_work *work,
	const struct sfe_side_by_side *side, struct sfe_error *err)
{
	unsigned at_a_time = side->at_a_time ? side->at_a_time : sfe_pool_cores();
	uint64_t budget_mb = sfe_side_by_side_memory_mb(side);

	at_a_time = at_a_time < r->n ? at_a_time : r->n;
	r->of = calloc(r->n, sizeof(*r->of));
	if (!r->of)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < r->n; i++)
		r->of[i] = (struct sfe_strategy_run){
			.name = r->e->scenario->strategies[i]->name, .part = -1, .report = -1};
	r->memory_mb = sfe_guest_memory_mb(r->e, NULL);
	/* Said once, and not by each strategy. */
	int code = sfe_limits_check_guest((uint32_t)r->memory_mb, err);
	if (code)
		return code;
	say_plan(r, at_a_time, budget_mb);
	code = sfe_pool_open(&r->pool, work, at_a_time, budget_mb, err);
	code = code ? code : sfe_merge_begin(&r->merge, r->e, r->s.results.folder, err);
	code = code ? code : sfe_control_listen(&r->s.control, &r->s.door, err);
	r->shared.control = r->s.control;
	r->shared.door = r->s.door;
	r->shared.signals = r->s.signals;
	return code;
}

static void close_all(struct run *r)
{
	int fds[] = {r->s.signals, r->s.control, r->s.door};

	sfe_pool_close(&r->pool);
	sfe_merge_end(&r->merge);
	for (uint32_t i = 0; r->of && i < r->n; i++) {
		if (r->of[i].report >= 0)
			close(r->of[i].report);
		remove_part(r, i, NULL);
	}
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(r->of);
}

static int run_apart(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, const struct sfe_side_by_side *side,
	int results_fd, struct sfe_run_figures *figures, struct sfe_error *err)
{
	const uint32_t n = e->scenario->n_strategies;
	struct run r = {.e = e,
		.s = {.options = options,
			.choice = choice,
			.signals = -1,
			.control = -1,
			.door = -1,
			.relay = {.lab = -1, .refusal = sfe_virtual_clock_refusal},
			.results = {.folder = results_fd,
				.bytes = options->results_bytes ? options->results_bytes
								: SFE_RESULTS_LIMIT_BYTES}},
		.shared = {.e = e, .choice = choice, .options = options},
		.n = n,
		.end = n};
	const struct sfe_pool_work work = {next, start, ended, &r, 1};
	sigset_t old;

	sfe_progress_start(&r.s.progress, options->quiet);
	int code = sfe_signals_open(true, &r.s.signals, &old, err);
	code = code ? code : open_all(&r, &work, side, err);
	code = code ? code : run_all(&r, err);
	if (r.of)
		sum_figures(&r, figures);
	close_all(&r);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return code;
}

int sfe_run_strategies(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, const struct sfe_side_by_side *side,
	int results_fd, struct sfe_error *err)
{
	struct sfe_run_record record;
	struct sfe_run_figures figures = {0};

	if (sfe_one_lab_why(e, choice, &options->lab))
		return sfe_supervise(e, choice, options, results_fd, err);
	int r = sfe_run_record_begin(&record, e, choice, results_fd, err);
	if (r)
		return r;
	r = run_apart(e, choice, options, side, results_fd, &figures, err);
	return sfe_run_record_end(&record, &figures, r, err);
}
