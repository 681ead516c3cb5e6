/* SPDX-License-Identifier: MIT */
/*
 * One replication: draws its jobs, their clients, and the nodes of their steps. The order of the
 * draws is part of the published results.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/placement/placer.h"
#include "sfemu/random.h"
#include "sfemu/workflow.h"

const char *sfe_placement_name(enum sfe_placement placement)
{
	return placement == SFE_PROC_ONLY ? "ProcOnly" : "ProcNet";
}

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
}

static int pick_jobs(
	const struct sfe_placer *p, uint32_t wanted, uint32_t seed, struct sfe_assignment *a)
{
	struct sfe_minstd e = sfe_minstd_seed(seed);
	uint32_t pool = p->w->n_jobs - p->w->n_workflow_jobs;
	double share = wanted && wanted < pool ? (double)wanted / (double)pool : 1.0;

	a->job = calloc((size_t)p->w->n_jobs + 1, sizeof(*a->job));
	if (!a->job)
		return -ENOMEM;
	for (uint32_t j = 0; j < pool; j++)
		if (sfe_minstd_real(&e, 0, 1) < share)
			a->job[a->n_jobs++] = j;
	for (uint32_t j = pool; j < p->w->n_jobs; j++)
		a->job[a->n_jobs++] = j;
	return 0;
}

/* Allocates one block for the nodes of all steps; it begins at node[0]. */
static int make_room(const struct sfe_placer *p, struct sfe_assignment *a)
{
	size_t steps = 0;

	for (uint32_t j = 0; j < a->n_jobs; j++)
		steps += p->w->jobs[a->job[j]].n_steps;
	a->client = calloc((size_t)a->n_jobs + 1, sizeof(*a->client));
	a->node = calloc((size_t)a->n_jobs + 1, sizeof(*a->node));
	a->load = calloc((size_t)p->t->n_nodes + 1, sizeof(*a->load));
	if (!a->client || !a->node || !a->load)
		return -ENOMEM;
	a->node[0] = calloc(steps + 1, sizeof(**a->node));
	if (!a->node[0])
		return -ENOMEM;
	for (uint32_t j = 1; j < a->n_jobs; j++)
		a->node[j] = a->node[j - 1] + p->w->jobs[a->job[j - 1]].n_steps;
	return 0;
}

/* Removes the k-th (from 0) remaining element; count is a Fenwick tree of the remaining ones. */
static uint32_t remove_kth(uint32_t *count, uint32_t n, uint32_t k)
{
	uint32_t at = 0, step = 1;

	while (step <= n / 2)
		step *= 2;
	for (; step; step /= 2)
		if (at + step <= n && count[at + step] <= k) {
			at += step;
			k -= count[at];
		}
	for (uint32_t i = at + 1; i <= n; i += i & -i)
		count[i]--;
	return at;
}

/* The clients of the jobs of workflows, which come last; each workflow has draws of its own. */
static void draw_starters(const struct sfe_placer *p, uint32_t seed, struct sfe_assignment *a)
{
	uint32_t present = 0;
	struct sfe_stream stream = {0};
	char name[2 * SFE_MAX_NAME];

	for (uint32_t j = a->n_jobs - p->w->n_workflow_jobs; j < a->n_jobs; j++) {
		uint32_t f = p->w->jobs[a->job[j]].workflow;
		if (f != present) {
			snprintf(name, sizeof(name), "workflow %s clients",
				p->w->workflows->of[f - 1].name);
			stream = sfe_stream_named(seed, name);
			present = f;
		}
		uint32_t begin = p->starter_begin[f - 1], n = p->starter_begin[f] - begin;
		uint32_t k = (uint32_t)(sfe_stream_real(&stream) * n);
		a->client[j] = p->starter[begin + (k < n ? k : n - 1)];
	}
}

/* Draws the clients first, then the order of placement, from one engine. Jobs of workflows are
 * placed after those of the trace, so that they change nothing of these. */
static int draw(
	const struct sfe_placer *p, uint32_t seed, struct sfe_assignment *a, uint32_t **order)
{
	struct sfe_minstd e = sfe_minstd_seed(seed);
	uint32_t n = a->n_jobs - p->w->n_workflow_jobs;
	uint32_t *count = calloc((size_t)n + 1, sizeof(*count));

	*order = calloc((size_t)a->n_jobs + 1, sizeof(**order));
	if (!count || !*order) {
		free(count);
		return -ENOMEM;
	}
	for (uint32_t j = 0; j < n; j++)
		a->client[j] = p->client[sfe_minstd_integer(&e, p->n_clients)];
	for (uint32_t i = 1; i <= n; i++)
		count[i] = i & -i;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t left = n - i;
		double k = floor(sfe_minstd_real(&e, 0, 1) * left);
		(*order)[i] = remove_kth(count, n, k < left ? (uint32_t)k : left - 1);
	}
	for (uint32_t i = n; i < a->n_jobs; i++)
		(*order)[i] = i;
	draw_starters(p, seed, a);
	free(count);
	return 0;
}

int sfe_placer_draw(const struct sfe_placer *p, uint32_t wanted, uint32_t seed,
	struct sfe_assignment **out, uint32_t **order, struct sfe_error *err)
{
	struct sfe_assignment *a = calloc(1, sizeof(*a));

