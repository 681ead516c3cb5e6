/* SPDX-License-Identifier: MIT */
/*
 * The closed form: delay and traffic of each job by the published model (Cicconetti, Conti,
 * Passarella, "On Realizing Stateful FaaS in Serverless Edge Networks: State Propagation",
 * SMARTCOMP 2021, and its simulator StateSim). It has no queues, propagation, overlap or headers.
 *
 * b bytes from A to B take the sum of 8 b / capacity over the links of the path: each link stores
 * the whole message, then forwards it. As published, quotients have single precision and their sum
 * double; the time is 0 if b = 0 or A = B. The traffic is b x the number of links. An invocation
 * takes ops / (speed / load); load is the number of all invocations that the replication placed on
 * the node.
 *
 * Transfers of one invocation on node N, with argument arg, output out (the next argument, or the
 * return value), all states of the job S, the states it needs D, and the client C:
 *   PureFaaS             C to N arg + S, N to C out + S
 *   StatePropagate       previous node (at first C) to N arg + S; after the last, N to C out + S
 *   StateLocal           previous node to N arg; each needed state from its last keeper (at first
 *                        C) to N, which holds it from then on; after the last, N to C out
 *   UnchainedExternal    C to N arg, N to C out; C to the cloud D, and back D: each direction
 *                        latency + 8 D / rate, and D of traffic
 *   UnchainedInEdge      C to N arg, N to C out; C to the central node D, and back D
 *   UnchainedInFunction  C to N arg, N to C out
 *   UnchainedInClient    C to N arg + D, N to C out + D
 *
 * Where the access of a job's steps is declared (sfe_job.declared), only what they need travels. A
 * step with several predecessors gets their outputs, each with a message of its own; the argument
 * is all of them. R are the states that a step reads or updates, W those that it writes or updates.
 *   PureFaaS             C to N arg + all states, but not those that the step only writes nor
 *                        those that a parallel step changes; N to C out + W
 *   StatePropagate       along each edge the output + the states of which the receiver, a step
 *                        after it or at the end C reads the version that the sender has; C to N arg
 *                        likewise if there is no step before; after a step without a successor, N
 *                        to C out + the states in their last version
 *   StateLocal           along each edge the output; C to N arg if there is no step before; each
 *                        state of R from the node of the last step that changed it (at first C);
 *                        after a step without a successor, N to C out
 *   UnchainedExternal    C to N arg, N to C out; each state of R from the cloud to N, each of W
 *                        from N to the cloud
 *   UnchainedInEdge      the same with the central node
 *   UnchainedInFunction  C to N arg, N to C out; each state of R from the node of the last step
 *                        that changed it, at first that of the first step that uses it
 *   UnchainedInClient    C to N arg + R, N to C out + W
 * These follow from the rule of each strategy (sfemu/strategy.h). So do all transfers under a
 * strategy that was registered (sfe_strategy_register), of chains without declared access too:
 * arguments and results with the states that the rule carries; states that a step reads from the
 * keepers, those that it changed to their next keepers. A step is called when all steps before it
 * have ended; where C calls, when C has their results. It computes when all calls have come, and
 * then all states of R, one after the other. It ends when the states of W are where they are kept.
 * The job ends when all results are with C. Messages take the time above; those of parallel
 * branches do not wait for each other. The job's delay is the longest path through messages and
 * steps: proc_delay_s is the processing on it, net_delay_s the rest. traffic_bytes counts all
 * messages.
 */
#ifndef SFEMU_ESTIMATE_H
#define SFEMU_ESTIMATE_H

#include <stdio.h>

#include "sfemu/placement.h"
#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_by_edge;
struct sfe_inline_paths;
struct sfe_strategy_info;

struct sfe_estimate_params {
	double cloud_latency_s; /* for UnchainedExternal only: one way, 0 or more */
	double cloud_rate_mbps; /* likewise: Mb/s, more than 0 */
	/* For inline=auto: who knows rates and delays of the paths. NULL: without that option. */
	const struct sfe_inline_paths *inlined;
	/* Where states that outlive jobs are; NULL: where the strategy itself has them. */
	const struct sfe_strategy_info *homes;
	/* For by=edge: of each job of the assignment what was decided for its edges, or NULL; then
	 * `strategy` below is StateLocal. NULL: without that option. */
	struct sfe_by_edge *const *by_edge;
};

struct sfe_estimate {           /* of one job */
	double proc_delay_s;    /* on the longest path; of a chain: of all steps */
	double net_delay_s;     /* on the longest path */
	uint64_t traffic_bytes; /* bytes x links crossed */
};

/* The name of the i-th strategy of the closed form; NULL past the last. */
const char *sfe_estimate_strategy(unsigned i);

