/* SPDX-License-Identifier: MIT */
/*
 * States that outlive jobs, as C code names them at run time. A name that the job's workflow
 * declares is an instance of that state; any other name is a global state that its first put
 * creates. Their homes are known before a run: which names the code will use is not.
 */
#ifndef SFE_MODEL_SHARED_NAMES_H
#define SFE_MODEL_SHARED_NAMES_H

#include "emu/model/workload/shared_states.h"

#define SFE_MOST_CREATED 4096u /* names, by the replay of a strategy */

struct sfe_named_job {
	const struct sfe_workflow *workflow; /* NULL: of a trace, which declares none */
	struct sfe_placed_job placed;
};

/*
 * Adds the instances that the code of a job may use, besides those that steps declare, which have
 * been added before. is_code: by function of the workload, whether it is C code. Called for each
 * job, in their order; `seen`: of its workflow, false at first. An instance that no step declares
 * has as first node that of the first step of C code of its client, or of the function; of one that
 * is only called, of the workflow. 0 or -ENOMEM.
 */
int sfe_shared_names_add(struct sfe_shared_instances *all, const struct sfe_named_job *job,
	const bool *is_code, uint32_t n_functions, bool *seen);

enum sfe_named {
	SFE_NAMED_CREATED,  /* no workflow of the job declares it */
	SFE_NAMED_DECLARED, /* *instance is that of the function in the job */
	SFE_NAMED_OF_JOB,   /* a state of the scope of a job: not for use by name */
	SFE_NAMED_NOBODYS,  /* declared, but not for this function */
};
enum sfe_named sfe_shared_named(const struct sfe_shared_instances *all,
	const struct sfe_named_job *job, uint32_t function, const char *name, uint32_t *instance);

/* The home of all names that no workflow declares: the strategy's store, else the node of the first
 * step of C code in the order of jobs. The cloud of other strategies is for declared states. */
static inline uint32_t sfe_shared_created_home(const struct sfe_shared_instances *all,
	const struct sfe_strategy_info *strategy, uint32_t store)
{
	return strategy->store != SFE_STORE_NONE ? store : all->first_code;
}

#endif
