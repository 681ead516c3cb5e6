/* SPDX-License-Identifier: MIT */
/* How a job ends: its result, or its failure, reaches the client. On the client's own node this
 * takes no message and no time, as in the model. */
#ifndef SFE_NODES_JOB_END_H
#define SFE_NODES_JOB_END_H

#include "nodes/jobs/peers.h"

/* Returns the result to the job's client. Takes over the package. */
void job_return(struct worker *w, struct package *package);

/* From any node: the job cannot go on. Tells its client. code is negative. */
void job_failed(struct worker *w, const struct job_place *at, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same after a call failed, with what the other node answered, if it did. */
void job_failed_call(struct exchange *e, int status);

/* Whether the package is too large for a message; then the job has failed. */
bool job_too_large(struct worker *w, const struct package *package);

#endif
