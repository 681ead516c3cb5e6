/* SPDX-License-Identifier: MIT */
#include "emu/measure/vain_runs.h"

#include <errno.h>
#include <stdlib.h>

static int by_place(const void *a, const void *b)
{
	const struct sfe_ctl_invocation *x = *(const struct sfe_ctl_invocation *const *)a,
					*y = *(const struct sfe_ctl_invocation *const *)b;
	const uint32_t k[][2] = {
		{x->job, y->job}, {x->step, y->step}, {x->header.node, y->header.node}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return x->ready_ns < y->ready_ns ? -1 : x->ready_ns > y->ready_ns;
}

/* The fetches and gifts of runs in vain are in the time of these. v: what ran in vain before, by
 * place. */
static bool is_vain(const struct sfe_ctl_invocation **v, size_t n, const struct sfe_ctl_transfer *t)
{
	const struct sfe_ctl_invocation place = {.header.node = t->kind == SFE_TRANSFER_FETCH
									? t->header.node
									: t->from,
						.job = t->job,
						.step = t->step,
						.ready_ns = t->done_ns},
					*wanted = &place;
	size_t low = 0, high = n; /* the first that was not ready before the transfer's end */

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (by_place(&v[mid], &wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && v[low]->job == t->job && v[low]->step == t->step &&
	       v[low]->header.node == place.header.node &&
	       t->done_ns > v[low]->ready_ns - v[low]->vain_ns;
}

int sfe_leave_out_vain(const struct sfe_replay *r, bool *on_path)
{
	const struct sfe_ctl_invocation **v = calloc((size_t)r->n_invocations + 1, sizeof(*v));
	size_t n = 0;

	if (!v)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->n_invocations; i++)
		if (r->invocations[i].vain_ns)
			v[n++] = &r->invocations[i];
	if (n)
		qsort(v, n, sizeof(*v), by_place);
	for (uint32_t i = 0; i < r->n_transfers && n; i++) {
		const struct sfe_ctl_transfer *t = &r->transfers[i];
		if (t->kind == SFE_TRANSFER_FETCH || t->kind == SFE_TRANSFER_STORE)
			on_path[i] &= !is_vain(v, n, t);
	}
	free(v);
	return 0;
}
