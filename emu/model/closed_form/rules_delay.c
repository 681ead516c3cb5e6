/* SPDX-License-Identifier: MIT */
#include "emu/model/closed_form/rules_delay.h"

#include "emu/model/strategies/job_rules.h"

struct walk {
	const struct sfe_closed_form *form;
	const struct sfe_placed_job *placed;
	struct sfe_job_rules of;
	struct sfe_moment *at; /* of each step: its result can be sent; where the client invokes:
				  it has the result */
	struct sfe_traffic *traffic;
	const struct sfe_shared_instances *shared;
};

/* The later one; of equals the first. */
static struct sfe_moment later(struct sfe_moment a, struct sfe_moment b)
{
	return b.net_s + b.proc_s > a.net_s + a.proc_s ? b : a;
}

/* Whether a rule names a node that there is. */
static bool exists(const struct walk *w, uint32_t node)
{
	return node < w->form->t->n_nodes || node == SFE_AT_CLOUD;
}

static struct sfe_moment after(
	const struct walk *w, struct sfe_moment at, uint32_t from, uint32_t to, uint64_t bytes)
{
	if (exists(w, from) && exists(w, to))
		at.net_s += sfe_traffic_send(w->traffic, w->form, from, to, bytes);
	else
		w->traffic->nowhere = true;
	return at;
}

/* All calls of the step are on its node. */
static struct sfe_moment call(const struct walk *w, uint32_t step)
{
	const struct sfe_job *job = w->of.job;
	uint32_t node = w->placed->node[step], n = sfe_steps_before(job, step);
	struct sfe_moment all = {0};

	for (uint32_t i = 0; i < n; i++) {
		uint32_t from = sfe_step_before(job, step, i);
		struct sfe_moment one = w->at[from];
		if (!w->of.rules->client_invokes)
			one = after(w, one, w->placed->node[from], node,
				job->steps[from].out_bytes + sfe_carried_bytes(&w->of, from, step));
		all = i ? later(all, one) : one;
	}
	if (sfe_called_by_client(&w->of, step))
		all = after(w, all, w->placed->client, node,
			job->steps[step].arg_bytes + sfe_carried_bytes(&w->of, SFE_CLIENT, step));
	return all;
}

/* States that outlive the job come from their homes, or go there. */
static struct sfe_moment shared(
	const struct walk *w, uint32_t step, enum sfe_access but, struct sfe_moment at)
{
	const struct sfe_shared_uses none = {0},
				     *uses = w->of.job->shared ? &w->of.job->shared[step] : &none;
	uint32_t node = w->placed->node[step];

	for (uint32_t i = 0; i < uses->n; i++) {
		uint32_t instance = sfe_shared_instance(w->shared, w->placed, step, i);
		uint32_t home = sfe_shared_home(w->shared, instance,
			w->form->cloud.homes ? w->form->cloud.homes : w->of.rules, w->placed->store,
			SFE_AT_CLOUD);
		uint64_t bytes = w->shared->states[uses->of[i].state].bytes;
		if (uses->of[i].access != but)
			at = but == SFE_WRITE ? after(w, at, home, node, bytes)
					      : after(w, at, node, home, bytes);
	}
	return at;
}

/* The states that the step reads are there, too: it fetches them one after the other. */
static struct sfe_moment fetch(const struct walk *w, uint32_t step, struct sfe_moment at)
{
	const struct sfe_step *s = &w->of.job->steps[step];

	for (uint32_t i = 0; w->of.rules->keeper && i < s->n_deps; i++) {
		uint32_t state = s->deps[i];
		if (sfe_step_access(s, i) != SFE_WRITE && !sfe_came_with_call(&w->of, state, step))
			at = after(w, at, w->of.rules->keeper(w->placed, state, step),
				w->placed->node[step], w->of.job->state_bytes[state]);
	}
	return shared(w, step, SFE_WRITE, at);
}

/* The states that the step changed are with those who keep them: one after the other, too. */
static struct sfe_moment give(const struct walk *w, uint32_t step, struct sfe_moment at)
{
	const struct sfe_step *s = &w->of.job->steps[step];

	at = shared(w, step, SFE_READ, at);
	for (uint32_t i = 0; w->of.rules->keeper && i < s->n_deps; i++)
		if (sfe_step_access(s, i) != SFE_READ)
			at = after(w, at, w->placed->node[step],
				w->of.rules->keeper(w->placed, s->deps[i], step + 1),
				w->of.job->state_bytes[s->deps[i]]);
	return at;
}

static struct sfe_moment result(const struct walk *w, uint32_t step, struct sfe_moment at)
{
	return after(w, at, w->placed->node[step], w->placed->client,
		w->of.job->steps[step].out_bytes + sfe_carried_bytes(&w->of, step, SFE_CLIENT));
}

struct sfe_moment sfe_rules_end(const struct sfe_closed_form *f,
	const struct sfe_strategy_info *rules, const struct sfe_placed_job *placed,
	const struct sfe_shared_instances *shared, const struct sfe_inlined *inlined,
	const double *processing_s, struct sfe_moment *at, struct sfe_traffic *traffic)
{
	const struct walk w = {f, placed, {rules, placed->job, inlined}, at, traffic, shared};
	struct sfe_moment end = {0};
	bool any = false;

	for (uint32_t s = 0; s < w.of.job->n_steps; s++) {
		bool last = !sfe_steps_after(w.of.job, s);
		at[s] = fetch(&w, s, call(&w, s));
		at[s].proc_s += processing_s[s];
		at[s] = give(&w, s, at[s]);
		if (last || rules->client_invokes)
			at[s] = result(&w, s, at[s]);
		if (last)
			end = any ? later(end, at[s]) : at[s];
		any |= last;
	}
	return end;
}
