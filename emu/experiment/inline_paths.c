/* SPDX-License-Identifier: MIT */
#include "emu/experiment/inline_paths.h"

/* The closed form has the cloud beside the nodes; in the network it is the last one. */
static uint32_t node(const struct sfe_experiment *e, uint32_t of)
{
	uint32_t n = e->topology->n_nodes;

	return of >= n && e->topology != e->bare ? n - 1 : of;
}

int sfe_inline_path_find(
	void *explained_paths, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	struct sfe_explained_paths *all = explained_paths;
	uint32_t n = all->e->topology->n_nodes, index;

	from = node(all->e, from);
	to = node(all->e, to);
	*out = (struct sfe_inline_path){0};
	if (from >= n || to >= n)
		return 0;
	int r = sfe_explained_paths_find(all, from, to, &index);

	if (!r)
		*out = (struct sfe_inline_path){
			all->of[index].path.n, all->of[index].path.hops, all->of[index].resources};
	return r;
}
