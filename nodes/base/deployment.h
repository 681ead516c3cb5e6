/* SPDX-License-Identifier: MIT */
/*
 * The deployment: nodes, jobs and their placement, and the policies that all workers of an
 * experiment follow. A worker is forked from the orchestrator, so it has the deployment in memory.
 */
#ifndef SFE_NODES_DEPLOYMENT_H
#define SFE_NODES_DEPLOYMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "emu/model/strategies/by_edge.h"
#include "emu/model/strategies/inline_states.h"
#include "emu/model/strategies/push_states.h"
#include "emu/model/workload/shared_names.h"
#include "emu/model/workload/shared_states.h"
#include "nodes/base/running.h"
#include "sfemu/function_spec.h"
#include "sfemu/node_limits.h"
#include "sfemu/scenario.h"
#include "sfemu/strategy.h"
#include "sfemu/workflow.h"

#define SFE_PORT 8080

/* One job and its placement. */
struct sfe_deployed_job {
	const struct sfe_job *job;
	uint32_t client;      /* node index */
	const uint32_t *node; /* node index of each step */
	/* A function of the user's is in it: outputs and states may have other sizes than the
	 * workload says. */
	bool sizes_vary;
	const struct sfe_workflow
		*workflow; /* names its steps and states; NULL: they have numbers */
	/* What its states follow where the deployment's strategy chooses one for each job; NULL:
	 * the deployment's strategy itself. */
	const struct sfe_strategy_info *rules;
	uint32_t store; /* with `rules`: as in struct sfe_deployment */
	/* What goes with its calls besides, under inline=auto and by=edge; NULL: nothing. */
	const struct sfe_inlined *inlined;
	const struct sfe_by_edge *by_edge; /* whose `inlined` this is; NULL: none */
	/* What goes ahead of its calls, under push; NULL: nothing. */
	const struct sfe_pushed *pushed;
};

struct sfe_function_file { /* what was read of a file of a function */
	const char *name;  /* without its folder */
	const char *bytes;
	size_t size;
	bool executable;
};

struct sfe_tcp; /* sfemu/transfer.h */

struct sfe_deployed_function {
	const struct sfe_function_spec *spec; /* NULL: the sample function */
	/* The content of the words that are files, in their order. */
	uint32_t n_files;
	const struct sfe_function_file *files;
};

struct sfe_endpoint {
	const char *name;
	uint32_t address; /* IPv4, network byte order */
	double speed_ops; /* operations/s */
	struct sfe_node_limits limits;
};

/* How requests without an answer are retried. All zero: a request waits for its answer for ever. */
struct sfe_retry_policy {
	uint64_t deadline_ns; /* how long an attempt waits for its answer; 0: for ever */
	uint32_t retries;     /* how many attempts may follow the first one; needs a deadline */
	uint64_t backoff_ns;  /* before the first retry, doubled before each further one */
};

/* Where workers leave the bytes of final states and return values, for the results. */
struct sfe_keep {
	int fd;                /* a file in memory that all workers share */
	_Atomic uint64_t *end; /* its end, in memory that all workers share */
};

struct sfe_deployment {
	const struct sfe_strategy_info *strategy;
	const struct sfe_strategy_plugin *plugin; /* whose rules workers load; NULL: built in */
	uint32_t n_nodes;
	const struct sfe_endpoint *nodes;
	uint32_t n_jobs;
	const struct sfe_deployed_job *jobs;
	uint32_t n_functions;
	char *const *function_names;
	const struct sfe_deployed_function *functions; /* NULL: all are the sample function */
	const char *scratch; /* folder in which programs run; NULL: no code of the user's */
	uint64_t seed;       /* of the payload's bytes */
	uint32_t store;      /* the node that keeps all states, under strategies that have one */
	/* States that outlive jobs, and the cloud's node, where some strategies keep them. */
	const struct sfe_shared_instances *shared; /* NULL: there are none */
	uint32_t cloud;
	/* The network's paths, and how its TCP is set: for warm=on, and for workers that load the
	 * rules of a plugin and decide what is inline, or goes ahead. Without these options they
	 * may be NULL. */
	const struct sfe_inline_paths *paths;
	const struct sfe_tcp *tcp;
	bool damages; /* links corrupt packets: messages carry digests */
	struct sfe_retry_policy retry;
	uint64_t job_timeout_ns; /* after which the client gives a job up; 0: never */
	/*
	 * How many copies of each changed state are made, under strategies whose states stay on
	 * nodes. Copies of a job of client c may be on the nodes
	 * replica_of[c * (n_replicas + 1) + i]: one node more than there are copies, since the
	 * state's keeper may be among them.
	 */
	uint32_t n_replicas;
	const uint32_t *replica_of;
	const struct sfe_keep *keep;      /* NULL: the bytes are not kept */
	struct sfe_running_code *running; /* of the process of workers; NULL: nobody asks */
};

/* The rules and services that a job's states follow. */
static inline const struct sfe_strategy_info *deployment_rules(
	const struct sfe_deployment *d, uint32_t job)
{
	return d->jobs[job].rules ? d->jobs[job].rules : d->strategy;
}

/* A job as the rules of strategies see it. */
static inline struct sfe_placed_job deployment_job(const struct sfe_deployment *d, uint32_t job)
{
	return (struct sfe_placed_job){d->jobs[job].job, d->jobs[job].client, d->jobs[job].node,
		d->jobs[job].rules ? d->jobs[job].store : d->store, d->jobs[job].by_edge};
}

/* The node that keeps a state in the version that `step` gets; UINT32_MAX: it travels. */
static inline uint32_t deployment_keeper(
	const struct sfe_deployment *d, uint32_t job, uint32_t state, uint32_t step)
{
	const struct sfe_strategy_info *rules = deployment_rules(d, job);
	const struct sfe_placed_job placed = deployment_job(d, job);

	return rules->keeper ? rules->keeper(&placed, state, step) : UINT32_MAX;
}

/* The instance of the step's i-th use of a state that outlives jobs. */
static inline uint32_t deployment_shared(
	const struct sfe_deployment *d, uint32_t job, uint32_t step, uint32_t i)
{
	const struct sfe_placed_job placed = deployment_job(d, job);

	return sfe_shared_instance(d->shared, &placed, step, i);
}

/* The home of an instance, which there is, or of one that functions create by name. */
static inline uint32_t deployment_home(const struct sfe_deployment *d, uint32_t instance)
{
	if (instance >= d->shared->n)
		return sfe_shared_created_home(d->shared, d->strategy, d->store);
	return sfe_shared_home(d->shared, instance, d->strategy, d->store, d->cloud);
}

/* What a step uses of such states. */
static inline const struct sfe_shared_uses *deployment_shared_uses(
	const struct sfe_deployment *d, uint32_t job, uint32_t step)
{
	static const struct sfe_shared_uses none;
	const struct sfe_job *j = d->jobs[job].job;

	return j->shared ? &j->shared[step] : &none;
}

/* Whether the state goes with a message from step `from` to step `to` (see sfemu/strategy.h). */
static inline bool deployment_carries(
	const struct sfe_deployment *d, uint32_t job, uint32_t state, uint32_t from, uint32_t to)
{
	const struct sfe_strategy_info *rules = deployment_rules(d, job);
	const struct sfe_deployed_job *j = &d->jobs[job];

	return (rules->carries && rules->carries(j->job, state, from, to)) ||
	       (j->inlined && sfe_inlined_carries(j->inlined, j->job, state, from, to));
}

#endif
