/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/placer.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/known_names.h"
#include "emu/model/base/text.h"
#include "emu/model/topology/routing_tree.h"
#include "sfemu/workflow.h"

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
}

static int by_name(const void *a, const void *b, void *topology)
{
	const struct sfe_topology *t = topology;

	return strcmp(t->nodes[*(const uint32_t *)a].name, t->nodes[*(const uint32_t *)b].name);
}

uint32_t *sfe_nodes_by_name(const struct sfe_topology *t)
{
	uint32_t *node = calloc((size_t)t->n_nodes + 1, sizeof(*node));

	for (uint32_t i = 0; node && i < t->n_nodes; i++)
		node[i] = i;
	if (node)
		qsort_r(node, t->n_nodes, sizeof(*node), by_name, (void *)t);
	return node;
}

static int sort_nodes(struct sfe_placer *p, struct sfe_error *err)
{
	uint32_t n = p->t->n_nodes;

	p->node = sfe_nodes_by_name(p->t);
	p->client = calloc(n, sizeof(*p->client));
	p->rank_of = calloc(n, sizeof(*p->rank_of));
	if (!p->node || !p->client || !p->rank_of)
		return no_memory(err);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t node = p->node[i];
		p->rank_of[node] = i;
		if (p->t->nodes[node].client)
			p->client[p->n_clients++] = node;
	}
	if (!p->n_clients)
		return sfe_fail(err, -EINVAL, "topology",
			"add a device that stands in the field, as rpi3b+, rpi4, nvidia_jetson_tx2",
			"no node is a client, so no job can start");
	return 0;
}

static bool may_start(const struct sfe_workflow *f, const char *node)
{
	for (uint32_t i = 0; i < f->n_clients; i++)
		if (!fnmatch(f->clients[i], node, 0))
			return true;
	return !f->n_clients;
}

static const char *client_name(const void *placer, uint32_t i)
{
	const struct sfe_placer *p = placer;

	return p->t->nodes[p->client[i]].name;
}

/* Each name or pattern of a workflow's clients has to match one. */
static int check_clients(
	const struct sfe_placer *p, const struct sfe_workflow *f, struct sfe_error *err)
{
	for (uint32_t i = 0; i < f->n_clients; i++) {
		uint32_t c = 0;
		while (c < p->n_clients &&
			fnmatch(f->clients[i], p->t->nodes[p->client[c]].name, 0))
			c++;
		char todo[SFE_ADVICE];
		if (c == p->n_clients)
			return sfe_fail_at(err, -EINVAL, f->file, f->clients_line,
				sfe_known_names(todo,
					"name devices that stand in the field (in `sfemu topology "
					"dot` they are "
					"houses)",
					f->clients[i], client_name, p, p->n_clients),
				"workflows: %s: clients: no client matches %.80s", f->name,
				f->clients[i]);
	}
	return 0;
}

static int find_starters(struct sfe_placer *p, struct sfe_error *err)
{
	uint32_t n = p->w->workflows ? p->w->workflows->n : 0, used = 0, cap = 0;
	int rc = 0;

	p->starter_begin = calloc((size_t)n + 1, sizeof(*p->starter_begin));
	if (!p->starter_begin)
		return no_memory(err);
	for (uint32_t i = 0; i < n && !rc; i++) {
		const struct sfe_workflow *f = &p->w->workflows->of[i];
		rc = check_clients(p, f, err);
		for (uint32_t c = 0; c < p->n_clients && !rc; c++) {
			if (!may_start(f, p->t->nodes[p->client[c]].name))
				continue;
			if (sfe_grow(&p->starter, &cap, used + 1, sizeof(*p->starter)))
				return no_memory(err);
			p->starter[used++] = p->client[c];
		}
		p->starter_begin[i + 1] = used;
	}
	return rc;
}

/* Assigns the trace's functions to CPU and GPU in proportion to the summed speeds, CPU first, in
 * string order. */
