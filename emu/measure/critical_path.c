/* SPDX-License-Identifier: MIT */
#include "emu/measure/critical_path.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"

struct records { /* of one job */
	const struct sfe_deployed_job *job;
	uint64_t start_ns;
	const struct sfe_ctl_invocation **v;
	const struct sfe_ctl_transfer **t;
	const struct sfe_ctl_shared **again; /* reports of runs in vain */
	uint32_t n_v, n_t, n_again;
};

struct cause { /* the latest so far */
	uint64_t ns;
	bool any;
	const struct sfe_ctl_invocation *v; /* its end */
	const struct sfe_ctl_transfer *t;   /* its arrival; neither: the start of the job */
};

/* The latest of what happened until `until_ns` counts. */
static void consider(struct cause *c, uint64_t ns, uint64_t until_ns,
	const struct sfe_ctl_invocation *v, const struct sfe_ctl_transfer *t)
{
	if (ns <= until_ns && (!c->any || ns > c->ns))
		*c = (struct cause){ns, true, v, t};
}

static bool is_gift(const struct sfe_ctl_transfer *t)
{
	return t->kind == SFE_TRANSFER_STORE || t->kind == SFE_TRANSFER_REPLICA;
}

/* A message of this kind to the step on the node. */
static bool is_to(
	const struct sfe_ctl_transfer *t, enum sfe_transfer_kind kind, uint32_t step, uint32_t node)
{
	return t->kind == kind && t->step == step && t->header.node == node;
}

static void consider_finish(
	struct cause *c, const struct records *r, uint32_t step, uint32_t node, uint64_t until_ns)
{
	for (uint32_t i = 0; i < r->n_v; i++)
		if (r->v[i]->step == step && r->v[i]->header.node == node)
			consider(c, r->v[i]->finish_ns, until_ns, r->v[i], NULL);
}

/* The step's end on the node, when its claims are answered, and the arrival of the states that it
 * gave away from there. */
static void consider_end(
	struct cause *c, const struct records *r, uint32_t step, uint32_t node, uint64_t until_ns)
{
	consider_finish(c, r, step, node, until_ns);
	for (uint32_t i = 0; i < r->n_t; i++)
		if ((r->t[i]->step == step && r->t[i]->from == node && is_gift(r->t[i])) ||
			is_to(r->t[i], SFE_TRANSFER_CLAIM, step, node))
			consider(c, r->t[i]->done_ns, until_ns, NULL, r->t[i]);
}

static void consider_result(
	struct cause *c, const struct records *r, uint32_t step, uint32_t node, uint64_t until_ns)
{
	for (uint32_t i = 0; i < r->n_t; i++)
		if (r->t[i]->kind == SFE_TRANSFER_RETURN && r->t[i]->step == step &&
			r->t[i]->header.node == node)
			consider(c, r->t[i]->done_ns, until_ns, NULL, r->t[i]);
}

/* Why the step can be called from the node. */
static void consider_before(
	struct cause *c, const struct records *r, uint32_t step, uint32_t node, uint64_t until_ns)
{
	uint32_t n = sfe_steps_before(r->job->job, step);

	if (!n && node == r->job->client)
		consider(c, r->start_ns, until_ns, NULL, NULL);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t before = sfe_step_before(r->job->job, step, i);
		consider_end(c, r, before, node, until_ns);
		consider_result(c, r, before, node, until_ns);
	}
}

static bool is_ahead(const struct sfe_ctl_transfer *t)
{
	return t->kind == SFE_TRANSFER_PREFETCH || t->kind == SFE_TRANSFER_PUSH;
}

/* The latest message of this kind to the step. */
static void consider_kind(struct cause *c, const struct records *r, enum sfe_transfer_kind kind,
	uint32_t step, uint32_t node, uint64_t until_ns)
{
	for (uint32_t i = 0; i < r->n_t; i++)
		if (is_to(r->t[i], kind, step, node))
			consider(c, r->t[i]->done_ns, until_ns, NULL, r->t[i]);
}

/* The latest that came ahead to the step. */
static void consider_ahead(
	struct cause *c, const struct records *r, uint32_t step, uint32_t node, uint64_t until_ns)
{
	consider_kind(c, r, SFE_TRANSFER_PREFETCH, step, node, until_ns);
	consider_kind(c, r, SFE_TRANSFER_PUSH, step, node, until_ns);
}

