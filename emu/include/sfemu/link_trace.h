/* SPDX-License-Identifier: MIT */
/*
 * A recorded link: its rate, delay, loss and queue in steps, from a file. Pure.
 *
 * csv: a header of time_s and some of rate_bps, delay_s, loss (0 to 1) and queue (packets), in any
 * order, then rows with ascending times; an empty field keeps the value; rate 0 is an outage.
 *
 * mahimahi: one line per packet of 1500 bytes that could be delivered, with its time in whole ms;
 * the file repeats after its last line. The lines become one rate per window: the frames of 1514
 * bytes that could be delivered in (k × window, (k + 1) × window], over the window's length.
 * Windows without a delivery are an outage, which begins at the last delivery before them and ends
 * with the next.
 *
 * theaterq: rows KEEP,LATENCY,RATE,LOSS,LIMIT of the qdisc TheaterQ
 * (https://github.com/cs7org/TheaterQ): how long the row lasts in us, ns, bit/s, a 32-bit fraction,
 * packets. Rate 0 is an outage, -1 no limit. Lines that do not begin with a digit are passed over.
 *
 * mbps: two columns, seconds and Mb/s; # begins a comment; 0 is an outage.
 *
 * In an outage the transmitter sends nothing. What waits, and what comes as long as the queue has
 * room, leaves in order from its end on. Where the kernel can, what waits follows each rate
 * (tools/guest-kernel/patches/0010).
 */
#ifndef SFEMU_LINK_TRACE_H
#define SFEMU_LINK_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

#define SFE_MAX_TRACE_STEPS 1000000u
#define SFE_TRACE_KEEP UINT64_MAX /* a rate or delay that stays as it is */

enum sfe_trace_format { SFE_TRACE_CSV, SFE_TRACE_MAHIMAHI, SFE_TRACE_THEATERQ, SFE_TRACE_MBPS };
extern const char *const sfe_trace_format_names[]; /* by format; ends with NULL */

struct sfe_link_trace {
	char *file;      /* absolute */
	uint64_t digest; /* XXH3 of its text */
	enum sfe_trace_format format;
	uint64_t window_ns; /* Mahimahi only */
	bool loops;
	bool outages;       /* there are some */
	uint64_t period_ns; /* time at which a loop restarts: that of the last row or line, or of
			       TheaterQ's last row's end */
	uint32_t n;
	struct sfe_trace_step {
		uint64_t at_ns, rate_bps, delay_ns;
		double loss;            /* probability; negative: stays as it is */
		uint32_t queue_packets; /* 0: stays as it is */
		uint64_t outage_ns;     /* length of an outage that begins here; 0: none. rate_bps
					   is then that of its end. */
	} * step;
};
/* A step that changes nothing. */
#define SFE_TRACE_STEP(at) ((struct sfe_trace_step){(at), SFE_TRACE_KEEP, SFE_TRACE_KEEP, -1, 0, 0})

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