static int set_affinities(struct sfe_placer *p, struct sfe_error *err)
{
	uint32_t n = p->w->n_functions - p->w->n_workflow_functions, f = 0;
	double speed[2] = {0};

	p->affinity = malloc((size_t)p->w->n_functions + 1);
	if (!p->affinity)
		return no_memory(err);
	memset(p->affinity, SFE_NO_AFFINITY, n);
	memset(p->affinity + n, SFE_ANY_AFFINITY, p->w->n_workflow_functions);
	for (uint32_t i = 0; i < p->t->n_nodes; i++) {
		const struct sfe_node *node = &p->t->nodes[p->node[i]];
		speed[node->affinity] += (double)node->speed_ops;
	}
	for (int k = SFE_CPU; k <= SFE_GPU; k++) {
		/* Multiplied first, then divided, as published: halves come out exact. */
		double many = round(n * speed[k] / (speed[SFE_CPU] + speed[SFE_GPU]));
		for (uint32_t i = 0; i < many && f < n; i++)
			p->affinity[f++] = (uint8_t)k;
	}
	for (f = 0; f < p->w->n_functions; f++)
		if (sfe_affinities_of(p->affinities, f))
			p->affinity[f] = SFE_ANY_AFFINITY;
	return 0;
}

/* ---- groups */

struct sfe_place_member {
	uint32_t forward, back, class;
};

static int by_paths(const void *a, const void *b)
{
	const struct sfe_place_member *x = a, *y = b;

	if (x->forward != y->forward)
		return x->forward < y->forward ? -1 : 1;
	if (x->back != y->back)
		return x->back < y->back ? -1 : 1;
	return x->class < y->class ? -1 : x->class > y->class;
}

/* Lists the classes with nodes of an affinity, with their paths from and to clients of a class;
 * without one (n_classes) all nodes are equal. */
static uint32_t list_classes(struct sfe_placer *p, uint32_t client, uint8_t affinity)
{
	const uint32_t *begin = p->rank_begin[affinity];
	uint32_t n = 0, n_classes = p->paths->n_classes;

	for (uint32_t k = 0; k < n_classes; k++) {
		/* A client that is alone in its class has no path within it. */
		if (begin[k] == begin[k + 1] ||
			(k == client && p->paths->example[k][1] == SFE_NONE))
			continue;
		p->sorting[n++] =
			client == n_classes
				? (struct sfe_place_member){.class = k}
				: (struct sfe_place_member){sfe_class_path(p->paths, client, k),
					  sfe_class_path(p->paths, k, client), k};
	}
	qsort(p->sorting, n, sizeof(*p->sorting), by_paths);
	return n;
}

/* Adds a path's capacities to the present choice. */
static int add_capacities(struct sfe_placer *p, uint32_t path)
{
	for (; path && path != SFE_NONE; path = p->paths->path[path].rest) {
		uint32_t c = p->paths->path[path].capacity;
		if (p->seen[c] == p->n_choices)
			continue;
		p->seen[c] = p->n_choices;
		if (sfe_grow(&p->capacity, &p->cap_capacities, p->n_capacities + 1,
			    sizeof(*p->capacity)))
			return -ENOMEM;
		p->capacity[p->n_capacities++] = c;
	}
	return 0;
}

static int group(struct sfe_placer *p, uint32_t n, struct sfe_place_choice *choice)
{
	choice->begin = p->n_groups;
	choice->cap_begin = p->n_capacities;
	p->n_choices++;
	if (sfe_grow(&p->member, &p->cap_members, p->n_members + n + 1, sizeof(*p->member)))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct sfe_place_member *m = &p->sorting[i];
		if (!i || m->forward != m[-1].forward || m->back != m[-1].back) {
			if (sfe_grow(&p->group, &p->cap_groups, p->n_groups + 1,
				    sizeof(*p->group)) ||
				add_capacities(p, m->forward) || add_capacities(p, m->back))
				return -ENOMEM;
			p->group[p->n_groups++] = (struct sfe_place_group){
				.forward = m->forward, .back = m->back, .begin = p->n_members};
		}
		p->member[p->n_members++] = m->class;
		p->group[p->n_groups - 1].end = p->n_members;
	}
	choice->end = p->n_groups;
	choice->cap_end = p->n_capacities;
	if (choice->end - choice->begin > p->most_groups)
		p->most_groups = choice->end - choice->begin;
	choice->made = true;
	return 0;
}

static int see(struct sfe_placer *p, uint32_t class, uint8_t affinity)
{
	struct sfe_place_choice *choice = &p->choice[class][affinity];

	return choice->made ? 0 : group(p, list_classes(p, class, affinity), choice);
}

