/* SPDX-License-Identifier: MIT */
/*
 * Compares a replay with the closed form: the prediction for the same jobs, clients and placement
 * at the emulated rates, and the components of the difference from the measured network delay, as
 * far as the records show them (formulas: sfemu/transfer.h, sfemu/sharing.h). Of a job that is a
 * graph, the messages on its measured critical path count (emu/measure/critical_path.h).
 */
#ifndef SFE_RESULTS_DELAY_EXPLANATION_H
#define SFE_RESULTS_DELAY_EXPLANATION_H

#include <math.h>

#include "emu/measure/replay_record.h"

/* Components of measured minus predicted. They add up to it; for a job together with other_paths_s
 * and vain_s, less overlap_s. unexplained_s is the rest, all others are computed. */
struct sfe_parts {
	double propagation_s, pipelining_s, queueing_s, tcp_start_s, headers_s;
	double retries_s, link_changes_s; /* see explanation/ */
	double retransmissions_s, window_s, queue_waits_s;
	double unexplained_s;
};

/* What is not of the formulas of an idle network is whole ns, so that files, which have nine
 * digits, give what these leave by adding it to unexplained_s. */
static inline double sfe_whole_ns(double s)
{
	return round(s * 1e9) / 1e9;
}

struct sfe_explained_job {
	double predicted_net_delay_s, predicted_processing_s;
	uint64_t predicted_payload_bytes_hops;
	/* Predicted time of the actual transfers minus that of the transfers in the closed form,
	 * which sends states over other paths under some strategies. Of a graph, and where a step
	 * fetches states beside each other, those on the two critical paths. */
	double other_paths_s;
	/* Time of transfers that is in these parts, but was hidden behind computing or the call: of
	 * states that came ahead of it, and of claims. */
	double overlap_s;
	double vain_s;          /* runs in vain; the transfers within are in no other part */
	struct sfe_parts parts; /* NaN for a job that was not done */
};

struct sfe_explained_transfer { /* of the replay's transfer at the same index */
	uint64_t start_ns;      /* when the sender could start */
	bool connects;
	double predicted_s;
	struct sfe_parts parts;
};

struct sfe_explanation {
	struct sfe_explained_job *jobs;
	struct sfe_explained_transfer *transfers;
};

/* Sorts the replay's transfers by job and time. The caller frees *out, also after an error. */
int sfe_explain(const struct sfe_experiment *e, struct sfe_replay *r, struct sfe_explanation *out,
	struct sfe_error *err);
void sfe_explanation_free(struct sfe_explanation *x);

#endif
