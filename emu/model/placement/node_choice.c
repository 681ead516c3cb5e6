/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/node_choice.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int sfe_placing_start(struct sfe_placing *x, struct sfe_placer *p)
{
	*x = (struct sfe_placing){.p = p};
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

void sfe_placing_end(struct sfe_placing *x)
{
	free(x->load);
	free(x->speed);
	free(x->forward);
	free(x->back);
	free(x->time);
	free(x->transfer);
	sfe_state_places_free(&x->states);
}

/* Time of a message of that size on a link of each capacity in the choice. */
static void time_links(const struct sfe_placing *x, const struct sfe_place_choice *c,
	uint64_t bytes, double *seconds)
{
	float bits = (float)(8 * bytes);

	for (uint32_t i = c->cap_begin; i < c->cap_end; i++) {
		uint32_t capacity = x->p->capacity[i];
		float time = bits / x->p->paths->capacity_bps[capacity];
		seconds[capacity] = (double)time;
	}
}

static double time_path(
	const struct sfe_placing *x, uint32_t path, uint64_t bytes, const double *seconds)
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
static void time_transfers(struct sfe_placing *x, enum sfe_placement placement,
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
static double time_groups(struct sfe_placing *x, const struct sfe_place_choice *c, uint8_t affinity,
	const struct sfe_step *step)
{
	const uint32_t *rank = x->p->rank[affinity], *begin = x->p->rank_begin[affinity];
	double best = INFINITY;

	for (uint32_t g = c->begin; g < c->end; g++) {
		const struct sfe_place_group *group = &x->p->group[g];
		union sfe_speed most = {.order = 0};
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
static uint32_t first_in_class(const struct sfe_placing *x, uint32_t class, uint8_t affinity,
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
static uint32_t first_of_best(const struct sfe_placing *x, const struct sfe_place_choice *c,
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
static uint32_t best_node(struct sfe_placing *x, const struct sfe_place_choice *c, uint32_t client,
	uint8_t affinity, const struct sfe_step *step)
{
	uint32_t own = client == SFE_NONE ? SFE_NONE : x->p->rank_of[client];
	union sfe_speed kept = {.order = 0};
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

bool sfe_node_may_run(const struct sfe_placer *p, uint32_t client, const struct sfe_job *job,
	uint32_t k, uint32_t node)
{
	return sfe_affinities_allow(p->affinities, job->steps[k].function, node) &&
	       (!p->pins || sfe_pin_table_allows(p->pins, client, job, k, node));
}

static void try_node(
	const struct sfe_placing *x, struct sfe_step_choice *r, uint32_t rank, double transfer)
{
	float processing = (float)r->job->steps[r->k].ops / x->speed[rank].ops;
	double time = (double)processing + transfer;

	if (time > r->best || (!(time < r->best) && rank >= r->first) ||
		!sfe_node_may_run(x->p, r->client, r->job, r->k, x->p->node[rank]))
		return;
	r->best = time;
	r->first = rank;
}

/*
 * The rank of the first node, in name order, with the least time among those that pins and affinity
 * allow; SFE_NONE: none. The same sums as for the groups, node by node.
 */
static uint32_t best_allowed(const struct sfe_placing *x, const struct sfe_place_choice *c,
	uint32_t seen_by, uint8_t affinity, struct sfe_step_choice *r)
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

bool sfe_node_has_affinity(const struct sfe_placer *p, uint32_t node, uint8_t affinity)
{
	return affinity == SFE_ANY_AFFINITY || (uint8_t)p->t->nodes[node].affinity == affinity;
}

/* Seconds of argument and output between the client and a node. */
static double time_call(const struct sfe_placing *x, const struct sfe_step_choice *r, uint32_t node)
{
	const struct sfe_step *step = &r->job->steps[r->k];
	struct sfe_pair_paths *paths = x->p->paths;

	return sfe_pair_path_time(
		       paths, sfe_pair_path_between(paths, r->client, node), step->arg_bytes) +
	       sfe_pair_path_time(
		       paths, sfe_pair_path_between(paths, node, r->client), step->out_bytes);
}

/* ProcState's seconds of a node, without processing. */
double sfe_node_time_with_states(
	const struct sfe_placing *x, const struct sfe_step_choice *r, uint32_t node)
{
	return time_call(x, r, node) + sfe_state_places_time(&x->states, x->p->paths, r->k, node);
}

/*
 * ProcState: the rank of the first node, in name order, with the least time. Nodes that have a
 * state, and the client, are looked at one by one; the others of a class are equally far from all.
 * Those that were looked at are among these again, with no less time, which changes nothing.
 */
static uint32_t best_by_states(const struct sfe_placing *x, const struct sfe_place_choice *c,
	uint8_t affinity, struct sfe_step_choice *r)
{
	const struct sfe_placer *p = x->p;
	const uint32_t *rank = p->rank[affinity], *begin = p->rank_begin[affinity];
	uint64_t next = 0;

	for (uint32_t node = r->client; node != SFE_NONE;
		node = sfe_state_places_next(&x->states, r->k, &next))
		if (sfe_node_has_affinity(p, node, affinity))
			try_node(x, r, p->rank_of[node], sfe_node_time_with_states(x, r, node));
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

/* The rank of the node that a rule chooses for the step; SFE_NONE: there is none. */
uint32_t sfe_node_choose(
	struct sfe_placing *x, enum sfe_placement placement, struct sfe_step_choice *r)
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
