/* SPDX-License-Identifier: MIT */
/* One replication: the nodes of its jobs' steps. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/placement/hints.h"
#include "emu/model/placement/node_choice.h"
#include "emu/model/placement/placer.h"
#include "sfemu/workflow.h"

const char *sfe_placement_name(enum sfe_placement placement)
{
	static const char *const names[SFE_PLACEMENTS] = {
		[SFE_PROC_NET] = "ProcNet",
		[SFE_PROC_ONLY] = "ProcOnly",
		[SFE_PROC_STATE] = "ProcState",
	};

	return names[placement];
}

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
}

/* A placement of all jobs. */
struct placement {
	struct sfe_placing nodes;
	struct sfe_assignment *a;
	enum sfe_placement rule;
	struct sfe_hints hints;
	bool out_of_memory;
};

static void end(struct placement *x)
{
	sfe_placing_end(&x->nodes);
	sfe_hints_free(&x->hints);
}

/* The invocation is pinned, and no node is left. */
static int fail_pinned(const struct sfe_placer *p, uint32_t client, const struct sfe_job *job,
	uint32_t k, struct sfe_error *err)
{
	const struct sfe_step *step = &job->steps[k];
	const char *name = sfe_step_name(p->w, job, k);
	uint8_t affinity = p->affinity[step->function];
	uint32_t next = 0, n = 0;
	const struct sfe_pin *pin = NULL, *last = NULL;
	char number[16];

	while ((pin = sfe_pin_table_next(p->pins, client, job, k, &next))) {
		last = pin;
		n++;
	}
	snprintf(number, sizeof(number), "%u", k);
	return sfe_fail_at(err, -EINVAL, sfe_pin_table_file(p->pins), last ? last->line : 0,
		sfe_affinities_of(p->affinities, step->function)
			? "let the pins allow a node of the function's affinity"
			: "let the pins allow a node that can run it",
		"placement: pin: no node is left for step %s of job %u (function %s, client %s): "
		"it "
		"has to match %.80s%s%s",
		name ? name : number, job->number, p->w->function_names[step->function],
		p->t->nodes[client].name, last ? last->node : "",
		n > 1 ? " and the other pins that hold for it" : "",
		affinity == SFE_GPU   ? ", and have a GPU"
		: affinity == SFE_CPU ? ", and be a CPU node"
		: sfe_affinities_of(p->affinities, step->function)
			? ", and have the affinity of the function"
			: "");
}

/* The step's hint wants a node that may not run it. */
static int fail_hinted(const struct sfe_placer *p, const struct sfe_job *job, uint32_t k,
	const char *hint, uint32_t node, struct sfe_error *err)
{
	const struct sfe_workflow *f = sfe_job_workflow(p->w, job);

	return sfe_fail_at(err, -EINVAL, f->file, f->line,
		"give these steps different hints, or let pins and affinities allow one node for "
		"them",
		"workflows: %s: hint: %s has step %s of job %u run on %s, where the key was first "
		"placed, but pins or the function's affinity do not allow that",
		f->name, hint, sfe_step_name(p->w, job, k), job->number, p->t->nodes[node].name);
}

static int fail_unplaced(const struct sfe_placer *p, uint32_t client, const struct sfe_job *job,
	uint32_t k, struct sfe_error *err)
{
	const struct sfe_step *step = &job->steps[k];
	const char *function = p->w->function_names[step->function];
	uint8_t affinity = p->affinity[step->function];

	if (p->pins && affinity != SFE_NO_AFFINITY &&
		sfe_pin_table_next(p->pins, client, job, k, &(uint32_t){0}))
		return fail_pinned(p, client, job, k, err);
	if (affinity == SFE_NO_AFFINITY)
		return sfe_fail(err, -EINVAL, function, "use another number of functions",
			"task %u of j_%u needs the function %s, which has no affinity", step->task,
			job->number, function);
	return sfe_fail(err, -ENETUNREACH, function, "check the topology's nodes and edges",
		"no %snode can run task %u of j_%u for the client %s: there is none, or no path "
		"to "
		"it",
		affinity == SFE_GPU   ? "GPU "
		: affinity == SFE_CPU ? "CPU "
				      : "",
		step->task, job->number, p->t->nodes[client].name);
}

