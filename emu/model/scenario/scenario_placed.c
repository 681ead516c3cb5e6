/* SPDX-License-Identifier: MIT */
/* The nodes that `placement.from` names, or that `placement.frozen` keeps from a sweep's base. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/model/base/input.h"
#include "sfemu/scenario.h"

/* The tables of a results folder. */
static int read_from(const struct sfe_scenario *s, struct sfe_placed **out, struct sfe_error *err)
{
	static const char *const names[] = {"jobs.csv", "invocations.csv"};
	const struct sfe_input *in[2] = {NULL};
	struct sfe_error cause = {0};

	for (int i = 0; i < 2; i++) {
		char *path;
		if (asprintf(&path, "%s/%s", s->placed.from, names[i]) < 0)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		in[i] = sfe_inputs_get(s->inputs, path, &cause);
		free(path);
		if (!in[i])
			return sfe_fail(err, cause.code, cause.where,
				"give the results folder of a finished run", "placement: from: %s",
				cause.what);
	}
	return sfe_placed_parse(in[0]->text, in[0]->len, in[0]->file, in[1]->text, in[1]->len,
		in[1]->file, out, err);
}

static int tables_of(const struct sfe_topology *t, const struct sfe_workload *w,
	const struct sfe_assignment *a, struct sfe_placed **out, struct sfe_error *err)
{
	char *text[2] = {NULL};
	size_t len[2];
	FILE *jobs = open_memstream(&text[0], &len[0]),
	     *invocations = open_memstream(&text[1], &len[1]);
	bool bad = !jobs || !invocations;

	if (!bad) {
		sfe_placed_write_jobs(t, w, a, jobs);
		sfe_placed_write_invocations(t, w, a, invocations);
	}
	bad |= jobs && fclose(jobs);
	bad |= invocations && fclose(invocations);
	int rc = bad ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement")
		     : sfe_placed_parse(text[0], len[0], "the sweep's base", text[1], len[1],
			       "the sweep's base", out, err);
	free(text[0]);
	free(text[1]);
	return rc;
}

/* Places the base as if it were run. */
static int place_base(
	const struct sfe_scenario *base, struct sfe_placed **out, struct sfe_error *err)
{
	const struct sfe_placement_rules rules = {.pins = &base->pins};
	struct sfe_topology *t = NULL;
	struct sfe_routing *r = NULL;
	struct sfe_workload *w = NULL;
	struct sfe_assignment *a = NULL;
	int rc;

	(void)((rc = sfe_scenario_topology(base, &t, err)) ||
		(rc = sfe_routing_new(t, SFE_PHYSICAL, &r, err)) ||
		(rc = sfe_scenario_workload(base, &w, err)) ||
		(rc = sfe_assign_with(t, r, w, base->placement, &rules, base->workload.jobs,
			 base->seed, &a, err)) ||
		(rc = tables_of(t, w, a, out, err)));
	sfe_assignment_free(a);
	sfe_workload_free(w);
	sfe_routing_free(r);
	sfe_topology_free(t);
	return rc;
}

int sfe_scenario_placed(
	const struct sfe_scenario *s, struct sfe_placed **out, struct sfe_error *err)
{
	*out = NULL;
	if (s->placed.from)
		return read_from(s, out, err);
	return s->placed.base ? place_base(s->placed.base, out, err) : 0;
}
