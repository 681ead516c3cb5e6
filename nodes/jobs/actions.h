/* SPDX-License-Identifier: MIT */
/* What a strategy can do with a job: all that nodes/strategies/ needs of this folder. */
#ifndef SFE_NODES_ACTIONS_H
#define SFE_NODES_ACTIONS_H

#include "nodes/jobs/calls.h"      /* job_call */
#include "nodes/jobs/invocation.h" /* job_answer, invocation_lacks, invocation_step */
#include "nodes/jobs/job_end.h"    /* job_return, job_done, job_failed */
#include "nodes/jobs/job_states.h" /* job_keep, job_take */
#include "nodes/worker/strategy.h"

#endif
