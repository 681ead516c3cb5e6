/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/push_states.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sfemu/transfer.h"

/* What a message may have, and all that goes ahead to a step. */
#define MOST_BYTES (1ull << 30)
/* Less than what a byte takes on any link: a bound that is met to the byte is met in floating
 * point, too. */
#define ROUNDING_S 1e-12

struct deciding {
	const struct sfe_strategy_info *rules;
	const struct sfe_placed_job *placed;
	const struct sfe_inlined *inlined;
	const struct sfe_inline_paths *paths;
	struct sfe_pushed *out;
};

double sfe_push_s(const struct sfe_inline_path *path, uint64_t bytes)
{
	double delay_s = 0, rate_bps = INFINITY; /* a link without a rate does not limit */

	for (uint32_t i = 0; i < path->n; i++) {
		const struct sfe_hop *hop = &path->hops[i];
		delay_s += hop->delay_s;
		rate_bps = hop->rate_bps > 0 ? fmin(rate_bps, hop->rate_bps) : rate_bps;
	}
	return 2 * delay_s + 8 * (double)bytes / rate_bps;
}

/* Whether an earlier step on the node has put the version into its cache when this one is called,
 * which may read it there, as its keeper goes on keeping it. */
static bool is_cached(const struct deciding *d, uint32_t state, uint32_t step)
{
	const struct sfe_job *job = d->placed->job;
	uint32_t writer = sfe_writer_before(job, state, step);

	if (d->rules->options.cache != SFE_CACHE_ON ||
		(sfe_step_changes(&job->steps[step], state) &&
			d->rules->keeper(d->placed, state, step) !=
				d->rules->keeper(d->placed, state, step + 1)))
		return false;
	for (uint32_t s = writer == SFE_CLIENT ? 0 : writer + 1; s < step; s++)
		if (d->placed->node[s] == d->placed->node[step] &&
			sfe_step_reads(&job->steps[s], state) && sfe_step_reaches(job, s, step))
			return true;
	return false;
}

static int decide(struct deciding *d, uint32_t state, uint32_t step, uint64_t *bytes)
{
	const struct sfe_job *job = d->placed->job;
	uint32_t node = d->placed->node[step], keeper = d->rules->keeper(d->placed, state, step);
	uint64_t size = job->state_bytes[state];
	struct sfe_inline_path path;

	if (keeper == node || size > MOST_BYTES - *bytes ||
		(d->inlined && sfe_inlined_comes(d->inlined, job, state, step)) ||
		(d->rules->created_on_use && sfe_writer_before(job, state, step) == SFE_CLIENT) ||
		is_cached(d, state, step))
		return 0;
	int r = d->paths->find(d->paths->arg, keeper, node, &path);
	if (r || !path.n || sfe_push_s(&path, size) > d->rules->options.push_us / 1e6 + ROUNDING_S)
		return r;
	sfe_bits_set(d->out->bits + step * d->out->words, state);
	*bytes += size;
	return 0;
}

int sfe_pushed_new(const struct sfe_strategy_info *rules, const struct sfe_placed_job *placed,
	const struct sfe_inlined *inlined, const struct sfe_inline_paths *paths,
	struct sfe_pushed **out)
{
	const struct sfe_job *job = placed->job;
	size_t words = job->n_states / 64 + 1u;
	struct deciding d = {rules, placed, inlined, paths,
		calloc(1, sizeof(*d.out) + job->n_steps * words * sizeof(d.out->bits[0]))};
	int r = d.out ? 0 : -ENOMEM;

	if (d.out)
		d.out->words = words;
	for (uint32_t s = 0; s < job->n_steps && !r; s++) {
		const struct sfe_step *step = &job->steps[s];
		uint64_t bytes = 0;
		for (uint32_t i = 0; i < step->n_deps && !r; i++)
			if (sfe_step_access(step, i) != SFE_WRITE)
				r = decide(&d, step->deps[i], s, &bytes);
	}
	if (r)
		free(d.out);
	else
		*out = d.out;
	return r;
}

bool sfe_push_begins(const struct sfe_pushed *pushed, const struct sfe_strategy_info *rules,
	const struct sfe_placed_job *placed, uint32_t step, uint32_t i, struct sfe_push *out)
{
	const struct sfe_job *job = placed->job;
	const struct sfe_step *s = &job->steps[step];

	if (!sfe_push_goes(pushed, s->deps[i], step))
		return false;
	*out = (struct sfe_push){sfe_writer_before(job, s->deps[i], step),
		rules->keeper(placed, s->deps[i], step), 0};
	for (uint32_t k = 0; k < s->n_deps; k++) {
		uint32_t state = s->deps[k];
		if (!sfe_push_goes(pushed, state, step) ||
			sfe_writer_before(job, state, step) != out->writer ||
			rules->keeper(placed, state, step) != out->keeper)
			continue;
		if (k < i)
			return false;
		out->bytes += job->state_bytes[state];
	}
	return true;
}