/*
 * *out is an array of a->n_jobs; the caller frees it. params may be NULL unless the strategy is
 * UnchainedExternal. Errors: -ENOENT unknown strategy; -EINVAL bad
 * parameters; -ENETUNREACH no path between two nodes of a job; -EOVERFLOW a job's traffic exceeds
 * 64 bits; -ERANGE too many nodes; -ENOMEM.
 */
int sfe_estimate(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_assignment *a, const char *strategy,
	const struct sfe_estimate_params *params, struct sfe_estimate **out, struct sfe_error *err);

/*
 * The central node: the node with the least worst-case time of 1000 bytes to or from any other
 * node; the first in name order among equals. Fast once the routing is prepared. SFE_NONE if no
 * node is reachable from all others, or out of memory.
 */
uint32_t sfe_central_node(const struct sfe_topology *t, struct sfe_routing *r);

/*
 * For each node i, the n other computing nodes that it reaches in the least time for 1000 bytes,
 * nearest first, equals in file order: out[i * n ...]. -EINVAL if a node reaches fewer; -ERANGE for
 * more than SFE_MAX_NEAREST.
 */
#define SFE_MAX_NEAREST 9u
int sfe_nearest_nodes(const struct sfe_topology *t, struct sfe_routing *r, uint32_t n,
	uint32_t *out, struct sfe_error *err);

/*
 * The paper's comparison: replications with different seeds, each with its own jobs, clients and
 * order of placement. Within a replication every strategy gets the same placed jobs.
 */
#define SFE_MAX_REPLICATIONS 1000000u
#define SFE_MAX_THREADS 1024u
#define SFE_CLOUD_LATENCY_S 0.1 /* as published */
#define SFE_CLOUD_RATE_MBPS 5.0

struct sfe_comparison_params {
	unsigned n_placements;
	enum sfe_placement placements[SFE_PLACEMENTS];
	unsigned n_strategies;
	const char *const *strategies; /* names, each once */
	uint32_t first_seed;           /* replication i has the seed first_seed + i */
	uint32_t replications;
	uint32_t jobs; /* jobs drawn from the pool per replication; 0: all */
	const struct sfe_placement_rules *rules; /* NULL: none */
	struct sfe_estimate_params cloud;
	unsigned threads; /* does not affect the results */
	bool by_chain;    /* also rows for each chain length */
	/* Not NULL: an existing folder; the files of the published simulator are written to it,
	 * and no comparison is made. */
	const char *outdir;
	/* Not NULL: called with the number of finished replications, from any thread, one call
	 * at a time. */
	void (*progress)(void *arg, uint32_t done);
	void *progress_arg;
};

/*
 * One quantity of a row. The mean is the mean of the replications' means; the percentiles are over
 * all jobs. *_ci95 are half widths of 95 % confidence intervals over the replications' means and
 * percentiles (batch means, Student's t); NaN for fewer than two replications.
 */
struct sfe_figure {
	double mean, p50, p95, p99;
	double mean_ci95, p50_ci95, p95_ci95, p99_ci95;
};

struct sfe_comparison_row {
	enum sfe_placement placement;
	const char *strategy;  /* as in the parameters */
	uint32_t chain;        /* invocations on a job's longest path; 0: jobs of all lengths */
	uint32_t replications; /* with such jobs */
	uint64_t jobs;
	struct sfe_figure net_delay_s, proc_delay_s, traffic_bytes; /* per job; bytes x links */
};

struct sfe_comparison {
	enum sfe_direction direction;
	bool graphs; /* the workload has jobs that are no chains: their processing depends on the
			strategy */
	uint32_t pool, wanted, first_seed, replications;
	unsigned n_rows;
	struct sfe_comparison_row *rows; /* by placement, strategy, chain */
};

/*
 * *out (NULL if only files are written) is the caller's; strategy names still point to the
 * parameters. Prepares the routing. Errors as for sfe_assign and sfe_estimate; -EINVAL for
 * parameters out of range; -ERANGE if the comparison does not fit in memory; -EIO for files. A
 * replication whose seed selects no job counts only as an empty file.
 */
int sfe_compare(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_comparison_params *params, struct sfe_comparison **out,
	struct sfe_error *err);
void sfe_comparison_free(struct sfe_comparison *c);

/*
 * A table for people, and CSV for programs; negative if out cannot be written. The table prints the
 * columns that fit into `width` characters (0: all); *left_out: number of columns that a block
 * omits at most.
 */
int sfe_comparison_table(
	const struct sfe_comparison *c, unsigned width, unsigned *left_out, FILE *out);
int sfe_comparison_csv(const struct sfe_comparison *c, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
