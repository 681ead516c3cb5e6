/* SPDX-License-Identifier: MIT */
/* One replication: the nodes of its jobs' steps. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/placement/hints.h"
#include "emu/model/placement/placer.h"
#include "emu/model/placement/state_places.h"
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

/* Memory for one placement; arrays by rank, capacity and group of a choice. */
struct placing {
	struct sfe_placer *p;
	struct sfe_assignment *a;
	enum sfe_placement placement;
	uint32_t *load; /* by rank */
	union speed {
		float ops;     /* speed that one more invocation on the node would get */
		int32_t order; /* the same bits: positive floats are ordered as integers, which
				  compare faster */
	} * speed;
	double *forward, *back;  /* seconds on a link of that capacity */
	double *transfer, *time; /* to the group and back; the same plus processing on the group's
				    best node */
	struct sfe_state_places states; /* ProcState: where those of the present job are */
	struct sfe_hints hints;
	bool out_of_memory;
};

static int start(struct placing *x)
{
	uint32_t n = x->p->t->n_nodes, n_capacities = x->p->paths->n_capacities;

	x->load = calloc((size_t)n + 1, sizeof(*x->load));
	x->speed = calloc((size_t)n + 1, sizeof(*x->speed));
	x->forward = calloc((size_t)n_capacities + 1, sizeof(*x->forward));
	x->back = calloc((size_t)n_capacities + 1, sizeof(*x->back));
	x->time = calloc((size_t)x->p->most_groups + 1, sizeof(*x->time));
	x->transfer = calloc((size_t)x->p->most_groups + 1, sizeof(*x->transfer));
	if (!x->load || !x->speed || !x->forward || !x->back || !x->time || !x->transfer)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		x->speed[i].ops = x->p->t->nodes[x->p->node[i]].speed_ops / 1.0f;
	return 0;
}

static void end(struct placing *x)
{
	free(x->load);
	free(x->speed);
	free(x->forward);
	free(x->back);
	free(x->time);
	free(x->transfer);
	sfe_state_places_free(&x->states);
	sfe_hints_free(&x->hints);
}

/* Time of a message of that size on a link of each capacity in the choice. */
static void time_links(
	const struct placing *x, const struct sfe_place_choice *c, uint64_t bytes, double *seconds)
{
	float bits = (float)(8 * bytes);

	for (uint32_t i = c->cap_begin; i < c->cap_end; i++) {
		uint32_t capacity = x->p->capacity[i];
		float time = bits / x->p->paths->capacity_bps[capacity];
		seconds[capacity] = (double)time;
	}
}

static double time_path(
	const struct placing *x, uint32_t path, uint64_t bytes, const double *seconds)
{
	const struct sfe_pair_path *paths = x->p->paths->path;
	double sum = 0;

	if (path == SFE_NONE)
		return bytes ? INFINITY : 0;
	for (; path; path = paths[path].rest)
		sum += seconds[paths[path].capacity];
	return sum;
}

/*
 * Time from the client to each group and back; 0 for ProcOnly, which ignores the network. ProcNet
 * sends all states there and back, ProcState brings those that are missing from where they are.
 */
static void time_transfers(struct placing *x, enum sfe_placement placement,
	const struct sfe_place_choice *c, const struct sfe_job *job, const struct sfe_step *step)
{
	uint64_t states = placement == SFE_PROC_NET ? job->states_total_bytes : 0;
	uint64_t in = step->arg_bytes + states, out = step->out_bytes + states;

	if (placement == SFE_PROC_ONLY)
		return;
	time_links(x, c, in, x->forward);
	time_links(x, c, out, x->back);
	for (uint32_t g = c->begin; g < c->end; g++)
		x->transfer[g - c->begin] = time_path(x, x->p->group[g].forward, in, x->forward) +
					    time_path(x, x->p->group[g].back, out, x->back);
}

/*
 * Finds the fastest node of each group and returns the least time. Within a group (equal paths) the
 * fastest node is best: the division and sum that follow preserve the order.
 */