/* What ProcState estimates for a node, and for the one that ProcNet would choose now. */
static void add_estimates(struct placement *x, const struct sfe_step_choice *chosen)
{
	struct sfe_step_choice other = {chosen->job, chosen->client, chosen->k, SFE_NONE, INFINITY};
	uint32_t rank = sfe_node_choose(&x->nodes, SFE_PROC_NET, &other);
	const struct sfe_step *step = &chosen->job->steps[chosen->k];
	float processing = rank == SFE_NONE ? 0 : (float)step->ops / x->nodes.speed[rank].ops;

	x->a->totals.estimate_s += chosen->best;
	x->a->totals.proc_net_s +=
		rank == SFE_NONE ? chosen->best
				 : (double)processing + sfe_node_time_with_states(&x->nodes, chosen,
								x->nodes.p->node[rank]);
}

/* The rank of the node where the step's hint wants it, if that was used before and the node may run
 * the step; else by the rule. */
static uint32_t choose_hinted(struct placement *x, struct sfe_step_choice *r, uint32_t *hinted)
{
	struct sfe_placer *p = x->nodes.p;

	if (!hinted || *hinted == SFE_NONE)
		return sfe_node_choose(&x->nodes, x->rule, r);
	return sfe_node_has_affinity(p, *hinted, p->affinity[r->job->steps[r->k].function]) &&
			       sfe_node_may_run(p, r->client, r->job, r->k, *hinted)
		       ? p->rank_of[*hinted]
		       : SFE_NONE;
}

static bool place_step(struct placement *x, uint32_t client, const struct sfe_job *job, uint32_t k,
	uint32_t *chosen)
{
	struct sfe_placer *p = x->nodes.p;
	const char *hint = sfe_step_hint(p->w, job, k);
	uint32_t *hinted = NULL;
	struct sfe_step_choice r = {job, client, k, SFE_NONE, INFINITY};

	if (p->affinity[job->steps[k].function] == SFE_NO_AFFINITY)
		return false;
	if (hint && !(hinted = sfe_hints_node(
			      &x->hints, hint, p->t->nodes[client].name, job->number))) {
		x->out_of_memory = true;
		return false;
	}
	uint32_t rank = choose_hinted(x, &r, hinted);
	if (rank == SFE_NONE)
		return false;
	*chosen = p->node[rank];
	if (x->rule == SFE_PROC_STATE) {
		if (r.first != SFE_NONE)
			add_estimates(x, &r);
		x->out_of_memory |= sfe_state_places_after(&x->nodes.states, k, *chosen) != 0;
	}
	if (hinted)
		*hinted = *chosen;
	/* What one more invocation would get after this one is placed. */
	x->nodes.speed[rank].ops =
		p->t->nodes[*chosen].speed_ops / (float)((uint64_t)++x->nodes.load[rank] + 1);
	return !x->out_of_memory && sfe_pair_path_between(p->paths, client, *chosen) != SFE_NONE &&
	       sfe_pair_path_between(p->paths, *chosen, client) != SFE_NONE;
}

/* The nodes are known: counts the load. */
static int keep_places(struct sfe_placer *p, struct sfe_assignment *a, struct sfe_error *err)
{
	memset(a->load, 0, p->t->n_nodes * sizeof(*a->load));
	for (uint32_t j = 0; j < a->n_jobs; j++) {
		const struct sfe_job *job = &p->w->jobs[a->job[j]];
		for (uint32_t k = 0; k < job->n_steps; k++) {
			uint32_t node = a->node[j][k], function = job->steps[k].function;
			a->load[node]++;
			if (!sfe_affinities_allow(p->affinities, function, node))
				return sfe_fail(err, -EINVAL,
					sfe_affinities_of(p->affinities, function)->where,
					"leave the affinity out: nodes are those of the other run",
					"functions.%s.affinity: job %u had it on %s, which is of "
					"another kind",
					p->w->function_names[function], job->number,
					p->t->nodes[node].name);
			if (sfe_pair_path_between(p->paths, a->client[j], node) == SFE_NONE ||
				sfe_pair_path_between(p->paths, node, a->client[j]) == SFE_NONE)
				return sfe_fail(err, -ENETUNREACH, p->t->nodes[node].name,
					"place with a run of the same topology",
					"job %u ran on it, but there is no path between it and the "
					"client %s",
					job->number, p->t->nodes[a->client[j]].name);
		}
	}
	return 0;
}

/* Makes the groups that the jobs' clients see. */
static int see_nodes(
	struct sfe_placer *p, enum sfe_placement placement, const struct sfe_assignment *a)
{
	int rc = 0;

	for (uint32_t j = 0; j < a->n_jobs; j++) {
		const struct sfe_job *job = &p->w->jobs[a->job[j]];
		uint32_t seen_by = placement == SFE_PROC_ONLY ? SFE_NONE : a->client[j];
		for (uint32_t k = 0; k < job->n_steps && !rc; k++) {
			uint8_t affinity = p->affinity[job->steps[k].function];
			if (affinity != SFE_NO_AFFINITY)
				rc = sfe_placer_see(p, seen_by, affinity);
		}
	}
	return rc;
}

