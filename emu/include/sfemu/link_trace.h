/* SPDX-License-Identifier: MIT */
/*
 * A recorded link: its rate and delay in steps, from a file. Pure.
 *
 * CSV: the header time_s,rate_bps,delay_s, then rows with ascending times; an empty field keeps the
 * value. Mahimahi: one line per packet of 1500 bytes that could be delivered, with its time in
 * whole ms; the file repeats after its last line. The lines become one rate per window: the frames
 * of 1514 bytes that could be delivered in (k × window, (k + 1) × window], over the window's
 * length. A window without a delivery is merged with the following ones.
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
	char *file;      /* absolute */
	uint64_t digest; /* XXH3 of its text */
	enum sfe_trace_format format;
	uint64_t window_ns; /* Mahimahi only */
	bool loops;
	uint64_t period_ns; /* time at which a loop restarts: that of the last row or line */
	uint32_t n;
	struct sfe_trace_step {
		uint64_t at_ns, rate_bps, delay_ns;
	} * step;
};

/*
 * Parses the text of a file into *trace, whose format, window and loops are set. Errors are -EINVAL
 * at file:line. The caller frees *trace also after an error (sfe_link_trace_clear).
 */
int sfe_link_trace_parse(const char *text, size_t len, const char *file,
	struct sfe_link_trace *trace, struct sfe_error *err);
/* The same from a file; a relative name starts at folder. Sets trace->file. */
int sfe_link_trace_load(
	const char *name, const char *folder, struct sfe_link_trace *trace, struct sfe_error *err);
void sfe_link_trace_clear(struct sfe_link_trace *trace);

#endif
