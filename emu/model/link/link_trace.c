/* SPDX-License-Identifier: MIT */
#include "sfemu/link_trace.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/base/input.h"
#include "emu/model/link/link_trace_csv.h"
#include "emu/model/link/link_trace_mahimahi.h"

const char *const sfe_trace_format_names[] = {"csv", "mahimahi", "theaterq", "mbps", NULL};

/*
 * An outage ends at the next step with a rate, which its packets are sent at; in a loop that may be
 * the first one. The last row of a CSV loop is the first one again.
 */
static int end_outages(const struct sfe_trace_reader *r)
{
	struct sfe_link_trace *t = r->trace;
	uint64_t rate = 0, end = 0;

	if (t->loops)
		for (uint32_t i = 0; i < t->n && !rate; i++)
			if (t->step[i].rate_bps && t->step[i].rate_bps != SFE_TRACE_KEEP) {
				rate = t->step[i].rate_bps;
				end = t->period_ns + t->step[i].at_ns;
			}
	for (uint32_t i = t->n; i-- > 0;) {
		struct sfe_trace_step *s = &t->step[i];
		if (s->rate_bps == SFE_TRACE_KEEP)
			continue;
		if (s->rate_bps) {
			rate = s->rate_bps;
			end = s->at_ns;
			continue;
		}
		if (!rate)
			return sfe_trace_refuse(r, "give it a later row with a rate, or loop: true",
				"an outage has no end");
		s->outage_ns = end - s->at_ns;
		s->rate_bps = rate;
		t->outages = true;
	}
	return 0;
}

int sfe_link_trace_parse(const char *text, size_t len, const char *file,
	struct sfe_link_trace *trace, struct sfe_error *err)
{
	static int (*const read[])(struct sfe_trace_reader *) = {
		[SFE_TRACE_CSV] = sfe_trace_read_csv,
		[SFE_TRACE_MAHIMAHI] = sfe_trace_read_mahimahi,
		[SFE_TRACE_THEATERQ] = sfe_trace_read_theaterq,
		[SFE_TRACE_MBPS] = sfe_trace_read_mbps};
	struct sfe_trace_reader r = {
		.lines = sfe_lines_begin(text, len), .file = file, .trace = trace, .err = err};
	int rc = read[trace->format](&r);

	return rc ? rc : end_outages(&r);
}

int sfe_link_trace_load(
	const char *name, const char *folder, struct sfe_link_trace *trace, struct sfe_error *err)
{
	char *text;
	size_t len;
	int r = sfe_text_find(name, folder, &trace->file, err);

	r = r ? r : sfe_input_load(trace->file, &text, &len, NULL, err);
	if (r)
		return r;
	trace->digest = sfe_input_digest(text, len);
	r = sfe_link_trace_parse(text, len, trace->file, trace, err);
	free(text);
	return r;
}

void sfe_link_trace_clear(struct sfe_link_trace *trace)
{
	free(trace->file);
	free(trace->step);
	*trace = (struct sfe_link_trace){0};
}
