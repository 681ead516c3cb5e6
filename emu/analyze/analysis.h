/* SPDX-License-Identifier: MIT */
/*
 * Analyses captures: per capture file, per connection, and per message of each job. Memory grows
 * with connections and jobs, not with packets; the number of connections has a limit.
 *
 * All captures are read together, in the order of time. What one capture shows of a connection
 * explains packets in another: acknowledgements on a downlink, for example, belong to messages that
 * only the uplink's capture shows.
 *
 * Each packet is attributed once: to a message of a job, or to no job. A segment's payload belongs
 * to the message that it is a part of, according to the HTTP heads. A pure acknowledgement belongs
 * to the message that it acknowledges, and a connection's handshake to its first message. The sum
 * over all messages, plus the rest, is therefore exactly what the capture contains.
 */
#ifndef SFE_ANALYZE_ANALYSIS_H
#define SFE_ANALYZE_ANALYSIS_H

#include "emu/analyze/analysis_data.h"
#include "emu/analyze/flow.h"
#include "sfemu/error.h"

int sfe_analysis_new(const struct sfe_analysis_options *options, struct sfe_analysis **out,
	struct sfe_error *err);
/*
 * Reads captures to their end and sorts the tallies (by capture, strategy, job, step, kind). May be
 * called once for an analysis.
 *
 * A damaged file is no error: it ends there, and captures[].damage says why. If a packet belongs to
 * one connection too many, all files end there in the same way, and the analysis covers what came
 * before.
 */
int sfe_analysis_read(
	struct sfe_analysis *a, char *const *files, uint32_t n, struct sfe_error *err);
void sfe_analysis_free(struct sfe_analysis *a);

#endif
