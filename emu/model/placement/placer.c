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
	p->client_of = calloc(n, sizeof(*p->client_of));
	if (!p->node || !p->client || !p->client_of)
		return no_memory(err);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t node = p->node[i];
		p->client_of[node] = SFE_NONE;
		if (!p->t->nodes[node].client)
			continue;
		p->client_of[node] = p->n_clients;
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
				sfe_known_names(todo, "name devices that stand in the field",
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

struct member {
	uint32_t forward, back, rank;
};

static int by_paths(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->forward != y->forward)
		return x->forward < y->forward ? -1 : 1;
	if (x->back != y->back)
		return x->back < y->back ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Lists the nodes of an affinity with their paths from and to a client; without a client
 * (SFE_NONE) all nodes are equal. */
static uint32_t list_nodes(
	const struct sfe_placer *p, uint32_t client, int affinity, struct member *member)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->t->n_nodes; i++) {
		uint32_t node = p->node[i];
		if (affinity != SFE_ANY_AFFINITY && (int)p->t->nodes[node].affinity != affinity)
			continue;
		member[n++] =
			client == SFE_NONE
				? (struct member){.rank = i}
				: (struct member){sfe_pair_path_between(p->paths, client, node),
					  sfe_pair_path_between(p->paths, node, client), i};
	}
	qsort(member, n, sizeof(*member), by_paths);
	return n;
}

/* Adds a path's capacities to the choice; seen[capacity] is the last choice that has it. */
static int add_capacities(struct sfe_placer *p, uint32_t path, uint32_t *seen, uint32_t choice)
{
	for (; path && path != SFE_NONE; path = p->paths->path[path].rest) {
		uint32_t c = p->paths->path[path].capacity;
		if (seen[c] == choice)
			continue;
		seen[c] = choice;
		if (sfe_grow(&p->capacity, &p->cap_capacities, p->n_capacities + 1,
			    sizeof(*p->capacity)))
			return -ENOMEM;
		p->capacity[p->n_capacities++] = c;
	}
	return 0;
}

static int group(struct sfe_placer *p, const struct member *member, uint32_t n, uint32_t *seen,
	uint32_t number, struct sfe_place_choice *choice)
{
	*choice = (struct sfe_place_choice){.begin = p->n_groups, .cap_begin = p->n_capacities};
	if (sfe_grow(&p->member, &p->cap_members, p->n_members + n + 1, sizeof(*p->member)))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct member *m = &member[i];
		if (!i || m->forward != m[-1].forward || m->back != m[-1].back) {
			if (sfe_grow(&p->group, &p->cap_groups, p->n_groups + 1,
				    sizeof(*p->group)) ||
				add_capacities(p, m->forward, seen, number) ||
				add_capacities(p, m->back, seen, number))
				return -ENOMEM;
			p->group[p->n_groups++] = (struct sfe_place_group){
				.forward = m->forward, .back = m->back, .begin = p->n_members};
		}
		p->member[p->n_members++] = m->rank;
		p->group[p->n_groups - 1].end = p->n_members;
	}
	choice->end = p->n_groups;
	choice->cap_end = p->n_capacities;
	if (choice->end - choice->begin > p->most_groups)
		p->most_groups = choice->end - choice->begin;
	return 0;
}

static int make_choices(struct sfe_placer *p, struct sfe_error *err)
{
	struct member *member = calloc((size_t)p->t->n_nodes + 1, sizeof(*member));
	uint32_t *seen = calloc((size_t)p->paths->n_capacities + 1, sizeof(*seen));
	int rc = member && seen ? 0 : -ENOMEM;
	int last = p->w->n_workflow_functions || p->affinities ? SFE_ANY_AFFINITY : SFE_GPU;

	p->choice = calloc((size_t)p->n_clients + 1, sizeof(*p->choice));
	if (!p->choice)
		rc = -ENOMEM;
	for (uint32_t c = 0; c <= p->n_clients && !rc; c++)
		for (int k = SFE_CPU; k <= last && !rc; k++) {
			uint32_t client = c < p->n_clients ? p->client[c] : SFE_NONE;
			uint32_t n = list_nodes(p, client, k, member);
			rc = group(p, member, n, seen, SFE_PLACE_CHOICES * c + (uint32_t)k + 1,
				&p->choice[c][k]);
		}
	free(member);
	free(seen);
	return rc ? no_memory(err) : 0;
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
		(rc = set_affinities(p, err)) || (rc = sfe_routing_prepare(r, err)));
	if (!rc) {
		p->paths = sfe_routing_pairs(r);
		rc = make_choices(p, err);
	}
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
	free(p->client);
	free(p->client_of);
	free(p->starter_begin);
	free(p->starter);
	free(p->affinity);
	free(p->choice);
	free(p->group);
	free(p->member);
	free(p->capacity);
	free(p);
}
