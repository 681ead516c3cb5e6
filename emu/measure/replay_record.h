/* SPDX-License-Identifier: MIT */
/* The measurements of one replay: its jobs under one strategy. */
#ifndef SFE_MEASURE_REPLAY_RECORD_H
#define SFE_MEASURE_REPLAY_RECORD_H

#include "emu/experiment/experiment.h"
#include "emu/measure/fidelity.h"

struct sfe_job_result {
	bool ended;
	bool given_up;  /* without any report */
	bool timed_out; /* given up by its client at job_timeout */
	/* It got a version of a state that outlives jobs and that some function changed: it depends
	 * on the order in time. */
	bool depends_on_order;
	int32_t status;    /* 0 or a negative errno */
	uint32_t attempts; /* how often its client started it */
	uint32_t attempt;  /* the attempt that ended it */
	char reason[160];
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t attempt_ns;       /* when `attempt` began; 0: not known */
	/* sfe_time_at_node_ns of the invocations of its last attempt; of a graph, of those on its
	 * critical path. */
	uint64_t processing_ns;
	uint64_t starting_ns; /* part of it: in the nodes' queues, and cold starts */
	uint64_t dynamic_ns;  /* the same of sfe_ctl_invocation.waited_ns */
	uint64_t vain_ns;     /* the same of sfe_ctl_invocation.vain_ns */
	uint64_t payload_bytes, payload_bytes_hops;
	uint64_t cache_hits;   /* of its invocations */
	uint64_t wasted_bytes; /* of these, moved ahead of a call and not used by its step */
	uint64_t dynamic_bytes, dynamic_bytes_hops; /* of these, of calls at run time */
	uint64_t return_digest;
	uint64_t return_bytes, return_kept_at; /* as in struct sfe_ctl_job */
	uint32_t failed_attempts;              /* requests without an answer */
	uint32_t states_lost;   /* states whose newest version existed only on crashed nodes */
	uint64_t *state_digest; /* per state, of its newest version; 0: no step uses it */
	uint64_t digest; /* digest of the digests of the return value and all states, in order; 0:
			    not done */
};

/* "done", "failed", "timed out" or "unfinished". */
const char *sfe_job_status(const struct sfe_job_result *job);

struct sfe_event {                /* a scheduled or manual change */
	uint64_t due_ns, done_ns; /* from the start of the replay */
	enum sfe_schedule_act act;
	uint32_t link, node; /* SFE_NONE: not a change of one */
	bool already;        /* nothing was to be done */
	enum sfe_link_direction direction;
	char what[SFE_EVENT_TEXT];
};

struct sfe_flow_count { /* of a flow of `traffic:`, in packets */
	uint64_t sent_packets;
	uint64_t received_packets;        /* with duplicates */
	uint64_t duplicates;              /* received before */
	uint64_t reordered;               /* received after one that was sent later */
	double delay_mean_s, delay_p95_s; /* one way; NaN: none was received */
};

struct sfe_kept_state { /* the last version of a state of a job that is done */
	uint32_t job, state, node;
	enum sfe_state_condition condition;
	uint64_t version, bytes, digest;
	uint64_t kept_at; /* see nodes/worker/kept_bytes.h */
};

struct sfe_dynamic_call { /* of a function, by another one at run time */
	struct call_key key;
	bool cast, ended;
	uint32_t from, to; /* nodes; to SFE_NONE: it was not placed */
	uint32_t attempts; /* requests to other nodes */
	uint64_t argument_bytes, output_bytes;
	uint64_t begin_ns, placed_ns, end_ns;
	int32_t status; /* of one that has ended: 0 or a negative errno */
	char reason[160];
};

struct sfe_kept_shared { /* a state that outlives jobs, at the end */
	bool any;        /* somebody has used it */
	bool absent;     /* nothing is there in this version: it was deleted */
	enum sfe_state_condition condition;
	uint32_t home, epoch;
	uint64_t version, bytes, digest;
	uint64_t kept_at; /* see nodes/worker/kept_bytes.h */
};

