/* SPDX-License-Identifier: MIT */
/* What the tests of placement share: a scenario from a text, and where its jobs are. */
#ifndef SFE_TESTS_PLACEMENT_BENCH_H
#define SFE_TESTS_PLACEMENT_BENCH_H

#include "sfemu/placement.h"
#include "tests/unit/model/scenario/scenario_texts.h"

struct bench {
	struct sfe_scenario *s;
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
	struct sfe_assignment *a;
	struct sfe_error err;
};

static inline void prepare(struct bench *b, const char *text)
{
	*b = (struct bench){.s = good(text, NULL, 0)};
	CU_ASSERT_EQUAL_FATAL(sfe_scenario_topology(b->s, &b->t, &b->err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(b->t, SFE_PHYSICAL, &b->r, &b->err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_scenario_workload(b->s, &b->w, &b->err), 0);
}

static inline int try_assign(struct bench *b, const struct sfe_placed *placed, uint32_t seed)
{
	const struct sfe_placement_rules rules = {.pins = &b->s->pins,
		.placed = placed,
		.n_functions = b->s->functions.n,
		.functions = b->s->functions.of};

	sfe_assignment_free(b->a);
	b->a = NULL;
	b->err = (struct sfe_error){0};
	return sfe_assign_with(b->t, b->r, b->w, b->s->placement, &rules, b->s->workload.jobs, seed,
		&b->a, &b->err);
}

static inline void assign(struct bench *b, uint32_t seed)
{
	char text[1200];

	if (try_assign(b, NULL, seed))
		fprintf(stderr, "%s\n", sfe_error_text(&b->err, text, sizeof(text)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->a);
}

/* The placement fails with an error that begins with `want`. */
static inline void fails(struct bench *b, const struct sfe_placed *placed, const char *want)
{
	char text[1200];

	CU_ASSERT(try_assign(b, placed, 1) < 0);
	sfe_error_text(&b->err, text, sizeof(text));
	if (strncmp(text, want, strlen(want)) != 0)
		fprintf(stderr, "got:  %s\nwant: %s\n", text, want);
	CU_ASSERT_EQUAL(strncmp(text, want, strlen(want)), 0);
}

static inline void end(struct bench *b)
{
	sfe_assignment_free(b->a);
	sfe_workload_free(b->w);
	sfe_routing_free(b->r);
	sfe_topology_free(b->t);
	sfe_scenario_free(b->s);
}

/* The same clients and nodes for the same jobs. */
static inline bool same_places(const struct bench *x, const struct bench *y)
{
	bool same = x->a->n_jobs == y->a->n_jobs;

	for (uint32_t j = 0; same && j < x->a->n_jobs; j++) {
		const struct sfe_job *job = &x->w->jobs[x->a->job[j]];
		same = x->a->job[j] == y->a->job[j] && x->a->client[j] == y->a->client[j] &&
		       !memcmp(x->a->node[j], y->a->node[j], job->n_steps * sizeof(uint32_t));
	}
	return same && !memcmp(x->a->load, y->a->load, x->t->n_nodes * sizeof(uint32_t));
}

#endif