static void consider_call(
	struct cause *c, const struct records *r, uint32_t step, uint32_t node, uint64_t until_ns)
{
	consider_before(c, r, step, node, until_ns);
	consider_kind(c, r, SFE_TRANSFER_CALL, step, node, until_ns);
}

/* Why the step can compute on the node, or request its next state. */
static void consider_arrivals(
	struct cause *c, const struct records *r, uint32_t step, uint32_t node, uint64_t until_ns)
{
	consider_call(c, r, step, node, until_ns);
	consider_kind(c, r, SFE_TRANSFER_FETCH, step, node, until_ns);
	consider_ahead(c, r, step, node, until_ns);
}

/* A run in vain: its end, before what it has made goes to the home; the refusal, before the newest
 * version is requested. */
static void consider_vain(struct cause *c, const struct records *r, uint32_t step, uint32_t node,
	bool refused, uint64_t until_ns)
{
	for (uint32_t i = 0; i < r->n_again; i++) {
		const struct sfe_ctl_shared *a = r->again[i];
		if (a->step == step && a->header.node == node)
			consider(c, refused ? a->at_ns : a->finish_ns, until_ns, NULL, NULL);
	}
}

/* Why a transfer could start: something before its head came; of a fetch beside others, before it
 * was asked for. */
static struct cause cause_of(const struct records *r, const struct sfe_ctl_transfer *t)
{
	struct cause c = {0};
	uint64_t until_ns = t->asked_ns ? t->asked_ns : t->head_ns ? t->head_ns - 1 : 0;

	/* Another step of the same node that calls the same one may end meanwhile. */
	if (t->kind == SFE_TRANSFER_CALL && t->after)
		consider_end(&c, r, t->after - 1, t->from, until_ns);
	else if (t->kind == SFE_TRANSFER_CALL)
		consider_before(&c, r, t->step, t->from, until_ns);
	else if (t->kind == SFE_TRANSFER_FETCH || t->kind == SFE_TRANSFER_CLAIM)
		consider_arrivals(&c, r, t->step, t->header.node, until_ns);
	else if (is_ahead(t))
		consider(&c, t->asked_ns, until_ns, NULL, NULL); /* by the step before */
	else
		consider_end(&c, r, t->step, t->from, until_ns);
	if (t->kind == SFE_TRANSFER_FETCH)
		consider_vain(&c, r, t->step, t->header.node, true, until_ns);
	if (t->kind == SFE_TRANSFER_STORE)
		consider_vain(&c, r, t->step, t->from, false, until_ns);
	return c;
}

static struct cause cause_of_end(const struct records *r, uint64_t end_ns)
{
	const struct sfe_job *job = r->job->job;
	struct cause c = {0};

	for (uint32_t s = 0; s < job->n_steps; s++) {
		if (sfe_steps_after(job, s))
			continue;
		consider_end(&c, r, s, r->job->client, end_ns);
		consider_result(&c, r, s, r->job->client, end_ns);
	}
	return c;
}

struct path { /* what is found of it */
	const struct sfe_ctl_transfer *all;
	bool *on;             /* NULL: not wanted, like the next one */
	uint64_t *overlap_ns; /* of each transfer: the part of its time that another one had, too */
};

static void mark(const struct path *p, const struct sfe_ctl_transfer *t, uint64_t overlap_ns)
{
	if (p->on)
		p->on[t - p->all] = true;
	if (p->overlap_ns)
		p->overlap_ns[t - p->all] = overlap_ns;
}

/* The part of a request's time before ns. */
static uint64_t until(const struct sfe_ctl_transfer *t, uint64_t ns)
{
	uint64_t end = ns < t->done_ns ? ns : t->done_ns;

	return end > t->asked_ns ? end - t->asked_ns : 0;
}

/*
 * Why the step could begin, when this was its last arrival: goes on along its call. What came ahead
 * is on the path too, but not for the time until the call came: if the step waited for it, with the
 * rest of its time, and what came before that, one after the other, with none.
 */
