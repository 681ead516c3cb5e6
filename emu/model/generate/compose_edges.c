/* SPDX-License-Identifier: MIT */
/* The edges of a composition, in Ether's order; and its backbone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/generate/cloud_regions.h"
#include "emu/model/generate/composer.h"

static uint32_t *seen(struct sfe_composer *c, sfe_ref ref)
{
	unsigned kind = sfe_ref_kind(ref);
	uint32_t number = sfe_ref_number(ref), cap = c->cap_seen[kind];

	if (sfe_grow(&c->seen[kind], &c->cap_seen[kind], number + 1, sizeof(uint32_t))) {
		sfe_builder_fail(c->b, -ENOMEM, NULL, "out of memory");
		return NULL;
	}
	if (c->cap_seen[kind] > cap)
		memset(c->seen[kind] + cap, 0, (c->cap_seen[kind] - cap) * sizeof(uint32_t));
	uint32_t *at = &c->seen[kind][number];
	if (!*at)
		*at = ++c->n_seen;
	return at;
}

/* Copies the latency into the pool, so that edges can share it. */
static const struct sfe_delay *keep(struct sfe_composer *c, const struct sfe_delay *latency)
{
	for (struct sfe_latency_pool *p = c->latencies; p; p = p->next)
		if (sfe_delay_equal(&p->latency, latency))
			return &p->latency;
	struct sfe_latency_pool *p = malloc(sizeof(*p));
	if (!p) {
		sfe_builder_fail(c->b, -ENOMEM, NULL, "out of memory");
		return NULL;
	}
	*p = (struct sfe_latency_pool){c->latencies, *latency};
	c->latencies = p;
	return &p->latency;
}

int sfe_compose_connect(struct sfe_composer *c, sfe_ref from, sfe_ref to,
	const struct sfe_delay *latency, bool both)
{
	if (c->b->rc || !seen(c, from) || !seen(c, to))
		return c->b->rc;
	if (latency && latency->law == SFE_DELAY_NONE)
		latency = NULL;
	if (latency && !(latency = keep(c, latency)))
		return c->b->rc;
	if (c->n_edges >= SFE_MAX_EDGES)
		return sfe_builder_fail(c->b, -EINVAL, "use a smaller topology",
			"more than %u edges", SFE_MAX_EDGES);
	if (sfe_grow(&c->edges, &c->cap_edges, c->n_edges + 2, sizeof(*c->edges)))
		return sfe_builder_fail(c->b, -ENOMEM, NULL, "out of memory");
	c->edges[c->n_edges++] = (struct sfe_made_edge){from, to, latency, c->b->line};
	if (both)
		c->edges[c->n_edges++] = (struct sfe_made_edge){to, from, latency, c->b->line};
	return 0;
}

int sfe_compose_flush(struct sfe_composer *c)
{
	uint32_t *begin = calloc((size_t)c->n_seen + 2, sizeof(*begin));
	uint32_t *order = calloc((size_t)c->n_edges + 1, sizeof(*order));

	if (!begin || !order)
		sfe_builder_fail(c->b, -ENOMEM, NULL, "out of memory");
	for (uint32_t e = 0; e < c->n_edges && !c->b->rc; e++)
		begin[*seen(c, c->edges[e].from)]++;
	for (uint32_t s = 1; s <= c->n_seen && !c->b->rc; s++)
		begin[s] += begin[s - 1];
	/* Backwards, so that the edges of a source keep their order. */
	for (uint32_t e = c->n_edges; e-- > 0 && !c->b->rc;)
		order[--begin[*seen(c, c->edges[e].from)]] = e;
	for (uint32_t i = 0; i < c->n_edges && !c->b->rc; i++) {
		const struct sfe_made_edge *e = &c->edges[order[i]];
		c->b->line = e->line;
		sfe_builder_add_edge(c->b, e->from, e->to, e->latency);
	}
	c->b->line = 0;
	free(begin);
	free(order);
	return c->b->rc;
}

/* Joins one pair of a backbone, with the given latency or the one measured between two regions. */
static int join(struct sfe_composer *c, const struct sfe_tree *a, const struct sfe_tree *b,
	const struct sfe_tree *measured, const struct sfe_delay *latency)
{
	struct sfe_delay between = *latency;
	sfe_ref from, to;

	if (measured && sfe_region_latency(a->text, b->text, &between))
		return sfe_compose_fail(c, measured,
			"name regions of one provider ('sfemu topology regions' lists them), or "
			"say the latency",
			"nothing was measured between %.64s and %.64s", a->text, b->text);
	if (sfe_builder_ref(c->b, (struct sfe_span){a->text, strlen(a->text)}, &from) ||
		sfe_builder_ref(c->b, (struct sfe_span){b->text, strlen(b->text)}, &to))
		return c->b->rc;
	if (sfe_ref_kind(from) != SFE_VERTEX_JUNCTION || sfe_ref_kind(to) != SFE_VERTEX_JUNCTION)
		return sfe_compose_fail(c, a, "name two junctions",
			"%.64s and %.64s are not both junctions", a->text, b->text);
	return sfe_compose_connect(c, from, to, &between, true);
}

/* [a, b, ...]: joins each pair of them. */
static int backbone_row(struct sfe_composer *c, const struct sfe_tree *t)
{
	static const char *const keys[] = {"join", "latency", NULL};
	const struct sfe_tree *names = t, *said = NULL, *measured = NULL;
	struct sfe_delay latency = {0};

	if (t->kind == SFE_TREE_MAPPING) {
		if (sfe_tree_check_keys(t, c->b->file, keys, &c->b->error))
			return c->b->rc = c->b->error.code;
		names = sfe_tree_get(t, "join");
		said = sfe_tree_get(t, "latency");
	}
	if (!names || names->kind != SFE_TREE_LIST || names->n < 2)
		return sfe_compose_fail(c, t,
			"write [internet_a, internet_b], or {join: [internet_a, "
			"internet_b], latency: 10}",
			"a backbone joins two junctions or more");
	for (unsigned i = 0; i < names->n; i++)
		if (!sfe_compose_text(c, names->child[i], "join"))
			return c->b->rc;
	if (said && said->kind == SFE_TREE_VALUE && !strcmp(said->text, "measured"))
		measured = said;
	else if (sfe_compose_latency(c, said, NULL, &latency))
		return c->b->rc;
	c->b->line = t->line;
	for (unsigned i = 0; i < names->n && !c->b->rc; i++)
		for (unsigned j = i + 1; j < names->n && !c->b->rc; j++)
			join(c, names->child[i], names->child[j], measured, &latency);
	return c->b->rc;
}

int sfe_compose_backbone(struct sfe_composer *c, const struct sfe_tree *t)
{
	if (!t)
		return c->b->rc;
	if (t->kind != SFE_TREE_LIST)
		return sfe_compose_fail(c, t, "write a list, such as [[internet_a, internet_b]]",
			"backbone: is not a list");
	for (unsigned i = 0; i < t->n && !c->b->rc; i++)
		backbone_row(c, t->child[i]);
	return c->b->rc;
}
