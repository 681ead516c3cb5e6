/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept_measure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/statistics.h"

/* What is computed of some jobs of a replication. */
struct sample {
	double *response, *bytes; /* of the jobs done, in their order */
	uint32_t n, jobs;
};

/* Room for one job or replication after the other. */
struct room {
	struct sample a, b;
	double *sorted;
	double *value; /* SFE_FIGURES columns, each with one value a replication */
	double *other;
	uint32_t column;
};

static void free_room(struct room *room)
{
	free(room->a.response);
	free(room->value);
}

static int make_room(
	const struct sfe_cell_jobs *a, const struct sfe_cell_jobs *b, uint32_t n, struct room *room)
{
	size_t most = 1;

	for (uint32_t i = 0; i < n; i++) {
		most = a[i].n > most ? a[i].n : most;
		most = b && b[i].n > most ? b[i].n : most;
	}
	*room = (struct room){.column = n};
	double *x = calloc(5 * most, sizeof(*x));
	room->a = (struct sample){.response = x, .bytes = x ? x + most : NULL};
	room->b = (struct sample){
		.response = x ? x + 2 * most : NULL, .bytes = x ? x + 3 * most : NULL};
	room->sorted = x ? x + 4 * most : NULL;
	room->value = calloc(2 * (size_t)SFE_FIGURES * n + 1, sizeof(*room->value));
	room->other = room->value ? room->value + (size_t)SFE_FIGURES * n : NULL;
	if (x && room->value)
		return 0;
	free_room(room);
	return -ENOMEM;
}

double sfe_group_size(enum sfe_group_by by, const struct sfe_swept_job *job)
{
	return by == SFE_BY_CHAIN ? job->steps : job->state_bytes;
}

static bool is_in(struct sfe_group g, const struct sfe_swept_job *job)
{
	double size = sfe_group_size(g.by, job);

	return g.by == SFE_BY_SWEEP || (size >= g.from && size < g.below);
}

static void add_job(struct sample *s, const struct sfe_swept_job *job)
{
	s->response[s->n] = job->response_s;
	s->bytes[s->n++] = job->payload_bytes_hops;
}

/* The jobs of one strategy. */
static void take(const struct sfe_cell_jobs *r, struct sfe_group g, struct sample *s)
{
	s->n = s->jobs = 0;
	for (uint32_t i = 0; i < r->n; i++) {
		if (!is_in(g, &r->job[i]))
			continue;
		s->jobs++;
		if (r->job[i].done)
			add_job(s, &r->job[i]);
	}
}

static void add_size(
	struct sfe_group g, const struct sfe_swept_job *job, struct sfe_comparison *out)
{
	if (g.by == SFE_BY_SWEEP)
		return;
	double size = sfe_group_size(g.by, job);
	out->least = fmin(out->least, size); /* a NaN is not the least */
	out->most = fmax(out->most, size);
}

/* The jobs that both have, by their numbers; of those that both have done, the samples and the
 * sizes. */
static void take_both(const struct sfe_cell_jobs *ra, const struct sfe_cell_jobs *rb,
	struct sfe_group g, struct sample *a, struct sample *b, struct sfe_comparison *out)
{
	a->n = a->jobs = b->n = b->jobs = 0;
	for (uint32_t i = 0, k = 0; i < ra->n; i++) {
		while (k < rb->n && rb->job[k].number < ra->job[i].number)
			k++;
		if (k == rb->n)
			break;
		if (rb->job[k].number != ra->job[i].number || !is_in(g, &ra->job[i]))
			continue;
		if (ra->job[i].done && rb->job[k].done) {
			add_job(a, &ra->job[i]);
			add_job(b, &rb->job[k]);
			add_size(g, &ra->job[i], out);
		}
	}
}

/* Figures that are of the sample alone; the others are NaN. */
static void figures_of(const struct sample *s, double *sorted, double out[SFE_FIGURES])
{
	for (unsigned k = 0; k < SFE_FIGURES; k++)
		out[k] = NAN;
	memcpy(sorted, s->response, s->n * sizeof(*sorted));
	sfe_sort(sorted, s->n);
	out[SFE_FIGURE_MEAN] = sfe_mean(s->response, s->n);
	out[SFE_FIGURE_P50] = sfe_quantile(sorted, s->n, 0.5);
	out[SFE_FIGURE_P95] = sfe_quantile(sorted, s->n, 0.95);
	out[SFE_FIGURE_P99] = sfe_quantile(sorted, s->n, 0.99);
	out[SFE_FIGURE_PAYLOAD] = sfe_mean(s->bytes, s->n);
}

/* Figures of all jobs of the strategy, done or not. */
static void add_whole(const struct sfe_cell_jobs *r, struct sfe_group g, uint32_t jobs,
	uint32_t done, double out[SFE_FIGURES])
{
	if (g.by == SFE_BY_SWEEP && r->n) {
		out[SFE_FIGURE_WIRE] = r->wire_bytes / r->n;
		out[SFE_FIGURE_VAIN] = r->runs_in_vain / r->n;
		out[SFE_FIGURE_VAIN_OPERATIONS] = r->vain_operations / r->n;
		out[SFE_FIGURE_OVERWRITTEN] = r->overwritten / r->n;
	}
	out[SFE_FIGURE_DONE] = jobs ? (double)done / jobs : NAN;
}