static struct cause along_call(const struct records *r, const struct path *p, struct cause last,
	uint32_t step, uint32_t node)
{
	const struct sfe_ctl_transfer *t = last.t;
	bool ahead = t && is_ahead(t);
	struct cause call = {0}, before = {0};

	if (t && t->kind == SFE_TRANSFER_FETCH)
		return last; /* then this is asked of the fetch */
	consider_call(&call, r, step, node, last.ns);
	if (ahead)
		mark(p, t, until(t, call.ns));
	consider_ahead(
		&before, r, step, node, ahead && t->asked_ns < call.ns ? t->asked_ns : call.ns);
	while (before.t) {
		const struct sfe_ctl_transfer *hidden = before.t;
		mark(p, hidden, until(hidden, hidden->done_ns));
		before = (struct cause){0};
		if (hidden->asked_ns < hidden->done_ns)
			consider_ahead(&before, r, step, node, hidden->asked_ns);
	}
	return ahead ? call : last;
}

/* What the transfer waited for; *t is on the path. */
static struct cause before_transfer(
	const struct records *r, const struct path *p, const struct sfe_ctl_transfer *t)
{
	struct cause c = {0};

	if (t->kind == SFE_TRANSFER_CLAIM) { /* the step computed meanwhile */
		consider_finish(&c, r, t->step, t->header.node, t->done_ns);
		mark(p, t, until(t, c.ns));
		return c;
	}
	mark(p, t, 0);
	c = cause_of(r, t);
	return t->kind == SFE_TRANSFER_FETCH ? along_call(r, p, c, t->step, t->header.node) : c;
}

/* Each cause is earlier than its effect, or belongs to a step before it. */
static void follow(const struct records *r, const struct path *p, struct sfe_job_result *job)
{
	struct cause c = cause_of_end(r, job->end_ns);

	job->processing_ns = job->starting_ns = job->dynamic_ns = job->vain_ns = 0;
	while (c.v || c.t) {
		if (c.t) {
			c = before_transfer(r, p, c.t);
			continue;
		}
		const struct sfe_ctl_invocation *v = c.v;
		job->processing_ns += sfe_time_at_node_ns(v);
		job->starting_ns += sfe_starting_ns(v);
		job->dynamic_ns += v->waited_ns;
		job->vain_ns += v->vain_ns;
		c = (struct cause){0};
		consider_arrivals(&c, r, v->step, v->header.node, v->ready_ns - v->vain_ns);
		c = along_call(r, p, c, v->step, v->header.node);
	}
}

static int by_job_of_invocation(const void *a, const void *b)
{
	const struct sfe_ctl_invocation *x = *(const struct sfe_ctl_invocation *const *)a,
					*y = *(const struct sfe_ctl_invocation *const *)b;

	return x->job != y->job ? (x->job < y->job ? -1 : 1) : (x > y) - (x < y);
}

static int by_job_of_transfer(const void *a, const void *b)
{
	const struct sfe_ctl_transfer *x = *(const struct sfe_ctl_transfer *const *)a,
				      *y = *(const struct sfe_ctl_transfer *const *)b;

	return x->job != y->job ? (x->job < y->job ? -1 : 1) : (x > y) - (x < y);
}

static int by_job_of_run(const void *a, const void *b)
{
	const struct sfe_ctl_shared *x = *(const struct sfe_ctl_shared *const *)a,
				    *y = *(const struct sfe_ctl_shared *const *)b;

	return x->job != y->job ? (x->job < y->job ? -1 : 1) : (x > y) - (x < y);
}

/* Whether anything came ahead of calls. */
static bool came_ahead(const struct sfe_ctl_transfer *const *t, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && !is_ahead(t[i]))
		i++;
	return i < n;
}

/*
 * When a push began: when the node could send what it has of a step before, or of the client, and
 * of several the latest before the push came.
 */
static uint64_t begin_of_push(const struct records *r, const struct sfe_ctl_transfer *t)
{
	const struct sfe_job *job = r->job->job;
	const struct sfe_step *step = &job->steps[t->step];
	uint64_t until_ns = t->head_ns ? t->head_ns - 1 : 0;
	struct cause c = {0};

	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t writer = sfe_writer_before(job, step->deps[i], t->step);
		if (writer == SFE_CLIENT && t->from == r->job->client)
			consider(&c, r->start_ns, until_ns, NULL, NULL);
		if (writer == SFE_CLIENT)
			continue;
		consider_end(&c, r, writer, t->from, until_ns);
		consider_kind(&c, r, SFE_TRANSFER_STORE, writer, t->from, until_ns);
	}
	return c.any ? c.ns : t->head_ns;
}

