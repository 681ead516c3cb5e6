/* SPDX-License-Identifier: MIT */
/* What the readers of recorded links share. */
#ifndef SFE_LINK_LINK_TRACE_READER_H
#define SFE_LINK_LINK_TRACE_READER_H

#include "emu/model/base/text.h"
#include "sfemu/link_trace.h"

#define SFE_TRACE_MIN_RATE 1000u
#define SFE_TRACE_MAX_RATE 100000000000u
#define SFE_TRACE_MAX_S (8760.0 * 3600)

struct sfe_trace_reader {
	struct sfe_lines lines;
	const char *file;
	struct sfe_link_trace *trace;
	uint32_t room;
	struct sfe_error *err;
};

/* An error at the present line; -EINVAL. */
int sfe_trace_refuse(const struct sfe_trace_reader *r, const char *todo, const char *what);
/* Appends a step; one with rate_bps 0 is an outage, which ends at the next step with a rate. */
int sfe_trace_add(struct sfe_trace_reader *r, const struct sfe_trace_step *step);

#endif
