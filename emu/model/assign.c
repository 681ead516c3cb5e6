/* SPDX-License-Identifier: MIT */
/*
 * One replication: which jobs, from which client, on which nodes. The order of every draw is part
 * of the published results, see "Chance" and "Placement" of the model's specification.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/random.h"
#include "sfemu/workload.h"

#define NO_AFFINITY UINT8_MAX

const char *sfe_placement_name(enum sfe_placement placement)
{
	return placement == SFE_PROC_ONLY ? "ProcOnly" : "ProcNet";
}

struct assigner {
	const struct sfe_topology *t;
	const struct sfe_routing *r;
	const struct sfe_workload *w;
	enum sfe_placement placement;
	struct sfe_assignment *a;
	uint32_t *nodes, *clients; /* in name order */
	uint32_t n_clients;
	uint8_t *affinity; /* by function */
	uint32_t *order;   /* of placement: indexes into a->job */
	struct sfe_error *err;
};

static int no_memory(struct assigner *s)
{
	return sfe_fail(s->err, -ENOMEM, NULL, NULL, "out of memory for the placement");
}

static int by_name(const void *a, const void *b, void *topology)
{
	const struct sfe_topology *t = topology;

	return strcmp(t->nodes[*(const uint32_t *)a].name, t->nodes[*(const uint32_t *)b].name);
}

static int sort_nodes(struct assigner *s)
{
	uint32_t n = s->t->n_nodes;

	s->nodes = calloc(n, sizeof(*s->nodes));
	s->clients = calloc(n, sizeof(*s->clients));
	if (!s->nodes || !s->clients)
		return no_memory(s);
	for (uint32_t i = 0; i < n; i++)
		s->nodes[i] = i;
	qsort_r(s->nodes, n, sizeof(*s->nodes), by_name, (void *)s->t);
	for (uint32_t i = 0; i < n; i++)
		if (s->t->nodes[s->nodes[i]].client)
			s->clients[s->n_clients++] = s->nodes[i];
	if (!s->n_clients)
		return sfe_fail(s->err, -EINVAL, "topology",
			"add a node whose model is a client's: rpi3b+ or nvidia_jetson_tx2",
			"no node is a client, so no job can start");
	return 0;
}

/* Functions to CPU and GPU in proportion to the summed speed, CPU first, in string order. */
static int set_affinities(struct assigner *s)
{
	uint32_t n = s->w->n_functions, f = 0;
	double speed[2] = {0};

	s->affinity = malloc(n);
	if (!s->affinity)
		return no_memory(s);
	memset(s->affinity, NO_AFFINITY, n);
	for (uint32_t i = 0; i < s->t->n_nodes; i++) {
		const struct sfe_node *node = &s->t->nodes[s->nodes[i]];
		speed[node->affinity] += (double)node->speed_ops;
	}
	for (int k = SFE_CPU; k <= SFE_GPU; k++) {
		double share = speed[k] / (speed[SFE_CPU] + speed[SFE_GPU]);
		double many = round(n * share);
		for (uint32_t i = 0; i < many && f < n; i++)
			s->affinity[f++] = (uint8_t)k;
	}
	return 0;
}

static int pick_jobs(struct assigner *s, uint32_t wanted, uint32_t seed)
{
	struct sfe_minstd e = sfe_minstd_seed(seed);
	uint32_t pool = s->w->n_jobs;
	double share = wanted && wanted < pool ? (double)wanted / (double)pool : 1.0;
	struct sfe_assignment *a = s->a;

	a->job = calloc(pool, sizeof(*a->job));
	if (!a->job)
		return no_memory(s);
	for (uint32_t j = 0; j < pool; j++)
		if (sfe_minstd_real(&e, 0, 1) < share)
			a->job[a->n_jobs++] = j;
	if (!a->n_jobs)
		return sfe_fail(s->err, -EINVAL, "workload",
			"ask for more jobs or use another seed",
			"seed %u takes none of the %u jobs", seed, pool);
	a->client = calloc(a->n_jobs, sizeof(*a->client));
	a->node = calloc(a->n_jobs, sizeof(*a->node));
	a->load = calloc(s->t->n_nodes, sizeof(*a->load));
	s->order = calloc(a->n_jobs, sizeof(*s->order));
	if (!a->client || !a->node || !a->load || !s->order)
		return no_memory(s);
	return 0;
}

/* The k-th (from 0) of what remains; a Fenwick tree of counts, from which it is taken out. */
static uint32_t take(uint32_t *count, uint32_t n, uint32_t k)
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

