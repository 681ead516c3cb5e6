/* SPDX-License-Identifier: MIT */
#include "nodes/runtime/worker.h"
#include "nodes/runtime/function_crash.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "nodes/base/clock.h"
#include "nodes/base/inline_jobs.h"
#include "nodes/functions/function_task.h"
#include "nodes/functions/functions.h"
#include "nodes/functions/strategy_code.h"
#include "nodes/runtime/worker_life.h"
#include "nodes/shared/shared_home.h"
#include "sfemu/transfer.h"

#define PROGRAMS_AT_ONCE 8 /* of a node, on the real clock */

/* Settings of the process, for speed and accuracy. The worker works without them, so errors are
 * ignored. */
static void tune_process(void)
{
	struct rlimit files;

	/* Freed memory stays with the process: a page fault costs 83 µs in the guest. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* Runs the loop until all workers have ended, and frees each as soon as it has. 0, or why the first
 * of them failed. */
static int serve(struct host *host, struct worker *workers, uint32_t n)
{
	uint32_t alive = n;
	int code = 0;

	for (;;) {
		for (struct worker *w; (w = STAILQ_FIRST(&host->over)); alive--) {
			STAILQ_REMOVE_HEAD(&host->over, over_list);
			int r = worker_finish(w);
			code = code ? code : r;
			w->host = NULL;
		}
		if (!alive)
			return code;
		int r = loop_run(host->loop);
		for (uint32_t i = 0; r && i < n; i++) {
			if (workers[i].host)
				worker_fatal(&workers[i], r, "the event loop");
		}
	}
}

static uint64_t shared_uses(const struct sfe_deployment *d)
{
	uint64_t n = 0;

	for (uint32_t j = 0; d->shared && j < d->n_jobs; j++)
		for (uint32_t s = 0; s < d->jobs[j].job->n_steps; s++)
			n += deployment_shared_uses(d, j, s)->n;
	return n;
}

/* The changes of states that outlive the job, all of which may be on their way at once, and as
 * copies, with all changes that homes remember. */
static uint64_t shared_announced(const struct sfe_deployment *d, uint32_t job, uint64_t n_uses)
{
	const uint64_t copies = d->strategy->copies ? d->n_replicas : 0;
	uint64_t total = 0;

	for (uint32_t s = 0; s < d->jobs[job].job->n_steps; s++) {
		const struct sfe_shared_uses *uses = deployment_shared_uses(d, job, s);
		for (uint32_t i = 0; i < uses->n; i++)
			total += (1 + copies) *
					 (d->shared->of[deployment_shared(d, job, s, i)].sizes_vary
							 ? HEAD_MAX_BODY_BYTES
							 : d->shared->states[uses->of[i].state]
								   .bytes) +
				 copies * n_uses * SHARED_EFFECT_BYTES;
	}
	return total; /* at most 10^6 times 2^40 */
}

/*
 * How many bytes of request bodies can be in flight to here at once: for each job one message, with
 * all its states, in each attempt, or in a graph one for each edge; likewise one for each step with
 * what goes ahead to it; and as much again that senders have given up meanwhile. Memory is
 * allocated when a head announces a body. Without this limit, heads alone could use all of it.
 */
static uint64_t most_announced(const struct sfe_deployment *d)
{
	const uint64_t n_uses = shared_uses(d);
	uint64_t total = 0;

	for (uint32_t i = 0; i < d->n_jobs; i++) {
		const struct sfe_job *job = d->jobs[i].job;
		uint64_t value = 0;
		for (uint32_t s = 0; s < job->n_steps; s++) {
			const struct sfe_step *step = &job->steps[s];
			uint64_t more = step->arg_bytes > step->out_bytes ? step->arg_bytes
									  : step->out_bytes;
			value = more > value ? more : value;
		}
		uint64_t message = job->states_total_bytes + value; /* at most 1001 times 2^40 */
		if (d->jobs[i].sizes_vary)
			message = HEAD_MAX_BODY_BYTES;
		message = message < HEAD_MAX_BODY_BYTES ? message : HEAD_MAX_BODY_BYTES;
		message *=
			(job->graph ? job->graph->before_begin[job->n_steps] + job->n_steps : 1u) +
			(deployment_rules(d, i)->options.push_us ? job->n_steps : 0u);
		message += shared_announced(d, i, n_uses);
		if (__builtin_add_overflow(total, message, &total)) /* at most 501 000 times 2^30 */
			return UINT64_MAX;
	}
	if (__builtin_mul_overflow(total, 2 * (1 + (uint64_t)d->retry.retries), &total))
		total = UINT64_MAX;
	/* One worker after the other warms up, one connection after the other. */
	if (d->strategy->options.warm == SFE_WARM_ON &&
		__builtin_add_overflow(total, SFE_WARM_UP_MOST_BYTES, &total))
		total = UINT64_MAX;
	return total;
}

/* Loads the code of the user's: functions, and the rules of the strategy. *jobs: those of the
 * deployment with what the rules make inline or go ahead, or NULL. */
static int load_code(struct sfe_deployment *d, struct host *host, struct sfe_deployed_job **jobs,
	struct sfe_error *err)
{
	int r = d->plugin ? strategy_load(d->plugin, &d->strategy, err) : 0;

	if (!r && d->plugin && d->paths &&
		(d->strategy->options.inlined == SFE_INLINE_AUTO || d->strategy->options.push_us)) {
		r = inline_jobs_new(d, d->paths, jobs);
		if (r)
			return sfe_fail(err, r, NULL, NULL, "out of memory for the jobs");
		d->jobs = *jobs;
	}
	return r ? r : functions_load(d, &host->functions, err);
}

int sfe_workers_run(const struct sfe_deployment *deployment, const struct sfe_worker_seat *seats,
	uint32_t n, const struct sfe_worker_place *place, struct sfe_error *err)
{
	struct sfe_deployment loaded = *deployment;
	struct host host = {.enter = place->enter,
		.enter_context = place->context,
		.inside = UINT32_MAX,
		.announced_limit = most_announced(deployment),
		/* Workers that share a process share a virtual clock, which stands while programs
		 * run: one after the other is the same order in each run. */
		.programs_at_once = n > 1 ? 1 : PROGRAMS_AT_ONCE,
		.sends_early = place->clock_stands};
	struct sfe_error own = {0};
	struct worker *workers = calloc(n, sizeof(*workers));
	struct sfe_deployed_job *jobs = NULL;
	int r;

	tune_process();
	TAILQ_INIT(&host.programs_waiting);
	STAILQ_INIT(&host.over);
	host.scratch = malloc(SCRATCH_BYTES);
	if (!workers || !host.scratch || loop_open(&host.loop, place->ring ? n : 0)) {
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the workers");
	} else {
		r = load_code(&loaded, &host, &jobs, err ? err : &own);
		if (host.functions) {
			function_crash_watch(seats[0].control_fd, seats[0].node);
			function_task_record(loaded.running);
		}
		for (uint32_t i = 0; i < n; i++)
			worker_start(&workers[i], &host, &loaded, seats[i].node,
				seats[i].control_fd, r, err ? err : &own);
		sfe_kept_time.stands = place->clock_stands && loop_has_ring(host.loop);
		r = serve(&host, workers, n);
	}
	loop_close(host.loop);
	sfe_kept_time = (struct sfe_kept_time){0};
	stack_pool_clear(&host.stacks);
	functions_free(host.functions);
	buffer_pool_clear(&host.buffers);
	free(host.scratch);
	free(workers);
	inline_jobs_free(jobs, deployment->n_jobs);
	return r;
}

int sfe_worker_run(const struct sfe_deployment *deployment, uint32_t node, int control_fd,
	struct sfe_error *err)
{
	const struct sfe_worker_seat seat = {node, control_fd};
	const struct sfe_worker_place here = {0};

	return sfe_workers_run(deployment, &seat, 1, &here, err);
}
