/* SPDX-License-Identifier: MIT */
#include "emu/results/explanation/retried.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/recovery/retry.h"

struct attempts { /* failed ones, by job and end */
	const struct sfe_ctl_attempt **of;
	uint32_t n;
	struct sfe_retry_policy policy;
};

static int by_job_and_end(const void *a, const void *b)
{
	const struct sfe_ctl_attempt *x = *(const struct sfe_ctl_attempt *const *)a,
				     *y = *(const struct sfe_ctl_attempt *const *)b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

static int sort_attempts(
	const struct sfe_experiment *e, const struct sfe_replay *r, struct attempts *out)
{
	*out = (struct attempts){.of = calloc((size_t)r->n_attempts + 1, sizeof(*out->of)),
		.policy.backoff_ns = e->scenario->invocation.backoff_ns};
	if (!out->of)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->n_attempts; i++)
		out->of[out->n++] = &r->attempts[i];
	if (out->n)
		qsort(out->of, out->n, sizeof(*out->of), by_job_and_end);
	return 0;
}

/* The first failed attempt of the job. */
static uint32_t first_of(const struct attempts *all, uint32_t job)
{
	uint32_t low = 0, high = all->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (all->of[middle]->job < job)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* When the next attempt could begin. */
static uint64_t over_ns(const struct attempts *all, const struct sfe_ctl_attempt *a)
{
	return a->end_ns + (a->last ? 0 : retry_backoff_ns(&all->policy, a->number));
}

static bool same_request(const struct sfe_ctl_attempt *a, const struct sfe_ctl_transfer *t)
{
	bool between = (a->header.node == t->from && a->to == t->header.node) ||
		       (a->header.node == t->header.node && a->to == t->from);

	return a->step == t->step && a->kind == t->kind && between;
}

int sfe_retried_begin(const struct sfe_experiment *e, const struct sfe_replay *r,
	const uint64_t *start_ns, uint64_t *resent_ns)
{
	struct attempts all;

	if (sort_attempts(e, r, &all))
		return -ENOMEM;
	for (uint32_t i = 0; i < r->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &r->transfers[i];
		bool own = e->jobs[t->job].job->graph || t->asked_ns;
		resent_ns[i] = start_ns[i];
		for (uint32_t k = first_of(&all, t->job); k < all.n && all.of[k]->job == t->job;
			k++) {
			uint64_t over = over_ns(&all, all.of[k]);
			/* What comes ahead fails beside the rest. */
			bool beside = own || all.of[k]->kind == SFE_TRANSFER_PREFETCH ||
				      all.of[k]->kind == SFE_TRANSFER_PUSH;
			if (over <= t->head_ns && over > resent_ns[i] &&
				(!beside || same_request(all.of[k], t)))
				resent_ns[i] = over;
		}
	}
	free(all.of);
	return 0;
}

/* ---- what jobs waited for */

struct item { /* of a job: a transfer, or an invocation (transfer UINT32_MAX) */
	uint64_t begin_ns, end_ns, processing_ns;
	uint32_t job, transfer;
};

static int by_job_and_last(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns > y->end_ns ? -1 : 1; /* the last one first */
	if (x->begin_ns != y->begin_ns)
		return x->begin_ns > y->begin_ns ? -1 : 1;
	return x->transfer < y->transfer ? -1 : x->transfer > y->transfer;
}

/* What was hidden behind other items is none. */
static uint32_t collect(const struct sfe_replay *r, const uint64_t *start_ns,
	const uint64_t *overlap_ns, struct item *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n_transfers; i++)
		if (!sfe_transfer_is_dynamic(r->transfers[i].kind) &&
			!(overlap_ns[i] && start_ns[i] + overlap_ns[i] >= r->transfers[i].done_ns))
			out[n++] = (struct item){.begin_ns = start_ns[i] + overlap_ns[i],
				.end_ns = r->transfers[i].done_ns,
				.job = r->transfers[i].job,
				.transfer = i};
	for (uint32_t i = 0; i < r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &r->invocations[i];
		out[n++] = (struct item){.begin_ns = v->ready_ns - v->vain_ns,
			.end_ns = v->finish_ns,
			.processing_ns = sfe_time_at_node_ns(v),
			.job = v->job,
			.transfer = UINT32_MAX};
	}
	if (n)
		qsort(out, n, sizeof(*out), by_job_and_last);
	return n;
}

/* The part of from_ns to to_ns in which a failed attempt of the job ran, or its retry waited. */
static uint64_t tried_ns(const struct attempts *all, uint32_t job, uint64_t from_ns, uint64_t to_ns)
{
	uint64_t sum = 0;

	for (uint32_t k = first_of(all, job); k < all->n && all->of[k]->job == job; k++) {
		uint64_t begin = all->of[k]->begin_ns, over = over_ns(all, all->of[k]);
		begin = begin > from_ns ? begin : from_ns;
		over = over < to_ns ? over : to_ns;
		if (over <= begin)
			continue;
		sum += over - begin;
		from_ns = over; /* so that no time counts twice */
	}
	return sum;
}

static double walk(const struct attempts *all, const struct sfe_job_result *job, uint32_t j,
	const struct item *item, uint32_t n, bool *on_path)
{
	uint64_t first = job->attempt_ns > job->start_ns ? job->attempt_ns : job->start_ns;
	uint64_t now = job->end_ns, tried = 0;
	int64_t processing = 0;

	for (uint32_t i = 0; i < n; i++)
		if (item[i].transfer != UINT32_MAX)
			on_path[item[i].transfer] = false;
	for (uint32_t i = 0; i < n && now > first; i++) {
		if (item[i].end_ns > now || item[i].end_ns <= first)
			continue;
		tried += tried_ns(all, j, item[i].end_ns, now);
		now = item[i].begin_ns;
		processing += (int64_t)item[i].processing_ns;
		if (item[i].transfer != UINT32_MAX)
			on_path[item[i].transfer] = true;
	}
	if (now > first)
		tried += tried_ns(all, j, first, now);
	else
		first = now; /* what it waited for had begun in an earlier attempt */
	return ((double)(first - job->start_ns) + (double)tried +
		       (double)(processing - (int64_t)job->processing_ns)) /
	       1e9;
}

int sfe_retried_paths(const struct sfe_experiment *e, const struct sfe_replay *r,
	const uint64_t *start_ns, const uint64_t *overlap_ns, bool *on_path, double *beside_s)
{
	struct attempts all = {0};
	struct item *item = calloc((size_t)r->n_transfers + r->n_invocations + 1, sizeof(*item));
	int rc = item ? sort_attempts(e, r, &all) : -ENOMEM;
	uint32_t n = rc ? 0 : collect(r, start_ns, overlap_ns, item);

	for (uint32_t at = 0, end; at < n; at = end) {
		const struct sfe_job_result *job = &r->jobs[item[at].job];
		for (end = at + 1; end < n && item[end].job == item[at].job;)
			end++;
		if (job->ended && !job->status && !e->jobs[item[at].job].job->graph &&
			(job->failed_attempts || job->attempts > 1))
			beside_s[item[at].job] =
				walk(&all, job, item[at].job, &item[at], end - at, on_path);
	}
	free(all.of);
	free(item);
	return rc;
}
