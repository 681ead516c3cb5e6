/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/job_progress.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"

int progress_init(struct job_progress *p, const struct sfe_job *job, bool client_invokes)
{
	*p = (struct job_progress){.job = job};
	p->result = calloc(job->n_steps, sizeof(*p->result));
	for (uint32_t s = 0; s < job->n_steps; s++)
		p->n_left += client_invokes || !sfe_steps_after(job, s);
	return p->result ? 0 : -ENOMEM;
}

void progress_clear(struct job_progress *p)
{
	slice_drop(&p->argument);
	for (uint32_t s = 0; p->result && s < p->job->n_steps; s++)
		slice_drop(&p->result[s].output);
	free(p->result);
	*p = (struct job_progress){0};
}

bool progress_add(struct job_progress *p, uint32_t step, struct slice *output)
{
	struct step_result *r = &p->result[step];

	if (r->there) {
		slice_drop(output);
		return false;
	}
	*r = (struct step_result){true, slice_move(output)};
	p->n_left--;
	return true;
}

bool progress_may_call(const struct job_progress *p, uint32_t step)
{
	for (uint32_t i = 0; i < sfe_steps_before(p->job, step); i++)
		if (!p->result[sfe_step_before(p->job, step, i)].there)
			return false;
	return true;
}

int progress_argument(
	const struct job_progress *p, struct buffer_pool *pool, uint32_t step, struct slice *out)
{
	uint32_t n = sfe_steps_before(p->job, step);
	const struct slice **value;

	if (!n) {
		*out = slice_part(&p->argument, 0, p->argument.size);
		return 0;
	}
	value = calloc(n, sizeof(*value));
	if (!value)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		value[i] = &p->result[sfe_step_before(p->job, step, i)].output;
	int r = values_join(pool, value, n, out);
	free(value);
	return r;
}

int progress_return_value(const struct job_progress *p, struct buffer_pool *pool, struct slice *out)
{
	const struct slice **value = calloc(p->job->n_steps, sizeof(*value));
	uint32_t n = 0;

	if (!value)
		return -ENOMEM;
	for (uint32_t s = 0; s < p->job->n_steps; s++)
		if (!sfe_steps_after(p->job, s))
			value[n++] = &p->result[s].output;
	int r = values_join(pool, value, n, out);
	free(value);
	return r;
}
