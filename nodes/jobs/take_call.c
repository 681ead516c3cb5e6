/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/take_call.h"

#include "emu/model/workload/job_graph.h"
#include "nodes/recovery/retry.h"

bool call_is_joined(const struct worker *w, uint32_t job, uint32_t step)
{
	return !worker_rules(w, job)->client_invokes &&
	       sfe_steps_before(worker_job(w, job), step) > 1;
}

/* The caller's place among the predecessors. */
static uint32_t part_of(const struct sfe_job *job, uint32_t step, uint32_t after)
{
	uint32_t i = 0;

	while (sfe_step_before(job, step, i) != after)
		i++;
	return i;
}

static enum taken begin(
	struct worker *w, struct accepted_call *call, uint32_t from, uint64_t request_ns)
{
	struct package whole;
	int r = join_merge(call->join, &w->host->buffers, &whole);

	accepted_joined(&w->accepted, call);
	if (!r)
		r = invocation_begin(w, &whole, from, request_ns, NULL, call);
	if (!r)
		return CALL_TAKEN;
	accepted_remove(&w->accepted, call);
	return CALL_NO_MEMORY;
}

enum taken call_join(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns)
{
	const struct sfe_job *job = worker_job(w, package->job);
	uint32_t i = part_of(job, package->step, package->after);

	accepted_expire(&w->accepted, request_ns);
	struct accepted_call *call = accepted_find(&w->accepted, package->job, package->step);

	if (call && (package->attempt < call->attempt ||
			    (package->attempt == call->attempt &&
				    (!call->join || join_has(call->join, i))))) {
		package_drop(package);
		return CALL_REPEATED;
	}
	if (call && package->attempt > call->attempt) {
		if (call->join)
			accepted_remove(&w->accepted, call);
		call = NULL;
	}
	if (!call) {
		call = accepted_add(&w->accepted, package->job, package->step, package->attempt);
		if (call && accepted_wait(&w->accepted, call, sfe_steps_before(job, package->step),
				    job_over_ns(w->deployment, package->job, request_ns))) {
			accepted_remove(&w->accepted, call);
			call = NULL;
		}
	}
	if (!call) {
		package_drop(package);
		return CALL_NO_MEMORY;
	}
	join_add(call->join, i, package);
	return call->join->n_there < call->join->n_parts ? CALL_TAKEN
							 : begin(w, call, from, request_ns);
}

bool call_has_come(struct worker *w, uint32_t job, uint32_t step, uint32_t after)
{
	const struct accepted_call *call = accepted_find(&w->accepted, job, step);

	if (!call || !call->join)
		return call;
	return !sfe_step_precedes(worker_job(w, job), after, step) ||
	       join_has(call->join, part_of(worker_job(w, job), step, after));
}