static double time_groups(struct placing *x, const struct sfe_place_choice *c, uint8_t affinity,
	const struct sfe_step *step)
{
	const uint32_t *rank = x->p->rank[affinity], *begin = x->p->rank_begin[affinity];
	double best = INFINITY;

	for (uint32_t g = c->begin; g < c->end; g++) {
		const struct sfe_place_group *group = &x->p->group[g];
		union speed most = {.order = 0};
		for (uint32_t m = group->begin; m < group->end; m++) {
			uint32_t class = x->p->member[m];
			for (uint32_t i = begin[class]; i < begin[class + 1]; i++) {
				int32_t order = x->speed[rank[i]].order;
				most.order = order > most.order ? order : most.order;
			}
		}
		float processing = (float)step->ops / most.ops;
		double time = (double)processing + x->transfer[g - c->begin];
		x->time[g - c->begin] = time;
		best = time < best ? time : best;
	}
	return best;
}

/* The rank of the first node of a class, in name order, that takes that time; SFE_NONE: none. */
static uint32_t first_in_class(const struct placing *x, uint32_t class, uint8_t affinity,
	double transfer, const struct sfe_step *step, double best)
{
	const uint32_t *rank = x->p->rank[affinity], *begin = x->p->rank_begin[affinity];

	for (uint32_t i = begin[class]; i < begin[class + 1]; i++) {
		float processing = (float)step->ops / x->speed[rank[i]].ops;
		if ((double)processing + transfer == best)
			return rank[i];
	}
	return SFE_NONE;
}

/* The rank of the first node, in name order, with that least time; SFE_NONE: none. */
static uint32_t first_of_best(const struct placing *x, const struct sfe_place_choice *c,
	uint8_t affinity, const struct sfe_step *step, double best)
{
	uint32_t first = SFE_NONE;

	for (uint32_t g = c->begin; g < c->end; g++) {
		const struct sfe_place_group *group = &x->p->group[g];

		if (x->time[g - c->begin] != best || best == INFINITY)
			continue;
		for (uint32_t m = group->begin; m < group->end; m++) {
			uint32_t rank = first_in_class(x, x->p->member[m], affinity,
				x->transfer[g - c->begin], step, best);
			first = rank < first ? rank : first;
		}
	}
	return first;
}

/* The rank of the best node. The client itself, to which no path leads, is in a group although it
 * is no member of it: there it has no speed for the time. */
static uint32_t best_node(struct placing *x, const struct sfe_place_choice *c, uint32_t client,
	uint8_t affinity, const struct sfe_step *step)
{
	uint32_t own = client == SFE_NONE ? SFE_NONE : x->p->rank_of[client];
	union speed kept = {.order = 0};
	double own_time = INFINITY;

	if (own != SFE_NONE) {
		kept = x->speed[own];
		x->speed[own].order = 0;
		if (affinity == SFE_ANY_AFFINITY ||
			(uint8_t)x->p->t->nodes[client].affinity == affinity) {
			float processing = (float)step->ops / kept.ops;
			own_time = (double)processing;
		}
	}
	double best = time_groups(x, c, affinity, step);
	best = own_time < best ? own_time : best;
	uint32_t rank = first_of_best(x, c, affinity, step, best);
	if (own != SFE_NONE)
		x->speed[own] = kept;
	return own_time == best && best < INFINITY && own < rank ? own : rank;
}

static bool may_run(const struct sfe_placer *p, uint32_t client, const struct sfe_job *job,
	uint32_t k, uint32_t node)
{
	return sfe_affinities_allow(p->affinities, job->steps[k].function, node) &&
	       (!p->pins || sfe_pin_table_allows(p->pins, client, job, k, node));
}

/* A choice under pins and affinities of functions. */
struct restricted {
	const struct sfe_job *job;
	uint32_t client, k; /* step */
	uint32_t first;     /* the best so far, and its time */
	double best;
};

static void try_node(const struct placing *x, struct restricted *r, uint32_t rank, double transfer)
{
	float processing = (float)r->job->steps[r->k].ops / x->speed[rank].ops;
	double time = (double)processing + transfer;

	if (time > r->best || (!(time < r->best) && rank >= r->first) ||
		!may_run(x->p, r->client, r->job, r->k, x->p->node[rank]))
		return;
	r->best = time;
	r->first = rank;
}

/*
 * The rank of the first node, in name order, with the least time among those that pins and affinity
 * allow; SFE_NONE: none. The same sums as for the groups, node by node.
 */