	*order = NULL;
	if (!a || pick_jobs(p, wanted, seed, a) || make_room(p, a) || draw(p, seed, a, order)) {
		sfe_assignment_free(a);
		free(*order);
		return no_memory(err);
	}
	*out = a;
	return 0;
}

/* Memory for one placement; arrays by rank, capacity and group of a choice. */
struct placing {
	const struct sfe_placer *p;
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

/* Time from the client to each group and back; 0 for ProcOnly, which ignores the network. */
static void time_transfers(struct placing *x, const struct sfe_place_choice *c,
	const struct sfe_job *job, const struct sfe_step *step)
{
	uint64_t in = step->arg_bytes + job->states_total_bytes;
	uint64_t out = step->out_bytes + job->states_total_bytes;

	if (x->placement == SFE_PROC_ONLY)
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
static double time_groups(
	struct placing *x, const struct sfe_place_choice *c, const struct sfe_step *step)
{
	double best = INFINITY;

	for (uint32_t g = c->begin; g < c->end; g++) {
		const struct sfe_place_group *group = &x->p->group[g];
		union speed most = {.order = 0};
		for (uint32_t i = group->begin; i < group->end; i++) {
			int32_t order = x->speed[x->p->member[i]].order;
			most.order = order > most.order ? order : most.order;
		}
		float processing = (float)step->ops / most.ops;
		double time = (double)processing + x->transfer[g - c->begin];
		x->time[g - c->begin] = time;
		best = time < best ? time : best;
	}
	return best;
}

/* The rank of the first node, in name order, with that least time; SFE_NONE: none. */
static uint32_t first_of_best(const struct placing *x, const struct sfe_place_choice *c,
	const struct sfe_step *step, double best)
{
	uint32_t first = SFE_NONE;

	for (uint32_t g = c->begin; g < c->end; g++) {
		const struct sfe_place_group *group = &x->p->group[g];

		if (x->time[g - c->begin] != best || best == INFINITY)
			continue;
		for (uint32_t i = group->begin; i < group->end; i++) {
			uint32_t rank = x->p->member[i];
			float processing = (float)step->ops / x->speed[rank].ops;
			if ((double)processing + x->transfer[g - c->begin] != best)
				continue;
			first = rank < first ? rank : first;
			break;
		}
	}
	return first;
}

static int fail_unplaced(const struct sfe_placer *p, uint32_t client, const struct sfe_job *job,
	const struct sfe_step *step, struct sfe_error *err)
{
	const char *function = p->w->function_names[step->function];
	uint8_t affinity = p->affinity[step->function];

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

static bool place_step(struct placing *x, uint32_t client, const struct sfe_job *job,
	const struct sfe_step *step, uint32_t *chosen)
{
	const struct sfe_placer *p = x->p;
	uint8_t affinity = p->affinity[step->function];
	uint32_t seen_by = x->placement == SFE_PROC_NET ? p->client_of[client] : p->n_clients;

	if (affinity == SFE_NO_AFFINITY)
		return false;
	const struct sfe_place_choice *c = &p->choice[seen_by][affinity];
	time_transfers(x, c, job, step);
	uint32_t rank = first_of_best(x, c, step, time_groups(x, c, step));
	if (rank == SFE_NONE)
		return false;
	*chosen = p->node[rank];
	/* What one more invocation would get after this one is placed. */
	x->speed[rank].ops =
		p->t->nodes[*chosen].speed_ops / (float)((uint64_t)++x->load[rank] + 1);
	return sfe_pair_path_between(p->paths, client, *chosen) != SFE_NONE &&
	       sfe_pair_path_between(p->paths, *chosen, client) != SFE_NONE;
}

int sfe_placer_place(const struct sfe_placer *p, enum sfe_placement placement,
	const uint32_t *order, struct sfe_assignment *a, struct sfe_error *err)
{
	struct placing x = {.p = p, .a = a, .placement = placement};
	int rc = start(&x) ? no_memory(err) : 0;

	for (uint32_t i = 0; i < a->n_jobs && !rc; i++) {
		uint32_t j = order[i];
		const struct sfe_job *job = &p->w->jobs[a->job[j]];

		for (uint32_t k = 0; k < job->n_steps && !rc; k++)
			if (!place_step(&x, a->client[j], job, &job->steps[k], &a->node[j][k]))
				rc = fail_unplaced(p, a->client[j], job, &job->steps[k], err);
	}
	for (uint32_t i = 0; i < p->t->n_nodes && !rc; i++)
		a->load[p->node[i]] = x.load[i];
	end(&x);
	return rc;
}

int sfe_assign(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	enum sfe_placement placement, uint32_t wanted, uint32_t seed, struct sfe_assignment **out,
	struct sfe_error *err)
{
	struct sfe_assignment *a = NULL;
	struct sfe_placer *p;
	uint32_t *order = NULL;
	int rc = sfe_placer_new(t, r, w, &p, err);

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

void sfe_assignment_free(struct sfe_assignment *a)
{
	if (!a)
		return;
	if (a->node)
		free(a->node[0]);
	free(a->job);
	free(a->client);
	free(a->node);
	free(a->load);
	free(a);
}