/* Clients first, then the order of placement, from one engine. */
static int draw(struct assigner *s, uint32_t seed)
{
	struct sfe_minstd e = sfe_minstd_seed(seed);
	uint32_t n = s->a->n_jobs;
	uint32_t *count = calloc((size_t)n + 1, sizeof(*count));

	if (!count)
		return no_memory(s);
	for (uint32_t j = 0; j < n; j++)
		s->a->client[j] = s->clients[sfe_minstd_integer(&e, s->n_clients)];
	for (uint32_t i = 1; i <= n; i++)
		count[i] = i & -i;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t left = n - i;
		double k = floor(sfe_minstd_real(&e, 0, 1) * left);
		s->order[i] = take(count, n, k < left ? (uint32_t)k : left - 1);
	}
	free(count);
	return 0;
}

static double transfer(const struct assigner *s, uint32_t client, uint32_t node,
	const struct sfe_job *job, const struct sfe_step *step)
{
	uint64_t states = job->states_total_bytes;

	return sfe_routing_time(s->r, client, node, step->arg_bytes + states) +
	       sfe_routing_time(s->r, node, client, step->out_bytes + states);
}

static int place_step(struct assigner *s, uint32_t client, const struct sfe_job *job,
	const struct sfe_step *step, uint32_t *chosen)
{
	const char *function = s->w->function_names[step->function];
	uint8_t affinity = s->affinity[step->function];
	double best = INFINITY;

	*chosen = SFE_NONE;
	if (affinity == NO_AFFINITY)
		return sfe_fail(s->err, -EINVAL, function, "use another number of functions",
			"task %u of j_%u needs the function %s, to which no processor was given",
			step->task, job->number, function);
	for (uint32_t i = 0; i < s->t->n_nodes; i++) {
		uint32_t node = s->nodes[i];
		const struct sfe_node *it = &s->t->nodes[node];
		float load = (float)(s->a->load[node] + 1);
		float processing = (float)step->ops / (it->speed_ops / load);

		if (it->affinity != affinity)
			continue;
		double time = (double)processing;
		if (s->placement == SFE_PROC_NET)
			time += transfer(s, client, node, job, step);
		if (time < best) {
			best = time;
			*chosen = node;
		}
	}
	if (*chosen == SFE_NONE || sfe_routing_hops(s->r, client, *chosen) == SFE_NONE ||
		sfe_routing_hops(s->r, *chosen, client) == SFE_NONE)
		return sfe_fail(s->err, -ENETUNREACH, function,
			"check the topology's nodes and edges",
			"no %s node can run task %u of j_%u for the client %s: there is none, or "
			"no way to it",
			affinity == SFE_GPU ? "GPU" : "CPU", step->task, job->number,
			s->t->nodes[client].name);
	s->a->load[*chosen]++;
	return 0;
}

static int place(struct assigner *s)
{
	struct sfe_assignment *a = s->a;

	for (uint32_t i = 0; i < a->n_jobs; i++) {
		uint32_t j = s->order[i];
		const struct sfe_job *job = &s->w->jobs[a->job[j]];

		a->node[j] = calloc(job->n_steps, sizeof(**a->node));
		if (!a->node[j])
			return no_memory(s);
		for (uint32_t k = 0; k < job->n_steps; k++) {
			int rc = place_step(s, a->client[j], job, &job->steps[k], &a->node[j][k]);
			if (rc)
				return rc;
		}
	}
	return 0;
}

int sfe_assign(const struct sfe_topology *t, const struct sfe_routing *r,
	const struct sfe_workload *w, enum sfe_placement placement, uint32_t wanted, uint32_t seed,
	struct sfe_assignment **out, struct sfe_error *err)
{
	struct assigner s = {.t = t, .r = r, .w = w, .placement = placement, .err = err};
	int rc;

	s.a = calloc(1, sizeof(*s.a));
	if (!s.a)
		return no_memory(&s);
	(void)((rc = sort_nodes(&s)) || (rc = set_affinities(&s)) ||
		(rc = pick_jobs(&s, wanted, seed)) || (rc = draw(&s, seed)) || (rc = place(&s)));
	free(s.nodes);
	free(s.clients);
	free(s.affinity);
	free(s.order);
	if (rc) {
		sfe_assignment_free(s.a);
		return rc;
	}
	*out = s.a;
	return 0;
}

void sfe_assignment_free(struct sfe_assignment *a)
{
	if (!a)
		return;
	for (uint32_t j = 0; a->node && j < a->n_jobs; j++)
		free(a->node[j]);
	free(a->job);
	free(a->client);
	free(a->node);
	free(a->load);
	free(a);
}