static uint32_t best_allowed(const struct placing *x, const struct sfe_place_choice *c,
	uint32_t seen_by, uint8_t affinity, struct restricted *r)
{
	const struct sfe_placer *p = x->p;
	const uint32_t *rank = p->rank[affinity], *begin = p->rank_begin[affinity];
	uint32_t own = seen_by == SFE_NONE ? SFE_NONE : p->rank_of[seen_by];

	if (own != SFE_NONE && (affinity == SFE_ANY_AFFINITY ||
				       (uint8_t)p->t->nodes[seen_by].affinity == affinity))
		try_node(x, r, own, 0);
	for (uint32_t g = c->begin; g < c->end; g++)
		for (uint32_t m = p->group[g].begin; m < p->group[g].end; m++) {
			uint32_t class = p->member[m];
			for (uint32_t i = begin[class]; i < begin[class + 1]; i++)
				if (rank[i] != own)
					try_node(x, r, rank[i], x->transfer[g - c->begin]);
		}
	return r->best < INFINITY ? r->first : SFE_NONE;
}

static bool has_affinity(const struct sfe_placer *p, uint32_t node, uint8_t affinity)
{
	return affinity == SFE_ANY_AFFINITY || (uint8_t)p->t->nodes[node].affinity == affinity;
}

/* Seconds of argument and output between the client and a node. */
static double time_call(const struct placing *x, const struct restricted *r, uint32_t node)
{
	const struct sfe_step *step = &r->job->steps[r->k];
	struct sfe_pair_paths *paths = x->p->paths;

	return sfe_pair_path_time(
		       paths, sfe_pair_path_between(paths, r->client, node), step->arg_bytes) +
	       sfe_pair_path_time(
		       paths, sfe_pair_path_between(paths, node, r->client), step->out_bytes);
}

/* ProcState's seconds of a node, without processing. */
static double time_with_states(const struct placing *x, const struct restricted *r, uint32_t node)
{
	return time_call(x, r, node) + sfe_state_places_time(&x->states, x->p->paths, r->k, node);
}

/*
 * ProcState: the rank of the first node, in name order, with the least time. Nodes that have a
 * state, and the client, are looked at one by one; the others of a class are equally far from all.
 * Those that were looked at are among these again, with no less time, which changes nothing.
 */
