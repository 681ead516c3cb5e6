/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/inline_states.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sfemu/transfer.h"

/* What a message may have; more stays where it is. */
#define MOST_BYTES (1ull << 30)
#define NO_ROW SIZE_MAX

/* ---- calls by number: of the edges of the graph, then by the client of each step */

static size_t n_edges(const struct sfe_job *job)
{
	return job->graph ? job->graph->before_begin[job->n_steps] : job->n_steps;
}

static size_t row_of_edge(const struct sfe_job *job, uint32_t to, uint32_t i)
{
	return job->graph ? job->graph->before_begin[to] + (size_t)i : to;
}

size_t sfe_inlined_row(const struct sfe_job *job, uint32_t from, uint32_t to)
{
	uint32_t n = sfe_steps_before(job, to);

	if (from == SFE_CLIENT)
		return n ? NO_ROW : n_edges(job) + to;
	for (uint32_t i = 0; i < n; i++)
		if (sfe_step_before(job, to, i) == from)
			return row_of_edge(job, to, i);
	return NO_ROW;
}

size_t sfe_inlined_rows(const struct sfe_job *job)
{
	return n_edges(job) + job->n_steps;
}

bool sfe_inlined_carries(const struct sfe_inlined *inlined, const struct sfe_job *job,
	uint32_t state, uint32_t from, uint32_t to)
{
	size_t row = to == SFE_CLIENT ? NO_ROW : sfe_inlined_row(job, from, to);

	return row != NO_ROW && sfe_bits_has(inlined->bits + row * inlined->words, state);
}

bool sfe_inlined_comes(
	const struct sfe_inlined *inlined, const struct sfe_job *job, uint32_t state, uint32_t step)
{
	uint32_t n = sfe_steps_before(job, step);

	if (!n)
		return sfe_inlined_carries(inlined, job, state, SFE_CLIENT, step);
	for (uint32_t i = 0; i < n; i++)
		if (sfe_bits_has(inlined->bits + row_of_edge(job, step, i) * inlined->words, state))
			return true;
	return false;
}

bool sfe_inlined_serves_all(const struct sfe_inlined *inlined, const struct sfe_job *job,
	uint32_t state, uint32_t writer)
{
	for (uint32_t s = writer + 1; s < job->n_steps; s++) {
		if (sfe_step_reads(&job->steps[s], state) &&
			!sfe_inlined_comes(inlined, job, state, s))
			return false;
		if (sfe_step_changes(&job->steps[s], state))
			return true; /* the steps after it get another version */
	}
	return true;
}

/* ---- deciding */

struct crossed { /* a link of a way, with its rate */
	uint32_t link;
	double bit_s; /* seconds a bit; 0: its rate does not limit */
};

struct deciding {
	const struct sfe_strategy_info *rules;
	const struct sfe_placed_job *placed;
	const struct sfe_job *job;
	const struct sfe_inline_paths *paths;
	struct sfe_inlined *out;
	struct sfe_inline_path *leg; /* of each row: the path of the call */
	double *leg_s;               /* likewise: seconds a bit, over all of its links */
	uint64_t *bytes;             /* likewise: of the message, as decided so far */
	double *least_s;             /* of each step: from the writer, seconds a bit */
	size_t *best;                /* likewise: the row of the last call of this way */
	uint32_t *from;              /* likewise: who makes it */
	struct crossed *way;
	size_t n_way, room;
};

static double bit_s(const struct sfe_hop *hop)
{
	return hop->rate_bps > 0 ? 1 / hop->rate_bps : 0;
}

static double sum_of_bits_s(const struct sfe_inline_path *p)
{
	double sum = 0;

	for (uint32_t i = 0; i < p->n; i++)
		sum += bit_s(&p->hops[i]);
	return sum;
}

static uint32_t node_of(const struct deciding *d, uint32_t step)
{
	return step == SFE_CLIENT ? d->placed->client : d->placed->node[step];
}

static int find_leg(struct deciding *d, uint32_t from, uint32_t to, size_t row)
{
	uint32_t a = node_of(d, from), b = node_of(d, to);
	int r = d->paths->find(d->paths->arg, a, b, &d->leg[row]);

	d->leg_s[row] = a != b && !d->leg[row].n ? INFINITY : sum_of_bits_s(&d->leg[row]);
	d->bytes[row] =
		from == SFE_CLIENT ? d->job->steps[to].arg_bytes : d->job->steps[from].out_bytes;
	return r;
}

static int find_legs(struct deciding *d)
{
	int r = 0;

	for (uint32_t to = 0; to < d->job->n_steps && !r; to++) {
		uint32_t n = sfe_steps_before(d->job, to);
		if (!n)
			r = find_leg(d, SFE_CLIENT, to, sfe_inlined_row(d->job, SFE_CLIENT, to));
		for (uint32_t i = 0; i < n && !r; i++)
			r = find_leg(
				d, sfe_step_before(d->job, to, i), to, row_of_edge(d->job, to, i));
	}
	return r;
}

/* A way to `to` whose last call is by `from`. */
static void consider(struct deciding *d, uint32_t from, uint32_t to, size_t row, double before_s)
{
	if (before_s + d->leg_s[row] >= d->least_s[to])
		return;
	d->least_s[to] = before_s + d->leg_s[row];
	d->best[to] = row;
	d->from[to] = from;
}

/* The ways from the writer to the reader and the steps before it: steps come after those that call
 * them. */
