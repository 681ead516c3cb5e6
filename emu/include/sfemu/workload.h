/* SPDX-License-Identifier: MIT */
/*
 * A workload: jobs with arrival times, each a chain of function invocations with states, made from
 * Spår's task files as in the published model; and the random choices of one replication.
 */
#ifndef SFEMU_WORKLOAD_H
#define SFEMU_WORKLOAD_H

#include "sfemu/routing.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_TASKS_PER_JOB 1000u
#define SFE_MAX_JOBS 10000000u
#define SFE_MAX_STATE_BYTES (1ull << 40)

struct sfe_step {          /* one invocation of the chain */
	uint32_t task;     /* task number in the trace, from 1 */
	uint32_t function; /* index into the names f0 … f(n-1) in *string* order */
	uint64_t ops;
	uint64_t arg_bytes; /* size of the step's argument */
	uint64_t out_bytes; /* size of its output: the next step's argument, or the job's return
			       value */
	uint32_t n_deps;
	uint32_t *deps; /* states that it reads and writes: indexes into the job's states, ascending
			 */
};

struct sfe_job {
	uint32_t number; /* N of j_N in the trace */
	double arrival_s;
	uint32_t n_steps;
	struct sfe_step *steps;
	uint32_t n_states;
	uint64_t *state_bytes;
	uint64_t states_total_bytes;
	uint64_t return_bytes; /* argument size of the first step */
};

struct sfe_workload_params {
	uint32_t functions; /* number of functions */
	double ops_factor, arg_factor, state_factor;
	bool consecutive; /* as the published reader: rows that follow each other are one job */
};

/* Why a job of Alibaba's trace is left out. */
enum sfe_left_out {
	SFE_LEFT_OUT_UNFINISHED, /* a task did not end, or its row is incomplete */
	SFE_LEFT_OUT_INCOMPLETE, /* task 1 or a predecessor is missing */
	SFE_LEFT_OUT_CYCLE,      /* its tasks depend on each other in a cycle */
	SFE_LEFT_OUT_TWICE,      /* it has a task twice */
	SFE_LEFT_OUT_CUT,        /* a name of 50 characters, at which the trace cuts names */
	SFE_LEFT_OUT_MALFORMED,  /* a row cannot be read, or there are too many */
	SFE_LEFT_OUT_REASONS
};
/* "not finished", "with a missing task", … */
extern const char *const sfe_left_out_names[SFE_LEFT_OUT_REASONS];

struct sfe_workload { /* the pool: every job of the file with a state */
	uint32_t n_functions;
	char **function_names; /* string order */
	uint32_t n_jobs;
	struct sfe_job *jobs;
	uint32_t n_skipped_rows;                   /* rows that the published reader skips */
	uint32_t n_stateless_dropped;              /* jobs without state */
	uint32_t n_left_out[SFE_LEFT_OUT_REASONS]; /* jobs of Alibaba's trace */
};

/*
 * Reads Spår's batch_task.csv (7 fields) or Alibaba's (9 fields). Strict for rows that look like
 * tasks. Errors with file:line: a number that does not parse, is negative, not finite or overflows;
 * a duplicate task number; a task that depends on itself; a predecessor without a row ("a state
 * that no task writes"); an empty workload. Alibaba's trace is an excerpt from a running cluster: a
 * job is omitted and counted if a task's status is not Terminated, its end is 0 (beyond the trace)
 * or a field is empty, or if the trace lacks a predecessor or task 1.
 */
int sfe_workload_read(const char *file, const struct sfe_workload_params *params,
	struct sfe_workload **out, struct sfe_error *err);
int sfe_workload_parse(const char *text, size_t len, const char *name,
	const struct sfe_workload_params *params, struct sfe_workload **out, struct sfe_error *err);
void sfe_workload_free(struct sfe_workload *w);

enum sfe_placement { SFE_PROC_NET, SFE_PROC_ONLY };
const char *sfe_placement_name(enum sfe_placement placement); /* "ProcNet", "ProcOnly" */

/* One replication: the chosen jobs, their clients and their nodes. */
struct sfe_assignment {
	uint32_t n_jobs;
	uint32_t *job;    /* index into the pool, ascending */
	uint32_t *client; /* node index */
	uint32_t **node;  /* node[j][s]: node index of step s; one block, which begins at node[0] */
	uint32_t *load;   /* invocations placed on each node of the topology */
};

/*
 * Draws and places jobs as published. wanted 0 or >= the pool: all jobs. The functions' affinities
 * follow from the topology. Prepares the routing. Errors: no client, no node of a needed affinity,
 * no path between a client and a node.
 */
int sfe_assign(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	enum sfe_placement placement, uint32_t wanted, uint32_t seed, struct sfe_assignment **out,
	struct sfe_error *err);
void sfe_assignment_free(struct sfe_assignment *a);

#ifdef __cplusplus
}
#endif

#endif
