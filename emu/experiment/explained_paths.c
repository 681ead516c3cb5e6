/* SPDX-License-Identifier: MIT */
#include "emu/experiment/explained_paths.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/experiment/link_specs.h"
#include "emu/model/base/text.h"
#include "sfemu/dcf.h"
#include "shaper/queue.h"

#define FIRST_TABLE 64u

/* Where the path is in the table, or where it is to be. */
static uint32_t place_of(const struct sfe_explained_paths *all, uint32_t from, uint32_t to)
{
	uint64_t key = ((uint64_t)from << 32 | to) * 0x9e3779b97f4a7c15ull;
	uint32_t at = (uint32_t)(key >> 32) & (all->n_table - 1);

	for (; all->table[at]; at = (at + 1) & (all->n_table - 1)) {
		const struct sfe_explained_path *p = &all->of[all->table[at] - 1];
		if (p->from == from && p->to == to)
			break;
	}
	return at;
}

/* The table is at most half full. */
static int make_room(struct sfe_explained_paths *all)
{
	uint32_t *before = all->table, n = all->n_table ? 2 * all->n_table : FIRST_TABLE;

	if (sfe_grow(&all->of, &all->room, all->n + 1, sizeof(*all->of)))
		return -ENOMEM;
	if (2 * (all->n + 1) <= all->n_table)
		return 0;
	uint32_t *table = calloc(n, sizeof(*table));
	if (!table)
		return -ENOMEM;
	all->table = table;
	all->n_table = n;
	for (uint32_t i = 0; i < all->n; i++)
		table[place_of(all, all->of[i].from, all->of[i].to)] = i + 1;
	free(before);
	return 0;
}

static struct sfe_hop_contention contention(const struct sfe_experiment *e, uint32_t k)
{
	const struct sfe_link_spec *spec = &e->link[k];
	uint32_t mtu = spec->mtu ? spec->mtu : e->scenario->tcp.mtu;

	if (spec->medium != SFE_MEDIUM_DCF)
		return (struct sfe_hop_contention){0};
	return (struct sfe_hop_contention){
		.frames = sfe_dcf_frames(
			spec, sfe_shaper_managed_packets(spec, mtu), mtu + SFE_FRAME_OVERHEAD),
		.mac_bytes = sfe_dcf.mac_bytes,
		.preamble_s = sfe_dcf.preamble / 1e9,
		.after_s = sfe_dcf_after_ns() / 1e9,
		.collisions = sfe_dcf_collisions(2),
	};
}

static int find_hops(const struct sfe_experiment *e, struct sfe_explained_path *out)
{
	uint32_t hops = sfe_routing_hops(e->routing, out->from, out->to), before = out->from, n = 0;

	if (hops == SFE_NONE || !hops)
		return 0;
	out->hops = calloc(hops, sizeof(*out->hops));
	out->resources = calloc(hops, sizeof(*out->resources));
	if (!out->hops || !out->resources)
		return -ENOMEM;
	for (uint32_t v = out->from, next; v != out->to; before = v, v = next) {
		next = sfe_routing_next(e->routing, v, out->to);
		/* The delay of a cable without a link is added to the link before it; nothing
		 * queues there. */
		const struct sfe_delay *bare = sfe_latency_between(e->topology, v, next);
		if (sfe_vertex_kind(e->topology, v) != SFE_VERTEX_LINK) {
			if (bare && n)
				out->hops[n - 1].delay_s += sfe_delay_mean(bare) / 1e9;
			continue;
		}
		uint32_t link = v - e->topology->n_nodes;
		/* Each direction of a link is a resource; a medium uses its first for both. */
		uint32_t k =
			SFE_DIRECTIONS * link + sfe_links_direction(e->plan, link, before, next);
		out->resources[n] = k;
		out->hops[n++] = (struct sfe_hop){
			.rate_bps = (double)e->link[k].rate_bps,
			.delay_s = sfe_delay_mean(&e->link[k].delay) / 1e9,
			.shared = e->topology->links[link].kind == SFE_LINK_SHARED,
			.contention = contention(e, k),
		};
		out->half_duplex |= out->hops[n - 1].shared && !e->link[k].full_duplex;
		if (bare) /* from a shared link to a junction */
			out->hops[n - 1].delay_s += sfe_delay_mean(bare) / 1e9;
	}
	out->path = (struct sfe_transfer_path){n, out->hops};
	for (uint32_t i = 0; i < n; i++)
		out->delay_s += out->hops[i].delay_s;
	return 0;
}

int sfe_explained_paths_find(
	struct sfe_explained_paths *all, uint32_t from, uint32_t to, uint32_t *index)
{
	if (make_room(all))
		return -ENOMEM;
	uint32_t at = place_of(all, from, to);
	if (!all->table[at]) {
		struct sfe_explained_path *made = &all->of[all->n++];
		*made = (struct sfe_explained_path){.from = from, .to = to};
		all->table[at] = all->n;
		if (find_hops(all->e, made))
			return -ENOMEM;
	}
	*index = all->table[at] - 1;
	return 0;
}

void sfe_explained_paths_free(struct sfe_explained_paths *all)
{
	for (uint32_t i = 0; i < all->n; i++) {
		free(all->of[i].hops);
		free(all->of[i].resources);
	}
	free(all->of);
	free(all->table);
	*all = (struct sfe_explained_paths){0};
}
