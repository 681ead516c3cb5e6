/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/sweep/sweep_axes.h"
#include "emu/sweep/sweep_parse.h"

static int check_cells(struct sfe_sweep *s, struct sfe_error *err)
{
	struct sfe_scenario *scenario;
	int r = 0;

	for (uint32_t i = 0; i < s->n_cells && !r; i++) {
		r = sfe_sweep_scenario(s, i, &scenario, err);
		if (r)
			break;
		s->workflows |= scenario->workflows.n > 0;
		s->shared |= scenario->workflows.n_shared > 0;
		sfe_scenario_free(scenario);
	}
	return r;
}

int sfe_sweep_read(const char *file, const char *const *sets, uint32_t n_sets,
	struct sfe_sweep **out, struct sfe_error *err)
{
	struct sfe_sweep *s = calloc(1, sizeof(*s));
	struct sfe_error own;
	int r = 0;

	err = err ? err : &own;
	if (!s || !(s->file = strdup(file)))
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < n_sets && !r; i++)
		r = sfe_sweep_add_common(s, sets[i], err);
	if (!r)
		r = sfe_sweep_parse(s, err);
	if (!r)
		r = check_cells(s, err);
	if (r)
		sfe_sweep_free(s);
	else
		*out = s;
	return r;
}
