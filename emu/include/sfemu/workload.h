/* SPDX-License-Identifier: MIT */
/*
 * A workload: jobs with arrival times, each a chain of function invocations with states, made from
 * Spår's task files as the published model does; and what is drawn for one replication of it.
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
	uint32_t task;     /* the task's number in the trace, from 1 */
	uint32_t function; /* index into the names f0 … f(n-1) in *string* order */
	uint64_t ops;
	uint64_t arg_bytes; /* what the step is called with */
	uint64_t out_bytes; /* what it gives: the next step's argument, or the job's return value */
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
	uint64_t return_bytes; /* the argument size of the first step */
};

struct sfe_workload_params {
	uint32_t functions; /* how many there are */
	double ops_factor, arg_factor, state_factor;
};

struct sfe_workload { /* the pool: every job of the file that has a state */
	uint32_t n_functions;
	char **function_names; /* string order */
	uint32_t n_jobs;
	struct sfe_job *jobs;
	uint32_t n_skipped_rows;       /* rows that the published reader skips */
	uint32_t n_stateless_dropped;  /* jobs without state */
	uint32_t n_unfinished_dropped; /* Alibaba's jobs that did not end or are not whole */
};

/*
 * Reads Spår's 7-field batch_task.csv or Alibaba's own of 9 fields. Strict for rows that look like
 * tasks: a number that does not parse, is negative, not finite or overflows, a duplicate task
 * number, a task that depends on itself, a predecessor that no row has ("a state that no task
 * writes") and an empty workload are errors with file:line. Alibaba's trace is a sample of a
 * cluster at work: a job with a task whose status is not Terminated, whose end is 0 (beyond the
 * trace), that has an empty field, or with a predecessor or a task 1 that the trace lacks, is left
 * out and counted.
 */
int sfe_workload_read(const char *file, const struct sfe_workload_params *params,
	struct sfe_workload **out, struct sfe_error *err);
int sfe_workload_parse(const char *text, size_t len, const char *name,
	const struct sfe_workload_params *params, struct sfe_workload **out, struct sfe_error *err);
void sfe_workload_free(struct sfe_workload *w);

enum sfe_placement { SFE_PROC_NET, SFE_PROC_ONLY };
const char *sfe_placement_name(enum sfe_placement placement); /* "ProcNet", "ProcOnly" */

/* One replication: which jobs of the pool, from which client, on which nodes. */
struct sfe_assignment {
	uint32_t n_jobs;
	uint32_t *job;    /* index into the pool, ascending */
	uint32_t *client; /* node index */
	uint32_t **node;  /* node[j][s]: node index of step s; one block, that node[0] begins */
	uint32_t *load;   /* per node of the topology: invocations placed there */
};

/*
 * Draws and places as published. wanted 0 or >= the pool: all jobs. The affinities of the functions
 * follow from the topology. The routing is prepared by it. An error if there is no client, or no
 * node for a needed affinity, or no path between a client and a node.
 */
int sfe_assign(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	enum sfe_placement placement, uint32_t wanted, uint32_t seed, struct sfe_assignment **out,
	struct sfe_error *err);
void sfe_assignment_free(struct sfe_assignment *a);

#ifdef __cplusplus
}
#endif

#endif
