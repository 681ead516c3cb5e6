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

/*
 * The i-th edge to another node, from what runs on the lost one from `step` on; to = the number of
 * steps: the return to the client. false: there are no more. In a chain there is one.
 */
static bool edge_behind(const struct sfe_deployed_job *placed, uint32_t step, uint32_t node,
	uint32_t i, struct sfe_edge *edge)
{
	const struct sfe_job *job = placed->job;
	bool behind[SFE_MAX_TASKS_PER_JOB] = {0};

	behind[step] = true;
	for (uint32_t s = step; s < job->n_steps; s++) {
		if (!behind[s])
			continue;
		*edge = (struct sfe_edge){s, job->n_steps};
		if (!sfe_steps_after(job, s) && !i--)
			return true;
		for (uint32_t k = 0; k < sfe_steps_after(job, s); k++) {
			edge->to = sfe_step_after(job, s, k);
			if (placed->node[edge->to] == node)
				behind[edge->to] = true;
			else if (!i--)
				return true;
		}
	}
	return false;
}

/* The lost node would have watched those after it: now this node does. */
static void watch_all(struct worker *w, const struct exchange *e, uint32_t lost)
{
	const struct sfe_deployed_job *job = &w->deployment->jobs[e->at.job];
	struct sfe_edge edge;

	for (uint32_t i = 0; edge_behind(job, e->at.step, lost, i, &edge); i++) {
		if (edge.to == job->job->n_steps || job->node[edge.to] == w->node)
			continue; /* if it has reached this node, then this one watches it */
		struct exchange watched = {.worker = w,
			.to = job->node[edge.to],
			.at = {e->at.job, edge.to, e->at.attempt},
			.tried = e->tried};
		job_handed_off(&watched);
	}
}

static void repeat(struct worker *w, struct exchange *e, uint32_t lost)
{
	if (e->package.states && e->tried < w->deployment->retry.retries)
		job_call_again(w, &e->package, e->tried + 1);
	else
		fail(w, &e->at, lost);
}

static void asked(struct exchange *e, int status);

/*
 * Asks whether the job has gone along each edge behind the lost node, from the i-th on. Then this
 * node watches those after it. Else it repeats its call: those that the job has reached ignore what
 * comes again.
 * Takes over the package of e.
 */
static void ask(struct worker *w, struct exchange *e, uint32_t i)
{
	const struct sfe_deployed_job *job = &w->deployment->jobs[e->at.job];
	uint32_t lost = job->node[e->at.step];
	struct sfe_edge edge;

	for (; edge_behind(job, e->at.step, lost, i, &edge); i++) {
		struct exchange next = {
			.to = edge.to < job->job->n_steps ? job->node[edge.to] : job->client,
			.kind = SFE_TRANSFER_CALL,
			.at = e->at,
			.state = i,
			.tried = e->tried,
			.done = asked};
		if (next.to != w->node) {
			struct job_place from = {e->at.job, edge.from, e->at.attempt};
			next.package = package_move(&e->package);
			peers_send(w, &next, wire_ask(&w->wire, next.to, &from, edge.to));
			return;
		}
		if (!job_has_reached(w, e->at.job, edge.to, edge.from)) {
			repeat(w, e, lost);
			package_drop(&e->package);
			return;
		}
	}
	package_drop(&e->package);
	watch_all(w, e, lost);
}

/* The answer of a node that comes after the lost one. */
static void asked(struct exchange *e, int status)
{
	uint32_t lost = e->worker->deployment->jobs[e->at.job].node[e->at.step];

	if (status == 200)
		ask(e->worker, e, e->state + 1);
	else if (status == 404)
		repeat(e->worker, e, lost);
	else
		fail(e->worker, &e->at, lost);
}

/*
 * Repeats a call, unless the lost node had handed the job off itself. In that case the states are
 * elsewhere, and a second run would create owners of old versions. The nodes that the job would
 * have been handed off to know: those of the first later steps on each path which are placed
 * elsewhere, or the client.
 */
static void resume(struct worker *w, struct handoff *h)
{
	struct exchange e = {
		.at = h->at, .tried = h->repeated, .package = package_move(&h->package)};

	ask(w, &e, 0);
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
		if (w->deployment->retry.retries && worker_rules(w, lost[i].at.job)->resumes)
			resume(w, &lost[i]);
		else
			fail(w, &lost[i].at, node);
		package_drop(&lost[i].package);
	}
	free(lost);
}
