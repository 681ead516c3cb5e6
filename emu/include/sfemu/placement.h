/* SPDX-License-Identifier: MIT */
/* What a scenario says about placement beyond the rule: pins, affinities of functions, and the
 * nodes of another run. */
#ifndef SFEMU_PLACEMENT_H
#define SFEMU_PLACEMENT_H

#include "sfemu/function_spec.h"
#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_PINS 1000u

/*
 * Restricts the nodes of the invocations that match all of its patterns (NULL: any) to those that
 * match its last one. Steps of a trace's jobs have numbers, from 0.
 */
struct sfe_pin {
	char *function, *step, *workflow, *client;
	char *node;
	unsigned line;
};

struct sfe_pins { /* all that match an invocation hold for it */
	uint32_t n;
	struct sfe_pin *of;
	char *file; /* their place, for errors */
};

/* Where a run had everything: clients of jobs, nodes of steps. */
struct sfe_placed;

/*
 * From a run's tables: columns job and client of jobs.csv; job, step, function and node of
 * invocations.csv; other columns are not looked at. *out is the caller's.
 */
int sfe_placed_parse(const char *jobs, size_t jobs_len, const char *jobs_name,
	const char *invocations, size_t invocations_len, const char *invocations_name,
	struct sfe_placed **out, struct sfe_error *err);
void sfe_placed_free(struct sfe_placed *placed);
/* The same two tables of an assignment, with these columns only. */
void sfe_placed_write_jobs(const struct sfe_topology *t, const struct sfe_workload *w,
	const struct sfe_assignment *a, FILE *out);
void sfe_placed_write_invocations(const struct sfe_topology *t, const struct sfe_workload *w,
	const struct sfe_assignment *a, FILE *out);

struct sfe_placement_rules {
	const struct sfe_pins *pins;     /* NULL: none */
	const struct sfe_placed *placed; /* NULL: the rule chooses */
	uint32_t n_functions;            /* of the scenario, for their affinities */
	const struct sfe_function_spec *functions;
};

/*
 * As sfe_assign, with pins and placed nodes; rules: NULL for none. Errors besides its own: a
 * pattern that matches nothing; an invocation that no node may run; placed jobs that are not the
 * same.
 */
int sfe_assign_with(const struct sfe_topology *t, struct sfe_routing *r,
	const struct sfe_workload *w, enum sfe_placement placement,
	const struct sfe_placement_rules *rules, uint32_t wanted, uint32_t seed,
	struct sfe_assignment **out, struct sfe_error *err);

#ifdef __cplusplus
}
#endif

#endif
