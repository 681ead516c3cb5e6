/* SPDX-License-Identifier: MIT */
#include "sfemu/chaos.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/random.h"
#include "sfemu/units.h"

#define MAX_IN_SETS (1u << 27) /* bytes */
#define GRID_NS 1000000u       /* of the times that are drawn: whole ms are easy to read */

const char *const sfe_fault_names[SFE_FAULT_KINDS] = {
	[SFE_FAULT_DOWN] = "down",
	[SFE_FAULT_LOSS] = "loss",
	[SFE_FAULT_DELAY] = "delay",
	[SFE_FAULT_RATE] = "rate",
	[SFE_FAULT_PARTITION] = "partition",
	[SFE_FAULT_CRASH] = "crash",
};

struct drawing {
	const struct sfe_chaos *chaos;
	const struct sfe_chaos_place *place;
	struct sfe_stream stream;
	uint32_t *link, *node; /* the candidates */
	uint32_t n_links, n_nodes;
	enum sfe_fault_kind kind[SFE_FAULT_KINDS]; /* the candidate kinds */
	uint32_t n_kinds;
	uint64_t in_sets; /* nodes of all that partitions have drawn */
};

static bool named(const struct sfe_patterns *p, const char *name)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (!fnmatch(p->text[i], name, 0))
			return true;
	return false;
}

/* Refuses patterns that match nothing. */
static int check_names(const struct drawing *d, const struct sfe_patterns *p, const char *key,
	bool links, bool nodes, struct sfe_error *err)
{
	for (uint32_t i = 0; i < p->n; i++) {
		bool any = false;
		for (uint32_t l = 0; links && l < d->place->n_links && !any; l++)
			any = !fnmatch(p->text[i], d->place->link[l].name, 0);
		for (uint32_t n = 0; nodes && n < d->place->n_nodes && !any; n++)
			any = !fnmatch(p->text[i], d->place->node[n].name, 0);
		if (!any)
			return sfe_fail(err, -EINVAL, NULL, "`sfemu topology dot` has their names",
				"%s: there is no %s%s%s %s", key, links ? "link" : "",
				links && nodes ? " and no " : "", nodes ? "node" : "", p->text[i]);
	}
	return 0;
}

static int find_things(struct drawing *d, struct sfe_error *err)
{
	const struct sfe_chaos *c = d->chaos;
	const struct sfe_chaos_place *p = d->place;
	int r;

	if ((r = check_names(d, &c->links, "links", true, false, err)) ||
		(r = check_names(d, &c->nodes, "nodes", false, true, err)) ||
		(r = check_names(d, &c->spare, "spare", true, true, err)))
		return r;
	d->link = calloc((size_t)p->n_links + 1, sizeof(*d->link));
	d->node = calloc((size_t)p->n_nodes + 1, sizeof(*d->node));
	if (!d->link || !d->node)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t l = 0; l < p->n_links; l++)
		if ((p->distinct[2 * l] || p->distinct[2 * l + 1]) &&
			(!c->links.n || named(&c->links, p->link[l].name)) &&
			!named(&c->spare, p->link[l].name))
			d->link[d->n_links++] = l;
	for (uint32_t n = 0; n < p->n_nodes; n++)
		if ((!c->nodes.n || named(&c->nodes, p->node[n].name)) &&
			!named(&c->spare, p->node[n].name))
			d->node[d->n_nodes++] = n;
	return 0;
}

static int find_kinds(struct drawing *d, struct sfe_error *err)
{
	for (unsigned k = 0; k < SFE_FAULT_KINDS; k++) {
		bool nodes = k >= SFE_FAULT_PARTITION;
		if (!(d->chaos->kinds & 1u << k))
			continue;
		if (!(nodes ? d->n_nodes : d->n_links) ||
			(k == SFE_FAULT_PARTITION && d->place->n_nodes < 2))
			return sfe_fail(err, -EINVAL, NULL, "spare less, or leave that kind out",
				"%s: there is no %s left for it", sfe_fault_names[k],
				nodes ? "node" : "link");
		d->kind[d->n_kinds++] = (enum sfe_fault_kind)k;
	}
	return 0;
}

/* Draws from 0 to n - 1. */
static uint32_t pick(struct drawing *d, uint32_t n)
{
	return (uint32_t)(sfe_stream_real(&d->stream) * n);
}

static double between(struct drawing *d, const double range[2])
{
	return range[0] + sfe_stream_real(&d->stream) * (range[1] - range[0]);
}

static uint64_t time_between(struct drawing *d, uint64_t from, uint64_t to)
{
	uint64_t t = from + (uint64_t)(sfe_stream_real(&d->stream) * (double)(to - from));

	return t - t % GRID_NS < from ? from : t - t % GRID_NS;
}

/* Half of a link's faults affect both directions. */
static void draw_direction(struct drawing *d, struct sfe_fault *f)
{
	const bool *distinct = &d->place->distinct[SFE_DIRECTIONS * f->link];
	uint32_t which = pick(d, 4);

	for (uint32_t k = 0; k < SFE_DIRECTIONS; k++)
		f->direction[k] =
			distinct[k] && (which >= SFE_DIRECTIONS || which == k || !distinct[1 - k]);
}

