/* SPDX-License-Identifier: MIT */
/*
 * The closed form: delay and traffic of each job as the published model has them (Cicconetti,
 * Conti, Passarella, "On Realizing Stateful FaaS in Serverless Edge Networks: State Propagation",
 * SMARTCOMP 2021, and its simulator StateSim). No queues, no propagation, no overlap, no headers.
 *
 * b bytes from A to B take the sum, over the links of the path, of 8 b / capacity: a link stores
 * the whole message and then forwards it. Quotients are single precision and their sum is double,
 * as published; 0 for b = 0 or A = B. Their traffic is b x the number of links. An invocation takes
 * ops / (speed / load), load being all invocations of the replication on its node.
 *
 * Transfers of one invocation on node N, with argument arg and output out (the next argument, or
 * the return value), all states of the job S, those that it needs D, and the client C:
 *   PureFaaS             C to N arg + S, N to C out + S
 *   StatePropagate       previous node (at first C) to N arg + S; after the last, N to C out + S
 *   StateLocal           previous node to N arg; each needed state from its last holder (at first
 *                        C) to N, which holds it from now on; after the last, N to C out
 *   UnchainedExternal    C to N arg, N to C out; C to the cloud D, and back D: each path
 *                        latency + 8 D / rate, and D of traffic
 *   UnchainedInEdge      C to N arg, N to C out; C to the central node D, and back D
 *   UnchainedInFunction  C to N arg, N to C out
 *   UnchainedInClient    C to N arg + D, N to C out + D
 */
#ifndef SFEMU_ESTIMATE_H
#define SFEMU_ESTIMATE_H

#include <stdio.h>

#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_estimate_params {    /* of UnchainedExternal only */
	double cloud_latency_s; /* one way, 0 or more */
	double cloud_rate_mbps; /* Mb/s, more than 0 */
};

struct sfe_estimate { /* of one job */
	double proc_delay_s;
	double net_delay_s;
	uint64_t traffic_bytes; /* bytes x links crossed */
};

/* The strategies of the closed form by index, NULL beyond the last. */
const char *sfe_estimate_strategy(unsigned i);

/*
 * *out is an array of a->n_jobs, the caller's, to be freed with free. params may be NULL unless the
 * strategy is UnchainedExternal. The routing is prepared by it. Errors: -ENOENT for an unknown
 * strategy, -EINVAL for bad parameters, -ENETUNREACH where two nodes of a job have no path between
 * them, -EOVERFLOW where a job's traffic exceeds 64 bits, -ERANGE for too many nodes, -ENOMEM.
 */
int sfe_estimate(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_assignment *a, const char *strategy,
	const struct sfe_estimate_params *params, struct sfe_estimate **out, struct sfe_error *err);

/*
 * The central node: the one (in name order, first best) whose worst time of 1000 bytes to or from
 * any other node is least. Fast for a prepared routing. SFE_NONE if no node is reached from all
 * others, or memory runs out.
 */
uint32_t sfe_central_node(const struct sfe_topology *t, const struct sfe_routing *r);

/*
 * Of each node i the n others that compute to which its time of 1000 bytes is least, nearest first,
 * of equal ones in the order of the file: out[i * n ...]. -EINVAL where a node reaches fewer,
 * -ERANGE for more than SFE_MAX_NEAREST.
 */
#define SFE_MAX_NEAREST 9u
int sfe_nearest_nodes(const struct sfe_topology *t, const struct sfe_routing *r, uint32_t n,
	uint32_t *out, struct sfe_error *err);

/*
 * The paper's comparison: replications that differ in their seed, each with its own jobs, clients
 * and order of placement; in each the same placed jobs under every strategy.
 */
#define SFE_MAX_REPLICATIONS 1000000u
#define SFE_MAX_THREADS 1024u
#define SFE_CLOUD_LATENCY_S 0.1 /* as published */
#define SFE_CLOUD_RATE_MBPS 5.0

struct sfe_comparison_params {
	unsigned n_placements;
	enum sfe_placement placements[2];
	unsigned n_strategies;
	const char *const *strategies; /* names, each once */
	uint32_t first_seed;           /* replication i has the seed first_seed + i */
	uint32_t replications;
	uint32_t jobs; /* wanted of the pool in each replication; 0: all */
	struct sfe_estimate_params cloud;
	unsigned threads; /* changes no byte of any result */
	bool by_chain;    /* rows for each length of the chain too */
	/* Not NULL: an existing folder, where instead of the comparison the files are written that
	 * the published simulator writes. */
	const char *outdir;
	/* Not NULL: told how many replications are done, by whichever thread did one, one at a
	 * time. */
	void (*progress)(void *arg, uint32_t done);
	void *progress_arg;
};

/*
 * What a row says of one quantity. The mean is that of the replications' means, the percentiles
 * those of all jobs; *_ci95 are half widths of 95 % confidence intervals from the replications'
 * own means and percentiles (batch means, Student's t), NaN for fewer than two replications.
 */
struct sfe_figure {
	double mean, p50, p95, p99;
	double mean_ci95, p50_ci95, p95_ci95, p99_ci95;
};

struct sfe_comparison_row {
	enum sfe_placement placement;
	const char *strategy;  /* as in the parameters */
	uint32_t chain;        /* invocations of each of its jobs; 0: all jobs */
	uint32_t replications; /* that had such jobs */
	uint64_t jobs;
	struct sfe_figure net_delay_s, proc_delay_s, traffic_bytes; /* of a job; bytes x links */
};

struct sfe_comparison {
	enum sfe_direction direction;
	uint32_t pool, wanted, first_seed, replications;
	unsigned n_rows;
	struct sfe_comparison_row *rows; /* by placement, strategy, chain */
};

/*
 * *out (NULL where only files are written) is the caller's; strategy names stay the parameters'.
 * Prepares the routing. Errors as of sfe_assign and sfe_estimate; -EINVAL for parameters out of
 * range; -ERANGE where the comparison does not fit in memory; -EIO for files. A replication whose
 * seed takes no job counts only as an empty file.
 */
int sfe_compare(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_comparison_params *params, struct sfe_comparison **out,
	struct sfe_error *err);
void sfe_comparison_free(struct sfe_comparison *c);

/*
 * A table for a person, and rows for a machine; negative if out cannot be written. The table prints
 * the columns that fit into lines of that width (0: all); *left_out: how many it left out.
 */
int sfe_comparison_table(
	const struct sfe_comparison *c, unsigned width, unsigned *left_out, FILE *out);
int sfe_comparison_csv(const struct sfe_comparison *c, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
