/* SPDX-License-Identifier: MIT */
/*
 * The critical path of a finished job that is a graph, from its records: back from its end, from
 * each message and each invocation to the one that it waited for last. Who waits for whom follows
 * from the graph and from where things happened:
 *
 * - a call starts when all steps before have ended on the caller's node, or their results have come
 *   there; without such steps, at the start of the job;
 * - an invocation computes when its calls and its states have come to its node;
 * - a state is requested when the calls and the states before it have come;
 * - a step that a state which outlives jobs has refused is ready for its first run; its fetches and
 *   gifts until it was ready for the run that holds are on no path, and are vain_ns together;
 * - what came ahead of a call is on the path beside it, see overlap_ns below; a push began when its
 *   sender's step, and the gifts to it, were done, and asked_ns of it says so then;
 * - a state is given away when its step, and the gifts before it, are done; then the result starts.
 */
#ifndef SFE_MEASURE_CRITICAL_PATH_H
#define SFE_MEASURE_CRITICAL_PATH_H

#include "emu/measure/replay_record.h"

/*
 * For all jobs that are graphs; chains are left alone. jobs: of the replay. Sets processing_ns,
 * dynamic_ns and vain_ns of finished jobs to those on their critical path. start_ns, on_path (NULL:
 * not wanted): for each transfer of the replay, when its sender could start, and whether it is on
 * the critical path. overlap_ns (likewise): the part of the time of one on it, from when it was
 * asked for, that is not the path's, as something else is on it meanwhile: of a state that came
 * ahead, until the call came; of a claim, until its step had computed. 0 or -ENOMEM.
 */
int sfe_critical_paths(const struct sfe_deployed_job *jobs, struct sfe_replay *r,
	uint64_t *start_ns, bool *on_path, uint64_t *overlap_ns);

/* Whether a job that is a chain may have messages beside each other, too. */
bool sfe_fetches_overlap(const struct sfe_replay *r, uint32_t job);

#endif
