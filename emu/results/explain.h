/* SPDX-License-Identifier: MIT */
/*
 * The closed form beside a replay: what it predicts for the same jobs, clients and placement at the
 * emulated rates, and what the difference from the measured network delay is made of, as far as
 * the records of the replay can tell (sfemu/transfer.h and sfemu/sharing.h have the formulas).
 */
#ifndef SFE_RESULTS_EXPLAIN_H
#define SFE_RESULTS_EXPLAIN_H

#include "emu/measure/record.h"

/* Measured less predicted, in parts; they add up to it, of a job together with other_paths_s. */
struct sfe_parts {
	double propagation_s, pipelining_s, queueing_s, tcp_start_s, headers_s;
	double unexplained_s;
};

struct sfe_explained_job {
	double predicted_net_delay_s, predicted_processing_s;
	uint64_t predicted_payload_bytes_hops;
	/* Predicted times of the transfers that there were, less those that the closed form has: it
	 * knows other paths of the states for some strategies. */
	double other_paths_s;
	struct sfe_parts parts; /* NaN of a job that did not end well */
};

struct sfe_explained_transfer { /* of the replay's transfer at the same index */
	uint64_t start_ns;      /* what it waited for was over: the sender could begin */
	bool connects;
	double predicted_s;
	struct sfe_parts parts;
};

struct sfe_explanation {
	struct sfe_explained_job *jobs;
	struct sfe_explained_transfer *transfers;
};

/* Puts the replay's transfers in order of job and time. *out is the caller's, also after an error.
 */
int sfe_explain(const struct sfe_experiment *e, struct sfe_replay *r, struct sfe_explanation *out,
	struct sfe_error *err);
void sfe_explanation_free(struct sfe_explanation *x);

#endif
