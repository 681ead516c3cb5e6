/* SPDX-License-Identifier: MIT */
#include "sfemu/sharing.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* bits: a flow with less left is finished (rounding) */
#define OVER 1e-6

struct active {
	struct sfe_flow *flow;
	double left, rate; /* bits, bit/s */
};

struct fluid {
	struct sfe_flow **order; /* by start */
	struct active *active;
	uint32_t n_active;
	const double *capacity;
	double *left;     /* per resource: capacity not yet assigned */
	uint32_t *users;  /* per resource: flows without a rate */
	uint32_t *in_use; /* resources of the active flows */
};

static int by_start(const void *a, const void *b)
{
	const struct sfe_flow *x = *(struct sfe_flow *const *)a, *y = *(struct sfe_flow *const *)b;

	if (x->start_s != y->start_s)
		return x->start_s < y->start_s ? -1 : 1;
	return (x > y) - (x < y);
}

static bool crosses(const struct sfe_flow *f, uint32_t resource)
{
	for (uint32_t i = 0; i < f->n_resources; i++)
		if (f->resources[i] == resource)
			return true;
	return false;
}

/* Progressive filling: the resource with the smallest fair share assigns it to all of its flows;
 * the rest is shared among the others in the same way. */
static void share(struct fluid *x)
{
	uint32_t n = 0, waiting = x->n_active;

	for (uint32_t a = 0; a < x->n_active; a++) {
		const struct sfe_flow *f = x->active[a].flow;
		x->active[a].rate = -1;
		for (uint32_t i = 0; i < f->n_resources; i++) {
			uint32_t r = f->resources[i];
			if (!x->users[r]++) {
				x->in_use[n++] = r;
				x->left[r] = x->capacity[r];
			}
		}
	}
	while (waiting) {
		uint32_t tight = 0;
		double least = INFINITY;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t r = x->in_use[i];
			if (x->users[r] && x->left[r] / x->users[r] < least) {
				least = x->left[r] / x->users[r];
				tight = r;
			}
		}
		for (uint32_t a = 0; a < x->n_active; a++) {
			const struct sfe_flow *f = x->active[a].flow;
			if (x->active[a].rate >= 0 || !crosses(f, tight))
				continue;
			x->active[a].rate = least;
			waiting--;
			for (uint32_t i = 0; i < f->n_resources; i++) {
				x->left[f->resources[i]] =
					fmax(0, x->left[f->resources[i]] - least);
				x->users[f->resources[i]]--;
			}
		}
	}
}

static void flow(struct fluid *x, uint32_t n)
{
	double now = n ? x->order[0]->start_s : 0;

	for (uint32_t next = 0; next < n || x->n_active;) {
		for (; next < n && (x->order[next]->start_s <= now || !x->n_active); next++) {
			now = fmax(now, x->order[next]->start_s);
			x->active[x->n_active++] =
				(struct active){x->order[next], x->order[next]->bits, 0};
		}
		share(x);
		double step = next < n ? x->order[next]->start_s - now : INFINITY;
		for (uint32_t a = 0; a < x->n_active; a++)
			step = fmin(step, x->active[a].left / x->active[a].rate);
		now += step;
		uint32_t kept = 0;
		for (uint32_t a = 0; a < x->n_active; a++) {
			struct active *f = &x->active[a];
			f->left -= f->rate * step;
			if (f->left <= OVER + f->flow->bits * 1e-12)
				f->flow->end_s = now;
			else
				x->active[kept++] = *f;
		}
		x->n_active = kept;
	}
}

/* Flows without links or bits take no time and do not affect others. */
static uint32_t begin(struct fluid *x, struct sfe_flow *flows, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		double least = INFINITY;
		for (uint32_t k = 0; k < flows[i].n_resources; k++)
			least = fmin(least, x->capacity[flows[i].resources[k]]);
		flows[i].alone_s = flows[i].n_resources ? flows[i].bits / least : 0;
		flows[i].end_s = flows[i].start_s + flows[i].alone_s;
		if (flows[i].alone_s > 0)
			x->order[count++] = &flows[i];
	}
	if (count)
		qsort(x->order, count, sizeof(*x->order), by_start);
	return count;
}

int sfe_sharing(struct sfe_flow *flows, uint32_t n, const double *capacity_bps,
	uint32_t n_resources, struct sfe_error *err)
{
	struct fluid x = {.capacity = capacity_bps};
	int r = 0;

	x.order = calloc((size_t)n + 1, sizeof(*x.order));
	x.active = calloc((size_t)n + 1, sizeof(*x.active));
	x.left = calloc((size_t)n_resources + 1, sizeof(*x.left));
	x.users = calloc((size_t)n_resources + 1, sizeof(*x.users));
	x.in_use = calloc((size_t)n_resources + 1, sizeof(*x.in_use));
	for (uint32_t i = 0; i < n_resources && !r; i++)
		if (!(capacity_bps[i] > 0))
			r = sfe_fail(err, -EINVAL, NULL, "write a rate, or INFINITY for none",
				"resource %u has no capacity: its flows would never end", i);
	if (!r && x.order && x.active && x.left && x.users && x.in_use)
		flow(&x, begin(&x, flows, n));
	else if (!r)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the shares of links");
	free(x.order);
	free(x.active);
	free(x.left);
	free(x.users);
	free(x.in_use);
	return r;
}
