/* SPDX-License-Identifier: MIT */
/* One strategy's replay of the workload, and everything that was measured in it. */
#ifndef SFE_RUN_REPLAY_H
#define SFE_RUN_REPLAY_H

#include "emu/run/fidelity.h"
#include "emu/run/workers.h"

struct sfe_job_result {
	bool ended;
	int32_t status; /* 0 or a negative errno */
	char reason[160];
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t processing_ns;    /* summed over its invocations */
	uint64_t payload_bytes, payload_bytes_hops;
	uint64_t return_digest;
	uint64_t *state_digest; /* per state */
	uint32_t *state_seen;   /* how many nodes hold it at the end: 1, or the run is wrong */
	uint64_t digest;        /* of the return value's and all states' digests, in order */
};

struct sfe_event {                /* a change of the schedule, or by hand */
	uint64_t due_ns, done_ns; /* from the start of the replay */
	uint32_t link;
	enum sfe_link_direction direction;
	char what[SFE_EVENT_TEXT];
};

struct sfe_live;
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
	uint32_t n_events;
	struct sfe_event *events;
	struct sfe_link_count *links; /* of this replay alone */
	uint32_t n_links;
	struct sfe_fidelity fidelity;
};

/*
 * Starts workers, replays all jobs, stops the workers. Jobs that fail are results; a worker that
 * dies or a job that does not end in time is an error (what was measured until then is kept in
 * *out). The caller frees *out in any case. live: who asks meanwhile; channel: for progress.
 */
int sfe_replay_run(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_strategy_info *strategy, bool real_clock, struct sfe_live *live,
	int channel, struct sfe_replay *out, struct sfe_error *err);
void sfe_replay_free(struct sfe_replay *r);

#endif
