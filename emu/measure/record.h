/* SPDX-License-Identifier: MIT */
/* What is measured while the jobs run under one strategy. */
#ifndef SFE_MEASURE_RECORD_H
#define SFE_MEASURE_RECORD_H

#include "emu/experiment/experiment.h"
#include "emu/measure/fidelity.h"

struct sfe_job_result {
	bool ended;
	bool given_up;     /* nothing was heard of it */
	bool timed_out;    /* given up by its client at job_timeout */
	int32_t status;    /* 0 or a negative errno */
	uint32_t attempts; /* how often its client began it */
	uint32_t attempt;  /* the one that ended it */
	char reason[160];
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t processing_ns;    /* summed over the invocations of its last attempt */
	uint64_t payload_bytes, payload_bytes_hops;
	uint64_t return_digest;
	uint32_t failed_attempts; /* requests that were not answered */
	uint32_t states_lost; /* whose newest version was on nodes that crashed, and nowhere else */
	uint64_t *state_digest; /* per state, of its newest version */
	uint64_t digest; /* of the return value's and all states' digests, in order; 0: not done */
};

/* "done", "failed", "timed out" or "unfinished". */
const char *sfe_job_status(const struct sfe_job_result *job);

struct sfe_event {                /* a change of the schedule, or by hand */
	uint64_t due_ns, done_ns; /* from the start of the replay */
	enum sfe_schedule_act act;
	uint32_t link, node; /* SFE_NONE: not of one */
	bool already;        /* there was nothing to do */
	enum sfe_link_direction direction;
	char what[SFE_EVENT_TEXT];
};

struct sfe_replay {
	const struct sfe_strategy_info *strategy;
	uint64_t start_ns;
	uint64_t start_unix_ns; /* start_ns as CLOCK_REALTIME, the clock of captures */
	uint64_t begin_unix_ns,
		end_unix_ns; /* CLOCK_REALTIME, that of captures: while links were counted */
	uint32_t n_jobs;
	struct sfe_job_result *jobs;
	uint32_t n_invocations, n_transfers;
	struct sfe_ctl_invocation *invocations;
	struct sfe_ctl_transfer *transfers;
	uint32_t n_attempts;
	struct sfe_ctl_attempt *attempts; /* that failed */
	uint32_t n_events;
	struct sfe_event *events;
	struct sfe_link_count *links; /* of this replay alone */
	uint32_t n_links;
	struct sfe_fidelity fidelity;
};

void sfe_replay_free(struct sfe_replay *r);

#endif