struct sfe_shared_sums { /* of states that outlive jobs */
	uint64_t changes, conflicts, begun_anew, restored;
	/* Changes that the last version since their state's beginning does not have, those too that
	 * an older copy did not have. */
	uint64_t overwritten;
	uint64_t lost; /* in crashes of homes, changed before; also if restored */
	uint64_t runs_in_vain, vain_operations, vain_bytes;
};

struct sfe_choice {                          /* of a strategy that chooses one for each job */
	uint32_t n;                          /* candidates */
	struct sfe_strategy_info *candidate; /* their names are of the scenario, or built in */
	uint32_t n_jobs;
	uint32_t *chosen;    /* by job: its candidate */
	double *predicted_s; /* by job and candidate: its response time; NULL: not predicted */
	/* Under by=edge, of each job what was decided for its edges, and as text the edges along
	 * which states go, if it follows that candidate; else NULL. */
	struct sfe_by_edge **by_edge;
	char **along;
};
/* That of a job; NULL: it follows another candidate. */
static inline const struct sfe_by_edge *sfe_choice_by_edge(const struct sfe_choice *c, uint32_t job)
{
	return c->by_edge ? c->by_edge[job] : NULL;
}
void sfe_choice_free(struct sfe_choice *c);

struct sfe_replay {
	const struct sfe_strategy_info *strategy;
	struct sfe_choice *choice; /* which strategy each job follows; NULL: all that one */
	uint64_t start_ns;
	uint64_t start_unix_ns; /* start_ns on CLOCK_REALTIME, the clock of captures */
	uint64_t begin_unix_ns,
		end_unix_ns; /* CLOCK_REALTIME, as in captures: while links were counted */
	uint32_t n_jobs;
	struct sfe_job_result *jobs;
	uint32_t n_invocations, n_transfers;
	struct sfe_ctl_invocation *invocations;
	struct sfe_ctl_transfer *transfers;
	uint32_t n_attempts;
	struct sfe_ctl_attempt *attempts; /* failed attempts */
	uint32_t n_calls, n_call_runs;    /* at run time, and their invocations */
	struct sfe_dynamic_call *calls;
	struct sfe_ctl_call_run *call_runs;
	uint32_t n_errors;
	struct sfe_ctl_stderr *errors;
	uint32_t n_shared;
	struct sfe_ctl_shared *shared; /* accesses to states that outlive jobs, in the homes' order;
					  after them the reports of the steps' nodes */
	uint32_t n_created;
	struct sfe_ctl_created *created; /* states that no workflow declares, by their instances
					    after the declared ones */
	struct sfe_shared_sums shared_sums;
	uint32_t n_events;
	struct sfe_event *events;
	struct sfe_link_count *links; /* of this replay only */
	uint32_t n_links;
	uint32_t n_kept;
	struct sfe_kept_state *kept;         /* by job and state; only with `keep: states` */
	struct sfe_kept_shared *kept_shared; /* by instance, those of `created` after the declared
						ones; NULL: there are none */
	struct sfe_flow_count *flows;        /* by flow of the experiment; NULL: not counted */
	uint32_t n_warmed;
	struct sfe_ctl_warmed *warmed; /* connections before the jobs, by sfe_warmed_order */
	bool counted_apart; /* links have the workers' traffic as port_bytes and port_packets */
	struct sfe_fidelity fidelity;
};

/* Of connections: by the node that opened them, its port, and the other node. For qsort and
 * bsearch. */
int sfe_warmed_order(const void *a, const void *b);
/* Whose connection it is; NULL: it was opened by the jobs. */
const struct sfe_ctl_warmed *sfe_warmed_find(
	const struct sfe_replay *r, uint32_t opener, uint32_t port, uint32_t other);

void sfe_replay_free(struct sfe_replay *r);

#endif