static void find_ways(struct deciding *d, uint32_t writer, uint32_t reader)
{
	const struct sfe_job *job = d->job;

	for (uint32_t to = writer == SFE_CLIENT ? 0 : writer; to <= reader; to++) {
		uint32_t n = sfe_steps_before(job, to);
		d->least_s[to] = INFINITY;
		if (writer == SFE_CLIENT && !n)
			consider(d, SFE_CLIENT, to, sfe_inlined_row(job, SFE_CLIENT, to), 0);
		for (uint32_t i = 0; i < n && to != writer; i++) {
			uint32_t from = sfe_step_before(job, to, i);
			if (from == writer)
				consider(d, from, to, row_of_edge(job, to, i), 0);
			else if (writer == SFE_CLIENT || from > writer)
				consider(d, from, to, row_of_edge(job, to, i), d->least_s[from]);
		}
	}
}

static int cross(struct deciding *d, const struct sfe_inline_path *p)
{
	size_t room = 2 * (d->n_way + p->n);

	if (d->n_way + p->n > d->room) {
		struct crossed *more = realloc(d->way, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		d->way = more;
		d->room = room;
	}
	for (uint32_t i = 0; i < p->n; i++)
		d->way[d->n_way++] = (struct crossed){p->links[i], bit_s(&p->hops[i])};
	return 0;
}

/* Seconds a bit over the links of the way, each of the direct path once less. */
static double extra_bit_s(const struct deciding *d, const struct sfe_inline_path *direct)
{
	double sum = 0;

	for (size_t i = 0; i < d->n_way; i++)
		sum += d->way[i].bit_s;
	for (uint32_t i = 0; i < direct->n; i++)
		for (size_t k = 0; k < d->n_way; k++)
			if (d->way[k].link == direct->links[i]) {
				sum -= d->way[k].bit_s;
				break;
			}
	return fmax(sum, 0);
}

static double round_trip_s(const struct sfe_inline_path *there, const struct sfe_inline_path *back)
{
	double sum = 8.0 * SFE_FETCH_HEAD_BYTES * sum_of_bits_s(there);

	for (uint32_t i = 0; i < there->n; i++)
		sum += there->hops[i].delay_s;
	for (uint32_t i = 0; i < back->n; i++)
		sum += back->hops[i].delay_s;
	return sum;
}

/* Whether the state fits into all messages of the way to the reader. */
static bool fits(const struct deciding *d, uint32_t state, uint32_t writer, uint32_t reader)
{
	for (uint32_t s = reader; s != writer; s = d->from[s])
		if (!sfe_bits_has(d->out->bits + d->best[s] * d->out->words, state) &&
			d->bytes[d->best[s]] + d->job->state_bytes[state] > MOST_BYTES)
			return false;
	return true;
}

static void take(struct deciding *d, uint32_t state, uint32_t writer, uint32_t reader)
{
	for (uint32_t s = reader; s != writer; s = d->from[s]) {
		uint64_t *row = d->out->bits + d->best[s] * d->out->words;
		if (sfe_bits_has(row, state))
			continue;
		sfe_bits_set(row, state);
		d->bytes[d->best[s]] += d->job->state_bytes[state];
	}
}

static int decide(struct deciding *d, uint32_t state, uint32_t reader)
{
	uint32_t writer = sfe_writer_before(d->job, state, reader), node = node_of(d, reader);
	uint32_t keeper = d->rules->keeper(d->placed, state, reader);
	struct sfe_inline_path direct, request;
	int r;

	if (keeper == node || (writer == SFE_CLIENT && d->rules->created_on_use))
		return 0;
	find_ways(d, writer, reader);
	if (!isfinite(d->least_s[reader]) || !fits(d, state, writer, reader))
		return 0;
	if ((r = d->paths->find(d->paths->arg, keeper, node, &direct)) ||
		(r = d->paths->find(d->paths->arg, node, keeper, &request)))
		return r;
	d->n_way = 0;
	for (uint32_t s = reader; s != writer && !r; s = d->from[s])
		r = cross(d, &d->leg[d->best[s]]);
	if (!r && 8.0 * (double)d->job->state_bytes[state] * extra_bit_s(d, &direct) <
			  round_trip_s(&request, &direct))
		take(d, state, writer, reader);
	return r;
}

static int decide_all(struct deciding *d)
{
	int r = find_legs(d);

	for (uint32_t s = 0; s < d->job->n_steps && !r; s++) {
		const struct sfe_step *step = &d->job->steps[s];
		for (uint32_t i = 0; i < step->n_deps && !r; i++)
			if (sfe_step_access(step, i) != SFE_WRITE)
				r = decide(d, step->deps[i], s);
	}
	return r;
}

int sfe_inlined_new(const struct sfe_strategy_info *rules, const struct sfe_placed_job *job,
	const struct sfe_inline_paths *paths, struct sfe_inlined **out)
{
	size_t rows = sfe_inlined_rows(job->job), n = job->job->n_steps,
	       words = job->job->n_states / 64 + 1u;
	struct deciding d = {.rules = rules, .placed = job, .job = job->job, .paths = paths};
	int r = -ENOMEM;

	d.out = calloc(1, sizeof(*d.out) + rows * words * sizeof(d.out->bits[0]));
	d.leg = calloc(rows + 1, sizeof(*d.leg));
	d.leg_s = calloc(rows + 1, sizeof(*d.leg_s));
	d.bytes = calloc(rows + 1, sizeof(*d.bytes));
	d.least_s = calloc(n + 1, sizeof(*d.least_s));
	d.best = calloc(n + 1, sizeof(*d.best));
	d.from = calloc(n + 1, sizeof(*d.from));
	if (d.out && d.leg && d.leg_s && d.bytes && d.least_s && d.best && d.from) {
		d.out->words = words;
		r = decide_all(&d);
	}
	free(d.leg);
	free(d.leg_s);
	free(d.bytes);
	free(d.least_s);
	free(d.best);
	free(d.from);
	free(d.way);
	if (r)
		free(d.out);
	else
		*out = d.out;
	return r;
}