int sfe_placer_see(struct sfe_placer *p, uint32_t client, uint8_t affinity)
{
	return see(
		p, client == SFE_NONE ? p->paths->n_classes : p->paths->class_of[client], affinity);
}

int sfe_placer_prepare(struct sfe_placer *p, struct sfe_error *err)
{
	uint8_t last = p->w->n_workflow_functions || p->affinities ? SFE_ANY_AFFINITY : SFE_GPU;
	int rc = 0;

	for (uint8_t k = SFE_CPU; k <= last && !rc; k++) {
		rc = sfe_placer_see(p, SFE_NONE, k);
		for (uint32_t c = 0; c < p->n_clients && !rc; c++)
			rc = sfe_placer_see(p, p->client[c], k);
	}
	return rc ? no_memory(err) : 0;
}

/* Sorts the nodes of an affinity by class and rank. */
static int sort_ranks(struct sfe_placer *p, uint8_t affinity)
{
	uint32_t n_classes = p->paths->n_classes, n = p->t->n_nodes;
	uint32_t *begin = calloc((size_t)n_classes + 2, sizeof(*begin));
	uint32_t *rank = calloc((size_t)n + 1, sizeof(*rank));

	p->rank_begin[affinity] = begin;
	p->rank[affinity] = rank;
	if (!begin || !rank)
		return -ENOMEM;
	for (int filling = 0; filling < 2; filling++) {
		for (uint32_t i = 0; i < n; i++) {
			uint32_t node = p->node[i];
			if (affinity != SFE_ANY_AFFINITY &&
				(uint8_t)p->t->nodes[node].affinity != affinity)
				continue;
			/* At first counts, two places ahead; then moves each begin to its end. */
			uint32_t *at = &begin[p->paths->class_of[node] + (filling ? 1 : 2)];
			if (filling)
				rank[*at] = i;
			++*at;
		}
		for (uint32_t k = 0; k <= n_classes && !filling; k++)
			begin[k + 1] += begin[k];
	}
	return 0;
}

static int prepare_groups(struct sfe_placer *p)
{
	uint32_t n_classes = p->paths->n_classes;
	int rc = 0;

	for (uint8_t k = SFE_CPU; k < SFE_PLACE_CHOICES && !rc; k++)
		rc = sort_ranks(p, k);
	p->sorting = calloc((size_t)n_classes + 1, sizeof(*p->sorting));
	p->seen = calloc((size_t)p->paths->n_capacities + 1, sizeof(*p->seen));
	p->choice = calloc((size_t)n_classes + 1, sizeof(*p->choice));
	return rc || !p->sorting || !p->seen || !p->choice ? -ENOMEM : 0;
}

int sfe_placer_new(const struct sfe_topology *t, struct sfe_routing *r,
	const struct sfe_workload *w, const struct sfe_placement_rules *rules,
	struct sfe_placer **out, struct sfe_error *err)
{
	struct sfe_placer *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return no_memory(err);
	p->t = t;
	p->w = w;
	p->placed = rules ? rules->placed : NULL;
	(void)((rc = sort_nodes(p, err)) || (rc = find_starters(p, err)) ||
		(rc = sfe_affinities_new(rules, t, w, &p->affinities, err)) ||
		(rc = set_affinities(p, err)) || (rc = sfe_routing_pairs(r, &p->paths, err)));
	if (!rc && prepare_groups(p))
		rc = no_memory(err);
	if (!rc && rules && rules->pins && rules->pins->n)
		rc = sfe_pin_table_new(rules->pins, t, w, &p->pins, err);
	if (rc) {
		sfe_placer_free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void sfe_placer_free(struct sfe_placer *p)
{
	if (!p)
		return;
	sfe_pin_table_free(p->pins);
	sfe_affinities_free(p->affinities);
	free(p->node);
	free(p->rank_of);
	free(p->client);
	free(p->starter_begin);
	free(p->starter);
	free(p->affinity);
	for (int k = 0; k < (int)SFE_PLACE_CHOICES; k++) {
		free(p->rank[k]);
		free(p->rank_begin[k]);
	}
	free(p->choice);
	free(p->sorting);
	free(p->seen);
	free(p->group);
	free(p->member);
	free(p->capacity);
	free(p);
}