static uint32_t best_by_states(const struct placing *x, const struct sfe_place_choice *c,
	uint8_t affinity, struct restricted *r)
{
	const struct sfe_placer *p = x->p;
	const uint32_t *rank = p->rank[affinity], *begin = p->rank_begin[affinity];
	uint64_t next = 0;

	for (uint32_t node = r->client; node != SFE_NONE;
		node = sfe_state_places_next(&x->states, r->k, &next))
		if (has_affinity(p, node, affinity))
			try_node(x, r, p->rank_of[node], time_with_states(x, r, node));
	for (uint32_t g = c->begin; g < c->end; g++)
		for (uint32_t m = p->group[g].begin; m < p->group[g].end; m++) {
			uint32_t class = p->member[m];
			double transfer =
				x->transfer[g - c->begin] +
				sfe_state_places_class_time(&x->states, p->paths, r->k, class);
			for (uint32_t i = begin[class]; i < begin[class + 1]; i++)
				try_node(x, r, rank[i], transfer);
		}
	return r->best < INFINITY ? r->first : SFE_NONE;
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

/* The rank of the node that a rule chooses for the step; SFE_NONE: there is none. */
static uint32_t choose(struct placing *x, enum sfe_placement placement, struct restricted *r)
{
	struct sfe_placer *p = x->p;
	const struct sfe_step *step = &r->job->steps[r->k];
	uint8_t affinity = p->affinity[step->function];
	uint32_t seen_by = placement == SFE_PROC_ONLY ? SFE_NONE : r->client;
	const struct sfe_place_choice *c = sfe_placer_choice(p, seen_by, affinity);

	time_transfers(x, placement, c, r->job, step);
	if (placement == SFE_PROC_STATE)
		return best_by_states(x, c, affinity, r);
	if (sfe_affinities_of(p->affinities, step->function) ||
		(p->pins && sfe_pin_table_next(p->pins, r->client, r->job, r->k, &(uint32_t){0})))
		return best_allowed(x, c, seen_by, affinity, r);
	return best_node(x, c, seen_by, affinity, step);
}

/* What ProcState estimates for a node, and for the one that ProcNet would choose now. */
static void add_estimates(struct placing *x, const struct restricted *chosen)
{
	struct restricted other = {chosen->job, chosen->client, chosen->k, SFE_NONE, INFINITY};
	uint32_t rank = choose(x, SFE_PROC_NET, &other);
	const struct sfe_step *step = &chosen->job->steps[chosen->k];
	float processing = rank == SFE_NONE ? 0 : (float)step->ops / x->speed[rank].ops;

	x->a->totals.estimate_s += chosen->best;
	x->a->totals.proc_net_s +=
		rank == SFE_NONE
			? chosen->best
			: (double)processing + time_with_states(x, chosen, x->p->node[rank]);
}

/* The rank of the node where the step's hint wants it, if that was used before and the node may run
 * the step; else by the rule. */
static uint32_t choose_hinted(struct placing *x, struct restricted *r, uint32_t *hinted)
{
	struct sfe_placer *p = x->p;

	if (!hinted || *hinted == SFE_NONE)
		return choose(x, x->placement, r);
	return has_affinity(p, *hinted, p->affinity[r->job->steps[r->k].function]) &&
			       may_run(p, r->client, r->job, r->k, *hinted)
		       ? p->rank_of[*hinted]
		       : SFE_NONE;
}

static bool place_step(
	struct placing *x, uint32_t client, const struct sfe_job *job, uint32_t k, uint32_t *chosen)
{
	struct sfe_placer *p = x->p;
	const char *hint = sfe_step_hint(p->w, job, k);
	uint32_t *hinted = NULL;
	struct restricted r = {job, client, k, SFE_NONE, INFINITY};

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
	if (x->placement == SFE_PROC_STATE) {
		if (r.first != SFE_NONE)
			add_estimates(x, &r);
		x->out_of_memory |= sfe_state_places_after(&x->states, k, *chosen) != 0;
	}
	if (hinted)
		*hinted = *chosen;
	/* What one more invocation would get after this one is placed. */
	x->speed[rank].ops =
		p->t->nodes[*chosen].speed_ops / (float)((uint64_t)++x->load[rank] + 1);
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

static int fail_step(struct placing *x, uint32_t client, const struct sfe_job *job, uint32_t k,
	struct sfe_error *err)
{
	const char *hint = sfe_step_hint(x->p->w, job, k);
	const uint32_t *hinted =
		hint ? sfe_hints_node(&x->hints, hint, x->p->t->nodes[client].name, job->number)
		     : NULL;

	if (x->out_of_memory || x->p->paths->out_of_memory)
		return no_memory(err);
	if (hinted && *hinted != SFE_NONE)
		return fail_hinted(x->p, job, k, hint, *hinted, err);
	return fail_unplaced(x->p, client, job, k, err);
}

/* Places all jobs; nodes are kept only if they are wanted. */
static int place_all(struct placing *x, const uint32_t *order, bool wanted, struct sfe_error *err)
{
	struct sfe_assignment *a = x->a;
	int rc = see_nodes(x->p, x->placement, a) || start(x) ? no_memory(err) : 0;

	for (uint32_t i = 0; i < a->n_jobs && !rc; i++) {
		uint32_t j = order[i], node;
		const struct sfe_job *job = &x->p->w->jobs[a->job[j]];

		if (x->placement == SFE_PROC_STATE &&
			sfe_state_places_begin(&x->states, job, a->client[j]))
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

static uint32_t most_of(const struct placing *x)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < x->p->t->n_nodes; i++)
		most = x->load[i] > most ? x->load[i] : most;
	return most;
}

/* What ProcNet would place on its most loaded node. */
static int place_by_proc_net(struct sfe_placer *p, const uint32_t *order, struct sfe_assignment *a,
	struct sfe_error *err)
{
	struct placing x = {.p = p, .a = a, .placement = SFE_PROC_NET};
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
	struct placing x = {.p = p, .a = a, .placement = placement};

	a->totals = (struct sfe_placement_totals){0};
	int rc = place_all(&x, order, true, err);
	for (uint32_t i = 0; i < p->t->n_nodes && !rc; i++)
		a->load[p->node[i]] = x.load[i];
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
