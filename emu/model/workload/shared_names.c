/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/shared_names.h"

#include <errno.h>
#include <string.h>

/* The first step of C code, or of this function; n_steps: there is none. */
static uint32_t first_step(const struct sfe_job *job, const bool *is_code, uint32_t function)
{
	uint32_t s = 0;

	while (s < job->n_steps && (function == SFE_NONE ? !is_code[job->steps[s].function]
							 : job->steps[s].function != function))
		s++;
	return s;
}

static int have(struct sfe_shared_instances *all, const struct sfe_placed_job *job, uint32_t state,
	uint32_t owner, uint32_t first)
{
	uint32_t n = all->n;
	struct sfe_shared_instance *one = sfe_shared_have(all,
		&(struct sfe_shared_instance){
			.state = state, .owner = owner, .client = job->client, .first = first});

	if (!one)
		return -ENOMEM;
	one->sizes_vary = one->by_name = true;
	one->in_advance |= all->n > n;
	return 0;
}

/* One for each function that is C code. */
static int have_functions(struct sfe_shared_instances *all, const struct sfe_named_job *job,
	uint32_t state, const bool *is_code, uint32_t n_functions, uint32_t first)
{
	const struct sfe_placed_job *p = &job->placed;
	int r = 0;

	for (uint32_t f = 0; f < n_functions && !r; f++) {
		uint32_t step = first_step(p->job, is_code, f);
		if (is_code[f])
			r = have(all, p, state, f, step < p->job->n_steps ? p->node[step] : first);
	}
	return r;
}

int sfe_shared_names_add(struct sfe_shared_instances *all, const struct sfe_named_job *job,
	const bool *is_code, uint32_t n_functions, bool *seen)
{
	const struct sfe_placed_job *p = &job->placed;
	const struct sfe_workflow *w = job->workflow;
	uint32_t step = first_step(p->job, is_code, SFE_NONE);
	int r = 0;

	if (step == p->job->n_steps)
		return 0;
	uint32_t first = p->node[step];
	if (all->first_code == SFE_NONE)
		all->first_code = first;
	for (uint32_t i = w ? w->n_states : 0; w && i < w->n_states + w->n_shared && !r; i++) {
		uint32_t state = w->states[i].shared;
		if (w->states[i].scope == SFE_SCOPE_CLIENT)
			r = have(all, p, state, p->client, first);
		else if (w->states[i].scope == SFE_SCOPE_GLOBAL)
			r = have(all, p, state, SFE_NONE, first);
		else if (!*seen) /* all of its jobs have the same steps */
			r = have_functions(all, job, state, is_code, n_functions, first);
	}
	*seen = true;
	return r;
}

enum sfe_named sfe_shared_named(const struct sfe_shared_instances *all,
	const struct sfe_named_job *job, uint32_t function, const char *name, uint32_t *instance)
{
	const struct sfe_workflow *w = job->workflow;

	for (uint32_t i = 0; w && i < w->n_states + w->n_shared; i++) {
		if (strcmp(w->states[i].name, name) != 0)
			continue;
		enum sfe_scope scope = w->states[i].scope;
		if (i < w->n_states)
			return SFE_NAMED_OF_JOB;
		*instance = sfe_shared_find(all, w->states[i].shared,
			scope == SFE_SCOPE_CLIENT     ? job->placed.client
			: scope == SFE_SCOPE_FUNCTION ? function
						      : SFE_NONE);
		return *instance == SFE_NONE ? SFE_NAMED_NOBODYS : SFE_NAMED_DECLARED;
	}
	return SFE_NAMED_CREATED;
}
