/* SPDX-License-Identifier: MIT */
/* What a worker measures. It is kept until the orchestrator asks for it, or on the virtual clock
 * until it is much. */
#ifndef SFE_NODES_RECORDS_H
#define SFE_NODES_RECORDS_H

#include "nodes/base/control.h"
#include "nodes/worker/worker_state.h"

int records_open(struct worker *w); /* 0 or -ENOMEM */
void records_close(struct worker *w);

/* Each copies the record and fills in its header. */
void records_invocation(struct worker *w, const struct sfe_ctl_invocation *invocation);
void records_call_run(struct worker *w, const struct sfe_ctl_call_run *run);
void records_transfer(struct worker *w, const struct sfe_ctl_transfer *transfer);
void records_attempt(struct worker *w, const struct sfe_ctl_attempt *attempt); /* that failed */
void records_shared(struct worker *w, const struct sfe_ctl_shared *shared);
void records_created(struct worker *w, uint32_t instance, const char *name);
/* Of the first SFE_STDERR_MAX invocations of a replay; further ones are counted. */
void records_stderr(struct worker *w, const struct sfe_ctl_stderr *text);
/* Sends all records and then the states that this node holds (condition HELD, or LOST when it
 * crashes), and forgets the records. */
void records_send(struct worker *w, enum sfe_state_condition condition);

#endif
