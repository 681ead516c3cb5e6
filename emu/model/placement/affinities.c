/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/affinities.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
}

static bool matches(const char *pattern, const struct sfe_node *node)
{
	return !fnmatch(pattern, node->model, 0) ||
	       !fnmatch(pattern, node->affinity == SFE_GPU ? "GPU" : "CPU", 0);
}

static int find_nodes(const struct sfe_function_spec *f, const struct sfe_topology *t,
	bool *allowed, struct sfe_error *err)
{
	for (uint32_t i = 0; i < f->n_affinity; i++) {
		bool any = false;
		for (uint32_t n = 0; n < t->n_nodes; n++)
			if (matches(f->affinity[i], &t->nodes[n]))
				any = allowed[n] = true;
		if (!any)
			return sfe_fail(err, -EINVAL, f->where,
				"write CPU, GPU or a model; `sfemu topology show` lists the models",
				"functions.%s.affinity: no node is a %.80s", f->name,
				f->affinity[i]);
	}
	return 0;
}

static const struct sfe_function_spec *find(
	const struct sfe_placement_rules *rules, const char *name)
{
	for (uint32_t i = 0; i < rules->n_functions; i++)
		if (rules->functions[i].n_affinity && !strcmp(rules->functions[i].name, name))
			return &rules->functions[i];
	return NULL;
}

static bool any_affinity(const struct sfe_placement_rules *rules)
{
	for (uint32_t i = 0; rules && i < rules->n_functions; i++)
		if (rules->functions[i].n_affinity)
			return true;
	return false;
}

int sfe_affinities_new(const struct sfe_placement_rules *rules, const struct sfe_topology *t,
	const struct sfe_workload *w, struct sfe_affinities **out, struct sfe_error *err)
{
	struct sfe_affinities *a;
	int rc = 0;

	*out = NULL;
	if (!any_affinity(rules))
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return no_memory(err);
	a->n_functions = w->n_functions;
	a->allowed = calloc((size_t)w->n_functions + 1, sizeof(*a->allowed));
	a->of = calloc((size_t)w->n_functions + 1, sizeof(*a->of));
	if (!a->allowed || !a->of)
		rc = no_memory(err);
	for (uint32_t f = 0; f < w->n_functions && !rc; f++) {
		if (!(a->of[f] = find(rules, w->function_names[f])))
			continue;
		a->allowed[f] = calloc((size_t)t->n_nodes + 1, sizeof(**a->allowed));
		rc = a->allowed[f] ? find_nodes(a->of[f], t, a->allowed[f], err) : no_memory(err);
	}
	if (rc)
		sfe_affinities_free(a);
	else
		*out = a;
	return rc;
}

void sfe_affinities_free(struct sfe_affinities *a)
{
	if (!a)
		return;
	for (uint32_t f = 0; a->allowed && f < a->n_functions; f++)
		free(a->allowed[f]);
	free(a->allowed);
	free(a->of);
	free(a);
}

const struct sfe_function_spec *sfe_affinities_of(const struct sfe_affinities *a, uint32_t function)
{
	return a ? a->of[function] : NULL;
}

bool sfe_affinities_allow(const struct sfe_affinities *a, uint32_t function, uint32_t node)
{
	return !a || !a->allowed[function] || a->allowed[function][node];
}