/* The mean and its interval over the replications that have a value. */
static void over_replications(
	const double *x, uint32_t n, double *kept, double *value, double *ci95)
{
	uint32_t m = 0;

	for (uint32_t i = 0; i < n; i++)
		if (!isnan(x[i]))
			kept[m++] = x[i];
	*value = sfe_mean(kept, m);
	*ci95 = sfe_confidence_95(kept, m);
}

int sfe_measure(
	const struct sfe_cell_jobs *r, uint32_t n, struct sfe_group group, struct sfe_point *out)
{
	struct room room;
	int code = make_room(r, NULL, n, &room);

	*out = (struct sfe_point){0};
	if (code)
		return code;
	for (uint32_t i = 0; i < n; i++) {
		double x[SFE_FIGURES];
		take(&r[i], group, &room.a);
		out->seeds += room.a.jobs > 0;
		out->jobs += room.a.jobs;
		out->done += room.a.n;
		figures_of(&room.a, room.sorted, x);
		if (r[i].there)
			add_whole(&r[i], group, room.a.jobs, room.a.n, x);
		for (unsigned k = 0; k < SFE_FIGURES; k++)
			room.value[(size_t)k * n + i] = x[k];
	}
	for (unsigned k = 0; k < SFE_FIGURES; k++)
		over_replications(
			room.value + (size_t)k * n, n, room.other, &out->value[k], &out->ci95[k]);
	if (n == 1) {
		out->ci95[SFE_FIGURE_MEAN] = sfe_confidence_95(room.a.response, room.a.n);
		out->ci95[SFE_FIGURE_PAYLOAD] = sfe_confidence_95(room.a.bytes, room.a.n);
	}
	free_room(&room);
	return 0;
}

/* Those of one replication under both, as columns of room->value and room->other. */
static void pair_in(const struct sfe_cell_jobs *a, const struct sfe_cell_jobs *b, uint32_t i,
	struct sfe_group group, struct room *room, struct sfe_comparison *out)
{
	double x[SFE_FIGURES], y[SFE_FIGURES];
	bool both = a[i].there && b[i].there;

	take(&a[i], group, &room->a);
	uint32_t jobs[2] = {room->a.jobs}, done[2] = {room->a.n};
	take(&b[i], group, &room->b);
	jobs[1] = room->b.jobs;
	done[1] = room->b.n;
	take_both(&a[i], &b[i], group, &room->a, &room->b, out);
	out->seeds += room->a.n > 0;
	out->jobs += room->a.n;
	figures_of(&room->a, room->sorted, x);
	figures_of(&room->b, room->sorted, y);
	if (room->a.n) {
		out->mean[0] += x[SFE_FIGURE_MEAN];
		out->mean[1] += y[SFE_FIGURE_MEAN];
	}
	if (both) {
		add_whole(&a[i], group, jobs[0], done[0], x);
		add_whole(&b[i], group, jobs[1], done[1], y);
	}
	for (unsigned k = 0; k < SFE_FIGURES; k++) {
		size_t at = (size_t)k * room->column + i;
		room->value[at] = y[k] - x[k];
		room->other[at] = x[k] > 0 && y[k] > 0 ? log(y[k] / x[k]) : NAN;
	}
}

/* Intervals over the jobs of the one replication. */
static void pair_jobs(struct room *room, struct sfe_comparison *out)
{
	for (uint32_t i = 0; i < room->a.n; i++) {
		room->b.response[i] -= room->a.response[i];
		room->b.bytes[i] -= room->a.bytes[i];
	}
	out->ci95[SFE_FIGURE_MEAN] = sfe_confidence_95(room->b.response, room->a.n);
	out->ci95[SFE_FIGURE_PAYLOAD] = sfe_confidence_95(room->b.bytes, room->a.n);
}

int sfe_measure_pair(const struct sfe_cell_jobs *a, const struct sfe_cell_jobs *b, uint32_t n,
	struct sfe_group group, struct sfe_comparison *out)
{
	struct room room;
	int code = make_room(a, b, n, &room);

	*out = (struct sfe_comparison){.least = NAN, .most = NAN};
	if (code)
		return code;
	double *kept = calloc((size_t)n + 1, sizeof(*kept));
	if (!kept) {
		free_room(&room);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++)
		pair_in(a, b, i, group, &room, out);
	out->mean[0] /= out->seeds; /* NaN: there is no job */
	out->mean[1] /= out->seeds;
	for (unsigned k = 0; k < SFE_FIGURES; k++) {
		double middle, half;
		over_replications(
			room.value + (size_t)k * n, n, kept, &out->difference[k], &out->ci95[k]);
		over_replications(room.other + (size_t)k * n, n, kept, &middle, &half);
		out->ratio[k] = exp(middle);
		out->low[k] = exp(middle - half);
		out->high[k] = exp(middle + half);
	}
	if (n == 1)
		pair_jobs(&room, out);
	free(kept);
	free_room(&room);
	return 0;
}
