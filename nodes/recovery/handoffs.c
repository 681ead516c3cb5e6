/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/handoffs.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/http/wire.h"
#include "nodes/jobs/actions.h"
#include "nodes/jobs/client.h"
#include "nodes/worker/strategy.h"

static void gone(struct worker *w, const struct job_place *at, uint32_t node)
{
	job_failed(w, at, -EHOSTDOWN, "node %s has gone away", w->deployment->nodes[node].name);
}

/* Memory of what is too old to be called again: they are in the order of time. */
static void expire(struct worker *w)
{
	uint64_t now = now_ns();

	while (w->forwards_expired < w->n_forwards &&
		w->forwards[w->forwards_expired].until_ns < now)
		package_drop(&w->forwards[w->forwards_expired++].package);
}

void forwards_note(struct exchange *e)
{
	struct worker *w = e->worker;

	if (w->peers[e->to].lost) { /* its end was seen before its last answer */
		gone(w, &e->at, e->to);
		return;
	}
	if (worker_room((void **)&w->forwards, w->n_forwards, &w->forwards_room,
		    sizeof(*w->forwards))) {
		worker_fatal(w, -ENOMEM, "a forward");
		return;
	}
	if (e->package.states)
		expire(w);
	uint64_t now = now_ns(), timeout = w->deployment->job_timeout_ns;
	w->forwards[w->n_forwards++] = (struct forward){.at = e->at,
		.to = e->to,
		.again = e->tried,
		.package = package_move(&e->package),
		.until_ns = now + retry_window_ns(&w->deployment->retry),
		.over_ns = timeout ? now + timeout : UINT64_MAX};
}

bool step_has_come(struct worker *w, uint32_t job, uint32_t step)
{
	if (step < worker_job(w, job)->n_steps)
		return taken_find(&w->taken, job, step);
	return w->deployment->jobs[job].client == w->node && !client_runs(w, job);
}

/* ---- a node is lost */

static void asked(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	uint32_t node = w->deployment->jobs[e->at.job].node[e->at.step];

	if (status == 200 && e->state < worker_job(w, e->at.job)->n_steps) {
		/* Who would have missed that node is gone: from now on we do. */
		e->at.step = e->state;
		package_drop(&e->package);
		forwards_note(e);
	} else if (status == 404 && e->package.states && e->tried < w->deployment->retry.retries) {
		job_call_again(w, &e->package, e->tried + 1);
	} else if (status != 200) {
		gone(w, &e->at, node);
	}
}

/*
 * Calls a step again, unless the node that is lost had handed the job on before. Then the states
 * are elsewhere, and a second run would make owners of old versions. What can tell is the node that
 * it would have been handed to: of the first step that is placed elsewhere, or the client.
 */
static void resume(struct worker *w, struct forward *f)
{
	const struct sfe_deployed_job *job = &w->deployment->jobs[f->at.job];
	uint32_t next = f->at.step + 1;

	while (next < job->job->n_steps && job->node[next] == f->to)
		next++;
	struct exchange e = {.to = next < job->job->n_steps ? job->node[next] : job->client,
		.worker = w,
		.kind = SFE_TRANSFER_CALL,
		.at = f->at,
		.state = next,
		.tried = f->again,
		.package = package_move(&f->package),
		.done = asked};
	if (e.to != w->node) {
		peers_send(w, &e, wire_ask(w, e.to, &f->at, next));
		return;
	}
	/* What has come here is missed by whom we have handed it to, or by us. */
	if (!step_has_come(w, f->at.job, next))
		asked(&e, 404);
	package_drop(&e.package);
}

void forwards_lost(struct worker *w, uint32_t node)
{
	size_t n = w->n_forwards, kept = 0, n_lost = 0;
	uint64_t now = now_ns();
	struct forward *lost;

	if (w->peers[node].lost || w->over || w->down)
		return;
	w->peers[node].lost = true;
	lost = n ? calloc(n, sizeof(*lost)) : NULL;
	if (n && !lost) {
		worker_fatal(w, -ENOMEM, "what is lost");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (w->forwards[i].over_ns < now)
			package_drop(&w->forwards[i].package);
		else if (w->forwards[i].to == node)
			lost[n_lost++] = w->forwards[i];
		else
			w->forwards[kept++] = w->forwards[i];
	}
	w->n_forwards = kept;
	w->forwards_expired = 0;
	/* Only now: to call again may note anew. */
	for (size_t i = 0; i < n_lost; i++) {
		struct forward *f = &lost[i];
		if (w->deployment->retry.retries && w->strategy->resumes)
			resume(w, f);
		else
			gone(w, &f->at, node);
		package_drop(&f->package);
	}
	free(lost);
}

void forwards_clear(struct worker *w)
{
	for (size_t i = 0; i < w->n_forwards; i++)
		package_drop(&w->forwards[i].package);
	w->n_forwards = w->forwards_expired = 0;
}