/* Draws at least one node and at most half of the candidates, without repetition. */
static int draw_set(struct drawing *d, struct sfe_fault *f)
{
	uint32_t n = 1 + pick(d, d->n_nodes / 2 ? d->n_nodes / 2 : 1);

	d->in_sets += d->place->n_nodes;
	if (d->in_sets > MAX_IN_SETS)
		return -EFBIG;
	f->set = calloc(d->place->n_nodes, sizeof(*f->set));
	if (!f->set)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = i + pick(d, d->n_nodes - i), node = d->node[at];
		d->node[at] = d->node[i];
		d->node[i] = node;
		f->set[node] = true;
	}
	return 0;
}

static int draw(struct drawing *d, struct sfe_fault *f)
{
	const struct sfe_chaos *c = d->chaos;

	f->begin_ns = time_between(d, c->from_ns, c->from_ns + c->over_ns);
	f->end_ns = f->begin_ns + time_between(d, c->lasts_ns[0], c->lasts_ns[1]);
	f->kind = d->kind[pick(d, d->n_kinds)];
	f->link = f->node = SFE_NONE;
	if (f->kind == SFE_FAULT_PARTITION)
		return draw_set(d, f);
	if (f->kind == SFE_FAULT_CRASH) {
		f->node = d->node[pick(d, d->n_nodes)];
		return 0;
	}
	f->link = d->link[pick(d, d->n_links)];
	draw_direction(d, f);
	if (f->kind == SFE_FAULT_LOSS)
		f->share = between(d, c->loss);
	if (f->kind == SFE_FAULT_RATE)
		f->share = between(d, c->rate);
	if (f->kind == SFE_FAULT_DELAY)
		f->extra_ns = time_between(d, c->delay_ns[0], c->delay_ns[1]);
	return 0;
}

/* qsort is not stable: equal faults are ordered by their index. */
static int by_begin(const void *a, const void *b)
{
	const struct sfe_fault *const *x = a, *const *y = b;

	if ((*x)->begin_ns != (*y)->begin_ns)
		return (*x)->begin_ns < (*y)->begin_ns ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

static int sort(struct sfe_faults *faults)
{
	struct sfe_fault **order = calloc((size_t)faults->n + 1, sizeof(*order));
	struct sfe_fault *sorted = calloc((size_t)faults->n + 1, sizeof(*sorted));

	for (uint32_t i = 0; order && i < faults->n; i++)
		order[i] = &faults->fault[i];
	if (order && sorted) {
		qsort(order, faults->n, sizeof(*order), by_begin);
		for (uint32_t i = 0; i < faults->n; i++)
			sorted[i] = *order[i];
		free(faults->fault);
		faults->fault = sorted;
		sorted = NULL;
	}
	int r = order && !sorted ? 0 : -ENOMEM;
	free(order);
	free(sorted);
	return r;
}

static int draw_all(struct drawing *d, struct sfe_faults *out)
{
	int r = 0;

	out->fault = calloc((size_t)d->chaos->faults + 1, sizeof(*out->fault));
	if (!out->fault)
		return -ENOMEM;
	while (out->n < d->chaos->faults && !r)
		r = draw(d, &out->fault[out->n++]);
	return r ? r : sort(out);
}

int sfe_chaos_expand(const struct sfe_chaos *chaos, const struct sfe_chaos_place *place,
	uint32_t seed, uint32_t number, struct sfe_faults *out, struct sfe_error *err)
{
	struct drawing d = {.chaos = chaos, .place = place};
	char name[32];
	int r;

	*out = (struct sfe_faults){0};
	snprintf(name, sizeof(name), "chaos.%u", number);
	d.stream = sfe_stream_named(seed, name);
	r = find_things(&d, err);
	r = r ? r : find_kinds(&d, err);
	if (!r && (r = draw_all(&d, out)))
		sfe_fail(err, r, NULL, r == -EFBIG ? "ask for fewer faults" : NULL,
			r == -EFBIG ? "has more partitions than a network of so many nodes can have"
				    : "out of memory");
	if (r)
		sfe_faults_free(out);
	free(d.link);
	free(d.node);
	return r;
}

void sfe_faults_free(struct sfe_faults *faults)
{
	for (uint32_t i = 0; faults->fault && i < faults->n; i++)
		free(faults->fault[i].set);
	free(faults->fault);
	*faults = (struct sfe_faults){0};
}

static void free_patterns(struct sfe_patterns *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		free(p->text[i]);
	free(p->text);
}

void sfe_chaos_free(struct sfe_chaos *chaos)
{
	if (!chaos)
		return;
	free_patterns(&chaos->links);
	free_patterns(&chaos->nodes);
	free_patterns(&chaos->spare);
	free(chaos);
}

void sfe_fault_print(const struct sfe_fault *fault, const struct sfe_chaos_place *place, FILE *out)
{
	const char *comma = " ";
	char text[SFE_UNIT_TEXT];

	fputs(sfe_fault_names[fault->kind], out);
	if (fault->kind == SFE_FAULT_LOSS || fault->kind == SFE_FAULT_RATE)
		fprintf(out, " %.3g%%", 100 * fault->share);
	if (fault->kind == SFE_FAULT_DELAY)
		fprintf(out, " +%s", sfe_format_time(fault->extra_ns, text));
	for (uint32_t n = 0; fault->set && n < place->n_nodes; n++) {
		if (!fault->set[n])
			continue;
		fprintf(out, "%s%s", comma, place->node[n].name);
		comma = ", ";
	}
}
