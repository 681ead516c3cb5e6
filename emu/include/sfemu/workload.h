/* SPDX-License-Identifier: MIT */
/*
 * A workload: jobs with arrival times, each a chain or a graph of function invocations with states,
 * made from Spår's task files as in the published model; and the random choices of one replication.
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

/* In place of a step: the job's client, before all steps and after them. */
#define SFE_CLIENT UINT32_MAX

/* How a step uses a state. */
enum sfe_access {
	SFE_UPDATE, /* reads it and changes it */
	SFE_READ,   /* leaves it as it is */
	SFE_WRITE,  /* replaces it whole, without having seen it */
};

struct sfe_step {          /* one invocation of a job */
	uint32_t task;     /* task number in the trace, from 1 */
	uint32_t function; /* index into the names f0 … f(n-1) in *string* order */
	uint64_t ops;
	uint64_t arg_bytes; /* size of the step's argument: the outputs of its predecessors, one
			       after the other; of a step without one, the job's argument */
	uint64_t out_bytes; /* size of its output: of (a part of) the next steps' arguments, or of
			       the job's return value */
	uint32_t n_deps;
	uint32_t *deps;  /* states that it uses: indexes into the job's states, ascending */
	uint8_t *access; /* how it uses each: enum sfe_access; NULL: it updates all */
};

/*
 * The edges of a job whose steps are not a chain. Steps are in topological order: a predecessor has
 * a lower number. Lists are ascending.
 */
struct sfe_graph {
	uint32_t n_steps;
	uint32_t *before_begin, *before; /* the predecessors of step s are
					    before[before_begin[s] … before_begin[s + 1] - 1] */
	uint32_t *after_begin, *after;   /* the successors, likewise */
	/* Bit t of the words at reach[s * words]: t is s, or comes after it on some path. */
	uint64_t *reach;
	size_t words; /* for each step */
	/*
	 * How steps use states, which is the same for all jobs that have this graph. Bit s of the
	 * words at reads[state * words]: step s reads the state; at changes[state * words]: it
	 * changes it. Bit t of the words at reached_from[s * words]: t is s, or comes before it on
	 * some path. n_states 0: the graph does not have this, and a job's steps are asked.
	 */
	uint32_t n_states;
	uint64_t *reads, *changes, *reached_from;
};

/* A step's use of a state that outlives jobs (sfemu/workflow.h). */
struct sfe_shared_use {
	uint32_t state;  /* index into the workflows' shared states */
	uint32_t access; /* enum sfe_access */
};

struct sfe_shared_uses { /* of a step; each state at most once */
	uint32_t n;
	struct sfe_shared_use *of;
};

/* What a job begins with. NULL: bytes that follow from the seed. */
struct sfe_job_content {
	const void *argument;
	const void **states; /* of each state */
};

struct sfe_job {
	uint32_t number; /* N of j_N in the trace */
	double arrival_s;
	uint32_t n_steps;
	struct sfe_step *steps;
	const struct sfe_graph *graph; /* the workload's; NULL: the steps are a chain */
	/*
	 * The access of each step is declared, and only what it needs travels. Else, as in the
	 * published model, all states that travel with a call also return.
	 */
	bool declared;
	uint32_t workflow; /* 0: of a trace; else 1 + its index in the workload's workflows */
	const struct sfe_job_content *content; /* its workflow's; NULL: of a trace */
	uint32_t n_states;
	uint64_t *state_bytes;
	uint64_t states_total_bytes;
	uint64_t return_bytes; /* of the return value: the outputs of the steps without a successor.
				  In the published model the argument size of the first step */
	const struct sfe_shared_uses *shared; /* of each step; NULL: it uses no states that outlive
						 it. These are not among n_states */
	/* Of a long chain with declared access: the same chain as a graph, which has how its steps
	 * use states. NULL: its steps are asked. */
	const struct sfe_graph *uses;
};

/* What the jobs of a trace become. */
enum sfe_shape {
	SFE_SHAPE_CHAIN, /* as published */
	SFE_SHAPE_DAG,   /* the graphs of their tasks, with declared access to states */
};

struct sfe_workload_params {
	uint32_t functions; /* number of functions */
	double ops_factor, arg_factor, state_factor;
	enum sfe_shape shape;
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

struct sfe_workflows;
struct sfe_workload { /* the pool: every job of the file with a state */
	uint32_t n_functions;
	char **function_names;         /* string order; those that only workflows call come last */
	uint32_t n_workflow_functions; /* how many these are */
	uint32_t n_jobs;               /* those of workflows come last */
	uint32_t n_workflow_jobs;
	const struct sfe_workflows *workflows; /* of the scenario, which outlives the workload */
	struct sfe_job *jobs;
	uint32_t n_graphs;
	struct sfe_graph **graphs; /* that jobs refer to */
	uint32_t n_chains;
	struct sfe_graph **chains;                 /* that long chains refer to, as `uses` */
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

/* Rules that choose the node of an invocation: the one with the least sum. */
enum sfe_placement {
	SFE_PROC_NET,   /* of processing, and of argument, output and all states to and from the
			   client, as published */
	SFE_PROC_ONLY,  /* of processing, as published */
	SFE_PROC_STATE, /* of processing, of argument and output to and from the client, and of
			   the states that the step reads and that are not there, from where they
			   are */
	SFE_PLACEMENTS
};
/* "ProcNet", "ProcOnly", "ProcState" */
const char *sfe_placement_name(enum sfe_placement placement);

/* What ProcState gains, and what it costs. */
struct sfe_placement_totals {
	double estimate_s; /* what it estimates for its choices, all invocations together */
	double proc_net_s; /* the same for what ProcNet would have chosen in their place, with the
			      same loads */
	uint32_t most;     /* invocations on the most loaded node, */
	uint32_t proc_net_most; /* and if ProcNet places all of them */
};

/* One replication: the chosen jobs, their clients and their nodes. */
struct sfe_assignment {
	uint32_t n_jobs;
	uint32_t *job;    /* index into the pool, ascending */
	uint32_t *client; /* node index */
	uint32_t **node;  /* node[j][s]: node index of step s; one block, which begins at node[0] */
	uint32_t *load;   /* invocations placed on each node of the topology */
	struct sfe_placement_totals totals; /* of ProcState */
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
