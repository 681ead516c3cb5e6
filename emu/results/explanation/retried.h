/* SPDX-License-Identifier: MIT */
/*
 * Failed attempts: how long jobs waited for answers that did not come and before retries, and which
 * transfers they waited for at all where something was repeated.
 */
#ifndef SFE_RESULTS_EXPLANATION_RETRIED_H
#define SFE_RESULTS_EXPLANATION_RETRIED_H

#include "emu/measure/replay_record.h"

/*
 * resent_ns: for each transfer of the replay, which are sorted by job, when the attempt that
 * carried it began: at the end of the last failed attempt of its job within the time from start_ns
 * to its head, and the wait before the retry; start_ns without one. Of a job that is a graph, and
 * of fetches beside each other, only attempts of the same request count. 0 or -ENOMEM.
 */
int sfe_retried_begin(const struct sfe_experiment *e, const struct sfe_replay *r,
	const uint64_t *start_ns, uint64_t *resent_ns);

/*
 * For chains that are done and had failed attempts: on_path becomes what the job waited for, back
 * from its end: the transfer or the invocation that ended last, then what ended last before its
 * start, until the attempt of the job that gave the result began. What was sent for an earlier
 * attempt, or arrived later than the job ended, is not on it. beside_s, per job: what else retries
 * took: earlier attempts of the job, failed attempts between the transfers of this path, and
 * processing on it that is not in the job's processing_ns. 0 or -ENOMEM.
 */
int sfe_retried_paths(const struct sfe_experiment *e, const struct sfe_replay *r,
	const uint64_t *start_ns, const uint64_t *overlap_ns, bool *on_path, double *beside_s);

#endif
