/* SPDX-License-Identifier: MIT */
/*
 * A recorded link: its rate and delay in steps, from a file. Pure.
 *
 * CSV: the header time_s,rate_bps,delay_s, then rows with times that grow; an empty field leaves
 * what is. Mahimahi: a line for each packet of 1500 bytes that could be delivered, with its time in
 * whole ms; the file repeats after its last line. They become a rate for each window: what could be
 * delivered in (k × window, (k + 1) × window], as frames of 1514 bytes, over its length. Windows in
 * which nothing is delivered are taken together with those after them.
 */
#ifndef SFEMU_LINK_TRACE_H
#define SFEMU_LINK_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

#define SFE_MAX_TRACE_STEPS 1000000u
#define SFE_TRACE_KEEP UINT64_MAX /* a rate or delay that stays as it is */

enum sfe_trace_format { SFE_TRACE_CSV, SFE_TRACE_MAHIMAHI };

struct sfe_link_trace {
	char *file; /* absolute */
	uint64_t digest; /* XXH3 of its text */
	enum sfe_trace_format format;
	uint64_t window_ns; /* of Mahimahi's */
	bool loops;
	uint64_t period_ns; /* when it begins again, if it does: the time of the last row or line */
	uint32_t n;
	struct sfe_trace_step {
		uint64_t at_ns, rate_bps, delay_ns;
	} * step;
};

/*
 * Reads the text of a file into *trace, whose format, window and loops are set. Errors are -EINVAL
 * at file:line. What was allocated is the caller's also after an error (sfe_link_trace_clear).
 */
int sfe_link_trace_parse(const char *text, size_t len, const char *file,
	struct sfe_link_trace *trace, struct sfe_error *err);
/* The same from a file, looked for in folder; sets trace->file. */
int sfe_link_trace_load(
	const char *name, const char *folder, struct sfe_link_trace *trace, struct sfe_error *err);
void sfe_link_trace_clear(struct sfe_link_trace *trace);

#endif