bool sfe_fetches_overlap(const struct sfe_replay *r, uint32_t job)
{
	const struct sfe_choice *c = r->choice;
	const struct sfe_strategy_info *rules = c ? &c->candidate[c->chosen[job]] : r->strategy;

	return rules->options.fetch == SFE_FETCH_PARALLEL;
}

static void find(const struct records *all, const struct sfe_deployed_job *jobs,
	struct sfe_replay *out, uint64_t *start_ns, const struct path *p)
{
	struct records r = *all;

	for (uint32_t j = 0; j < out->n_jobs;
		j++, r.v += r.n_v, r.t += r.n_t, r.again += r.n_again) {
		struct sfe_job_result *job = &out->jobs[j];
		for (r.n_v = 0; r.v + r.n_v < all->v + all->n_v && r.v[r.n_v]->job == j; r.n_v++)
			;
		for (r.n_t = 0; r.t + r.n_t < all->t + all->n_t && r.t[r.n_t]->job == j; r.n_t++)
			;
		for (r.n_again = 0; r.again + r.n_again < all->again + all->n_again &&
				    r.again[r.n_again]->job == j;
			r.n_again++)
			;
		r.job = &jobs[j];
		r.start_ns = job->ended ? job->start_ns : 0;
		for (uint32_t i = 0; i < r.n_t; i++)
			if (r.t[i]->kind == SFE_TRANSFER_PUSH)
				out->transfers[r.t[i] - out->transfers].asked_ns =
					begin_of_push(&r, r.t[i]);
		bool graph = jobs[j].job->graph, ahead = came_ahead(r.t, r.n_t);
		if (!graph && (!p->on || (!ahead && !sfe_fetches_overlap(out, j))))
			continue;
		for (uint32_t i = 0; (graph || ahead) && start_ns && i < r.n_t; i++) {
			if (sfe_transfer_is_dynamic(r.t[i]->kind))
				continue;
			if (p->on)
				p->on[r.t[i] - out->transfers] = false;
			const struct cause c = cause_of(&r, r.t[i]);
			start_ns[r.t[i] - out->transfers] = c.any ? c.ns : r.t[i]->head_ns;
		}
		/* All invocations of a chain are on its path: its times are known. */
		struct sfe_job_result of_chain = *job;
		if (job->ended && !job->status)
			follow(&r, p, graph ? job : &of_chain);
	}
}

int sfe_critical_paths(const struct sfe_deployed_job *jobs, struct sfe_replay *r,
	uint64_t *start_ns, bool *on_path, uint64_t *overlap_ns)
{
	struct records all = {.n_v = r->n_invocations, .n_t = r->n_transfers};
	const struct path path = {r->transfers, on_path, overlap_ns};
	bool paths = false;

	for (uint32_t j = 0; j < r->n_jobs && !paths; j++)
		paths = jobs[j].job->graph || (on_path && sfe_fetches_overlap(r, j));
	for (uint32_t i = 0; i < r->n_transfers && !paths && on_path; i++)
		paths = is_ahead(&r->transfers[i]);
	if (!paths)
		return 0;
	all.v = calloc((size_t)all.n_v + 1, sizeof(*all.v));
	all.t = calloc((size_t)all.n_t + 1, sizeof(*all.t));
	for (uint32_t i = 0; all.v && i < all.n_v; i++)
		all.v[i] = &r->invocations[i];
	for (uint32_t i = 0; all.t && i < all.n_t; i++)
		all.t[i] = &r->transfers[i];
	all.again = calloc((size_t)r->n_shared + 1, sizeof(*all.again));
	for (uint32_t i = 0; all.again && i < r->n_shared; i++)
		if (r->shared[i].outcome == SFE_SHARED_AGAIN)
			all.again[all.n_again++] = &r->shared[i];
	int rc = all.v && all.t && all.again ? 0 : -ENOMEM;
	if (!rc) {
		qsort(all.again, all.n_again, sizeof(*all.again), by_job_of_run);
		qsort(all.v, all.n_v, sizeof(*all.v), by_job_of_invocation);
		qsort(all.t, all.n_t, sizeof(*all.t), by_job_of_transfer);
		find(&all, jobs, r, start_ns, &path);
	}
	free(all.v);
	free(all.t);
	free(all.again);
	return rc;
}
