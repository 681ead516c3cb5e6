/* SPDX-License-Identifier: MIT */
#include "sfemu/link_trace.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/text.h"
#include "sfemu/delay.h"

#define HEADER "time_s,rate_bps,delay_s"
#define MIN_RATE 1000u
#define MAX_RATE 100000000000u
#define MAX_TIME_S (8760.0 * 3600)
#define MAX_TIME_MS (8760ull * 3600000)
#define NS_PER_MS 1000000u
#define OPPORTUNITY_BITS (1514u * 8)

/* The state of reading a file. */
struct reading {
	struct sfe_lines lines;
	const char *file;
	struct sfe_link_trace *trace;
	uint32_t room;
	struct sfe_error *err;
};

static int refuse(const struct reading *r, const char *todo, const char *what)
{
	return sfe_fail_at(r->err, -EINVAL, r->file, r->lines.line, todo, "%s", what);
}

static int add(struct reading *r, uint64_t at_ns, uint64_t rate_bps, uint64_t delay_ns)
{
	struct sfe_link_trace *t = r->trace;

	if (t->n == SFE_MAX_TRACE_STEPS)
		return refuse(r, "make it shorter", "more than 1000000 steps");
	if (sfe_grow(&t->step, &r->room, t->n + 1, sizeof(*t->step)))
		return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	t->step[t->n++] = (struct sfe_trace_step){at_ns, rate_bps, delay_ns};
	return 0;
}

/* Reads up to the next comma; false: no comma. */
static bool cut(struct sfe_span *rest, struct sfe_span *field)
{
	const char *comma = memchr(rest->at, ',', rest->len);

	if (!comma)
		return false;
	*field = (struct sfe_span){rest->at, (size_t)(comma - rest->at)};
	rest->len -= field->len + 1;
	rest->at = comma + 1;
	return true;
}

static int read_row(struct reading *r, struct sfe_span line)
{
	struct sfe_span time, rate, delay = line;
	uint64_t rate_bps = SFE_TRACE_KEEP, delay_ns = SFE_TRACE_KEEP, at_ns;
	double at_s, value;

	if (!cut(&delay, &time) || !cut(&delay, &rate) || memchr(delay.at, ',', delay.len))
		return refuse(r, "write time, rate and delay; the last two may be empty",
			"a row does not have three fields");
	if (sfe_span_double(time, &at_s) || !(at_s >= 0 && at_s <= MAX_TIME_S))
		return refuse(r, "write seconds", "time_s is not a number from 0 to 31536000");
	if (rate.len) {
		if (sfe_span_double(rate, &value) || !(value >= MIN_RATE && value <= MAX_RATE))
			return refuse(r, "write bit/s; for an outage use down: and up:",
				"rate_bps is not a number from 1000 to 100000000000");
		rate_bps = (uint64_t)llround(value);
	}
	if (delay.len) {
		if (sfe_span_double(delay, &value) ||
			!(value >= 0 && value * 1e9 <= SFE_MAX_DELAY_NS))
			return refuse(r, "write seconds", "delay_s is not a number from 0 to 3600");
		delay_ns = (uint64_t)llround(value * 1e9);
	}
	at_ns = (uint64_t)llround(at_s * 1e9);
	if (r->trace->n && at_ns <= r->trace->step[r->trace->n - 1].at_ns)
		return refuse(r, "sort the rows", "time_s does not grow");
	return add(r, at_ns, rate_bps, delay_ns);
}

static int read_csv(struct reading *r)
{
	struct sfe_span line;
	int rc = 0;

	if (!sfe_lines_next(&r->lines, &line) || !sfe_span_is(line, HEADER))
		return refuse(r, "for Mahimahi's packet traces write format: mahimahi",
			"the first line is not " HEADER);
	while (!rc && sfe_lines_next(&r->lines, &line))
		if (line.len)
			rc = read_row(r, line);
	if (!rc && !r->trace->n)
		return refuse(r, NULL, "has no rows");
	if (rc)
		return rc;
	r->trace->period_ns = r->trace->step[r->trace->n - 1].at_ns;
	return r->trace->loops && !r->trace->period_ns
		       ? refuse(r, "give the last row the time at which the loop restarts",
				 "the loop has length 0")
		       : 0;
}

/* Ends a window: its deliveries become a step, unless nothing changes. */
static int end_window(struct reading *r, uint64_t from_ms, uint64_t to_ms, uint64_t packets)
{
	const struct sfe_link_trace *t = r->trace;
	double bps = (double)packets * OPPORTUNITY_BITS * 1e3 / (double)(to_ms - from_ms);

	if (!(bps >= MIN_RATE && bps <= MAX_RATE))
		return refuse(r, "use another window, or another trace",
			"a window has less than 1 kbit/s or more than 100 Gbit/s");
	if (t->n && t->step[t->n - 1].rate_bps == (uint64_t)llround(bps))
		return 0;
	return add(r, from_ms * NS_PER_MS, (uint64_t)llround(bps), SFE_TRACE_KEEP);
}

static int read_mahimahi(struct reading *r)
{
	uint64_t window = r->trace->window_ns / NS_PER_MS, from = 0, to = window, packets = 0;
	uint64_t at = 0, last = 0;
	struct sfe_span line;
	int rc = 0;

	while (!rc && sfe_lines_next(&r->lines, &line)) {
		if (!line.len)
			continue;
		if (sfe_span_u64(line, &at) || at > MAX_TIME_MS)
			return refuse(r, "write whole ms; for CSV write format: csv",
				"not a Mahimahi time");
		if (at < last)
			return refuse(r, "sort the lines", "the time goes back");
		last = at;
		if (at > to && packets) {
			rc = end_window(r, from, to, packets);
			from = to;
			packets = 0;
		}
		if (at > to)
			to = (at + window - 1) / window * window;
		packets++;
	}
	if (rc)
		return rc;
	if (!last)
		return refuse(r, NULL, "no line is later than 0 ms");
	r->trace->period_ns = last * NS_PER_MS;
	return end_window(r, from, last, packets);
}

int sfe_link_trace_parse(const char *text, size_t len, const char *file,
	struct sfe_link_trace *trace, struct sfe_error *err)
{
	struct reading r = {
		.lines = sfe_lines_begin(text, len), .file = file, .trace = trace, .err = err};

	return trace->format == SFE_TRACE_CSV ? read_csv(&r) : read_mahimahi(&r);
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