static int fail_step(struct placement *x, uint32_t client, const struct sfe_job *job, uint32_t k,
	struct sfe_error *err)
{
	const char *hint = sfe_step_hint(x->nodes.p->w, job, k);
	const uint32_t *hinted = hint ? sfe_hints_node(&x->hints, hint,
						x->nodes.p->t->nodes[client].name, job->number)
				      : NULL;

	if (x->out_of_memory || x->nodes.p->paths->out_of_memory)
		return no_memory(err);
	if (hinted && *hinted != SFE_NONE)
		return fail_hinted(x->nodes.p, job, k, hint, *hinted, err);
	return fail_unplaced(x->nodes.p, client, job, k, err);
}

/* Places all jobs; nodes are kept only if they are wanted. */
static int place_all(struct placement *x, const uint32_t *order, bool wanted, struct sfe_error *err)
{
	struct sfe_assignment *a = x->a;
	int rc = see_nodes(x->nodes.p, x->rule, a) || sfe_placing_start(&x->nodes, x->nodes.p)
			 ? no_memory(err)
			 : 0;

	for (uint32_t i = 0; i < a->n_jobs && !rc; i++) {
		uint32_t j = order[i], node;
		const struct sfe_job *job = &x->nodes.p->w->jobs[a->job[j]];

		if (x->rule == SFE_PROC_STATE &&
			sfe_state_places_begin(&x->nodes.states, job, a->client[j]))
			rc = no_memory(err);
		for (uint32_t k = 0; k < job->n_steps && !rc; k++) {
			if (!place_step(x, a->client[j], job, k, &node))
				rc = fail_step(x, a->client[j], job, k, err);
			else if (wanted)
				a->node[j][k] = node;
		}
	}
	return rc;
}

static uint32_t most_of(const struct placement *x)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < x->nodes.p->t->n_nodes; i++)
		most = x->nodes.load[i] > most ? x->nodes.load[i] : most;
	return most;
}

/* What ProcNet would place on its most loaded node. */
static int place_by_proc_net(struct sfe_placer *p, const uint32_t *order, struct sfe_assignment *a,
	struct sfe_error *err)
{
	struct placement x = {.nodes.p = p, .a = a, .rule = SFE_PROC_NET};
	int rc = place_all(&x, order, false, err);

	if (!rc)
		a->totals.proc_net_most = most_of(&x);
	end(&x);
	return rc;
}

int sfe_placer_place(struct sfe_placer *p, enum sfe_placement placement, const uint32_t *order,
	struct sfe_assignment *a, struct sfe_error *err)
{
	if (p->placed) {
		int kept = keep_places(p, a, err);
		return p->paths->out_of_memory ? no_memory(err) : kept;
	}
	struct placement x = {.nodes.p = p, .a = a, .rule = placement};

	a->totals = (struct sfe_placement_totals){0};
	int rc = place_all(&x, order, true, err);
	for (uint32_t i = 0; i < p->t->n_nodes && !rc; i++)
		a->load[p->node[i]] = x.nodes.load[i];
	if (!rc && placement == SFE_PROC_STATE) {
		a->totals.most = most_of(&x);
		rc = place_by_proc_net(p, order, a, err);
	}
	end(&x);
	return p->paths->out_of_memory ? no_memory(err) : rc;
}

int sfe_assign(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	enum sfe_placement placement, uint32_t wanted, uint32_t seed, struct sfe_assignment **out,
	struct sfe_error *err)
{
	return sfe_assign_with(t, r, w, placement, NULL, wanted, seed, out, err);
}

int sfe_assign_with(const struct sfe_topology *t, struct sfe_routing *r,
	const struct sfe_workload *w, enum sfe_placement placement,
	const struct sfe_placement_rules *rules, uint32_t wanted, uint32_t seed,
	struct sfe_assignment **out, struct sfe_error *err)
{
	struct sfe_assignment *a = NULL;
	struct sfe_placer *p;
	uint32_t *order = NULL;
	int rc = sfe_placer_new(t, r, w, rules, &p, err);

	if (rc)
		return rc;
	if (!(rc = sfe_placer_draw(p, wanted, seed, &a, &order, err))) {
		rc = a->n_jobs ? sfe_placer_place(p, placement, order, a, err)
			       : sfe_fail(err, -EINVAL, "workload",
					 "ask for more jobs or use another seed",
					 "seed %u selects none of the %u jobs", seed, w->n_jobs);
		free(order);
	}
	sfe_placer_free(p);
	if (rc)
		sfe_assignment_free(a);
	else
		*out = a;
	return rc;
}
