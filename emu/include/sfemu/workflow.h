/* SPDX-License-Identifier: MIT */
/*
 * A workflow as a scenario describes it: steps that call functions, the states that they use, and
 * when jobs of it start where.
 */
#ifndef SFEMU_WORKFLOW_H
#define SFEMU_WORKFLOW_H

#include "sfemu/function_spec.h"
#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_WORKFLOWS 1000u
#define SFE_MAX_WORKFLOW_STEPS 1000u
#define SFE_MAX_WORKFLOW_STATES 1000u
#define SFE_MAX_WORKFLOW_INVOCATIONS 10000000u /* of all jobs of all workflows */
#define SFE_MAX_MESSAGE_BYTES (1ull << 30)     /* an argument or output with the states */

/* How long a state lives, and who shares it. */
enum sfe_scope {
	SFE_SCOPE_JOB,      /* each job has its own */
	SFE_SCOPE_CLIENT,   /* all jobs of the workflow that start at one client */
	SFE_SCOPE_FUNCTION, /* all invocations of one function in the workflow */
	SFE_SCOPE_GLOBAL,   /* all workflows that name it */
};
extern const char *const sfe_scope_names[]; /* by enum sfe_scope */

/* What becomes of a change whose writer has not seen the newest version. */
enum sfe_consistency {
	SFE_FIRST_WRITE, /* it is refused, and the step runs again with the newest version */
	SFE_LAST_WRITE,  /* it takes effect; the versions that it has not seen are lost */
};
extern const char *const sfe_consistency_names[]; /* by enum sfe_consistency */

struct sfe_workflow_state {
	char *name;
	uint64_t bytes;
	char *file; /* its first content; NULL: bytes that follow from the seed */
	enum sfe_scope scope;
	enum sfe_consistency consistency; /* of a wider scope than a job */
	uint32_t shared; /* of a wider scope: its index into the workflows' shared states */
};

/* A state that outlives jobs. */
struct sfe_shared_state {
	const char *name; /* the workflow's */
	const char *file; /* for errors: where it is described */
	unsigned line;
	enum sfe_scope scope;
	enum sfe_consistency consistency;
	uint64_t bytes;
	const void *content; /* NULL: bytes that follow from the seed */
	bool changes;        /* a step changes it */
};

struct sfe_workflow_step {
	char *name, *function;
	char *hint;    /* steps with equal keys run on one node; NULL: none */
	unsigned line; /* of the scenario */
	uint32_t n_uses;
	uint32_t *uses;                /* states, ascending */
	uint8_t *access;               /* enum sfe_access of each */
	struct sfe_shared_uses shared; /* uses of states that outlive jobs */
	uint64_t ops, arg_bytes, out_bytes;
};

struct sfe_workflow {
	char *name;
	char *file;    /* its place, for errors */
	unsigned line; /* of its first line; of its clients */
	unsigned clients_line;
	char *steps_file;   /* where steps and states come from, with their lines; NULL: as file */
	uint32_t n_clients; /* patterns of names; none: every client */
	char **clients;
	uint32_t jobs;
	/* When they start: at these times, else in a Poisson process of that rate, of which the
	 * first starts at once. No times and no rate: workload.arrivals is sequential. */
	uint32_t n_at;
	uint64_t *at_ns;
	double poisson_rate; /* jobs/s */
	uint64_t arg_bytes;
	char *arg_file; /* the argument's content; NULL: bytes that follow from the seed */
	uint32_t n_states, n_shared;       /* of the scope of a job; of wider ones */
	struct sfe_workflow_state *states; /* n_states, then n_shared */
	uint32_t n_steps;
	struct sfe_workflow_step *steps; /* in topological order, else in that of the scenario */
	struct sfe_shared_uses *shared_uses; /* those of all steps again; NULL: none has any */
	struct sfe_graph *graph;
	uint64_t states_total_bytes, return_bytes;
	struct sfe_job_content content; /* what the scenario has read of these files */
};

struct sfe_workflows {
	uint32_t n;
	struct sfe_workflow *of;
	uint32_t n_shared;
	struct sfe_shared_state *shared;
};

void sfe_workflows_free(struct sfe_workflows *workflows);

/* The index of the function of that name, which is added, to run on any node, if it is not there.
 * 0 or -ENOMEM. */
int sfe_workload_add_function(struct sfe_workload *w, const char *name, uint32_t *out);

/*
 * Adds the jobs of the workflows to a workload, after its own, with numbers after their largest,
 * and their functions after its functions. The workload refers to the workflows, which must outlive
 * it. Arrivals are drawn with the seed. Errors: a number beyond 32 bits, too many jobs, -ENOMEM.
 */
int sfe_workload_add_workflows(struct sfe_workload *w, const struct sfe_workflows *workflows,
	uint32_t seed, struct sfe_error *err);

/* The workflow of a job; NULL: the job is of a trace. */
const struct sfe_workflow *sfe_job_workflow(
	const struct sfe_workload *w, const struct sfe_job *job);
/* Whether it reads a state that outlives jobs and that a step changes: then it depends on the order
 * in time, and its results may differ from strategy to strategy. */
bool sfe_job_depends_on_order(const struct sfe_workload *w, const struct sfe_job *job);
/* The name of a job's step; NULL: the job is of a trace, whose steps have numbers. */
const char *sfe_step_name(const struct sfe_workload *w, const struct sfe_job *job, uint32_t step);
/* Its hint, with the words {client} and {job} as they are written; NULL: none. */
const char *sfe_step_hint(const struct sfe_workload *w, const struct sfe_job *job, uint32_t step);

#ifdef __cplusplus
}
#endif

#endif
