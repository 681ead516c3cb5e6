/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/lost_nodes.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/jobs/calls.h"
#include "nodes/jobs/client.h"
#include "nodes/jobs/job_end.h"
#include "nodes/jobs/take_call.h"

bool job_has_reached(struct worker *w, uint32_t job, uint32_t step, uint32_t after)
{
	if (step < worker_job(w, job)->n_steps)
		return call_has_come(w, job, step, after);
	return w->deployment->jobs[job].client == w->node && !client_runs(w, job);
}

static void fail(struct worker *w, const struct job_place *at, uint32_t node)
{
	job_failed(w, at, -EHOSTDOWN, "node %s has gone away", w->deployment->nodes[node].name);
}

/* The answer of the node that comes after the lost one. */
static void asked(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	uint32_t node = w->deployment->jobs[e->at.job].node[e->at.step];

	if (status == 200 && e->state < worker_job(w, e->at.job)->n_steps) {
		/* The lost node would have watched the one after it: now this node does. */
		e->at.step = e->state;
		package_drop(&e->package);
		job_handed_off(e);
	} else if (status == 404 && e->package.states && e->tried < w->deployment->retry.retries) {
		job_call_again(w, &e->package, e->tried + 1);
	} else if (status != 200) {
		fail(w, &e->at, node);
	}
}

/* The first step on this path that is placed elsewhere; n_steps: the client. */
static uint32_t step_behind(const struct sfe_deployed_job *job, uint32_t step, uint32_t node)
{
	do {
		step = sfe_steps_after(job->job, step) ? sfe_step_after(job->job, step, 0)
						       : job->job->n_steps;
	} while (step < job->job->n_steps && job->node[step] == node);
	return step;
}

/*
 * Repeats a call, unless the lost node had handed the job off itself. In that case the states are
 * elsewhere, and a second run would create owners of old versions. The node that the job would have
 * been handed off to knows: that of the first later step which is placed elsewhere, or the client.
 */
static void resume(struct worker *w, struct handoff *h)
{
	const struct sfe_deployed_job *job = &w->deployment->jobs[h->at.job];
	uint32_t next = step_behind(job, h->at.step, h->to);

	struct exchange e = {.to = next < job->job->n_steps ? job->node[next] : job->client,
		.worker = w,
		.kind = SFE_TRANSFER_CALL,
		.at = h->at,
		.state = next,
		.tried = h->repeated,
		.package = package_move(&h->package),
		.done = asked};
	if (e.to != w->node) {
		peers_send(w, &e, wire_ask(&w->wire, e.to, &h->at, next));
		return;
	}
	/* If the job has reached this node, then this node or one after it watches it. */
	if (!job_has_reached(w, h->at.job, next, h->at.step))
		asked(&e, 404);
	package_drop(&e.package);
}

void node_lost(struct worker *w, uint32_t node)
{
	struct handoff *lost;
	size_t n;

	if (handoffs_take(&w->handoffs, node, now_ns(), &lost, &n)) {
		worker_fatal(w, -ENOMEM, "the hand-offs to a lost node");
		return;
	}
	for (size_t i = 0; i < n; i++) { /* which may add hand-offs anew */
		if (w->deployment->retry.retries && w->strategy->resumes)
			resume(w, &lost[i]);
		else
			fail(w, &lost[i].at, node);
		package_drop(&lost[i].package);
	}
	free(lost);
}
